"""Chapter 12: how wrong a prediction is, in one number."""

from __future__ import annotations

from .exercise import Chapter, Exercise

CHAPTERS = (
    Chapter(
        12,
        "Losses",
        (
            Exercise(
                "mse",
                "One constant is to predict all targets. Which one makes the mean squared error smallest?",
                (
                    "The difference, squared. reduction says what becomes of the single losses: nothing, their mean, "
                    "or their sum.",
                    "The mean is over all elements, not over the rows. Backward: a loss gets ybar, or its share ybar / "
                    "input.size of a mean, times the slope of the square; the target gets the opposite. Hessian: what "
                    "is left of 2 (input - target) when it moves?",
                    "Forward:\n"
                    "loss = (input - target) ** 2\n"
                    "return loss if reduction == 'none' else np.mean(loss) if reduction == 'mean' else np.sum(loss)\n"
                    "Backward:\n"
                    "share = ybar / input.size if reduction == 'mean' else ybar\n"
                    "g = 2 * share * (input - target)\n"
                    "return g, -g\n"
                    "Second order:\n"
                    "share = ybar / input.size if reduction == 'mean' else ybar\n"
                    "g = 2 * share * (dots[0] - dots[1])\n"
                    "return g, -g",
                ),
                parts=("value", "vjp", "hvp"),
                labels=("mean", "sum", "none", "mean-of-images"),
            ),
            Exercise(
                "mae",
                "One constant is to predict all targets. Which one makes the mean absolute error smallest? Move the "
                "largest target further away: what becomes of it?",
                (
                    "The distance, without the square.",
                    "The slope of |r| is the sign of r, however far away the target is. At 0 any slope from -1 to 1 is "
                    "right.",
                    "Forward:\n"
                    "loss = np.abs(input - target)\n"
                    "return loss if reduction == 'none' else np.mean(loss) if reduction == 'mean' else np.sum(loss)\n"
                    "Backward:\n"
                    "share = ybar / input.size if reduction == 'mean' else ybar\n"
                    "g = share * np.sign(input - target)\n"
                    "return g, -g",
                ),
            ),
            Exercise(
                "huber",
                "A parabola near 0 and straight lines further out. With which slope must the lines begin, so that "
                "nothing bends sharply?",
                (
                    "The slope is the residual, but never more than delta: what is that function called?",
                    "With c = r clipped to [-delta, delta], the value is c (r - c / 2) on both branches. Hessian: on "
                    "the lines the slope does not move.",
                    "Forward:\n"
                    "r = input - target; c = np.clip(r, -delta, delta); loss = c * (r - c / 2)\n"
                    "return loss if reduction == 'none' else np.mean(loss) if reduction == 'mean' else np.sum(loss)\n"
                    "Backward:\n"
                    "share = ybar / input.size if reduction == 'mean' else ybar\n"
                    "g = share * np.clip(input - target, -delta, delta)\n"
                    "return g, -g\n"
                    "Second order:\n"
                    "share = ybar / input.size if reduction == 'mean' else ybar\n"
                    "g = share * np.where(np.abs(input - target) < delta, dots[0] - dots[1], 0)\n"
                    "return g, -g",
                ),
                parts=("value", "vjp", "hvp"),
                labels=("mean", "sum", "none", "outliers", "at-the-bend"),
            ),
            Exercise(
                "hinge",
                "Which points have a gradient at all? So what would change if all the others were left out?",
                (
                    "target * input is how far a score is on the right side.",
                    "What lacks to the margin is paid for, and nothing else. Backward: only who pays has a slope.",
                    "Forward:\n"
                    "loss = np.maximum(0, margin - target * input)\n"
                    "return loss if reduction == 'none' else np.mean(loss) if reduction == 'mean' else np.sum(loss)\n"
                    "Backward:\n"
                    "share = ybar / input.size if reduction == 'mean' else ybar\n"
                    "return (np.where(target * input < margin, -share * target, 0),)",
                ),
            ),
            Exercise(
                "multiclass_hinge",
                "Ten wrong classes come within the margin. How many of them does the gradient push down, and what does "
                "it push up?",
                (
                    "Of each row the score of the right class, and the largest of the wrong ones.",
                    "Put -inf where the right class stands, then the maximum. Backward: where the loss is positive, "
                    "the worst class gets the share and the right one loses it. A mean is over the rows.",
                    "Forward:\n"
                    "n = np.arange(len(input)); wrong = input.copy(); wrong[n, target] = -np.inf\n"
                    "loss = np.maximum(0, margin - input[n, target] + np.max(wrong, axis=1))\n"
                    "return loss if reduction == 'none' else np.mean(loss) if reduction == 'mean' else np.sum(loss)\n"
                    "Backward:\n"
                    "n = np.arange(len(input)); wrong = input.copy(); wrong[n, target] = -np.inf\n"
                    "loss = np.maximum(0, margin - input[n, target] + np.max(wrong, axis=1))\n"
                    "s = np.where(loss > 0, ybar / len(n) if reduction == 'mean' else ybar, 0)\n"
                    "g = np.zeros_like(input); g[n, np.argmax(wrong, axis=1)] = s; g[n, target] = -s\n"
                    "return (g,)",
                ),
                labels=("mean", "none-perceptron"),
            ),
            Exercise(
                "binary_cross_entropy",
                "You said 0.999, and it did not happen. What does that cost in nats, and how does the cost grow as you "
                "add nines?",
                (
                    "Minus the logarithm of the probability of what happened, twice: once for 1, once for 0.",
                    "np.log1p(-p) keeps the digits of a small p. Backward: bring (1 - t) / (1 - p) - t / p over one "
                    "denominator, so that there is one subtraction. Hessian: for p itself the terms t / p^2 and (1 - "
                    "t) / (1 - p)^2, which do not cancel.",
                    "Forward:\n"
                    "w = 1 if weight is None else weight\n"
                    "loss = -w * (target * np.log(input) + (1 - target) * np.log1p(-input))\n"
                    "return loss if reduction == 'none' else np.mean(loss) if reduction == 'mean' else np.sum(loss)\n"
                    "Backward:\n"
                    "share = ybar / input.size if reduction == 'mean' else ybar\n"
                    "w = 1 if weight is None else weight\n"
                    "return share * w * (input - target) / (input * (1 - input)), share * w * (np.log1p(-input) - "
                    "np.log(input))\n"
                    "Second order:\n"
                    "share = ybar / input.size if reduction == 'mean' else ybar\n"
                    "w = 1 if weight is None else weight; pdot, tdot = dots; q = 1 - input\n"
                    "h = target / input**2 + (1 - target) / q**2\n"
                    "return share * w * (h * pdot - tdot / (input * q)), -share * w * pdot / (input * q)",
                ),
                parts=("value", "vjp", "hvp"),
                labels=("mean", "sum-weighted", "none-weight-of-rows", "rare"),
            ),
            Exercise(
                "binary_cross_entropy_with_logits",
                "The logit is 800, and the target is 0. What does binary_cross_entropy(sigmoid(800)) give, and what is "
                "right?",
                (
                    "-log sigmoid(x) is log(1 + exp(-x)), and 1 - sigmoid(x) is sigmoid(-x).",
                    "log(1 + exp(x)) is softplus, which is yours to use; np.logaddexp(0, x) is the same. Backward: its "
                    "slope is sigmoid(x). For pos_weight 1, what do the two terms add up to? Hessian: the slope of a "
                    "sigmoid is s(x) s(-x).",
                    "Forward:\n"
                    "w, p = (1 if a is None else a for a in (weight, pos_weight))\n"
                    "loss = w * (p * target * np.logaddexp(0, -input) + (1 - target) * np.logaddexp(0, input))\n"
                    "return loss if reduction == 'none' else np.mean(loss) if reduction == 'mean' else np.sum(loss)\n"
                    "Backward:\n"
                    "share = ybar / input.size if reduction == 'mean' else ybar\n"
                    "w, p = (1 if a is None else a for a in (weight, pos_weight))\n"
                    "return share * w * ((1 - target) * sigmoid(input) - p * target * sigmoid(-input)), share * w * "
                    "(p * np.logaddexp(0, -input) - np.logaddexp(0, input))\n"
                    "Second order:\n"
                    "share = ybar / input.size if reduction == 'mean' else ybar\n"
                    "w, p = (1 if a is None else a for a in (weight, pos_weight)); xdot, tdot = dots\n"
                    "s = sigmoid(input); c = sigmoid(-input); m = s + p * c\n"
                    "return share * w * ((1 - target + p * target) * s * c * xdot - m * tdot), -share * w * m * xdot",
                ),
                parts=("value", "vjp", "hvp"),
                given=("softplus",),
            ),
            Exercise(
                "nll",
                "The mean weighs the classes. By which number must the sum be divided, so that doubling all weights "
                "changes nothing?",
                (
                    "Of each row minus the entry of its label, times the weight of that class.",
                    "A row whose label is ignore_index costs 0 and weighs 0. The mean divides by the weights of the "
                    "labels that count. Backward: one entry in each row.",
                    "Forward:\n"
                    "n = np.arange(len(target)); keep = target != ignore_index; t = np.where(keep, target, 0)\n"
                    "w = keep * (1.0 if weight is None else weight[t]); loss = -w * input[n, t]\n"
                    "return loss if reduction == 'none' else np.sum(loss) / np.sum(w) if reduction == 'mean' else "
                    "np.sum(loss)\n"
                    "Backward:\n"
                    "n = np.arange(len(target)); keep = target != ignore_index; t = np.where(keep, target, 0)\n"
                    "w = keep * (1.0 if weight is None else weight[t]); g = np.zeros_like(input)\n"
                    "g[n, t] = -w * ybar / (np.sum(w) if reduction == 'mean' else 1)\n"
                    "return (g,)",
                ),
                labels=("mean-weighted", "none"),
            ),
            Exercise(
                "cross_entropy",
                "Backward through the logarithm, then through softmax: a long way, with a division by a probability. "
                "What is left of it once both are multiplied out?",
                (
                    "It is nll of log_softmax, along axis 1.",
                    "Here label_smoothing is 0. The fused backward is softmax(input), less 1 at the label; a row "
                    "counts as often as its weight. The cotangent of labels is None. Hessian: the one-hot part is "
                    "constant, so softmax alone moves.",
                    "Forward:\n"
                    "n = np.arange(len(target)); keep = target != ignore_index; t = np.where(keep, target, 0)\n"
                    "w = keep * (1.0 if weight is None else weight[t])\n"
                    "loss = -w * log_softmax(input, axis=1)[n, t]\n"
                    "return loss if reduction == 'none' else np.sum(loss) / np.sum(w) if reduction == 'mean' else "
                    "np.sum(loss)\n"
                    "Backward:\n"
                    "n = np.arange(len(target)); keep = target != ignore_index; t = np.where(keep, target, 0)\n"
                    "w = keep * (1.0 if weight is None else weight[t])\n"
                    "g = np.exp(log_softmax(input, axis=1)); g[n, t] -= 1\n"
                    "s = w * ybar / (np.sum(w) if reduction == 'mean' else 1)\n"
                    "return s[:, None] * g, None\n"
                    "Second order:\n"
                    "keep = target != ignore_index; t = np.where(keep, target, 0)\n"
                    "w = keep * (1.0 if weight is None else weight[t])\n"
                    "s = w * ybar / (np.sum(w) if reduction == 'mean' else 1)\n"
                    "p = np.exp(log_softmax(input, axis=1))\n"
                    "return s[:, None] * p * (dots[0] - np.sum(p * dots[0], axis=1, keepdims=True)), None",
                ),
                parts=("value", "vjp", "hvp"),
                labels=("mean", "none-weighted", "mean-weighted-ignored", "shifted"),
            ),
            Exercise(
                "cross_entropy",
                "The targets are probabilities themselves, and are smoothed. What is the lowest loss that can be "
                "reached now, and for which prediction?",
                (
                    "Each class costs -weight * log_softmax, and is paid with its probability.",
                    "Smoothed, q = (1 - s) target + s / C. The mean is over the places. Backward: the target is an "
                    "argument too; and softmax is multiplied by the sum of weight * q, which is 1 without weights. "
                    "Hessian: softmax moves, and the target does.",
                    "Forward:\n"
                    "w = np.ones(input.shape[1]) if weight is None else weight\n"
                    "q = (1 - label_smoothing) * target + label_smoothing / len(w)\n"
                    "logp = log_softmax(input, axis=1); loss = -np.sum(w * q * logp, axis=1)\n"
                    "return loss if reduction == 'none' else np.mean(loss) if reduction == 'mean' else np.sum(loss)\n"
                    "Backward:\n"
                    "w = np.ones(input.shape[1]) if weight is None else weight\n"
                    "q = (1 - label_smoothing) * target + label_smoothing / len(w)\n"
                    "logp = log_softmax(input, axis=1)\n"
                    "s = ybar / len(input) if reduction == 'mean' else ybar[:, None]\n"
                    "total = np.sum(w * q, axis=1, keepdims=True)\n"
                    "return s * (np.exp(logp) * total - w * q), -s * (1 - label_smoothing) * w * logp\n"
                    "Second order:\n"
                    "w = np.ones(input.shape[1]) if weight is None else weight\n"
                    "q = (1 - label_smoothing) * target + label_smoothing / len(w)\n"
                    "logp = log_softmax(input, axis=1)\n"
                    "s = ybar / len(input) if reduction == 'mean' else ybar[:, None]\n"
                    "total = np.sum(w * q, axis=1, keepdims=True); xdot, tdot = dots; p = np.exp(logp)\n"
                    "ldot = xdot - np.sum(p * xdot, axis=1, keepdims=True)\n"
                    "wq = (1 - label_smoothing) * w * tdot\n"
                    "return s * (p * ldot * total + p * np.sum(wq, axis=1, keepdims=True) - wq), -s * (1 - "
                    "label_smoothing) * w * ldot",
                ),
                parts=("value", "vjp", "hvp"),
                labels=("mean-probabilities", "mean-certain-probabilities"),
                title="cross_entropy_soft",
            ),
            Exercise(
                "kl_div",
                "It takes log q first and p second. Which of the two expects, and what does an outcome that p never "
                "shows cost?",
                (
                    "input is log q already: it needs no further logarithm.",
                    "p (log p - log q), for every element. With log_target the target is log p. Backward: the product "
                    "rule; to log p there is one more factor p. Hessian: input alone has no curvature.",
                    "Forward:\n"
                    "p = np.exp(target) if log_target else target\n"
                    "loss = p * ((target if log_target else np.log(target)) - input)\n"
                    "return loss if reduction == 'none' else np.mean(loss) if reduction == 'mean' else np.sum(loss)\n"
                    "Backward:\n"
                    "share = ybar / input.size if reduction == 'mean' else ybar\n"
                    "p = np.exp(target) if log_target else target\n"
                    "return -share * p, share * (p * (target - input + 1) if log_target else np.log(target) - input "
                    "+ 1)\n"
                    "Second order:\n"
                    "share = ybar / input.size if reduction == 'mean' else ybar\n"
                    "p = np.exp(target) if log_target else target; idot, tdot = dots\n"
                    "return (-share * p * tdot, share * p * ((target - input + 2) * tdot - idot)) if log_target else "
                    "(-share * tdot, share * (tdot / p - idot))",
                ),
                parts=("value", "vjp", "hvp"),
                labels=("none", "sum", "log-rare"),
            ),
            Exercise(
                "kl_div",
                "A batch of 10 rows of 1000 classes: by how much is 'mean' smaller than the mean divergence of a row? "
                "And what becomes of the step of gradient descent?",
                (
                    "Four reductions: 'none', 'sum', 'mean' and 'batchmean'. Two of them divide.",
                    "'mean' divides by all elements, 'batchmean' by the rows, which gives the divergence of an average "
                    "row. Backward: divide ybar by the same.",
                    "Forward:\n"
                    "p = np.exp(target) if log_target else target\n"
                    "loss = p * ((target if log_target else np.log(target)) - input)\n"
                    "n = {'mean': input.size, 'batchmean': len(input)}.get(reduction, 1)\n"
                    "return loss if reduction == 'none' else np.sum(loss) / n\n"
                    "Backward:\n"
                    "p = np.exp(target) if log_target else target\n"
                    "n = {'mean': input.size, 'batchmean': len(input)}.get(reduction, 1); s = ybar / n\n"
                    "return -s * p, s * (p * (target - input + 1) if log_target else np.log(target) - input + 1)",
                ),
                labels=("none", "mean", "sum", "batchmean", "log-batchmean"),
                title="reductions",
            ),
        ),
    ),
)
