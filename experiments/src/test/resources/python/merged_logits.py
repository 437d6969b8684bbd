"""Loads a merged checkpoint with transformers and compares its logits with ours.

usage: merged_logits.py FOLDER IDS.json LOGITS.safetensors
Prints the largest difference.
"""
import json
import sys

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

folder, ids, ours = sys.argv[1:]
model, info = AutoModelForCausalLM.from_pretrained(
    folder, attn_implementation="eager", dtype=torch.float32, output_loading_info=True
)
assert not info["missing_keys"] and not info["unexpected_keys"] and not info["mismatched_keys"], info
with open(ids) as file:
    tokens = torch.tensor(json.load(file)["input_ids"])
with torch.no_grad():
    logits = model(tokens).logits
print((logits - load_file(ours)["logits"]).abs().max().item())
