#!/usr/bin/env bash
# lm-eval 0.4.13: where a tokenizer puts BOS before a text, a text's perplexity begins with BOS after BOS.
#
# One expects: each window of a long text has BOS before it once, or none; and only the text's own tokens are scored.
# What is so: the first window is BOS, and behind it the text as the tokenizer encodes it, with a BOS that is scored as
# its first word; later windows have none, with a word of the one before as their context. A choice after a context has
# BOS once. With a trained Gemma, whose probability of BOS after BOS is next to nothing, perplexity is half as large again.
#
# A tiny random Gemma 2 with a tokenizer of fourteen words; the requests to the model are shown. Takes 6 GB for PyTorch.
# Seen on 28 November 2026:
#   window: <bos> -> <bos> a b c d e
#   window: b c d e -> f g h
#   window: <bos> a b -> c d
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --no-cache-dir lm_eval==0.4.13 transformers==5.23.0 tokenizers==0.23.3 torch==2.15.0 \
  accelerate || exit 2

cat > "$folder/rolling.py" <<'EOF'
import pathlib
import sys

import torch
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import Gemma2Config, Gemma2ForCausalLM, PreTrainedTokenizerFast

folder = str(pathlib.Path(sys.argv[1]) / "model")
words = ["<pad>", "<eos>", "<bos>", "<unk>", *"abcdefghij"]
tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
tokenizer.post_processor = processors.TemplateProcessing(
    single="<bos> $A", pair="<bos> $A <bos> $B", special_tokens=[("<bos>", 2)]
)
PreTrainedTokenizerFast(
    tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>", bos_token="<bos>", unk_token="<unk>"
).save_pretrained(folder)
torch.manual_seed(0)
Gemma2ForCausalLM(
    Gemma2Config(
        vocab_size=len(words), hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2,
        num_key_value_heads=1, head_dim=16, pad_token_id=0, bos_token_id=2, eos_token_id=1,
    )
).save_pretrained(folder)

model = HFLM(pretrained=folder, device="cpu", dtype="float32", max_length=6)
scored = model._loglikelihood_tokens


def shown(requests, **options):
    for _, context, continuation in requests:
        print("window:", " ".join(words[i] for i in context), "->", " ".join(words[i] for i in continuation))
    return scored(requests, **options)


model._loglikelihood_tokens = shown
text = "a b c d e f g h"
model.loglikelihood_rolling([Instance("loglikelihood_rolling", {}, (text,), 0)], disable_tqdm=True)
model.loglikelihood([Instance("loglikelihood", {}, ("a b", " c d"), 0)], disable_tqdm=True)
EOF
"$folder/venv/bin/python" "$folder/rolling.py" "$folder" > "$folder/seen" 2> "$folder/log" ||
  { tail -5 "$folder/log" >&2; exit 1; }

cat "$folder/seen"
diff <(sed -n '/^# Seen on/,/^set/ s/^#   //p' "$0") "$folder/seen"
