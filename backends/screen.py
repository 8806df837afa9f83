"""How the results of the main job look: plain text that is also pretty on a terminal."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import numpy as np
from rich import box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from crosscheck.reference import catalogue as operations
from crosscheck.reference.agreement.verdict import GOOD, WRONG, Verdict

from .card import Card
from .confusion import NOISE, RIGHT, Planted, confused, control
from .coverage import Row
from .spread import FACTOR, RUNS
from .tally import Tally
from .trial import Report, Trial

WIDTH = 110
"""Of the page where there is no terminal to ask."""
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
MESSAGES, LINES = 5, 25
"""So many wrong answers are shown with their whole message, so many more in a line each."""


def console() -> Console:
    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else WIDTH
    return Console(width=width, highlight=False)


def progress(screen: Console) -> Progress:
    """A bar on a terminal, nothing anywhere else."""
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), console=screen, transient=True, disable=not screen.is_terminal)


def heading(text: str) -> Rule:
    return Rule(Text(text, style="bold"), align="left")


def note(text: str, style: str = "") -> Text:
    return Text(text, style=style)


def _table(*columns: str, left: int = 1) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for i, column in enumerate(columns):
        table.add_column(column, justify="left" if i < left else "right", overflow="fold")
    return table


def _count(n: int, style: str = "") -> Text:
    return Text(str(n), style=style if n else "dim")


def catalogue(tally: Tally) -> Group:
    """The counts per witness, and where each came closest to its allowance."""
    table = _table(
        *("witness", "agreed", "disagreed", "convention", "declared", "not offered", "raised", "undecided"),
        *("median", "worst"),
    )
    notes = []
    for name, counts in tally.counts.items():
        shares, worst = tally.shares[name] or [0.0], tally.worst[name]
        table.add_row(
            Text(name, style="bold"),
            _count(counts["agrees"] + counts["kink"], "green"),
            _count(counts["disagrees"], "bold red"),
            _count(counts["convention"], "bold magenta"),
            _count(counts["declared"], "yellow"),
            _count(counts["not offered"]),
            _count(counts["raised"], "bold red"),
            _count(counts["undecided"] + counts["vacuous"], "bold red"),
            f"{np.median(shares):.1%}",
            f"{worst['share'][0]:.0%}",
        )
        if worst["share"][1]:
            notes.append(f"{name}: nearest to its allowance in {worst['share'][1]}")
            notes.append(f"{' ' * len(name)}  most ulp, {worst['ulp'][0]:.3g}, in {worst['ulp'][1]}")
    explained = "median and worst: the share of the allowance (what rounding may do to the answer) that was used up"
    return Group(table, note(explained, "dim"), *(note(line, "dim") for line in notes))


def lesson() -> Group:
    """What the tables of a training say."""
    lines = (
        "Every witness trains the same networks, from the same weights, on the same batches, judged at each step:",
        "  allowance  of the first steps of some: how much of the rounding bound, certified in balls, was used up;",
        f"  drift      of the others: the distance from NumPy, as a share of {FACTOR:g} spreads. The spread is how far",
        f"             {RUNS} NumPy runs come away that begin one ulp apart and add in another order: all are right;",
        "  kinks      steps at which rounding chose another branch of relu or max pooling, and was followed there",
        "             (of the spread, the runs that did not turn off so are left);",
        "  apart      the largest relative difference of a weight from NumPy's, and the spread of that.",
    )
    return Group(Text(""), heading("Training"), *(note(line, "dim") for line in lines))


def training(reports: Sequence[Report]) -> Group:
    """One task in each format: the verdicts, and how the weights of the witnesses drift apart."""
    task = reports[0].task
    table = _table(
        "", "", "answers", "agreed", "allowance", "drift", "kinks", task.exam.measure.name, "seconds", left=2
    )
    for report in reports:
        for trial in report.trials:
            table.add_row(*_trial(report, trial))
    steps = "step 1" if task.certified == 1 else f"steps 1 to {task.certified}"
    compared = f"{steps} certified, " if task.certified else ""
    title = Text(f"{task.name}: {task.about}; {compared}compared to step {task.compared}", style="bold")
    return Group(Text(""), title, table, _growth(reports))


def _trial(report: Report, trial: Trial) -> list[Text | str]:
    wrong = [v for v in trial.verdicts if v.outcome in WRONG]
    agreed = [v for v in trial.verdicts if v.outcome in GOOD]
    steps = [(int(v.question.split(", ")[1].removeprefix("step ")), v) for v in agreed if ", step " in v.question]
    certified = [v.share for t, v in steps if t <= report.task.certified]
    drifting = [v.share for t, v in steps if t > report.task.certified]
    kinks = {t for t, v in steps if v.outcome == "kink"}
    not_offered = any(v.outcome == "not offered" for v in trial.verdicts)
    return [
        Text(trial.witness, style="bold red" if wrong else "bold"),
        report.dtype,
        Text("not offered" if not_offered else str(len(agreed) + len(wrong)) if trial.verdicts else "reference"),
        _count(len(agreed), "green"),
        f"{max(certified):.0%}" if certified else "",
        f"{max(drifting):.0%}" if drifting else "",
        _count(len(kinks), "yellow"),
        "" if trial.score is None else report.task.exam.shown(trial.score),
        f"{trial.seconds:.1f}",
    ]


def _growth(reports: Sequence[Report]) -> Table:
    """The largest relative difference of any weight from NumPy's, at some steps."""
    reports = [report for report in reports if len(report.growth)]
    last = max((len(growth) for r in reports for growth in (r.growth, *(t.growth for t in r.trials))), default=0)
    if not last:
        return _table()
    steps = [*(s for s in STEPS if s < last), last]
    table = _table("apart at step", "", *map(str, steps), left=2)
    for report in reports:
        together = RUNS - int(report.turned[-1])
        title = f"spread of {together} runs"
        table.add_row(Text(title, style="italic"), report.dtype, *(_apart(report.growth, s) for s in steps))
        for trial in report.trials:
            if np.any(trial.growth):
                table.add_row(Text(trial.witness), report.dtype, *(_apart(trial.growth, s) for s in steps))
    return table


def _apart(growth: np.ndarray, step: int) -> str:
    return f"{growth[step - 1]:.0e}" if step <= len(growth) else ""


def fits(rows: Sequence[tuple[str, str, list[Verdict]]]) -> Table:
    """One line for each fit and each witness that offers it."""
    table = _table("", "witness", "outcome", "worst, in ulp", "allowed", "share", left=2)
    before = ""
    for title, witness, verdicts in rows:
        if all(v.outcome == "not offered" for v in verdicts):
            continue
        other = next((v.outcome for v in verdicts if v.outcome not in GOOD), "agrees")
        styles = {"agrees": "green", "declared": "yellow", "convention": "bold magenta"}
        outcome = Text(other, style=styles.get(other, "bold red"))
        worst = max(verdicts, key=lambda v: v.share)
        share = f"{worst.share:.1%}" if worst.share <= 1 else "beyond"
        numbers = (f"{worst.ulps:.3g}", f"{worst.allowed_ulps:.3g}", share) if worst.share else ("exact", "", "")
        table.add_row(title if title != before else "", witness, outcome, *numbers)
        before = title
    return table


def coverage(rows: Sequence[Row]) -> Group:
    """A table for each library, and how many of its functions are covered."""
    tables: list[RenderableType] = []
    for library, group in groupby(rows, lambda row: row.library):
        table, covered, total = _table(library, "covered by, or why not", left=2), 0, 0
        for row in group:
            table.add_row(Text(row.function), _covered(row))
            covered, total = covered + bool(row.operations), total + 1
        tables += [table, Text(f"{covered} of {total} public functions of {library} are covered\n", style="bold")]
    return Group(*tables)


def _covered(row: Row) -> Text:
    if row.operations:
        return Text(", ".join(row.operations[:3]) + (", ..." if len(row.operations) > 3 else ""), style="green")
    return Text(row.reason or "neither covered nor explained", style="" if row.reason else "bold red")


def card(shown: Card) -> Group:
    """What is known of an operation, and its programs."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for title, paragraph in shown.text:
        table.add_row(Text(title), Text(paragraph, style="bold" if title == "formula" else ""))
    parts: list[RenderableType] = [heading(shown.name), table]
    for name, program in shown.programs.items():
        parts += [
            Text(f"\n{name}", style="bold"),
            Syntax(program.source, "python", background_color="default", word_wrap=True),
        ]
    return Group(*parts)


def codes(found: Mapping[str, str]) -> Table:
    """What can be explained, in a line each."""
    table = _table("code", "what it says", left=2)
    for code, line in found.items():
        table.add_row(Text(code, style="bold"), Text(line))
    return table


def confusion(found: Sequence[Planted], each: bool) -> Group:
    """The matrix by family: how many slips were told to be what; then what was confused. ``each``: slip by slip too."""
    families, slips = {name: op.family for name, op in operations().items()}, [p for p in found if not control(p)]
    table = _table("family", "slips", "caught", "told to be itself", "another slip", "a relation alone", "nothing")
    for family in dict.fromkeys(families[p.op] for p in slips):
        table.add_row(Text(family, style="bold"), *_confusion([p for p in slips if families[p.op] == family]))
    table.add_section()
    table.add_row(Text("all", style="bold"), *_confusion(slips))
    parts: list[RenderableType] = [table]
    for what in (RIGHT, NOISE):
        controls = [p for p in found if p.what == what]
        caught, seen = sum(p.caught for p in controls), sum(bool(p.others) for p in controls)
        parts.append(
            Text(f"{what}, planted in {len(controls)} operations: caught in {caught}, told to be a slip in {seen}")
        )
    if each:
        rows = _table("planted", "told to be, of the first wrong answer and then of others", left=2)
        for p in slips:
            rows.add_row(Text(p.code, style="bold"), Text(", ".join(p.told) or "nothing"))
        parts += [Text(""), rows]
    wrong = confused(found)
    parts += [Text(f"{p.code} is told to be {', '.join(p.told) or 'nothing'}", style="bold red") for p in wrong]
    count = f"{len(slips)} slips planted in {len({p.op for p in found})} operations: "
    is_right = f"{count}all are caught, and told to be themselves and no other"
    return Group(*parts, Text(f"{count}{len(wrong)} confused" if wrong else is_right, style="bold"))


def _confusion(slips: Sequence[Planted]) -> list[Text]:
    alone = sum(bool(p.told) and not p.itself and not p.others for p in slips)
    itself, others = sum(p.itself for p in slips), sum(bool(p.others) for p in slips)
    counts = (_count(len(slips)), _count(sum(p.caught for p in slips)), _count(itself, "green"))
    return [*counts, *(_count(n, "bold red") for n in (others, alone, sum(not p.told for p in slips)))]


def problems(found: Iterable[tuple[str, Verdict]]) -> Iterator[Text]:
    """The wrong answers with their messages, and the declared ones, counted by their reason; not to be wrapped."""
    found = list(found)
    declared = [(name, v.reason) for name, v in found if v.outcome == "declared"]
    for witness in dict.fromkeys(name for name, _ in declared):
        for reason, n in Counter(reason for name, reason in declared if name == witness).items():
            yield Text(f"declared: {witness}, {n} {'answer' if n == 1 else 'answers'}: {reason}", "yellow")
    wrong = [(name, v) for name, v in found if v.outcome in WRONG]
    for name, v in wrong[:MESSAGES]:
        yield Text(f"\n{name}  {v.message()}")
    for name, v in wrong[MESSAGES : MESSAGES + LINES]:
        numbers = f"got {v.got!r}, want {v.want!r}, off by {v.ulps:.3g} ulp, {v.allowed_ulps:.3g} allowed"
        hint = v.hint() if v.outcome == "convention" else None
        yield Text(f"{name}  {v.question}: {v.outcome}; {v.reason or (hint.words if hint else numbers)}")
    if len(wrong) > MESSAGES + LINES:
        yield Text(f"and {len(wrong) - MESSAGES - LINES} more")


def summary(
    parts: Mapping[str, Tally], scores: Mapping[str, Mapping[str, list[str]]], times: str, skipped: Sequence[str]
) -> Panel:
    """What it comes to: for each witness its answers in each part, and what its networks are worth."""
    run = {part: tally for part, tally in parts.items() if tally.counts}
    wrong = sum(tally.wrong for tally in run.values())
    other = sum(counts["convention"] for tally in run.values() for counts in tally.counts.values())
    known = sum(counts["declared"] for tally in run.values() for counts in tally.counts.values())
    compared = sum(tally.compared for tally in run.values())
    verdict, style = f"All {compared} answers are right, as far as rounding lets them.", "green"
    if known:
        verdict = f"All {compared} answers are right, but for {known} that are declared to be wrong."
    if wrong:
        verdict, style = f"{wrong} of {compared} answers are wrong.", "red"
    if other:
        verdict = f"{wrong - other} of {compared} answers are wrong, {other} follow another convention and fail too."
    if not compared:
        verdict, style = "Nothing was compared.", "red"
    table = _table("right answers", *run)
    for name in dict.fromkeys(name for tally in run.values() for name in tally.counts):
        table.add_row(Text(name, style="bold"), *(_score(tally.counts.get(name, {})) for tally in run.values()))
    notes = [Text(text, style="yellow") for text in skipped]
    parts_of_it = [Text(verdict, style=f"bold {style}"), Text(""), table, *_worth(scores), Text(""), *notes]
    return Panel(Group(*parts_of_it, Text(times, style="dim")), border_style=style, expand=False)


def _worth(scores: Mapping[str, Mapping[str, list[str]]]) -> Iterator[Text | Table]:
    """One line for each network, one column for each witness that trained any."""
    witnesses = list(dict.fromkeys(name for row in scores.values() for name in row))
    if witnesses:
        table = _table("on the test set, in float64 / float32", *witnesses)
        for title, row in scores.items():
            table.add_row(Text(title), *(" / ".join(row.get(name, [])) for name in witnesses))
        yield from (Text(""), table)


def _score(counts: Mapping[str, int]) -> Text:
    good, wrong = (sum(counts.get(o, 0) for o in outcomes) for outcomes in (GOOD, WRONG))
    other = counts.get("convention", 0)
    if not good + wrong + counts.get("declared", 0):
        return Text("")
    if wrong:
        found = [f"{wrong - other} wrong"] if wrong > other else []
        found += [f"{other} by another convention"] if other else []
        return Text(", ".join([str(good), *found]), style="bold red")
    return Text(f"{good}" + (f" ({counts['declared']})" if counts.get("declared") else ""), style="green")
