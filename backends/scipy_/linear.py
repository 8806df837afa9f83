"""Linear algebra in SciPy."""

from __future__ import annotations

from scipy import linalg


def _change_of_basis(x, basis):
    """SciPy solves for the columns of a matrix."""
    return linalg.solve(basis, x.reshape(-1, x.shape[-1]).mT).mT.reshape(x.shape)


FORWARDS = {
    "change_of_basis": _change_of_basis,
}
