"""The schedules of optax: functions of the number of steps taken."""

from __future__ import annotations

from functools import partial

from jax import vmap

from .common import choice, installed_optax


def _rates(schedule, lr, t):
    """With x64 the counts make it float64; optax casts a rate to the type of what it multiplies, and so do we."""
    return schedule(t).astype(lr.dtype)


def _step(lr, t, *, step_size, gamma):
    return _rates(installed_optax().exponential_decay(lr, step_size, gamma, staircase=True), lr, t)


def _milestone(lr, t, *, milestones, gamma):
    return _rates(installed_optax().piecewise_constant_schedule(lr, dict.fromkeys(milestones, gamma)), lr, t)


def _exponential(lr, t, *, gamma):
    return _rates(installed_optax().exponential_decay(lr, 1, gamma), lr, t)


def _polynomial(lr, t, *, steps, power, end):
    return _rates(installed_optax().polynomial_schedule(lr, end, power, steps), lr, t)


def _warmup(lr, t, *, steps, start):
    return _rates(installed_optax().warmup_constant_schedule(start * lr, lr, steps), lr, t)


def _cosine(lr, t, *, steps, end, hold):
    if not hold:
        raise NotImplementedError("optax.cosine_decay_schedule holds its last rate")
    return _rates(installed_optax().cosine_decay_schedule(lr, steps, end / lr), lr, t)


def _restart(lr, t, *, first, factor, end):
    """As many cycles as the longest question needs."""
    cycle = {"init_value": 1.0, "peak_value": 1.0, "warmup_steps": 0, "end_value": end / lr}
    schedule = installed_optax().sgdr_schedule([{**cycle, "decay_steps": first * factor**k} for k in range(4)])
    return _rates(lambda t: lr * schedule(t), lr, t)  # its peak may not be traced


def _warmup_cosine(lr, t, *, warmup, steps, start, end):
    schedule = installed_optax().warmup_cosine_decay_schedule(start, 1.0, warmup, steps, end / lr)
    return _rates(lambda t: lr * schedule(t), lr, t)  # its peak may not be traced


def _one_cycle(lr, t, *, peak, steps, div_factor, final_div_factor, anneal):
    """Of a line optax has no cycle of two parts, but the function that its cycle of three is made by."""
    optax = installed_optax()
    scales = {peak: div_factor, steps: 1 / (div_factor * final_div_factor)}
    schedules = {
        "cos": partial(optax.cosine_onecycle_schedule, steps, lr, peak / steps, div_factor, final_div_factor),
        "linear": partial(optax.schedules.piecewise_interpolate_schedule, "linear", lr / div_factor, scales),
    }
    return _rates(vmap(choice(schedules, anneal, "anneal")()), lr, t)


FORWARDS = {
    "step_schedule": _step,
    "milestone_schedule": _milestone,
    "exponential_schedule": _exponential,
    "polynomial_schedule": _polynomial,
    "warmup_schedule": _warmup,
    "cosine_schedule": _cosine,
    "restart_schedule": _restart,
    "warmup_cosine_schedule": _warmup_cosine,
    "one_cycle_schedule": _one_cycle,
}

LEDGER = (
    (
        "XLA fuses 1 - steps (1 / steps), rounded once, and what is left at the end is not 0",
        "",
        tuple(f"?{kind}:polynomial_schedule-line-*" for kind in ("value", "layout", "batched")),
    ),
)
