#!/usr/bin/env bash
# TensorFlow 2.21.0 on a CPU: the cache of compiled XLA programs doesn't know with which XLA_FLAGS they were compiled.
#
# One expects: --tf_xla_persistent_cache_directory gives back a program only to who would compile the same machine code.
# What is so: a program is found by its HLO alone. One that was compiled under other XLA_FLAGS is loaded without a word, and
# computes what those flags allowed: compiled under fast math, a test for NaN says no, also in a process that never asked for
# fast math. Nor do the processor or its instructions belong to the key. So whoever keeps such a folder has to have one for each
# choice of flags and each kind of processor.
#
# Seen on 28 November 2026, is_nan(inf - inf) under jit_compile=True, each line a process of its own:
#   2.21.0 no flags, no cache: True
#   2.21.0 fast math, empty cache: False
#   2.21.0 no flags, the same cache: False
#   2.21.0 programs in the cache: 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/nan.py" <<'EOF'
import sys
import tensorflow as tf

f = tf.function(lambda x: tf.math.is_nan(x - x), jit_compile=True)
print(f"{tf.__version__} {sys.argv[1]}: {bool(f(tf.constant(float('inf'))))}")
EOF
fast="--xla_cpu_enable_fast_math=true --xla_cpu_fast_math_honor_nans=false"
version=2.21.0
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow-cpu==$version" || exit 2
mkdir "$folder/cache"
run() { "$folder/venv/bin/python" "$folder/nan.py" "$1" 2> "$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }; }
{
  run "no flags, no cache"
  export TF_XLA_FLAGS="--tf_xla_persistent_cache_directory=$folder/cache"
  XLA_FLAGS=$fast run "fast math, empty cache"
  run "no flags, the same cache"
  echo "$version programs in the cache: $(find "$folder/cache" -name '*.pb' | wc -l)"
} > "$folder/seen"

cat "$folder/seen"
diff <(sed -n '/^# Seen on/,/^set/ s/^#   //p' "$0") "$folder/seen"
