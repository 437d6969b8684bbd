"""Shape arguments, timing and JSON output shared by the bench_*.py scripts.
Default shape = the ablation model (hidden 512, 8 layers, about 48 M parameters). --preset layer2b = one Gemma-2-2B layer (vocab 256); gemma2-2b = the whole model's shape.
--device cuda runs on the first GPU. --remat recomputes each layer in the backward pass."""
import argparse, json, os, statistics as st, time
D = dict(vocab=32000, hidden=512, layers=8, heads=8, kv_heads=4, head_dim=64, inter=2048, window=256, seq=512, batch=4, gen=64, qpas=None, attn_cap=50.0, final_cap=30.0)
GEMMA2_2B = dict(vocab=256000, hidden=2304, layers=26, heads=8, kv_heads=4, head_dim=256, inter=9216, window=4096, seq=4096, batch=1, gen=64)
LAYER2B = dict(vocab=256, hidden=2304, layers=1, heads=8, kv_heads=4, head_dim=256, inter=9216, window=4096, seq=1024, batch=1, gen=64)
PRESETS = {"ablation": {}, "layer2b": LAYER2B, "gemma2-2b": GEMMA2_2B}
def args(tasks, impls, dtypes=("f32", "bf16"), extra=None):
    ap = argparse.ArgumentParser(); ap.add_argument("--task", choices=tasks, default=tasks[0]); ap.add_argument("--impl", choices=impls, default=impls[0]); ap.add_argument("--dtype", choices=dtypes, default=dtypes[0])
    ap.add_argument("--preset", choices=list(PRESETS), default="ablation"); ap.add_argument("--device", choices=["cpu", "cuda"], default="cpu"); ap.add_argument("--remat", action="store_true"); ap.add_argument("--threads", type=int, default=2); ap.add_argument("--warmup", type=int, default=1); ap.add_argument("--repeats", type=int, default=3)
    for k, v in D.items(): ap.add_argument("--" + k, type=float if "cap" in k else int, default=None)
    if extra: extra(ap)
    a = ap.parse_args()
    for k, v in {**D, **PRESETS[a.preset]}.items():
        if getattr(a, k) is None: setattr(a, k, v)
    a.qpas = a.qpas or a.head_dim
    if a.task != "train": a.batch = 1
    for k in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"): os.environ[k] = str(a.threads)
    return a
def measure(fn, a, tokens):
    """fn() does one whole repeat and returns nothing; tokens = tokens a repeat handles."""
    t0 = time.time(); w = []
    for _ in range(a.warmup): x = time.perf_counter(); fn(); w.append(time.perf_counter() - x)
    t, c = [], []
    for _ in range(a.repeats):
        x, y = time.perf_counter(), time.process_time(); fn(); t.append(time.perf_counter() - x); c.append((time.process_time() - y) / t[-1])
    return dict(first_s=round(w[0], 3) if w else None, min_s=round(min(t), 5), median_s=round(st.median(t), 5), times_s=[round(v, 5) for v in t], tok_s_best=round(tokens / min(t), 1), tok_s_median=round(tokens / st.median(t), 1),
                cpu_per_wall=round(st.median(c), 2), loadavg=os.getloadavg()[0])
def out(a, who, versions, r, **kw):
    print("JSON " + json.dumps(dict(who=who, task=a.task, impl=a.impl, dtype=a.dtype, preset=a.preset, device=a.device, remat=a.remat, batch=a.batch, seq=a.seq, threads=a.threads, repeats=a.repeats, versions=versions, **r, **kw)), flush=True)
