"""What an installed crosscheck adds to anybody's pytest: ``--crosscheck=SPEC``, and the fixture ``crosscheck``.

::

    def test_my_softmax(crosscheck):
        crosscheck("softmax", my_softmax, vjp=my_softmax_vjp)

asks ``my_softmax`` every question about softmax and fails with the reason. Nothing heavy is imported before
a question is asked.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from .tally import Tally, record

if TYPE_CHECKING:
    from crosscheck.reference.agreement.verdict import Verdict

    from .witness import Witness

PROPERTY = "crosscheck"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("crosscheck", "framework cross-check of the mathematics of machine learning")
    group.addoption(
        "--crosscheck",
        action="append",
        metavar="SPEC",
        help="--crosscheck=SPEC: a witness to ask: numpy, torch, jax (or torch:cuda ...), a .py file, or a module; "
        "repeatable; without it, all built-in witnesses that are installed",
    )
    group.addoption(
        "--crosscheck-draws", type=int, default=2, metavar="N", help="how often the data of each case is drawn (2)"
    )
    group.addoption(
        "--crosscheck-slow", action="store_true", help="the slower tier too: torch.compile, every case eager in jax"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[WITNESSES] = {}
    config.stash[TALLY] = Tally()


WITNESSES = pytest.StashKey[dict[str, "Witness"]]()
TALLY = pytest.StashKey[Tally]()


def specs(config: pytest.Config) -> list[str]:
    """The witnesses that the command line names, or every built-in one that is installed."""
    from . import installed

    return config.getoption("--crosscheck") or list(installed())


def witness(config: pytest.Config, spec: str) -> Witness:
    """The witness of that name, loaded once a session, on one thread."""
    from . import BackendError
    from .witness import called

    loaded = config.stash[WITNESSES]
    if spec not in loaded:
        try:
            loaded[spec] = called(spec)
        except BackendError as error:
            raise pytest.UsageError(f"--crosscheck={spec}: {error}") from None
    return loaded[spec]


class Examination:
    """The fixture ``crosscheck``: asks, keeps the tally, and fails with the whole message."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._node = request.node
        self.draws = int(request.config.getoption("--crosscheck-draws") or 1)

    def __call__(
        self,
        name: str,
        forward: Callable[..., Any] | None = None,
        *,
        vjp: Callable[..., Any] | None = None,
        hvp: Callable[..., Any] | None = None,
    ) -> None:
        """Ask ``forward``, ``vjp`` and ``hvp`` every question about the operation ``name``; raise unless all agree."""
        from crosscheck.reference import catalogue

        from . import BackendError
        from .questions import interrogate
        from .witness import Witness

        if name not in catalogue():
            close = difflib.get_close_matches(name, catalogue(), n=1)
            raise BackendError(f"there is no operation {name!r}" + (f"; did you mean {close[0]!r}?" if close else ""))
        own = ((name, forward), (f"{name}_vjp", vjp), (f"{name}_hvp", hvp))
        given = {key: f for key, f in own if f is not None}

        class Given:
            find = staticmethod(given.get)

        label = getattr(forward or vjp or hvp, "__name__", name)
        self.conclude(label, interrogate(Witness(Given(), label), catalogue()[name], self.draws))

    def conclude(self, witness: Witness | str, verdicts: list[Verdict]) -> None:
        """Count the verdicts and end the test: passed, failed, skipped as not offered, or xfailed as declared."""
        from crosscheck.reference.agreement.verdict import GOOD, Disagreement, Verdict

        from .questions import settle

        if not verdicts:
            verdicts = [Verdict(self._node.name, "vacuous", "nothing was compared")]
        name, disagreements = (witness, {}) if isinstance(witness, str) else (witness.name, witness.disagreements)
        verdicts = settle(verdicts, disagreements)
        self._count(name, verdicts)
        wrong = [v.message() for v in verdicts if v.outcome not in (*GOOD, "declared", "not offered")]
        if wrong:
            raise Disagreement("\n\n".join(wrong))
        declared = sorted({v.reason for v in verdicts if v.outcome == "declared"})
        if declared:
            pytest.xfail("; ".join(declared))
        if all(v.outcome == "not offered" for v in verdicts):
            pytest.skip(f"not offered: {verdicts[0].reason}")

    def _count(self, name: str, verdicts: list[Verdict]) -> None:
        self._node.user_properties.append((PROPERTY, record(name, verdicts)))


@pytest.fixture
def crosscheck(request: pytest.FixtureRequest) -> Examination:
    """Ask a function of yours every question about an operation: ``crosscheck("softmax", f, vjp=f_vjp)``."""
    return Examination(request)


class Collector:
    """Feeds the tally of the process that prints from every report."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            for key, record in report.user_properties:
                if key == PROPERTY:
                    self._config.stash[TALLY].add(record)  # pyright: ignore[reportArgumentType]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):
        session.config.pluginmanager.register(Collector(session.config), "crosscheck-collector")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A run that was told whom to ask, or asked, and compared nothing, has failed."""
    if _in_vain(session.config) and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _in_vain(config: pytest.Config) -> bool:
    tally = config.stash[TALLY]
    asked = bool(tally.counts) or bool(config.getoption("--crosscheck"))
    return asked and not tally.compared and not config.getoption("collectonly") and not hasattr(config, "workerinput")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    tally = config.stash[TALLY]
    if tally.counts:
        terminalreporter.section("crosscheck")
        for line in tally.table():
            terminalreporter.write_line(line)
    if _in_vain(config):
        terminalreporter.write_line("nothing was compared: this run fails", red=True)
