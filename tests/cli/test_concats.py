"""Concatenations whose operands are computed where they belong: small nets against ONNX Runtime.

Each runs with one thread and three, with groups and without, with and without the instruction sets
that the processor has, and with devices that share a model.
"""

import os
import unittest
from unittest import mock

import numpy as np
import onnxruntime
from onnx import helper, numpy_helper

from cases import FLOAT, CliCase, model, tensor


class Net:
    """A net under construction; tensors are (name, channels)."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.nodes = []
        self.weights = []

    def add(self, op, inputs, outputs=1, **attributes):
        names = [f"t{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, names, name=names[0], **attributes))
        return names[0] if outputs == 1 else names

    def constant(self, array):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def conv(self, x, channels, kernel=1, op="Conv", groups=1, **attributes):
        name, depth = x
        shape = (channels, depth // groups, kernel, kernel)
        if op == "ConvTranspose":
            shape = (depth, channels, kernel, kernel)
        else:
            attributes.setdefault("pads", [kernel // 2] * 4)
        scale = np.float32(1 / np.sqrt(depth // groups * kernel * kernel))
        weight = self.constant(self.random.standard_normal(shape, np.float32) * scale)
        return self.add(op, [name, weight], group=groups, **attributes), channels

    def relu(self, x):
        return self.add("Relu", [x[0]]), x[1]

    def pool(self, x, op="MaxPool", kernel=3, stride=1):
        return self.add(op, [x[0]], kernel_shape=[kernel] * 2, strides=[stride] * 2,
                        pads=[(kernel - 1) // 2] * 4), x[1]

    def join(self, *parts):
        return self.add("Concat", [name for name, _ in parts], axis=1), sum(n for _, n in parts)

    def finish(self, x, shape, outputs=()):
        """ONNX bytes: x and `outputs`, of an input of `shape`."""
        results = [tensor(name, FLOAT, [None] * 4) for name, _ in (x, *outputs)]
        return model(self.nodes, [tensor("x", FLOAT, shape)], results, self.weights)


def dense_block(shape):
    """Each layer reads all before it, as DenseNet's do."""
    net = Net(1)
    features = [net.conv(("x", 3), 24, 3)]
    for _ in range(4):
        joined = net.join(*features) if len(features) > 1 else features[0]
        squeezed = net.relu(net.conv(net.relu(joined), 32))
        features.append(net.conv(squeezed, 12, 3))
    return net.finish(net.relu(net.conv(net.relu(net.join(*features)), 20)), shape)


def inception_block(shape):
    """Branches of one to three convolutions, two pools and a depthwise convolution."""
    net = Net(2)
    x = net.relu(net.conv(("x", 3), 32, 3))
    branches = [
        net.relu(net.conv(x, 16)),
        net.relu(net.conv(net.relu(net.conv(x, 16)), 24, 3)),
        net.relu(net.conv(net.conv(net.relu(net.conv(x, 8)), 16, 3), 16, 3)),
        net.relu(net.conv(net.pool(x), 10)),
        net.pool(x, "AveragePool"),
        net.conv(x, 32, 3, groups=32),
    ]
    joined = net.join(*branches)
    return net.finish(net.conv(net.pool(joined, kernel=3, stride=2), 16, 3), shape)


def skip_net(shape):
    """What goes down is joined to what comes up, by a transposed convolution and by a Resize."""
    net = Net(3)
    first = net.relu(net.conv(("x", 3), 16, 3))
    second = net.relu(net.conv(net.pool(first, kernel=2, stride=2), 32, 3))
    third = net.relu(net.conv(net.pool(second, kernel=2, stride=2), 48, 3))
    up = net.conv(third, 32, 2, "ConvTranspose", strides=[2, 2])
    second = net.relu(net.conv(net.join(second, up), 32, 3))
    scales = net.constant(np.array([1, 1, 2, 2], np.float32))
    up = net.add("Resize", [second[0], "", scales], mode="linear"), 32
    return net.finish(net.conv(net.join(first, up), 16, 3), shape)


def shuffle_block(shape):
    """Half of the channels passes by, the other half is convolved; the block's input is an output."""
    net = Net(4)
    x = net.relu(net.conv(("x", 3), 48, 3))
    left, right = net.add("Split", [x[0]], outputs=2, axis=1)
    right = net.relu(net.conv((right, 24), 24))
    right = net.relu(net.conv(net.conv(right, 24, 3, groups=24), 24))
    joined = net.join((left, 24), right, right)
    return net.finish(net.conv(joined, 16), shape, outputs=[x])


def nested_joins(shape):
    """Joins of joins, and a branch that two of them hold."""
    net = Net(5)
    x = net.relu(net.conv(("x", 3), 16, 3))
    a, b, c = (net.relu(net.conv(x, 16, kernel)) for kernel in (1, 3, 5))
    inner = net.join(a, b)
    return net.finish(net.conv(net.join(net.join(c, inner), net.join(b, inner)), 16), shape)


class Concats(CliCase):
    def check_net(self, content, *extents, devices="cpu"):
        self.write("net.onnx", content)
        self.succeed("compile", "net.onnx", "-o", "net.stint")
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        for shape in extents:
            x = np.random.default_rng(7).standard_normal(shape, np.float32)
            flags = ["--input", f"x={self.save('x.npy', x)}", "-d", devices, "--atol", "1e-4"]
            for name, array in zip(names, session.run(names, {"x": x}), strict=True):
                flags += ["--expect", f"{name}={self.save(f'{name}.npy', array)}"]
            for more in (["-j", 1], ["-j", 3], ["-j", 3, "--no-groups"]):
                self.succeed("run", "net.stint", *flags, *more)

    def check_everywhere(self, make):
        for kind in ("", "avx2", "sse2"):
            with (self.subTest(kind),
                  mock.patch.dict(os.environ, {"STINT_CPU": kind} if kind else {})):
                listed = self.succeed("devices", "--json", "-").document["devices"]
                if not listed[0]["available"]:
                    self.skipTest(listed[0]["description"])
                self.check_net(make([1, 3, 24, 20]), (1, 3, 24, 20))
        with self.subTest("open extents"):
            self.check_net(make(["n", 3, "h", "w"]), (1, 3, 8, 12), (2, 3, 12, 8))

    def ops(self, content):
        """How often the plan has each op."""
        self.write("net.onnx", content)
        document = self.succeed("explain", "net.onnx", "-d", "cpu", "--json", "-").document
        kinds = [op["op"] for op in document["ops"]]
        return {kind: kinds.count(kind) for kind in kinds}

    def test_a_dense_block_gives_the_answers_of_onnx_runtime(self):
        self.check_everywhere(dense_block)

    def test_branches_with_pools_give_the_answers_of_onnx_runtime(self):
        self.check_everywhere(inception_block)

    def test_skips_give_the_answers_of_onnx_runtime(self):
        self.check_everywhere(skip_net)

    def test_halves_of_channels_give_the_answers_of_onnx_runtime(self):
        self.check_everywhere(shuffle_block)

    def test_nested_joins_give_the_answers_of_onnx_runtime(self):
        self.check_everywhere(nested_joins)

    def test_a_nest_of_any_depth_ends_in_one_value_by_one_patch(self):
        net = Net(8)
        joined = ("x", 1)
        for _ in range(200):
            joined = net.join(joined, net.relu(("x", 1)))
        content = net.finish(joined, [1, 1, 3, 2])
        self.write("net.onnx", content)
        report = self.succeed("compile", "net.onnx", "-o", "net.stint", "--report", "-").document
        patches = {entry["name"]: entry["patches"] for entry in report["passes"]}
        self.assertEqual(patches["alias_concats"], 1)
        self.check_net(content, (1, 1, 3, 2))

    def test_joins_of_joins_share_a_value_and_the_answers_are_those_of_onnx_runtime(self):
        nodes = [helper.make_node("Softmax", ["x"], ["p1"]),
                 helper.make_node("Softmax", ["p1"], ["q1"]),
                 helper.make_node("Concat", ["q0", "q1", "q2"], ["q"], axis=0),
                 helper.make_node("Concat", ["p0", "p1", "p2"], ["p"], axis=0),
                 helper.make_node("Concat", ["p", "q"], ["y"], axis=1)]
        rows = {"x": 1, "p0": "b", "p2": "a", "q0": "a", "q2": "b"}
        content = model(nodes, [tensor(name, FLOAT, [n, 3]) for name, n in rows.items()],
                        [tensor("y", FLOAT, [None, 6])])
        self.write("net.onnx", content)
        random = np.random.default_rng(3)
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        for extents in ({"a": 2, "b": 1}, {"a": 0, "b": 4}):
            arrays = {name: random.standard_normal((extents.get(n, n), 3), np.float32)
                      for name, n in rows.items()}
            flags = [word for name, array in arrays.items()
                     for word in ("--input", f"{name}={self.save(f'{name}.npy', array)}")]
            expected = self.save("y.npy", session.run(["y"], arrays)[0])
            self.succeed("run", "net.onnx", "-d", "cpu", "--expect", f"y={expected}", *flags)

    def test_branches_are_joined_without_a_copy(self):
        # The one there is brings the output's channels first.
        self.assertEqual(self.ops(inception_block([1, 3, 24, 20])),
                         {"Conv": 10, "Pool": 3, "Copy": 1})

    def test_halves_of_channels_are_read_and_joined_with_one_copy(self):
        # Of the half that passes by and the one that is joined twice, beside those of two outputs.
        self.assertEqual(self.ops(shuffle_block([1, 3, 24, 20])), {"Conv": 5, "Copy": 4})

    def test_devices_that_write_parts_of_one_value_join_them(self):
        # A running sum, which no GPU backend has a kernel for, between two convolutions.
        net = Net(6)
        x = net.conv(("x", 3), 16, 3)
        axis = net.constant(np.array(1, np.int64))
        sums = net.add("CumSum", [x[0], axis]), 16
        parts = [net.relu(x), net.relu(sums), net.relu(net.conv(x, 16))]
        content = net.finish(net.relu(net.join(*parts)), [1, 3, 8, 8])
        with self.subTest("cpu"):
            self.check_net(content, (1, 3, 8, 8))
        with self.subTest("vulkan"):
            listed = self.succeed("devices", "--json", "-").document["devices"]
            vulkan = next((device for device in listed if device["name"] == "vulkan"), None)
            if vulkan is None or not vulkan["available"]:
                self.skipTest(vulkan["description"] if vulkan else "not in this build")
            self.check_net(content, (1, 3, 8, 8), devices="vulkan,cpu")


if __name__ == "__main__":
    unittest.main()
