"""Certified derivatives of any function of NumPy arrays that balls can read: yours, or an operation of the catalogue.

    gradient(f, x), jacobian(f, x), hessian(f, x), hvp(f, x, direction=v), directional_derivative(f, x, direction=v)

The function's text is read on jets, so the answer is the derivative of the formula and not a difference quotient: an
``Enclosure``, whose ``hi`` is the nearest float64 and whose radius is below 1/1000 ulp of it.
``finite_difference_error_curve`` shows what difference quotients would have made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arithmetic.ball import Unreadable, balls
from ..arithmetic.functions import FUNCTIONS
from ..arithmetic.jet import coefficient, jets, order
from ..arithmetic.reading import read
from ..op import Op, is_float_array
from .measure import FORMATS, round_to
from .truth import EXACT, PLAIN_PARAMS, Enclosure, as_tuple, certified

FLOAT64 = FORMATS["float64"]


def gradient(f: Callable[..., Any] | Op, *args: Any, wrt: int = 0, **params: Any) -> Enclosure:
    """df/dx for each element of x = args[wrt], where f(*args, **params) is one number: an array of the shape of x."""
    function = _Function(f, args, wrt, params)
    function.require_number("gradient", "jacobian")
    return function.certified("gradient", lambda: np.reshape(function.columns(), function.x.shape))


def jacobian(f: Callable[..., Any] | Op, *args: Any, wrt: int = 0, **params: Any) -> Enclosure:
    """dy/dx for each element of y = f(*args, **params) and of x = args[wrt]: an array of shape y.shape + x.shape."""
    function = _Function(f, args, wrt, params)
    shape = function.shape + function.x.shape
    return function.certified("jacobian", lambda: np.reshape(np.moveaxis(function.columns(), 0, -1), shape))


def hessian(f: Callable[..., Any] | Op, *args: Any, wrt: int = 0, **params: Any) -> Enclosure:
    """The second derivatives of a number f(*args, **params) by the elements of x: an array of shape x.shape + x.shape.

    H_ij is half of what (e_i + e_j).H(e_i + e_j) and (e_i - e_j).H(e_i - e_j) differ by, over 2 again.
    """
    function = _Function(f, args, wrt, params)
    function.require_number("hessian", "hvp of a component")
    units, n = list(function.units()), function.x.size

    def compute():
        entries = {(i, j): function.bent(units[i], units[j]) for i in range(n) for j in range(i + 1)}
        rows = [entries[max(i, j), min(i, j)] for i in range(n) for j in range(n)]
        return np.reshape(np.stack(rows), function.x.shape * 2)

    return function.certified("hessian", compute)


def hvp(f: Callable[..., Any] | Op, *args: Any, direction: Any, wrt: int = 0, **params: Any) -> Enclosure:
    """The Hessian of a number f(*args, **params) times ``direction``: an array of the shape of x."""
    function = _Function(f, args, wrt, params)
    function.require_number("hvp", "directional_derivative")
    v = function.along(direction)
    return function.certified(
        "hvp", lambda: np.reshape(np.stack([function.bent(unit, v) for unit in function.units()]), function.x.shape)
    )


def directional_derivative(
    f: Callable[..., Any] | Op, *args: Any, direction: Any, wrt: int = 0, **params: Any
) -> Enclosure:
    """The derivative of f(x + t direction) by t at t = 0: an array of the shape of f."""
    function = _Function(f, args, wrt, params)
    v = function.along(direction)
    return function.certified("directional_derivative", lambda: function.moved(v))


class _Function:
    """A function of one of its arguments, x, read in balls and in jets."""

    def __init__(self, f: Callable[..., Any] | Op, args: tuple[Any, ...], wrt: int, params: dict[str, Any]) -> None:
        self.name = f.name if isinstance(f, Op) else getattr(f, "__name__", repr(f))
        if not 0 <= wrt < len(args) or not is_float_array(args[wrt]):
            raise ValueError(f"{self.name}: argument {wrt} is no array of floats; wrt has to be the position of one")
        self.args, self.wrt = args, wrt
        self.x = np.asarray(args[wrt], dtype=np.float64)
        self._text = read(f.forward if isinstance(f, Op) else f, EXACT)
        self._params = params
        self.shape = np.shape(self.at(balls(self.x)))

    def at(self, x: Any) -> Any:
        """f with this x, which may be a jet."""
        args = [balls(a) if is_float_array(a) else a for a in self.args]
        args[self.wrt] = x
        plain = {
            k: balls(v) if isinstance(v, float) and np.isfinite(v) and k not in PLAIN_PARAMS else v
            for k, v in self._params.items()
        }
        try:
            y = as_tuple(self._text(*args, **plain))
        except Unreadable as error:
            raise Unreadable(
                f"{self.name} has no certified derivative: {error}. Write that step with sums, products, quotients, "
                f"np.where, np.maximum, np.sort and these functions: {', '.join(sorted(FUNCTIONS))}"
            ) from error
        if len(y) != 1:
            raise ValueError(f"{self.name} returns {len(y)} arrays: differentiate a function that returns one of them")
        return y[0]

    def require_number(self, what: str, instead: str) -> None:
        if self.shape not in ((), (1,)):
            raise ValueError(f"{what} wants one number, {self.name} returns shape {self.shape}: see {instead}")

    def along(self, direction: Any) -> np.ndarray:
        v = np.asarray(direction, dtype=np.float64)
        if v.shape != self.x.shape:
            raise ValueError(f"{self.name}: got a direction of shape {v.shape}, want that of x, {self.x.shape}")
        return v

    def units(self) -> Iterator[np.ndarray]:
        for index in np.ndindex(self.x.shape):
            unit = np.zeros(self.x.shape)
            unit[index] = 1.0
            yield unit

    def moved(self, direction: np.ndarray) -> Any:
        """The derivative along a direction."""
        with order(1):
            return coefficient(self.at(jets(self.x, direction)), 1)

    def columns(self) -> Any:
        """The derivatives along every unit direction, stacked in front."""
        return np.stack([self.moved(unit) for unit in self.units()])

    def bent(self, u: np.ndarray, v: np.ndarray) -> Any:
        """u.H v, by polarisation: the coefficient of t^2 is half of what is bent along the direction."""
        with order(2):
            halves = [coefficient(self.at(jets(self.x, balls(u) + sign * balls(v))), 2) for sign in (1, -1)]
        return np.reshape((halves[0] - halves[1]) / 2, ())

    def certified(self, what: str, compute: Callable[[], Any]) -> Enclosure:
        return certified(f"{what} of {self.name}", lambda: (compute(),), FLOAT64)[0]


@dataclass(frozen=True)
class ErrorCurve:
    """How far difference quotients are off, for each step: the largest error over the elements of f.

    ``errors[dtype][scheme]`` is an array as long as ``steps``; ``truth`` is the certified derivative there,
    of the point as each dtype holds it.
    """

    steps: np.ndarray
    errors: dict[str, dict[str, np.ndarray]]
    truth: dict[str, Enclosure]

    def __str__(self) -> str:
        columns = [(dtype, scheme) for dtype, schemes in self.errors.items() for scheme in schemes]
        lines = ["step      " + "".join(f"{scheme + ' ' + dtype:>18}" for dtype, scheme in columns)]
        for i, h in enumerate(self.steps):
            lines.append(f"{h:<10.2g}" + "".join(f"{self.errors[d][s][i]:>18.1e}" for d, s in columns))
        return "\n".join(lines)


def finite_difference_error_curve(
    f: Callable[..., Any] | Op,
    x: Any,
    direction: Any,
    steps: Any,
    dtypes: tuple[str, ...] = ("float64", "float32"),
    **params: Any,
) -> ErrorCurve:
    """The errors of (f(x + h v) - f(x)) / h and of (f(x + h v) - f(x - h v)) / 2h, computed in floats.

    From large steps to small ones they fall like h and like h^2, by Taylor, and then rise like u |f| / h, as the
    difference of two nearly equal numbers keeps the rounding of either. Between the two lies the best step, which
    leaves half of the digits (forward) or two thirds (central), and which nobody knows without the derivatives.
    Source: Nocedal and Wright (2006), Numerical Optimization, section 8.1.
    """
    steps = np.asarray(steps, dtype=np.float64)
    errors: dict[str, dict[str, np.ndarray]] = {}
    truths: dict[str, Enclosure] = {}
    text = f.forward if isinstance(f, Op) else f
    for dtype in dtypes:
        form = FORMATS[dtype]
        point, v = round_to(x, form), round_to(direction, form)
        truths[dtype] = directional_derivative(f, point, direction=v, **params)
        point, v = point.astype(form.dtype), v.astype(form.dtype)
        errors[dtype] = {"forward": np.zeros(len(steps)), "central": np.zeros(len(steps))}
        for i, h in enumerate(steps.astype(form.dtype)):
            here, ahead, behind = (np.asarray(text(p, **params)) for p in (point, point + h * v, point - h * v))
            for scheme, quotient in (("forward", (ahead - here) / h), ("central", (ahead - behind) / (2 * h))):
                off = truths[dtype].error_of(np.asarray(quotient, dtype=np.float64))
                errors[dtype][scheme][i] = np.max(off)
    return ErrorCurve(steps, errors, truths)
