#!/usr/bin/env bash
# TensorFlow 2.18.1 and 2.21.0 on a CPU: under XLA a NaN survives by the op, the order of arguments and the release.
#
# One expects: a NaN in a tensor is still there after a maximum or a clip, as it is without XLA.
# What is so, with jit_compile=True:
#   - reduce_max(x) drops it, in both releases;
#   - maximum(x, y) keeps a NaN of x, and maximum(y, x) gives y's value for it, in both;
#   - clip_by_value(x, -2, 2) makes it -2 in 2.18.1 and keeps it in 2.21.0.
# A check for NaN, or a clipped gradient, must not rest on any of them; is_finite and sums tell.
#
# Seen on 27 November 2026, x being 1, NaN, 3 and y three times 2:
#   2.18.1 reduce_max(x) = nan, under XLA 3.0
#   2.18.1 maximum(x, y) = [2.0, nan, 3.0], under XLA [2.0, nan, 3.0]
#   2.18.1 maximum(y, x) = [2.0, nan, 3.0], under XLA [2.0, 2.0, 3.0]
#   2.18.1 clip_by_value(x, -2, 2) = [1.0, nan, 2.0], under XLA [1.0, -2.0, 2.0]
#   2.18.1 reduce_sum(x) = nan, under XLA nan
#   2.18.1 reduce_all(is_finite(x)) = False, under XLA False
#   2.21.0 reduce_max(x) = nan, under XLA 3.0
#   2.21.0 maximum(x, y) = [2.0, nan, 3.0], under XLA [2.0, nan, 3.0]
#   2.21.0 maximum(y, x) = [2.0, nan, 3.0], under XLA [2.0, 2.0, 3.0]
#   2.21.0 clip_by_value(x, -2, 2) = [1.0, nan, 2.0], under XLA [1.0, nan, 2.0]
#   2.21.0 reduce_sum(x) = nan, under XLA nan
#   2.21.0 reduce_all(is_finite(x)) = False, under XLA False
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/nan.py" <<'EOF'
import tensorflow as tf

ops = {
    "reduce_max(x)": lambda x, y: tf.reduce_max(x),
    "maximum(x, y)": tf.maximum,
    "maximum(y, x)": lambda x, y: tf.maximum(y, x),
    "clip_by_value(x, -2, 2)": lambda x, y: tf.clip_by_value(x, -2.0, 2.0),
    "reduce_sum(x)": lambda x, y: tf.reduce_sum(x),
    "reduce_all(is_finite(x))": lambda x, y: tf.reduce_all(tf.math.is_finite(x)),
}
x, y = tf.constant([1.0, float("nan"), 3.0]), tf.constant([2.0, 2.0, 2.0])
for name, op in ops.items():
    plain, xla = (tf.function(op, jit_compile=xla)(x, y).numpy().tolist() for xla in (False, True))
    print(f"{tf.__version__} {name} = {plain}, under XLA {xla}")
EOF
for version in 2.18.1 2.21.0; do
  python3 -m venv "$folder/$version"
  "$folder/$version/bin/pip" install -q "tensorflow-cpu==$version" || exit 2
  "$folder/$version/bin/python" "$folder/nan.py" 2> "$folder/log" >> "$folder/seen" ||
    { tail -5 "$folder/log" >&2; exit 1; }
done

cat "$folder/seen"
diff <(sed -n '/^# Seen on/,/^set/ s/^#   //p' "$0") "$folder/seen"
