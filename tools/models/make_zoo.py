#!/usr/bin/env python3
"""Writes seven well-known networks with seeded random weights into build/models.

    make_zoo.py [NAME...]     default: all

Published architectures at 224x224 with 1000 classes, BatchNorm already folded: their weights teach
nothing, but their shapes are those of real work. Weights are scaled so that activations keep their
size from layer to layer, which keeps comparisons meaningful.
"""

import hashlib
import math
import pathlib
import sys
import zlib

import catalogue
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CLASSES = 1000


class Net:
    """A network under construction. A tensor is (name, channels)."""

    def __init__(self, name):
        self.name = name
        self.random = np.random.default_rng(zlib.crc32(name.encode()))
        self.nodes = []
        self.weights = []
        self.image = ("input", 3)

    def add(self, op, inputs, **attributes):
        output = f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def weight(self, array):
        name = f"weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(array.astype(np.float32), name))
        return name

    def conv(self, x, channels, kernel=1, stride=1, pad=None, groups=1, activation=None):
        name, in_channels = x
        pad = kernel // 2 if pad is None else pad
        shape = (channels, in_channels // groups, kernel, kernel)
        weight = self.random.standard_normal(shape) * math.sqrt(2.0 / math.prod(shape[1:]))
        bias = self.random.standard_normal(channels) * 0.01
        output = self.add("Conv", [name, self.weight(weight), self.weight(bias)],
                          kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4,
                          group=groups)
        return self.activate((output, channels), activation)

    def depthwise(self, x, kernel, stride, activation):
        return self.conv(x, x[1], kernel, stride, groups=x[1], activation=activation)

    def activate(self, x, kind):
        name, channels = x
        match kind:
            case None:
                return x
            case "relu6":
                bounds = [self.weight(np.array(bound)) for bound in (0, 6)]
                return self.add("Clip", [name, *bounds]), channels
            case "swish":
                return self.add("Mul", [name, self.add("Sigmoid", [name])]), channels
            case "HardSigmoid":
                return self.add(kind, [name], alpha=1 / 6, beta=0.5), channels
            case _:
                return self.add(kind, [name]), channels

    def max_pool(self, x, pad=0, ceil_mode=0):
        output = self.add("MaxPool", [x[0]], kernel_shape=[3, 3], strides=[2, 2], pads=[pad] * 4,
                          ceil_mode=ceil_mode)
        return output, x[1]

    def global_pool(self, x):
        return self.add("GlobalAveragePool", [x[0]]), x[1]

    def join(self, op, a, b):
        return self.add(op, [a[0], b[0]]), a[1]

    def squeeze_excite(self, x, channels, inner, outer):
        gate = self.conv(self.global_pool(x), channels, activation=inner)
        return self.join("Mul", x, self.conv(gate, x[1], activation=outer))

    def classify(self, x):
        flat = self.add("Flatten", [x[0]])
        weight = self.random.standard_normal((CLASSES, x[1])) * 0.02
        self.add("Gemm", [flat, self.weight(weight), self.weight(np.zeros(CLASSES))], transB=1)

    def model(self):
        """The finished model; the last node's output becomes the graph's."""
        self.nodes[-1].output[0] = "output"
        images = helper.make_tensor_value_info("input", TensorProto.FLOAT, (1, 3, 224, 224))
        scores = helper.make_tensor_value_info("output", TensorProto.FLOAT, (1, CLASSES))
        graph = helper.make_graph(self.nodes, self.name, [images], [scores], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
        onnx.checker.check_model(model)
        return model


def mobilenet_v1(net):
    x = net.conv(net.image, 32, 3, 2, activation="Relu")
    blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
    for channels, stride in blocks + [(512, 1)] * 5 + [(1024, 2), (1024, 1)]:
        x = net.conv(net.depthwise(x, 3, stride, "Relu"), channels, activation="Relu")
    net.classify(net.global_pool(x))


def mobilenet_v2(net):
    x = net.conv(net.image, 32, 3, 2, activation="relu6")
    for expansion, channels, count, stride in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2),
                                               (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
                                               (6, 320, 1, 1)]:
        for index in range(count):
            step = stride if index == 0 else 1
            y = x if expansion == 1 else net.conv(x, x[1] * expansion, activation="relu6")
            y = net.conv(net.depthwise(y, 3, step, "relu6"), channels)
            x = net.join("Add", x, y) if step == 1 and x[1] == channels else y
    net.classify(net.global_pool(net.conv(x, 1280, activation="relu6")))


# Kernel, expanded channels, channels, squeeze-excite, activation, stride.
MOBILENET_V3_LARGE = [
    (3, 16, 16, False, "Relu", 1), (3, 64, 24, False, "Relu", 2), (3, 72, 24, False, "Relu", 1),
    (5, 72, 40, True, "Relu", 2), (5, 120, 40, True, "Relu", 1), (5, 120, 40, True, "Relu", 1),
    (3, 240, 80, False, "HardSwish", 2), (3, 200, 80, False, "HardSwish", 1),
    (3, 184, 80, False, "HardSwish", 1), (3, 184, 80, False, "HardSwish", 1),
    (3, 480, 112, True, "HardSwish", 1), (3, 672, 112, True, "HardSwish", 1),
    (5, 672, 160, True, "HardSwish", 2), (5, 960, 160, True, "HardSwish", 1),
    (5, 960, 160, True, "HardSwish", 1),
]


def mobilenet_v3_large(net):
    x = net.conv(net.image, 16, 3, 2, activation="HardSwish")
    for kernel, expanded, channels, squeeze, activation, stride in MOBILENET_V3_LARGE:
        y = x if expanded == x[1] else net.conv(x, expanded, activation=activation)
        y = net.depthwise(y, kernel, stride, activation)
        if squeeze:
            y = net.squeeze_excite(y, round_up(expanded // 4, 8), "Relu", "HardSigmoid")
        y = net.conv(y, channels)
        x = net.join("Add", x, y) if stride == 1 and x[1] == channels else y
    x = net.global_pool(net.conv(x, 960, activation="HardSwish"))
    net.classify(net.conv(x, 1280, activation="HardSwish"))


def round_up(value, multiple):
    return max(multiple, -(-value // multiple) * multiple)


def efficientnet_b0(net):
    x = net.conv(net.image, 32, 3, 2, activation="swish")
    for expansion, channels, count, stride, kernel in [(1, 16, 1, 1, 3), (6, 24, 2, 2, 3),
                                                       (6, 40, 2, 2, 5), (6, 80, 3, 2, 3),
                                                       (6, 112, 3, 1, 5), (6, 192, 4, 2, 5),
                                                       (6, 320, 1, 1, 3)]:
        for index in range(count):
            step = stride if index == 0 else 1
            y = x if expansion == 1 else net.conv(x, x[1] * expansion, activation="swish")
            y = net.depthwise(y, kernel, step, "swish")
            y = net.conv(net.squeeze_excite(y, max(1, x[1] // 4), "swish", "Sigmoid"), channels)
            x = net.join("Add", x, y) if step == 1 and x[1] == channels else y
    net.classify(net.global_pool(net.conv(x, 1280, activation="swish")))


def basic_block(net, x, width, stride):
    y = net.conv(x, width, 3, stride, activation="Relu")
    return net.conv(y, width, 3)


def bottleneck(net, x, width, stride):
    y = net.conv(x, width, activation="Relu")
    y = net.conv(y, width, 3, stride, activation="Relu")
    return net.conv(y, width * 4)


def resnet(net, block, counts):
    x = net.max_pool(net.conv(net.image, 64, 7, 2, activation="Relu"), pad=1)
    for stage, count in enumerate(counts):
        for index in range(count):
            stride = 2 if stage > 0 and index == 0 else 1
            y = block(net, x, 64 << stage, stride)
            shortcut = x if stride == 1 and x[1] == y[1] else net.conv(x, y[1], 1, stride)
            x = net.activate(net.join("Add", y, shortcut), "Relu")
    net.classify(net.global_pool(x))


def squeezenet_v1_1(net):
    x = net.max_pool(net.conv(net.image, 64, 3, 2, pad=0, activation="Relu"), ceil_mode=1)
    for stage in ([(16, 64)] * 2, [(32, 128)] * 2, [(48, 192)] * 2 + [(64, 256)] * 2):
        for squeezed, expanded in stage:
            y = net.conv(x, squeezed, activation="Relu")
            halves = [net.conv(y, expanded, kernel, activation="Relu") for kernel in (1, 3)]
            x = net.add("Concat", [half[0] for half in halves], axis=1), 2 * expanded
        if stage[-1][1] < 256:
            x = net.max_pool(x, ceil_mode=1)
    x = net.global_pool(net.conv(x, CLASSES, activation="Relu"))
    net.add("Flatten", [x[0]])


ZOO = {
    "mobilenet_v1": mobilenet_v1,
    "mobilenet_v2": mobilenet_v2,
    "mobilenet_v3_large": mobilenet_v3_large,
    "efficientnet_b0": efficientnet_b0,
    "resnet18": lambda net: resnet(net, basic_block, [2, 2, 2, 2]),
    "resnet50": lambda net: resnet(net, bottleneck, [3, 4, 6, 3]),
    "squeezenet_v1.1": squeezenet_v1_1,
}


def make(names):
    """Writes the models that are missing or older than this file's content."""
    catalogue.MODELS_DIR.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()
    for name in names:
        path = catalogue.MODELS_DIR / f"{name}.onnx"
        stamp = path.with_suffix(".made")
        if path.exists() and stamp.exists() and stamp.read_text() == digest:
            continue
        net = Net(name)
        ZOO[name](net)
        onnx.save(net.model(), path)
        stamp.write_text(digest)


if __name__ == "__main__":
    chosen = sys.argv[1:] or list(ZOO)
    unknown = [name for name in chosen if name not in ZOO]
    if unknown:
        sys.exit(f"found network {unknown[0]}, allowed {', '.join(ZOO)}")
    make(chosen)
