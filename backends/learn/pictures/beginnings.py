"""Pictures of the chapters 0 to 3: how far to trust a number, one neuron, a product of matrices, a network."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from crosscheck.reference.calculus.approximation import finite_difference as our_difference

from . import style
from .picture import Picture


def measure_steps(finite_difference, rosenbrock_gradient) -> dict[str, Any]:
    """How far a finite difference is from the gradient, for steps of 1 down to 1e-15: in the middle of 40 points."""
    x = np.random.default_rng(0).uniform(-1.5, 1.5, size=(40, 2))
    x32 = x.astype(np.float32)
    steps = [float(h) for h in 10.0 ** np.linspace(-15, 0, 61)]

    def error(x, step, scheme):
        y = finite_difference(x, function="rosenbrock", step=step, scheme=scheme)
        if y.dtype != x.dtype:  # somebody's array of float64 inside has made it more precise than the question
            y = our_difference(x, function="rosenbrock", step=step, scheme=scheme)
        want = rosenbrock_gradient(x.astype(np.float64), a=1.0, b=100.0)
        return np.median(np.linalg.norm(y - want, axis=1) / np.linalg.norm(want, axis=1))

    central = np.array([error(x, h, "central") for h in steps])
    return {
        "steps": np.array(steps),
        "forward": np.array([error(x, h, "forward") for h in steps]),
        "central": central,
        "single": np.array([error(x32, h, "central") for h in steps]),
        "step": steps[int(np.argmin(central))],
        "least": np.min(central),
    }


def draw_steps(steps, forward, central, single, step, least) -> Figure:
    figure = style.figure("A step that is too small is as bad as one that is too large")
    axes = figure.subplots()
    axes.loglog(steps, single, color=style.ORANGE)
    axes.loglog(steps, forward, color=style.RED)
    axes.loglog(steps, central, color=style.BLUE)
    axes.text(1e-15, 2.5, "central, float32: where h is below 1e-7, x + h is x", color=style.ORANGE)
    axes.text(5e-7, 3e-6, "forward, float64", color=style.RED, ha="right")
    axes.plot(step, least, "o", color=style.BLUE, markersize=8)
    axes.annotate(
        f"central, float64:\n{least:.0e} at h = {step:.0e}",
        (step, least),
        (12, -20),
        textcoords="offset points",
        color=style.BLUE,
    )
    axes.set_xlabel("step h, in the unit of x")
    axes.set_ylabel("relative error of the gradient")
    axes.set_ylim(1e-13, 1e3)
    axes.text(1e-15, 1e-7, "rounding error,\nlike 1 / h", color=style.GREY)
    axes.text(3, 1e-9, "truncation error,\nlike h² or h", color=style.GREY, ha="right")
    axes.grid(True)
    return figure


def measure_line(neuron, projection) -> dict[str, Any]:
    """Two neurons with the same line: the second one's w and b are four times as large."""
    w, b = np.array([0.8, 0.6]), np.array(0.6)
    ticks = np.linspace(-3, 3, 121)
    x = np.stack(np.meshgrid(ticks, ticks), axis=-1)
    y = [neuron(x.reshape(-1, 2), k * w, k * b, activation="sigmoid").reshape(x.shape[:2]) for k in (1, 4)]
    return {"ticks": ticks, "y": np.stack(y), "w": w, "foot": projection(np.array([0.0, -b / w[1]]), w)}


def draw_line(ticks, y, w, foot) -> Figure:
    figure = style.figure("w points to the yes; the longer w is, the sharper the line", 4.6)
    shown = None
    for axes, heights, k in zip(figure.subplots(1, 2, sharey=True), y, (1, 4), strict=True):
        shown = axes.pcolormesh(ticks, ticks, heights, cmap=style.SIGNED, vmin=0, vmax=1, rasterized=True)
        levels = axes.contour(ticks, ticks, heights, [0.1, 0.5, 0.9], colors=style.INK, linewidths=[1, 2.5, 1])
        axes.clabel(levels, fmt="%g", fontsize=11)
        axes.annotate("", foot + w, foot, arrowprops={"arrowstyle": "-|>", "lw": 2.5, "color": style.INK})
        axes.plot(*foot, "o", color=style.INK)
        axes.text(
            *(foot + (1.25 if k == 1 else 2.1) * w), "w" if k == 1 else "w / 4", ha="center", va="center", fontsize=14
        )
        axes.set_title(f"w = ({k * w[0]:g}, {k * w[1]:g}), of length {k}")
        axes.set_xlabel("input $x_1$")
        axes.set_aspect("equal")
    figure.axes[0].set_ylabel("input $x_2$")
    assert shown is not None
    figure.colorbar(shown, ax=figure.axes, label="output: sigmoid(x·w + b)", shrink=0.85)
    return figure


def measure_product(matmul) -> dict[str, Any]:
    a = np.array([[1.0, -2.0, 0.0, 3.0], [2.0, 1.0, -1.0, 0.0], [-1.0, 0.0, 2.0, 1.0]])
    b = np.array(
        [[1.0, 0.0, 2.0, -1.0, 1.0], [0.0, 1.0, -1.0, 2.0, 1.0], [2.0, 1.0, 0.0, -2.0, 0.0], [1.0, -1.0, 1.0, 0.0, 2.0]]
    )
    c = matmul(a, b)
    sum_ = " + ".join(f"({p:g})({q:g})" for p, q in zip(a[1], b[:, 2], strict=True))
    return {"a": a, "b": b, "c": c, "row": 1, "column": 2, "told": f"$c_{{23}}$ = {sum_} = {c[1, 2]:g}"}


def draw_product(a, b, c, row, column, told) -> Figure:
    figure = style.figure("Each number of a b is a row of a times a column of b", 5.4)
    axes = style.bare(figure.subplots())
    (m, k), n, gap = a.shape, b.shape[1], 0.7
    size = np.max(np.abs(c))
    corners = {"a": (a, 0, k + gap), "b": (b, k + gap, 0), "c": (c, k + gap, k + gap)}
    for name, (matrix, left, top) in corners.items():
        for (i, j), number in np.ndenumerate(matrix):
            lit = (name != "b" and i == row) + (name != "a" and j == column) == (2 if name == "c" else 1)
            axes.add_patch(
                Rectangle(
                    (left + j, top + i),
                    1,
                    1,
                    facecolor=style.SIGNED(0.5 + 0.38 * number / size),
                    edgecolor=style.INK if lit else "white",
                    linewidth=2.5 if lit else 1.5,
                    zorder=3 if lit else 2,
                )
            )
            axes.text(left + j + 0.5, top + i + 0.5, f"{number:g}", ha="center", va="center", zorder=4, fontsize=15)
    axes.text(-0.2, k + gap + m / 2, f"a\n({m}, {k})", ha="right", va="center", fontsize=14)
    axes.text(k + gap + n + 0.2, k / 2, f"b\n({k}, {n})", ha="left", va="center", fontsize=14)
    axes.text(k + gap + n + 0.2, k + gap + m / 2, f"c = a b\n({m}, {n})", ha="left", va="center", fontsize=14)
    axes.text(k + gap + n, k + gap + m + 0.25, told, ha="right", va="top", fontsize=13)
    axes.set_xlim(-1.3, k + gap + n + 1.7)
    axes.set_ylim(k + gap + m + 0.9, -0.1)
    axes.set_aspect("equal")
    return figure


def measure_network(mlp, linear, sigmoid) -> dict[str, Any]:
    """A random network and the numbers in its nodes for one input."""
    rng = np.random.default_rng(4)
    widths = (3, 4, 4, 1)
    theta = [rng.normal(size=shape) for n, m in pairwise(widths) for shape in ((n, m), (m,))]
    x = np.array([[1.0, -0.5, 0.25]])
    first = sigmoid(linear(x, theta[0], theta[1]))
    second = sigmoid(linear(first, theta[2], theta[3]))
    nodes = [x[0], first[0], second[0], mlp(x, *theta, activation="sigmoid")[0]]
    return {"weights": theta[::2], "nodes": nodes, "count": sum(t.size for t in theta)}


def draw_network(weights, nodes, count) -> Figure:
    title = f"Three numbers in, {count} parameters, one number out"
    figure = style.figure(title, 5.0)
    axes = style.bare(figure.subplots())
    network(axes, nodes, [w / np.max(np.abs(w)) for w in weights])
    names = ("input x\n(3,)", "$s(x W_1 + b_1)$\n(4,)", "$s(h_1 W_2 + b_2)$\n(4,)", "$h_2 W_3 + b_3$\n(1,)")
    for layer, name in enumerate(names):
        axes.text(layer, -2.35, name, ha="center", va="center")
    axes.text(
        1.5, 2.3, "line: a weight; violet above 0, orange below, thick where it is large", ha="center", color=style.GREY
    )
    axes.set_ylim(-2.75, 2.45)
    return figure


def network(axes, nodes, strengths, size: float = 1500) -> None:
    """Columns of circles with numbers in them, none for nan, and lines between, signed and from -1 to 1."""

    def places(n):
        return np.arange(n)[::-1] - (n - 1) / 2

    for layer, strength in enumerate(strengths):
        for (i, j), s in np.ndenumerate(strength):
            ends = places(len(nodes[layer]))[i], places(len(nodes[layer + 1]))[j]
            color = style.SIGNED(0.5 + 0.45 * np.sign(s))
            axes.plot([layer, layer + 1], ends, color=color, lw=0.3 + 5 * abs(s), zorder=1, solid_capstyle="butt")
    written: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 3, "fontsize": 10 if size < 1500 else 12}
    for layer, numbers in enumerate(nodes):
        for y, number in zip(places(len(numbers)), numbers, strict=True):
            face = style.SIGNED(0.5 + 0.35 * np.clip(np.nan_to_num(number), -1.2, 1.2) / 1.2)
            axes.scatter(layer, y, s=size, color=face, edgecolor=style.INK, linewidth=1.5, zorder=2)
            axes.text(layer, y, "" if np.isnan(number) else f"{number:.2f}", **written)
    axes.set_xlim(-0.45, len(nodes) - 0.55)


PICTURES = (
    Picture(
        0,
        measure_steps,
        draw_steps,
        "From the right: each curve falls while the step shrinks, the central one twice as steeply, until rounding "
        "takes over; then it rises again. The best that the central difference in float64 can do is {least:.0e}, at h "
        "= {step:.0e}. Where is the lowest point of float32, and why so much further to the right?",
    ),
    Picture(
        1,
        measure_line,
        draw_line,
        "The thick line is where x·w + b = 0: there the output is one half. w stands at a right angle on it and "
        "points to the side where the output is near 1. Four times w and b are the same line; look how near 0.1 and "
        "0.9 have come to it.",
    ),
    Picture(
        2,
        measure_product,
        draw_product,
        "The framed row of a and the framed column of b meet in the framed number of c; the line under it says how, "
        "counting from 1. Which row and which column make the number in the corner? The shapes must fit: a is as wide "
        "as b is high.",
    ),
    Picture(
        3,
        measure_network,
        draw_network,
        "Read it from the left to the right: every node adds up what its lines bring, each multiplied by its weight, "
        "adds its own number, and bends it; the last one does not bend. Count the lines and the nodes behind the "
        "input: they are the {count} parameters.",
    ),
)
