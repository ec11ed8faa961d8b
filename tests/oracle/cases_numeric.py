"""Numbers at the edges: wrapping, truncation, NaN, quantisation by axis and block; Einsum."""

import numpy as np

from case import single

SIGNED = (np.int8, np.int16, np.int32, np.int64)
UNSIGNED = (np.uint8, np.uint16, np.uint32, np.uint64)
UNDEFINED = "NumPy: C++, and with it ONNX Runtime, leaves it undefined"
NAN = "NumPy: ONNX Runtime compares with <, which is false for each NaN"


def wrapping(t):
    for dtype in (np.int8, np.uint8, np.int32, np.int64, np.uint32, np.uint64):
        info = np.iinfo(dtype)
        a = np.array([info.max, info.min, info.max, info.min, 7], dtype)
        b = np.array([1, 1, info.max, info.max, 3], dtype)
        for op, compute in (("Add", np.add), ("Sub", np.subtract), ("Mul", np.multiply)):
            with np.errstate(over="ignore"):
                t.add(op, f"wraps_{np.dtype(dtype)}", 14, [a, b], expected=[compute(a, b)],
                      source=UNDEFINED)
    lowest = np.array([-128, -127, 5], np.int8)
    t.add("Neg", "wraps_int8", 13, [lowest], expected=[-lowest], source=UNDEFINED)
    t.add("Abs", "wraps_int8", 13, [lowest], expected=[np.abs(lowest)], source=UNDEFINED)
    large = np.array([[2**31 - 1, 2**31 - 1], [5, -7]], np.int32)
    t.add("ReduceSum", "wraps_int32", 13, [large, np.array([1])], constants=(1,), keepdims=0,
          expected=[large.sum(1, dtype=np.int32)],
          source="NumPy, as for Add: ONNX Runtime sums otherwise and saturates")
    t.add("CumSum", "wraps_int32", 14, [large, np.array(1)], constants=(1,),
          expected=[large.cumsum(1, dtype=np.int32)], source=UNDEFINED)
    t.add("MatMul", "wraps_int32", 13, [large, large], expected=[large @ large], source=UNDEFINED)


def division(t):
    for dtype in SIGNED + UNSIGNED:
        sign = 1 if np.dtype(dtype).kind == "u" else -1
        a = np.array([7, 7 * sign, 7, 7 * sign, 0, np.iinfo(dtype).max], np.int64 if sign < 0 else
                     np.uint64).astype(dtype)
        b = np.array([2, 2, 2 * sign, 2 * sign, 5, 3]).astype(dtype)
        t.add("Div", f"truncates_{np.dtype(dtype)}", 14, [a, b])
    for dtype in (np.int8, np.int32, np.int64, np.uint8, np.uint32):
        info = np.iinfo(dtype)
        a = np.array([5, 0, info.min], dtype)
        b = np.array([0, 0, -1 if info.min else info.max], dtype)
        with np.errstate(divide="ignore", over="ignore"):
            t.add("Div", f"by_zero_{np.dtype(dtype)}", 14, [a, b], expected=[a // b],
                  source=UNDEFINED)
            t.add("Mod", f"by_zero_{np.dtype(dtype)}", 13, [a, b], expected=[a % b],
                  source=UNDEFINED)
    a, b = np.array([7, -7, 7, -7, 6], np.int32), np.array([3, 3, -3, -3, 3], np.int32)
    t.add("Mod", "sign_of_divisor", 13, [a, b])
    t.add("Mod", "sign_of_dividend", 13, [a, b], fmod=1)
    x, y = np.array([7.5, -7.5, 7.5, -0.0], np.float32), np.array([2, 2, -2, 3], np.float32)
    t.add("Mod", "floats", 13, [x, y], fmod=1)
    t.add("Pow", "of_integers", 15, [a, np.array([3, 2, 0, 5, 1], np.int32)])
    t.add("Pow", "integer_to_a_float", 15, [np.abs(a), np.array([1.5], np.float32)])
    t.add("ReduceMean", "truncates_int32", 13, [np.array([[7, -2, 5], [-7, 2, -5]], np.int32)],
          axes=[1], keepdims=0)
    t.add("Clip", "int8", 13, [a.astype(np.int8), np.array(-3, np.int8), np.array(6, np.int8)],
          constants=(1, 2))
    t.add("Range", "negative_step", 11, [np.array(v, np.int64) for v in (7, -4, -3)],
          constants=(0, 1, 2))
    t.add("Range", "empty", 11, [np.array(v, np.int32) for v in (3, 3, 1)], constants=(0, 1, 2))


def shifts(t):
    for dtype in UNSIGNED:
        width = np.iinfo(dtype).bits
        a = np.array([1, np.iinfo(dtype).max, 6, 5, 1], dtype)
        b = np.array([width - 1, 1, 0, width, width + 3], dtype)
        for direction, compute in (("LEFT", np.left_shift), ("RIGHT", np.right_shift)):
            within = b < width
            t.add("BitShift", f"{direction.lower()}_{np.dtype(dtype)}", 11, [a[within], b[within]],
                  direction=direction)
            t.add("BitShift", f"{direction.lower()}_beyond_{np.dtype(dtype)}", 11, [a, b],
                  direction=direction, expected=[compute(a, b)], source=UNDEFINED)


def unique(values, is_sorted):
    """The results of Unique of one axis, where a NaN is equal to itself and behind all others."""
    kept, first, inverse, counts = np.unique(values, True, True, True)
    order = np.arange(kept.size) if is_sorted else np.argsort(first)
    return [kept[order], first[order], np.argsort(order)[inverse], counts[order]]


def not_a_number(t):
    nan = np.float32("nan")
    x = np.array([[1, nan, 3, 2], [nan, 5, nan, -1], [4, 3, 2, nan]], np.float32)
    for largest in (1, 0):
        t.add("TopK", f"nan_largest_{largest}", 11, [x, np.array([3])], constants=(1,), outputs=2,
              largest=largest)
    for op, choose in (("ArgMax", np.argmax), ("ArgMin", np.argmin)):
        t.add(op, "nan_first", 13, [x], axis=1, expected=[choose(x, 1, keepdims=True)], source=NAN)
        t.add(op, "nan_last", 13, [x], axis=1, select_last_index=1,
              expected=[3 - choose(x[:, ::-1], 1, keepdims=True)], source=NAN)
    values = np.array([2, nan, 1, 2, nan], np.float32)
    for is_sorted in (1, 0):
        t.add("Unique", f"nan_sorted_{is_sorted}", 11, [values], outputs=4, sorted=is_sorted,
              expected=unique(values, is_sorted), source=NAN)
    t.add("Max", "nan", 13, [x, x[::-1].copy()])
    t.add("Min", "nan", 13, [x, x[::-1].copy()])
    t.add("Relu", "nan", 14, [x])
    t.add("Clip", "nan", 13, [x, np.array(0, np.float32), np.array(3, np.float32)],
          constants=(1, 2))
    t.add("Sign", "nan", 13, [x])
    t.add("Softmax", "nan", 13, [x], axis=1)


def quantisation(t):
    x = t.floats(4, 6, 5) * np.float32(3)
    scale = t.rng.uniform(0.01, 0.05, 6).astype(np.float32)
    for dtype in (np.uint8, np.int8, np.uint16, np.int16):
        points = t.whole(dtype, 6, low=-3, high=9)
        q = t.whole(dtype, 4, 6, 5, low=-100, high=100)
        for axis in (1, -2):
            t.add("QuantizeLinear", f"axis_{axis}_{np.dtype(dtype)}", 21, [x, scale, points],
                  constants=(1, 2), axis=axis)
            t.add("DequantizeLinear", f"axis_{axis}_{np.dtype(dtype)}", 21, [q, scale, points],
                  constants=(1, 2), axis=axis)
        blocks = t.rng.uniform(0.01, 0.05, (4, 2, 5)).astype(np.float32)
        offsets = t.whole(dtype, 4, 2, 5, low=-3, high=9)
        t.add("QuantizeLinear", f"blocks_{np.dtype(dtype)}", 21, [x, blocks, offsets],
              constants=(1, 2), axis=1, block_size=3)
        t.add("DequantizeLinear", f"blocks_{np.dtype(dtype)}", 21, [q, blocks, offsets],
              constants=(1, 2), axis=1, block_size=3)
    blocks = t.rng.uniform(0.01, 0.05, (4, 6, 2)).astype(np.float32)
    t.add("DequantizeLinear", "short_last_block", 21, [t.whole(np.int8, 4, 6, 5), blocks],
          constants=(1,), axis=-1, block_size=3)
    t.add("DequantizeLinear", "axis_0_scales_as_inputs", 13,
          [t.whole(np.int8, 6, 3), scale, t.whole(np.int8, 6)], axis=0)
    t.add("DequantizeLinear", "int32_axis", 13, [t.whole(np.int32, 2, 6, high=90000), scale],
          constants=(1,), axis=1)
    for version in (23, 24):
        t.add("DequantizeLinear", f"to_half_{version}", version,
              [t.whole(np.int8, 4, 6), scale.astype(np.float32)], constants=(1,), axis=1,
              output_dtype=10)
    t.add("QuantizeLinear", "from_half", 21, [x.astype(np.float16), scale.astype(np.float16),
                                              t.whole(np.uint8, 6)], constants=(1, 2))
    ties = np.array([0.5, 1.5, 2.5, -0.5, -1.5, 200, -200], np.float32)
    for point in (0, 1):
        t.add("QuantizeLinear", f"ties_point_{point}", 13,
              [ties, np.array(1, np.float32), np.array(point, np.int8)], constants=(1, 2))


def integer_products(t):
    a, b = t.whole(np.uint8, 2, 3, 5, high=256), t.whole(np.int8, 5, 4, low=-128, high=128)
    rows, columns = t.whole(np.uint8, 2, 3, 1, high=256), t.whole(np.int8, 4)
    t.add("MatMulInteger", "points", 10, [a, b, np.array(9, np.uint8), np.array(-3, np.int8)],
          constants=(1, 2, 3))
    t.add("MatMulInteger", "points_of_columns", 10, [a, b, np.array(9, np.uint8), columns],
          constants=(1, 2, 3))
    t.add("MatMulInteger", "points_of_rows", 10, [a, b, rows, columns], constants=(1,),
          expected=[(a.astype(np.int32) - rows) @ (b.astype(np.int32) - columns)],
          source="NumPy: ONNX Runtime takes one point for all rows")
    scales = t.rng.uniform(0.01, 0.05, 4).astype(np.float32)
    t.add("QLinearMatMul", "scales_of_columns", 10,
          [a, np.array(0.02, np.float32), np.array(9, np.uint8), b, scales, columns * 0,
           np.array(0.3, np.float32), np.array(100, np.uint8)], constants=tuple(range(1, 8)))


def einsum(t):
    a, b, c = t.floats(2, 3, 4), t.floats(4, 5), t.floats(3, 5)
    for name, equation, operands in (
            ("three_operands", "bij,jk,ik->bi", (a, b, c)),
            ("three_operands_outer", "i,j,k->kij", (a[0, 0], b[0], c[:, 0])),
            ("three_operands_kept", "bij,jk,ik->kbji", (a, b, c)),
            ("order_of_results", "bij,jk->kib", (a, b)),
            ("implicit", "ij,jk", (a[0], b)),
            ("implicit_transpose", "ba", (b,)),
            ("ellipsis", "...ij,jk->...ik", (a, b)),
            ("ellipsis_both", "...ij,...jk->...ik", (a, t.floats(2, 4, 5))),
            ("ellipsis_broadcast", "...ij,...jk->...ik",
             (t.floats(1, 7, 3, 4), t.floats(2, 1, 4, 5))),
            ("ellipsis_last", "ij...,j->i...", (a, c[:, 0])),
            ("ellipsis_summed", "...ij->...", (a,)),
            ("ellipsis_three", "...i,...i,...->...", (a, a + 1, a[..., 0])),
            ("diagonal", "iij->ij", (t.floats(3, 3, 2),)),
            ("trace", "ii->", (t.floats(4, 4),)),
            ("one_extent_kept", "ij,ij->ij", (t.floats(3, 4), t.floats(3, 4))),
            ("one_extent_kept_broadcast", "ij,ij->ij", (t.floats(3, 1), t.floats(1, 4))),
            ("contracted_broadcast", "ij,kj->ik", (t.floats(2, 1), t.floats(3, 4))),
            ("contracted_broadcast_right", "bij,jk->bik", (a, t.floats(1, 5))),
            ("contracted_broadcast_three", "ij,jk,kj->i", (t.floats(2, 4), t.floats(1, 3),
                                                           t.floats(3, 4)))):
        t.add("Einsum", name, 12, [np.ascontiguousarray(array) for array in operands],
              equation=equation)


def products_of_one(t):
    """Where a row of weights is a column of them too."""
    one, row, column = single([-1.75]), t.floats(1, 3), t.floats(3, 1)
    for name, shape, weight in (("one", (2, 5, 1), one), ("row", (5, 1), row),
                                ("column", (2, 5, 3), column)):
        t.add("MatMul", f"by_{name}", 13, [t.floats(*shape), weight], constants=(1,))
    t.add("MatMul", "by_one_half", 13, [t.floats(5, 1).astype(np.float16), one.astype(np.float16)],
          constants=(1,))
    for transposed in (0, 1):
        t.add("Gemm", f"by_one_transB_{transposed}", 13, [t.floats(4, 1), one, single(0.5)],
              constants=(1, 2), transB=transposed)


FAMILIES = [wrapping, division, shifts, not_a_number, quantisation, integer_products, einsum,
            products_of_one]
