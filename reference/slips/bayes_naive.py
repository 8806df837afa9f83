"""Slips of naive Bayes."""

from __future__ import annotations

import numpy as np

from ..bayes.counts import (
    bernoulli_naive_bayes_fit,
    bernoulli_naive_bayes_log_posterior,
    bernoulli_naive_bayes_log_posterior_vjp,
    bernoulli_naive_bayes_predict,
    multinomial_naive_bayes_fit,
    multinomial_naive_bayes_log_posterior,
    multinomial_naive_bayes_log_posterior_vjp,
    multinomial_naive_bayes_predict,
)
from ..bayes.naive_bayes import (
    gaussian_naive_bayes_fit,
    gaussian_naive_bayes_log_posterior,
    gaussian_naive_bayes_log_posterior_vjp,
    gaussian_naive_bayes_predict,
)
from ..op import Slip


def _shown(x, labels, n_classes):
    """Rows of each class, and the sum of x over them."""
    member = labels[:, None] == np.arange(n_classes)
    return np.sum(member, axis=0), member.T @ x


def _prior_over_classes(fit):
    def forward(x, labels, *, n_classes, **params):
        prior, *rest = fit(x, labels, n_classes=n_classes, **params)
        return prior * len(x) / n_classes, *rest

    return Slip(
        "prior-divided-by-the-classes",
        "The share of a class is its number of rows over that of all rows, n_c / n, not over the number of classes: "
        "the priors sum to 1.",
        forward=forward,
    )


def _gaussian_n_less_1(x, labels, *, n_classes, var_smoothing):
    prior, mean, variance = gaussian_naive_bayes_fit(x, labels, n_classes=n_classes, var_smoothing=var_smoothing)
    count = _shown(x, labels, n_classes)[0][:, None]
    added = var_smoothing * np.max(np.var(x, axis=0))
    return prior, mean, (variance - added) * count / np.where(count > 1, count - 1, np.nan) + added


def _gaussian_deviation(x, labels, *, n_classes, var_smoothing):
    prior, mean, variance = gaussian_naive_bayes_fit(x, labels, n_classes=n_classes, var_smoothing=var_smoothing)
    return prior, mean, np.sqrt(variance)


def _own_variance_added(x, labels, *, n_classes, var_smoothing):
    prior, mean, variance = gaussian_naive_bayes_fit(x, labels, n_classes=n_classes, var_smoothing=0.0)
    return prior, mean, variance + var_smoothing * np.var(x, axis=0)


def _smoothing_itself_added(x, labels, *, n_classes, var_smoothing):
    prior, mean, variance = gaussian_naive_bayes_fit(x, labels, n_classes=n_classes, var_smoothing=0.0)
    return prior, mean, variance + var_smoothing


def _around_the_mean_of_all(x, labels, *, n_classes, var_smoothing):
    prior, mean, variance = gaussian_naive_bayes_fit(x, labels, n_classes=n_classes, var_smoothing=var_smoothing)
    shift = mean - np.mean(x, axis=0)
    return prior, mean, variance + shift * shift


def _gaussian_joint(x, prior, mean, variance):
    centred = x[:, None, :] - mean
    return np.log(prior) - np.sum(np.log(variance) + centred * centred / variance, axis=2) / 2


def _widths_not_normalised(x, prior, mean, variance):
    joint = _gaussian_joint(x, prior, mean, variance) + np.sum(np.log(variance), axis=1) / 2
    return _normalised(joint)


def _half_missing(x, prior, mean, variance):
    return _normalised(2 * _gaussian_joint(x, prior, mean, variance) - np.log(prior))


def _normalised(joint):
    largest = np.max(joint, axis=1, keepdims=True)
    return joint - largest - np.log(np.sum(np.exp(joint - largest), axis=1, keepdims=True))


def _prior_ignored(f):
    return Slip(
        "prior-ignored",
        "The logarithm of the prior is to be added to that of the likelihood: a frequent class is more probable "
        "before anything is seen.",
        forward=lambda x, prior, *theta: f(x, np.ones_like(prior), *theta),
    )


def _evidence_held_constant(vjp):
    """The VJP of the joint alone: where all posteriors are 0 nothing is subtracted from ybar."""

    def held(ybar, y, *args):
        return vjp(ybar, np.full_like(y, -np.inf), *args)

    return Slip(
        "evidence-held-constant",
        "The evidence moves with every class: from ybar its sum over the classes times the posterior is to be "
        "subtracted.",
        vjp=held,
    )


def _not_normalised(joint, forward, vjp):
    return Slip(
        "not-normalised",
        "This is the logarithm of the joint probability of x and the class. Subtract its logsumexp over the classes, "
        "so that the posteriors sum to 1.",
        forward=joint,
        vjp=lambda ybar, y, *args: vjp(ybar, forward(*args), *args),
    )


def _log_term_of_the_variance_missing(ybar, y, x, prior, mean, variance):
    jbar = ybar - np.exp(y) * np.sum(ybar, axis=1, keepdims=True)
    bars = gaussian_naive_bayes_log_posterior_vjp(ybar, y, x, prior, mean, variance)
    return *bars[:3], bars[3] + np.sum(jbar, axis=0)[:, None] / variance / 2


def _nearest_mean(x, prior, mean, variance):
    return np.argmin(np.sum((x[:, None, :] - mean) ** 2, axis=2), axis=1)


def _words_alpha_once(x, labels, *, n_classes, alpha):
    count, shown = _shown(x, labels, n_classes)
    return count / len(x), (shown + alpha) / (np.sum(shown, axis=1, keepdims=True) + alpha)


def _words_alpha_not_below(x, labels, *, n_classes, alpha):
    count, shown = _shown(x, labels, n_classes)
    return count / len(x), (shown + alpha) / np.sum(shown, axis=1, keepdims=True)


def _words_over_rows(x, labels, *, n_classes, alpha):
    count, shown = _shown(x, labels, n_classes)
    return count / len(x), (shown + alpha) / (count[:, None] + alpha * x.shape[1])


def _words_of_all_classes(x, labels, *, n_classes, alpha):
    count, shown = _shown(x, labels, n_classes)
    return count / len(x), (shown + alpha) / (np.sum(shown, axis=0) + alpha * n_classes)


def _flags_alpha_once(x, labels, *, n_classes, alpha):
    count, shown = _shown(x, labels, n_classes)
    return count / len(x), (shown + alpha) / (count[:, None] + alpha)


def _flags_alpha_not_divided(x, labels, *, n_classes, alpha):
    count, shown = _shown(x, labels, n_classes)
    return count / len(x), (shown + alpha) / count[:, None] + 2 * alpha


def _words_once(x, prior, probability):
    return multinomial_naive_bayes_log_posterior(np.minimum(x, 1.0), prior, probability)


def _words_joint(x, prior, probability):
    return np.log(prior) + x @ np.log(probability).T


def _flags_joint(x, prior, probability):
    return _words_joint(x, prior, probability) + (1 - x) @ np.log1p(-probability).T


SLIPS = {
    "gaussian_naive_bayes_fit": (
        _prior_over_classes(gaussian_naive_bayes_fit),
        Slip(
            "variance-unbiased",
            "Within a class the variance is the mean of the squares, divided by n_c: the estimate of maximum "
            "likelihood. Divided by n_c - 1 it is larger, and nan for a class of one row.",
            forward=_gaussian_n_less_1,
        ),
        Slip(
            "deviation-for-the-variance",
            "This is the standard deviation; the density divides by the variance, its square.",
            forward=_gaussian_deviation,
        ),
        Slip(
            "variance-around-the-mean-of-all",
            "Within a class the deviations are those from the mean of that class; from the mean of all rows they are "
            "larger.",
            forward=_around_the_mean_of_all,
        ),
        Slip(
            "own-variance-added",
            "What is added is one number for all features, var_smoothing times the largest variance of any feature. "
            "Here each feature gets a share of its own.",
            forward=_own_variance_added,
        ),
        Slip(
            "smoothing-without-a-unit",
            "The smoothing is a share of the largest variance of any feature, not a variance itself: it would mean "
            "something else in other units.",
            forward=_smoothing_itself_added,
        ),
    ),
    "gaussian_naive_bayes_log_posterior": (
        _not_normalised(_gaussian_joint, gaussian_naive_bayes_log_posterior, gaussian_naive_bayes_log_posterior_vjp),
        _prior_ignored(gaussian_naive_bayes_log_posterior),
        Slip(
            "variance-squared",
            "The arguments are variances already; here they are squared, as standard deviations would be.",
            forward=lambda x, prior, mean, variance: gaussian_naive_bayes_log_posterior(x, prior, mean, variance**2),
        ),
        Slip(
            "widths-not-normalised",
            "A wide density is a low one: 1 / sqrt(2 pi v) is its factor, and -log(v) / 2 its logarithm. Only 2 pi is "
            "the same for all classes.",
            forward=_widths_not_normalised,
        ),
        Slip(
            "half-missing",
            "The exponent of the density is -(x - m)^2 / (2 v), and the root in its factor halves log v.",
            forward=_half_missing,
        ),
        _evidence_held_constant(gaussian_naive_bayes_log_posterior_vjp),
        Slip(
            "height-held-constant",
            "The variance stands in the factor 1 / sqrt(v) of the density too: variancebar has -1 / v beside the "
            "square.",
            vjp=_log_term_of_the_variance_missing,
        ),
    ),
    "gaussian_naive_bayes_predict": (
        _prior_ignored(gaussian_naive_bayes_predict),
        Slip(
            "nearest-mean",
            "This is the class whose mean is nearest. The distances count in standard deviations, and the prior and "
            "the height of the density count too.",
            forward=_nearest_mean,
        ),
        Slip(
            "widths-not-normalised",
            "A wide density is a low one: -log(v) / 2 belongs to its logarithm, or wide classes are chosen too often.",
            forward=lambda *args: np.argmax(_widths_not_normalised(*args), axis=1),
        ),
    ),
    "multinomial_naive_bayes_fit": (
        _prior_over_classes(multinomial_naive_bayes_fit),
        Slip(
            "smoothed-once-below",
            "Each of the D words is counted alpha times more, so the divisor grows by alpha D: otherwise the "
            "probabilities of a class sum to more than 1.",
            forward=_words_alpha_once,
        ),
        Slip(
            "not-smoothed-below",
            "What is added to each count is added to their sum too, D times: otherwise the probabilities of a class "
            "sum to more than 1.",
            forward=_words_alpha_not_below,
        ),
        Slip(
            "divided-by-the-rows",
            "The divisor is the number of words of the class, not of its texts: p is the probability of one word. The "
            "Bernoulli model counts rows.",
            forward=_words_over_rows,
        ),
        Slip(
            "over-the-classes",
            "The probabilities are those of the words within a class, p(word | class), so a class's row sums to 1. "
            "Here a word's column does.",
            forward=_words_of_all_classes,
        ),
    ),
    "multinomial_naive_bayes_log_posterior": (
        _not_normalised(_words_joint, multinomial_naive_bayes_log_posterior, multinomial_naive_bayes_log_posterior_vjp),
        _prior_ignored(multinomial_naive_bayes_log_posterior),
        Slip(
            "each-word-once",
            "A word counts as often as it occurs: sum_d x_d log p_d. Here it counts once, however often it is there.",
            forward=_words_once,
        ),
        _evidence_held_constant(multinomial_naive_bayes_log_posterior_vjp),
    ),
    "multinomial_naive_bayes_predict": (
        _prior_ignored(multinomial_naive_bayes_predict),
        Slip(
            "each-word-once",
            "A word counts as often as it occurs: sum_d x_d log p_d. Here it counts once, however often it is there.",
            forward=lambda x, prior, probability: np.argmax(_words_once(x, prior, probability), axis=1),
        ),
    ),
    "bernoulli_naive_bayes_fit": (
        _prior_over_classes(bernoulli_naive_bayes_fit),
        Slip(
            "smoothed-once-below",
            "A feature is there or not, and both are counted alpha times more: the divisor grows by 2 alpha.",
            forward=_flags_alpha_once,
        ),
        Slip(
            "smoothing-outside-the-fraction",
            "Division comes before addition: (N + alpha) / n + 2 alpha is not (N + alpha) / (n + 2 alpha). The "
            "divisor needs its brackets.",
            forward=_flags_alpha_not_divided,
        ),
        Slip(
            "divided-by-the-features",
            "Here the features of a class share a sum of 1, as the words of the multinomial model do. Each feature "
            "has a probability of its own: divide by the rows of the class, n_c + 2 alpha.",
            forward=multinomial_naive_bayes_fit,
        ),
    ),
    "bernoulli_naive_bayes_log_posterior": (
        _not_normalised(_flags_joint, bernoulli_naive_bayes_log_posterior, bernoulli_naive_bayes_log_posterior_vjp),
        _prior_ignored(bernoulli_naive_bayes_log_posterior),
        Slip(
            "absent-features-ignored",
            "What is absent counts too: (1 - x) log(1 - p) belongs to the sum. Without it this is the multinomial "
            "model.",
            forward=multinomial_naive_bayes_log_posterior,
            vjp=multinomial_naive_bayes_log_posterior_vjp,
        ),
        _evidence_held_constant(bernoulli_naive_bayes_log_posterior_vjp),
    ),
    "bernoulli_naive_bayes_predict": (
        _prior_ignored(bernoulli_naive_bayes_predict),
        Slip(
            "absent-features-ignored",
            "What is absent counts too: (1 - x) log(1 - p) belongs to the sum. Without it this is the multinomial "
            "model.",
            forward=multinomial_naive_bayes_predict,
        ),
    ),
}
