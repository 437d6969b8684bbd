#!/usr/bin/env bash
# mergekit 0.1.5 with transformers 5.23.0: slices of Gemma 2 with another number of layers come out without config.json.
#
# One expects: a passthrough merge of slices gives a model that loads, with as many layers as the slices have.
# What is so: mergekit sets num_hidden_layers and leaves layer_types as they were, which transformers refuses to write.
# The weights are in the folder by then, and nothing beside them. A configuration without layer_types would be no way
# out: transformers fills it in as it reads it. And which layers slide would follow from their new numbers.
#
# A tiny random Gemma 2 of two layers is stacked with its own second layer. Takes 6 GB for PyTorch.
# Seen on 28 November 2026:
#   ValueError: `num_hidden_layers` (3) must be equal to the number of `layer_types` (2)
#   written: model.safetensors
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --no-cache-dir mergekit==0.1.5 transformers==5.23.0 torch==2.15.0 || exit 2

cat > "$folder/slices.py" <<'EOF'
import pathlib
import sys

from mergekit.config import MergeConfiguration
from mergekit.merge import run_merge
from mergekit.options import MergeOptions
from transformers import Gemma2Config, Gemma2ForCausalLM

folder = pathlib.Path(sys.argv[1])
config = Gemma2Config(
    vocab_size=32, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
    num_key_value_heads=1, head_dim=8,
)
model = str(folder / "model")
Gemma2ForCausalLM(config).save_pretrained(model)
recipe = {"merge_method": "passthrough", "slices": [
    {"sources": [{"model": model, "layer_range": layers}]} for layers in ([0, 2], [1, 2])]}
try:
    run_merge(MergeConfiguration.model_validate(recipe), str(folder / "out"),
              options=MergeOptions(copy_tokenizer=False, quiet=True, write_model_card=False))
    print("merged")
except Exception as e:
    print(f"{type(e.__cause__).__name__}: {e.__cause__}")
print("written:", ", ".join(sorted(file.name for file in (folder / "out").iterdir())))
EOF
HF_HUB_OFFLINE=1 "$folder/venv/bin/python" "$folder/slices.py" "$folder" > "$folder/seen" 2> "$folder/log" ||
  { tail -5 "$folder/log" >&2; exit 1; }

cat "$folder/seen"
diff <(sed -n '/^# Seen on/,/^set/ s/^#   //p' "$0") "$folder/seen"
