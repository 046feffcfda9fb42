# SPDX-License-Identifier: MIT
import with_torch


def rows(wrap):
    z, y = with_torch.logits(), with_torch.targets()
    return {f"gamma {gamma}": with_torch.value_and_gradient(with_torch.focal(gamma), z, y, wrap) for gamma in (2, 1.5)}


if __name__ == "__main__":
    with_torch.main(rows)
