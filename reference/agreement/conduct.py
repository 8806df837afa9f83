"""What is said of how a function behaves: what it does to its inputs, a second time, at large inputs, limits and kinks.

Each docstring is a page of ``crosscheck explain``; "" says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .diagnosis import Hint, code


def hint(relation: Callable[..., str], *about: Any) -> Hint | None:
    words = relation(*about)
    return Hint(code(relation), words) if words else None


def input_modified(name: str) -> str:
    """The function writes into an array that it was given.

    ``y *= g``, ``y += g``, ``x[mask] = 0``, ``out=x`` and ``np.add.at(x, ...)`` change the array of the caller,
    who still needs it: x on the way back, ybar for the other branch of a sum. NumPy's slices, reshapes and
    transposes are views of the same memory, so writing into them changes the array too. Write y = y * g, or copy
    first.

    To see it: keep a copy of every argument, call the function, and compare.
    """
    return f"{name} is not what it was before: it was written into"


def second_call_differs(first: np.ndarray, second: np.ndarray) -> str:
    """The same question, asked twice, has two answers.

    Something is kept between the calls. A gradient buffer that is added to and never zeroed makes the second
    answer twice the first, the third three times; running statistics, a step count, a cache that the way back
    consumes, or a random number drawn inside do the rest. A function of this catalogue has its state as an
    argument and returns the new one.

    To see it: call the function twice with the same arguments and subtract.
    """
    if first.shape != second.shape:
        return f"the first answer has the shape {first.shape}, the second {second.shape}"
    if first.dtype.kind == "f" and np.any(first):
        ratio = float(np.sum(first * second) / np.sum(first * first))
        times = round(1 / (ratio - 1)) if ratio > 1 else 0
        if times and np.allclose(second, (times + 1) / times * first, rtol=1e-6, atol=0):
            how = "twice" if times == 1 else f"{times + 1}/{times} of"
            return f"the second answer is {how} the first: it is accumulated, and not zeroed between the calls"
    where = int(np.sum(first != second))
    return f"{where} of {first.size} elements of the second answer are others: something is kept between the calls"


def unstable_at_large_inputs(words: str) -> str:
    """The formula is right, and its arithmetic fails where the inputs are large.

    exp(x) overflows beyond 709 in float64, beyond 88 in float32; then inf / inf and inf - inf are nan. Subtract
    the maximum first: exp(x - m) / sum exp(x - m) is the same number. log(1 + exp(x)) is max(x, 0) +
    log1p(exp(-|x|)). log(softmax(x)) is x - m - log(sum(exp(x - m))): take the logarithm before anything rounds
    to 0. x^2 + y^2 under a root: divide by the larger one first. E[x^2] - E[x]^2 cancels where the mean is large:
    subtract the mean first.

    To see it: divide the inputs by ten until the answer is right.
    """
    return words


def nan_at_a_limit(got: np.ndarray, want: np.ndarray) -> str:
    """The answer is nan where the mathematics has a limit.

    0 log 0 is 0 * -inf, which is nan in arithmetic and 0 in the limit: p log p -> 0. The same is true of 0 / 0 in
    sin(x) / x, inf - inf and inf / inf in a softmax of large numbers, 0 * inf, and x ** 0. Give the limit by
    itself: np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0), where the inner ``where`` keeps the logarithm
    (and its derivative) away from 0.

    To see it: ask the function at 0, at inf and at -inf alone.
    """
    lost = np.isnan(got) & ~np.isnan(want)
    return (
        f"nan in {int(np.sum(lost))} of {got.size}, where the limit is a number or an infinity" if np.any(lost) else ""
    )


def overflow_at_a_limit(got: np.ndarray, want: np.ndarray) -> str:
    """The answer is infinite where the right one is finite, or the other way round.

    An exponential or a square that overflowed on the way to a finite answer, log 0 of a probability that rounded
    to 0, or a clip that hides an infinity which is the right answer.

    To see it: find the first intermediate that is infinite.
    """
    wrong = np.isinf(got) != np.isinf(want)
    where = f"infinite in place of finite, or the other way round, in {int(np.sum(wrong))} of {got.size}"
    return where if np.any(wrong) else ""


def nan_lost(got: np.ndarray, want: np.ndarray) -> str:
    """A nan went in, and a number came out.

    Comparisons with nan are false, so ``np.where(x > 0, x, 0)`` makes 0 of it, ``max(0, x)`` of Python keeps what
    comes first, and ``np.fmax`` and ``np.nanmax`` skip it on purpose. An error upstream is hidden in this way:
    let nan through, as np.maximum does.

    To see it: ask the function at nan.
    """
    lost = np.isnan(want) & ~np.isnan(got)
    return f"a number where nan is right, in {int(np.sum(lost))} of {got.size}" if np.any(lost) else ""


def sign_of_zero(got: np.ndarray, want: np.ndarray) -> str:
    """The answer is 0 where -0 is right.

    The two are equal, but 1 / -0 is -inf and arctan2(-0, -1) is -pi: the sign tells from which side a limit was
    reached. Adding 0 loses it, as -0 + 0 is 0; multiplying keeps it.

    To see it: np.signbit of the answer.
    """
    off = (want == 0) & (got == 0) & (np.signbit(got) != np.signbit(want))
    return f"0 in place of -0, in {int(np.sum(off))} of {got.size}" if np.any(off) else ""


LIMITS = (nan_at_a_limit, nan_lost, overflow_at_a_limit, sign_of_zero)


def at_a_limit(got: np.ndarray, want: np.ndarray) -> Hint | None:
    """What is wrong where the mathematics gives the exact answer; of floats of one shape."""
    if got.shape != want.shape or got.dtype.kind not in "fV" or want.dtype.kind != "f":
        return None
    got, want = got.astype(np.float64), want.astype(np.float64)
    return next((found for relation in LIMITS if (found := hint(relation, got, want)) is not None), None)


def no_subgradient(got: np.ndarray, vertices: Sequence[np.ndarray] | np.ndarray) -> str:
    """At a kink the answer is none of the subgradients.

    Where a maximum is reached k times, or relu is asked at 0, there is a range of right answers: the slope of one
    side, of the other, and any mean of them. The shares of ties must add up to the whole cotangent: all to one,
    or a k-th to each. ``(x == max) * ybar`` gives the whole to each of them, k times too much; ``(x > others)``
    gives nothing to anyone.

    To see it: move the tied inputs apart by a little, in every direction: the answer must lie between what you get.
    """
    vertices = np.asarray(vertices)
    sums = np.sum(vertices, axis=1)
    if len(vertices) < 2 or not np.any(got):
        return "0, which is none of the slopes at this kink" if not np.any(got) else ""
    if np.allclose(sums, sums[0]) and sums[0] != 0:
        k = float(np.sum(got) / sums[0])
        if abs(k - round(k)) < 1e-6 and round(k) > 1:
            return f"each of {round(k)} ties gets the whole cotangent, together {round(k)} times what there is"
        if abs(k - 1) > 1e-6:
            return f"the shares of the ties add up to {k:.6g} times the cotangent, and must to all of it"
    return "not between the slopes of the sides that meet here"


def not_linear_in_ybar() -> str:
    """The VJP of a sum of cotangents is not the sum of their VJPs.

    A VJP is ybar times a matrix that does not depend on ybar. Where ybar is compared, squared, divided by or put
    through an activation, or where a branch asks whether it is positive, that is lost; so it is where ybar is
    left out.

    To see it: ask with ybar, with 2 ybar, and with another one, and add.
    """
    return "the cotangents are not linear in the upstream cotangent ybar"


def not_refused() -> str:
    """An input that has no answer was answered.

    Broadcasting is what usually lets it through: (3,) and (1, 3), or (n, 1) and (n,), fit each other without
    meaning anything together. An index out of range wraps around when it is negative; a probability above 1 gives
    a number as any other. Compare the shapes first, and raise ValueError with what came and what should have.

    To see it: hand over arrays of the wrong shape on purpose.
    """
    return "answered, where there is no answer: check shapes and ranges first"


CONDUCT = (
    input_modified,
    second_call_differs,
    unstable_at_large_inputs,
    *LIMITS,
    no_subgradient,
    not_linear_in_ybar,
    not_refused,
)
