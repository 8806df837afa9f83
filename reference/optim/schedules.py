"""Schedules: the learning rate of every step. Its steps are counted from t = 0, the first one."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op


def counts(name, lr, t):
    """The whole numbers t in the arithmetic of lr."""
    if lr.ndim:
        raise ValueError(f"{name}: got a learning rate of shape {lr.shape}, want a number")
    return np.full_like(np.broadcast_to(lr, t.shape), t)


def falling_cosine(share):
    """(1 + cos(pi share)) / 2, from 1 down to 0, without the cancellation near 0."""
    return np.cos(np.pi * share / 2) ** 2


def step_schedule(lr, t, *, step_size, gamma):
    """lr_t = lr gamma^floor(t / step_size).

    Shapes: lr (), t any, whole numbers from 0 on; the result as t.

    A staircase: the rate falls by gamma every step_size steps, and where a stair begins the new rate holds already.

    Raises ValueError where lr is no number.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 8.3.1.
    """
    return lr * gamma ** counts("step_schedule", lr, t // step_size)


def step_schedule_cases(rng):
    yield Case(
        "tenth", (rng.uniform(0.1, 1, size=()), np.array([0, 2, 3, 3, 5, 6, 11])), {"step_size": 3, "gamma": 0.1}
    )
    yield Case("half", (rng.uniform(1, 9, size=()), np.array([[9, 4, 1], [4, 7, 8]])), {"step_size": 4, "gamma": 0.5})
    yield Case("rates", (rng.uniform(size=3), np.array([0, 1, 1, 2])), {"step_size": 3, "gamma": 0.1}, "refused")


def sized(rng, n, **params):
    return Case("sized", (rng.uniform(0.1, 1, size=()), rng.integers(0, 90, size=n)), params)


def step_schedule_sized(rng, n):
    return sized(rng, n, step_size=30, gamma=0.5)


def milestone_schedule(lr, t, *, milestones, gamma):
    """lr_t = lr gamma^k, where k of the milestones are t or less.

    Shapes: lr (), t any, whole numbers from 0 on; the result as t.

    The stairs of step_schedule, where somebody wants them.

    Raises ValueError where lr is no number.
    Source: He, Zhang, Ren and Sun (2016), Deep residual learning for image recognition, section 4.2.
    """
    passed = np.sum(t[..., None] >= np.array(milestones), axis=-1)
    return lr * gamma ** counts("milestone_schedule", lr, passed)


def milestone_schedule_cases(rng):
    args = rng.uniform(0.1, 1, size=()), np.array([0, 1, 2, 2, 3, 6, 7, 8, 12])
    yield Case("three", args, {"milestones": (2, 7, 8), "gamma": 0.1})
    yield Case("one", args, {"milestones": (3,), "gamma": 0.25})


def milestone_schedule_sized(rng, n):
    return sized(rng, n, milestones=(30, 60, 80), gamma=0.1)


def exponential_schedule(lr, t, *, gamma):
    """lr_t = lr gamma^t.

    Shapes: lr (), t any, whole numbers from 0 on; the result as t.

    The same share is lost in every step; log lr_t falls on a line.

    Raises ValueError where lr is no number.
    Source: Goodfellow, Bengio and Courville (2016), Deep Learning, section 8.3.1.
    """
    return lr * gamma ** counts("exponential_schedule", lr, t)


def exponential_schedule_cases(rng):
    yield Case("slow", (rng.uniform(0.1, 1, size=()), np.array([0, 1, 2, 2, 7, 10])), {"gamma": 0.9})
    yield Case("fast", (rng.uniform(0.1, 1, size=()), np.array([[3, 0], [4, 3], [6, 5]])), {"gamma": 0.5})


def exponential_schedule_sized(rng, n):
    return sized(rng, n, gamma=0.9)


def polynomial_schedule(lr, t, *, steps, power, end):
    """lr_t = end + (lr - end) (1 - t / steps)^power until t = steps, and end from then on.

    Shapes: lr (), t any, whole numbers from 0 on; the result as t.

    Power 1 is a straight line, 2 begins twice as steeply and ends softly.

    Raises ValueError where lr is no number.
    Source: Chen, Papandreou, Kokkinos, Murphy and Yuille (2018), DeepLab: semantic image segmentation with deep
    convolutional nets, section 4.1.
    """
    left = counts("polynomial_schedule", lr, steps - np.minimum(t, steps)) / steps
    return end + (lr - end) * left**power


def polynomial_schedule_cases(rng):
    args = rng.uniform(0.5, 1, size=()), np.array([0, 1, 2, 2, 5, 7, 8, 11])
    yield Case("square", args, {"steps": 8, "power": 2.0, "end": 0.0})
    yield Case("line", args, {"steps": 9, "power": 1.0, "end": 0.0})
    yield Case("ending", args, {"steps": 8, "power": 1.5, "end": 0.125})


def polynomial_schedule_sized(rng, n):
    return sized(rng, n, steps=100, power=2.0, end=0.0)


def warmup_schedule(lr, t, *, steps, start):
    """lr_t = lr (1 - (1 - start) (1 - t / steps)) until t = steps, and lr from then on.

    Shapes: lr (), t any, whole numbers from 0 on; the result as t. start is a share of lr.

    While the averages of an optimiser know few gradients, and the network nothing, long steps lead astray.

    Raises ValueError where lr is no number.
    Source: Goyal et al. (2017), Accurate, large minibatch SGD: training ImageNet in 1 hour, section 2.2.
    """
    left = counts("warmup_schedule", lr, steps - np.minimum(t, steps)) / steps
    return lr * (1 - (1 - start) * left)


def warmup_schedule_cases(rng):
    args = rng.uniform(0.5, 1, size=()), np.array([0, 1, 2, 2, 4, 5, 6, 9])
    yield Case("tenth", args, {"steps": 5, "start": 0.1})
    yield Case("half", args, {"steps": 7, "start": 0.5})


def warmup_schedule_sized(rng, n):
    return sized(rng, n, steps=50, start=0.01)


def cosine_schedule(lr, t, *, steps, end, hold):
    """lr_t = end + (lr - end) (1 + cos(pi t / steps)) / 2; with hold, end from t = steps on.

    Shapes: lr (), t any, whole numbers from 0 on; the result as t.

    Half a wave from lr down to end, flat at both of its ends. Without hold it is a whole one: behind t = steps the rate
    rises again, and is lr at 2 steps.

    Raises ValueError where lr is no number.
    Source: Loshchilov and Hutter (2017), SGDR: stochastic gradient descent with warm restarts, eq. 5.
    """
    share = counts("cosine_schedule", lr, np.minimum(t, steps) if hold else t) / steps
    return end + (lr - end) * falling_cosine(share)


def cosine_schedule_cases(rng):
    args = rng.uniform(0.5, 1, size=()), np.array([0, 1, 2, 2, 4, 6, 7, 9])
    yield Case("holding", args, {"steps": 7, "end": 0.125, "hold": True})
    yield Case("waving", args, {"steps": 5, "end": 0.25, "hold": False})


def cosine_schedule_sized(rng, n):
    return sized(rng, n, steps=90, end=0.01, hold=True)


def restart_schedule(lr, t, *, first, factor, end):
    """lr_t = end + (lr - end) (1 + cos(pi s / n)) / 2, where s steps have been made of a cycle of n.

    Shapes: lr (), t any, whole numbers from 0 on; the result as t. The cycles have first, first factor, first factor^2
    ... steps.

    Each cycle falls as cosine_schedule does, but for its last step, in whose place the next begins at lr: end is never
    reached. The long steps after a restart leave the minimum for a wider one, if there is one near.

    Raises ValueError where lr is no number.
    Source: Loshchilov and Hutter (2017), SGDR: stochastic gradient descent with warm restarts, eq. 5.
    """
    begin, length = np.zeros_like(t), np.full_like(t, first)
    for _ in range(32 if factor > 1 else 0):  # no run has 2^32 steps
        over = t >= begin + length
        begin, length = np.where(over, begin + length, begin), np.where(over, length * factor, length)
    made = (t - begin) % length
    share = counts("restart_schedule", lr, made) / counts("restart_schedule", lr, length)
    return end + (lr - end) * falling_cosine(share)


def restart_schedule_cases(rng):
    args = rng.uniform(0.5, 1, size=()), np.array([0, 1, 2, 2, 3, 4, 8, 9, 10, 14])
    yield Case("doubling", args, {"first": 3, "factor": 2, "end": 0.125})
    yield Case("even", args, {"first": 4, "factor": 1, "end": 0.25})


def restart_schedule_sized(rng, n):
    return sized(rng, n, first=10, factor=2, end=0.01)


def warmup_cosine_schedule(lr, t, *, warmup, steps, start, end):
    """lr_t = warmup_schedule until t = warmup, then cosine_schedule of the steps - warmup that are left.

    Shapes: lr (), t any, whole numbers from 0 on; the result as t. start is a share of lr.

    lr is reached at t = warmup and left at once; end is reached at t = steps and kept.

    Raises ValueError where lr is no number.
    Source: Gotmare, Keskar, Xiong and Socher (2019), A closer look at deep learning heuristics: learning rate restarts,
    warmup and distillation, section 4; Loshchilov and Hutter (2017), SGDR: stochastic gradient descent with warm
    restarts, eq. 5.
    """
    rising = warmup_schedule(lr, t, steps=warmup, start=start)
    falling = cosine_schedule(lr, np.maximum(t - warmup, 0), steps=steps - warmup, end=end, hold=True)
    return np.where(t < warmup, rising, falling)


def warmup_cosine_schedule_cases(rng):
    args = rng.uniform(0.5, 1, size=()), np.array([0, 1, 2, 2, 3, 4, 6, 8, 9])
    yield Case("short", args, {"warmup": 3, "steps": 9, "start": 0.1, "end": 0.125})
    yield Case("long", args, {"warmup": 4, "steps": 8, "start": 0.5, "end": 0.25})


def warmup_cosine_schedule_sized(rng, n):
    return sized(rng, n, warmup=10, steps=90, start=0.01, end=0.01)


def one_cycle_schedule(lr, t, *, peak, steps, div_factor, final_div_factor, anneal):
    """lr_t = first + (lr - first) w(t / peak) until t = peak, then lr + (last - lr) w((t - peak) / (steps - peak)).

    first = lr / div_factor and last = first / final_div_factor; the way w(s) from 0 to 1 is half a wave, (1 - cos(pi
    s)) / 2, or a line, s.

    Shapes: lr (), t any, whole numbers from 0 to steps; the result as t.

    Large rates in the middle keep the network out of sharp minima; the last part is annealing. peak and steps are the
    very steps at which the rates are reached: libraries count them differently.

    Raises ValueError where lr is no number, or for another way of annealing.
    Source: Smith and Topin (2018), Super-convergence: very fast training of neural networks using large learning
    rates, section 3.
    """
    if anneal not in ("cos", "linear"):
        raise ValueError(f"one_cycle_schedule: got anneal {anneal!r}, want 'cos' or 'linear'")
    up = counts("one_cycle_schedule", lr, np.minimum(t, peak)) / peak
    down = counts("one_cycle_schedule", lr, np.maximum(t, peak) - peak) / (steps - peak)
    first, last = lr / div_factor, lr / (div_factor * final_div_factor)
    if anneal == "linear":
        return np.where(t <= peak, first + (lr - first) * up, lr + (last - lr) * down)
    return np.where(t <= peak, lr + (first - lr) * falling_cosine(up), last + (lr - last) * falling_cosine(down))


def one_cycle_schedule_cases(rng):
    args = rng.uniform(0.5, 1, size=()), np.array([0, 1, 2, 2, 3, 4, 6, 8, 9])
    params = {"peak": 3, "steps": 9, "div_factor": 4.0, "final_div_factor": 2.0}
    yield Case("cosine", args, {**params, "anneal": "cos"})
    yield Case("line", args, {"peak": 4, "steps": 11, "div_factor": 25.0, "final_div_factor": 10.0, "anneal": "linear"})
    yield Case("parabola", args, {**params, "anneal": "parabola"}, "refused")


def one_cycle_schedule_sized(rng, n):
    return sized(rng, n, peak=30, steps=90, div_factor=25.0, final_div_factor=1e4, anneal="cos")


def cyclic_schedule(lr, t, *, highest, up, down, gamma, halving):
    """lr_t = lr + (highest - lr) h_t, h_t rising from 0 to 1 in up steps and falling in down steps, again and again.

    h_t is multiplied by gamma^t, and with halving by 1/2 in each cycle after the first.

    Shapes: lr (), the lowest rate, t any, whole numbers from 0 on; the result as t.

    No rate is right all along: going through all of them every few epochs costs little, and shows which are.

    Raises ValueError where lr is no number.
    Source: Smith (2017), Cyclical learning rates for training neural networks, section 3.
    """
    cycle, made = t // (up + down), t % (up + down)
    name = "cyclic_schedule"
    rising, falling = counts(name, lr, made) / up, counts(name, lr, up + down - made) / down
    height = np.where(made <= up, rising, falling) * gamma ** counts(name, lr, t)
    return lr + (highest - lr) * (height / 2 ** counts(name, lr, cycle) if halving else height)


def cyclic_schedule_cases(rng):
    args = rng.uniform(0.1, 0.5, size=()), np.array([0, 1, 2, 2, 3, 4, 6, 8, 9, 13])
    yield Case("triangles", args, {"highest": 1.5, "up": 2, "down": 3, "gamma": 1.0, "halving": False})
    yield Case("halving", args, {"highest": 0.75, "up": 4, "down": 2, "gamma": 1.0, "halving": True})
    yield Case("fading", args, {"highest": 0.75, "up": 2, "down": 3, "gamma": 0.9, "halving": False})


def cyclic_schedule_sized(rng, n):
    return sized(rng, n, highest=1.5, up=20, down=10, gamma=0.99, halving=False)


OPS = [
    Op(step_schedule, step_schedule_cases, sized=step_schedule_sized, wrt=()),
    Op(milestone_schedule, milestone_schedule_cases, sized=milestone_schedule_sized, wrt=()),
    Op(exponential_schedule, exponential_schedule_cases, sized=exponential_schedule_sized, wrt=()),
    Op(polynomial_schedule, polynomial_schedule_cases, sized=polynomial_schedule_sized, wrt=()),
    Op(warmup_schedule, warmup_schedule_cases, sized=warmup_schedule_sized, wrt=()),
    Op(cosine_schedule, cosine_schedule_cases, sized=cosine_schedule_sized, wrt=()),
    Op(restart_schedule, restart_schedule_cases, sized=restart_schedule_sized, wrt=()),
    Op(warmup_cosine_schedule, warmup_cosine_schedule_cases, sized=warmup_cosine_schedule_sized, wrt=()),
    Op(one_cycle_schedule, one_cycle_schedule_cases, sized=one_cycle_schedule_sized, wrt=()),
    Op(cyclic_schedule, cyclic_schedule_cases, sized=cyclic_schedule_sized, wrt=()),
]
