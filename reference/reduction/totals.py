"""Sums, products and their kin along axes."""

from __future__ import annotations

import numpy as np

from ..activation.softmax import softmax, softmax_vjp
from ..broadcast import spread
from ..op import Case, Op


def sum(x, *, axis, keepdims):
    """y = sum_i x_i, i running along ``axis``.

    Shapes: x any; y as x without the axes that were summed, or with length 1 there when keepdims.
    axis is an int, a tuple of ints, or None for all axes. The sum of nothing is 0.

    Source: Python array API standard, sum.
    """
    return np.sum(x, axis=axis, keepdims=keepdims)


def sum_vjp(ybar, y, x, *, axis, keepdims):
    """xbar_i = ybar for every i: the adjoint of adding up is handing out."""
    return (spread(ybar, x, axis, keepdims),)


def sum_cases(rng):
    yield from line_cases(rng, rng.normal)
    yield Case("one", (np.array(rng.normal()),), {"axis": None, "keepdims": False})
    cancelling = rng.uniform(10, 20, size=(3, 1)) * [1.0, -1.0] + rng.normal(size=(3, 2))
    yield Case("cancelling", (cancelling,), {"axis": 1, "keepdims": False})
    limits = np.array([[np.inf, 1.0], [np.inf, -np.inf], [np.nan, 1.0], [-np.inf, 1.0], [3.0, 4.0]])
    answer = np.array([np.inf, np.nan, np.nan, -np.inf, 7.0])
    yield Case("limits", (limits,), {"axis": 1, "keepdims": False}, "special", answer)
    yield Case("of-nothing", (np.zeros((3, 0)),), {"axis": 1, "keepdims": False}, "empty", np.zeros(3))


def mean(x, *, axis, keepdims):
    """y = sum_i x_i / n, i running along the n elements along ``axis``.

    Shapes: x any; y as x without the axes of the mean, or with length 1 there when keepdims.
    axis is an int, a tuple of ints, or None for all axes. The mean of nothing is nan, which is 0/0.

    Source: Python array API standard, mean.
    """
    return np.mean(x, axis=axis, keepdims=keepdims)


def mean_vjp(ybar, y, x, *, axis, keepdims):
    """xbar_i = ybar / n for every i."""
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    n = int(np.prod([x.shape[i] for i in axes]))
    return (spread(ybar / n, x, axis, keepdims),)


def mean_cases(rng):
    yield from line_cases(rng, rng.normal)
    yield Case("one", (np.array(rng.normal()),), {"axis": None, "keepdims": False})
    yield Case("shifted", (1000 + rng.normal(size=(3, 5)),), {"axis": 1, "keepdims": False})
    limits = np.array([[np.inf, 1.0], [np.inf, -np.inf], [np.nan, 1.0], [-np.inf, 1.0], [3.0, 4.0]])
    answer = np.array([np.inf, np.nan, np.nan, -np.inf, 3.5])
    yield Case("limits", (limits,), {"axis": 1, "keepdims": False}, "special", answer)


def logsumexp(x, *, axis, keepdims):
    """y = log sum_i exp(x_i), i running along ``axis``.

    Shapes: x any; y as x without the axes of the sum, or with length 1 there when keepdims.
    axis is an int, a tuple of ints, or None for all axes.

    With the largest x_i taken out, y = m + log sum_i exp(x_i - m), nothing overflows and the sum is at least 1.
    An infinite m is the answer as it stands, and must not be subtracted from itself.

    Raises ValueError when there is no element to choose the largest from.

    Source: Blanchard, Higham and Higham (2021), Accurately computing the log-sum-exp and softmax functions,
    IMA Journal of Numerical Analysis 41, section 1.
    """
    m = np.max(x, axis=axis, keepdims=True)
    infinite = np.abs(m) == np.inf
    total = np.sum(np.exp(x - np.where(infinite, 0, m)), axis=axis, keepdims=True)
    y = m + np.log(np.where(infinite, 1, total))
    return y if keepdims else np.squeeze(y, axis=axis)


def logsumexp_vjp(ybar, y, x, *, axis, keepdims):
    """xbar = ybar softmax(x): the slope in x_i is exp(x_i) / sum_j exp(x_j)."""
    return (spread(ybar, x, axis, keepdims) * softmax(x, axis=axis),)


def logsumexp_hvp(ybar, dots, y, x, *, axis, keepdims):
    """xbardot = ybar p (xdot - sum_j p_j xdot_j), where p = softmax(x) is the slope, and ybar one number for all of it.

    v.H v is the variance of v under p, so the function is convex.
    """
    (pdot,) = softmax_vjp(dots[0], softmax(x, axis=axis), x, axis=axis)
    return (spread(ybar, x, axis, keepdims) * pdot,)


def logsumexp_cases(rng):
    yield from line_cases(rng, rng.normal)
    yield Case("shifted", (1000 + rng.normal(size=(3, 5)),), {"axis": 1, "keepdims": False})
    yield Case("far-below", (-1000 + rng.normal(size=(5, 3)),), {"axis": 0, "keepdims": False}, half=False)
    yield Case("spread", (5 * rng.normal(size=(3, 7)),), {"axis": 1, "keepdims": False})
    yield Case("ties", (np.repeat(rng.normal(size=(2, 2)), [2, 3], axis=1),), {"axis": 1, "keepdims": False})
    limits = np.array([[-np.inf, -np.inf], [-np.inf, 3.0], [np.inf, 0.0], [np.inf, -np.inf], [np.nan, 0.0]])
    answer = np.array([-np.inf, 3.0, np.inf, np.inf, np.nan])
    yield Case("limits", (limits,), {"axis": 1, "keepdims": False}, "special", answer)


def logmeanexp(x, *, axis, keepdims):
    """y = log((1/n) sum_i exp(x_i)), i running along ``axis`` and n the number of elements there.

    Shapes: as logsumexp.

    Raises ValueError when there is no element to choose the largest from.

    Source: Burda, Grosse and Salakhutdinov (2016), Importance weighted autoencoders, section 3, eq. 8.
    """
    total = logsumexp(x, axis=axis, keepdims=keepdims)
    return total - np.log(np.full_like(x, x.size // np.size(total), shape=(1,) * np.ndim(total)))


def logmeanexp_vjp(ybar, y, x, *, axis, keepdims):
    """xbar = ybar softmax(x), as of logsumexp."""
    return (spread(ybar, x, axis, keepdims) * softmax(x, axis=axis),)


def logmeanexp_cases(rng):
    yield Case("rows-kept", (rng.normal(size=(3, 5)),), {"axis": -1, "keepdims": True})
    yield Case("two-axes-shifted", (1000 + rng.normal(size=(3, 5, 2)),), {"axis": (0, -1), "keepdims": False})
    limits = np.array([[-np.inf, -np.inf], [np.inf, 0.0], [np.nan, 0.0], [np.inf, -np.inf]])
    answer = np.array([-np.inf, np.inf, np.nan, np.inf])
    yield Case("limits", (limits,), {"axis": 1, "keepdims": False}, "special", answer)
    yield Case("no-such-axis", (rng.normal(size=(3, 5)),), {"axis": 2, "keepdims": False}, "refused")


def axis_cases(rng, draw):
    """The least that a reduction is asked, of numbers that ``draw(size=...)`` gives."""
    yield Case("rows", (draw(size=(3, 5)),), {"axis": -1, "keepdims": False})
    yield Case("two-axes-kept", (draw(size=(3, 2, 4)),), {"axis": (0, -1), "keepdims": True})
    yield Case("all", (draw(size=(3, 2)),), {"axis": None, "keepdims": False})
    yield Case("no-rows", (np.zeros((0, 5)),), {"axis": 1, "keepdims": False}, "empty", np.zeros(0))
    yield Case("no-such-axis", (draw(size=(3, 5)),), {"axis": 2, "keepdims": False}, "refused")


def line_cases(rng, draw):
    """What every reduction is asked, of numbers that ``draw(size=...)`` gives."""
    yield Case("rows", (draw(size=(3, 5)),), {"axis": -1, "keepdims": False})
    yield Case("columns-kept", (draw(size=(5, 3)),), {"axis": 0, "keepdims": True})
    yield Case("middle", (draw(size=(2, 5, 3)),), {"axis": 1, "keepdims": False})
    yield Case("two-axes", (draw(size=(3, 5, 2)),), {"axis": (0, -1), "keepdims": False})
    yield Case("all", (draw(size=(3, 4)),), {"axis": None, "keepdims": False}, half=False)
    yield Case("all-kept", (draw(size=(4, 3)),), {"axis": None, "keepdims": True}, half=False)
    yield Case("no-rows", (np.zeros((0, 5)),), {"axis": 1, "keepdims": False}, "empty", np.zeros(0))
    yield Case("no-such-axis", (draw(size=(3, 5)),), {"axis": 2, "keepdims": False}, "refused")


def sized(rng, n):
    return Case("sized", (rng.normal(size=(n // 64 + 1, 64)),), {"axis": -1, "keepdims": False})


OPS = [
    Op(sum, sum_cases, sum_vjp, sized, half=True),
    Op(mean, mean_cases, mean_vjp, sized, half=True),
    Op(logsumexp, logsumexp_cases, logsumexp_vjp, sized, half=True, hvp=logsumexp_hvp),
    Op(logmeanexp, logmeanexp_cases, logmeanexp_vjp, sized),
]
