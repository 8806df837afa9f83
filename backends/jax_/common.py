"""What the operations of several families need in JAX."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def installed_optax() -> Any:
    """optax has JAX's losses and optimisers, where it is installed."""
    try:
        import optax
    except ImportError as error:
        raise NotImplementedError("jax has no losses and no optimisers, and optax is not installed") from error
    return optax


def installed_flax() -> Any:
    """flax.linen has the layers that users of JAX take from a library, where it is installed."""
    try:
        from flax import linen
    except ImportError as error:
        raise NotImplementedError("jax has no layers of this kind, and flax is not installed") from error
    return linen


def choice(table: Mapping[str, Any], name: str, what: str):
    if name not in table:
        raise ValueError(f"{what}: got {name!r}, want one of {', '.join(table)}")
    return table[name]


def channels(p, x):
    """One parameter a channel (axis 1), in a shape that broadcasts against x."""
    return p.reshape((-1,) + (1,) * (x.ndim - 2))
