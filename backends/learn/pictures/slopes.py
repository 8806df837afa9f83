"""Pictures of the chapters 4 to 7: what a matrix does, a tangent plane, Jacobians, ways down."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from . import style
from .picture import Picture


def measure_ellipse(svd, pca_fit) -> dict[str, Any]:
    """A circle and what becomes of it; the variances of a cloud in six dimensions of which two matter."""
    a = np.array([[1.6, 1.1], [0.2, 1.2]])
    u, s, vh = svd(a)
    angle = np.linspace(0, 2 * np.pi, 201)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    rng = np.random.default_rng(3)
    spread = rng.normal(size=(2, 6)) * np.array([[2.5], [1.5]])
    x = rng.normal(size=(200, 2)) @ spread + 1.2 * rng.normal(size=(200, 6))
    variance = pca_fit(x, n_components=6, route="covariance")[2]
    return {
        "circle": circle,
        "ellipse": (u * s) @ (vh @ circle),
        "before": vh,
        "after": (u * s).T,
        "s": s,
        "share": variance / np.sum(variance),
        "two": 100 * np.sum(variance[:2]) / np.sum(variance),
    }


def draw_ellipse(circle, ellipse, before, after, s, share, two) -> Figure:
    figure = style.figure("A circle becomes an ellipse; its long axes are what counts", 4.6)
    left, right = figure.subplots(1, 2, width_ratios=[1.15, 1])
    left.plot(*circle, color=style.GREY, lw=1.5)
    left.fill(*ellipse, color=style.SKY, alpha=0.25, lw=0)
    left.plot(*ellipse, color=style.BLUE)
    for i, color in enumerate((style.RED, style.GREEN)):
        left.annotate("", before[i], (0, 0), arrowprops={"arrowstyle": "-|>", "lw": 1.5, "ls": "--", "color": color})
        left.annotate("", after[i], (0, 0), arrowprops={"arrowstyle": "-|>", "lw": 2.5, "color": color})
        left.text(*(before[i] * 1.2), f"$v_{i + 1}$", color=color, ha="center", va="center", fontsize=14)
        place = after[i] * (1 + 0.4 / np.linalg.norm(after[i]))
        left.text(*place, f"$s_{i + 1} u_{i + 1}$", color=color, ha="center", va="center", fontsize=14)
    left.set_aspect("equal")
    left.set_xlim(-2.4, 2.7)
    left.set_ylim(-1.75, 1.95)
    left.set_title(f"A takes $v_i$ to $s_i u_i$: s = {s[0]:.2f}, {s[1]:.2f}")
    left.set_xlabel("first coordinate")
    left.set_ylabel("second coordinate")
    places = np.arange(1, len(share) + 1)
    right.bar(places, 100 * share, color=[style.BLUE] * 2 + [style.SKY] * (len(share) - 2), width=0.7)
    for place, height in zip(places, 100 * share, strict=True):
        right.text(place, height + 1.5, f"{height:.0f}", ha="center")
    right.set_title(f"scree: two of six hold {two:.0f} %")
    right.set_xlabel("component, by size")
    right.set_ylabel("share of the variance, in %")
    right.set_xticks(places)
    return figure


def measure_tangent(rosenbrock, rosenbrock_gradient) -> dict[str, Any]:
    ticks = np.linspace(-1.6, 1.6, 65)
    x = np.stack(np.meshgrid(ticks, ticks), axis=-1)
    at = np.array([-0.4, -0.2])
    height, gradient = rosenbrock(at, a=1.0, b=1.0), rosenbrock_gradient(at, a=1.0, b=1.0)
    near = np.linspace(-0.75, 0.75, 13)
    h = np.stack(np.meshgrid(near, near), axis=-1)
    return {
        "ticks": ticks,
        "heights": rosenbrock(x, a=1.0, b=1.0),
        "at": at,
        "height": height,
        "gradient": gradient,
        "near": near,
        "plane": height + h @ gradient,
    }


def draw_tangent(ticks, heights, at, height, gradient, near, plane) -> Figure:
    figure = style.figure("Near a point, a smooth surface is its tangent plane", 4.8)
    left: Any = figure.add_subplot(1, 2, 1, projection="3d")
    inner = np.abs(ticks) < 1.3
    x1, x2 = np.meshgrid(ticks[inner], ticks[inner])
    p1, p2 = np.meshgrid(at[0] + near, at[1] + near)
    left.plot_surface(p1, p2, plane, color=style.RED, alpha=0.55, lw=0, shade=False)
    left.plot_wireframe(x1, x2, heights[np.ix_(inner, inner)], color=style.BLUE, rstride=4, cstride=4, lw=0.8)
    left.scatter(*at, height, color=style.INK, s=30)
    left.view_init(20, -35)
    left.set_box_aspect((1, 1, 0.9), zoom=0.92)
    left.set_xlabel("$x_1$")
    left.set_ylabel("$x_2$")
    for axis in (left.xaxis, left.yaxis, left.zaxis):
        axis.pane.set_visible(False)
        axis.set_major_locator(MaxNLocator(4))
    left.set_title("the height f(x), and its tangent plane")
    right = figure.add_subplot(1, 2, 2)
    right.contour(ticks, ticks, heights, 2.0 ** np.arange(-2, 5.5, 0.5), colors=style.BLUE, linewidths=0.9)
    flat = at[0] + near, at[1] + near
    right.contour(*flat, plane, height + np.array([-1.5, 0, 1.5]), colors=style.RED, linestyles="solid")
    tip = at + 0.16 * gradient
    right.annotate("", tip, at, arrowprops={"arrowstyle": "-|>", "lw": 2.5, "color": style.INK})
    right.plot(*at, "o", color=style.INK)
    right.text(tip[0] + 0.1, tip[1] - 0.12, "grad f", ha="center", va="top", fontsize=13)
    right.set_aspect("equal")
    right.set_xlabel("$x_1$")
    right.set_ylabel("$x_2$")
    right.set_title("from above: lines of equal height")
    return figure


def measure_jacobians(cumsum, cumsum_vjp, mean, mean_vjp, max, max_vjp, prod, prod_vjp) -> dict[str, Any]:
    """Jacobians row by row: each row is what the VJP makes of a cotangent that is 1 at one place and 0 elsewhere."""
    x = np.array([1.0, 3.0, -2.0, 0.5, 2.0, -1.0, 1.5, -0.5, 2.5])

    def jacobian(f, f_vjp, x, **params):
        y = f(x, **params)
        rows = [f_vjp(e.reshape(y.shape), y, x, **params)[0].reshape(-1) for e in np.eye(y.size)]
        return np.stack(rows)

    table, over = x.reshape(3, 3), {"axis": 1, "keepdims": False}
    return {
        "cumsum": jacobian(cumsum, cumsum_vjp, x[:6], axis=0),
        "mean": jacobian(mean, mean_vjp, table, **over),
        "max": jacobian(max, max_vjp, table, **over),
        "prod": jacobian(prod, prod_vjp, table, **over),
        "row": 3,
    }


def draw_jacobians(row, **jacobians) -> Figure:
    figure = style.figure("A cotangent is a spotlight: a 1 at $y_i$ lights row i", 5.0)
    grid = figure.add_gridspec(3, 2, width_ratios=[1, 1.15])
    places = {"cumsum": grid[:, 0], "mean": grid[0, 1], "max": grid[1, 1], "prod": grid[2, 1]}
    told = {
        "cumsum": "cumsum: $y_4$ is made of $x_1$ to $x_4$",
        "mean": "mean of each row of x (3, 3)",
        "max": "max of each row: one x each",
        "prod": "prod of each row: the other two x",
    }
    for name, place in places.items():
        axes, j = figure.add_subplot(place), jacobians[name]
        lit = row if name == "cumsum" else 1
        size = np.max(np.abs(j))
        for (i, k), number in np.ndenumerate(j):
            face = style.SIGNED(0.5 + 0.4 * number / size)
            axes.add_patch(Rectangle((k, i), 1, 1, facecolor=face, edgecolor="white", alpha=1 if i == lit else 0.35))
            if number and i == lit:
                axes.text(k + 0.5, i + 0.5, f"{number:.2g}".replace("0.", "."), ha="center", va="center", fontsize=11)
        axes.add_patch(Rectangle((0, lit), j.shape[1], 1, fill=False, edgecolor=style.INK, lw=2))
        axes.set_xlim(0, j.shape[1])
        axes.set_ylim(len(j), 0)
        axes.set_aspect("equal")
        axes.set_title(told[name])
        axes.set_yticks(np.arange(len(j)) + 0.5, [f"$y_{i + 1}$" for i in range(len(j))])
        axes.set_xticks(np.arange(j.shape[1]) + 0.5, [f"$x_{k + 1}$" for k in range(j.shape[1])])
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
    return figure


def measure_descent(gradient_descent, newton) -> dict[str, Any]:
    """A bowl with the curvatures 1 and 9, and ways down from one start."""
    turn = np.array([[np.cos(0.5), -np.sin(0.5)], [np.sin(0.5), np.cos(0.5)]])
    a, b, start = turn @ np.diag([1.0, 9.0]) @ turn.T, np.zeros(2), np.array([-3.2, 0.2])
    ticks = np.linspace(-4, 4, 161)
    x = np.stack(np.meshgrid(ticks, 0.75 * ticks), axis=-1)

    def f(x):
        return np.einsum("...i,ij,...j->...", x, a, x) / 2

    paths = {f"lr = {k:g} / L": gradient_descent(a, b, start, lr=k / 9, steps=30) for k in (0.4, 1.8, 2.05)}
    paths["Newton"] = newton(a, b, start, steps=3)
    falls = {name: f(path) for name, path in paths.items()}
    return {"ticks": ticks, "heights": f(x), "paths": paths, "falls": falls}


def draw_descent(ticks, heights, paths, falls) -> Figure:
    figure = style.figure("Below 2 / L every step goes down; beyond it, up", 4.8)
    left, right = figure.subplots(1, 2, width_ratios=[1.3, 1])
    levels = 0.3 * 2.0 ** np.arange(9)
    left.contour(ticks, 0.75 * ticks, heights, levels, colors=style.GREY, linewidths=0.7)
    for (name, path), color, mark in zip(paths.items(), style.LINES, "os^D", strict=False):
        far = color == style.GREEN
        left.plot(*path[: 9 if far else None].T, color=color, marker=mark, markersize=5, lw=1.5, zorder=1 if far else 2)
        right.semilogy(falls[name], color=color, marker=mark, markersize=5, lw=1.5)
        end = (12, 3.5 * falls[name][14]) if len(path) > 14 else (1.5, 2e-6)
        right.text(*end, name, color=color)
    left.plot(*paths["Newton"][0], "o", color=style.INK, markersize=9)
    left.set_xlim(-4, 4)
    left.set_ylim(-3, 3)
    left.set_aspect("equal")
    left.set_xlabel("$x_1$")
    left.set_ylabel("$x_2$")
    left.set_title("the bowl from above")
    right.set_ylim(1e-6, 1e5)
    right.set_xlabel("step")
    right.set_ylabel("height above the lowest point")
    right.grid(True)
    right.set_title("how high the path is")
    return figure


PICTURES = (
    Picture(
        4,
        measure_ellipse,
        draw_ellipse,
        "Left: the two dashed arrows on the circle stay at a right angle, and become the longest and the shortest way "
        "across the ellipse: A v = s u. Right: the same for a cloud of data; after two components the bars fall like "
        "the scree under a cliff, and two hold {two:.0f} % of the variance. How many would you keep?",
    ),
    Picture(
        5,
        measure_tangent,
        draw_tangent,
        "Left: close to the dot the red plane and the surface are one; further away they part. Right: the plane's "
        "lines of equal height are straight and touch those of f at the dot. Look at the angle between them and the "
        "gradient, which points uphill.",
    ),
    Picture(
        6,
        measure_jacobians,
        draw_jacobians,
        "A Jacobian has a row for each y and a column for each x; the framed rows are what the VJP gave for one "
        "cotangent. Everything white is 0 and was never stored. Sum all rows of cumsum, each times its ybar: what "
        "does the VJP of cumsum therefore do?",
    ),
    Picture(
        7,
        measure_descent,
        draw_descent,
        "L is the largest curvature. With 0.4 / L the path bends down slowly, with 1.8 / L it swings across the "
        "valley, and with 2.05 / L it swings out of it. Newton's first step is the last one it needs. Right: which "
        "line is straight, and what decides how steep it is?",
    ),
)
