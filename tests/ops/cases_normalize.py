"""Normalize."""

import numpy as np

from case import BFLOAT16, Case, binary_program, generator, program, random_array, seen, view, wide

SCALE_AND_SHIFT = program([np.float32] * 3, [np.float32],
                          ["r0 = ld.f32 in0", "r1 = ld.f32 in1", "r2 = ld.f32 in2",
                           "r0 = mul.f32 r0, r1", "r0 = add.f32 r0, r2", "out0 = st.f32 r0"])


def normalized(x, axis, kind="standard", epsilon=1e-5):
    values = wide(x)
    axes = tuple(range(axis, values.ndim))
    count = max(np.prod(values.shape[axis:]), 1)
    with np.errstate(invalid="ignore"):
        if kind == "standard":
            values = values - values.sum(axes, keepdims=True) / count
        return values / np.sqrt((values * values).sum(axes, keepdims=True) / count + epsilon)


def normalize(name, x, axis, kind="standard", epsilon=1e-5, **rest):
    y = normalized(x, axis, kind, epsilon).astype(seen(x).dtype)
    return Case("Normalize", name, [x],
                {"kind": kind, "axis": str(axis), "epsilon": repr(epsilon)}, [y], terms=8, **rest)


def types_and_axes():
    for dtype in (np.float32, np.float64, np.float16, BFLOAT16):
        rng = generator(f"normalize_{np.dtype(dtype).name}")
        for kind in ("standard", "rms"):
            for axis in (0, 1, 2, 3):
                x = (3 * random_array(rng, np.float32, (3, 5, 17)) + 1).astype(dtype)
                yield normalize(f"{kind}_{axis}_{np.dtype(dtype).name}", x, axis, kind)


def rows():
    rng = generator("normalize_rows")
    for kind in ("standard", "rms"):
        for count in (1, 2, 15, 16, 33, 64, 127, 384, 4500):
            yield normalize(f"{kind}_row_{count}", random_array(rng, np.float32, (5, count)), 1,
                            kind)
    far = (random_array(rng, np.float32, (4, 100)) + 1000).astype(np.float32)
    yield normalize("far_from_zero", far, 1)
    yield normalize("equal", np.full((2, 30), 7, np.float32), 1)
    whole = np.ones((3, 20), np.float32)
    whole[0, 3], whole[1, 19] = np.nan, np.inf
    yield normalize("not_numbers", whole, 1)
    yield normalize("large_epsilon", random_array(rng, np.float32, (3, 9)), 1, epsilon=2.5)


def views():
    rng = generator("normalize_views")
    x = random_array(rng, np.float32, (6, 40))
    yield normalize("columns", view(x, lambda a: a.T[::2]), 1)
    yield normalize("backwards", view(x, lambda a: a[:, ::-1]), 1)
    pixels = random_array(rng, np.float32, (2, 4, 5, 7))
    yield normalize("channels_last", view(pixels, lambda a: a.transpose(0, 3, 1, 2)), 2)
    yield normalize("gaps", view(pixels, lambda a: a[:, :, :3]), 2)
    parts = (3, 4, 5)
    yield normalize("repeated_outside", view(pixels, lambda a: np.broadcast_to(a[0, 0, 0, :5],
                                                                               parts)), 1)
    yield normalize("repeated_inside", view(pixels, lambda a: np.broadcast_to(a[0, :3, :4, :1],
                                                                              parts)), 1)
    yield normalize("repeated_everywhere", view(pixels, lambda a: np.broadcast_to(a[0, 0, 0, :1],
                                                                                  parts)), 1)
    yield normalize("one_of_each_row", view(pixels, lambda a: a[0, 0, :, :1]), 1)
    yield normalize("no_rows", x[:0], 1)
    yield normalize("empty_rows", x[:, :0], 1)


def epilogues():
    rng = generator("normalize_epilogues")
    for kind in ("standard", "rms"):
        for label, extents, axis, shape in (
                ("row", (4, 70), 1, (70,)), ("channel", (2, 3, 6, 5), 2, (3, 1, 1)),
                ("long", (3, 700), 1, (700,)), ("each", (4, 9), 1, (4, 9))):
            x = random_array(rng, np.float32, extents)
            scale, bias = (random_array(rng, np.float32, shape) for _ in range(2))
            y = normalized(x, axis, kind) * scale + bias
            yield Case("Normalize", f"{kind}_scaled_{label}", [x, scale, bias],
                       {"kind": kind, "axis": str(axis), "epsilon": "1e-05",
                        "epilogue": SCALE_AND_SHIFT}, [y.astype(np.float32)], terms=12)
    x, most = random_array(rng, np.float32, (3, 50)), np.zeros((1,), np.float32)
    yield Case("Normalize", "clamped", [x, most],
               {"axis": "1", "epsilon": "1e-05", "epilogue": binary_program("max", np.float32)},
               [np.maximum(normalized(x, 1), 0).astype(np.float32)], terms=8)


def cases():
    for family in (types_and_axes, rows, views, epilogues):
        yield from family()
