"""A GPU on the command line: used where it is there, missed with a note or exit 5 where it is not.

What needs a driver is skipped where the build or the machine has none.
"""

import os
import unittest
from unittest import mock

import numpy as np
from onnx import helper, numpy_helper

from cases import FLOAT, CliCase, add_model, model, tensor

NO_DRIVER = {"VK_ICD_FILENAMES": "/nonexistent.json", "VK_DRIVER_FILES": "/nonexistent.json"}


def interrupted_model():
    """A running sum, which no GPU backend has a kernel for, between two products."""
    weights = numpy_helper.from_array(np.eye(4, dtype=np.float32) * 2, "w")
    axis = numpy_helper.from_array(np.array(1, np.int64), "axis")
    return model(
        [helper.make_node("MatMul", ["x", "w"], ["a"], name="first"),
         helper.make_node("CumSum", ["a", "axis"], ["b"], name="sums"),
         helper.make_node("MatMul", ["b", "w"], ["y"], name="second")],
        [tensor("x", FLOAT, [3, 4])], [tensor("y", FLOAT, [3, 4])], [weights, axis])


class VulkanCase(CliCase):
    def setUp(self):
        super().setUp()
        listed = self.succeed("devices", "--json", "-").document["devices"]
        vulkan = [device for device in listed if device["name"] == "vulkan"]
        if not vulkan:
            self.skipTest("the build has no vulkan backend")
        self.available = vulkan[0]["available"]


class WithoutADevice(VulkanCase):
    def check_absence(self, device, says):
        """The CPU runs the model and a note says why; with --no-fallback exit 5."""
        self.write("m.onnx", add_model())
        outcome = self.stint("run", "m.onnx", "-d", device, "--json", "-")
        self.assertEqual(outcome.code, 0, outcome.err)
        self.assertRegex(outcome.err, rf"\Astint: note: skipped {device}: [^\n]+\n\Z")
        self.assertIn(says, outcome.err)
        self.assertEqual(outcome.document["placement"], [{"device": "cpu", "ops": 1}])
        self.fail_with(5, "run", "m.onnx", "-d", device, "--no-fallback", says=[says])

    def test_no_driver(self):
        with mock.patch.dict(os.environ, NO_DRIVER):
            self.check_absence("vulkan", "driver")
            listed = self.succeed("devices", "--json", "-").document["devices"]
        self.assertEqual([device["available"] for device in listed if device["name"] == "vulkan"],
                         [False])

    def test_no_library(self):
        for name in ("libvulkan.so.1", "libvulkan.so"):
            self.write(name, b"")
        with mock.patch.dict(os.environ, {"LD_LIBRARY_PATH": str(self.folder)}):
            self.check_absence("vulkan", "no Vulkan library")

    def test_an_index_beyond_the_last(self):
        if not self.available:
            self.skipTest("no Vulkan device on this machine")
        self.check_absence("vulkan:99", "vulkan:99")


class WithADevice(VulkanCase):
    def setUp(self):
        super().setUp()
        if not self.available:
            self.skipTest("no Vulkan device on this machine")

    def test_runs_alone_and_before_the_cpu(self):
        self.write("m.onnx", add_model())
        self.save("a.npy", np.array([[1, 2, 3], [4, 5, 6]], np.float32))
        self.save("sum.npy", np.array([[2, 4, 6], [8, 10, 12]], np.float32))
        for flags in (("-d", "vulkan", "--no-fallback"), ("-d", "vulkan:0"), ("-d", "vulkan,cpu")):
            with self.subTest(flags):
                document = self.succeed(
                    "run", "m.onnx", *flags, "--input", "a=a.npy", "--input", "b=a.npy",
                    "--expect", "sum=sum.npy", "--json", "-").document
                self.assertEqual(document["placement"][0], {"device": "vulkan", "ops": 1})

    def test_what_it_refuses_runs_on_the_cpu_or_is_exit_4(self):
        self.write("m.onnx", interrupted_model())
        self.save("x.npy", np.ones((3, 4), np.float32))
        self.save("y.npy", np.tile(np.array([4, 8, 12, 16], np.float32), (3, 1)))
        self.succeed("run", "m.onnx", "-d", "vulkan", "--input", "x=x.npy", "--expect", "y=y.npy")
        self.fail_with(4, "run", "m.onnx", "-d", "vulkan", "--no-fallback",
                       says=["Prefix", "vulkan has no kernel"])

    def test_explain_says_where_and_why(self):
        self.write("m.onnx", interrupted_model())
        document = self.succeed("explain", "m.onnx", "-d", "vulkan,cpu", "--json", "-").document
        self.assertEqual(document["transfers"], 2)
        self.assertEqual(document["submissions"], 3)
        ran = [(step["runs"], step["device"]) for step in document["steps"] if "runs" in step]
        self.assertEqual(ran, [("MatMul", "vulkan"), ("Prefix", "cpu"), ("MatMul", "vulkan")])
        refused = {op["op"]: op["refused"] for op in document["ops"]}
        self.assertEqual(refused["Prefix"][0],
                         {"device": "vulkan", "kernel": "", "reason": "has no kernel for it"})
        text = self.succeed("explain", "m.onnx", "-d", "vulkan,cpu").out
        self.assertIn("2 transfers a run", text)
        self.assertIn("not vulkan: has no kernel for it", text)

    def test_bench_counts_what_it_did(self):
        self.write("m.onnx", add_model())
        document = self.succeed("bench", "m.onnx", "-d", "vulkan", "--no-fallback", "-n", "2",
                                "--json", "-").document
        counters = document["counters"]
        self.assertEqual(counters["submissions_per_run"], 1)
        self.assertEqual(counters["dispatches_per_run"], 1)
        self.assertEqual(counters["commands_recorded_per_run"], 0)
        self.assertEqual(counters["allocations_per_run"], 0)
        self.assertEqual(counters["pipelines_compiled"], 1)
        self.assertEqual(counters["cache_hits"], 0)

    def test_the_cpu_alone_has_no_counters(self):
        self.write("m.onnx", add_model())
        document = self.succeed("bench", "m.onnx", "-d", "cpu", "-n", "1", "--json", "-").document
        self.assertNotIn("counters", document)


if __name__ == "__main__":
    unittest.main()
