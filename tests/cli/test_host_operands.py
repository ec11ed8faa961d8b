"""Sizes, scales and bounds that a model takes as inputs: right results, and clear errors for numbers
that no shape can have."""

import unittest

import numpy as np
from onnx import TensorProto, helper

from cases import CliCase, model, tensor

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


class Resized(CliCase):
    def setUp(self):
        super().setUp()
        resize = helper.make_node("Resize", ["x", "", "scales"], ["y"], mode="linear",
                                  coordinate_transformation_mode="asymmetric")
        self.write("m.onnx", model([resize], [tensor("x", FLOAT, ["N"]), tensor("scales", FLOAT, [1])],
                                   [tensor("y", FLOAT, ["M"])]))
        self.x = self.save("x.npy", np.array([0, 2, 4, 6], np.float32))

    def arguments(self, scale):
        scales = self.save("scales.npy", np.array([scale], np.float32))
        return ("run", "m.onnx", "--input", f"x={self.x}", "--input", f"scales={scales}")

    def test_the_extent_follows_the_scale(self):
        for scale, expected in ((2.0, [0, 1, 2, 3, 4, 5, 6, 6]), (0.5, [0, 4]), (1.0, [0, 2, 4, 6]),
                                (0.1, [])):
            with self.subTest(scale):
                y = self.save("y.npy", np.array(expected, np.float32))
                self.succeed(*self.arguments(scale), "--expect", f"y={y}")

    def test_a_saved_plan_takes_the_scale_too(self):
        self.succeed("compile", "m.onnx", "-o", "m.stint")
        y = self.save("y.npy", np.array([0, 1, 2, 3, 4, 5, 6, 6], np.float32))
        scales = self.save("scales.npy", np.array([2], np.float32))
        self.succeed("run", "m.stint", "--input", f"x={self.x}", "--input", f"scales={scales}",
                     "--expect", f"y={y}")

    def test_absurd_scales_are_refused(self):
        for scale, text in ((np.nan, "found nan where an integer is needed"),
                            (np.inf, "found inf where an integer is needed"),
                            (-2.0, "found extent -8"), (1e30, "where an integer is needed"),
                            (1e15, "found ")):
            with self.subTest(scale):
                outcome = self.stint(*self.arguments(scale))
                self.assertNotIn(outcome.code, (0, 1), outcome.err)
                self.assertIn(text, outcome.err)
                self.assertRegex(outcome.err, r"\Astint: [a-z]+: [^\n]+\n\Z")


class Ranges(CliCase):
    def test_bounds_of_floats(self):
        self.write("m.onnx", model([helper.make_node("Range", ["a", "b", "c"], ["y"])],
                                   [tensor(name, FLOAT, []) for name in "abc"],
                                   [tensor("y", FLOAT, ["N"])]))
        for start, limit, delta in ((0, 2, 0.5), (3, -1, -1.5), (0, -5, 1)):
            with self.subTest((start, limit, delta)):
                expected = np.arange(start, limit, delta, dtype=np.float32)
                paths = [f"{name}={self.save(name + '.npy', np.array(value, np.float32))}"
                         for name, value in zip("abc", (start, limit, delta))]
                y = self.save("y.npy", expected)
                self.succeed("run", "m.onnx", "--input", paths[0], "--input", paths[1], "--input",
                             paths[2], "--expect", f"y={y}")

    def test_a_bound_that_no_size_can_have_is_refused(self):
        self.write("m.onnx", model([helper.make_node("Range", ["a", "b", "c"], ["y"])],
                                   [tensor(name, INT64, []) for name in "abc"],
                                   [tensor("y", INT64, ["N"])]))
        low = np.iinfo(np.int64).min
        paths = [f"{name}={self.save(name + '.npy', np.array(value))}"
                 for name, value in zip("abc", (low, low + 5, 1))]
        self.fail_with(2, "run", "m.onnx", "--input", paths[0], "--input", paths[1], "--input",
                       paths[2])

    def test_float_arithmetic_on_shapes_needs_no_constant(self):
        nodes = [helper.make_node("Shape", ["x"], ["shape"]),
                 helper.make_node("Cast", ["shape"], ["floats"], to=FLOAT),
                 helper.make_node("Mul", ["floats", "half"], ["scaled"]),
                 helper.make_node("Floor", ["scaled"], ["floor"]),
                 helper.make_node("Cast", ["floor"], ["sizes"], to=INT64),
                 helper.make_node("Resize", ["x", "", "", "sizes"], ["y"],
                                  coordinate_transformation_mode="asymmetric",
                                  nearest_mode="floor")]
        half = helper.make_tensor("half", FLOAT, [1], [0.5])
        self.write("m.onnx", model(nodes, [tensor("x", FLOAT, ["N"])], [tensor("y", FLOAT, ["M"])],
                                   [half]))
        x = self.save("x.npy", np.arange(7, dtype=np.float32))
        y = self.save("y.npy", np.array([0, 2, 4], np.float32))
        self.succeed("run", "m.onnx", "--input", f"x={x}", "--expect", f"y={y}")


if __name__ == "__main__":
    unittest.main()
