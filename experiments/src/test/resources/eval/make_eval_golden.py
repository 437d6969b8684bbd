"""What lm-evaluation-harness asks of small files in the layouts of Hugging Face's hub; writes data/ and prompts_golden.json.

  python make_eval_golden.py [SHARED]

The documents are made up here. With SHARED, the folder that has data/llmfoundry_*.jsonl, also the hashes of all prompts of
tasks/llm-foundry. Packages: lm_eval 0.4.13, datasets 5.2.0, pyarrow, Python 3.11.
"""
import hashlib, json, os, random, sys, tempfile

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_DATASETS_CACHE=tempfile.mkdtemp())
import pyarrow as pa, pyarrow.parquet as pq
from lm_eval.api.task import ConfigurableTask
from lm_eval.tasks import TaskManager
from lm_eval.tasks._yaml_loader import load_yaml

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = f"{HERE}/data"
TASKS = os.path.abspath(f"{HERE}/../../../../../tasks")
rnd = random.Random(3)
THINGS = ["a lamp", "the river", "an old clock", "two stones", "a kite", "the baker", "warm bread", "a quiet street", "the north wind", "blue paint"]


def thing():
    return rnd.choice(THINGS)


def documents():
    n = 12
    arc = lambda i: {"id": f"made_{i}", "question": f"Which of these is like {thing()} ({i})?", "choices": {"text": [f"{thing()} {k}" for k in range(3 + i % 2)], "label": list("ABCD" if i % 3 else "1234")[: 3 + i % 2]}, "answerKey": ("ABCD" if i % 3 else "1234")[i % 3]}
    hella = lambda i: {"ind": i, "activity_label": "Making things", "ctx_a": f" He takes {thing()}. [header] Then [title] {i}", "ctx_b": rnd.choice(["", "the MAN", "she then"]), "ctx": "", "endings": [f"puts it beside  {thing()} [substeps] and rests." for _ in range(4)], "source_id": f"made~{i // 2}", "split": "val", "split_type": "indomain", "label": str(i % 4)}
    wino = lambda i: {"sentence": f"The {i} stones did not fit into the bag because _ was too {rnd.choice(['small', 'large'])} for Anna's walk.", "option1": "the bag", "option2": "the heap", "answer": "12"[i % 2]}
    copa = lambda i: {"premise": f"The child dropped {thing()}. " if i % 2 else f"It rained on {thing()}.", "choice1": f"It broke {i}.", "choice2": f"\u00c9lise found {thing()}.", "question": ["cause", "effect"][i % 2], "idx": i, "label": i % 2}
    piqa = lambda i: {"goal": f"how to move {thing()}", "sol1": f"Lift {thing()} slowly.", "sol2": f"Push it with {thing()}", "label": i % 2}
    boolq = lambda i: {"question": f"is {thing()} older than {thing()}", "passage": f"Nobody knows how old {thing()} is. [{i // 3}]", "idx": i, "label": i % 2}
    lamb = lambda i: {"text": f"He looked at {thing()} and then, at last, at {thing()}\nand said: \u201cIt is {rnd.choice(['late', 'here', 'mine'])}"}
    gsm = lambda i: {"question": f"Tom has {i} apples and buys {i + 3}. How many?", "answer": f"He has {i} + {i + 3} = <<{i}+{i + 3}={2 * i + 3}>>{2 * i + 3}.\n#### {2 * i + 3:,}"}
    mmlu = lambda i: {"question": f"  What follows from {thing()} ({i})? ", "subject": "anatomy", "choices": [f"{thing()}" for _ in range(4)], "answer": i % 4}
    return {
        "ai2_arc/ARC-Easy": ("test train", arc, n), "ai2_arc/ARC-Challenge": ("test train", arc, 30), "hellaswag/data": ("validation train", hella, n), "winogrande/winogrande_xl": ("validation train", wino, n),
        "super_glue/copa": ("validation train", copa, n), "piqa": ("validation train", piqa, n), "super_glue/boolq": ("validation train", boolq, n), "lambada_openai": ("test", lamb, n), "gsm8k/main": ("test train", gsm, n), "mmlu/anatomy": ("test dev", mmlu, n),
    }


def write(folder, split, rows):
    os.makedirs(f"{DATA}/{folder}", exist_ok=True)
    if folder in ("ai2_arc/ARC-Easy", "hellaswag/data"):  # what the hub has, one of each kind of compression
        path = f"{DATA}/{folder}/{split}-00000-of-00001.parquet"
        pq.write_table(pa.Table.from_pylist(rows), path, compression="snappy" if "arc" in folder else "zstd")
        return path
    path = f"{DATA}/{folder}/{split}.jsonl"
    with open(path, "w") as f:
        f.writelines(json.dumps(r, ensure_ascii=False) + "\n" for r in rows)
    return path


def digest(instances):
    """SHA-256 of all requests: each text in UTF-8 and a zero byte, each request and a one byte."""
    h = hashlib.sha256()
    for i in instances:
        for text in i.args[:1] if i.request_type == "generate_until" else i.args:
            h.update(text.encode() + b"\0")
        h.update(b"\1")
    return h.hexdigest()


def asked(config, shots):
    task = ConfigurableTask(config=config)
    task.set_config("num_fewshot", shots)
    task.set_fewshot_seed(1234)
    task.build_all_requests(limit=None)
    items = {}
    for i in task.instances:
        items.setdefault(i.doc_id, []).append(list(i.args[:1] if i.request_type == "generate_until" else i.args))
    docs = list(task.eval_docs)
    target = lambda d: task.doc_to_text(d) if task.multiple_input else task.doc_to_target(d)
    return {"n": len(docs), "shots": shots, "sha256": digest(task.instances), "last": items[len(docs) - 1], "targets": [target(d) for d in docs]}


def stock(name, folder, splits, rows):
    manager = TaskManager()
    config = load_yaml(manager.task_index[name].yaml_path)
    files = {s: write(folder, s, [rows(i) for i in r]) for s, r in splits.items()}
    kind = "parquet" if next(iter(files.values())).endswith("parquet") else "json"
    for key in ("tag", "group", "num_fewshot"):
        config.pop(key, None)
    return {**config, "dataset_path": kind, "dataset_name": None, "dataset_kwargs": {"data_files": files}}


NAMES = {"arc_easy": ("ai2_arc/ARC-Easy", [0, 2]), "arc_challenge": ("ai2_arc/ARC-Challenge", [25]), "hellaswag": ("hellaswag/data", [0, 3, 10]), "winogrande": ("winogrande/winogrande_xl", [0, 5]), "copa": ("super_glue/copa", [0, 2]),
         "piqa": ("piqa", [0, 6]), "boolq": ("super_glue/boolq", [0, 1]), "lambada_openai": ("lambada_openai", [0]), "gsm8k": ("gsm8k/main", [0, 5]), "mmlu_anatomy": ("mmlu/anatomy", [0, 5])}
made = documents()
golden = {"stock": {}, "foundry": {}, "random": {}}
for name, (folder, shots) in NAMES.items():
    splits, rows, n = made[folder]
    config = stock(name, folder, {s: range(k * 100, k * 100 + (n if k else 7)) for k, s in enumerate(splits.split())}, rows)
    golden["stock"][name] = [asked(dict(config), k) for k in shots]
for seed, n, k in ((1234, 12, 5), (1234, 7473, 5), (0, 40, 25), (7, 22, 1), (1234, 100, 11)):
    r = random.Random(seed)
    golden["random"][f"{seed} {n} {k}"] = [r.sample(list(range(n)), k) for _ in range(3)]
if len(sys.argv) > 1:
    for name in ("arc_easy", "arc_challenge", "boolq", "piqa", "copa", "winogrande", "lambada_openai"):
        config = load_yaml(f"{TASKS}/llm-foundry/{name}.yaml")
        files = config["dataset_kwargs"]["data_files"]
        config["dataset_kwargs"] = {"data_files": {s: f"{sys.argv[1]}/data/{f}" for s, f in files.items()}}
        golden["foundry"][name] = [{k: v for k, v in asked(dict(config), shots).items() if k != "targets" and k != "last"} for shots in (0, 5)]
with open(f"{HERE}/prompts_golden.json", "w") as f:
    json.dump(golden, f, indent=1, ensure_ascii=False)
    f.write("\n")
