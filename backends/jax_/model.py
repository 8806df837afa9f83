"""Models in JAX."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import lax

from .common import installed_optax
from .convolution import conv2d
from .linear import neuron
from .norm import batch_norm, batch_norm_inference, batch_statistics
from .pooling import max_pool


def linear_regression(x, target, *, alpha):
    """Least squares of the centred rows and, for the penalty, of as many more as there are weights."""
    mean_x, mean_target = x.mean(axis=0), target.mean()
    rows, rest = x - mean_x, target - mean_target
    if alpha:
        penalty = jnp.eye(x.shape[1], dtype=x.dtype) * alpha**0.5
        rows, rest = jnp.concatenate([rows, penalty]), jnp.concatenate([rest, jnp.zeros_like(mean_x)])
    w, *_ = jnp.linalg.lstsq(rows, rest)
    return w, mean_target - mean_x @ w


def linear_regression_loss(x, target, w, b, *, alpha):
    return installed_optax().squared_error(x @ w + b, target).mean() + alpha * jnp.sum(w**2) / len(target)


def logistic_regression_loss(x, target, w, b, *, alpha):
    return _binary_loss(x @ w + b, target) + alpha * jnp.sum(w**2) / 2


def softmax_regression_loss(x, labels, w, b, *, alpha):
    return _label_loss(x @ w + b, labels) + alpha * jnp.sum(w**2) / 2


def mlp(x, *theta, activation):
    *hidden, w, b = theta
    for w_hidden, b_hidden in zip(hidden[::2], hidden[1::2], strict=True):
        x = neuron(x, w_hidden, b_hidden, activation=activation)
    return x @ w + b


def mlp_jacobian(x, *theta, activation):
    """Of each row: the last bias does not matter to it."""
    last = jnp.zeros(theta[-1].shape[1], dtype=x.dtype)
    return jax.vmap(jax.jacobian(lambda row: mlp(row, *theta, last, activation=activation)))(x)


def mlp_binary_loss(x, target, *theta, activation):
    return _binary_loss(mlp(x, *theta, activation=activation), target)


def _binary_loss(logits, target):
    return installed_optax().sigmoid_binary_cross_entropy(logits, target).mean()


def _label_loss(logits, labels):
    return installed_optax().softmax_cross_entropy_with_integer_labels(logits, labels).mean()


def mlp_classifier_loss(x, labels, *theta, activation):
    return _label_loss(mlp(x, *theta, activation=activation), labels)


def mlp_training(x, target, *theta, activation, steps, lr, weight_decay):
    optax = installed_optax()
    matrices = tuple(p.ndim == 2 for p in theta)
    optimiser = optax.chain(optax.add_decayed_weights(weight_decay, mask=matrices), optax.sgd(lr))
    gradient = jax.value_and_grad(lambda theta: mlp_binary_loss(x, target, *theta, activation=activation))
    state, losses = optimiser.init(theta), []
    for _ in range(steps):
        loss, gradients = gradient(theta)
        updates, state = optimiser.update(gradients, state, theta)
        theta = optax.apply_updates(theta, updates)
        losses.append(loss)
    return jnp.stack(losses), *theta


def _cnn(norm1, norm2, x, w1, gamma1, beta1, w2, gamma2, beta2, w3, b3):
    """The logits, and what enters the two norms."""
    conv = partial(conv2d, b=None, stride=(1, 1), padding=(1, 1), dilation=(1, 1), groups=1)
    halving = {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0), "dilation": (1, 1), "ceil_mode": False}
    pool = partial(max_pool, **halving)
    a1 = conv(x, w1)
    a2 = conv(pool(jax.nn.relu(norm1(a1, gamma1, beta1))), w2)
    h = pool(jax.nn.relu(norm2(a2, gamma2, beta2)))
    return lax.collapse(h, 1) @ w3 + b3, a1, a2


def _cnn_training(x, *theta, eps):
    return _cnn(partial(batch_norm, eps=eps), partial(batch_norm, eps=eps), x, *theta)


def cnn_statistics(x, *theta, eps):
    _, a1, a2 = _cnn_training(x, *theta, eps=eps)
    return (*batch_statistics(a1), *batch_statistics(a2))


def cnn_inference(x, *theta_and_statistics, eps):
    *theta, mean1, var1, mean2, var2 = theta_and_statistics
    norm1 = partial(batch_norm_inference, running_mean=mean1, running_var=var1, eps=eps)
    norm2 = partial(batch_norm_inference, running_mean=mean2, running_var=var2, eps=eps)
    return _cnn(norm1, norm2, x, *theta)[0]


def _convolved(x, w, gamma, beta, eps):
    z = conv2d(x, w, None, stride=(1, 1), padding=(1, 1), dilation=(1, 1), groups=1)
    return batch_norm(z, gamma, beta, eps=eps)


def residual_block(x, w1, gamma1, beta1, w2, gamma2, beta2, *, eps):
    h = jax.nn.relu(_convolved(x, w1, gamma1, beta1, eps))
    return jax.nn.relu(x + _convolved(h, w2, gamma2, beta2, eps))


def residual_classifier(x, w0, gamma0, beta0, *theta, eps):
    *block, w3, b3 = theta
    h = residual_block(jax.nn.relu(_convolved(x, w0, gamma0, beta0, eps)), *block, eps=eps)
    return h.mean(axis=(2, 3)) @ w3 + b3


def autoencoder(x, w1, b1, w2, b2, w3, b3, w4, b4):
    code = jnp.tanh(x @ w1 + b1) @ w2 + b2
    return jnp.tanh(code @ w3 + b3) @ w4 + b4


def _encoded(x, w1, b1, w2, b2, w3, b3):
    h = jnp.tanh(x @ w1 + b1)
    return h @ w2 + b2, h @ w3 + b3


def _decoded(mu, logvar, noise, w4, b4, w5, b5):
    return jnp.tanh((mu + jnp.exp(logvar / 2) * noise) @ w4 + b4) @ w5 + b5


def vae(x, noise, *theta):
    return _decoded(*_encoded(x, *theta[:6]), noise, *theta[6:])


def vae_loss(x, noise, *theta):
    mu, logvar = _encoded(x, *theta[:6])
    logits = _decoded(mu, logvar, noise, *theta[6:])
    reconstruction = installed_optax().sigmoid_binary_cross_entropy(logits, x).sum(axis=1)
    return (reconstruction + (mu**2 + jnp.expm1(logvar) - logvar).sum(axis=1) / 2).mean()


FORWARDS = {
    "mlp_jacobian": mlp_jacobian,
    "linear_regression": linear_regression,
    "linear_regression_loss": linear_regression_loss,
    "logistic_regression": lambda x, w, b: jax.nn.sigmoid(x @ w + b),
    "logistic_regression_loss": logistic_regression_loss,
    "softmax_regression": lambda x, w, b: jax.nn.softmax(x @ w + b, axis=1),
    "softmax_regression_loss": softmax_regression_loss,
    "cnn": lambda x, *theta, eps: _cnn_training(x, *theta, eps=eps)[0],
    "cnn_loss": lambda x, labels, *theta, eps: _label_loss(_cnn_training(x, *theta, eps=eps)[0], labels),
    "mlp": mlp,
    "mlp_binary_loss": mlp_binary_loss,
    "mlp_classifier_loss": mlp_classifier_loss,
    "mlp_training": mlp_training,
    "cnn_statistics": cnn_statistics,
    "cnn_inference": cnn_inference,
    "residual_block": residual_block,
    "residual_classifier": residual_classifier,
    "residual_classifier_loss": lambda x, labels, *theta, eps: _label_loss(
        residual_classifier(x, *theta, eps=eps), labels
    ),
    "autoencoder": autoencoder,
    "autoencoder_loss": lambda x, *theta: installed_optax().squared_error(autoencoder(x, *theta), x).mean(),
    "vae": vae,
    "vae_loss": vae_loss,
}

LEDGER = (
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            "refused:cnn_loss-label-out-of-range-float64",
            "refused:logistic_regression_loss-bias-for-each-row-float64",
            "refused:logistic_regression_loss-targets-in-a-column-float64",
            "refused:mlp-bias-of-one-float64",
            "refused:mlp_binary_loss-target-without-its-axis-float64",
            "refused:mlp_classifier_loss-label-out-of-range-float64",
            "refused:autoencoder-another-width-float64",
            "refused:residual_block-one-channel-for-all-float64",
            "refused:residual_classifier_loss-label-out-of-range-float64",
            "refused:softmax_regression_loss-label-out-of-range-float64",
            "refused:vae-one-noise-for-all-rows-float64",
            "refused:vae_loss-another-width-float64",
        ),
    ),
)
