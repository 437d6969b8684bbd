"""Hand-written jax.numpy Gemma 2 (gemma2_jax.py) under jax.jit.
  python bench_jax.py --task train|prefill|decode --impl softcap|sdpa --dtype f32|bf16|amp [--preset layer2b] [shape args]
train: loss, gradients and optax.adamw in one jitted step with donated state; amp = float32 parameters and moments, computed in bf16. decode: one jitted step per token (donated cache), greedy; decode_scan: all tokens in one lax.scan. softcap_xWT: single-row products left as x @ W.T (slow on XLA:CPU) instead of W @ x."""
import os, sys; sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import common
a = common.args(["train", "prefill", "decode", "decode_scan"], ["softcap", "sdpa", "softcap_xWT"], ("f32", "bf16", "amp"))
os.environ["JAX_PLATFORMS"] = a.device
if a.device == "cpu": os.environ.setdefault("XLA_FLAGS", f"--xla_cpu_multi_thread_eigen=true intra_op_parallelism_threads={a.threads}")
import jax, jax.numpy as jnp, optax, time, statistics, numpy as np, gemma2_jax as G
who = a.impl; G.GEMV = a.impl != "softcap_xWT" and a.device == "cpu"; a.impl = a.impl.split("_")[0]
dt = jnp.bfloat16 if a.dtype == "bf16" else jnp.float32; amp = a.dtype == "amp"
jax.config.update("jax_default_matmul_precision", "highest" if a.dtype == "f32" else None)
cfg = dict(vocab=a.vocab, hidden=a.hidden, layers=a.layers, heads=a.heads, kv_heads=a.kv_heads, head_dim=a.head_dim, inter=a.inter, window=a.window, qpas=a.qpas, attn_cap=a.attn_cap, final_cap=a.final_cap, theta=10000.0, eps=1e-6, remat=a.remat)
p = G.init(cfg, jax.random.key(0), dt); n = sum(x.size for x in jax.tree.leaves(p))
ids = jnp.asarray(np.random.default_rng(0).integers(3, a.vocab, (a.batch, a.seq)), jnp.int32); losses = []
if a.task == "train":
    opt = optax.adamw(1e-4, b1=0.9, b2=0.95, weight_decay=0.01); s = opt.init(p)
    def step(p, s, ids):
        l, g = jax.value_and_grad(lambda q: G.loss_fn(jax.tree.map(lambda x: x.astype(jnp.bfloat16), q) if amp else q, ids, cfg, a.impl))(p); u, s = opt.update(g, s, p); return optax.apply_updates(p, u), s, l
    f = jax.jit(step, donate_argnums=(0, 1)); st = [p, s]
    def go():
        st[0], st[1], l = f(st[0], st[1], ids); jax.block_until_ready(st); losses.append(round(float(l), 4))
    r = common.measure(go, a, a.batch * a.seq)
else:
    T = a.seq + a.gen
    pf = jax.jit(lambda p, ids: (lambda l, c: (jnp.argmax(l[:, -1], -1).astype(jnp.int32)[:, None], c))(*G.forward(p, ids, cfg, a.impl, caches=G.empty_cache(cfg, 1, T, dt), at=0, last_only=True)))
    # prefill with attention over the prompt only would need no padded keys; T = seq + gen keys are masked here, as with any static cache
    pf0 = jax.jit(lambda p, ids: (lambda l, c: (jnp.argmax(l[:, -1], -1), c))(*G.forward(p, ids, cfg, a.impl, caches=G.empty_cache(cfg, 1, a.seq, dt), at=0, last_only=True)))
    one = lambda p, t, c, at: (lambda l, c: (jnp.argmax(l[:, -1], -1).astype(jnp.int32)[:, None], c))(*G.forward(p, t, cfg, a.impl, caches=c, at=at, last_only=True))
    if a.task == "prefill": r = common.measure(lambda: jax.block_until_ready(pf0(p, ids)), a, a.seq)
    else:
        f = jax.jit(one, donate_argnums=(2,)); ts = []
        sc = jax.jit(lambda p, t, c: jax.lax.scan(lambda k, i: (one(p, k[0], k[1], a.seq + i), None), (t, c), jnp.arange(a.gen))[0], donate_argnums=(2,))
        def dec():
            t, c = jax.block_until_ready(pf(p, ids)); x = time.perf_counter()
            if a.task == "decode":
                for s in range(a.gen): t, c = f(p, t, c, a.seq + s)
            else: t, c = sc(p, t, c)
            jax.block_until_ready(t); ts.append(time.perf_counter() - x)
        r = common.measure(dec, a, a.gen); t = ts[a.warmup:]
        r.update(min_s=round(min(t), 5), median_s=round(statistics.median(t), 5), times_s=[round(v, 5) for v in t], tok_s_best=round(a.gen / min(t), 1), tok_s_median=round(a.gen / statistics.median(t), 1))
a.impl = who; common.out(a, "jax", {"device": jax.devices()[0].device_kind, "jax": jax.__version__, "optax": optax.__version__}, r, params=int(n), losses=losses[:3])
