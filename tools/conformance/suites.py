#!/usr/bin/env python3
"""Runs stint-conformance on the suites of ONNX 1.22 and the node cases of older releases.

    suites.py [--bin DIR] [--device NAME] [--jobs N] [--newest] [--via onnx|plan]
              [--write-docs | --check-docs]

Every suite runs from ONNX and through plan files, held against the lists in tests/conformance;
--newest runs only those of the installed release, --via only one of the ways.
--write-docs then writes docs/conformance.md and docs/ops.md, --check-docs fails where they are not
what this run says. Older cases come from wheels that pip fetches by version and hash, once, into
build/conformance. Closes with `N passed, N failed`; exit 1 if any failed.
"""

import argparse
import difflib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

import onnx

import truth
import write_docs

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/models"))

import fetch  # noqa: E402: it lies in the folder that was just named.

DATA = "onnx/backend/test/data"
CURRENT = pathlib.Path(onnx.__file__).parents[1] / DATA
CURRENT_SUITES = ["node", "simple", "pytorch-operator", "pytorch-converted"]
# Version, a Python that it has a wheel for, and the wheel's digest.
OLD_RELEASES = [
    ("1.12.0", "3.10", "9fd2f4e23078df197bb76a59b9cd8f5a43a6ad2edc035edb3ecfb9042093e05a"),
    ("1.14.1", "3.11", "4b9cd91b85cfbb0d6478f4a1a0aee4d95cf8839adc48c69130a0cf8452f21db4"),
    ("1.16.2", "3.11", "7b98aa9733bd4b781eb931d33b4078ff2837e7d68062460726d6dd011f332bd4"),
    ("1.18.0", "3.11", "6acafb3823238bbe8f4340c7ac32fb218689442e074d797bee1c5c9a02fdae75"),
    ("1.21.0", "3.11", "10c3185a232089335581fabb98fba4e86d3e8246b8140f2e406082438100ebda"),
]
# Any wheel holds the cases; naming the platform makes it the same file on every machine.
WHEEL_OPTIONS = ["--implementation", "cp",
                 "--platform", "manylinux2014_x86_64", "--platform", "manylinux_2_28_x86_64"]
OLD_FOLDER = ROOT / "build/conformance"
LISTS = ROOT / "tests/conformance"
INEXACT = "inexact.txt"
WAYS = ["onnx", "plan"]


def fetch_node_cases(version, python, sha256):
    """The folder with the node cases of an older release."""
    folder = OLD_FOLDER / version / "node"
    if folder.is_dir():
        return folder
    print(f"fetching onnx {version}", file=sys.stderr, flush=True)
    source = {"package": "onnx", "version": version, "wheel_sha256": sha256}
    OLD_FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=OLD_FOLDER) as scratch:
        options = [*WHEEL_OPTIONS, "--python-version", python]
        wheel = fetch.download_wheel(source, scratch, options)
        with zipfile.ZipFile(wheel) as archive:
            members = [name for name in archive.namelist() if name.startswith(f"{DATA}/node/")]
            archive.extractall(scratch, members)
        folder.parent.mkdir(exist_ok=True)
        (pathlib.Path(scratch) / DATA / "node").rename(folder)
    return folder


def short(version):
    return ".".join(version.split(".")[:2])


def suites(releases):
    """{name: folder}, the newest release first, then those of OLD_RELEASES that are asked for."""
    current = short(onnx.__version__)
    found = {f"{suite}-{current}": CURRENT / suite for suite in CURRENT_SUITES}
    for version, python, sha256 in reversed(releases):
        found[f"node-{short(version)}"] = fetch_node_cases(version, python, sha256)
    return found


def run(options, folders, via, scratch):
    """The document of one run of all suites, and its (passed, failed)."""
    document = pathlib.Path(scratch) / f"{via}.json"
    command = [options.bin / "stint-conformance", "--device", options.device, "--via", via,
               "-j", options.jobs, "--json", document]
    for name, folder in folders.items():
        command += ["--data", f"{name}={folder}"]
    for flag, name in (("--expected-failures", "expected_failures.txt"),
                       ("--unsupported", "unsupported.txt"), ("--distant", "distant.txt"),
                       ("--inexact", INEXACT)):
        command += [flag, LISTS / name]
    command += ["--truth", pathlib.Path(scratch) / "truth"]
    print(f"== via {via}", flush=True)
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True,
                          errors="replace", check=False)
    print(done.stdout, end="", flush=True)
    counts = re.search(r"(\d+) passed, (\d+) failed\n$", done.stdout)
    if not counts or not document.exists():
        raise SystemExit(f"stint-conformance: found exit status {done.returncode} and no counts")
    failed = max(int(counts[2]), int(done.returncode != 0))
    return json.loads(document.read_text()), int(counts[1]), failed


def check_docs(documents):
    """Prints how the files differ from `documents`; gives how many do."""
    differing = 0
    for path, text in documents.items():
        present = path.read_text() if path.exists() else ""
        lines = list(difflib.unified_diff(present.splitlines(), text.splitlines(),
                                          str(path.relative_to(ROOT)), "this run", lineterm="", n=0))
        if lines:
            differing += 1
            print("\n".join(["FAIL: suites.py --write-docs would change", *lines[:40]]))
    return differing


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/host/bin")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--newest", action="store_true", help="only the installed release")
    parser.add_argument("--via", choices=WAYS, action="append", help="default: each")
    docs = parser.add_mutually_exclusive_group()
    docs.add_argument("--write-docs", action="store_true")
    docs.add_argument("--check-docs", action="store_true")
    options = parser.parse_args()
    if (options.newest or options.via) and (options.write_docs or options.check_docs):
        parser.error("found docs of a part of the suites, allowed docs of all")

    folders = suites([] if options.newest else OLD_RELEASES)
    passed = failed = 0
    runs = []
    with tempfile.TemporaryDirectory(prefix="stint-conformance-") as scratch:
        truth.write_truth(folders, LISTS / INEXACT, pathlib.Path(scratch) / "truth")
        for via in options.via or WAYS:
            document, good, bad = run(options, folders, via, scratch)
            runs.append(document)
            passed += good
            failed += bad
    if options.write_docs or options.check_docs:
        documents = {ROOT / "docs" / name: text for name, text in write_docs.render(runs).items()}
    if options.write_docs:
        for path, text in documents.items():
            path.write_text(text)
    if options.check_docs:
        differing = check_docs(documents)
        passed += len(documents) - differing
        failed += differing
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
