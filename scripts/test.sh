#!/usr/bin/env bash
# Installs what the tests need, builds everything, runs every test.
#   scripts/test.sh [--most-skips N]
# The last line is `N passed, N failed, N skipped`; the exit code is 0 only if nothing failed, something ran, and at
# most so many tests were skipped (default: any number, as a machine may lack a browser or other programs).
set -euo pipefail

most_skips=
if [[ ${1-} == --most-skips && ${2-} =~ ^[0-9]+$ ]]; then
  most_skips=$2
elif (($# > 0)); then
  sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# No process of the tests lives long enough to win back what it costs to count how often each of its branches is taken.
export DOTNET_TieredPGO=0

"$root/scripts/setup.sh"
if command -v apt-get >/dev/null; then
  "$root/scripts/setup.sh" python3-numpy python3-h5py python3-protobuf strace curl libarchive-tools
else
  echo "test: no apt-get here; tests that compare with Python's libraries or use strace are skipped where these are not installed"
fi
# Nothing of it is started by that: the test has a cluster of its own.
"$root/scripts/setup.sh" slurmctld slurmd slurm-client munge || echo "test: without Slurm; the test that needs it is skipped"
"$root/scripts/setup.sh" gcc libc6-dev || echo "test: without a C compiler; the tests with a faulty file system are skipped"
"$root/scripts/setup.sh" chromium || echo "test: without a browser; the tests that need one are skipped"
"$root/scripts/onnxruntime.sh" >/dev/null || echo "test: without ONNX Runtime; the tests that need it are skipped"
dotnet build VideoLstm.sln -c Release --nologo -v quiet -nodeReuse:false

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
passed=0 failed=0 skipped=0
for project in tests/*.Tests/*.csproj; do
  name=$(basename "$project" .csproj)
  echo "== $name"
  status=0
  dotnet test "$project" -c Release --no-build --nologo -nodeReuse:false \
    --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" --results-directory "$results" || status=$?

  counters=$(grep -o '<Counters [^>]*' "$results/$name.trx" 2>/dev/null || true)
  count() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counters"; }
  if [[ -z $counters ]]; then
    # No results at all: the test host died.
    failed=$((failed + 1))
    continue
  fi
  total=$(count total) project_passed=$(count passed) project_failed=$(count failed)
  passed=$((passed + project_passed))
  skipped=$((skipped + total - $(count executed)))
  # A host that crashed half-way reports no failed test, but it did not end well.
  if ((status != 0 && project_failed == 0)); then project_failed=1; fi
  failed=$((failed + project_failed))
done

if [[ -n $most_skips ]] && ((skipped > most_skips)); then
  echo "test: $skipped tests were skipped, at most $most_skips may be" >&2
  too_many=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0 && passed > 0 && !${too_many:-0}))
