"""Losses against their definitions, by other ways to the same number."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from crosscheck.reference.loss.ctc import ctc, ctc_with_logits_vjp

SEQUENCES = {
    "one label": ([2], 4, 0),
    "a label twice": ([1, 1], 4, 0),
    "a label twice, no time to spare": ([1, 1], 3, 0),
    "there and back": ([1, 2, 1], 4, 0),
    "another blank": ([0, 2], 3, 1),
    "nothing": ([], 3, 2),
}


def spelled(path: tuple[int, ...], blank: int) -> list[int]:
    """Repetitions merged, then blanks dropped."""
    return [c for c, _ in itertools.groupby(path) if c != blank]


@pytest.mark.parametrize("name", SEQUENCES)
def test_ctc_is_the_sum_over_all_paths(name):
    """Value and derivative by enumeration of all C^T paths, beside a longer sequence in the same batch."""
    target, steps, blank = SEQUENCES[name]
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 2, 3))
    log_probs = x - np.log(np.sum(np.exp(x), axis=2, keepdims=True))
    score, share = 0.0, np.zeros((4, 3))
    for path in itertools.product(range(3), repeat=steps):
        if spelled(path, blank) == target:
            p = np.exp(sum(log_probs[t, 0, c] for t, c in enumerate(path)))
            score += p
            share[np.arange(steps), path] += p
    targets = np.full((2, 3), (blank + 1) % 3)
    targets[0, : len(target)] = target
    lengths = np.array([steps, 4]), np.array([len(target), 1])
    params = {"blank": blank, "reduction": "none", "zero_infinity": False}
    assert ctc(log_probs, targets, *lengths, **params)[0] == pytest.approx(-np.log(score), rel=1e-13)
    (got,) = ctc_with_logits_vjp(np.array([2.0, 3.0]), None, x, targets, *lengths, **params)
    want = np.exp(log_probs[:, 0]) - share / score
    want[steps:] = 0
    np.testing.assert_allclose(got[:, 0], 2 * want, atol=1e-13)
