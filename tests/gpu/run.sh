#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds everything for CUDA, runs it on the device, and prints one table. See usage() or --help.
set -uo pipefail

usage() {
  cat <<'EOT'
usage: bash tests/gpu/run.sh FOLDER [OUTPUT]

FOLDER is what tests/gpu/collect.sh has filled. Needs nvcc, with cuBLAS, and a device; compute-sanitizer and a python3 with
torch are used where they are. Programs, logs and table.md go to OUTPUT, else build/gpu. Exit status 1 when a part fails.
EOT
}
case ${1-} in
  -h | --help) usage && exit ;;
  '') usage >&2 && exit 2 ;;
esac
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
with=$(CDPATH='' cd -- "$1" && pwd) || exit 2
mkdir -p "${2:-$root/build/gpu}" && out=$(CDPATH='' cd -- "${2:-$root/build/gpu}" && pwd) || exit 2
cd -- "$root" || exit 2
command -v nvcc >/dev/null || { echo "run.sh: no nvcc" >&2 && exit 2; }
nvidia-smi -L >"$out/device.log" 2>&1 || { echo "run.sh: no device: $(cat "$out/device.log")" >&2 && exit 2; }

table=$out/table.md
failed=0
{
  echo "$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader | head -1), $(nvcc --version | tail -2 | head -1)"
  echo
  echo "| | result | seconds |"
  echo "|---|---|---|"
} >"$table"

# part NAME COMMAND...: runs one line of the table, with its output in NAME.log.
part() {
  local name=$1 log begin result=passed
  shift
  log="$out/${name// /_}.log"
  begin=$(date +%s)
  echo "run.sh: $name" >&2
  "$@" >"$log" 2>&1 || { result="**failed**" && failed=1 && tail -20 "$log" >&2; }
  grep -q '^skipped: ' "$log" && result="**skipped**" && failed=1
  echo "| $name | $result | $(($(date +%s) - begin)) |" >>"$table"
}
compile() {
  local to=$1
  shift
  nvcc -std=c++20 -O3 -arch=native -Werror all-warnings -DFOVEA_DEVICE_HERE -Iinclude -I. -I"$with/include" \
    -DFOVEA_REPORTS_DIR="\"$out/reports\"" -DFOVEA_SHARED_DIR="\"$with/shared\"" -DFOVEA_FIXTURES_DIR="\"$root/tests/fixtures\"" \
    "$@" -lcublas -o "$out/$to"
}

mkdir -p "$out/reports"
part "compile the kit" compile kit tests/conformance/thrust_cuda_float.cu tests/reference_laws.cpp tests/main.cpp
mapfile -t suite < <(sed "s|.*|tests/&.cpp|" tests/device/suite.txt)
part "compile the suite" compile suite -x cu "${suite[@]}" tests/main.cpp
part "compile agreement" compile agree tests/device/agree.cu tests/main.cpp
part "compile the trajectories" compile trajectories tests/reference/trajectories_cuda.cu tests/main.cpp
part "compile the example" compile fraud examples/fraud/main.cu examples/fraud/{options,data,report,plots}.cpp
part "compile benchmarks" compile benchmarks tests/gpu/benchmarks.cu
part "the kit" "$out/kit"
part "the suite" "$out/suite"
part "host and device over 192 steps" "$out/agree"
part "the reference trajectories" "$out/trajectories"
part "the example" "$out/fraud" --runs 1
if command -v compute-sanitizer >/dev/null; then
  for tool in memcheck racecheck initcheck; do
    part "$tool" compute-sanitizer --tool "$tool" --error-exitcode 1 "$out/agree" "what a device does not reach*,a device*"
  done
else
  echo "| compute-sanitizer | not here | |" >>"$table"
fi
part "benchmarks" bash -c "'$out/benchmarks' >'$out/benchmarks.json'"
python3 -c 'import torch' 2>/dev/null && part "PyTorch" bash -c "python3 tests/gpu/torch_rows.py >'$out/torch.json'"

python3 tests/gpu/ratios.py "$out/benchmarks.json" "$out/torch.json" >>"$table" 2>"$out/ratios.log" || failed=1
cat "$table"
exit "$failed"
