"""Slips of the multivariate normal and the Dirichlet distribution."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..decomposition.cholesky import cholesky
from ..distribution.categorical import one_hot_covariance_vjp
from ..distribution.dirichlet import (
    dirichlet_entropy,
    dirichlet_log_density,
    dirichlet_log_density_vjp,
    dirichlet_moments,
    dirichlet_moments_vjp,
)
from ..distribution.multivariate_normal import (
    multivariate_normal_entropy,
    multivariate_normal_entropy_vjp,
    multivariate_normal_log_density,
    multivariate_normal_log_density_vjp,
    multivariate_normal_sample_vjp,
)
from ..elementwise.gamma import digamma, lgamma, trigamma
from ..op import Slip
from .variants import only, weighed

LOG_2PI = np.log(2 * np.pi)


def _half_way(ybar, y, x, mean, covariance):
    """The pull of x with one triangular solve where two are needed."""
    z = np.linalg.solve(cholesky(covariance), (x - mean)[..., None])[..., 0] * ybar[..., None]
    right = multivariate_normal_log_density_vjp(ybar, y, x, mean, covariance)
    return unbroadcast(-z, x.shape), unbroadcast(z, mean.shape), right[2]


def _determinant_still(ybar, y, x, mean, covariance):
    right = multivariate_normal_log_density_vjp(ybar, y, x, mean, covariance)
    inverse = np.broadcast_to(np.linalg.inv(covariance), (*ybar.shape, *covariance.shape[-2:]))
    return *right[:2], right[2] + unbroadcast(ybar[..., None, None] * inverse / 2, covariance.shape)


def _half_log_determinant(covariance):
    return np.linalg.slogdet(covariance)[1] / 2


def _times(matrix, vector):
    return (matrix @ vector[..., None])[..., 0]


def _noise_not_transposed(xbar, x, noise, mean, covariance):
    right = multivariate_normal_sample_vjp(xbar, x, noise, mean, covariance)
    return unbroadcast(_times(cholesky(covariance), xbar), noise.shape), *right[1:]


def _stopped_at_the_factor(xbar, x, noise, mean, covariance):
    right = multivariate_normal_sample_vjp(xbar, x, noise, mean, covariance)
    return *right[:2], np.tril(unbroadcast(xbar[..., :, None] * noise[..., None, :], covariance.shape))


def _log_variances(covariance):
    return np.log(np.diagonal(covariance, axis1=-2, axis2=-1))


def _of_the_diagonal(ybar, y, covariance):
    return (ybar[..., None, None] * np.eye(covariance.shape[-1]) / (2 * covariance),)


def _through_the_mean(ybar, y, alpha):
    """What the sum of alpha takes from its mean's cotangent."""
    a = np.sum(alpha, axis=-1, keepdims=True)
    mbar = ybar[0] + one_hot_covariance_vjp(ybar[1], y[0]) / (a + 1)
    return np.sum(y[0] * mbar, axis=-1, keepdims=True) / a


SLIPS = {
    "multivariate_normal_log_density": (
        Slip(
            "constant-of-one-dimension",
            "Every dimension brings its own -log(2 pi) / 2: in d dimensions the constant is -d log(2 pi) / 2.",
            forward=lambda x, mean, covariance: (
                multivariate_normal_log_density(x, mean, covariance) + (x.shape[-1] - 1) * LOG_2PI / 2
            ),
        ),
        Slip(
            "log-determinant-not-halved",
            "The density is divided by the root of det(covariance): y has -log det(covariance) / 2, the sum of the "
            "logarithms of the Cholesky factor's diagonal.",
            forward=lambda x, mean, covariance: (
                multivariate_normal_log_density(x, mean, covariance) - _half_log_determinant(covariance)
            ),
        ),
        Slip(
            "precision-for-covariance",
            "The covariance was used where its inverse belongs: the quadratic form is (x - mean)^T covariance^-1 "
            "(x - mean), and the log-determinant is that of the covariance, with a minus.",
            forward=lambda x, mean, covariance: multivariate_normal_log_density(x, mean, np.linalg.inv(covariance)),
        ),
        Slip(
            "one-solve-of-two",
            "The inverse L^-T L^-1 asks for two triangular solves: down through L, then up through L^T. After the "
            "first it is the z of the value; the cotangents have w = L^-T z.",
            vjp=_half_way,
        ),
        Slip(
            "determinant-held-still",
            "The log-determinant moves with the covariance too: covariancebar = ybar (w w^T - covariance^-1) / 2. Here "
            "its term -covariance^-1 is missing.",
            vjp=_determinant_still,
        ),
        Slip(
            "half-missing",
            "Both terms that the covariance moves have a half in the value, and keep it: covariancebar = "
            "ybar (w w^T - covariance^-1) / 2.",
            vjp=weighed(multivariate_normal_log_density_vjp, lambda x, mean, covariance: 2, 2),
        ),
    ),
    "multivariate_normal_sample": (
        Slip(
            "covariance-for-its-factor",
            "The noise is multiplied by the Cholesky factor L, not by the covariance: Cov[L noise] = L L^T is the "
            "covariance; this sample has its square.",
            forward=lambda noise, mean, covariance: mean + _times(covariance, noise),
        ),
        Slip(
            "factor-transposed",
            "L is lower triangular and multiplies from the left, L noise. L^T noise has the covariance L^T L, which is "
            "another matrix. With row vectors noise L^T is right.",
            forward=lambda noise, mean, covariance: mean + _times(cholesky(covariance).mT, noise),
        ),
        Slip(
            "noise-not-transposed",
            "The adjoint of multiplying by L is multiplying by L^T: noisebar = L^T xbar.",
            vjp=_noise_not_transposed,
        ),
        Slip(
            "stopped-at-the-factor",
            "This xbar noise^T is the cotangent of the factor L. The covariance lies one step further back: through "
            "the derivative of the Cholesky factorisation.",
            vjp=_stopped_at_the_factor,
        ),
    ),
    "multivariate_normal_entropy": (
        Slip(
            "e-missing",
            "The mean of the quadratic form is d, and half of it belongs to the entropy: d log(2 pi e) / 2. Here the "
            "e is missing.",
            forward=lambda covariance: multivariate_normal_entropy(covariance) - covariance.shape[-1] / 2,
        ),
        Slip(
            "constant-of-one-dimension",
            "Every dimension brings log(2 pi e) / 2: the constant has the factor d.",
            forward=lambda covariance: (
                multivariate_normal_entropy(covariance) - (covariance.shape[-1] - 1) * (LOG_2PI + 1) / 2
            ),
        ),
        Slip(
            "correlations-ignored",
            "The sum of the logarithms of the variances is the log-determinant of a diagonal covariance only. "
            "Correlations lower it: sum the logarithms of the diagonal of the Cholesky factor.",
            forward=lambda covariance: np.sum(_log_variances(covariance) + LOG_2PI + 1, axis=-1) / 2,
            vjp=_of_the_diagonal,
        ),
        Slip(
            "half-missing",
            "The slope of log det(covariance) is covariance^-1; the entropy has half of the log-determinant, so "
            "covariancebar = ybar covariance^-1 / 2.",
            vjp=weighed(multivariate_normal_entropy_vjp, lambda covariance: 2, 0),
        ),
    ),
    "dirichlet_log_density": (
        Slip(
            "beta-function-missing",
            "The normaliser -log B(alpha) was dropped: without it the density does not integrate to 1, and it cannot "
            "be maximised over alpha.",
            forward=lambda x, alpha: np.sum((alpha - 1) * np.log(x), axis=-1) + 0 * alpha[..., 0],
            vjp=lambda ybar, y, x, alpha: (
                dirichlet_log_density_vjp(ybar, y, x, alpha)[0],
                unbroadcast(ybar[..., None] * np.log(x), alpha.shape),
            ),
        ),
        Slip(
            "alpha-for-alpha-minus-one",
            "The exponents are alpha_j - 1: with alpha = 1 everywhere all points have the same density.",
            forward=lambda x, alpha: dirichlet_log_density(x, alpha) + np.sum(np.log(x) + 0 * alpha, axis=-1),
            vjp=lambda ybar, y, x, alpha: (
                unbroadcast(ybar[..., None] * alpha / x, x.shape),
                dirichlet_log_density_vjp(ybar, y, x, alpha)[1],
            ),
        ),
        Slip(
            "gamma-of-the-sum-held-still",
            "Gamma(sum alpha) moves with every alpha_j: each has the term digamma(sum alpha) beside -digamma(alpha_j).",
            vjp=lambda ybar, y, x, alpha: (
                dirichlet_log_density_vjp(ybar, y, x, alpha)[0],
                unbroadcast(ybar[..., None] * (np.log(x) - digamma(alpha)), alpha.shape),
            ),
        ),
        Slip(
            "log-for-digamma",
            "The derivative of log Gamma is digamma. log is close to it for large arguments only: "
            "digamma(t) is nearly log(t) - 1 / (2 t).",
            vjp=lambda ybar, y, x, alpha: (
                dirichlet_log_density_vjp(ybar, y, x, alpha)[0],
                unbroadcast(
                    ybar[..., None] * (np.log(x) + np.log(np.sum(alpha, axis=-1, keepdims=True)) - np.log(alpha)),
                    alpha.shape,
                ),
            ),
        ),
    ),
    "dirichlet_sample": (
        Slip(
            "over-the-whole-array",
            "Each row of gammas is divided by its own sum: axis=-1, keepdims=True. Here all rows together add up to 1.",
            forward=lambda gammas: gammas / np.sum(gammas),
        ),
        Slip(
            "sum-held-still",
            "Every gamma is in the sum as well: gammasbar_j = (xbar_j - sum_i x_i xbar_i) / sum gammas. Here the "
            "term of the sum is missing.",
            vjp=lambda xbar, x, gammas: (xbar / np.sum(gammas, axis=-1, keepdims=True),),
        ),
        Slip(
            "slope-of-softmax",
            "This x (xbar - sum(x xbar)) is the adjoint of softmax, whose inputs are exponents. The gammas are divided "
            "by their sum as they are: (xbar - sum(x xbar)) / sum gammas.",
            vjp=lambda xbar, x, gammas: (x * (xbar - np.sum(x * xbar, axis=-1, keepdims=True)),),
        ),
    ),
    "dirichlet_entropy": (
        Slip(
            "sign-of-log-beta",
            "Minus the log density has +log B(alpha): the density is divided by B(alpha), so its logarithm has the "
            "minus.",
            forward=lambda alpha: (
                dirichlet_entropy(alpha) - 2 * (np.sum(lgamma(alpha), axis=-1) - lgamma(np.sum(alpha, axis=-1)))
            ),
        ),
        Slip(
            "k-missing",
            "Each log x_j has the mean digamma(alpha_j) - digamma(a) and the factor alpha_j - 1: over all k digamma(a) "
            "has the factor a - k, not a.",
            forward=lambda alpha: dirichlet_entropy(alpha) + alpha.shape[-1] * digamma(np.sum(alpha, axis=-1)),
        ),
        Slip(
            "sum-held-still",
            "The sum a of all alpha_j moves with every alpha_j: each has the term (a - k) trigamma(a) too.",
            vjp=lambda ybar, y, alpha: (-ybar[..., None] * (alpha - 1) * trigamma(alpha),),
        ),
    ),
    "dirichlet_moments": (
        Slip(
            "covariance-of-one-draw",
            "This diag(m) - m m^T is the covariance of a one-hot draw of such probabilities. The probabilities "
            "themselves vary less: divide by a + 1.",
            forward=lambda alpha: (
                dirichlet_moments(alpha)[0],
                dirichlet_moments(alpha)[1] * (np.sum(alpha, axis=-1)[..., None, None] + 1),
            ),
        ),
        Slip(
            "a-for-a-plus-one",
            "The covariance is divided by a + 1, not by a. For a beta distribution it is a b / (n^2 (n + 1)).",
            forward=lambda alpha: (
                dirichlet_moments(alpha)[0],
                dirichlet_moments(alpha)[1] * (1 + 1 / np.sum(alpha, axis=-1)[..., None, None]),
            ),
        ),
        Slip(
            "sum-held-still",
            "The sum a of all alpha_j divides the mean and is moved by every alpha_j: the term -sum_j m_j mbar_j is "
            "missing.",
            vjp=lambda ybar, y, alpha: (dirichlet_moments_vjp(ybar, y, alpha)[0] + _through_the_mean(ybar, y, alpha),),
        ),
        Slip(
            "second-output-dropped",
            "Each alpha_j moves the covariance as well as the mean: both cotangents lead back to it, and are added.",
            vjp=only(dirichlet_moments_vjp, 0),
        ),
    ),
}
