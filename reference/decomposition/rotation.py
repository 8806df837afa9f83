"""Rotations and what else the decompositions share."""

from __future__ import annotations

import numpy as np


def sweeps(n):
    """Enough for 128 bits where the eigenvalues lie apart."""
    return min(n + 2, 12)


def half_angle(y, x, meets):
    """arctan(y / x) / 2, from -pi/4 to pi/4, smooth wherever x is not 0; 0 for a column that ``meets`` none."""
    x, y = np.where(meets, x, 1), np.where(meets, y, 0)
    length = np.sqrt(x * x + y * y)
    denominator = np.where(x < 0, x - length, x + length)  # x and the length never cancel
    return np.arctan(y / np.where(denominator == 0, 1, denominator))


def turn(x, partner, angle):
    """Columns turned in pairs: x_i cos(angle_i) + x_partner sin(angle_i), partners having opposite angles."""
    cosine = 1 - 2 * np.square(np.sin(angle / 2))  # as good as exact for the small angles of the last sweeps
    return x * cosine[..., None, :] + x[..., partner] * np.sin(angle)[..., None, :]


def diagonal(n):
    """Where a square matrix has its diagonal."""
    return np.arange(n)[:, None] == np.arange(n)


def identity(a):
    """The identity, for each of the square matrices ``a`` and in their arithmetic."""
    return np.where(diagonal(a.shape[-1]), np.ones_like(a), np.zeros_like(a))


def in_order(order, x):
    """The columns of ``x`` in that order."""
    return np.take_along_axis(x, order[..., None, :], axis=-1)


def signs(got, want):
    """+1 or -1 for each column of ``got``, to make it point along that of ``want``."""
    return np.where(np.sum(got * want, axis=-2) < 0, -1.0, 1.0)


def row_sum(a):
    """The largest sum of magnitudes in a row, the norm of a matrix as a map of maxima."""
    return np.max(np.sum(np.abs(a), axis=-1, keepdims=True), axis=-2, keepdims=True)


def near_diagonal(rng, *shape):
    """The identity plus numbers up to 0.2: turned this little, rounding balls grow little."""
    return np.eye(*shape[-2:]) + rng.uniform(-0.2, 0.2, size=shape)


def coupled(rng, *shape):
    """All numbers near 1, the diagonal near 3: no element of the inverse is much smaller than the others, so that none
    comes about by cancellation, and what is right as a whole is right in each element."""
    return 2 * np.eye(*shape[-2:]) + rng.uniform(0.8, 1.2, size=shape)
