#!/usr/bin/env python3
"""Weighs the runtime with the CPU backend, as the smallest application would link it.

    binary_sizes.py [BUILD_DIR] [--limits FILE] [--json FILE]

BUILD_DIR, by default that of the aarch64 preset, has `stint-minimal` (tests/cross/minimal.cc) and
the linker's map of it. Prints the size of the stripped program, what each folder of this tree gives
to it, and the shared libraries that it needs; fails when binary_sizes.json allows the processor less,
or not those libraries.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import source_tree

LIMITS = pathlib.Path(__file__).with_name("binary_sizes.json")
TOOLS = {"AArch64": "aarch64-linux-gnu-", "ARM": "arm-linux-gnueabihf-"}
LAYERS = ["runtime", "backends"]
# What a stripped program holds of its objects. Zeroed memory takes no room in it.
KEPT_SECTIONS = re.compile(
    r"^\.(text|rodata|data|eh_frame|gcc_except_table|init_array|ARM\.ex(idx|tab))")
# " .text.name  0xADDRESS  0xSIZE OBJECT", the name perhaps on a line of its own.
MAP_LINE = re.compile(r"^ (\.\S+)?\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+(\S.*)$")
MEMBER = re.compile(r"libstint_(\w+)\.a\((\S+)\.o\)$")


def output_of(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          check=True).stdout


def machine_of(program):
    return re.search(r"Machine:\s+(.*)", output_of("readelf", "-h", program))[1].strip()


def needed_libraries(program):
    return re.findall(r"\(NEEDED\).*\[(.*)\]", output_of("readelf", "-d", program))


def stripped_size(program, tools):
    with tempfile.TemporaryDirectory() as folder:
        stripped = pathlib.Path(folder) / "stripped"
        output_of(f"{tools}strip", "-o", stripped, program)
        return stripped.stat().st_size


def map_entries(text):
    """(section, bytes, object) of each input section that the linker kept."""
    name = ""
    for line in text[text.index("Linker script and memory map"):].splitlines():
        if alone := re.match(r"^ (\.\S+)$", line):
            name = alone[1]
            continue
        if (found := MAP_LINE.match(line)) and int(found[2], 16) != 0:
            yield found[1] or name, int(found[3], 16), found[4]
        name = ""


def source_folders():
    """{source's name: folders that have one} of what ships on a device."""
    folders = collections.defaultdict(set)
    for path in source_tree.code_files():
        if path.suffix == ".cc" and path.parts[0] in LAYERS:
            folders[path.name].add(str(path.parent))
    return folders


def folder_of(entry, folders):
    """The source folder of an object; its library's where several have a source of that name."""
    found = MEMBER.search(entry)
    if not found:
        return "the rest (start-up code, C and C++ libraries, the program itself)"
    library = found[1]
    layer = (library.replace("backend_", "backends/") if library.startswith("backend_")
             else f"runtime/{library}")
    mine = [folder for folder in folders[found[2]] if folder.startswith(layer)]
    return mine[0] if len(mine) == 1 else layer


def weights(map_text):
    """{folder: bytes}, the heaviest first."""
    folders = source_folders()
    sums = collections.Counter()
    for section, size, entry in map_entries(map_text):
        if KEPT_SECTIONS.match(section):
            sums[folder_of(entry, folders)] += size
    return dict(sums.most_common())


def main():
    parser = argparse.ArgumentParser(description="Weighs the runtime with the CPU backend.")
    parser.add_argument("build", nargs="?", type=pathlib.Path,
                        default=source_tree.ROOT / "build/aarch64")
    parser.add_argument("--limits", type=pathlib.Path, default=LIMITS)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    program = options.build / "bin/stint-minimal"
    if not program.exists():
        parser.error(f"found no {program}; build first")

    machine = machine_of(program)
    limits = json.loads(options.limits.read_text())
    size = stripped_size(program, TOOLS.get(machine, ""))
    folders = weights((options.build / "stint-minimal.map").read_text())
    libraries = needed_libraries(program)
    for folder, weight in folders.items():
        print(f"{weight:9,} {folder}")
    print(f"{size:9,} bytes stripped for {machine}; needs {', '.join(libraries)}")

    problems = []
    if limit := limits.get(machine):
        problems = [f"found library {name}, allowed {', '.join(limit['libraries'])}"
                    for name in libraries if name not in limit["libraries"]]
        if size > limit["bytes"]:
            problems.append(f"found {size:,} bytes, allowed {limit['bytes']:,}")
    if options.json:
        options.json.write_text(json.dumps(
            {"machine": machine, "stripped_bytes": size, "limit": limit, "folders": folders,
             "libraries": libraries}, indent=2) + "\n")
    return source_tree.finish("binary sizes", problems, f"{len(folders)} folders")


if __name__ == "__main__":
    sys.exit(main())
