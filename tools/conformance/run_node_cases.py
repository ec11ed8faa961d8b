#!/usr/bin/env python3
"""Runs ONNX's own operator cases (onnx/backend/test/data/node) through `stint run`.

    run_node_cases.py [--stint BINARY] [--minimum N] [--json FILE] [--jobs N] [--list] [GLOB...]

A case is one model with one or more sets of inputs and expected outputs. It
  PASSes          when every set exits 0,
  is UNSUPPORTED  when it exits 4 with one line that names the op, its version and dtypes,
  FAILs           otherwise: a wrong answer, another exit code, a crash, no answer in time.
Known failures stand with a reason in tests/conformance/expected_failures.txt (`SUITE/CASE: reason`,
both patterns); one that no longer fails is itself a failure. Exit 1 if any case failed or fewer than
--minimum passed. stint-conformance runs the same cases in process; this one sees what a user sees.
"""

import argparse
import collections
import concurrent.futures
import fnmatch
import json
import os
import pathlib
import re
import subprocess
import sys

import onnx

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES_DIR = pathlib.Path(onnx.__file__).parent / "backend/test/data/node"
SUITE = f"node-{'.'.join(onnx.__version__.split('.')[:2])}"
EXPECTED_FAILURES = ROOT / "tests/conformance/expected_failures.txt"
TIMEOUT_SECONDS = 20
TOLERANCE = ["--rtol", "1e-3", "--atol", "1e-7"]

PASS, UNSUPPORTED, FAIL, EXPECTED = "PASS", "UNSUPPORTED", "FAIL", "EXPECTED FAILURE"
UNSUPPORTED_LINE = re.compile(r"stint: unsupported: .+: found .+, allowed .+")
VERSION = re.compile(r"(?:opset|version|-)\s?\d+")
DTYPE = re.compile(
    r"\b(?:u?int(?:2|4|8|16|32|64)|b?float\d+\w*|float|double|bool|string|complex\d+|sequence"
    r"|optional|no operands)\b")

Outcome = collections.namedtuple("Outcome", "case verdict detail op")


def graph_inputs(model):
    """Names of inputs that are not initialisers, in order: what input_0.pb, ... stand for."""
    initialised = {tensor.name for tensor in model.graph.initializer}
    return [value.name for value in model.graph.input if value.name not in initialised]


def operators(graph):
    """Operator names of a graph and its subgraphs."""
    names = set()
    for node in graph.node:
        names.add(node.op_type)
        for attribute in node.attribute:
            for subgraph in [attribute.g, *attribute.graphs]:
                names |= operators(subgraph)
    return names


def file_flags(flag, stem, names, data_set):
    """FLAG NAME=FILE for each of `names` that has a file; an absent optional one has none."""
    flags = []
    for index, name in enumerate(names):
        file = data_set / f"{stem}_{index}.pb"
        if file.exists():
            flags += [flag, f"{name}={file}"]
    return flags


def judge(returncode, stderr, op_names):
    """(verdict, detail, unsupported op) of one run."""
    lines = stderr.strip().split("\n")
    if returncode == 0:
        return PASS, "", ""
    if returncode != 4:
        return FAIL, f"exit {returncode}: {' | '.join(lines)[:300]}", ""
    if len(lines) != 1 or not UNSUPPORTED_LINE.fullmatch(lines[0]):
        return FAIL, f"exit 4 without one line as agreed: {' | '.join(lines)[:300]}", ""
    named = [name for name in op_names if re.search(rf"\b{re.escape(name)}\b", lines[0])]
    if not named or not VERSION.search(lines[0]) or not DTYPE.search(lines[0]):
        return FAIL, f"exit 4 without op, version and dtypes: {lines[0][:300]}", ""
    return UNSUPPORTED, lines[0], max(named, key=len)


def run_set(binary, model_path, model, data_set, op_names):
    outputs = [value.name for value in model.graph.output]
    command = [str(binary), "run", str(model_path), *TOLERANCE]
    command += file_flags("--input", "input", graph_inputs(model), data_set)
    expectations = file_flags("--expect", "output", outputs, data_set)
    if not expectations:
        return FAIL, "found no expected outputs", ""
    command += expectations
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace",
                              timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        return FAIL, f"no answer within {TIMEOUT_SECONDS} s", ""
    return judge(done.returncode, done.stderr, op_names)


def run_case(binary, folder):
    """The outcome of a case: that of the first set that does not pass."""
    model_path = folder / "model.onnx"
    model = onnx.load(model_path)
    op_names = operators(model.graph).union(*(operators(f) for f in model.functions))
    data_sets = sorted(folder.glob("test_data_set_*"))
    if not data_sets:
        return Outcome(folder.name, FAIL, "found no test_data_set_*", "")
    for data_set in data_sets:
        verdict, detail, op = run_set(binary, model_path, model, data_set, op_names)
        if verdict != PASS:
            break
    return Outcome(folder.name, verdict, detail, op)


def read_expected_failures(path):
    """{pattern of cases: reason} of this suite."""
    lines = path.read_text().splitlines() if path.exists() else []
    entries = [line.partition(": ") for line in lines if line and not line.startswith("#")]
    nameless = [case for case, _, reason in entries if not reason]
    if nameless:
        raise SystemExit(f"{path.name}: found {nameless[0]} without a reason")
    known = {}
    for name, _, reason in entries:
        suite, _, case = name.partition("/")
        if fnmatch.fnmatch(SUITE, suite):
            known[case] = reason
    return known


def settle(outcome, expected_failures):
    """The outcome in the light of the list of known failures."""
    reasons = [reason for pattern, reason in expected_failures.items()
               if fnmatch.fnmatch(outcome.case, pattern)]
    if not reasons:
        return outcome
    if outcome.verdict == FAIL:
        return outcome._replace(verdict=EXPECTED, detail=reasons[0])
    return outcome._replace(
        verdict=FAIL,
        detail=f"{outcome.verdict}, but listed in {EXPECTED_FAILURES.name}: {reasons[0]}")


def select_cases(globs):
    folders = sorted(folder for folder in CASES_DIR.iterdir() if (folder / "model.onnx").exists())
    return [folder for folder in folders
            if not globs or any(fnmatch.fnmatch(folder.name, glob) for glob in globs)]


def report(outcomes, list_all):
    """Prints the failures (or all), what is unsupported by op, and the totals."""
    for outcome in outcomes:
        if list_all or outcome.verdict == FAIL:
            print(f"{outcome.verdict} {outcome.case}: {outcome.detail}")
    by_op = collections.Counter(o.op for o in outcomes if o.verdict == UNSUPPORTED)
    for op, count in sorted(by_op.items(), key=lambda item: (-item[1], item[0])):
        print(f"unsupported {count:4} {op}")
    totals = collections.Counter(outcome.verdict for outcome in outcomes)
    for verdict in (PASS, UNSUPPORTED, EXPECTED, FAIL):
        print(f"{verdict.lower():17}{totals[verdict]:5}")
    return totals, by_op


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--stint", type=pathlib.Path, default=ROOT / "build/host/bin/stint")
    parser.add_argument("--minimum", type=int, help="passes required; default: 900 of all cases")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--list", action="store_true", help="print every case")
    parser.add_argument("globs", nargs="*", metavar="GLOB")
    options = parser.parse_args()
    if not options.stint.is_file():
        parser.error(f"found no file {options.stint}, allowed a stint binary")
    minimum = options.minimum if options.minimum is not None else 0 if options.globs else 900

    expected_failures = read_expected_failures(EXPECTED_FAILURES)
    folders = select_cases(options.globs)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        outcomes = [settle(outcome, expected_failures)
                    for outcome in pool.map(lambda f: run_case(options.stint, f), folders)]
    totals, by_op = report(outcomes, options.list)
    if not options.globs:
        cases = [outcome.case for outcome in outcomes]
        for pattern in expected_failures:
            if fnmatch.filter(cases, pattern):
                continue
            print(f"FAIL {pattern}: listed in {EXPECTED_FAILURES.name}, but no such case")
            totals[FAIL] += 1
    if options.json:
        cases = {o.case: {"verdict": o.verdict, "detail": o.detail} for o in outcomes}
        options.json.write_text(json.dumps(
            {"schema": 1, "totals": totals, "unsupported_by_op": by_op, "cases": cases}, indent=1))
    if totals[PASS] < minimum:
        print(f"FAIL: found {totals[PASS]} passes, allowed at least {minimum}")
        totals[FAIL] += 1
    # An unsupported case kept its promise too: it said what is missing.
    kept = totals[PASS] + totals[UNSUPPORTED] + totals[EXPECTED]
    print(f"node cases: {kept} passed, {totals[FAIL]} failed")
    return 1 if totals[FAIL] or not kept else 0


if __name__ == "__main__":
    sys.exit(main())
