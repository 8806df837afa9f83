"""The elementary functions of balls and jets: value and derivatives, and how far a library may be off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flint import arb, ctx

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


def _erfinv(v):
    y = v.erfinv()
    slope = arb.pi().sqrt() / 2 * (y * y).exp()
    return y, slope, 2 * y * slope * slope


def _lgamma(v):
    """log |Gamma(v)|; flint's is that of the complex logarithm, and so nan for negative numbers."""
    return v.lgamma() if v > 0 else -abs(v.rgamma()).log()


def _polygamma(n, v):
    """The n-th derivative of digamma, (-1)^(n+1) n! zeta(n + 1, v) for n > 0 (DLMF 25.11.12), reflected for v <= 0."""
    if n == 0:
        return v.digamma()
    if v > 0:
        return (-1) ** (n + 1) * arb(n).fac() * arb(n + 1).zeta(v)
    # psi_n(v) = psi_n(v + k) - (-1)^n n! sum_j (v + j)^-(n+1), DLMF 5.15.5, k so large that v + k is positive
    k = int(float(-v.lower())) + 2
    steps = sum(((v + j) ** -(n + 1) for j in range(k)), arb(0))
    return _polygamma(n, v + k) - (-1) ** n * arb(n).fac() * steps


def _polygammas(n, v):
    return _polygamma(n, v), _polygamma(n + 1, v), _polygamma(n + 2, v)


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
    "erfinv": Function(arb.erfinv, _erfinv, SPECIAL),
    "lgamma": Function(_lgamma, lambda v: (_lgamma(v), v.digamma(), _polygamma(1, v)), SPECIAL),
    "digamma": Function(arb.digamma, lambda v: _polygammas(0, v), SPECIAL),
    "trigamma": Function(lambda v: _polygamma(1, v), lambda v: _polygammas(1, v), SPECIAL),
}


def _tight(f: Callable[..., arb]) -> Callable[..., arb]:
    """``f`` with as many more bits inside as its enclosure needs to be as tight as the precision at hand."""

    def value(*x: arb) -> arb:
        want = min(ctx.prec, *(v.rel_accuracy_bits() for v in x)) - 16
        y = arb("nan")
        for extra in (32, 128, 512):
            with ctx.extraprec(extra):
                y = f(*x)
            if y.is_finite() and y.rel_accuracy_bits() >= want:
                break
        return y

    return value


def _gammainc(a, x):
    """P(a, x); for large a flint takes seconds over it, but not over Q = 1 - P."""
    return x.gamma_lower(a, regularized=1) if a < 100 else 1 - x.gamma_upper(a, regularized=1)


INCOMPLETE: dict[str, Callable[..., arb]] = {
    "gammainc": _tight(_gammainc),
    "gammaincc": _tight(lambda a, x: x.gamma_upper(a, regularized=1)),
    "betainc": _tight(lambda a, b, x: x.beta_lower(a, b, regularized=1)),
}
"""The regularised incomplete gamma functions P(a, x) and Q(a, x) (DLMF 8.2.4) and beta function I_x(a, b) (8.17.2):
values alone, as nothing is differentiated through them."""

PRIMITIVES = ("erf", "erfc", "erfinv", "lgamma", "digamma", "trigamma", *INCOMPLETE)
"""Functions that NumPy lacks: the elementwise family approximates them in floats, and balls know them exactly."""
