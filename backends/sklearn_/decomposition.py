"""Decompositions in scikit-learn."""

from __future__ import annotations

from sklearn.decomposition import PCA

SOLVERS = {"covariance": "covariance_eigh", "svd": "full"}


def pca_fit(x, *, n_components, route):
    fitted = PCA(n_components, svd_solver=SOLVERS[route]).fit(x)
    return fitted.mean_, fitted.components_, fitted.explained_variance_


FORWARDS = {"pca_fit": pca_fit}

LEDGER = (
    (
        "subtracts n mean mean^T from x^T x, which cancels where the mean is large, instead of the mean from x",
        "https://github.com/scikit-learn/scikit-learn/pull/27491",
        (
            "?value:pca_fit-covariance-far-*",
            "?residual:pca_fit-covariance-far-*",
            "?layout:pca_fit-covariance-far-*",
        ),
    ),
    (
        "no components are an answer to it, and of one row nan",
        "",
        ("refused:pca_fit-none-float64", "refused:pca_fit-one-row-float64"),
    ),
)
