"""Optimisers that look at how the gradients change, or at the loss: optimistic descent, Adan, Polyak's steps; and ASGD,
which averages the parameters themselves.
"""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .trajectory import changing, counted_walk, refuse_misshapen, refuse_unlike, some


def optimistic_gradient_descent(p, grads, *, lr, alpha, beta):
    """p_t = p_(t-1) - lr (alpha g_t + beta (g_t - g_(t-1))) for t = 1 ... T, with g_0 = g_1.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    What the gradient has changed by since the last step it may change by again: alpha = beta = 1 counts on it. In a
    game of two players, where plain descent circles the equilibrium and runs away from it, this one arrives.

    Raises ValueError where the shapes do not belong together.
    Source: Mokhtari, Ozdaglar and Pattathil (2020), A unified analysis of extra-gradient and optimistic gradient
    methods for saddle point problems: proximal point approach, section 4.
    """
    refuse_misshapen("optimistic_gradient_descent", p, grads)
    path = [p]
    for t, g in enumerate(grads):
        path.append(path[-1] - lr * (alpha * g + beta * (g - grads[max(t - 1, 0)])))
    return np.stack(path)[1:]


def optimistic_gradient_descent_cases(rng):
    yield Case("matrix", changing(rng, 10, 2, 3), {"lr": 0.3, "alpha": 1.0, "beta": 0.75})
    yield Case("vector", changing(rng, 6, 5), {"lr": 0.01, "alpha": 0.5, "beta": 1.5})


def optimistic_gradient_descent_sized(rng, n):
    return Case("sized", some(rng, n), {"lr": 0.01, "alpha": 1.0, "beta": 1.0})


def optimistic_adam_step(p, g, m, v, before, *, t, lr, alpha, beta, beta1, beta2, eps, nesterov):
    """p' = p - lr (alpha u + beta (u - before)) with Adam's direction u = m^ / (sqrt(v^) + eps); at first before = u.

    m', v', m^ and v^ are those of adam_step; with nesterov m^ is that of the next step, taken already: beta1 m' / (1 -
    beta1^(t+1)) + (1 - beta1) g / (1 - beta1^t).

    Shapes: p any; g, m, v and before as p; (p', m', v', u) as p. t = 1, 2, ... counts the steps, this one included.

    Raises ValueError where the shapes differ.
    Source: Daskalakis, Ilyas, Syrgkanis and Zeng (2018), Training GANs with optimism, algorithm 1.
    """
    refuse_unlike("optimistic_adam_step", p, g=g, m=m, v=v, before=before)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    now, after = 1 - beta1**t, 1 - beta1 ** (t + 1)
    m_hat = beta1 / after * m + (1 - beta1) / now * g if nesterov else m / now
    u = m_hat / (np.sqrt(v / (1 - beta2**t)) + eps)
    return p - lr * (alpha * u + beta * (u - (u if t == 1 else before))), m, v, u


def optimistic_adam(p, grads, *, lr, alpha, beta, beta1, beta2, eps, nesterov):
    """p_t, ... = optimistic_adam_step(p_(t-1), g_t, ...) for t = 1 ... T, from m_0 = v_0 = 0.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    optimistic_gradient_descent with Adam's directions for gradients: what is counted on is their change.

    Raises ValueError where the shapes do not belong together.
    Source: Daskalakis, Ilyas, Syrgkanis and Zeng (2018), Training GANs with optimism, algorithm 1.
    """
    params = {"lr": lr, "alpha": alpha, "beta": beta, "beta1": beta1, "beta2": beta2, "eps": eps, "nesterov": nesterov}
    return counted_walk(optimistic_adam_step, p, grads, *(np.zeros_like(p),) * 3, **params)


def optimistic_adam_cases(rng):
    params = {"lr": 0.3, "alpha": 1.0, "beta": 0.75, "beta1": 0.8, "beta2": 0.9, "eps": 0.1}
    yield Case("plain", changing(rng, 10, 2, 3), {**params, "nesterov": False})
    usual = {"lr": 0.1, "alpha": 0.5, "beta": 1.5, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8}
    yield Case("nesterov", changing(rng, 6, 5), {**usual, "nesterov": True})


def optimistic_adam_sized(rng, n):
    params = {"lr": 0.01, "alpha": 1.0, "beta": 1.0, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8}
    return Case("sized", some(rng, n), {**params, "nesterov": True})


def adan_step(p, g, m, v, n, before, *, t, lr, beta1, beta2, beta3, eps, eps_root, weight_decay):
    """p' = p - lr ((m^ + (1 - beta2) v^) / (sqrt(n^ + eps_root) + eps) + weight_decay p), averages of g, its change d,
    and (g + (1 - beta2) d)^2.

    d = g - before, 0 in the first step; m' = beta1 m + (1 - beta1) g, v' = beta2 v + (1 - beta2) d and n' = beta3 n +
    (1 - beta3) (g + (1 - beta2) d)^2; m^, v^ and n^ are divided by 1 - beta^t of their own beta.

    Shapes: p any; g, m, v, n and before as p; (p', m', v', n', g) as p. t = 1, 2, ... counts the steps.

    Nesterov's momentum with gradients where p is: the change of the gradients stands for what a look ahead would have
    seen. The betas are those of averages, as in Adam; the paper's are 1 minus these.

    Raises ValueError where the shapes differ.
    Source: Xie, Zhou, Li, Lin and Yan (2022), Adan: adaptive Nesterov momentum algorithm for faster optimizing deep
    models, algorithm 1 (which divides by 1 + lr weight_decay instead of subtracting).
    """
    refuse_unlike("adan_step", p, g=g, m=m, v=v, n=n, before=before)
    d = np.zeros_like(g) if t == 1 else g - before
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * d
    n = beta3 * n + (1 - beta3) * (g + (1 - beta2) * d) ** 2
    ahead = m / (1 - beta1**t) + (1 - beta2) * (v / (1 - beta2**t))
    size = np.sqrt(n / (1 - beta3**t) + eps_root) + eps
    return p - lr * (ahead / size + weight_decay * p), m, v, n, g


def adan(p, grads, *, lr, beta1, beta2, beta3, eps, eps_root, weight_decay):
    """p_t, ... = adan_step(p_(t-1), g_t, ...) for t = 1 ... T, from m_0 = v_0 = n_0 = 0.

    Shapes: p any, grads (T, *p.shape) given beforehand, the result as grads: p_1 ... p_T.

    Where the gradients do not change it is Adam.

    Raises ValueError where the shapes do not belong together.
    Source: Xie, Zhou, Li, Lin and Yan (2022), Adan: adaptive Nesterov momentum algorithm for faster optimizing deep
    models, algorithm 1.
    """
    betas = {"beta1": beta1, "beta2": beta2, "beta3": beta3}
    zeros = (np.zeros_like(p),) * 4
    return counted_walk(
        adan_step, p, grads, *zeros, lr=lr, eps=eps, eps_root=eps_root, weight_decay=weight_decay, **betas
    )


def adan_cases(rng):
    large_eps = {
        "lr": 0.3,
        "beta1": 0.8,
        "beta2": 0.5,
        "beta3": 0.9,
        "eps": 0.1,
        "eps_root": 0.01,
        "weight_decay": 0.25,
    }
    usual = {"lr": 0.1, "beta1": 0.98, "beta2": 0.92, "beta3": 0.99, "eps": 1e-8, "eps_root": 1e-8, "weight_decay": 0.0}
    yield Case("large-eps", changing(rng, 10, 2, 3), large_eps)
    yield Case("usual", changing(rng, 6, 5), usual)


def adan_sized(rng, n):
    betas = {"beta1": 0.98, "beta2": 0.92, "beta3": 0.99}
    return Case("sized", some(rng, n), {"lr": 0.1, **betas, "eps": 1e-8, "eps_root": 1e-8, "weight_decay": 0.01})


def polyak_sgd(p, grads, losses, *, max_lr, scaling, f_min, eps):
    """p_t = p_(t-1) - scaling min((f_t - f_min) / (|g_t|^2 + eps), max_lr) g_t for t = 1 ... T.

    Shapes: p any, grads (T, *p.shape) and the losses f (T,) given beforehand, the result as grads: p_1 ... p_T. |x| is
    the Euclidean norm of all of x.

    If the loss were as steep all the way down to f_min, this step would be just long enough to get there. So the loss
    tells the learning rate, provided that its least value is known. Where f is below f_min the step goes uphill.

    Raises ValueError where the shapes do not belong together.
    Source: Loizou, Vaswani, Laradji and Lacoste-Julien (2021), Stochastic Polyak step-size for SGD: an adaptive
    learning rate for fast convergence, section 2 (SPS_max).
    """
    refuse_misshapen("polyak_sgd", p, grads)
    if losses.shape != grads.shape[:1]:
        raise ValueError(f"polyak_sgd: got losses of shape {losses.shape}, want one for each of {len(grads)} gradients")
    path = [p]
    for g, f in zip(grads, losses, strict=True):
        path.append(path[-1] - scaling * np.minimum((f - f_min) / (np.sum(g**2) + eps), max_lr) * g)
    return np.stack(path)[1:]


def polyak_sgd_cases(rng):
    losses = rng.uniform(0.5, 2, size=10)
    params = {"max_lr": 1.5, "scaling": 1.0, "f_min": 0.25, "eps": 0.1}
    yield Case("matrix", (*changing(rng, 10, 2, 3), losses), params)
    scaled = {"max_lr": 0.4, "scaling": 0.5, "f_min": 0.0, "eps": 0.01}
    yield Case("scaled", (*changing(rng, 6, 5), losses[:6]), scaled)


def polyak_sgd_sized(rng, n):
    params = {"max_lr": 1.0, "scaling": 1.0, "f_min": 0.0, "eps": 1e-8}
    return Case("sized", (*some(rng, n), rng.uniform(0.5, 2, size=10)), params)


def asgd_step(p, g, average, *, t, lr, lambd, alpha, t0, weight_decay):
    """p' = (1 - lambd eta) p - eta g and average' = average + (p' - average) / max(1, t - 1 - t0).

    eta = lr / (1 + lambd lr (t - 1))^alpha, of the steps before this one. Weight decay is coupled: g is the gradient
    with weight_decay p added to it.

    Shapes: p any; g and average as p; (p', average') as p. t = 1, 2, ... counts the steps, this one included.

    The iterates of a noisy descent keep dancing around the minimum, and their mean is nearer to it than they are. The
    averaging begins after t0 + 1 steps; until then the average is p' itself.

    Raises ValueError where the shapes differ.
    Source: Polyak and Juditsky (1992), Acceleration of stochastic approximation by averaging; Bottou (2012), Stochastic
    gradient descent tricks, section 5.
    """
    refuse_unlike("asgd_step", p, g=g, average=average)
    g = g + weight_decay * p
    eta = lr / (1 + lambd * lr * (t - 1)) ** alpha
    p = (1 - lambd * eta) * p - eta * g
    return p, average + (p - average) / max(1, t - 1 - t0)


def asgd(p, grads, *, lr, lambd, alpha, t0, weight_decay):
    """p_t, average_t = asgd_step(p_(t-1), g_t, average_(t-1)) for t = 1 ... T.

    Shapes: p any, grads (T, *p.shape) given beforehand; p_1 ... p_T and the averages, both as grads. t0 is a whole
    number.

    The average is what is wanted in the end; the descent goes on from p.

    Raises ValueError where the shapes do not belong together.
    Source: Polyak and Juditsky (1992), Acceleration of stochastic approximation by averaging.
    """
    refuse_misshapen("asgd", p, grads)
    path, averages = [p], [np.zeros_like(p)]
    for t, g in enumerate(grads, start=1):
        p, average = asgd_step(
            p, g, averages[-1], t=t, lr=lr, lambd=lambd, alpha=alpha, t0=t0, weight_decay=weight_decay
        )
        path.append(p)
        averages.append(average)
    return np.stack(path)[1:], np.stack(averages)[1:]


def asgd_cases(rng):
    params = {"lr": 0.3, "lambd": 0.1, "alpha": 0.75, "t0": 2, "weight_decay": 0.25}
    yield Case("averaging", changing(rng, 10, 2, 3), params)
    usual = {"lr": 0.01, "lambd": 0.001, "alpha": 0.5, "t0": 1, "weight_decay": 0.0}
    yield Case("usual", changing(rng, 6, 5), usual)
    halves = {"lr": 0.5, "lambd": 0.0, "alpha": 0.5, "t0": 0, "weight_decay": 0.0}
    path, averages = np.array([[0.5], [-0.5], [1.5], [0.5]]), np.array([[0.5], [-0.5], [0.5], [0.5]])
    by_hand = np.array([1.0]), np.array([[1.0], [2.0], [-4.0], [2.0]])
    yield Case("by-hand", by_hand, halves, "special", (path, averages))


def asgd_sized(rng, n):
    return Case("sized", some(rng, n), {"lr": 0.01, "lambd": 1e-4, "alpha": 0.75, "t0": 5, "weight_decay": 0.0})


OPS = [
    Op(optimistic_gradient_descent, optimistic_gradient_descent_cases, sized=optimistic_gradient_descent_sized, wrt=()),
    Op(optimistic_adam, optimistic_adam_cases, sized=optimistic_adam_sized, wrt=()),
    Op(adan, adan_cases, sized=adan_sized, wrt=()),
    Op(polyak_sgd, polyak_sgd_cases, sized=polyak_sgd_sized, wrt=()),
    Op(asgd, asgd_cases, sized=asgd_sized, wrt=()),
]
