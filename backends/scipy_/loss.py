"""Losses in SciPy."""

from __future__ import annotations

import numpy as np
from scipy import special


def _reduce(each, reduction):
    return each if reduction == "none" else {"mean": np.mean, "sum": np.sum}[reduction](each)


def huber(input, target, *, delta, reduction):
    return _reduce(special.huber(delta, input - target), reduction)


def generalized_kl_div(input, target, *, reduction):
    """SciPy's kl_div is this one, of numbers that need not sum to 1, and takes q as it is."""
    return _reduce(special.kl_div(target, np.exp(input)), reduction)


FORWARDS = {
    "huber": huber,
    "generalized_kl_div": generalized_kl_div,
}

LEDGER = (
    (
        "silently broadcasts, or takes parameters that have no meaning",
        "",
        (
            "refused:generalized_kl_div-column-against-row-float64",
            "refused:generalized_kl_div-target-broadcasts-float64",
            "refused:huber-column-against-row-float64",
            "refused:huber-delta-zero-float64",
            "refused:huber-target-broadcasts-float64",
        ),
    ),
)
