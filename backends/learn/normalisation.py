"""Chapter 16: normalisation over a batch, an example or a group, and dropout."""

from __future__ import annotations

from .exercise import Chapter, Exercise

CHAPTERS = (
    Chapter(
        16,
        "Normalisation and dropout",
        (
            Exercise(
                "batch_norm",
                "Multiply one column of x by 1000: what becomes of y? And what if eps were as large as the variance?",
                (
                    "Each channel by itself: take off its mean, divide by its standard deviation, then gamma and beta.",
                    "The channel is axis 1, so mean and variance run along all the others, with keepdims=True. The "
                    "variance is that of the batch, divided by n. eps stands under the root. gamma and beta have to be "
                    "reshaped to (1, C, 1, ...).",
                    "axes = (0, *range(2, x.ndim)); mean = np.mean(x, axis=axes, keepdims=True); var = np.mean((x - "
                    "mean) ** 2, axis=axes, keepdims=True); shape = (1, -1) + (1,) * (x.ndim - 2); return "
                    "gamma.reshape(shape) * (x - mean) / np.sqrt(var + eps) + beta.reshape(shape)",
                ),
                parts=("value",),
            ),
            Exercise(
                "batch_norm_inference",
                "In evaluation one row at a time may be asked. What would batch_norm answer to a single row?",
                (
                    "The same formula with given numbers: nothing is averaged over x.",
                    "An affine map of each channel. Backward: std is a constant for x, so xbar = gamma ybar / std. The "
                    "mean enters as x does, with a minus. The variance enters through 1/std, whose slope is -1 / (2 "
                    "std^3). Hessian: the product rule on every line of the backward; std moves by vardot / (2 std).",
                    "shape = (1, -1) + (1,) * (x.ndim - 2); mean, std = running_mean.reshape(shape), "
                    "np.sqrt(running_var.reshape(shape) + eps); xhat = (x - mean) / std. The value: "
                    "gamma.reshape(shape) * xhat + beta.reshape(shape). Backward: axes = (0, *range(2, x.ndim)); xbar "
                    "= gamma.reshape(shape) * ybar / std; return xbar, np.sum(ybar * xhat, axes), np.sum(ybar, axes), "
                    "-np.sum(xbar, axes), -np.sum(xbar * xhat / (2 * std), axes). Hessian: xdot, gdot, _, mdot, vdot "
                    "= (d if d.ndim == x.ndim else d.reshape(shape) for d in dots); k = vdot / (2 * std**2); hdot = "
                    "(xdot - mdot) / std - xhat * k; xbardot = gdot * ybar / std - xbar * k; return xbardot, "
                    "np.sum(ybar * hdot, axes), 0 * beta, -np.sum(xbardot, axes), -np.sum((xbardot * xhat + xbar * "
                    "hdot - xbar * xhat * k) / (2 * std), axes).",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "batch_norm_running",
                "Training divides by the variance with n, and stores the one with n - 1. Which of the two is right on "
                "average about the data?",
                (
                    "A new average: the share momentum of the batch, and the rest of the old one.",
                    "Two results, mean and variance. The variance is divided by n - 1 here. Backward: the mean hands "
                    "1 / n to each value, the variance 2 (x - mean) / (n - 1). Hessian: of all this only the variance "
                    "bends, and xbar moves as its centred x does.",
                    "axes = (0, *range(2, x.ndim)); shape = (1, -1) + (1,) * (x.ndim - 2); n = x.size // x.shape[1]; "
                    "mean = np.mean(x, axis=axes); d = x - mean.reshape(shape); var = np.sum(d**2, axis=axes) / (n - "
                    "1). The value: (1 - momentum) * running_mean + momentum * mean, (1 - momentum) * running_var + "
                    "momentum * var. Backward: mbar, vbar = ybar; xbar = momentum * (mbar.reshape(shape) / n + "
                    "vbar.reshape(shape) * 2 * d / (n - 1)); return xbar, (1 - momentum) * mbar, (1 - momentum) * "
                    "vbar. Hessian: xdot = dots[0]; ddot = xdot - np.mean(xdot, axis=axes).reshape(shape); return "
                    "momentum * ybar[1].reshape(shape) * 2 * ddot / (n - 1), 0 * running_mean, 0 * running_var.",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "batch_norm_trained",
                "With momentum 0.1, how many batches does it take until the first statistics weigh less than half?",
                (
                    "A loop over the batches keeps the running statistics up to date; then x is evaluated with them.",
                    "The loop is batch_norm_running, but that the variance is divided by n - correction. Three "
                    "results: y, mean, variance. Backward: batch_norm_inference_vjp first, then from the last batch to "
                    "the first; each takes its share momentum, and hands on 1 - momentum.",
                    "shape = (1, -1) + (1,) * (batches.ndim - 3); axes = (0, *range(2, batches.ndim - 1)); mean, var = "
                    "running_mean, running_var; for b in batches: n = b.size // b.shape[1]; m = np.mean(b, axis=axes); "
                    "v = np.sum((b - m.reshape(shape)) ** 2, axis=axes) / (n - correction); mean = (1 - momentum) * "
                    "mean + momentum * m; var = (1 - momentum) * var + momentum * v. Then return "
                    "batch_norm_inference(x, gamma, beta, mean, var, eps=eps), mean, var. Backward: *bars, m, v = "
                    "batch_norm_inference_vjp(ybar[0], y[0], x, gamma, beta, y[1], y[2], eps=eps); m, v = m + ybar[1], "
                    "v + ybar[2]; back = []; for b in batches[::-1]: n = b.size // b.shape[1]; d = b - np.mean(b, "
                    "axis=axes).reshape(shape); back.append(momentum * (m.reshape(shape) / n + v.reshape(shape) * 2 * "
                    "d / (n - correction))); m, v = (1 - momentum) * m, (1 - momentum) * v. Return "
                    "np.stack(back[::-1]), *bars, m, v.",
                ),
            ),
            Exercise(
                "batch_norm",
                "Add the same number to a whole column of x: y does not move. So what is the sum of xbar over a "
                "column? And the sum of xbar times xhat, when eps is 0?",
                (
                    "x moves y in three ways: by itself, through the mean, and through the variance. The third one is "
                    "the one that is forgotten.",
                    "With g = gamma ybar, the cotangent of xhat: take off its mean, and take off xhat times the mean "
                    "of g xhat; then divide by std. gamma gets the sum of ybar xhat, beta that of ybar. Hessian: call "
                    "these three terms N(g). Then xhatdot = N(xdot), stddot = mean(xhat xdot), and every factor of "
                    "xbar moves once.",
                    "axes = (0, *range(2, x.ndim)); shape = (1, -1) + (1,) * (x.ndim - 2); mean = np.mean(x, "
                    "axis=axes, keepdims=True); std = np.sqrt(np.mean((x - mean) ** 2, axis=axes, keepdims=True) + "
                    "eps); xhat = (x - mean) / std; g = gamma.reshape(shape) * ybar; xbar = (g - np.mean(g, "
                    "axis=axes, keepdims=True) - xhat * np.mean(g * xhat, axis=axes, keepdims=True)) / std; return "
                    "xbar, np.sum(ybar * xhat, axis=axes), np.sum(ybar, axis=axes). The value: gamma.reshape(shape) * "
                    "xhat + beta.reshape(shape). Hessian: m = lambda v: np.mean(v, axis=axes, keepdims=True); N = "
                    "lambda v: (v - m(v) - xhat * m(v * xhat)) / std; xdot, gdot = dots[0], dots[1].reshape(shape); "
                    "hdot = N(xdot); xbardot = N(gdot * ybar) - (hdot * m(g * xhat) + xhat * m(g * hdot) + N(g) * "
                    "m(xhat * xdot)) / std; return xbardot, np.sum(ybar * hdot, axis=axes), 0 * beta.",
                ),
                parts=("value", "vjp", "hvp"),
                title="batch_norm_backward",
            ),
            Exercise(
                "layer_norm",
                "A batch of one row: what does batch norm say to it, and what does layer norm?",
                (
                    "Batch norm turned by a quarter: now each example is normalised by itself.",
                    "The means run along the last gamma.ndim axes. Backward: the three terms of batch norm along "
                    "these axes; gamma and beta are shared by the others, so their cotangents are summed along those. "
                    "Hessian: that of batch norm, along these axes.",
                    "axes = tuple(range(-gamma.ndim, 0)); mean = np.mean(x, axis=axes, keepdims=True); std = np.sqrt("
                    "np.mean((x - mean) ** 2, axis=axes, keepdims=True) + eps); xhat = (x - mean) / std. The value: "
                    "gamma * xhat + beta. Backward: lead = tuple(range(x.ndim - gamma.ndim)); g = gamma * ybar; xbar = "
                    "(g - np.mean(g, axis=axes, keepdims=True) - xhat * np.mean(g * xhat, axis=axes, keepdims=True)) / "
                    "std; return xbar, np.sum(ybar * xhat, axis=lead), np.sum(ybar, axis=lead). Hessian: m = lambda v: "
                    "np.mean(v, axis=axes, keepdims=True); N = lambda v: (v - m(v) - xhat * m(v * xhat)) / std; xdot, "
                    "gdot, _ = dots; hdot = N(xdot); xbardot = N(gdot * ybar) - (hdot * m(g * xhat) + xhat * m(g * "
                    "hdot) + N(g) * m(xhat * xdot)) / std; return xbardot, np.sum(ybar * hdot, axis=lead), 0 * beta.",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "rms_norm",
                "Which of the three terms of the backward goes, when the mean goes?",
                (
                    "Layer norm without centring: nothing is taken off, and there is no beta.",
                    "Divide by the root of the mean of the squares, eps under the root. Backward: x moves y by itself "
                    "and through the root. Hessian: call the two terms N(g); xhatdot = N(xdot), rmsdot = mean(xhat "
                    "xdot), and every factor of xbar moves once.",
                    "axes = tuple(range(-gamma.ndim, 0)); rms = np.sqrt(np.mean(x * x, axis=axes, keepdims=True) + "
                    "eps); xhat = x / rms. The value: gamma * xhat. Backward: g = gamma * ybar; xbar = (g - xhat * "
                    "np.mean(g * xhat, axis=axes, keepdims=True)) / rms; return xbar, np.sum(ybar * xhat, "
                    "axis=tuple(range(x.ndim - gamma.ndim))). Hessian: m = lambda v: np.mean(v, axis=axes, "
                    "keepdims=True); N = lambda v: (v - xhat * m(v * xhat)) / rms; xdot, gdot = dots; hdot = N(xdot); "
                    "xbardot = N(gdot * ybar) - (hdot * m(g * xhat) + xhat * m(g * hdot) + N(g) * m(xhat * xdot)) / "
                    "rms; return xbardot, np.sum(ybar * hdot, axis=tuple(range(x.ndim - gamma.ndim))).",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "group_norm",
                "With one group, and with as many groups as channels: which norms are these?",
                (
                    "Bring x into the shape (N, num_groups, everything else of a group), and normalise along the last "
                    "axis.",
                    "gamma and beta are one number a channel, and not one a group: multiply in the shape of x. "
                    "Backward: g = gamma ybar in the shape of x, then in that of the groups, then the three terms. "
                    "Hessian: that of batch norm, in the shape of the groups.",
                    "shape = (1, -1) + (1,) * (x.ndim - 2); z = x.reshape(len(x), num_groups, -1); d = z - np.mean(z, "
                    "axis=-1, keepdims=True); std = np.sqrt(np.mean(d**2, axis=-1, keepdims=True) + eps); h = d / "
                    "std; xhat = h.reshape(x.shape). The value: gamma.reshape(shape) * xhat + beta.reshape(shape). "
                    "Backward: g = (gamma.reshape(shape) * ybar).reshape(z.shape); zbar = (g - np.mean(g, axis=-1, "
                    "keepdims=True) - h * np.mean(g * h, axis=-1, keepdims=True)) / std; axes = (0, *range(2, "
                    "x.ndim)); return zbar.reshape(x.shape), np.sum(ybar * xhat, axis=axes), np.sum(ybar, axis=axes). "
                    "Hessian: m = lambda v: np.mean(v, axis=-1, keepdims=True); N = lambda v: (v - m(v) - h * m(v * "
                    "h)) / std; zdot = dots[0].reshape(z.shape); gdot = (dots[1].reshape(shape) * "
                    "ybar).reshape(z.shape); hdot = N(zdot); zbardot = N(gdot) - (hdot * m(g * h) + h * m(g * hdot) + "
                    "N(g) * m(h * zdot)) / std; return zbardot.reshape(x.shape), np.sum(ybar * hdot.reshape(x.shape), "
                    "axis=axes), 0 * beta.",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "dropout",
                "p is the probability to drop. What is the mean of y over all masks, and what would it be without the "
                "division?",
                (
                    "The mask says what stays. What stays is made larger, so that the mean is kept.",
                    "Divide by the probability to stay. Backward: the cotangent goes where the values went, through "
                    "the same mask and the same division. A mask has no cotangent.",
                    "np.where(mask, x / (1 - p), 0), and return (np.where(mask, ybar / (1 - p), 0),)",
                ),
            ),
            Exercise(
                "dropout2d",
                "Neighbouring pixels say nearly the same. What is left of dropout if single pixels are dropped?",
                (
                    "The mask has one entry for each channel of each example: all of its pixels stay or go.",
                    "Give the mask two more axes and let it broadcast; the rest is dropout.",
                    "keep = mask[:, :, None, None]; np.where(keep, x / (1 - p), 0), and return (np.where(keep, ybar / "
                    "(1 - p), 0),)",
                ),
            ),
        ),
    ),
)
