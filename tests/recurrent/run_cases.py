#!/usr/bin/env python3
"""Compares RNN, GRU and LSTM nodes with ONNX Runtime.

    run_cases.py --stint BINARY [GLOB...]

Each case runs with its matrices as initialisers, which are packed; as graph inputs; and with named
extents. Then come nodes that must be refused. Prints one line a failure and `N passed, N failed`;
exit 1 if any failed.
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

from cases import OPERANDS, all_cases, broken_cases

TIMEOUT_SECONDS = 60
EXIT_INVALID = 2
TOLERANCE = ["--rtol", "1e-4", "--atol", "1e-5"]
MATRICES = ("W", "R", "B", "P")
# Empty ones do not show their types.
LISTS = {"activations": onnx.AttributeProto.STRINGS, "activation_alpha": onnx.AttributeProto.FLOATS}


def model_of(case, constant, dynamic):
    """The case as a model. Constant: the layer's own arrays are initialisers."""
    names, inputs, initializers = [], [], []
    for name, array in zip(OPERANDS, case.inputs):
        names.append("" if array is None else name)
        if array is None:
            continue
        if constant and name in MATRICES:
            initializers.append(numpy_helper.from_array(array, name))
            continue
        dims = {"X": ["T", "N", array.shape[-1]], "lengths": ["N"],
                "h": [array.shape[0], "N", array.shape[-1]]}
        dims["c"] = dims["h"]
        inputs.append(helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(array.dtype),
            dims.get(name, array.shape) if dynamic else array.shape))
    node = helper.make_node(case.op, names, case.outputs)
    node.attribute.extend(helper.make_attribute(name, value, attr_type=LISTS.get(name))
                          for name, value in case.attributes.items())
    graph = helper.make_graph(
        [node], "case", inputs,
        [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
         for name in case.outputs], initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", case.version)],
                             ir_version=8)


def expected_of(case):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model_of(case, True, False).SerializeToString(), options,
                                           providers=["CPUExecutionProvider"])
    feeds = {name: array for name, array in zip(OPERANDS, case.inputs)
             if array is not None and name not in MATRICES}
    return dict(zip(case.outputs, session.run(case.outputs, feeds)))


def refusal(binary, broken, folder):
    """An error text unless the model is refused as it should be."""
    case = broken.case
    onnx.save(model_of(case, False, False), folder / "model.onnx")
    command = [binary, "run", folder / "model.onnx"]
    if "lengths" in case.operands:
        np.save(folder / "lengths.npy", case.operands["lengths"])
        command += ["--input", f"lengths={folder / 'lengths.npy'}"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False,
                         timeout=TIMEOUT_SECONDS)
    if ran.returncode == EXIT_INVALID and broken.message in ran.stderr:
        return ""
    return f"found exit {ran.returncode}, {ran.stderr.strip()!r}, expected {broken.message!r}"


def run(binary, case, expected, constant, dynamic, folder):
    """An error text, or an empty one."""
    model = model_of(case, constant, dynamic)
    onnx.save(model, folder / "model.onnx")
    wanted = {value.name for value in model.graph.input}
    given = {name: array for name, array in zip(OPERANDS, case.inputs) if name in wanted}
    command = [binary, "run", folder / "model.onnx", *TOLERANCE]
    for flag, arrays in (("--input", given), ("--expect", expected)):
        for name, array in arrays.items():
            path = folder / f"{flag[2:]}_{name}.npy"
            np.save(path, array)
            command += [flag, f"{name}={path}"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False,
                         timeout=TIMEOUT_SECONDS)
    return "" if ran.returncode == 0 else (ran.stderr + ran.stdout).strip().replace("\n", " / ")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--stint", type=pathlib.Path, required=True)
    parser.add_argument("globs", nargs="*", default=["*"], metavar="GLOB")
    options = parser.parse_args()
    cases = [case for case in all_cases()
             if any(fnmatch.fnmatchcase(case.title, glob) for glob in options.globs)]
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="stint-recurrent-") as folder:
        for case in cases:
            expected = expected_of(case)
            for label, constant, dynamic in (("packed", True, False), ("inputs", False, False),
                                             ("named extents", True, True)):
                wrong = run(options.stint, case, expected, constant, dynamic, pathlib.Path(folder))
                if wrong:
                    print(f"FAIL {case.title} {label}: {wrong}", flush=True)
                passed, failed = passed + (not wrong), failed + bool(wrong)
        for broken in broken_cases():
            if not any(fnmatch.fnmatchcase(broken.case.title, glob) for glob in options.globs):
                continue
            wrong = refusal(options.stint, broken, pathlib.Path(folder))
            if wrong:
                print(f"FAIL {broken.case.title}: {wrong}", flush=True)
            passed, failed = passed + (not wrong), failed + bool(wrong)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
