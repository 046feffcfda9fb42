# SPDX-License-Identifier: MIT
import with_torch


def rows(wrap):
    loss = with_torch.bce
    return {"bce": with_torch.value_and_gradient(loss, with_torch.logits(), with_torch.targets(), wrap)}


if __name__ == "__main__":
    with_torch.main(rows)
