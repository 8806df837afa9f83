"""The last part of chapter 11: classes by Bayes' rule, of features that are taken as independent."""

from __future__ import annotations

from .exercise import Exercise

EXERCISES = (
    Exercise(
        "gaussian_naive_bayes_fit",
        "In a class whose rows all have the same value of a feature, how wide is its bell? What would it say "
        "of a row with another value?",
        (
            "For each class the share of the rows, and the mean and the variance of its own rows.",
            "The variance divides by n_c, and is of the distances from the mean of the row's own class. On top "
            "comes var_smoothing times the largest variance of a feature over all rows.",
            "Forward:\n"
            "one = (labels[:, None] == np.arange(n_classes)) * 1.0; n = np.sum(one, axis=0)[:, None]\n"
            "m = one.T @ x / n\n"
            "v = one.T @ (x - m[labels]) ** 2 / n + var_smoothing * np.max(np.var(x, axis=0))\n"
            "return n[:, 0] / len(x), m, v",
        ),
        parts=("value",),
        labels=("two-classes", "three-classes", "smoothed", "shifted"),
    ),
    Exercise(
        "gaussian_naive_bayes_log_posterior",
        "Two classes with the same variances: what kind of curve is the border between them? And with different ones?",
        (
            "Bayes' rule with logarithms: the features are independent within a class, so their log densities add up.",
            "J = log prior - sum over d of (log v + (x - m)^2 / v) / 2, of shape (n, C); then log_softmax over "
            "the classes. Backward: that of log_softmax, then the slopes of a parabola. Hessian: J moves by "
            "the backward's slopes, and the softmax with it.",
            "Forward:\n"
            "d = x[:, None] - mean\n"
            "J = np.log(prior) - np.sum(np.log(variance) + d * d / variance, axis=2) / 2\n"
            "J = J - np.max(J, axis=1, keepdims=True)\n"
            "return J - np.log(np.sum(np.exp(J), axis=1, keepdims=True))\n"
            "Backward:\n"
            "g = (ybar - np.exp(y) * np.sum(ybar, axis=1, keepdims=True))[:, :, None]\n"
            "r = (x[:, None] - mean) / variance\n"
            "return -np.sum(g * r, axis=1), np.sum(g, axis=(0, 2)) / prior, np.sum(g * r, axis=0), np.sum(g "
            "* (r * r - 1 / variance), axis=0) / 2\n"
            "Second order:\n"
            "g = (ybar - np.exp(y) * np.sum(ybar, axis=1, keepdims=True))[:, :, None]\n"
            "r = (x[:, None] - mean) / variance; xdot, priordot, mdot, vdot = dots; p = np.exp(y)\n"
            "d = xdot[:, None] - mdot; rdot = (d - r * vdot) / variance; s = r * r - 1 / variance\n"
            "J = priordot / prior + np.sum(s * vdot / 2 - r * d, axis=2)\n"
            "h = -np.sum(ybar, axis=1, keepdims=True) * p * (J - np.sum(p * J, axis=1, keepdims=True))\n"
            "h = h[:, :, None]; G = h * r + g * rdot\n"
            "return -np.sum(G, axis=1), (np.sum(h, axis=(0, 2)) - np.sum(g, axis=(0, 2)) * priordot / prior) "
            "/ prior, np.sum(G, axis=0), np.sum(h * s + g * (2 * r * rdot + vdot / variance**2), axis=0) / 2",
        ),
        parts=("value", "vjp", "hvp"),
        labels=("three-classes", "many-features", "far-from-all", "prior-odds"),
        dtype="float32",
    ),
    Exercise(
        "gaussian_naive_bayes_predict",
        "Which class, if every error costs the same? Which parts of the posterior need not be computed to tell?",
        (
            "The class with the largest posterior. What is the same for every class?",
            "The evidence is, so the logarithm of the joint density will do: J of the exercise before.",
            "Forward:\n"
            "d = x[:, None] - mean\n"
            "J = np.log(prior) - np.sum(np.log(variance) + d * d / variance, axis=2) / 2\n"
            "return np.argmax(J, axis=1)",
        ),
        parts=("value",),
    ),
    Exercise(
        "multinomial_naive_bayes_fit",
        "A word that a class has never shown has the share 0. What does one such word do to a text of a "
        "thousand words, and what does alpha change?",
        (
            "Count the words of each class, over all of its rows.",
            "Add alpha to every count, then divide by the sum over the words: by what was added to it too.",
            "Forward:\n"
            "one = (labels[:, None] == np.arange(n_classes)) * 1.0; c = one.T @ x + alpha\n"
            "return np.sum(one, axis=0) / len(x), c / np.sum(c, axis=1, keepdims=True)",
        ),
        parts=("value",),
    ),
    Exercise(
        "multinomial_naive_bayes_log_posterior",
        "The same words in another order: what changes? Which naive assumption is that?",
        (
            "Each word brings the logarithm of its probability, as often as it occurs.",
            "J = log prior + x times the transposed log probabilities; then log_softmax over the classes. "
            "Hessian: J moves by the backward's slopes, and the softmax with it.",
            "Forward:\n"
            "J = np.log(prior) + x @ np.log(probability).T; J = J - np.max(J, axis=1, keepdims=True)\n"
            "return J - np.log(np.sum(np.exp(J), axis=1, keepdims=True))\n"
            "Backward:\n"
            "g = ybar - np.exp(y) * np.sum(ybar, axis=1, keepdims=True)\n"
            "return g @ np.log(probability), np.sum(g, axis=0) / prior, g.T @ x / probability\n"
            "Second order:\n"
            "g = ybar - np.exp(y) * np.sum(ybar, axis=1, keepdims=True); xdot, priordot, qdot = dots\n"
            "p = np.exp(y); ldot = qdot / probability\n"
            "J = priordot / prior + xdot @ np.log(probability).T + x @ ldot.T\n"
            "h = -np.sum(ybar, axis=1, keepdims=True) * p * (J - np.sum(p * J, axis=1, keepdims=True))\n"
            "return h @ np.log(probability) + g @ ldot, (np.sum(h, axis=0) - np.sum(g, axis=0) * priordot / "
            "prior) / prior, (h.T @ x + g.T @ xdot - g.T @ x * ldot) / probability",
        ),
        parts=("value", "vjp", "hvp"),
        dtype="float32",
    ),
)
