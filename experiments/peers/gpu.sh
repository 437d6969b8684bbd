#!/usr/bin/env bash
# What is proven on a GPU, in one go: goldens, then training steps, prefill and decoding beside JAX and torch.
#
#   experiments/peers/gpu.sh FOLDER OUT [SECONDS [PATTERN]]
#
# FOLDER holds runner/ (made by build/runner), golden/ (GoldenBundlesTest) and bundles/ (made by `gemlab compile
# --bundle`, named as below); OUT gets log.txt and results.jsonl. The machine needs Python with jax[cuda13], torch and
# transformers, no Java. Steps that would not end within SECONDS (default 900) are left out, and said so; PATTERN
# (an extended regular expression) names those to do at all.
# docs/results/gpu.md has the commands that make FOLDER, and what came out.
set -u
here=$(cd "$(dirname "$0")" && pwd)
folder=$1 out=$2 limit=${3:-900} pattern=${4:-.}
log=$out/log.txt results=$out/results.jsonl
plugin=${PLUGIN:-$(python3 -c 'import jax_plugins.xla_cuda13 as p; print(list(p.__path__)[0] + "/xla_cuda_plugin.so")')}
export XLA_PYTHON_CLIENT_MEM_FRACTION=0.92
run=$folder/runner/run
say() { echo "[$SECONDS s] $*" | tee -a "$log"; }

# step NAME SECONDS COMMAND...: runs a command that should take no longer; its GPU memory is watched.
step() {
  local name=$1 most=$2 watch status=0 peak
  shift 2
  [[ $name =~ $pattern ]] || return 1
  if ((SECONDS + most / 2 > limit)); then say "LEFT OUT $name: $((limit - SECONDS)) s left"; return 1; fi
  nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits -lms 100 >/tmp/memory.txt 2>/dev/null &
  watch=$!
  timeout "$((most < limit - SECONDS ? most : limit - SECONDS))" "$@" >/tmp/step.txt 2>&1 || status=$?
  kill "$watch" 2>/dev/null
  wait "$watch" 2>/dev/null
  peak=$(sort -n /tmp/memory.txt | tail -1)
  { echo "=== $name (exit code $status)"; cat /tmp/step.txt; } >>"$log"
  say "$name: exit code $status, GPU memory at most ${peak:-?} MiB"
  if ((status)); then tail -3 /tmp/step.txt | cut -c1-400; fi
  return $status
}

# ours NAME SECONDS STEPS [AHEAD]: runs a bundle, a step queued behind the other or AHEAD of them, and notes its line.
ours() {
  local json=/tmp/$1.json ahead=${4:-1}
  step "gemlab $1, $ahead ahead" "$2" "$run" --bundle "$folder/bundles/$1.bundle" --plugin "$plugin" --steps "$3" \
    --ahead "$ahead" --json "$json" || return
  python3 - "$1" "$json" "$ahead" <<'END' | tee -a "$results"
import json, sys
r = json.load(open(sys.argv[2]))
keep = {k: r[k] for k in ("device_kind", "compile_seconds", "first_ms", "median_ms", "median_program_ms", "tokens_a_step", "tokens_per_second") if k in r}
keep["ahead"] = int(sys.argv[3])
losses = r["results"].get("loss", [])
print(json.dumps({"gemlab": sys.argv[1], **keep, "losses": losses[:3]}))
END
}

# peer NAME SECONDS SCRIPT FLAGS...
peer() {
  local name=$1 most=$2
  shift 2
  step "$name" "$most" python3 "$here/$@" --device cuda || return
  grep '^JSON ' /tmp/step.txt | cut -c6- | tee -a "$results" | cut -c1-420
}

mkdir -p "$out"
nvidia-smi --query-gpu=name,driver_version,memory.total,memory.used,clocks.sm,clocks.max.sm --format=csv | tee -a "$log"
step ceilings 40 python3 - <<'END'
import torch, time
def best(f, n=10):
    for _ in range(3): f()
    t = []
    for _ in range(n):
        a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        a.record(); f(); b.record(); torch.cuda.synchronize(); t.append(a.elapsed_time(b) / 1e3)
    return sorted(t)[n // 2]
print(torch.__version__, torch.cuda.get_device_name())
for d, n in ((torch.bfloat16, 8192), (torch.float32, 8192)):
    x = torch.randn(n, n, device="cuda", dtype=d); y = torch.randn(n, n, device="cuda", dtype=d)
    print(d, "product", 2 * n**3 / best(lambda: x @ y) / 1e12, "TFLOP/s")
x = torch.empty(1 << 31, device="cuda", dtype=torch.uint8).random_(); y = torch.empty_like(x)
print("copy", 2 * x.numel() / best(lambda: y.copy_(x)) / 1e12, "TB/s read and written")
END
grep -hE "TFLOP|TB/s" /tmp/step.txt 2>/dev/null

smoke() {
  pattern=. step "smoke: golden logits" 90 "$run" --bundle "$folder/golden/logits_eager_float32.bundle" --plugin "$plugin" \
    --checkpoint "$here/../../graph/src/test/resources/golden/ckpt_f32" --ids "$folder/golden/ids.json" --steps 3
}
if ! smoke; then
  cuda=$(python3 -c 'from jax._src import lib; print(lib.cuda_path or "")' 2>/dev/null)
  [ -n "$cuda" ] || cuda=$(dirname "$(dirname "$(readlink -f "$(command -v nvcc)")")")
  say "again with CUDA's data in $cuda"
  export XLA_FLAGS="--xla_gpu_cuda_data_dir=$cuda"
  if ! smoke; then tail -60 "$log"; exit 1; fi
fi
cat /tmp/step.txt | tail -8
step goldens 120 python3 "$here/../../tpu/src/test/resources/python/check_bundles.py" --bundles "$folder/golden" \
  --golden "$here/../../graph/src/test/resources/golden" --runner "$run" --plugin "$plugin" --jobs 7 && cat /tmp/step.txt

step_2b="--preset gemma2-2b --task train --dtype amp --remat"
small="--warmup 3 --repeats 15"
ours train2b 160 12
peer "jax 2B training" 170 bench_jax.py $step_2b --warmup 1 --repeats 6
peer "torch 2B training" 90 bench_torch.py $step_2b --warmup 2 --repeats 6
ours train_ab_bf16 90 40
ours train_ab_bf16 90 40 0
peer "jax ablation" 60 bench_jax.py --dtype amp $small
peer "torch ablation eager" 40 bench_torch.py --dtype amp $small
peer "torch ablation compiled" 110 bench_torch.py --dtype amp --impl compile $small
ours decode2b 100 120
ours decode2b 100 120 0
peer "torch 2B decode" 60 bench_torch.py --preset gemma2-2b --task decode --dtype bf16 --seq 1024
peer "jax 2B decode" 120 bench_jax.py --preset gemma2-2b --task decode --dtype bf16 --seq 1024
ours train_ab_bf16_32 90 40
peer "jax ablation, 32 rows" 60 bench_jax.py --dtype amp --batch 32 $small
ours train2b_pieces 100 12
ours train_ab_bf16_32_sdpa 90 40
ours prefill2b 60 6
peer "jax 2B prefill" 60 bench_jax.py --preset gemma2-2b --task prefill --dtype bf16 --warmup 2 --repeats 5
peer "torch 2B prefill" 50 bench_torch.py --preset gemma2-2b --task prefill --dtype bf16 --warmup 2 --repeats 5
ours train2b 100 12 0
peer "torch 2B training compiled" 200 bench_torch.py $step_2b --impl compile --warmup 3 --repeats 6
peer "torch ablation compiled, 32 rows" 100 bench_torch.py --dtype amp --batch 32 --impl compile $small
ours train_ab_f32 300 40
peer "jax ablation float32" 200 bench_jax.py --dtype f32 $small
say "done"
