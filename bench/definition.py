"""Factorisations, judged by what they are: their parts, multiplied back, give the matrix.

Their texts are iterations, whose running bounds grow beyond all use, and their answers are free in the signs. But
the answer itself says whether it is right: each identity below is computed from it in float64, and may be off by
what rounding does to a backward stable factorisation. That is a row of n orthogonal transformations, each of which
adds up m products: m n roundings in a row, of quantities as large as those of the product.

Source: Higham (2002), Accuracy and Stability of Numerical Algorithms, lemma 19.3 and theorem 19.4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .running import UNIT, chain

Identity = tuple[str, np.ndarray, np.ndarray, np.ndarray]
"""What is said, what the answer gives, what it has to be, and how far rounding may put it from that."""


@dataclass(frozen=True)
class Definition:
    """``identities(args, *y)`` of an answer whose outputs have the ``shapes(*args, **params)``."""

    shapes: Callable[..., list[tuple[int, ...]]]
    identities: Callable[..., list[Identity]]
    ordered: int
    """The output whose numbers are sorted,"""
    direction: int
    """upwards (1) or downwards (-1)."""
    anew: bool = False
    """Whether the VJP text does not take the factors as they are, but factorises anew."""


def _product(said: str, a: np.ndarray, b: np.ndarray, want: np.ndarray, matrix: np.ndarray) -> Identity:
    """a b = want, of factors of this matrix."""
    return said, a @ b, want, chain(matrix.size) * UNIT * (np.abs(a) @ np.abs(b))


def _eigh_shapes(a: np.ndarray) -> list[tuple[int, ...]]:
    return [a.shape[:1], a.shape]


def _eigh(args: tuple[Any, ...], w: np.ndarray, v: np.ndarray) -> list[Identity]:
    (a,) = args
    return [_product("v diag(w) v^T = a", v * w, v.mT, a, a), _product("v^T v = 1", v.mT, v, np.eye(len(w)), a)]


def _svd_shapes(a: np.ndarray) -> list[tuple[int, ...]]:
    k = min(a.shape)
    return [(a.shape[0], k), (k,), (k, a.shape[1])]


def _svd(args: tuple[Any, ...], u: np.ndarray, s: np.ndarray, vh: np.ndarray) -> list[Identity]:
    (a,), one = args, np.eye(len(s))
    return [
        _product("u diag(s) vh = a", u * s, vh, a, a),
        _product("u^T u = 1", u.mT, u, one, a),
        _product("vh vh^T = 1", vh, vh.mT, one, a),
    ]


def _pca_fit_shapes(x: np.ndarray, *, n_components: int, route: str) -> list[tuple[int, ...]]:
    return [x.shape[1:], (n_components, x.shape[1]), (n_components,)]


def _pca_fit(args: tuple[Any, ...], mean: np.ndarray, components: np.ndarray, variance: np.ndarray) -> list[Identity]:
    (x,) = args
    centred = x - mean
    covariance = centred.mT @ centred / (len(x) - 1)
    average = np.full((1, len(x)), 1 / len(x))
    stretched = "covariance components^T = components^T diag(variance)"
    return [
        _product("mean of the rows", average, x, mean[None], x),
        _product(stretched, covariance, components.mT, components.mT * variance, x),
        _product("components components^T = 1", components, components.mT, np.eye(len(variance)), x),
    ]


DEFINITIONS: dict[str, Definition] = {
    "eigh": Definition(_eigh_shapes, _eigh, 0, 1),
    "svd": Definition(_svd_shapes, _svd, 1, -1),
    "pca_fit": Definition(_pca_fit_shapes, _pca_fit, 2, -1, anew=True),
}
