#!/usr/bin/env bash
# TensorFlow 2.18.1 and 2.21.0: a transposed copy made for a product is undone, through nodes that look like a fence.
#
# One expects: who transposes a matrix before MatMul, because the product reads it faster that way, and puts Identity,
# IdentityN, StopGradient or PreventGradient between so that the two stay apart, has a copy and a product of it.
# What is so: grappler takes the transpose into the product's transpose_a through each of them, and no copy is made.
# Snapshot, DeepCopy and CheckNumerics stop it.
#
# Seen on 29 November 2026, of the graph that a session runs:
#   2.18.1 nothing between: transpose_a=True, 0 transposes
#   2.18.1 Identity: transpose_a=True, 0 transposes
#   2.18.1 IdentityN: transpose_a=True, 0 transposes
#   2.18.1 StopGradient: transpose_a=True, 0 transposes
#   2.18.1 PreventGradient: transpose_a=True, 0 transposes
#   2.18.1 CheckNumerics: transpose_a=False, 1 transposes
#   2.18.1 Snapshot: transpose_a=False, 1 transposes
#   2.18.1 DeepCopy: transpose_a=False, 1 transposes
#   2.21.0 nothing between: transpose_a=True, 0 transposes
#   2.21.0 Identity: transpose_a=True, 0 transposes
#   2.21.0 IdentityN: transpose_a=True, 0 transposes
#   2.21.0 StopGradient: transpose_a=True, 0 transposes
#   2.21.0 PreventGradient: transpose_a=True, 0 transposes
#   2.21.0 CheckNumerics: transpose_a=False, 1 transposes
#   2.21.0 Snapshot: transpose_a=False, 1 transposes
#   2.21.0 DeepCopy: transpose_a=False, 1 transposes
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/fold.py" <<'EOF'
import numpy as np
import tensorflow as tf

v1, raw = tf.compat.v1, tf.raw_ops
fences = {
    "nothing between": lambda x: x,
    "Identity": tf.identity,
    "IdentityN": lambda x: raw.IdentityN(input=[x])[0],
    "StopGradient": tf.stop_gradient,
    "PreventGradient": lambda x: raw.PreventGradient(input=x),
    "CheckNumerics": lambda x: raw.CheckNumerics(tensor=x, message="x"),
    "Snapshot": lambda x: raw.Snapshot(input=x),
    "DeepCopy": lambda x: raw.DeepCopy(x=x),
}
for name, fence in fences.items():
    with tf.Graph().as_default(), v1.Session() as session:
        a, b = (v1.placeholder(tf.float32, [64, n]) for n in (32, 48))
        y = tf.identity(tf.matmul(fence(tf.transpose(a)), b))
        seen = v1.RunMetadata()
        session.run(y, {a: np.ones([64, 32]), b: np.ones([64, 48])},
                    options=v1.RunOptions(output_partition_graphs=True), run_metadata=seen)
        nodes = [node for graph in seen.partition_graphs for node in graph.node]
        product = next(node for node in nodes if "MatMul" in node.op)
        copies = sum("Transpose" in node.op for node in nodes)
        folded = product.attr["transpose_a"].b
        print(f"{tf.__version__} {name}: transpose_a={folded}, {copies} transposes")
EOF
for version in 2.18.1 2.21.0; do
  python3 -m venv "$folder/$version"
  "$folder/$version/bin/pip" install -q "tensorflow-cpu==$version" || exit 2
  "$folder/$version/bin/python" "$folder/fold.py" 2> "$folder/log" >> "$folder/seen" ||
    { tail -5 "$folder/log" >&2; exit 1; }
done

cat "$folder/seen"
diff <(sed -n '/^# Seen on/,/^set/ s/^#   //p' "$0") "$folder/seen"
