"""How a derivative is checked by hand: along a direction, against a projection, and with which step."""

from __future__ import annotations

import numpy as np

from ..activation.softmax import softmax, softmax_vjp
from ..broadcast import unbroadcast
from ..op import Case, Op
from .rosenbrock import curved, rosenbrock_gradient


def difference_error(step, f, bend, *, unit, scheme):
    """e = |bend| h / 2 + 2 u |f| / h ("forward") or |bend| h^2 / 6 + u |f| / h ("central"): step h, unit roundoff u.

    Shapes: step h > 0, f and bend any that broadcast together, e as their broadcast, in the unit of f over that of h.
    bend is f'' for the forward difference and f''' for the central one.

    What Taylor leaves out falls with h, what rounding brings in grows with 1 / h: on a log-log plot e over h is a V.
    Its least is near h = sqrt(u) or the third root of u, so that half or two thirds of the digits are right at best.

    Raises ValueError for another scheme.
    Source: Nocedal and Wright (2006), Numerical Optimization, section 8.1, on finite-difference approximations.
    """
    _require_scheme(scheme)
    if scheme == "forward":
        return np.abs(bend) * step / 2 + 2 * unit * np.abs(f) / step
    return np.abs(bend) * step * step / 6 + unit * np.abs(f) / step


def difference_error_vjp(ebar, e, step, f, bend, *, unit, scheme):
    """stepbar is ebar times the slope of the V, which is 0 at the best step; f and bend have a term each."""
    _require_scheme(scheme)
    if scheme == "forward":
        left_out, rounding, slope = step / 2, 2 * unit / step, np.abs(bend) / 2
    else:
        left_out, rounding, slope = step * step / 6, unit / step, np.abs(bend) * step / 3
    stepbar = ebar * (slope - rounding * np.abs(f) / step)
    fbar, bendbar = ebar * rounding * np.sign(f), ebar * left_out * np.sign(bend)
    return unbroadcast(stepbar, step.shape), unbroadcast(fbar, f.shape), unbroadcast(bendbar, bend.shape)


def _require_scheme(scheme):
    if scheme not in ("forward", "central"):
        raise ValueError(f'difference_error: got scheme {scheme!r}, want "forward" or "central"')


def difference_error_cases(rng):
    sweep = rng.uniform(1, 3, size=5) * 10.0 ** np.array([-1, -3, -5, -7, -9])
    fine, coarse = {"unit": 2.0**-53, "scheme": "forward"}, {"unit": 2.0**-24, "scheme": "central"}
    yield Case("sweep-forward", (sweep, rng.uniform(1, 3, size=()), -rng.uniform(1, 3, size=())), fine)
    sweep = rng.uniform(1, 3, size=(3, 1)) * 10.0 ** np.array([[-1], [-2], [-4]])
    yield Case("sweep-central", (sweep, -rng.uniform(1, 3, size=4), rng.uniform(1, 3, size=4)), coarse)
    ends = (np.array([0.0, np.inf, 0.5]), np.array(4.0), np.array(6.0))
    half = {"unit": 0.25, "scheme": "central"}
    yield Case("ends", ends, half, "special", np.array([np.inf, np.inf, 2.25]))
    yield Case("nothing", (np.zeros(0), *ends[1:]), half, "empty", np.zeros(0))
    yield Case("no-such-scheme", ends, {**half, "scheme": "backward"}, "refused")


def difference_error_sized(rng, n):
    args = rng.uniform(1e-6, 1, size=n), np.array(1.5), np.array(2.5)
    return Case("sized", args, {"unit": 2.0**-53, "scheme": "central"})


def jvp_difference(x, v, *, function, step):
    """y = (F(x + h v) - F(x - h v)) / 2h, the central difference along v: about J v, with h = ``step``.

    Shapes: x, v and y (..., D), F of the last axis to as many numbers: "softmax", or "rosenbrock_gradient" (a = 1,
    b = 100), whose Jacobian is a Hessian, so that y is about H v.

    Two evaluations give one product of the Jacobian with a vector, whatever D is; the whole Jacobian takes 2 D. The
    error falls with h^2 until rounding takes over.

    Raises ValueError where x and v differ in shape, or for another function.
    Source: Nocedal and Wright (2006), Numerical Optimization, section 8.1, and section 7.1 on Hessian-free products.
    """
    f, _ = _map(x, v, function)
    return (f(x + step * v) - f(x - step * v)) / (2 * step)


def jvp_difference_vjp(ybar, y, x, v, *, function, step):
    """xbar = (J(x + h v)^T ybar - J(x - h v)^T ybar) / 2h, and vbar = half the sum of the two products."""
    _, transposed = _map(x, v, function)
    ahead, behind = transposed(x + step * v, ybar), transposed(x - step * v, ybar)
    return (ahead - behind) / (2 * step), (ahead + behind) / 2


def _map(x, v, name):
    """A function from the last axis to itself, and the product of its transposed Jacobian with a cotangent."""
    known = {
        "softmax": (lambda x: softmax(x, axis=-1), _softmax_back),
        "rosenbrock_gradient": (lambda x: rosenbrock_gradient(x, a=1, b=100), lambda x, ybar: curved(x, ybar, b=100)),
    }
    if x.ndim == 0 or x.shape != v.shape:
        raise ValueError(f"jvp_difference: got x {x.shape} and v {v.shape}, want one shape (..., D)")
    if name not in known:
        raise ValueError(f"jvp_difference: got function {name!r}, want one of {', '.join(known)}")
    return known[name]


def _softmax_back(x, ybar):
    return softmax_vjp(ybar, softmax(x, axis=-1), x, axis=-1)[0]


def jvp_difference_cases(rng):
    yield Case("softmax", tuple(rng.normal(size=(2, 2, 4))), {"function": "softmax", "step": 0.3})
    hessian = {"function": "rosenbrock_gradient", "step": 0.125}
    yield Case("hessian", tuple(rng.normal(size=(2, 3))), hessian)
    by_hand = np.array([0.0, 1.0]), np.array([1.0, 0.0])
    yield Case("by-hand", by_hand, {**hessian, "step": 0.5}, "special", np.array([-298.0, 0.0]))
    yield Case("one-direction", (rng.normal(size=(2, 3)), rng.normal(size=3)), hessian, "refused")
    yield Case("no-such-function", by_hand, {**hessian, "function": "softplus"}, "refused")


def jvp_difference_sized(rng, n):
    args = rng.normal(size=(2, max(n // 16, 1), 8))
    return Case("sized", tuple(args), {"function": "softmax", "step": 0.001})


def projected_difference(x, v, u, *, function, step):
    """y = u.(F(x + h v) - F(x - h v)) / 2h: about u'J v, a whole Jacobian in one number, with h = ``step``.

    Shapes: x, v and u (..., D), y (...,); F as in jvp_difference.

    The same number is v.xbar, with xbar the VJP of F at the cotangent u. With random u and v it tests every element of
    the Jacobian at once: two wrong elements cancel for hardly any of them. This is how a backward is checked where
    nothing better is at hand.

    Raises ValueError where the shapes differ, or for another function.
    Source: Griewank and Walther (2008), Evaluating Derivatives, chapter 3, on the identity of both products.
    """
    if u.shape != x.shape:
        raise ValueError(f"projected_difference: got x {x.shape} and u {u.shape}, want one shape (..., D)")
    return np.sum(u * jvp_difference(x, v, function=function, step=step), axis=-1)


def projected_difference_vjp(ybar, y, x, v, u, *, function, step):
    """Each of the difference's elements gets ybar u, and u gets ybar times the difference."""
    jv, ybar = jvp_difference(x, v, function=function, step=step), ybar[..., None]
    return *jvp_difference_vjp(ybar * u, jv, x, v, function=function, step=step), ybar * jv


def projected_difference_cases(rng):
    yield Case("softmax", tuple(rng.normal(size=(3, 2, 4))), {"function": "softmax", "step": 0.25})
    hessian = {"function": "rosenbrock_gradient", "step": 0.375}
    yield Case("hessian", tuple(rng.normal(size=(3, 5))), hessian)
    yield Case("row-for-all", (*rng.normal(size=(2, 2, 3)), rng.normal(size=3)), hessian, "refused")


def projected_difference_sized(rng, n):
    args = rng.normal(size=(3, max(n // 24, 1), 8))
    return Case("sized", tuple(args), {"function": "softmax", "step": 0.001})


OPS = [
    Op(difference_error, difference_error_cases, difference_error_vjp, difference_error_sized),
    Op(jvp_difference, jvp_difference_cases, jvp_difference_vjp, jvp_difference_sized),
    Op(projected_difference, projected_difference_cases, projected_difference_vjp, projected_difference_sized),
]
