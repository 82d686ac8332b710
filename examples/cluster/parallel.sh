#!/usr/bin/env bash
# One verb on a handful of machines over ssh, a shard each; then here without --shard, which does what is missing and says what it was.
# Usage: parallel.sh HOSTS VERB [ARGUMENT ...]
#   HOSTS     names for ssh, separated by blanks; : is this machine; a name that stands twice has two workers
#   VERB ...  what vlstm is to do there, with paths that are the same on all machines
# vlstm must be on the PATH of each, or VLSTM must say how it is called there.
# e.g. parallel.sh "node1 node2 node3 :" extract-features 75 2 --data /shared/football
set -euo pipefail

if (($# < 2)); then
  echo "usage: parallel.sh HOSTS VERB [ARGUMENT ...]" >&2
  exit 2
fi
read -ra hosts <<<"$1"
shift
# An installed vlstm, or the one of this repository.
PATH=$PATH:$(cd "$(dirname "${BASH_SOURCE[0]}")/../../scripts" && pwd)
command="cd $(printf %q "$PWD") && ${VLSTM:-vlstm} $(printf '%q ' "$@")"

workers=()
# Nothing goes on when this script is ended; what is done stays done.
trap 'kill "${workers[@]}" 2>/dev/null || true' EXIT
for i in "${!hosts[@]}"; do
  shard="--shard $((i + 1))/${#hosts[@]}"
  if [[ ${hosts[i]} == : ]]; then
    bash -c "$command$shard" &
  else
    ssh -o BatchMode=yes "${hosts[i]}" "$command$shard" </dev/null &
  fi
  workers+=($!)
done

for i in "${!hosts[@]}"; do
  # Exit code 1: some inputs failed, which the run below names.
  status=0
  wait "${workers[i]}" || status=$?
  ((status <= 1)) || echo "parallel: ${hosts[i]} ended with $status; what it left is done here" >&2
done
trap - EXIT
bash -c "$command"
