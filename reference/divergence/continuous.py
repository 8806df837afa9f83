"""Information of densities."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def kl_normal(mu0, sigma0, mu1, sigma1):
    """y = log(sigma1 / sigma0) + (sigma0^2 + (mu0 - mu1)^2) / (2 sigma1^2) - 1/2.

    Shapes: all four any that broadcast together, y as their broadcast; mu and sigma > 0 in one
    unit, y in nats.

    The divergence of N(mu0, sigma0^2) from N(mu1, sigma1^2). With e = (sigma0 - sigma1) / sigma1 and
    d = (mu0 - mu1) / sigma1 it is e - log(1 + e) + (e^2 + d^2) / 2, in which no constants cancel when
    the two normals are close. log1p(e) keeps its digits near e = 0, log(sigma0 / sigma1) elsewhere.

    Raises ValueError where the shapes do not broadcast.
    Source: Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, section A.5, eq. A.23.
    """
    e = (sigma0 - sigma1) / sigma1
    d = (mu0 - mu1) / sigma1
    near = np.abs(e) < 1 / 2
    log_ratio = np.where(near, np.log1p(np.where(near, e, 0)), np.log(sigma0 / sigma1))
    return e - log_ratio + (e * e + d * d) / 2


def kl_normal_vjp(ybar, y, mu0, sigma0, mu1, sigma1):
    """mu0bar = -mu1bar = ybar d / s1, sigma0bar = ybar (r - 1/r) / s1, sigma1bar = ybar (1 - r^2 - d^2) / s1.

    s1 is sigma1. With d = (mu0 - mu1) / s1 and r = sigma0 / s1 the value is (r^2 - 1 + d^2) / 2 - log r; r
    moves by 1 / s1 with sigma0, and r and d by -r / s1 and -d / s1 with s1.
    """
    d = (mu0 - mu1) / sigma1
    r = sigma0 / sigma1
    mu0bar = ybar * d / sigma1
    sigma0bar = ybar * (r - 1 / r) / sigma1
    sigma1bar = ybar * (1 - r * r - d * d) / sigma1
    return _sum_to(mu0bar, mu0), _sum_to(sigma0bar, sigma0), _sum_to(-mu0bar, mu1), _sum_to(sigma1bar, sigma1)


def kl_normal_hvp(ybar, dots, y, mu0, sigma0, mu1, sigma1):
    """mu0bardot = -mu1bardot = ybar (m - 2 d t) / s1, sigma0bardot = ybar ((1 + 1/r^2) a - 2 r t) / s1 and
    sigma1bardot = ybar ((3 r^2 + 3 d^2 - 1) t - 2 r a - 2 d m) / s1.

    m = (mu0dot - mu1dot) / s1, a = sigma0dot / s1 and t = sigma1dot / s1 are what moves, in units of s1 = sigma1: d
    moves by m - d t, r by a - r t, and each 1 / s1 in the VJP by -t / s1.
    """
    mu0dot, sigma0dot, mu1dot, sigma1dot = dots
    d, r = (mu0 - mu1) / sigma1, sigma0 / sigma1
    m, a, t = (mu0dot - mu1dot) / sigma1, sigma0dot / sigma1, sigma1dot / sigma1
    mu0bardot = ybar * (m - 2 * d * t) / sigma1
    sigma0bardot = ybar * ((1 + 1 / (r * r)) * a - 2 * r * t) / sigma1
    sigma1bardot = ybar * ((3 * (r * r + d * d) - 1) * t - 2 * (r * a + d * m)) / sigma1
    bardots = (mu0bardot, mu0), (sigma0bardot, sigma0), (-mu0bardot, mu1), (sigma1bardot, sigma1)
    return tuple(_sum_to(bardot, x) for bardot, x in bardots)


def kl_normal_cases(rng):
    def mu(*shape, centre=0.0):
        return centre + rng.normal(scale=0.5, size=shape)

    def sigma(*shape):
        return rng.uniform(0.5, 2, size=shape)

    # Means 3 apart: of normals that happen to be close, the usual formula has no digits left. "close" asks that.
    yield Case("elementwise", (mu(7), sigma(7), mu(7, centre=3), sigma(7)))
    yield Case("broadcast", (mu(5, 3), sigma(3), mu(5, 1, centre=3), sigma(4, 1, 1)))
    yield Case("one-against-many", (mu(), sigma(), mu(3, 4, centre=-3), sigma(3, 4)))
    yield Case("shifted", (mu(3, 1, centre=1000), sigma(3, 1), mu(5, centre=1003), sigma(5)))
    near = sigma(5)
    yield Case("close", (3 + 1e-3 * mu(5), near, np.array(3.0), near * (1 + 1e-3 * mu(5))))
    wide = sigma(8)
    ratios = np.array([1e-6, 1e-2, 0.4, 0.6, 1.4, 1.6, 1e2, 1e6])
    yield Case("narrow-and-wide", (mu(8), wide * ratios, mu(8), wide))
    same = (np.array([0.5, 3.0, 0.0, np.nan]), np.array([0.25, 1.5, 1.0, 1.0]))
    other = (np.array([0.5, 3.0, 2.0, 0.0]), np.array([0.25, 1.5, 1.0, 1.0]))
    yield Case("equal", (*same, *other), {}, "special", np.array([0.0, 0.0, 2.0, np.nan]))
    yield Case("nothing", (mu(0, 3), sigma(3), mu(3), sigma(0, 3)), {}, "empty", np.zeros((0, 3)))
    yield Case("shapes-differ", (mu(4), sigma(4), mu(3), sigma(3)), {}, "refused")


def kl_normal_sized(rng, n):
    m = max(n // 4, 1)
    mu0, mu1 = rng.normal(size=(2, m))
    sigma0, sigma1 = rng.uniform(0.5, 2, size=(2, m))
    return Case("sized", (mu0, sigma0, mu1, sigma1))


def kl_diagonal_normal(mean0, sigma0, mean1, sigma1):
    """y = sum_i log(sigma1_i / sigma0_i) + (sigma0_i^2 + (mean0_i - mean1_i)^2) / (2 sigma1_i^2) - 1/2.

    Shapes: all four (..., d), y (...,); component i of mean and sigma > 0 in one unit, y in nats.

    The divergence of two normal distributions of d independent components is the sum of theirs: nats of independent
    things add. With mean1 = 0 and sigma1 = 1 it is the regulariser of the variational autoencoder.

    Raises ValueError where the shapes differ.

    Source: Kingma and Welling (2014), Auto-Encoding Variational Bayes, appendix B.
    """
    shapes = [a.shape for a in (mean0, sigma0, mean1, sigma1)]
    if len(set(shapes)) > 1 or not shapes[0]:
        raise ValueError(f"means and sigmas: got shapes {shapes}, want (..., d) for all")
    return np.sum(kl_normal(mean0, sigma0, mean1, sigma1), axis=-1)


def kl_diagonal_normal_vjp(ybar, y, mean0, sigma0, mean1, sigma1):
    """Of each component the cotangents that kl_normal gives it, with the cotangent of their sum."""
    return kl_normal_vjp(np.expand_dims(ybar, -1), y, mean0, sigma0, mean1, sigma1)


def kl_diagonal_normal_cases(rng):
    def mean(*shape, centre=0.0):
        return centre + rng.normal(scale=0.5, size=shape)

    def sigma(*shape):
        return rng.uniform(0.5, 2, size=shape)

    yield Case("rows", (mean(3, 5), sigma(3, 5), mean(3, 5, centre=3), sigma(3, 5)))
    m, s = mean(2, 4), sigma(2, 4)
    yield Case("close", (m, s, m + 1e-3 * mean(2, 4), s * (1 + 1e-3 * mean(2, 4))))
    one = np.ones((2, 3))
    other = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 2.0]])
    yield Case("equal", (0 * one, one, other, one), {}, "special", np.array([0.0, 2.5]))
    yield Case("shapes-differ", (mean(4), sigma(4), mean(3), sigma(3)), {}, "refused")


def kl_diagonal_normal_sized(rng, n):
    shape = max(n // 256, 1), 64
    mean0, mean1 = rng.normal(size=(2, *shape))
    sigma0, sigma1 = rng.uniform(0.5, 2, size=(2, *shape))
    return Case("sized", (mean0, sigma0, mean1, sigma1))


def kl_standard_normal(mu, logvar):
    """y = sum_i (mu_i^2 + exp(logvar_i) - 1 - logvar_i) / 2.

    Shapes: mu and logvar (..., d), y (...,) in nats.

    The divergence of Normal(mu, exp(logvar)) from the standard normal distribution: kl_diagonal_normal with mean1 = 0
    and sigma1 = 1, of the logarithm of the variance, which may be any number, as a network gives it. It is 0 where
    mu = 0 and logvar = 0 alone. exp(logvar) - 1 is formed at once, for a variance near 1.

    Raises ValueError where the shapes differ.

    Source: Kingma and Welling (2014), Auto-Encoding Variational Bayes, section 3, eq. 10, and appendix B.
    """
    if mu.shape != logvar.shape or not mu.shape:
        raise ValueError(f"mu and logvar: got shapes {mu.shape} and {logvar.shape}, want (..., d) for both")
    return np.sum(mu * mu + np.expm1(logvar) - logvar, axis=-1) / 2


def kl_standard_normal_vjp(ybar, y, mu, logvar):
    """mubar = ybar mu, logvarbar = ybar (exp(logvar) - 1) / 2: both pull towards 0."""
    ybar = np.expand_dims(ybar, -1)
    return ybar * mu, ybar * np.expm1(logvar) / 2


def kl_standard_normal_hvp(ybar, dots, y, mu, logvar):
    """d mubar = ybar mudot, d logvarbar = ybar exp(logvar) logvardot / 2: each number has a curvature of its own."""
    mudot, logvardot = dots
    ybar = np.expand_dims(ybar, -1)
    return ybar * mudot, ybar * np.exp(logvar) * logvardot / 2


def kl_standard_normal_cases(rng):
    yield Case("rows", (rng.normal(size=(3, 5)), rng.uniform(0.3, 2, size=(3, 5))))
    yield Case("narrow-and-wide", (10 * rng.normal(size=4), rng.uniform(1, 1.2, size=4) * [-30, -8, 5, 20]))
    mu, logvar = np.array([[0.0, 0.0], [3.0, 1.0], [0.0, np.nan]]), np.array([[0.0, 0.0], [0.0, 0.0], [-np.inf, 0.0]])
    yield Case("equal", (mu[:2], logvar[:2]), {}, "special", np.array([0.0, 5.0]))
    yield Case("limits", (mu[2:], logvar[2:]), {}, "special", np.array([np.nan]))
    yield Case("shapes-differ", (rng.normal(size=(3, 4)), rng.normal(size=4)), {}, "refused")


def kl_standard_normal_sized(rng, n):
    return Case("sized", tuple(rng.normal(size=(2, max(n // 128, 1), 64))))


def _sum_to(xbar, x):
    """The cotangent of ``x`` from the cotangent of ``x`` broadcast: each copy contributes."""
    xbar = np.sum(xbar, axis=tuple(range(xbar.ndim - x.ndim)))
    stretched = tuple(i for i in range(x.ndim) if x.shape[i] == 1)
    return np.sum(xbar, axis=stretched, keepdims=True)


OPS = [
    Op(kl_normal, kl_normal_cases, kl_normal_vjp, kl_normal_sized, hvp=kl_normal_hvp),
    Op(kl_diagonal_normal, kl_diagonal_normal_cases, kl_diagonal_normal_vjp, kl_diagonal_normal_sized),
    Op(
        kl_standard_normal,
        kl_standard_normal_cases,
        kl_standard_normal_vjp,
        kl_standard_normal_sized,
        hvp=kl_standard_normal_hvp,
    ),
]
