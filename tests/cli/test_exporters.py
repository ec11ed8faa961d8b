#!/usr/bin/env python3
"""What real exporters write must just work: old versions, odd names, initialisers that are inputs."""

import unittest

import numpy as np
from cases import FLOAT, INT64, CliCase, model, tensor
from onnx import TensorProto, helper, numpy_helper

WEIGHT = np.linspace(-1, 1, 2 * 3 * 3 * 3, dtype=np.float32).reshape(2, 3, 3, 3)
IMAGE = np.linspace(-2, 2, 3 * 5 * 7, dtype=np.float32).reshape(1, 3, 5, 7)


def convolved(image):
    """relu(conv(image, WEIGHT)) without padding."""
    rows, columns = image.shape[2] - 2, image.shape[3] - 2
    result = np.zeros((image.shape[0], 2, rows, columns), np.float64)
    for y in range(3):
        for x in range(3):
            window = image[:, :, y : y + rows, x : x + columns].astype(np.float64)
            result += np.einsum("nchw,mc->nmhw", window, WEIGHT[:, :, y, x])
    return np.maximum(result, 0).astype(np.float32)


def conv_graph(shape=(1, 3, 5, 7), weight_is_input=False):
    nodes = [
        helper.make_node("Conv", ["x", "weight"], ["c"], kernel_shape=[3, 3]),
        helper.make_node("Relu", ["c"], ["y"]),
    ]
    inputs = [tensor("x", FLOAT, shape)]
    if weight_is_input:
        inputs.append(tensor("weight", FLOAT, WEIGHT.shape))
    return helper.make_graph(
        nodes, "g", inputs, [tensor("y", FLOAT, None)], [numpy_helper.from_array(WEIGHT, "weight")]
    )


class Exporters(CliCase):
    def answers(self, content, inputs, expected, *flags):
        """Runs the model and a plan of it; each must give `expected`."""
        self.write("model.onnx", content)
        for name, array in (*inputs.items(), *expected.items()):
            np.save(self.folder / f"{abs(hash(name))}.npy", array)
        arguments = []
        for flag, arrays in (("--input", inputs), ("--expect", expected)):
            for name in arrays:
                arguments += [flag, f"{name}={abs(hash(name))}.npy"]
        self.succeed("run", "model.onnx", *arguments, *flags)
        self.succeed("compile", "model.onnx", "-o", "model.stint")
        self.succeed("run", "model.stint", *arguments)

    def test_every_ir_and_opset_from_six_on(self):
        pairs = [(ir, 17) for ir in range(3, 14)] + [(8, opset) for opset in range(6, 28)]
        for ir, opset in pairs:
            with self.subTest(ir=ir, opset=opset):
                made = helper.make_model(
                    conv_graph(weight_is_input=ir == 3),
                    opset_imports=[helper.make_opsetid("", opset)],
                    ir_version=ir,
                )
                self.answers(made.SerializeToString(), {"x": IMAGE}, {"y": convolved(IMAGE)})

    def test_a_newer_ir_or_opset_is_refused_by_name(self):
        for ir, opset, says in ((14, 17, "IR version 14"), (8, 28, "opset 28")):
            made = helper.make_model(
                conv_graph(), opset_imports=[helper.make_opsetid("", opset)], ir_version=ir
            )
            self.write("new.onnx", made.SerializeToString())
            self.fail_with(4, "compile", "new.onnx", "-o", "new.stint", says=[says])
            self.assertNotIn("new.stint", self.files())

    def test_an_initializer_that_is_also_an_input_is_an_optional_input(self):
        made = helper.make_model(
            conv_graph(weight_is_input=True),
            opset_imports=[helper.make_opsetid("", 11)],
            ir_version=6,
        )
        self.answers(made.SerializeToString(), {"x": IMAGE}, {"y": convolved(IMAGE)})
        self.answers(
            made.SerializeToString(),
            {"x": IMAGE, "weight": 0 * WEIGHT},
            {"y": np.zeros((1, 2, 3, 5), np.float32)},
        )

    def test_minus_one_and_unnamed_dims_are_dynamic(self):
        graph = conv_graph(shape=(None, 3, None, "?"))
        graph.input[0].type.tensor_type.shape.dim[0].dim_value = -1
        made = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8
        ).SerializeToString()
        for shape in ((1, 3, 5, 7), (2, 3, 9, 4), (1, 3, 3, 3)):
            image = np.random.default_rng(3).uniform(-1, 1, shape).astype(np.float32)
            self.answers(made, {"x": image}, {"y": convolved(image)})

    def test_input_shape_overrides_what_the_model_declares(self):
        image = np.random.default_rng(4).uniform(-1, 1, (2, 3, 6, 6)).astype(np.float32)
        made = helper.make_model(
            conv_graph(), opset_imports=[helper.make_opsetid("", 13)], ir_version=8
        )
        self.write("model.onnx", made.SerializeToString())
        np.save(self.folder / "x.npy", image)
        np.save(self.folder / "y.npy", convolved(image))
        flags = ["--input-shape", "x=2x3x6x6", "--input", "x=x.npy", "--expect", "y=y.npy"]
        self.succeed("run", "model.onnx", *flags)

    def test_hundreds_of_constant_nodes(self):
        nodes, last, total = [], "x", np.zeros(4, np.float32)
        for i in range(300):
            value = np.full(4, i / 16, np.float32)
            constant = numpy_helper.from_array(value)
            nodes.append(helper.make_node("Constant", [], [f"k{i}"], value=constant))
            nodes.append(helper.make_node("Add", [last, f"k{i}"], [f"s{i}"]))
            last, total = f"s{i}", total + value
        made = model(nodes, [tensor("x", FLOAT, (4,))], [tensor(last, FLOAT, (4,))])
        x = np.arange(4, dtype=np.float32)
        self.answers(made, {"x": x}, {last: x + total}, "--rtol", "1e-5")

    def test_names_with_any_characters(self):
        names = ["a:0", "b/c d", "e=f", "ü", "x\ty"]
        nodes = [helper.make_node("Neg", [names[0]], [names[1]], name="Neg:0/x y")]
        for before, after in zip(names[1:], names[2:], strict=False):
            nodes.append(helper.make_node("Neg", [before], [after], name=""))
        made = model(nodes, [tensor(names[0], FLOAT, (3,))], [tensor(names[-1], FLOAT, (3,))])
        x = np.array([1, -2, 3], np.float32)
        self.answers(made, {names[0]: x}, {names[-1]: x})

    def test_computed_shapes_are_not_unknown_ranks(self):
        nodes = [
            helper.make_node("Shape", ["x"], ["shape"]),
            helper.make_node("Gather", ["shape", "zero"], ["n"]),
            helper.make_node("Unsqueeze", ["n", "axes"], ["n1"]),
            helper.make_node("Concat", ["n1", "rest"], ["target"], axis=0),
            helper.make_node("Reshape", ["x", "target"], ["y"]),
        ]
        constants = [
            numpy_helper.from_array(np.array(value, np.int64), name)
            for name, value in (("zero", 0), ("axes", [0]), ("rest", [-1]))
        ]
        made = model(
            nodes, [tensor("x", FLOAT, ("n", "h", "w"))], [tensor("y", FLOAT, None)], constants
        )
        for shape in ((2, 3, 4), (5, 1, 1)):
            x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
            self.answers(made, {"x": x}, {"y": x.reshape(shape[0], -1)})

    def test_host_operands_may_be_inputs(self):
        made = model(
            [helper.make_node("Reshape", ["x", "target"], ["y"])],
            [tensor("x", FLOAT, (2, 6)), tensor("target", INT64, (2,))],
            [tensor("y", FLOAT, None)],
        )
        x = np.arange(12, dtype=np.float32).reshape(2, 6)
        for target in ([3, 4], [12, -1]):
            wanted = {"x": x, "target": np.array(target, np.int64)}
            self.answers(made, wanted, {"y": x.reshape(target)})


class ExternalData(CliCase):
    def external_model(self, location, offset=None, length=None):
        weight = TensorProto(name="weight", data_type=FLOAT, dims=WEIGHT.shape)
        weight.data_location = TensorProto.EXTERNAL
        for key, value in (("location", location), ("offset", offset), ("length", length)):
            if value is not None:
                weight.external_data.add(key=key, value=str(value))
        graph = conv_graph()
        graph.initializer[0].CopyFrom(weight)
        made = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8
        )
        self.write("model.onnx", made.SerializeToString())

    def test_external_data_beside_the_model(self):
        self.write("weights.bin", b"\0" * 64 + WEIGHT.tobytes() + b"\0" * 5)
        self.external_model("weights.bin", 64, WEIGHT.nbytes)
        np.save(self.folder / "x.npy", IMAGE)
        np.save(self.folder / "y.npy", convolved(IMAGE))
        self.succeed("run", "model.onnx", "--input", "x=x.npy", "--expect", "y=y.npy")

    def test_paths_that_lead_out_of_the_folder_are_refused(self):
        (self.folder / "link").symlink_to("/etc/passwd")
        for location in ("/etc/passwd", "../weights.bin", "a/../../weights.bin", "link", ""):
            with self.subTest(location=location):
                self.external_model(location)
                self.fail_with(2, "compile", "model.onnx", "-o", "model.stint", says=["weight"])

    def test_absent_and_short_files_are_refused(self):
        self.external_model("absent.bin")
        self.fail_with(7, "compile", "model.onnx", "-o", "model.stint", says=["absent.bin"])
        self.write("short.bin", b"\0" * 10)
        for offset, length in ((None, None), (8, WEIGHT.nbytes), (2**60, WEIGHT.nbytes), (0, 4)):
            self.external_model("short.bin", offset, length)
            self.fail_with(2, "compile", "model.onnx", "-o", "model.stint", says=["weight"])
        self.external_model("short.bin", "many")
        self.fail_with(2, "compile", "model.onnx", "-o", "model.stint", says=["many"])


if __name__ == "__main__":
    unittest.main()
