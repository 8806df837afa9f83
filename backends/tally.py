"""Counting verdicts: what became of the questions of a run, per witness."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crosscheck.reference.agreement.verdict import Verdict

SHOWN = ("agrees", "disagrees", "convention", "declared", "kink", "not offered", "raised", "undecided", "vacuous")
WRONG = ("disagrees", "convention", "raised", "undecided", "vacuous")
HEADINGS = ("agreed", "disagreed", "convention", "declared", "kink", "not offered", "raised", "undecided", "vacuous")


def record(witness: str, verdicts: list[Verdict]) -> dict[str, Any]:
    """What a tally keeps of these verdicts, in types that travel between processes."""
    agreed = [v for v in verdicts if v.outcome == "agrees"]
    return {
        "witness": witness,
        "counts": dict(Counter(v.outcome for v in verdicts)),
        "shares": [round(v.share, 4) for v in agreed],
        "ulp": max(((v.ulps, v.question) for v in agreed), default=(0.0, "")),
        "share": max(((v.share, v.question) for v in agreed), default=(0.0, "")),
    }


class Tally:
    """What became of the questions of a run, per witness; fed by the reports, also those of other processes."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = {}
        self.shares: dict[str, list[float]] = {}
        self.worst: dict[str, dict[str, tuple[float, str]]] = {}

    def add(self, record: dict[str, Any]) -> None:
        name = record["witness"]
        self.counts.setdefault(name, Counter()).update(record["counts"])
        self.shares.setdefault(name, []).extend(record["shares"])
        worst = self.worst.setdefault(name, {"ulp": (0.0, ""), "share": (0.0, "")})
        for measure in worst:
            worst[measure] = max(worst[measure], tuple(record[measure]))

    @property
    def compared(self) -> int:
        return sum(n for counts in self.counts.values() for outcome, n in counts.items() if outcome != "not offered")

    @property
    def wrong(self) -> int:
        return sum(counts[o] for counts in self.counts.values() for o in WRONG)

    def table(self) -> list[str]:
        rows: list[tuple[str, ...]] = [("witness", *HEADINGS, "median share", "worst share", "worst ulp")]
        for name, counts in self.counts.items():
            shares = sorted(self.shares[name]) or [0.0]
            worst = self.worst[name]
            numbers = (f"{shares[len(shares) // 2]:.3f}", f"{worst['share'][0]:.2f}", f"{worst['ulp'][0]:.3g}")
            rows.append((name, *(str(counts[o]) for o in SHOWN), *numbers))
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = [
            "  ".join(
                cell.rjust(w) if i else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
            )
            for row in rows
        ]
        for name, worst in self.worst.items():
            if worst["share"][1]:
                lines.append(
                    f"{name}: largest share of the allowance at {worst['share'][1]}, largest ulp at {worst['ulp'][1]}"
                )
        return lines
