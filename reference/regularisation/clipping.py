"""Gradient clipping: by value, by the norm of all gradients together, and by the size of the weights."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def clip_gradient_value(*gradients, clip_value):
    """y_i = min(max(gradients_i, -clip_value), clip_value), every element of every gradient by itself.

    Shapes: gradients any, y a tuple of the same shapes.

    The direction of the step changes, as only the large elements are cut. A nan stays nan.

    Raises ValueError for a clip_value that is not positive.

    Source: Mikolov (2012), Statistical Language Models Based on Neural Networks, section 3.2.2.
    """
    _require_positive("clip_value", clip_value)
    return tuple(np.clip(g, -clip_value, clip_value) for g in gradients)


def clip_gradient_value_vjp(ybar, y, *gradients, clip_value):
    """gbar_i = ybar_i where |gradients_i| < clip_value, and 0 where it was cut."""
    return tuple(
        np.where(np.abs(g) < clip_value, gbar, np.zeros_like(g)) for gbar, g in zip(ybar, gradients, strict=True)
    )


def clip_gradient_value_cases(rng):
    yield Case("two-layers", _gradients(rng, (3, 5), (4,)), {"clip_value": 0.8})
    yield Case("one-layer", _gradients(rng, (2, 3)), {"clip_value": 1.5})
    yield Case("at-the-limit", (np.array([2.0, -2.0, 0.5]),), {"clip_value": 2.0}, "kink")
    extreme = np.array([np.inf, -np.inf, np.nan, -0.0])
    yield Case("infinite-and-nan", (extreme,), {"clip_value": 2.0}, "special", (np.array([2.0, -2.0, np.nan, -0.0]),))
    yield Case("negative-limit", _gradients(rng, (3,)), {"clip_value": -1.0}, "refused")


def clip_gradient_value_sized(rng, n):
    return Case("sized", _gradients(rng, (n // 2,), (n // 2,)), {"clip_value": 0.8})


def clip_gradient_norm(*gradients, max_norm, eps):
    """y_i = gradients_i min(1, max_norm / (norm + eps)), norm = sqrt(sum_i sum(gradients_i^2)): one factor for all.

    Shapes: gradients any, y a tuple of the same shapes.

    The norm is that of all gradients together, as one long vector. One factor for all keeps the direction of the
    step; a norm for each tensor would turn it, and let the whole be sqrt(number of tensors) times longer than
    max_norm. torch has eps = 1e-6, so that what it clips is a little shorter than max_norm; optax has eps = 0.

    Raises ValueError for a max_norm that is not positive, and without gradients.

    Source: Pascanu, Mikolov and Bengio (2013), On the difficulty of training recurrent neural networks, algorithm 1.
    """
    _require_positive("max_norm", max_norm)
    if not gradients:
        raise ValueError("no gradients were given, expected at least one")
    factor = max_norm / np.maximum(_global_norm(gradients) + eps, max_norm)
    return tuple(g * factor for g in gradients)


def clip_gradient_norm_vjp(ybar, y, *gradients, max_norm, eps):
    """gbar_i = f ybar_i - f s / ((norm + eps) norm) gradients_i where clipped, s = sum_i sum(ybar_i gradients_i).

    f = max_norm / (norm + eps) moves with every element of every gradient: df = -f / (norm + eps) dnorm, and
    dnorm = sum_i sum(gradients_i dgradients_i) / norm. Where nothing is clipped, f = 1 and gbar_i = ybar_i.
    """
    norm = _global_norm(gradients)
    length = np.maximum(norm + eps, max_norm)
    s = sum(np.sum(gbar * g) for gbar, g in zip(ybar, gradients, strict=True))
    through_norm = np.where(norm + eps >= max_norm, max_norm * s / (length * length * norm), np.zeros_like(s))
    return tuple(max_norm / length * gbar - through_norm * g for gbar, g in zip(ybar, gradients, strict=True))


def clip_gradient_norm_hvp(ybar, dots, y, *gradients, max_norm, eps):
    """Where clipped, gbar_i = f ybar_i - c gradients_i with f = max_norm / l, c = f s / (l norm) and l = norm + eps.

    normdot = sum_i sum(gradients_i dots_i) / norm, so fdot = -f normdot / l, sdot = sum_i sum(ybar_i dots_i), and
    cdot = f sdot / (l norm) - c normdot (2 / l + 1 / norm). Where nothing is clipped, gbar does not move.
    """
    norm = _global_norm(gradients)
    length = norm + eps
    f = max_norm / length
    s = sum(np.sum(gbar * g) for gbar, g in zip(ybar, gradients, strict=True))
    sdot = sum(np.sum(gbar * dot) for gbar, dot in zip(ybar, dots, strict=True))
    normdot = sum(np.sum(g * dot) for g, dot in zip(gradients, dots, strict=True)) / norm
    c = f * s / (length * norm)
    cdot = f * sdot / (length * norm) - c * normdot * (2 / length + 1 / norm)
    moved = (
        -f * normdot / length * gbar - cdot * g - c * dot for gbar, g, dot in zip(ybar, gradients, dots, strict=True)
    )
    return tuple(np.where(length > max_norm, m, np.zeros_like(m)) for m in moved)


def clip_gradient_norm_cases(rng):
    yield Case("clipped", _gradients(rng, (3, 5), (4,), (2, 6)), {"max_norm": 1.5, "eps": 0.0})
    yield Case("clipped-eps", _gradients(rng, (3, 5), (4,), (2, 6)), {"max_norm": 0.4, "eps": 1e-6})
    yield Case("large-eps", _gradients(rng, (3, 5), (4,)), {"max_norm": 2.0, "eps": 0.5})
    yield Case("short-enough", _gradients(rng, (2, 3), (4,)), {"max_norm": 20.0, "eps": 0.0})
    yield Case("short-enough-eps", _gradients(rng, (2, 3), (4,)), {"max_norm": 20.0, "eps": 1e-6})
    yield Case("at-the-limit", (np.array([3.0]), np.array([[4.0]])), {"max_norm": 5.0, "eps": 0.0}, "kink")
    infinite, answer = (np.array([np.inf, 1.0]), np.array([-2.0])), (np.array([np.nan, 0.0]), np.array([-0.0]))
    yield Case("infinite", infinite, {"max_norm": 2.0, "eps": 1e-6}, "special", answer)
    yield Case("infinite-eps-0", infinite, {"max_norm": 2.0, "eps": 0.0}, "special", answer)
    zeros = (np.zeros(2), np.array([-0.0]))
    yield Case("zeros", zeros, {"max_norm": 2.0, "eps": 0.0}, "special", zeros)
    yield Case("zeros-eps", zeros, {"max_norm": 2.0, "eps": 1e-6}, "special", zeros)
    yield Case("negative-norm", _gradients(rng, (3,)), {"max_norm": -1.0, "eps": 1e-6}, "refused")


def clip_gradient_norm_sized(rng, n):
    return Case("sized", _gradients(rng, (n // 2,), (n // 4,), (n // 4,)), {"max_norm": 0.5, "eps": 1e-6})


def adaptive_gradient_clipping(gradient, w, *, clipping, eps):
    """y = gradient min(1, clipping max(|w|, eps) / |gradient|), the norms those of each output unit.

    Shapes: gradient and w the same, (out, ...) or (n,); y as gradient. A unit is a row, with all that feeds it; a
    vector, such as a bias, is one unit.

    A step should be small beside the weights that it changes: what is limited is the ratio of the two norms, for
    each unit. eps keeps weights that begin at 0 from being frozen.

    Raises ValueError when the shapes differ or have no axis.

    Source: Brock, De, Smith and Simonyan (2021), High-Performance Large-Scale Image Recognition Without Normalization,
    section 4.1, eq. 3.
    """
    if gradient.shape != w.shape or w.ndim == 0:
        raise ValueError(f"gradient has shape {gradient.shape} and w {w.shape}, expected the same, (out, ...)")
    limit = clipping * np.maximum(_unit_norm(w), eps)
    return gradient * (limit / np.maximum(_unit_norm(gradient), limit))


def adaptive_gradient_clipping_vjp(ybar, y, gradient, w, *, clipping, eps):
    """gradientbar = f (ybar - d s) and wbar = clipping s w / |w| where clipped, d = gradient / |gradient|.

    s = sum(ybar d). There y = limit d with limit = clipping max(|w|, eps), and f = limit / |gradient|: a direction has
    the derivative that ``weight_norm_vjp`` derives. Where nothing is clipped, gradientbar = ybar and w does not matter;
    nor does it where eps is the larger.
    """
    norm, length = _unit_norm(gradient), _unit_norm(w)
    limit = clipping * np.maximum(length, eps)
    clipped = np.broadcast_to(norm > limit, w.shape)
    d = gradient / norm
    s = np.sum(ybar * d, axis=_within_unit(w), keepdims=True)
    gradientbar = np.where(clipped, limit / norm * (ybar - d * s), ybar)
    return gradientbar, np.where(clipped & (length > eps), clipping * s * w / length, np.zeros_like(w))


def adaptive_gradient_clipping_cases(rng):
    gradient, w = rng.normal(size=(2, 3, 5))
    scale = np.array([[0.01], [1.0], [1e-4]])  # rows that are clipped, left alone, and clipped at eps
    params = {"clipping": 0.5, "eps": 0.01}
    yield Case("matrix", (gradient * np.array([[1.0], [0.1], [1.0]]), w * scale), params)
    yield Case("filters", (rng.normal(size=(2, 3, 1, 4)), rng.normal(size=(2, 3, 1, 4))), {"clipping": 0.1, "eps": 0.1})
    yield Case("bias", (rng.normal(size=4), 0.1 * rng.normal(size=4)), {"clipping": 0.5, "eps": 0.01})
    yield Case("w-of-one-row", (gradient, w[:1]), params, "refused")


def adaptive_gradient_clipping_sized(rng, n):
    rows = max(n // 512, 1)
    return Case("sized", (rng.normal(size=(rows, 256)), rng.normal(size=(rows, 256))), {"clipping": 0.1, "eps": 1e-3})


def _global_norm(gradients):
    return np.sqrt(sum(np.sum(g * g) for g in gradients))


def _unit_norm(w):
    return np.sqrt(np.sum(w * w, axis=_within_unit(w), keepdims=True))


def _within_unit(w):
    return tuple(range(1, w.ndim)) or (0,)


def _require_positive(name, value):
    if not value > 0:
        raise ValueError(f"{name} is {value}, expected a positive number")


def _gradients(rng, *shapes):
    return tuple(rng.normal(size=shape) for shape in shapes)


OPS = [
    Op(clip_gradient_value, clip_gradient_value_cases, clip_gradient_value_vjp, clip_gradient_value_sized),
    Op(
        clip_gradient_norm,
        clip_gradient_norm_cases,
        clip_gradient_norm_vjp,
        clip_gradient_norm_sized,
        hvp=clip_gradient_norm_hvp,
    ),
    Op(
        adaptive_gradient_clipping,
        adaptive_gradient_clipping_cases,
        adaptive_gradient_clipping_vjp,
        adaptive_gradient_clipping_sized,
    ),
]
