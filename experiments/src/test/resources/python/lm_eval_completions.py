"""Evaluates a server with lm-evaluation-harness's own client.

usage: lm_eval_completions.py URL TASKS_FOLDER TOKENIZER BOS MAX_LENGTH TASK...
TOKENIZER is a folder for transformers, or a .json with a sentencepiece model's pieces and control tokens; BOS is true
or false. Prints a line of JSON: of each task acc and acc_norm, and of each item the log-likelihoods of its choices,
whether they are greedy, and how many tokens context and choice have together.
"""
import json
import os
import sys
import tempfile

import lm_eval
from lm_eval.models.openai_completions import LocalCompletionsAPI
from lm_eval.tasks import TaskManager


def from_pieces(path):
    """A tokenizer of transformers with the pieces of a sentencepiece model, in a folder of its own."""
    from tokenizers import AddedToken, Tokenizer, decoders, normalizers
    from tokenizers.models import BPE
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    with open(path) as file:
        model = json.load(file)
    vocab = {piece: i for i, piece in enumerate(model["pieces"])}
    first = model["pieces"][: vocab["<0x00>"]]  # control and user-defined pieces stand before the bytes
    special = set(first)
    merges = []
    for word in model["pieces"][len(first) + 256 :]:  # the likeliest first
        pairs = [(word[:k], word[k:]) for k in range(1, len(word))]
        known = [p for p in pairs if all(part in vocab and part not in special for part in p)]
        merges += sorted(known, key=lambda p: (vocab[p[0]], vocab[p[1]]))
    tokenizer = Tokenizer(BPE(vocab, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "\u2581")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    user = [piece for piece in first if piece not in model["control"]]
    tokenizer.add_tokens([AddedToken(piece, normalized="\u2581" in piece, special=False) for piece in user])
    tokenizer.post_processor = TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 2)])
    folder = tempfile.mkdtemp()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<bos>", eos_token="<eos>", pad_token="<pad>", unk_token="<unk>"
    ).save_pretrained(folder)
    return folder


url, folder, tokenizer, bos, max_length, *tasks = sys.argv[1:]
os.chdir(folder)
if tokenizer.endswith(".json"):
    tokenizer = from_pieces(tokenizer)

lengths = {}
score = LocalCompletionsAPI._loglikelihood_tokens


def remember(self, requests, **kwargs):
    for texts, context, continuation in requests:
        lengths[texts] = len(context) + len(continuation)
    return score(self, requests, **kwargs)


LocalCompletionsAPI._loglikelihood_tokens = remember
results = lm_eval.simple_evaluate(
    model="local-completions",
    model_args={
        "model": "served",
        "base_url": url + "/completions",
        "tokenizer_backend": "huggingface",
        "tokenizer": tokenizer,
        "add_bos_token": bos == "true",
        "max_length": int(max_length),
        "num_concurrent": 4,
    },
    batch_size=4,
    tasks=tasks,
    task_manager=TaskManager(include_path=folder, include_defaults=False),
    bootstrap_iters=0,
    log_samples=True,
)
told = {}
for task in tasks:
    items = []
    for sample in results["samples"][task]:
        answers = [response[0] for response in sample["resps"]]
        arguments = sample["arguments"]
        each = list(arguments.values()) if isinstance(arguments, dict) else arguments
        pairs = [tuple(a.values()) if isinstance(a, dict) else tuple(a) for a in each]
        items.append(
            {
                "ll": [float(answer[0]) for answer in answers],
                "greedy": [bool(answer[1]) for answer in answers],
                "lengths": [lengths[pair[:2]] for pair in pairs],
            }
        )
    metrics = results["results"][task]
    told[task] = {"acc": metrics["acc,none"], "acc_norm": metrics.get("acc_norm,none"), "items": items}
print(json.dumps(told))
