"""The verdict: what is compared, how far is allowed, and what is said when an answer is wrong."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from flint import arb, ctx, fmpq

from crosscheck.reference.agreement.allowance import SLACK, allowance
from crosscheck.reference.agreement.diagnosis import resemblance
from crosscheck.reference.agreement.measure import FORMATS, Format, round_to, ulp
from crosscheck.reference.agreement.subgradient import nearest
from crosscheck.reference.agreement.truth import Enclosure, enclosure
from crosscheck.reference.agreement.verdict import (
    GOOD,
    OUTCOMES,
    WRONG,
    Disagreement,
    Verdict,
    judge,
    judge_limit,
)
from crosscheck.reference.arithmetic.ball import Balls

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
    assert (verdict.outcome, verdict.ulps, verdict.share, verdict.hints) == ("agrees", 0.0, 0.0, ())


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
        hints=("one hint", "another"),
        reproduction="import numpy as np\nprint(np.exp(1))",
    )
    parts = [
        "vjp:softmax-rows-float32, cotangent 1 of 2: disagrees",
        "why",
        "at [1, 2]: got 0.25, want 0.5",
        "off by 1.23e+04 ulp; 3 ulp are allowed: the rounding of the text",
        "it looks like: one hint",
        "it looks like: another",
        "to see it without crosscheck:",
        "    import numpy as np",
        "    print(np.exp(1))",
    ]
    message = verdict.message()
    places = [message.index(part) for part in parts]
    assert places == sorted(places)
    assert len(message.splitlines()) == len(parts)


def test_a_message_of_little_is_short():
    assert Verdict("q", "agrees").message() == "q: agrees"
    assert "without crosscheck" not in Verdict("q", "agrees", reproduction="print(1)").message()
    assert Verdict("q", "disagrees", got=0.0, want=1.0, index=()).message().splitlines()[1] == "  got 0.0, want 1.0"
    assert "nan" in judged([np.nan], [1.0]).message()


# What a wrong answer looks like.

WANT = RNG.normal(size=(4, 4))


@pytest.mark.parametrize(
    ("lie", "hint"),
    [
        (lambda a: -a, "the right answer with the other sign"),
        (lambda a: 2 * a, "the right answer times 2"),
        (lambda a: a / 3, "the right answer times 0.333333333333333"),
        (lambda a: a * (1 + 1e-9), "the right answer times 1.000000001"),
        (lambda a: -0.5 * a, "the right answer times -0.5"),
        (lambda a: 1e200 * a, "the right answer times 1e+200"),
        (lambda a: a.T, "the right answer, transposed"),
        (np.zeros_like, "zero everywhere"),
        (lambda a: np.where(np.arange(16).reshape(4, 4) == 5, np.nan, a), "nan in 1 of 16 elements"),
        (lambda a: np.where(np.arange(16).reshape(4, 4) == 5, 7, a), "right but for 1 of 16 elements"),
        (lambda a: np.where(np.arange(16).reshape(4, 4) % 4 == 0, 7, a), "right but for 4 of 16 elements"),
    ],
)
def test_resemblance_names_the_relation(lie, hint):
    assert resemblance(lie(WANT), WANT) == (hint,)
    if "1.000000001" not in hint and "e+200" not in hint:
        assert resemblance(lie(WANT).astype(np.float32), WANT)[0][:24] == hint[:24]


def test_resemblance_says_nothing_that_it_does_not_know():
    noise = 1 + 1e-8 * RNG.normal(size=(4, 4))
    symmetric = WANT + WANT.T
    for got, want in [
        (RNG.normal(size=(4, 4)), WANT),
        (WANT * noise, WANT),
        (symmetric * noise, symmetric),
        (WANT + 3, WANT),
        (WANT.ravel(), WANT),
        (np.zeros((4, 4)), np.zeros((4, 4))),
        (np.arange(16).reshape(4, 4), WANT),
        (np.full((4, 4), np.inf), WANT),
        (WANT, np.where(WANT > 0, np.inf, WANT)),
    ]:
        assert resemblance(got, want) == (), got
    assert resemblance(WANT[:, :3].T, WANT[:, :3]) == ("the right answer, transposed",)
    assert resemblance((2 * WANT).astype(ml_dtypes.bfloat16), WANT) == ()


def test_the_hint_is_in_the_verdict():
    verdict = judged((-WANT).astype(np.float32), WANT.astype(np.float32).astype(float), rounding=1e-6)
    assert verdict.hints == ("the right answer with the other sign",)
    assert "it looks like: the right answer with the other sign" in verdict.message()


# Measures: the numbers of a format, and the error of an answer in exact arithmetic.


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
def test_formats_are_those_of_their_dtypes(form):
    info = ml_dtypes.finfo(form.dtype)
    assert form.bits == info.nmant + 1
    assert form.largest == float(info.max)
    assert form.smallest_normal == float(info.smallest_normal)
    assert form.smallest_subnormal == float(info.smallest_subnormal)


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
def test_ulp_is_the_distance_of_neighbours(form):
    powers = 2.0 ** np.arange(form.emin, form.emax + 1.0, max(1, (form.emax - form.emin) // 200))
    numbers = round_to(np.concatenate([powers, 1.37 * powers[:-1], [0.75 * form.smallest_normal, form.largest]]), form)
    bits = numbers.astype(form.dtype).view(f"u{form.dtype.itemsize}")
    below = (bits - 1).view(form.dtype).astype(np.float64)
    size = ulp(numbers, form)
    # a power of two has its larger neighbour at one ulp, and the smaller one at half of it
    power = (np.frexp(numbers)[0] == 0.5) & (numbers > form.smallest_normal)
    assert np.array_equal((numbers - below) / size, np.where(power, 0.5, 1.0))
    assert ulp(np.float64(0), form) == form.smallest_subnormal
    assert ulp(np.array([np.inf, np.nan]), form).tolist() == [form.smallest_subnormal] * 2
    assert np.array_equal(ulp(-numbers, form), size)


@pytest.mark.parametrize("form", [F32, F16, BF16], ids=lambda f: f.name)
def test_round_to_is_to_nearest_even(form):
    x = np.concatenate([RNG.normal(size=200) * 10.0 ** RNG.integers(-4, 4, size=200), [1 + 2.0**-form.bits] * 2])
    x[-1] += 2.0 ** (1 - form.bits)  # two ties: down to 1 and up to 1 + 4 units, both of them even
    for v, r in zip(x, round_to(x, form), strict=True):
        unit = Fraction(float(ulp(np.float64(v), form)))
        assert Fraction(float(r)) == round(Fraction(float(v)) / unit) * unit
    assert np.isinf(round_to(1e39, form)) and round_to(-1e39, form) == -np.inf
    assert np.signbit(round_to(-1e-60, form))


def as_fraction(x: float) -> Fraction:
    return Fraction(float(x))


@pytest.mark.parametrize("form", [F64, F32], ids=lambda f: f.name)
def test_error_of_is_the_exact_error(form):
    """Of answers 0 to 9 ulp away from a truth that no float holds, against rational arithmetic."""
    for _ in range(300):
        truth = Fraction(int(RNG.integers(1, 2**60)), int(RNG.integers(1, 2**60))) * int(RNG.choice([-1, 1]))
        hi = float(truth)
        lo = float(truth - as_fraction(hi))
        near = float(round_to(hi, form))
        got = near + int(RNG.integers(0, 10)) * float(ulp(np.float64(near), form))
        error = Enclosure(np.array(hi), np.array(lo), np.array(0.0)).error_of(np.array(got))
        exact = abs(as_fraction(got) - truth)
        assert abs(as_fraction(float(error)) - exact) <= exact * Fraction(1, 2**50)


def test_error_of_infinities_and_nan():
    truth = Enclosure(np.array([np.inf, 1.0, 1.0, np.inf]), np.array([0, 2.0**-60, 0, 0]), np.zeros(4))
    error = truth.error_of(np.array([np.inf, 1.0, np.nan, 1.0]))
    assert error[0] == 0 and error[1] == 2.0**-60 and np.isnan(error[2]) and error[3] == np.inf


def test_an_enclosure_holds_its_balls():
    """hi + lo is within the radius of every number of the ball, at any scale and precision."""
    for bits in (40, 53, 128, 400):
        with ctx.workprec(bits):
            balls = [
                arb(fmpq(int(RNG.integers(1, 10**9)), int(RNG.integers(1, 10**9)))) * arb(2) ** int(k)
                for k in RNG.integers(-900, 900, size=50)
            ]
            e = enclosure(Balls.wrap(np.array(balls, dtype=object).reshape(5, 10)))
        assert e.hi.shape == e.lo.shape == e.radius.shape == (5, 10)
        with ctx.workprec(3000):
            for ball, hi, lo, radius in zip(balls, e.hi.flat, e.lo.flat, e.radius.flat, strict=True):
                assert abs(lo) <= abs(hi) * 2.0**-53
                gap = abs(arb(ball.mid()) - arb(hi) - arb(lo))
                assert gap + ball.rad() <= arb(radius) + abs(arb(hi)) * arb(2) ** -105
                assert radius <= abs(hi) * 2.0 ** (3 - bits)
    assert enclosure(np.array([1, 2])).hi.dtype.kind == "i"


# Subgradients: the nearest point of a polytope.


def by_brute_force(vertices: np.ndarray, target: np.ndarray) -> float:
    """The smallest distance to any face: of each subset of the vertices, the foot of the perpendicular if inside."""
    best = np.inf
    for n in range(1, len(vertices) + 1):
        for some in itertools.combinations(vertices, n):
            base, edges = some[0], np.array(some)[1:] - some[0]
            weights = np.linalg.lstsq(edges.T, target - base, rcond=None)[0] if n > 1 else np.zeros(0)
            if np.all(weights >= -1e-12) and np.sum(weights) <= 1 + 1e-12:
                best = min(best, float(np.linalg.norm(base + weights @ edges - target)))
    return best


@pytest.mark.parametrize("scale", [1.0, 1e-8, 1e8])
def test_nearest_against_brute_force(scale):
    for trial in range(150):
        dimension, count = int(RNG.integers(1, 5)), int(RNG.integers(1, 6))
        vertices = scale * RNG.normal(size=(count, dimension)).round(1 if trial % 2 else 8)
        if trial % 3 == 0:
            vertices = np.concatenate([vertices, vertices[:1]])  # a duplicate
        weights = RNG.dirichlet(np.ones(len(vertices)))
        targets = [weights @ vertices, vertices[0], 2 * scale * RNG.normal(size=dimension)]
        targets += [0.5 * (vertices[0] + vertices[-1]), np.zeros(dimension)]
        for k, target in enumerate(targets):
            found = nearest(vertices, target)
            distance = float(np.linalg.norm(found - target))
            assert distance == pytest.approx(by_brute_force(vertices, target), abs=1e-7 * scale)
            assert by_brute_force(vertices, found) <= 1e-7 * scale, "it is a point of the hull"
            if k in (0, 1, 3):
                assert distance <= 1e-7 * scale


def test_nearest_on_a_segment():
    """The subgradients of |x| at 0 times 3, and what lies beside them."""
    ends = np.array([[-3.0, 1.0], [3.0, 1.0]])
    for x, want in [(0.0, 0.0), (2.5, 2.5), (3.5, 3.0), (-9.0, -3.0)]:
        for y in (1.0, 1.25):
            assert nearest(ends, np.array([x, y])) == pytest.approx([want, 1.0], abs=1e-12)
