#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the Python programs of docs/from-pytorch.md, and compares what they return with the C++ programs:

    compare.py docs/from-pytorch.md docs_from_pytorch FOLDER

Prints "skipped: ..." without PyTorch. Without the package safetensors, its two functions are those below.
"""

import json
import pathlib
import re
import subprocess
import sys
import types

try:
    import numpy as np
    import torch
except ImportError as e:
    print(f"skipped: {e}")
    sys.exit(0)

TYPES = {"F32": np.float32, "I64": np.int64}


def load_file(path):
    data = pathlib.Path(path).read_bytes()
    begin = 8 + int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:begin]).items():
        if name != "__metadata__":
            first, last = (begin + offset for offset in entry["data_offsets"])
            array = np.frombuffer(data[first:last], TYPES[entry["dtype"]]).reshape(entry["shape"])
            tensors[name] = torch.from_numpy(array.copy())
    return tensors


def save_file(tensors, path):
    header, data = {}, b""
    # Wider elements come first, so that all of them are aligned.
    for name, tensor in sorted(tensors.items(), key=lambda item: -item[1].element_size()):
        array = tensor.detach().numpy()
        dtype = next(key for key, value in TYPES.items() if value == array.dtype)
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(len(text).to_bytes(8, "little") + text + data)


try:
    import safetensors.torch
except ImportError:
    package, module = types.ModuleType("safetensors"), types.ModuleType("safetensors.torch")
    module.load_file, module.save_file, package.torch = load_file, save_file, module
    sys.modules.update({"safetensors": package, "safetensors.torch": module})


def main(document, program, folder):
    blocks = re.findall(r"^```python\n(.*?)^```", pathlib.Path(document).read_text(), re.M | re.S)
    page = {}
    exec("\n".join(blocks), page)

    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    x = torch.randn(96, 8)
    classes = (x @ torch.randn(8, 3)).argmax(1)
    images = torch.randn(96, 1, 8, 8) + 0.5 * classes.reshape(96, 1, 1, 1)
    sequences = torch.randn(96, 5, 3)
    targets = sequences[:, -2:, 0].sum(1, keepdim=True)
    for name, tensor in dict(x=x, classes=classes.to(torch.int32), images=images, sequences=sequences,
                             targets=targets).items():
        np.save(folder / f"{name}.npy", tensor.numpy())

    expected = {}
    for name, data in dict(classifier=(x, classes), image_net=(images, classes), sequence_net=(sequences, targets)).items():
        net = page[name]()
        page["save_file"](net.state_dict(), str(folder / f"{name}.safetensors"))
        expected[name] = [page[f"train_{name}"](net, *data)]
        if name == "classifier":
            page["save_classifier"](net, str(folder / "of_torch.safetensors"))
    found = {}
    for line in subprocess.run([program, folder], check=True, capture_output=True, text=True).stdout.splitlines():
        name, number = line.split()
        found.setdefault(name, []).append(float(number))
    for name in ["of_torch", "of_fovea"]:
        expected[name] = page["probabilities"](str(folder / f"{name}.safetensors"), x).reshape(-1).tolist()

    # Both sides compute in float32. A loss after some steps has the rounding errors of all of them.
    for name, numbers in expected.items():
        error = max(abs(a - b) for a, b in zip(numbers, found[name], strict=True))
        bound = 2e-6 if name.startswith("of_") else 1e-5
        print(f"{name}: {len(numbers)} numbers, such as {numbers[0]:.6f}; the largest difference is {error:.1e}")
        if not error < bound:
            sys.exit(f"{name}: the difference is above {bound}")
    losses = [expected[name][0] for name in ["classifier", "image_net", "sequence_net"]]
    if not (losses[0] < 0.6 and losses[1] < 0.9 and losses[2] < 1.5):
        sys.exit(f"the programs do not learn: {losses}")


if __name__ == "__main__":
    main(*sys.argv[1:])
