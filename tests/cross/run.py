#!/usr/bin/env python3
"""Tests a cross build under qemu-user: what the host's compiler made, the target's runtime runs.

    run.py --build build/aarch64 [--cpu max] [--set full|reduced] [--host-bin build/host/bin]
           [--jobs N]

full, the default for `max`: all unit tests, the HAL's conformance suite, the table of op cases as
written and after the compiler's passes, the node cases of the installed onnx, three real models, and
that the program multiplies vectors.
reduced, the default for a named processor: one program serves all processors and only kernels that
are chosen by instruction set differ, so those alone run again: the unit tests and HAL tests of the
CPU backend, the op cases as written, one model.

Expected values come from NumPy, from ONNX's suite and, for the models, from ONNX Runtime on the host.
Prints a line a
part, what failed, and `N passed, N failed`; exit 1 if any failed.
"""

import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools/models"), str(ROOT / "tools/conformance")]

TIMEOUT_SECONDS = 600
EMULATORS = {
    40: ("qemu-arm", "/usr/arm-linux-gnueabihf"),
    183: ("qemu-aarch64", "/usr/aarch64-linux-gnu"),
}
# Input shapes that are small enough for an emulator; None: the first case of models.json.
MODELS = {"ppocr_cls_v2": None, "ppocrv4_rec": (1, 3, 48, 104), "mobilenet_v2": None}
REDUCED_MODELS = ["ppocr_cls_v2"]
# Multiply-adds of floats in a disassembly: of vectors, of one number.
PRODUCTS = {
    "arm-linux-gnueabihf": (r"\tv(fma|mla)\.f32\tq", r"\tv(fma|mla)\.f32\ts"),
    "aarch64-linux-gnu": (r"\tfmla\tv", r"\tfmadd\ts"),
}


@dataclasses.dataclass
class Outcome:
    part: str
    passed: int
    failed: int
    log: str
    seconds: float


def emulator_of(program):
    """(emulator, folder of the target's libraries) for an ELF file, by its machine."""
    with open(program, "rb") as file:
        header = file.read(20)
    machine = struct.unpack_from("<H", header, 18)[0] if header[:4] == b"\x7fELF" else None
    if machine not in EMULATORS:
        raise SystemExit(f"{program}: found machine {machine}, allowed {sorted(EMULATORS)}")
    return EMULATORS[machine]


def launcher(folder, program, cpu):
    """A script in `folder` that runs a program of the target as if it were one of the host."""
    emulator, libraries = emulator_of(program)
    script = folder / program.name
    script.write_text(f'#!/bin/sh\nexec {emulator} -cpu {cpu} -L {libraries} "{program}" "$@"\n')
    script.chmod(0o755)
    return script


def call(command):
    """(exit status, stdout and stderr)"""
    try:
        done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace",
                              timeout=TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return 1, f"no answer within {TIMEOUT_SECONDS} s"
    return done.returncode, done.stdout


def counts_of(status, log):
    """(passed, failed) as Catch2 or one of our runners states them; else the program counts as one."""
    if found := re.search(r"^All tests passed \(.* in (\d+) test cases?\)", log, re.M):
        return int(found[1]), 0
    if found := re.search(r"^test cases: +(\d+) \|(?: +(\d+) passed \|)? +(\d+) failed", log, re.M):
        return int(found[2] or 0), int(found[3])
    if found := re.findall(r"(\d+) passed, (\d+) failed$", log.strip()):
        return int(found[-1][0]), int(found[-1][1])
    return (1, 0) if status == 0 else (0, 1)


def run_program(*command):
    """The counts and the log of a test program; a status that contradicts them is a failure."""
    status, log = call(command)
    passed, failed = counts_of(status, log)
    return passed, failed or int(status != 0), log


def check_vector_products(program):
    """Fails where the compiler took the kernels' vectors apart into single floats."""
    target = pathlib.Path(emulator_of(program)[1]).name
    status, text = call([f"{target}-objdump", "-d", "--no-show-raw-insn", program])
    vectors, singles = (len(re.findall(pattern, text)) for pattern in PRODUCTS[target])
    good = status == 0 and vectors > singles
    log = f"found {vectors} products of vectors and {singles} of single floats"
    return int(good), int(not good), log


def node_cases(host_bin, runner):
    """The command that compiles ONNX's node cases on the host and runs them on the target."""
    import run_node_cases
    import suites

    return [host_bin / "stint-conformance", "-j", 1, "--runner", runner,
            "--data", f"{run_node_cases.SUITE}={run_node_cases.CASES_DIR}",
            "--expected-failures", suites.LISTS / "expected_failures.txt",
            "--unsupported", suites.LISTS / "unsupported.txt"]


def run_model(name, shape, host_stint, stint, folder):
    """Compiles on the host, runs on the target, compares with ONNX Runtime."""
    import catalogue
    import check_models
    import fetch
    import make_zoo
    import reference
    import stint_cli

    [model] = catalogue.select([name])
    fetch.fetch([model])
    make_zoo.make([name] if name in make_zoo.ZOO else [])
    runtime = reference.Reference(model.path)
    if shape:
        spec = {"shape": shape, "fill": "normal", "scale": 1}
        inputs = {runtime.input_names[0]: catalogue.fill(spec, f"{name}/{shape}")}
    else:
        inputs = catalogue.case_inputs(model, model.entry["cases"][0])
    plan = folder / f"{name}.stint"
    try:
        stint_cli.compile_plan(host_stint, model.path, plan)
        detail = check_models.compare(stint, model, plan, inputs, runtime.run(inputs), {})
    except stint_cli.StintError as error:
        return 0, 1, f"FAIL {name}: {error}"
    return 1, 0, f"PASS {name}: {detail}"


def parts_of(options, folder):
    """(name, function, arguments) of what is to run, the longest first."""
    reduced = options.set == "reduced"
    binaries = options.build / "bin"
    start = {name: launcher(folder, binaries / name, options.cpu)
             for name in ("stint", "stint-unit-tests", "stint-hal-tests", "stint-hal-failure-tests",
                          "stint-conformance-runner")}
    cases = [sys.executable, ROOT / "tests/ops/run_cases.py", "--bin", options.host_bin,
             "--stint-command", start["stint"]]
    yield "op cases", run_program, cases
    if not reduced:
        yield "op cases after passes", run_program, [*cases, "--pipeline"]
    yield "node cases", run_program, node_cases(options.host_bin, start["stint-conformance-runner"])
    yield "unit tests", run_program, [start["stint-unit-tests"], *(["[cpu]"] if reduced else [])]
    yield "hal cpu", run_program, [start["stint-hal-tests"], "--device", "cpu"]
    if not reduced:
        yield "hal null", run_program, [start["stint-hal-tests"], "--device", "null"]
        yield "hal failures", run_program, [start["stint-hal-failure-tests"]]
        yield "vector products", check_vector_products, [binaries / "stint-minimal"]
    for name in REDUCED_MODELS if reduced else MODELS:
        yield name, run_model, [name, MODELS[name], options.host_bin / "stint", start["stint"],
                                folder]


def run_part(name, function, arguments):
    begin = time.monotonic()
    passed, failed, log = function(*arguments)
    return Outcome(name, passed, failed, log, time.monotonic() - begin)


def show(outcome):
    print(f"{outcome.part:24} {outcome.passed:5} passed {outcome.failed:4} failed "
          f"{outcome.seconds:6.1f} s", flush=True)
    if outcome.failed:
        print(outcome.log.rstrip())


def main():
    parser = argparse.ArgumentParser(description="Tests a cross build under qemu-user.")
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--cpu", default="max", help="as qemu's -cpu names it")
    parser.add_argument("--set", choices=["full", "reduced"])
    parser.add_argument("--host-bin", type=pathlib.Path, default=ROOT / "build/host/bin")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    options.build = options.build.resolve()
    options.set = options.set or ("full" if options.cpu == "max" else "reduced")

    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="stint-cross-") as folder, \
            concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        parts = list(parts_of(options, pathlib.Path(folder)))
        for outcome in concurrent.futures.as_completed(
                [pool.submit(run_part, *part) for part in parts]):
            show(outcome.result())
            passed += outcome.result().passed
            failed += outcome.result().failed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
