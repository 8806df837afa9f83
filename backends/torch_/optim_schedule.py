"""The schedules of torch.optim.lr_scheduler: the learning rate that an optimiser has after so many steps."""

from __future__ import annotations

import torch
from torch.optim import SGD, lr_scheduler


def _rates(create, lr, t):
    """A scheduler of an optimiser is asked step by step; it computes with Python's floats."""
    if torch.compiler.is_compiling():
        raise NotImplementedError("torch.compile does not trace schedulers")
    try:
        rate, last = lr.item(), int(t.max())
    except RuntimeError as error:
        if "vmap" not in str(error):
            raise
        raise NotImplementedError(
            "torch.optim.lr_scheduler computes with Python's floats, and vmap has none"
        ) from error
    optimiser = SGD([torch.zeros(1)], lr=rate)
    scheduler = create(optimiser)
    rates = [optimiser.param_groups[0]["lr"]]
    for _ in range(last):
        optimiser.step()
        scheduler.step()
        rates.append(optimiser.param_groups[0]["lr"])
    return torch.tensor(rates, dtype=lr.dtype, device=lr.device)[t]


def _step(lr, t, *, step_size, gamma):
    return _rates(lambda o: lr_scheduler.StepLR(o, step_size, gamma), lr, t)


def _milestone(lr, t, *, milestones, gamma):
    return _rates(lambda o: lr_scheduler.MultiStepLR(o, milestones, gamma), lr, t)


def _exponential(lr, t, *, gamma):
    return _rates(lambda o: lr_scheduler.ExponentialLR(o, gamma), lr, t)


def _polynomial(lr, t, *, steps, power, end):
    if end:
        raise NotImplementedError("torch.optim.lr_scheduler.PolynomialLR ends at 0")
    return _rates(lambda o: lr_scheduler.PolynomialLR(o, steps, power), lr, t)


def _warmup(lr, t, *, steps, start):
    return _rates(lambda o: lr_scheduler.LinearLR(o, start, total_iters=steps), lr, t)


def _cosine(lr, t, *, steps, end, hold):
    # CosineAnnealingLR goes up again behind its last step: who wants to hold does not go there
    return _rates(lambda o: lr_scheduler.CosineAnnealingLR(o, steps, end), lr, t.clamp(max=steps) if hold else t)


def _restart(lr, t, *, first, factor, end):
    return _rates(lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, first, factor, end), lr, t)


def _warmup_cosine(lr, t, *, warmup, steps, start, end):
    def create(optimiser):
        rising = lr_scheduler.LinearLR(optimiser, start, total_iters=warmup)
        falling = lr_scheduler.CosineAnnealingLR(optimiser, steps - warmup, end)
        return lr_scheduler.SequentialLR(optimiser, [rising, falling], [warmup])

    return _rates(create, lr, t.clamp(max=steps))


def _one_cycle(lr, t, *, peak, steps, div_factor, final_div_factor, anneal):
    # OneCycleLR counts the steps that it makes, of which the peak is one, and the last
    options = {"total_steps": steps + 1, "pct_start": (peak + 1) / (steps + 1), "cycle_momentum": False}
    factors = {"div_factor": div_factor, "final_div_factor": final_div_factor, "anneal_strategy": anneal}
    return _rates(lambda o: lr_scheduler.OneCycleLR(o, lr.item(), **options, **factors), lr, t)


def _cyclic(lr, t, *, highest, up, down, gamma, halving):
    if halving and gamma != 1:
        raise NotImplementedError("torch.optim.lr_scheduler.CyclicLR has one way of fading at a time")

    def create(optimiser):
        mode = "triangular2" if halving else "exp_range"
        return lr_scheduler.CyclicLR(optimiser, lr.item(), highest, up, down, mode, gamma, cycle_momentum=False)

    return _rates(create, lr, t)


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
    "cyclic_schedule": _cyclic,
}

LEDGER = (
    (
        "LinearLR and PolynomialLR multiply the rate of the step before, and their errors add up",
        "",
        tuple(f"?{kind}:{op}_schedule-*" for kind in ("value", "layout") for op in ("warmup", "polynomial")),
    ),
    (
        "CyclicLR takes how far it is in a cycle from 1 + t / total - cycle, and loses the digits of its number",
        "",
        ("?value:cyclic_schedule-*", "?layout:cyclic_schedule-*"),
    ),
)
