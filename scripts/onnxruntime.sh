#!/usr/bin/env bash
# Installs ONNX Runtime for Node.js, which other scripts compare with, into this user's cache, unless it is there. Prints the folder.
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/vlstm-onnxruntime
if [[ ! -d $cache/node_modules/onnxruntime-node ]]; then
  command -v npm >/dev/null || { echo "onnxruntime: there is no npm to install it with" >&2; exit 1; }
  echo "onnxruntime: installing" >&2
  mkdir -p "$cache"
  # Aside, then renamed: whoever interrupts it gets it whole the next time.
  rm -rf "$cache/partial"
  timeout 120 npm install --prefix "$cache/partial" --ignore-scripts --no-audit --no-fund --silent onnxruntime-node@1.30 >&2
  rm -rf "$cache/node_modules"
  mv "$cache/partial/node_modules" "$cache/node_modules"
fi
echo "$cache"
