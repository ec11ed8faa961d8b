#!/usr/bin/env python3
"""Checks what the device libraries of a Release build ask of the system, and how they start.

    runtime_symbols.py [--allow-list FILE] [--write] [BUILD_DIR | LIBRARY...]

The symbols that the static libraries of runtime/ and backends/ leave undefined, all together, must
equal the allow-list: a new one shows that something which allocates or throws has crept in, a
missing one that the list is stale. The libraries hold no static constructors, no RTTI and no guarded
statics. The list is that of GCC on x86-64 Linux; --write writes it anew.
"""

import argparse
import pathlib
import re
import subprocess
import sys

import source_tree

ALLOW_LIST = pathlib.Path(__file__).with_name("runtime_symbols.txt")
# Made by the linker, asked of nobody.
LINKER_SYMBOLS = {"_GLOBAL_OFFSET_TABLE_"}
FORBIDDEN = [
    (re.compile(r"^_ZT[IS]"), "RTTI"),
    (re.compile(r"^_ZGV"), "a guarded static"),
    (re.compile(r"^(__cxa_(throw|begin_catch|end_catch|rethrow)|__gxx_personality)"), "exceptions"),
]
CONSTRUCTOR_SECTION = re.compile(r"\s(\.(?:init_array|ctors|preinit_array)\S*)\s")


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def symbols(library):
    """(defined, undefined) symbol names of a static library."""
    defined, undefined = set(), set()
    for line in output_of("nm", "--format=posix", str(library)).splitlines():
        fields = line.split()
        if len(fields) >= 2 and not line.endswith(":"):
            (undefined if fields[1] in "Uwv" else defined).add(fields[0])
    return defined, undefined


def read_allow_list(path):
    lines = path.read_text().splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def device_libraries(build_dir):
    return sorted([*build_dir.glob("runtime/libstint_*.a"),
                   *build_dir.glob("backends/libstint_backend_*.a")])


def forbidden_problems(library, names):
    for name in sorted(names):
        for pattern, what in FORBIDDEN:
            if pattern.match(name):
                yield f"{library.name}: found {what} ({name}), allowed none"


def constructor_problems(library):
    sections = output_of("readelf", "--section-headers", "--wide", str(library))
    for section in sorted(set(CONSTRUCTOR_SECTION.findall(sections))):
        yield f"{library.name}: found static constructors ({section}), allowed none"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--allow-list", type=pathlib.Path, default=ALLOW_LIST)
    parser.add_argument("--write", action="store_true", help="write the allow-list anew")
    parser.add_argument("paths", nargs="*", type=pathlib.Path,
                        default=[source_tree.ROOT / "build/host"])
    options = parser.parse_args()
    libraries = [library for path in options.paths
                 for library in (device_libraries(path) if path.is_dir() else [path])]
    if not libraries:
        parser.error(f"found no device libraries in {options.paths[0]}; build first")

    defined, undefined, problems = set(), set(), []
    for library in libraries:
        own_defined, own_undefined = symbols(library)
        defined |= own_defined
        undefined |= own_undefined
        problems += forbidden_problems(library, own_defined | own_undefined)
        problems += constructor_problems(library)
    needed = undefined - defined - LINKER_SYMBOLS
    if options.write:
        comment = "# What the device libraries need of libc, libm and pthread.\n"
        options.allow_list.write_text(comment + "".join(f"{name}\n" for name in sorted(needed)))
    allowed = read_allow_list(options.allow_list)
    problems += [f"found symbol {name}, not in {options.allow_list.name}"
                 for name in sorted(needed - allowed)]
    problems += [f"found {name} in {options.allow_list.name}, but no library needs it"
                 for name in sorted(allowed - needed)]
    return source_tree.finish("runtime symbols", problems,
                              f"{len(libraries)} libraries, {len(needed)} symbols")


if __name__ == "__main__":
    sys.exit(main())
