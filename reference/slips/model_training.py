"""Slips of training a network."""

from __future__ import annotations

import numpy as np

from ..model.mlp import mlp_binary_loss, mlp_binary_loss_vjp
from ..op import Slip


def _trained(decay=lambda p: p.ndim == 2, late=False, in_turn=False, way=1):
    """mlp_training, with the choices that are made wrongly: what decays, when the loss is taken, who moves when."""

    def train(x, target, *theta, activation, steps, lr, weight_decay):
        theta, losses = list(theta), []

        def loss_at():
            return mlp_binary_loss(x, target, *theta, activation=activation)

        for _ in range(steps):
            before = loss_at()
            gradients = mlp_binary_loss_vjp(np.ones_like(before), before, x, target, *theta, activation=activation)[2:]
            for i, p in enumerate(theta):
                if in_turn:
                    loss = loss_at()
                    gradients = mlp_binary_loss_vjp(np.ones_like(loss), loss, x, target, *theta, activation=activation)[
                        2:
                    ]
                theta[i] = p - way * lr * (gradients[i] + weight_decay * decay(p) * p)
            losses.append(loss_at() if late else before)
        return np.stack(losses), *theta

    return train


SLIPS = {
    "mlp_training": (
        Slip(
            "uphill",
            "The gradient points to where the loss grows: the step goes against it, p - lr g.",
            forward=_trained(way=-1),
        ),
        Slip(
            "biases-decay",
            "Of theta only the matrices decay: a bias makes no function steeper. Here the biases decay too.",
            forward=_trained(decay=lambda p: 1),
        ),
        Slip(
            "decay-forgotten",
            "The decay adds weight_decay w to the gradient of a matrix. Here it is not looked at.",
            forward=_trained(decay=lambda p: 0),
        ),
        Slip(
            "decay-without-the-half",
            "The penalty is weight_decay / 2 |w|^2, and its gradient weight_decay w. Here the half is missing, and the "
            "gradient is twice that.",
            forward=_trained(decay=lambda p: 2 * (p.ndim == 2)),
        ),
        Slip(
            "loss-after-the-step",
            "A loss belongs to the parameters that it was computed with, those before the step. Here it is that of the "
            "parameters after it.",
            forward=_trained(late=True),
        ),
        Slip(
            "one-parameter-after-the-other",
            "All gradients of a step are taken at one point, and then all of theta moves. Here each parameter moves at "
            "once, and the gradient of the next one is taken with it.",
            forward=_trained(in_turn=True),
        ),
    ),
}
