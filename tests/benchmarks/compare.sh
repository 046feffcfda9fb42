#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds every competitor whose libraries are installed, and times fovea against all of them. See usage() or --help.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
python=$root/build/python/bin/python

usage() {
  cat <<'EOT'
usage: sh tests/benchmarks/compare.sh [--install] [--rtneural FOLDER] [--scaling] [option of compare.py...]

Builds what is installed of fovea's competitors in build/benchmark (Eigen, libtorch, dlib, oneDNN and LIBXSMM by CMake; PyTorch, pandas and
NumPy from Python), runs them in turn and prints one table, of which build/benchmark/compare.md and .json are copies.

--install   first installs the competitors: with apt-get, where there is one, and in the virtual environment build/python by
            pip (PyTorch's usual wheel is several GB: an index of your own, PIP_INDEX_URL, may have a smaller one)
--rtneural  compares with RTNeural, too, whose sources are in that folder (it is skipped without)
--scaling   then measures how fovea scales too (scaling.py), and draws both into build/benchmark/plots (plots.py)

The Python is build/python's, if it is there, and python3 otherwise; --python names another. Options of compare.py:
EOT
}

scaling=no
rtneural=
while [ $# -gt 0 ]; do
  case $1 in
    --install)
      if command -v apt-get >/dev/null; then
        sudo=
        [ "$(id -u)" -eq 0 ] || sudo=sudo
        $sudo apt-get update -qq
        DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y --no-install-recommends \
          libopenblas-dev libeigen3-dev libdlib-dev libtorch-dev libdnnl-dev libxsmm-dev python3-venv
      fi
      [ -x "$python" ] || python3 -m venv "$root/build/python"
      "$python" -m pip install torch numpy pandas matplotlib
      ;;
    --scaling) scaling=yes ;;
    --rtneural)
      rtneural=$(CDPATH='' cd -- "$2" && pwd)
      shift
      ;;
    -h | --help)
      usage
      python3 "$root/tests/benchmarks/compare.py" --help | sed -n '/^options/,$p'
      exit
      ;;
    *) break ;;
  esac
  shift
done

[ -x "$python" ] || python=python3
cd "$root"
cmake --preset benchmark -DFOVEA_RTNEURAL="$rtneural" >/dev/null
built=$root/build/benchmark
cmake --build "$built" --target competitors >"$built/build.log" || { cat "$built/build.log" >&2; exit 1; }
programs=$built/tests/benchmarks
"$python" tests/benchmarks/compare.py --build "$programs" --python "$python" --markdown "$built/compare.md" \
  --json "$built/compare.json" "$@"
[ "$scaling" = yes ] || exit 0
cmake --build "$built" --target scaling >"$built/build.log" || { cat "$built/build.log" >&2; exit 1; }
"$python" tests/benchmarks/scaling.py --program "$programs/scaling" --json "$built/scaling.json"
"$python" tests/benchmarks/plots.py "$built/compare.json" "$built/scaling.json" "$built/plots"
