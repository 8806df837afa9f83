"""The console command: what it prints, and its exit status."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from crosscheck.backends import fitting, screen, tasks
from crosscheck.backends.command import main
from crosscheck.backends.tasks import digits
from crosscheck.backends.trial import certify
from crosscheck.backends.witness import Witness
from crosscheck.reference import catalogue
from crosscheck.reference.agreement.allowance import SLACK
from crosscheck.reference.agreement.measure import FORMATS

RIGHT = """
import numpy as np

def softmax(x, *, axis):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)
"""
WRONG = RIGHT.replace("return e /", "return e * (1 + 1e-9) /")
DECLARED = (
    WRONG + 'disagreements = {"value:softmax-*-float64": ("my softmax is a little large", "https://example.org/1")}\n'
)


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch):
    """xdist tells its workers how wide the terminal is."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def few_digits(monkeypatch):
    """A hundred images of noise in the place of the handwritten digits."""
    rng = np.random.default_rng(0)
    x, labels = rng.integers(0, 17, size=(130, 64)) / 16, np.arange(130) % 10
    few = digits.Digits(x[:100], labels[:100], x[100:], labels[100:])
    monkeypatch.setattr(digits, "load", lambda: few)
    return few


def file_of(tmp_path, text):
    path = tmp_path / "mine.py"
    path.write_text(text)
    return str(path)


def test_the_catalogue_is_asked_and_summed_up(capsys):
    assert main(["numpy", "--op", "softmax", "--op", "sigm*", "--draws", "2", "--no-training"]) == 0
    out = capsys.readouterr().out
    assert "2 operations" in out and "numpy" in out and "answers are right" in out
    assert "\x1b" not in out and "\r" not in out, "plain text where there is no terminal"
    assert max(map(len, out.splitlines())) <= screen.WIDTH


def test_a_wrong_answer_is_shown_and_fails(capsys, tmp_path):
    assert main([file_of(tmp_path, WRONG), "--op", "softmax", "--no-training"]) == 1
    out = capsys.readouterr().out
    assert "value:softmax-rows-float64: disagrees" in out and "ulp are allowed" in out
    assert "mine" in out and "answers are wrong" in out


def test_another_convention_is_no_mistake_and_fails(capsys, tmp_path):
    mine = "import numpy as np\n\ndef hardsigmoid(x):\n    return np.clip(x / 5 + 0.5, 0, 1)\n"
    assert main([file_of(tmp_path, mine), "--op", "hardsigmoid", "--no-training"]) == 1
    out = capsys.readouterr().out
    assert "hardsigmoid-matrix-float64: convention" in out and "right under that of Keras 2" in out
    assert "divide x by 6" in out and "explain hardsigmoid.slope-of-one-fifth" in out
    assert "fails all the same" in out and "it looks like" not in out and "disagrees" not in out
    assert "0 of 2 answers are wrong, 2 follow another convention" in out
    declared = 'disagreements = {"value:hardsigmoid-*": ("as Keras 2 has it", "")}\n'
    assert main([file_of(tmp_path, mine + declared), "--op", "hardsigmoid", "--no-training"]) == 0


def test_a_right_file_agrees(tmp_path):
    assert main([file_of(tmp_path, RIGHT), "--op", "softmax", "--no-training"]) == 0


def test_a_declared_disagreement_is_shown_and_does_not_fail(capsys, tmp_path):
    assert main([file_of(tmp_path, DECLARED), "--op", "softmax", "--no-training"]) == 0
    out = capsys.readouterr().out
    assert "my softmax is a little large (https://example.org/1)" in out and "declared" in out


def test_a_declaration_that_is_not_needed_fails(capsys, tmp_path):
    mine = file_of(tmp_path, DECLARED.replace("1e-9", "0"))
    assert main([mine, "--op", "softmax", "--no-training", "--draws", "2"]) == 1
    assert "narrow or remove the entry" in capsys.readouterr().out
    assert main([mine, "--op", "softmax", "--no-training"]) == 0, "one draw may miss what was declared"


def test_where_nothing_is_compared_it_fails(capsys, tmp_path):
    assert main([file_of(tmp_path, RIGHT), "--op", "sigmoid", "--no-training"]) == 2
    assert "nothing was compared" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--op", "sofmax"], "did you mean 'softmax'?"),
        (["--task", "CNM"], "did you mean 'CNN'?"),
        (["no_such_framework"], "there is no backend 'no_such_framework'"),
        (["nowhere.py"], "nowhere.py is no file"),
    ],
)
def test_a_wrong_word_is_answered_with_the_right_one(argv, message, capsys):
    assert main([*argv, "--no-catalogue"]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("argv", [["--steps", "0"], ["--draws", "none"], ["--fast"]])
def test_a_wrong_option_is_a_usage_error(argv, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(argv)
    assert stopped.value.code == 2
    assert "usage: crosscheck" in capsys.readouterr().err


def test_help_says_what_the_exit_status_means(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    assert "exit status" in capsys.readouterr().out


def test_without_scikit_learn_the_rest_is_asked(capsys, monkeypatch):
    def absent():
        raise ImportError("no scikit-learn")

    monkeypatch.setattr(digits, "load", absent)
    assert main(["numpy", "--op", "sigmoid"]) == 0
    assert "Nothing was trained" in capsys.readouterr().out
    assert main(["numpy", "--no-catalogue"]) == 2


def test_tasks_are_trained_and_digits_are_fitted(capsys, few_digits, monkeypatch):
    pytest.importorskip("sklearn")
    # noise has no digits that are all but certain, about which scikit-learn declares to be wrong
    monkeypatch.setattr("crosscheck.backends.sklearn_.ScikitLearn.disagreements", {})
    assert main(["numpy", "--no-catalogue", "--quick", "--steps", "2"]) == 0
    out = capsys.readouterr().out
    for expected in (
        "3-4-4-1",
        "CNN",
        "PCA by svd",
        "naive Bayes, fit",
        "ridge regression",
        "sklearn",
        "spread of 8 runs",
    ):
        assert expected in out
    assert "\x1b" not in out


def test_who_offers_no_network_is_told_so(capsys, few_digits, tmp_path):
    pytest.importorskip("sklearn")
    assert main([file_of(tmp_path, RIGHT), "--op", "softmax"]) == 0
    out = capsys.readouterr().out
    assert "Not trained, for want of a network: mine" in out and "Training" not in out
    assert "Nothing was fitted: mine offers no fit" in out


def test_a_fit_that_is_a_little_wrong_is_caught(few_digits):
    """Variances that divide by n, and components turned by 1e-9."""

    class Careless:
        def __init__(self, turn, scale):
            self.turn, self.scale = turn, scale

        def find(self, name):
            return self.pca_fit if name == "pca_fit" else None

        def pca_fit(self, x, *, n_components, route):
            mean, components, variance = catalogue()["pca_fit"].forward(x, n_components=n_components, route=route)
            turned = components + self.turn * np.roll(components, 1, axis=0)
            return mean, turned, variance * self.scale

    data = replace(few_digits, x=few_digits.x[:, :20], x_test=few_digits.x_test[:, :20])

    def outcomes(turn, scale):
        both_routes = islice(fitting.fits(data, [Witness(Careless(turn, scale), "careless")]), 2)
        return [v.outcome for _, _, verdicts in both_routes for v in verdicts]

    assert outcomes(0, 1) == ["agrees"] * 6
    assert outcomes(1e-9, 1) == ["agrees", "disagrees", "agrees"] * 2
    assert outcomes(0, 99 / 100) == ["agrees", "agrees", "disagrees"] * 2


def test_the_principal_components_are_certified(few_digits):
    truths, _ = fitting.principal_components(few_digits.x[:, :7], 3)
    mean, components, variance = catalogue()["pca_fit"].forward(few_digits.x[:, :7], n_components=3, route="covariance")
    signs = np.sign(np.sum(truths[1].hi * components, axis=1))
    assert np.allclose(truths[1].hi, signs[:, np.newaxis] * components, rtol=0, atol=1e-13)
    assert np.allclose(truths[2].hi, variance, rtol=1e-13) and np.allclose(truths[0].hi, mean, rtol=1e-14)
    assert all(np.max(t.radius) < 1e-50 for t in truths)


def test_one_task_is_trained_alone(capsys):
    pytest.importorskip("sklearn")
    assert main(["numpy", "--no-catalogue", "--task", "3-4-*"]) == 0
    out = capsys.readouterr().out
    assert "3-4-4-1, accuracy" in out and "CNN" not in out and "PCA" not in out


def test_the_tasks_hold_what_they_promise():
    """No weight is 0, each is judged in the end, and the certified steps prove something in float32 too."""
    pytest.importorskip("sklearn")
    form = FORMATS["float32"]
    every = tasks.every()
    assert len({task.name for task in every}) == len(every) and any(task.quick for task in every)
    for task in every:
        assert task.compared <= len(task.batches) and len(set(map(len, task.batches))) == 1, task.name
        assert len({len(a) for a in task.data}) == 1 and all(len(a) == len(task.batches) for a in task.drawn), task.name
        assert len(task.names) == len(task.weights) and all(np.all(w != 0) for w in task.weights), task.name
        assert task.exam.bound is not None, task.name
        for truths, radii in certify(task, form) if task.certified else ():
            assert all(np.any(np.abs(t.hi) > SLACK * r) for t, r in zip(truths, radii, strict=True)), task.name


def test_the_digits_have_every_class():
    pytest.importorskip("sklearn")
    first, mlp, cnn, _ = digits.tasks()
    assert first.certified == 10 and [a.shape for a in first.weights[::2]] == [(3, 4), (4, 4), (4, 1)]
    assert set(mlp.data[1]) == set(range(10)) == set(cnn.exam.targets[0]) and cnn.exam.bound == 0.97
