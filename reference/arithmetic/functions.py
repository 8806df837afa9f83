"""The elementary functions of balls and jets: value and derivatives, and how far a library may be off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flint import arb

# How many units of 2^-p a float library may add to the rounding of the result, one constant per class:
CORRECTLY_ROUNDED = 0.0  # IEEE 754 demands it of sqrt
VECTOR_LIBRARY = 4.0  # SLEEF promises 1.0 to 3.5 ulp, oneMKL's low-accuracy mode 4, glibc documents up to 3
RATIONAL_FIT = 8.0  # tanh and its kin are rational fits in Eigen, XLA and ATen, good to about 5 ulp in float32
SPECIAL = 16.0  # erf and erfc: products of a fit and an exponential, whose argument's rounding is amplified


@dataclass(frozen=True)
class Function:
    """``derivatives(v)`` gives f(v), f'(v) and f''(v) of a ball; ``ulps`` belongs to the float library."""

    value: Callable[[arb], arb]
    derivatives: Callable[[arb], tuple[arb, arb, arb]]
    ulps: float


def _root(v):
    # of a quantity that cannot be negative and may be 0, such as a sum of squares, the ball may reach below 0
    return v.nonnegative_part().sqrt() if v.contains(0) else v.sqrt()


def _sqrt(v):
    s = _root(v)
    return s, 1 / (2 * s), -1 / (4 * s * v)


def _tan(v):
    t = v.tan()
    return t, 1 + t * t, 2 * t * (1 + t * t)


def _tanh(v):
    t, slope = v.tanh(), 1 / v.cosh() ** 2
    return t, slope, -2 * t * slope


def _arctan(v):
    slope = 1 / (1 + v * v)
    return v.atan(), slope, -2 * v * slope**2


def _log1p(v):
    return v.log1p(), 1 / (1 + v), -1 / (1 + v) ** 2


def _gaussian(v, sign):
    slope = sign * 2 * (-v * v).exp() / arb.pi().sqrt()
    return slope, -2 * v * slope


def _exp(v):
    e = v.exp()
    return e, e, e


def _expm1(v):
    e = v.exp()
    return v.expm1(), e, e


FUNCTIONS: dict[str, Function] = {
    "sqrt": Function(_root, _sqrt, CORRECTLY_ROUNDED),
    "exp": Function(arb.exp, _exp, VECTOR_LIBRARY),
    "expm1": Function(arb.expm1, _expm1, VECTOR_LIBRARY),
    "log": Function(arb.log, lambda v: (v.log(), 1 / v, -1 / (v * v)), VECTOR_LIBRARY),
    "log1p": Function(arb.log1p, _log1p, VECTOR_LIBRARY),
    "sin": Function(arb.sin, lambda v: (v.sin(), v.cos(), -v.sin()), VECTOR_LIBRARY),
    "cos": Function(arb.cos, lambda v: (v.cos(), -v.sin(), -v.cos()), VECTOR_LIBRARY),
    "tan": Function(arb.tan, _tan, VECTOR_LIBRARY),
    "arctan": Function(arb.atan, _arctan, VECTOR_LIBRARY),
    "sinh": Function(arb.sinh, lambda v: (v.sinh(), v.cosh(), v.sinh()), RATIONAL_FIT),
    "cosh": Function(arb.cosh, lambda v: (v.cosh(), v.sinh(), v.cosh()), RATIONAL_FIT),
    "tanh": Function(arb.tanh, _tanh, RATIONAL_FIT),
    "erf": Function(arb.erf, lambda v: (v.erf(), *_gaussian(v, 1)), SPECIAL),
    "erfc": Function(arb.erfc, lambda v: (v.erfc(), *_gaussian(v, -1)), SPECIAL),
}
