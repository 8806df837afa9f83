"""Continuous distributions of one number in SciPy."""

from __future__ import annotations

import numpy as np
from scipy import stats

from .common import in_float64


def _of_location_and_scale(name, d):
    return {
        f"{name}_log_density": d.logpdf,
        f"{name}_cdf": d.cdf,
        f"{name}_sample": d.ppf,
        f"{name}_entropy": lambda scale: d.entropy(scale=scale),
        f"{name}_moments": lambda loc, scale: d.stats(loc, scale, moments="mv"),
    }


FORWARDS = {
    name: in_float64(f)
    for name, f in {
        "uniform_log_density": lambda x, low, high: stats.uniform.logpdf(x, low, high - low),
        "uniform_cdf": lambda x, low, high: stats.uniform.cdf(x, low, high - low),
        "uniform_sample": lambda u, low, high: stats.uniform.ppf(u, low, high - low),
        "uniform_entropy": lambda low, high: stats.uniform.entropy(low, high - low),
        "uniform_moments": lambda low, high: stats.uniform.stats(low, high - low, moments="mv"),
        **_of_location_and_scale("laplace", stats.laplace),
        **_of_location_and_scale("logistic", stats.logistic),
        **_of_location_and_scale("cauchy", stats.cauchy),
        "exponential_log_density": lambda x, rate: stats.expon.logpdf(x, scale=1 / rate),
        "exponential_cdf": lambda x, rate: stats.expon.cdf(x, scale=1 / rate),
        "exponential_sample": lambda u, rate: stats.expon.ppf(u, scale=1 / rate),
        "exponential_entropy": lambda rate: stats.expon.entropy(scale=1 / rate),
        "exponential_moments": lambda rate: stats.expon.stats(scale=1 / rate, moments="mv"),
        "log_normal_log_density": lambda x, mu, sigma: stats.lognorm.logpdf(x, sigma, scale=np.exp(mu)),
        "log_normal_cdf": lambda x, mu, sigma: stats.lognorm.cdf(x, sigma, scale=np.exp(mu)),
        "log_normal_entropy": lambda mu, sigma: stats.lognorm.entropy(sigma, scale=np.exp(mu)),
        "log_normal_moments": lambda mu, sigma: stats.lognorm.stats(sigma, scale=np.exp(mu), moments="mv"),
        "gamma_log_density": lambda x, concentration, rate: stats.gamma.logpdf(x, concentration, scale=1 / rate),
        "gamma_cdf": lambda x, concentration, rate: stats.gamma.cdf(x, concentration, scale=1 / rate),
        "gamma_entropy": lambda concentration, rate: stats.gamma.entropy(concentration, scale=1 / rate),
        "gamma_moments": lambda concentration, rate: stats.gamma.stats(concentration, scale=1 / rate, moments="mv"),
        "beta_log_density": stats.beta.logpdf,
        "beta_cdf": stats.beta.cdf,
        "beta_entropy": stats.beta.entropy,
        "beta_moments": lambda a, b: stats.beta.stats(a, b, moments="mv"),
        "student_t_log_density": stats.t.logpdf,
        "student_t_cdf": stats.t.cdf,
        "student_t_entropy": lambda df, scale: stats.t.entropy(df, scale=scale),
        "student_t_moments": lambda df, loc, scale: stats.t.stats(df, loc, scale, moments="mv"),
    }.items()
}

LEDGER = (
    (
        "t.stats gives the mean inf where there is none",
        "https://github.com/scipy/scipy/issues/8786",
        ("special:student_t_moments-missing-float64",),
    ),
    (
        "gamma.logpdf at infinity is infinity - infinity",
        "",
        ("special:gamma_log_density-limits-float64",),
    ),
    (
        "the variance of lognorm has the factor exp(s^2) - 1, which cancels for small s",
        "",
        (
            "layout:log_normal_moments-scales-float64",
            "value:log_normal_moments-scales-float64",
        ),
    ),
)
