"""Weights whose variance keeps that of what goes through a layer: Xavier, Kaiming and LeCun, from given noise.

All have the mean 0 and a variance 1 / fan times a gain; they differ in the fan. What is uniform between -b and b has
the variance b^2 / 3, so the bound is sqrt(3) times the standard deviation. The noise is an argument: a weight is a
function of it, and whatever draws it is another question.

jax.nn.initializers have for xavier_normal, he_normal and lecun_normal a normal distribution that is cut off at two
standard deviations, and made wider by 1 / 0.8796 so that what is left has the standard deviation that is meant; their
variance_scaling with distribution="normal", and torch, do not cut.
"""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def fans(shape):
    """fan_in = in prod(kernel) and fan_out = out prod(kernel), of a weight (out, in, *kernel).

    So many products are added up to an output of the layer, and so many outputs does an input go into.
    """
    if len(shape) < 2:
        raise ValueError(f"a weight has shape {shape}, expected (out, in, ...): two axes at least make a fan")
    receptive_field = int(np.prod(shape[2:]))
    return shape[1] * receptive_field, shape[0] * receptive_field


def xavier_uniform(u, *, gain):
    """w = (2 u - 1) b, with the bound b = gain sqrt(6 / (fan_in + fan_out)).

    Shapes: u (out, in, *kernel), uniform between 0 and 1; w as u.

    To keep the variance on the way forward it should be 1 / fan_in, and on the way back 1 / fan_out: the mean of both
    fans is a compromise. The variance of w is b^2 / 3 = gain^2 2 / (fan_in + fan_out).

    Raises ValueError for a weight of less than two axes.

    Source: Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks,
    section 4.2.1, eq. 16.
    """
    return (2 * u - 1) * gain * np.sqrt(np.full_like(u, 6) / sum(fans(u.shape)))


def xavier_uniform_cases(rng):
    yield Case("matrix", (rng.uniform(size=(3, 5)),), {"gain": 1.5})
    yield Case("filters", (rng.uniform(size=(2, 3, 4, 5)),), {"gain": 0.75})
    yield Case("bias", (rng.uniform(size=4),), {"gain": 1.5}, "refused")


def xavier_uniform_sized(rng, n):
    return Case("sized", (rng.uniform(size=_matrix(n)),), {"gain": 1.5})


def xavier_normal(z, *, gain):
    """w = z std, with the standard deviation std = gain sqrt(2 / (fan_in + fan_out)).

    Shapes: z (out, in, *kernel), standard normal; w as z.

    Raises ValueError for a weight of less than two axes.

    Source: Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks,
    section 4.2.1, eq. 12.
    """
    return z * gain * np.sqrt(np.full_like(z, 2) / sum(fans(z.shape)))


def xavier_normal_cases(rng):
    yield Case("matrix", (rng.normal(size=(3, 5)),), {"gain": 1.5})
    yield Case("filters", (rng.normal(size=(2, 3, 4, 5)),), {"gain": 0.75})
    yield Case("bias", (rng.normal(size=4),), {"gain": 1.5}, "refused")


def xavier_normal_sized(rng, n):
    return Case("sized", (rng.normal(size=_matrix(n)),), {"gain": 1.5})


def kaiming_uniform(u, *, mode, nonlinearity, a):
    """w = (2 u - 1) b, with the bound b = gain(nonlinearity) sqrt(3 / fan), the fan that of ``mode``.

    Shapes: u (out, in, *kernel), uniform between 0 and 1; w as u. a is the slope of "leaky_relu" on the left.

    relu sets half of what comes to 0, and with it half of the second moment: the gain sqrt(2) makes up for it.
    Of leaky_relu it is sqrt(2 / (1 + a^2)), which is 1 for a linear layer, a = 1. mode "fan_in" keeps the variance on
    the way forward, "fan_out" that on the way back. (torch.nn.Linear takes leaky_relu with a = sqrt(5): b is
    1 / sqrt(fan_in) then.)

    Raises ValueError for a weight of less than two axes, an unknown mode or an unknown nonlinearity.

    Source: He, Zhang, Ren and Sun (2015), Delving Deep into Rectifiers, section 2.2, eqs. 10, 14 and 15.
    """
    return (2 * u - 1) * _gain(u, nonlinearity, a) * np.sqrt(np.full_like(u, 3) / _fan(u, mode))


def kaiming_uniform_cases(rng):
    into, out = {"mode": "fan_in"}, {"mode": "fan_out"}
    yield Case("relu", (rng.uniform(size=(3, 5)),), {**into, "nonlinearity": "relu", "a": 0.0})
    yield Case("relu-fan-out", (rng.uniform(size=(2, 3, 4, 5)),), {**out, "nonlinearity": "relu", "a": 0.0})
    yield Case("leaky", (rng.uniform(size=(3, 5, 2)),), {**into, "nonlinearity": "leaky_relu", "a": 0.5})
    yield Case("tanh", (rng.uniform(size=(3, 5)),), {**out, "nonlinearity": "tanh", "a": 0.0})
    yield Case("bias", (rng.uniform(size=4),), {**into, "nonlinearity": "relu", "a": 0.0}, "refused")
    unknown = {"mode": "fan_sum", "nonlinearity": "relu", "a": 0.0}
    yield Case("unknown-mode", (rng.uniform(size=(3, 5)),), unknown, "refused")


def kaiming_uniform_sized(rng, n):
    return Case("sized", (rng.uniform(size=_matrix(n)),), {"mode": "fan_in", "nonlinearity": "relu", "a": 0.0})


def kaiming_normal(z, *, mode, nonlinearity, a):
    """w = z std, with the standard deviation std = gain(nonlinearity) / sqrt(fan), the fan that of ``mode``.

    Shapes: z (out, in, *kernel), standard normal; w as z. a is the slope of "leaky_relu" on the left.

    The gains are those of ``kaiming_uniform``: 1 for "linear" and "sigmoid", 5/3 for "tanh", sqrt(2) for "relu",
    sqrt(2 / (1 + a^2)) for "leaky_relu", 3/4 for "selu".

    Raises ValueError for a weight of less than two axes, an unknown mode or an unknown nonlinearity.

    Source: He, Zhang, Ren and Sun (2015), Delving Deep into Rectifiers, section 2.2, eqs. 10, 14 and 15.
    """
    return z * _gain(z, nonlinearity, a) / np.sqrt(np.full_like(z, _fan(z, mode)))


def kaiming_normal_cases(rng):
    into, out = {"mode": "fan_in"}, {"mode": "fan_out"}
    yield Case("relu", (rng.normal(size=(3, 5)),), {**into, "nonlinearity": "relu", "a": 0.0})
    yield Case("relu-fan-out", (rng.normal(size=(2, 3, 4, 5)),), {**out, "nonlinearity": "relu", "a": 0.0})
    yield Case("leaky", (rng.normal(size=(3, 5, 2)),), {**out, "nonlinearity": "leaky_relu", "a": 0.5})
    yield Case("selu", (rng.normal(size=(3, 5)),), {**into, "nonlinearity": "selu", "a": 0.0})
    yield Case("bias", (rng.normal(size=4),), {**into, "nonlinearity": "relu", "a": 0.0}, "refused")
    unknown = {"mode": "fan_in", "nonlinearity": "maxout", "a": 0.0}
    yield Case("unknown-nonlinearity", (rng.normal(size=(3, 5)),), unknown, "refused")


def kaiming_normal_sized(rng, n):
    return Case("sized", (rng.normal(size=_matrix(n)),), {"mode": "fan_in", "nonlinearity": "relu", "a": 0.0})


def lecun_uniform(u):
    """w = (2 u - 1) b, with the bound b = sqrt(3 / fan_in).

    Shapes: u (out, in, *kernel), uniform between 0 and 1; w as u.

    The sum of fan_in products of independent values has the variance of one of them: for inputs of variance 1, so
    have the outputs. It is kaiming_uniform of a linear layer.

    Raises ValueError for a weight of less than two axes.

    Source: LeCun, Bottou, Orr and Muller (1998), Efficient BackProp, section 4.6, eq. 16.
    """
    return (2 * u - 1) * np.sqrt(np.full_like(u, 3) / fans(u.shape)[0])


def lecun_uniform_cases(rng):
    yield Case("matrix", (rng.uniform(size=(3, 5)),))
    yield Case("filters", (rng.uniform(size=(2, 3, 4, 5)),))
    yield Case("bias", (rng.uniform(size=4),), {}, "refused")


def lecun_uniform_sized(rng, n):
    return Case("sized", (rng.uniform(size=_matrix(n)),))


def lecun_normal(z):
    """w = z / sqrt(fan_in).

    Shapes: z (out, in, *kernel), standard normal; w as z.

    Networks of selu begin here: with these weights the mean 0 and the variance 1 are kept from layer to layer.

    Raises ValueError for a weight of less than two axes.

    Source: LeCun, Bottou, Orr and Muller (1998), Efficient BackProp, section 4.6, eq. 16.
    """
    return z / np.sqrt(np.full_like(z, fans(z.shape)[0]))


def lecun_normal_cases(rng):
    yield Case("matrix", (rng.normal(size=(3, 5)),))
    yield Case("filters", (rng.normal(size=(2, 3, 4, 5)),))
    yield Case("bias", (rng.normal(size=4),), {}, "refused")


def lecun_normal_sized(rng, n):
    return Case("sized", (rng.normal(size=_matrix(n)),))


def _fan(w, mode):
    fan_in, fan_out = fans(w.shape)
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode is {mode!r}, expected 'fan_in' or 'fan_out'")
    return fan_in if mode == "fan_in" else fan_out


def _gain(like, nonlinearity, a):
    match nonlinearity:
        case "linear" | "sigmoid":
            return np.ones_like(like)
        case "tanh":
            return np.full_like(like, 5) / 3
        case "relu":
            return np.sqrt(np.full_like(like, 2))
        case "leaky_relu":
            return np.sqrt(2 / (np.ones_like(like) + a * a))
        case "selu":
            return np.full_like(like, 3) / 4
    raise ValueError(f"nonlinearity is {nonlinearity!r}, expected linear, sigmoid, tanh, relu, leaky_relu or selu")


def _matrix(n):
    return max(n // 256, 1), 256


OPS = [
    Op(xavier_uniform, xavier_uniform_cases, sized=xavier_uniform_sized, wrt=()),
    Op(xavier_normal, xavier_normal_cases, sized=xavier_normal_sized, wrt=()),
    Op(kaiming_uniform, kaiming_uniform_cases, sized=kaiming_uniform_sized, wrt=()),
    Op(kaiming_normal, kaiming_normal_cases, sized=kaiming_normal_sized, wrt=()),
    Op(lecun_uniform, lecun_uniform_cases, sized=lecun_uniform_sized, wrt=()),
    Op(lecun_normal, lecun_normal_cases, sized=lecun_normal_sized, wrt=()),
]
