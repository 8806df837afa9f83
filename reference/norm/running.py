"""Batch normalisation over several steps of training, and the evaluation that follows."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .batch import (
    batch_norm_inference,
    batch_norm_inference_hvp,
    batch_norm_inference_vjp,
    batch_statistics,
    batch_statistics_jvp,
    batch_statistics_vjp,
)
from .moments import require_channels


def batch_norm_trained(batches, x, gamma, beta, running_mean, running_var, *, momentum, correction, eps):
    """y = gamma (x - m_T) / sqrt(v_T + eps) + beta, where m_t = (1 - momentum) m_(t-1) + momentum mean_t, and so v_t.

    Shapes: batches (T,N,C,*L), the T batches of training in their order; x (M,C,*K), what is evaluated; gamma, beta,
    running_mean m_0 and running_var v_0 (C,); returns y as x, m_T and v_T (C,).

    Training leaves two numbers a channel behind, and evaluation sees nothing else: the rows of x do not change each
    other's answers. The last batch weighs momentum, the one before it (1 - momentum) momentum, and m_0 keeps
    (1 - momentum)^T. The variance of a batch of n values a channel that goes into v_t is divided by n - correction,
    and here the libraries part:

    ==========  ============  ====================================
    torch       correction 1  momentum is the weight of the batch
    flax        correction 0  momentum is 1 minus ours, 0.99 unless given
    Keras       correction 0  momentum is 1 minus ours, 0.99 unless given
    ==========  ============  ====================================

    Weights that were trained under one convention and go on under the other answer differently, most so for small
    batches.

    Raises ValueError when gamma, beta or a running statistic is not of shape (C,), when batches has no batch or
    another number of channels, or when a channel of a batch has a single value.

    Source: Ioffe and Szegedy (2015), Batch Normalization, algorithm 2 and section 3.1.
    """
    require_channels(x, gamma=gamma, beta=beta, running_mean=running_mean, running_var=running_var)
    _require_batches(batches, x)
    mean, var = running_mean, running_var
    for batch in batches:
        batch_mean, batch_var = batch_statistics(batch)
        mean = (1 - momentum) * mean + momentum * batch_mean
        var = (1 - momentum) * var + momentum * _rescaled(batch_var, batch, correction)
    return batch_norm_inference(x, gamma, beta, mean, var, eps=eps), mean, var


def batch_norm_trained_vjp(ybar, y, batches, x, gamma, beta, running_mean, running_var, *, momentum, correction, eps):
    """batchbar_t = (1 - momentum)^(T - t) momentum (meanbar_t + varbar_t), each through the statistics of that batch.

    The evaluation gives the cotangents of m_T and v_T, beside what comes from outside. From there back in time: a
    step is a weighted sum, so the batch gets momentum of the cotangent and the older statistics 1 - momentum of it.
    """
    xbar_out, meanbar, varbar = ybar
    _, mean, var = y
    xbar, gammabar, betabar, through_mean, through_var = batch_norm_inference_vjp(
        xbar_out, y[0], x, gamma, beta, mean, var, eps=eps
    )
    meanbar, varbar = meanbar + through_mean, varbar + through_var
    batchesbar = []
    for batch in batches[::-1]:
        cotangents = (momentum * meanbar, momentum * _rescaled(varbar, batch, correction))
        batchesbar.append(batch_statistics_vjp(cotangents, batch))
        meanbar, varbar = (1 - momentum) * meanbar, (1 - momentum) * varbar
    return np.stack(batchesbar[::-1]), xbar, gammabar, betabar, meanbar, varbar


def batch_norm_trained_hvp(
    ybar, dots, y, batches, x, gamma, beta, running_mean, running_var, *, momentum, correction, eps
):
    """The tangents of m_T and v_T on the way forward, those of their cotangents on the way back.

    A running statistic moves as it is averaged. Backward, batchbar is linear in the cotangents, which move by what the
    evaluation's HVP says, and bends by varbar alone, as in batch_norm_running_hvp.
    """
    batchesdot, xdot, gammadot, betadot, meandot, vardot = dots
    for batch, dot in zip(batches, batchesdot, strict=True):
        batch_meandot, batch_vardot = batch_statistics_jvp(dot, batch)
        meandot = (1 - momentum) * meandot + momentum * batch_meandot
        vardot = (1 - momentum) * vardot + momentum * _rescaled(batch_vardot, batch, correction)
    at_the_end = (x, gamma, beta, *y[1:])
    *_, through_var = batch_norm_inference_vjp(ybar[0], y[0], *at_the_end, eps=eps)
    *moved, meanbardot, varbardot = batch_norm_inference_hvp(
        ybar[0], (xdot, gammadot, betadot, meandot, vardot), y[0], *at_the_end, eps=eps
    )
    varbar, batchesbardot = ybar[2] + through_var, []
    for batch, dot in zip(batches[::-1], batchesdot[::-1], strict=True):
        cotangents = (momentum * meanbardot, momentum * _rescaled(varbardot, batch, correction))
        bent = (np.zeros_like(varbar), momentum * _rescaled(varbar, batch, correction))
        batchesbardot.append(batch_statistics_vjp(cotangents, batch) + batch_statistics_vjp(bent, dot))
        varbar, meanbardot, varbardot = ((1 - momentum) * bar for bar in (varbar, meanbardot, varbardot))
    return np.stack(batchesbardot[::-1]), *moved, meanbardot, varbardot


def batch_norm_trained_cases(rng):
    yield Case("rows", _training(rng, (3, 5, 4), (2, 4)), {"momentum": 0.1, "correction": 1, "eps": 1e-3})
    yield Case("rows-biased", _training(rng, (3, 5, 2), (4, 2)), {"momentum": 0.3, "correction": 0, "eps": 0.1})
    sequences = _training(rng, (3, 2, 4, 5), (1, 4, 7))
    yield Case("sequences", sequences, {"momentum": 0.3, "correction": 1, "eps": 0.1})
    yield Case("sequences-biased", sequences, {"momentum": 0.75, "correction": 0, "eps": 0.1})
    hand = {"momentum": 0.5, "correction": 1, "eps": 0.875}
    batches = np.array([[[0.0], [2.0]], [[1.0], [1.0]], [[2.0], [4.0]]])
    args = (batches, np.array([[3.375]]), np.array([3.0]), np.array([0.5]), np.array([0.0]), np.array([1.0]))
    answer = (np.array([[3.5]]), np.array([1.875]), np.array([1.375]))
    yield Case("by-hand", args, hand, "special", answer)
    nothing, (_, mean, var) = np.zeros((0, 1)), answer
    yield Case("nothing-to-evaluate", (batches, nothing, *args[2:]), hand, "empty", (nothing, mean, var))
    batches, x, gamma, beta, mean, var = _training(rng, (3, 5, 4), (2, 4))
    yield Case("batches-of-one", (batches[:, :1], x, gamma, beta, mean, var), hand, "refused")
    yield Case("mean-of-one", (batches, x, gamma, beta, mean[:1], var), hand, "refused")


def batch_norm_trained_sized(rng, n):
    rows = max(n // 1024, 2)
    params = {"momentum": 0.1, "correction": 1, "eps": 1e-5}
    return Case("sized", _training(rng, (15, rows, 64), (rows, 64)), params)


def _rescaled(var, batch, correction):
    """What was divided by n - 1, of the n values of a channel, divided by n - correction instead."""
    n = int(np.prod(batch.shape[:1] + batch.shape[2:]))
    return var * (n - 1) / (n - correction)


def _require_batches(batches, x):
    if batches.ndim < 3 or len(batches) < 1 or batches.shape[2:3] != x.shape[1:2]:
        raise ValueError(f"batches has shape {batches.shape}, expected (T,N,C,...) with the C of x, shape {x.shape}")
    if batches.shape[1] * int(np.prod(batches.shape[3:])) < 2:
        raise ValueError(f"batches has shape {batches.shape}: a single value of each channel in a batch, not two")


def _training(rng, shape, evaluated):
    c = shape[2]
    wandering = np.arange(shape[0]).reshape((-1,) + (1,) * (len(shape) - 1))  # each batch with a mean of its own
    batches = rng.normal(size=shape) * (1 + 0.5 * wandering) + wandering
    affine = (rng.uniform(0.5, 2, c), rng.normal(size=c))
    return batches, rng.normal(size=evaluated), *affine, rng.normal(size=c), rng.uniform(0.5, 2, c)


OPS = [
    Op(
        batch_norm_trained,
        batch_norm_trained_cases,
        batch_norm_trained_vjp,
        batch_norm_trained_sized,
        hvp=batch_norm_trained_hvp,
    ),
]
