"""Models: whole networks, forward and backward, made of the layers of the other families.

The backward of a network is the chain rule and nothing else: the layers' VJPs in reverse order, each fed with the
cotangent that the next one returned. A cotangent carries the name of its value: zbar is the cotangent of z."""

from __future__ import annotations

from . import (
    autoencoder,
    cnn,
    jacobian,
    language,
    linear_regression,
    logistic_regression,
    mlp,
    recurrent,
    residual,
    training,
    transformer,
    vae,
)

OPS = [
    *linear_regression.OPS,
    *logistic_regression.OPS,
    *mlp.OPS,
    *jacobian.OPS,
    *training.OPS,
    *cnn.OPS,
    *residual.OPS,
    *recurrent.OPS,
    *transformer.OPS,
    *language.OPS,
    *autoencoder.OPS,
    *vae.OPS,
]
