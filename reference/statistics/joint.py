"""How the variables of a sample vary together."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def covariance(x, *, rowvar, correction):
    """y_jk = sum_i (x_ij - m_j) (x_ik - m_k) / (n - correction), with the means m_j = sum_i x_ij / n.

    Shapes: x (..., n, p) of n observations of p variables, or (..., p, n) when ``rowvar``; y (..., p, p), in the
    product of the units of variables j and k.

    A table has its variables as columns, as data sets and pandas do; ``rowvar`` is the other convention, the one
    of torch.cov and the default of numpy.cov. correction 1 is the unbiased estimate for the population that the
    observations were drawn from; where n <= correction the answer is nan. A matrix of products of one table
    with itself has no negative eigenvalue, and at most n - 1 positive ones.

    Raises ValueError unless x has two axes or more.

    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 2.3.4, eqs 2.122 and 2.125.
    """
    centred = _centred(x, rowvar)
    freedom = centred.shape[-2] - correction
    return centred.mT @ centred / (freedom if freedom > 0 else np.nan)


def covariance_vjp(ybar, y, x, *, rowvar, correction):
    """xbar = c (ybar + ybar^T) / (n - correction), c the centred table with its variables as columns.

    That the means move does not matter: their share is multiplied by the column sums of c, which are 0.
    """
    centred = _centred(x, rowvar)
    xbar = centred @ (ybar + ybar.mT) / (centred.shape[-2] - correction)
    return (xbar.mT if rowvar else xbar,)


def covariance_hvp(ybar, dots, y, x, *, rowvar, correction):
    """xbardot = cdot (ybar + ybar^T) / (n - correction): the VJP is linear in x, so it is that of xdot."""
    return covariance_vjp(ybar, y, dots[0], rowvar=rowvar, correction=correction)


def covariance_cases(rng):
    yield Case("columns", (_mixed(rng, 5, 3),), {"rowvar": False, "correction": 1})
    yield Case("rows", (_mixed(rng, 2, 4),), {"rowvar": True, "correction": 0})
    yield Case("batch-shifted", (100 + _mixed(rng, 2, 4, 3),), {"rowvar": False, "correction": 2})
    one = np.array([[3.0, -1.0]])
    yield Case("one-observation", (one,), {"rowvar": False, "correction": 1}, "special", np.full((2, 2), np.nan))
    yield Case("vector", (rng.normal(size=5),), {"rowvar": False, "correction": 1}, "refused")


def covariance_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 64, 2), 64)),), {"rowvar": False, "correction": 1})


def correlation(x, *, rowvar):
    """y_jk = cov_jk / sqrt(cov_jj cov_kk), Pearson's correlation of variables j and k.

    Shapes: x (..., n, p) of n observations of p variables, or (..., p, n) when ``rowvar``; y (..., p, p), without
    a unit, in [-1, 1].

    Each centred variable is scaled to length 1, and y_jk is the cosine of the angle between two of them: no
    correction matters, and none of the scales. A variable that does not vary has no direction: nan.

    Raises ValueError unless x has two axes or more.

    Source: Casella and Berger (2002), Statistical Inference, definition 4.5.2, of the empirical distribution.
    """
    centred = _centred(x, rowvar)
    unit = centred / np.sqrt(np.sum(centred * centred, axis=-2, keepdims=True))
    return unit.mT @ unit


def correlation_vjp(ybar, y, x, *, rowvar):
    """xbar = (ubar - u * sum(u ubar)) / length, ubar = u (ybar + ybar^T), u the scaled columns and sums along them.

    A vector of length 1 moves at right angles to itself, so what ubar has along u is lost. Columns of u sum to 0,
    those of ubar do too, and subtracting the mean takes nothing away.
    """
    centred = _centred(x, rowvar)
    length = np.sqrt(np.sum(centred * centred, axis=-2, keepdims=True))
    unit = centred / length
    ubar = unit @ (ybar + ybar.mT)
    xbar = (ubar - unit * np.sum(unit * ubar, axis=-2, keepdims=True)) / length
    return (xbar.mT if rowvar else xbar,)


def correlation_hvp(ybar, dots, y, x, *, rowvar):
    """xbardot = (ubardot - t udot - tdot u - ldot xbar) / l, where l is the length and t = sum(u ubar).

    The quotient rule on xbar = (ubar - t u) / l. With c the centred columns, ldot = sum(u cdot) and
    udot = (cdot - u ldot) / l; then ubardot = udot (ybar + ybar^T) and tdot = sum(udot ubar + u ubardot).
    """
    centred, moved = _centred(x, rowvar), _centred(dots[0], rowvar)
    length = np.sqrt(np.sum(centred * centred, axis=-2, keepdims=True))
    unit, both = centred / length, ybar + ybar.mT
    lengthdot = np.sum(unit * moved, axis=-2, keepdims=True)
    unitdot = (moved - unit * lengthdot) / length
    ubar, ubardot = unit @ both, unitdot @ both
    t = np.sum(unit * ubar, axis=-2, keepdims=True)
    tdot = np.sum(unitdot * ubar + unit * ubardot, axis=-2, keepdims=True)
    xbar = (ubar - unit * t) / length
    xbardot = (ubardot - unitdot * t - unit * tdot - xbar * lengthdot) / length
    return (xbardot.mT if rowvar else xbardot,)


def correlation_cases(rng):
    yield Case("rows", (_mixed(rng, 3, 5),), {"rowvar": True})
    scales = 10.0 ** np.array([-6, 0, 6])
    yield Case("batch-of-columns", (scales * _mixed(rng, 2, 4, 3),), {"rowvar": False})
    yield Case("two-shifted", (20 + _mixed(rng, 2, 6),), {"rowvar": True})
    x = np.array([[1.0, 5.0, 3.0], [-1.0, 5.0, 1.0], [1.0, 5.0, 3.0], [-1.0, 5.0, 1.0]])
    answer = np.array([[1.0, np.nan, 1.0], [np.nan, np.nan, np.nan], [1.0, np.nan, 1.0]])
    yield Case("constant-variable", (x,), {"rowvar": False}, "special", answer)
    yield Case("vector", (rng.normal(size=5),), {"rowvar": True}, "refused")


def correlation_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 64, 3), 64)),), {"rowvar": False})


def _centred(x, rowvar):
    """The table with its variables as columns, less their means."""
    if x.ndim < 2:
        raise ValueError(f"x: got shape {x.shape}, want a table of two axes, observations and variables")
    table = x.mT if rowvar else x
    return table - np.mean(table, axis=-2, keepdims=True)


def _mixed(rng, *shape):
    """Independent values plus a shared one, so that no covariance is nearly 0."""
    return rng.normal(size=shape) + rng.normal(size=(*shape[:-2], shape[-2], 1)) + rng.normal(size=shape[-1])


OPS = [
    Op(covariance, covariance_cases, covariance_vjp, covariance_sized, hvp=covariance_hvp),
    Op(correlation, correlation_cases, correlation_vjp, correlation_sized, hvp=correlation_hvp),
]
