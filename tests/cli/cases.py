"""What the tests of the command line share: the binary, tiny models, a folder for each test."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np
import onnx
from onnx import TensorProto, helper

STINT = os.environ.get("STINT_BINARY", "stint")
FLOAT = TensorProto.FLOAT
INT64 = TensorProto.INT64


def tensor(name, dtype, shape):
    return helper.make_tensor_value_info(name, dtype, shape)


def model(nodes, inputs, outputs, initializers=(), opset=17, properties=None):
    """A checked ONNX model of IR 8, as bytes."""
    graph = helper.make_graph(nodes, "g", inputs, outputs, list(initializers))
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    helper.set_model_props(made, properties or {})
    return made.SerializeToString()


def add_model(a="a", b="b", out="sum", shape=(2, 3), dtype=FLOAT):
    """out = a + b."""
    return model(
        [helper.make_node("Add", [a, b], [out], name="adder")],
        [tensor(a, dtype, shape), tensor(b, dtype, shape)],
        [tensor(out, dtype, shape)],
    )


def identity_model(dtype, shape=(3,), name="x", out="y"):
    """out = name, of any dtype."""
    return model(
        [helper.make_node("Identity", [name], [out])],
        [tensor(name, dtype, shape)],
        [tensor(out, dtype, shape)],
    )


class Outcome:
    """What a call of the binary did."""

    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout.decode()
        self.err = done.stderr.decode()

    @property
    def document(self):
        return json.loads(self.out)


class CliCase(unittest.TestCase):
    """Each test runs in an empty folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="stint-cli-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return name

    def save(self, name, array):
        """A .npy file; returns its name."""
        np.save(self.folder / name, array)
        return name

    def stint(self, *arguments, stdout=subprocess.PIPE):
        done = subprocess.run(
            [STINT, *map(str, arguments)],
            cwd=self.folder,
            stdout=stdout,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )
        if done.stdout is None:
            done.stdout = b""
        return Outcome(done)

    def succeed(self, *arguments):
        """Exit 0 and silence on stderr."""
        outcome = self.stint(*arguments)
        self.assertEqual((outcome.code, outcome.err), (0, ""), arguments)
        return outcome

    def fail_with(self, code, *arguments, says=()):
        """The exit code, one line on stderr that holds every text of `says`, nothing on stdout."""
        outcome = self.stint(*arguments)
        self.assertEqual(outcome.code, code, (arguments, outcome.err))
        self.assertRegex(outcome.err, r"\Astint: [a-z]+: [^\n]+\n\Z")
        self.assertIn("found ", outcome.err)
        self.assertIn("allowed ", outcome.err)
        for text in says:
            self.assertIn(text, outcome.err)
        self.assertEqual(outcome.out, "")
        return outcome

    def files(self):
        """All paths in the test's folder."""
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*"))

    def compiled(self, name="model.stint", content=None, *flags):
        """A plan of `content`, by default of add_model()."""
        self.write("source.onnx", content or add_model())
        self.succeed("compile", "source.onnx", "-o", name, *flags)
        return name
