"""Positions: how a network that treats all places of a sequence alike is told which place it sees."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def positional_encoding(positions, *, dim, base):
    """y_(p, 2i) = sin(p base^(-2i/dim)) and y_(p, 2i+1) = cos(p base^(-2i/dim)).

    Shapes: positions p (T,) numbers, whole or not, y (T, dim) with dim even.

    Each pair is a hand of a clock, the first one turning once in 2 pi positions, each further one more slowly. A step
    of k positions turns every hand by an angle that does not depend on p: a linear map.

    Raises ValueError unless positions are a vector and dim is even and positive.

    Source: Vaswani et al. (2017), Attention Is All You Need, section 3.5.
    """
    angle = _angles(positions, dim, base)
    return np.reshape(np.stack([np.sin(angle), np.cos(angle)], axis=-1), (-1, dim))


def positional_encoding_vjp(ybar, y, positions, *, dim, base):
    """pbar = sum_i base^(-2i/dim) (ybar_2i cos - ybar_(2i+1) sin): between whole positions the clock goes on."""
    sines, cosines = y[:, 0::2], y[:, 1::2]
    return (np.sum((ybar[:, 0::2] * cosines - ybar[:, 1::2] * sines) * _speeds(positions, dim, base), axis=-1),)


def positional_encoding_hvp(ybar, dots, y, positions, *, dim, base):
    """The second derivative of sine and cosine is themselves, turned round: -sum_i base^(-4i/dim) (ybar . y)_i pdot."""
    (pdot,) = dots
    pairs = ybar[:, 0::2] * y[:, 0::2] + ybar[:, 1::2] * y[:, 1::2]
    return (-pdot * np.sum(pairs * _speeds(positions, dim, base) ** 2, axis=-1),)


def positional_encoding_cases(rng):
    yield Case("places", (rng.uniform(0, 5, size=5),), {"dim": 6, "base": 10000.0})
    yield Case("far", (200 * rng.uniform(1, 2, size=3),), {"dim": 4, "base": 100.0})
    first = np.array([[0.0, 1.0, 0.0, 1.0], [np.nan, np.nan, np.nan, np.nan]])
    yield Case("origin", (np.array([0.0, np.nan]),), {"dim": 4, "base": 10000.0}, "special", first)
    yield Case("odd", (rng.normal(size=3),), {"dim": 5, "base": 10000.0}, "refused")
    yield Case("matrix", (rng.normal(size=(3, 2)),), {"dim": 4, "base": 10000.0}, "refused")


def positional_encoding_sized(rng, n):
    return Case("sized", (rng.uniform(0, 512, size=n),), {"dim": 4, "base": 10000.0})


def rotary_embedding(x, positions, *, base, interleaved):
    """y = R(p) x: the pair i of the elements of x turned by the angle p base^(-2i/D).

    Shapes: x (..., T, D) with D even, positions p (T,) numbers, y as x. The pair i is (x_2i, x_(2i+1)) where
    ``interleaved``, as in the paper, and else (x_i, x_(i + D/2)), as in GPT-NeoX and Llama.

    Queries and keys turned like this have products that know their distance only: (R(p) q)^T R(k) k' =
    q^T R(k - p) k', as rotations of one plane commute.

    Raises ValueError unless D is even and there is a position for each place.

    Source: Su et al. (2021), RoFormer: Enhanced Transformer with Rotary Position Embedding, section 3.2.2, eq. 14, 15
    and 34.
    """
    angle = _of(x, positions, base)
    first, second = _pairs(x, interleaved)
    sine, cosine = np.sin(angle), np.cos(angle)
    return _together(first * cosine - second * sine, first * sine + second * cosine, interleaved)


def rotary_embedding_vjp(ybar, y, x, positions, *, base, interleaved):
    """xbar = R(p)^T ybar = R(-p) ybar: turned back; pbar = sum_i base^(-2i/D) (ybar_2 y_1 - ybar_1 y_2) of pairs."""
    angle = _of(x, positions, base)
    sine, cosine = np.sin(angle), np.cos(angle)
    (firstbar, secondbar), (first, second) = _pairs(ybar, interleaved), _pairs(y, interleaved)
    xbar = _together(firstbar * cosine + secondbar * sine, secondbar * cosine - firstbar * sine, interleaved)
    turned = (secondbar * first - firstbar * second) * _speeds(positions, x.shape[-1], base)
    return xbar, np.sum(turned, axis=(*range(turned.ndim - 2), -1))


def rotary_embedding_cases(rng):
    x, whole = rng.normal(size=(2, 3, 4)), np.array([0.0, 7.0, 2.0])
    yield Case("interleaved", (x, whole), {"base": 10000.0, "interleaved": True})
    yield Case("halves", (rng.normal(size=(5, 6)), rng.uniform(0, 9, size=5)), {"base": 500.0, "interleaved": False})
    args = (np.array([[np.inf, 2.0, 0.0, -3.0], [0.0, np.nan, 5.0, 1.0]]), np.array([0.0, 0.0]))
    answer = np.array([[np.inf, 2.0, np.nan, -3.0], [0.0, np.nan, 5.0, np.nan]])
    yield Case("first-place", args, {"base": 100.0, "interleaved": False}, "special", answer)
    yield Case("odd", (rng.normal(size=(3, 5)), whole), {"base": 10000.0, "interleaved": True}, "refused")
    yield Case("a-position-too-few", (x, whole[1:]), {"base": 10000.0, "interleaved": True}, "refused")


def rotary_embedding_sized(rng, n):
    t = n // 64 + 1
    return Case("sized", (rng.normal(size=(t, 64)), rng.uniform(0, 512, t)), {"base": 10000.0, "interleaved": False})


def _angles(positions, dim, base):
    if positions.ndim != 1:
        raise ValueError(f"positions: got shape {positions.shape}, want (T,)")
    if dim < 2 or dim % 2:
        raise ValueError(f"got {dim} elements at each place, want an even number: they turn in pairs")
    return positions[:, None] * _speeds(positions, dim, base)


def _speeds(positions, dim, base):
    """base^(-2i/dim) of each pair i, in the arithmetic of the positions."""
    log = np.log(np.full_like(positions[:1], base))
    return np.concat([np.exp(-2 * i * log / dim) for i in range(dim // 2)])


def _of(x, positions, base):
    if x.ndim < 2 or positions.shape != x.shape[-2:-1]:
        raise ValueError(f"got x and positions of shapes {x.shape} and {positions.shape}, want (..., T, D) and (T,)")
    return _angles(positions, x.shape[-1], base)


def _pairs(x, interleaved):
    half = x.shape[-1] // 2
    return (x[..., 0::2], x[..., 1::2]) if interleaved else (x[..., :half], x[..., half:])


def _together(first, second, interleaved):
    if not interleaved:
        return np.concat([first, second], axis=-1)
    return np.reshape(np.stack([first, second], axis=-1), (*first.shape[:-1], -1))


OPS = [
    Op(
        positional_encoding,
        positional_encoding_cases,
        positional_encoding_vjp,
        positional_encoding_sized,
        hvp=positional_encoding_hvp,
    ),
    Op(rotary_embedding, rotary_embedding_cases, rotary_embedding_vjp, rotary_embedding_sized),
]
