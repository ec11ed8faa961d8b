"""Sample, RoiPool, Fft, Random, Det: expected values from NumPy, straight from the definitions."""

import itertools

import numpy as np

from case import BFLOAT16, Case, generator, list_text, random_array, seen, view, wide

FLOATS = (np.float32, np.float64, np.float16, BFLOAT16)


def mirror(position, low, high):
    """Reflected into [low, high]; a triangle wave."""
    span = high - low
    if span <= 0:
        return low
    within = (position - low) % (2 * span)
    return low + min(within, 2 * span - within)


def cubic(distance, a=-0.75):
    d = abs(distance)
    if d <= 1:
        return ((a + 2) * d - (a + 3)) * d * d + 1
    return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a if d < 2 else 0.0


def axis_taps(mode, padding, align, extent, position):
    """[(index or None, weight)] of one axis."""
    low, high = (0, extent - 1) if align else (-0.5, extent - 0.5)
    if padding == "reflection":
        position = mirror(position, low, high)
    elif padding == "border" and mode != "cubic":
        position = min(max(position, 0), extent - 1)
    first = int(np.floor(position))
    taps = {"nearest": lambda: [(int(np.rint(position)), 1.0)],
            "linear": lambda: [(first + i, 1 - abs(position - first - i)) for i in range(2)],
            "cubic": lambda: [(first + i, cubic(position - first - i)) for i in range(-1, 3)]}

    def place(index):
        if 0 <= index < extent:
            return index
        if padding == "zeros":
            return None
        if padding == "border":
            return min(max(index, 0), extent - 1)
        return min(max(int(mirror(index, low, high)), 0), extent - 1)
    return [(place(index), weight) for index, weight in taps[mode]()]


def sample(name, x, positions, mode, padding="zeros", align=0, **rest):
    values, at = wide(x), seen(positions)
    batch, channels, *extents = values.shape
    y = np.zeros((batch, channels, *at.shape[1:-1]))
    for n, *place in itertools.product(range(batch), *map(range, at.shape[1:-1])):
        taps = [axis_taps(mode, padding, align, extent, float(position))
                for extent, position in zip(extents, at[(n, *place)])]
        for corner in itertools.product(*taps):
            if None in (index for index, _ in corner):
                continue
            weight = np.prod([weight for _, weight in corner])
            y[(n, slice(None), *place)] += (
                weight * values[(n, slice(None), *(index for index, _ in corner))])
    dtype = seen(x).dtype
    if dtype.kind in "iu":
        y = np.trunc(y)
    return Case("Sample", name, [x, positions],
                {"mode": mode, "padding": padding, "align_corners": str(align)},
                [y.astype(dtype)], terms=64, **rest)


def samples():
    for dtype in FLOATS:
        label = np.dtype(dtype).name
        rng = generator(f"sample_{label}")
        at = np.float64 if dtype is np.float64 else np.float32
        line = random_array(rng, dtype, (1, 3, 7))
        image = random_array(rng, dtype, (2, 3, 5, 7))
        volume = random_array(rng, dtype, (1, 2, 3, 4, 5))
        for mode, padding, align in itertools.product(
                ("nearest", "linear", "cubic"), ("zeros", "border", "reflection"), (0, 1)):
            title = f"{mode}_{padding}_{align}_{label}"
            # Eighths are exact in every type: neither side rounds a position.
            places = (rng.integers(-90, 130, (2, 4, 3, 2)) / 8).astype(at)
            yield sample(title, image, places, mode, padding, align)
        places = (rng.integers(-20, 60, (1, 9, 1)) / 8).astype(at)
        yield sample(f"line_{label}", line, places, "cubic", "border")
        places = (rng.integers(-20, 60, (1, 2, 3, 1, 3)) / 8).astype(at)
        yield sample(f"volume_linear_{label}", volume, places, "linear", "reflection")
        yield sample(f"volume_nearest_{label}", volume, places, "nearest")
    rng = generator("sample")
    image = random_array(rng, np.float32, (6, 5, 2, 2))
    places = (rng.integers(-8, 40, (2, 3, 4)) / 8).astype(np.float32)
    yield sample("views", view(image, lambda a: a.transpose(2, 3, 0, 1)[:, :, ::-1]),
                 view(places, lambda a: a[:, :, ::-2]), "linear")
    one = np.array([[[[3.5]]]], np.float32)
    yield sample("one_element", one, np.array([[[-0.25, 7.0]]], np.float32), "linear",
                 "reflection", 1)
    whole = rng.integers(-9, 10, (1, 1, 4, 4)).astype(np.int32)
    yield sample("integers", whole, np.array([[[0.5, 1.25], [3, 3]]], np.float32), "linear")
    huge = np.array([[[1e30, 0], [-1e30, 1], [np.inf, 1], [-np.inf, 0]]], np.float32)
    yield Case("Sample", "far_positions", [np.ones((1, 1, 3, 3), np.float32), huge], {},
               [np.zeros((1, 1, 4), np.float32)])
    lost = np.array([[[np.nan, np.nan]]], np.float32)
    yield Case("Sample", "nan_positions", [np.ones((1, 1, 3, 3), np.float32), lost], {},
               [np.zeros((1, 1, 1), np.float32)])
    yield sample("no_positions", np.ones((1, 2, 3, 3), np.float32),
                 np.zeros((1, 0, 2), np.float32), "linear")


def roi_align(x, rois, images, bins, scale, sampling, half, largest):
    """ONNX's text, one bin after the other."""
    height, width = x.shape[2:]
    y = np.zeros((len(rois), x.shape[1], *bins))
    for r, (x1, y1, x2, y2) in enumerate(rois * scale - (0.5 if half else 0)):
        lengths = np.array([y2 - y1, x2 - x1])
        if not half:
            lengths = np.maximum(lengths, 1)
        size = lengths / bins
        grid = [sampling or int(np.ceil(length)) for length in size]
        for row, column in itertools.product(*map(range, bins)):
            points = []
            for i, j in itertools.product(*map(range, grid)):
                v = y1 + (row + (i + 0.5) / grid[0]) * size[0]
                h = x1 + (column + (j + 0.5) / grid[1]) * size[1]
                if not (-1 <= v <= height and -1 <= h <= width):
                    points.append(np.zeros((4, x.shape[1])))
                    continue
                v, h = (min(max(p, 0), n - 1) for p, n in ((v, height), (h, width)))
                rows = [(int(v), 1 - v % 1), (min(int(v) + 1, height - 1), v % 1)]
                columns = [(int(h), 1 - h % 1), (min(int(h) + 1, width - 1), h % 1)]
                points.append(np.array([a * b * x[images[r], :, p, q]
                                        for p, a in rows for q, b in columns]))
            points = np.array(points)
            y[r, :, row, column] = (points.max((0, 1)) if largest
                                    else points.sum(1).mean(0))
    return y


def roi_pool(name, x, rois, images, bins, mode, scale=1.0, sampling=0, half=0, **rest):
    y = roi_align(wide(x), rois.astype(np.float64), images, np.array(bins), scale, sampling, half,
                  mode == "align_max")
    return Case("RoiPool", name, [x, rois, images],
                {"mode": mode, "extents": list_text(bins), "spatial_scale": repr(scale),
                 "sampling": str(sampling), "half_pixel": str(half)},
                [y.astype(x.dtype)], terms=64, **rest)


def max_roi_pool(x, rois, images, bins, scale):
    y = np.zeros((len(rois), x.shape[1], *bins), x.dtype)
    for r, roi in enumerate(rois.astype(np.float64) * scale):
        x1, y1, x2, y2 = np.trunc(roi + np.copysign(0.5, roi))
        size = np.maximum([y2 - y1 + 1, x2 - x1 + 1], 1) / bins
        for row, column in itertools.product(*map(range, bins)):
            begin = np.floor(np.array([row, column]) * size) + [y1, x1]
            end = np.ceil(np.array([row + 1, column + 1]) * size) + [y1, x1]
            (top, left), (bottom, right) = (np.clip(edge, 0, x.shape[2:]).astype(int)
                                            for edge in (begin, end))
            part = x[images[r], :, top:bottom, left:right]
            y[r, :, row, column] = part.max((1, 2)) if part.size else 0
    return y


def roi_pools():
    for dtype in (np.float32, np.float64, np.float16):
        label = np.dtype(dtype).name
        rng = generator(f"roi_{label}")
        x = random_array(rng, dtype, (2, 3, 9, 7))
        # Quarters: exact in float16 too.
        rois = np.array([[0, 0, 6, 8], [1.25, 2.5, 4.75, 7], [-2, -3, 3, 3.5], [5, 6, 5.25, 6.5],
                         [3, 4, 12, 11]], dtype)
        images = np.array([0, 1, 1, 0, 1], np.int64)
        for mode, sampling, half in itertools.product(("align_average", "align_max"), (0, 2),
                                                      (0, 1)):
            yield roi_pool(f"{mode}_{sampling}_{half}_{label}", x, rois, images, (2, 3), mode,
                           0.5, sampling, half)
        for scale in (1.0, 0.5):
            yield Case("RoiPool", f"max_{scale}_{label}", [x, rois, images.astype(np.int32)],
                       {"mode": "max", "extents": "[3, 2]", "spatial_scale": repr(scale)},
                       [max_roi_pool(x, rois, images, np.array([3, 2]), scale)])
    x = np.ones((1, 1, 4, 4), np.float32)
    for name, roi, image, error in (
            ("image_beyond", [0, 0, 1, 1], 1, "index 1 on axis 0"),
            ("nan_roi", [np.nan, 0, 1, 1], 0, "found begin nan"),
            ("endless_roi", [0, 0, 1e30, 1e30], 0, "allowed 64")):
        yield Case("RoiPool", name, [x, np.array([roi], np.float32), np.array([image])],
                   {"extents": "[1, 1]"}, [np.zeros((1, 1, 1, 1), np.float32)], error=error)
    yield Case("RoiPool", "no_rois", [x, np.zeros((0, 4), np.float32), np.zeros(0, np.int64)],
               {"extents": "[2, 2]"}, [np.zeros((0, 1, 2, 2), np.float32)])


def fft(name, x, axis, length, inverse=0, onesided=0, terms=None):
    values, at = wide(x), axis % seen(x).ndim
    signal = values[..., 0] if values.shape[-1] == 1 else values[..., 0] + 1j * values[..., 1]
    if inverse and onesided:
        y = np.fft.irfft(signal, length, at)[..., None]
    else:
        y = (np.fft.ifft if inverse else np.fft.fft)(signal, length, at)
        if onesided:
            y = np.take(y, range(length // 2 + 1), at)
        y = np.stack([y.real, y.imag], -1)
    return Case("Fft", name, [x],
                {"axis": f"[{axis}]", "length": f"[{length}]", "inverse": str(inverse),
                 "onesided": str(onesided)}, [y.astype(seen(x).dtype)], terms=terms or 4 * length)


def ffts():
    for dtype in (np.float32, np.float64, np.float16):
        label = np.dtype(dtype).name
        rng = generator(f"fft_{label}")
        # Powers of two, odd factors, primes, a prime beyond the radices, products of such.
        for length in (1, 2, 3, 4, 5, 7, 8, 12, 15, 31, 61, 64, 67, 96, 100, 134, 210, 257):
            for numbers in (1, 2):
                x = random_array(rng, dtype, (2, length, numbers))
                yield fft(f"length_{length}_{numbers}_{label}", x, 1, length)
            yield fft(f"inverse_{length}_{label}", random_array(rng, dtype, (length, 2)), 0, length,
                      inverse=1)
        for length in (6, 7, 20):
            x = random_array(rng, dtype, (3, 10, 2, 1))
            yield fft(f"onesided_{length}_{label}", x, 1, length, onesided=1)
            half = random_array(rng, dtype, (2, 8, 2))
            yield fft(f"mirrored_{length}_{label}", half, 1, length, inverse=1, onesided=1)
        yield fft(f"axis_{label}", random_array(rng, dtype, (4, 3, 5, 2)), -4, 4)
    x = random_array(generator("fft_view"), np.float32, (40, 3))
    yield fft("view", view(x, lambda a: a[::2, 2:0:-1]), 0, 20)
    yield fft("long", random_array(generator("fft_long"), np.float32, (1, 10007, 1)), 1, 10007,
              terms=2000)
    yield Case("Fft", "empty", [np.zeros((0, 4, 1), np.float32)], {"axis": "[1]", "length": "[4]"},
               [np.zeros((0, 4, 2), np.float32)])


def randoms():
    for seed in (0, 1, 42, 2**32 - 1):
        for kind, draw in (("uniform", "random_sample"), ("normal", "standard_normal")):
            numbers = getattr(np.random.RandomState(seed), draw)((3, 5, 89))
            yield Case("Random", f"{kind}_{seed}", [],
                       {"kind": kind, "seed": str(seed), "extents": "[3, 5, 89]"}, [numbers])
    yield Case("Random", "scalar", [], {"seed": "7"}, [np.array(np.random.RandomState(7).rand())])
    yield Case("Random", "empty", [], {"extents": "[0, 3]"}, [np.zeros((0, 3))])


def dets():
    for dtype in FLOATS:
        label = np.dtype(dtype).name
        rng = generator(f"det_{label}")
        for n in (1, 2, 3, 7):
            x = random_array(rng, dtype, (2, 3, n, n))
            yield Case("Det", f"{n}x{n}_{label}", [x], {},
                       [np.linalg.det(wide(x)).astype(dtype)], terms=n * n)
        x = random_array(rng, dtype, (5, 5))
        yield Case("Det", f"transposed_{label}", [view(x, np.transpose)], {},
                   [np.array(np.linalg.det(wide(x)), dtype)], terms=25)
    yield Case("Det", "singular", [np.array([[1, 2], [2, 4]], np.float32)], {},
               [np.array(0, np.float32)])
    yield Case("Det", "no_pivot_without_rows", [np.array([[0, 1], [1, 0]], np.float32)], {},
               [np.array(-1, np.float32)])
    yield Case("Det", "of_nothing", [np.zeros((3, 0, 0), np.float32)], {}, [np.ones(3, np.float32)])


def cases():
    for family in (samples, roi_pools, ffts, randoms, dets):
        yield from family()
