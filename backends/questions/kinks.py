"""At a kink any subgradient is right, and nothing else is."""

from __future__ import annotations

from functools import partial

import numpy as np

from crosscheck.reference import Op
from crosscheck.reference.agreement.allowance import SLACK
from crosscheck.reference.agreement.conduct import hint, no_subgradient, not_linear_in_ybar
from crosscheck.reference.agreement.diagnosis import Hint, diagnose
from crosscheck.reference.agreement.subgradient import flat, gradients_nearby, nearest, rounding_of, unit_cotangents
from crosscheck.reference.agreement.truth import point
from crosscheck.reference.agreement.verdict import Verdict

from ..witness import Witness
from .examined import examined, question


def ask_kink(witness: Witness, op: Op, label: str, dtype: str) -> list[Verdict]:
    """At a kink the derivative of each output must lie in its set of subgradients, and be linear in ybar."""
    name = question("kink", op.name, label, dtype)

    def produce():
        p = point(op, label, dtype)
        hulls = gradients_nearby(p)
        total = np.zeros(sum(np.size(p.args[i]) for i in p.wrt))
        slack = np.zeros_like(total)
        weights = flat(p.ybar)
        for k, (unit, vertices) in enumerate(zip(unit_cotangents(p), hulls, strict=True)):
            got = flat(witness.answer(p, "vjp", ybar=unit))
            allowed = rounding_of(p, unit, vertices)
            yield _inside(f"{name}, output element {k + 1}", got, vertices, allowed)
            total, slack = total + weights[k] * got, slack + abs(weights[k]) * allowed
        got = flat(witness.answer(p, "vjp"))
        slack = slack + (SLACK * flat(p.rounding("vjp"))) + np.abs(total) * 2.0 ** (1 - p.form.bits)
        off = np.abs(got - total) > slack
        linear = bool(np.all(np.isfinite(got)) and not np.any(off))
        yield Verdict(
            f"{name}, random cotangent",
            "kink" if linear else "disagrees",
            "" if linear else f"the VJP is not linear in ybar: elements {np.flatnonzero(off).tolist()}",
            why=partial(hint, not_linear_in_ybar),
        )
        if witness.has("jvp") or witness.backend.find(f"{op.name}_jvp"):
            ydot, along = flat(witness.answer(p, "jvp")), flat(p.xdot)
            for k, (unit, vertices) in enumerate(zip(unit_cotangents(p), hulls, strict=True)):
                ends = vertices @ along
                room = np.abs(along) @ rounding_of(p, unit, vertices) + SLACK * abs(ydot[k]) * 2.0**-p.form.bits
                inside = bool(ends.min() - room <= ydot[k] <= ends.max() + room)
                yield Verdict(
                    f"{name}, jvp of output element {k + 1}",
                    "kink" if inside else "disagrees",
                    "" if inside else f"got {ydot[k]}, the directional derivatives lie in [{ends.min()}, {ends.max()}]",
                )

    return examined(witness, name, produce)


def _inside(name: str, got: np.ndarray, vertices: np.ndarray, allowed: np.ndarray) -> Verdict:
    if not np.all(np.isfinite(got)):
        return Verdict(name, "disagrees", f"got {got.tolist()}, but every subgradient is finite")
    best = nearest(vertices, got)
    solver = 1e-13 * np.max(np.abs(vertices), initial=1e-300)  # the error of the nearest point itself, in float64
    outside = np.abs(best - got) > allowed + solver
    if np.any(outside):
        reason = f"got {got.tolist()}, which is no subgradient; the nearest is {best.tolist()}"
        return Verdict(name, "disagrees", reason, why=partial(_slope, got, vertices))
    return Verdict(name, "kink")


def _slope(got: np.ndarray, vertices: np.ndarray) -> Hint | None:
    """Away from the kink one slope is right, and the answer is compared with it as any other."""
    return diagnose(got, vertices[0]) if len(vertices) == 1 else hint(no_subgradient, got, vertices)
