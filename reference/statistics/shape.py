"""The shape of a sample, apart from its place and its width."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def standardize(x, *, axis, correction):
    """y_i = (x_i - m) / s, with the mean m and the standard deviation s of x along ``axis``.

    Shapes: x any, y as x; y has no unit.

    The z-scores: how many standard deviations a value lies above the mean. Of them the mean is 0 and the
    standard deviation 1, by the same correction. Equal values have no deviation to measure by: they give nan.

    Raises an IndexError or ValueError for an axis that x does not have.

    Source: Casella and Berger (2002), Statistical Inference, section 3.5, theorem 3.5.6.
    """
    centred = x - np.mean(x, axis=axis, keepdims=True)
    freedom = x.shape[axis] - correction
    return centred / np.sqrt(np.sum(centred * centred, axis=axis, keepdims=True) / freedom)


def standardize_vjp(ybar, y, x, *, axis, correction):
    """xbar = (ybar - mean(ybar) - y sum(y ybar) / (n - correction)) / s.

    With c = x - m: ydot = (cdot - y sdot) / s and sdot = sum(y cdot) / (n - correction). As sum(y) = 0, taking
    the mean from that cotangent of c takes only the mean of ybar.
    """
    centred = x - np.mean(x, axis=axis, keepdims=True)
    freedom = x.shape[axis] - correction
    s = np.sqrt(np.sum(centred * centred, axis=axis, keepdims=True) / freedom)
    along = y * np.sum(y * ybar, axis=axis, keepdims=True) / freedom
    return ((ybar - np.mean(ybar, axis=axis, keepdims=True) - along) / s,)


def standardize_hvp(ybar, dots, y, x, *, axis, correction):
    """xbardot = -(q ydot + qdot y + sdot xbar) / s, where q = sum(y ybar) / (n - correction).

    The quotient rule on xbar = (ybar - mean(ybar) - q y) / s. The Jacobian is symmetric, so ydot is the VJP of xdot;
    qdot = sum(ydot ybar) / (n - correction) and sdot = sum(y xdot) / (n - correction), as sum(y) = 0.
    """
    (xdot,) = dots
    centred = x - np.mean(x, axis=axis, keepdims=True)
    freedom = x.shape[axis] - correction
    s = np.sqrt(np.sum(centred * centred, axis=axis, keepdims=True) / freedom)
    ydot, xbar = (standardize_vjp(v, y, x, axis=axis, correction=correction)[0] for v in (xdot, ybar))
    moved = xdot - np.mean(xdot, axis=axis, keepdims=True)
    q, qdot, sdot = (np.sum(v, axis=axis, keepdims=True) / freedom for v in (y * ybar, ydot * ybar, y * moved))
    return (-(q * ydot + qdot * y + sdot * xbar) / s,)


def standardize_cases(rng):
    yield Case("rows", (_lopsided(rng, 3, 5),), {"axis": -1, "correction": 0})
    yield Case("middle", (_lopsided(rng, 2, 4, 3),), {"axis": 1, "correction": 1})
    yield Case("shifted", (1000 + _lopsided(rng, 2, 4),), {"axis": 1, "correction": 0})
    x = np.array([[3.0, -1.0, -1.0, 3.0], [2.0, 2.0, 2.0, 2.0], [1.0, np.nan, 0.0, 5.0]])
    answer = np.array([[1.0, -1.0, -1.0, 1.0], [np.nan] * 4, [np.nan] * 4])
    yield Case("constant", (x,), {"axis": 1, "correction": 0}, "special", answer)
    yield Case("no-such-axis", (rng.normal(size=(3, 4)),), {"axis": 2, "correction": 0}, "refused")


def standardize_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 64, 1), 64)),), {"axis": -1, "correction": 0})


def skewness(x, *, axis, bias):
    """y = m3 / m2^(3/2), where m_k = sum_i (x_i - m)^k / n runs along ``axis``.

    Shapes: x any, y as x without ``axis``; y has no unit.

    Positive where the long tail is on the right. bias=True is this ratio, the g1 of the literature; bias=False is
    G1 = g1 sqrt(n (n - 1)) / (n - 2), whose numerator and denominator are built from unbiased estimates; SAS, Excel
    (SKEW) and pandas show it. Fewer than three values have no G1, and equal values have neither: nan.

    Raises an IndexError or ValueError for an axis that x does not have.

    Source: Joanes and Gill (1998), Comparing measures of sample skewness and kurtosis, section 2.
    """
    _, m2, m3 = _moments(x, axis, 3)
    return np.squeeze(_skew_correction(m2, x.shape[axis], bias) * m3 / (m2 * np.sqrt(m2)), axis=axis)


def skewness_vjp(ybar, y, x, *, axis, bias):
    """xbar_i = 3 ybar a (c_i^2 - m2 - c_i m3 / m2) / (n m2^(3/2)), a the factor of G1 and c = x - m.

    m moves with x, so m3dot = 3 sum_i (c_i^2 - m2) xdot_i / n; and m2dot = 2 sum_i c_i xdot_i / n.
    """
    c, m2, m3 = _moments(x, axis, 3)
    n = x.shape[axis]
    a = _skew_correction(m2, n, bias)
    return (3 * np.expand_dims(ybar, axis) * a * (c * c - m2 - c * (m3 / m2)) / (n * m2 * np.sqrt(m2)),)


def skewness_cases(rng):
    yield Case("rows", (_lopsided(rng, 3, 5),), {"axis": -1, "bias": True})
    yield Case("middle", (100 + _lopsided(rng, 2, 6, 3),), {"axis": 1, "bias": False})
    x = np.array([[3.0, -1.0, -1.0, 3.0], [0.5, 0.5, 0.5, 0.5], [1.0, np.nan, 0.0, 5.0]])
    yield Case("constant", (x,), {"axis": 1, "bias": True}, "special", np.array([0.0, np.nan, np.nan]))
    two = np.array([[3.0, -1.0]])
    yield Case("two-values", (two,), {"axis": 1, "bias": False}, "special", np.array([np.nan]))
    yield Case("no-such-axis", (rng.normal(size=(3, 4)),), {"axis": -3, "bias": True}, "refused")


def skewness_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 64, 1), 64)) ** 2,), {"axis": -1, "bias": True})


def kurtosis(x, *, axis, fisher, bias):
    """y = m4 / m2^2 - 3, where m_k = sum_i (x_i - m)^k / n runs along ``axis``; without the 3 unless ``fisher``.

    Shapes: x any, y as x without ``axis``; y has no unit.

    How much of the variance is due to far values. A normal density has 3, so Fisher counts the excess over that, g2;
    Pearson does not. bias=False is G2 = (n - 1) ((n + 1) g2 + 6) / ((n - 2) (n - 3)), which SAS, Excel (KURT) and
    pandas show, plus 3 unless ``fisher``. Fewer than four values have no G2, and equal values have neither: nan.

    Raises an IndexError or ValueError for an axis that x does not have.

    Source: Joanes and Gill (1998), Comparing measures of sample skewness and kurtosis, section 2.
    """
    _, m2, _, m4 = _moments(x, axis, 4)
    n = x.shape[axis]
    ratio = np.squeeze(m4 / (m2 * m2), axis=axis)
    if bias:
        return ratio - 3 if fisher else ratio
    if n < 4:
        return np.full_like(ratio, np.nan)
    excess = ((n + 1) * ratio - 3 * (n - 1)) * (n - 1) / ((n - 2) * (n - 3))
    return excess if fisher else excess + 3


def kurtosis_vjp(ybar, y, x, *, axis, fisher, bias):
    """xbar_i = 4 ybar a (c_i^3 - m3 - c_i m4 / m2) / (n m2^2), c = x - m and a the factor of m4 / m2^2 in y.

    m moves with x, so m4dot = 4 sum_i (c_i^3 - m3) xdot_i / n; and m2dot = 2 sum_i c_i xdot_i / n.
    """
    c, m2, m3, m4 = _moments(x, axis, 4)
    n = x.shape[axis]
    xbar = 4 * np.expand_dims(ybar, axis) * (c * c * c - m3 - c * (m4 / m2)) / (n * m2 * m2)
    return (xbar if bias else xbar * (n * n - 1) / ((n - 2) * (n - 3)),)


def kurtosis_cases(rng):
    yield Case("rows", (_lopsided(rng, 3, 5),), {"axis": -1, "fisher": True, "bias": True})
    yield Case("columns", (_lopsided(rng, 2, 4, 3),), {"axis": 1, "fisher": False, "bias": True})
    yield Case("unbiased", (100 + _lopsided(rng, 2, 6),), {"axis": 1, "fisher": True, "bias": False})
    x = np.array([[3.0, -1.0, -1.0, 3.0], [0.5, 0.5, 0.5, 0.5], [1.0, np.nan, 0.0, 5.0]])
    pearson = {"axis": 1, "fisher": False, "bias": True}
    yield Case("constant", (x,), pearson, "special", np.array([1.0, np.nan, np.nan]))
    three = np.array([[3.0, -1.0, 2.0]])
    yield Case("three-values", (three,), {**pearson, "bias": False}, "special", np.array([np.nan]))
    yield Case("no-such-axis", (rng.normal(size=(3, 4)),), {**pearson, "axis": 2}, "refused")


def kurtosis_sized(rng, n):
    x = rng.normal(size=(max(n // 64, 1), 64))
    return Case("sized", (x,), {"axis": -1, "fisher": True, "bias": True})


def _moments(x, axis, highest):
    """x - m, and its mean powers from the second on, the axis kept."""
    c = x - np.mean(x, axis=axis, keepdims=True)
    powers = [c * c]
    while len(powers) < highest - 1:
        powers.append(powers[-1] * c)
    return c, *(np.mean(power, axis=axis, keepdims=True) for power in powers)


def _skew_correction(m2, n, bias):
    """sqrt(n (n - 1)) / (n - 2), what G1 is of g1, in the arithmetic of m2."""
    if bias:
        return np.ones_like(m2)
    return np.sqrt(np.full_like(m2, n * (n - 1))) / (n - 2 if n > 2 else np.nan)


def _lopsided(rng, *shape):
    """Values of order 1 with a longer tail on the right."""
    x = rng.gamma(2.0, size=shape)
    return x + np.arange(shape[-1]) / 4


OPS = [
    Op(standardize, standardize_cases, standardize_vjp, standardize_sized, hvp=standardize_hvp),
    Op(skewness, skewness_cases, skewness_vjp, skewness_sized),
    Op(kurtosis, kurtosis_cases, kurtosis_vjp, kurtosis_sized),
]
