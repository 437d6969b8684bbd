"""The whole table of docs/results/sitting.md in one sitting: every work by us, by an earlier build of ours and by the peers, in turn, --rounds times.
python3 sitting.py --ours DIR [--before DIR] --venvs DIR [--work DIR] [--rounds 5] [--only BEGINNING[,BEGINNING...]] > table.md
DIR of --ours and --before: checkouts of Gemlab, built. --venvs: the folder with the virtual environments torch, jax, keras and llama of README.md.
--work: folder for checkpoints and .gguf files, kept. Each measurement goes to WORK/sitting.jsonl as it is made; the table is of the medians of all that is there,
so a sitting that was stopped goes on, and --rounds 0 makes the table again.
An earlier build, and peers that are far behind the best, are measured in the first round alone (ONCE).
"reading" is the rate at which two threads read a buffer of 256 MiB and of 1 GiB, in the same round (torch's max of int64)."""
import argparse, collections, json, os, re, statistics as st, subprocess, sys, tempfile, time
HERE = os.path.dirname(os.path.abspath(__file__))
ap = argparse.ArgumentParser(); ap.add_argument("--ours", required=True); ap.add_argument("--before"); ap.add_argument("--venvs", required=True); ap.add_argument("--work", default=tempfile.gettempdir()); ap.add_argument("--rounds", type=int, default=5); ap.add_argument("--only", default=""); ap.add_argument("--seconds", type=float, default=1e9, help="begin no further round after so many"); a = ap.parse_args()
LOG = os.path.join(a.work, "sitting.jsonl"); os.makedirs(a.work, exist_ok=True)

def call(command, env=None, seconds=400):
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, env={**os.environ, **(env or {})})
    if done.returncode: print("FAILED", " ".join(command), done.stderr[-400:], file=sys.stderr)
    return done.stdout

def estimates(folder, columns, row):
    """Of a report's tables: the estimate in each named column of the row whose first cell is given."""
    found = {}
    def walk(node):
        if isinstance(node, dict):
            if node.get("type") == "table":
                for cells in node["rows"]:
                    if text(cells[0]) != row: continue
                    for column, cell in zip(node["columns"], cells):
                        key = (column["name"], column["unit"])
                        if key in columns: found[columns[key]] = number(cell)
            for value in node.values(): walk(value)
        elif isinstance(node, list):
            for value in node: walk(value)
    walk(json.load(open(os.path.join(folder, "report.json")))); return found
def text(cell): return cell if isinstance(cell, str) else cell.get("text", "")
def number(cell):
    while isinstance(cell, dict): cell = next(cell[k] for k in ("value", "estimate", "number") if k in cell)
    return float(cell)

GENERATE = {("prefill", "tokens/s"): "prefill", ("decode", "tokens/s"): "decode"}
TRAINING = re.compile(r"training step is fastest on the clustered path: [\d.,]+ ms, ([\d.,]+) tokens/s")
def gemlab(build, *flags):
    with tempfile.TemporaryDirectory() as out:
        folder = os.path.join(out, "report")
        call([os.path.join(build, "gemlab"), "bench", "--path", "clustered", "--out", folder, *flags])
        if not os.path.exists(os.path.join(folder, "report.json")): return {}
        if "--generate" in flags: return estimates(folder, GENERATE, "clustered")
        found = TRAINING.search(json.load(open(os.path.join(folder, "report.json")))["answer"])
        return {"train": float(found.group(1).replace(",", ""))} if found else {}
def peer(venv, script, *flags, env=None):
    lines = call([os.path.join(a.venvs, venv, "bin/python"), os.path.join(HERE, script), *flags], env).splitlines()
    return {r["task"]: r["tok_s_median"] for r in (json.loads(l[5:]) for l in lines if l.startswith("JSON "))}
READ = "import torch,time\ntorch.set_num_threads(2)\nfor m in (256, 1024):\n x=torch.ones(m*131072,dtype=torch.int64); b=9\n for _ in range(7):\n  t=time.perf_counter(); x.max(); b=min(b,time.perf_counter()-t)\n print(m*1.048576e-3/b)"

def gguf(preset):
    folder, file = (os.path.join(a.work, preset + end) for end in ("", ".gguf"))
    if not os.path.exists(folder): call([os.path.join(a.ours, "gemlab"), "random-checkpoint", "--preset", preset, "--out", folder])
    if not os.path.exists(file): call([os.path.join(a.venvs, "torch/bin/python"), os.path.join(HERE, "make_gguf.py"), folder, file, "f16"])
    return file

ONCE = {("training ablation bfloat16", "JAX"), ("training ablation float32", "JAX"), ("ablation float32", "torch"), ("layer2b float32", "torch"), ("ablation bfloat16", "JAX"), ("layer2b bfloat16", "JAX")}
BUILDS = {"ours": a.ours, **({"before": a.before} if a.before else {})}
def work():
    """(name, who, call): the order of a round."""
    for preset, dtype, shape in (("tiny", "float32", ["--batch", "8", "--length", "128"]), ("ablation", "bfloat16", []), ("ablation", "float32", [])):
        name = f"training {preset} {dtype}"
        for who, build in BUILDS.items(): yield name, who, lambda build=build, preset=preset, dtype=dtype, shape=shape: gemlab(build, "--preset", preset, "--dtype", dtype, "--samples", "5", *shape)
        short = "f32" if dtype == "float32" else "bf16"
        torch_shape = ["--vocab", "260", "--hidden", "128", "--layers", "4", "--heads", "4", "--kv_heads", "2", "--head_dim", "32", "--inter", "512", "--window", "64", "--seq", "128", "--batch", "8", "--repeats", "60"] if preset == "tiny" else []
        yield name, "torch.compile", lambda short=short, torch_shape=torch_shape: peer("torch", "bench_torch.py", "--task", "train", "--impl", "compile", "--dtype", short, *torch_shape)
        if preset == "ablation":
            yield name, "JAX", lambda short=short: peer("jax", "bench_jax.py", "--task", "train", "--impl", "softcap", "--dtype", short)
            if dtype == "float32": yield name, "Keras-hub", lambda: peer("keras", "bench_keras.py", "--task", "train", "--impl", "jit", "--dtype", "f32", env={"KERAS_BACKEND": "tensorflow"})
    for preset, length in (("ablation", "512"), ("layer2b", "1024")):
        for label, flags, old in (("float32", ["--dtype", "float32"], True), ("bfloat16", [], True), ("int8", ["--quantize", "int8"], True), ("int8+a8", ["--quantize", "int8", "--activations", "int8"], False), ("int4", ["--quantize", "int4"], True), ("int4+a8", ["--quantize", "int4", "--activations", "int8"], False)):
            name = f"{preset} {label}"
            for who, build in BUILDS.items():
                if who == "ours" or old: yield name, who, lambda build=build, preset=preset, length=length, flags=flags: gemlab(build, "--generate", "--preset", preset, "--length", length, "--samples", "5", *flags)
            if label in ("float32", "bfloat16"):
                short = "f32" if label == "float32" else "bf16"
                yield name, "JAX", lambda preset=preset, short=short: peer("jax", "bench_jax.py", "--task", "prefill", "--impl", "softcap", "--dtype", short, "--preset", preset)
                for task in ("prefill", "decode"): yield name, "torch", lambda preset=preset, short=short, task=task: peer("torch", "bench_torch.py", "--task", task, "--impl", "eager", "--dtype", short, "--preset", preset)
            kind = {"bfloat16": "", "int8": ":q8_0", "int4": ":q4_0"}.get(label)
            if kind is not None: yield name, "llama.cpp", lambda preset=preset, length=length, kind=kind: peer("llama", "bench_llamacpp.py", gguf(preset) + kind, "--seq", length, "--preset", preset, "--no-extra")

def measure():
    begin = time.time(); wanted = [w for w in a.only.split(",") if w]
    for preset in ("ablation", "layer2b"): gguf(preset)
    for turn in range(a.rounds):
        if time.time() - begin > a.seconds: break
        for name, who, run in [("reading", "torch", read)] + list(work()):
            if wanted and run is not read and not name.startswith(tuple(wanted)): continue
            if turn and (who == "before" or (name, who) in ONCE): continue
            t = time.time()
            try: found = run()
            except subprocess.TimeoutExpired: found = {}
            line = dict(name=name, who=who, took_s=round(time.time() - t, 1), load=round(os.getloadavg()[0], 2), found=found)
            print(json.dumps(line), file=sys.stderr, flush=True); open(LOG, "a").write(json.dumps(line) + "\n")
def read(): return dict(zip(("256 MiB, GB/s", "1 GiB, GB/s"), map(float, call([os.path.join(a.venvs, "torch/bin/python"), "-c", READ]).split())))
def logged():
    seen = collections.defaultdict(list)
    for line in map(json.loads, open(LOG)):
        for task, value in line["found"].items(): seen[line["name"] + ("" if task == "train" else ", " + task), line["who"]].append(value)
    return seen

def table(seen):
    print("| tokens/s, median [least, most] of rounds | ours | before | peers | ours / best peer | ours / before |\n| --- | --: | --: | --- | --: | --: |")
    show = lambda v: f"{st.median(v):.0f} [{min(v):.0f}, {max(v):.0f}]" if v else ""
    for name in dict.fromkeys(n for n, _ in seen):
        ours, before = seen.get((name, "ours"), []), seen.get((name, "before"), [])
        peers = {w: v for (n, w), v in seen.items() if n == name and w not in BUILDS}
        best = max(map(st.median, peers.values()), default=None)
        ratio = lambda other: f"{st.median(ours) / other:.2f}" if ours and other else ""
        print(f"| {name} | {show(ours)} | {show(before)} | {'; '.join(w + ' ' + show(v) for w, v in sorted(peers.items(), key=lambda p: -st.median(p[1])))} | {ratio(best)} | {ratio(st.median(before)) if before else ''} |")

measure(); table(logged())
