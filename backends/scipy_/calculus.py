"""Calculus in SciPy: the valley of Rosenbrock of scipy.optimize, which has a = 1 and b = 100."""

from __future__ import annotations

from scipy import optimize

from .common import in_float64


def _classic(f):
    def asked(x, *, a, b):
        if (a, b) != (1.0, 100.0):
            raise NotImplementedError(f"scipy.optimize has a = 1 and b = 100, not {a:g} and {b:g}")
        if x.ndim > 1:
            raise NotImplementedError("scipy.optimize takes one point")
        return f(x)

    return asked


@in_float64
def finite_difference(x, *, function, step, scheme):
    if (function, scheme) != ("rosenbrock", "forward") or x.ndim > 1:
        raise NotImplementedError("approx_fprime has forward differences at one point; of the functions, rosen")
    return optimize.approx_fprime(x, optimize.rosen, step)


FORWARDS = {
    "rosenbrock": _classic(optimize.rosen),
    "rosenbrock_gradient": _classic(optimize.rosen_der),
    "rosenbrock_hessian": _classic(optimize.rosen_hess),
    "finite_difference": finite_difference,
}

LEDGER = ()
