"""JAX as a witness: what jax.numpy, jax.nn, jax.lax, jax.scipy and optax answer, one module a family.

Everything is asked as it is shipped: no flag, no precision setting, no check that JAX does not make itself. Beside the
operations of a family stands what was found wrong in them, on the CPU: strict declared disagreements. The minimal
reproduction of each is what crosscheck prints for the question, `pytest --crosscheck=jax -k "OPERATION and CASE"`, with
the entry removed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import jax
import numpy as np

from .. import BackendError
from ..tables import collected

FORWARDS, DISAGREEMENTS = collected(__name__)


@dataclass(frozen=True)
class Jax:
    """The JAX witness on one device: "cpu", "gpu", "tpu", or "gpu:1" for the second of its kind."""

    device: str = "cpu"
    name: ClassVar[str] = "jax"
    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "float16", "bfloat16")
    compile_first: ClassVar[bool] = True
    """Called eagerly, every single operation is compiled by itself: one compiled question costs less."""
    flushes_subnormals: ClassVar[bool] = True
    """On CPU, XLA computes with flush-to-zero on."""
    disagreements: ClassVar[Mapping[str, tuple[str, str]]] = DISAGREEMENTS

    header: ClassVar[str] = (
        "import jax\nimport jax.numpy as jnp\nfrom jax import jvp, vjp\njax.config.update('jax_enable_x64', True)"
    )

    def literal(self, values, dtype: str) -> str:
        return f"jnp.array({values!r}, dtype=jnp.{dtype})"

    def find(self, name: str) -> Callable[..., Any] | None:
        return FORWARDS.get(name)

    def asarray(self, x):
        # a copy, whose memory nobody else has; jnp.array would compile a program for every new shape
        return jax.device_put(np.array(x), _device(self.device))

    def asnumpy(self, y) -> np.ndarray:
        return np.array(y)

    def wait(self, y):
        return jax.block_until_ready(y)

    def vjp(self, f, *primals):
        return jax.vjp(f, *primals)

    def jvp(self, f, primals, tangents):
        return jax.jvp(f, tuple(primals), tuple(tangents))

    def compiled(self, f):
        return jax.jit(f)

    def batched(self, f, in_axes=0):
        return jax.vmap(f, in_axes)


def backend(device: str = "cpu") -> Jax:
    """The witness on ``device``; turns float64 on for the whole process (JAX would truncate it to float32)."""
    jax.config.update("jax_enable_x64", True)
    _device(device)
    return Jax(device)


def _device(spec: str):
    platform, _, number = spec.partition(":")
    try:
        return jax.devices(platform)[int(number or 0)]
    except (RuntimeError, IndexError, ValueError) as error:
        here = sorted({f"{d.platform}:{d.id}" for d in [*jax.devices(), *jax.devices("cpu")]})
        raise BackendError(f"jax has no device {spec!r} here, expected one of {', '.join(here)}") from error
