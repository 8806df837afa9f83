"""The text of a VJP in small steps, and all texts that differ from it in one line."""

from __future__ import annotations

import ast
import copy
import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crosscheck.reference import Op

from .exercise import cotangent_names

PART = "part"
"""What a step is called that has no name in our text: part1, part2 and so on."""


def steps(op: Op) -> str:
    """Our VJP without its docstring and comments: each sum, and each cotangent that is returned, in its own line."""
    assert op.vjp is not None
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(op.vjp))).body
    assert isinstance(tree, ast.FunctionDef)
    if ast.get_docstring(tree) is not None:
        del tree.body[0]
    tree.body = _Steps(tree, [bar.strip() for bar in cotangent_names(op).strip("()").split(",") if bar.strip()]).of(
        tree.body
    )
    return "\n".join(map(_wider, ast.unparse(ast.fix_missing_locations(tree)).splitlines()))


class _Steps(ast.NodeTransformer):
    """Takes what is inside of an expression out of it, into lines before."""

    def __init__(self, tree: ast.FunctionDef, bars: list[str]) -> None:
        self.taken = set(_names(tree)) | {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        self.bars = bars
        self.lines: list[ast.stmt] = []

    def of(self, body: list[ast.stmt]) -> list[ast.stmt]:
        done: list[ast.stmt] = []
        for statement in body:
            for inner in ("body", "orelse"):
                if getattr(statement, inner, None) and not isinstance(statement, ast.FunctionDef):
                    setattr(statement, inner, self.of(getattr(statement, inner)))
            self.lines = []
            if isinstance(statement, ast.Assign) and not isinstance(statement.value, ast.Tuple):
                statement.value = self._inside(statement.value)
            elif isinstance(statement, ast.Return) and isinstance(statement.value, ast.Tuple):
                among = statement.value
                among.elts = [self._returned(i, e, among) for i, e in enumerate(among.elts)]
            done += [*self.lines, statement]
        return done

    def _returned(self, i: int, e: ast.expr, among: ast.Tuple) -> ast.expr:
        if isinstance(e, ast.Name | ast.Starred | ast.Constant):
            return e
        name = self.bars[i] if len(self.bars) == len(among.elts) and self.bars[i] not in self.taken else ""
        return self._line(self._inside(e), name)

    def _line(self, value: ast.expr, name: str = "") -> ast.Name:
        name = name or next(p for i in range(1, 99) if (p := f"{PART}{i}") not in self.taken)
        self.taken.add(name)
        self.lines.append(ast.Assign([ast.Name(name, ast.Store())], value))
        return ast.Name(name, ast.Load())

    def _inside(self, e: ast.expr) -> ast.expr:
        """The outermost call stays where it is."""
        if isinstance(e, ast.UnaryOp):
            e.operand = self._inside(e.operand)
            return e
        return self._arguments(e) if isinstance(e, ast.Call) else self.visit(e)

    def visit(self, node: ast.AST) -> Any:
        # What may not be computed at all, or more than once, stays.
        once = ast.IfExp | ast.Lambda | ast.ListComp | ast.GeneratorExp | ast.DictComp | ast.BoolOp | ast.Starred
        return node if isinstance(node, once) else super().visit(node)

    def _arguments(self, call: ast.Call) -> ast.Call:
        self.generic_visit(call)
        call.args = [self._line(a) if isinstance(a, ast.BinOp) and _size(a) > 1 else a for a in call.args]
        return call

    def visit_Call(self, node: ast.Call) -> ast.expr:
        worth = _size(node) > 1 or ast.unparse(node.func) in ("np.sum", "np.mean", "unbroadcast", "spread")
        call = self._arguments(node)
        return self._line(call) if worth else call


def _size(e: ast.AST) -> int:
    return sum(isinstance(n, ast.BinOp | ast.Call) for n in ast.walk(e))


def _names(tree: ast.FunctionDef) -> list[str]:
    """The parameters, and what is assigned."""
    a = tree.args
    stored = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return list(dict.fromkeys([*(p.arg for p in (*a.posonlyargs, *a.args, *a.kwonlyargs)), *stored]))


@dataclass(frozen=True)
class Edit:
    """A text that differs from another one in one line."""

    text: str
    line: int
    """From 0."""
    rank: int
    """0: something was left out; 1: something was taken for something else; 2: something was added."""


def edits(text: str) -> Iterator[Edit]:
    """What may go wrong in one line, each text once; some are no Python."""
    (tree,) = ast.parse(text).body
    assert isinstance(tree, ast.FunctionDef)
    lines, seen, names = text.splitlines(), {text}, _names(tree)
    for statement in ast.walk(tree):
        if not isinstance(statement, ast.stmt) or statement is tree or _returns_names(statement):
            continue
        i = statement.lineno - 1
        for rank in _changed(statement, names):
            changed = _wider(ast.unparse(statement).splitlines()[0])
            start = re.match(r"\s*(el(?=if))?", lines[i])
            other = "\n".join([*lines[:i], (start[0] if start else "") + changed, *lines[i + 1 :]])
            if other not in seen:
                seen.add(other)
                yield Edit(other, i, rank)


def _wider(line: str) -> str:
    """A tuple of one is seen to be a tuple."""
    return re.sub(r"^(\s*)(\w+), = ", r"\1(\2,) = ", line)


def _returns_names(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Return) else None
    return value is not None and all(isinstance(e, ast.Name) for e in getattr(value, "elts", [value]))


def _changed(statement: ast.stmt, names: list[str]) -> Iterator[int]:
    """The ranks of the changes: while the caller has one, the statement is changed."""
    for parent, field, i, e in [*_expressions(statement)]:
        place = getattr(parent, field)
        for rank, other in _others(e, names, root=isinstance(parent, ast.Assign)):
            if isinstance(parent, ast.UnaryOp) and getattr(other, "value", None) == 0:
                continue  # -0
            if i is None:
                setattr(parent, field, other)
            else:
                place[i] = other
            yield rank
            if i is None:
                setattr(parent, field, e)
            else:
                place[i] = e


def _expressions(parent: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.expr]]:
    """Every expression of a statement with its place; none that is called or assigned to, or in a statement within."""
    for field, value in ast.iter_fields(parent):
        if isinstance(parent, ast.Call) and field == "func":
            continue
        for i, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.expr) and not isinstance(getattr(child, "ctx", None), ast.Store):
                yield parent, field, i, child
            if isinstance(child, ast.AST) and not isinstance(child, ast.stmt):
                yield from _expressions(child)


OPERATORS: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.MatMult: ast.Mult,
}
CALLS = {"np.sum": "np.mean", "np.mean": "np.sum", "np.tril": "np.triu", "np.triu": "np.tril"}


def _others(e: ast.expr, names: list[str], root: bool) -> Iterator[tuple[int, ast.expr]]:
    """What might stand in the place of an expression, and the rank of that."""
    if isinstance(e, ast.BinOp):
        yield from ((0, e.left), (0, e.right))
        if type(e.op) in OPERATORS:
            yield 1, ast.BinOp(e.left, OPERATORS[type(e.op)](), e.right)
        if not isinstance(e.op, ast.Add | ast.Mult):
            yield 1, ast.BinOp(e.right, e.op, e.left)
    elif isinstance(e, ast.UnaryOp):
        yield 0, e.operand
    elif (isinstance(e, ast.Attribute) and e.attr in ("mT", "T")) or isinstance(e, ast.Subscript):
        yield 0, e.value
    elif isinstance(e, ast.IfExp):
        yield from ((0, e.body), (0, e.orelse))
    elif isinstance(e, ast.Constant) and isinstance(e.value, int | float) and not isinstance(e.value, bool):
        yield from ((1, ast.Constant(e.value + 1)), (1, ast.Constant(e.value - 1)))
    elif isinstance(e, ast.Name):
        yield from ((1, ast.Name(name, ast.Load())) for name in names if name != e.id)
        yield 2, ast.Attribute(e, "mT", ast.Load())
    elif isinstance(e, ast.Call):
        yield from _other_calls(e, names, root)
    if isinstance(e, ast.BinOp | ast.Call):
        yield 2, ast.UnaryOp(ast.USub(), e)
        if root:
            yield from ((2, ast.BinOp(e, ast.Div(), ast.parse(f"len({n})", mode="eval").body)) for n in names)


def _other_calls(e: ast.Call, names: list[str], root: bool) -> Iterator[tuple[int, ast.expr]]:
    yield from ((0, a) for a in e.args)
    if root:  # as in (zbar,) = f_vjp(ybar, y, x)
        yield from ((0, ast.Tuple([a], ast.Load())) for a in e.args)
        yield from ((1, ast.Name(name, ast.Load())) for name in names)
    called = ast.unparse(e.func)
    if called in CALLS:
        other = copy.copy(e)
        other.func = ast.parse(CALLS[called], mode="eval").body
        yield 1, other
    for k in e.keywords:
        other = copy.copy(e)
        other.keywords = [x for x in e.keywords if x is not k]
        yield 0, other
        if k.arg == "axis":
            for axis in (0, -1, None):
                other = copy.copy(e)
                other.keywords = [ast.keyword("axis", ast.Constant(axis)) if x is k else x for x in e.keywords]
                yield 1, other
