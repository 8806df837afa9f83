"""Losses in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax.scipy import special

from .common import channels, choice, installed_optax


def _reduce(each, reduction, weight=None):
    """optax gives one loss an element; the weights and the reduction are the user's."""
    total = choice({"none": jax.nn.identity, "mean": jnp.mean, "sum": jnp.sum}, reduction, "reduction")
    return total(each if weight is None else weight * each)


def huber(input, target, *, delta, reduction):
    return _reduce(installed_optax().huber_loss(input, target, delta=delta), reduction)


def binary_cross_entropy(input, target, weight, *, reduction):
    """optax takes logits only; of probabilities it is written with xlogy, for which 0 log 0 = 0."""
    return _reduce(-special.xlogy(target, input) - special.xlog1py(1 - target, -input), reduction, weight)


def binary_cross_entropy_with_logits(input, target, weight, pos_weight, *, reduction):
    if pos_weight is not None:
        raise NotImplementedError("optax.sigmoid_binary_cross_entropy has no pos_weight")
    return _reduce(installed_optax().sigmoid_binary_cross_entropy(input, target), reduction, weight)


def cross_entropy(input, target, weight, *, reduction, ignore_index, label_smoothing):
    """optax has no class weights and no ignored labels: they scale its losses, and the mean divides by their sum.

    Smoothed labels are weighted class by class: optax takes a target distribution that need not sum to 1.
    """
    optax = installed_optax()
    scale = 1 if weight is None else channels(weight, input)
    if jnp.issubdtype(target.dtype, jnp.floating):
        smooth = scale * optax.smooth_labels(target, label_smoothing, axis=1)
        last = jnp.moveaxis(input, 1, -1), jnp.moveaxis(smooth, 1, -1)
        return _reduce(optax.losses.safe_softmax_cross_entropy(*last), reduction)
    kept = target != ignore_index
    labels = jnp.where(kept, target, 0)
    share = jnp.ones_like(target, input.dtype) if weight is None else weight[labels]
    if label_smoothing:
        one_hot = jax.nn.one_hot(labels, input.shape[1], dtype=input.dtype, axis=1)
        smooth = scale * optax.smooth_labels(one_hot, label_smoothing, axis=1)
        each = optax.softmax_cross_entropy(input, smooth, axis=1)
    else:
        each = share * optax.softmax_cross_entropy_with_integer_labels(input, labels, axis=1)
    each, share = jnp.where(kept, each, 0), jnp.where(kept, share, 0)
    return jnp.sum(each) / jnp.sum(share) if reduction == "mean" else _reduce(each, reduction)


def kl_div(input, target, *, reduction, log_target):
    optax = installed_optax()
    kl = optax.losses.kl_divergence_with_log_targets if log_target else optax.losses.kl_divergence
    each = kl(input, target, axis=())  # summed over no axis: the loss of each element
    return jnp.sum(each) / input.shape[0] if reduction == "batchmean" else _reduce(each, reduction)


def smooth_l1(input, target, *, beta, reduction):
    """optax has the Huber loss, which is beta times this one."""
    if beta == 0:
        raise NotImplementedError("optax has no absolute error")
    return _reduce(installed_optax().huber_loss(input, target, delta=beta) / beta, reduction)


def hinge(input, target, *, margin, reduction):
    losses = {1: "hinge_loss", 0: "perceptron_loss"}
    if margin not in losses:
        raise NotImplementedError("optax has the margins 1 and 0")
    return _reduce(getattr(installed_optax().losses, losses[margin])(input, target), reduction)


def multiclass_hinge(input, target, *, margin, reduction):
    """Its one-hot labels have JAX's default format."""
    losses = {1: "multiclass_hinge_loss", 0: "multiclass_perceptron_loss"}
    if margin not in losses:
        raise NotImplementedError("optax has the margins 1 and 0")
    each = getattr(installed_optax().losses, losses[margin])(input, target)
    return _reduce(each.astype(input.dtype), reduction)


def focal(input, target, *, alpha, gamma, reduction):
    each = installed_optax().losses.sigmoid_focal_loss(input, target, alpha=alpha, gamma=gamma)
    return _reduce(each, reduction)


def poly_loss(input, target, *, epsilon, reduction):
    return _reduce(installed_optax().losses.poly_loss_cross_entropy(input, target, epsilon=epsilon), reduction)


def generalized_kl_div(input, target, *, reduction):
    """Summed over no axis: the loss of each element."""
    return _reduce(installed_optax().losses.generalized_kl_divergence(input, target, axis=()), reduction)


def triplet_margin(anchor, positive, negative, *, margin, p, eps, swap, reduction):
    if swap or eps:
        raise NotImplementedError("optax does not swap, and adds eps to the sum of the powers, not to the differences")
    triplet = anchor, positive, negative
    each = installed_optax().losses.triplet_margin_loss(*triplet, norm_degree=p, margin=margin, eps=eps)
    return _reduce(each, reduction)


def info_nce(query, key, *, temperature, reduction):
    """The cross-entropy of the similarities, whose classes are the keys."""
    optax = installed_optax()
    similarity = optax.losses.cosine_similarity(query[:, None], key[None]) / temperature
    each = optax.softmax_cross_entropy_with_integer_labels(similarity, jnp.arange(len(query)))
    return _reduce(each, reduction)


def ctc_with_logits(logits, targets, input_lengths, target_lengths, *, blank, reduction, zero_infinity):
    """optax takes the batch first and marks what is not meant; its one-hot labels have JAX's default format."""
    if zero_infinity:
        raise NotImplementedError("optax.ctc_loss has no zero_infinity")
    steps, places = jnp.arange(logits.shape[0]), jnp.arange(targets.shape[1])
    behind_input = (steps >= input_lengths[:, None]).astype(logits.dtype)
    behind_target = (places >= target_lengths[:, None]).astype(logits.dtype)
    batch = jnp.swapaxes(logits, 0, 1)
    each = installed_optax().ctc_loss(batch, behind_input, targets, behind_target, blank_id=blank)
    each = each.astype(logits.dtype)
    return _reduce(each / jnp.maximum(target_lengths, 1) if reduction == "mean" else each, reduction)


def next_token_loss(logits, tokens):
    return installed_optax().softmax_cross_entropy_with_integer_labels(logits, tokens[:, 1:]).mean()


FORWARDS = {
    "next_token_loss": next_token_loss,
    "mse": lambda input, target, *, reduction: _reduce(installed_optax().squared_error(input, target), reduction),
    "huber": huber,
    "smooth_l1": smooth_l1,
    "log_cosh": lambda input, target, *, reduction: _reduce(installed_optax().log_cosh(input, target), reduction),
    "hinge": hinge,
    "multiclass_hinge": multiclass_hinge,
    "focal": focal,
    "poly_loss": poly_loss,
    "generalized_kl_div": generalized_kl_div,
    "triplet_margin": triplet_margin,
    "info_nce": info_nce,
    "ntxent": lambda embeddings, labels, *, temperature: installed_optax().losses.ntxent(
        embeddings, labels, temperature
    ),
    "ctc_with_logits": ctc_with_logits,
    "binary_cross_entropy": binary_cross_entropy,
    "binary_cross_entropy_with_logits": binary_cross_entropy_with_logits,
    "cross_entropy": cross_entropy,
    "kl_div": kl_div,
}

LEDGER = (
    (
        "log1p in float64 on the CPU is up to 128 ulp off near -0.4",
        "https://github.com/jax-ml/jax/issues/39707",
        (
            "jvp:binary_cross_entropy-below-even-odds-float64",
            "layout:binary_cross_entropy-below-even-odds-float64",
            "refused:binary_cross_entropy-column-against-row-float64",
            "refused:binary_cross_entropy-target-broadcasts-float64",
            "refused:binary_cross_entropy-weight-too-deep-float64",
            "value:binary_cross_entropy-below-even-odds-float64",
            "vjp:binary_cross_entropy-below-even-odds-float64",
        ),
    ),
    (
        "0 (log 0 - log q) is nan where the limit is 0",
        "https://github.com/google-deepmind/optax/pull/1786",
        (
            "special:kl_div-log-never-shown-*",
            "special:generalized_kl_div-never-shown-*",
            "special:kl_div-neither-shows-*",
        ),
    ),
    (
        "logaddexp(r, -r) - log 2 cancels where r is small, and its second derivative where r is large",
        "",
        (
            "*vjp:log_cosh-none-near-and-far-*",
            "*value:log_cosh-none-near-and-far-*",
            "batched:log_cosh-none-near-and-far-*",
            "forward-over-*:log_cosh-none-near-and-far-*",
            "jvp:log_cosh-none-near-and-far-*",
            "layout:log_cosh-none-near-and-far-*",
            "reverse-over-*:log_cosh-none-near-and-far-*",
        ),
    ),
    (
        "-1e5 stands for log 0, so an impossible sequence costs 1e5, and a logit of -inf makes nan of 0 times itself",
        "",
        ("special:ctc_with_logits-impossible-*",),
    ),
    (
        "1 - p_t is a sum of logarithms with the target as weight, whose second derivative cancels",
        "",
        (
            "forward-over-*:focal-none-confident-*",
            "reverse-over-*:focal-none-confident-*",
        ),
    ),
    (
        "powers of signed differences: an odd norm_degree has no absolute values, so distances are negative, or nan",
        "",
        ("special:triplet_margin-all-ahead-*",),
    ),
    (
        "the root of a sum of squares has no slope at 0, so a hit makes nan of the derivative",
        "",
        ("kink:triplet_margin-at-the-margin-and-a-hit-*",),
    ),
    (
        "differentiates the recursion twice, step by step: where the terms of an element cancel, last digits are lost",
        "",
        (
            "?forward-over-reverse:ctc_with_logits-mean-blank-within-*",
            "?reverse-over-*:ctc_with_logits-mean-blank-within-*",
        ),
    ),
    (
        "the right score is a product with one-hot labels, and 0 times infinity is nan",
        "",
        ("special:multiclass_hinge-infinite-*",),
    ),
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            "refused:binary_cross_entropy_with_logits-column-against-row-float64",
            "refused:binary_cross_entropy_with_logits-target-broadcasts-float64",
            "refused:cross_entropy-label-negative-float64",
            "refused:cross_entropy-label-too-large-float64",
            "refused:cross_entropy-one-label-for-all-float64",
            "refused:cross_entropy-probabilities-differ-float64",
            "refused:cross_entropy-smoothing-above-one-float64",
            "refused:cross_entropy-weight-too-short-float64",
            "refused:ctc_with_logits-blank-among-targets-float64",
            "refused:ctc_with_logits-longer-than-the-input-float64",
            "refused:ctc_with_logits-longer-than-the-targets-float64",
            "refused:ctc_with_logits-no-such-class-float64",
            "refused:focal-column-against-row-float64",
            "refused:next_token_loss-token-out-of-range-float64",
            "refused:focal-target-broadcasts-float64",
            "refused:generalized_kl_div-column-against-row-float64",
            "refused:generalized_kl_div-target-broadcasts-float64",
            "refused:hinge-column-against-row-float64",
            "refused:hinge-target-broadcasts-float64",
            "refused:huber-column-against-row-float64",
            "refused:huber-delta-zero-float64",
            "refused:huber-target-broadcasts-float64",
            "refused:info_nce-too-few-keys-float64",
            "refused:kl_div-column-against-row-float64",
            "refused:kl_div-target-broadcasts-float64",
            "refused:log_cosh-column-against-row-float64",
            "refused:log_cosh-target-broadcasts-float64",
            "refused:multiclass_hinge-label-negative-float64",
            "refused:multiclass_hinge-label-too-large-float64",
            "refused:poly_loss-target-broadcasts-float64",
            "refused:smooth_l1-beta-negative-float64",
            "refused:smooth_l1-column-against-row-float64",
            "refused:smooth_l1-target-broadcasts-float64",
            "refused:triplet_margin-negative-broadcasts-float64",
        ),
    ),
)
