"""Conv and Pool, by definition: one loop over outputs and taps."""

import dataclasses
import itertools

import numpy as np

from case import (BFLOAT16, Case, binary_program, constant, generator, list_text, random_array,
                  unary_program)

FLOATS = (np.float32, np.float64, np.float16, BFLOAT16)


def convolve(x, w, strides, dilations, pads, group, transposed=False, output_padding=None):
    """In float64 or int64; bias is the caller's."""
    spatial = x.ndim - 2
    begins, ends = pads[:spatial], pads[spatial:]
    extra = output_padding or [0] * spatial
    reach = [(w.shape[i + 2] - 1) * dilations[i] + 1 for i in range(spatial)]
    if transposed:
        shape = [(x.shape[i + 2] - 1) * strides[i] + reach[i] - begins[i] - ends[i] + extra[i]
                 for i in range(spatial)]
        channels = w.shape[1] * group
    else:
        shape = [(x.shape[i + 2] + begins[i] + ends[i] - reach[i]) // strides[i] + 1
                 for i in range(spatial)]
        channels = w.shape[0]
    y = np.zeros([x.shape[0], channels, *shape], x.dtype)
    depth, width = x.shape[1] // group, channels // group
    # Windows of a plain convolution start at its outputs, those of a transposed one at its inputs.
    starts = x.shape[2:] if transposed else shape
    limits = shape if transposed else x.shape[2:]
    for start in itertools.product(*map(range, starts)):
        for tap in itertools.product(*map(range, w.shape[2:])):
            other = tuple(start[i] * strides[i] - begins[i] + tap[i] * dilations[i]
                          for i in range(spatial))
            if any(not 0 <= other[i] < limits[i] for i in range(spatial)):
                continue
            at_x, at_y = (start, other) if transposed else (other, start)
            for g in range(group):
                inputs = x[(slice(None), slice(g * depth, (g + 1) * depth), *at_x)]
                if transposed:
                    weights = w[(slice(g * depth, (g + 1) * depth), slice(None), *tap)]
                else:
                    weights = w[(slice(g * width, (g + 1) * width), slice(None), *tap)].T
                y[(slice(None), slice(g * width, (g + 1) * width), *at_y)] += inputs @ weights
    return y


def conv(name, x, w, bias=None, strides=None, dilations=None, pads=None, group=1, zeros=(),
         attributes=None, after=None, extra=(), transposed=False, output_padding=None, dtype=None):
    """A Conv case; `zeros` are the zero points of x and w, `after` the epilogue in NumPy."""
    spatial = x.ndim - 2
    strides = strides or [1] * spatial
    dilations = dilations or [1] * spatial
    pads = pads or [0] * 2 * spatial
    exact = np.float64 if x.dtype.kind not in "iu" else np.int64
    shifted = [a.astype(exact) for a in (x, w)]
    if zeros:
        shifted[0] = shifted[0] - zeros[0].astype(exact)
        per_channel = zeros[1].astype(exact).reshape([-1] + [1] * (w.ndim - 1))
        shifted[1] = shifted[1] - per_channel
    y = convolve(*shifted, strides, dilations, pads, group, transposed, output_padding)
    if bias is not None:
        y = y + bias.astype(exact).reshape([-1] + [1] * spatial)
    if after:
        y = after(y)
    text = {"strides": list_text(strides), "dilations": list_text(dilations),
            "pads": list_text(pads), "group": str(group), **(attributes or {})}
    if transposed:
        text["transposed"] = "1"
        text["output_padding"] = list_text(output_padding or [])
    operands = [x, w, bias]
    if zeros or extra:
        operands += list(zeros) or [None, None]
    dtype = dtype or (np.int32 if exact is np.int64 else x.dtype)
    return Case("Conv", name, operands + list(extra), text, [y.astype(dtype)],
                terms=int(np.prod(w.shape[1:])) + 1)


def convolutions():
    for dtype in FLOATS:
        label = np.dtype(dtype).name
        rng = generator(f"conv_{label}")

        def make(*shape):
            return random_array(rng, dtype, shape)

        yield conv(f"plain_{label}", make(2, 3, 7, 9), make(5, 3, 3, 3), make(5))
        yield conv(f"strided_{label}", make(1, 4, 11, 8), make(6, 4, 3, 2), make(6),
                   strides=[2, 3], pads=[1, 0, 2, 1])
        yield conv(f"pointwise_{label}", make(1, 13, 5, 5), make(7, 13, 1, 1), make(7))
        yield conv(f"depthwise_{label}", make(1, 9, 7, 7), make(9, 1, 3, 3), make(9), group=9,
                   pads=[1] * 4)
        yield conv(f"grouped_{label}", make(1, 6, 5, 6), make(4, 3, 3, 3), group=2,
                   dilations=[2, 1], pads=[2, 1, 2, 1])
        yield conv(f"one_axis_{label}", make(2, 3, 17), make(4, 3, 5), strides=[2], pads=[2, 1])
        yield conv(f"three_axes_{label}", make(1, 2, 4, 5, 6), make(3, 2, 2, 3, 2),
                   pads=[1, 0, 1, 0, 1, 0])
        yield conv(f"three_axes_strided_{label}", make(2, 4, 5, 6, 9), make(6, 2, 3, 2, 3), make(6),
                   group=2, strides=[2, 1, 2], dilations=[1, 2, 1], pads=[1, 0, 2, 2, 1, 1])
        yield conv(f"three_axes_pointwise_{label}", make(1, 5, 2, 3, 4), make(7, 5, 1, 1, 1), make(7))
        yield conv(f"cropped_{label}", make(1, 2, 7, 7), make(2, 2, 3, 3), pads=[-1, 0, -1, -2])
        yield conv(f"transposed_{label}", make(1, 4, 5, 4), make(4, 3, 3, 3), make(6), group=2,
                   strides=[2, 3], pads=[1, 0, 1, 1], output_padding=[1, 0], transposed=True)
        yield conv(f"transposed_three_axes_{label}", make(1, 4, 3, 4, 5), make(4, 2, 3, 2, 4),
                   make(4), group=2, strides=[2, 2, 3], dilations=[1, 3, 1],
                   pads=[1, 0, 2, 0, 1, 1], output_padding=[1, 0, 2], transposed=True)
        yield conv(f"transposed_dilated_{label}", make(2, 3, 6), make(3, 2, 4), strides=[3],
                   dilations=[2], pads=[2, 2], transposed=True)


def conv_corners():
    rng = generator("conv_corners")

    def make(*shape):
        return random_array(rng, np.float32, shape)

    yield conv("no_batch", make(0, 2, 5, 5), make(3, 2, 3, 3))
    yield conv("no_channels", make(1, 0, 4, 4), make(3, 0, 3, 3), make(3))
    yield conv("kernel_in_padding", make(1, 1, 2), make(1, 1, 3), pads=[5, 5])
    relu = {"epilogue": unary_program("abs", np.float32)}
    yield conv("epilogue", make(1, 3, 6, 6), make(4, 3, 3, 3), make(4), attributes=relu, after=np.abs)
    residual = make(1, 4, 4, 4)
    yield conv("residual", make(1, 3, 6, 6), make(4, 3, 3, 3), make(4),
               attributes={"epilogue": binary_program("add", np.float32)}, extra=[residual],
               after=lambda y: y + residual)
    for x_dtype, w_dtype in ((np.uint8, np.int8), (np.int8, np.int8), (np.uint8, np.uint8)):
        x = rng.integers(np.iinfo(x_dtype).min, np.iinfo(x_dtype).max, (1, 4, 7, 6)).astype(x_dtype)
        w = rng.integers(np.iinfo(w_dtype).min, np.iinfo(w_dtype).max, (6, 2, 3, 3)).astype(w_dtype)
        bias = rng.integers(-9999, 9999, (6,)).astype(np.int32)
        name = f"{np.dtype(x_dtype).name}_{np.dtype(w_dtype).name}"
        yield conv(f"bytes_{name}", x, w, bias, group=2, pads=[1] * 4)
        scalars = (np.array(7, x_dtype), np.array(3, w_dtype))
        yield conv(f"bytes_zero_{name}", x, w, bias, group=2, pads=[1] * 4, zeros=scalars)
        channels = (np.array([7], x_dtype), rng.integers(0, 99, (6,)).astype(w_dtype))
        yield conv(f"bytes_zeros_{name}", x, w, None, group=2, strides=[2, 2], zeros=channels)


def windows(x, kernel, strides, dilations, pads, ceil_mode):
    """Output shape, and for each output the taps inside the image and how many inside padding."""
    spatial = x.ndim - 2
    shape = []
    for i in range(spatial):
        reach = (kernel[i] - 1) * dilations[i] + 1
        room = x.shape[i + 2] + pads[i] + pads[i + spatial] - reach
        count = (-(-room // strides[i]) if ceil_mode else room // strides[i]) + 1
        if ceil_mode and (count - 1) * strides[i] >= x.shape[i + 2] + pads[i]:
            count -= 1
        shape.append(count)
    found = []
    for at in itertools.product(*map(range, shape)):
        inside, padded = [], 0
        for tap in itertools.product(*map(range, kernel)):
            place = tuple(at[i] * strides[i] - pads[i] + tap[i] * dilations[i]
                          for i in range(spatial))
            if all(0 <= place[i] < x.shape[i + 2] for i in range(spatial)):
                inside.append(place)
            if all(-pads[i] <= place[i] < x.shape[i + 2] + pads[i + spatial]
                   for i in range(spatial)):
                padded += 1
        found.append((at, inside, padded))
    return shape, found


def pool(name, x, kind, kernel, strides=None, dilations=None, pads=None, ceil_mode=0,
         include_pad=0, indices=False):
    spatial = x.ndim - 2
    strides = strides or [1] * spatial
    dilations = dilations or [1] * spatial
    pads = pads or [0] * 2 * spatial
    shape, found = windows(x, kernel, strides, dilations, pads, ceil_mode)
    whole = [*x.shape[:2], *shape]
    result = x.dtype if x.dtype.kind not in "iu" or kind == "max" else np.dtype(np.int32)
    y, where = np.zeros(whole, result), np.zeros(whole, np.int64)
    flat = np.arange(x.size).reshape(x.shape)
    for at, inside, padded in found:
        for n, c in itertools.product(range(x.shape[0]), range(x.shape[1])):
            taps = np.array([x[(n, c, *place)] for place in inside])
            if kind == "max":
                best = int(np.argmax(taps))
                y[(n, c, *at)] = taps[best]
                where[(n, c, *at)] = flat[(n, c, *inside[best])]
                continue
            total = taps.astype(np.float64).sum()
            count = padded if include_pad else len(inside)
            y[(n, c, *at)] = total / count if kind == "average" else total
    text = {"kind": kind, "kernel": list_text(kernel), "strides": list_text(strides),
            "dilations": list_text(dilations), "pads": list_text(pads),
            "ceil_mode": str(ceil_mode), "count_include_pad": str(include_pad),
            "with_indices": str(int(indices))}
    return Case("Pool", name, [x], text, [y, where] if indices else [y],
                terms=int(np.prod(kernel)))


def pools():
    for dtype in FLOATS:
        label = np.dtype(dtype).name
        rng = generator(f"pool_{label}")
        x = random_array(rng, dtype, (2, 3, 7, 9))
        line = random_array(rng, dtype, (1, 2, 17))
        volume = random_array(rng, dtype, (1, 2, 5, 4, 6))
        for kind in ("max", "average", "sum"):
            yield pool(f"{kind}_{label}", x, kind, [3, 2])
            yield pool(f"{kind}_strided_{label}", x, kind, [3, 3], [2, 2], pads=[1, 1, 1, 1])
            yield pool(f"{kind}_ceil_{label}", x, kind, [2, 3], [3, 2], pads=[0, 1, 1, 0],
                       ceil_mode=1)
            yield pool(f"{kind}_dilated_{label}", line, kind, [3], [2], [3], [2, 2])
            yield pool(f"{kind}_volume_{label}", volume, kind, [2, 3, 2], [2, 1, 3])
            yield pool(f"{kind}_volume_dilated_{label}", volume, kind, [3, 2, 2], [1, 2, 3],
                       [2, 1, 1], pads=[2, 0, 1, 1, 0, 1])
            yield pool(f"{kind}_volume_planes_{label}", volume, kind, [1, 2, 3], [1, 2, 1],
                       pads=[0, 1, 1, 0, 0, 1])
        yield pool(f"include_pad_{label}", x, "average", [3, 3], [2, 2], pads=[1, 1, 1, 1],
                   ceil_mode=1, include_pad=1)
    for dtype in (np.int8, np.uint8, np.int32):
        x = random_array(generator("pool_ints"), dtype, (1, 3, 6, 5))
        label = np.dtype(dtype).name
        yield pool(f"max_{label}", x, "max", [2, 2], [2, 2], pads=[0, 1, 0, 1], indices=True)
        yield pool(f"sum_{label}", x, "sum", [2, 2], [1, 2])
    x = random_array(generator("pool_indices"), np.float32, (2, 2, 5, 6))
    yield pool("indices", x, "max", [3, 2], [2, 2], pads=[1, 0, 1, 0], indices=True)
    volume = random_array(generator("pool_nan"), np.float32, (1, 2, 4, 5, 3))
    volume[0, 0, 1, 2, 1] = volume[0, 1, 3, 4, 2] = np.nan
    yield pool("max_volume_nan", volume, "max", [2, 2, 2], [1, 2, 1], pads=[1, 0, 0, 0, 1, 0])
    yield pool("no_batch", x[:0], "average", [2, 2])


def programs():
    """sqrt of the sum of squares: programs on both sides."""
    x = random_array(generator("pool_programs"), np.float32, (1, 2, 9))
    case = pool("programs", x * x, "sum", [3], [2])
    case.operands = [x]
    case.attributes["prologue"] = unary_program("abs", np.float32).replace(
        "abs.f32 r0", "mul.f32 r0, r0")
    case.attributes["epilogue"] = unary_program("sqrt", np.float32)
    case.expected = [np.sqrt(case.expected[0])]
    yield case


def packed_convolutions():
    """Weights that are constants, which plans pack and kernels read in panels."""
    for case in convolutions():
        if case.operands[1].dtype == np.float32:
            x, weights, *rest = case.operands
            yield dataclasses.replace(case, name=f"{case.name}_of_constant",
                                      operands=[x, constant(weights), *rest])


def cases():
    for family in (convolutions, packed_convolutions, conv_corners, pools, programs):
        yield from family()
