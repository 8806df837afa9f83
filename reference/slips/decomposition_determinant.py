"""Slips of determinants, and of the exponential of a matrix."""

from __future__ import annotations

import numpy as np

from ..decomposition.determinant import det, slogdet, slogdet_vjp
from ..decomposition.exponential import matrix_exp_vjp
from ..decomposition.lu import lu
from ..op import Slip


def _permanent(a):
    """Expanded along the first row, without the signs of a chess board."""
    if not a.shape[-1]:
        return np.ones(a.shape[:-2])
    return sum(a[..., 0, j] * _permanent(np.delete(a[..., 1:, :], j, axis=-1)) for j in range(a.shape[-1]))


SLIPS = {
    "det": (
        Slip(
            "exchanges-not-counted",
            "Each exchange of two rows changes the sign: the product of the pivots has to be multiplied by -1 for an "
            "odd number of exchanges.",
            forward=lambda a: np.prod(np.diagonal(lu(a)[2], axis1=-2, axis2=-1), axis=-1),
        ),
        Slip(
            "product-of-the-diagonal",
            "The product of the diagonal is the determinant of a triangular matrix. Eliminate first, and take the "
            "product of the pivots.",
            forward=lambda a: np.prod(np.diagonal(a, axis1=-2, axis2=-1), axis=-1),
        ),
        Slip(
            "all-signs-positive",
            "That is the permanent. In the determinant the product of an odd permutation is subtracted, as the "
            "cofactors change their signs like a chess board.",
            forward=_permanent,
        ),
        Slip(
            "slope-of-the-logarithm",
            "The derivative of log det a is a^-T; that of det a itself is det(a) a^-T, the cofactors.",
            vjp=lambda ybar, y, a: (ybar[..., None, None] * np.linalg.inv(a).mT,),
        ),
        Slip(
            "inverse-not-transposed",
            "The cotangent of a_ij is its cofactor, det(a) (a^-1)_ji: the inverse has to be transposed.",
            vjp=lambda ybar, y, a: ((ybar * y)[..., None, None] * np.linalg.inv(a),),
        ),
    ),
    "slogdet": (
        Slip(
            "always-positive",
            "The first output is the sign of the determinant, which may be -1: without it the determinant cannot be "
            "put together again.",
            forward=lambda a: (np.ones(a.shape[:-2]), slogdet(a)[1]),
        ),
        Slip(
            "determinant-itself",
            "The second output is the logarithm of |det a|. Here it is |det a|, which overflows for large matrices.",
            forward=lambda a: (slogdet(a)[0], np.abs(det(a))),
        ),
        Slip(
            "inverse-not-transposed",
            "By Jacobi's formula log|det a| moves by tr(a^-1 adot), and as a cotangent that is a^-T: transpose the "
            "inverse.",
            vjp=lambda ybar, y, a: (slogdet_vjp(ybar, y, a)[0].mT,),
        ),
        Slip(
            "slope-of-the-determinant",
            "The derivative of det a is det(a) a^-T. The logarithm divides by det a: a^-T is left.",
            vjp=lambda ybar, y, a: (slogdet_vjp(ybar, y, a)[0] * det(a)[..., None, None],),
        ),
    ),
    "matrix_exp": (
        Slip(
            "exponentials-of-the-elements",
            "The exponential of a matrix is the series sum_k a^k / k! with matrix powers. Here each element got an "
            "exponential of its own, which is right for 1 by 1 matrices only.",
            forward=lambda a: np.exp(a),
        ),
        Slip(
            "as-if-they-commuted",
            "The derivative y adot is that of commuting matrices. In general adot may stand at any place among the "
            "factors a: the adjoint is the integral of exp(t a^T) ybar exp((1 - t) a^T).",
            vjp=lambda ybar, y, a: (y.mT @ ybar,),
        ),
        Slip(
            "slope-of-the-elements",
            "The derivative of exp(x) is exp(x) for numbers. Multiplying ybar by y element by element is the rule of "
            "the exponential of each element, not of the matrix.",
            vjp=lambda ybar, y, a: (ybar * y,),
        ),
        Slip(
            "not-transposed",
            "The derivative along adot is the integral of exp(t a) adot exp((1 - t) a), and its adjoint has a^T in the "
            "place of a.",
            vjp=lambda ybar, y, a: matrix_exp_vjp(ybar, y, a.mT),
        ),
    ),
}
