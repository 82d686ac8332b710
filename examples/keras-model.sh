#!/usr/bin/env bash
# A Keras model at work: takes a model that the article's scripts trained, and labels videos with it.
# Usage: keras-model.sh MODEL SEQ_LENGTH CLASSES SIZE VIDEO [VIDEO ...]
#   MODEL       what Keras saved: .hdf5, .h5 or .keras
#   SEQ_LENGTH  frames in a sequence, e.g. 75
#   CLASSES     the names of its classes, in the order of its outputs, e.g. Commercial,Football
#   SIZE        height and width of the pictures that it learnt from, e.g. 720x1280
# The environment variable INCEPTION names InceptionV3's weights, if the model learnt from others than Keras' published ones.
# Writes, in this folder: <model>.bin, which says all of this itself, and of each video <video>.html, a page with the video above its
# timeline, and <video>-labelled.avi.
# e.g. keras-model.sh lstm-features.hdf5 75 Commercial,Football 720x1280 match.mp4
set -euo pipefail

if (($# < 5)); then
  echo "usage: keras-model.sh MODEL SEQ_LENGTH CLASSES SIZE VIDEO [VIDEO ...]" >&2
  exit 2
fi
model=$1 length=$2 classes=$3 size=$4
shift 4
# An installed vlstm, or the one of this repository.
PATH=$PATH:$(cd "$(dirname "${BASH_SOURCE[0]}")/../scripts" && pwd)
classifier=$(basename "${model%.*}").bin
IFS=, read -ra names <<<"$classes"

if [[ ! -e $classifier ]]; then
  vlstm weights convert "$model" --seq-length "$length" --classes "$classes" --size "$size" --output "$classifier" ${INCEPTION:+--inception "$INCEPTION"}
fi
vlstm classify "$length" "${#names[@]}" "$classifier" "$@" --output '{name}-labelled.avi' --report '{name}.html'
