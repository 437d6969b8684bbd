"""Runs the vectors through Hugging Face's Gemma 2, as an example for other runtimes.

usage: run_transformers.py OUT.safetensors [DTYPE]
DTYPE is float32 (default), bfloat16 or float16.
Needs torch, transformers and safetensors. Then: gemlab conformance --check OUT.safetensors
"""
import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

out, dtype = (sys.argv[1:] + ["float32"])[:2]
logits = {}
for ids_file in sorted(pathlib.Path(__file__).parent.glob("*/ids.json")):
    ids = json.loads(ids_file.read_text())
    model = AutoModelForCausalLM.from_pretrained(
        ids_file.parent, attn_implementation="eager", dtype=getattr(torch, dtype)
    )
    with torch.no_grad():
        result = model(**{name: torch.tensor(rows) for name, rows in ids.items()})
    logits[ids_file.parent.name] = result.logits.float().contiguous()
save_file(logits, out)
