# SPDX-License-Identifier: MIT
import io
import sys

import csv_text
import timing

try:
    import numpy
except ImportError as missing:
    sys.exit(f"{missing}: pip install numpy, and name that Python to --python")

TEXT = csv_text.make()
timing.answer(timing.options().seconds, f"NumPy {numpy.__version__}",
              {"csv": lambda: numpy.loadtxt(io.BytesIO(TEXT), delimiter=",", skiprows=1)})
