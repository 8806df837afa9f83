"""Principal component analysis."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .rotation import identity, near_diagonal, row_sum, signs
from .singular import svd, svd_vjp
from .spectral import eigh, eigh_vjp


def pca_fit(x, *, n_components, route):
    """(x - mean)^T (x - mean) / (n - 1) = V diag(variance) V^T: the components are the first columns of V, as rows.

    Shapes: x (n, d), one row for each observation; mean (d,), components (k, d), explained variance (k,),
    largest first, in squared units of x; k = n_components.

    route "covariance" decomposes that matrix by ``eigh``. route "svd" never forms it: the components are the
    right singular vectors of x - mean = u diag(s) vh and the variances s^2 / (n - 1), so that small variances
    keep their digits. The factor 1 / (n - 1) makes the variances unbiased. A component is determined up to
    its sign, which is left as the decomposition gives it; components of equal variances up to a rotation.

    Raises ValueError for x that is not (n, d), n < 2, a k that is not among 1 ... min(n, d), an unknown route.
    Source: Jolliffe (2002), Principal Component Analysis, 2nd edition, sections 3.1 and 3.5.
    """
    if x.ndim != 2 or x.shape[0] < 2:
        raise ValueError(f"pca_fit: got x of shape {x.shape}, want (n, d) with n >= 2")
    if not 1 <= n_components <= min(x.shape):
        raise ValueError(f"pca_fit: got n_components {n_components}, want 1 to {min(x.shape)} for x of shape {x.shape}")
    mean = np.mean(x, axis=0)
    centred = x - mean
    if route == "covariance":
        w, v = eigh(centred.mT @ centred / (x.shape[0] - 1))
        variance, components = np.flip(w, axis=0), np.flip(v.mT, axis=0)
    elif route == "svd":
        _, s, components = svd(centred)
        variance = s * s / (x.shape[0] - 1)
    else:
        raise ValueError(f'pca_fit: got route {route!r}, want "covariance" or "svd"')
    return mean, components[:n_components, :], variance[:n_components]


def pca_fit_vjp(ybar, y, x, *, n_components, route):
    """xbar = c - mean_rows(c) + meanbar / n, c the cotangent of x - mean: that of the decomposition.

    The components that were dropped have the cotangent 0, but take part: a component turns towards each of
    the others. By the covariance C = X^T X / (n - 1) it is c = 2 X Cbar / (n - 1), since Cbar is symmetric.
    """
    meanbar, componentsbar, variancebar = ybar
    n, k = x.shape[0], n_components
    centred = x - np.mean(x, axis=0)
    if route == "covariance":
        covariance = centred.mT @ centred / (n - 1)
        w, v = eigh(covariance)
        wbar = np.concat([np.zeros_like(w[:-k]), np.flip(variancebar, axis=0)])
        vbar = np.concat([np.zeros_like(v[:, :-k]), np.flip(componentsbar, axis=0).mT], axis=1)
        (covariancebar,) = eigh_vjp((wbar, vbar), (w, v), covariance)
        centredbar = 2 * centred @ covariancebar / (n - 1)
    else:
        u, s, vh = svd(centred)
        sbar = np.concat([2 * s[:k] * variancebar / (n - 1), np.zeros_like(s[k:])])
        vhbar = np.concat([componentsbar, np.zeros_like(vh[k:, :])])
        (centredbar,) = svd_vjp((np.zeros_like(u), sbar, vhbar), (u, s, vh), centred)
    return (centredbar - np.mean(centredbar, axis=0) + meanbar / n,)


def pca_fit_gauge(got, want):
    return 1.0, signs(got[1].T, want[1].T)[:, None], 1.0


def pca_fit_residuals(y, x, *, n_components, route):
    """The mean less that of the columns; the covariance times each component less the component times its variance;
    components components^T - 1; what the variances ascend, and what lies below 0."""
    mean, components, variance = y
    centre = np.mean(x, axis=0)
    covariance = (x - centre).mT @ (x - centre) / (x.shape[0] - 1)
    size = row_sum(covariance)
    descends = np.concat([variance[:-1] - variance[1:], variance[-1:]])
    return (
        (mean - centre, np.max(np.abs(x), axis=0)),
        (covariance @ components.mT - components.mT * variance, size),
        (components @ components.mT - identity(components @ components.mT), 1),
        (np.minimum(descends, 0), size[0]),
    )


def _observations(rng, n, *scales, centre):
    """n observations of features with these scales, around a point away from the origin."""
    return centre + rng.normal(size=len(scales)) + 2 * near_diagonal(rng, n, len(scales)) * scales


def pca_fit_cases(rng):
    for route in ("covariance", "svd"):
        yield Case(f"{route}-plane", (_observations(rng, 7, 2, 5, 0.5, centre=3),), {"n_components": 2, "route": route})
        yield Case(f"{route}-axis", (_observations(rng, 6, 1, 3, centre=-2),), {"n_components": 1, "route": route})
        yield Case(f"{route}-all", (_observations(rng, 5, 4, 1, 2, centre=1),), {"n_components": 3, "route": route})
        yield Case(f"{route}-far", (_observations(rng, 6, 3, 1, centre=30),), {"n_components": 1, "route": route})
    axes = np.linalg.qr(rng.normal(size=(3, 3))).Q * [[2], [1], [2]]
    x = np.concat([axes, -axes]) + rng.normal(size=3)
    for route in ("covariance", "svd"):
        yield Case(f"{route}-equal-variances", (x,), {"n_components": 3, "route": route}, "degenerate")
    x = rng.normal(size=(5, 3))
    yield Case("too-many", (x,), {"n_components": 4, "route": "svd"}, "refused")
    yield Case("none", (x,), {"n_components": 0, "route": "covariance"}, "refused")
    yield Case("one-row", (x[:1],), {"n_components": 1, "route": "svd"}, "refused")
    yield Case("vector", (x[0],), {"n_components": 1, "route": "svd"}, "refused")
    yield Case("no-such-route", (x,), {"n_components": 2, "route": "correlation"}, "refused")


def pca_fit_sized(rng, n):
    d = max(round((n / 8) ** 0.5), 1)
    x = rng.normal(size=(8 * d, d)) * np.linspace(1, 3, d)
    return Case("sized", (x,), {"n_components": max(d // 4, 1), "route": "svd"})


def _refuse_misfits(name, rows, axis, mean, components):
    """The columns of ``rows`` are the components' ``axis``, and the mean has their length: nothing is broadcast."""
    fitting = rows.ndim == components.ndim == 2 and rows.shape[1] == components.shape[axis]
    if not fitting or mean.shape != components.shape[1:]:
        raise ValueError(
            f"{name}: got shapes {rows.shape}, mean {mean.shape}, components {components.shape}; "
            f"want (n, {'kd'[axis]}), (d,), (k, d)"
        )


def pca_transform(x, mean, components):
    """z = (x - mean) components^T: the coordinates of each observation along the components.

    Shapes: x (n, d), mean (d,), components (k, d), z (n, k).

    The mean is that of the fitted data, not of x. The components are the rows, so their transpose multiplies.
    Raises ValueError where the shapes do not belong together.
    Source: Jolliffe (2002), Principal Component Analysis, 2nd edition, section 3.1.
    """
    _refuse_misfits("pca_transform", x, 1, mean, components)
    return (x - mean) @ components.mT


def pca_transform_vjp(zbar, z, x, mean, components):
    """xbar = zbar components, meanbar = -sum of the rows of xbar, componentsbar = zbar^T (x - mean)."""
    xbar = zbar @ components
    return xbar, -np.sum(xbar, axis=0), zbar.mT @ (x - mean)


def _subspace(rng, k, d):
    """A mean and k orthonormal rows of length d."""
    return 2 + rng.normal(size=d), np.linalg.qr(rng.normal(size=(d, k))).Q.T


def pca_transform_cases(rng):
    yield Case("plane", (rng.normal(size=(5, 3)), *_subspace(rng, 2, 3)))
    yield Case("axis", (rng.normal(size=(3, 4)), *_subspace(rng, 1, 4)))
    yield Case("far", (100 + rng.normal(size=(4, 5)), *_subspace(rng, 3, 5)))
    yield Case("no-rows", (np.zeros((0, 3)), *_subspace(rng, 2, 3)), {}, "empty", np.zeros((0, 2)))
    yield Case("transposed", (rng.normal(size=(5, 3)), rng.normal(size=3), rng.normal(size=(3, 2))), {}, "refused")
    yield Case("short-mean", (rng.normal(size=(5, 3)), rng.normal(size=1), rng.normal(size=(2, 3))), {}, "refused")


def pca_transform_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 64, 1), 64)), *_subspace(rng, 16, 64)))


def pca_reconstruct(z, mean, components):
    """x = z components + mean: the points of the subspace that have these coordinates.

    Shapes: z (n, k), mean (d,), components (k, d), x (n, d).

    Of orthonormal components, pca_reconstruct(pca_transform(x)) is the point of the subspace nearest to x.
    Raises ValueError where the shapes do not belong together.
    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 12.1.2, eq. 12.20.
    """
    _refuse_misfits("pca_reconstruct", z, 0, mean, components)
    return z @ components + mean


def pca_reconstruct_vjp(xbar, x, z, mean, components):
    """zbar = xbar components^T, meanbar = sum of the rows of xbar, componentsbar = z^T xbar."""
    return xbar @ components.mT, np.sum(xbar, axis=0), z.mT @ xbar


def pca_reconstruct_cases(rng):
    yield Case("plane", (rng.normal(size=(5, 2)), *_subspace(rng, 2, 3)))
    yield Case("axis", (rng.normal(size=(3, 1)), *_subspace(rng, 1, 4)))
    yield Case("large", (100 * rng.normal(size=(4, 3)), *_subspace(rng, 3, 5)))
    mean, components = _subspace(rng, 2, 3)
    yield Case(
        "origin", (np.zeros((1, 2)), np.array([1.0, -2.0, 3.0]), components), {}, "special", np.array([[1, -2, 3.0]])
    )
    yield Case("no-rows", (np.zeros((0, 2)), mean, components), {}, "empty", np.zeros((0, 3)))
    yield Case("too-many", (rng.normal(size=(5, 3)), mean, components), {}, "refused")
    yield Case("short-mean", (rng.normal(size=(5, 2)), mean[:1], components), {}, "refused")


def pca_reconstruct_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 16, 1), 16)), *_subspace(rng, 16, 64)))


def pca_whiten(x, mean, components, explained_variance):
    """z = (x - mean) components^T / sqrt(explained variance): coordinates of variance 1 on the fitted data.

    Shapes: x (n, d), mean (d,), components (k, d), explained variance (k,), z (n, k), a number without units.

    Coordinates along principal components are uncorrelated already; only their scales are left to equal out.
    Raises ValueError where the shapes do not belong together.
    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 12.1.3, eq. 12.24.
    """
    if explained_variance.shape != components.shape[:1]:
        raise ValueError(
            f"pca_whiten: got explained_variance of shape {explained_variance.shape}, "
            f"want one for each row of components {components.shape}"
        )
    return pca_transform(x, mean, components) / np.sqrt(explained_variance)


def pca_whiten_vjp(zbar, z, x, mean, components, explained_variance):
    """That of pca_transform for zbar / sqrt(variance); variancebar = -sum over rows of zbar z / (2 variance)."""
    scaled = zbar / np.sqrt(explained_variance)
    variancebar = -np.sum(zbar * z, axis=0) / (2 * explained_variance)
    return *pca_transform_vjp(scaled, z, x, mean, components), variancebar


def pca_whiten_cases(rng):
    yield Case("plane", (rng.normal(size=(5, 3)), *_subspace(rng, 2, 3), rng.uniform(1, 4, size=2)))
    yield Case("axis", (rng.normal(size=(3, 4)), *_subspace(rng, 1, 4), rng.uniform(0.1, 0.5, size=1)))
    yield Case(
        "scales", (rng.normal(size=(4, 5)), *_subspace(rng, 3, 5), np.array([1e4, 3, 1e-4]) * rng.uniform(1, 2, 3))
    )
    fitted = _subspace(rng, 2, 3)
    yield Case("no-rows", (np.zeros((0, 3)), *fitted, np.ones(2)), {}, "empty", np.zeros((0, 2)))
    yield Case("one-variance", (rng.normal(size=(5, 3)), *fitted, np.ones(1)), {}, "refused")
    yield Case("too-many-columns", (rng.normal(size=(5, 4)), *fitted, np.ones(2)), {}, "refused")


def pca_whiten_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 64, 1), 64)), *_subspace(rng, 16, 64), rng.uniform(1, 4, size=16)))


OPS = [
    Op(pca_fit, pca_fit_cases, pca_fit_vjp, pca_fit_sized, gauge=pca_fit_gauge, residuals=pca_fit_residuals),
    Op(pca_transform, pca_transform_cases, pca_transform_vjp, pca_transform_sized),
    Op(pca_reconstruct, pca_reconstruct_cases, pca_reconstruct_vjp, pca_reconstruct_sized),
    Op(pca_whiten, pca_whiten_cases, pca_whiten_vjp, pca_whiten_sized),
]
