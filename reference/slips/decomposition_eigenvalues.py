"""Slips of eigenvalues and eigenvectors."""

from __future__ import annotations

import numpy as np

from ..decomposition.spectral import eigh, eigh_vjp, eigvalsh, eigvalsh_vjp, power_iteration, power_iteration_vjp
from ..op import Slip


def _eigh_cotangent(middle, v):
    abar = v @ middle @ v.mT
    return ((abar + abar.mT) / 2,)


def _eigh_descending(a):
    w, v = eigh(a)
    return np.flip(w, -1), np.flip(v, -1)


def _eigh_gaps_turned(ybar, y, a):
    (wbar, vbar), (w, v) = ybar, y
    return eigh_vjp((wbar, -vbar), (w, v), a)


def _power_constant_length(ybar, y, a, start, *, steps):
    wbar, vbar = ybar
    _, v = y
    path = [start]
    for _ in range(steps):
        z = a @ path[-1]
        path.append(z / np.sqrt(z @ z))
    abar, vbar = wbar * np.outer(v, v), vbar + wbar * (a @ v + v @ a)
    for before in reversed(path[:-1]):
        zbar = vbar / np.linalg.norm(a @ before)
        abar, vbar = abar + np.outer(zbar, before), zbar @ a
    return abar, vbar


def _power_as_at_convergence(ybar, y, a, start, *, steps):
    wbar, vbar = ybar
    _, v = y
    abar, startbar = power_iteration_vjp((0 * wbar, vbar), y, a, start, steps=steps)
    return abar + wbar * np.outer(v, v), startbar


def _power_stretch(a, start, *, steps):
    _, v = power_iteration(a, start, steps=steps)
    return np.linalg.norm(a @ v), v


SLIPS = {
    "eigh": (
        Slip(
            "values-descending",
            "The eigenvalues ascend, as those of numpy.linalg.eigh do, and the vectors go with them. Largest first is "
            "the order of the singular value decomposition and of principal components.",
            forward=_eigh_descending,
        ),
        Slip(
            "vectors-as-rows",
            "The j-th eigenvector is the column v[:, j]. Here the vectors are the rows.",
            forward=lambda a: (eigh(a)[0], eigh(a)[1].mT),
        ),
        Slip(
            "outputs-exchanged",
            "The eigenvalues come first and the vectors second: w, v = eigh(a).",
            forward=lambda a: eigh(a)[::-1],
        ),
        Slip(
            "gaps-turned-round",
            "The matrix of gaps is F_ij = 1 / (w_j - w_i). With w_i - w_j the vectors turn the wrong way, and only the "
            "part of the eigenvalues is right.",
            vjp=_eigh_gaps_turned,
        ),
        Slip(
            "vectors-taken-as-constant",
            "The eigenvectors turn as a moves, and send back v (F * (v^T vbar)) v^T. Here only the eigenvalues did.",
            vjp=lambda ybar, y, a: eigh_vjp((ybar[0], 0 * ybar[1]), y, a),
        ),
        Slip(
            "gaps-missing",
            "What turns an eigenvector towards another is divided by the gap between the two eigenvalues: F_ij = 1 / "
            "(w_j - w_i). Here v^T vbar was left undivided.",
            vjp=lambda ybar, y, a: _eigh_cotangent(
                np.where(np.eye(a.shape[-1]) == 1, ybar[0][..., None, :], y[1].mT @ ybar[1]), y[1]
            ),
        ),
    ),
    "eigvalsh": (
        Slip(
            "descending",
            "The eigenvalues ascend: the smallest comes first.",
            forward=lambda a: np.flip(eigvalsh(a), -1),
        ),
        Slip(
            "magnitudes",
            "Eigenvalues of a symmetric matrix may be negative. Their magnitudes are the singular values.",
            forward=lambda a: np.sort(np.abs(eigvalsh(a)), axis=-1),
        ),
        Slip(
            "vectors-as-rows",
            "The j-th eigenvector is the column v[:, j]: abar = v diag(wbar) v^T. Here the rows were taken for the "
            "vectors, v^T diag(wbar) v.",
            vjp=lambda wbar, w, a: ((eigh(a)[1].mT * wbar[..., None, :]) @ eigh(a)[1],),
        ),
        Slip(
            "multiplied-by-the-values",
            "An eigenvalue moves by v^T adot v, with the slope 1 in its own direction: abar = v diag(wbar) v^T. Here "
            "each term was multiplied by its eigenvalue, as if a itself were put together again.",
            vjp=lambda wbar, w, a: eigvalsh_vjp(wbar * w, w, a),
        ),
    ),
    "power_iteration": (
        Slip(
            "one-step-too-few",
            "The start is multiplied by a as many times as there are steps. Here the last multiplication is missing.",
            forward=lambda a, start, *, steps: power_iteration(a, start, steps=steps - 1),
            vjp=lambda ybar, y, a, start, *, steps: power_iteration_vjp(ybar, y, a, start, steps=steps - 1),
        ),
        Slip(
            "length-for-the-eigenvalue",
            "The length of a v only nears the magnitude of the eigenvalue. Rayleigh's quotient v^T a v has its sign, "
            "and for a symmetric a twice as many right digits.",
            forward=_power_stretch,
        ),
        Slip(
            "normalisation-taken-as-constant",
            "The length of z depends on z: of v = z / |z| only what turns v comes back, zbar = (vbar - v (v^T vbar)) / "
            "|z|. Here vbar was divided by the length alone.",
            vjp=_power_constant_length,
        ),
        Slip(
            "as-at-convergence",
            "For a symmetric a, v^T a v has the derivative v v^T where v is an eigenvector. After a few steps it is "
            "none yet, and the value moves with v as well: vbar gets the term wbar (a + a^T) v.",
            vjp=_power_as_at_convergence,
        ),
    ),
}
