"""Loads a written checkpoint folder with Hugging Face's own loaders.

usage: load_checkpoint.py WRITTEN REFERENCE VECTORS DTYPE TOLERANCE
Compares every tensor of WRITTEN with REFERENCE's, rounded to DTYPE by torch, bit by bit, and the
logits with those in VECTORS. Prints "loaded ..." if all is well.
"""
import json
import pathlib
import sys

import torch
from safetensors.numpy import load_file as load_numpy
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

written, reference, vectors, dtype, tolerance = sys.argv[1:]
dtype = getattr(torch, dtype)

stored = {}
for file in sorted(pathlib.Path(written).glob("*.safetensors")):
    stored.update(load_file(file))
    if dtype != torch.bfloat16:  # numpy has no bfloat16
        assert set(load_numpy(file)) <= set(stored)
expected = load_file(f"{reference}/model.safetensors")
assert set(stored) == set(expected), set(stored) ^ set(expected)
for name, tensor in expected.items():
    assert torch.equal(stored[name], tensor.to(dtype)), name

index = pathlib.Path(written) / "model.safetensors.index.json"
if index.exists():
    size = json.loads(index.read_text())["metadata"]["total_size"]
    assert size == sum(t.numel() * t.element_size() for t in stored.values()), size

model, info = AutoModelForCausalLM.from_pretrained(
    written, attn_implementation="eager", output_loading_info=True
)
assert not info["missing_keys"] and not info["unexpected_keys"], info
assert model.dtype == dtype, model.dtype
golden = load_file(vectors)
with torch.no_grad():
    logits = model.float()(golden["input_ids"]).logits
error = (logits - golden["logits"]).abs().max().item()
assert error <= float(tolerance), error
print(f"loaded {len(stored)} tensors of {dtype}, logits within {error:.2g}")
