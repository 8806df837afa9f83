"""The texts as a learner would write them: without what they refuse, and without what only that needed.

The texts are functional: a call of ours whose result nobody takes can only raise.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence


def without_refusals(definition: str, ours: Collection[str]) -> str:
    """A function's lines without ``if ...: raise``, without calls of ``ours`` for nothing, and without names for those.

    What is no function's definition comes back as it is.
    """
    while True:
        tree = ast.parse(definition)
        if not isinstance(tree.body[0], ast.FunctionDef):
            return definition
        used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        gone = [s for s in _can_go(tree) if _refuses(s, ours) or _for_nobody(s, used)]
        if not gone:
            return definition
        lines = {i for s in gone for i in range(s.lineno, (s.end_lineno or s.lineno) + 1)}
        definition = "\n".join(line for i, line in enumerate(definition.splitlines(), 1) if i not in lines)


def mentioned(pieces: Sequence[str], wanted: Iterable[str]) -> list[str]:
    """Those of the pieces, in their order, that define what is wanted, or what these mention."""
    names = [
        (_defined(piece), {n.id for n in ast.walk(ast.parse(piece)) if isinstance(n, ast.Name)}) for piece in pieces
    ]
    found: set[str] = set()
    more = set(wanted)
    while more - found:
        found |= more
        more = {name for defined, uses in names if defined & found for name in uses}
    return [piece for piece, (defined, _) in zip(pieces, names, strict=True) if defined & found]


def _can_go(tree: ast.Module) -> Iterator[ast.stmt]:
    """Statements that stand beside others: a block keeps its last one."""
    for node in ast.walk(tree):
        for block in (getattr(node, "body", None), getattr(node, "orelse", None)):
            if isinstance(block, list) and len(block) > 1:
                yield from block[:-1]


def _refuses(statement: ast.stmt, ours: Collection[str]) -> bool:
    if isinstance(statement, ast.If):
        return not statement.orelse and isinstance(statement.body[0], ast.Raise)
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ours


def _for_nobody(statement: ast.stmt, used: set[str]) -> bool:
    if not isinstance(statement, ast.Assign):
        return False
    stored = [n for target in statement.targets for n in ast.walk(target) if not isinstance(n, ast.expr_context)]
    plain = all(isinstance(n, ast.Name | ast.Tuple | ast.List | ast.Starred) for n in stored)
    return plain and not used & {n.id for n in stored if isinstance(n, ast.Name)}


def _defined(piece: str) -> set[str]:
    """The names that a piece of a module defines."""
    functions, targets = set(), []
    for statement in ast.parse(piece).body:
        if isinstance(statement, ast.FunctionDef):
            functions.add(statement.name)
        elif isinstance(statement, ast.Assign):
            targets += statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets.append(statement.target)
        elif isinstance(statement, ast.ImportFrom):
            functions |= {a.asname or a.name for a in statement.names}
    return functions | {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
