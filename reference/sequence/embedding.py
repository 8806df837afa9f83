"""Tokens: a row of a table for each index, and bags of such rows."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def one_hot(indices, *, num_classes):
    """y_nc = 1 where c = indices_n, else 0.

    Shapes: indices (...) integers in 0 ... num_classes - 1, y (..., num_classes) integers.

    The c-th unit vector stands for the class c; labels have no order that numbers would pretend.

    Raises IndexError for an index out of range.

    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 4.1.2, the 1-of-K coding.
    """
    _require_range(indices, num_classes)
    return np.where(indices[..., None] == np.arange(num_classes), 1, 0)


def one_hot_cases(rng):
    yield Case("labels", (rng.permutation([0, 1, 2, 3, 4, 1, 3]),), {"num_classes": 5})
    yield Case("last-class-absent", (rng.permutation([0, 3, 1, 2, 2, 0]).reshape(2, 3),), {"num_classes": 6})
    yield Case("nothing", (np.zeros(0, dtype=int),), {"num_classes": 3}, "empty", np.zeros((0, 3), dtype=int))
    yield Case("too-large", (np.array([0, 3, 1]),), {"num_classes": 3}, "refused")
    yield Case("negative", (np.array([0, -1, 1]),), {"num_classes": 3}, "refused")


def one_hot_sized(rng, n):
    return Case("sized", (rng.integers(0, 16, n),), {"num_classes": 16})


def embedding(indices, weight, *, padding_idx):
    """y_n = the row of weight that indices_n names, and 0 where indices_n = padding_idx.

    Shapes: indices (...) integers in 0 ... V - 1, weight (V, D), y (..., D). padding_idx is None or such an integer;
    a negative one counts from the end.

    It is a matrix product: y = E weight, E the one-hot rows of the indices. The padding row is no parameter: the text
    looks up 0 there, where torch looks up whatever its row holds, which torch.nn.Embedding sets to 0 at first.

    Raises IndexError for an index out of range, ValueError unless weight is a matrix.

    Source: Bengio et al. (2003), A Neural Probabilistic Language Model, section 2, the matrix C.
    """
    pad = _padding(indices, weight, padding_idx)
    return np.where(indices[..., None] == pad, 0, np.take(weight, indices, axis=0))


def embedding_vjp(ybar, y, indices, weight, *, padding_idx):
    """weightbar = E^T ybar: a row gets the sum of the cotangents of all places that name it, the padding row nothing.

    The sum is the point. weightbar[indices] += ybar would keep one of the places of an index that occurs twice.
    """
    pad = _padding(indices, weight, padding_idx)
    rowsbar = np.where(indices[..., None] == pad, 0, ybar)
    return (added_to_rows(np.ravel(indices), np.reshape(rowsbar, (-1, weight.shape[1])), weight),)


def added_to_rows(indices, rows, table):
    """The table's shape, each row the sum of those ``rows`` whose index it is: E^T rows."""
    hot = np.where(indices[:, None] == np.arange(table.shape[0]), np.ones_like(rows[:, :1]), 0)
    return hot.T @ rows


def embedding_cases(rng):
    yield Case("grid", (np.array([[3, 0, 3], [4, 1, 3]]), rng.normal(size=(5, 4))), {"padding_idx": None})
    blank = np.array([[1.0], [1.0], [0.0], [1.0]])
    yield Case("padding", (np.array([2, 0, 3, 0, 2, 1, 0]), blank * rng.normal(size=(4, 3))), {"padding_idx": -2})
    table = np.array([[np.inf, -0.0], [0.0, 0.0], [np.nan, 1.0], [np.nan, -np.inf]])
    rows = np.array([[np.nan, -np.inf], [0.0, 0.0], [np.inf, -0.0]])
    yield Case("rows-apart", (np.array([3, 1, 0]), table), {"padding_idx": 1}, "special", rows)
    weight = rng.normal(size=(4, 3))
    yield Case("no-indices", (np.zeros((2, 0), dtype=int), weight), {"padding_idx": 1}, "empty", np.zeros((2, 0, 3)))
    yield Case("too-large", (np.array([0, 4, 1]), weight), {"padding_idx": None}, "refused")
    yield Case("negative", (np.array([0, -1, 1]), weight), {"padding_idx": None}, "refused")
    yield Case("padding-too-large", (np.array([0, 2]), weight), {"padding_idx": 4}, "refused")


def embedding_sized(rng, n):
    v = n // 16 + 1
    return Case("sized", (rng.integers(0, v, 64), rng.normal(size=(v, 16))), {"padding_idx": None})


def embedding_bag(indices, weight, offsets, per_sample_weights, *, mode, padding_idx):
    """y_b = sum, mean or max over the places n of bag b of the row s_n weight[indices_n].

    Shapes: indices (K,) integers in 0 ... V - 1 with offsets (B,), where the bags begin, or indices (B, L) with
    offsets None; weight (V, D); per_sample_weights s, as indices, or None for 1; y (B, D). mode is "sum", "mean" or
    "max". padding_idx is None or an index, a negative one counted from the end.

    A place with padding_idx is in no bag, so it does not count in the mean either. An empty bag gives 0.

    Raises IndexError for an index out of range; ValueError for shapes that do not fit, offsets that do not begin at 0
    or go back, and per_sample_weights with another mode than "sum".

    Source: Joulin et al. (2016), Bag of Tricks for Efficient Text Classification, section 2.1, for the mean; the
    other modes are those of torch.nn.EmbeddingBag.
    """
    indices, _, bags = _bags(indices, weight, offsets, per_sample_weights, mode, padding_idx)
    rows = np.take(weight, indices, axis=0)
    if per_sample_weights is not None:
        rows = rows * np.reshape(per_sample_weights, (-1, 1))
    reduce = {"sum": np.sum, "mean": np.mean, "max": np.max}[mode]
    return np.stack([reduce(rows[places], axis=0) if len(places) else np.zeros_like(weight[0]) for places in bags])


def embedding_bag_vjp(ybar, y, indices, weight, offsets, per_sample_weights, *, mode, padding_idx):
    """A place passes its bag's ybar on to its row: s_n ybar_b; ybar_b over the number of places; where it is the max.

    And sbar_n = ybar_b . weight[indices_n]. Among equal maxima the first takes all, one of the subgradients.
    """
    shape = indices.shape
    indices, bag, bags = _bags(indices, weight, offsets, per_sample_weights, mode, padding_idx)
    rows = np.take(weight, indices, axis=0)
    place = np.arange(len(indices))
    rowsbar = np.where(np.isin(place, np.concat(bags))[:, None], np.take(ybar, bag, axis=0), 0)
    samplebar = None
    if per_sample_weights is not None:
        samplebar = np.reshape(np.sum(rowsbar * rows, axis=1), shape)
        rowsbar = rowsbar * np.reshape(per_sample_weights, (-1, 1))
    if mode == "mean":
        rowsbar = rowsbar / np.stack([np.full_like(weight[0], max(len(places), 1)) for places in bags])[bag]
    if mode == "max":
        none = np.full(weight.shape[1], -1)
        first = np.stack([places[np.argmax(rows[places], axis=0)] if len(places) else none for places in bags])
        rowsbar = np.where(place[:, None] == first[bag], rowsbar, 0)
    return added_to_rows(indices, rowsbar, weight), samplebar


def _bags(indices, weight, offsets, per_sample_weights, mode, padding_idx):
    """The indices in one row, the bag of each place, and the places of each bag that count."""
    pad = _padding(indices, weight, padding_idx)
    if mode not in ("sum", "mean", "max"):
        raise ValueError(f"embedding_bag: got mode {mode!r}, want 'sum', 'mean' or 'max'")
    if per_sample_weights is not None and (mode != "sum" or per_sample_weights.shape != indices.shape):
        got = f"per_sample_weights of shape {per_sample_weights.shape} with mode {mode!r}"
        raise ValueError(f"embedding_bag: got {got}, want {indices.shape} and 'sum'")
    if indices.ndim != (2 if offsets is None else 1):
        got = f"indices of shape {indices.shape} and offsets {'None' if offsets is None else 'given'}"
        raise ValueError(f"embedding_bag: got {got}, want (B, L) and None, or (K,) and (B,)")
    if offsets is None:
        begin = np.arange(indices.shape[0]) * indices.shape[1]
    else:
        begin = offsets
        if begin.ndim != 1 or not len(begin) or begin[0] != 0 or np.any(np.diff(begin) < 0):
            raise ValueError(f"embedding_bag: got offsets {offsets}, want them to begin at 0 and never to go back")
    flat = np.ravel(indices)
    bag = np.sum(begin[None, :] <= np.arange(len(flat))[:, None], axis=1) - 1
    return flat, bag, [np.flatnonzero((bag == b) & (flat != pad)) for b in range(len(begin))]


def embedding_bag_cases(rng):
    def ask(mode, padding_idx=None):
        return {"mode": mode, "padding_idx": padding_idx}

    seven, four = np.array([1, 4, 1, 0, 2, 3, 1]), np.array([0, 3, 3, 5])  # the second bag is empty
    yield Case("sum-weighted", (seven, rng.normal(size=(5, 3)), four, rng.uniform(-2, 2, 7)), ask("sum", 2))
    yield Case("mean", (np.array([[1, 4, 2, 1], [2, 0, 2, 3]]), rng.normal(size=(5, 3)), None, None), ask("mean", 2))
    yield Case("max", (seven, rng.normal(size=(5, 3)), np.array([0, 3]), None), ask("max", -5))
    tied = np.array([[1.0, 5.0], [3.0, 2.0], [3.0, 4.0]])
    yield Case("max-tied", (np.array([0, 1, 2]), tied, np.array([0]), None), ask("max"), "kink")
    table = np.array([[np.inf, 1.0], [np.nan, 2.0], [3.0, -np.inf]])
    answer = np.array([[np.inf, -np.inf], [6.0, -np.inf]])
    yield Case("bags-apart", (np.array([[0, 2], [2, 2]]), table, None, None), ask("sum", 1), "special", answer)
    weight = rng.normal(size=(5, 3))
    yield Case("no-places", (np.zeros((2, 0), dtype=int), weight, None, None), ask("mean"), "empty", np.zeros((2, 3)))
    yield Case("too-large", (np.array([0, 5, 1]), weight, np.array([0, 2]), None), ask("sum"), "refused")
    yield Case("begins-late", (seven, weight, np.array([1, 3]), None), ask("sum"), "refused")
    yield Case("weighted-mean", (seven, weight, four, rng.normal(size=7)), ask("mean"), "refused")


def embedding_bag_sized(rng, n):
    v = n // 16 + 1
    args = (rng.integers(0, v, 64), rng.normal(size=(v, 16)), np.arange(0, 64, 8), rng.normal(size=64))
    return Case("sized", args, {"mode": "sum", "padding_idx": None})


def _padding(indices, weight, padding_idx):
    """The index of the padding row, -1 where there is none."""
    if weight.ndim != 2:
        raise ValueError(f"weight: got shape {weight.shape}, want (V, D)")
    v = weight.shape[0]
    _require_range(indices, v)
    if padding_idx is None:
        return -1
    if not -v <= padding_idx < v:
        raise ValueError(f"padding_idx: got {padding_idx}, want None or an integer from {-v} to {v - 1}")
    return padding_idx % v


def _require_range(indices, n):
    if np.any(indices < 0) or np.any(indices >= n):
        raise IndexError(f"indices: got {indices}, want integers from 0 to {n - 1}")


OPS = [
    Op(one_hot, one_hot_cases, None, one_hot_sized, wrt=()),
    Op(embedding, embedding_cases, embedding_vjp, embedding_sized, wrt=(1,)),
    Op(embedding_bag, embedding_bag_cases, embedding_bag_vjp, embedding_bag_sized, wrt=(1, 3)),
]
