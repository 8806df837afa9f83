"""Certified derivatives of any function, and why differences are no judges; Newton's method; a surface for plots."""

from __future__ import annotations

import importlib.util
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crosscheck.reference import catalogue
from crosscheck.reference.agreement.derivative import (
    directional_derivative,
    finite_difference_error_curve,
    gradient,
    hessian,
    hvp,
    jacobian,
)
from crosscheck.reference.agreement.measure import FORMATS, ulp
from crosscheck.reference.agreement.truth import as_tuple
from crosscheck.reference.arithmetic.ball import Unreadable

OPS = catalogue()
CLASSIC: dict[str, Any] = {"a": 1.0, "b": 100.0}
THEIRS = """
import numpy
from numpy import tanh

SCALE = 3

def helper(x):
    return tanh(x) * numpy.sqrt(numpy.pi)

def theirs(x, *, power):
    def inner(v):
        return helper(v) ** SCALE / numpy.cosh(v)
    weights = numpy.ones(3) * 2
    return numpy.sum(weights * inner(x)) ** power + x[0] * x[1]
"""


def theirs(directory: Path):
    path = directory / "their_file.py"
    path.write_text(THEIRS)
    spec = importlib.util.spec_from_file_location("their_file", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)  # not in sys.modules, as a file that a tool loads need not be
    return module.theirs


def by_vjp(name: str, position: int, *args, **params) -> np.ndarray:
    """The Jacobian that the VJP text gives in float64, one cotangent at a time."""
    op = OPS[name]
    assert op.vjp
    y = op.forward(*args, **params)
    rows = []
    for index in np.ndindex(np.shape(y)):
        unit = np.zeros(np.shape(y))
        unit[index] = 1.0
        rows.append(as_tuple(op.vjp(unit, y, *args, **params))[position])
    return np.reshape(np.stack(rows), np.shape(y) + np.shape(args[position]))


@pytest.mark.parametrize("name", ["softmax", "logsumexp", "rosenbrock", "mlp_binary_loss"])
def test_jacobian_is_that_of_the_vjp_text(name):
    op = OPS[name]
    case = next(c for c in op.draw().values() if c.kind == "regular")
    position = 4 if name == "mlp_binary_loss" else 0
    got, want = jacobian(op, *case.args, wrt=position, **case.params), by_vjp(name, position, *case.args, **case.params)
    assert got.hi.shape == want.shape
    assert np.max(np.abs(got.hi - want)) <= 1e-13 * np.max(np.abs(want))
    assert np.all(got.radius <= ulp(got.hi, FORMATS["float64"]) / 999 + 1e-30)


def test_second_derivatives_are_those_written_by_hand():
    x, v = np.array([1.25, -0.5, 0.75]), np.array([0.5, 2.0, -1.0])
    rosenbrock = OPS["rosenbrock"]
    want = OPS["rosenbrock_hessian"].forward(x, **CLASSIC)
    got = hessian(rosenbrock, x, **CLASSIC)
    assert np.array_equal(got.hi, want)  # all its numbers are exact in float64
    assert np.array_equal(got.hi, got.hi.T) and np.array_equal(hvp(rosenbrock, x, direction=v, **CLASSIC).hi, want @ v)
    assert rosenbrock.vjp
    (slope,) = rosenbrock.vjp(np.array(1.0), None, x, **CLASSIC)
    assert np.array_equal(gradient(rosenbrock, x, **CLASSIC).hi, slope)
    assert directional_derivative(rosenbrock, x, direction=v, **CLASSIC).hi == slope @ v


def test_a_function_of_ones_own(tmp_path):
    """NumPy under another name, a helper, an inner function, a constant of the module; not in sys.modules."""
    f, x = theirs(tmp_path), np.array([0.5, -0.75, 1.25])
    got = gradient(f, x, power=2).hi
    s, root = np.tanh(x) * np.sqrt(np.pi), np.sqrt(np.pi)
    inner = s**3 / np.cosh(x)
    slope = 3 * s**2 * root / np.cosh(x) ** 3 - inner * np.tanh(x)
    want = 2 * np.sum(2 * inner) * 2 * slope + np.array([x[1], x[0], 0])
    assert np.max(np.abs(got - want)) < 1e-13
    second = hessian(f, x, power=2).hi
    assert np.array_equal(second, second.T)
    step = 2.0**-13
    for i in range(3):
        ahead, behind = x + step * np.eye(3)[i], x - step * np.eye(3)[i]
        rough = (gradient(f, ahead, power=2).hi - gradient(f, behind, power=2).hi) / (2 * step)
        assert np.max(np.abs(rough - second[i])) < 1e-5
    assert f(x, power=2) == pytest.approx(float(np.sum(2 * inner) ** 2 + x[0] * x[1]))  # theirs is left as it was


@pytest.mark.parametrize(
    ("f", "named"),
    [
        (lambda x: np.linalg.det(x[:, None] * x), "np.linalg.det"),
        (lambda x: np.sum(np.fmod(x, 2)), "np.fmod"),
        (lambda x: float(x[0]) * 2, "no single value"),
    ],
)
def test_what_balls_cannot_read_is_named(f, named):
    with pytest.raises(Unreadable, match=named) as error:
        gradient(f, np.array([0.5, 1.5]))
    assert "Write that step with" in str(error.value)


def test_wrong_questions_are_refused():
    x = np.array([0.5, 1.5])
    with pytest.raises(ValueError, match="see jacobian"):
        gradient(OPS["softmax"], x, axis=0)
    with pytest.raises(ValueError, match="no array of floats"):
        gradient(OPS["rosenbrock"], x, wrt=1, **CLASSIC)
    with pytest.raises(ValueError, match="direction of shape"):
        hvp(OPS["rosenbrock"], x, direction=np.ones(3), **CLASSIC)


def slope_of(steps: np.ndarray, errors: np.ndarray) -> float:
    """The exponent k of errors = c steps^k, by least squares."""
    return float(np.polyfit(np.log(steps), np.log(errors), 1)[0])


def test_errors_of_differences_have_the_shape_of_a_v():
    """Down like h (forward) and h^2 (central), up again like 1/h, and never below half or two thirds of the digits."""
    steps = 2.0 ** -np.arange(1, 50.0)
    x, v = np.array([1.2, -0.7, 0.4]), np.array([0.3, 1.0, 0.2])
    curve = finite_difference_error_curve(OPS["logsumexp"], x, v, steps, axis=0, keepdims=False)
    forward, central = curve.errors["float64"]["forward"], curve.errors["float64"]["central"]
    down, up = slice(3, 11), slice(32, 46)
    assert slope_of(steps[down], forward[down]) == pytest.approx(1, abs=0.1)
    assert slope_of(steps[down], central[down]) == pytest.approx(2, abs=0.1)
    assert slope_of(steps[up], forward[up]) == pytest.approx(-1, abs=0.3)
    for dtype, u in (("float64", 2.0**-53), ("float32", 2.0**-24)):
        errors = curve.errors[dtype]["forward"]
        assert u**0.5 / 64 < steps[np.argmin(errors)] < 64 * u**0.5 and np.min(errors) > 2 * u
    assert str(curve).splitlines()[0].split()[0] == "step" and len(str(curve).splitlines()) == 1 + len(steps)


def test_newton_doubles_the_digits():
    path = OPS["newton_rosenbrock"].forward(np.array([1.2, 1.3]), a=1.0, b=10.0, steps=6)
    off = np.max(np.abs(path - 1), axis=1)
    near = [(a, b) for a, b in pairwise(off) if a < 0.1 and b > 1e-14]
    assert len(near) >= 2 and all(b < 100 * a * a for a, b in near)
    descent = OPS["rosenbrock_descent"].forward(np.array([1.2, 1.3]), a=1.0, b=10.0, lr=0.01, steps=5)
    assert np.max(np.abs(descent[-1] - 1)) > 0.02 > 1e-12 > off[-1]


def test_a_line_search_ends_where_the_slope_is_zero():
    case = OPS["exact_line_search"].draw()["three-variables"]
    a, b, x, p = case.args
    t, point = OPS["exact_line_search"].forward(*case.args)
    assert abs(p @ (a @ point - b)) < 1e-14 * np.abs(p) @ np.abs(a @ point) * 10
    x, p = OPS["backtracking_line_search"].draw()["four-starts"].args
    params = OPS["backtracking_line_search"].draw()["four-starts"].params
    t, _ = OPS["backtracking_line_search"].forward(x, p, **params)
    valley = {"a": params["a"], "b": params["b"]}
    f, slope = OPS["rosenbrock"].forward, OPS["rosenbrock_gradient"].forward

    def armijo(t):
        promised = params["slope"] * t[:, 0] * np.sum(p * slope(x, **valley), axis=1)
        return f(x + t * p, **valley) <= f(x, **valley) + promised

    assert np.all(armijo(t)) and not np.any(armijo(t / params["shrink"])[t[:, 0] < params["initial"]])


def test_the_surface_passes_through_the_network():
    _, _, x, target, *theta = OPS["loss_surface_slice"].draw()["3-4-4-1"].args
    height = OPS["loss_surface_slice"].forward(
        np.array([0.0]), np.array([0.0]), x, target, *theta, activation="sigmoid"
    )
    assert height == OPS["mlp_binary_loss"].forward(x, target, *theta[:6], activation="sigmoid")
