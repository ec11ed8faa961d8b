"""The `stint` binary as a function, for the checks that compare its answers."""

import json
import pathlib
import re
import subprocess
import tempfile

import numpy as np

TIMEOUT_SECONDS = 600


class StintError(Exception):
    """A run that did not exit 0. The text is one line: exit code and what was said."""


def call(binary, *arguments):
    """Runs `binary` and returns its stdout."""
    command = [str(binary), *map(str, arguments)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        raise StintError(f"no answer within {TIMEOUT_SECONDS} s") from None
    if done.returncode != 0:
        said = " | ".join(done.stderr.strip().split("\n"))[:400]
        raise StintError(f"exit {done.returncode}: {said}")
    return done.stdout


def shape_flags(input_shapes):
    """--input-shape for each {name: extents}."""
    return [
        argument
        for name, extents in input_shapes.items()
        for argument in ("--input-shape", f"{name}={'x'.join(map(str, extents))}")
    ]


def compile_plan(binary, model, plan, input_shapes=None):
    """`stint compile`; returns a text with the plan's size."""
    call(binary, "compile", model, "-o", plan, *shape_flags(input_shapes or {}))
    return f"{plan.stat().st_size} bytes"


def bench(binary, plan, *flags):
    """The JSON document of one timed run."""
    return json.loads(call(binary, "bench", plan, "-w", 0, "-n", 1, "--json", "-", *flags))


def explain(binary, model, *flags):
    """The JSON document that says what runs where."""
    return json.loads(call(binary, "explain", model, "--json", "-", *flags))


def output_files(names):
    """The file name of each graph output under --output-dir, as docs/cli.md says."""
    files = []
    for index, name in enumerate(names):
        file = re.sub(r"[^A-Za-z0-9._-]", "_", name)
        if file == "" or file.startswith("."):
            file = f"output_{index}{file}"
        files.append(f"{file}_{index}" if file in files else file)
    return [f"{file}.npy" for file in files]


def run(binary, model, inputs, goldens, atol, rtol, input_shapes=None, more_flags=()):
    """`stint run` with every input and expected output as a file; returns the outputs in order.

    inputs, goldens: {name: array}. more_flags: as for the command line. Stint compares with --expect itself: a difference is a
    StintError (exit 3).
    """
    with tempfile.TemporaryDirectory(prefix="stint-check-") as folder:
        folder = pathlib.Path(folder)
        flags = [*more_flags, *shape_flags(input_shapes or {})]
        for flag, arrays in (("--input", inputs), ("--expect", goldens)):
            for index, (name, array) in enumerate(arrays.items()):
                file = folder / f"{flag[2:]}{index}.npy"
                np.save(file, array)
                flags += [flag, f"{name}={file}"]
        flags += ["--atol", repr(atol), "--rtol", repr(rtol), "--output-dir", folder / "outputs"]
        call(binary, "run", model, *flags)
        files = [folder / "outputs" / file for file in output_files(goldens)]
        absent = [file.name for file in files if not file.exists()]
        if absent:
            raise StintError(f"exit 0, but no output file {absent[0]}")
        return [np.load(file) for file in files]
