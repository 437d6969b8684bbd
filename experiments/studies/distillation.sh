#!/bin/sh
# Makes what docs/results/distillation.md says, and puts it into OUT: records, tables and a chart. About an hour on one core; started
# again it goes on.
#
#   experiments/studies/distillation.sh OUT
set -eu
mkdir -p "$1"
out=$(cd "$1" && pwd -P)
cd "$(dirname "$0")/../.."
GEMLAB_DISTILLATION_STUDY=$out exec mvn --batch-mode --quiet -pl experiments -am test \
  -Dtest=DistillationStudyTest -Dgroups=slow -DexcludedGroups= -Dsurefire.failIfNoSpecifiedTests=false
