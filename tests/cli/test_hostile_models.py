"""Hostile and broken models: each is refused by one line with its exit code, or is harmless.

The catalogue has 44 entries, O01 to O44. ROWS of hostile.py and hostile_operators.py have what reaches
the importer, the passes and a session in one file; ELSEWHERE names the tests of the others.
"""

import os
import resource
import unittest

import hostile_operators  # noqa: F401: it adds its rows to ROWS.
from cases import CliCase
from hostile import BAD, LIMIT, ROWS

ELSEWHERE = {
    "O03": "test_files_beyond_what_protobuf_can_hold",
    "O21": "who can swap a file between its check and its opening can write the model too",
    "O24": "external data is copied when it is read, never mapped",
    "O43": "tests/compiler/plan_file_test.cc: what cannot be written leaves nothing",
    "O44": "tests/compiler/passes_test.cc and tests/fuzz: random graphs and mutants",
}
MOST_BYTES = 3 << 30


class HostileModels(CliCase):
    def setUp(self):
        super().setUp()
        (self.folder / "beside.bin").write_bytes(bytes(12))
        (self.folder / "dir").mkdir()
        os.mkfifo(self.folder / "fifo")
        (self.folder / "link").symlink_to("beside.bin")
        (self.folder / "out").symlink_to("/proc/self/stat")
        (self.folder / "circle").symlink_to("circle")

    def outcome_of(self, content):
        """(exit code, stderr) of the first of check and run that fails."""
        self.write("t.onnx", content)
        for command in ("check", "run"):
            outcome = self.stint(command, "t.onnx", "-d", "cpu") if command == "run" \
                else self.stint(command, "t.onnx")
            if outcome.code != 0:
                break
        return outcome

    def check_row(self, entry):
        outcome = self.outcome_of(entry.content)
        self.assertIn(outcome.code, entry.code, outcome.err)
        if outcome.code != 0 and outcome.err:
            self.assertRegex(outcome.err, r"\Astint: [a-z]+: [ -~]+\n\Z")
            self.assertIn("found ", outcome.err)
            self.assertIn("allowed ", outcome.err)
        self.assertIn(entry.says, outcome.err + outcome.out)
        self.assertLess(len(outcome.err), 2000)

    def test_every_entry_of_the_catalogue_is_here_or_named(self):
        here = {entry.name[:3] for entry in ROWS}
        self.assertEqual(sorted(here | set(ELSEWHERE)), [f"O{i:02}" for i in range(1, 45)])
        self.assertFalse(here & set(ELSEWHERE))

    def test_files_beyond_what_protobuf_can_hold(self):
        for size, code in ((2**31 - 1, BAD), (2**31, LIMIT), (2**40, LIMIT)):
            with self.subTest(size):
                with open(self.folder / "t.onnx", "wb") as file:
                    file.truncate(size)
                self.fail_with(code, "check", "t.onnx")


def add_tests():
    """One test an entry, so that they have names and run apart."""
    entries = {}
    for entry in ROWS:
        entries.setdefault(entry.name[:3], []).append(entry)
    for name, rows in entries.items():
        def test(self, rows=rows):
            for entry in rows:
                with self.subTest(entry.name):
                    self.check_row(entry)
            most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
            self.assertLess(most, MOST_BYTES)
        setattr(HostileModels, f"test_{name}", test)


add_tests()

if __name__ == "__main__":
    unittest.main()
