"""Writes the tiny programs beside it, as serialized HloModuleProtos. Made with jax 0.10.2.

    python programs.py
"""
import os

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4"
import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

jax.config.update("jax_use_shardy_partitioner", False)
# No names of source files in the programs.
jax.config.update("jax_traceback_in_locations_limit", 0)
folder = os.path.dirname(os.path.abspath(__file__))


def f32(*shape):
    return jax.ShapeDtypeStruct(shape, jnp.float32)


def write(name, jitted, *arguments):
    module = jitted.lower(*arguments).compiler_ir("hlo").as_serialized_hlo_module_proto()
    with open(f"{folder}/{name}.hlo.pb", "wb") as file:
        file.write(module)
    return module


def layer(x, w):
    return jnp.tanh(x @ w)


def add(state, x):
    return state + x, jnp.sum(state)


def double(x):
    return x * 2.0


mesh = Mesh(np.array(jax.devices()).reshape(2, 2), ("data", "model"))


def sharding(*axes):
    return NamedSharding(mesh, PartitionSpec(*axes))


write("layer", jax.jit(layer), f32(8, 16), f32(16, 4))
write(
    "sharded",
    jax.jit(
        layer,
        in_shardings=(sharding("data", "model"), sharding("model", None)),
        out_shardings=sharding("data", None),
    ),
    f32(8, 16),
    f32(16, 4),
)
donated = write("donated", jax.jit(add, donate_argnums=0), f32(1024), f32(1024))
write("large", jax.jit(double), f32(1 << 20, 8192))

# The length of a field: the layout of the first output swallows what follows it.
broken = bytearray(donated)
broken[691] = 13
with open(f"{folder}/abort.hlo.pb", "wb") as file:
    file.write(broken)
