"""Order statistics: median and quantiles."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def median(x, *, axis, keepdims):
    """y = the middle of the sorted values along ``axis``; of an even count, the mean of the middle two.

    Shapes: x any, y as x without ``axis`` (an int, or None for all), or with 1 there when
    ``keepdims``; in x's unit.

    Half of the values lie on either side, however far away: one wild value does not move it. A
    nan has no place in the order, so where there is one the answer is nan.

    Raises ValueError where there is no value, an IndexError or ValueError for an axis that x does not have.

    Source: Casella and Berger (2002), Statistical Inference, section 5.4, eq. 5.4.1.
    """
    ordered = _sorted(x, axis)
    n = ordered.shape[0]
    lower, upper = ordered[(n - 1) // 2 :][:1], ordered[n // 2 :][:1]
    middle = _nan_where_any(ordered, lower if n % 2 else (lower + upper) / 2)
    if not keepdims:
        return middle[0]
    return np.reshape(middle, (1,) * x.ndim) if axis is None else np.moveaxis(middle, 0, axis)


def median_cases(rng):
    rows = {"axis": -1, "keepdims": False}
    yield Case("odd", (rng.normal(size=(3, 5)),), rows)
    yield Case("even", (rng.normal(size=(4, 3)),), {"axis": 0, "keepdims": False})
    yield Case("all", (rng.normal(size=(3, 4)),), {"axis": None, "keepdims": False})
    yield Case("all-kept", (rng.normal(size=(3, 5)),), {"axis": None, "keepdims": True})
    yield Case("middle-kept", (rng.normal(size=(3, 6, 2)),), {"axis": 1, "keepdims": True})
    yield Case("ties", (np.repeat(rng.normal(size=(2, 3)), [1, 3, 2], axis=1),), rows)
    yield Case("wild-value", (rng.normal(size=(6,)) * 10.0 ** np.array([0, 0, 30, 0, 0, 0]),), rows)
    yield Case("one-value", (rng.normal(size=(3, 1)),), rows)
    infinite = np.array([[np.inf, 1.0, -np.inf], [np.inf, 2.0, np.inf]])
    yield Case("infinite", (infinite,), rows, "special", np.array([1.0, np.inf]))
    yield Case("nan", (np.array([[0.0, np.nan, 1.0], [1.0, 4.0, 2.0]]),), rows, "special", np.array([np.nan, 2.0]))
    yield Case("nothing", (np.zeros((0, 3)),), rows, "empty", np.zeros((0,)))
    yield Case("no-such-axis", (rng.normal(size=(3, 2)),), {"axis": 2, "keepdims": False}, "refused")


def median_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 64, 1), 64)),), {"axis": -1, "keepdims": False})


def quantile(x, *, q, axis, method):
    """y = (1 - g) x_(j) + g x_(j+1), of the sorted values x_(1) ... x_(n) along ``axis``.

    Shapes: x any, y as x without ``axis`` (an int, or None for all), with a leading axis of q
    when q is a list; q in [0, 1]; in x's unit.

    A sample does not say what lies between its values, so nine definitions are in use. Six give
    x_(k) the plotting position (k - alpha) / (n + 1 - alpha - beta), join these points by straight
    lines and read off the value at q: then j + g = alpha + q (n + 1 - alpha - beta), 0 <= g < 1.
    Three are steps: there j + g only says which of the two values, or their mean, is taken. Beyond
    the ends the first and the last value are repeated.

    Where there is a nan the answer is nan. Who means which, Hyndman and Fan's number being R's ``type`` and the name
    that of numpy.quantile and scipy.stats.quantile; (alpha, beta) are what scipy.stats.mstats.mquantiles takes:

    == =========================  ==============================================================================
    1  inverted_cdf               SAS QNTLDEF=3; jnp.quantile has it
    2  averaged_inverted_cdf      SAS by default (QNTLDEF=5), Stata pctile
    3  closest_observation        SAS QNTLDEF=2
    4  interpolated_inverted_cdf  SAS QNTLDEF=1; (0, 1)
    5  hazen                      MATLAB quantile and prctile; (1/2, 1/2)
    6  weibull                    Minitab, SPSS, SAS QNTLDEF=4, Excel PERCENTILE.EXC, Python's statistics.quantiles
                                  by default ("exclusive"); (0, 0)
    7  linear                     the default of R, NumPy, SciPy, torch, JAX, pandas and Julia, Excel PERCENTILE.INC,
                                  Python's "inclusive"; (1, 1)
    8  median_unbiased            what Hyndman and Fan recommend; (1/3, 1/3)
    9  normal_unbiased            (3/8, 3/8)
    == =========================  ==============================================================================

    None of the nine: mquantiles by default, (0.4, 0.4), Cunnane's; and "lower", "higher", "nearest" and "midpoint" of
    NumPy, torch, JAX and pandas, which take one or the mean of the two values that "linear" interpolates.

    Raises ValueError for a q outside [0, 1], an unknown method, or where there is no value; an
    IndexError or ValueError for an axis that x does not have.

    Source: Hyndman and Fan (1996), Sample quantiles in statistical packages, section 2, definitions 1 to 9.
    """
    ordered = _sorted(x, axis)
    many = isinstance(q, list | tuple)
    rows = [_quantile_of_sorted(ordered, level, method) for level in (q if many else [q])]
    y = _nan_where_any(ordered, np.concat(rows, axis=0))
    return y if many else y[0]


# alpha = a / d and beta = b / d as whole numbers (a, b, d)
PLOTTING_POSITIONS = {
    "interpolated_inverted_cdf": (0, 1, 1),  # definition 4: k / n, the top of the step of the cdf at x_(k)
    "hazen": (1, 1, 2),  # 5: (k - 1/2) / n, the middle of that step
    "weibull": (0, 0, 1),  # 6: k / (n + 1), the mean of the population's cdf at x_(k)
    "linear": (1, 1, 1),  # 7: (k - 1) / (n - 1), its mode
    "median_unbiased": (1, 1, 3),  # 8: (k - 1/3) / (n + 1/3), nearly its median
    "normal_unbiased": (3, 3, 8),  # 9: (k - 3/8) / (n + 1/4), nearly the cdf at the mean of x_(k), for normal values
}


STEPS = ("inverted_cdf", "averaged_inverted_cdf", "closest_observation")  # definitions 1 to 3


def _quantile_of_sorted(ordered, q, method):
    """One quantile, its axis kept with length 1."""
    if not 0 <= q <= 1:
        raise ValueError(f"q must lie in [0, 1]: got {q}")
    n = ordered.shape[0]
    if method in STEPS:
        j, g = _step(n * q, method)
    elif method in PLOTTING_POSITIONS:
        a, b, d = PLOTTING_POSITIONS[method]
        j, g = _split((a + q * (d * (n + 1) - a - b)) / d)
    else:
        raise ValueError(f"method must be one of {', '.join([*STEPS, *PLOTTING_POSITIONS])}: got {method!r}")
    if j < 1 or j >= n:
        return ordered[:1] if j < 1 else ordered[n - 1 :]
    below, above = ordered[j - 1 : j], ordered[j : j + 1]
    if g in (0, 1):  # the other value has no say, not even an infinite one
        return above if g else below
    if method in PLOTTING_POSITIONS:
        # The choice of j is made in plain numbers, but the weight is a quantity, computed in x's arithmetic.
        g = (a - d * j + (q + np.zeros_like(below)) * (d * (n + 1) - a - b)) / d
    return (1 - g) * below + g * above


def _step(nq, method):
    """j and the weight of x_(j+1) in the definitions that take one value, or the mean of two."""
    if method == "closest_observation":  # n q is rounded to the nearest k, and a half to the even one
        j, g = _split(nq - 1 / 2)
        return j, 0 if g == 0 and j % 2 == 0 else 1
    j, g = _split(nq)
    if g > 0:
        return j, 1
    return j, 1 / 2 if method == "averaged_inverted_cdf" else 0


def _split(position):
    """The whole part of a plain number, and the rest in [0, 1)."""
    j = int(position // 1)
    return j, position - j


def quantile_cases(rng):
    # n q is whole at 1/4, 5/8 and the ends, and halfway between whole numbers at 3/16, 5/16 and 7/16: the steps' ties
    levels = [0.0, 0.1875, 0.25, 0.3125, 0.4375, 0.5703125, 0.625, 0.96875, 1.0]
    for method in (*STEPS, *PLOTTING_POSITIONS):
        yield Case(method, (rng.normal(size=(3, 8)),), {"q": levels, "axis": -1, "method": method})
        yield Case(f"{method}-odd", (3 + rng.normal(size=(5, 3)),), {"q": 0.35, "axis": 0, "method": method})
    yield Case("all", (rng.normal(size=(3, 5)),), {"q": [0.9, 0.15], "axis": None, "method": "linear"})
    yield Case("middle", (rng.normal(size=(3, 6, 2)),), {"q": [0.3, 0.5, 0.7, 0.1], "axis": 1, "method": "linear"})
    tied = np.repeat(rng.normal(size=(2, 3)), [1, 3, 2], axis=1)
    yield Case("ties", (tied,), {"q": [0.1, 0.5, 0.75], "axis": 1, "method": "linear"})
    yield Case("shifted", (1000 + rng.normal(size=(7,)),), {"q": 0.8, "axis": 0, "method": "linear"})
    yield Case("one-value", (rng.normal(size=(3, 1)),), {"q": [0.25, 0.9], "axis": 1, "method": "linear"})
    linear = {"q": 0.375, "axis": 1, "method": "linear"}
    infinite = np.array([[np.inf, 1.0, -np.inf], [1.0, np.inf, np.inf], [4.0, 8.0, -np.inf]])
    yield Case("infinite", (infinite,), {**linear, "q": 0.75}, "special", np.array([np.inf, np.inf, 6.0]))
    yield Case("nan", (np.array([[0.0, np.nan, 1.0], [8.0, 4.0, 0.0]]),), linear, "special", np.array([np.nan, 3.0]))
    yield Case("nothing", (np.zeros((0, 3)),), {**linear, "q": [0.25, 0.5]}, "empty", np.zeros((2, 0)))
    yield Case("q-above-1", (rng.normal(size=(3, 4)),), {**linear, "q": 50.0}, "refused")
    yield Case("no-such-method", (rng.normal(size=(3, 4)),), {**linear, "method": "quartic"}, "refused")
    yield Case("no-such-axis", (rng.normal(size=(3, 4)),), {**linear, "axis": 2}, "refused")


def quantile_sized(rng, n):
    params = {"q": [0.1, 0.5, 0.9], "axis": -1, "method": "linear"}
    return Case("sized", (rng.normal(size=(max(n // 64, 1), 64)),), params)


def quartiles(x, *, axis):
    """y = (the quantiles 1/4, 1/2 and 3/4 along ``axis``), by straight lines: the method "linear".

    Shapes: x any, y (3, ...) with the rest as x without ``axis`` (an int, or None for all); in x's unit.

    The position of the first quartile is 1 + (n - 1) / 4. Schoolbooks (Moore and McCabe, Khan Academy, the TI-83)
    take the medians of the lower and the upper half, without the middle value of an odd count: for 1, 2, 3, 4
    that is 1.5 and 3.5, and here it is 1.75 and 3.25; for 1, 2, 3, 4, 5 it is 1.5 and 4.5, and here 2 and 4.
    Tukey's hinges give the middle value to both halves: 2 and 4.

    Raises as quantile does.

    Source: Hyndman and Fan (1996), Sample quantiles in statistical packages, section 2, definition 7.
    """
    return quantile(x, q=[0.25, 0.5, 0.75], axis=axis, method="linear")


def quartiles_cases(rng):
    for n in (4, 5, 6, 7):  # each remainder of n - 1 by 4, so each weight that a quartile can have
        yield Case(f"of-{n}", (rng.normal(size=(n, 2)),), {"axis": 0})
    yield Case("all", (rng.normal(size=(2, 5)),), {"axis": None})
    yield Case("middle", (rng.normal(size=(2, 6, 4)),), {"axis": -2})
    yield Case("ties", (np.repeat(rng.normal(size=(2, 3)), [1, 3, 2], axis=1),), {"axis": 1})
    by_hand = np.array([[1.0, 2.0, 4.0, 3.0]])
    yield Case("by-hand", (by_hand,), {"axis": 1}, "special", np.array([[1.75], [2.5], [3.25]]))
    yield Case("nan", (np.array([0.0, np.nan, 1.0]),), {"axis": 0}, "special", np.full(3, np.nan))
    yield Case("nothing", (np.zeros((0, 5)),), {"axis": 1}, "empty", np.zeros((3, 0)))
    yield Case("no-such-axis", (rng.normal(size=(3, 4)),), {"axis": -3}, "refused")


def quartiles_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 64, 1), 64)),), {"axis": -1})


def _sorted(x, axis):
    """The values in ascending order along a leading axis, nan behind all others."""
    lines = np.reshape(x, (-1,)) if axis is None else np.moveaxis(x, axis, 0)
    if lines.shape[0] == 0:
        raise ValueError(f"there must be a value along axis {axis}: got shape {x.shape}")
    return np.sort(lines, axis=0)


def _nan_where_any(ordered, y):
    return np.where(np.isnan(ordered[-1:]), ordered[-1:], y)


OPS = [
    Op(median, median_cases, sized=median_sized, wrt=()),
    Op(quantile, quantile_cases, sized=quantile_sized, wrt=()),
    Op(quartiles, quartiles_cases, sized=quartiles_sized, wrt=()),
]
