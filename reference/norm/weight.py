"""Normalisation of weights rather than of data: by their length, and by their largest singular value."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def weight_norm(v, g, *, axis):
    """w = g v / |v|, with one length g for each index of ``axis``, or for all of v when it is None.

    Shapes: v any; g as v with 1 in place of every axis but ``axis``; w as v. axis counts from the front, or is None.

    Direction and length of a weight become two parameters, and gradient descent moves them apart: the cotangent of v
    is orthogonal to v. axis is that of the outputs: 0 for the weight (out, in, ...) of a layer or a convolution.
    torch writes -1 for None, and so has no negative axes.

    Raises ValueError when v has no such axis, or when g is not of that shape.

    Source: Salimans and Kingma (2016), Weight Normalization, section 2, eq. 2.
    """
    return g * (v / _length(v, _others(v, g, axis)))


def weight_norm_vjp(ybar, y, v, g, *, axis):
    """gbar = sum(ybar d) and vbar = g / |v| (ybar - d sum(ybar d)), with the direction d = v / |v|.

    The sums run along the axes of the length. What stretches v does not change d, and so is taken out of ybar.
    """
    axes = _others(v, g, axis)
    length = _length(v, axes)
    d = v / length
    gbar = np.sum(ybar * d, axis=axes, keepdims=True)
    return g / length * (ybar - d * gbar), gbar


def weight_norm_cases(rng):
    yield Case("rows", _weights(rng, (3, 5), (3, 1)), {"axis": 0})
    yield Case("transposed-filters", _weights(rng, (4, 3, 2), (1, 3, 1)), {"axis": 1})
    yield Case("last-axis", _weights(rng, (2, 3, 4), (1, 1, 4)), {"axis": 2})
    yield Case("whole", _weights(rng, (3, 4), (1, 1)), {"axis": None})
    v, g = np.array([[0.0, -4.0], [0.0, 0.0], [np.nan, 1.0]]), np.array([[10.0], [2.0], [1.0]])
    answer = np.array([[0.0, -10.0], [np.nan, np.nan], [np.nan, np.nan]])
    yield Case("zero-and-nan-row", (v, g), {"axis": 0}, "special", answer)
    yield Case("no-inputs", _weights(rng, (0, 3, 2), (1, 3, 1)), {"axis": 1}, "empty", np.zeros((0, 3, 2)))
    v, g = _weights(rng, (3, 5), (3, 1))
    yield Case("length-per-column", (v, rng.uniform(1, 2, (1, 5))), {"axis": 0}, "refused")
    yield Case("no-such-axis", (v, g), {"axis": 2}, "refused")


def weight_norm_sized(rng, n):
    rows = max(n // 256, 1)
    return Case("sized", _weights(rng, (rows, 256), (rows, 1)), {"axis": 0})


def spectral_norm(w, u, v):
    """y = w / sigma, sigma = u^T W v: for the first singular vectors u and v, sigma is the largest singular value.

    Shapes: w (m, ...), read as a matrix W (m, n) with the other axes in one; u (m,) and v (n,) of length 1; y as w.

    Divided by it, W stretches nothing: as a layer, it is 1-Lipschitz. u and v are kept beside the weight, and are
    brought nearer to the singular vectors by a step of ``spectral_norm_step`` before each use in training; evaluation
    uses them as they are. Both libraries hold u and v constant in the derivative. At the singular vectors nothing is
    lost by that, because there sigma is stationary in both.

    Raises ValueError when u or v does not fit W.

    Source: Miyato, Kataoka, Koyama and Yoshida (2018), Spectral Normalization for Generative Adversarial Networks,
    section 2.1, eq. 8.
    """
    return w / (_matrix(w, u, v) @ v @ u)


def spectral_norm_vjp(ybar, y, w, u, v):
    """wbar = (ybar - s u v^T) / sigma, ubar = -s W v / sigma, vbar = -s W^T u / sigma, with s = sum(ybar y).

    ybar moves sigma by sigmabar = -s / sigma, and sigma = u^T W v is linear in each of the three.
    """
    matrix = _matrix(w, u, v)
    sigma = matrix @ v @ u
    s = np.sum(ybar * y)
    wbar = (ybar - s * np.reshape(u[:, None] * v, w.shape)) / sigma
    return wbar, -s * (matrix @ v) / sigma, -s * (u @ matrix) / sigma


def spectral_norm_cases(rng):
    yield Case("matrix", _near_singular(rng, (3, 4)))
    yield Case("filters", _near_singular(rng, (2, 3, 5)))
    w, u, v = np.array([[3.0, 0.0, 1.0], [0.0, 4.0, 2.0]]), np.array([0.0, 1.0]), np.array([0.0, 1.0, 0.0])
    yield Case("by-hand", (w, u, v), {}, "special", w / 4)
    yield Case("sigma-of-0", (0 * w, u, v), {}, "special", np.full(w.shape, np.nan))
    yield Case("u-and-v-swapped", (w, v, u), {}, "refused")
    yield Case("v-of-one", (w, u, v[:1]), {}, "refused")


def spectral_norm_sized(rng, n):
    return Case("sized", _near_singular(rng, (max(n // 256, 1), 256)))


def spectral_norm_step(w, u, *, n_power_iterations, eps):
    """y = w / (u'^T W v), v = W^T u / |W^T u|, u' = W v / |W v|: as often as asked, and then with the last of both.

    Shapes: w (m, ...), read as a matrix W (m, n); u (m,), not 0; returns y as w, and u' (m,) for the next time.

    A round multiplies u by W W^T, and what u has along the first singular vector grows by (s_1 / s_2)^2 beside the
    rest. In training one round a step is enough, as the weights move slowly. A length below eps is taken as eps.
    The derivative that libraries give is that of ``spectral_norm`` at the last u and v.

    Raises ValueError when u does not fit W, and for n_power_iterations < 1.

    Source: Miyato, Kataoka, Koyama and Yoshida (2018), Spectral Normalization for Generative Adversarial Networks,
    algorithm 1.
    """
    if n_power_iterations < 1:
        raise ValueError(f"n_power_iterations is {n_power_iterations}, expected at least 1")
    matrix = _matrix(w, u)
    v = u
    for _ in range(n_power_iterations):
        v = _shortened(u @ matrix, eps)
        u = _shortened(matrix @ v, eps)
    return w / (matrix @ v @ u), u


def spectral_norm_step_cases(rng):
    yield Case("matrix", _start(rng, (3, 4)), {"n_power_iterations": 1, "eps": 0.0})
    yield Case("filters", _start(rng, (4, 3, 2)), {"n_power_iterations": 2, "eps": 0.0})
    yield Case("large-eps", _start(rng, (2, 3)), {"n_power_iterations": 2, "eps": 6.0})
    w, u = np.array([[2.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), np.array([0.0, 4.0])
    answer = (w, np.array([0.0, 1.0]))  # with nothing along the first singular vector, it finds the second
    yield Case("nothing-along-the-first", (w, u), {"n_power_iterations": 1, "eps": 0.0}, "special", answer)
    w, u = _start(rng, (3, 4))
    yield Case("u-too-long", (w, rng.normal(size=4)), {"n_power_iterations": 1, "eps": 0.0}, "refused")
    yield Case("no-rounds", (w, u), {"n_power_iterations": 0, "eps": 0.0}, "refused")


def spectral_norm_step_sized(rng, n):
    return Case("sized", _start(rng, (max(n // 256, 1), 256)), {"n_power_iterations": 1, "eps": 1e-12})


def _others(v, g, axis):
    """The axes that a length is taken along, where v and g fit."""
    if axis is not None and not 0 <= axis < v.ndim:
        raise ValueError(f"axis is {axis}, expected None or an axis of v, which has shape {v.shape}")
    want = tuple(size if i == axis else 1 for i, size in enumerate(v.shape))
    if g.shape != want:
        raise ValueError(f"g has shape {g.shape}, expected {want}: one length for each index of axis {axis} of v")
    return tuple(i for i in range(v.ndim) if i != axis)


def _length(v, axes):
    return np.sqrt(np.sum(v * v, axis=axes, keepdims=True))


def _shortened(z, eps):
    return z / np.maximum(np.sqrt(z @ z), eps)


def _matrix(w, *vectors):
    matrix = np.reshape(w, (w.shape[0], int(np.prod(w.shape[1:])))) if w.ndim > 1 else w
    for name, size, vector in zip("uv", matrix.shape, vectors, strict=False):
        if vector.shape != (size,):
            raise ValueError(f"{name} has shape {vector.shape}, expected ({size},) for a weight of shape {w.shape}")
    if w.ndim < 2:
        raise ValueError(f"w has shape {w.shape}, expected a matrix, or more axes")
    return matrix


def _weights(rng, shape, lengths):
    return rng.normal(size=shape), rng.uniform(0.5, 2, lengths)


def _near_singular(rng, shape):
    """A weight, and unit vectors near its first singular vectors, so that sigma is not small."""
    w = rng.normal(size=shape)
    matrix = w.reshape(shape[0], -1)
    v = matrix.T @ (matrix @ rng.normal(size=matrix.shape[1]))
    u = matrix @ v + 0.1 * rng.normal(size=shape[0])
    return w, u / np.linalg.norm(u), v / np.linalg.norm(v)


def _start(rng, shape):
    w, u, _ = _near_singular(rng, shape)
    return w, u


OPS = [
    Op(weight_norm, weight_norm_cases, weight_norm_vjp, weight_norm_sized),
    Op(spectral_norm, spectral_norm_cases, spectral_norm_vjp, spectral_norm_sized),
    Op(spectral_norm_step, spectral_norm_step_cases, sized=spectral_norm_step_sized, wrt=()),
]
