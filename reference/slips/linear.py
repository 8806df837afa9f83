"""Slips of one neuron, and of the affine layer."""

from __future__ import annotations

import numpy as np

from ..activation.sigmoidal import sigmoid
from ..linear.layer import linear_vjp, neuron_vjp
from ..op import Slip

ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
}


SLOPES_BY_VALUE = {
    "identity": np.ones_like,
    "sigmoid": lambda y: y * (1 - y),
    "tanh": lambda y: 1 - y * y,
    "relu": lambda y: np.where(y > 0, 1.0, 0.0),
}
"""The derivative of each activation, as a function of its value."""


def _back(zbar, x, w):
    """Of a neuron, the three cotangents from that of the sum in front of the activation."""
    return zbar[:, None] * w, zbar @ x, np.sum(zbar)


def _linear_first_axis(ybar, y, x, w, b):
    return ybar @ w.T, x.mT @ ybar, np.sum(ybar, axis=0)


def _linear_averaged(ybar, y, x, w, b):
    xbar, wbar, bbar = linear_vjp(ybar, y, x, w, b)
    n = x.size // x.shape[-1]
    return xbar, wbar / n, bbar / n


def _linear_all_axes(ybar, y, x, w, b):
    xbar, wbar, bbar = linear_vjp(ybar, y, x, w, b)
    return xbar, wbar, np.full_like(b, np.sum(bbar))


SLIPS = {
    "neuron": (
        Slip(
            "slope-missing",
            "The cotangent passes through the activation before it reaches the weights: zbar = ybar f'(z). Here the "
            "factor f'(z) was left out, which is right for the identity alone.",
            vjp=lambda ybar, y, x, w, b, *, activation: _back(ybar, x, w),
        ),
        Slip(
            "slope-formula-of-the-value-at-the-sum",
            "The formulas y (1 - y) and 1 - y^2 are the slopes of sigmoid and tanh written by their value y. Here the "
            "sum z = w.x + b in front of the activation was put into them.",
            vjp=lambda ybar, y, x, w, b, *, activation: _back(ybar * SLOPES_BY_VALUE[activation](x @ w + b), x, w),
        ),
        Slip(
            "slope-at-the-value",
            "The slope f' is taken at the sum z = w.x + b that went into the activation, not at y that came out of it: "
            "here the activation was applied twice before its slope was taken.",
            vjp=lambda ybar, y, x, w, b, *, activation: _back(
                ybar * SLOPES_BY_VALUE[activation](ACTIVATIONS[activation](y)), x, w
            ),
        ),
        Slip(
            "bias-outside-the-activation",
            "The bias shifts the sum, and with it the place where the activation bends: y = f(x w + b). Here it was "
            "added to the output, f(x w) + b.",
            forward=lambda x, w, b, *, activation: ACTIVATIONS[activation](x @ w) + b,
        ),
        Slip(
            "bias-not-summed",
            "All examples share the one bias, so bbar = sum_i zbar_i is one number. Here there is one for each "
            "example.",
            vjp=lambda ybar, y, x, w, b, *, activation: (
                *neuron_vjp(ybar, y, x, w, b, activation=activation)[:2],
                ybar * SLOPES_BY_VALUE[activation](y),
            ),
        ),
        Slip(
            "averaged-over-the-examples",
            "Every example uses w and b, so what they send back adds up. Where the loss is a mean, its 1/n is in ybar "
            "already: dividing here again makes the step n times too short.",
            vjp=lambda ybar, y, x, w, b, *, activation: (lambda xbar, wbar, bbar: (xbar, wbar / len(x), bbar / len(x)))(
                *neuron_vjp(ybar, y, x, w, b, activation=activation)
            ),
        ),
    ),
    "linear": (
        Slip(
            "weights-as-torch-keeps-them",
            "PyTorch's linear keeps the weights as (n_out, n_in) and computes x w^T + b; here they are (n_in, n_out). "
            "Only square weights let both pass. Write x @ w + b, or hand over w.T.",
            forward=lambda x, w, b: x @ w.T + b,
            vjp=lambda ybar, y, x, w, b: (
                ybar @ w,
                np.reshape(ybar, (-1, w.shape[0])).T @ np.reshape(x, (-1, w.shape[1])),
                np.sum(np.reshape(ybar, (-1, len(b))), axis=0),
            ),
            convention="PyTorch",
        ),
        Slip(
            "bias-before-the-product",
            "The bias has one number for each output and is added to the product, x w + b. Here it was added to the "
            "inputs, (x + b) w, so that w multiplies it too.",
            forward=lambda x, w, b: (x + b) @ w,
        ),
        Slip(
            "averaged-over-the-examples",
            "Every example uses w and b, so what they send back adds up: wbar = x^T ybar, bbar = sum ybar. Where the "
            "loss is a mean, its 1/N is in ybar already, and dividing again makes the step N times too short.",
            vjp=_linear_averaged,
        ),
        Slip(
            "bias-summed-over-all-axes",
            "Each output unit has a bias of its own, so bbar sums over the examples only: np.sum(ybar, axis=0). Here "
            "one number, the sum of everything, was given to all of them.",
            vjp=_linear_all_axes,
        ),
        Slip(
            "bias-not-summed",
            "The bias was broadcast over all examples, so bbar = sum over them, in the shape (n_out,) of b. Here it "
            "still has a row for each example; an update with it turns b into a matrix.",
            vjp=lambda ybar, y, x, w, b: (*linear_vjp(ybar, y, x, w, b)[:2], ybar),
        ),
        Slip(
            "first-axis-only",
            "Of inputs (batch, steps, n_in) all leading axes are examples: join them before the product and the sum, "
            "wbar = reshape(x, (-1, n_in))^T reshape(ybar, (-1, n_out)). Here only one axis was summed.",
            vjp=_linear_first_axis,
        ),
    ),
}
