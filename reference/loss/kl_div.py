"""The Kullback-Leibler divergence as a loss of log probabilities, and that of measures which need not sum to 1."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .reduction import cotangent_of_each, reduced, refused_and_empty_cases, require_shapes


def kl_div(input, target, *, reduction, log_target):
    """y = target (log target - input), with input = log q, of target p from q; then reduced.

    Shapes: input any, log-probabilities; target as input, probabilities, or their logarithms with
    log_target; y as input or (), in nats.

    The order is that of torch.nn.functional: log q comes first, p second, and y is KL(p || q). An
    outcome that p never shows counts 0 whatever q says. "batchmean" divides the sum by the number of
    rows, which is the mean divergence of a batch; "mean" divides it by the number of elements.

    Raises ValueError where the shapes differ or the reduction is unknown.
    Source: Kullback and Leibler (1951), On information and sufficiency, Annals of Mathematical
    Statistics 22, section 2.
    """
    require_shapes(input, target)
    p = np.exp(target) if log_target else target
    never = p == 0
    log_p = np.where(never, 0, target) if log_target else np.log(np.where(never, 1, target))
    loss = p * (log_p - np.where(never, 0, input))
    if reduction == "batchmean":
        return np.sum(loss) / input.shape[0]
    return reduced(loss, reduction)


def kl_div_vjp(ybar, y, input, target, *, reduction, log_target):
    """inputbar = -ybar p, targetbar = ybar (log p - input + 1): the product rule, p d(log p)/dp being 1.

    Where log p is given, one more factor: p moves by p with log p.
    """
    divisor = input.shape[0] if reduction == "batchmean" else input.size
    share = cotangent_of_each(ybar, divisor, reduction)
    if log_target:
        p = np.exp(target)
        return -share * p, share * (p * (target - input) + p)
    return -share * target, share * (np.log(target) - input + 1)


def kl_div_hvp(ybar, dots, y, input, target, *, reduction, log_target):
    """d inputbar = -ybar pdot, d targetbar = ybar (pdot / p - inputdot): input alone has no curvature, only with p.

    Where log p is given, pdot = p targetdot, and d targetbar = ybar p ((log p - input + 2) targetdot - inputdot).
    """
    inputdot, targetdot = dots
    divisor = input.shape[0] if reduction == "batchmean" else input.size
    share = cotangent_of_each(ybar, divisor, reduction)
    if log_target:
        p = np.exp(target)
        return -share * p * targetdot, share * p * ((target - input + 2) * targetdot - inputdot)
    return -share * targetdot, share * (targetdot / target - inputdot)


def kl_div_cases(rng):
    def ask(reduction, log_target=False):
        return {"reduction": reduction, "log_target": log_target}

    def pair(*shape):
        p, q = rng.uniform(0.1, 1.5, size=(2, *shape))
        return np.log(q / np.sum(q, axis=-1, keepdims=True)), p / np.sum(p, axis=-1, keepdims=True)

    yield Case("none", pair(4, 3), ask("none"))
    yield Case("mean", (rng.normal(size=(5, 4)), rng.uniform(0.1, 3, size=(5, 4))), ask("mean"))
    yield Case("sum", pair(5, 3), ask("sum"))
    yield Case("batchmean", pair(3, 5, 4), ask("batchmean"))
    log_q, p = pair(4, 5)
    yield Case("log-batchmean", (log_q, np.log(p)), ask("batchmean", True))
    yield Case("log-mean", tuple(rng.normal(size=(2, 7))), ask("mean", True))
    yield Case("log-rare", tuple(rng.uniform(-60, -1, size=(2, 3, 5))), ask("none", True))
    log_q, p = np.array([-2.0, -np.inf, 0.0, -1.0]), np.array([0.0, 0.5, 1.0, np.nan])
    answer = np.array([0.0, np.inf, 0.0, np.nan])
    yield Case("never-shown", (log_q, p), ask("none"), "special", answer)
    yield Case("log-never-shown", (log_q, np.array([-np.inf, -0.5, 0.0, np.nan])), ask("none", True), "special", answer)
    neither = np.array([-np.inf, 0.0]), np.array([0.0, 1.0])
    yield Case("neither-shows", neither, ask("none"), "special", np.zeros(2))
    yield from refused_and_empty_cases(rng, {"log_target": False})


def kl_div_sized(rng, n):
    p, q = rng.uniform(0.1, 1.5, size=(2, max(n // 128, 1), 64))
    return Case("sized", (np.log(q), p), {"reduction": "batchmean", "log_target": False})


def generalized_kl_div(input, target, *, reduction):
    """y = target (log target - input) - target + exp(input), with input = log q, of target p from q; then reduced.

    Shapes: input any, logarithms of positive numbers; target as input, not negative; y as input or (), in nats.

    Of measures that need not sum to 1: each element is at least 0, and 0 only where p = q, which elements of kl_div
    are not. With d = log p - log q it is p (expm1(-d) + d). What p never shows costs q.

    Raises ValueError where the shapes differ or the reduction is unknown.
    Source: Lee and Seung (2001), Algorithms for Non-negative Matrix Factorization, section 2, eq. 3.
    """
    require_shapes(input, target)
    never = target == 0
    d = np.log(np.where(never, 1, target)) - np.where(never, 0, input)
    return reduced(np.where(never, np.exp(input), target * (np.expm1(-d) + d)), reduction)


def generalized_kl_div_vjp(ybar, y, input, target, *, reduction):
    """inputbar = ybar (q - p), targetbar = ybar (log p - input): the derivative of p log p - p is log p."""
    share = cotangent_of_each(ybar, input.size, reduction)
    return share * (np.exp(input) - target), share * (np.log(target) - input)


def generalized_kl_div_hvp(ybar, dots, y, input, target, *, reduction):
    """d inputbar = ybar (q inputdot - pdot), d targetbar = ybar (pdot / p - inputdot), with q = exp(input)."""
    inputdot, targetdot = dots
    share = cotangent_of_each(ybar, input.size, reduction)
    return share * (np.exp(input) * inputdot - targetdot), share * (targetdot / target - inputdot)


def generalized_kl_div_cases(rng):
    def pair(*shape):
        """Numbers within a factor of 3, and not nearly equal: there is nothing to cancel, nor to be rounded away."""
        log_q = rng.uniform(-2, 1, size=shape)
        d = rng.choice([-1, 1], size=shape) * rng.uniform(0.4, 1.1, size=shape)
        return log_q, np.exp(log_q + d)

    yield Case("mean", pair(3, 5), {"reduction": "mean"})
    yield Case("none", pair(4, 3), {"reduction": "none"})
    yield Case("sum", pair(4), {"reduction": "sum"})
    log_q, p = np.array([-np.inf, -np.inf, 0.0, 0.0, np.nan]), np.array([0.0, 0.5, 0.0, 1.0, 1.0])
    answer = np.array([0.0, np.inf, 1.0, 0.0, np.nan])
    yield Case("never-shown", (log_q, p), {"reduction": "none"}, "special", answer)
    yield from refused_and_empty_cases(rng, {})


def generalized_kl_div_sized(rng, n):
    p, q = rng.uniform(0.1, 1.5, size=(2, max(n // 2, 1)))
    return Case("sized", (np.log(q), p), {"reduction": "mean"})


OPS = [
    Op(kl_div, kl_div_cases, kl_div_vjp, kl_div_sized, wrt=(0, 1), hvp=kl_div_hvp),
    Op(
        generalized_kl_div,
        generalized_kl_div_cases,
        generalized_kl_div_vjp,
        generalized_kl_div_sized,
        wrt=(0, 1),
        hvp=generalized_kl_div_hvp,
    ),
]
