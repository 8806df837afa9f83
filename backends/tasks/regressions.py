"""Linear, logistic and softmax regression, on the tables that come with scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..exam import ACCURACY, R_SQUARED, Exam
from ..training import Task
from ..witness import Arrays
from .ingredients import batches, rounded


def tasks() -> tuple[Task, ...]:
    return linear(), logistic(), softmax()


def table(load: Callable[..., Any], seed: int, **options: Any) -> tuple[Arrays, Arrays]:
    """Standardised rows and their targets, in a random order that is always the same: four fifths, and one to test."""
    x, target = load(return_X_y=True, **options)
    order = np.random.default_rng(seed).permutation(len(x))
    first = order[: len(x) * 4 // 5]
    x = rounded((x - np.mean(x[first], axis=0)) / np.std(x[first], axis=0))
    return tuple((x[rows], target[rows]) for rows in (first, order[len(first) :]))  # type: ignore[return-value]


def diabetes() -> tuple[Arrays, Arrays]:
    """How far diabetes has gone a year later, in hundreds of its unit, by ten numbers of each patient."""
    from sklearn.datasets import load_diabetes

    (x, target), (x_test, target_test) = table(load_diabetes, 10, scaled=False)
    return (x, rounded(target / 100)), (x_test, rounded(target_test / 100))


def linear(epochs: int = 20) -> Task:
    rng = np.random.default_rng([10, 1])
    (x, target), (x_test, target_test) = diabetes()
    return Task(
        name="linear regression",
        about="diabetes, 10 numbers of each patient; ridge loss, SGD",
        loss="linear_regression_loss",
        params={"alpha": 0.5},
        optimiser="sgd_step",
        settings={"lr": 0.05},
        names=("w", "b"),
        weights=(rng.normal(size=10) / 4, np.array(0.25)),
        data=(x, target),
        batches=batches(rng, len(x), 32, epochs),
        compared=60,
        exam=Exam(R_SQUARED, "neuron", (x_test,), (target_test,), {"activation": "identity"}, bound=0.4),
        certified=3,
        quick=True,
    )


def logistic(epochs: int = 10) -> Task:
    from sklearn.datasets import load_breast_cancer

    rng = np.random.default_rng([30, 2])
    (x, labels), (x_test, labels_test) = table(load_breast_cancer, 30)
    return Task(
        name="logistic regression",
        about="breast cancer, benign or not by 30 numbers of each cell sample; penalty, SGD",
        loss="logistic_regression_loss",
        params={"alpha": 0.01},
        optimiser="sgd_step",
        settings={"lr": 0.2},
        names=("w", "b"),
        weights=(rng.normal(size=30) / 6, np.array(0.25)),
        data=(x, labels.astype(np.float64)),
        batches=batches(rng, len(x), 32, epochs),
        compared=60,
        exam=Exam(ACCURACY, "neuron", (x_test,), (labels_test,), {"activation": "identity"}, bound=0.95),
        certified=3,
    )


def softmax(epochs: int = 20) -> Task:
    from sklearn.datasets import load_wine

    rng = np.random.default_rng([13, 3])
    (x, labels), (x_test, labels_test) = table(load_wine, 13)
    return Task(
        name="softmax regression",
        about="which of three vines a wine is of, by 13 numbers; penalty, Adam",
        loss="softmax_regression_loss",
        params={"alpha": 0.01},
        optimiser="adam_step",
        settings={"lr": 0.05, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
        names=("w", "b"),
        weights=(rng.normal(size=(13, 3)) / 4, rng.normal(size=3) / 8),
        data=(x, labels),
        batches=batches(rng, len(x), 16, epochs),
        compared=60,
        exam=Exam(ACCURACY, "linear", (x_test,), (labels_test,), bound=0.9),
        certified=3,
    )
