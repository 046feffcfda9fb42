#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds and runs tests with versions of xtl, xsimd, xtensor and xtensor-blas other than the system's. See usage() or --help.
set -eu

some_tests='^(scalar/primitives|losses/sigmoid_focal_loss|layers/linear|conformance/xtensor_float|backends/.*)$'

usage() {
  cat <<'EOT'
usage: sh cmake/newer.sh FOLDER [FILTER]

FOLDER holds the sources of xtl, xsimd, xtensor and xtensor-blas, each in a folder of that name. Their headers are installed
in build/newer/prefix, and the tests folder/file that match FILTER, a regular expression, are built with them and run; without
a FILTER, some that use all of the xtensor backend.
EOT
}

case ${1-} in
  -h | --help | help) usage && exit ;;
  '') usage >&2 && exit 2 ;;
esac
sources=$(CDPATH='' cd -- "$1" && pwd)
cd -- "$(dirname -- "$0")/.."
build=$PWD/build/newer
prefix=$build/prefix

for package in xtl xsimd xtensor xtensor-blas; do
  [ -d "$sources/$package/include" ] || { echo "newer.sh: no $package/include in $sources" >&2 && exit 2; }
done
rm -rf "$prefix" "$build/packages" "$build/CMakeCache.txt"  # the cache would keep the packages that an earlier run found
mkdir -p "$build/packages"
log=$build/packages/log
for package in xtl xsimd xtensor; do
  cmake -S "$sources/$package" -B "$build/packages/$package" -DCMAKE_INSTALL_PREFIX="$prefix" \
    -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_INSTALL_MESSAGE=NEVER >"$log" 2>&1 &&
    cmake --install "$build/packages/$package" >>"$log" || { cat "$log" >&2 && exit 1; }
done
cp -R "$sources/xtensor-blas/include/." "$prefix/include"  # its own install step requires LAPACK, which fovea never calls

cmake --preset release -B "$build" -DCMAKE_PREFIX_PATH="$prefix" -DFOVEA_EXAMPLES=OFF \
  -DFOVEA_TEST_FILTER="${2-$some_tests}"
cmake --build "$build"
ctest --test-dir "$build" --output-on-failure --no-tests=error
