"""Bayes' rule, and the priors whose posteriors are of their own kind."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Case, Op
from .posterior import log_normalised, log_normalised_hvp, log_normalised_vjp


def bayes_rule(prior, likelihood):
    """p(h | x) = p(x | h) p(h) / p(x), with the evidence p(x) = sum_h p(x | h) p(h).

    Shapes: prior (K,) and likelihood (..., K), both >= 0; posterior (..., K) and evidence (...,).

    The likelihood need not sum to 1 over the hypotheses: it is no distribution of them. What makes the posterior one is
    the division by the evidence. A hypothesis that the prior excludes stays excluded, whatever is observed.

    Raises ValueError where the shapes do not fit.
    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 1.2.3, eq. 1.43 to 1.45.
    """
    _require_hypotheses("bayes_rule", prior, likelihood)
    joint = prior * likelihood
    evidence = np.sum(joint, axis=-1)
    return joint / evidence[..., None], evidence


def _require_hypotheses(name, prior, likelihood):
    if prior.ndim != 1 or likelihood.shape[-1:] != prior.shape:
        raise ValueError(f"{name}: got a prior {prior.shape} and a likelihood {likelihood.shape}; want (K,), (..., K)")


def bayes_rule_vjp(ybar, y, prior, likelihood):
    """With joint = prior likelihood: jointbar = evidencebar + (posteriorbar - posteriorbar . posterior) / evidence."""
    (posteriorbar, evidencebar), (posterior, evidence) = ybar, y
    along = np.sum(posteriorbar * posterior, axis=-1)
    jointbar = evidencebar[..., None] + (posteriorbar - along[..., None]) / evidence[..., None]
    return unbroadcast(jointbar * likelihood, prior.shape), jointbar * prior


def bayes_rule_hvp(ybar, dots, y, prior, likelihood):
    """With Edot = sum of jointdot: d jointbar = -(postbar . postdot + (postbar - postbar . post) Edot / E) / E.

    Then the product rule on jointbar likelihood and on jointbar prior.
    """
    (priordot, likelihooddot), (posteriorbar, evidencebar), (posterior, evidence) = dots, ybar, y
    jointdot = priordot * likelihood + prior * likelihooddot
    evidence, evidencedot = evidence[..., None], np.sum(jointdot, axis=-1, keepdims=True)
    posteriordot = (jointdot - posterior * evidencedot) / evidence
    along, alongdot = (np.sum(posteriorbar * p, axis=-1, keepdims=True) for p in (posterior, posteriordot))
    moved = (posteriorbar - along) / evidence
    jointbar, jointbardot = evidencebar[..., None] + moved, -(alongdot + moved * evidencedot) / evidence
    priorbar = jointbardot * likelihood + jointbar * likelihooddot
    return unbroadcast(priorbar, prior.shape), jointbardot * prior + jointbar * priordot


def bayes_rule_cases(rng):
    yield Case("table", (rng.dirichlet(np.ones(3)), rng.uniform(0.05, 0.95, size=(5, 3))))
    yield Case("grid", (np.array([2.0, 0.5, 1.0, 3.0]), rng.uniform(0.1, 2, size=(3, 2, 4))))
    # a test that errs once in eight times, for an illness of one in nine: even odds are all that it gives
    test = (np.array([0.125, 0.875]), np.array([[0.875, 0.125], [0.125, 0.875], [0.0, 0.5]]))
    posterior = np.array([[0.5, 0.5], [0.02, 0.98], [0.0, 1.0]])
    yield Case("rare", test, {}, "special", (posterior, np.array([0.21875, 0.78125, 0.4375])))
    excluded = (np.array([0.5, 0.0, 0.5]), np.array([[1.0, 1.0, 3.0], [0.0, 1.0, 0.0]]))
    answer = (np.array([[0.25, 0.0, 0.75], [np.nan] * 3]), np.array([2.0, 0.0]))
    yield Case("excluded", excluded, {}, "special", answer)
    yield Case("no-data", (np.array([0.25, 0.75]), np.zeros((0, 2))), {}, "empty", (np.zeros((0, 2)), np.zeros(0)))
    yield Case("likelihood-transposed", (np.array([0.25, 0.75]), np.ones((2, 3))), {}, "refused")


def bayes_rule_sized(rng, n):
    return Case("sized", (rng.dirichlet(np.ones(8)), rng.uniform(0.1, 2, size=(max(n // 8, 1), 8))))


def log_bayes_rule(log_prior, log_likelihood):
    """log p(h | x) = log p(x | h) + log p(h) - log p(x), log p(x) = log sum_h exp(log p(x | h) + log p(h)).

    Shapes: log_prior (K,), log_likelihood (..., K); log posterior (..., K), log evidence (...,), in nats.

    Of a thousand observations the likelihood is 0 in floating point, its logarithm is an ordinary number. The sum
    is 1 for the most probable hypothesis plus that of the others relative to it, of which log1p has every digit.

    Raises ValueError where the shapes do not fit.
    Source: Murphy (2012), Machine Learning: A Probabilistic Perspective, section 3.5.3.
    """
    _require_hypotheses("log_bayes_rule", log_prior, log_likelihood)
    return log_normalised(log_prior + log_likelihood)


def log_bayes_rule_vjp(ybar, y, log_prior, log_likelihood):
    """jointbar = posteriorbar + (evidencebar - sum_k posteriorbar_k) posterior, once for each of the two summands."""
    jointbar = log_normalised_vjp(ybar, y)
    return unbroadcast(jointbar, log_prior.shape), jointbar


def log_bayes_rule_hvp(ybar, dots, y, log_prior, log_likelihood):
    """d jointbar = (evidencebar - sum_k posteriorbar_k) pdot, pdot = p (jointdot - p . jointdot), for each summand."""
    jointbar = log_normalised_hvp(ybar, dots[0] + dots[1], y)
    return unbroadcast(jointbar, log_prior.shape), jointbar


def log_bayes_rule_cases(rng):
    yield Case("table", (np.log(rng.dirichlet(np.ones(3))), rng.normal(size=(5, 3)) - 2))
    # every likelihood is below the smallest float64
    yield Case("unlikely", (rng.normal(size=4), rng.normal(scale=3, size=(2, 3, 4)) - 800))
    never = (np.array([0.0, -np.inf]), np.array([[-2.0, 5.0], [np.nan, 1.0]]))
    answer = (np.array([[0.0, -np.inf], [np.nan, np.nan]]), np.array([-2.0, np.nan]))
    yield Case("excluded", never, {}, "special", answer)
    yield Case("no-data", (np.array([-1.0, -0.5]), np.zeros((0, 2))), {}, "empty", (np.zeros((0, 2)), np.zeros(0)))
    yield Case("likelihood-transposed", (np.array([-1.0, -0.5]), rng.normal(size=(2, 3))), {}, "refused")


def log_bayes_rule_sized(rng, n):
    return Case("sized", (rng.normal(size=8), rng.normal(size=(max(n // 8, 1), 8))))


def beta_binomial_posterior(a, b, successes, failures):
    """p(theta | data) = Beta(a + s, b + f): its two parameters, its mean and its variance.

    Shapes: a, b > 0, successes s and failures f any that broadcast together, each of the four as their broadcast.

    The prior counts as a - 1 successes and b - 1 failures seen before. The mean is the probability of success in
    the next trial (Laplace's rule of succession for a = b = 1); the variance is mean (1 - mean) / (a + b + s + f + 1),
    where 1 - mean is the share of the failures, so that nothing cancels.

    Raises ValueError where the shapes do not broadcast.
    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 2.1.1, eq. 2.18 to 2.20, B.7 and B.8.
    """
    a, b = np.broadcast_arrays(a + successes, b + failures)
    total = a + b
    return a, b, a / total, a / total * (b / total) / (total + 1)


def beta_binomial_posterior_vjp(ybar, y, a, b, successes, failures):
    """With t = a + b: dmean = (b da - a db) / t^2, and dlog variance = da/a + db/b - 2 dt/t - dt/(t + 1)."""
    (abar, bbar, meanbar, variancebar), (alpha, beta, _, variance) = ybar, y
    total = alpha + beta
    along = variancebar * variance
    common = along * (2 / total + 1 / (total + 1))
    abar = abar + meanbar * beta / total / total + along / alpha - common
    bbar = bbar - meanbar * alpha / total / total + along / beta - common
    return (
        unbroadcast(abar, a.shape),
        unbroadcast(bbar, b.shape),
        unbroadcast(abar, successes.shape),
        unbroadcast(bbar, failures.shape),
    )


def beta_binomial_posterior_hvp(ybar, dots, y, a, b, successes, failures):
    """With g_a = 1/a - c and g_b = 1/b - c, c = 2/t + 1/(t + 1): dlog v = g_a da + g_b db, and v_a = v g_a.

    So d v_a = v ((dlog v) g_a - da / a^2 - dc), dc = -(2 / t^2 + 1 / (t + 1)^2) dt; and the mean's b / t^2 moves by
    (t db - 2 b dt) / t^3, its -a / t^2 by -(t da - 2 a dt) / t^3.
    """
    adot, bdot, successesdot, failuresdot = dots
    (_, _, meanbar, variancebar), (alpha, beta, _, variance) = ybar, y
    adot, bdot = np.broadcast_arrays(adot + successesdot, bdot + failuresdot)
    total, totaldot = alpha + beta, adot + bdot
    common, commondot = 2 / total + 1 / (total + 1), -(2 / (total * total) + 1 / ((total + 1) * (total + 1))) * totaldot
    of_a, of_b = 1 / alpha - common, 1 / beta - common
    log_dot = of_a * adot + of_b * bdot
    along, mean = variancebar * variance, meanbar / total / total / total
    abar = mean * (total * bdot - 2 * beta * totaldot) + along * (log_dot * of_a - adot / (alpha * alpha) - commondot)
    bbar = along * (log_dot * of_b - bdot / (beta * beta) - commondot) - mean * (total * adot - 2 * alpha * totaldot)
    return (
        unbroadcast(abar, a.shape),
        unbroadcast(bbar, b.shape),
        unbroadcast(abar, successes.shape),
        unbroadcast(bbar, failures.shape),
    )


def beta_binomial_posterior_cases(rng):
    counts = np.array([3.0, 0.0, 7.0, 12.0, 1.0]), np.array([4.0, 2.0, 0.0, 30.0, 1.0])
    yield Case("elementwise", (rng.uniform(0.5, 3, size=5), rng.uniform(0.5, 3, size=5), *counts))
    a, b = 10.0 ** np.array([-3, 0, 5]) * rng.uniform(1, 9, size=3), rng.uniform(2, 9, size=(4, 1))
    yield Case("priors-of-all-strengths", (a, b, np.array(5.0), np.array([[2.0], [0.0], [90.0], [6.0]])))
    ones, shown = np.ones(2), (np.array([2.0, 0.0]), np.zeros(2))
    answer = (np.array([3.0, 1.0]), ones, np.array([0.75, 0.5]), np.array([0.0375, 1 / 12]))
    yield Case("rule-of-succession", (ones, ones, *shown), {}, "special", answer)
    yield Case("shapes-differ", (np.ones(3), np.ones(2), np.ones(3), np.ones(3)), {}, "refused")


def beta_binomial_posterior_sized(rng, n):
    m = max(n // 4, 1)
    return Case("sized", (*rng.uniform(0.5, 3, size=(2, m)), *rng.integers(0, 50, size=(2, m)).astype(float)))


def beta_binomial_log_evidence(successes, a, b, *, n):
    """log p(s) = log (n over s) + log B(a + s, b + n - s) - log B(a, b): s successes in n trials, theta integrated out.

    Shapes: successes s whole numbers, a and b > 0, any that broadcast together, y as their broadcast, in nats; -inf
    where s is not in 0 ... n.

    With a and b of the posterior it is the predictive distribution of further trials. Polya's urn holds a white and b
    black balls, and each ball drawn goes back with another of its colour: then every order of s white and n - s black
    ones is as probable as white first. A draw of w among w + o balls has log probability -log1p(o / w), and in a sum of
    those nothing cancels, as large logarithms of gamma functions do.

    Raises ValueError where the shapes do not broadcast.
    Source: Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions, 3rd edition, section 6.2.2 and 6.2.4.
    """
    drawn = _white_draws(successes, a, n)
    draws = [-np.log1p(other / own) for _, own, other in _urn(successes, drawn, a, b, n)]
    fewer = np.minimum(successes, n - successes)
    orders = [np.log(np.where(i < fewer, np.ones_like(drawn) * (n - i) / (i + 1), 1)) for i in range(n)]
    y = np.sum(np.stack([*draws, *orders], axis=-1), axis=-1)
    return np.where((successes >= 0) & (successes <= n), y, -np.inf)


def _white_draws(successes, a, n):
    """The whole numbers, at most n, in the arithmetic of a."""
    return np.sum(np.stack([np.where(i < successes, np.ones_like(a), 0) for i in range(n)], axis=-1), axis=-1)


def _urn(successes, drawn, a, b, n):
    """Of each draw: whether it is white, how many balls of its colour the urn holds, and how many others."""
    for i in range(n):
        white = i < successes
        yield white, np.where(white, a + i, b + (i - drawn)), np.where(white, b, a + drawn)


def beta_binomial_log_evidence_vjp(ybar, y, successes, a, b, *, n):
    """A draw of w among t = w + o moves by (o / w) / t with its own colour's number and by -1 / t with the other's."""
    drawn = _white_draws(successes, a, n)
    abar, bbar = [], []
    for white, own, other in _urn(successes, drawn, a, b, n):
        mine, theirs = other / own / (own + other), -1 / (own + other)
        abar.append(np.where(white, mine, theirs))
        bbar.append(np.where(white, theirs, mine))
    abar, bbar = (ybar * np.sum(np.stack(terms, axis=-1), axis=-1) for terms in (abar, bbar))
    return unbroadcast(abar, a.shape), unbroadcast(bbar, b.shape)


def beta_binomial_log_evidence_hvp(ybar, dots, y, successes, a, b, *, n):
    """A draw's slopes 1 / w - 1 / t and -1 / t move by tdot / t^2, the first by -wdot / w^2 too.

    Only a moves a white draw's own colour, only b a black one's; their sum t = w + o moves with both.
    """
    adot, bdot = dots
    drawn = _white_draws(successes, a, n)
    abar, bbar = [], []
    for white, own, other in _urn(successes, drawn, a, b, n):
        total, owndot, otherdot = own + other, np.where(white, adot, bdot), np.where(white, bdot, adot)
        # (1 / t^2 - 1 / w^2) wdot is -o (w + t) / (w t)^2 wdot, which does not cancel
        theirs = otherdot / (total * total)
        mine = theirs - other / own * (own + total) / own / (total * total) * owndot
        theirs = theirs + owndot / (total * total)
        abar.append(np.where(white, mine, theirs))
        bbar.append(np.where(white, theirs, mine))
    abar, bbar = (ybar * np.sum(np.stack(terms, axis=-1), axis=-1) for terms in (abar, bbar))
    return unbroadcast(abar, a.shape), unbroadcast(bbar, b.shape)


def beta_binomial_log_evidence_cases(rng):
    successes = np.array([4, 0, 7, 2, 2])
    yield Case("seven-trials", (successes, *rng.uniform(0.5, 3, size=(2, 5))), {"n": 7})
    strengths = 10.0 ** np.array([-2, 1, 3]) * rng.uniform(1, 9, size=3)
    yield Case("broadcast", (successes[:4, None] // 2, strengths, rng.uniform(2, 9, size=())), {"n": 3})
    yield Case("impossible", (np.array([-1, 4]), np.ones(2), np.ones(2)), {"n": 3}, "special", np.full(2, -np.inf))
    yield Case("shapes-differ", (successes, np.ones(5), np.ones(4)), {"n": 7}, "refused")


def beta_binomial_log_evidence_sized(rng, n):
    m = max(n // 3, 1)
    return Case("sized", (rng.integers(0, 11, size=m), *rng.uniform(0.5, 3, size=(2, m))), {"n": 10})


OPS = [
    Op(bayes_rule, bayes_rule_cases, bayes_rule_vjp, bayes_rule_sized, hvp=bayes_rule_hvp),
    Op(log_bayes_rule, log_bayes_rule_cases, log_bayes_rule_vjp, log_bayes_rule_sized, hvp=log_bayes_rule_hvp),
    Op(
        beta_binomial_posterior,
        beta_binomial_posterior_cases,
        beta_binomial_posterior_vjp,
        beta_binomial_posterior_sized,
        hvp=beta_binomial_posterior_hvp,
    ),
    Op(
        beta_binomial_log_evidence,
        beta_binomial_log_evidence_cases,
        beta_binomial_log_evidence_vjp,
        beta_binomial_log_evidence_sized,
        wrt=(1, 2),
        hvp=beta_binomial_log_evidence_hvp,
    ),
]
