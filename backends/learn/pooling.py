"""Of chapter 17, the maximum and the mean of windows."""

from __future__ import annotations

from .exercise import Exercise

EXERCISES = (
    Exercise(
        "max_pool2d",
        "An image moves by one pixel: how many of its maxima stay the same? And which pixels get no gradient at all?",
        (
            "Windows of 2 x 2 that do not overlap, no padding, no dilation. The image is a grid of such "
            "windows: a reshape shows it.",
            "Reshaped to (N, C, H/2, 2, W/2, 2) the maximum is over the axes 3 and 5. Backward: ybar goes to "
            "the pixel that is as large as the maximum of its window, the others get 0.",
            "Forward:\n"
            "(n, c, height, width), (kh, kw) = x.shape, kernel_size\n"
            "return np.max(np.reshape(x, (n, c, height // kh, kh, width // kw, kw)), axis=(3, 5))\n"
            "Backward:\n"
            "def repeated(a):\n"
            "    return np.repeat(np.repeat(a, kernel_size[0], axis=2), kernel_size[1], axis=3)\n"
            "return (np.where(x == repeated(y), repeated(ybar), 0),)",
        ),
        labels=("halving",),
    ),
    Exercise(
        "max_pool2d",
        "All pixels are negative, and the image is padded: with what, so that no padding wins? A pixel may be "
        "the largest of several windows: what does it get back?",
        (
            "Windows that overlap or leave gaps, with padding and with ties, without dilation: pad with "
            "-np.inf, and unfold. Then the maximum is over the places of the kernel.",
            "Unfold, without further padding, and reshape to (N, C, kh kw, H', W'); np.max over axis 2. "
            "Backward: np.argmax gives the first of the largest; put ybar there, 0 elsewhere, fold, and cut "
            "off the padding.",
            "Forward:\n"
            "(kh, kw), (ph, pw), (sh, sw) = kernel_size, padding, stride\n"
            "wide = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=-np.inf)\n"
            "columns = unfold(wide, kernel_size=kernel_size, dilation=(1, 1), padding=(0, 0), stride=stride)\n"
            "h, v = (wide.shape[2] - kh) // sh + 1, (wide.shape[3] - kw) // sw + 1\n"
            "return np.max(np.reshape(columns, (*x.shape[:2], kh * kw, h, v)), axis=2)\n"
            "Backward:\n"
            "(kh, kw), (ph, pw) = kernel_size, padding\n"
            "wide = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=-np.inf)\n"
            "steps = {'kernel_size': kernel_size, 'dilation': (1, 1), 'padding': (0, 0), 'stride': stride}\n"
            "columns = unfold(wide, **steps)\n"
            "first = np.argmax(np.reshape(columns, (*x.shape[:2], kh * kw, *y.shape[2:])), axis=2)\n"
            "here = np.arange(kh * kw)[:, None, None] == first[:, :, None]\n"
            "columnsbar = np.reshape(np.where(here, ybar[:, :, None], 0), columns.shape)\n"
            "widebar = fold(columnsbar, output_size=wide.shape[2:], **steps)\n"
            "return (widebar[:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]],)",
        ),
        labels=("overlap", "gaps", "negative-with-padding", "padding-on-one-axis", "ties"),
        title="max_pool2d_with_steps",
    ),
    Exercise(
        "avg_pool2d",
        "A mean over windows is a convolution. With which filter? So what does each pixel get back?",
        (
            "Windows of 2 x 2 that do not overlap, no padding; divisor_override is None.",
            "Reshape as in max_pool2d, and take the mean. Backward: each pixel of a window gets ybar, divided "
            "by how many they are.",
            "Forward:\n"
            "(n, c, height, width), (kh, kw) = x.shape, kernel_size\n"
            "return np.mean(np.reshape(x, (n, c, height // kh, kh, width // kw, kw)), axis=(3, 5))\n"
            "Backward:\n"
            "kh, kw = kernel_size\n"
            "return (np.repeat(np.repeat(ybar / (kh * kw), kh, axis=2), kw, axis=3),)",
        ),
        labels=("halving",),
    ),
    Exercise(
        "avg_pool2d",
        "The picture is white all over, and is padded with 0. Which of the two ways to count keeps the mean "
        "white at the border?",
        (
            "With stride and padding: sums over windows, divided by how many pixels each counts. With "
            "count_include_pad that is always kh kw; without, only those inside the image.",
            "The sums: unfold, and sum over the places of the kernel. The counts without padding: the same of "
            "an image of ones. Backward: divide ybar by the counts, give it to every place, and fold.",
            "Forward:\n"
            "(kh, kw), (ph, pw), (sh, sw) = kernel_size, padding, stride\n"
            "h, v = (x.shape[2] + 2 * ph - kh) // sh + 1, (x.shape[3] + 2 * pw - kw) // sw + 1\n"
            "steps = {'kernel_size': kernel_size, 'dilation': (1, 1), 'padding': padding, 'stride': stride}\n"
            "def sums(image):\n"
            "    return np.sum(np.reshape(unfold(image, **steps), (*image.shape[:2], kh * kw, h, v)), axis=2)\n"
            "return sums(x) / (kh * kw if count_include_pad else sums(np.ones_like(x)))\n"
            "Backward:\n"
            "(n, c, h, v), (kh, kw) = y.shape, kernel_size\n"
            "steps = {'kernel_size': kernel_size, 'dilation': (1, 1), 'padding': padding, 'stride': stride}\n"
            "counts = kh * kw\n"
            "if not count_include_pad:\n"
            "    inside = np.reshape(unfold(np.ones_like(x), **steps), (n, c, kh * kw, h, v))\n"
            "    counts = np.sum(inside, axis=2)\n"
            "share = np.broadcast_to((ybar / counts)[:, :, None], (n, c, kh * kw, h, v))\n"
            "return (fold(np.reshape(share, (n, c * kh * kw, h * v)), output_size=x.shape[2:], **steps),)",
        ),
        labels=("overlap", "padding-counted", "padding-not-counted"),
        title="avg_pool2d_with_steps",
    ),
)
