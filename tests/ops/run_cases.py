#!/usr/bin/env python3
"""Runs the table of op cases on one device.

    run_cases.py [--bin DIR] [--device DEVICE] [--pipeline] [--list] [--batch N] [GLOB...]

Cases become graphs in the text form, many cases a graph; `stint-opt` turns a graph into a plan and
`stint run` runs it. With --pipeline the compiler's passes run on it in between. A batch that does not run as a whole is run case by case. Prints one line a
failure and `N passed, N failed`; exit 1 if any failed.

What a device cannot run stands in unsupported_DEVICE.txt beside this file (`GLOB: reason`, matched
against OP/NAME); such cases are left out and counted.
"""

import argparse
import fnmatch
import itertools
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

from case import difference, graph_text, inputs_of, output_names
from cases import all_cases

HERE = pathlib.Path(__file__).resolve().parent
TIMEOUT_SECONDS = 120


class Runner:
    def __init__(self, binaries, device, pipeline):
        self.optimiser = [binaries / "stint-opt", "--quiet"] + ["--pipeline"] * pipeline
        self.stint = binaries / "stint"
        self.device = device

    def run(self, cases):
        """What is wrong with each case; None when the graph as a whole did not run."""
        prefixed = {f"c{i}_": case for i, case in enumerate(cases)}
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            error = self._execute(prefixed, folder)
            if cases[0].error:
                return [self._judge_error(cases[0], error)]
            if error:
                return [error] if len(cases) == 1 else None
            return [self._judge(case, prefix, folder / "out") for prefix, case in prefixed.items()]

    def _execute(self, prefixed, folder):
        """An error text, or an empty one when results lie in folder/out."""
        text, plan = folder / "graph.txt", folder / "graph.stint"
        text.write_text(graph_text(prefixed))
        error = self._call([*self.optimiser, "--emit", plan, text])
        if error:
            return error
        command = [self.stint, "run", plan, "-d", self.device, "--no-fallback", "--output-dir",
                   folder / "out"]
        for prefix, case in prefixed.items():
            for name, array in inputs_of(case, prefix).items():
                np.save(folder / f"{name}.npy", array)
                command += ["--input", f"{name}={folder / name}.npy"]
        return self._call(command)

    @staticmethod
    def _call(command):
        try:
            done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                                  timeout=TIMEOUT_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return f"no answer within {TIMEOUT_SECONDS} s"
        if done.returncode == 0:
            return ""
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return f"exit {done.returncode}: {last}"

    @staticmethod
    def _judge_error(case, error):
        if case.error in error and error.startswith("exit 2:"):
            return ""
        return f"expected exit 2 with '{case.error}', found '{error or 'exit 0'}'"

    @staticmethod
    def _judge(case, prefix, folder):
        for name, expected in zip(output_names(case, prefix), case.expected):
            wrong = difference(expected, np.load(folder / f"{name}.npy"), case.terms)
            if wrong:
                return f"{name.removeprefix(prefix)}: {wrong}"
        return ""


def batches(cases, size):
    """Neighbours of one op; a case that must fail runs alone."""
    for _, group in itertools.groupby(cases, lambda case: (case.op, case.error)):
        group = list(group)
        step = 1 if group[0].error else size
        for start in range(0, len(group), step):
            yield group[start:start + step]


def unsupported_globs(device):
    file = HERE / f"unsupported_{device.split(':')[0]}.txt"
    lines = file.read_text().splitlines() if file.exists() else []
    return [line.partition(":")[0].strip() for line in lines if line and not line.startswith("#")]


def matches(case, globs):
    return any(fnmatch.fnmatch(case.title, glob) for glob in globs)


def main():
    parser = argparse.ArgumentParser(description="Runs the table of op cases on one device.")
    parser.add_argument("--bin", type=pathlib.Path, default=HERE.parents[1] / "build/bin",
                        help="folder of stint and stint-opt")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--pipeline", action="store_true", help="run the compiler's passes")
    parser.add_argument("--batch", type=int, default=32, help="cases a graph")
    parser.add_argument("--list", action="store_true", help="print the titles only")
    parser.add_argument("globs", nargs="*", default=["*"], metavar="GLOB")
    options = parser.parse_args()

    unsupported = unsupported_globs(options.device)
    chosen = [case for case in all_cases() if matches(case, options.globs)]
    cases = [case for case in chosen if not matches(case, unsupported)]
    if options.list:
        print("\n".join(case.title for case in cases))
        return 0
    if not cases:
        print(f"found no case like {options.globs}, allowed titles that --list prints",
              file=sys.stderr)
        return 2
    runner = Runner(options.bin, options.device, options.pipeline)
    failed = 0
    for batch in batches(cases, options.batch):
        wrongs = runner.run(batch)
        if wrongs is None:
            wrongs = [runner.run([case])[0] for case in batch]
        for case, wrong in zip(batch, wrongs):
            if wrong:
                failed += 1
                print(f"FAIL {case.title}: {wrong}", flush=True)
    left_out = len(chosen) - len(cases)
    print(f"{len(cases) - failed} passed, {failed} failed"
          + (f", {left_out} unsupported by {options.device}" if left_out else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
