"""Balls: arrays whose elements are intervals with a proven bound, read by the same text as arrays of floats.

``Balls`` is an object array of ``flint.arb``: a midpoint of any precision and a radius that encloses the
exact value. NumPy hands every ufunc and function to this class, which lets through only what it can
answer honestly: a comparison of two balls that overlap raises ``Undecided`` instead of guessing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

import numpy as np
from flint import arb, arb_series

from .functions import FUNCTIONS, Function


class Undecided(ArithmeticError):
    """Two balls overlap, so their order is not known at this precision."""


class Unreadable(TypeError):
    """A text calls a function that balls do not know, or asks a ball for what it does not have."""


def centre(v: Any) -> arb:
    """The constant term of a jet; of a ball, itself."""
    if type(v) is arb_series:
        return arb(v[0])
    return v if type(v) is arb else arb(v)


def boxed(v: Any) -> np.ndarray:
    """A bare element as a plain object array of no dimension; np.array(v) would take a series for a sequence."""
    if isinstance(v, np.ndarray):
        return v
    array = np.empty((), dtype=object)
    array[()] = v
    return array


def _less(a: Any, b: Any) -> bool:
    a, b = centre(a), centre(b)
    if a < b:
        return True
    if a >= b:
        return False
    raise Undecided(f"is {a} < {b}? the balls overlap")


def _equal(a: Any, b: Any) -> bool:
    a, b = centre(a), centre(b)
    if a == b:
        return True
    if not a.overlaps(b):
        return False
    raise Undecided(f"is {a} = {b}? the balls overlap")


def _larger(a: Any, b: Any) -> Any:
    if type(a) is arb and type(b) is arb:
        return a.max(b)  # an enclosure of the larger one needs no decision
    return b if _less(a, b) else a


def _smaller(a: Any, b: Any) -> Any:
    if type(a) is arb and type(b) is arb:
        return a.min(b)
    return b if _less(b, a) else a


def _sign(v: Any) -> arb:
    return arb(0 if _equal(v, 0) else (-1 if _less(v, 0) else 1))


def _floor(v: Any) -> arb:
    """The largest integer that is not larger; a step, so a jet's is a constant."""
    integer = centre(v).floor()
    if centre(v).is_finite() and not integer.is_exact():
        raise Undecided(f"what is the floor of {v}? the ball overlaps two answers")
    return integer


def _absolute(v: Any) -> Any:
    if type(v) is arb_series:
        return _sign(v) * v
    return abs(v)


def _power(base: Any, exponent: Any) -> Any:
    e = centre(exponent)
    if type(exponent) is arb_series:
        return (exponent * base.log()).exp()
    if e.is_integer():
        return base ** int(e.unique_fmpz() or 0)
    return base**exponent


def _order(a: Any, b: Any) -> int:
    return 0 if _equal(a, b) else (-1 if _less(a, b) else 1)


def _pairwise(f: Callable[[Any, Any], Any]) -> np.ufunc:
    return np.frompyfunc(f, 2, 1, identity=None)  # identity=None: may be reduced over several axes at once


COMPARISONS = {
    np.less: np.frompyfunc(_less, 2, 1),
    np.greater: np.frompyfunc(lambda a, b: _less(b, a), 2, 1),
    np.less_equal: np.frompyfunc(lambda a, b: not _less(b, a), 2, 1),
    np.greater_equal: np.frompyfunc(lambda a, b: not _less(a, b), 2, 1),
    np.equal: np.frompyfunc(_equal, 2, 1),
    np.not_equal: np.frompyfunc(lambda a, b: not _equal(a, b), 2, 1),
    np.isnan: np.frompyfunc(lambda v: centre(v).is_nan(), 1, 1),
    np.isfinite: np.frompyfunc(lambda v: centre(v).is_finite(), 1, 1),
}
SELECTIONS = {
    np.maximum: _pairwise(_larger),
    np.minimum: _pairwise(_smaller),
    np.sign: np.frompyfunc(_sign, 1, 1),
    np.absolute: np.frompyfunc(_absolute, 1, 1),
    np.floor: np.frompyfunc(_floor, 1, 1),
}
RING = {
    *(np.add, np.subtract, np.multiply, np.divide, np.reciprocal, np.power, np.square, np.negative, np.positive),
    np.matmul,
}
STRUCTURAL = {
    *(np.reshape, np.ravel, np.transpose, np.permute_dims, np.matrix_transpose, np.swapaxes, np.moveaxis),
    *(np.expand_dims, np.squeeze, np.concatenate, np.concat, np.stack, np.hstack, np.vstack, np.split),
    *(np.array_split, np.tile),
    *(np.repeat, np.flip, np.roll, np.pad, np.broadcast_to, np.broadcast_arrays, np.take, np.take_along_axis),
    *(np.put_along_axis, np.where, np.diag, np.diagonal, np.trace, np.tril, np.triu, np.copy, np.shape, np.ndim),
    *(np.zeros_like, np.ones_like, np.full_like, np.copyto, np.empty_like, np.size, np.atleast_1d, np.atleast_2d),
    *(np.outer, np.kron, np.sum, np.mean, np.prod, np.cumsum, np.cumprod),
    *(np.max, np.min, np.lib.stride_tricks.sliding_window_view, np.lib.stride_tricks.as_strided),
}
MIXING = {
    *(np.where, np.concatenate, np.concat, np.stack, np.hstack, np.vstack, np.diag, np.tril, np.triu),
    *(np.zeros_like, np.ones_like, np.full_like),
}
"""Functions that put plain numbers beside balls: these become balls, or Python would go on with them in floats."""


MOST_DIGITS = 14
"""Of a float that somebody wrote: 0.044715 has five, a third has sixteen."""


class Balls(np.ndarray):
    """An object array of balls (``arb``) or jets (``arb_series``) that NumPy's functions can read."""

    # np.ndarray.__array_ufunc__ and __array_function__ take these very arguments.

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        kwargs = {k: v for k, v in kwargs.items() if k in ("axis", "axes", "keepdims", "where", "initial")}
        if method == "at":
            target, index, *values = inputs
            self.ring(ufunc, "at", [target.view(np.ndarray), index, *map(self.lift, values)], {})
            return None
        operands = [self.lift(x) for x in inputs]
        if ufunc in COMPARISONS:
            return np.asarray(COMPARISONS[ufunc](*operands)).astype(bool)[()]
        if ufunc.__name__ in FUNCTIONS:
            result = self.apply(FUNCTIONS[ufunc.__name__], operands[0])
        elif ufunc is np.arctan2:
            result = self.angle(*operands)
        elif ufunc in SELECTIONS:
            result = getattr(SELECTIONS[ufunc], method)(*operands, **kwargs)
        elif ufunc in RING:
            result = self.ring(ufunc, method, operands, kwargs)
        else:
            raise Unreadable(f"np.{ufunc.__name__} cannot be read in balls")
        if out is not None:
            out[0].view(np.ndarray)[...] = result
            return out[0]
        return self.wrap(result)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func in (np.argmax, np.argmin, np.argsort, np.sort):
            return ORDERINGS[func](*args, **kwargs)
        if func in (np.clip, np.einsum):
            return (_clip if func is np.clip else _einsum)(*args, **kwargs)
        if func is np.pad and kwargs.get("mode", "constant") == "constant" and len(args) < 3:
            # which would otherwise pad with NumPy's zero, and that takes a jet for a sequence
            kwargs = {**kwargs, "constant_values": self.lift(kwargs.get("constant_values", 0))}
        if func not in STRUCTURAL:
            name = f"{func.__module__}.{func.__name__}".replace("numpy", "np", 1)
            raise Unreadable(f"{name} cannot be read in balls: it is not known to compare honestly")
        if func is np.where and isinstance(args[0], Balls):
            raise Unreadable("the condition of np.where is an array of balls: write the comparison that is meant")
        result = super().__array_function__(func, types, args, kwargs)
        if func in MIXING:
            result = np.frompyfunc(self.element, 1, 1)(result.view(np.ndarray))
        return self.wrap(result)

    def __getitem__(self, index):
        return self.wrap(super().__getitem__(index))

    def __setitem__(self, index, value):
        target, value = self.view(np.ndarray), self.lift(value)
        # a single element would take an array of no dimension as it is
        target[index] = value if isinstance(target[index], np.ndarray) else value[()]

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def _refuse(self, *_args, **_kwargs):
        raise Unreadable("ask NumPy's function, not the array's method, which would compare balls by their midpoints")

    argmax = argmin = argsort = argpartition = sort = partition = searchsorted = nonzero = _refuse  # pyright: ignore

    def _keep(self, *_args, **_kwargs):
        raise Unreadable(
            "a ball has no single value: a text may not take numbers out of its arrays, nor branch on them"
        )

    __bool__ = __float__ = __int__ = __index__ = item = tolist = astype = dot = _keep  # pyright: ignore

    @classmethod
    def wrap(cls, result: Any) -> Any:
        """Bare elements and plain object arrays become balls again; everything else stays."""
        if isinstance(result, np.ndarray):
            return result if result.dtype != object else result.view(cls)
        if isinstance(result, list | tuple):
            return type(result)(cls.wrap(r) for r in result)
        if isinstance(result, arb | arb_series):
            return boxed(result).view(cls)
        return result

    @classmethod
    def lift(cls, x: Any) -> Any:
        """An operand as a plain object array whose elements are balls or jets."""
        if isinstance(x, Balls):
            return x.view(np.ndarray)
        x = boxed(x) if isinstance(x, arb | arb_series) else np.asarray(x, dtype=object)
        return boxed(np.frompyfunc(cls.element, 1, 1)(x))

    @classmethod
    def element(cls, v: Any) -> Any:
        """A number as an element: balls and jets as they are, integers exactly, floats as literals."""
        if isinstance(v, arb | arb_series):
            return v
        if isinstance(v, Balls):
            return v.view(np.ndarray)[()]
        return cls.literal(float(v)) if isinstance(v, float | np.floating) else arb(int(v))

    @classmethod
    def literal(cls, v: float) -> arb:
        """A float that the text brings into an expression: a number that somebody wrote there, not 1/3.

        A quotient of Python numbers is already rounded, so the truth would be that of a rounded formula;
        such a float has many digits. Divide the data instead: x / n, not (1 / n) * x.
        """
        if np.isfinite(v) and min(len(f"{v:.17g}"), len(repr(v))) > MOST_DIGITS and arb(v).bits() > 26:
            raise ArithmeticError(f"the text made the constant {v!r} in floats; make it in the arithmetic of its data")
        return cls.constant(v)

    @staticmethod
    def constant(v: float) -> arb:
        """A float as this number system reads it: exactly itself."""
        return arb(v)

    @classmethod
    def apply(cls, function: Function, x: np.ndarray) -> Any:
        """An elementary function of every element; of a jet, by its Taylor coefficients up to t^2."""

        def one(v):
            if type(v) is not arb_series:
                return function.value(v if type(v) is arb else arb(v))
            v0 = centre(v)
            f0, f1, f2 = function.derivatives(v0)
            step = v - v0
            return f0 + f1 * step + f2 / 2 * step * step

        return np.frompyfunc(one, 1, 1)(x)

    @classmethod
    def evaluate(cls, f: Callable[..., arb], *x: np.ndarray) -> Any:
        """A function of several arguments whose derivatives nobody asks for."""

        def one(*v):
            if any(type(a) is arb_series for a in v):
                raise TypeError("the derivatives of an incomplete gamma or beta function are not known here")
            return f(*(a if type(a) is arb else arb(a) for a in v))

        return np.frompyfunc(one, len(x), 1)(*x)

    @classmethod
    def angle(cls, y: np.ndarray, x: np.ndarray) -> Any:
        """arctan2 of every element. Of jets: the angle theta_0 of their centres, and from there that of
        (x0 x + y0 y, x0 y - y0 x), whose tangent w begins with t; arctan(w) is w up to t^2."""

        def one(y, x):
            y0, x0 = centre(y), centre(x)
            theta = arb.atan2(y0, x0)
            if not (type(y) is arb_series or type(x) is arb_series):
                return theta
            ydot, xdot = y - y0, x - x0
            return theta + (x0 * ydot - y0 * xdot) / (x0 * x + y0 * y)

        return np.frompyfunc(one, 2, 1)(y, x)

    @classmethod
    def ring(cls, ufunc: np.ufunc, method: str, operands: list[np.ndarray], kwargs: dict[str, Any]) -> Any:
        """Sums, products, quotients and powers of plain object arrays: flint's own."""
        if ufunc is np.power:
            return np.frompyfunc(_power, 2, 1)(*operands)
        if ufunc is np.reciprocal:
            return 1 / operands[0]
        return getattr(ufunc, method)(*operands, **kwargs)


def balls(x: Any, cls: type[Balls] = Balls) -> Any:
    """The exact values of an array of floats, as balls of radius 0; tuples element by element."""
    return cls.wrap(np.frompyfunc(arb, 1, 1)(np.asarray(x, dtype=np.float64)))


def _along(f: Callable[[list[Any]], Any], x: Balls, axis: int | None, dtype: Any, whole: bool = False) -> Any:
    """``f`` of every line of ``x`` along ``axis``: a number, or a ``whole`` line as long."""
    values = x.view(np.ndarray)
    if axis is None:
        values, axis = values.reshape(-1), 0
    lines = np.moveaxis(values, axis, -1)
    array = np.empty(lines.shape if whole else lines.shape[:-1], dtype=dtype)
    for index in np.ndindex(lines.shape[:-1]):
        array[index] = f(list(lines[index]))
    return np.moveaxis(array, -1, axis) if whole else array


def _first(best: Callable[[Any, Any], bool]) -> Callable[[list[Any]], int]:
    def index(line):
        if not line:
            raise ValueError("there is no element to choose from")
        chosen = 0
        for i in range(1, len(line)):
            if best(line[i], line[chosen]):
                chosen = i
        return chosen

    return index


def _argsort(line: list[Any]) -> list[int]:
    return sorted(range(len(line)), key=cmp_to_key(lambda i, j: _order(line[i], line[j])))


def _sorted(line: list[Any]) -> list[Any]:
    return [line[i] for i in _argsort(line)]


def _clip(x: Any, low: Any, high: Any) -> Any:
    return np.minimum(np.maximum(x, low), high)


def _einsum(subscripts: str, *operands: Any) -> Any:
    """Products of the operands, every index an axis of its own, summed over the indices that the result lacks."""
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if not arrow or "." in subscripts or len(terms) != len(operands):
        raise TypeError(f"np.einsum({subscripts!r}) cannot be read in balls: write all indices, and the result's")
    letters = sorted(set("".join(terms)))
    product: Any = 1
    for term, operand in zip(terms, operands, strict=True):
        for letter in sorted(set(term)):
            while term.count(letter) > 1:  # an index that occurs twice walks along the diagonal
                i, j = term.index(letter), term.rindex(letter)
                operand = np.diagonal(operand, axis1=i, axis2=j)
                term = term[:i] + term[i + 1 : j] + term[j + 1 :] + letter
        order = [term.index(c) for c in letters if c in term]
        shape = iter(np.transpose(operand, order).shape)
        product = product * np.reshape(
            np.transpose(operand, order), tuple(next(shape) if c in term else 1 for c in letters)
        )
    total = np.sum(product, axis=tuple(k for k, c in enumerate(letters) if c not in output))
    kept = [c for c in letters if c in output]
    return np.transpose(total, [kept.index(c) for c in output])


ORDERINGS: dict[Any, Callable[..., Any]] = {
    np.argmax: lambda x, axis=None: _along(_first(lambda a, b: _less(b, a)), x, axis, int),
    np.argmin: lambda x, axis=None: _along(_first(_less), x, axis, int),
    np.argsort: lambda x, axis=-1, stable=True: _along(_argsort, x, axis, int, whole=True),
    np.sort: lambda x, axis=-1: x.wrap(_along(_sorted, x, axis, object, whole=True)),
}
