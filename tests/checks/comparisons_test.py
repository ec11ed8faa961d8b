"""The programs that compare Stint with others tell right from wrong: each verdict is shown once.

Needs the Python environment of tools/setup.
"""

import pathlib
import sys
import tempfile
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools/models"), str(ROOT / "tools/conformance")]

import check_models
import run_node_cases
import stint_cli

CASE = run_node_cases.CASES_DIR / "test_add"
AGREED = "stint: unsupported: node 'x': found Add version 14 (float32[3,4,5]), allowed others"


class NodeCasesTest(unittest.TestCase):
    """What a case becomes, by what the binary says."""

    def verdict(self, script):
        with tempfile.TemporaryDirectory() as folder:
            binary = pathlib.Path(folder) / "stint"
            binary.write_text(f"#!/bin/sh\n{script}\n")
            binary.chmod(0o755)
            return run_node_cases.run_case(binary, CASE).verdict

    def test_exit_0_with_inputs_and_expectations_passes(self):
        self.assertEqual(self.verdict('case "$*" in *--input\\ x=*input_0.pb*--expect\\ sum=*) '
                                      'exit 0;; esac; exit 1'), "PASS")

    def test_other_exits_fail(self):
        for status in (1, 2, 3, 5, 6, 7, 70):
            self.assertEqual(self.verdict(f"exit {status}"), "FAIL")
        self.assertEqual(self.verdict("kill -SEGV $$"), "FAIL")

    def test_unsupported_needs_one_line_as_agreed(self):
        self.assertEqual(self.verdict(f'echo "{AGREED}" >&2; exit 4'), "UNSUPPORTED")
        for said in ("", "unsupported", AGREED.replace("Add", "Node"),
                     AGREED.replace("version 14", ""), AGREED.replace("float32", ""),
                     AGREED + "\nmore"):
            self.assertEqual(self.verdict(f'echo "{said}" >&2; exit 4'), "FAIL", said)

    def test_expected_failures_must_fail(self):
        listed = {"a": "reason"}
        outcome = run_node_cases.Outcome("a", "FAIL", "", "")
        self.assertEqual(run_node_cases.settle(outcome, listed).verdict, "EXPECTED FAILURE")
        for verdict in ("PASS", "UNSUPPORTED"):
            settled = run_node_cases.settle(outcome._replace(verdict=verdict), listed)
            self.assertEqual(settled.verdict, "FAIL")


class ModelsTest(unittest.TestCase):
    """Tolerances and output names."""

    def test_difference(self):
        golden = np.array([1.0, -200.0], np.float32)
        for answer, within in [(golden, True), (golden + np.float32(5e-4), True),
                               (golden * np.float32(1.01), False), (golden * np.nan, False),
                               (golden[None], False), (golden.astype(np.float64), False)]:
            self.assertEqual(check_models.difference(answer, golden, 1e-4, 1e-3)[1], within)

    def test_output_files_are_named_as_documented(self):
        self.assertEqual(stint_cli.output_files(["a/b:0", "a_b_0", "", ".x"]),
                         ["a_b_0.npy", "a_b_0_1.npy", "output_2.npy", "output_3.x.npy"])


if __name__ == "__main__":
    unittest.main()
