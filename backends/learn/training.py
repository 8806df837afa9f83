"""Chapter 14: the way back through the 3-4-4-1 network, where its weights begin, and the first step."""

from __future__ import annotations

from .exercise import Chapter, Exercise

CHAPTERS = (
    Chapter(
        14,
        "Train the MLP by hand",
        (
            Exercise(
                "mlp",
                "The cotangent of w2 is a product: of that of z2, and of one thing from the way up. Which one? So what "
                "must the forward keep? Only the 3-4-4-1 network with sigmoids is asked.",
                (
                    "Forward: what each layer sums up is z, and what it hands on is h = s(z). Backward: the same list "
                    "from its end, and beside each z the weights and the bias that made it.",
                    "From the zbar of a layer: its bias gets the sum over the rows, its matrix h.T @ zbar with the h "
                    "that went in, and that h gets zbar @ w.T. Through the sigmoid: zbar = hbar h (1 - h).",
                    "Forward: w1, b1, w2, b2, w3, b3 = theta; z1 = x @ w1 + b1; h1 = sigmoid(z1); z2 = h1 @ w2 + b2; "
                    "h2 = sigmoid(z2); return {'z1': z1, 'h1': h1, 'z2': z2, 'h2': h2, 'y': h2 @ w3 + b3}. Backward: "
                    "h1, h2 = values['h1'], values['h2']; h2bar = ybar @ w3.T; z2bar = h2bar * h2 * (1 - h2); h1bar = "
                    "z2bar @ w2.T; z1bar = h1bar * h1 * (1 - h1); return {'y': ybar, 'b3': ybar.sum(0), 'w3': h2.T @ "
                    "ybar, 'h2': h2bar, 'z2': z2bar, 'b2': z2bar.sum(0), 'w2': h1.T @ z2bar, 'h1': h1bar, 'z1': z1bar, "
                    "'b1': z1bar.sum(0), 'w1': x.T @ z1bar, 'x': z1bar @ w1.T}.",
                ),
                parts=("values", "cotangents"),
                labels=("3-4-4-1",),
                title="backprop_3441",
            ),
            Exercise(
                "mlp",
                "The way back is a loop too. How much more work is it than the way forward: the same, twice as much, "
                "or as many times as there are weights?",
                (
                    "Go forward first and keep in a list what went into each layer; then go from the last layer to the "
                    "first.",
                    "In each layer, from its zbar: hbar, wbar, bbar = linear_vjp(zbar, z, h, w, b). Then through the "
                    "activation with sigmoid_vjp, tanh_vjp or relu_vjp. The result is (xbar, w1bar, b1bar, ...).",
                    "s, back = {'sigmoid': (sigmoid, sigmoid_vjp), 'tanh': (tanh, tanh_vjp), 'relu': (relu, "
                    "relu_vjp)}[activation]; layers = list(zip(theta[::2], theta[1::2])); hs, zs = [x], []; for w, b "
                    "in layers: zs.append(hs[-1] @ w + b); hs.append(s(zs[-1])). The value is zs[-1]. Backward: bars = "
                    "(); bar = ybar; for k in range(len(layers) - 1, -1, -1): bar, *own = linear_vjp(bar, zs[k], "
                    "hs[k], *layers[k]); bars = (*own, *bars); if k: (bar,) = back(bar, hs[k], zs[k - 1]). Return "
                    "(bar, *bars).",
                ),
                title="backprop",
            ),
            Exercise(
                "mlp",
                "The network has 41 weights, so its Hessian has 1681 elements. How many of them do you need for its "
                "product with one direction? Only the 3-4-4-1 network with sigmoids is asked.",
                (
                    "Everything that backprop_3441 computes moves, when x and the weights move along dots. Go through "
                    "it line by line, forward and back, and write the tangent of each line below it.",
                    "Forward: zdot = hdot w + h wdot + bdot, and hdot = h (1 - h) zdot. Backward: wbar = h.T zbar "
                    "moves by hdot.T zbar + h.T zbardot; hbar = zbar w.T by zbardot w.T + zbar wdot.T; zbar = hbar h "
                    "(1 - h) by hbardot h (1 - h) + hbar (1 - 2 h) hdot. ybar does not move.",
                    "w1, b1, w2, b2, w3, b3 = theta; xd, w1d, b1d, w2d, b2d, w3d, b3d = dots; h1 = sigmoid(x @ w1 + "
                    "b1); h2 = sigmoid(h1 @ w2 + b2); s1, s2 = h1 * (1 - h1), h2 * (1 - h2); h1d = s1 * (xd @ w1 + x "
                    "@ w1d + b1d); h2d = s2 * (h1d @ w2 + h1 @ w2d + b2d); h2b = ybar @ w3.T; z2b = h2b * s2; h1b = "
                    "z2b @ w2.T; z1b = h1b * s1; h2bd = ybar @ w3d.T; z2bd = h2bd * s2 + h2b * (1 - 2 * h2) * h2d; "
                    "h1bd = z2bd @ w2.T + z2b @ w2d.T; z1bd = h1bd * s1 + h1b * (1 - 2 * h1) * h1d; return z1bd @ "
                    "w1.T + z1b @ w1d.T, xd.T @ z1b + x.T @ z1bd, z1bd.sum(0), h1d.T @ z2b + h1.T @ z2bd, "
                    "z2bd.sum(0), h2d.T @ ybar, 0 * b3.",
                ),
                parts=("hvp",),
                labels=("3-4-4-1",),
                title="curvature_3441",
            ),
            Exercise(
                "mlp_binary_loss",
                "A network that has no idea says p = 1/2 to everything. What is its loss, and what does the first "
                "logit get back for a target of 1?",
                (
                    "The logits are the y of mlp; the loss of chapter 12 does the rest. Backward: the loss first.",
                    "binary_cross_entropy_with_logits(logits, target, None, None, reduction='mean'). Its VJP gives the "
                    "cotangents of the logits and of the target; hand the first one to mlp_cotangents.",
                    "values = mlp_values(x, *theta, activation=activation); z = values['y']; return "
                    "binary_cross_entropy_with_logits(z, target, None, None, reduction='mean'). Backward: zbar, tbar = "
                    "binary_cross_entropy_with_logits_vjp(ybar, y, z, target, None, None, reduction='mean'); g = "
                    "mlp_cotangents(zbar, values, x, *theta, activation=activation); names = [f'{kind}{k}' for k in "
                    "range(1, len(theta) // 2 + 1) for kind in 'wb']; return g['x'], tbar, *(g[n] for n in names).",
                ),
            ),
            Exercise(
                "xavier_uniform",
                "What is uniform between -b and b has the variance b^2 / 3. Which b gives 2 / (fan_in + fan_out)?",
                (
                    "u lies between 0 and 1. Stretch it to -1 ... 1, then to -b ... b.",
                    "A weight is (out, in, *kernel). fan_in counts the products that are added up to one output: in "
                    "times the size of the kernel, which is 1 without one. fan_out is out times that size.",
                    "field = np.prod(u.shape[2:]); return (2 * u - 1) * gain * np.sqrt(6 / ((u.shape[0] + u.shape[1]) "
                    "* field))",
                ),
                parts=("value",),
            ),
            Exercise(
                "xavier_normal",
                "Ten layers, each of which makes the standard deviation 1.5 times as large: how large is what comes "
                "out? And what if it is 0.5 times?",
                (
                    "z has the standard deviation 1 already.",
                    "The variance wanted is gain^2 2 / (fan_in + fan_out). What z is multiplied by is not the "
                    "variance.",
                    "field = np.prod(z.shape[2:]); return z * gain * np.sqrt(2 / ((z.shape[0] + z.shape[1]) * field))",
                ),
                parts=("value",),
            ),
            Exercise(
                "kaiming_normal",
                "Values of mean 0 go through relu: what is left of the mean of their squares? So which gain makes up "
                "for it?",
                (
                    "The standard deviation is a gain over the root of a fan; mode says which fan.",
                    "The gains: 1 for linear and sigmoid, 5/3 for tanh, sqrt(2) for relu, sqrt(2 / (1 + a^2)) for "
                    "leaky_relu, 3/4 for selu.",
                    "gain = {'linear': 1, 'sigmoid': 1, 'tanh': 5 / 3, 'relu': np.sqrt(2), 'leaky_relu': np.sqrt(2 / "
                    "(1 + a**2)), 'selu': 3 / 4}[nonlinearity]; out, into, *kernel = z.shape; fan = {'fan_in': into, "
                    "'fan_out': out}[mode] * np.prod(kernel); return z * gain / np.sqrt(fan)",
                ),
                parts=("value",),
            ),
            Exercise(
                "l2_penalty",
                "Only the penalty pulls at a weight, and the step is lr: which share of the weight is gone after it?",
                (
                    "Squares, summed, times a constant: mind the half.",
                    "The half goes with the 2 of the derivative. The Hessian is alpha times the identity.",
                    "alpha * np.sum(w * w) / 2, (alpha * ybar * w,) and, with (wdot,) = dots, (alpha * ybar * wdot,).",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "linear_regression_loss",
                "w is in two terms of the loss, in the error and in the penalty. What does that say about its "
                "cotangent? And why is there no penalty on b?",
                (
                    "y are the answers x w + b, error their mean squared error, penalty alpha |w|^2 / N, and the loss "
                    "is the sum of both.",
                    "A sum hands the whole cotangent to each of its terms. What is used twice adds up what comes back "
                    "from both uses. There is no half here, so the 2 stays. Hessian: with r = x w + b - target, the "
                    "product rule on each line of the backward.",
                    "Forward: y = x @ w + b; error = np.mean((y - target) ** 2); penalty = alpha * (w @ w) / "
                    "target.size; return {'y': y, 'error': error, 'penalty': penalty, 'loss': error + penalty}. "
                    "Backward: g = 2 * (values['y'] - target) / target.size * ybar; return {'loss': ybar, 'penalty': "
                    "ybar, 'error': ybar, 'target': -g, 'y': g, 'b': np.sum(g), 'w': x.T @ g + 2 * alpha * w * ybar / "
                    "target.size, 'x': g[:, None] * w}. Hessian: xdot, tdot, wdot, bdot = dots; k = 2 * ybar / "
                    "target.size; r = x @ w + b - target; rdot = xdot @ w + x @ wdot + bdot - tdot; return k * "
                    "(rdot[:, None] * w + r[:, None] * wdot), -k * rdot, k * (xdot.T @ r + x.T @ rdot + alpha * wdot), "
                    "k * np.sum(rdot).",
                ),
                parts=("values", "cotangents", "hvp"),
            ),
            Exercise(
                "sgd_step",
                "The loss is lower after the step than before: always, if lr is small enough, or only on average?",
                (
                    "The gradient points to where the loss grows fastest.",
                    "Go the other way, lr times the gradient. Backward: both arguments are met once, and linearly.",
                    "p - lr * g, and return ybar, -lr * ybar",
                ),
            ),
            Exercise(
                "mlp_training",
                "One matrix has taken its step, the others not yet: is the gradient of the others still right? And "
                "which loss do you write down, that before the step or that after it?",
                (
                    "Again and again: the loss, its gradient, one step of all parameters at once.",
                    "The loss is one number, so its cotangent is 1; what mlp_binary_loss_vjp gives for x and target is "
                    "not needed. weight_decay * p is added to the gradients of the matrices alone. Return the losses "
                    "before each step, and the parameters after the last one.",
                    "losses = []; for _ in range(steps): loss = mlp_binary_loss(x, target, *theta, "
                    "activation=activation); _, _, *gs = mlp_binary_loss_vjp(1.0, loss, x, target, *theta, "
                    "activation=activation); theta = [sgd_step(p, g + weight_decay * p if p.ndim == 2 else g, lr=lr) "
                    "for p, g in zip(theta, gs)]; losses.append(loss). Return np.stack(losses), *theta.",
                ),
                parts=("value",),
            ),
        ),
    ),
)
