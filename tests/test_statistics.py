"""What statistics and divergences have to do with each other, certified, and with other programs' definitions."""

from __future__ import annotations

import itertools
import statistics
from math import lgamma

import numpy as np
import pytest
from flint import ctx

from crosscheck.reference import catalogue
from crosscheck.reference.agreement.truth import EXACT
from crosscheck.reference.arithmetic.ball import Balls, balls
from crosscheck.reference.arithmetic.reading import read

DRAWS = 5


def certified(name, *args, **params):
    """The text of an operation, read in balls."""
    return read(catalogue()[name].forward, EXACT)(*(a if isinstance(a, Balls) else balls(a) for a in args), **params)


def forward(name, *args, **params):
    return catalogue()[name].forward(*map(np.asarray, args), **params)


def elements(y):
    return y.view(np.ndarray).reshape(-1)


def same(a, b):
    """Whether two arrays of balls may hold the same numbers, and are so narrow that this says something."""
    pairs = list(zip(elements(a), elements(b), strict=True))
    return all(x.overlaps(y) and float(x.rad()) + float(y.rad()) < 1e-20 for x, y in pairs)


def distribution(rng, *shape):
    p = balls(rng.uniform(0.1, 1, size=shape))
    return p / np.sum(p, axis=-1, keepdims=True)


@pytest.fixture(autouse=True)
def precision():
    with ctx.workprec(128):
        yield


@pytest.fixture(params=range(DRAWS))
def rng(request):
    return np.random.default_rng(request.param)


# One value at a time, in parts, and all at once.


def test_the_stream_ends_where_the_batch_does(rng):
    """After each value, mean and M2 are those of two passes over what has been seen."""
    x = balls(1000 + rng.normal(size=(6, 2)))
    for n in range(1, 7):
        mean, m2 = certified("welford", x[:n])
        assert same(mean, np.mean(x[:n], axis=0))
        variance = certified("variance", x[:n], axis=0, correction=0, keepdims=False)
        assert same(m2, variance * n)


@pytest.mark.parametrize("n_a", [1, 3, 6])
def test_parts_that_are_merged_are_the_whole(rng, n_a):
    x = balls(rng.normal(size=(7, 2)) * 10.0 ** rng.integers(-3, 4, size=(7, 1)))
    a, b, whole = (certified("welford", part) for part in (x[:n_a], x[n_a:], x))
    merged = certified("merge_moments", *a, *b, n_a=n_a, n_b=7 - n_a)
    assert same(merged[0], whole[0]) and same(merged[1], whole[1])


def test_the_stream_keeps_the_digits_that_sums_of_squares_lose():
    x = 1e9 + np.array([4.0, 7.0, 13.0, 16.0])
    assert forward("welford", x)[1] == 90.0
    assert np.sum(x * x) - len(x) * np.mean(x) ** 2 != 90.0


# Weights.


def test_weights_that_count_are_the_repeated_sample(rng):
    x, counts = balls(rng.normal(size=4)), np.array([3, 1, 2, 4])
    repeated, w = np.repeat(x, counts), balls(counts / 1)
    seen = {"axis": 0, "weights": "frequency"}
    assert same(certified("weighted_mean", x, w, axis=0), np.mean(repeated))
    for k in (0, 1):
        want = certified("variance", repeated, axis=0, correction=k, keepdims=False)
        assert same(certified("weighted_variance", x, w, correction=k, **seen), want)
        assert not same(certified("weighted_variance", x, w, axis=0, weights="reliability", correction=1), want)


def test_of_reliabilities_only_the_ratios_matter(rng):
    x, w = balls(rng.normal(size=5)), balls(rng.uniform(0.5, 2, size=5))
    reliable = {"axis": 0, "weights": "reliability", "correction": 1}
    assert same(certified("weighted_variance", x, w, **reliable), certified("weighted_variance", x, 4 * w, **reliable))
    equal = certified("weighted_variance", x, balls(np.full(5, 0.75)), **reliable)
    assert same(equal, certified("variance", x, axis=0, correction=1, keepdims=False))


def test_three_means_stand_in_order(rng):
    x = balls(rng.uniform(0.1, 10, size=6))
    harmonic, geometric = (certified(f"{kind}_mean", x, axis=0) for kind in ("harmonic", "geometric"))
    assert harmonic < geometric < np.mean(x)


def test_a_correlation_is_a_covariance_of_z_scores(rng):
    x = rng.normal(size=(5, 3)) + rng.normal(size=(5, 1))
    z = certified("standardize", x, axis=0, correction=1)
    want = certified("covariance", z, rowvar=False, correction=1)
    assert same(certified("correlation", x, rowvar=False), want)
    assert same(certified("correlation", x.T, rowvar=True), want)


def test_a_histogram_from_the_least_to_the_largest_value_holds_all(rng):
    x = rng.integers(0, 9, size=40) / 4
    edges = np.linspace(x.min(), x.max(), 6)
    counts = forward("histogram", x, edges)
    assert counts.sum() == x.size
    assert np.array_equal(counts, np.histogram(x, edges)[0])


# Who means which quantile.

MQUANTILES = {
    "interpolated_inverted_cdf": (0, 1),
    "hazen": (1 / 2, 1 / 2),
    "weibull": (0, 0),
    "linear": (1, 1),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
}
NINE = ("inverted_cdf", "averaged_inverted_cdf", "closest_observation", *MQUANTILES)


@pytest.mark.parametrize("method", NINE)
def test_numpy_calls_it_by_the_same_name(method, rng):
    x, q = rng.normal(size=8), [0.0, 0.125, 0.1875, 0.4, 0.5, 0.8125, 1.0]
    assert forward("quantile", x, q=q, axis=0, method=method) == pytest.approx(np.quantile(x, q, method=method))


@pytest.mark.parametrize("method", MQUANTILES)
def test_mquantiles_takes_the_plotting_positions(method, rng):
    mstats = pytest.importorskip("scipy.stats.mstats")
    x, q = rng.normal(size=7), [0.1, 0.35, 0.5, 0.9]
    alpha, beta = MQUANTILES[method]
    want = mstats.mquantiles(x, q, alphap=alpha, betap=beta)
    assert forward("quantile", x, q=q, axis=0, method=method) == pytest.approx(np.asarray(want))
    none_of_them = np.asarray(mstats.mquantiles(x, q))
    assert not np.allclose(forward("quantile", x, q=q, axis=0, method=method), none_of_them)


@pytest.mark.parametrize(("name", "method"), [("exclusive", "weibull"), ("inclusive", "linear")])
def test_what_python_calls_exclusive_and_inclusive(name, method, rng):
    x = rng.normal(size=9)
    want = statistics.quantiles(x.tolist(), n=4, method=name)
    assert forward("quantile", x, q=[0.25, 0.5, 0.75], axis=0, method=method) == pytest.approx(want)


def schoolbook(x):
    """The median, and the medians of the halves; the middle value of an odd count belongs to neither."""
    x, half = sorted(x), len(x) // 2
    return [statistics.median(part) for part in (x[:half], x, x[-half:])]


def hinges(x):
    """The median, and the medians of the halves; the middle value of an odd count belongs to both."""
    x, half = sorted(x), (len(x) + 1) // 2
    return [statistics.median(part) for part in (x[:half], x, x[-half:])]


@pytest.mark.parametrize(
    ("x", "school", "tukey", "linear"),
    [
        ([1, 2, 3, 4], [1.5, 2.5, 3.5], [1.5, 2.5, 3.5], [1.75, 2.5, 3.25]),
        ([1, 2, 3, 4, 5], [1.5, 3, 4.5], [2, 3, 4], [2, 3, 4]),
        ([1, 2, 3, 4, 5, 6], [2, 3.5, 5], [2, 3.5, 5], [2.25, 3.5, 4.75]),
        ([1, 2, 3, 4, 5, 6, 7], [2, 4, 6], [2.5, 4, 5.5], [2.5, 4, 5.5]),
    ],
)
def test_quartiles_of_schoolbooks_are_others(x, school, tukey, linear):
    """As Khan Academy and the TI-83 draw a box plot, as Tukey does, and as nearly every library computes it."""
    assert (schoolbook(x), hinges(x)) == (school, tukey)
    assert forward("quartiles", np.array(x, dtype=float), axis=0).tolist() == linear
    assert len({tuple(school), tuple(tukey), tuple(linear)}) > 1


# Divergences.


def two_of(name, rng):
    """Parameters of two distributions of the kind that a divergence is between, and the keywords."""

    def cov():
        a = rng.normal(size=(3, 5))
        return a @ a.T

    def positive():
        return rng.uniform(0.5, 4, size=4)

    match name:
        case "kl_bernoulli":
            return [(distribution(rng, 4, 2)[:, 0],) for _ in range(2)], {}
        case "kl_normal" | "kl_diagonal_normal":
            return [(rng.normal(size=4), positive()) for _ in range(2)], {}
        case "kl_multivariate_normal":
            return [(rng.normal(size=3), cov()) for _ in range(2)], {}
        case "kl_gamma" | "kl_beta":
            return [(positive(), positive()) for _ in range(2)], {}
        case "kl_dirichlet":
            return [(positive(),) for _ in range(2)], {}
        case "wasserstein_1d":
            return [(rng.normal(size=5),) for _ in range(2)], {"axis": 0}
    return [(distribution(rng, 4),) for _ in range(2)], {"axis": 0}


DIVERGENCES = [
    *("kl_categorical", "kl_bernoulli", "js_divergence", "total_variation", "hellinger", "wasserstein_1d"),
    *("kl_normal", "kl_diagonal_normal", "kl_multivariate_normal", "kl_gamma", "kl_beta", "kl_dirichlet"),
]


@pytest.mark.parametrize("name", DIVERGENCES)
def test_it_is_positive_and_0_at_equality(name, rng):
    (here, there), params = two_of(name, rng)
    assert np.all(certified(name, *here, *there, **params) > 0)
    assert all(v.contains(0) and float(v.rad()) < 1e-15 for v in elements(certified(name, *here, *here, **params)))


@pytest.mark.parametrize("alpha", [0.5, 0.999, 1.0, 1.001, 4.0])
def test_renyi_is_positive_and_0_at_equality(alpha, rng):
    p, q = distribution(rng, 4), distribution(rng, 4)
    order = Balls.wrap(Balls.constant(alpha))
    assert certified("renyi_divergence", p, q, alpha=order, axis=0) > 0
    assert elements(certified("renyi_divergence", p, p, alpha=order, axis=0))[0].contains(0)


def test_renyi_grows_with_its_order_and_passes_through_kl(rng):
    p, q = distribution(rng, 5), distribution(rng, 5)
    orders = [0.25, 0.75, 1.0, 1.5, 3.0]
    values = [certified("renyi_divergence", p, q, alpha=Balls.wrap(Balls.constant(a)), axis=0) for a in orders]
    assert all(lower < upper for lower, upper in itertools.pairwise(values))
    assert same(values[2], certified("kl_categorical", p, q, axis=0))
    near = certified("renyi_divergence", p, q, alpha=Balls.wrap(Balls.constant(1 + 2.0**-40)), axis=0)
    assert np.abs(near - values[2]) < 2.0**-38


def test_renyi_of_order_a_half_is_hellinger(rng):
    p, q = distribution(rng, 5), distribution(rng, 5)
    h = certified("hellinger", p, q, axis=0)
    half = Balls.wrap(Balls.constant(0.5))
    assert same(certified("renyi_divergence", p, q, alpha=half, axis=0), -2 * EXACT.log(1 - h * h))


def test_bounds_between_divergences(rng):
    """Pinsker's, Le Cam's, and that of Jensen and Shannon by log 2."""
    p, q = distribution(rng, 5), distribution(rng, 5)
    kl, js, tv, h = (
        certified(name, p, q, axis=0) for name in ("kl_categorical", "js_divergence", "total_variation", "hellinger")
    )
    assert 2 * tv * tv < kl
    assert h * h < tv and tv * tv < 2 * h * h
    assert js < EXACT.log(balls(2.0))
    assert same(js, certified("js_divergence", q, p, axis=0)) and not same(
        kl, certified("kl_categorical", q, p, axis=0)
    )


def test_jensen_and_shannon_measure_what_mixing_adds_to_the_entropy(rng):
    p, q = distribution(rng, 5), distribution(rng, 5)
    of_p, of_q, mixed = (certified("entropy", d, axis=0) for d in (p, q, (p + q) / 2))
    assert same(certified("js_divergence", p, q, axis=0), mixed - (of_p + of_q) / 2)


def test_mutual_information_is_what_the_margins_have_in_common(rng):
    joint = distribution(rng, 12)
    table = np.reshape(joint, (3, 4))
    entropies = [certified("entropy", p, axis=0) for p in (np.sum(table, axis=0), np.sum(table, axis=1), joint)]
    mi = certified("mutual_information", table)
    assert same(mi, entropies[0] + entropies[1] - entropies[2])
    assert same(mi, certified("mutual_information", 7 * table.T))


def test_a_diagonal_covariance_is_independence(rng):
    mean0, mean1 = rng.normal(size=(2, 3))
    sigma0, sigma1 = balls(rng.uniform(0.5, 2, size=3)), balls(rng.uniform(0.5, 2, size=3))
    full = certified("kl_multivariate_normal", mean0, np.diag(sigma0**2), mean1, np.diag(sigma1**2))
    assert same(full, certified("kl_diagonal_normal", mean0, sigma0, mean1, sigma1))


def by_quadrature(log_p, log_q, end):
    """The integral of p log(p / q) from 0 to ``end``, by Gauss and Legendre."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    x = end * (nodes + 1) / 2
    return end / 2 * np.sum(weights * np.exp(log_p(x)) * (log_p(x) - log_q(x)))


def test_the_divergence_of_densities_is_their_integral(rng):
    def gamma(a, b):
        return lambda x: a * np.log(b) - lgamma(a) + (a - 1) * np.log(x) - b * x

    def beta(a, b):
        return lambda x: lgamma(a + b) - lgamma(a) - lgamma(b) + (a - 1) * np.log(x) + (b - 1) * np.log1p(-x)

    (a0, b0), (a1, b1) = rng.uniform(5, 7, size=2), rng.uniform(1, 4, size=2)
    for name, density, end in (("kl_gamma", gamma, 20.0), ("kl_beta", beta, 1.0)):
        want = by_quadrature(density(a0, b0), density(a1, b1), end)
        assert forward(name, a0, b0, a1, b1) == pytest.approx(want, rel=1e-9)
    two = forward("kl_dirichlet", [a0, b0], [a1, b1])
    assert two == pytest.approx(forward("kl_beta", a0, b0, a1, b1))


def test_the_earth_mover_moves_the_area_between_the_distribution_functions(rng):
    x, y = rng.normal(size=(2, 6))
    ends = np.sort(np.concat([x, y]))
    gap = np.mean(x[:, None] <= ends[:-1], axis=0) - np.mean(y[:, None] <= ends[:-1], axis=0)
    assert forward("wasserstein_1d", x, y, axis=0) == pytest.approx(np.sum(np.abs(gap) * np.diff(ends)))


def test_weights_of_a_heap_are_heaps_on_one_place(rng):
    """Equal weights change nothing, and a value of weight 2 is two values."""
    x, y = balls(rng.normal(size=(2, 5)))
    u, v = balls(np.full(5, 0.75)), balls(np.full(5, 3.0))
    assert same(certified("wasserstein_1d_weighted", x, y, u, v), certified("wasserstein_1d", x, y, axis=0))
    twice, w = np.concat([x, x[:1]]), balls(np.array([2.0, 1, 1, 1, 1]))
    want = certified("wasserstein_1d", twice, np.concat([y, y[:1]]), axis=0)
    assert same(certified("wasserstein_1d_weighted", x, y, w, w), want)


def test_the_regulariser_of_the_variational_autoencoder(rng):
    mean, sigma = rng.normal(size=4), rng.uniform(0.5, 2, size=4)
    want = np.sum(mean**2 + sigma**2 - np.log(sigma**2) - 1) / 2
    assert forward("kl_diagonal_normal", mean, sigma, np.zeros(4), np.ones(4)) == pytest.approx(want)
