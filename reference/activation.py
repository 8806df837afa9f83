"""Activations: the functions between two affine layers."""

from __future__ import annotations

import numpy as np

from .elementwise.special import erfc
from .op import Case, Op

REALS = (-np.inf, np.inf)
LIMITS = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0, 1000.0, -1000.0])


def relu(x):
    """y = max(x, 0).

    Shapes: x any, y as x.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.3.1.
    """
    return np.maximum(x, 0)


def relu_vjp(ybar, y, x):
    """xbar = ybar where x > 0, else 0; at the kink every slope in [0, 1] is a subgradient, and 0 is taken."""
    return (np.where(x > 0, ybar, 0),)


def relu_cases(rng):
    yield Case("vector", (_both_signs(rng, 0.1, 2, 7),))
    yield Case("matrix", (rng.normal(size=(3, 5)),))
    yield Case("small", (_both_signs(rng, 1e-4, 1e-3, 5),))
    yield Case("large", (_both_signs(rng, 100, 1000, 9),))
    yield Case("at-zero", (np.array([0.0, rng.normal(), -0.0, rng.normal(), rng.normal()]),), {}, "kink")
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))
    yield Case("limits", (LIMITS,), {}, "special", np.array([np.inf, 0.0, np.nan, 0.0, 0.0, 1000.0, 0.0]))


def sigmoid(x):
    """y = 1 / (1 + exp(-x)).

    Shapes: x any, y as x.

    For negative x the fraction is expanded by exp(x), so that the exponential never overflows and a small
    y = exp(x) / (1 + exp(x)) keeps its relative accuracy.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 3.10, eq. 3.30.
    """
    decay = np.exp(_minus_distance(x))
    return np.where(x >= 0, 1, decay) / (1 + decay)


def sigmoid_vjp(ybar, y, x):
    """xbar = ybar s(x) s(-x): the familiar s (1 - s), where 1 - s(x) = s(-x) without cancellation."""
    return (ybar * y * sigmoid(-x),)


def sigmoid_cases(rng):
    yield from _ordinary_cases(rng)
    yield Case("saturated", (_both_signs(rng, 5, 9, 7),))
    yield Case("limits", (LIMITS,), {}, "special", np.array([1.0, 0.0, np.nan, 0.5, 0.5, 1.0, 0.0]))


def tanh(x):
    """y = (exp(x) - exp(-x)) / (exp(x) + exp(-x)).

    Shapes: x any, y as x.

    NumPy's tanh is good at both ends: the formula as it stands cancels near 0 and overflows far out.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.3.2.
    """
    return np.tanh(x)


def tanh_vjp(ybar, y, x):
    """xbar = ybar / cosh(x)^2 = 4 ybar s(2x) s(-2x), s the sigmoid.

    1 - tanh(x)^2 cancels far out and cosh overflows; tanh(x) = 2 s(2x) - 1 gives the product, which does neither.
    """
    return (4 * ybar * sigmoid(2 * x) * sigmoid(-2 * x),)


def tanh_cases(rng):
    yield from _ordinary_cases(rng)
    yield Case("saturated", (_both_signs(rng, 2, 5, 7),))
    yield Case("limits", (LIMITS,), {}, "special", np.array([1.0, -1.0, np.nan, 0.0, -0.0, 1.0, -1.0]))


def silu(x):
    """y = x sigmoid(x) = x / (1 + exp(-x)).

    Shapes: x any, y as x.

    For negative x it is x exp(x) / (1 + exp(x)), and x is multiplied by exp(x/2) twice: exp(x) alone would be
    subnormal, and short of digits, before x exp(x) is.

    Source: Elfwing, Uchibe and Doya (2018), Sigmoid-weighted linear units, Neural Networks 107, section 2.
    """
    half = np.exp(_minus_distance(x) / 2)
    factor = np.where(x >= 0, 1, half)
    return _finite_below(x) * factor * factor / (1 + half * half)


def silu_vjp(ybar, y, x):
    """xbar = ybar (s(x) + y s(-x)), s the sigmoid: the product rule on y = x s(x), with s'(x) = s(x) s(-x)."""
    return (ybar * (sigmoid(x) + y * sigmoid(-x)),)


def silu_cases(rng):
    yield from _ordinary_cases(rng)
    yield Case("saturated", (_both_signs(rng, 5, 9, 7),))
    yield Case("limits", (LIMITS,), {}, "special", np.array([np.inf, 0.0, np.nan, 0.0, -0.0, 1000.0, 0.0]))


def gelu(x, *, approximate):
    """y = x Phi(x) = x erfc(-x / sqrt 2) / 2, Phi the normal distribution function; "tanh": its approximation.

    Shapes: x any, y as x.

    For negative x, 1 + erf(x / sqrt 2) would cancel and erfc(-x / sqrt 2) does not. For the same reason
    approximate="tanh", which is x (1 + tanh u) / 2 with u = sqrt(2/pi) (x + 0.044715 x^3), is
    computed as x sigmoid(2u). approximate="none" is exact.

    Raises ValueError when approximate is neither "none" nor "tanh".

    Source: Hendrycks and Gimpel (2016), Gaussian Error Linear Units, section 2.
    """
    _require_known("approximate", approximate, ("none", "tanh"))
    if approximate == "tanh":
        return _finite_below(x) * sigmoid(_twice_u(x))
    return _finite_below(x) * _normal_cdf(x)


def gelu_vjp(ybar, y, x, *, approximate):
    """xbar = ybar (Phi(x) + x phi(x)), phi(x) = exp(-x^2/2) / sqrt(2 pi) the normal density.

    The approximation is x s(v) with v = 2u, and has the slope s(v) + x s(v) s(-v) v'.
    """
    if approximate == "tanh":
        v = _twice_u(x)
        slope = np.sqrt(np.full_like(x, 8) / np.pi) * (1 + 3 * (0.044715 * x * x))
        return (ybar * (sigmoid(v) + x * sigmoid(v) * sigmoid(-v) * slope),)
    density = np.exp(-x * x / 2) / np.sqrt(np.full_like(x, 2) * np.pi)
    return (ybar * (_normal_cdf(x) + x * density),)


def gelu_cases(rng):
    for approximate in ("none", "tanh"):
        params = {"approximate": approximate}
        for case in _ordinary_cases(rng):
            yield Case(f"{approximate}-{case.label}", case.args, params, case.kind, case.answer)
        yield Case(f"{approximate}-tails", (_both_signs(rng, 2, 4, 7),), params)
        limits = np.array([np.inf, 0.0, np.nan, 0.0, -0.0, 1000.0, 0.0])
        yield Case(f"{approximate}-limits", (LIMITS,), params, "special", limits)
    yield Case("no-such-approximation", (rng.normal(size=3),), {"approximate": "sigmoid"}, "refused")


def gelu_sized(rng, n):
    return Case("sized", (rng.normal(size=n),), {"approximate": "none"})


def softplus(x, *, beta, threshold):
    """y = log(1 + exp(beta x)) / beta, and y = x where beta x > threshold.

    Shapes: x any, y as x.

    With z = beta x, log(1 + exp(z)) = max(z, 0) + log1p(exp(-|z|)) never overflows, and keeps the digits of a
    small exponential. So nothing calls for a threshold: inf, no threshold, is the exact function,
    and a finite one is there to ask what torch computes.

    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 3.10, eq. 3.31.
    """
    z = beta * x
    smooth = (np.where(z >= 0, z, 0) + np.log1p(np.exp(_minus_distance(z)))) / beta
    return np.where(z > threshold, x, smooth)


def softplus_vjp(ybar, y, x, *, beta, threshold):
    """xbar = ybar sigmoid(beta x), and xbar = ybar where beta x > threshold."""
    z = beta * x
    return (np.where(z > threshold, ybar, ybar * sigmoid(z)),)


def softplus_cases(rng):
    exact = {"beta": 1.0, "threshold": np.inf}
    for case in _ordinary_cases(rng):
        yield Case(case.label, case.args, exact, case.kind, case.answer)
    yield Case("saturated", (_both_signs(rng, 5, 9, 7),), exact)
    yield Case("steep", (rng.normal(size=(3, 4)),), {"beta": 2.5, "threshold": np.inf})
    yield Case("flat", (rng.normal(size=(4, 3)),), {"beta": 0.3, "threshold": np.inf})
    # The threshold is 1.5 in x: two elements below it, three above.
    yield Case(
        "threshold", (np.append(rng.uniform(0, 1.4, 2), rng.uniform(1.6, 3, 3)),), {"beta": 2.0, "threshold": 3.0}
    )
    limits = np.array([np.inf, 0.0, np.nan, 1000.0, 0.0])
    yield Case("limits", (LIMITS[[0, 1, 2, 5, 6]],), exact, "special", limits)


def softplus_sized(rng, n):
    return Case("sized", (rng.normal(size=n),), {"beta": 1.0, "threshold": 20.0})


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


def softmax_cases(rng):
    yield from _line_cases(rng)
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


def log_softmax_cases(rng):
    yield from _line_cases(rng)
    masked = np.array([[-np.inf, 3.0, -np.inf], [0.0, -1024.0, -2048.0], [np.nan, 0.0, 1.0]])
    answer = np.array([[-np.inf, 0.0, -np.inf], [0.0, -1024.0, -2048.0], [np.nan, np.nan, np.nan]])
    yield Case("masked", (masked,), {"axis": 1}, "special", answer)


def _minus_distance(x):
    """-|x|, with the slope of its right side at 0: what is made of it here is smooth, and takes one side there."""
    return np.where(x >= 0, -x, x)


def _finite_below(x):
    """x, and -1 for -inf, where a factor is 0 that vanishes faster than x grows: -1 times 0 has a value."""
    return np.where(x == -np.inf, -1, x)


def _normal_cdf(x):
    return erfc(-x / np.sqrt(np.full_like(x, 2))) / 2


def _twice_u(x):
    """2 sqrt(2/pi) (x + 0.044715 x^3)."""
    return np.sqrt(np.full_like(x, 8) / np.pi) * x * (1 + 0.044715 * x * x)


def _require_known(name, got, known):
    if got not in known:
        raise ValueError(f"{name} is {got!r}, expected one of {', '.join(known)}")


def _both_signs(rng, low, high, n):
    """n magnitudes between low and high with the signs + - + - ..."""
    return rng.uniform(low, high, size=n) * np.where(np.arange(n) % 2 == 0, 1.0, -1.0)


def _ordinary_cases(rng):
    """What every smooth activation is asked near 0; each has a case of its own far out, where formulas differ."""
    yield Case("vector", (_both_signs(rng, 0.1, 1.5, 7),))
    yield Case("matrix", (rng.uniform(-1.5, 1.5, size=(3, 5)),))
    yield Case("small", (1e-3 * rng.normal(size=5),))
    yield Case("with-zeros", (np.array([0.0, *rng.uniform(-1.5, 1.5, size=2), -0.0, rng.uniform(0.1, 1.5)]),))
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))


def _line_cases(rng):
    """What softmax and its logarithm are asked."""
    yield Case("rows", (rng.normal(size=(3, 5)),), {"axis": -1})
    yield Case("columns", (rng.normal(size=(4, 3)),), {"axis": 0})
    yield Case("middle", (rng.normal(size=(2, 5, 3)),), {"axis": 1})
    yield Case("ties", (np.repeat(rng.normal(size=(2, 2)), [2, 3], axis=1),), {"axis": 1})
    yield Case("shifted", (1000 + rng.normal(size=(2, 5)),), {"axis": 1})
    yield Case("spread", (3 * rng.normal(size=(3, 7)),), {"axis": 1})
    yield Case("no-rows", (np.zeros((0, 5)),), {"axis": 1}, "empty", np.zeros((0, 5)))
    yield Case("no-such-axis", (rng.normal(size=(3, 2)),), {"axis": 2}, "refused")


def _sized(rng, n):
    return Case("sized", (rng.normal(size=n),))


def _line_sized(rng, n):
    return Case("sized", (rng.normal(size=(n // 64 + 1, 64)),), {"axis": -1})


OPS = [
    Op(relu, relu_cases, relu_vjp, _sized, half=True, domain=REALS),
    Op(sigmoid, sigmoid_cases, sigmoid_vjp, _sized, half=True, domain=REALS),
    Op(tanh, tanh_cases, tanh_vjp, _sized, half=True, domain=REALS),
    Op(silu, silu_cases, silu_vjp, _sized, half=True, domain=REALS),
    Op(gelu, gelu_cases, gelu_vjp, gelu_sized, half=True, domain=REALS),
    Op(softplus, softplus_cases, softplus_vjp, softplus_sized, half=True, domain=REALS),
    Op(softmax, softmax_cases, softmax_vjp, _line_sized, half=True),
    Op(log_softmax, log_softmax_cases, log_softmax_vjp, _line_sized, half=True),
]
