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


def block_net():
    """Expand, depthwise, project, and the input added: on the CPU one chain."""
    random = np.random.default_rng(1)

    def weights(name, *shape):
        return numpy_helper.from_array(random.standard_normal(shape, np.float32), name)

    side = [1, 16, 64, 64]
    return model(
        [helper.make_node("Conv", ["x", "w0"], ["first"], name="first", pads=[1, 1, 1, 1]),
         helper.make_node("Conv", ["first", "w1"], ["a"], name="expand"),
         helper.make_node("Relu", ["a"], ["b"]),
         helper.make_node("Conv", ["b", "w2"], ["c"], name="depthwise", pads=[1, 1, 1, 1],
                          group=64),
         helper.make_node("Relu", ["c"], ["d"]),
         helper.make_node("Conv", ["d", "w3"], ["e"], name="project"),
         helper.make_node("Add", ["e", "first"], ["y"])],
        [tensor("x", FLOAT, side)], [tensor("y", FLOAT, side)],
        [weights("w0", 16, 16, 3, 3), weights("w1", 64, 16, 1, 1), weights("w2", 64, 1, 3, 3),
         weights("w3", 16, 64, 1, 1)])


class Groups(CliCase):
    def test_explain_shows_a_group_with_its_lines_and_bytes_and_why_others_are_alone(self):
        path = self.write("net.onnx", block_net())
        document = self.succeed("explain", path, "-d", "cpu", "-j", 1, "--json", "-").document
        (group,) = document["groups"]
        names = [document["ops"][step["op"]]["name"] if step.get("op") is not None else ""
                 for step in document["steps"]]
        self.assertEqual(names[group["first_step"]], "expand")
        self.assertEqual(names[group["end_step"] - 1], "project")
        self.assertGreaterEqual(group["lines"], 2)
        # Rings of lines of 64 floats a pixel, not images.
        self.assertGreaterEqual(group["kept_bytes"], 2 * group["lines"] * 64 * 64 * 4)
        self.assertLess(group["kept_bytes"], 64 * 64 * 64 * 4)
        expand = document["steps"][group["first_step"]]
        self.assertEqual(expand["group"], 0)
        self.assertTrue(expand["alone"])
        text = self.succeed("explain", path, "-d", "cpu", "-j", 1).out
        self.assertIn(f"one command with the 2 steps behind, {group['lines']} lines at a time",
                      text)
        self.assertIn("not one command with the step before: " + expand["alone"], text)

    def test_explain_says_the_rules_of_the_devices_that_have_some(self):
        path = self.write("net.onnx", small_net())
        document = self.succeed("explain", path, "-d", "null,cpu", "-j", 3, "--json", "-").document
        (rules,) = document["rules"]
        self.assertEqual(rules["device"], "cpu")
        for start in ("split: 3 threads", "profile: ", "predicted: ", "unpacking: ", "winograd: ",
                      "borders: ", "chains: ", "rate: conv_panel_f32 "):
            self.assertTrue(any(rule.startswith(start) for rule in rules["rules"]), start)
        text = self.succeed("explain", path, "-d", "null,cpu", "-j", 3).out
        self.assertIn("rules of cpu:\n  " + "\n  ".join(rules["rules"]), text)

    def test_a_group_keeps_the_bits_and_needs_less_memory(self):
        path = self.write("net.onnx", block_net())
        self.succeed("run", path, "-d", "cpu", "-j", 1, "--output-dir", "joined")
        self.succeed("run", path, "-d", "cpu", "-j", 1, "--no-groups", "--output-dir", "alone")
        joined = np.load(self.folder / "joined/y.npy")
        alone = np.load(self.folder / "alone/y.npy")
        self.assertEqual(joined.tobytes(), alone.tobytes())
        self.assertTrue(np.any(joined != 0))
        arenas = [self.succeed("explain", path, "-d", "cpu", "-j", 1, "--json", "-",
                               *flags).document["arena_bytes"] for flags in ([], ["--no-groups"])]
        self.assertLess(arenas[0], 0.7 * arenas[1])

    def test_profile_compares_a_group_with_its_ops_alone(self):
        path = self.write("net.onnx", block_net())
        document = self.succeed("profile", path, "-d", "cpu", "-j", 1, "-n", 2, "--compare-groups",
                                "--json", "-").document
        (group,) = document["groups"]
        self.assertEqual(group["end_step"] - group["first_step"], 3)
        self.assertGreater(group["joined_ms"], 0)
        self.assertGreater(group["single_ms"], 0)
        self.assertLess(document["arena_bytes"], document["arena_bytes_single"])
        self.assertIn("3      ", self.succeed("profile", path, "-d", "cpu", "-j", 1, "-n", 1,
                                              "--compare-groups").out)


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
