"""Slips of ridge and of Bayesian linear regression."""

from __future__ import annotations

import numpy as np

from ..bayes.regression import (
    bayesian_linear_regression,
    bayesian_linear_regression_log_evidence,
    bayesian_linear_regression_log_evidence_vjp,
    bayesian_linear_regression_predictive,
    bayesian_linear_regression_predictive_vjp,
    bayesian_linear_regression_vjp,
    ridge,
    ridge_vjp,
)
from ..op import Slip


def _penalty(change):
    """Ridge, and its VJP, with another penalty."""
    return {
        "forward": lambda x, y, *, alpha: ridge(x, y, alpha=change(alpha, x)),
        "vjp": lambda wbar, w, x, y, *, alpha: ridge_vjp(wbar, w, x, y, alpha=change(alpha, x)),
    }


def _inverse_held_constant(wbar, w, x, y, *, alpha):
    ybar = ridge_vjp(wbar, w, x, y, alpha=alpha)[1]
    g = np.linalg.solve(x.mT @ x + alpha * np.eye(x.shape[1]), wbar)
    return y[:, None] * g, ybar


def _one_factor_of_the_gram_matrix(wbar, w, x, y, *, alpha):
    xbar, ybar = ridge_vjp(wbar, w, x, y, alpha=alpha)
    return xbar + ybar[:, None] * w, ybar


def _noise_precision_missing(x, y, alpha, beta):
    m, covariance = bayesian_linear_regression(x, y, alpha, beta)
    return m / beta, covariance


def _noise_precision_missing_below(x, y, alpha, beta):
    m, covariance = bayesian_linear_regression(x, y, alpha, np.ones_like(beta))
    return beta * m, covariance


def _precision_returned(x, y, alpha, beta):
    m, _ = bayesian_linear_regression(x, y, alpha, beta)
    return m, alpha * np.eye(x.shape[1]) + beta * (x.mT @ x)


def _covariance_held_constant(ybar, posterior, x, y, alpha, beta):
    cbar = posterior[1] @ ybar[0]
    return beta * y[:, None] * cbar, beta * (x @ cbar), np.zeros_like(alpha), (x @ cbar) @ y


def _mean_held_constant(ybar, posterior, x, y, alpha, beta):
    return bayesian_linear_regression_vjp((np.zeros_like(ybar[0]), ybar[1]), posterior, x, y, alpha, beta)


def _noise_not_added(x_new, x, y, alpha, beta):
    mean, variance = bayesian_linear_regression_predictive(x_new, x, y, alpha, beta)
    return mean, variance - 1 / beta


def _noise_precision_added(x_new, x, y, alpha, beta):
    mean, variance = bayesian_linear_regression_predictive(x_new, x, y, alpha, beta)
    return mean, variance - 1 / beta + beta


def _weights_as_certain(x_new, x, y, alpha, beta):
    mean, _ = bayesian_linear_regression_predictive(x_new, x, y, alpha, beta)
    return mean, np.ones_like(mean) / beta


def _deviation(x_new, x, y, alpha, beta):
    mean, variance = bayesian_linear_regression_predictive(x_new, x, y, alpha, beta)
    return mean, np.sqrt(variance)


def _noise_held_constant(ybar, predictive, x_new, x, y, alpha, beta):
    *bars, betabar = bayesian_linear_regression_predictive_vjp(ybar, predictive, x_new, x, y, alpha, beta)
    return *bars, betabar + np.sum(ybar[1]) / beta / beta


def _one_side_of_the_form(ybar, predictive, x_new, x, y, alpha, beta):
    x_newbar, *bars = bayesian_linear_regression_predictive_vjp(ybar, predictive, x_new, x, y, alpha, beta)
    covariance = bayesian_linear_regression(x, y, alpha, beta)[1]
    return x_newbar - (ybar[1][:, None] * x_new) @ covariance, *bars


def _log_determinant(x, alpha, beta):
    return np.linalg.slogdet(alpha * np.eye(x.shape[1]) + beta * (x.mT @ x))[1]


def _determinant_missing(x, y, alpha, beta):
    return bayesian_linear_regression_log_evidence(x, y, alpha, beta) + _log_determinant(x, alpha, beta) / 2


def _determinant_of_the_covariance(x, y, alpha, beta):
    return bayesian_linear_regression_log_evidence(x, y, alpha, beta) + _log_determinant(x, alpha, beta)


def _constant_dropped(x, y, alpha, beta):
    return bayesian_linear_regression_log_evidence(x, y, alpha, beta) + len(x) * np.log(2 * np.pi) / 2


def _at_the_mean(x, y, alpha, beta):
    residual = y - x @ bayesian_linear_regression(x, y, alpha, beta)[0]
    return (len(x) * np.log(beta / (2 * np.pi)) - beta * np.sum(residual * residual)) / 2


def _penalty_missing(x, y, alpha, beta):
    m = bayesian_linear_regression(x, y, alpha, beta)[0]
    return bayesian_linear_regression_log_evidence(x, y, alpha, beta) + alpha * np.sum(m * m) / 2


def _determinant_held_constant(ybar, evidence, x, y, alpha, beta):
    bars = bayesian_linear_regression_log_evidence_vjp(ybar, evidence, x, y, alpha, beta)
    covariance = bayesian_linear_regression(x, y, alpha, beta)[1]
    spread = x @ covariance
    return (
        bars[0] + ybar * beta * spread,
        bars[1],
        bars[2] + ybar * np.trace(covariance) / 2,
        bars[3] + ybar * np.sum(spread * x) / 2,
    )


_VARIANCES = (
    "Both alpha and beta are precisions, one over the variance of the prior and of the noise. Here they are used as "
    "variances."
)

SLIPS = {
    "ridge": (
        Slip(
            "penalty-missing",
            "This is the estimate of least squares: alpha is to be added to the diagonal of x^T x.",
            **_penalty(lambda alpha, x: 0.0 * alpha),
        ),
        Slip(
            "penalty-times-the-rows",
            "Here alpha counts N times: that is right where the loss is the mean of the squared residuals. For their "
            "sum divide alpha by the number of rows.",
            **_penalty(lambda alpha, x: alpha * len(x)),
            convention="losses that are averaged over the rows",
        ),
        Slip(
            "penalty-halved",
            "Here alpha counts half: that is right for the loss |y - x w|^2 + alpha |w|^2 / 2, half a square in the "
            "penalty alone. Double alpha.",
            **_penalty(lambda alpha, x: alpha / 2),
            convention="a penalty alpha |w|^2 / 2 beside a loss without the half",
        ),
        Slip(
            "penalty-squared",
            "Here alpha^2 is on the diagonal: that belongs to the penalty |alpha w|^2. For alpha |w|^2 it is alpha "
            "itself.",
            **_penalty(lambda alpha, x: alpha * alpha),
        ),
        Slip(
            "inverse-held-constant",
            "The inverse of x^T x + alpha moves with x too, and the product rule has three places where x stands: "
            "xbar = (y - x w) g^T - (x g) w^T.",
            vjp=_inverse_held_constant,
        ),
        Slip(
            "one-factor-held-constant",
            "In x^T x both factors move: beside (y - x w) g^T there is -(x g) w^T.",
            vjp=_one_factor_of_the_gram_matrix,
        ),
    ),
    "bayesian_linear_regression": (
        Slip(
            "variances-for-precisions",
            _VARIANCES,
            forward=lambda x, y, alpha, beta: bayesian_linear_regression(x, y, 1 / alpha, 1 / beta),
        ),
        Slip(
            "noise-precision-missing-in-the-mean",
            "The mean is beta S x^T y: beta (one over the variance of the noise) weighs the data in S and once more "
            "in front of it.",
            forward=_noise_precision_missing,
        ),
        Slip(
            "noise-precision-missing-in-the-covariance",
            "The precision of the data is beta x^T x: without beta the noise has variance 1 in S.",
            forward=_noise_precision_missing_below,
        ),
        Slip(
            "precision-for-the-covariance",
            "This is the precision matrix alpha + beta x^T x; the covariance is its inverse.",
            forward=_precision_returned,
        ),
        Slip(
            "covariance-held-constant",
            "The mean is beta S x^T y, and S moves with x, alpha and beta too. Only the part through x^T y and the "
            "beta in front is here.",
            vjp=_covariance_held_constant,
        ),
        Slip(
            "cotangent-of-the-mean-forgotten",
            "Both outputs go back: S gets covariancebar, and the mean has its own part, through S and through x^T y.",
            vjp=_mean_held_constant,
        ),
    ),
    "bayesian_linear_regression_predictive": (
        Slip(
            "noise-not-added",
            "The variance of the line is x_new S x_new^T; a new observation scatters around it with 1 / beta more.",
            forward=_noise_not_added,
        ),
        Slip(
            "noise-precision-added",
            "The noise has the precision beta, so its variance is 1 / beta: that is what is added.",
            forward=_noise_precision_added,
        ),
        Slip(
            "weights-as-certain",
            "This is the variance of the noise alone, as if the weights were known. What is not known of them adds "
            "x_new S x_new^T, the more the farther x_new is from the data.",
            forward=_weights_as_certain,
        ),
        Slip(
            "standard-deviation",
            "This is the standard deviation of the prediction: the variance is its square.",
            forward=_deviation,
        ),
        Slip(
            "variances-for-precisions",
            _VARIANCES,
            forward=lambda x_new, x, y, alpha, beta: bayesian_linear_regression_predictive(
                x_new, x, y, 1 / alpha, 1 / beta
            ),
        ),
        Slip(
            "noise-held-constant",
            "The noise 1 / beta is a part of each variance: betabar has -sum(variancebar) / beta^2 in it.",
            vjp=_noise_held_constant,
        ),
        Slip(
            "two-missing",
            "In the variance x_new stands on both sides of S: x_newbar has 2 variancebar S x_new in it.",
            vjp=_one_side_of_the_form,
        ),
    ),
    "bayesian_linear_regression_log_evidence": (
        Slip(
            "determinant-missing",
            "The volume of the weights that fit is missing, -log |A| / 2: without it a model pays nothing for weights "
            "that it could have had.",
            forward=_determinant_missing,
        ),
        Slip(
            "sign-of-the-determinant",
            "The matrix A is the precision of the posterior, and its determinant is subtracted: log |S| = -log |A|.",
            forward=_determinant_of_the_covariance,
        ),
        Slip(
            "constant-dropped",
            "The density of the noise has the factor sqrt(beta / (2 pi)) for each row: -N log(2 pi) / 2 is missing.",
            forward=_constant_dropped,
        ),
        Slip(
            "likelihood-at-the-mean",
            "This is the log likelihood of the most probable weights. The evidence integrates over all weights, and "
            "so it has the prior and the determinant in it.",
            forward=_at_the_mean,
        ),
        Slip(
            "prior-at-the-mean-missing",
            "The least value of the exponent has two parts: beta |y - x m|^2 and, of the prior, alpha |m|^2.",
            forward=_penalty_missing,
        ),
        Slip(
            "determinant-held-constant",
            "The logarithm of |A| moves by trace(S dA), with x, alpha and beta.",
            vjp=_determinant_held_constant,
        ),
    ),
}
