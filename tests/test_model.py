"""Networks: their intermediates by name, and where training leads."""

from __future__ import annotations

import inspect
from itertools import pairwise

import numpy as np
import pytest
from flint import ctx

from crosscheck.backends import installed, load
from crosscheck.backends.witness import Witness
from crosscheck.reference import Op, catalogue
from crosscheck.reference.agreement.truth import EXACT, Point, as_given, enclosure, point
from crosscheck.reference.agreement.verdict import WRONG, Verdict, judge
from crosscheck.reference.arithmetic.ball import balls
from crosscheck.reference.arithmetic.reading import read

NETWORKS = {op.name: op for op in catalogue().values() if op.values}
each = pytest.mark.parametrize("op", [pytest.param(op, id=op.name) for op in NETWORKS.values()])


def first_regular(op: Op) -> Point:
    return point(op, next(label for label, case in op.draw().items() if case.kind == "regular"), "float64")


@each
def test_every_intermediate_and_every_argument_has_its_cotangent(op):
    p = first_regular(op)
    params = p.case.params
    values = op.values(*p.args, **params)
    y = op.forward(*p.args, **params)
    assert np.array_equal(list(values.values())[-1], y), "the last value is the result"
    ybar = as_given(p.ybar)
    cotangents = op.cotangents(ybar, values, *p.args, **params)
    assert next(iter(cotangents)) == list(values)[-1], "the way back begins with the result"
    assert np.array_equal(next(iter(cotangents.values())), ybar)
    for name, value in values.items():
        assert np.shape(cotangents[name]) == np.shape(value), name
    arguments = {name: bar for name, bar in cotangents.items() if name not in values}
    pulled = op.vjp(ybar, y, *p.args, **params)
    positions = range(len(p.args)) if op.wrt is None else op.wrt
    pulled = {i: bar for i, bar in zip(positions, pulled, strict=True) if i in p.wrt}
    named = [q.name for q in inspect.signature(op.forward).parameters.values() if q.kind is q.POSITIONAL_OR_KEYWORD]
    for i, bar in pulled.items():
        if i < len(named):
            assert np.array_equal(arguments.pop(named[i]), bar), named[i]
        else:
            assert any(np.array_equal(bar, other) for other in arguments.values()), f"argument {i}"
    assert len(arguments) == len([i for i in pulled if i >= len(named)])


def torch_gradients(p: Point) -> dict[str, np.ndarray]:
    """What torch's autograd says of <ybar, y> with respect to each intermediate of its own network, by name."""
    torch = pytest.importorskip("torch")
    witness = Witness(load("torch"), "torch")

    def values_with_gradients_of(positions):
        args = [witness.send(a, p) for a in p.args]
        for i in positions:
            args[i].requires_grad_()
        return witness.find(f"{p.op.name}_values")(*args, **p.case.params)

    try:
        values = values_with_gradients_of(p.wrt)
    except RuntimeError as error:  # of running statistics torch has no derivative
        if "not differentiable" not in str(error):
            raise
        values = values_with_gradients_of(p.wrt[:1])
    *_, y = values.values()
    gradients = torch.autograd.grad(y, list(values.values()), witness.send(as_given(p.ybar), p))
    return {name: g.numpy() for name, g in zip(values, gradients, strict=True)}


def judged(p: Point, got: dict[str, np.ndarray]) -> list[Verdict]:
    """Each against the cotangent of its name, within what rounding does to the text."""
    certified = zip(p.names("cotangents"), p.truth("cotangents"), p.rounding("cotangents"), strict=True)
    return [
        judge(f"intermediate:{name}-float64", got[name], truth, radius, p.form)
        for name, truth, radius in certified
        if name in got
    ]


@pytest.mark.skipif("torch" not in installed(), reason="torch is not installed")
@each
def test_torch_agrees_on_every_intermediate(op):
    if op.family != "model" and load("torch").find(f"{op.name}_values") is None:
        pytest.skip("torch shows no intermediates of it")
    p = first_regular(op)
    got = torch_gradients(p)
    assert list(got) == list(op.values(*p.args, **p.case.params))
    wrong = [v for v in judged(p, got) if v.outcome in WRONG]
    assert not wrong, "\n".join(v.message() for v in wrong)


@pytest.mark.skipif("torch" not in installed(), reason="torch is not installed")
def test_a_wrong_cotangent_of_an_intermediate_is_caught():
    p = first_regular(NETWORKS["mlp"])
    got = torch_gradients(p)
    got["h1"] = got["h1"] * (1 + 1e-12)
    assert [v.question for v in judged(p, got) if v.outcome in WRONG] == ["intermediate:h1-float64"]


# Where training leads.


def test_gradient_descent_goes_where_the_normal_equations_say():
    """In balls: the distance shrinks by the factor that the Hessian's eigenvalues give, down to 1e-30, and no further
    than the solution, where the gradient is 0."""
    rng = np.random.default_rng(0)
    x, target, alpha = rng.normal(size=(9, 3)) + 0.5, rng.normal(size=9), 0.75
    rows = np.concatenate([x, np.ones((9, 1))], axis=1)
    curvature = np.linalg.eigvalsh(2 * (rows.T @ rows + np.diag([alpha] * 3 + [0])) / 9)
    rate = 2 / (curvature[0] + curvature[-1])
    slowest = (curvature[-1] - curvature[0]) / (curvature[-1] + curvature[0])
    steps = 1 + int(np.ceil(np.log(1e-30) / np.log(slowest)))
    with ctx.workprec(256):
        numpy = Witness(load("numpy"), "numpy")
        names = ("linear_regression", "linear_regression_loss_vjp", "sgd_step")
        fit, vjp, step = (read(numpy.find(name), EXACT) for name in names)
        data, one, penalty = (balls(x), balls(target)), balls(np.ones(())), balls(np.array(alpha))

        def slopes(*weights):
            return vjp(one, None, *data, *weights, alpha=penalty)[2:]

        want = fit(*data, alpha=penalty)
        assert all(np.all(np.abs(enclosure(slope).hi) < 1e-60) for slope in slopes(*want))
        weights, distances = (balls(rng.normal(size=3)), balls(np.array(2.0))), []
        for _ in range(steps):
            away = (enclosure(w - v).hi for w, v in zip(weights, want, strict=True))
            distances.append(np.sqrt(sum(np.sum(d * d) for d in away)))
            moves = zip(weights, slopes(*weights), strict=True)
            weights = tuple(step(w, g, lr=balls(np.array(rate))) for w, g in moves)
    assert distances[-1] < 1e-29
    assert all(b <= slowest * a * (1 + 1e-9) for a, b in pairwise(distances))


@pytest.mark.parametrize(
    ("name", "data"), [("logistic_regression_loss", "load_breast_cancer"), ("softmax_regression_loss", "load_wine")]
)
def test_scikit_learn_ends_where_our_gradient_is_nothing(name, data):
    """Its lbfgs stops when no element of the gradient of the mean loss is larger than tol; the penalty is 1 / (C N)."""
    datasets, linear_model = (pytest.importorskip(f"sklearn.{m}") for m in ("datasets", "linear_model"))
    x, labels = getattr(datasets, data)(return_X_y=True)
    x = (x - np.mean(x, axis=0)) / np.std(x, axis=0)
    alpha, tol = 0.02, 1e-6
    fitted = linear_model.LogisticRegression(C=1 / (alpha * len(x)), tol=tol, max_iter=1000).fit(x, labels)
    w, b = fitted.coef_.T, fitted.intercept_
    if name == "logistic_regression_loss":
        labels, w, b = labels.astype(np.float64), w[:, 0], b[0]
    op = catalogue()[name]
    vjp = op.vjp
    assert vjp

    def slopes(alpha):
        _, _, wbar, bbar = vjp(np.ones(()), None, x, labels, w, b, alpha=alpha)
        return max(np.max(np.abs(wbar)), np.max(np.abs(bbar)))

    assert slopes(alpha) < tol < slopes(1.01 * alpha)
