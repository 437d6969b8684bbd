"""HF transformers Gemma 2 on torch.
  python bench_torch.py --task train|prefill|decode --impl eager|compile|sdpa|flex|compile_sdpa --dtype f32|bf16|amp [--preset layer2b] [shape args]
train: forward + next-token loss + backward + AdamW (fused); bf16 = parameters, activations and AdamW state in bf16; amp = f32 parameters with autocast(bf16).
prefill: --seq tokens, batch 1, KV cache filled, logits of the last position only. decode: --gen greedy steps after a --seq-token prompt (own loop, not generate()).
sdpa: attn_logit_softcapping=None (HF's sdpa function refuses a soft cap, and Gemma 2 has no SDPA path; the switch is set after construction). flex = HF flex_attention with the soft cap as score_mod (torch has no backward for it on CPU: prefill only). compile = torch.compile of the eager soft-capped model."""
import os, sys; sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import common
a = common.args(["train", "prefill", "decode"], ["eager", "compile", "sdpa", "flex", "compile_sdpa"], ("f32", "bf16", "amp"), lambda ap: ap.add_argument("--save"))
import torch, transformers, time, contextlib
from transformers import Gemma2Config, Gemma2ForCausalLM, DynamicCache, StaticCache
torch.set_num_threads(a.threads); torch.manual_seed(0)
cfg = Gemma2Config(vocab_size=a.vocab, hidden_size=a.hidden, intermediate_size=a.inter, num_hidden_layers=a.layers, num_attention_heads=a.heads, num_key_value_heads=a.kv_heads, head_dim=a.head_dim, sliding_window=a.window,
    query_pre_attn_scalar=a.qpas, attn_logit_softcapping=None if "sdpa" in a.impl else a.attn_cap, final_logit_softcapping=a.final_cap, max_position_embeddings=8192, use_cache=a.task != "train")
cfg._attn_implementation = "eager"
cuda = a.device == "cuda"; sync = torch.cuda.synchronize if cuda else (lambda: None)
with torch.device(a.device): m = Gemma2ForCausalLM(cfg).float()
if cuda: torch.set_float32_matmul_precision("highest")
if a.remat: m.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
if a.save: m.save_pretrained(a.save); sys.exit()
if a.dtype == "bf16": m = m.to(torch.bfloat16)
ai = {"eager": "eager", "compile": "eager", "sdpa": "sdpa", "compile_sdpa": "sdpa", "flex": "flex_attention"}[a.impl]
m.config._attn_implementation = ai; m.model.config._attn_implementation = ai
ids = torch.randint(3, a.vocab, (a.batch, a.seq), device=a.device); n = sum(p.numel() for p in m.parameters())
ctx = (lambda: torch.autocast(a.device, torch.bfloat16)) if a.dtype == "amp" else contextlib.nullcontext
run = torch.compile(m) if a.impl.startswith("compile") else m
losses = []
if a.task == "train":
    m.train(); opt = torch.optim.AdamW(m.parameters(), lr=1e-4, betas=(0.9, 0.95), weight_decay=0.01, fused=True)
    def step():
        opt.zero_grad(set_to_none=True)
        with ctx(): l = run(input_ids=ids, labels=ids, use_cache=False).loss
        l.backward(); opt.step(); losses.append(round(l.item(), 4)); sync()
    r = common.measure(step, a, a.batch * a.seq)
else:
    m.eval()
    with torch.inference_mode():
        static = a.impl.startswith("compile") and a.task == "decode"
        def prefill(model=run):
            c = StaticCache(config=cfg, max_cache_len=a.seq + a.gen + 8) if static else DynamicCache(config=cfg)
            with ctx(): o = model(input_ids=ids, past_key_values=c, use_cache=True, logits_to_keep=1)
            return o.logits[:, -1].argmax(-1, keepdim=True), c
        if a.task == "prefill": r = common.measure(lambda: (prefill(), sync()), a, a.seq)
        else:
            def dec():
                global t_dec
                t, c = prefill(m if static else run); sync(); x = time.perf_counter()
                for s in range(a.gen):
                    with ctx(): o = run(input_ids=t, past_key_values=c, use_cache=True, **({"position_ids": torch.tensor([[a.seq + s]], device=a.device)} if static else {}))
                    t = o.logits[:, -1].argmax(-1, keepdim=True)
                sync(); ts.append(time.perf_counter() - x)
            ts = []; r = common.measure(dec, a, a.gen); t = ts[a.warmup:]; import statistics
            r.update(min_s=round(min(t), 5), median_s=round(statistics.median(t), 5), times_s=[round(v, 5) for v in t], tok_s_best=round(a.gen / min(t), 1), tok_s_median=round(a.gen / statistics.median(t), 1))
common.out(a, "torch/transformers", {"device": torch.cuda.get_device_name() if cuda else "cpu", "torch": torch.__version__, "transformers": transformers.__version__}, r, params=n, losses=losses[:3])
