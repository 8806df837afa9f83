"""Posteriors against integrals, naive Bayes of real sets, and what a step of EM and the evidence promise: in balls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import acb, arb, ctx

from crosscheck.reference import Case, catalogue
from crosscheck.reference.agreement.measure import FORMATS
from crosscheck.reference.agreement.truth import EXACT, ROUNDING, Point, enclosure
from crosscheck.reference.agreement.verdict import judge
from crosscheck.reference.arithmetic.ball import Balls, balls
from crosscheck.reference.arithmetic.functions import VECTOR_LIBRARY
from crosscheck.reference.arithmetic.reading import read
from crosscheck.reference.arithmetic.rounding import RoundingBalls, format_of
from crosscheck.reference.bayes import counts, naive_bayes

OPS = catalogue()
JOINTS = {
    "gaussian": naive_bayes._log_joint,
    "multinomial": counts._multinomial_joint,
    "bernoulli": counts._bernoulli_joint,
}
"""The log densities of row and class together, from which each model's posterior is made."""
BITS = 128


def certified(name: str, *args, **params) -> Any:
    """The operation's outputs in balls; float parameters are exact."""
    lifted = [balls(a) if np.asarray(a).dtype.kind == "f" else a for a in args]
    plain = {k: balls(v) if isinstance(v, float) else v for k, v in params.items()}
    y = read(OPS[name].forward, EXACT)(*lifted, **plain)
    return y if isinstance(y, tuple) else (y,)


def number(y: Balls, *index: int) -> arb:
    return arb(y.view(np.ndarray)[index])


def integral(f, low, high) -> arb:
    """A proven enclosure; f is entire, so no branch point lies near the path."""
    return acb.integral(lambda z, analytic: f(z), low, high).real


def agree(got: arb, want: arb, digits: int = 20) -> bool:
    return bool(got.overlaps(want)) and float(got.rad() + want.rad()) < 10.0**-digits * max(abs(float(want)), 1e-30)


def test_beta_binomial_is_the_integral_over_theta():
    """With whole a and b the integrand is a polynomial: p(s) = int C(n, s) t^s (1-t)^(n-s) Beta(t; a, b) dt."""
    with ctx.workprec(BITS):
        for a, b, s, n in ((2, 3, 4, 7), (1, 1, 0, 3), (5, 2, 6, 6)):
            density = arb(a + b - 1).fac() / arb(a - 1).fac() / arb(b - 1).fac()
            choose = arb(n).fac() / arb(s).fac() / arb(n - s).fac()

            def mass(power: int, a=a, b=b, s=s, n=n) -> arb:
                return integral(lambda t: t ** (a + s - 1 + power) * (1 - t) ** (b + n - s - 1), 0, 1)

            (got,) = certified("beta_binomial_log_evidence", np.array(s), np.array(float(a)), np.array(float(b)), n=n)
            assert agree(number(got).exp(), choose * density * mass(0))
            args = (np.array(float(v)) for v in (a, b, s, n - s))
            _, _, mean, variance = certified("beta_binomial_posterior", *args)
            first = mass(1) / mass(0)
            assert agree(number(mean), first) and agree(number(variance), mass(2) / mass(0) - first**2)


def test_evidences_sum_to_one():
    with ctx.workprec(BITS):
        a, b = np.array(0.75), np.array(2.5)
        (y,) = certified("beta_binomial_log_evidence", np.arange(6), a, b, n=5)
        assert agree(sum((number(y, k).exp() for k in range(6)), arb(0)), arb(1))
        counts = np.array([[i, j, 4 - i - j] for i in range(5) for j in range(5 - i)])
        (y,) = certified("dirichlet_multinomial_log_evidence", counts, np.array([0.75, 2.5, 0.3125]), n=4)
        assert agree(sum((number(y, k).exp() for k in range(len(counts))), arb(0)), arb(1))
        (two,) = certified("dirichlet_multinomial_log_evidence", np.array([3, 2]), np.array([0.75, 2.5]), n=5)
        (beta,) = certified("beta_binomial_log_evidence", np.array(3), a, b, n=5)
        assert agree(number(two), number(beta))


def test_normal_posterior_evidence_and_elbo_are_integrals_over_mu():
    """A product of normal densities is entire in mu; beyond 60 deviations it is below 1e-700."""
    x, m0, v0, v = np.array([[0.5], [2.25], [1.0]]), np.array([-1.0]), np.array([4.0]), np.array([0.5])
    with ctx.workprec(BITS):
        data = [arb(float(value)) for value in x[:, 0]]

        def density(z, mean, variance):
            return (-((z - mean) ** 2) / (2 * variance)).exp() / (2 * arb.pi() * variance).sqrt()

        def joint(z):
            product = density(z, arb(-1), arb(4))
            for value in data:
                product = product * density(z, value, arb(0.5))
            return product

        evidence, first, second = (integral(lambda z, k=k: joint(z) * z**k, -30, 30) for k in range(3))
        mean, variance, predictive = certified("normal_normal_posterior", x, m0, v0, v)
        assert agree(number(mean, 0), first / evidence)
        assert agree(number(variance, 0), second / evidence - (first / evidence) ** 2)
        assert agree(number(predictive, 0), number(variance, 0) + arb(0.5))
        elbo = read(OPS["elbo"].forward, EXACT)
        fixed = (balls(m0), np.sqrt(balls(v0)), np.sqrt(balls(v)))
        assert agree(number(elbo(balls(x), mean, np.sqrt(variance), *fixed)), evidence.log())
        other = number(elbo(balls(x), mean + 1, np.sqrt(variance), *fixed))
        assert other < evidence.log()


def test_regression_posterior_and_evidence_are_integrals_over_the_weight():
    x, y, alpha, beta = np.array([[1.0], [-0.5], [2.0]]), np.array([0.75, 0.25, 1.5]), np.array(0.75), np.array(2.0)
    with ctx.workprec(BITS):

        def joint(w):
            square = arb(0.75) * w * w
            for a, b in zip(x[:, 0], y, strict=True):
                square = square + 2 * (arb(float(b)) - arb(float(a)) * w) ** 2
            norm = (arb(0.75) / (2 * arb.pi())).sqrt() * (2 / (2 * arb.pi())).sqrt() ** 3
            return (-square / 2).exp() * norm

        evidence, first, second = (integral(lambda w, k=k: joint(w) * w**k, -40, 40) for k in range(3))
        m, covariance = certified("bayesian_linear_regression", x, y, alpha, beta)
        variance = second / evidence - (first / evidence) ** 2
        assert agree(number(m, 0), first / evidence) and agree(number(covariance, 0, 0), variance)
        (log_evidence,) = certified("bayesian_linear_regression_log_evidence", x, y, alpha, beta)
        assert agree(number(log_evidence), evidence.log())
        new = np.array([[3.0]])
        mean, spread = certified("bayesian_linear_regression_predictive", new, x, y, alpha, beta)
        assert agree(number(mean, 0), 3 * first / evidence) and agree(number(spread, 0), 9 * variance + arb(0.5))
        (w,) = certified("ridge", x, y, alpha=0.375)  # alpha / beta
        assert agree(number(w, 0), number(m, 0))


def test_evidence_is_the_density_of_the_targets_given_one_after_the_other():
    """log p(y) = sum_n log p(y_n | those before it): the predictive densities."""
    x, y, alpha, beta = OPS["bayesian_linear_regression_log_evidence"].draw()["three-weights"].args
    with ctx.workprec(BITS):
        total = arb(0)
        for n in range(len(y)):
            args = (x[n : n + 1], x[:n], y[:n], alpha, beta)
            mean, variance = certified("bayesian_linear_regression_predictive", *args)
            off, v = arb(float(y[n])) - number(mean, 0), number(variance, 0)
            total -= (off**2 / v + (2 * arb.pi() * v).log()) / 2
        (got,) = certified("bayesian_linear_regression_log_evidence", x, y, alpha, beta)
        assert agree(number(got), total)


@pytest.mark.parametrize("label", ["two-clusters", "one-feature", "shifted"])
def test_a_step_of_em_raises_the_likelihood(label):
    """Proved: the ball of the increase lies above 0, in each of several draws."""
    for draw in range(3):
        *state, x = OPS["em_gaussian_mixture_step"].draw(draw)[label].args
        with ctx.workprec(BITS):
            state, last = [balls(v) for v in state], None
            step = read(OPS["em_gaussian_mixture_step"].forward, EXACT)
            for _ in range(2):
                *state, likelihood = step(*state, balls(x))
                if last is not None:
                    assert number(likelihood) - last > 0
                last = number(likelihood)


def test_steps_of_kmeans_lower_the_sum_of_squares():
    x, centroids = OPS["kmeans_step"].draw()["three-clusters"].args
    with ctx.workprec(BITS):
        _, moved, before = certified("kmeans_step", x, centroids)
        _, _, after = read(OPS["kmeans_step"].forward, EXACT)(balls(x), moved)
        assert number(after) < number(before)


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits"])
@pytest.mark.parametrize("model", ["gaussian", "multinomial", "bernoulli"])
def test_naive_bayes_of_real_sets_is_that_of_scikit_learn(name, model):
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn has the sets and the other program")
    witness = pytest.importorskip("crosscheck.backends.sklearn_.bayes")
    x, labels = getattr(datasets, f"load_{name}")(return_X_y=True)
    rows = np.random.default_rng(0).permutation(len(x))[:60]
    x, labels = x[rows].astype(float), labels[rows]
    if model == "bernoulli":
        x = (x > np.median(x, axis=0)).astype(float)
    params = {"n_classes": int(np.max(labels)) + 1}
    params |= {"var_smoothing": 1e-9} if model == "gaussian" else {"alpha": 1.0}
    form = FORMATS["float64"]
    fit = Point(OPS[f"{model}_naive_bayes_fit"], Case(name, (x, labels), params, "special"), form, (0,))
    got = witness.FORWARDS[f"{model}_naive_bayes_fit"](x, labels, **params)
    unit = 2.0**-form.bits
    for k, (g, truth, radius) in enumerate(zip(got, fit.truth("value"), fit.rounding("value"), strict=True)):
        # what scikit-learn keeps is log n_cd - log n_c: three functions of its library, two of them of that size
        logarithms = 0 if model == "gaussian" else 1 + 2 * np.log(np.sum(x) + x.size)
        room = radius + (VECTOR_LIBRARY + 1) * unit * logarithms * np.abs(truth.hi)
        judge(f"output {k + 1} of the fit", np.asarray(g), truth, room, form).require()
    test = x[:20]
    fitted = OPS[f"{model}_naive_bayes_fit"].forward(x, labels, **params)
    posterior = Point(OPS[f"{model}_naive_bayes_log_posterior"], Case(name, (test, *fitted), {}, "special"), form, (0,))
    (truth,) = posterior.truth("value")
    got = witness.FORWARDS[f"{model}_naive_bayes_log_posterior"](test, *fitted)
    # scikit-learn takes from the joint log density its logsumexp: both are off by the rounding of that density, with
    # the constant d log(2 pi) / 2 in it, and by that of their difference
    with format_of(form.bits):
        joint = enclosure(read(JOINTS[model], ROUNDING)(*(balls(a, RoundingBalls) for a in (test, *fitted))))
    largest = np.max(np.abs(joint.hi), axis=1, keepdims=True) + x.shape[1]
    room = joint.radius + np.max(joint.radius, axis=1, keepdims=True) + 3 * unit * largest
    judge("log posterior", got, truth, room, form).require()
    predicted = witness.FORWARDS[f"{model}_naive_bayes_predict"](test, *fitted)
    assert np.array_equal(OPS[f"{model}_naive_bayes_predict"].forward(test, *fitted), predicted)
    assert np.array_equal(np.argmax(truth.hi, axis=1), predicted)
