"""Convolution in SciPy: scipy.signal, which knows neither channels nor dilation."""

from __future__ import annotations

import numpy as np
import scipy.signal


def _correlate(x, w, b, *, stride, padding, dilation, groups):
    """Over the channels too: there a filter fits in one way only. Of the windows, those that the stride meets."""
    if isinstance(padding, str) or groups != 1 or any(d != 1 for d in dilation):
        raise NotImplementedError("scipy.signal.correlate has no dilation, no groups, and another mode same")
    if not len(x):
        raise NotImplementedError("scipy.signal.correlate is asked image by image, and there is none")
    padded = np.pad(x, ((0, 0), (0, 0), *((p, p) for p in padding)))
    if x.shape[1] != w.shape[1] or any(k > n for k, n in zip(w.shape[2:], padded.shape[2:], strict=True)):
        raise ValueError("scipy.signal.correlate would move what is smaller, be it the image")
    biases = np.zeros(len(w), x.dtype) if b is None else b
    met = (..., *(slice(None, None, s) for s in stride))

    def of_image(image):
        pairs = zip(w, biases, strict=True)
        return np.concat([scipy.signal.correlate(image, f, "valid", "direct")[met] + bias for f, bias in pairs])

    return np.stack([of_image(image) for image in padded])


def _upsample_and_filter(x, w, b, *, stride, padding, output_padding, groups, dilation):
    if groups != 1 or dilation != (1,) or output_padding > padding:
        raise NotImplementedError("scipy.signal.upfirdn has no dilation, no groups, and ends with the last copy")
    if x.shape[1] != w.shape[0]:
        raise ValueError("x and w have different numbers of channels")
    end = (x.shape[2] - 1) * stride[0] + w.shape[2] - padding[0] + output_padding[0]

    def channel(signals, filters):
        copies = [scipy.signal.upfirdn(h, s, up=stride[0]) for s, h in zip(signals, filters, strict=True)]
        return np.sum(copies, axis=0)[padding[0] : end]

    y = np.stack([np.stack([channel(signals, filters) for filters in w.swapaxes(0, 1)]) for signals in x])
    return y if b is None else y + b[:, None]


FORWARDS = {
    "conv1d": _correlate,
    "conv2d": _correlate,
    "conv3d": _correlate,
    "conv_transpose1d": _upsample_and_filter,
}
