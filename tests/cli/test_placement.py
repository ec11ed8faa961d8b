"""`explain` and `profile`: what runs where, why, and how long."""

import json
import unittest

import numpy as np
from onnx import helper, numpy_helper

from cases import FLOAT, CliCase, model, tensor


def small_net():
    """A convolution with an activation behind it, and a product."""
    weights = numpy_helper.from_array(np.ones((32, 8, 3, 3), np.float32), "w")
    matrix = numpy_helper.from_array(np.ones((32, 4), np.float32), "m")
    return model(
        [helper.make_node("Conv", ["x", "w"], ["a"], name="conv", pads=[1, 1, 1, 1]),
         helper.make_node("Relu", ["a"], ["b"], name="relu"),
         helper.make_node("GlobalAveragePool", ["b"], ["c"], name="pool"),
         helper.make_node("Flatten", ["c"], ["d"], name="flat"),
         helper.make_node("MatMul", ["d", "m"], ["y"], name="product")],
        [tensor("x", FLOAT, [1, 8, 16, 16])], [tensor("y", FLOAT, [1, 4])], [weights, matrix])


class Explain(CliCase):
    def test_every_op_has_a_step_with_device_and_kernel(self):
        path = self.write("net.onnx", small_net())
        document = self.succeed("explain", path, "-d", "cpu", "--json", "-").document
        self.assertEqual(document["schema"], 1)
        ran = {step["op"] for step in document["steps"] if "op" in step}
        self.assertEqual(ran, {op["index"] for op in document["ops"]})
        for step in document["steps"]:
            self.assertEqual(step["device"], "cpu")
            self.assertTrue(step["kernel"])
            self.assertGreaterEqual(step["predicted_ms"], 0)
        self.assertEqual(document["transfers"], 0)

    def test_refusals_have_reasons(self):
        path = self.write("net.onnx", small_net())
        document = self.succeed("explain", path, "-d", "cpu", "--json", "-").document
        conv = next(op for op in document["ops"] if op["op"] == "Conv")
        reasons = {entry["kernel"]: entry["reason"] for entry in conv["refused"]}
        self.assertEqual(reasons["conv_transposed_f32"], "needs a transposed convolution")

    def test_the_text_names_kernels_and_reasons(self):
        path = self.write("net.onnx", small_net())
        text = self.succeed("explain", path, "-d", "cpu").out
        self.assertIn("Conv     cpu conv_", text)
        self.assertIn("not cpu conv_transposed_f32: needs a transposed convolution", text)


class Profile(CliCase):
    def test_steps_have_times_bytes_and_multiply_accumulates(self):
        path = self.write("net.onnx", small_net())
        document = self.succeed("profile", path, "-d", "cpu", "-n", 3, "--json", "-").document
        conv = next(step for step in document["steps"] if step["runs"] == "Conv")
        self.assertEqual(conv["macs"], 32 * 16 * 16 * 8 * 9)
        self.assertEqual(conv["bytes"], 4 * (8 * 256 + 32 * 8 * 9 + 32 * 256))
        product = next(step for step in document["steps"] if step["runs"] == "MatMul")
        self.assertEqual(product["macs"], 32 * 4)
        self.assertTrue(all(step["ms"] >= 0 for step in document["steps"]))
        self.assertGreater(document["sum_ms"], 0)

    def test_a_trace_has_one_event_a_step(self):
        path = self.write("net.onnx", small_net())
        trace = self.folder / "trace.json"
        steps = self.succeed("profile", path, "-d", "cpu", "-n", 2, "--trace", trace,
                             "--json", "-").document["steps"]
        events = json.loads(trace.read_text())["traceEvents"]
        self.assertEqual([event["args"]["kernel"] for event in events],
                         [step["kernel"] or "copy" for step in steps])
        self.assertTrue(all(event["ph"] == "X" and event["dur"] >= 0 for event in events))


if __name__ == "__main__":
    unittest.main()
