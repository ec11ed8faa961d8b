#!/usr/bin/env python3
"""What stint-conformance makes of cases that pass, differ, are damaged or unsupported, and of lists.

    test_runner.py --conformance BINARY --runner BINARY
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

BINARY = None
RUNNER = None


def negation(dtype=TensorProto.FLOAT, shape=(2,)):
    info = [helper.make_tensor_value_info(name, dtype, shape) for name in ("x", "y")]
    node = helper.make_node("Neg", ["x"], ["y"])
    return helper.make_model(helper.make_graph([node], "g", info[:1], info[1:]),
                             opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def unsupported():
    """A node of a domain that nobody supports."""
    info = [helper.make_tensor_value_info(name, TensorProto.FLOAT, (2,)) for name in ("x", "y")]
    node = helper.make_node("Frobnicate", ["x"], ["y"], domain="example")
    return helper.make_model(helper.make_graph([node], "g", info[:1], info[1:]),
                             opset_imports=[helper.make_opsetid("", 17),
                                            helper.make_opsetid("example", 1)], ir_version=8)


class RunnerTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.suite = self.folder / "suite"

    def add(self, name, expected, given=(1, -2), model=None):
        """A case whose expected output is `expected`; None: none."""
        case = self.suite / name
        data = case / "test_data_set_0"
        data.mkdir(parents=True)
        onnx.save(model or negation(), case / "model.onnx")
        given = numpy_helper.from_array(np.array(given, np.float32))
        (data / "input_0.pb").write_bytes(given.SerializeToString())
        if expected is not None:
            (data / "output_0.pb").write_bytes(
                numpy_helper.from_array(expected).SerializeToString())
        return case

    def write_list(self, *lines):
        path = self.folder / "list.txt"
        path.write_text("# comment\n\n" + "".join(f"{line}\n" for line in lines))
        return path

    def run_binary(self, *flags, expect=0):
        command = [BINARY, "--data", self.suite, *([] if "-j" in flags else ["-j", "2"]), *flags]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done

    def results(self, *flags, expect=0):
        """{case: result} of a run."""
        path = self.folder / "results.json"
        self.run_binary("--json", path, *flags, expect=expect)
        return {case.partition("/")[2]: result
                for case, result in json.loads(path.read_text())["cases"].items()}

    def assert_fails(self, name, text, *flags):
        result = self.results(*flags, expect=1)[name]
        self.assertEqual(result["verdict"], "FAIL")
        self.assertIn(text, result["detail"])

    def test_right_answer_passes_from_onnx_and_through_a_plan(self):
        self.add("right", np.array([-1, 2], np.float32))
        for via in ("onnx", "plan"):
            result = self.results("--via", via)["right"]
            self.assertEqual((result["verdict"], result["detail"]), ("PASS", ""))
            self.assertEqual(result["outputs"], [{"name": "y", "dtype": "float32", "ulp": 0}])
            self.assertEqual(result["operators"], [
                {"domain": "", "op": "Neg", "opset": 17, "dtypes": ["float32"]}])

    def test_wrong_answer_shape_and_dtype_fail(self):
        self.add("value", np.array([-1, 2.1], np.float32))
        self.add("shape", np.array([[-1, 2]], np.float32))
        self.add("dtype", np.array([-1, 2], np.float64))
        done = self.run_binary(expect=1)
        self.assertIn("FAIL suite/value: invalid: output 'y': found 1 of 2 elements different",
                      done.stdout)
        self.assertIn("found float32 [2], allowed float32 [1, 2]", done.stdout)
        self.assertIn("found float32 [2], allowed float64 [2]", done.stdout)
        self.assertTrue(done.stdout.endswith("0 passed, 3 failed\n"))

    def test_tolerance_is_that_of_onnx(self):
        self.add("within", np.array([-1.0009, 1e-7], np.float32), given=(1, 0))
        self.add("beyond_relative", np.array([-1.0011, 2], np.float32))
        self.add("beyond_absolute", np.array([-1, 2e-7], np.float32), given=(1, 0))
        verdicts = {case: result["verdict"] for case, result in self.results(expect=1).items()}
        self.assertEqual(verdicts, {"within": "PASS", "beyond_relative": "FAIL",
                                    "beyond_absolute": "FAIL"})

    def test_nan_equals_nan(self):
        self.add("nan", np.array([np.nan, 2], np.float32), given=(np.nan, -2))
        self.results()

    def test_case_without_expected_output_or_data_fails(self):
        self.add("silent", None)
        (self.suite / "bare").mkdir()
        onnx.save(negation(), self.suite / "bare/model.onnx")
        self.assert_fails("silent", "found no expected output")
        self.assert_fails("bare", "found no test_data_set_*")

    def test_damaged_files_fail(self):
        (self.add("model", np.array([-1, 2], np.float32)) / "model.onnx").write_bytes(b"\x07 no")
        data = self.add("tensor", np.array([-1, 2], np.float32)) / "test_data_set_0"
        (data / "input_0.pb").write_bytes(b"\x07 no")
        self.assert_fails("model", "model.onnx")
        self.assert_fails("tensor", "no TensorProto")

    def test_unsupported_case_names_operator_version_and_operands(self):
        self.add("unknown", np.array([0, 0], np.float32), model=unsupported())
        result = self.results()["unknown"]
        self.assertEqual(result["verdict"], "UNSUPPORTED")
        self.assertEqual(result["unsupported"]["op"], "Frobnicate")
        self.assertIn("example.Frobnicate-1(float32", result["detail"])

    def test_unsupported_list_is_verified_both_ways(self):
        self.add("unknown", np.array([0, 0], np.float32), model=unsupported())
        self.add("right", np.array([-1, 2], np.float32))
        self.results("--unsupported", self.write_list("suite/unk*: an example"))
        self.assert_fails("unknown", "unsupported, but not in",
                          "--unsupported", self.write_list())
        self.assert_fails("right", "not unsupported, but in",
                          "--unsupported", self.write_list("suite/*: an example"))

    def test_expected_failures_are_verified_both_ways(self):
        self.add("wrong", np.array([0, 0], np.float32))
        self.add("right", np.array([-1, 2], np.float32))
        result = self.results("--expected-failures", self.write_list("suite/wrong: random"))
        self.assertEqual(result["wrong"]["verdict"], "EXPECTED FAILURE")
        self.assertEqual(result["wrong"]["detail"], "random")
        self.assert_fails("right", "not failing, but in",
                          "--expected-failures", self.write_list("suite/*: random"))

    def test_only_wrong_results_can_be_expected_failures(self):
        case = self.add("broken", np.array([0, 0], np.float32))
        (case / "model.onnx").write_bytes(b"no model")
        self.assert_fails("broken", "invalid: ",
                          "--expected-failures", self.write_list("suite/broken: random"))

    def test_distant_list_is_verified_both_ways(self):
        self.add("far", np.array([-1.0005, 2], np.float32))
        self.add("near", np.array([-1, 2], np.float32))
        result = self.results("--distant", self.write_list("suite/far: rounded data"))
        self.assertEqual(result["far"]["distant"], "rounded data")
        self.assert_fails("far", "above 64 ULP, but not in", "--distant", self.write_list())
        self.assert_fails("near", "not above 64 ULP, but in",
                          "--distant", self.write_list("suite/*: rounded data"))

    def add_truth(self, name, values, dtype=np.float64):
        """--truth with the float64 values of a case."""
        data = self.folder / "truth/suite" / name / "test_data_set_0"
        data.mkdir(parents=True)
        (data / "output_0.pb").write_bytes(
            numpy_helper.from_array(np.array(values, dtype)).SerializeToString())
        return ["--truth", self.folder / "truth"]

    def test_distance_is_from_the_truth_where_there_is_one(self):
        self.add("rounded", np.array([-1.0005, 2], np.float32))
        self.add("other", np.array([-1, 2], np.float32))
        truth = self.add_truth("rounded", [-1 - 3 * 2**-23, 2])
        results = self.results(*truth)
        self.assertEqual(results["rounded"]["outputs"], [
            {"name": "y", "dtype": "float32", "ulp": 3, "stored_ulp": 4194}])
        self.assertNotIn("stored_ulp", results["other"]["outputs"][0])

    def test_truth_of_another_dtype_or_shape_is_an_error(self):
        self.add("rounded", np.array([-1.0005, 2], np.float32))
        truth = self.add_truth("rounded", [-1, 2, 3])
        self.assert_fails("rounded", "allowed float64 of the output's shape", *truth)

    def test_inexact_list_is_verified_both_ways(self):
        self.add("rounded", np.array([-1.0005, 2], np.float32))
        self.add("right", np.array([-1, 2], np.float32))
        self.add("far", np.array([-1.0005, 2], np.float32))
        truth = self.add_truth("rounded", [-1, 2])
        self.add_truth("right", [-1, 2])
        self.add_truth("far", [-1.0009, 2])
        listed = self.results(*truth, "--inexact", self.write_list("suite/rounded: decimals"))
        self.assertEqual(listed["rounded"]["inexact"], "decimals")
        self.assert_fails("rounded", "nearer to the truth than what is expected, but not in",
                          *truth, "--inexact", self.write_list())
        every = [*truth, "--inexact", self.write_list("suite/*: decimals")]
        for name in ("right", "far"):
            self.assert_fails(name, "not nearer to the truth", *every)

    def test_data_that_contradicts_the_model_can_be_an_expected_failure(self):
        self.add("broken", np.array([0, 0], np.float64), model=negation(TensorProto.DOUBLE))
        result = self.results("--expected-failures", self.write_list("suite/broken: float32 data"))
        self.assertEqual(result["broken"]["verdict"], "EXPECTED FAILURE")

    def test_list_entry_without_a_case_fails_but_not_of_a_suite_that_does_not_run(self):
        self.add("right", np.array([-1, 2], np.float32))
        stale = self.write_list("suite/gone: a reason")
        done = self.run_binary("--expected-failures", stale, expect=1)
        self.assertIn("found suite/gone in suite, allowed patterns of cases there", done.stdout)
        self.run_binary("--expected-failures", self.write_list("other/gone: a reason"))

    def test_malformed_list_and_missing_folder_are_errors(self):
        self.add("right", np.array([-1, 2], np.float32))
        done = self.run_binary("--unsupported", self.write_list("suite/right"), expect=2)
        self.assertIn("allowed 'SUITE/CASE: reason'", done.stderr)
        self.run_binary("--data", self.folder / "absent", expect=7)
        self.run_binary("--data", self.suite, expect=2)

    def test_filter_selects_by_case_or_by_suite_and_case(self):
        self.add("one", np.array([-1, 2], np.float32))
        self.add("two", np.array([-1, 2], np.float32))
        self.assertEqual(list(self.results("--filter", "o*")), ["one"])
        self.assertEqual(list(self.results("--filter", "suite/t*")), ["two"])
        self.assertIn("0 passed, 0 failed", self.run_binary("--filter", "x", expect=1).stdout)

    def test_runner_is_held_against_the_same_values_and_lists(self):
        self.add("right", np.array([-1, 2], np.float32))
        self.add("wrong", np.array([-1, 2.1], np.float32))
        self.add("unknown", np.array([0, 0], np.float32), model=unsupported())
        self.add("surplus", np.array([-1, 2], np.float32), given=(1, -2, 3))
        results = self.results("--runner", RUNNER, expect=1)
        self.assertEqual(results["right"]["outputs"], [{"name": "y", "dtype": "float32", "ulp": 0}])
        self.assertIn("found 1 of 2 elements different", results["wrong"]["detail"])
        self.assertEqual(results["unknown"]["verdict"], "UNSUPPORTED")
        self.assertEqual(results["surplus"]["detail"], self.results(expect=1)["surplus"]["detail"])
        listed = self.results("--filter", "wrong", "--runner", RUNNER,
                              "--expected-failures", self.write_list("suite/wrong: an example"))
        self.assertEqual(listed["wrong"]["verdict"], "EXPECTED FAILURE")

    def fragile(self, script):
        """A command that does what `script` says each second time, and else is the runner."""
        mark = self.folder / "mark"
        path = self.folder / "fragile"
        path.write_text(f'#!/bin/sh\nif [ ! -e "{mark}" ]; then touch "{mark}"; {script}; fi\n'
                        f'rm "{mark}"; exec "{RUNNER}"\n')
        path.chmod(0o755)
        return path

    def test_runner_that_crashes_fails_the_case_that_it_is_at_and_no_other(self):
        for name in ("a", "b", "c"):
            self.add(name, np.array([-1, 2], np.float32))
        for script, end in (("kill -SEGV $$", "signal 11"), ("exit 3", "exit status 3"),
                            ("exec sleep 60", "no answer within 1 s")):
            results = self.results("-j", "1", "--time-limit", "1", "--runner", self.fragile(script),
                                   expect=1)
            self.assertIn(end, results["a"]["detail"])
            self.assertEqual([results[name]["verdict"] for name in ("a", "b", "c")],
                             ["FAIL", "PASS", "PASS"])

    def test_runner_that_ends_badly_behind_its_last_answer_fails_that_case(self):
        for name in ("a", "b"):
            self.add(name, np.array([-1, 2], np.float32))
        path = self.folder / "late"
        path.write_text(f'#!/bin/sh\n"{RUNNER}"\nexit 3\n')
        path.chmod(0o755)
        results = self.results("-j", "1", "--runner", path, expect=1)
        self.assertEqual([results[name]["verdict"] for name in ("a", "b")], ["PASS", "FAIL"])

    def test_runner_that_says_something_else_fails_the_case(self):
        self.add("right", np.array([-1, 2], np.float32))
        for command in ("yes", "cat /dev/zero", "cat", "false"):
            self.assertEqual(self.results("--runner", command, expect=1)["right"]["verdict"], "FAIL")

    def test_runner_refuses_what_is_no_request(self):
        for request in (b"?", b"?" * 16, b"\2" + bytes(15), b"\1" + bytes(14) + b"\1"):
            done = subprocess.run([RUNNER], input=request, capture_output=True, timeout=60,
                                  check=False)
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            self.assertIn(b"found requests that break off or are none", done.stderr)

    def test_runner_has_no_device_and_no_way_to_choose(self):
        self.add("right", np.array([-1, 2], np.float32))
        for flags in (["--via", "plan"], ["--device", "cpu"], ["--no-fallback"]):
            self.run_binary("--runner", RUNNER, *flags, expect=2)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--conformance", required=True)
    parser.add_argument("--runner", required=True)
    options, rest = parser.parse_known_args()
    BINARY, RUNNER = options.conformance, options.runner
    unittest.main(argv=[sys.argv[0], *rest])
