"""Tensor files in and out: .npy, .npz, ONNX .pb; seeded inputs; comparison."""

import io
import resource
import unittest
import warnings
import zipfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from cases import FLOAT, CliCase, add_model, identity_model, model, tensor

NPY_DTYPES = {
    TensorProto.BOOL: np.bool_,
    TensorProto.INT8: np.int8,
    TensorProto.INT16: np.int16,
    TensorProto.INT32: np.int32,
    TensorProto.INT64: np.int64,
    TensorProto.UINT8: np.uint8,
    TensorProto.UINT16: np.uint16,
    TensorProto.UINT32: np.uint32,
    TensorProto.UINT64: np.uint64,
    TensorProto.FLOAT16: np.float16,
    TensorProto.FLOAT: np.float32,
    TensorProto.DOUBLE: np.float64,
}


def npy_bytes(array, version=None):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version=version)
    return stream.getvalue()


def uniform_floats(seed, count):
    """What input 0 holds: SplitMix64, its top 24 bits as multiples of 2^-23 from -1."""
    mask = (1 << 64) - 1

    def mix(value):
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & mask
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB & mask
        return value ^ (value >> 31)

    state = mix(seed) ^ mix(mask)
    values = []
    for _ in range(count):
        state = state + 0x9E3779B97F4A7C15 & mask
        values.append((mix(state) >> 40) * 2.0**-23 - 1)
    return np.array(values, np.float32)


class Npy(CliCase):
    def test_every_dtype_goes_in_and_comes_out(self):
        for onnx_dtype, dtype in NPY_DTYPES.items():
            with self.subTest(dtype.__name__):
                array = np.array([[0, 1, 3], [7, 100, 127]]).astype(dtype)
                self.write("m.onnx", identity_model(onnx_dtype, (2, 3)))
                self.save("x.npy", array)
                self.succeed("run", "m.onnx", "--input", "x=x.npy", "--output-dir", "out",
                             "--expect", "y=x.npy")
                result = np.load(self.folder / "out/y.npy")
                self.assertEqual(result.dtype, array.dtype)
                np.testing.assert_array_equal(result, array)

    def test_header_versions_fortran_order_and_empty_tensors(self):
        self.write("m.onnx", identity_model(FLOAT, ["a", "b", "c"]))
        array = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
        self.save("c.npy", array)
        for version in ((1, 0), (2, 0), (3, 0)):
            for order in "CF":
                with self.subTest(version=version, order=order):
                    self.write("x.npy", npy_bytes(np.asarray(array, order=order), version))
                    self.succeed("run", "m.onnx", "--input", "x=x.npy", "--expect", "y=c.npy")
        self.save("empty.npy", np.zeros((2, 0, 4), np.float32))
        self.succeed("run", "m.onnx", "--input", "x=empty.npy", "--expect", "y=empty.npy")

    def test_numbers_as_python_2_wrote_them(self):
        self.write("m.onnx", identity_model(FLOAT, (2, 3)))
        array = np.arange(6, dtype=np.float32).reshape(2, 3)
        self.write("x.npy", npy_bytes(array).replace(b"(2, 3), }  ", b"(2L, 3L), }"))
        self.save("y.npy", array)
        self.succeed("run", "m.onnx", "--input", "x=x.npy", "--expect", "y=y.npy")

    def test_rank_0(self):
        self.write("m.onnx", identity_model(FLOAT, ()))
        self.save("x.npy", np.float32(2.5))
        self.succeed("run", "m.onnx", "--input", "x=x.npy", "--output-dir", "out")
        self.assertEqual(np.load(self.folder / "out/y.npy"), np.float32(2.5))
        self.assertEqual(np.load(self.folder / "out/y.npy").shape, ())

    def test_no_silent_cast(self):
        self.write("m.onnx", identity_model(FLOAT, (3,)))
        self.save("double.npy", np.zeros(3))
        self.save("rank2.npy", np.zeros((1, 3), np.float32))
        self.save("longer.npy", np.zeros(4, np.float32))
        self.fail_with(2, "run", "m.onnx", "--input", "x=double.npy",
                       says=["'x'", "float64", "float32"])
        self.fail_with(2, "run", "m.onnx", "--input", "x=rank2.npy", says=["'x'", "rank 1"])
        self.fail_with(2, "run", "m.onnx", "--input", "x=longer.npy", says=["'x'", "[4]", "[3]"])

    def test_bad_files(self):
        self.write("m.onnx", identity_model(FLOAT, (3,)))
        good = npy_bytes(np.zeros(3, np.float32))
        huge = good.replace(b"(3,), }          ", b"(33333333333,), }")
        cases = {
            "empty": (2, b""),
            "text": (2, b"hello\n"),
            "truncated": (2, good[:-1]),
            "longer": (2, good + b"\0"),
            "header": (2, good[:20]),
            "version": (2, good[:6] + b"\x09" + good[7:]),
            "big": (2, npy_bytes(np.zeros(3, ">f4"))),
            "structured": (2, npy_bytes(np.zeros(3, [("a", "<f4")]))),
            "date": (2, npy_bytes(np.zeros(3, "<M8[s]"))),
            "negative": (2, good.replace(b"(3,)", b"(-3,)"[:4])),
            "string": (2, npy_bytes(np.array(["a", "b", "c"]))),
            "huge": (6, huge),
            "rank": (6, npy_bytes(np.zeros((1,) * 9, np.float32))),
        }
        for name, (code, content) in cases.items():
            with self.subTest(name):
                self.write("x.npy", content)
                self.fail_with(code, "run", "m.onnx", "--input", "x=x.npy", says=["x.npy"])

    def test_bad_paths(self):
        self.write("m.onnx", identity_model(FLOAT, (3,)))
        for path in ("missing.npy", "missing.npz", "missing.pb", "/dev/zero"):
            with self.subTest(path):
                self.fail_with(7, "run", "m.onnx", "--input", f"x={path}", says=[path])
        self.write("x.txt", b"1 2 3")
        self.fail_with(2, "run", "m.onnx", "--input", "x=x.txt", says=[".npy, .npz, .pb"])
        (self.folder / "d.npy").mkdir()
        self.fail_with(7, "run", "m.onnx", "--input", "x=d.npy", says=["directory"])


class Npz(CliCase):
    def setUp(self):
        super().setUp()
        self.write("m.onnx", add_model())
        self.one = np.full((2, 3), 1, np.float32)
        self.two = np.full((2, 3), 2, np.float32)
        self.three = np.full((2, 3), 3, np.float32)

    def archive(self, name, save=np.savez, **members):
        save(self.folder / name, **members)
        return name

    def test_members_by_name_stored_and_deflated(self):
        for save in (np.savez, np.savez_compressed):
            with self.subTest(save.__name__):
                self.archive("i.npz", save, a=self.one, b=self.two, unrelated=np.zeros(9))
                self.archive("o.npz", save, sum=self.three)
                self.succeed("run", "m.onnx", "--input", "i.npz", "--expect", "o.npz")

    def test_members_by_position_in_graph_order(self):
        self.write("sub.onnx", model(
            [helper.make_node("Sub", ["z", "y"], ["out"])],
            [tensor("z", FLOAT, [2, 3]), tensor("y", FLOAT, [2, 3])],
            [tensor("out", FLOAT, [2, 3])]))
        self.archive("g.npz", in1=self.one, in0=self.three, out0=self.two)
        self.succeed("run", "sub.onnx", "--input", "g.npz", "--expect", "g.npz")

    def test_name_takes_its_member_or_the_only_one(self):
        self.archive("two.npz", a=self.one, b=self.two)
        self.archive("single.npz", whatever=self.two)
        self.archive("o.npz", sum=self.three, other=self.one)
        self.succeed("run", "m.onnx", "--input", "a=two.npz", "--input", "b=single.npz",
                     "--expect", "sum=o.npz")
        self.fail_with(2, "run", "m.onnx", "--expect", "sum=two.npz", says=["'a', 'b'", "'sum'"])

    def test_an_explicit_file_wins_over_an_archive(self):
        self.archive("i.npz", a=self.one, b=self.one)
        self.save("b.npy", self.two)
        self.archive("o.npz", sum=self.three)
        self.succeed("run", "m.onnx", "--input", "i.npz", "--input", "b=b.npy",
                     "--expect", "o.npz")

    def test_names_with_slashes(self):
        self.write("m.onnx", add_model("scope/a:0", "b"))
        np.savez(self.folder / "i.npz", **{"scope/a:0": self.one, "b": self.two})
        self.archive("o.npz", sum=self.three)
        self.succeed("run", "m.onnx", "--input", "i.npz", "--expect", "o.npz")

    def test_an_archive_without_a_matching_member_is_exit_2(self):
        self.archive("i.npz", c=self.one)
        self.fail_with(2, "run", "m.onnx", "--input", "i.npz", says=["'c'", "'a', 'b'"])
        self.fail_with(2, "run", "m.onnx", "--expect", "i.npz", says=["'c'", "'sum'"])

    def test_bad_archives(self):
        self.archive("good.npz", a=self.one)
        good = (self.folder / "good.npz").read_bytes()
        with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(
                self.folder / "twice.npz", "w") as twice:
            twice.writestr("a.npy", npy_bytes(self.one))
            twice.writestr("a.npy", npy_bytes(self.two))
        flipped = bytearray(good)
        flipped[len(good) // 2 - 60] ^= 0x40
        self.write("flipped.npz", bytes(flipped))
        self.write("empty.npz", b"")
        self.write("text.npz", b"not a zip\n")
        self.write("cut.npz", good[:-30])
        for name in ("twice", "flipped", "empty", "text", "cut"):
            with self.subTest(name):
                self.fail_with(2, "run", "m.onnx", "--input", f"{name}.npz", says=[name])

    def test_no_more_of_a_member_is_read_than_its_header_says(self):
        """1 GiB behind the header of six numbers: refused by a process that may take 256 MiB."""
        with zipfile.ZipFile(self.folder / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as bomb:
            with bomb.open("a.npy", "w", force_zip64=True) as member:
                member.write(npy_bytes(np.zeros((2, 3), np.float32)))
                for _ in range(1024):
                    member.write(bytes(1 << 20))
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.fail_with(2, "run", "m.onnx", "--input", "bomb.npz", says=["bomb.npz[a]"])
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,
                        before + (1 << 18))

    def test_a_bomb_is_refused(self):
        # 128 MiB of zeros behind a good header of a small tensor.
        header = npy_bytes(np.zeros((2, 3), np.float32))
        with zipfile.ZipFile(self.folder / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as bomb:
            with bomb.open("a.npy", "w", force_zip64=True) as member:
                member.write(header)
                block = bytes(1 << 24)
                for _ in range(8):
                    member.write(block)
        self.fail_with(2, "run", "m.onnx", "--input", "bomb.npz", says=["bomb.npz[a]"])


class Pb(CliCase):
    def write_pb(self, name, proto):
        return self.write(name, proto.SerializeToString())

    def test_raw_and_typed_fields(self):
        cases = [
            (TensorProto.FLOAT, [1.5, -2, 3]), (TensorProto.DOUBLE, [1.5, -2, 3]),
            (TensorProto.INT32, [1, -2, 3]), (TensorProto.INT64, [1, -2, 1 << 40]),
            (TensorProto.UINT8, [1, 2, 255]), (TensorProto.INT8, [1, -2, 127]),
            (TensorProto.UINT16, [1, 2, 65535]), (TensorProto.INT16, [1, -2, 3]),
            (TensorProto.UINT32, [1, 2, (1 << 32) - 1]), (TensorProto.UINT64, [1, 2, 1 << 63]),
            (TensorProto.BOOL, [True, False, True]), (TensorProto.FLOAT16, [1.5, -2, 3]),
            (TensorProto.BFLOAT16, [1.5, -2, 3]), (TensorProto.FLOAT8E4M3FN, [1.5, -2, 3]),
            (TensorProto.FLOAT8E5M2, [1.5, -2, 3]), (TensorProto.INT4, [1, -2, 7]),
            (TensorProto.UINT4, [1, 2, 15]),
        ]
        for dtype, values in cases:
            typed = helper.make_tensor("t", dtype, [3], values)
            array = numpy_helper.to_array(typed)
            raw = numpy_helper.from_array(array, "t")
            self.write("m.onnx", identity_model(dtype, (3,)))
            for kind, proto in (("typed", typed), ("raw", raw)):
                with self.subTest(TensorProto.DataType.Name(dtype), kind=kind):
                    self.write_pb("x.pb", proto)
                    self.succeed("run", "m.onnx", "--input", "x=x.pb", "--expect", "y=x.pb",
                                 "--output-dir", "out", "--output-format", "pb")
                    result = onnx.load_tensor(self.folder / "out/output_0.pb")
                    self.assertEqual(result.data_type, dtype)
                    np.testing.assert_array_equal(numpy_helper.to_array(result), array)

    def test_output_is_named_by_its_index(self):
        self.write("m.onnx", add_model(out="any/name"))
        self.succeed("run", "m.onnx", "--output-dir", "out", "--output-format", "pb")
        self.assertIn("out/output_0.pb", self.files())
        self.assertEqual(onnx.load_tensor(self.folder / "out/output_0.pb").name, "any/name")

    def test_npy_refuses_what_numpy_has_not(self):
        for dtype in (TensorProto.BFLOAT16, TensorProto.FLOAT8E4M3FN, TensorProto.INT4):
            with self.subTest(TensorProto.DataType.Name(dtype)):
                self.write("m.onnx", identity_model(dtype))
                self.fail_with(2, "run", "m.onnx", "--output-dir", "out",
                               says=["--output-format pb"])
                self.assertNotIn("out", self.files())

    def test_bad_files(self):
        self.write("m.onnx", identity_model(FLOAT, (3,)))
        good = numpy_helper.from_array(np.zeros(3, np.float32), "t")
        short = TensorProto()
        short.CopyFrom(good)
        short.raw_data = short.raw_data[:-1]
        external = TensorProto()
        external.CopyFrom(good)
        external.data_location = TensorProto.EXTERNAL
        negative = TensorProto()
        negative.CopyFrom(good)
        negative.dims[0] = -3
        cases = {
            "empty": b"",
            "text": b"hello, this is text\n",
            "cut": good.SerializeToString()[:-1],
            "short": short.SerializeToString(),
            "external": external.SerializeToString(),
            "negative": negative.SerializeToString(),
        }
        for name, content in cases.items():
            with self.subTest(name):
                self.write("x.pb", content)
                self.fail_with(2, "run", "m.onnx", "--input", "x=x.pb", says=["x.pb"])


class Seeded(CliCase):
    def output(self, name, *flags):
        self.succeed("run", name, "--output-dir", "out", *flags)
        return np.load(self.folder / "out/y.npy")

    def test_same_seed_same_values(self):
        self.write("m.onnx", identity_model(FLOAT, (1000,)))
        first = self.output("m.onnx")
        np.testing.assert_array_equal(first, self.output("m.onnx", "--seed", "0"))
        self.assertFalse((first == self.output("m.onnx", "--seed", "1")).all())

    def test_the_values_of_a_seed_never_change(self):
        self.write("m.onnx", identity_model(FLOAT, (3,)))
        np.testing.assert_array_equal(self.output("m.onnx"), uniform_floats(0, 3))
        np.testing.assert_array_equal(self.output("m.onnx", "--seed", "9"), uniform_floats(9, 3))

    def test_a_plan_that_keeps_initialisers_as_inputs_draws_what_its_model_draws(self):
        self.write("m.onnx", model(
            [helper.make_node("Add", ["w", "x"], ["y"])],
            [tensor("w", FLOAT, [5]), tensor("x", FLOAT, [5])], [tensor("y", FLOAT, [5])],
            [numpy_helper.from_array(np.zeros(5, np.float32), "w")]))
        self.succeed("compile", "m.onnx", "-o", "m.stint")
        self.save("w.npy", np.zeros(5, np.float32))
        for arguments in (("m.onnx",), ("m.stint",), ("m.onnx", "--input", "w=w.npy")):
            with self.subTest(arguments):
                np.testing.assert_array_equal(self.output(*arguments), uniform_floats(0, 5))

    def test_a_seed_is_a_decimal_number_of_64_bits(self):
        self.write("m.onnx", identity_model(FLOAT, (3,)))
        largest = str(2**64 - 1)
        for seed, number in (("010", 10), ("08", 8), (largest, 2**64 - 1)):
            with self.subTest(seed):
                np.testing.assert_array_equal(self.output("m.onnx", "--seed", seed),
                                              uniform_floats(number, 3))
        for seed in (str(2**64), "-1", "0x10", "1.5", "", "1e3"):
            with self.subTest(seed):
                self.fail_with(2, "run", "m.onnx", "--seed", seed, says=["--seed"])

    def test_ranges(self):
        for onnx_dtype, dtype in NPY_DTYPES.items():
            with self.subTest(dtype.__name__):
                self.write("m.onnx", identity_model(onnx_dtype, (2000,)))
                values = self.output("m.onnx").astype(np.float64)
                if np.issubdtype(dtype, np.floating):
                    self.assertTrue((values >= -1).all() and (values < 1).all())
                    self.assertLess(abs(values.mean()), 0.1)
                    self.assertLess(abs(values.std() - 0.577), 0.05)
                else:
                    self.assertEqual(set(values), {0.0, 1.0})
                    self.assertLess(abs(values.mean() - 0.5), 0.1)

    def test_narrow_floats_stay_in_range(self):
        for dtype in (TensorProto.BFLOAT16, TensorProto.FLOAT8E4M3FN, TensorProto.FLOAT8E5M2):
            with self.subTest(TensorProto.DataType.Name(dtype)):
                self.write("m.onnx", identity_model(dtype, (500,)))
                self.succeed("run", "m.onnx", "--output-dir", "out", "--output-format", "pb")
                proto = onnx.load_tensor(self.folder / "out/output_0.pb")
                values = numpy_helper.to_array(proto).astype(np.float32)
                self.assertTrue((values >= -1).all() and (values < 1).all())
                self.assertGreater(len(set(values)), 10)

    def test_inputs_of_one_model_differ(self):
        self.write("m.onnx", model(
            [helper.make_node("Sub", ["a", "b"], ["y"])],
            [tensor("a", FLOAT, [100]), tensor("b", FLOAT, [100])], [tensor("y", FLOAT, [100])]))
        self.assertGreater(np.abs(self.output("m.onnx")).max(), 0.1)


class Expect(CliCase):
    def check(self, actual, expected, *flags):
        dtype = helper.np_dtype_to_tensor_dtype(actual.dtype)
        self.write("m.onnx", identity_model(dtype, ["n"]))
        self.save("x.npy", actual)
        self.save("e.npy", expected)
        return self.stint("run", "m.onnx", "--input", "x=x.npy", "--expect", "y=e.npy", *flags)

    def test_a_difference_is_exit_3_in_one_line(self):
        actual = np.array([1, 2, 3, 4], np.float32)
        expected = np.array([1, 2.5, 3, 4.1], np.float32)
        outcome = self.check(actual, expected, "--output-dir", "out")
        self.assertEqual((outcome.code, outcome.out), (3, ""))
        self.assertRegex(outcome.err, r"\Astint: differs: output 'y': found 2 of 4 [^\n]*\n\Z")
        for text in ("[1]", "2.5", "atol 1e-05", "rtol 0.001"):
            self.assertIn(text, outcome.err)
        self.assertNotIn("out", self.files())

    def test_tolerances(self):
        one = np.array([1, 100], np.float32)
        self.assertEqual(self.check(one, np.array([1.0009, 100.09], np.float32)).code, 0)
        self.assertEqual(self.check(one, np.array([1.0012, 100], np.float32)).code, 3)
        self.assertEqual(
            self.check(one, np.array([1.0009, 100], np.float32), "--rtol", "0").code, 3)
        self.assertEqual(
            self.check(one, np.array([1.4, 100.4], np.float32), "--atol", "0.5").code, 0)

    def test_a_tolerance_is_a_number(self):
        self.write("m.onnx", identity_model(FLOAT, (1,)))
        for flag in ("--atol", "--rtol"):
            for value in ("nan", "-nan", "inf", "-1"):
                with self.subTest((flag, value)):
                    self.fail_with(2, "run", "m.onnx", flag, value, says=[flag])

    def test_nan_and_infinities(self):
        special = np.array([np.nan, np.inf, -np.inf, -0.0], np.float32)
        same = np.array([np.nan, np.inf, -np.inf, 0], np.float32)
        self.assertEqual(self.check(special, same).code, 0)
        for wrong in ([0, np.inf, -np.inf, 0], [np.nan, -np.inf, -np.inf, 0],
                      [np.nan, 3e38, -np.inf, 0], [np.nan, np.inf, -np.inf, np.nan]):
            with self.subTest(wrong):
                self.assertEqual(self.check(special, np.array(wrong, np.float32)).code, 3)

    def test_dtype_and_shape_are_exact(self):
        ones = np.ones(3, np.float32)
        self.assertEqual(self.check(ones, np.ones(3, np.float64)).code, 3)
        self.assertEqual(self.check(ones, np.ones((1, 3), np.float32)).code, 3)
        self.assertEqual(self.check(ones, np.ones(4, np.float32)).code, 3)

    def test_integers_are_exact_unless_a_tolerance_is_given(self):
        actual = np.array([5000, 1 << 62], np.int64)
        near = np.array([5001, (1 << 62) + 1], np.int64)
        self.assertEqual(self.check(actual, near).code, 3)
        self.assertEqual(self.check(actual, near, "--atol", "1").code, 0)
        self.assertEqual(self.check(actual, actual).code, 0)


if __name__ == "__main__":
    unittest.main()
