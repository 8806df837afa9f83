"""Chapter 9: probability."""

from __future__ import annotations

from .exercise import Chapter, Exercise

CHAPTERS = (
    Chapter(
        9,
        "Probability",
        (
            Exercise(
                "bernoulli_log_density",
                "A coin that you took for certain comes up the other way: what is the log of that probability, and how "
                "does it pull at p?",
                (
                    "Two cases: what x = 1 costs, and what x = 0 costs.",
                    "log p for x = 1 and log(1 - p) for x = 0; np.log1p(-p) keeps the digits of a small p. Backward: "
                    "the slopes of these, and a sum where p was broadcast.",
                    "Forward:\n"
                    "return np.where(x == 1, np.log(p), np.log1p(-p))\n"
                    "Backward:\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "return (back(np.where(x == 1, ybar / p, -ybar / (1 - p)), p.shape),)\n"
                    "Second order:\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "slope = np.where(x == 1, -1 / p**2, -1 / (1 - p) ** 2)\n"
                    "return (back(ybar * slope * dots[0], p.shape),)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "normal_log_density",
                "The gradient to mu is zero where x = mu. Where is the gradient to sigma zero?",
                (
                    "Take the logarithm of the density by hand first: no exp is left.",
                    "With z = (x - mu) / sigma there are three terms: -z^2/2, -log sigma, and a constant. Backward: z "
                    "moves by 1/sigma with x, by -1/sigma with mu and by -z/sigma with sigma.",
                    "Forward:\n"
                    "z = (x - mu) / sigma\n"
                    "return -z * z / 2 - np.log(sigma) - np.log(2 * np.pi) / 2\n"
                    "Backward:\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "z = (x - mu) / sigma\n"
                    "g = ybar * z / sigma\n"
                    "return back(-g, x.shape), back(g, mu.shape), back(ybar * (z - 1) * (z + 1) / sigma, sigma.shape)\n"
                    "Second order:\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "xdot, mudot, sigmadot = dots\n"
                    "z, m, s = (x - mu) / sigma, (xdot - mudot) / sigma, sigmadot / sigma\n"
                    "g = ybar * (m - 2 * z * s) / sigma\n"
                    "h = ybar * (2 * z * m - (3 * z * z - 1) * s) / sigma\n"
                    "return back(-g, x.shape), back(g, mu.shape), back(h, sigma.shape)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "inverse_cdf",
                "u is uniform between 0 and 1, and F rises from 0 to 1. Why does the x with F(x) = u have the "
                "distribution F?",
                (
                    "Turn the graph of F on its side: from u to x. Between two corners it is a straight line.",
                    "Find between which two corners u lies. How far along is it, as a share of that stretch of F? Go "
                    "as far along x.",
                    "Forward:\nreturn np.interp(u, cdf, x)",
                ),
                parts=("value",),
            ),
            Exercise(
                "exponential_sample",
                "The distribution function is u = 1 - e^(-rate x). Turn it around: which x belongs to u? And why "
                "log1p?",
                (
                    "Solve u = 1 - e^(-rate x) for x.",
                    "log(1 - u), for a small u, loses its digits: np.log1p(-u) keeps them. Backward: the slope to u "
                    "is 1 / ((1 - u) rate), that to rate is -x / rate.",
                    "Forward:\n"
                    "return -np.log1p(-u) / rate\n"
                    "Backward:\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "return back(xbar / ((1 - u) * rate), u.shape), back(-xbar * x / rate, rate.shape)\n"
                    "Second order:\n"
                    "udot, ratedot = dots\n"
                    "v, r = udot / (1 - u), ratedot / rate\n"
                    "ubardot, ratebardot = xbar * (v - r) / ((1 - u) * rate), -xbar * (v / rate - 2 * x * r) / rate\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "return back(ubardot, u.shape), back(ratebardot, rate.shape)",
                ),
                parts=("value", "vjp", "hvp"),
                also=("limits",),
            ),
            Exercise(
                "box_muller",
                "Two uniform numbers become a radius and an angle. Why are the two coordinates independent of each "
                "other?",
                (
                    "u1 gives the radius, u2 the angle. Return both coordinates.",
                    "r = sqrt(-2 log u1). Backward: u2 turns the pair, so z0 moves by -2 pi z1 and z1 by 2 pi z0; u1 "
                    "stretches it.",
                    "Forward:\n"
                    "r = np.sqrt(-2 * np.log(u1))\n"
                    "return r * np.cos(2 * np.pi * u2), r * np.sin(2 * np.pi * u2)\n"
                    "Backward:\n"
                    "(z0bar, z1bar), (z0, z1) = ybar, y\n"
                    "r, t = z0bar * z0 + z1bar * z1, z1bar * z0 - z0bar * z1\n"
                    "return r / (2 * u1 * np.log(u1)), 2 * np.pi * t\n"
                    "Second order:\n"
                    "(z0bar, z1bar), (z0, z1), (u1dot, u2dot) = ybar, y, dots\n"
                    "r, t = z0bar * z0 + z1bar * z1, z1bar * z0 - z0bar * z1\n"
                    "k, w = 2 * u1 * np.log(u1), 2 * np.pi * u2dot\n"
                    "e = u1dot / k\n"
                    "return (w * t - e * r * (2 * np.log(u1) + 1)) / k, 2 * np.pi * (e * t - w * r)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "reparameterize",
                "One cannot differentiate a random draw. What has been done to it here, so that one can?",
                (
                    "Shift and stretch the noise.",
                    "It is linear in each of the three. Backward: noise gets sigma, sigma gets noise, mu gets 1, "
                    "times xbar; and a sum where one was broadcast.",
                    "Forward:\n"
                    "return mu + sigma * noise\n"
                    "Backward:\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "return back(xbar * sigma, noise.shape), back(xbar, mu.shape), back(xbar * noise, sigma.shape)\n"
                    "Second order:\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "noisedot, _, sigmadot = dots\n"
                    "return back(xbar * sigmadot, noise.shape), np.zeros_like(mu), back(xbar * noisedot, sigma.shape)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "monte_carlo_expectation",
                "How many more samples does one more digit cost?",
                (
                    "The mean, and how uncertain it is: the standard deviation of the values, divided by the root of "
                    "their number.",
                    "With n - 1 in the variance: sum (f - m)^2 / (n (n - 1)), and the root of it.",
                    "Forward:\nm, n = np.mean(fx), len(fx)\nreturn m, np.sqrt(np.sum((fx - m) ** 2) / (n * (n - 1)))",
                ),
                parts=("value",),
            ),
            Exercise(
                "z_statistic",
                "Throw a die twelve times: how far from 3.5 may the mean well be? And whatever is thrown, which curve "
                "do the means of many throws follow?",
                (
                    "The mean of n values has the standard deviation sigma / sqrt(n). By how many of those is it off?",
                    "Backward: with s = sigma / sqrt(n), each value moves z by 1 / (n s), mu by -1 / s, and sigma by "
                    "-z / sigma; mu and sigma are shared by all z.",
                    "Forward:\n"
                    "return (np.mean(x, axis=axis) - mu) * np.sqrt(x.shape[axis]) / sigma\n"
                    "Backward:\n"
                    "each = zbar * np.sqrt(x.shape[axis]) / sigma\n"
                    "xbar = np.broadcast_to(np.expand_dims(each, axis), x.shape) / x.shape[axis]\n"
                    "return xbar, -np.sum(each), -np.sum(zbar * z) / sigma\n"
                    "Second order:\n"
                    "xdot, mudot, sigmadot = dots\n"
                    "s, r = sigma / np.sqrt(x.shape[axis]), sigmadot / sigma\n"
                    "each = -zbar / s * r\n"
                    "zdot = (np.mean(xdot, axis=axis) - mudot) / s - z * r\n"
                    "xbardot = np.broadcast_to(np.expand_dims(each, axis), x.shape) / x.shape[axis]\n"
                    "return xbardot, -np.sum(each), -np.sum(zbar * (zdot - z * r)) / sigma",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "multivariate_normal_log_density",
                "Where the density is the same, the points lie on an ellipse. What are its axes?",
                (
                    "The square of z becomes d^T C^-1 d with d = x - mean, and log sigma becomes half the log of the "
                    "determinant.",
                    "Use cholesky and triangular_solve: C = L L^T, so z = L^-1 d, and half the log of the determinant "
                    "is the sum of the logs of L's diagonal.",
                    "Forward:\n"
                    "L = cholesky(covariance)\n"
                    "z = np.linalg.solve(L, (x - mean)[..., None])[..., 0]\n"
                    "logs = np.log(np.diagonal(L, axis1=-2, axis2=-1))\n"
                    "return -np.sum(z * z + np.log(2 * np.pi), axis=-1) / 2 - np.sum(logs, axis=-1)\n"
                    "Backward:\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "w = np.linalg.solve(covariance, (x - mean)[..., None])[..., 0]\n"
                    "g = ybar[..., None] * w\n"
                    "c = w[..., :, None] * w[..., None, :] - np.linalg.inv(covariance)\n"
                    "cbar = ybar[..., None, None] * c / 2\n"
                    "return back(-g, x.shape), back(g, mean.shape), back(cbar, covariance.shape)\n"
                    "Second order:\n"
                    "def back(g, shape):\n"
                    "    lead = g.ndim - len(shape)\n"
                    "    axes = tuple(range(lead)) + tuple(i + lead for i, n in enumerate(shape) if n == 1)\n"
                    "    return np.sum(g, axis=axes).reshape(shape)\n"
                    "xdot, meandot, cdot = dots\n"
                    "P = np.linalg.inv(covariance)\n"
                    "w = P @ (x - mean)[..., None]\n"
                    "h = P @ ((xdot - meandot)[..., None] - cdot @ w)\n"
                    "g, c = ybar[..., None] * h[..., 0], h @ w.mT\n"
                    "cbar = ybar[..., None, None] * (c + c.mT + P @ cdot @ P) / 2\n"
                    "return back(-g, x.shape), back(g, mean.shape), back(cbar, covariance.shape)",
                ),
                parts=("value", "vjp", "hvp"),
                given=("cholesky",),
            ),
            Exercise(
                "multivariate_normal_sample",
                "Independent noise fills a round cloud. Which matrix makes the cloud an ellipse with a given "
                "covariance, and is it the only one?",
                (
                    "Stretch and turn the noise, and move it to the mean. The covariance of L noise is L L^T.",
                    "cholesky gives that L. noise may have leading axes: make it a column for the product.",
                    "Forward:\nreturn mean + (cholesky(covariance) @ noise[..., None])[..., 0]",
                ),
                parts=("value",),
                given=("cholesky",),
            ),
            Exercise(
                "normal_fit",
                "Of all normal curves, which makes the data most likely? Its variance divides by n and not by n - 1: "
                "is it too large or too small?",
                (
                    "Set both derivatives of the log-likelihood to 0: to mu, and to sigma.",
                    "mu is the mean, sigma the root of the mean of the squares of what is left. Backward: through mu "
                    "each x gets mubar / n, through sigma sigmabar (x - mu) / (n sigma).",
                    "Forward:\n"
                    "mu = np.mean(x, axis=axis)\n"
                    "rest = x - np.expand_dims(mu, axis)\n"
                    "return mu, np.sqrt(np.mean(rest**2, axis=axis))\n"
                    "Backward:\n"
                    "mubar, sigmabar, mu, sigma = (np.expand_dims(v, axis) for v in (*ybar, *y))\n"
                    "return ((mubar + sigmabar * (x - mu) / sigma) / x.shape[axis],)\n"
                    "Second order:\n"
                    "sigmabar, mu, sigma = (np.expand_dims(v, axis) for v in (ybar[1], *y))\n"
                    "h, c = (x - mu) / sigma, dots[0] - np.mean(dots[0], axis=axis, keepdims=True)\n"
                    "along = np.mean(h * c, axis=axis, keepdims=True)\n"
                    "return (sigmabar * (c - h * along) / (x.shape[axis] * sigma),)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
        ),
    ),
)
