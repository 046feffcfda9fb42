# SPDX-License-Identifier: MIT
import sys

import csv_text
import timing

try:
    import pandas
except ImportError as missing:
    sys.exit(f"{missing}: pip install pandas, and name that Python to --python")

FILE = csv_text.file()
timing.answer(timing.options().seconds, f"pandas {pandas.__version__}",
              {"csv": lambda: pandas.read_csv(FILE)})
