#!/bin/sh
# Makes what docs/results/warp.md says, and puts it into OUT: records (warp.csv), tables and charts. Half an hour on two cores.
#
#   experiments/studies/warp.sh gsm8k_train.jsonl OUT
set -eu
corpus=$(cd "$(dirname "$1")" && pwd -P)/$(basename "$1"):question
mkdir -p "$2"
out=$(cd "$2" && pwd -P)
cd "$(dirname "$0")/../.."
GEMLAB_WARP_STUDY=$out GEMLAB_WARP_CORPUS=$corpus exec mvn --batch-mode --quiet -pl experiments -am test \
  -Dtest=WarpStudyTest -Dgroups=slow -DexcludedGroups= -Dsurefire.failIfNoSpecifiedTests=false
