"""Slips of schedules of the learning rate."""

from __future__ import annotations

import numpy as np

from ..op import Slip
from ..optim.schedules import (
    cosine_schedule,
    cyclic_schedule,
    exponential_schedule,
    milestone_schedule,
    one_cycle_schedule,
    polynomial_schedule,
    restart_schedule,
    step_schedule,
    warmup_cosine_schedule,
    warmup_schedule,
)
from .optim import changed


def later(schedule):
    """The schedule one step ahead."""
    return lambda lr, t, **params: schedule(lr, t + 1, **params)


COUNTED_FROM_ONE = (
    "The steps are counted from 0: the first one, t = 0, has the rate at which the schedule begins. Here they are "
    "counted from 1, and each rate comes a step too early."
)

SLIPS = {
    "step_schedule": (
        Slip("counted-from-one", COUNTED_FROM_ONE, later(step_schedule)),
        Slip(
            "falling-in-every-step",
            "The rate falls once every step_size steps: the power is the whole part, t // step_size. Here it is t / "
            "step_size, and the stairs are gone.",
            lambda lr, t, *, step_size, gamma: lr * gamma ** (t / step_size),
        ),
    ),
    "milestone_schedule": (
        Slip(
            "one-step-late",
            "At a milestone the new rate holds already: k counts the milestones with t >= m. Here it is t > m.",
            lambda lr, t, *, milestones, gamma: milestone_schedule(lr, t - 1, milestones=milestones, gamma=gamma),
        ),
        Slip(
            "falling-once",
            "The rate falls at every milestone, lr gamma^k behind k of them. Here it falls at the first one alone.",
            lambda lr, t, *, milestones, gamma: milestone_schedule(lr, t, milestones=milestones[:1], gamma=gamma),
        ),
    ),
    "exponential_schedule": (
        Slip("counted-from-one", COUNTED_FROM_ONE, later(exponential_schedule)),
        Slip(
            "multiplied-in-place-of-a-power",
            "The same share is lost in every step: lr gamma^t. Here it is lr gamma t, which rises.",
            lambda lr, t, *, gamma: lr * gamma * t,
        ),
    ),
    "polynomial_schedule": (
        Slip("counted-from-one", COUNTED_FROM_ONE, later(polynomial_schedule)),
        Slip(
            "power-of-the-share-made",
            "The power belongs to what is left, (1 - t / steps)^power. Here it is 1 - (t / steps)^power, which begins "
            "flat and ends steeply.",
            lambda lr, t, *, steps, power, end: end + (lr - end) * (1 - (np.minimum(t, steps) / steps) ** power),
        ),
        Slip(
            "end-cut-off",
            "The rate goes from lr down to end all along: end + (lr - end) (...). Here it goes down to 0, and is cut "
            "off at end.",
            lambda lr, t, **params: np.maximum(polynomial_schedule(lr, t, **{**params, "end": 0.0}), params["end"]),
        ),
    ),
    "warmup_schedule": (
        Slip("counted-from-one", COUNTED_FROM_ONE, later(warmup_schedule)),
        Slip(
            "warming-from-zero",
            "The first rate is start lr. Here it is 0, and the first step does nothing.",
            changed(warmup_schedule, lambda params: {"start": 0.0}),
        ),
    ),
    "cosine_schedule": (
        Slip("counted-from-one", COUNTED_FROM_ONE, later(cosine_schedule)),
        Slip(
            "always-held",
            "Without hold the wave goes on behind t = steps, and the rate rises again. Here it stays at end.",
            changed(cosine_schedule, lambda params: {"hold": True}),
        ),
        Slip(
            "never-held",
            "With hold the rate stays at end from t = steps on. Here the wave goes on, and the rate rises again.",
            changed(cosine_schedule, lambda params: {"hold": False}),
        ),
        Slip(
            "end-added-behind",
            "The wave goes from lr down to end: its height is lr - end. Here it goes from lr + end.",
            lambda lr, t, **params: params["end"] + cosine_schedule(lr, t, **{**params, "end": 0.0}),
        ),
        Slip(
            "whole-wave",
            "Half a wave leads from lr to end: cos(pi t / steps). Here it is a whole one, cos(2 pi t / steps), which "
            "is back at lr when it should be at end.",
            lambda lr, t, **params: cosine_schedule(
                lr, 2 * (np.minimum(t, params["steps"]) if params["hold"] else t), **{**params, "hold": False}
            ),
        ),
    ),
    "restart_schedule": (
        Slip("counted-from-one", COUNTED_FROM_ONE, later(restart_schedule)),
        Slip(
            "cycles-all-alike",
            "Each cycle has factor times as many steps as the one before. Here all have as many as the first.",
            changed(restart_schedule, lambda params: {"factor": 1}),
        ),
    ),
    "warmup_cosine_schedule": (
        Slip(
            "cosine-of-all-steps",
            "The wave has the steps that are left behind the warmup, steps - warmup of them. Here it begins at t = 0, "
            "and at the end of the warmup it has already fallen.",
            lambda lr, t, *, warmup, steps, start, end: np.where(
                t < warmup,
                warmup_schedule(lr, t, steps=warmup, start=start),
                cosine_schedule(lr, t, steps=steps, end=end, hold=True),
            ),
        ),
        Slip(
            "wave-too-long",
            "Behind the warmup steps - warmup steps are left for the wave. Here it has all of the steps, and does not "
            "reach end.",
            lambda lr, t, **params: warmup_cosine_schedule(
                lr, t, **{**params, "steps": params["steps"] + params["warmup"]}
            ),
        ),
    ),
    "one_cycle_schedule": (
        Slip(
            "last-rate-of-the-peak",
            "The last rate is the first one over final_div_factor, lr / (div_factor final_div_factor). Here it is lr / "
            "final_div_factor.",
            lambda lr, t, **params: np.where(
                t <= params["peak"],
                one_cycle_schedule(lr, t, **params),
                one_cycle_schedule(lr, t, **{**params, "div_factor": 1.0}),
            ),
        ),
        Slip("counted-from-one", COUNTED_FROM_ONE, later(one_cycle_schedule)),
        Slip(
            "always-a-line",
            "The way from one rate to the next is half a wave, or a line if anneal says so. Here it is always a line.",
            changed(one_cycle_schedule, lambda params: {"anneal": "linear"}),
        ),
    ),
    "cyclic_schedule": (
        Slip("counted-from-one", COUNTED_FROM_ONE, later(cyclic_schedule)),
        Slip(
            "up-and-down-swapped",
            "The rate rises in up steps and falls in down steps. Here it is the other way round.",
            lambda lr, t, *, up, down, **others: cyclic_schedule(lr, t, up=down, down=up, **others),
        ),
        Slip(
            "cycles-all-alike",
            "With halving each cycle is half as high as the one before. Here all are as high as the first.",
            changed(cyclic_schedule, lambda params: {"halving": False}),
        ),
    ),
}
