"""Are factorisations judged by what they are? Planted faults, other right answers, flint's certified eigenvalues."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import acb_mat, arb, arb_mat, ctx

from crosscheck.backends import installed, questions
from crosscheck.backends.witness import Witness, called
from crosscheck.reference import Case, catalogue
from crosscheck.reference.agreement.measure import FORMATS
from crosscheck.reference.agreement.truth import EXACT, Point, point
from crosscheck.reference.arithmetic.ball import Balls, balls
from crosscheck.reference.arithmetic.reading import read

BITS = 128
"""Those of the truths: at more, one sees where matrix_exp breaks its series off."""
FRAMEWORKS = [name for name in installed() if name in ("numpy", "torch", "jax")]
Answer = tuple[np.ndarray, ...]


def outcomes(name: str, label: str, told: Callable[..., Any]) -> set[str]:
    """Of the residuals of NumPy's answer, altered."""
    op = catalogue()[name]

    def altered(*args, **params):
        y = op.forward(*args, **params)
        y = told(*y) if isinstance(y, tuple) else (told(y),)
        return y if len(y) > 1 else y[0]

    backend = type("Altered", (), {"find": staticmethod(lambda wanted: altered if wanted == name else None)})()
    return {v.outcome for v in questions.ask_residuals(Witness(backend, "altered"), op, label, "float64")}


def honest(first: np.ndarray, *others: np.ndarray) -> Any:
    return (first, *others) if others else first


def off(a: np.ndarray, by: float = 1e-9) -> np.ndarray:
    """The largest element off by a part in 1e9."""
    a = a.copy()
    a[np.unravel_index(np.argmax(np.abs(a)), a.shape)] *= 1 + by
    return a


def swapped(a: np.ndarray) -> np.ndarray:
    """The first two columns."""
    return a[:, [1, 0, *range(2, a.shape[1])]]


def flipped(a: np.ndarray) -> np.ndarray:
    """The first column with the other sign."""
    return a * np.where(np.arange(a.shape[1]) == 0, -1, 1)


def turned(a: np.ndarray, i: int, j: int) -> np.ndarray:
    """Columns i and j, turned in the plane that they span."""
    a, c, s = a.copy(), 0.8, 0.6
    a[:, i], a[:, j] = c * a[:, i] + s * a[:, j], c * a[:, j] - s * a[:, i]
    return a


def unpivoted(p: np.ndarray, l: np.ndarray, u: np.ndarray) -> Answer:
    """The same matrix, eliminated in the order of its rows: all is right but for multipliers beyond 1."""
    u, l = p @ l @ u, np.eye(len(u))
    for k in range(len(u)):
        l[k + 1 :, k] = u[k + 1 :, k] / u[k, k]
        u = u - np.outer(np.where(np.arange(len(u)) > k, l[:, k], 0), u[k])
    return np.eye(len(u)), l, np.triu(u)


FAULTS: dict[str, tuple[str, str, Callable[..., Any]]] = {
    "sign in u alone": ("svd", "repeated", lambda u, s, vh: (flipped(u), s, vh)),
    "vectors of other values": ("svd", "repeated", lambda u, s, vh: (u[:, ::-1], s, vh[::-1])),
    "negative singular value": ("svd", "repeated", lambda u, s, vh: (flipped(u), s * [-1, 1, 1], vh)),
    "ascending singular values": ("svd", "repeated", lambda u, s, vh: (u[:, ::-1], s[::-1], vh[::-1])),
    "element of u": ("svd", "rank-one", lambda u, s, vh: (off(u), s, vh)),
    "singular value": ("svd", "repeated", lambda u, s, vh: (u, off(s), vh)),
    "u for s = 0 is not orthogonal": ("svd", "rank-one", lambda u, s, vh: (u[:, [0, 1, 1]], s, vh)),
    "eigenvectors swapped": ("eigh", "repeated", lambda w, v: (w, swapped(v))),
    "eigenvector not of unit length": ("eigh", "multiple-of-one", lambda w, v: (w, v * [1 + 1e-9, 1, 1])),
    "eigenvectors not orthogonal": ("eigh", "multiple-of-one", lambda w, v: (w, v + 1e-9 * np.eye(3)[::-1])),
    "descending eigenvalues": ("eigh", "repeated", lambda w, v: (w[::-1], v[:, ::-1])),
    "eigenvalue": ("eigvalsh", "repeated", off),
    "eigenvalues apart": ("eigvalsh", "repeated", lambda w: w + np.array([0, -1e-9, 0, 1e-9])),
    "sign in q alone": ("qr", "zero-column", lambda q, r: (flipped(q), r)),
    "q not orthogonal": ("qr", "dependent", lambda q, r: (q[:, [0, 0, 2]], r)),
    "r not triangular": ("qr", "dependent", lambda q, r: (turned(q, 0, 1), turned(r.T, 0, 1).T)),
    "element of r": ("qr", "zero-column", lambda q, r: (q, off(r))),
    "element of l": ("lu", "tied-pivots", lambda p, l, u: (p, off(l), u)),
    "rows not pivoted": ("lu", "four", unpivoted),
    "rows not brought back": ("lu", "singular", lambda p, l, u: (np.eye(3), l, u)),
    "element of the pseudo-inverse": ("pinv", "rank-two", off),
    "pseudo-inverse plus what a does not see": ("pinv", "rank-two", lambda y: y + 1e-6),
    "component": ("pca_fit", "svd-equal-variances", lambda m, c, v: (m, off(c), v)),
    "components swapped": ("pca_fit", "covariance-equal-variances", lambda m, c, v: (m, c[::-1], v)),
    "variance of n": ("pca_fit", "covariance-equal-variances", lambda m, c, v: (m, c, v * 5 / 6)),
    "mean": ("pca_fit", "svd-equal-variances", lambda m, c, v: (off(m), c, v)),
    "element of the Cholesky factor": ("cholesky", "four", off),
    "negative diagonal": ("cholesky", "four", flipped),
    "upper triangle": ("cholesky", "four", lambda l: turned(l, 0, 1)),
    "solution": ("solve", "columns", off),
    "inverse": ("inv", "four", off),
    "least squares solution": ("lstsq", "columns", off),
    "approximation of another rank": ("low_rank_approximation", "tall", lambda y: y + 1e-9),
    "approximation": ("low_rank_approximation", "tall", off),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_shows_in_the_residuals(fault):
    name, label, lie = FAULTS[fault]
    assert outcomes(name, label, honest) == {"agrees"}
    assert "disagrees" in outcomes(name, label, lie)


OTHERS: dict[str, tuple[str, str, Callable[..., Any]]] = {
    "signs of the svd": ("svd", "repeated", lambda u, s, vh: (flipped(u), s, flipped(vh.T).T)),
    "basis of equal singular values": ("svd", "repeated", lambda u, s, vh: (turned(u, 0, 1), s, turned(vh.T, 0, 1).T)),
    "basis where s = 0": ("svd", "rank-one", lambda u, s, vh: (turned(u, 1, 2), s, vh)),
    "signs of eigenvectors": ("eigh", "repeated", lambda w, v: (w, flipped(v))),
    "basis of equal eigenvalues": ("eigh", "repeated", lambda w, v: (w, turned(v, 1, 3))),
    "any orthogonal matrix": ("eigh", "multiple-of-one", lambda w, v: (w, turned(turned(v, 0, 1), 1, 2))),
    "signs of qr": ("qr", "dependent", lambda q, r: (flipped(q), flipped(r.T).T)),
    "basis of equal variances": ("pca_fit", "svd-equal-variances", lambda m, c, v: (m, turned(c.T, 0, 1).T, v)),
}


@pytest.mark.parametrize("choice", OTHERS)
def test_another_right_answer_agrees(choice):
    assert outcomes(*OTHERS[choice]) == {"agrees"}


# Independent truths: flint's own linear algebra, in balls.


def matrix(a: Any) -> arb_mat:
    return arb_mat([[arb(float(v)) if isinstance(v, float) else v for v in row] for row in np.asarray(a).tolist()])


def in_balls(name: str, *args: np.ndarray) -> Any:
    """The text of an operation, read in balls."""
    return read(catalogue()[name].forward, EXACT)(*map(balls, args))


def elements(y: Any) -> list[arb]:
    return list(Balls.lift(y).reshape(-1))


def overlap(got: list[arb], want: list[arb]) -> bool:
    """Every pair, with radii that leave no room for another answer."""
    fine = all(float(v.rad()) < 1e-25 * (1 + abs(float(v.mid()))) for v in [*got, *want])
    return fine and len(got) == len(want) and all(g.overlaps(w) for g, w in zip(got, want, strict=True))


def regular(name: str) -> list[tuple[np.ndarray, ...]]:
    """The arguments of the regular cases, the matrices of a batch one by one."""
    found: list[tuple[np.ndarray, ...]] = []
    for label, case in catalogue()[name].draw().items():
        if case.kind == "regular":
            args = point(catalogue()[name], label, "float64").args
            found += zip(*args, strict=True) if args[0].ndim == 3 else [args]
    return found


def eigenvalues(a: arb_mat) -> list[arb]:
    """Certified, real and ascending: the midpoints lie far apart."""
    return sorted((v.real for v in acb_mat(a).eig()), key=lambda v: float(v.mid()))


@pytest.mark.parametrize("name", ["eigh", "eigvalsh"])
def test_eigenvalues_are_those_that_flint_certifies(name):
    with ctx.workprec(BITS):
        for (a,) in regular(name):
            a = (a + a.T) / 2
            got = in_balls(name, a)
            assert overlap(elements(got[0] if name == "eigh" else got), eigenvalues(matrix(a)))


def test_singular_values_are_roots_of_eigenvalues_that_flint_certifies():
    with ctx.workprec(BITS):
        for (a,) in regular("svd"):
            m = matrix(a if len(a) >= len(a.T) else a.T)
            roots = [v.sqrt() for v in eigenvalues(m.transpose() * m)]
            assert overlap(elements(in_balls("svd", a)[1]), roots[::-1])


def entries(m: arb_mat) -> list[arb]:
    return [m[i, j] for i in range(m.nrows()) for j in range(m.ncols())]


FLINT: dict[str, Callable[..., list[arb]]] = {
    "det": lambda a: [a.det()],
    "inv": lambda a: entries(a.inv()),
    "solve": lambda a, b: entries(a.solve(b)),
    "matrix_exp": lambda a: entries(a.exp()),
}


@pytest.mark.parametrize("name", FLINT)
def test_the_text_in_balls_is_what_flint_computes(name):
    with ctx.workprec(BITS):
        cases = regular(name)
        assert cases
        for args in cases:
            if name == "det" and np.linalg.matrix_rank(args[0]) < len(args[0]):
                assert all(v.contains(0) for v in (*elements(in_balls(name, *args)), *FLINT[name](matrix(args[0]))))
                continue
            columns = [a[:, None] if a.ndim == 1 else a for a in args]
            assert overlap(elements(in_balls(name, *args)), FLINT[name](*map(matrix, columns)))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_repeated_eigenvalues_are_those_that_flint_isolates(framework):
    """2, 2, 2 and -1, before rounding: flint encloses each, and Weyl's theorem bounds how far a witness may be off."""
    p = point(catalogue()["eigvalsh"], "repeated", "float64")
    (got,) = called(framework).answer(p, "value")
    with ctx.workprec(BITS):
        want = np.array([float(v.mid()) for v in eigenvalues(matrix((p.args[0] + p.args[0].T) / 2))])
    assert np.all(np.abs(got - want) <= 30 * 4 * 2.0**-52 * np.abs(want).max())


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_derivative_of_a_repeated_eigenvalue_is_one_of_clarkes(framework):
    """Of each of the three that meet at 2: a positive semidefinite matrix of trace 1 in their space."""
    op = catalogue()["eigvalsh"]
    q = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4))).Q
    a = q * [2.0, -1.0, 2.0, 2.0] @ q.T
    a, space = (a + a.T) / 2, q[:, [0, 2, 3]]
    p, witness = Point(op, Case("repeated", (a,)), FORMATS["float64"], (0,)), called(framework)
    for k in (1, 2, 3):
        (g,) = witness.answer(p, "vjp", ybar=(np.eye(4)[k],))
        g = (g + g.T) / 2
        assert np.linalg.eigvalsh(g).min() > -1e-12 and abs(np.trace(g) - 1) < 1e-12
        assert np.abs(space @ (space.T @ g @ space) @ space.T - g).max() < 1e-12


def test_the_nearest_matrix_of_a_rank_misses_the_singular_values_left_out():
    """Eckart and Young: its distance, and no nearer matrix among many of that rank."""
    rng = np.random.default_rng(0)
    a = rng.normal(size=(5, 3))
    y = catalogue()["low_rank_approximation"].forward(a, rank=2)
    distance = np.linalg.norm(a - y)
    assert np.linalg.matrix_rank(y) == 2 and distance == pytest.approx(np.linalg.svd(a).S[2], rel=1e-12)
    u, s, vh = np.linalg.svd(y, full_matrices=False)
    for _ in range(100):
        left, right = u[:, :2] + 1e-3 * rng.normal(size=(5, 2)), vh[:2] + 1e-3 * rng.normal(size=(2, 3))
        assert np.linalg.norm(a - left * s[:2] @ right) > distance
