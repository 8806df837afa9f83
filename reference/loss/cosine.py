"""The angle between embeddings, and a loss of pairs of them."""

from __future__ import annotations

import numpy as np

from ..linear.length import norm
from ..op import Case, Op
from .reduction import cotangent_of_each, reduced


def cosine_embedding(input1, input2, target, *, margin, reduction):
    """y_n = 1 - cos(input1_n, input2_n) where target_n = 1, max(0, cos - margin) where it is -1; then reduced.

    Shapes: input1 and input2 (N, D); target (N,), 1 (a similar pair) or -1; y (N,) or ().

    cos(a, b) = a.b / (|a| |b|), the cosine of the angle between two vectors: their lengths do not count.

    Raises ValueError where the shapes differ or the reduction is unknown.
    Source: Chopra, Hadsell and LeCun (2005), Learning a Similarity Metric Discriminatively, with Application to Face
    Verification, section 2.1, for a loss of pairs; this one is that of torch.nn.CosineEmbeddingLoss.
    """
    require_rows(input1, input2)
    if target.shape != input1.shape[:1]:
        raise ValueError(f"target: got shape {target.shape}, want {input1.shape[:1]}")
    cos = cosine(input1, input2)
    return reduced(np.where(target > 0, 1 - cos, np.maximum(0, cos - margin)), reduction)


def cosine_embedding_vjp(ybar, y, input1, input2, target, *, margin, reduction):
    """input1bar = -+ybar (b - a cos) / |input1|, a and b the inputs of length 1; input2bar with the roles changed.

    The cosine moves with what of b is orthogonal to a.
    """
    share = cotangent_of_each(ybar, len(input1), reduction)
    beyond = cosine(input1, input2) > margin
    slope = np.where(target > 0, -share, np.where(beyond, share, 0))[:, None]
    one, two = cosine_vjp(input1, input2)
    return slope * one, slope * two


def cosine_embedding_hvp(ybar, dots, y, input1, input2, target, *, margin, reduction):
    """-+ybar times the change of the cosine's derivatives: (b - a cos) / |input1| moves with both inputs."""
    share = cotangent_of_each(ybar, len(input1), reduction)
    beyond = cosine(input1, input2) > margin
    slope = np.where(target > 0, -share, np.where(beyond, share, 0))[:, None]
    one, two = cosine_hvp(dots, input1, input2)
    return slope * one, slope * two


def cosine_embedding_cases(rng):
    def pair(margin, n, d):
        """Long vectors, and others at angles whose cosines are well beyond the margin, and well within.

        torch adds 1e-12 to squares of lengths. "short" asks that.
        """
        a = rng.normal(size=(n, d))
        away = rng.normal(size=(n, d))
        away = away - a * np.sum(a * away, axis=1, keepdims=True) / np.sum(a * a, axis=1, keepdims=True)
        beyond = rng.permuted(np.arange(n) % 2 == 0)
        cos = np.where(beyond, margin + rng.uniform(0.2, 0.4, size=n), margin - rng.uniform(0.2, 0.8, size=n))[:, None]
        lengths = (np.sqrt(np.sum(v * v, axis=1, keepdims=True)) for v in (a, away))
        unit_a, unit_away = (v / length for v, length in zip((a, away), lengths, strict=True))
        b = cos * unit_a + np.sqrt(1 - cos * cos) * unit_away
        a, b = a * rng.uniform(100, 300, size=(n, 1)), b * rng.uniform(100, 300, size=(n, 1))
        return a, b, np.where(rng.permuted(np.arange(n) // 2 % 2 == 0), 1.0, -1.0)

    yield Case("mean", pair(0.2, 7, 3), {"margin": 0.2, "reduction": "mean"})
    yield Case("none", pair(-0.1, 5, 4), {"margin": -0.1, "reduction": "none"})
    right = (
        np.array([[192.0, 256.0], [-64.0, 128.0]]),
        np.array([[256.0, -192.0], [384.0, 192.0]]),
        np.array([-1.0, 1.0]),
    )
    yield Case("at-right-angles", right, {"margin": 0.0, "reduction": "none"}, "kink")
    short = np.array([[3.0, 4.0], [3.0, 4.0]]) / 2**20, np.array([[3.0, 4.0], [4.0, -3.0]]) / 2**20, np.ones(2)
    yield Case("short", short, {"margin": 0.2, "reduction": "none"}, "special", np.array([0.0, 1.0]))
    nobody = np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0)
    yield Case("nobody", nobody, {"margin": 0.2, "reduction": "none"}, "empty", np.zeros(0))
    a, b, target = pair(0.2, 3, 4)
    yield Case("second-broadcasts", (a, b[:1], target), {"margin": 0.2, "reduction": "mean"}, "refused")
    yield Case("too-few-targets", (a, b, target[:2]), {"margin": 0.2, "reduction": "mean"}, "refused")
    yield Case("no-such-reduction", (a, b, target), {"margin": 0.2, "reduction": "average"}, "refused")


def cosine_embedding_sized(rng, n):
    rows = max(n // 64, 1)
    target = np.where(rng.uniform(size=rows) < 0.5, 1.0, -1.0)
    return Case("sized", (*rng.normal(size=(2, rows, 32)), target), {"margin": 0.2, "reduction": "mean"})


def require_rows(first, *others):
    for other in others:
        if first.ndim != 2 or other.shape != first.shape:
            raise ValueError(f"got embeddings of shapes {first.shape} and {other.shape}, want (N, D) for all of them")


def cosine(a, b):
    """a.b / (|a| |b|) of rows."""
    return np.sum(a * b, axis=1) / (norm(a, ord=2, axis=1, keepdims=False) * norm(b, ord=2, axis=1, keepdims=False))


def cosine_vjp(a, b):
    """The derivatives of the cosine of rows by a, (v - u cos) / |a|, and by b, (u - v cos) / |b|, of unit u and v."""
    return from_unit(unit_vectors(b), unit_vectors(a), a), from_unit(unit_vectors(a), unit_vectors(b), b)


def cosine_hvp(dots, a, b):
    """How cosine_vjp moves along tangents of a and b."""
    u, v = unit_vectors(a), unit_vectors(b)
    udot, vdot = from_unit(dots[0], u, a), from_unit(dots[1], v, b)
    return from_unit_dot(v, vdot, u, a, dots[0]), from_unit_dot(u, udot, v, b, dots[1])


def unit_vectors(x):
    return x / norm(x, ord=2, axis=1, keepdims=True)


def from_unit(ubar, u, x):
    """The cotangent of x from that of u = x / |x|."""
    return (ubar - u * np.sum(u * ubar, axis=1, keepdims=True)) / norm(x, ord=2, axis=1, keepdims=True)


def from_unit_dot(ubar, ubardot, u, x, xdot):
    """How from_unit moves: udot = from_unit(xdot), for the projection is symmetric, and |x| moves by u.xdot."""
    udot, xbar = from_unit(xdot, u, x), from_unit(ubar, u, x)
    along, alongdot, stretched = (np.sum(t, axis=1, keepdims=True) for t in (u * ubar, udot * ubar, u * xdot))
    return from_unit(ubardot, u, x) - (u * alongdot + udot * along + xbar * stretched) / norm(
        x, ord=2, axis=1, keepdims=True
    )


OPS = [
    Op(
        cosine_embedding,
        cosine_embedding_cases,
        cosine_embedding_vjp,
        cosine_embedding_sized,
        wrt=(0, 1),
        hvp=cosine_embedding_hvp,
    ),
]
