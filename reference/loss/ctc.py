"""Connectionist temporal classification: the probability of a sequence of labels, however it is spread over time."""

from __future__ import annotations

import numpy as np

from ..activation.softmax import log_softmax, softmax
from ..op import Case, Op
from .reduction import reduced


def ctc(log_probs, targets, input_lengths, target_lengths, *, blank, reduction, zero_infinity):
    """y_n = -log sum_path exp(sum_t log_probs[t, n, path_t]) over the paths that spell the targets, then reduced.

    Shapes: log_probs (T, N, C); targets (N, L), integers other than blank; input_lengths (N,) and target_lengths (N,),
    how much of each row is meant; y (N,), in nats, or ().

    A path names a class at every time; it spells what is left when repetitions are merged, and then blanks dropped.
    The C^T paths are summed by a walk over the targets with a blank before, between and behind them: in one step it
    stays, goes on by one, or skips a blank between two different labels. A blank has to part two equal ones. Sums are
    formed of logarithms, as a probability of many factors underflows.

    log_probs are taken as they are, whether the probabilities sum to 1 or not. The loss of what no path spells is
    infinite, or 0 with zero_infinity. "mean" divides each loss by the length of its target (1, if it is empty) and
    then by N.

    Raises ValueError for shapes and lengths that do not fit, a label that is the blank or no class, and an unknown
    reduction.
    Source: Graves, Fernandez, Gomez and Schmidhuber (2006), Connectionist Temporal Classification, sections 3 and 4.1,
    eqs. 3 and 6 to 8; the mean is that of torch.nn.CTCLoss.
    """
    _require(log_probs, targets, input_lengths, target_lengths, blank)
    emitted, skips = _emissions(log_probs, targets, blank, target_lengths)
    alpha, reached = _forward(emitted, skips, input_lengths, target_lengths)
    log_p, possible = _spelled(alpha[-1], reached[-1], target_lengths)
    loss = np.where(possible & (log_p != -np.inf), 0 - log_p, 0 if zero_infinity else np.inf)
    return _reduced(loss, target_lengths, reduction)


def ctc_vjp(ybar, y, log_probs, targets, input_lengths, target_lengths, *, blank, reduction, zero_infinity):
    """log_probsbar[t, n, c] = -ybar_n sum_{s: label_s = c} p(the path is at s at time t | it spells the targets).

    The derivative of log sum_path exp(score) by a score is the share of the paths that use it. Those through s at
    time t begin as alpha_t(s) says and end as beta_t(s) does, a walk from the end, so the share is
    exp(alpha + beta - log p). (Eq. 16 of the source has y - share, the derivative by the logits of a softmax.)
    """
    shares, _ = _shares(log_probs, targets, input_lengths, target_lengths, blank)
    return (-_cotangent_of_each(ybar, shares[0, :, 0], target_lengths, reduction)[..., None] * shares,)


def ctc_cases(rng):
    def log_probs(*shape):
        x = rng.normal(size=shape)
        return x - np.log(np.sum(np.exp(x), axis=2, keepdims=True))

    yield from _cases(rng, log_probs)
    targets = np.array([[0, 2, 0, 3], [3, 3, 2, 2]])
    args = rng.normal(size=(5, 2, 6)), targets, np.array([5, 4]), np.array([4, 2])
    yield Case("sum-not-normalised", args, {"blank": 1, "reduction": "sum", "zero_infinity": False})


def ctc_sized(rng, n):
    return _sized(rng, n)


def ctc_with_logits(logits, targets, input_lengths, target_lengths, *, blank, reduction, zero_infinity):
    """y_n = ctc(log softmax(logits))_n, the classes' probabilities at each time being softmax(logits[t, n]).

    Shapes: logits (T, N, C); targets (N, L), integers other than blank; input_lengths (N,) and target_lengths (N,),
    how much of each row is meant; y (N,), in nats, or ().

    What a network is trained with: the logarithm of the softmax is formed at once, and its normalisation is part of
    the derivative.

    Raises what ctc raises.
    Source: Graves, Fernandez, Gomez and Schmidhuber (2006), Connectionist Temporal Classification, sections 3 and 4.
    """
    log_probs = log_softmax(logits, axis=2)
    how = {"blank": blank, "reduction": reduction, "zero_infinity": zero_infinity}
    return ctc(log_probs, targets, input_lengths, target_lengths, **how)


def ctc_with_logits_vjp(ybar, y, logits, targets, input_lengths, target_lengths, *, blank, reduction, zero_infinity):
    """logitsbar[t, n, c] = ybar_n (softmax(logits)_c - p(the path is at a c at time t | it spells the targets)).

    Of ctc, through the logarithm of the softmax, whose Jacobian is I - 1 softmax^T: at each time the shares sum to 1.
    Where no path spells the targets, and behind the end of the input, it is 0.
    """
    p = softmax(logits, axis=2)
    shares, meant = _shares(log_softmax(logits, axis=2), targets, input_lengths, target_lengths, blank)
    each = _cotangent_of_each(ybar, shares[0, :, 0], target_lengths, reduction)[..., None]
    return (each * (np.where(meant, p, 0) - shares),)


def ctc_with_logits_cases(rng):
    yield from _cases(rng, lambda *shape: rng.normal(size=shape))


def ctc_with_logits_sized(rng, n):
    return _sized(rng, n)


def _with_blanks(targets, target_lengths, blank):
    """The targets with a blank before, between and behind them: (N, S), S = 2 L + 1; all blanks behind their end."""
    meant = np.arange(targets.shape[1]) < target_lengths[:, None]
    labels = np.where(meant, targets, blank)
    blanks = np.full_like(labels, blank)
    pairs = np.reshape(np.stack([blanks, labels], axis=2), (len(labels), 2 * labels.shape[1]))
    return np.concat([pairs, np.full_like(target_lengths, blank)[:, None]], axis=1)


def _emissions(log_probs, targets, blank, target_lengths):
    """The log probability of each label at each time, (T, N, S), and where a walk may come from s - 2, (N, S)."""
    spelling = _with_blanks(targets, target_lengths, blank)
    skips = (spelling != blank) & (spelling != _moved(spelling, 2, blank))
    return np.take_along_axis(log_probs, spelling[None], axis=2), skips


def _moved(x, by, filling=0):
    """x[..., s - by] at s, to be read where that exists; by < 0 moves to the left."""
    n = min(abs(by), x.shape[-1])
    filled = np.full_like(x[..., :n], filling)
    kept = x[..., : x.shape[-1] - n] if by > 0 else x[..., n:]
    return np.concat([filled, kept] if by > 0 else [kept, filled], axis=-1)


def _log_sum(x, counts):
    """log of the sum over the first axis of exp(x) where it counts; 0 where nothing counts.

    The shift is the largest x rounded down: any number near it prevents overflow, and an integer has no error that
    would be counted twice, in what is subtracted from x and in what is added to the logarithm.
    """
    top = np.max(np.where(counts, np.floor(np.where(counts, x, 0)), -np.inf), axis=0)
    top = np.where(top == -np.inf, 0, top)
    total = np.sum(np.where(counts, np.exp(np.where(counts, x - top, 0)), 0), axis=0)
    never = np.any(counts, axis=0) & (total == 0)  # what counts is -inf
    return np.where(never, -np.inf, top + np.log(np.where(total == 0, 1, total)))


def _forward(emitted, skips, input_lengths, target_lengths):
    """alpha_t(s): the log probability of the beginnings that are at s at time t; and whether there is one: (T, N, S).

    After the end of a sequence, what it was at its end.
    """
    places = np.arange(emitted.shape[2])
    exists = places <= 2 * target_lengths[:, None]
    start = exists & (places < 2)
    alpha, reached = [np.where(start, emitted[0], 0)], [start]
    for t in range(1, len(emitted)):
        ways = np.stack([alpha[-1], _moved(alpha[-1], 1), _moved(alpha[-1], 2)])
        exist = np.stack([reached[-1], _moved(reached[-1], 1), _moved(reached[-1], 2) & skips]) & exists
        going = (t < input_lengths)[:, None]
        alpha += [np.where(going, _log_sum(ways, exist) + emitted[t], alpha[-1])]
        reached += [np.where(going, np.any(exist, axis=0), reached[-1])]
    return np.stack(alpha), np.stack(reached)


def _backward(emitted, skips, input_lengths, target_lengths):
    """beta_t(s): the log probability of the ends that follow on s at time t; and whether there is one: (T, N, S)."""
    behind = np.arange(emitted.shape[2]) - 2 * target_lengths[:, None]
    beta, leads = [np.zeros_like(emitted[0])], [(behind == 0) | (behind == -1)]
    for t in reversed(range(len(emitted) - 1)):
        onward = beta[-1] + emitted[t + 1]
        ways = np.stack([onward, _moved(onward, -1), _moved(onward, -2)])
        exist = np.stack([leads[-1], _moved(leads[-1], -1), _moved(leads[-1] & skips, -2)])
        going = (t + 1 < input_lengths)[:, None]
        beta += [np.where(going, _log_sum(ways, exist), 0)]
        leads += [np.where(going, np.any(exist, axis=0), leads[0])]
    return np.stack(beta[::-1]), np.stack(leads[::-1])


def _spelled(alpha, reached, target_lengths):
    """The log probability of all paths that spell the targets, which end at the last label or the blank behind it."""
    behind = np.arange(alpha.shape[1]) - 2 * target_lengths[:, None]
    counts = reached & ((behind == 0) | (behind == -1))
    return _log_sum(alpha.T, counts.T), np.any(counts, axis=1)


def _shares(log_probs, targets, input_lengths, target_lengths, blank):
    """At each time, of the paths that spell the targets, the share that is at each class: (T, N, C); and whether there
    are any: (T, N, 1)."""
    emitted, skips = _emissions(log_probs, targets, blank, target_lengths)
    alpha, reached = _forward(emitted, skips, input_lengths, target_lengths)
    beta, leads = _backward(emitted, skips, input_lengths, target_lengths)
    log_p, possible = _spelled(alpha[-1], reached[-1], target_lengths)
    meant = ((np.arange(len(log_probs))[:, None] < input_lengths) & possible)[:, :, None]
    counts = reached & leads & meant
    share = np.where(counts, np.exp(np.where(counts, alpha + beta - log_p[:, None], 0)), 0)
    spelling = _with_blanks(targets, target_lengths, blank)[:, :, None] == np.arange(log_probs.shape[2])
    return np.sum(np.where(spelling, np.expand_dims(share, 3), 0), axis=2), meant


def _reduced(loss, target_lengths, reduction):
    if reduction == "mean":
        return np.mean(loss / np.full_like(loss, np.maximum(target_lengths, 1)))
    return reduced(loss, reduction)


def _cotangent_of_each(ybar, loss, target_lengths, reduction):
    if reduction == "mean":
        return ybar / (len(target_lengths) * np.full_like(loss, np.maximum(target_lengths, 1)))
    return ybar * np.ones_like(loss)


def _require(log_probs, targets, input_lengths, target_lengths, blank):
    if log_probs.ndim != 3 or targets.ndim != 2 or log_probs.shape[1] != len(targets):
        raise ValueError(f"got log_probs {log_probs.shape} and targets {targets.shape}, want (T, N, C) and (N, L)")
    (steps, rows, classes), longest = log_probs.shape, targets.shape[1]
    if not 0 <= blank < classes:
        raise ValueError(f"blank: got {blank}, want one of the classes 0 to {classes - 1}")
    for name, lengths, least, most in (("input", input_lengths, 1, steps), ("target", target_lengths, 0, longest)):
        if lengths.shape != (rows,) or np.any((lengths < least) | (lengths > most)):
            raise ValueError(f"{name}_lengths: got {lengths}, want {rows} numbers from {least} to {most}")
    meant = np.arange(longest) < target_lengths[:, None]
    if np.any(meant & ((targets < 0) | (targets >= classes) | (targets == blank))):
        raise ValueError(f"targets: got {targets}, want classes from 0 to {classes - 1} other than the blank {blank}")


def _cases(rng, scores):
    def ask(blank, reduction, zero_infinity=False):
        return {"blank": blank, "reduction": reduction, "zero_infinity": zero_infinity}

    targets = np.array([[1, 1], [3, 0], [4, 0]])  # the first is one label twice, which a blank has to part
    args = scores(4, 3, 5), targets, np.array([4, 3, 4]), np.array([2, 2, 1])
    yield Case("mean-blank-within", args, ask(2, "mean"))
    targets, lengths = np.array([[2, 2], [0, 1], [3, 0]]), np.array([2, 1, 0])  # the first is impossible in two steps
    yield Case("none-impossible", (scores(4, 3, 5), targets, np.array([2, 4, 3]), lengths), ask(4, "none", True))
    never = -np.inf
    sure = np.array([[[never, 0.0, never]], [[0.0, never, never]]])
    x = np.concat([sure, np.zeros((2, 1, 3)), sure, np.full((2, 1, 3), np.nan)], axis=1)
    args = x, np.array([[1, 1], [1, 1], [2, 2], [1, 2]]), np.array([2, 2, 2, 2]), np.array([1, 2, 1, 1])
    yield Case("impossible", args, ask(0, "none"), "special", np.array([0.0, np.inf, np.inf, np.nan]))
    nobody = np.zeros((4, 0, 3)), np.zeros((0, 2), dtype=int), np.zeros(0, dtype=int), np.zeros(0, dtype=int)
    yield Case("nobody", nobody, ask(0, "none"), "empty", np.zeros(0))
    x, targets, steps, lengths = (
        scores(4, 3, 5),
        np.array([[1, 1], [3, 2], [4, 3]]),
        np.array([4, 3, 4]),
        np.array([2, 2, 1]),
    )
    yield Case("blank-among-targets", (x, targets, steps, lengths), ask(3, "sum"), "refused")
    yield Case("no-such-class", (x, targets + 2, steps, lengths), ask(0, "sum"), "refused")
    yield Case("longer-than-the-input", (x, targets, steps + 1, lengths), ask(0, "sum"), "refused")
    yield Case("longer-than-the-targets", (x, targets, steps, lengths + 1), ask(0, "sum"), "refused")
    yield Case("too-few-targets", (x, targets[:2], steps, lengths), ask(0, "sum"), "refused")
    yield Case("no-such-reduction", (x, targets, steps, lengths), ask(0, "average"), "refused")


def _sized(rng, n):
    steps, classes, longest = 32, 32, 8
    rows = max(n // (steps * classes), 1)
    targets = rng.integers(1, classes, size=(rows, longest))
    lengths = np.full(rows, steps), np.full(rows, longest)
    params = {"blank": 0, "reduction": "mean", "zero_infinity": False}
    return Case("sized", (rng.normal(size=(steps, rows, classes)), targets, *lengths), params)


OPS = [
    Op(ctc, ctc_cases, ctc_vjp, ctc_sized, wrt=(0,)),
    Op(ctc_with_logits, ctc_with_logits_cases, ctc_with_logits_vjp, ctc_with_logits_sized, wrt=(0,)),
]
