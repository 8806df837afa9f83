"""An autoencoder and a variational one, of handwritten digits."""

from __future__ import annotations

import numpy as np

from ..exam import LOSS, Exam
from ..training import Task
from .digits import load
from .ingredients import batches, dense

ADAM = {"lr": 0.02, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}


def tasks() -> tuple[Task, ...]:
    return plain(), variational()


def plain(epochs: int = 15) -> Task:
    """The mean image has an error of 0.074 on the test set, eight principal components one of 0.025."""
    digits = load()
    rng = np.random.default_rng([64, 32, 8])
    names, weights = dense(rng, 64, 32, 8, 32, 64)
    return Task(
        name="autoencoder",
        about="digits through 8 numbers; 64-32-8-32-64, tanh, mean squared error, Adam",
        loss="autoencoder_loss",
        params={},
        optimiser="adam_step",
        settings=ADAM,
        names=names,
        weights=weights,
        data=(digits.x,),
        batches=batches(rng, len(digits.x), 64, epochs),
        compared=66,
        exam=Exam(LOSS, "autoencoder_loss", (digits.x_test,), bound=0.03),
        certified=1,
    )


def variational(epochs: int = 15, code: int = 4) -> Task:
    """Noise is drawn anew in each step. The mean image costs 27.2 nats."""
    digits = load()
    rng = np.random.default_rng([64, 32, code, 2])
    _, encoder = dense(rng, 64, 32, code)
    _, variance = dense(rng, 32, code)
    _, decoder = dense(rng, code, 32, 64)
    steps = batches(rng, len(digits.x), 64, epochs)
    return Task(
        name="VAE",
        about=f"digits through a normal distribution of {code} numbers; 64-32-{code}-32-64, tanh, ELBO, Adam",
        loss="vae_loss",
        params={},
        optimiser="adam_step",
        settings=ADAM,
        names=("w1", "b1", "w2", "b2", "w3", "b3", "w4", "b4", "w5", "b5"),
        weights=(*encoder, *variance, *decoder),
        data=(digits.x,),
        drawn=(rng.normal(size=(len(steps), 64, code)),),
        batches=steps,
        compared=66,
        exam=Exam(LOSS, "vae_loss", (digits.x_test, rng.normal(size=(len(digits.x_test), code))), bound=25.5),
        certified=1,
    )
