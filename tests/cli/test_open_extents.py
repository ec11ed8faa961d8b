#!/usr/bin/env python3
"""What an operator asks of extents that no model declares is asked when they are known."""

import unittest

import numpy as np
from onnx import helper

from cases import FLOAT, CliCase, model, tensor


class OpenExtents(CliCase):
    def run_with(self, x, weight):
        self.save("x.npy", np.zeros(x, np.float32))
        self.save("w.npy", np.zeros(weight, np.float32))
        return ("run", "m.onnx", "--input", "x=x.npy", "--input", "w=w.npy", "-d", "cpu")

    def test_a_kernel_shape_is_that_of_the_weight(self):
        for op, pad in (("Conv", "NOTSET"), ("Conv", "SAME_UPPER"), ("ConvTranspose", "VALID")):
            with self.subTest(f"{op} {pad}"):
                node = helper.make_node(op, ["x", "w"], ["y"], kernel_shape=[3, 3], auto_pad=pad)
                self.write("m.onnx", model([node], [tensor("x", FLOAT, [1, 1, 4, 4]),
                                                    tensor("w", FLOAT, [1, 1, "h", "v"])],
                                           [tensor("y", FLOAT, None)]))
                self.succeed(*self.run_with([1, 1, 4, 4], [1, 1, 3, 3]))
                self.fail_with(2, *self.run_with([1, 1, 4, 4], [1, 1, 1, 3]), says=["3"])

    def test_a_rotated_size_is_even(self):
        node = helper.make_node("RotaryEmbedding", ["x", "w", "w"], ["y"])
        self.write("m.onnx", model([node], [tensor("x", FLOAT, [1, 2, 4, "n"]),
                                            tensor("w", FLOAT, [1, 4, "m"])],
                                   [tensor("y", FLOAT, None)], opset=23))
        self.succeed(*self.run_with([1, 2, 4, 6], [1, 4, 3]))
        self.fail_with(2, *self.run_with([1, 2, 4, 7], [1, 4, 3]), says=["7"])


if __name__ == "__main__":
    unittest.main()
