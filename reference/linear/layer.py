"""One neuron, and a layer of them."""

from __future__ import annotations

import numpy as np

from ..activation.rectified import relu, relu_vjp
from ..activation.sigmoidal import sigmoid, sigmoid_vjp, tanh, tanh_vjp
from ..op import Case, Op


def neuron(x, w, b, *, activation):
    """y_i = f(sum_j x_ij w_j + b) for each example i, f the activation.

    Shapes: x (n,d), w (d,), b (), y (n,). activation is "identity", "sigmoid", "tanh" or "relu".

    Raises ValueError for other shapes, which NumPy would broadcast, and for another activation.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.3, eq. 6.36 and 6.37.
    """
    f, _ = _activation(activation)
    return f(_preactivation(x, w, b))


def neuron_vjp(ybar, y, x, w, b, *, activation):
    """With zbar_i = f'(z_i) ybar_i: xbar = zbar w^T, wbar = sum_i zbar_i x_i, bbar = sum_i zbar_i."""
    _, f_vjp = _activation(activation)
    (zbar,) = f_vjp(ybar, y, _preactivation(x, w, b))
    return zbar[:, None] * w, zbar @ x, np.sum(zbar)


def neuron_cases(rng):
    for activation, n, d in (("identity", 3, 5), ("sigmoid", 5, 3), ("tanh", 4, 3), ("relu", 7, 4)):
        yield Case(activation, _neuron(rng, n, d), {"activation": activation}, half=activation != "relu")
    yield Case("one-example", _neuron(rng, 1, 7), {"activation": "tanh"}, half=False)
    x, w = np.array([[1.0, 2.0, -1.0], [1.0, 1.0, 2.0], [-3.0, 1.0, -2.0], [2.0, 2.0, 1.0]]), np.array([2.0, 1.0, 4.5])
    yield Case("at-zero", (x, w, np.array(0.5)), {"activation": "relu"}, "kink")
    x = np.array([[1000.0, 0.0], [-1000.0, 1.0], [np.inf, 1.0], [np.nan, 1.0]])
    args = (x, np.array([1.0, 3.0]), np.array(-2.0))
    yield Case("saturated", args, {"activation": "sigmoid"}, "special", np.array([1.0, 0.0, 1.0, np.nan]))
    x, w, b = _neuron(rng, 5, 3)
    yield Case("no-examples", (x[:0], w, b), {"activation": "tanh"}, "empty", np.zeros(0))
    yield Case("weights-too-long", (x, rng.normal(size=4), b), {"activation": "tanh"}, "refused")
    yield Case("weights-as-column", (x, w[:, None], b), {"activation": "tanh"}, "refused")
    yield Case("bias-for-each-example", (x, w, rng.normal(size=5)), {"activation": "tanh"}, "refused")
    yield Case("no-such-activation", (x, w, b), {"activation": "step"}, "refused")


def neuron_sized(rng, n):
    return Case("sized", _neuron(rng, n // 64 + 1, 64), {"activation": "tanh"})


def linear(x, w, b):
    """y = x w + b, the affine layer.

    Shapes: x (..., n_in), w (n_in, n_out), b (n_out,), y (..., n_out). torch.nn.functional.linear keeps w transposed.

    Raises ValueError for other shapes of w and b, which NumPy would broadcast.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.1.
    """
    if w.ndim != 2 or w.shape[0] != x.shape[-1]:
        raise ValueError(f"w has shape {w.shape}, expected ({x.shape[-1]}, n_out) because x has shape {x.shape}")
    if b.shape != w.shape[1:]:
        raise ValueError(f"b has shape {b.shape}, expected {w.shape[1:]} because w has shape {w.shape}")
    return x @ w + b


def linear_vjp(ybar, y, x, w, b):
    """xbar = ybar w^T; wbar = sum x^T ybar and bbar = sum ybar, along all leading axes: every example uses w and b."""
    examples, cotangents = np.reshape(x, (-1, w.shape[0])), np.reshape(ybar, (-1, w.shape[1]))
    return ybar @ w.T, examples.T @ cotangents, np.sum(cotangents, axis=0)


def linear_cases(rng):
    yield Case("rows", _layer(rng, (3, 5), 4))
    yield Case("one-example", _layer(rng, (4,), 4))
    yield Case("sequences", _layer(rng, (2, 5, 3), 4))
    yield Case("one-output", _layer(rng, (5, 3), 1))
    yield Case("shifted", _layer(rng, (4, 3), 5, shift=100.0))
    x, w, b = _layer(rng, (3, 4), 5)
    yield Case("no-rows", (x[:0], w, b), {}, "empty", np.zeros((0, 5)))
    yield Case("no-inputs", (x[:, :0], w[:0], b), {}, "empty", np.stack([b, b, b]))
    rows = np.array([[1.0, np.nan], [2.0, 3.0], [np.inf, 1.0]])
    args = (rows, np.array([[1.0, -1.0, 0.5], [4.0, 2.0, -1.0]]), np.array([0.5, -3.0, 1.0]))
    answer = np.array([[np.nan, np.nan, np.nan], [14.5, 1.0, -1.0], [np.inf, -np.inf, np.inf]])
    yield Case("rows-apart", args, {}, "special", answer)
    yield Case("weights-transposed", (x, w.T, b), {}, "refused")
    yield Case("bias-of-one", (x, w, b[:1]), {}, "refused")
    yield Case("bias-for-each-row", (x, w, rng.normal(size=(3, 1))), {}, "refused")


def linear_sized(rng, n):
    return Case("sized", _layer(rng, (n // 256 + 1, 256), 128))


def _activation(name):
    """The function and its VJP."""
    known = {
        "identity": (lambda z: z, lambda ybar, y, z: (ybar,)),
        "sigmoid": (sigmoid, sigmoid_vjp),
        "tanh": (tanh, tanh_vjp),
        "relu": (relu, relu_vjp),
    }
    if name not in known:
        raise ValueError(f"activation is {name!r}, expected one of {', '.join(known)}")
    return known[name]


def _preactivation(x, w, b):
    if x.ndim != 2 or w.shape != x.shape[1:]:
        raise ValueError(f"x and w have shapes {x.shape} and {w.shape}, expected (n,d) and (d,)")
    if b.shape != ():
        raise ValueError(f"b has shape {b.shape}, expected (): one number for all examples")
    return x @ w + b


def _neuron(rng, n, d):
    """Sums that do not saturate the activation: how it behaves far out is asked of the activation alone."""
    return rng.normal(size=(n, d)), rng.normal(size=d) / (2 * d**0.5), np.array(rng.uniform(0.1, 0.5))


def _layer(rng, shape, n_out, shift=0.0):
    return shift + rng.normal(size=shape), rng.normal(size=(shape[-1], n_out)), rng.normal(size=n_out)


OPS = [
    Op(neuron, neuron_cases, neuron_vjp, neuron_sized, half=True),
    Op(linear, linear_cases, linear_vjp, linear_sized, half=True),
]
