"""The loss of a language model: after each piece of a text, which one comes next."""

from __future__ import annotations

import numpy as np

from ..activation.softmax import softmax, softmax_vjp
from ..op import Case, Op
from .classification import cross_entropy, cross_entropy_vjp

EACH = {"reduction": "mean", "ignore_index": -100, "label_smoothing": 0.0}
"""The cross-entropy that is averaged over all places."""


def next_token_loss(logits, tokens):
    """loss = mean over n and t of logsumexp(y_nt) - y_nt,c with c = tokens_n,t+1 and y = logits.

    Shapes: logits (N, T, V), tokens (N, T + 1) integers in 0 ... V - 1, loss (), in nats for each token.

    The logits at t were made of the tokens up to t, and are to give the one at t + 1 a high score: the first token is
    only read, the last one only predicted. To know nothing costs log V; what is left of it is the entropy of the text.

    Raises ValueError when the shapes do not fit, IndexError for a token out of range.

    Source: Bengio et al. (2003), A Neural Probabilistic Language Model, section 2, the mean log-likelihood L.
    """
    _require_one_more(logits, tokens)
    return cross_entropy(_rows(logits), np.ravel(tokens[:, 1:]), None, **EACH)


def next_token_loss_vjp(lossbar, loss, logits, tokens):
    """logitsbar = lossbar (softmax(logits) - onehot(next)) / (N T); tokens have no cotangent."""
    rowsbar, _ = cross_entropy_vjp(lossbar, loss, _rows(logits), np.ravel(tokens[:, 1:]), None, **EACH)
    return np.reshape(rowsbar, logits.shape), None


def next_token_loss_hvp(lossbar, dots, loss, logits, tokens):
    """d logitsbar = lossbar p (logitsdot - sum_c p_c logitsdot_c) / (N T), p = softmax(logits): onehot does not move.

    The Hessian of a place, diag(p) - p p^T, is the Jacobian of the softmax.
    """
    logitsdot, _ = dots
    share = lossbar / tokens[:, 1:].size
    (logitsbardot,) = softmax_vjp(share * logitsdot, softmax(logits, axis=2), logits, axis=2)
    return logitsbardot, None


def _rows(logits):
    return np.reshape(logits, (-1, logits.shape[-1]))


def _require_one_more(logits, tokens):
    if logits.ndim != 3 or tokens.shape != (logits.shape[0], logits.shape[1] + 1):
        raise ValueError(f"logits and tokens: got {logits.shape} and {tokens.shape}, expected (N, T, V) and (N, T + 1)")


def next_token_loss_cases(rng):
    tokens = np.array([[2, 0, 4, 1], [3, 3, 1, 0]])
    yield Case("two-texts", (rng.normal(scale=1.5, size=(2, 3, 5)), tokens))
    five = np.array([[0, 3, 1], [1, 1, 2], [2, 0, 0], [3, 2, 3], [1, 0, 2]])
    yield Case("shifted", (1000 + rng.normal(size=(5, 2, 4)), five))
    sure = np.array([[[0.0, -np.inf, -np.inf], [-np.inf, -np.inf, 2.0]]])
    yield Case("sure-and-right", (sure, np.array([[1, 0, 2]])), {}, "special", np.array(0.0))
    yield Case("sure-and-wrong", (sure, np.array([[0, 2, 2]])), {}, "special", np.array(np.inf))
    yield Case("as-many-tokens", (rng.normal(size=(2, 4, 5)), tokens), {}, "refused")
    yield Case("token-out-of-range", (rng.normal(size=(2, 3, 4)), tokens), {}, "refused")


def next_token_loss_sized(rng, n):
    rows = max(n // (16 * 32), 1)
    return Case("sized", (rng.normal(size=(rows, 16, 32)), rng.integers(32, size=(rows, 17))))


OPS = [
    Op(next_token_loss, next_token_loss_cases, next_token_loss_vjp, next_token_loss_sized, hvp=next_token_loss_hvp),
]
