#!/usr/bin/env python3
"""Runs the table of op cases on one device.

    run_cases.py [--bin DIR] [--stint-command COMMAND] [--device DEVICE] [--pipeline] [--list]
                 [--batch N] [GLOB...]

Cases become graphs in the text form, many cases a graph; `stint-opt` turns a graph into a plan and
`stint run` runs it. With --pipeline the compiler's passes run on it in between. A batch that does
not run as a whole is run case by case. Prints one line a failure and `N passed, N failed`; exit 1
if any failed.

What a device cannot run stands in unsupported_DEVICE.txt beside this file (`GLOB: reason`, matched
against OP/NAME). Such cases are counted apart, and the device must indeed refuse them, or run them
right where --pipeline has made other ops of them; a glob that matches no case is an error.
--list-file names another file, for a device of the same name that can do less; its line
`include FILE` stands for the lines of a file beside it. --stint-command runs the plans otherwise
than by `stint` of --bin: under an emulator, say.
"""

import argparse
import fnmatch
import itertools
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

import numpy as np

from case import difference, graph_text, inputs_of, output_names
from cases import all_cases

HERE = pathlib.Path(__file__).resolve().parent
TIMEOUT_SECONDS = 120


class Runner:
    def __init__(self, binaries, stint_command, device, pipeline):
        self.optimiser = [binaries / "stint-opt", "--quiet"] + ["--pipeline"] * pipeline
        self.stint = shlex.split(stint_command) if stint_command else [binaries / "stint"]
        self.device = device
        self.pipeline = pipeline

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

    def refused(self, cases):
        """What is wrong with cases that the device must refuse; None for a batch."""
        prefixed = {f"c{i}_": case for i, case in enumerate(cases)}
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            error, plan = self._compile(prefixed, folder)
            error = error or self._call([*self.stint, "explain", plan, "-d", f"{self.device},cpu",
                                         "--json", folder / "explained.json"])
            if error:
                return [error] if len(cases) == 1 else None
            document = json.loads((folder / "explained.json").read_text())
        wrongs = [self._judge_refusal(case, prefix, document) for prefix, case in prefixed.items()]
        if not self.pipeline:
            return wrongs
        return [wrong and self.run([case])[0] for case, wrong in zip(cases, wrongs)]

    def _compile(self, prefixed, folder):
        """(an error text or an empty one, the plan)"""
        text, plan = folder / "graph.txt", folder / "graph.stint"
        text.write_text(graph_text(prefixed))
        return self._call([*self.optimiser, "--emit", plan, text]), plan

    def _execute(self, prefixed, folder):
        """An error text, or an empty one when results lie in folder/out."""
        error, plan = self._compile(prefixed, folder)
        if error:
            return error
        command = [*self.stint, "run", plan, "-d", self.device, "--no-fallback", "--output-dir",
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

    def _judge_refusal(self, case, prefix, document):
        """An op without a step has nothing to compute, or became another one in the passes."""
        ops = {op["index"]: op for op in document["ops"]
               if op["name"] == prefix and op["op"] == case.op}
        steps = [step for step in document["steps"]
                 if step.get("op") in ops and step["runs"] == case.op]
        if any(step["device"] != "cpu" for step in steps):
            return f"runs on {self.device}, expected a refusal"
        for step in steps:
            if all(entry["device"] == "cpu" for entry in ops[step["op"]]["refused"]):
                return f"was not offered to {self.device}, expected a refusal"
        if not steps and not self.pipeline and any(array.size for array in case.expected):
            return "is no step of the plan, expected a refusal"
        return ""

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


def globs_of(file):
    """The globs of a list, and of the lists that its `include` lines name."""
    globs = []
    for line in file.read_text().splitlines():
        if line.startswith("include "):
            globs += globs_of(file.parent / line.removeprefix("include ").strip())
        elif line and not line.startswith("#"):
            globs.append(line.partition(":")[0].strip())
    return globs


def unsupported_globs(device, list_file):
    file = list_file or HERE / f"unsupported_{device.split(':')[0]}.txt"
    return globs_of(file) if list_file or file.exists() else []


def matches(case, globs):
    return any(fnmatch.fnmatchcase(case.title, glob) for glob in globs)


class Tally:
    def __init__(self):
        self.failed = 0

    def judge(self, batch, judge):
        """Counts and prints what is wrong with the cases of a batch, one by one if need be."""
        wrongs = judge(batch)
        if wrongs is None:
            wrongs = [judge([case])[0] for case in batch]
        for case, wrong in zip(batch, wrongs):
            if wrong:
                self.failed += 1
                print(f"FAIL {case.title}: {wrong}", flush=True)


def main():
    parser = argparse.ArgumentParser(description="Runs the table of op cases on one device.")
    parser.add_argument("--bin", type=pathlib.Path, default=HERE.parents[1] / "build/bin",
                        help="folder of stint and stint-opt")
    parser.add_argument("--stint-command", help="what runs plans, instead of stint of --bin")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--pipeline", action="store_true", help="run the compiler's passes")
    parser.add_argument("--batch", type=int, default=32, help="cases a graph")
    parser.add_argument("--list", action="store_true", help="print the titles only")
    parser.add_argument("--list-file", type=pathlib.Path, help="what the device cannot run")
    parser.add_argument("globs", nargs="*", default=["*"], metavar="GLOB")
    options = parser.parse_args()

    unsupported = unsupported_globs(options.device, options.list_file)
    chosen = [case for case in all_cases() if matches(case, options.globs)]
    cases = [case for case in chosen if not matches(case, unsupported)]
    left_out = [case for case in chosen if matches(case, unsupported)]
    if options.list:
        print("\n".join(case.title for case in cases))
        return 0
    if not chosen:
        print(f"found no case like {options.globs}, allowed titles that --list prints",
              file=sys.stderr)
        return 2
    runner = Runner(options.bin, options.stint_command, options.device, options.pipeline)
    tally = Tally()
    for batch in batches(cases, options.batch):
        tally.judge(batch, runner.run)
    for batch in batches(left_out, options.batch):
        tally.judge(batch, runner.refused)
    for glob in unsupported:
        if not any(matches(case, [glob]) for case in all_cases()):
            tally.failed += 1
            print(f"FAIL {glob}: matches no case, expected one that the device refuses")
    if left_out:
        print(f"{len(left_out)} cases are unsupported by {options.device}, and were refused")
    print(f"{len(chosen) - tally.failed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
