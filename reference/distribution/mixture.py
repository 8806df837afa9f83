"""Mixtures of normal distributions."""

from __future__ import annotations

import numpy as np

from ..activation.softmax import log_softmax, softmax
from ..broadcast import unbroadcast
from ..op import Case, Op
from ..reduction.totals import logsumexp
from .categorical import categorical_sample
from .normal import normal_cdf, normal_log_density


def normal_mixture_log_density(x, logits, mu, sigma):
    """y = log sum_k w_k N(x; mu_k, sigma_k), w = softmax(logits), N the normal density.

    Shapes: x (...), logits, mu and sigma > 0 (..., K), whose leading axes broadcast to those of x
    and with each other, y as these; y has the unit of -log x.

    Far from all components every density is 0 in floating point: the logarithms are summed as
    logsumexp does, with the largest taken out.

    Raises ValueError when the numbers of components differ.

    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 2.3.9, eq. 2.188.
    """
    _require_same_components(logits, mu, sigma)
    return logsumexp(_log_joint(x, logits, mu, sigma), axis=-1, keepdims=False)


def normal_mixture_log_density_vjp(ybar, y, x, logits, mu, sigma):
    """xbar = -sum_k c_k, mubar_k = c_k, sigmabar_k = ybar r_k (z_k^2 - 1) / sigma_k, logitsbar_k = ybar (r_k - w_k).

    r_k = w_k N(x; mu_k, sigma_k) / exp(y) is the probability that x came from component k, and
    c_k = ybar r_k z_k / sigma_k, where z_k = (x - mu_k) / sigma_k.

    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 9.2.2, eqs. 9.16 to 9.22.
    """
    from_each = ybar[..., None] * softmax(_log_joint(x, logits, mu, sigma), axis=-1)
    z = (x[..., None] - mu) / sigma
    pull = from_each * z / sigma
    return (
        unbroadcast(-np.sum(pull, axis=-1), x.shape),
        unbroadcast(from_each - ybar[..., None] * softmax(logits, axis=-1), logits.shape),
        unbroadcast(pull, mu.shape),
        unbroadcast(from_each * (z - 1) * (z + 1) / sigma, sigma.shape),
    )


def normal_mixture_log_density_cases(rng):
    yield Case("one-mixture", (rng.normal(scale=2, size=(5,)), *_mixture(rng, 3)))
    yield Case("many-mixtures", (rng.normal(scale=2, size=(5, 1)), *_mixture(rng, 4, 3)))
    far = rng.uniform(50, 90, size=(4,)), _logits(rng, 2), rng.normal(size=2), rng.uniform(1, 2, size=2) * [1, 0.01]
    yield Case("far-and-narrow", far)
    x, two = np.array([-np.inf, np.inf, np.nan]), (np.array([0.5, 0.25]), np.array([0.0, 3.0]), np.array([1.0, 2.0]))
    yield Case("infinite", (x, *two), {}, "special", np.array([-np.inf, -np.inf, np.nan]))
    yield Case("nothing", (np.zeros((0,)), *two), {}, "empty", np.zeros((0,)))
    yield Case("one-width", (rng.normal(size=4), *two[:2], np.array([1.5])), {}, "refused")


def normal_mixture_log_density_sized(rng, n):
    return Case("sized", (rng.normal(scale=2, size=n), *_mixture(rng, 3)))


def normal_mixture_cdf(x, logits, mu, sigma):
    """y = P(X <= x) = sum_k w_k Phi((x - mu_k) / sigma_k), w = softmax(logits).

    Shapes: as of normal_mixture_log_density; y in [0, 1].

    The probability of a component times the probability under it, added up: positive terms, so
    the lower tail keeps its digits.

    Raises ValueError when the numbers of components differ.

    Source: McLachlan and Peel (2000), Finite Mixture Models, section 1.4, eq. 1.3, integrated.
    """
    _require_same_components(logits, mu, sigma)
    return np.sum(softmax(logits, axis=-1) * normal_cdf(x[..., None], mu, sigma), axis=-1)


def normal_mixture_cdf_vjp(ybar, y, x, logits, mu, sigma):
    """xbar = sum_k s_k, mubar_k = -s_k, sigmabar_k = -z_k s_k, logitsbar_k = ybar w_k (Phi(z_k) - y).

    s_k = ybar w_k phi(z_k) / sigma_k, phi the standard normal density. The softmax takes the mean
    of Phi under w, which is y, off each.
    """
    w = ybar[..., None] * softmax(logits, axis=-1)
    z = (x[..., None] - mu) / sigma
    slope = w * np.exp(normal_log_density(x[..., None], mu, sigma))
    return (
        unbroadcast(np.sum(slope, axis=-1), x.shape),
        unbroadcast(w * (normal_cdf(x[..., None], mu, sigma) - y[..., None]), logits.shape),
        unbroadcast(-slope, mu.shape),
        unbroadcast(-slope * z, sigma.shape),
    )


def normal_mixture_cdf_cases(rng):
    yield Case("one-mixture", (rng.normal(scale=2, size=(5,)), *_mixture(rng, 3)))
    yield Case("lower-tail", (rng.uniform(-9, -5, size=(5, 1)), *_mixture(rng, 4, 3)))
    two = np.array([0.5, 0.5]), np.array([3.0, 3.0]), np.array([1.0, 2.0])
    x = np.array([-np.inf, 3.0, np.inf, np.nan])
    yield Case("limits", (x, *two), {}, "special", np.array([0.0, 0.5, 1.0, np.nan]))
    yield Case("one-width", (rng.normal(size=4), *two[:2], np.array([1.5])), {}, "refused")


def normal_mixture_cdf_sized(rng, n):
    return normal_mixture_log_density_sized(rng, n)


def normal_mixture_sample(u, noise, logits, mu, sigma):
    """x = mu_k + sigma_k noise, k the categorical sample of u: a sample of the mixture.

    Shapes: u (...), uniform in [0, 1), and noise (...), standard normal; logits, mu and sigma > 0
    (..., K), whose leading axes broadcast to those of u; x as u.

    First which component, then a sample of it. For given u the sample is smooth in noise, mu and
    sigma, and a step in the logits: these derivatives do not see how the choice depends on them.

    Raises ValueError when the numbers of components differ, or when noise would be broadcast.

    Source: Devroye (1986), Non-Uniform Random Variate Generation, section II.4.1.
    """
    if noise.shape != u.shape:
        raise ValueError(f"u and noise must have one shape: got {u.shape} and {noise.shape}")
    _require_same_components(logits, mu, sigma)
    chosen = _chosen(u, logits)
    return _at(chosen, mu) + _at(chosen, sigma) * noise


def normal_mixture_sample_vjp(xbar, x, u, noise, logits, mu, sigma):
    """noisebar = xbar sigma_k, mubar = xbar and sigmabar = xbar noise for the component chosen, 0 for others."""
    chosen = _chosen(u, logits)
    return (
        xbar * _at(chosen, sigma),
        unbroadcast(np.where(chosen, xbar[..., None], 0), mu.shape),
        unbroadcast(np.where(chosen, (xbar * noise)[..., None], 0), sigma.shape),
    )


def normal_mixture_sample_cases(rng):
    yield Case("one-mixture", (rng.uniform(size=(5,)), rng.normal(size=(5,)), *_mixture(rng, 3)))
    yield Case("many-mixtures", (rng.uniform(size=(5, 4)), rng.normal(size=(5, 4)), *_mixture(rng, 4, 3)))
    never = np.array([0.0, -np.inf, 0.0]), np.array([1.0, 100.0, 8.0]), np.array([0.5, 1.0, 2.0])
    by_hand = np.array([0.25, 0.75]), np.array([3.0, -2.0])
    yield Case("by-hand", (*by_hand, *never), {}, "special", np.array([2.5, 4.0]))
    yield Case("noise-used-twice", (rng.uniform(size=4), rng.normal(size=1), *_mixture(rng, 3)), {}, "refused")


def normal_mixture_sample_sized(rng, n):
    return Case("sized", (rng.uniform(size=n // 2), rng.normal(size=n // 2), *_mixture(rng, 3)))


def normal_mixture_moments(logits, mu, sigma):
    """E[X] = m = sum_k w_k mu_k, Var[X] = sum_k w_k (sigma_k^2 + (mu_k - m)^2), w = softmax(logits).

    Shapes: logits, mu and sigma (..., K), whose leading axes broadcast together, each of the two
    as these; the mean in the unit of mu, the variance in its square.

    The variance within the components and that between their means. (sum_k w_k mu_k^2) - m^2 would
    cancel where the means are far from 0.

    Raises ValueError when the numbers of components differ.

    Source: Fruehwirth-Schnatter (2006), Finite Mixture and Markov Switching Models, section 1.2.4.
    """
    _require_same_components(logits, mu, sigma)
    w = softmax(logits, axis=-1)
    mean = np.sum(w * mu, axis=-1)
    return mean, np.sum(w * (sigma**2 + (mu - mean[..., None]) ** 2), axis=-1)


def normal_mixture_moments_vjp(ybar, y, logits, mu, sigma):
    """mubar_k = w_k (mbar + 2 vbar d_k), sigmabar_k = 2 vbar w_k sigma_k,
    logitsbar_k = w_k (mbar d_k + vbar (sigma_k^2 + d_k^2 - v)), d_k = mu_k - m, v the variance.

    That m moves does not move the variance, because the d_k have the mean 0. The softmax takes
    its mean off what each weight brings.
    """
    (mbar, vbar), (mean, variance) = (tuple(v[..., None] for v in pair) for pair in (ybar, y))
    w = softmax(logits, axis=-1)
    d = mu - mean
    return (
        unbroadcast(w * (mbar * d + vbar * (sigma**2 + d * d - variance)), logits.shape),
        unbroadcast(w * (mbar + 2 * vbar * d), mu.shape),
        unbroadcast(2 * vbar * w * sigma, sigma.shape),
    )


def normal_mixture_moments_cases(rng):
    yield Case("many-mixtures", (_logits(rng, 5, 3), rng.normal(size=(4, 1, 3)), rng.uniform(0.5, 2, size=3)))
    yield Case("shifted", (_logits(rng, 4), 1000 + rng.normal(size=4), rng.uniform(0.5, 2, size=4) * [1, 10, 0.1, 1]))
    by_hand = np.array([0.0, 0.0]), np.array([1.0, 5.0]), np.array([1.0, 3.0])
    yield Case("by-hand", by_hand, {}, "special", (np.array(3.0), np.array(9.0)))
    yield Case("one-width", (*by_hand[:2], np.array([1.5])), {}, "refused")


def normal_mixture_moments_sized(rng, n):
    return Case("sized", _mixture(rng, max(n // 12, 1), 4))


def _log_joint(x, logits, mu, sigma):
    """log w_k + log N(x; mu_k, sigma_k), the components along the last axis."""
    return log_softmax(logits, axis=-1) + normal_log_density(x[..., None], mu, sigma)


def _chosen(u, logits):
    """Of each u the one-hot row of its component."""
    return categorical_sample(u, logits)[..., None] == np.arange(logits.shape[-1])


def _at(chosen, parameter):
    return np.sum(np.where(chosen, parameter, 0), axis=-1)


def _require_same_components(logits, mu, sigma):
    if not logits.shape[-1:] == mu.shape[-1:] == sigma.shape[-1:] != ():
        raise ValueError(f"logits, mu and sigma must be (..., K): got {logits.shape}, {mu.shape} and {sigma.shape}")


def _logits(rng, *shape):
    return rng.normal(size=shape)


def _mixture(rng, *shape):
    return _logits(rng, *shape), 2 * rng.normal(size=shape), rng.uniform(0.5, 2, size=shape)


OPS = [
    Op(
        normal_mixture_log_density,
        normal_mixture_log_density_cases,
        normal_mixture_log_density_vjp,
        normal_mixture_log_density_sized,
    ),
    Op(normal_mixture_cdf, normal_mixture_cdf_cases, normal_mixture_cdf_vjp, normal_mixture_cdf_sized),
    Op(
        normal_mixture_sample,
        normal_mixture_sample_cases,
        normal_mixture_sample_vjp,
        normal_mixture_sample_sized,
        wrt=(1, 3, 4),
    ),
    Op(normal_mixture_moments, normal_mixture_moments_cases, normal_mixture_moments_vjp, normal_mixture_moments_sized),
]
