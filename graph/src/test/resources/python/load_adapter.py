"""Loads an adapter with PEFT, and makes one.

usage: load_adapter.py BASE OURS VECTORS OUT
Loads OURS onto BASE and writes the logits of VECTORS' input_ids to OUT/ours.safetensors; draws an
adapter of its own, saves it as OUT/theirs and its logits as OUT/theirs.safetensors.
"""
import sys

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

base, ours, vectors, out = sys.argv[1:]
ids = load_file(vectors)["input_ids"]


def model():
    return AutoModelForCausalLM.from_pretrained(base, attn_implementation="eager").float().eval()


def save_logits(adapted, name):
    with torch.no_grad():
        save_file({"logits": adapted(ids).logits.contiguous()}, f"{out}/{name}.safetensors")


loaded = PeftModel.from_pretrained(model(), ours)
stored = load_file(f"{ours}/adapter_model.safetensors")
state = {
    name.replace(".default", ""): value
    for name, value in loaded.state_dict().items()
    if "lora_" in name
}
assert set(stored) == set(state), set(stored) ^ set(state)
for name, value in stored.items():
    assert torch.equal(state[name], value), name
save_logits(loaded, "ours")

torch.manual_seed(0)
config = LoraConfig(
    r=4, lora_alpha=6, target_modules="all-linear", task_type="CAUSAL_LM", use_rslora=True
)
theirs = get_peft_model(model(), config).eval()
for name, value in theirs.named_parameters():
    if "lora_B" in name:
        torch.nn.init.normal_(value, std=0.1)
theirs.save_pretrained(f"{out}/theirs")
save_logits(theirs, "theirs")
print(f"loaded {len(stored)} factors")
