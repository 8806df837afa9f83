"""Decompositions in SciPy."""

from __future__ import annotations

from scipy import linalg

from .common import in_float64


def triangular_solve(a, b, *, lower, unit_diagonal):
    return linalg.solve_triangular(a, b, lower=lower, unit_diagonal=unit_diagonal, check_finite=False)


def eigh(a):
    """By divide and conquer, as NumPy does: the default, MRRR, is less accurate in small elements of the vectors."""
    return linalg.eigh(a, driver="evd")


FORWARDS = {
    "triangular_solve": triangular_solve,
    "lu": linalg.lu,
    "solve": linalg.solve,
    "inv": linalg.inv,
    "det": in_float64(linalg.det),
    "cholesky": lambda a: linalg.cholesky(a, lower=True),
    "qr": lambda a: linalg.qr(a, mode="economic"),
    "lstsq": lambda a, b: linalg.lstsq(a, b)[0],  # pyright: ignore[reportOptionalSubscript]
    "eigh": eigh,
    "eigvalsh": linalg.eigvalsh,
    "svd": lambda a: linalg.svd(a, full_matrices=False),
    "pinv": lambda a, *, rtol: linalg.pinv(a, rtol=rtol),
    "matrix_exp": linalg.expm,
}

LEDGER = (
    (
        "raises an error where the root is nan",
        "",
        ("special:cholesky-negative-*",),
    ),
    (
        "refuses to decompose no matrices",
        "",
        ("empty:eigh-no-matrices-*",),
    ),
)
