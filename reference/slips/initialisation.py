"""Slips of initialisations: a wrong variance, which only a deep network shows."""

from __future__ import annotations

import numpy as np

from ..initialisation.scaling import fans, kaiming_normal, kaiming_uniform, lecun_normal, lecun_uniform, xavier_uniform
from ..op import Slip

BRACKETS = (
    "Both fans belong under one line, c / (fan_in + fan_out). Without the brackets, c / fan_in + fan_out, the weights "
    "come out far too large."
)
ROOT = "The variance was taken for the standard deviation: the noise is multiplied by the root of the variance."
OTHER_FAN = (
    "The fans were exchanged. A weight is stored as (out, in, *kernel): fan_in, the second axis times the kernel, "
    "keeps the variance on the way forward, fan_out on the way back."
)
HALF = "A uniform number between 0 and 1 has to be stretched and moved to lie between -1 and 1: 2 u - 1."


def _scaled(noise, unit, variance):
    return noise * np.sqrt(unit * variance)


def _scale_squared(f):
    """The weights with the square of the scale that each is multiplied by: the noise itself is the argument."""
    return lambda z, **params: f(z, **params) ** 2 / np.where(z == 0, 1, z)


SLIPS = {
    "xavier_uniform": (
        Slip(
            "brackets-missing",
            BRACKETS,
            forward=lambda u, *, gain: _scaled((2 * u - 1) * gain, 6, 1 / fans(u.shape)[0] + fans(u.shape)[1]),
        ),
        Slip(
            "fan-in-alone",
            "Xavier keeps the variance on the way back too: it takes both fans, 6 / (fan_in + fan_out). With fan_in "
            "alone it is LeCun's.",
            forward=lambda u, *, gain: gain * lecun_uniform(u),
        ),
        Slip(
            "kernel-forgotten",
            "The fan of a filter counts its places too: in times prod(kernel), as so many products are added up.",
            forward=lambda u, *, gain: _scaled((2 * u - 1) * gain, 6, 1 / sum(u.shape[:2])),
        ),
        Slip("not-centred", HALF, forward=lambda u, *, gain: xavier_uniform((u + 1) / 2, gain=gain)),
    ),
    "xavier_normal": (
        Slip("variance-as-deviation", ROOT, forward=lambda z, *, gain: z * gain * 2 / sum(fans(z.shape))),
        Slip(
            "brackets-missing",
            BRACKETS,
            forward=lambda z, *, gain: _scaled(z * gain, 2, 1 / fans(z.shape)[0] + fans(z.shape)[1] / 2),
        ),
        Slip(
            "fan-in-alone",
            "Xavier keeps the variance on the way back too: it takes both fans, 2 / (fan_in + fan_out). With fan_in "
            "alone it is LeCun's.",
            forward=lambda z, *, gain: gain * lecun_normal(z),
        ),
    ),
    "kaiming_uniform": (
        Slip(
            "as-if-normal",
            "A uniform number between -b and b has the variance b^2 / 3, so the bound is sqrt(3) times the standard "
            "deviation.",
            forward=lambda u, **params: kaiming_uniform(u, **params) / np.sqrt(3),
        ),
        Slip("not-centred", HALF, forward=lambda u, **params: kaiming_uniform((u + 1) / 2, **params)),
        Slip(
            "other-fan",
            OTHER_FAN,
            forward=lambda u, *, mode, **params: kaiming_uniform(
                u, mode="fan_out" if mode == "fan_in" else "fan_in", **params
            ),
        ),
    ),
    "kaiming_normal": (
        Slip("variance-as-deviation", ROOT, forward=_scale_squared(kaiming_normal)),
        Slip(
            "gain-forgotten",
            "Half of what a relu gets is cut off, so the weights are sqrt(2) larger to keep the variance. Without that "
            "gain the signal halves in each layer.",
            forward=lambda z, *, mode, **_: kaiming_normal(z, mode=mode, nonlinearity="linear", a=0.0),
        ),
        Slip(
            "other-fan",
            OTHER_FAN,
            forward=lambda z, *, mode, **params: kaiming_normal(
                z, mode="fan_out" if mode == "fan_in" else "fan_in", **params
            ),
        ),
    ),
    "lecun_normal": (
        Slip("variance-as-deviation", ROOT, forward=_scale_squared(lecun_normal)),
        Slip(
            "fan-out",
            "LeCun keeps the variance on the way forward: 1 / fan_in, and fan_in is the second axis times the kernel.",
            forward=lambda z: z / np.sqrt(fans(z.shape)[1]),
        ),
    ),
    "lecun_uniform": (
        Slip(
            "as-if-normal",
            "A uniform number between -b and b has the variance b^2 / 3, so the bound is sqrt(3 / fan_in).",
            forward=lambda u: lecun_uniform(u) / np.sqrt(3),
        ),
        Slip(
            "fan-out",
            "LeCun keeps the variance on the way forward: it takes fan_in, the second axis times the kernel.",
            forward=lambda u: _scaled(2 * u - 1, 3, 1 / fans(u.shape)[1]),
        ),
    ),
}
