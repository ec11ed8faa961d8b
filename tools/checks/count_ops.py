#!/usr/bin/env python3
"""Prints how few plan ops serve how many ONNX operators, and the lines of each layer.

    count_ops.py [ROOT]

Counted from the tree itself: the rows of ImportRule of tools/compiler/import/onnx, ops.inc, and files
by folder. An operator has a kernel of its own if a plan op has its name. Fails where a table of rules
cannot be read or is not among the families that rules.cc lists.
"""

import collections
import pathlib
import re
import sys

import source_tree

RULES = "tools/compiler/import/onnx"
TABLE = re.compile(r"constexpr ImportRule kRules\[\] = \{(.*?)\};\n", re.DOTALL)
ROW = re.compile(r"\{\s*\"(\w+)\",([^{}]*)\}")
DOMAIN = re.compile(r"k\w*Domain|\"[\w.]+\"")
FAMILY = re.compile(r"\b\w+Rules\b")
PLAN_OP = re.compile(r"^STINT_OP\(\d+, (\w+)\)", re.MULTILINE)
# Folders whose parts are layers of their own.
SPLIT = {"runtime": 2, "backends": 2, "tools": 2, "tests": 1}


def read_rules(root, problems):
    """{(domain, operator)} of all tables of rules."""
    operators = set()
    tables = 0
    for path in sorted((root / RULES).glob("*.cc")):
        text = path.read_text()
        for table in TABLE.findall(text):
            rows = ROW.findall(table)
            tables += 1
            braces = table.count("{")
            if not rows or braces != len(rows):
                problems.append(f"{path.name}: found {len(rows)} rows of {braces}, allowed all")
            operators |= {("".join(DOMAIN.findall(rest)), name) for name, rest in rows}
    text = (root / RULES / "rules.cc").read_text()
    families = FAMILY.findall(text[text.find("kFamilies[]"):text.find("};")])
    if tables != len(families):
        problems.append(f"rules.cc: found {len(families)} families, allowed {tables}: one a table")
    return operators


def lines_by_layer(root):
    """{folder: (files, lines)} of C++ code, shaders and scripts."""
    layers = collections.defaultdict(lambda: [0, 0])
    suffixes = source_tree.CODE_SUFFIXES | {".glsl", ".py", ".fbs"}
    for path in source_tree.files(root):
        if path.suffix not in suffixes or path.parts[0] not in SPLIT:
            continue
        layer = "/".join(path.parts[:min(SPLIT[path.parts[0]], len(path.parts) - 1)])
        layers[layer][0] += 1
        layers[layer][1] += (root / path).read_bytes().count(b"\n")
    return layers


def main(root):
    problems = []
    operators = read_rules(root, problems)
    plan_ops = PLAN_OP.findall((root / "runtime/ops/ops.inc").read_text())
    if not plan_ops:
        problems.append("ops.inc: found no plan ops, allowed rows STINT_OP(id, Name)")
    own = sorted(name for _, name in operators if name in plan_ops)
    print(f"{'ONNX operators that are lowered':44} {len(operators):6}")
    print(f"{'of them without a kernel of their own':44} {len(operators) - len(own):6}")
    print(f"{'plan ops':44} {len(plan_ops):6}")
    print(f"plan ops with an operator's name: {', '.join(own)}\n")
    print(f"{'layer':28} {'files':>6} {'lines':>8}")
    for layer, (files, lines) in sorted(lines_by_layer(root).items()):
        print(f"{layer:28} {files:6} {lines:8}")
    return source_tree.finish("ops", problems, f"{len(operators)} operators")


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else source_tree.ROOT))
