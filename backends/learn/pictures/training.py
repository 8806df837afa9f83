"""Pictures of the chapters 14 to 16: how gradients flow, ways of optimisers, what batch normalisation sends back."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from . import style
from .beginnings import network
from .picture import Picture

DEPTH, BREADTH = 10, 24


def measure_flow(mlp_binary_loss, mlp_binary_loss_vjp, mlp, mlp_vjp, xavier_normal) -> dict[str, Any]:
    """The gradients of the 3-4-4-1 network, and their size by layer in deep ones with three activations."""
    rng = np.random.default_rng(1)

    def begun(widths):
        shapes = pairwise(widths)
        return [t for n, m in shapes for t in (xavier_normal(rng.normal(size=(n, m)), gain=1.0), np.zeros(m))]

    theta, x, target = begun((3, 4, 4, 1)), rng.normal(size=(6, 3)), rng.integers(0, 2, size=(6, 1)) * 1.0
    loss = mlp_binary_loss(x, target, *theta, activation="sigmoid")
    bars = mlp_binary_loss_vjp(np.ones_like(loss), loss, x, target, *theta, activation="sigmoid")[-6:]
    deep = begun((BREADTH,) * (DEPTH + 1))
    many = rng.normal(size=(32, BREADTH))
    sizes = {}
    for activation in ("relu", "tanh", "sigmoid"):
        y = mlp(many, *deep, activation=activation)
        back = mlp_vjp(np.ones_like(y) / y.size, y, many, *deep, activation=activation)[1::2]
        sizes[activation] = np.array([np.sqrt(np.mean(w * w)) for w in back])
    left_over = sizes["sigmoid"][0] / sizes["sigmoid"][-1]
    return {"weights": bars[::2], "biases": bars[1::2], "sizes": sizes, "left_over": left_over}


def draw_flow(weights, biases, sizes, left_over) -> Figure:
    figure = style.figure("Sigmoids let little of the gradient through to the first layers", 4.8)
    left, right = figure.subplots(1, 2, width_ratios=[1.45, 1])
    style.bare(left)
    largest = max(np.max(np.abs(w)) for w in weights)
    nodes = [np.full(3, np.nan), *biases]
    network(left, nodes, [np.sign(w) * np.sqrt(np.abs(w) / largest) for w in weights], size=1000)
    for layer, w in enumerate(weights):
        told = f"{np.sqrt(np.mean(w * w)):.3f}"
        left.text(layer + 0.5, -2.65, told, ha="center", va="center", fontsize=13)
    left.text(1.5, -2.2, "root mean square of the gradient of W", ha="center", color=style.GREY)
    left.annotate("", (0.6, 2.2), (2.4, 2.2), arrowprops={"arrowstyle": "-|>", "lw": 2, "color": style.INK})
    left.set_ylim(-2.9, 2.4)
    left.set_title("3-4-4-1: dL/dw by thickness, dL/db in the circles")
    steps = np.arange(1, DEPTH + 1)
    for (name, y), color, mark in zip(sizes.items(), style.LINES, "os^", strict=False):
        right.semilogy(steps, y, color=color, marker=mark)
        right.text(4.5, (y[2] if name == "sigmoid" else 1.7 * y[4]), name, color=color, ha="left")
    right.set_xticks(steps)
    right.set_xlabel("layer: 1 is next to the input")
    right.set_ylabel("size of the gradient of its weights")
    right.grid(True)
    right.set_title(f"{DEPTH} layers of {BREADTH}")
    return figure


VALLEY: dict[str, float] = {"a": 1.0, "b": 8.0}


def measure_paths(sgd_step, momentum_step, rmsprop_step, adam_step, rosenbrock, rosenbrock_gradient) -> dict[str, Any]:
    """Eighty steps of four optimisers in one curved valley, from one start."""
    p = np.array([-1.3, 0.6])
    zero = np.zeros_like(p)
    plain = {"weight_decay": 0.0}

    def go(step):
        points, state = [p], (zero, zero, zero)
        for t in range(1, 81):
            new, state = step(points[-1], rosenbrock_gradient(points[-1], **VALLEY), state, t)
            points.append(new)
        return np.stack(points)

    def momentum(p, g, s, t):
        new, v = momentum_step(p, g, s[0], lr=0.005, momentum=0.9, dampening=0.0, lr_inside=False, **plain)
        return new, (v, *s[1:])

    def rmsprop(p, g, s, t):
        params = {"alpha": 0.9, "eps": 1e-8, "momentum": 0.0, "centered": False, "eps_inside": False}
        new, *rest = rmsprop_step(p, g, *s, lr=0.05, **params, **plain)
        return new, tuple(rest)

    def adam(p, g, s, t):
        new, m, v = adam_step(p, g, *s[:2], t=t, lr=0.15, beta1=0.9, beta2=0.999, eps=1e-8)
        return new, (m, v, s[2])

    ways = {
        "sgd, lr 0.01": lambda p, g, s, t: (sgd_step(p, g, lr=0.01), s),
        "momentum, lr 0.005": momentum,
        "rmsprop, lr 0.05": rmsprop,
        "adam, lr 0.15": adam,
    }
    paths = {name: go(step) for name, step in ways.items()}
    ticks = np.linspace(-1.8, 1.8, 121)
    x = np.stack(np.meshgrid(ticks, ticks + 0.7), axis=-1)
    return {
        "ticks": ticks,
        "heights": rosenbrock(x, **VALLEY),
        "paths": paths,
        "falls": {name: rosenbrock(path, **VALLEY) for name, path in paths.items()},
    }


def draw_paths(ticks, heights, paths, falls) -> Figure:
    figure = style.figure("Four optimisers, one valley: who crosses it, who follows it", 5.0)
    left, right = figure.subplots(1, 2, width_ratios=[1.2, 1])
    left.contour(ticks, ticks + 0.7, heights, 0.05 * 2.5 ** np.arange(9), colors=style.GREY, linewidths=0.7)
    for (name, path), color, mark in zip(paths.items(), style.LINES, "os^D", strict=False):
        left.plot(*path.T, color=color, marker=mark, markersize=3.5, lw=1.3)
        right.semilogy(falls[name], color=color, lw=2, label=name)
        right.semilogy(np.arange(0, 81, 10), falls[name][::10], color=color, marker=mark, ls="", markersize=5)
    left.plot(*next(iter(paths.values()))[0], "o", color=style.INK, markersize=9)
    left.plot(1, 1, "*", color=style.INK, markersize=14)
    left.set_aspect("equal")
    left.set_xlabel("$p_1$")
    left.set_ylabel("$p_2$")
    left.set_title("from the dot to the star")
    right.set_xlabel("step")
    right.set_ylabel("loss")
    right.grid(True)
    right.set_ylim(2e-5, 40)
    right.legend(loc="lower left", frameon=True, framealpha=1, edgecolor="white")
    right.set_title("the loss on the way")
    return figure


def measure_terms(batch_norm, batch_norm_vjp, mean, projection) -> dict[str, Any]:
    """One channel of a batch of eight: what arrives, what is taken from it, what goes back."""
    rng = np.random.default_rng(6)
    x, gamma, beta = np.linspace(-1, 2, 8)[:, None] + 0.04 * rng.normal(size=(8, 1)), np.ones(1), np.zeros(1)
    ybar = 0.5 + 0.6 * x + 0.7 * rng.normal(size=(8, 1))
    unit = batch_norm(x, gamma, beta, eps=1e-5)
    back = batch_norm_vjp(ybar, unit, x, gamma, beta, eps=1e-5)[0]
    middle = mean(ybar[:, 0], axis=0, keepdims=True)
    return {
        "unit": unit[:, 0],
        "arrives": ybar[:, 0],
        "middle": np.broadcast_to(middle, len(x)),
        "along": projection(ybar[:, 0], unit[:, 0]),
        "back": back[:, 0] * np.std(x),
    }


def draw_terms(unit, arrives, middle, along, back) -> Figure:
    figure = style.figure("Batch norm sends back what no straight line explains", 4.4)
    parts = {
        "what arrives:\ncotangent of y": (arrives, style.BLUE),
        "minus its mean": (middle, style.ORANGE),
        "minus its part\nalong $\\hat{x}$": (along, style.RED),
        "goes back:\n$\\bar{x}$ · deviation": (back, style.GREEN),
    }
    grid = figure.subplots(1, 4, sharey=True, sharex=True)
    ends = np.array([np.min(unit) - 0.2, np.max(unit) + 0.2])
    slope = along[0] / unit[0]
    lines = (middle[0] + slope * ends, middle[:2], slope * ends, 0 * ends)
    for axes, (name, (y, color)), line in zip(grid, parts.items(), lines, strict=True):
        axes.axhline(0, color=style.GREY, lw=0.8)
        axes.plot(ends, line, color=style.INK, lw=1.2, ls="--")
        for at, height in zip(unit, y, strict=True):
            axes.annotate(
                "",
                (at, height),
                (at, 0),
                arrowprops={"arrowstyle": "-|>", "lw": 2, "color": color, "shrinkB": 0, "shrinkA": 0},
            )
        axes.set_title(name)
        axes.set_xlabel("normalised $\\hat{x}$")
        axes.set_xlim(ends[0] - 0.2, ends[1] + 0.2)
    heights = np.stack([y for y, _ in parts.values()])
    grid[0].set_ylim(np.min(heights) - 0.3, np.max(heights) + 0.3)
    grid[0].set_ylabel("arrow: part of the cotangent\nof each of eight examples")
    return figure


PICTURES = (
    Picture(
        14,
        measure_flow,
        draw_flow,
        "The gradient goes from the right to the left, and with every sigmoid it loses: its slope is 1/4 at the most. "
        "In the ten layers on the right the first one gets {left_over:.0e} of what the last one gets. Compare relu "
        "and tanh, with the same weights. What would have to be drawn larger at the beginning for sigmoid?",
    ),
    Picture(
        15,
        measure_paths,
        draw_paths,
        "All four have the same gradients to go by. sgd goes straight down, then creeps along the bottom; momentum "
        "gathers speed there and swings; rmsprop and adam divide by the size of past gradients, so that each "
        "coordinate moves at the same pace, whatever its slope. Which of them cannot stay at the star, and why?",
    ),
    Picture(
        16,
        measure_terms,
        draw_terms,
        "The arrows of the first part are those of the other three, added up. The dashed line is the straight line "
        "that fits the first arrows best: the second part is its height, the third its slope, and what goes back is "
        "what it leaves over. That a shift or a stretch of x changes nothing: where do you see it?",
    ),
)
