"""Linear algebra of layers: products of vectors and matrices, one neuron, the affine layer, lengths."""

from __future__ import annotations

import numpy as np

from .activation import relu, relu_vjp, sigmoid, sigmoid_vjp, tanh, tanh_vjp
from .op import Case, Op
from .reduction import spread


def dot(x, y):
    """z = sum_i x_i y_i.

    Shapes: x and y (n,), z ().

    Raises ValueError when x and y are not two vectors of one length.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 2.2.
    """
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"x and y have shapes {x.shape} and {y.shape}, expected two vectors of one length")
    return x @ y


def dot_vjp(zbar, z, x, y):
    """xbar = zbar y and ybar = zbar x: z is linear in each of them."""
    return zbar * y, zbar * x


def dot_cases(rng):
    yield Case("short", (rng.normal(size=3), rng.normal(size=3)))
    yield Case("long", (rng.normal(size=13), rng.normal(size=13)))
    yield Case("one", (rng.normal(size=1), rng.normal(size=1)))
    yield Case("shifted", (100 + rng.normal(size=7), rng.normal(size=7)))
    x, y = rng.normal(size=5), rng.normal(size=5)
    yield Case("nearly-orthogonal", (x, y - x * (x @ y) / (x @ x) + 0.1 * x))
    yield Case("infinite", (np.array([np.inf, 1.0]), np.array([-2.0, 3.0])), {}, "special", np.array(-np.inf))
    yield Case("infinity-times-zero", (np.array([np.inf, 1.0]), np.array([0.0, 3.0])), {}, "special", np.array(np.nan))
    yield Case("nothing", (np.zeros(0), np.zeros(0)), {}, "empty", np.array(0.0))
    yield Case("lengths-differ", (rng.normal(size=3), rng.normal(size=4)), {}, "refused")
    yield Case("length-one-is-not-repeated", (rng.normal(size=3), rng.normal(size=1)), {}, "refused")
    yield Case("matrices", (rng.normal(size=(3, 3)), rng.normal(size=(3, 3))), {}, "refused")


def dot_sized(rng, n):
    return Case("sized", (rng.normal(size=n // 2), rng.normal(size=n // 2)))


def matmul(a, b):
    """y_ij = sum_k a_ik b_kj for each pair of matrices.

    Shapes: a (..., m, k), b (..., k, n), y (..., m, n); the leading axes are broadcast against each other.
    A vector a (k,) is a row and a vector b (k,) a column, and y has no axis for it.

    Raises ValueError when the inner sizes k differ, when the leading axes cannot be broadcast, or for a scalar.

    Source: Python array API standard, matmul.
    """
    if a.ndim == 0 or b.ndim == 0 or a.shape[-1] != b.shape[-2:][0]:
        raise ValueError(f"a and b have shapes {a.shape} and {b.shape}, expected (..., m, k) and (..., k, n)")
    return a @ b


def matmul_vjp(ybar, y, a, b):
    """abar = ybar b^T and bbar = a^T ybar, from <ybar, adot b + a bdot>; summed along the axes that were broadcast."""
    row = a if a.ndim > 1 else a[None, :]
    column = b if b.ndim > 1 else b[:, None]
    leading = np.broadcast_shapes(row.shape[:-2], column.shape[:-2])
    ybar = np.reshape(ybar, (*leading, row.shape[-2], column.shape[-1]))
    abar = unbroadcast(ybar @ column.mT, row.shape)
    bbar = unbroadcast(row.mT @ ybar, column.shape)
    return np.reshape(abar, a.shape), np.reshape(bbar, b.shape)


def matmul_cases(rng):
    yield Case("matrices", (rng.normal(size=(3, 5)), rng.normal(size=(5, 4))))
    yield Case("batch", (rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 3, 5))))
    yield Case("batch-times-one", (rng.normal(size=(3, 2, 5)), rng.normal(size=(5, 4))))
    yield Case("broadcast", (rng.normal(size=(3, 1, 2, 5)), rng.normal(size=(4, 5, 6))))
    yield Case("row", (rng.normal(size=5), rng.normal(size=(2, 5, 3))))
    yield Case("column", (rng.normal(size=(2, 3, 4)), rng.normal(size=4)))
    yield Case("two-vectors", (rng.normal(size=7), rng.normal(size=7)))
    yield Case("shifted", (100 + rng.normal(size=(3, 5)), rng.normal(size=(5, 2))))
    a, b = np.array([[np.nan, 1.0], [2.0, 3.0], [np.inf, 1.0]]), np.array([[1.0, 0.0], [4.0, -1.0]])
    answer = np.array([[np.nan, np.nan], [14.0, -3.0], [np.inf, np.nan]])
    yield Case("rows-apart", (a, b), {}, "special", answer)
    yield Case("no-rows", (np.zeros((0, 4)), np.zeros((4, 3))), {}, "empty", np.zeros((0, 3)))
    yield Case("sum-of-nothing", (np.zeros((3, 0)), np.zeros((0, 4))), {}, "empty", np.zeros((3, 4)))
    yield Case("inner-sizes-differ", (rng.normal(size=(3, 4)), rng.normal(size=(3, 4))), {}, "refused")
    yield Case("batches-differ", (rng.normal(size=(2, 3, 4)), rng.normal(size=(3, 4, 5))), {}, "refused")
    yield Case("scalar", (rng.normal(size=(3, 4)), np.array(2.0)), {}, "refused")


def matmul_sized(rng, n):
    side = int((n / 2) ** 0.5) + 1
    return Case("sized", (rng.normal(size=(side, side)), rng.normal(size=(side, side))))


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
    yield Case("one-example", _layer(rng, (4,), 3))
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


def norm(x, *, ord, axis, keepdims):
    """y = (sum_i |x_i|^p)^(1/p), i running along ``axis`` and p = ord.

    Shapes: x any; y as x without ``axis``, or with length 1 there when keepdims.

    ord is a number p >= 1, or float("inf") for max_i |x_i|, and axis is an int; or ord is "fro", the root of the
    sum of the squares of a matrix, and axis is a pair. The powers are taken as they stand, unscaled: y
    overflows where |x_i|^p does.

    Raises ValueError for another ord, for a pair of axes without "fro" and for "fro" without a pair.

    Source: Golub and Van Loan (2013), Matrix Computations, sections 2.2.1 and 2.3.1.
    """
    _require_norm(ord, axis)
    if isinstance(ord, str) or ord == 2:
        return np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))
    if ord == 1:
        return np.sum(np.abs(x), axis=axis, keepdims=keepdims)
    if ord == np.inf:
        return np.max(np.abs(x), axis=axis, keepdims=keepdims)
    return np.sum(np.abs(x) ** ord, axis=axis, keepdims=keepdims) ** (1 / ord)


def norm_vjp(ybar, y, x, *, ord, axis, keepdims):
    """xbar_i = ybar sign(x_i) (|x_i| / y)^(p - 1), from p y^(p-1) ydot = sum_i p |x_i|^(p-1) sign(x_i) xdot_i.

    For p = 2 it is ybar x_i / y. For p = inf only the largest |x_i| is left, and several share ybar equally.
    Where the norm has a kink, at y = 0 or for p = 1 at x_i = 0, the subgradient 0 is taken.
    """
    y, ybar = spread(y, x, axis, keepdims), spread(ybar, x, axis, keepdims)
    scaled = x / np.where(y > 0, y, 1)
    if isinstance(ord, str) or ord == 2:
        return (ybar * scaled,)
    if ord == 1:
        return (ybar * np.sign(x),)
    if ord == np.inf:
        largest = np.where(np.abs(x) == y, np.ones_like(x), np.zeros_like(x))
        return (ybar * np.sign(x) * largest / np.sum(largest, axis=axis, keepdims=True),)
    return (ybar * np.sign(x) * np.abs(scaled) ** (ord - 1),)


def norm_cases(rng):
    yield Case("one-norm", (rng.normal(size=(3, 5)),), {"ord": 1, "axis": -1, "keepdims": False})
    yield Case("two-norm", (rng.normal(size=(4, 3)),), {"ord": 2, "axis": 0, "keepdims": True})
    yield Case("two-norm-middle", (rng.normal(size=(2, 5, 3)),), {"ord": 2, "axis": 1, "keepdims": False})
    yield Case("two-norm-shifted", (100 + rng.normal(size=(3, 4)),), {"ord": 2, "axis": 1, "keepdims": False})
    yield Case("four-norm", (rng.normal(size=(3, 5)),), {"ord": 4.0, "axis": 1, "keepdims": True})
    yield Case("five-halves-norm", (rng.normal(size=(5, 4)),), {"ord": 2.5, "axis": -2, "keepdims": False})
    yield Case("largest", (_distinct_magnitudes(rng, (3, 7)),), {"ord": np.inf, "axis": 1, "keepdims": False})
    yield Case("frobenius", (rng.normal(size=(2, 3, 5)),), {"ord": "fro", "axis": (-2, -1), "keepdims": False})
    yield Case("frobenius-apart", (rng.normal(size=(3, 2, 4)),), {"ord": "fro", "axis": (0, 2), "keepdims": True})
    at_zero = np.array([[1.5, 0.0, -0.5, 2.0], [0.0, 0.0, 0.0, 0.0], [*rng.normal(size=3), -0.0]])
    yield Case("one-norm-at-zero", (at_zero,), {"ord": 1, "axis": 1, "keepdims": False}, "kink")
    yield Case("two-norm-at-zero", (at_zero,), {"ord": 2, "axis": 1, "keepdims": False}, "kink")
    ties = np.array([[1.5, -1.5, 0.5, 0.0], [2.0, 1.0, -2.0, 2.0], [*rng.uniform(-1, 1, size=3), -3.0]])
    yield Case("largest-ties", (ties,), {"ord": np.inf, "axis": 1, "keepdims": False}, "kink")
    limits = np.array([[np.inf, 1.0], [1.0, -np.inf], [np.nan, 1.0], [0.0, -0.0], [-3.0, 4.0]])
    for ord, last in ((1, 7.0), (2, 5.0), (np.inf, 4.0)):
        params, answer = {"ord": ord, "axis": 1, "keepdims": False}, np.array([np.inf, np.inf, np.nan, 0.0, last])
        yield Case(f"limits-{ord}", (limits,), params, "special", answer)
    yield Case("no-rows", (np.zeros((0, 3)),), {"ord": 2, "axis": 1, "keepdims": False}, "empty", np.zeros(0))
    yield Case("of-nothing", (np.zeros((3, 0)),), {"ord": 2, "axis": 1, "keepdims": False}, "empty", np.zeros(3))
    x = rng.normal(size=(3, 4))
    yield Case("no-such-axis", (x,), {"ord": 2, "axis": 2, "keepdims": False}, "refused")
    yield Case("no-such-norm", (x,), {"ord": "frobenius", "axis": (0, 1), "keepdims": False}, "refused")
    yield Case("frobenius-of-a-vector", (x,), {"ord": "fro", "axis": 1, "keepdims": False}, "refused")


def norm_sized(rng, n):
    return Case("sized", (rng.normal(size=(n // 64 + 1, 64)),), {"ord": 2, "axis": -1, "keepdims": False})


def unbroadcast(xbar, shape):
    """The sum of a cotangent along the axes that broadcasting repeated, back in the shape of the argument."""
    leading = tuple(range(xbar.ndim - len(shape)))
    repeated = tuple(i for i, size in enumerate(shape, start=len(leading)) if size == 1)
    return np.reshape(np.sum(xbar, axis=(*leading, *repeated)), shape)


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


def _require_norm(ord, axis):
    if isinstance(ord, str):
        if ord != "fro":
            raise ValueError(f"ord is {ord!r}, expected a number of at least 1, or 'fro'")
        if not isinstance(axis, tuple) or len(axis) != 2:
            raise ValueError(f"axis is {axis!r}, expected a pair: 'fro' is the norm of a matrix")
    elif axis is None or isinstance(axis, tuple):
        raise ValueError(f"axis is {axis!r}, expected an int: order {ord!r} is the norm of a vector")
    elif not ord >= 1:
        raise ValueError(f"ord is {ord!r}, expected at least 1: below, it is no norm")


def _distinct_magnitudes(rng, shape):
    """Numbers with magnitudes at least 1/4 apart, in random order and of both signs."""
    n = int(np.prod(shape))
    signs = np.where(rng.permutation(n) % 2 == 0, 1.0, -1.0)
    return np.reshape(signs * (rng.permutation(n) + rng.uniform(0.1, 0.6, size=n)) / 2, shape)


def _neuron(rng, n, d):
    """Sums that do not saturate the activation: how it behaves far out is asked of the activation alone."""
    return rng.normal(size=(n, d)), rng.normal(size=d) / (2 * d**0.5), np.array(rng.uniform(0.1, 0.5))


def _layer(rng, shape, n_out, shift=0.0):
    return shift + rng.normal(size=shape), rng.normal(size=(shape[-1], n_out)), rng.normal(size=n_out)


OPS = [
    Op(dot, dot_cases, dot_vjp, dot_sized, half=True),
    Op(matmul, matmul_cases, matmul_vjp, matmul_sized, half=True),
    Op(neuron, neuron_cases, neuron_vjp, neuron_sized, half=True),
    Op(linear, linear_cases, linear_vjp, linear_sized, half=True),
    Op(norm, norm_cases, norm_vjp, norm_sized, half=True),
]
