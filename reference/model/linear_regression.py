"""Linear regression: by the normal equations, and the loss by whose gradient one gets there too."""

from __future__ import annotations

import numpy as np

from ..bayes.regression import ridge, ridge_vjp
from ..linear.layer import neuron, neuron_vjp
from ..loss.regression import mse, mse_vjp
from ..op import Case, Op


def linear_regression(x, target, *, alpha):
    """w, b = argmin |x w + b - target|^2 + alpha |w|^2: (xc^T xc + alpha) w = xc^T tc, b = mean(target) - mean(x) w.

    Shapes: x (N, D), target (N,), w (D,) in the unit of target over that of x, b () in the unit of target; alpha >= 0
    in the square of x's unit. alpha = 0 is the method of least squares; then the columns of x, and 1, have to be
    independent.

    xc and tc are x and target less their means. At the best b the residuals sum to 0, so the line goes through the
    means, and what is left is a regression without b. b has no penalty: a shift of the target moves b alone.

    Raises ValueError where the shapes do not fit.

    Source: Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, section 3.2, eq. 3.6, and
    section 3.4.1, eq. 3.41 to 3.44 (centring).
    """
    centred_x, mean_x, centred_target, mean_target = _centred(x, target)
    w = ridge(centred_x, centred_target, alpha=alpha)
    return w, mean_target - mean_x @ w


def linear_regression_vjp(ybar, y, x, target, *, alpha):
    """Through b to w and both means, through the ridge regression to the centred data, and through the centring.

    Centring is its own adjoint, because c - mean(c) is a symmetric matrix times c; a mean hands 1 / N to each row.
    """
    (wbar, bbar), (w, _) = ybar, y
    centred_x, mean_x, centred_target, _ = _centred(x, target)
    xbar, targetbar = ridge_vjp(wbar - bbar * mean_x, w, centred_x, centred_target, alpha=alpha)
    n = target.size
    return (
        xbar - np.mean(xbar, axis=0) - bbar * w / n,
        targetbar - np.mean(targetbar) + bbar / n,
    )


def linear_regression_residuals(y, x, target, *, alpha):
    """Half the gradient by w and by b, which is 0 at the minimum, and the size of its terms."""
    w, b = y
    residual = x @ w + b - target
    terms = np.abs(x) @ np.abs(w) + np.abs(b) + np.abs(target)
    return (
        (x.mT @ residual + alpha * w, np.abs(x).mT @ terms + alpha * np.abs(w)),
        (np.sum(residual), np.sum(terms)),
    )


def _centred(x, target):
    if x.ndim != 2 or target.shape != x.shape[:1]:
        raise ValueError(f"got x {x.shape} and target {target.shape}, want (N, D) and (N,)")
    mean_x, mean_target = np.mean(x, axis=0), np.mean(target)
    return x - mean_x, mean_x, target - mean_target, mean_target


def _rows(rng, n, d, shift=0.0):
    """Columns that are nearly at right angles, none with mean 0, and what a line with noise makes of them."""
    x = np.linalg.qr(rng.normal(size=(n, d))).Q * np.sqrt(n) * rng.uniform(0.7, 1.4, size=d) + rng.uniform(1, 2, size=d)
    return x + shift, 2 + x @ (1 + rng.uniform(size=d)) + rng.normal(size=n) / 2


def linear_regression_cases(rng):
    yield Case("least-squares", _rows(rng, 7, 3), {"alpha": 0.0})
    yield Case("ridge", _rows(rng, 5, 2, shift=30.0), {"alpha": 2.5})
    x, target = _rows(rng, 7, 3)
    yield Case("too-few-targets", (x, target[1:]), {"alpha": 0.5}, "refused")
    yield Case("targets-in-a-column", (x, target[:, None]), {"alpha": 0.5}, "refused")


def linear_regression_sized(rng, n):
    return Case("sized", _rows(rng, max(n // 8, 9), 8), {"alpha": 0.5})


def linear_regression_loss(x, target, w, b, *, alpha):
    """loss = (|x w + b - target|^2 + alpha |w|^2) / N, which is smallest where linear_regression says.

    Shapes: x (N, D), target (N,), w (D,), b (), loss () in the squared unit of target.

    The penalty is divided by N as the squares are: so alpha means the same, whatever the size of a batch.

    Raises ValueError where the shapes do not fit.

    Source: Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, section 3.4.1, eq. 3.41.
    """
    return linear_regression_loss_values(x, target, w, b, alpha=alpha)["loss"]


def linear_regression_loss_values(x, target, w, b, *, alpha):
    """The answers y, their mean squared error, the penalty, and the loss."""
    y = neuron(x, w, b, activation="identity")
    error = mse(y, target, reduction="mean")
    penalty = alpha * (w @ w) / target.size
    return {"y": y, "error": error, "penalty": penalty, "loss": error + penalty}


def linear_regression_loss_vjp(ybar, y, x, target, w, b, *, alpha):
    """wbar = 2 lossbar (x^T (x w + b - target) + alpha w) / N, which is 0 where the normal equations hold."""
    values = linear_regression_loss_values(x, target, w, b, alpha=alpha)
    cotangents = linear_regression_loss_cotangents(ybar, values, x, target, w, b, alpha=alpha)
    return tuple(cotangents[name] for name in ("x", "target", "w", "b"))


def linear_regression_loss_cotangents(ybar, values, x, target, w, b, *, alpha):
    """The sum hands its cotangent to both terms, and w is met in both."""
    answers = values["y"]
    answersbar, targetbar = mse_vjp(ybar, answers, answers, target, reduction="mean")
    xbar, wbar, bbar = neuron_vjp(answersbar, answers, x, w, b, activation="identity")
    bars = {"loss": ybar, "penalty": ybar, "error": ybar, "target": targetbar, "y": answersbar}
    return bars | {"b": bbar, "w": wbar + 2 * alpha * w * ybar / target.size, "x": xbar}


def linear_regression_loss_hvp(ybar, dots, y, x, target, w, b, *, alpha):
    """Every product of the VJP by the product rule, with r = x w + b - target and rdot = xdot w + x wdot + bdot - tdot.

    By w and b alone the Hessian is 2 / N times that of the normal equations, x^T x + alpha, wherever w and b are.
    """
    xdot, targetdot, wdot, bdot = dots
    share = 2 * ybar / target.size
    residual = x @ w + b - target
    moved = xdot @ w + x @ wdot + bdot - targetdot
    return (
        share * (moved[:, None] * w + residual[:, None] * wdot),
        -share * moved,
        share * (xdot.T @ residual + x.T @ moved + alpha * wdot),
        share * np.sum(moved),
    )


def linear_regression_loss_cases(rng):
    def drawn(n, d):
        return *_rows(rng, n, d), rng.normal(size=d), np.array(rng.uniform(0.5, 1))

    yield Case("least-squares", drawn(5, 3), {"alpha": 0.0})
    yield Case("ridge", drawn(7, 4), {"alpha": 3.0})
    by_hand = (np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([4.0, 5.0]), np.array([2.0, 1.0]), np.array(1.0))
    yield Case("by-hand", by_hand, {"alpha": 3.0}, "special", np.array(8.5))
    x, target, w, b = drawn(5, 3)
    yield Case("weights-too-long", (x, target, rng.normal(size=4), b), {"alpha": 0.5}, "refused")
    yield Case("targets-in-a-column", (x, target[:, None], w, b), {"alpha": 0.5}, "refused")


def linear_regression_loss_sized(rng, n):
    x, target = _rows(rng, max(n // 8, 9), 8)
    return Case("sized", (x, target, rng.normal(size=8), np.array(0.5)), {"alpha": 0.5})


OPS = [
    Op(
        linear_regression,
        linear_regression_cases,
        linear_regression_vjp,
        linear_regression_sized,
        residuals=linear_regression_residuals,
    ),
    Op(
        linear_regression_loss,
        linear_regression_loss_cases,
        linear_regression_loss_vjp,
        linear_regression_loss_sized,
        hvp=linear_regression_loss_hvp,
        values=linear_regression_loss_values,
        cotangents=linear_regression_loss_cotangents,
    ),
]
