"""Renyi's divergences, one for each order."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .discrete import kl_categorical
from .simplex import distributions, rare, require_same_shape


def renyi_divergence(p, q, *, alpha, axis):
    """y = log(sum_i p_i^alpha q_i^(1 - alpha) / sum_i p_i) / (alpha - 1), along ``axis``.

    Shapes: p any, q as p, y as p without ``axis``; alpha > 0 without a unit, y in nats.

    The larger the order alpha, the more it looks at outcomes that q holds too rare. At alpha = 1 it is the limit, the
    divergence of Kullback and Leibler over sum_i p_i; alpha = 1/2 is -2 log(1 - hellinger^2). With s = alpha - 1 the
    quotient is 1 + t, t = sum_i p_i expm1(s log(p_i / q_i)) / sum_i p_i, and expm1 and log1p keep the digits of t
    as alpha nears 1 or p nears q; where t is not small the quotient itself is summed.

    An outcome that p never shows adds 0; one that q excludes and p shows adds infinity when alpha > 1.

    Raises ValueError for alpha that is not positive and finite, or where the shapes of p and q differ.

    Source: Renyi (1961), On measures of entropy and information, section 3, eq. 3.3.
    """
    require_same_shape(p, q)
    _require_order(alpha)
    total = np.sum(p, axis=axis)
    if alpha == 1:
        return kl_categorical(p, q, axis=axis) / total
    s = alpha - 1
    never, log_ratio = _log_ratio(p, q)
    t = np.sum(np.where(never, 0, p * np.expm1(s * log_ratio)), axis=axis) / total
    near = np.abs(t) < 1 / 2
    quotient = np.sum(np.where(never, 0, p * np.exp(s * log_ratio)), axis=axis) / total
    return np.where(near, np.log1p(np.where(near, t, 0)), np.log(quotient)) / s


def renyi_divergence_vjp(ybar, y, p, q, *, alpha, axis):
    """pbar = ybar (r + (r - 1 - t) / s) / (P (1 + t)), qbar = -ybar (p / q) r / (P (1 + t)), r = (p / q)^s, P = sum p.

    The sum is P (1 + t), and moves by (s + 1) r with p and -s r p / q with q; P by 1 with p. r - 1 is expm1, so that
    nothing cancels as s nears 0, where (r - 1 - t) / s becomes log(p / q) - y.
    """
    ybar, total = np.expand_dims(ybar, axis), np.sum(p, axis=axis, keepdims=True)
    never, log_ratio = _log_ratio(p, q)
    if alpha == 1:
        return ybar * (1 + log_ratio - np.expand_dims(y, axis)) / total, -ybar * (p / q) / total
    s = alpha - 1
    rise = np.expm1(s * log_ratio)
    t = np.sum(np.where(never, 0, p * rise), axis=axis, keepdims=True) / total
    r = np.exp(s * log_ratio)
    share = ybar / np.sum(np.where(never, 0, p * r), axis=axis, keepdims=True)
    return share * (r + (rise - t) / s), -share * (p / q) * r


def renyi_divergence_cases(rng):
    def pair(*shape, axis):
        return distributions(rng, shape, axis), distributions(rng, shape, axis)

    yield Case("rows", pair(3, 5, axis=-1), {"alpha": 0.5, "axis": -1})
    yield Case("middle", pair(2, 4, 3, axis=1), {"alpha": 3.0, "axis": 1})
    yield Case("limit", pair(2, 4, axis=1), {"alpha": 1.0, "axis": 1})
    yield Case("near-the-limit", pair(2, 3, axis=1), {"alpha": 1.0001, "axis": 1})
    p = rare(rng, (3, 4))
    yield Case("rare", (p, p * rng.uniform(0.02, 0.1, size=(3, 4))), {"alpha": 2.5, "axis": 1})
    p, q = np.array([[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]), np.array([[1.0, 0.0], [0.5, 0.5], [0.5, 0.5]])
    half = {"alpha": 0.5, "axis": 1}
    yield Case("disjoint", (p[:2], q[:2]), half, "special", np.array([np.inf, 0.0]))
    yield Case("excluded", (q[:2], p[:2]), {**half, "alpha": 2.0}, "special", np.array([np.inf, 0.0]))
    yield Case("order-0", (p, q), {**half, "alpha": 0.0}, "refused")
    yield Case("shapes-differ", (p, q[:, :1]), half, "refused")


def renyi_divergence_sized(rng, n):
    shape = max(n // 128, 1), 64
    pair = distributions(rng, shape, -1), distributions(rng, shape, -1)
    return Case("sized", pair, {"alpha": 0.75, "axis": -1})


def _log_ratio(p, q):
    """Where p is 0, and log(p / q) elsewhere."""
    never = p == 0
    return never, np.log(np.where(never, 1, p) / np.where(never, 1, q))


def _require_order(alpha):
    if not 0 < alpha < np.inf:
        raise ValueError(f"alpha must be positive and finite: got {alpha}")


OPS = [
    Op(renyi_divergence, renyi_divergence_cases, renyi_divergence_vjp, renyi_divergence_sized),
]
