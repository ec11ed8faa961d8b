"""Map: every instruction, conversions, broadcasting, views, generated coordinates."""

import math

import ml_dtypes
import numpy as np

from case import (BFLOAT16, Case, binary_program, conversion, generator, map_type, program,
                  random_array, seen, unary_program, view, wide)

FLOATS = (np.float32, np.float64)
INTEGERS = (np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64)

# Function and the interval that it is tried on.
FLOAT_FUNCTIONS = {
    "neg": (np.negative, -2, 2),
    "abs": (np.abs, -2, 2),
    "sign": (np.sign, -2, 2),
    "sqrt": (np.sqrt, 0, 9),
    "rcp": (np.reciprocal, 0.1, 9),
    "floor": (np.floor, -9, 9),
    "ceil": (np.ceil, -9, 9),
    "trunc": (np.trunc, -9, 9),
    "rne": (np.rint, -9, 9),
    "exp": (np.exp, -20, 20),
    "expm1": (np.expm1, -2, 2),
    "log": (np.log, 0.01, 99),
    "log1p": (np.log1p, -0.9, 9),
    "sin": (np.sin, -99, 99),
    "cos": (np.cos, -99, 99),
    "tan": (np.tan, -1.5, 1.5),
    "asin": (np.arcsin, -1, 1),
    "acos": (np.arccos, -1, 1),
    "atan": (np.arctan, -9, 9),
    "sinh": (np.sinh, -9, 9),
    "cosh": (np.cosh, -9, 9),
    "tanh": (np.tanh, -9, 9),
    "asinh": (np.arcsinh, -9, 9),
    "acosh": (np.arccosh, 1, 99),
    "atanh": (np.arctanh, -0.99, 0.99),
    "erf": (np.vectorize(math.erf, otypes=[np.float64]), -4, 4),
}

FLOAT_PAIRS = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "mod": np.mod,
    "rem": np.fmod,
    "min": np.minimum,
    "max": np.maximum,
}

COMPARISONS = {
    "lt": np.less,
    "le": np.less_equal,
    "eq": np.equal,
    "ne": np.not_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}

SPECIALS = [0.0, -0.0, 1.0, -1.0, 0.5, np.inf, -np.inf, np.nan]


def float_functions():
    for opcode, (function, low, high) in FLOAT_FUNCTIONS.items():
        for dtype in FLOATS:
            name = f"{opcode}_{np.dtype(dtype).name}"
            x = generator(name).uniform(low, high, (3, 67)).astype(dtype)
            expected = function(wide(x)).astype(dtype)
            # A unit of the last place of a result near zero is measured against the argument.
            yield Case("Map", name, [x], {"program": unary_program(opcode, dtype)}, [expected],
                       terms=4)


def float_pairs():
    for opcode, function in FLOAT_PAIRS.items():
        for dtype in FLOATS:
            name = f"{opcode}_{np.dtype(dtype).name}"
            rng = generator(name)
            x, y = random_array(rng, dtype, (5, 1, 13)), random_array(rng, dtype, (7, 1))
            yield Case("Map", f"{name}_broadcast", [x, y],
                       {"program": binary_program(opcode, dtype)}, [function(x, y)])
    for dtype in FLOATS:
        rng = generator("pow")
        x = rng.uniform(0.1, 3, (31,)).astype(dtype)
        y = rng.uniform(-3, 3, (31,)).astype(dtype)
        yield Case("Map", f"pow_{np.dtype(dtype).name}", [x, y],
                   {"program": binary_program("pow", dtype)},
                   [np.power(wide(x), wide(y)).astype(dtype)], terms=4)


def specials():
    x = np.array(SPECIALS, np.float32)
    left, right = np.repeat(x, x.size), np.tile(x, x.size)
    with np.errstate(all="ignore"):
        for opcode in ("add", "sub", "mul", "div", "min", "max"):
            yield Case("Map", f"{opcode}_specials", [left, right],
                       {"program": binary_program(opcode, np.float32)},
                       [FLOAT_PAIRS[opcode](left, right)])
        for opcode, function in COMPARISONS.items():
            yield Case("Map", f"{opcode}_specials", [left, right],
                       {"program": binary_program(opcode, np.float32, np.bool_)},
                       [function(left, right)])
        for opcode in ("exp", "tanh", "sqrt", "atan", "erf"):
            yield Case("Map", f"{opcode}_specials", [x],
                       {"program": unary_program(opcode, np.float32)},
                       [FLOAT_FUNCTIONS[opcode][0](wide(x)).astype(np.float32)], terms=4)
    tests = {"isnan": np.isnan, "isinfp": np.isposinf, "isinfn": np.isneginf}
    for opcode, function in tests.items():
        yield Case("Map", f"{opcode}_specials", [x],
                   {"program": unary_program(opcode, np.float32, np.bool_)}, [function(x)])


def wrapped(opcode, dtype):
    """A program whose 8- or 16-bit result wraps before it is stored."""
    kind, bits = map_type(dtype), np.dtype(dtype).itemsize * 8
    lines = [f"r0 = ld.{kind} in0", f"r1 = ld.{kind} in1", f"r2 = {opcode}.{kind} r0, r1"]
    if bits < 32:
        lines.append(f"r2 = wrap{bits}.{kind} r2")
    return program([dtype, dtype], [dtype], lines + [f"out0 = st.{kind} r2"])


def truncated_quotient(x, y):
    return np.trunc(np.divide(x.astype(np.float64), y)).astype(x.dtype)


def integer_pairs():
    functions = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "min": np.minimum,
                 "max": np.maximum, "and": np.bitwise_and, "or": np.bitwise_or,
                 "xor": np.bitwise_xor}
    for dtype in INTEGERS:
        info = np.iinfo(dtype)
        rng = generator(f"integers_{info.dtype.name}")
        x = rng.integers(info.min, info.max, (41,), dtype, endpoint=True)
        y = rng.integers(info.min, info.max, (41,), dtype, endpoint=True)
        for opcode, function in functions.items():
            yield Case("Map", f"{opcode}_{info.dtype.name}", [x, y],
                       {"program": wrapped(opcode, dtype)}, [function(x, y)])
        a, b = random_array(rng, dtype, (29,)), random_array(rng, dtype, (29,))
        b[b == 0] = 3
        for opcode, function in {"div": truncated_quotient, "mod": np.mod, "rem": np.fmod}.items():
            yield Case("Map", f"{opcode}_{info.dtype.name}", [a, b],
                       {"program": wrapped(opcode, dtype)}, [function(a, b)])
        sometimes_equal = np.where(np.arange(41) % 3 == 0, x, y)
        for opcode, function in COMPARISONS.items():
            yield Case("Map", f"{opcode}_{info.dtype.name}", [x, sometimes_equal],
                       {"program": binary_program(opcode, dtype, np.bool_)},
                       [function(x, sometimes_equal)])
    yield from integer_corners()


def integer_corners():
    """What ONNX leaves open: nothing traps."""
    low = np.iinfo(np.int32).min
    x = np.array([7, -7, low, low, 0, 5], np.int32)
    y = np.array([0, 0, -1, 0, 0, -3], np.int32)
    answers = {"div": [0, 0, low, 0, 0, -1], "mod": [0, 0, 0, 0, 0, -1],
               "rem": [0, 0, 0, 0, 0, 2]}
    for opcode, answer in answers.items():
        yield Case("Map", f"{opcode}_corners", [x, y],
                   {"program": binary_program(opcode, np.int32)}, [np.array(answer, np.int32)])
    x = np.array([1, 0x80000001, 5, 5], np.uint32)
    y = np.array([31, 1, 32, 99], np.uint32)
    yield Case("Map", "shl_corners", [x, y], {"program": binary_program("shl", np.uint32)},
               [np.array([0x80000000, 2, 0, 0], np.uint32)])
    yield Case("Map", "shr_corners", [x, y], {"program": binary_program("shr", np.uint32)},
               [np.array([0, 0x40000000, 0, 0], np.uint32)])


def logic():
    rng = generator("logic")
    x, y = random_array(rng, np.bool_, (33,)), random_array(rng, np.bool_, (33,))
    for opcode, function in {"and": np.logical_and, "or": np.logical_or, "xor": np.logical_xor,
                             "eq": np.equal, "ne": np.not_equal}.items():
        yield Case("Map", f"{opcode}_bool", [x, y], {"program": binary_program(opcode, np.bool_)},
                   [function(x, y)])
    yield Case("Map", "not_bool", [x], {"program": unary_program("not", np.bool_)}, [~x])
    z = random_array(rng, np.int64, (33,))
    yield Case("Map", "not_int64", [z], {"program": unary_program("not", np.int64)}, [~z])
    for dtype in (np.float32, np.int64, np.float64):
        a, b = random_array(rng, dtype, (4, 33)), random_array(rng, dtype, (4, 1))
        kind = map_type(dtype)
        text = program([np.bool_, dtype, dtype], [dtype],
                       ["r0 = ld.bool in0", f"r1 = ld.{kind} in1", f"r2 = ld.{kind} in2",
                        f"r3 = sel.{kind} r0, r1, r2", f"out0 = st.{kind} r3"])
        yield Case("Map", f"sel_{np.dtype(dtype).name}", [x, a, b], {"program": text},
                   [np.where(x, a, b)])


def conversions():
    rng = generator("conversions")
    x = rng.uniform(-99, 99, (51,))
    for source in (np.float32, np.float64, np.float16, BFLOAT16, np.int32, np.int64, np.uint8):
        values = np.abs(x).astype(source) if np.dtype(source).kind == "u" else x.astype(source)
        for target in (np.float32, np.float64, np.float16, BFLOAT16, np.int8, np.int64, np.uint8,
                       np.bool_):
            exact = values.astype(np.float64)
            if np.dtype(target).kind in "iu":
                expected = np.trunc(exact).astype(np.int64).astype(target)
            else:
                expected = exact.astype(target)
            name = f"cvt_{np.dtype(source).name}_{np.dtype(target).name}"
            yield Case("Map", name, [values], {"program": conversion(source, target)}, [expected])
    x = np.array([np.nan, np.inf, -np.inf, 3e9, -3e9, 1e30], np.float32)
    yield Case("Map", "cvt_float32_int32_beyond", [x], {"program": conversion(np.float32, np.int32)},
               [np.array([0, 2**31 - 1, -2**31, 2**31 - 1, -2**31, 2**31 - 1], np.int32)])
    x = np.array([65504, 65520, 1e-8, 6e-8, -1e9, 2049, 2051], np.float32)
    with np.errstate(over="ignore"):
        expected = x.astype(np.float16)
    yield Case("Map", "cvt_float32_float16_rounding", [x],
               {"program": conversion(np.float32, np.float16)}, [expected])
    x = np.array([1 + 2**-8, 1 + 3 * 2**-8, 3.4e38, -1e-40], np.float32)
    yield Case("Map", "cvt_float32_bfloat16_rounding", [x],
               {"program": conversion(np.float32, BFLOAT16)}, [x.astype(ml_dtypes.bfloat16)])


def shapes():
    add = binary_program("add", np.float32)
    for rank in range(9):
        rng = generator(f"rank_{rank}")
        shape = [2, 3, 1, 2, 1, 3, 2, 1][:rank]
        x = random_array(rng, np.float32, shape)
        y = random_array(rng, np.float32, [extent if i % 2 else 1 for i, extent in enumerate(shape)])
        yield Case("Map", f"rank_{rank}", [x, y], {"program": add}, [x + y])
    rng = generator("map_views")
    x = random_array(rng, np.float32, (5, 7))
    looks = {"transposed": lambda a: a.T, "reversed": lambda a: a[::-1, ::-1],
             "step": lambda a: a[1::2, ::3], "row": lambda a: a[2:3],
             "repeated": lambda a: np.broadcast_to(a[:, :1], (5, 4))}
    for name, look in looks.items():
        operand = view(x, look)
        yield Case("Map", f"view_{name}", [operand, operand], {"program": add},
                   [seen(operand) + seen(operand)])
    for shape in ((0,), (3, 0, 2)):
        x = np.zeros(shape, np.float32)
        yield Case("Map", f"empty_{len(shape)}", [x, np.ones((1,), np.float32)], {"program": add},
                   [x])


def generated():
    lines = ["r0 = iota.i64 axis0", "r1 = iota.i64 axis1", "r2 = imm.i64 10", "r3 = mul.i64 r0, r2",
             "r4 = add.i64 r3, r1", "out0 = st.i64 r4"]
    expected = np.add.outer(10 * np.arange(4), np.arange(3)).astype(np.int64)
    yield Case("Map", "iota", [], {"program": program([], [np.int64], lines), "extents": "[4, 3]",
                                   "has_extents": "1"}, [expected])
    yield Case("Map", "fill_scalar", [],
               {"program": program([], [np.float32], ["r0 = imm.f32 2.5", "out0 = st.f32 r0"]),
                "extents": "[]", "has_extents": "1"}, [np.array(2.5, np.float32)])
    x = random_array(generator("two_outputs"), np.float32, (3, 11))
    lines = ["r0 = ld.f32 in0", "r1 = abs.f32 r0", "r2 = mul.f32 r0, r0", "out0 = st.f32 r1",
             "out1 = st.f32 r2"]
    yield Case("Map", "two_outputs", [x],
               {"program": program([np.float32], [np.float32, np.float32], lines)},
               [np.abs(x), x * x])
    lines = ["r0 = ld.f32 in0", "r1 = imm.f32 127", "r2 = mul.f32 r0, r1", "r3 = rne.f32 r2",
             "out0 = st.f32 r3 saturate"]
    big = generator("saturate").uniform(-2, 2, (37,)).astype(np.float32)
    yield Case("Map", "saturate_int8", [big], {"program": program([np.float32], [np.int8], lines)},
               [np.clip(np.rint(big * np.float32(127)), -128, 127).astype(np.int8)])


def cases():
    for family in (float_functions, float_pairs, specials, integer_pairs, logic, conversions,
                   shapes, generated):
        yield from family()
