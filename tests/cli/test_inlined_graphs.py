#!/usr/bin/env python3
"""Graphs of attributes that are inlined: their names and random numbers are their own."""

import unittest

import numpy as np
from onnx import TensorProto, helper

from cases import FLOAT, CliCase, tensor

SHAPE = [1, 1, 2, 2]


def attention(result, graph):
    """FlexAttention, which computes `graph` of its scores."""
    return helper.make_node("FlexAttention", ["x", "x", "x"], [result], domain="ai.onnx.preview",
                            score_mod=graph)


def graph(nodes, initializers=()):
    return helper.make_graph(nodes, "scores", [tensor("a", FLOAT, None)],
                             [tensor("b", FLOAT, None)], list(initializers))


class InlinedGraphs(CliCase):
    def outputs(self, nodes, *names):
        made = helper.make_model(
            helper.make_graph(nodes, "g", [tensor("x", FLOAT, SHAPE)],
                              [tensor(name, FLOAT, SHAPE) for name in names]),
            opset_imports=[helper.make_opsetid("", 26),
                           helper.make_opsetid("ai.onnx.preview", 1)], ir_version=13)
        self.write("m.onnx", made.SerializeToString())
        self.save("x.npy", np.arange(4, dtype=np.float32).reshape(SHAPE))
        self.succeed("run", "m.onnx", "--input", "x=x.npy", "--output-dir", "out")
        return [np.load(self.folder / "out" / f"{name}.npy") for name in names]

    def test_their_names_end_with_them(self):
        text = helper.make_tensor("t", TensorProto.STRING, [1], [b"text"])
        inner = graph([helper.make_node("Neg", ["a"], ["twice"]),
                       helper.make_node("Neg", ["twice"], ["b"])], [text])
        result, t = self.outputs(
            [helper.make_node("Neg", ["x"], ["twice"]), attention("y", inner),
             helper.make_node("Neg", ["twice"], ["t"])], "y", "t")
        self.assertEqual(result.shape, tuple(SHAPE))
        np.testing.assert_array_equal(t, np.arange(4, dtype=np.float32).reshape(SHAPE))

    def test_the_random_numbers_of_two_are_not_the_same(self):
        def noisy():
            return graph([helper.make_node("RandomNormalLike", ["a"], ["r"], name="r"),
                          helper.make_node("Add", ["a", "r"], ["b"])])
        first, second = self.outputs([attention("y", noisy()), attention("z", noisy())], "y", "z")
        self.assertFalse(np.array_equal(first, second))

    def test_the_random_numbers_of_two_graphs_of_one_node_are_not_the_same(self):
        noise = helper.make_node("RandomUniformLike", ["a"], ["r"])
        scores = graph([noise, helper.make_node("Identity", ["r"], ["b"])])
        weights = graph([noise, helper.make_node("Log", ["a"], ["l"]),
                         helper.make_node("Sub", ["l", "r"], ["b"])])
        y, = self.outputs([helper.make_node("FlexAttention", ["x", "x", "x"], ["y"],
                                            domain="ai.onnx.preview", score_mod=scores,
                                            prob_mod=weights)], "y")
        # log(softmax(r)) - r is one number in each row.
        rows = y[0, 0] @ np.linalg.inv(np.arange(4).reshape(2, 2))
        self.assertTrue((np.abs(rows[:, 0] - rows[:, 1]) > 1e-3).all(), rows)

    def test_the_random_numbers_of_a_node_are_those_of_its_names_whatever_stands_before_it(self):
        noise = helper.make_node("RandomNormalLike", ["x"], ["r"])
        alone, = self.outputs([noise], "r")
        beside, = self.outputs([helper.make_node("Exp", ["x"], ["e"]),
                                helper.make_node("RandomNormalLike", ["x"], ["q"]),
                                helper.make_node("Add", ["e", "q"], ["s"]), noise], "r")
        other, = self.outputs([helper.make_node("RandomNormalLike", ["x"], ["q"])], "q")
        np.testing.assert_array_equal(alone, beside)
        self.assertFalse(np.array_equal(alone, other))


if __name__ == "__main__":
    unittest.main()
