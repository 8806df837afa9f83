"""The benchmarks of bench/: do they check before they time, and do they time what they say?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import crosscheck.bench
from crosscheck.backends.witness import called
from crosscheck.bench.check import check, ybar_of
from crosscheck.bench.inquiry import Inquiry
from crosscheck.bench.running import ELEMENTARY, RUNNING, UFUNCS, Running
from crosscheck.bench.work import kinds, prepare, work
from crosscheck.reference import catalogue
from crosscheck.reference.arithmetic.ball import Undecided

BENCH = Path(crosscheck.bench.__path__[0])
OPS = [pytest.param(op, id=op.name) for op in catalogue().values() if op.sized]
LIES = {
    "sign": np.negative,
    "a fifth": lambda a: a + a / 5 if a.dtype.kind == "f" else a,
    "zeros": np.zeros_like,
    "rolled": lambda a: np.roll(a, 1),
}
NEEDS_PYTEST_BENCHMARK = pytest.mark.skipif(find_spec("pytest_benchmark") is None, reason="needs pytest-benchmark")

LIAR = """
import numpy as np

def softmax(x, *, axis):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True, dtype=x.dtype) * np.asarray(1.001, dtype=x.dtype)
"""
SLOW = """
import time
import numpy as np

compile_first = True

def compiled(f):
    compilations = []
    def g(*args):
        if not compilations:
            compilations.append(time.sleep(0.3))
        return f(*args)
    return g

def wait(y):
    time.sleep(0.002)
    return y

def softmax(x, *, axis):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)
"""


def bench(*arguments: str) -> tuple[int, str]:
    """The exit code and the output of ``pytest bench`` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", str(BENCH), "-p", "no:cacheprovider", *arguments],
        cwd=BENCH.parent,
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST")},  # a worker of xdist times nothing
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


@NEEDS_PYTEST_BENCHMARK
def test_the_times_are_warm_and_waited_for_and_a_wrong_answer_has_none(tmp_path):
    report, (liar, slow) = tmp_path / "report.json", (tmp_path / "liar.py", tmp_path / "slow.py")
    liar.write_text(LIAR)
    slow.write_text(SLOW)
    witnesses = [f"--crosscheck={name}" for name in ("numpy", liar, slow)]
    code, output = bench(
        "-k", "softmax- and value and not log and not gumbel", *witnesses, f"--benchmark-json={report}"
    )
    assert code == pytest.ExitCode.TESTS_FAILED, output
    assert "3 failed" in output and "value:softmax-sized-large-float32, array 1 of 1: disagrees" in output, output
    assert "the right answer times 1.001" in output
    timed = {b["param"]: b for b in json.loads(report.read_text())["benchmarks"]}
    sizes = ("small", "medium", "large")
    assert set(timed) == {f"softmax-{size}-value-{name}" for size in sizes for name in ("numpy", "slow")}
    for size in sizes:
        b = timed[f"softmax-{size}-value-slow"]
        assert b["group"] == f"softmax {size} value"
        assert b["stats"]["min"] >= 0.002, "not waited for"
        assert b["stats"]["max"] < 0.3, "the compilation is in the times"
        assert b["extra_info"]["compilation in seconds"] > 0.2
    table = output.partition("crosscheck: speed")[2]
    assert "numpy" in table and "slow" in table and "liar" not in table.partition("= crosscheck =")[0]


@NEEDS_PYTEST_BENCHMARK
def test_a_fast_formulation_is_timed_beside_the_text():
    """Of an operation that has one; of the others the witness that holds them is not asked."""
    witnesses = ("--crosscheck=numpy", "--crosscheck=numpy_fast")
    code, output = bench(*witnesses, "-k", "(conv2d or linear) and medium and not depthwise")
    assert code == pytest.ExitCode.OK, output
    rows = [line.split() for line in output.splitlines() if line.startswith(("conv2d ", "linear "))]
    assert {(row[0], row[2], row.count("us") + row.count("ms")) for row in rows} == {
        *(("conv2d", kind, 2) for kind in ("value", "vjp")),
        *(("linear", kind, 1) for kind in ("value", "vjp")),
    }, output


@NEEDS_PYTEST_BENCHMARK
def test_what_is_not_run_says_why():
    code, output = bench("--crosscheck=numpy", "-k", "eigh or (conv2d-small and not depthwise)", "--benchmark-disable")
    assert code == pytest.ExitCode.OK, output
    assert "foretold to take" in output and "see medium" in output, output
    assert "crosscheck: speed" not in output


def test_without_pytest_benchmark_it_says_what_to_install():
    code, output = bench("-p", "no:benchmark", "--collect-only")
    assert code == pytest.ExitCode.USAGE_ERROR and "pip install 'crosscheck-ml[test]'" in output, output


@pytest.mark.parametrize("op", OPS)
def test_the_check_at_a_size_tells_right_from_wrong(op):
    """NumPy's answers agree, at medium size; each lie about them is caught, or nothing is decided at this size."""
    numpy, here = called("numpy"), work(op, "medium")
    for kind in kinds(op):
        with np.errstate(all="ignore"):
            answer = prepare(numpy, here, kind, ybar_of(here) if kind == "vjp" else None, False)()
            honest = check(numpy, here, kind, answer)
            assert honest.everywhere and not any(v.outcome == "disagrees" for v in honest.verdicts), honest
            y, xbar = (answer, ()) if kind == "value" else answer
            lied, others = (y, ()) if kind == "value" else (xbar, y)
            arrays = lied if isinstance(lied, tuple) else (lied,)
            for name, lie in LIES.items():
                told = tuple(lie(a) for a in arrays)
                if all(np.array_equal(t, a) for t, a in zip(told, arrays, strict=True)):
                    continue
                told = told if isinstance(lied, tuple) else told[0]
                found = check(numpy, here, kind, told if kind == "value" else (others, told))
                assert not all(v.outcome == "agrees" for v in found.verdicts), f"{op.name} {kind}: {name} was believed"
                assert not honest.conclusive or found.conclusive, f"{op.name} {kind}: {name} undecided"


def _moved(f, *operands):
    """f of these numbers, then of all of them moved by a thousandth, up or down each, and the bound on that."""
    x = [Running(v, np.full(v.shape, 1e-3)) for v in operands]
    y = f(*x)
    signs = np.array(np.meshgrid(*[(-1, 1)] * len(x))).reshape(len(x), -1).T
    return y, [f(*(Running(v.mid + s * v.rad) for v, s in zip(x, row, strict=True))) for row in signs]


@pytest.mark.parametrize("name", [*ELEMENTARY, "add", "subtract", "multiply", "divide", "matmul", "maximum", "minimum"])
def test_a_running_bound_covers_what_moves_and_little_more(name):
    rng = np.random.default_rng(len(name))
    operands = [rng.uniform(0.2, 0.9, size=(4, 4)) for _ in range(1 if name in ELEMENTARY else 2)]
    y, others = _moved(UFUNCS[name], *operands)
    reached = np.max([np.abs(o.mid - y.mid) for o in others], axis=0)
    assert np.all(reached <= y.rad * 1.01), "first order only, so a hundredth is granted"
    assert np.all(y.rad <= reached * 1.01 + 1e-4)


def test_an_open_comparison_covers_both_branches():
    x = Running(np.array([1.0, 1e-9, -1.0]), np.array([1e-6, 1e-6, 1e-6]))
    y = RUNNING.where(x > 0, 5.0, Running(np.array([2.0, 2.0, 2.0])))
    assert y.mid.tolist() == [5, 5, 2] and y.rad.tolist() == [0, 3, 0]
    largest = RUNNING.argmax(
        Running(np.array([[3.0, 2.9, 1.0], [3.0, 1.0, 2.0]]), np.array([[0.1, 0.1, 0], [0, 0, 0]])), axis=1
    )
    assert largest.mid.tolist() == [0, 0] and largest.rad.tolist() == [3, 0]
    with pytest.raises(Undecided):
        bool(x[1] > 0)
    assert RUNNING.sqrt(Running(np.array(4.0))).rad == 0, "an exact result rounds nothing"


def test_an_undecided_check_is_decided_one_size_down():
    op = catalogue()["gradient_descent"]
    inquiry = Inquiry(called("numpy"), "vjp", None, {})
    call, met = inquiry.meet(work(op, "medium"))
    assert not met.checked.conclusive and met.first > 0 and len(call()) == 2
    assert inquiry.checked(work(op, "medium")).size == "small"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads have no names to be read here")
@pytest.mark.skipif(find_spec("jax") is None, reason="needs jax")
def test_xla_has_one_thread_to_compute_on():
    """The flags that are usually given for it have no effect, so it is looked at."""
    program = """
from crosscheck.backends.witness import called
witness = called("jax")
import jax.numpy as jnp
from pathlib import Path
witness.backend.wait(jnp.ones((500, 500)) @ jnp.ones((500, 500)))
print(sum("XLAEigen" in task.read_text() for task in Path("/proc/self/task").glob("*/comm")))
"""
    bootstrap = f"import sys; sys.path.insert(0, {str(BENCH.parent)!r}); import conftest\n"
    bootstrap = bootstrap if (BENCH.parent / "conftest.py").exists() else ""
    environment = {k: v for k, v in os.environ.items() if k not in ("PJRT_NPROC", "NPROC")}
    done = subprocess.run([sys.executable, "-c", bootstrap + program], env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "1", done.stdout + done.stderr
