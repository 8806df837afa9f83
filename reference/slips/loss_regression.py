"""Slips of losses of numbers: errors, and likelihoods of counts and of measurements."""

from __future__ import annotations

import numpy as np

from ..loss.likelihood import gaussian_nll, gaussian_nll_vjp, poisson_nll, poisson_nll_vjp
from ..loss.reduction import cotangent_of_each, reduced
from ..loss.regression import (
    huber,
    huber_vjp,
    log_cosh,
    mae,
    mae_vjp,
    mse,
    mse_vjp,
    smooth_l1,
    smooth_l1_vjp,
)
from ..op import Slip


def _all_pairs(loss):
    """A column minus a row is a matrix."""

    def forward(input, target, *, reduction):
        column, row = np.broadcast_arrays(np.reshape(input, (-1, 1)), np.reshape(target, -1))
        return loss(column, row, reduction=reduction)

    return forward


def _columns(input, reduction):
    """How many numbers a row has: what is forgotten in a mean over the rows."""
    return input.size / len(input) if reduction == "mean" else 1


def _rows_alone(loss, loss_vjp):
    def forward(input, target, *, reduction):
        return loss(input, target, reduction=reduction) * _columns(input, reduction)

    def vjp(ybar, y, input, target, *, reduction):
        return loss_vjp(ybar * _columns(input, reduction), y, input, target, reduction=reduction)

    return forward, vjp


def _slope(of):
    """The VJP of a loss of the residual with that slope."""

    def vjp(ybar, y, input, target, *, reduction, **params):
        inputbar = cotangent_of_each(ybar, input.size, reduction) * of(input - target, **params)
        return inputbar, -inputbar

    return vjp


def _line_without_half(input, target, *, delta, reduction):
    r = np.abs(input - target)
    return reduced(np.where(r <= delta, r * r / 2, delta * (r - delta)), reduction)


def _bare_line(input, target, *, beta, reduction):
    r = np.abs(input - target)
    return reduced(np.where(r < beta, r * r / (2 * beta if beta else 1), r), reduction)


def _without_log_2(input, target, *, reduction):
    r = np.abs(input - target)
    return reduced(r + np.log1p(np.exp(-2 * r)), reduction)


def _rate_slope(ybar, y, input, target, *, log_input, full, eps, reduction):
    rate, eps = (np.exp(input), 0) if log_input else (input, eps)
    return (cotangent_of_each(ybar, input.size, reduction) * (1 - target / (rate + eps)),)


def _stirling_for_one(input, target, *, log_input, full, eps, reduction):
    loss = poisson_nll(input, target, log_input=log_input, full=full, eps=eps, reduction="none")
    return reduced(np.where(full & (target == 1), loss - 1 + np.log(2 * np.pi) / 2, loss), reduction)


def _per_row(var, input):
    return np.expand_dims(var, -1) if var.ndim < input.ndim else var


def _without_log(input, target, var, *, full, eps, reduction):
    each = gaussian_nll(input, target, var, full=full, eps=eps, reduction="none")
    return reduced(each - np.log(np.maximum(_per_row(var, input), eps)) / 2, reduction)


def _var_slope(varbar_of):
    def vjp(ybar, y, input, target, var, *, full, eps, reduction):
        inputbar, targetbar, _ = gaussian_nll_vjp(ybar, y, input, target, var, full=full, eps=eps, reduction=reduction)
        given = np.broadcast_to(_per_row(var, input), input.shape)
        each = varbar_of(np.maximum(given, eps), (input - target) ** 2, given > eps)
        each = each * cotangent_of_each(ybar, input.size, reduction)
        if var.shape != input.shape:
            each = np.reshape(np.sum(each, axis=-1), var.shape)
        return inputbar, targetbar, each

    return vjp


_MATRIX = (
    "A column (n, 1) minus a row (n,) is an (n, n) matrix of all differences, without a word: give both the same shape."
)
_ROWS = "The mean is over all elements, so divide by their number, rows times columns, and not by the rows alone."

SLIPS = {
    "mse": (
        Slip("column-against-row", _MATRIX, forward=_all_pairs(mse)),
        Slip("divided-by-the-rows", _ROWS, *_rows_alone(mse, mse_vjp)),
        Slip(
            "root-taken",
            "The root of the mean of the squares is another measure (RMSE), with another gradient: here the squares "
            "stay as they are.",
            forward=lambda input, target, *, reduction: np.sqrt(mse(input, target, reduction=reduction)),
        ),
        Slip(
            "factor-2-missing",
            "The derivative of r^2 is 2 r: the 2 goes away only if the loss has a factor 1/2, and this one has none.",
            vjp=_slope(lambda r: r),
        ),
        Slip(
            "target-minus-input",
            "The derivative of (input - target)^2 by input is 2 (input - target). With target - input the sign is that "
            "of targetbar, and gradient descent climbs.",
            vjp=_slope(lambda r: -2 * r),
        ),
    ),
    "mae": (
        Slip("column-against-row", _MATRIX, forward=_all_pairs(mae)),
        Slip("divided-by-the-rows", _ROWS, *_rows_alone(mae, mae_vjp)),
        Slip(
            "residual-for-its-sign",
            "The slope of |r| is sign(r), of size 1 however large r is: r itself is the slope of r^2 / 2.",
            vjp=_slope(lambda r: r),
        ),
        Slip(
            "absolute-value-forgotten",
            "Without the absolute value errors of different sign cancel: it is |input - target| that is averaged.",
            forward=lambda input, target, *, reduction: reduced(input - target, reduction),
        ),
    ),
    "huber": (
        Slip(
            "divided-by-delta",
            "There the loss has the slope 1 on its lines, here the slope delta: multiply by delta.",
            forward=lambda input, target, *, delta, reduction: (
                huber(input, target, delta=delta, reduction=reduction) / delta
            ),
            vjp=lambda ybar, y, input, target, *, delta, reduction: huber_vjp(
                ybar / delta, y, input, target, delta=delta, reduction=reduction
            ),
            convention="the smooth L1 loss",
        ),
        Slip(
            "no-half",
            "There it is r^2 and 2 delta |r| - delta^2, twice what it is here: divide by 2.",
            forward=lambda input, target, *, delta, reduction: (
                2 * huber(input, target, delta=delta, reduction=reduction)
            ),
            vjp=lambda ybar, y, input, target, *, delta, reduction: huber_vjp(
                2 * ybar, y, input, target, delta=delta, reduction=reduction
            ),
            convention="CVXPY",
        ),
        Slip(
            "jump-at-delta",
            "The line has to meet the parabola where |r| = delta, at delta^2 / 2: it is delta (|r| - delta / 2), and "
            "delta (|r| - delta) is 0 there.",
            forward=_line_without_half,
        ),
        Slip(
            "slope-not-clipped",
            "Where |r| > delta the loss is a line, whose slope is delta sign(r), not r: the slope is r clipped to "
            "[-delta, delta].",
            vjp=_slope(lambda r, delta: r),
        ),
        Slip(
            "slope-one-outside",
            "The lines have the slope delta sign(r): sign(r) alone is right for delta = 1.",
            vjp=_slope(lambda r, delta: np.where(np.abs(r) <= delta, r, np.sign(r))),
        ),
    ),
    "smooth_l1": (
        Slip(
            "not-divided-by-beta",
            "There the parabola is r^2 / 2 and the lines have the slope beta; here all is divided by beta: divide by "
            "beta.",
            forward=lambda input, target, *, beta, reduction: (
                beta * smooth_l1(input, target, beta=beta, reduction=reduction)
            ),
            vjp=lambda ybar, y, input, target, *, beta, reduction: smooth_l1_vjp(
                beta * ybar, y, input, target, beta=beta, reduction=reduction
            ),
            convention="the Huber loss",
        ),
        Slip(
            "jump-at-beta",
            "The line has to meet the parabola where |r| = beta, at beta / 2: it is |r| - beta / 2, not |r|.",
            forward=_bare_line,
        ),
        Slip(
            "slope-not-clipped",
            "Where |r| > beta the loss is a line of slope sign(r), not r / beta: clip r / beta to [-1, 1].",
            vjp=_slope(lambda r, beta: r / beta if beta else np.sign(r)),
        ),
    ),
    "log_cosh": (
        Slip(
            "log-2-missing",
            "As cosh(r) = (exp(r) + exp(-r)) / 2, log cosh r = |r| + log(1 + exp(-2 |r|)) - log 2. Without the last "
            "term a perfect prediction costs log 2.",
            forward=_without_log_2,
        ),
        Slip(
            "sign-for-tanh",
            "The slope is tanh(r), which nears sign(r) only where |r| is large; near 0 it is r.",
            vjp=_slope(np.sign),
        ),
        Slip(
            "derivative-of-the-slope",
            "The first derivative of log cosh r is tanh(r) already: 1 - tanh(r)^2 is the second.",
            vjp=_slope(lambda r: 1 - np.tanh(r) ** 2),
        ),
        Slip(
            "inner-derivative-forgotten",
            "The slope of log u is 1 / u: of the product tanh(r) = sinh(r) / cosh(r) only 1 / cosh(r) is here, so the "
            "inner derivative sinh(r) is missing.",
            vjp=_slope(lambda r: 1 / np.cosh(r)),
        ),
        Slip(
            "column-against-row",
            _MATRIX,
            forward=_all_pairs(log_cosh),
        ),
    ),
    "poisson_nll": (
        Slip(
            "rate-taken-for-its-logarithm",
            "Without log_input the input is the rate itself: no exp, and its logarithm, log(input + eps), multiplies "
            "the target.",
            forward=lambda input, target, *, log_input, full, eps, reduction: poisson_nll(
                input, target, log_input=True, full=full, eps=eps, reduction=reduction
            ),
            vjp=lambda ybar, y, input, target, *, log_input, full, eps, reduction: poisson_nll_vjp(
                ybar, y, input, target, log_input=True, full=full, eps=eps, reduction=reduction
            ),
        ),
        Slip(
            "slope-by-the-rate",
            "By the rate the derivative is 1 - target / rate. Where the input is its logarithm, the rate moves by rate "
            "times as much, which gives rate - target.",
            vjp=_rate_slope,
        ),
        Slip(
            "constant-left-out",
            "With full, log target! is part of the loss, by Stirling's approximation for a count of 2 or more; it "
            "changes no gradient.",
            forward=lambda input, target, *, log_input, full, eps, reduction: poisson_nll(
                input, target, log_input=log_input, full=False, eps=eps, reduction=reduction
            ),
        ),
        Slip(
            "stirling-for-one",
            "As 1! = 1, its logarithm is 0. Stirling's approximation gives log(2 pi) / 2 - 1 there, so it is for "
            "counts above 1 alone.",
            forward=_stirling_for_one,
        ),
    ),
    "gaussian_nll": (
        Slip(
            "standard-deviation-for-variance",
            "The argument var is the variance already: squared once more, the loss is that of a standard deviation "
            "var.",
            forward=lambda input, target, var, *, full, eps, reduction: gaussian_nll(
                input, target, var * var, full=full, eps=eps, reduction=reduction
            ),
        ),
        Slip(
            "log-variance-missing",
            "Of the density's normaliser log(v) / 2 remains, which depends on the prediction: without it a variance "
            "without end would cost nothing.",
            forward=_without_log,
            vjp=_var_slope(lambda v, square, above: np.where(above, -square / (2 * v * v), 0)),
        ),
        Slip(
            "square-taken-for-a-constant",
            "The variance divides the squared residual too: varbar = (1 / v - r^2 / v^2) / 2, of which only 1 / (2 v) "
            "is here.",
            vjp=_var_slope(lambda v, square, above: np.where(above, 1 / (2 * v), 0)),
        ),
        Slip(
            "clamp-not-differentiated",
            "There the clamp is outside of the derivative, which is that at v = eps. Here a variance below eps has no "
            "influence, so its derivative is 0: multiply by var > eps.",
            vjp=_var_slope(lambda v, square, above: (v - square) / (2 * v * v)),
            convention="PyTorch",
        ),
    ),
}
