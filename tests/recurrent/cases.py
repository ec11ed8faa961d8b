"""RNN, GRU and LSTM nodes in the modes that ONNX's own cases never set.

ONNX Runtime knows the answers. `layout` 1, which it refuses, is proven by ONNX's cases, 16-bit
types by the op cases.
"""

import dataclasses
import itertools
import zlib

import numpy as np

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
FUNCTIONS = {"RNN": ["Tanh"], "GRU": ["Sigmoid", "Tanh"], "LSTM": ["Sigmoid", "Tanh", "Tanh"]}
OPERANDS = ["X", "W", "R", "B", "lengths", "h", "c", "P"]
# With the numbers of alpha and beta that each takes.
ACTIVATIONS = {"Relu": 0, "Tanh": 0, "Sigmoid": 0, "Affine": 2, "LeakyRelu": 1,
               "ThresholdedRelu": 1, "ScaledTanh": 2, "HardSigmoid": 2, "Elu": 1, "Softsign": 0,
               "Softplus": 0}


@dataclasses.dataclass
class Case:
    op: str
    name: str
    version: int
    operands: dict  # By the names of OPERANDS; those left out are absent.
    attributes: dict

    @property
    def title(self):
        return f"{self.op}-{self.version}/{self.name}"

    @property
    def inputs(self):
        """Every operand of the node in order, None where it is absent."""
        names = [name for name in OPERANDS if self.op == "LSTM" or name not in ("c", "P")]
        arrays = [self.operands.get(name) for name in names]
        while arrays[-1] is None:
            arrays.pop()
        return arrays

    @property
    def outputs(self):
        return ["Y", "Y_h"] + (["Y_c"] if self.op == "LSTM" else [])


def make(op, name, sizes, direction="forward", leave_out=(), version=14, lengths=None,
         **attributes):
    """`sizes`: steps, batch, inputs, units."""
    steps, batch, inputs, units = sizes
    directions = 2 if direction == "bidirectional" else 1
    rng = np.random.default_rng(zlib.crc32(f"{op}/{name}".encode()))
    rows = GATES[op] * units
    shapes = {"X": (steps, batch, inputs), "W": (directions, rows, inputs),
              "R": (directions, rows, units), "B": (directions, 2 * rows),
              "h": (directions, batch, units), "c": (directions, batch, units),
              "P": (directions, 3 * units)}
    operands = {key: rng.uniform(-1, 1, shape).astype(np.float32) for key, shape in shapes.items()
                if key not in leave_out}
    # As layers are initialised: larger matrices make layers chaotic, and every rounding matter.
    operands["W"] /= np.sqrt(np.float32(units))
    operands["R"] /= np.sqrt(np.float32(units))
    if lengths is not None:
        operands["lengths"] = np.array(lengths, np.int32)
    return Case(op, name, version, operands,
                {"hidden_size": units, "direction": direction, **attributes})


def directions():
    optional = ("B", "h", "c", "P")
    for op, direction in itertools.product(GATES, ("forward", "reverse", "bidirectional")):
        for sizes in ((1, 1, 1, 1), (7, 3, 5, 17), (4, 9, 33, 16), (40, 1, 24, 64)):
            name = f"{direction}_{'x'.join(map(str, sizes))}"
            yield make(op, name, sizes, direction)
            yield make(op, f"{name}_bare", sizes, direction, optional)
        yield make(op, f"{direction}_lengths", (6, 4, 3, 8), direction, lengths=[6, 0, 2, 5])
        yield make(op, f"{direction}_lengths_batch", (5, 11, 3, 20), direction,
                   lengths=[5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5])
    # Steps by the thousand, and a step's matrix that threads share.
    for op in GATES:
        yield make(op, "long", (1500, 1, 8, 32))
        yield make(op, "wide", (5, 1, 80, 384))


def clips():
    for op, variant in (("RNN", ""), ("GRU", "linear_before_reset"), ("LSTM", "input_forget")):
        for direction in ("forward", "bidirectional"):
            yield make(op, f"clip_{direction}", (5, 3, 4, 6), direction, clip=0.25)
            if not variant:
                continue
            # ONNX Runtime's input_forget wants no peepholes.
            left_out = ("P",) if op == "LSTM" else ()
            for sizes in ((5, 3, 4, 6), (3, 10, 16, 48)):
                name = f"{variant}_{direction}_{sizes[3]}"
                yield make(op, name, sizes, direction, left_out, **{variant: 1})
            yield make(op, f"{variant}_clip_{direction}", (5, 3, 4, 6), direction, left_out,
                       clip=0.25, **{variant: 1})


def activations():
    """One function after the other at each place, with numbers and with their defaults."""
    numbers = [0.3, 0.6, 0.2, 0.9, 0.5, 0.7]
    for op, usual in FUNCTIONS.items():
        for place, name in itertools.product(range(len(usual)), ACTIVATIONS):
            functions = usual[:place] + [name] + usual[place + 1:]
            if name != "ThresholdedRelu":  # ONNX Runtime's alpha is 0 by default, ONNX's 1.
                yield make(op, f"{name}_at_{place}", (3, 2, 4, 5), leave_out=("P",),
                           activations=functions)
            takes = ACTIVATIONS[name]
            if takes:
                given = {"activation_alpha": numbers[:1]}
                given.update({"activation_beta": numbers[1:2]} if takes == 2 else {})
                yield make(op, f"{name}_at_{place}_given", (3, 2, 4, 5), leave_out=("P",),
                           activations=functions, **given)
        mixed = ["HardSigmoid", "Elu", "Affine", "Tanh", "LeakyRelu", "ScaledTanh"]
        # Numbers go to those functions alone that take one, in order.
        yield make(op, "mixed", (3, 2, 4, 5), "bidirectional", ("P",),
                   activations=mixed[:2 * len(usual)], activation_alpha=numbers[:4],
                   activation_beta=numbers[2:4])
        if op == "RNN":  # ONNX Runtime's knows its functions in one case only, and no empty list.
            continue
        yield make(op, "lower_case", (3, 2, 4, 5), leave_out=("P",),
                   activations=[text.lower() for text in usual])
        for direction in ("forward", "bidirectional"):
            yield make(op, f"empty_lists_{direction}", (3, 2, 4, 5), direction, ("P",),
                       activations=[], activation_alpha=[])


def versions():
    for op in GATES:
        for version in (7, 14, 22):
            yield make(op, "version", (3, 2, 4, 5), version=version)


@dataclasses.dataclass
class Broken:
    """A node that must be refused as invalid, and what the message says."""

    case: Case
    message: str


def broken_cases():
    def changed(name, op="LSTM", operands=(), **attributes):
        case = make(op, name, (3, 2, 4, 5), **attributes)
        case.operands.update(operands)
        return case

    def zeros(*shape):
        return np.zeros(shape, np.float32)

    for name, shape in (("W", (1, 20, 3)), ("W", (1, 16, 4)), ("W", (2, 20, 4)), ("R", (1, 20, 4)),
                        ("R", (1, 15, 5)), ("B", (1, 20)), ("B", (2, 40)), ("P", (1, 20)),
                        ("h", (1, 3, 5)), ("c", (2, 2, 5)), ("c", (1, 2, 6))):
        label = f"{name}_{'x'.join(map(str, shape))}"
        yield Broken(changed(label, operands={name: zeros(*shape)}), "allowed")
    yield Broken(changed("W_flat", operands={"W": zeros(20, 4)}), "found rank 2 of W")
    yield Broken(changed("short_lengths", lengths=[3]), "allowed")
    yield Broken(changed("long_length", lengths=[3, 4]), "lengths: found 4, allowed 0 to 3")
    yield Broken(changed("few_activations", activations=["Tanh"]),
                 "found 1 activations, allowed 3")
    yield Broken(changed("no_such_activation", activations=["Tanh", "Sine", "Tanh"]),
                 "found activation 'Sine'")
    yield Broken(changed("no_such_direction", direction="sideways"),
                 "found direction 'sideways'")
    yield Broken(changed("negative_clip", clip=-1.0), "clip: found -1")
    yield Broken(changed("layout_2", layout=2), "found layout 2")


def all_cases():
    cases = [case for family in (directions, clips, activations, versions) for case in family()]
    titles = {case.title for case in cases}
    if len(titles) != len(cases):
        raise ValueError("found titles used twice, allowed unique ones")
    return cases
