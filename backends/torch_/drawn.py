"""PyTorch's random operations with their draw given: all the rest of their arithmetic is PyTorch's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten


class _Given(TorchDispatchMode):
    """Inside of it, an operator of the table is not run: what its entry makes of the arguments is its answer."""

    def __init__(self, table: Mapping[Any, Callable[..., torch.Tensor]]):
        super().__init__()
        self.table = table

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func in self.table:
            return self.table[func](*args)
        return func(*args, **(kwargs or {}))


@contextmanager
def _given(table: Mapping[Any, Callable[..., torch.Tensor]]) -> Iterator[None]:
    if torch.compiler.is_compiling():
        raise NotImplementedError("torch.compile draws by itself, and nobody can give it the noise")
    try:
        with _Given(table):
            yield
    except RuntimeError as error:
        if "randomness error mode" not in str(error):
            raise
        raise NotImplementedError(f"torch: {error}") from error


def bernoulli(kept: torch.Tensor):
    """Whatever is drawn of zeros and ones is ``kept``."""
    return _given(
        {
            aten.bernoulli_.float: lambda noise, p=0.5: noise.copy_(kept.reshape(noise.shape)),
            aten.bernoulli.p: lambda noise, p=0.5: kept.reshape(noise.shape).to(noise.dtype),
        }
    )


def uniform(u: torch.Tensor):
    """A uniform number between a and b is as far from their middle as u is from 1/2, in units of b - a."""
    return _given({aten.uniform_.default: lambda noise, a=0.0, b=1.0: noise.copy_((a + b) / 2 + (b - a) * (u - 0.5))})


def normal(z: torch.Tensor):
    """A normal number of this mean and standard deviation is mean + std z."""
    return _given({aten.normal_.default: lambda noise, mean=0.0, std=1.0: noise.copy_(mean + std * z)})
