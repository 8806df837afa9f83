"""Elimination in symmetric matrices, for texts that solve a small system on their way."""

from __future__ import annotations

import numpy as np


def ldl(a):
    """a = l diag(d) l^T: the multipliers that make l unit lower triangular (without its ones), and the pivots d.

    No rows are exchanged: the pivots of a positive definite matrix are positive, whatever the order.
    """
    rows = np.arange(a.shape[-1])
    columns, pivots = [], []
    for j in range(a.shape[-1]):
        pivot = a[..., j, j]
        column = np.where(rows > j, a[..., j] / pivot[..., None], 0)
        a = a - column[..., :, None] * a[..., j, None, :]
        columns.append(column)
        pivots.append(pivot)
    return np.stack(columns, axis=-1), np.stack(pivots, axis=-1)


def solve_ldl(factors, b):
    """x with l diag(d) l^T x = b, for a vector b (..., n): down through l, through d, and up through l^T."""
    lower, pivots = factors
    for j in range(b.shape[-1]):
        b = b - lower[..., j] * b[..., j, None]
    x = b / pivots
    for j in reversed(range(b.shape[-1])):
        x = x - lower[..., j, :] * x[..., j, None]
    return x


def inverse_ldl(factors):
    """The inverse of l diag(d) l^T: its solutions for the columns of the identity, which are its rows as well."""
    lower, _ = factors
    rows = np.arange(lower.shape[-1])
    identity = np.where(rows[:, None] == rows, np.ones_like(lower), np.zeros_like(lower))
    return solve_ldl((lower[..., None, :, :], factors[1][..., None, :]), identity)
