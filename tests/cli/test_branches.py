#!/usr/bin/env python3
"""If, where the compiler knows the condition: the branch that is taken stands in its place."""

import unittest

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from cases import FLOAT, CliCase, model, tensor

X = np.arange(6, dtype=np.float32).reshape(2, 1, 3) - 2
YES, NO = (numpy_helper.from_array(np.array(value), name)
           for name, value in (("yes", True), ("no", False)))


def constant(name, *values):
    return numpy_helper.from_array(np.array(values, np.int64), name)


def node(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs.split(), outputs.split(), **attributes)


def graph(nodes, *outputs, initializers=()):
    return helper.make_graph(nodes, "branch", [], [tensor(name, FLOAT, None) for name in outputs],
                             list(initializers))


def choose(condition, outputs, then_branch, else_branch):
    return node("If", condition, outputs, then_branch=then_branch, else_branch=else_branch)


def squeezed(axis):
    """What PyTorch makes of x.squeeze(axis)."""
    return [node("Shape", "x", "shape"), node("Gather", "shape axis", "extent"),
            node("Equal", "extent one", "narrow"),
            choose("narrow", "y", graph([node("Squeeze", "x axis", "s")], "s"),
                   graph([node("Identity", "x", "i")], "i"))], [constant("axis", axis),
                                                                constant("one", 1)]


class Branches(CliCase):
    def content(self, nodes, initializers, shape=X.shape, outputs=("y",)):
        return model(nodes, [tensor("x", FLOAT, shape)],
                     [tensor(name, FLOAT, None) for name in outputs], [YES, NO, *initializers])

    def results(self, content, *flags, outputs=("y",)):
        self.write("m.onnx", content)
        self.save("x.npy", X)
        self.succeed("run", "m.onnx", "--input", "x=x.npy", "--output-dir", "out", "-d", "cpu",
                     *flags)
        return [np.load(self.folder / "out" / f"{name}.npy") for name in outputs]

    def same_as_onnx_runtime(self, nodes, initializers=(), outputs=("y",)):
        content = self.content(nodes, initializers, outputs=outputs)
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        for found, expected in zip(self.results(content, outputs=outputs),
                                   session.run(list(outputs), {"x": X}), strict=True):
            np.testing.assert_array_equal(found, expected)

    def test_conditions_of_declared_extents(self):
        for axis, expected in ((0, X), (1, X[:, 0])):
            with self.subTest(axis):
                found, = self.results(self.content(*squeezed(axis)))
                np.testing.assert_array_equal(found, expected)

    def test_a_condition_of_open_extents_is_known_once_they_are(self):
        content = self.content(*squeezed(1), shape=["a", "b", "c"])
        self.write("open.onnx", content)
        self.fail_with(4, "compile", "open.onnx", "-o", "p.stint", says=["If", "known at run time only"])
        found, = self.results(content, "--dim", "b=1")
        np.testing.assert_array_equal(found, X[:, 0])

    def test_several_results_and_values_from_around(self):
        scale = numpy_helper.from_array(np.float32(3), "scale")
        branches = [graph([node("Mul", "n scale", "p"), node("Add", "p x", "q")], "q", "p", "scale",
                          initializers=[scale]),
                    graph([node("Sub", "x n", "p"), node("Abs", "p", "q")], "p", "q", "n2",
                          initializers=[numpy_helper.from_array(np.float32(7), "n2")])]
        for condition in ("yes", "no"):
            with self.subTest(condition):
                self.same_as_onnx_runtime([node("Neg", "x", "n"),
                                           choose(condition, "y z w", *branches)],
                                          outputs=("y", "z", "w"))

    def test_branches_in_branches(self):
        def inner(condition, result):
            return choose(condition, result,
                          graph([node("Neg", "outer", f"{result}t")], f"{result}t"),
                          graph([node("Exp", "x", f"{result}e")], f"{result}e"))
        for outer, first, second in (("yes", "yes", "no"), ("yes", "no", "no"),
                                     ("no", "no", "yes"), ("no", "no", "no")):
            with self.subTest(f"{outer} {first} {second}"):
                self.same_as_onnx_runtime([
                    node("Abs", "x", "outer"),
                    choose(outer, "y", graph([inner(first, "a"), node("Add", "a x", "b")], "b"),
                           graph([inner(second, "c")], "c"))])

    def test_a_branch_may_name_its_results_as_the_node_and_other_branches_do(self):
        nodes = [choose("yes", "y", graph([node("Neg", "x", "y")], "y"),
                        graph([node("Abs", "x", "y")], "y")),
                 choose("no", "z", graph([node("Neg", "y", "r")], "r"),
                        graph([node("Add", "y x", "r")], "r")),
                 node("Mul", "z y", "r")]
        found, = self.results(self.content(nodes, [], outputs=("r",)), outputs=("r",))
        np.testing.assert_array_equal(found, (X - X) * -X)

    def test_a_branch_may_be_a_value_from_around(self):
        nodes = [node("Neg", "x", "n"), choose("yes", "y", graph([], "n"), graph([], "x"))]
        found, = self.results(self.content(nodes, []))
        np.testing.assert_array_equal(found, -X)

    def test_a_condition_that_is_computed_from_data_is_reported(self):
        nodes = [node("ReduceSum", "x", "s", keepdims=0), node("Cast", "s", "c", to=TensorProto.BOOL),
                 choose("c", "y", graph([node("Neg", "x", "a")], "a"),
                        graph([node("Abs", "x", "b")], "b"))]
        self.write("m.onnx", self.content(nodes, []))
        self.fail_with(4, "run", "m.onnx", says=["If", "known at run time only"])

    def test_what_stands_in_the_way_of_a_branch_is_reported_once(self):
        nodes = [node("Frobnicate", "x", "f"),
                 choose("yes", "y", graph([node("Nonsense", "x", "a")], "a"),
                        graph([node("Other", "x", "b")], "b")),
                 choose("yes", "z", graph([node("Neg", "f", "c")], "c"), graph([], "x")),
                 node("Add", "y z", "sum")]
        self.write("m.onnx", self.content(nodes, [], outputs=("sum",)))
        outcome = self.stint("check", "m.onnx", "--json", "-")
        self.assertEqual(outcome.code, 4)
        self.assertEqual([entry["op"] for entry in outcome.document["unsupported"]],
                         ["Frobnicate", "Nonsense"])


if __name__ == "__main__":
    unittest.main()
