"""What an installed crosscheck does to a pytest run: its own questions, a stranger's tests, and a suite without it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from crosscheck.backends import questions
from crosscheck.backends.tally import HEADINGS, SHOWN, Tally, record
from crosscheck.backends.witness import Witness
from crosscheck.reference import catalogue
from crosscheck.reference.agreement.verdict import OUTCOMES, WRONG, Outcome, Verdict

ROOT = Path(__file__).resolve().parent.parent
OURS = ("PYTHON", "PYTEST", "VIRTUAL_ENV", "COLUMNS")
PLUGIN = ("-p", "crosscheck.backends.plugin")


@dataclass(frozen=True)
class Run:
    code: int
    said: str

    @property
    def row(self) -> Callable[[str], dict[str, str]]:
        """What the summary says of a witness, by the headings of the table."""

        def of(witness: str) -> dict[str, str]:
            lines = self.said.splitlines()
            head = next(i for i, line in enumerate(lines) if re.match(r"witness +agreed", line))
            (line,) = (line for line in lines[head + 1 :] if line.startswith(f"{witness} "))
            headings = re.split(r"  +", lines[head].strip())
            return dict(zip(headings, [witness, *line.removeprefix(witness).split()], strict=True))

        return of

    def passed(self, test: str, how: str = "PASSED") -> bool:
        return bool(re.search(rf"{re.escape(test)} {how}", self.said))


@pytest.fixture
def run(tmp_path):
    """pytest in a process of its own, in a directory with these files, crosscheck being importable there."""
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "crosscheck").symlink_to(ROOT, target_is_directory=True)
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")

    def start(*options: str, plugin: bool = True, cwd: Path = tmp_path / "suite", **files: str) -> Run:
        for name, text in files.items():
            (tmp_path / "suite" / f"{name}.py").write_text(text, encoding="utf-8")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        environment |= {
            "PYTHONPATH": str(tmp_path / "path"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # none but those that are named: faster, and the same everywhere
            "COLUMNS": "200",
            "OMP_NUM_THREADS": "1",
        }
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *(PLUGIN if plugin else ()), *options],
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        return Run(done.returncode, done.stdout)

    return start


# The fixture, on functions of a stranger.

SUITE = """
import numpy as np

def my_square(x):
    return x * x

def my_square_vjp(ybar, y, x):
    return (2 * x * ybar,)

def half_of_it(ybar, y, x):
    return (x * ybar,)

def test_right(crosscheck):
    crosscheck("square", my_square, vjp=my_square_vjp)

def test_forward_alone(crosscheck):
    crosscheck("square", my_square)

def test_vjp_alone(crosscheck):
    crosscheck("square", vjp=my_square_vjp)

def test_wrong(crosscheck):
    crosscheck("square", my_square, vjp=half_of_it)

def test_misspelled(crosscheck):
    crosscheck("sqare", my_square)

def test_no_function(crosscheck):
    crosscheck("square")

def test_raises(crosscheck):
    def broken(x):
        raise KeyError("oh")
    crosscheck("square", broken)
"""


def expected(forward, vjp, draws: int) -> Counter[Outcome]:
    """How often which outcome, asked in this process."""

    class Given:
        find = staticmethod({"square": forward, "square_vjp": vjp}.get)

    return Counter(v.outcome for v in questions.interrogate(Witness(Given(), "given"), catalogue()["square"], draws))


def test_the_fixture_asks_a_function_of_the_user(run):
    result = run("-v", test_mine=SUITE)
    assert result.code == 1, result.said
    assert result.passed("test_right") and result.passed("test_forward_alone") and result.passed("test_vjp_alone")
    assert result.passed("test_wrong", "FAILED") and result.passed("test_raises", "FAILED")
    assert result.passed("test_no_function", r"SKIPPED \(not offered: ")
    for part in (
        "Disagreement: vjp:square-vector-float64: disagrees",
        "got .*, want ",
        "off by .* ulp; .* ulp are allowed",
        "it looks like: two missing",
        "to see it without crosscheck:",
        r"there is no operation 'sqare'; did you mean 'square'\?",
        "raised\nE +KeyError: 'oh'",
    ):
        assert re.search(part, result.said), f"{part!r} is not in\n{result.said}"
    square, half = lambda x: x * x, lambda ybar, y, x: (x * ybar,)
    counts = [expected(square, lambda ybar, y, x: (2 * x * ybar,), 2), expected(square, None, 2)]
    counts.append(expected(square, half, 2))
    total = sum(counts, Counter())
    row = result.row("my_square")
    assert {h: row[h] for h in HEADINGS} == {h: str(total[o]) for h, o in zip(HEADINGS, SHOWN, strict=True)}
    assert int(row["agreed"]) > 100 and int(row["disagreed"]) > 10
    assert 0 <= float(row["median share"]) <= float(row["worst share"]) <= 1
    assert result.row("broken")["raised"] != "0" and result.row("broken")["agreed"] == "0"
    assert "nothing was compared: this run fails" not in result.said


def test_draws_and_processes_change_nothing_else(run):
    """-n 2 counts what one process counts; fewer draws ask less."""
    options = ("-q", "-k", "right or wrong", "--crosscheck-draws=1")
    alone = run(*options, test_mine=SUITE)
    assert "1 failed, 1 passed" in alone.said
    answers = [expected(lambda x: x * x, lambda ybar, y, x, k=k: (k * x * ybar,), 1) for k in (1, 2)]
    assert int(alone.row("my_square")["agreed"]) == sum(counts["agrees"] for counts in answers)
    if find_spec("xdist") is None:
        pytest.skip("xdist is not installed here")
    together = run(*options, "-p", "xdist.plugin", "-n2", test_mine=SUITE)
    assert together.code == alone.code == 1
    assert together.row("my_square") == alone.row("my_square")
    assert together.said.count("median share") == 1


# --crosscheck: the questions of tests/, put to a file.

MINE = """
def square(x):
    return x * x

def square_vjp(ybar, y, x):
    return (2 * x * ybar,)

def absolute(x):
    return (x * x) ** 0.5 * (1 + 1e-12)
"""
QUESTIONS = (str(ROOT / "tests" / "test_agreement.py"), "-k", "not adjoint")


def test_a_file_is_asked_what_it_holds(run, tmp_path):
    (tmp_path / "mine.py").write_text(MINE, encoding="utf-8")
    result = run("-v", *QUESTIONS, f"--crosscheck={tmp_path / 'mine.py'}")
    assert result.code == 1, result.said
    items = re.findall(r"::(test_\w+)\[(\w+)-.*-mine\] (PASSED|FAILED|SKIPPED|XFAIL)", result.said)
    assert {op for _, op, _ in items} == {"square", "absolute"}, "only its operations are asked"
    assert {how for _, op, how in items if op == "square"} == {"PASSED"}
    assert {"test_value", "test_first_order", "test_special", "test_empty"} <= {
        t for t, op, _ in items if op == "square"
    }
    assert "FAILED" in {how for _, op, how in items if op == "absolute"}
    assert "test_first_order" not in {t for t, op, _ in items if op == "absolute"}, "it holds no derivative of it"
    assert re.search(r"Disagreement: value:absolute-vector-float64: disagrees", result.said)
    assert "the right answer times 1.000000000001" in result.said
    assert "def absolute(x):" in result.said, "the script shows the user's own function"
    assert "crosscheck asks mine (which has no vjp, jvp, compiled, batched of its own)" in result.said
    row = result.row("mine")
    assert int(row["agreed"]) > 30 and int(row["disagreed"]) > 5


@pytest.mark.parametrize("spec", ["nowhere.py", "toch", "numpy:cuda"])
def test_a_spec_that_names_nothing_is_a_usage_error(run, spec):
    result = run(*QUESTIONS, f"--crosscheck={spec}")
    assert result.code == pytest.ExitCode.USAGE_ERROR, result.said
    assert spec.partition(":")[0] in result.said
    assert "INTERNALERROR" not in result.said and "Traceback" not in result.said


# A run that compared nothing fails, and says so.


@pytest.mark.parametrize(
    ("options", "suite"),
    [
        (("--crosscheck=numpy",), "def test_nothing(): pass"),
        (("--crosscheck=numpy",), ""),
        ((), "def test_it(crosscheck): crosscheck('square')"),
        ((), "def test_it(crosscheck):\n    def f(x): raise NotImplementedError\n    crosscheck('square', f)"),
    ],
    ids=["no question in the suite", "no test", "no function", "not offered"],
)
def test_a_run_that_compared_nothing_fails(run, options, suite):
    result = run("-q", *options, test_it=suite)
    assert result.code == pytest.ExitCode.TESTS_FAILED, result.said
    assert "nothing was compared: this run fails" in result.said


def test_collecting_is_no_run(run):
    assert run("-q", "--collect-only", "--crosscheck=numpy", test_it="def test_it(crosscheck): pass").code == 0
    assert run("-q", test_it="def test_it(crosscheck): pass").code == 0, "who asks nothing has not asked in vain"


# A suite that does not use it.

FOREIGN = """
import sys

def test_passes():
    assert {"torch", "jax", "flint", "numpy", "ml_dtypes"} & set(sys.modules) == set()

def test_fails():
    assert 1 + 1 == 3

@__import__("pytest").mark.skip(reason="later")
def test_skipped(): ...
"""


def test_a_suite_that_does_not_use_it_is_left_alone(run):
    """The same exit code and the same output, and nothing heavy is imported."""
    for options in (("-v",), ("-q", "-k", "passes"), ("-q", "-k", "nothing_is_called_so")):
        with_it, without = (run(*options, plugin=plugin, test_foreign=FOREIGN) for plugin in (True, False))
        assert with_it.code == without.code
        # the header names a plugin that is installed
        said = [re.sub(r"in \d+\.\d+s|plugins: .*", "", r.said).replace("=", "") for r in (with_it, without)]
        assert said[0].split() == said[1].split()
    assert without.code == pytest.ExitCode.NO_TESTS_COLLECTED


def test_the_options_are_documented(run):
    said = run("--help").said
    assert re.search(r"--crosscheck=SPEC: a witness to ask: numpy, torch, jax", re.sub(r"\s+", " ", said))
    ours = set(re.findall(r"--crosscheck[a-z-]*", said))
    assert ours == {"--crosscheck", "--crosscheck-draws", "--crosscheck-slow"}
    assert "--fixtures" in said
    assert 'Ask a function of yours every question about an operation: ``crosscheck("softmax"' in run("--fixtures").said


# The tally itself.


def test_the_tally_counts_every_outcome():
    assert set(SHOWN) == set(OUTCOMES) and len(HEADINGS) == len(SHOWN)
    tally = Tally()
    for n, outcome in enumerate(SHOWN):
        tally.add(record("one", [Verdict(f"value:exp-{n}-float64", outcome, share=n / 10, ulps=n)] * (n + 1)))
    tally.add(record("another witness", [Verdict("value:log-x-float32", "agrees", share=0.75, ulps=8.0)]))
    heading, one, another, *notes = tally.table()
    assert re.split(r"  +", heading.strip()) == ["witness", *HEADINGS, "median share", "worst share", "worst ulp"]
    assert one.split()[:10] == ["one", *(str(n + 1) for n in range(9))]
    assert another.split()[2:] == ["1", *["0"] * 8, "0.750", "0.75", "8"]
    assert len({len(line) for line in (heading, one, another)}) == 1, "the columns stand under one another"
    assert notes[1].startswith("another witness: ") and notes[1].count("value:log-x-float32") == 2
    assert tally.compared == sum(n + 1 for n, o in enumerate(SHOWN) if o != "not offered") + 1
    assert tally.wrong == sum(n + 1 for n, o in enumerate(SHOWN) if o in WRONG)


def test_worst_and_median_are_those_of_what_agreed():
    shares = [0.1, 0.5, 0.2]
    agreed = [Verdict(f"value:exp-{k}-float64", "agrees", share=s, ulps=10 * s) for k, s in enumerate(shares)]
    tally = Tally()
    tally.add(record("w", [*agreed, Verdict("value:log-x-float64", "disagrees", share=99.0, ulps=1e9)]))
    _, row, note = tally.table()
    assert row.split()[-3:] == ["0.200", "0.50", "5"]
    assert "value:exp-1-float64" in note and "log" not in note
    assert np.isclose(tally.shares["w"], shares).all()


@pytest.mark.skipif(find_spec("xdist") is None, reason="xdist is not installed here")
@pytest.mark.skipif(not (ROOT / "pyproject.toml").exists(), reason="an installed copy has no pyproject.toml")
def test_each_operation_goes_to_one_process():
    """Else both would compile its programs, and compute its truths."""
    some = "(test_value or test_first_order) and (dot or trace or square) and float64"
    arguments = ("-n2", "-v", "-p", "no:cacheprovider", "tests/test_agreement.py", "--crosscheck=numpy", "-k", some)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
    places: dict[str, set[str]] = {}
    for process, operation in re.findall(r"\[(gw\d)\] .*::test_\w+\[(\w+)-", done.stdout):
        places.setdefault(operation, set()).add(process)
    assert {"dot", "trace", "square"} <= set(places) and all(len(p) == 1 for p in places.values()), places
    assert set.union(*places.values()) == {"gw0", "gw1"}
