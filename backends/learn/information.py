"""Chapter 10: how much one knows."""

from __future__ import annotations

from .exercise import Chapter, Exercise

CHAPTERS = (
    Chapter(
        10,
        "Information",
        (
            Exercise(
                "entropy",
                "Which distribution over five outcomes has the largest entropy, and which the smallest? What about 0 "
                "log 0?",
                (
                    "The mean of -log p, weighted with p.",
                    "Backward: the product rule on p log p; ybar has lost the axis.",
                    "Forward:\n"
                    "return -np.sum(np.where(p == 0, 0, p * np.log(np.where(p == 0, 1, p))), axis=axis)\n"
                    "Backward:\n"
                    "return (-np.expand_dims(ybar, axis) * (np.log(p) + 1),)\n"
                    "Second order:\n"
                    "return (-np.expand_dims(ybar, axis) * dots[0] / p,)",
                ),
                parts=("value", "vjp", "hvp"),
                also=("certain", "no-outcomes"),
            ),
            Exercise(
                "cross_entropy_between",
                "For a given p, which q makes it smallest? What is it then?",
                (
                    "The mean of -log q, weighted with p.",
                    "It is linear in p and a logarithm in q; ybar has lost the axis.",
                    "Forward:\n"
                    "return -np.sum(np.where(p == 0, 0, p * np.log(q)), axis=axis)\n"
                    "Backward:\n"
                    "ybar = np.expand_dims(ybar, axis)\n"
                    "return -ybar * np.log(q), -ybar * p / q\n"
                    "Second order:\n"
                    "ybar, (pdot, qdot) = np.expand_dims(ybar, axis), dots\n"
                    "return -ybar * qdot / q, -ybar * (pdot - p * qdot / q) / q",
                ),
                parts=("value", "vjp", "hvp"),
                also=("excluded",),
            ),
            Exercise(
                "kl_categorical",
                "Exchange p and q: is it the same number? Where is it infinite in one order and not in the other?",
                (
                    "It is the cross-entropy less the entropy.",
                    "The mean of log(p / q), weighted with p: take the logarithm of the quotient, which keeps the "
                    "digits where p and q are close.",
                    "Forward:\n"
                    "return np.sum(np.where(p == 0, 0, p * np.log(p / q)), axis=axis)\n"
                    "Backward:\n"
                    "ybar = np.expand_dims(ybar, axis)\n"
                    "return ybar * (np.log(p) - np.log(q) + 1), -ybar * p / q\n"
                    "Second order:\n"
                    "ybar, (pdot, qdot) = np.expand_dims(ybar, axis), dots\n"
                    "return ybar * (pdot / p - qdot / q), -ybar * (pdot - p * qdot / q) / q",
                ),
                parts=("value", "vjp", "hvp"),
                also=("excluded", "neither-shows"),
            ),
            Exercise(
                "kl_normal",
                "Two bells of one width, a distance d apart: how does the divergence grow with d?",
                (
                    "Use two numbers without a unit: r = sigma0 / sigma1 and d = (mu0 - mu1) / sigma1.",
                    "The value is (r^2 - 1 + d^2) / 2 - log r. Where r is near 1 that cancels: with e = (sigma0 - "
                    "sigma1) / sigma1 it is e - log r + (e^2 + d^2) / 2, and log r is np.log1p(e) where e is small.",
                    "Forward:\n"
                    "d, e = (mu0 - mu1) / sigma1, (sigma0 - sigma1) / sigma1\n"
                    "log_r = np.where(np.abs(e) < 0.5, np.log1p(e), np.log(sigma0 / sigma1))\n"
                    "return e - log_r + (e * e + d * d) / 2\n"
                    "Backward:\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "r, d, g = sigma0 / sigma1, (mu0 - mu1) / sigma1, ybar / sigma1\n"
                    "bars = g * d, g * (r - 1 / r), -g * d, g * (1 - r * r - d * d)\n"
                    "return tuple(back(v, w.shape) for v, w in zip(bars, (mu0, sigma0, mu1, sigma1)))\n"
                    "Second order:\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "r, d, g = sigma0 / sigma1, (mu0 - mu1) / sigma1, ybar / sigma1\n"
                    "mu0dot, sigma0dot, mu1dot, sigma1dot = dots\n"
                    "m, a, t = (mu0dot - mu1dot) / sigma1, sigma0dot / sigma1, sigma1dot / sigma1\n"
                    "h = g * (m - 2 * d * t)\n"
                    "s0 = g * ((1 + 1 / r**2) * a - 2 * r * t)\n"
                    "s1 = g * ((3 * r * r + 3 * d * d - 1) * t - 2 * (r * a + d * m))\n"
                    "return tuple(back(v, w.shape) for v, w in zip((h, s0, -h, s1), (mu0, sigma0, mu1, sigma1)))",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "softmax",
                "Add 1000 to every x: what changes? And what would exp(1000) have done?",
                (
                    "Exponentials, divided by their sum. Before that, take away something that changes nothing.",
                    "Take away the largest x along the axis. Backward: each y depends on every x of its row, through "
                    "the sum.",
                    "Forward:\n"
                    "e = np.exp(x - np.max(x, axis=axis, keepdims=True))\n"
                    "return e / np.sum(e, axis=axis, keepdims=True)\n"
                    "Backward:\n"
                    "return (y * (ybar - np.sum(ybar * y, axis=axis, keepdims=True)),)\n"
                    "Second order:\n"
                    "u, v = (w - np.sum(y * w, axis=axis, keepdims=True) for w in (ybar, dots[0]))\n"
                    "return (y * (u * v - np.sum(y * u * v, axis=axis, keepdims=True)),)",
                ),
                parts=("value", "vjp", "hvp"),
                also=("masked",),
            ),
            Exercise(
                "softmax_with_temperature",
                "Near temperature 0, what is left of a softmax? And at a very high one? Does the order of the "
                "probabilities ever change?",
                (
                    "Divide by the temperature before the softmax.",
                    "Backward: first through the softmax, whose cotangent zbar is that of x / T. Then x gets zbar / "
                    "T, and T gets -sum of zbar x, over T^2.",
                    "Forward:\n"
                    "return softmax(x / temperature, axis=axis)\n"
                    "Backward:\n"
                    "(zbar,) = softmax_vjp(ybar, y, x, axis=axis)\n"
                    "shifted = x - np.max(x, axis=axis, keepdims=True)\n"
                    "return zbar / temperature, -np.sum(zbar * shifted) / temperature**2\n"
                    "Second order:\n"
                    "xdot, tdot = dots\n"
                    "shifted, r = x - np.max(x, axis=axis, keepdims=True), tdot / temperature\n"
                    "zdot = (xdot - shifted * r) / temperature\n"
                    "(zbar,) = softmax_vjp(ybar, y, x, axis=axis)\n"
                    "(zbardot,) = softmax_hvp(ybar, (zdot,), y, x, axis=axis)\n"
                    "moved = zbardot * shifted + zbar * xdot - 2 * zbar * shifted * r\n"
                    "return (zbardot - zbar * r) / temperature, -np.sum(moved) / temperature**2",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "log_softmax",
                "Why not np.log(softmax(x))? Try x = (0, 1000).",
                (
                    "The logarithm of a quotient is a difference, and log exp cancels.",
                    "Take away the largest x first, then the log of the sum of the exponentials.",
                    "Forward:\n"
                    "s = x - np.max(x, axis=axis, keepdims=True)\n"
                    "return s - np.log(np.sum(np.exp(s), axis=axis, keepdims=True))\n"
                    "Backward:\n"
                    "return (ybar - np.exp(y) * np.sum(ybar, axis=axis, keepdims=True),)\n"
                    "Second order:\n"
                    "p = np.exp(y)\n"
                    "pdot = p * (dots[0] - np.sum(p * dots[0], axis=axis, keepdims=True))\n"
                    "return (-pdot * np.sum(ybar, axis=axis, keepdims=True),)",
                ),
                parts=("value", "vjp", "hvp"),
                also=("masked",),
            ),
            Exercise(
                "logsumexp",
                "It is always a little more than the largest x. How much more, at most, for n numbers?",
                (
                    "Take away the largest, and add it again behind the logarithm.",
                    "Its slope is the softmax. Mind the axes: the largest with keepdims, and without them in the end "
                    "unless keepdims.",
                    "Forward:\n"
                    "m = np.max(x, axis=axis, keepdims=True)\n"
                    "m = np.where(np.isfinite(m), m, 0)\n"
                    "y = m + np.log(np.sum(np.exp(x - m), axis=axis, keepdims=True))\n"
                    "return y if keepdims else np.squeeze(y, axis)\n"
                    "Backward:\n"
                    "if axis is not None and not keepdims:\n"
                    "    ybar = np.expand_dims(ybar, axis)\n"
                    "return (ybar * softmax(x, axis=axis),)\n"
                    "Second order:\n"
                    "if axis is not None and not keepdims:\n"
                    "    ybar = np.expand_dims(ybar, axis)\n"
                    "(pdot,) = softmax_vjp(dots[0], softmax(x, axis=axis), x, axis=axis)\n"
                    "return (ybar * pdot,)",
                ),
                parts=("value", "vjp", "hvp"),
                also=("limits",),
            ),
            Exercise(
                "smooth_labels",
                "A model that is certain is never quite right after this. What does that do to its logits?",
                (
                    "Take a share alpha from the labels and hand it out evenly.",
                    "There are K classes along the last axis, and each gets alpha / K. Backward: what is added is a "
                    "constant.",
                    "Forward:\n"
                    "return (1 - alpha) * labels + alpha / labels.shape[-1]\n"
                    "Backward:\n"
                    "return ((1 - alpha) * ybar,)",
                ),
            ),
        ),
    ),
)
