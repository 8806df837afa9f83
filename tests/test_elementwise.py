"""The special functions of the elementwise family, which balls never read: their floats against the exact values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from flint import ctx

from crosscheck.reference.agreement.measure import FORMATS, ulp
from crosscheck.reference.agreement.truth import enclosure
from crosscheck.reference.arithmetic.ball import Balls, balls
from crosscheck.reference.arithmetic.functions import FUNCTIONS, INCOMPLETE, PRIMITIVES
from crosscheck.reference.elementwise.gamma import digamma, lgamma, trigamma
from crosscheck.reference.elementwise.incomplete_beta import betainc
from crosscheck.reference.elementwise.incomplete_gamma import gammainc, gammaincc
from crosscheck.reference.elementwise.special import erf, erfc, erfinv

BITS = 160
PIECE = 150
"""Points in each piece of a domain."""


def between(rng, low, high, n=PIECE):
    return rng.uniform(low, high, size=n)


def decades(rng, low, high, n=PIECE):
    return 10.0 ** rng.uniform(low, high, size=n)


def near(rng, x):
    return x + decades(rng, -6, -1) * rng.choice([-1.0, 1.0], size=PIECE)


def positive(rng):
    pieces = (decades(rng, -18, -1), between(rng, 0, 3), between(rng, 3, 12), decades(rng, 1, 15))
    return np.concat([*pieces, near(rng, 1.0), near(rng, 2.0), near(rng, 1.4616321449683623)])


def reals(rng):
    return np.concat([between(rng, -6, 6), between(rng, -1, 1), decades(rng, -30, -1)])


def probabilities(rng):
    return np.concat([between(rng, -1, 1), decades(rng, -30, -1), 1 - decades(rng, -6.5, -1), between(rng, 0.8, 0.9)])


UNARY: dict[str, tuple[Callable, Callable, float, float]] = {
    # the function, its domain, and how many ulp it may err at most and at half of the points
    "erf": (erf, reals, 4, 1),
    "erfc": (erfc, reals, 8, 1),
    "erfinv": (erfinv, probabilities, 6, 2),
    "lgamma": (lgamma, positive, 6, 1),
    "digamma": (digamma, positive, 4, 1),
    "trigamma": (trigamma, positive, 4, 1),
}


def gamma_points(rng):
    a = np.concat([decades(rng, -2, 0), decades(rng, -0.5, 0.9), decades(rng, 0.9, 2), decades(rng, 2, 4, 50)])
    around = np.abs(a + 3 * np.sqrt(a) * rng.uniform(-1, 1, size=a.size))
    x = np.where(rng.random(a.size) < 0.5, around, a * rng.uniform(0.5, 2, size=a.size))
    return a, np.where(rng.random(a.size) < 0.1, a * decades(rng, -7, 0, a.size), x)


def beta_points(rng):
    a = np.concat([decades(rng, -0.7, 0.9), decades(rng, -0.7, 0.9), decades(rng, 0.9, 2), decades(rng, 2, 3.5, 20)])
    b = np.concat([decades(rng, -0.7, 0.9), decades(rng, 0.9, 3), decades(rng, 0.9, 2), decades(rng, 2, 3.5, 20)])
    mean = a / (a + b)
    width = np.sqrt(mean * (1 - mean) / (a + b + 1))
    x = mean + 3 * width * rng.uniform(-1, 1, size=a.size)
    x = np.clip(x, 0.02 * mean, 1 - 0.02 * (1 - mean))
    return a, b, np.where(rng.random(a.size) < 0.1, mean * decades(rng, -7, 0, a.size), x)


SEVERAL: dict[str, tuple[Callable, Callable, float, float]] = {
    "gammainc": (gammainc, gamma_points, 6, 1),
    "gammaincc": (gammaincc, gamma_points, 6, 1),
    "betainc": (betainc, beta_points, 10, 3),
}


def test_all_are_swept():
    assert set(UNARY) | set(SEVERAL) == set(PRIMITIVES)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", UNARY)
def test_error_in_ulp(name, dtype):
    """No point is farther off than the docstring says."""
    f, domain, most, half = UNARY[name]
    form = FORMATS[dtype]
    x = domain(np.random.default_rng(0)).astype(form.dtype)
    y = f(x)
    assert y.dtype == form.dtype
    with ctx.workprec(BITS):
        truth = enclosure(Balls.wrap(Balls.apply(FUNCTIONS[name], Balls.lift(balls(x)))))
    finite = np.abs(truth.hi) < form.largest / 2
    error = (truth.error_of(y.astype(np.float64)) / ulp(truth.hi, form))[finite]
    worst = np.argmax(error)
    assert error[worst] <= most, f"{name}({x[finite][worst]!r}) is off by {error[worst]:.3g} ulp"
    assert np.median(error) <= half


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", SEVERAL)
def test_error_in_ulp_and_condition(name, dtype):
    """No point is farther off than the docstring says: so many ulp, times 1 + the condition number."""
    f, domain, most, half = SEVERAL[name]
    form = FORMATS[dtype]
    x = tuple(v.astype(form.dtype) for v in domain(np.random.default_rng(0)))
    y = f(*x)
    assert y.dtype == form.dtype
    with ctx.workprec(BITS):
        exact = [balls(v) for v in x]
        truth = Balls.evaluate(INCOMPLETE[name], *map(Balls.lift, exact))
        condition, tiny = np.zeros(y.shape), 2.0**-20
        for k, v in enumerate(exact):
            moved = Balls.evaluate(INCOMPLETE[name], *map(Balls.lift, [*exact[:k], v * (1 + tiny), *exact[k + 1 :]]))
            condition += np.abs(np.array([float(r) for r in (moved - truth) / truth])) / tiny
        truth = enclosure(Balls.wrap(truth))
    told = (truth.hi > form.smallest_normal * 1e6) & (truth.radius < 1e-9 * truth.hi)  # 10^-3000 is not certified
    error = truth.error_of(y.astype(np.float64)) / ulp(truth.hi, form)
    assert np.mean(told) > 0.9
    share = np.where(told, error / (1 + condition), 0)
    worst = np.argmax(share)
    assert share[worst] <= most, (
        f"{name}{tuple(float(v[worst]) for v in x)} is off by {error[worst]:.3g} ulp, condition {condition[worst]:.3g}"
    )
    assert np.median(error[told]) <= half


def test_both_incomplete_gamma_functions_add_up_to_1():
    a, x = gamma_points(np.random.default_rng(1))
    np.testing.assert_allclose(gammainc(a, x) + gammaincc(a, x), 1, rtol=0, atol=1e-15)


def test_coefficients_are_those_of_the_zeta_function():
    """A wrong digit of a late coefficient moves no result by an ulp, but it is a wrong digit."""
    from flint import arb

    from crosscheck.reference.elementwise import gamma, incomplete_gamma

    with ctx.workprec(BITS):
        zetas = [(-1) ** k * (arb(k).zeta() - 1) / k for k in range(2, 2 + len(gamma._ZETAS))]
        assert [float(z) for z in zetas] == list(gamma._ZETAS)
        root = sum(map(arb, gamma._ROOT), arb(0))
        assert abs(root.digamma()) < 1e-30
        ends = [(-1) ** k * arb(k + 2).zeta(root + gamma._POLES) for k in range(len(gamma._HURWITZ))]
        assert [float(z) for z in ends] == list(gamma._HURWITZ)
        numbers = [float(arb.bernoulli(2 * k)) for k in range(1, 1 + len(gamma.BERNOULLI))]
        assert numbers == pytest.approx(gamma.BERNOULLI, rel=1e-15)
        nodes = [arb.legendre_p_root(32, k, weight=True) for k in range(16)]
        assert [(float((1 - x) / 2), float(w / 2)) for x, w in nodes] == list(incomplete_gamma._HALF)
