#!/usr/bin/env bash
# Installs what the other scripts need. Usage: setup.sh [package ...]
# Without arguments: ffmpeg, which vlstm itself needs. Does nothing where all is there.
set -euo pipefail

declare -A probe=(
  [ffmpeg]="ffprobe -version"
  [python3-numpy]="/usr/bin/python3 -c 'import numpy'"
  [python3-h5py]="/usr/bin/python3 -c 'import h5py'"
  [python3-protobuf]="/usr/bin/python3 -c 'import google.protobuf'"
  [python3-pil]="/usr/bin/python3 -c 'import PIL'"
  [python3-torch]="/usr/bin/python3 -c 'import torch'"
  [python3-torchvision]="/usr/bin/python3 -c 'import torchvision'"
  [libopenblas0-pthread]="ldconfig -p | grep -q openblas"
  [chromium]="chromium --version || google-chrome --version || google-chrome-stable --version || chromium-browser --version"
  [nodejs]="node --version"
  [npm]="npm --version"
  [strace]="strace -V"
  [curl]="curl --version"
  [libarchive-tools]="bsdtar --version"
  [slurmctld]="/usr/sbin/slurmctld -V"
  [slurmd]="/usr/sbin/slurmd -V"
  [slurm-client]="sbatch -V"
  [munge]="munge -V"
  [gcc]="cc --version"
  [libc6-dev]="echo 'int main(void){return 0;}' | cc -x c -o /dev/null -"
)

missing=()
for package in "${@:-ffmpeg}"; do
  bash -c "${probe[$package]}" >/dev/null 2>&1 || missing+=("$package")
done

if ((${#missing[@]} > 0)); then
  if ! command -v apt-get >/dev/null; then
    echo "setup: please install ${missing[*]} with this system's package manager" >&2
    exit 1
  fi
  as_root=()
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      echo "setup: please run as root: apt-get install ${missing[*]}" >&2
      exit 1
    fi
    as_root=(sudo)
  fi
  echo "setup: installing ${missing[*]}" >&2
  "${as_root[@]}" apt-get update -qq >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if ! dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
  echo "setup: the .NET 10 SDK is missing; install the package dotnet-sdk-10.0, or see https://dotnet.microsoft.com/download" >&2
  exit 1
fi
