"""Chapter 17: what a filter or a maximum sees while it slides, and how the gradient finds its way back."""

from __future__ import annotations

from . import pooling
from .exercise import Chapter, Exercise

CHAPTERS = (
    Chapter(
        17,
        "Convolution",
        (
            Exercise(
                "conv1d",
                "A signal of 6 samples, a filter of 4: how many numbers come out, and which samples does the first one "
                "of them see? Which of them does sample 3 go into?",
                (
                    "Here stride and dilation are 1, padding is 0 and groups is 1: leave them aside, and unfold and "
                    "fold too, which come later. Take one place j of the filter: which stretch of x does it meet?",
                    "The place j meets x[:, :, j : j + n], n numbers coming out. So y is a sum over j of products of "
                    "w[:, :, j] with such a stretch, summed over the channels c. Backward: each of these products has "
                    "two cotangents, and stretches of xbar overlap: add them up. Second order: xbar is linear in w, "
                    "and wbar in x, so put wdot in the place of w, and xdot in that of x.",
                    "Forward:\n"
                    "n = x.shape[2] - w.shape[2] + 1\n"
                    'y = sum(np.einsum("oc,ncq->noq", w[:, :, j], x[:, :, j : j + n]) for j in range(w.shape[2]))\n'
                    "return y + b[:, None]\n"
                    "Backward:\n"
                    "n, xbar, wbar = ybar.shape[2], np.zeros_like(x), np.zeros_like(w)\n"
                    "for j in range(w.shape[2]):\n"
                    '    xbar[:, :, j : j + n] += np.einsum("oc,noq->ncq", w[:, :, j], ybar)\n'
                    '    wbar[:, :, j] = np.einsum("noq,ncq->oc", ybar, x[:, :, j : j + n])\n'
                    "return xbar, wbar, np.sum(ybar, axis=(0, 2))\n"
                    "Second order:\n"
                    "xdot, wdot, _ = dots\n"
                    "steps = {'stride': stride, 'padding': padding, 'dilation': dilation, 'groups': groups}\n"
                    "xbardot, wbardot, _ = conv1d_vjp(ybar, y, xdot, wdot, b, **steps)\n"
                    "return xbardot, wbardot, None if b is None else np.zeros_like(b)",
                ),
                parts=("value", "vjp", "hvp"),
                labels=("plain",),
                given=("unfold", "fold"),
            ),
            Exercise(
                "conv2d",
                "An image of one bright pixel: what does the result show? Why does it look like the filter, turned "
                "round?",
                (
                    "stride and dilation are (1, 1), padding is (0, 0) and groups is 1: leave them aside. It is conv1d "
                    "with one more sum, over the rows i of the filter.",
                    "The place (i, j) of the filter meets x[:, :, i : i + h, j : j + v], h rows and v columns coming "
                    "out: y is a sum over the places. Backward: as in conv1d, place by place. Second order: call the "
                    "backward, with wdot in the place of w and xdot in that of x.",
                    "Forward:\n"
                    "(kh, kw), y = w.shape[2:], 0\n"
                    "h, v = x.shape[2] - kh + 1, x.shape[3] - kw + 1\n"
                    "for i, j in np.ndindex(kh, kw):\n"
                    '    y = y + np.einsum("oc,ncpq->nopq", w[:, :, i, j], x[:, :, i : i + h, j : j + v])\n'
                    "return y + b[:, None, None]\n"
                    "Backward:\n"
                    "(h, v), xbar, wbar = ybar.shape[2:], np.zeros_like(x), np.zeros_like(w)\n"
                    "for i, j in np.ndindex(w.shape[2:]):\n"
                    '    xbar[:, :, i : i + h, j : j + v] += np.einsum("oc,nopq->ncpq", w[:, :, i, j], ybar)\n'
                    '    wbar[:, :, i, j] = np.einsum("nopq,ncpq->oc", ybar, x[:, :, i : i + h, j : j + v])\n'
                    "return xbar, wbar, np.sum(ybar, axis=(0, 2, 3))\n"
                    "Second order:\n"
                    "xdot, wdot, _ = dots\n"
                    "steps = {'stride': stride, 'padding': padding, 'dilation': dilation, 'groups': groups}\n"
                    "xbardot, wbardot, _ = conv2d_vjp(ybar, y, xdot, wdot, b, **steps)\n"
                    "return xbardot, wbardot, None if b is None else np.zeros_like(b)",
                ),
                parts=("value", "vjp", "hvp"),
                labels=("plain",),
                given=("unfold", "fold"),
            ),
            Exercise(
                "unfold",
                "How many times larger than the image is the matrix of all its windows, if the filter is 3 x 3? What "
                "does one buy with that memory?",
                (
                    "Known as im2col: each window becomes a column. dilation and stride are (1, 1), padding is (0, 0).",
                    "One row for each channel and place of the kernel: the stretch of x that this place meets, as in "
                    "conv2d, laid out in one line. Stack these stretches behind the axis of the channels.",
                    "Forward:\n"
                    "(kh, kw), (height, width) = kernel_size, x.shape[2:]\n"
                    "h, v = height - kh + 1, width - kw + 1\n"
                    "rows = np.stack([x[:, :, i : i + h, j : j + v] for i, j in np.ndindex(kh, kw)], axis=2)\n"
                    "return np.reshape(rows, (x.shape[0], x.shape[1] * kh * kw, h * v))",
                ),
                parts=("value",),
                labels=("plain",),
            ),
            Exercise(
                "fold",
                "Unfold an image and fold it again: by what is each pixel multiplied? Where in the image is it most?",
                (
                    "The way back from the columns into the image, known as col2im: where windows overlap, what they "
                    "hold is added up. dilation and stride are (1, 1), padding is (0, 0).",
                    "Give x its axes back, (N, C, kh, kw, H', W'), and add what belongs to the place (i, j) to the "
                    "stretch of y that this place meets. Backward: what a window holds went to the pixels that it "
                    "sees, and you have a function that fetches what each window sees.",
                    "Forward:\n"
                    "(kh, kw), (height, width) = kernel_size, output_size\n"
                    "h, v = height - kh + 1, width - kw + 1\n"
                    "held = np.reshape(x, (x.shape[0], -1, kh, kw, h, v))\n"
                    "y = np.zeros((*held.shape[:2], height, width))\n"
                    "for i, j in np.ndindex(kh, kw):\n"
                    "    y[:, :, i : i + h, j : j + v] += held[:, :, i, j]\n"
                    "return y\n"
                    "Backward:\n"
                    "return (unfold(ybar, kernel_size=kernel_size, dilation=dilation, padding=padding, "
                    "stride=stride),)",
                ),
                labels=("plain",),
            ),
            Exercise(
                "unfold",
                "What stands in the pixels that the padding adds, and why can their cotangents be thrown away?",
                (
                    "Now with all parameters: pad the image first. The place (i, j) meets the pixel (i dh, j dw) in "
                    "the first window, and in each further one a pixel that lies a stride away.",
                    "There are (H + 2 ph - dh (kh - 1) - 1) // sh + 1 rows of windows. A slice with a step, "
                    "x[..., i * dh :: sh, j * dw :: sw], may be too long: cut it to that many. Backward: what gathers, "
                    "scatters on its way back, and you have written what scatters.",
                    "Forward:\n"
                    "(kh, kw), (dh, dw), (ph, pw), (sh, sw) = kernel_size, dilation, padding, stride\n"
                    "x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))\n"
                    "h, v = (x.shape[2] - dh * (kh - 1) - 1) // sh + 1, (x.shape[3] - dw * (kw - 1) - 1) // sw + 1\n"
                    "seen = [x[:, :, i * dh :: sh, j * dw :: sw][:, :, :h, :v] for i, j in np.ndindex(kh, kw)]\n"
                    "return np.reshape(np.stack(seen, axis=2), (x.shape[0], x.shape[1] * kh * kw, h * v))\n"
                    "Backward:\n"
                    "steps = {'kernel_size': kernel_size, 'dilation': dilation, 'padding': padding, 'stride': stride}\n"
                    "return (fold(ybar, output_size=x.shape[2:], **steps),)",
                ),
                labels=("stride-padding", "dilation"),
                title="unfold_with_steps",
            ),
            Exercise(
                "conv1d",
                "With a stride of 2 half of the results are missing. Which part of the work of stride 1 is saved, and "
                "do all samples still get a gradient?",
                (
                    "Pad first, and take slices with a step. groups split the channels: give x and w an axis for the "
                    "group, and let einsum keep it. b may be None. You may also unfold: (N, C k, L) are the windows.",
                    "With the windows as columns, (N, groups, C/groups k, L), and the filters as rows, (groups, "
                    "O/groups, C/groups k), y is a matrix product. Backward: its two cotangents; the sum over N for "
                    "the filters, and fold for the columns.",
                    "Forward:\n"
                    "steps = {'kernel_size': w.shape[2:], 'dilation': dilation, 'padding': padding, 'stride': stride}\n"
                    "columns = unfold(x, **steps)\n"
                    "(n, _, windows), o = columns.shape, w.shape[0]\n"
                    "y = np.reshape(w, (groups, o // groups, -1)) @ np.reshape(columns, (n, groups, -1, windows))\n"
                    "y = np.reshape(y, (n, o, windows))\n"
                    "return y if b is None else y + b[:, None]\n"
                    "Backward:\n"
                    "steps = {'kernel_size': w.shape[2:], 'dilation': dilation, 'padding': padding, 'stride': stride}\n"
                    "columns = unfold(x, **steps)\n"
                    "(n, _, windows), o = columns.shape, w.shape[0]\n"
                    "rowsbar = np.reshape(ybar, (n, groups, o // groups, windows))\n"
                    "wbar = np.sum(rowsbar @ np.reshape(columns, (n, groups, -1, windows)).mT, axis=0)\n"
                    "columnsbar = np.reshape(w, (groups, o // groups, -1)).mT @ rowsbar\n"
                    "xbar = fold(np.reshape(columnsbar, columns.shape), output_size=x.shape[2:], **steps)\n"
                    "bbar = None if b is None else np.sum(ybar, axis=(0, 2))\n"
                    "return xbar, np.reshape(wbar, w.shape), bbar\n"
                    "Second order:\n"
                    "xdot, wdot, _ = dots\n"
                    "steps = {'stride': stride, 'padding': padding, 'dilation': dilation, 'groups': groups}\n"
                    "xbardot, wbardot, _ = conv1d_vjp(ybar, y, xdot, wdot, b, **steps)\n"
                    "return xbardot, wbardot, None if b is None else np.zeros_like(b)",
                ),
                parts=("value", "vjp", "hvp"),
                labels=("stride-padding", "groups-dilation"),
                title="conv1d_with_steps",
            ),
            Exercise(
                "conv2d",
                "As one matrix product: what are the rows of the left matrix, and the columns of the right one? Why "
                "has a small filter few parameters, however large the image?",
                (
                    "All parameters are in play, and b may be None. unfold makes it one matrix product: do not sum "
                    "over places at all.",
                    "Filters as rows, (groups, O/groups, C/groups kh kw), times windows as columns, (N, groups, "
                    "C/groups kh kw, L). Only the shape of y needs the number of windows in each direction. Backward: "
                    "the two cotangents of the product, and fold.",
                    "Forward:\n"
                    "steps = {'kernel_size': w.shape[2:], 'dilation': dilation, 'padding': padding, 'stride': stride}\n"
                    "columns = unfold(x, **steps)\n"
                    "(n, _, windows), o = columns.shape, w.shape[0]\n"
                    "y = np.reshape(w, (groups, o // groups, -1)) @ np.reshape(columns, (n, groups, -1, windows))\n"
                    "h = (x.shape[2] + 2 * padding[0] - dilation[0] * (w.shape[2] - 1) - 1) // stride[0] + 1\n"
                    "y = np.reshape(y, (n, o, h, windows // h))\n"
                    "return y if b is None else y + b[:, None, None]\n"
                    "Backward:\n"
                    "steps = {'kernel_size': w.shape[2:], 'dilation': dilation, 'padding': padding, 'stride': stride}\n"
                    "columns = unfold(x, **steps)\n"
                    "(n, _, windows), o = columns.shape, w.shape[0]\n"
                    "rowsbar = np.reshape(ybar, (n, groups, o // groups, windows))\n"
                    "wbar = np.sum(rowsbar @ np.reshape(columns, (n, groups, -1, windows)).mT, axis=0)\n"
                    "columnsbar = np.reshape(w, (groups, o // groups, -1)).mT @ rowsbar\n"
                    "xbar = fold(np.reshape(columnsbar, columns.shape), output_size=x.shape[2:], **steps)\n"
                    "bbar = None if b is None else np.sum(ybar, axis=(0, 2, 3))\n"
                    "return xbar, np.reshape(wbar, w.shape), bbar\n"
                    "Second order:\n"
                    "xdot, wdot, _ = dots\n"
                    "steps = {'stride': stride, 'padding': padding, 'dilation': dilation, 'groups': groups}\n"
                    "xbardot, wbardot, _ = conv2d_vjp(ybar, y, xdot, wdot, b, **steps)\n"
                    "return xbardot, wbardot, None if b is None else np.zeros_like(b)",
                ),
                parts=("value", "vjp", "hvp"),
                labels=("stride-padding", "dilation", "groups", "depthwise-with-everything"),
                title="conv2d_as_product",
            ),
            Exercise(
                "conv_transpose1d",
                "A convolution of 5 samples with a filter of 6 has no place to stand; its transpose gives 10 numbers. "
                "What does one sample of x become in y?",
                (
                    "stride and dilation are 1, padding and output_padding are 0 and groups is 1. Each sample of x "
                    "lays a copy of the filter, times itself, into y.",
                    "The place j of the filter adds w[:, :, j] times x to y[:, :, j : j + n], n samples in x. It is "
                    "the way of xbar in conv1d. So backward, xbar is the way of y in conv1d.",
                    "Forward:\n"
                    "n, k = x.shape[2], w.shape[2]\n"
                    "y = np.zeros((x.shape[0], w.shape[1], n + k - 1))\n"
                    "for j in range(k):\n"
                    '    y[:, :, j : j + n] += np.einsum("co,ncq->noq", w[:, :, j], x)\n'
                    "return y + b[:, None]\n"
                    "Backward:\n"
                    "(n, k), wbar = (x.shape[2], w.shape[2]), np.zeros_like(w)\n"
                    'xbar = sum(np.einsum("co,noq->ncq", w[:, :, j], ybar[:, :, j : j + n]) for j in range(k))\n'
                    "for j in range(k):\n"
                    '    wbar[:, :, j] = np.einsum("noq,ncq->co", ybar[:, :, j : j + n], x)\n'
                    "return xbar, wbar, np.sum(ybar, axis=(0, 2))\n"
                    "Second order:\n"
                    "xdot, wdot, _ = dots\n"
                    "steps = {'stride': stride, 'padding': padding, 'groups': groups, 'dilation': dilation}\n"
                    "steps['output_padding'] = output_padding\n"
                    "xbardot, wbardot, _ = conv_transpose1d_vjp(ybar, y, xdot, wdot, b, **steps)\n"
                    "return xbardot, wbardot, None if b is None else np.zeros_like(b)",
                ),
                parts=("value", "vjp", "hvp"),
                labels=("plain",),
            ),
            Exercise(
                "conv_transpose2d",
                "At stride 2 a filter of 3 finds three windows in 7 columns, and three in 8. To which of the two "
                "should its transpose return, and which parameter says so?",
                (
                    "conv2d was rows times columns. Its transpose makes columns out of x, rows.T times x, and folds "
                    "them into an image. The padding falls away from that image; output_padding adds to its end.",
                    "Fold into an image of (H - 1) sh + dh (kh - 1) + 1 rows, without padding; add ah rows of zeros at "
                    "its end; then take away ph rows at either end. Backward: the same steps in reverse, ending with "
                    "unfold: xbar = rows @ columnsbar, and wbar = x columnsbar^T.",
                    "Forward:\n"
                    "(n, c, *size), (_, o, *kernel) = x.shape, w.shape\n"
                    "columns = np.reshape(w, (groups, c // groups, -1)).mT @ np.reshape(x, (n, groups, c // groups, "
                    "-1))\n"
                    "whole = [(m - 1) * s + d * (k - 1) + 1 for m, s, d, k in zip(size, stride, dilation, kernel)]\n"
                    "columns = np.reshape(columns, (n, -1, size[0] * size[1]))\n"
                    "y = fold(columns, output_size=whole, kernel_size=kernel, dilation=dilation, padding=(0, 0), "
                    "stride=stride)\n"
                    "y = np.pad(y, ((0, 0), (0, 0), (0, output_padding[0]), (0, output_padding[1])))\n"
                    "(ph, pw), (h, v) = padding, y.shape[2:]\n"
                    "y = y[:, :, ph : h - ph, pw : v - pw]\n"
                    "return y if b is None else y + b[:, None, None]\n"
                    "Backward:\n"
                    "(n, c, *size), (_, o, *kernel), (ph, pw) = x.shape, w.shape, padding\n"
                    "whole = [(m - 1) * s + d * (k - 1) + 1 for m, s, d, k in zip(size, stride, dilation, kernel)]\n"
                    "seen = np.pad(ybar, ((0, 0), (0, 0), (ph, ph), (pw, pw)))[:, :, : whole[0], : whole[1]]\n"
                    "columnsbar = unfold(seen, kernel_size=kernel, dilation=dilation, padding=(0, 0), stride=stride)\n"
                    "columnsbar = np.reshape(columnsbar, (n, groups, -1, size[0] * size[1]))\n"
                    "xbar = np.reshape(np.reshape(w, (groups, c // groups, -1)) @ columnsbar, x.shape)\n"
                    "wbar = np.sum(np.reshape(x, (n, groups, c // groups, -1)) @ columnsbar.mT, axis=0)\n"
                    "return xbar, np.reshape(wbar, w.shape), None if b is None else np.sum(ybar, axis=(0, 2, 3))\n"
                    "Second order:\n"
                    "xdot, wdot, _ = dots\n"
                    "steps = {'stride': stride, 'padding': padding, 'groups': groups, 'dilation': dilation}\n"
                    "steps['output_padding'] = output_padding\n"
                    "xbardot, wbardot, _ = conv_transpose2d_vjp(ybar, y, xdot, wdot, b, **steps)\n"
                    "return xbardot, wbardot, None if b is None else np.zeros_like(b)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            *pooling.EXERCISES,
        ),
    ),
)
