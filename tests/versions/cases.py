"""Operators with the meaning of an older opset, one node each; expected values are NumPy's.

ONNX's own cases are of the newest versions: attributes that became operands, `axis` of broadcasts,
rows of Softmax and the like are proven here.
"""

import dataclasses

import numpy as np

RNG = np.random.default_rng(20)


@dataclasses.dataclass
class Case:
    op: str
    version: int
    inputs: list  # Arrays. Those at `constants` are initialisers, the others graph inputs.
    attributes: dict
    expected: list
    constants: tuple = ()

    @property
    def title(self):
        shapes = " ".join("x".join(map(str, array.shape)) or "scalar" for array in self.inputs)
        return f"{self.op}-{self.version} {shapes} {self.attributes}"


def floats(*shape):
    return RNG.uniform(-1, 1, shape).astype(np.float32)


def integers(*values):
    return np.array(values, np.int64)


def broadcasts():
    """Before opset 7 `axis` says where the second operand's axes lie; default: at the end."""
    a = floats(2, 3, 4, 5)
    inner, last, full = floats(3, 4) + 2, floats(4, 5) + 2, floats(2, 3, 4, 5) + 2
    for op, compute in (("Add", np.add), ("Sub", np.subtract), ("Mul", np.multiply),
                        ("Div", np.divide), ("Less", np.less), ("Greater", np.greater)):
        yield Case(op, 6, [a, inner], {"broadcast": 1, "axis": 1},
                   [compute(a, inner[:, :, None])])
        yield Case(op, 6, [a, last], {"broadcast": 1}, [compute(a, last)])
        yield Case(op, 6, [a, full], {}, [compute(a, full)])
    channel = floats(3) > 0
    yield Case("And", 6, [a > 0, channel], {"broadcast": 1, "axis": 1},
               [(a > 0) & channel[:, None, None]])
    exponent = floats(3) + 2
    yield Case("Pow", 6, [np.abs(a), exponent], {"broadcast": 1, "axis": 1},
               [np.abs(a) ** exponent[:, None, None]])
    slope = floats(3)
    yield Case("PRelu", 6, [a, slope], {}, [np.where(a < 0, a * slope[:, None, None], a)])
    left, right, row = floats(2, 3), floats(3, 4), floats(4)
    yield Case("Gemm", 6, [left, right, row], {"broadcast": 1, "alpha": 0.5, "beta": 2.0},
               [0.5 * left @ right + 2 * row])


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def rows():
    """Before opset 13 all axes from `axis` on make a row."""
    x = floats(2, 3, 4)
    for axis in (0, 1, 2):
        flat = x.reshape(int(np.prod(x.shape[:axis])), -1)
        yield Case("Softmax", 11, [x], {"axis": axis}, [softmax(flat).reshape(x.shape)])
        yield Case("LogSoftmax", 9, [x], {"axis": axis}, [np.log(softmax(flat)).reshape(x.shape)])
        hard = (np.arange(flat.shape[1]) == flat.argmax(1)[:, None]).astype(np.float32)
        yield Case("Hardmax", 11, [x], {"axis": axis}, [hard.reshape(x.shape)])
        yield Case("Softmax", 13, [x], {"axis": axis},
                   [np.moveaxis(softmax(np.moveaxis(x, axis, -1)), -1, axis)])


def normalisations():
    a = floats(2, 3, 4, 5)

    def normalised(scale, bias, mean, variance):
        return scale * (a - mean) / np.sqrt(variance + 1e-5) + bias

    channel = [floats(3), floats(3), floats(3), np.abs(floats(3)) + 0.1]
    expected = normalised(*(p[:, None, None] for p in channel))
    yield Case("BatchNormalization", 6, [a, *channel], {"is_test": 1}, [expected])
    yield Case("BatchNormalization", 9, [a, *channel], {}, [expected], constants=(1, 2, 3, 4))
    place = [floats(3, 4, 5), floats(3, 4, 5), floats(3, 4, 5), np.abs(floats(3, 4, 5)) + 0.1]
    yield Case("BatchNormalization", 7, [a, *place], {"spatial": 0}, [normalised(*place)])
    grouped = a.reshape(2, 3, -1)
    mean, variance = grouped.mean(-1, keepdims=True), grouped.var(-1, keepdims=True)
    scale, bias = floats(3), floats(3)
    standard = (grouped - mean) / np.sqrt(variance + 1e-5)
    yield Case("GroupNormalization", 18, [a, scale, bias], {"num_groups": 3},
               [(standard * scale[:, None] + bias[:, None]).reshape(a.shape)])


def attributes_that_became_operands():
    x = floats(3, 4, 5)
    yield Case("Slice", 9, [x], {"starts": [1, -3], "ends": [9, -1], "axes": [0, 2]},
               [x[1:9, :, -3:-1]])
    yield Case("Slice", 1, [x], {"starts": [0, 1], "ends": [2, 2**63 - 1]}, [x[:2, 1:]])
    margins = ((0, 2), (1, 0), (0, 0))
    yield Case("Pad", 2, [x], {"pads": [0, 1, 0, 2, 0, 0], "value": 1.5},
               [np.pad(x, margins, constant_values=1.5)])
    yield Case("Pad", 2, [x], {"pads": [0, 1, 0, 2, 0, 0], "mode": "reflect"},
               [np.pad(x, margins, mode="reflect")])
    yield Case("Pad", 1, [x], {"paddings": [0, -1, 0, 2, 0, 0]},
               [np.pad(x[:, 1:], ((0, 2), (0, 0), (0, 0)))])
    yield Case("Split", 2, [x], {"axis": 2, "split": [1, 4]}, [x[:, :, :1], x[:, :, 1:]])
    yield Case("Split", 11, [x], {"axis": 1}, [x[:, :2], x[:, 2:]])
    yield Case("Squeeze", 9, [x[:, :1]], {"axes": [1]}, [x[:, 0]])
    yield Case("Unsqueeze", 11, [x], {"axes": [0, -1]}, [x[None, ..., None]])
    yield Case("Reshape", 1, [x], {"shape": [0, -1]}, [x.reshape(3, -1)])
    yield Case("Tile", 1, [x, np.array(3), np.array(1)], {}, [np.tile(x, (1, 3, 1))],
               constants=(1, 2))
    yield Case("Tile", 1, [x, np.array(3, np.float32), np.array(-2, np.float32)], {},
               [np.tile(x, (1, 3, 1))], constants=(1, 2))
    yield Case("Split", 1, [x, np.array([1, 4], np.float32)], {"axis": -1},
               [x[..., :1], x[..., 1:]], constants=(1,))
    yield Case("Clip", 6, [x], {"min": -0.25, "max": 0.5}, [x.clip(-0.25, 0.5)])
    yield Case("TopK", 1, [x], {"k": 2}, [-np.sort(-x, -1)[..., :2],
                                          np.argsort(-x, -1, kind="stable")[..., :2]])
    for keep in (0, 1):
        yield Case("ReduceSum", 11, [x], {"axes": [-1], "keepdims": keep},
                   [x.sum(-1, keepdims=bool(keep))])
        yield Case("ReduceMax", 1, [x], {"axes": [0, 2], "keepdims": keep},
                   [x.max((0, 2), keepdims=bool(keep))])
        yield Case("ReduceMean", 18, [x, integers(-2, 0)], {"keepdims": keep},
                   [x.mean((0, 1), keepdims=bool(keep))])


def defaults_that_changed():
    x = floats(2, 3)
    yield Case("Cast", 5, [x * 9], {"to": "INT32"}, [(x * 9).astype(np.int32)])
    yield Case("Concat", 1, [x, x], {}, [np.concatenate([x, x], 1)])
    yield Case("Dropout", 6, [x], {"is_test": 1}, [x, np.ones_like(x)])
    yield Case("Dropout", 10, [x], {}, [x, np.ones(x.shape, bool)])
    yield Case("Selu", 1, [x], {}, [1.0507 * np.where(x <= 0, 1.6732 * np.expm1(x), x)])
    y = floats(2, 3, 4, 5)
    yield Case("GlobalLpPool", 1, [y], {"p": 3.0},
               [(np.abs(y) ** 3).sum((2, 3), keepdims=True) ** (1 / 3)])
    doubled = floats(1, 2, 3, 4)
    yield Case("Upsample", 7, [doubled], {"scales": [1.0, 1.0, 2.0, 2.0]},
               [doubled.repeat(2, 2).repeat(2, 3)])


def random_numbers():
    """The streams are those of NumPy's RandomState."""
    x = floats(3, 5)
    draw = np.random.RandomState(9)
    yield Case("RandomNormal", 1, [], {"shape": [2, 3], "seed": 9.0, "mean": 2.0, "scale": 0.5},
               [(draw.standard_normal((2, 3)) * 0.5 + 2).astype(np.float32)])
    uniform = np.random.RandomState(4).random_sample((3, 5))
    yield Case("RandomUniformLike", 1, [x], {"seed": 4.0, "low": -1.0, "high": 3.0},
               [(uniform * 4 - 1).astype(np.float32)])
    yield Case("Bernoulli", 15, [np.abs(x)], {"seed": 4.0, "dtype": 6},
               [(uniform < np.abs(x)).astype(np.int32)])
    logits = floats(3, 4) * 3
    ends = np.cumsum(np.exp(logits) / np.exp(logits).sum(1, keepdims=True), 1)
    picks = (uniform[:, :, None] >= ends[:, None, :-1]).sum(2)
    yield Case("Multinomial", 7, [logits], {"seed": 4.0, "sample_size": 5},
               [picks.astype(np.int32)])
    kept = uniform >= 0.25
    dropped = np.where(kept, x / np.float32(0.75), 0).astype(np.float32)
    yield Case("Dropout", 12, [x, np.array(0.25, np.float32), np.array(True)], {"seed": 4},
               [dropped, kept])
    yield Case("Dropout", 12, [x, np.array(0.25, np.float32), np.array(False)], {"seed": 4},
               [x, np.ones_like(kept)])
    yield Case("Dropout", 12, [x, np.array(0.25, np.float32), np.array(True)],
               {"seed": 2**62 + 4}, [dropped, kept])
    yield Case("Dropout", 12, [x, np.array(0.25, np.float32), np.array(True)], {"seed": 4},
               [dropped, kept], constants=(1, 2))


def signals():
    x = floats(2, 6, 3, 1)
    spectrum = np.fft.fft(x[..., 0], axis=1)
    pairs = np.stack([spectrum.real, spectrum.imag], -1).astype(np.float32)
    yield Case("DFT", 17, [x], {}, [pairs])
    yield Case("DFT", 17, [x], {"onesided": 1}, [pairs[:, :4]])
    longer = np.fft.fft(x[..., 0], 7, 2)
    yield Case("DFT", 20, [x, integers(7)[0]], {},
               [np.stack([longer.real, longer.imag], -1).astype(np.float32)], constants=(1,))
    wave, window = floats(2, 20, 1), floats(8)
    frames = np.stack([wave[:, i:i + 8, 0] * window for i in range(0, 13, 3)], 1)
    for sided, kept in ((1, 5), (0, 8)):
        bins = np.fft.fft(frames)[..., :kept]
        yield Case("STFT", 17, [wave, integers(3)[0], window], {"onesided": sided},
                   [np.stack([bins.real, bins.imag], -1).astype(np.float32)], constants=(1,))


def samplers():
    x = floats(1, 2, 4, 4)
    rois = np.array([[0, 0, 0, 3, 3], [0, 1, 2, 2, 3]], np.float32)
    bins = np.stack([x[0, :, :, :].reshape(2, 2, 2, 2, 2).max((2, 4)),
                     np.stack([x[0, :, 2:4, 1], x[0, :, 2:4, 2]], -1)])
    yield Case("MaxRoiPool", 1, [x, rois], {"pooled_shape": [2, 2]}, [bins])
    whole = np.array([[0, 0, 4, 4]], np.float32)
    yield Case("RoiAlign", 16, [x, whole, integers(0)],
               {"output_height": 4, "output_width": 4, "sampling_ratio": 1}, [x])
    yield Case("RoiAlign", 10, [x, whole, integers(0)],
               {"output_height": 2, "output_width": 2, "sampling_ratio": 1},
               [x[:, :, 1::2, 1::2]])
    line = np.linspace(-1, 1, 4, dtype=np.float32)
    corners = np.stack(np.meshgrid(line, line), -1)[None]
    yield Case("GridSample", 16, [x, corners], {"mode": "bilinear", "align_corners": 1}, [x])
    yield Case("GridSample", 20, [x, corners], {"mode": "linear", "align_corners": 1}, [x])
    weight, offset = floats(3, 2, 1, 1), np.zeros((1, 2, 4, 4), np.float32)
    offset[0, 0, :3] = 1  # Rows from below; the last row stays.
    moved = np.concatenate([x[:, :, 1:], x[:, :, 3:]], 2)
    yield Case("DeformConv", 19, [x, weight, offset], {},
               [np.einsum("oc,nchw->nohw", weight[:, :, 0, 0], moved)], constants=(1,))
    yield Case("Upsample", 9, [x, np.array([1, 1, 2, 2], np.float32)], {},
               [x.repeat(2, 2).repeat(2, 3)], constants=(1,))


def all_cases():
    return [case for family in (broadcasts, rows, normalisations, attributes_that_became_operands,
                                defaults_that_changed, random_numbers, signals,
                                samplers) for case in family()]
