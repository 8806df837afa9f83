"""Slips of covariance and correlation."""

from __future__ import annotations

import numpy as np

from ..op import Slip
from ..statistics.joint import correlation, correlation_vjp, covariance, covariance_vjp
from ..statistics.moments import std, variance
from .statistics import BY_N, BY_N_LESS_1, fixed

_ROWS = (
    "Here each row is taken for a variable, whatever rowvar says: where the variables are columns, that compares the "
    "observations with each other. It is np.{0}'s default; pass rowvar=False."
)


def _table(x, rowvar):
    return x.mT if rowvar else x


def _size(x, rowvar):
    return _table(x, rowvar).shape[-2]


def _scatter(x, *, rowvar, correction):
    return covariance(x, rowvar=rowvar, correction=correction) * (_size(x, rowvar) - correction)


def _not_centred(x, *, rowvar, correction):
    table = _table(x, rowvar)
    return table.mT @ table / (table.shape[-2] - correction)


def _deviations_of_all(x, *, rowvar, correction):
    table = _table(x, rowvar) - np.mean(x, axis=(-2, -1), keepdims=True)
    return table.mT @ table / (table.shape[-2] - correction)


def _covariance_untransposed(ybar, y, x, *, rowvar, correction):
    table = _table(x, rowvar)
    centred = table - np.mean(table, axis=-2, keepdims=True)
    return (_table(centred @ ybar / (_size(x, rowvar) - correction), rowvar),)


def _covariance_not_centred(ybar, y, x, *, rowvar, correction):
    xbar = _table(x, rowvar) @ (ybar + ybar.mT) / (_size(x, rowvar) - correction)
    return (_table(xbar, rowvar),)


def _cosine(x, *, rowvar):
    table = _table(x, rowvar)
    unit = table / np.sqrt(np.sum(table * table, axis=-2, keepdims=True))
    return unit.mT @ unit


def _deviations(x, rowvar, correction):
    return std(_table(x, rowvar), axis=-2, correction=correction, keepdims=True)


def _by_variances(x, *, rowvar):
    v = variance(_table(x, rowvar), axis=-2, correction=0, keepdims=True)
    return covariance(x, rowvar=rowvar, correction=0) / (v * v.mT)


def _mixed_corrections(x, *, rowvar):
    s = _deviations(x, rowvar, 0)
    return covariance(x, rowvar=rowvar, correction=1) / (s * s.mT)


def _unit(x, rowvar):
    table = _table(x, rowvar)
    centred = table - np.mean(table, axis=-2, keepdims=True)
    length = np.sqrt(np.sum(centred * centred, axis=-2, keepdims=True))
    return centred / length, length


def _length_held_constant(ybar, y, x, *, rowvar):
    unit, length = _unit(x, rowvar)
    return (_table(unit @ (ybar + ybar.mT) / length, rowvar),)


def _correlation_untransposed(ybar, y, x, *, rowvar):
    unit, length = _unit(x, rowvar)
    ubar = unit @ ybar
    return (_table((ubar - unit * np.sum(unit * ubar, axis=-2, keepdims=True)) / length, rowvar),)


SLIPS = {
    "covariance": (
        fixed("rows-as-variables", _ROWS.format("cov"), covariance, covariance_vjp, "NumPy and torch.cov", rowvar=True),
        fixed(
            "divided-by-n-minus-1",
            f"{BY_N_LESS_1} It is the default of np.cov and torch.cov; pass ddof or correction.",
            covariance,
            covariance_vjp,
            "NumPy and PyTorch",
            correction=1,
        ),
        fixed(
            "divided-by-n",
            BY_N,
            covariance,
            covariance_vjp,
            correction=0,
        ),
        Slip(
            "not-divided",
            "This is the scatter matrix, the sum of the products; the covariance is its mean, over n - correction.",
            forward=_scatter,
        ),
        Slip(
            "not-centred",
            "The product x^T x / n is the second moment: without subtracting the mean of each variable it has m_j m_k "
            "in it.",
            forward=_not_centred,
        ),
        Slip(
            "one-mean-for-all",
            "Each variable has its own mean: subtract np.mean(x, axis=0, keepdims=True), not the mean of the whole "
            "table.",
            forward=_deviations_of_all,
        ),
        Slip(
            "correlation",
            "This is the correlation, without units and with 1 on the diagonal: the covariance has the variances "
            "there.",
            forward=lambda x, *, rowvar, correction: correlation(x, rowvar=rowvar),
        ),
        Slip(
            "one-factor-held-constant",
            "The table stands in the product twice, c^T c, and moves both factors: xbar = c (ybar + ybar^T) / (n - "
            "correction).",
            vjp=_covariance_untransposed,
        ),
        Slip(
            "not-centred-backward",
            "The way back is through the centred table: xbar = c (ybar + ybar^T) / (n - correction), with c = x - m "
            "and not x.",
            vjp=_covariance_not_centred,
        ),
    ),
    "correlation": (
        fixed("rows-as-variables", _ROWS.format("corrcoef"), correlation, correlation_vjp, "NumPy", rowvar=True),
        Slip(
            "covariance",
            "This is the covariance, in the units of both variables: divide by the standard deviations of both.",
            forward=lambda x, *, rowvar: covariance(x, rowvar=rowvar, correction=1),
        ),
        Slip(
            "not-centred",
            "This is the cosine of the angle between the variables as they are. The correlation is that between their "
            "deviations: subtract the means first.",
            forward=_cosine,
        ),
        Slip(
            "divided-by-the-variances",
            "The covariance is divided by both standard deviations, the roots of the variances: sqrt(cov_jj cov_kk).",
            forward=_by_variances,
        ),
        Slip(
            "corrections-mixed",
            "The covariance is divided by n - 1 here, and the variances by n, so that the diagonal is n / (n - 1) and "
            "not 1. np.cov and np.std have different defaults: give both the same ddof.",
            forward=_mixed_corrections,
        ),
        Slip(
            "lengths-held-constant",
            "Moving a variable changes its standard deviation too: of its cotangent the part along the variable "
            "itself, u sum(u ubar), is to be subtracted.",
            vjp=_length_held_constant,
        ),
        Slip(
            "one-factor-held-constant",
            "The scaled table stands in the product twice, u^T u, and moves both factors: ubar = u (ybar + ybar^T).",
            vjp=_correlation_untransposed,
        ),
    ),
}
