"""Decompositions in scikit-learn."""

from __future__ import annotations

from sklearn.decomposition import PCA

SOLVERS = {"covariance": "covariance_eigh", "svd": "full"}


def pca_fit(x, *, n_components, route):
    fitted = PCA(n_components, svd_solver=SOLVERS[route]).fit(x)
    return fitted.mean_, fitted.components_, fitted.explained_variance_


FORWARDS = {"pca_fit": pca_fit}
