"""How a question is called, how it is put, and what a wrong answer is shown with."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from crosscheck.reference.agreement.truth import Point
from crosscheck.reference.agreement.verdict import Verdict
from crosscheck.reference.arithmetic.ball import Undecided

from .. import Misfit
from ..intermediates import origin
from ..limits import TooLong, kept_quiet, time_limit
from ..reproduce import script
from ..witness import NotOffered, Witness


def question(kind: str, op: str, label: str, dtype: str) -> str:
    """The name of a question: what a declared disagreement's pattern is matched against."""
    return f"{kind}:{op}-{label}-{dtype}"


def examined(witness: Witness, name: str, produce: Callable[[], Iterable[Verdict]]) -> list[Verdict]:
    """The verdicts, or the one that says why there are none."""
    if name.rpartition("-")[2] not in witness.dtypes:
        return [Verdict(name, "not offered", f"{witness.name} offers {', '.join(witness.dtypes)}")]
    op = name.partition(":")[2].partition("-")[0]
    if op in witness.unanswerable:
        return [Verdict(name, "not offered", f"not asked: an earlier question says what is wrong with {op}")]
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a warning neither answers nor refuses
            if witness.seconds is None:
                return list(produce())
            with time_limit(witness.seconds), kept_quiet() as printed:
                verdicts = list(produce())
            witness.printed += len(printed.getvalue().splitlines())
            return verdicts
    except (NotOffered, NotImplementedError) as error:
        return [Verdict(name, "not offered", str(error))]
    except (TooLong, Misfit) as error:
        witness.unanswerable.add(op)
        return [Verdict(name, "raised", str(error))]
    except Undecided as error:
        return [Verdict(name, "undecided", str(error))]
    except Exception as error:
        return [Verdict(name, "raised", f"{type(error).__name__}: {error}")]


def part_name(name: str, draw: int, k: int, of: int, what: str) -> str:
    """The question with its draw and, of several arrays, the number of one."""
    return name + (f", draw {draw}" if draw else "") + (f", {what} {k + 1} of {of}" if of > 1 else "")


def with_script(witness: Witness, p: Point, kind: str, verdicts: list[Verdict]) -> list[Verdict]:
    """Wrong verdicts with the script that shows the answer without crosscheck."""
    return [
        replace(v, origin=origin(witness, p, kind), reproduction=script(witness, p, kind))
        if v.outcome in ("disagrees", "convention", "vacuous")
        else v
        for v in verdicts
    ]
