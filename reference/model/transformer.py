"""A transformer block, and a classifier of sequences that is made of blocks."""

from __future__ import annotations

import numpy as np

from ..activation.gated import gelu, gelu_vjp
from ..attention.multi_head import joined_heads, split_heads
from ..attention.scaled_dot_product import attention_weights, attention_weights_vjp
from ..linear.layer import linear, linear_vjp
from ..linear.products import matmul_vjp
from ..loss.classification import cross_entropy, cross_entropy_vjp
from ..norm.layer import layer_norm, layer_norm_vjp
from ..op import Case, Op
from .mlp import LABELS, random_labels

BLOCK = ("gamma1", "beta1", "w_q", "w_k", "w_v", "w_o", "gamma2", "beta2", "w1", "b1", "w2", "b2")
"""The parameters of a block."""


def transformer_block(x, gamma1, beta1, w_q, w_k, w_v, w_o, gamma2, beta2, w1, b1, w2, b2, *, num_heads, causal, eps):
    """y = a + gelu(norm2(a) w1 + b1) w2 + b2, with a = x + attention(norm1(x)).

    Shapes: x (N, T, E), gamma and beta (E,), w_q, w_k and w_v (E, A), w_o (A, E), w1 (E, F), b1 (F,), w2 (F, E),
    b2 (E,), y as x. num_heads divides A, which is mostly E.

    Positions exchange what they know in the attention alone; the rest treats each by itself. Both parts read a
    normalised copy of the stream x and add to it ("pre-norm"), so that a cotangent comes down it undivided. When
    causal, no position depends on a later one. The projections have no biases: that of the keys would have no effect.

    Raises ValueError when the parameters do not fit.

    Source: Vaswani et al. (2017), Attention Is All You Need, section 3; Xiong et al. (2020), On Layer Normalization in
    the Transformer Architecture, section 3.1, for the place of the norms; Radford et al. (2018), Improving Language
    Understanding by Generative Pre-Training, section 4.1, for gelu.
    """
    theta = (gamma1, beta1, w_q, w_k, w_v, w_o, gamma2, beta2, w1, b1, w2, b2)
    return transformer_block_values(x, *theta, num_heads=num_heads, causal=causal, eps=eps)["y"]


def transformer_block_values(
    x, gamma1, beta1, w_q, w_k, w_v, w_o, gamma2, beta2, w1, b1, w2, b2, *, num_heads, causal, eps
):
    """n1 = norm1(x); q, k, v (N, H, T, d); p weights (N, H, T, T); r what is read; n2 = norm2(a); z, h = gelu(z)."""
    n1 = layer_norm(x, gamma1, beta1, eps=eps)
    q, k, v = (split_heads(n1 @ w, num_heads) for w in (w_q, w_k, w_v))
    p = attention_weights(q, k, None, causal=causal, scale=None)
    r = joined_heads(p @ v)
    a = x + r @ w_o
    n2 = layer_norm(a, gamma2, beta2, eps=eps)
    z = linear(n2, w1, b1)
    h = gelu(z, approximate="none")
    y = a + linear(h, w2, b2)
    return {"n1": n1, "q": q, "k": k, "v": v, "p": p, "r": r, "a": a, "n2": n2, "z": z, "h": h, "y": y}


def transformer_block_vjp(
    ybar, y, x, gamma1, beta1, w_q, w_k, w_v, w_o, gamma2, beta2, w1, b1, w2, b2, *, num_heads, causal, eps
):
    """abar = ybar + what comes back through the second part, and xbar = abar + what comes back through the first."""
    theta = (gamma1, beta1, w_q, w_k, w_v, w_o, gamma2, beta2, w1, b1, w2, b2)
    values = transformer_block_values(x, *theta, num_heads=num_heads, causal=causal, eps=eps)
    bars = transformer_block_cotangents(ybar, values, x, *theta, num_heads=num_heads, causal=causal, eps=eps)
    return tuple(bars[name] for name in ("x", *BLOCK))


def transformer_block_cotangents(
    ybar, values, x, gamma1, beta1, w_q, w_k, w_v, w_o, gamma2, beta2, w1, b1, w2, b2, *, num_heads, causal, eps
):
    """n1 is read three times, as queries, keys and values: its three cotangents add up."""
    n1, q, k, v, p, r, a, n2, z, h = (values[name] for name in ("n1", "q", "k", "v", "p", "r", "a", "n2", "z", "h"))
    hbar, w2bar, b2bar = linear_vjp(ybar, None, h, w2, b2)
    (zbar,) = gelu_vjp(hbar, h, z, approximate="none")
    n2bar, w1bar, b1bar = linear_vjp(zbar, z, n2, w1, b1)
    through, gamma2bar, beta2bar = layer_norm_vjp(n2bar, n2, a, gamma2, beta2, eps=eps)
    abar = ybar + through
    rbar, w_obar = matmul_vjp(abar, None, r, w_o)
    pbar, vbar = matmul_vjp(split_heads(rbar, num_heads), None, p, v)
    qbar, kbar, _ = attention_weights_vjp(pbar, p, q, k, None, causal=causal, scale=None)
    (n1_q, w_qbar), (n1_k, w_kbar), (n1_v, w_vbar) = (
        matmul_vjp(joined_heads(bar), None, n1, w) for bar, w in ((qbar, w_q), (kbar, w_k), (vbar, w_v))
    )
    n1bar = n1_q + n1_k + n1_v
    through, gamma1bar, beta1bar = layer_norm_vjp(n1bar, n1, x, gamma1, beta1, eps=eps)
    bars = {"y": ybar, "b2": b2bar, "w2": w2bar, "h": hbar, "z": zbar, "b1": b1bar, "w1": w1bar, "n2": n2bar}
    bars |= {"beta2": beta2bar, "gamma2": gamma2bar, "a": abar, "w_o": w_obar, "r": rbar, "p": pbar, "v": vbar}
    bars |= {"k": kbar, "q": qbar, "w_v": w_vbar, "w_k": w_kbar, "w_q": w_qbar, "n1": n1bar}
    return bars | {"beta1": beta1bar, "gamma1": gamma1bar, "x": abar + through}


def transformer_block_cases(rng):
    theta = block_theta(rng, 5, 6, 7)
    yield Case("causal", (2 * rng.normal(size=(2, 3, 5)), *theta), {"num_heads": 2, "causal": True, "eps": 0.5})
    args = (2 * rng.normal(size=(2, 4, 5)), *block_theta(rng, 5, 6, 7))
    yield Case("both-ways", args, {"num_heads": 3, "causal": False, "eps": 0.25})
    plain = {"num_heads": 2, "causal": True, "eps": 0.5}
    yield Case("no-examples", (np.zeros((0, 3, 5)), *theta), plain, "empty", np.zeros((0, 3, 5)))
    refused = {"num_heads": 4, "causal": True, "eps": 0.5}
    yield Case("heads-no-divisor", (rng.normal(size=(2, 3, 5)), *theta), refused, "refused")


def transformer_block_sized(rng, n):
    args = (rng.normal(size=(max(n // 512, 1), 16, 32)), *block_theta(rng, 32, 32, 64))
    return Case("sized", args, {"num_heads": 4, "causal": True, "eps": 1e-5})


def blocks_values(x, theta, *, num_heads, causal, eps):
    """As many blocks as theta has parameters for: their values, named block1.n1 and so on, and the last y."""
    values = {}
    for k in range(1, len(theta) // len(BLOCK) + 1):
        own = transformer_block_values(x, *_of_block(theta, k), num_heads=num_heads, causal=causal, eps=eps)
        values |= {f"block{k}.{name}": value for name, value in own.items()}
        x = own["y"]
    return values, x


def blocks_cotangents(ybar, values, x, theta, *, num_heads, causal, eps):
    """Those of the blocks, from the last one down, and that of x."""
    bars = {}
    for k in range(len(theta) // len(BLOCK), 0, -1):
        own = {name.partition(".")[2]: value for name, value in values.items() if name.startswith(f"block{k}.")}
        below = values[f"block{k - 1}.y"] if k > 1 else x
        back = transformer_block_cotangents(
            ybar, own, below, *_of_block(theta, k), num_heads=num_heads, causal=causal, eps=eps
        )
        ybar = back.pop("x")
        bars |= {f"block{k}.{name}": bar for name, bar in back.items()}
    return bars, ybar


def block_names(theta):
    return [f"block{k}.{name}" for k in range(1, len(theta) // len(BLOCK) + 1) for name in BLOCK]


def _of_block(theta, k):
    return theta[(k - 1) * len(BLOCK) : k * len(BLOCK)]


def require_blocks(theta, *others):
    """What stands behind the blocks, and the blocks' parameters."""
    count = len(theta) - len(others)
    if count <= 0 or count % len(BLOCK):
        raise ValueError(
            f"theta has {len(theta)} arrays, expected {len(BLOCK)} for each block, then {', '.join(others)}"
        )
    return theta[:count], theta[count:]


def transformer_classifier(x, w_in, positions, *theta, num_heads, eps):
    """y = mean_t(norm(blocks(x w_in + positions))_t) w_out + b_out: the logits of K classes.

    Shapes: x (N, T, D), w_in (D, E), positions (T, E), theta = twelve arrays for each block as in transformer_block,
    then gamma and beta (E,), w_out (E, K) and b_out (K,); y (N, K).

    The tokens of a sequence see each other both ways. Without the learned positions nothing would tell their order:
    the mean over tokens forgets it, and attention never knew.

    Raises ValueError when the parameters do not fit.

    Source: Vaswani et al. (2017), Attention Is All You Need, section 3; Dosovitskiy et al. (2021), An Image Is Worth
    16x16 Words, section 3.1 and appendix D.3 (the mean of the tokens in place of a class token).
    """
    return transformer_classifier_values(x, w_in, positions, *theta, num_heads=num_heads, eps=eps)["y"]


def transformer_classifier_values(x, w_in, positions, *theta, num_heads, eps):
    """x0: the tokens with their places; the values of each block; n normalised; m their mean; y the logits."""
    blocks, (gamma, beta, w_out, b_out) = require_blocks(theta, "gamma", "beta", "w_out", "b_out")
    if positions.shape[0] != x.shape[1]:
        raise ValueError(f"positions have shape {positions.shape}, expected a row for each of {x.shape[1]} tokens")
    x0 = x @ w_in + positions
    values, last = blocks_values(x0, blocks, num_heads=num_heads, causal=False, eps=eps)
    n = layer_norm(last, gamma, beta, eps=eps)
    m = np.mean(n, axis=1)
    return {"x0": x0, **values, "n": n, "m": m, "y": linear(m, w_out, b_out)}


def transformer_classifier_vjp(ybar, y, x, w_in, positions, *theta, num_heads, eps):
    """From the logits through the mean, the norm and the blocks to the tokens and their places."""
    args = (x, w_in, positions, *theta)
    values = transformer_classifier_values(*args, num_heads=num_heads, eps=eps)
    return _of_classifier(transformer_classifier_cotangents(ybar, values, *args, num_heads=num_heads, eps=eps), theta)


def transformer_classifier_cotangents(ybar, values, x, w_in, positions, *theta, num_heads, eps):
    """Each token gets its part of the mean's cotangent; positions get the sum over all examples."""
    blocks, (gamma, beta, w_out, b_out) = require_blocks(theta, "gamma", "beta", "w_out", "b_out")
    mbar, w_outbar, b_outbar = linear_vjp(ybar, None, values["m"], w_out, b_out)
    last = [value for name, value in values.items() if name.endswith(".y")][-1]
    nbar = np.broadcast_to(mbar[:, None] / x.shape[1], last.shape)
    lastbar, gammabar, betabar = layer_norm_vjp(nbar, values["n"], last, gamma, beta, eps=eps)
    bars, x0bar = blocks_cotangents(lastbar, values, values["x0"], blocks, num_heads=num_heads, causal=False, eps=eps)
    xbar, w_inbar = matmul_vjp(x0bar, None, x, w_in)
    above = {"y": ybar, "b_out": b_outbar, "w_out": w_outbar, "m": mbar, "n": nbar, "beta": betabar, "gamma": gammabar}
    return {**above, **bars, "x0": x0bar, "positions": np.sum(x0bar, axis=0), "w_in": w_inbar, "x": xbar}


def _of_classifier(bars, theta):
    blocks, _ = require_blocks(theta, "gamma", "beta", "w_out", "b_out")
    names = ("x", "w_in", "positions", *block_names(blocks), "gamma", "beta", "w_out", "b_out")
    return tuple(bars[name] for name in names)


def transformer_classifier_cases(rng):
    args = (rng.normal(size=(2, 3, 5)), *classifier_theta(rng, 3, 5, 6, 8, 7, 4))
    yield Case("one-block", args, {"num_heads": 2, "eps": 0.5})
    yield Case("a-place-too-few", (args[0], args[1], args[2][1:], *args[3:]), {"num_heads": 2, "eps": 0.5}, "refused")
    yield Case("a-parameter-missing", args[:-1], {"num_heads": 2, "eps": 0.5}, "refused")


def transformer_classifier_sized(rng, n):
    args = (rng.normal(size=(max(n // 64, 1), 8, 8)), *classifier_theta(rng, 8, 8, 16, 16, 32, 10))
    return Case("sized", args, {"num_heads": 2, "eps": 1e-5})


def transformer_classifier_loss(x, labels, w_in, positions, *theta, num_heads, eps):
    """loss = mean over the sequences n of logsumexp(y_n) - y_n,label(n), y the logits of transformer_classifier.

    Shapes: x (N, T, D), labels (N,) integers in 0 ... K - 1, the parameters as in transformer_classifier, loss ().

    Raises ValueError and IndexError as transformer_classifier and cross_entropy do.

    Source: as transformer_classifier, and Goodfellow, Bengio and Courville (2016), Deep Learning, eq. 6.30.
    """
    args = (x, labels, w_in, positions, *theta)
    return transformer_classifier_loss_values(*args, num_heads=num_heads, eps=eps)["loss"]


def transformer_classifier_loss_values(x, labels, w_in, positions, *theta, num_heads, eps):
    """The values of the classifier, and the loss."""
    values = transformer_classifier_values(x, w_in, positions, *theta, num_heads=num_heads, eps=eps)
    return {**values, "loss": cross_entropy(values["y"], labels, None, **LABELS)}


def transformer_classifier_loss_vjp(ybar, y, x, labels, w_in, positions, *theta, num_heads, eps):
    """The way back from the loss; labels have no cotangent."""
    args = (x, labels, w_in, positions, *theta)
    values = transformer_classifier_loss_values(*args, num_heads=num_heads, eps=eps)
    bars = transformer_classifier_loss_cotangents(ybar, values, *args, num_heads=num_heads, eps=eps)
    xbar, *thetabar = _of_classifier(bars, theta)
    return xbar, None, *thetabar


def transformer_classifier_loss_cotangents(ybar, values, x, labels, w_in, positions, *theta, num_heads, eps):
    """The loss hands ybar (softmax(y) - onehot(labels)) / N to the network, which does the rest."""
    logitsbar, _ = cross_entropy_vjp(ybar, values["loss"], values["y"], labels, None, **LABELS)
    args = (x, w_in, positions, *theta)
    return {"loss": ybar, **transformer_classifier_cotangents(logitsbar, values, *args, num_heads=num_heads, eps=eps)}


def transformer_classifier_loss_cases(rng):
    x, labels, theta = rng.normal(size=(5, 3, 2)), random_labels(rng, 5, 4), classifier_theta(rng, 3, 2, 6, 9, 7, 4)
    yield Case("one-block", (x, labels, *theta), {"num_heads": 3, "eps": 2.0})
    wrong = np.where(labels == 3, 4, labels)
    yield Case("label-out-of-range", (x, wrong, *theta), {"num_heads": 3, "eps": 2.0}, "refused")


def transformer_classifier_loss_sized(rng, n):
    x, *theta = transformer_classifier_sized(rng, n).args
    return Case("sized", (x, random_labels(rng, len(x), 10), *theta), {"num_heads": 2, "eps": 1e-5})


def block_theta(rng, width, inner, hidden):
    """Parameters whose products are below those of a freshly initialised model: what balls of a network of this depth
    enclose grows by the sizes of its weights, without the signs that make a sum small."""

    def norm():
        return rng.uniform(0.3, 0.9, width), rng.normal(size=width) / 4

    matrices = [rng.normal(size=(width, inner)) / (2 * np.sqrt(width)) for _ in range(3)]
    w_o = rng.normal(size=(inner, width)) / (2 * np.sqrt(inner))
    w1, b1 = rng.normal(size=(width, hidden)) / (2 * np.sqrt(width)), rng.normal(size=hidden) / 4
    w2, b2 = rng.normal(size=(hidden, width)) / (2 * np.sqrt(hidden)), rng.normal(size=width) / 4
    return [*norm(), *matrices, w_o, *norm(), w1, b1, w2, b2]


def classifier_theta(rng, tokens, features, width, inner, hidden, classes):
    """Of a classifier with one block."""
    w_in, positions = rng.normal(size=(features, width)), rng.normal(size=(tokens, width)) / 2
    last = (rng.normal(size=(width, classes)) / np.sqrt(width), rng.normal(size=classes) / 4)
    return [w_in, positions, *block_theta(rng, width, inner, hidden), *block_theta(rng, width, 1, 1)[:2], *last]


OPS = [
    Op(
        transformer_block,
        transformer_block_cases,
        transformer_block_vjp,
        transformer_block_sized,
        values=transformer_block_values,
        cotangents=transformer_block_cotangents,
    ),
    Op(
        transformer_classifier,
        transformer_classifier_cases,
        transformer_classifier_vjp,
        transformer_classifier_sized,
        values=transformer_classifier_values,
        cotangents=transformer_classifier_cotangents,
    ),
    Op(
        transformer_classifier_loss,
        transformer_classifier_loss_cases,
        transformer_classifier_loss_vjp,
        transformer_classifier_loss_sized,
        values=transformer_classifier_loss_values,
        cotangents=transformer_classifier_loss_cotangents,
    ),
]
