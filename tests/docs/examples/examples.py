#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints a translation unit of the examples in the headers' comments: each is the body of a function, whose compiler
diagnostics name the header and its line.

    examples.py ROOT            after world.hpp, which declares what the examples take as given
    examples.py ROOT --metrics  those of metrics/ without a trainer, as a program, which checks the numbers in their comments

An example is a block that a comment `///` indents by four spaces more, after an empty line; what a comment indents by less is a signature.
"""

import pathlib
import re
import sys

# Headers whose examples need a library that is not always there; other tests compile these.
ELSEWHERE = {
    "adapt/armadillo.hpp", "adapt/dlpack.hpp", "adapt/eigen.hpp", "adapt/mdspan.hpp", "backends/thrust.hpp", "distributed/mpi.hpp",
    "distributed/nccl.hpp", "distributed/parallel_options.hpp", "tensor/storage_order.hpp",
}
# Blocks that stand in a class, in a template or in a test's file: their first words.
PARTS = ("void on_step(", "auto const e = math::exp(primal(x))", "math::logistic<Z> const one(z)")


# The namespace of world.hpp in which a header's examples stand, if it is not the folder's.
SCOPES = {"io/safetensors.hpp": "files", "adapt/std_vector.hpp": "adapt", "backends/xtensor.hpp": "losses", "tensor/sample_weights.hpp": "losses"}


def blocks(path):
    """Yields (line, text) of each example of a header."""
    lines = path.read_text(encoding="utf-8").split("\n") + [""]
    block, first = [], 0
    for number, line in enumerate(lines, 1):
        match = re.match(r" *///     (.*)$", line)
        if match and (block or re.match(r" *///$", lines[number - 2])):
            first = first if block else number
            block.append(match[1])
        elif block and re.match(r" *///$", line) and number < len(lines) and re.match(r" *///     ", lines[number]):
            block.append("")
        elif block:
            yield first, "\n".join(block)
            block = []


def is_code(text):
    return re.search(r"[;{]", text) and not text.startswith(" ")


def statements(text):
    """Returns the block as statements: expressions get what they lack."""
    if ";" in re.sub(r"//[^\n]*", "", text):
        last = text.split("\n")[-1]
        return text if last == "}" or re.search(r";(\s*//[^\n]*)?$", text) else text + ";"
    joined = re.sub(r"\n +", " ", text)
    return "\n".join(f"static_cast<void>({line});" for line in joined.split("\n"))


def checked(text):
    """Appends a check to each line "double const name = ...;  // number"."""
    return re.sub(r"^(double const (\w+) = [^\n]*;)  // (-?\d+(?:\.\d+)?)(?=$|[,:])", r'\1 check(\2, "\3");  // \3', text, flags=re.M)


def main():
    include = pathlib.Path(sys.argv[1]).resolve() / "include" / "fovea"
    metrics = "--metrics" in sys.argv
    functions, calls, seen = [], [], set()
    for path in sorted(include.rglob("*.hpp")):
        name = path.relative_to(include).as_posix()
        if name in ELSEWHERE or name.startswith("testing/laws") :
            continue
        for line, text in blocks(path):
            if (name.startswith("metrics/") and "trainer" not in text) != metrics:
                continue
            if not is_code(text) or text.startswith(PARTS):
                seen.update(p for p in PARTS if text.startswith(p))
                continue
            place = f'#line {line} "{path}"\n'
            folder = name.split("/")[0]
            function = f"example_{len(functions)}"
            code = checked(text) if metrics else statements(text)
            scope = SCOPES.get(name, folder if folder in ("data", "distributed", "losses") else "metrics" if metrics else "training")
            if re.search(r"\btrainer\.", text) and folder == "data":
                scope = "training"
            if "trainer.averaged()" in text:
                scope = "averages"
            runs = metrics and re.match(r"std::vector const (probabilities|predictions)|class_confusion const |confusion_counts const ", text)
            if text.startswith("struct"):
                body = f"namespace {function} {{\n{place}{code}\n}}\n"
            else:  # a template checks the code without making instructions of it
                body = f"{'' if runs else 'template <class = void> '}auto {function}() {{\n{place}{code}\n}}\n"
            functions.append(f"namespace of_{scope} {{\n{body}}}\n")
            if runs:
                calls.append(f"  world::of_{scope}::{function}();\n")
    if not metrics and (gone := set(PARTS) - seen):
        sys.exit("examples.py: no example begins with " + ", ".join(sorted(gone)))
    if len(functions) < (35 if metrics else 130):
        sys.exit(f"examples.py: only {len(functions)} examples were found")
    print('#include "world.hpp"\n\nnamespace world {\n')
    print("\n".join(functions))
    print("}  // namespace world")
    if metrics:
        print("int main() {\n" + "".join(calls) + "  return world::report();\n}")


if __name__ == "__main__":
    main()
