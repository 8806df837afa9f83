"""The style that a machine can judge: lint, format and types of the whole checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.skipif(not (ROOT / "pyproject.toml").exists(), reason="an installed copy has no pyproject.toml")
@pytest.mark.parametrize(
    "command",
    ["ruff check", "ruff format --check --diff", f"pyright --pythonpath {sys.executable}"],
    ids=["lint", "format", "types"],
)
def test_style(command: str):
    tool, *arguments = command.split(" ")
    if find_spec(tool) is None:
        pytest.skip(f"{tool} is not installed here: pip install -c constraints.txt -e '.[all,test]'")
    link_for_type_checkers()
    done = subprocess.run(
        [sys.executable, "-m", tool, *arguments],
        cwd=ROOT,
        env=os.environ | {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},  # no question to the index about a newer pyright
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def link_for_type_checkers() -> None:
    """build/typing/crosscheck -> the checkout: a type checker follows paths, not the finder of an editable install."""
    link = ROOT / "build" / "typing" / "crosscheck"
    link.parent.mkdir(parents=True, exist_ok=True)
    try:
        link.symlink_to(Path("..", ".."), target_is_directory=True)
    except FileExistsError:
        assert link.resolve() == ROOT, f"{link} leads to {link.resolve()}, not to this checkout; remove it"
