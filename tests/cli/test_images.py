"""Pictures as inputs. Expected values come from Pillow and NumPy."""

import io
import os
import struct
import subprocess
import unittest
import zlib

import numpy as np
from onnx import TensorProto
from PIL import Image

from cases import FLOAT, STINT, CliCase, identity_model

GENERATOR = np.random.default_rng(5)
# 7 rows, 10 columns: no extent is another's.
NOISE = GENERATOR.integers(0, 256, (7, 10, 3), dtype=np.uint8)
# Smooth, so that JPEG keeps it.
SMOOTH = np.stack(np.broadcast_arrays(
    np.arange(0, 240, 10)[None, :], np.arange(0, 160, 10)[:, None], 100), -1).astype(np.uint8)


def encoded(image, image_format, **options):
    stream = io.BytesIO()
    image.save(stream, image_format, **options)
    return stream.getvalue()


def png(array, **options):
    return encoded(Image.fromarray(array), "PNG", **options)


def chunk(kind, content):
    return (struct.pack(">I", len(content)) + kind + content
            + struct.pack(">I", zlib.crc32(kind + content)))


def png_of(width, height, depth, color, rows=b""):
    """A PNG with the given header fields, whatever Pillow would write."""
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def adam7(array):
    """An interlaced PNG of RGB samples."""
    rows = b""
    for y, x, dy, dx in ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4),
                         (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)):
        part = array[y::dy, x::dx]
        rows += b"".join(b"\0" + row.tobytes() for row in part if row.size)
    header = struct.pack(">IIBBBBB", array.shape[1], array.shape[0], 8, 2, 0, 0, 1)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def segment(marker, content):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(content) + 2) + content


def gray_jpeg_of_scans(scans):
    """A progressive JPEG of one empty block: a DC scan, then AC scans (first, last, high, low)."""
    one_code = bytes([1] + [0] * 15 + [0])
    made = (b"\xff\xd8" + segment(0xdb, b"\0" + b"\1" * 64)
            + segment(0xc2, struct.pack(">BHHB", 8, 8, 8, 1) + b"\x01\x11\x00")
            + segment(0xc4, b"\x00" + one_code) + segment(0xc4, b"\x10" + one_code))
    for first, last, high, low in [(0, 0, 0, 0), *scans]:
        made += segment(0xda, bytes([1, 1, 0, first, last, high << 4 | low])) + b"\x7f"
    return made + b"\xff\xd9"


class ImageCase(CliCase):
    def tensor(self, name, shape, *flags, dtype=FLOAT):
        """What the model is given for the picture."""
        self.write("m.onnx", identity_model(dtype, shape))
        self.succeed("run", "m.onnx", "--input", f"x={name}", "--output-dir", "out", *flags)
        return np.load(self.folder / "out/y.npy")

    def refused(self, code, name, shape, *flags, dtype=FLOAT, says=()):
        self.write("m.onnx", identity_model(dtype, shape))
        self.fail_with(code, "run", "m.onnx", "--input", f"x={name}", *flags, says=says)


class Formats(ImageCase):
    def samples(self, content, channels):
        """The samples of the picture, [height, width, channels]."""
        self.write("x.png", content)
        made = self.tensor("x.png", [1, "h", "w", channels], "--layout", "nhwc",
                           dtype=TensorProto.UINT8)
        return made[0]

    def test_colours_and_gray_of_a_png(self):
        np.testing.assert_array_equal(self.samples(png(NOISE), 3), NOISE)
        np.testing.assert_array_equal(self.samples(png(NOISE[..., 0]), 1), NOISE[..., :1])
        np.testing.assert_array_equal(
            self.samples(png(NOISE[..., 0]), 3), np.repeat(NOISE[..., :1], 3, -1))

    def test_palettes_become_colours(self):
        image = Image.fromarray(NOISE).quantize(16)
        for content in (encoded(image, "PNG"), encoded(image, "PNG", transparency=3)):
            np.testing.assert_array_equal(self.samples(content, 3), image.convert("RGB"))

    def test_transparency_is_dropped(self):
        image = Image.fromarray(np.concatenate([NOISE, NOISE[..., :1]], -1), "RGBA")
        np.testing.assert_array_equal(self.samples(encoded(image, "PNG"), 3), NOISE)
        gray = Image.fromarray(NOISE[..., :2].copy(), "LA")
        np.testing.assert_array_equal(self.samples(encoded(gray, "PNG"), 1), NOISE[..., :1])

    def test_of_16_bits_the_upper_byte_is_kept(self):
        wide = GENERATOR.integers(0, 65536, (4, 5), dtype=np.uint16)
        np.testing.assert_array_equal(self.samples(png(wide), 1)[..., 0], wide >> 8)
        colors = GENERATOR.integers(0, 65536, (4, 5, 3), dtype=np.uint16)
        rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in colors)
        content = png_of(5, 4, 16, 2, rows)
        np.testing.assert_array_equal(self.samples(content, 3), colors >> 8)
        np.testing.assert_array_equal(Image.open(io.BytesIO(content)), colors >> 8)

    def test_a_bit_a_pixel(self):
        bits = GENERATOR.integers(0, 2, (9, 13), dtype=np.uint8).astype(bool)
        np.testing.assert_array_equal(self.samples(png(bits), 1)[..., 0], bits * 255)

    def test_an_interlaced_png(self):
        content = adam7(NOISE)
        np.testing.assert_array_equal(Image.open(io.BytesIO(content)), NOISE)
        np.testing.assert_array_equal(self.samples(content, 3), NOISE)

    def test_a_gamma_chunk_changes_nothing(self):
        content = png(NOISE)
        gamma = content[:33] + chunk(b"gAMA", struct.pack(">I", 100000)) + content[33:]
        np.testing.assert_array_equal(self.samples(gamma, 3), NOISE)

    def test_jpeg_in_colour_and_gray(self):
        for image in (Image.fromarray(SMOOTH), Image.fromarray(SMOOTH).convert("L")):
            for options in ({"subsampling": 0}, {"subsampling": 0, "progressive": True}):
                with self.subTest(image.mode, **options):
                    content = encoded(image, "JPEG", quality=95, **options)
                    expected = np.array(Image.open(io.BytesIO(content)))
                    made = self.samples(content, 3 if image.mode == "RGB" else 1)
                    np.testing.assert_array_equal(made, expected.reshape(made.shape))

    def test_a_cmyk_jpeg_is_exit_2_and_says_what_to_do(self):
        self.write("x.jpg", encoded(Image.fromarray(SMOOTH).convert("CMYK"), "JPEG"))
        self.refused(2, "x.jpg", [1, 3, "h", "w"], says=["x.jpg", "CMYK", "convert it to RGB"])

    def test_content_decides_not_the_extension(self):
        self.write("x.jpeg", png(NOISE))
        np.testing.assert_array_equal(
            self.tensor("x.jpeg", [1, 3, 7, 10]), NOISE.transpose(2, 0, 1)[None])


class Options(ImageCase):
    def setUp(self):
        super().setUp()
        self.write("x.png", png(NOISE))

    def test_mean_is_taken_and_the_rest_scaled_in_float32(self):
        mean = np.array([123.675, 116.28, 103.53], np.float32)
        scale = np.array([0.017, 0.0175, 0.0174], np.float32)
        expected = ((NOISE.astype(np.float32) - mean) * scale).transpose(2, 0, 1)[None]
        flags = ("--mean", "123.675,116.28,103.53", "--scale", "0.017,0.0175,0.0174")
        np.testing.assert_array_equal(self.tensor("x.png", [1, 3, 7, 10], *flags), expected)
        half = self.tensor("x.png", [1, 3, 7, 10], *flags, dtype=TensorProto.FLOAT16)
        np.testing.assert_array_equal(half, expected.astype(np.float16))
        one = self.tensor("x.png", [1, 3, 7, 10], "--mean", "127.5", "--scale", "0.0078125")
        np.testing.assert_array_equal(
            one, ((NOISE.astype(np.float32) - np.float32(127.5)) / 128).transpose(2, 0, 1)[None])

    def test_colour_orders(self):
        planes = NOISE.astype(np.float32).transpose(2, 0, 1)
        np.testing.assert_array_equal(
            self.tensor("x.png", [1, 3, 7, 10], "--color", "rgb")[0], planes)
        np.testing.assert_array_equal(
            self.tensor("x.png", [1, 3, 7, 10], "--color", "bgr")[0], planes[::-1])
        gray = np.array(Image.fromarray(NOISE).convert("L"), np.float32)
        np.testing.assert_array_equal(self.tensor("x.png", [1, 1, 7, 10])[0, 0], gray)
        np.testing.assert_array_equal(
            self.tensor("x.png", [1, "c", 7, 10], "--color", "gray")[0, 0], gray)

    def test_mean_counts_channels_as_the_model_sees_them(self):
        made = self.tensor("x.png", [1, 3, 7, 10], "--color", "bgr", "--mean", "1,2,3")
        np.testing.assert_array_equal(made[0, 0], NOISE[..., 2].astype(np.float32) - 1)

    def test_layouts_of_rank_3_and_4(self):
        nhwc = NOISE.astype(np.float32)
        for shape, flags, expected in (
            ([1, 3, 7, 10], (), nhwc.transpose(2, 0, 1)[None]),
            ([3, 7, 10], (), nhwc.transpose(2, 0, 1)),
            ([1, 7, 10, 3], ("--layout", "nhwc"), nhwc[None]),
            ([7, 10, 3], ("--layout", "nhwc"), nhwc),
            (["n", "c", "h", "w"], (), nhwc.transpose(2, 0, 1)[None]),
        ):
            with self.subTest(shape):
                np.testing.assert_array_equal(self.tensor("x.png", shape, *flags), expected)

    def resized(self, width, height):
        """What Pillow makes of each channel in float32, [height, width, 3]."""
        planes = [Image.fromarray(NOISE[..., c].astype(np.float32)).resize(
            (width, height), Image.Resampling.BILINEAR) for c in range(3)]
        return np.stack([np.array(plane) for plane in planes], -1)

    def test_stretch_is_pillows_bilinear_up_and_down(self):
        for width, height in ((10, 7), (25, 31), (4, 3), (3, 20), (20, 3), (1, 1)):
            with self.subTest(width=width, height=height):
                made = self.tensor("x.png", [1, height, width, 3], "--layout", "nhwc",
                                   "--resize", "stretch")
                np.testing.assert_allclose(made[0], self.resized(width, height), rtol=1e-6)

    def test_stretch_to_bytes_rounds(self):
        made = self.tensor("x.png", [25, 31, 3], "--layout", "nhwc", "--resize", "stretch",
                           dtype=TensorProto.UINT8)
        expected = np.array(Image.fromarray(NOISE).resize((31, 25), Image.Resampling.BILINEAR))
        # Pillow rounds after each axis.
        self.assertLessEqual(np.abs(made.astype(int) - expected.astype(int)).max(), 1)

    def test_letterbox_keeps_the_ratio_between_gray_borders(self):
        made = self.tensor("x.png", [1, 20, 20, 3], "--layout", "nhwc", "--resize", "letterbox")[0]
        np.testing.assert_allclose(made[3:17], self.resized(20, 14), rtol=1e-6)
        for border in (made[:3], made[17:]):
            np.testing.assert_array_equal(border, np.full((3, 20, 3), 114, np.float32))
        tall = self.tensor("x.png", [1, 21, 5, 3], "--layout", "nhwc", "--resize", "letterbox",
                           "--mean", "14", "--scale", "0.5")[0]
        np.testing.assert_allclose(tall[8:12], (self.resized(5, 4) - 14) * 0.5, rtol=1e-5)
        np.testing.assert_array_equal(tall[12:], np.full((9, 5, 3), 50, np.float32))

    def test_another_size_without_resize_is_exit_2_naming_the_flag(self):
        self.refused(2, "x.png", [1, 3, 8, 10], says=["10x7", "10x8", "--resize"])

    def test_dims_that_flags_fix_are_what_is_resized_to(self):
        made = self.tensor("x.png", [1, 3, "h", "w"], "--resize", "stretch", "--dim", "h=14",
                           "--dim", "w=5")
        self.assertEqual(made.shape, (1, 3, 14, 5))
        self.succeed("compile", "m.onnx", "-o", "m.stint")
        outcome = self.succeed("run", "m.stint", "--input", "x=x.png", "--resize", "letterbox",
                               "--input-shape", "x=1x3x9x9", "--json", "-")
        self.assertEqual(outcome.document["outputs"][0]["shape"], [1, 3, 9, 9])

    def test_bench_and_profile_take_pictures(self):
        self.write("m.onnx", identity_model(FLOAT, [1, 3, "h", "w"]))
        for command in ("bench", "profile"):
            self.succeed(command, "m.onnx", "--input", "x=x.png", "-n", "1", "--json", "out.json")

    def test_inputs_that_are_no_pictures_are_exit_2(self):
        for shape, dtype, flags, says in (
            ([3], FLOAT, (), "rank 3 or 4"),
            ([2, 3, 7, 10], FLOAT, (), "axis 0"),
            ([1, 4, 7, 10], FLOAT, (), "--color"),
            ([1, 7, 10, 3], FLOAT, (), "--layout"),
            ([1, 1, 7, 10], FLOAT, ("--color", "rgb"), "--color"),
            ([1, 3, 7, 10], TensorProto.INT64, (), "int64"),
        ):
            with self.subTest(shape=shape, says=says):
                self.refused(2, "x.png", shape, *flags, dtype=dtype, says=["'x'", says])

    def test_bad_options_are_exit_2(self):
        for flag, value in (("--mean", "1,2"), ("--mean", "x"), ("--mean", ""), ("--mean", "1,,2"),
                            ("--scale", "nan"), ("--scale", "1e99"), ("--color", "rbg"),
                            ("--layout", "hwc"), ("--resize", "crop")):
            with self.subTest(flag=flag, value=value):
                self.refused(2, "x.png", [1, 3, 7, 10], flag, value, says=[flag])

    def test_pictures_are_no_expected_values(self):
        self.write("m.onnx", identity_model(FLOAT, [1, 3, 7, 10]))
        self.fail_with(2, "run", "m.onnx", "--expect", "y=x.png", says=[".npy, .npz, .pb"])


class Hostile(ImageCase):
    def assert_refused(self, code, content, *says):
        self.write("x.png", content)
        self.refused(code, "x.png", [1, 3, "h", "w"], says=["x.png", *says])

    def test_a_file_cut_anywhere_is_exit_2(self):
        jpeg = encoded(Image.fromarray(SMOOTH), "JPEG")
        progressive = encoded(Image.fromarray(SMOOTH), "JPEG", progressive=True)
        for content in (png(NOISE), jpeg, progressive):
            for end in range(0, len(content) - 1, max(1, len(content) // 20)):
                with self.subTest(size=len(content), end=end):
                    self.assert_refused(2, content[:end])

    def test_garbage_is_exit_2(self):
        for content in (b"", b"hello\n", b"\xff\xd8\xff" + bytes(range(256)),
                        b"\x89PNG\r\n\x1a\n" + bytes(64), b"GIF89a" + bytes(40)):
            with self.subTest(content[:8]):
                self.assert_refused(2, content)

    def test_a_flipped_byte_of_a_png_is_exit_2(self):
        content = bytearray(png(NOISE))
        content[60] ^= 0x10
        self.assert_refused(2, bytes(content), "damage")

    def test_too_few_rows_are_exit_2(self):
        self.assert_refused(2, png_of(10, 7, 8, 2, b"\0" + bytes(30)), "damage")

    def test_sides_beyond_the_limit_are_exit_6(self):
        for width, height in ((32769, 1), (1, 32769), (30000, 30000), (2**31 - 1, 2**31 - 1)):
            with self.subTest(width=width, height=height):
                self.assert_refused(6, png_of(width, height, 8, 2), f"{width}x{height}", "32768")
        jpeg = encoded(Image.fromarray(SMOOTH), "JPEG")
        at = jpeg.index(b"\xff\xc0") + 5
        self.assert_refused(6, jpeg[:at] + b"\xff\x00\xff\x00" + jpeg[at + 4:], "65280x65280")

    def test_more_scans_than_encoders_make_are_exit_6(self):
        few = gray_jpeg_of_scans([(k, k, 0, 0) for k in range(1, 64)])
        self.assertEqual(np.array(Image.open(io.BytesIO(few))).shape, (8, 8))
        self.write("x.jpg", few)
        np.testing.assert_array_equal(
            self.tensor("x.jpg", [1, 1, 8, 8]), np.full((1, 1, 8, 8), 128, np.float32))
        many = gray_jpeg_of_scans([(k, k, high, low) for k in range(1, 64)
                                   for high, low in ((0, 2), (2, 1), (1, 0))])
        self.assert_refused(6, many, "scans")

    def test_packed_text_takes_no_memory(self):
        text = chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(7_900_000), 9))
        content = png_of(1, 1, 8, 2, bytes(4))
        self.write("x.png", content[:33] + 100 * text + content[33:])
        self.write("m.onnx", identity_model(FLOAT, [1, 3, 1, 1]))
        process = subprocess.Popen([STINT, "run", "m.onnx", "--input", "x=x.png"],
                                   cwd=self.folder, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        self.assertLess(usage.ru_maxrss, 600_000)  # KiB, of which sanitizers take some.

    def test_a_result_beyond_memory_is_exit_6(self):
        self.write("x.png", png(NOISE))
        self.refused(6, "x.png", [1, 3, "h", "w"], "--resize", "stretch", "--dim", "h=1000000",
                     "--dim", "w=1000000")

    def test_a_zero_side_is_exit_2(self):
        self.assert_refused(2, png_of(0, 5, 8, 2))

    def test_paths(self):
        (self.folder / "d.png").mkdir()
        for name in ("missing.png", "d.png"):
            with self.subTest(name):
                self.refused(7, name, [1, 3, "h", "w"], says=[name])


if __name__ == "__main__":
    unittest.main()
