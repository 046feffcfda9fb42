#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures the compile-time cost of including fovea's headers, compared with an empty main.

    price.py [--all] [--build DIR] [-- FLAGS...]

prints, for an empty main with each of the main headers (with --all: every header), for networks of 10, 25 and 50 layers and
for the fraud example: seconds and peak memory of the compiler, preprocessed lines, and template instantiations (counted by
clang's -ftime-trace). With --build, the example's stripped size from that build folder too.

    price.py --check

compares the lines and instantiations of the core, which do not depend on the machine's speed, with the bounds in this file,
and exits with 1 if a bound is exceeded.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "include"
MAIN = "int main() {}\n"
CORE = ("fovea/fovea.hpp", "fovea/backends/host.hpp")
HEADERS = CORE + ("fovea/backends/xtensor.hpp", "fovea/io/npy.hpp", "fovea/io/safetensors.hpp")
FRAUD = ("main.cpp", "options.cpp", "data.cpp", "report.cpp", "plots.cpp")
XTENSOR = ["-DXTENSOR_USE_XSIMD"]
# Bounds for the core with the host backend, excluding the standard headers that it includes.
MOST_LINES, MOST_INSTANTIATIONS = 17100, 15500


def network(layers):
    pairs = ", ".join("fovea::linear<8, 8>{}, fovea::relu{}" for _ in range(layers // 2))
    return f"""#include <fovea/backends/host.hpp>
#include <fovea/fovea.hpp>
int main() {{
  constexpr fovea::sequential net{{{pairs}}};
  fovea::trainer trainer{{fovea::host_backend<float>{{}}, net, fovea::mean_squared_error{{}}, fovea::sgd{{}}}};
  fovea::host_tensor<float, 2> const x{{{{4, 8}}, std::vector<float>(32)}};
  return static_cast<double>(trainer.step(x, x)) > 1;
}}
"""


def including(header):
    return f"#include <{header}>\n{MAIN}"


def standard_headers():
    """Returns the #include lines of the standard headers that the core uses."""
    found = set()
    for folder in ("scalar", "text", "tensor", "losses", "layers", "optimizers", "metrics", "data", "training"):
        for file in (INCLUDE / "fovea" / folder).glob("*.hpp"):
            for line in file.read_text(encoding="utf-8").splitlines():
                if line.startswith("#include <") and "/" not in line:
                    found.add(line)
    return "\n".join(sorted(found - {"#include <unistd.h>"}))


class Compiler:
    def __init__(self, flags):
        self.gcc = os.environ.get("CXX", "c++")
        self.clang = next((c for c in ("clang++-16", "clang++") if shutil.which(c)), None)
        self.flags = ["-std=c++20", f"-I{INCLUDE}", f"-I{ROOT}"] + flags

    def _write(self, folder, source):
        file = pathlib.Path(folder) / "unit.cpp"
        file.write_text(source, encoding="utf-8")
        return str(file)

    def cost(self, source, *flags):
        """Returns seconds of processor time and peak megabytes of a compilation."""
        with tempfile.TemporaryDirectory() as folder:
            command = [self.gcc, *self.flags, *flags, "-c", self._write(folder, source), "-o", os.devnull, "-w"]
            child = subprocess.Popen(command)
            _, status, usage = os.wait4(child.pid, 0)
            if status:
                sys.exit(f"price.py: {' '.join(command)} failed")
            return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024

    def lines(self, source, *flags):
        with tempfile.TemporaryDirectory() as folder:
            command = [self.gcc, *self.flags, *flags, "-E", "-P", self._write(folder, source)]
            text = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
            return text.count(b"\n")

    def instantiations(self, source, *flags):
        """Returns the number of instantiated functions and classes, counted by clang, or None without clang."""
        if not self.clang:
            return None
        with tempfile.TemporaryDirectory() as folder:
            unit = self._write(folder, source)
            command = [self.clang, *self.flags, *flags, "-w", "-c", unit, "-o", folder + "/unit.o", "-ftime-trace",
                       "-ftime-trace-granularity=0"]
            subprocess.run(command, check=True)
            # Reads in chunks, because this process's own peak memory counts as its children's.
            count, rest = 0, b""
            with open(folder + "/unit.json", "rb") as file:
                while piece := file.read(1 << 20):
                    text = rest + piece
                    end = text.rfind(b"}") + 1
                    count += text.count(b'"name":"Instantiate', 0, end)
                    rest = text[end:]
            return count


def check(compiler):
    core = "".join(f"#include <{h}>\n" for h in CORE) + MAIN
    standard = standard_headers() + "\n" + MAIN
    wrong = False
    for what, count, most in (("lines", compiler.lines, MOST_LINES),
                              ("instantiations", compiler.instantiations, MOST_INSTANTIATIONS)):
        with_core, without = count(core), count(standard)
        if with_core is None:
            print("instantiations: not counted, as there is no clang++")
            continue
        added = with_core - without
        print(f"{what}: the core adds {added} to the standard headers' {without}; bound {most}")
        wrong |= not 0 < added <= most
    return 1 if wrong else 0


def show(compiler, options):
    print("| unit | seconds | peak MB | lines | instantiations |\n|---|---|---|---|---|")

    def row(what, source, *flags):
        seconds, megabytes = compiler.cost(source, *flags)
        count = compiler.instantiations(source, *(f for f in flags if f != "-march=native"))
        print(f"| {what} | {seconds:.2f} | {megabytes:.0f} | {compiler.lines(source, *flags)} | "
              f"{'' if count is None else count} |", flush=True)

    row("an empty main", MAIN)
    row("the standard headers that the core includes", standard_headers() + "\n" + MAIN)
    headers = sorted(str(p.relative_to(INCLUDE)) for p in INCLUDE.rglob("*.hpp")) if options.all else HEADERS
    for header in headers:
        if "thrust" not in header:
            row(f"`<{header}>`", including(header), *XTENSOR)
    for layers in (10, 25, 50):
        row(f"training step of {layers} layers, host", network(layers))
    for file in FRAUD:
        source = f'#include "{ROOT}/examples/fraud/{file}"\n'
        row(f"examples/fraud/{file}, -O3 -march=native", source, "-O3", "-march=native", *XTENSOR)
    if options.build:
        program = pathlib.Path(options.build) / "examples/fraud/fraud_xtensor"
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["strip", "-o", folder + "/stripped", str(program)], check=True)
            print(f"\nfraud_xtensor, stripped: {os.path.getsize(folder + '/stripped') / 1e6:.2f} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--build", metavar="DIR")
    parser.add_argument("flags", nargs="*", help="for the compiler, after --")
    options = parser.parse_args()
    compiler = Compiler(options.flags)
    if options.check:
        sys.exit(check(compiler))
    show(compiler, options)


if __name__ == "__main__":
    main()
