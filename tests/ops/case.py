"""What an op case is, and its graph in the text form.

A case is data: one op, its attributes as the text form writes them, operands and expected results
as arrays. It names no device. Operands are graph inputs or constants, of which the op may see a view.
"""

import dataclasses
import zlib

import ml_dtypes
import numpy as np

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
# Types that .npy files cannot hold enter and leave a graph as float32, through a Map.
CONVERTED = {BFLOAT16}

# (relative, absolute per term): |found - expected| <= relative * |expected| + absolute * terms.
# Operands are about 1 in size, and `terms` is how many products or summands a result has.
TOLERANCES = {
    np.dtype(np.float64): (1e-14, 2.3e-16),
    np.dtype(np.float32): (2e-6, 1.2e-7),
    np.dtype(np.float16): (1e-3, 1.2e-7),
    BFLOAT16: (8e-3, 1.2e-7),
}


@dataclasses.dataclass
class Operand:
    """A graph input, and what the op sees of it: a NumPy view of the same memory."""

    array: np.ndarray
    seen: np.ndarray
    constant: bool = False  # A constant of the graph instead, as which plans pack weights.


@dataclasses.dataclass
class Case:
    op: str
    name: str
    operands: list  # Arrays, Operands, or None for absent ones.
    attributes: dict  # Name to text.
    expected: list  # One array a result.
    terms: int = 1
    error: str = ""  # A part of the message when the run must fail on its data.

    @property
    def title(self):
        return f"{self.op}/{self.name}"


def generator(title):
    """The random numbers of a case: the same on every machine."""
    return np.random.Generator(np.random.PCG64(zlib.crc32(title.encode())))


def random_array(rng, dtype, shape):
    """Floats in [-1, 1), integers in [-9, 9] or [0, 9], bools."""
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(dtype)
    if dtype.kind in "iu":
        return rng.integers(0 if dtype.kind == "u" else -9, 10, shape).astype(dtype)
    return rng.uniform(-1, 1, shape).astype(dtype)


def view(array, look):
    """An operand that is a view: `look` slices, transposes or broadcasts the array."""
    return Operand(array, look(array))


def constant(array, look=lambda a: a):
    """Likewise of a constant."""
    return Operand(array, look(array), constant=True)


def seen(operand):
    return operand.seen if isinstance(operand, Operand) else operand


def wide(operand):
    """The operand's numbers in float64: what expected values are computed in."""
    return seen(operand).astype(np.float64)


def list_text(numbers):
    return "[" + ", ".join(str(number) for number in numbers) + "]"


def dtype_text(dtype):
    return np.dtype(dtype).name


def map_type(dtype):
    """The register type that a Map loads elements of this type as."""
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return "bool"
    if dtype.kind in "iu":
        return f"{dtype.kind}{64 if dtype.itemsize == 8 else 32}"
    return "f64" if dtype == np.float64 else "f32"


def program(inputs, outputs, lines):
    """A Map program; `lines` are its instructions."""
    def types(dtypes):
        return "(" + ", ".join(dtype_text(dtype) for dtype in dtypes) + ")"

    body = "".join(f"      {line}\n" for line in lines)
    return f"map{types(inputs)} -> {types(outputs)} {{\n{body}    }}"


def unary_program(opcode, dtype, output=None):
    kind = map_type(dtype)
    output = dtype if output is None else output
    return program([dtype], [output],
                   [f"r0 = ld.{kind} in0", f"r1 = {opcode}.{kind} r0",
                    f"out0 = st.{map_type(output)} r1"])


def binary_program(opcode, dtype, output=None):
    kind = map_type(dtype)
    output = dtype if output is None else output
    return program([dtype, dtype], [output],
                   [f"r0 = ld.{kind} in0", f"r1 = ld.{kind} in1", f"r2 = {opcode}.{kind} r0, r1",
                    f"out0 = st.{map_type(output)} r2"])


def conversion(source, target):
    kind, to = map_type(source), map_type(target)
    lines = [f"r0 = ld.{kind} in0"]
    if kind != to:
        lines.append(f"r1 = cvt.{to} r0 from {kind}")
    return program([source], [target], lines + [f"out0 = st.{to} r{len(lines) - 1}"])


def _type(dtype, shape):
    return dtype_text(dtype) + list_text(shape)


def _view_text(name, operand):
    """The view that NumPy made, with element strides."""
    if not isinstance(operand, Operand):
        return name
    size = operand.array.itemsize
    start = operand.array.__array_interface__["data"][0]
    offset = (operand.seen.__array_interface__["data"][0] - start) // size
    strides = [stride // size for stride in operand.seen.strides]
    return (f"{name}{list_text(operand.seen.shape)} strides {list_text(strides)} "
            f"offset {offset}")


def _array(operand):
    return operand.array if isinstance(operand, Operand) else operand


def _is_input(operand):
    return operand is not None and not (isinstance(operand, Operand) and operand.constant)


def _held(array):
    """The array as a .npy file holds it."""
    return np.asarray(array.astype(np.float32) if array.dtype in CONVERTED else array)


def inputs_of(case, prefix):
    """The case's inputs by name."""
    arrays = [_held(_array(operand)) for operand in case.operands if _is_input(operand)]
    return {f"{prefix}x{i}": array for i, array in enumerate(arrays)}


def output_names(case, prefix):
    return [f"{prefix}y{i}" for i in range(len(case.expected))]


class _GraphText:
    """Lines of one graph: inputs and constants come before everything else."""

    def __init__(self):
        self.inputs, self.nodes, self.outputs = [], [], []

    def convert(self, name, result, source, target, shape):
        self.nodes += [f"  {result}: {_type(target, shape)} = Map({name}) {{",
                       f"    program = {conversion(source, target)}", "  }"]

    def add_input(self, name, array):
        self.inputs.append(f"  input %{name}: {_type(_held(array).dtype, array.shape)}")
        if array.dtype not in CONVERTED:
            return f"%{name}"
        self.convert(f"%{name}", f"%{name}_as", np.float32, array.dtype, array.shape)
        return f"%{name}_as"

    def add_constant(self, name, array):
        self.inputs.append(f"  constant %{name}: {_type(array.dtype, array.shape)} = "
                           f'hex "{array.tobytes().hex()}"')
        return f"%{name}"

    def add_output(self, name, array):
        value = f"%{name}"
        if array.dtype in CONVERTED:
            self.convert(value, f"{value}_as", array.dtype, np.float32, array.shape)
            value += "_as"
        self.outputs.append(f'  output "{name}" = {value}')

    def add(self, case, prefix):
        arguments = []
        names = iter(inputs_of(case, prefix))
        for i, operand in enumerate(case.operands):
            if operand is None:
                arguments.append("none")
                continue
            array = _array(operand)
            value = (self.add_input(next(names), array) if _is_input(operand)
                     else self.add_constant(f"{prefix}k{i}", array))
            arguments.append(_view_text(value, operand))
        names = output_names(case, prefix)
        results = [f"%{name}: {_type(array.dtype, array.shape)}"
                   for name, array in zip(names, case.expected)]
        self.nodes.append(f"  {', '.join(results)} = {case.op}({', '.join(arguments)}) "
                          f'@"{prefix}" {{')
        self.nodes += [f"    {name} = {value}" for name, value in case.attributes.items()]
        self.nodes.append("  }")
        for name, array in zip(names, case.expected):
            self.add_output(name, array)


def graph_text(prefixed_cases):
    """One graph that runs all cases, given by the prefix of their names, which is their node's name."""
    text = _GraphText()
    for prefix, case in prefixed_cases.items():
        text.add(case, prefix)
    return "\n".join(['function "main" {', *text.inputs, *text.nodes, *text.outputs, "}", ""])


def difference(expected, found, terms):
    """What is wrong with `found`; an empty text when it is right."""
    if expected.dtype in CONVERTED:
        expected_as = np.dtype(np.float32)
    else:
        expected_as = expected.dtype
    if found.dtype != expected_as or found.shape != expected.shape:
        return (f"found {found.dtype}{list(found.shape)}, "
                f"expected {expected_as}{list(expected.shape)}")
    if expected.dtype not in TOLERANCES:
        wrong = found != expected
    else:
        relative, absolute = TOLERANCES[expected.dtype]
        want, have = expected.astype(np.float64), found.astype(np.float64)
        same = (want == have) | (np.isnan(want) & np.isnan(have))
        with np.errstate(invalid="ignore"):
            close = np.abs(want - have) <= relative * np.abs(want) + absolute * terms
        wrong = ~(same | (np.isfinite(want) & np.isfinite(have) & close))
    if not wrong.any():
        return ""
    at = tuple(int(i) for i in np.argwhere(wrong)[0])
    return (f"{int(wrong.sum())} of {expected.size} differ, first at {list(at)}: "
            f"found {found[at]}, expected {expected[at]}")
