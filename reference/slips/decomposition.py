"""Slips of systems of equations, and of the factors that solve them."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..decomposition.cholesky import cholesky, cholesky_vjp
from ..decomposition.lu import inv_vjp, lu, solve, solve_vjp
from ..decomposition.qr import lstsq_vjp, qr_vjp
from ..decomposition.triangular import triangular_solve, triangular_solve_vjp
from ..op import Slip


def _triangular_unmasked(xbar, x, a, b, *, lower, unit_diagonal):
    _, bbar = triangular_solve_vjp(xbar, x, a, b, lower=lower, unit_diagonal=unit_diagonal)
    return unbroadcast(-bbar @ x.mT, a.shape), bbar


def _triangular_not_transposed(xbar, x, a, b, *, lower, unit_diagonal):
    bbar = triangular_solve(a, xbar, lower=lower, unit_diagonal=unit_diagonal)
    strictly = int(unit_diagonal)
    return np.tril(-bbar @ x.mT, -strictly) if lower else np.triu(-bbar @ x.mT, strictly), bbar


def _triangular_sign(xbar, x, a, b, *, lower, unit_diagonal):
    abar, bbar = triangular_solve_vjp(xbar, x, a, b, lower=lower, unit_diagonal=unit_diagonal)
    return -abar, bbar


def _columns(x):
    return x[:, None] if x.ndim == 1 else x


def _solve_cotangents(bbar, x, a, b):
    return -_columns(bbar) @ _columns(x).mT, bbar


def _unpermuted(a, b):
    _, l, u = lu(a)
    return np.reshape(np.linalg.solve(l @ u, _columns(b)), b.shape)


def _solve_transposed_product(xbar, x, a, b):
    abar, bbar = solve_vjp(xbar, x, a, b)
    return abar.mT, bbar


def _solve_sign(xbar, x, a, b):
    abar, bbar = solve_vjp(xbar, x, a, b)
    return -abar, bbar


def _without_pivots(a):
    """l and u of a = l u."""
    l, u = np.zeros_like(a), a
    for k in range(a.shape[-1]):
        column = u[..., :, k : k + 1] / u[..., k : k + 1, k : k + 1]
        column = np.where(np.arange(a.shape[-1])[:, None] >= k, column, 0)
        l = np.concat([l[..., :k], column, l[..., k + 1 :]], axis=-1)
        u = np.where(np.arange(a.shape[-1])[:, None] > k, u - column * u[..., k : k + 1, :], u)
    return np.broadcast_to(np.eye(a.shape[-1]), a.shape), l, u


def _crout(a):
    p, l, u = lu(a)
    pivots = np.diagonal(u, axis1=-2, axis2=-1)
    return p, l * pivots[..., None, :], u / pivots[..., None]


def _qr_other_triangle(ybar, y, a):
    (qbar, rbar), (q, r) = ybar, y
    m = q.shape[-2]
    qbar = qbar + a[..., m:] @ rbar[..., m:].mT
    square, squarebar = r[..., : q.shape[-1]], rbar[..., : q.shape[-1]]
    middle = square @ squarebar.mT - qbar.mT @ q
    middle = np.triu(middle) + np.triu(middle, 1).mT
    abar = np.linalg.solve(square, (qbar + q @ middle).mT).mT
    return (np.concat([abar, q @ rbar[..., m:]], axis=-1),)


def _lstsq_no_residual(xbar, x, a, b):
    _, bbar = lstsq_vjp(xbar, x, a, b)
    return -_columns(bbar) @ _columns(x).mT, bbar


def _cholesky_middle(lbar, l, phi):
    s = np.linalg.inv(l).mT @ phi(l.mT @ lbar) @ np.linalg.inv(l)
    return ((s + s.mT) / 2,)


SLIPS = {
    "triangular_solve": (
        Slip(
            "other-triangle",
            "With lower=True the elements on and below the diagonal are read, and the first row is solved first. Here "
            "it is the upper triangle, from the last row up, and the other way round.",
            forward=lambda a, b, *, lower, unit_diagonal: triangular_solve(
                a, b, lower=not lower, unit_diagonal=unit_diagonal
            ),
        ),
        Slip(
            "both-triangles-read",
            "Only the triangle that is named belongs to the system: what stands in the other one is to be taken for 0. "
            "Here the whole matrix was solved.",
            forward=lambda a, b, *, lower, unit_diagonal: np.linalg.solve(a, b),
        ),
        Slip(
            "unit-diagonal-ignored",
            "With unit_diagonal=True the diagonal counts as one of ones, whatever is stored there, and nothing is "
            "divided by it.",
            forward=lambda a, b, *, lower, unit_diagonal: triangular_solve(a, b, lower=lower, unit_diagonal=False),
        ),
        Slip(
            "not-divided-by-the-diagonal",
            "Once the known part is taken off b_k, what is left is a_kk x_k: divide by a_kk, unless the diagonal is "
            "one of ones.",
            forward=lambda a, b, *, lower, unit_diagonal: triangular_solve(a, b, lower=lower, unit_diagonal=True),
        ),
        Slip(
            "cotangent-in-both-triangles",
            "The elements of the other triangle were not read, so their cotangent is 0: keep only the triangle of "
            "-bbar x^T that was.",
            vjp=_triangular_unmasked,
        ),
        Slip(
            "inverse-not-transposed",
            "The adjoint of x = a^-1 b is bbar = a^-T xbar: the transpose of a lower triangular matrix is solved from "
            "the last row up.",
            vjp=_triangular_not_transposed,
        ),
        Slip(
            "sign-missing",
            "A larger a makes x smaller: from a x = b follows a xdot = bdot - adot x, and abar = -bbar x^T.",
            vjp=_triangular_sign,
        ),
    ),
    "solve": (
        Slip(
            "transposed-system",
            "In a x = b each row of a is an equation. Here the columns were taken for the equations, a^T x = b.",
            forward=lambda a, b: solve(a.mT, b),
        ),
        Slip(
            "multiplied",
            "That is a b, the product. The solution x is what a has to be multiplied by to give b.",
            forward=lambda a, b: a @ b,
        ),
        Slip(
            "right-hand-side-not-permuted",
            "Pivoting exchanges the equations, and b has to go with them: solve l u x = p^T b. Here l u x = b was "
            "solved, with b in its old order.",
            forward=_unpermuted,
        ),
        Slip(
            "inverse-not-transposed",
            "The adjoint of x = a^-1 b is bbar = a^-T xbar: solve the transposed system on the way back.",
            vjp=lambda xbar, x, a, b: _solve_cotangents(solve(a, xbar), x, a, b),
        ),
        Slip(
            "product-transposed",
            "The cotangent of a is -bbar x^T, with a row for each equation. Here it is its transpose, -x bbar^T.",
            vjp=_solve_transposed_product,
        ),
        Slip(
            "sign-missing",
            "A larger a makes x smaller: from a x = b follows a xdot = bdot - adot x, and abar = -bbar x^T.",
            vjp=_solve_sign,
        ),
    ),
    "inv": (
        Slip(
            "reciprocals-of-the-elements",
            "The inverse is the matrix y with a y = 1, the identity. It is not made of the reciprocals of the "
            "elements, unless a is diagonal.",
            forward=lambda a: 1 / a,
        ),
        Slip(
            "not-divided-by-the-determinant",
            "That is the adjugate, the transposed cofactors. Divided by the determinant it is the inverse.",
            forward=lambda a: np.linalg.inv(a) * np.linalg.det(a)[..., None, None],
        ),
        Slip(
            "not-transposed",
            "The adjoint of adot -> -y adot y is abar = -y^T ybar y^T, with both factors transposed.",
            vjp=lambda ybar, y, a: (-y @ ybar @ y,),
        ),
        Slip(
            "sign-missing",
            "The inverse falls as a grows, like 1 / a: abar = -y^T ybar y^T, with a minus.",
            vjp=lambda ybar, y, a: (-inv_vjp(ybar, y, a)[0],),
        ),
        Slip(
            "rule-of-numbers",
            "The derivative -1 / a^2 is that of numbers, where the order of factors does not matter. Of matrices it is "
            "-y adot y, so abar = -y^T ybar y^T, with matrix products.",
            vjp=lambda ybar, y, a: (-ybar * y * y,),
        ),
    ),
    "lu": (
        Slip(
            "without-pivots",
            "In each column the largest element that is left is brought to the diagonal, so that no multiplier exceeds "
            "1. Without that a small pivot spoils all digits, and a zero stops the elimination.",
            forward=_without_pivots,
        ),
        Slip(
            "permutation-inverted",
            "Here a = p l u: p brings the rows back to where they were. Many books write p a = l u, with the inverse "
            "permutation. Transpose p.",
            forward=lambda a: (lu(a)[0].mT, *lu(a)[1:]),
            convention="Golub and Van Loan (2013)",
        ),
        Slip(
            "ones-on-the-diagonal-of-u",
            "Crout gives the ones to u; here l has them, and the pivots are on the diagonal of u. Divide the columns "
            "of l by its diagonal, and multiply the rows of u by it.",
            forward=_crout,
            convention="Crout",
        ),
    ),
    "qr": (
        Slip(
            "complete",
            "By default scipy.linalg.qr completes q to a square matrix, and r by rows of zeros; here q has as many "
            "columns as the smaller side of a. Pass mode='economic', or keep q[:, :k] and r[:k].",
            forward=lambda a: tuple(np.linalg.qr(a, mode="complete")),
            convention="SciPy",
        ),
        Slip(
            "cotangent-of-r-forgotten",
            "Both q and r depend on a, and each sends something back. Here only the cotangent of q was used.",
            vjp=lambda ybar, y, a: qr_vjp((ybar[0], 0 * ybar[1]), y, a),
        ),
        Slip(
            "cotangent-of-q-forgotten",
            "Both q and r depend on a, and each sends something back. Here only the cotangent of r was used.",
            vjp=lambda ybar, y, a: qr_vjp((0 * ybar[0], ybar[1]), y, a),
        ),
        Slip(
            "other-triangle",
            "In sym(r rbar^T - qbar^T q) the lower triangle is copied to the upper one: that is where the "
            "antisymmetric part of q shows, r having nothing there. Here the upper one was copied.",
            vjp=_qr_other_triangle,
        ),
    ),
    "lstsq": (
        Slip(
            "gram-matrix-not-inverted",
            "The normal equations are a^T a x = a^T b. Here a^T b was returned, which is x only where the columns of a "
            "are orthonormal.",
            forward=lambda a, b: np.reshape(a.mT @ _columns(b), (*a.shape[:-2], a.shape[-1], *b.shape[a.ndim - 1 :])),
        ),
        Slip(
            "first-rows-only",
            "All equations count, and none is met exactly. Here the first n of them were solved as if there were no "
            "others.",
            forward=lambda a, b: solve(
                a[..., : a.shape[-1], :], b[: a.shape[-1]] if b.ndim == 1 else b[..., : a.shape[-1], :]
            ),
        ),
        Slip(
            "residual-term-missing",
            "That is the rule of a square system. Here b is not met, and a turn of the columns takes something out of "
            "the residual: abar = (b - a x) z^T - bbar x^T, z = (a^T a)^-1 xbar.",
            vjp=_lstsq_no_residual,
        ),
    ),
    "cholesky": (
        Slip(
            "upper-factor",
            "SciPy's scipy.linalg.cholesky returns the upper factor u of a = u^T u unless lower=True. Here it is the "
            "lower one, l = u^T. Transpose it.",
            forward=lambda a: cholesky(a).mT,
            vjp=lambda lbar, l, a: cholesky_vjp(lbar.mT, l.mT, a),
            convention="SciPy",
        ),
        Slip(
            "ones-on-the-diagonal",
            "That is the factor of a = l d l^T. In a = l l^T each column is multiplied by the root of its pivot, and "
            "the diagonal of l has these roots.",
            forward=lambda a: cholesky(a) / np.diagonal(cholesky(a), axis1=-2, axis2=-1)[..., None, :],
        ),
        Slip(
            "diagonal-not-halved",
            "The symmetric l^-1 adot l^-T is a triangle and its transpose, which share the diagonal: phi takes the "
            "lower triangle with half the diagonal. Here the diagonal is whole.",
            vjp=lambda lbar, l, a: _cholesky_middle(lbar, l, np.tril),
        ),
        Slip(
            "triangle-not-taken",
            "Only the lower triangle of l^T lbar counts, with half its diagonal, because l has no other: it has to be "
            "cut out before l^-T and l^-1 are multiplied to it.",
            vjp=lambda lbar, l, a: _cholesky_middle(lbar, l, lambda middle: middle / 2),
        ),
    ),
}
