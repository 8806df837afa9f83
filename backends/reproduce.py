"""A script that shows a witness's answer without crosscheck: its own operation, its inputs, one print."""

from __future__ import annotations

import ast
import dis
import importlib
import inspect
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from crosscheck.reference.agreement.truth import Point
from crosscheck.reference.op import is_float_array

if TYPE_CHECKING:
    from .witness import Witness

ASK = {
    "value": "print(f(*args, **params))",
    "vjp": "print(gradient(*x))",
    "jvp": "print(derivative(*x))",
    "forward-over-forward": "print(jvp(derivative, x, xddot)[1])",
    "forward-over-reverse": "print(jvp(gradient, x, xdot)[1])",
    "reverse-over-forward": "ydot, pull = vjp(derivative, *x)\nprint(pull(ybar))",
    "reverse-over-reverse": "print(vjp(gradient, *x)[1](xdot))",
}


def script(witness: Witness, point: Point, kind: str) -> str:
    """The lines of a Python program; empty where the source of the witness's operation cannot be found.

    A backend helps by ``header`` (import lines, with vjp and jvp) and ``literal(values, dtype)`` (the
    source of one of its arrays); without them the arrays are NumPy's.
    """
    own = witness.own(point.op, kind)
    f = own or witness.backend.find(point.op.name)
    if f is None or kind not in ASK:
        return ""
    try:
        imports, helpers, expression = _source(f)
    except (OSError, TypeError, SyntaxError):
        return ""

    def written(arrays: tuple[Any, ...]) -> str:
        return "(" + "".join(f"{literal_of(witness.backend, a, point)}, " for a in arrays).rstrip(" ") + ")"

    header = getattr(witness.backend, "header", "import numpy as np").splitlines()
    lines = [
        "from __future__ import annotations",
        *header,
        "from numpy import inf, nan",
        *sorted(imports - set(header)),
        *helpers,
    ]
    lines += [f"f = {expression}", f"args = {written(point.args)}", f"params = {dict(point.case.params)!r}"]
    ybar = "ybar" if len(point.ybar) > 1 else "ybar[0]"
    if kind != "value":
        lines.append(f"ybar, xdot, xddot = {written(point.ybar)}, {written(point.xdot)}, {written(point.xddot)}")
    if own is not None:
        y = written(witness.value_for_own(point))
        lines.append(f"y = {y}" if len(point.ybar) > 1 else f"y = {y}[0]")
        given = {"vjp": f"{ybar}, y", "jvp": "*xdot", "forward-over-reverse": f"{ybar}, dots, y"}[kind]
        lines += [f"dots = {written(point.dots(point.xdot))}"] if kind == "forward-over-reverse" else []
        lines.append(f"print(f({given}, *args, **params))")
    elif kind != "value":
        lines += [
            f"wrt = {point.wrt!r}",
            "x = tuple(args[i] for i in wrt)",
            "g = lambda *x: f(*(dict(zip(wrt, x)).get(i, a) for i, a in enumerate(args)), **params)",
            f"gradient = lambda *x: tuple(vjp(g, *x)[1]({ybar}))",
            "derivative = lambda *x: jvp(g, x, xdot)[1]",
            ASK[kind].replace("pull(ybar)", f"pull({ybar})"),
        ]
    else:
        lines.append(ASK[kind])
    return "\n".join(lines)


def lines_of(f: Callable[..., Any]) -> tuple[list[str], str]:
    """The lines that define a function of a backend, without their docstrings, and an expression for it.

    Raises OSError, TypeError or SyntaxError where its source cannot be found.
    """
    imports, helpers, expression = _source(f)
    return [*sorted(imports), *(_without_docstring(h) for h in helpers)], expression


def _without_docstring(definition: str) -> str:
    tree = ast.parse(definition)
    statement = tree.body[0]
    if not isinstance(statement, ast.FunctionDef) or ast.get_docstring(statement) is None:
        return definition
    first, *rest = statement.body
    lines = definition.splitlines()
    if not rest:
        lines[first.lineno - 1] = " " * first.col_offset + "..."
        return "\n".join([*lines[: first.lineno], *lines[first.end_lineno :]])
    # a comment between the docstring and the first statement stays
    return "\n".join([*lines[: first.lineno - 1], *lines[first.end_lineno :]]).replace("\n\n", "\n", 1)


def literal_of(backend: Any, a: Any, point: Point) -> str:
    """An argument of a question as the source text of an array of the backend."""
    if a is None:
        return "None"
    literal = getattr(backend, "literal", lambda values, dtype: f"np.array({values!r}, dtype=np.{dtype})")
    a = np.asarray(a)
    shape = "" if a.size else f".reshape({a.shape})"  # [] has forgotten the other axes
    if is_float_array(a):
        return literal(a.astype(np.float64).tolist(), point.form.name) + shape
    return literal(a.tolist(), a.dtype.name) + shape


@cache
def _parsed(path: str) -> tuple[str, ast.Module]:
    text = Path(path).read_text(encoding="utf-8")
    return text, ast.parse(text)


def _segment(f: FunctionType) -> str:
    """The source text of a function or lambda, found by the line it starts on."""
    text, tree = _parsed(f.__code__.co_filename)
    names = f.__code__.co_varnames[: f.__code__.co_argcount + f.__code__.co_kwonlyargcount]
    for node in ast.walk(tree):
        if not isinstance(node, ast.Lambda | ast.FunctionDef):
            continue
        decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
        if min(n.lineno for n in (node, *decorators)) != f.__code__.co_firstlineno:
            continue
        if tuple(a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)) == names:
            return ast.get_source_segment(text, node) or ""
    raise OSError(f"no source of {f.__name__}")


def _assignment(names: dict[str, Any], name: str) -> tuple[str, set[str], dict[str, Any]]:
    """The statement of a module that assigns or imports a name, the names it mentions, and all of that module's names.

    What a module of ours has from another one of ours is shown as it stands there.
    """
    text, tree = _parsed(names["__file__"])
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and name in {a.asname or a.name for a in node.names}:
            if node.level == 0:
                return ast.get_source_segment(text, node) or "", set(), names
            other = importlib.import_module("." * node.level + (node.module or ""), names["__package__"])
            return _assignment(vars(other), name)
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(n, ast.Name) and n.id == name for t in targets if t for n in ast.walk(t)):
            mentioned = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
            return ast.get_source_segment(text, node) or "", mentioned, names
    raise OSError(f"no source of {name}")


def global_names(code: CodeType) -> set[str]:
    """The global names that code mentions; np.sum mentions np, and no sum."""
    nested = (c for c in code.co_consts if isinstance(c, CodeType))
    own = {str(i.argval) for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    return own.union(*(global_names(c) for c in nested))


def _ours(f: Any) -> bool:
    """Whether the source of a function is to be shown: it is crosscheck's or the file's, not a framework's."""
    return isinstance(f, FunctionType) and f.__module__.startswith("crosscheck")


def _public_name(f: Callable[..., Any]) -> tuple[str, str]:
    """A module without underscores in its name from which the function can be had, the shortest there is."""
    name = getattr(f, "__name__", "")
    public = [(m, vars(module)) for m, module in list(sys.modules.items()) if "._" not in f".{m}"]
    owners = [(m, name) for m, names in public if names.get(name) is f]
    if not owners:  # torch.linalg.solve is called linalg_solve
        owners = [(m, n) for m, names in public for n in list(names) if names[n] is f and not n.startswith("_")]
    if not owners:
        raise TypeError(f"{f!r} cannot be imported by a public name")
    return min(owners, key=lambda owner: (len(owner[0]), owner[1]))


def _source(f: Callable[..., Any]) -> tuple[set[str], list[str], str]:
    """Import lines, helper definitions, and an expression for ``f``, without what decorates it."""
    f = inspect.unwrap(f) if _ours(f) else f
    if not _ours(f):
        module, name = _public_name(f)
        return {f"import {module}"}, [], f"{module}.{name}"
    assert isinstance(f, FunctionType)
    imports: set[str] = set()
    helpers: dict[str, str] = {}
    seen: dict[str, Any] = {f.__name__: f}

    def gather(names: set[str], known: Mapping[str, Any]) -> None:
        """The definitions of the names that a module, or a function around it, gives to what is shown of it."""
        for name in sorted(names & set(known)):
            value = known[name]
            value = inspect.unwrap(value) if _ours(value) else value
            if name in seen:
                if seen[name] is not value:
                    raise TypeError(f"{name} means two things")
                continue
            seen[name] = value
            if isinstance(value, ModuleType):
                root = value.__name__
                imports.add(f"import {root}" if root == name else f"import {root} as {name}")
            elif _ours(value):
                gather_for(value)
                helpers[name] = _definition(name, value, wrapped=value is not known[name])
            elif inspect.isclass(value) or inspect.isroutine(value):
                imports.add(_import(value, name))
            elif "__file__" in known:
                segment, mentioned, origin = _assignment(dict(known), name)
                gather(mentioned - {name}, origin)
                helpers[name] = segment
            else:
                helpers[name] = f"{name} = {value!r}"

    def gather_for(function: FunctionType) -> None:
        around = inspect.getclosurevars(function).nonlocals
        gather(set(around), around)
        gather(global_names(function.__code__) - set(around), function.__globals__)

    gather_for(f)
    if f.__name__ == "<lambda>":
        return imports, list(helpers.values()), _segment(f)
    return imports, [*helpers.values(), _segment(f)], f.__name__


def _definition(name: str, f: FunctionType, wrapped: bool) -> str:
    segment = _segment(f)
    if f.__name__ == "<lambda>":
        return f"{name} = {segment}"
    if wrapped and inspect.isgeneratorfunction(f):  # what it was unwrapped of
        return f"from contextlib import contextmanager\n@contextmanager\n{segment}"
    return segment if f.__name__ == name else f"{segment}\n{name} = {f.__name__}"


def _import(value: Any, name: str) -> str:
    module, public = _public_name(value)
    return f"from {module} import {public}" if public == name else f"from {module} import {public} as {name}"
