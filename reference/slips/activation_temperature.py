"""Slips of the temperature of a softmax."""

from __future__ import annotations

from ..activation.softmax import softmax, softmax_with_temperature_vjp
from ..op import Slip

SLIPS = {
    "softmax_with_temperature": (
        Slip(
            "multiplied-by-the-temperature",
            "A higher temperature makes the probabilities more equal, so x is divided by it. Here it was multiplied: "
            "that is the inverse temperature.",
            forward=lambda x, temperature, *, axis: softmax(x * temperature, axis=axis),
        ),
        Slip(
            "divided-behind-the-softmax",
            "The logits are divided by the temperature, not the probabilities, which would no longer add up to 1.",
            forward=lambda x, temperature, *, axis: softmax(x, axis=axis) / temperature,
        ),
        Slip(
            "temperature-missing-in-the-slope",
            "x / T moves by xdot / T: xbar is that of the softmax divided by T.",
            vjp=lambda ybar, y, x, temperature, *, axis: (lambda xbar, tbar: (xbar * temperature, tbar))(
                *softmax_with_temperature_vjp(ybar, y, x, temperature, axis=axis)
            ),
        ),
        Slip(
            "slope-to-the-inverse-temperature",
            "That is the slope to 1 / T. The one to T is -1 / T^2 times it.",
            vjp=lambda ybar, y, x, temperature, *, axis: (lambda xbar, tbar: (xbar, -tbar * temperature**2))(
                *softmax_with_temperature_vjp(ybar, y, x, temperature, axis=axis)
            ),
        ),
    ),
}
