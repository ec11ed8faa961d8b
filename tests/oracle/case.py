"""What a case is: one ONNX node with its operands, and where its expected results come from."""

import dataclasses
import zlib

import numpy as np


@dataclasses.dataclass
class Case:
    op: str
    name: str
    version: int
    inputs: list  # Arrays, None where an operand is absent.
    attributes: dict
    outputs: int = 1
    constants: tuple = ()  # Which inputs are initialisers; the others are graph inputs.
    expected: list = None  # Arrays where ONNX Runtime is not the oracle.
    source: str = ""  # Then: whose the arrays are, and why they are not ONNX Runtime's.
    declared: tuple = ()  # Axes whose extents are declared where the others are named dims.

    @property
    def title(self):
        return f"{self.op}-{self.version}/{self.name}"


class Table:
    """Collects the cases of one family, whose random numbers are the same on every machine."""

    def __init__(self, family):
        self.cases = []
        self.rng = np.random.default_rng(zlib.crc32(family.encode()))

    def add(self, op, name, version, inputs, /, outputs=1, constants=(), expected=None, source="",
            declared=(), **attributes):
        self.cases.append(Case(op, name, version, inputs, attributes, outputs, constants, expected,
                               source, declared))

    def floats(self, *shape):
        """In [-1, 1)."""
        return self.rng.uniform(-1, 1, shape).astype(np.float32)

    def whole(self, dtype, *shape, low=-9, high=10):
        """Integers in [low, high), from 0 on for unsigned types."""
        low = max(low, 0) if np.dtype(dtype).kind == "u" else low
        return self.rng.integers(low, high, shape).astype(dtype)


def integers(*values):
    return np.array(values, np.int64)


def single(*values):
    return np.array(values, np.float32)
