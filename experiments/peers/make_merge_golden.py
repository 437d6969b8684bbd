"""What mergekit 0.1.5 makes of small random models, for MergekitGoldenTest.

  python3 -m venv mergekit && mergekit/bin/pip install mergekit==0.1.5 torch==2.15.0 transformers==5.23.0
  mergekit/bin/python make_merge_golden.py OUT

writes OUT/base, ft1, ft2, ft3 (a Gemma 2 of two layers and about 5,000 parameters, and three models near it), the same
in bfloat16 as base_bf16..., and for each recipe NAME.yaml, NAME.safetensors and, where something is dropped at random,
NAME_masks.safetensors with what torch.bernoulli drew: uint8 TENSOR.MODEL.
"""
import functools
import os
import pathlib
import sys
import tempfile
import types

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
import yaml
from huggingface_hub.errors import StrictDataclassClassValidationError
from mergekit.config import MergeConfiguration
from mergekit.merge import run_merge
from mergekit.merge_methods.generalized_task_arithmetic import GeneralizedTaskArithmeticMerge
from mergekit.options import MergeOptions
from safetensors.torch import load_file, save_file
from transformers import Gemma2Config

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
os.chdir(out)
generator = torch.Generator().manual_seed(21)
HIDDEN, INNER, VOCABULARY, LAYERS, HEADS, HEAD = 16, 24, 64, 2, 2, 8
CONFIG = dict(
    vocab_size=VOCABULARY, hidden_size=HIDDEN, intermediate_size=INNER, num_hidden_layers=LAYERS,
    num_attention_heads=HEADS, num_key_value_heads=1, head_dim=HEAD, sliding_window=4, query_pre_attn_scalar=HEAD,
    max_position_embeddings=64,
)


def shapes():
    yield "model.embed_tokens.weight", (VOCABULARY, HIDDEN)
    for layer in range(LAYERS):
        prefix = f"model.layers.{layer}."
        for norm in ("input", "post_attention", "pre_feedforward", "post_feedforward"):
            yield f"{prefix}{norm}_layernorm.weight", (HIDDEN,)
        yield prefix + "self_attn.q_proj.weight", (HEADS * HEAD, HIDDEN)
        yield prefix + "self_attn.k_proj.weight", (HEAD, HIDDEN)
        yield prefix + "self_attn.v_proj.weight", (HEAD, HIDDEN)
        yield prefix + "self_attn.o_proj.weight", (HIDDEN, HEADS * HEAD)
        yield prefix + "mlp.gate_proj.weight", (INNER, HIDDEN)
        yield prefix + "mlp.up_proj.weight", (INNER, HIDDEN)
        yield prefix + "mlp.down_proj.weight", (HIDDEN, INNER)
    yield "model.norm.weight", (HIDDEN,)


def random(shape):
    return torch.randn(shape, generator=generator)


def write(name, tensors, dtype):
    folder = pathlib.Path(name)
    folder.mkdir(exist_ok=True)
    save_file({key: value.to(dtype).contiguous() for key, value in tensors.items()},
              folder / "model.safetensors", metadata={"format": "pt"})
    config = Gemma2Config(**CONFIG, architectures=["Gemma2ForCausalLM"], dtype=dtype)
    config.save_pretrained(folder)


base = {name: random(shape) * (0.3 if len(shape) == 1 else shape[1] ** -0.5) for name, shape in shapes()}
models = {"base": base}
for name, size in (("ft1", 0.3), ("ft2", 0.2), ("ft3", 0.25)):
    models[name] = {key: value + size * value.std() * random(value.shape) for key, value in base.items()}
for name, tensors in models.items():
    write(name, tensors, torch.float32)
    write(name + "_bf16", tensors, torch.bfloat16)


def model(name, **parameters):
    return {"model": "./" + name, **({"parameters": parameters} if parameters else {})}


def recipe(method, models, base="base", dtype="float32", **parameters):
    return {"merge_method": method, **({"base_model": "./" + base} if base else {}), "models": models,
            **({"parameters": parameters} if parameters else {}), "dtype": dtype}


TWO = [model("ft1", weight=0.7), model("ft2", weight=0.4)]
THREE = [model("ft1", weight=0.5), model("ft2", weight=0.3), model("ft3", weight=0.4)]
DENSE = [model("ft1", weight=0.5, density=0.6), model("ft2", weight=0.3, density=0.5),
         model("ft3", weight=0.4, density=0.4)]
BF16 = [model("ft1_bf16", weight=0.7, density=0.6), model("ft2_bf16", weight=0.4, density=0.5)]
BF16_SCALED = dict(base="base_bf16", dtype="bfloat16", **{"lambda": 0.9})
BF16_MIDDLE = [model("ft1_bf16", weight=0.7, density=0.6, gamma=0.1), model("ft2_bf16", weight=0.4, density=0.5, gamma=0.2)]
RECIPES = {
    "nuslerp": recipe("nuslerp", TWO, base=None),
    "nuslerp_base": recipe("nuslerp", TWO),
    "nuslerp_rows": recipe("nuslerp", TWO, base=None, nuslerp_flatten=False),
    "nuslerp_columns": recipe("nuslerp", TWO, nuslerp_flatten=False, nuslerp_row_wise=True),
    "multislerp": recipe("multislerp", THREE, base=None),
    "multislerp_base": recipe("multislerp", THREE, normalize_weights=False),
    "karcher": recipe("karcher", [model("ft1"), model("ft2"), model("ft3")], base=None),
    "karcher_one_step": recipe("karcher", [model("ft1"), model("ft2"), model("ft3")], base=None, max_iter=1, tol=1e-9),
    "model_stock": recipe("model_stock", [model("ft1"), model("ft2"), model("ft3")]),
    "model_stock_filter_wise": recipe("model_stock", [model("ft1"), model("ft2")], filter_wise=True),
    "sce": recipe("sce", [model("ft1"), model("ft2"), model("ft3")]),
    "sce_select": recipe("sce", [model("ft1"), model("ft2"), model("ft3")], select_topk=0.3),
    "breadcrumbs": recipe("breadcrumbs", [model("ft1", weight=0.5, density=0.6, gamma=0.1),
                                          model("ft2", weight=0.4, density=0.95, gamma=0.2)]),
    "breadcrumbs_ties": recipe("breadcrumbs_ties", DENSE),
    "della": recipe("della", DENSE),
    "della_linear": recipe("della_linear", [dict(m, parameters=dict(m["parameters"], epsilon=0.1)) for m in DENSE],
                           **{"lambda": 1.1}),
    "linear_with_base": recipe("linear", TWO, weight=0.2),
    "ties_rescaled": recipe("ties", DENSE, rescale=True),
    "passthrough_slices": {
        "merge_method": "passthrough", "dtype": "float32", "slices": [
            {"sources": [{"model": "./ft1", "layer_range": [0, 1]}]},
            {"sources": [{"model": "./ft2", "layer_range": [0, 2],
                          "parameters": {"scale": [{"filter": "o_proj", "value": 0.5}, {"value": 1.0}]}}]}]},
    "linear_slices": {
        "merge_method": "linear", "dtype": "float32", "slices": [
            {"sources": [{"model": "./ft1", "layer_range": [1, 2], "parameters": {"weight": 0.3}},
                         {"model": "./ft2", "layer_range": [0, 1], "parameters": {"weight": [0.2, 0.6]}}]},
            {"sources": [{"model": "./ft3", "layer_range": [0, 2], "parameters": {"weight": [0.5, 1.0]}},
                         {"model": "./ft2", "layer_range": [0, 2], "parameters": {"weight": [0.2, 0.6]}}],
             "parameters": {"normalize": False}}]},
    "task_arithmetic_bf16": recipe("task_arithmetic", BF16, **BF16_SCALED),
    "dare_ties_bf16": recipe("dare_ties", BF16, normalize=True, **BF16_SCALED),
    "dare_linear_bf16": recipe("dare_linear", BF16, **BF16_SCALED),
    "ties_bf16": recipe("ties", [model("ft1_bf16", weight=0.7), model("ft2_bf16", weight=0.4)], **BF16_SCALED),
    "linear_bf16": recipe("linear", [model("ft1_bf16", weight=0.7), model("ft2_bf16", weight=0.4)], base=None,
                          dtype="bfloat16"),
    "slerp_bf16": recipe("slerp", [model("ft1_bf16"), model("ft2_bf16")], base="ft1_bf16", dtype="bfloat16", t=0.3),
    "slerp_beyond": recipe("slerp", [model("ft1"), model("ft2")], base="ft1", t=1.3),
    "ties_trimmed_bf16": recipe("ties", BF16, **BF16_SCALED),
    "breadcrumbs_bf16": recipe("breadcrumbs", BF16_MIDDLE, **BF16_SCALED),
    "breadcrumbs_ties_bf16": recipe("breadcrumbs_ties", BF16_MIDDLE, **BF16_SCALED),
    "della_bf16": recipe("della", BF16, **BF16_SCALED),
    "della_linear_bf16": recipe("della_linear", BF16, **BF16_SCALED),
}

# Which of equal magnitudes comes first depends on the processor, since neither argsort nor sort is stable; in bfloat16
# equal ones are common. Here the one that comes first in the tensor is the larger.
argsort = torch.argsort
torch.argsort = functools.partial(argsort, stable=True)


def sort(magnitudes, descending):
    assert not descending
    return types.SimpleNamespace(indices=argsort(magnitudes, descending=True, stable=True).flip(0))


torch.sort = sort

# What torch.bernoulli draws belongs to the tensor and the model whose task vector is being made sparse.
masks, current = {}, []
merge_group, bernoulli = GeneralizedTaskArithmeticMerge.merge_group, torch.bernoulli


def merging(self, group, /, **parameters):
    current[:] = [f"{group.metadata.name}.{pathlib.Path(entry.id.model.path).name}" for entry in group.non_base]
    return merge_group(self, group, **parameters)


def drawing(probabilities, *args, **kwargs):
    drawn = bernoulli(probabilities, *args, **kwargs)
    masks[current.pop(0)] = drawn.to(torch.uint8).contiguous()
    return drawn


GeneralizedTaskArithmeticMerge.merge_group = merging
torch.bernoulli = drawing
for name, config in RECIPES.items():
    masks.clear()
    pathlib.Path(name + ".yaml").write_text(yaml.safe_dump(config, sort_keys=False, default_flow_style=None))
    with tempfile.TemporaryDirectory() as folder:
        try:
            run_merge(MergeConfiguration.model_validate(config), folder, options=MergeOptions(
                copy_tokenizer=False, random_seed=1234, quiet=True, write_model_card=False))
        except StrictDataclassClassValidationError as e:
            # With another number of layers mergekit leaves layer_types as they were, and config.json is not written;
            # the weights are.
            print(name, "has no config.json:", e.__cause__)
        merged = {}
        for file in sorted(pathlib.Path(folder).glob("*.safetensors")):
            merged.update(load_file(file))
    save_file({key: value.contiguous() for key, value in merged.items()}, name + ".safetensors")
    if masks:
        save_file(dict(masks), name + "_masks.safetensors")
    print(name, len(merged), next(iter(merged.values())).dtype, "masks", len(masks))
