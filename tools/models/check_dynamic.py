#!/usr/bin/env python3
"""Shows that one plan answers several input sizes in a `stint` built without the compiler.

    check_dynamic.py --device-stint BINARY [--stint BINARY]

--stint compiles the plans; --device-stint, which must refuse ONNX files, runs them. Answers are
compared with ONNX Runtime's. One line a comparison, `dynamic sizes: N passed, N failed` at the end;
exit 1 if any failed.
"""

import argparse
import pathlib
import sys
import tempfile

import catalogue
import fetch
import stint_cli
from check_models import Tally, compare
from reference import Reference

SIZES = {
    "ppocrv4_rec": [(1, 3, 48, 320), (2, 3, 48, 200), (1, 3, 48, 104)],
    "ppocrv4_det": [(1, 3, 320, 320), (2, 3, 64, 96), (1, 3, 160, 256)],
}


def refuses_onnx(binary, model):
    """StintError unless the binary says that it has no compiler (exit 2)."""
    try:
        stint_cli.call(binary, "run", model.path)
    except stint_cli.StintError as error:
        if str(error).startswith("exit 2: stint: "):
            return str(error)
        raise
    raise stint_cli.StintError("it ran an ONNX file, so it was built with the compiler")


def check_size(binary, model, plan, size):
    reference = Reference(model.path)
    [name] = reference.input_names
    spec = {"shape": size, "fill": "normal", "scale": 1}
    inputs = {name: catalogue.fill(spec, f"{model.name}/{size}")}
    return compare(binary, model, plan, inputs, reference.run(inputs), {})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--stint", type=pathlib.Path,
                        default=catalogue.ROOT / "build/host/bin/stint")
    parser.add_argument("--device-stint", type=pathlib.Path, required=True)
    options = parser.parse_args()

    models = catalogue.select(list(SIZES))
    fetch.fetch(models)
    tally = Tally()
    tally.check("a device build refuses ONNX",
                lambda: refuses_onnx(options.device_stint, models[0]))
    with tempfile.TemporaryDirectory(prefix="stint-plans-") as folder:
        for model in models:
            plan = pathlib.Path(folder) / f"{model.name}.stint"
            compiled = tally.check(f"{model.name} compiles", lambda model=model, plan=plan: (
                stint_cli.compile_plan(options.stint, model.path, plan)))
            for size in SIZES[model.name] if compiled else []:
                tally.check(f"{model.name} at {'x'.join(map(str, size))}",
                            lambda model=model, plan=plan, size=size: check_size(
                                options.device_stint, model, plan, size))
    print(f"dynamic sizes: {tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
