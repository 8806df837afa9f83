"""What torch and jax really draw for weights: bounds, moments and distribution; and rotations without a preference."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from crosscheck.backends import installed
from crosscheck.reference import Case, catalogue
from crosscheck.reference.agreement.measure import FORMATS
from crosscheck.reference.agreement.truth import Point
from crosscheck.reference.agreement.verdict import judge
from crosscheck.reference.distribution.normal import normal_cdf

from .test_distribution import SEED, SIGNIFICANCE, Law, N, normal, of_z, probabilities

SHAPE = (100, 50, 2, 2)
FAN_IN, FAN_OUT = 200, 400
Draws = dict[str, Callable[[], Any]]


def between(b: float) -> Law:
    return Law(lambda x: np.clip((x + b) / (2 * b), 0, 1), None, 0.0, b * b / 3)


def cut_normal(std: float) -> Law:
    """Normal, cut off at two standard deviations and widened again, so that std is that of what is left."""
    phi, inside = math.exp(-2) / math.sqrt(2 * math.pi), math.erf(math.sqrt(2))
    sigma = std / math.sqrt(1 - 4 * phi / inside)
    beyond = (1 - inside) / 2
    cdf = lambda x: (normal_cdf(x, np.array(0.0), np.array(sigma)) - beyond) / inside  # noqa: E731
    return Law(lambda x: np.clip(cdf(x), 0, 1), None, 0.0, std * std)


UNIFORM = {
    "xavier_uniform": math.sqrt(6 / (FAN_IN + FAN_OUT)),
    "kaiming_uniform": math.sqrt(6 / FAN_IN),
    "lecun_uniform": math.sqrt(3 / FAN_IN),
}
NORMAL = {
    "xavier_normal": math.sqrt(2 / (FAN_IN + FAN_OUT)),
    "kaiming_normal": math.sqrt(2 / FAN_OUT),
    "lecun_normal": math.sqrt(1 / FAN_IN),
}
CUT = {"glorot_normal": NORMAL["xavier_normal"], "he_normal": math.sqrt(2 / FAN_IN), "lecun_normal": FAN_IN**-0.5}


def of_torch() -> Draws:
    import torch
    from torch.nn import init

    def draw(initialise: Callable[..., Any], **params: Any) -> Callable[[], Any]:
        generator = torch.Generator().manual_seed(SEED)
        return lambda: initialise(torch.empty(SHAPE, dtype=torch.float64), generator=generator, **params).numpy()

    linear = {"nonlinearity": "linear"}
    return {
        "xavier_uniform": draw(init.xavier_uniform_),
        "xavier_normal": draw(init.xavier_normal_),
        "kaiming_uniform": draw(init.kaiming_uniform_, nonlinearity="relu"),
        "kaiming_normal": draw(init.kaiming_normal_, nonlinearity="relu", mode="fan_out"),
        "lecun_uniform": draw(init.kaiming_uniform_, **linear),
        "lecun_normal": draw(init.kaiming_normal_, **linear),
    }


def of_jax() -> Draws:
    import jax
    from jax.nn import initializers as init

    out_first: dict[str, Any] = {"in_axis": 1, "out_axis": 0}

    def draw(make: Callable[..., Any], *params: Any) -> Callable[[], Any]:
        return lambda: np.asarray(make(*params, **out_first)(jax.random.key(SEED), SHAPE))

    return {
        "xavier_uniform": draw(init.xavier_uniform),
        "xavier_normal": draw(init.variance_scaling, 1.0, "fan_avg", "normal"),
        "kaiming_uniform": draw(init.he_uniform),
        "kaiming_normal": draw(init.variance_scaling, 2.0, "fan_out", "normal"),
        "lecun_uniform": draw(init.lecun_uniform),
        "lecun_normal": draw(init.variance_scaling, 1.0, "fan_in", "normal"),
        "glorot_normal, cut": draw(init.glorot_normal),
        "he_normal, cut": draw(init.he_normal),
        "lecun_normal, cut": draw(init.lecun_normal),
    }


def law(name: str) -> Law:
    what = name.removesuffix(", cut")
    if what != name:
        return cut_normal(CUT[what])
    return between(UNIFORM[name]) if name in UNIFORM else normal(0.0, NORMAL[name])


def least(draws: Any, claimed: Law) -> float:
    """The probability of the statistic that is furthest out."""
    assert np.size(draws) == N
    return min(probabilities(np.ravel(draws), claimed).values())


@pytest.fixture(scope="module", params=["torch", "jax"])
def draws(request: pytest.FixtureRequest) -> Draws:
    if request.param not in installed():
        pytest.skip(f"{request.param} is not installed")
    return {"torch": of_torch, "jax": of_jax}[request.param]()


def test_weights_are_drawn_from_what_is_claimed(draws):
    assert len(draws) >= len(UNIFORM) + len(NORMAL)
    for name, draw in draws.items():
        w = draw()
        assert least(w, law(name)) > SIGNIFICANCE, name
        if name in UNIFORM:
            assert np.max(np.abs(w)) <= UNIFORM[name] < 1.001 * np.max(np.abs(w)), f"{name} is not within its bound"


def test_jax_cuts_off_its_normal_weights_and_torch_does_not(draws):
    """Of 20 000 normal numbers, 450 are beyond 2.28 standard deviations: where jax's end, widened from 2."""
    for name, draw in draws.items():
        what = name.removesuffix(", cut")
        if what != name:
            assert np.max(np.abs(draw())) < 2.28 * CUT[what]
        elif name in NORMAL:
            assert np.max(np.abs(draw())) > 3 * NORMAL[name]


@pytest.mark.parametrize(
    ("name", "lie"),
    [
        ("xavier_normal", lambda rng: rng.normal(0, NORMAL["xavier_normal"] ** 2, N)),  # the variance as the std
        ("xavier_normal", lambda rng: rng.normal(0, FAN_IN**-0.5, N)),  # one fan instead of both
        ("kaiming_normal", lambda rng: rng.normal(0, math.sqrt(2 / FAN_IN), N)),  # the other mode
        ("kaiming_normal", lambda rng: rng.normal(0, math.sqrt(1 / FAN_OUT), N)),  # without the gain
        ("xavier_uniform", lambda rng: rng.uniform(-1, 1, N) * NORMAL["xavier_normal"]),  # the std as the bound
        ("kaiming_uniform", lambda rng: rng.uniform(0, UNIFORM["kaiming_uniform"], N)),  # one side of 0
        ("lecun_uniform", lambda rng: rng.uniform(-1, 1, N) * math.sqrt(3 / SHAPE[1])),  # without the kernel
        ("lecun_normal", lambda rng: np.clip(rng.normal(0, 1, N), -2, 2) * FAN_IN**-0.5),  # cut, and not widened
    ],
)
def test_wrong_scales_are_found_out(name, lie):
    rng = np.random.default_rng(SEED)
    right = np.clip(rng.uniform(size=N), 1e-9, 1) if name in UNIFORM else rng.normal(size=N)
    ours = (2 * right - 1) * UNIFORM[name] if name in UNIFORM else right * NORMAL[name]
    assert least(ours, law(name)) > SIGNIFICANCE
    assert least(lie(rng), law(name)) < SIGNIFICANCE


def rotations(framework: str, seeds: int) -> np.ndarray:
    """As many weights (3, 2), whose columns are orthonormal."""
    if framework == "jax":
        import jax

        initialise = jax.jit(jax.vmap(lambda key: jax.nn.initializers.orthogonal()(key, (3, 2))))
        return np.asarray(initialise(jax.random.split(jax.random.key(SEED), seeds)))
    import torch

    generator = torch.Generator().manual_seed(SEED)
    return np.stack([torch.nn.init.orthogonal_(torch.empty(3, 2), generator=generator).numpy() for _ in range(seeds)])


@pytest.mark.parametrize("framework", ["torch", "jax"])
def test_rotations_have_no_preferred_direction(framework):
    """Each element has the mean 0, and a column is uniform on the sphere: each coordinate uniform between -1 and 1."""
    if framework not in installed():
        pytest.skip(f"{framework} is not installed")
    w = rotations(framework, 1000)
    for i, j in np.ndindex(3, 2):
        assert of_z(float(np.mean(w[:, i, j])) * math.sqrt(3 * len(w))) > SIGNIFICANCE
        assert of_z(float(np.mean(w[:, i, j] ** 2) - 1 / 3) / math.sqrt(4 / 45 / len(w))) > SIGNIFICANCE
    as_lapack_leaves_it = np.linalg.qr(np.random.default_rng(SEED).normal(size=(1000, 3, 2)))[0]
    assert of_z(float(np.mean(as_lapack_leaves_it[:, 0, 0])) * math.sqrt(3 * 1000)) < SIGNIFICANCE


def test_jax_makes_of_its_noise_the_rotation_that_we_make():
    """jax.nn.initializers.orthogonal draws a tall matrix of normal numbers with its key: of that we know the answer."""
    if "jax" not in installed():
        pytest.skip("jax is not installed")
    import jax

    op, key, gain = catalogue()["orthogonal"], jax.random.key(SEED), 1.5
    for shape in ((5, 3), (3, 5)):
        with jax.enable_x64(True):
            tall = np.asarray(jax.random.normal(key, (5, 3), "float64"))
            got = np.asarray(jax.nn.initializers.orthogonal(gain, column_axis=0)(key, shape, "float64"))
        z = tall if shape == (5, 3) else tall.T
        p = Point(op, Case("noise-of-jax", (z,), {"gain": gain}), FORMATS["float64"], (0,))
        about = (p.truth("value")[0], p.rounding("value")[0], p.form)
        assert judge("orthogonal", got, *about).outcome == "agrees"
        assert judge("orthogonal", -got, *about).outcome == "disagrees"
