"""Linear algebra of layers: products of vectors and matrices, one neuron, the affine layer, lengths, bases."""

from __future__ import annotations

from . import basis, indices, layer, length, products, rearrangement, similarity

OPS = [*products.OPS, *rearrangement.OPS, *indices.OPS, *layer.OPS, *length.OPS, *similarity.OPS, *basis.OPS]
