#!/usr/bin/env bash
# Commercials out of a broadcast: learns from one recording whose commercials somebody has marked, and cuts them out of another.
# Usage: commercials.sh LABELLED LABELS BROADCAST [OPTION of vlstm train ...]
#   LABELLED   a recording, e.g. monday.ts
#   LABELS     what is when in it, e.g. monday.labels.txt from Audacity; one of the classes is called Commercial
#   BROADCAST  the recording to cut, e.g. tuesday.ts
# Writes, in this folder: commercials/ (clips, features, classifiers), <broadcast>.json (what is when in it), <broadcast>-cut.<extension>.
# e.g. commercials.sh monday.ts monday.labels.txt tuesday.ts --learning-rate 1e-4 --patience 15
set -euo pipefail

if (($# < 3)); then
  echo "usage: commercials.sh LABELLED LABELS BROADCAST [OPTION of vlstm train ...]" >&2
  exit 2
fi
labelled=$1 labels=$2 broadcast=$3
shift 3
# An installed vlstm, or the one of this repository.
PATH=$PATH:$(cd "$(dirname "${BASH_SOURCE[0]}")/../scripts" && pwd)
data=commercials length=20
name=$(basename "${broadcast%.*}")

vlstm clips "$labelled" "$labels" --length 3 --set auto --data "$data"
vlstm extract-files mp4 --no-images --data "$data"
classes=("$data"/train/*/)
vlstm train "$length" "${#classes[@]}" 299 299 --data "$data" "$@"
vlstm classify "$length" "${#classes[@]}" latest "$broadcast" --data "$data" --no-video --stride 10 --smooth viterbi --min-segment 5 --timeline "$name.json"
vlstm cut "$broadcast" "$name.json" --drop Commercial
