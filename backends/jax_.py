"""JAX: what jax.numpy, jax.nn, jax.lax, jax.scipy and optax answer, under our calling convention.

Everything is asked as it is shipped: no flag, no precision setting, no check that JAX does not make itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import jax.scipy.stats
import numpy as np
from jax import lax
from jax.scipy import special

from . import BackendError
from .jax_ledger import DISAGREEMENTS


@dataclass(frozen=True)
class Jax:
    """The JAX witness on one device: "cpu", "gpu", "tpu", or "gpu:1" for the second of its kind."""

    device: str = "cpu"
    name: ClassVar[str] = "jax"
    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "float16", "bfloat16")
    compile_first: ClassVar[bool] = True
    """Called eagerly, every single operation is compiled by itself: one compiled question costs less."""
    flushes_subnormals: ClassVar[bool] = True
    """On CPU, XLA computes with flush-to-zero on."""
    disagreements: ClassVar[Mapping[str, tuple[str, str]]] = DISAGREEMENTS

    header: ClassVar[str] = (
        "import jax\nimport jax.numpy as jnp\nfrom jax import jvp, vjp\njax.config.update('jax_enable_x64', True)"
    )

    def literal(self, values, dtype: str) -> str:
        return f"jnp.array({values!r}, dtype=jnp.{dtype})"

    def find(self, name: str) -> Callable[..., Any] | None:
        return FORWARDS.get(name)

    def asarray(self, x):
        return jnp.array(x, device=_device(self.device))  # a copy; jnp.asarray may share memory with x

    def asnumpy(self, y) -> np.ndarray:
        return np.array(y)

    def wait(self, y):
        return jax.block_until_ready(y)

    def vjp(self, f, *primals):
        return jax.vjp(f, *primals)

    def jvp(self, f, primals, tangents):
        return jax.jvp(f, tuple(primals), tuple(tangents))

    def compiled(self, f):
        return jax.jit(f)

    def batched(self, f, in_axes=0):
        return jax.vmap(f, in_axes)


def backend(device: str = "cpu") -> Jax:
    """The witness on ``device``; turns float64 on for the whole process (JAX would truncate it to float32)."""
    jax.config.update("jax_enable_x64", True)
    _device(device)
    return Jax(device)


def _device(spec: str):
    platform, _, number = spec.partition(":")
    try:
        return jax.devices(platform)[int(number or 0)]
    except (RuntimeError, IndexError, ValueError) as error:
        here = sorted({f"{d.platform}:{d.id}" for d in [*jax.devices(), *jax.devices("cpu")]})
        raise BackendError(f"jax has no device {spec!r} here, expected one of {', '.join(here)}") from error


def _optax() -> Any:
    """optax has JAX's losses and optimisers, where it is installed."""
    try:
        import optax
    except ImportError as error:
        raise NotImplementedError("jax has no losses and no optimisers, and optax is not installed") from error
    return optax


def _choice(table: Mapping[str, Any], name: str, what: str):
    if name not in table:
        raise ValueError(f"{what}: got {name!r}, want one of {', '.join(table)}")
    return table[name]


# linear, calculus, activation


def neuron(x, w, b, *, activation):
    table = {"identity": jax.nn.identity, "sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh, "relu": jax.nn.relu}
    return _choice(table, activation, "activation")(x @ w + b)


def norm(x, *, ord, axis, keepdims):
    """jnp.linalg.norm over a pair of axes reads a number as an operator norm: numbers go to vector_norm."""
    if ord == "fro":
        return jnp.linalg.norm(x, ord, axis, keepdims)
    return jnp.linalg.vector_norm(x, ord=ord, axis=axis, keepdims=keepdims)


def gradient_descent(a, b, x0, *, lr, steps):
    slope = jax.grad(lambda x: x @ a @ x / 2 - b @ x)

    def step(x, _):
        x = x - lr * slope(x)
        return x, x

    return jnp.concat([x0[None], lax.scan(step, x0, length=steps)[1]])


def softplus(x, *, beta, threshold):
    if threshold != float("inf"):
        raise NotImplementedError("jax.nn.softplus has no threshold: it is never replaced by a line")
    return jax.nn.softplus(beta * x) / beta


# loss


def _reduce(each, reduction, weight=None):
    """optax gives one loss an element; the weights and the reduction are the user's."""
    total = _choice({"none": jax.nn.identity, "mean": jnp.mean, "sum": jnp.sum}, reduction, "reduction")
    return total(each if weight is None else weight * each)


def huber(input, target, *, delta, reduction):
    return _reduce(_optax().huber_loss(input, target, delta=delta), reduction)


def binary_cross_entropy(input, target, weight, *, reduction):
    """optax takes logits only; of probabilities it is written with xlogy, for which 0 log 0 = 0."""
    return _reduce(-special.xlogy(target, input) - special.xlog1py(1 - target, -input), reduction, weight)


def binary_cross_entropy_with_logits(input, target, weight, pos_weight, *, reduction):
    if pos_weight is not None:
        raise NotImplementedError("optax.sigmoid_binary_cross_entropy has no pos_weight")
    return _reduce(_optax().sigmoid_binary_cross_entropy(input, target), reduction, weight)


def cross_entropy(input, target, weight, *, reduction, ignore_index, label_smoothing):
    """optax has no class weights and no ignored labels: they scale its losses, and the mean divides by their sum.

    Smoothed labels are weighted class by class: optax takes a target distribution that need not sum to 1.
    """
    optax = _optax()
    scale = 1 if weight is None else _channels(weight, input)
    if jnp.issubdtype(target.dtype, jnp.floating):
        smooth = scale * optax.smooth_labels(target, label_smoothing, axis=1)
        return _reduce(optax.softmax_cross_entropy(input, smooth, axis=1), reduction)
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
    optax = _optax()
    kl = optax.losses.kl_divergence_with_log_targets if log_target else optax.losses.kl_divergence
    each = kl(input, target, axis=())  # summed over no axis: the loss of each element
    return jnp.sum(each) / input.shape[0] if reduction == "batchmean" else _reduce(each, reduction)


# statistics


def quantile(x, *, q, axis, method):
    if method not in ("linear", "inverted_cdf"):
        raise NotImplementedError(f"jnp.quantile has the methods linear and inverted_cdf of the nine, not {method!r}")
    q = jnp.asarray(q, x.dtype)  # as it is without x64; a float64 q and float32 data: inverted_cdf raises TypeError
    return jnp.quantile(x, q, axis, method=method)


# norm: JAX has the step that all of them share, jax.nn.standardize. Its variance is by default ("fast")
# the mean of the squares less the square of the mean, and it is asked as it is.


def _channels(p, x):
    """One parameter a channel (axis 1), in a shape that broadcasts against x."""
    return p.reshape((-1,) + (1,) * (x.ndim - 2))


def batch_norm(x, gamma, beta, *, eps):
    z = jax.nn.standardize(x, (0, *range(2, x.ndim)), epsilon=eps)
    return z * _channels(gamma, x) + _channels(beta, x)


def batch_norm_inference(x, gamma, beta, running_mean, running_var, *, eps):
    z = jax.nn.standardize(x, mean=_channels(running_mean, x), variance=_channels(running_var, x), epsilon=eps)
    return z * _channels(gamma, x) + _channels(beta, x)


def _batch_statistics(x):
    axes = (0, *range(2, x.ndim))
    return jnp.mean(x, axes), jnp.var(x, axes, correction=1)


def batch_norm_running(x, running_mean, running_var, *, momentum):
    """optax's step size is torch's momentum: the weight of the new batch."""
    return _optax().incremental_update(_batch_statistics(x), (running_mean, running_var), momentum)


def layer_norm(x, gamma, beta, *, eps):
    return jax.nn.standardize(x, tuple(range(-gamma.ndim, 0)), epsilon=eps) * gamma + beta


# convolution


def conv2d(x, w, b, *, stride, padding, dilation, groups):
    y = lax.conv_general_dilated(
        x,
        w,
        window_strides=stride,
        padding="SAME" if padding == "same" else [(p, p) for p in padding],
        rhs_dilation=dilation,  # the kernel's; lhs_dilation makes a transposed convolution
        dimension_numbers=("NCHW", "OIHW", "NCHW"),
        feature_group_count=groups,
    )
    return y if b is None else y + _channels(b, x)


def _pool(x, start, combine, kernel_size, stride, padding):
    pads = [(0, 0), (0, 0), *((p, p) for p in padding)]
    return lax.reduce_window(x, start, combine, (1, 1, *kernel_size), (1, 1, *stride), pads)


def max_pool2d(x, *, kernel_size, stride, padding):
    return _pool(x, -jnp.inf, lax.max, kernel_size, stride, padding)


def avg_pool2d(x, *, kernel_size, stride, padding, count_include_pad):
    counted = partial(_pool, start=0.0, combine=lax.add, kernel_size=kernel_size, stride=stride, padding=padding)
    return counted(x) / (kernel_size[0] * kernel_size[1] if count_include_pad else counted(jnp.ones_like(x)))


# optim


def adam_step(p, g, m, v, *, t, lr, beta1, beta2, eps):
    optimiser = _optax().adam(lr, beta1, beta2, eps)
    moments, *rest = optimiser.init(p)
    # count is the number of steps already taken, t the number of this one
    moments = moments._replace(count=jnp.full_like(moments.count, t - 1), mu=m, nu=v)
    updates, (moments, *_) = optimiser.update(g, (moments, *rest), p)
    return _optax().apply_updates(p, updates), moments.mu, moments.nu


def _trajectory(optimiser, p, grads):
    """The parameters after each step of an optax optimiser."""

    def step(carry, g):
        p, state = carry
        updates, state = optimiser.update(g, state, p)
        p = _optax().apply_updates(p, updates)
        return (p, state), p

    return lax.scan(step, (p, optimiser.init(p)), grads)[1]


# model


def mlp(x, *theta, activation):
    *hidden, w, b = theta
    for w_hidden, b_hidden in zip(hidden[::2], hidden[1::2], strict=True):
        x = neuron(x, w_hidden, b_hidden, activation=activation)
    return x @ w + b


def mlp_binary_loss(x, target, *theta, activation):
    return _optax().sigmoid_binary_cross_entropy(mlp(x, *theta, activation=activation), target).mean()


def _label_loss(logits, labels):
    return _optax().softmax_cross_entropy_with_integer_labels(logits, labels).mean()


def mlp_classifier_loss(x, labels, *theta, activation):
    return _label_loss(mlp(x, *theta, activation=activation), labels)


def _cnn(norm1, norm2, x, w1, gamma1, beta1, w2, gamma2, beta2, w3, b3):
    """The logits, and what enters the two norms."""
    conv = partial(conv2d, b=None, stride=(1, 1), padding=(1, 1), dilation=(1, 1), groups=1)
    pool = partial(max_pool2d, kernel_size=(2, 2), stride=(2, 2), padding=(0, 0))
    a1 = conv(x, w1)
    a2 = conv(pool(jax.nn.relu(norm1(a1, gamma1, beta1))), w2)
    h = pool(jax.nn.relu(norm2(a2, gamma2, beta2)))
    return lax.collapse(h, 1) @ w3 + b3, a1, a2


def _cnn_training(x, *theta, eps):
    return _cnn(partial(batch_norm, eps=eps), partial(batch_norm, eps=eps), x, *theta)


def cnn_statistics(x, *theta, eps):
    _, a1, a2 = _cnn_training(x, *theta, eps=eps)
    return (*_batch_statistics(a1), *_batch_statistics(a2))


def cnn_inference(x, *theta_and_statistics, eps):
    *theta, mean1, var1, mean2, var2 = theta_and_statistics
    norm1 = partial(batch_norm_inference, running_mean=mean1, running_var=var1, eps=eps)
    norm2 = partial(batch_norm_inference, running_mean=mean2, running_var=var2, eps=eps)
    return _cnn(norm1, norm2, x, *theta)[0]


def _names(module, *names):
    return {name: getattr(module, name) for name in names}


FORWARDS: dict[str, Callable[..., Any]] = {
    # the same name, arguments and meaning as ours
    **_names(jnp, "dot", "matmul", "exp", "log", "sqrt", "square", "absolute", "sin", "cos", "tanh"),
    **_names(jnp, "sum", "mean", "max", "median", "std"),
    **_names(jax.nn, "relu", "silu", "sigmoid", "softmax", "log_softmax", "logsumexp"),
    **_names(special, "erf", "erfc"),
    "variance": jnp.var,
    "normal_log_density": jax.scipy.stats.norm.logpdf,
    "normal_cdf": jax.scipy.stats.norm.cdf,
    # a factorisation returns a named tuple; its cotangent would have to be one too, hence tuple(...)
    "eigh": lambda a: tuple(jnp.linalg.eigh(a)),
    "svd": lambda a: tuple(jnp.linalg.svd(a, full_matrices=False)),
    # one line of natives
    "linear": lambda x, w, b: x @ w + b,
    "pca_transform": lambda x, mean, components: (x - mean) @ components.T,
    "pca_reconstruct": lambda z, mean, components: z @ components + mean,
    "pca_whiten": lambda x, mean, components, variance: (x - mean) @ components.T / jnp.sqrt(variance),
    "gelu": lambda x, *, approximate: jax.nn.gelu(x, _choice({"none": False, "tanh": True}, approximate, "gelu")),
    "mse": lambda input, target, *, reduction: _reduce(_optax().squared_error(input, target), reduction),
    "entropy": lambda p, *, axis: jnp.sum(special.entr(p), axis),
    "cross_entropy_between": lambda p, q, *, axis: jnp.sum(-special.xlogy(p, q), axis),
    "kl_categorical": lambda p, q, *, axis: jnp.sum(special.rel_entr(p, q), axis),  # special.kl_div adds q - p
    "reparameterize": lambda noise, mu, sigma: mu + sigma * noise,
    "monte_carlo_expectation": lambda fx: (jnp.mean(fx, 0), jax.scipy.stats.sem(fx, 0, ddof=1)),
    "quartiles": lambda x, *, axis: quantile(x, q=[0.25, 0.5, 0.75], axis=axis, method="linear"),
    "sgd_step": lambda p, g, *, lr: _trajectory(_optax().sgd(lr), p, g[None])[0],
    "sgd": lambda p, grads, *, lr: _trajectory(_optax().sgd(lr), p, grads),
    "adam": lambda p, grads, *, lr, beta1, beta2, eps: _trajectory(_optax().adam(lr, beta1, beta2, eps), p, grads),
    "cnn": lambda x, *theta, eps: _cnn_training(x, *theta, eps=eps)[0],
    "cnn_loss": lambda x, labels, *theta, eps: _label_loss(_cnn_training(x, *theta, eps=eps)[0], labels),
    # a few lines: above
    **{f.__name__: f for f in (neuron, norm, gradient_descent, softplus, huber, binary_cross_entropy)},
    **{f.__name__: f for f in (binary_cross_entropy_with_logits, cross_entropy, kl_div, quantile, batch_norm)},
    **{f.__name__: f for f in (batch_norm_inference, batch_norm_running, layer_norm, conv2d, max_pool2d, avg_pool2d)},
    **{f.__name__: f for f in (adam_step, mlp, mlp_binary_loss, mlp_classifier_loss, cnn_statistics, cnn_inference)},
}
