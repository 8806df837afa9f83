"""Slips of smooth gates: the input times a curve from 0 to 1."""

from __future__ import annotations

import numpy as np

from ..activation.gated import gelu, gelu_vjp, glu, glu_vjp, silu, swiglu
from ..activation.sigmoidal import sigmoid, softplus
from ..elementwise.special import erfc
from ..op import Slip


def _slope(of):
    """The VJP of an elementwise function with the slope ``of(y, x)``."""
    return lambda ybar, y, x: (ybar * of(y, x),)


def _normal(x, approximate):
    """The gate Phi(x), or its approximation."""
    if approximate == "none":
        return erfc(-x / np.sqrt(2)) / 2
    return sigmoid(np.sqrt(8 / np.pi) * (x + 0.044715 * x**3))


def _other_form(approximate):
    return "tanh" if approximate == "none" else "none"


def _without_the_inner_slope(ybar, y, x, *, approximate):
    gate = _normal(x, approximate)
    if approximate == "none":
        return gelu_vjp(ybar, y, x, approximate=approximate)
    return (ybar * (gate + 2 * x * gate * (1 - gate)),)


def _mish_gate(x):
    return np.tanh(softplus(x, beta=1, threshold=np.inf))


def _halves_exchanged(x, axis):
    return np.concat(np.split(x, 2, axis=axis)[::-1], axis=axis)


def _glu_vjp(of):
    def vjp(ybar, y, x, *, axis):
        a, b = np.split(x, 2, axis=axis)
        return (np.concat([ybar * sigmoid(b), ybar * of(a, sigmoid(b))], axis=axis),)

    return vjp


_FIRST_ALONE = (
    "The input stands twice, as a factor and in the gate: by the product rule the slope is gate + x gate', of which "
    "only the gate is here."
)
_INNER = (
    "The gate's own argument is a function of x, so by the chain rule its slope has that function's slope as a factor: "
)

SLIPS = {
    "silu": (
        Slip("gate-alone", _FIRST_ALONE, vjp=_slope(lambda y, x: sigmoid(x))),
        Slip(
            "slope-of-the-sigmoid",
            "The slope s (1 - s) is that of the gate: by the product rule that of x s is s + x s (1 - s).",
            vjp=_slope(lambda y, x: sigmoid(x) * sigmoid(-x)),
        ),
        Slip(
            "value-for-the-gate",
            "The slope is s + y (1 - s), of the gate s and the value y = x s: y (1 - y) has y where s should be.",
            vjp=_slope(lambda y, x: y + x * y * (1 - y)),
        ),
    ),
    "gelu": (
        Slip(
            "other-form",
            'The two forms differ by up to 5e-4: approximate="none" is x Phi(x), "tanh" an approximation of it. Ask '
            "for the one that is meant.",
            forward=lambda x, *, approximate: gelu(x, approximate=_other_form(approximate)),
            vjp=lambda ybar, y, x, *, approximate: gelu_vjp(ybar, y, x, approximate=_other_form(approximate)),
            convention="GPT-2 and jax.nn.gelu (tanh), or of PyTorch (none)",
        ),
        Slip(
            "sigmoid-form",
            "There it is x sigmoid(1.702 x), which differs by up to 0.02: replace the gate by the normal distribution "
            "function.",
            forward=lambda x, *, approximate: x * sigmoid(1.702 * x),
            vjp=lambda ybar, y, x, *, approximate: (
                ybar * (sigmoid(1.702 * x) + 1.702 * x * sigmoid(1.702 * x) * sigmoid(-1.702 * x)),
            ),
            convention="CLIP (QuickGELU)",
        ),
        Slip(
            "root-of-2-forgotten",
            "Phi(x) = (1 + erf(x / sqrt 2)) / 2: without the root the gate is that of a normal distribution of "
            "variance 1/2.",
            forward=lambda x, *, approximate: x * _normal(np.sqrt(2) * x, approximate),
        ),
        Slip(
            "gate-alone",
            _FIRST_ALONE,
            vjp=lambda ybar, y, x, *, approximate: (ybar * _normal(x, approximate),),
        ),
        Slip(
            "density-not-times-x",
            "By the product rule the slope is Phi(x) + x phi(x): the density phi(x) is multiplied by x.",
            vjp=lambda ybar, y, x, *, approximate: (
                ybar * (_normal(x, approximate) + np.exp(-x * x / 2) / np.sqrt(2 * np.pi)),
            ),
        ),
        Slip(
            "inner-derivative-forgotten",
            _INNER + "u = sqrt(2 / pi) (x + 0.044715 x^3) has the slope sqrt(2 / pi) (1 + 3 * 0.044715 x^2).",
            vjp=_without_the_inner_slope,
        ),
    ),
    "mish": (
        Slip("gate-alone", _FIRST_ALONE, vjp=_slope(lambda y, x: _mish_gate(x))),
        Slip(
            "inner-derivative-forgotten",
            _INNER + "softplus(x) has the slope sigmoid(x).",
            vjp=_slope(lambda y, x: _mish_gate(x) + x * (1 - _mish_gate(x) ** 2)),
        ),
        Slip(
            "sigmoid-gate",
            "The gate is tanh(softplus(x)): with a sigmoid of x this is silu.",
            forward=silu,
        ),
    ),
    "glu": (
        Slip(
            "halves-exchanged",
            "The first half is the value and the second the gate: a sigmoid(b).",
            forward=lambda x, *, axis: glu(_halves_exchanged(x, axis), axis=axis),
            vjp=lambda ybar, y, x, *, axis: (
                _halves_exchanged(glu_vjp(ybar, y, _halves_exchanged(x, axis), axis=axis)[0], axis),
            ),
        ),
        Slip(
            "slope-of-the-gate-missing",
            "The gate's cotangent is ybar a, and goes through the sigmoid: bbar = ybar a s(b) (1 - s(b)).",
            vjp=_glu_vjp(lambda a, s: a),
        ),
        Slip(
            "value-not-multiplied",
            "By the product rule the gate's cotangent has the value as a factor: bbar = ybar a s(b) (1 - s(b)).",
            vjp=_glu_vjp(lambda a, s: s * (1 - s)),
        ),
    ),
    "swiglu": (
        Slip(
            "gate-exchanged",
            "The gate goes through silu, and x stays as it is: x silu(gate).",
            forward=lambda x, gate: swiglu(gate, x),
        ),
        Slip(
            "sigmoid-for-silu",
            "The gate is silu(gate) = gate sigmoid(gate): with the sigmoid alone this is glu.",
            forward=lambda x, gate: x * sigmoid(gate),
        ),
        Slip(
            "slope-of-the-sigmoid",
            "The gate's slope is that of silu, s + gate s (1 - s): s (1 - s) is that of the sigmoid in it.",
            vjp=lambda ybar, y, x, gate: (ybar * silu(gate), ybar * x * sigmoid(gate) * sigmoid(-gate)),
        ),
    ),
}
