#!/usr/bin/env bash
# Measures vlstm beside its peers, ours and theirs in turn, and prints one table of ratios.
# Usage: bench.sh [--pairs N] [--only network large lstm convnet extract start] [--write]
#        bench.sh gpu [--device cuda|cuda:N|torch] [--pairs N] [--seconds N] [--frames N] [--write]
#            the same on a card, beside PyTorch where python3 has it; needs `vlstm accelerator install cuda` (for torch, on the
#            processor: cpu). Without a card it says so and ends with 2.
#        bench.sh kernels [--filter '*Gemm*']   GFLOP/s and share of the peak, kernel by kernel
#        bench.sh feed DATA [--pairs N]         clips to a network that takes no time, beside as many ffmpeg alone
#        bench.sh errors [--inception FILE]     how far each convolution is from its definition in double precision
# ONNX Runtime and libtorch come from NuGet. The article's way of extracting, which is Python's own reading of pictures and PyTorch, is
# measured where /usr/bin/python3 has torch, torchvision, numpy and PIL. --write keeps the table in docs/benchmarks.md.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vlstm-bench
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

benchmarks=$root/tests/VideoLstm.Benchmarks
build() { dotnet build "$benchmarks" -c Release --nologo -v quiet -nodeReuse:false >&2; }
program=$benchmarks/bin/Release/net10.0/VideoLstm.Benchmarks

if [[ ${1:-} == kernels || ${1:-} == errors || ${1:-} == feed ]]; then
  "$root/scripts/setup.sh"
  build
  exec "$program" "$@"
fi

verb=compare
if [[ ${1:-} == gpu ]]; then
  verb=gpu
  shift
fi
arguments=()
for argument in "$@"; do
  arguments+=("$argument")
  if [[ $argument == --write ]]; then arguments+=("$root/docs/benchmarks.md"); fi
done

"$root/scripts/setup.sh"
build
dotnet publish "$root/src/VideoLstm.Cli/VideoLstm.Cli.csproj" -c Release -o "$cache/published" --nologo -v quiet -nodeReuse:false >&2
exec "$program" $verb --peers "$root/scripts/peers" --vlstm "$cache/published/vlstm.dll" "${arguments[@]}"
