"""Chapter 11: from a prior and data to a posterior."""

from __future__ import annotations

from . import naive_bayes
from .exercise import Chapter, Exercise

CHAPTERS = (
    Chapter(
        11,
        "Bayes",
        (
            Exercise(
                "bayes_rule",
                "One person in a thousand is ill, and a test is wrong once in a hundred times. It says that you are "
                "ill: which is more likely, that you are or that you are not?",
                (
                    "Multiply each hypothesis' prior by its likelihood. What do these products sum to, and what must a "
                    "distribution sum to?",
                    "The evidence is the sum of prior * likelihood over the last axis; divide by it, and return both. "
                    "Backward: through a quotient whose divisor is the sum of its dividends, as in softmax; the "
                    "evidence's own cotangent goes to every product. Hessian: how the posterior and the evidence move "
                    "along dots, then the product rule on every line of the backward.",
                    "Forward:\n"
                    "joint = prior * likelihood; e = np.sum(joint, axis=-1)\n"
                    "return joint / e[..., None], e\n"
                    "Backward:\n"
                    "(pbar, ebar), (p, e) = ybar, y; along = np.sum(pbar * p, axis=-1, keepdims=True)\n"
                    "jbar = ebar[..., None] + (pbar - along) / e[..., None]\n"
                    "return np.sum(jbar * likelihood, axis=tuple(range(jbar.ndim - 1))), jbar * prior\n"
                    "Second order:\n"
                    "(priordot, ldot), (pbar, ebar), (p, e) = dots, ybar, y; e = e[..., None]\n"
                    "jdot = priordot * likelihood + prior * ldot; edot = np.sum(jdot, axis=-1, keepdims=True)\n"
                    "pdot = (jdot - p * edot) / e\n"
                    "moved = (pbar - np.sum(pbar * p, axis=-1, keepdims=True)) / e\n"
                    "jbar = ebar[..., None] + moved\n"
                    "jbardot = -(np.sum(pbar * pdot, axis=-1, keepdims=True) + moved * edot) / e\n"
                    "return np.sum(jbardot * likelihood + jbar * ldot, axis=tuple(range(jbar.ndim - 1))), jbardot * "
                    "prior + jbar * priordot",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "log_bayes_rule",
                "A thousand coin throws have the probability 2^-1000, and two thousand 2^-2000. What does each of them "
                "become in float64, and what its logarithm?",
                (
                    "The product becomes a sum of logarithms. Which function of chapter 10 is the logarithm of a sum "
                    "of exponentials?",
                    "The evidence is the logsumexp of log_prior + log_likelihood over the last axis, and the posterior "
                    "is what is left when it is taken away. Backward: that of log_softmax, and the evidence's "
                    "cotangent times the posterior probabilities. Hessian: only the posterior in the backward moves, "
                    "as a softmax does.",
                    "Forward:\n"
                    "joint = log_prior + log_likelihood; top = np.max(joint, axis=-1, keepdims=True)\n"
                    "e = top + np.log(np.sum(np.exp(joint - top), axis=-1, keepdims=True))\n"
                    "return joint - e, e[..., 0]\n"
                    "Backward:\n"
                    "(pbar, ebar), (logp, _) = ybar, y\n"
                    "jbar = pbar + np.exp(logp) * (ebar - np.sum(pbar, axis=-1))[..., None]\n"
                    "return np.sum(jbar, axis=tuple(range(jbar.ndim - 1))), jbar\n"
                    "Second order:\n"
                    "jdot = dots[0] + dots[1]; p = np.exp(y[0])\n"
                    "pdot = p * (jdot - np.sum(p * jdot, axis=-1, keepdims=True))\n"
                    "g = pdot * (ybar[1] - np.sum(ybar[0], axis=-1))[..., None]\n"
                    "return np.sum(g, axis=tuple(range(g.ndim - 1))), g",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "beta_binomial_posterior",
                "A coin falls on heads once in one throw. What would you bet on the next throw with a prior of a = b = "
                "1, and what with a = b = 100?",
                (
                    "The prior is like throws seen before: what is seen is added to it.",
                    "a + successes and b + failures; the mean is the share of the first in their sum. Backward: "
                    "differentiate the logarithm of the variance, whose factors are a, b, the sum t (squared, below) "
                    "and t + 1 (below). Hessian: every slope is a fraction of a, b and t; the variance moves by itself "
                    "times the change of its logarithm.",
                    "Forward:\n"
                    "a, b = np.broadcast_arrays(a + successes, b + failures); t = a + b\n"
                    "return a, b, a / t, a / t * (b / t) / (t + 1)\n"
                    "Backward:\n"
                    "def back(g, x):\n"
                    "    g = np.sum(g, axis=tuple(range(g.ndim - x.ndim)))\n"
                    "    return np.sum(g, axis=tuple(i for i in range(x.ndim) if x.shape[i] == 1), keepdims=True)\n"
                    "(abar, bbar, mbar, vbar), (alpha, beta, _, v) = ybar, y; t = alpha + beta\n"
                    "common = vbar * v * (2 / t + 1 / (t + 1))\n"
                    "abar = abar + mbar * beta / t**2 + vbar * v / alpha - common\n"
                    "bbar = bbar - mbar * alpha / t**2 + vbar * v / beta - common\n"
                    "return back(abar, a), back(bbar, b), back(abar, successes), back(bbar, failures)\n"
                    "Second order:\n"
                    "def back(g, x):\n"
                    "    g = np.sum(g, axis=tuple(range(g.ndim - x.ndim)))\n"
                    "    return np.sum(g, axis=tuple(i for i in range(x.ndim) if x.shape[i] == 1), keepdims=True)\n"
                    "(_, _, mbar, vbar), (alpha, beta, _, v) = ybar, y; adot = dots[0] + dots[2]\n"
                    "bdot = dots[1] + dots[3]; t = alpha + beta; tdot = adot + bdot\n"
                    "common = 2 / t + 1 / (t + 1); cdot = -(2 / t**2 + 1 / (t + 1) ** 2) * tdot\n"
                    "ga = 1 / alpha - common; gb = 1 / beta - common; dot = ga * adot + gb * bdot\n"
                    "A = mbar * (t * bdot - 2 * beta * tdot) / t**3 + vbar * v * (dot * ga - adot / alpha**2 - cdot)\n"
                    "B = vbar * v * (dot * gb - bdot / beta**2 - cdot) - mbar * (t * adot - 2 * alpha * tdot) / t**3\n"
                    "return back(A, a), back(B, b), back(A, successes), back(B, failures)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "dirichlet_multinomial_posterior",
                "A die has shown no six in ten throws. What is the probability of a six in the next one, with every "
                "alpha 1, and what does the share of the sixes say?",
                (
                    "The beta-binomial with more than two outcomes: add the counts.",
                    "The mean is each alpha + count, divided by the sum of them. Backward: the quotient of bayes_rule "
                    "again; prior and counts are added, so both get the same. Hessian: the mean moves, and the sum "
                    "that divides does.",
                    "Forward:\n"
                    "a = alpha + counts\n"
                    "return a, a / np.sum(a, axis=-1, keepdims=True)\n"
                    "Backward:\n"
                    "def back(g, x):\n"
                    "    g = np.sum(g, axis=tuple(range(g.ndim - x.ndim)))\n"
                    "    return np.sum(g, axis=tuple(i for i in range(x.ndim) if x.shape[i] == 1), keepdims=True)\n"
                    "(abar, mbar), (a, m) = ybar, y; along = np.sum(mbar * m, axis=-1, keepdims=True)\n"
                    "g = abar + (mbar - along) / np.sum(a, axis=-1, keepdims=True)\n"
                    "return back(g, alpha), back(g, counts)\n"
                    "Second order:\n"
                    "def back(g, x):\n"
                    "    g = np.sum(g, axis=tuple(range(g.ndim - x.ndim)))\n"
                    "    return np.sum(g, axis=tuple(i for i in range(x.ndim) if x.shape[i] == 1), keepdims=True)\n"
                    "(_, mbar), (a, m) = ybar, y; adot = dots[0] + dots[1]\n"
                    "t = np.sum(a, axis=-1, keepdims=True); tdot = np.sum(adot, axis=-1, keepdims=True)\n"
                    "mdot = (adot - m * tdot) / t; along = np.sum(mbar * m, axis=-1, keepdims=True)\n"
                    "g = -(np.sum(mbar * mdot, axis=-1, keepdims=True) + (mbar - along) * tdot / t) / t\n"
                    "return back(g, alpha), back(g, counts)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "normal_normal_posterior",
                "A scale errs by 1 kg, and your prior has a standard deviation of 1 kg too. Where between the two is "
                "the mean after one weighing, and where after nine?",
                (
                    "The prior weighs as much as some number of observations that are all mean0. How many?",
                    "r = variance / variance0 observations. So the weight of all is w = N + r, the posterior's "
                    "variance is variance / w, and a further x has the noise on top of that. Backward: what divides "
                    "twice, w, collects from both. Hessian: first how r, m - mean0 and v move, then each line of the "
                    "backward.",
                    "Forward:\n"
                    "r = variance / variance0; w = len(x) + r; v = variance / w\n"
                    "return mean0 + np.sum(x - mean0, axis=0) / w, v, v + variance\n"
                    "Backward:\n"
                    "r = variance / variance0; w = len(x) + r; (mbar, vbar, pbar), (m, v, _) = ybar, y\n"
                    "vbar = vbar + pbar; rbar = -(mbar * (m - mean0) + vbar * v) / w\n"
                    "return np.broadcast_to(mbar / w, x.shape), mbar * r / w, -rbar * r / variance0, rbar / "
                    "variance0 + vbar / w + pbar\n"
                    "Second order:\n"
                    "r = variance / variance0; w = len(x) + r; (mbar, vbar, pbar), (m, v, _) = ybar, y\n"
                    "vbar = vbar + pbar; rbar = -(mbar * (m - mean0) + vbar * v) / w\n"
                    "xdot, mean0dot, v0dot, vardot = dots; rdot = (vardot - r * v0dot) / variance0\n"
                    "ddot = (np.sum(xdot - mean0dot, axis=0) - (m - mean0) * rdot) / w\n"
                    "vdot = (vardot - v * rdot) / w; rbardot = -(mbar * ddot + vbar * vdot + rbar * rdot) / w\n"
                    "return np.broadcast_to(-mbar * rdot / w**2, x.shape), mbar * len(x) * rdot / w**2, -(rbardot * "
                    "r + rbar * rdot - rbar * r * v0dot / variance0) / variance0, (rbardot - rbar * v0dot / "
                    "variance0) / variance0 - vbar * rdot / w**2",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "ridge",
                "Let the weights have a normal prior around 0. Minus the logarithm of their posterior is the sum of "
                "the squared errors, and which term more? So what is alpha, in the two variances?",
                (
                    "Set the gradient of |y - x w|^2 + alpha |w|^2 to 0.",
                    "That is a linear system: (x^T x + alpha) w = x^T y, alpha on the diagonal alone. Backward: g "
                    "solves the same system for wbar; differentiate both sides of the system to see where it goes. "
                    "Hessian: w and g are solutions of systems that move; differentiate both systems.",
                    "Forward:\n"
                    "A = x.T @ x + alpha * np.eye(x.shape[1])\n"
                    "return np.linalg.solve(A, x.T @ y)\n"
                    "Backward:\n"
                    "A = x.T @ x + alpha * np.eye(x.shape[1]); g = np.linalg.solve(A, wbar)\n"
                    "return (y - x @ w)[:, None] * g - (x @ g)[:, None] * w, x @ g\n"
                    "Second order:\n"
                    "A = x.T @ x + alpha * np.eye(x.shape[1]); g = np.linalg.solve(A, wbar)\n"
                    "xdot, ydot = dots; r = y - x @ w\n"
                    "wdot = np.linalg.solve(A, xdot.T @ r + x.T @ (ydot - xdot @ w))\n"
                    "gdot = -np.linalg.solve(A, xdot.T @ (x @ g) + x.T @ (xdot @ g))\n"
                    "rdot = ydot - xdot @ w - x @ wdot; G = xdot @ g + x @ gdot\n"
                    "return np.outer(rdot, g) + np.outer(r, gdot) - np.outer(G, w) - np.outer(x @ g, wdot), G",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "bayesian_linear_regression",
                "Where alpha / beta is the alpha of ridge, the mean is ridge's w. What does the covariance tell that "
                "ridge does not?",
                (
                    "Precisions add up: that of the prior, and what the data bring.",
                    "A = alpha + beta x^T x, alpha on the diagonal; the covariance is S = A^-1, the mean beta S x^T y. "
                    "Backward: the cotangent of A is -S (Sbar + mbar c^T) S with c = beta x^T y, made symmetric. "
                    "Hessian: S moves by -S Adot S; then the product rule on every line of the backward.",
                    "Forward:\n"
                    "S = np.linalg.inv(alpha * np.eye(x.shape[1]) + beta * (x.T @ x))\n"
                    "return beta * (S @ (x.T @ y)), S\n"
                    "Backward:\n"
                    "(mbar, Sbar), (m, S) = ybar, posterior; cbar = S @ mbar\n"
                    "Abar = -S @ Sbar @ S - np.outer(cbar, m); Abar = (Abar + Abar.T) / 2; fit = x @ cbar\n"
                    "return 2 * beta * (x @ Abar) + beta * np.outer(y, cbar), beta * fit, np.trace(Abar), np.sum(x @ "
                    "Abar * x) + np.sum(fit * y)\n"
                    "Second order:\n"
                    "(mbar, Sbar), (m, S) = ybar, posterior; cbar = S @ mbar\n"
                    "Abar = -S @ Sbar @ S - np.outer(cbar, m); Abar = (Abar + Abar.T) / 2; fit = x @ cbar\n"
                    "xdot, ydot, adot, bdot = dots; half = x.T @ (bdot / 2 * x + beta * xdot)\n"
                    "Adot = adot * np.eye(len(m)) + half + half.T\n"
                    "cdot = x.T @ (bdot * y + beta * ydot) + beta * xdot.T @ y; mdot = S @ (cdot - Adot @ m)\n"
                    "Sdot = -S @ Adot @ S; cbardot = Sdot @ mbar\n"
                    "D = -Sdot @ Sbar @ S - S @ Sbar @ Sdot - np.outer(cbardot, m) - np.outer(cbar, mdot)\n"
                    "D = (D + D.T) / 2; fitdot = xdot @ cbar + x @ cbardot\n"
                    "one = 2 * x @ Abar + np.outer(y, cbar)\n"
                    "onedot = 2 * (xdot @ Abar + x @ D) + np.outer(ydot, cbar) + np.outer(y, cbardot)\n"
                    "return bdot * one + beta * onedot, bdot * fit + beta * fitdot, np.trace(D), np.sum(2 * x @ Abar "
                    "* xdot + x @ D * x) + np.sum(fitdot * y + fit * ydot)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "bayesian_linear_regression_predictive",
                "Far away from all data the prediction is less certain. Near endless data, which part of its variance "
                "is left?",
                (
                    "A line through uncertain weights, and the noise on top.",
                    "For each row the variance is x_new S x_new^T + 1 / beta: one number for a row, so not the whole "
                    "matrix. Backward: find the cotangents of m and S, and hand them to "
                    "bayesian_linear_regression_vjp. Hessian: both the cotangents of m and S move, and what is made of "
                    "them.",
                    "Forward:\n"
                    "m, S = bayesian_linear_regression(x, y, alpha, beta)\n"
                    "return x_new @ m, np.sum(x_new @ S * x_new, axis=1) + 1 / beta\n"
                    "Backward:\n"
                    "m, S = bayesian_linear_regression(x, y, alpha, beta); meanbar, vbar = ybar\n"
                    "W = vbar[:, None] * x_new\n"
                    "xbar, ybar, abar, bbar = bayesian_linear_regression_vjp((x_new.T @ meanbar, x_new.T @ W), (m, "
                    "S), x, y, alpha, beta)\n"
                    "return np.outer(meanbar, m) + 2 * W @ S, xbar, ybar, abar, bbar - np.sum(vbar) / beta**2\n"
                    "Second order:\n"
                    "m, S = bayesian_linear_regression(x, y, alpha, beta); meanbar, vbar = ybar\n"
                    "W = vbar[:, None] * x_new; xdot, ydot, adot, bdot = dots[1:]\n"
                    "half = x.T @ (bdot / 2 * x + beta * xdot); Adot = adot * np.eye(len(m)) + half + half.T\n"
                    "cdot = x.T @ (bdot * y + beta * ydot) + beta * xdot.T @ y; mdot = S @ (cdot - Adot @ m)\n"
                    "Sdot = -S @ Adot @ S; Wdot = vbar[:, None] * dots[0]\n"
                    "back = x_new.T @ meanbar, x_new.T @ W\n"
                    "moved = dots[0].T @ meanbar, dots[0].T @ W + x_new.T @ Wdot\n"
                    "one = bayesian_linear_regression_vjp(moved, (m, S), x, y, alpha, beta)\n"
                    "two = bayesian_linear_regression_hvp(back, dots[1:], (m, S), x, y, alpha, beta)\n"
                    "return np.outer(meanbar, mdot) + 2 * (Wdot @ S + W @ Sdot), one[0] + two[0], one[1] + two[1], "
                    "one[2] + two[2], one[3] + two[3] + 2 * np.sum(vbar) * bdot / beta**3",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "bayesian_linear_regression_log_evidence",
                "A model with more weights fits the data better. Why may its evidence be lower?",
                (
                    "The integral of a Gaussian over the weights: its height at m, times its width there.",
                    "The height is -(beta |y - x m|^2 + alpha |m|^2) / 2, the width brings -log |A| / 2. Backward: m "
                    "makes that height largest, so that m moves does not matter, and log |A| moves by trace(S dA). "
                    "Hessian: m and S move as in bayesian_linear_regression.",
                    "Forward:\n"
                    "n, d = x.shape; A = alpha * np.eye(d) + beta * (x.T @ x)\n"
                    "m = beta * np.linalg.solve(A, x.T @ y); r = y - x @ m\n"
                    "return (d * np.log(alpha) + n * np.log(beta / (2 * np.pi)) - np.linalg.slogdet(A)[1] - beta * r "
                    "@ r - alpha * m @ m) / 2\n"
                    "Backward:\n"
                    "n, d = x.shape; A = alpha * np.eye(d) + beta * (x.T @ x)\n"
                    "m = beta * np.linalg.solve(A, x.T @ y); r = y - x @ m; S = np.linalg.inv(A)\n"
                    "return ybar * beta * (np.outer(r, m) - x @ S), -ybar * beta * r, ybar * (d / alpha - "
                    "np.trace(S) - m @ m) / 2, ybar * (n / beta - np.sum(x @ S * x) - r @ r) / 2\n"
                    "Second order:\n"
                    "n, d = x.shape; A = alpha * np.eye(d) + beta * (x.T @ x)\n"
                    "m = beta * np.linalg.solve(A, x.T @ y); r = y - x @ m; S = np.linalg.inv(A)\n"
                    "xdot, ydot, adot, bdot = dots; half = x.T @ (bdot / 2 * x + beta * xdot)\n"
                    "Adot = adot * np.eye(len(m)) + half + half.T\n"
                    "cdot = x.T @ (bdot * y + beta * ydot) + beta * xdot.T @ y; mdot = S @ (cdot - Adot @ m)\n"
                    "Sdot = -S @ Adot @ S; rdot = ydot - xdot @ m - x @ mdot; one = np.outer(r, m) - x @ S\n"
                    "onedot = np.outer(rdot, m) + np.outer(r, mdot) - xdot @ S - x @ Sdot\n"
                    "bend = np.sum((xdot @ S + x @ Sdot) * x + x @ S * xdot) + 2 * r @ rdot\n"
                    "return ybar * (bdot * one + beta * onedot), -ybar * (bdot * r + beta * rdot), -ybar * (d * adot "
                    "/ alpha**2 + np.trace(Sdot) + 2 * m @ mdot) / 2, -ybar * (n * bdot / beta**2 + bend) / 2",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            *naive_bayes.EXERCISES,
        ),
    ),
)
