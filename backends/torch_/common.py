"""What the operations of several families need in PyTorch."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch

QUIET = (
    ("There is a performance drop because we have not yet implemented the batching rule", UserWarning),
    (r"`torch\.jit\.\w+` is deprecated", DeprecationWarning),  # torch's own, at its first forward AD and compilation
    ("Using padding='same' with even kernel lengths", UserWarning),
    (r"(var|std)\(\): degrees of freedom is <= 0", UserWarning),  # and answers nan, as it should
)


@contextmanager
def quiet() -> Iterator[None]:
    """Without the warnings that say how torch does a thing, not that the answer is in doubt."""
    if torch.compiler.is_compiling():  # the compiler cannot trace filters; ``compiled`` sets them around it
        yield
        return
    with warnings.catch_warnings():
        for message, category in QUIET:
            warnings.filterwarnings("ignore", message, category)
        yield


@contextmanager
def derivative() -> Iterator[None]:
    """Where torch declares an argument not differentiable (running statistics), or that a derivative of one of its
    kernels is not implemented (the second one of fused attention), the derivative is not offered."""
    try:
        yield
    except RuntimeError as error:
        if not re.search("not differentiable|^derivative for .* is not implemented", str(error)):
            raise
        raise NotImplementedError(f"torch: {error}") from error
