"""The loss of a network as a surface over two directions of its parameters."""

from __future__ import annotations

import numpy as np

from ..model.mlp import mlp_binary_loss
from ..op import Case, Op


def loss_surface_slice(s, t, x, target, *theta, activation):
    """y_ij = loss(theta + s_i u + t_j v), the loss that of mlp_binary_loss: heights of its surface, for a plot.

    Shapes: s (A,), t (B,), x (N, n0), target (N, nL) in [0, 1]; theta, then the directions u and then v, each of them
    w1, b1, ..., wL, bL as in mlp; y (A, B).

    The surface has as many dimensions as the network has parameters; a plane through theta shows a slice of it. With s
    and t from -1 to 1, and v the gradient there or the way to another minimum, one sees what descent sees.

    Raises ValueError as mlp_binary_loss does, or when theta is not three times the same number of arrays.
    Source: Li, Xu, Taylor, Studer and Goldstein (2018), Visualizing the Loss Landscape of Neural Nets, section 3.
    """
    if len(theta) % 3 or s.ndim != 1 or t.ndim != 1:
        raise ValueError(
            f"loss_surface_slice: got s {s.shape}, t {t.shape} and {len(theta)} arrays; want (A,), (B,), and theta and "
            "two directions of as many arrays"
        )
    n = len(theta) // 3
    parameters = list(zip(theta[:n], theta[n : 2 * n], theta[2 * n :], strict=True))
    heights = [
        [mlp_binary_loss(x, target, *(w + a * u + b * v for w, u, v in parameters), activation=activation) for b in t]
        for a in s
    ]
    return np.stack([np.stack(row) for row in heights])


def _parameters(rng, *widths):
    """Parameters and two directions from there."""
    shapes = [shape for k in range(1, len(widths)) for shape in ((widths[k - 1], widths[k]), (widths[k],))]
    return [rng.normal(size=shape) / np.sqrt(shape[0]) for _ in range(3) for shape in shapes]


def loss_surface_slice_cases(rng):
    labels = np.array([[1.0], [0.0], [0.0], [1.0], [1.0]])
    s = np.array([-0.5, 0.75])
    args = (s, np.linspace(-1, 1.5, 6), rng.normal(size=(5, 3)), labels, *_parameters(rng, 3, 4, 4, 1))
    yield Case("3-4-4-1", args, {"activation": "sigmoid"})
    soft = (np.linspace(-1, 1.5, 5), s[:1], rng.normal(size=(3, 4)), rng.uniform(0.1, 0.9, size=(3, 2)))
    yield Case("one-layer", (*soft, *_parameters(rng, 4, 2)), {"activation": "tanh"})
    yield Case("a-direction-missing", args[:-6], {"activation": "sigmoid"}, "refused")


def loss_surface_slice_sized(rng, n):
    x = rng.normal(size=(max(n // 64, 1), 64))
    labels = rng.integers(0, 2, size=(len(x), 1)).astype(float)
    args = (np.array([-0.5, 0.75]), np.array([-1.0, 0.25, 0.5]), x, labels, *_parameters(rng, 64, 16, 1))
    return Case("sized", args, {"activation": "tanh"})


OPS = [Op(loss_surface_slice, loss_surface_slice_cases, sized=loss_surface_slice_sized, wrt=())]
