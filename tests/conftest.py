"""The questions as pytest items: one for each operation, case, dtype and witness, with an id that one can type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from crosscheck.backends import FRAMEWORKS, plugin
from crosscheck.backends.questions import formats
from crosscheck.backends.witness import FIRST_ORDER, SECOND_ORDER, Witness
from crosscheck.reference import Case, Op, catalogue


@dataclass(frozen=True)
class Asked:
    """What one item asks whom."""

    op: Op
    label: str
    dtype: str
    witness: Witness

    @property
    def arguments(self) -> tuple[Witness, Op, str, str]:
        return self.witness, self.op, self.label, self.dtype


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "question(which, dtypes, needs): asked of every operation and case that it names"
    )


def _exists(which: str, op: Op, case: Case) -> bool:
    """Whether a question of this sort has an answer at this case."""
    differentiable = op.vjp is not None and bool(op.differentiable(case))
    match which:
        case "value":
            return case.kind in ("regular", "kink")
        case "regular":
            return case.kind == "regular"
        case "derivative":
            return case.kind == "regular" and differentiable
        case "hessian":
            return case.kind == "regular" and differentiable and op.hvp is not None
        case "kink":
            return case.kind == "kink" and differentiable
        case "degenerate" | "special" | "empty" | "refused":
            return case.kind == which
        case "exhaustive":
            return case.kind == "regular" and op.domain is not None and op.half
    raise ValueError(which)


def _cases(which: str, op: Op) -> list[str]:
    cases = {label: case for label, case in op.draw().items() if _exists(which, op, case)}
    if which == "exhaustive":  # the data are all numbers, so only the params tell cases apart
        cases = dict(
            {repr(sorted(case.params.items())): (label, case) for label, case in reversed(cases.items())}.values()
        )
    return list(cases)


def _asked(which: str, needs: tuple[str, ...], spec: str, witness: Witness, op: Op, slow: bool) -> list[str]:
    """The labels of the cases of an operation about which this witness is asked this question."""
    if not all(witness.has(feature) for feature in needs):
        return []
    # What a framework does not offer at all is said once, by a value; of others, only what they hold is asked.
    if not witness.offers(op):
        return _cases(which, op)[:1] if which == "value" and spec in FRAMEWORKS else []
    # A file may hold forwards alone.
    kinds = SECOND_ORDER if which == "second" else FIRST_ORDER if which in ("derivative", "kink") else ()
    if kinds and not any(witness.differentiates(op, kind) for kind in kinds):
        return []
    labels = _cases(
        "regular" if which in ("otherwise", "batched") else "derivative" if which == "second" else which, op
    )
    if slow:
        return labels
    # Where compiling is what costs, the default tier asks the costly questions about the first case of an operation
    # only, and of no network, whose layers are asked them; and it asks one case in the way (compiled or eager) in which
    # the others were not asked.
    if witness.compile_first and op.values is not None and which in ("second", "batched", "otherwise"):
        return []
    if which == "otherwise":
        return labels[:1] if witness.compile_first else []
    return labels[:1] if witness.compile_first and which in ("second", "batched") else labels


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    mark = metafunc.definition.get_closest_marker("question")
    if mark is None:
        return
    which, needs, dtypes = mark.args[0], mark.kwargs.get("needs", ()), mark.kwargs.get("dtypes")
    slow = bool(metafunc.config.getoption("--crosscheck-slow"))
    params = []
    for op in catalogue().values():
        if "asked" not in metafunc.fixturenames:
            params += [pytest.param(op, label, id=f"{op.name}-{label}") for label in _cases(which, op)]
            continue
        for spec in plugin.specs(metafunc.config):
            witness = plugin.witness(metafunc.config, spec)
            params += [
                pytest.param(Asked(op, label, dtype, witness), id=f"{op.name}-{label}-{dtype}-{witness.name}")
                for label in _asked(which, needs, spec, witness, op, slow)
                for dtype in dtypes or (formats(op, op.draw()[label]) if witness.offers(op) else ("float64",))
                if dtype in witness.dtypes
                and dtype in formats(op, op.draw()[label])
                and (slow or dtype == "float64" or not witness.compile_first or which not in ("second", "batched"))
            ]
    metafunc.parametrize("asked" if "asked" in metafunc.fixturenames else ("op", "label"), params)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All questions about one operation together: its truths and compiled modules are shared, then let go."""
    order = {name: i for i, name in enumerate(catalogue())}
    items.sort(key=lambda item: order.get(_operation(item.nodeid), -1))


def _operation(nodeid: str) -> str:
    """The first part of a test's parameters, which is the operation where it is about one."""
    return nodeid.partition("[")[2].rstrip("]").partition("-")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Each operation to one process, or both would compile its modules and compute its truths."""
    from xdist.scheduler import LoadScopeScheduling

    names = catalogue()

    class ByOperation(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _operation(nodeid) if _operation(nodeid) in names else nodeid

    return ByOperation(config, log)


def pytest_report_header(config: pytest.Config) -> list[str]:
    lines = []
    for spec in plugin.specs(config):
        witness = plugin.witness(config, spec)
        lacks = [n for n in ("vjp", "jvp", "compiled", "batched") if not witness.has(n)]
        lines.append(
            f"crosscheck asks {witness.name}" + (f" (which has no {', '.join(lacks)} of its own)" if lacks else "")
        )
    return lines
