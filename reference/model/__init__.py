"""Models: whole networks, forward and backward, made of the layers of the other families.

The backward of a network is the chain rule and nothing else: the layers' VJPs in reverse order, each fed with the
cotangent that the next one returned. A cotangent carries the name of its value: zbar is the cotangent of z."""

from __future__ import annotations

from . import cnn, language, mlp, recurrent, transformer

OPS = [*mlp.OPS, *cnn.OPS, *recurrent.OPS, *transformer.OPS, *language.OPS]
