"""The Cholesky factor of a covariance matrix, and the triangular systems that it leads to."""

from __future__ import annotations

import numpy as np


def cholesky(a):
    """l l^T = a, l lower triangular with a positive diagonal; a (..., n, n) symmetric and positive definite.

    Column j of l is column j of what is left of a, over the root of its pivot; then the outer
    product of that column with itself is taken off. Of a symmetric a the lower triangle alone is read.

    Source: Golub and Van Loan (2013), Matrix Computations, 4th edition, section 4.2.5.
    """
    row = np.arange(a.shape[-1])
    columns = []
    for j in row:
        column = np.where(row >= j, a[..., :, j] / np.sqrt(a[..., j, j])[..., None], 0)
        a = a - column[..., :, None] * column[..., None, :]
        columns.append(column)
    return np.stack(columns, axis=-1)


def cholesky_vjp(lbar, l):
    """abar = l^-T P l^-1 made symmetric, P the lower triangle of l^T lbar with half of its diagonal.

    From l ldot^T + ldot l^T = adot: l^-1 ldot is lower triangular, and with its transpose it makes
    l^-1 adot l^-T, so it is the lower triangle of that with half of its diagonal.

    Source: Murray (2016), Differentiation of the Cholesky decomposition, section 3.
    """
    row = np.arange(l.shape[-1])
    p = l.mT @ np.tril(lbar)
    p = np.where(row[:, None] == row, p / 2, np.tril(p))
    left = solve_transposed(l[..., None, :, :], p.mT)
    abar = solve_transposed(l[..., None, :, :], left.mT)
    return (abar + abar.mT) / 2


def solve(l, b):
    """l z = b for lower triangular l (..., n, n) and b (..., n): from the first unknown to the last."""
    unknowns = []
    for j in range(b.shape[-1]):
        z = b[..., j] / l[..., j, j]
        b = b - l[..., :, j] * z[..., None]
        unknowns.append(z)
    return np.stack(unknowns, axis=-1)


def solve_transposed(l, b):
    """l^T z = b for lower triangular l (..., n, n) and b (..., n): from the last unknown to the first."""
    unknowns = []
    for j in reversed(range(b.shape[-1])):
        z = b[..., j] / l[..., j, j]
        b = b - l[..., j, :] * z[..., None]
        unknowns.append(z)
    return np.stack(unknowns[::-1], axis=-1)


def inverse(l):
    """(l l^T)^-1, column by column of the identity."""
    row = np.arange(l.shape[-1])
    identity = np.where(row[:, None] == row, np.ones_like(l), 0)
    return solve_transposed(l[..., None, :, :], solve(l[..., None, :, :], identity))
