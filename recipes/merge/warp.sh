#!/bin/sh
# WARP (arXiv:2406.16768), iterated: each iteration trains three policies from one model, each on the data in another order,
# and merges them; the next begins at eta 0.3. The last one's merge is pulled back towards the model that all began with.
#
#   recipes/merge/warp.sh TRAIN.yaml MODEL OUT ITERATIONS [--set KEY=VALUE ...]
#
# TRAIN.yaml is a recipe of `gemlab train` with ema_decay, MODEL a Hugging Face folder; what follows is given to each run.
# OUT/N/front is iteration N's front, OUT/front the last. Called again after it was stopped, it goes on.
set -eu
home=$(cd "$(dirname "$0")/../.." && pwd -P)
train=$1
sft=$(cd "$2" && pwd -P)
mkdir -p "$3"
out=$(cd "$3" && pwd -P)
iterations=$4
shift 4

# Merges what a folder's recipe names in that folder, unless it is done.
merge() {
  [ -e "$1/front" ] || (cd "$1" && "$home/gemlab" merge "$2" front --resume)
}

init=$sft
iteration=1
while [ "$iteration" -le "$iterations" ]; do
  here=$out/$iteration
  mkdir -p "$here"
  ln -sfn "$init" "$here/init"
  for policy in 1 2 3; do
    run=$here/policy-$policy
    resume=
    [ ! -e "$run" ] || resume=--resume
    [ -e "$here/front" ] || "$home/gemlab" train "$train" --out "$run" $resume --set checkpoint="$init" \
      --set training.shuffle_seed=$((10 * iteration + policy)) "$@"
  done
  cp "$home/recipes/merge/warp.yml" "$here"
  merge "$here" warp.yml
  init=$here/front/eta-0.3
  merged=$here/front/eta-1
  iteration=$((iteration + 1))
done

ln -sfn "$sft" "$out/sft"
ln -sfn "$merged" "$out/merged"
cp "$home/recipes/merge/warp-front.yml" "$out"
merge "$out" warp-front.yml
