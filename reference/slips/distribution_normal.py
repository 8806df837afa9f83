"""Slips of the normal and the log-normal distribution."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..distribution.log_normal import (
    log_normal_cdf,
    log_normal_cdf_vjp,
    log_normal_entropy,
    log_normal_entropy_vjp,
    log_normal_log_density,
    log_normal_log_density_vjp,
    log_normal_moments,
    log_normal_moments_vjp,
    log_normal_sample,
    log_normal_sample_vjp,
)
from ..distribution.normal import (
    normal_cdf,
    normal_cdf_vjp,
    normal_entropy,
    normal_entropy_vjp,
    normal_log_density,
    normal_log_density_vjp,
    normal_moments,
    normal_moments_vjp,
)
from ..op import Slip
from .variants import added, deviation, in_bits, inner_missing, passed, raw, squared, upper_tail, weighed

LOG_2PI = np.log(2 * np.pi)


def _normal_raw(mu, sigma):
    mu, v = np.broadcast_arrays(mu, sigma**2)
    return mu, v + mu**2, mu**3 + 3 * mu * v, mu**4 + 6 * mu**2 * v + 3 * v**2


SLIPS = {
    "normal_log_density": (
        Slip(
            "constant-missing",
            "The normalising constant -log(2 pi) / 2 was dropped. That does no harm when densities are compared, but "
            "without it exp(y) does not integrate to 1, and a likelihood is off by log(2 pi) / 2 for every point.",
            forward=lambda x, mu, sigma: normal_log_density(x, mu, sigma) + LOG_2PI / 2,
        ),
        added(
            "log-sigma-missing",
            "The wider the normal, the lower its peak: y has the term -log(sigma), its derivative gives sigmabar the "
            "term -ybar / sigma. Without it the likelihood only grows with sigma: sigmabar = ybar (z^2 - 1) / sigma.",
            normal_log_density,
            normal_log_density_vjp,
            lambda x, mu, sigma: np.log(sigma),
            {2: lambda x, mu, sigma: 1 / sigma},
        ),
        squared(
            "variance-passed-for-sigma",
            "The third argument is the standard deviation, and it was squared before it was used as one: "
            "z = (x - mu) / sigma, not (x - mu) / sigma^2.",
            normal_log_density,
            normal_log_density_vjp,
            2,
        ),
        Slip(
            "sigma-read-as-variance",
            "The third argument is the standard deviation, not the variance: the square is divided by 2 sigma^2, and "
            "the logarithm is that of sigma, not of its root.",
            forward=lambda x, mu, sigma: normal_log_density(x, mu, np.sqrt(sigma)),
        ),
        Slip(
            "density-not-its-log",
            "This is the density itself. Its logarithm is asked, which stays finite where the density underflows "
            "to 0: write down -z^2 / 2 - log(sigma) - log(2 pi) / 2, without exp.",
            forward=lambda x, mu, sigma: np.exp(normal_log_density(x, mu, sigma)),
            vjp=lambda ybar, y, x, mu, sigma: normal_log_density_vjp(ybar * y, y, x, mu, sigma),
        ),
        inner_missing(
            "one-over-sigma-missing",
            "From z = (x - mu) / sigma the derivative -z of -z^2 / 2 is still to be divided by sigma on the way to x "
            "and to mu: xbar = -ybar z / sigma.",
            normal_log_density_vjp,
            lambda x, mu, sigma: sigma,
            0,
            1,
        ),
        Slip(
            "x-and-mu-exchanged",
            "The density falls as x leaves mu, so xbar = -ybar z / sigma and mubar = +ybar z / sigma. Here x has the "
            "sign of mu, and mu that of x.",
            vjp=weighed(normal_log_density_vjp, lambda x, mu, sigma: -1, 0, 1),
        ),
    ),
    "normal_cdf": (
        upper_tail(
            "This is P(X > x), the survival function. The cdf is P(X <= x) = erfc(-z / sqrt(2)) / 2: it rises with x.",
            normal_cdf,
            normal_cdf_vjp,
        ),
        squared(
            "variance-passed-for-sigma",
            "The distance x - mu is measured in standard deviations: z = (x - mu) / sigma, not over sigma^2.",
            normal_cdf,
            normal_cdf_vjp,
            2,
        ),
        passed(
            "root-of-two-missing",
            "The function erfc integrates exp(-t^2), the normal density has exp(-z^2 / 2): t = z / sqrt(2), so the cdf "
            "is erfc(-z / sqrt(2)) / 2.",
            normal_cdf,
            normal_cdf_vjp,
            2,
            lambda sigma: sigma / np.sqrt(2),
            lambda sigma: 1 / np.sqrt(2),
        ),
        Slip(
            "slope-not-normalised",
            "The slope of the cdf is the density, with its 1 / sqrt(2 pi): phi(z) = exp(-z^2 / 2) / sqrt(2 pi).",
            vjp=weighed(normal_cdf_vjp, lambda x, mu, sigma: np.sqrt(2 * np.pi), 0, 1, 2),
        ),
        Slip(
            "z-missing-for-sigma",
            "The derivative of z = (x - mu) / sigma by sigma is -z / sigma, so sigmabar = -ybar z phi(z) / sigma. Here "
            "the factor z is missing, as it rightly is for mu.",
            vjp=weighed(normal_cdf_vjp, lambda x, mu, sigma: sigma / (x - mu), 2),
        ),
    ),
    "normal_entropy": (
        added(
            "one-half-missing",
            "The mean of z^2 / 2 is 1/2 and belongs to the entropy: log(sigma) + log(2 pi e) / 2. The e is missing.",
            normal_entropy,
            normal_entropy_vjp,
            lambda sigma: -0.5,
            {},
        ),
        squared(
            "variance-passed-for-sigma",
            "The entropy has log(sigma), the logarithm of the standard deviation. With the variance it is "
            "log(sigma^2) / 2, and the half must not be forgotten.",
            normal_entropy,
            normal_entropy_vjp,
            0,
        ),
        Slip(
            "slope-in-the-variance",
            "This 1 / (2 sigma^2) is the derivative of log(sigma^2) / 2 by the variance. By sigma it is 2 sigma times "
            "that: sigmabar = ybar / sigma.",
            vjp=lambda ybar, y, sigma: (ybar / (2 * sigma**2),),
        ),
        in_bits(
            "This entropy is in bits, with logarithms to base 2, as coding counts it. Here it is in nats: "
            "multiply it by log(2).",
            normal_entropy,
            normal_entropy_vjp,
        ),
    ),
    "normal_moments": (
        Slip(
            "moments-about-zero",
            "These are E[X^k], about 0. The central moments are asked, about mu: E[(X - mu)^2] = sigma^2, "
            "E[(X - mu)^3] = 0, E[(X - mu)^4] = 3 sigma^4.",
            forward=_normal_raw,
        ),
        Slip(
            "deviation-for-variance",
            "The second moment is the variance sigma^2; this is its root, the standard deviation.",
            forward=lambda mu, sigma: (
                *normal_moments(mu, sigma)[:1],
                *np.broadcast_arrays(sigma, mu)[:1],
                *normal_moments(mu, sigma)[2:],
            ),
            vjp=lambda ybar, y, mu, sigma: normal_moments_vjp(
                (ybar[0], ybar[1] / (2 * sigma), *ybar[2:]), y, mu, sigma
            ),
        ),
        Slip(
            "three-missing",
            "The fourth central moment is 3 sigma^4, not the square of the variance: E[z^4] = 3 for a standard normal.",
            forward=lambda mu, sigma: (*normal_moments(mu, sigma)[:3], normal_moments(mu, sigma)[3] / 3),
            vjp=lambda ybar, y, mu, sigma: normal_moments_vjp((*ybar[:3], ybar[3] / 3), y, mu, sigma),
        ),
        Slip(
            "excess-kurtosis",
            "SciPy's norm.stats(moments='mvsk') ends with the excess kurtosis, the fourth central moment over sigma^4 "
            "less 3, which is 0. Here the moment itself is asked: return 3 * sigma**4.",
            forward=lambda mu, sigma: (*normal_moments(mu, sigma)[:3], np.zeros(np.broadcast(mu, sigma).shape)),
            vjp=lambda ybar, y, mu, sigma: normal_moments_vjp((*ybar[:3], 0 * ybar[3]), y, mu, sigma),
            convention="SciPy",
        ),
    ),
    "log_normal_log_density": (
        added(
            "jacobian-missing",
            "This is the normal density at log(x). A density of x also has the slope of the logarithm: "
            "p(x) = N(log x) / x, so y has the term -log(x), and xbar the term -ybar / x.",
            log_normal_log_density,
            log_normal_log_density_vjp,
            lambda x, mu, sigma: np.log(x),
            {0: lambda x, mu, sigma: 1 / x},
        ),
        squared(
            "variance-passed-for-sigma",
            "By definition sigma is the standard deviation of log(X): z = (log(x) - mu) / sigma, not over sigma^2.",
            log_normal_log_density,
            log_normal_log_density_vjp,
            2,
        ),
        Slip(
            "logarithm-not-taken",
            "The parameters mu and sigma are those of log(X): the normal density must be taken at log(x), not at x, "
            "and then divided by x.",
            forward=normal_log_density,
            vjp=normal_log_density_vjp,
        ),
        inner_missing(
            "one-over-x-missing",
            "What was derived is the cotangent of log(x). The slope of the logarithm leads on to x: "
            "xbar = (lbar - ybar) / x.",
            log_normal_log_density_vjp,
            lambda x, mu, sigma: x,
            0,
        ),
    ),
    "log_normal_cdf": (
        upper_tail(
            "This is P(X > x). The cdf is P(X <= x) = Phi((log(x) - mu) / sigma), which rises with x.",
            log_normal_cdf,
            log_normal_cdf_vjp,
        ),
        Slip(
            "logarithm-not-taken",
            "X <= x just when log(X) <= log(x), and log(X) is what is normal: Phi((log(x) - mu) / sigma).",
            forward=normal_cdf,
            vjp=normal_cdf_vjp,
        ),
        inner_missing(
            "one-over-x-missing",
            "The slope phi(z) / sigma is that in log(x). In x it is phi(z) / (sigma x), the log-normal density.",
            log_normal_cdf_vjp,
            lambda x, mu, sigma: x,
            0,
        ),
    ),
    "log_normal_sample": (
        Slip(
            "exponential-missing",
            "This mu + sigma noise is normal; the log-normal sample is its exponential, which is always positive.",
            forward=lambda noise, mu, sigma: mu + sigma * noise,
        ),
        squared(
            "variance-passed-for-sigma",
            "The noise is stretched by the standard deviation of log(X), not by its variance: exp(mu + sigma noise).",
            log_normal_sample,
            log_normal_sample_vjp,
            2,
        ),
        Slip(
            "slope-of-the-exponent-only",
            "The derivative of exp(t) is exp(t), which is x itself: each cotangent has the factor x, such as "
            "mubar = xbar x.",
            vjp=lambda xbar, x, *args: log_normal_sample_vjp(xbar / x, x, *args),
        ),
    ),
    "log_normal_entropy": (
        added(
            "mu-missing",
            "This is the entropy of the normal log(X). That of X is larger by the mean of log(X), which is mu: "
            "a larger mu spreads X out.",
            log_normal_entropy,
            log_normal_entropy_vjp,
            lambda mu, sigma: -mu,
            {0: lambda mu, sigma: -1},
        ),
        squared(
            "variance-passed-for-sigma",
            "By definition sigma is the standard deviation of log(X), and the entropy has log(sigma), not "
            "log(sigma^2).",
            log_normal_entropy,
            log_normal_entropy_vjp,
            1,
        ),
        inner_missing(
            "slope-in-the-variance",
            "This 1 / (2 sigma^2) is the slope of log(sigma^2) / 2 in the variance; in sigma it is 1 / sigma.",
            log_normal_entropy_vjp,
            lambda mu, sigma: 1 / (2 * sigma),
            1,
        ),
    ),
    "log_normal_moments": (
        Slip(
            "median-for-mean",
            "This exp(mu) is the median. The long upper tail puts the mean above it: E[X] = exp(mu + sigma^2 / 2).",
            forward=lambda mu, sigma: (
                np.broadcast_to(np.exp(mu), np.broadcast(mu, sigma).shape),
                log_normal_moments(mu, sigma)[1],
            ),
        ),
        Slip(
            "moments-of-the-logarithm",
            "The parameters mu and sigma^2 are the mean and variance of log(X), not of X: E[X] = exp(mu + sigma^2 / "
            "2), and the variance is (exp(sigma^2) - 1) E[X]^2.",
            forward=lambda mu, sigma: tuple(np.broadcast_arrays(mu, sigma**2)),
            vjp=lambda ybar, y, mu, sigma: (
                unbroadcast(ybar[0], mu.shape),
                unbroadcast(2 * sigma * ybar[1], sigma.shape),
            ),
        ),
        deviation(
            "The second is the variance (exp(sigma^2) - 1) E[X]^2; this is its root, the standard deviation.",
            log_normal_moments,
            log_normal_moments_vjp,
        ),
        raw(
            "This is E[X^2] = exp(2 mu + 2 sigma^2), about 0. The variance is less by the square of the mean: "
            "(exp(sigma^2) - 1) E[X]^2.",
            log_normal_moments,
            log_normal_moments_vjp,
        ),
        Slip(
            "mean-held-still",
            "The variance is a product, (exp(sigma^2) - 1) m^2, and sigma moves both factors, for m has sigma too. Its "
            "slope is 2 sigma (v + exp(sigma^2) m^2); here the first term is missing.",
            vjp=lambda ybar, y, mu, sigma: (
                log_normal_moments_vjp(ybar, y, mu, sigma)[0],
                unbroadcast(sigma * (y[0] * ybar[0] + 2 * np.exp(sigma**2) * y[0] ** 2 * ybar[1]), sigma.shape),
            ),
        ),
    ),
}
