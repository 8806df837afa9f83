"""Dropout of single values, of whole channels and of whole branches, with the mask given."""

from __future__ import annotations

import numpy as np

from ..op import Case, Op
from .masks import masked, require_mask, sized_channels, spread_mask


def dropout(x, mask, *, p):
    """y = x mask / (1 - p): what the mask drops is 0, and the rest is larger by as much as is lost on average.

    Shapes: x any, mask as x, True where a value is kept, which happens with probability 1 - p; y as x.

    Divided by 1 - p here, nothing has to be done at evaluation, where all values are kept: the mean of y over the
    masks is x ("inverted" dropout; the paper multiplies the weights by 1 - p at evaluation instead). p is the
    probability to drop, in torch and in flax; in the paper and in TensorFlow 1 it is that to keep. The mask has no
    derivative, and the cotangent goes where the values went.

    Raises ValueError when the mask has another shape than x, and for p outside of [0, 1).

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), Dropout: A Simple Way to Prevent Neural
    Networks from Overfitting, section 4 and section 10.
    """
    require_mask(x, mask, x.shape, p)
    return np.where(mask, x / (1 - p), np.zeros_like(x))


def dropout_vjp(ybar, y, x, mask, *, p):
    """xbar = ybar mask / (1 - p): the map is linear in x, and diagonal."""
    return (np.where(mask, ybar / (1 - p), np.zeros_like(x)),)


def dropout_cases(rng):
    yield Case("rows", masked(rng, (4, 5), (4, 5)), {"p": 0.25})
    yield Case("images", masked(rng, (2, 3, 1, 4), (2, 3, 1, 4)), {"p": 0.8})
    x, mask = np.array([3.0, np.inf, np.nan, -1.5, np.inf]), np.array([True, True, True, False, False])
    answer = np.array([6.0, np.inf, np.nan, 0.0, 0.0])
    yield Case("infinite-and-nan", (x, mask), {"p": 0.5}, "special", answer)
    yield Case("nothing", (x[:0], mask[:0]), {"p": 0.5}, "empty", x[:0])
    x, mask = masked(rng, (4, 5), (4, 5))
    yield Case("mask-per-column", (x, mask[0]), {"p": 0.25}, "refused")
    yield Case("more-than-certain", (x, mask), {"p": 1.5}, "refused")


def dropout_sized(rng, n):
    return Case("sized", (rng.normal(size=n), rng.uniform(size=n) < 0.75), {"p": 0.25})


def dropout1d(x, mask, *, p):
    """y = x mask / (1 - p), whole channels of sequences at a time.

    Shapes: x (N,C,L), mask (N,C), True where a channel of an example is kept; y as x.

    Neighbours along a sequence say nearly the same, so that a value dropped alone would be guessed from them: all
    positions of a channel are dropped together.

    Raises ValueError when x has not three axes or the mask is not (N,C), and for p outside of [0, 1).

    Source: Tompson, Goroshin, Jain, LeCun and Bregler (2015), Efficient Object Localization Using Convolutional
    Networks, section 3.2.
    """
    return _channels_dropped(x, mask, p, 3)


def dropout1d_vjp(ybar, y, x, mask, *, p):
    """xbar = ybar mask / (1 - p), the mask that of the channel."""
    return (_channels_dropped(ybar, mask, p, 3),)


def dropout1d_cases(rng):
    yield Case("sequences", masked(rng, (2, 4, 3), (2, 4)), {"p": 0.25})
    yield Case("mostly-dropped", masked(rng, (3, 2, 4), (3, 2)), {"p": 0.8})
    x, _ = masked(rng, (2, 4, 3), (2, 4))
    yield Case("mask-per-position", (x, rng.uniform(size=(2, 3)) < 0.5), {"p": 0.25}, "refused")


def dropout1d_sized(rng, n):
    return sized_channels(rng, (max(n // 512, 1), 32, 16))


def dropout2d(x, mask, *, p):
    """y = x mask / (1 - p), whole channels of images at a time.

    Shapes: x (N,C,H,W), mask (N,C), True where a channel of an example is kept; y as x.

    Raises ValueError when x has not four axes or the mask is not (N,C), and for p outside of [0, 1).

    Source: Tompson, Goroshin, Jain, LeCun and Bregler (2015), Efficient Object Localization Using Convolutional
    Networks, section 3.2.
    """
    return _channels_dropped(x, mask, p, 4)


def dropout2d_vjp(ybar, y, x, mask, *, p):
    """xbar = ybar mask / (1 - p), the mask that of the channel."""
    return (_channels_dropped(ybar, mask, p, 4),)


def dropout2d_cases(rng):
    yield Case("images", masked(rng, (2, 4, 3, 5), (2, 4)), {"p": 0.25})
    yield Case("mostly-dropped", masked(rng, (3, 4, 2, 1), (3, 4)), {"p": 0.8})
    x, mask = masked(rng, (2, 4, 3, 5), (2, 4))
    yield Case("mask-per-channel", (x, mask[:1]), {"p": 0.25}, "refused")


def dropout2d_sized(rng, n):
    return sized_channels(rng, (max(n // 512, 1), 32, 8, 2))


def dropout3d(x, mask, *, p):
    """y = x mask / (1 - p), whole channels of volumes at a time.

    Shapes: x (N,C,D,H,W), mask (N,C), True where a channel of an example is kept; y as x.

    Raises ValueError when x has not five axes or the mask is not (N,C), and for p outside of [0, 1).

    Source: Tompson, Goroshin, Jain, LeCun and Bregler (2015), Efficient Object Localization Using Convolutional
    Networks, section 3.2.
    """
    return _channels_dropped(x, mask, p, 5)


def dropout3d_vjp(ybar, y, x, mask, *, p):
    """xbar = ybar mask / (1 - p), the mask that of the channel."""
    return (_channels_dropped(ybar, mask, p, 5),)


def dropout3d_cases(rng):
    yield Case("volumes", masked(rng, (2, 3, 1, 4, 5), (2, 3)), {"p": 0.25})
    yield Case("mostly-dropped", masked(rng, (1, 4, 3, 1, 2), (1, 4)), {"p": 0.8})
    x, mask = masked(rng, (2, 3, 1, 4, 5), (2, 3))
    yield Case("mask-per-channel", (x, mask[:1]), {"p": 0.25}, "refused")


def dropout3d_sized(rng, n):
    return sized_channels(rng, (max(n // 512, 1), 32, 4, 2, 2))


def stochastic_depth(x, branch, mask, *, p):
    """y = x + branch mask / (1 - p): a residual block whose branch is left out for some examples.

    Shapes: x and branch (N,*L), the same; mask (N,), True for the examples whose branch is kept; y as x.

    For an example whose branch is dropped the block is the identity, and the network shallower. As in dropout, what is
    kept is divided by 1 - p, and evaluation adds the branch as it is; the paper scales it by 1 - p there instead. The
    paper draws one mask for the whole batch, and lets p grow with the depth of the block.

    Raises ValueError when branch has another shape than x or the mask is not (N,), and for p outside of [0, 1).

    Source: Huang, Sun, Liu, Sedra and Weinberger (2016), Deep Networks with Stochastic Depth, section 3, eqs. 2 and 5.
    """
    if branch.shape != x.shape:
        raise ValueError(f"branch has shape {branch.shape}, expected that of x, {x.shape}")
    require_mask(x, mask, x.shape[:1], p)
    return x + np.where(spread_mask(mask, x), branch / (1 - p), np.zeros_like(x))


def stochastic_depth_vjp(ybar, y, x, branch, mask, *, p):
    """xbar = ybar, whatever the mask, and branchbar = ybar mask / (1 - p)."""
    return ybar, np.where(spread_mask(mask, x), ybar / (1 - p), np.zeros_like(x))


def stochastic_depth_cases(rng):
    for label, shape, p in (("rows", (4, 3), 0.25), ("images", (3, 2, 1, 4), 0.8)):
        branch, mask = masked(rng, shape, shape[:1])
        yield Case(label, (rng.normal(size=shape), branch, mask), {"p": p})
    branch, mask = masked(rng, (4, 3), (4,))
    x = rng.normal(size=(4, 3))
    yield Case("mask-per-column", (x, branch, mask[:3]), {"p": 0.25}, "refused")
    yield Case("branch-of-one-row", (x, branch[:1], mask), {"p": 0.25}, "refused")


def stochastic_depth_sized(rng, n):
    rows = max(n // 512, 1)
    mask = rng.uniform(size=rows) < 0.75
    mask[0] = True
    return Case("sized", (rng.normal(size=(rows, 256)), rng.normal(size=(rows, 256)), mask), {"p": 0.25})


def _channels_dropped(x, mask, p, ndim):
    if x.ndim != ndim:
        raise ValueError(f"x has shape {x.shape}, expected {ndim} axes, (N,C,...)")
    require_mask(x, mask, x.shape[:2], p)
    return np.where(spread_mask(mask, x), x / (1 - p), np.zeros_like(x))


OPS = [
    Op(dropout, dropout_cases, dropout_vjp, dropout_sized, wrt=(0,)),
    Op(dropout1d, dropout1d_cases, dropout1d_vjp, dropout1d_sized, wrt=(0,)),
    Op(dropout2d, dropout2d_cases, dropout2d_vjp, dropout2d_sized, wrt=(0,)),
    Op(dropout3d, dropout3d_cases, dropout3d_vjp, dropout3d_sized, wrt=(0,)),
    Op(stochastic_depth, stochastic_depth_cases, stochastic_depth_vjp, stochastic_depth_sized, wrt=(0, 1)),
]
