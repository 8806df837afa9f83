"""A normal model with a normal prior: its posterior in closed form, and the bound that a poorer posterior gives."""

from __future__ import annotations

import numpy as np

from ..distribution.normal import normal_log_density, normal_log_density_vjp
from ..divergence.continuous import kl_normal, kl_normal_vjp
from ..op import Case, Op


def normal_normal_posterior(x, mean0, variance0, variance):
    """p(mu | x) = Normal(m, v), m = mean0 + sum_n (x_n - mean0) / (N + r), v = variance / (N + r).

    Shapes: x (N, D), mean0, variance0 and variance (D,), one for each feature; m, v and v + variance (D,), the variance
    of the prediction of a further x. The variances are in the square of x's unit.

    With r = variance / variance0 the prior weighs as much as r observations would that were all mean0. A flat
    prior has r = 0 and a certain one infinity, and neither limit needs a rule of its own.

    Raises ValueError where the shapes do not fit.
    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 2.3.6, eq. 2.141 and 2.142.
    """
    if x.ndim != 2 or not mean0.shape == variance0.shape == variance.shape == x.shape[1:]:
        raise ValueError(
            "normal_normal_posterior: x, mean0, variance0 and variance must be (N, D), (D,), (D,) and (D,): "
            f"got {x.shape}, {mean0.shape}, {variance0.shape} and {variance.shape}"
        )
    weight = x.shape[0] + variance / variance0
    posterior = variance / weight
    return mean0 + np.sum(x - mean0, axis=0) / weight, posterior, posterior + variance


def normal_normal_posterior_vjp(ybar, y, x, mean0, variance0, variance):
    """xbar = mbar / w, mean0bar = mbar r / w, and w = N + r, which divides both m - mean0 and v, collects wbar.

    wbar = -(mbar (m - mean0) + vbar v) / w, where vbar has that of the predictive variance in it; r hands it on.
    """
    (mbar, vbar, predictivebar), (m, v, _) = ybar, y
    vbar = vbar + predictivebar
    r = variance / variance0
    weight = x.shape[0] + r
    rbar = -(mbar * (m - mean0) + vbar * v) / weight
    return (
        np.broadcast_to(mbar / weight, x.shape),
        mbar * r / weight,
        -rbar * r / variance0,
        rbar / variance0 + vbar / weight + predictivebar,
    )


def normal_normal_posterior_hvp(ybar, dots, y, x, mean0, variance0, variance):
    """The tangents of r, m - mean0 and v, then those of what the VJP makes of them: all divide by w = N + r.

    With d = m - mean0: rdot = (variancedot - r variance0dot) / variance0, ddot = (sum_n (x_n - mean0)dot - d rdot) / w,
    vdot = (variancedot - v rdot) / w, and d rbar = -(mbar ddot + vbar vdot + rbar rdot) / w.
    """
    xdot, mean0dot, variance0dot, variancedot = dots
    (mbar, vbar, predictivebar), (m, v, _) = ybar, y
    vbar = vbar + predictivebar
    r = variance / variance0
    weight = x.shape[0] + r
    rdot = (variancedot - r * variance0dot) / variance0
    ddot = (np.sum(xdot - mean0dot, axis=0) - (m - mean0) * rdot) / weight
    vdot = (variancedot - v * rdot) / weight
    rbar = -(mbar * (m - mean0) + vbar * v) / weight
    rbardot = -(mbar * ddot + vbar * vdot + rbar * rdot) / weight
    twice = rdot / (weight * weight)
    return (
        np.broadcast_to(-mbar * twice, x.shape),
        mbar * x.shape[0] * twice,
        -(rbardot * r + rbar * rdot - rbar * r * variance0dot / variance0) / variance0,
        (rbardot - rbar * variance0dot / variance0) / variance0 - vbar * twice,
    )


def normal_normal_posterior_cases(rng):
    d = 3
    narrow = rng.uniform(0.5, 2, size=(2, d))
    yield Case("features", (rng.normal(size=(5, d)), 1 + rng.normal(size=d), *narrow))
    strengths = np.array([1e-4, 1.0, 1e4, 30.0]) * rng.uniform(1, 2, size=4)
    yield Case("units", (rng.normal(size=(3, 4)) + 50, rng.normal(size=4) - 20, strengths, rng.uniform(0.5, 2, 4)))
    limits = (np.array([[1.0, 1.0], [4.0, 4.0]]), np.array([7.0, 7.0]), np.array([np.inf, 0.0]), np.full(2, 3.0))
    answer = (np.array([2.5, 7.0]), np.array([1.5, 0.0]), np.array([4.5, 3.0]))
    yield Case("flat-and-certain", limits, {}, "special", answer)
    prior = np.array([0.5, -3.0]), np.array([2.0, 0.25])
    nothing = (np.zeros((0, 2)), *prior, np.array([1.0, 4.0]))
    yield Case("no-data", nothing, {}, "empty", (*prior, np.array([3.0, 4.25])))
    yield Case("one-mean-for-all", (rng.normal(size=(5, d)), np.zeros(1), *narrow), {}, "refused")


def normal_normal_posterior_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 8, 1), 8)), rng.normal(size=8), *rng.uniform(0.5, 2, size=(2, 8))))


def elbo(x, mean, sigma, mean0, sigma0, noise):
    """y = E_q[log p(x | mu)] - KL(q || prior), q = Normal(mean, sigma^2), prior = Normal(mean0, sigma0^2).

    Shapes: x (N, D), q's mean and sigma, the prior's mean0 and sigma0, and the noise, a standard deviation, (D,), all
    in one unit; y (), in nats.

    The evidence lower bound of x_nd ~ Normal(mu_d, noise_d^2). E_q of the log likelihood is that of the mean, less
    N sigma^2 / (2 noise^2) for the spread around it. The bound lies below log p(x) by KL(q || posterior), so it is
    log p(x) when q is the posterior.

    Raises ValueError where the shapes do not fit.
    Source: Kingma and Welling (2014), Auto-Encoding Variational Bayes, section 2.2, eq. 3, and appendix B.
    """
    if x.ndim != 2 or not mean.shape == sigma.shape == mean0.shape == sigma0.shape == noise.shape == x.shape[1:]:
        raise ValueError(
            f"elbo: got x {x.shape}, q {mean.shape}, {sigma.shape}, prior {mean0.shape}, {sigma0.shape} and noise "
            f"{noise.shape}; want x (N, D) and the others (D,)"
        )
    likelihood = np.sum(normal_log_density(x, mean, noise)) - np.sum(_spread_of(x, sigma, noise))
    return likelihood - np.sum(kl_normal(mean, sigma, mean0, sigma0))


def _spread_of(x, sigma, noise):
    ratio = sigma / noise
    return x.shape[0] * (ratio * ratio) / 2


def elbo_vjp(ybar, y, x, mean, sigma, mean0, sigma0, noise):
    """The VJPs of density and divergence; the spread s = N (sigma / noise)^2 / 2 moves by 2 s / sigma with sigma."""
    each = np.broadcast_to(ybar, x.shape)
    xbar, meanbar, noisebar = normal_log_density_vjp(each, None, x, mean, noise)
    spread = ybar * 2 * _spread_of(x, sigma, noise)
    less = np.broadcast_to(-ybar, mean.shape)
    mbar, sbar, mean0bar, sigma0bar = kl_normal_vjp(less, None, mean, sigma, mean0, sigma0)
    return xbar, meanbar + mbar, sbar - spread / sigma, mean0bar, sigma0bar, noisebar + spread / noise


def elbo_hvp(ybar, dots, y, x, mean, sigma, mean0, sigma0, noise):
    """The gradient is made of quotients, and a / b moves by (adot - a bdot / b) / b.

    With z = (x - mean) / noise, s = sigma / noise, d = (mean - mean0) / sigma0 and r = sigma / sigma0 it is
    -z / noise to x, sum z / noise - d / sigma0 to mean, 1 / sigma - N s / noise - r / sigma0 to sigma, d / sigma0 to
    mean0, (r^2 + d^2 - 1) / sigma0 to sigma0 and (sum (z^2 - 1) + N s^2) / noise to the noise.
    """
    xdot, meandot, sigmadot, mean0dot, sigma0dot, noisedot = dots
    n = x.shape[0]

    def moved(a, adot, b, bdot):
        return (adot - a * bdot / b) / b

    z, s, d, r = (x - mean) / noise, sigma / noise, (mean - mean0) / sigma0, sigma / sigma0
    zdot, sdot = moved(x - mean, xdot - meandot, noise, noisedot), moved(sigma, sigmadot, noise, noisedot)
    ddot, rdot = moved(mean - mean0, meandot - mean0dot, sigma0, sigma0dot), moved(sigma, sigmadot, sigma0, sigma0dot)
    xbar, mean0bar = moved(z, zdot, noise, noisedot), moved(d, ddot, sigma0, sigma0dot)
    spread, fit = n * moved(s, sdot, noise, noisedot), np.sum(z * z - 1, axis=0) + n * s * s
    return (
        -ybar * xbar,
        ybar * (np.sum(xbar, axis=0) - mean0bar),
        -ybar * (spread + moved(r, rdot, sigma0, sigma0dot) + sigmadot / (sigma * sigma)),
        ybar * mean0bar,
        ybar * moved(r * r + d * d - 1, 2 * (r * rdot + d * ddot), sigma0, sigma0dot),
        ybar * moved(fit, 2 * (np.sum(z * zdot, axis=0) + n * s * sdot), noise, noisedot),
    )


def _variational(rng, n, d, shift=0.0):
    """Data, a q and a prior, and the noise."""
    means, widths = shift + rng.normal(size=(2, d)), rng.uniform(0.5, 2, size=(3, d))
    return shift + rng.normal(size=(n, d)), means[0], widths[0], means[1] + 3, widths[1], widths[2]


def elbo_cases(rng):
    yield Case("features", _variational(rng, 5, 3))
    yield Case("shifted", _variational(rng, 4, 2, 100.0))
    x, *q, mean0, sigma0, noise = _variational(rng, 5, 3)
    yield Case("nan", (x, q[0] * np.nan, q[1], mean0, sigma0, noise), {}, "special", np.array(np.nan))
    yield Case("one-noise-for-all", (x, *q, mean0, sigma0, noise[:1]), {}, "refused")


def elbo_sized(rng, n):
    return Case("sized", _variational(rng, max(n // 8, 1), 8))


OPS = [
    Op(
        normal_normal_posterior,
        normal_normal_posterior_cases,
        normal_normal_posterior_vjp,
        normal_normal_posterior_sized,
        hvp=normal_normal_posterior_hvp,
    ),
    Op(elbo, elbo_cases, elbo_vjp, elbo_sized, hvp=elbo_hvp),
]
