#!/usr/bin/env bash
# libtpu 0.0.52 by jax 0.10.2: a program's predicted time does not know the precision of its products.
#
# One expects: `optimal_seconds` in a compiled program's cost analysis grows with the work. A float32 product of
# precision "highest" takes a TPU several passes of bfloat16, so it should be predicted to take several times as long.
# What is so: the figure is the same for "default", "high" and "highest", though the compiled program asks for each. For a
# product of 4096 x 4096 on a v5e it is 1062 us, which at 197 TFLOP/s is 1.5 passes; six would take 4186 us.
# Whoever weighs float32 against bfloat16 for a TPU by this figure compares bytes moved and nothing else.
#
# Compiles for a TPU without having one.
# Seen on 27 November 2026:
#   default: 1062 us, precision asked for: default
#   high: 1062 us, precision asked for: high
#   highest: 1062 us, precision asked for: highest
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q jax==0.10.2 jaxlib==0.10.2 libtpu==0.0.52 || exit 2

cat > "$folder/predict.py" <<'EOF'
import re

import jax
import jax.numpy as jnp
from jax.experimental import topologies

chip = topologies.get_topology_desc("v5e:1x1", "tpu", chips_per_host_bounds=[1, 1, 1]).devices[0]
matrix = jax.ShapeDtypeStruct((4096, 4096), jnp.float32, sharding=jax.sharding.SingleDeviceSharding(chip))
for precision in "default", "high", "highest":
    product = jax.jit(lambda a, b: jax.lax.dot(a, b, precision=precision)).lower(matrix, matrix).compile()
    asked = re.findall(r"operand_precision=\{(\w+),\w+\}", product.as_text()) or ["default"]
    seconds = product.cost_analysis()["optimal_seconds"]
    print(f"{precision}: {seconds * 1e6:.0f} us, precision asked for: {asked[0]}")
EOF
JAX_PLATFORMS=cpu TPU_SKIP_MDS_QUERY=1 "$folder/venv/bin/python" "$folder/predict.py" 2> "$folder/log" > "$folder/seen" ||
  { tail -5 "$folder/log" >&2; exit 1; }

cat "$folder/seen"
diff <(sed -n '/^# Seen on/,/^set/ s/^#   //p' "$0") "$folder/seen"
