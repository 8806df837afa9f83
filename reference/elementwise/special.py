"""The error function, its complement and its inverse, which NumPy lacks."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .cases import REALS, both_signs, ordinary_cases, sized, special

# Cody (1969): pairs of coefficients, numerator and denominator, highest power first.
_ERF_NEAR = (
    (1.85777706184603153e-1, 1.0),
    (3.16112374387056560e0, 2.36012909523441209e1),
    (1.13864154151050156e2, 2.44024637934444173e2),
    (3.77485237685302021e2, 1.28261652607737228e3),
    (3.20937758913846947e3, 2.84423683343917062e3),
)


_ERFC_MIDDLE = (
    (2.15311535474403846e-8, 1.0),
    (5.64188496988670089e-1, 1.57449261107098347e1),
    (8.88314979438837594e0, 1.17693950891312499e2),
    (6.61191906371416295e1, 5.37181101862009858e2),
    (2.98635138197400131e2, 1.62138957456669019e3),
    (8.81952221241769090e2, 3.29079923573345963e3),
    (1.71204761263407058e3, 4.36261909014324716e3),
    (2.05107837782607147e3, 3.43936767414372164e3),
    (1.23033935479799725e3, 1.23033935480374942e3),
)


_ERFC_FAR = (
    (1.63153871373020978e-2, 1.0),
    (3.05326634961232344e-1, 2.56852019228982242e0),
    (3.60344899949804439e-1, 1.87295284992346725e0),
    (1.25781726111229246e-1, 5.27905102951428412e-1),
    (1.60837851487422766e-2, 6.05183413124413191e-2),
    (6.58749161529837803e-4, 2.33520497626869185e-3),
)


# Wichura (1988): the same for the quantile of the normal distribution, in its middle and in two parts of its tails.
_QUANTILE_MIDDLE = (
    (2.5090809287301226727e3, 5.2264952788528545610e3),
    (3.3430575583588128105e4, 2.8729085735721942674e4),
    (6.7265770927008700853e4, 3.9307895800092710610e4),
    (4.5921953931549871457e4, 2.1213794301586595867e4),
    (1.3731693765509461125e4, 5.3941960214247511077e3),
    (1.9715909503065514427e3, 6.8718700749205790830e2),
    (1.3314166789178437745e2, 4.2313330701600911252e1),
    (3.3871328727963666080e0, 1.0),
)


_QUANTILE_TAIL = (
    (7.74545014278341407640e-4, 1.05075007164441684324e-9),
    (2.27238449892691845833e-2, 5.47593808499534494600e-4),
    (2.41780725177450611770e-1, 1.51986665636164571966e-2),
    (1.27045825245236838258e0, 1.48103976427480074590e-1),
    (3.64784832476320460504e0, 6.89767334985100004550e-1),
    (5.76949722146069140550e0, 1.67638483018380384940e0),
    (4.63033784615654529590e0, 2.05319162663775882187e0),
    (1.42343711074968357734e0, 1.0),
)


_QUANTILE_FAR = (
    (2.01033439929228813265e-7, 2.04426310338993978564e-15),
    (2.71155556874348757815e-5, 1.42151175831644588870e-7),
    (1.24266094738807843860e-3, 1.84631831751005468180e-5),
    (2.65321895265761230930e-2, 7.86869131145613259100e-4),
    (2.96560571828504891230e-1, 1.48753612908506148525e-2),
    (1.78482653991729133580e0, 1.36929880922735805310e-1),
    (5.46378491116411436990e0, 5.99832206555887937690e-1),
    (6.65790464350110377720e0, 1.0),
)


_NEAR, _FAR = 0.46875, 4.0


_BEYOND = 30.0  # erfc(30) = 3e-393 is below the smallest float64


def erf(x):
    """y = 2/sqrt(pi) int_0^x exp(-t^2) dt.

    Shapes: x any, y as x.

    Near 0 an odd rational function, so that small x keep their relative accuracy and the sign of zero;
    elsewhere 1 - erfc(|x|) with the sign of x.

    Source: Cody (1969), Rational Chebyshev Approximations for the Error Function, Math. Comp. 23, 631-637.
    """
    return np.where(np.abs(x) <= _NEAR, _erf_near(x), np.sign(x) * (1 - _erfc_outside(x)))


def erf_vjp(ybar, y, x):
    """xbar = ybar 2/sqrt(pi) exp(-x^2): the integrand at the upper end."""
    return (ybar * _gaussian(x),)


def erf_cases(rng):
    yield from ordinary_cases(rng)
    yield Case("small", (1e-3 * rng.normal(size=5),))
    yield Case("tails", (both_signs(rng, 2, 5, 9),))
    yield special([np.inf, -np.inf, np.nan, 0.0, -0.0, 1000.0, -1000.0], [1.0, -1.0, np.nan, 0.0, -0.0, 1.0, -1.0])


def erfc(x):
    """y = 2/sqrt(pi) int_x^inf exp(-t^2) dt = 1 - erf(x).

    Shapes: x any, y as x.

    1 - erf(x) would lose every digit of the upper tail; there erfc is exp(-x^2) times a rational function.
    On the left 2 - erfc(|x|) loses nothing, for it is at least 1.

    Source: Cody (1969), Rational Chebyshev Approximations for the Error Function, Math. Comp. 23, 631-637.
    """
    outside = _erfc_outside(x)
    return np.where(np.abs(x) <= _NEAR, 1 - _erf_near(x), np.where(x < 0, 2 - outside, outside))


def erfc_vjp(ybar, y, x):
    """xbar = -ybar 2/sqrt(pi) exp(-x^2): minus the integrand at the lower end."""
    return (-ybar * _gaussian(x),)


def erfc_cases(rng):
    yield from ordinary_cases(rng)
    yield Case("small", (1e-3 * rng.normal(size=5),))
    yield Case("left-tail", (-rng.uniform(2, 5, size=5),))
    yield Case("right-tail", (rng.uniform(3, 9, size=7),))
    yield special([np.inf, -np.inf, np.nan, 0.0, -0.0, 1000.0, -1000.0], [0.0, 2.0, np.nan, 1.0, 1.0, 0.0, 2.0])


def erfinv(x):
    """y = erf^-1(x): the y whose erf(y) is x.

    Shapes: x any, y as x; -1 <= x <= 1, elsewhere nan.

    (1 + x) / 2 is the probability that a normal variable lies below sqrt(2) y, so this is the quantile of the
    normal distribution. Its tails are functions of 1 - |x|, which is exact from 1/2 on. Within 6 ulp (of half of
    all x 2).

    Source: Wichura (1988), Algorithm AS 241: The Percentage Points of the Normal Distribution, Applied Statistics
    37, 477-484, routine PPND16.
    """
    half_root = 1 / np.sqrt(np.full_like(x, 2))
    middle = np.clip(x, -0.85, 0.85) / 2
    near = middle * _ratio(_QUANTILE_MIDDLE, 0.180625 - middle * middle)
    outside = np.where(np.abs(x) <= 0.85, 0.1, 1 - np.abs(x))
    r = np.sqrt(-np.log(outside / 2))
    tail = np.where(r <= 5, _ratio(_QUANTILE_TAIL, np.minimum(r, 5) - 1.6), _ratio(_QUANTILE_FAR, np.maximum(r, 5) - 5))
    tail = np.where(outside == 0, np.inf, tail)
    return np.where(np.abs(x) <= 0.85, near, np.sign(x) * tail) * half_root


def erfinv_vjp(ybar, y, x):
    """xbar = ybar sqrt(pi)/2 exp(y^2): one over the slope of erf at y."""
    return (ybar * np.exp(y * y) * np.sqrt(np.full_like(x, np.pi)) / 2,)


def erfinv_cases(rng):
    yield Case("vector", (rng.uniform(-0.8, 0.8, size=7),))
    yield Case("small", (1e-3 * rng.normal(size=5),))
    yield Case("tails", (both_signs(rng, 0.9, 0.999, 9),))
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))
    yield special(
        [1.0, -1.0, 0.0, -0.0, 1.5, -np.inf, np.inf, np.nan], [np.inf, -np.inf, 0.0, -0.0, *[np.nan] * 4]
    )


def erfinv_sized(rng, n):
    return Case("sized", (rng.uniform(-0.99, 0.99, size=n),))


def _gaussian(x):
    """2/sqrt(pi) exp(-x^2), the derivative of erf."""
    return 2 * np.exp(-x * x) / np.sqrt(np.full_like(x, np.pi))


def _ratio(coefficients, x):
    """Numerator over denominator at x, both by Horner's rule."""
    p = q = 0
    for a, b in coefficients:
        p, q = p * x + a, q * x + b
    return p / q


def _erf_near(x):
    """erf(x) for |x| <= 0.46875; elsewhere some finite number, or nan for nan."""
    near = np.clip(x, -_NEAR, _NEAR)
    return near * _ratio(_ERF_NEAR, near * near)


def _erfc_outside(x):
    """erfc(|x|) for |x| >= 0.46875; elsewhere some finite number, or nan for nan."""
    a = np.clip(np.abs(x), _NEAR, _BEYOND)
    middle = _ratio(_ERFC_MIDDLE, np.minimum(a, _FAR))
    t = 1 / np.maximum(a, _FAR) ** 2
    far = (1 / np.sqrt(np.full_like(a, np.pi)) - t * _ratio(_ERFC_FAR, t)) / np.maximum(a, _FAR)
    # exp magnifies the rounding of a^2 by a^2, so a^2 is split: the square of 1/16-ths is exact, the rest is small.
    sixteenths = np.trunc(16 * a) / 16
    decay = np.exp(-sixteenths * sixteenths) * np.exp(-(a - sixteenths) * (a + sixteenths))
    return decay * np.where(a <= _FAR, middle, far)


OPS = [
    Op(erf, erf_cases, erf_vjp, sized, domain=REALS),
    Op(erfc, erfc_cases, erfc_vjp, sized, domain=REALS),
    Op(erfinv, erfinv_cases, erfinv_vjp, erfinv_sized, domain=(-1.0, 1.0)),
]
