"""What many operations' slips are made of: the same mistake, made of another function."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Slip

SLIPS: dict[str, tuple[Slip, ...]] = {}
"""None of its own."""


def passed(name: str, why: str, f, vjp, i: int, change, slope, of: str = "") -> Slip:
    """The i-th argument is changed before it is used. ``of`` is whose convention it is."""

    def wrong(ybar, y, *args, **params):
        bars = list(vjp(ybar, y, *args[:i], change(args[i]), *args[i + 1 :], **params))
        bars[i] = bars[i] * slope(args[i])
        return tuple(bars)

    def value(*args, **params):
        return f(*args[:i], change(args[i]), *args[i + 1 :], **params)

    return Slip(name, why, value, wrong, of)


def squared(name: str, why: str, f, vjp, i: int) -> Slip:
    return passed(name, why, f, vjp, i, lambda s: s * s, lambda s: 2 * s)


def inverse(name: str, why: str, f, vjp, i: int, of: str = "") -> Slip:
    return passed(name, why, f, vjp, i, lambda r: 1 / r, lambda r: -1 / (r * r), of=of)


def standardised(name: str, why: str, f, vjp, i: int, deviation: float) -> Slip:
    """The scale taken for a standard deviation, which is ``deviation`` scales."""
    return passed(name, why, f, vjp, i, lambda s: s / deviation, lambda s: 1 / deviation)


def added(name: str, why: str, f, vjp, term, slopes) -> Slip:
    """A term too many or, with the other sign, too few; ``slopes`` are its derivatives by the k-th cotangent's."""

    def wrong(ybar, y, *args):
        bars = vjp(ybar, y - term(*args), *args)
        more = (unbroadcast(ybar * slopes[k](*args), b.shape) if k in slopes else 0 for k, b in enumerate(bars))
        return tuple(b + m for b, m in zip(bars, more, strict=True))

    return Slip(name, why, lambda *args: f(*args) + term(*args), wrong)


def weighed(vjp, factor, *which: int):
    """The VJP, with the upstream cotangent multiplied by ``factor(*args)`` on the way to these cotangents."""

    def wrong(ybar, y, *args):
        right, other = vjp(ybar, y, *args), vjp(ybar * factor(*args), y, *args)
        return tuple(o if k in which else r for k, (r, o) in enumerate(zip(right, other, strict=True)))

    return wrong


def inner_missing(name: str, why: str, vjp, factor, *which: int) -> Slip:
    """A factor of the chain left out: 1 over ``factor(*args)``."""
    return Slip(name, why, vjp=weighed(vjp, factor, *which))


def upper_tail(why: str, cdf, vjp) -> Slip:
    return Slip("upper-tail", why, lambda *args: 1 - cdf(*args), lambda ybar, y, *args: vjp(-ybar, 1 - y, *args))


def in_bits(why: str, f, vjp) -> Slip:
    return Slip(
        "in-bits",
        why,
        lambda *args: f(*args) / np.log(2),
        lambda ybar, y, *args: vjp(ybar / np.log(2), y * np.log(2), *args),
        "information theory",
    )


def deviation(why: str, f, vjp) -> Slip:
    """Of a mean and a variance: the root of the variance."""

    def value(*args):
        mean, variance = f(*args)
        return mean, np.sqrt(variance)

    def wrong(ybar, y, *args):
        return vjp((ybar[0], ybar[1] / (2 * y[1])), (y[0], y[1] ** 2), *args)

    return Slip("deviation-for-variance", why, value, wrong)


def raw(why: str, f, vjp) -> Slip:
    """Of a mean and a variance: the mean of the square."""

    def value(*args):
        mean, variance = f(*args)
        return mean, variance + mean**2

    def wrong(ybar, y, *args):
        return vjp((ybar[0] + 2 * y[0] * ybar[1], ybar[1]), (y[0], y[1] - y[0] ** 2), *args)

    return Slip("square-not-centred", why, value, wrong)


def only(vjp, k: int):
    """Of several outputs, what comes back from the k-th alone."""
    return lambda ybar, y, *args: vjp(tuple(b if j == k else 0 * b for j, b in enumerate(ybar)), y, *args)
