"""Slips of extremes, and of elements in order."""

from __future__ import annotations

import numpy as np

from ..broadcast import spread
from ..op import Slip
from ..reduction.extremes import max_vjp
from ..reduction.order import sort, topk, topk_indices, topk_vjp
from ..reduction.totals import sum_vjp


def _order_not_inverted(ybar, y, x, *, axis, descending):
    order = np.argsort(-x if descending else x, axis=axis)
    return (np.take_along_axis(ybar, order, axis=axis),)


def _in_place_of_occurrence(x, *, k, axis, largest):
    chosen = np.sort(topk_indices(x, k=k, axis=axis, largest=largest), axis=axis)
    return np.take_along_axis(x, chosen, axis=axis)


def _in_front(ybar, y, x, *, k, axis, largest):
    widths = [(0, 0)] * x.ndim
    widths[axis] = (0, x.shape[axis] - k)
    return (np.pad(ybar, widths),)


def _filled_mask(ybar, y, x, *, k, axis, largest):
    rank = np.argsort(topk_indices(x, k=k, axis=axis, largest=largest), axis=axis)
    inverse = np.argsort(rank, axis=axis)
    return topk_vjp(np.take_along_axis(ybar, inverse, axis=axis), y, x, k=k, axis=axis, largest=largest)[0]


SLIPS = {
    "max": (
        Slip(
            "handed-to-all",
            "Only the largest element moves the maximum, so it alone gets the cotangent; all others get 0. Handing it "
            "to every element is the adjoint of a sum.",
            vjp=sum_vjp,
        ),
        Slip(
            "starts-from-zero",
            "A running maximum that starts with 0 never falls below it: start with the first element, or with -inf.",
            forward=lambda x, *, axis, keepdims: np.maximum(np.max(x, axis=axis, keepdims=keepdims), 0),
            vjp=lambda ybar, y, x, *, axis, keepdims: (
                np.where(x == spread(y, x, axis, keepdims), spread(ybar, x, axis, keepdims), 0),
            ),
        ),
        Slip(
            "largest-magnitude",
            "The maximum is the largest number, with its sign: -9 is smaller than 1. Here the largest magnitude was "
            "taken.",
            forward=lambda x, *, axis, keepdims: np.max(np.abs(x), axis=axis, keepdims=keepdims),
            vjp=lambda ybar, y, x, *, axis, keepdims: (
                np.where(np.abs(x) == spread(y, x, axis, keepdims), spread(ybar, x, axis, keepdims) * np.sign(x), 0),
            ),
        ),
        Slip(
            "multiplied-by-the-value",
            "Where x_i is the largest its slope is 1, and xbar_i = ybar. Here the element was multiplied in once more.",
            vjp=lambda ybar, y, x, *, axis, keepdims: (x * max_vjp(ybar, y, x, axis=axis, keepdims=keepdims)[0],),
        ),
    ),
    "min": (
        Slip(
            "handed-to-all",
            "Only the smallest element moves the minimum, so it alone gets the cotangent; all others get 0. Handing it "
            "to every element is the adjoint of a sum.",
            vjp=sum_vjp,
        ),
        Slip(
            "starts-from-zero",
            "A running minimum that starts with 0 never rises above it: start with the first element, or with inf.",
            forward=lambda x, *, axis, keepdims: np.minimum(np.min(x, axis=axis, keepdims=keepdims), 0),
            vjp=lambda ybar, y, x, *, axis, keepdims: (
                np.where(x == spread(y, x, axis, keepdims), spread(ybar, x, axis, keepdims), 0),
            ),
        ),
        Slip(
            "minus-once",
            "The minimum is -max(-x): the sign is changed twice, before and behind the maximum. Here the second minus "
            "is missing.",
            forward=lambda x, *, axis, keepdims: np.max(-x, axis=axis, keepdims=keepdims),
            vjp=lambda ybar, y, x, *, axis, keepdims: (
                -np.where(-x == spread(y, x, axis, keepdims), spread(ybar, x, axis, keepdims), 0),
            ),
        ),
    ),
    "argmax": (
        Slip(
            "the-value",
            "That is the largest value itself. The place where it stands is asked for, counted from 0.",
            forward=lambda x, *, axis, keepdims: np.max(x, axis=axis, keepdims=keepdims),
        ),
    ),
    "sort": (
        Slip(
            "order-not-inverted",
            "Sorting gathers, y_r = x_order(r), so its adjoint scatters: xbar_order(r) = ybar_r. Taking ybar[order] "
            "gathers once more; take the inverse permutation, argsort(order).",
            vjp=_order_not_inverted,
        ),
        Slip(
            "not-put-back",
            "The cotangent of the r-th smallest belongs to the place where that element stood in x. Here ybar was left "
            "in the order of the sorted values.",
            vjp=lambda ybar, y, x, *, axis, descending: (ybar,),
        ),
        Slip(
            "always-ascending",
            "With descending=True the largest comes first. Here the order was ascending all the same.",
            forward=lambda x, *, axis, descending: np.sort(x, axis=axis),
        ),
        Slip(
            "along-the-last-axis",
            "The elements are sorted along the axis that was asked for; the last one is only what np.sort takes when "
            "none is given.",
            forward=lambda x, *, axis, descending: sort(x, axis=-1, descending=descending),
        ),
    ),
    "topk": (
        Slip(
            "in-the-order-of-the-input",
            "The chosen elements come in order, the best one first. Here they stand as they stood in x, as a partition "
            "or a mask leaves them.",
            forward=_in_place_of_occurrence,
        ),
        Slip(
            "best-one-last",
            "The best one comes first. The last k of an ascending order are the right ones, but the wrong way round.",
            forward=lambda x, *, k, axis, largest: np.flip(topk(x, k=k, axis=axis, largest=largest), axis),
        ),
        Slip(
            "always-the-largest",
            "With largest=False the k smallest are asked for, the smallest one first.",
            forward=lambda x, *, k, axis, largest: topk(x, k=k, axis=axis, largest=True),
        ),
        Slip(
            "left-in-front",
            "Each cotangent belongs to the place in x from which its element was taken: scatter by the indices. Here "
            "they were left at the first k places.",
            vjp=_in_front,
        ),
        Slip(
            "handed-out-in-the-order-of-the-input",
            "The first cotangent belongs to the best element, wherever it stood. A mask of the chosen places, filled "
            "in the order of the input, gives it to whichever came first.",
            vjp=lambda ybar, y, x, *, k, axis, largest: (_filled_mask(ybar, y, x, k=k, axis=axis, largest=largest),),
        ),
    ),
}
