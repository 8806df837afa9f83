"""Weights that are rotations."""

from __future__ import annotations

import numpy as np

from ..decomposition.qr import qr
from ..decomposition.rotation import identity, near_diagonal, row_sum
from ..op import Case, Op


def orthogonal(z, *, gain):
    """w = gain q, where z = q r and the diagonal of r is positive.

    Shapes: z (out, in, *kernel), standard normal, read as a matrix (out, in prod(kernel)); w as z.

    The columns of w are orthonormal up to the gain, or the rows where it is wide: the QR decomposition is that of the
    transpose then. Such a layer changes no lengths, however many are stacked. With a positive diagonal q is a
    function of z, and has no preferred direction (it is distributed after Haar's measure); as an algorithm leaves
    its signs, it would have.

    Raises ValueError for a weight of less than two axes.

    Source: Saxe, McClelland and Ganguli (2014), Exact solutions to the nonlinear dynamics of learning in deep linear
    neural networks, section 3; Mezzadri (2007), How to generate random matrices from the classical compact groups,
    section 5.
    """
    if z.ndim < 2:
        raise ValueError(f"z has shape {z.shape}, expected (out, in, ...)")
    q, r = qr(_tall(z))
    w = gain * q * np.sign(np.diagonal(r))
    return np.reshape(w if _is_tall(z) else np.matrix_transpose(w), z.shape)


def orthogonal_residuals(w, z, *, gain):
    """w^T w - gain^2 of a tall w; what w^T z = gain r has below the diagonal; of a wide w, its transpose."""
    w, z = _tall(w), _tall(z)
    gram, r = w.mT @ w, w.mT @ z
    return (gram - gain * gain * identity(gram), gain * gain), (np.tril(r, -1), gain * row_sum(z))


def orthogonal_cases(rng):
    yield Case("tall", (near_diagonal(rng, 5, 3) * [1, -3, 0.4],), {"gain": 1.5})
    yield Case("wide-filters", (np.reshape([[-2], [0.6]] * near_diagonal(rng, 2, 12), (2, 3, 4)),), {"gain": 0.75})
    z = np.array([[0.0, 2.0], [-4.0, 1.0], [0.0, 0.0]])
    yield Case("by-hand", (z,), {"gain": 3.0}, "special", np.array([[0.0, 3.0], [-3.0, 0.0], [0.0, 0.0]]))
    yield Case("bias", (rng.normal(size=4),), {"gain": 1.5}, "refused")


def orthogonal_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 16, 16), 16)),), {"gain": 1.5})


def _is_tall(w):
    return w.shape[0] >= int(np.prod(w.shape[1:]))


def _tall(w):
    """The matrix (out, in prod(kernel)), transposed if it has more columns than rows."""
    matrix = np.reshape(w, (w.shape[0], int(np.prod(w.shape[1:]))))
    return matrix if _is_tall(w) else np.matrix_transpose(matrix)


OPS = [
    Op(orthogonal, orthogonal_cases, sized=orthogonal_sized, wrt=(), residuals=orthogonal_residuals),
]
