"""Runs passes over graphs given as text and compares what they make with what is expected.

A file is named like its pass (pipeline.txt runs the whole pipeline). Its cases stand between lines of
"====": a line "// what the case proves", the graph, a line "----", the graph afterwards. The output
is also parsed and printed again, which must not change it. With --update the files get the output
that was found, for a person to read before it is committed.
"""

import argparse
import difflib
import pathlib
import subprocess
import sys


def run(tool, flags, text):
    """The tool's output, or its error line."""
    done = subprocess.run([tool, "-", *flags], input=text, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else done.stderr


def read_cases(path):
    """(what it proves, graph, expected) of each case."""
    cases = []
    for block in path.read_text().split("====\n"):
        title, _, rest = block.partition("\n")
        if not title.startswith("// "):
            sys.exit(f"{path}: found '{title[:60]}', allowed a line '// what the case proves'")
        given, separator, expected = rest.partition("----\n")
        if not separator:
            expected = ""
        cases.append((title, given, expected))
    return cases


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tool", help="stint-opt")
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--update", action="store_true", help="write what was found into the files")
    arguments = parser.parse_args()
    failed = 0
    total = 0
    for path in arguments.files:
        flags = ["--pipeline"] if path.stem == "pipeline" else ["--pass", path.stem]
        updated = []
        for title, given, expected in read_cases(path):
            total += 1
            found = run(arguments.tool, flags, given)
            again = run(arguments.tool, [], found)
            updated.append(f"{title}\n{given}----\n{found}")
            wanted = found if arguments.update else expected
            if found != wanted or again != found:
                failed += 1
                print(f"FAILED {path.name}: {title[3:]}")
                sys.stdout.writelines(difflib.unified_diff(
                    wanted.splitlines(True), (found if found != wanted else again).splitlines(True),
                    "expected", "found"))
        if arguments.update:
            path.write_text("====\n".join(updated))
    print(f"{total - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
