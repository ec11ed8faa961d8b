#!/usr/bin/env python3
"""Warns of source files over 600 lines and fails from 1000 on.

    file_lengths.py [ROOT]

A file that long does several things: the reader should meet them one at a time.
"""

import pathlib
import sys

import source_tree

WARNING_LINES = 600
LIMIT_LINES = 1000
SUFFIXES = source_tree.CODE_SUFFIXES | {".py", ".sh", ".cmake", ".fbs", ""}


def main(root):
    sources = [path for path in source_tree.files(root)
               if path.suffix in SUFFIXES and path.name != "LICENSE"]
    problems = []
    for path in sources:
        lines = (root / path).read_bytes().count(b"\n")
        if lines >= LIMIT_LINES:
            problems.append(f"{path}: found {lines} lines, allowed fewer than {LIMIT_LINES}")
        elif lines > WARNING_LINES:
            print(f"file lengths: warning: {path}: {lines} lines, better {WARNING_LINES} at most")
    return source_tree.finish("file lengths", problems, f"{len(sources)} files")


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else source_tree.ROOT))
