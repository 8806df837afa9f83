"""Transposed convolution: the adjoint of a convolution, which makes images larger.

A convolution gathers: each pixel of its result is a sum over a window. Its transpose scatters: each pixel of x lays a
copy of the filter, times itself, into y, one stride further than its neighbour's, and where copies overlap they add
up. With the same w, <convolution(v), x> = <v, transposed(x)> for all v and x; so it is also the way of a gradient back
through a convolution. (It is no inverse: "deconvolution" is a misnomer.)

w has the layout of the convolution whose transpose is taken, so its first axis is that of the channels of x. A
convolution with a stride takes images of several sizes to one size; output_padding says to which of them to return:
rows are added at the end of the image that no window of that convolution would see.
"""

from __future__ import annotations

from ..op import Case, Kind, Op
from .products import transposed_convolution, transposed_convolution_hvp, transposed_convolution_vjp


def conv_transpose1d(x, w, b, *, stride, padding, output_padding, groups, dilation):
    """y[n,o,u] = b[o] + sum of w[c,o,j] x[n,c,q] over all c, q, j with q s + j d - p = u.

    Shapes: x (N,C,W), w (C, O/groups, k), b (O,) or None, y (N,O,W') with W' = (W - 1) s + d (k - 1) + 1 - 2 p + a;
    stride (s,), padding (p,), output_padding (a,), dilation (d,).

    The transpose of conv1d: see conv_transpose2d.

    Raises ValueError as conv_transpose2d does.

    Source: Dumoulin and Visin (2016), A guide to convolution arithmetic for deep learning, section 4.
    """
    return transposed_convolution(1, x, w, b, stride, padding, output_padding, dilation, groups)


def conv_transpose1d_vjp(ybar, y, x, w, b, *, stride, padding, output_padding, groups, dilation):
    """As conv_transpose2d_vjp."""
    return transposed_convolution_vjp(ybar, x, w, b, stride, padding, output_padding, dilation, groups)


def conv_transpose1d_hvp(ybar, dots, y, x, w, b, *, stride, padding, output_padding, groups, dilation):
    """As conv_transpose2d_hvp: the VJP at (xdot, wdot)."""
    return transposed_convolution_hvp(ybar, dots, x, w, b, stride, padding, output_padding, dilation, groups)


def _case(rng, label, x, w, bias=True, kind: Kind = "regular", half=False, /, **windows):
    one, none = (1,) * (len(w) - 2), (0,) * (len(w) - 2)
    params = {"stride": one, "padding": none, "output_padding": none, "groups": 1, "dilation": one, **windows}
    b = rng.normal(size=w[1] * params["groups"]) if bias else None
    return Case(label, (rng.normal(size=x), rng.normal(size=w), b), params, kind, half=half)


def conv_transpose1d_cases(rng):
    yield _case(rng, "stride-padding", (2, 3, 5), (3, 6, 4), stride=(3,), padding=(2,), output_padding=(2,))
    yield _case(rng, "groups-dilation", (1, 6, 5), (6, 2, 3), dilation=(2,), groups=2, stride=(2,), output_padding=(1,))
    yield _case(rng, "plain", (2, 3, 5), (3, 4, 6))
    yield _case(rng, "channels-differ", (1, 3, 4), (2, 3, 2), True, "refused")


def conv_transpose1d_sized(rng, n):
    x, w, b = rng.normal(size=(max(n // 8192, 1), 32, 256)), rng.normal(size=(32, 16, 4)), rng.normal(size=16)
    return _sized(x, w, b)


def conv_transpose2d(x, w, b, *, stride, padding, output_padding, groups, dilation):
    """y[n,o,u,v] = b[o] + sum of w[c,o,i,j] x[n,c,p,q] over c and p sh + i dh - ph = u, q sw + j dw - pw = v.

    Shapes: x (N,C,H,W), w (C, O/groups, kh, kw), b (O,) or None, y (N,O,H',W') with
    H' = (H - 1) sh + dh (kh - 1) + 1 - 2 ph + ah, and W' likewise; stride (sh,sw), padding (ph,pw), output_padding
    (ah,aw) and dilation (dh,dw) are pairs.

    The convolution is y = filters columns; its transpose is columns = filters^T x, laid into the image. The padding
    is that of the convolution: here it falls away. groups split the channels as in a convolution.

    Raises ValueError when the channels, the groups or b do not fit, when output_padding is as large as both stride
    and dilation, and when the padding leaves no pixel.

    Source: Dumoulin and Visin (2016), A guide to convolution arithmetic for deep learning, section 4.
    """
    return transposed_convolution(2, x, w, b, stride, padding, output_padding, dilation, groups)


def conv_transpose2d_vjp(ybar, y, x, w, b, *, stride, padding, output_padding, groups, dilation):
    """xbar is the convolution of ybar with w; wbar = sum_n x columns(ybar)^T, bbar = sum of ybar over n, u, v.

    The transpose of the transpose is the convolution; and <transposed(x), ybar> = <filters^T x, columns(ybar)> is
    linear in the filters, too. Pixels of ybar that no window sees move b alone.
    """
    return transposed_convolution_vjp(ybar, x, w, b, stride, padding, output_padding, dilation, groups)


def conv_transpose2d_hvp(ybar, dots, y, x, w, b, *, stride, padding, output_padding, groups, dilation):
    """The transpose of a convolution is bilinear, too: the VJP at (xdot, wdot), and 0 for b."""
    return transposed_convolution_hvp(ybar, dots, x, w, b, stride, padding, output_padding, dilation, groups)


def conv_transpose2d_cases(rng):
    stretched = {"stride": (2, 3), "padding": (1, 2), "output_padding": (1, 2)}
    yield _case(rng, "stride-padding", (2, 1, 4, 5), (1, 6, 3, 7), **stretched)
    yield _case(
        rng, "groups", (2, 6, 1, 4), (6, 5, 3, 1), False, "regular", True, groups=3, stride=(1, 2), padding=(1, 0)
    )
    beyond = {"stride": (1, 2), "dilation": (3, 1), "padding": (0, 1), "output_padding": (2, 0), "groups": 2}
    yield _case(rng, "dilation-beyond-the-stride", (1, 4, 7, 5), (4, 1, 3, 6), **beyond)
    yield _case(rng, "channels-differ", (1, 3, 4, 5), (2, 3, 2, 2), True, "refused")
    yield _case(rng, "groups-do-not-divide", (1, 3, 4, 5), (3, 2, 2, 2), True, "refused", groups=2)
    yield _case(rng, "output-padding-too-large", (1, 3, 4, 5), (3, 2, 2, 2), True, "refused", output_padding=(0, 1))
    yield _case(rng, "nothing-left", (1, 3, 1, 5), (3, 2, 2, 2), True, "refused", padding=(1, 1))


def conv_transpose2d_sized(rng, n):
    x, w, b = rng.normal(size=(max(n // 8192, 1), 32, 16, 16)), rng.normal(size=(32, 16, 2, 2)), rng.normal(size=16)
    return _sized(x, w, b)


def conv_transpose3d(x, w, b, *, stride, padding, output_padding, groups, dilation):
    """y[n,o,t,u,v] = b[o] + sum of w[c,o,h,i,j] x[n,c,r,p,q] over c, r sd + h dd - pd = t, and likewise u and v.

    Shapes: x (N,C,D,H,W), w (C, O/groups, kd, kh, kw), b (O,) or None, y (N,O,D',H',W') with
    D' = (D - 1) sd + dd (kd - 1) + 1 - 2 pd + ad, and so on; stride, padding, output_padding and dilation have three
    entries.

    The transpose of conv3d: see conv_transpose2d.

    Raises ValueError as conv_transpose2d does.

    Source: Dumoulin and Visin (2016), A guide to convolution arithmetic for deep learning, section 4.
    """
    return transposed_convolution(3, x, w, b, stride, padding, output_padding, dilation, groups)


def conv_transpose3d_vjp(ybar, y, x, w, b, *, stride, padding, output_padding, groups, dilation):
    """As conv_transpose2d_vjp."""
    return transposed_convolution_vjp(ybar, x, w, b, stride, padding, output_padding, dilation, groups)


def conv_transpose3d_hvp(ybar, dots, y, x, w, b, *, stride, padding, output_padding, groups, dilation):
    """As conv_transpose2d_hvp: the VJP at (xdot, wdot)."""
    return transposed_convolution_hvp(ybar, dots, x, w, b, stride, padding, output_padding, dilation, groups)


def conv_transpose3d_cases(rng):
    stretched = {"stride": (1, 3, 2), "padding": (2, 1, 3), "output_padding": (0, 2, 1)}
    yield _case(rng, "stride-padding", (2, 1, 1, 3, 4), (1, 7, 5, 1, 6), **stretched)
    several = {"groups": 2, "dilation": (2, 1, 3), "padding": (1, 0, 2)}
    yield _case(rng, "groups-dilation", (1, 4, 2, 3, 1), (4, 1, 5, 1, 6), False, **several)
    none = (0, 0, 0)
    three = {"stride": (1, 1, 1), "padding": none, "output_padding": none, "dilation": (1, 1, 1)}
    yield _case(rng, "an-image", (1, 3, 4, 5), (3, 2, 2, 2), True, "refused", **three)


def conv_transpose3d_sized(rng, n):
    x, w, b = rng.normal(size=(max(n // 2048, 1), 8, 4, 8, 8)), rng.normal(size=(8, 4, 2, 2, 2)), rng.normal(size=4)
    return _sized(x, w, b)


def _sized(x, w, b):
    two, none, one = (2,) * (x.ndim - 2), (0,) * (x.ndim - 2), (1,) * (x.ndim - 2)
    params = {"stride": two, "padding": none, "output_padding": none, "groups": 1, "dilation": one}
    return Case("sized", (x, w, b), params)


OPS = [
    Op(
        conv_transpose1d, conv_transpose1d_cases, conv_transpose1d_vjp, conv_transpose1d_sized, hvp=conv_transpose1d_hvp
    ),
    Op(
        conv_transpose2d,
        conv_transpose2d_cases,
        conv_transpose2d_vjp,
        conv_transpose2d_sized,
        half=True,
        hvp=conv_transpose2d_hvp,
    ),
    Op(
        conv_transpose3d, conv_transpose3d_cases, conv_transpose3d_vjp, conv_transpose3d_sized, hvp=conv_transpose3d_hvp
    ),
]
