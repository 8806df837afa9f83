"""Chapter 8: what numbers say about data."""

from __future__ import annotations

from .exercise import Chapter, Exercise

CHAPTERS = (
    Chapter(
        8,
        "Describing data",
        (
            Exercise(
                "median",
                "Make the largest value a thousand times larger: what becomes of the mean, and what of the median?",
                (
                    "Sort, and take what stands in the middle. What if two do?",
                    "Of an even count it is the mean of the middle two. NumPy has it, with axis and keepdims.",
                    "np.median(x, axis=axis, keepdims=keepdims)",
                ),
                parts=("value",),
            ),
            Exercise(
                "variance",
                "Why take away the mean before squaring, when mean(x^2) - mean(x)^2 is the same? Try data near a "
                "million.",
                (
                    "The mean, then what is left of each value without it, then the sum of the squares of that.",
                    "Divide by n - correction, n the number of values that went into each mean. Backward: the slope of "
                    "a square is 2 times what is squared, and that the mean moves does not matter.",
                    "c = x - np.mean(x, axis=axis, keepdims=True); n = x.size // y.size; y = np.sum(c * c, axis=axis, "
                    "keepdims=keepdims) / (n - correction). Backward: (2 * ybar * c / (n - correction),), with the "
                    "axes of ybar given back. Hessian: the backward is linear in x, so it is the same with dots[0] in "
                    "the place of x, in c too.",
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
                    "c = x - np.mean(x, axis=axis, keepdims=True); with the axes of y and ybar given back: np.where(y "
                    "> 0, ybar * c / ((n - correction) * np.where(y > 0, y, 1)), 0), n the number of values in each. "
                    "Hessian: the quotient rule. v = dots[0] - np.mean(dots[0], axis=axis, keepdims=True); u = c / y; "
                    "return (ybar * (v - u * np.sum(u * v, axis=axis, keepdims=True) / (n - correction)) / ((n - "
                    "correction) * y),)",
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
                    "n = x.shape[axis] - correction; along = y * np.sum(y * ybar, axis=axis, keepdims=True) / n; "
                    "return ((ybar - np.mean(ybar, axis=axis, keepdims=True) - along) / s,) Hessian: J is symmetric, "
                    "so ydot is what the backward makes of dots[0] in the place of ybar. With sums along the axis, "
                    "divided by n: q of y * ybar, qdot of ydot * ybar, sdot of y * dots[0]; return (-(q * ydot + qdot "
                    "* y + sdot * xbar) / s,), xbar that of the backward.",
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
                    "c = table - np.mean(table, axis=-2, keepdims=True); c.mT @ c / (n - correction), n = "
                    "c.shape[-2]. Backward: c @ (ybar + ybar.mT) / (n - correction). Hessian: the backward is linear "
                    "in x, so it is the same with dots[0] in the place of x.",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "correlation",
                "Measure one variable in other units: what becomes of the covariance, and what of the correlation?",
                (
                    "It is the cosine of the angle between two centred variables.",
                    "Centre, make each variable's length 1, and take all products. Backward: through the product, then "
                    "through the length, which takes away what lies along the unit vector.",
                    "u = c / length; u.mT @ u. Backward: ubar = u @ (ybar + ybar.mT); (ubar - u * np.sum(u * ubar, "
                    "axis=-2, keepdims=True)) / length; turned back if rowvar. Hessian: v is dots[0], turned and "
                    "centred like x; all sums as above. s = ybar + ybar.mT; ldot = sum of u * v; udot = (v - u * "
                    "ldot) / length; t = sum of u * ubar; tdot = sum of udot * ubar + u * (udot @ s); then (udot @ s "
                    "- udot * t - u * tdot - xbar * ldot) / length, xbar before it is turned back.",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "histogram",
                "A value exactly on an edge: to which of the two bins does it belong? And on the last edge?",
                (
                    "Count the values between each two edges. NumPy has it.",
                    "Each bin holds its left edge and not its right one; the last bin holds both.",
                    "counts, _ = np.histogram(x, edges); return counts",
                ),
                parts=("value",),
            ),
            Exercise(
                "welford",
                "The values come one at a time and cannot be kept. How can the mean and the spread be had "
                "nevertheless?",
                (
                    "Keep two numbers: the mean so far, and the sum of the squares of the distances from it.",
                    "A new value moves the mean by its distance from it, divided by how many there are now. The second "
                    "number grows by the distance before times the distance after.",
                    "mean, m2 = x[0], 0 * x[0]; for k in range(1, len(x)): d = x[k] - mean; mean = mean + d / (k + "
                    "1); m2 = m2 + d * (x[k] - mean). Backward: (meanbar / len(x) + 2 * m2bar * (x - mean),), with "
                    "meanbar, m2bar = ybar. Hessian: (2 * m2bar * (dots[0] - np.mean(dots[0], axis=0)),)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
        ),
    ),
)
