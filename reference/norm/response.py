"""Local response normalisation: channels that are neighbours inhibit each other."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def local_response_norm(x, *, size, alpha, beta, k):
    """y_c = x_c / (k + alpha / size sum(x_j^2))^beta, the sum over the size channels j around c.

    Shapes: x (N,C,*L) with at least one axis in L, y as x; size, the number of channels, may be even.

    The window of channel c goes from c - size // 2 to c + (size - 1) // 2; beyond the first and the last channel
    it is empty there, and still divides by size. In the paper, in Caffe's formula and in TensorFlow the sizes differ
    in what alpha means: torch and Caffe divide it by size, the paper and TensorFlow do not.

    Raises ValueError for x without an axis beside (N,C), and for size < 1.

    Source: Krizhevsky, Sutskever and Hinton (2012), ImageNet Classification with Deep Convolutional Neural Networks,
    section 3.3.
    """
    _require(x, size)
    return x / _denominator(x, size, alpha, k) ** beta


def local_response_norm_vjp(ybar, y, x, *, size, alpha, beta, k):
    """xbar_j = ybar_j / d_j^beta - 2 alpha beta / size x_j sum(ybar_c y_c / d_c), over the c whose window holds j.

    y_c = x_c d_c^-beta depends on x_c directly, and on all x_j of its window through d_c, with
    dy_c / dd_c = -beta y_c / d_c and dd_c / dx_j = 2 alpha x_j / size. Channel j lies in the windows of the channels
    from j - (size - 1) // 2 to j + size // 2: the window turned around.
    """
    d = _denominator(x, size, alpha, k)
    through = _window_sum(ybar * y / d, (size - 1) // 2, size // 2)
    return (ybar / d**beta - 2 * alpha * beta * x * through / size,)


def local_response_norm_cases(rng):
    odd, even = {"size": 3, "alpha": 0.5, "beta": 0.75, "k": 1.0}, {"size": 4, "alpha": 2.0, "beta": 1.5, "k": 0.5}
    yield Case("sequences", (rng.normal(size=(2, 5, 3)),), odd)
    yield Case("images", (rng.normal(size=(2, 5, 3, 4)),), even)
    yield Case("window-wider-than-channels", (3 * rng.normal(size=(4, 2, 3)),), {**odd, "size": 6})
    x = np.array([[[1.0, np.nan], [1.0, 2.0], [1.0, 0.0], [-2.0, -0.0]]])
    hand = {"size": 3, "alpha": 3.0, "beta": 1.0, "k": 1.0}
    answer = np.array([[[1 / 3, np.nan], [0.25, np.nan], [1 / 7, 0.0], [-1 / 3, -0.0]]])
    yield Case("by-hand-and-nan", (x,), hand, "special", answer)
    yield Case("no-examples", (np.zeros((0, 5, 3)),), odd, "empty", np.zeros((0, 5, 3)))
    yield Case("rows", (rng.normal(size=(4, 5)),), odd, "refused")
    yield Case("no-window", (rng.normal(size=(2, 5, 3)),), {**odd, "size": 0}, "refused")


def local_response_norm_sized(rng, n):
    params = {"size": 5, "alpha": 1e-4, "beta": 0.75, "k": 1.0}
    return Case("sized", (rng.normal(size=(max(n // 2048, 1), 32, 64)),), params)


def _denominator(x, size, alpha, k):
    return k + alpha * _window_sum(x * x, size // 2, (size - 1) // 2) / size


def _window_sum(z, before, after):
    """Of z (N,C,...), for every channel the sum from ``before`` channels in front of it to ``after`` behind it."""
    padded = np.pad(z, [(0, 0), (before, after)] + [(0, 0)] * (z.ndim - 2))
    return np.sum(np.lib.stride_tricks.sliding_window_view(padded, before + 1 + after, axis=1), axis=-1)


def _require(x, size):
    if x.ndim < 3:
        raise ValueError(f"x has shape {x.shape}, expected (N,C,...) with at least one more axis")
    if size < 1:
        raise ValueError(f"size is {size}, expected at least one channel")


OPS = [
    Op(local_response_norm, local_response_norm_cases, local_response_norm_vjp, local_response_norm_sized),
]
