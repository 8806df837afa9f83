"""Slips of divergences between normal densities."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..divergence.continuous import (
    kl_diagonal_normal,
    kl_diagonal_normal_vjp,
    kl_normal,
    kl_normal_vjp,
    kl_standard_normal,
    kl_standard_normal_vjp,
)
from ..divergence.multivariate import kl_multivariate_normal, kl_multivariate_normal_vjp
from ..op import Slip


def _normal_mean_not_scaled(ybar, y, mu0, sigma0, mu1, sigma1):
    _, sigma0bar, _, sigma1bar = kl_normal_vjp(ybar, y, mu0, sigma0, mu1, sigma1)
    mu0bar = ybar * (mu0 - mu1) + 0 * sigma1
    return unbroadcast(mu0bar, mu0.shape), sigma0bar, unbroadcast(-mu0bar, mu1.shape), sigma1bar


def _normal_logarithm_not_differentiated(ybar, y, mu0, sigma0, mu1, sigma1):
    mu0bar, _, mu1bar, _ = kl_normal_vjp(ybar, y, mu0, sigma0, mu1, sigma1)
    sigma0bar = ybar * sigma0 / (sigma1 * sigma1) + 0 * (mu0 + mu1)
    sigma1bar = -ybar * (sigma0 * sigma0 + (mu0 - mu1) ** 2) / sigma1**3
    return mu0bar, unbroadcast(sigma0bar, sigma0.shape), mu1bar, unbroadcast(sigma1bar, sigma1.shape)


def _multivariate_mahalanobis(mean0, cov0, mean1, cov1):
    d = (mean1 - mean0)[..., None]
    wrong, right = (np.squeeze(d.mT @ np.linalg.solve(c, d), (-2, -1)) for c in (cov0, cov1))
    return kl_multivariate_normal(mean0, cov0, mean1, cov1) + (wrong - right) / 2


def _multivariate_logarithms(cov0, cov1):
    return np.linalg.slogdet(cov1).logabsdet - np.linalg.slogdet(cov0).logabsdet


def _multivariate_trace_elementwise(mean0, cov0, mean1, cov1):
    diagonals = [np.diagonal(c, axis1=-2, axis2=-1) for c in (cov0, cov1)]
    right = np.trace(np.linalg.solve(cov1, cov0), axis1=-2, axis2=-1)
    wrong = np.sum(diagonals[0] / diagonals[1], axis=-1)
    return kl_multivariate_normal(mean0, cov0, mean1, cov1) + (wrong - right) / 2


def _multivariate_cov1_logarithm_only(ybar, y, mean0, cov0, mean1, cov1):
    mean0bar, cov0bar, mean1bar, _ = kl_multivariate_normal_vjp(ybar, y, mean0, cov0, mean1, cov1)
    return mean0bar, cov0bar, mean1bar, ybar[..., None, None] * np.linalg.inv(cov1) / 2


def _multivariate_other_inverse(ybar, y, mean0, cov0, mean1, cov1):
    _, cov0bar, _, cov1bar = kl_multivariate_normal_vjp(ybar, y, mean0, cov0, mean1, cov1)
    mean0bar = ybar[..., None] * np.linalg.solve(cov0, (mean0 - mean1)[..., None])[..., 0]
    return mean0bar, cov0bar, -mean0bar, cov1bar


def of_swapped(f):
    """f of the second density from the first."""
    return lambda a0, b0, a1, b1: f(a1, b1, a0, b0)


def swapped_back(vjp):
    def swapped(ybar, y, a0, b0, a1, b1):
        a1bar, b1bar, a0bar, b0bar = vjp(ybar, y, a1, b1, a0, b0)
        return a0bar, b0bar, a1bar, b1bar

    return swapped


EXCHANGED = (
    "The divergence is not symmetric: that of the first density from the second averages over the first. Here the two "
    "are exchanged."
)


SLIPS = {
    "kl_normal": (
        Slip("exchanged", EXCHANGED, forward=of_swapped(kl_normal), vjp=swapped_back(kl_normal_vjp)),
        Slip(
            "constant-missing",
            "The - 1/2 at the end makes the divergence of a density from itself 0. Here it was left out.",
            forward=lambda mu0, sigma0, mu1, sigma1: kl_normal(mu0, sigma0, mu1, sigma1) + 1 / 2,
        ),
        Slip(
            "half-missing",
            "The logarithm is log(sigma1 / sigma0), half of that of the variances, and all the rest is divided by 2 as "
            "well. Here everything is twice as large.",
            forward=lambda mu0, sigma0, mu1, sigma1: 2 * kl_normal(mu0, sigma0, mu1, sigma1),
        ),
        Slip(
            "variances-expected",
            "The second and fourth argument are the standard deviations, not the variances: the formula squares them. "
            "Here they went in as if they were squared already.",
            forward=lambda mu0, sigma0, mu1, sigma1: kl_normal(mu0, np.sqrt(sigma0), mu1, np.sqrt(sigma1)),
        ),
        Slip(
            "logarithm-of-the-variances",
            "The first term is the logarithm of the quotient of the standard deviations, or half of that of the "
            "variances. Here it is that of the variances, whole.",
            forward=lambda mu0, sigma0, mu1, sigma1: kl_normal(mu0, sigma0, mu1, sigma1) + np.log(sigma1 / sigma0),
        ),
        Slip(
            "logarithm-upside-down",
            "The first term is log(sigma1 / sigma0): it grows as the first density gets narrower than the second. Here "
            "its sign is the other one.",
            forward=lambda mu0, sigma0, mu1, sigma1: kl_normal(mu0, sigma0, mu1, sigma1) - 2 * np.log(sigma1 / sigma0),
        ),
        Slip(
            "mean-not-squared",
            "The difference of the means is squared, like the standard deviations: (sigma0^2 + (mu0 - mu1)^2) / (2 "
            "sigma1^2).",
            forward=lambda mu0, sigma0, mu1, sigma1: (
                kl_normal(0 * mu0, sigma0, 0 * mu1, sigma1) + np.abs(mu0 - mu1) / (2 * sigma1**2)
            ),
        ),
        Slip(
            "mean-cotangent-not-scaled",
            "The means enter by (mu0 - mu1)^2 / (2 sigma1^2), so mu0bar = ybar (mu0 - mu1) / sigma1^2. Here the "
            "variance is missing, which is right for sigma1 = 1 alone.",
            vjp=_normal_mean_not_scaled,
        ),
        Slip(
            "logarithm-not-differentiated",
            "The standard deviations are in the logarithm too: it adds -1 / sigma0 to the slope in sigma0 and 1 / "
            "sigma1 to that in sigma1.",
            vjp=_normal_logarithm_not_differentiated,
        ),
    ),
    "kl_diagonal_normal": (
        Slip("exchanged", EXCHANGED, forward=of_swapped(kl_diagonal_normal), vjp=swapped_back(kl_diagonal_normal_vjp)),
        Slip(
            "averaged-over-the-components",
            "The nats of independent components add up: sum over the last axis. With a mean in its place, the weight "
            "of the divergence beside a reconstruction error that is summed is d times too small.",
            forward=lambda mean0, sigma0, mean1, sigma1: np.mean(kl_normal(mean0, sigma0, mean1, sigma1), axis=-1),
            vjp=lambda ybar, y, mean0, sigma0, mean1, sigma1: kl_diagonal_normal_vjp(
                ybar / mean0.shape[-1], y, mean0, sigma0, mean1, sigma1
            ),
        ),
        Slip(
            "constant-missing",
            "Each component has its - 1/2, which makes the divergence of a density from itself 0. Here they were left "
            "out.",
            forward=lambda mean0, sigma0, mean1, sigma1: (
                kl_diagonal_normal(mean0, sigma0, mean1, sigma1) + mean0.shape[-1] / 2
            ),
        ),
        Slip(
            "half-missing",
            "The factor 1/2 stands in front of everything when the logarithm is that of the variances: -(1/2) sum(1 + "
            "log sigma^2 - mu^2 - sigma^2) of the autoencoder. Here it is missing.",
            forward=lambda mean0, sigma0, mean1, sigma1: 2 * kl_diagonal_normal(mean0, sigma0, mean1, sigma1),
        ),
        Slip(
            "variances-expected",
            "The second and fourth argument are the standard deviations. Here they were taken for variances, or a "
            "logarithm of the standard deviation for one of the variance.",
            forward=lambda mean0, sigma0, mean1, sigma1: kl_diagonal_normal(
                mean0, np.sqrt(sigma0), mean1, np.sqrt(sigma1)
            ),
        ),
        Slip(
            "summed-over-the-batch",
            "One number for each row is asked: sum over the last axis only. Without axis the rows of the batch were "
            "added up too.",
            forward=lambda mean0, sigma0, mean1, sigma1: np.sum(kl_normal(mean0, sigma0, mean1, sigma1)),
        ),
    ),
    "kl_standard_normal": (
        Slip(
            "half-missing",
            "The divergence is sum(mu^2 + exp(logvar) - 1 - logvar) / 2: the factor 1/2 stands in front of everything.",
            forward=lambda mu, logvar: 2 * kl_standard_normal(mu, logvar),
            vjp=lambda ybar, y, mu, logvar: kl_standard_normal_vjp(2 * ybar, y, mu, logvar),
        ),
        Slip(
            "other-sign",
            "The well-known sum(1 + logvar - mu^2 - exp(logvar)) / 2 is minus the divergence, which is never negative.",
            forward=lambda mu, logvar: -kl_standard_normal(mu, logvar),
            vjp=lambda ybar, y, mu, logvar: kl_standard_normal_vjp(-ybar, y, mu, logvar),
        ),
        Slip(
            "constant-missing",
            "It is 0 where mu = 0 and logvar = 0: sum(mu^2 + exp(logvar) - 1 - logvar) / 2, with - 1 for each "
            "component.",
            forward=lambda mu, logvar: kl_standard_normal(mu, logvar) + mu.shape[-1] / 2,
        ),
        Slip(
            "logarithm-of-the-deviation",
            "The argument is the logarithm of the variance: exp(2 logvar) would be right if it were that of the "
            "standard deviation.",
            forward=lambda mu, logvar: kl_standard_normal(mu, 2 * logvar),
        ),
        Slip(
            "averaged-over-the-components",
            "The nats of independent components add up: sum over the last axis. With a mean in its place, the weight "
            "of the divergence beside a reconstruction error that is summed is d times too small.",
            forward=lambda mu, logvar: kl_standard_normal(mu, logvar) / mu.shape[-1],
            vjp=lambda ybar, y, mu, logvar: kl_standard_normal_vjp(ybar / mu.shape[-1], y, mu, logvar),
        ),
        Slip(
            "summed-over-the-batch",
            "One number for each row is asked: sum over the last axis only. Without axis the rows of the batch were "
            "added up too.",
            forward=lambda mu, logvar: np.sum(kl_standard_normal(mu, logvar)),
        ),
        Slip(
            "one-forgotten-on-the-way-back",
            "What is subtracted is logvar: logvarbar = ybar (exp(logvar) - 1) / 2, which is 0 where the variance is 1.",
            vjp=lambda ybar, y, mu, logvar: (ybar[..., None] * mu, ybar[..., None] * np.exp(logvar) / 2),
        ),
    ),
    "kl_multivariate_normal": (
        Slip(
            "exchanged",
            EXCHANGED,
            forward=of_swapped(kl_multivariate_normal),
        ),
        Slip(
            "dimension-missing",
            "The term -d, d the number of variables, makes the divergence of a density from itself 0. Here it was left "
            "out.",
            forward=lambda mean0, cov0, mean1, cov1: (
                kl_multivariate_normal(mean0, cov0, mean1, cov1) + mean0.shape[-1] / 2
            ),
        ),
        Slip(
            "logarithm-upside-down",
            "The last term is log(det cov1 / det cov0), the second covariance in the numerator: a density that is "
            "narrower than the other one is farther from it. Here the sign is the other one.",
            forward=lambda mean0, cov0, mean1, cov1: (
                kl_multivariate_normal(mean0, cov0, mean1, cov1) - _multivariate_logarithms(cov0, cov1)
            ),
        ),
        Slip(
            "half-missing",
            "All terms are halved, the traces, squares and logarithms alike.",
            forward=lambda mean0, cov0, mean1, cov1: 2 * kl_multivariate_normal(mean0, cov0, mean1, cov1),
        ),
        Slip(
            "distance-by-the-first-covariance",
            "The distance of the means is measured by the second density, whose logarithm is averaged: with cov1^-1. "
            "Here it was measured with cov0^-1.",
            forward=_multivariate_mahalanobis,
        ),
        Slip(
            "trace-of-the-diagonals",
            "The trace is that of the product cov1^-1 cov0, into which the covariances off the diagonal go. Here only "
            "the variances were divided, as for independent variables.",
            forward=_multivariate_trace_elementwise,
        ),
        Slip(
            "only-the-determinant-of-the-second",
            "The matrix cov1 is in the trace and in the distance as well: beside cov1^-1, its cotangent has -cov1^-1 "
            "(cov0 + d d^T) cov1^-1, d the difference of the means, all halved.",
            vjp=_multivariate_cov1_logarithm_only,
        ),
        Slip(
            "means-by-the-first-covariance",
            "The means enter by their distance as the second density measures it: mean0bar = ybar cov1^-1 (mean0 - "
            "mean1). Here it is cov0^-1.",
            vjp=_multivariate_other_inverse,
        ),
    ),
}
