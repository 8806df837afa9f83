"""Root mean square normalisation: layer normalisation without the mean."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .moments import random_examples, require_trailing, trailing


def rms_norm(x, gamma, *, eps):
    """y = gamma x / sqrt(mean(x^2) + eps), with the mean over the features of each example.

    Shapes: x (..., *D), gamma (*D), y as x.

    Layer normalisation does two things, centring and scaling; this one only scales: what it makes invariant is the
    size of an example, not where its features lie. It costs one reduction instead of two, and needs no beta. eps
    stands inside the root, so an example of zeros stays zeros.

    Raises ValueError when gamma does not have the shape of the trailing axes of x.

    Source: Zhang and Sennrich (2019), Root Mean Square Layer Normalization, section 3, eq. 4.
    """
    require_trailing(x, gamma=gamma)
    return gamma * x / np.sqrt(mean_square(x, trailing(gamma)) + eps)


def rms_norm_vjp(ybar, y, x, gamma, *, eps):
    """xbar = (g - xhat mean(g xhat)) / rms, where rms = sqrt(mean(x^2) + eps), xhat = x / rms and g = gamma ybar.

    A change xdot moves rms by mean(x xdot) / rms = mean(xhat xdot), so xhatdot = (xdot - xhat mean(xhat xdot)) / rms.
    This map is its own adjoint. Beside layer norm the term through the mean is missing, as there is no mean.
    gammabar is the sum of ybar xhat along the leading axes, where gamma is broadcast.
    """
    axes = trailing(gamma)
    rms = np.sqrt(mean_square(x, axes) + eps)
    xhat = x / rms
    g = gamma * ybar
    xbar = (g - xhat * np.mean(g * xhat, axis=axes, keepdims=True)) / rms
    return xbar, np.sum(ybar * xhat, axis=tuple(range(x.ndim - gamma.ndim)))


def rms_norm_hvp(ybar, dots, y, x, gamma, *, eps):
    """xbardot = (gdot - xhat mean(gdot xhat + g xhatdot) - xhatdot mean(g xhat) - xbar rmsdot) / rms.

    It is xbar differentiated factor by factor, with gdot = gammadot ybar, rmsdot = mean(xhat xdot) and
    xhatdot = (xdot - xhat rmsdot) / rms. gammabardot is the sum of ybar xhatdot.
    """
    xdot, gammadot = dots
    axes = trailing(gamma)

    def mean(v):
        return np.mean(v, axis=axes, keepdims=True)

    rms = np.sqrt(mean_square(x, axes) + eps)
    xhat, g, gdot = x / rms, gamma * ybar, gammadot * ybar
    rmsdot = mean(xhat * xdot)
    xhatdot = (xdot - xhat * rmsdot) / rms
    xbar = (g - xhat * mean(g * xhat)) / rms
    xbardot = (gdot - xhat * mean(gdot * xhat + g * xhatdot) - xhatdot * mean(g * xhat) - xbar * rmsdot) / rms
    return xbardot, np.sum(ybar * xhatdot, axis=tuple(range(x.ndim - gamma.ndim)))


def mean_square(x, axes):
    return np.mean(x * x, axis=axes, keepdims=True)


def rms_norm_cases(rng):
    yield Case("rows", _examples(rng, (3, 5), 1), {"eps": 1e-5})
    yield Case("sequences", _examples(rng, (2, 3, 5), 1, scale=0.5, shift=1.0), {"eps": 0.5})
    yield Case("two-feature-axes", _examples(rng, (3, 5, 4), 2, scale=30.0), {"eps": 0.1}, half=False)
    rows = np.array([[0.0, -0.0, 0.0, 0.0], [np.nan, 1.0, 2.0, 4.0], [np.inf, 1.0, -2.0, 4.0], [1.0, -1.0, 1.0, 1.0]])
    gamma = np.array([7.0, 2.0, -1.0, 3.0])
    answer = np.array([[0.0, -0.0, -0.0, 0.0], [np.nan] * 4, [np.nan, 0.0, 0.0, 0.0], [3.5, -1.0, -0.5, 1.5]])
    yield Case("zero-nan-and-infinite-row", (rows, gamma), {"eps": 3.0}, "special", answer)
    yield Case("no-rows", (np.zeros((0, 4)), gamma), {"eps": 0.1}, "empty", np.zeros((0, 4)))
    yield Case("gamma-per-row", (rng.normal(size=(5, 4)), rng.normal(size=5)), {"eps": 0.1}, "refused")
    yield Case("gamma-of-one", (rng.normal(size=(5, 4)), gamma[:1]), {"eps": 0.1}, "refused")


def rms_norm_sized(rng, n):
    return Case("sized", _examples(rng, (max(n // 256, 1), 256), 1), {"eps": 1e-5})


def _examples(rng, shape, feature_axes, *, shift=0.0, scale=1.0):
    x, gamma, _ = random_examples(rng, shape, feature_axes, shift=shift, scale=scale)
    return x, gamma


OPS = [
    Op(rms_norm, rms_norm_cases, rms_norm_vjp, rms_norm_sized, hvp=rms_norm_hvp, half=True),
]
