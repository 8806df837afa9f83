"""The packaging in each of its forms: a bare checkout, an editable install, a wheel, a source distribution.

A form is tried in an interpreter of its own that has everything installed here except crosscheck, without an index.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import site
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
DIRECTORIES = ("reference", "backends", "tests", "bench")
FILES = ("pyproject.toml", "constraints.txt", "conftest.py", "MANIFEST.in", "README.md", ".ci/run")
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")
ALONE = ("--no-index", "--no-deps", "--no-build-isolation")  # what pip needs to stay off the network
# The pytest run inside each form collects the whole of tests/, puts one question, and looks for doubled modules.
PYTEST = ("-m", "pytest", "-v", "-p", "no:cacheprovider", *(["-n0"] if find_spec("xdist") else []))
ASKED = ("--crosscheck=numpy", "-k", "test_no_module_is_doubled or (test_value and softmax-rows-float64)")

needs_checkout = pytest.mark.skipif(
    not (ROOT / "pyproject.toml").exists(), reason="an installed copy has no pyproject.toml: this needs a checkout"
)


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def sources(root: Path = ROOT) -> list[str]:
    """The Python files below the four directories, as paths from the root."""
    return sorted(path.relative_to(root).as_posix() for name in DIRECTORIES for path in (root / name).rglob("*.py"))


def run(*command: str | Path, cwd: Path, fails: bool = False, **variables: str) -> str:
    """What the command prints. Nothing of this pytest run's own environment reaches it."""
    ours = ("PYTHON", "PYTEST", "PIP_TARGET", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"} | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert bool(done.returncode) == fails, f"exit code {done.returncode} of {command}:\n{done.stdout}"
    return done.stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the files that are the project, and of no others."""
    root = tmp_path / "checkout"
    for name in DIRECTORIES:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        (root / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    return root


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """An interpreter with links to everything installed here, except to crosscheck."""
    home = tmp_path / "environment"
    venv.create(home, symlinks=True)
    (library,) = home.glob("lib/python*/site-packages")
    for directory in [*site.getsitepackages(), site.getusersitepackages()]:
        for entry in Path(directory).iterdir() if directory in sys.path else ():
            if "crosscheck" not in entry.name and not (library / entry.name).exists():
                (library / entry.name).symlink_to(entry)
    return home / "bin" / "python"


def assert_works(said: str) -> None:
    """In what pytest printed: no module was doubled, and a question was answered."""
    assert "test_no_module_is_doubled PASSED" in said
    assert re.search(r"test_value\[softmax-rows-float64-numpy\] PASSED", said)


def test_no_module_is_doubled():
    """Every file of crosscheck that is loaded is loaded under one name, and that name is its place."""
    names: dict[str, list[str]] = {}
    for name, module in list(sys.modules.items()):
        file = vars(module).get("__file__") if hasattr(module, "__dict__") else None
        path = Path(file).resolve() if isinstance(file, str) else None
        if path and name != "__main__" and any(path.is_relative_to(ROOT / directory) for directory in DIRECTORIES):
            names.setdefault(path.relative_to(ROOT).as_posix(), []).append(name)
    assert f"tests/{Path(__file__).name}" in names
    for path, loaded in names.items():
        place = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        # pytest itself chooses the name of a test file; nobody imports one by another name.
        chosen = {place, f"crosscheck.{place}"} if place.startswith(("tests", "bench")) else {f"crosscheck.{place}"}
        assert len(loaded) == 1, f"{path} is loaded more than once, as {loaded}: two copies of every class in it"
        assert loaded[0] in chosen, f"{path} is loaded as {loaded[0]}; import it as crosscheck.{place}"


@needs_checkout
def test_a_bare_checkout_works(checkout: Path, python: Path):
    assert_works(run(python, *PYTEST, *ASKED, cwd=checkout))
    run(python, "-c", "import conftest, crosscheck.reference; crosscheck.reference.catalogue()", cwd=checkout)


@needs_checkout
def test_an_editable_install_works(checkout: Path, python: Path, tmp_path: Path):
    run(python, *PIP, "install", *ALONE, "--editable", checkout, cwd=tmp_path)
    found = run(python, "-c", "import crosscheck.reference as r; print(r.__file__)", cwd=tmp_path).strip()
    assert Path(found) == checkout / "reference" / "__init__.py"
    assert_works(run(python, *PYTEST, *ASKED, cwd=checkout))


@needs_checkout
def test_a_wheel_works(checkout: Path, python: Path, tmp_path: Path):
    run(python, *PIP, "wheel", *ALONE, "--wheel-dir", tmp_path, checkout, cwd=tmp_path)
    (wheel,) = tmp_path.glob("crosscheck_ml-*.whl")
    inside = {name.removeprefix("crosscheck/") for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".py")}
    assert inside == set(sources())

    run(python, *PIP, "install", *ALONE, wheel, cwd=tmp_path)
    assert (python.parent / "crosscheck").exists()
    load = "from importlib.metadata import entry_points as e; e(group='console_scripts')['crosscheck'].load()"
    run(python, "-c", load, cwd=tmp_path)
    assert_works(run(python, *PYTEST, *ASKED, "--pyargs", "crosscheck.tests", cwd=tmp_path))


@needs_checkout
def test_a_source_distribution_is_complete(checkout: Path, python: Path):
    run(python, "-c", "import setuptools.build_meta as build; build.build_sdist('dist')", cwd=checkout)
    (archive,) = checkout.glob("dist/crosscheck_ml-*.tar.gz")
    with tarfile.open(archive) as opened:
        inside = {name.partition("/")[2] for name in opened.getnames()}
    assert {*sources(), *FILES} - inside == set()


@needs_checkout
def test_another_copy_that_hides_the_checkout_is_refused(checkout: Path, python: Path, tmp_path: Path):
    shutil.copytree(checkout, tmp_path / "elsewhere" / "crosscheck")
    said = run(python, *PYTEST, cwd=checkout, fails=True, PYTHONPATH=str(tmp_path / "elsewhere"))
    assert "another copy of crosscheck hides this checkout" in said
    assert str(tmp_path / "elsewhere") in said


@needs_checkout
def test_the_plugin_imports_nothing_heavy(checkout: Path, python: Path):
    """It is loaded in every pytest run of everybody who has crosscheck installed."""
    ask = "import conftest, crosscheck.backends.plugin, sys; print(*sys.modules)"
    heavy = {"torch", "jax", "jaxlib", "optax", "sklearn", "scipy", "flint"}
    assert heavy & set(run(python, "-c", ask, cwd=checkout).split()) == set()


@needs_checkout
def test_every_package_is_listed():
    packages = {f"crosscheck.{Path(name).parent.as_posix().replace('/', '.')}" for name in sources()}
    assert set(project()["tool"]["setuptools"]["packages"]) == packages
    for name in sources():
        assert (ROOT / name).with_name("__init__.py").exists(), f"{name} lies in a directory without an __init__.py"


@needs_checkout
def test_every_dependency_is_pinned():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {canonical(re.sub("==.*", "", line)) for line in lines if line and not line.startswith("#")}
    table = project()["project"]
    wanted = [Requirement(line) for line in table["dependencies"]]
    wanted += [Requirement(line) for extra in table["optional-dependencies"].values() for line in extra]
    seen = set()
    while wanted:
        requirement = wanted.pop()
        name, extras = canonical(requirement.name), requirement.extras or {""}
        if name == "crosscheck-ml" or (name, *extras) in seen:
            continue
        seen.add((name, *extras))
        assert name in pinned, f"constraints.txt does not pin {name}"
        try:
            needed = [Requirement(line) for line in metadata.requires(name) or ()]
        except metadata.PackageNotFoundError:
            continue  # an extra that is not installed here
        wanted += [r for r in needed if not r.marker or any(r.marker.evaluate({"extra": extra}) for extra in extras)]


def canonical(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()


@needs_checkout
def test_the_readme_has_the_two_commands():
    """.ci/run takes them from there by these comments, so that the two cannot drift apart."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for comment, last in [("main job", "crosscheck"), ("tests", "pytest")]:
        (command,) = re.findall(rf"<!-- command: {comment} -->\n```sh\n(.*)\n```\n", text)
        assert re.search(rf"-c constraints\.txt -e .* && \.venv/bin/{last}\b", command)


@pytest.mark.parametrize("name", sources())
def test_imports_run_one_way(name: str):
    """tests -> bench -> backends -> reference; relative inside a directory, ``crosscheck.`` across directories."""
    directory = name.split("/")[0]
    banned = {
        "reference": ["backends", "tests", "bench"],
        "backends": ["tests", "bench"],
        "tests": [],
        "bench": ["tests"],
    }[directory]
    for imported in imports(name):
        first, _, rest = imported.partition(".")
        assert first not in DIRECTORIES, f"{name} imports {imported}: a second copy; write crosscheck.{imported}"
        if first == "crosscheck":
            target = rest.split(".")[0]
            assert target not in banned, f"{name} imports {imported}: imports run one way"
            by_pytest = name.split("/")[-1].startswith(
                ("conftest", "test_")
            )  # loaded by path: no parent to be relative to
            assert target != directory or by_pytest, (
                f"{name} imports {imported}: inside a directory imports are relative"
            )
        if directory == "reference":
            assert first not in {"torch", "jax", "jaxlib", "optax", "sklearn", "scipy"}, f"{name} imports {imported}"
        if is_family(name) and "slips" not in name:
            assert imported in {"numpy", "__future__"}, f"{name} imports {imported}; a family imports numpy alone"


def is_family(name: str) -> bool:
    machinery = ("reference/__init__.py", "reference/op.py", "reference/arithmetic/", "reference/agreement/")
    return name.startswith("reference/") and not name.startswith(machinery)


def imports(name: str) -> list[str]:
    """The absolute imports of a file. A relative one that leaves its directory is refused here."""
    found = []
    for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found += [
                f"{node.module}.{alias.name}" if node.module == "crosscheck" else str(node.module)
                for alias in node.names
            ]
        elif isinstance(node, ast.ImportFrom):
            assert node.level <= name.count("/"), f"{name}, line {node.lineno}: a relative import leaves its directory"
    return found
