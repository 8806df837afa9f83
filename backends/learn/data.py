"""Chapter 8: what numbers say about data."""

from __future__ import annotations

from .exercise import Chapter, Exercise

CHAPTERS = (
    Chapter(
        8,
        "Describing data",
        (
            Exercise(
                "weighted_mean",
                "A value that was seen three times has three times the weight. If the weights are probabilities, what "
                "is the weighted mean called?",
                (
                    "Each value times its weight, added up, and divided by all of the weight.",
                    "Backward: x_i pulls with its share of the weight, w_i / W; more weight for x_i pulls y towards "
                    "x_i, by (x_i - y) / W. ybar and y have lost the axis.",
                    "Forward:\n"
                    "return np.sum(w * x, axis=axis) / np.sum(w, axis=axis)\n"
                    "Backward:\n"
                    "share = np.expand_dims(ybar / np.sum(w, axis=axis), axis)\n"
                    "return share * w, share * (x - np.expand_dims(y, axis))\n"
                    "Second order:\n"
                    "xdot, wdot = dots\n"
                    "W = np.sum(w, axis=axis, keepdims=True)\n"
                    "s, d = np.expand_dims(ybar, axis) / W, x - np.expand_dims(y, axis)\n"
                    "r = np.sum(wdot, axis=axis, keepdims=True) / W\n"
                    "ydot = np.sum(wdot * d + w * xdot, axis=axis, keepdims=True) / W\n"
                    "return s * (wdot - w * r), s * (xdot - ydot - d * r)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "median",
                "Make the largest value a thousand times larger: what becomes of the mean, and what of the median?",
                (
                    "Sort, and take what stands in the middle. What if two do?",
                    "Of an even count it is the mean of the middle two. NumPy has it, with axis and keepdims.",
                    "Forward:\nreturn np.median(x, axis=axis, keepdims=keepdims)",
                ),
                parts=("value",),
            ),
            Exercise(
                "quantile",
                "Nine definitions of a quantile have a name. They agree when there are many values: why, and for "
                "which question do they differ most? Four of them are asked.",
                (
                    "Sort; then a position among the values from q and n, and what lies there.",
                    "NumPy knows all nine by these names: method=. By hand, 'linear' is at q (n - 1), 'hazen' at q n "
                    "- 1/2 and 'weibull' at q (n + 1) - 1, counted from 0 and held between 0 and n - 1.",
                    "Forward:\nreturn np.quantile(x, q, axis=axis, method=method)",
                ),
                parts=("value",),
                labels=("linear", "hazen", "weibull", "inverted_cdf"),
            ),
            Exercise(
                "quartiles",
                "Four numbers, 1 2 3 4: is their first quartile 1.5 or 1.75? Both are in use. Which rule gives which?",
                (
                    "The values in order have the positions 0 to n - 1. Where is a quarter of the way?",
                    "At (n - 1) / 4, and if that is between two values, on the straight line between them. NumPy does "
                    "so by default.",
                    "Forward:\nreturn np.quantile(x, [0.25, 0.5, 0.75], axis=axis)",
                ),
                parts=("value",),
                also=("by-hand",),
            ),
            Exercise(
                "variance",
                "Why take away the mean before squaring, when mean(x^2) - mean(x)^2 is the same? Try data near a "
                "million.",
                (
                    "The mean, then what is left of each value without it, then the sum of the squares of that.",
                    "Divide by n - correction, n the number of values that went into each mean. Backward: the slope "
                    "of a square is 2 times what is squared, and that the mean moves does not matter.",
                    "Forward:\n"
                    "c = x - np.mean(x, axis=axis, keepdims=True)\n"
                    "square = np.sum(c * c, axis=axis, keepdims=True)\n"
                    "y = square / (x.size // square.size - correction)\n"
                    "if keepdims:\n"
                    "    return y\n"
                    "return y.reshape(()) if axis is None else np.squeeze(y, axis)\n"
                    "Backward:\n"
                    "if axis is not None and not keepdims:\n"
                    "    ybar = np.expand_dims(ybar, axis)\n"
                    "c = x - np.mean(x, axis=axis, keepdims=True)\n"
                    "return (2 * ybar * c / (x.size // y.size - correction),)\n"
                    "Second order:\n"
                    "if axis is not None and not keepdims:\n"
                    "    ybar = np.expand_dims(ybar, axis)\n"
                    "c = dots[0] - np.mean(dots[0], axis=axis, keepdims=True)\n"
                    "return (2 * ybar * c / (x.size // y.size - correction),)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "std",
                "The root of the variance: what is its slope where all values are equal?",
                (
                    "Use variance, and the chain rule through the root.",
                    "The slope of a root is 1 / (2 root). What divides by 0 where all values are equal? Any number in "
                    "the middle is right there: take 0.",
                    "Forward:\n"
                    "c = x - np.mean(x, axis=axis, keepdims=True)\n"
                    "square = np.sum(c * c, axis=axis, keepdims=True)\n"
                    "n = x.size // square.size\n"
                    "y = np.sqrt(square / (n - correction))\n"
                    "if keepdims:\n"
                    "    return y\n"
                    "return y.reshape(()) if axis is None else np.squeeze(y, axis)\n"
                    "Backward:\n"
                    "if axis is not None and not keepdims:\n"
                    "    y, ybar = np.expand_dims(y, axis), np.expand_dims(ybar, axis)\n"
                    "c = x - np.mean(x, axis=axis, keepdims=True)\n"
                    "n = x.size // y.size\n"
                    "return (np.where(y > 0, ybar * c / ((n - correction) * np.where(y > 0, y, 1)), 0),)\n"
                    "Second order:\n"
                    "if axis is not None and not keepdims:\n"
                    "    y, ybar = np.expand_dims(y, axis), np.expand_dims(ybar, axis)\n"
                    "u = (x - np.mean(x, axis=axis, keepdims=True)) / y\n"
                    "v = dots[0] - np.mean(dots[0], axis=axis, keepdims=True)\n"
                    "n = x.size // y.size - correction\n"
                    "return (ybar * (v - u * np.sum(u * v, axis=axis, keepdims=True) / n) / (n * y),)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "standardize",
                "The result has mean 0 and variance 1 whatever x is. Which two directions of ybar must then be lost on "
                "the way back?",
                (
                    "Take away the mean, divide by the standard deviation.",
                    "Backward: ybar loses its mean, and it loses what it has along y. Then divide by the standard "
                    "deviation.",
                    "Forward:\n"
                    "c = x - np.mean(x, axis=axis, keepdims=True)\n"
                    "n = x.shape[axis] - correction\n"
                    "return c / np.sqrt(np.sum(c * c, axis=axis, keepdims=True) / n)\n"
                    "Backward:\n"
                    "n = x.shape[axis] - correction\n"
                    "c = x - np.mean(x, axis=axis, keepdims=True)\n"
                    "s = np.sqrt(np.sum(c * c, axis=axis, keepdims=True) / n)\n"
                    "along = y * np.sum(y * ybar, axis=axis, keepdims=True) / n\n"
                    "return ((ybar - np.mean(ybar, axis=axis, keepdims=True) - along) / s,)\n"
                    "Second order:\n"
                    "n = x.shape[axis] - correction\n"
                    "c = x - np.mean(x, axis=axis, keepdims=True)\n"
                    "s = np.sqrt(np.sum(c * c, axis=axis, keepdims=True) / n)\n"
                    "def mean(v):\n"
                    "    return np.sum(v, axis=axis, keepdims=True) / n\n"
                    "def through(g):\n"
                    "    return (g - np.mean(g, axis=axis, keepdims=True) - y * mean(y * g)) / s\n"
                    "xbar, ydot = through(ybar), through(dots[0])\n"
                    "q, qdot, sdot = mean(y * ybar), mean(ydot * ybar), mean(y * dots[0])\n"
                    "return (-(q * ydot + qdot * y + sdot * xbar) / s,)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "covariance",
                "What stands on the diagonal? And why is the matrix symmetric?",
                (
                    "Centre each variable; then all products of two variables, summed over the observations, are one "
                    "matrix product.",
                    "With rowvar the variables are the rows: turn the table first, and turn the cotangent back. "
                    "Backward: c stands on both sides of the product, so it gets two parts.",
                    "Forward:\n"
                    "table = x.mT if rowvar else x\n"
                    "c = table - np.mean(table, axis=-2, keepdims=True)\n"
                    "return c.mT @ c / (c.shape[-2] - correction)\n"
                    "Backward:\n"
                    "table = x.mT if rowvar else x\n"
                    "c = table - np.mean(table, axis=-2, keepdims=True)\n"
                    "xbar = c @ (ybar + ybar.mT) / (c.shape[-2] - correction)\n"
                    "return (xbar.mT if rowvar else xbar,)\n"
                    "Second order:\n"
                    "table = dots[0].mT if rowvar else dots[0]\n"
                    "c = table - np.mean(table, axis=-2, keepdims=True)\n"
                    "xbardot = c @ (ybar + ybar.mT) / (c.shape[-2] - correction)\n"
                    "return (xbardot.mT if rowvar else xbardot,)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "correlation",
                "Measure one variable in other units: what becomes of the covariance, and what of the correlation?",
                (
                    "It is the cosine of the angle between two centred variables.",
                    "Centre, make each variable's length 1, and take all products. Backward: through the product, "
                    "then through the length, which takes away what lies along the unit vector.",
                    "Forward:\n"
                    "table = x.mT if rowvar else x\n"
                    "c = table - np.mean(table, axis=-2, keepdims=True)\n"
                    "u = c / np.sqrt(np.sum(c * c, axis=-2, keepdims=True))\n"
                    "return u.mT @ u\n"
                    "Backward:\n"
                    "table = x.mT if rowvar else x\n"
                    "c = table - np.mean(table, axis=-2, keepdims=True)\n"
                    "length = np.sqrt(np.sum(c * c, axis=-2, keepdims=True))\n"
                    "u = c / length\n"
                    "ubar = u @ (ybar + ybar.mT)\n"
                    "xbar = (ubar - u * np.sum(u * ubar, axis=-2, keepdims=True)) / length\n"
                    "return (xbar.mT if rowvar else xbar,)\n"
                    "Second order:\n"
                    "def total(v):\n"
                    "    return np.sum(v, axis=-2, keepdims=True)\n"
                    "c, v = (x.mT, dots[0].mT) if rowvar else (x, dots[0])\n"
                    "c, v = (w - np.mean(w, axis=-2, keepdims=True) for w in (c, v))\n"
                    "length, s = np.sqrt(total(c * c)), ybar + ybar.mT\n"
                    "u = c / length\n"
                    "ubar, ldot = u @ s, total(u * v)\n"
                    "udot, t = (v - u * ldot) / length, total(u * ubar)\n"
                    "xbar, tdot = (ubar - u * t) / length, total(udot * ubar + u * (udot @ s))\n"
                    "xbardot = (udot @ s - udot * t - u * tdot - xbar * ldot) / length\n"
                    "return (xbardot.mT if rowvar else xbardot,)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "histogram",
                "A value exactly on an edge: to which of the two bins does it belong? And on the last edge?",
                (
                    "Count the values between each two edges. NumPy has it.",
                    "Each bin holds its left edge and not its right one; the last bin holds both.",
                    "Forward:\ncounts, _ = np.histogram(x, edges)\nreturn counts",
                ),
                parts=("value",),
            ),
            Exercise(
                "welford",
                "The values come one at a time and cannot be kept. How can the mean and the spread be had "
                "nevertheless?",
                (
                    "Keep two numbers: the mean so far, and the sum of the squares of the distances from it.",
                    "A new value moves the mean by its distance from it, divided by how many there are now. The "
                    "second number grows by the distance before times the distance after.",
                    "Forward:\n"
                    "mean, m2 = x[0], 0 * x[0]\n"
                    "for k in range(1, len(x)):\n"
                    "    d = x[k] - mean\n"
                    "    mean = mean + d / (k + 1)\n"
                    "    m2 = m2 + d * (x[k] - mean)\n"
                    "return mean, m2\n"
                    "Backward:\n"
                    "(meanbar, m2bar), (mean, _) = ybar, y\n"
                    "return (meanbar / len(x) + 2 * m2bar * (x - mean),)\n"
                    "Second order:\n"
                    "return (2 * ybar[1] * (dots[0] - np.mean(dots[0], axis=0)),)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
        ),
    ),
)
