#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that the safetensors package and fovea read each other's files: both files give the same probabilities.

safetensors_package.py FILE PREDICT_PROGRAM WORK: FILE is the output of 05_save_and_predict. Uses this Python's package or one
that pip installs in the folder WORK; prints a line if neither is available.
"""
import pathlib
import subprocess
import sys


def package(work):
    try:
        import safetensors.numpy
    except ImportError:
        folder = work / "packages"
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", folder]
        if not folder.exists() and subprocess.run([*pip, "safetensors", "numpy"], capture_output=True).returncode != 0:
            print("skipped: no safetensors package, and pip cannot install it")
            sys.exit()
        sys.path.insert(0, str(folder))
        import safetensors.numpy
    return safetensors


def predictions(program, file):
    said = subprocess.run([program, file], capture_output=True, text=True, check=True).stdout
    return said.splitlines()[:4]


def main():
    file, program, work = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    work.mkdir(parents=True, exist_ok=True)
    safetensors = package(work)
    tensors = safetensors.numpy.load_file(file)
    shapes = {name: (t.shape, str(t.dtype)) for name, t in tensors.items()}
    expected = {"0.weight": (32, 2), "0.bias": (32,), "2.weight": (16, 32), "2.bias": (16,), "4.weight": (1, 16), "4.bias": (1,)}
    assert shapes == {name: (shape, "float32") for name, shape in expected.items()}, shapes
    with safetensors.safe_open(file, "numpy") as opened:
        metadata = opened.metadata()
        assert metadata.pop("network").startswith("sequential<linear<2, 32>, "), metadata
        assert metadata == {"format": "pt", "task": "inside the ring"}, metadata

    ours = predictions(program, file)
    again = work / "again.safetensors"
    safetensors.numpy.save_file(tensors, again, {"format": "np"})
    assert predictions(program, again) == ours, (predictions(program, again), ours)
    tensors["4.bias"] = tensors["4.bias"] + 100  # changes the predictions if read
    safetensors.numpy.save_file(tensors, again)
    assert predictions(program, again) != ours
    print(f"safetensors {safetensors.__version__} reads {file.name}, and its file gives the same predictions")


if __name__ == "__main__":
    main()
