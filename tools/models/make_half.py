"""float16 models, made of float32 ones by onnxconverter-common."""

import warnings

import onnx
from onnxconverter_common import float16


def convert(path, keep_io_types):
    """The bytes of a model of float16 weights and arithmetic.

    Its own inputs and outputs stay float32 with `keep_io_types`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # One for each weight that float16 rounds to its smallest.
        half = float16.convert_float_to_float16(onnx.load(path), keep_io_types=keep_io_types)
    return half.SerializeToString()
