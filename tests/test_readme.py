"""What the README says works: its example of a backend, and its example of an operation."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.skipif(not (ROOT / "README.md").exists(), reason="an installed copy has no README.md")


def blocks(example: str, language: str) -> list[str]:
    """The code blocks that follow the marker of an example, up to the next heading."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").split(f"<!-- example: {example} -->")[1].split("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def run(where: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_agreement.py", *arguments],
        cwd=where,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def test_the_example_of_a_derivative_is_one(capsys):
    (source,) = blocks("derivative", "python")
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(source, "example.py", "exec"), names)
    x = names["x"]
    softmax = np.exp(x) / np.sum(np.exp(x))
    assert np.allclose(names["gradient"](names["f"], x).hi, softmax, rtol=1e-15)
    said = capsys.readouterr().out
    assert "forward" in said and "central" in said


@pytest.mark.skipif(find_spec("jax") is None, reason="the example is a backend for jax, which is not installed")
def test_the_example_of_a_backend_is_one(tmp_path: Path):
    (source,) = blocks("backend", "python")
    assert len(source.strip().splitlines()) <= 20
    (tmp_path / "mine.py").write_text(source)
    done = run(ROOT, f"--crosscheck={tmp_path / 'mine.py'}", "-k", "test_first_order and mse and float64")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"mine\s+[1-9]\d*\s+0", done.stdout), done.stdout


def test_the_example_of_an_operation_is_one(monkeypatch):
    """Its text, read beside the other curves: proved, and what NumPy answers agrees."""
    from crosscheck.backends.questions import interrogate
    from crosscheck.backends.witness import Witness
    from crosscheck.reference.activation import sigmoidal
    from crosscheck.reference.agreement.proof import adjoint_gap, proved
    from crosscheck.reference.agreement.truth import point

    (diff,) = blocks("operation", "diff")
    (source,) = blocks("operation", "python")
    entry = next(line[1:].strip().rstrip(",") for line in diff.splitlines() if line.startswith("+ "))
    module = ModuleType(f"{sigmoidal.__package__}.example")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    vars(module).update({k: v for k, v in vars(sigmoidal).items() if not k.startswith("__")})
    exec(compile(source, sigmoidal.__file__, "exec"), vars(module))
    op: Any = eval(entry, vars(module))
    assert proved(adjoint_gap(point(op, "vector", "float64")))
    backend = type("Text", (), {"find": staticmethod({op.name: op.forward, f"{op.name}_vjp": op.vjp}.get)})()
    assert {v.outcome for v in interrogate(Witness(backend, "the example"), op)} <= {"agrees", "not offered"}
