"""Models that no exporter writes, as bytes: what test_hostile_models.py hands to the compiler.

Nothing here goes through ONNX's checker. ROWS has the cases; the first word of a name is the entry of
the catalogue (O01 to O44) that it stands for.
"""

import collections
import gzip

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, helper, numpy_helper

from cases import FLOAT, add_model, model, tensor

LARGEST = 2**63 - 1
SMALLEST = -2**63
BAD, UNSUPPORTED, LIMIT, IO = 2, 4, 6, 7

# `code`: what `stint check` and `stint run` exit with, or the first of them that fails; a tuple
# allows several. `says`: what the line of the error holds.
Row = collections.namedtuple("Row", "name content code says")
ROWS = []


def row(name, code, content, says=""):
    ROWS.append(Row(name, content, code if isinstance(code, tuple) else (code,), says))


def ints(name, *values):
    return numpy_helper.from_array(np.array(values, np.int64), name)


def one(op, shapes, initializers=(), outputs=1, opset=17, dtypes=None, **attributes):
    """A model of one node; `shapes` are of its inputs a, b, ...; initialisers are further operands."""
    names = [chr(ord("a") + i) for i in range(len(shapes))]
    dtypes = dtypes or [FLOAT] * len(shapes)
    results = [f"y{i}" for i in range(outputs)]
    node = helper.make_node(op, names + [t.name for t in initializers], results, **attributes)
    return model([node], [tensor(*given) for given in zip(names, dtypes, shapes)],
                 [tensor(name, FLOAT, None) for name in results], initializers, opset)


def parsed(content):
    return onnx.load_from_string(content)


def edited(content, edit):
    """The model after `edit(model)`."""
    made = parsed(content)
    edit(made)
    return made.SerializeToString()


def varint(number):
    encoded = bytearray()
    while number > 127:
        encoded.append(number & 127 | 128)
        number >>= 7
    return bytes(encoded + bytes([number]))


def field(number, payload):
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def nested(numbers, depth, innermost):
    """Messages in messages: `depth` times the fields `numbers`, the outermost first."""
    for _ in range(depth):
        for number in reversed(numbers):
            innermost = field(number, innermost)
    return innermost


def with_weight(edit, count=3):
    """a + w, where `edit` changes the tensor w."""
    def change(made):
        edit(made.graph.initializer[0])
    weight = helper.make_tensor("w", FLOAT, [count], [1.0] * count)
    return edited(one("Add", [[count]], [weight]), change)


def set_fields(**fields):
    def edit(message):
        for name, value in fields.items():
            setattr(message, name, value)
    return edit


def external(**keys):
    """A weight of three floats in another file."""
    def edit(weight):
        weight.ClearField("float_data")
        weight.data_location = TensorProto.EXTERNAL
        for key, value in keys.items():
            entry = weight.external_data.add()
            entry.key, entry.value = key, value
    return with_weight(edit)


def attribute(content, edit):
    """The model after `edit(first attribute of the first node)`."""
    return edited(content, lambda made: edit(made.graph.node[0].attribute[0]))


def chain(op, times, first, inputs=(), initializers=()):
    """`op` applied to its own result; initialisers are its other operands."""
    others = [t.name for t in initializers]
    nodes = [helper.make_node(op, [f"v{i}", *others], [f"v{i + 1}"]) for i in range(times)]
    return model(nodes, [tensor("v0", FLOAT, first), *inputs],
                 [tensor(f"v{times}", FLOAT, None)], initializers)


# --- Bytes ------------------------------------------------------------------------------------

row("O01 gzip", BAD, gzip.compress(add_model(), mtime=0), "no protobuf")
row("O01 zip", BAD, b"PK\x03\x04" + bytes(64), "no protobuf")
row("O01 HTML", BAD, b"<!DOCTYPE html><html><body>404</body></html>", "no protobuf")
row("O01 text", BAD, b'ir_version: 8\ngraph { name: "g" }\n', "no protobuf")
row("O01 empty", BAD, b"", "an empty file")
row("O02 varint of 11 bytes", BAD, b"\x08" + b"\xff" * 11, "no protobuf")
row("O02 wire type", BAD, b"\x0f" + add_model(), "no protobuf")
row("O02 length beyond the end", BAD, add_model() + b"\x3a\x7f", "no protobuf")
row("O02 group", BAD, add_model() + b"\x0c", "no protobuf")
row("O02 field 0", BAD, add_model() + b"\x00\x01", "no protobuf")
row("O02 field 2^29 - 1", 0, add_model() + varint((2**29 - 1) << 3) + b"\x01")
row("O04 graphs in graphs", BAD, add_model() + field(7, nested([1, 5, 6], 3_000, b"")), "no protobuf")
row("O04 sequences of sequences", BAD,
    add_model() + field(7, field(11, field(2, nested([4, 1], 3_000, b"")))), "no protobuf")
for _name, _bytes in (("overlong", b"\xc0\xaf"), ("surrogate", b"\xed\xa0\x80"), ("cut", b"\xe2")):
    row(f"O05 UTF-8 {_name} in names", (0, BAD),
        add_model(a="Q" * len(_bytes), out="P" * len(_bytes)).replace(b"Q" * len(_bytes), _bytes)
        .replace(b"P" * len(_bytes), _bytes[::-1]))
row("O05 escapes in names", BAD,
    edited(add_model(), lambda m: set_fields(name="\x1b[2J\nx")(m.graph.node[0]) or
           m.graph.node[0].input.append("\x1b[2J\nabsent")), r"\x1b[2J\x0a")

# --- The frame of a model ---------------------------------------------------------------------

row("O06 no IR version", (0, BAD), edited(add_model(), lambda m: m.ClearField("ir_version")))
row("O06 IR version 2", 0, edited(add_model(), set_fields(ir_version=2)))
row("O06 IR version 99", UNSUPPORTED, edited(add_model(), set_fields(ir_version=99)), "IR version")
row("O06 IR version negative", (0, BAD), edited(add_model(), set_fields(ir_version=-5)))
row("O06 no opset", BAD, edited(add_model(), lambda m: m.ClearField("opset_import")), "opset")
for _version in (0, -1, 10**9, LARGEST, SMALLEST):
    row(f"O06 opset {_version}", UNSUPPORTED,
        edited(add_model(), lambda m, v=_version: set_fields(version=v)(m.opset_import[0])),
        "opset")
row("O06 an opset twice", 0,
    edited(add_model(), lambda m: m.opset_import.append(helper.make_opsetid("", m.opset_import[
        0].version))))
row("O06 two opsets under two names of a domain", BAD,
    edited(add_model(), lambda m: m.opset_import.append(helper.make_opsetid("ai.onnx", 1))),
    "opsets")
row("O06 a domain twice", BAD,
    edited(add_model(), lambda m: m.opset_import.append(helper.make_opsetid("", 7))), "domain")
row("O06 unknown domain", UNSUPPORTED,
    edited(add_model(), lambda m: set_fields(domain="com.vendor")(m.graph.node[0]) or
           m.opset_import.append(helper.make_opsetid("com.vendor", 1))), "Add")
row("O07 no graph", BAD, edited(add_model(), lambda m: m.ClearField("graph")), "no graph")
row("O07 no nodes and outputs", BAD,
    edited(add_model(), lambda m: m.graph.ClearField("node") or m.graph.ClearField("output")))
row("O07 an output that nothing gives", BAD,
    edited(add_model(), lambda m: m.graph.ClearField("node")), "'sum'")
row("O08 an input twice", BAD,
    edited(add_model(), lambda m: m.graph.input.append(m.graph.input[0])), "'a'")
row("O08 an initialiser twice", BAD,
    edited(with_weight(lambda w: None), lambda m: m.graph.initializer.append(
        m.graph.initializer[0])), "'w'")
row("O08 an output twice", 0,
    edited(add_model(), lambda m: m.graph.output.append(m.graph.output[0])))
row("O08 a result named like an input", BAD,
    edited(add_model(), lambda m: m.graph.node[0].output.__setitem__(0, "a")), "'a'")
row("O08 a result named like an initialiser", BAD,
    edited(with_weight(lambda w: None), lambda m: m.graph.node[0].output.__setitem__(0, "w")), "'w'")
row("O08 an operand without a name", BAD,
    edited(add_model(), lambda m: m.graph.node[0].input.__setitem__(1, "")), "Add")
row("O08 no operands", BAD, edited(add_model(), lambda m: m.graph.node[0].ClearField("input")),
    "Add")
row("O08 too many operands", (0, BAD),
    edited(add_model(), lambda m: m.graph.node[0].input.extend(["a"] * 1000)))
row("O08 too many results", (BAD, UNSUPPORTED),
    edited(add_model(), lambda m: m.graph.node[0].output.extend(f"o{i}" for i in range(1000))),
    "Add")
row("O08 no results", (0, BAD),
    edited(add_model(), lambda m: m.graph.node.append(helper.make_node("Add", ["a", "b"], []))))
row("O09 cycle", BAD, model([helper.make_node("Add", ["a", "z"], ["y"]),
                             helper.make_node("Abs", ["y"], ["z"])],
                            [tensor("a", FLOAT, [1])], [tensor("y", FLOAT, [1])]), "'z'")
row("O09 unsorted", BAD, model([helper.make_node("Abs", ["b"], ["c"]),
                                helper.make_node("Abs", ["a"], ["b"])],
                               [tensor("a", FLOAT, [1])], [tensor("c", FLOAT, [1])]), "'b'")
row("O11 unknown operator", UNSUPPORTED, one("Frobnicate", [[1]]), "Frobnicate")
row("O11 an operator of a later opset", UNSUPPORTED, one("Gelu", [[1]], opset=17), "Gelu")
row("O11 an operator that is gone", (0, UNSUPPORTED), one("Upsample", [[1, 1, 2, 2]], opset=17,
                                                         scales=[1.0, 1.0, 2.0, 2.0]))
row("O11 overload", (0, UNSUPPORTED),
    edited(add_model(), lambda m: set_fields(overload="x")(m.graph.node[0])))

# --- Attributes and tensors -------------------------------------------------------------------

row("O12 required attribute missing", BAD, one("Concat", [[1], [1]]), "axis")
row("O12 required type missing", BAD, one("Cast", [[1]]), "Cast")
row("O12 type of another field", BAD,
    attribute(one("Concat", [[1], [1]], axis=0), set_fields(type=AttributeProto.FLOAT)), "axis")
row("O12 text for a number", BAD, one("Concat", [[1], [1]], axis="0"), "axis")
row("O12 an integer for a float", BAD, one("LeakyRelu", [[1]], alpha=2), "alpha")
row("O12 an integer for an old float", BAD, one("Clip", [[1]], opset=6, max=5), "max")
row("O12 an integer for a list", BAD, one("ReduceSum", [[1, 1]], opset=11, axes=1), "axes")
row("O12 a list for an integer", BAD, one("Softmax", [[1, 1]], axis=[0]), "axis")
row("O12 an integer for a text", BAD, one("Gelu", [[1]], opset=20, approximate=1), "approximate")
row("O12 a text for the number of a type", BAD, one("Cast", [[1]], to="INT32"), "to")
row("O12 floats for integers", BAD, one("Constant", [], value_ints=[1.5]), "value_ints")
row("O12 two integers for one", BAD, one("Constant", [], value_int=[1, 2]), "value_int")
row("O12 no type, and another field", BAD, attribute(
    one("LeakyRelu", [[1]], alpha=2), lambda a: a.ClearField("type")), "alpha")
row("O12 an attribute twice", BAD, edited(
    one("Concat", [[1], [1]], axis=0), lambda m: m.graph.node[0].attribute.append(
        helper.make_attribute("axis", 7))), "axis")
row("O12 zeros that are left out", 0,
    attribute(one("Concat", [[1], [1]], axis=0), lambda a: a.ClearField("i")))
row("O12 ref_attr_name outside a function", BAD,
    attribute(one("Concat", [[1], [1]], axis=0), lambda a: a.ClearField("i") or
              set_fields(ref_attr_name="other")(a)), "axis")
row("O13 attribute type 99", (0, BAD),
    one("Concat", [[1], [1]], axis=0).replace(b"\xa0\x01\x02", b"\xa0\x01\x63"))
row("O13 element type 99", BAD, with_weight(set_fields(data_type=99)), "99")
row("O13 element type -1", BAD, with_weight(set_fields(data_type=-1)), "-1")
row("O13 element type of an input", BAD, one("Abs", [[1]], dtypes=[0]), "'a'")
row("O13 Cast to 99", BAD, one("Cast", [[1]], to=99), "Cast")
row("O14 extent -3", BAD, with_weight(lambda w: w.dims.__setitem__(0, -3)), "-3")
row("O14 extent 2^63 - 1", BAD, with_weight(lambda w: w.dims.__setitem__(0, LARGEST)), "'w'")
row("O14 product beyond 2^64", BAD,
    with_weight(lambda w: w.dims.extend([2**31, 2**31, 2**31])), "'w'")
row("O14 zero times too many", (0, BAD), with_weight(
    lambda w: w.ClearField("float_data") or w.dims.__setitem__(slice(None), [0, LARGEST])))
row("O14 rank 9", UNSUPPORTED, with_weight(lambda w: w.dims.extend([1] * 8)), "rank 9")
row("O14 input of 2^63 - 1", (BAD, LIMIT), one("Abs", [[LARGEST]]))
row("O14 input of 2^62 x 2^62", (BAD, LIMIT), one("Abs", [[2**62, 2**62]]))
row("O14 input of no elements times 2^62", (0, BAD), one("Abs", [[0, 2**62]]))
row("O14 sum of 2^60 and 2^60 and more", (BAD, LIMIT), one("Concat", [[2**62], [2**62]], axis=0))
for _label, _data in (("short", bytes(11)), ("long", bytes(13)), ("no element", bytes(2)),
                      ("none", b"")):
    row(f"O15 raw data {_label}", BAD, with_weight(
        lambda w, data=_data: w.ClearField("float_data") or set_fields(raw_data=data)(w)), "'w'")
row("O16 raw and typed data", BAD, with_weight(set_fields(raw_data=bytes(12))), "'w'")
row("O16 typed data of another type", BAD, with_weight(
    lambda w: w.ClearField("float_data") or w.int64_data.extend([1, 2, 3])), "'w'")
row("O16 too few numbers", BAD, with_weight(lambda w: w.float_data.pop()), "'w'")
for _dtype, _number in ((TensorProto.INT8, 128), (TensorProto.UINT8, -1), (TensorProto.BOOL, 2),
                        (TensorProto.INT16, 2**15), (TensorProto.FLOAT16, 2**16),
                        (TensorProto.INT4, 256)):
    _tensor = TensorProto(name="w", data_type=_dtype, dims=[1], int32_data=[_number])
    row(f"O16 {_number} as {TensorProto.DataType.Name(_dtype)}", (0, BAD),
        model([helper.make_node("Cast", ["w"], ["y"], to=FLOAT)], [], [tensor("y", FLOAT, [1])],
              [_tensor], 21))
row("O17 strings", UNSUPPORTED, model(
    [helper.make_node("Identity", ["w"], ["y"])], [], [tensor("y", TensorProto.STRING, [2])],
    [helper.make_tensor("w", TensorProto.STRING, [2], [b"a", b"b"])]), "string")
row("O17 strings in raw data", (BAD, UNSUPPORTED), model(
    [helper.make_node("Identity", ["w"], ["y"])], [], [tensor("y", TensorProto.STRING, [2])],
    [TensorProto(name="w", data_type=TensorProto.STRING, dims=[2], raw_data=b"ab")]))
for _dtype, _count in ((TensorProto.INT4, 3), (TensorProto.UINT4, 1), (TensorProto.FLOAT4E2M1, 5)):
    _tensor = helper.make_tensor("w", _dtype, [_count], [1] * _count)
    row(f"O18 {_count} of {TensorProto.DataType.Name(_dtype)}", 0, model(
        [helper.make_node("Cast", ["w"], ["y"], to=FLOAT)], [], [tensor("y", FLOAT, [_count])],
        [_tensor], 23))
for _dtype in (TensorProto.BFLOAT16, TensorProto.FLOAT8E4M3FN):
    row(f"O18 {TensorProto.DataType.Name(_dtype)} in int32_data", 0, model(
        [helper.make_node("Cast", ["w"], ["y"], to=FLOAT)], [], [tensor("y", FLOAT, [2])],
        [TensorProto(name="w", data_type=_dtype, dims=[2], int32_data=[1, 2])], 21))

# --- Other files: beside.bin, dir/ and fifo are there ------------------------------------------

for _place in ("../x", "a/../../x", "/etc/passwd", "/proc/self/mem", "", "\0", "beside.bin\0x",
               "x" * 5000, "outside"):
    row(f"O19 location {_place[:20]!r}", (BAD, IO), external(location=_place), "'w'")
for _place in ("C:\\x", "\\\\host\\x", "absent", "dir", "fifo", "."):
    row(f"O20 location {_place!r}", (BAD, IO), external(location=_place), "'w'")
row("O20 link inside", 0, external(location="link"))
row("O20 link outside", (BAD, IO), external(location="out"), "'w'")
row("O20 link to a link in a circle", (BAD, IO), external(location="circle"), "'w'")
for _offset in ("-1", "0x10", "1e3", "", "1", "13", str(LARGEST), str(2**64), "9" * 40):
    row(f"O22 offset {_offset[:20]!r}", BAD, external(location="beside.bin", offset=_offset), "'w'")
for _length in ("-12", "11", "13", "12 ", str(2**60), "9" * 40):
    row(f"O22 length {_length[:20]!r}", BAD, external(location="beside.bin", length=_length), "'w'")
row("O22 no length", 0, external(location="beside.bin"))
row("O23 unknown key", 0, external(location="beside.bin", __class__="x"))
row("O23 a key twice", BAD, edited(external(location="beside.bin"), lambda m: m.graph.initializer[
    0].external_data.append(onnx.StringStringEntryProto(key="location", value="link"))), "'w'")
row("O23 no location", BAD, external(offset="0"), "'w'")
row("O25 attribute tensor outside", (BAD, IO), attribute(
    one("Constant", [], value=numpy_helper.from_array(np.ones(3, np.float32), "w")),
    lambda a: a.t.CopyFrom(parsed(external(location="../x")).graph.initializer[0])), "'w'")
for _extents, _indices, _code in (
        ([3], [3], BAD), ([3], [-1], BAD), ([3], [[0, 0]], BAD), ([3, 3], [[0, 3]], BAD),
        ([3, 3], [[-1, 2]], BAD), ([3], [], BAD), ([3], [0, 1], BAD), ([0], [0], BAD),
        ([-3], [0], BAD), ([2**30], [0], LIMIT), ([2**31, 2**32], [0], LIMIT), ([], [0], 0)):
    row(f"O25 sparse {_extents} at {_indices}", _code, one(
        "Constant", [], sparse_value=helper.make_sparse_tensor(
            ints("v", 1), numpy_helper.from_array(np.array(_indices, np.int64), "i"), _extents)))
row("O25 many sparse tensors of few bytes", LIMIT, model(
    [helper.make_node("Constant", [], [f"y{i}"], sparse_value=helper.make_sparse_tensor(
        ints("v", 1), ints("i", 0), [2**22])) for i in range(60)],
    [], [tensor("y0", TensorProto.INT64, None)]))
