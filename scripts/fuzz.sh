#!/usr/bin/env bash
# Runs the readers of all formats on damaged and made-up files, a million each unless told otherwise; what fails is written aside.
# scripts/fuzz.sh [--inputs N] [--first N] [reader...]      readers: see tests/VideoLstm.Core.Tests/Fuzzing/FuzzedReader.cs
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export VLSTM_FUZZ_INPUTS=1000000 VLSTM_FUZZ_FIRST=0 VLSTM_FUZZ_ASIDE=${VLSTM_FUZZ_ASIDE:-${TMPDIR:-/tmp}/vlstm-fuzz}
while [[ ${1:-} == --* ]]; do
  case $1 in
    --inputs) VLSTM_FUZZ_INPUTS=$2 ;;
    --first) VLSTM_FUZZ_FIRST=$2 ;;
    *) echo "fuzz.sh: $1 is no option; --inputs N, --first N" >&2; exit 2 ;;
  esac
  shift 2
done
export VLSTM_FUZZ_READERS="$*"
[[ -n ${NO_BUILD:-} ]] || dotnet build tests/VideoLstm.Core.Tests -c Release -v q --nologo
dotnet test tests/VideoLstm.Core.Tests -c Release --no-build --nologo --filter "FullyQualifiedName~FuzzTests" --logger "console;verbosity=detailed"
