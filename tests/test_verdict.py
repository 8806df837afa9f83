"""The verdict: what is compared, how far is allowed, and what is said when an answer is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from crosscheck.reference.agreement.allowance import SLACK, allowance
from crosscheck.reference.agreement.diagnosis import Hint
from crosscheck.reference.agreement.measure import FORMATS, Format, round_to
from crosscheck.reference.agreement.truth import Enclosure
from crosscheck.reference.agreement.verdict import (
    GOOD,
    OUTCOMES,
    WRONG,
    Disagreement,
    Verdict,
    judge,
    judge_limit,
)

F64, F32, F16, BF16 = (FORMATS[name] for name in ("float64", "float32", "float16", "bfloat16"))
RNG = np.random.default_rng(0)


def true(values, radius=0.0) -> Enclosure:
    hi = np.asarray(values, dtype=np.float64)
    return Enclosure(hi, np.zeros(hi.shape), np.full(hi.shape, radius))


def judged(got: Any, want: Any, form: Format = F32, rounding: Any = 0.0, **more: Any) -> Verdict:
    """``got`` is made an array of the format, unless it is an array already."""
    got = got if isinstance(got, np.ndarray) else np.array(got, dtype=form.dtype)
    truth = want if isinstance(want, Enclosure) else true(want)
    return judge("value:op-case-float32", got, truth, np.broadcast_to(rounding, truth.hi.shape), form, **more)


# What can be compared at all.


@pytest.mark.parametrize("shape", [(2, 3), (6,), (3, 2, 1), (1, 3, 2), (3, 1), (2,), (), (0,)])
def test_another_shape_disagrees(shape):
    """Also one that would broadcast."""
    verdict = judged(np.ones(shape, np.float32), np.ones((3, 2)), rounding=1e-6)
    assert verdict.outcome == "disagrees" and verdict.reason == f"got shape {shape}, want (3, 2)"


def test_a_number_is_no_array_of_one_number():
    assert judged(np.ones((1,), np.float32), 1.0).outcome == "disagrees"
    assert judged(np.ones((), np.float32), 1.0).outcome == "agrees"


@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int32, bool, ml_dtypes.bfloat16, object])
def test_another_dtype_disagrees(dtype):
    verdict = judged(np.ones(3, dtype), [1.0, 1.0, 1.0], rounding=1.0)
    assert verdict.outcome == "disagrees" and "got dtype" in verdict.reason and "want float32" in verdict.reason


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
def test_the_right_answer_agrees_in_every_format(form):
    numbers = round_to([0.3, -7.0, 0.0, 1e-3], form)
    verdict = judged(numbers.astype(form.dtype), numbers, form)
    assert (verdict.outcome, verdict.ulps, verdict.share, verdict.hint()) == ("agrees", 0.0, 0.0, None)


def test_nothing_compared_is_vacuous():
    assert judged(np.ones((0, 3), np.float32), np.ones((0, 3))).outcome == "vacuous"
    assert judge("q", np.ones(0, int), Enclosure(np.ones(0, int), np.ones(0), np.ones(0)), np.ones(0), F32).outcome == (
        "vacuous"
    )


def test_an_allowance_as_large_as_every_value_is_vacuous():
    zeros = [0.0, 0.0]
    assert judged(zeros, [0.5, -0.5], rounding=0.25).outcome == "vacuous"
    assert judged([0.5, -0.5], [0.5, -0.5], rounding=0.25).outcome == "vacuous", "the right answer proves nothing"
    assert judged(zeros, [0.5, -0.5], rounding=0.2499).outcome == "disagrees"
    assert judged([0.5, 0.0], [0.5, 0.1], rounding=0.2499).outcome == "agrees", "one element is compared"
    assert judged(zeros, zeros, rounding=0.25).outcome == "agrees", "zeros are right where the truth is 0"


@pytest.mark.parametrize(
    ("truth", "rounding"), [(true([1.0, np.nan]), 0.0), (true([1.0, 2.0]), np.inf), (true([1.0, 2.0], np.nan), 0.0)]
)
def test_a_truth_that_is_not_known_is_undecided(truth, rounding):
    assert judged([1.0, 2.0], truth, rounding=rounding).outcome == "undecided"


# How far is allowed.


def test_numbers_of_a_verdict_by_hand():
    """1 + 5 ulp where the rounding ball of radius 3 units of 2^-24 is 1.5 ulp: allowed are two radii, 3 ulp."""
    verdict = judged([1.0, 1 + 5 * 2.0**-23], [1.0, 1.0], rounding=3 * 2.0**-24)
    assert verdict.outcome == "disagrees" and verdict.index == (1,)
    assert (verdict.ulps, verdict.allowed_ulps) == (5.0, 3.0)
    assert verdict.share == pytest.approx(5 / 3)
    assert (verdict.got, verdict.want) == (1 + 5 * 2.0**-23, 1.0)


def test_the_limit_itself_agrees_and_the_next_number_does_not():
    for form, number in ((F32, np.float32), (F64, np.float64)):
        u = 2.0**-form.bits
        inside, outside = (np.array([1 + k * 2 * u], number) for k in (2, 3))
        assert judged(inside, [1.0], form, rounding=2 * u).outcome == "agrees"
        assert judged(outside, [1.0], form, rounding=2 * u).outcome == "disagrees"
        uncertain = true([1.0], radius=2 * u)
        assert judged(outside, uncertain, form, rounding=2 * u).outcome == "agrees"
    assert SLACK == 2.0


def test_an_allowance_of_a_zero_may_be_more_ulp_than_there_are_numbers():
    verdict = judged(np.array([1.0, 1.0]), [0.0, 1.0], F64, rounding=1e-14)
    assert verdict.outcome == "disagrees" and verdict.index == (0,) and verdict.allowed_ulps == np.inf


def test_every_element_is_judged_and_the_worst_by_share_is_shown():
    want, rounding = np.array([[100.0, 1.0], [1.0, 1e-3]]), np.array([[1.0, 1e-6], [1e-6, 1e-6]])
    got = want + np.array([[1.5, 0], [0, 1e-5]])
    verdict = judged(got.astype(np.float32), want, rounding=rounding)
    assert verdict.outcome == "disagrees" and verdict.index == (1, 1), "not (0, 0), whose error is allowed"
    for index in np.ndindex(want.shape):
        wrong = want.astype(np.float32)
        wrong[index] *= np.float32(1.1)
        assert judged(wrong, want, rounding=1e-6).index == index


def test_an_exact_answer_has_no_allowance():
    assert judged([np.float32(1e-45), 1.0], [0.0, 1.0]).outcome == "disagrees"
    assert judged([1 + 2.0**-23, 1.0], [1.0, 1.0]).share == np.inf
    assert judged([-0.0, 1.0], [0.0, 1.0]).outcome == "agrees", "the sign of zero is no matter of the value"


def test_what_is_attainable_is_asked_only_beyond_the_allowance():
    calls = []

    def attainable(error):
        calls.append(error.copy())
        return np.array([0.0, 0.1])

    assert judged([1.0, 2.0], [1.0, 2.0], rounding=1e-6, attainable=attainable).outcome == "agrees"
    assert calls == []
    verdict = judged([1.0, 2.15], [1.0, 2.0], rounding=1e-6, attainable=attainable)
    assert verdict.outcome == "agrees" and "half an ulp on the inputs" in verdict.reason
    assert verdict.share == pytest.approx(0.15 / (SLACK * 0.1), rel=1e-5)
    assert judged([1.0, 2.25], [1.0, 2.0], rounding=1e-6, attainable=attainable).outcome == "disagrees"
    assert judged([1.1, 2.0], [1.0, 2.0], rounding=1e-6, attainable=attainable).outcome == "disagrees"
    assert len(calls) == 3 and calls[0] == pytest.approx([0, 0.15], rel=1e-5)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_non_finite_answer_to_a_finite_question_disagrees(bad):
    verdict = judged([1.0, bad], [1.0, 2.0], rounding=0.4, attainable=lambda error: np.full(2, np.inf))
    assert verdict.outcome == "disagrees" and verdict.index == (1,)
    assert verdict.share == np.inf


def test_overflow_is_an_infinity_of_the_right_sign():
    large = 1e39  # beyond float32
    assert judged([np.inf, 1.0], [large, 1.0]).outcome == "agrees"
    assert judged([-np.inf, 1.0], [-large, 1.0]).outcome == "agrees"
    for wrong in (-np.inf, np.nan, F32.largest, 0.0):
        assert judged([wrong, 1.0], [large, 1.0], rounding=1e30).outcome == "disagrees", wrong
    assert judged([np.inf, 1.0], [F32.largest, 1.0], rounding=1e31).outcome == "agrees", "rounding may overflow"
    assert judged([np.inf, 1.0], [F32.largest / 2, 1.0], rounding=1e31).outcome == "disagrees"
    beyond_float64 = true([np.inf, 1.0])
    assert judged([np.inf, 1.0], beyond_float64).outcome == "agrees"
    for wrong in (-np.inf, np.nan, F32.largest):
        assert judged([wrong, 1.0], beyond_float64).outcome == "disagrees", wrong


def test_underflow_is_off_by_one_subnormal():
    tiny = F32.smallest_subnormal
    assert judged([0.0, 1.0], [0.4 * tiny, 1.0]).outcome == "agrees"
    assert judged([8 * tiny, 1.0], [9 * tiny, 1.0]).outcome == "agrees"
    assert judged([7 * tiny, 1.0], [9 * tiny, 1.0]).outcome == "disagrees"
    assert judged([0.0, 1.0], [9 * tiny, 1.0]).outcome == "disagrees", "flushed to zero"
    assert judged([0.0], [0.4 * tiny]).outcome == "vacuous"


def test_a_witness_that_declares_it_may_flush_subnormals():
    normal = F32.smallest_normal
    for subnormal in (F32.smallest_subnormal, 0.4 * normal, -0.9 * normal):
        assert judged([0.0, 1.0], [subnormal, 1.0], flushes=True).outcome == "agrees"
    assert judged([0.0, 1.0], [0.9 * normal, 1.0]).outcome == "disagrees"
    assert judged([0.0, 1.0], [1.1 * normal, 1.0], flushes=True).outcome == "disagrees", "a normal number"
    assert judged([normal, 1.0], [0.0, 1.0], flushes=True).outcome == "disagrees", "0 is not flushed to anything"
    assert judged([np.inf, 1.0], [0.4 * normal, 1.0], flushes=True).outcome == "disagrees"


def test_allowance_by_hand():
    truth = Enclosure(np.array([1.0, 0.0, 1e-39]), np.zeros(3), np.array([0.5, 0.0, 0.0]))
    assert allowance(truth, np.array([2.0, 0.0, 0.0]), F32).tolist() == [4.5, 0.0, F32.smallest_subnormal]
    assert allowance(truth, np.array([2.0, 0.0, 0.0]), F32, True).tolist() == [4.5, 0.0, F32.smallest_normal]


# Integers, booleans and limits are right or wrong.


def test_integers_are_exact():
    want = np.array([[3, 1], [0, 2]])
    truth = Enclosure(want, np.zeros(want.shape), np.zeros(want.shape))
    for dtype in (np.int64, np.int32, np.uint8):
        assert judge("q", want.astype(dtype), truth, truth.radius, F32).outcome == "agrees"
    verdict = judge("q", np.array([[3, 1], [1, 2]]), truth, truth.radius, F32)
    assert (verdict.outcome, verdict.index, verdict.got, verdict.want) == ("disagrees", (1, 0), 1, 0)
    assert "dtype" in judge("q", want.astype(float), truth, truth.radius, F32).reason
    assert judge("q", want[0], truth, truth.radius, F32).outcome == "disagrees"


@pytest.mark.parametrize(
    ("got", "want", "outcome"),
    [
        ([0.0, 1.0], [0.0, 1.0], "agrees"),
        ([np.nan, np.inf], [np.nan, np.inf], "agrees"),
        ([1.0, 2.0], [1.0, np.nan], "disagrees"),
        ([1.0, np.nan], [1.0, 2.0], "disagrees"),
        ([1.0, -np.inf], [1.0, np.inf], "disagrees"),
        ([1.0, F32.largest], [1.0, np.inf], "disagrees"),
        ([1.0, 1 + 2.0**-23], [1.0, 1.0], "disagrees"),
        ([0.0, 1.0], [-0.0, 1.0], "disagrees"),
        ([-0.0, 1.0], [-0.0, 1.0], "agrees"),
        ([-0.0, 1.0], [0.0, 1.0], "agrees"),  # where the limit is 0 from above, only the value is asked
        ([[0.0, 1.0]], [0.0, 1.0], "disagrees"),
        ([0.1], [0.1], "agrees"),  # the answer is rounded to the format too
    ],
)
def test_limits(got, want, outcome):
    verdict = judge_limit("q", np.array(got, np.float32), np.array(want), F32)
    assert verdict.outcome == outcome, verdict.message()


def test_limits_have_a_dtype_and_a_place():
    want = np.array([[1.0, np.nan], [0.0, np.inf]])
    assert "got dtype float64, want float32" in judge_limit("q", want, want, F32).reason
    verdict = judge_limit("q", np.array([[1.0, np.nan], [0.0, 5.0]], np.float32), want, F32)
    assert (verdict.index, verdict.got, verdict.want) == ((1, 1), 5.0, np.inf)
    labels = np.array([2, 0])
    assert judge_limit("q", labels, labels, F32).outcome == "agrees"
    assert judge_limit("q", np.array([2, 1]), labels, F32).outcome == "disagrees"
    assert judge_limit("q", labels.astype(np.float32), labels, F32).outcome == "disagrees", "a label is no float"
    assert judge_limit("q", np.zeros((0, 3), np.float32), np.zeros((0, 3)), F32).outcome == "agrees"
    assert judge_limit("q", np.zeros((3, 0), np.float32), np.zeros((0, 3)), F32).outcome == "disagrees"


# A verdict cannot be dropped unseen, and says what is to be known in one order.


def test_a_verdict_is_no_boolean():
    for outcome in OUTCOMES:
        verdict = Verdict("q", outcome)
        for use in (bool, lambda v: not v, lambda v: v or v, lambda v: all([v]), lambda v: 1 if v else 0):
            with pytest.raises(TypeError, match="not a boolean"):
                use(verdict)


def test_only_right_answers_pass():
    assert set(GOOD) | set(WRONG) | {"declared", "not offered"} == set(OUTCOMES)
    assert not set(GOOD) & set(WRONG)
    for outcome in OUTCOMES:
        verdict = Verdict("value:softmax-rows-float32", outcome, "because")
        if outcome in GOOD:
            verdict.require()
            continue
        with pytest.raises(Disagreement, match=f"value:softmax-rows-float32: {outcome}\n  because") as raised:
            verdict.require()
        assert isinstance(raised.value, AssertionError)


def test_a_message_tells_everything_in_one_order():
    verdict = Verdict(
        "vjp:softmax-rows-float32, cotangent 1 of 2",
        "disagrees",
        "why",
        index=(1, 2),
        got=0.25,
        want=0.5,
        ulps=12345.678,
        allowed_ulps=3.0,
        share=4115.2,
        why=lambda: Hint("code", "a reason"),
        reproduction="import numpy as np\nprint(np.exp(1))",
    )
    parts = [
        "vjp:softmax-rows-float32, cotangent 1 of 2: disagrees",
        "why",
        "at [1, 2]: got 0.25, want 0.5",
        "off by 1.23e+04 ulp; 3 ulp are allowed: the rounding of the text",
        "it looks like: a reason",
        "crosscheck explain code",
        "to see it without crosscheck:",
        "    import numpy as np",
        "    print(np.exp(1))",
    ]
    message = verdict.message()
    places = [message.index(part) for part in parts]
    assert places == sorted(places)
    assert len(message.splitlines()) == len(parts)


def test_a_reason_that_is_not_known_is_not_invented():
    origin = "the first wrong intermediate is z1 on the way forward"
    unknown = Verdict("q", "disagrees", why=lambda: None)
    assert unknown.message() == "q: disagrees\n  no known pattern"
    assert replace(unknown, origin=origin).message() == f"q: disagrees\n  no known pattern; {origin}"
    known = replace(unknown, origin=origin, why=lambda: Hint("code", "a reason"))
    assert known.message().splitlines()[1:] == ["  it looks like: a reason", "  crosscheck explain code", f"  {origin}"]
    assert "pattern" not in Verdict("q", "raised", why=lambda: None).message()
    assert judged([1.5, 7.0, -9.0, 2.0], [1.0, 2.0, 3.0, 5.0]).message().endswith("\n  no known pattern")
    assert "pattern" not in judged([1.5, 7.0], [1.0, 2.0], BF16).message(), "nothing was looked for"


def test_another_convention_fails_and_is_no_mistake():
    verdict = Verdict("q", "convention", why=lambda: Hint("op.slip", "another convention: ...", convention=True))
    *_, words, code, cost = verdict.message().splitlines()
    assert words == "  another convention: ..." and code == "  crosscheck explain op.slip" and "fails" in cost
    assert "convention" in WRONG


def test_a_message_of_little_is_short():
    assert Verdict("q", "agrees").message() == "q: agrees"
    assert "without crosscheck" not in Verdict("q", "agrees", reproduction="print(1)").message()
    assert Verdict("q", "disagrees", got=0.0, want=1.0, index=()).message().splitlines()[1] == "  got 0.0, want 1.0"
    assert "nan" in judged([np.nan], [1.0]).message()
