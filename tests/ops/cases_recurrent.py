"""Recurrent: expected values from a step by step computation in float64."""

import numpy as np

from case import BFLOAT16, Case, generator, list_text, random_array, seen, view, wide

FLOATS = (np.float32, np.float64, np.float16, BFLOAT16)
GATES = {"rnn": 1, "gru": 3, "lstm": 4}
FUNCTIONS = {"rnn": 1, "gru": 2, "lstm": 3}
RELU, TANH, SIGMOID, AFFINE, LEAKY, THRESHOLDED, SCALED, HARD, ELU, SOFTSIGN, SOFTPLUS = range(11)
USUAL = {"rnn": [TANH], "gru": [SIGMOID, TANH], "lstm": [SIGMOID, TANH, TANH]}

ACTIVATIONS = {
    RELU: lambda x, a, b: np.maximum(x, 0),
    TANH: lambda x, a, b: np.tanh(x),
    SIGMOID: lambda x, a, b: 1 / (1 + np.exp(-x)),
    AFFINE: lambda x, a, b: a * x + b,
    LEAKY: lambda x, a, b: np.where(x < 0, a * x, x),
    THRESHOLDED: lambda x, a, b: np.where(x >= a, x, 0),
    SCALED: lambda x, a, b: a * np.tanh(b * x),
    HARD: lambda x, a, b: np.clip(a * x + b, 0, 1),
    ELU: lambda x, a, b: np.where(x < 0, a * np.expm1(np.minimum(x, 0)), x),
    SOFTSIGN: lambda x, a, b: x / (1 + np.abs(x)),
    SOFTPLUS: lambda x, a, b: np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0),
}


class Layer:
    """One direction of a layer: its arrays in float64, by gate."""

    def __init__(self, kind, operands, direction, functions, clip, variant):
        gates = GATES[kind]
        units = operands["R"].shape[1]
        self.kind, self.clip, self.variant, self.functions = kind, clip, variant, functions
        own = slice(direction * gates * units, (direction + 1) * gates * units)
        self.w, self.r = (operands[name][own].reshape(gates, units, operands[name].shape[1])
                          for name in ("W", "R"))
        bias = np.zeros(2 * gates * units)
        if operands["bias"] is not None:
            bias = operands["bias"][direction]
        self.wb = np.split(bias[:gates * units], gates)
        self.rb = np.split(bias[gates * units:], gates)
        self.peepholes = [0, 0, 0]
        if operands["P"] is not None:
            self.peepholes = np.split(operands["P"][direction], 3)

    def apply(self, which, x):
        if self.clip and which < 2:
            x = np.clip(x, -self.clip, self.clip)
        return self.activate(which, x)

    def activate(self, which, x):
        code, alpha, beta = self.functions[which]
        return ACTIVATIONS[code](x, alpha, beta)

    def product(self, gate, x, h):
        return (self.w[gate] @ x + self.wb[gate]) + (self.r[gate] @ h + self.rb[gate])

    def step(self, x, h, c):
        return {"rnn": self.rnn, "gru": self.gru, "lstm": self.lstm}[self.kind](x, h, c)

    def rnn(self, x, h, c):
        return self.apply(0, self.product(0, x, h)), c

    def gru(self, x, h, c):
        z, r = self.apply(0, self.product(0, x, h)), self.apply(0, self.product(1, x, h))
        if self.variant:
            sums = self.w[2] @ x + self.wb[2] + r * (self.r[2] @ h + self.rb[2])
        else:
            sums = self.product(2, x, r * h)
        return (1 - z) * self.apply(1, sums) + z * h, c

    def lstm(self, x, h, c):
        i = self.apply(0, self.product(0, x, h) + self.peepholes[0] * c)
        f = 1 - i if self.variant else self.apply(0, self.product(2, x, h) + self.peepholes[2] * c)
        c = f * c + i * self.apply(1, self.product(3, x, h))
        o = self.apply(0, self.product(1, x, h) + self.peepholes[1] * c)
        return o * self.activate(2, c), c


def compute(kind, operands, reverses, functions, clip, variant):
    """Y, the last h and the last c."""
    steps, batch, _ = operands["X"].shape
    units, directions = operands["R"].shape[1], len(reverses)
    y = np.zeros((steps, directions, batch, units))
    last_h, last_c = np.zeros((2, directions, batch, units))
    for d, reverse in enumerate(reverses):
        count = FUNCTIONS[kind]
        layer = Layer(kind, operands, d, functions[d * count:(d + 1) * count], clip, variant)
        for item in range(batch):
            h = np.zeros(units) if operands["h"] is None else operands["h"][d, item]
            c = np.zeros(units) if operands["c"] is None else operands["c"][d, item]
            length = steps if operands["lengths"] is None else operands["lengths"][item]
            for step in range(length)[::-1 if reverse else 1]:
                h, c = layer.step(operands["X"][step, item], h, c)
                y[step, d, item] = h
            if length:
                last_h[d, item], last_c[d, item] = h, c
    return [y, last_h, last_c]


def recurrent(name, kind, operands, direction="forward", functions=None, clip=0, variant=0,
              error=""):
    """`operands` by name; `functions`: (code, alpha, beta) of each direction in turn."""
    reverses = {"forward": [False], "reverse": [True], "bidirectional": [False, True]}[direction]
    if functions is None:
        functions = [(code, 0, 0) for code in USUAL[kind]] * len(reverses)
    order = ["X", "W", "R", "bias", "lengths", "h"] + (["c", "P"] if kind == "lstm" else [])
    exact = {key: None if value is None else wide(value) if key != "lengths" else value
             for key, value in operands.items()}
    steps = seen(operands["X"]).shape[0]
    dtype = seen(operands["X"]).dtype
    if error:
        exact["lengths"] = np.clip(exact["lengths"], 0, steps)
    results = compute(kind, exact, reverses, functions, clip, variant)
    attributes = {"kind": kind, "direction": direction, "clip": str(clip),
                  "activations": list_text(code for code, _, _ in functions),
                  "alpha": list_text(alpha for _, alpha, _ in functions),
                  "beta": list_text(beta for _, _, beta in functions)}
    if variant:
        attributes["linear_before_reset" if kind == "gru" else "input_forget"] = "1"
    given = [operands[key] for key in order]
    while given[-1] is None:
        given.pop()
    depth = seen(operands["W"]).shape[1] + operands["R"].shape[1] + 4
    return Case("Recurrent", name, given, attributes,
                [y.astype(dtype) for y in results[:3 if kind == "lstm" else 2]],
                terms=depth * max(steps, 1), error=error)


def operands_of(title, kind, dtype, steps, batch, inputs, units, directions=1, leave_out=()):
    """Every operand but those in `leave_out`; the lengths are all there is."""
    rng = generator(title)
    rows = directions * GATES[kind] * units
    shapes = {"X": (steps, batch, inputs), "W": (rows, inputs), "R": (rows, units),
              "bias": (directions, 2 * GATES[kind] * units), "h": (directions, batch, units),
              "c": (directions, batch, units), "P": (directions, 3 * units)}
    operands = {key: random_array(rng, dtype, shape) for key, shape in shapes.items()}
    # As layers are initialised: larger matrices make layers chaotic, and every rounding matter.
    for key in ("W", "R"):
        operands[key] = (operands[key] / np.sqrt(max(units, 1))).astype(dtype)
    operands["lengths"] = np.full(batch, steps, np.int32)
    return {**operands, **{key: None for key in leave_out}}


def layers():
    optional = ("bias", "lengths", "h", "c", "P")
    for kind in GATES:
        for dtype in FLOATS:
            label = f"{kind}_{np.dtype(dtype).name}"
            yield recurrent(label, kind, operands_of(label, kind, dtype, 3, 2, 5, 7))
        for direction in ("forward", "reverse", "bidirectional"):
            directions = 2 if direction == "bidirectional" else 1
            for sizes in ((1, 1, 1, 1), (6, 3, 4, 17), (2, 9, 33, 16)):
                name = f"{kind}_{direction}_{'x'.join(map(str, sizes))}"
                operands = operands_of(name, kind, np.float32, *sizes, directions)
                yield recurrent(name, kind, operands, direction)
                operands = operands_of(name, kind, np.float32, *sizes, directions, optional)
                yield recurrent(f"{name}_bare", kind, operands, direction)
            operands = operands_of(f"{kind}_{direction}_lengths", kind, np.float32, 5, 4, 3, 6,
                                   directions)
            operands["lengths"] = np.array([3, 0, 5, 1], np.int32)
            yield recurrent(f"{kind}_{direction}_lengths", kind, operands, direction)
        for missing in optional if kind == "lstm" else optional[:3]:
            name = f"{kind}_without_{missing}"
            yield recurrent(name, kind, operands_of(name, kind, np.float32, 3, 2, 4, 5,
                                                    leave_out=(missing,)))


def modes():
    for kind in GATES:
        label = f"{kind}_modes"
        operands = operands_of(label, kind, np.float32, 4, 2, 3, 6, 2)
        yield recurrent(f"{kind}_clip", kind, operands, "bidirectional", clip=0.4)
        for code in ACTIVATIONS:
            functions = [(code, 0.3, 0.6)] * FUNCTIONS[kind] + [(TANH, 0, 0)] * FUNCTIONS[kind]
            yield recurrent(f"{kind}_activation_{code}", kind, operands, "bidirectional", functions)
        if kind == "rnn":
            continue
        for direction in ("reverse", "bidirectional"):
            directions = 2 if direction == "bidirectional" else 1
            name = f"{kind}_variant_{direction}"
            operands = operands_of(name, kind, np.float32, 5, 3, 4, 9, directions)
            operands["lengths"] = np.array([5, 2, 0], np.int32)
            yield recurrent(name, kind, operands, direction, variant=1)
            yield recurrent(f"{name}_clip", kind, operands, direction, variant=1, clip=0.3)


def views():
    for kind in GATES:
        name = f"{kind}_views"
        operands = operands_of(name, kind, np.float32, 4, 3, 5, 6)
        rng = generator(name)
        batch_first = random_array(rng, np.float32, (3, 4, 5))
        operands["X"] = view(batch_first, lambda x: x.transpose(1, 0, 2))
        operands["h"] = view(random_array(rng, np.float32, (3, 1, 6)),
                             lambda h: h.transpose(1, 0, 2))
        yield recurrent(name, kind, operands)
        operands["X"] = view(random_array(rng, np.float32, (4, 6, 10)), lambda x: x[::-1, ::2, ::2])
        yield recurrent(f"{name}_apart", kind, operands)


def borders():
    for kind in GATES:
        for sizes in ((0, 2, 3, 4), (3, 0, 3, 4), (3, 2, 0, 4), (3, 2, 4, 0)):
            name = f"{kind}_empty_{'x'.join(map(str, sizes))}"
            yield recurrent(name, kind, operands_of(name, kind, np.float32, *sizes))
    for length in (-1, 4):
        name = f"gru_length_{length}"
        operands = operands_of(name, "gru", np.float32, 3, 2, 2, 2)
        operands["lengths"] = np.array([3, length], np.int32)
        yield recurrent(name, "gru", operands, error=f"found {length}, allowed 0 to 3")


def cases():
    for family in (layers, modes, views, borders):
        yield from family()
