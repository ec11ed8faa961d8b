"""The project's own files, for the checks: what git tracks, or without git all but build/."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE_SUFFIXES = {".h", ".cc", ".inc"}


def files(root=ROOT):
    """Paths of all files, relative to `root`, sorted."""
    if (root / ".git").exists():
        command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others",
                   "--exclude-standard"]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        paths = (pathlib.Path(name) for name in listed.split("\0") if name)
    else:
        paths = (path.relative_to(root) for path in root.rglob("*"))
    return sorted(path for path in paths
                  if path.parts[0] != "build" and "__pycache__" not in path.parts
                  and (root / path).is_file())


def code_files(root=ROOT):
    """C++ sources, headers and tables."""
    return [path for path in files(root) if path.suffix in CODE_SUFFIXES]


def finish(check, problems, counted):
    """Prints the problems and the verdict; returns the exit status."""
    for problem in problems:
        print(f"{check}: {problem}")
    print(f"{check}: {counted}, {len(problems)} problem{'' if len(problems) == 1 else 's'}")
    return 1 if problems else 0
