#!/usr/bin/env bash
# peft 0.21.2: what an adapter's files hold is not what was asked for.
#
# One expects: adapter_config.json has the target_modules that were given, and adapter_model.safetensors the adapter's
# factors and nothing else.
# What is so: "all-linear" is saved as the full path of every module, one for each projection of each layer, so that a
# reader who looks for q_proj or all-linear finds neither; and an adapter of the embedding also holds the embedding itself,
# as base_layer.weight, which on Gemma is larger than all factors together.
#
# A tiny random Gemma 2 of two layers gets three adapters. Takes 6 GB for PyTorch.
# Seen on 28 November 2026:
#   ["q_proj"]: 1 target modules, such as q_proj; 4 tensors, 0 of them of the base
#   "all-linear": 14 target modules, such as model.layers.0.mlp.down_proj; 28 tensors, 0 of them of the base
#   ["embed_tokens"]: 1 target modules, such as embed_tokens; 3 tensors, 1 of them of the base
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --no-cache-dir peft==0.21.2 transformers==5.23.0 tokenizers==0.23.3 torch==2.15.0 || exit 2

cat > "$folder/adapters.py" <<'EOF'
import json
import pathlib
import sys

from peft import LoraConfig, get_peft_model
from safetensors import safe_open
from transformers import Gemma2Config, Gemma2ForCausalLM

config = Gemma2Config(
    vocab_size=32, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
    num_key_value_heads=1, head_dim=8,
)
for number, asked in enumerate((["q_proj"], "all-linear", ["embed_tokens"])):
    folder = pathlib.Path(sys.argv[1]) / str(number)
    model = get_peft_model(Gemma2ForCausalLM(config), LoraConfig(r=2, target_modules=asked, task_type="CAUSAL_LM"))
    model.save_pretrained(folder)
    targets = sorted(json.loads((folder / "adapter_config.json").read_text())["target_modules"])
    with safe_open(folder / "adapter_model.safetensors", "np") as file:
        names = list(file.keys())
    base = sum("base_layer" in name for name in names)
    print(
        f"{json.dumps(asked)}: {len(targets)} target modules, such as {targets[0]}; "
        f"{len(names)} tensors, {base} of them of the base"
    )
EOF
"$folder/venv/bin/python" "$folder/adapters.py" "$folder" > "$folder/seen" 2> "$folder/log" ||
  { tail -5 "$folder/log" >&2; exit 1; }

cat "$folder/seen"
diff <(sed -n '/^# Seen on/,/^set/ s/^#   //p' "$0") "$folder/seen"
