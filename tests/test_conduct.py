"""What is said of a function that behaves badly: each fault is planted, found, and called by its name."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from crosscheck.backends import pages
from crosscheck.backends.questions import interrogate
from crosscheck.backends.witness import Witness
from crosscheck.reference import catalogue
from crosscheck.reference.agreement.conduct import CONDUCT, at_a_limit, no_subgradient, second_call_differs
from crosscheck.reference.agreement.diagnosis import code
from crosscheck.reference.agreement.verdict import WRONG


def told(op, forward=None, vjp=None):
    """The codes that are given to the wrong answers, by the kind of question, and their words."""
    own = {op: forward or catalogue()[op].forward, f"{op}_vjp": vjp or catalogue()[op].vjp}
    witness = Witness(SimpleNamespace(find=own.get, dtypes=("float64",)), "mine")
    found = {}
    for v in interrogate(witness, catalogue()[op], 1):
        if v.outcome in WRONG and (hint := v.hint()) is not None:
            found.setdefault(v.question.partition(":")[0], {})[hint.code] = hint.words
    return found


def test_an_input_that_was_written_into():
    def sigmoid_vjp(ybar, y, x):
        ybar *= y * (1 - y)
        return (ybar,)

    assert "the upstream cotangent ybar" in told("sigmoid", vjp=sigmoid_vjp)["pure"]["input-modified"]


def test_a_gradient_that_is_never_zeroed():
    kept = {}

    def tanh_vjp(ybar, y, x):
        key = (x.tobytes(), ybar.tobytes())
        kept[key] = kept.get(key, 0) + ybar * (1 - y * y)
        return (kept[key],)

    assert "it is accumulated" in told("tanh", vjp=tanh_vjp)["pure"]["second-call-differs"]
    assert "twice the first" in second_call_differs(np.ones(3), np.full(3, 2.0))


def test_something_else_that_is_kept():
    count = iter(range(1, 10**6))
    assert "kept between the calls" in told("tanh", lambda x: np.tanh(x) + next(count))["pure"]["second-call-differs"]


def test_large_inputs():
    def naive(x, *, axis, keepdims):
        return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))

    def cancelling(x, *, axis, correction, keepdims):
        n = np.size(x) if axis is None else np.prod([x.shape[i] for i in np.atleast_1d(axis)])
        mean, of_squares = (np.mean(v, axis=axis, keepdims=keepdims) for v in (x, x * x))
        return (of_squares - mean**2) * n / (n - correction)

    assert "right when x is divided by" in told("logsumexp", naive)["value"]["unstable-at-large-inputs"]
    assert "right when x is moved to the mean 0" in told("variance", cancelling)["value"]["unstable-at-large-inputs"]


@pytest.mark.parametrize(
    ("op", "wrong", "name"),
    [
        ("softplus", lambda x, *, beta, threshold: np.log(1 + np.exp(beta * x)) / beta, "overflow-at-a-limit"),
        ("relu", lambda x: np.where(x > 0, x, 0.0), "nan-lost"),
        ("tanh", lambda x: np.tanh(x) + 0.0, "sign-of-zero"),
    ],
)
def test_a_limit(op, wrong, name):
    assert name in told(op, wrong)["special"]


def test_a_backward_that_looks_at_the_sign_of_the_cotangent():
    found = told("relu", vjp=lambda ybar, y, x: (np.where(x > 0, ybar, np.where(x == 0, np.abs(ybar), 0)),))
    assert found == {"kink": {"not-linear-in-ybar": "the cotangents are not linear in the upstream cotangent ybar"}}


def test_limits_one_by_one():
    def at(got, want):
        found = at_a_limit(np.array(got), np.array(want))
        return found and found.code

    assert at([np.nan, 1.0], [0.0, 1.0]) == "nan-at-a-limit"
    assert at([0.0, 1.0], [np.nan, 1.0]) == "nan-lost"
    assert at([np.inf, 1.0], [7.0, 1.0]) == "overflow-at-a-limit"
    assert at([0.0, 1.0], [-0.0, 1.0]) == "sign-of-zero"
    assert at([2.0, 1.0], [3.0, 1.0]) is None


def test_entropy_of_a_certain_event():
    found = told("entropy", lambda p, **params: -np.sum(p * np.log(p), axis=params.get("axis", -1)))
    assert "nan-at-a-limit" in {c for f in found.values() for c in f}


def test_ties_that_get_the_whole_cotangent():
    two = np.eye(3)[:2]
    assert "each of 2 ties" in no_subgradient(np.array([1.0, 1.0, 0.0]), two)
    assert "none of the slopes" in no_subgradient(np.zeros(3), two)
    assert "add up to 0.5 times" in no_subgradient(np.array([0.25, 0.25, 0.0]), two)
    assert "not between" in no_subgradient(np.array([0.0, 2.0, -1.0]), two)

    def max_vjp(ybar, y, x, *, axis=None, keepdims=False):
        def spread(a):
            return a if keepdims or axis is None else np.expand_dims(a, axis)

        return (np.where(x == spread(y), spread(ybar), 0.0),)

    assert "each of 3 ties" in told("max", vjp=max_vjp)["kink"]["no-subgradient"]


def test_what_must_be_refused():
    assert "not-refused" in told("matmul", lambda a, b: np.zeros((2, 2)))["refused"]


@pytest.mark.parametrize("relation", CONDUCT, ids=code)
def test_each_has_a_page(relation):
    page = pages.page(code(relation))
    assert "To see it" in page and page.startswith(code(relation)) and code(relation) in pages.codes()


def test_a_shape_and_a_dtype_have_pages():
    assert "(n, 1)" in pages.page("shape") and "zeros_like" in pages.page("dtype")


@pytest.mark.parametrize("name", ["gelu.other-form", "softmax.diagonal-only", "batch_norm.unbiased-variance"])
def test_the_script_on_the_page_of_a_slip_shows_it(name):
    lines = [line.strip() for line in pages.page(name).splitlines() if line.startswith("    ")]
    shown = []
    exec("\n".join(lines), {"print": shown.append})
    right, wrong = (a[0] if isinstance(a, tuple) else a for a in shown)
    assert np.shape(right) == np.shape(wrong) and not np.allclose(right, wrong)
