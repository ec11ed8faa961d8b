#!/usr/bin/env python3
"""Checks that the tree holds sources only: nothing generated, binary, vendored or fetched by CMake.

    no_vendored.py [ROOT]
"""

import pathlib
import re
import sys

import source_tree

GENERATED = re.compile(
    r"(_generated\.h|\.pb\.(h|cc)|_pb2\.py|\.(o|a|so|dylib|whl|pyc|onnx|tflite|npz|spv))$")
VENDOR_FOLDERS = {"third_party", "thirdparty", "vendor", "extern", "external", "deps"}
FETCHERS = re.compile(r"\b(FetchContent\w*|ExternalProject\w*|CPMAddPackage)\b|file\(DOWNLOAD\b")
LIMIT_BYTES = 512 * 1024
# Test data that are bytes by nature: plans of earlier format versions.
BINARY_ALLOWED = re.compile(r"^tests/plans/.*\.stint$")


def problems_of(path, data):
    name = path.as_posix()
    if GENERATED.search(name):
        yield f"{name}: found a generated or compiled file, allowed sources only"
    if VENDOR_FOLDERS & set(path.parts[:-1]):
        yield f"{name}: found vendored code, allowed dependencies by package only"
    if len(data) > LIMIT_BYTES:
        yield f"{name}: found {len(data)} bytes, allowed {LIMIT_BYTES}"
    if b"\0" in data and not BINARY_ALLOWED.match(name):
        yield f"{name}: found a binary file, allowed text only"
    if path.name == "CMakeLists.txt" or path.suffix == ".cmake":
        for match in FETCHERS.finditer(data.decode(errors="replace")):
            yield f"{name}: found {match[0]}, allowed find_package only"


def main(root):
    paths = source_tree.files(root)
    problems = [problem for path in paths
                for problem in problems_of(path, (root / path).read_bytes())]
    return source_tree.finish("no vendored files", problems, f"{len(paths)} files")


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else source_tree.ROOT))
