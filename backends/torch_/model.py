"""Models in PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch.optim.sgd import sgd

from .linear import ACTIVATIONS, affine


def _linear_regression(x, target, *, alpha):
    """Least squares of the centred rows and, for the penalty, of as many more as there are weights."""
    mean_x, mean_target = x.mean(dim=0), target.mean()
    rows, rest = x - mean_x, target - mean_target
    if alpha:
        penalty = torch.eye(x.shape[1], dtype=x.dtype, device=x.device) * alpha**0.5
        rows, rest = torch.cat([rows, penalty]), torch.cat([rest, torch.zeros_like(mean_x)])
    w = torch.linalg.lstsq(rows, rest[:, None], driver="gels").solution[:, 0]
    return w, mean_target - mean_x @ w


def _linear_regression_loss_values(x, target, w, b, *, alpha):
    y = F.linear(x, w[None], b[None]).squeeze(-1)
    error, penalty = F.mse_loss(y, target), (alpha / len(target) * w.square()).sum()
    return {"y": y, "error": error, "penalty": penalty, "loss": error + penalty}


def _logistic_regression_values(x, w, b):
    z = F.linear(x, w[None], b[None]).squeeze(-1)
    return {"z": z, "p": torch.sigmoid(z)}


def _logistic_regression_loss_values(x, target, w, b, *, alpha):
    z = F.linear(x, w[None], b[None]).squeeze(-1)
    error, penalty = F.binary_cross_entropy_with_logits(z, target), (alpha / 2 * w.square()).sum()
    return {"z": z, "error": error, "penalty": penalty, "loss": error + penalty}


def _softmax_regression_values(x, w, b):
    z = affine(x, w, b)
    return {"z": z, "p": F.softmax(z, dim=1)}


def _softmax_regression_loss_values(x, labels, w, b, *, alpha):
    z = affine(x, w, b)
    error, penalty = F.cross_entropy(z, labels), (alpha / 2 * w.square()).sum()
    return {"z": z, "error": error, "penalty": penalty, "loss": error + penalty}


def _mlp_values(x, *theta, activation):
    *hidden, last = zip(theta[::2], theta[1::2], strict=True)
    values = {}
    for k, (w, b) in enumerate(hidden, 1):
        values[f"z{k}"] = affine(x, w, b)
        values[f"h{k}"] = x = ACTIVATIONS[activation](values[f"z{k}"])
    return values | {"y": affine(x, *last)}


def mlp(x, *theta, activation):
    return _mlp_values(x, *theta, activation=activation)["y"]


def _mlp_jacobian(x, *theta, activation):
    """Of each row: the last bias does not matter to it."""
    last = theta[-1].new_zeros(theta[-1].shape[1])

    def f(row):
        return mlp(row, *theta, last, activation=activation)

    return torch.func.vmap(torch.func.jacrev(f))(x)


def _mlp_binary_loss_values(x, target, *theta, activation):
    values = _mlp_values(x, *theta, activation=activation)
    return values | {"loss": F.binary_cross_entropy_with_logits(values["y"], target)}


def _mlp_classifier_loss_values(x, labels, *theta, activation):
    values = _mlp_values(x, *theta, activation=activation)
    return values | {"loss": F.cross_entropy(values["y"], labels)}


def _mlp_training(x, target, *theta, activation, steps, lr, weight_decay):
    """torch's gradient, and the step that torch.optim.SGD takes for the matrices and for the biases."""

    def loss_of(theta):
        return F.binary_cross_entropy_with_logits(mlp(x, *theta, activation=activation), target)

    losses, once = [], {"momentum": 0, "dampening": 0, "nesterov": False, "maximize": False}
    for _ in range(steps):
        gradients, loss = torch.func.grad_and_value(loss_of)(theta)
        theta = [p.clone() for p in theta]
        for of_kind, decay in ((slice(0, None, 2), weight_decay), (slice(1, None, 2), 0)):
            sgd(theta[of_kind], list(gradients[of_kind]), [None] * (len(theta) // 2), lr=lr, weight_decay=decay, **once)
        losses.append(loss)
    return torch.stack(losses), *theta


def _block(k, x, w, gamma, beta, mean=None, var=None, *, eps):
    """Convolution, batch norm (by statistics of the batch where none are given), relu, max pooling."""
    z = F.conv2d(x, w, padding=1)
    n = F.batch_norm(z, mean, var, gamma, beta, training=mean is None, eps=eps)
    h = F.relu(n)
    return {f"z{k}": z, f"n{k}": n, f"h{k}": h, f"p{k}": F.max_pool2d(h, 2)}


def _two_blocks(x, w1, gamma1, beta1, w2, gamma2, beta2, w3, b3, *, first=(), second=(), eps):
    values = _block(1, x, w1, gamma1, beta1, *first, eps=eps)
    values |= _block(2, values["p1"], w2, gamma2, beta2, *second, eps=eps)
    return values | {"y": affine(values["p2"].flatten(1), w3, b3)}


def _cnn_values(x, *theta, eps):
    return _two_blocks(x, *theta, eps=eps)


def _cnn_inference_values(x, *theta_and_statistics, eps):
    *theta, mean1, var1, mean2, var2 = theta_and_statistics
    return _two_blocks(x, *theta, first=(mean1, var1), second=(mean2, var2), eps=eps)


def _cnn_loss_values(x, labels, *theta, eps):
    values = _cnn_values(x, *theta, eps=eps)
    return values | {"loss": F.cross_entropy(values["y"], labels)}


def _cnn_statistics(x, *theta, eps):
    values = _cnn_values(x, *theta, eps=eps)
    (var1, mean1), (var2, mean2) = (torch.var_mean(values[z], dim=(0, 2, 3), correction=1) for z in ("z1", "z2"))
    return mean1, var1, mean2, var2


def _convolved(k, x, w, gamma, beta, eps):
    z = F.conv2d(x, w, padding=1)
    return {f"z{k}": z, f"n{k}": F.batch_norm(z, None, None, gamma, beta, training=True, eps=eps)}


def _residual_block_values(x, w1, gamma1, beta1, w2, gamma2, beta2, *, eps):
    values = _convolved(1, x, w1, gamma1, beta1, eps)
    values["h1"] = F.relu(values["n1"])
    values |= _convolved(2, values["h1"], w2, gamma2, beta2, eps)
    s = x + values["n2"]
    return values | {"s": s, "y": F.relu(s)}


def _residual_classifier_values(x, w0, gamma0, beta0, *theta, eps):
    *block, w3, b3 = theta
    values = _convolved(0, x, w0, gamma0, beta0, eps)
    values["h0"] = F.relu(values["n0"])
    values |= _residual_block_values(values["h0"], *block, eps=eps)
    values["h2"] = values.pop("y")
    values["mean"] = F.adaptive_avg_pool2d(values["h2"], 1).flatten(1)
    return values | {"y": affine(values["mean"], w3, b3)}


def _residual_classifier_loss_values(x, labels, *theta, eps):
    values = _residual_classifier_values(x, *theta, eps=eps)
    return values | {"loss": F.cross_entropy(values["y"], labels)}


def _autoencoder_values(x, w1, b1, w2, b2, w3, b3, w4, b4):
    z1 = affine(x, w1, b1)
    h1 = torch.tanh(z1)
    code = affine(h1, w2, b2)
    z2 = affine(code, w3, b3)
    h2 = torch.tanh(z2)
    return {"z1": z1, "h1": h1, "code": code, "z2": z2, "h2": h2, "y": affine(h2, w4, b4)}


def _autoencoder_loss_values(x, *theta):
    values = _autoencoder_values(x, *theta)
    return values | {"loss": F.mse_loss(values["y"], x)}


def _vae_values(x, noise, w1, b1, w2, b2, w3, b3, w4, b4, w5, b5):
    a1 = affine(x, w1, b1)
    h1 = torch.tanh(a1)
    mu, logvar = affine(h1, w2, b2), affine(h1, w3, b3)
    std = torch.exp(logvar / 2)
    z = torch.addcmul(mu, std, noise)
    a2 = affine(z, w4, b4)
    h2 = torch.tanh(a2)
    encoded = {"a1": a1, "h1": h1, "mu": mu, "logvar": logvar, "std": std, "z": z}
    return encoded | {"a2": a2, "h2": h2, "y": affine(h2, w5, b5)}


def _vae_loss_values(x, noise, *theta):
    """The divergence as its formula: kl_divergence of two Normal takes the logarithm of a standard deviation."""
    values = _vae_values(x, noise, *theta)
    mu, logvar = values["mu"], values["logvar"]
    reconstruction = F.binary_cross_entropy_with_logits(values["y"], x, reduction="none").sum(1)
    kl = (mu.square() + torch.expm1(logvar) - logvar).sum(1) / 2
    return values | {"reconstruction": reconstruction, "kl": kl, "loss": (reconstruction + kl).mean()}


FORWARDS = {
    "mlp_jacobian": _mlp_jacobian,
    "linear_regression": _linear_regression,
    "linear_regression_loss": lambda *args, **params: _linear_regression_loss_values(*args, **params)["loss"],
    "linear_regression_loss_values": _linear_regression_loss_values,
    "logistic_regression": lambda *args: _logistic_regression_values(*args)["p"],
    "logistic_regression_values": _logistic_regression_values,
    "logistic_regression_loss": lambda *args, **params: _logistic_regression_loss_values(*args, **params)["loss"],
    "logistic_regression_loss_values": _logistic_regression_loss_values,
    "softmax_regression": lambda *args: _softmax_regression_values(*args)["p"],
    "softmax_regression_values": _softmax_regression_values,
    "softmax_regression_loss": lambda *args, **params: _softmax_regression_loss_values(*args, **params)["loss"],
    "softmax_regression_loss_values": _softmax_regression_loss_values,
    "mlp": mlp,
    "mlp_values": _mlp_values,
    "mlp_binary_loss": lambda *args, **params: _mlp_binary_loss_values(*args, **params)["loss"],
    "mlp_binary_loss_values": _mlp_binary_loss_values,
    "mlp_classifier_loss": lambda *args, **params: _mlp_classifier_loss_values(*args, **params)["loss"],
    "mlp_classifier_loss_values": _mlp_classifier_loss_values,
    "mlp_training": _mlp_training,
    "cnn": lambda *args, **params: _cnn_values(*args, **params)["y"],
    "cnn_values": _cnn_values,
    "cnn_loss": lambda *args, **params: _cnn_loss_values(*args, **params)["loss"],
    "cnn_loss_values": _cnn_loss_values,
    "cnn_statistics": _cnn_statistics,
    "cnn_inference": lambda *args, **params: _cnn_inference_values(*args, **params)["y"],
    "cnn_inference_values": _cnn_inference_values,
    "residual_block": lambda *args, **params: _residual_block_values(*args, **params)["y"],
    "residual_block_values": _residual_block_values,
    "residual_classifier": lambda *args, **params: _residual_classifier_values(*args, **params)["y"],
    "residual_classifier_values": _residual_classifier_values,
    "residual_classifier_loss": lambda *args, **params: _residual_classifier_loss_values(*args, **params)["loss"],
    "residual_classifier_loss_values": _residual_classifier_loss_values,
    "autoencoder": lambda *args: _autoencoder_values(*args)["y"],
    "autoencoder_values": _autoencoder_values,
    "autoencoder_loss": lambda *args: _autoencoder_loss_values(*args)["loss"],
    "autoencoder_loss_values": _autoencoder_loss_values,
    "vae": lambda *args: _vae_values(*args)["y"],
    "vae_values": _vae_values,
    "vae_loss": lambda *args: _vae_loss_values(*args)["loss"],
    "vae_loss_values": _vae_loss_values,
}

LEDGER = (
    (
        "the JVP rule of batch_norm is not differentiable: its own derivative drops terms",
        "https://github.com/pytorch/pytorch/issues/196699",
        (
            "*-over-forward:cnn-*-*",
            "*-over-forward:cnn_loss-*-*",
            "*-over-forward:cnn_statistics-*-*",
            "*-over-forward:residual_block-*-*",
            "*-over-forward:residual_classifier-*-*",
            "*-over-forward:residual_classifier_loss-*-*",
        ),
    ),
    (
        "silently broadcasts or ignores arguments that do not fit",
        "",
        (
            "refused:autoencoder-another-width-float64",
            "refused:autoencoder_loss-another-width-float64",
            "refused:linear_regression_loss-targets-in-a-column-float64",
            "refused:mlp-bias-of-one-float64",
            "refused:residual_block-one-channel-for-all-float64",
            "refused:vae-one-noise-for-all-rows-float64",
        ),
    ),
)
