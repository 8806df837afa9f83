"""Chapters 9 and 10: probability, and how much one knows."""

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
                    "np.where(x == 1, np.log(p), np.log1p(-p)). Backward: np.where(x == 1, ybar / p, -ybar / (1 - "
                    "p)), summed back to the shape of p: over leading axes that it lacks, and where it has length 1. "
                    "A tuple of one. Hessian: np.where(x == 1, -ybar * dots[0] / p**2, -ybar * dots[0] / (1 - p) ** "
                    "2), summed likewise.",
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
                    "-z * z / 2 - np.log(sigma) - np.log(2 * np.pi) / 2. Backward: -ybar * z / sigma, ybar * z / "
                    "sigma, ybar * (z - 1) * (z + 1) / sigma, each summed back to the shape of its argument. Hessian: "
                    "xdot, mudot, sigmadot = dots; m = (xdot - mudot) / sigma; s = sigmadot / sigma; z moves by m - z "
                    "* s. g = ybar * (m - 2 * z * s) / sigma; then -g, g, ybar * (2 * z * m - (3 * z * z - 1) * s) / "
                    "sigma, each summed back.",
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
                    "np.interp(u, cdf, x) does both.",
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
                    "return back(xbar / ((1 - u) * rate), u.shape), back(-xbar * x / rate, rate.shape)",
                ),
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
                    "r * np.cos(2 * np.pi * u2), r * np.sin(2 * np.pi * u2). Backward: (z0bar, z1bar), (z0, z1) = "
                    "ybar, y; return (z0bar * z0 + z1bar * z1) / (2 * u1 * np.log(u1)), 2 * np.pi * (z1bar * z0 - "
                    "z0bar * z1) Hessian: u1dot, u2dot = dots; k = 2 * u1 * np.log(u1); e = u1dot / k stretches and w "
                    "= 2 * np.pi * u2dot turns. With r = z0bar * z0 + z1bar * z1 and t = z1bar * z0 - z0bar * z1: "
                    "return (w * t - e * r * (2 * np.log(u1) + 1)) / k, 2 * np.pi * (e * t - w * r)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "reparameterize",
                "One cannot differentiate a random draw. What has been done to it here, so that one can?",
                (
                    "Shift and stretch the noise.",
                    "It is linear in each of the three. Backward: noise gets sigma, sigma gets noise, mu gets 1, times "
                    "xbar; and a sum where one was broadcast.",
                    "mu + sigma * noise. Backward: xbar * sigma, xbar, xbar * noise, each summed back to its shape: "
                    "over leading axes that it lacks, and where it has length 1. Hessian: noisedot, mudot, sigmadot = "
                    "dots; xbar * sigmadot, np.zeros_like(mu), xbar * noisedot, each summed back.",
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
                    "m = np.mean(fx); n = len(fx); return m, np.sqrt(np.sum((fx - m) ** 2) / (n * (n - 1)))",
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
                    "return xbar, -np.sum(each), -np.sum(zbar * z) / sigma",
                ),
            ),
            Exercise(
                "multivariate_normal_log_density",
                "Where the density is the same, the points lie on an ellipse. What are its axes?",
                (
                    "The square of z becomes d^T C^-1 d with d = x - mean, and log sigma becomes half the log of the "
                    "determinant.",
                    "Use cholesky and triangular_solve: C = L L^T, so z = L^-1 d, and half the log of the determinant "
                    "is the sum of the logs of L's diagonal.",
                    "L = cholesky(covariance); z = triangular_solve(L, (x - mean)[..., None], lower=True, "
                    "unit_diagonal=False)[..., 0]; -np.sum(z * z + np.log(2 * np.pi), axis=-1) / 2 - "
                    "np.sum(np.log(np.diagonal(L, axis1=-2, axis2=-1)), axis=-1) Backward: d = x - mean; w = "
                    "np.linalg.solve(covariance, d[..., None])[..., 0]; g = ybar[..., None] * w; -g, g, ybar[..., "
                    "None, None] * (w[..., :, None] * w[..., None, :] - np.linalg.inv(covariance)) / 2, each summed "
                    "back to its shape. Hessian: P = np.linalg.inv(covariance); h = P @ ((xdot - meandot)[..., None] "
                    "- covariancedot @ w[..., None]); with c = h @ w[..., None, :] and g = ybar[..., None] * h[..., "
                    "0]: -g, g, ybar[..., None, None] * (c + c.mT + P @ covariancedot @ P) / 2, each summed back.",
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
                    "return ((mubar + sigmabar * (x - mu) / sigma) / x.shape[axis],)",
                ),
            ),
        ),
    ),
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
                    "-np.sum(np.where(p == 0, 0, p * np.log(np.where(p == 0, 1, p))), axis=axis), and return "
                    "(-np.expand_dims(ybar, axis) * (np.log(p) + 1),). Hessian: (-np.expand_dims(ybar, axis) * "
                    "dots[0] / p,)",
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
                    "-np.sum(np.where(p == 0, 0, p * np.log(q)), axis=axis). Backward: ybar = np.expand_dims(ybar, "
                    "axis); return -ybar * np.log(q), -ybar * p / q Hessian, with pdot, qdot = dots: return -ybar * "
                    "qdot / q, -ybar * (pdot - p * qdot / q) / q",
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
                    "np.sum(np.where(p == 0, 0, p * np.log(p / q)), axis=axis). Backward: ybar = np.expand_dims(ybar, "
                    "axis); return ybar * (np.log(p) - np.log(q) + 1), -ybar * p / q Hessian, with pdot, qdot = dots: "
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
                    "log r is np.where(np.abs(e) < 0.5, np.log1p(e), np.log(sigma0 / sigma1)). Backward, with s1 for "
                    "sigma1: ybar * d / s1, ybar * (r - 1 / r) / s1, -ybar * d / s1, ybar * (1 - r * r - d * d) / s1, "
                    "each summed back to the shape of its argument. Hessian, with the four dots: m = (mu0dot - "
                    "mu1dot) / s1; a = sigma0dot / s1; t = sigma1dot / s1; d moves by m - d * t and r by a - r * t. g "
                    "= ybar * (m - 2 * d * t) / s1; then g, ybar * ((1 + 1 / r**2) * a - 2 * r * t) / s1, -g, ybar * "
                    "((3 * r * r + 3 * d * d - 1) * t - 2 * (r * a + d * m)) / s1, each summed back.",
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
                    "e = np.exp(x - np.max(x, axis=axis, keepdims=True)); e / np.sum(e, axis=axis, keepdims=True). "
                    "Backward: (y * (ybar - np.sum(ybar * y, axis=axis, keepdims=True)),). Hessian: u, v = "
                    "(w - np.sum(y * w, axis=axis, keepdims=True) for w in (ybar, dots[0])), then the product rule on "
                    "y * u: (y * (u * v - np.sum(y * u * v, axis=axis, keepdims=True)),)",
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
                    "return zbar / temperature, -np.sum(zbar * shifted) / temperature**2",
                ),
            ),
            Exercise(
                "log_softmax",
                "Why not np.log(softmax(x))? Try x = (0, 1000).",
                (
                    "The logarithm of a quotient is a difference, and log exp cancels.",
                    "Take away the largest x first, then the log of the sum of the exponentials.",
                    "s = x - np.max(x, axis=axis, keepdims=True); s - np.log(np.sum(np.exp(s), axis=axis, "
                    "keepdims=True)). Backward: (ybar - np.exp(y) * np.sum(ybar, axis=axis, keepdims=True),) Hessian: "
                    "(pdot,) = softmax_vjp(dots[0], np.exp(y), x, axis=axis); (-pdot * np.sum(ybar, axis=axis, "
                    "keepdims=True),)",
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
                    "m = np.max(x, axis=axis, keepdims=True); m = np.where(np.isfinite(m), m, 0); y = m + "
                    "np.log(np.sum(np.exp(x - m), axis=axis, keepdims=True)); without keepdims np.squeeze(y, axis). "
                    "Backward: (ybar * softmax(x, axis=axis),), once ybar has its axes again. Hessian: p = softmax(x, "
                    "axis=axis); (pdot,) = softmax_vjp(dots[0], p, x, axis=axis); (ybar * pdot,), with the axes of "
                    "ybar again.",
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
                    "(1 - alpha) * labels + alpha / labels.shape[-1], and return ((1 - alpha) * ybar,)",
                ),
            ),
        ),
    ),
)
