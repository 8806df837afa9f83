"""Naive Bayes."""

from __future__ import annotations

import numpy as np

from ..activation.softmax import off_mean
from ..op import Case, Op
from ..statistics.moments import variance as variance_of
from .posterior import log_normalised


def gaussian_naive_bayes_fit(x, labels, *, n_classes, var_smoothing):
    """prior_c = n_c / n, m_c = mean of the rows of class c, v_c = mean of (x - m_c)^2 there + s max_d var(x_d).

    Shapes: x (n, d), labels (n,) whole numbers in 0 ... n_classes - 1; prior (C,), mean m (C, d)
    and variance v (C, d), the latter in the square of x's unit; s is var_smoothing.

    These are the maximum likelihood estimates when each feature is normal within a class and the
    features are independent there, which is what is naive: so each class's variances divide by
    n_c. A feature that is constant within a class would have variance 0 and forbid the class to
    every other value; the smoothing adds a share of the largest variance of any feature over all
    rows.

    Raises ValueError when the shapes do not fit, a label is out of range, or a class has no row.

    Source: Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, section 6.6.3.
    """
    require_classes(x, labels, n_classes)
    member = members(x, labels, n_classes)
    count = np.sum(member, axis=0)[:, None]
    mean = member.T @ x / count
    centred = x - mean[labels]
    largest = np.max(variance_of(x, axis=0, correction=0, keepdims=False))
    variance = member.T @ (centred * centred) / count + var_smoothing * largest
    return count[:, 0] / x.shape[0], mean, variance


def members(x, labels, n_classes):
    """1 where a row is of a class and 0 elsewhere, (n, C), in the arithmetic of x."""
    return np.where(labels[:, None] == np.arange(n_classes), np.ones_like(x[:, :1]), 0)


def require_classes(x, labels, n_classes):
    if x.ndim != 2 or labels.shape != x.shape[:1]:
        raise ValueError(f"x must be (n, d) and labels (n,): got {x.shape} and {labels.shape}")
    seen = set(labels.tolist())
    if seen - set(range(n_classes)):
        raise ValueError(f"labels must lie in 0 ... {n_classes - 1}: got {sorted(seen)}")
    if len(seen) < n_classes:
        raise ValueError(f"each of the {n_classes} classes must have a row: got rows of {sorted(seen)}")


def gaussian_naive_bayes_fit_cases(rng):
    three = np.array([2, 0, 1, 0, 2, 2, 0])
    yield Case("two-classes", (rng.normal(size=(5, 3)), three[:5] // 2), {"n_classes": 2, "var_smoothing": 0.0})
    yield Case("three-classes", (rng.normal(size=(7, 4)), three), {"n_classes": 3, "var_smoothing": 1e-3})
    yield Case("smoothed", (rng.normal(size=(7, 2)), three), {"n_classes": 3, "var_smoothing": 0.25})
    units = np.array([1e-3, 1.0, 1e3, 30.0])
    yield Case("units", (units * rng.normal(size=(7, 4)), three), {"n_classes": 3, "var_smoothing": 1e-9})
    yield Case("shifted", (1000 + rng.normal(size=(7, 4)), three), {"n_classes": 3, "var_smoothing": 0.1})
    by_hand = np.array([[1.0, 5.0], [3.0, 5.0], [5.0, 9.0], [7.0, 9.0]])
    fitted = (np.array([0.5, 0.5]), np.array([[2.0, 5.0], [6.0, 9.0]]), np.array([[3.5, 2.5], [3.5, 2.5]]))
    hand_params = {"n_classes": 2, "var_smoothing": 0.5}
    yield Case("by-hand", (by_hand, np.array([0, 0, 1, 1])), hand_params, "special", fitted)
    yield Case("label-too-large", (rng.normal(size=(7, 4)), three), {"n_classes": 2, "var_smoothing": 0.1}, "refused")
    yield Case(
        "label-negative", (rng.normal(size=(7, 4)), three - 1), {"n_classes": 3, "var_smoothing": 0.1}, "refused"
    )
    yield Case(
        "class-without-rows", (rng.normal(size=(7, 4)), three), {"n_classes": 4, "var_smoothing": 0.1}, "refused"
    )
    yield Case("too-few-labels", (rng.normal(size=(8, 4)), three), {"n_classes": 3, "var_smoothing": 0.1}, "refused")


def gaussian_naive_bayes_fit_sized(rng, n):
    rows = max(n // 64, 3)
    args = (rng.normal(size=(rows, 64)), np.arange(rows) % 3)
    return Case("sized", args, {"n_classes": 3, "var_smoothing": 1e-9})


def gaussian_naive_bayes_log_posterior(x, prior, mean, variance):
    """log p(c | x) = J_c - log sum_k exp(J_k), J_c = log prior_c - sum_d (log v_cd + (x_d - m_cd)^2 / v_cd) / 2.

    Shapes: x (n, d), prior (C,), mean (C, d), variance (C, d), y (n, C).

    J_c is the logarithm of the joint density of x and class c, but for d log(2 pi) / 2: that is
    the same for each class, so the normalisation takes it away, and so it does with a factor
    common to the priors. The densities themselves are never formed, because far from every class
    all of them are 0 in floating point.

    Raises ValueError when the shapes do not fit.

    Source: Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, section 6.6.3.
    """
    return log_normalised(_log_joint(x, prior, mean, variance))[0]


def _log_joint(x, prior, mean, variance):
    if x.ndim != 2 or mean.shape != prior.shape + x.shape[1:] or variance.shape != mean.shape:
        raise ValueError(
            "x, prior, mean and variance must be (n, d), (C,), (C, d) and (C, d): "
            f"got {x.shape}, {prior.shape}, {mean.shape} and {variance.shape}"
        )
    centred = x[:, None, :] - mean
    return np.log(prior) - np.sum(np.log(variance) + centred * centred / variance, axis=2) / 2


def gaussian_naive_bayes_log_posterior_vjp(ybar, y, x, prior, mean, variance):
    """Jbar = ybar - p sum_k ybar_k, where p = exp(y); then each J is a sum of quadratics in x.

    With r = (x - mean) / variance: xbar_d = -sum_c Jbar_c r_cd, meanbar = sum_n Jbar r,
    variancebar = sum_n Jbar (r^2 - 1 / variance) / 2, priorbar = sum_n Jbar / prior.
    """
    jbar = (ybar - np.exp(y) * np.sum(ybar, axis=1, keepdims=True))[:, :, None]
    centred = x[:, None, :] - mean
    r = centred / variance
    return (
        -np.sum(jbar * r, axis=1),
        np.sum(jbar, axis=(0, 2)) / prior,
        np.sum(jbar * r, axis=0),
        np.sum(jbar * (r * r - 1 / variance), axis=0) / 2,
    )


def _fitted(rng, n, d, prior):
    """Rows, and classes that they may come from."""
    shape = (len(prior), d)
    return rng.normal(size=(n, d)), np.array(prior), rng.normal(size=shape), rng.uniform(0.5, 2, size=shape)


def gaussian_naive_bayes_log_posterior_hvp(ybar, dots, y, x, prior, mean, variance):
    """d Jbar = -pdot sum_k ybar_k, pdot = p (Jdot - p . Jdot), where Jdot is that of the VJP's slopes.

    Then r = (x - mean) / variance moves by rdot = ((x - mean)dot - r variancedot) / variance, and each sum of the VJP
    by the product rule.
    """
    xdot, priordot, meandot, variancedot = dots
    p, total = np.exp(y), np.sum(ybar, axis=1, keepdims=True)
    r = (x[:, None, :] - mean) / variance
    moved = xdot[:, None, :] - meandot
    rdot = (moved - r * variancedot) / variance
    slope = r * r - 1 / variance
    jdot = priordot / prior + np.sum(slope * variancedot / 2 - r * moved, axis=2)
    jbar = (ybar - p * total)[:, :, None]
    jbardot = (-total * p * off_mean(jdot, p, 1))[:, :, None]
    rbar = jbardot * r + jbar * rdot
    priorbar, priorbardot = np.sum(jbar, axis=(0, 2)), np.sum(jbardot, axis=(0, 2))
    return (
        -np.sum(rbar, axis=1),
        (priorbardot - priorbar * priordot / prior) / prior,
        np.sum(rbar, axis=0),
        np.sum(jbardot * slope + jbar * (2 * r * rdot + variancedot / (variance * variance)), axis=0) / 2,
    )


def gaussian_naive_bayes_log_posterior_cases(rng):
    yield Case("three-classes", _fitted(rng, 5, 2, [0.2, 0.5, 0.3]))
    yield Case("two-classes", _fitted(rng, 5, 3, [0.875, 0.125]))
    yield Case("many-features", _fitted(rng, 2, 6, [0.25, 0.4, 0.35]))
    # twelve features, most of them several deviations away: in float32 every density is 0
    x, prior, mean, variance = _fitted(rng, 2, 12, [0.2, 0.5, 0.3])
    yield Case("far-from-all", (4.5 + x / 4, prior, mean / 2, 1 + variance / 20))
    x, prior, mean, variance = _fitted(rng, 5, 2, [0.2, 0.5, 0.3])
    units = np.array([1e-3, 1e3])
    yield Case("units", (units * x, prior, units * mean, units**2 * variance))
    x, prior, mean, variance = _fitted(rng, 4, 3, [0.2, 0.8])
    yield Case("shifted", (100 + x, prior, 100 + mean, variance))
    yield Case("prior-odds", _fitted(rng, 4, 3, [3.0, 5.0]))
    x, *single = _fitted(rng, 3, 2, [1.0])
    yield Case("one-class-far-away", (100 + x, *single), {}, "special", np.zeros((3, 1)))
    unknown = (np.array([[np.nan, 0.5]]), *_fitted(rng, 1, 2, [0.2, 0.8])[1:])
    yield Case("nan", unknown, {}, "special", np.full((1, 2), np.nan))
    yield Case("no-rows", _fitted(rng, 0, 3, [0.2, 0.8]), {}, "empty", np.zeros((0, 2)))
    x, prior, mean, variance = _fitted(rng, 5, 2, [0.2, 0.5, 0.3])
    yield Case("prior-of-one", (x, prior[:1], mean, variance), {}, "refused")
    yield Case("mean-of-one-feature", (x, prior, mean[:, :1], variance), {}, "refused")
    yield Case("variance-for-all-classes", (x, prior, mean, variance[:1]), {}, "refused")


def gaussian_naive_bayes_log_posterior_sized(rng, n):
    return Case("sized", _fitted(rng, max(n // 64, 1), 64, [0.2, 0.5, 0.3]))


def gaussian_naive_bayes_predict(x, prior, mean, variance):
    """y = argmax_c p(c | x), the first one where several are largest.

    Shapes: x (n, d), prior (C,), mean (C, d), variance (C, d), y (n,) whole numbers.

    To choose the largest posterior errs least often. The normalisation is the same for each class
    and so left out, and the logarithm is increasing.

    Raises ValueError when the shapes do not fit.

    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 1.5.1.
    """
    return np.argmax(_log_joint(x, prior, mean, variance), axis=1)


def gaussian_naive_bayes_predict_cases(rng):
    yield Case("three-classes", _fitted(rng, 30, 2, [0.2, 0.5, 0.3]))
    yield Case("two-classes", _fitted(rng, 25, 3, [0.7, 0.3]))
    x, *classes = _fitted(rng, 5, 2, [0.2, 0.5, 0.3])
    yield Case("far-from-all", (x + np.array([30.0, -20.0]), *classes))
    x, prior, mean, variance = _fitted(rng, 5, 2, [0.2, 0.5, 0.3])
    yield Case("prior-decides", (x, np.array([1e-4, 1e-8, 1.0]), mean / 8, np.ones((3, 2)) + variance / 8))
    yield Case("width-decides", (4 * x, prior, np.zeros((3, 2)), variance * np.array([[1.0], [9.0], [81.0]])))
    tied = (np.array([[0.5], [-3.0]]), np.array([0.2, 0.4, 0.4]), np.zeros((3, 1)), np.ones((3, 1)))
    yield Case("ties", tied, {}, "special", np.array([1, 1]))
    yield Case("no-rows", _fitted(rng, 0, 3, [0.2, 0.8]), {}, "empty", np.zeros((0,), dtype=int))
    x, prior, mean, variance = _fitted(rng, 5, 2, [0.2, 0.5, 0.3])
    yield Case("prior-of-one", (x, prior[:1], mean, variance), {}, "refused")
    yield Case("variance-for-all-classes", (x, prior, mean, variance[:1]), {}, "refused")


def gaussian_naive_bayes_predict_sized(rng, n):
    return Case("sized", _fitted(rng, max(n // 64, 1), 64, [0.2, 0.5, 0.3]))


OPS = [
    Op(gaussian_naive_bayes_fit, gaussian_naive_bayes_fit_cases, sized=gaussian_naive_bayes_fit_sized, wrt=()),
    Op(
        gaussian_naive_bayes_log_posterior,
        gaussian_naive_bayes_log_posterior_cases,
        gaussian_naive_bayes_log_posterior_vjp,
        gaussian_naive_bayes_log_posterior_sized,
        hvp=gaussian_naive_bayes_log_posterior_hvp,
    ),
    Op(
        gaussian_naive_bayes_predict,
        gaussian_naive_bayes_predict_cases,
        sized=gaussian_naive_bayes_predict_sized,
        wrt=(),
    ),
]
