"""Optimisers that know which axes a parameter has: Adafactor, SM3, Muon; and Adam for a table used by the row."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .trajectory import changing, counted_walk, refuse_unlike, some, walk


def rms(x):
    """The root of the mean square of all elements."""
    return np.sqrt(np.mean(x**2))


def adafactor_step(p, g, row, column, *, t, lr, beta2_decay, eps1, eps2, d, weight_decay, clamp):
    """p' = (1 - lr weight_decay) p - max(eps2, rms(p)) min(lr, 1 / sqrt(t)) u / max(1, rms(u) / d), u = g / sqrt(v).

    v = row' column' / mean(row'), with the averages of g^2 + eps1 over the columns and over the rows: row' = row +
    t^beta2_decay (mean over columns - row), column' likewise. A vector has no column, and v = row', the average of all
    of g^2 + eps1. With clamp, eps1 is not added: mean(row') is eps1 at least, and v eps1^2.

    Shapes: p (n, m) or (n,), one layer; g as p; row (n, 1) or (n,), column (1, m) or none. t counts the steps.

    v is the matrix of rank 1 that has the row and column sums of the average of g^2: n + m numbers are remembered, not
    n m. t^beta2_decay with beta2_decay < 0 is 1 at first, so nothing has to be corrected. Steps are in proportion to p.

    Raises ValueError where the shapes differ.
    Source: Shazeer and Stern (2018), Adafactor: adaptive learning rates with sublinear memory cost, algorithms 4 and 5.
    """
    refuse_unlike("adafactor_step", p, g=g)
    share = t**beta2_decay
    squares = g**2 if clamp else g**2 + eps1
    if p.ndim > 1:
        row = row + share * (np.mean(squares, axis=-1, keepdims=True) - row)
        column = column + share * (np.mean(squares, axis=-2, keepdims=True) - column)
        middle = np.mean(row, axis=-2, keepdims=True)
        v = row * column / (np.maximum(middle, eps1) if clamp else middle)
    else:
        v = row = row + share * (squares - row)
    u = g / np.sqrt(np.maximum(v, eps1**2) if clamp else v)
    size = rms(p)
    rate = np.maximum(size, eps2) * np.minimum(lr, 1 / np.sqrt(np.full_like(size, t)))
    return p - lr * weight_decay * p - rate * u / np.maximum(1, rms(u) / d), row, column


def adafactor(p, grads, *, lr, beta2_decay, eps1, eps2, d, weight_decay, clamp):
    """p_t, ... = adafactor_step(p_(t-1), g_t, ...) for t = 1 ... T, from averages of 0.

    Shapes: p (n, m) or (n,), one layer, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    With the usual lr, min(lr, 1 / sqrt(t)) is lr until t = 1 / lr^2.

    Raises ValueError where the shapes do not belong together, or p has no axis or more than two.
    Source: Shazeer and Stern (2018), Adafactor: adaptive learning rates with sublinear memory cost, algorithms 4 and 5.
    """
    if p.ndim not in (1, 2):
        raise ValueError(f"adafactor: got p of shape {p.shape}, want a matrix or a vector")
    row, column = (np.zeros_like(p[..., :1]), np.zeros_like(p[:1])) if p.ndim == 2 else (np.zeros_like(p), None)
    params = {"beta2_decay": beta2_decay, "eps1": eps1, "eps2": eps2, "d": d, "weight_decay": weight_decay}
    return counted_walk(adafactor_step, p, grads, row, column, lr=lr, clamp=clamp, **params)


def adafactor_cases(rng):
    params = {"lr": 0.4, "beta2_decay": -0.8, "eps1": 0.125, "eps2": 0.001, "d": 1.0, "weight_decay": 0.25}
    yield Case("clamped", changing(rng, 10, 2, 3), {**params, "clamp": True})
    yield Case("added", changing(rng, 10, 2, 3), {**params, "clamp": False})
    usual = {**params, "lr": 0.01, "beta2_decay": -0.5, "eps1": 1e-6, "d": 1.25, "weight_decay": 0.0}
    p, grads = changing(rng, 6, 5)
    yield Case("vector", (1e-4 * p, grads), {**usual, "clamp": True})
    yield Case("small", (1e-2 * p, grads), {**usual, "eps2": 0.25, "clamp": True})
    yield Case("vector-added", (1e-4 * p, grads), {**usual, "clamp": False})


def adafactor_sized(rng, n):
    params = {"lr": 0.01, "beta2_decay": -0.8, "eps1": 1e-8, "eps2": 0.001, "d": 1.0, "weight_decay": 0.0}
    return Case("sized", some(rng, n), {**params, "clamp": True})


def sm3_step(p, g, m, *covers, lr, momentum, eps):
    """p' = p - lr m' with m' = momentum m + (1 - momentum) g / sqrt(v + eps), v = min over the axes of covers, + g^2.

    Every axis has a cover: for each index along it the largest v that a step has seen there. Where v is 0, so is
    g / sqrt(v + eps).

    Shapes: p any with one axis or more; g and m as p; the cover of axis i has the size of it, and 1 along the others.

    It is Adagrad with an upper bound of its sum, for which the sizes of the axes are remembered and not their product.

    Raises ValueError where the shapes differ.
    Source: Anil, Gupta, Koren and Singer (2019), Memory-efficient adaptive optimization, algorithm SM3-II.
    """
    refuse_unlike("sm3_step", p, g=g, m=m)
    bound = covers[0]
    for cover in covers[1:]:
        bound = np.minimum(bound, cover)
    v = bound + g**2
    m = momentum * m + (1 - momentum) * np.where(v > 0, g / np.sqrt(v + eps), np.zeros_like(g))
    axes = range(p.ndim)
    return p - lr * m, m, *(np.max(v, axis=tuple(k for k in axes if k != i), keepdims=True) for i in axes)


def sm3(p, grads, *, lr, momentum, eps):
    """p_t, ... = sm3_step(p_(t-1), g_t, ...) for t = 1 ... T, from m_0 = 0 and covers of 0.

    Shapes: p any with one axis or more, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    Of a vector the cover is the sum of the squares itself, and this is Adagrad with momentum.

    Raises ValueError where the shapes do not belong together, or p has no axis.
    Source: Anil, Gupta, Koren and Singer (2019), Memory-efficient adaptive optimization, algorithm SM3-II.
    """
    if p.ndim == 0:
        raise ValueError("sm3: got a number as p, want an axis or more")
    axes = range(p.ndim)
    covers = (np.zeros_like(np.sum(p, axis=tuple(k for k in axes if k != i), keepdims=True)) for i in axes)
    return walk(sm3_step, p, grads, np.zeros_like(p), *covers, lr=lr, momentum=momentum, eps=eps)


def sm3_cases(rng):
    yield Case("matrix", changing(rng, 10, 2, 3), {"lr": 0.3, "momentum": 0.9, "eps": 0.1})
    yield Case("three-axes", changing(rng, 5, 2, 4, 3), {"lr": 0.1, "momentum": 0.5, "eps": 1e-8})
    yield Case("vector", changing(rng, 6, 5), {"lr": 0.1, "momentum": 0.5, "eps": 1e-8})


def sm3_sized(rng, n):
    return Case("sized", some(rng, n), {"lr": 0.1, "momentum": 0.9, "eps": 1e-8})


def newton_schulz(x, steps, eps):
    """u = x / (|x| + eps), then steps times u <- a u + (b w + c w^2) u with w = u u^T: singular values near 1.

    The polynomial a s + b s^3 + c s^5 takes a small s up by a = 3.4445 each time, and one near 1 to between 0.7 and
    1.2. |x| is the Frobenius norm, which is the largest singular value at least.
    """
    u = x / (np.sqrt(np.sum(x**2)) + eps)
    for _ in range(steps):
        w = u @ u.mT
        u = 3.4445 * u + (-4.775 * w + 2.0315 * (w @ w)) @ u
    return u


def muon_step(p, g, m, *, t, lr, momentum, nesterov, weight_decay, steps, eps, corrected, outputs_first):
    """p' = p - lr (s newton_schulz(d) + weight_decay p), m' = momentum m + (1 - momentum) g, d = m'.

    With nesterov d = momentum m' + (1 - momentum) g; corrected, m' and g are divided by what the weights of the
    gradients in them add up to first, 1 - momentum^(t+1) and 1 - momentum^t. s^2 = max(1, outputs / inputs).

    Shapes: p a matrix, outputs by inputs if outputs_first, else inputs by outputs; g and m as p; (p', m') as p. t
    counts the steps.

    Of d = u s v^T it takes the u v^T: a step that changes what the layer does equally in all directions. What d is
    multiplied by does not matter, so a correction does only where it changes the proportions of m' and g.

    Raises ValueError where the shapes differ.
    Source: Jordan et al. (2024), Muon: an optimizer for hidden layers in neural networks, section on its definition.
    """
    refuse_unlike("muon_step", p, g=g, m=m)
    m = momentum * m + (1 - momentum) * g
    ahead, now = (1 - momentum ** (t + 1), 1 - momentum**t) if corrected else (1, 1)
    d = momentum * (m / ahead) + (1 - momentum) * (g / now) if nesterov else m / now
    outputs, inputs = p.shape if outputs_first else p.shape[::-1]
    scale = np.sqrt(np.full_like(p[0, 0], max(outputs, inputs)) / inputs)
    return p - lr * (scale * newton_schulz(d, steps, eps) + weight_decay * p), m


def muon(p, grads, *, lr, momentum, nesterov, weight_decay, steps, eps, corrected, outputs_first):
    """p_t, m_t = muon_step(p_(t-1), g_t, m_(t-1)) for t = 1 ... T, from m_0 = 0.

    Shapes: p a matrix, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    Vectors and numbers have no singular values to speak of: they are left to adamw.

    Raises ValueError where the shapes do not belong together, or p is no matrix.
    Source: Jordan et al. (2024), Muon: an optimizer for hidden layers in neural networks, section on its definition.
    """
    if p.ndim != 2:
        raise ValueError(f"muon: got p of shape {p.shape}, want a matrix")
    params = {"nesterov": nesterov, "weight_decay": weight_decay, "steps": steps, "eps": eps, "corrected": corrected}
    return counted_walk(
        muon_step, p, grads, np.zeros_like(p), lr=lr, momentum=momentum, outputs_first=outputs_first, **params
    )


def muon_cases(rng):
    params = {"lr": 0.3, "momentum": 0.5, "nesterov": True, "weight_decay": 0.25, "steps": 2, "eps": 1e-8}
    inputs_first = {"corrected": True, "outputs_first": False}
    yield Case("corrected", changing(rng, 4, 2, 3), {**params, **inputs_first})
    plain = {**params, "lr": 0.1, "momentum": 0.9, "nesterov": False, "weight_decay": 0.0, "steps": 1, "eps": 0.01}
    yield Case("tall", changing(rng, 5, 4, 3), {**plain, **inputs_first})
    yield Case("plain", changing(rng, 5, 4, 3), {**params, "corrected": False, "outputs_first": True})


def muon_sized(rng, n):
    k = max(round((n / 11) ** 0.5), 2)
    params = {"lr": 0.02, "momentum": 0.95, "nesterov": True, "weight_decay": 0.0, "steps": 5, "eps": 1e-8}
    arrays = rng.normal(size=(k, k)), rng.normal(size=(10, k, k))
    return Case("sized", arrays, {**params, "corrected": True, "outputs_first": False})


def sparse_adam(p, rows, values, *, lr, beta1, beta2, eps):
    """p_t, m_t, v_t = adam_step of those rows of p that step t touches; the other rows, of p, m and v, stay.

    Shapes: p (n, d), a table; the gradient of step t is 0 but for values[t] (k, d), which belong to rows[t] (k,), and
    add up where a row occurs twice; rows (T, k), values (T, k, d). p_1 ... p_T, (T, n, d). eps stands beside the root
    before its correction: lr sqrt(1 - beta2^t) / (1 - beta1^t) m' / (sqrt(v') + eps), as if with eps / sqrt(1 -
    beta2^t).

    A word that does not occur has a gradient of 0, and adam would move it on by its momentum, and forget. Here its
    averages wait. t counts all steps, so a row's first step, if it comes late, is hardly corrected: it is
    (1 - beta1) / sqrt(1 - beta2) times as long as adam's.

    Raises ValueError where the shapes do not belong together, IndexError for a row that p has not.
    Source: Kingma and Ba (2015), Adam: a method for stochastic optimization, algorithm 1 and section 2 (the order of
    the corrections).
    """
    if p.ndim != 2 or rows.ndim != 2 or values.shape != (*rows.shape, p.shape[1]):
        raise ValueError(
            f"sparse_adam: got p {p.shape}, rows {rows.shape}, values {values.shape}; want (n, d), (T, k), (T, k, d)"
        )
    if np.any((rows < 0) | (rows >= len(p))):
        raise IndexError(f"sparse_adam: got rows {rows.tolist()}, want 0 ... {len(p) - 1}")
    path, m, v = [p], np.zeros_like(p), np.zeros_like(p)
    for t, (some_rows, x) in enumerate(zip(rows, values, strict=True), start=1):
        hits = (some_rows[:, None] == np.arange(len(p)))[..., None]
        g = np.sum(np.where(hits, x[:, None, :], np.zeros_like(x)[:, None, :]), axis=0)
        touched = np.any(hits, axis=0)
        m = np.where(touched, beta1 * m + (1 - beta1) * g, m)
        v = np.where(touched, beta2 * v + (1 - beta2) * g**2, v)
        step = lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t) * m / (np.sqrt(v) + eps)
        path.append(np.where(touched, path[-1] - step, path[-1]))
    return np.stack(path)[1:]


def sparse_adam_cases(rng):
    rows = np.array([[0, 4, 0], [2, 2, 3], [4, 3, 0], [1, 1, 1]])
    large_eps = {"lr": 0.3, "beta1": 0.8, "beta2": 0.95, "eps": 0.1}
    yield Case("table", (rng.normal(size=(5, 2)), rows, rng.normal(size=(4, 3, 2))), large_eps)
    usual = {"lr": 0.1, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8}
    scaled = np.array([0.01, 1, 10])[:, None, None] * rng.normal(size=(3, 2, 6))
    yield Case("usual", (rng.normal(size=(4, 6)), np.array([[0, 1], [1, 1], [3, 0]]), scaled), usual)
    outside = np.array([[0, 5], [1, 1], [3, 0]])
    yield Case("outside", (rng.normal(size=(4, 6)), outside, scaled), usual, "refused")


def sparse_adam_sized(rng, n):
    rows, d = max(n // 32, 2), 8
    values = rng.normal(size=(3, rows, d))
    params = {"lr": 0.1, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8}
    return Case("sized", (rng.normal(size=(64, d)), rng.integers(0, 64, size=(3, rows)), values), params)


OPS = [
    Op(adafactor, adafactor_cases, sized=adafactor_sized, wrt=()),
    Op(sm3, sm3_cases, sized=sm3_sized, wrt=()),
    Op(muon, muon_cases, sized=muon_sized, wrt=()),
    Op(sparse_adam, sparse_adam_cases, sized=sparse_adam_sized, wrt=()),
]
