"""The first wrong intermediate of a network is found, on the way forward and on the way back."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from crosscheck.backends.questions import ask, ask_intermediates
from crosscheck.backends.witness import Witness
from crosscheck.reference import Case, Op


def squares_values(x, w):
    z = x @ w
    h = np.tanh(z)
    return {"z": z, "h": h, "y": np.sum(h**2, axis=1)}


def squares(x, w):
    """y = sum of tanh(x w)^2: a layer, an activation and a loss."""
    return squares_values(x, w)["y"]


def squares_cotangents(ybar, values, x, w):
    hbar = 2 * values["h"] * np.expand_dims(ybar, 1)
    zbar = hbar * (1 - values["h"] ** 2)
    return {"h": hbar, "z": zbar, "w": x.mT @ zbar, "x": zbar @ w.mT}


def squares_vjp(ybar, y, x, w):
    bars = squares_cotangents(ybar, squares_values(x, w), x, w)
    return bars["x"], bars["w"]


def squares_cases(rng):
    yield Case("rows", (rng.normal(size=(5, 3)), rng.normal(size=(3, 4))))


NETWORK = Op(squares, squares_cases, squares_vjp, values=squares_values, cotangents=squares_cotangents)


def witness(**wrong):
    """A NumPy witness of the network, some of whose functions are replaced."""
    own = {f.__name__: f for f in (squares, squares_vjp, squares_values, squares_cotangents)} | wrong
    return Witness(SimpleNamespace(find=own.get), "mine")


def test_right_intermediates_agree_each_by_its_name():
    verdicts = ask_intermediates(witness(), NETWORK, "rows", "float32")
    assert [v.outcome for v in verdicts] == ["agrees"] * 7
    assert [v.question.split()[1] for v in verdicts] == ["z", "h", "y", "h", "z", "w", "x"]


def altered(f, name, by):
    """A function whose named answer is replaced, and with it all that follows from it."""

    def wrong(*args):
        named = dict(f(*args))
        names = list(named)
        for later in names[names.index(name) :]:
            named[later] = by(named[later])
        return named

    return wrong


def test_the_first_wrong_one_is_named_on_the_way_forward():
    values = altered(squares_values, "h", lambda v: v * (1 + 1e-9))
    mine = witness(squares_values=values, squares=lambda x, w: values(x, w)["y"])
    *right, wrong = ask_intermediates(mine, NETWORK, "rows", "float64")
    assert [v.outcome for v in right] == ["agrees"]
    assert wrong.outcome == "disagrees" and "h on the way forward" in wrong.question
    (verdict,) = ask(mine, NETWORK, "rows", "float64", "value")
    assert "the first wrong intermediate is h on the way forward, after z" in verdict.message()


def test_the_first_wrong_one_is_named_on_the_way_back():
    cotangents = altered(squares_cotangents, "z", lambda v: -v)

    def vjp(ybar, y, x, w):
        bars = cotangents(ybar, squares_values(x, w), x, w)
        return bars["x"], bars["w"]

    mine = witness(squares_cotangents=cotangents, squares_vjp=vjp)
    for verdict in ask(mine, NETWORK, "rows", "float64", "vjp"):
        assert verdict.outcome == "disagrees" and "is z on the way back, after h" in verdict.message()
    verdicts = ask(mine, NETWORK, "rows", "float64", "value")
    assert [v.outcome for v in verdicts] == ["agrees"] and not verdicts[0].origin


def test_some_of_the_names_are_enough():
    mine = witness(squares_values=lambda x, w: {"h": np.tanh(x @ w)}, squares_cotangents=None)
    assert [v.outcome for v in ask_intermediates(mine, NETWORK, "rows", "float64")] == ["agrees"]


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (lambda x, w: {"hh": np.tanh(x @ w)}, "there is no intermediate 'hh' on the way forward; did you mean 'h'?"),
        (lambda x, w: {"bottom": x}, "there is no intermediate 'bottom' on the way forward; there are z, h, y"),
        (lambda x, w: np.tanh(x @ w), "must return a dict of arrays by their names, got ndarray"),
        (lambda x, w: {}, "no intermediate was returned on the way forward; there are z, h, y"),
        (lambda x, w: {"h": (x @ w).T}, "got shape (4, 5), want (5, 4)"),
    ],
)
def test_what_cannot_be_compared_is_said(returned, message):
    verdicts = ask_intermediates(witness(squares_values=returned), NETWORK, "rows", "float64")
    assert verdicts[-1].outcome in ("disagrees", "raised", "vacuous") and message in verdicts[-1].reason
