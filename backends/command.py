"""The console command: asks the catalogue, trains, fits, and sums up."""

from __future__ import annotations

import argparse
import difflib
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from rich.console import Console
from rich.progress import Progress, TaskID

from crosscheck.reference import Op
from crosscheck.reference import catalogue as operations
from crosscheck.reference.agreement.verdict import Verdict

from . import BUILT_IN, FRAMEWORKS, BackendError, installed, pages, screen, tasks
from .card import card
from .confusion import confused, confusion
from .coverage import LIBRARIES, coverage
from .survey import DTYPES, KINDS, survey
from .tally import Tally, record
from .threads import one_thread
from .training import Task
from .witness import Witness, called

QUICK_STEPS = 10
EPILOG = """\
exit status: 0 all answers that were compared are right or declared; 1 some are wrong, or right by another convention
only; 2 nothing could be compared

examples:
  crosscheck                        all installed frameworks, everything
  crosscheck --quick torch          PyTorch, at a glance
  crosscheck torch:cuda jax         PyTorch on the GPU, and JAX
  crosscheck mine.py --op softmax --no-training
  crosscheck torch --no-catalogue --task CNN --task 'M*'
  crosscheck explain other-sign     what a diagnosis means; without a code, all that there are
  crosscheck show softmax           its formula, its derivation, and the same lines in NumPy, PyTorch and JAX
  crosscheck learn                  a workbook: write the operations yourself, from the dot product on
  crosscheck slips                  plants every known mistake, and counts what each is told to be
  crosscheck coverage               which functions of the frameworks the catalogue covers
"""


@dataclass(frozen=True)
class Results:
    """What was found: counted by part, one by one, and what the networks of each witness are worth, by task."""

    parts: dict[str, Tally]
    found: list[tuple[str, Verdict]]
    scores: dict[str, dict[str, list[str]]]

    def add(self, part: str, witness: str, verdicts: list[Verdict]) -> None:
        self.parts[part].add(record(witness, verdicts))
        self.found.extend((witness, v) for v in verdicts)


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        prog="crosscheck",
        description="Ask machine-learning frameworks the mathematics of machine learning, and compare with the truth.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.add_argument(
        "spec",
        nargs="*",
        metavar="SPEC",
        help="whom to ask: numpy, torch, jax, numpy_fast, scipy, sklearn, each optionally with a device (torch:cuda), "
        "a .py file of plain functions, or a module; without any, all of the six that are installed",
    )
    p.add_argument("--quick", action="store_true", help="one case of each operation in float64, ten training steps")
    p.add_argument(
        "--op", action="append", metavar="NAME", help="only these operations, such as 'batch_norm*'; repeatable"
    )
    p.add_argument(
        "--draws", type=_positive, default=1, metavar="N", help="how often the data of each case is drawn (1)"
    )
    p.add_argument(
        "--task", action="append", metavar="NAME", help="only these trainings, such as 'CNN*', and no fits; repeatable"
    )
    p.add_argument("--steps", type=_positive, metavar="N", help="stop each training after N steps")
    p.add_argument("--no-catalogue", action="store_true", help="leave the catalogue out")
    p.add_argument("--no-training", action="store_true", help="leave out what is trained and fitted on data")
    return p


def _positive(text: str) -> int:
    n = int(text)
    if n < 1:
        raise ValueError(text)
    return n


def main(argv: Sequence[str] | None = None) -> int:
    """Run the job; the return value is the exit status."""
    argv = sys.argv[1:] if argv is None else argv
    if argv and argv[0] in SUBCOMMANDS:
        return SUBCOMMANDS[argv[0]](argv[1:])
    options = parser().parse_args(argv)
    page = screen.console()
    try:
        ops = _chosen("operation", operations(), options.op)
        trained, untrained = ([], []) if options.no_training else _tasks(options)
        witnesses = [called(spec, KINDS) for spec in dict.fromkeys(options.spec or installed())]
    except (BackendError, ValueError) as error:
        print(f"crosscheck: {error}", file=sys.stderr)
        return 2
    skipped = untrained + [
        f"{name} was not asked: it is not installed (pip install 'crosscheck-ml[{name}]')"
        for name in BUILT_IN
        if not options.spec and name not in installed()
    ]
    results = Results({part: Tally() for part in ("catalogue", "training", "fits")}, [], {})
    page.print(f"crosscheck asks {', '.join(_version(w) for w in witnesses)}")
    times = []
    parts = {"catalogue": (_catalogue, [] if options.no_catalogue else ops), "training": (_training, trained)}
    for title, (part, asked) in parts.items():
        if asked:
            began = time.perf_counter()
            skipped += part(page, witnesses, asked, options, results)
            times.append(f"{title} {time.perf_counter() - began:.0f} s")
    skipped += [f"{w.name} printed {w.printed} lines, which are not shown." for w in witnesses if w.printed]
    for problem in screen.problems(results.found):
        page.print(problem, soft_wrap=True)
    page.print(screen.summary(results.parts, results.scores, ", ".join(times), skipped))
    if not any(tally.compared for tally in results.parts.values()):
        print("crosscheck: nothing was compared", file=sys.stderr)
        return 2
    return int(any(tally.wrong for tally in results.parts.values()))


def _chosen(what: str, known: Mapping[str, Any], patterns: Sequence[str] | None) -> list[Any]:
    for pattern in patterns or ():
        if not any(fnmatchcase(name, pattern) for name in known):
            close = difflib.get_close_matches(pattern, known, n=1)
            raise BackendError(f"there is no {what} {pattern!r}" + (f"; did you mean {close[0]!r}?" if close else ""))
    return [x for name, x in known.items() if not patterns or any(fnmatchcase(name, p) for p in patterns)]


def _tasks(options: argparse.Namespace) -> tuple[list[Task], list[str]]:
    """What is to be trained or, without the data, why nothing is."""
    try:
        every = {task.name: task for task in tasks.every()}
    except ImportError:
        return [], [
            "Nothing was trained: scikit-learn and its data are not installed (pip install 'crosscheck-ml[sklearn]')."
        ]
    quick = options.quick and not options.task
    return [task for task in _chosen("task", every, options.task) if task.quick or not quick], []


def _coverage(argv: Sequence[str]) -> int:
    """Print what is covered; it fails where a function is neither covered nor explained."""
    if argv:
        print(f"crosscheck coverage: it takes no arguments, got {' '.join(argv)}", file=sys.stderr)
        return 2
    page = screen.console()
    libraries = [library for library in LIBRARIES if library.backend in installed()]
    if not libraries:
        print("crosscheck: neither torch nor jax is installed: there is nothing to cover", file=sys.stderr)
        return 2
    rows = coverage(libraries)
    page.print(screen.coverage(rows))
    return int(any(row.unexplained for row in rows))


def _explain(argv: Sequence[str]) -> int:
    """Print the page of a diagnosis, or the codes that there are."""
    page = screen.console()
    if not argv:
        page.print(screen.codes(pages.codes()))
        return 0
    try:
        texts = [pages.page(code) for argument in argv for code in argument.split("+")]
    except ValueError as error:
        print(f"crosscheck explain: {error}", file=sys.stderr)
        return 2
    for text in texts:
        page.print(text, markup=False, soft_wrap=False)
    return 0


def _show(argv: Sequence[str]) -> int:
    """Print the card of each operation that is named."""
    page = screen.console()
    try:
        if not argv:
            raise BackendError("give one: crosscheck show OP, such as crosscheck show softmax")
        ops = _chosen("operation", operations(), argv)
    except BackendError as error:
        print(f"crosscheck show: {error}", file=sys.stderr)
        return 2
    witnesses = [called(name, KINDS) for name in FRAMEWORKS if name in installed()]
    for op in ops:
        page.print(screen.card(card(op, witnesses)))
    return 0


def _learn(argv: Sequence[str]) -> int:
    """The workbook."""
    from .learn import command

    return command.main(argv)


def _slips(argv: Sequence[str]) -> int:
    """Print the confusion matrix of the slips; it fails where one is confused."""
    page = screen.console()
    try:
        ops = _chosen("operation", operations(), argv)
    except BackendError as error:
        print(f"crosscheck slips: {error}", file=sys.stderr)
        return 2
    one_thread()
    with screen.progress(page) as bar:
        task = bar.add_task("", total=len(ops))
        found = confusion(ops, lambda name: bar.update(task, advance=1, description=name))
    page.print(screen.confusion(found, each=bool(argv)))
    return int(bool(confused(found)))


SUBCOMMANDS = {"coverage": _coverage, "explain": _explain, "learn": _learn, "show": _show, "slips": _slips}


def _version(witness: Witness) -> str:
    module = sys.modules.get(witness.name.partition(":")[0])
    version = getattr(module, "__version__", "")
    return f"{witness.name} {version}" if version else witness.name


def _catalogue(
    page: Console, witnesses: list[Witness], ops: Sequence[Op], options: argparse.Namespace, results: Results
) -> list[str]:
    page.print()
    dtypes, cases = (DTYPES[:1], 1) if options.quick else (DTYPES, None)
    page.print(screen.heading(f"The catalogue: {len(ops)} operations, value and VJP, {' and '.join(dtypes)}"))
    with screen.progress(page) as bar:
        task = bar.add_task("", total=len(ops) * len(witnesses))
        for op, witness, verdicts in survey(witnesses, ops, options.draws, cases, dtypes):
            results.add("catalogue", witness.name, verdicts)
            bar.update(task, advance=1, description=f"{op.name}, {witness.name}")
    page.print(screen.catalogue(results.parts["catalogue"]))
    return []


def _training(
    page: Console, witnesses: list[Witness], chosen: Sequence[Task], options: argparse.Namespace, results: Results
) -> list[str]:
    """Train and fit; the result is what was not run, and why."""
    skipped = _train(page, chosen, witnesses, options, results)
    if options.task:
        return skipped
    from .fitting import FITS

    if not any(w.backend.find(name) for w in witnesses for name in FITS):
        return [*skipped, f"Nothing was fitted: {', '.join(w.name for w in witnesses)} offers no fit."]
    _fit(page, witnesses, results)
    return skipped


def _train(
    page: Console, chosen: Sequence[Task], witnesses: list[Witness], options: argparse.Namespace, results: Results
) -> list[str]:
    from .trial import examine

    steps = options.steps or (QUICK_STEPS if options.quick else None)
    learners = [w for w in witnesses if any(w.backend.find(task.loss) for task in chosen)]
    others = [w.name for w in witnesses if w not in learners]
    if learners:
        page.print(screen.lesson())
    for task in chosen if learners else ():
        reports = []
        with screen.progress(page) as bar:
            line = bar.add_task("", total=None)
            for dtype in DTYPES:
                told = partial(_told, bar, line, f"{task.name}, {dtype}")
                reports.append(examine(task.cut(steps) if steps else task, dtype, learners, told))
        page.print(screen.training(reports))
        for report in reports:
            for trial in report.trials:
                results.add("training", trial.witness, trial.verdicts)
                if trial.score is not None and not steps:
                    row = results.scores.setdefault(f"{task.name}, {task.exam.measure.name}", {})
                    row.setdefault(trial.witness, []).append(task.exam.shown(trial.score))
    return [f"Not trained, for want of a network: {', '.join(others)}."] if others else []


def _fit(page: Console, witnesses: list[Witness], results: Results) -> None:
    from .fitting import fits

    page.print()
    page.print(screen.heading("Fits in one go, with scikit-learn as a witness; float64"))
    rows = []
    with screen.progress(page) as bar:
        line = bar.add_task("the truth of the fits, in balls", total=None)
        sklearn = [] if any(w.name == "sklearn" for w in witnesses) else [called("sklearn", KINDS)]
        for title, witness, verdicts in fits(tasks.digits.load(), [*witnesses, *sklearn]):
            bar.update(line, description=f"{title}: {witness.name}")
            rows.append((title, witness.name, verdicts))
            results.add("fits", witness.name, verdicts)
    page.print(screen.fits(rows))


def _told(bar: Progress, line: TaskID, title: str, text: str) -> None:
    bar.update(line, description=f"{title}: {text}")
