"""Slips of divergences between gamma, beta and Dirichlet densities."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..divergence.gamma import kl_beta, kl_beta_vjp, kl_dirichlet, kl_dirichlet_vjp, kl_gamma, kl_gamma_vjp
from ..elementwise.gamma import digamma, lgamma, trigamma
from ..op import Slip
from .divergence_normal import EXCHANGED, of_swapped, swapped_back


def _gamma_scales_vjp(ybar, y, alpha0, beta0, alpha1, beta1):
    alpha0bar, rate0bar, alpha1bar, rate1bar = kl_gamma_vjp(ybar, y, alpha0, 1 / beta0, alpha1, 1 / beta1)
    return alpha0bar, -rate0bar / (beta0 * beta0), alpha1bar, -rate1bar / (beta1 * beta1)


def _gamma_first_shape(ybar, y, alpha0, beta0, alpha1, beta1, slope):
    _, beta0bar, alpha1bar, beta1bar = kl_gamma_vjp(ybar, y, alpha0, beta0, alpha1, beta1)
    alpha0bar = ybar * (slope + beta1 / beta0 - 1)
    return unbroadcast(alpha0bar, alpha0.shape), beta0bar, alpha1bar, beta1bar


def _dirichlet_without_sum(alpha0, alpha1):
    right, a0 = kl_dirichlet(alpha0, alpha1), np.sum(alpha0, axis=-1)
    return right + (a0 - np.sum(alpha1, axis=-1)) * digamma(a0)


def _dirichlet_norms(alpha0, alpha1):
    norms = [np.sum(lgamma(a), axis=-1) - lgamma(np.sum(a, axis=-1)) for a in (alpha0, alpha1)]
    return norms[1] - norms[0]


def _dirichlet_uncoupled(ybar, y, alpha0, alpha1):
    _, alpha1bar = kl_dirichlet_vjp(ybar, y, alpha0, alpha1)
    return np.expand_dims(ybar, -1) * (alpha0 - alpha1) * trigamma(alpha0), alpha1bar


def _beta_norms(a0, b0, a1, b1):
    return _dirichlet_norms(np.stack([a0, b0], -1), np.stack([a1, b1], -1))


def _beta_uncoupled(ybar, y, a0, b0, a1, b1):
    _, _, a1bar, b1bar = kl_beta_vjp(ybar, y, a0, b0, a1, b1)
    return ybar * (a0 - a1) * trigamma(a0), ybar * (b0 - b1) * trigamma(b0), a1bar, b1bar


SLIPS = {
    "kl_gamma": (
        Slip("exchanged", EXCHANGED, forward=of_swapped(kl_gamma), vjp=swapped_back(kl_gamma_vjp)),
        Slip(
            "scale-for-rate",
            "For SciPy and NumPy the second parameter of the gamma distribution is the scale theta. Here it is the "
            "rate beta = 1 / theta, as the density is proportional to exp(-beta x). Hand over 1 / theta.",
            forward=lambda alpha0, beta0, alpha1, beta1: kl_gamma(alpha0, 1 / beta0, alpha1, 1 / beta1),
            vjp=_gamma_scales_vjp,
            convention="SciPy and NumPy",
        ),
        Slip(
            "logarithm-for-digamma",
            "The mean of log x is psi(alpha) - log beta, psi the derivative of log G. Here psi(alpha) was taken for "
            "log(alpha), which it only nears for large alpha.",
            forward=lambda alpha0, beta0, alpha1, beta1: (
                kl_gamma(alpha0, beta0, alpha1, beta1) + (alpha0 - alpha1) * (np.log(alpha0) - digamma(alpha0))
            ),
        ),
        Slip(
            "gamma-functions-upside-down",
            "The normalising constants give -log G(alpha0) + log G(alpha1). Here both signs are the other ones.",
            forward=lambda alpha0, beta0, alpha1, beta1: (
                kl_gamma(alpha0, beta0, alpha1, beta1) + 2 * (lgamma(alpha0) - lgamma(alpha1))
            ),
        ),
        Slip(
            "digamma-for-trigamma",
            "Of (alpha0 - alpha1) psi(alpha0) the product rule leaves (alpha0 - alpha1) psi'(alpha0), with the "
            "derivative of psi, the trigamma function. Here psi itself stands there.",
            vjp=lambda ybar, y, alpha0, beta0, alpha1, beta1: _gamma_first_shape(
                ybar, y, alpha0, beta0, alpha1, beta1, (alpha0 - alpha1) * digamma(alpha0)
            ),
        ),
        Slip(
            "product-rule-of-the-shape",
            "By the product rule (alpha0 - alpha1) psi(alpha0) gives psi(alpha0) and (alpha0 - alpha1) psi'(alpha0); "
            "the first cancels against the derivative of log G(alpha0), the second stays. Here it was dropped.",
            vjp=lambda ybar, y, alpha0, beta0, alpha1, beta1: _gamma_first_shape(
                ybar, y, alpha0, beta0, alpha1, beta1, 0 * alpha1
            ),
        ),
    ),
    "kl_beta": (
        Slip("exchanged", EXCHANGED, forward=of_swapped(kl_beta), vjp=swapped_back(kl_beta_vjp)),
        Slip(
            "sum-of-the-parameters-missing",
            "The mean of log p is psi(a) - psi(a + b), and that of log(1 - p) is psi(b) - psi(a + b). The last term, "
            "(a1 - a0 + b1 - b0) psi(a0 + b0), was left out.",
            forward=lambda a0, b0, a1, b1: kl_beta(a0, b0, a1, b1) + (a0 - a1 + b0 - b1) * digamma(a0 + b0),
        ),
        Slip(
            "beta-functions-upside-down",
            "The first term is log(B(a1, b1) / B(a0, b0)), as B is what each density is divided by. Here the quotient "
            "is upside down.",
            forward=lambda a0, b0, a1, b1: kl_beta(a0, b0, a1, b1) - 2 * _beta_norms(a0, b0, a1, b1),
        ),
        Slip(
            "parameters-taken-apart",
            "Each parameter is in psi(a0 + b0) too: a0bar has the term -psi'(a0 + b0) (a0 - a1 + b0 - b1) beside (a0 - "
            "a1) psi'(a0), and so has b0bar.",
            vjp=_beta_uncoupled,
        ),
    ),
    "kl_dirichlet": (
        Slip(
            "exchanged",
            EXCHANGED,
            forward=lambda alpha0, alpha1: kl_dirichlet(alpha1, alpha0),
            vjp=lambda ybar, y, alpha0, alpha1: kl_dirichlet_vjp(ybar, y, alpha1, alpha0)[::-1],
        ),
        Slip(
            "sum-of-the-parameters-missing",
            "The mean of log p_i is psi(alpha_i) - psi(sum_j alpha_j): the p_i sum to 1, so each depends on all "
            "parameters. Here psi of the sum was left out.",
            forward=_dirichlet_without_sum,
        ),
        Slip(
            "beta-functions-upside-down",
            "The first terms are log B(alpha1) - log B(alpha0), as B is what each density is divided by. Here their "
            "signs are the other ones.",
            forward=lambda alpha0, alpha1: kl_dirichlet(alpha0, alpha1) - 2 * _dirichlet_norms(alpha0, alpha1),
        ),
        Slip(
            "parameters-taken-apart",
            "Each parameter is in psi(sum_j alpha0_j) too: alpha0bar_i has the term -psi'(sum_j alpha0_j) sum_j "
            "(alpha0_j - alpha1_j) beside (alpha0_i - alpha1_i) psi'(alpha0_i).",
            vjp=_dirichlet_uncoupled,
        ),
    ),
}
