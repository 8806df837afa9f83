"""The number systems: balls hold the truth, jets its derivatives, rounding balls what floats make of it."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from itertools import count
from types import ModuleType, SimpleNamespace
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from flint import acb, arb, arb_series, ctx

pytest.importorskip("hypothesis", reason="pip install -c constraints.txt -e '.[all,test]'")
from hypothesis import given, settings
from hypothesis import strategies as st

from crosscheck.reference.arithmetic.ball import STRUCTURAL, Balls, Undecided, balls
from crosscheck.reference.arithmetic.functions import FUNCTIONS, PRIMITIVES
from crosscheck.reference.arithmetic.jet import coefficient, jets, order
from crosscheck.reference.arithmetic.reading import BallNamespace, read
from crosscheck.reference.arithmetic.rounding import RoundingBalls, format_of

seeds = given(st.integers(0, 2**32 - 1))


def examples(n: int) -> settings:
    """The same examples in every run, and none kept on disk: a failure names its seed."""
    return settings(max_examples=n, deadline=None, database=None, derandomize=True)


# Random programs: the same steps are taken in floats, in balls, in jets and in rounding balls.

Step = Callable[..., Any]
RING: dict[str, Step] = {
    "a + b": lambda np, a, b: a + b,
    "a - b": lambda np, a, b: a - b,
    "a * b": lambda np, a, b: a * b,
    "a / b": lambda np, a, b: a / b,
    "a / 3": lambda np, a, b: a / 3,
    "0.1 a": lambda np, a, b: 0.1 * a,
    "square(a) + 1": lambda np, a, b: np.square(a) + 1,
    "a ** 3": lambda np, a, b: a**3,
    "a ** -2": lambda np, a, b: a**-2,
    "1 / (1 + a a)": lambda np, a, b: np.reciprocal(1 + a * a),
}
ARRAY: dict[str, Step] = {
    "sum(a, 0) - b": lambda np, a, b: np.sum(a, axis=0, keepdims=True) - b,
    "sum(a) b": lambda np, a, b: np.sum(a) * b,
    "mean(a, -1) b": lambda np, a, b: np.mean(a, axis=-1, keepdims=True) * b,
    "matmul(a, b)": lambda np, a, b: np.matmul(a, b),
    "matmul(a, b[0]) + b": lambda np, a, b: np.matmul(a, b[0]) + b,
    "matmul(a[:, :1], b[:1])": lambda np, a, b: np.matmul(a[:, :1], b[:1]),
    "cumsum(a)": lambda np, a, b: np.cumsum(a, axis=1),
    "prod(a) + b": lambda np, a, b: np.prod(a, axis=1, keepdims=True) + b,
    "maximum(a, b)": lambda np, a, b: np.maximum(a, b),
    "minimum(a, 0.1)": lambda np, a, b: np.minimum(a, 0.1),
    "max(a) - b": lambda np, a, b: np.max(a, axis=1, keepdims=True) - b,
    "clip(a)": lambda np, a, b: np.clip(a, -0.7, 1.1) + b,
    "where(a > b, a, 0.1)": lambda np, a, b: np.where(a > b, a, 0.1) * b,
    "where(a < 0, 1, b) / 3": lambda np, a, b: np.where(a < 0, 1, b) / np.where(b < 0, 3, a),
    "full_like(a, 0.1) b": lambda np, a, b: np.full_like(a, 0.1) * b,
    "sign(a) / 3": lambda np, a, b: np.sign(a) / 3 + b,
    "floor(a) / 3": lambda np, a, b: np.floor(a) / 3 + b,
    "abs(a)": lambda np, a, b: np.abs(a) + b,
    "concat(a, b)": lambda np, a, b: np.concat([a[:1] * b[:1], b[1:]]),
    "take_along_axis(a)": lambda np, a, b: np.take_along_axis(a, np.argsort(b, axis=0), axis=0),
}
SMOOTH: dict[str, Step] = {
    **{name: lambda np, a, b, name=name: getattr(np, name)(a) for name in ("exp", "sin", "cos", "tan", "arctan")},
    **{name: lambda np, a, b, name=name: getattr(np, name)(a) for name in ("expm1", "sinh", "cosh", "tanh")},
    **{name: lambda np, a, b, name=name: getattr(np, name)(1 + a * a) for name in ("sqrt", "log", "log1p")},
    "(1 + a a) ** 2.5": lambda np, a, b: (1 + a * a) ** 2.5,
    "(1 + a a) ** -0.3": lambda np, a, b: (1 + a * a) ** -0.3,
    "(1 + a a) ** b": lambda np, a, b: (1 + a * a) ** b,
}
SPECIAL: dict[str, Step] = {name: lambda np, a, b, name=name: np.primitives[name](a) for name in ("erf", "erfc")}

Program = list[tuple[str, Step, int, int]]


def run(program: Program, np: Any, inputs: list[Any]) -> Any:
    """Each step adds an array to the pool, of which later steps take two; the last one is the result."""
    pool = list(inputs)
    for _, step, i, j in program:
        pool.append(step(np, pool[i], pool[j]))
    return pool[-1]


def program_of(
    rng: np.random.Generator, steps: dict[str, Step], inputs: list[np.ndarray], length: int = 5, size: float = 1e3
) -> Program:
    """Random steps whose float64 results lie between 1/size and size, so that nothing overflows or underflows."""
    program: Program = []
    pool = list(inputs)
    while len(program) < length:
        name = str(rng.choice(list(steps)))
        i, j = (int(rng.integers(len(pool))) if rng.random() < 0.5 else len(pool) - 1 for _ in range(2))
        with np.errstate(all="ignore"):
            y = steps[name](np, pool[i], pool[j]) if name not in SPECIAL else pool[i]
            if np.all(np.isfinite(y)) and np.all((1 / size < np.abs(y)) & (np.abs(y) < size)):
                program.append((name, steps[name], i, j))
                pool.append(y)
    return program


def told(program: Program) -> str:
    return "; ".join(f"v{k + 2} = {name} of v{i}, v{j}" for k, (name, _, i, j) in enumerate(program))


def elements(y: Any) -> list[Any]:
    return list(y.view(np.ndarray).reshape(-1))


def as_arb(v: Any) -> arb:
    return v if type(v) is arb else arb(v)


def overlapping(cls: type[Balls] = Balls) -> Balls:
    """1 +- 0.1 and 1.05 +- 0.1: nobody knows which is larger."""
    return cls.wrap(np.array([arb(1, 0.1), arb(1.05, 0.1)], dtype=object))


def jet(points: list[arb], directions: list[float]) -> Balls:
    array = np.empty(len(points), dtype=object)
    array[:] = [arb_series([p, arb(d)]) for p, d in zip(points, directions, strict=True)]
    return Balls.wrap(array)


# Balls: what a lower precision says is true.


def holds(ball: arb, true: arb) -> bool:
    """Whether a number known to 200 digits lies in a ball. (Both hold it, so they overlap.)"""
    assert true.is_finite() and true.rad() <= 1e-200 * (1 + abs(true.mid()))
    return bool(ball.overlaps(true))


def within(name: str, x: Any) -> float:
    """A number of the domain of a function."""
    if name == "erfinv":
        return float(0.9 * np.tanh(x))
    return float(abs(x)) if name in ("sqrt", "log", "log1p", "lgamma", "digamma", "trigamma") else float(x)


@pytest.mark.parametrize("name", FUNCTIONS)
@seeds
@examples(10)
def test_functions_enclose_what_higher_precision_gives(name, seed):
    """The value and both derivatives, of points and of balls, at scales from 1e-4 to 1e4."""
    rng = np.random.default_rng(seed)
    for x in np.exp(3 * rng.normal(size=8)) * rng.choice([-1.0, 1.0], size=8):
        x, f = within(name, x), FUNCTIONS[name]
        with ctx.workprec(1000):
            true = (f.value(arb(x)), *f.derivatives(arb(x)))
            assert true[0].overlaps(true[1])
        for bits in (64, 128):
            with ctx.workprec(bits):
                for v in (arb(x), arb(x, 1e-6 * abs(x))):
                    claimed = (f.value(v), *f.derivatives(v))
                    assert all(holds(c, t) for c, t in zip(claimed, true, strict=True)), f"{name} of {v}, {bits} bits"
                    if v.is_exact():
                        assert f.value(v).rel_accuracy_bits() > bits - 32, f"{name} of {v} at {bits} bits is vague"


INTEGRALS = [("gammainc", (3.0, 0.7)), ("gammaincc", (2.0, 9.0)), ("betainc", (2.0, 4.0, 0.3))]  # no branch points


@pytest.mark.parametrize(("name", "args"), INTEGRALS)
def test_incomplete_functions_are_the_integrals(name, args):
    """Against quadrature in balls of the integrals that define them (DLMF 8.2.4 and 8.17.1)."""
    with ctx.workprec(128):
        (got,) = elements(BallNamespace(Balls).primitives[name](*map(balls, args)))
        a, b, x = int(args[0]), int(args[-2]), acb(args[-1])
        if name == "betainc":
            integrand, total = (
                lambda t, _: t ** (a - 1) * (1 - t) ** (b - 1),
                acb(a).gamma() * acb(b).gamma() / acb(a + b).gamma(),
            )
        else:
            integrand, total = lambda t, _: t ** (a - 1) * (-t).exp(), acb(a).gamma()
        ends = (x, acb(200)) if name == "gammaincc" else (acb(0), x)
        assert abs(got - (acb.integral(integrand, *ends) / total).real) < 1e-25
    with pytest.raises(TypeError, match="not known"), order(1):
        BallNamespace(Balls).primitives[name](*(jets(np.array(v), np.array(1.0)) for v in args))


EINSUMS = ("ij,kj->ik", "ij,ij->", "ii->", "ij->ji", "i,j->ij", "bij,bjk->bik", "iji->j", "ij,jk,k->i")


@pytest.mark.parametrize("subscripts", EINSUMS)
def test_einsum_is_read_with_its_roundings(subscripts):
    rng, sizes = np.random.default_rng(6), {"i": 3, "j": 4, "k": 2, "b": 5}
    terms = subscripts.partition("->")[0].split(",")
    x = [rng.normal(size=[sizes[c] for c in term]).astype(np.float32) for term in terms]
    true = elements(np.einsum(subscripts, *map(balls, x)))
    with format_of(24):
        allowed = elements(np.einsum(subscripts, *(balls(v, RoundingBalls) for v in x)))
    got = np.ravel(np.einsum(subscripts, *x))
    assert all(ball.contains(t) and ball.contains(arb(float(g))) for ball, t, g in zip(allowed, true, got, strict=True))
    moves = subscripts == "ij->ji"
    assert moves == all(ball.is_exact() for ball in allowed)


def test_the_angle_and_its_derivatives():
    """In all four quadrants, against the derivatives of arctan(y / x)."""
    y, x, ydot, xdot = np.array([[1.5, 0.5, -2.0, -0.25], [2.0, -1.0, -0.5, 3.0], [1, -2, 0.5, 3], [0.25, 1, 1, -1]])
    with ctx.workprec(128), order(2):
        theta = np.arctan2(jets(y, ydot), jets(x, xdot))
        ratio = np.arctan(jets(y, ydot) / jets(x, xdot))
        for k in (1, 2):
            pairs = zip(elements(coefficient(theta, k)), elements(coefficient(ratio, k)), strict=True)
            assert all(same(a, b) for a, b in pairs)
        assert np.allclose([float(v) for v in elements(coefficient(theta, 0))], np.arctan2(y, x), rtol=1e-15)
        with format_of(24):
            blurred = np.arctan2(jets(y, ydot, RoundingBalls), jets(x, xdot, RoundingBalls))
            for k in range(3):
                pairs = zip(elements(coefficient(blurred, k)), elements(coefficient(theta, k)), strict=True)
                assert all(a.contains(b) and 0 < a.rad() < 1e-5 for a, b in pairs)


@seeds
@examples(60)
def test_programs_enclose_what_higher_precision_gives(seed):
    rng = np.random.default_rng(seed)
    for _ in range(3):
        inputs = [rng.normal(size=(3, 3)) for _ in range(2)]
        program = program_of(rng, RING | ARRAY | SMOOTH | SPECIAL, inputs)
        results = {}
        try:
            for bits in (64, 128, 1000):
                with ctx.workprec(bits):
                    results[bits] = elements(run(program, BallNamespace(Balls), [balls(x) for x in inputs]))
        except Undecided:  # a comparison of one inexact number with itself
            continue
        for bits in (64, 128):
            for claimed, true in zip(results[bits], results[1000], strict=True):
                assert type(claimed) is type(true) is arb
                assert holds(claimed, true), f"{told(program)}\n{claimed} at {bits} bits, {true} at 1000"


def test_maximum_of_overlapping_balls_encloses_both():
    """Of [0.7, 1.3] and [0.95, 1.15]."""
    a, b = Balls.wrap(np.array([arb(1, 0.3), arb(1.05, 0.1)], dtype=object))
    largest, smallest = (f(a, b).view(np.ndarray)[()] for f in (np.maximum, np.minimum))
    assert largest.contains(1.299) and largest.contains(0.951) and not largest.contains(0.94)
    assert smallest.contains(1.149) and smallest.contains(0.701) and not smallest.contains(1.16)


# Jets: the derivatives are those of the series.

SERIES: dict[str, Callable[[arb_series], arb_series]] = {
    **{name: getattr(arb_series, name) for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "erf", "erfc")},
    "arctan": arb_series.atan,
    "expm1": lambda v: v.exp() - 1,
    "log1p": lambda v: (v + 1).log(),
    "sinh": lambda v: (v.exp() - (-v).exp()) / 2,
    "cosh": lambda v: (v.exp() + (-v).exp()) / 2,
    "tanh": lambda v: 1 - 2 / ((2 * v).exp() + 1),
    "erfinv": lambda v: _erfinv(v),
    "lgamma": arb_series.lgamma,
    "digamma": lambda v: _log_gamma_derived(v, 1),
    "trigamma": lambda v: _log_gamma_derived(v, 2),
}
"""Every function from those that flint has for series: another way to the same derivatives."""


def _erfinv(v: arb_series) -> arb_series:
    """The series of erf, reverted."""
    y = arb(v[0]).erfinv()
    s = arb_series([y, 1]).erf()
    return y + arb_series([0, s[1], s[2]]).reversion()


def _log_gamma_derived(v: arb_series, n: int) -> arb_series:
    with order(2):
        ctx.cap += n  # a derivative is one coefficient shorter
        s = arb_series([v[0], 1]).lgamma()
        for _ in range(n):
            s = s.derivative()
    return s


def same(a: Any, b: Any) -> bool:
    """Two balls around one number, both of them small."""
    size = 1 + abs(float(as_arb(b).mid()))
    return bool(as_arb(a).overlaps(as_arb(b))) and all(float(as_arb(v).rad()) < 1e-24 * size for v in (a, b))


@pytest.mark.parametrize("name", FUNCTIONS)
@seeds
@examples(10)
def test_derivatives_are_those_of_the_series(name, seed):
    rng = np.random.default_rng(seed)
    points = [0.0] if name not in ("sqrt", "log", "lgamma", "digamma", "trigamma") else []
    points += list(np.exp(rng.normal(size=6)) * rng.choice([-1, 1], size=6))
    with ctx.workprec(128), order(2):
        for x in (arb(within(name, x)) for x in points):
            s = SERIES[name](arb_series([x, 1]))
            f, slope, bend = FUNCTIONS[name].derivatives(x)
            assert same(f, s[0]) and same(slope, s[1]) and same(bend, 2 * arb(s[2])), f"{name} at {x}"
            assert same(FUNCTIONS[name].value(x), f)


@seeds
@examples(60)
def test_jets_of_compositions_are_the_series(seed):
    """Chain rule, quotients and powers, in both directions at once, up to the second derivative."""
    rng = np.random.default_rng(seed)
    table = SimpleNamespace(primitives=SERIES, reciprocal=lambda v: 1 / v, square=lambda v: v * v, **SERIES)
    for _ in range(3):
        inputs = list(rng.normal(size=(2, 1, 1)))
        program = program_of(rng, RING | SMOOTH | SPECIAL, inputs, length=4)
        directions = list(rng.normal(size=(2, 1, 1)))
        with ctx.workprec(128), order(2):
            series = [arb_series([float(x[0, 0]), float(d[0, 0])]) for x, d in zip(inputs, directions, strict=True)]
            text = [jets(x, d) for x, d in zip(inputs, directions, strict=True)]
            want = run([(n, lambda np, a, b, f=f: exact(f(np, a, b)), i, j) for n, f, i, j in program], table, series)
            got = run(program, BallNamespace(Balls), text)
            for k in range(3):
                (g,) = elements(coefficient(got, k))
                assert same(g, want[k]), f"{told(program)}\ncoefficient {k}: {g}, flint has {want[k]}"


def exact(v: Any) -> Any:
    return v if type(v) is arb_series else arb_series([v])


def test_jets_follow_sums_products_and_selections():
    """Of arrays: each coefficient of t against the product rule written out."""
    rng = np.random.default_rng(0)
    a, adot, b, bdot = rng.normal(size=(4, 3, 3))
    with ctx.workprec(128), order(1):
        x, y = jets(a, adot), jets(b, bdot)
        ball = {name: balls(v) for name, v in {"a": a, "adot": adot, "b": b, "bdot": bdot}.items()}
        pairs = {
            "matmul": (x @ y, ball["adot"] @ ball["b"] + ball["a"] @ ball["bdot"]),
            "sum": (np.sum(x * y, axis=0), np.sum(ball["adot"] * ball["b"] + ball["a"] * ball["bdot"], axis=0)),
            "mean": (np.mean(x), np.mean(ball["adot"])),
            "max": (np.max(x, axis=1), np.take_along_axis(ball["adot"], np.argmax(a, axis=1)[:, None], axis=1)[:, 0]),
            "sort": (np.sort(x, axis=0), np.take_along_axis(ball["adot"], np.argsort(a, axis=0), axis=0)),
            "abs": (np.abs(x), ball["adot"] * np.sign(a)),
            "where": (np.where(x > y, x, 7), np.where(a > b, ball["adot"], 0)),
            "clip": (np.clip(x, -0.5, 0.5), np.where(np.abs(a) < 0.5, ball["adot"], 0)),
            "quotient": (x / y, (ball["adot"] * ball["b"] - ball["a"] * ball["bdot"]) / (ball["b"] * ball["b"])),
            "prod": (np.prod(x[:2], axis=0), ball["adot"][0] * ball["a"][1] + ball["a"][0] * ball["adot"][1]),
        }
        for name, (got, want) in pairs.items():
            assert got.shape == want.shape, name
            for g, w in zip(elements(coefficient(got, 1)), elements(want), strict=True):
                assert same(g, w), name


def test_an_order_that_no_function_knows_is_refused():
    with pytest.raises(ValueError, match="order 1 or 2: got 3"), order(3):
        pass


# Comparisons: decided or refused, never guessed.

DECISIONS: dict[str, Callable[[Any], Any]] = {
    "<": lambda x: x[0] < x[1],
    "<=": lambda x: x[0] <= x[1],
    ">": lambda x: x[0] > x[1],
    ">=": lambda x: x[0] >= x[1],
    "==": lambda x: x[0] == x[1],
    "!=": lambda x: x[0] != x[1],
    "in": lambda x: x[0] in x[1:],
    "max of Python": lambda x: max(x),
    "sorted": lambda x: sorted(x),
    "sort": lambda x: np.sort(x),
    "argsort": lambda x: np.argsort(x),
    "argmax": lambda x: np.argmax(x),
    "argmin": lambda x: np.argmin(x, axis=0),
    "sign": lambda x: np.sign(x[0] - x[1]),
    "floor": lambda x: np.floor(x),
    "where": lambda x: np.where(x > 1, x, 0),
}
OF_JETS: dict[str, Callable[[Any], Any]] = {
    "maximum": lambda x: np.maximum(x[0], x[1]),
    "minimum": lambda x: np.minimum(x[0], x[1]),
    "max": lambda x: np.max(x),
    "min": lambda x: np.min(x, axis=0, keepdims=True),
    "abs": lambda x: np.abs(x[0] - x[1]),
    "clip": lambda x: np.clip(x, -1, 1),
}


@pytest.mark.parametrize("name", [*DECISIONS, *OF_JETS])
def test_overlapping_balls_are_undecided(name):
    with order(1):
        if name in DECISIONS:
            for cls in (Balls, RoundingBalls):
                with format_of(24), pytest.raises(Undecided, match="overlap"):
                    DECISIONS[name](overlapping(cls))
        with pytest.raises(Undecided, match="overlap"):
            (DECISIONS | OF_JETS)[name](jet([arb(1, 0.1), arb(1.05, 0.1)], [1.0, 2.0]))


@pytest.mark.parametrize("name", [*DECISIONS, *OF_JETS])
def test_balls_apart_and_ties_of_exact_values_are_decided(name):
    """As NumPy decides: a decision that is always refused would pass the test above."""
    decide = (DECISIONS | OF_JETS)[name]
    for numbers in ([1.0, 2.0], [2.0, 1.0], [1.0, 1.0], [0.0, -0.0], [1.0, 1.0 + 2.0**-52]):
        with ctx.workprec(128), order(1):
            for x in (balls(numbers), jet([arb(n) for n in numbers], [3.0, 4.0])):
                got, want = decide(x), decide(np.array(numbers))
                got = coefficient(got, 0) if isinstance(got, Balls) else got
                values = [float(v) for v in elements(got)] if isinstance(got, Balls) else got
                if isinstance(values, list) and values and isinstance(values[0], Balls):  # sorted() gives a list
                    values = [float(elements(coefficient(v, 0))[0]) for v in values]
                assert np.array_equal(np.ravel(values), np.ravel(want)), f"{name} of {numbers}: {got}, want {want}"


def test_the_first_of_several_equal_values_is_chosen():
    for x in (balls([1.0, 3.0, 2.0, 3.0, 1.0]), RoundingBalls.wrap(balls([1.0, 3.0, 2.0, 3.0, 1.0]).view(np.ndarray))):
        assert np.argmax(x) == 1 and np.argmin(x) == 0
        assert np.argsort(x).tolist() == [0, 4, 2, 1, 3]
        assert (np.max(x) == x).tolist() == [False, True, False, True, False]


@pytest.mark.parametrize("shape", [(4,), (2, 3), (0, 3), (3, 0), (2, 3, 4)])
@pytest.mark.parametrize("f", [np.sort, np.argsort, np.argmax, np.argmin], ids=lambda f: f.__name__)
def test_orderings_run_along_an_axis_as_in_numpy(f, shape):
    a = np.random.default_rng(1).normal(size=shape).round(1)
    for axis in (None, *range(a.ndim), -1):
        if f in (np.argmax, np.argmin) and a.size == 0 and (axis is None or a.shape[axis] == 0):
            with pytest.raises(ValueError, match="no element"):
                f(balls(a), axis=axis)
            continue
        got = f(balls(a), axis=axis)
        assert np.shape(got) == np.shape(f(a, axis=axis, **({"stable": True} if f is np.argsort else {})))
        got = np.reshape([float(v) for v in elements(got)], got.shape) if isinstance(got, Balls) else got
        assert np.array_equal(got, f(a, axis=axis, **({"stable": True} if f is np.argsort else {})))


METHODS = ("argmax", "argmin", "argsort", "argpartition", "sort", "partition", "searchsorted", "nonzero")


@pytest.mark.parametrize("method", METHODS)
def test_methods_that_would_compare_are_refused(method):
    with pytest.raises(TypeError, match="ask NumPy's function"):
        getattr(overlapping(), method)(*([0] if method in ("partition", "argpartition", "searchsorted") else []))


@pytest.mark.parametrize(
    "take",
    [bool, float, int, operator.index, Balls.item, Balls.tolist, lambda v: v.astype(float), lambda v: 1 if v else 0],
)
def test_no_number_is_taken_out_of_a_ball(take):
    """A branch on, or a float made of, a ball would forget its radius."""
    with pytest.raises(TypeError, match="no single value"):
        take(overlapping()[0])


UNKNOWN: dict[str, Callable[[Any], Any]] = {
    "ceil": np.ceil,
    "hypot": lambda x: np.hypot(x, x),
    "round": np.round,
    "conjugate": lambda x: x.var(),
    "logical_or": lambda x: x.any(),
    "median": np.median,
    "unique": np.unique,
    "isclose": lambda x: np.isclose(x, x),
    "array_equal": lambda x: np.array_equal(x, x),
    "nonzero": np.nonzero,
    "any": np.any,
    "searchsorted": lambda x: np.searchsorted(x, 1),
    "dot": lambda x: np.dot(x, x),
    "linalg.norm|norm": lambda x: np.linalg.norm(x),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_functions_are_refused_by_name(name):
    for x in (balls([1.0, 2.0]), overlapping(RoundingBalls)):
        with pytest.raises(TypeError, match=rf"np\.({name}) cannot be read in balls"):
            UNKNOWN[name](x)


def test_a_condition_that_is_a_ball_is_refused():
    with pytest.raises(TypeError, match="write the comparison"):
        np.where(overlapping() - 1, 1, 0)


# Texts: read with exact constants.

serial = count()


@pytest.fixture
def text(monkeypatch) -> Callable[..., ModuleType]:
    """A family made of source text."""

    def family(source: str) -> ModuleType:
        module = ModuleType(f"crosscheck.reference.made_up_{next(serial)}")
        monkeypatch.setitem(sys.modules, module.__name__, module)
        exec("import numpy as np\n" + source, vars(module))
        return module

    return family


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("np.pi * x", lambda: arb.pi()),
        ("np.e * x", lambda: arb.const_e()),
        ("x / np.sqrt(2)", lambda: 1 / arb(2).sqrt()),
        ("x * np.log(2)", lambda: arb(2).log()),
        ("np.exp(1 / 2 + 0 * x)", lambda: arb(0.5).exp()),
        ("np.full_like(x, np.pi)", lambda: arb.pi()),
        ("np.where(x > 0, np.pi, 0)", lambda: arb.pi()),
        ("np.full(3, np.pi) * x", lambda: arb.pi()),
        ("np.sign(x) / 3", lambda: arb(1) / 3),
        ("np.where(x > 0, 1, 2) / np.where(x > 0, 3, x)", lambda: arb(1) / 3),
        ("np.where(x > 0, 0.1, x) + np.where(x > 0, 0.2, x)", lambda: arb(0.1) + arb(0.2)),
        ("np.ones_like(x) / 3", lambda: arb(1) / 3),
        ("np.ones(3) * x / 3", lambda: arb(1) / 3),
        ("np.eye(3) @ x / 7", lambda: arb(1) / 7),
        ("(np.ones(3) / 3 + np.zeros(3) / 7) * x", lambda: arb(1) / 3),
        ("np.mean(np.stack([x, 0 * x, 0 * x]), axis=0)", lambda: arb(1) / 3),
        ("0.044715 * x", lambda: arb(0.044715)),
        ("1e-12 * x", lambda: arb(1e-12)),
    ],
)
def test_constants_are_exact(text, written, meant):
    family = text(f"def helper(x, *, k=1):\n    return k * ({written})\ndef f(x):\n    return helper(x)")
    with ctx.workprec(1000):
        true = meant()
    for bits in (64, 200):
        with ctx.workprec(bits):
            (first, *_) = elements(read(family.f, BallNamespace(Balls))(balls([1.0, 1.0, 1.0])))
            assert type(first) is arb
            assert first.contains(true) and first.rel_accuracy_bits() >= bits - 8


def test_a_text_reads_the_functions_of_other_families(text):
    """Also in those that it imports np is bound anew, and the error function is flint's, not the text's fit."""
    first = text("def circle(r):\n    return np.pi * r * r")
    second = text("def erf(x):\n    raise NotImplementedError\ndef ring(r):\n    return circle(2 * r) - circle(r)")
    vars(second)["circle"] = vars(first)["circle"]
    from crosscheck.reference.activation.gated import gelu

    with ctx.workprec(128):
        (area,) = elements(read(second.ring, BallNamespace(Balls))(balls([1.0])))
        assert area.contains(3 * arb.pi()) and float(area.rad()) < 1e-30
        (half,) = elements(read(gelu, BallNamespace(Balls))(balls([1.0]), approximate="none"))
        phi = (1 + (1 / arb(2).sqrt()).erf()) / 2
        assert half.overlaps(phi) and float(half.rad()) < 1e-30


@pytest.mark.parametrize(
    "written",
    [
        *("(1 / 3) * x", "x + 2 / 3", "x * 2**0.5", "(0.1 + 0.2) * x", "np.linspace(0, 1, 4) * x"),
        *("np.where(x > 0, 1 / 3, x)", "np.full_like(x, 1 / 3)", "np.full(4, 1 / 3) * x", "np.maximum(x, 1 / 3)"),
        *("np.concat([x, np.array([1 / 3])])", "np.pad(x, 1, constant_values=1 / 3)", "np.array(1 / 3) - x"),
        "np.clip(x, -1 / 3, 1)",
    ],
)
def test_a_constant_made_in_floats_is_refused(text, written):
    family = text(f"def f(x):\n    return {written}")
    with pytest.raises(ArithmeticError, match=r"made the constant .* in floats"):
        read(family.f, BallNamespace(Balls))(balls([1.0, 1.0, 1.0, 1.0]))


def test_an_assigned_constant_is_exact_or_refused(text):
    family = text("def f(x, v):\n    y = np.zeros_like(x)\n    y[1] = v\n    y[0] = x[0]\n    return y / 3")
    f = read(family.f, BallNamespace(Balls))
    assert elements(f(balls([1.0, 1.0]), 1))[1].contains(arb(1) / 3)
    with pytest.raises(ArithmeticError, match="made the constant"):
        f(balls([1.0, 1.0]), 1 / 3)


# Shapes: structure is NumPy's, whatever the elements are.

ZERO_D: dict[str, Callable[[Any], Any]] = {
    "element": lambda x: x[0],
    "of a matrix": lambda x: np.reshape(x, (2, 2))[1, 0],
    "sum": np.sum,
    "method sum": lambda x: x.sum(),
    "mean": np.mean,
    "prod": np.prod,
    "max": np.max,
    "inner product": lambda x: x @ x,
    "trace": lambda x: np.trace(np.reshape(x, (2, 2))),
    "reshape": lambda x: np.reshape(x[:1], ()),
    "squeeze": lambda x: np.squeeze(x[:1]),
    "exp": lambda x: np.exp(x[0]),
    "sum of one": lambda x: np.sum(x[0]),
    "power": lambda x: x[0] ** 2,
    "sign": lambda x: np.sign(x[0]),
    "floor": lambda x: np.floor(x[0]),
    "maximum": lambda x: np.maximum(x[0], 0),
    "where": lambda x: np.where(x[0] > 0, x[0], 0),
    "zeros_like": lambda x: np.zeros_like(x[0]),
    "sqrt": lambda x: np.sqrt(np.sum(x * x)),
    "sort": lambda x: np.sort(x)[0],
    "iteration": lambda x: next(iter(x)),
}


@pytest.mark.parametrize("name", ZERO_D)
def test_a_result_of_no_dimension_stays_an_array(name):
    with ctx.workprec(128), order(1):
        for cls in (Balls, RoundingBalls):
            for x in (balls([1.0, 2.0, 3.0, 4.0], cls), jets([1.0, 2.0, 3.0, 4.0], [1.0, -1.0, 2.0, 0.5], cls)):
                y = ZERO_D[name](x)
                assert type(y) is cls and y.shape == ()
                assert type(y.view(np.ndarray)[()]) in (arb, arb_series)


STRUCTURE: dict[str, Callable[[Any], Any]] = {
    "pad": lambda x: np.pad(x, ((1, 0), (0, 2))),
    "pad edge": lambda x: np.pad(x, 1, mode="edge"),
    "concatenate": lambda x: np.concatenate([x, x[:1]], axis=0),
    "stack": lambda x: np.stack([x, 2 * x], axis=-1),
    "stack elements": lambda x: np.stack([x[0, 0], x[1, 2]]),
    "hstack": lambda x: np.hstack([x, x]),
    "vstack": lambda x: np.vstack([x, x]),
    "take_along_axis": lambda x: np.take_along_axis(x, np.array([[2], [0]]), axis=1),
    "take": lambda x: np.take(x, [1, 0, 1], axis=0),
    "where": lambda x: np.where(np.array([[True, False, True]]), x, np.zeros_like(x)),
    "zeros_like": np.zeros_like,
    "full_like": lambda x: np.full_like(x, x[1, 1]),
    "empty": lambda x: x[:0],
    "repeat": lambda x: np.repeat(x, [1, 2, 0], axis=1),
    "tile": lambda x: np.tile(x, (2, 1)),
    "flip": lambda x: np.flip(x, axis=0),
    "roll": lambda x: np.roll(x, 1, axis=1),
    "broadcast_to": lambda x: np.broadcast_to(x[0], (4, 3)),
    "expand_dims": lambda x: np.expand_dims(x, (0, 2)),
    "swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "moveaxis": lambda x: np.moveaxis(x, 0, -1),
    "transposed": lambda x: x.mT,
    "tril": np.tril,
    "triu": lambda x: np.triu(x, 1),
    "diag": lambda x: np.diag(x[0]),
    "diagonal": lambda x: np.diagonal(x),
    "windows": lambda x: np.lib.stride_tricks.sliding_window_view(x, 2, axis=1),
    "mask": lambda x: x[np.array([[True, False, True], [False, True, False]])],
    "sum": lambda x: np.sum(x, axis=(0, 1), keepdims=True),
    "cumsum": lambda x: np.cumsum(x, axis=1),
    "np.add.at": lambda x: add_at(np.zeros_like(x), x),
    "assignment": lambda x: assign(np.zeros_like(x), x),
    "put_along_axis": lambda x: put(np.zeros_like(x), x),
}


def add_at(y, x):
    np.add.at(y, ([0, 0, 1], [1, 1, 2]), x[1])
    return y


def assign(y, x):
    y[0, 1:] = x[1, :2]
    y[1, 0] = x[0, 0]
    return y


def put(y, x):
    np.put_along_axis(y, np.array([[1], [2]]), x[:, :1], axis=1)
    return y


@pytest.mark.parametrize("name", STRUCTURE)
def test_structure_is_that_of_numpy(name):
    """What moves numbers about moves a jet as it moves each of its coefficients."""
    rng = np.random.default_rng(2)
    x, xdot = rng.integers(1, 9, size=(2, 2, 3)).astype(float)
    want = [STRUCTURE[name](v) for v in (x, xdot)]
    with ctx.workprec(128), order(1):
        for cls in (Balls, RoundingBalls):
            got = STRUCTURE[name](jets(x, xdot, cls))
            assert type(got) is cls
            for k in range(2):
                assert np.array_equal([[float(v) for v in elements(coefficient(got, k, cls))]], [want[k].ravel()])
                assert coefficient(got, k, cls).shape == want[k].shape
            plain = STRUCTURE[name](balls(x, cls))
            assert type(plain) is cls and all(type(v) is arb for v in elements(plain))
            assert np.array_equal([float(v) for v in elements(plain)], want[0].ravel())


def test_structural_functions_exist_in_this_numpy():
    assert all(callable(f) for f in STRUCTURAL)


# Rounding balls: what floats make of a text lies inside, and not much else does.

FORMATS = {"float64": (np.float64, 53), "float32": (np.float32, 24), "float16": (np.float16, 11)}


class Permuted:
    """NumPy, adding in an order of its own: from first to last, or pairwise, after a shuffle."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def sum(self, x, axis=None, keepdims=False):
        lines = np.reshape(x, (-1, 1)) if axis is None else np.moveaxis(x, axis, 0)
        lines = lines[self._rng.permutation(len(lines))]
        total = np.cumsum(lines, axis=0)[-1] if self._rng.random() < 0.5 else np.sum(lines, axis=0)
        if axis is None:
            return np.reshape(total, (1,) * x.ndim if keepdims else ())
        return np.expand_dims(total, axis) if keepdims else total

    def mean(self, x, axis=None, keepdims=False):
        return self.sum(x, axis, keepdims) / (x.size if axis is None else x.shape[axis])

    def matmul(self, a, b):
        inner = self._rng.permutation(a.shape[-1])
        return np.matmul(a[..., inner], b[inner])


@pytest.mark.parametrize("dtype", FORMATS)
@seeds
@examples(200)
def test_floats_lie_in_the_rounding_ball_and_so_does_the_truth(dtype, seed):
    """Of NumPy's own result, and of one that adds in another order; 5 programs of 5 steps an example."""
    number, bits = FORMATS[dtype]
    rng = np.random.default_rng(seed)
    for _ in range(5):
        inputs = [rng.normal(size=(3, 3)).astype(number).astype(float) for _ in range(2)]
        program = program_of(rng, RING | ARRAY | SMOOTH, inputs, size=1e2 if dtype == "float16" else 1e5)
        x = [balls(x, RoundingBalls) for x in inputs]
        try:
            with format_of(bits):
                allowed = elements(run(program, BallNamespace(RoundingBalls), x))
        except Undecided:
            continue
        with ctx.workprec(256):
            true = elements(run(program, BallNamespace(Balls), [balls(x) for x in inputs]))
            for namespace in (np, Permuted(rng)):
                with np.errstate(all="ignore"):
                    y = run(program, namespace, [x.astype(number) for x in inputs])
                assert y.dtype == number, told(program)
                for ball, t, f in zip(allowed, true, np.ravel(y), strict=True):
                    said = f"{told(program)}\n{dtype} gives {f!r}, the rounding ball is {ball}, the truth {t}"
                    assert ball.contains(arb(float(f))), said
                    assert ball.contains(t), said


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n not in PRIMITIVES])
@pytest.mark.parametrize("number", [np.float32, np.float64, np.float16, ml_dtypes.bfloat16], ids=lambda t: t.__name__)
def test_library_functions_lie_in_the_rounding_ball(name, number):
    bits = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}[number.__name__]
    rng = np.random.default_rng(3)
    x = np.exp(rng.normal(size=300)) * (1 if name in ("sqrt", "log", "log1p") else rng.choice([-1, 1], size=300))
    x = x[np.abs(x) < 10].astype(number)
    with format_of(bits):
        allowed = elements(getattr(BallNamespace(RoundingBalls), name)(balls(x, RoundingBalls)))
    for v, ball, y in zip(x, allowed, getattr(np, name)(x), strict=True):
        assert ball.contains(arb(float(y))), f"{name}({float(v)}) is {float(y)}, the rounding ball is {ball}"


@seeds
@examples(60)
def test_rounding_jets_enclose_the_derivatives(seed):
    rng = np.random.default_rng(seed)
    inputs = [rng.normal(size=(3, 3)) for _ in range(2)]
    program = program_of(rng, RING | ARRAY | SMOOTH | SPECIAL, inputs, length=4)
    directions = [rng.normal(size=(3, 3)) for _ in range(2)]
    with order(2):
        try:
            with format_of(24):
                x = [jets(p, d, RoundingBalls) for p, d in zip(inputs, directions, strict=True)]
                y = run(program, BallNamespace(RoundingBalls), x)
                allowed = [elements(coefficient(y, k, RoundingBalls)) for k in range(3)]
        except Undecided:
            return
        with ctx.workprec(256):
            y = run(program, BallNamespace(Balls), [jets(p, d) for p, d in zip(inputs, directions, strict=True)])
            for k in range(3):
                for ball, t in zip(allowed[k], elements(coefficient(y, k)), strict=True):
                    assert ball.contains(t), f"{told(program)}\ncoefficient {k}: {ball} does not hold {t}"


EXACT: dict[str, Callable[[Any, np.ndarray, np.ndarray], Any]] = {
    "integers": lambda np, n, x: (n * n - 3 * n + 2) * n[0],
    "sum of integers": lambda np, n, x: np.sum(n * n, axis=0) - n,
    "matmul of integers": lambda np, n, x: n @ n,
    "mean of four": lambda np, n, x: np.mean(np.reshape(n, (4, 4)), axis=0),
    "powers of two": lambda np, n, x: 0.25 * x / 8 * 2**5,
    "selection by one-hot": lambda np, n, x: np.eye(4) @ x,
    "weights of 0 and 1": lambda np, n, x: np.sum(x * np.eye(4), axis=1),
    "negation, maximum, abs": lambda np, n, x: np.maximum(np.abs(-x), x),
    "where, take, sort": lambda np, n, x: np.sort(np.where(x > 0, x, np.take_along_axis(x, np.argsort(x), -1))),
    "x - x": lambda np, n, x: x - x,
    "0 x": lambda np, n, x: 0 * x,
    "1 x + 0": lambda np, n, x: 1 * x + 0,
    "root of a square": lambda np, n, x: np.sqrt(n * n),
    "halves": lambda np, n, x: np.cumsum(n / 2, axis=0),
    "integer power": lambda np, n, x: n**3,
    "exp of 0": lambda np, n, x: np.zeros_like(x) * np.exp(x),
}


@pytest.mark.parametrize("name", EXACT)
def test_exact_computations_have_no_radius(name):
    rng = np.random.default_rng(4)
    n, x = rng.integers(-9, 9, size=(4, 4)).astype(float), rng.normal(size=(4, 4)).astype(np.float32).astype(float)
    for bits in (24, 53):
        with format_of(bits):
            y = EXACT[name](BallNamespace(RoundingBalls), balls(n, RoundingBalls), balls(x, RoundingBalls))
        assert all(as_arb(v).is_exact() for v in elements(y)), f"{name} at {bits} bits: {elements(y)}"
        floats = EXACT[name](np, n.astype(np.float32), x.astype(np.float32))
        assert np.array_equal([float(v) for v in elements(y)], floats.ravel())


def test_a_sum_counts_the_terms_that_can_round():
    """An exact 0 cannot; a ball around 0 can."""
    with format_of(24):
        x = balls([0.1, 0.2, 0.3, 0.7], RoundingBalls) / 3
        selected = np.sum(np.where(np.eye(4) == 1, x, 0), axis=1)
        assert [float(v.rad()) for v in elements(selected)] == [float(v.rad()) for v in elements(x)]
        around_zero = RoundingBalls.wrap(np.array([arb(0, 2.0**-10)] * 4, dtype=object))
        (total,) = elements(np.sum(around_zero))
        assert total.rad() > arb(2) ** -8 * (1 + 3 * arb(2) ** -25)


def test_shapes_that_do_not_fit_are_refused():
    for cls in (Balls, RoundingBalls):
        x = balls(np.ones((2, 3)), cls)
        for f in (lambda x: x @ x, lambda x: x + x.mT, lambda x: np.concat([x, x.mT])):
            with format_of(24), pytest.raises(ValueError, match=r"shape|dimension"):
                f(x)


@pytest.mark.parametrize("written", ["n + 2.0**-8", "n * 1.00390625", "np.sum(n)", "n / 7", "np.sqrt(n)", "n * 0.1"])
def test_inexact_computations_have_a_radius(written):
    """In 8 bits, integers near 200 leave no bit for the smaller operand."""
    with format_of(8):
        n = balls([193.0, 195.0, 197.0, 199.0], RoundingBalls)
        y = eval(written, {"np": BallNamespace(RoundingBalls), "n": n})
    assert all(float(v.rad()) > 0 for v in elements(y))


WELL_CONDITIONED: dict[str, Callable[[Any, Any], Any]] = {
    "a product": lambda np, x: x * x[::-1],
    "a quotient": lambda np, x: x / x[::-1],
    "a sum": lambda np, x: np.sum(x, axis=1),
    "a mean": lambda np, x: np.mean(x, axis=0),
    "matmul": lambda np, x: x @ x,
    "a root of squares": lambda np, x: np.sqrt(np.sum(x * x, axis=1)),
    "softmax": lambda np, x: np.exp(x) / np.sum(np.exp(x), axis=1, keepdims=True),
    "a constant": lambda np, x: 0.1 * x + 0.7,
    "power": lambda np, x: x**5,
    "root": lambda np, x: x**2.5,
    **{name: lambda np, x, name=name: getattr(np, name)(x) for name in FUNCTIONS if name not in PRIMITIVES},
}


@pytest.mark.parametrize("name", WELL_CONDITIONED)
def test_the_radius_is_not_absurd(name):
    """Less than a hundred times the worst that was seen, and never less than that."""
    f = WELL_CONDITIONED[name]
    rng = np.random.default_rng(5)
    seen = claimed = 0.0
    for _ in range(25):
        x = rng.uniform(0.5, 1.4, size=(6, 6)).astype(np.float32)
        with ctx.workprec(100):
            true = elements(f(BallNamespace(Balls), balls(x)))
        with format_of(24):
            radii = [float(v.rad()) for v in elements(f(BallNamespace(RoundingBalls), balls(x, RoundingBalls)))]
        for y, t, radius in zip(np.ravel(f(np, x)), true, radii, strict=True):
            size = abs(float(t))
            seen = max(seen, float(abs(arb(float(y)) - t)) / size)
            claimed = max(claimed, radius / size)
    assert seen <= claimed < 100 * seen, f"{name}: the radius is {claimed / seen:.0f} times the worst error seen"
