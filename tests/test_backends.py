"""Who is asked: how a backend is named and loaded, what a stranger may write, and what is shown of an answer."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from crosscheck import backends
from crosscheck.backends import (
    FRAMEWORKS,
    PROTOCOL_NAMES,
    Backend,
    BackendError,
    import_file,
    installed,
    load,
    questions,
)
from crosscheck.backends.composed import Composed
from crosscheck.backends.reproduce import script
from crosscheck.backends.witness import FIRST_ORDER, SECOND_ORDER, Kind, Witness, called, kinds_of
from crosscheck.reference import catalogue
from crosscheck.reference.agreement.truth import point
from crosscheck.reference.agreement.verdict import WRONG, Outcome, Verdict

DIRECTORY = Path(backends.__file__).resolve().parent
HERE = [name for name in FRAMEWORKS if name in installed()]


@pytest.fixture
def file(tmp_path):
    """Writes a Python file of that text, and returns its path."""

    def write(text: str, name: str = "mine.py") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


# How a backend is named.


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("nowhere.py", r"nowhere\.py is no file"),
        (
            "no_such_module_here",
            r"no backend 'no_such_module_here': give numpy, torch, jax, numpy_fast, scipy, sklearn, a path",
        ),
        ("toch", "there is no backend 'toch': give numpy, torch, jax"),
        ("no_package.no_module", "there is no backend 'no_package.no_module'"),
        ("", "there is no backend ''"),
        (".relative", "there is no backend '.relative'"),
        ("json:cuda", r"json has no function backend\(device\), so 'cuda' cannot be chosen"),
        ("numpy:cuda", "numpy has no device 'cuda', expected 'cpu'"),
        ("keyword", "keyword holds no function named after an operation"),
    ],
)
def test_a_spec_that_names_nothing_is_explained(spec, message):
    with pytest.raises(BackendError, match=message):
        load(spec)


@pytest.mark.parametrize("framework", ["torch", "jax"])
def test_a_device_that_is_not_there_is_explained(framework):
    pytest.importorskip(framework)
    with pytest.raises(BackendError, match=r"has no device 'warp' here, expected one of .*cpu"):
        load(f"{framework}:warp")


def test_a_framework_that_is_not_installed_is_explained(monkeypatch):
    monkeypatch.setitem(backends.REQUIRES, "torch", "a_package_that_nobody_has")
    assert "torch" not in installed() and "numpy" in installed()
    with pytest.raises(BackendError, match=r"torch is not installed: pip install 'crosscheck-ml\[torch\]'"):
        load("torch")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n\nimport a_module_that_nobody_has", r"mine\.py, line 3 cannot be imported: ModuleNotFoundError"),
        ("def f():\n    return 1 / 0\nf()", r"mine\.py, line 2 cannot be imported: ZeroDivisionError"),
        ("def softmax(x:\n    pass", r"mine\.py.* cannot be imported: SyntaxError.*line 1"),
        ("def sofmax(x, *, axis): ...", r"mine: there is no operation 'sofmax'; did you mean 'softmax'\?"),
        ("def softmax_vpj(ybar, y, x, *, axis): ...", r"no operation 'softmax_vpj'; did you mean 'softmax_vjp'\?"),
        ("def qqqqq(): ...", "no operation 'qqqqq'; a helper's name starts with an underscore"),
        ("", r"mine holds no function named after an operation, such as def softmax\(x, \*, axis\)"),
        ("def _softmax(x, *, axis): ...", "mine holds no function"),
        ("from textwrap import dedent\nimport numpy as np\nsoftmax = np.exp", "mine holds no function"),
    ],
)
def test_a_file_that_cannot_be_used_is_explained(text, message, file, monkeypatch):
    path = file(text)
    with pytest.raises(BackendError, match=message):
        load(path)
    monkeypatch.chdir(Path(path).parent)
    with pytest.raises(BackendError, match=message):
        load("mine.py")


def test_a_module_that_cannot_be_imported_is_explained(file, monkeypatch):
    path = Path(file("import a_module_that_nobody_has", "needs_something.py"))
    file("raise RuntimeError('no display')", "raises_something.py")
    monkeypatch.syspath_prepend(path.parent)
    with pytest.raises(BackendError, match=r"needs_something could not be imported: .*a_module_that_nobody_has"):
        load("needs_something")
    with pytest.raises(BackendError, match="raises_something could not be imported: RuntimeError: no display"):
        load("raises_something")


@pytest.mark.parametrize("name", HERE)
def test_built_in_backends_follow_the_protocol(name):
    backend = load(name)
    assert isinstance(backend, Backend)
    assert getattr(backend, "name", None) == name
    assert backend.find("softmax") is not None and backend.find("sofmax") is None
    assert len([op for op in catalogue() if backend.find(op)]) > 40
    assert set(getattr(backend, "dtypes", ())) >= {"float64", "float32"}
    given = {n for n in dir(backend) if not n.startswith("_")}
    assert given <= {*PROTOCOL_NAMES, "device"}, f"{name} has what the Protocol does not document"


def test_the_protocol_documents_what_is_used():
    """Its table, PROTOCOL_NAMES, and what the sources ask of a backend are one list."""
    table = (Backend.__doc__ or "").split("=====\n")[1]
    documented = re.findall(r"^    (\w+)(?:\(| )", table, re.MULTILINE)
    assert {*documented, "find", "backend"} == set(PROTOCOL_NAMES)
    assert len(documented) == len(set(documented))
    used: set[str] = set()
    for source in DIRECTORY.glob("*.py"):
        text = source.read_text(encoding="utf-8")
        used |= set(re.findall(r"getattr\(\s*(?:self\.|witness\.)?backend,\s*\"(\w+)\"", text))
        used |= set(re.findall(r"(?:self|witness)\.backend\.(\w+)", text))
        used |= set(re.findall(r"\.has\(\"(\w+)\"\)", text))
    assert {"find", "asarray", "asnumpy", "compiled", "vjp"} <= used
    assert used <= set(PROTOCOL_NAMES), f"not documented: {used - set(PROTOCOL_NAMES)}"


# What a stranger may write.

PLAIN = '''"""My own notes on square and softmax."""
from math import pi
import numpy as np
from numpy import exp

name = "notes"

def _shifted(x, axis):
    return exp(x - np.max(x, axis=axis, keepdims=True))

def square(x):
    return x * x

def square_vjp(ybar, y, x):
    return (2 * x * ybar,)

def softmax(x, *, axis):
    e = _shifted(x, axis)
    return e / np.sum(e, axis=axis, keepdims=True)

def softmax_vjp(ybar, y, x, *, axis):
    return (y * (ybar - np.sum(y * ybar, axis=axis, keepdims=True)),)
'''
LISTS = '''"""Vectors as lists of Python's own numbers."""
from math import fsum
from operator import mul

dtypes = ("float64",)

def _dot(x, y):
    if len(x) != len(y) or any(isinstance(v, list) for v in x):
        raise ValueError("two vectors of one length are needed")
    return fsum(map(mul, x, y))

def find(name):
    return _dot if name == "dot" else None

def asarray(x):
    return x.tolist()
'''
DUALS = '''"""A framework that nobody has heard of: forward mode by dual numbers, also of dual numbers."""
import numpy as np

class Dual:
    def __init__(self, x, dx): self.x, self.dx = x, dx
    def __add__(a, b): return Dual(a.x + b.x, a.dx + b.dx)
    def __mul__(a, b): return Dual(a.x * b.x, a.dx * b.x + a.x * b.dx) if isinstance(b, Dual) else a * Dual(b, 0.0)
    __array_ufunc__ = None  # NumPy leaves the product with an array to __rmul__
    __rmul__ = __mul__

def _exp(a): return Dual(y := _exp(a.x), a.dx * y) if isinstance(a, Dual) else np.exp(a)
def _square(a): return a * a

name, dtypes = "duals", ("float64",)
def find(name): return {"exp": _exp, "square": _square}.get(name)
def jvp(f, x, xdot):
    y = f(*map(Dual, x, xdot))
    return y.x, y.dx
'''


def outcomes(witness: Witness, op: str, draws: int = 1) -> Counter[Outcome]:
    return Counter(v.outcome for v in questions.interrogate(witness, catalogue()[op], draws))


def said(verdicts: list[Verdict]) -> set[str]:
    return {v.outcome for v in verdicts}


@pytest.mark.parametrize("spec", ["jax.numpy", "array_api_compat.torch", "array_api_compat.numpy"])
def test_an_array_library_is_asked_the_text_of_the_reference(spec):
    """With the autodiff of its framework, if it has one: the derivatives are then not those of our VJP texts."""
    pytest.importorskip(spec.split(".")[0])
    if spec.split(".")[-1] not in ("numpy", *installed()):
        pytest.skip(f"{spec.split('.')[-1]} is not installed")
    witness = called(spec)
    assert (witness.backend.find("softmax_vjp") is None) == witness.has("vjp") == (spec != "array_api_compat.numpy")
    for kind in ("value", "vjp"):
        assert said(questions.ask(witness, catalogue()["softmax"], "rows", "float32", kind)) == {"agrees"}


def test_what_an_array_library_lacks_or_does_wrong_is_seen():
    library = ModuleType("library")
    vars(library).update({k: v for k, v in vars(np).items() if not k.startswith("__") and k != "max"})
    library.exp = lambda x: np.exp(x) * (1 + 1e-9)  # pyright: ignore[reportAttributeAccessIssue]
    witness = Witness(Composed(library), "library")
    assert said(questions.ask(witness, catalogue()["exp"], "vector", "float64", "value")) == {"disagrees"}
    (verdict,) = questions.ask(witness, catalogue()["softmax"], "rows", "float64", "value")
    assert verdict.outcome == "not offered" and "library has no max" in verdict.reason


def test_a_file_of_plain_functions_is_a_witness(file):
    witness = called(file(PLAIN))
    assert witness.name == "notes"
    assert sorted(op for op, entry in catalogue().items() if witness.offers(entry)) == ["softmax", "square"]
    for op in ("square", "softmax"):
        counts = outcomes(witness, op)
        assert set(counts) == {"agrees", "not offered"} and counts["agrees"] > 50, counts
    assert witness.differentiates(catalogue()["square"], "vjp")
    assert not witness.differentiates(catalogue()["square"], "jvp")


@pytest.mark.parametrize(
    ("right", "wrong", "hint"),
    [
        ("return (2 * x * ybar,)", "return (x * ybar,)", "two missing"),
        ("return (2 * x * ybar,)", "return 2 * x * ybar", "square_vjp must return a tuple of 1 cotangents, got nd"),
        ("return (2 * x * ybar,)", "return 2 * x * ybar, 0", "must return a tuple of 1 cotangents, got 2 values"),
        ("return x * x", "return x * x * (1 + 1e-12)", "the right answer times 1.000000000001"),
        ("return x * x", "x *= x\n    return x", "value modified its input x"),
        ("return x * x", "return np.float64(3.0)", r"got shape \(\), want"),
        ("(ybar - np.sum(y * ybar, axis=axis, keepdims=True))", "ybar", "vjp:softmax-.*: disagrees"),
    ],
)
def test_a_mistake_in_a_file_is_found_and_described(file, right, wrong, hint):
    assert PLAIN.count(right) == 1
    witness = called(file(PLAIN.replace(right, wrong)))
    op = "softmax" if "softmax" in hint else "square"
    bad = [v for v in questions.interrogate(witness, catalogue()[op], 1) if v.outcome in WRONG]
    assert bad
    assert any(re.search(hint, v.message()) for v in bad), bad[0].message()
    shown = [v for v in bad if v.outcome == "disagrees" and v.question.startswith(("value:", "vjp:"))]
    assert all("to see it without crosscheck" in v.message() for v in shown)


def test_lists_are_arrays_enough(file):
    counts = outcomes(called(file(LISTS)), "dot")
    assert set(counts) == {"agrees", "not offered"} and counts["agrees"] >= 10, counts
    worse = outcomes(called(file(LISTS.replace("fsum(map(mul, x, y))", "fsum(x)"))), "dot")
    assert worse["disagrees"] > 3


def test_twenty_lines_are_a_backend_with_forward_mode(file):
    assert len([line for line in DUALS.splitlines() if line.strip()]) <= 20
    witness = called(file(DUALS))
    assert (witness.name, witness.dtypes) == ("duals", ("float64",))
    for op in ("exp", "square"):
        kinds: dict[Kind, set[str]] = {}
        for kind in kinds_of(point(catalogue()[op], "vector", "float64")):
            kinds[kind] = {v.outcome for v in questions.ask(witness, catalogue()[op], "vector", "float64", kind)}
        assert kinds["value"] == kinds["jvp"] == kinds["forward-over-forward"] == {"agrees"}
        assert all(kinds[kind] == {"not offered"} for kind in kinds if "vjp" in kind or "reverse" in kind)
        (verdict,) = questions.ask(witness, catalogue()[op], "vector", "float32", "value")
        assert (verdict.outcome, verdict.reason) == ("not offered", "duals offers float64")
    lying = called(file(DUALS.replace("a.dx * b.x + a.x * b.dx", "a.dx * b.x"), "lying.py"))
    (verdict,) = questions.ask(lying, catalogue()["square"], "vector", "float64", "jvp")
    hint = verdict.hint()
    assert hint is not None and hint.words == "the right answer times 1/2"


def test_a_backend_made_by_a_function_and_an_importable_module(file, monkeypatch):
    text = "class _B:\n    dtypes = ('float32',)\n    def find(self, name): return None\nbackend = _B"
    path = Path(file(text, "a_backend_of_mine.py"))
    assert load(str(path)).find("exp") is None
    monkeypatch.syspath_prepend(path.parent)
    assert called("a_backend_of_mine").dtypes == ("float32",)
    assert called("a_backend_of_mine").name == "a_backend_of_mine"
    sys.modules.pop("a_backend_of_mine")


def test_a_witness_without_functions_offers_nothing():
    class Nothing:
        find = staticmethod(lambda name: None)

    witness = Witness(Nothing(), "nothing")
    assert not any(witness.offers(op) for op in catalogue().values())
    # what has no reference either cannot be refused
    assert set(outcomes(witness, "softmax")) == {"not offered"}


# Declared disagreements are strict.


def asked(witness: Witness) -> list[str]:
    """The name of every question that tests/ put to this witness, in the slower tier too."""
    other = "eager " if witness.compile_first else "compiled "
    single = ("float64", "float32")
    names = []
    for op in catalogue().values():
        if not witness.offers(op):
            continue
        for label, case in op.draw().items():
            kinds: dict[str, tuple[str, ...]] = {}  # in which formats
            formats = tuple(d for d in questions.formats(op, case) if d in witness.dtypes)
            derivable = op.vjp is not None and bool(op.differentiable(case))
            match case.kind:
                case "special":
                    kinds["special"] = formats
                case "empty" | "refused":
                    kinds[case.kind] = ("float64",)
                case "kink":
                    kinds["value"] = formats
                    kinds["kink"] = formats if derivable else ()
                case "regular":
                    kinds |= {"value": formats, "pure": formats, "layout": single}
                    kinds |= dict.fromkeys(FIRST_ORDER, formats if derivable else ())
                    kinds |= dict.fromkeys(SECOND_ORDER, single if derivable else ())
                    kinds["batched"] = single if witness.has("batched") else ()
                    if witness.has("compiled"):
                        kinds |= {other + kind: ("float64",) for kind in ("value", "vjp")[: 1 + derivable]}
                    if op.domain is not None and op.half:
                        kinds["exhaustive"] = ("float16", "bfloat16")
            names += [questions.question(k, op.name, label, dtype) for k, dtypes in kinds.items() for dtype in dtypes]
    return names


def stale(witness: Witness) -> list[str]:
    """The patterns that match no question that is asked, or none that another pattern has not taken before."""
    taken = {entry[0] for name in asked(witness) if (entry := questions.declared(name, witness.disagreements))}
    return [pattern for pattern in witness.disagreements if pattern not in taken]


@pytest.mark.parametrize("name", HERE)
def test_every_declared_disagreement_is_asked_for(name):
    witness = called(name)
    assert not stale(witness)
    for pattern, (reason, link) in witness.disagreements.items():
        assert len(reason) > 10 and (not link or link.startswith("https://")), pattern
    assert name != "numpy" or not witness.disagreements, "the text is the truth's own"


def test_a_stale_entry_is_seen():
    witness = called("numpy")
    witness.disagreements = {
        "value:softmax-rows-*": ("asked", ""),
        "value:sotfmax-*": ("misspelled", ""),
        "value:softmax-rows-float32": ("taken by the first", ""),
        "refused:softmax-no-such-axis-float32": ("asked in float64 alone", ""),
        "batched:softmax-rows-*": ("NumPy has no vmap", ""),
        "jvp:softmax-ties-*": ("asked", ""),
        "jvp:median-odd-*": ("has no derivative", ""),
    }
    assert stale(witness) == [p for p, (reason, _) in witness.disagreements.items() if reason != "asked"]


def test_names_of_questions_can_be_told_from_their_parts():
    """A declared pattern is matched against what stands in front of the first comma."""
    known = set(asked(called("numpy")))
    assert all("," not in name and name.count(":") == 1 for name in known)
    verdicts = questions.interrogate(called("numpy"), catalogue()["batch_norm_running"], 2)
    assert any(", draw 1, output 2 of 2" in v.question for v in verdicts)
    others = {v.question.partition(",")[0] for v in verdicts} - known
    assert all(name.startswith(("empty:", "refused:")) for name in others), others


def settled(outcome: Outcome, pattern: str, name: str = "vjp:softmax-rows-float64, draw 1") -> list[Verdict]:
    return questions.settle([Verdict(name, outcome)], {pattern: ("it is known", "https://x")})


@pytest.mark.parametrize("outcome", WRONG)
def test_a_declared_disagreement_is_expected(outcome):
    (verdict,) = settled(outcome, "vjp:softmax-*")
    assert (verdict.outcome, verdict.reason) == ("declared", "it is known (https://x)")
    for pattern in ("vjp:softmax-rows-float64", "*:softmax-*", "vjp:*-float64", "v?p:softmax-[qr]ows-*"):
        assert settled(outcome, pattern)[0].outcome == "declared", pattern
    for pattern in ("jvp:softmax-*", "softmax", "vjp:softmax-rows", "vjp:Softmax-*", "vjp:softmax-rows-float64, *"):
        assert settled(outcome, pattern)[0].outcome == outcome, pattern


@pytest.mark.parametrize("outcome", ["agrees", "kink", "not offered"])
def test_a_declared_question_that_is_not_wrong_disagrees(outcome):
    (verdict,) = settled(outcome, "vjp:softmax-*")
    assert verdict.outcome == "disagrees"
    assert "'vjp:softmax-*' declares: it is known" in verdict.reason and "remove the entry" in verdict.reason


def test_each_declared_question_must_be_wrong():
    """One wrong answer to it is enough; that of another question is not."""
    rows, ties = "value:softmax-rows-float64", "value:softmax-ties-float64"
    answers: list[Outcome] = ["agrees", "disagrees", "agrees"]
    verdicts = [Verdict(f"{rows}, draw {k}", outcome) for k, outcome in enumerate(answers)]
    verdicts += [Verdict(ties, "agrees"), Verdict("value:exp-vector-float64", "disagrees")]
    after = questions.settle(verdicts, {"value:softmax-*": ("known", "")})
    assert [v.outcome for v in after] == ["agrees", "declared", "agrees", "disagrees", "disagrees"]
    assert after[3].question == ties and "narrow or remove" in after[3].reason
    assert questions.settle(verdicts, {}) == verdicts


# What is shown of an answer.

SHOWN: list[tuple[str, str, str, Kind]] = [
    ("softmax", "rows", "float64", "value"),
    ("square", "matrix", "float64", "vjp"),
    ("linear", "sequences", "float32", "vjp"),
    ("conv2d", "dilation", "float64", "vjp"),  # an argument that is absent
    ("cross_entropy", "none-weighted", "float64", "value"),  # labels
    ("batch_norm_running", "rows", "float64", "value"),  # two outputs
    ("batch_norm", "rows", "float64", "vjp"),
    ("normal_log_density", "one-normal", "float64", "jvp"),  # arguments without dimensions
    ("quantile", "linear", "float64", "value"),  # a list among the params
    ("softplus", "steep", "float64", "value"),
    ("mlp", "tanh", "float64", "vjp"),  # helpers, and a table of them
    ("softmax", "columns", "float64", "forward-over-reverse"),
    ("mse", "mean", "float64", "reverse-over-reverse"),
    ("linear", "rows", "float64", "forward-over-forward"),
    ("sum", "of-nothing", "float64", "value"),
    ("sum", "no-rows", "float64", "value"),  # an empty array keeps its shape
    ("exp", "special", "float64", "value"),  # infinities, nan and -0
    ("exp", "vector", "bfloat16", "value"),
]
RUN = """
import contextlib, io, json, sys
sys.modules["crosscheck"] = None  # to import crosscheck is an ImportError now
said = []
for text in json.load(sys.stdin):
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(text, "script", "exec"), {"__name__": "__main__"})
    except Exception as error:
        out.write(f"{type(error).__name__}: {error}")
    said.append(out.getvalue())
print(json.dumps(said))
"""


def printed(scripts: list[str], cwd: Path) -> list[str]:
    """What each program prints, where crosscheck cannot be imported."""
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        input=json.dumps(scripts),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


NUMBER = re.compile(r"(?<![\w.])[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|inf|nan)(?!\w)")


def numbers(said: str) -> list[float]:
    """The numbers in what was printed, without dtypes and shapes."""
    said = re.sub(r"\b(dtype|size|shape|device)=(\([^)]*\)|[^,)\s]*)", "", said)
    return [float(n) for n in NUMBER.findall(said)]


COMPILED = ("linear", "cross_entropy", "batch_norm", "softmax", "sum", "exp")
"""Of what is shown, that which jax is asked too: it compiles every question, here and in the script."""


@pytest.mark.parametrize("name", [*HERE, "mine"])
def test_scripts_show_the_same_answer_without_crosscheck(name, file, tmp_path):
    """Every script runs where crosscheck cannot be imported, and prints the numbers that were judged."""
    witness = called(file(PLAIN) if name == "mine" else name)
    scripts, answers = {}, {}
    for op, label, dtype, kind in SHOWN:
        own = kind in ("vjp", "jvp") and witness.backend.find(f"{op}_{kind}") is not None
        modes = own or kind == "value" or (witness.has("vjp") and witness.has("jvp"))
        if not witness.offers(catalogue()[op]) or dtype not in witness.dtypes or not modes:
            continue
        if witness.compile_first and op not in COMPILED:
            continue
        p = point(catalogue()[op], label, dtype)
        with np.errstate(all="ignore"):
            about = f"{kind} of {op}-{label}-{dtype}"
            answers[about], scripts[about] = witness.answer(p, kind), script(witness, p, kind)
    assert len(scripts) >= {"mine": 2, "numpy": 11, "jax": 10, "torch": 17}[name]
    for about, text in scripts.items():
        assert text, f"there is no script for the {about}"
        assert "crosscheck" not in text, f"the script for the {about} needs crosscheck:\n{text}"
    for (about, text), said in zip(scripts.items(), printed(list(scripts.values()), tmp_path), strict=True):
        want = np.concatenate([np.asarray(a, dtype=np.float64).reshape(-1) for a in answers[about]])
        got = np.array(numbers(said))
        assert got.shape == want.shape, f"the script for the {about} printed {said}\nthe answer is {want}:\n{text}"
        assert np.allclose(got, want, rtol=1e-2, atol=2e-4, equal_nan=True), f"{about}: {said}\nis not {want}:\n{text}"


def test_a_script_is_in_the_message_of_a_wrong_answer(file):
    witness = called(file(PLAIN.replace("return x * x", "return x + x")))
    (verdict,) = questions.ask(witness, catalogue()["square"], "vector", "float64", "value")
    assert verdict.outcome == "disagrees"
    assert "def square(x):" in verdict.reproduction and "np.array(" in verdict.reproduction
    assert verdict.message().endswith("print(f(*args, **params))")


BAD = """
import numpy as np

print("at import")

def relu(x):
    print("a line")
    return np.maximum(x, 0)

def sigmoid(x):
    while True:
        try:
            x = x + 1
        except Exception:
            pass

def softmax(x):
    return x

def relu_vjp(ybar, y, x):
    ybar *= x > 0
    return (ybar,)

def tanh(x):
    return np.tanh(x)
"""


def test_one_clear_message_for_each_bad_function_and_the_rest_is_judged(file, capsys):
    witness = called(file(BAD))
    witness.seconds = 0.5
    found = {
        op: questions.interrogate(witness, catalogue()[op], draws=1) for op in ("relu", "sigmoid", "softmax", "tanh")
    }
    bad = {op: [v for v in verdicts if v.outcome in WRONG] for op, verdicts in found.items()}
    (loops,), (misfit,) = bad["sigmoid"], bad["softmax"]
    assert loops.reason == "no answer within 0.5 seconds: does it loop for ever?"
    assert "softmax has the parameters (x), want (x, *, axis)" in misfit.reason
    assert any(v.reason.startswith("vjp modified its input the upstream cotangent ybar") for v in bad["relu"]), bad[
        "relu"
    ]
    assert not bad["tanh"] and any(v.outcome == "agrees" for v in found["tanh"])
    assert witness.printed > 5 and capsys.readouterr().out == ""


def test_a_file_that_never_ends_is_refused(file):
    with pytest.raises(BackendError, match=r"no answer within 0\.3 seconds"):
        import_file(Path(file("while True: pass")), 0.3)
