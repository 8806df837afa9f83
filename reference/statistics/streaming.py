"""Moments of data that pass by once: one value at a time, or in parts that are merged."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def welford(x):
    """m <- m + (x_k - m) / k and M2 <- M2 + (x_k - m_old) (x_k - m_new), for k = 1, 2, ... n; y = (m, M2).

    Shapes: x (n, ...), one value (or array of values) at a time along the first axis; m and M2 as x without that axis,
    m in x's unit and M2 in its square.

    M2 is the sum of the squared deviations from the mean: M2 / (n - correction) is the variance. Nothing is kept but
    k, m and M2, and nothing large is subtracted from anything large, as it is in sum x^2 - n m^2: after n
    steps the result is that of the two passes over all the data, in another order of rounding.

    Raises ValueError where there is no value.

    Source: Welford (1962), Note on a method for calculating corrected sums of squares and products, Technometrics 4.
    """
    if x.ndim == 0 or len(x) == 0:
        raise ValueError(f"x: got shape {x.shape}, want a value along the first axis")
    mean, m2 = x[0], np.zeros_like(x[0])
    for k in range(1, len(x)):
        step = x[k] - mean
        mean = mean + step / (k + 1)
        m2 = m2 + step * (x[k] - mean)
    return mean, m2


def welford_vjp(ybar, y, x):
    """xbar_i = mbar / n + 2 M2bar (x_i - m): the order of the stream does not matter, and M2 is least at m."""
    (meanbar, m2bar), (mean, _) = ybar, y
    return (meanbar / len(x) + 2 * m2bar * (x - mean),)


def welford_hvp(ybar, dots, y, x):
    """xbardot_i = 2 M2bar (xdot_i - mean of xdot): the mean is linear in x, and M2 is a sum of squares."""
    return (2 * ybar[1] * (dots[0] - np.mean(dots[0], axis=0)),)


def welford_cases(rng):
    yield Case("columns", (rng.normal(size=(6, 3)),))
    yield Case("shifted", (1000 + rng.normal(size=(5, 2)),))
    nan = np.array([[3.0, 1.0], [1.0, np.nan], [2.0, 0.0]])
    yield Case("nan", (nan,), {}, "special", (np.array([2.0, np.nan]), np.array([2.0, np.nan])))
    yield Case("one-value", (np.array([[-4.0, 0.5]]),), {}, "special", (np.array([-4.0, 0.5]), np.zeros(2)))
    yield Case("nothing", (np.zeros((0, 3)),), {}, "refused")


def welford_sized(rng, n):
    return Case("sized", (rng.normal(size=(64, max(n // 64, 1))),))


def merge_moments(mean_a, m2_a, mean_b, m2_b, *, n_a, n_b):
    """m = m_a + d n_b / n and M2 = M2_a + M2_b + d^2 n_a n_b / n, where d = m_b - m_a and n = n_a + n_b.

    Shapes: the four any, all the same, m and M2 as they are; m in the unit of the data, M2 in its square.

    What n_a values left behind and what n_b others did, joined as if one stream had seen all: parts of the data can
    be read side by side. One value as part b is a step of Welford's stream.

    Raises ValueError where the shapes differ.

    Source: Chan, Golub and LeVeque (1983), Algorithms for computing the sample variance, eq. 2.1.
    """
    shapes = {part.shape for part in (mean_a, m2_a, mean_b, m2_b)}
    if len(shapes) > 1:
        raise ValueError(f"the means and sums of both parts must have one shape: got {sorted(shapes)}")
    d, n = mean_b - mean_a, n_a + n_b
    return mean_a + d * n_b / n, m2_a + m2_b + d * d * (n_a * n_b) / n


def merge_moments_vjp(ybar, y, mean_a, m2_a, mean_b, m2_b, *, n_a, n_b):
    """m_abar = (n_a mbar - t) / n and m_bbar = (n_b mbar + t) / n, t = 2 d n_a n_b M2bar; M2bar goes to both sums."""
    meanbar, m2bar = ybar
    n = n_a + n_b
    t = 2 * (mean_b - mean_a) * (n_a * n_b) * m2bar
    return (n_a * meanbar - t) / n, m2bar, (n_b * meanbar + t) / n, m2bar


def merge_moments_cases(rng):
    def part(*shape, centre=0.0):
        return centre + rng.normal(size=shape), rng.gamma(4.0, size=shape)

    yield Case("two-parts", (*part(3), *part(3)), {"n_a": 5, "n_b": 7})
    yield Case("one-more-value", (*part(2, 3, centre=100), *part(2, 3, centre=101)), {"n_a": 6, "n_b": 1})
    a, b = (np.array([1.0, np.nan]), np.array([2.0, 1.0])), (np.array([5.0, 0.0]), np.array([0.5, 1.0]))
    answer = np.array([2.0, np.nan]), np.array([14.5, np.nan])
    yield Case("nan", (*a, *b), {"n_a": 3, "n_b": 1}, "special", answer)
    yield Case("shapes-differ", (*part(3), *part(4)), {"n_a": 2, "n_b": 3}, "refused")


def merge_moments_sized(rng, n):
    m = max(n // 4, 1)
    means, sums = rng.normal(size=(2, m)), rng.gamma(4.0, size=(2, m))
    return Case("sized", (means[0], sums[0], means[1], sums[1]), {"n_a": 300, "n_b": 200})


OPS = [
    Op(welford, welford_cases, welford_vjp, welford_sized, hvp=welford_hvp),
    Op(merge_moments, merge_moments_cases, merge_moments_vjp, merge_moments_sized),
]
