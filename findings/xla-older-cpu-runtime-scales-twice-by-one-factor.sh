#!/usr/bin/env bash
# TensorFlow 2.18.1 on a CPU, with --xla_cpu_use_thunk_runtime=false: a batch product scaled before and after an activation
# is scaled by the second factor both times.
#
# One expects: XLA's older runtime on CPUs, which a flag chooses, computes what the default one computes.
# What is so: for the older runtime oneDNN does large products of matrices, together with the ops that follow (the pass
# onednn-contraction-rewriter). Of factors among those ops a custom call holds one: the last. So 8 * relu(0.25 * product) is
# 8 * relu(8 * product), and so is every soft cap of attention's scores, cap * tanh(product / cap). Smaller products, below
# 2^19 operations with dimensions of a batch and 2^24 without, don't go to oneDNN and are right. Without that pass all is right.
# 2.20.0 makes such a call too and is right.
#
# Seen on 29 November 2026, each line a process of its own, the product's elements being 1/128:
#   2.18.1 default runtime: 8 * relu(0.25 * product) = 0.0156, under XLA 0.0156
#   2.18.1 default runtime: 50 * tanh(0.02 * product) = 0.0078, under XLA 0.0078
#   2.18.1 older runtime: 8 * relu(0.25 * product) = 0.0156, under XLA 0.5
#   2.18.1 older runtime: 50 * tanh(0.02 * product) = 0.0078, under XLA 18.5949
#   2.18.1 older runtime without the pass: 8 * relu(0.25 * product) = 0.0156, under XLA 0.0156
#   2.18.1 older runtime without the pass: 50 * tanh(0.02 * product) = 0.0078, under XLA 0.0078
#   2.20.0 older runtime: 8 * relu(0.25 * product) = 0.0156, under XLA 0.0156
#   2.20.0 older runtime: 50 * tanh(0.02 * product) = 0.0078, under XLA 0.0078
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/scaled.py" <<'EOF'
import sys
import tensorflow as tf

ops = {
    "8 * relu(0.25 * product)": lambda x: 8.0 * tf.nn.relu(0.25 * tf.matmul(x, x)),
    "50 * tanh(0.02 * product)": lambda x: 50.0 * tf.tanh(0.02 * tf.matmul(x, x)),
}
x = tf.ones([2, 128, 128]) / 128
for name, op in ops.items():
    plain, xla = (float(tf.function(op, jit_compile=xla)(x)[0, 0, 0]) for xla in (False, True))
    print(f"{tf.__version__} {sys.argv[1]}: {name} = {round(plain, 4)}, under XLA {round(xla, 4)}")
EOF
run() {
  XLA_FLAGS=${3-} "$folder/$1/bin/python" "$folder/scaled.py" "$2" 2> "$folder/log" >> "$folder/seen" ||
    { tail -5 "$folder/log" >&2; exit 1; }
}
older=--xla_cpu_use_thunk_runtime=false
for version in 2.18.1 2.20.0; do
  python3 -m venv "$folder/$version"
  "$folder/$version/bin/pip" install -q "tensorflow-cpu==$version" || exit 2
done
run 2.18.1 "default runtime"
run 2.18.1 "older runtime" "$older"
run 2.18.1 "older runtime without the pass" "$older --xla_disable_hlo_passes=onednn-contraction-rewriter"
run 2.20.0 "older runtime" "$older"

cat "$folder/seen"
diff <(sed -n '/^# Seen on/,/^set/ s/^#   //p' "$0") "$folder/seen"
