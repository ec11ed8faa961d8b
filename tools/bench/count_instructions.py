#!/usr/bin/env python3
"""Counts what one inference executes on 64-bit ARM, exactly, under qemu-user.

    count_instructions.py PLAN [--cpu cortex-a76] [--no-caches] [--json FILE|-] [--flags TEXT]
    count_instructions.py --golden FILE [--update] [MODEL...]

The last inference of `stint-bench --roi`, on one thread, is counted by plugins of QEMU that are
built on the spot from qemu/*.c: instructions by class, and misses of caches as large as the
processor's (`GEOMETRIES`; least recently used, no prefetching). Counts repeat exactly. They compare
versions of this program with one another, and predict no time.

With --golden each model of the file is made (tools/models), compiled by --host-stint and counted on
the file's processor. A count of `checked` that is more than `tolerance` away is a failure: more of
them is a loss, fewer is a gain that --update records. One line a model, `N passed, N failed`.

Needs gcc, qemu-user (the dynamic one: a static qemu takes no plugins) and the aarch64 preset built.
"""

import argparse
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/models"))

PLUGINS = pathlib.Path(__file__).with_name("qemu")
# KiB:ways of each level, as the processors' manuals describe common configurations.
GEOMETRIES = {
    "cortex-a53": {"l1": "32:4", "l2": "512:16"},
    "cortex-a72": {"l1": "32:2", "l2": "1024:16"},
    "cortex-a76": {"l1": "64:4", "l2": "512:8", "l3": "2048:16"},
}


class CountError(Exception):
    """A program that did not do its work; the text is one line."""


def call(command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          check=False, **options)
    if done.returncode != 0:
        said = " | ".join((done.stderr or done.stdout).strip().splitlines())[:400]
        raise CountError(f"{command[0]}: exit {done.returncode}: {said}")


def build_plugin(name, folder):
    library = folder / f"{name}.so"
    call(["gcc", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library,
          PLUGINS / f"{name}.c"])
    return library


def read_counts(path):
    """{name: count} of a plugin's file, which must tell of one region."""
    counts = {name: int(value) for name, value in
              (line.split() for line in path.read_text().splitlines())}
    if counts.pop("regions") != 1:
        raise CountError("found no region of interest, allowed one: was stint-bench built with "
                         "markers?")
    return counts


def count(bench, plan, cpu, caches=True, flags=()):
    """The counts of one inference of a plan, as one flat dict.

    What a program could see differently the next time is fixed, because copies depend on alignment
    and caches on addresses: the environment, its arguments, random numbers, where memory lies.
    """
    with tempfile.TemporaryDirectory(prefix="stint-count-") as folder:
        folder = pathlib.Path(folder)
        (folder / "bench").symlink_to(bench.resolve())
        (folder / "plan.stint").symlink_to(plan.resolve())
        arguments = {"count_instructions": ""}
        if caches:
            arguments["count_misses"] = "".join(
                f",{level}={geometry}" for level, geometry in GEOMETRIES[cpu].items())
        command = ["setarch", "--addr-no-randomize", "qemu-aarch64", "-cpu", cpu, "-seed", 1]
        for name, more in arguments.items():
            library = build_plugin(name, folder)
            command += ["-plugin", f"{library},out={folder / name}.txt{more}"]
        call([*command, "bench", "plan.stint", "--roi", "-j", 1, "-w", 0, "-n", 1, *flags],
             cwd=folder, env={"PATH": "/usr/bin:/bin"})
        counts = {}
        for name in arguments:
            counts |= read_counts(folder / f"{name}.txt")
        return counts


def make_plan(host_stint, name, folder):
    import catalogue
    import fetch
    import make_zoo

    [model] = catalogue.select([name])
    fetch.fetch([model])
    make_zoo.make([name] if name in make_zoo.ZOO else [])
    plan = folder / f"{name}.stint"
    call([host_stint, "compile", model.path, "-o", plan])
    return plan


def differences(counts, expected, checked, tolerance):
    """One text for each checked count that is too far from what is expected."""
    for name in checked:
        found, wanted = counts[name], expected[name]
        if abs(found - wanted) > tolerance * wanted:
            yield (f"{name}: found {found}, allowed {wanted} within {tolerance:.0%} "
                   f"({found / wanted - 1:+.1%})")


def check_golden(options):
    golden = json.loads(options.golden.read_text())
    names = options.arguments or list(golden["models"])
    failed = 0
    with tempfile.TemporaryDirectory(prefix="stint-count-") as folder:
        for name in names:
            plan = make_plan(options.host_stint, name, pathlib.Path(folder))
            counts = count(options.bench, plan, golden["cpu"])
            if options.update:
                golden["models"][name] = counts
                print(f"{name}: {counts['instructions']} instructions", flush=True)
                continue
            wrong = list(differences(counts, golden["models"][name], golden["checked"],
                                     golden["tolerance"]))
            failed += bool(wrong)
            print(f"{'FAIL' if wrong else 'PASS'} {name}: "
                  f"{'; '.join(wrong) or str(counts['instructions']) + ' instructions'}", flush=True)
    if options.update:
        options.golden.write_text(json.dumps(golden, indent=2) + "\n")
        return 0
    if failed:
        print("counts that are meant: count_instructions.py --golden FILE --update")
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


def count_plan(options, plan):
    counts = count(options.bench, pathlib.Path(plan), options.cpu, not options.no_caches,
                   shlex.split(options.flags))
    text = json.dumps({"schema": 1, "plan": plan, "cpu": options.cpu,
                       "caches": {} if options.no_caches else GEOMETRIES[options.cpu],
                       "counts": counts}, indent=2) + "\n"
    if options.json == "-":
        print(text, end="")
    else:
        pathlib.Path(options.json).write_text(text)
    return 0


def main():
    parser = argparse.ArgumentParser(
        description="Counts what one inference executes on 64-bit ARM, under qemu-user.")
    parser.add_argument("--cpu", default="cortex-a76", choices=sorted(GEOMETRIES))
    parser.add_argument("--no-caches", action="store_true", help="instructions only: quicker")
    parser.add_argument("--json", default="-", metavar="FILE|-")
    parser.add_argument("--flags", default="", metavar="TEXT",
                        help="more flags for stint-bench: '--input-shape x=1x3x48x320'")
    parser.add_argument("--golden", type=pathlib.Path, help="compare with this file")
    parser.add_argument("--update", action="store_true", help="write the file of --golden anew")
    parser.add_argument("--bench", type=pathlib.Path,
                        default=ROOT / "build/aarch64/bin/stint-bench")
    parser.add_argument("--host-stint", type=pathlib.Path, default=ROOT / "build/host/bin/stint")
    parser.add_argument("arguments", nargs="*", metavar="PLAN|MODEL",
                        help="a plan; with --golden names of models")
    options = parser.parse_args()
    if not options.golden and len(options.arguments) != 1:
        parser.error(f"found {len(options.arguments)} plans, allowed one")
    try:
        if options.golden:
            return check_golden(options)
        return count_plan(options, options.arguments[0])
    except CountError as error:
        print(f"count_instructions: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
