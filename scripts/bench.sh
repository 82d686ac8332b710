#!/usr/bin/env bash
# Measures vlstm beside its peers, ours and theirs in turn, and prints one table of ratios.
# Usage: bench.sh [--pairs N] [--only network large lstm convnet extract start] [--write]
#        bench.sh kernels [--filter '*Gemm*']   GFLOP/s and share of the peak, kernel by kernel
#        bench.sh feed DATA [--pairs N]         clips to a network that takes no time, beside as many ffmpeg alone
#        bench.sh errors [--inception FILE]     how far each convolution is from its definition in double precision
# Installs PyTorch (with OpenBLAS) from the system's packages and ONNX Runtime from npm. --write keeps the table in docs/benchmarks.md.
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

arguments=()
for argument in "$@"; do
  arguments+=("$argument")
  if [[ $argument == --write ]]; then arguments+=("$root/docs/benchmarks.md"); fi
done

"$root/scripts/setup.sh" ffmpeg python3-numpy python3-pil python3-torch python3-torchvision libopenblas0-pthread nodejs npm
mkdir -p "$cache"
runtime=$("$root/scripts/onnxruntime.sh")
rm -rf "$cache/node_modules"
ln -s "$runtime/node_modules" "$cache/node_modules"
build
dotnet publish "$root/src/VideoLstm.Cli/VideoLstm.Cli.csproj" -c Release -o "$cache/published" --nologo -v quiet -nodeReuse:false >&2
exec "$program" compare --peers "$root/scripts/peers" --cache "$cache" --vlstm "$cache/published/vlstm.dll" "${arguments[@]}"
