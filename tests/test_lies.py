"""Can the harness fail? A perfect witness is asked every question, then one that lies in a known way."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from crosscheck.backends import questions
from crosscheck.backends.pages import page
from crosscheck.backends.witness import READING, Witness, called, kinds_of
from crosscheck.reference import catalogue
from crosscheck.reference.activation.softmax import softmax_hvp, softmax_vjp
from crosscheck.reference.agreement.measure import FORMATS
from crosscheck.reference.agreement.proof import hessian_gap, proved
from crosscheck.reference.agreement.truth import Point, point
from crosscheck.reference.calculus.rosenbrock import rosenbrock_hvp
from crosscheck.reference.elementwise.algebraic import square_hvp
from crosscheck.reference.statistics.moments import std_vjp, variance_hvp
from crosscheck.reference.statistics.shape import standardize_vjp

Lie = Callable[[np.ndarray], np.ndarray]
OPS = [pytest.param(op, id=op.name) for op in catalogue().values()]


def off_by(relative: float) -> Lie:
    def lie(a):
        a = a.copy()
        largest = np.unravel_index(np.argmax(np.abs(a)), a.shape)
        a[largest] = a[largest] * (1 + relative)
        return a

    return lie


def nan_somewhere(a):
    a = a.copy()
    a[(0,) * a.ndim] = np.nan
    return a


LIES: dict[str, Lie] = {
    "sign": lambda a: -a,
    "factor 2": lambda a: 2 * a,
    "factor 1 + 1e-9": lambda a: a * (1 + 1e-9),
    "transposed": lambda a: a.mT if a.ndim >= 2 else a[::-1],
    "one element off by 1e-9": off_by(1e-9),
    "zeros": np.zeros_like,
    "nan": nan_somewhere,
    "wrong shape": lambda a: a[np.newaxis],
    "one number everywhere": lambda a: np.full_like(a, a[(0,) * a.ndim]),
    "a scalar": lambda a: a[(0,) * a.ndim],
    "empty": lambda a: a.reshape(-1)[:0],
    "float32 inside": lambda a: a.astype(np.float32).astype(a.dtype),
}
NO_LIES = {("qr", "value", "sign"): "-q times -r is a as well"}
"""{(operation, kind of question, lie): why it is another right answer}"""
VISIBLE_IN_FLOAT32 = set(LIES) - {"factor 1 + 1e-9", "one element off by 1e-9", "float32 inside"}


def same(told: np.ndarray, honest: np.ndarray) -> bool:
    """Whether nothing but last bits was changed: a symmetric matrix, transposed, is no lie."""
    if honest.dtype.kind != "f":
        return np.array_equal(told, honest)
    with np.errstate(invalid="ignore"):
        return bool(np.all(np.abs(told - honest) <= 16 * np.spacing(np.abs(honest))))


class Perfect(Witness):
    """Answers every question with the truth, rounded; then tells the lie."""

    def __init__(self, lie: Lie = lambda a: a, about: str = "") -> None:
        class Nobody:
            find = staticmethod(lambda name: None)

        super().__init__(Nobody(), "perfect")
        self.dtypes = tuple(FORMATS)
        self.lie = lie
        self.about = about
        self.told = 0

    def answer(self, point, kind, ybar=None, compiled=None, arrange=None):
        answers = []
        for truth in point.truth(READING[kind]):
            honest = truth.hi.astype(point.form.dtype) if truth.hi.dtype.kind == "f" else truth.hi
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                told = self.lie(honest) if kind == (self.about or kind) else honest
            self.told += told.shape != honest.shape or not same(told, honest)
            answers.append(told)
        return tuple(answers)


@pytest.mark.parametrize("op", OPS)
def test_every_lie_about_every_question_is_caught(op):
    """Each lie, in each kind of answer to each case, float64 and float32; where it changes nothing it is no lie."""
    missed, told = [], Counter()
    for label, case in op.draw().items():
        if case.kind != "regular":
            continue
        for dtype in ("float64", "float32"):
            for kind in kinds_of(point(op, label, dtype)):
                honest = questions.ask(Perfect(), op, label, dtype, kind)
                assert [v.outcome for v in honest] == ["agrees"] * len(honest), honest[0].message()
                for name in LIES if dtype == "float64" else VISIBLE_IN_FLOAT32:
                    integers = point(op, label, dtype).truth(READING[kind])[0].hi.dtype.kind != "f"
                    if integers and name in ("nan", "factor 1 + 1e-9", "one element off by 1e-9"):
                        continue
                    if (op.name, kind, name) in NO_LIES:
                        continue
                    liar = Perfect(LIES[name], kind)
                    verdicts = questions.ask(liar, op, label, dtype, kind)
                    told[name] += liar.told > 0
                    if liar.told and all(v.outcome in ("agrees", "kink") for v in verdicts):
                        missed.append(f"{name}: {verdicts[0].question}")
    assert not missed, f"{len(missed)} of {sum(told.values())} lies were believed:\n" + "\n".join(missed)
    assert told["wrong shape"], f"no question about {op.name} was lied about"


def smallest_fault(witness: Perfect, op, label: str, dtype: str, kind) -> float:
    """The smallest factor 1 + delta on all elements that is caught, delta a power of ten or half of one."""
    low, high = -34, 0  # exponents in halves: believed, and caught
    while high - low > 1:
        middle = (low + high) // 2
        witness.lie = lambda a, delta=10.0 ** (middle / 2): (a.astype(np.float64) * (1 + delta)).astype(a.dtype)
        caught = any(v.outcome == "disagrees" for v in questions.ask(witness, op, label, dtype, kind))
        low, high = (low, middle) if caught else (middle, high)
    return 10.0 ** (high / 2)


def test_smallest_fault_that_is_caught(capsys, pytestconfig):
    """Published per dtype: the smallest relative fault caught in value and VJP of the first case of each operation.

    Of every fifth one, and of all in the slow tier. Networks are left out: their layers say the same at a tenth of the
    cost.
    """
    ops = [op for op in catalogue().values() if op.values is None]
    caught: dict[str, list[tuple[float, str]]] = {}
    for op in ops[:: 1 if pytestconfig.getoption("--crosscheck-slow") else 5]:
        regular = [(label, case) for label, case in op.draw().items() if case.kind == "regular"]
        for label, case in regular[:1]:
            for dtype in questions.formats(op, case):
                for kind in ("value", "vjp") if op.differentiable(case) and op.vjp else ("value",):
                    truth = point(op, label, dtype).truth(READING[kind])[0].hi
                    if truth.dtype.kind == "f" and np.any(truth):
                        fault = smallest_fault(Perfect(), op, label, dtype, kind)
                        caught.setdefault(dtype, []).append((fault, questions.question(kind, op.name, label, dtype)))
    with capsys.disabled():
        print("\nsmallest relative fault caught, over", len(caught["float64"]), "questions in float64:")
        for dtype, faults in caught.items():
            faults.sort()
            median, (worst, where) = faults[len(faults) // 2][0], faults[-1]
            print(f"  {dtype:9} best {faults[0][0]:.0e}  median {median:.0e}  worst {worst:.0e} at {where}")
    assert caught["float64"][len(caught["float64"]) // 2][0] <= 1e-12


# Faults that only a whole backend can commit: in its compiled code, in its second derivatives, in its precision.


class Faulty:
    """A backend that passes everything on to another one, except what a test plants."""

    def __init__(self, backend, **planted) -> None:
        self.backend, self.planted = backend, planted

    def __getattr__(self, name):
        return self.planted[name] if name in self.planted else getattr(self.backend, name)


def wrong(verdicts) -> bool:
    return any(v.outcome in ("disagrees", "convention", "raised", "vacuous") for v in verdicts)


@pytest.fixture(scope="module")
def framework():
    from crosscheck.backends import installed, load

    names = [name for name in ("torch", "jax") if name in installed()]
    if not names:
        pytest.skip("neither torch nor jax is installed")
    return load(names[0])


ABOUT = [("softmax", "rows"), ("mse", "mean"), ("kl_categorical", "rows")]


@pytest.mark.parametrize(("name", "label"), ABOUT)
def test_a_fault_in_compiled_code_alone_is_caught(framework, name, label):
    op = catalogue()[name]

    def compiled(f):
        def g(inputs):
            return {
                label: {kind: tuple(a * (1 + 1e-9) for a in answer) for kind, answer in answers.items()}
                for label, answers in f(inputs).items()
            }

        return g

    witness = Witness(Faulty(framework, compiled=compiled, compile_first=False), "wrong when compiled")
    assert not wrong(questions.ask(witness, op, label, "float64", "value"))
    assert wrong(questions.ask_otherwise(witness, op, label, "float64"))


@pytest.mark.parametrize(("name", "label"), ABOUT)
@pytest.mark.parametrize("kind", ["forward-over-reverse", "reverse-over-reverse"])
def test_a_fault_in_the_second_derivative_alone_is_caught(framework, name, label, kind):
    """The VJP has the right value and, behind a stopped gradient, nine tenths of the right slope."""
    op = catalogue()[name]

    def vjp(f, *x):
        y, pull = framework.vjp(f, *x)
        return y, lambda ybar: tuple(0.9 * g + stopped(0.1 * g) for g in pull(ybar))

    if framework.name == "torch":
        stopped = stop_in_torch
    else:
        from jax.lax import stop_gradient as stopped
    witness = Witness(Faulty(framework, vjp=vjp, compile_first=False), "wrong at second order")
    assert not wrong(questions.ask(witness, op, label, "float64", "vjp"))
    assert wrong(questions.ask(witness, op, label, "float64", kind))


def stop_in_torch(x):
    import torch

    class Stop(torch.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(x):
            return x.clone()

        @staticmethod
        def setup_context(ctx, inputs, output):
            pass

        @staticmethod
        def backward(ctx, g):
            return torch.zeros_like(g)

        @staticmethod
        def jvp(ctx, g):
            return torch.zeros_like(g)

    return Stop.apply(x)


@pytest.mark.parametrize(("name", "label"), ABOUT)
def test_float32_inside_float64_is_caught(framework, name, label):
    op = catalogue()[name]

    def find(wanted):
        f = framework.find(wanted)

        def narrow(*args, **params):
            args = [framework.asarray(framework.asnumpy(a).astype(np.float32)) for a in args]
            return framework.asarray(framework.asnumpy(f(*args, **params)).astype(np.float64))

        return f and narrow

    witness = Witness(Faulty(framework, find=find, compile_first=False), "float32 inside")
    assert wrong(questions.ask(witness, op, label, "float64", "value"))


@pytest.mark.parametrize(("name", "label"), ABOUT)
def test_modified_inputs_and_a_memory_between_calls_are_caught(name, label):
    op, calls = catalogue()[name], []

    def modifies(x, *args, **params):
        y = op.forward(x, *args, **params)
        x *= 2
        return y

    def remembers(*args, **params):
        calls.append(1)
        return op.forward(*args, **params) * len(calls)

    for function in (modifies, remembers):
        calls.clear()
        backend = type("Plain", (), {"find": staticmethod(lambda n, f=function: f if n == name else None)})()
        assert wrong(questions.ask_pure(Witness(backend, "impure"), op, label, "float64"))


def test_a_wrong_axis_of_a_strided_input_is_caught():
    op = catalogue()["softmax"]

    def ignores_strides(x, *, axis):
        contiguous = np.frombuffer(x.base.tobytes() if x.base is not None else x.tobytes(), x.dtype)[: x.size]
        return op.forward(contiguous.reshape(x.shape), axis=axis)

    backend = type("Plain", (), {"find": staticmethod(lambda n: ignores_strides if n == "softmax" else None)})()
    assert wrong(questions.ask_layout(Witness(backend, "ignores strides"), op, "rows", "float64"))


def test_an_empty_refusal_a_wrong_limit_and_no_subgradient_are_caught():
    catalog = catalogue()

    def witness(name, f):
        return Witness(type("Plain", (), {"find": staticmethod(lambda n: f if n == name else None)})(), "lies")

    softmax, relu = catalog["softmax"], catalog["relu"]
    generous = witness("softmax", lambda x, *, axis: softmax.forward(x, axis=min(axis, x.ndim - 1)))
    assert wrong(questions.ask_refusal(generous, softmax, "no-such-axis", "float64"))
    uniform = witness("softmax", lambda x, *, axis: np.nan_to_num(softmax.forward(x, axis=axis), nan=0.5))
    assert wrong(questions.ask_limit(uniform, softmax, "nan", "float64"))
    kinks = [label for label, case in relu.draw().items() if case.kind == "kink"]
    beyond = witness("relu_vjp", lambda ybar, y, x: (ybar * np.where(x > 0, 1.0, np.where(x == 0, 1.5, 0.0)),))
    assert wrong(questions.ask_kink(beyond, relu, kinks[0], "float64"))
    absent = witness("relu_vjp", lambda ybar, y, x: (np.where(x == 0, np.nan, ybar * (x > 0)),))
    assert wrong(questions.ask_kink(absent, relu, kinks[0], "float64"))


def test_a_wrong_batch_is_caught(framework):
    """A batching rule that mixes up the examples."""
    op = catalogue()["softmax"]

    def batched(f, axes):
        mapped = framework.batched(f, axes)
        return lambda *arrays: [
            tuple(a.flip(0) if hasattr(a, "flip") else a[::-1] for a in group) for group in mapped(*arrays)
        ]

    witness = Witness(Faulty(framework, batched=batched, compile_first=False), "mixes examples")
    assert wrong(questions.ask_batched(witness, op, "rows", "float64", 2))


# A Hessian-vector product that was derived by hand: in balls, in floats, and what is told of a wrong one.


def without_the_second_term(ybar, dots, y, x, *, axis):
    (ydot,) = softmax_vjp(dots[0], y, x, axis=axis)
    return (ydot * (ybar - np.sum(ybar * y, axis=axis, keepdims=True)),)


def slightly_too_large(ybar, dots, y, x, **params):
    return tuple(g * (1 + 1e-9) for g in HVPS[len(params)](ybar, dots, y, x, **params))


HVPS = (square_hvp, softmax_hvp, rosenbrock_hvp, variance_hvp)
"""By their number of parameters."""


@pytest.mark.parametrize(
    ("name", "lie"),
    [
        ("softmax", without_the_second_term),
        *((name, slightly_too_large) for name in ("square", "softmax", "rosenbrock", "variance")),
    ],
)
def test_a_wrong_hessian_is_caught(name, lie):
    """As a text, by the proof in every case; as a witness's answer, by the question."""
    right = catalogue()[name]
    for label, case in right.draw().items():
        if case.kind == "regular":
            assert proved(hessian_gap(Point(right, case, FORMATS["float64"], (0,))))
            assert not proved(hessian_gap(Point(replace(right, hvp=lie), case, FORMATS["float64"], (0,))))
            for hvp, outcome in ((right.hvp, "agrees"), (lie, "disagrees")):
                mine = by_hand(name, hvp)
                verdicts = questions.ask(mine, right, label, "float64", "forward-over-reverse")
                assert [v.outcome for v in verdicts] == [outcome], verdicts[0].message()


def by_hand(name, hvp):
    return Witness(SimpleNamespace(find={f"{name}_hvp": hvp}.get, dtypes=("float64", "float32")), "mine")


def with_y_held_fixed(ybar, dots, y, x, *, axis, correction):
    """xbar = (ybar - mean(ybar) - y sum(y ybar) / n) / s, of which s alone is moved."""
    moved = dots[0] - np.mean(dots[0], axis=axis, keepdims=True)
    sdot = np.sum(y * moved, axis=axis, keepdims=True) / (x.shape[axis] - correction)
    s = np.std(x, axis=axis, ddof=correction, keepdims=True)
    return (-sdot / s * standardize_vjp(ybar, y, x, axis=axis, correction=correction)[0],)


def with_the_value_alone(ybar, dots, y, x, *, axis, correction, keepdims):
    """xbar = ybar c / (n y), of which y alone is moved."""
    (xbar,), (slope,) = (std_vjp(v, y, x, axis=axis, correction=correction, keepdims=keepdims) for v in (ybar, 1.0))
    return (-xbar * np.sum(slope * dots[0]) / y,)


def of_each_argument_alone(ybar, dots, y, p, q, *, axis):
    (pdot, qdot), ybar = dots, np.expand_dims(ybar, axis)
    return ybar * pdot / p, ybar * p * qdot / q**2


@pytest.mark.parametrize(
    ("name", "label", "hvp", "told"),
    [
        ("softmax", "rows", lambda ybar, dots, y, x, axis: (np.zeros_like(x),), "constant-gradient"),
        ("softmax", "rows", lambda ybar, dots, y, x, axis: softmax_vjp(ybar, y, x, axis=axis), "gradient-itself"),
        ("softmax", "rows", lambda ybar, dots, y, x, axis: (dots[0] * dots[0],), "not-linear-in-dots"),
        ("softmax", "rows", lambda *args, axis: (2 * softmax_hvp(*args, axis=axis)[0],), "constant-factor"),
        ("standardize", "rows", with_y_held_fixed, "value-held-fixed"),
        ("std", "all", with_the_value_alone, "arguments-held-fixed"),
        ("kl_categorical", "rows", of_each_argument_alone, "mixed-terms-dropped"),
    ],
)
def test_what_is_told_of_a_wrong_hessian(name, label, hvp, told):
    for verdict in questions.ask(by_hand(name, hvp), catalogue()[name], label, "float64", "forward-over-reverse"):
        hint = verdict.hint()
        assert hint is not None and hint.code == told, hint
        assert page(hint.code)


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (lambda ybar, dots, y, x, axis: np.zeros_like(x), "softmax_hvp must return a tuple of 1 cotangents, got nd"),
        (lambda ybar, dots, y, x, axis: (x, x), "softmax_hvp must return a tuple of 1 cotangents, got 2 values"),
    ],
)
def test_a_wrong_number_of_products_is_told(answers, told):
    mine = by_hand("softmax", answers)
    (verdict,) = questions.ask(mine, catalogue()["softmax"], "rows", "float64", "forward-over-reverse")
    assert told in verdict.message()


def test_a_wrong_parameter_list_of_a_product_is_told(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("def std_hvp(ybar, y, x, *, axis, correction, keepdims):\n    return (x,)\n")
    mine = called(str(path))
    (verdict,) = questions.ask(mine, catalogue()["std"], "rows", "float64", "forward-over-reverse")
    assert "std_hvp has the parameters" in verdict.message() and "want (ybar, dots, y, x, *," in verdict.message()
