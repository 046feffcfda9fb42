# SPDX-License-Identifier: MIT
import sys

import csv_text
import timing

try:
    import numpy
except ImportError as missing:
    sys.exit(f"{missing}: pip install numpy, and name that Python to --python")

FILE = csv_text.file()
timing.answer(timing.options().seconds, f"NumPy {numpy.__version__}",
              {"csv": lambda: numpy.loadtxt(FILE, delimiter=",", skiprows=1)})
