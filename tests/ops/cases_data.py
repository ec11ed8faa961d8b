"""Copy, Gather, Scatter, Eval: elements of every width, moved."""

import numpy as np

from case import (Case, binary_program, generator, list_text, map_type, program, random_array,
                  seen, view)

WIDTHS = (np.uint8, np.float16, np.float32, np.int64)


def copy(name, operands, expected, starts=None, **attributes):
    """A Copy of affine sources; `starts` has one list a source."""
    if starts is None:
        starts = [[0] * expected.ndim for _ in operands]
    flat = [start for source in starts for start in source]
    texts = {key: value if isinstance(value, str) else list_text(value)
             for key, value in attributes.items()}
    return Case("Copy", name, operands,
                {"extents": list_text(expected.shape), "starts": list_text(flat), **texts},
                [expected])


def copies_of_views():
    looks = {"transposed": lambda a: a.transpose(2, 0, 1), "reversed": lambda a: a[::-1, :, ::-1],
             "sliced": lambda a: a[1:, 1:4:2, 2:], "empty": lambda a: a[:, 2:2],
             "expanded": lambda a: np.broadcast_to(a[:, None], (3, 2, 5, 7))}
    for dtype in WIDTHS:
        x = random_array(generator("copy_views"), dtype, (3, 5, 7))
        for name, look in looks.items():
            operand = view(x, look)
            yield copy(f"{name}_{np.dtype(dtype).name}", [operand],
                       np.ascontiguousarray(seen(operand)))
    for rank in range(9):
        x = random_array(generator("copy_rank"), np.float32, [2, 1, 3, 2, 1, 2, 3, 1][:rank])
        yield copy(f"rank_{rank}", [view(x, np.transpose)], x.T.copy())


def concatenations():
    for dtype in WIDTHS:
        rng = generator("concat")
        parts = [random_array(rng, dtype, (3, width)) for width in (4, 0, 1, 9)]
        starts = [[0, 0], [0, 4], [0, 4], [0, 5]]
        yield copy(f"concat_{np.dtype(dtype).name}", parts, np.concatenate(parts, 1), starts)
    rng = generator("concat_many")
    parts = [random_array(rng, np.float32, (2, 3)) for _ in range(16)]
    yield copy("concat_16", parts, np.concatenate(parts, 0), [[2 * i, 0] for i in range(16)])
    bottom, top = random_array(rng, np.float32, (6,)), random_array(rng, np.float32, (3,))
    expected = bottom.copy()
    expected[2:5] = top
    yield copy("overlap", [bottom, top], expected, [[0], [2]])


def pads():
    for dtype in WIDTHS:
        x = random_array(generator("pad"), dtype, (3, 5))
        name = np.dtype(dtype).name
        fill = np.array(7, dtype)
        yield copy(f"pad_{name}", [x], np.pad(x, ((1, 2), (0, 3)), constant_values=7), [[1, 0]],
                   fill=f'hex "{fill.tobytes().hex()}"')
        yield copy(f"pad_zero_{name}", [x], np.pad(x, ((0, 0), (2, 2))), [[0, 2]])
        yield copy(f"crop_{name}", [x], x[1:, :3].copy(), [[-1, 0]])
        for table, mode in ((1, "edge"), (2, "reflect"), (3, "wrap")):
            expected = np.pad(x, ((7, 8), (1, 3)), mode=mode)
            yield copy(f"{mode}_{name}", [x], expected, [[7, 1]], tables=[table, table])
    x = random_array(generator("tile"), np.float32, (2, 3))
    yield copy("tile", [x], np.tile(x, (3, 2)), tables=[3, 3])
    yield copy("fill_only", [np.zeros((0, 3), np.float32)], np.zeros((2, 3), np.float32))


def nearest_index(mode, rounding, source, result):
    """ONNX's formulas for one axis, scale result / source."""
    scale = result / source
    x = np.arange(result, dtype=np.float64)
    position = {
        "half_pixel": (x + 0.5) / scale - 0.5,
        "asymmetric": x / scale,
        "align_corners": x * (source - 1) / max(result - 1, 1),
        "tf_half_pixel_for_nearest": (x + 0.5) / scale,
    }[mode]
    index = {
        "floor": np.floor(position),
        "ceil": np.ceil(position),
        "prefer_floor": np.ceil(position - 0.5),
        "prefer_ceil": np.floor(position + 0.5),
    }[rounding]
    return np.clip(index, 0, source - 1).astype(np.int64)


def resizes():
    x = random_array(generator("nearest"), np.float32, (2, 4, 5))
    for mode in ("half_pixel", "asymmetric", "align_corners", "tf_half_pixel_for_nearest"):
        for rounding in ("floor", "ceil", "prefer_floor", "prefer_ceil"):
            for height, width in ((8, 10), (2, 3)):
                rows = nearest_index(mode, rounding, 4, height)
                columns = nearest_index(mode, rounding, 5, width)
                yield copy(f"nearest_{mode}_{rounding}_{height}", [x],
                           np.ascontiguousarray(x[:, rows][:, :, columns]), tables=[0, 4, 4],
                           coordinate=mode, rounding=rounding)


def gathers():
    for dtype in WIDTHS:
        for index_dtype in (np.int32, np.int64):
            name = f"{np.dtype(dtype).name}_{np.dtype(index_dtype).name}"
            rng = generator(f"gather_{name}")
            x = random_array(rng, dtype, (3, 5, 4))
            indices = rng.integers(-5, 5, (2, 3)).astype(index_dtype)
            yield Case("Gather", f"axis_{name}", [x, indices], {"axis": "1"},
                       [np.take(x, indices, 1)])
            full = rng.integers(-5, 5, (2, 7, 4)).astype(index_dtype)
            yield Case("Gather", f"elements_{name}", [x, full], {"mode": "elements", "axis": "1"},
                       [np.take_along_axis(x[:2], full, 1)])
            pairs = np.stack([rng.integers(-3, 3, (6,)), rng.integers(-5, 5, (6,))],
                             1).astype(index_dtype)
            yield Case("Gather", f"nd_{name}", [x, pairs], {"mode": "nd"},
                       [x[pairs[:, 0], pairs[:, 1]]])
            batch = rng.integers(-5, 5, (3, 2, 1)).astype(index_dtype)
            expected = np.stack([x[b][batch[b, :, 0]] for b in range(3)])
            yield Case("Gather", f"batch_{name}", [x, batch], {"mode": "nd", "batch_dims": "1"},
                       [expected])
    yield from gather_corners()


def gather_corners():
    rng = generator("gather_corners")
    x = random_array(rng, np.float32, (6, 5))
    row = np.array(-2, np.int64)
    yield Case("Gather", "scalar", [x, row], {}, [x[4]])
    turned = view(x, lambda a: a.T[::-1])
    some = np.array([0, 4, 2], np.int64)
    yield Case("Gather", "view", [turned, some], {}, [seen(turned)[some].copy()])
    nothing = np.zeros((0,), np.int64)
    yield Case("Gather", "no_indices", [x, nothing], {"axis": "1"}, [x[:, :0]])
    yield Case("Gather", "no_rows", [x[:0], np.zeros((0, 2), np.int64)], {},
               [np.zeros((0, 2, 5), np.float32)])
    # Enough for several threads: lines, elements, one long line.
    table = random_array(rng, np.float32, (50, 130))
    picks = rng.integers(-50, 50, (21, 9)).astype(np.int32)
    yield Case("Gather", "lines", [table, picks], {}, [table[picks]])
    columns = rng.integers(-130, 130, (170,)).astype(np.int64)
    yield Case("Gather", "columns", [table, columns], {"axis": "1"}, [table[:, columns]])
    full = rng.integers(-50, 50, (90, 130)).astype(np.int64)
    yield Case("Gather", "rows", [table, full], {"mode": "elements"},
               [np.take_along_axis(table, full, 0)])
    long = rng.integers(-6500, 6500, (9001,)).astype(np.int32)
    yield Case("Gather", "one_line", [table.reshape(-1), long], {}, [table.reshape(-1)[long]])
    pairs = np.stack([rng.integers(-50, 50, (80, 60)), rng.integers(-130, 130, (80, 60))], -1)
    yield Case("Gather", "pairs", [table, pairs], {"mode": "nd"},
               [table[pairs[..., 0], pairs[..., 1]]])
    far = long.copy()
    far[8000] = 6500
    far[4500] = -6501
    yield Case("Gather", "out_of_range_first", [table.reshape(-1), far], {},
               [np.zeros((9001,), np.float32)], error="index -6501 on axis 0")
    addend = random_array(rng, np.float32, (5,))
    yield Case("Gather", "epilogue", [x, some, addend],
               {"epilogue": binary_program("add", np.float32)}, [x[some] + addend])
    for name, index in (("above", 6), ("below", -7), ("smallest", -2**63)):
        yield Case("Gather", f"out_of_range_{name}", [x, np.array([0, index], np.int64)], {},
                   [np.zeros((2, 5), np.float32)], error=f"index {index} on axis 0")


REDUCTIONS = {"none": None, "add": np.add, "multiply": np.multiply, "max": np.maximum,
              "min": np.minimum}


def scattered(data, places, updates, reduction):
    """One update after the other; `places` indexes the first axes."""
    result = data.copy()
    for place, update in zip(places, updates):
        if reduction == "none":
            result[place] = update
        else:
            result[place] = REDUCTIONS[reduction](result[place], update)
    return result


def scatters():
    for dtype in (np.float32, np.float64, np.int64, np.uint8, np.float16):
        for reduction in REDUCTIONS:
            name = f"{reduction}_{np.dtype(dtype).name}"
            rng = generator(f"scatter_{name}")
            x = random_array(rng, dtype, (4, 5))
            indices = rng.integers(-5, 5, (3, 7)).astype(np.int64)
            updates = random_array(rng, dtype, (3, 7))
            places = [(row, int(indices[row, i])) for row in range(3) for i in range(7)]
            yield Case("Scatter", f"elements_{name}", [x, indices, updates],
                       {"mode": "elements", "axis": "1", "reduction": reduction},
                       [scattered(x, places, updates.reshape(-1), reduction)], terms=7)
            rows = np.array([[1], [-1], [1]], np.int32)
            slices = random_array(rng, dtype, (3, 5))
            yield Case("Scatter", f"nd_{name}", [x, rows, slices],
                       {"mode": "nd", "reduction": reduction},
                       [scattered(x, [1, -1, 1], slices, reduction)], terms=3)
    x = random_array(generator("scatter_view"), np.float32, (4, 5))
    turned = view(x, np.transpose)
    updates = random_array(generator("scatter_updates"), np.float32, (2, 4))
    picked = view(updates, lambda a: a[::-1])
    yield Case("Scatter", "view", [turned, np.array([[3], [0]], np.int64), picked], {"mode": "nd"},
               [scattered(x.T, [3, 0], seen(picked), "none")])
    yield Case("Scatter", "no_updates",
               [x, np.zeros((0, 5), np.int64), np.zeros((0, 5), np.float32)], {}, [x])
    yield Case("Scatter", "out_of_range",
               [x, np.array([[4]], np.int64), np.zeros((1, 5), np.float32)], {"mode": "nd"},
               [x], error="index 4 on axis 0")
    x = random_array(generator("scatter_lines"), np.float32, (60, 150))
    rows = generator("scatter_rows").integers(-60, 60, (33, 140)).astype(np.int64)
    updates = random_array(generator("scatter_many"), np.float32, rows.shape)
    places = [(int(rows[i, j]), j) for i in range(33) for j in range(140)]
    yield Case("Scatter", "lines", [x, rows, updates], {"mode": "elements", "reduction": "add"},
               [scattered(x, places, updates.reshape(-1), "add")], terms=33)


def evaluations():
    """A constant Eval, read by a Map so that the graph has something to run."""
    for dtype, number in ((np.int64, 8), (np.int32, 7)):
        expected = np.array([[3, -1, 2]], dtype)
        yield Case("Eval", np.dtype(dtype).name, [],
                   {"dtype": str(number), "extents": "[1, 3]", "values": "[3, -1, 2]"}, [expected])
    yield Case("Eval", "bool", [], {"dtype": "13", "extents": "[2]", "values": "[1, 0]"},
               [np.array([True, False])])
    yield Case("Eval", "scalar", [], {"values": "[12]"}, [np.array(12, np.int64)])
    yield Case("Eval", "empty", [], {"extents": "[0]"}, [np.zeros((0,), np.int64)])


def gathered_by_program():
    x = random_array(generator("gather_store"), np.float32, (6, 3))
    kind = map_type(np.float32)
    text = program([np.float32], [np.float64],
                   [f"r0 = ld.{kind} in0", f"r1 = cvt.f64 r0 from {kind}", "out0 = st.f64 r1"])
    some = np.array([5, 0], np.int32)
    yield Case("Gather", "epilogue_dtype", [x, some], {"epilogue": text},
               [x[some].astype(np.float64)])


def cases():
    for family in (copies_of_views, concatenations, pads, resizes, gathers, gathered_by_program,
                   scatters, evaluations):
        yield from family()
