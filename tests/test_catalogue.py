"""Is each check worth its name? The rules that every operation of the catalogue and each of its cases obey."""

from __future__ import annotations

import inspect
import itertools
import math
import re
from collections.abc import Collection
from copy import copy
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from flint import arb, ctx

from crosscheck.backends import hvp_signature
from crosscheck.reference import Case, Op, catalogue
from crosscheck.reference.agreement.allowance import allowance
from crosscheck.reference.agreement.measure import FORMATS, ulp
from crosscheck.reference.agreement.truth import TINY, TINY_BITS, Point, Reading, as_tuple, enclosure, point
from crosscheck.reference.arithmetic.ball import Balls
from crosscheck.reference.op import is_float_array

each = pytest.mark.parametrize("op", [pytest.param(op, id=op.name) for op in catalogue().values()])
LISTED = Path(__file__).resolve().parent.parent / "reference" / "CATALOGUE.md"
POOR = 1000
"""A text that may err by so many times what its inputs' last bits explain is not well written."""

# What breaks a rule on purpose: {operation, or operation-label: reason}.

AS_WIDE = "torch's fused kernel and jax.nn's function want values as wide as keys; another case has values that are not"
EQUAL_SIZES = {
    "linear-one-example": "square weights multiply either way round, and their bias can be added to the inputs",
    "svd-square": "m = n is a case of its own, beside a tall and a wide one",
    "mlp-3-4-4-1": "the network that the project trains has two hidden layers of one width",
    "mlp_binary_loss-3-4-4-1": "likewise",
    "mlp_training-3-4-4-1": "likewise",
    **dict.fromkeys(
        ("multi_head_attention-boolean-mask", "multi_head_attention-causal", "cross_attention"),
        "torch's function projects queries to their own width, and it and flax all three to one width; the case "
        "additive-mask has widths of its own everywhere",
    ),
    "scaled_dot_product_attention-additive-mask": AS_WIDE,
    "scaled_dot_product_attention-boolean-mask-grouped": AS_WIDE,
    "scaled_dot_product_attention-causal": AS_WIDE,
    "scaled_dot_product_attention-sees-nothing": AS_WIDE,
    **dict.fromkeys(
        ("cnn", "cnn_loss", "cnn_statistics", "cnn_inference"),
        "their kernels are 3 x 3 by definition; the convolution and the norms are asked apart with other sizes",
    ),
    **dict.fromkeys(
        ("residual_classifier", "residual_classifier_loss"),
        "three batch norms leave no digits of float32 where the images are larger; their block has different sizes",
    ),
}
NEUTRAL = {
    "adam_step-first": "before the first step both averages are 0 by definition",
    "gaussian_naive_bayes_predict-width-decides": "all classes have one mean, and that it is 0 matters to nobody",
}
LOOSE: dict[str, tuple[float, str]] = {
    "svd": (2e3, "the bound follows some thirty rotations, each of which may err in its own direction"),
    "low_rank_approximation": (5e3, "the bound of the svd, and of the product of what it gives"),
    "power_iteration": (
        1e4,
        "the bound of one step is the input error of the next",
    ),
    "pinv": (1e4, "the bound of the svd, of its reciprocals and, in the VJP, of four factors of that"),
    "newton_rosenbrock": (4e3, "a step forgets where it began, and the bound cannot: it carries the last step's along"),
    "muon": (2e4, "the bound of one Newton-Schulz step is the input error of the next"),
    "lbfgs": (4e4, "the bound of one step is the input error of the next, by way of quotients of inner products"),
    "cnn": (2e4, "the bound of one batch norm is the input error of the next, and so on through nine layers"),
    "cnn_loss": (2e5, "the bound of the cnn, through the cross entropy"),
    "cnn_statistics": (2e3, "the bound of one batch norm is the input error of the statistics of the next"),
    "transformer_block": (4e3, "the bound of one norm is the input error of the attention, and that of the next norm"),
    "transformer_classifier": (1e4, "the bound of a block is the input error of what stands above it"),
    "transformer_classifier_loss": (1e5, "likewise, through the cross entropy"),
    "character_model": (3e5, "likewise, and there are two blocks"),
    "character_model_loss": (1e6, "likewise, through the cross entropy"),
    "residual_block": (1e4, "the bound of one batch norm is the input error of the next"),
    "residual_classifier": (1e5, "three batch norms in turn, each with the bound of the one before as its input error"),
    "residual_classifier_loss": (1e5, "the bound of the residual classifier, through the cross entropy"),
}
"""{operation: (another limit than POOR, reason)}"""
ONE_VALUE = (
    {
        f"{op}.eps": "it is the cnn of its own operation, whose cases have several"
        for op in ("cnn_loss", "cnn_statistics", "cnn_inference")
    }
    | {
        f"{op}.{param}": "its blocks are those of transformer_block, whose cases have several"
        for op in ("transformer_classifier", "transformer_classifier_loss", "character_model", "character_model_loss")
        for param in ("num_heads", "eps")
    }
    | {
        f"{op}.eps": "it is that of the residual block, whose cases have several"
        for op in ("residual_classifier", "residual_classifier_loss")
    }
)


def regular(op: Op, draw: int = 0) -> dict[str, Case]:
    return {label: case for label, case in op.draw(draw).items() if case.kind == "regular"}


def arrays(case: Case) -> dict[int, np.ndarray]:
    return {i: np.asarray(a) for i, a in enumerate(case.args) if a is not None}


def answer(op: Op, case: Case) -> tuple[np.ndarray, ...]:
    with np.errstate(all="ignore"):
        return tuple(np.asarray(y) for y in as_tuple(op.forward(*case.args, **case.params)))


# What is written about an operation.


@each
def test_docstrings_say_what_it_is(op):
    text = inspect.getdoc(op.forward) or ""
    first = text.partition("\n")[0]
    assert re.search(r"=|<-", first), f"line 1 of {op.name} is no formula: {first!r}"
    assert not first.endswith(":") and len(first) > 6
    assert re.search(r"^Shapes: .*\w", text, re.MULTILINE), f"{op.name} does not say its shapes"
    source = re.search(r"^Source: (.+)", text, re.MULTILINE)
    assert source, f"{op.name} names no source"
    assert re.search(r"\(\d{4}\)|IEEE|array API|Digital Library", source[1]), f"{source[1]!r} is no citation"
    assert op.formula == first
    if op.vjp:
        assert len(inspect.getdoc(op.vjp) or "") > 15, f"{op.name}_vjp does not say what it computes"
    if op.hvp:
        assert len(inspect.getdoc(op.hvp) or "") > 30, f"{op.name}_hvp does not say how it is found"


@each
def test_names_and_signatures_follow_the_one_convention(op):
    """Arrays by position, parameters by keyword; the VJP takes (ybar, y, ...) in front of the same."""
    assert op.forward.__name__.isidentifier() and not op.forward.__name__.startswith("_")
    forward = list(inspect.signature(op.forward).parameters.values())
    keywords = [p.name for p in forward if p.kind is p.KEYWORD_ONLY]
    for case in op.draw().values():
        assert list(case.params) == [k for k in keywords if k in case.params] or set(case.params) == set(keywords)
        assert set(case.params) <= set(keywords), f"{op.name}-{case.label} passes {set(case.params) - set(keywords)}"
    if op.vjp:
        assert op.vjp.__name__ == f"{op.name}_vjp"
        backward = list(inspect.signature(op.vjp).parameters.values())
        assert [p.name for p in backward][2:] == [p.name for p in forward], f"{op.name}_vjp takes other arguments"
        assert [p.kind for p in backward[2:]] == [p.kind for p in forward]
        assert backward[0].name.endswith("bar")
    if op.hvp:
        assert op.vjp, f"{op.name} has an HVP, and no VJP that it would be the derivative of"
        assert op.hvp.__name__ == f"{op.name}_hvp"
        assert inspect.signature(op.hvp) == hvp_signature(inspect.signature(op.vjp))
    assert op.cases.__name__ == f"{op.name}_cases"


@each
def test_a_fast_formulation_stands_in_for_the_text(op):
    """Its name and signature are those of the text, so that it can be asked the same."""
    for text, fast in ((op.forward, op.fast), (op.vjp, op.vjp_fast)):
        if fast is not None:
            assert text is not None, f"{op.name} has a fast VJP, and no text of it"
            assert fast.__name__ == f"{text.__name__}_fast"
            assert inspect.signature(fast) == inspect.signature(text), f"{fast.__name__} takes other arguments"


@each
def test_it_has_a_vjp_or_says_that_it_has_no_derivative(op):
    """And every differentiable argument is one in a regular case, so that test_adjoint proves its cotangent."""
    if op.vjp is None:
        assert op.wrt == (), f"{op.name} has no VJP, and does not say wrt=()"
        return
    seen = {i for case in regular(op).values() for i in op.differentiable(case)}
    assert seen, f"{op.name} has a VJP that no regular case asks for"
    assert op.wrt is None or seen == set(op.wrt), f"no regular case differentiates arguments {set(op.wrt) - seen}"


@pytest.mark.skipif(not LISTED.exists(), reason="an installed copy has no CATALOGUE.md")
def test_the_list_of_operations_is_the_catalogue():
    """Both ways: every operation with its derivative and its variants stands in the list, and nothing else does."""
    wanted = [row for op in catalogue().values() for row in [(op.family, op.name, "d" if op.vjp else "", variants(op))]]
    got, family = [], ""
    for line in LISTED.read_text(encoding="utf-8").splitlines():
        family = line.removeprefix("## ") if line.startswith("## ") else family
        row = re.fullmatch(r"\| `(\w+)` \| (d?) \| (.*) \|", line)
        if row:
            got.append((family, *row.groups()))
    assert sorted(got) == sorted(wanted)


def variants(op: Op) -> str:
    """The named values that a parameter takes in the cases, where there are several."""
    taken: dict[str, set[str]] = {}
    for case in op.draw().values():
        if case.kind in ("regular", "kink", "degenerate"):
            for name, value in case.params.items():
                if isinstance(value, str | bool) or name in ("ord", "correction", "p"):
                    taken.setdefault(name, set()).add(str(value))
    return "; ".join(f"`{name}`: {', '.join(sorted(values))}" for name, values in taken.items() if len(values) > 1)


# The cases.


@each
def test_every_kind_of_case_that_it_needs(op):
    cases = op.draw().values()
    assert regular(op), f"{op.name} has no regular case"
    for case in cases:
        about = f"{op.name}-{case.label}"
        assert re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", case.label), f"{about} cannot be typed after -k"
        assert case.label == case.label.strip("-")
        assert not any(name in case.label for name in FORMATS), f"{about} reads like a format"
        match case.kind:
            case "regular" | "kink":
                assert case.answer is None, f"{about} has an answer that nobody looks at"
                assert all(a.size for a in arrays(case).values()), f"{about} compares nothing"
                assert all(np.all(np.isfinite(a)) for a in arrays(case).values())
                assert all(y.size for y in answer(op, case)), f"{about} answers nothing"
            case "degenerate":
                assert op.residuals, f"{about} has many right values, and nothing that tells a wrong one"
                assert all(np.all(np.isfinite(y)) and y.size for y in answer(op, case)), about
            case "special" | "empty":
                got, want = answer(op, case), tuple(np.asarray(w) for w in as_tuple(case.answer))
                assert [y.shape for y in got] == [w.shape for w in want], f"{about}: the answer has another shape"
                assert [y.dtype for y in got] == [w.dtype for w in want], f"{about}: the answer has another dtype"
                assert case.kind == "empty" or any(w.size for w in want), f"{about} compares nothing"
            case "refused":
                with pytest.raises((ValueError, IndexError, TypeError)) as refusal:
                    answer(op, case)
                assert len(str(refusal.value)) > 10, f"{about} is refused without a reason"


@each
def test_draws_differ_in_their_data_alone(op):
    first = op.draw(0)
    for other in (op.draw(1), op.draw(2)):
        assert list(other) == list(first)
        for label, case in first.items():
            again, about = other[label], f"{op.name}-{label}"
            assert case.kind == again.kind and repr(case.params) == repr(again.params), about
            assert len(case.args) == len(again.args)
            same = []
            for a, b in zip(case.args, again.args, strict=True):
                assert (a is None) == (b is None), about
                if a is not None:
                    assert np.shape(a) == np.shape(b) and np.asarray(a).dtype == np.asarray(b).dtype, about
                if is_float_array(a) or (a is not None and not any(map(is_float_array, case.args))):
                    same.append(np.array_equal(np.asarray(a), np.asarray(b), equal_nan=True))
            assert case.kind != "regular" or not all(same), f"{about} has the same data in every draw"
    again = op.draw(0)
    for label, case in first.items():
        for i, a in arrays(case).items():
            assert np.array_equal(a, arrays(again[label])[i], equal_nan=a.dtype.kind == "f"), "draws are not repeatable"


@each
def test_nothing_is_neutral(op):
    """No argument of a regular case is all ones, all zeros, one number, or the identity; no parameter has one value."""
    for label, case in regular(op).items():
        if f"{op.name}-{label}" in NEUTRAL:
            continue
        for i, a in arrays(case).items():
            about = f"argument {i} of {op.name}-{label}"
            if a.size == 1:
                assert float(a.reshape(())) not in (0, 1, -1) or a.dtype.kind != "f", f"{about} is {a}"
                continue
            assert np.any(a != a.flat[0]), f"every element of {about} is {a.flat[0]}"
            assert not (a.ndim == 2 and np.array_equal(a, np.eye(*a.shape))), f"{about} is the identity"
    values: dict[str, dict[str, Any]] = {}
    for case in op.draw().values():
        if case.kind in ("regular", "kink"):
            for name, value in case.params.items():
                values.setdefault(name, {})[repr(value)] = value
    for name, taken in values.items():
        about = f"{op.name}.{name}"
        assert len(taken) > 1 or about in ONE_VALUE, f"{about} is always {next(iter(taken))}"
        floats = [v for v in taken.values() if isinstance(v, float)]
        assert not floats or any(v not in (0.0, 1.0, np.inf) for v in floats), f"{about} is neutral in every case"


@each
def test_indices_have_duplicates_and_differ(op):
    integers = [a for case in regular(op).values() for a in arrays(case).values() if a.dtype.kind in "iu"]
    if integers:
        assert any(1 < len(np.unique(a)) < a.size for a in integers), f"{op.name}: no label occurs twice"


MOST_SUBSETS = 13_000
"""Of the axes of one length, as many at once as this allows: all of 16, and in a network of 30 any three."""


def longer(a: Any, axis: int) -> np.ndarray:
    return np.concat([a, np.take(a, [-1], axis=axis)], axis=axis)


def coincidences(op: Op, case: Case) -> list[str]:
    """Axes of one length that the mathematics does not identify: some of them can be made longer without the others.

    With equal sizes a transposed, summed-over-the-wrong-axis or wrongly broadcast answer has the right shape.
    """
    axes = [(i, k) for i, a in arrays(case).items() for k in range(a.ndim)]
    found = []
    for size in {a.shape[k] for i, a in arrays(case).items() for k in range(a.ndim)} - {1}:
        equal = [(i, k) for i, k in axes if arrays(case)[i].shape[k] == size]
        for n in range(1, len(equal)):
            if math.comb(len(equal), n) > MOST_SUBSETS:
                break
            for some in itertools.combinations(equal, n):
                args = list(case.args)
                for i, k in some:
                    args[i] = longer(args[i], k)
                try:
                    answer(op, Case(case.label, tuple(args), case.params))
                except Exception:
                    continue
                named = ", ".join(f"axis {k} of argument {i}" for i, k in some)
                found.append(f"{op.name}-{case.label} has {len(equal)} axes of length {size}, but {named} may differ")
                break
            else:
                continue
            break
    return found


@each
def test_sizes_differ_where_the_mathematics_lets_them(op):
    found = []
    for label, case in regular(op).items():
        if op.name not in EQUAL_SIZES and f"{op.name}-{label}" not in EQUAL_SIZES:
            found += coincidences(op, case)
    assert not found, "\n".join(found)


def test_exceptions_name_what_exists_and_are_needed():
    """An exception that has become unnecessary is removed."""
    cases = {f"{op.name}-{label}": (op, case) for op in catalogue().values() for label, case in regular(op).items()}
    for name in EQUAL_SIZES:
        mine = [cases[c] for c in cases if c == name or c.split("-")[0] == name]
        assert any(coincidences(op, case) for op, case in mine), f"EQUAL_SIZES has {name}, which needs no exception"
    for name in NEUTRAL:
        assert any(np.all(a == a.flat[0]) for a in arrays(cases[name][1]).values()), f"NEUTRAL has {name} for nothing"
    for name in ONE_VALUE:
        operation, param = name.split(".")
        assert len({repr(c.params[param]) for c in regular(catalogue()[operation]).values()}) == 1


@each
def test_a_sized_case_runs(op):
    assert op.sized is not None, f"{op.name} has no sized case for the benchmarks"
    n = 20_000
    case = op.sized(np.random.default_rng(0), n)
    total = sum(a.size for a in arrays(case).values())
    assert case.label == "sized" and case.kind == "regular"
    assert n / 4 <= total <= 4 * n, f"{op.name}: {total} elements were made where about {n} were asked for"
    assert op.sized(np.random.default_rng(0), 4 * n).args is not None
    if op.name in ("eigh", "svd", "pca_fit"):  # their text is an algorithm for small matrices
        case = op.sized(np.random.default_rng(0), 100)
    y = answer(op, case)
    assert all(np.all(np.isfinite(v)) for v in y)
    if op.vjp:
        ybar = tuple(np.random.default_rng(1).normal(size=v.shape) for v in y)
        many = isinstance(op.forward(*case.args, **case.params), tuple)
        cotangents = op.vjp(ybar if many else ybar[0], y if many else y[0], *case.args, **case.params)
        positions = range(len(case.args)) if op.wrt is None else op.wrt
        for i, g in zip(positions, cotangents, strict=True):
            if i in op.differentiable(case):
                assert np.shape(g) == np.shape(case.args[i])
                assert np.all(np.isfinite(g)) and np.any(g != 0)


@each
def test_no_vjp_of_zeros_would_pass(op):
    """At every regular case, the certified cotangent of every differentiable argument has an element that is not 0."""
    for label in regular(op):
        p = point(op, label, "float64")
        if not p.wrt:
            continue
        with ctx.workprec(128):
            for i, g in zip(p.wrt, p.vjp(Balls), strict=True):
                alive = any(not v.contains(0) for v in g.view(np.ndarray).reshape(-1))
                assert alive, f"{op.name}-{label}: the cotangent of argument {i} is 0"


@each
def test_no_hvp_of_zeros_would_pass(op):
    """An operation with an HVP has a regular case whose certified Hessian-vector product is not 0."""
    if op.hvp is None:
        return
    points = (point(op, label, "float64") for label in regular(op))
    with ctx.workprec(128):
        alive = any(not v.contains(0) for p in points if p.wrt for g in p.hvp(Balls) for v in np.ravel(np.asarray(g)))
    assert alive, f"the Hessian of {op.name} is 0: leave its HVP out"


# The formulation: how far the text may err, against what no program could avoid.


def probed(p: Point, reading: Reading, arguments: Collection[int] | None = None) -> list[np.ndarray]:
    """Less than what is attainable: the effect of half an ulp on all inputs at once, their signs drawn by lot.

    The attainable error adds up |dr/dx_i| |x_i| u; this is |sum of +-dr/dx_i x_i u|, in one evaluation. With
    ``arguments``, of these alone.
    """
    rng = np.random.default_rng(0)
    groups = {name: [p.lift(a, Balls) for a in getattr(p, name)] for name in ("args", "ybar", "xdot", "xddot")}

    def nudged(name: str, i: int, a: Any) -> Any:
        if not isinstance(a, Balls) or (arguments is not None and (name != "args" or i not in arguments)):
            return a
        return a * (1 + rng.choice([-1.0, 1.0], size=a.shape) * arb(TINY))

    with ctx.workprec(TINY_BITS):
        base = p._with(groups, reading)
        most = [np.zeros(y.shape) for y in base]
        for _ in range(4):
            moved = {name: [nudged(name, i, a) for i, a in enumerate(group)] for name, group in groups.items()}
            for k, y in enumerate(p._with(moved, reading)):
                most[k] = np.maximum(most[k], np.abs(enclosure((y - base[k]) / arb(TINY)).hi) * 2.0**-p.form.bits)
        return [m + ulp(enclosure(y).hi, p.form) / 2 for m, y in zip(most, base, strict=True)]


def attainable_at(p: Point, reading: Reading, k: int, index: tuple[int, ...]) -> float:
    """``Point.attainable`` of one element: its gradient is one VJP, that of a cotangent one Hessian-vector product."""
    others = [i for i, a in enumerate(p.args) if is_float_array(a) and i not in p.wrt]
    half = float(ulp(p.truth(reading)[k].hi[index], p.form)) / 2
    if not p.wrt or p.op.symmetric or (others and probed(p, reading, others)[k][index] > half):
        return float(p.attainable(reading)[k][index])
    q, unit = copy(p), [np.zeros(e.hi.shape) for e in p.truth(reading)]
    unit[k][index] = 1.0
    x = [p.args[i] for i in p.wrt]
    with ctx.workprec(256):
        if reading == "value":
            q.ybar = tuple(unit)
            gradients = list(zip(x, q.vjp(Balls), strict=True))
        else:
            q.xdot = tuple(unit)
            gradients = [*zip(x, q.hvp(Balls), strict=True), *zip(p.ybar, q.jvp(Balls), strict=True)]
        total = sum(float(np.sum(np.abs(a * enclosure(g).hi))) for a, g in gradients)
    return total * 2.0**-p.form.bits + half


def looseness(p: Point, reading: Reading) -> float:
    """The largest ratio of the allowance to the attainable error, or the first that is too large."""
    truths, radii, least = p.truth(reading), p.rounding(reading), probed(p, reading)
    worst = 0.0
    for k, (truth, radius) in enumerate(zip(truths, radii, strict=True)):
        if truth.hi.dtype.kind != "f":
            continue
        allowed = allowance(truth, radius, p.form)
        ratios = np.where(allowed == 0, 0.0, allowed / np.maximum(least[k], 1e-300))
        for flat in np.argsort(ratios, axis=None)[::-1]:
            index = tuple(int(i) for i in np.unravel_index(flat, ratios.shape))
            ratio = float(ratios[index])
            if ratio > POOR:
                ratio = float(allowed[index]) / attainable_at(p, reading, k, index)
            worst = max(worst, ratio)
            if ratio > POOR or ratios[index] <= POOR:
                break
    return worst


@each
def test_formulation(op):
    """The text is as good as the best programs: it is the yardstick of theirs."""
    table = [(looseness(point(op, label, "float64"), "value"), label, "value") for label in regular(op)]
    label = next((label for label, case in regular(op).items() if op.vjp and op.differentiable(case)), None)
    if label:
        table.append((looseness(point(op, label, "float64"), "vjp"), label, "vjp"))
    lines = [f"{op.name}-{label}, {reading}: {ratio:.3g}" for ratio, label, reading in sorted(table, reverse=True)]
    print("the allowance in units of the attainable error:", *lines[:3], sep="\n")
    limit = LOOSE.get(op.name, (POOR, ""))[0]
    poor = [line for line, (ratio, *_) in zip(lines, sorted(table, reverse=True), strict=True) if ratio > limit]
    assert not poor, f"the allowance is more than {limit:g} times what is attainable:\n" + "\n".join(poor)
    assert op.name not in LOOSE or max(table)[0] > POOR, f"LOOSE has {op.name}, which needs no exception"


@pytest.mark.parametrize("label", ["rows", "columns"])
def test_attainable_at_is_attainable(label):
    """The two ways to the same number, and the probes below both."""
    p = point(catalogue()["softmax"], label, "float64")
    for reading in ("value", "vjp"):
        (want,), (least,) = p.attainable(reading), probed(p, reading)
        for index in np.ndindex(want.shape):
            assert attainable_at(p, reading, 0, index) == pytest.approx(want[index], rel=1e-6)
            assert 0.02 * want[index] < least[index] <= want[index] * (1 + 1e-6)


def test_a_poor_formulation_is_named():
    """The logarithm of a softmax, computed as these words say: of the loser it has no digit left."""

    def log_softmax(x):
        return np.log(np.exp(x) / np.sum(np.exp(x)))

    def one_pass_variance(x):
        return np.sum(x * x) / 3 - (np.sum(x) / 3) * (np.sum(x) / 3)

    def two_pass_variance(x):
        return np.sum((x - np.sum(x) / 3) * (x - np.sum(x) / 3)) / 3

    ratio = {}
    for f in (log_softmax, one_pass_variance, two_pass_variance):
        x = np.array([3.0, 2.5, 31.25]) if f is log_softmax else 1e6 + np.array([1.0, 2.5, 4.25])
        op = Op(f, cases=lambda rng: [], wrt=())
        with mock.patch("crosscheck.reference.agreement.truth.read", lambda f, namespace: f):
            ratio[f.__name__] = looseness(Point(op, Case("shifted", (x,)), FORMATS["float64"], (0,)), "value")
    assert ratio["log_softmax"] > POOR and ratio["one_pass_variance"] > POOR > 10 * ratio["two_pass_variance"]
