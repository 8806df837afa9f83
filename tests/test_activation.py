"""Activations: the constants of selu, and the mistakes that people make."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import arb, ctx

from crosscheck.backends.questions import interrogate
from crosscheck.backends.witness import Witness
from crosscheck.reference import catalogue
from crosscheck.reference.activation.exponential import celu, elu, selu
from crosscheck.reference.activation.gated import glu, silu
from crosscheck.reference.activation.rectified import prelu_vjp
from crosscheck.reference.activation.sigmoidal import sigmoid
from crosscheck.reference.activation.softmax import softmax
from crosscheck.reference.agreement.verdict import WRONG


def test_selu_has_the_constants_of_its_formula():
    """As its docstring says, in certified arithmetic: at 1 it is scale, and at minus infinity -scale alpha."""
    with ctx.workprec(200):
        r = (arb(1) / 2).sqrt().erfc() * (arb(1) / 2).exp()
        variance = 2 * arb(2).sqrt().erfc() * arb(2).exp() + arb.pi() * r * r - 2 * (2 + arb.pi()) * r + arb.pi() + 2
        scale = (1 - r) * (2 * arb.pi()).sqrt() / variance.sqrt()
        alpha = (2 / arb.pi()).sqrt() / (1 - r)
        want = np.array([float(scale), float(-scale * alpha)])
    np.testing.assert_allclose(selu(np.array([1.0, -1e3])), want, rtol=3e-16)


def test_selu_keeps_mean_and_variance():
    """Of standard normal numbers: the integrals by 200 points of Gauss on each side of the kink."""
    t, w = np.polynomial.legendre.leggauss(200)
    x, w = 6 * np.stack([t - 1, t + 1]), 6 * w  # -12 to 0, and 0 to 12
    density = w * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
    np.testing.assert_allclose(np.sum(density * selu(x)), 0, atol=1e-14)
    np.testing.assert_allclose(np.sum(density * selu(x) ** 2), 1, rtol=1e-14)


def slope_of_elu(ybar, y, x, *, alpha):
    return (np.where(x > 0, ybar, ybar * (y + 1)),)  # y + alpha


def celu_with_elu(x, *, alpha):
    return elu(x, alpha=alpha)


def elu_with_celu(x, *, alpha):
    return celu(x, alpha=alpha)


def prelu_of_the_mean(ybar, y, x, a):
    xbar, abar = prelu_vjp(ybar, y, x, a)
    return xbar, abar / len(x)


def gate_first(x, *, axis):
    a, b = np.split(x, 2, axis=axis)
    return glu(np.concat([b, a], axis=axis), axis=axis)


def slope_of_hardswish(ybar, y, x):
    return (np.where(x <= -3, 0, np.where(x >= 3, ybar, ybar * (x + 3) / 6)),)


def hardsigmoid_of_keras_2(x):
    return np.clip(x / 5 + 0.5, 0, 1)


def silu_for_mish(x):
    return silu(x)


def log_of_sigmoid(x):
    with np.errstate(divide="ignore"):
        return np.log(sigmoid(x))


def hard_for_soft(x, *, lambd):
    return np.where(np.abs(x) > lambd, x, 0)


def tau_multiplies(x, noise, *, tau, axis):
    return softmax((x + noise) * tau, axis=axis)


def noise_outside(x, noise, *, tau, axis):
    return softmax(x / tau + noise, axis=axis)


PLANTED: dict[str, tuple[str, Any]] = {
    "the slope of elu is y + 1": ("elu_vjp", slope_of_elu),
    "celu does not divide by alpha": ("celu", celu_with_elu),
    "elu divides by alpha": ("elu", elu_with_celu),
    "the slope of prelu is averaged": ("prelu_vjp", prelu_of_the_mean),
    "the first half of glu is the gate": ("glu", gate_first),
    "the slope of hardswish forgets the product": ("hardswish_vjp", slope_of_hardswish),
    "hardsigmoid with the slope 1/5": ("hardsigmoid", hardsigmoid_of_keras_2),
    "silu for mish": ("mish", silu_for_mish),
    "the logarithm of a sigmoid": ("log_sigmoid", log_of_sigmoid),
    "softshrink does not shrink": ("softshrink", hard_for_soft),
    "tau multiplies": ("gumbel_softmax", tau_multiplies),
    "the noise is not divided by tau": ("gumbel_softmax", noise_outside),
}


@pytest.mark.parametrize("mistake", PLANTED)
def test_a_mistake_is_caught(mistake):
    name, wrong = PLANTED[mistake]
    op = catalogue()[name.removesuffix("_vjp")]
    right = {op.name: op.forward, f"{op.name}_vjp": op.vjp}
    backend = type("Mistaken", (), {"find": staticmethod({**right, name: wrong}.get), "dtypes": ("float64",)})()
    outcomes = [v.outcome for v in interrogate(Witness(backend, mistake), op, draws=1)]
    assert set(outcomes) & set(WRONG) and "agrees" in outcomes
