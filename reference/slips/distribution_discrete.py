"""Slips of the Bernoulli, binomial and Poisson distributions."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..distribution.bernoulli import (
    bernoulli_cdf,
    bernoulli_cdf_vjp,
    bernoulli_entropy,
    bernoulli_entropy_vjp,
    bernoulli_log_density,
    bernoulli_log_density_vjp,
    bernoulli_moments,
    bernoulli_moments_vjp,
)
from ..distribution.binomial import (
    binomial_cdf,
    binomial_cdf_vjp,
    binomial_log_density,
    binomial_moments,
    binomial_moments_vjp,
)
from ..distribution.poisson import (
    poisson_cdf,
    poisson_cdf_vjp,
    poisson_log_density,
    poisson_moments,
    poisson_moments_vjp,
)
from ..elementwise.gamma import lgamma
from ..op import Slip
from .variants import deviation, in_bits, only, raw, upper_tail


def _mass_slope(ybar, y, x, p):
    return (unbroadcast(np.where(x == 0, -ybar, np.where(x == 1, ybar, 0)), p.shape),)


SLIPS = {
    "bernoulli_log_density": (
        Slip(
            "outcomes-exchanged",
            "By convention p is the probability of a 1: log p counts where x = 1, log(1 - p) where x = 0.",
            forward=lambda x, p: bernoulli_log_density(1 - x, p),
            vjp=lambda ybar, y, x, p: bernoulli_log_density_vjp(ybar, y, 1 - x, p),
        ),
        Slip(
            "mass-not-its-log",
            "This is the probability p or 1 - p. Its logarithm is asked.",
            forward=lambda x, p: np.exp(bernoulli_log_density(x, p)),
            vjp=lambda ybar, y, x, p: bernoulli_log_density_vjp(ybar * y, y, x, p),
        ),
        Slip(
            "inner-sign-forgotten",
            "The term log(1 - p) falls as p rises: its derivative is -1 / (1 - p), with a minus.",
            vjp=lambda ybar, y, x, p: (unbroadcast(np.where(x == 1, ybar / p, ybar / (1 - p)), p.shape),),
        ),
        Slip(
            "slope-in-the-logit",
            "This x - p is the derivative by the logit log(p / (1 - p)). By p it is (x - p) / (p (1 - p)), that is 1 / "
            "p or -1 / (1 - p).",
            vjp=lambda ybar, y, x, p: (unbroadcast(ybar * (x - p), p.shape),),
        ),
    ),
    "bernoulli_cdf": (
        upper_tail(
            "This is P(X > x). The cdf is P(X <= x): 1 - p at 0, and 1 from 1 on.",
            bernoulli_cdf,
            bernoulli_cdf_vjp,
        ),
        Slip(
            "mass-not-cumulated",
            "This is P(X = x), the height of one step. The cdf adds up the steps: at 1 it is 1 - p + p = 1.",
            forward=lambda x, p: np.exp(bernoulli_log_density(x, p)),
            vjp=_mass_slope,
        ),
        Slip(
            "p-for-one-minus-p",
            "By definition p is the probability of a 1. At 0 the cdf is P(X = 0) = 1 - p.",
            forward=lambda x, p: bernoulli_cdf(x, 1 - p),
        ),
    ),
    "bernoulli_entropy": (
        Slip(
            "one-outcome-only",
            "The term -p log p is the share of one outcome. The other, of probability 1 - p, adds -(1 - p) log(1 - p).",
            forward=lambda p: -p * np.log(p),
            vjp=lambda ybar, y, p: (-ybar * (np.log(p) + 1),),
        ),
        Slip(
            "logit-with-its-sign",
            "The slope is log((1 - p) / p), minus the logit: below p = 1/2 the entropy rises with p.",
            vjp=lambda ybar, y, p: (ybar * (np.log(p) - np.log1p(-p)),),
        ),
        Slip(
            "product-rule-half-done",
            "The product p log p has the derivative log p + 1, and (1 - p) log(1 - p) has -log(1 - p) - 1: both ones "
            "are there, and they cancel.",
            vjp=lambda ybar, y, p: (ybar * (np.log1p(-p) - np.log(p) - 1),),
        ),
        in_bits(
            "This entropy is in bits, with logarithms to base 2: a fair coin has 1. Here it is in nats: "
            "multiply it by log(2).",
            bernoulli_entropy,
            bernoulli_entropy_vjp,
        ),
    ),
    "bernoulli_moments": (
        deviation(
            "The second is the variance p (1 - p); this is its root, the standard deviation.",
            bernoulli_moments,
            bernoulli_moments_vjp,
        ),
        raw(
            "X^2 = X, so E[X^2] = p. The variance is less by the square of the mean: p - p^2.",
            bernoulli_moments,
            bernoulli_moments_vjp,
        ),
        Slip(
            "product-rule-half-done",
            "The variance p (1 - p) is a product: its derivative is (1 - p) - p = 1 - 2 p. Here the second factor was "
            "held still.",
            vjp=lambda ybar, y, p: (ybar[0] + ybar[1] * (1 - p),),
        ),
    ),
    "binomial_log_density": (
        Slip(
            "coefficient-missing",
            "The product p^x (1 - p)^(n - x) is the probability of one order of heads and tails. There are n! / (x! (n "
            "- x)!) orders: add the logarithm of that.",
            forward=lambda x, n, p: x * np.log(p) + (n - x) * np.log1p(-p),
        ),
        Slip(
            "heads-and-tails-exchanged",
            "With p the probability of heads, p comes with the power x, 1 - p with n - x.",
            forward=lambda x, n, p: binomial_log_density(n - x, n, p),
        ),
        Slip(
            "inner-sign-forgotten",
            "The term log(1 - p) falls as p rises: the slope is x / p - (n - x) / (1 - p), with a minus.",
            vjp=lambda ybar, y, x, n, p: (unbroadcast(ybar * (x / p + (n - x) / (1 - p)), p.shape),),
        ),
        Slip(
            "slope-in-the-logit",
            "This x - n p is the derivative by the logit log(p / (1 - p)). By p it is (x - n p) / (p (1 - p)).",
            vjp=lambda ybar, y, x, n, p: (unbroadcast(ybar * (x - n * p), p.shape),),
        ),
    ),
    "binomial_cdf": (
        upper_tail(
            "This is P(X > x). The cdf is P(X <= x): sum the probabilities from 0 up to x.",
            binomial_cdf,
            binomial_cdf_vjp,
        ),
        Slip(
            "mass-not-cumulated",
            "This is P(X = x). The cdf P(X <= x) adds the probabilities of all smaller counts.",
            forward=lambda x, n, p: np.exp(binomial_log_density(x, n, p)),
        ),
        Slip(
            "x-itself-left-out",
            "The cdf is P(X <= x) and includes x: range(x) ends at x - 1, the sum needs range(x + 1).",
            forward=lambda x, n, p: binomial_cdf(x - 1, n, p),
        ),
        Slip(
            "n-for-n-minus-one",
            "What is left of the sum is -n P(X' = x) with the heads X' of n - 1 tosses: one toss was differentiated. "
            "Here X' is that of all n.",
            vjp=lambda ybar, y, x, n, p: (
                unbroadcast(np.where(x < n, -ybar * n * np.exp(binomial_log_density(x, n, p)), 0), p.shape),
            ),
        ),
    ),
    "binomial_moments": (
        deviation(
            "The second is the variance n p (1 - p); this is its root, the standard deviation.",
            binomial_moments,
            binomial_moments_vjp,
        ),
        raw(
            "This is E[X^2], about 0. The variance is less by (n p)^2: n p (1 - p).",
            binomial_moments,
            binomial_moments_vjp,
        ),
        Slip(
            "variance-of-the-share",
            "This p (1 - p) / n is the variance of X / n, the share of heads. That of the count X is n p (1 - p).",
            forward=lambda n, p: (n * p, p * (1 - p) / n),
        ),
        Slip(
            "product-rule-half-done",
            "The variance n p (1 - p) has the derivative n (1 - 2 p). Here the factor 1 - p was held still.",
            vjp=lambda ybar, y, n, p: (unbroadcast(n * (ybar[0] + ybar[1] * (1 - p)), p.shape),),
        ),
    ),
    "poisson_log_density": (
        Slip(
            "factorial-missing",
            "The term -log x! was dropped. It does not depend on the rate, so it does no harm to a fit, but without it "
            "the probabilities do not add up to 1. torch's poisson_nll_loss leaves it out (full=False): subtract "
            "lgamma(x + 1).",
            forward=lambda x, rate: poisson_log_density(x, rate) + lgamma(np.maximum(x, 0) + 1.0),
            convention="PyTorch",
        ),
        Slip(
            "rate-itself-missing",
            "The rate^x / x! add up to exp(rate): y has -rate, and its derivative -ybar.",
            forward=lambda x, rate: poisson_log_density(x, rate) + rate,
            vjp=lambda ybar, y, x, rate: (unbroadcast(ybar * x / rate, rate.shape),),
        ),
        Slip(
            "slope-in-the-log-rate",
            "This x - rate is the derivative by log(rate). By the rate it is x / rate - 1, that over the rate.",
            vjp=lambda ybar, y, x, rate: (unbroadcast(ybar * (x - rate), rate.shape),),
        ),
    ),
    "poisson_cdf": (
        upper_tail(
            "This is P(X > x). The cdf is P(X <= x): sum the probabilities from 0 up to x.",
            poisson_cdf,
            poisson_cdf_vjp,
        ),
        Slip(
            "mass-not-cumulated",
            "This is P(X = x). The cdf P(X <= x) adds the probabilities of all smaller counts.",
            forward=lambda x, rate: np.exp(poisson_log_density(x, rate)),
        ),
        Slip(
            "x-itself-left-out",
            "The cdf is P(X <= x) and includes x: range(x) ends at x - 1, the sum needs range(x + 1).",
            forward=lambda x, rate: poisson_cdf(x - 1, rate),
        ),
        Slip(
            "powers-held-still",
            "The rate is in exp(-rate) and in every rate^j. Both leave only the last term, -P(X = x); here the "
            "powers were held still, which leaves -y.",
            vjp=lambda ybar, y, x, rate: (unbroadcast(-ybar * y, rate.shape),),
        ),
    ),
    "poisson_moments": (
        deviation(
            "The variance is the rate itself, equal to the mean; this is its root, the standard deviation.",
            poisson_moments,
            poisson_moments_vjp,
        ),
        raw(
            "This is E[X^2] = rate + rate^2, about 0. The variance is the rate.",
            poisson_moments,
            poisson_moments_vjp,
        ),
        Slip(
            "second-output-dropped",
            "The rate is both the mean and the variance: what comes back from both is added.",
            vjp=only(poisson_moments_vjp, 0),
        ),
    ),
}
