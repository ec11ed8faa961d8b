"""Names, shapes, dims and devices on the command line."""

import unittest

import numpy as np
from onnx import helper, numpy_helper

from cases import FLOAT, INT64, CliCase, add_model, identity_model, model, tensor


class Usage(CliCase):
    def test_help_and_version_exit_0(self):
        self.assertIn("Exit codes", self.succeed("--help").out)
        self.assertRegex(self.succeed("--version").out, r"\Astint \d+\.\d+\.\d+\n\Z")
        for command in ("compile", "run", "bench", "inspect", "check", "explain", "devices"):
            with self.subTest(command):
                self.assertIn("--json" if command != "compile" else "--target",
                              self.succeed(command, "--help").out)
                self.assertIn("Usage", self.succeed(command, "-h").out)

    def test_bad_usage_is_exit_2_in_one_line(self):
        self.write("m.onnx", add_model())
        for arguments in (
            (),
            ("frobnicate",),
            ("run",),
            ("run", "m.onnx", "--frobnicate"),
            ("run", "m.onnx", "--json"),
            ("run", "m.onnx", "--atol", "-1"),
            ("run", "m.onnx", "--seed", "-1"),
            ("run", "m.onnx", "--output-format", "txt"),
            ("run", "m.onnx", "-j", "0"),
            ("run", "m.onnx", "second.onnx"),
            ("bench", "m.onnx", "-n", "0"),
            ("bench", "m.onnx", "-t", "-1"),
            ("compile", "m.onnx"),
            ("compile", "m.onnx", "--report", "r.json"),
            ("compile", "m.onnx", "--golden", "1", "--dump-after", "fold_constants"),
        ):
            with self.subTest(arguments):
                self.fail_with(2, *arguments)
        self.assertEqual(self.files(), ["m.onnx"])

    def test_unknown_command_is_named(self):
        self.fail_with(2, "frobnicate", says=["'frobnicate'"])


class Names(CliCase):
    def test_names_may_hold_any_character(self):
        a, b, out = "a:0/x y", "a=b", "scope/out put:0"
        self.write("m.onnx", add_model(a, b, out))
        one = self.save("one.npy", np.full((2, 3), 1, np.float32))
        two = self.save("two=2.npy", np.full((2, 3), 2, np.float32))
        three = self.save("three.npy", np.full((2, 3), 3, np.float32))
        self.succeed("run", "m.onnx", "--input", f"{a}={one}", "--input", f"{b}={two}",
                     "--expect", f"{out}={three}")

    def test_splits_at_the_first_equals_behind_a_known_name(self):
        # Both "a" and "a=b" are names: "a" wins, and "b=..." is the file.
        self.write("m.onnx", add_model("a", "a=b"))
        self.save("b=one.npy", np.ones((2, 3), np.float32))
        self.save("one.npy", np.full((2, 3), 7, np.float32))
        self.succeed("run", "m.onnx", "--input", "a=b=one.npy", "--output-dir", "out1")
        self.write("n.onnx", add_model("c", "a=b"))
        self.succeed("run", "n.onnx", "--input", "a=b=one.npy", "--output-dir", "out2")
        first = np.load(self.folder / "out1/sum.npy")
        second = np.load(self.folder / "out2/sum.npy")
        self.assertTrue((first >= 0).all() and (first < 2).all())
        self.assertTrue((second >= 6).all())

    def test_unknown_name_and_name_twice_are_exit_2(self):
        self.write("m.onnx", add_model())
        one = self.save("one.npy", np.ones((2, 3), np.float32))
        self.fail_with(2, "run", "m.onnx", "--input", f"c={one}", says=["'a', 'b'"])
        self.fail_with(2, "run", "m.onnx", "--input", f"a={one}", "--input", f"a={one}",
                       says=["'a' twice"])
        self.fail_with(2, "run", "m.onnx", "--expect", f"total={one}", says=["'sum'"])

    def test_values_in_brackets_are_one_value(self):
        self.write("m.onnx", add_model("[a", "b]"))
        one = self.save("one.npy", np.ones((2, 3), np.float32))
        self.succeed("run", "m.onnx", "--input", f"[a={one}", "--input", f"b]={one}")


class Shapes(CliCase):
    def setUp(self):
        super().setUp()
        self.write("d.onnx", model(
            [helper.make_node("Add", ["a", "b"], ["sum"])],
            [tensor("a", FLOAT, ["N", "W"]), tensor("b", FLOAT, ["N", "W"])],
            [tensor("sum", FLOAT, ["N", "W"])]))

    def shape_of(self, *arguments):
        return self.succeed("run", *arguments, "--json", "-").document["outputs"][0]["shape"]

    def test_axis_0_is_1_and_other_axes_must_be_fixed(self):
        self.fail_with(2, "run", "d.onnx", says=["--dim W=N", "--input-shape"])
        self.assertEqual(self.shape_of("d.onnx", "--dim", "W=5"), [1, 5])
        self.assertEqual(self.shape_of("d.onnx", "--dim", "W=5", "--dim", "N=2"), [2, 5])

    def test_shapes_hold_for_a_plan_too(self):
        self.succeed("compile", "d.onnx", "-o", "d.stint")
        self.fail_with(2, "run", "d.stint", says=["--dim W=N"])
        self.assertEqual(self.shape_of("d.stint", "--dim", "W=5"), [1, 5])
        self.assertEqual(self.shape_of("d.stint", "--input-shape", "a=3x4"), [3, 4])
        self.assertEqual(self.shape_of("d.stint", "--shape", "b=3x4"), [3, 4])
        self.fail_with(2, "run", "d.stint", "--input-shape", "a=3x4x5", says=["rank 2"])
        self.fail_with(2, "run", "d.stint", "--input-shape", "c=3x4", says=["'a', 'b'"])
        self.fail_with(2, "run", "d.stint", "--dim", "H=3", says=["'N', 'W'"])

    def test_symbols_of_a_file_shape_the_seeded_inputs(self):
        self.save("a.npy", np.zeros((4, 6), np.float32))
        self.assertEqual(self.shape_of("d.onnx", "--input", "a=a.npy"), [4, 6])
        self.fail_with(2, "run", "d.onnx", "--input", "a=a.npy", "--input-shape", "b=4x7")

    def test_one_plan_answers_many_sizes(self):
        self.succeed("compile", "d.onnx", "-o", "d.stint")
        for shape in ((1, 1), (2, 7), (5, 3)):
            array = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
            self.save("x.npy", array)
            self.save("y.npy", array * 2)
            with self.subTest(shape):
                self.succeed("run", "d.stint", "--input", "a=x.npy", "--input", "b=x.npy",
                             "--expect", "sum=y.npy")

    def test_input_shape_overrides_a_static_shape(self):
        self.write("s.onnx", add_model(shape=(2, 3)))
        self.assertEqual(
            self.shape_of("s.onnx", "--input-shape", "a=4x5", "--input-shape", "b=4x5"), [4, 5])
        self.succeed("compile", "s.onnx", "-o", "s.stint")
        self.fail_with(2, "run", "s.stint", "--input-shape", "a=4x5")

    def test_rank_0(self):
        self.write("r.onnx", identity_model(FLOAT, ()))
        self.assertEqual(self.shape_of("r.onnx", "--input-shape", "x="), [])
        self.assertEqual(self.shape_of("r.onnx"), [])

    def test_names_with_equals(self):
        self.write("e.onnx", identity_model(FLOAT, [None, None], "x=y"))
        self.assertEqual(self.shape_of("e.onnx", "--input-shape", "x=y=2x3"), [2, 3])

    def test_minus_one_and_empty_dims_are_dynamic(self):
        self.write("u.onnx", identity_model(FLOAT, [-1, None]))
        self.fail_with(2, "run", "u.onnx", says=["--input-shape 'x=1xN'"])
        self.assertEqual(self.shape_of("u.onnx", "--input-shape", "x=2x3"), [2, 3])

    def test_malformed_is_exit_2(self):
        for flag, value in (("--input-shape", "a"), ("--input-shape", "a=1x"),
                            ("--input-shape", "a=-1x2"), ("--input-shape", "a=1X2"),
                            ("--input-shape", "a=1x2x3x4x5x6x7x8x9"), ("--dim", "W"),
                            ("--dim", "W=x"), ("--dim", "W=-1"), ("--dim", "=3"),
                            ("--dim", "W=99999999999999999999")):
            with self.subTest(value):
                self.fail_with(2, "run", "d.onnx", flag, value, says=[flag])

    def test_unknown_name_or_symbol_of_a_model_is_exit_2(self):
        self.fail_with(2, "run", "d.onnx", "--input-shape", "c=1x2", says=["'c'"])
        self.fail_with(2, "run", "d.onnx", "--dim", "H=3", "--dim", "W=3", says=["H"])

    def test_a_shape_fixes_the_symbols_that_the_model_declares_in_it(self):
        self.write("two.onnx", model(
            [helper.make_node("Concat", ["a", "b"], ["c"], axis=0)],
            [tensor("a", FLOAT, ["N", "W"]), tensor("b", FLOAT, ["M", "W"])],
            [tensor("c", FLOAT, ["K", "W"])]))
        self.succeed("compile", "two.onnx", "-o", "two.stint")
        for path in ("two.onnx", "two.stint"):
            with self.subTest(path):
                self.assertEqual(self.shape_of(path, "--input-shape", "a=2x3"), [3, 3])
                self.fail_with(2, "run", path, "--input-shape", "a=2x3", "--dim", "W=4",
                               says=["W=4", "allowed 3"])

    def test_shapes_that_contradict_a_symbol_override_it(self):
        self.write("two.onnx", model(
            [helper.make_node("Concat", ["a", "b"], ["c"], axis=1)],
            [tensor("a", FLOAT, ["N", "W"]), tensor("b", FLOAT, ["N", "W"])],
            [tensor("c", FLOAT, ["N", "K"])]))
        self.assertEqual(
            self.shape_of("two.onnx", "--input-shape", "a=2x3", "--input-shape", "b=2x5"), [2, 8])

    def test_what_is_no_name_is_no_symbol(self):
        self.write("q.onnx", identity_model(FLOAT, ["?", 4]))
        self.fail_with(2, "run", "q.onnx", "--dim", "?=3", says=["'?'"])

    def test_inspect_takes_shapes_with_a_model_only(self):
        self.succeed("inspect", "d.onnx", "--dim", "W=5")
        self.succeed("compile", "d.onnx", "-o", "d.stint")
        self.fail_with(2, "inspect", "d.stint", "--dim", "W=5", says=["d.stint", "found a plan"])

    def test_the_shape_of_an_initialiser_is_its_own(self):
        self.write("i.onnx", model(
            [helper.make_node("Add", ["a", "b"], ["sum"])],
            [tensor("a", FLOAT, [2]), tensor("b", FLOAT, [2])], [tensor("sum", FLOAT, [2])],
            [numpy_helper.from_array(np.zeros(2, np.float32), "b")]))
        self.assertEqual(self.shape_of("i.onnx", "--input-shape", "b=2"), [2])
        for command in ("run", "inspect", "check"):
            with self.subTest(command):
                self.fail_with(2, command, "i.onnx", "--input-shape", "b=7x7", says=["'b'"])

    def test_absurd_sizes_are_exit_6(self):
        self.fail_with(6, "run", "d.onnx", "--dim", "W=1000000000000")


class Devices(CliCase):
    def test_auto_cpu_and_lists(self):
        self.write("m.onnx", add_model())
        for devices in ("auto", "cpu", "cpu,auto", "cpu:0"):
            with self.subTest(devices):
                document = self.succeed("run", "m.onnx", "-d", devices, "--json", "-").document
                self.assertEqual({part["device"] for part in document["placement"]}, {"cpu"})

    def test_backends_of_another_build_are_exit_5(self):
        self.write("m.onnx", add_model())
        listed = self.succeed("devices", "--json", "-").document["devices"]
        present = {device["name"] for device in listed}
        self.assertNotIn("metal", present)
        for device in {"vulkan", "opencl", "metal"} - present:
            with self.subTest(device):
                self.fail_with(5, "run", "m.onnx", "-d", device, says=[f"'{device}'"])
                self.fail_with(5, "run", "m.onnx", "-d", f"cpu,{device}")
                self.fail_with(5, "run", "m.onnx", "-d", device, "--no-fallback")

    def test_other_names_are_exit_2(self):
        self.write("m.onnx", add_model())
        for device in ("gpu", "", "cpu,,cpu", "vulkan:", "vulkan:x", "cpu:-1"):
            with self.subTest(device):
                self.fail_with(2, "run", "m.onnx", "-d", device, says=["vulkan[:n]"])

    def test_features_and_limits_are_listed(self):
        listed = self.succeed("devices", "--json", "-").document["devices"]
        cpu = next(device for device in listed if device["name"] == "cpu")
        self.assertIn("host_memory", cpu["features"])
        self.assertEqual(set(cpu["limits"]),
                         {"buffer_bytes", "buffers", "group_invocations", "group_bytes"})
        self.assertIn("features: host_memory", self.succeed("devices").out)

    def test_devices_lists_the_cpu(self):
        document = self.succeed("devices", "--json", "-").document
        self.assertEqual(document["schema"], 1)
        cpu = [device for device in document["devices"] if device["name"] == "cpu"]
        self.assertEqual(len(cpu), 1)
        self.assertTrue(cpu[0]["available"])
        self.assertGreaterEqual(cpu[0]["threads"], 1)
        self.assertIn("cpu", self.succeed("devices").out)


class OptionalInputs(CliCase):
    def test_an_input_with_an_initialiser_is_optional(self):
        default = numpy_helper.from_array(np.array([10, 20], np.int64), "b")
        self.write("m.onnx", model(
            [helper.make_node("Add", ["a", "b"], ["sum"])],
            [tensor("b", INT64, [2]), tensor("a", INT64, [2])],
            [tensor("sum", INT64, [2])], [default]))
        self.save("a.npy", np.array([1, 2], np.int64))
        self.save("by_default.npy", np.array([11, 22], np.int64))
        self.save("overridden.npy", np.array([2, 4], np.int64))
        self.succeed("run", "m.onnx", "--input", "a=a.npy", "--expect", "sum=by_default.npy")
        self.succeed("run", "m.onnx", "--input", "a=a.npy", "--input", "b=a.npy",
                     "--expect", "sum=overridden.npy")
        # in0 counts only inputs that are no initialisers: a, though b stands before it.
        np.savez(self.folder / "i.npz", in0=np.array([1, 2], np.int64))
        self.succeed("run", "m.onnx", "--input", "i.npz", "--expect", "sum=by_default.npy")
        # A member that has the name of an initialiser overrides it.
        np.savez(self.folder / "j.npz", a=np.array([1, 2], np.int64), b=np.array([1, 2], np.int64))
        self.succeed("run", "m.onnx", "--input", "j.npz", "--expect", "sum=overridden.npy")

    def conv(self, name):
        """A convolution whose weight is an input too; returns the weight."""
        weight = np.random.default_rng(5).standard_normal((16, 16, 3, 3), np.float32)
        shape = [1, 16, 8, 8]
        self.write(name, model(
            [helper.make_node("Conv", ["x", "w"], ["y"], pads=[1] * 4)],
            [tensor("x", FLOAT, shape), tensor("w", FLOAT, weight.shape)],
            [tensor("y", FLOAT, shape)], [numpy_helper.from_array(weight, "w")]))
        return weight

    def kernels(self, path, *more):
        document = self.succeed("explain", path, "-d", "cpu", "--json", "-", *more).document
        return [step["kernel"] for step in document["steps"]]

    def test_weights_that_no_run_gives_are_packed(self):
        weight = self.conv("m.onnx")
        self.save("w.npy", 2 * weight)
        self.save("x.npy", np.ones((1, 16, 8, 8), np.float32))
        given = ["--input", "x=x.npy", "--input", "w=w.npy"]
        packed, read = self.kernels("m.onnx"), self.kernels("m.onnx", *given)
        self.assertNotEqual(packed, read)
        self.assertNotIn("reference", packed + read)
        self.compiled("open.stint", (self.folder / "m.onnx").read_bytes())
        self.assertEqual(self.kernels("open.stint"), read)
        self.succeed("run", "m.onnx", *given, "--output-dir", ".")
        twice = np.load(self.folder / "y.npy")
        self.save("once.npy", twice / 2)
        for path in ("m.onnx", "open.stint"):
            self.succeed("run", path, *given[:2], "--expect", "y=once.npy", "--atol", "1e-5")
        self.succeed("run", "open.stint", *given, "--expect", "y=y.npy")

    def test_initialisers_become_constants_where_the_plan_is_told_so(self):
        self.conv("m.onnx")
        said = self.succeed("compile", "m.onnx", "-o", "open.stint").out
        self.assertIn("warning: 1 inputs are initialisers too", said)
        said = self.succeed("compile", "m.onnx", "-o", "p.stint", "--constant-initializers").out
        self.assertNotIn("warning", said)
        self.assertEqual(self.kernels("p.stint"), self.kernels("m.onnx"))
        self.save("w.npy", np.zeros((16, 16, 3, 3), np.float32))
        self.fail_with(2, "run", "p.stint", "--input", "w=w.npy", says=["'x'"])


if __name__ == "__main__":
    unittest.main()
