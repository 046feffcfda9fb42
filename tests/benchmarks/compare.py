#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times fovea, its limits and its competitors, and prints one table.

Every competitor of a problem is a separate process that waits for its turn; a round times each competitor once, in random
order. A ratio is the median of the ratios of all rounds, so that temporary slowdowns of the machine cancel. The script sets
no pass or fail bound, because machines are shared; judge by the ratios. Normally run by compare.sh, which builds first.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import random
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent

FLOAT, LIVE = ("fovea", "the same in float"), ("fovea", "the same with live units")
PREDICT = ("fovea", "the model's predict")
# problem: {row: (description, row of the limit that bounds it, goal as a ratio or in words)}. Each file in a problem's
# folder is one competitor. A limit is a row of limit.cpp or, with FLOAT and LIVE, a row of fovea itself.
PROBLEMS = {
    "step": {
        "bce": ("training step of 29-16-8-1, BCE, batch gathered", "its eight cblas_sgemm calls", 2.0),
        "bce, step(x, y)": ("training step of 29-16-8-1, BCE, the caller's batch", "its eight cblas_sgemm calls", 2.0),
        "focal": ("training step of 29-16-8-1, focal loss, batch gathered", "its eight cblas_sgemm calls", 2.0),
        "focal, double": ("training step, focal loss, in double", (*FLOAT, "focal"), 3.0),
        "focal, dead units": ("training step, focal loss, first layer dead", (*LIVE, "focal"), 1.05),
    },
    "focal": {
        "gamma 2": ("focal loss, γ = 2, value and gradient of 10⁷", "a stream add", 2.5),
        "gamma 1.5": ("focal loss, γ = 1.5, value and gradient of 10⁷", "a stream add", 2.5),
        "gamma 2, value": ("focal loss, γ = 2, value of 10⁷", "a stream sum", None),
        "gamma 2, double": ("focal loss, γ = 2, value and gradient, in double", (*FLOAT, "gamma 2"), 3.0),
    },
    "bce": {"bce": ("BCE on logits, value and gradient of 10⁷", "a stream add", 2.0)},
    "squared": {"squared": ("mean squared error, value and gradient of 10⁷", "a stream add", 1.1),
                "squared, double": ("mean squared error, in double", (*FLOAT, "squared"), 2.2)},
    "softmax": {"softmax": ("softmax cross-entropy, value and gradient, 10⁵ × 100", "a stream of 1 read, 1 write",
                            "8 ms")},
    "adam": {"adam": ("Adam, 10⁷ parameters", "a stream of 4 reads, 3 writes", 1.15),
             "adamw": ("AdamW, 10⁷ parameters", "a stream of 4 reads, 3 writes", 1.15),
             "adam, double": ("Adam, 10⁷ parameters, in double", (*FLOAT, "adam"), 2.2)},
    "wide_step": {"wide": ("training step of 784-1024-1024-10, batch 512", "its products alone", 1.05)},
    "layers": {"conv": ("training step of two convolutions, 28 x 28, batch 64", None, None),
               "lstm": ("training step of an LSTM, 64-128, 32 steps, batch 64", None, None),
               "attention": ("training step of attention, width 128, 64 places, batch 64", None, None)},
    "predict": {"10^6 rows": ("prediction of 10⁶ rows, 29-16-8-1", "its products, in batches of 512", 1.5),
                "one row": ("prediction of one row", None, "100 ns")},
    "frozen": {"one row": ("frozen model, one row", (*PREDICT, "predict, one row"), 0.25),
               "one row, waiting": ("frozen model, one row, after the one before",
                                    (*PREDICT, "predict, one row, waiting"), 0.5),
               "16 rows": ("frozen model, 16 rows, for each", (*PREDICT, "predict, 16 rows"), 0.7),
               "10^6 rows": ("frozen model, 10⁶ rows", (*PREDICT, "predict, 10^6 rows"), 0.7)},
    "product": {f"{size}{order}": (f"product {size}{order}", f"multiply-adds of {size}", 1.18)
                for size in ("128 x 29 x 128", "128 x 256 x 256", "512 x 512 x 512", "128 x 1024 x 1024")
                for order in (", b transposed", "", ", a transposed")},
    "csv": {"csv": ("a table of 31 MB read from a CSV file", "std::from_chars alone", 2.0)},
}
# The problems whose limit uses threads, too; the products of the others are too small to benefit.
THREADED = ("focal", "bce", "squared", "softmax", "adam", "wide_step", "product")
NAMES = {"limit": "limit", "by_hand": "by hand", "eigen": "Eigen", "libtorch": "libtorch", "dlib": "dlib",
         "rtneural": "RTNeural", "onednn": "oneDNN", "libxsmm": "LIBXSMM", "fovea_again": "fovea again (A/A)",
         "by_hand_skylakex": "by hand, OPENBLAS_CORETYPE=SkylakeX",
         "by_hand_haswell": "by hand, OPENBLAS_CORETYPE=Haswell",
         "torch_eager": "PyTorch, eager", "torch_compiled": "PyTorch, compiled", "by_pandas": "pandas",
         "by_numpy": "NumPy"}
NEEDS = {"eigen": "Eigen 3", "libtorch": "libtorch", "dlib": "dlib", "rtneural": "RTNeural's folder",
         "onednn": "oneDNN (libdnnl-dev)", "libxsmm": "LIBXSMM (libxsmm-dev)"}
# Further competitors: a program of the problem under another name, with these environment variables.
VARIANTS = {"product": {"fovea_again": ("fovea", {}),
                        "by_hand_skylakex": ("by_hand", {"OPENBLAS_CORETYPE": "SkylakeX"}),
                        "by_hand_haswell": ("by_hand", {"OPENBLAS_CORETYPE": "Haswell"})}}

UNITS = ((1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def shown(seconds):
    scale, unit = next(((s, u) for s, u in UNITS if seconds >= s), UNITS[-1])
    return f"{seconds / scale:.3g} {unit}"


def times(ratio):
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.3g}"


def hold_to(threads):
    """Restricts the process to as many processors as threads if the system can, so that a library cannot use all of them."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


class Missing(Exception):
    """A competitor cannot run on this machine; the message is the reason."""


class Competitor:
    """A process that times its rows whenever it receives a line; timing.hpp documents the protocol."""

    def __init__(self, problem, source, threads, options):
        self.name = source.stem
        program, variables = VARIANTS.get(problem, {}).get(self.name, (self.name, {}))
        command = [str(options.build / f"{problem}_{program}")]
        if source.suffix == ".py":
            command = [options.python, str(source)]
            if options.fastest:
                raise Missing("only programs in C++ have --fastest")
        elif not pathlib.Path(command[0]).exists():
            raise Missing(f"{NEEDS.get(self.name, 'its program')} was not there when the benchmarks were built")
        environment = {**os.environ, "PYTHONPATH": str(HERE / "common"), "PYTHONDONTWRITEBYTECODE": "1"}
        environment |= {f"{library}_NUM_THREADS": str(threads) for library in ("OMP", "OPENBLAS", "MKL")}
        environment |= variables
        self.process = subprocess.Popen(
            [*command, "--seconds", str(options.seconds), "--threads", str(threads),
             *(["--time", "fastest"] if options.fastest else [])], env=environment, text=True,
            preexec_fn=lambda: hold_to(threads), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        head = self._block()
        self.version = next((line["version"] for line in head if "version" in line), None)
        self.bits = {line["row"]: line["bits"] for line in head if "bits" in line}

    def _block(self):
        lines = []
        for line in self.process.stdout:
            if not line.strip():
                return lines
            lines.append(json.loads(line))
        error = self.process.stderr.read().strip().splitlines()
        raise Missing(error[-1] if error else f"it ended with {self.process.wait()}")

    def round(self):
        try:
            print(file=self.process.stdin, flush=True)
        except BrokenPipeError:
            pass  # _block raises with the reason that the process printed
        return {line["row"]: line["seconds"] for line in self._block()}

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.stderr.close()
        self.process.wait()


def run(problem, options, missing):
    """Returns the seconds of each (threads, competitor, row), one number per round, with versions and bits."""
    sources = sorted(path for path in (HERE / problem).iterdir() if path.suffix in (".cpp", ".py"))
    sources += [HERE / problem / f"{name}.cpp" for name in VARIANTS.get(problem, {})]
    wanted = [s for s in sources if s.stem in ("fovea", "limit") or not options.competitors
              or s.stem in options.competitors]
    running, seconds, versions, bits = {}, {}, {}, {}
    try:
        for threads in options.threads:
            for source in wanted:
                if threads != options.threads[0] and source.stem not in ("fovea", "limit"):
                    continue
                try:
                    running[threads, source.stem] = c = Competitor(problem, source, threads, options)
                    versions |= {c.name: c.version} if c.version else {}
                    bits |= {(threads, row): b for row, b in c.bits.items()}
                except Missing as why:
                    missing[f"{NAMES.get(source.stem, source.stem)}, {problem}"] = str(why)
        for i in range(options.rounds):
            print(f"\r{problem}: round {i + 1} of {options.rounds} ", end="", file=sys.stderr, flush=True)
            for key in random.sample(list(running), len(running)):
                try:
                    for row, t in running[key].round().items():
                        seconds.setdefault((*key, row), []).append(t)
                except Missing as why:
                    missing[f"{NAMES.get(key[1], key[1])}, {problem}"] = str(why)
                    running.pop(key).end()
        print(file=sys.stderr)
    finally:
        for competitor in running.values():
            competitor.end()
    return seconds, versions, bits


def ratio(a, b):
    return statistics.median(x / y for x, y in zip(a, b))


def rows_of(problem, seconds, bits, options):
    """Yields the results of each row: median, quartiles and ratios of each competitor, and fovea's with more threads."""
    first = options.threads[0]
    for row, (what, limit, goal) in PROBLEMS[problem].items():
        own = seconds.get((first, "fovea", row))
        if not own:
            continue
        bound = {t: seconds.get((t, "fovea", limit[2]) if isinstance(limit, tuple) else (t, "limit", limit))
                 for t in options.threads}
        result = {"problem": problem, "row": row, "what": what, "goal": goal, "competitors": {},
                  "limit": limit[1] if isinstance(limit, tuple) else limit}
        everyone = {c: s for (t, c, r), s in seconds.items() if t == first and r == row}
        if limit and not isinstance(limit, tuple):
            everyone["limit"] = bound[first]
        for competitor, s in everyone.items():
            result["competitors"][competitor] = {
                "median": statistics.median(s), "quartiles": statistics.quantiles(s, n=4)[::2] if len(s) > 1 else s * 2,
                "to_fovea": ratio(s, own), "to_limit": ratio(s, bound[first]) if bound[first] else None}
        for t in options.threads[1:]:
            faster = {"threads": t, "median": statistics.median(seconds[t, "fovea", row]),
                      "faster": ratio(own, seconds[t, "fovea", row]), "limit_faster": None,
                      "same_bits": bits[t, row] == bits[first, row] if (t, row) in bits else None}
            if problem in THREADED and limit and not isinstance(limit, tuple):
                faster["limit_faster"] = ratio(bound[first], bound[t])
            result.setdefault("threads", []).append(faster)
        yield result


def table(rows):
    yield "| | | median | × fovea | × limit | goal |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        others = sorted((c["median"], name) for name, c in row["competitors"].items() if name not in ("fovea", "limit"))
        for name in ["fovea", "limit"] + [name for _, name in others]:
            c = row["competitors"].get(name)
            if not c:
                continue
            own = name == "fovea"
            what = f"**{row['what']}**" + (f" (limit: {row['limit']})" if row["limit"] in (FLOAT[1], LIVE[1]) else "")
            goal = row["goal"] if own and row["goal"] else ""
            to_limit = times(c["to_limit"]) if c["to_limit"] and name != "limit" else ""
            cells = [what if own else "",
                     "**fovea**" if own else row["limit"] if name == "limit" else NAMES.get(name, name),
                     shown(c["median"]), "" if own else times(c["to_fovea"]),
                     f"**{to_limit}**" if own and to_limit else to_limit, str(goal)]
            yield "| " + " | ".join(cells) + " |"


def threads_table(rows):
    yield "| | threads | median | times as fast | its limit | same bits |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        for t in row.get("threads", []):
            limit = times(t["limit_faster"]) if t["limit_faster"] else ""
            same = "" if t["same_bits"] is None else "yes" if t["same_bits"] else "**no**"
            yield (f"| {row['what']} | {t['threads']} | {shown(t['median'])} | {times(t['faster'])} | {limit} | {same} |")


def processor():
    try:
        info = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
        return next(line.split(":", 1)[1].strip() for line in info.splitlines() if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def names(text):
    return text.split(",")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the folder of the competitors' programs")
    parser.add_argument("--problems", type=names, default=list(PROBLEMS), metavar="A,B",
                        help="of " + ", ".join(PROBLEMS) + "; all")
    parser.add_argument("--competitors", type=names, metavar="A,B",
                        help="beside fovea and its limits, of " + ", ".join(list(NAMES)[1:]) + "; all")
    parser.add_argument("--rounds", type=int, default=15, help="15")
    parser.add_argument("--seconds", type=float, default=0.1, help="of a row in a round; 0.1")
    parser.add_argument("--fastest", action="store_true", help="the fastest run of each round, not the median: where other "
                        "programs use the processors, and a run takes milliseconds")
    parser.add_argument("--threads", type=lambda text: [int(t) for t in text.split(",")], default=[1], metavar="N,M",
                        help="of the table; fovea and its limits are compared on the others too; 1")
    parser.add_argument("--python", default=sys.executable, help="whose PyTorch, pandas and NumPy are timed; this one")
    parser.add_argument("--markdown", type=pathlib.Path, metavar="FILE", help="write the tables there too")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write everything there")
    options = parser.parse_args()
    for problem in options.problems:
        if problem not in PROBLEMS:
            parser.error(f"--problems: there is no {problem!r}; there are {', '.join(PROBLEMS)}")
    for name in options.competitors or []:
        if name not in NAMES and name != "fovea":
            parser.error(f"--competitors: there is no {name!r}; there are {', '.join(NAMES)}")
    if options.rounds < 1 or min(options.threads) < 1:
        parser.error("--rounds and --threads are at least 1")

    random.seed(0)
    rows, missing, versions = [], {}, {}
    for problem in options.problems:
        seconds, v, bits = run(problem, options, missing)
        versions |= v
        rows += rows_of(problem, seconds, bits, options)

    text = list(table(rows))
    if len(options.threads) > 1:
        text += ["", *threads_table(rows)]
    reasons = {}
    for who, why in missing.items():
        reasons.setdefault((who.split(", ")[0], why), []).append(who.rsplit(", ", 1)[1])
    text += [""] + [f"Not run: {who} ({', '.join(problems)}): {why}" for (who, why), problems in reasons.items()]
    text += [f"{', '.join(sorted(set(versions.values())))}; " if versions else ""]
    text[-1] += f"{processor()}, {os.cpu_count()} cores; {options.rounds} rounds"
    print("\n".join(text))
    if options.markdown:
        options.markdown.write_text("\n".join(text) + "\n", encoding="utf-8")
    if options.json:
        report = {"date": datetime.date.today().isoformat(), "processor": processor(), "cores": os.cpu_count(),
                  "threads": options.threads, "rounds": options.rounds, "versions": versions, "missing": missing,
                  "rows": rows}
        options.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if not rows:
        sys.exit("compare.py: nothing could be timed; was it built? sh tests/benchmarks/compare.sh builds")


if __name__ == "__main__":
    main()
