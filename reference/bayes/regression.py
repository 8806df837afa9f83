"""Bayesian linear regression: noise of precision beta, weights drawn from Normal(0, 1 / alpha)."""

from __future__ import annotations

import numpy as np

from ..elimination import inverse_ldl, ldl, solve_ldl
from ..op import Case, Op


def ridge(x, y, *, alpha):
    """w = argmin |y - x w|^2 + alpha |w|^2 = (x^T x + alpha)^-1 x^T y.

    Shapes: x (N, D), y (N,), w (D,); alpha >= 0 in the square of x's unit.

    This w is the most probable one a posteriori (MAP) where the noise has variance s^2 and the weights have the prior
    Normal(0, s^2 / alpha): minus the logarithm of that posterior is the penalised sum of squares, over 2 s^2.

    Raises ValueError where the shapes do not fit.
    Source: Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, section 3.4.1, eq. 3.44.
    """
    _require_rows("ridge", x, y)
    return solve_ldl(ldl(_penalised(x, alpha)), x.mT @ y)


def _require_rows(name, x, y):
    if x.ndim != 2 or y.shape != x.shape[:1]:
        raise ValueError(f"{name}: got x {x.shape} and y {y.shape}, want (N, D) and (N,)")


def _penalised(x, alpha):
    """x^T x + alpha on the diagonal."""
    gram = x.mT @ x
    features = np.arange(x.shape[1])
    return np.where(features[:, None] == features, gram + alpha, gram)


def ridge_vjp(wbar, w, x, y, *, alpha):
    """g = (x^T x + alpha)^-1 wbar; ybar = x g, xbar = (y - x w) g^T - (x g) w^T.

    From (x^T x + alpha) dw = dx^T (y - x w) + x^T (dy - dx w).
    """
    g = solve_ldl(ldl(_penalised(x, alpha)), wbar)
    ybar = x @ g
    return (y - x @ w)[:, None] * g - ybar[:, None] * w, ybar


def _rows(rng, n, d, noise=0.5):
    """Rows whose columns are nearly at right angles, and what a line with noise makes of them."""
    x = np.linalg.qr(rng.normal(size=(n, d))).Q * np.sqrt(n) * rng.uniform(0.7, 1.4, size=d)
    return x, x @ (1 + rng.uniform(size=d)) + noise * rng.normal(size=n)


def ridge_hvp(wbar, dots, w, x, y, *, alpha):
    """With A = x^T x + alpha: wdot = A^-1 (xdot^T r + x^T rdot') and gdot = -A^-1 Adot g, rdot' = ydot - xdot w.

    Then d ybar = xdot g + x gdot, and both terms of xbar = r g^T - ybar w^T by the product rule.
    """
    xdot, ydot = dots
    factors = ldl(_penalised(x, alpha))
    g = solve_ldl(factors, wbar)
    residual, ybar = y - x @ w, x @ g
    wdot = solve_ldl(factors, xdot.mT @ residual + x.mT @ (ydot - xdot @ w))
    gdot = -solve_ldl(factors, xdot.mT @ ybar + x.mT @ (xdot @ g))
    residualdot, ybardot = ydot - xdot @ w - x @ wdot, xdot @ g + x @ gdot
    xbar = residualdot[:, None] * g + residual[:, None] * gdot - ybardot[:, None] * w - ybar[:, None] * wdot
    return xbar, ybardot


def ridge_cases(rng):
    yield Case("three-weights", _rows(rng, 7, 3), {"alpha": 0.75})
    yield Case("heavy", _rows(rng, 4, 2), {"alpha": 12.0})
    yield Case("more-weights-than-rows", (rng.normal(size=(2, 3)), 1 + rng.uniform(size=2)), {"alpha": 1.5})
    line = (np.array([[1.0], [2.0], [3.0]]), np.array([2.0, 4.0, 6.0]))
    yield Case("by-hand", line, {"alpha": 2.0}, "special", np.array([1.75]))
    x, y = _rows(rng, 7, 3)
    yield Case("too-few-targets", (x, y[1:]), {"alpha": 0.5}, "refused")


def ridge_sized(rng, n):
    return Case("sized", _rows(rng, max(n // 8, 9), 8), {"alpha": 0.5})


def bayesian_linear_regression(x, y, alpha, beta):
    """p(w | y) = Normal(m, S), S = (alpha + beta x^T x)^-1, m = beta S x^T y.

    Shapes: x (N, D), y (N,), the precisions alpha of the prior and beta of the noise (), m (D,), S (D, D).

    y = x w + noise. The precision of the posterior is that of the prior plus that of the data; both alpha and beta are
    precisions, 1 / variance. m is the ridge estimate for a penalty of alpha / beta.

    Raises ValueError where the shapes do not fit.
    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 3.3.1, eq. 3.53 and 3.54.
    """
    _require_rows("bayesian_linear_regression", x, y)
    covariance = inverse_ldl(_precision(x, alpha, beta))
    return beta * (covariance @ (x.mT @ y)), covariance


def _precision(x, alpha, beta):
    """alpha + beta x^T x, eliminated."""
    gram = beta * (x.mT @ x)
    features = np.arange(x.shape[1])
    return ldl(np.where(features[:, None] == features, gram + alpha, gram))


def bayesian_linear_regression_vjp(ybar, posterior, x, y, alpha, beta):
    """With A = S^-1 and c = beta x^T y: cbar = S mbar, and Abar = -S (Sbar + mbar c^T) S, made symmetric, as A is.

    Then A = alpha + beta x^T x: alphabar = trace Abar, xbar = 2 beta x Abar + beta y cbar^T, and so on.
    """
    (mbar, covariancebar), (m, covariance) = ybar, posterior
    cbar = covariance @ mbar
    abar = -covariance @ covariancebar @ covariance - cbar[:, None] * m
    abar = (abar + abar.mT) / 2
    xbar = beta * (2 * (x @ abar) + y[:, None] * cbar)
    fitted = x @ cbar
    betabar = np.sum((x @ abar) * x) + np.sum(fitted * y)
    return xbar, beta * fitted, np.trace(abar), betabar


def _precisions(rng):
    return rng.uniform(0.5, 2, size=()), rng.uniform(2, 5, size=())


def bayesian_linear_regression_hvp(ybar, dots, posterior, x, y, alpha, beta):
    """Sdot = -S Adot S and mdot = S (cdot - Adot m), with A = S^-1 and c = beta x^T y; then the VJP's lines move."""
    xdot, ydot, _, betadot = dots
    (mbar, covariancebar), (m, covariance) = ybar, posterior
    mdot, covariancedot = _posterior_dot(dots, posterior, x, y, beta)
    cbar, cbardot = covariance @ mbar, covariancedot @ mbar
    abar = -covariance @ covariancebar @ covariance - cbar[:, None] * m
    turned = -covariancedot @ covariancebar @ covariance - covariance @ covariancebar @ covariancedot
    abardot = turned - cbardot[:, None] * m - cbar[:, None] * mdot
    abar, abardot = (abar + abar.mT) / 2, (abardot + abardot.mT) / 2
    one, onedot = 2 * (x @ abar) + y[:, None] * cbar, 2 * (xdot @ abar + x @ abardot)
    onedot = onedot + ydot[:, None] * cbar + y[:, None] * cbardot
    fitted, fitteddot = x @ cbar, xdot @ cbar + x @ cbardot
    betabar = np.sum(2 * (x @ abar) * xdot + (x @ abardot) * x) + np.sum(fitteddot * y + fitted * ydot)
    return betadot * one + beta * onedot, betadot * fitted + beta * fitteddot, np.trace(abardot), betabar


def _posterior_dot(dots, posterior, x, y, beta):
    """How m and S of bayesian_linear_regression move."""
    (xdot, _, alphadot, betadot), (m, covariance) = dots, posterior
    half = x.mT @ (betadot / 2 * x + beta * xdot)
    moved = half @ covariance + half.mT @ covariance + alphadot * covariance
    return covariance @ _right_side_dot(dots, m, x, y, beta), -covariance @ moved


def _right_side_dot(dots, m, x, y, beta):
    """cdot - Adot m, which A mdot is: A m = c."""
    xdot, ydot, alphadot, betadot = dots
    half = x.mT @ (betadot / 2 * x + beta * xdot)
    cdot = x.mT @ (betadot * y + beta * ydot) + beta * (xdot.mT @ y)
    return cdot - half @ m - half.mT @ m - alphadot * m


def bayesian_linear_regression_cases(rng):
    yield Case("three-weights", (*_rows(rng, 7, 3), *_precisions(rng)))
    yield Case("more-weights-than-rows", (rng.normal(size=(2, 4)), rng.normal(size=2), *_precisions(rng)))
    x, y = _rows(rng, 7, 3)
    by_hand = (np.array([[1.0], [2.0], [3.0]]), np.array([2.0, 4.0, 6.0]), np.array(4.0), np.array(2.0))
    yield Case("by-hand", by_hand, {}, "special", (np.array([1.75]), np.array([[0.03125]])))
    yield Case("too-few-targets", (x, y[1:], *_precisions(rng)), {}, "refused")


def bayesian_linear_regression_sized(rng, n):
    return Case("sized", (*_rows(rng, max(n // 8, 9), 8), *_precisions(rng)))


def bayesian_linear_regression_predictive(x_new, x, y, alpha, beta):
    """p(y_new | x_new, y) = Normal(x_new m, 1 / beta + x_new S x_new^T), m and S of bayesian_linear_regression.

    Shapes: x_new (M, D), x (N, D), y (N,), alpha and beta (); mean and variance (M,).

    The variance has two parts: the noise, which no data can take away, and what is not known about the weights, which
    grows with the distance from the data.

    Raises ValueError where the shapes do not fit.
    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 3.3.2, eq. 3.58 and 3.59.
    """
    _require_rows("bayesian_linear_regression_predictive", x, y)
    if x_new.ndim != 2 or x_new.shape[1:] != x.shape[1:]:
        raise ValueError(f"bayesian_linear_regression_predictive: got x_new {x_new.shape}, want (M, {x.shape[1]})")
    m, covariance = bayesian_linear_regression(x, y, alpha, beta)
    return x_new @ m, np.sum(x_new @ covariance * x_new, axis=1) + 1 / beta


def bayesian_linear_regression_predictive_vjp(ybar, predictive, x_new, x, y, alpha, beta):
    """mbar = x_new^T meanbar, Sbar = sum_k variancebar_k x_k x_k^T over the rows of x_new, and back through m and S."""
    meanbar, variancebar = ybar
    m, covariance = bayesian_linear_regression(x, y, alpha, beta)
    weighted = variancebar[:, None] * x_new
    posteriorbar = x_new.mT @ meanbar, x_new.mT @ weighted
    xbar, targetbar, alphabar, betabar = bayesian_linear_regression_vjp(
        posteriorbar, (m, covariance), x, y, alpha, beta
    )
    x_newbar = meanbar[:, None] * m + 2 * (weighted @ covariance)
    return x_newbar, xbar, targetbar, alphabar, betabar - np.sum(variancebar) / beta / beta


def bayesian_linear_regression_predictive_hvp(ybar, dots, predictive, x_new, x, y, alpha, beta):
    """The cotangents of m and S move with x_new, and what is made of them by that, and with x, y, alpha and beta."""
    (meanbar, variancebar), (x_newdot, *others), betadot = ybar, dots, dots[4]
    posterior = bayesian_linear_regression(x, y, alpha, beta)
    covariance, (mdot, covariancedot) = posterior[1], _posterior_dot(others, posterior, x, y, beta)
    weighted, weighteddot = variancebar[:, None] * x_new, variancebar[:, None] * x_newdot
    posteriorbar = x_new.mT @ meanbar, x_new.mT @ weighted
    moved = x_newdot.mT @ meanbar, x_newdot.mT @ weighted + x_new.mT @ weighteddot
    through = bayesian_linear_regression_vjp(moved, posterior, x, y, alpha, beta)
    bent = bayesian_linear_regression_hvp(posteriorbar, others, posterior, x, y, alpha, beta)
    xbar, targetbar, alphabar, betabar = (one + two for one, two in zip(through, bent, strict=True))
    x_newbar = meanbar[:, None] * mdot + 2 * (weighteddot @ covariance + weighted @ covariancedot)
    return x_newbar, xbar, targetbar, alphabar, betabar + 2 * np.sum(variancebar) * betadot / (beta * beta * beta)


def bayesian_linear_regression_predictive_cases(rng):
    yield Case("three-weights", (rng.normal(size=(4, 3)), *_rows(rng, 7, 3), *_precisions(rng)))
    yield Case("far-away", (20 + rng.normal(size=(3, 2)), *_rows(rng, 5, 2), *_precisions(rng)))
    by_hand = (np.array([[1.0], [2.0], [3.0]]), np.array([2.0, 4.0, 6.0]), np.array(4.0), np.array(2.0))
    answer = (np.array([7.0, 0.0]), np.array([1.0, 0.5]))
    yield Case("by-hand", (np.array([[4.0], [0.0]]), *by_hand), {}, "special", answer)
    x, y = _rows(rng, 7, 3)
    yield Case("another-number-of-features", (x[:4, :2], x, y, *_precisions(rng)), {}, "refused")


def bayesian_linear_regression_predictive_sized(rng, n):
    rows = max(n // 16, 9)
    return Case("sized", (rng.normal(size=(rows, 8)), *_rows(rng, rows, 8), *_precisions(rng)))


def bayesian_linear_regression_log_evidence(x, y, alpha, beta):
    """log p(y) = (D log alpha + N log(beta / 2 pi) - log |A| - beta |y - x m|^2 - alpha |m|^2) / 2, A = S^-1.

    Shapes: x (N, D), y (N,), alpha and beta (), log p(y) (), in nats.

    The weights are integrated out, so that a model pays for weights that it could have had: the evidence chooses alpha
    and beta, and models, without data held back. |A| is the product of the pivots of the elimination.

    Raises ValueError where the shapes do not fit.
    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 3.5.1, eq. 3.82 and 3.86.
    """
    _require_rows("bayesian_linear_regression_log_evidence", x, y)
    n, d = x.shape
    lower, pivots = _precision(x, alpha, beta)
    m = beta * solve_ldl((lower, pivots), x.mT @ y)
    residual = y - x @ m
    least = beta * np.sum(residual * residual) + alpha * np.sum(m * m)
    normalised = d * np.log(alpha) + n * np.log(beta / (np.ones_like(beta) * np.pi * 2)) - np.sum(np.log(pivots))
    return (normalised - least) / 2


def bayesian_linear_regression_log_evidence_vjp(ybar, evidence, x, y, alpha, beta):
    """m makes beta |r|^2 + alpha |m|^2 least, r = y - x m, so what moves m does not move it.

    log |A| moves by trace(S dA).
    xbar = ybar beta (r m^T - x S), targetbar = -ybar beta r, alphabar = ybar (D / alpha - trace S - |m|^2) / 2,
    betabar = ybar (N / beta - trace(x S x^T) - |r|^2) / 2.
    """
    n, d = x.shape
    m, covariance = bayesian_linear_regression(x, y, alpha, beta)
    residual, spread = y - x @ m, x @ covariance
    alphabar = ybar * (d / alpha - np.trace(covariance) - np.sum(m * m)) / 2
    betabar = ybar * (n / beta - np.sum(spread * x) - np.sum(residual * residual)) / 2
    return ybar * beta * (residual[:, None] * m - spread), -ybar * beta * residual, alphabar, betabar


def bayesian_linear_regression_log_evidence_hvp(ybar, dots, evidence, x, y, alpha, beta):
    """m and S move as in bayesian_linear_regression; with them the residual r and x S, and so each line of the VJP.

    m and mdot are solved for: through S they would have its rounding too, and of few rows nothing else would be left.
    """
    xdot, ydot, alphadot, betadot = dots
    n, d = x.shape
    posterior = bayesian_linear_regression(x, y, alpha, beta)
    covariance, (_, covariancedot) = posterior[1], _posterior_dot(dots, posterior, x, y, beta)
    factors = _precision(x, alpha, beta)
    m = beta * solve_ldl(factors, x.mT @ y)
    mdot = solve_ldl(factors, _right_side_dot(dots, m, x, y, beta))
    residual, spread = y - x @ m, x @ covariance
    residualdot, spreaddot = ydot - xdot @ m - x @ mdot, xdot @ covariance + x @ covariancedot
    one = residual[:, None] * m - spread
    onedot = residualdot[:, None] * m + residual[:, None] * mdot - spreaddot
    alphabar = -ybar * (d * alphadot / (alpha * alpha) + np.trace(covariancedot) + 2 * np.sum(m * mdot)) / 2
    moved = np.sum(spreaddot * x + spread * xdot) + 2 * np.sum(residual * residualdot)
    return (
        ybar * (betadot * one + beta * onedot),
        -ybar * (betadot * residual + beta * residualdot),
        alphabar,
        -ybar * (n * betadot / (beta * beta) + moved) / 2,
    )


def bayesian_linear_regression_log_evidence_cases(rng):
    yield Case("three-weights", (*_rows(rng, 7, 3), *_precisions(rng)))
    yield Case("more-weights-than-rows", (rng.normal(size=(2, 4)), 2 + rng.normal(size=2), *_precisions(rng)))
    x, y = _rows(rng, 7, 3)
    yield Case("too-few-targets", (x, y[1:], *_precisions(rng)), {}, "refused")


OPS = [
    Op(ridge, ridge_cases, ridge_vjp, ridge_sized, hvp=ridge_hvp),
    Op(
        bayesian_linear_regression,
        bayesian_linear_regression_cases,
        bayesian_linear_regression_vjp,
        bayesian_linear_regression_sized,
        hvp=bayesian_linear_regression_hvp,
    ),
    Op(
        bayesian_linear_regression_predictive,
        bayesian_linear_regression_predictive_cases,
        bayesian_linear_regression_predictive_vjp,
        bayesian_linear_regression_predictive_sized,
        hvp=bayesian_linear_regression_predictive_hvp,
    ),
    Op(
        bayesian_linear_regression_log_evidence,
        bayesian_linear_regression_log_evidence_cases,
        bayesian_linear_regression_log_evidence_vjp,
        bayesian_linear_regression_sized,
        hvp=bayesian_linear_regression_log_evidence_hvp,
    ),
]
