"""Pictures of the chapters 8 to 11: a box plot, densities and samples, two distances of distributions, a belief."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from . import style
from .picture import Picture


def measure_boxes(median, quartiles, histogram, mean) -> dict[str, Any]:
    """Waiting times, and the same with one that was mistyped."""
    rng = np.random.default_rng(5)
    x = np.round(2 + rng.gamma(3, 1.5, size=40), 1)
    wrong = np.where(x == np.max(x), 10 * np.max(x), x)
    boxes = []
    for values in (x, wrong):
        low, _, high = quartiles(values, axis=0)
        inside = values[(values >= low - 1.5 * (high - low)) & (values <= high + 1.5 * (high - low))]
        boxes.append(
            {
                "q1": low,
                "med": median(values, axis=0, keepdims=False),
                "q3": high,
                "whislo": np.min(inside),
                "whishi": np.max(inside),
                "fliers": values[(values < np.min(inside)) | (values > np.max(inside))],
                "mean": mean(values, axis=0, keepdims=False),
            }
        )
    edges = np.arange(2, 16.1, 1.0)
    return {
        "edges": edges,
        "counts": histogram(x, edges),
        "boxes": boxes,
        "means": np.array([b["mean"] for b in boxes]),
        "medians": np.array([b["med"] for b in boxes]),
    }


def draw_boxes(edges, counts, boxes, means, medians) -> Figure:
    figure = style.figure("One wrong value moves the mean, and leaves the median", 5.2)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[1, 1.2])
    above.stairs(counts, edges, fill=True, color=style.SKY, alpha=0.6)
    above.stairs(counts, edges, color=style.BLUE, lw=1.5)
    above.set_ylabel("how many of 40")
    above.set_title("40 waiting times")
    line = {"lw": 2, "color": style.INK}
    below.bxp(
        boxes,
        positions=[2, 1],
        orientation="horizontal",
        widths=0.5,
        showmeans=True,
        boxprops={"lw": 1.5, "color": style.GREY},
        whiskerprops={"lw": 1.5, "color": style.GREY},
        capprops={"lw": 1.5, "color": style.GREY},
        medianprops={**line, "color": style.BLUE, "lw": 3},
        meanprops={"marker": "D", "markerfacecolor": style.RED, "markeredgecolor": style.RED, "markersize": 9},
        flierprops={"marker": "o", "markerfacecolor": "white", "markeredgecolor": style.INK, "markersize": 6},
    )
    for y, b in zip((2, 1), boxes, strict=True):
        below.text(b["med"], y + 0.3, f"median {b['med']:.1f}", color=style.BLUE, ha="right", va="bottom")
        below.text(b["mean"], y - 0.3, f"mean {b['mean']:.1f}", color=style.RED, ha="left", va="top")
    below.set_yticks([2, 1], ["as they are", "the longest\ntimes ten"])
    edge = edges[-1]
    below.set_xlim(edges[0] - 0.3, edge + 2.4)
    far = boxes[1]["fliers"].max()
    below.annotate(
        f"one at {far:.0f}",
        (edge + 2.4, 1),
        (edge - 0.3, 1),
        va="center",
        arrowprops={"arrowstyle": "-|>", "color": style.INK},
    )
    below.set_ylim(0.4, 2.75)
    below.set_xlabel("waiting time, in minutes")
    return figure


def measure_samples(box_muller, normal_log_density, histogram, multivariate_normal_log_density) -> dict[str, Any]:
    rng = np.random.default_rng(7)
    z0, z1 = box_muller(1 - rng.uniform(size=1500), rng.uniform(size=1500))
    edges = np.linspace(-4, 4, 33)
    x = np.linspace(-4, 4, 161)
    lower = np.array([[1.5, 0.0], [0.8, 0.6]])
    ticks = np.linspace(-5, 5, 101)
    grid = np.stack(np.meshgrid(ticks, ticks), axis=-1)
    zero, one = np.array(0.0), np.array(1.0)
    return {
        "edges": edges,
        "bars": histogram(z0, edges) / (len(z0) * (edges[1] - edges[0])),
        "x": x,
        "density": np.exp(normal_log_density(x, zero, one)),
        "points": (np.stack([z0, z1], axis=1) @ lower.T)[:400],
        "ticks": ticks,
        "heights": multivariate_normal_log_density(grid, np.zeros(2), lower @ lower.T),
    }


def draw_samples(edges, bars, x, density, points, ticks, heights) -> Figure:
    figure = style.figure("Samples crowd where the density is high", 4.6)
    left, right = figure.subplots(1, 2, width_ratios=[1.1, 1])
    left.stairs(bars, edges, fill=True, color=style.SKY, alpha=0.6, label="1500 samples")
    left.plot(x, density, color=style.BLUE, lw=2.5, label="density")
    left.set_ylim(0, 0.52)
    left.set_xlabel("z")
    left.set_ylabel("share of the samples per unit of z")
    left.legend(loc="upper left")
    left.set_title("one normal number")
    right.plot(*points.T, ".", color=style.BLUE, alpha=0.45, markersize=5)
    peak = np.max(heights)
    levels = peak - np.array([3.0, 2.0, 1.0]) ** 2 / 2
    lines = right.contour(ticks, ticks, heights, levels, colors=style.INK, linewidths=1.5, linestyles="solid")
    names = dict(zip(levels, ("3", "2", "1"), strict=True))
    right.clabel(lines, fmt=lambda level: f"{names[level]} sigma", fontsize=10)
    right.set_aspect("equal")
    right.set_xlabel("$x_1$")
    right.set_ylabel("$x_2$")
    right.set_title("two that lean on each other")
    return figure


def measure_asymmetry(kl_categorical, normal_log_density) -> dict[str, Any]:
    """Of all normal densities, the one that is nearest to one of two humps, by each of the two divergences."""
    x = np.linspace(-6, 7, 131)

    def masses(mu, sigma):
        weights = np.exp(normal_log_density(x, mu, sigma))
        return weights / np.sum(weights, axis=-1, keepdims=True)

    p = 0.65 * masses(np.array(-2.0), np.array(0.8)) + 0.35 * masses(np.array(2.5), np.array(0.9))
    p = p / np.sum(p)
    mu, sigma = np.meshgrid(np.linspace(-4, 4, 81), np.linspace(0.5, 3.5, 61))
    q = masses(mu.reshape(-1, 1), sigma.reshape(-1, 1))
    wide = np.broadcast_to(p, q.shape)
    forward, reverse = kl_categorical(wide, q, axis=-1), kl_categorical(q, wide, axis=-1)
    i, j = np.argmin(forward), np.argmin(reverse)
    return {
        "x": x,
        "p": p,
        "covers": q[i],
        "picks": q[j],
        "of_covers": np.array([forward[i], reverse[i]]),
        "of_picks": np.array([forward[j], reverse[j]]),
    }


def draw_asymmetry(x, p, covers, picks, of_covers, of_picks) -> Figure:
    figure = style.figure("KL(p, q) makes q cover all of p; KL(q, p) makes it pick one hump", 4.6)
    axes = figure.subplots()
    axes.fill_between(x, p, color=style.PALE, lw=0)
    axes.plot(x, p, color=style.GREY, lw=2)
    axes.plot(x, covers, color=style.BLUE, lw=2.5)
    axes.plot(x, picks, color=style.RED, lw=2.5, ls="--")
    axes.text(3.45, 0.0125, "p", color=style.GREY, fontsize=15)
    told = "KL(p, q) = {:.2f}\nKL(q, p) = {:.2f}"
    axes.text(0.2, 0.0235, f"least KL(p, q)\n{told.format(*of_covers)}", color=style.BLUE, va="bottom")
    axes.text(-6, 0.026, f"least KL(q, p)\n{told.format(*of_picks)}", color=style.RED, va="bottom")
    axes.set_xlabel("x")
    axes.set_ylabel("probability of each of 131 bins")
    axes.set_ylim(0, None)
    return figure


def measure_belief(beta_binomial_posterior, beta_log_density) -> dict[str, Any]:
    """A coin of which one thinks that it is fair, and what one thinks after more and more throws."""
    theta = np.linspace(0.002, 0.998, 499)
    heads, tails = np.array([0.0, 4.0, 15.0, 75.0]), np.array([0.0, 1.0, 5.0, 25.0])
    two = np.full(4, 5.0)
    a, b, mean, variance = beta_binomial_posterior(two, two, heads, tails)
    return {
        "theta": theta,
        "density": np.exp(beta_log_density(theta, a[:, None], b[:, None])),
        "heads": heads,
        "tails": tails,
        "mean": mean,
        "deviation": np.sqrt(variance),
    }


def draw_belief(theta, density, heads, tails, mean, deviation) -> Figure:
    figure = style.figure("Every throw moves the belief, and the more there are, the surer it is", 4.8)
    axes = figure.subplots()
    colors = (style.GREY, style.ORANGE, style.RED, style.BLUE)
    for y, s, f, m, d, color in zip(density, heads, tails, mean, deviation, colors, strict=True):
        told = f"after {s:.0f} of {s + f:.0f}" if s + f else "prior: Beta(5, 5)"
        axes.plot(theta, y, color=color, lw=2.5, ls="--" if not s + f else "-", label=f"{told}: {m:.2f} ± {d:.2f}")
        axes.fill_between(theta, y, color=color, alpha=0.12, lw=0)
        axes.plot([m, m], [0, np.interp(m, theta, y)], color=color, lw=1)
    axes.axvline(0.75, color=style.INK, lw=1, ls=":")
    axes.text(0.755, 9.9, "share of heads seen\nin the last two", va="top", ha="left")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 10)
    axes.set_xlabel("probability of heads")
    axes.set_ylabel("density of the belief")
    axes.legend(loc="upper left", title="mean ± standard deviation", alignment="left")
    return figure


PICTURES = (
    Picture(
        8,
        measure_boxes,
        draw_boxes,
        "A box holds the middle half of the values, the thick line is the median, the diamond the mean. When the "
        "longest time is mistyped, the mean goes from {means[0]:.1f} to {means[1]:.1f}; the median was "
        "{medians[0]:.1f} and is {medians[1]:.1f}. Compare the histogram's long side with the longer whisker.",
    ),
    Picture(
        9,
        measure_samples,
        draw_samples,
        "Left: the steps are samples of Box and Muller, the line is exp of the log-density; with more samples they "
        "would lie on each other. Right: the same numbers, pushed through a matrix; the ellipses are where the "
        "density is the same. How many of the dots lie outside of the second one? In two dimensions it is not 5 %.",
    ),
    Picture(
        10,
        measure_asymmetry,
        draw_asymmetry,
        "Both curves are the nearest normal distribution to p. KL(p, q) punishes q for being 0 where p is not, and so "
        "q covers both humps and the gap too; KL(q, p) punishes q for being where p is not, and so q keeps to one "
        "hump. Which of the two is used where a network is trained on data?",
    ),
    Picture(
        11,
        measure_belief,
        draw_belief,
        "The prior is worth ten throws: it holds the first curve back, and is hardly felt in the last. Three out of "
        "four are heads in the last two, and the belief comes nearer to that. Look at ±: for how many times as many "
        "throws is it half as large?",
    ),
)
