"""The confusion matrix of the diagnosis: each slip is planted in turn, and what crosscheck says of it is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from crosscheck.reference import Op, Slip, known_slips
from crosscheck.reference.agreement.truth import as_tuple
from crosscheck.reference.agreement.verdict import GOOD, Verdict

from .questions import interrogate
from .witness import Witness

RIGHT, NOISE = "nothing, the right text", "noise of a tenth"
"""What is planted beside the slips: no slip may be seen in either."""


@dataclass(frozen=True)
class Planted:
    """What was planted in an operation, whether a question found it, and what the wrong answers were told to be."""

    op: str
    what: str
    caught: bool
    convention: bool
    """Whether an answer was seen to be right elsewhere."""
    told: tuple[str, ...]
    """The codes, that of the first wrong answer first, each once."""

    @property
    def code(self) -> str:
        return f"{self.op}.{self.what}"

    @property
    def others(self) -> tuple[str, ...]:
        """The slips that it was told to be and is not."""
        return tuple(told for told in self.told if "." in told and told != self.code)

    @property
    def itself(self) -> bool:
        """Whether it was told to be itself before anything else, and no other slip."""
        return self.told[:1] == (self.code,) and not self.others


def plant(op: Op, slip: Slip) -> Planted:
    """One who makes the slip and writes everything else as the reference does, asked every question in float64."""
    return _asked(op, slip.name, slip.forward or op.forward, slip.vjp or op.vjp, slip.hvp)


def right(op: Op) -> Planted:
    """One who is right."""
    return _asked(op, RIGHT, op.forward, op.vjp)


def noise(op: Op) -> Planted:
    """One who is wrong in no known way: every number is off by about a tenth."""
    chance = np.random.default_rng(5)

    def disturbed(f: Callable[..., Any]) -> Callable[..., Any]:
        def g(*args, **params):
            y = f(*args, **params)
            whole = [v if v is None else v * (1 + 0.1 * chance.normal(size=np.shape(v))) for v in as_tuple(y)]
            return tuple(whole) if isinstance(y, tuple) else whole[0]

        return g

    noisy = (disturbed(op.forward), op.vjp and disturbed(op.vjp))
    return _asked(op, NOISE, *noisy)


def confusion(ops: Iterable[Op], told: Callable[[str], None] = lambda name: None) -> list[Planted]:
    """Every slip of the operations and the controls; ``told`` hears the name of each operation before it is asked."""
    found: list[Planted] = []
    for op in ops:
        told(op.name)
        found += [right(op), noise(op), *(plant(op, slip) for slip in known_slips().get(op.name, ()))]
    return found


def confused(found: Iterable[Planted]) -> list[Planted]:
    """Those that were not what they should be: a slip not told to be itself alone; noise that was not caught, the right
    text that was, or either told to be a slip.
    """
    return [p for p in found if (p.others or p.caught == (p.what == RIGHT) if control(p) else not p.itself)]


def control(planted: Planted) -> bool:
    return planted.what in (RIGHT, NOISE)


def _asked(op: Op, what: str, forward: Any, vjp: Any, hvp: Any = None) -> Planted:
    own: Mapping[str, Any] = {op.name: forward, f"{op.name}_vjp": vjp, f"{op.name}_hvp": hvp}
    witness = Witness(SimpleNamespace(find=own.get, dtypes=("float64",)), "mine")
    wrong: list[Verdict] = [v for v in interrogate(witness, op, 1) if v.outcome not in (*GOOD, "not offered")]
    hints = [hint.code for v in wrong if (hint := v.hint()) is not None]
    convention = any(v.outcome == "convention" for v in wrong)
    return Planted(op.name, what, bool(wrong), convention, tuple(dict.fromkeys(hints)))
