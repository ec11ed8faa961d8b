#!/usr/bin/env python3
"""Functions that a model brings along: each call is what the function's nodes compute."""

import unittest

import numpy as np
import onnxruntime
from onnx import AttributeProto, helper, numpy_helper

from cases import FLOAT, CliCase, tensor

X = np.linspace(-2, 3, 6, dtype=np.float32).reshape(2, 3)
OPSETS = {"": 17, "local": 1}


def node(op, inputs, outputs, domain="", **attributes):
    """`inputs` and `outputs` are names with spaces between; "-" is an absent one."""
    names = [[name.replace("-", "") for name in text.split()] for text in (inputs, outputs)]
    return helper.make_node(op, *names, domain=domain, **attributes)


def call(op, inputs, outputs, **attributes):
    return node(op, inputs, outputs, "local", **attributes)


def referring(made, **references):
    """The node with attributes that refer to those of its function: name = (attribute, type)."""
    for name, (attribute, kind) in references.items():
        made.attribute.append(AttributeProto(name=name, ref_attr_name=attribute, type=kind))
    return made


def function(name, inputs, outputs, nodes, attributes=(), defaults=(), opsets=None, domain="local"):
    return helper.make_function(
        domain, name, inputs.split(), outputs.split(), nodes,
        [helper.make_opsetid(*opset) for opset in (opsets or OPSETS).items()], list(attributes),
        list(defaults))


def model(functions, nodes, outputs):
    graph = helper.make_graph(nodes, "g", [tensor("x", FLOAT, X.shape)],
                              [tensor(name, FLOAT, None) for name in outputs.split()])
    return helper.make_model(graph, functions=functions, ir_version=10, opset_imports=[
        helper.make_opsetid(*opset) for opset in OPSETS.items()])


SCALED = function("Scaled", "a", "b", [
    referring(node("LeakyRelu", "a", "t"), alpha=("slope", AttributeProto.FLOAT)),
    referring(node("Constant", "", "k"), value_float=("factor", AttributeProto.FLOAT)),
    node("Mul", "t k", "b")], ["slope"], [helper.make_attribute("factor", 2.0)])


class Functions(CliCase):
    def results(self, made):
        self.write("m.onnx", made.SerializeToString())
        self.save("x.npy", X)
        self.succeed("run", "m.onnx", "--input", "x=x.npy", "--output-dir", "out", "-d", "cpu")
        return [np.load(self.folder / "out" / f"{output.name}.npy") for output in made.graph.output]

    def same_as_onnx_runtime(self, functions, nodes, outputs="y"):
        made = model(functions, nodes, outputs)
        session = onnxruntime.InferenceSession(made.SerializeToString(),
                                               providers=["CPUExecutionProvider"])
        for found, expected in zip(self.results(made), session.run(None, {"x": X}), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-6)
            self.assertEqual(found.dtype, expected.dtype)

    def test_attributes_are_the_calls_or_the_defaults_or_left_out(self):
        self.same_as_onnx_runtime([SCALED], [call("Scaled", "x", "y", slope=0.5, factor=3.0),
                              call("Scaled", "x", "z", slope=0.25), call("Scaled", "x", "w")],
                   "y z w")

    def test_attributes_in_the_graphs_of_a_function(self):
        def scaled(alpha):
            return helper.make_graph([referring(node("LeakyRelu", "a", "r"), alpha=(
                alpha, AttributeProto.FLOAT))], alpha, [], [tensor("r", FLOAT, None)])
        chosen = function("Chosen", "a", "b", [
            referring(node("Constant", "", "which"), value=("which", AttributeProto.TENSOR)),
            node("If", "which", "b", then_branch=scaled("high"), else_branch=scaled("low"))],
            ["which", "high", "low"])
        numbers = {"high": 0.75, "low": 0.125}
        self.same_as_onnx_runtime([chosen], [
            call("Chosen", "x", name, which=numpy_helper.from_array(np.array(which)), **numbers)
            for name, which in (("y", True), ("z", False))], "y z")

    def test_functions_in_functions_hand_on_attributes_and_operands(self):
        twice = function("Twice", "a", "b", [
            referring(call("Scaled", "a", "t"), slope=("gradient", AttributeProto.FLOAT)),
            referring(call("Scaled", "t", "b"), slope=("gradient", AttributeProto.FLOAT),
                      factor=("other", AttributeProto.FLOAT))], ["gradient", "other"])
        self.same_as_onnx_runtime([twice, SCALED], [call("Twice", "x", "y", gradient=0.5),
                                     call("Twice", "x", "z", gradient=0.25, other=5.0)], "y z")

    def test_operands_and_results_may_be_left_out(self):
        clipped = function("Clipped", "a low high", "b c", [node("Clip", "a low high", "b"),
                                                            node("Neg", "a", "c")])
        outer = function("Outer", "a low high", "b", [call("Clipped", "a low high", "b -")])
        limit = node("Constant", "", "one", value_float=1.0)
        made = model([clipped, outer], [
            limit, call("Clipped", "x", "y"), call("Clipped", "x one", "z"),
            call("Clipped", "x - one", "- w"), call("Outer", "x - one", "v"),
            call("Outer", "x", "u")], "y z w v u")
        for found, expected in zip(self.results(made), (X, np.maximum(X, 1), -X, np.minimum(X, 1),
                                                        X), strict=True):
            np.testing.assert_array_equal(found, expected)

    def test_names_inside_are_a_functions_own(self):
        inner = function("Inner", "x", "y", [node("Neg", "x", "t"), node("Add", "t t", "y")])
        self.same_as_onnx_runtime([inner], [node("Exp", "x", "t"), call("Inner", "t", "a"),
                                            call("Inner", "a", "b"), node("Add", "b t", "y")])

    def test_a_function_has_its_own_opset(self):
        sums = function("Sums", "a", "b", [node("ReduceSum", "a", "s", axes=[1], keepdims=1),
                                           node("Squeeze", "s", "b", axes=[1])],
                        opsets={"": 11})
        found, = self.results(model([sums], [node("ReduceSum", "x", "t", keepdims=1),
                                             call("Sums", "x", "s"), node("Add", "s t", "y")], "y"))
        np.testing.assert_allclose(found, X.sum(1) + X.sum(keepdims=True), rtol=1e-6)

    def test_overloads_are_told_apart(self):
        first, second = (function("F", "a", "b", [node(op, "a", "b")]) for op in ("Neg", "Exp"))
        second.overload = "second"
        calls = [call("F", "x", "y"), call("F", "x", "z")]
        calls[1].overload = "second"
        y, z = self.results(model([first, second], calls, "y z"))
        np.testing.assert_array_equal(y, -X)
        np.testing.assert_allclose(z, np.exp(X), rtol=1e-6)

    def test_a_function_wins_over_the_operator_of_its_name(self):
        for domain in ("", "ai.onnx"):
            relu = function("Relu", "a", "b", [node("Neg", "a", "b")], domain=domain)
            found, = self.results(model([relu], [node("Relu", "x", "y")], "y"))
            np.testing.assert_array_equal(found, -X)

    def test_the_random_numbers_of_two_calls_are_not_the_same(self):
        noise = function("Noise", "a", "b", [node("RandomNormalLike", "a", "b")])
        both = function("Both", "a", "b c", [call("Noise", "a", "b"), call("Noise", "a", "c")])
        made = model([noise, both], [call("Noise", "x", "y"), call("Noise", "x", "z"),
                                     call("Both", "x", "v w")], "y z v w")
        found = self.results(made)
        self.assertEqual(len({array.tobytes() for array in found}), 4)
        np.testing.assert_array_equal(found, self.results(made))

    def test_what_stands_in_the_way_is_reported_in_each_call_by_its_own_name(self):
        broken = function("Broken", "a", "b c", [node("Frobnicate", "a", "t", name="frob"),
                                                 node("Neg", "t", "b"), node("Abs", "a", "c")])
        outer = function("Outer", "a", "b", [
            call("Broken", "a", "b c", name="broken"), node("Nonsense", "c", "n", name="nonsense")])
        made = model([broken, outer], [call("Outer", "x", "p", name="first"),
                                       call("Outer", "p", "y", name="second")], "y")
        self.write("m.onnx", made.SerializeToString())
        outcome = self.stint("check", "m.onnx", "--json", "-")
        self.assertEqual(outcome.code, 4)
        self.assertEqual([entry["name"] for entry in outcome.document["unsupported"]],
                         [f"{around}/{name}" for around in ("first", "second")
                          for name in ("broken/frob", "nonsense")])


if __name__ == "__main__":
    unittest.main()
