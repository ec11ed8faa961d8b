#!/usr/bin/env python3
"""What libstint.so shows the world: exactly the symbols of exported_symbols.txt, each with its version;
and that it needs the C library only.

    exported_symbols.py [--write] LIBRARY
"""

import argparse
import pathlib
import subprocess
import sys

GOLDEN = pathlib.Path(__file__).with_name("exported_symbols.txt")
ALLOWED_LIBRARIES = ("libc.so.", "libm.so.", "libpthread.so.", "libdl.so.", "ld-linux")


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def exported(library):
    lines = output_of("nm", "--dynamic", "--defined-only", "--with-symbol-versions", library)
    symbols = [line.split()[-1] for line in lines.splitlines()]
    return {symbol for symbol in symbols if not symbol.startswith("STINT_")}


def needed(library):
    lines = output_of("readelf", "--dynamic", "--wide", library).splitlines()
    return [line.split("[")[1].rstrip("]") for line in lines if "(NEEDED)" in line]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--write", action="store_true", help="write the golden list anew")
    parser.add_argument("library")
    options = parser.parse_args()
    symbols = exported(options.library)
    if options.write:
        GOLDEN.write_text("".join(f"{symbol}\n" for symbol in sorted(symbols)))
    golden = set(GOLDEN.read_text().split())
    problems = [f"found {symbol}, not in {GOLDEN.name}" for symbol in sorted(symbols - golden)]
    problems += [f"found no {symbol}, which is in {GOLDEN.name}"
                 for symbol in sorted(golden - symbols)]
    problems += [f"found a need of {library}, allowed {', '.join(ALLOWED_LIBRARIES)}"
                 for library in needed(options.library)
                 if not library.startswith(ALLOWED_LIBRARIES)]
    for problem in problems:
        print(f"exported symbols: {problem}")
    print(f"exported symbols: {len(symbols)}, {len(problems)} problems")
    return 1 if problems or not symbols else 0


if __name__ == "__main__":
    sys.exit(main())
