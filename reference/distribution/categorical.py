"""The categorical distribution: one of k outcomes, by their logits."""

from __future__ import annotations

import numpy as np

from ..activation.softmax import log_softmax, softmax
from ..broadcast import unbroadcast
from ..op import Case, Op
from .noise import require_own_noise


def categorical_log_density(x, logits):
    """y = logits_x - log sum_j exp(logits_j): the log of the probability of outcome x.

    Shapes: x (...) integers from 0 to k - 1, logits (..., k), whose leading axes broadcast
    together, y as these.

    The probabilities are softmax(logits), so any logits will do, and adding a number to all of
    them changes nothing.

    Raises IndexError for an outcome that there is not.

    Source: Murphy (2012), Machine Learning: A Probabilistic Perspective, section 8.3.7 and eq. 2.36.
    """
    hit = _hit(x, logits)
    return np.sum(np.where(hit, log_softmax(logits, axis=-1), 0), axis=-1)


def categorical_log_density_vjp(ybar, y, x, logits):
    """logitsbar_j = ybar ([j = x] - p_j), p = softmax(logits): the one seen pulls up, all pull down by their share.

    The others' shares are summed for the one seen: 1 - p_x would lose them where p_x is nearly 1.
    """
    hit = _hit(x, logits)
    p = softmax(logits, axis=-1)
    rest = np.sum(np.where(hit, 0, p), axis=-1, keepdims=True)
    return (unbroadcast(ybar[..., None] * np.where(hit, rest, -p), logits.shape),)


def categorical_log_density_cases(rng):
    yield Case("rows", (np.array([0, 3, 1, 0, 2]), _logits(rng, 5, 4)))
    yield Case("one-row", (np.array([[1, 2], [0, 3], [2, 2]]), 1000 + _logits(rng, 4)))
    excluded = (
        np.array([0, 1, 2, 1]),
        np.array([[0.0, -np.inf, -np.inf]] * 2 + [[-np.inf, -np.inf, 3.0], [np.nan, 0, 1]]),
    )
    yield Case("excluded", excluded, {}, "special", np.array([0.0, -np.inf, 0.0, np.nan]))
    yield Case("no-such-outcome", (np.array([0, 3]), _logits(rng, 2, 3)), {}, "refused")
    yield Case("shapes-differ", (np.array([0, 2, 1]), _logits(rng, 2, 3)), {}, "refused")


def categorical_log_density_sized(rng, n):
    rows = max(n // 9, 1)
    return Case("sized", (rng.integers(8, size=rows), _logits(rng, rows, 8)))


def categorical_sample(u, logits):
    """x = min {k : p_0 + ... + p_k > u}, p = softmax(logits): a categorical sample when u is uniform in [0, 1).

    Shapes: u (...), logits (..., k), whose leading axes broadcast to those of u; x (...) integers
    from 0 to k - 1.

    The inverse of the distribution function. As many of the cumulated probabilities as do not
    exceed u are counted; the last, which is 1 but for rounding, cannot be exceeded and is left out.

    Raises ValueError when u would be broadcast: that would use a noise twice.

    Source: Devroye (1986), Non-Uniform Random Variate Generation, section III.2.1.
    """
    require_own_noise(u, logits.shape[:-1])
    cumulated = np.cumsum(softmax(logits, axis=-1), axis=-1)
    return np.sum(cumulated[..., :-1] <= u[..., None], axis=-1)


def categorical_sample_cases(rng):
    yield Case("rows", (rng.uniform(size=(5,)), _logits(rng, 5, 4)))
    yield Case("one-row", (rng.uniform(size=(4, 2)), 1000 + _logits(rng, 3)))
    never = np.array([0.0, 0.25, 0.5, 0.75, 0.0]), np.array([[0.0, -np.inf, 0.0]] * 4 + [[-np.inf, -np.inf, 3.0]])
    yield Case("never", never, {}, "special", np.array([0, 0, 2, 2, 2]))
    yield Case("noise-used-twice", (rng.uniform(size=(1,)), _logits(rng, 4, 3)), {}, "refused")


def categorical_sample_sized(rng, n):
    rows = max(n // 9, 1)
    return Case("sized", (rng.uniform(size=rows), _logits(rng, rows, 8)))


def gumbel_max(u, logits):
    """x = argmax_j (logits_j - log(-log u_j)): a categorical sample when the u_j are uniform in (0, 1).

    Shapes: u (..., k), logits (..., k), which broadcasts to u; x (...) integers from 0 to k - 1.

    -log u_j is exponential, and divided by exp(logits_j) it is the waiting time for outcome j,
    which happens with that rate. The first to happen is outcome j with a probability in
    proportion to its rate: nothing has to be normalised. -log(-log u) is called Gumbel noise.

    Raises ValueError when u would be broadcast: that would use a noise twice.

    Source: Maddison, Tarlow and Minka (2014), A* Sampling, section 2, eq. 2.
    """
    require_own_noise(u, logits.shape)
    return np.argmax(logits - np.log(-np.log(u)), axis=-1)


def gumbel_max_cases(rng):
    yield Case("rows", (rng.uniform(size=(5, 4)), _logits(rng, 5, 4)))
    yield Case("one-row", (rng.uniform(size=(4, 2, 3)), 1000 + _logits(rng, 3)))
    never = np.array([[0.5, 0.75, 0.25]] * 2), np.array([[0.0, -np.inf, -4.0], [-np.inf, -np.inf, 3.0]])
    yield Case("never", never, {}, "special", np.array([0, 2]))
    yield Case("noise-used-twice", (rng.uniform(size=(1, 3)), _logits(rng, 4, 3)), {}, "refused")


def gumbel_max_sized(rng, n):
    rows = max(n // 16, 1)
    return Case("sized", (rng.uniform(size=(rows, 8)), _logits(rng, rows, 8)))


def categorical_entropy(logits):
    """y = -sum_j p_j log p_j, p = softmax(logits), in nats.

    Shapes: logits (..., k), y (...).

    log p is formed from the logits; an outcome that never happens adds nothing, for p log p has
    the limit 0 at p = 0.

    Source: Cover and Thomas (2006), Elements of Information Theory, section 2.1, eq. 2.1.
    """
    log_p = log_softmax(logits, axis=-1)
    return -np.sum(np.where(log_p == -np.inf, 0, np.exp(log_p) * log_p), axis=-1)


def categorical_entropy_vjp(ybar, y, logits):
    """logitsbar_j = -ybar p_j (log p_j + y).

    The slope in p_j is -(log p_j + 1), and softmax takes off its mean under p, which is y - 1.
    """
    log_p = log_softmax(logits, axis=-1)
    return (-ybar[..., None] * np.exp(log_p) * (log_p + y[..., None]),)


def categorical_entropy_cases(rng):
    yield Case("rows", (_logits(rng, 5, 4),))
    yield Case("rare", (_logits(rng, 3) - [0, 5, 12],))
    certain = np.array([[0.0, -np.inf, -np.inf], [np.nan, 0.0, 1.0]])
    yield Case("certain", (certain,), {}, "special", np.array([0.0, np.nan]))
    yield Case("no-rows", (np.zeros((0, 3)),), {}, "empty", np.zeros(0))


def categorical_entropy_sized(rng, n):
    return Case("sized", (_logits(rng, max(n // 8, 1), 8),))


def categorical_moments(logits):
    """E[e_x] = p, Cov[e_x] = diag(p) - p p^T, p = softmax(logits), e_x the one-hot vector of the outcome.

    Shapes: logits (..., k); the mean (..., k), the covariance (..., k, k).

    The numbers of the outcomes are mere names: their one-hot vectors have a mean. The rows of the
    covariance sum to 0, because the components of e_x always sum to 1; so the variance
    p_i (1 - p_i) is formed as the sum of all p_i p_j of the others, which loses nothing where p_i
    is nearly 1. The covariance is the Jacobian of softmax.

    Source: Johnson, Kotz and Balakrishnan (1997), Discrete Multivariate Distributions, section 35.3,
    eqs. 35.9 and 35.12.
    """
    p = softmax(logits, axis=-1)
    return p, one_hot_covariance(p)


def categorical_moments_vjp(ybar, y, logits):
    """logitsbar = p (pbar - sum_j p_j pbar_j), pbar = meanbar + covbar_ii - (covbar + covbar^T) p."""
    (meanbar, covbar), (p, _) = ybar, y
    pbar = meanbar + one_hot_covariance_vjp(covbar, p)
    return (p * (pbar - np.sum(p * pbar, axis=-1, keepdims=True)),)


def categorical_moments_cases(rng):
    yield Case("rows", (_logits(rng, 5, 4),))
    yield Case("rare", (_logits(rng, 3) - [0, 5, 12],))
    certain = np.array([-np.inf, 3.0])
    yield Case("certain", (certain,), {}, "special", (np.array([0.0, 1.0]), np.zeros((2, 2))))


def categorical_moments_sized(rng, n):
    return Case("sized", (_logits(rng, max(n // 8, 1), 8),))


def one_hot_covariance(p):
    """diag(p) - p p^T for p (..., k) that sum to 1."""
    j = np.arange(p.shape[-1])
    others = np.where(j[:, None] == j, 0, p[..., :, None] * p[..., None, :])
    return np.where(j[:, None] == j, np.sum(others, axis=-1)[..., None], -others)


def one_hot_covariance_vjp(covbar, p):
    """pbar_i = sum_{j != i} p_j (covbar_ii + covbar_jj - covbar_ij - covbar_ji), on a simplex as good as any other.

    p_i p_j stands in both diagonal entries, and with a minus in two others.
    """
    j = np.arange(p.shape[-1])
    diagonal = covbar[..., j, j]
    pull = diagonal[..., :, None] + diagonal[..., None, :] - covbar - covbar.mT
    return np.sum(np.where(j[:, None] == j, 0, pull * p[..., None, :]), axis=-1)


def _hit(x, logits):
    """Of each outcome its one-hot row."""
    k = logits.shape[-1]
    if np.any((x < 0) | (x >= k)):
        raise IndexError(f"x: got outcomes from {np.min(x)} to {np.max(x)}, want 0 to {k - 1}")
    return x[..., None] == np.arange(k)


def _logits(rng, *shape):
    return rng.normal(scale=1.5, size=shape)


OPS = [
    Op(
        categorical_log_density,
        categorical_log_density_cases,
        categorical_log_density_vjp,
        categorical_log_density_sized,
        wrt=(1,),
    ),
    Op(categorical_sample, categorical_sample_cases, sized=categorical_sample_sized, wrt=()),
    Op(gumbel_max, gumbel_max_cases, sized=gumbel_max_sized, wrt=()),
    Op(categorical_entropy, categorical_entropy_cases, categorical_entropy_vjp, categorical_entropy_sized),
    Op(categorical_moments, categorical_moments_cases, categorical_moments_vjp, categorical_moments_sized),
]
