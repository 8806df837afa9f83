"""Chapter 15: what a step makes of a gradient, and of those before it."""

from __future__ import annotations

from .exercise import Chapter, Exercise

ALONG = (
    "Keep a list of the parameters after each step, begin with a state of zeros, and hand each step what the one "
    "before it returned. The result has T rows: p itself is not one of them."
)

CHAPTERS = (
    Chapter(
        15,
        "Optimizers",
        (
            Exercise(
                "sgd",
                "The gradients are given beforehand here. In training they are not: what does the gradient of step 2 "
                "depend on that is not known before step 1?",
                (
                    "One step after the other, each from where the last one ended.",
                    "Keep a list of the parameters after each step, and stack it. p itself, before the first step, is "
                    "not in the result.",
                    "path = [p]; for g in grads: path.append(sgd_step(path[-1], g, lr=lr)); return np.stack(path)[1:]",
                ),
                parts=("value",),
            ),
            Exercise(
                "momentum_step",
                "The gradient stays 1 for ever. Where does the velocity end, and how much faster than plain descent is "
                "it then? Only lr_inside=False and dampening=0 are asked here.",
                (
                    "A ball that rolls: of its old velocity a share is left, and the gradient is added.",
                    "weight_decay * p is added to the gradient before anything else. Return two things: the new p and "
                    "the new velocity.",
                    "v = momentum * v + g + weight_decay * p; return p - lr * v, v",
                ),
                parts=("value",),
                labels=("velocity",),
                title="momentum_velocity",
            ),
            Exercise(
                "momentum_step",
                "With the learning rate inside, v is a displacement. When do both conventions give the same path, and "
                "when not?",
                (
                    "Now v has the unit of p: it is the step itself.",
                    "lr multiplies the new gradient as it enters v, and never again. Both conventions are asked: "
                    "lr_inside says which.",
                    "push = g + weight_decay * p; v = momentum * v + (lr * push if lr_inside else push); return p - (v "
                    "if lr_inside else lr * v), v",
                ),
                parts=("value",),
                labels=("velocity", "displacement"),
                title="momentum_displacement",
            ),
            Exercise(
                "momentum_step",
                "With dampening = momentum, v is an average of the gradients. How fast is it then, beside plain "
                "descent, if the gradient stays as it is?",
                (
                    "A new gradient enters with the share 1 - dampening.",
                    "That share is taken of the gradient with its weight decay; the old velocity is not touched by it. "
                    "All three conventions are asked.",
                    "push = (1 - dampening) * (g + weight_decay * p); v = momentum * v + (lr * push if lr_inside else "
                    "push); return p - (v if lr_inside else lr * v), v",
                ),
                parts=("value",),
                title="momentum_average",
            ),
            Exercise(
                "momentum",
                "The learning rate is halved: with which of the conventions does the very next step shrink by half?",
                (
                    "There is a learning rate for each step here.",
                    ALONG + " Unless dampen_first, the first gradient is taken whole, with dampening 0.",
                    "path, v = [p], np.zeros_like(p); for t, (g, rate) in enumerate(zip(grads, lr)): p, v = "
                    "momentum_step(p, g, v, lr=rate, momentum=momentum, dampening=dampening if t or dampen_first else "
                    "0, weight_decay=weight_decay, lr_inside=lr_inside); path.append(p). Return np.stack(path)[1:].",
                ),
                parts=("value",),
            ),
            Exercise(
                "nesterov_step",
                "Momentum will carry p on in any case. Why not ask for the gradient there, at the point ahead?",
                (
                    "v is as in momentum, but the step is not v: p stands at the point ahead already.",
                    "The new v first. Then the step is the gradient and, once more, momentum times the new v. With "
                    "lr_inside, lr multiplies the gradient both times, and nothing else.",
                    "g = g + weight_decay * p; push = lr * g if lr_inside else g; v = momentum * v + push; ahead = "
                    "push + momentum * v; return p - (ahead if lr_inside else lr * ahead), v",
                ),
                parts=("value",),
            ),
            Exercise(
                "nesterov",
                "From v = 0, how long is the first step, beside that of plain descent and that of momentum?",
                (
                    "The loop of momentum, with another step.",
                    ALONG,
                    "path, v = [p], np.zeros_like(p); for g, rate in zip(grads, lr): p, v = nesterov_step(p, g, v, "
                    "lr=rate, momentum=momentum, weight_decay=weight_decay, lr_inside=lr_inside); path.append(p). "
                    "Return np.stack(path)[1:].",
                ),
                parts=("value",),
            ),
            Exercise(
                "adagrad_step",
                "One parameter has gradients a thousand times as large as another one. Whose step is longer?",
                (
                    "Each parameter has a sum of its squared gradients, and divides by the root of it.",
                    "The new s, with this gradient in it, is what divides. lr falls with t: at t = 1 it is lr itself. "
                    "eps_inside says whether eps stands under the root.",
                    "g = g + weight_decay * p; s = s + g**2; root = np.sqrt(s + eps) if eps_inside else np.sqrt(s) + "
                    "eps; return p - lr / (1 + (t - 1) * lr_decay) * g / root, s",
                ),
                parts=("value",),
            ),
            Exercise(
                "adagrad",
                "The gradients stay as they are. By which power of t does the step shrink, and does the path end "
                "somewhere?",
                (
                    "s begins at initial, for every parameter.",
                    "The step has to know its number: t = 1, 2, ... Hand on what it returns.",
                    "path, s = [p], np.full_like(p, initial); for t, g in enumerate(grads, 1): p, s = adagrad_step(p, "
                    "g, s, t=t, lr=lr, lr_decay=lr_decay, eps=eps, weight_decay=weight_decay, eps_inside=eps_inside); "
                    "path.append(p). Return np.stack(path)[1:].",
                ),
                parts=("value",),
            ),
            Exercise(
                "rmsprop_step",
                "An average forgets, a sum does not. After a thousand steps, what is the difference for a learning "
                "rate? And what is v - m^2 called in statistics?",
                (
                    "v is a running average of the squared gradients: alpha of the old, 1 - alpha of the new.",
                    "Centered, m averages the gradients and v - m^2 stands under the root; otherwise m stays as it is. "
                    "b is a velocity of what is left after the division. Return p, v, m, b.",
                    "g = g + weight_decay * p; v = alpha * v + (1 - alpha) * g**2; m = alpha * m + (1 - alpha) * g if "
                    "centered else m; u = v - m**2 if centered else v; b = momentum * b + g / (np.sqrt(u + eps) if "
                    "eps_inside else np.sqrt(u) + eps); return p - lr * b, v, m, b",
                ),
                parts=("value",),
            ),
            Exercise(
                "rmsprop",
                "v begins at 0, and nothing corrects that. How long is the first step if alpha = 0.99, in units of lr?",
                (
                    "Three things are remembered from step to step, and all of them begin at 0.",
                    ALONG,
                    "path, state = [p], [np.zeros_like(p)] * 3; for g in grads: p, *state = rmsprop_step(p, g, *state, "
                    "lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum, centered=centered, "
                    "eps_inside=eps_inside); path.append(p). Return np.stack(path)[1:].",
                ),
                parts=("value",),
            ),
            Exercise(
                "adam_step",
                "m and v begin at 0. With beta1 = 0.9 and beta2 = 0.999, how long would the first step be without the "
                "corrections, in units of lr?",
                (
                    "Two running averages: of the gradients, and of their squares.",
                    "Divide m by 1 - beta1^t and v by 1 - beta2^t for the step, and return m and v without that. eps "
                    "stands beside the root.",
                    "m = beta1 * m + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g**2; return p - lr * (m / (1 - "
                    "beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v",
                ),
                parts=("value",),
            ),
            Exercise(
                "adam",
                "1 - beta instead of 1 - beta^t is right in the first step and wrong in all others. How many steps "
                "must a test take to see that?",
                (
                    "The weight decay is coupled here: it is part of the gradient, before the averages see it.",
                    "The first step is t = 1: with t = 0 the correction divides by nothing. Hand m and v on as they "
                    "are returned, not corrected.",
                    "path, m, v = [p], np.zeros_like(p), np.zeros_like(p); for t, g in enumerate(grads, 1): p, m, v = "
                    "adam_step(p, g + weight_decay * p, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps); "
                    "path.append(p). Return np.stack(path)[1:].",
                ),
                parts=("value",),
            ),
            Exercise(
                "adamw_step",
                "Take weight decay through Adam's division: which parameters decay fastest then, those with large "
                "gradients or those with small ones?",
                (
                    "The weights shrink by themselves, beside the step, and the gradient does not know of it.",
                    "p loses the share lr * weight_decay; the rest is adam_step.",
                    "adam_step(p - lr * weight_decay * p, g, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)",
                ),
                parts=("value",),
            ),
            Exercise(
                "adamw",
                "There are no gradients any more, they are all 0. Where do the weights go with adamw, and where with "
                "adam?",
                (
                    "The loop of adam, with another step.",
                    ALONG,
                    "path, m, v = [p], np.zeros_like(p), np.zeros_like(p); for t, g in enumerate(grads, 1): p, m, v = "
                    "adamw_step(p, g, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps, weight_decay=weight_decay); "
                    "path.append(p). Return np.stack(path)[1:].",
                ),
                parts=("value",),
            ),
            Exercise(
                "clip_gradient_value",
                "The gradient is (10, 1) and is clipped at 1, element by element. By which angle does the step turn?",
                (
                    "NumPy has a function that cuts off on both sides. The result is a tuple, one for each gradient.",
                    "Backward: what was cut off does not move, so it gets 0; the rest gets its ybar.",
                    "tuple(np.clip(g, -clip_value, clip_value) for g in gradients). Backward: tuple(np.where(np.abs(g) "
                    "< clip_value, b, 0) for b, g in zip(ybar, gradients)).",
                ),
            ),
            Exercise(
                "clip_gradient_norm",
                "Clip each of n tensors at length 1 by itself: how long can all of them together still be? And what "
                "becomes of the direction?",
                (
                    "All gradients are one long vector, and one factor shortens it.",
                    "The factor is max_norm / (norm + eps), but never more than 1. Backward: the factor depends on "
                    "every element; where nothing is clipped, it is the constant 1. Hessian: the product rule on the "
                    "backward, with the tangents of norm, f, s and c.",
                    "norm = np.sqrt(sum(np.sum(g * g) for g in gradients)); f = min(1, max_norm / (norm + eps)); "
                    "return tuple(g * f for g in gradients). Backward: s = sum(np.sum(b * g) for b, g in zip(ybar, "
                    "gradients)); c = f * s / ((norm + eps) * norm) if f < 1 else 0; return tuple(f * b - c * g for "
                    "b, g in zip(ybar, gradients)). Hessian: l = norm + eps; sdot = sum(np.sum(b * d) for b, d in "
                    "zip(ybar, dots)); ndot = sum(np.sum(g * d) for g, d in zip(gradients, dots)) / norm; fdot = -f * "
                    "ndot / l; cdot = f * sdot / (l * norm) - c * ndot * (2 / l + 1 / norm); return tuple(fdot * b - "
                    "cdot * g - c * d if f < 1 else 0 * g for b, g, d in zip(ybar, gradients, dots)).",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "step_schedule",
                "At t = step_size exactly: does the old rate hold or the new one?",
                (
                    "A staircase. How many stairs has step t gone down?",
                    "t // step_size of them, and each multiplies the rate by gamma.",
                    "lr * gamma ** (t // step_size)",
                ),
                parts=("value",),
            ),
            Exercise(
                "exponential_schedule",
                "On paper with a logarithmic scale, what does this schedule look like? And that of the last exercise?",
                (
                    "The same share is lost in every step.",
                    "t is counted from 0: the first rate is lr itself.",
                    "lr * gamma**t, with t as an array of whole numbers: np.power(gamma, t) is the same.",
                ),
                parts=("value",),
            ),
            Exercise(
                "cosine_schedule",
                "Where is the rate half way between lr and end? And what happens after t = steps, with hold and "
                "without?",
                (
                    "Half a wave: from 1 at t = 0 down to 0 at t = steps, flat at both ends.",
                    "With hold, t stays at steps once it is there. (1 + cos a) / 2 loses its digits near 0; it equals "
                    "cos(a / 2)^2, which does not.",
                    "share = (np.minimum(t, steps) if hold else t) / steps; return end + (lr - end) * np.cos(np.pi * "
                    "share / 2) ** 2",
                ),
                parts=("value",),
            ),
            Exercise(
                "warmup_schedule",
                "Adam's averages know one gradient after one step. What could a full step do then?",
                (
                    "A line from start * lr at t = 0 to lr at t = steps; then it stays.",
                    "start is a share of lr. How much is left to go, from 1 down to 0?",
                    "left = (steps - np.minimum(t, steps)) / steps; return lr * (1 - (1 - start) * left)",
                ),
                parts=("value",),
            ),
            Exercise(
                "warmup_cosine_schedule",
                "At which step is the rate lr, and for how many steps? Draw it before you write it.",
                (
                    "Two schedules, one after the other: np.where on t.",
                    "The cosine has steps - warmup steps to go and begins at t = warmup, so its own t is t - warmup. "
                    "It holds at the end.",
                    "rising = warmup_schedule(lr, t, steps=warmup, start=start); falling = cosine_schedule(lr, "
                    "np.maximum(t - warmup, 0), steps=steps - warmup, end=end, hold=True); return np.where(t < warmup, "
                    "rising, falling)",
                ),
                parts=("value",),
            ),
        ),
    ),
)
