#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs missing packages, builds and runs fovea on a fresh machine. See usage() or --help.
set -eu

start=$(pwd)
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build_packages='g++ cmake ninja-build ccache libxtensor-dev libxsimd-dev libcli11-dev nlohmann-json3-dev ca-certificates
  curl'
test_packages='catch2 libxtensor-blas-dev libopenblas-dev xz-utils python3 patch libtbb-dev libeigen3-dev libarmadillo-dev libdlpack-dev doxygen'
mpi_packages='libopenmpi-dev openmpi-bin'
other_mpi_packages='libmpich-dev mpich'
# The tests that the sanitizers build: a sample of every kind of code. clang builds those of numbers; it reads all headers in `lint`.
some_tests='^(scalar|tensor|optimizers|data|io|metrics)/|losses/sigmoid|layers/linear$|training/(fit|model|trainer)|conformance/xtensor_float$'
numeric_tests='^(scalar|tensor|optimizers)/|losses/sigmoid|layers/linear$|training/trainer|conformance/xtensor_float$'
docs_packages='g++ cmake ninja-build python3 doxygen doxygen-awesome-css'
check_packages='clang-16 libclang-rt-16-dev clang-tidy-16 clang-format-16'

usage() {
  cat <<'EOT'
usage: sh cmake/run.sh fraud [argument of the example...]
       sh cmake/run.sh fraud-mpi N [argument of the example...]
       sh cmake/run.sh test [argument of ctest...]
       sh cmake/run.sh docs
       sh cmake/run.sh check [format|lint|clang|sanitize|threads|fuzz|cuda]...

fraud  builds the fraud example in build/fraud and runs it (fraud --help: the example's own options)
fraud-mpi  does so with N processes of MPI, which train together
test   builds the tests in build/release and runs them (for one folder of them, built alone: test -L losses)
docs   builds the reference, with the guides, in build/docs/docs/reference/html/index.html
check  what a change must pass besides, all of it or the parts named: clang-format, clang-tidy, tests built by clang,
       with the address and undefined-behavior sanitizers, with the thread sanitizer, random files for each reader (20 s, or
       FOVEA_FUZZ_SECONDS), and, where there is nvcc, the programs for a device built for two architectures

What is missing is installed with apt-get, where there is one; with everything there, nothing needs root or network.
EOT
}

fail() {
  echo "run.sh: $*" >&2
  exit 1
}

# loudly COMMAND...: prints the command and its user, then runs it.
loudly() {
  if [ "$(id -u)" -ne 0 ]; then
    set -- sudo "$@"
  fi
  echo "run.sh: $*" >&2
  "$@"
}

# quietly COMMAND...: prints the command's standard output only if the command fails.
quietly() {
  log=$(mktemp)
  if "$@" >"$log"; then
    rm -f "$log"
  else
    status=$?
    cat "$log" >&2
    rm -f "$log"
    fail "failed ($status): $*"
  fi
}

install_missing() {
  missing=
  for package in "$@"; do
    case $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) in
      *' ok installed') ;;
      *) missing="$missing $package" ;;
    esac
  done
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    echo "run.sh: missing, and neither root nor sudo to install it; as root: apt-get install$missing" >&2
    return 0
  fi
  quietly loudly apt-get update
  # shellcheck disable=SC2086  # the list is meant to be split
  quietly loudly env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
}

name_packages() {
  cat >&2 <<'EOT'
run.sh: no apt-get here, so nothing is installed; what fovea needs is called
  conda-forge  cxx-compiler cmake ninja xtensor xsimd cli11 nlohmann_json catch2
  vcpkg        xtensor xsimd cli11 nlohmann-json catch2
  Homebrew     cmake ninja xtensor xsimd cli11 nlohmann-json catch2
the tests of the BLAS route need xtensor-blas and openblas, too
EOT
}

check_cmake() {
  command -v cmake >/dev/null || fail "there is no cmake; fovea needs 3.25 or newer"
  version=$(cmake --version | sed -n 's/^cmake version \([0-9]*\.[0-9]*\).*/\1/p')
  major=${version%%.*}
  minor=${version#*.}
  [ "$major" -gt 3 ] || { [ "$major" -eq 3 ] && [ "$minor" -ge 25 ]; } ||
    fail "cmake is $version; fovea needs 3.25 or newer"
}

task=${1-}
case $task in
  fraud) packages=$build_packages ;;
  fraud-mpi) packages="$build_packages $mpi_packages" ;;
  test) packages="$build_packages $test_packages $mpi_packages $other_mpi_packages" ;;
  docs) packages=$docs_packages ;;
  check) packages="$build_packages $test_packages $mpi_packages $check_packages" ;;
  -h | --help | help) usage && exit ;;
  *) usage >&2 && exit 2 ;;
esac
shift

if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
  # shellcheck disable=SC2086
  install_missing $packages
  case $task:" $* " in
    # without gnuplot, the example prints a note and continues
    fraud*:*' --plots'[\ =]*) command -v gnuplot >/dev/null || (install_missing gnuplot-nox) || : ;;
  esac
else
  name_packages
fi
check_cmake

: "${CTEST_PARALLEL_LEVEL:=$(getconf _NPROCESSORS_ONLN)}"
export CTEST_PARALLEL_LEVEL

check_format() {
  git ls-files '*.hpp' '*.cpp' '*.cu' | grep -v -e tests/fixtures/ -e stand_in_moments | xargs clang-format-16 --dry-run -Werror
}
# The headers are linted through programs that include all of them.
check_lint() {
  cmake --preset clang -DCMAKE_EXPORT_COMPILE_COMMANDS=ON -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DFOVEA_EXAMPLES=ON -DFOVEA_TEST_FILTER= >build/lint.log ||
    { cat build/lint.log >&2; return 1; }
  for file in examples/*.cpp examples/fraud/*.cpp tests/data/standardizer.cpp tests/io/npy.cpp; do
    case $file in *thrust*) grep -qF "$file" build/clang/compile_commands.json || continue ;; esac  # needs OpenMP
    printf '%s\n' "$file"
  done | xargs -n 1 -P "$CTEST_PARALLEL_LEVEL" clang-tidy-16 --quiet -p build/clang 2>build/lint.log ||
    { grep -v ' warnings generated' build/lint.log >&2; return 1; }
}
# run_tests PRESET FILTER [argument of cmake...]: FILTER is a regular expression for test names.
run_tests() {
  preset=$1
  filter=$2
  shift 2
  cmake --preset "$preset" -DFOVEA_EXAMPLES=OFF -DFOVEA_TEST_FILTER="$filter" "$@" && cmake --build --preset "$preset" &&
    ctest --preset "$preset"
}
# Precompiled headers are off: they would hide a missing include in a test.
check_clang() { run_tests clang "$numeric_tests" -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON; }
check_sanitize() { run_tests sanitize "$some_tests"; }
check_cuda() {
  command -v nvcc >/dev/null || { echo "run.sh: no nvcc, so nothing is built for a device" >&2; return 0; }
  cmake --preset release -B build/cuda "-DCMAKE_CUDA_ARCHITECTURES=75;90" && cmake --build build/cuda --target fraud_cuda gpu_benchmarks
}
# Feeds random files, made from small ones by clang's libFuzzer, to each reader. build/fuzz keeps what they reach for the next run.
check_fuzz() {
  mkdir -p build/fuzz/csv build/fuzz/npy build/fuzz/safetensors
  printf '"Time","V1",a\n0,-1.35,3e5\n1,nan,"2.5"\n' >build/fuzz/csv/table.csv
  cp tests/fixtures/torch/layers/loss.npy tests/fixtures/torch/layers/targets.npy build/fuzz/npy
  cp tests/fixtures/safetensors/*.safetensors build/fuzz/safetensors
  # shellcheck disable=SC2016  # sh expands them
  printf '%s\n' csv npy safetensors | xargs -P "$CTEST_PARALLEL_LEVEL" -n 1 sh -c '
    clang++-16 -std=c++20 -O1 -g1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -Iinclude "tests/fuzz/$1.cpp" \
      -o "build/fuzz/fuzz_$1" &&
      "build/fuzz/fuzz_$1" -max_total_time="$0" -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
        -artifact_prefix="build/fuzz/failed_$1_" "build/fuzz/$1" >"build/fuzz/$1.log" 2>&1 &&
      echo "run.sh: fuzz $1: $(tail -n 1 "build/fuzz/$1.log")" >&2 || { cat "build/fuzz/$1.log" >&2; exit 255; }' "${FOVEA_FUZZ_SECONDS:-20}"
}
check_threads() { run_tests sanitize-threads 'backends/|distributed/|conformance/xtensor_float_2_threads'; }

cd -- "$root"
if [ "$task" = check ]; then
  mkdir -p build
  [ $# -gt 0 ] || set -- format lint clang sanitize threads fuzz cuda
  for part in "$@"; do
    case $part in format | lint | clang | sanitize | threads | fuzz | cuda) ;; *) usage >&2 && exit 2 ;; esac
  done
  for part in "$@"; do
    echo "run.sh: check $part" >&2
    "check_$part" || fail "check $part failed"
  done
  exit
fi
if [ "$task" = docs ]; then
  quietly cmake -S . -B build/docs -G Ninja -DFOVEA_TESTS=OFF -DFOVEA_EXAMPLES=OFF
  exec cmake --build build/docs --target docs
fi
if [ "$task" = fraud ]; then
  if [ -t 1 ]; then
    cmake --workflow --preset fraud
  else
    quietly cmake --workflow --preset fraud
  fi
  cd -- "$start"
  exec "$root/build/fraud/examples/fraud/fraud_xtensor" "$@"
fi
if [ "$task" = fraud-mpi ]; then
  ranks=${1-}
  case $ranks in '' | *[!0-9]* | 0*) usage >&2 && exit 2 ;; esac
  shift
  build_fraud_mpi() { cmake --preset fraud && cmake --build --preset fraud --target fraud_mpi; }
  if [ -t 1 ]; then build_fraud_mpi; else quietly build_fraud_mpi; fi
  cd -- "$start"
  set -- -n "$ranks" "$root/build/fraud/examples/fraud/fraud_mpi" "$@"
  if mpirun --version | grep -q 'Open MPI'; then
    set -- --oversubscribe "$@"
    [ "$(id -u)" -ne 0 ] || set -- --allow-run-as-root "$@"
  fi
  exec mpirun "$@"
fi
if [ $# -eq 0 ]; then
  exec cmake --workflow --preset test
fi
# Builds only the targets of the selected tests. (A workflow preset takes no arguments for ctest.)
cmake --preset release
if command -v python3 >/dev/null; then
  needed=$(python3 cmake/needed.py build/release "$@")
else
  needed=all
fi
# shellcheck disable=SC2086
[ -z "$needed" ] || cmake --build --preset release --target $needed
exec ctest --preset release "$@"
