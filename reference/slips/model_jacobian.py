"""Slips of counting parameters, and of the Jacobian of a network."""

from __future__ import annotations

import numpy as np

from ..activation.sigmoidal import sigmoid
from ..model.jacobian import mlp_jacobian, way
from ..op import Slip

SLOPES = {"sigmoid": lambda z: sigmoid(z) * sigmoid(-z), "tanh": lambda z: 1 / np.cosh(z) ** 2}
ACTIVATIONS = {"sigmoid": sigmoid, "tanh": np.tanh}


def _with_slopes(x, theta, slope_of):
    """The product of the Jacobians with other slopes: ``slope_of(z, h)``."""
    w, b = theta[:2]
    z, j = x @ w + b, np.broadcast_to(w.T, (len(x), *w.T.shape))
    for w, b in zip(theta[2::2], (*theta[3::2], 0), strict=True):
        slope, h = slope_of(z)
        z, j = h @ w + b, w.T @ (slope[..., None] * j)
    return j


def _slope_at_the_value(x, *theta, activation):
    s = ACTIVATIONS[activation]
    return _with_slopes(x, theta, lambda z: (SLOPES[activation](s(z)), s(z)))


def _slopes_missing(x, *theta, activation):
    s = ACTIVATIONS[activation]
    return _with_slopes(x, theta, lambda z: (np.ones_like(z), s(z)))


def _slopes_as_constants(ybar, y, x, *theta, activation):
    weights, _, slopes, products = way(x, theta, activation)
    pbar, bars = ybar, []
    for k in range(len(weights) - 1, 0, -1):
        slope = slopes[k - 1][..., None]
        bars = [np.zeros_like(theta[2 * k - 1]), np.sum((slope * products[k - 1]) @ pbar.mT, axis=0), *bars]
        pbar = slope * (weights[k] @ pbar)
    return np.zeros_like(x), np.sum(pbar.mT, axis=0), *bars


SLIPS = {
    "mlp_size": (
        Slip(
            "biases-forgotten",
            "Each neuron has a bias beside its weights: (n_(l-1) + 1) n_l numbers for a layer. Here only the weights "
            "were counted.",
            forward=lambda widths: np.sum(widths[:-1] * widths[1:]),
        ),
        Slip(
            "a-bias-for-each-input",
            "The biases belong to the neurons of a layer, not to what comes in: n_l of them. Here n_(l-1) were "
            "counted.",
            forward=lambda widths: np.sum(widths[:-1] * (widths[1:] + 1)),
        ),
    ),
    "mlp_jacobian": (
        Slip(
            "transposed",
            "Outputs are the rows and inputs the columns, J_ij = dy_i / dx_j, so that J xdot is ydot. Here it is the "
            "other layout, which some books call the gradient: transpose it with .mT.",
            forward=lambda x, *theta, activation: mlp_jacobian(x, *theta, activation=activation).mT,
            convention="the denominator layout",
        ),
        Slip(
            "slopes-missing",
            "Between two matrices stands the diagonal matrix of the slopes s'(z) of the activation. Without them the "
            "product is the Jacobian of a network that does not bend.",
            forward=_slopes_missing,
        ),
        Slip(
            "slope-at-the-value",
            "The slope s' is taken at the sum z that goes into the activation, not at s(z) that comes out of it.",
            forward=_slope_at_the_value,
        ),
        Slip(
            "slopes-taken-as-constants",
            "The Jacobian depends on x and on the biases by the slopes s'(z), which move by s'' zdot. Here only the "
            "matrices in the product were moved.",
            vjp=_slopes_as_constants,
        ),
    ),
}
