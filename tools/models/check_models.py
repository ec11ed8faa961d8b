#!/usr/bin/env python3
"""Compares `stint run`, from ONNX and from a saved plan, with ONNX Runtime on real models.

    check_models.py [--stint BINARY] [--goldens DIR] [MODEL...]

One plan of each model is also run on several numbers of threads, for the same bits. The cases are
those of models.json; with --goldens those of DIR/<model>.npz and
DIR/<model>__<case>.npz (members in0, in1, ... and out0, out1, ... in graph order), and ONNX Runtime
is not asked. One line a comparison, `models: N passed, N failed` at the end; exit 1 if any failed.
"""

import argparse
import pathlib
import sys
import tempfile
import time

import catalogue
import fetch
import make_zoo
import numpy as np
import stint_cli
from reference import Reference


MAX_ARENA_OVER_BOUND = 1.25
THREADS = (1, 2, 3, 8)


def own_cases(model, reference):
    """(case, inputs, goldens) of models.json."""
    for case in model.entry["cases"]:
        inputs = catalogue.case_inputs(model, case)
        yield case["case"], inputs, reference.run(inputs)


def golden_cases(model, reference, folder):
    """(case, inputs, goldens) of the .npz files in `folder`."""
    paths = [folder / f"{model.name}.npz", *sorted(folder.glob(f"{model.name}__*.npz"))]
    for path in paths:
        if not path.exists():
            continue
        with np.load(path) as members:
            inputs = {name: members[f"in{i}"] for i, name in enumerate(reference.input_names)}
            goldens = {name: members[f"out{i}"] for i, name in enumerate(reference.output_names)}
        yield path.stem.partition("__")[2] or "seeded", inputs, goldens


def difference(answer, golden, atol, rtol):
    """(largest absolute difference, whether all are within tolerance)."""
    if answer.shape != golden.shape or answer.dtype != golden.dtype:
        return float("inf"), False
    apart = np.abs(answer.astype(np.float64) - golden.astype(np.float64))
    within = apart <= atol + rtol * np.abs(golden)
    return float(apart.max(initial=0.0)), bool(np.all(within | (answer == golden)))


def run(binary, model, path, inputs, goldens, input_shapes, more_flags=()):
    """The outputs of one case, in order. StintError: it failed."""
    atol = max(model.atol(golden) for golden in goldens.values())
    return stint_cli.run(binary, path, inputs, goldens, atol, model.rtol, input_shapes, more_flags)


def compare(binary, model, path, inputs, goldens, input_shapes, more_flags=()):
    """Runs one case; returns a text of how near it came. StintError: it failed."""
    atols = [model.atol(golden) for golden in goldens.values()]
    answers = run(binary, model, path, inputs, goldens, input_shapes, more_flags)
    largest = 0.0
    for (name, golden), answer, atol in zip(goldens.items(), answers, atols, strict=True):
        apart, within = difference(answer, golden, atol, model.rtol)
        if not within:
            raise stint_cli.StintError(f"output {name} differs by {apart:.3g}, allowed {atol:.3g}")
        largest = max(largest, apart)
    return f"differs by {largest:.2g}, allowed {max(atols):.2g}"


def equal_bits(binary, model, plan, inputs, goldens):
    """Whether the outputs are the same bytes on any number of threads."""
    first, *others = ([output.tobytes() for output in
                       run(binary, model, plan, inputs, goldens, {}, ("-j", threads))]
                      for threads in THREADS)
    for threads, other in zip(THREADS[1:], others, strict=True):
        if other != first:
            raise stint_cli.StintError(f"other bits on {threads} threads than on {THREADS[0]}")
    return f"the same bits on {', '.join(map(str, THREADS))} threads"


def arena_near_bound(binary, plan):
    """The planned arena against the largest sum of live bytes, below which no plan can go."""
    memory = stint_cli.bench(binary, plan)["memory"]
    arena, bound = memory["arena_bytes"], memory["live_set_bytes"]
    if arena > MAX_ARENA_OVER_BOUND * bound:
        raise stint_cli.StintError(f"arena {arena} bytes, allowed {MAX_ARENA_OVER_BOUND} x {bound}")
    return f"arena {arena} bytes, live set {bound}"


class Tally:
    """Prints one line a comparison and counts."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, label, comparison):
        begin = time.monotonic()
        try:
            word, detail = "PASS", comparison()
            self.passed += 1
        except stint_cli.StintError as error:
            word, detail = "FAIL", str(error)
            self.failed += 1
        print(f"{word} {label}: {detail} ({time.monotonic() - begin:.1f} s)", flush=True)
        return word == "PASS"


def check_model(binary, model, goldens_dir, plan, tally):
    reference = Reference(model.path, model.input_shapes)
    if goldens_dir:
        cases = list(golden_cases(model, reference, goldens_dir))
    else:
        cases = list(own_cases(model, reference))

    compiled = bool(cases) and tally.check(
        f"{model.name} compiles",
        lambda: stint_cli.compile_plan(binary, model.path, plan, model.input_shapes))
    if compiled and model.name in make_zoo.ZOO:
        tally.check(f"{model.name} memory", lambda: arena_near_bound(binary, plan))
    sources = [("from ONNX", model.path, model.input_shapes)]
    sources += [("from a plan", plan, {})] if compiled else []
    if compiled:
        _, inputs, goldens = cases[0]
        tally.check(f"{model.name} threads",
                    lambda: equal_bits(binary, model, plan, inputs, goldens))
    for case, inputs, goldens in cases:
        for label, path, input_shapes in sources:
            tally.check(f"{model.name} {case} {label}", lambda path=path, shapes=input_shapes:
                        compare(binary, model, path, inputs, goldens, shapes))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--stint", type=pathlib.Path,
                        default=catalogue.ROOT / "build/host/bin/stint")
    parser.add_argument("--goldens", type=pathlib.Path)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    options = parser.parse_args()
    if options.goldens and not options.goldens.is_dir():
        parser.error(f"found no folder {options.goldens}")

    models = catalogue.select(options.models)
    fetch.fetch(models)
    make_zoo.make([model.name for model in models if model.name in make_zoo.ZOO])
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="stint-plans-") as folder:
        for model in models:
            plan = pathlib.Path(folder) / f"{model.name}.stint"
            check_model(options.stint, model, options.goldens, plan, tally)
    print(f"models: {tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main())
