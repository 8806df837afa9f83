"""Softmax and its logarithm: numbers of any size become probabilities."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .data import _line_sized, line_cases


def softmax(x, *, axis):
    """y_i = exp(x_i) / sum_j exp(x_j), the sum running along ``axis``.

    Shapes: x any, y as x.

    Softmax is unchanged when every x_j moves by the same amount, so the largest is moved to 0:
    then no exponential overflows, and the denominator is at least 1.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 4.1, eq. 4.1.
    """
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def softmax_vjp(ybar, y, x, *, axis):
    """xbar = y (ybar - sum_j ybar_j y_j), because J = diag(y) - y y^T is symmetric."""
    return (y * (ybar - np.sum(ybar * y, axis=axis, keepdims=True)),)


def softmax_cases(rng):
    yield from line_cases(rng)
    masked = np.array([[0.0, -np.inf, 0.0], [-np.inf, 3.0, -np.inf], [0.0, -1000.0, -1000.0]])
    answer = np.array([[0.5, 0.0, 0.5], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    yield Case("masked", (masked,), {"axis": 1}, "special", answer)
    yield Case("nan", (np.array([[0.0, np.nan]]),), {"axis": 1}, "special", np.array([[np.nan, np.nan]]))


def log_softmax(x, *, axis):
    """y_i = x_i - log sum_j exp(x_j), the sum running along ``axis``.

    Shapes: x any, y as x.

    The largest x_j is moved to 0 as in softmax. log(softmax(x)) would be -inf where softmax underflows.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.2.2.3, eq. 6.30.
    """
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def log_softmax_vjp(ybar, y, x, *, axis):
    """xbar = ybar - p sum_j ybar_j with p = exp(y) = softmax(x), because J = I - 1 p^T."""
    return (ybar - np.exp(y) * np.sum(ybar, axis=axis, keepdims=True),)


def log_softmax_cases(rng):
    yield from line_cases(rng)
    masked = np.array([[-np.inf, 3.0, -np.inf], [0.0, -1024.0, -2048.0], [np.nan, 0.0, 1.0]])
    answer = np.array([[-np.inf, 0.0, -np.inf], [0.0, -1024.0, -2048.0], [np.nan, np.nan, np.nan]])
    yield Case("masked", (masked,), {"axis": 1}, "special", answer)


OPS = [
    Op(softmax, softmax_cases, softmax_vjp, _line_sized, half=True),
    Op(log_softmax, log_softmax_cases, log_softmax_vjp, _line_sized, half=True),
]
