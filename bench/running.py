"""Running balls: whole float64 arrays with a radius, how far the same computation in float32 may be off.

The certified readings of the reference take a microsecond an operation and an element; a million elements want
arrays. A ``Running`` array holds float64 numbers and beside them a running error bound of the float32 computation
(Higham (2002), Accuracy and Stability of Numerical Algorithms, section 3.3), to first order: every operation turns
v into v (1 + delta), |delta| <= u = 2^-24, unless the result is exact, and a library function adds the ulps that the
reference grants its class. The float64 numbers are themselves off by 2^-29 of that radius, which the check allows for.

Two things differ from the rounding balls of the reference. A sum of n terms is charged sqrt(n) roundings and not n
(see ``chain``), for the worst case over a million terms is as large as the sum. And a comparison that the radius
leaves open is answered, with a doubt: what ``where`` then makes of it covers both branches.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from crosscheck.reference.agreement.measure import FORMATS
from crosscheck.reference.arithmetic.ball import Undecided
from crosscheck.reference.arithmetic.functions import FUNCTIONS, PRIMITIVES, SPECIAL, VECTOR_LIBRARY
from crosscheck.reference.elementwise.gamma import digamma, lgamma, trigamma
from crosscheck.reference.elementwise.incomplete_beta import betainc
from crosscheck.reference.elementwise.incomplete_gamma import gammainc, gammaincc
from crosscheck.reference.elementwise.special import erfinv

FORM = FORMATS["float32"]
UNIT = 2.0**-FORM.bits
NORMAL = FORM.smallest_normal
FINER = 2.0 ** (FORM.bits - FORMATS["float64"].bits)
"""How much smaller the same bound is for the float64 numbers themselves."""
LAMBDA = 9.0
"""The chance that a sum exceeds its bound is 2 exp(-LAMBDA^2 / 2) = 5e-18: no false alarm in a billion sums."""


def chain(n: int) -> float:
    """How many roundings to charge for n of them in a row: n, or LAMBDA sqrt(n) where that is less.

    Rounding errors are close to independent with mean 0, and then n of them add up to more than
    LAMBDA sqrt(n) u only with the chance above, in whatever order a program adds.
    Source: Higham and Mary (2019), A new approach to probabilistic rounding error analysis, SIAM Journal on
    Scientific Computing 41, theorem 2.4.
    """
    return min(float(n), LAMBDA * math.sqrt(n))


class Running(NDArrayOperatorsMixin):
    """An array of numbers ``mid``, each off by at most ``rad``; of truth values ``rad`` is 1 where there is a doubt."""

    def __init__(self, mid: Any, rad: Any = 0.0) -> None:
        self.mid = np.asarray(mid)
        self.rad = np.array(np.broadcast_to(rad, self.mid.shape), dtype=np.float64)

    shape = property(lambda self: self.mid.shape)
    ndim = property(lambda self: self.mid.ndim)
    size = property(lambda self: self.mid.size)
    T = property(lambda self: Running(self.mid.T, self.rad.T))
    mT = property(lambda self: Running(self.mid.mT, self.rad.mT))

    def __len__(self) -> int:
        return len(self.mid)

    def __getitem__(self, index: Any) -> Running:
        return Running(self.mid[index], self.rad[index])

    def __setitem__(self, index: Any, value: Any) -> None:
        value = lift(value)
        self.mid[index], self.rad[index] = value.mid, value.rad

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        raise Undecided("a branch for the whole array depends on a comparison that rounding leaves open")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **kwargs: Any) -> Any:
        # An ``out`` is the left side of += ; the result is assigned to it by the text.
        if method != "__call__" or ufunc.__name__ not in UFUNCS:
            raise Undecided(f"np.{ufunc.__name__}.{method} has no running bound")
        with np.errstate(all="ignore"):
            return UFUNCS[ufunc.__name__](*(lift(x) for x in operands))

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        with np.errstate(all="ignore"):
            if function.__name__ in STRUCTURAL:
                return _rearranged(function, args, kwargs)
            if function.__name__ not in ARRAY_FUNCTIONS:
                raise Undecided(f"np.{function.__name__} has no running bound")
            return ARRAY_FUNCTIONS[function.__name__](*args, **kwargs)


def lift(x: Any) -> Running:
    """A number of the text as a float32 program reads it: rounded, unless it fits."""
    if isinstance(x, Running):
        return Running(x.mid.astype(np.float64), x.rad) if x.mid.dtype == bool else x
    mid = np.asarray(x)
    if mid.dtype.kind in "biu":
        return Running(mid.astype(np.float64) if mid.dtype == bool else mid)
    return rounded(mid.astype(np.float64), np.zeros(mid.shape))


def rounded(mid: Any, rad: Any, units: Any = 1.0) -> Running:
    """The result of one operation: exact where it fits the format and nothing went before, else off by ``units`` more.

    Below the normal numbers a program may flush it to 0.
    """
    mid, rad = np.asarray(mid), np.asarray(rad)
    size = np.abs(mid)
    exact = (rad == 0) & (mid.astype(FORM.dtype) == mid) & (units <= 1)
    underflow = np.where(size < 2 * NORMAL, NORMAL, 0.0)
    return Running(mid, np.where(exact, 0.0, rad + units * UNIT * size + underflow))


# The operations: on Running arrays, each with the rounding of its result.


def _add(a: Running, b: Running) -> Running:
    return rounded(a.mid + b.mid, a.rad + b.rad)


def _subtract(a: Running, b: Running) -> Running:
    return rounded(a.mid - b.mid, a.rad + b.rad)


def _multiply(a: Running, b: Running) -> Running:
    return rounded(a.mid * b.mid, np.abs(a.mid) * b.rad + a.rad * (np.abs(b.mid) + b.rad))


def _divide(a: Running, b: Running) -> Running:
    quotient, room = a.mid / b.mid, np.abs(b.mid) - b.rad
    return rounded(quotient, np.where(room > 0, (a.rad + np.abs(quotient) * b.rad) / room, np.inf))


def _power(x: Running, exponent: Running) -> Running:
    e = exponent.mid
    y = np.power(x.mid.astype(np.float64), e)
    whole = (exponent.size == 1) & (e == np.trunc(e))  # a literal, which programs turn into products
    units = np.where(whole, np.maximum(np.abs(e) - 1, 1), VECTOR_LIBRARY + 1)
    spread = np.where(x.rad > 0, np.abs(e) * np.abs(x.mid) ** (e - 1) * x.rad, 0.0)
    spread = spread + np.where(exponent.rad > 0, np.abs(y * np.log(np.abs(x.mid))) * exponent.rad, 0.0)
    return rounded(y, spread, units)


def _matmul(a: Running, b: Running) -> Running:
    rad = chain(a.shape[-1]) * UNIT * (np.abs(a.mid) @ np.abs(b.mid))
    if np.any(b.rad):
        rad = rad + (np.abs(a.mid) + a.rad) @ b.rad
    if np.any(a.rad):
        rad = rad + a.rad @ np.abs(b.mid)
    return Running(a.mid @ b.mid, rad)


def _absolute(x: Running) -> Running:
    return Running(np.abs(x.mid), x.rad)


def _sign(x: Running) -> Running:
    return Running(np.sign(x.mid), 2.0 * ((x.rad > 0) & (np.abs(x.mid) <= x.rad)))


def _extremum(choose: np.ufunc) -> Callable[[Running, Running], Running]:
    def extremum(a: Running, b: Running) -> Running:
        mid = choose(a.mid, b.mid)
        decided = np.abs(a.mid - b.mid) > a.rad + b.rad
        return Running(mid, np.where(decided, np.where(mid == a.mid, a.rad, b.rad), np.maximum(a.rad, b.rad)))

    return extremum


def _comparison(compare: np.ufunc) -> Callable[[Running, Running], Any]:
    def comparison(a: Running, b: Running) -> Any:
        answer, room = compare(a.mid, b.mid), a.rad + b.rad
        doubt = (room > 0) & (np.abs(a.mid - b.mid) <= room)
        return Running(answer, doubt) if np.any(doubt) else answer

    return comparison


def _function(name: str) -> Callable[[Running], Running]:
    value, slope = ELEMENTARY[name]

    def function(x: Running) -> Running:
        y = value(x.mid)
        spread = np.where(x.rad > 0, np.abs(slope(x.mid, y)) * x.rad, 0.0)
        return rounded(y, spread, FUNCTIONS[name].ulps + 1)

    return function


def _incomplete(f: Callable[..., Any]) -> Callable[..., Running]:
    """Of exact arguments: as in the reference, nobody knows its derivatives."""

    def function(*x: Running) -> Running:
        if any(np.any(v.rad) for v in x):
            raise Undecided(f"{f.__name__} of rounded arguments has no running bound")
        return rounded(f(*(v.mid for v in x)), 0.0, SPECIAL + 1)

    return function


def _gaussian(x: np.ndarray) -> np.ndarray:
    return 2 / math.sqrt(math.pi) * np.exp(-x * x)


STEP = 2.0**-17
"""A central difference with it has ten digits in float64, where the slope has no name of its own."""

ELEMENTARY: dict[str, tuple[Callable[..., Any], Callable[[Any, Any], Any]]] = {
    # in float64 the value at x, and the slope at x where the value is y
    "sqrt": (np.sqrt, lambda x, y: 1 / (2 * y)),
    "exp": (np.exp, lambda x, y: y),
    "expm1": (np.expm1, lambda x, y: y + 1),
    "log": (np.log, lambda x, y: 1 / x),
    "log1p": (np.log1p, lambda x, y: 1 / (1 + x)),
    "sin": (np.sin, lambda x, y: np.cos(x)),
    "cos": (np.cos, lambda x, y: np.sin(x)),
    "tan": (np.tan, lambda x, y: 1 + y * y),
    "arctan": (np.arctan, lambda x, y: 1 / (1 + x * x)),
    "sinh": (np.sinh, lambda x, y: np.cosh(x)),
    "cosh": (np.cosh, lambda x, y: np.sinh(x)),
    "tanh": (np.tanh, lambda x, y: 1 / np.cosh(x) ** 2),
    "erf": (np.vectorize(math.erf, otypes=[np.float64]), lambda x, y: _gaussian(x)),
    "erfc": (np.vectorize(math.erfc, otypes=[np.float64]), lambda x, y: _gaussian(x)),
    # our own text in float64, which errs by less than the unit of float32 that is charged
    "erfinv": (erfinv, lambda x, y: 1 / _gaussian(y)),
    "lgamma": (lgamma, lambda x, y: digamma(x)),
    "digamma": (digamma, lambda x, y: trigamma(x)),
    "trigamma": (trigamma, lambda x, y: (trigamma(x * (1 + STEP)) - trigamma(x * (1 - STEP))) / (2 * STEP * x)),
}

UFUNCS: dict[str, Callable[..., Any]] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "power": _power,
    "matmul": _matmul,
    "negative": lambda x: Running(-x.mid, x.rad),
    "positive": lambda x: x,
    "square": lambda x: _multiply(x, x),
    "reciprocal": lambda x: _divide(lift(1.0), x),
    "absolute": _absolute,
    "sign": _sign,
    "isnan": lambda x: np.isnan(x.mid),
    "isfinite": lambda x: np.isfinite(x.mid),
    **{f.__name__: _extremum(f) for f in (np.maximum, np.minimum)},
    **{f.__name__: _comparison(f) for f in (np.less, np.less_equal, np.greater, np.greater_equal)},
    **{f.__name__: _comparison(f) for f in (np.equal, np.not_equal)},
    **{name: _function(name) for name in ELEMENTARY},
    **{f.__name__: _incomplete(f) for f in (gammainc, gammaincc, betainc)},
}


# The functions of NumPy that the text asks for besides.

STRUCTURAL = {
    *("reshape", "ravel", "moveaxis", "swapaxes", "transpose", "matrix_transpose", "expand_dims", "squeeze", "flip"),
    *("stack", "concatenate", "concat", "broadcast_to", "broadcast_arrays", "repeat", "roll", "take", "pad"),
    *("diagonal", "copy", "zeros_like"),
}
"""What only moves numbers about moves their radii likewise."""


def _rearranged(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    joins = function.__name__ in ("stack", "concatenate", "concat")
    args = ([lift(x) for x in args[0]], *args[1:]) if joins else args
    mid = function(*_parts(args, "mid"), **kwargs)
    # whatever a pad puts around the numbers is exact
    rad = function(*_parts(args, "rad"), **{k: v for k, v in kwargs.items() if k != "constant_values"})
    return tuple(map(Running, mid, rad)) if isinstance(mid, tuple) else Running(mid, rad)


def _parts(x: Any, part: str) -> Any:
    if isinstance(x, tuple | list):
        return type(x)(_parts(v, part) for v in x)
    return getattr(x, part) if isinstance(x, Running) else x


def _where(condition: Any, a: Any, b: Any) -> Running:
    a, b = lift(a), lift(b)
    if not isinstance(condition, Running):
        return Running(np.where(condition, a.mid, b.mid), np.where(condition, a.rad, b.rad))
    either = np.abs(a.mid - b.mid) + np.maximum(a.rad, b.rad)
    chosen = np.where(condition.mid, a.rad, b.rad)
    return Running(np.where(condition.mid, a.mid, b.mid), np.where(condition.rad > 0, either, chosen))


def _sum(x: Running, axis: Any = None, keepdims: bool = False) -> Running:
    along = {"axis": axis, "keepdims": keepdims}
    total, sizes = np.sum(x.mid, **along), np.sum(np.abs(x.mid), **along)
    terms = x.size // max(total.size, 1)
    counting = not np.any(x.rad) and np.all(x.mid == np.trunc(x.mid)) and np.max(sizes, initial=0) <= 2**FORM.bits
    noise = 0.0 if counting else chain(max(terms - 1, 0)) * UNIT * sizes
    return Running(total, np.sum(x.rad, **along) + noise)


def _mean(x: Running, axis: Any = None, keepdims: bool = False) -> Running:
    total = _sum(x, axis, keepdims)
    return _divide(total, lift(float(x.size // max(total.size, 1))))


def _reduction(choose: Callable[..., Any]) -> Callable[..., Running]:
    def reduction(x: Running, axis: Any = None, keepdims: bool = False) -> Running:
        along = {"axis": axis, "keepdims": keepdims}
        return Running(choose(x.mid, **along), np.max(x.rad, **along))

    return reduction


def _argmax(x: Running, axis: int, keepdims: bool = False) -> Any:
    """The index, off by anything where another element may be the largest; of equal exact ones it is the first."""
    best = np.argmax(x.mid, axis=axis, keepdims=True)
    low, rad = np.take_along_axis(x.mid - x.rad, best, axis), np.take_along_axis(x.rad, best, axis)
    places = np.moveaxis(np.arange(x.shape[axis]).reshape(-1, *(1,) * (x.ndim - 1)), 0, axis)
    rivals = (x.mid + x.rad >= low) & (x.rad + rad > 0) & (places != best)
    doubt = np.any(rivals, axis=axis, keepdims=True)
    index = Running(best, doubt * float(x.shape[axis])) if np.any(doubt) else best
    return index if keepdims else np.squeeze(index, axis=axis)  # pyright: ignore[reportCallIssue, reportArgumentType]


def _take_along_axis(x: Any, indices: Any, axis: int) -> Running:
    """Where the index is in doubt, any element of the line."""
    x, i = lift(x), indices.mid if isinstance(indices, Running) else indices
    mid, rad = np.take_along_axis(x.mid, i, axis), np.take_along_axis(x.rad, i, axis)
    if isinstance(indices, Running):
        ends = np.max(x.mid + x.rad, axis=axis, keepdims=True), np.min(x.mid - x.rad, axis=axis, keepdims=True)
        rad = np.where(indices.rad > 0, np.maximum(ends[0] - mid, mid - ends[1]), rad)
    return Running(mid, rad)


def _sort(x: Running, axis: int = -1) -> Running:
    """No element of a sorted line moves by more than the largest change of any of its elements."""
    return Running(np.sort(x.mid, axis=axis), np.max(x.rad, axis=axis, keepdims=True))


ARRAY_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "where": _where,
    "sum": _sum,
    "mean": _mean,
    "max": _reduction(np.max),
    "amax": _reduction(np.max),
    "min": _reduction(np.min),
    "amin": _reduction(np.min),
    "argmax": _argmax,
    "take_along_axis": _take_along_axis,
    "sort": _sort,
    "ones_like": lambda x: Running(np.ones(x.shape)),
    "full_like": lambda x, value, shape=None: Running(np.zeros(x.shape if shape is None else shape)) + lift(value),
}


class RunningNamespace:
    """NumPy, whose functions know Running arrays by themselves; those that the text only fits come as wholes."""

    def __init__(self) -> None:
        self.primitives = {name: UFUNCS[name] for name in PRIMITIVES}

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


RUNNING = RunningNamespace()
