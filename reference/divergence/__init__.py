"""Divergences: how much information a distribution holds, and how far apart two distributions are, in nats."""

from __future__ import annotations

from . import continuous, discrete, gamma, joint, multivariate, renyi, symmetric, transport

OPS = [
    *discrete.OPS,
    *joint.OPS,
    *symmetric.OPS,
    *renyi.OPS,
    *transport.OPS,
    *continuous.OPS,
    *multivariate.OPS,
    *gamma.OPS,
]
