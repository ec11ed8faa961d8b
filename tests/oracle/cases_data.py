"""Resampling, padding, slicing, scattering and normalising in combinations of modes."""

import itertools

import numpy as np

from case import integers, single


def resizes(t):
    x = t.floats(1, 2, 5, 7)
    transforms = ("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel",
                  "half_pixel_symmetric")
    for mode, transform in itertools.product(("nearest", "linear", "cubic"), transforms):
        t.add("Resize", f"{mode}_{transform}_down_up", 19, [x, None, None, integers(1, 2, 3, 12)],
              constants=(3,), mode=mode, coordinate_transformation_mode=transform)
    for rounding in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
        t.add("Resize", f"nearest_{rounding}", 19, [x, None, single(1, 1, 1.6, 0.5)],
              constants=(2,), mode="nearest", nearest_mode=rounding)
    t.add("Resize", "cubic_exclude_outside", 19, [x, None, single(1, 1, 1.5, 2)], constants=(2,),
          mode="cubic", exclude_outside=1, cubic_coeff_a=-0.5)
    for mode in ("linear", "cubic"):
        t.add("Resize", f"{mode}_antialias", 19, [x, None, single(1, 1, 0.5, 0.4)], constants=(2,),
              mode=mode, antialias=1)
    t.add("Resize", "crop", 19, [x, single(0, 0, 0.2, -0.1, 1, 1, 0.8, 1.2), None,
                                 integers(1, 2, 4, 6)], constants=(1, 3), mode="linear",
          coordinate_transformation_mode="tf_crop_and_resize", extrapolation_value=9.0)


def scales_without_modes(t):
    """Upsample and Resize-10, and scales whose extents depend on how products are rounded."""
    x = t.floats(1, 1, 4, 4)
    for name, scales in (("shrinks_and_grows", single(1, 1, 0.5, 1.5)),
                         ("grows_and_shrinks", single(1, 2, 1.7, 0.3)),
                         ("shrinks", single(1, 1, 0.4, 0.7)), ("kept", single(1, 1, 1, 1))):
        t.add("Resize", f"nearest_{name}", 10, [x, scales], constants=(1,))
        t.add("Resize", f"nearest_{name}_by_input", 10, [x, scales], declared=(0,))
    quotients = single(1, 1, 5 / 3, 7 / 3)
    x = t.floats(1, 1, 3, 3)
    for name, more in (("", {"constants": (1,)}), ("_by_input", {"declared": (0,)})):
        for mode in ("nearest", "linear"):
            t.add("Upsample", f"{mode}_by_quotients{name}", 9, [x, quotients], mode=mode, **more)
    t.add("Resize", "by_quotients", 13, [x, None, quotients], constants=(2,))
    t.add("Resize", "by_quotients_by_input", 13, [x, None, quotients], declared=(0,))
    t.add("Upsample", "by_quotients", 7, [x], scales=quotients.tolist())


def grids(t):
    x, grid = t.floats(2, 2, 5, 6), t.floats(2, 3, 4, 2) * np.float32(1.4)
    for mode, padding, corners in itertools.product(("linear", "nearest", "cubic"),
                                                    ("zeros", "border", "reflection"), (0, 1)):
        t.add("GridSample", f"{mode}_{padding}_corners_{corners}", 20, [x, grid], mode=mode,
              padding_mode=padding, align_corners=corners)


def moves(t):
    x = t.floats(4, 5, 6)
    for mode in ("constant", "edge", "reflect", "wrap"):
        t.add("Pad", f"{mode}_some_axes", 19, [x, integers(1, 3, 2, 0), None, integers(-1, 0)],
              constants=(1, 3), mode=mode)
        t.add("Pad", f"{mode}_negative", 19, [x, integers(0, -1, 2, -2, 1, -1)], constants=(1,),
              mode=mode)
    low = np.iinfo(np.int64).min
    t.add("Slice", "backwards_to_the_lowest", 13,
          [x, integers(-1, 9), integers(low, -99), integers(0, -1), integers(-2, -3)],
          constants=(1, 2, 3, 4))
    t.add("Slice", "to_the_lowest_by_input", 13,
          [x, integers(-1), integers(low), integers(1), integers(-1)], constants=(3,),
          declared=(0,))
    high = np.iinfo(np.int64).max
    for step in (high, 2**31, -2**31, low):
        bounds = [integers(0 if step > 0 else -1), integers(high if step > 0 else low), integers(1),
                  integers(step)]
        t.add("Slice", f"step_{step}", 13, [x, *bounds], constants=(1, 2, 3, 4))
        t.add("Slice", f"step_{step}_by_input", 13, [x, *bounds], declared=(0,))
    t.add("GatherElements", "negative", 13, [x, t.rng.integers(-5, 5, (4, 3, 6))], constants=(1,),
          axis=-2)
    where = t.rng.integers(-4, 4, (3, 5, 6))
    for reduction in ("add", "mul", "min", "max"):
        t.add("ScatterElements", f"twice_{reduction}", 18, [x, where, t.floats(3, 5, 6)],
              constants=(1,), reduction=reduction)
        t.add("ScatterND", f"twice_{reduction}", 18,
              [x, t.rng.integers(0, 4, (3, 2, 2)), t.floats(3, 2, 6)], constants=(1,),
              reduction=reduction)
    for exclusive, reverse in itertools.product((0, 1), (0, 1)):
        t.add("CumSum", f"exclusive_{exclusive}_reverse_{reverse}", 14, [x, np.array(-2)],
              constants=(1,), exclusive=exclusive, reverse=reverse)
    t.add("GatherND", "batch_dims", 13, [x, t.rng.integers(-5, 5, (4, 2, 1))], constants=(1,),
          batch_dims=1)
    t.add("ReverseSequence", "lengths", 10, [x, integers(1, 5, 2, 4)], time_axis=1, batch_axis=0)
    t.add("Trilu", "lower_negative", 14, [x, np.array(-2)], constants=(1,), upper=0)


def overcuts(t):
    """Margins of Pad that cut more than there is, which the opposite ones give back."""
    row = t.floats(3)
    for name, x, pads in (("before", row, integers(-4, 5)), ("after", row, integers(5, -4)),
                          ("shifted", row, integers(-1, 1)), ("whole", row, integers(-3, 2)),
                          ("inner", t.floats(2, 3, 4), integers(0, 0, -5, 0, 0, 6)),
                          ("far", row, integers(-2**62, 2**62 + 4))):
        operands = [x, pads, np.array(7, np.float32)]
        t.add("Pad", f"overcut_{name}", 13, operands, constants=(1, 2))
        t.add("Pad", f"overcut_{name}_by_input", 13, operands, declared=(0,))


def extremes(t):
    """Integers at the ends of their type, and host operands of other types."""
    low, high = np.iinfo(np.int64).min, np.iinfo(np.int64).max
    t.add("Constant", "lowest", 13, [], value_int=low)
    t.add("Constant", "lowest_of_list", 13, [], value_ints=[low, 5])
    for name, bounds in (("from_the_lowest", (low, low + 5, 2)), ("lowest_step", (5, -9, low)),
                         ("down", (3, -9, -5)), ("nothing", (3, 3, 1))):
        t.add("Range", name, 11, [np.array(bound) for bound in bounds], constants=(0, 1, 2))
    short = [np.array(bound, np.int16) for bound in (3, -9, -5)]
    t.add("Range", "int16", 11, short, constants=(0, 1, 2))
    t.add("Range", "int16_by_input", 11, short)
    x = t.floats(3, 4)
    for k in (high, low, 2**31, -2**31):
        t.add("EyeLike", f"k_{k}", 9, [x], k=k)
        for upper in (0, 1):
            t.add("Trilu", f"upper_{upper}_k_{k}", 14, [x, np.array(k)], constants=(1,),
                  upper=upper)
    columns = t.whole(np.int8, 1, 4, 4)
    blocks = columns.reshape(2, 2, 2, 2).transpose(2, 0, 3, 1)
    t.add("Col2Im", "int8", 18, [columns, integers(4, 4), integers(2, 2)], constants=(1, 2),
          strides=[2, 2], expected=[blocks.reshape(1, 1, 4, 4)],
          source="NumPy: ONNX Runtime has floats only")
    for dtype in (np.int8, np.uint8):
        factors = [t.whole(dtype, *shape) for shape in ((3, 4), (4, 5), (5, 2))]
        t.add("Einsum", f"three_of_{factors[0].dtype}", 12, factors, equation="ij,jk,kl->il",
              expected=[factors[0] @ factors[1] @ factors[2]],
              source="NumPy, wrapping: ONNX Runtime has no Einsum of 8 bits")
    values = single(2, 9)
    for dtype in (np.int8, np.uint8, np.uint64):
        depth = np.array([3], dtype)
        t.add("OneHot", f"depth_{depth.dtype}", 11, [integers(0, 2, -1), depth, values],
              constants=(1,), expected=[values[np.eye(3, dtype=int)[[0, 2, -1]]]],
              source="NumPy: ONNX Runtime has no depths of this type")


def normalisations(t):
    half = (t.floats(2, 3, 6) * np.float32(4)).astype(np.float16)
    for axis in (1, -1):
        scale = t.floats(*half.shape[axis:])
        t.add("LayerNormalization", f"axis_{axis}_all_outputs", 17,
              [half.astype(np.float32), scale, scale + 1], outputs=3, axis=axis, stash_type=1)
    t.add("LayerNormalization", "half_stashed_as_float", 17, [half, t.floats(6).astype(np.float16)],
          outputs=3, stash_type=1)
    x = t.floats(2, 7, 3, 2)
    squares = np.pad(x.astype(np.float64)**2, ((0, 0), (1, 2), (0, 0), (0, 0)))
    sums = sum(squares[:, i:i + 7] for i in range(4))
    t.add("LRN", "even_size", 13, [x], size=4, alpha=0.3, beta=0.6, bias=1.5,
          expected=[(x / (1.5 + 0.3 / 4 * sums)**0.6).astype(np.float32)],
          source="NumPy: ONNX Runtime refuses even sizes")
    t.add("LRN", "odd_size", 13, [x], size=5, alpha=0.3, beta=0.6, bias=1.5)
    t.add("LpNormalization", "p_1", 1, [t.floats(3, 4)], p=1, axis=0)
    t.add("MeanVarianceNormalization", "axes", 13, [t.floats(2, 3, 4)], axes=[0, 2])


FAMILIES = [resizes, scales_without_modes, grids, moves, overcuts, extremes, normalisations]
