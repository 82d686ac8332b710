#!/usr/bin/env bash
# What sharing the work costs: the same clips by 1, 2, 4 and 8 workers at once on this machine, one thread each, and with nothing left to do.
#   scripts/scaling.sh [--clips N] [--frames N] [--side PIXELS] [--workers "1 2 4 8"] [--program DLL]
# Prints the table of docs/scaling.md: seconds until the last worker has ended, seconds of the processor in all, and what a worker takes besides.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
clips=64 frames=16 side=299 workers="1 2 4 8"
while (($# > 0)); do
  case $1 in
    --clips) clips=$2 ;;
    --frames) frames=$2 ;;
    --side) side=$2 ;;
    --workers) workers=$2 ;;
    --program) program=$2 ;;
    *) sed -n '2,4s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
  esac
  shift 2
done
export VLSTM_THREADS=1 VLSTM_DEVICE=cpu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
[[ ${program-} ]] || "$root/scripts/vlstm" --version >/dev/null
vlstm=(dotnet "${program:-$root/src/VideoLstm.Cli/bin/Release/net10.0/vlstm.dll}")

for ((i = 0; i < clips; i++)); do
  folder=data/$( ((i % 4)) && echo train || echo test)/$( ((i % 2)) && echo A || echo B)
  mkdir -p "$folder"
  ffmpeg -nostdin -v error -f lavfi -i "testsrc2=s=320x240:r=25:d=10,hue=h=$((i * 5))" -t "$(awk "BEGIN { print $frames / 25 }")" "$folder/clip$i.mp4"
done

# measure N VERB...: `seconds seconds-of-the-processor` of N workers.
measure() {
  local n=$1
  shift
  # Lines of the workers go elsewhere; the times are those of all of them.
  { TIMEFORMAT='%R %U %S'; time {
    local i pids=()
    for ((i = 1; i <= n; i++)); do
      "${vlstm[@]}" "$@" --shard "$i/$n" >/dev/null 2>>errors.txt &
      pids+=($!)
    done
    for i in "${pids[@]}"; do wait "$i"; done
  }; } 2>&1 | awk '{ printf "%.1f %.1f", $1, $2 + $3 }'
}

features=(extract-features "$frames" 2 "$side" "$side" --inception random:1)
echo "$clips clips of $frames frames, $side x $side, $(nproc) cores, one thread a worker"
echo
echo "| what | workers | seconds | of the processor | more than one worker takes, each |"
echo "|---|---|---|---|---|"
row() {
  local what=$1 n=$2 times
  shift 2
  read -ra times <<<"$(measure "$n" "$@")"
  [[ ${base-} ]] || base=${times[1]}
  awk -v what="$what" -v n="$n" -v wall="${times[0]}" -v cpu="${times[1]}" -v base="$base" \
    'BEGIN { printf "| %s | %d | %.1f | %.1f | %s |\n", what, n, wall, cpu, n == 1 ? "" : sprintf("%.2f", (cpu - base) / (n - 1)) }'
}
for what in "list" "features" "nothing to do"; do
  base=
  for n in $workers; do
    case $what in
      list)
        rm -rf data/*.csv data/shards
        row "$what" "$n" extract-files mp4 --no-images
        ;;
      features)
        rm -rf data/sequences
        row "$what" "$n" "${features[@]}"
        ;;
      *) row "$what" "$n" "${features[@]}" ;;
    esac
  done
done
