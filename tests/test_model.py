"""Networks: their intermediates by name, and where training leads."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from flint import ctx

from crosscheck.backends import installed, load
from crosscheck.backends.witness import Witness
from crosscheck.reference import Op, catalogue
from crosscheck.reference.agreement.truth import EXACT, FIRST_BITS, ROUNDING, Point, enclosure, point
from crosscheck.reference.agreement.verdict import WRONG, Verdict, judge
from crosscheck.reference.arithmetic.ball import Balls
from crosscheck.reference.arithmetic.reading import read
from crosscheck.reference.arithmetic.rounding import RoundingBalls, format_of

NETWORKS = {op.name: op for op in catalogue().values() if op.values}
each = pytest.mark.parametrize("op", [pytest.param(op, id=op.name) for op in NETWORKS.values()])


def first_regular(op: Op) -> Point:
    return point(op, next(label for label, case in op.draw().items() if case.kind == "regular"), "float64")


def cotangents_in_balls(p: Point, cls: type[Balls]) -> dict[str, Any]:
    """Of every value and argument, by the text of ``values`` and ``cotangents`` read on balls."""
    assert p.op.values and p.op.cotangents
    text = EXACT if cls is Balls else ROUNDING
    args = [p.lift(a, cls) for a in p.args]
    params = {k: cls.wrap(cls.constant(v)) if isinstance(v, float) else v for k, v in p.case.params.items()}
    values = read(p.op.values, text)(*args, **params)
    return dict(read(p.op.cotangents, text)(p.lift(p.ybar[0], cls), values, *args, **params))


@each
def test_every_intermediate_and_every_argument_has_its_cotangent(op):
    p = first_regular(op)
    params = p.case.params
    values = op.values(*p.args, **params)
    y = op.forward(*p.args, **params)
    assert np.array_equal(list(values.values())[-1], y), "the last value is the result"
    (ybar,) = p.ybar
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
    gradients = torch.autograd.grad(y, list(values.values()), witness.send(p.ybar[0], p))
    return {name: g.numpy() for name, g in zip(values, gradients, strict=True)}


def judged(p: Point, got: dict[str, np.ndarray]) -> list[Verdict]:
    """Each against the cotangent of its name, within what rounding does to the text."""
    with ctx.workprec(FIRST_BITS):
        truths = cotangents_in_balls(p, Balls)
    with format_of(p.form.bits):
        radii = cotangents_in_balls(p, RoundingBalls)
    return [
        judge(f"intermediate:{name}-float64", g, enclosure(truths[name]), enclosure(radii[name]).radius, p.form)
        for name, g in got.items()
    ]


@pytest.mark.skipif("torch" not in installed(), reason="torch is not installed")
@each
def test_torch_agrees_on_every_intermediate(op):
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
