"""Slips of Bayes' rule and of the priors of counts."""

from __future__ import annotations

import numpy as np

from ..bayes.conjugate import (
    bayes_rule,
    beta_binomial_log_evidence,
    beta_binomial_log_evidence_vjp,
    beta_binomial_posterior,
    log_bayes_rule,
)
from ..bayes.dirichlet import dirichlet_multinomial_log_evidence, dirichlet_multinomial_log_evidence_vjp
from ..broadcast import unbroadcast
from ..elementwise.gamma import digamma, lgamma
from ..op import Slip


def _joint(prior, likelihood):
    joint, (_, evidence) = prior * likelihood, bayes_rule(prior, likelihood)
    return joint, evidence


def _prior_left_out(prior, likelihood):
    return bayes_rule(np.ones_like(prior), likelihood)


def _evidence_held_constant(ybar, y, prior, likelihood):
    jointbar = ybar[1][..., None] + ybar[0] / y[1][..., None]
    return unbroadcast(jointbar * likelihood, prior.shape), jointbar * prior


def _log_joint(log_prior, log_likelihood):
    return log_prior + log_likelihood, log_bayes_rule(log_prior, log_likelihood)[1]


def _largest_as_evidence(log_prior, log_likelihood):
    joint = log_prior + log_likelihood
    evidence = np.max(joint, axis=-1)
    return joint - evidence[..., None], evidence


def _log_evidence_held_constant(ybar, y, log_prior, log_likelihood):
    jointbar = ybar[0] + np.exp(y[0]) * ybar[1][..., None]
    return unbroadcast(jointbar, log_prior.shape), jointbar


def _cotangents_not_summed(ybar, y, log_prior, log_likelihood):
    jointbar = ybar[0] + np.exp(y[0]) * (ybar[1][..., None] - ybar[0])
    return unbroadcast(jointbar, log_prior.shape), jointbar


def _trials_as_failures(a, b, successes, failures):
    return beta_binomial_posterior(a, b, successes, successes + failures)


def _variance_without_one(a, b, successes, failures):
    alpha, beta, mean, variance = beta_binomial_posterior(a, b, successes, failures)
    return alpha, beta, mean, variance * (alpha + beta + 1) / (alpha + beta)


def _total_held_constant(ybar, y, a, b, successes, failures):
    """Numerators alone: of mean = a / t, and of variance = a b / (t^2 (t + 1))."""
    (abar, bbar, meanbar, variancebar), (alpha, beta, _, variance) = ybar, y
    abar = abar + meanbar / (alpha + beta) + variancebar * variance / alpha
    bbar = bbar + variancebar * variance / beta
    return tuple(
        unbroadcast(bar, arg.shape)
        for bar, arg in zip((abar, bbar, abar, bbar), (a, b, successes, failures), strict=True)
    )


def _posterior_mean_at_its_mode(a, b, successes, failures):
    alpha, beta, _, variance = beta_binomial_posterior(a, b, successes, failures)
    with np.errstate(all="ignore"):
        return alpha, beta, (alpha - 1) / (alpha + beta - 2), variance


def _log_orders(counts):
    """log n! - sum_k log n_k!, along the last axis."""
    return lgamma(np.sum(counts, axis=-1) + 1.0) - np.sum(lgamma(counts + 1.0), axis=-1)


def _in_this_order(successes, a, b, *, n):
    y = beta_binomial_log_evidence(successes, a, b, n=n)
    s = np.clip(successes, 0, n)
    return y - _log_orders(np.stack([s, n - s], axis=-1))


def _at_the_prior_mean(successes, a, b, *, n):
    s = np.clip(successes, 0, n)
    y = s * np.log(a / (a + b)) + (n - s) * np.log(b / (a + b)) + _log_orders(np.stack([s, n - s], axis=-1))
    return np.where(s == successes, y, -np.inf)


def _prior_of_the_urn_missing(successes, a, b, *, n):
    return beta_binomial_log_evidence(successes, a, b, n=n) + lgamma(a) + lgamma(b) - lgamma(a + b)


def _urn_held_constant(ybar, y, successes, a, b, *, n):
    """Without psi(a + b) - psi(a + b + n), which both share."""
    abar = ybar * (digamma(a + successes) - digamma(a))
    bbar = ybar * (digamma(b + n - successes) - digamma(b))
    return unbroadcast(abar, a.shape), unbroadcast(bbar, b.shape)


def _colours_exchanged(ybar, y, successes, a, b, *, n):
    return beta_binomial_log_evidence_vjp(ybar, y, n - successes, a, b, n=n)


def _unsmoothed(alpha, counts):
    total = np.sum(np.broadcast_to(counts, (alpha + counts).shape), axis=-1, keepdims=True)
    return alpha + counts, counts / total


def _alpha_not_in_the_divisor(alpha, counts):
    return alpha + counts, (alpha + counts) / np.sum(counts + np.zeros_like(alpha), axis=-1, keepdims=True)


def _sum_held_constant(ybar, y, alpha, counts):
    sumbar = ybar[0] + ybar[1] / np.sum(y[0], axis=-1, keepdims=True)
    return unbroadcast(sumbar, alpha.shape), unbroadcast(sumbar, counts.shape)


def _categories_in_this_order(counts, alpha, *, n):
    return dirichlet_multinomial_log_evidence(counts, alpha, n=n) - _log_orders(counts)


def _categories_prior_missing(counts, alpha, *, n):
    y = dirichlet_multinomial_log_evidence(counts, alpha, n=n)
    return y + np.sum(lgamma(alpha), axis=-1) - lgamma(np.sum(alpha, axis=-1))


def _alphas_sum_held_constant(ybar, y, counts, alpha, *, n):
    return (unbroadcast(ybar[..., None] * (digamma(alpha + counts) - digamma(alpha)), alpha.shape),)


def _draws_not_in_the_sum(ybar, y, counts, alpha, *, n):
    """Without psi(A), the part of the prior's own normalisation."""
    whole = digamma(np.sum(alpha, axis=-1, keepdims=True)) * np.ones_like(ybar[..., None])
    (alphabar,) = dirichlet_multinomial_log_evidence_vjp(ybar, y, counts, alpha, n=n)
    return (alphabar - unbroadcast(ybar[..., None] * whole * np.ones_like(alpha), alpha.shape),)


SLIPS = {
    "bayes_rule": (
        Slip(
            "evidence-not-divided",
            "Prior times likelihood is the joint probability p(x, h). Divided by its sum over the hypotheses, the "
            "evidence p(x), it sums to 1 and is the posterior.",
            forward=_joint,
        ),
        Slip(
            "prior-left-out",
            "The likelihood alone, normalised, is the posterior of a prior that is the same for all. A rare "
            "hypothesis stays rare: multiply by p(h) first.",
            forward=_prior_left_out,
        ),
        Slip(
            "evidence-held-constant",
            "The evidence moves with every joint probability: of posteriorbar the mean under the posterior is to be "
            "subtracted before it is divided.",
            vjp=_evidence_held_constant,
        ),
    ),
    "log_bayes_rule": (
        Slip(
            "evidence-not-subtracted",
            "This is the logarithm of the joint probability. The posterior is that divided by the evidence: subtract "
            "logsumexp over the hypotheses.",
            forward=_log_joint,
        ),
        Slip(
            "largest-only",
            "The maximum is taken out of the sum so that nothing overflows; the logarithm of the sum of what is left "
            "is still to be added.",
            forward=_largest_as_evidence,
        ),
        Slip(
            "evidence-held-constant",
            "The evidence moves with every joint probability: from posteriorbar its sum over the hypotheses times the "
            "posterior is to be subtracted.",
            vjp=_log_evidence_held_constant,
        ),
        Slip(
            "cotangents-not-summed",
            "Each joint probability moves the evidence, and that all log posteriors: what multiplies the posterior "
            "p_h is the sum of posteriorbar, not its own element.",
            vjp=_cotangents_not_summed,
        ),
    ),
    "beta_binomial_posterior": (
        Slip(
            "trials-as-failures",
            "The second parameter grows by the number of failures, n - s, not by that of all trials.",
            forward=_trials_as_failures,
        ),
        Slip(
            "mode-for-the-mean",
            "This is where the density is largest, (a - 1) / (a + b - 2). The mean is a / (a + b), which is also the "
            "probability of success in the next trial.",
            forward=_posterior_mean_at_its_mode,
        ),
        Slip(
            "one-missing-in-the-variance",
            "The variance of Beta(a, b) is a b / ((a + b)^2 (a + b + 1)): the last factor has a 1 in it.",
            forward=_variance_without_one,
        ),
        Slip(
            "total-held-constant",
            "Both parameters stand in the total a + b too, which divides: the quotient rule has a second term.",
            vjp=_total_held_constant,
        ),
    ),
    "beta_binomial_log_evidence": (
        Slip(
            "orders-not-counted",
            "This is the probability of one order of the successes and failures. There are n over s of them.",
            forward=_in_this_order,
        ),
        Slip(
            "at-the-mean-of-the-prior",
            "Here theta is set to a / (a + b). It is to be integrated out: the mean of the binomial probabilities is "
            "not the probability at the mean.",
            forward=_at_the_prior_mean,
        ),
        Slip(
            "prior-not-normalised",
            "The prior's own constant, B(a, b), divides the evidence: log B(a + s, b + f) - log B(a, b).",
            forward=_prior_of_the_urn_missing,
        ),
        Slip(
            "total-held-constant",
            "Both a and b stand in a + b as well: digamma(a + b) - digamma(a + b + n) is to be added to both.",
            vjp=_urn_held_constant,
        ),
        Slip(
            "successes-and-failures-exchanged",
            "The successes go with a and the failures with b: abar has digamma(a + s) - digamma(a) in it.",
            vjp=_colours_exchanged,
        ),
    ),
    "dirichlet_multinomial_posterior": (
        Slip(
            "not-smoothed",
            "This mean is that of the counts alone, in which what was not seen is impossible. That of the posterior "
            "is (alpha + n) / sum(alpha + n).",
            forward=_unsmoothed,
        ),
        Slip(
            "alpha-not-in-the-divisor",
            "What is added to each count is added to their sum too, K times: otherwise the probabilities sum to more "
            "than 1.",
            forward=_alpha_not_in_the_divisor,
        ),
        Slip(
            "sum-held-constant",
            "Every parameter stands in the sum that divides, so raising one lowers the other means: meanbar - "
            "sum(meanbar mean), over the sum.",
            vjp=_sum_held_constant,
        ),
        Slip(
            "divisor-missing",
            "The mean is a parameter over the sum of all: its derivative is divided by that sum.",
            vjp=lambda ybar, y, alpha, counts: tuple(
                unbroadcast(ybar[0] + ybar[1] - np.sum(ybar[1] * y[1], axis=-1, keepdims=True), arg.shape)
                for arg in (alpha, counts)
            ),
        ),
    ),
    "dirichlet_multinomial_log_evidence": (
        Slip(
            "orders-not-counted",
            "This is the probability of one order of the draws. There are n! / (n_1! ... n_K!) of them.",
            forward=_categories_in_this_order,
        ),
        Slip(
            "prior-not-normalised",
            "The prior's own constant, Gamma(A) / prod Gamma(alpha_k), is a factor of the evidence.",
            forward=_categories_prior_missing,
        ),
        Slip(
            "total-held-constant",
            "Each alpha_k stands in the sum A too: digamma(A) - digamma(A + n) is to be added to all.",
            vjp=_alphas_sum_held_constant,
        ),
        Slip(
            "total-of-the-prior-held-constant",
            "The sum A of all alpha stands in Gamma(A) and in Gamma(A + n); of the first, digamma(A) is missing.",
            vjp=_draws_not_in_the_sum,
        ),
    ),
}
