"""A function near a point: Taylor's polynomial, and differences in place of derivatives."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from ..reduction.totals import logsumexp
from .rosenbrock import curved, rosenbrock, rosenbrock_gradient, twisted


def taylor(coefficients, x0):
    """t_k = p^(k)(x0) / k!, so that p(x) = sum_k c_k x^k = sum_k t_k (x - x0)^k.

    Shapes: coefficients c (..., K), of the constant first, x0 (...,); t (..., K), in the unit of y over that of x to
    the power k.

    Dividing p by x - x0 leaves p(x0) over; the quotient divided again leaves p'(x0), and so on. Each division is
    Horner's rule, which adds x0 times the next coefficient to each one, from the highest down.

    Raises ValueError where the shapes do not fit.
    Source: Knuth (1997), The Art of Computer Programming, volume 2, 3rd edition, section 4.6.4, eq. 7.
    """
    if coefficients.ndim == 0 or x0.shape != coefficients.shape[:-1]:
        raise ValueError(f"taylor: got coefficients {coefficients.shape} and x0 {x0.shape}, want (..., K) and (...,)")
    c = [coefficients[..., k] for k in range(coefficients.shape[-1])]
    for k in range(len(c) - 1):
        for j in reversed(range(k, len(c) - 1)):
            c[j] = c[j] + x0 * c[j + 1]
    return np.stack(c, axis=-1)


def taylor_vjp(tbar, t, coefficients, x0):
    """The divisions backwards, each number handing x0 times its cotangent up; x0bar = sum_k tbar_k (k + 1) t_(k+1)."""
    c = [tbar[..., k] for k in range(tbar.shape[-1])]
    for k in reversed(range(len(c) - 1)):
        for j in range(k, len(c) - 1):
            c[j + 1] = c[j + 1] + x0 * c[j]
    k = np.cumsum(np.ones_like(t[..., 1:]), axis=-1)
    return np.stack(c, axis=-1), np.sum(tbar[..., :-1] * k * t[..., 1:], axis=-1)


def taylor_cases(rng):
    yield Case("quartic", (rng.normal(size=5), rng.uniform(0.3, 2, size=())))
    yield Case("rows", (10.0 ** np.array([-3, 0, 3]) * rng.normal(size=(2, 3)), -rng.uniform(3, 9, size=2)))
    cube = (np.array([0.0, 0.0, 0.0, 1.0]), np.array(2.0))
    yield Case("cube", cube, {}, "special", np.array([8.0, 12.0, 6.0, 1.0]))
    yield Case("two-points", (rng.normal(size=5), rng.normal(size=2)), {}, "refused")


def taylor_sized(rng, n):
    rows = max(n // 8, 1)
    return Case("sized", (rng.normal(size=(rows, 8)), rng.normal(size=rows)))


def taylor_rosenbrock(x, h, *, a, b, order):
    """y = f(x) + h.grad f(x), and + h.H(x) h / 2 where ``order`` is 2: f near x, for f = rosenbrock.

    Shapes: x and h (..., D) with D >= 2, y (...,).

    The error at x + h is of the third order in h, or of the second where ``order`` is 1.

    Raises ValueError where x and h differ in shape, or for another order.
    Source: Nocedal and Wright (2006), Numerical Optimization, theorem 2.1, eq. 2.6.
    """
    if h.shape != x.shape or order not in (1, 2):
        raise ValueError(
            f"taylor_rosenbrock: got x {x.shape}, h {h.shape} and order {order}; want one shape, and 1 or 2"
        )
    line = rosenbrock(x, a=a, b=b) + np.sum(h * rosenbrock_gradient(x, a=a, b=b), axis=-1)
    return line if order == 1 else line + np.sum(h * curved(x, h, b=b), axis=-1) / 2


def taylor_rosenbrock_vjp(ybar, y, x, h, *, a, b, order):
    """hbar = ybar (grad f + H h) and xbar = ybar (grad f + H h + T(h, h) / 2), without the last terms for order 1."""
    slope, bend = rosenbrock_gradient(x, a=a, b=b), curved(x, h, b=b)
    ybar = ybar[..., None]
    if order == 1:
        return ybar * (slope + bend), ybar * slope
    return ybar * (slope + bend + twisted(x, h, h, b=b) / 2), ybar * (slope + bend)


def taylor_rosenbrock_cases(rng):
    yield Case("parabola", (rng.normal(size=(2, 3)), rng.normal(size=(2, 3))), {"a": 1.0, "b": 100.0, "order": 2})
    yield Case("line", (rng.normal(size=4), rng.normal(size=4)), {"a": 1.5, "b": 4.0, "order": 1})
    bottom = (np.ones(2), np.array([1.0, 2.0]))
    yield Case("bottom", bottom, {"a": 1.0, "b": 100.0, "order": 2}, "special", np.array(1.0))
    yield Case("third-order", bottom, {"a": 1.0, "b": 100.0, "order": 3}, "refused")


def taylor_rosenbrock_sized(rng, n):
    args = rng.normal(size=(2, max(n // 8, 1), 4))
    return Case("sized", tuple(args), {"a": 1.0, "b": 100.0, "order": 2})


def finite_difference(x, *, function, step, scheme):
    """y_i = (f(x + h e_i) - f(x)) / h ("forward") or (f(x + h e_i) - f(x - h e_i)) / 2h ("central"), h = ``step``.

    Shapes: x (..., D), y as x, in the unit of f over that of x; f is "rosenbrock" (a = 1, b = 100) or "logsumexp".

    By Taylor the forward difference is off by h f'' / 2, the central one by h^2 f''' / 6. The rounding of f adds about
    u |f| / h, u half an ulp of 1, so that no h gives more than half of the digits (central: two thirds): see
    finite_difference_error_curve. This is why derivatives are not judged by differences here.

    Raises ValueError for another shape, function or scheme.
    Source: Nocedal and Wright (2006), Numerical Optimization, section 8.1, eq. 8.1 to 8.8.
    """
    f, _ = _function(function)
    ahead, behind, width = _ends(x, step, scheme)
    return (f(ahead) - f(behind)) / width


CLASSIC = {"a": 1.0, "b": 100.0}


def _function(name):
    """A function of the last axis, and its gradient."""
    known = {
        "rosenbrock": (lambda x: rosenbrock(x, a=1, b=100), lambda x: rosenbrock_gradient(x, a=1, b=100)),
        "logsumexp": (lambda x: logsumexp(x, axis=-1, keepdims=False), _softmax),
    }
    if name not in known:
        raise ValueError(f"finite_difference: got function {name!r}, want one of {', '.join(known)}")
    return known[name]


def _softmax(x):
    return np.exp(x - logsumexp(x, axis=-1, keepdims=True))


def _ends(x, step, scheme):
    """The points where f is evaluated, one row for each variable, and how far apart they are."""
    if x.ndim == 0 or scheme not in ("forward", "central"):
        raise ValueError(f'finite_difference: got x {x.shape}, {scheme!r}; want (..., D), and "forward" or "central"')
    i = np.arange(x.shape[-1])
    own, x = i[:, None] == i, x[..., None, :]
    ahead = np.where(own, x + step, x)
    here = np.broadcast_to(x, ahead.shape)
    return (ahead, here, step) if scheme == "forward" else (ahead, np.where(own, x - step, x), 2 * step)


def finite_difference_vjp(ybar, y, x, *, function, step, scheme):
    """xbar = sum_i ybar_i (grad f(ahead_i) - grad f(behind_i)) / width: both ends move with x."""
    _, gradient = _function(function)
    ahead, behind, width = _ends(x, step, scheme)
    return (np.sum(ybar[..., None] * (gradient(ahead) - gradient(behind)), axis=-2) / width,)


def finite_difference_cases(rng):
    yield Case("forward", (rng.normal(size=3),), {"function": "rosenbrock", "step": 0.5, "scheme": "forward"})
    yield Case("central", (rng.normal(size=(2, 4)),), {"function": "logsumexp", "step": 0.3, "scheme": "central"})
    line = (np.array([0.0, 1.0]),)
    params = {"function": "rosenbrock", "step": 1.0, "scheme": "forward"}
    yield Case("by-hand", line, params, "special", np.array([-101.0, 300.0]))
    yield Case("backward", line, {**params, "scheme": "backward"}, "refused")


def finite_difference_sized(rng, n):
    return Case(
        "sized", (rng.normal(size=(max(n // 8, 1), 8)),), {"function": "logsumexp", "step": 0.001, "scheme": "forward"}
    )


OPS = [
    Op(taylor, taylor_cases, taylor_vjp, taylor_sized),
    Op(taylor_rosenbrock, taylor_rosenbrock_cases, taylor_rosenbrock_vjp, taylor_rosenbrock_sized),
    Op(finite_difference, finite_difference_cases, finite_difference_vjp, finite_difference_sized),
]
