#!/usr/bin/env python3
"""Compares one-node models, in the modes that ONNX's own cases leave out, with ONNX Runtime.

    run_cases.py --stint BINARY [GLOB...]

Each case runs with declared and with named extents. Floats are compared as ONNX's suite does,
other types, extents and dtypes exactly; NaN is equal to NaN. Globs are matched against
OP-VERSION/NAME. Prints one line a failure and `N passed, N failed`; exit 1 if any failed.
"""

import argparse
import fnmatch
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

import cases_data
import cases_numeric
import cases_shape
import cases_window
from case import Table

TIMEOUT_SECONDS = 60
RELATIVE, ABSOLUTE = 1e-3, 1e-7


def all_cases():
    for module in (cases_window, cases_numeric, cases_shape, cases_data):
        for family in module.FAMILIES:
            table = Table(family.__name__)
            family(table)
            yield from table.cases


def feeds_of(case):
    return {f"in{i}": array for i, array in enumerate(case.inputs)
            if array is not None and i not in case.constants}


def model_of(case, named):
    """The case as a model. Named: extents of graph inputs are named dims."""
    names = ["" if array is None else f"in{i}" for i, array in enumerate(case.inputs)]
    outputs = [f"out{i}" for i in range(case.outputs)]
    inputs = [helper.make_tensor_value_info(
        name, helper.np_dtype_to_tensor_dtype(array.dtype),
        [f"{name}_{axis}" if named and axis not in case.declared else extent
         for axis, extent in enumerate(array.shape)]) for name, array in feeds_of(case).items()]
    graph = helper.make_graph([helper.make_node(case.op, names, outputs, **case.attributes)],
                              "case", inputs, [onnx.ValueInfoProto(name=name) for name in outputs],
                              [numpy_helper.from_array(case.inputs[i], names[i])
                               for i in case.constants])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", case.version)],
                             ir_version=10)


def expected_of(case):
    if case.expected is not None:
        return case.expected
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model_of(case, False).SerializeToString(), options,
                                           providers=["CPUExecutionProvider"])
    return session.run(None, feeds_of(case))


def difference(found, expected):
    """An error text, or an empty one."""
    if (found.dtype, found.shape) != (expected.dtype, expected.shape):
        return (f"found {found.dtype}{list(found.shape)}, "
                f"expected {expected.dtype}{list(expected.shape)}")
    if found.dtype.kind == "f":
        equal = np.isclose(found, expected, RELATIVE, ABSOLUTE, equal_nan=True)
    else:
        equal = found == expected
    if np.all(equal):
        return ""
    first = tuple(int(i) for i in np.argwhere(~equal)[0])
    return (f"{np.sum(~equal)} of {equal.size} differ; at {list(first)} found {found[first]}, "
            f"expected {expected[first]}")


def run(binary, case, expected, named, folder):
    """An error text, or an empty one."""
    onnx.save(model_of(case, named), folder / "model.onnx")
    command = [binary, "run", folder / "model.onnx", "--output-dir", folder, "-d", "cpu"]
    for name, array in feeds_of(case).items():
        np.save(folder / f"{name}.npy", array)
        command += ["--input", f"{name}={folder / name}.npy"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS,
                          check=False)
    if done.returncode:
        return f"exit {done.returncode}: {done.stderr.strip()[:300]}"
    for i, array in enumerate(expected):
        wrong = difference(np.load(folder / f"out{i}.npy"), array)
        if wrong:
            return f"out{i}: {wrong}"
    return ""


def judge(binary, case):
    """The lines to print of a case, none where it is as it should be."""
    try:
        expected = expected_of(case)
    except Exception as error:  # ONNX Runtime's errors have no common base of their own.
        return [f"FAIL {case.title}: ONNX Runtime: {str(error)[:300]}"]
    wrongs = []
    for named in (False, True):
        with tempfile.TemporaryDirectory(prefix="stint-oracle-") as folder:
            wrong = run(binary, case, expected, named, pathlib.Path(folder))
        if wrong:
            wrongs.append(f"FAIL {case.title}{' named extents' if named else ''}: {wrong}")
    return wrongs


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--stint", type=pathlib.Path, required=True)
    parser.add_argument("globs", nargs="*", default=["*"], metavar="GLOB")
    options = parser.parse_args()
    onnxruntime.set_default_logger_severity(4)
    passed = failed = 0
    for case in all_cases():
        if not any(fnmatch.fnmatchcase(case.title, glob) for glob in options.globs):
            continue
        lines = judge(options.stint, case)
        print("".join(f"{line}\n" for line in lines), end="", flush=True)
        passed, failed = passed + (not lines), failed + bool(lines)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
