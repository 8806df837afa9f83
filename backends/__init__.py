"""Who is asked: the interface of a backend, and how one is named."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, cast, runtime_checkable

from .limits import SECONDS, TooLong, kept_quiet, time_limit

FRAMEWORKS = ("numpy", "torch", "jax")
"""Asked the whole catalogue: what they do not offer is said."""
LIBRARIES = ("numpy_fast", "scipy", "sklearn")
"""Asked what they offer."""
BUILT_IN = FRAMEWORKS + LIBRARIES
REQUIRES = {"torch": "torch", "jax": "jax", "scipy": "scipy", "sklearn": "sklearn"}
"""The package that a built-in backend cannot do without."""

PROTOCOL_NAMES = (
    *("find", "asarray", "asnumpy", "vjp", "jvp", "compiled", "batched", "value_and_vjp", "wait"),
    *(
        "dtypes",
        "seconds",
        "compile_first",
        "flushes_subnormals",
        "disagreements",
        "name",
        "header",
        "literal",
        "backend",
    ),
)
SUFFIXES = ("", "_vjp", "_jvp", "_hvp")
NAMED = ("_values", "_cotangents")
"""Of operations that name their intermediates."""


class BackendError(Exception):
    """A backend cannot be used: the message says what is wrong and what would be right."""


class Misfit(TypeError):
    """A function has not the parameters of the operation that it is named after."""


@runtime_checkable
class Backend(Protocol):
    """Anything with a ``find``: a module or an object; no base class, no registration.

    ::

        find("softmax")      -> a callable f(x, *, axis), or None when there is no such operation
        find("softmax_vjp")  -> a callable (ybar, y, x, *, axis) -> (xbar,), or None
        find("softmax_jvp")  -> a callable (xdot, x, *, axis) -> ydot, or None
        find("softmax_hvp")  -> a callable (ybar, dots, y, x, *, axis) -> (xbardot,), or None: the derivative of
                                what the VJP returns along dots, one tangent for each cotangent, ybar held fixed
        find("mlp_values")   -> a callable (x, *theta, activation) -> {name: intermediate}, or None
        find("mlp_cotangents")  a callable (ybar, values, x, *theta, activation) -> {name: cotangent}, or None

    The calling convention is that of the reference (``crosscheck.reference``): arrays by position,
    parameters by keyword. A callable raises NotImplementedError where it does not offer an
    operation with these parameters. Everything else is optional and has a default:

    ================== ============================================== ================================
    asarray(x)         your array with the numbers of a NumPy array,  the NumPy array itself
                       of its dtype, sharing no memory with it
    asnumpy(y)         the NumPy array of yours, once it is ready     ``numpy.asarray``
    vjp(f, *x)         ``(y, pull)`` with ``pull(ybar) -> cotangents``  derivatives only by find("..._vjp")
                       by your reverse mode, composable
    jvp(f, x, xdot)    ``(y, ydot)`` by your forward mode, composable   only by find("..._jvp")
    compiled(f)        f, compiled                                    not asked
    batched(f, axes)   f over a leading axis of each argument whose   not asked
                       entry in the tuple ``axes`` is 0
    value_and_vjp(     ``(y, cotangents)`` as your users write it,    by vjp
      f, x, ybar)      which bench/ times
    wait(y)            y, once it is computed; or None where answers  None
                       are computed when they return
    dtypes             names of the formats that you offer            ("float64", "float32")
    compile_first      True: derivatives are asked through compiled   False
    flushes_subnormals True: results below the normal numbers may be  False
                       0, a convention that you declare
    disagreements      {pattern of question ids: (reason, link)}; a   {}
                       pattern behind "?" holds on some processors
    name               how you are called in reports                  the module's name
    header             the import lines of a script that shows an     ``import numpy as np``
                       answer of yours; with vjp and jvp, if you
                       have them
    seconds            the time limit of one question                 none, but for a file's: 10
    literal(v, dtype)  your array with these (nested lists of)        that of a NumPy array
                       numbers, as source text
    ================== ============================================== ================================

    A module may instead hold plain functions named after operations (``def softmax(x, *, axis)``,
    ``def softmax_vjp(ybar, y, x, *, axis)``): that is a backend too, and needs no import.
    """

    def find(self, name: str) -> Callable[..., Any] | None: ...


@dataclass(frozen=True)
class PlainFunctions:
    """A backend made of the functions of a file, by their names."""

    name: str
    module: ModuleType
    functions: Mapping[str, Callable[..., Any]]
    seconds: float = SECONDS

    def find(self, name: str) -> Callable[..., Any] | None:
        return self.functions.get(name)

    def __getattr__(self, name: str) -> Any:
        if name in PROTOCOL_NAMES:
            return getattr(self.module, name)
        raise AttributeError(name)


def installed() -> tuple[str, ...]:
    """The built-in backends whose framework can be imported here."""
    return tuple(b for b in BUILT_IN if b not in REQUIRES or importlib.util.find_spec(REQUIRES[b]))


def load(spec: str) -> Backend:
    """The backend that ``spec`` names.

    ``numpy``, ``torch``, ``jax``, ``numpy_fast`` (the second, fast formulations of the reference), ``scipy``,
    ``sklearn``, each optionally with a device (``torch:cuda``); a path that ends in ``.py``; or the name of an
    importable module: a backend, plain functions, or an array library such as ``jax.numpy``, which is asked the text
    of the reference (``crosscheck.backends.composed``). Raises ``BackendError``.
    """
    name, _, device = spec.partition(":")
    if name in BUILT_IN:
        if name not in installed():
            raise BackendError(f"{name} is not installed: pip install 'crosscheck-ml[{name}]'")
        module = importlib.import_module(f"{__name__}.{name}_")
        return module.backend(device) if device else module.backend()
    if spec.endswith(".py"):
        return _of_module(import_file(Path(spec)), Path(spec).stem)
    unknown = f"there is no backend {spec!r}: give {', '.join(BUILT_IN)}, a path ending in .py, or an importable module"
    if not all(part.isidentifier() for part in name.split(".")):
        raise BackendError(unknown)
    try:
        module = importlib.import_module(name)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and error.name and f"{name}.".startswith(f"{error.name}."):
            raise BackendError(unknown) from None
        raise BackendError(f"{name} could not be imported: {type(error).__name__}: {error}") from error
    if device and not hasattr(module, "backend"):
        raise BackendError(f"{name} has no function backend(device), so {device!r} cannot be chosen")
    return _of_module(module, name, device)


def import_file(path: Path, seconds: float = SECONDS) -> ModuleType:
    """The module of a file. Raises BackendError, with the line, where it is none or cannot be imported."""
    if not path.is_file():
        raise BackendError(f"{path} is no file")
    spec = importlib.util.spec_from_file_location(f"crosscheck_file_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        with time_limit(seconds), kept_quiet():
            spec.loader.exec_module(module)
    except (Exception, TooLong) as error:
        here = path.resolve()
        line = next((f.lineno for f in reversed(inspect.trace()) if Path(f.filename).resolve() == here), None)
        where = f"{path}, line {line}" if line else str(path)
        raise BackendError(f"{where} cannot be imported: {type(error).__name__}: {error}") from error
    return module


def _of_module(module: ModuleType, name: str, device: str = "") -> Backend:
    if hasattr(module, "backend"):
        return module.backend(device) if device else module.backend()
    if hasattr(module, "find"):
        return cast(Backend, module)
    # Not above: the plugin imports this file in every pytest run of everybody, and has no use for NumPy.
    from .composed import Composed, is_namespace

    if is_namespace(module):
        return Composed(module)
    from crosscheck.reference import catalogue

    functions = {
        k: f
        for k, f in vars(module).items()
        if inspect.isfunction(f)
        and f.__module__ == module.__name__
        and not k.startswith("_")
        and k not in PROTOCOL_NAMES
    }
    known = [name + suffix for name, op in catalogue().items() for suffix in (*SUFFIXES, *(NAMED if op.values else ()))]
    for function in functions:
        if function not in known:
            close = difflib.get_close_matches(function, known, n=1)
            advice = f"did you mean {close[0]!r}?" if close else "a helper's name starts with an underscore"
            raise BackendError(f"{name}: there is no operation {function!r}; {advice}")
    if not functions:
        raise BackendError(f"{name} holds no function named after an operation, such as def softmax(x, *, axis)")
    fitting = {k: _fitting(f, catalogue()) for k, f in functions.items()}
    return PlainFunctions(getattr(module, "name", name), module, fitting)


def hvp_signature(vjp: inspect.Signature) -> inspect.Signature:
    """The parameters of an HVP: those of the VJP, with ``dots`` behind the first."""
    first, *rest = vjp.parameters.values()
    return vjp.replace(parameters=[first, inspect.Parameter("dots", first.kind), *rest])


def _fitting(f: Callable[..., Any], ops: Mapping[str, Any]) -> Callable[..., Any]:
    """The function, or one that says how it would have to be called."""
    name = f.__name__
    op, _, part = name.rpartition("_")
    model = ops[name].forward if name in ops else getattr(ops[op], "vjp" if part == "hvp" else part, None)
    if model is None:  # a JVP, of which the reference has none
        return f
    want, got = inspect.signature(model), inspect.signature(f)
    if part == "hvp" and name not in ops:
        want = hvp_signature(want)
    kinds = [p.kind for p in want.parameters.values()]
    positions = [None for kind in kinds if kind is not inspect.Parameter.KEYWORD_ONLY]
    try:
        got.bind(*positions, **{p.name: None for p in want.parameters.values() if p.kind is p.KEYWORD_ONLY})
    except TypeError as error:
        message = f"{name} has the parameters {got}, want {want}: {error}"

        def refuse(*args: Any, **params: Any) -> Any:
            raise Misfit(message)

        return refuse
    return f
