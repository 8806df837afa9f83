"""What dropout and clipping promise; and that a framework with its draw given does what it does with its own."""

from __future__ import annotations

import numpy as np
import pytest

from crosscheck.backends import installed
from crosscheck.backends.witness import called
from crosscheck.reference import catalogue

SHAPES = {
    "dropout": (6, 5),
    "dropout1d": (6, 5, 2),
    "dropout2d": (6, 5, 2, 3),
    "dropout3d": (6, 5, 2, 3, 2),
    "alpha_dropout": (6, 5),
    "feature_alpha_dropout": (6, 5, 2),
}
WHOLE = ("dropout", "alpha_dropout")
"""Whose mask has the shape of x; of the others it is that of the examples and the channels."""
P = 0.25


def kept(dropped: np.ndarray, name: str) -> np.ndarray:
    """The mask, from what became of ones: of a channel, that of its first position."""
    mask = dropped == dropped.max()
    assert 0 < np.sum(mask) < mask.size
    return mask if name in WHOLE else mask.reshape(*mask.shape[:2], -1)[..., 0]


@pytest.mark.parametrize("name", SHAPES)
def test_torch_drops_what_it_drew_as_it_drops_what_it_is_given(name):
    """To the last bit: the mask that a seed draws, given to the same function, gives the same answer."""
    if "torch" not in installed():
        pytest.skip("torch is not installed")
    import torch
    import torch.nn.functional as F

    x = torch.from_numpy(np.random.default_rng(0).normal(size=SHAPES[name]))
    with torch.random.fork_rng():
        torch.manual_seed(1)
        own = getattr(F, name)(x, P, training=True)
        torch.manual_seed(1)
        mask = kept(getattr(F, name)(torch.ones_like(x), P, training=True).numpy(), name)
    given = called("torch").find(name)(x, torch.from_numpy(mask), p=P)
    assert torch.equal(given, own)
    assert not torch.equal(called("torch").find(name)(x, torch.from_numpy(~mask), p=P), own)


@pytest.mark.parametrize("name", [name for name in SHAPES if "alpha" not in name])
def test_flax_drops_what_it_drew_as_it_drops_what_it_is_given(name):
    if "jax" not in installed():
        pytest.skip("jax is not installed")
    linen = pytest.importorskip("flax.linen")
    import jax
    import jax.numpy as jnp

    x = jnp.asarray(np.random.default_rng(0).normal(size=SHAPES[name]), "float32")
    whole = () if name in WHOLE else tuple(range(2, x.ndim))
    layer = linen.Dropout(P, broadcast_dims=whole, deterministic=False)
    own = layer.apply({}, x, rng=jax.random.key(1))
    mask = kept(np.asarray(layer.apply({}, jnp.ones_like(x), rng=jax.random.key(1))), name)
    given = called("jax").find(name)(x, jnp.asarray(mask), p=P)
    assert jnp.array_equal(given, own)
    assert not jnp.array_equal(called("jax").find(name)(x, jnp.asarray(~mask), p=P), own)


def test_dropout_keeps_what_it_promises_over_all_masks():
    """Weighted by their probability: dropout keeps the mean; alpha_dropout mean 0 and variance 1."""
    n, p = 8, 0.3
    masks = (np.arange(2**n)[:, None] >> np.arange(n)) % 2 == 1
    weights = np.prod(np.where(masks, 1 - p, p), axis=1)
    x = np.random.default_rng(0).normal(size=n)
    dropped = catalogue()["dropout"].forward(np.broadcast_to(x, masks.shape), masks, p=p)
    assert weights @ dropped == pytest.approx(x)
    x = (x - np.mean(x)) / np.std(x)
    dropped = catalogue()["alpha_dropout"].forward(np.broadcast_to(x, masks.shape), masks, p=p)
    assert weights @ np.mean(dropped, axis=1) == pytest.approx(0, abs=1e-12)
    assert weights @ np.mean(dropped**2, axis=1) == pytest.approx(1)


def test_clipping_by_norm_turns_nothing_and_is_never_longer():
    """One factor for all gradients; clipping each by its own norm leaves the whole too long, and turned."""
    rng = np.random.default_rng(0)
    gradients = tuple(rng.normal(size=shape) for shape in ((3, 5), (4,), (2, 6)))

    def flat(arrays):
        return np.concatenate([np.ravel(a) for a in arrays])

    def cosine(a, b):
        return a @ b / np.linalg.norm(a) / np.linalg.norm(b)

    clip = catalogue()["clip_gradient_norm"].forward
    together = clip(*gradients, max_norm=1.5, eps=0.0)
    alone = [clip(g, max_norm=1.5, eps=0.0)[0] for g in gradients]
    assert np.linalg.norm(flat(together)) == pytest.approx(1.5)
    assert cosine(flat(together), flat(gradients)) == pytest.approx(1)
    assert np.linalg.norm(flat(alone)) > 2 and cosine(flat(alone), flat(gradients)) < 0.99
