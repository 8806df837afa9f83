"""What a run measured, as text: the witnesses side by side, and what they compiled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import exp, log, log10
from statistics import median

MARKS = {
    "*": "checked at a smaller size, at least in part: here rounding explains too much, or the check takes too long",
    "~": "right as a whole, but inaccurate where it is small: some elements are beyond their own allowances",
}


@dataclass(frozen=True)
class Record:
    """One time that was measured."""

    op: str
    size: str
    kind: str
    numbers: int
    witness: str
    median: float
    compiling: float | None
    """Seconds of the first call beyond those of a warm one; None of what is not compiled."""
    marks: str
    """Those of ``MARKS`` that hold."""


def speed(records: Sequence[Record]) -> list[str]:
    """For each operation, size and kind: the median time of each witness, as a multiple of the fastest's, and how
    many times as fast as NumPy it is.
    """
    names = _witnesses(records)
    rows = [["operation", "size", "kind", "numbers"]]
    for name in names:
        rows[0] += [f"{name}  ", "/fastest", *(["x numpy"] if _beside_numpy(name, names) else [])]
    for (op, size, kind), group in groupby(records, lambda r: (r.op, r.size, r.kind)):
        found = {r.witness: r for r in group}
        fastest = min(r.median for r in found.values())
        row = [op, size, kind, str(next(iter(found.values())).numbers)]
        for name in names:
            r, numpy = found.get(name), found.get("numpy")
            row += [f"{_time(r.median)}{r.marks:2}", f"{r.median / fastest:.1f}"] if r else ["-  ", ""]
            if _beside_numpy(name, names):
                row.append(f"{numpy.median / r.median:.2f}" if r and numpy else "")
        rows.append(row)
    legend = [f"{mark} {said}" for mark, said in MARKS.items() if any(mark in r.marks for r in records)]
    return _aligned(rows, left=3) + legend


def overall(records: Sequence[Record]) -> list[str]:
    """Where several witnesses were timed: how often each is the fastest, and the geometric mean of "x numpy"."""
    names = _witnesses(records)
    if len(names) < 2:
        return []
    rows = [["", *(c for n in names for c in (n, *(["x numpy"] if _beside_numpy(n, names) else [])))]]
    sizes, kinds = (list(dict.fromkeys(getattr(r, what) for r in records)) for what in ("size", "kind"))
    placed = sorted(records, key=lambda r: (sizes.index(r.size), kinds.index(r.kind)))
    for (size, kind), group in groupby(placed, lambda r: (r.size, r.kind)):
        tables = [{r.witness: r.median for r in g} for _, g in groupby(group, lambda r: r.op)]
        row = [f"{size} {kind}"]
        for name in names:
            both = [(t["numpy"], t[name]) for t in tables if name in t and "numpy" in t]
            row.append(f"fastest in {sum(min(t, key=lambda n: t[n]) == name for t in tables)} of {len(tables)}")
            if _beside_numpy(name, names):
                row.append(f"{exp(sum(log(n / t) for n, t in both) / len(both)):.2f}" if both else "")
        rows.append(row)
    return _aligned(rows, left=1)


def compilation(records: Sequence[Record]) -> list[str]:
    """Per witness: how many functions were compiled, and how long tracing and compiling took."""
    rows = [["witness", "functions", "together", "median", "longest", "which is"]]
    for name in _witnesses(records):
        compiled = [r for r in records if r.witness == name and r.compiling is not None]
        times = [(r.compiling or 0.0, f"{r.op} {r.size} {r.kind}") for r in compiled]
        if times:
            longest, which = max(times)
            numbers = (sum(t for t, _ in times), median(t for t, _ in times), longest)
            rows.append([name, str(len(times)), *map(_time, numbers), which])
    return _aligned(rows, left=1) if rows[1:] else []


def _time(t: float) -> str:
    """Three digits and a unit: 12.3 us."""
    for unit, scale in (("ns", 1e9), ("us", 1e6), ("ms", 1e3), ("s", 1.0)):
        if t * scale < 999.5 or unit == "s":
            break
    digits = max(0, 2 - int(log10(max(t * scale, 1))))
    return f"{t * scale:.{digits}f} {unit}"


def _witnesses(records: Sequence[Record]) -> list[str]:
    return list(dict.fromkeys(r.witness for r in records))


def _beside_numpy(name: str, names: list[str]) -> bool:
    return "numpy" in names and name != "numpy"


def _aligned(rows: Sequence[Sequence[str]], left: int) -> list[str]:
    """Columns: the first ``left`` of them flush left, the others flush right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = (
        [c.ljust(w) if k < left else c.rjust(w) for k, (c, w) in enumerate(zip(row, widths, strict=True))]
        for row in rows
    )
    return ["  ".join(row).rstrip() for row in padded]
