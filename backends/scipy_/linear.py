"""Linear algebra in SciPy."""

from __future__ import annotations

import numpy as np
from scipy import linalg


def _gram_schmidt(a):
    """The factor q of a QR decomposition, whose signs are free, with the signs that make the diagonal of r positive."""
    q, r = linalg.qr(a, mode="economic")
    return q * np.sign(np.diagonal(r, axis1=-2, axis2=-1))[..., None, :]


def _change_of_basis(x, basis):
    """SciPy solves for the columns of a matrix."""
    return linalg.solve(basis, x.reshape(-1, x.shape[-1]).mT).mT.reshape(x.shape)


FORWARDS = {
    "gram_schmidt": _gram_schmidt,
    "change_of_basis": _change_of_basis,
}

LEDGER = (
    (
        "a QR decomposition may have more columns than rows, orthonormal vectors not",
        "",
        ("refused:gram_schmidt-wide-float64",),
    ),
    (
        "refuses an empty stack of matrices",
        "",
        ("empty:gram_schmidt-no-matrices-float64",),
    ),
)
