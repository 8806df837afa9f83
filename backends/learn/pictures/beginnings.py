"""Pictures of the chapters 0 to 3: how far to trust a number, one neuron, a product of matrices, a network."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

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


PICTURES = (
    Picture(
        0,
        measure_steps,
        draw_steps,
        "From the right: each curve falls while the step shrinks, the central one twice as steeply, until rounding "
        "takes over; then it rises again. The best that the central difference in float64 can do is {least:.0e}, at "
        "h = {step:.0e}. Where is the lowest point of float32, and why so much further to the right?",
    ),
)
