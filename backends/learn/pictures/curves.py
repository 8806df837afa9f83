"""Pictures of the chapters 12 and 13: losses, activations and their slopes."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from . import style
from .picture import Picture


def measure_losses(mse, mae, huber, hinge, binary_cross_entropy_with_logits) -> dict[str, Any]:
    r = np.linspace(-4, 4, 161)
    zero, one, plain = np.zeros_like(r), np.ones_like(r), {"reduction": "none"}
    return {
        "r": r,
        "far": {
            "mse": mse(r, zero, **plain),
            "huber, delta 1": huber(r, zero, delta=1.0, **plain),
            "mae": mae(r, zero, **plain),
        },
        "sides": {
            "hinge": hinge(r, one, margin=1.0, **plain),
            "cross-entropy": binary_cross_entropy_with_logits(r, one, None, None, **plain),
            "mse to 1": mse(r, one, **plain),
        },
    }


def draw_losses(r, far, sides) -> Figure:
    figure = style.figure("What is a mistake, and what does twice the mistake cost?", 4.6)
    left, right = figure.subplots(1, 2, sharey=True)
    for axes, curves in ((left, far), (right, sides)):
        for (name, y), color, dash in zip(curves.items(), style.LINES, ("-", "--", "-."), strict=False):
            axes.plot(r, y, color=color, ls=dash, lw=2.5, label=name)
        axes.set_ylim(0, 6)
        axes.set_xlim(-4, 4)
        axes.legend(loc="upper center" if axes is left else (0.41, 0.75), frameon=True, framealpha=1, edgecolor="white")
        axes.grid(True)
    left.set_xlabel("prediction minus target")
    left.set_ylabel("loss")
    left.set_title("how far off is a number?")
    right.axvline(0, color=style.INK, lw=1, ls=":")
    right.set_xlabel("score of an example whose answer is yes")
    right.set_title("on which side is a score?")
    return figure


ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "silu", "gelu")
PARAMETERS: dict[str, dict[str, Any]] = {
    "leaky_relu": {"negative_slope": 0.1},
    "elu": {"alpha": 1.0},
    "softplus": {"beta": 1.0, "threshold": np.inf},
    "gelu": {"approximate": "none"},
}


def measure_activations(
    sigmoid,
    sigmoid_vjp,
    tanh,
    tanh_vjp,
    relu,
    relu_vjp,
    leaky_relu,
    leaky_relu_vjp,
    elu,
    elu_vjp,
    softplus,
    softplus_vjp,
    silu,
    silu_vjp,
    gelu,
    gelu_vjp,
) -> dict[str, Any]:
    x = np.linspace(-4, 4, 160)  # without 0, where relu has a kink
    functions, curves, slopes = locals(), {}, {}
    for name in ACTIVATIONS:
        f, f_vjp, params = functions[name], functions[f"{name}_vjp"], PARAMETERS.get(name, {})
        curves[name] = f(x, **params)
        slopes[name] = f_vjp(np.ones_like(x), curves[name], x, **params)[0]
    return {"x": x, "curves": curves, "slopes": slopes}


def draw_activations(x, curves, slopes) -> Figure:
    figure = style.figure("Where the slope (dashed) is near 0, nothing is learnt", 5.4)
    grid = figure.subplots(2, 4, sharex=True, sharey=True)
    for axes, name in zip(grid.flat, curves, strict=True):
        axes.axhline(0, color=style.GREY, lw=0.6)
        axes.axvline(0, color=style.GREY, lw=0.6)
        dead = np.abs(slopes[name]) < 0.05
        axes.fill_between(x, -1.3, 3, where=dead, color=style.PALE, lw=0)
        axes.plot(x, curves[name], color=style.BLUE, lw=2.5)
        axes.plot(x, slopes[name], color=style.RED, ls="--", lw=2)
        axes.set_title(name)
        axes.set_ylim(-1.3, 3)
        axes.set_xlim(-4, 4)
        axes.set_xticks([-4, -2, 0, 2, 4])
    for axes in grid[-1]:
        axes.set_xlabel("x")
    for axes in grid[:, 0]:
        axes.set_ylabel("f(x) and f'(x)")
    return figure


PICTURES = (
    Picture(
        12,
        measure_losses,
        draw_losses,
        "Left: mse grows with the square, so that one outlier outweighs many small mistakes; huber is half of it near "
        "0, and runs beside mae further out. Right: hinge and cross-entropy ask on which side of the dotted line a "
        "score is; mse punishes a score of 3 for being too right. Which of the curves have a kink?",
    ),
    Picture(
        13,
        measure_activations,
        draw_activations,
        "The full line is f, the dashed one its slope, what the VJP makes of ones. Where it is grey, less than a "
        "twentieth of the cotangent gets through: on both sides of sigmoid and tanh, on the left of most others. What "
        "is the largest slope of sigmoid, and what is left of a cotangent after four of them?",
    ),
)
