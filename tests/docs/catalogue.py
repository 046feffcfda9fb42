#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints docs/catalogue.md, which the headers say: an entry's comment, options and domain.

    catalogue.py ROOT > docs/catalogue.md
    catalogue.py ROOT --check       exits with 1 if docs/catalogue.md is another, or a header is in no umbrella
"""

import pathlib
import re
import sys

OTHERS = r"(?:PyTorch|torchvision|optax|Keras|scikit-learn|torchmetrics|fvcore|mmdetection|MONAI|SciPy)"
INTRODUCTION = """# The catalogue

All losses, activations, optimizers and layers, as their headers describe them: `python3 tests/docs/catalogue.py . > docs/catalogue.md`
writes this page, and the test `docs/catalogue` compares it with the headers. Options are members with these defaults. [losses.md](losses.md),
[layers.md](layers.md) and [training.md](training.md) explain the choices; layers.md also has the layers made of layers, such as
`sequential`, and training.md the schedules, `chain`, `groups` and `lookahead`.

Each loss of elements has its gradient and Hessian from its formula; a loss of rows has the gradient, and the Hessian where the table says
so. The tests `losses/elementwise`, `losses/rows`, `layers/activations`, `optimizers/elementwise` and `optimizers/tensors` hold the entries to PyTorch or to
400-bit arithmetic: values and derivatives within 1e-10 in double and 2e-6 in float, 200 steps of an optimizer within 1e-9.
"""


def comments(text):
    """Yields (comment, declaration, position after it) for each documented struct and alias of the namespace fovea itself."""
    pattern = r"((?:^///[^\n]*\n)+)(?:template <[^\n]*>\s*?(?:\n\s+requires[^\n]*)?\s)?(struct|using) (\w+)([^\n]*)"
    for match in re.finditer(pattern, text, re.M):
        lines = [line[3:].removeprefix(" ") for line in match[1].splitlines()]
        prose = " ".join(line for line in lines if not line.startswith("    "))
        yield prose.strip(), match[2], match[3], match[4], match.end()


def aliases(text, name, documented):
    """Returns the names that a program writes for a template: `conv1d` and `conv2d` for `convolution`."""
    return [n for n in re.findall(rf"^(?:template <[^\n]*>\s)?using (\w+) = {name}<", text, re.M) if n not in documented]


def body(text, begin):
    """Returns a struct's body, from after its declaration's line."""
    end = text.find("\n};", begin)
    return text[begin:end]


def options(of):
    """Returns the members with defaults that stand before the first member of another kind."""
    found = []
    for statement in re.sub(r"//[^\n]*", "", of.replace("[[no_unique_address]]", "")).split(";"):
        statement = " ".join(statement.replace("{\n", "").split()).lstrip("{ ")
        match = re.match(r"(?:double|bool|int|std::size_t|optional_number|std::optional<double>|class_weights) (\w+ = .*)$", statement)
        if match:
            found += [o.strip().replace("std::nullopt", "none") for o in re.split(r",(?![^{]*\})", match[1])]
        elif statement and ("static constexpr" in statement or "(" in statement):
            break
    return found


def theirs(prose):
    """Returns the names in other libraries: "PyTorch's SmoothL1Loss"."""
    names = re.findall(r"(?<!with )" + OTHERS + r"'s? (?:and \S+'s )?[\w.]+(?:\([^)]*\))?(?: and [A-Z]\w+)?", prose)
    names = [name.rstrip(".") for name in names]
    return "; ".join(name for name in names if name.split()[-1] not in ("names", "semantics", "key_padding_mask"))


def first_sentence(prose):
    return re.split(r"(?<=[\w)\]`])[.:] (?=[A-Z`]|" + OTHERS + r")|\.$", prose)[0].rstrip(".:")


def source(prose):
    match = re.search(r"([A-Z][^.:;]*?(?: et al\.)?(?:, \"[^\"]*\")? \(\d{4}\))", prose)
    return match[1] if match else ""


def row(*cells):
    return "| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in cells) + " |\n"


def table(title, entries, columns):
    result = f"\n## {title}\n\n" + row("entry", *columns) + "|" + "---|" * (len(columns) + 1) + "\n"
    return result + "".join(row(*e) for e in sorted(entries))


def losses(folder):
    entries = []
    for file in sorted(folder.glob("*.hpp")):
        text = file.read_text(encoding="utf-8")
        kinds = dict((name, "rows" if kind != "elementwise_loss" else "elements")
                     for kind, name in re.findall(r"(elementwise_loss|rowwise_loss|loss_of_probabilities)<(\w+)", text)
                     if "static_assert" in text)
        for prose, _, name, _, at in comments(text):
            if name not in kinds:
                continue
            own = body(text, at)
            domain = re.search(r"target_range targets\{([^},]*, [^},]*)(, true)?\}", own)
            of_rows = "(rows, n); classes" + (", or (rows, n)" if f"loss_of_probabilities<{name}>" in text else "") + (
                f" in [{domain[1]}]" if domain else "")
            interval = domain and (f"targets {domain[1].replace(',', ' or')}" if domain[2] else f"targets in [{domain[1]}]")
            takes = of_rows if kinds[name] == "rows" else interval if domain else "any"
            if kinds[name] == "rows" and "hessian" in own:
                takes += "; has a Hessian"
            entries.append(entry(folder, file, name, prose, own, takes))
    return table("Losses", entries, ("what it is", "elsewhere", "source", "options", "domain"))


def entry(folder, file, name, prose, own, *more):
    link = f"[`{name}`](../include/fovea/{folder.name}/{file.name})"
    return (link, first_sentence(prose), theirs(prose), source(prose), ", ".join(f"`{o}`" for o in options(own)), *more)


def activations(folder):
    entries = []
    of_scalars = (folder.parent / "scalar" / "formulas.hpp").read_text(encoding="utf-8")
    without_options = {name: (prose, None) for prose, _, name, _, _ in comments(of_scalars)}
    for file in (folder / "activation.hpp", folder / "activations.hpp"):
        text = file.read_text(encoding="utf-8")
        documented = without_options | {name: (prose, at) for prose, _, name, _, at in comments(text)}
        for name, formula in re.findall(r"^using (\w+) = activation<(\w+)>;", text, re.M):
            prose, at = documented[formula]
            entries.append(entry(folder, file, name, prose, body(text, at) if at else ""))
    return table("Activations", entries, ("what it is", "elsewhere", "source", "options"))


def functions(folder, file, text, kind):
    """Returns the entries of functions that return what is made of others, a chain or a `renamed`, with their options."""
    entries, structs = [], {name: body(text, at) for _, _, name, _, at in comments(text)}
    for match in re.finditer(r"((?:^///[^\n]*\n)+)(?:template <[^\n]*>\n)?constexpr auto (\w+)\((?:(\w+_options) const)?", text, re.M):
        if f"return {kind}{{" in text[match.end():text.find("\n}", match.end())]:
            prose = " ".join(line[4:] for line in match[1].splitlines() if not line.startswith("///    "))
            entries.append(entry(folder, file, match[2], prose, structs.get(match[3], "")))
    return entries


def optimizers(folder):
    entries = []
    for file in sorted(folder.glob("*.hpp")):
        text = file.read_text(encoding="utf-8")
        rules = set(re.findall(r"optimizer<(\w+)>", text))
        templates = {name: body(text, at) for _, _, name, _, at in comments(text)}
        for prose, _, name, rest, at in comments(text):
            if name in rules:
                alias = re.match(r" = (\w+)<", rest)
                entries.append(entry(folder, file, name, prose, templates[alias[1]] if alias else body(text, at)))
        entries += functions(folder, file, text, "chain")
    return table("Optimizers, and the links of their chains", entries, ("what it is", "elsewhere", "source", "options"))


def layers(folder):
    entries = []
    for file in sorted(folder.glob("*.hpp")):
        text = file.read_text(encoding="utf-8")
        if file.name in ("activation.hpp", "activations.hpp", "layer.hpp", "fusion.hpp"):
            continue
        documented = {name for _, _, name, _, _ in comments(text)}
        for prose, kind, name, rest, at in comments(text):
            if name in ("row_activation", "join_elements"):  # what softmaxes, and `add` and `multiply`, are made of
                continue
            own = body(text, at) if kind == "struct" and not rest.rstrip().endswith("{};") else ""
            if " output(" in own or " : view" in rest or " : detail::row_activation" in rest or name in ("glu", "swiglu"):
                if " forward(" in own or not own or " : view" in rest or " : detail::row_activation" in rest:
                    entries.append(entry(folder, file, "`, `".join(aliases(text, name, documented)) or name, prose, own))
        entries += functions(folder, file, text, "renamed")
    return table("Layers", entries, ("what it is", "elsewhere", "source", "options"))


def missing(include):
    """Returns the headers with entries that their folder's umbrella does not include."""
    result = []
    for folder in ("losses", "layers", "optimizers"):
        umbrella = (include / f"{folder}.hpp").read_text(encoding="utf-8")
        page = {"losses": losses, "layers": lambda f: activations(f) + layers(f), "optimizers": optimizers}[folder](include / folder)
        reached, waiting = set(), re.findall(r"#include <fovea/([^>]+)>", umbrella)
        while waiting:
            header = waiting.pop()
            if header not in reached:
                reached.add(header)
                waiting += re.findall(r"#include <fovea/([^>]+)>", (include / header).read_text(encoding="utf-8"))
        result += [h for h in sorted(set(re.findall(r"include/fovea/([^)]+)\)", page))) if h not in reached]
    return result


def main():
    root = pathlib.Path(sys.argv[1])
    include = root / "include" / "fovea"
    page = INTRODUCTION + losses(include / "losses") + activations(include / "layers") + optimizers(include / "optimizers") + layers(
        include / "layers")
    if "--check" not in sys.argv:
        print(page, end="")
        return
    if (root / "docs" / "catalogue.md").read_text(encoding="utf-8") != page:
        sys.exit("docs/catalogue.md is not what the headers say: python3 tests/docs/catalogue.py . > docs/catalogue.md")
    if absent := missing(include):
        sys.exit("in no umbrella header: " + ", ".join(absent))
    if (count := page.count("\n| [`")) < 80:
        sys.exit(f"only {count} entries were found")


if __name__ == "__main__":
    main()
