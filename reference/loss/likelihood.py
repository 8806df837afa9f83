"""Negative logarithms of likelihoods, of counts and of measurements, and of one side of a coin."""

from __future__ import annotations

import numpy as np

from ..activation.sigmoidal import sigmoid, softplus
from ..op import Case, Op
from .reduction import cotangent_of_each, reduced, refused_and_empty_cases, require_shapes


def poisson_nll(input, target, *, log_input, full, eps, reduction):
    """y = rate - target log rate (+ log target! by Stirling, if full), rate = exp(input); then reduced.

    Shapes: input any, the logarithm of the rate, or, without log_input, the rate itself, and then its logarithm is
    log(rate + eps); target as input, counts; y as input or (), in nats.

    A count of 0 costs the rate alone, at a rate of 0 too. log target! depends on no prediction and is left out, or
    with full approximated by target log target - target + log(2 pi target) / 2 for a count of 2 or more, else by 0.

    Raises ValueError where the shapes differ or the reduction is unknown.
    Source: McCullagh and Nelder (1989), Generalized Linear Models, section 6.2.1; the approximation is NIST's Digital
    Library of Mathematical Functions, eq. 5.11.1.
    """
    require_shapes(input, target)
    rate, log_rate = (np.exp(input), input) if log_input else (input, np.log(input + eps))
    loss = rate - np.where(target == 0, 0, target * np.where(target == 0, 0, log_rate))
    if full:
        several = target > 1.5  # between two counts: no rounding decides
        many = np.where(several, target, 1)
        log_factorial = many * np.log(many) - many + np.log(2 * np.full_like(many, np.pi) * many) / 2
        loss = loss + np.where(several, log_factorial, 0)
    return reduced(loss, reduction)


def poisson_nll_vjp(ybar, y, input, target, *, log_input, full, eps, reduction):
    """inputbar = ybar (exp(input) - target), or ybar (1 - target / (input + eps)) of the rate itself."""
    share = cotangent_of_each(ybar, input.size, reduction)
    return (share * (np.exp(input) - target if log_input else 1 - target / (input + eps)),)


def poisson_nll_hvp(ybar, dots, y, input, target, *, log_input, full, eps, reduction):
    """d inputbar = ybar exp(input) inputdot, or ybar target / (input + eps)^2 inputdot of the rate itself."""
    (inputdot,) = dots
    share = cotangent_of_each(ybar, input.size, reduction)
    rate = input + eps
    return (share * inputdot * (np.exp(input) if log_input else target / (rate * rate)),)


def poisson_nll_cases(rng):
    def ask(reduction, log_input, full, eps=1e-8):
        return {"log_input": log_input, "full": full, "eps": eps, "reduction": reduction}

    def counts(*shape):
        """0, 1, 2 and more."""
        return rng.permuted(np.array([0, 1, 2, 7, 40])[np.arange(np.prod(shape)) % 5]).reshape(shape).astype(float)

    yield Case("mean", (rng.uniform(-2, 3, size=(3, 5)), counts(3, 5)), ask("mean", True, False))
    yield Case("sum-full", (rng.uniform(-2, 3, size=6), counts(6)), ask("sum", True, True))
    yield Case("none-rate", (rng.uniform(0.5, 9, size=(2, 5)), counts(2, 5)), ask("none", False, True, 0.25))
    ends = np.array([1000.0, -np.inf, -np.inf, np.nan]), np.array([2.0, 0.0, 3.0, 1.0])
    yield Case("ends", ends, ask("none", True, False), "special", np.array([np.inf, 0.0, np.inf, np.nan]))
    yield from refused_and_empty_cases(rng, ask("none", True, False))


def poisson_nll_sized(rng, n):
    target = rng.poisson(3, size=max(n // 2, 1)).astype(float)
    params = {"log_input": True, "full": False, "eps": 1e-8, "reduction": "mean"}
    return Case("sized", (rng.normal(size=target.shape), target), params)


def gaussian_nll(input, target, var, *, full, eps, reduction):
    """y = (log v + (input - target)^2 / v) / 2 (+ log(2 pi) / 2, if full), v = max(var, eps); then reduced.

    Shapes: input any, means; target as input; var as input, or with 1 for its last axis, or without that axis; y as
    input or (), in nats.

    Whoever predicts a smaller variance pays for each residual with 1 / v and wins log v. Below eps the variance has
    no influence, so no derivative either.

    Raises ValueError where a shape does not fit or the reduction is unknown.
    Source: Nix and Weigend (1994), Estimating the mean and variance of the target probability distribution, IEEE
    International Conference on Neural Networks, eq. 5.
    """
    require_shapes(input, target)
    v = np.maximum(_variances(input, var), eps)
    residual = input - target
    loss = (np.log(v) + residual * residual / v) / 2
    if full:
        loss = loss + np.log(2 * np.full_like(loss, np.pi)) / 2
    return reduced(loss, reduction)


def gaussian_nll_vjp(ybar, y, input, target, var, *, full, eps, reduction):
    """inputbar = ybar r / v, targetbar = -inputbar, varbar = ybar (v - r^2) / (2 v^2) where var > eps, else 0.

    r the residual. One variance of a whole row collects what its elements send.
    """
    share = cotangent_of_each(ybar, input.size, reduction)
    given = _variances(input, var)
    v, residual = np.maximum(given, eps), input - target
    inputbar = share * residual / v
    each = np.where(given > eps, share * (v - residual * residual) / (2 * v * v), 0)
    if var.shape != input.shape:
        each = np.reshape(np.sum(each, axis=-1), var.shape)
    return inputbar, -inputbar, each


def gaussian_nll_hvp(ybar, dots, y, input, target, var, *, full, eps, reduction):
    """d inputbar = ybar (rdot - r vdot / v) / v, d varbar = ybar ((r^2 / v - 1/2) vdot - r rdot) / v^2 where var > eps.

    r the residual; d targetbar = -d inputbar. Where var <= eps, v does not move, and d varbar is 0.
    """
    inputdot, targetdot, vardot = dots
    share = cotangent_of_each(ybar, input.size, reduction)
    given = _variances(input, var)
    v, residual = np.maximum(given, eps), input - target
    vdot, residualdot = np.where(given > eps, _variances(input, vardot), 0), inputdot - targetdot
    inputbar = share * (residualdot - residual / v * vdot) / v
    bend = (residual * residual / v - np.full_like(v, 1) / 2) * vdot - residual * residualdot
    each = np.where(given > eps, share * bend / (v * v), 0)
    if var.shape != input.shape:
        each = np.reshape(np.sum(each, axis=-1), var.shape)
    return inputbar, -inputbar, each


def gaussian_nll_cases(rng):
    def ask(reduction, full, eps=1e-6):
        return {"full": full, "eps": eps, "reduction": reduction}

    def triple(shape, of_var):
        input, target = rng.normal(size=(2, *shape))
        return input, target, rng.uniform(0.3, 3, size=of_var)

    yield Case("mean", triple((3, 5), (3, 5)), ask("mean", False))
    yield Case("sum-full-variance-of-rows", triple((3, 4), (3, 1)), ask("sum", True))
    yield Case("none-full-variance-of-rows", triple((2, 4, 3), (2, 4)), ask("none", True))
    input, target, var = triple((7,), (7,))
    yield Case(
        "none-clamped", (input, target, var * np.array([1, 0.01, 1, 1, 0.02, 0.01, 1])), ask("none", False, 0.25)
    )
    ends = np.array([np.inf, 0.0, 0.0, np.nan]), np.zeros(4), np.array([1.0, np.inf, 0.0, 1.0])
    yield Case("ends", ends, ask("none", False, 1.0), "special", np.array([np.inf, np.inf, 0.0, np.nan]))
    nothing = np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3))
    yield Case("nothing", nothing, ask("sum", True), "empty", np.array(0.0))
    input, target, var = triple((3, 4), (3, 4))
    yield Case("target-broadcasts", (input, target[:1], var), ask("mean", False), "refused")
    yield Case("variance-of-columns", (input, target, var[0]), ask("mean", False), "refused")
    yield Case("no-such-reduction", (input, target, var), ask("average", False), "refused")


def gaussian_nll_sized(rng, n):
    input, target = rng.normal(size=(2, max(n // 3, 1)))
    params = {"full": False, "eps": 1e-6, "reduction": "mean"}
    return Case("sized", (input, target, rng.uniform(0.3, 3, size=input.shape)), params)


def focal(input, target, *, alpha, gamma, reduction):
    """y = alpha_t (1 - p_t)^gamma (target softplus(-input) + (1 - target) softplus(input)), then reduced.

    Shapes: input any, logits; target as input, in [0, 1]; y as input or (), in nats. p_t = target sigmoid(input) +
    (1 - target) sigmoid(-input) for a target of 0 or 1; alpha_t = target alpha + (1 - target) (1 - alpha), or 1 where
    alpha is None.

    The binary cross-entropy, less of it the surer the answer is already. 1 - p_t is formed of sigmoids, as it
    cancels where p_t is nearly 1, and that is where it matters.

    Raises ValueError where the shapes differ or the reduction is unknown.
    Source: Lin, Goyal, Girshick, He and Dollar (2017), Focal Loss for Dense Object Detection, section 3.2, eq. 5.
    """
    require_shapes(input, target)
    cost, missed = _cost(input, target), _missed(input, target)
    return reduced(_balance(target, alpha) * missed**gamma * cost, reduction)


def focal_vjp(ybar, y, input, target, *, alpha, gamma, reduction):
    """inputbar = ybar alpha_t (m^gamma cost' + gamma m^(gamma - 1) (1 - 2 target) s(x) s(-x) cost), m = 1 - p_t.

    x the input and s the sigmoid: cost' = (1 - target) s(x) - target s(-x), and s' = s(x) s(-x).
    """
    share = cotangent_of_each(ybar, input.size, reduction) * _balance(target, alpha)
    up, down = sigmoid(input), sigmoid(-input)
    missed = _missed(input, target)
    steeper = gamma * missed ** (gamma - 1) * (1 - 2 * target) * up * down * _cost(input, target)
    return (share * (missed**gamma * ((1 - target) * up - target * down) + steeper),)


def focal_hvp(ybar, dots, y, input, target, *, alpha, gamma, reduction):
    """d inputbar = ybar alpha_t (m^g c'' + 2 g m^(g-1) m' c' + g m^(g-2) ((g - 1) m'^2 + m m'') c) inputdot, g = gamma.

    c the cost and m = 1 - p_t as in the VJP: c'' = s(x) s(-x), m' = (1 - 2 target) c'' and m'' = -m' tanh(x / 2).
    """
    (inputdot,) = dots
    share = cotangent_of_each(ybar, input.size, reduction) * _balance(target, alpha) * inputdot
    up, down, missed = sigmoid(input), sigmoid(-input), _missed(input, target)
    cost, costdot = _cost(input, target), (1 - target) * up - target * down
    misseddot = (1 - 2 * target) * up * down
    bend = (gamma - 1) * misseddot * misseddot - missed * misseddot * np.tanh(input / 2)
    steeper = 2 * gamma * missed ** (gamma - 1) * misseddot * costdot + gamma * missed ** (gamma - 2) * bend * cost
    return (share * (missed**gamma * up * down + steeper),)


def focal_cases(rng):
    def pair(*shape):
        hard = rng.permuted(np.arange(np.prod(shape)) % 3).reshape(shape)
        x = rng.choice([-1, 1], size=shape) * rng.uniform(0.3, 2, size=shape)
        return x, np.where(hard == 2, rng.uniform(0.1, 0.9, size=shape), hard)

    yield Case("mean", pair(3, 5), {"alpha": 0.3, "gamma": 2.0, "reduction": "mean"})
    sides, t = np.array([-1, 1, 1, -1, 1]), np.array([0.0, 1.0, 0.0, 1.0, 0.3])  # right, right, wrong, wrong, neither
    sure = sides * rng.uniform(5, 12, size=5), t
    yield Case("none-confident", sure, {"alpha": None, "gamma": 1.5, "reduction": "none"})
    x, t = np.array([1000.0, -1000.0, np.nan, 200.0]), np.array([1.0, 0.0, 1.0, 0.0])
    how = {"alpha": None, "gamma": 2.0, "reduction": "none"}
    yield Case("sure", (x, t), how, "special", np.array([0.0, 0.0, np.nan, 200.0]))
    yield from refused_and_empty_cases(rng, how)


def focal_sized(rng, n):
    x, t = rng.normal(size=max(n // 2, 1)), rng.integers(2, size=max(n // 2, 1)).astype(float)
    return Case("sized", (x, t), {"alpha": 0.25, "gamma": 2.0, "reduction": "mean"})


def _cost(input, target):
    if_one, if_zero = (softplus(x, beta=1, threshold=np.inf) for x in (-input, input))
    return target * if_one + (1 - target) * if_zero


def _missed(input, target):
    return target * sigmoid(-input) + (1 - target) * sigmoid(input)


def _balance(target, alpha):
    return 1 if alpha is None else target * alpha + (1 - target) * (1 - alpha)


def _variances(input, var):
    """The variance of each element: as input."""
    if var.shape == input.shape[:-1]:
        var = np.expand_dims(var, -1)
    if var.shape not in (input.shape, (*input.shape[:-1], 1)):
        raise ValueError(
            f"var: got shape {var.shape}, want {input.shape}, {(*input.shape[:-1], 1)} or {input.shape[:-1]}"
        )
    return np.broadcast_to(var, input.shape)


OPS = [
    Op(poisson_nll, poisson_nll_cases, poisson_nll_vjp, poisson_nll_sized, wrt=(0,), hvp=poisson_nll_hvp),
    Op(gaussian_nll, gaussian_nll_cases, gaussian_nll_vjp, gaussian_nll_sized, wrt=(0, 1, 2), hvp=gaussian_nll_hvp),
    Op(focal, focal_cases, focal_vjp, focal_sized, wrt=(0,), hvp=focal_hvp),
]
