#!/usr/bin/env python3
"""Looks at every kernel as the build embeds it.

    check_modules.py valid|msl WRITER

WRITER is stint-gpu-modules. `valid`: spirv-val accepts each module for Vulkan 1.1. `msl`: spirv-cross
makes Metal text of it that has a kernel function; Apple's compiler has never seen these texts.
Prints one line a failure and `N passed, N failed`; exit 1 if any failed.
"""

import pathlib
import subprocess
import sys
import tempfile


def call(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          check=False)
    return done.returncode, done.stdout, done.stderr.strip()


def is_valid(module):
    """What is wrong with the module; an empty text when nothing is."""
    code, _, error = call("spirv-val", "--target-env", "vulkan1.1", module)
    return error or (f"exit {code}" if code else "")


def has_metal_text(module):
    code, text, error = call("spirv-cross", "--msl", "--msl-version", "20100", module)
    if code:
        return error or f"exit {code}"
    return "" if "kernel void" in text else "found no kernel function in the text"


CHECKS = {"valid": is_valid, "msl": has_metal_text}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in CHECKS:
        print(__doc__, file=sys.stderr)
        return 2
    check = CHECKS[sys.argv[1]]
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[2], folder], check=True)
        for module in sorted(pathlib.Path(folder).glob("*.spv")):
            wrong = check(module)
            passed, failed = passed + (not wrong), failed + bool(wrong)
            if wrong:
                print(f"FAIL {module.stem}: {wrong}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
