"""Sums of products, written by their indices."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def einsum(*operands, subscripts):
    """y = the sum of the products of the operands over every index that the result lacks, "ij,jk->ik" for y = a b.

    Shapes: each operand has one axis for each letter of its term, y one for each letter behind "->"; a letter has one
    length wherever it stands. A letter that occurs twice in a term walks along the diagonal of that operand.

    This is Einstein's summation convention with the result's indices spelt out, so that an index may also occur twice
    and stay, or once and go.

    Raises ValueError without "->", for a letter of the result that no term has or that it has twice, and for
    operands that do not fit their terms: no axis is broadcast, not even one of length 1.

    Source: Einstein (1916), Die Grundlage der allgemeinen Relativitaetstheorie, Annalen der Physik 354, section 5.
    """
    _terms(subscripts, operands)
    return np.einsum(subscripts, *operands)


def einsum_vjp(ybar, y, *operands, subscripts):
    """Of each operand: the einsum of ybar and the other operands, with its own term as the result: indices swap sides.

    That leaves two kinds of index. One that nobody else has was summed over this operand alone: all elements along it
    get the same cotangent. One that occurs twice in the term has seen the diagonal only: off it the cotangent is 0.
    """
    terms, result = _terms(subscripts, operands)
    return tuple(_cotangent(ybar, operands, terms, result, k) for k in range(len(operands)))


def _cotangent(ybar, operands, terms, result, k):
    x, term = operands[k], terms[k]
    others, factors = [*terms[:k], *terms[k + 1 :]], [*operands[:k], *operands[k + 1 :]]
    seen = [c for c in dict.fromkeys(term) if c in result + "".join(others)]
    xbar = np.einsum(",".join([result, *others]) + "->" + "".join(seen), ybar, *factors)
    first = [term.index(c) == i for i, c in enumerate(term)]
    xbar = np.reshape(xbar, [n if here and c in seen else 1 for n, here, c in zip(x.shape, first, term, strict=True)])
    xbar = np.broadcast_to(xbar, x.shape)
    place = np.indices(x.shape)
    for i, c in enumerate(term):
        xbar = xbar if first[i] else np.where(place[i] == place[term.index(c)], xbar, 0)
    return xbar


def _terms(subscripts, operands):
    """The indices of each operand, and those of the result."""
    inputs, arrow, result = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if not arrow or not all(c.isalpha() for c in result + "".join(terms)):
        raise ValueError(f"einsum: got subscripts {subscripts!r}, want letters with '->', such as 'ij,jk->ik'")
    if len(set(result)) < len(result) or not set(result) <= set("".join(terms)):
        raise ValueError(f"einsum: got the result {result!r}, want each letter once, and of {inputs!r}")
    if [len(t) for t in terms] != [x.ndim for x in operands]:
        raise ValueError(
            f"einsum: got operands of shapes {[x.shape for x in operands]}, want an axis a letter of {inputs!r}"
        )
    lengths = {}
    for term, x in zip(terms, operands, strict=True):
        for c, n in zip(term, x.shape, strict=True):
            if lengths.setdefault(c, n) != n:
                raise ValueError(f"einsum: got lengths {lengths[c]} and {n} of index {c!r}, want one")
    return terms, result


def einsum_cases(rng):
    a, b, c = rng.normal(size=(3, 5)), rng.normal(size=(5, 4)), rng.normal(size=(4, 2))
    yield Case("product", (a, b), {"subscripts": "ij,jk->ki"})
    yield Case("three-factors", (100 + a, b, c), {"subscripts": "ij,jk,kl->il"}, half=False)
    batch = rng.normal(size=(2, 3, 5)), rng.normal(size=(2, 3))
    yield Case("kept-and-lonely", batch, {"subscripts": "bij,bi->b"}, half=False)
    yield Case("diagonal", (rng.normal(size=(3, 2, 3)), rng.normal(size=4)), {"subscripts": "iji,k->kij"}, half=False)
    yield Case("trace-of-square", (rng.normal(size=(4, 4)), rng.normal(size=3)), {"subscripts": "ii,j->j"}, half=False)
    matrix, vector = np.array([[np.nan, 1.0], [np.inf, 0.5]]), np.array([2.0, 4.0])
    yield Case("limits", (matrix, vector), {"subscripts": "ij,j->i"}, "special", np.array([np.nan, np.inf]))
    yield Case("sum-of-nothing", (np.zeros((3, 0)),), {"subscripts": "ij->i"}, "empty", np.zeros(3))
    yield Case("lengths-differ", (a, c), {"subscripts": "ij,jk->ik"}, "refused")
    yield Case("length-one-is-not-repeated", (a[:, :1], b), {"subscripts": "ij,jk->ik"}, "refused")
    yield Case("result-from-nowhere", (a, b), {"subscripts": "ij,jk->il"}, "refused")


def einsum_sized(rng, n):
    m = n // 800 + 1
    return Case("sized", (rng.normal(size=(m, 16, 32)), rng.normal(size=(m, 32, 9))), {"subscripts": "bij,bjk->bik"})


def trace(a, *, offset):
    """y = sum_i a_(i, i+k), k = offset: 0 is the main diagonal, k > 0 lies above it.

    Shapes: a (..., m, n), y (...); the matrices need not be square.

    Raises ValueError when a is a vector or a number.

    Source: Python array API standard, linalg.trace.
    """
    if a.ndim < 2:
        raise ValueError(f"trace: got a of shape {a.shape}, want (..., m, n)")
    return np.sum(np.diagonal(a, offset, -2, -1), axis=-1)


def trace_vjp(ybar, y, a, *, offset):
    """abar_ij = ybar where j - i = offset, else 0: every element of the diagonal counts once."""
    row, column = np.arange(a.shape[-2])[:, None], np.arange(a.shape[-1])
    return (np.where(column - row == offset, np.broadcast_to(ybar[..., None, None], a.shape), 0),)


def trace_cases(rng):
    yield Case("tall", (rng.normal(size=(5, 3)),), {"offset": 0})
    yield Case("shifted", (100 + rng.normal(size=(3, 4)),), {"offset": 0})
    yield Case("above", (rng.normal(size=(2, 3, 5)),), {"offset": 1})
    yield Case("below", (rng.normal(size=(5, 4)),), {"offset": -2})
    limits = np.array([[np.inf, np.nan, -1.0], [np.nan, 2.0, np.nan], [np.inf, np.nan, 3.0]])
    yield Case("off-the-diagonal", (limits,), {"offset": 0}, "special", np.array(np.inf))
    yield Case("beyond-the-corner", (rng.normal(size=(2, 3)),), {"offset": 7}, "empty", np.array(0.0))
    yield Case("vector", (rng.normal(size=4),), {"offset": 0}, "refused")


def trace_sized(rng, n):
    side = int(n**0.5) + 1
    return Case("sized", (rng.normal(size=(side, side)),), {"offset": 0})


OPS = [
    Op(einsum, einsum_cases, einsum_vjp, einsum_sized, half=True),
    Op(trace, trace_cases, trace_vjp, trace_sized),
]
