"""What runs leave behind: file names, whole files or none, summaries."""

import os
import pathlib
import resource
import subprocess
import unittest

import numpy as np
from onnx import helper

from cases import FLOAT, STINT, CliCase, Outcome, add_model, identity_model, model, tensor


def many_outputs(names):
    """Output i is x + i."""
    constants = [helper.make_tensor(f"c{i}", FLOAT, [], [float(i)]) for i in range(len(names))]
    nodes = [helper.make_node("Add", ["x", f"c{i}"], [name]) for i, name in enumerate(names)]
    return model(nodes, [tensor("x", FLOAT, [2])],
                 [tensor(name, FLOAT, [2]) for name in names], constants)


class FileNames(CliCase):
    def test_names_are_cleaned_and_clashes_numbered(self):
        names = ["plain", "a/b:c d", "a_b_c d", ".hidden", "..", "UPPER-1.x", "é", "a_b_c_d_2"]
        files = ["plain", "a_b_c_d", "a_b_c_d_2", "output_3.hidden", "output_4..", "UPPER-1.x",
                 "__", "a_b_c_d_2_7"]
        self.write("m.onnx", many_outputs(names))
        self.save("x.npy", np.zeros(2, np.float32))
        document = self.succeed("run", "m.onnx", "--input", "x=x.npy", "--output-dir", "out",
                                "--json", "-").document
        self.assertEqual([o["file"] for o in document["outputs"]],
                         [f"out/{file}.npy" for file in files])
        self.assertEqual([o["name"] for o in document["outputs"]], names)
        for index, file in enumerate(files):
            np.testing.assert_array_equal(np.load(self.folder / f"out/{file}.npy"), index)
        self.assertEqual(len(list((self.folder / "out").iterdir())), len(files))

    def test_folders_are_created(self):
        self.write("m.onnx", add_model())
        self.succeed("run", "m.onnx", "--output-dir", "a/b/c")
        self.assertTrue((self.folder / "a/b/c/sum.npy").is_file())
        self.succeed("run", "m.onnx", "--output-dir", f"{self.folder}/d/")
        self.assertTrue((self.folder / "d/sum.npy").is_file())

    def test_existing_files_are_replaced_and_keep_their_mode(self):
        self.write("m.onnx", add_model())
        (self.folder / "out").mkdir()
        self.write("out/sum.npy", b"old")
        os.chmod(self.folder / "out/sum.npy", 0o640)
        self.succeed("run", "m.onnx", "--output-dir", "out")
        self.assertEqual(np.load(self.folder / "out/sum.npy").shape, (2, 3))
        self.assertEqual((self.folder / "out/sum.npy").stat().st_mode & 0o777, 0o640)

    def test_a_link_is_followed(self):
        self.write("m.onnx", add_model())
        self.write("target.json", b"old")
        (self.folder / "link.json").symlink_to("target.json")
        self.succeed("run", "m.onnx", "--json", "link.json")
        self.assertTrue((self.folder / "link.json").is_symlink())
        self.assertIn(b'"schema": 1', (self.folder / "target.json").read_bytes())


class NothingPartial(CliCase):
    def test_a_failed_run_writes_nothing(self):
        self.write("m.onnx", add_model())
        self.save("bad.npy", np.zeros(3, np.float32))
        before = self.files()
        self.fail_with(2, "run", "m.onnx", "--input", "a=bad.npy", "--output-dir", "out/deep",
                       "--json", "run.json")
        self.assertEqual(self.files(), before)

    def test_one_file_that_cannot_be_written_keeps_all_away(self):
        self.write("m.onnx", many_outputs(["first", "second"]))
        (self.folder / "out/second.npy").mkdir(parents=True)
        before = self.files()
        self.fail_with(7, "run", "m.onnx", "--output-dir", "out", says=["second.npy"])
        self.assertEqual(self.files(), before)

    def test_a_document_that_cannot_be_written_keeps_outputs_away(self):
        self.write("m.onnx", add_model())
        before = self.files()
        self.fail_with(7, "run", "m.onnx", "--output-dir", "out", "--json", "missing/run.json")
        self.assertEqual(self.files(), before)

    def test_a_folder_that_is_a_file_is_exit_7(self):
        self.write("m.onnx", add_model())
        self.write("file", b"")
        self.fail_with(7, "run", "m.onnx", "--output-dir", "file")
        self.fail_with(7, "run", "m.onnx", "--output-dir", "file/sub")
        self.fail_with(7, "compile", "m.onnx", "-o", "file/m.stint")
        self.fail_with(7, "compile", "m.onnx", "-o", ".")
        self.assertEqual(self.files(), ["file", "m.onnx"])

    def test_a_full_disk_is_exit_7(self):
        self.write("m.onnx", add_model())
        outcome = self.stint("compile", "m.onnx", "-o", "/dev/full")
        self.assertEqual(outcome.code, 7)
        self.assertIn("/dev/full", outcome.err)
        self.assertFalse(pathlib.Path("/dev/full").is_file())
        with open("/dev/full", "wb") as full:
            for arguments in (("run", "m.onnx"), ("devices",), ("run", "m.onnx", "--json", "-"),
                              ("inspect", "m.onnx"), ("--help",), ("--version",)):
                with self.subTest(arguments):
                    self.assertEqual(self.stint(*arguments, stdout=full).code, 7)
            self.assertEqual(
                self.stint("run", "m.onnx", "--output-dir", "out", stdout=full).code, 7)
        self.assertEqual(self.files(), ["m.onnx"])

    def test_a_limit_on_file_sizes_is_exit_7(self):
        self.write("m.onnx", identity_model(FLOAT, (100000,)))
        limit = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, limit[1]))
        try:
            outcome = self.stint("run", "m.onnx", "--output-dir", "out")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        self.assertEqual(outcome.code, 7, outcome.err)
        self.assertEqual(self.files(), ["m.onnx"])

    def test_a_path_that_cannot_be_written_is_told_before_anything_is(self):
        long = "y" * 300
        self.write("m.onnx", model(
            [helper.make_node("Identity", ["x"], ["y"]), helper.make_node("Neg", ["x"], [long])],
            [tensor("x", FLOAT, [2])], [tensor("y", FLOAT, [2]), tensor(long, FLOAT, [2])]))
        self.save("x.npy", np.ones(2, np.float32))
        os.mkdir(self.folder / "out")
        self.save("out/y.npy", np.zeros(2, np.float32))
        self.fail_with(7, "run", "m.onnx", "--input", "x=x.npy", "--output-dir", "out")
        np.testing.assert_array_equal(np.load(self.folder / "out/y.npy"), np.zeros(2))

    def test_a_closed_pipe_is_exit_7(self):
        self.write("m.onnx", add_model())
        read, write = os.pipe()
        os.close(read)
        with os.fdopen(write, "wb") as pipe:
            outcome = self.stint("run", "m.onnx", stdout=pipe)
        self.assertEqual(outcome.code, 7)
        self.assertEqual(outcome.err.count("\n"), 1)

    def test_a_closed_stdout_is_exit_7_and_no_file_takes_its_place(self):
        self.write("m.onnx", add_model())
        done = subprocess.run(
            ["sh", "-c", 'exec "$0" run m.onnx --json run.json >&-', STINT], cwd=self.folder,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
        self.assertEqual(Outcome(done).code, 7)
        self.assertEqual(self.files(), ["m.onnx"])

    def test_devices_as_output_are_written_directly(self):
        self.write("m.onnx", add_model())
        self.succeed("run", "m.onnx", "--json", "/dev/null")
        self.assertTrue(pathlib.Path("/dev/null").is_char_device())


class Summary(CliCase):
    def test_one_line_an_output(self):
        self.write("m.onnx", add_model(out="total\n2"))
        self.save("a.npy", np.arange(6, dtype=np.float32).reshape(2, 3))
        self.save("b.npy", np.zeros((2, 3), np.float32))
        out = self.succeed("run", "m.onnx", "--input", "a=a.npy", "--input", "b=b.npy").out
        self.assertEqual(
            out, "total\\x0a2: float32 [2, 3], min 0, max 5, mean 2.5, first 0 1 2 3 4 5\n")

    def test_nan_is_counted(self):
        self.write("m.onnx", add_model(shape=(3,)))
        self.save("a.npy", np.array([np.nan, 1, 2], np.float32))
        self.save("b.npy", np.zeros(3, np.float32))
        out = self.succeed("run", "m.onnx", "--input", "a=a.npy", "--input", "b=b.npy").out
        self.assertIn("min 1, max 2, mean 1.5, NaN 1 times", out)


if __name__ == "__main__":
    unittest.main()
