"""MatMul, Reduce, Softmax, Prefix, TopK, Resample."""

import math

import numpy as np

from case import (BFLOAT16, Case, binary_program, constant, generator, list_text, program,
                  random_array, seen, unary_program, view, wide)

FLOATS = (np.float32, np.float64, np.float16, BFLOAT16)
INTEGERS = (np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64)


def matmul(name, a, b, bias=None, zeros=(), rows=None, columns=None, **rest):
    """`rows` and `columns` are the zero points shaped to broadcast with a and b."""
    exact = np.float64 if seen(a).dtype.kind not in "iu" else np.int64
    left, right = seen(a).astype(exact), seen(b).astype(exact)
    if zeros:
        left, right = left - rows.astype(exact), right - columns.astype(exact)
    with np.errstate(over="ignore"):
        y = left @ right
    if bias is not None:
        y = y + bias.astype(exact)
    dtype = seen(a).dtype if seen(a).dtype.itemsize > 1 else np.dtype(np.int32)
    return Case("MatMul", name, [a, b, bias, *zeros], {}, [y.astype(dtype)],
                terms=seen(a).shape[-1] + 1, **rest)


def matmuls():
    for dtype in (*FLOATS, np.int32, np.int64, np.uint32, np.uint64):
        label = np.dtype(dtype).name
        rng = generator(f"matmul_{label}")

        def make(*shape):
            return random_array(rng, dtype, shape)

        for m, k, n in ((1, 1, 1), (1, 37, 5), (7, 13, 17), (33, 64, 31), (4, 300, 3)):
            yield matmul(f"{m}x{k}x{n}_{label}", make(m, k), make(k, n))
        yield matmul(f"bias_{label}", make(5, 11), make(11, 9), make(9))
        yield matmul(f"bias_one_{label}", make(3, 4), make(4, 5), make(1))
        yield matmul(f"batch_{label}", make(2, 3, 4, 5), make(2, 3, 5, 6))
        yield matmul(f"batch_broadcast_{label}", make(2, 1, 4, 5), make(3, 5, 6))
        yield matmul(f"batch_left_{label}", make(4, 3, 5), make(5, 2))
        yield matmul(f"transposed_{label}", view(make(13, 7), np.transpose),
                     view(make(17, 13), np.transpose))
        yield matmul(f"views_{label}", view(make(9, 20), lambda a: a[::2, 3:16]),
                     view(make(26, 8), lambda a: a[::-2, 1:]))
        yield matmul(f"no_k_{label}", make(3, 0), make(0, 4), make(4))
        yield matmul(f"no_rows_{label}", make(0, 3), make(3, 4))
    x = random_array(generator("matmul_rank"), np.float32, (1, 2, 1, 1, 2, 1, 3, 4))
    yield matmul("rank_8", x, random_array(generator("matmul_rank_b"), np.float32, (2, 1, 4, 2)))


def byte_matmuls():
    for a_dtype, b_dtype in ((np.uint8, np.int8), (np.int8, np.int8), (np.uint8, np.uint8),
                             (np.int8, np.uint8)):
        name = f"{np.dtype(a_dtype).name}_{np.dtype(b_dtype).name}"
        rng = generator(f"bytes_{name}")
        low, high = np.iinfo(a_dtype), np.iinfo(b_dtype)
        a = rng.integers(low.min, low.max, (5, 33)).astype(a_dtype)
        b = rng.integers(high.min, high.max, (33, 7)).astype(b_dtype)
        bias = rng.integers(-999, 999, (7,)).astype(np.int32)
        yield matmul(f"bytes_{name}", a, b, bias)
        scalars = [np.array(5, a_dtype), np.array(9, b_dtype)]
        yield matmul(f"bytes_zero_{name}", a, b, bias, scalars, scalars[0], scalars[1])
        zeros = [rng.integers(0, 99, (5,)).astype(a_dtype), rng.integers(0, 99, (7,)).astype(b_dtype)]
        yield matmul(f"bytes_zeros_{name}", a, b, None, zeros, zeros[0][:, None], zeros[1])
        batched = np.stack([a, a[::-1]])
        full = [rng.integers(0, 99, (2, 5, 1)).astype(a_dtype), np.array(0, b_dtype)]
        yield matmul(f"bytes_batch_zeros_{name}", batched, b, None, full, *full)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


# What kernels finish in registers, as the importer writes it: (instructions on r0, its function).
SIGMOID = ["r1 = abs.f32 r0", "r1 = neg.f32 r1", "r1 = exp.f32 r1", "r2 = imm.f32 1",
           "r3 = add.f32 r1, r2", "r4 = imm.f32 0", "r4 = lt.f32 r0, r4", "r1 = div.f32 r1, r3",
           "r3 = div.f32 r2, r3", "r1 = sel.f32 r4, r1, r3"]
SIXTH = ["r1 = imm.f32 0.166666672", "r2 = imm.f32 0.5"]
BETWEEN = ["r1 = mul.f32 r0, r1", "r1 = add.f32 r1, r2", "r2 = imm.f32 1",
           "r1 = min.f32 r1, r2", "r2 = imm.f32 0", "r1 = max.f32 r1, r2"]
ACTIVATIONS = {
    "clamp": (["r1 = imm.f32 -0.25", "r1 = max.f32 r0, r1", "r2 = imm.f32 0.5",
               "r1 = min.f32 r1, r2"], lambda x: np.clip(x, -0.25, 0.5)),
    "hard_sigmoid": (["r1 = imm.f32 0.25", "r2 = imm.f32 0.375"] + BETWEEN,
                     lambda x: np.clip(0.25 * x + 0.375, 0, 1)),
    "leaky": (["r1 = imm.f32 0", "r2 = imm.f32 0.125", "r2 = mul.f32 r0, r2",
               "r1 = lt.f32 r0, r1", "r1 = sel.f32 r1, r2, r0"],
              lambda x: np.where(x < 0, 0.125 * x, x)),
    "hard_swish": (SIXTH + BETWEEN + ["r1 = mul.f32 r0, r1"],
                   lambda x: x * np.clip(x / 6 + 0.5, 0, 1)),
    "sigmoid": (SIGMOID, sigmoid),
    "swish": (SIGMOID + ["r1 = mul.f32 r0, r1"], lambda x: x * sigmoid(x)),
    "gelu": (["r1 = imm.f32 0.707106769", "r1 = mul.f32 r0, r1", "r1 = erf.f32 r1",
              "r2 = imm.f32 1", "r1 = add.f32 r1, r2", "r2 = imm.f32 0.5",
              "r2 = mul.f32 r0, r2", "r1 = mul.f32 r1, r2"],
             lambda x: 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))),
    "scale": (["r1 = imm.f32 0.375", "r1 = mul.f32 r0, r1"], lambda x: 0.375 * x),
    "gelu_tanh": (["r1 = mul.f32 r0, r0", "r1 = mul.f32 r1, r0", "r2 = imm.f32 0.044715",
                   "r1 = mul.f32 r1, r2", "r1 = add.f32 r0, r1", "r2 = imm.f32 0.797884561",
                   "r1 = mul.f32 r1, r2", "r1 = tanh.f32 r1", "r2 = imm.f32 1",
                   "r1 = add.f32 r1, r2", "r2 = imm.f32 0.5", "r2 = mul.f32 r0, r2",
                   "r1 = mul.f32 r1, r2"],
                  lambda x: 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) *
                                                   (x + 0.044715 * x ** 3)))),
}


def matmul_activations():
    rng = generator("matmul_activation")
    a, b = (random_array(rng, np.float32, shape) for shape in ((11, 9), (9, 35)))
    rows = constant(np.ascontiguousarray(b.T), np.transpose)
    for name, (lines, function) in ACTIVATIONS.items():
        for title, weights in ((name, b), (f"constant_{name}", rows)):
            case = matmul(f"epilogue_{title}", a, weights)
            case.attributes = {"epilogue": program(
                [np.float32], [np.float32], ["r0 = ld.f32 in0", *lines, "out0 = st.f32 r1"])}
            case.expected = [function(wide(a) @ wide(b)).astype(np.float32)]
            yield case


def matmul_epilogues():
    rng = generator("matmul_epilogue")
    a, b = (random_array(rng, np.float32, shape) for shape in ((6, 9), (9, 5)))
    scale = random_array(rng, np.float32, (5,))
    case = matmul("epilogue", a, b)
    case.operands += [None, None, scale]
    case.attributes = {"epilogue": binary_program("mul", np.float32)}
    case.expected = [((wide(a) @ wide(b)) * wide(scale)).astype(np.float32)]
    yield case
    x = rng.integers(0, 255, (4, 17)).astype(np.uint8)
    w = rng.integers(-128, 127, (17, 6)).astype(np.int8)
    lines = ["r0 = ld.i32 in0", "r1 = cvt.f32 r0 from i32", "r2 = imm.f32 0.0009765625",
             "r3 = mul.f32 r1, r2", "r4 = rne.f32 r3", "out0 = st.f32 r4 saturate"]
    total = x.astype(np.int64) @ w.astype(np.int64)
    yield Case("MatMul", "requantise", [x, w],
               {"epilogue": program([np.int32], [np.int8], lines)},
               [np.clip(np.rint(total / 1024), -128, 127).astype(np.int8)])


REDUCTIONS = {"sum": np.sum, "mean": np.mean, "product": np.prod, "max": np.max, "min": np.min}


def reduce(name, kind, x, axes, **rest):
    values = seen(x)
    where = tuple(axes)
    if kind in ("max", "min"):
        y = REDUCTIONS[kind](values, where, keepdims=True)
    elif values.dtype.kind in "iu":
        total = REDUCTIONS["sum" if kind == "mean" else kind](
            values.astype(np.int64), where, keepdims=True)
        count = int(np.prod([values.shape[axis] for axis in axes]))
        y = (np.trunc(total / count) if kind == "mean" else total).astype(values.dtype)
    else:
        y = REDUCTIONS[kind](wide(x), where, keepdims=True).astype(values.dtype)
    terms = int(np.prod([values.shape[axis] for axis in axes], dtype=np.int64))
    return Case("Reduce", name, [x], {"kind": kind, "axes": list_text(axes)}, [y],
                terms=max(terms, 1), **rest)


def reductions():
    for kind in REDUCTIONS:
        for dtype in (*FLOATS, *INTEGERS):
            label = f"{kind}_{np.dtype(dtype).name}"
            rng = generator(f"reduce_{label}")
            x = random_array(rng, dtype, (3, 5, 7))
            for axes in ([0], [1], [-1], [0, 2], [0, 1, 2], []):
                title = "_".join(str(axis % 3) for axis in axes) or "none"
                yield reduce(f"{label}_axes_{title}", kind, x, axes)
        rng = generator(f"reduce_{kind}")
        x = random_array(rng, np.float32, (6, 4, 5))
        yield reduce(f"{kind}_view", kind, view(x, lambda a: a.transpose(2, 0, 1)[:, ::-2]), [1])
        yield reduce(f"{kind}_broadcast", kind,
                     view(x, lambda a: np.broadcast_to(a[:, :1], (6, 9, 5))), [1, 2])
        large = random_array(rng, np.float32, (2, 5000))
        if kind != "product":
            yield reduce(f"{kind}_long", kind, large, [1])
            yield reduce(f"{kind}_tall", kind, view(large, np.transpose), [0])
        shape = (2, 1, 3, 1, 2, 2, 1, 2)
        yield reduce(f"{kind}_rank_8", kind, random_array(rng, np.float32, shape), [0, 4, 7])
        yield reduce(f"{kind}_no_result", kind, np.zeros((0, 3), np.float32), [1])
    yield Case("Reduce", "scalar", [np.array(2.5, np.float32)], {"kind": "sum", "axes": "[]"},
               [np.array(2.5, np.float32)])


def empty_reductions():
    neutral = {"sum": 0, "product": 1, "max": -np.inf, "min": np.inf, "mean": np.nan}
    for kind, value in neutral.items():
        yield Case("Reduce", f"{kind}_empty", [np.zeros((2, 0), np.float32)],
                   {"kind": kind, "axes": "[1]"}, [np.full((2, 1), value, np.float32)])
    for kind, value in (("max", -128), ("min", 127), ("sum", 0), ("mean", 0)):
        yield Case("Reduce", f"{kind}_empty_int8", [np.zeros((2, 0), np.int8)],
                   {"kind": kind, "axes": "[1]"}, [np.full((2, 1), value, np.int8)])
    x = random_array(generator("reduce_bool"), np.bool_, (5, 3))
    for kind, function in (("max", np.any), ("min", np.all)):
        yield Case("Reduce", f"{kind}_bool", [x], {"kind": kind, "axes": "[1]"},
                   [function(x, 1, keepdims=True)])


def positions():
    for dtype in (np.float32, np.float64, np.int32, np.int64, np.uint8):
        x = random_array(generator("arg"), dtype, (4, 6, 5))
        x[:, 3] = x[:, 1]
        for kind, function in (("argmax", np.argmax), ("argmin", np.argmin)):
            for axis in (0, 1, 2):
                name = f"{kind}_{axis}_{np.dtype(dtype).name}"
                attributes = {"kind": kind, "axes": list_text([axis])}
                first = np.expand_dims(function(x, axis), axis)
                yield Case("Reduce", name, [x], attributes, [first])
                last = x.shape[axis] - 1 - np.expand_dims(function(np.flip(x, axis), axis), axis)
                yield Case("Reduce", f"{name}_last", [x], {**attributes, "select_last": "1"}, [last])
    x = np.array([[1, np.nan, 2], [np.inf, 3, np.nan]], np.float32)
    for kind, function in (("argmax", np.argmax), ("argmin", np.argmin)):
        yield Case("Reduce", f"{kind}_nan", [x], {"kind": kind, "axes": "[1]"},
                   [function(x, 1)[:, None]])
    for kind in ("max", "min", "sum"):
        yield reduce(f"{kind}_nan", kind, x, [1])


def reduce_programs():
    rng = generator("reduce_programs")
    x, m = random_array(rng, np.float32, (5, 13)), random_array(rng, np.float32, (5, 1))
    yield Case("Reduce", "norm", [x],
               {"kind": "sum", "axes": "[1]",
                "prologue": unary_program("abs", np.float32).replace("abs.f32 r0",
                                                                     "mul.f32 r0, r0"),
                "epilogue": unary_program("sqrt", np.float32)},
               [np.sqrt((wide(x)**2).sum(1, keepdims=True)).astype(np.float32)], terms=13)
    largest = np.maximum((wide(x) - wide(m)).sum(1, keepdims=True), wide(m)).astype(np.float32)
    yield Case("Reduce", "two_inputs", [x, m, m],
               {"kind": "sum", "axes": "[1]", "prologue": binary_program("sub", np.float32),
                "epilogue": binary_program("max", np.float32)}, [largest], terms=13)


def softmax(name, x, axis, log=0, **rest):
    values = wide(x)
    shifted = values - values.max(axis, keepdims=True, initial=-np.inf)
    total = np.exp(shifted).sum(axis, keepdims=True)
    y = shifted - np.log(total) if log else np.exp(shifted) / total
    return Case("Softmax", name, [x], {"axis": str(axis), "log": str(log)},
                [y.astype(seen(x).dtype)], terms=8, **rest)


def softmaxes():
    for dtype in FLOATS:
        label = np.dtype(dtype).name
        rng = generator(f"softmax_{label}")
        for log in (0, 1):
            kind = "log" if log else "plain"
            for axis in (0, 1, 2):
                x = (8 * random_array(rng, np.float32, (3, 5, 17))).astype(dtype)
                yield softmax(f"{kind}_{axis}_{label}", x, axis, log)
            yield softmax(f"{kind}_one_{label}", random_array(rng, dtype, (4, 1)), 1, log)
    rng = generator("softmax")
    yield softmax("view", view(random_array(rng, np.float32, (6, 9)), lambda a: a.T[::2]), 0)
    yield softmax("huge", np.array([[1e38, 1e38, -3e38], [-1e30, 0, 1]], np.float32), 1)
    yield softmax("masked", np.array([[-np.inf, 1, -np.inf, 2]], np.float32), 1)
    yield softmax("long", random_array(rng, np.float32, (2, 3001)), 1)
    for log in (0, 1):
        kind = "log" if log else "plain"
        for count in (1, 15, 16, 33, 64, 127, 4500):
            x = 4 * random_array(rng, np.float32, (5, count))
            yield softmax(f"{kind}_row_{count}", x, 1, log)
    yield softmax("lowered", np.array([[0, 3, -87.1, 2, -1e9, -np.inf, -200]], np.float32), 1)
    with np.errstate(invalid="ignore"):
        rows = np.tile(np.arange(21, dtype=np.float32), (4, 1))
        rows[0] = -np.inf
        rows[1, 20] = np.nan
        rows[2, 3] = np.inf
        yield softmax("not_numbers", rows, 1)
        yield softmax("log_not_numbers", rows, 1, 1)
    yield softmax("no_rows", np.zeros((0, 4), np.float32), 1)
    yield softmax("empty_rows", np.zeros((4, 0), np.float32), 1)
    x, mask = random_array(rng, np.float32, (2, 3, 7)), random_array(rng, np.float32, (3, 7))
    case = softmax("prologue", x + mask, 2)
    case.operands = [x, mask]
    case.attributes["prologue"] = binary_program("add", np.float32)
    yield case
    x = random_array(rng, np.float32, (3, 4, 300))
    for axis in (1, 2):
        for label, shape in (("rows", (3, 4, 1)), ("columns", (300,))):
            factor = random_array(rng, np.float32, shape)
            case = softmax(f"epilogue_{axis}_{label}", x, axis)
            case.operands = [x, factor]
            case.attributes["epilogue"] = binary_program("mul", np.float32)
            case.expected = [(wide(case.expected[0]) * wide(factor)).astype(np.float32)]
            yield case


def prefixes():
    for dtype in (np.float32, np.float64, np.int32, np.int64, np.uint8, np.float16):
        for kind, function in (("sum", np.cumsum), ("product", np.cumprod)):
            for exclusive, reverse in ((0, 0), (1, 0), (0, 1), (1, 1)):
                name = f"{kind}_{np.dtype(dtype).name}_{exclusive}{reverse}"
                x = random_array(generator(f"prefix_{name}"), dtype, (3, 9, 4))
                for axis in (0, 1, -1):
                    y = prefix(x, function, axis, exclusive, reverse, kind == "product")
                    yield Case("Prefix", f"{name}_axis{axis % 3}", [x],
                               {"kind": kind, "axis": list_text([axis]),
                                "exclusive": str(exclusive), "reverse": str(reverse)}, [y], terms=9)
    x = random_array(generator("prefix_view"), np.float32, (6, 5))
    turned = view(x, lambda a: a.T[:, ::-1])
    yield Case("Prefix", "view", [turned], {"axis": "[1]"},
               [np.cumsum(wide(turned), 1).astype(np.float32)], terms=6)
    wide_lines = random_array(generator("prefix_lines"), np.int32, (70, 130))
    for axis in (0, 1):
        yield Case("Prefix", f"lines_{axis}", [wide_lines], {"axis": list_text([axis])},
                   [np.cumsum(wide_lines, axis, dtype=np.int64).astype(np.int32)])
    yield Case("Prefix", "empty", [x[:0]], {"axis": "[0]"}, [x[:0]])


def prefix(x, function, axis, exclusive, reverse, one):
    values = x.astype(np.int64 if x.dtype.kind in "iu" else np.float64)
    if reverse:
        values = np.flip(values, axis)
    y = function(values, axis)
    if exclusive:
        y = np.roll(y, 1, axis)
        first = [slice(None)] * y.ndim
        first[axis] = 0
        y[tuple(first)] = int(one)
    return (np.flip(y, axis) if reverse else y).astype(x.dtype)


def top_k(name, x, axis, k, largest):
    values = seen(x)
    keys = values.astype(object) if values.dtype.kind == "u" else values
    order = np.argsort(-keys if largest else keys, axis=axis, kind="stable")
    indices = np.take(order, np.arange(k), axis).astype(np.int64)
    return Case("TopK", name, [x],
                {"axis": str(axis), "k": list_text([k]), "largest": str(largest)},
                [np.take_along_axis(values, indices, axis), indices])


def top_ks():
    for dtype in (np.float32, np.float64, np.float16, np.int8, np.int64, np.uint8, np.uint64):
        for largest in (0, 1):
            name = f"{np.dtype(dtype).name}_{largest}"
            x = random_array(generator(f"top_{name}"), dtype, (3, 11, 4))
            for axis, k in ((0, 3), (1, 5), (2, 1)):
                yield top_k(f"{name}_axis{axis}", x, axis, k, largest)
    x = random_array(generator("top"), np.float32, (7, 30))
    yield top_k("view", view(x, lambda a: a.T[::3]), 1, 4, 1)
    lines = random_array(generator("top_lines"), np.float32, (60, 170))
    yield top_k("lines", lines, 1, 9, 1)
    yield top_k("columns", lines, 0, 9, 0)
    yield top_k("none", x, 1, 0, 1)
    yield top_k("no_rows", x[:0], 1, 2, 1)
    nan = np.array([2, np.nan, 1, np.nan, 2], np.float32)
    yield Case("TopK", "nan_largest", [nan], {"k": "[4]"},
               [nan[[1, 3, 0, 4]], np.array([1, 3, 0, 4])])
    yield Case("TopK", "nan_smallest", [nan], {"k": "[4]", "largest": "0"},
               [nan[[2, 0, 4, 1]], np.array([2, 0, 4, 1])])


def weights(mode, coordinate, source, result, a=-0.75, antialias=0, exclude=0):
    """The interpolation matrix of one axis, scale result / source."""
    scale = result / source
    matrix = np.zeros((result, source))
    for x in range(result):
        position = {
            "half_pixel": (x + 0.5) / scale - 0.5,
            "pytorch_half_pixel": (x + 0.5) / scale - 0.5 if result > 1 else -0.5,
            "asymmetric": x / scale,
            "align_corners": x * (source - 1) / (result - 1) if result > 1 else 0,
        }[coordinate]
        shrink = min(scale, 1) if antialias else 1
        reach = int(np.ceil((2 if mode == "cubic" else 1) / shrink)) + 1
        for i in range(int(np.floor(position)) - reach, int(np.floor(position)) + reach + 2):
            d = abs(position - i) * shrink
            if mode == "linear":
                weight = max(0, 1 - d)
            elif d <= 1:
                weight = (a + 2) * d**3 - (a + 3) * d**2 + 1
            else:
                weight = a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a if d < 2 else 0
            if exclude and not 0 <= i < source:
                continue
            matrix[x, min(max(i, 0), source - 1)] += weight
        if exclude or shrink != 1:
            matrix[x] /= matrix[x].sum()
    return matrix


def resample(name, x, shape, mode, coordinate, **options):
    y = wide(x)
    for axis, extent in enumerate(shape):
        if extent != y.shape[axis]:
            matrix = weights(mode, coordinate, y.shape[axis], extent, **options)
            y = np.moveaxis(np.tensordot(matrix, y, (1, axis)), 0, axis)
    text = {"mode": mode, "extents": list_text(shape), "coordinate": coordinate,
            "antialias": str(options.get("antialias", 0)),
            "exclude_outside": str(options.get("exclude", 0)),
            "cubic_coefficient": str(options.get("a", -0.75))}
    dtype = seen(x).dtype
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        y = np.clip(np.trunc(y), limits.min, limits.max)
    return Case("Resample", name, [x], text, [y.astype(dtype)], terms=16)


def resamples():
    for dtype in FLOATS:
        label = np.dtype(dtype).name
        x = random_array(generator(f"resample_{label}"), dtype, (1, 2, 5, 7))
        for mode in ("linear", "cubic"):
            for coordinate in ("half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners"):
                for height, width in ((10, 9), (3, 4), (1, 7)):
                    yield resample(f"{mode}_{coordinate}_{height}_{label}", x,
                                   (1, 2, height, width), mode, coordinate)
            yield resample(f"{mode}_antialias_{label}", x, (1, 2, 2, 3), mode, "half_pixel",
                           antialias=1)
            yield resample(f"{mode}_exclude_{label}", x, (1, 2, 8, 3), mode, "half_pixel", exclude=1)
        yield resample(f"cubic_half_{label}", x, (1, 2, 8, 9), "cubic", "half_pixel", a=-0.5)
    x = random_array(generator("resample"), np.float32, (4, 6, 5))
    yield resample("view", view(x, lambda a: a.transpose(2, 0, 1)[::-1]), (5, 7, 3), "linear",
                   "half_pixel")
    # Lines of many elements, enough of them for several threads; along the lines or across.
    for mode in ("linear", "cubic"):
        x = random_array(generator(f"resample_lines_{mode}"), np.float32, (1, 3, 33, 40))
        yield resample(f"lines_{mode}", x, (1, 3, 66, 83), mode, "half_pixel")
        yield resample(f"rows_{mode}", x, (1, 3, 66, 40), mode, "half_pixel")
        x = random_array(generator(f"resample_pixels_{mode}"), np.float32, (1, 17, 9, 23))
        yield resample(f"pixels_{mode}", x, (1, 34, 19, 23), mode, "align_corners")
    # The identity on an axis without scales, of a result that is shorter than the operand.
    for label, x in (("line", (1, 100_000)), ("lines", (7, 3, 5_000))):
        x = random_array(generator(f"resample_start_{label}"), np.float32, x)
        yield Case("Resample", f"start_of_{label}", [x],
                   {"extents": list_text((*x.shape[:-1], 2)), "coordinate": "asymmetric",
                    "scales": list_text([1.0] * x.ndim)}, [x[..., :2].copy()])
    whole = generator("resample_bytes").integers(0, 255, (1, 1, 4, 4)).astype(np.uint8)
    yield resample("bytes", whole, (1, 1, 7, 4), "linear", "align_corners")
    yield Case("Resample", "region", [np.array([1, 2, 3], np.float32)],
               {"extents": "[3]", "coordinate": "tf_crop_and_resize", "region": "[0.0, 2.0]",
                "extrapolation": "10.0"}, [np.array([1, 3, 10], np.float32)])
    yield Case("Resample", "nearest", [np.arange(4, dtype=np.int64)],
               {"mode": "nearest", "extents": "[6]", "coordinate": "asymmetric",
                "rounding": "floor"}, [np.array([0, 0, 1, 2, 2, 3])])
    yield Case("Resample", "empty", [np.zeros((0, 3), np.float32)], {"extents": "[0, 5]"},
               [np.zeros((0, 5), np.float32)])


def cases():
    for family in (matmuls, byte_matmuls, matmul_epilogues, matmul_activations, reductions,
                   empty_reductions, positions, reduce_programs, softmaxes, prefixes, top_ks,
                   resamples):
        yield from family()
