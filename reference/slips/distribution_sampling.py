"""Slips of maps from noise to samples, and of averages over samples."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..distribution.sampling import (
    box_muller,
    box_muller_vjp,
    inverse_cdf_vjp,
    monte_carlo_expectation,
    monte_carlo_expectation_vjp,
    reparameterize,
    reparameterize_vjp,
)
from ..op import Slip
from .variants import only, passed, squared


def _turn(u2):
    return 2 * np.pi * u2


def _segment(u, cdf):
    return np.sum(cdf[1:-1] <= u[..., None], axis=-1)


def _one_corner(ybar, y, u, x, cdf):
    """The cotangents of x and cdf where the lower corner takes all."""
    right = inverse_cdf_vjp(ybar, y, u, x, cdf)
    j = _segment(u, cdf)
    here = (np.arange(len(x)) == j[..., None]) * ybar[..., None]
    slope = ((x[j + 1] - x[j]) / (cdf[j + 1] - cdf[j]))[..., None]
    return right[0], unbroadcast(here, x.shape), unbroadcast(-here * slope, cdf.shape)


def _slope_upside_down(ybar, y, u, x, cdf):
    j = _segment(u, cdf)
    return ybar * (cdf[j + 1] - cdf[j]) / (x[j + 1] - x[j]), *inverse_cdf_vjp(ybar, y, u, x, cdf)[1:]


def _shares_exchanged(u, x, cdf):
    j = _segment(u, cdf)
    share = (u - cdf[j]) / (cdf[j + 1] - cdf[j])
    return share * x[j] + (1 - share) * x[j + 1]


def _error(name, why, factor):
    """The squared standard error with a factor of the number of values."""

    def value(fx):
        mean, error = monte_carlo_expectation(fx)
        return mean, error * np.sqrt(factor(len(fx)))

    def vjp(ybar, y, fx):
        root = np.sqrt(factor(len(fx)))
        return monte_carlo_expectation_vjp((ybar[0], ybar[1] * root), (y[0], y[1] / root), fx)

    return Slip(name, why, value, vjp)


SLIPS = {
    "box_muller": (
        Slip(
            "sine-first",
            "The pair is (r cos, r sin): both are standard normal, but the cosine comes first.",
            forward=lambda u1, u2: box_muller(u1, u2)[::-1],
            vjp=lambda ybar, y, u1, u2: box_muller_vjp(ybar[::-1], y[::-1], u1, u2),
        ),
        Slip(
            "two-under-the-root-missing",
            "Of the radius r^2 / 2 is what is exponential, -log u1, so r = sqrt(-2 log u1). Without the 2 the samples "
            "have the variance 1/2.",
            forward=lambda u1, u2: tuple(z / np.sqrt(2) for z in box_muller(u1, u2)),
        ),
        Slip(
            "u1-and-u2-exchanged",
            "The first, u1, makes the radius, and the second, u2, the angle: exchanging them gives another pair.",
            forward=lambda u1, u2: box_muller(u2, u1),
        ),
        Slip(
            "inner-two-pi-missing",
            "The angle is 2 pi u2, and its derivative 2 pi is a factor: u2bar = 2 pi (z1bar z0 - z0bar z1).",
            vjp=lambda ybar, y, u1, u2: (
                box_muller_vjp(ybar, y, u1, u2)[0],
                box_muller_vjp(ybar, y, u1, u2)[1] / (2 * np.pi),
            ),
        ),
        Slip(
            "second-output-dropped",
            "Each of u1 and u2 moves both numbers of the pair: what comes back from both is added.",
            vjp=only(box_muller_vjp, 0),
        ),
    ),
    "reparameterize": (
        squared(
            "variance-passed-for-sigma",
            "The noise is multiplied by the standard deviation: sigma noise has the variance sigma^2. Multiplied by "
            "the variance it has sigma^4.",
            reparameterize,
            reparameterize_vjp,
            2,
        ),
        passed(
            "log-variance-for-sigma",
            "The networks of variational autoencoders give the logarithm of the variance, and exp(v / 2) is their "
            "standard deviation. Here sigma is the standard deviation: write mu + sigma * noise.",
            reparameterize,
            reparameterize_vjp,
            2,
            lambda v: np.exp(v / 2),
            lambda v: np.exp(v / 2) / 2,
            "variational autoencoders",
        ),
        Slip(
            "noise-missing-for-sigma",
            "The deviation sigma moves the sample by the noise: sigmabar = xbar noise. Here sigma was treated like mu.",
            vjp=lambda xbar, x, noise, mu, sigma: (
                *reparameterize_vjp(xbar, x, noise, mu, sigma)[:2],
                unbroadcast(xbar, sigma.shape),
            ),
        ),
        Slip(
            "sample-for-noise",
            "The deviation sigma multiplies the noise alone: sigmabar = xbar noise, not xbar x, where mu and sigma are "
            "in x already.",
            vjp=lambda xbar, x, noise, mu, sigma: (
                *reparameterize_vjp(xbar, x, noise, mu, sigma)[:2],
                unbroadcast(xbar * x, sigma.shape),
            ),
        ),
    ),
    "inverse_cdf": (
        Slip(
            "cdf-not-its-inverse",
            "This interpolates the cdf at u as if u were an x. The inverse looks u up among the values of the cdf and "
            "gives x: np.interp(u, cdf, x).",
            forward=lambda u, x, cdf: np.interp(u, x, cdf),
        ),
        Slip(
            "corner-not-interpolated",
            "This is the lower corner of the segment that u falls into. Between the corners x is interpolated: add "
            "the share (u - F_j) / (F_{j+1} - F_j) of the way to the next.",
            forward=lambda u, x, cdf: np.take(x, _segment(u, cdf)),
        ),
        Slip(
            "share-from-the-other-end",
            "The share of the upper corner is (u - F_j) / (F_{j+1} - F_j): at u = F_j it is 0, and y is x_j. Here "
            "the two corners' shares are exchanged.",
            forward=_shares_exchanged,
        ),
        Slip(
            "slope-upside-down",
            "The inverse of the cdf has the slope dx / dF, one over the cdf's: (x_{j+1} - x_j) / (F_{j+1} - F_j).",
            vjp=_slope_upside_down,
        ),
        Slip(
            "lower-corner-only",
            "Both corners of the segment take part: each has its share h of the cotangent, and the shares add up to 1. "
            "Here the lower one has all.",
            vjp=_one_corner,
        ),
    ),
    "monte_carlo_expectation": (
        _error(
            "deviation-for-its-error",
            "This is the standard deviation of the values. The error of their mean is smaller by sqrt(n): that is why "
            "more samples help.",
            lambda n: n,
        ),
        _error(
            "n-for-n-minus-one",
            "The variance is estimated about the mean of the same values, which lies too close to them: divide the sum "
            "of squares by n - 1, and then by n.",
            lambda n: (n - 1) / n,
        ),
        Slip(
            "variance-for-error",
            "This is the variance of the mean; the standard error is its root.",
            forward=lambda fx: (monte_carlo_expectation(fx)[0], monte_carlo_expectation(fx)[1] ** 2),
            vjp=lambda ybar, y, fx: monte_carlo_expectation_vjp(
                (ybar[0], 2 * ybar[1] * np.sqrt(y[1])), (y[0], np.sqrt(y[1])), fx
            ),
        ),
        Slip(
            "error-dropped",
            "Each value moves the standard error too, by (f - m) / (n (n - 1) e): what comes back from both outputs is "
            "added.",
            vjp=only(monte_carlo_expectation_vjp, 0),
        ),
        Slip(
            "not-centred",
            "The error moves with f - m, the distance from the mean: a value at the mean does not move it, and a "
            "shift of all values does not either.",
            vjp=lambda ybar, y, fx: monte_carlo_expectation_vjp(ybar, (0 * y[0], y[1]), fx),
        ),
    ),
}
