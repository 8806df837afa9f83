"""Logistic and softmax regression: linear models of a label, which are networks without a hidden layer."""

from __future__ import annotations

import numpy as np

from ..activation.sigmoidal import sigmoid, sigmoid_vjp
from ..activation.softmax import softmax, softmax_vjp
from ..linear.layer import linear, linear_vjp, neuron, neuron_vjp
from ..loss.binary import binary_cross_entropy_with_logits, binary_cross_entropy_with_logits_vjp
from ..loss.classification import cross_entropy, cross_entropy_vjp
from ..op import Case, Op
from .mlp import LABELS, random_labels


def logistic_regression(x, w, b):
    """p = 1 / (1 + exp(-(x w + b))), the probability of label 1.

    Shapes: x (N, D), w (D,), b (), p (N,).

    x w + b is the logarithm of the odds p / (1 - p): where it is 0 runs the plane that separates the labels.

    Raises ValueError where the shapes do not fit.

    Source: Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, section 4.4, eq. 4.18.
    """
    return logistic_regression_values(x, w, b)["p"]


def logistic_regression_values(x, w, b):
    """The logits z and the probabilities p."""
    z = neuron(x, w, b, activation="identity")
    return {"z": z, "p": sigmoid(z)}


def logistic_regression_vjp(ybar, y, x, w, b):
    """zbar = p (1 - p) pbar, and then that of an affine map."""
    cotangents = logistic_regression_cotangents(ybar, logistic_regression_values(x, w, b), x, w, b)
    return tuple(cotangents[name] for name in "xwb")


def logistic_regression_cotangents(ybar, values, x, w, b):
    """Through the sigmoid, then through the affine map."""
    (zbar,) = sigmoid_vjp(ybar, values["p"], values["z"])
    xbar, wbar, bbar = neuron_vjp(zbar, values["z"], x, w, b, activation="identity")
    return {"p": ybar, "z": zbar, "b": bbar, "w": wbar, "x": xbar}


def logistic_regression_cases(rng):
    moderate = rng.normal(size=3) / 4, np.array(rng.uniform(0.1, 0.5))
    yield Case("three-features", (rng.normal(size=(5, 3)), *moderate))
    x = np.array([[1.0, 2.0], [500.0, -300.0], [-500.0, 300.0], [np.nan, 0.0]])
    answer = np.array([0.5, 1.0, 0.0, np.nan])
    yield Case("sure", (x, np.array([2.0, -3.0]), np.array(4.0)), {}, "special", answer)
    yield Case("weights-too-long", (rng.normal(size=(5, 3)), rng.normal(size=4), np.array(0.5)), {}, "refused")


def logistic_regression_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 64, 1), 64)), rng.normal(size=64) / 8, np.array(0.5)))


def logistic_regression_loss(x, target, w, b, *, alpha):
    """loss = mean over the rows of -t log p - (1 - t) log(1 - p), plus alpha |w|^2 / 2, p = 1 / (1 + exp(-(x w + b))).

    Shapes: x (N, D), target (N,) in [0, 1], w (D,), b (), loss () in nats.

    The penalty keeps w finite where a plane separates the labels. It is that of scikit-learn with C = 1 / (alpha N).

    Raises ValueError where the shapes do not fit.

    Source: Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, section 4.4.1, eq. 4.20, and
    section 18.4, eq. 18.11 (the penalty, and that b has none).
    """
    return logistic_regression_loss_values(x, target, w, b, alpha=alpha)["loss"]


def logistic_regression_loss_values(x, target, w, b, *, alpha):
    """The logits z, their cross-entropy, the penalty, and the loss."""
    z = neuron(x, w, b, activation="identity")
    error = binary_cross_entropy_with_logits(z, target, None, None, reduction="mean")
    penalty = alpha * (w @ w) / 2
    return {"z": z, "error": error, "penalty": penalty, "loss": error + penalty}


def logistic_regression_loss_vjp(ybar, y, x, target, w, b, *, alpha):
    """wbar = lossbar (x^T (p - t) / N + alpha w)."""
    values = logistic_regression_loss_values(x, target, w, b, alpha=alpha)
    cotangents = logistic_regression_loss_cotangents(ybar, values, x, target, w, b, alpha=alpha)
    return tuple(cotangents[name] for name in ("x", "target", "w", "b"))


def logistic_regression_loss_cotangents(ybar, values, x, target, w, b, *, alpha):
    """zbar = lossbar (p - t) / N; w is met in the logits and in the penalty."""
    error, z = values["error"], values["z"]
    zbar, targetbar = binary_cross_entropy_with_logits_vjp(ybar, error, z, target, None, None, reduction="mean")
    xbar, wbar, bbar = neuron_vjp(zbar, z, x, w, b, activation="identity")
    bars = {"loss": ybar, "penalty": ybar, "error": ybar, "target": targetbar, "z": zbar}
    return bars | {"b": bbar, "w": wbar + alpha * w * ybar, "x": xbar}


def logistic_regression_loss_cases(rng):
    def drawn(n, d):
        return (
            rng.normal(size=(n, d)),
            rng.permutation(np.arange(n) % 2).astype(float),
            rng.normal(size=d),
            np.array(0.3),
        )

    yield Case("no-penalty", drawn(7, 3), {"alpha": 0.0})
    yield Case("penalty", drawn(5, 4), {"alpha": 0.25})
    far = (np.array([[800.0], [-600.0]]), np.array([0.0, 1.0]), np.array([1.0]), np.array(0.0))
    yield Case("surely-wrong", far, {"alpha": 4.0}, "special", np.array(702.0))
    x, target, w, b = drawn(5, 3)
    yield Case("targets-in-a-column", (x, target[:, None], w, b), {"alpha": 0.5}, "refused")
    yield Case("bias-for-each-row", (x, target, w, rng.normal(size=5)), {"alpha": 0.5}, "refused")


def logistic_regression_loss_sized(rng, n):
    x, w, b = logistic_regression_sized(rng, n).args
    return Case("sized", (x, rng.integers(0, 2, len(x)).astype(float), w, b), {"alpha": 0.5})


def softmax_regression(x, w, b):
    """p_nk = exp(z_nk) / sum_l exp(z_nl), z = x w + b: the probability of class k.

    Shapes: x (N, D), w (D, K), b (K,), p (N, K).

    What is added to all columns of w alike changes nothing: with two classes it is the logistic regression whose
    weights are the difference of the two columns.

    Raises ValueError where the shapes do not fit.

    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 4.3.4, eq. 4.104 and 4.105.
    """
    return softmax_regression_values(x, w, b)["p"]


def softmax_regression_values(x, w, b):
    """The logits z and the probabilities p."""
    z = linear(_matrix(x), w, b)
    return {"z": z, "p": softmax(z, axis=1)}


def softmax_regression_vjp(ybar, y, x, w, b):
    """zbar = p (pbar - sum_k p_k pbar_k), and then that of an affine map."""
    cotangents = softmax_regression_cotangents(ybar, softmax_regression_values(x, w, b), x, w, b)
    return tuple(cotangents[name] for name in "xwb")


def softmax_regression_cotangents(ybar, values, x, w, b):
    """Through the softmax, then through the affine map."""
    (zbar,) = softmax_vjp(ybar, values["p"], values["z"], axis=1)
    xbar, wbar, bbar = linear_vjp(zbar, values["z"], x, w, b)
    return {"p": ybar, "z": zbar, "b": bbar, "w": wbar, "x": xbar}


def softmax_regression_cases(rng):
    yield Case("four-classes", (rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), rng.normal(size=4)))
    x, w = np.array([[0.0], [900.0], [-900.0], [np.nan]]), np.array([[1.0, 2.0, -1.0]])
    answer = np.array([[0.25, 0.25, 0.5], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [np.nan, np.nan, np.nan]])
    b = np.array([0.0, 0.0, np.log(2.0)])
    yield Case("sure", (x, w, b), {}, "special", answer)
    yield Case("weights-transposed", (rng.normal(size=(5, 3)), rng.normal(size=(4, 3)), b), {}, "refused")


def softmax_regression_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 64, 1), 64)), rng.normal(size=(64, 10)) / 8, rng.normal(size=10)))


def softmax_regression_loss(x, labels, w, b, *, alpha):
    """loss = mean over the rows n of logsumexp(z_n) - z_n,label(n), plus alpha |w|^2 / 2, with z = x w + b.

    Shapes: x (N, D), labels (N,) integers in 0 ... K - 1, w (D, K), b (K,), loss () in nats. |w|^2 is the sum of all
    squares.

    Raises ValueError where the shapes do not fit, IndexError for a label out of range.

    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 4.3.4, eq. 4.108 and 4.109.
    """
    return softmax_regression_loss_values(x, labels, w, b, alpha=alpha)["loss"]


def softmax_regression_loss_values(x, labels, w, b, *, alpha):
    """The logits z, their cross-entropy, the penalty, and the loss."""
    z = linear(_matrix(x), w, b)
    error = cross_entropy(z, labels, None, **LABELS)
    penalty = alpha * np.sum(w * w) / 2
    return {"z": z, "error": error, "penalty": penalty, "loss": error + penalty}


def softmax_regression_loss_vjp(ybar, y, x, labels, w, b, *, alpha):
    """wbar = lossbar (x^T (p - onehot(labels)) / N + alpha w); labels have no cotangent."""
    values = softmax_regression_loss_values(x, labels, w, b, alpha=alpha)
    cotangents = softmax_regression_loss_cotangents(ybar, values, x, labels, w, b, alpha=alpha)
    return cotangents["x"], None, cotangents["w"], cotangents["b"]


def softmax_regression_loss_cotangents(ybar, values, x, labels, w, b, *, alpha):
    """zbar = lossbar (p - onehot(labels)) / N; w is met in the logits and in the penalty."""
    zbar, _ = cross_entropy_vjp(ybar, values["error"], values["z"], labels, None, **LABELS)
    xbar, wbar, bbar = linear_vjp(zbar, values["z"], x, w, b)
    return {"loss": ybar, "penalty": ybar, "error": ybar, "z": zbar, "b": bbar, "w": wbar + alpha * w * ybar, "x": xbar}


def softmax_regression_loss_cases(rng):
    def drawn(n, d, k):
        return rng.normal(size=(n, d)), random_labels(rng, n, k), rng.normal(size=(d, k)), rng.normal(size=k)

    yield Case("no-penalty", drawn(7, 3, 4), {"alpha": 0.0})
    yield Case("penalty", drawn(5, 4, 3), {"alpha": 0.25})
    far = (np.array([[1000.0]]), np.array([2]), np.array([[1.0, 0.0, -1.0]]), np.zeros(3))
    yield Case("surely-wrong", far, {"alpha": 2.0}, "special", np.array(2002.0))
    x, labels, w, b = drawn(7, 3, 4)
    yield Case("label-out-of-range", (x, np.where(labels == 3, 4, labels), w, b), {"alpha": 0.5}, "refused")
    yield Case("a-label-too-few", (x, labels[1:], w, b), {"alpha": 0.5}, "refused")


def softmax_regression_loss_sized(rng, n):
    x, w, b = softmax_regression_sized(rng, n).args
    return Case("sized", (x, random_labels(rng, len(x), 10), w, b), {"alpha": 0.5})


def _matrix(x):
    if x.ndim != 2:
        raise ValueError(f"x has shape {x.shape}, expected (N, D)")
    return x


OPS = [
    Op(
        logistic_regression,
        logistic_regression_cases,
        logistic_regression_vjp,
        logistic_regression_sized,
        values=logistic_regression_values,
        cotangents=logistic_regression_cotangents,
    ),
    Op(
        logistic_regression_loss,
        logistic_regression_loss_cases,
        logistic_regression_loss_vjp,
        logistic_regression_loss_sized,
        values=logistic_regression_loss_values,
        cotangents=logistic_regression_loss_cotangents,
    ),
    Op(
        softmax_regression,
        softmax_regression_cases,
        softmax_regression_vjp,
        softmax_regression_sized,
        values=softmax_regression_values,
        cotangents=softmax_regression_cotangents,
    ),
    Op(
        softmax_regression_loss,
        softmax_regression_loss_cases,
        softmax_regression_loss_vjp,
        softmax_regression_loss_sized,
        values=softmax_regression_loss_values,
        cotangents=softmax_regression_loss_cotangents,
    ),
]
