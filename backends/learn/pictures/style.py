"""The one style of all pictures: quiet, and told apart by those who see no red or no green too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib import rc_context, rcParams, rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

# Okabe and Ito (2008), Color Universal Design; the orange darker, for letters.
BLUE, RED, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#C98200"
PINK, SKY, INK, GREY, PALE = "#CC79A7", "#56B4E9", "#222222", "#767676", "#E4E4E4"
LINES = (BLUE, RED, GREEN, ORANGE, PINK, SKY)
SIGNED = LinearSegmentedColormap.from_list("signed", ["#C8741A", "#F0B974", "#F7F7F7", "#AEA3D6", "#6A55A8"])
"""Numbers around 0: orange below, white, violet above; dark letters can be read on all of it."""
UPWARD = LinearSegmentedColormap.from_list("upward", ["#FFFFFF", "#B7D3EA", "#4F94C9"])
"""Numbers that only grow."""
WIDTH, DPI = 8.0, 200
STYLE: Any = {
    "font.size": 12,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "figure.titlesize": 14,
    "figure.titleweight": "bold",
    "grid.color": PALE,
    "legend.frameon": False,
    "legend.fontsize": 11,
    "lines.linewidth": 2,
    "text.color": INK,
    "xtick.color": GREY,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 11,
    "ytick.color": GREY,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 11,
}


@contextmanager
def quiet() -> Iterator[None]:
    """Whatever the user's own settings are, in the body these hold: nothing else is changed."""
    with rc_context():
        rcParams.update({k: v for k, v in rcParamsDefault.items() if k not in ("backend", "backend_fallback")})
        rcParams.update(STYLE)
        yield


def figure(title: str, height: float = 4.8) -> Figure:
    """An empty page, without any display: ``title`` says the one thing to see."""
    made = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(made)
    made.suptitle(title, x=0.015, ha="left")
    made.get_layout_engine().set(h_pad=0.08, w_pad=0.08)  # type: ignore[union-attr]
    return made


def bare(axes: Axes) -> Axes:
    """No scales: what is drawn tells by itself."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes
