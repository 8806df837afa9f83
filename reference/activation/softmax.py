"""Softmax and its logarithm: numbers of any size become probabilities."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .data import _line_sized, line_cases


def softmax(x, *, axis):
    """y_i = exp(x_i) / sum_j exp(x_j), the sum running along ``axis``.

    Shapes: x any, y as x.

    Softmax is unchanged when every x_j moves by the same amount, so the largest is moved to 0:
    then no exponential overflows, and the denominator is at least 1.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 4.1, eq. 4.1.
    """
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def softmax_vjp(ybar, y, x, *, axis):
    """xbar = y (ybar - sum_j ybar_j y_j), because J = diag(y) - y y^T is symmetric."""
    return (y * (ybar - np.sum(ybar * y, axis=axis, keepdims=True)),)


def softmax_hvp(ybar, dots, y, x, *, axis):
    """xbardot = y (c - sum_j y_j c_j), c = (ybar - sum_j ybar_j y_j) (xdot - sum_j xdot_j y_j).

    The product rule on xbar = y (ybar - s) gives ydot (ybar - s) - y sdot; ydot = J xdot = y (xdot - sum_j xdot_j y_j),
    and sdot = sum_j ybar_j ydot_j is that sum of y_j c_j, because the ydot_j sum to 0.
    """
    c = off_mean(ybar, y, axis) * off_mean(dots[0], y, axis)
    return (y * (c - np.sum(y * c, axis=axis, keepdims=True)),)


def off_mean(v, p, axis):
    """v less its mean with the weights p; again, as p sums to 1 but for rounding: of what is left that is less."""
    for _ in range(2):
        v = v - np.sum(p * v, axis=axis, keepdims=True)
    return v


def softmax_cases(rng):
    yield from line_cases(rng)
    masked = np.array([[0.0, -np.inf, 0.0], [-np.inf, 3.0, -np.inf], [0.0, -1000.0, -1000.0]])
    answer = np.array([[0.5, 0.0, 0.5], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    yield Case("masked", (masked,), {"axis": 1}, "special", answer)
    yield Case("nan", (np.array([[0.0, np.nan]]),), {"axis": 1}, "special", np.array([[np.nan, np.nan]]))


def log_softmax(x, *, axis):
    """y_i = x_i - log sum_j exp(x_j), the sum running along ``axis``.

    Shapes: x any, y as x.

    The largest x_j is moved to 0 as in softmax. log(softmax(x)) would be -inf where softmax underflows.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.2.2.3, eq. 6.30.
    """
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def log_softmax_vjp(ybar, y, x, *, axis):
    """xbar = ybar - p sum_j ybar_j with p = exp(y) = softmax(x), because J = I - 1 p^T."""
    return (ybar - np.exp(y) * np.sum(ybar, axis=axis, keepdims=True),)


def log_softmax_hvp(ybar, dots, y, x, *, axis):
    """d xbar = -pdot sum_j ybar_j, and pdot = p (xdot - sum_j p_j xdot_j)."""
    p = np.exp(y)
    return (-p * off_mean(dots[0], p, axis) * np.sum(ybar, axis=axis, keepdims=True),)


def log_softmax_cases(rng):
    yield from line_cases(rng)
    masked = np.array([[-np.inf, 3.0, -np.inf], [0.0, -1024.0, -2048.0], [np.nan, 0.0, 1.0]])
    answer = np.array([[-np.inf, 0.0, -np.inf], [0.0, -1024.0, -2048.0], [np.nan, np.nan, np.nan]])
    yield Case("masked", (masked,), {"axis": 1}, "special", answer)


def softmin(x, *, axis):
    """y_i = exp(-x_i) / sum_j exp(-x_j), the sum running along ``axis``: the softmax of -x.

    Shapes: x any, y as x.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 4.1, eq. 4.1.
    """
    return softmax(-x, axis=axis)


def softmin_vjp(ybar, y, x, *, axis):
    """xbar = y (sum_j ybar_j y_j - ybar), the VJP of softmax with the other sign."""
    return (y * (np.sum(ybar * y, axis=axis, keepdims=True) - ybar),)


def softmin_hvp(ybar, dots, y, x, *, axis):
    """That of softmax at -x: of two signs that x brings, each one changes the sign, so none is left."""
    return softmax_hvp(ybar, dots, y, -x, axis=axis)


def softmin_cases(rng):
    yield Case("rows", (rng.normal(size=(3, 5)),), {"axis": -1})
    yield Case("middle-shifted", (1000 + rng.normal(size=(2, 5, 3)),), {"axis": 1})
    masked = np.array([[0.0, np.inf, 0.0], [1000.0, 1000.0, 0.0]])
    yield Case("masked", (masked,), {"axis": 1}, "special", np.array([[0.5, 0.0, 0.5], [0.0, 0.0, 1.0]]))
    yield Case("no-such-axis", (rng.normal(size=(3, 2)),), {"axis": 2}, "refused")


def gumbel_softmax(x, noise, *, tau, axis):
    """y = softmax((x + noise) / tau) along ``axis``.

    Shapes: x (logits), noise and y of one shape; tau > 0 is a number.

    With noise from the Gumbel distribution (given here, so that y is a function of its arguments) the largest element
    is a sample of the categorical distribution with logits x. For small tau y tends to that sample's one-hot vector,
    and still has derivatives.

    Raises ValueError when the shapes differ.

    Source: Jang, Gu and Poole (2017), Categorical reparameterization with Gumbel-softmax, section 2, eq. 2.
    """
    if x.shape != noise.shape:
        raise ValueError(f"noise has shape {noise.shape}, expected {x.shape}, that of x")
    return softmax((x + noise) / tau, axis=axis)


def gumbel_softmax_vjp(ybar, y, x, noise, *, tau, axis):
    """xbar = noisebar = y (ybar - sum_j ybar_j y_j) / tau."""
    xbar = y * (ybar - np.sum(ybar * y, axis=axis, keepdims=True)) / tau
    return xbar, xbar


def gumbel_softmax_hvp(ybar, dots, y, x, noise, *, tau, axis):
    """That of softmax along xdot + noisedot, over tau^2, for both arguments."""
    (xbar,) = softmax_hvp(ybar, (dots[0] + dots[1],), y, x, axis=axis)
    return xbar / (tau * tau), xbar / (tau * tau)


def gumbel_softmax_cases(rng):
    yield Case("warm", (rng.normal(size=(3, 5)), rng.gumbel(size=(3, 5))), {"tau": 2.5, "axis": -1})
    yield Case("cool", (rng.normal(size=(4, 3)), rng.gumbel(size=(4, 3))), {"tau": 0.75, "axis": 0})
    masked = np.array([[-np.inf, 1.0, 2.0], [-1000.0, 0.5, -np.inf]])
    noise = np.array([[0.5, 1.5, 0.5], [1.0, -0.5, 3.0]])
    answer = np.array([[0.0, 0.5, 0.5], [0.0, 1.0, 0.0]])
    yield Case("masked", (masked, noise), {"tau": 0.5, "axis": 1}, "special", answer)
    yield Case("shapes-differ", (rng.normal(size=(2, 3)), rng.normal(size=3)), {"tau": 0.75, "axis": -1}, "refused")


def gumbel_softmax_sized(rng, n):
    shape = (n // 128 + 1, 64)
    return Case("sized", (rng.normal(size=shape), rng.gumbel(size=shape)), {"tau": 0.75, "axis": -1})


def softmax_with_temperature(x, temperature, *, axis):
    """y = softmax(x / T) along ``axis``: the higher the temperature T, the more equal the probabilities.

    Shapes: x (logits) any, temperature T > 0 is (), in the unit of x; y as x.

    T = 1 is softmax itself. For small T nearly all goes to the largest x, for large T each gets the same; the order
    never changes.

    Raises ValueError unless the temperature is one number.

    Source: Hinton, Vinyals and Dean (2015), Distilling the Knowledge in a Neural Network, section 2, eq. 1.
    """
    if temperature.shape != ():
        raise ValueError(f"softmax_with_temperature: got a temperature of shape {temperature.shape}, want ()")
    return softmax(x / temperature, axis=axis)


def softmax_with_temperature_vjp(ybar, y, x, temperature, *, axis):
    """With zbar that of z = x / T, from softmax: xbar = zbar / T and Tbar = -sum zbar x / T^2.

    zbar adds up to 0 along the axis, so any number may be taken from x there: the largest one, that nothing cancels.
    """
    (zbar,) = softmax_vjp(ybar, y, x, axis=axis)
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return zbar / temperature, -np.sum(zbar * shifted) / (temperature * temperature)


def softmax_with_temperature_hvp(ybar, dots, y, x, temperature, *, axis):
    """Along zdot = (xdot - x r) / T, r = Tdot / T, softmax gives zbardot; then the quotient rule on both cotangents.

    xbardot = (zbardot - zbar r) / T and Tbardot = -sum(zbardot x + zbar xdot - 2 zbar x r) / T^2; zbar and zbardot add
    up to 0, so x is again taken from its largest.
    """
    xdot, tdot = dots
    shifted, grown = x - np.max(x, axis=axis, keepdims=True), tdot / temperature
    (zbar,) = softmax_vjp(ybar, y, x, axis=axis)
    (zbardot,) = softmax_hvp(ybar, ((xdot - shifted * grown) / temperature,), y, x, axis=axis)
    moved = zbardot * shifted + zbar * xdot - 2 * zbar * shifted * grown
    return (zbardot - zbar * grown) / temperature, -np.sum(moved) / (temperature * temperature)


def softmax_with_temperature_cases(rng):
    yield Case("warm", (rng.normal(size=(3, 5)), rng.uniform(2, 4, size=())), {"axis": -1})
    yield Case("cold", (3 + rng.normal(size=(4, 3)), rng.uniform(0.3, 0.6, size=())), {"axis": 0})
    masked = np.array([[-np.inf, 2.0, 2.0], [0.0, -4000.0, np.nan]])
    answer = np.array([[0.0, 0.5, 0.5], [np.nan, np.nan, np.nan]])
    yield Case("masked", (masked, np.array(0.5)), {"axis": 1}, "special", answer)
    yield Case("a-temperature-each", (rng.normal(size=(2, 3)), rng.uniform(1, 2, size=3)), {"axis": 1}, "refused")


def softmax_with_temperature_sized(rng, n):
    return Case("sized", (rng.normal(size=(n // 64 + 1, 64)), np.array(1.5)), {"axis": -1})


OPS = [
    Op(softmax, softmax_cases, softmax_vjp, _line_sized, half=True, hvp=softmax_hvp),
    Op(log_softmax, log_softmax_cases, log_softmax_vjp, _line_sized, half=True, hvp=log_softmax_hvp),
    Op(softmin, softmin_cases, softmin_vjp, _line_sized, hvp=softmin_hvp),
    Op(
        softmax_with_temperature,
        softmax_with_temperature_cases,
        softmax_with_temperature_vjp,
        softmax_with_temperature_sized,
        hvp=softmax_with_temperature_hvp,
    ),
    Op(gumbel_softmax, gumbel_softmax_cases, gumbel_softmax_vjp, gumbel_softmax_sized, hvp=gumbel_softmax_hvp),
]
