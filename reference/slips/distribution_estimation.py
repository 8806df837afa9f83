"""Slips of the most likely normal, and of the standardised mean."""

from __future__ import annotations

import numpy as np

from ..broadcast import spread
from ..distribution.estimation import normal_fit, normal_fit_vjp, z_statistic, z_statistic_vjp
from ..op import Slip


def _fit_unbiased(x, *, axis):
    mu, sigma = normal_fit(x, axis=axis)
    return mu, sigma * np.sqrt(x.shape[axis] / (x.shape[axis] - 1))


def _fit_variance(x, *, axis):
    mu, sigma = normal_fit(x, axis=axis)
    return mu, sigma**2


def _fit_root_ignored(ybar, y, x, *, axis):
    (mubar, sigmabar), (_, sigma) = ybar, y
    return normal_fit_vjp((mubar, 2 * sigma * sigmabar), y, x, axis=axis)


def _fit_without_n(ybar, y, x, *, axis):
    return (x.shape[axis] * normal_fit_vjp(ybar, y, x, axis=axis)[0],)


def _fit_mean_alone(ybar, y, x, *, axis):
    return (spread(ybar[0], x, axis, False) / x.shape[axis],)


def _z_scaled(zbar, z, x, mu, sigma, axis, scale):
    return tuple(s * g for s, g in zip(scale, z_statistic_vjp(zbar, z, x, mu, sigma, axis=axis), strict=True))


SLIPS = {
    "normal_fit": (
        Slip(
            "divided-by-one-less",
            "The most likely sigma divides by n. n - 1 makes the variance right on average, and the likelihood "
            "smaller: use ddof=0.",
            forward=_fit_unbiased,
            convention="the sample standard deviation",
        ),
        Slip(
            "variance-for-sigma",
            "That is the variance. sigma is its root, in the unit of x.",
            forward=_fit_variance,
        ),
        Slip(
            "slope-of-the-variance",
            "sigma is the root of the variance, and its slope to x_i is (x_i - mu) / (n sigma). Here it is that of the "
            "variance, 2 (x_i - mu) / n.",
            vjp=_fit_root_ignored,
        ),
        Slip(
            "not-divided-by-n",
            "Each value is one of n, and moves the mean and the spread by 1/n as much. Here the factor 1/n is missing.",
            vjp=_fit_without_n,
        ),
        Slip(
            "through-the-mean-alone",
            "Both results depend on x: sigma adds sigmabar (x_i - mu) / (n sigma) to what comes back through mu.",
            vjp=_fit_mean_alone,
        ),
    ),
    "z_statistic": (
        Slip(
            "root-of-n-missing",
            "A mean of n values has the standard deviation sigma / sqrt(n), not sigma: without the root of n, z would "
            "shrink to 0 as n grows.",
            forward=lambda x, mu, sigma, *, axis: (np.mean(x, axis=axis) - mu) / sigma,
        ),
        Slip(
            "n-for-its-root",
            "The variance of a mean is sigma^2 / n, so its standard deviation is sigma / sqrt(n). Here it was divided "
            "by n.",
            forward=lambda x, mu, sigma, *, axis: (np.mean(x, axis=axis) - mu) / sigma * x.shape[axis],
        ),
        Slip(
            "variance-for-sigma",
            "z is measured in standard deviations. Here sigma was taken for a variance, and its root was divided by.",
            forward=lambda x, mu, sigma, *, axis: z_statistic(x, mu, np.sqrt(sigma), axis=axis),
        ),
        Slip(
            "sign-of-mu",
            "mu is subtracted, so its cotangent has a minus.",
            vjp=lambda zbar, z, x, mu, sigma, *, axis: _z_scaled(zbar, z, x, mu, sigma, axis, (1, -1, 1)),
        ),
        Slip(
            "sign-of-sigma",
            "A larger sigma makes z smaller: sigmabar = -sum zbar z / sigma.",
            vjp=lambda zbar, z, x, mu, sigma, *, axis: _z_scaled(zbar, z, x, mu, sigma, axis, (1, 1, -1)),
        ),
    ),
}
