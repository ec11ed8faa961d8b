#!/usr/bin/env python3
"""Products that are scaled afterwards, with numbers at the ends of float32: no result becomes
infinite, NaN or zero because the compiler folds the scale into the weights."""

import unittest

import numpy as np
from onnx import helper, numpy_helper

from cases import FLOAT, CliCase, model, tensor

LOWEST = np.finfo(np.float32).min


class ScaledProducts(CliCase):
    def check(self, op, x, weight, scale):
        """scale * op(x, weight), all 1 x 1 convolutions or products, rounded after each step."""
        x, weight, scale = (np.array(array, np.float32) for array in (x, weight, scale))
        made = model([helper.make_node(op, ["x", "w"], ["p"]),
                      helper.make_node("Mul", ["p", "s"], ["y"])],
                     [tensor("x", FLOAT, x.shape)], [tensor("y", FLOAT, None)],
                     [numpy_helper.from_array(weight, "w"), numpy_helper.from_array(scale, "s")])
        self.write("m.onnx", made)
        self.save("x.npy", x)
        self.succeed("run", "m.onnx", "--input", "x=x.npy", "--output-dir", "out", "-d", "cpu")
        expected = (x @ weight if op == "MatMul" else x * weight) * scale
        self.assertTrue(np.isfinite(expected).all())
        np.testing.assert_allclose(np.load(self.folder / "out" / "y.npy"), expected, rtol=1e-6)

    def test_zeros_by_weights_beyond_the_largest_number_are_zeros(self):
        self.check("MatMul", [[0, 0]], np.full([2, 3], 2), LOWEST)

    def test_a_sum_that_cancels_does_not_overflow(self):
        self.check("MatMul", [[1, 1, -1]], np.ones([3, 2]), LOWEST)

    def test_large_weights_of_small_numbers_do_not_overflow(self):
        self.check("Conv", [[[1e-30]]], [[[1e30]]], 1e30)

    def test_small_weights_of_large_numbers_are_not_lost(self):
        self.check("Conv", [[[1e30]]], [[[1e-25]]], 1e-25)


if __name__ == "__main__":
    unittest.main()
