"""Reductions without axes, rank 8, results without elements, and attention's masks."""

import numpy as np

from case import integers

REDUCTIONS = ("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare")


def reductions(t):
    x = t.floats(2, 3, 4)
    for kind in REDUCTIONS:
        t.add(f"Reduce{kind}", "noop_no_axes", 18, [x], noop_with_empty_axes=1)
        t.add(f"Reduce{kind}", "noop_empty_axes", 18, [x, integers()], constants=(1,),
              noop_with_empty_axes=1)
        t.add(f"Reduce{kind}", "empty_axes_reduce_all", 18, [x, integers()], constants=(1,),
              keepdims=0)
        if kind != "Mean":  # Which ONNX leaves undefined.
            t.add(f"Reduce{kind}", "of_nothing", 20, [x[:, :0], integers(1)], constants=(1,))


def rank_8(t):
    x = t.floats(2, 1, 3, 2, 1, 2, 3, 2)
    t.add("Transpose", "rank_8", 13, [x], perm=[7, 2, 5, 0, 3, 1, 6, 4])
    t.add("Add", "rank_8", 14, [x, t.floats(5, 1, 2, 4, 1, 3, 1)])
    t.add("ReduceSum", "rank_8", 13, [x, integers(0, 2, -1)], constants=(1,), keepdims=0)
    t.add("ReduceMax", "rank_8_alternate_axes", 18, [x, integers(0, 3, 6)], constants=(1,))
    t.add("Concat", "rank_8", 13, [x, x + 1], axis=-2)
    t.add("Slice", "rank_8", 13, [x, integers(1, -1), integers(2, -9), integers(0, 6),
                                  integers(1, -2)], constants=(1, 2, 3, 4))
    t.add("Gather", "rank_8", 13, [x, integers(2, 0)], constants=(1,), axis=2)
    t.add("Expand", "rank_8", 13, [x, integers(2, 4, 3, 2, 3, 2, 3, 2)], constants=(1,))
    t.add("Tile", "rank_8", 13, [x, integers(1, 2, 1, 1, 3, 1, 1, 2)], constants=(1,))
    t.add("Pad", "rank_8", 13, [x, integers(0, 1, 0, 0, 1, 0, 0, 2, 1, 0, 0, 0, 0, 0, 1, 0)],
          constants=(1,))
    t.add("MatMul", "rank_8", 13, [x, t.floats(1, 2, 1, 2, 4, 1, 2, 3)])
    t.add("Where", "rank_8", 16, [x > 0, x, t.floats(3, 1)])
    t.add("Softmax", "rank_8", 13, [x], axis=2)
    t.add("CumSum", "rank_8", 14, [x, np.array(6)], constants=(1,), reverse=1)


def nothing(t):
    x = t.floats(3, 4)
    t.add("Concat", "one_part_empty", 13, [x, x[:0]], axis=0)
    t.add("Concat", "all_parts_empty", 13, [x[:, :0], x[:, :0]], axis=1)
    t.add("Slice", "to_nothing", 13, [x, integers(2), integers(2), integers(1)],
          constants=(1, 2, 3))
    t.add("Slice", "past_the_end", 13, [x, integers(7), integers(9), integers(0)],
          constants=(1, 2, 3))
    t.add("MatMul", "k_0", 13, [x[:, :0], t.floats(0, 5)])
    t.add("MatMul", "m_0", 13, [x[:0], t.floats(4, 5)])
    t.add("MatMul", "batch_0", 13, [t.floats(0, 3, 4), t.floats(4, 5)])
    t.add("Gemm", "k_0", 13, [x[:, :0], t.floats(0, 5), t.floats(5)], beta=2.0)
    t.add("Add", "broadcast", 14, [x[:0], t.floats(1, 4)])
    t.add("Relu", "empty", 14, [x[:0]])
    t.add("Transpose", "empty", 13, [x[:, :0]], perm=[1, 0])
    t.add("Reshape", "empty_allowzero", 14, [x[:, :0], integers(0, 7)], constants=(1,),
          allowzero=1)
    t.add("Gather", "no_indices", 13, [x, integers()], constants=(1,), axis=1)
    t.add("NonZero", "none", 13, [np.zeros((2, 3), np.float32)])
    t.add("Compress", "none", 11, [x, np.zeros(3, bool)], axis=0)
    t.add("Softmax", "empty", 13, [x[:0]], axis=1)
    t.add("ReduceSum", "result_empty", 13, [x[:0], integers(1)], constants=(1,))
    t.add("TopK", "k_0", 11, [x, integers(0)], constants=(1,), outputs=2)
    t.add("Pad", "from_nothing", 13, [x[:0], integers(1, 0, 2, 0), np.array(3, np.float32)],
          constants=(1, 2))
    t.add("Expand", "to_nothing", 13, [x[:1], integers(0, 4)], constants=(1,))
    t.add("MaxPool", "batch_0", 12, [t.floats(0, 2, 4, 4)], kernel_shape=[2, 2])
    t.add("GlobalAveragePool", "batch_0", 1, [t.floats(0, 2, 4, 4)])
    t.add("Resize", "batch_0", 13, [t.floats(0, 2, 4, 4), None, np.array([1, 1, 2, 2], np.float32)],
          constants=(2,), mode="linear")
    image = t.floats(0, 4, 6, 6)
    t.add("ConvTranspose", "batch_0", 11, [image, t.floats(4, 2, 3, 3)], constants=(1,))
    t.add("InstanceNormalization", "batch_0", 6, [image, t.floats(4), t.floats(4)],
          constants=(1, 2))
    t.add("LRN", "batch_0", 13, [image], size=3)
    t.add("DepthToSpace", "batch_0", 13, [image], blocksize=2)
    t.add("Split", "part_empty", 13, [x, integers(1, 0, 3)], constants=(1,), outputs=3, axis=1)
    t.add("Unique", "of_nothing", 11, [x[0, :0]], outputs=4)
    t.add("ArgMax", "result_empty", 13, [x[:0]], axis=1)
    t.add("CumSum", "empty", 14, [x[:0], np.array(0)], constants=(1,))
    t.add("Einsum", "k_0", 12, [x[:, :0], t.floats(0, 5)], equation="ij,jk->ik")
    t.add("Einsum", "empty", 12, [x[:0], t.floats(4, 5)], equation="ij,jk->ki")
    t.add("Tile", "zero_times", 13, [x, integers(2, 0)], constants=(1,))
    t.add("ScatterND", "no_updates", 18, [x, np.zeros((0, 1), np.int64), t.floats(0, 4)],
          constants=(1,))
    t.add("ScatterElements", "no_updates", 18, [x, np.zeros((0, 4), np.int64), t.floats(0, 4)],
          constants=(1,))
    t.add("GatherND", "no_indices", 13, [x, np.zeros((0, 2), np.int64)], constants=(1,))
    t.add("OneHot", "no_indices", 11, [integers(), np.array(3), t.floats(2)], constants=(1,))
    t.add("NonMaxSuppression", "no_boxes", 11,
          [t.floats(1, 0, 4), t.floats(1, 2, 0), integers(3)], constants=(2,))
    t.add("Trilu", "empty", 14, [t.floats(2, 0, 3)])
    t.add("ConstantOfShape", "empty", 9, [integers(2, 0)], constants=(0,))
    t.add("MatMulInteger", "k_0", 10, [t.whole(np.uint8, 3, 0), t.whole(np.int8, 0, 2)],
          expected=[np.zeros((3, 2), np.int32)],
          source="NumPy: ONNX Runtime returns memory that it never wrote")
    t.add("QuantizeLinear", "empty", 13, [x[:0], np.array(0.5, np.float32), np.array(3, np.uint8)],
          constants=(1, 2))
    t.add("DFT", "batch_0", 17, [t.floats(0, 5, 1)])
    t.add("LayerNormalization", "empty", 17, [x[:0], t.floats(4)], constants=(1,))


def attend(*operands):
    """Attention without a mask, in float64."""
    q, k, v = (array.astype(np.float64) for array in operands)
    weights = np.exp(q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]))
    return weights / weights.sum(-1, keepdims=True) @ v


def attention(t):
    def add(name, inputs, declared=(1, 3), **more):
        # The compiler must know how many heads there are, and their size.
        t.add("Attention", name, 23, inputs, declared=declared, **more)

    q, k, v = t.floats(2, 3, 4, 8), t.floats(2, 3, 6, 8), t.floats(2, 3, 6, 5)
    bools = t.rng.random((4, 6)) < 0.7
    bools[:, 0] = True
    add("softmax_precision_float", [q, k, v], softmax_precision=1)
    half = [array.astype(np.float16) for array in (q, k, v)]
    add("softmax_precision_float_of_halves", half, softmax_precision=1,
        expected=[attend(*half).astype(np.float16)],
        source="NumPy in float64: ONNX Runtime's halves are off by two units in the last place")
    add("bool_mask", [q, k, v, bools])
    add("bool_mask_causal", [q, k, v, bools], is_causal=1)
    add("bool_mask_4d_causal", [q, k, v, np.stack([bools, bools[::-1]])[:, None]], is_causal=1)
    add("float_mask_causal_scale", [q, k, v, t.floats(3, 4, 6)], is_causal=1, scale=0.3)
    longer = t.floats(2, 3, 9, 8)
    add("q_longer_than_kv", [longer, k, v])
    add("q_longer_than_kv_causal", [longer, k, v], is_causal=1)
    add("heads_in_rows_causal",
        [t.floats(2, 4, 12), t.floats(2, 6, 6), t.floats(2, 6, 8)], declared=(2,), q_num_heads=4,
        kv_num_heads=2, is_causal=1)
    add("past_and_present_causal",
        [q, k, v, None, t.floats(2, 3, 2, 8), t.floats(2, 3, 2, 5)], outputs=3, is_causal=1)
    bools = bools.copy()
    bools[2] = False
    add("row_masked_whole", [q, k, v, bools])
    infinite = np.where(bools, 0, -np.inf).astype(np.float32)
    add("row_masked_whole_by_infinity", [q, k, v, infinite])
    bools[0, :1] = False
    add("row_masked_whole_with_causal", [q, k, v, bools], is_causal=1)
    add("scores_masked_whole", [q, k, v, bools], outputs=4, qk_matmul_output_mode=3)
    add("softcap", [q, k, v], softcap=0.5)
    add("softcap_bool_mask_causal", [q, k, v, bools], softcap=0.5, is_causal=1)


FAMILIES = [reductions, rank_8, nothing, attention]
