"""Continuous distributions against their definitions: integrals of the density, and of what is done with noise."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from crosscheck.reference import catalogue

OPS = {name: op.forward for name, op in catalogue().items()}
DISTRIBUTIONS: dict[str, tuple[dict[str, float], tuple[float, ...]]] = {
    "uniform": ({"low": -1.25, "high": 2.5}, (-1.25, 2.5)),
    "normal": ({"mu": 0.75, "sigma": 1.5}, (-np.inf, 0.75, np.inf)),
    "laplace": ({"loc": 0.75, "scale": 1.5}, (-np.inf, 0.75, np.inf)),
    "logistic": ({"loc": 0.75, "scale": 1.5}, (-np.inf, 0.75, np.inf)),
    "student_t": ({"df": 4.5, "loc": 0.75, "scale": 1.5}, (-np.inf, 0.75, np.inf)),
    "cauchy": ({"loc": 0.75, "scale": 1.5}, (-np.inf, 0.75, np.inf)),
    "exponential": ({"rate": 0.6}, (0.0, np.inf)),
    "gamma": ({"concentration": 2.25, "rate": 0.6}, (0.0, np.inf)),
    "beta": ({"a": 2.25, "b": 1.75}, (0.0, 1.0)),
    "log_normal": ({"mu": 0.25, "sigma": 0.75}, (0.0, np.inf)),
}
"""The parameters, and the ends of the support with the kink or the middle between them."""

INVERSES = ("uniform", "laplace", "logistic", "cauchy", "exponential")
each = pytest.mark.parametrize("name", DISTRIBUTIONS)


def ask(operation: str, params: dict[str, float], *first: Any) -> Any:
    """The operation of those parameters that it takes, behind its first arguments."""
    f = OPS[operation]
    names = list(inspect.signature(f).parameters)[len(first) :]
    return f(*map(np.asarray, first), *(np.asarray(params[name]) for name in names))


def integral(f: Callable[[np.ndarray], np.ndarray], *points: float) -> float:
    """The sum over the pieces between the points, each by the trapezoidal rule after a double exponential substitution.

    Source: Takahasi and Mori (1974), Double exponential formulas for numerical integration.
    """
    t = np.linspace(-4, 4, 801)
    total = 0.0
    for low, high in itertools.pairwise(points):
        if np.isfinite(high - low):
            share = 1 / (1 + np.exp(-np.pi * np.sinh(t)))
            x, slope = low + (high - low) * share, (high - low) * np.pi * np.cosh(t) * share * (1 - share)
        else:
            far = np.exp(np.pi / 2 * np.sinh(t))
            x, slope = (low + far if np.isfinite(low) else high - far), np.pi / 2 * np.cosh(t) * far
        total += float(np.sum(f(x) * slope)) * (t[1] - t[0])
    return total


def mean_of(name: str, f: Callable[[np.ndarray], np.ndarray], *points: float) -> float:
    """E[f(X)], or the part of it between the points."""
    params, support = DISTRIBUTIONS[name]

    def weighted(x):
        density = np.exp(ask(f"{name}_log_density", params, x))
        return np.where(density > 0, density * f(x), 0)

    with np.errstate(all="ignore"):
        return integral(weighted, *(points or support))


@each
def test_densities_integrate_to_one(name):
    assert mean_of(name, np.ones_like) == pytest.approx(1, rel=1e-11)


@each
def test_cdfs_are_integrals_of_the_density(name):
    params, support = DISTRIBUTIONS[name]
    for x in (0.4, 0.7, 0.9):
        below = mean_of(name, np.ones_like, *(p for p in support if p < x), x)
        assert ask(f"{name}_cdf", params, x) == pytest.approx(below, rel=1e-11)


@each
def test_entropies_are_means_of_minus_log_density(name):
    params, _ = DISTRIBUTIONS[name]
    mean = mean_of(name, lambda x: -ask(f"{name}_log_density", params, x))
    assert ask(f"{name}_entropy", params) == pytest.approx(mean, rel=1e-10)


@pytest.mark.parametrize("name", [name for name in DISTRIBUTIONS if name != "cauchy"])
def test_moments_are_means_of_powers(name):
    first, second = ask(f"{name}_moments", DISTRIBUTIONS[name][0])[:2]
    assert first == pytest.approx(mean_of(name, lambda x: x), rel=1e-10)
    assert second == pytest.approx(mean_of(name, lambda x: (x - first) ** 2), rel=1e-9)


@pytest.mark.parametrize("name", INVERSES)
def test_samples_from_uniform_noise_invert_the_cdf(name):
    u = np.array([1e-6, 0.1, 0.45, 0.6, 0.999])
    params, _ = DISTRIBUTIONS[name]
    assert ask(f"{name}_cdf", params, ask(f"{name}_sample", params, u)) == pytest.approx(u, rel=1e-12)


def test_log_normal_samples_have_the_rank_of_their_noise():
    noise, params = np.array([-3.0, -0.5, 0.25, 2.0]), DISTRIBUTIONS["log_normal"][0]
    rank = ask("normal_cdf", {"mu": 0.0, "sigma": 1.0}, noise)
    x = ask("log_normal_sample", params, noise)
    assert ask("log_normal_cdf", params, x) == pytest.approx(rank, rel=1e-12)


def test_what_is_kept_of_gamma_samples_has_the_distribution():
    """The share of noise that is kept and below z, of all that is kept, is the cdf at the sample of z."""
    params = DISTRIBUTIONS["gamma"][0]

    def kept(z):
        return np.exp(ask("normal_log_density", {"mu": 0.0, "sigma": 1.0}, z)) * ask("gamma_sample", params, z)[1]

    with np.errstate(all="ignore"):
        whole = integral(kept, -np.inf, 0.0, np.inf)
        for z in (-1.5, -0.25, 1.0):
            x, p = ask("gamma_sample", params, z)
            assert integral(kept, -np.inf, z) / whole == pytest.approx(ask("gamma_cdf", params, x), rel=1e-10)
            assert 0 < p <= 1
    assert 0.95 < whole < 1


def test_beta_samples_of_gamma_samples_have_the_moments():
    """The square of the share of two gammas, averaged over both."""
    a, b = (DISTRIBUTIONS["beta"][0][name] for name in "ab")

    def over_second(f):
        return integral(
            lambda h: f(h) * np.exp(ask("gamma_log_density", {"concentration": b, "rate": 0.6}, h)), 0, np.inf
        )

    def over_both(g):
        inner = np.array([over_second(lambda h, g=g: ask("beta_sample", {}, g, h) ** 2) for g in g])
        return inner * np.exp(ask("gamma_log_density", {"concentration": a, "rate": 0.6}, g))

    with np.errstate(all="ignore"):
        square = integral(over_both, 0, np.inf)
    mean, variance = ask("beta_moments", {"a": a, "b": b})
    assert square == pytest.approx(variance + mean * mean, rel=1e-10)


def test_student_samples_of_normal_and_chi_square_noise_have_the_variance():
    params = DISTRIBUTIONS["student_t"][0]
    chi_square = {"concentration": params["df"] / 2, "rate": 0.5}

    def weighted(c):
        deviation = ask("student_t_sample", params, np.ones_like(c), c) - params["loc"]
        return deviation**2 * np.exp(ask("gamma_log_density", chi_square, c))

    with np.errstate(all="ignore"):
        variance = integral(weighted, 0, np.inf)  # the mean square of the normal noise is 1
    assert variance == pytest.approx(ask("student_t_moments", params)[1], rel=1e-9)
