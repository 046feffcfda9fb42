# SPDX-License-Identifier: MIT
"""Exposes the numbers of sizes.hpp as attributes of this module: `sizes.batch`, `sizes.widths`."""

import pathlib
import re

_text = re.sub(r"//.*", "", pathlib.Path(__file__).parents[1].joinpath("sizes.hpp").read_text(encoding="utf-8"))
for _declared in re.findall(r"std::size_t ([^;]*);", _text):
    for _name, _array, _list, _number in re.findall(r"(\w+)(\[\])? = (?:\{([^}]*)\}|([\d']+))", _declared):
        globals()[_name] = [int(n.replace("'", "")) for n in (_list or _number).split(",")]
        if not _array:
            globals()[_name] = globals()[_name][0]
