#!/usr/bin/env bash
# transformers 5.23.0: Gemma 3's config takes Gemma 2's two caps, and its attention ignores its own.
#
# One expects: attn_logit_softcapping caps attention's scores where a config has it, as final_logit_softcapping caps the
# logits; both are fields of Gemma3TextConfig, and stand in its documentation.
# What is so: the final cap works in both models, attention's in Gemma 2 alone. In Gemma 3 the logits are the same to
# the bit with a cap of 0.01 and with none, and nothing is said.
#
# Tiny random models with eager attention. Takes 6 GB for PyTorch.
# Seen on 28 November 2026:
#   Gemma 2 with attn_logit_softcapping 0.01: other logits than without
#   Gemma 3 with attn_logit_softcapping 0.01: the same bits as without
#   Gemma 2 with final_logit_softcapping 0.01: other logits than without
#   Gemma 3 with final_logit_softcapping 0.01: other logits than without
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --no-cache-dir transformers==5.23.0 tokenizers==0.23.3 torch==2.15.0 || exit 2

cat > "$folder/caps.py" <<'EOF'
import torch
from transformers import Gemma2Config, Gemma2ForCausalLM, Gemma3ForCausalLM, Gemma3TextConfig

shape = dict(
    vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
    num_key_value_heads=1, head_dim=16, attn_implementation="eager",
)
prompt = torch.randint(3, 64, (1, 16), generator=torch.Generator().manual_seed(0))


def logits(kind, config, **caps):
    torch.manual_seed(0)
    with torch.no_grad():
        return kind(config(**shape, **caps)).eval()(prompt).logits


def compare(name, kind, config, cap):
    without = logits(kind, config, attn_logit_softcapping=None, final_logit_softcapping=None)
    capped = logits(kind, config, **({"attn_logit_softcapping": None, "final_logit_softcapping": None} | {cap: 0.01}))
    same = "the same bits as" if torch.equal(without, capped) else "other logits than"
    print(f"{name} with {cap} 0.01: {same} without")


for cap in "attn_logit_softcapping", "final_logit_softcapping":
    compare("Gemma 2", Gemma2ForCausalLM, Gemma2Config, cap)
    compare("Gemma 3", Gemma3ForCausalLM, Gemma3TextConfig, cap)
EOF
"$folder/venv/bin/python" "$folder/caps.py" "$folder" > "$folder/seen" 2> "$folder/log" ||
  { tail -5 "$folder/log" >&2; exit 1; }

cat "$folder/seen"
diff <(sed -n '/^# Seen on/,/^set/ s/^#   //p' "$0") "$folder/seen"
