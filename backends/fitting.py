"""What is fitted in one go: principal components and naive Bayes of digits, lines of diabetes; judged by the truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from flint import acb_mat, arb, arb_mat, ctx

from crosscheck.reference import Case, catalogue
from crosscheck.reference.agreement.allowance import LAPACK, SLACK
from crosscheck.reference.agreement.measure import FORMATS
from crosscheck.reference.agreement.truth import Enclosure, Point, enclosure
from crosscheck.reference.agreement.verdict import Verdict, judge
from crosscheck.reference.arithmetic.ball import Balls

from .questions import examined, question, settle
from .tasks import regressions
from .tasks.digits import Digits
from .witness import Witness

FORM = FORMATS["float64"]
FITS = (
    "pca_fit",
    "gaussian_naive_bayes_fit",
    "gaussian_naive_bayes_log_posterior",
    "gaussian_naive_bayes_predict",
    "linear_regression",
)
COMPONENTS = 10
EIGEN_BITS = 256
Certificate = tuple[tuple[Enclosure, ...], tuple[np.ndarray, ...]]
"""The truth of each output and its rounding radius."""


def fits(digits: Digits, witnesses: Sequence[Witness]) -> Iterator[tuple[str, Witness, list[Verdict]]]:
    """Each fit, each witness, and the verdicts on its answers."""
    x, labels = digits.x, digits.labels
    k = min(COMPONENTS, x.shape[1])
    certificate = principal_components(x, k)
    for route in ("covariance", "svd"):
        p = _point("pca_fit", f"digits-{route}", (x,), {"n_components": k, "route": route})
        yield from _asked(f"PCA by {route}", p, witnesses, certificate)
    params = {"n_classes": int(np.max(labels)) + 1, "var_smoothing": 1e-9}
    p = _point("gaussian_naive_bayes_fit", "digits", (x, labels), params)
    yield from _asked("naive Bayes, fit", p, witnesses, (p.truth("value"), p.rounding("value")))
    args = (digits.x_test, *p.op.forward(x, labels, **params))
    p = _point("gaussian_naive_bayes_log_posterior", "digits", args, {})
    yield from _asked("naive Bayes, log posterior", p, witnesses, (p.truth("value"), p.rounding("value")))
    p = _point("gaussian_naive_bayes_predict", "digits", args, {})
    yield from _asked("naive Bayes, predictions", p, witnesses, (p.truth("value"), (np.zeros(()),)))
    rows, _ = regressions.diabetes()
    for title, alpha in (("linear regression", 0.0), ("ridge regression", 0.5)):
        p = _point("linear_regression", f"diabetes-{title.partition(' ')[0]}", rows, {"alpha": alpha})
        yield from _asked(title, p, witnesses, (p.truth("value"), p.rounding("value")))


def _point(name: str, label: str, args: tuple[Any, ...], params: dict[str, Any]) -> Point:
    """Its value alone is asked."""
    return Point(catalogue()[name], Case(label, args, params, "special"), FORM, (0,))


def _asked(
    title: str, p: Point, witnesses: Sequence[Witness], certificate: Certificate
) -> Iterator[tuple[str, Witness, list[Verdict]]]:
    """The verdicts on the outputs, each up to the sign that the operation leaves free."""
    name = question("fit", p.op.name, p.case.label, FORM.name)
    truths, radii = certificate
    for witness in witnesses:

        def answers(witness=witness):
            got = witness.answer(p, "value")
            if p.op.gauge is not None:
                signs = p.op.gauge(got, tuple(t.hi for t in truths))
                got = tuple(g * s for g, s in zip(got, signs, strict=True))
            for k, (g, truth, radius) in enumerate(zip(got, truths, radii, strict=True)):
                yield judge(f"{name}, output {k + 1}", g, truth, radius, FORM, witness.flushes)

        yield title, witness, settle(examined(witness, name, answers), witness.disagreements)


def principal_components(x: np.ndarray, k: int) -> Certificate:
    """The certified mean, components and explained variances, and the radii that LAPACK's bound gives them.

    The covariance matrix is formed and decomposed in balls, which isolate its eigenvalues; columns that are constant
    are left out, as their eigenvalue 0 would be multiple. A backward error of p ulp of the largest variance moves a
    variance by that, and a component by that over the distance to the nearest other variance.
    """
    n, varies = len(x), np.flatnonzero(np.ptp(x, axis=0) > 0)
    with ctx.workprec(EIGEN_BITS):
        mean = [sum((arb(float(v)) for v in column), arb(0)) / n for column in x.T]
        centred = arb_mat([[arb(float(row[j])) - mean[j] for j in varies] for row in x])
        covariance = centred.transpose() * centred / (n - 1)
        values, vectors = acb_mat(covariance).eig(right=True)
        order = sorted(range(len(varies)), key=lambda i: -float(values[i].real))
        variances = [values[i].real for i in order]
        components = np.full((k, x.shape[1]), arb(0), dtype=object)
        for row, i in zip(components, order, strict=False):
            vector = [vectors[j, i].real for j in range(len(varies))]
            length = sum((v * v for v in vector), arb(0)).sqrt()
            row[varies] = [v / length for v in vector]
        truths = tuple(enclosure(np.array(a, dtype=object).view(Balls)) for a in (mean, components, variances[:k]))
    spectrum = np.array([float(v) for v in variances])
    gaps = np.array([np.min(np.abs(np.delete(spectrum, i) - spectrum[i])) for i in range(k)])
    moved = LAPACK * x.shape[1] * spectrum[0] * 2.0 ** (1 - FORM.bits)
    mean_moved = n * np.mean(np.abs(x), axis=0) * 2.0**-FORM.bits
    allowed = (mean_moved, np.broadcast_to((moved / gaps)[:, np.newaxis], components.shape), np.full(k, moved))
    return truths, tuple(a / SLACK for a in allowed)
