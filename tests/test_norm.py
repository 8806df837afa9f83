"""What the normalisations have to do with each other, certified; and what the libraries store of a batch."""

from __future__ import annotations

import numpy as np
import pytest
from flint import ctx

from crosscheck.backends import installed
from crosscheck.reference import catalogue
from crosscheck.reference.agreement.truth import EXACT
from crosscheck.reference.arithmetic.ball import balls
from crosscheck.reference.arithmetic.reading import read
from crosscheck.reference.norm.weight import spectral_norm_vjp

EPS = 0.125


@pytest.fixture
def rng():
    with ctx.workprec(128):
        yield np.random.default_rng(0)


def certified(name, *args, **params):
    """The text of an operation, read in balls."""
    return read(catalogue()[name].forward, EXACT)(*map(balls, args), **params)


def same(a, b):
    """Whether two arrays of balls may hold the same numbers, and are so narrow that this says something."""
    pairs = list(zip(a.view(np.ndarray).ravel(), b.view(np.ndarray).ravel(), strict=True))
    return a.shape == b.shape and all(x.overlaps(y) and float(x.rad()) + float(y.rad()) < 1e-20 for x, y in pairs)


def test_group_norm_lies_between_layer_norm_and_instance_norm(rng):
    x, gamma, beta = rng.normal(size=(2, 4, 3)), rng.normal(size=4), rng.normal(size=4)
    spread = [np.repeat(v[:, None], 3, axis=1) for v in (gamma, beta)]
    layer = certified("layer_norm", x, *spread, eps=EPS)
    instance = certified("instance_norm", x, gamma, beta, eps=EPS)
    groups = {g: certified("group_norm", x, gamma, beta, num_groups=g, eps=EPS) for g in (1, 2, 4)}
    assert same(groups[1], layer) and same(groups[4], instance)
    assert not same(groups[2], layer) and not same(groups[2], instance)


def test_batch_norm_of_one_example_is_instance_norm(rng):
    x, gamma, beta = rng.normal(size=(2, 4, 3)), rng.normal(size=4), rng.normal(size=4)
    instance = certified("instance_norm", x, gamma, beta, eps=EPS)
    for i in range(2):
        assert same(certified("batch_norm", x[i : i + 1], gamma, beta, eps=EPS), instance[i : i + 1])
    assert not same(certified("batch_norm", x, gamma, beta, eps=EPS), instance)


def test_rms_norm_is_layer_norm_of_what_is_centred(rng):
    x, gamma = rng.integers(-9, 9, size=(3, 4)) * 1.0, rng.normal(size=4)
    layer = certified("layer_norm", x, gamma, np.zeros(4), eps=EPS)
    assert same(certified("rms_norm", x - np.mean(x, axis=1, keepdims=True), gamma, eps=EPS), layer)
    assert not same(certified("rms_norm", x, gamma, eps=EPS), layer)


def test_evaluation_after_training_is_step_by_step_what_it_is_at_once(rng):
    batches, x = rng.normal(size=(3, 5, 2)), rng.normal(size=(4, 2))
    gamma, beta, mean, var = (rng.uniform(1, 2, size=2) for _ in range(4))
    y, *statistics = certified(
        "batch_norm_trained", batches, x, gamma, beta, mean, var, momentum=0.25, correction=1, eps=EPS
    )
    after = balls(mean), balls(var)
    for batch in batches:
        after = read(catalogue()["batch_norm_running"].forward, EXACT)(balls(batch), *after, momentum=0.25)
    inference = read(catalogue()["batch_norm_inference"].forward, EXACT)
    assert same(y, inference(balls(x), balls(gamma), balls(beta), *after, eps=EPS))
    assert all(same(a, b) for a, b in zip(statistics, after, strict=True))


def stored_by_torch(batch):
    import torch

    layer = torch.nn.BatchNorm1d(1)
    layer(torch.tensor(batch, dtype=torch.float32))
    return layer.running_mean, layer.running_var


def stored_by_flax(batch):
    linen = pytest.importorskip("flax.linen")
    import jax

    layer = linen.BatchNorm(use_running_average=False)
    variables = layer.init(jax.random.key(0), batch)
    stats = layer.apply(variables, batch, mutable=["batch_stats"])[1]["batch_stats"]
    return stats["mean"], stats["var"]


@pytest.mark.parametrize(
    ("framework", "stored", "momentum", "correction"),
    [("torch", stored_by_torch, 0.1, 1), ("jax", stored_by_flax, 0.01, 0)],
)
def test_libraries_store_different_statistics_of_one_batch(framework, stored, momentum, correction):
    """As their layers come: torch the unbiased variance and a tenth of it, flax the biased one and a hundredth."""
    if framework not in installed():
        pytest.skip(f"{framework} is not installed")
    batch, about = np.array([[0.0], [2.0]]), (np.zeros((1, 1)), *map(np.full, (1,) * 4, (1.0, 0.0, 0.0, 1.0)))
    got = [float(np.asarray(v)[0]) for v in stored(batch)]
    text = catalogue()["batch_norm_trained"].forward

    def ours(**convention):
        return [float(v[0]) for v in text(batch[None], *about, eps=1e-5, **convention)[1:]]

    assert got == pytest.approx(ours(momentum=momentum, correction=correction), rel=1e-6)
    assert got[1] == pytest.approx({"torch": 0.9 + 0.1 * 2, "jax": 0.99 + 0.01 * 1}[framework], rel=1e-6)
    for wrong in ({"momentum": 1 - momentum, "correction": correction}, {"momentum": momentum, "correction": 0.5}):
        assert got != pytest.approx(ours(**wrong), rel=1e-6)


def test_the_power_iteration_of_spectral_norm_finds_the_largest_singular_value():
    rng = np.random.default_rng(0)
    w = rng.normal(size=(3, 2, 4))
    first, second = np.linalg.svd(w.reshape(3, 8), compute_uv=False)[:2]
    y, u = catalogue()["spectral_norm_step"].forward(w, rng.normal(size=3), n_power_iterations=200, eps=0.0)
    assert y == pytest.approx(w / first) and y != pytest.approx(w / second)
    assert np.linalg.svd(y.reshape(3, 8), compute_uv=False)[0] == pytest.approx(1)
    # u and v move on the unit sphere, and sigma is stationary there: to hold them constant loses nothing
    v = u @ w.reshape(3, 8) / first
    _, ubar, vbar = spectral_norm_vjp(rng.normal(size=w.shape), y, w, u, v)
    assert ubar == pytest.approx((ubar @ u) * u) and vbar == pytest.approx((vbar @ v) * v)
