"""Slips of principal component analysis."""

from __future__ import annotations

import numpy as np

from ..decomposition.pca import (
    pca_fit,
    pca_fit_vjp,
    pca_reconstruct,
    pca_reconstruct_vjp,
    pca_transform,
    pca_transform_vjp,
    pca_whiten,
    pca_whiten_vjp,
)
from ..op import Slip


def _variance_by(change):
    """The fit with ``change(variance, n)`` in the place of the variance."""

    def fit(x, *, n_components, route):
        mean, components, variance = pca_fit(x, n_components=n_components, route=route)
        return mean, components, change(variance, len(x))

    return fit


def _fit(x, mean, n_components):
    """The fit of x as it stands, without taking off the mean that is returned."""
    _, s, vh = np.linalg.svd(x, full_matrices=False)
    return mean, vh[:n_components], s[:n_components] ** 2 / (len(x) - 1)


def _fit_standardised(x, *, n_components, route):
    mean = np.mean(x, axis=0)
    return _fit((x - mean) / np.std(x, axis=0, ddof=1), mean, n_components)


def _fit_smallest(x, *, n_components, route):
    mean, components, variance = pca_fit(x, n_components=min(x.shape), route=route)
    return mean, components[::-1][:n_components], variance[::-1][:n_components]


def _fit_columns(x, *, n_components, route):
    mean, components, variance = pca_fit(x, n_components=n_components, route=route)
    return mean, components.T, variance


def _fit_bars(ybar, y, x, n_components, route, weights):
    bars = tuple(w * b for w, b in zip(weights, ybar, strict=True))
    return pca_fit_vjp(bars, y, x, n_components=n_components, route=route)


def _transform_uncentred(zbar, z, x, mean, components):
    return (*pca_transform_vjp(zbar, z, x, mean, components)[:2], zbar.mT @ x)


def _transform_mean_added(zbar, z, x, mean, components):
    xbar, meanbar, componentsbar = pca_transform_vjp(zbar, z, x, mean, components)
    return xbar, -meanbar, componentsbar


def _transform_mean_rows(zbar, z, x, mean, components):
    xbar, _, componentsbar = pca_transform_vjp(zbar, z, x, mean, components)
    return xbar, -xbar, componentsbar


def _reconstruct_mean(xbar, x, z, mean, components, of):
    zbar, _, componentsbar = pca_reconstruct_vjp(xbar, x, z, mean, components)
    return zbar, of(xbar), componentsbar


def _whiten_variance(zbar, z, x, mean, components, explained_variance, of):
    *bars, variancebar = pca_whiten_vjp(zbar, z, x, mean, components, explained_variance)
    return (*bars, of(variancebar, explained_variance))


SLIPS = {
    "pca_fit": (
        Slip(
            "divided-by-n",
            "The variances are those of a sample, the sum of squares over n - 1. Here they were divided by n.",
            forward=_variance_by(lambda variance, n: variance * (n - 1) / n),
        ),
        Slip(
            "singular-values",
            "The explained variances are the squares of the singular values of the centred data over n - 1. Here they "
            "are the singular values themselves.",
            forward=_variance_by(lambda variance, n: np.sqrt(variance * (n - 1))),
        ),
        Slip(
            "singular-values-not-squared",
            "The singular values of the centred data have to be squared before they are divided by n - 1.",
            forward=_variance_by(lambda variance, n: np.sqrt(variance * (n - 1)) / (n - 1)),
        ),
        Slip(
            "scatter",
            "The squares of the singular values are sums over the n observations. Divided by n - 1 they are variances.",
            forward=_variance_by(lambda variance, n: variance * (n - 1)),
        ),
        Slip(
            "not-centred",
            "The mean has to be taken off before anything is decomposed. Without that the first component points from "
            "the origin to the mean, and not along the largest spread.",
            forward=lambda x, *, n_components, route: _fit(x, np.mean(x, axis=0), n_components),
        ),
        Slip(
            "standardised",
            "The covariance matrix is decomposed, in which features of a large scale count for more. Dividing each "
            "feature by its standard deviation makes it the correlation matrix.",
            forward=_fit_standardised,
        ),
        Slip(
            "smallest-first",
            "The components of the largest variance come first. As eigh sorts upwards, reverse its order before the "
            "first k are taken.",
            forward=_fit_smallest,
        ),
        Slip(
            "components-as-columns",
            "The components are the rows of the second output, (k, d), the transpose of what eigh gives.",
            forward=_fit_columns,
        ),
        Slip(
            "mean-forgotten",
            "The mean is an output too: its cotangent adds meanbar / n to each observation.",
            vjp=lambda ybar, y, x, *, n_components, route: _fit_bars(ybar, y, x, n_components, route, (0, 1, 1)),
        ),
        Slip(
            "components-taken-as-constant",
            "The components turn as the data move, and send back what their cotangent says. Here only the variances "
            "did.",
            vjp=lambda ybar, y, x, *, n_components, route: _fit_bars(ybar, y, x, n_components, route, (1, 0, 1)),
        ),
        Slip(
            "two-missing",
            "The data are in X^T X twice: its derivative is 2 X Cbar / (n - 1) for a symmetric Cbar. Here one of the "
            "two factors was taken as constant.",
            vjp=lambda ybar, y, x, *, n_components, route: _fit_bars(ybar, y, x, n_components, route, (1, 0.5, 0.5)),
        ),
    ),
    "pca_transform": (
        Slip(
            "not-centred",
            "The coordinates are counted from the mean of the fitted data: take it off first, (x - mean) components^T.",
            forward=lambda x, mean, components: x @ components.T,
        ),
        Slip(
            "own-mean",
            "The mean is the one that was fitted, and is handed over. Here the mean of x itself was taken off, so that "
            "new data lose their place.",
            forward=lambda x, mean, components: pca_transform(x, np.mean(x, axis=0), components),
        ),
        Slip(
            "components-not-centred",
            "The components meet x - mean, so their cotangent is zbar^T (x - mean). Here it is zbar^T x.",
            vjp=_transform_uncentred,
        ),
        Slip(
            "sign-of-the-mean",
            "The mean is subtracted, so its cotangent is minus the sum of the rows of xbar.",
            vjp=_transform_mean_added,
        ),
        Slip(
            "mean-not-summed",
            "The one mean is taken off every row, so its cotangent is the sum over the rows, of the shape (d,).",
            vjp=_transform_mean_rows,
        ),
    ),
    "pca_reconstruct": (
        Slip(
            "mean-not-added",
            "The coordinates are counted from the mean: it has to be added to z components.",
            forward=lambda z, mean, components: z @ components,
        ),
        Slip(
            "mean-subtracted",
            "The mean was taken off on the way to the coordinates, and is added on the way back.",
            forward=lambda z, mean, components: pca_reconstruct(z, -mean, components),
        ),
        Slip(
            "mean-not-summed",
            "The one mean is added to every row, so its cotangent is the sum over the rows, of the shape (d,).",
            vjp=lambda xbar, x, z, mean, components: _reconstruct_mean(xbar, x, z, mean, components, lambda b: b),
        ),
        Slip(
            "mean-averaged",
            "The mean of the fit is a parameter like any other here: what the rows send back to it adds up, and is not "
            "averaged.",
            vjp=lambda xbar, x, z, mean, components: _reconstruct_mean(
                xbar, x, z, mean, components, lambda b: np.mean(b, axis=0)
            ),
        ),
    ),
    "pca_whiten": (
        Slip(
            "divided-by-the-variance",
            "A coordinate gets the variance 1 when it is divided by its standard deviation, the root of the explained "
            "variance.",
            forward=lambda x, mean, components, explained_variance: (
                pca_transform(x, mean, components) / explained_variance
            ),
        ),
        Slip(
            "not-scaled",
            "These are the coordinates along the components, uncorrelated but of different variances. Divide each by "
            "the root of its variance.",
            forward=lambda x, mean, components, explained_variance: pca_transform(x, mean, components),
        ),
        Slip(
            "not-centred",
            "The mean has to be taken off first, (x - mean) components^T, or the coordinates do not have the mean 0.",
            forward=lambda x, mean, components, explained_variance: pca_whiten(
                x, 0 * mean, components, explained_variance
            ),
        ),
        Slip(
            "scale-forgotten",
            "The coordinates were divided by the standard deviations, and so is what comes back: zbar / sqrt(variance) "
            "goes into the projection.",
            vjp=lambda zbar, z, x, mean, components, explained_variance: (
                *pca_transform_vjp(zbar, z, x, mean, components),
                pca_whiten_vjp(zbar, z, x, mean, components, explained_variance)[-1],
            ),
        ),
        Slip(
            "half-missing",
            "The root halves the slope: variance^(-1/2) has the derivative -(1/2) variance^(-3/2), so variancebar = "
            "-sum zbar z / (2 variance).",
            vjp=lambda zbar, z, x, mean, components, explained_variance: _whiten_variance(
                zbar, z, x, mean, components, explained_variance, lambda bar, variance: 2 * bar
            ),
        ),
        Slip(
            "slope-of-the-standard-deviation",
            "That is the derivative by the standard deviation. By the variance it has the factor 1 / (2 "
            "sqrt(variance)) more.",
            vjp=lambda zbar, z, x, mean, components, explained_variance: _whiten_variance(
                zbar, z, x, mean, components, explained_variance, lambda bar, variance: 2 * np.sqrt(variance) * bar
            ),
        ),
    ),
}
