"""Linear algebra of layers: products of vectors and matrices, one neuron, the affine layer, lengths."""

from __future__ import annotations

from . import layer, length, products

OPS = [*products.OPS, *layer.OPS, *length.OPS]
