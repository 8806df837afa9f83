"""Pictures of the chapters 17 to 20: a sliding window, an unrolled network, attention, what a latent plane means."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from . import style
from .picture import Picture


def measure_window(conv2d) -> dict[str, Any]:
    """A bright square with a corner cut, and a filter that answers where it gets brighter to the right."""
    image = np.zeros((8, 8))
    image[2:7, 2:6] = 1
    image[2, 5] = image[2, 4] = image[3, 5] = 0
    w = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    plain = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 1}
    y = conv2d(image[None, None], w[None, None], np.zeros(1), **plain)[0, 0]
    return {"image": image, "w": w, "y": y, "at": (3, 1), "value": y[3, 1]}


def draw_window(image, w, y, at, value) -> Figure:
    figure = style.figure("One window slides over the image and asks the same everywhere", 4.0)
    panels = figure.subplots(1, 3, width_ratios=[1.25, 0.6, 1])
    size = np.max(np.abs(y))
    titles = (f"input {image.shape}", f"filter {w.shape}", f"output {y.shape}")
    for axes, matrix, title in zip(panels, (image, w, y), titles, strict=True):
        style.bare(axes)
        axes.imshow(matrix / size, cmap=style.SIGNED, vmin=-1.3, vmax=1.3)
        for (i, j), number in np.ndenumerate(matrix):
            axes.text(j, i, f"{number:g}", ha="center", va="center", fontsize=11)
        axes.set_xticks(np.arange(-0.5, matrix.shape[1]), minor=True)
        axes.set_yticks(np.arange(-0.5, matrix.shape[0]), minor=True)
        axes.grid(True, which="minor", color="white", lw=1.5)
        axes.tick_params(which="minor", length=0)
        axes.set_title(title)
    first, _, last = panels
    i, j = at
    k = len(w)
    frame = {"fill": False, "edgecolor": style.INK, "lw": 2.5, "zorder": 5}
    first.add_patch(Rectangle((j - 0.5, i - 0.5), k, k, **frame))
    last.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, **frame))
    first.text(len(image) - 0.05, (len(image) - 1) / 2, "∗", ha="center", va="center", fontsize=20)
    last.text(-1, (len(y) - 1) / 2, "=", ha="center", va="center", fontsize=20)
    window = image[i : i + k, j : j + k]
    terms = " + ".join(f"({p:g})({q:g})" for p, q in zip(w.ravel(), window.ravel(), strict=True) if p and q)
    figure.supxlabel(f"window times filter, added up: {terms} = {value:g}", fontsize=12)
    return figure


STEPS, STATES = 9, 4
SCALES = (0.5, 1.0, 1.5)


def measure_unrolled(rnn_cell, rnn_cell_vjp) -> dict[str, Any]:
    """A cell that hears one number at the beginning, and little after; and what its last state sends back."""
    rng = np.random.default_rng(8)
    w_hh = np.linalg.qr(rng.normal(size=(STATES, STATES))).Q
    w_ih, b = rng.normal(size=(1, STATES)), np.zeros(STATES)
    x = np.array([0.1, 0.02, -0.01, 0.01, -0.02, 0.01, 0.02, -0.01, 0.01])
    states, sizes = {}, {}
    for scale in SCALES:
        h = [np.zeros((1, STATES))]
        for number in x:
            h.append(rnn_cell(np.full((1, 1), number), h[-1], w_ih, scale * w_hh, b, activation="tanh"))
        hbar = np.ones((1, STATES)) / np.sqrt(STATES)
        back = [hbar]
        for t in reversed(range(1, STEPS)):
            args = np.full((1, 1), x[t]), h[t], w_ih, scale * w_hh, b
            hbar = rnn_cell_vjp(hbar, h[t + 1], *args, activation="tanh")[1]
            back.append(hbar)
        states[scale] = np.concatenate(h[1:])
        sizes[scale] = np.array([np.sqrt(np.sum(g * g)) for g in reversed(back)])
    return {"x": x, "states": states[1.0], "sizes": sizes, "small": sizes[0.5][0], "large": sizes[1.5][0]}


def draw_unrolled(x, states, sizes, small, large) -> Figure:
    figure = style.figure("Going back, the cell's matrix is a factor at every step", 5.6)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[1.1, 1])
    style.bare(above)
    size = np.max(np.abs(states))
    for t, h in enumerate(states, 1):
        for k, number in enumerate(h):
            face = style.SIGNED(0.5 + 0.5 * number / size)
            above.add_patch(Rectangle((t - 0.26, 0.55 - 0.5 * k), 0.52, 0.5, facecolor=face, edgecolor="white"))
        above.add_patch(Rectangle((t - 0.26, -0.95), 0.52, 2, fill=False, edgecolor=style.INK, lw=1.5))
        arrow = {"arrowstyle": "-|>", "lw": 1.5, "color": style.INK}
        above.annotate("", (t, -1.0), (t, -1.6), arrowprops=arrow)
        above.text(t, -1.65, f"{x[t - 1]:.2f}", ha="center", va="top")
        above.text(t, 1.2, f"$h_{t}$", ha="center", va="bottom", fontsize=13)
        if t < STEPS:
            above.annotate("", (t + 0.72, 0.05), (t + 0.28, 0.05), arrowprops=arrow)
    above.text(0.62, -1.65, "x", ha="right", va="top")
    above.text(1.5, 0.2, "$W_{hh}$", ha="center", va="bottom", fontsize=11)
    above.tick_params(bottom=False, labelbottom=False)
    above.set_ylim(-2.2, 1.75)
    above.set_xlim(0.4, STEPS + 0.6)
    steps = np.arange(1, STEPS + 1)
    for (scale, y), color, mark in zip(sizes.items(), (style.RED, style.BLUE, style.GREEN), "s^o", strict=True):
        below.semilogy(steps, y, color=color, marker=mark)
        name = f"$W_{{hh}}$ times {scale:g}"
        below.text(2.6, y[2] * (0.25 if scale == 1 else 2.5), name, color=color, ha="center")
    below.annotate("", (5.2, 300), (8.8, 300), arrowprops={"arrowstyle": "-|>", "lw": 2, "color": style.INK})
    below.text(7, 60, "backward through time", ha="center")
    below.set_ylim(1e-3, 1e3)
    below.set_xticks(steps)
    below.set_xlabel("step t")
    below.set_ylabel("size of the cotangent of $h_t$")
    below.grid(True)
    return figure


TEXT = "abracadabra"


def measure_attention(scaled_dot_product_attention, embedding, positional_encoding) -> dict[str, Any]:
    """Each letter asks for letters like itself, the nearer the better. The values are the rows of the unit matrix, so
    that the answer is the weights themselves."""
    letters = sorted(set(TEXT))
    indices = np.array([letters.index(c) for c in TEXT])
    tokens = embedding(indices, 1.6 * np.eye(len(letters)), padding_idx=None)
    places = positional_encoding(np.arange(len(TEXT)) * 0.4, dim=6, base=100.0)
    x = np.concatenate([tokens, places], axis=-1)[None]
    values = np.eye(len(TEXT))[None]
    weights = [
        scaled_dot_product_attention(x, x, values, None, causal=causal, scale=1.0)[0] for causal in (False, True)
    ]
    return {"weights": np.stack(weights), "row": 7}


def draw_attention(weights, row) -> Figure:
    figure = style.figure("Each letter looks at its like; the mask hides what comes", 4.3)
    shown = None
    for axes, matrix, title in zip(
        figure.subplots(1, 2, sharey=True), weights, ("it sees all", "causal: nothing after it"), strict=True
    ):
        n = len(matrix)
        shown = axes.imshow(matrix, cmap=style.UPWARD, vmin=0, vmax=1)
        axes.set_xticks(range(n), TEXT)
        axes.set_yticks(range(n), TEXT)
        axes.tick_params(length=0, labelsize=13)
        axes.add_patch(Rectangle((-0.5, row - 0.5), n, 1, fill=False, edgecolor=style.INK, lw=2, clip_on=False))
        for j, number in enumerate(matrix[row]):
            if number >= 0.05:
                axes.text(j, row, f"{number:.1f}".lstrip("0"), ha="center", va="center", fontsize=10)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_title(title)
        axes.set_xlabel("looks at (key)")
    figure.axes[0].set_ylabel("letter that looks (query)")
    assert shown is not None
    figure.colorbar(shown, ax=figure.axes, label="weight; each row adds up to 1", shrink=0.75)
    return figure


SIDE = 8
WAYS = 7


def measure_latent(vae_loss, vae_loss_vjp, vae, mlp, adam_step) -> dict[str, Any]:
    """A small variational autoencoder, trained on pictures of one bright spot that is anywhere."""
    rng = np.random.default_rng(0)
    places = np.stack(np.meshgrid(np.linspace(1.2, 5.8, 9), np.linspace(1.2, 5.8, 9)), axis=-1).reshape(-1, 2)
    pixels = np.arange(SIDE)
    from_x, from_y = ((pixels - places[:, k, None]) ** 2 for k in (0, 1))
    x = np.exp(-(from_x[:, None, :] + from_y[:, :, None]) / 2.5).reshape(len(places), -1)
    widths = ((x.shape[1], 32), (32, 2), (32, 2), (2, 32), (32, x.shape[1]))
    theta = [t for n, m in widths for t in (rng.normal(size=(n, m)) / np.sqrt(n), np.zeros(m))]
    state = [(np.zeros_like(p), np.zeros_like(p)) for p in theta]
    losses = []
    for t in range(1, 201):
        noise = rng.normal(size=(len(x), 2))
        loss = vae_loss(x, noise, *theta)
        bars = vae_loss_vjp(np.ones_like(loss), loss, x, noise, *theta)[-len(theta) :]
        stepped = [
            adam_step(p, g, *s, t=t, lr=0.03, beta1=0.9, beta2=0.999, eps=1e-8)
            for p, g, s in zip(theta, bars, state, strict=True)
        ]
        theta, state = [p for p, _, _ in stepped], [(m, v) for _, m, v in stepped]
        losses.append(float(loss))
    # An encoder that always says 0 and 1 hands the noise on: what is left of the network is the decoder.
    silent = [*theta[:2], *(0 * p for p in theta[2:6]), *theta[6:]]
    ticks = np.linspace(-2, 2, WAYS)
    z = np.stack(np.meshgrid(ticks, ticks[::-1]), axis=-1).reshape(-1, 2)
    logits = vae(np.zeros((len(z), x.shape[1])), z, *silent)
    return {
        "places": places,
        "codes": mlp(x, *theta[:4], activation="tanh"),
        "ticks": ticks,
        "images": (1 / (1 + np.exp(-logits))).reshape(WAYS, WAYS, SIDE, SIDE),
        "losses": np.array(losses),
    }


def draw_latent(places, codes, ticks, images, losses) -> Figure:
    figure = style.figure("Two numbers are enough: every point of the plane is a picture", 4.8)
    left, right = figure.subplots(1, 2)
    span = places.max() - places.min()
    low = places.min()
    for (px, py), (z1, z2) in zip(places, codes, strict=True):
        color = style.SIGNED((px - low) / span)
        left.scatter(z1, z2, s=25 + 90 * (py - low) / span, color=[color], edgecolor=style.INK, linewidth=0.7)
    left.set_xlim(-2.6, 2.6)
    left.set_ylim(-2.6, 2.6)
    left.set_aspect("equal")
    left.set_xlabel("$z_1$")
    left.set_ylabel("$z_2$")
    left.set_title("where 81 pictures lie")
    left.grid(True)
    page = np.ones((WAYS * (SIDE + 1), WAYS * (SIDE + 1))) * np.nan
    for i in range(WAYS):
        for j in range(WAYS):
            page[i * (SIDE + 1) : i * (SIDE + 1) + SIDE, j * (SIDE + 1) : j * (SIDE + 1) + SIDE] = images[i, j]
    right.imshow(page[:-1, :-1], cmap="cividis", vmin=0, vmax=1)
    middles = np.arange(WAYS) * (SIDE + 1) + (SIDE - 1) / 2
    right.set_xticks(middles, [f"{t:.1f}" for t in ticks])
    right.set_yticks(middles, [f"{t:.1f}" for t in ticks[::-1]])
    right.tick_params(length=0)
    for spine in right.spines.values():
        spine.set_visible(False)
    right.set_xlabel("$z_1$")
    right.set_ylabel("$z_2$")
    right.set_title("what is drawn at each point")
    return figure


PICTURES = (
    Picture(
        17,
        measure_window,
        draw_window,
        "The framed window of the input, times the filter, added up, is the framed number of the output: {value:g}. "
        "The filter is large where the picture gets brighter to the right, below 0 where it gets darker, and 0 where "
        "nothing changes. Why is the output smaller than the input?",
    ),
    Picture(
        18,
        measure_unrolled,
        draw_unrolled,
        "Above: one cell, drawn once for each step, whose four states hand on what was heard at the first one. Below: "
        "the cotangent of the last state on its way back. It is multiplied by the matrix at each step: with half of "
        "the matrix {small:.3f} of it is left after eight steps, with one and a half times the matrix it has grown to "
        "{large:.1f}. Which of the three can learn from the first input?",
    ),
    Picture(
        19,
        measure_attention,
        draw_attention,
        "Each row is what one letter takes from all: letters like itself, and of these the nearer ones more. Follow "
        "the framed row. With the mask everything to the right of the diagonal is 0, and what was there is shared out "
        "among what is left; what must the first row look like?",
    ),
    Picture(
        20,
        measure_latent,
        draw_latent,
        "Left: the codes of pictures with one bright spot; violet where it is on the right, large where it is low. "
        "Right: what the decoder draws for a grid of codes. Go along a row and down a column: has the network found "
        "the two numbers that the pictures were made of? The loss went from {losses[0]:.0f} to {losses[199]:.0f}.",
    ),
)
