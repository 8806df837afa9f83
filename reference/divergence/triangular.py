"""Cholesky's factor and what it is good for: solving by substitution, row after row."""

from __future__ import annotations

import numpy as np


def cholesky(a):
    """The lower triangular l with a = l l^T, of positive definite a (..., n, n).

    Column j of l is what columns 0 to j - 1 leave of column j of a, divided by the root of its diagonal element.
    """
    rows, columns = np.arange(a.shape[-1]), []
    for j in range(a.shape[-1]):
        rest = a[..., j]
        for column in columns:
            rest = rest - column * column[..., j : j + 1]
        columns.append(np.where(rows >= j, rest / np.sqrt(rest[..., j : j + 1]), 0))
    return np.stack(columns, axis=-1)


def solve_lower(l, b):
    """The x with l x = b, of lower triangular l (..., n, n) and b (..., n, m)."""
    rows = []
    for i in range(l.shape[-1]):
        rest = b[..., i, :]
        for k, row in enumerate(rows):
            rest = rest - l[..., i, k, None] * row
        rows.append(rest / l[..., i, i, None])
    return np.stack(rows, axis=-2)


def inverse_lower(l):
    i = np.arange(l.shape[-1])
    return solve_lower(l, np.where(i[:, None] == i, np.ones_like(l), 0))
