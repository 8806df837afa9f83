"""Dropout for networks of selu, which keeps mean 0 and variance 1, with the mask given."""

from __future__ import annotations

import numpy as np

from ..elementwise.special import erfc
from ..op import Case, Op
from .dropout import dropout_sized
from .masks import masked, require_mask, sized_channels, spread_mask


def alpha_dropout(x, mask, *, p):
    """y = a (x mask - s (1 - mask)) + a p s, a = ((1 - p) (1 + p s^2))^(-1/2): mean 0 and variance 1 stay as they are.

    Shapes: x any, mask as x, True where a value is kept, which happens with probability 1 - p; y as x.

    It belongs to networks of selu, whose layers keep mean 0 and variance 1. A dropped value becomes -s, what selu
    gives for x -> -infinity, rather than 0; s = 1.758 is selu's scale times its alpha. That moves the mean to -p s and
    the variance to (1 - p) (1 + p s^2), and a and the shift take it back.

    Raises ValueError when the mask has another shape than x, and for p outside of [0, 1).

    Source: Klambauer, Unterthiner, Mayr and Hochreiter (2017), Self-Normalizing Neural Networks, section 2.
    """
    require_mask(x, mask, x.shape, p)
    s = _saturation(x)
    return _alpha_scale(s, p) * np.where(mask, x + p * s, -(1 - p) * s)


def alpha_dropout_vjp(ybar, y, x, mask, *, p):
    """xbar = a ybar mask: what was dropped does not depend on x."""
    return (_alpha_scale(_saturation(x), p) * np.where(mask, ybar, np.zeros_like(x)),)


def alpha_dropout_cases(rng):
    yield Case("rows", masked(rng, (4, 5), (4, 5)), {"p": 0.25})
    yield Case("mostly-dropped", masked(rng, (2, 3, 4), (2, 3, 4)), {"p": 0.8})
    x, mask = masked(rng, (4, 5), (4, 5))
    yield Case("mask-per-column", (x, mask[0]), {"p": 0.25}, "refused")


def alpha_dropout_sized(rng, n):
    return dropout_sized(rng, n)


def feature_alpha_dropout(x, mask, *, p):
    """y = a (x mask - s (1 - mask)) + a p s as in alpha_dropout, whole channels at a time.

    Shapes: x (N,C,*L), mask (N,C), True where a channel of an example is kept; y as x.

    Raises ValueError when the mask is not (N,C), and for p outside of [0, 1).

    Source: Klambauer, Unterthiner, Mayr and Hochreiter (2017), Self-Normalizing Neural Networks, section 2.
    """
    require_mask(x, mask, x.shape[:2], p)
    return alpha_dropout(x, spread_mask(mask, x), p=p)


def feature_alpha_dropout_vjp(ybar, y, x, mask, *, p):
    """xbar = a ybar mask, the mask that of the channel."""
    return alpha_dropout_vjp(ybar, y, x, spread_mask(mask, x), p=p)


def feature_alpha_dropout_cases(rng):
    yield Case("images", masked(rng, (2, 3, 4, 1), (2, 3)), {"p": 0.25})
    yield Case("mostly-dropped", masked(rng, (3, 2, 4), (3, 2)), {"p": 0.8})
    x, mask = masked(rng, (2, 4, 3), (2, 4))
    yield Case("mask-per-channel", (x, mask[:1]), {"p": 0.25}, "refused")


def feature_alpha_dropout_sized(rng, n):
    return sized_channels(rng, (max(n // 512, 1), 32, 16))


def _saturation(x):
    """s = 2 / sqrt(2 e^2 erfc(sqrt 2) + pi E^2 - 2 (2 + pi) E + pi + 2), E = sqrt(e) erfc(1 / sqrt 2); shape (1,).

    Selu's scale times its alpha: with these two, mean 0 and variance 1 are a fixed point (appendix A1 of the paper).
    """
    one = np.ones_like(np.reshape(x, (-1,))[:1])
    pi = np.full_like(one, np.pi)
    e = np.sqrt(np.exp(one)) * erfc(np.sqrt(one / 2))
    return 2 / np.sqrt(2 * np.exp(2 * one) * erfc(np.sqrt(2 * one)) + pi * e * e - 2 * (2 + pi) * e + pi + 2)


def _alpha_scale(s, p):
    return 1 / np.sqrt((1 - p) * (1 + p * s * s))


OPS = [
    Op(alpha_dropout, alpha_dropout_cases, alpha_dropout_vjp, alpha_dropout_sized, wrt=(0,)),
    Op(
        feature_alpha_dropout,
        feature_alpha_dropout_cases,
        feature_alpha_dropout_vjp,
        feature_alpha_dropout_sized,
        wrt=(0,),
    ),
]
