# SPDX-License-Identifier: MIT
import with_torch
from torch_eager import rows

if __name__ == "__main__":
    with_torch.main(rows, compiled=True)
