"""Convolution: what no single case of an operation shows, that its operations are each other's adjoints."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from flint import ctx

from crosscheck.backends import load, questions
from crosscheck.backends.witness import Witness
from crosscheck.reference import catalogue
from crosscheck.reference.agreement.proof import proved
from crosscheck.reference.arithmetic.ball import Balls, balls
from crosscheck.reference.convolution import blocks
from crosscheck.reference.convolution.columns import fold, unfold
from crosscheck.reference.convolution.filters import conv1d, conv2d, conv2d_vjp, conv3d, conv_tbc, depthwise_conv2d
from crosscheck.reference.convolution.transposed import conv_transpose1d, conv_transpose2d, conv_transpose3d

CONVOLUTIONS = {1: (conv1d, conv_transpose1d), 2: (conv2d, conv_transpose2d), 3: (conv3d, conv_transpose3d)}
BITS = 128


def inner(a: Any, b: Any) -> Any:
    return np.sum(a * b).view(np.ndarray)[()]


def zero(gap) -> bool:
    """Every element of an array of balls, or one ball, is 0 as far as 128 bits tell."""
    return all(proved(g) and float(g.rad()) < 1e-30 for g in np.ravel(Balls.lift(gap)))


def remainder(size, w, stride, padding, dilation):
    """Along each axis, the pixels at the end of the padded image that no window sees: output_padding."""
    axes = zip(size, w.shape[2:], stride, padding, dilation, strict=True)
    return tuple((n + 2 * p - d * (k - 1) - 1) % s for n, k, s, p, d in axes)


def random_windows(rng: np.random.Generator, axes: int):
    """A size of image and kernel, stride, padding and dilation, such that at least one window fits."""
    kernel, stride, dilation = (tuple(map(int, rng.integers(1, 4, size=axes))) for _ in range(3))
    padding = tuple(map(int, rng.integers(0, 3, size=axes)))
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    size = [max(r - 2 * p, 1) + int(rng.integers(0, 4)) for r, p in zip(reach, padding, strict=True)]
    return size, kernel, {"stride": stride, "padding": padding, "dilation": dilation}


@pytest.mark.parametrize("axes", CONVOLUTIONS)
def test_the_transposed_convolution_is_the_adjoint_of_the_convolution(axes):
    """<conv(x), y> = <x, conv_transpose(y)> in balls, for any stride, padding, dilation and groups."""
    rng, (convolution, transposed), unseen = np.random.default_rng(axes), CONVOLUTIONS[axes], 0
    for _ in range(30 if axes < 3 else 8):
        size, kernel, windows = random_windows(rng, axes)
        groups, inputs, outputs = (int(n) for n in rng.integers(1, 4, size=3))
        x = balls(rng.normal(size=(2, groups * inputs, *size)))
        w = balls(rng.normal(size=(groups * outputs, inputs, *kernel)))
        with ctx.workprec(BITS):
            seen = convolution(x, w, None, **windows, groups=groups)
            y = balls(rng.normal(size=seen.shape))
            rest = remainder(size, w, **windows)
            back = transposed(y, w, None, **windows, output_padding=rest, groups=groups)
            assert back.shape == x.shape
            assert zero(inner(seen, y) - inner(x, back)), (size, kernel, windows, groups)
        unseen += any(rest)
    assert unseen, "no stride left a row unseen"


def test_fold_is_the_adjoint_of_unfold():
    """<unfold(x), y> = <x, fold(y)>; and together they count the windows that see a pixel."""
    rng = np.random.default_rng(4)
    for _ in range(30):
        size, kernel, windows = random_windows(rng, 2)
        x = balls(rng.normal(size=(2, 3, *size)))
        with ctx.workprec(BITS):
            seen = unfold(x, kernel_size=kernel, **windows)
            y = balls(rng.normal(size=seen.shape))
            back = fold(y, output_size=size, kernel_size=kernel, **windows)
            assert zero(inner(seen, y) - inner(x, back)), (size, kernel, windows)
            counts = fold(np.ones_like(seen), output_size=size, kernel_size=kernel, **windows)
            assert zero(fold(seen, output_size=size, kernel_size=kernel, **windows) - counts * x)


def test_a_convolution_is_its_filters_times_the_unfolded_image():
    rng = np.random.default_rng(5)
    x, w = balls(rng.normal(size=(2, 3, 5, 7))), balls(rng.normal(size=(4, 3, 2, 3)))
    windows = {"stride": (2, 3), "padding": (1, 2), "dilation": (2, 1)}
    with ctx.workprec(BITS):
        y = conv2d(x, w, None, **windows, groups=1)
        product = np.reshape(w, (4, -1)) @ unfold(x, kernel_size=(2, 3), **windows)
        assert zero(np.reshape(product, y.shape) - y)


def test_the_two_gradients_of_a_convolution_are_convolutions():
    """By x the transposed convolution of ybar with w; by w the correlation of x with ybar, the images taking the place
    of the channels, stride and dilation that of each other.
    """
    rng, cropped = np.random.default_rng(6), 0
    for _ in range(20):
        size, kernel, windows = random_windows(rng, 2)
        x, w = balls(rng.normal(size=(3, 2, *size))), balls(rng.normal(size=(4, 2, *kernel)))
        with ctx.workprec(BITS):
            y = conv2d(x, w, None, **windows, groups=1)
            ybar = balls(rng.normal(size=y.shape))
            xbar, wbar, _ = conv2d_vjp(ybar, y, x, w, None, **windows, groups=1)
            rest = remainder(size, w, **windows)
            assert zero(conv_transpose2d(ybar, w, None, **windows, output_padding=rest, groups=1) - xbar)
            exchanged = {**windows, "stride": windows["dilation"], "dilation": windows["stride"]}
            images, filters = np.swapaxes(x, 0, 1), np.swapaxes(ybar, 0, 1)
            correlation = np.swapaxes(conv2d(images, filters, None, **exchanged, groups=1), 0, 1)
            assert zero(correlation[:, :, : kernel[0], : kernel[1]] - wbar)
        cropped += correlation.shape != wbar.shape
    assert cropped, "no stride left a row unseen"


def test_groups_are_filters_with_zeros_between():
    """The g-th group of outputs sees the g-th group of inputs alone: as one filter bank, a matrix of blocks."""
    rng, windows = np.random.default_rng(7), {"stride": (1, 2), "padding": (1, 0), "dilation": (2, 1)}
    x, w = rng.normal(size=(2, 6, 4, 5)), rng.normal(size=(9, 2, 3, 2))
    whole = np.zeros((9, 6, 3, 2))
    for g in range(3):
        whole[3 * g : 3 * g + 3, 2 * g : 2 * g + 2] = w[3 * g : 3 * g + 3]
    with ctx.workprec(BITS):
        x, w, whole = balls(x), balls(w), balls(whole)
        assert zero(conv2d(x, w, None, **windows, groups=3) - conv2d(x, whole, None, **windows, groups=1))
        single = balls(rng.normal(size=(12, 1, 3, 2)))
        assert zero(depthwise_conv2d(x, single, None, **windows) - conv2d(x, single, None, **windows, groups=6))


def test_conv_tbc_is_conv1d_with_other_axes():
    rng = np.random.default_rng(8)
    x, w, b = (balls(rng.normal(size=size)) for size in ((6, 2, 3), (4, 3, 5), 5))
    with ctx.workprec(BITS):
        along = {"stride": (1,), "padding": (2,), "dilation": (1,), "groups": 1}
        y = conv1d(np.transpose(x, (1, 2, 0)), np.transpose(w, (2, 1, 0)), b, **along)
        assert zero(np.transpose(y, (2, 0, 1)) - conv_tbc(x, w, b, pad=2))


def test_the_conventions_of_same():
    """Of 1, 2, 3, 4 with three ones: TensorFlow's and JAX's SAME pads the end alone, torch's padding=1 both ends."""
    x, ones = np.array([[[1.0, 2.0, 3.0, 4.0]]]), np.ones((1, 1, 3))

    def of(stride, padding, w=ones):
        return conv1d(x, w, None, stride=(stride,), padding=padding, dilation=(1,), groups=1).ravel().tolist()

    assert of(2, "same_upper") == [6, 7]
    assert of(2, "same_lower") == of(2, (1,)) == [3, 9]
    assert of(1, "same") == of(1, "same_upper") == of(1, "same_lower") == of(1, (1,)) == [3, 6, 9, 7]
    even = np.ones((1, 1, 2))
    assert of(1, "same", even) == of(1, "same_upper", even) == [3, 5, 7, 4]
    assert of(1, "same_lower", even) == [1, 3, 5, 7]
    assert of(5, "same_upper", even) == [3], "a stride beyond the image needs no padding, and takes none away"
    with pytest.raises(ValueError, match=r"same.*stride \(2,\)"):
        of(2, "same")
    with pytest.raises(ValueError, match=r"padding is .valid."):
        of(1, "valid")


@pytest.mark.parametrize("name", ["conv1d", "conv2d", "conv3d"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_gradients_that_torch_offers_by_name_are_those_of_the_text(name, dtype):
    """torch.nn.grad has functions of its own, which autograd does not use."""
    torch = pytest.importorskip("torch")
    by_input, by_weight = (getattr(torch.nn.grad, f"{name}_{what}") for what in ("input", "weight"))

    def vjp(ybar, y, x, w, b, **params):
        bbar = None if b is None else ybar.sum((0, *range(2, ybar.ndim)))
        return by_input(x.shape, w, ybar, **params), by_weight(x, w.shape, ybar, **params), bbar

    backend = load("torch")
    functions = {name: backend.find(name), f"{name}_vjp": vjp}
    offered = SimpleNamespace(find=functions.get, asarray=backend.asarray, asnumpy=backend.asnumpy)  # pyright: ignore
    witness, op = Witness(offered, "torch.nn.grad"), catalogue()[name]
    verdicts = [
        verdict
        for label, case in op.draw().items()
        if case.kind == "regular" and not isinstance(case.params["padding"], str)
        for verdict in questions.ask(witness, op, label, dtype, "vjp", 2)
    ]
    assert len(verdicts) >= 8
    assert {v.outcome for v in verdicts} == {"agrees"}, "\n".join(v.message() for v in verdicts)


@pytest.mark.parametrize("size", [1, 150, 10**9])
@pytest.mark.parametrize("stride", [(1, 1), (1, 2)])
def test_the_fast_formulation_does_not_depend_on_its_blocks(size, stride, monkeypatch):
    """One image a block, some, all; without a stride it goes another way back."""
    monkeypatch.setattr(blocks, "BLOCK", size)
    rng = np.random.default_rng(9)
    x, w, b = rng.normal(size=(7, 4, 3, 5)), rng.normal(size=(6, 2, 2, 3)), rng.normal(size=6)
    for padding in ((1, 0), (3, 1), "same"):  # less than the kernel's reach, more than it, and unequal margins
        if padding == "same" and stride != (1, 1):
            continue
        params = {"stride": stride, "padding": padding, "dilation": (2, 1), "groups": 2}
        y = conv2d(x, w, b, **params)
        np.testing.assert_allclose(blocks.conv2d_fast(x, w, b, **params), y, rtol=1e-12, atol=1e-12)
        ybar = rng.normal(size=y.shape)
        both = (f(ybar, y, x, w, b, **params) for f in (blocks.conv2d_vjp_fast, conv2d_vjp))
        for got, want in zip(*both, strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)
