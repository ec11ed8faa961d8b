#!/usr/bin/env python3
"""Runs one-node models of older opsets, with declared and with named extents.

    run_cases.py --stint BINARY

Prints one line a failure and `N passed, N failed`; exit 1 if any failed.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import helper, numpy_helper

from cases import all_cases

TIMEOUT_SECONDS = 30
TOLERANCE = ["--rtol", "1e-4", "--atol", "1e-5"]


def model_of(case, dynamic):
    """The case as a model. Dynamic: every extent of a graph input is a named dim."""
    names = [f"in{i}" for i in range(len(case.inputs))]
    outputs = [f"out{i}" for i in range(len(case.expected))]
    inputs, initializers = [], []
    for i, (name, array) in enumerate(zip(names, case.inputs)):
        if i in case.constants:
            initializers.append(numpy_helper.from_array(array, name))
            continue
        shape = [f"{name}_{axis}" for axis in range(array.ndim)] if dynamic else array.shape
        inputs.append(helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(array.dtype), shape))
    graph = helper.make_graph([helper.make_node(case.op, names, outputs, **case.attributes)],
                              "case", inputs,
                              [onnx.ValueInfoProto(name=output) for output in outputs],
                              initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", case.version)],
                             ir_version=8)


def needs_extents(case):
    """Whether the rank of the result depends on an operand's values or the extents themselves."""
    return any(array.dtype == np.int64 and i not in case.constants
               for i, array in enumerate(case.inputs))


def run(binary, case, dynamic, folder):
    """An error text, or an empty one."""
    onnx.save(model_of(case, dynamic), folder / "model.onnx")
    command = [binary, "run", folder / "model.onnx", *TOLERANCE]
    for flag, stem, arrays in (("--input", "in", case.inputs), ("--expect", "out", case.expected)):
        for i, array in enumerate(arrays):
            if stem == "in" and i in case.constants:
                continue
            if stem == "out" and array.dtype == np.float64:
                array = array.astype(np.float32)
            np.save(folder / f"{stem}{i}.npy", array)
            command += [flag, f"{stem}{i}={folder / f'{stem}{i}.npy'}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    return "" if done.returncode == 0 else f"exit {done.returncode}: {done.stderr.strip()[:300]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--stint", type=pathlib.Path, required=True)
    options = parser.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for case in all_cases():
            for dynamic in (False, True)[:1 if needs_extents(case) else 2]:
                error = run(options.stint, case, dynamic, pathlib.Path(folder))
                passed += not error
                failed += bool(error)
                if error:
                    print(f"FAIL {case.title}{' dynamic' if dynamic else ''}: {error}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
