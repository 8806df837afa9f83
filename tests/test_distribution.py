"""Samplers: those of the frameworks, and our own maps from noise, against the distributions they claim to draw from.

Two samplers never draw the same numbers, so nothing here is an equality. Of 20 000 draws with a fixed seed, each
statistic has a known distribution if the sampler is right; one so far out that it has a probability below 1e-6 is a
fault. With all the statistics together, a right sampler would be called wrong with a probability below 1e-3, and as
the seeds are fixed, it is so in every run or in none.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from crosscheck.backends import installed
from crosscheck.reference.agreement.truth import EXACT, enclosure
from crosscheck.reference.arithmetic.ball import balls
from crosscheck.reference.arithmetic.reading import read
from crosscheck.reference.decomposition.cholesky import cholesky
from crosscheck.reference.decomposition.triangular import triangular_solve
from crosscheck.reference.distribution import bernoulli, binomial, categorical, dirichlet, mixture, poisson, sampling
from crosscheck.reference.distribution.multivariate_normal import multivariate_normal_sample
from crosscheck.reference.distribution.normal import normal_cdf

N, SEED = 20_000, 20_240_229
SIGNIFICANCE = 1e-6

P, TRIALS, RATE = np.array(0.3), np.array(9), np.array(3.7)
LOGITS = np.array([0.5, -1.0, 1.2, 0.0])
ALPHA = np.array([1.0, 2.0, 3.0])
MEAN, COVARIANCE = np.array([1.0, -2.0, 0.5]), np.array([[2.0, 0.9, -0.4], [0.9, 1.0, 0.1], [-0.4, 0.1, 0.5]])
MIXTURE = np.array([0.4, -0.3]), np.array([-1.0, 2.0]), np.array([0.5, 1.5])
TABLE = np.array([-2.0, 0.0, 0.5, 4.0]), np.array([0.0, 0.25, 0.7, 1.0])

# What is claimed.


@dataclass(frozen=True)
class Law:
    """A distribution of one variable: the cdf of a continuous one, or the probabilities of 0, 1, 2, ... and the mean
    and the variance, where it has them."""

    cdf: Callable[[np.ndarray], np.ndarray] | None = None
    mass: np.ndarray | None = None
    mean: float | None = None
    variance: float | None = None


def certified(log_density: Callable[..., Any], count: int, *parameters: np.ndarray) -> np.ndarray:
    """The probabilities of 0 ... count - 1, from the text read in balls."""
    args = [balls(p) if p.dtype.kind == "f" else p for p in parameters]
    return enclosure(EXACT.exp(read(log_density, EXACT)(np.arange(count), *args))).hi


def normal(mu: float, sigma: float) -> Law:
    return Law(lambda x: normal_cdf(x, np.array(mu), np.array(sigma)), None, mu, sigma**2)


def beta(a: int, b: int) -> Law:
    """X <= x if at least a of a + b - 1 uniform numbers are: Digital Library of Mathematical Functions, eq. 8.17.5."""
    n = a + b
    cdf = lambda x: 1 - binomial.binomial_cdf(np.array(a - 1), np.array(n - 1), x)  # noqa: E731
    return Law(cdf, None, a / n, a * b / (n * n * (n + 1)))


def gamma(shape: int, scale: float) -> Law:
    """The waiting time for the last of so many events: Digital Library of Mathematical Functions, eq. 8.4.9."""
    cdf = lambda x: 1 - poisson.poisson_cdf(np.array(shape - 1), x / scale)  # noqa: E731
    return Law(cdf, None, shape * scale, shape * scale**2)


def moments(mean: Any, variance: Any) -> tuple[float, float]:
    return float(mean), float(variance)


LAWS: dict[str, Law] = {
    "normal": normal(3.0, 2.0),
    "uniform": Law(lambda x: (x + 1) / 3, None, 0.5, 0.75),
    "exponential": Law(lambda x: -np.expm1(-x / 2), None, 2.0, 4.0),
    "laplace": Law(lambda x: np.where(x < 1, np.exp((x - 1) / 2) / 2, 1 - np.exp((1 - x) / 2) / 2), None, 1.0, 8.0),
    "logistic": Law(lambda x: 1 / (1 + np.exp((1 - x) / 2)), None, 1.0, 4 * math.pi**2 / 3),
    "cauchy": Law(lambda x: 0.5 + np.arctan((x - 1) / 2) / math.pi),
    "gamma": gamma(3, 2.0),
    "beta": beta(2, 3),
    "normal_mixture": Law(
        lambda x: mixture.normal_mixture_cdf(x, *MIXTURE), None, *moments(*mixture.normal_mixture_moments(*MIXTURE))
    ),
    "tabulated": Law(lambda x: np.interp(x, *TABLE), None),
    "bernoulli": Law(None, certified(bernoulli.bernoulli_log_density, 2, P), *moments(*bernoulli.bernoulli_moments(P))),
    "binomial": Law(
        None,
        certified(binomial.binomial_log_density, int(TRIALS) + 1, TRIALS, P),
        *moments(*binomial.binomial_moments(TRIALS, P)),
    ),
    "poisson": Law(None, certified(poisson.poisson_log_density, 40, RATE), *moments(*poisson.poisson_moments(RATE))),
    "categorical": Law(None, certified(categorical.categorical_log_density, len(LOGITS), LOGITS)),
}
VECTORS = ("multivariate_normal", "dirichlet")
"""Whose draws are split into variables of one dimension, in ``statistics``."""

# What is drawn: a sampler takes a seed and returns N draws.

Sampler = Callable[[int], Any]


def of_numpy() -> dict[str, Sampler]:
    def draw(method: str, *args: Any) -> Sampler:
        return lambda seed: getattr(np.random.default_rng(seed), method)(*args, size=N)

    p = np.exp(LOGITS) / np.sum(np.exp(LOGITS))
    return {
        "normal": draw("normal", 3.0, 2.0),
        "uniform": draw("uniform", -1.0, 2.0),
        "exponential": draw("exponential", 2.0),
        "laplace": draw("laplace", 1.0, 2.0),
        "logistic": draw("logistic", 1.0, 2.0),
        "cauchy": lambda seed: 1 + 2 * np.random.default_rng(seed).standard_cauchy(size=N),
        "gamma": draw("gamma", 3.0, 2.0),
        "beta": draw("beta", 2.0, 3.0),
        "bernoulli": draw("binomial", 1, P),
        "binomial": draw("binomial", TRIALS, P),
        "poisson": draw("poisson", RATE),
        "categorical": lambda seed: np.random.default_rng(seed).choice(len(p), p=p, size=N),
        "dirichlet": draw("dirichlet", ALPHA),
        "multivariate_normal": draw("multivariate_normal", MEAN, COVARIANCE),
    }


def of_texts() -> dict[str, Sampler]:
    """Our own maps from noise to samples, on the noise of numpy's generator."""

    def uniforms(f: Callable[[np.ndarray], Any], *shape: int) -> Sampler:
        return lambda seed: f(np.random.default_rng(seed).uniform(size=(N, *shape)))

    def mixed(seed: int) -> Any:
        rng = np.random.default_rng(seed)
        return mixture.normal_mixture_sample(rng.uniform(size=N), rng.normal(size=N), *MIXTURE)

    def box_muller(seed: int) -> Any:
        rng = np.random.default_rng(seed)
        pair = sampling.box_muller(1 - rng.uniform(size=N // 2), rng.uniform(size=N // 2))
        return sampling.reparameterize(np.stack(pair, axis=-1).reshape(-1), np.array(3.0), np.array(2.0))

    def multivariate(seed: int) -> Any:
        noise = np.random.default_rng(seed).normal(size=(N, len(MEAN)))
        return multivariate_normal_sample(noise, MEAN, COVARIANCE)

    return {
        "normal": box_muller,
        "normal_mixture": mixed,
        "tabulated": uniforms(lambda u: sampling.inverse_cdf(u, *TABLE)),
        "bernoulli": uniforms(lambda u: bernoulli.bernoulli_sample(u, P)),
        "binomial": uniforms(lambda u: binomial.binomial_sample(u, P), int(TRIALS)),
        "poisson": uniforms(lambda u: poisson.poisson_sample(u, RATE, terms=40)),
        "categorical": uniforms(lambda u: categorical.categorical_sample(u, LOGITS)),
        "categorical by gumbel_max": uniforms(lambda u: categorical.gumbel_max(u, LOGITS), len(LOGITS)),
        "dirichlet": lambda seed: dirichlet.dirichlet_sample(np.random.default_rng(seed).gamma(ALPHA, size=(N, 3))),
        "multivariate_normal": multivariate,
    }


def of_torch() -> dict[str, Sampler]:
    import torch
    import torch.distributions as d

    def draw(make: Callable[..., Any], *args: Any, **named: Any) -> Sampler:
        def sampler(seed: int) -> Any:
            tensors = [torch.tensor(np.asarray(a, dtype=np.float64)) for a in args]
            with torch.random.fork_rng():
                torch.manual_seed(seed)
                return make(*tensors, **{k: torch.tensor(v) for k, v in named.items()}).sample((N,)).numpy()

        return sampler

    def mixed(logits: Any, mu: Any, sigma: Any) -> Any:
        return d.MixtureSameFamily(d.Categorical(logits=logits), d.Normal(mu, sigma))

    return {
        "normal": draw(d.Normal, 3.0, 2.0),
        "uniform": draw(d.Uniform, -1.0, 2.0),
        "exponential": draw(d.Exponential, 0.5),
        "laplace": draw(d.Laplace, 1.0, 2.0),
        "cauchy": draw(d.Cauchy, 1.0, 2.0),
        "gamma": draw(d.Gamma, 3.0, 0.5),
        "beta": draw(d.Beta, 2.0, 3.0),
        "normal_mixture": draw(mixed, *MIXTURE),
        "bernoulli": draw(d.Bernoulli, P),
        "binomial": draw(d.Binomial, TRIALS, P),
        "poisson": draw(d.Poisson, RATE),
        "categorical": draw(d.Categorical, logits=LOGITS),
        "dirichlet": draw(d.Dirichlet, ALPHA),
        "multivariate_normal": draw(d.MultivariateNormal, MEAN, COVARIANCE),
    }


def of_jax() -> dict[str, Sampler]:
    import jax

    r = jax.random

    def draw(method: Callable[..., Any], *args: Any, shift: float = 0.0, scale: float = 1.0) -> Sampler:
        return lambda seed: shift + scale * np.asarray(method(r.key(seed), *args, shape=(N,)))

    return {
        "normal": draw(r.normal, shift=3.0, scale=2.0),
        "uniform": draw(r.uniform, shift=-1.0, scale=3.0),
        "exponential": draw(r.exponential, scale=2.0),
        "laplace": draw(r.laplace, shift=1.0, scale=2.0),
        "logistic": draw(r.logistic, shift=1.0, scale=2.0),
        "cauchy": draw(r.cauchy, shift=1.0, scale=2.0),
        "gamma": draw(r.gamma, 3.0, scale=2.0),
        "beta": draw(r.beta, 2.0, 3.0),
        "bernoulli": draw(r.bernoulli, P),
        "binomial": draw(r.binomial, TRIALS, P),
        "poisson": draw(r.poisson, RATE),
        "categorical": draw(r.categorical, LOGITS),
        "dirichlet": draw(r.dirichlet, ALPHA),
        "multivariate_normal": draw(r.multivariate_normal, MEAN, COVARIANCE),
    }


def of_scipy() -> dict[str, Sampler]:
    from scipy import stats

    def draw(law: Any, *args: Any) -> Sampler:
        return lambda seed: law.rvs(*args, size=N, random_state=np.random.default_rng(seed))

    p = np.exp(LOGITS) / np.sum(np.exp(LOGITS))
    return {
        "normal": draw(stats.norm, 3.0, 2.0),
        "uniform": draw(stats.uniform, -1.0, 3.0),
        "exponential": draw(stats.expon, 0.0, 2.0),
        "laplace": draw(stats.laplace, 1.0, 2.0),
        "logistic": draw(stats.logistic, 1.0, 2.0),
        "cauchy": draw(stats.cauchy, 1.0, 2.0),
        "gamma": draw(stats.gamma, 3.0, 0.0, 2.0),
        "beta": draw(stats.beta, 2.0, 3.0),
        "tabulated": draw(stats.rv_histogram((np.diff(TABLE[1]), TABLE[0]), density=False)),
        "bernoulli": draw(stats.bernoulli, P),
        "binomial": draw(stats.binom, TRIALS, P),
        "poisson": draw(stats.poisson, RATE),
        "categorical": lambda seed: np.argmax(draw(stats.multinomial, 1, p)(seed), axis=-1),
        "dirichlet": draw(stats.dirichlet, ALPHA),
        "multivariate_normal": draw(stats.multivariate_normal, MEAN, COVARIANCE),
    }


SAMPLERS = {"numpy": of_numpy, "texts": of_texts, "torch": of_torch, "jax": of_jax, "scipy": of_scipy}

# How probable it is.


def kolmogorov_smirnov(u: np.ndarray) -> float:
    """P(D >= d) for uniform u, D the largest distance of their empirical cdf from the diagonal.

    2 sum_k (-1)^(k - 1) exp(-2 k^2 (sqrt(n) + 0.12 + 0.11 / sqrt(n))^2 d^2). Source: Stephens (1970), Use of the
    Kolmogorov-Smirnov, Cramer-von Mises and related statistics without extensive tables, table 1.
    """
    n, u = len(u), np.sort(u)
    d = max(np.max(np.arange(1, n + 1) / n - u), np.max(u - np.arange(n) / n))
    t = (math.sqrt(n) + 0.12 + 0.11 / math.sqrt(n)) * d
    return min(1.0, 2 * sum((-1) ** (k - 1) * math.exp(-2 * (k * t) ** 2) for k in range(1, 101))) if t > 0.3 else 1.0


def chi_squared(x: np.ndarray, mass: np.ndarray) -> float:
    """P(X^2 >= that of these counts), outcomes of fewer than 10 expected draws taken together with all further ones.

    An even number of degrees of freedom, 2 m, has the tail of a Poisson variable: P(fewer than m events). Of an odd
    number the next even one is taken, whose tail is a little larger.
    """
    cells = int(np.sum(np.cumprod(len(x) * mass >= 10)))
    expected = len(x) * np.append(mass[:cells], max(1 - np.sum(mass[:cells]), 0.0))
    inside = (x >= 0) & (x < cells) & (x == np.floor(x))
    counts = np.append(np.bincount(x[inside].astype(int), minlength=cells), np.sum(~inside))
    if expected[-1] < 1e-6:  # nothing else can happen
        if counts[-1]:
            return 0.0
        expected, counts = expected[:-1], counts[:-1]
    statistic = np.sum((counts - expected) ** 2 / expected)
    with np.errstate(divide="ignore", invalid="ignore"):  # where the counts are those expected, to the last one
        return float(poisson.poisson_cdf(np.array(len(counts) // 2 - 1), np.array(statistic / 2)))


def of_z(z: float) -> float:
    """P(|Z| >= |z|) of a standard normal Z."""
    return math.erfc(abs(z) / math.sqrt(2))


def probabilities(x: np.ndarray, law: Law) -> dict[str, float]:
    """Of each statistic, the probability to be as far out as it is if the sampler is right."""
    x = np.asarray(x, dtype=np.float64)
    assert x.shape == (N,)
    if law.cdf is not None:
        u = law.cdf(x)
        p = {"fit": kolmogorov_smirnov(u)}
        steps = (u - 0.5) * math.sqrt(12)
    else:
        assert law.mass is not None
        outcomes = np.arange(len(law.mass))
        mean = np.sum(law.mass * outcomes)
        p = {"fit": chi_squared(x, law.mass)}
        steps = (x - mean) / math.sqrt(np.sum(law.mass * (outcomes - mean) ** 2))
    # neighbours are independent: the mean of their products has the mean 0 and the variance 1 / (n - 1)
    p["serial"] = of_z(float(np.mean(steps[1:] * steps[:-1])) * math.sqrt(N - 1))
    if law.mean is not None and law.variance is not None:
        squares = (x - law.mean) ** 2
        p["mean"] = of_z(float(np.mean(x) - law.mean) / math.sqrt(law.variance / N))
        p["variance"] = of_z(float(np.mean(squares) - law.variance) / math.sqrt(float(np.var(squares)) / N))
    return p


def split(name: str, x: np.ndarray) -> dict[str, tuple[np.ndarray, Law]]:
    """The variables of a draw, and the law of each."""
    if name == "dirichlet":
        assert x.shape == (N, len(ALPHA))
        parts = {f"x{j}": (x[:, j], beta(int(a), int(np.sum(ALPHA) - a))) for j, a in enumerate(ALPHA)}
        # the shares among the first two do not depend on what the third leaves to them
        return {**parts, "x0 of the first two": (x[:, 0] / (x[:, 0] + x[:, 1]), beta(int(ALPHA[0]), int(ALPHA[1])))}
    if name == "multivariate_normal":
        assert x.shape == (N, len(MEAN))
        z = triangular_solve(cholesky(COVARIANCE), (x - MEAN).T, lower=True, unit_diagonal=False).T
        sums = {f"z{i} + z{j}": (z[:, i] + z[:, j]) / math.sqrt(2) for i in range(3) for j in range(i)}
        return {**{f"z{j}": (z[:, j], STANDARD) for j in range(3)}, **{k: (v, STANDARD) for k, v in sums.items()}}
    return {name: (x, LAWS[name])}


STANDARD = normal(0.0, 1.0)


def judged(name: str, draws: Any) -> dict[str, float]:
    parts = split(name.partition(" by ")[0], np.asarray(draws))
    return {f"{part}, {k}": p for part, (x, law) in parts.items() for k, p in probabilities(x, law).items()}


NAMES = (*LAWS, "categorical by gumbel_max", *VECTORS)


@pytest.fixture(scope="module", params=list(SAMPLERS))
def samplers(request: pytest.FixtureRequest) -> dict[str, Sampler]:
    framework = request.param
    if framework not in ("numpy", "texts") and framework not in installed():
        pytest.skip(f"{framework} is not installed")
    return SAMPLERS[framework]()


def test_samplers_draw_from_what_they_claim(samplers):
    found = []
    for name, sampler in samplers.items():
        found += [f"{name}: {k}: p = {p:.1e}" for k, p in judged(name, sampler(SEED)).items() if not p > SIGNIFICANCE]
    assert not found, "\n".join(found)


def test_false_alarms_are_rare():
    """All statistics of all samplers together; and there are samplers to judge, of every law."""
    known = {f: SAMPLERS[f]() for f in SAMPLERS if f in ("numpy", "texts", *installed())}
    assert {name for samplers in known.values() for name in samplers} == set(NAMES)
    count = sum(len(judged(name, sampler(1))) for name, sampler in known["numpy"].items())
    assert len(SAMPLERS) * count * SIGNIFICANCE < 1e-3


def test_probabilities_are_uniform():
    """A right sampler's probability is below q in a share q of the runs: of 400 runs, within 5 standard deviations."""
    rngs = [np.random.default_rng(seed) for seed in range(400)]
    ks = np.array([kolmogorov_smirnov(rng.uniform(size=500)) for rng in rngs])
    mass = np.array([0.4, 0.3, 0.2, 0.1, 0.0])
    x2 = np.array([chi_squared(rng.choice(4, p=mass[:4], size=500).astype(float), mass) for rng in rngs])
    for q in (0.05, 0.2, 0.5):
        assert abs(np.mean(ks < q) - q) < 5 * math.sqrt(q * (1 - q) / 400)
        assert np.mean(x2 < q) - q < 5 * math.sqrt(q * (1 - q) / 400)
    assert np.mean(x2 < 0.5) > 0.25


# Lies: what a wrong sampler would draw must be found out, and by the statistic that is there for it.


def _rng():
    return np.random.default_rng(SEED)


def _lagged(x: np.ndarray) -> np.ndarray:
    """Draws of the right distribution, of which neighbours have the correlation 0.1."""
    y = np.empty_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = 0.1 * y[i - 1] + math.sqrt(0.99) * x[i]
    return y


LIES: dict[str, tuple[str, str, Callable[[], Any]]] = {
    "the variance passed as the scale": ("normal", "variance", lambda: _rng().normal(3.0, 4.0, N)),
    "a mean off by 0.05 sigma": ("normal", "mean", lambda: _rng().normal(3.1, 2.0, N)),
    "correlated draws": ("normal", "serial", lambda: 3 + 2 * _lagged(_rng().normal(size=N))),
    "every draw twice": ("uniform", "serial", lambda: np.repeat(_rng().uniform(-1, 2, N // 2), 2)),
    "tails cut off at two sigma": (
        "normal",
        "variance",
        lambda: 3 + 2 * np.clip(_rng().normal(size=N), -2, 2),
    ),
    "another shape with the same two moments": (
        "normal",
        "fit",
        lambda: 3 + 2 * _rng().uniform(-math.sqrt(3), math.sqrt(3), N),
    ),
    "the rate passed as the scale": ("exponential", "mean", lambda: _rng().exponential(0.5, N)),
    "a normal of the scale for a cauchy": ("cauchy", "fit", lambda: _rng().normal(1, 2, N)),
    "a rate off by 3 %": ("poisson", "mean", lambda: _rng().poisson(1.03 * RATE, N)),
    "a poisson for a binomial": ("binomial", "variance", lambda: _rng().poisson(TRIALS * P, N)),
    "one toss too few": ("binomial", "fit", lambda: _rng().binomial(TRIALS - 1, P, N)),
    "heads and tails exchanged": ("bernoulli", "mean", lambda: _rng().binomial(1, 1 - P, N)),
    "an outcome that there is not": ("categorical", "fit", lambda: np.append(of_numpy()["categorical"](SEED)[1:], 4)),
    "two outcomes exchanged": (
        "categorical",
        "fit",
        lambda: np.array([0, 3, 2, 1])[of_numpy()["categorical"](SEED)],
    ),
    "the logits without noise": ("categorical", "fit", lambda: np.full(N, np.argmax(LOGITS))),
    "uniform noise for gumbel noise": (
        "categorical by gumbel_max",
        "fit",
        lambda: np.argmax(LOGITS + _rng().uniform(size=(N, 4)), axis=-1),
    ),
    "the transposed factor": (
        "multivariate_normal",
        "z1",
        lambda: MEAN + _rng().normal(size=(N, 3)) @ np.linalg.cholesky(COVARIANCE),
    ),
    "no correlations": (
        "multivariate_normal",
        "z1 + z0",
        lambda: MEAN + _rng().normal(size=(N, 3)) * np.sqrt(np.diag(COVARIANCE)),
    ),
    "normalised uniforms for normalised gammas": (
        "dirichlet",
        "x0",
        lambda: (lambda g: g / np.sum(g, axis=-1, keepdims=True))(_rng().uniform(size=(N, 3)) * ALPHA),
    ),
    "one weight for all components": (
        "normal_mixture",
        "fit",
        lambda: mixture.normal_mixture_sample(
            _rng().uniform(size=N), np.random.default_rng(1).normal(size=N), np.zeros(2), *MIXTURE[1:]
        ),
    ),
    "the corners alone": ("tabulated", "fit", lambda: _rng().choice(TABLE[0][1:], p=np.diff(TABLE[1]), size=N)),
}


@pytest.mark.parametrize("lie", list(LIES))
def test_a_wrong_sampler_is_found_out(lie):
    name, statistic, draws = LIES[lie]
    caught = {k: p for k, p in judged(name, draws()).items() if not p > SIGNIFICANCE}
    assert any(statistic in k for k in caught), f"{lie} of {name} is not seen by {statistic}, only by {caught}"
