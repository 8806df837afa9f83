"""The multilayer perceptron as a whole: how many parameters it has, and its Jacobian."""

from __future__ import annotations

import numpy as np

from ..activation.sigmoidal import sigmoid, sigmoid_vjp, tanh, tanh_vjp
from ..linear.layer import linear
from ..op import Case, Op
from .mlp import mlp_theta


def mlp_size(widths):
    """y = sum_l (n_(l-1) + 1) n_l: how many numbers the weights and biases of an MLP hold together.

    Shapes: widths (L + 1,) integers: n_0 inputs, the neurons of each layer, n_L outputs; y () an integer.

    Each neuron has a weight for each of the n_(l-1) numbers that come in, and one bias. The network 3-4-4-1 has
    16 + 20 + 5 = 41.

    Raises ValueError for fewer than two widths.
    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 5.1.
    """
    if widths.ndim != 1 or len(widths) < 2:
        raise ValueError(f"mlp_size: got widths of shape {widths.shape}, want (L + 1,) with a layer at least")
    return np.sum((widths[:-1] + 1) * widths[1:])


def mlp_size_cases(rng):
    yield Case("deep", (rng.permutation([3, 4, 4, 7, 2]),))
    yield Case("3-4-4-1", (np.array([3, 4, 4, 1]),), {}, "special", np.array(41))
    yield Case("no-layer", (np.array([3]),), {}, "refused")


def mlp_size_sized(rng, n):
    return Case("sized", (rng.integers(1, 9, size=n),))


def mlp_jacobian(x, *theta, activation):
    """J = W_L^T D_(L-1) W_(L-1)^T ... D_1 W_1^T with D_l = diag(s'(z_l)), J_ij = dy_i / dx_j, of the y of mlp.

    Shapes: x (N, n0), theta = w1, b1, ..., w(L-1), b(L-1), wL with wl (n(l-1), nl) and bl (nl,), J (N, nL, n0):
    outputs are rows, inputs are columns, and each example has a matrix of its own. The last bias does not matter to J.

    It is the chain rule of many variables: the Jacobian of a composition is the product of the Jacobians, the outermost
    on the left. Backpropagation multiplies from the left, one row at a time, and never writes J down.

    Raises ValueError when the shapes do not fit, or for an activation that is not "sigmoid" or "tanh".
    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 5.3.4, eq. 5.70 to 5.76.
    """
    *_, products = way(x, theta, activation)
    return products[-1]


def way(x, theta, activation):
    """The weights, the values h and slopes s' of each hidden layer, and W_l^T D_(l-1) ... W_1^T up to each l."""
    known = {"sigmoid": (sigmoid, sigmoid_vjp), "tanh": (tanh, tanh_vjp)}
    if activation not in known:
        raise ValueError(f"mlp_jacobian: got activation {activation!r}, want one of {', '.join(known)}")
    if len(theta) < 3 or len(theta) % 2 == 0:
        raise ValueError(f"mlp_jacobian: theta has {len(theta)} arrays, want w1, b1, ..., w(L-1), b(L-1), wL")
    s, s_vjp = known[activation]
    weights, biases = theta[::2], theta[1::2]
    values, slopes = [x], []
    products = [np.broadcast_to(weights[0].mT, (x.shape[0], *weights[0].mT.shape))]
    for w, b, after in zip(weights[:-1], biases, weights[1:], strict=True):
        z = linear(values[-1], w, b)
        values.append(s(z))
        slopes.append(s_vjp(np.ones_like(z), values[-1], z)[0])
        products.append(after.mT @ (slopes[-1][..., None] * products[-1]))
    return weights, values, slopes, products


def mlp_jacobian_vjp(ybar, y, x, *theta, activation):
    """Both ways back at once: through the product of the Jacobians, and through the values at which slopes were taken.

    The product P_l = W_l^T D_(l-1) P_(l-1) hands the slopes in D_(l-1) the cotangent sum_j Gbar_ij P_ij, where
    Gbar = W_l Pbar_l, and that reaches z by s''. For the sigmoid s'' = s' (1 - 2 s), for tanh -2 s s'.
    """
    weights, values, slopes, products = way(x, theta, activation)
    pbar, zbar, bars = ybar, np.zeros_like(ybar[..., 0]), []
    for k in range(len(weights) - 1, 0, -1):
        w, h, slope = weights[k], values[k], slopes[k - 1]
        scaled = slope[..., None] * products[k - 1]
        bars = [np.sum(scaled @ pbar.mT, axis=0) + h.T @ zbar, *bars]
        gbar = w @ pbar
        slopebar = np.sum(gbar * products[k - 1], axis=-1)
        bent = slope * (1 - 2 * h) if activation == "sigmoid" else -2 * h * slope
        zbar = slope * (zbar @ w.T) + bent * slopebar
        bars = [np.sum(zbar, axis=0), *bars]
        pbar = slope[..., None] * gbar
    wbar = np.sum(pbar.mT, axis=0) + x.T @ zbar
    return zbar @ weights[0].T, wbar, *bars


def mlp_jacobian_cases(rng):
    yield Case("one-hidden-layer", (rng.normal(size=(2, 3)), *mlp_theta(rng, 3, 5, 4)[:-1]), {"activation": "tanh"})
    yield Case(
        "two-hidden-layers", (rng.normal(size=(2, 4)), *mlp_theta(rng, 4, 6, 5, 3)[:-1]), {"activation": "sigmoid"}
    )
    w1, w2 = np.array([[1.0, 2.0]]), np.array([[3.0], [-4.0]])
    by_hand = (np.zeros((1, 1)), w1, np.zeros(2), w2)
    yield Case("by-hand", by_hand, {"activation": "sigmoid"}, "special", np.array([[[-1.25]]]))
    x, theta = rng.normal(size=(5, 3)), mlp_theta(rng, 3, 4, 2)[:-1]
    yield Case("no-rows", (x[:0], *theta), {"activation": "tanh"}, "empty", np.zeros((0, 2, 3)))
    yield Case("weights-transposed", (x, theta[0].T, *theta[1:]), {"activation": "tanh"}, "refused")
    yield Case("with-the-last-bias", (x, *theta, rng.normal(size=2)), {"activation": "tanh"}, "refused")
    yield Case("unknown-activation", (x, *theta), {"activation": "sinusoid"}, "refused")


def mlp_jacobian_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 8, 1), 8)), *mlp_theta(rng, 8, 6, 4)[:-1]), {"activation": "tanh"})


OPS = [
    Op(mlp_size, mlp_size_cases, sized=mlp_size_sized, wrt=()),
    Op(mlp_jacobian, mlp_jacobian_cases, mlp_jacobian_vjp, mlp_jacobian_sized),
]
