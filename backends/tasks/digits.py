"""The handwritten digits of scikit-learn, and what is learned from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crosscheck.reference.decomposition.pca import pca_fit, pca_transform

from ..exam import ACCURACY, Exam
from ..training import Task
from .ingredients import batches, convolution, dense, rounded

TRAINING = 1437
"""Of 1797 images; the other 360, a fifth, are the test set."""


@dataclass(frozen=True)
class Digits:
    """Images (n, 64) with intensities in [0, 1], multiples of 1/16 and so exact in any format, and their labels."""

    x: np.ndarray
    labels: np.ndarray
    x_test: np.ndarray
    labels_test: np.ndarray


def load() -> Digits:
    """The images that come with scikit-learn, in a random order that is always the same; ImportError without it."""
    from sklearn.datasets import load_digits

    x, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x, labels = x[order] / 16, labels[order]
    return Digits(x[:TRAINING], labels[:TRAINING], x[TRAINING:], labels[TRAINING:])


def tasks() -> tuple[Task, ...]:
    digits = load()
    return two_classes(digits), classifier(digits), convolutional(digits), residual(digits)


def two_classes(digits: Digits, classes: tuple[int, int] = (3, 8), epochs: int = 12) -> Task:
    """The 3-4-4-1 network on the first three principal components of two digits."""
    rng = np.random.default_rng([3, 4, 4, 1])
    chosen, chosen_test = (np.isin(labels, classes) for labels in (digits.labels, digits.labels_test))
    mean, components, variance = pca_fit(digits.x[chosen], n_components=3, route="svd")

    def features(x: np.ndarray) -> np.ndarray:
        """Standardised by a power of 2, and rounded to a multiple of 2^-10: the same numbers on every machine."""
        scaled = pca_transform(x, mean, components) / np.exp2(np.round(np.log2(np.sqrt(variance))))
        return rounded(scaled)

    def targets(labels: np.ndarray) -> np.ndarray:
        return (labels == classes[1]).astype(np.float64)[:, np.newaxis]

    x = features(digits.x[chosen])
    names, weights = dense(rng, 3, 4, 4, 1)
    return Task(
        name="3-4-4-1",
        about=f"{classes[0]} or {classes[1]}? by their first 3 principal components; sigmoid, logistic loss, SGD",
        loss="mlp_binary_loss",
        params={"activation": "sigmoid"},
        optimiser="sgd_step",
        settings={"lr": 0.5},
        names=names,
        weights=weights,
        data=(x, targets(digits.labels[chosen])),
        batches=batches(rng, len(x), 16, epochs),
        compared=100,
        exam=Exam(
            ACCURACY,
            "mlp",
            (features(digits.x_test[chosen_test]),),
            (targets(digits.labels_test[chosen_test]),),
            {"activation": "sigmoid"},
            bound=0.95,
        ),
        certified=10,
        quick=True,
    )


def classifier(digits: Digits, epochs: int = 10) -> Task:
    """A multilayer perceptron for all ten digits; smooth, so that no kink excuses a difference."""
    rng = np.random.default_rng([64, 32, 10])
    names, weights = dense(rng, 64, 32, 10)
    return Task(
        name="MLP",
        about="ten digits; 64-32-10, tanh, softmax cross-entropy, Adam",
        loss="mlp_classifier_loss",
        params={"activation": "tanh"},
        optimiser="adam_step",
        settings={"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
        names=names,
        weights=weights,
        data=(digits.x, digits.labels),
        batches=batches(rng, len(digits.x), 64, epochs),
        compared=110,
        exam=Exam(ACCURACY, "mlp", (digits.x_test,), (digits.labels_test,), {"activation": "tanh"}, bound=0.97),
    )


def convolutional(digits: Digits, channels: tuple[int, int] = (12, 24), epochs: int = 10) -> Task:
    """Twice convolution, batch norm, relu and max pooling, then a linear layer."""
    rng = np.random.default_rng([8, 16])
    first, second = convolution(rng, 1, channels[0]), convolution(rng, channels[0], channels[1])
    _, last = dense(rng, channels[1] * 4, 10)
    return Task(
        name="CNN",
        about="ten digits; twice conv 3x3, batch norm, relu, max pool; linear; softmax cross-entropy, SGD",
        loss="cnn_loss",
        params={"eps": 1e-5},
        optimiser="sgd_step",
        settings={"lr": 0.2},
        names=("w1", "gamma1", "beta1", "w2", "gamma2", "beta2", "w3", "b3"),
        weights=(*first, *second, *last),
        data=(images(digits.x), digits.labels),
        batches=batches(rng, len(digits.x), 32, epochs),
        compared=88,
        exam=Exam(
            ACCURACY,
            "cnn_inference",
            (images(digits.x_test),),
            (digits.labels_test,),
            {"eps": 1e-5},
            bound=0.97,
            statistics="cnn_statistics",
        ),
        kinks=True,
        quick=True,
    )


def residual(digits: Digits, classes: int = 5, channels: int = 8, epochs: int = 4) -> Task:
    """One residual block. Its exam takes all test images for one batch, whose statistics its norms use."""
    rng = np.random.default_rng([8, 8, 8])
    first, *block = (convolution(rng, c_in, channels) for c_in in (1, channels, channels))
    _, last = dense(rng, channels, classes)
    chosen, chosen_test = (labels < classes for labels in (digits.labels, digits.labels_test))
    x, x_test = images(digits.x[chosen]), images(digits.x_test[chosen_test])
    return Task(
        name="ResNet",
        about=f"digits below {classes}; conv 3x3 and a residual block, batch norm, relu, mean; linear; Adam",
        loss="residual_classifier_loss",
        params={"eps": 1e-5},
        optimiser="adam_step",
        settings={"lr": 0.03, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
        names=("w0", "gamma0", "beta0", "w1", "gamma1", "beta1", "w2", "gamma2", "beta2", "w3", "b3"),
        weights=(*first, *block[0], *block[1], *last),
        data=(x, digits.labels[chosen]),
        batches=batches(rng, len(x), 32, epochs),
        compared=22,
        exam=Exam(
            ACCURACY, "residual_classifier", (x_test,), (digits.labels_test[chosen_test],), {"eps": 1e-5}, bound=0.95
        ),
        kinks=True,
    )


def images(x: np.ndarray) -> np.ndarray:
    return np.reshape(x, (len(x), 1, 8, 8))
