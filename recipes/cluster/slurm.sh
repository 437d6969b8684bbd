#!/bin/sh
# An ablation as a Slurm job array, a part a task: sbatch recipes/cluster/slurm.sh RECIPE OUT [OPTION...]
#
# From the checkout, which is built (./gemlab doctor), in a file system that all nodes see. A part that is preempted or
# whose node dies is queued again and goes on. Then ./gemlab report OUT says what is missing; sbatch --array=3 makes one part.
#SBATCH --job-name=gemlab-ablate
#SBATCH --array=1-4
#SBATCH --cpus-per-task=8
#SBATCH --mem=16G
#SBATCH --time=12:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
set -eu
parts=4 # as in --array, which may be one of them when it is made again
recipe=$1 out=$2
shift 2
# Slurm runs a copy of this file, and begins in the folder that it was submitted from.
exec recipes/cluster/shard.sh "$recipe" "$out" "$SLURM_ARRAY_TASK_ID/$parts" "$@"
