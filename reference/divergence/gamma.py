"""Information of densities of positive quantities, and of probabilities that are themselves uncertain."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..elementwise.gamma import digamma, lgamma, trigamma
from ..op import Case, Op


def kl_gamma(alpha0, beta0, alpha1, beta1):
    """y = (a0 - a1) psi(a0) - log(G(a0) / G(a1)) + a1 log(b0 / b1) + a0 (b1 / b0 - 1), a = alpha and b = beta.

    Shapes: all four any that broadcast together, y as their broadcast; alpha > 0 without a unit, beta > 0 in the
    inverse of the quantity's unit, y in nats.

    alpha is the shape and beta the rate: the density is beta^alpha x^(alpha - 1) exp(-beta x) / G(alpha), G the gamma
    function, and psi is the derivative of log G. Only the ratio of the rates matters, not their unit.

    Raises ValueError where the shapes do not broadcast.

    Source: Penny (2001), KL-divergences of normal, gamma, Dirichlet and Wishart densities, on the gamma.
    """
    shapes = (alpha0 - alpha1) * digamma(alpha0) - (lgamma(alpha0) - lgamma(alpha1))
    return shapes + alpha1 * np.log(beta0 / beta1) + alpha0 * (beta1 - beta0) / beta0


def kl_gamma_vjp(ybar, y, alpha0, beta0, alpha1, beta1):
    """a0bar = ybar ((a0 - a1) psi'(a0) + b1 / b0 - 1), a1bar = ybar (psi(a1) - psi(a0) + log(b0 / b1)) and
    b0bar = ybar (a1 - a0 r) / b0, b1bar = ybar (a0 r - a1) / b1.

    a is alpha, b is beta and r = b1 / b0; by the product rule, in which psi(a0) cancels the derivative of log G(a0).
    """
    ratio = beta1 / beta0
    alpha0bar = ybar * ((alpha0 - alpha1) * trigamma(alpha0) + (beta1 - beta0) / beta0)
    beta0bar = ybar * (alpha1 - alpha0 * ratio) / beta0
    alpha1bar = ybar * (digamma(alpha1) - digamma(alpha0) + np.log(beta0 / beta1))
    beta1bar = ybar * (alpha0 * ratio - alpha1) / beta1
    bars = zip((alpha0bar, beta0bar, alpha1bar, beta1bar), (alpha0, beta0, alpha1, beta1), strict=True)
    return tuple(unbroadcast(bar, a.shape) for bar, a in bars)


def kl_gamma_cases(rng):
    def near(centre, *shape):
        return centre * rng.uniform(0.8, 1.25, size=shape)

    yield Case("elementwise", (near(3, 5), near(2, 5), near(0.5, 5), near(5, 5)))
    yield Case("broadcast", (near(1, 3), near(100, 2, 1), near(9, 2, 3), near(300)))
    equal = np.array([0.5, 3.0]), np.array([2.0, 0.25])
    yield Case("equal", (*equal, *equal), {}, "special", np.zeros(2))
    yield Case("shapes-differ", (near(3, 4), near(2, 4), near(2, 3), near(3, 3)), {}, "refused")


def kl_gamma_sized(rng, n):
    alpha0, beta0, alpha1, beta1 = rng.uniform(0.5, 4, size=(4, max(n // 4, 1)))
    return Case("sized", (alpha0, beta0, alpha1, beta1))


def kl_dirichlet(alpha0, alpha1):
    """y = log B(alpha1) - log B(alpha0) + sum_i (alpha0_i - alpha1_i) (psi(alpha0_i) - psi(sum_j alpha0_j)).

    Shapes: alpha0 and alpha1 (..., k), y (...,); alpha > 0 without a unit, y in nats.

    The Dirichlet density of k probabilities is proportional to the product of p_i^(alpha_i - 1), and B, the product of
    the G(alpha_i) over G(A), A = sum_i alpha_i, is what it is divided by. The mean of log p_i is psi(alpha_i) - psi(A).

    Raises ValueError where the shapes differ.

    Source: Penny (2001), KL-divergences of normal, gamma, Dirichlet and Wishart densities, on the Dirichlet.
    """
    if alpha0.shape != alpha1.shape or not alpha0.ndim:
        raise ValueError(f"got shapes {alpha0.shape} and {alpha1.shape}, want (..., k) for both")
    norms = [np.sum(lgamma(a), axis=-1) - lgamma(np.sum(a, axis=-1)) for a in (alpha0, alpha1)]
    mean_log = digamma(alpha0) - digamma(np.sum(alpha0, axis=-1, keepdims=True))
    return norms[1] - norms[0] + np.sum((alpha0 - alpha1) * mean_log, axis=-1)


def kl_dirichlet_vjp(ybar, y, alpha0, alpha1):
    """a0bar_i = ybar (d_i psi'(a0_i) - psi'(A0) sum_j d_j), a1bar_i = ybar (psi(a1_i) - psi(A1) - psi(a0_i) + psi(A0)).

    a is alpha, d = a0 - a1 and A = sum_j a_j. The derivative of log B is the mean of log p_i, psi(a_i) - psi(A):
    that by a0 cancels what the difference a0 - a1 gives.
    """
    ybar = np.expand_dims(ybar, -1)
    a0, a1 = (np.sum(a, axis=-1, keepdims=True) for a in (alpha0, alpha1))
    difference = alpha0 - alpha1
    alpha0bar = difference * trigamma(alpha0) - trigamma(a0) * np.sum(difference, axis=-1, keepdims=True)
    return ybar * alpha0bar, ybar * (digamma(alpha1) - digamma(a1) - (digamma(alpha0) - digamma(a0)))


def kl_dirichlet_cases(rng):
    yield Case("rows", (rng.uniform(0.5, 4, size=(3, 5)), 2 + rng.uniform(0.5, 4, size=(3, 5))))
    scales = 10.0 ** np.array([-1, 0, 1, 2])
    yield Case("scales", (scales * rng.uniform(1, 2, size=4), scales[::-1] * rng.uniform(1, 2, size=4)))
    equal = np.array([[0.5, 3.0, 1.5]])
    yield Case("equal", (equal, equal), {}, "special", np.zeros(1))
    yield Case("shapes-differ", (rng.uniform(1, 2, size=4), rng.uniform(1, 2, size=3)), {}, "refused")


def kl_dirichlet_sized(rng, n):
    shape = max(n // 128, 1), 64
    return Case("sized", (rng.uniform(0.5, 4, size=shape), rng.uniform(0.5, 4, size=shape)))


def kl_beta(a0, b0, a1, b1):
    """y = log(B(a1, b1) / B(a0, b0)) + (a0 - a1) psi(a0) + (b0 - b1) psi(b0) + (a1 - a0 + b1 - b0) psi(a0 + b0).

    Shapes: all four any, of one shape, y the same; a > 0 and b > 0 without a unit, y in nats.

    A probability p and 1 - p are two probabilities that sum to 1: the beta density is Dirichlet's of two, and so
    is this divergence.

    Raises ValueError where the shapes differ.

    Source: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions, volume 2, chapter 25.
    """
    return kl_dirichlet(*_as_dirichlet(a0, b0, a1, b1))


def kl_beta_vjp(ybar, y, a0, b0, a1, b1):
    """The cotangents of the two components of each Dirichlet density."""
    bars = kl_dirichlet_vjp(ybar, y, *_as_dirichlet(a0, b0, a1, b1))
    return tuple(bar[..., i] for bar in bars for i in (0, 1))


def kl_beta_cases(rng):
    def near(centre, *shape):
        return centre * rng.uniform(0.8, 1.25, size=shape)

    yield Case("elementwise", (near(3, 5), near(2, 5), near(0.5, 5), near(5, 5)))
    yield Case("concentrated", (near(20, 2, 3), near(8, 2, 3), near(2, 2, 3), near(5, 2, 3)))
    equal = np.array([0.5, 3.0]), np.array([2.0, 0.25])
    yield Case("equal", (*equal, *equal), {}, "special", np.zeros(2))
    yield Case("shapes-differ", (near(3, 4), near(2, 4), near(2, 4), near(3, 3)), {}, "refused")


def kl_beta_sized(rng, n):
    a0, b0, a1, b1 = rng.uniform(0.5, 4, size=(4, max(n // 4, 1)))
    return Case("sized", (a0, b0, a1, b1))


def _as_dirichlet(a0, b0, a1, b1):
    shapes = [a.shape for a in (a0, b0, a1, b1)]
    if len(set(shapes)) > 1:
        raise ValueError(f"got shapes {shapes}, want one shape")
    return np.stack([a0, b0], axis=-1), np.stack([a1, b1], axis=-1)


OPS = [
    Op(kl_gamma, kl_gamma_cases, kl_gamma_vjp, kl_gamma_sized),
    Op(kl_beta, kl_beta_cases, kl_beta_vjp, kl_beta_sized),
    Op(kl_dirichlet, kl_dirichlet_cases, kl_dirichlet_vjp, kl_dirichlet_sized),
]
