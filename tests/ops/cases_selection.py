"""NonZero, Unique, Nms: results have room for all that there may be, and say how much there is."""

import numpy as np

from case import Case, generator, seen, view


def padded(rows, length):
    rows = np.asarray(rows, np.int64)
    return np.concatenate([rows, np.zeros((length - len(rows), *rows.shape[1:]), np.int64)])


def non_zero(name, x):
    places = np.stack(np.nonzero(seen(x)), axis=1)
    return Case("NonZero", name, [x], {},
                [padded(places, seen(x).size), np.array(len(places), np.int64)])


def non_zeros():
    for dtype in (np.float32, np.float64, np.float16, np.int8, np.int64, np.uint8, np.uint64, bool):
        label = np.dtype(dtype).name
        x = generator(f"non_zero_{label}").integers(0, 2, (3, 5, 2)).astype(dtype)
        yield non_zero(label, x)
        yield non_zero(f"view_{label}", view(x, lambda a: a[:, ::-2].T))
    yield non_zero("nan_and_minus_zero", np.array([np.nan, -0.0, 0.0, np.inf], np.float32))
    yield non_zero("none", np.zeros((2, 3), np.float32))
    yield non_zero("empty", np.zeros((0, 3), np.float32))
    yield non_zero("rank_8", np.ones((1, 2, 1, 1, 2, 1, 1, 2), np.int32))


def unique(name, x, sorted_kinds=True):
    _, first, kinds, counts = np.unique(x, return_index=True, return_inverse=True,
                                        return_counts=True, axis=0)
    kinds = kinds.reshape(-1)
    if not sorted_kinds:
        order = np.argsort(first)
        first, counts = first[order], counts[order]
        kinds = np.argsort(order)[kinds]
    return Case("Unique", name, [x], {"sorted": str(int(sorted_kinds))},
                [padded(first, len(x)), kinds.astype(np.int64), padded(counts, len(x)),
                 np.array(len(first), np.int64)])


def uniques():
    for dtype in (np.float32, np.float64, np.float16, np.int8, np.int64, np.uint8, np.uint64, bool):
        label = np.dtype(dtype).name
        rng = generator(f"unique_{label}")
        for sorted_kinds in (True, False):
            suffix = "" if sorted_kinds else "_unsorted"
            x = rng.integers(0, 9, 37).astype(dtype)
            yield unique(f"{label}{suffix}", x, sorted_kinds)
            rows = rng.integers(0, 2, (23, 2, 2)).astype(dtype)
            yield unique(f"rows_{label}{suffix}", rows, sorted_kinds)
    yield unique("one", np.array([3], np.int32))
    yield unique("nans_are_equal_and_last", np.array([np.nan, 1, np.nan, -1], np.float32))
    empty = np.zeros(0, np.float32)
    yield Case("Unique", "empty", [empty], {},
               [np.zeros(0, np.int64)] * 3 + [np.array(0, np.int64)])


def overlap(a, b, centered):
    """The part of their union that two boxes share, in float64."""
    def ends(box):
        if centered:
            return [(box[i] - box[i + 2] / 2, box[i] + box[i + 2] / 2) for i in (0, 1)]
        return [(min(box[i], box[i + 2]), max(box[i], box[i + 2])) for i in (0, 1)]
    shared, sizes = 1.0, [1.0, 1.0]
    for one, other in zip(ends(a), ends(b)):
        shared *= max(0.0, min(one[1], other[1]) - max(one[0], other[0]))
        sizes = [sizes[0] * (one[1] - one[0]), sizes[1] * (other[1] - other[0])]
    union = sum(sizes) - shared
    return shared / union if min(sizes) > 0 and union > 0 else 0.0


def nms(name, boxes, scores, most, limits, centered=0):
    rows = []
    exact = seen(boxes).astype(np.float64)
    for batch, label in np.ndindex(*seen(scores).shape[:2]):
        line = seen(scores)[batch, label]
        kept = []
        for box in np.argsort(-line, kind="stable"):
            covered = any(overlap(exact[batch, box], exact[batch, other], centered) > limits[0]
                          for other in kept)
            if line[box] > limits[1] and not covered and len(kept) < most:
                kept.append(box)
        rows += [(batch, label, box) for box in kept]
    room = seen(scores).shape[0] * seen(scores).shape[1] * max(0, min(most, exact.shape[1]))
    return Case("Nms", name, [boxes, scores],
                {"centered": str(centered), "most": f"[{most}]",
                 "thresholds": f"[{limits[0]}, {limits[1]}]"},
                [padded(np.reshape(rows, (-1, 3)), room), np.array(len(rows), np.int64)])


def nmss():
    rng = generator("nms")
    boxes = rng.uniform(0, 1, (2, 19, 4)).astype(np.float32)
    scores = rng.uniform(0, 1, (2, 3, 19)).astype(np.float32)
    for centered in (0, 1):
        for most in (0, 1, 4, 19, 100):
            yield nms(f"{most}_centered_{centered}", boxes, scores, most, (0.25, 0.125), centered)
    yield nms("negative_most", boxes, scores, -3, (0.25, 0.125))
    yield nms("views", view(boxes, lambda a: a[:, ::-1]), view(scores, lambda a: a[::-1, :2]), 5,
              (0.5, 0.25))
    ties = np.full((1, 1, 19), 0.5, np.float32)
    yield nms("ties_in_order", boxes[:1], ties, 6, (0.125, 0.25))
    yield nms("score_at_the_threshold", boxes[:1], ties, 6, (0.125, 0.5))
    yield nms("no_boxes", boxes[:, :0], scores[:, :, :0], 3, (0.5, 0.0))
    yield nms("points", np.zeros((1, 4, 4), np.float32), scores[:1, :1, :4], 4, (0.0, 0.0))


def cases():
    for family in (non_zeros, uniques, nmss):
        yield from family()
