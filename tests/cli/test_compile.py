"""What `stint compile` leaves behind: the report, golden pairs, targets."""

import json
import unittest

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from cases import FLOAT, CliCase, add_model, model, tensor
from test_tensors import uniform_floats

TARGETS = ("a53", "a55", "a72", "a76", "x1", "m1", "x86-64-v3", "x86-64-v4")
WEIGHTS = np.arange(40, dtype=np.float32)


def scaled_model(rows=2, properties=None):
    """y = x * (w + w), whose sum is known while compiling."""
    return model(
        [helper.make_node("Add", ["w", "w"], ["twice"]),
         helper.make_node("Mul", ["x", "twice"], ["y"])],
        [tensor("x", FLOAT, [rows, 40])], [tensor("y", FLOAT, [rows, 40])],
        [numpy_helper.from_array(WEIGHTS, "w")], properties=properties)


class Report(CliCase):
    def report(self, content, *flags):
        self.write("m.onnx", content)
        self.succeed("compile", "m.onnx", "-o", "m.stint", "--report", "r.json", *flags)
        return json.loads((self.folder / "r.json").read_text())

    def test_says_what_was_done(self):
        report = self.report(scaled_model())
        self.assertEqual(list(report), [
            "schema", "version", "model", "plan", "targets", "passes", "ops", "folded_bytes",
            "warnings", "golden", "sizes"])
        self.assertEqual((report["schema"], report["model"], report["plan"]),
                         (1, "m.onnx", "m.stint"))
        self.assertEqual(report["ops"], [{"op": "Map", "count": 1}])
        self.assertEqual(report["passes"][0]["name"], "eliminate_dead_nodes")
        self.assertEqual(report["passes"][-1]["ops"], 1)
        self.assertEqual(report["warnings"], [])

    def test_sizes_are_those_of_the_files(self):
        sizes = self.report(scaled_model())["sizes"]
        self.assertEqual(sizes["plan_bytes"], (self.folder / "m.stint").stat().st_size)
        self.assertEqual((sizes["weights_bytes"], sizes["golden_bytes"]), (WEIGHTS.nbytes, 0))

    def test_folded_bytes_are_what_folding_adds_to_the_plan(self):
        # The sum is folded, and the weights that it is made of are read by another node too.
        large = np.arange(1 << 16, dtype=np.float32)
        content = model(
            [helper.make_node("Add", ["w", "w"], ["twice"]),
             helper.make_node("Mul", ["x", "twice"], ["y"]),
             helper.make_node("Mul", ["x", "w"], ["z"])],
            [tensor("x", FLOAT, [1 << 16])],
            [tensor("y", FLOAT, [1 << 16]), tensor("z", FLOAT, [1 << 16])],
            [numpy_helper.from_array(large, "w")])
        report = self.report(content)
        folding = next(p for p in report["passes"] if p["name"] == "fold_constants")
        self.assertEqual(folding, {"name": "fold_constants", "patches": 1, "ops": 2})
        self.assertEqual(report["folded_bytes"], large.nbytes)
        self.assertEqual(report["sizes"]["weights_bytes"], 2 * large.nbytes)

    def test_dynamic_inputs_are_a_warning_that_names_the_flags(self):
        warnings = self.report(scaled_model("n"))["warnings"]
        self.assertEqual(len(warnings), 1)
        for text in ("'x'", "--dim", "--input-shape"):
            self.assertIn(text, warnings[0])
        self.assertEqual(self.report(scaled_model("n"), "--dim", "n=2")["warnings"], [])

    def test_on_stdout_it_is_the_only_text(self):
        self.write("m.onnx", add_model())
        outcome = self.succeed("compile", "m.onnx", "-o", "m.stint", "--report", "-")
        self.assertEqual(outcome.document["plan"], "m.stint")

    def test_a_file_cannot_be_two_results(self):
        self.write("m.onnx", scaled_model())
        for report in ("m.stint", "./m.stint"):
            self.fail_with(2, "compile", "m.onnx", "-o", "m.stint", "--report", report,
                           says=["two results"])
        self.assertEqual(self.files(), ["m.onnx"])

    def test_chains_that_are_equal_become_one_in_one_sweep(self):
        length = 50
        nodes = [helper.make_node("Softmax", [f"{c}{i}" if i else "x"], [f"{c}{i + 1}"])
                 for c in "ab" for i in range(length)]
        merged = [tensor(f"{c}{length}", FLOAT, [4]) for c in "ab"]
        report = self.report(model(nodes, [tensor("x", FLOAT, [4])], merged))
        self.assertEqual(report["ops"], [{"op": "Softmax", "count": length}])
        sweeps = [p["patches"] for p in report["passes"]
                  if p["name"] == "eliminate_common_subexpressions"]
        self.assertEqual(sweeps[0], 1)

    def test_nothing_is_left_of_a_model_that_does_not_compile(self):
        self.write("m.onnx", model([helper.make_node("NoSuchOp", ["a"], ["b"])],
                                   [tensor("a", FLOAT, [1])], [tensor("b", FLOAT, [1])]))
        self.fail_with(4, "compile", "m.onnx", "-o", "m.stint", "--report", "r.json")
        self.assertEqual(self.files(), ["m.onnx"])
        self.write("m.onnx", add_model())
        self.fail_with(7, "compile", "m.onnx", "-o", "m.stint", "--report", "no/folder/r.json",
                       says=["no/folder"])
        self.assertEqual(self.files(), ["m.onnx"])


class Golden(CliCase):
    def test_pairs_are_seeded_inputs_and_what_the_model_gives(self):
        self.write("m.onnx", scaled_model())
        self.succeed("compile", "m.onnx", "-o", "m.stint", "--golden", "2")
        plan = (self.folder / "m.stint").read_bytes()
        for seed in range(2):
            x = uniform_floats(seed, 80).reshape(2, 40)
            self.assertEqual(plan.count(x.tobytes()), 1)
            self.assertEqual(plan.count((x * (WEIGHTS + WEIGHTS)).tobytes()), 1)
        self.assertNotIn(uniform_floats(2, 80).tobytes(), plan)

    def test_inspect_counts_them_apart_from_weights(self):
        self.write("m.onnx", scaled_model())
        self.succeed("compile", "m.onnx", "-o", "m.stint", "--golden", "3")
        document = self.succeed("inspect", "m.stint", "--json", "-").document
        self.assertEqual((document["golden"], document["weights_bytes"]), (3, WEIGHTS.nbytes))
        self.assertIn("3 pairs, 1,920 bytes", self.succeed("inspect", "m.stint").out)
        self.succeed("compile", "m.onnx", "-o", "none.stint", "--golden", "0")
        document = self.succeed("inspect", "none.stint", "--json", "-").document
        self.assertEqual(document["golden"], 0)

    def test_a_plan_with_pairs_runs_like_one_without(self):
        self.write("m.onnx", scaled_model("n"))
        self.succeed("compile", "m.onnx", "-o", "m.stint", "--golden", "2")
        x = uniform_floats(5, 120).reshape(3, 40)
        self.save("x.npy", x)
        self.save("y.npy", x * (WEIGHTS + WEIGHTS))
        self.succeed("run", "m.stint", "--input", "x=x.npy", "--expect", "y=y.npy")

    def test_inputs_with_a_default_are_left_out(self):
        default = numpy_helper.from_array(np.full(40, 9, np.float32), "b")
        self.write("m.onnx", model(
            [helper.make_node("Add", ["a", "b"], ["y"])],
            [tensor("b", FLOAT, [40]), tensor("a", FLOAT, [40])], [tensor("y", FLOAT, [40])],
            [default]))
        self.succeed("compile", "m.onnx", "-o", "m.stint", "--golden", "1")
        plan = (self.folder / "m.stint").read_bytes()
        self.assertIn("1 pairs, 320 bytes", self.succeed("inspect", "m.stint").out)
        # Streams of the seed count inputs without a default: a's is the first.
        self.assertIn(uniform_floats(0, 40).tobytes(), plan)

    def test_open_dims_are_exit_2_naming_the_flag(self):
        self.write("m.onnx", add_model(shape=("n", "w")))
        self.fail_with(2, "compile", "m.onnx", "-o", "m.stint", "--golden", "1",
                       says=["--dim w=N"])
        self.assertEqual(self.files(), ["m.onnx"])
        self.succeed("compile", "m.onnx", "-o", "m.stint", "--golden", "1", "--dim", "w=5")

    def test_counts_out_of_range_are_exit_2(self):
        self.write("m.onnx", add_model())
        for count in ("-1", "101", "x"):
            self.fail_with(2, "compile", "m.onnx", "-o", "m.stint", "--golden", count)


class Targets(CliCase):
    def metadata(self, target, properties=None):
        self.write("m.onnx", scaled_model(properties=properties))
        self.succeed("compile", "m.onnx", "-o", "m.stint", "--target", target)
        return self.succeed("inspect", "m.stint", "--json", "-").document["metadata"]

    def test_names_are_stored_and_shown(self):
        for target in (*TARGETS, "a53,a72", "x86-64-v4,x86-64-v3"):
            with self.subTest(target):
                self.assertEqual(self.metadata(target), {"stint.target": target})
                self.assertIn(f"stint.target: {target}", self.succeed("inspect", "m.stint").out)

    def test_generic_is_the_default_and_stores_nothing(self):
        self.assertEqual(self.metadata("generic"), {})
        generic = (self.folder / "m.stint").read_bytes()
        self.succeed("compile", "m.onnx", "-o", "default.stint")
        self.assertEqual((self.folder / "default.stint").read_bytes(), generic)

    def test_a_model_cannot_claim_a_target(self):
        claimed = {"stint.target": "m1", "author": "somebody"}
        self.assertEqual(self.metadata("generic", claimed), {"author": "somebody"})
        self.assertEqual(self.metadata("a53", claimed),
                         {"author": "somebody", "stint.target": "a53"})

    def test_unknown_names_are_exit_2_listing_the_allowed(self):
        self.write("m.onnx", add_model())
        for target in ("a54", "A53", "", "a53,", "a53 ,a72"):
            with self.subTest(target):
                self.fail_with(2, "compile", "m.onnx", "-o", "m.stint", "--target", target,
                               says=["generic", *TARGETS])
        self.fail_with(2, "compile", "m.onnx", "-o", "m.stint", "--target", "a53,a53",
                       says=["'a53' twice"])
        self.fail_with(2, "compile", "m.onnx", "-o", "m.stint", "--target", "a53,generic",
                       says=["generic alone"])
        self.assertEqual(self.files(), ["m.onnx"])

    def test_help_names_them_all(self):
        text = self.succeed("compile", "--help").out
        for target in ("generic", *TARGETS):
            self.assertIn(target, text)

    def test_weights_of_a_named_target_are_stored_as_its_kernel_takes_them(self):
        weights = np.random.default_rng(1).standard_normal((32, 32, 3, 3)).astype(np.float32)
        shape = [1, 32, 56, 56]
        self.write("m.onnx", model(
            [helper.make_node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1])],
            [tensor("x", FLOAT, shape)], [tensor("y", FLOAT, shape)],
            [numpy_helper.from_array(weights, "w")]))
        targets = ("generic", "a53,a76,x86-64-v3,x86-64-v4")
        packed = []
        for i, target in enumerate(targets):
            self.succeed("compile", "m.onnx", "-o", f"{i}.stint", "--target", target)
            outcome = self.succeed("explain", f"{i}.stint", "-d", "cpu", "--json", "-")
            packed.append(outcome.document["packed_bytes"])
            self.succeed("run", f"{i}.stint", "-d", "cpu", "--output-dir", f"out{i}")
        # 36 numbers of each kernel, which generic plans leave to the session.
        self.assertGreaterEqual(packed[0], 36 * 32 * 32 * 4)
        self.assertEqual(packed[1], 0)
        first, second = (np.load(self.folder / f"out{i}" / "y.npy") for i in range(2))
        self.assertEqual(first.tobytes(), second.tobytes())

    def test_the_report_lists_them(self):
        self.write("m.onnx", add_model())
        outcome = self.succeed("compile", "m.onnx", "-o", "m.stint", "--target", "a53,x86-64-v3",
                               "--report", "-")
        self.assertEqual([(t["name"], t["vector_bytes"]) for t in outcome.document["targets"]],
                         [("a53", 16), ("x86-64-v3", 32)])


class Halves(CliCase):
    def test_become_floats_between_ops_unless_they_shall_stay(self):
        numbers = np.random.default_rng(3)
        shape, half = [1, 16, 8, 8], TensorProto.FLOAT16
        weights = (numbers.uniform(-1, 1, (16, 16, 3, 3)) / 8).astype(np.float16)
        self.write("m.onnx", model(
            [helper.make_node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]),
             helper.make_node("Relu", ["c"], ["r"]),
             helper.make_node("Conv", ["r", "w"], ["y"], pads=[1, 1, 1, 1])],
            [tensor("x", half, shape)], [tensor("y", half, shape)],
            [numpy_helper.from_array(weights, "w")]))
        self.save("x.npy", numbers.uniform(-1, 1, shape).astype(np.float16))
        self.succeed("compile", "m.onnx", "-o", "wide.stint")
        self.succeed("compile", "m.onnx", "-o", "half.stint", "--keep-halves")
        kernels = {}
        for plan in ("wide", "half"):
            document = self.succeed("explain", f"{plan}.stint", "-d", "cpu", "--json", "-").document
            kernels[plan] = [step["kernel"] for step in document["steps"]]
        self.assertNotIn("reference", kernels["wide"])
        self.assertIn("reference", kernels["half"])
        size = {plan: (self.folder / f"{plan}.stint").stat().st_size for plan in kernels}
        self.assertGreaterEqual(size["wide"] - size["half"], weights.nbytes // 2)
        self.succeed("run", "half.stint", "--input", "x=x.npy", "--output-dir", ".")
        self.succeed("run", "wide.stint", "--input", "x=x.npy", "--expect", "y=y.npy",
                     "--atol", "0.002")


if __name__ == "__main__":
    unittest.main()
