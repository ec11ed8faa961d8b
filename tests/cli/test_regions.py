"""Extents that depend on data: plans of several regions, run, explained and measured."""

import unittest

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from cases import FLOAT, CliCase, model, tensor

INT64 = TensorProto.INT64


def positives():
    """The elements of x above 0, squared, and where they are."""
    zero = numpy_helper.from_array(np.array(0, np.float32), "zero")
    return model(
        [helper.make_node("Greater", ["x", "zero"], ["above"]),
         helper.make_node("NonZero", ["above"], ["places"], name="places"),
         helper.make_node("Transpose", ["places"], ["rows"], perm=[1, 0]),
         helper.make_node("GatherND", ["x", "rows"], ["found"], name="found"),
         helper.make_node("Mul", ["found", "found"], ["squares"], name="squares")],
        [tensor("x", FLOAT, ["n", 5])],
        [tensor("squares", FLOAT, ["k"]), tensor("places", INT64, [2, "k"])], [zero])


def largest():
    """As many of the largest elements of x as the largest element of k says, and their numbers."""
    ends = [numpy_helper.from_array(np.array(value, np.int64), name)
            for name, value in (("first", 0), ("step", 1))]
    return model(
        [helper.make_node("ReduceMax", ["k"], ["most"], keepdims=1),
         helper.make_node("TopK", ["x", "most"], ["values", "indices"]),
         helper.make_node("Squeeze", ["most"], ["end"]),
         helper.make_node("Range", ["first", "end", "step"], ["numbers"])],
        [tensor("x", FLOAT, [4, 9]), tensor("k", INT64, ["m"])],
        [tensor("values", FLOAT, [4, "k"]), tensor("numbers", INT64, ["k"])], ends)


class Regions(CliCase):
    def run_with(self, path, inputs, expected):
        arguments = []
        for flag, tensors in (("--input", inputs), ("--expect", expected)):
            for name, values in tensors.items():
                arguments += [flag, f"{name}={self.save(f'{name}.npy', values)}"]
        self.succeed("run", path, *arguments)

    def test_results_have_as_many_elements_as_the_data_says(self):
        x = np.random.default_rng(3).standard_normal((4, 5)).astype(np.float32)
        for path in ("m.onnx", "m.stint"):
            self.write("m.onnx", positives())
            self.compiled("m.stint", positives())
            for values in (x, -np.abs(x), np.abs(x[:2]), x[:0]):
                with self.subTest(path, shape=values.shape):
                    self.run_with(path, {"x": values}, {
                        "squares": values[values > 0] ** 2,
                        "places": np.stack(np.nonzero(values > 0)).astype(np.int64)})

    def test_an_extent_may_be_computed_from_data(self):
        path = self.write("m.onnx", largest())
        x = np.random.default_rng(4).standard_normal((4, 9)).astype(np.float32)
        for k in ([1, 3, 2], [9], [0, -4]):
            with self.subTest(k=k):
                most = max(k)
                self.run_with(path, {"x": x, "k": np.array(k, np.int64)}, {
                    "values": -np.sort(-x)[:, :most], "numbers": np.arange(most)})

    def test_an_extent_beyond_what_there_is_fails_cleanly(self):
        path = self.write("m.onnx", largest())
        k = self.save("k.npy", np.array([10], np.int64))
        outcome = self.stint("run", path, "--input", f"k={k}")
        self.assertNotIn(outcome.code, (0, 1), outcome.err)
        self.assertRegex(outcome.err, r"\Astint: [a-z]+: [^\n]+\n\Z")

    def test_inspect_counts_regions_and_explain_and_profile_list_the_steps_of_all(self):
        path = self.compiled("m.stint", positives())
        self.assertEqual(self.succeed("inspect", path, "--json", "-").document["regions"], 2)
        explained = self.succeed("explain", path, "--shape", "x=4x5", "--json", "-").document
        names = [op["name"] for op in explained["ops"]]
        ran = [names[step["op"]] for step in explained["steps"] if step.get("op") is not None]
        self.assertLess(ran.index("places"), ran.index("found"))
        profiled = self.succeed("profile", path, "--shape", "x=4x5", "-n", "2", "--json", "-").document
        self.assertEqual([step["name"] for step in profiled["steps"]],
                         [names[step["op"]] for step in explained["steps"]])


if __name__ == "__main__":
    unittest.main()
