#!/usr/bin/env bash
# A folder of recordings, labelled as it grows: run it every night, it does only what is new.
# Usage: recordings.sh CLASSIFIER SEQ_LENGTH CLASS_LIMIT FOLDER SKIP
#   CLASSIFIER   what `vlstm train` wrote, e.g. lstm-features.bin
#   SEQ_LENGTH   as in training, e.g. 75
#   CLASS_LIMIT  as in training, e.g. 2
#   FOLDER       the recordings
#   SKIP         the class that players are to skip, e.g. Commercial
# Writes, beside each recording: .edl, by which Kodi and MPlayer skip that class, and .csv, all its segments.
# e.g. recordings.sh lstm-features.bin 75 2 recordings Commercial
set -euo pipefail

if (($# != 5)); then
  echo "usage: recordings.sh CLASSIFIER SEQ_LENGTH CLASS_LIMIT FOLDER SKIP" >&2
  exit 2
fi
classifier=$1 length=$2 classes=$3 folder=$4 skip=$5
# An installed vlstm, or the one of this repository.
PATH=$PATH:$(cd "$(dirname "${BASH_SOURCE[0]}")/../scripts" && pwd)

# Exit code 1: some recordings could not be read and are named; the others are done.
vlstm classify "$length" "$classes" "$classifier" "$folder" --no-video --stride 10 --smooth viterbi --min-segment 5 \
  --timeline '{folder}/{name}.edl' --skip "$skip" --timeline '{folder}/{name}.csv' --skip-existing
