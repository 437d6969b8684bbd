"""Trains Hugging Face's Gemma 2 with PyTorch's AdamW on given batches, in float32.

    train_gemma2.py CHECKPOINT RUN.json

RUN.json holds steps [{ids, labels}], the labels being the token after each position (below 0: not scored), and the
optimizer's numbers. Prints a line of JSON with the loss of each step, before it.
"""

import json
import math
import sys

import torch
from transformers import Gemma2ForCausalLM

torch.set_num_threads(2)
model = Gemma2ForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32, attn_implementation="eager")
with open(sys.argv[2]) as file:
    run = json.load(file)
optimizer = torch.optim.AdamW(
    model.parameters(),
    lr=run["learning_rate"],
    betas=(run["beta1"], run["beta2"]),
    eps=run["epsilon"],
    weight_decay=run["weight_decay"],
)


def rate(step):
    """Linear warm-up to the peak, then half a cosine to the floor."""
    warmup, steps, floor = run["warmup_steps"], run["steps"], run["learning_rate_floor"]
    share = min(max((step - warmup) / max(1, steps - warmup), 0), 1)
    falling = floor + (1 - floor) * (1 + math.cos(math.pi * share)) / 2
    return run["learning_rate"] * falling * min((step + 1) / max(1, warmup), 1)


losses = []
for step, batch in enumerate(run["batches"]):
    for group in optimizer.param_groups:
        group["lr"] = rate(step)
    logits = model(input_ids=torch.tensor(batch["ids"]), use_cache=False).logits
    labels = torch.tensor(batch["labels"])
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=-100)
    losses.append(loss.item())
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), run["max_grad_norm"])
    optimizer.step()
print(json.dumps({"losses": losses}))
