"""What mistakes that people make by hand, whatever the operation, would give in the place of the right answer.

Each relation is a function from the right answer to the wrong ones that the mistake would give; its docstring is the
page that ``crosscheck explain`` prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from .context import Context, axes_of

Undo = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Guess:
    """What a mistake would have given, in words and numbers; ``undo`` takes it back, where it can be."""

    words: str
    answer: np.ndarray
    undo: Undo | None = None
    convention: bool = False
    """Whether it is right somewhere else."""


def transposed(want: np.ndarray, about: Context) -> Iterator[Guess]:
    """The last two axes are exchanged.

    In y = x w the cotangents are wbar = x^T ybar and xbar = ybar w^T: each is one of a product and its transpose,
    and on square matrices both have the right shape. Write the shapes under the factors: (D, N) (N, M) -> (D, M).
    Libraries differ too: torch stores the weight of a layer as (out, in).

    To see it: use sizes that are pairwise different; then only one order of the factors can be multiplied at all.
    """
    if want.ndim >= 2:
        yield Guess("the right answer, transposed", want.mT, lambda got: got.mT)


def other_sign(want: np.ndarray, about: Context) -> Iterator[Guess]:
    """The sign is the other one.

    The usual ways: target minus prediction in place of prediction minus target; a log likelihood in place of a loss;
    a step along the gradient in place of against it; the derivative of 1 - f, of -f or of 1/f taken as that of f.

    To see it: move one input up by a little and look in which direction the output goes.
    """
    yield Guess("the right answer with the other sign", -want, lambda got: -got)


def constant_factor(want: np.ndarray, about: Context) -> Iterator[Guess]:
    """Every element is off by one factor that is a number of this problem.

    1/N, N: a mean where a sum is asked, or the other way round; averaging twice, in the loss and again in the gradient.
    n/(n - 1): the variance of a sample (divided by n - 1) for that of a population (divided by n), or the other way
    round; its root for the standard deviation. 2 or 1/2: the square's derivative, or a loss with or without a half.
    log 2: bits for nats. sqrt(d): the scale of attention, or a norm for a mean of squares.

    To see it: divide your answer by the right one. The quotient is the same everywhere; find it among the sizes.
    """
    for words, k in about.factors:
        yield Guess(f"the right answer times {words}", k * want, lambda got, k=k: got / k)


def missing_factor(want: np.ndarray, about: Context) -> Iterator[Guess]:
    """A factor that differs from row to row, from column to column or from element to element is missing.

    In a chain of functions the cotangent is multiplied by the derivative of each link. A link left out is a factor left
    out: the gain gamma of a normalisation, the inverse standard deviation, a weight or mask, the slope of an
    activation, or the upstream cotangent itself, which a loss's own gradient hides as long as that is 1.

    To see it: divide your answer by the right one, element by element, and compare the quotients with the inputs.
    """
    for name, a in about.multipliers(want.shape):
        if np.all(a):
            yield Guess(f"the right answer without the factor {name}", want / a, lambda got, a=a: got * a)


def factor_too_many(want: np.ndarray, about: Context) -> Iterator[Guess]:
    """Every element is multiplied once too often by one of the inputs, by the value, or by the upstream cotangent.

    A factor was applied at two places: the upstream cotangent in the loss and again in the layer, a weight in the
    forward and again in the gradient, an input that had been multiplied in already.

    To see it: double the suspected input. What should double becomes four times as large.
    """
    for name, a in about.multipliers(want.shape):
        yield Guess(f"the right answer times {name}", want * a, (lambda got, a=a: got / a) if np.all(a) else None)


def summed_too_far(want: np.ndarray, about: Context) -> Iterator[Guess]:
    """One axis too many was summed over, and the result broadcast back, so that what should vary is constant.

    The bias of a layer is added to every row, so its cotangent sums over the rows, and over nothing else: one number
    for each unit. A softmax normalises each row by its own sum, not by that of the whole array.

    To see it: look at your answer along each axis; along one it does not change, and the right one does.
    """
    for axes in axes_of(want.ndim):
        if all(want.shape[i] > 1 for i in axes):
            place = "all axes" if len(axes) == want.ndim else f"axis {', '.join(map(str, axes))}"
            for what, of in (("summed", np.sum), ("averaged", np.mean)):
                reduced = np.broadcast_to(of(want, axis=axes, keepdims=True), want.shape)
                yield Guess(f"the right answer {what} over {place}", reduced)


def reordered(want: np.ndarray, about: Context) -> Iterator[Guess]:
    """The numbers are right and stand in other places.

    Reversed: eigh sorts upwards and PCA wants downwards; a convolution flips its kernel and a cross-correlation does
    not; a recursion over time was written down in the order of the way back. Shifted by one: the index of a step, of
    a label, of a position. Reshaped: reshape reads the numbers in the order of memory and cannot exchange two axes;
    that is what transpose is for (splitting into heads: reshape to (T, h, d), then transpose to (h, T, d)).

    To see it: sort both answers; they are equal.
    """
    for axis, n in enumerate(want.shape):
        if n > 1:
            back = np.flip(want, axis)
            yield Guess(f"the right answer reversed along axis {axis}", back, lambda got, axis=axis: np.flip(got, axis))
            for by in (1, -1) if n > 2 else ():
                yield Guess(
                    f"the right answer shifted by {by} along axis {axis}",
                    np.roll(want, by, axis),
                    lambda got, axis=axis, by=by: np.roll(got, -by, axis),
                )
    for order in permutations(range(want.ndim)) if 2 <= want.ndim <= 4 else ():
        other = np.transpose(want, order)
        if order != tuple(range(want.ndim)):
            inverse = tuple(np.argsort(order))
            if other.shape != want.shape:
                words = "the right answer's transpose, reshaped" if want.ndim == 2 else f"axes {order} reshaped back"
                yield Guess(
                    words,
                    other.reshape(want.shape),
                    lambda got, s=other.shape, i=inverse: np.transpose(got.reshape(s), i),
                )
            if want.ndim > 2:
                yield Guess(
                    f"the right answer with its axes in the order {order}",
                    other,
                    lambda got, i=inverse: np.transpose(got, i),
                )


def not_reduced(want: np.ndarray, about: Context) -> Iterator[Guess]:
    """The answer kept, or lost, an axis of size 1.

    ``keepdims`` decides whether a reduced axis stays. (n,) and (n, 1) are different shapes, and their difference is an
    (n, n) matrix without a word: the classic way to get a loss that is far too large.

    To see it: print the shapes.
    """
    for axis in range(want.ndim + 1):
        yield Guess(f"the right answer with an axis of size 1 at {axis}", np.expand_dims(want, axis))
    for axis, n in enumerate(want.shape):
        if n == 1:
            yield Guess(f"the right answer without its axis {axis} of size 1", np.squeeze(want, axis))
    if want.ndim != 1 and want.size > 1:
        yield Guess("the right answer, flattened", want.reshape(-1))


def exchanged(want: np.ndarray, about: Context) -> Iterator[Guess]:
    """Two answers stand in each other's place: the outputs, or the cotangents, are returned in another order.

    A VJP returns its cotangents in the order of the arguments; a factorisation has its own order (eigh: values, then
    vectors; svd: u, s, and v transposed).

    To see it: compare the shapes, and your second answer with the right first one.
    """
    for name, other in about.others.items():
        yield Guess(f"the right answer for {name}", other)


def something_else(want: np.ndarray, about: Context) -> Iterator[Guess]:
    """The answer is one of the things that were given: an argument, the value, or the upstream cotangent, unchanged.

    The function returns its input, or the chain rule stops one link too early.
    """
    for name, a in about.arrays.items():
        yield Guess(f"{name}, unchanged", a)
    if want.size > 1:
        yield Guess("zero everywhere", np.zeros_like(want))


def cut_off(want: np.ndarray, about: Context) -> Iterator[Guess]:
    """Everything behind the decimal point is gone: the numbers were written into an array of integers.

    ``np.zeros_like(x)`` of an array of integers holds integers, and cuts off what is assigned to it without a word.
    Give the dtype: ``np.zeros(x.shape)``, ``np.zeros_like(x, dtype=float)``.

    To see it: print the dtype of the array that is filled.
    """
    if np.any(np.trunc(want)):
        yield Guess("the right answer, cut off to integers", np.trunc(want))


GUESSES = (
    exchanged,
    something_else,
    transposed,
    other_sign,
    constant_factor,
    missing_factor,
    factor_too_many,
    summed_too_far,
    reordered,
    not_reduced,
    cut_off,
)
