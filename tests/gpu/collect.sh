#!/bin/sh
# SPDX-License-Identifier: MIT
# Collects the dependencies of run.sh, except nvcc, cuBLAS and cmake, in a folder for a machine without network. See
# usage() or --help.
set -eu

usage() {
  cat <<'EOT'
usage: sh tests/gpu/collect.sh FOLDER

Copies the headers of Catch2, CLI11 and nlohmann-json that this machine has to FOLDER/include, and the real rows and reference
trajectories, where ../shared has them, to FOLDER/shared. Take FOLDER to the machine with the device, beside the sources.
EOT
}
case ${1-} in
  -h | --help) usage && exit ;;
  '') usage >&2 && exit 2 ;;
esac
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
mkdir -p "$1/include" "$1/shared"
for header in catch2 CLI nlohmann; do
  for prefix in /usr/include /usr/local/include "${CONDA_PREFIX-}/include"; do
    [ ! -d "$prefix/$header" ] || { cp -RL "$prefix/$header" "$1/include/" && continue 2; }
  done
  echo "collect.sh: no headers of $header; apt-get install catch2 libcli11-dev nlohmann-json3-dev" >&2
  exit 1
done
for part in data reference; do
  [ ! -d "$root/../shared/$part" ] || cp -RL "$root/../shared/$part" "$1/shared/"
done
size=$(du -sm "$1" | cut -f1)
echo "$1: $size MB"
[ "$size" -lt 60 ] || { echo "collect.sh: more than 60 MB" >&2 && exit 1; }
