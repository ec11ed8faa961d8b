#!/usr/bin/env python3
"""Shows what a GPU device makes of real models.

    check_devices.py [--stint BINARY] [--device DEVICE] [--whole-only] [MODEL...]

The nets of WHOLE run on the device without fallback, in one submission a run with nothing recorded
and nothing allocated; all models run with the CPU behind the device and give ONNX Runtime's answers;
an op that the device refuses in the middle of a model costs two transfers. One line a comparison,
`devices: N passed, N failed` at the end; exit 1 if any failed.
"""

import argparse
import collections
import pathlib
import sys
import tempfile

import catalogue
import fetch
import make_zoo
import numpy as np
import onnx
import stint_cli
from check_models import Tally, compare, own_cases
from onnx import TensorProto, helper, numpy_helper
from reference import Reference

WHOLE = ["mobilenet_v1", "mobilenet_v2", "resnet18", "squeezenet_v1.1"]
REASONS_SHOWN = 6


def runs_whole(binary, model, device):
    """One submission, no host work: StintError unless the counters say so."""
    flags = ["-d", device, "--no-fallback"]
    document = stint_cli.bench(binary, model.path, *flags)
    counters = document["counters"]
    expected = {"submissions_per_run": 1, "commands_recorded_per_run": 0, "allocations_per_run": 0}
    for name, value in expected.items():
        if counters[name] != value:
            raise stint_cli.StintError(f"{name} is {counters[name]}, allowed {value}")
    explained = stint_cli.explain(binary, model.path, *flags)
    if explained["transfers"] != 0:
        raise stint_cli.StintError(f"found {explained['transfers']} transfers, allowed 0")
    return f"{counters['dispatches_per_run']:.0f} dispatches, 1 submission"


def what_fell_back(binary, model, device, inputs):
    """A text: how many ops the device runs, and why it refuses the others."""
    shapes = {name: array.shape for name, array in inputs.items()}
    document = stint_cli.explain(binary, model.path, "-d", f"{device},cpu",
                                 *stint_cli.shape_flags(shapes))
    ran = {entry["device"]: entry["ops"] for entry in document["placement"]}
    where = {step["op"]: step["device"] for step in document["steps"] if "op" in step}
    reasons = collections.Counter()
    for op in document["ops"]:
        if where.get(op["index"]) == "cpu":
            refused = [entry["reason"] for entry in op["refused"] if entry["device"] != "cpu"]
            reasons[f"{op['op']} {refused[0] if refused else 'was not asked for'}"] += 1
    text = ", ".join(f"{ops} on {name}" for name, ops in ran.items())
    shown = [f"{count} x {reason}" for reason, count in reasons.most_common(REASONS_SHOWN)]
    if not any(ops for name, ops in ran.items() if name != "cpu"):
        raise stint_cli.StintError(f"nothing ran on {device}: {'; '.join(shown)}")
    return f"{text}, {document['transfers']} transfers; " + "; ".join(shown)


def interrupted_net(path):
    """Convolutions with a running sum, which no GPU has a kernel for, in the middle."""
    rng = np.random.default_rng(1)

    def weight(name):
        array = rng.uniform(-0.3, 0.3, (8, 8, 3, 3)).astype(np.float32)
        return numpy_helper.from_array(array, name)

    nodes = [
        helper.make_node("Conv", ["x", "w0"], ["a"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("CumSum", ["b", "axis"], ["c"]),
        helper.make_node("Conv", ["c", "w1"], ["d"], pads=[1, 1, 1, 1]),
        helper.make_node("Softmax", ["d"], ["y"], axis=1),
    ]
    shape = [1, 8, 9, 11]
    graph = helper.make_graph(
        nodes, "interrupted",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [weight("w0"), weight("w1"), numpy_helper.from_array(np.array(2, np.int64), "axis")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return rng.uniform(-1, 1, shape).astype(np.float32)


def two_transfers(binary, device, folder):
    path = folder / "interrupted.onnx"
    x = interrupted_net(path)
    document = stint_cli.explain(binary, path, "-d", f"{device},cpu")
    ran = {entry["device"]: entry["ops"] for entry in document["placement"]}
    if document["transfers"] != 2 or ran["cpu"] != 1:
        raise stint_cli.StintError(f"found {document['transfers']} transfers and {ran}, "
                                   "allowed 2 and one op on the CPU")
    golden = Reference(path, {}).run({"x": x})
    stint_cli.run(binary, path, {"x": x}, golden, 1e-5, 1e-4, None, ["-d", f"{device},cpu"])
    return f"{ran}, 2 transfers"


def check_whole(binary, model, device, tally):
    flags = ["-d", device, "--no-fallback"]
    if not tally.check(f"{model.name} wholly on {device}",
                       lambda: runs_whole(binary, model, device)):
        return
    reference = Reference(model.path, model.input_shapes)
    for case, inputs, goldens in own_cases(model, reference):
        tally.check(f"{model.name} {case} wholly on {device}", lambda inputs=inputs, goldens=goldens:
                    compare(binary, model, model.path, inputs, goldens, {}, flags))


def check_with_fallback(binary, model, device, tally):
    reference = Reference(model.path, model.input_shapes)
    case, inputs, goldens = next(iter(own_cases(model, reference)))
    tally.check(f"{model.name} placed on {device},cpu",
                lambda: what_fell_back(binary, model, device, inputs))
    tally.check(f"{model.name} {case} on {device},cpu",
                lambda: compare(binary, model, model.path, inputs, goldens, model.input_shapes,
                                ["-d", f"{device},cpu"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--stint", type=pathlib.Path,
                        default=catalogue.ROOT / "build/host/bin/stint")
    parser.add_argument("--device", default="vulkan")
    parser.add_argument("--whole-only", action="store_true", help="only the nets without fallback")
    parser.add_argument("models", nargs="*", metavar="MODEL")
    options = parser.parse_args()

    models = catalogue.select(options.models)
    trained = [model for model in models if model.name not in make_zoo.ZOO]
    whole = [model for model in models if model.name in WHOLE]
    fetch.fetch([] if options.whole_only else trained)
    make_zoo.make([model.name for model in whole])
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="stint-devices-") as folder:
        tally.check("an op in the middle that the device refuses", lambda: two_transfers(
            options.stint, options.device, pathlib.Path(folder)))
    for model in whole:
        check_whole(options.stint, model, options.device, tally)
    for model in [] if options.whole_only else trained:
        check_with_fallback(options.stint, model, options.device, tally)
    print(f"devices: {tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
