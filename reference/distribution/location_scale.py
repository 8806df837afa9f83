"""What every distribution of a location and a scale is asked: near its centre, in its tails, in any unit."""

from __future__ import annotations

import numpy as np

from ..elementwise.cases import both_signs
from ..op import Case


def log_density_cases(rng):
    x = both_signs(rng, 1, 3, 15).reshape(5, 3)
    yield Case("broadcast", (x, rng.uniform(-0.5, 0.5, size=3), rng.uniform(0.5, 2, size=(5, 1))))
    loc, scale = _units(rng)
    yield Case("scales", (loc + scale * rng.uniform(0.9, 1.1, size=5) * [0.01, -0.5, 3, -8, 200], loc, scale))
    yield _special([-np.inf, np.inf, np.nan], [-np.inf, -np.inf, np.nan])
    yield _nothing()
    yield _refused(rng)


def cdf_cases(rng, far):
    """``far``: how many scales below the location the lower tail is looked at."""
    x = rng.uniform(-1, 1, size=(5, 3))
    yield Case("broadcast", (x, rng.uniform(-0.5, 0.5, size=3), rng.uniform(0.8, 2, size=(5, 1))))
    loc, scale = _units(rng)
    yield Case("lower-tail", (loc - scale * rng.uniform(0.7, 1.3, size=5) * far, loc, scale))
    yield _special([-np.inf, 0.5, np.inf, np.nan], [0.0, 0.5, 1.0, np.nan])
    yield _nothing()
    yield _refused(rng)


def sample_cases(rng):
    u = rng.uniform(0.2, 0.8, size=(5, 3))
    yield Case("broadcast", (u, rng.normal(size=3), rng.uniform(0.5, 2, size=(5, 1))))
    low = rng.uniform(1, 9, size=5) * np.array([1e-8, 1e-6, 1e-4, 1e-5, 1e-3])
    loc, scale = _units(rng)
    yield Case("tails", (np.where([True, True, True, False, False], low, 1 - low), loc, scale))
    yield _special([0.0, 1.0, np.nan], [-np.inf, np.inf, np.nan])
    yield _nothing()
    yield _refused(rng)


def entropy_cases(rng):
    yield Case("matrix", (rng.uniform(0.5, 2, size=(3, 5)),))
    yield Case("scales", (rng.uniform(1, 9, size=5) * 10.0 ** np.array([-9, -3, 0, 6, 12]),))
    yield Case("limits", (np.array([np.inf, np.nan]),), {}, "special", np.array([np.inf, np.nan]))
    yield Case("nothing", (np.zeros((0, 3)),), {}, "empty", np.zeros((0, 3)))


def moments_cases(rng):
    yield Case("broadcast", (rng.normal(size=(5, 1)), rng.uniform(0.5, 2, size=(4, 1, 3))))
    yield Case("scales", _units(rng))
    yield Case("nothing", (np.zeros((0, 3)), np.zeros(3)), {}, "empty", (np.zeros((0, 3)),) * 2)
    yield Case("shapes-differ", (rng.normal(size=4), rng.uniform(0.5, 2, size=3)), {}, "refused")


def sized(rng, n):
    return Case("sized", (rng.normal(size=n), rng.normal(size=n), rng.uniform(0.5, 2, size=n)))


def sample_sized(rng, n):
    return Case("sized", (rng.uniform(0.05, 0.95, size=n), rng.normal(size=n), rng.uniform(0.5, 2, size=n)))


def entropy_sized(rng, n):
    return Case("sized", (rng.uniform(0.5, 2, size=n),))


def moments_sized(rng, n):
    return Case("sized", (rng.normal(size=n), rng.uniform(0.5, 2, size=n)))


def _units(rng):
    """Five locations and scales, in units from a thousandth to a million."""
    scale = rng.uniform(1, 3, size=5) * np.array([1e-3, 0.1, 1.0, 30.0, 1e6])
    return scale * rng.normal(size=5), scale


def _special(x, y):
    return Case("limits", (np.array(x), np.full(len(x), 0.5), np.full(len(x), 1.5)), {}, "special", np.array(y))


def _nothing():
    return Case("nothing", (np.zeros((0, 3)), np.zeros(3), np.ones(3)), {}, "empty", np.zeros((0, 3)))


def _refused(rng):
    return Case("shapes-differ", (rng.uniform(size=4), rng.normal(size=3), np.array(1.5)), {}, "refused")
