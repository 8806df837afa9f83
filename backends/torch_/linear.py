"""Linear algebra in PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F


def _neuron(x, w, b, *, activation):
    """One output of nn.Linear(d, 1). F.linear documents a 1-D weight, but refuses it together with a bias."""
    return ACTIVATIONS[activation](F.linear(x, w[None], b[None])).squeeze(-1)


def affine(x, w, b):
    """Our w is (n_in, n_out), that of torch (n_out, n_in)."""
    return F.linear(x, w.mT, b)


def _trace(a, *, offset):
    """torch.trace takes one matrix and has no offset."""
    return torch.trace(a) if a.ndim == 2 and not offset else torch.diagonal(a, offset, -2, -1).sum(-1)


def _projection(v, u):
    return torch.linalg.vecdot(u, v)[..., None] / torch.linalg.vecdot(u, u)[..., None] * u


def _gram_schmidt(a):
    """The factor q of a QR decomposition, whose signs are free, with the signs that make the diagonal of r positive."""
    q, r = torch.linalg.qr(a)
    return q * torch.sign(torch.diagonal(r, dim1=-2, dim2=-1))[..., None, :]


def _change_of_basis(x, basis):
    """torch solves for the columns of a matrix, or for one vector."""
    if x.ndim == 1:
        return torch.linalg.solve(basis, x)
    return torch.linalg.solve(basis, x.reshape(-1, x.shape[-1]).mT).mT.reshape(x.shape)


ACTIVATIONS = {"identity": lambda x: x, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": F.relu}

FORWARDS = {
    "transpose": lambda x, *, axes: torch.permute(x, axes),
    "reshape": lambda x, *, shape: torch.reshape(x, shape),
    "broadcast_to": lambda x, *, shape: torch.broadcast_to(x, shape),
    "take": lambda x, indices, *, axis: torch.index_select(x, axis, indices),
    "dot": torch.dot,
    "outer": torch.outer,
    "matmul": torch.matmul,
    "kron": torch.kron,
    "bilinear": F.bilinear,
    "einsum": lambda *operands, subscripts: torch.einsum(subscripts, *operands),
    "trace": _trace,
    "neuron": _neuron,
    "linear": affine,
    "norm": lambda x, *, ord, axis, keepdims: torch.linalg.norm(x, ord, axis, keepdims),
    "normalize": lambda x, *, p, axis, eps: F.normalize(x, p=p, dim=axis, eps=eps),
    "cosine_similarity": lambda x1, x2, *, axis, eps: F.cosine_similarity(x1, x2, dim=axis, eps=eps),
    "pdist": lambda x, *, p: F.pdist(x, p),
    "pairwise_distance": lambda x1, x2, *, p, eps, keepdims: F.pairwise_distance(x1, x2, p, eps, keepdims),
    "projection": _projection,
    "gram_schmidt": _gram_schmidt,
    "change_of_basis": _change_of_basis,
}

LEDGER = (
    (
        "bounds the lengths by eps behind the back of reverse mode, which goes on as if a short vector had length eps",
        "https://github.com/pytorch/pytorch/pull/31378",
        (
            "*vjp:cosine_similarity-short-*",
            "forward-over-reverse:cosine_similarity-short-*",
            "reverse-over-forward:cosine_similarity-short-*",
            "reverse-over-reverse:cosine_similarity-short-*",
            "batched:cosine_similarity-short-*",
        ),
    ),
    (
        "the derivative of the forward mode of solve takes its inverse for a constant",
        "https://github.com/pytorch/pytorch/issues/192540",
        ("*-over-forward:change_of_basis-*",),
    ),
    (
        "a QR decomposition may have more columns than rows, orthonormal vectors not",
        "",
        ("refused:gram_schmidt-wide-float64",),
    ),
    (
        "silently broadcasts or ignores arguments that do not fit",
        "",
        (
            "refused:einsum-length-one-is-not-repeated-float64",
            "refused:pairwise_distance-lengths-differ-float64",
            "refused:projection-lengths-differ-float64",
            "refused:linear-bias-for-each-row-float64",
            "refused:linear-bias-of-one-float64",
        ),
    ),
)
