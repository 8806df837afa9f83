"""What a wrong answer is compared with beside the right one: all that a mistake may have been made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from ..op import is_float_array


@dataclass(frozen=True)
class Context:
    """What a mistake may have used: the arguments by name, the parameters, the upstream cotangent and the value."""

    args: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    ybar: tuple[np.ndarray, ...] = ()
    y: tuple[np.ndarray, ...] = ()
    others: Mapping[str, np.ndarray] = field(default_factory=dict)
    """The right answers beside this one: the other outputs, or the other cotangents."""
    scaled: Callable[[float], np.ndarray] | None = None
    """Asks again, with the upstream cotangent times a number."""
    dots: tuple[np.ndarray, ...] = ()
    """The tangents of a Hessian-vector product."""
    dtype: str = ""
    """What the answer's dtype must be, where the answer is made of floats."""

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays of floats by name: arguments, cotangents and values."""
        found = {n: np.asarray(a, dtype=np.float64) for n, a in self.args.items() if is_float_array(a)}
        for name, group in (("ybar", self.ybar), ("y", self.y), ("dots", self.dots)):
            for k, a in enumerate(group):
                if is_float_array(a):
                    found[name if len(group) == 1 else f"{name}[{k}]"] = np.asarray(a, dtype=np.float64)
        return found

    @cached_property
    def factors(self) -> list[tuple[str, float]]:
        """Numbers that a mistake may multiply by, in words, each number once."""
        sizes: dict[int, list[str]] = {}
        for name, a in self.args.items():
            for axis, n in enumerate(np.shape(a)):
                if n > 1:
                    sizes.setdefault(n, []).append(f"the size of axis {axis} of {name}")
        named: list[tuple[str, float]] = []
        for n, where in sizes.items():
            about = f"{n} is {where[0]}"
            named += [
                (f"{n} ({about})", n),
                (f"1/{n} ({about})", 1 / n),
                (f"({n} - 1)/{n} ({about})", (n - 1) / n),
                (f"{n}/({n} - 1) ({about})", n / (n - 1)),
                (f"sqrt(({n} - 1)/{n}) ({about})", ((n - 1) / n) ** 0.5),
                (f"sqrt({n}/({n} - 1)) ({about})", (n / (n - 1)) ** 0.5),
            ]
        for (n, a), (m, b) in combinations(sizes.items(), 2):
            about = f"{n} and {m} are {a[0]} and {b[0]}"
            named += [(f"{n}*{m} ({about})", n * m), (f"1/({n}*{m}) ({about})", 1 / (n * m))]
            named += [(f"{n}/{m} ({about})", n / m), (f"{m}/{n} ({about})", m / n)]
        named += [("2", 2.0), ("1/2", 0.5), ("log 2", np.log(2)), ("1/log 2", 1 / np.log(2)), ("sqrt(2)", 2**0.5)]
        named += [("1/sqrt(2)", 2**-0.5), ("4", 4.0), ("1/4", 0.25), ("sqrt(2 pi)", (2 * np.pi) ** 0.5)]
        for n, where in sizes.items():
            about = f"{n} is {where[0]}"
            named += [(f"sqrt({n}) ({about})", n**0.5), (f"1/sqrt({n}) ({about})", n**-0.5)]
            named += [(f"{n} - 1 ({about})", n - 1), (f"1/({n} - 1) ({about})", 1 / (n - 1))]
        for name, p in self.params.items():
            if isinstance(p, float) and np.isfinite(p) and p > 0:
                named += [(name, p), (f"1/{name}", 1 / p), (f"1 - {name}", 1 - p), (f"{name}^2", p * p)]
        kept: dict[float, str] = {}
        for words, k in named:
            if k and k != 1 and not any(abs(k - other) <= 1e-12 * abs(k) for other in kept):
                kept[float(k)] = words
        return [(words, k) for k, words in kept.items()]

    def multipliers(self, shape: tuple[int, ...]) -> Iterator[tuple[str, np.ndarray]]:
        """Arrays that fit ``shape``: element by element, or as one axis of it; and their standard deviations."""
        for name, a in self.arrays.items():
            if not a.ndim or not np.any(a) or not np.all(np.isfinite(a)):
                continue
            for b in fitted(a, shape):
                yield name, b
            if a.shape == shape and a.ndim >= 2:
                for axes in axes_of(a.ndim):
                    std = np.std(a, axis=axes, keepdims=True)
                    eps = self.params.get("eps", 0.0)
                    if np.all(std > 0):
                        place = "all" if len(axes) == a.ndim else ", ".join(map(str, axes))
                        yield f"the standard deviation of {name} over axis {place}", np.sqrt(std**2 + eps)


def fitted(a: np.ndarray, shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    if a.ndim == 1 and len(shape) >= 1:
        for axis, n in enumerate(shape):
            if n == a.size and n > 1:
                yield a.reshape([-1 if i == axis else 1 for i in range(len(shape))])
    elif a.ndim <= len(shape) and all(m in (1, n) for m, n in zip(a.shape[::-1], shape[::-1], strict=False)):
        yield a
    if 0 < a.ndim < len(shape) and a.shape == shape[: a.ndim] and a.ndim > 1:
        yield a.reshape(*a.shape, *[1] * (len(shape) - a.ndim))


def axes_of(ndim: int) -> list[tuple[int, ...]]:
    """Each axis, all but the second (a channel's), and all."""
    return [*((i,) for i in range(ndim)), *([(0, *range(2, ndim))] if ndim > 2 else []), tuple(range(ndim))]
