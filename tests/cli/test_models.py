"""Models and plans as arguments: good, bad and unsupported ones, and what is said of them."""

import os
import unittest

import numpy as np
import onnx
from onnx import helper, numpy_helper

from cases import FLOAT, INT64, CliCase, add_model, model, tensor

COMMANDS = (("run",), ("inspect",), ("bench", "-n", "1"))


class BadModels(CliCase):
    def test_paths(self):
        os.mkfifo(self.folder / "fifo.onnx")
        (self.folder / "folder.onnx").mkdir()
        for path in ("missing.onnx", "missing.stint", "folder.onnx", "fifo.onnx", "/dev/zero",
                     "/dev/null", "", "no/such/folder/m.onnx"):
            for command in (*COMMANDS, ("check",), ("compile", "-o", "out.stint")):
                with self.subTest(path=path, command=command[0]):
                    self.fail_with(7, command[0], path, *command[1:])
        self.assertEqual(self.files(), ["fifo.onnx", "folder.onnx"])

    def test_contents(self):
        whole = add_model()
        contents = {
            "empty.onnx": b"",
            "text.onnx": b"This is no model.\n" * 20,
            "cut.onnx": whole[:-5],
            "zeros.onnx": bytes(4096),
            "png.onnx": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
            "text.stint": b"This is no plan.\n",
            "empty.stint": b"",
        }
        for name, content in contents.items():
            self.write(name, content)
            for command in COMMANDS:
                with self.subTest(name, command=command[0]):
                    self.fail_with(2, command[0], name, *command[1:], says=[name])
        before = self.files()
        for name in contents:
            with self.subTest(name, command="compile"):
                self.fail_with(2, "compile", name, "-o", "out.stint", says=[name])
        self.assertEqual(self.files(), before)


class SparseTensors(CliCase):
    def sparse(self, name, dtype, indices):
        """[3, 4] of zeros and, at [0, 1], [1, 3] and [2, 0], 5, 6 and 7."""
        values = numpy_helper.from_array(np.array([5, 6, 7], dtype), name)
        return helper.make_sparse_tensor(
            values, numpy_helper.from_array(np.array(indices, np.int64), "at"), [3, 4])

    def test_initialisers_and_constants_are_dense_tensors_in_plans(self):
        dense = np.array([[0, 5, 0, 0], [0, 0, 0, 6], [7, 0, 0, 0]])
        flat, by_axis = [1, 7, 8], [[0, 1], [1, 3], [2, 0]]
        for dtype, kind in ((np.float32, FLOAT), (np.int64, INT64)):
            for at, more in ((flat, by_axis), (by_axis, flat)):
                made = onnx.load_from_string(model(
                    [helper.make_node("Constant", [], ["c"],
                                      sparse_value=self.sparse("v", dtype, more)),
                     helper.make_node("Mul", ["w", "x"], ["t"]),
                     helper.make_node("Add", ["t", "c"], ["y"])],
                    [tensor("x", kind, [])], [tensor("y", kind, [3, 4])]))
                made.graph.sparse_initializer.append(self.sparse("w", dtype, at))
                self.write("m.onnx", made.SerializeToString())
                x = self.save("x.npy", np.array(2, dtype))
                y = self.save("y.npy", (3 * dense).astype(dtype))
                self.succeed("run", "m.onnx", "--input", f"x={x}", "--expect", f"y={y}")


class DamagedPlans(CliCase):
    def setUp(self):
        super().setUp()
        weight = helper.make_tensor("w", FLOAT, [64], [float(i) for i in range(64)])
        self.compiled("good.stint", model(
            [helper.make_node("Add", ["x", "w"], ["y"])],
            [tensor("x", FLOAT, [64])], [tensor("y", FLOAT, [64])], [weight]))
        self.good = (self.folder / "good.stint").read_bytes()

    def test_every_truncation_is_refused(self):
        step = max(1, len(self.good) // 40)
        for size in (1, 3, 4, 8, 63, 64, 65, *range(100, len(self.good), step),
                     len(self.good) - 1):
            with self.subTest(size):
                self.write("cut.stint", self.good[:size])
                self.fail_with(2, "run", "cut.stint", says=["cut.stint"])

    def test_flipped_bits_are_refused(self):
        generator = np.random.default_rng(7)
        for _ in range(60):
            at = int(generator.integers(len(self.good)))
            bit = 1 << int(generator.integers(8))
            damaged = bytearray(self.good)
            damaged[at] ^= bit
            with self.subTest(at=at, bit=bit):
                self.write("flipped.stint", bytes(damaged))
                outcome = self.stint("run", "flipped.stint")
                self.assertIn(outcome.code, (2, 6))
                self.assertRegex(outcome.err, r"\Astint: (invalid|limit): [^\n]+\n\Z")

    def test_bench_checks_metadata_only_unless_told(self):
        damaged = bytearray(self.good)
        damaged[-64 * 4] ^= 1  # In the weight, which ends the file.
        self.write("weight.stint", bytes(damaged))
        self.succeed("bench", "weight.stint", "-n", "1")
        self.fail_with(2, "bench", "weight.stint", "-n", "1", "--verify")
        self.fail_with(2, "run", "weight.stint")
        self.fail_with(2, "inspect", "weight.stint")

    def test_something_behind_the_end_is_refused(self):
        self.write("longer.stint", self.good + b"\0")
        self.fail_with(2, "run", "longer.stint", says=["longer.stint"])


class Compile(CliCase):
    def test_a_plan_answers_like_its_model_under_any_name(self):
        self.write("m.onnx", add_model())
        self.succeed("compile", "m.onnx", "-o", "plan")
        self.succeed("run", "m.onnx", "--output-dir", "from_model")
        self.succeed("run", "plan", "--output-dir", "from_plan")
        np.testing.assert_array_equal(np.load(self.folder / "from_model/sum.npy"),
                                      np.load(self.folder / "from_plan/sum.npy"))

    def test_the_same_model_gives_the_same_bytes(self):
        self.compiled("a.stint")
        self.compiled("b.stint")
        self.assertEqual((self.folder / "a.stint").read_bytes(),
                         (self.folder / "b.stint").read_bytes())

    def test_a_plan_is_no_model(self):
        self.compiled("a.stint")
        self.fail_with(2, "compile", "a.stint", "-o", "b.stint", says=["allowed an ONNX model"])
        self.fail_with(2, "check", "a.stint", says=["allowed an ONNX model"])

    def test_the_graph_can_be_dumped(self):
        self.write("m.onnx", add_model())
        self.fail_with(2, "compile", "m.onnx", "--dump-after", "no-such-pass")
        self.succeed("compile", "m.onnx", "-o", "m.stint", "--stop-after", "0")
        self.succeed("run", "m.stint")


class Unsupported(CliCase):
    def setUp(self):
        super().setUp()
        self.write("u.onnx", model(
            [helper.make_node("NoSuchOp", ["a"], ["b"], name="first"),
             helper.make_node("Relu", ["b"], ["c"], name="fine"),
             helper.make_node("NorThisOne", ["c"], ["d"], name="second")],
            [tensor("a", FLOAT, [1])], [tensor("d", FLOAT, [1])]))

    def test_run_and_compile_name_the_first(self):
        for arguments in (("run", "u.onnx"), ("compile", "u.onnx", "-o", "u.stint")):
            with self.subTest(arguments):
                self.fail_with(4, *arguments, says=["NoSuchOp", "(1 more: stint check)"])
        self.assertEqual(self.files(), ["u.onnx"])

    def test_check_lists_all(self):
        outcome = self.stint("check", "u.onnx")
        self.assertEqual((outcome.code, outcome.err), (4, ""))
        self.assertIn("NoSuchOp", outcome.out)
        self.assertIn("NorThisOne", outcome.out)
        document = self.stint("check", "u.onnx", "--json", "-").document
        self.assertEqual(document["schema"], 1)
        self.assertFalse(document["supported"])
        self.assertEqual([node["name"] for node in document["unsupported"]], ["first", "second"])
        self.assertEqual([node["op"] for node in document["unsupported"]],
                         ["NoSuchOp", "NorThisOne"])
        for node in document["unsupported"]:
            self.assertEqual(set(node), {"name", "op", "domain", "version", "operands", "reason"})

    def test_check_of_a_good_model_is_exit_0(self):
        self.write("m.onnx", add_model())
        self.succeed("check", "m.onnx")
        document = self.succeed("check", "m.onnx", "--json", "-").document
        self.assertEqual((document["supported"], document["unsupported"]), (True, []))


class Documents(CliCase):
    def test_run(self):
        self.write("m.onnx", add_model())
        document = self.succeed("run", "m.onnx", "--json", "-").document
        self.assertEqual(list(document), ["schema", "device", "outputs", "placement"])
        self.assertEqual(document["schema"], 1)
        self.assertEqual(document["device"], "cpu")
        self.assertEqual(document["outputs"],
                         [{"name": "sum", "dtype": "float32", "shape": [2, 3], "file": None}])
        self.assertEqual([part["device"] for part in document["placement"]], ["cpu"])

    def test_a_document_in_a_file_leaves_the_summary_on_stdout(self):
        self.write("m.onnx", add_model())
        self.assertIn("sum: float32", self.succeed("run", "m.onnx", "--json", "run.json").out)
        self.assertIn(b'"schema": 1', (self.folder / "run.json").read_bytes())

    def test_bench(self):
        self.compiled("m.stint")
        for path in ("source.onnx", "m.stint"):
            with self.subTest(path):
                document = self.succeed("bench", path, "-w", "1", "-n", "7", "--json",
                                        "-").document
                self.assertEqual(list(document), [
                    "schema", "version", "plan", "device", "threads", "compile_ms", "load_ms",
                    "first_run_ms", "run_ms", "memory", "placement"])
                runs = document["run_ms"]
                self.assertEqual(list(runs), ["min", "p50", "p90", "p95", "p99", "max", "mean",
                                              "stddev", "count"])
                self.assertEqual(runs["count"], 7)
                ordered = [runs[key] for key in ("min", "p50", "p90", "p95", "p99", "max")]
                self.assertEqual(ordered, sorted(ordered))
                self.assertLessEqual({"weights_bytes", "arena_bytes", "peak_rss_bytes"},
                                     set(document["memory"]))
                self.assertGreater(document["memory"]["peak_rss_bytes"], 1 << 20)
                self.assertEqual(document["compile_ms"] > 0, path.endswith("onnx"))
        self.assertIn("run ", self.succeed("bench", "m.stint", "-n", "2").out)

    def test_bench_ends_by_time(self):
        self.compiled("m.stint")
        document = self.succeed("bench", "m.stint", "-n", "10000000", "-t", "0.2", "--json",
                                "-").document
        self.assertGreater(document["run_ms"]["count"], 1)
        self.assertLess(document["run_ms"]["count"], 10000000)

    def test_threads(self):
        self.compiled("m.stint")
        document = self.succeed("bench", "m.stint", "-n", "1", "-j", "1", "--json", "-").document
        self.assertEqual(document["threads"], 1)

    def test_inspect(self):
        weight = helper.make_tensor("w", FLOAT, [100], [float(i) for i in range(100)])
        content = model(
            [helper.make_node("Add", ["x", "w"], ["y"], name="adder")],
            [tensor("x", FLOAT, ["batch", 100])], [tensor("y", FLOAT, ["batch", 100])],
            [weight], properties={"author": "Ada", "note": "two\nlines"})
        self.compiled("m.stint", content)
        for path in ("source.onnx", "m.stint"):
            with self.subTest(path):
                document = self.succeed("inspect", path, "--json", "-").document
                self.assertEqual(list(document), [
                    "schema", "format_version", "min_runtime", "inputs", "outputs",
                    "regions", "ops",
                    "weights_bytes", "arena_bytes", "golden", "metadata"])
                self.assertEqual(document["inputs"], [
                    {"name": "x", "dtype": "float32", "shape": ["batch", 100]}])
                self.assertEqual(document["outputs"], [
                    {"name": "y", "dtype": "float32", "shape": ["batch", 100]}])
                self.assertEqual(document["weights_bytes"], 400)
                self.assertIsNone(document["arena_bytes"])
                self.assertEqual(document["metadata"], {"author": "Ada", "note": "two\nlines"})
                self.assertEqual([op["index"] for op in document["ops"]],
                                 list(range(len(document["ops"]))))
                self.assertIn("adder", {op["name"] for op in document["ops"]})
        text = self.succeed("inspect", "m.stint").out
        for part in ("x: float32 [batch, 100]", "400 bytes", "author: Ada", "two\\x0alines"):
            self.assertIn(part, text)

    def test_inspect_knows_the_arena_of_a_static_plan(self):
        self.write("m.onnx", model(
            [helper.make_node("MatMul", ["x", "x"], ["t"]),
             helper.make_node("MatMul", ["t", "x"], ["y"])],
            [tensor("x", FLOAT, [16, 16])], [tensor("y", FLOAT, [16, 16])]))
        document = self.succeed("inspect", "m.onnx", "--json", "-").document
        self.assertGreaterEqual(document["arena_bytes"], 16 * 16 * 4)


if __name__ == "__main__":
    unittest.main()
