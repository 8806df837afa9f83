"""Maps from noise to samples, and means over samples."""

from __future__ import annotations

import numpy as np

from ..broadcast import unbroadcast
from ..op import Case, Op


def box_muller(u1, u2):
    """z0 = r cos(2 pi u2), z1 = r sin(2 pi u2), where r = sqrt(-2 log u1).

    Shapes: u1 in (0, 1] and u2 any, both of one shape; z0 and z1 as they.

    In the plane, the squared radius of two independent standard normals is exponential with mean
    2 and their angle is uniform, so two uniform numbers give two independent normals.

    Raises ValueError when the shapes differ: to broadcast a noise would use it twice.

    Source: Box and Muller (1958), A note on the generation of random normal deviates, eq. 1.
    """
    if u1.shape != u2.shape:
        raise ValueError(f"u1 and u2 must have one shape: got {u1.shape} and {u2.shape}")
    r = np.sqrt(-2 * np.log(u1))
    return r * np.cos(2 * np.pi * u2), r * np.sin(2 * np.pi * u2)


def box_muller_vjp(ybar, y, u1, u2):
    """u1bar = (z0bar z0 + z1bar z1) / (2 u1 log u1), u2bar = 2 pi (z1bar z0 - z0bar z1).

    u1 moves the radius alone: dr/du1 = -1 / (u1 r), so each z moves by -z / (u1 r^2), and
    r^2 = -2 log u1. u2 turns the pair: dz0/du2 = -2 pi z1, dz1/du2 = 2 pi z0.
    """
    (z0bar, z1bar), (z0, z1) = ybar, y
    return (z0bar * z0 + z1bar * z1) / (2 * u1 * np.log(u1)), 2 * np.pi * (z1bar * z0 - z0bar * z1)


def box_muller_hvp(ybar, dots, y, u1, u2):
    """u1bardot = (w T - e R (2 log u1 + 1)) / (2 u1 log u1), u2bardot = 2 pi (e T - w R).

    R = z0bar z0 + z1bar z1 and T = z1bar z0 - z0bar z1 are what the VJP is made of: u1bar = R / (2 u1 log u1) and
    u2bar = 2 pi T. The pair is stretched by e = u1dot / (2 u1 log u1) and turned by w = 2 pi u2dot, so that
    Rdot = e R + w T and Tdot = e T - w R.
    """
    (z0bar, z1bar), (z0, z1), (u1dot, u2dot) = ybar, y, dots
    radial, turning = z0bar * z0 + z1bar * z1, z1bar * z0 - z0bar * z1
    log_u1 = np.log(u1)
    e, w = u1dot / (2 * u1 * log_u1), 2 * np.pi * u2dot
    u1bardot = (w * turning - e * radial * (2 * log_u1 + 1)) / (2 * u1 * log_u1)
    return u1bardot, 2 * np.pi * (e * turning - w * radial)


def box_muller_cases(rng):
    yield Case("vector", (rng.uniform(0.05, 0.95, size=(7,)), rng.uniform(size=(7,))))
    yield Case("matrix", (rng.uniform(0.05, 0.95, size=(3, 5)), rng.uniform(size=(3, 5))))
    yield Case("tails", (rng.uniform(1, 9, size=(5,)) * 10.0 ** np.array([-12, -9, -6, -4, -3]), rng.uniform(size=5)))
    yield Case("near-the-centre", (rng.uniform(0.99, 0.999, size=(5,)), rng.uniform(size=(5,))))
    yield Case("nothing", (np.zeros((0, 3)), np.zeros((0, 3))), {}, "empty", (np.zeros((0, 3)),) * 2)
    yield Case("noise-used-twice", (rng.uniform(size=(3,)), rng.uniform(size=(1,))), {}, "refused")


def box_muller_sized(rng, n):
    return Case("sized", (rng.uniform(0.05, 0.95, size=(n // 2,)), rng.uniform(size=(n // 2,))))


def reparameterize(noise, mu, sigma):
    """x = mu + sigma noise, a sample of the normal (mu, sigma) when noise is standard normal.

    Shapes: noise, mu and sigma any that broadcast together, x as their broadcast.

    The randomness stands outside: for given noise the sample is a smooth function of mu and
    sigma, and so gradients pass through the act of sampling. sigma is the standard deviation,
    not the variance.

    Source: Kingma and Welling (2014), Auto-encoding variational Bayes, section 2.4.
    """
    return mu + sigma * noise


def reparameterize_vjp(xbar, x, noise, mu, sigma):
    """noisebar = xbar sigma, mubar = xbar, sigmabar = xbar noise."""
    return unbroadcast(xbar * sigma, noise.shape), unbroadcast(xbar, mu.shape), unbroadcast(xbar * noise, sigma.shape)


def reparameterize_hvp(xbar, dots, x, noise, mu, sigma):
    """d noisebar = xbar sigmadot, d mubar = 0, d sigmabar = xbar noisedot: only the product sigma noise is bent."""
    noisedot, _, sigmadot = dots
    return unbroadcast(xbar * sigmadot, noise.shape), np.zeros_like(mu), unbroadcast(xbar * noisedot, sigma.shape)


def reparameterize_cases(rng):
    yield Case("diagonal", (rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), rng.uniform(0.5, 2, size=(5, 3))))
    yield Case("many-samples", (rng.normal(size=(4, 5, 3)), rng.normal(size=(3,)), rng.uniform(0.5, 2, size=(5, 1))))
    yield Case("one-normal", (rng.normal(size=(7,)), rng.normal(size=()), rng.uniform(0.5, 2, size=())))
    yield Case("shared-noise", (rng.normal(size=(1, 3)), rng.normal(size=(5, 1)), rng.uniform(0.5, 2, size=(5, 3))))
    ends = (np.array([1.0, -np.inf, np.nan]), np.full(3, 0.5), np.array([0.0, 2.0, 2.0]))
    yield Case("limits", ends, {}, "special", np.array([0.5, -np.inf, np.nan]))
    yield Case("nothing", (np.zeros((0, 3)), np.zeros(3), np.ones(3)), {}, "empty", np.zeros((0, 3)))
    yield Case("shapes-differ", (rng.normal(size=(4,)), rng.normal(size=(3,)), np.array(1.5)), {}, "refused")


def reparameterize_sized(rng, n):
    return Case("sized", (rng.normal(size=(n,)), rng.normal(size=(n,)), rng.uniform(0.5, 2, size=(n,))))


def inverse_cdf(u, x, cdf):
    """y = x_j + (u - F_j) (x_{j+1} - x_j) / (F_{j+1} - F_j), where F_j <= u <= F_{j+1}.

    Shapes: u any, in [F_0, F_m]; x (m + 1,) and cdf (m + 1,), the F_j, both strictly increasing;
    y as u, in x's unit.

    X = F^-1(U) has the distribution function F when U is uniform: P(F^-1(U) <= x) = P(U <= F(x)).
    Here F is known at m + 1 places and a straight line between them, so the density is a
    histogram, and F^-1 is a polygon with the same corners.

    Raises ValueError unless x and cdf are vectors of one length, at least 2.

    Source: Devroye (1986), Non-Uniform Random Variate Generation, section II.2.1, theorem 2.1.
    """
    if x.ndim != 1 or x.shape != cdf.shape or len(x) < 2:
        raise ValueError(f"x and cdf must be vectors of one length, at least 2: got {x.shape} and {cdf.shape}")
    j = _segment(u, cdf)
    share = (u - np.take(cdf, j)) / (np.take(cdf, j + 1) - np.take(cdf, j))
    return (1 - share) * np.take(x, j) + share * np.take(x, j + 1)


def inverse_cdf_vjp(ybar, y, u, x, cdf):
    """ubar = ybar slope, xbar_k = sum ybar h_k, cdfbar_k = -sum ybar slope h_k, the sums running over u.

    The slope is (x_{j+1} - x_j) / (F_{j+1} - F_j). h_k is the polygon that is 1 at corner k and 0
    at all others: the share of x_k in y. A corner that moves right raises the polygon as much as
    one that moves down by that much times the slope.
    """
    j = _segment(u, cdf)
    low, high = np.take(cdf, j), np.take(cdf, j + 1)
    slope = (np.take(x, j + 1) - np.take(x, j)) / (high - low)
    corner = np.arange(len(x))
    below, above = ((high - u) / (high - low))[..., None], ((u - low) / (high - low))[..., None]
    h = np.where(corner == j[..., None], below, np.where(corner == j[..., None] + 1, above, 0))
    return (
        ybar * slope,
        unbroadcast(ybar[..., None] * h, x.shape),
        unbroadcast(-(ybar * slope)[..., None] * h, cdf.shape),
    )


def _segment(u, cdf):
    """The number j of the segment with F_j <= u <= F_{j+1}: as many inner corners do not exceed u."""
    return np.sum(cdf[1:-1] <= u[..., None], axis=-1)


def inverse_cdf_cases(rng):
    yield Case("few-corners", (rng.uniform(size=(5,)), *_tabulated(rng, 4)))
    yield Case("scales", (rng.uniform(size=(2, 3)), *_tabulated(rng, 6, [-1e3, -1, -1e-3, 1e-3, 1, 1e3])))
    corners = np.array([-2.0, 0.0, 0.5, 4.0]), np.array([0.0, 0.25, 0.5, 1.0])
    u = np.array([0.0, 0.125, 0.25, 0.5, 0.75, 1.0, np.nan])
    yield Case("corners", (u, *corners), {}, "special", np.array([-2.0, -1.0, 0.0, 0.5, 2.25, 4.0, np.nan]))
    yield Case("nothing", (np.zeros((0, 3)), *corners), {}, "empty", np.zeros((0, 3)))
    yield Case("lengths-differ", (rng.uniform(size=(3,)), corners[0], corners[1][:3]), {}, "refused")


def _tabulated(rng, n, near=None):
    """Places near these, and a distribution function there."""
    x = np.arange(float(n)) if near is None else np.array(near)
    steps = rng.uniform(0.3, 1, size=n - 1)
    cdf = np.cumsum(np.concat([[0.0], steps[:-1] / np.sum(steps)]))
    return x * rng.uniform(0.9, 1.1, size=n) + rng.uniform(-1e-5, 1e-5, size=n), np.concat([cdf, [1.0]])


def inverse_cdf_sized(rng, n):
    return Case("sized", (rng.uniform(size=n), *_tabulated(rng, 9)))


def monte_carlo_expectation(fx):
    """m = sum_i f(x_i) / n and its standard error e = sqrt(sum_i (f(x_i) - m)^2 / (n (n - 1))).

    Shapes: fx (n,), the values f(x_i) at n >= 2 independent samples; m and e ().

    The mean of n independent values has 1/n of the variance of one, and that variance is
    estimated from the same values, with n - 1 because their own mean was fitted to them.

    Raises ValueError when fx is not a vector of at least two values.

    Source: Robert and Casella (2004), Monte Carlo Statistical Methods, section 3.2.
    """
    if fx.ndim != 1 or fx.shape[0] < 2:
        raise ValueError(f"fx must be a vector of at least two values: got shape {fx.shape}")
    n = fx.shape[0]
    mean = np.mean(fx)
    centred = fx - mean
    return mean, np.sqrt(np.sum(centred * centred) / (n * (n - 1)))


def monte_carlo_expectation_vjp(ybar, y, fx):
    """fxbar_i = mbar / n + ebar (f(x_i) - m) / (n (n - 1) e).

    The error is a norm of the centred values; that m moves too does not matter, because the
    centred values sum to 0. Where all values are equal the norm has a kink, and 0 is one of its
    subgradients.
    """
    (mbar, ebar), (mean, error) = ybar, y
    n = fx.shape[0]
    return (mbar / n + ebar * (fx - mean) / (n * (n - 1) * np.where(error > 0, error, 1)),)


def monte_carlo_expectation_cases(rng):
    yield Case("normal-values", (rng.normal(size=(7,)),))
    yield Case("skewed-values", (np.exp(rng.normal(size=(12,))),))
    yield Case("hits-and-misses", (np.where(np.arange(11) % 3 == 0, 1.0, 0.0) + rng.normal(scale=0.01, size=(11,)),))
    yield Case("shifted", (1000 + rng.normal(size=(5,)),))
    yield Case("all-equal", (np.full((5,), 1.5),), {}, "kink")
    yield Case("by-hand", (np.array([-2.0, 4.0, 4.0, 4.0]),), {}, "special", (np.array(2.5), np.array(1.5)))
    yield Case("nan", (np.array([0.5, np.nan, 2.0]),), {}, "special", (np.array(np.nan), np.array(np.nan)))
    yield Case("one-value", (rng.normal(size=(1,)),), {}, "refused")
    yield Case("matrix", (rng.normal(size=(3, 4)),), {}, "refused")


def monte_carlo_expectation_sized(rng, n):
    return Case("sized", (rng.normal(size=(n,)),))


OPS = [
    Op(box_muller, box_muller_cases, box_muller_vjp, box_muller_sized, hvp=box_muller_hvp),
    Op(inverse_cdf, inverse_cdf_cases, inverse_cdf_vjp, inverse_cdf_sized),
    Op(reparameterize, reparameterize_cases, reparameterize_vjp, reparameterize_sized, hvp=reparameterize_hvp),
    Op(
        monte_carlo_expectation,
        monte_carlo_expectation_cases,
        monte_carlo_expectation_vjp,
        monte_carlo_expectation_sized,
    ),
]
