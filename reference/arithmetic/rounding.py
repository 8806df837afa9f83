"""Rounding balls: what a computation in a float format of p bits may do to the result, as a radius.

Every sum, product, quotient and function value v becomes v (1 + delta), |delta| <= 2^-p, unless its operands
are exact and so is the result: the standard model of floating-point arithmetic (Higham (2002), Accuracy and
Stability of Numerical Algorithms, section 2.2), carried along as a running error bound (section 3.3). A
library function adds the ulps that libraries of its class are off. Sums count every order of their additions:
(n - 1) 2^-p sum |x_i| (section 4.2, eq. 4.4), because nobody promises an order.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from flint import arb, arb_series, ctx

from .ball import Balls, boxed, centre
from .functions import SPECIAL, VECTOR_LIBRARY, Function

GUARD = 16
"""Bits of the midpoints beyond the format's own: flint's rounding is then no part of the result."""


def format_of(bits: int) -> AbstractContextManager[Any]:
    """Inside this block rounding balls round as a format of ``bits`` bits does."""
    return ctx.workprec(bits + GUARD)


def _unit() -> float:
    return 2.0 ** (GUARD - ctx.prec)


def rounded(v: arb, units: float = 1.0) -> arb:
    """v (1 + delta), |delta| <= units 2^-p; itself where the format holds v exactly."""
    if v.is_exact() and v.bits() <= ctx.prec - GUARD and units <= 1:
        return v
    return v * arb(1, units * _unit())


def _coefficients(v: Any) -> list[arb]:
    if type(v) is arb_series:
        return [arb(v[k]) for k in range(v.length())] or [arb(0)]
    return [v if type(v) is arb else arb(v)]


def _element(coefficients: list[arb]) -> Any:
    return coefficients[0] if len(coefficients) == 1 else arb_series(coefficients)


def _add(a: Any, b: Any) -> Any:
    if type(a) is arb and type(b) is arb:
        return rounded(a + b)
    return _element([rounded(c) for c in _coefficients(a + b)])


def _multiply(a: Any, b: Any) -> Any:
    if type(a) is arb and type(b) is arb:
        return rounded(a * b)
    x, y = _coefficients(a), _coefficients(b)
    out: list[arb] = []
    for k in range(min(len(x) + len(y) - 1, ctx.cap)):
        term = arb(0)
        for j in range(max(0, k - len(y) + 1), min(k + 1, len(x))):
            term = rounded(term + rounded(x[j] * y[k - j]))
        out.append(term)
    return _element(out)


def _divide(a: Any, b: Any) -> Any:
    if type(a) is arb and type(b) is arb:
        return rounded(a / b)
    x, y = _coefficients(a), _coefficients(b)
    out: list[arb] = []
    for k in range(ctx.cap if len(y) > 1 else len(x)):
        term = x[k] if k < len(x) else arb(0)
        for j in range(max(0, k - len(y) + 1), k):
            term = rounded(term - rounded(out[j] * y[k - j]))
        out.append(rounded(term / y[0]))
    return _element(out)


def _power(base: Any, exponent: Any) -> Any:
    e = centre(exponent)
    if type(exponent) is arb_series:
        return _jet_power(base, exponent)
    if e.is_integer():
        n = int(e.unique_fmpz() or 0)
        result = base if n else arb(1)
        for _ in range(abs(n) - 1):
            result = _multiply(result, base)
        return result if n >= 0 else _divide(1, result)
    x = centre(base)
    derivatives = (x**e, e * x ** (e - 1), e * (e - 1) * x ** (e - 2))
    return _taylor([rounded(d, VECTOR_LIBRARY + 1) for d in derivatives], base)


def _jet_power(base: Any, exponent: arb_series) -> Any:
    """x^p = x0^p0 exp(w), where w = p log x - p0 log x0 begins with t, so that exp(w) is 1 + w + w^2 / 2."""
    x = centre(base)
    log = _taylor([rounded(x.log(), VECTOR_LIBRARY + 1), rounded(1 / x), rounded(-1 / (x * x))], base)
    w = [*_coefficients(_multiply(exponent, log)), arb(0)][1:3]
    bend = rounded(w[1] + rounded(w[0] * w[0] / 2))
    return _multiply(rounded(x ** centre(exponent), VECTOR_LIBRARY + 1), arb_series([1, w[0], bend][: ctx.cap]))


def _taylor(f: list[arb], v: Any) -> Any:
    """f(v0 + v1 t + v2 t^2) from f, f', f'' at v0, each product and sum rounded."""
    c = _coefficients(v)
    if len(c) == 1:
        return f[0]
    out = [f[0], rounded(f[1] * c[1])]
    if ctx.cap > 2:
        bend = rounded(f[2] / 2 * rounded(c[1] * c[1]))
        out.append(rounded(bend + rounded(f[1] * c[2])) if len(c) > 2 else bend)
    return _element(out)


def _sizes(v: Any) -> Any:
    return _element([arb(abs(c).upper()) for c in _coefficients(v)])


def _lowest_bit(v: Any) -> float:
    """The exponent of the last bit of an exact ball: infinity of 0, minus infinity of what is not exact."""
    v = v if type(v) in (arb, arb_series) else arb(v)
    if type(v) is arb_series or not v.is_exact() or not v.is_finite():
        return -np.inf
    return np.inf if v == 0 else float(v.man_exp()[1])


def _blur(v: Any, size: Any, terms: int, lowest: float) -> Any:
    """A sum of so many terms with the roundings that additions in any order may make: none where every
    partial sum is a multiple of the lowest bit that the format holds."""
    exact = lowest == np.inf or (lowest > -np.inf and size <= arb(2) ** (int(lowest) + ctx.prec - GUARD))
    if terms <= 1 or exact:
        return v
    noise = arb(0, (terms - 1) * _unit())
    return v + _element([c * noise for c in _coefficients(size)])


def _counts(v: Any) -> int:
    return 0 if v == 0 else 1  # a ball around 0 is neither == 0 nor != 0


def _total(x: np.ndarray, **kwargs: Any) -> Any:
    """The sum over axes in any order. Adding an exact 0 rounds nothing, so the terms that are 0 do not count."""
    terms = np.add.reduce(np.asarray(np.frompyfunc(_counts, 1, 1)(x), dtype=np.int64), **kwargs)
    bits = np.asarray(np.frompyfunc(_lowest_bit, 1, 1)(x), dtype=np.float64)
    lowest = np.minimum.reduce(bits, initial=np.inf, **{k: v for k, v in kwargs.items() if k != "initial"})
    sizes = boxed(np.add.reduce(boxed(np.frompyfunc(_sizes, 1, 1)(x)), **kwargs))
    return np.frompyfunc(_blur, 4, 1)(boxed(np.add.reduce(x, **kwargs)), sizes, terms, lowest)


def _elementwise(f: Callable[[Any, Any], Any]) -> np.ufunc:
    return np.frompyfunc(f, 2, 1, identity=None)


OPERATIONS: dict[np.ufunc, np.ufunc] = {
    np.add: _elementwise(_add),
    np.subtract: _elementwise(lambda a, b: _add(a, -b)),
    np.multiply: _elementwise(_multiply),
    np.divide: _elementwise(_divide),
    np.power: _elementwise(_power),
}


class RoundingBalls(Balls):
    """Balls that grow as the computation in a float format may err; only inside ``format_of(bits)``."""

    @classmethod
    def literal(cls, v: float) -> arb:
        return cls.constant(v)

    @staticmethod
    def constant(v: float) -> arb:
        """A float as a program reads it: rounded."""
        return rounded(arb(v))

    @classmethod
    def apply(cls, function: Function, x: np.ndarray) -> Any:
        units = function.ulps + 1

        def one(v):
            if type(v) is not arb_series:
                return rounded(function.value(v if type(v) is arb else arb(v)), units)
            return _taylor([rounded(f, units) for f in function.derivatives(centre(v))], v)

        return np.frompyfunc(one, 1, 1)(x)

    @classmethod
    def evaluate(cls, f: Callable[..., arb], *x: np.ndarray) -> Any:
        return super().evaluate(lambda *v: rounded(f(*v), SPECIAL + 1), *x)

    @classmethod
    def angle(cls, y: np.ndarray, x: np.ndarray) -> Any:
        def one(y, x):
            y0, x0 = centre(y), centre(x)
            theta = rounded(arb.atan2(y0, x0), VECTOR_LIBRARY + 1)
            if not (type(y) is arb_series or type(x) is arb_series):
                return theta
            turned = _add(_multiply(x0, y - y0), -_multiply(y0, x - x0))
            return _add(theta, _divide(turned, _add(_multiply(x0, x), _multiply(y0, y))))

        return np.frompyfunc(one, 2, 1)(y, x)

    @classmethod
    def ring(cls, ufunc: np.ufunc, method: str, operands: list[np.ndarray], kwargs: dict[str, Any]) -> Any:
        if ufunc in (np.negative, np.positive):
            return ufunc(*operands)
        if ufunc is np.add and method == "reduce":
            return _total(*operands, **kwargs)
        if ufunc is np.square:
            return OPERATIONS[np.multiply](operands[0], operands[0])
        if ufunc is np.reciprocal:
            return OPERATIONS[np.divide](1, operands[0])
        if ufunc is np.matmul:
            return _matmul(*operands)
        return getattr(OPERATIONS[ufunc], method)(*operands, **kwargs)


def _matmul(a: np.ndarray, b: np.ndarray) -> Any:
    """Each entry the sum of the rounded products."""
    row, column = a.ndim == 1, b.ndim == 1
    a, b = a[np.newaxis, :] if row else a, b[:, np.newaxis] if column else b
    if a.shape[-1] != b.shape[-2]:
        raise ValueError(f"matmul of shapes {a.shape} and {b.shape}: {a.shape[-1]} is not {b.shape[-2]}")
    products = OPERATIONS[np.multiply](a[..., :, :, np.newaxis], b[..., np.newaxis, :, :])
    y = _total(products, axis=-2)
    y = y[..., 0, :] if row else y
    return y[..., 0] if column else y
