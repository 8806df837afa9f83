"""Does the comparison of trainings catch what is wrong, and nothing else? Small networks, a few steps."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from crosscheck.backends import installed, load, numpy_
from crosscheck.backends.exam import ACCURACY, LOSS, R_SQUARED, Exam
from crosscheck.backends.spread import FACTOR, RUNS, AnyOrder, distances, perturbed, spread, turned_off
from crosscheck.backends.training import Task, Text, grade, steps_of
from crosscheck.backends.trial import certify, examine, judge_drift
from crosscheck.backends.witness import Witness
from crosscheck.reference.agreement.measure import FORMATS
from crosscheck.reference.agreement.verdict import WRONG
from crosscheck.reference.convolution.filters import conv2d
from crosscheck.reference.model.cnn import THREE_BY_THREE
from crosscheck.reference.norm import batch as norm

F64, F32 = FORMATS["float64"], FORMATS["float32"]
DTYPES = ("float64", "float32")


def perceptron(**changes) -> Task:
    """The 3-4-4-1 network on random data, six steps, the first three of them certified."""
    rng = np.random.default_rng(1)
    widths = [(3, 4), (4, 4), (4, 1)]
    task = Task(
        name="small",
        about="random data",
        loss="mlp_binary_loss",
        params={"activation": "sigmoid"},
        optimiser="sgd_step",
        settings={"lr": 0.5},
        names=("w1", "b1", "w2", "b2", "w3", "b3"),
        weights=tuple(a for w in widths for a in (rng.normal(size=w), rng.normal(size=w[1]))),
        data=(rng.normal(size=(24, 3)), rng.integers(0, 2, size=(24, 1)).astype(np.float64)),
        batches=tuple(rng.permutation(24)[:7] for _ in range(6)),
        compared=6,
        exam=Exam(
            ACCURACY,
            "mlp",
            (rng.normal(size=(9, 3)),),
            (rng.integers(0, 2, size=(9, 1)).astype(np.float64),),
            {"activation": "sigmoid"},
        ),
        certified=3,
    )
    return replace(task, **changes)


def adaptive() -> Task:
    settings = {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
    return perceptron(optimiser="adam_step", settings=settings, certified=2)


def convolutional(**changes) -> Task:
    rng = np.random.default_rng(2)
    theta = [
        a
        for c, o in ((1, 2), (2, 3))
        for a in (rng.normal(size=(o, c, 3, 3)), rng.uniform(0.5, 1.5, o), rng.normal(size=o))
    ]
    task = perceptron(
        loss="cnn_loss",
        params={"eps": 1e-5},
        names=("w1", "gamma1", "beta1", "w2", "gamma2", "beta2", "w3", "b3"),
        weights=(*theta, rng.normal(size=(3, 4)), rng.normal(size=4)),
        data=(rng.normal(size=(24, 1, 4, 5)), rng.permutation(np.arange(24) % 4)),
        exam=Exam(
            ACCURACY,
            "cnn_inference",
            (rng.normal(size=(9, 1, 4, 5)),),
            (np.arange(9) % 4,),
            {"eps": 1e-5},
            statistics="cnn_statistics",
        ),
        certified=0,
        kinks=True,
    )
    return replace(task, **changes)


TASKS = {"perceptron": perceptron, "adaptive": adaptive, "convolutional": convolutional}


class Wrong:
    """The text, but for what replaces an operation, given the right one."""

    def __init__(self, *, dtypes=DTYPES, disagreements=None, **replaced):
        self.dtypes, self.disagreements, self.replaced = dtypes, disagreements or {}, replaced

    def find(self, name):
        right = Text(np).find(name)
        return self.replaced[name](right) if name in self.replaced else right


def outcomes(task, dtype, backend):
    (trial,) = examine(task, dtype, [Witness(backend, "witness")]).trials
    return Counter(v.outcome for v in trial.verdicts), [v for v in trial.verdicts if v.outcome in WRONG]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("task", TASKS)
def test_a_program_that_only_adds_in_another_order_agrees(task, dtype):
    counts, wrong = outcomes(TASKS[task](), dtype, Text(AnyOrder(99)))
    assert not wrong, wrong[0].message()
    compared = len(TASKS[task]().quantities) * 6
    assert counts["agrees"] + counts["kink"] == compared


@pytest.mark.parametrize("spec", [s for s in ("torch", "jax") if s in installed()])
def test_a_framework_agrees_and_learns_the_same(spec):
    report = examine(perceptron(), "float64", [Witness(load("numpy"), "numpy"), Witness(load(spec), spec)])
    numpy, framework = report.trials
    wrong = [v for v in framework.verdicts if v.outcome in WRONG]
    assert not wrong, wrong[0].message()
    assert {v.question for v in numpy.verdicts} < {v.question for v in framework.verdicts}
    assert framework.score == numpy.score
    assert 0 < framework.growth[-1] < 1e-12 and not np.any(numpy.growth)


def scaled(position, factor):
    """A VJP one of whose cotangents is wrong by a factor."""

    def wrong(right):
        def vjp(*args, **params):
            cotangents = list(right(*args, **params))
            cotangents[position] = cotangents[position] * factor
            return tuple(cotangents)

        return vjp

    return wrong


def with_momentum(right):
    velocities = []

    def step(p, g, *, lr):
        last = velocities[-6] if len(velocities) >= 6 else 0 * g
        velocities.append(0.9 * last + g)
        return right(p, velocities[-1], lr=lr)

    return step


def without_bias_correction(right):
    return lambda p, g, m, v, *, t, **settings: right(p, g, m, v, t=10**6, **settings)


def epsilon_inside_the_root(right):
    def step(p, g, m, v, *, t, lr, beta1, beta2, eps):
        _, m, v = right(p, g, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
        return p - lr * m / (1 - beta1**t) / np.sqrt(v / (1 - beta2**t) + eps), m, v

    return step


def in_float32(right):
    """Computed in float32, whatever it is given."""

    def narrow(x):
        return x.astype(np.float32) if getattr(x, "dtype", None) == np.float64 else x

    def f(*args, **params):
        y = right(*map(narrow, args), **params)
        return tuple(np.float64(v) if v is not None else v for v in y) if isinstance(y, tuple) else np.float64(y)

    return f


def nan(right):
    return lambda *args, **params: right(*args, **params) * np.nan


def one_too_many(right):
    return lambda *args, **params: np.reshape(right(*args, **params), 1)


def with_unbiased_variance(right):
    """batch_norm with the variance that divides by n - 1, in forward and VJP."""
    space = AnyOrder(1000)  # a reading that nobody else uses, so that nobody else's text changes
    text = Text(space).find(right.__name__)
    assert text is not None

    def share(x):
        n = x.size // x.shape[1]
        return (n - 1) / n

    def forward(x, gamma, beta, *, eps):
        return norm.batch_norm(x, gamma * np.sqrt(share(x)).astype(x.dtype), beta, eps=eps * share(x))

    def vjp(ybar, y, x, gamma, beta, *, eps):
        root = np.sqrt(share(x)).astype(x.dtype)
        xbar, gammabar, betabar = norm.batch_norm_vjp(ybar, y, x, gamma * root, beta, eps=eps * share(x))
        return xbar, gammabar * root, betabar

    text.__globals__.update(batch_norm=forward, batch_norm_vjp=vjp)
    return text


LIES = {
    "gradient of w2 off by 1e-6": ("perceptron", {"mlp_binary_loss_vjp": scaled(4, 1 + 1e-6)}, "gradient of w2"),
    "gradient of w2 off by 1e-11": ("perceptron", {"mlp_binary_loss_vjp": scaled(4, 1 + 1e-11)}, "gradient of w2"),
    "gradient of b3 with the other sign": ("adaptive", {"mlp_binary_loss_vjp": scaled(7, -1)}, "gradient of b3"),
    "the loss in float32": ("perceptron", {"mlp_binary_loss": in_float32}, "loss"),
    "the gradient in float32": ("adaptive", {"mlp_binary_loss_vjp": in_float32}, "gradient of w1"),
    "the loss is nan": ("adaptive", {"mlp_binary_loss": nan}, "loss"),
    "the loss has an axis": ("adaptive", {"mlp_binary_loss": one_too_many}, "loss"),
    "momentum": ("perceptron", {"sgd_step": with_momentum}, "step 2, w1"),
    "Adam without bias correction": ("adaptive", {"adam_step": without_bias_correction}, "step 1, w1"),
    "epsilon inside the root": ("adaptive", {"adam_step": epsilon_inside_the_root}, "step 1, w1"),
    "gradient of w1 off by 1e-6, CNN": ("convolutional", {"cnn_loss_vjp": scaled(2, 1 + 1e-6)}, "gradient of w1"),
    "unbiased variance": (
        "convolutional",
        {"cnn_loss": with_unbiased_variance, "cnn_loss_vjp": with_unbiased_variance},
        "step 1, loss",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_caught_where_it_is_told(lie):
    task, replaced, where = LIES[lie]
    _, wrong = outcomes(TASKS[task](), "float64", Wrong(**replaced))
    assert wrong and where in wrong[0].question, [v.question for v in wrong]


@pytest.mark.parametrize("lie", ["unbiased variance", "gradient of b3 with the other sign", "momentum"])
def test_a_gross_lie_is_caught_in_float32(lie):
    task, replaced, where = LIES[lie]
    _, wrong = outcomes(TASKS[task](), "float32", Wrong(**replaced))
    assert wrong and where in wrong[0].question


def test_a_kink_excuses_no_lie():
    """In float32 a run on another side of a kink is 1e-2 away: a gradient that is 1e-3 wrong is nearer than that."""
    _, wrong = outcomes(convolutional(), "float32", Wrong(cnn_loss_vjp=scaled(2, 1 + 1e-3)))
    assert wrong and "gradient of w1" in wrong[0].question


def at_a_kink() -> Task:
    """The network with one pixel, a maximum of its window, within rounding of relu's kink in the first step."""
    task = convolutional()
    w1, gamma1, beta1, *rest = task.start(F32)
    x = task.data[0][task.batches[0]].astype(np.float32)
    normal = norm.batch_norm(conv2d(x, w1, None, **THREE_BY_THREE), gamma1, 0 * beta1, eps=1e-5)
    windows = normal[:, 0].reshape(7, 2, 2, 5, 1)[:, :, :, :4].reshape(7, 2, 2, 2, 2).max(axis=(2, 4))
    beta1[0] = -np.sort(windows.reshape(-1))[len(windows.reshape(-1)) // 2]
    return replace(task, weights=(w1, gamma1, beta1, *rest))


def test_the_other_side_of_a_kink_is_found_and_followed():
    task = at_a_kink()
    start = task.start(F32)
    base = steps_of(Witness(numpy_.backend(), "numpy"), task, F32)
    right = spread(task, F32, base, start)
    for seed in range(20):
        steps = steps_of(Witness(numpy_.backend(), "numpy"), task, F32, perturbed(start, F32, seed, 4))
        if np.max(right.ratios(0, steps[0])) > 100 * FACTOR:
            break
    else:
        pytest.fail("no perturbation reached the other side of the kink")
    verdicts = judge_drift("training:small-float32", task, F32, steps, right, lambda text: None)
    assert not [v for v in verdicts if v.outcome in WRONG]
    assert {v.question.split(", ")[1] for v in verdicts if v.outcome == "kink"} >= {"step 1"}
    # the same jump at a place without a kink is a mistake
    wrong = judge_drift("training:small-float32", replace(task, kinks=False), F32, steps, right, lambda text: None)
    assert any(v.outcome == "disagrees" for v in wrong)


def test_runs_that_turn_off_no_longer_count():
    drift = np.full((RUNS, 4), 1e-7) * np.linspace(1, 3, RUNS)[:, None]
    drift[2, 1:] = 1e-2
    drift[5, 2] = 1e-3
    off = turned_off(drift)
    assert off.sum(axis=0).tolist() == [0, 1, 2, 2] and off[2, 1] and off[5, 2:].all()
    drift[1:, 3] = 1e-2  # all but one are on the other side: then right programs are that far apart
    assert not turned_off(drift)[[0, 1, 3, 4, 6, 7], 3].any()


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), (1, 2), ()])
def test_sums_in_any_order(axis, keepdims):
    x = np.random.default_rng(0).normal(size=(3, 50, 4)).astype(np.float32)
    for name in ("sum", "mean"):
        got, want = (getattr(space, name)(x, axis=axis, keepdims=keepdims) for space in (AnyOrder(1), np))
        assert got.shape == want.shape and got.dtype == want.dtype
        assert np.allclose(got, want, rtol=1e-4, atol=1e-4)
    if axis is None and not keepdims:
        assert len({float(AnyOrder(seed).sum(x)) for seed in range(RUNS)}) > 1


def test_the_certified_steps_enclose_what_numpy_computes():
    for dtype in DTYPES:
        task = perceptron()
        (trial,) = examine(task, dtype, [Witness(load("numpy"), "numpy")]).trials
        assert Counter(v.outcome for v in trial.verdicts) == {"agrees": 3 * len(task.quantities)}
    truths, radii = certify(task, F64)[0]
    loss, *_ = steps_of(Witness(load("numpy"), "numpy"), task, F64, last=1)[0]
    assert truths[0].error_of(loss) < 1e-14 and truths[0].radius < 1e-30 and radii[0] < 1e-13


def test_perturbations_are_of_one_ulp():
    start = perceptron().start(F32)
    moved = perturbed(start, F32, 0)
    units = [
        np.abs(m.astype(float) - s) / np.spacing(np.abs(s)).astype(float) for m, s in zip(moved, start, strict=True)
    ]
    assert all(np.all(u == 1) for u in units)
    assert distances([moved], [start]).shape == (1, 6)


def test_who_lacks_an_operation_is_not_trained():
    counts, _ = outcomes(perceptron(), "float64", Wrong(sgd_step=lambda right: None))
    assert counts == {"not offered": 1}
    assert outcomes(perceptron(), "float32", Wrong(dtypes=("float64",)))[0] == {"not offered": 1}

    def broken(*args, **params):
        raise RuntimeError("no memory")

    counts, wrong = outcomes(perceptron(), "float64", Wrong(mlp_binary_loss=lambda right: broken))
    assert counts == {"raised": 1} and "no memory" in wrong[0].message()


def test_a_declared_disagreement_is_shown_as_such():
    known = {"training:small-*": ("w2 is known to be off", "https://example.org/1")}
    lie = Wrong(disagreements=known, mlp_binary_loss_vjp=scaled(4, 1 + 1e-6))
    counts, wrong = outcomes(perceptron(), "float64", lie)
    assert counts["declared"] and not wrong


def with_bound(exam: Exam, bound: float) -> Task:
    return perceptron(exam=replace(exam, bound=bound))


def test_a_network_that_does_not_learn_is_not_enough():
    numpy = Witness(load("numpy"), "numpy")
    (trial,) = examine(with_bound(perceptron().exam, 0.999), "float64", [numpy]).trials
    assert trial.verdicts[-1].outcome == "disagrees" and "want more than 99.9%" in trial.verdicts[-1].reason
    weights = steps_of(numpy, perceptron(), F64)[-1][7:]
    assert trial.score == grade(numpy, perceptron(), F64, weights) < 0.999


def test_a_loss_that_stays_large_is_not_enough():
    numpy = Witness(load("numpy"), "numpy")
    exam = Exam(LOSS, "mlp_binary_loss", perceptron().data, params={"activation": "sigmoid"})
    for bound, outcome in ((0.01, "disagrees"), (2.0, "agrees")):
        (trial,) = examine(with_bound(exam, bound), "float64", [numpy]).trials
        assert trial.verdicts[-1].outcome == outcome
    assert f"want less than {2.0:.4g}" in trial.verdicts[-1].reason
    assert not replace(exam, bound=2.0).passed(np.nan)


def test_the_measures_are_those_of_the_field():
    rng = np.random.default_rng(3)
    y, target = rng.normal(size=(2, 20))
    metrics = pytest.importorskip("sklearn.metrics")
    assert float(R_SQUARED.of(y, target)) == pytest.approx(metrics.r2_score(target, y), rel=1e-12)
    logits, labels = rng.normal(size=(5, 4, 3)), rng.integers(0, 3, size=(5, 4))
    assert ACCURACY.of(logits, labels) == metrics.accuracy_score(labels.ravel(), logits.argmax(-1).ravel())
    assert ACCURACY.of(y[:, np.newaxis], np.ones((20, 1))) == np.mean(y > 0)


def test_data_of_any_number_and_what_is_drawn_anew_reach_the_loss():
    """The labels come as an array for each step: the same as if they were rows of the data."""
    task = perceptron()
    x, labels = task.data
    drawn = np.stack([labels[rows] for rows in task.batches])
    apart = replace(task, data=(x,), drawn=(drawn,))
    numpy = Witness(load("numpy"), "numpy")
    for step, other in zip(steps_of(numpy, task, F64), steps_of(numpy, apart, F64), strict=True):
        assert all(map(np.array_equal, step, other))
    counts, wrong = outcomes(apart, "float64", Text(AnyOrder(99)))
    assert not wrong and counts["agrees"] == len(task.quantities) * 6
