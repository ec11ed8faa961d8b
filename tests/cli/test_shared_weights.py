"""Weights that several nodes read: panels are packed for one of them, and the others, which see
another shape or share bytes by chance, compute with the same numbers."""

import unittest

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from cases import CliCase, model, tensor

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def numbers(*shape):
    return np.random.default_rng(7).uniform(-1, 1, shape).astype(np.float32)


def reshaped(name, shape):
    """Nodes and initialisers for `name` in another shape, as name_r."""
    extents = numpy_helper.from_array(np.array(shape, np.int64), name + "_shape")
    return helper.make_node("Reshape", [name, name + "_shape"], [name + "_r"]), extents


class SharedWeights(CliCase):
    def check(self, nodes, inputs, outputs, weights):
        """`inputs` and `outputs` are arrays by name; outputs are what NumPy makes of the inputs."""
        self.write("m.onnx", model(
            nodes, [tensor(name, FLOAT, x.shape) for name, x in inputs.items()],
            [tensor(name, FLOAT, y.shape) for name, y in outputs.items()], weights))
        np.savez(self.folder / "in.npz", **inputs)
        np.savez(self.folder / "out.npz", **outputs)
        self.succeed("run", "m.onnx", "--input", "in.npz", "--expect", "out.npz", "--atol", "1e-4")
        self.succeed("compile", "m.onnx", "-o", "m.stint")
        self.succeed("run", "m.stint", "--input", "in.npz", "--expect", "out.npz", "--atol", "1e-4")

    def test_a_product_that_reads_the_weights_of_another_as_another_matrix(self):
        for rows, columns in ((64, 32), (64, 3), (48, 48)):
            with self.subTest((rows, columns)):
                w, x = numbers(rows, columns), numbers(5, columns)
                reshape, shape = reshaped("w", (columns, rows))
                nodes = [helper.make_node("Gemm", ["x", "w"], ["a"], transB=1), reshape,
                         helper.make_node("Gemm", ["a", "w_r"], ["y"], transB=1)]
                y = x @ w.T @ w.reshape(columns, rows).T
                self.check(nodes, {"x": x}, {"y": y}, [numpy_helper.from_array(w, "w"), shape])

    def test_a_convolution_that_reads_the_weights_of_another_in_another_shape(self):
        w, x = numbers(64, 32, 1, 1), numbers(1, 32, 1, 1)
        reshape, shape = reshaped("w", (32, 64, 1, 1))
        nodes = [helper.make_node("Conv", ["x", "w"], ["a"]), reshape,
                 helper.make_node("Conv", ["a", "w_r"], ["y"])]
        y = (w.reshape(32, 64) @ (w.reshape(64, 32) @ x.reshape(32))).reshape(1, 32, 1, 1)
        self.check(nodes, {"x": x}, {"y": y}, [numpy_helper.from_array(w, "w"), shape])

    def test_depthwise_weights_that_another_convolution_sums_over(self):
        w, x, z = numbers(4096, 1, 1, 1), numbers(1, 4096, 1, 1), numbers(1, 4096, 1, 1) + 1
        reshape, shape = reshaped("w", (1, 4096, 1, 1))
        nodes = [helper.make_node("Conv", ["x", "w"], ["a"], group=4096), reshape,
                 helper.make_node("Conv", ["z", "w_r"], ["y"])]
        outputs = {"a": x * w.reshape(1, 4096, 1, 1),
                   "y": np.sum(z * w.reshape(1, 4096, 1, 1), dtype=np.float64)
                        .astype(np.float32).reshape(1, 1, 1, 1)}
        self.check(nodes, {"x": x, "z": z}, outputs, [numpy_helper.from_array(w, "w"), shape])

    def test_weights_that_only_their_padding_makes_equal(self):
        """17 and 32 rows pack into as many panels: with zeros behind, into the same bytes."""
        small = numbers(17, 8, 1, 1)
        large = np.concatenate([small, np.zeros((15, 8, 1, 1), np.float32)])
        x, p, q = numbers(1, 8, 1, 1), numbers(17, 8, 1, 1) + 1, numbers(32, 8, 1, 1) + 1
        nodes = [helper.make_node("Conv", ["x", "small"], ["a"]),
                 helper.make_node("Conv", ["x", "large"], ["b"]),
                 helper.make_node("Max", ["p", "small"], ["c"]),
                 helper.make_node("Max", ["q", "large"], ["d"])]
        outputs = {"a": np.einsum("oc,c->o", small[:, :, 0, 0], x[0, :, 0, 0]).reshape(1, 17, 1, 1),
                   "b": np.einsum("oc,c->o", large[:, :, 0, 0], x[0, :, 0, 0]).reshape(1, 32, 1, 1),
                   "c": np.maximum(p, small), "d": np.maximum(q, large)}
        self.check(nodes, {"x": x, "p": p, "q": q}, outputs,
                   [numpy_helper.from_array(small, "small"), numpy_helper.from_array(large, "large")])


if __name__ == "__main__":
    unittest.main()
