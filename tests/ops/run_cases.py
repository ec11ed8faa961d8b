#!/usr/bin/env python3
"""Runs the table of op cases on one device.

    run_cases.py [--bin DIR] [--stint-command COMMAND] [--device DEVICE] [--pipeline] [--list]
                 [--batch N] [--threads N,N...] [--every-isa] [GLOB...]

Cases become graphs in the text form, many cases a graph; `stint-opt` turns a graph into a plan and
`stint run` runs it. With --pipeline the compiler's passes run on it in between. A batch that does
not run as a whole is run case by case. Prints one line a failure and `N passed, N failed`; exit 1
if any failed.

What a device cannot run stands in unsupported_DEVICE.txt beside this file (`GLOB: reason`, matched
against OP/NAME). Such cases are counted apart, and the device must indeed refuse them, or run them
right where --pipeline has made other ops of them; a glob that matches no case is an error.
--list-file names another file, for a device of the same name that can do less; its line
`include FILE` stands for the lines of a file beside it. --stint-command runs the plans otherwise
than by `stint` of --bin: under an emulator, say. With several --threads each case is run with
each number of them, and the results must be the same to the bit. With --every-isa all this is done
for each instruction set that the processor and the build have (STINT_CPU).
"""

import argparse
import fnmatch
import itertools
import json
import os
import pathlib
import re
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
    def __init__(self, options):
        self.optimiser = [options.bin / "stint-opt", "--quiet"] + ["--pipeline"] * options.pipeline
        self.stint = (shlex.split(options.stint_command) if options.stint_command
                      else [options.bin / "stint"])
        self.device = options.device
        self.pipeline = options.pipeline
        self.threads = options.threads
        self.isas = self._every_isa() if options.every_isa else [None]

    def run(self, cases):
        """What is wrong with each case; None when the graph as a whole did not run."""
        prefixed = {f"c{i}_": case for i, case in enumerate(cases)}
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            error, command = self._prepare(prefixed, folder)
            wrongs = [""] * len(cases)
            for isa in self.isas:
                ran = error or self._run_with_threads(command, folder, isa)
                if cases[0].error:
                    ran, wrongs = "", [wrongs[0] or self._judge_error(cases[0], ran)]
                elif ran:
                    return [self._labelled(ran, isa)] if len(cases) == 1 else None
                else:
                    wrongs = [wrong or self._labelled(self._judge(case, prefix, folder), isa)
                              for wrong, (prefix, case) in zip(wrongs, prefixed.items())]
            return wrongs

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
        return [wrong and self._judge_passed(case) for case, wrong in zip(cases, wrongs)]

    def _judge_passed(self, case):
        """What passes have made of a refused case is right, or refused in its turn."""
        wrong = self.run([case])[0]
        refused = wrong.startswith("exit 4: ") and f"found that {self.device} needs" in wrong
        return "" if refused else wrong

    def _compile(self, prefixed, folder):
        """(an error text or an empty one, the plan)"""
        text, plan = folder / "graph.txt", folder / "graph.stint"
        text.write_text(graph_text(prefixed))
        return self._call([*self.optimiser, "--emit", plan, text]), plan

    def _prepare(self, prefixed, folder):
        """(an error text or an empty one, the command that runs the cases)"""
        error, plan = self._compile(prefixed, folder)
        command = [*self.stint, "run", plan, "-d", self.device, "--no-fallback"]
        for prefix, case in prefixed.items():
            for name, array in inputs_of(case, prefix).items():
                np.save(folder / f"{name}.npy", array)
                command += ["--input", f"{name}={folder / name}.npy"]
        return error, command

    def _run_with_threads(self, command, folder, isa):
        """An error text, or an empty one when the results for each number of threads lie in a
        folder of its name."""
        environment = {**os.environ, "STINT_CPU": isa} if isa else None
        for threads in self.threads:
            error = self._call([*command, "-j", threads, "--output-dir", folder / str(threads)],
                               environment)
            if error:
                return error
        return ""

    def _every_isa(self):
        """The instruction sets of the processor and the build, as the refusal of another says."""
        done = subprocess.run([*map(str, self.stint), "devices", "--json", "-"], check=True,
                              capture_output=True, text=True, env={**os.environ, "STINT_CPU": "?"})
        cpu = next(device for device in json.loads(done.stdout)["devices"]
                   if device["name"] == "cpu")
        return re.search(r"allowed (.+)", cpu["description"])[1].split(", ")

    @staticmethod
    def _labelled(wrong, isa):
        return f"{isa}: {wrong}" if wrong and isa else wrong

    @staticmethod
    def _call(command, environment=None):
        try:
            done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                                  timeout=TIMEOUT_SECONDS, check=False, env=environment)
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

    def _judge(self, case, prefix, folder):
        for name, expected in zip(output_names(case, prefix), case.expected):
            files = [folder / str(threads) / f"{name}.npy" for threads in self.threads]
            wrong = difference(expected, np.load(files[0]), case.terms)
            for threads, file in zip(self.threads[1:], files[1:]):
                if not wrong and file.read_bytes() != files[0].read_bytes():
                    wrong = (f"found other bits with {threads} threads, allowed those of "
                             f"{self.threads[0]}")
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
    parser.add_argument("--threads", default=[1], help="numbers of threads: 1,2,3",
                        type=lambda text: [int(number) for number in text.split(",")])
    parser.add_argument("--every-isa", action="store_true", help="each instruction set in turn")
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
    runner = Runner(options)
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
