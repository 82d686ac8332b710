#!/usr/bin/env bash
# Makes folders that need no .NET on the machine on which they run: dist/vlstm-<version>-<system>.
# Usage: publish.sh [linux-x64|linux-arm64|win-x64|osx-arm64 ...]     default: all of them
# Compiled ahead of time where the compiler's package is to be had, else the first run of each part takes longer; it is said which.
# Exit code: 0 all made, 1 some could not be made, 2 none.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$root/Directory.Build.props")
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# publish SYSTEM FOLDER OPTION ...: what it says is in $log.
publish() {
  rm -rf "$2.partial"
  dotnet publish "$root/src/VideoLstm.Cli/VideoLstm.Cli.csproj" -c Release -r "$1" --self-contained -o "$2.partial" \
    --nologo -v quiet -nodeReuse:false -p:PackAsTool=false -p:DebugType=none -p:GenerateDocumentationFile=false "${@:3}" >"$log" 2>&1
}

made=0 failed=0
for system in "${@:-linux-x64 linux-arm64 win-x64 osx-arm64}"; do
  for system in $system; do
    case $system in
      linux-x64 | linux-arm64 | win-x64 | osx-arm64) ;;
      *)
        echo "publish: $system: expected linux-x64, linux-arm64, win-x64 or osx-arm64" >&2
        exit 2
        ;;
    esac
    folder=$root/dist/vlstm-$version-$system how="compiled ahead of time"
    if ! publish "$system" "$folder" -p:PublishReadyToRun=true; then
      how="not compiled ahead of time: $(grep -om1 'error .*' "$log" | cut -c1-160 || true)"
      if ! publish "$system" "$folder"; then
        echo "publish: $system: cannot be made: $(grep -om1 'error .*' "$log" | cut -c1-240 || true)" >&2
        rm -rf "$folder.partial"
        failed=$((failed + 1))
        continue
      fi
    fi
    rm -rf "$folder"
    mv "$folder.partial" "$folder"
    echo "$folder: $(du -sh "$folder" | cut -f1), $how"
    made=$((made + 1))
  done
done
if ((made == 0)); then exit 2; fi
((failed == 0))
