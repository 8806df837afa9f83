"""Slips of sums and products along axes, and of those of segments."""

from __future__ import annotations

import numpy as np

from ..activation.softmax import softmax
from ..broadcast import spread
from ..op import Slip
from ..reduction.extremes import max_vjp
from ..reduction.partial import cumsum, segment_sum
from ..reduction.products import before
from ..reduction.totals import logmeanexp, logsumexp, logsumexp_vjp, mean, mean_vjp, sum_vjp


def _counts(segment_ids, num_segments):
    """How many elements each segment has, at least 1."""
    return np.maximum(np.bincount(segment_ids, minlength=num_segments), 1.0)


def _column(counts, x):
    return np.reshape(counts, (-1,) + (1,) * (x.ndim - 1))


def _last_of_each_segment(x, segment_ids, *, num_segments):
    y = np.zeros((num_segments, *x.shape[1:]))
    y[segment_ids] += x
    return y


def _zero_at_zeros(numerator, x):
    return np.where(x == 0, 0, numerator / np.where(x == 0, 1, x))


def _largest_twice(ybar, y, x, *, axis, keepdims):
    (xbar,) = logsumexp_vjp(ybar, y, x, axis=axis, keepdims=keepdims)
    (shift,) = max_vjp(ybar, np.max(x, axis=axis, keepdims=keepdims), x, axis=axis, keepdims=keepdims)
    return (xbar + shift,)


SLIPS = {
    "sum": (
        Slip(
            "averaged",
            "That is the mean. A sum is not divided by the number of its terms, and hands its cotangent out undivided: "
            "xbar_i = ybar for every i.",
            forward=mean,
            vjp=mean_vjp,
        ),
        Slip(
            "over-all-axes",
            "Only the elements along axis are added up; the other axes stay. Without the argument axis, np.sum adds up "
            "the whole array.",
            forward=lambda x, *, axis, keepdims: np.sum(x, keepdims=keepdims),
        ),
        Slip(
            "not-handed-out",
            "Each element that was added gets the cotangent of the sum: repeat ybar along the axis, in the shape of x. "
            "Here it was returned in the shape of the sum.",
            vjp=lambda ybar, y, x, *, axis, keepdims: (ybar,),
        ),
    ),
    "mean": (
        Slip(
            "not-divided",
            "That is the sum. The mean divides by the number n of elements along the axis, and so does its adjoint: "
            "xbar_i = ybar / n.",
            forward=lambda x, *, axis, keepdims: np.sum(x, axis=axis, keepdims=keepdims),
            vjp=sum_vjp,
        ),
        Slip(
            "divided-by-the-whole-size",
            "The sum along the axis has as many terms as that axis is long. Here it was divided by the number of "
            "elements of the whole array, x.size.",
            forward=lambda x, *, axis, keepdims: np.sum(x, axis=axis, keepdims=keepdims) / x.size,
            vjp=lambda ybar, y, x, *, axis, keepdims: sum_vjp(ybar / x.size, y, x, axis=axis, keepdims=keepdims),
        ),
        Slip(
            "divided-by-the-number-of-rows",
            "The divisor is the length of the axis that is averaged over, x.shape[axis]. Here it is len(x), the length "
            "of the first axis, whatever axis is.",
            forward=lambda x, *, axis, keepdims: np.sum(x, axis=axis, keepdims=keepdims) / len(x),
            vjp=lambda ybar, y, x, *, axis, keepdims: sum_vjp(ybar / len(x), y, x, axis=axis, keepdims=keepdims),
        ),
    ),
    "logsumexp": (
        Slip(
            "largest-not-added-back",
            "Taking the largest x_i out of the sum divides it by exp(m), so its logarithm is m too small: y = m + log "
            "sum_i exp(x_i - m).",
            forward=lambda x, *, axis, keepdims: (
                logsumexp(x, axis=axis, keepdims=keepdims) - np.max(x, axis=axis, keepdims=keepdims)
            ),
        ),
        Slip(
            "averaged",
            "That is the logarithm of the mean of the exponentials. The logarithm of their sum is larger by the "
            "logarithm of their number.",
            forward=logmeanexp,
        ),
        Slip(
            "largest-differentiated-once-more",
            "In y = m + log sum_i exp(x_i - m) the largest element m occurs twice, and what it adds at the one place "
            "it takes off at the other: xbar = ybar softmax(x). Here the first place was differentiated alone.",
            vjp=_largest_twice,
        ),
        Slip(
            "softmax-over-the-whole-array",
            "The weights exp(x_i) / sum_j exp(x_j) have the sum over the same axis as y. Here they were normalised "
            "over all elements of the array.",
            vjp=lambda ybar, y, x, *, axis, keepdims: (spread(ybar, x, axis, keepdims) * softmax(x, axis=None),),
        ),
        Slip(
            "slope-of-the-maximum",
            "It is a soft maximum: every element has a slope, its share exp(x_i) / sum_j exp(x_j). Here the largest "
            "one got all of the cotangent.",
            vjp=lambda ybar, y, x, *, axis, keepdims: max_vjp(
                ybar, np.max(x, axis=axis, keepdims=keepdims), x, axis=axis, keepdims=keepdims
            ),
        ),
    ),
    "logmeanexp": (
        Slip(
            "count-forgotten",
            "That is the logarithm of the sum. Of the mean it is smaller by log n, n the number of elements along the "
            "axis.",
            forward=logsumexp,
        ),
        Slip(
            "count-outside-the-logarithm",
            "The 1/n stands inside the logarithm, log((1/n) sum_i exp(x_i)): it subtracts log n. Here the logarithm "
            "itself was divided by n.",
            forward=lambda x, *, axis, keepdims: (
                logsumexp(x, axis=axis, keepdims=keepdims) / (x.size // np.size(np.sum(x, axis=axis)))
            ),
        ),
        Slip(
            "mean-of-the-logarithms",
            "The mean is that of the exponentials; its logarithm is at least as large as the mean of the x_i "
            "themselves, which is what this is (Jensen).",
            forward=mean,
            vjp=mean_vjp,
        ),
        Slip(
            "divided-by-the-count",
            "The factor 1/n is in the numerator and in the denominator of the slope, and cancels: xbar = ybar "
            "softmax(x), with weights that add up to 1.",
            vjp=lambda ybar, y, x, *, axis, keepdims: (
                mean_vjp(ybar, y, x, axis=axis, keepdims=keepdims)[0] * softmax(x, axis=axis),
            ),
        ),
    ),
    "prod": (
        Slip(
            "zero-at-a-zero",
            "The quotient y / x_i is the product of the other factors only where x_i is not 0. Where one factor is 0, "
            "the product of the others is its slope, and need not be 0.",
            vjp=lambda ybar, y, x, *, axis, keepdims: (
                _zero_at_zeros(spread(ybar, x, axis, keepdims) * spread(y, x, axis, keepdims), x),
            ),
        ),
        Slip(
            "own-factor-kept",
            "The slope in x_i is the product of the other factors, without x_i. Here it is the whole product.",
            vjp=lambda ybar, y, x, *, axis, keepdims: (
                spread(ybar, x, axis, keepdims) * spread(y, x, axis, keepdims) + 0 * x,
            ),
        ),
        Slip(
            "slope-of-the-logarithm",
            "The derivative of log y is 1 / x_i; that of y itself is y / x_i, the product of the other factors. The "
            "factor y is missing.",
            vjp=lambda ybar, y, x, *, axis, keepdims: (_zero_at_zeros(spread(ybar, x, axis, keepdims), x),),
        ),
        Slip(
            "over-all-axes",
            "Only the elements along axis are multiplied; the other axes stay. Without the argument axis, np.prod "
            "multiplies the whole array.",
            forward=lambda x, *, axis, keepdims: np.prod(x, keepdims=keepdims),
        ),
    ),
    "cumprod": (
        Slip(
            "exclusive",
            "The i-th product ends with x_i itself: y_1 = x_1. Here it stops one factor earlier, and begins with 1.",
            forward=lambda x, *, axis: np.moveaxis(before(np.moveaxis(x, axis, -1)), -1, axis),
        ),
        Slip(
            "own-product-only",
            "The factor x_i is in y_i and in all products behind it, and each sends something back. Here only y_i was "
            "thought of.",
            vjp=lambda ybar, y, x, *, axis: (ybar * np.moveaxis(before(np.moveaxis(x, axis, -1)), -1, axis),),
        ),
        Slip(
            "zero-at-a-zero",
            "Dividing the products by x_i takes the factor out only where x_i is not 0. At a zero the products without "
            "it need not be 0: carry s_i = ybar_i + x_(i+1) s_(i+1) backwards in place of dividing.",
            vjp=lambda ybar, y, x, *, axis: (
                _zero_at_zeros(np.flip(np.cumsum(np.flip(ybar * y, axis), axis=axis), axis), x),
            ),
        ),
    ),
    "cumsum": (
        Slip(
            "forwards",
            "Each x_i is in y_i and in all sums behind it, so the sum of the cotangents runs from the end: xbar_i = "
            "ybar_i + ybar_(i+1) + ... Here it runs from the beginning.",
            vjp=lambda ybar, y, x, *, axis: (np.cumsum(ybar, axis=axis),),
        ),
        Slip(
            "own-sum-only",
            "Each x_i is in y_i and in all sums behind it, and gets all their cotangents, not ybar_i alone.",
            vjp=lambda ybar, y, x, *, axis: (ybar,),
        ),
        Slip(
            "exclusive",
            "The i-th sum ends with x_i itself: y_1 = x_1. Here it stops one term earlier, and begins with 0.",
            forward=lambda x, *, axis: cumsum(x, axis=axis) - x,
        ),
        Slip(
            "flattened",
            "The sums run along the axis, each row by itself. np.cumsum without axis runs through all elements in the "
            "order of memory, and returns a vector.",
            forward=lambda x, *, axis: np.cumsum(x),
        ),
    ),
    "segment_sum": (
        Slip(
            "last-contribution-only",
            "Elements of one segment add up. In y[segment_ids] += x an index that occurs twice keeps only its last "
            "contribution: use np.add.at(y, segment_ids, x).",
            forward=_last_of_each_segment,
        ),
        Slip(
            "averaged",
            "That is the mean of each segment. A sum is not divided by the number of elements, and each of them gets "
            "the cotangent of its segment undivided.",
            forward=lambda x, segment_ids, *, num_segments: (
                segment_sum(x, segment_ids, num_segments=num_segments) / _column(_counts(segment_ids, num_segments), x)
            ),
            vjp=lambda ybar, y, x, segment_ids, *, num_segments: (
                np.take(ybar / _column(_counts(segment_ids, num_segments), x), segment_ids, axis=0),
            ),
        ),
        Slip(
            "empty-segments-left-out",
            "A segment without elements has the sum 0 and keeps its place: y has num_segments rows. Here only the "
            "segments that occur have one.",
            forward=lambda x, segment_ids, *, num_segments: segment_sum(x, segment_ids, num_segments=num_segments)[
                np.unique(segment_ids)
            ],
        ),
    ),
}
