"""The outputs of cases computed in float64: what a distance should be measured from.

The values that a case stores are results of float32 arithmetic, or were rounded to a few decimals.
For the cases that tests/conformance/inexact.txt lists, the model is rewritten so that each float32 of
it is a float64, and ONNX's reference evaluator runs it: none of Stint's code takes part.
"""

import fnmatch

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, numpy_helper
from onnx.reference import ReferenceEvaluator

# Attributes that name the type of a result or of what it is computed in.
TYPE_ATTRIBUTES = ["to", "dtype", "output_datatype", "stash_type"]


def listed_patterns(path):
    """The patterns `SUITE/CASE` of a list of known cases."""
    lines = path.read_text().splitlines()
    return [line.partition(": ")[0] for line in lines if line and not line.startswith("#")]


def widen_tensor(tensor):
    if tensor.data_type == TensorProto.FLOAT:
        wide = numpy_helper.to_array(tensor).astype(np.float64)
        tensor.CopyFrom(numpy_helper.from_array(wide, tensor.name))


def widen_attribute(attribute):
    if attribute.type == AttributeProto.TENSOR:
        widen_tensor(attribute.t)
    elif attribute.type == AttributeProto.GRAPH:
        widen_graph(attribute.g)
    elif attribute.name in TYPE_ATTRIBUTES and attribute.i == TensorProto.FLOAT:
        attribute.i = TensorProto.DOUBLE
    elif attribute.name in ("value_float", "value_floats"):
        numbers = attribute.f if attribute.name == "value_float" else list(attribute.floats)
        value = numpy_helper.from_array(np.array(numbers, np.float64))
        attribute.CopyFrom(onnx.helper.make_attribute("value", value))


def widen_graph(graph):
    for tensor in graph.initializer:
        widen_tensor(tensor)
    for value in [*graph.input, *graph.output, *graph.value_info]:
        if value.type.tensor_type.elem_type == TensorProto.FLOAT:
            value.type.tensor_type.elem_type = TensorProto.DOUBLE
    for node in graph.node:
        for attribute in node.attribute:
            widen_attribute(attribute)


def read_tensor(path):
    return numpy_helper.to_array(onnx.load_tensor(path))


def wide_model(folder):
    """The model of a case; of a function its body, which has no constants in other types."""
    expanded = folder.with_name(folder.name + "_expanded")
    model = onnx.load((expanded if expanded.is_dir() else folder) / "model.onnx")
    widen_graph(model.graph)
    return model


def compute_set(model, data_set):
    """{file name: float64 array} of the float32 outputs of a data set."""
    initialised = {tensor.name for tensor in model.graph.initializer}
    names = [value.name for value in model.graph.input if value.name not in initialised]
    inputs = {}
    for i, name in enumerate(names):
        path = data_set / f"input_{i}.pb"
        if path.exists():
            given = read_tensor(path)
            inputs[name] = given.astype(np.float64) if given.dtype == np.float32 else given
    outputs = {}
    for i, result in enumerate(ReferenceEvaluator(model).run(None, inputs)):
        path = data_set / f"output_{i}.pb"
        if not path.exists() or read_tensor(path).dtype != np.float32:
            continue
        if np.asarray(result).dtype != np.float64:
            raise SystemExit(f"{data_set}: found {np.asarray(result).dtype}, allowed float64: "
                             "the evaluator does not compute it in float64")
        outputs[path.name] = np.asarray(result)
    return outputs


def write_truth(folders, list_path, target):
    """Writes TARGET/SUITE/CASE/SET/output_N.pb for the listed cases; `folders` is {suite: folder}."""
    patterns = listed_patterns(list_path)
    for suite, folder in folders.items():
        for case in sorted(folder.iterdir()):
            if not any(fnmatch.fnmatch(f"{suite}/{case.name}", pattern) for pattern in patterns):
                continue
            model = wide_model(case)
            for data_set in sorted(case.glob("test_data_set_*")):
                place = target / suite / case.name / data_set.name
                place.mkdir(parents=True)
                for name, array in compute_set(model, data_set).items():
                    (place / name).write_bytes(numpy_helper.from_array(array).SerializeToString())
