"""Gemma 2 in plain jax.numpy (hand-written, no flax), HF parameter names; used by check_jax.py and bench_jax.py."""
import jax, jax.numpy as jnp, numpy as np

def cfg_from_hf(c):
    th = c.get("rope_theta") or (c.get("rope_parameters") or {}).get("rope_theta", 10000.0)
    return dict(vocab=c["vocab_size"], hidden=c["hidden_size"], layers=c["num_hidden_layers"], heads=c["num_attention_heads"], kv_heads=c["num_key_value_heads"],
                head_dim=c["head_dim"], inter=c["intermediate_size"], window=c["sliding_window"], qpas=c["query_pre_attn_scalar"], attn_cap=c["attn_logit_softcapping"],
                final_cap=c["final_logit_softcapping"], theta=th, eps=c["rms_norm_eps"])

def init(cfg, key, dtype):
    H, I, D, N, K = cfg["hidden"], cfg["inter"], cfg["head_dim"], cfg["heads"], cfg["kv_heads"]
    ks = iter(jax.random.split(key, 2 + 7 * cfg["layers"]))
    r = lambda *s: (0.02 * jax.random.normal(next(ks), s, jnp.float32)).astype(dtype)
    z = lambda: jnp.zeros((H,), dtype)
    L = [dict(q=r(N * D, H), k=r(K * D, H), v=r(K * D, H), o=r(H, N * D), gate=r(I, H), up=r(I, H), down=r(H, I), n1=z(), n2=z(), n3=z(), n4=z()) for _ in range(cfg["layers"])]
    return dict(embed=r(cfg["vocab"], H), layers=L, norm=z())

def load(t, cfg, dtype):
    """t: dict of HF-named numpy arrays"""
    g = lambda n: jnp.asarray(t[n], dtype)
    m = dict(q="self_attn.q_proj", k="self_attn.k_proj", v="self_attn.v_proj", o="self_attn.o_proj", gate="mlp.gate_proj", up="mlp.up_proj", down="mlp.down_proj",
             n1="input_layernorm", n2="post_attention_layernorm", n3="pre_feedforward_layernorm", n4="post_feedforward_layernorm")
    return dict(embed=g("model.embed_tokens.weight"), norm=g("model.norm.weight"),
                layers=[{a: g(f"model.layers.{i}.{b}.weight") for a, b in m.items()} for i in range(cfg["layers"])])

def names(cfg):
    m = dict(q="self_attn.q_proj", k="self_attn.k_proj", v="self_attn.v_proj", o="self_attn.o_proj", gate="mlp.gate_proj", up="mlp.up_proj", down="mlp.down_proj",
             n1="input_layernorm", n2="post_attention_layernorm", n3="pre_feedforward_layernorm", n4="post_feedforward_layernorm")
    yield "model.embed_tokens.weight", lambda p: p["embed"]
    yield "model.norm.weight", lambda p: p["norm"]
    for i in range(cfg["layers"]):
        for a, b in m.items(): yield f"model.layers.{i}.{b}.weight", (lambda p, i=i, a=a: p["layers"][i][a])

GEMV = True
def lin(x, w):
    """x @ w.T with w [out, in]. For a single row XLA:CPU copies the transposed weight each time (8x slower in f32), so say it as w @ x."""
    if GEMV and x.size == x.shape[-1]: return (w @ x.reshape(-1)).reshape(*x.shape[:-1], w.shape[0])
    return x @ w.T

def hi(x):  # at least float32
    return x.astype(jnp.promote_types(x.dtype, jnp.float32))

def norm(x, w, eps):
    y = hi(x); y = y * jax.lax.rsqrt(jnp.mean(y * y, -1, keepdims=True) + eps)
    return (y * (1.0 + hi(w))).astype(x.dtype)

def rope(x, pos, theta):
    """x [B,S,N,D], pos [S] or scalar array [S]"""
    d = x.shape[-1]; ft = jnp.promote_types(x.dtype, jnp.float32)
    inv = 1.0 / (theta ** (jnp.arange(0, d, 2, dtype=ft) / d))
    f = pos.astype(ft)[:, None] * inv; f = jnp.concatenate([f, f], -1)
    c, s = jnp.cos(f).astype(x.dtype)[None, :, None], jnp.sin(f).astype(x.dtype)[None, :, None]
    return x * c + jnp.concatenate([-x[..., d // 2:], x[..., : d // 2]], -1) * s

def attend(q, k, v, allowed, cfg, impl):
    """q [B,S,N,D], k/v [B,T,K,D], allowed bool [B or 1,1,S,T]"""
    B, S, N, D = q.shape; K = k.shape[2]; sc = cfg["qpas"] ** -0.5
    if impl == "sdpa":  # no attention soft cap
        return jax.nn.dot_product_attention(q, k, v, mask=jnp.broadcast_to(allowed, (B, 1, S, k.shape[1])), scale=sc).reshape(B, S, N * D), None
    qg = q.reshape(B, S, K, N // K, D)
    if S > 1:  # heads leading and kv repeated: the einsum over 5-d operands is about half as fast on XLA:CPU
        ft = jnp.promote_types(q.dtype, jnp.float32); qt = q.transpose(0, 2, 1, 3); kt, vt = (jnp.repeat(z.transpose(0, 2, 1, 3), N // K, axis=1) for z in (k, v))
        s = jnp.einsum("bnsd,bntd->bnst", qt, kt, preferred_element_type=ft) * sc
        if cfg["attn_cap"]: s = jnp.tanh(s / cfg["attn_cap"]) * cfg["attn_cap"]
        p = jax.nn.softmax(jnp.where(allowed, s, jnp.finfo(s.dtype).min), -1)
        return jnp.einsum("bnst,bntd->bnsd", p.astype(v.dtype), vt).transpose(0, 2, 1, 3).reshape(B, S, N * D), p
    s = jnp.einsum("bskgd,btkd->bkgst", qg, k, preferred_element_type=jnp.promote_types(q.dtype, jnp.float32)) * sc
    if cfg["attn_cap"]: s = jnp.tanh(s / cfg["attn_cap"]) * cfg["attn_cap"]
    s = jnp.where(allowed[:, :, None], s, jnp.finfo(s.dtype).min)
    p = jax.nn.softmax(s, -1)
    o = jnp.einsum("bkgst,btkd->bskgd", p.astype(v.dtype), v)
    return o.reshape(B, S, N * D), p.reshape(B, N, S, -1)

def layer(x, w, i, cfg, pos, allowed, impl, kv=None, at=None):
    B, S, _ = x.shape; D = cfg["head_dim"]
    h = norm(x, w["n1"], cfg["eps"])
    q = rope(lin(h, w["q"]).reshape(B, S, -1, D), pos, cfg["theta"]); k = rope(lin(h, w["k"]).reshape(B, S, -1, D), pos, cfg["theta"]); v = lin(h, w["v"]).reshape(B, S, -1, D)
    if kv is not None:
        kv = (jax.lax.dynamic_update_slice(kv[0], k, (0, at, 0, 0)), jax.lax.dynamic_update_slice(kv[1], v, (0, at, 0, 0))); k, v = kv
    o, p = attend(q, k, v, allowed, cfg, impl)
    x = x + norm(lin(o, w["o"]), w["n2"], cfg["eps"])
    h = norm(x, w["n3"], cfg["eps"])
    h = lin(jax.nn.gelu(lin(h, w["gate"]), approximate=True) * lin(h, w["up"]), w["down"])
    return x + norm(h, w["n4"], cfg["eps"]), p, kv

def masks(cfg, qpos, kpos, keymask=None):
    d = qpos[:, None] - kpos[None]
    full = (d >= 0)[None, None]
    if keymask is not None: full = full & (keymask[:, None, None] != 0)
    return full, full & (d < cfg["window"])[None, None]

def forward(p, ids, cfg, impl="softcap", keymask=None, caches=None, at=None, last_only=False, collect=False):
    x = p["embed"][ids] * jnp.asarray(cfg["hidden"] ** 0.5, p["embed"].dtype)
    S = ids.shape[1]; rec = {"hidden.embed": x}
    if caches is None: qpos = kpos = jnp.arange(S)
    else: qpos = at + jnp.arange(S); kpos = jnp.arange(caches[0][0].shape[1])
    full, slide = masks(cfg, qpos, kpos, keymask); new = []
    for i, w in enumerate(p["layers"]):
        if cfg.get("remat") and caches is None:
            x = jax.checkpoint(lambda x, w, allowed, i=i: layer(x, w, i, cfg, qpos, allowed, impl)[0])(x, w, full if i % 2 else slide); continue
        x, pr, kv = layer(x, w, i, cfg, qpos, full if i % 2 else slide, impl, None if caches is None else caches[i], at); new.append(kv)
        rec[f"hidden.layer{i}"] = x; rec[f"attn.layer{i}"] = pr
    x = norm(x, p["norm"], cfg["eps"]); rec["hidden.final_norm"] = x
    if last_only: x = x[:, -1:]
    l = lin(x, p["embed"])
    if cfg["final_cap"]: l = jnp.tanh(l / cfg["final_cap"]) * cfg["final_cap"]
    if collect: return l, rec
    return (l, new) if caches is not None else l

def empty_cache(cfg, B, T, dtype):
    z = lambda: jnp.zeros((B, T, cfg["kv_heads"], cfg["head_dim"]), dtype)
    return [(z(), z()) for _ in range(cfg["layers"])]

def loss_fn(p, ids, cfg, impl="softcap", keymask=None):
    l = hi(forward(p, ids, cfg, impl, keymask))[:, :-1]; t = ids[:, 1:]
    nll = jax.nn.logsumexp(l, -1) - jnp.take_along_axis(l, t[..., None], -1)[..., 0]
    if keymask is None: return nll.mean()
    w = (keymask[:, 1:] * keymask[:, :-1]).astype(nll.dtype); return (nll * w).sum() / w.sum()
