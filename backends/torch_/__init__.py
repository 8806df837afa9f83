"""PyTorch as a witness: its autodiff, vmap and compiler; its operations under our names, one module a family.

Beside the operations of a family stands what was found wrong in them, on the CPU: strict declared disagreements. The
minimal reproduction of each is what crosscheck prints for the question,
`pytest --crosscheck=torch -k "OPERATION and CASE"`, with the entry removed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import ml_dtypes
import numpy as np
import torch

from .. import BackendError
from ..tables import collected
from .common import derivative, quiet

FORWARDS, DISAGREEMENTS = collected(__name__)


@dataclass(frozen=True)
class Torch:
    """torch on one device; see ``Backend`` for what each method means."""

    device: str = "cpu"

    name: ClassVar[str] = "torch"
    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "float16", "bfloat16")
    compile_first: ClassVar[bool] = False
    disagreements: ClassVar[Mapping[str, tuple[str, str]]] = DISAGREEMENTS
    header: ClassVar[str] = "import torch\nimport torch.nn.functional as F\nfrom torch.func import jvp, vjp"

    def literal(self, values: Any, dtype: str) -> str:
        return f"torch.tensor({values!r}, dtype=torch.{dtype})"

    def find(self, name: str) -> Callable[..., Any] | None:
        return FORWARDS.get(name)

    def asarray(self, x: Any) -> torch.Tensor:
        """A copy of the memory that ``x`` looks at, looked at with the same strides."""
        x = np.asarray(x)
        if x.dtype.name == "bfloat16":
            return self.asarray(x.view(np.int16)).view(torch.bfloat16)
        strides = [step // x.itemsize for step in x.strides]
        if x.size == 0 or any(step < 0 or step % x.itemsize for step in x.strides):
            return torch.from_numpy(x.copy()).to(self.device)  # torch has no negative strides
        extent = 1 + sum(step * (size - 1) for step, size in zip(strides, x.shape, strict=True))
        memory = np.lib.stride_tricks.as_strided(x, (extent,), (x.itemsize,)).copy()
        return torch.from_numpy(memory).to(self.device).as_strided(x.shape, strides)

    def asnumpy(self, y: torch.Tensor) -> np.ndarray:
        if y.dtype == torch.bfloat16:
            return self.asnumpy(y.view(torch.int16)).view(ml_dtypes.bfloat16)
        return np.array(y.numpy(force=True))  # force: off the device, off the tape, and zeros known only as such

    def vjp(self, f: Callable[..., Any], *primals: torch.Tensor) -> tuple[Any, Callable[..., Any]]:
        with derivative():
            y, pull = torch.func.vjp(f, *primals)[:2]
        return y, derivative()(pull)

    def jvp(self, f: Callable[..., Any], primals: Any, tangents: Any) -> tuple[Any, Any]:
        with quiet(), derivative():
            return torch.func.jvp(f, tuple(primals), tuple(tangents))[:2]

    def value_and_vjp(self, f: Callable[..., Any], x: Any, ybar: Any) -> tuple[Any, Any]:
        """On the tape, as a training step does; torch.func.vjp costs four times as much on a small array."""
        x = [v.detach().requires_grad_() for v in x]
        try:
            y = f(*x)
            return y, torch.autograd.grad(y, x, ybar, materialize_grads=True)
        except RuntimeError:
            with derivative():
                raise

    @property
    def wait(self) -> Callable[[Any], Any] | None:
        if self.device == "cpu":
            return None
        return lambda y: (torch.accelerator.synchronize(self.device), y)[1]

    def compiled(self, f: Callable[..., Any]) -> Callable[..., Any]:
        from torch._dynamo.exc import Unsupported  # a second to import

        def entry(*args):
            return f(*args)

        # The compiler gives up on a code object after eight compilations, and closures share theirs: a new one each.
        entry.__code__ = entry.__code__.replace()
        program = quiet()(torch.compile(entry, fullgraph=True, dynamic=False))

        def asked(*args):
            try:
                return program(*args)
            except Unsupported as error:  # so the compiler wraps what the operation raised
                if "NotImplementedError" in str(error):
                    raise NotImplementedError("the operation is not offered with these parameters") from error
                raise

        return asked

    def batched(self, f: Callable[..., Any], in_axes: Any) -> Callable[..., Any]:
        return quiet()(torch.vmap(f, in_dims=in_axes))


def backend(device: str = "cpu") -> Torch:
    """torch on ``device``: "cpu", "cuda", "cuda:1", "mps", "xpu" ..."""
    try:
        usable = torch.device(device).type != "meta"  # a device whose tensors have no values
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, ImportError):  # as torch was built without the device, or does not know it
        usable = False
    if not usable:
        accelerator = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
        found = [f"{accelerator.type}:{i}" for i in range(torch.accelerator.device_count())] if accelerator else []
        raise BackendError(
            f"torch {torch.__version__} has no device {device!r} here, expected one of {['cpu', *found]}"
        )
    return Torch(device)
