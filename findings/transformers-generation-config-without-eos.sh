#!/usr/bin/env bash
# transformers 5.23.0: a generation_config.json that does not mention the end token switches config.json's off.
#
# One expects: what generation_config.json leaves out comes from config.json. That is so where there is no such file:
# the end token of config.json ends an answer.
# What is so: once the file is there, with a temperature alone or with nothing at all, the model has no end token, and
# every answer runs to its maximum length. Nothing is said.
#
# A tiny random Gemma 2 is asked for 8 tokens; its first is made config.json's end token. Takes 6 GB for PyTorch.
# Seen on 27 November 2026:
#   generation_config.json absent: ends at the end token, 1 new
#   generation_config.json {"temperature": 0.7, "do_sample": false}: no end token, 8 new
#   generation_config.json {}: no end token, 8 new
#   generation_config.json {"eos_token_id": END}: ends at the end token, 1 new
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --no-cache-dir transformers==5.23.0 tokenizers==0.23.3 torch==2.15.0 || exit 2

cat > "$folder/generate.py" <<'EOF'
import json
import pathlib
import sys

import torch
from transformers import Gemma2Config, Gemma2ForCausalLM

folder = pathlib.Path(sys.argv[1]) / "model"
prompt = torch.tensor([[2, 5, 7]])


def generate(model, **options):
    return model.generate(prompt, max_new_tokens=8, do_sample=False, **options)[0, prompt.shape[1] :].tolist()


torch.manual_seed(0)
config = Gemma2Config(
    vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2,
    num_key_value_heads=1, head_dim=16, pad_token_id=0, bos_token_id=2, eos_token_id=1,
)
model = Gemma2ForCausalLM(config)
end = generate(model, eos_token_id=63)[0]
model.save_pretrained(folder)
settings = json.loads((folder / "config.json").read_text())
(folder / "config.json").write_text(json.dumps(settings | {"eos_token_id": end}))

file = folder / "generation_config.json"
for text in None, '{"temperature": 0.7, "do_sample": false}', "{}", '{"eos_token_id": END}':
    file.unlink(missing_ok=True)
    if text is not None:
        file.write_text(text.replace("END", str(end)))
    loaded = Gemma2ForCausalLM.from_pretrained(folder)
    new = generate(loaded)
    ends = "ends at the end token" if new[-1] == end and len(new) < 8 else "no end token"
    print(f"generation_config.json {text or 'absent'}: {ends}, {len(new)} new")
EOF
"$folder/venv/bin/python" "$folder/generate.py" "$folder" > "$folder/seen" 2> "$folder/log" ||
  { tail -5 "$folder/log" >&2; exit 1; }

cat "$folder/seen"
diff <(sed -n '/^# Seen on/,/^set/ s/^#   //p' "$0") "$folder/seen"
