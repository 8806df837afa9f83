"""Slips of projections and bases."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..linear.basis import change_of_basis_vjp, projection, projection_vjp
from ..op import Slip


def _dot(u, v):
    return np.sum(u * v, axis=-1, keepdims=True)


def _projection_direction(ybar, y, v, u, terms):
    """The right vbar, and of ubar the terms named: of c = u.v / u.u, and of 1 / u.u in it."""
    c, cbar = _dot(u, v) / _dot(u, u), _dot(u, ybar) / _dot(u, u)
    ubar = c * ybar + (cbar * v if "numerator" in terms else 0)
    return projection_vjp(ybar, y, v, u)[0], unbroadcast(ubar + 0 * v, u.shape)


def _orthogonalised(a, along):
    """Each column less ``along(v, earlier a's, earlier results)``; not of length 1."""
    w = []
    for j in range(a.shape[-1]):
        w.append(a[..., j] - along(a[..., j], [a[..., i] for i in range(j)], w))
    return np.stack(w, axis=-1)


def _columns_normalised(w):
    return w / np.sqrt(np.sum(w * w, axis=-2, keepdims=True))


def _projected_on_originals(a):
    return _columns_normalised(
        _orthogonalised(a, lambda v, originals, done: sum((projection(v, u) for u in originals), start=0 * v))
    )


def _without_division(a):
    return _columns_normalised(
        _orthogonalised(a, lambda v, originals, done: sum((_dot(u, v) * u for u in done), start=0 * v))
    )


def _never_normalised(a):
    return _orthogonalised(a, lambda v, originals, done: sum((projection(v, u) for u in done), start=0 * v))


def _earlier_constant(ybar, y, a):
    bars = []
    for j in range(a.shape[-1]):
        left, q = a[..., j], y[..., : j + 1]
        for i in range(j):
            left = left - _dot(y[..., i], left) * y[..., i]
        beside = ybar[..., j] - np.squeeze(q @ (q.mT @ ybar[..., j : j + 1]), -1)
        bars.append(beside / np.sqrt(_dot(left, left)))
    return (np.stack(bars, axis=-1),)


def _basis_cotangents(xbar, y):
    n = y.shape[-1]
    return xbar, -np.reshape(xbar, (-1, n)).T @ np.reshape(y, (-1, n))


def _basis_sign_missing(ybar, y, x, basis):
    xbar, pbar = change_of_basis_vjp(ybar, y, x, basis)
    return xbar, -pbar


SLIPS = {
    "projection": (
        Slip(
            "not-divided",
            "The vector u need not have the length 1: the multiple of u is u.v / u.u, so that a longer u gives the "
            "same projection. Here it is u.v.",
            forward=lambda v, u: _dot(u, v) * u,
        ),
        Slip(
            "divided-by-the-length-once",
            "The vector u occurs twice, in u.v and in the vector itself, so its length must be divided out twice: by "
            "u.u, not by its root.",
            forward=lambda v, u: _dot(u, v) / np.sqrt(_dot(u, u)) * u,
        ),
        Slip(
            "onto-the-first",
            "This is the part of u along v. The projection of v onto u is a multiple of u, (u.v / u.u) u.",
            forward=lambda v, u: _dot(u, v) / _dot(v, v) * v,
        ),
        Slip(
            "remainder",
            "That is v less its projection, the part orthogonal to u. The projection is the part along u.",
            forward=lambda v, u: v - projection(v, u),
        ),
        Slip(
            "coefficient-taken-as-constant",
            "In y = c u, c = u.v / u.u depends on u as well: beside c ybar, ubar has the term cbar (v - 2 y), cbar = "
            "u.ybar / u.u.",
            vjp=lambda ybar, y, v, u: _projection_direction(ybar, y, v, u, ()),
        ),
        Slip(
            "denominator-taken-as-constant",
            "The u.u in the denominator depends on u too: by the quotient rule ubar = c ybar + cbar (v - 2 y). Here -2 "
            "cbar y is missing.",
            vjp=lambda ybar, y, v, u: _projection_direction(ybar, y, v, u, ("numerator",)),
        ),
    ),
    "gram_schmidt": (
        Slip(
            "projected-on-the-original-columns",
            "Take off the parts along the orthonormal columns q_1 ... q_(j-1) found so far, not along the columns of "
            "a: those are not orthogonal, and their parts overlap. It shows from the third column on.",
            forward=_projected_on_originals,
        ),
        Slip(
            "division-by-the-square-missing",
            "The vector (u.v) u is the part of v along u only where u has the length 1. Normalise each column before "
            "it is used for the next ones, or divide by u.u.",
            forward=_without_division,
        ),
        Slip(
            "not-normalised",
            "These columns are orthogonal, but not of length 1: divide each by its length.",
            forward=_never_normalised,
        ),
        Slip(
            "earlier-columns-taken-as-constant",
            "Later columns are made from the earlier ones, and send cotangents back to them: each step w = v - (u.v) u "
            "gives ubar the terms -(u.v) wbar - (u.wbar) v. Here each column was pulled back on its own.",
            vjp=_earlier_constant,
        ),
    ),
    "change_of_basis": (
        Slip(
            "forwards",
            "In P y = x, P, the matrix of the new basis vectors, leads from the new coordinates to the old ones. The "
            "new ones are y = P^-1 x. Here x was multiplied by P.",
            forward=lambda x, basis: x @ basis.T,
        ),
        Slip(
            "transpose-for-the-inverse",
            "The transpose P^T is the inverse only where the basis is orthonormal. Solve P y = x.",
            forward=lambda x, basis: x @ basis,
        ),
        Slip(
            "vectors-in-the-rows",
            "The new basis vectors are the columns of P. Here its rows were taken for them: y = P^-T x.",
            forward=lambda x, basis: x @ np.linalg.inv(basis),
        ),
        Slip(
            "inverse-not-transposed",
            "The adjoint of y = P^-1 x is xbar = P^-T ybar, with the transposed inverse.",
            vjp=lambda ybar, y, x, basis: _basis_cotangents(ybar @ np.linalg.inv(basis).T, y),
        ),
        Slip(
            "sign-of-the-basis-missing",
            "From P y = x follows P ydot = xdot - Pdot y: Pbar = -sum xbar y^T, with a minus.",
            vjp=_basis_sign_missing,
        ),
    ),
}
