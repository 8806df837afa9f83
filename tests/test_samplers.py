"""The frameworks' own samplers: judged by their distribution and its moments, never by equality.

Each is asked for N samples from a fixed seed. Of a density, Kolmogorov's statistic compares the empirical cdf with that
of the reference; of a mass function, Pearson's chi-squared compares the counts. Mean and variance are compared with the
reference's moments. A right sampler fails one of these with probability SIGNIFICANCE; over all of them, about one in a
thousand seeds would have failed, and this one has not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from crosscheck.reference import catalogue
from crosscheck.reference.elementwise.incomplete_gamma import gammaincc

N, SEED, SIGNIFICANCE = 20_000, 20261125, 1e-6

LOGITS = np.array([0.5, -1.0, 1.25, 0.0])
DENSITIES: dict[str, tuple[float, ...]] = {
    "uniform": (-1.5, 2.25),
    "normal": (0.5, 2.0),
    "laplace": (-0.5, 1.5),
    "logistic": (2.0, 0.75),
    "cauchy": (0.25, 1.5),
    "student_t": (9.0, 0.5, 2.0),
    "exponential": (2.5,),
    "gamma": (2.25, 1.5),
    "beta": (1.5, 3.25),
    "log_normal": (0.25, 0.5),
}
MASSES: dict[str, tuple[Any, ...]] = {
    "bernoulli": (0.3,),
    "binomial": (7, 0.35),
    "poisson": (3.5,),
    "categorical": (LOGITS,),
}
Sampler = Callable[..., Any]


def numpy_samplers() -> dict[str, Sampler]:
    g = np.random.default_rng(SEED)
    return {
        "uniform": lambda low, high: g.uniform(low, high, N),
        "normal": lambda mu, sigma: g.normal(mu, sigma, N),
        "laplace": lambda loc, scale: g.laplace(loc, scale, N),
        "logistic": lambda loc, scale: g.logistic(loc, scale, N),
        "cauchy": lambda loc, scale: loc + scale * g.standard_cauchy(N),
        "student_t": lambda df, loc, scale: loc + scale * g.standard_t(df, N),
        "exponential": lambda rate: g.exponential(1 / rate, N),
        "gamma": lambda concentration, rate: g.gamma(concentration, 1 / rate, N),
        "beta": lambda a, b: g.beta(a, b, N),
        "log_normal": lambda mu, sigma: g.lognormal(mu, sigma, N),
        "bernoulli": lambda p: g.binomial(1, p, N),
        "binomial": lambda n, p: g.binomial(n, p, N),
        "poisson": lambda rate: g.poisson(rate, N),
        "categorical": lambda logits: g.choice(len(logits), N, p=np.exp(logits) / np.sum(np.exp(logits))),
    }


def torch_samplers() -> dict[str, Sampler]:
    import torch
    from torch import distributions as d
    from torch.distributions import transforms as t

    def of(make: Callable[..., Any]) -> Sampler:
        def sample(*parameters):
            torch.manual_seed(SEED)
            tensors = (torch.tensor(p, dtype=torch.float64) for p in parameters)
            return make(*tensors).sample((N,)).numpy()

        return sample

    def logistic(loc, scale):
        uniform = d.Uniform(torch.zeros_like(loc), torch.ones_like(loc))
        return d.TransformedDistribution(uniform, [t.SigmoidTransform().inv, t.AffineTransform(loc, scale)])

    return {
        "uniform": of(d.Uniform),
        "normal": of(d.Normal),
        "laplace": of(d.Laplace),
        "logistic": of(logistic),
        "cauchy": of(d.Cauchy),
        "student_t": of(d.StudentT),
        "exponential": of(d.Exponential),
        "gamma": of(d.Gamma),
        "beta": of(d.Beta),
        "log_normal": of(d.LogNormal),
        "bernoulli": of(d.Bernoulli),
        "binomial": of(lambda n, p: d.Binomial(int(n), p)),
        "poisson": of(d.Poisson),
        "categorical": of(lambda logits: d.Categorical(logits=logits)),
    }


def jax_samplers() -> dict[str, Sampler]:
    import jax
    from jax import random

    jax.config.update("jax_enable_x64", True)
    key, shape = random.key(SEED), (N,)
    return {
        "uniform": lambda low, high: random.uniform(key, shape, minval=low, maxval=high),
        "normal": lambda mu, sigma: mu + sigma * random.normal(key, shape),
        "laplace": lambda loc, scale: loc + scale * random.laplace(key, shape),
        "logistic": lambda loc, scale: loc + scale * random.logistic(key, shape),
        "cauchy": lambda loc, scale: loc + scale * random.cauchy(key, shape),
        "student_t": lambda df, loc, scale: loc + scale * random.t(key, df, shape),
        "exponential": lambda rate: random.exponential(key, shape) / rate,
        "gamma": lambda concentration, rate: random.gamma(key, concentration, shape) / rate,
        "beta": lambda a, b: random.beta(key, a, b, shape),
        "log_normal": lambda mu, sigma: np.exp(mu) * random.lognormal(key, sigma, shape),
        "bernoulli": lambda p: random.bernoulli(key, p, shape),
        "binomial": lambda n, p: random.binomial(key, n, p, shape),
        "poisson": lambda rate: random.poisson(key, rate, shape),
        "categorical": lambda logits: random.categorical(key, jax.numpy.asarray(logits), shape=shape),
    }


def scipy_samplers() -> dict[str, Sampler]:
    from scipy import stats

    at = {"size": N, "random_state": SEED}
    return {
        "uniform": lambda low, high: stats.uniform.rvs(low, high - low, **at),
        "normal": lambda mu, sigma: stats.norm.rvs(mu, sigma, **at),
        "laplace": lambda loc, scale: stats.laplace.rvs(loc, scale, **at),
        "logistic": lambda loc, scale: stats.logistic.rvs(loc, scale, **at),
        "cauchy": lambda loc, scale: stats.cauchy.rvs(loc, scale, **at),
        "student_t": lambda df, loc, scale: stats.t.rvs(df, loc, scale, **at),
        "exponential": lambda rate: stats.expon.rvs(scale=1 / rate, **at),
        "gamma": lambda concentration, rate: stats.gamma.rvs(concentration, scale=1 / rate, **at),
        "beta": lambda a, b: stats.beta.rvs(a, b, **at),
        "log_normal": lambda mu, sigma: stats.lognorm.rvs(sigma, scale=math.exp(mu), **at),
        "bernoulli": lambda p: stats.bernoulli.rvs(p, **at),
        "binomial": lambda n, p: stats.binom.rvs(n, p, **at),
        "poisson": lambda rate: stats.poisson.rvs(rate, **at),
    }


def reference_samplers() -> dict[str, Sampler]:
    """The reference's own maps, of noise that NumPy makes."""
    g = np.random.default_rng(SEED)
    u, noise = g.uniform(size=N), g.normal(size=N)

    def of(name: str, *given: Any, **params: Any) -> Sampler:
        forward = catalogue()[f"{name}_sample"].forward
        return lambda *parameters: forward(*given, *map(np.asarray, parameters), **params)

    return {
        **{name: of(name, u) for name in ("uniform", "laplace", "logistic", "cauchy", "exponential")},
        "normal": lambda mu, sigma: catalogue()["reparameterize"].forward(noise, np.asarray(mu), np.asarray(sigma)),
        "log_normal": of("log_normal", noise),
        "student_t": lambda df, loc, scale: of("student_t", noise, g.chisquare(df, N))(df, loc, scale),
        "beta": lambda a, b: catalogue()["beta_sample"].forward(g.gamma(a, size=N), g.gamma(b, size=N)),
        "bernoulli": of("bernoulli", u),
        "binomial": lambda n, p: catalogue()["binomial_sample"].forward(g.uniform(size=(N, n)), np.full(N, p)),
        "poisson": of("poisson", u, terms=40),
        "categorical": of("categorical", u),
    }


SAMPLERS = {
    "numpy": numpy_samplers,
    "torch": torch_samplers,
    "jax": jax_samplers,
    "scipy": scipy_samplers,
    "reference": reference_samplers,
}


def kolmogorov(samples: np.ndarray, cdf: Callable[[np.ndarray], np.ndarray]) -> float:
    """The probability that right samples stray as far from their cdf: Stephens (1970), Use of the Kolmogorov-Smirnov,
    Cramer-von Mises and related statistics without extensive tables, with Kolmogorov's limit."""
    f, i = cdf(np.sort(samples)), np.arange(len(samples))
    d = np.max(np.maximum(f - i / len(f), (i + 1) / len(f) - f))
    root = math.sqrt(len(f))
    x = (root + 0.12 + 0.11 / root) * d
    return min(1.0, 2 * sum((-1) ** (k - 1) * math.exp(-2 * (k * x) ** 2) for k in range(1, 20)))


def pearson(samples: np.ndarray, mass: np.ndarray) -> float:
    """The probability that right counts stray as far from those expected; cells that expect less than 10 are joined."""
    if samples.min() < 0 or samples.max() >= len(mass) or np.any(samples != np.trunc(samples)):
        return 0.0
    observed = np.bincount(samples.astype(int), minlength=len(mass))
    cells: list[list[float]] = [[0.0, 0.0]]
    for o, e in zip(observed, mass * len(samples), strict=True):
        if cells[-1][1] >= 10:
            cells.append([0.0, 0.0])
        cells[-1] = [cells[-1][0] + o, cells[-1][1] + e]
    if cells[-1][1] < 10:
        last = cells.pop()
        cells[-1] = [cells[-1][0] + last[0], cells[-1][1] + last[1]]
    statistic = sum((o - e) ** 2 / e for o, e in cells)
    return float(gammaincc(np.array((len(cells) - 1) / 2), np.array(statistic / 2)))


def standard_normal(z: float) -> float:
    """The probability of a deviate at least as large."""
    return math.erfc(abs(z) / math.sqrt(2))


def moments(samples: np.ndarray, mean: float, variance: float) -> tuple[float, float]:
    """Those of the mean, and of the mean square around the right mean, whose own spread is estimated."""
    squares = (samples - mean) ** 2
    return (
        standard_normal((samples.mean() - mean) * math.sqrt(len(samples) / variance)),
        standard_normal((squares.mean() - variance) * math.sqrt(len(samples)) / squares.std()),
    )


def probabilities(name: str, samples: Any) -> dict[str, float]:
    """How likely right samples are to look as wrong as these, by each test."""
    samples = np.asarray(samples, dtype=np.float64)
    assert samples.shape == (N,) and np.all(np.isfinite(samples))
    if name in DENSITIES:
        parameters = tuple(map(np.asarray, DENSITIES[name]))
        found = {"Kolmogorov": kolmogorov(samples, lambda x: catalogue()[f"{name}_cdf"].forward(x, *parameters))}
    else:
        parameters = tuple(map(np.asarray, MASSES[name]))
        counts = np.arange(len(LOGITS) if name == "categorical" else 8 if name == "binomial" else 40)
        counts = counts[:2] if name == "bernoulli" else counts
        mass = np.exp(catalogue()[f"{name}_log_density"].forward(counts, *parameters))
        assert abs(mass.sum() - 1) < 1e-12
        found = {"Pearson": pearson(samples, mass)}
    if name not in ("cauchy", "categorical"):  # which have none, or those of an indicator
        mean, variance = catalogue()[f"{name}_moments"].forward(*parameters)[:2]
        found["mean"], found["variance"] = moments(samples, float(mean), float(variance))
    return found


@pytest.mark.parametrize("name", [*DENSITIES, *MASSES])
@pytest.mark.parametrize("framework", SAMPLERS)
def test_samplers_draw_from_their_distribution(framework, name):
    if framework != "reference" and find_spec(framework) is None:
        pytest.skip(f"{framework} is not installed")
    samplers = SAMPLERS[framework]()
    if name not in samplers:
        pytest.skip(f"{framework} has no sampler of this distribution")
    found = probabilities(name, samplers[name](*(DENSITIES | MASSES)[name]))
    assert min(found.values()) > SIGNIFICANCE, found


LIES: dict[str, tuple[str, Callable[[dict[str, Sampler]], Any]]] = {
    "the variance as the scale": ("normal", lambda draw: draw["normal"](0.5, 2.0**2)),
    "a mean that is off by a twentieth": ("normal", lambda draw: draw["normal"](0.5 + 2.0 / 20, 2.0)),
    "a width that is off by a twentieth": ("normal", lambda draw: draw["normal"](0.5, 2.1)),
    "the scale as the rate": ("exponential", lambda draw: draw["exponential"](1 / 2.5)),
    "the rate as the scale": ("gamma", lambda draw: draw["gamma"](2.25, 1 / 1.5)),
    "the parameters swapped": ("beta", lambda draw: draw["beta"](3.25, 1.5)),
    "no heavy tails": ("student_t", lambda draw: draw["normal"](0.5, 2.0)),
    "a variance that is too small": ("student_t", lambda draw: draw["student_t"](9.0, 0.5, 2.0) * 0.95 + 0.025),
    "the width of a logistic as its deviation": (
        "logistic",
        lambda draw: draw["logistic"](2.0, 0.75 * math.sqrt(3) / math.pi),
    ),
    "one trial too many": ("binomial", lambda draw: draw["binomial"](8, 0.35)),
    "a probability that is off by a twentieth": ("bernoulli", lambda draw: draw["bernoulli"](0.3 * 1.05 + 0.005)),
    "counts that begin at 1": ("poisson", lambda draw: draw["poisson"](3.5) + 1),
    "logits as probabilities": ("categorical", lambda draw: draw["categorical"](np.log(LOGITS + 1.5))),
    "truncated": ("normal", lambda draw: np.clip(draw["normal"](0.5, 2.0), -3, 4)),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_sampler_of_another_distribution_is_caught(lie):
    name, draw = LIES[lie]
    assert min(probabilities(name, draw(numpy_samplers())).values()) < SIGNIFICANCE


def test_right_samples_are_as_likely_as_they_say():
    """Of 200 seeds, about a tenth fall below a tenth: no test is so lax, or so strict, as to say something else."""
    for name in ("normal", "poisson"):
        below: dict[str, int] = dict.fromkeys(("Kolmogorov", "Pearson", "mean", "variance"), 0)
        for seed in range(200):
            g = np.random.default_rng(seed)
            samples = g.normal(0.5, 2.0, N) if name == "normal" else g.poisson(3.5, N)
            for test, p in probabilities(name, samples).items():
                below[test] += p < 0.1
        assert all(5 <= n <= 40 for test, n in below.items() if n or test not in ("Kolmogorov", "Pearson")), below
