"""Runs the golden model's bundles on a device by build/runner's folder and compares with Hugging Face's numbers.

  python check_bundles.py --bundles DIR --golden DIR --runner DIR/run --plugin FILE [--jobs N]

--bundles is what GoldenBundlesTest wrote, --golden the folder graph/src/test/resources/golden. Needs numpy and
safetensors. Prints a line a check; exit code 1 if one fails. The bounds are those of the golden tests, but for
bfloat16: its KL divergence from float32 is asked to be below 1e-2, its likeliest token the same at 90 % of positions.
"""
import argparse, concurrent.futures, json, os, subprocess, sys, tempfile
import numpy as np
from safetensors.numpy import load_file

ap = argparse.ArgumentParser()
for flag in ("bundles", "golden", "runner", "plugin"): ap.add_argument("--" + flag, required=True)
ap.add_argument("--jobs", type=int, default=4)
a = ap.parse_args()
golden = json.load(open(os.path.join(a.golden, "golden.json")))["variants"]["A"]
tensors = lambda name: load_file(os.path.join(a.golden, name + ".safetensors"))
folder = tempfile.mkdtemp()
failed = []
FIRST_MOMENT = "optimizer/exp_avg/"


def check(what, value, bound):
    ok = bool(np.isfinite(value)) and value <= bound
    if not ok: failed.append(what)
    print(f"{'ok  ' if ok else 'FAIL'} {what}: {value:.3g} (allowed {bound:g})", flush=True)


def run(name, ids, steps, *more):
    """Runs a bundle; answers its JSON and its safetensors file."""
    out = os.path.join(folder, f"{name}-{steps}")
    words = [a.runner, "--bundle", os.path.join(a.bundles, name + ".bundle"), "--plugin", a.plugin,
             "--checkpoint", os.path.join(a.golden, "ckpt_f32"), "--ids", os.path.join(a.bundles, ids),
             "--steps", str(steps), "--json", out + ".json", *more, out + ".safetensors"]
    if not more: words = words[:-1]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0: raise RuntimeError(f"{name}: exit code {done.returncode}: {done.stderr[-1500:]}")
    return json.load(open(out + ".json")), out + ".safetensors"


def logits(attention, precision):
    log, file = run(f"logits_{attention}_{precision}", "ids.json", 1, "--results")
    got, want = load_file(file)["logits"].astype(np.float64), tensors("A")["logits"].astype(np.float64)
    what = f"logits, {attention}, {precision}"
    if precision == "float32": return [(what, np.abs(got - want).max(), 1e-3)], log
    log_p = lambda x: x - np.log(np.exp(x - x.max(-1, keepdims=True)).sum(-1, keepdims=True)) - x.max(-1, keepdims=True)
    kl = (np.exp(log_p(want)) * (log_p(want) - log_p(got))).sum(-1).mean()
    other = (got.argmax(-1) != want.argmax(-1)).mean()
    return [(what + ": mean KL from float32", kl, 1e-2), (what + ": share of other likeliest tokens", other, 0.1)], log


def unstacked(state, name):
    """A checkpoint's tensor in a scanned program's state, where layer l of a period p is row l // p of `lbyp`."""
    if name in state: return state[name]
    layer = int(name.split(".")[2])
    for stacked in state:
        part = stacked.split(".")
        if part[:2] == ["model", "layers"] and "by" in part[2] and part[3:] == name.split(".")[3:]:
            first, period = map(int, part[2].split("by"))
            if layer % period == first: return state[stacked][layer // period]
    raise KeyError(name)


def train(attention):
    log, file = run(f"train_{attention}", "ids.json", 3, "--state")
    losses = log["results"]["loss"]
    what = f"training, {attention}"
    checks = [(f"{what}: loss of step {i + 1}", abs(losses[i] - golden["losses"][i]), 1e-4 if i == 0 else 1e-2) for i in range(3)]
    state, want = load_file(file), tensors("A_adamw3")
    off = np.concatenate([np.abs(unstacked(state, n).astype(np.float64) - w).ravel() for n, w in want.items()])
    checks += [(f"{what}: share of weights over 1e-5 off after 3 steps", (off > 1e-5).mean(), 0.2),
               (f"{what}: share of weights over 1e-4 off after 3 steps", (off > 1e-4).mean(), 5e-3)]
    _, file = run(f"train_{attention}", "ids.json", 1, "--state")
    state, worst = load_file(file), 0.0
    moments = {n.removeprefix(FIRST_MOMENT): t for n, t in state.items() if n.startswith(FIRST_MOMENT)}
    for name, g in tensors("A_grads").items():
        # The first moment after one step is 0.1 of the gradient.
        got = unstacked(moments, name).astype(np.float64) / 0.1
        worst = max(worst, np.abs(got - g).max() / np.abs(g).max())
    return checks + [(f"{what}: gradients, relative to each tensor's largest", worst, 1e-3)], log




def decode():
    want = golden["gen_ids"]
    log, _ = run("decode", "prompts.json", len(golden["prompt_ids"][0]) + len(want[0]) - 1)
    return [("greedy tokens that differ", float(sum(x != y for r, s in zip(log["output_ids"], want) for x, y in zip(r, s))), 0)], log


jobs = [(logits, k, p) for k in ("eager", "blockwise") for p in ("float32", "bfloat16")] + [(train, "eager"), (train, "blockwise"), (decode,)]
with concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
    running = [(job, pool.submit(*job)) for job in jobs]
    for job, future in running:
        try:
            checks, log = future.result()
            for c in checks: check(*c)
        except Exception as e:
            failed.append(str(job)); print("FAIL", job[0].__name__, *job[1:], e, flush=True); log = None
if log: print(f"on {log['device_kind']}, platform {log['platform']}, plugin {log['plugin']}, PJRT {log['pjrt']}, {log['compiler']}")
sys.exit(1 if failed else 0)
