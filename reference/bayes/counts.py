"""Naive Bayes of counts and of features that are there or not, their probabilities smoothed."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .naive_bayes import members, require_classes
from .posterior import log_normalised, log_normalised_hvp, log_normalised_vjp


def multinomial_naive_bayes_fit(x, labels, *, n_classes, alpha):
    """prior_c = n_c / n, p_cd = (N_cd + alpha) / (sum_d N_cd + alpha D), N_cd = sum of x_d over the rows of class c.

    Shapes: counts x >= 0 (n, D), labels (n,) whole numbers in 0 ... n_classes - 1; prior (C,), p (C, D).

    A word that a class has not shown has probability 0 by its share, and then forbids the class to every text with it;
    so each word is counted alpha times more. p is the mean of a posterior whose prior is Dirichlet(alpha, ..., alpha).

    Raises ValueError when the shapes do not fit, a label is out of range, or a class has no row.
    Source: Manning, Raghavan and Schuetze (2008), Introduction to Information Retrieval, section 13.2, eq. 13.7.
    """
    require_classes(x, labels, n_classes)
    member = members(x, labels, n_classes)
    smoothed = member.T @ x + alpha
    return np.sum(member, axis=0) / x.shape[0], smoothed / np.sum(smoothed, axis=1, keepdims=True)


def multinomial_naive_bayes_fit_cases(rng):
    three = np.array([2, 0, 1, 0, 2, 2, 0])
    yield Case("words", (_counts(rng, 7, 4), three), {"n_classes": 3, "alpha": 1.0})
    yield Case("weakly-smoothed", (_counts(rng, 5, 6), three[:5] // 2), {"n_classes": 2, "alpha": 0.01})
    by_hand = (np.array([[3.0, 0.0], [2.0, 1.0], [0.0, 6.0]]), np.array([0, 0, 1]))
    answer = (np.array([2 / 3, 1 / 3]), np.array([[0.75, 0.25], [0.125, 0.875]]))
    yield Case("by-hand", by_hand, {"n_classes": 2, "alpha": 1.0}, "special", answer)
    params = {"n_classes": 4, "alpha": 0.5}
    yield Case("class-without-rows", (_counts(rng, 7, 4), three), params, "refused")
    yield Case("too-few-labels", (_counts(rng, 8, 4), three), {"n_classes": 3, "alpha": 0.5}, "refused")


def _counts(rng, n, d):
    return rng.poisson(rng.uniform(0.3, 5, size=d), size=(n, d)).astype(float)


def multinomial_naive_bayes_fit_sized(rng, n):
    rows = max(n // 64, 3)
    return Case("sized", (_counts(rng, rows, 64), np.arange(rows) % 3), {"n_classes": 3, "alpha": 1.0})


def multinomial_naive_bayes_log_posterior(x, prior, probability):
    """log p(c | x) = J_c - log sum_k exp(J_k), J_c = log prior_c + sum_d x_d log p_cd.

    Shapes: counts x (n, D), prior (C,), probability p (C, D), y (n, C).

    The number of orders of the words, n! / (x_1! ... x_D!), is the same for each class. Products of hundreds of
    probabilities are 0 in floating point, their logarithms add up to an ordinary number.

    Raises ValueError when the shapes do not fit.
    Source: Manning, Raghavan and Schuetze (2008), Introduction to Information Retrieval, section 13.2, eq. 13.4.
    """
    return log_normalised(_multinomial_joint(x, prior, probability))[0]


def _multinomial_joint(x, prior, probability):
    _require_probabilities(x, prior, probability)
    return np.log(prior) + x @ np.log(probability).T


def _require_probabilities(x, prior, probability):
    if x.ndim != 2 or probability.shape != prior.shape + x.shape[1:]:
        raise ValueError(
            "x, prior and probability must be (n, D), (C,) and (C, D): "
            f"got {x.shape}, {prior.shape} and {probability.shape}"
        )


def multinomial_naive_bayes_log_posterior_vjp(ybar, y, x, prior, probability):
    """Jbar = ybar - exp(y) sum_k ybar_k; xbar = Jbar log p, priorbar = sum_n Jbar / prior, pbar = Jbar^T x / p."""
    jbar = log_normalised_vjp((ybar, np.zeros_like(y[:, 0])), (y, None))
    return jbar @ np.log(probability), np.sum(jbar, axis=0) / prior, jbar.T @ x / probability


def _shares(rng, n_classes, d):
    return rng.dirichlet(np.full(d, 2.0), size=n_classes)


def multinomial_naive_bayes_log_posterior_hvp(ybar, dots, y, x, prior, probability):
    """Jdot = priordot / prior + xdot log p^T + x (pdot / p)^T moves Jbar as it moves a softmax; then product rules."""
    xdot, priordot, probabilitydot = dots
    nothing = np.zeros_like(y[:, 0])
    log_p, log_pdot = np.log(probability), probabilitydot / probability
    jbar = log_normalised_vjp((ybar, nothing), (y, None))
    jdot = priordot / prior + xdot @ log_p.T + x @ log_pdot.T
    jbardot = log_normalised_hvp((ybar, nothing), jdot, (y, None))
    probabilitybar = (jbardot.T @ x + jbar.T @ xdot - jbar.T @ x * log_pdot) / probability
    return jbardot @ log_p + jbar @ log_pdot, _prior_dot(jbar, jbardot, prior, priordot), probabilitybar


def _prior_dot(jbar, jbardot, prior, priordot):
    """How priorbar = sum_n Jbar / prior moves."""
    return (np.sum(jbardot, axis=0) - np.sum(jbar, axis=0) * priordot / prior) / prior


def multinomial_naive_bayes_log_posterior_cases(rng):
    yield Case("words", (_counts(rng, 5, 4), np.array([0.2, 0.5, 0.3]), _shares(rng, 3, 4)))
    alike = rng.dirichlet(np.full(5, 9.0)) * rng.uniform(0.98, 1.02, size=(2, 5))
    yield Case("long-texts", (20 * _counts(rng, 3, 5), np.array([3.0, 5.0]), alike))
    halves = (np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([0.5, 0.5]), np.array([[0.25, 0.75], [0.75, 0.25]]))
    yield Case("even-odds", halves, {}, "special", np.full((2, 2), -np.log(2)))
    nothing = (np.zeros((0, 4)), np.array([0.2, 0.8]), _shares(rng, 2, 4))
    yield Case("no-rows", nothing, {}, "empty", np.zeros((0, 2)))
    yield Case("prior-of-one", (_counts(rng, 5, 4), np.array([0.5]), _shares(rng, 3, 4)), {}, "refused")


def multinomial_naive_bayes_log_posterior_sized(rng, n):
    return Case("sized", (_counts(rng, max(n // 64, 1), 64), np.array([0.2, 0.5, 0.3]), _shares(rng, 3, 64)))


def multinomial_naive_bayes_predict(x, prior, probability):
    """y = argmax_c log prior_c + sum_d x_d log p_cd, the first one where several are largest.

    Shapes: counts x (n, D), prior (C,), probability p (C, D), y (n,) whole numbers.

    Raises ValueError when the shapes do not fit.
    Source: Manning, Raghavan and Schuetze (2008), Introduction to Information Retrieval, section 13.2, eq. 13.4.
    """
    return np.argmax(_multinomial_joint(x, prior, probability), axis=1)


def multinomial_naive_bayes_predict_cases(rng):
    yield Case("words", (_counts(rng, 40, 4), np.array([0.2, 0.5, 0.3]), _shares(rng, 3, 4)))
    tied = (np.array([[2.0, 1.0]]), np.array([0.25, 0.375, 0.375]), np.full((3, 2), 0.5))
    yield Case("ties", tied, {}, "special", np.array([1]))
    yield Case("prior-of-one", (_counts(rng, 5, 4), np.array([0.5]), _shares(rng, 3, 4)), {}, "refused")


def bernoulli_naive_bayes_fit(x, labels, *, n_classes, alpha):
    """prior_c = n_c / n, p_cd = (N_cd + alpha) / (n_c + 2 alpha), N_cd = number of the rows of class c that have d.

    Shapes: x of zeros and ones (n, D), labels (n,) whole numbers in 0 ... n_classes - 1; prior (C,), p (C, D).

    p is the mean of a posterior whose prior is Beta(alpha, alpha): one for each feature, which is there or not,
    where the multinomial model has one of all words. So the divisor counts rows, not words.

    Raises ValueError when the shapes do not fit, a label is out of range, or a class has no row.
    Source: Manning, Raghavan and Schuetze (2008), Introduction to Information Retrieval, section 13.3, figure 13.3.
    """
    require_classes(x, labels, n_classes)
    member = members(x, labels, n_classes)
    count = np.sum(member, axis=0)
    return count / x.shape[0], (member.T @ x + alpha) / (count[:, None] + 2 * alpha)


def bernoulli_naive_bayes_fit_cases(rng):
    three = np.array([2, 0, 1, 0, 2, 2, 0])
    yield Case("features", (_flags(rng, 7, 4), three), {"n_classes": 3, "alpha": 1.0})
    yield Case("weakly-smoothed", (_flags(rng, 5, 6), three[:5] // 2), {"n_classes": 2, "alpha": 0.01})
    by_hand = (np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]), np.array([0, 0, 1]))
    answer = (np.array([2 / 3, 1 / 3]), np.array([[5 / 6, 0.5], [0.25, 0.75]]))
    yield Case("by-hand", by_hand, {"n_classes": 2, "alpha": 0.5}, "special", answer)
    yield Case("class-without-rows", (_flags(rng, 7, 4), three), {"n_classes": 4, "alpha": 0.5}, "refused")
    yield Case("too-few-labels", (_flags(rng, 8, 4), three), {"n_classes": 3, "alpha": 0.5}, "refused")


def _flags(rng, n, d):
    return rng.integers(0, 2, size=(n, d)).astype(float)


def bernoulli_naive_bayes_fit_sized(rng, n):
    rows = max(n // 64, 3)
    return Case("sized", (_flags(rng, rows, 64), np.arange(rows) % 3), {"n_classes": 3, "alpha": 1.0})


def bernoulli_naive_bayes_log_posterior(x, prior, probability):
    """log p(c | x) = J_c - log sum_k exp(J_k), J_c = log prior_c + sum_d x_d log p_cd + (1 - x_d) log(1 - p_cd).

    Shapes: x of zeros and ones (n, D), prior (C,), probability p in (0, 1) (C, D), y (n, C).

    What is absent counts too: here lies the difference from the multinomial model. log1p(-p) has all the digits of
    log(1 - p) where p is small.

    Raises ValueError when the shapes do not fit.
    Source: Manning, Raghavan and Schuetze (2008), Introduction to Information Retrieval, section 13.3, figure 13.3.
    """
    return log_normalised(_bernoulli_joint(x, prior, probability))[0]


def _bernoulli_joint(x, prior, probability):
    _require_probabilities(x, prior, probability)
    return np.log(prior) + x @ np.log(probability).T + (1 - x) @ np.log1p(-probability).T


def bernoulli_naive_bayes_log_posterior_vjp(ybar, y, x, prior, probability):
    """Jbar = ybar - exp(y) sum_k ybar_k; xbar = Jbar log p - Jbar log(1 - p), priorbar = sum_n Jbar / prior.

    pbar = Jbar^T x / p - Jbar^T (1 - x) / (1 - p).
    """
    jbar = log_normalised_vjp((ybar, np.zeros_like(y[:, 0])), (y, None))
    xbar = jbar @ np.log(probability) - jbar @ np.log1p(-probability)
    probabilitybar = jbar.T @ x / probability - jbar.T @ (1 - x) / (1 - probability)
    return xbar, np.sum(jbar, axis=0) / prior, probabilitybar


def bernoulli_naive_bayes_log_posterior_hvp(ybar, dots, y, x, prior, probability):
    """As the multinomial one, with two logarithms: log p moves by pdot / p, log(1 - p) by -pdot / (1 - p)."""
    xdot, priordot, probabilitydot = dots
    nothing, others = np.zeros_like(y[:, 0]), 1 - probability
    log_odds = np.log(probability) - np.log1p(-probability)
    shown, not_shown = probabilitydot / probability, probabilitydot / others
    jbar = log_normalised_vjp((ybar, nothing), (y, None))
    jdot = priordot / prior + xdot @ log_odds.T + x @ shown.T - (1 - x) @ not_shown.T
    jbardot = log_normalised_hvp((ybar, nothing), jdot, (y, None))
    present = jbardot.T @ x + jbar.T @ xdot - jbar.T @ x * shown
    absent = jbardot.T @ (1 - x) - jbar.T @ xdot + jbar.T @ (1 - x) * not_shown
    return (
        jbardot @ log_odds + jbar @ (shown + not_shown),
        _prior_dot(jbar, jbardot, prior, priordot),
        present / probability - absent / others,
    )


def bernoulli_naive_bayes_log_posterior_cases(rng):
    yield Case("features", (_flags(rng, 5, 4), np.array([0.2, 0.5, 0.3]), rng.uniform(0.1, 0.9, size=(3, 4))))
    yield Case("rare", (_flags(rng, 3, 5), np.array([3.0, 5.0]), 10.0 ** rng.uniform(-3, -1, size=(2, 5))))
    certain = (np.array([[1.0, 0.0]]), np.array([0.5, 0.5]), np.array([[0.25, 0.5], [0.25, 0.5]]))
    yield Case("even-odds", certain, {}, "special", np.full((1, 2), -np.log(2)))
    nothing = (np.zeros((0, 4)), np.array([0.2, 0.8]), rng.uniform(0.1, 0.9, size=(2, 4)))
    yield Case("no-rows", nothing, {}, "empty", np.zeros((0, 2)))
    yield Case("prior-of-one", (_flags(rng, 5, 4), np.array([0.5]), rng.uniform(size=(3, 4))), {}, "refused")


def bernoulli_naive_bayes_log_posterior_sized(rng, n):
    args = (_flags(rng, max(n // 64, 1), 64), np.array([0.2, 0.5, 0.3]), rng.uniform(0.1, 0.9, size=(3, 64)))
    return Case("sized", args)


def bernoulli_naive_bayes_predict(x, prior, probability):
    """y = argmax_c log prior_c + sum_d x_d log p_cd + (1 - x_d) log(1 - p_cd), the first one where several are largest.

    Shapes: x of zeros and ones (n, D), prior (C,), probability p in (0, 1) (C, D), y (n,) whole numbers.

    Raises ValueError when the shapes do not fit.
    Source: Manning, Raghavan and Schuetze (2008), Introduction to Information Retrieval, section 13.3, figure 13.3.
    """
    return np.argmax(_bernoulli_joint(x, prior, probability), axis=1)


def bernoulli_naive_bayes_predict_cases(rng):
    yield Case("features", (_flags(rng, 30, 4), np.array([0.2, 0.5, 0.3]), rng.uniform(0.1, 0.9, size=(3, 4))))
    tied = (np.array([[1.0, 0.0]]), np.array([0.25, 0.375, 0.375]), np.full((3, 2), 0.5))
    yield Case("ties", tied, {}, "special", np.array([1]))
    yield Case("prior-of-one", (_flags(rng, 5, 4), np.array([0.5]), rng.uniform(size=(3, 4))), {}, "refused")


OPS = [
    Op(multinomial_naive_bayes_fit, multinomial_naive_bayes_fit_cases, sized=multinomial_naive_bayes_fit_sized, wrt=()),
    Op(
        multinomial_naive_bayes_log_posterior,
        multinomial_naive_bayes_log_posterior_cases,
        multinomial_naive_bayes_log_posterior_vjp,
        multinomial_naive_bayes_log_posterior_sized,
        hvp=multinomial_naive_bayes_log_posterior_hvp,
    ),
    Op(
        multinomial_naive_bayes_predict,
        multinomial_naive_bayes_predict_cases,
        sized=multinomial_naive_bayes_log_posterior_sized,
        wrt=(),
    ),
    Op(bernoulli_naive_bayes_fit, bernoulli_naive_bayes_fit_cases, sized=bernoulli_naive_bayes_fit_sized, wrt=()),
    Op(
        bernoulli_naive_bayes_log_posterior,
        bernoulli_naive_bayes_log_posterior_cases,
        bernoulli_naive_bayes_log_posterior_vjp,
        bernoulli_naive_bayes_log_posterior_sized,
        hvp=bernoulli_naive_bayes_log_posterior_hvp,
    ),
    Op(
        bernoulli_naive_bayes_predict,
        bernoulli_naive_bayes_predict_cases,
        sized=bernoulli_naive_bayes_log_posterior_sized,
        wrt=(),
    ),
]
