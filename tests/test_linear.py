"""Linear algebra: what no single case of an operation shows."""

from __future__ import annotations

import numpy as np

from crosscheck.reference import Case, catalogue
from crosscheck.reference.agreement.measure import FORMATS
from crosscheck.reference.agreement.proof import adjoint_gap, proved
from crosscheck.reference.agreement.truth import Point


def random_subscripts(rng: np.random.Generator) -> tuple[str, list[str]]:
    """One to three terms of up to three of the indices i to l, some of them twice, and a result made of some."""
    terms = ["".join(rng.choice(list("ijkl"), size=rng.integers(0, 4))) for _ in range(rng.integers(1, 4))]
    letters = sorted(set("".join(terms)))
    result = "".join(rng.permutation(letters)[: rng.integers(0, len(letters) + 1)]) if letters else ""
    return ",".join(terms) + "->" + result, terms


def test_the_vjp_of_einsum_is_proved_for_any_subscripts():
    """Every pattern of indices: shared, kept, summed alone, on a diagonal, absent."""
    rng, op = np.random.default_rng(5), catalogue()["einsum"]
    length = dict(zip("ijkl", (2, 3, 4, 5), strict=True))
    wrong, seen = [], set()
    for _ in range(60):
        subscripts, terms = random_subscripts(rng)
        args = tuple(rng.normal(size=[length[c] for c in term]) for term in terms)
        point = Point(op, Case("random", args, {"subscripts": subscripts}), FORMATS["float64"], (0,))
        wrong += [] if proved(adjoint_gap(point)) else [subscripts]
        result = subscripts.partition("->")[2]
        seen |= {"diagonal" for term in terms if len(set(term)) < len(term)}
        seen |= {"alone" for term in terms for c in term if c not in result and "".join(terms).count(c) == 1}
        seen |= {"number" for term in terms if not term}
    assert seen == {"diagonal", "alone", "number"}
    assert not wrong


def test_einsum_says_what_the_other_products_are():
    catalog, rng = catalogue(), np.random.default_rng(7)
    a, b, x1, x2 = (rng.normal(size=size) for size in ((3, 4), (4, 5), (2, 3), (2, 5)))
    w, square = rng.normal(size=(4, 3, 5)), rng.normal(size=(3, 3))
    for subscripts, args, name, rest in (
        ("ij,jk->ik", (a, b), "matmul", {}),
        ("i,j->ij", (a[0], b[0]), "outer", {}),
        ("i,i->", (a[0], b[:, 0]), "dot", {}),
        ("ii->", (square,), "trace", {"offset": 0}),
        ("ni,kij,nj->nk", (x1, w, x2), "bilinear", {}),
    ):
        got = catalog["einsum"].forward(*args, subscripts=subscripts)
        if name == "bilinear":
            args = (x1, x2, w, None)
        np.testing.assert_allclose(got, catalog[name].forward(*args, **rest), rtol=1e-13)


def test_gram_schmidt_is_the_modified_one():
    """Laeuchli's matrix: the classical method, with parts taken from a_j itself, ends with columns 60 degrees apart."""
    tiny = 1e-9
    a = np.array([[1.0, 1.0, 1.0], [tiny, 0.0, 0.0], [0.0, tiny, 0.0], [0.0, 0.0, tiny]])
    q = catalogue()["gram_schmidt"].forward(a)
    assert np.max(np.abs(q.T @ q - np.eye(3))) < 1e-8


def test_elimination_takes_the_largest_pivot():
    """Divided by the first element, however small, the first coordinate would be lost."""
    basis = np.array([[1e-20, 1.0], [1.0, 1.0]])
    np.testing.assert_allclose(catalogue()["change_of_basis"].forward(np.array([1.0, 2.0]), basis), [1, 1], rtol=1e-15)
