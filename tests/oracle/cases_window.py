"""Convolutions, pools and regions, in the modes that ONNX's own cases leave out."""

import numpy as np

from case import integers, single


def convolve(x, weight, pads, dilation, stride):
    """Of two spatial axes; dilation and stride are the same for both."""
    top, left, bottom, right = pads
    padded = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right))).astype(np.float64)
    reach = [(extent - 1) * dilation + 1 for extent in weight.shape[2:]]
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach, (2, 3))
    taps = windows[:, :, ::stride, ::stride, ::dilation, ::dilation]
    return np.einsum("nchwij,ocij->nohw", taps, weight).astype(np.float32)


def convolutions(t):
    x, weight = t.floats(2, 4, 9, 8), t.floats(6, 4, 3, 3)
    grouped, bias = t.floats(6, 2, 3, 3), t.floats(6)
    t.add("Conv", "dilations", 11, [x, weight], constants=(1,), dilations=[2, 3])
    t.add("Conv", "dilations_as_inputs", 11, [x, weight, bias], dilations=[3, 1], pads=[2, 0, 1, 1],
          kernel_shape=[3, 3])
    t.add("Conv", "dilations_groups_strides", 11, [x, grouped, bias], constants=(1, 2), group=2,
          dilations=[2, 2], strides=[2, 1], pads=[2, 1, 0, 3])
    for place, pads in (("upper", (2, 1, 2, 2)), ("lower", (2, 2, 2, 1))):
        t.add("Conv", f"dilations_same_{place}", 11, [x, weight], constants=(1,), dilations=[2, 2],
              strides=[2, 2], auto_pad=f"SAME_{place.upper()}",
              expected=[convolve(x, weight, pads, dilation=2, stride=2)],
              source="NumPy: ONNX Runtime refuses dilations with auto_pad")
    t.add("Conv", "dilations_depthwise", 11, [x, t.floats(4, 1, 3, 2), t.floats(4)],
          constants=(1, 2), group=4, dilations=[2, 4], pads=[2, 2, 2, 2])
    t.add("Conv", "dilations_1d", 11, [t.floats(2, 3, 17), t.floats(5, 3, 4)], constants=(1,),
          dilations=[4], strides=[2], pads=[3, 1])
    t.add("Conv", "dilations_3d", 11, [t.floats(1, 2, 6, 7, 5), t.floats(4, 1, 2, 3, 2)],
          constants=(1,), dilations=[3, 2, 1], group=2, pads=[1, 0, 2, 0, 1, 1])
    t.add("Conv", "batch_0", 11, [x[:0], weight, bias], constants=(1, 2), pads=[1, 1, 1, 1])


def transposed_convolutions(t):
    x, weight, bias = t.floats(2, 4, 4, 5), t.floats(4, 3, 3, 3), t.floats(3)
    t.add("ConvTranspose", "bias", 11, [x, weight, bias], constants=(1, 2))
    t.add("ConvTranspose", "bias_as_input", 11, [x, weight, bias], strides=[2, 1],
          kernel_shape=[3, 3])
    t.add("ConvTranspose", "bias_output_padding", 11, [x, weight, bias], constants=(1, 2),
          strides=[2, 3], output_padding=[1, 2], pads=[1, 0, 1, 2])
    t.add("ConvTranspose", "bias_groups_dilations", 11, [x, t.floats(4, 3, 2, 3), t.floats(6)],
          constants=(1, 2), group=2, dilations=[2, 2], strides=[2, 2])
    t.add("ConvTranspose", "bias_same_upper", 11, [x, weight, bias], constants=(1, 2),
          strides=[2, 2], auto_pad="SAME_UPPER")
    t.add("ConvTranspose", "bias_same_lower", 11, [x, weight, bias], constants=(1, 2),
          strides=[2, 2], auto_pad="SAME_LOWER")
    t.add("ConvTranspose", "bias_output_shape", 11, [x, weight, bias], constants=(1, 2),
          strides=[3, 2], output_shape=[12, 10])
    t.add("ConvTranspose", "bias_1d", 11, [t.floats(1, 2, 6), t.floats(2, 2, 4), t.floats(2)],
          constants=(1, 2), strides=[3], output_padding=[2], pads=[1, 1])


INTEGER_MODES = {
    "plain": {},
    "strides_pads": {"strides": [2, 1], "pads": [1, 0, 2, 1]},
    "dilations": {"dilations": [2, 2], "pads": [1, 1, 1, 1]},
    "same_upper": {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
    "same_lower": {"auto_pad": "SAME_LOWER"},
    "groups": {"group": 2, "pads": [1, 1, 1, 1]},
    "depthwise": {"group": 4, "pads": [1, 1, 1, 1], "strides": [1, 2]},
}


def integer_convolutions(t):
    """Padding has the value of the zero point."""
    for name, mode in INTEGER_MODES.items():
        x = t.whole(np.uint8, 2, 4, 7, 6, high=256)
        weight = t.whole(np.int8, 8, 4 // mode.get("group", 1), 3, 3, low=-128, high=128)
        points = [np.array(131, np.uint8), np.array(0, np.int8)]
        t.add("ConvInteger", name, 10,
              [x, weight.view(np.uint8), points[0], np.array(120, np.uint8)], constants=(1, 2, 3),
              **mode)
        bias = t.whole(np.int32, 8, low=-9000, high=9000)
        scales = t.rng.uniform(0.01, 0.05, 8).astype(np.float32)
        result = [np.array(4.5, np.float32), np.array(99, np.uint8)]
        first = [x, np.array(0.02, np.float32), points[0], weight]
        t.add("QLinearConv", name, 10, [*first, single(0.03)[0], points[1], *result, bias],
              constants=tuple(range(1, 9)), **mode)
        t.add("QLinearConv", f"{name}_channel_scales", 10,
              [*first, scales, np.zeros(8, np.int8), *result], constants=tuple(range(1, 8)), **mode)
    x, weight = t.whole(np.uint8, 1, 2, 9, high=256), t.whole(np.uint8, 3, 2, 4, high=256)
    t.add("ConvInteger", "1d_without_points", 10, [x, weight], pads=[2, 1], strides=[3],
          kernel_shape=[4])
    t.add("ConvInteger", "weights_as_inputs", 10, [x, weight, np.array(7, np.uint8)], pads=[2, 1],
          kernel_shape=[4])


DEFORMED_MODES = {  # With the extents of the result.
    "groups": ((5, 4), {"group": 2}),
    "offset_groups": ((5, 4), {"offset_group": 2}),
    "dilations_pads": ((5, 4), {"dilations": [2, 1], "pads": [1, 0, 1, 0]}),
    "strides": ((3, 2), {"strides": [2, 3]}),
}


def deformed_convolutions(t):
    x = t.floats(2, 4, 7, 6)
    for name, (extents, mode) in DEFORMED_MODES.items():
        weight = t.floats(6, 4 // mode.get("group", 1), 3, 3)
        taps = 9 * mode.get("offset_group", 1)
        offset, mask = t.floats(2, 2 * taps, *extents), t.floats(2, taps, *extents)
        t.add("DeformConv", name, 19, [x, weight, offset], constants=(1,), **mode)
        t.add("DeformConv", f"{name}_bias_mask", 19, [x, weight, offset, t.floats(6), mask],
              constants=(1, 3), **mode)


def pools(t):
    x = np.abs(t.floats(2, 3, 8, 9)) + np.float32(0.1)
    t.add("LpPool", "ceil_mode", 18, [x], kernel_shape=[3, 2], strides=[3, 2], ceil_mode=1)
    t.add("LpPool", "ceil_mode_pads_p_1", 18, [x], kernel_shape=[3, 3], strides=[2, 3],
          ceil_mode=1, pads=[1, 0, 1, 1], p=1)
    t.add("LpPool", "ceil_mode_dilations_p_3", 18, [x], kernel_shape=[2, 3], strides=[3, 2],
          dilations=[2, 2], ceil_mode=1, p=3)
    for name, pads in (("pads", [1, 1, 1, 1]), ("pads_one_side", [0, 0, 1, 1])):
        values = t.floats(1, 2, 2, 3)
        places = np.stack([t.rng.permutation(12)[:6].reshape(2, 3) + 12 * c for c in range(2)])
        t.add("MaxUnpool", name, 11, [values, places[None].astype(np.int64)], kernel_shape=[2, 2],
              strides=[2 + pads[0], 2 + pads[0]], pads=pads)
    rois = single([0.5, 1, 7, 6], [1, 1, 2, 2], [0, 0, 8.5, 7.5])
    for version, more in ((10, {}), (16, {}), (16, {"coordinate_transformation_mode":
                                                     "output_half_pixel"})):
        for mode in ("avg", "max") if version == 10 or not more else ("avg",):
            t.add("RoiAlign", f"sampling_ratio_0_{mode}{'_output_half_pixel' if more else ''}",
                  version, [x, rois, integers(0, 1, 0)], output_height=2, output_width=3,
                  sampling_ratio=0, spatial_scale=0.75, mode=mode, **more)
    t.add("RoiAlign", "no_regions", 16, [x, rois[:0], integers()], output_height=2, output_width=3)
    t.add("MaxPool", "dilations_ceil_mode", 12, [x], outputs=2, kernel_shape=[3, 2],
          strides=[2, 2], dilations=[2, 3], ceil_mode=1)
    t.add("MaxPool", "storage_order", 12, [x], outputs=2, kernel_shape=[2, 2], storage_order=1)
    t.add("MaxPool", "int8", 12, [t.whole(np.int8, 1, 2, 5, 5, low=-128)], kernel_shape=[3, 2],
          pads=[1, 1, 1, 1])
    t.add("LpPool", "same_lower", 18, [x], kernel_shape=[3, 2], strides=[2, 2],
          auto_pad="SAME_LOWER")
    t.add("GlobalLpPool", "p_3", 2, [x], p=3)
    t.add("AveragePool", "dilations_ceil_mode", 19, [x], kernel_shape=[2, 3], strides=[2, 2],
          dilations=[3, 2], ceil_mode=1, pads=[1, 1, 1, 1], count_include_pad=1)
    t.add("AveragePool", "ceil_mode_pads", 19, [x], kernel_shape=[3, 3], strides=[2, 2],
          ceil_mode=1, pads=[1, 0, 1, 0], count_include_pad=0)


FAMILIES = [convolutions, transposed_convolutions, integer_convolutions, deformed_convolutions,
            pools]
