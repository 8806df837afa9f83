"""Slips of products of vectors and matrices."""

from __future__ import annotations

import numpy as np

from ..linear.indices import einsum_vjp
from ..linear.products import bilinear_vjp, matmul_vjp
from ..op import Slip


def _matmul_averaged(ybar, y, a, b):
    def factor(x):
        return x.size / np.prod([*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), *x.shape[-2:]])

    abar, bbar = matmul_vjp(ybar, y, a, b)
    return factor(a) * abar, factor(b) * bbar


def _kron_axes(ybar, y, a, b):
    ybar = np.reshape(ybar, a.shape + b.shape)
    return np.tensordot(ybar, b, b.ndim), np.tensordot(a, ybar, a.ndim)


def _bilinear_averaged(ybar, y, x1, x2, w, b):
    x1bar, x2bar, wbar, bbar = bilinear_vjp(ybar, y, x1, x2, w, b)
    return x1bar, x2bar, wbar / len(x1), None if bbar is None else bbar / len(x1)


def _bilinear_crossed(ybar, y, x1, x2, w, b):
    x1bar, x2bar, _, bbar = bilinear_vjp(ybar, y, x1, x2, w, b)
    return x1bar, x2bar, np.einsum("nk,ni,mj->kij", ybar, x1, x2), bbar


def _bilinear_all_pairs(x1, x2, w, b):
    y = np.einsum("ni,kij,mj->nk", x1, w, x2)
    return y if b is None else y + b


def _in_alphabetical_order(*operands, subscripts):
    inputs, _, result = subscripts.partition("->")
    return np.einsum(f"{inputs}->{''.join(sorted(result))}", *operands)


def _off_the_diagonal_too(ybar, y, *operands, subscripts):
    """Cotangents that are the same wherever the other indices are, instead of 0 off the diagonal."""
    bars = einsum_vjp(ybar, y, *operands, subscripts=subscripts)
    terms = subscripts.partition("->")[0].split(",")

    def spread(bar, term):
        for c in {c for c in term if term.count(c) == 2}:
            i, j = (k for k, other in enumerate(term) if other == c)
            along = np.expand_dims(np.diagonal(bar, axis1=i, axis2=j), -1)
            bar = np.moveaxis(np.broadcast_to(along, (*along.shape[:-1], bar.shape[j])), (-2, -1), (i, j))
        return bar

    return tuple(spread(bar, term) for bar, term in zip(bars, terms, strict=True))


def _lonely_averaged(ybar, y, *operands, subscripts):
    """An index that one operand alone has was summed; here its cotangent is shared out, as that of a mean is."""
    bars = einsum_vjp(ybar, y, *operands, subscripts=subscripts)
    inputs, _, result = subscripts.partition("->")
    terms = inputs.split(",")

    def count(k):
        elsewhere = result + "".join(terms[:k] + terms[k + 1 :])
        lonely = {c: n for c, n in zip(terms[k], np.shape(operands[k]), strict=True) if c not in elsewhere}
        return np.prod(list(lonely.values()))

    return tuple(bar / count(k) for k, bar in enumerate(bars))


SLIPS = {
    "dot": (
        Slip(
            "not-summed",
            "The products x_i y_i are the terms of the dot product, not the product itself: add them up, z = sum_i x_i "
            "y_i, which is one number.",
            forward=lambda x, y: x * y,
        ),
        Slip(
            "averaged",
            "The dot product is the sum of the products x_i y_i; it is not divided by how many there are.",
            forward=lambda x, y: np.mean(x * y),
        ),
        Slip(
            "own-factor",
            "The derivative of x_i y_i by x_i is the other factor, y_i: so xbar = zbar y and ybar = zbar x. Here each "
            "vector was multiplied by its own self.",
            vjp=lambda zbar, z, x, y: (zbar * x, zbar * y),
        ),
    ),
    "outer": (
        Slip(
            "rows-and-columns-exchanged",
            "In z_ij = x_i y_j the first vector runs down the rows and the second along the columns, so x needs the "
            "new axis behind it, x[:, None] * y.",
            forward=lambda x, y: y[:, None] * x,
        ),
        Slip(
            "not-summed",
            "Every x_i is used in a whole row of z, and gets a contribution from each of its elements: xbar_i = sum_j "
            "zbar_ij y_j, and ybar_j = sum_i zbar_ij x_i.",
            vjp=lambda zbar, z, x, y: (zbar * y, zbar * x[:, None]),
        ),
    ),
    "matmul": (
        Slip(
            "batch-not-summed",
            "A matrix that was broadcast over a batch is used once for each member, so its cotangent is the sum over "
            "the axes along which it was repeated, in its own shape. Here one cotangent is kept for each member.",
            vjp=lambda ybar, y, a, b: (ybar @ b.mT, a.mT @ ybar),
        ),
        Slip(
            "batch-averaged",
            "A matrix that was broadcast over a batch is used once for each member, and what the members send back "
            "adds up. Dividing by their number belongs to the loss, if it is a mean, and is in ybar already.",
            vjp=_matmul_averaged,
        ),
        Slip(
            "second-cotangent-transposed",
            "From y = a b follows bbar = a^T ybar, in the shape (k, n) of b. ybar^T a is its transpose: write the "
            "shapes under the factors, (k, m) (m, n) -> (k, n).",
            vjp=lambda ybar, y, a, b: (
                matmul_vjp(ybar, y, a, b)[0],
                matmul_vjp(ybar, y, a, b)[1].mT if b.ndim > 1 else matmul_vjp(ybar, y, a, b)[1],
            ),
        ),
        Slip(
            "dot-of-stacks",
            "Although np.dot and matmul agree on matrices, they differ on stacks of them: dot multiplies every matrix "
            "of the first stack by every one of the second, matmul (and @) pairs them along the leading axes.",
            forward=lambda a, b: np.dot(a, b),
        ),
    ),
    "kron": (
        Slip(
            "factors-exchanged",
            "The Kronecker product is not commutative: in kron(a, b) each element of a stands in front of a whole copy "
            "of b. Here it is kron(b, a), the same numbers in another order.",
            forward=lambda a, b: np.kron(b, a),
        ),
        Slip(
            "axes-not-interleaved",
            "Row i p + k of the product is the pair (i, k) and column j q + l the pair (j, l). The products a_ij b_kl "
            "come out on the axes (i, j, k, l): bring them into the order (i, k, j, l) before you reshape.",
            forward=lambda a, b: np.reshape(np.multiply.outer(a, b), np.kron(a, b).shape),
        ),
        Slip(
            "upstream-axes-not-interleaved",
            "The rows of ybar are the pairs (i, k) and its columns the pairs (j, l): taken apart, its axes are (i, k, "
            "j, l). Here they were read as (i, j, k, l), as if the matrix were (a's shape, b's shape).",
            vjp=_kron_axes,
        ),
    ),
    "bilinear": (
        Slip(
            "all-pairs",
            "Each y_n is made of the rows x1_n and x2_n of one example. The second input needs the index n too, "
            "'ni,kij,nj->nk': with an index of its own it is summed over all examples.",
            forward=_bilinear_all_pairs,
        ),
        Slip(
            "inputs-summed-apart",
            "In wbar_kij = sum_n ybar_nk x1_ni x2_nj there is one sum over the examples, of products of the same row. "
            "Here x2 was summed over all examples first.",
            vjp=_bilinear_crossed,
        ),
        Slip(
            "averaged-over-the-batch",
            "Every example uses the same w and b, so what they send back adds up: wbar and bbar are sums over n. A "
            "mean belongs to the loss, and then ybar has its 1/n already.",
            vjp=_bilinear_averaged,
        ),
    ),
    "einsum": (
        Slip(
            "result-in-alphabetical-order",
            "The letters behind '->' give the order of the result's axes, 'ij,jk->ki' is the transpose of 'ij,jk->ik'. "
            "Alphabetical order is what np.einsum takes where there is no '->'.",
            forward=_in_alphabetical_order,
        ),
        Slip(
            "off-the-diagonal-too",
            "A letter that occurs twice in a term reads the diagonal of that operand, and nothing beside it: off the "
            "diagonal the cotangent is 0. Here what belongs to the diagonal was handed to the whole row.",
            vjp=_off_the_diagonal_too,
        ),
        Slip(
            "share-of-a-sum",
            "An index that only one operand has, and the result has not, is summed over: each element gets the whole "
            "cotangent. It would be divided by the length of that axis if the elements were averaged.",
            vjp=_lonely_averaged,
        ),
    ),
    "trace": (
        Slip(
            "offset-counted-downwards",
            "With offset = k the diagonal is that of the elements a_(i, i+k): k > 0 lies above the main diagonal, in "
            "the columns to the right, and k < 0 below it.",
            forward=lambda a, *, offset: np.linalg.trace(a, offset=-offset),
            vjp=lambda ybar, y, a, *, offset: (
                np.where(np.eye(*a.shape[-2:], k=-offset) == 1, ybar[..., None, None], 0) + 0 * a,
            ),
        ),
        Slip(
            "over-the-first-two-axes",
            "The matrices are the last two axes and all before them is a batch. np.trace takes the first two unless "
            "told otherwise: use axis1=-2, axis2=-1, or np.linalg.trace.",
            forward=lambda a, *, offset: np.trace(a, offset=offset),
        ),
        Slip(
            "whole-matrix",
            "Only the elements of the diagonal are in the sum: abar is ybar there and 0 everywhere else. Here every "
            "element of the matrix was given ybar.",
            vjp=lambda ybar, y, a, *, offset: (ybar[..., None, None] + 0 * a,),
        ),
    ),
}
