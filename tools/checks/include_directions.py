#!/usr/bin/env python3
"""Checks who may include whom (docs/design.md, "The tree"), and what device code may include.

    include_directions.py [ROOT]

A layer sees the layers of its row and what those see. Device code (runtime/, backends/) also keeps
away from headers of the standard library whose types allocate, throw or run static constructors.
"""

import pathlib
import re
import sys

import source_tree

# Layer: the layers that it names. Those behind them are allowed too.
DIRECT = {
    "runtime/base": [],
    "runtime/ops": ["runtime/base"],
    "runtime/cost": ["runtime/ops"],
    "runtime/memory": ["runtime/ops"],
    "runtime/plan": ["runtime/ops"],
    "runtime/hal": ["runtime/ops", "runtime/cost"],
    "runtime/session": ["runtime/hal", "runtime/plan", "runtime/memory"],
    "runtime/include": [],
    "runtime/abi": ["runtime/include", "runtime/base"],
    "runtime/api": ["runtime/abi", "runtime/session"],
    "backends/gpu": ["runtime/hal"],
    "backends/cpu": ["runtime/hal"],
    "backends/null": ["runtime/hal"],
    "backends/vulkan": ["backends/gpu"],
    "backends/opencl": ["backends/gpu"],
    "backends/metal": ["backends/gpu"],
    "tools/compiler": ["runtime/abi", "runtime/cost", "runtime/memory", "runtime/plan"],
    "tools/stint": ["runtime/include", "tools/compiler"],
    "tools/conformance": ["tools/stint"],
    "tools/stint-opt": ["tools/compiler"],
}
# Tests and benchmarks may see everything.
FREE = ["tests", "tools/bench", "examples"]

# Programs that use the runtime as an app does, through <stint/stint.h> and what stands on it. Their own
# errors and numbers are those of runtime/base; what else they may include, and who may.
APPS = ("tools/stint", "tools/conformance")
OPEN_TO_APPS = ("runtime/base/", "runtime/include/")
APP_EXCEPTIONS = {
    # Tensor files hold every dtype, also those without a type in C++: their elements are read, compared
    # and filled by the runtime's own readers.
    "runtime/ops/tensor.h": APPS,
    "runtime/ops/elements.h": APPS,
    # inspect prints how extents are computed from others, which is the inside of a plan.
    "runtime/plan/plan.h": ("tools/stint/plan_text.h",),
}

DEVICE = ("runtime/", "backends/")
BANNED_ON_DEVICES = set(
    "any atomic_wait chrono codecvt condition_variable deque exception filesystem format "
    "forward_list fstream functional future iomanip ios iostream istream list locale map "
    "memory_resource mutex ostream queue random regex semaphore set shared_mutex sstream stack "
    "stdexcept stop_token streambuf string strstream syncstream thread typeindex typeinfo "
    "unordered_map unordered_set valarray vector".split())
# Only these speak to FlatBuffers.
PLAN_FORMAT = ("runtime/plan/", "tools/compiler/emit/", "tests/")

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def reachable(layer):
    """The layers that `layer` may include: itself and all behind those that it names."""
    seen, waiting = set(), [layer]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting += DIRECT[current]
    return seen


def layer_of(path):
    """The layer of a file by its first two folders; None where there is no rule."""
    folder = "/".join(path.split("/")[:2])
    return folder if folder in DIRECT else None


def problems_of(name, text, allowed):
    """Problems of one file. `allowed`: layers that each layer may include."""
    layer = layer_of(name)
    if layer is None:
        if not name.startswith(tuple(f"{folder}/" for folder in FREE)):
            yield f"{name}: found a folder without a rule, allowed {', '.join([*DIRECT, *FREE])}"
        return
    for quoted, angled in INCLUDE.findall(text):
        target = layer_of(quoted)
        if target and target not in allowed[layer]:
            yield f"{name}: found include of {quoted}, allowed {', '.join(sorted(allowed[layer]))}"
        inside = quoted.startswith("runtime/") and not quoted.startswith(OPEN_TO_APPS)
        if layer in APPS and inside and not name.startswith(APP_EXCEPTIONS.get(quoted, ())):
            yield f"{name}: found include of {quoted}, allowed the public headers and runtime/base"
        if quoted.startswith("tests/"):
            yield f"{name}: found include of {quoted}, allowed no test code"
        if name.startswith(DEVICE) and angled in BANNED_ON_DEVICES:
            yield f"{name}: found include of <{angled}>, allowed none that allocates or throws"
        speaks_format = angled.startswith("flatbuffers/") or quoted.endswith("plan_generated.h")
        if speaks_format and not name.startswith(PLAN_FORMAT):
            yield f"{name}: found include of {quoted or angled}, allowed in {PLAN_FORMAT} only"


def main(root):
    allowed = {layer: reachable(layer) for layer in DIRECT}
    sources = source_tree.code_files(root)
    problems = [problem for path in sources
                for problem in problems_of(path.as_posix(), (root / path).read_text(), allowed)]
    return source_tree.finish("include directions", problems, f"{len(sources)} files")


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else source_tree.ROOT))
