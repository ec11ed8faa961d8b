"""The models that tests and the demo run: what models.json says, as Python objects.

Inputs of a case are made here from a seed that depends on names alone, so that every machine
compares the same numbers.
"""

import dataclasses
import json
import pathlib
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS_JSON = pathlib.Path(__file__).with_name("models.json")
MODELS_DIR = ROOT / "build" / "models"


@dataclasses.dataclass(frozen=True)
class Model:
    """One entry of models.json. `source` is the entry whose file is used: itself, or its parent."""

    name: str
    entry: dict
    source: dict

    @property
    def path(self):
        return MODELS_DIR / f"{self.source['name']}.onnx"

    @property
    def input_shapes(self):
        """Shapes for --input-shape that override those declared: {name: extents}."""
        return self.entry.get("input_shapes", {})

    @property
    def rtol(self):
        return self.entry.get("rtol", 1e-3)

    def atol(self, golden):
        """The absolute tolerance for an output whose right value is `golden`."""
        largest = float(abs(golden).max()) if golden.size else 0.0
        return self.entry.get("atol", 1e-4 * max(1.0, largest))


def load():
    """All models in order, by name."""
    entries = {entry["name"]: entry for entry in json.loads(MODELS_JSON.read_text())["models"]}
    return {
        name: Model(name, entry, entries[entry.get("derived_from", name)])
        for name, entry in entries.items()
    }


def select(names):
    """The models of these names, or all when there are none. Unknown names end the program."""
    models = load()
    unknown = [name for name in names if name not in models]
    if unknown:
        raise SystemExit(f"found model {unknown[0]}, allowed {', '.join(models)}")
    return [models[name] for name in names or models]


def case_inputs(model, case):
    """The arrays of a case by input name."""
    return {
        spec["name"]: fill(spec, f"{model.name}/{case['case']}/{spec['name']}")
        for spec in case["inputs"]
    }


def fill(spec, seed_text):
    """An array as an input of models.json describes it: shape and kind of content."""
    import numpy as np

    shape = spec["shape"]
    random = np.random.default_rng(zlib.crc32(seed_text.encode()))
    kind = spec["fill"]
    if kind == "uniform":
        return random.uniform(spec["low"], spec["high"], shape).astype(np.float32)
    if kind == "normal":
        return (spec["scale"] * random.standard_normal(shape)).astype(np.float32)
    if kind == "integers":
        return random.integers(spec["low"], spec["high"], shape).astype(np.int32)
    if kind == "integers64":
        return random.integers(spec["low"], spec["high"], shape)
    if kind == "half":
        return (spec["scale"] * random.standard_normal(shape)).astype(np.float16)
    if kind == "tones":
        return (spec["scale"] * chord(int(np.prod(shape)))).astype(np.float32).reshape(shape)
    if kind == "text":
        import text_line

        return text_line.to_tensor(text_line.draw(spec["text"], height=shape[2], width=shape[3]))
    raise ValueError(f"found fill {kind}, allowed uniform, normal, half, integers, integers64, "
                     "tones, text")


def chord(samples, rate=22050.0):
    """C, E and G together, sampled at `rate`, within [-1, 1]."""
    import numpy as np

    time = np.arange(samples) / rate
    return sum(np.sin(2 * np.pi * pitch * time) for pitch in (261.63, 329.63, 392.0)) / 3
