"""Training a multilayer perceptron: forward, backward and step, again and again."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from ..optim.sgd import sgd_step
from .mlp import mlp_binary_loss, mlp_binary_loss_vjp, mlp_theta


def mlp_training(x, target, *theta, activation, steps, lr, weight_decay):
    """theta_t = theta_(t-1) - lr (g_t + weight_decay theta_(t-1)), g_t the gradient of mlp_binary_loss at theta_(t-1).

    Shapes: x (N, n0), target (N, nL) in [0, 1], theta = w1, b1, ..., wL, bL as in mlp; returns loss (steps,), then
    theta after the last step. Of theta only the matrices decay: for the biases weight_decay is 0.

    loss_t = mlp_binary_loss(x, target, *theta_(t-1)) is that before the step t = 1 ... steps: the forward knows it
    anyway. All of theta goes its step at once, from gradients that were taken at the same point. A bias moves a
    neuron's threshold and makes no function steeper, so it is left alone by the decay.

    Raises ValueError as mlp_binary_loss does, and for less than one step.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.5.4, algorithm 6.4, section 7.1.1, eq.
    7.5, and section 8.3.1.
    """
    if steps < 1:
        raise ValueError(f"got {steps} steps, want 1 or more")
    losses = []
    for _ in range(steps):
        loss = mlp_binary_loss(x, target, *theta, activation=activation)
        one = np.ones_like(loss)
        _, _, *gradients = mlp_binary_loss_vjp(one, loss, x, target, *theta, activation=activation)
        decayed = (g + weight_decay * p if p.ndim == 2 else g for p, g in zip(theta, gradients, strict=True))
        theta = [sgd_step(p, g, lr=lr) for p, g in zip(theta, decayed, strict=True)]
        losses.append(loss)
    return np.stack(losses), *theta


def mlp_training_cases(rng):
    labels = np.array([[1.0], [0.0], [0.0], [1.0], [1.0]])
    x, theta = rng.normal(size=(5, 3)), mlp_theta(rng, 3, 4, 4, 1)
    params = {"activation": "sigmoid", "steps": 3, "lr": 0.75, "weight_decay": 0.1}
    yield Case("3-4-4-1", (x, labels, *theta), params)
    soft = rng.uniform(0.1, 0.9, (4, 2))
    other = {"activation": "tanh", "steps": 4, "lr": 0.5, "weight_decay": 0.25}
    yield Case("soft-targets", (rng.normal(size=(4, 3)), soft, *mlp_theta(rng, 3, 5, 2)), other)
    yield Case("no-steps", (x, labels, *theta), {**params, "steps": 0}, "refused")


def mlp_training_sized(rng, n):
    x, theta = rng.normal(size=(max(n // 64, 1), 64)), mlp_theta(rng, 64, 32, 1)
    params = {"activation": "relu", "steps": 3, "lr": 0.5, "weight_decay": 0.01}
    return Case("sized", (x, rng.integers(0, 2, (len(x), 1)).astype(float), *theta), params)


OPS = [
    Op(mlp_training, mlp_training_cases, sized=mlp_training_sized, wrt=()),
]
