"""`stint check`: every reason at once, and a named error where there is no model to speak of."""

import unittest

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from cases import FLOAT, INT64, CliCase, add_model, model, tensor


def troubled_model(imported=True):
    """Four nodes that no version of Stint knows, between ones that it does; one lacks a name."""
    made = onnx.load_from_string(model(
        [helper.make_node("Relu", ["a"], ["r"], name="fine"),
         helper.make_node("Frobnicate", ["r"], ["b"], name="unknown operator"),
         helper.make_node("Add", ["r", "r"], ["c"], name="also fine"),
         helper.make_node("Attention", ["c"], ["d"], name="other domain", domain="com.vendor"),
         helper.make_node("Add", ["b", "d"], ["e"], name="behind both"),
         helper.make_node("Twist", ["e", "r"], ["f"]),
         helper.make_node("Frobnicate", ["f"], ["g"], name="line\nbreak")],
        [tensor("a", FLOAT, [2, "n"])], [tensor("g", FLOAT, [2, "n"])]))
    if imported:
        made.opset_import.append(helper.make_opsetid("com.vendor", 1))
    return made.SerializeToString()


class Check(CliCase):
    def test_every_unsupported_node_is_listed_once_in_graph_order(self):
        self.write("t.onnx", troubled_model())
        outcome = self.stint("check", "t.onnx", "--json", "-")
        self.assertEqual((outcome.code, outcome.err), (4, ""))
        nodes = outcome.document["unsupported"]
        self.assertEqual([(node["domain"], node["op"]) for node in nodes],
                         [("", "Frobnicate"), ("com.vendor", "Attention"), ("", "Twist"),
                          ("", "Frobnicate")])
        self.assertEqual([nodes[i]["name"] for i in (0, 1, 3)],
                         ["unknown operator", "other domain", "line\nbreak"])
        self.assertEqual(nodes[0]["operands"], "float32[2,n]")
        for node in nodes:
            self.assertTrue(node["reason"])

    def test_the_text_has_one_line_a_node_whatever_its_name_holds(self):
        self.write("t.onnx", troubled_model())
        outcome = self.stint("check", "t.onnx")
        lines = outcome.out.splitlines()
        self.assertEqual((outcome.code, len(lines)), (4, 5))
        self.assertIn("unsupported nodes: 4", lines[0])
        self.assertIn("com.vendor.Attention", lines[2])
        self.assertIn(r"line\x0abreak", lines[4])

    def test_nodes_that_compute_with_quantised_numbers_are_listed(self):
        one = numpy_helper.from_array(np.array(1, np.float32), "s")
        self.write("q.onnx", model(
            [helper.make_node("QuantizeLinear", ["x", "s"], ["q"]),
             helper.make_node("DequantizeLinear", ["q", "s"], ["d"]),
             helper.make_node("Erf", ["d"], ["e"], name="between"),
             helper.make_node("QuantizeLinear", ["e", "s"], ["r"]),
             helper.make_node("MatMulInteger", ["r", "r"], ["y"], name="integers"),
             helper.make_node("Relu", ["x"], ["z"], name="floats"),
             helper.make_node("Shape", ["d"], ["n"], name="extents"),
             helper.make_node("DequantizeLinear", ["q", "s"], [], name="for nobody")],
            [tensor("x", FLOAT, [2, 2])],
            [tensor("y", TensorProto.INT32, [2, 2]), tensor("z", FLOAT, [2, 2]),
             tensor("n", TensorProto.INT64, [2])], [one]))
        document = self.succeed("check", "q.onnx", "--json", "-").document
        self.assertTrue(document["supported"])
        self.assertEqual([node["name"] for node in document["unfused"]], ["between", "integers"])
        self.assertIn("not fused: 2", self.succeed("check", "q.onnx").out)
        self.assertIn("2 nodes of a quantised model",
                      self.succeed("compile", "q.onnx", "-o", "q.stint").out)

    def test_other_commands_name_the_first_and_how_many_more(self):
        self.write("t.onnx", troubled_model())
        for command in (("run",), ("bench",), ("inspect",), ("compile", "-o", "t.stint")):
            with self.subTest(command):
                self.fail_with(4, command[0], "t.onnx", *command[1:],
                               says=["Frobnicate", "(3 more: stint check)"])

    def test_element_types_that_no_plan_op_computes_with_are_unsupported_nodes(self):
        typed = {"i": TensorProto.INT16, "c": TensorProto.COMPLEX64, "f": FLOAT,
                 "b": TensorProto.BOOL, "n": INT64}
        nodes = [helper.make_node("Einsum", ["i", "i"], ["y0"], equation="abcd,abde->abce"),
                 helper.make_node("Where", ["b", "c", "c"], ["y1"]),
                 helper.make_node("Trilu", ["c"], ["y2"]),
                 helper.make_node("OneHot", ["n", "depth", "values"], ["y3"]),
                 helper.make_node("Unique", ["c"], ["y4"]),
                 helper.make_node("NonZero", ["c"], ["y5"]),
                 helper.make_node("GridSample", ["b", "grid"], ["y6"]),
                 helper.make_node("GridSample", ["c", "grid"], ["y7"]),
                 helper.make_node("ScatterElements", ["c", "n", "c"], ["y8"], reduction="add"),
                 helper.make_node("Col2Im", ["columns", "pair", "pair"], ["y9"])]
        inputs = [tensor(name, dtype, [2, 2, 3, 3]) for name, dtype in typed.items()]
        inputs += [tensor("grid", FLOAT, [2, 3, 3, 2]), tensor("values", TensorProto.COMPLEX64, [2]),
                   tensor("columns", TensorProto.INT32, [1, 9, 1])]
        constants = [helper.make_tensor("depth", INT64, [], [3]),
                     helper.make_tensor("pair", INT64, [2], [3, 3])]
        outputs = [tensor(node.output[0], FLOAT, None) for node in nodes]
        self.write("t.onnx", model(nodes, inputs, outputs, constants, opset=20))
        outcome = self.stint("check", "t.onnx", "--json", "-")
        self.assertEqual((outcome.code, outcome.err), (4, ""))
        self.assertEqual([node["op"] for node in outcome.document["unsupported"]],
                         [node.op_type for node in nodes])

    def test_a_model_that_contradicts_itself_is_exit_2_though_nodes_are_unsupported(self):
        self.write("t.onnx", troubled_model(imported=False))
        self.fail_with(2, "check", "t.onnx", says=["'other domain'", "com.vendor"])

    def test_hostile_models_are_named_errors(self):
        good = add_model()
        cyclic = model(
            [helper.make_node("Relu", ["b"], ["c"], name="turns"),
             helper.make_node("Relu", ["c"], ["b"], name="round")],
            [tensor("a", FLOAT, [1])], [tensor("b", FLOAT, [1])])
        twice = model(
            [helper.make_node("Relu", ["a"], ["b"]), helper.make_node("Abs", ["a"], ["b"])],
            [tensor("a", FLOAT, [1])], [tensor("b", FLOAT, [1])])
        lying = helper.make_tensor("w", TensorProto.FLOAT, [3], [1, 2, 3])
        lying.dims[0] = 1 << 60
        cases = {
            "cut": (good[:-7], "cut.onnx"),
            "noise": (bytes(range(256)), "noise.onnx"),
            "cyclic": (cyclic, "'b'"),
            "twice": (twice, "'b'"),
            "lying": (model([helper.make_node("Add", ["a", "w"], ["b"])],
                            [tensor("a", FLOAT, [3])], [tensor("b", FLOAT, [3])], [lying]), "w"),
        }
        for name, node in {
                # Numbers that stand for expressions inside the compiler.
                "extent": helper.make_node("RandomNormal", [], ["b"], shape=[-2**63]),
                "axis": helper.make_node("Softmax", ["a"], ["b"], axis=-2**63),
                "window": helper.make_node("STFT", ["s", "n", "n"], ["b"]),
                "training": helper.make_node("Dropout", ["a", "a1", "a1"], ["b"])}.items():
            given = [tensor("a", FLOAT, [3]), tensor("a1", FLOAT, []),
                     tensor("s", FLOAT, [1, 9, 1]), tensor("n", TensorProto.INT64, [])]
            cases[name] = model([node], given, [tensor("b", FLOAT, None)]), "'"
        for name, (content, says) in cases.items():
            with self.subTest(name):
                self.write(f"{name}.onnx", content)
                outcome = self.stint("check", f"{name}.onnx")
                self.assertIn(outcome.code, (2, 6), outcome.err)
                self.fail_with(outcome.code, "check", f"{name}.onnx", says=[says])


if __name__ == "__main__":
    unittest.main()
