"""Decompositions in SciPy."""

from __future__ import annotations

from scipy import linalg


def triangular_solve(a, b, *, lower, unit_diagonal):
    return linalg.solve_triangular(a, b, lower=lower, unit_diagonal=unit_diagonal)


FORWARDS = {
    "triangular_solve": triangular_solve,
    "lu": linalg.lu,
    "solve": linalg.solve,
    "inv": linalg.inv,
    "det": linalg.det,
    "cholesky": lambda a: linalg.cholesky(a, lower=True),
    "qr": lambda a: linalg.qr(a, mode="economic"),
    "lstsq": lambda a, b: linalg.lstsq(a, b)[0],
    "eigh": linalg.eigh,
    "eigvalsh": linalg.eigvalsh,
    "svd": lambda a: linalg.svd(a, full_matrices=False),
    "pinv": lambda a, *, rtol: linalg.pinv(a, rtol=rtol),
    "matrix_exp": linalg.expm,
}
