"""Statistics: numbers that describe a sample."""

from __future__ import annotations

from . import empirical, joint, means, moments, order, shape, streaming

OPS = [*means.OPS, *moments.OPS, *streaming.OPS, *shape.OPS, *joint.OPS, *order.OPS, *empirical.OPS]
