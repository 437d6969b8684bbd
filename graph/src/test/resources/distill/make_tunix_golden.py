"""Writes tunix.json: what Tunix's LogitStrategy makes of the logits and labels of gkd.safetensors.

    pip install jax==0.10.2 flax==0.12.8 optax==0.2.8 safetensors==0.8.0
    pip download --no-deps google-tunix==0.1.7 && unzip google_tunix-0.1.7-py3-none-any.whl -d tunix
    python make_tunix_golden.py tunix/tunix/distillation/strategies gkd.safetensors > tunix.json

Tunix takes a mean over every position that it is given, so it is given the scored ones alone. Of
its package the strategies are imported, since the rest needs a tokenizer, a trainer and a TPU's
libraries.
"""
import importlib.util
import json
import pathlib
import sys
import types

import jax
import jax.numpy as jnp
from safetensors.numpy import load_file

strategies, tensors = pathlib.Path(sys.argv[1]), load_file(sys.argv[2])
for package in ("tunix", "tunix.distillation", "tunix.distillation.strategies"):
    sys.modules[package] = types.ModuleType(package)
for module in ("base_strategy", "logit"):
    name = f"tunix.distillation.strategies.{module}"
    spec = importlib.util.spec_from_file_location(name, strategies / f"{module}.py")
    sys.modules[name] = importlib.util.module_from_spec(spec)
    setattr(sys.modules["tunix.distillation.strategies"], module, sys.modules[name])
    spec.loader.exec_module(sys.modules[name])
LogitStrategy = sys.modules["tunix.distillation.strategies.logit"].LogitStrategy

student = jnp.asarray(tensors["student_logits"]).reshape(-1, 33)
teacher = jnp.asarray(tensors["teacher_logits"]).reshape(-1, 33)
labels = jnp.asarray(tensors["labels"]).reshape(-1)
scored = jnp.flatnonzero(labels >= 0)
one_hot = jax.nn.one_hot(labels[scored], 33)

cases = []
for temperature in (0.7, 1.0, 2.0):
    for alpha in (0.0, 0.3, 1.0):
        strategy = LogitStrategy(
            abs, abs, abs, temperature=temperature, alpha=alpha
        )

        def loss(logits):
            return strategy.compute_loss(logits[scored], teacher[scored], one_hot)[0]

        value, gradient = jax.value_and_grad(loss)(student)
        cases.append({
            "temperature": temperature,
            "alpha": alpha,
            "loss": float(value),
            "grad_norm": float(jnp.linalg.norm(gradient)),
            "grad_first4": [float(x) for x in gradient[3, :4]],
        })
print(json.dumps({
    "tunix": "0.1.7",
    "source": "tunix.distillation.strategies.logit.LogitStrategy.compute_loss, distill_top_k 0",
    "meaning": "alpha temperature^2 KL(teacher||student) + (1 - alpha) CE, a mean over the scored"
    " positions of gkd.safetensors; the gradient is of all positions' logits",
    "cases": cases,
}, indent=1))
