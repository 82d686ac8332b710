#!/usr/bin/env bash
# The whole way on a cluster with Slurm: clips listed and their features taken by an array of workers, one training, recordings labelled by an array.
# Usage: slurm.sh DATA SEQ_LENGTH CLASS_LIMIT HEIGHT WIDTH RECORDINGS WORKERS
#   DATA         the data folder, on a file system that all nodes have
#   SEQ_LENGTH   frames in a sequence, e.g. 75
#   CLASS_LIMIT  number of classes, e.g. 2
#   HEIGHT WIDTH what the network sees, e.g. 299 299
#   RECORDINGS   a folder of videos to label, there too
#   WORKERS      tasks in each array, e.g. 8
# EXTRACT and TRAIN hold further options, for the features and for the training alone: EXTRACT='--crop center' TRAIN='--model gru'. SBATCH
# holds some for all jobs, e.g. '--partition=long --cpus-per-task=4 --mem=4G'.
# Prints the numbers of the jobs; the last one is done when all is. A task that is killed, by the system or by `scontrol requeue`, begins again
# and does what is missing. Each array is followed by the same command without --shard, which does what the array has left and says what it was.
# e.g. slurm.sh /shared/football 75 2 299 299 /shared/recordings 32
set -euo pipefail

if (($# != 7)); then
  echo "usage: slurm.sh DATA SEQ_LENGTH CLASS_LIMIT HEIGHT WIDTH RECORDINGS WORKERS" >&2
  exit 2
fi
data=$(printf %q "$1") sequences="$2 $3 $4 $5" recordings=$(printf %q "$6") workers=$7
# An installed vlstm, or the one of this repository.
PATH=$PATH:$(cd "$(dirname "${BASH_SOURCE[0]}")/../../scripts" && pwd)
export PATH

# submit NAME DEPENDENCY COMMAND [option of sbatch ...]: the number of a job. Exit code 1 of vlstm, some inputs failed, is no reason to stop.
submit() {
  # shellcheck disable=SC2086
  sbatch --parsable --job-name="vlstm-$1" --requeue --open-mode=append ${2:+--dependency=$2} ${SBATCH-} "${@:4}" \
    --wrap="$3 || ((\$? == 1))"
}

array=--array=1-$workers
list="vlstm extract-files mp4 --no-images --data $data"
features="vlstm extract-features $sequences ${EXTRACT-} --data $data"
train="vlstm train $sequences ${EXTRACT-} ${TRAIN-} --data $data"
classify="vlstm classify $2 $3 best $recordings --data $data --no-video --timeline '{folder}/{name}.csv' --skip-existing"

listed=$(submit list "" "$list --shard auto" "$array")
joined=$(submit join "afterany:$listed" "$list")
taken=$(submit features "afterok:$joined" "$features --shard auto" "$array")
trained=$(submit train "afterany:$taken" "$features && $train")
labelled=$(submit classify "afterok:$trained" "$classify --shard auto" "$array")
finished=$(submit finish "afterany:$labelled" "$classify")
echo "list $listed, join $joined, features $taken, train $trained, classify $labelled, finish $finished"
