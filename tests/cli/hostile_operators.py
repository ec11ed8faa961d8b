"""Operators, graphs and shape arithmetic that no exporter writes; rows as hostile.py has them."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from cases import FLOAT, INT64, add_model, model, tensor
from hostile import (BAD, LARGEST, LIMIT, SMALLEST, UNSUPPORTED, chain, edited, field, ints, one,
                     row)

EXTREMES = (LARGEST, SMALLEST, 2**62, -2**62, 2**31, 0, -1)
IMAGE, KERNEL = [1, 1, 4, 4], [1, 1, 3, 3]


def branch(name, out="r"):
    """A graph of one constant."""
    node = helper.make_node("Constant", [], [out], value_float=1.0)
    return helper.make_graph([node], name, [], [tensor(out, FLOAT, [])])


def functions(bodies):
    """A model that calls f0; `bodies` has the names that each function calls."""
    made = onnx.load_from_string(model([helper.make_node("f0", ["a"], ["y"], domain="local")],
                                       [tensor("a", FLOAT, [1])], [tensor("y", FLOAT, [1])]))
    made.opset_import.append(helper.make_opsetid("local", 1))
    for name, calls in bodies.items():
        values = ["x", *(f"t{i}" for i in range(1, len(calls))), "y"]
        nodes = [helper.make_node(call, [values[i]], [values[i + 1]], domain="local")
                 for i, call in enumerate(calls)]
        made.functions.append(helper.make_function("local", name, ["x"], ["y"], nodes,
                                                   [helper.make_opsetid("local", 1)]))
    return made.SerializeToString()


def relu_function():
    """A model that calls f0, which is LeakyRelu."""
    def edit(made):
        made.functions[0].opset_import.append(helper.make_opsetid("", 17))
        made.functions[0].node[0].CopyFrom(helper.make_node("LeakyRelu", ["x"], ["y"]))
    return edited(functions({"f0": ["f0"]}), edit)


def in_branches(made):
    """Each function calls the next in a branch in a branch."""
    for function in made.functions:
        function.opset_import.append(helper.make_opsetid("", 17))
        call = onnx.NodeProto()
        call.CopyFrom(function.node[0])
        for i in range(2):
            call = helper.make_node("If", ["c"], ["y"], then_branch=helper.make_graph(
                [call], f"b{i}", [], [tensor("y", FLOAT, None)]), else_branch=branch("e"))
        function.ClearField("node")
        function.node.extend([helper.make_node("Constant", [], ["t"], value_int=1),
                              helper.make_node("Cast", ["t"], ["c"], to=TensorProto.BOOL), call])


def large_function(name, value):
    """x + a constant that has the attribute `value`."""
    return helper.make_function("local", name, ["x"], ["y"], [
        helper.make_node("Constant", [], ["c"], **value),
        helper.make_node("Add", ["x", "c"], ["y"])], [helper.make_opsetid("", 17)])


def shape_input(op, values=None, count=None, opset=17, **attributes):
    """`op`(a[2, 3], n), where n is a constant, or an input of `count` elements."""
    if values is not None:
        return one(op, [[2, 3]], [ints("n", *values)], opset=opset, **attributes)
    return one(op, [[2, 3], [count]], dtypes=[FLOAT, INT64], opset=opset, **attributes)


# --- Functions, and graphs in graphs ----------------------------------------------------------

row("O10 a name of no outer scope", UNSUPPORTED, model(
    [helper.make_node("If", ["c"], ["y"], then_branch=helper.make_graph(
        [helper.make_node("Abs", ["nowhere"], ["r"])], "t", [], [tensor("r", FLOAT, [])]),
        else_branch=branch("e"))],
    [tensor("c", TensorProto.BOOL, [])], [tensor("y", FLOAT, [])]), "If")
row("O26 a function that calls itself", BAD, functions({"f0": ["f0"]}), "f0")
row("O26 functions that call each other", BAD, functions({"f0": ["f1"], "f1": ["f0"]}), "f0")
row("O27 functions of 2^40 nodes", LIMIT,
    functions({f"f{i}": [f"f{i + 1}"] * 2 for i in range(40)}), "nodes")
row("O27 1000 functions in one another", LIMIT,
    functions({f"f{i}": [f"f{i + 1}"] for i in range(1000)}), "in one another")
row("O27 1000 functions in one another, in branches", LIMIT, edited(
    functions({f"f{i}": [f"f{i + 1}"] for i in range(1000)}), in_branches), "in one another")
for _name, _value in (
        ("64 MB", {"value": numpy_helper.from_array(np.zeros(2**24, np.float32))}),
        ("64 MB when it is dense", {"sparse_value": helper.make_sparse_tensor(
            numpy_helper.from_array(np.ones(1, np.float32), "v"), ints("i", 5), [2**24])})):
    row(f"O27 functions whose constant has {_name}", LIMIT, edited(
        functions({f"f{i}": [f"f{i + 1}"] * 2 for i in range(10)}),
        lambda m, v=_value: m.functions.append(large_function("f10", v))), "bytes")
row("O26 a function twice", BAD, edited(
    functions({"f0": ["f0"]}), lambda m: m.functions.append(m.functions[0])), "f0")
row("O26 a function without opsets", BAD, edited(
    functions({"f0": ["f1"], "f1": ["f1"]}),
    lambda m: m.functions[0].ClearField("opset_import")), "domain")
row("O26 a function of opset 99", UNSUPPORTED, edited(
    functions({"f0": ["f1"]}), lambda m: m.functions[0].opset_import.append(
        helper.make_opsetid("", 99))), "opset 99")
row("O26 a function that nothing calls", 0, edited(
    add_model(), lambda m: m.functions.append(helper.make_function(
        "local", "f", ["x", "x"], ["y"], [helper.make_node("f", [], [])], []))))
for _name, _edit in (
        ("an operand too many", lambda m: m.graph.node[0].input.append("a")),
        ("a result too many", lambda m: m.graph.node[0].output.append("z")),
        ("an operand of nobody", lambda m: m.graph.node[0].input.__setitem__(0, "nobody")),
        ("a result that is there already", lambda m: m.graph.node[0].output.__setitem__(0, "a")),
        ("no operand for one that is needed", lambda m: m.graph.node[0].ClearField("input")),
        ("an attribute twice", lambda m: m.graph.node[0].attribute.extend(
            [helper.make_attribute("k", 1)] * 2)),
        ("an input twice", lambda m: m.functions[0].input.append("x")),
        ("an output of nobody", lambda m: m.functions[0].output.__setitem__(0, "nobody")),
        ("a value from around", lambda m: m.functions[0].node[0].input.__setitem__(0, "a")),
        ("a node without its results", lambda m: m.functions[0].node[0].ClearField("output")),
        ("a reference to another type", lambda m: (
            m.graph.node[0].attribute.append(helper.make_attribute("k", 1)),
            m.functions[0].node[0].attribute.append(onnx.AttributeProto(
                name="alpha", ref_attr_name="k", type=onnx.AttributeProto.FLOAT))))):
    row(f"O26 a call with {_name}", BAD, edited(relu_function(), _edit), "f0")
row("O28 branches of different types", UNSUPPORTED, model(
    [helper.make_node("If", ["c"], ["y"], then_branch=branch("t"), else_branch=helper.make_graph(
        [helper.make_node("Constant", [], ["r"], value_int=1)], "e", [], [tensor("r", INT64, [])]))],
    [tensor("c", TensorProto.BOOL, [])], [tensor("y", FLOAT, [])]), "If")
row("O37 If with a condition of two elements", BAD, model(
    [helper.make_node("If", ["c"], ["y"], then_branch=branch("t"), else_branch=branch("e"))],
    [tensor("c", TensorProto.BOOL, [2])], [tensor("y", FLOAT, [])]), "If")
row("O37 If without branches", UNSUPPORTED, one("If", [[]], dtypes=[TensorProto.BOOL]), "If")
for _name, _branch in (
        ("without this branch", {}), ("of a branch that is a number", {"then_branch": 1}),
        ("of a branch with an input", {"then_branch": helper.make_graph(
            [], "t", [tensor("r", FLOAT, [])], [tensor("r", FLOAT, [])])}),
        ("of a branch with two results", {"then_branch": helper.make_graph(
            [], "t", [], [tensor("a", FLOAT, [1])] * 2)}),
        ("of a branch whose result nothing gives", {"then_branch": helper.make_graph(
            [], "t", [], [tensor("r", FLOAT, [])])}),
        ("of a branch that names nothing around it", {"then_branch": helper.make_graph(
            [helper.make_node("Abs", ["nowhere"], ["r"])], "t", [], [tensor("r", FLOAT, [])])}),
        ("of a branch that names its own result before it", {"then_branch": helper.make_graph(
            [helper.make_node("Abs", ["r"], ["r"])], "t", [], [tensor("r", FLOAT, [])])})):
    row(f"O37 a known If {_name}", BAD, model(
        [helper.make_node("If", ["c"], ["y"], else_branch=branch("e"), **_branch)],
        [tensor("a", FLOAT, [1])], [tensor("y", FLOAT, None)],
        [numpy_helper.from_array(np.array(True), "c")]), "If")
row("O37 a known If of a number", BAD, model(
    [helper.make_node("If", ["c"], ["y"], then_branch=branch("t"), else_branch=branch("e"))],
    [], [tensor("y", FLOAT, [])], [ints("c", 1)]), "If")
row("O37 a known If whose other branch holds nonsense", 0, model(
    [helper.make_node("If", ["c"], ["y"], then_branch=branch("t"), else_branch=helper.make_graph(
        [helper.make_node("Frobnicate", ["nowhere"], ["q"])], "e", [],
        [tensor("p", FLOAT, None)]))],
    [], [tensor("y", FLOAT, [])], [numpy_helper.from_array(np.array(True), "c")]))
row("O37 Loop of -1 steps", UNSUPPORTED, model(
    [helper.make_node("Loop", ["m", ""], ["y"], body=helper.make_graph(
        [helper.make_node("Identity", ["c"], ["d"])], "b",
        [tensor("i", INT64, []), tensor("c", TensorProto.BOOL, [])],
        [tensor("d", TensorProto.BOOL, [])]))],
    [], [tensor("y", FLOAT, None)], [numpy_helper.from_array(np.array(-1), "m")]), "Loop")
row("O37 Scan along axis 99", UNSUPPORTED, model(
    [helper.make_node("Scan", ["a"], ["y"], num_scan_inputs=1, scan_input_axes=[99],
                      body=helper.make_graph([helper.make_node("Abs", ["i"], ["o"])], "b",
                                             [tensor("i", FLOAT, [])], [tensor("o", FLOAT, [])]))],
    [tensor("a", FLOAT, [3])], [tensor("y", FLOAT, None)]), "Scan")

# --- Windows ----------------------------------------------------------------------------------

for _op in ("Conv", "ConvTranspose"):
    row(f"O29 {_op} of a weight whose kernel is not known", UNSUPPORTED,
        one(_op, [IMAGE, [1, 1, 3, "k"]]), "kernel extents that are not known")
for _value in EXTREMES:
    row(f"O29 Conv strides {_value}", (0, BAD, LIMIT),
        one("Conv", [IMAGE, KERNEL], strides=[_value, _value]))
    row(f"O29 Conv dilations {_value}", BAD,
        one("Conv", [IMAGE, KERNEL], dilations=[_value, _value]))
    row(f"O29 Conv pads {_value}", (0, BAD, LIMIT), one("Conv", [IMAGE, KERNEL], pads=[_value] * 4))
    row(f"O29 ConvTranspose strides {_value}", (BAD, LIMIT),
        one("ConvTranspose", [IMAGE, KERNEL], strides=[_value, _value]))
    row(f"O29 ConvTranspose output_padding {_value}", (0, BAD, LIMIT),
        one("ConvTranspose", [IMAGE, KERNEL], output_padding=[_value, _value]))
    row(f"O29 ConvTranspose output_shape {_value}", (0, BAD, LIMIT),
        one("ConvTranspose", [IMAGE, KERNEL], output_shape=[_value, _value]))
    for _op in ("MaxPool", "AveragePool", "LpPool"):
        row(f"O29 {_op} kernel {_value}", (BAD, LIMIT),
            one(_op, [IMAGE], kernel_shape=[_value, _value]))
    row(f"O29 MaxPool pads {_value}", (0, BAD, LIMIT),
        one("MaxPool", [IMAGE], kernel_shape=[2, 2], pads=[_value] * 4))
    row(f"O29 Col2Im dilations {_value}", (BAD, LIMIT), one(
        "Col2Im", [[1, 4, 4]], [ints("i", 3, 3), ints("b", 2, 2)], opset=18,
        dilations=[_value, _value]))
    row(f"O35 Conv group {_value}", BAD, one("Conv", [IMAGE, KERNEL], group=_value))
for _pad in (2**40, -2**40):
    row(f"O29 AveragePool pads {_pad} and back", (0, BAD, LIMIT), one(
        "AveragePool", [IMAGE], kernel_shape=[2, 2], pads=[_pad, _pad, -_pad, -_pad]))
row("O35 Conv kernel 0", BAD, one("Conv", [IMAGE, [1, 1, 0, 0]]))
row("O35 Conv kernel_shape of another rank", BAD, one("Conv", [IMAGE, KERNEL], kernel_shape=[3]))
for _op, _pad in (("Conv", "NOTSET"), ("Conv", "SAME_UPPER"), ("ConvTranspose", "NOTSET"),
                  ("ConvTranspose", "SAME_LOWER"), ("ConvInteger", "NOTSET")):
    _types = [TensorProto.UINT8] * 2 if _op == "ConvInteger" else None
    row(f"O35 {_op} {_pad} kernel_shape that the weight has not", BAD, one(
        _op, [IMAGE, [1, 1, 1, 1]], dtypes=_types, kernel_shape=[3, 3], auto_pad=_pad),
        "kernel_shape")
row("O35 QLinearConv kernel_shape that the weight has not", BAD, one(
    "QLinearConv", [IMAGE, [], [], [1, 1, 1, 1], [], [], [], []], kernel_shape=[3, 3],
    dtypes=[TensorProto.UINT8, FLOAT, TensorProto.UINT8] * 2 + [FLOAT, TensorProto.UINT8]),
    "kernel_shape")
for _size, _half in ((3, 1), (5, 2), (0, 3)):
    _head = 7 if _size == 0 else 6
    row(f"O35 RotaryEmbedding of {_size or _head} elements", BAD, one(
        "RotaryEmbedding", [[1, 2, 4, _head], [1, 4, _half], [1, 4, _half]], opset=23,
        rotary_embedding_dim=_size), "even")
row("O35 Conv dilations of another rank", BAD, one("Conv", [IMAGE, KERNEL], dilations=[1] * 5))
row("O35 Conv pads of another rank", BAD, one("Conv", [IMAGE, KERNEL], pads=[1] * 3))
row("O35 Conv auto_pad", BAD, one("Conv", [IMAGE, KERNEL], auto_pad="SAME_SIDEWAYS"), "SIDEWAYS")
row("O35 MaxPool without a kernel", BAD, one("MaxPool", [IMAGE]))
row("O35 Conv of rank 1", BAD, one("Conv", [[4], [3]]))

# --- Shapes -----------------------------------------------------------------------------------

for _values in ([-1, -1], [0, 0, 0], [7], [LARGEST], [SMALLEST], [2**62, 4], [-2, -3], [1] * 9,
                [-1, 0, 0, 0]):
    row(f"O30 Reshape to {_values}", (BAD, UNSUPPORTED), shape_input("Reshape", _values))
for _op in ("Expand", "Tile"):
    for _values in ([2**62, 1], [LARGEST, LARGEST], [-1, -1], [SMALLEST, 1]):
        row(f"O30 {_op} by {_values}", (0, BAD, LIMIT) if _values[0] == -1 else (BAD, LIMIT),
            shape_input(_op, _values))
for _values in ([2**62], [2**31, 2**31], [LARGEST] * 3, [-1], [SMALLEST]):
    row(f"O30 ConstantOfShape {_values}", (BAD, LIMIT),
        one("ConstantOfShape", [], [ints("n", *_values)]))
for _limit, _delta in ((LARGEST, 1), (SMALLEST, -1), (5, 0), (LARGEST, SMALLEST)):
    row(f"O30 Range to {_limit} by {_delta}", (0, BAD, LIMIT), one(
        "Range", [], [numpy_helper.from_array(np.array(v), n)
                      for n, v in (("s", 0), ("l", _limit), ("d", _delta))]))
for _name, _numbers in (("NaN", (0, 9, np.nan)), ("infinite", (0, np.inf, 1)),
                        ("tiny", (0, 1, 1e-300))):
    row(f"O30 Range {_name}", (0, BAD, LIMIT), one(
        "Range", [], [numpy_helper.from_array(np.array(v, np.float64), n)
                      for n, v in zip("sld", _numbers)]))
for _values in ([0, 0, LARGEST, 0], [SMALLEST] * 4, [2**62, 0, 2**62, 0], [-5, 0, 0, 0]):
    row(f"O30 Pad by {_values}", (0, BAD, LIMIT), shape_input("Pad", _values))
for _scale in (1e30, -1.0, 0.0, np.nan, np.inf, 1e-30):
    row(f"O30 Resize by {_scale}", (0, BAD, LIMIT), one(
        "Resize", [[1, 1, 4, 4]], [numpy_helper.from_array(np.zeros(0, np.float32), "r"),
                                   numpy_helper.from_array(np.array([1, 1, _scale, _scale],
                                                                    np.float32), "s")]))
for _size in EXTREMES:
    row(f"O30 Resize to {_size}", (0, BAD, LIMIT), edited(
        one("Resize", [[1, 1, 4, 4]], [ints("n", 1, 1, _size, _size)]),
        lambda m: m.graph.node[0].ClearField("input") or
        m.graph.node[0].input.extend(["a", "", "", "n"])))
row("O30 EyeLike of 2^62", (BAD, LIMIT), one("EyeLike", [[2**31, 2**31]]))
row("O30 OneHot of 2^62", (BAD, LIMIT), one(
    "OneHot", [[3]], [numpy_helper.from_array(np.array(2**62), "d"),
                      numpy_helper.from_array(np.array([0, 1], np.float32), "v")],
    dtypes=[INT64]))
for _start in EXTREMES:
    for _step in (LARGEST, SMALLEST, -1, 1):
        row(f"O31 Slice from {_start} by {_step}", (0, BAD), one(
            "Slice", [[5, 0]], [ints("s", _start, _start), ints("e", -_start if _start > SMALLEST
                                                               else LARGEST, SMALLEST),
                                ints("x", 0, 1), ints("p", _step, _step)]))
row("O31 Slice by 0", BAD, one("Slice", [[5]], [ints("s", 0), ints("e", 5), ints("x", 0),
                                                ints("p", 0)]))
row("O31 Slice of axis 2^63 - 1", BAD, one("Slice", [[5]], [ints("s", 0), ints("e", 5),
                                                            ints("x", LARGEST)]))
row("O31 Slice of an axis twice", BAD, one("Slice", [[5]], [ints("s", 0, 0), ints("e", 5, 4),
                                                            ints("x", 0, -1)]))
for _op in ("Reshape", "Expand", "Tile"):
    row(f"O32 {_op} by 2^40 extents", (BAD, UNSUPPORTED, LIMIT), shape_input(_op, count=2**40))
    row(f"O32 {_op} by 2^62 extents", (BAD, UNSUPPORTED, LIMIT), shape_input(_op, count=2**62))
row("O32 ConstantOfShape of 10^6 extents", (BAD, UNSUPPORTED, LIMIT),
    one("ConstantOfShape", [[10**6]], dtypes=[INT64]))
row("O32 Unsqueeze by 10^5 axes", (BAD, UNSUPPORTED),
    shape_input("Unsqueeze", list(range(10**5))))
row("O32 Transpose of 10^5 axes", BAD, one("Transpose", [[2, 3]], perm=list(range(10**5))))

# --- Growth without bound ---------------------------------------------------------------------

row("O33 Tile doubles a constant 60 times", (BAD, LIMIT), model(
    [helper.make_node("Tile", [f"v{i}", "n"], [f"v{i + 1}"]) for i in range(60)],
    [], [tensor("v60", FLOAT, None)],
    [ints("n", 2), numpy_helper.from_array(np.ones(1, np.float32), "v0")]))
for _op in ("ReduceSum", "MatMul"):
    row(f"O33 {_op} of a constant of 2^38 elements that nobody runs", 0, model(
        [helper.make_node("Expand", ["v", "n"], ["e"]),
         helper.make_node(_op, ["e"] if _op == "ReduceSum" else ["e", "e"], ["r"]),
         helper.make_node("Shape", ["r"], ["y"])],
        [], [tensor("y", INT64, None)],
        [ints("n", 2**19, 2**19), numpy_helper.from_array(np.ones(1, np.float32), "v")]))
row("O33 Concat doubles an input 62 times", (BAD, LIMIT), model(
    [helper.make_node("Concat", [f"v{i}"] * 2, [f"v{i + 1}"], axis=0) for i in range(62)],
    [tensor("v0", FLOAT, [2])], [tensor("v62", FLOAT, None)]))
for _op, _times in (("Add", 62), ("Mul", 12)):
    row(f"O33 extents that {_op} to 2^60 and more", (0, BAD, LIMIT), model(
        [helper.make_node("Shape", ["a"], ["v0"]),
         *(helper.make_node(_op, [f"v{i}", f"v{i}"], [f"v{i + 1}"]) for i in range(_times)),
         helper.make_node("ConstantOfShape", [f"v{_times}"], ["y"])],
        [tensor("a", FLOAT, ["n", "m"])], [tensor("y", FLOAT, None)]))
row("O33 elements of int64 that Add to 2^60 and more", 0, model(
    [helper.make_node("Add", [f"v{i}"] * 2, [f"v{i + 1}"]) for i in range(60)],
    [tensor("v0", INT64, ["n"])], [tensor("v60", INT64, None)]))
row("O33 constants of int64 beside extents that Add to 2^60 and more", (0, BAD, LIMIT), model(
    [helper.make_node("Shape", ["a"], ["s"]),
     *(helper.make_node("Add", [f"v{i}"] * 2, [f"v{i + 1}"]) for i in range(60)),
     helper.make_node("Add", ["s", "v60"], ["y"])],
    [tensor("a", FLOAT, ["n", "m"])], [tensor("y", INT64, None)], [ints("v0", 1, 3)]))
for _block in EXTREMES + (2**21, 2**32 + 1):
    row(f"O33 SpaceToDepth of {_block}", BAD, one("SpaceToDepth", [IMAGE], blocksize=_block))
    row(f"O33 SpaceToDepth of {_block} on extents that are open", (0, BAD, LIMIT), one(
        "SpaceToDepth", [["n", "c", "h", "w"]], blocksize=_block))
    row(f"O33 DepthToSpace of {_block} on extents that are open", (0, BAD, LIMIT), one(
        "DepthToSpace", [["n", "c", "h", "w"]], blocksize=_block))

# --- Products, quantisation, types ------------------------------------------------------------

row("O34 Einsum of 50 labels", (0, BAD, UNSUPPORTED), one(
    "Einsum", [[1] * 8] * 8, equation=",".join(
        "".join(chr((65 if k < 26 else 71) + k) for k in range(i * 6, i * 6 + 8))
        for i in range(8)) + "->A"))
for _equation in ("...", "...->...", "i......->i", "->", "ij,jk", "i j", "ij->ijk", "ij->ii", "ii->i", "i->",
                  "", "1->1", "ij->->i", ".i.j.->i", "i" * 70 + "->i", ",".join("i" * 500)):
    row(f"O34 Einsum {_equation[:20]!r}", (0, BAD, UNSUPPORTED),
        one("Einsum", [[2, 3]], equation=_equation))
for _left, _right in (([], []), ([3], []), ([3], [4]), ([2, 3], [2, 3]), ([0, 3], [4, 0]),
                      ([1] * 8 + [2, 3], [3, 2])):
    row(f"O36 MatMul {len(_left)} {_left[-2:]} {_right}", (BAD, UNSUPPORTED),
        one("MatMul", [_left, _right]))
row("O36 Gemm of rank 3", BAD, one("Gemm", [[1, 2, 3], [3, 2]]), "Gemm")
row("O36 Gemm transA 7", (0, BAD), one("Gemm", [[3, 2], [3, 2]], transA=7))
row("O36 Gemm beta NaN", 0, one("Gemm", [[2, 3], [3, 2], [2]], beta=float("nan")))
row("O36 MatMul with 2^62 columns of nothing", (0, BAD, LIMIT), one("MatMul", [[2**31, 0],
                                                                            [0, 2**31]]))
row("O36 LayerNormalization of 2^40 empty parts", (0, LIMIT), model(
    [helper.make_node("ConstantOfShape", ["n"], ["x"]),
     helper.make_node("LayerNormalization", ["x", "s"], ["y"])],
    [], [tensor("y", FLOAT, [2**40, 0])],
    [ints("n", 2**40, 0), numpy_helper.from_array(np.zeros(0, np.float32), "s")]))
row("O38 sparse initialiser, out of range", BAD, edited(
    one("Abs", [[3]]), lambda m: m.graph.sparse_initializer.append(helper.make_sparse_tensor(
        ints("w", 1, 2), ints("i", 9, -1), [3]))), "sparse")
for _first, _second in (("sparse", "sparse"), ("sparse", "dense")):
    row(f"O38 a {_first} and a {_second} initialiser of one name", BAD, edited(
        one("Abs", [[3]], [ints("w", 1)] if _second == "dense" else []),
        lambda m, n=1 if _second == "dense" else 2: m.graph.sparse_initializer.extend(
            [helper.make_sparse_tensor(ints("w", 1), ints("i", 0), [3])] * n)), "second")
for _name, _zero, _attributes in (
        ("axis 99", np.zeros(3, np.uint8), {"axis": 99}),
        ("axis -2^63", np.zeros(3, np.uint8), {"axis": SMALLEST}),
        ("block_size -1", np.zeros(3, np.uint8), {"axis": 1, "block_size": -1}),
        ("block_size 2^63 - 1 and one scale", np.zeros((2, 1), np.uint8),
         {"axis": 0, "block_size": LARGEST}),
        ("zero points of another count", np.zeros(7, np.uint8), {"axis": 1})):
    row(f"O39 QuantizeLinear {_name}", BAD, one(
        "QuantizeLinear", [[2, 3]], [numpy_helper.from_array(np.ones(_zero.shape, np.float32), "s"),
                                     numpy_helper.from_array(_zero, "z")],
        opset=21, **_attributes))
row("O39 DequantizeLinear with a zero point of another type", BAD, one(
    "DequantizeLinear", [[2, 3]], [numpy_helper.from_array(np.ones((), np.float32), "s"),
                                   numpy_helper.from_array(np.zeros((), np.int32), "z")],
    dtypes=[TensorProto.UINT8]))
for _scale in (0.0, np.nan, np.inf, 1e-45):
    row(f"O39 DequantizeLinear by {_scale}", 0, one(
        "DequantizeLinear", [[2, 3]], [numpy_helper.from_array(np.array(_scale, np.float32), "s")],
        dtypes=[TensorProto.UINT8]))
for _kind, _type in (("sequence", helper.make_sequence_type_proto(
                          helper.make_tensor_type_proto(FLOAT, [1]))),
                     ("optional", helper.make_optional_type_proto(
                         helper.make_tensor_type_proto(FLOAT, [1]))),
                     ("map", helper.make_map_type_proto(
                         INT64, helper.make_tensor_type_proto(FLOAT, [1])))):
    row(f"O40 input of type {_kind}", UNSUPPORTED, edited(
        one("Identity", [[1]]),
        lambda m, t=_type: m.graph.input[0].type.CopyFrom(t)), _kind)
row("O40 input without a type", (BAD, UNSUPPORTED), edited(
    one("Identity", [[1]]), lambda m: m.graph.input[0].ClearField("type")))
row("O41 training information", (0, UNSUPPORTED), edited(add_model(), lambda m: m.training_info.add(
    algorithm=branch("t"))))
_GRADIENT = helper.make_node("Gradient", ["a"], ["g"], domain="ai.onnx.preview.training", xs=["a"],
                             y="y0")
row("O41 domain of training", UNSUPPORTED, edited(
    one("Abs", [[1]]), lambda m: (
        m.opset_import.append(helper.make_opsetid("ai.onnx.preview.training", 1)),
        m.graph.node.append(_GRADIENT))), "Gradient")

# --- Much of everything -----------------------------------------------------------------------

_COUNT = 20_000
row("O42 nodes in a row", (0, LIMIT), chain("Neg", _COUNT, [1]))
row("O42 sums of one long constant", (0, LIMIT), model(
    [helper.make_node("ConstantOfShape", ["s"], ["c"])] +
    [helper.make_node("ReduceSum", ["c"], [f"y{i}"], keepdims=0) for i in range(_COUNT)],
    [], [tensor(f"y{_COUNT - 1}", FLOAT, [])], [ints("s", 2**22)]))
row("O42 metadata", (0, BAD, LIMIT),
    add_model() + b"".join(field(14, field(1, b"key %06d" % i) + field(2, b"v"))
                           for i in range(_COUNT)))
row("O42 initialisers whose names begin alike", (0, LIMIT), add_model() + field(7, b"".join(
    field(5, b"\x08\x01\x10\x01" + field(4, b"\0\0\0\0") + field(8, b"p" * 200 + b"%06d" % i))
    for i in range(_COUNT))))
row("O42 100 MB of text", 0, add_model() + field(6, b" " * 10**8))
