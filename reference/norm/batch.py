"""Batch normalisation: training, evaluation, running statistics."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .moments import moments_over, normalize_hvp, normalize_vjp, per_channel, random_batch, require_channels


def batch_norm(x, gamma, beta, *, eps):
    """y = gamma (x - mean) / sqrt(var + eps) + beta, with the mean and the variance of each channel of this batch.

    Shapes: x (N,C,*L) with any axes L, gamma and beta (C,), y as x.

    A channel's statistics run along every axis but axis 1. The variance is the biased one, the mean of
    (x - mean)^2: taken from the centred data, it loses nothing when the mean is large. eps stands inside the
    root, so a constant channel becomes beta.

    Raises ValueError when gamma or beta is not of shape (C,), or when a channel has a single value: its variance
    would always be 0.

    Source: Ioffe and Szegedy (2015), Batch Normalization, algorithm 1.
    """
    require_channels(x, gamma=gamma, beta=beta)
    _require_two_values(x)
    mean, var = moments_over(x, _all_but_channels(x))
    return per_channel(gamma, x) * (x - mean) / np.sqrt(var + eps) + per_channel(beta, x)


def batch_norm_vjp(ybar, y, x, gamma, beta, *, eps):
    """xbar = (g - mean(g) - xhat mean(g xhat)) / sqrt(var + eps), where g = gamma ybar is the cotangent of xhat.

    With s = sqrt(var + eps) and xhat = (x - mean)/s, a change xdot moves the mean by mean(xdot) and s by
    mean(xhat xdot), so that xhatdot = (xdot - mean(xdot) - xhat mean(xhat xdot)) / s. This map is its own adjoint:
    the second term is the way through the mean, the third the way through the variance.
    gammabar = sum(ybar xhat) and betabar = sum(ybar), because y = gamma xhat + beta.
    """
    axes = _all_but_channels(x)
    mean, var = moments_over(x, axes)
    std = np.sqrt(var + eps)
    xhat = (x - mean) / std
    xbar = normalize_vjp(per_channel(gamma, x) * ybar, xhat, std, axes)
    return xbar, np.sum(ybar * xhat, axis=axes), np.sum(ybar, axis=axes)


def batch_norm_hvp(ybar, dots, y, x, gamma, beta, *, eps):
    """xbardot as in ``normalize_hvp``, since g = gamma ybar moves by gammadot ybar; gammabardot = sum(ybar xhatdot).

    beta moves nothing, and betabar does not move.
    """
    xdot, gammadot, _ = dots
    axes = _all_but_channels(x)
    mean, var = moments_over(x, axes)
    std = np.sqrt(var + eps)
    g, gdot = per_channel(gamma, x) * ybar, per_channel(gammadot, x) * ybar
    xbardot, xhatdot = normalize_hvp(g, gdot, xdot, (x - mean) / std, std, axes)
    return xbardot, np.sum(ybar * xhatdot, axis=axes), np.zeros_like(beta)


def batch_norm_cases(rng):
    yield Case("rows", random_batch(rng, (7, 3)), {"eps": 1e-5})
    yield Case("images", random_batch(rng, (3, 2, 5, 4)), {"eps": 1e-3}, half=False)
    yield Case("one-image", random_batch(rng, (1, 3, 4, 5)), {"eps": 0.1}, half=False)
    yield Case("sequences", random_batch(rng, (2, 4, 5)), {"eps": 0.5})
    yield Case("small-values", random_batch(rng, (6, 4), scale=0.05), {"eps": 1e-3})
    yield Case("shifted", random_batch(rng, (5, 3), shift=1000.0), {"eps": 1e-5}, half=False)
    constant = np.array([[3.0, np.nan], [3.0, 1.0], [3.0, 2.0], [3.0, 4.0]])
    answer = np.array([[0.5, np.nan]] * 4)
    affine = (np.array([7.0, 2.0]), np.array([0.5, -1.0]))
    yield Case("constant-and-nan-channel", (constant, *affine), {"eps": 0.25}, "special", answer)
    yield Case("no-channels", (np.zeros((5, 0)), np.zeros(0), np.zeros(0)), {"eps": 0.1}, "empty", np.zeros((5, 0)))
    x, gamma, beta = random_batch(rng, (5, 3))
    yield Case("gamma-too-long", (x, rng.normal(size=4), beta), {"eps": 0.1}, "refused")
    yield Case("gamma-of-one", (x, gamma[:1], beta), {"eps": 0.1}, "refused")
    yield Case("beta-per-row", (x, gamma, rng.normal(size=5)), {"eps": 0.1}, "refused")
    yield Case("one-value-a-channel", (x[:1], gamma, beta), {"eps": 0.1}, "refused")


def batch_norm_sized(rng, n):
    return Case("sized", random_batch(rng, (max(n // 64, 2), 64)), {"eps": 1e-5})


def batch_norm_inference(x, gamma, beta, running_mean, running_var, *, eps):
    """y = gamma (x - running_mean) / sqrt(running_var + eps) + beta, with statistics that training left behind.

    Shapes: x (N,C,*L) with any axes L, gamma, beta, running_mean and running_var (C,), y as x.

    Nothing depends on the other rows of the batch: each channel goes through a fixed affine map, and a
    single row has an answer.

    Raises ValueError when one of the four is not of shape (C,).

    Source: Ioffe and Szegedy (2015), Batch Normalization, algorithm 2, line 11.
    """
    require_channels(x, gamma=gamma, beta=beta, running_mean=running_mean, running_var=running_var)
    centred = x - per_channel(running_mean, x)
    return per_channel(gamma, x) * centred / np.sqrt(per_channel(running_var, x) + eps) + per_channel(beta, x)


def batch_norm_inference_vjp(ybar, y, x, gamma, beta, running_mean, running_var, *, eps):
    """xbar = gamma ybar / std, with std = sqrt(running_var + eps): the map is affine in x, gamma and beta.

    The mean enters as x does, with the opposite sign, so its cotangent is -sum(xbar). The variance enters through
    xhat = (x - running_mean) (running_var + eps)^(-1/2), whose derivative is -xhat / (2 std^2).
    """
    axes = _all_but_channels(x)
    std = np.sqrt(per_channel(running_var, x) + eps)
    xhat = (x - per_channel(running_mean, x)) / std
    xbar = per_channel(gamma, x) * ybar / std
    return (
        xbar,
        np.sum(ybar * xhat, axis=axes),
        np.sum(ybar, axis=axes),
        -np.sum(xbar, axis=axes),
        -np.sum(xbar * xhat / (2 * std), axis=axes),
    )


def batch_norm_inference_hvp(ybar, dots, y, x, gamma, beta, running_mean, running_var, *, eps):
    """Each product of the VJP by the product rule, with stddot = vardot / (2 std).

    xhatdot = (xdot - meandot - xhat stddot) / std, and xbardot = (gammadot ybar - xbar stddot) / std.
    """
    xdot, gammadot, _, meandot, vardot = dots
    axes = _all_but_channels(x)
    std = np.sqrt(per_channel(running_var, x) + eps)
    xhat = (x - per_channel(running_mean, x)) / std
    xbar = per_channel(gamma, x) * ybar / std
    growth = per_channel(vardot, x) / (2 * std * std)  # stddot / std
    xhatdot = (xdot - per_channel(meandot, x)) / std - xhat * growth
    xbardot = per_channel(gammadot, x) * ybar / std - xbar * growth
    return (
        xbardot,
        np.sum(ybar * xhatdot, axis=axes),
        np.zeros_like(beta),
        -np.sum(xbardot, axis=axes),
        -np.sum((xbardot * xhat + xbar * xhatdot - xbar * xhat * growth) / (2 * std), axis=axes),
    )


def batch_norm_inference_cases(rng):
    yield Case("rows", _trained(rng, (5, 3)), {"eps": 1e-5})
    yield Case("images", _trained(rng, (3, 2, 5, 4)), {"eps": 1e-3}, half=False)
    yield Case("one-row", _trained(rng, (1, 4)), {"eps": 0.1})
    yield Case("sequences", _trained(rng, (3, 5, 2)), {"eps": 0.5})
    yield Case("shifted", _trained(rng, (4, 3), shift=1000.0), {"eps": 1e-5}, half=False)
    x, gamma, beta = np.array([[7.0, np.inf], [-1.0, np.nan]]), np.array([3.0, -2.0]), np.array([-1.0, 1.0])
    args = (x, gamma, beta, np.array([5.0, 4.0]), np.array([0.0, 1.0]))
    answer = np.array([[11.0, -np.inf], [-37.0, np.nan]])
    yield Case("no-variance-and-infinite", args, {"eps": 0.25}, "special", answer)
    x, *statistics = _trained(rng, (5, 3))
    yield Case("no-rows", (x[:0], *statistics), {"eps": 0.1}, "empty", np.zeros((0, 3)))
    gamma, beta, mean, var = statistics
    yield Case("mean-of-one", (x, gamma, beta, mean[:1], var), {"eps": 0.1}, "refused")
    yield Case("variance-per-row", (x, gamma, beta, mean, rng.uniform(1, 2, 5)), {"eps": 0.1}, "refused")


def batch_norm_inference_sized(rng, n):
    return Case("sized", _trained(rng, (max(n // 64, 1), 64)), {"eps": 1e-5})


def batch_norm_running(x, running_mean, running_var, *, momentum):
    """running <- (1 - momentum) running + momentum batch, for the mean and the unbiased variance of each channel.

    Shapes: x (N,C,*L) with any axes L, running_mean and running_var (C,), returns both, updated, (C,).

    momentum is the weight of the new batch, as in torch; in Keras it is the weight of the old average. The stored
    variance divides by n - 1, where n values of a channel are in the batch: it is to estimate the variance of the
    data, whereas training normalises by the variance of the batch itself, which divides by n.

    Raises ValueError when a running statistic is not of shape (C,), or when a channel has a single value.

    Source: Ioffe and Szegedy (2015), Batch Normalization, algorithm 2, line 10, and section 3.1.
    """
    require_channels(x, running_mean=running_mean, running_var=running_var)
    _require_two_values(x)
    mean, var = batch_statistics(x)
    return (1 - momentum) * running_mean + momentum * mean, (1 - momentum) * running_var + momentum * var


def batch_norm_running_vjp(ybar, y, x, running_mean, running_var, *, momentum):
    """xbar = momentum (meanbar / n + varbar 2 (x - mean) / (n - 1)); the old statistics are scaled by 1 - momentum."""
    meanbar, varbar = ybar
    xbar = batch_statistics_vjp((momentum * meanbar, momentum * varbar), x)
    return xbar, (1 - momentum) * meanbar, (1 - momentum) * varbar


def batch_norm_running_hvp(ybar, dots, y, x, running_mean, running_var, *, momentum):
    """xbardot = momentum varbar 2 (xdot - mean(xdot)) / (n - 1): only the variance bends, and only in x."""
    xdot, (_, varbar) = dots[0], ybar
    xbardot = batch_statistics_vjp((np.zeros_like(varbar), momentum * varbar), xdot)
    return xbardot, np.zeros_like(running_mean), np.zeros_like(running_var)


def batch_norm_running_cases(rng):
    yield Case("rows", _running(rng, (7, 3)), {"momentum": 0.1})
    yield Case("images", _running(rng, (3, 2, 5, 4)), {"momentum": 0.3})
    yield Case("one-sequence", _running(rng, (1, 3, 5)), {"momentum": 0.75})
    yield Case("shifted", _running(rng, (5, 4), shift=1000.0), {"momentum": 0.3})
    x = np.array([[1.0, 5.0], [3.0, 5.0], [5.0, 5.0]])
    answer = (np.array([2.5, 3.5]), np.array([4.0, 1.0]))
    yield Case("by-hand", (x, np.array([2.0, 2.0]), np.array([4.0, 2.0])), {"momentum": 0.5}, "special", answer)
    x, mean, var = _running(rng, (5, 3))
    nothing = (np.zeros((5, 0)), np.zeros(0), np.zeros(0))
    yield Case("no-channels", nothing, {"momentum": 0.3}, "empty", (np.zeros(0), np.zeros(0)))
    yield Case("mean-of-one", (x, mean[:1], var), {"momentum": 0.3}, "refused")
    yield Case("variance-per-row", (x, mean, rng.uniform(1, 2, 5)), {"momentum": 0.3}, "refused")
    yield Case("one-value-a-channel", (x[:1], mean, var), {"momentum": 0.3}, "refused")


def batch_norm_running_sized(rng, n):
    return Case("sized", _running(rng, (max(n // 64, 2), 64)), {"momentum": 0.1})


def batch_statistics(x):
    """mean = sum(x)/n and var = sum((x - mean)^2)/(n - 1) of the n values of each channel, (C,) each."""
    axes = _all_but_channels(x)
    mean = np.mean(x, axis=axes, keepdims=True)
    return np.squeeze(mean, axis=axes), np.sum((x - mean) ** 2, axis=axes) / (_values_of_a_channel(x) - 1)


def batch_statistics_vjp(ybar, x):
    """xbar = meanbar / n + varbar 2 (x - mean) / (n - 1).

    The mean inside var moves too, which adds nothing: var is smallest at this mean, as sum(x - mean) = 0 tells.
    """
    meanbar, varbar = ybar
    n = _values_of_a_channel(x)
    mean = np.mean(x, axis=_all_but_channels(x), keepdims=True)
    return per_channel(meanbar, x) / n + per_channel(varbar, x) * 2 * (x - mean) / (n - 1)


def batch_statistics_jvp(xdot, x):
    """meandot = sum(xdot)/n and vardot = 2 sum((x - mean) xdot)/(n - 1), as sum(x - mean) = 0."""
    axes = _all_but_channels(x)
    centred = x - np.mean(x, axis=axes, keepdims=True)
    return np.mean(xdot, axis=axes), 2 * np.sum(centred * xdot, axis=axes) / (_values_of_a_channel(x) - 1)


def _all_but_channels(x):
    return tuple(axis for axis in range(x.ndim) if axis != 1)


def _values_of_a_channel(x):
    return int(np.prod(x.shape[:1] + x.shape[2:]))


def _require_two_values(x):
    if _values_of_a_channel(x) < 2:
        raise ValueError(f"x has shape {x.shape}: one value of each channel, expected at least two for a variance")


def _trained(rng, shape, *, shift=0.0):
    x, gamma, beta = random_batch(rng, shape, shift=shift)
    return x, gamma, beta, shift + rng.normal(size=shape[1]) / 2, rng.uniform(0.5, 2, shape[1])


def _running(rng, shape, *, shift=0.0):
    x, _, _ = random_batch(rng, shape, shift=shift)
    return x, rng.normal(size=shape[1]), rng.uniform(0.5, 2, shape[1])


OPS = [
    Op(batch_norm, batch_norm_cases, batch_norm_vjp, batch_norm_sized, hvp=batch_norm_hvp, half=True),
    Op(
        batch_norm_inference,
        batch_norm_inference_cases,
        batch_norm_inference_vjp,
        batch_norm_inference_sized,
        hvp=batch_norm_inference_hvp,
        half=True,
    ),
    Op(
        batch_norm_running,
        batch_norm_running_cases,
        batch_norm_running_vjp,
        batch_norm_running_sized,
        hvp=batch_norm_running_hvp,
    ),
]
