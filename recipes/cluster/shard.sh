#!/bin/sh
# Makes one part of an ablation, or goes on with it: what a job array starts again, it can start the same way.
#
#   shard.sh RECIPE OUT I/N [OPTION...]
#
# All parts share OUT. `gemlab report OUT` merges them, and says what is missing and what makes it.
set -eu
recipe=$1 out=$2 part=$3
shift 3
folder=$out/shards/${part%/*}-of-${part#*/}
[ ! -e "$folder/recipe.yaml" ] || set -- --resume "$@"
exec "${GEMLAB:-$(dirname "$0")/../../gemlab}" ablate "$recipe" --out "$out" --shard "$part" "$@"
