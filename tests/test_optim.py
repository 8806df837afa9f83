"""What is special about optimisers: what leaves their steps alone, what they become, and what people get wrong."""

from __future__ import annotations

import inspect
import sys
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from crosscheck.backends import questions
from crosscheck.backends.witness import Witness
from crosscheck.reference import catalogue
from crosscheck.reference.optim.lbfgs import bowl, lbfgs_direction
from crosscheck.reference.optim.matrices import newton_schulz
from crosscheck.reference.optim.momentum import nesterov_step

OPS = catalogue()
ADAM: dict[str, Any] = {"lr": 0.25, "beta1": 0.9, "beta2": 0.999, "eps": 0.0}
COUPLED: dict[str, Any] = {"weight_decay": 0.0, "decoupled": False}


def path(name: str, *args: Any, **params: Any) -> Any:
    return OPS[name].forward(*args, **params)


def start(*shape: int, steps: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Parameters, and gradients of many sizes, none of them 0."""
    rng = np.random.default_rng(7)
    sizes = np.reshape(2.0 ** rng.integers(-6, 6, size=steps), (steps,) + (1,) * len(shape))
    return rng.normal(size=shape), sizes * rng.normal(size=(steps, *shape))


def test_first_step_of_adam_is_lr_whatever_the_gradient():
    p, grads = start(3, 4)
    for scale in (1e-6, 1.0, 1e6):
        moved = path("adam", p, scale * grads[:1], **ADAM, weight_decay=0.0)[0] - p
        assert np.allclose(np.abs(moved), 0.25, rtol=1e-12) and np.array_equal(np.sign(moved), -np.sign(grads[0]))


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("adam", {**ADAM, "weight_decay": 0.0}),
        ("amsgrad", {**ADAM, "weight_decay": 0.0, "correct_first": False}),
        ("adamax", {**ADAM, **COUPLED}),
        ("nadam", {**ADAM, **COUPLED, "momentum_decay": 0.004}),
        ("lamb", {**ADAM, "weight_decay": 0.25}),
        ("novograd", {**ADAM, "weight_decay": 0.25}),
        ("adabelief", {**ADAM, "eps_root": 0.0}),
        ("adagrad", {"lr": 0.3, "lr_decay": 0.1, "eps": 0.0, "weight_decay": 0.0, "eps_inside": False, "initial": 0.0}),
        ("lars", {"lr": 0.3, "momentum": 0.9, "weight_decay": 0.0, "trust": 0.5, "eps": 0.0}),
        ("lion", {"lr": 0.3, "beta1": 0.9, "beta2": 0.99, "weight_decay": 0.25}),
        ("sign_sgd", {"lr": 0.3}),
    ],
)
def test_the_size_of_the_gradients_does_not_matter_where_eps_is_0(name, params):
    """To the bit, for a power of 2. Where eps is not 0, it does."""
    p, grads = start(2, 3)
    want = path(name, p, grads, **params)
    assert np.array_equal(path(name, p, 1024 * grads, **params), want)
    if "eps" in params:
        assert not np.allclose(path(name, p, grads / 1024, **{**params, "eps": 0.1}), want)


def test_adamw_is_adam_that_shrinks_beside():
    p, grads = start(4)
    params = {**ADAM, "eps": 0.1}
    plain = np.diff(np.stack([p, *path("adam", p, grads, **params, weight_decay=0.0)]), axis=0)
    decayed = np.stack([p, *path("adamw", p, grads, **params, weight_decay=0.5)])
    assert np.allclose(decayed[1:], (1 - 0.25 * 0.5) * decayed[:-1] + plain, rtol=1e-12)
    assert not np.allclose(decayed[1:], path("adam", p, grads, **params, weight_decay=0.5))


def test_velocity_and_displacement_differ_where_the_rate_changes():
    p, grads = start(4)
    params = {"momentum": 0.9, "dampening": 0.0, "weight_decay": 0.0, "dampen_first": True}

    def paths(lr):
        return (path("momentum", p, grads, lr=lr, lr_inside=inside, **params) for inside in (False, True))

    assert np.allclose(*paths((0.1,) * 8), rtol=1e-12)
    velocity, displacement = paths((0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01, 0.01))
    assert np.allclose(velocity[:3], displacement[:3], rtol=1e-12) and not np.allclose(velocity[3], displacement[3])


def test_nesterov_asks_for_the_gradient_ahead():
    """With x where the velocity alone would bring it: v' = mu v + g(x - lr mu v), x' = x - lr v'."""
    rng, lr, mu = np.random.default_rng(3), 0.1, 0.8
    a, b, x = bowl(rng, 4)
    p, v, w = x, np.zeros(4), np.zeros(4)
    for _ in range(6):
        p, v = nesterov_step(p, a @ p - b, v, lr=lr, momentum=mu, weight_decay=0.0, lr_inside=False)
        w = mu * w + a @ (x - lr * mu * w) - b
        x = x - lr * w
        assert np.allclose(p + lr * mu * v, x, rtol=1e-12)


def test_rectification_counts_the_gradients_as_the_paper_does():
    """rho_t in exact fractions, for the beta2 where the paper's difference loses digits; the sixth step is divided."""
    beta2 = Fraction(0.999)
    rho = 2 / (1 - beta2) - 1
    for t in (1, 2, 5, 6, 50):
        weights = [beta2**n for n in range(t)]
        mean_age = sum((n + 1) * w for n, w in enumerate(weights)) / sum(weights)
        assert 2 * mean_age - 1 == rho - 2 * t * beta2**t / (1 - beta2**t)
        assert (2 * mean_age - 1 > 5) == (t > 5)


def test_lbfgs_knows_its_pairs():
    """The dense inverse Hessian of BFGS, from the same pairs, gives the direction; and H y = s of the newest."""
    rng = np.random.default_rng(5)
    a, _, g = bowl(rng, 5)
    pairs = [(s, a @ s) for s in rng.normal(size=(3, 5))]
    h = 0.7 * np.eye(5)
    for s, y in pairs:
        left = np.eye(5) - np.outer(s, y) / (s @ y)
        h = left @ h @ left.T + np.outer(s, s) / (s @ y)
    assert np.allclose(lbfgs_direction(g, pairs, 0.7), h @ g, rtol=1e-12)
    s, y = pairs[-1]
    assert np.allclose(lbfgs_direction(y, pairs, 0.7), s, rtol=1e-12)


def test_newton_schulz_keeps_the_singular_vectors():
    x = np.random.default_rng(2).normal(size=(4, 6))
    u, s, vt = np.linalg.svd(newton_schulz(x, 5, 1e-8))
    assert np.all((s > 0.6) & (s < 1.3))
    turned = u.T @ x @ vt.T
    assert np.allclose(turned[:, :4], np.diag(np.diag(turned)), atol=1e-9) and np.allclose(turned[:, 4:], 0, atol=1e-9)


def test_what_one_optimiser_becomes_in_the_limit_of_another():
    p, grads = start(5)
    still = {"lr_decay": 0.0, "weight_decay": 0.0, "initial": 0.0}
    want = path("adagrad", p, grads, lr=0.3, eps=0.1, eps_inside=True, **still)
    assert np.allclose(path("sm3", p, grads, lr=0.3, momentum=0.0, eps=0.1), want, rtol=1e-12)
    want = path("adam", p, grads, lr=0.3, beta1=0.0, beta2=0.0, eps=0.0, weight_decay=0.0)
    assert np.allclose(path("sign_sgd", p, grads, lr=0.3), want, rtol=1e-12)
    rows = np.tile(np.arange(5)[::-1], (8, 1))
    params = {**ADAM, "beta2": 0.9}
    table = path("sparse_adam", p[:, None], rows, grads[:, ::-1, None], **params)
    assert np.allclose(table[..., 0], path("adam", p, grads, **params, weight_decay=0.0), rtol=1e-12)
    steps = {"lr": 0.1, "lambd": 0.0, "alpha": 0.75, "t0": 2, "weight_decay": 0.0}
    iterates, averages = path("asgd", p, grads, **steps)
    assert np.allclose(averages[-1], np.mean(iterates[3:], axis=0), rtol=1e-12)


def test_schedules_arrive_where_they_should():
    lr, t = np.asarray(0.5), np.arange(24)
    cycle = path("one_cycle_schedule", lr, t, peak=7, steps=23, div_factor=5.0, final_div_factor=4.0, anneal="cos")
    assert np.argmax(cycle) == 7 and np.allclose(cycle[[0, 7, 23]], [0.1, 0.5, 0.025], rtol=1e-12)
    warm = path("warmup_cosine_schedule", lr, t, warmup=4, steps=20, start=0.1, end=0.125)
    assert np.allclose(warm[[0, 2, 4, 12]], [0.05, 0.275, 0.5, 0.3125]) and np.allclose(warm[20:], 0.125)
    restarts = path("restart_schedule", lr, t, first=4, factor=2, end=0.125)
    assert np.flatnonzero(restarts == restarts[0]).tolist() == [0, 4, 12]
    wave = path("cosine_schedule", lr, t, steps=8, end=0.0, hold=False)
    assert np.allclose(wave, 0.25 * (1 + np.cos(np.pi * t / 8)))


@pytest.mark.parametrize(
    "name", [name for name, op in OPS.items() if op.family == "optim" and "grads" in str(inspect.signature(op.forward))]
)
def test_gradients_that_would_have_to_be_broadcast_are_refused(name):
    case = next(c for c in OPS[name].draw().values() if c.kind == "regular" and np.ndim(c.args[0]))
    p, grads, *rest = case.args
    for wrong in (grads[..., :1], grads[0], np.zeros(())):
        with pytest.raises((ValueError, IndexError), match=f"{name}: got"):
            path(name, p, wrong, *rest, **case.params)


# What people get wrong, and has no name: (operation, its text, the text with the mistake). What has one is a slip.

MISTAKES = [
    ("adamax", "np.abs(g) + eps", "np.abs(g)"),
    ("nadam", "momentum_at(t + 1, beta1, momentum_decay)", "momentum_at(t, beta1, momentum_decay)"),
    ("radam", "if rho_t <= 5", "if rho_t <= 4"),
    ("radam", "return kept - r * step", "return kept - step"),
    ("momentum", "lr * push if lr_inside else push", "lr * push"),
    (
        "momentum",
        "return p - (v if lr_inside else lr * v), v",
        "return p - (v if lr_inside else lr * (push + momentum * v)), v",
    ),
    ("rmsprop", "v - m**2 if centered", "v - m if centered"),
    ("adafactor", "t**beta2_decay", "(t + 1) ** beta2_decay"),
    ("sm3", "np.minimum(bound, cover)", "bound + cover"),
    ("muon", "4.775", "4.75"),
    ("muon", "max(outputs, inputs)", "inputs"),
    ("sparse_adam", "m = np.where(touched, beta1 * m + (1 - beta1) * g, m)", "m = beta1 * m + (1 - beta1) * g"),
    ("optimistic_gradient_descent", "max(t - 1, 0)", "0"),
    ("optimistic_adam", "beta1 / after * m", "beta1 / now * m"),
    ("optimistic_adam", "(u if t == 1 else before)", "before"),
    ("adan", "(g + (1 - beta2) * d) ** 2", "(g + d) ** 2"),
    ("asgd", "max(1, t - 1 - t0)", "max(1, t - t0)"),
    ("restart_schedule", "(t - begin) % length", "(t - begin) % (length + 1)"),
    ("cyclic_schedule", "made <= up", "made < up - 1"),
]


def planted(name: str, text: str, mistake: str) -> Any:
    """The operation of its module with the mistake, everywhere where the text stands."""
    module = sys.modules[OPS[name].forward.__module__]
    source = inspect.getsource(module)
    assert text in source, f"{module.__name__} has no {text!r}"
    wrong = ModuleType(module.__name__)
    wrong.__package__ = module.__package__
    exec(compile(source.replace(text, mistake), f"{name} with a mistake", "exec"), vars(wrong))
    return vars(wrong)[name]


def outcomes(name: str, forward: Any) -> set[str]:
    witness = Witness(type("Learner", (), {"find": staticmethod({name: forward}.get)})(), "learner")
    labels = [label for label, case in OPS[name].draw().items() if case.kind == "regular"]
    return {v.outcome for label in labels for v in questions.ask(witness, OPS[name], label, "float64", "value")}


@pytest.mark.parametrize(("name", "text", "mistake"), MISTAKES, ids=[f"{m[0]}-{i}" for i, m in enumerate(MISTAKES)])
def test_what_people_get_wrong_is_caught(name, text, mistake):
    assert "disagrees" in outcomes(name, planted(name, text, mistake))


@pytest.mark.parametrize("name", sorted({m[0] for m in MISTAKES}))
def test_what_is_right_is_not(name):
    assert outcomes(name, planted(name, "import numpy as np", "import numpy as np")) == {"agrees"}
