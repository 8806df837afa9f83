"""Slips of the singular value decomposition and of what it is used for."""

from __future__ import annotations

import numpy as np

from ..decomposition.approximation import low_rank_approximation, pinv_vjp
from ..decomposition.singular import svd, svd_vjp
from ..op import Slip


def _svd_ascending(a):
    u, s, vh = svd(a)
    return np.flip(u, -1), np.flip(s, -1), np.flip(vh, -2)


def _svd_squares(a):
    u, s, vh = svd(a)
    return u, s * s, vh


def _svd_inside_only(ybar, y, a):
    u, _, vh = y
    (abar,) = svd_vjp(ybar, y, a)
    return (u @ (u.mT @ abar @ vh.mT) @ vh,)


def _svd_gaps_turned(ybar, y, a):
    """The part within the spaces of u and v with its sign changed, but for the singular values."""
    ubar, sbar, vhbar = ybar
    (vectors,) = svd_vjp((ubar, 0 * sbar, vhbar), y, a)
    (values,) = svd_vjp((0 * ubar, sbar, 0 * vhbar), y, a)
    u, _, vh = y
    inside = u @ (u.mT @ vectors @ vh.mT) @ vh
    return (values + vectors - 2 * inside,)


def _smallest_kept(a, *, rank):
    u, s, vh = svd(a)
    return u[..., -rank:] * s[..., None, -rank:] @ vh[..., -rank:, :]


def _values_missing(a, *, rank):
    u, _, vh = svd(a)
    return u[..., :rank] @ vh[..., :rank, :]


def _space_constant(ybar, y, a, *, rank):
    u, _, vh = svd(a)
    u, vh = u[..., :rank], vh[..., :rank, :]
    return (u @ (u.mT @ ybar @ vh.mT) @ vh,)


def _pinv_not_inverted(a, *, rtol):
    return a.mT


def _pinv_absolute(a, *, rtol):
    u, s, vh = svd(a)
    return vh.mT * np.where(s > rtol, 1 / np.where(s > rtol, s, 1), 0)[..., None, :] @ u.mT


SLIPS = {
    "svd": (
        Slip(
            "v-not-transposed",
            "The third output holds the right singular vectors as rows, so that a = u diag(s) vh. Here they are the "
            "columns.",
            forward=lambda a: (*svd(a)[:2], svd(a)[2].mT),
        ),
        Slip(
            "full-matrices",
            "By default numpy.linalg.svd completes u and vh to square matrices; here they have as many columns and "
            "rows as there are singular values. Pass full_matrices=False.",
            forward=lambda a: tuple(np.linalg.svd(a)),
            convention="NumPy and SciPy",
        ),
        Slip(
            "ascending",
            "The singular values descend, and their vectors go with them: the largest comes first. Ascending is the "
            "order of the eigenvalues of a symmetric matrix.",
            forward=_svd_ascending,
        ),
        Slip(
            "squares",
            "The eigenvalues of a^T a are the squares of the singular values of a: take the root.",
            forward=_svd_squares,
        ),
        Slip(
            "values-only",
            "The singular vectors turn as a moves, and send back what ubar and vhbar say. Here only the singular "
            "values did: abar = u diag(sbar) vh.",
            vjp=lambda ybar, y, a: svd_vjp((0 * ybar[0], ybar[1], 0 * ybar[2]), y, a),
        ),
        Slip(
            "inside-only",
            "That is the rule of square matrices. Of a tall or wide a, u or v also turns out of the space it spans: (1 "
            "- u u^T) ubar s^-1 vh and u s^-1 vhbar (1 - v v^T) are missing.",
            vjp=_svd_inside_only,
        ),
        Slip(
            "gaps-turned-round",
            "The differences of the squares are s_j^2 - s_i^2 in row i and column j. With the other sign u and v turn "
            "the wrong way within their spaces.",
            vjp=_svd_gaps_turned,
        ),
    ),
    "low_rank_approximation": (
        Slip(
            "smallest-kept",
            "The largest singular values are kept: what is left out should be as small as possible.",
            forward=_smallest_kept,
        ),
        Slip(
            "values-missing",
            "Each pair of vectors is weighted by its singular value: y = sum_i s_i u_i v_i^T. Here the weights are 1.",
            forward=_values_missing,
        ),
        Slip(
            "what-is-left-out",
            "That is a - y, the remainder. The approximation is the part that is kept.",
            forward=lambda a, *, rank: a - low_rank_approximation(a, rank=rank),
        ),
        Slip(
            "spaces-taken-as-constant",
            "The spaces of the kept vectors turn as a moves. Here ybar was only projected on them, u_r u_r^T ybar v_r "
            "v_r^T, and what turns them is missing.",
            vjp=_space_constant,
        ),
        Slip(
            "straight-through",
            "What lies outside of the kept spaces does not reach y, or only as it turns them. Here ybar was handed "
            "back as if nothing were left out.",
            vjp=lambda ybar, y, a, *, rank: (ybar,),
        ),
    ),
    "pinv": (
        Slip(
            "values-not-inverted",
            "The pseudo-inverse has the reciprocals of the singular values, v diag(1 / s) u^T. With s itself it is the "
            "transpose of a.",
            forward=_pinv_not_inverted,
        ),
        Slip(
            "limit-absolute",
            "What counts as 0 is measured by the largest singular value, s <= rtol max(s): a multiple of a has the "
            "same rank. Here s was compared with rtol itself.",
            forward=_pinv_absolute,
        ),
        Slip(
            "rule-of-the-inverse",
            "That is the derivative of the inverse of a square matrix. Of a tall or wide a, the spaces of its columns "
            "or rows turn as well: (1 - a y) ybar^T y y^T and y^T y ybar^T (1 - y a) are missing.",
            vjp=lambda ybar, y, a, *, rtol: (-y.mT @ ybar @ y.mT,),
        ),
        Slip(
            "sign-missing",
            "Like the inverse, the pseudo-inverse falls as a grows: every term of its derivative has the sign of -y "
            "adot y. Here the signs are the other ones.",
            vjp=lambda ybar, y, a, *, rtol: (-pinv_vjp(ybar, y, a, rtol=rtol)[0],),
        ),
    ),
}
