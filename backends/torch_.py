"""PyTorch as a witness: its own operations under our names, and its autodiff, vmap and compiler."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import ml_dtypes
import numpy as np
import torch
import torch.nn.functional as F
from torch.autograd import forward_ad
from torch.distributions import Normal, kl_divergence
from torch.distributions.transforms import AffineTransform
from torch.optim.adam import adam
from torch.optim.sgd import sgd

from . import BackendError
from .torch_ledger import DISAGREEMENTS


@dataclass(frozen=True)
class Torch:
    """torch on one device; see ``Backend`` for what each method means."""

    device: str = "cpu"

    name: ClassVar[str] = "torch"
    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "float16", "bfloat16")
    compile_first: ClassVar[bool] = False
    disagreements: ClassVar[Mapping[str, tuple[str, str]]] = DISAGREEMENTS
    header: ClassVar[str] = "import torch\nimport torch.nn.functional as F\nfrom torch.func import jvp, vjp"

    def literal(self, values: Any, dtype: str) -> str:
        return f"torch.tensor({values!r}, dtype=torch.{dtype})"

    def find(self, name: str) -> Callable[..., Any] | None:
        return FORWARDS.get(name)

    def asarray(self, x: Any) -> torch.Tensor:
        """A copy of the memory that ``x`` looks at, looked at with the same strides."""
        x = np.asarray(x)
        if x.dtype.name == "bfloat16":
            return self.asarray(x.view(np.int16)).view(torch.bfloat16)
        strides = [step // x.itemsize for step in x.strides]
        if x.size == 0 or any(step < 0 or step % x.itemsize for step in x.strides):
            return torch.from_numpy(x.copy()).to(self.device)  # torch has no negative strides
        extent = 1 + sum(step * (size - 1) for step, size in zip(strides, x.shape, strict=True))
        memory = np.lib.stride_tricks.as_strided(x, (extent,), (x.itemsize,)).copy()
        return torch.from_numpy(memory).to(self.device).as_strided(x.shape, strides)

    def asnumpy(self, y: torch.Tensor) -> np.ndarray:
        if y.dtype == torch.bfloat16:
            return self.asnumpy(y.view(torch.int16)).view(ml_dtypes.bfloat16)
        return np.array(y.numpy(force=True))  # force: off the device, off the tape, and zeros known only as such

    def vjp(self, f: Callable[..., Any], *primals: torch.Tensor) -> tuple[Any, Callable[..., Any]]:
        with _derivative():
            y, pull = torch.func.vjp(f, *primals)[:2]
        return y, _derivative()(pull)

    def jvp(self, f: Callable[..., Any], primals: Any, tangents: Any) -> tuple[Any, Any]:
        with _quiet(), _derivative():
            return torch.func.jvp(f, tuple(primals), tuple(tangents))[:2]

    def value_and_vjp(self, f: Callable[..., Any], x: Any, ybar: Any) -> tuple[Any, Any]:
        """On the tape, as a training step does; torch.func.vjp costs four times as much on a small array."""
        x = [v.detach().requires_grad_() for v in x]
        try:
            y = f(*x)
            return y, torch.autograd.grad(y, x, ybar, materialize_grads=True)
        except RuntimeError:
            with _derivative():
                raise

    @property
    def wait(self) -> Callable[[Any], Any] | None:
        if self.device == "cpu":
            return None
        return lambda y: (torch.accelerator.synchronize(self.device), y)[1]

    def compiled(self, f: Callable[..., Any]) -> Callable[..., Any]:
        def entry(*args):
            return f(*args)

        # The compiler gives up on a code object after eight compilations, and closures share theirs: a new one each.
        entry.__code__ = entry.__code__.replace()
        return _quiet()(torch.compile(entry, fullgraph=True, dynamic=False))

    def batched(self, f: Callable[..., Any], in_axes: Any) -> Callable[..., Any]:
        return _quiet()(torch.vmap(f, in_dims=in_axes))


def backend(device: str = "cpu") -> Torch:
    """torch on ``device``: "cpu", "cuda", "cuda:1", "mps", "xpu" ..."""
    try:
        usable = torch.device(device).type != "meta"  # a device whose tensors have no values
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, ImportError):  # as torch was built without the device, or does not know it
        usable = False
    if not usable:
        accelerator = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
        found = [f"{accelerator.type}:{i}" for i in range(torch.accelerator.device_count())] if accelerator else []
        raise BackendError(
            f"torch {torch.__version__} has no device {device!r} here, expected one of {['cpu', *found]}"
        )
    return Torch(device)


QUIET = (
    ("There is a performance drop because we have not yet implemented the batching rule", UserWarning),
    (r"`torch\.jit\.\w+` is deprecated", DeprecationWarning),  # torch's own, at its first forward AD and compilation
    ("Using padding='same' with even kernel lengths", UserWarning),
    (r"(var|std)\(\): degrees of freedom is <= 0", UserWarning),  # and answers nan, as it should
)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the warnings that say how torch does a thing, not that the answer is in doubt."""
    if torch.compiler.is_compiling():  # the compiler cannot trace filters; ``compiled`` sets them around it
        yield
        return
    with warnings.catch_warnings():
        for message, category in QUIET:
            warnings.filterwarnings("ignore", message, category)
        yield


@contextmanager
def _derivative() -> Iterator[None]:
    """Where torch declares an argument not differentiable (running statistics), the derivative is not offered."""
    try:
        yield
    except RuntimeError as error:
        if "not differentiable" not in str(error):
            raise
        raise NotImplementedError(f"torch: {error}") from error


def _neuron(x, w, b, *, activation):
    """One output of nn.Linear(d, 1). F.linear documents a 1-D weight, but refuses it together with a bias."""
    return ACTIVATIONS[activation](F.linear(x, w[None], b[None])).squeeze(-1)


def _linear(x, w, b):
    """Our w is (n_in, n_out), that of torch (n_out, n_in)."""
    return F.linear(x, w.mT, b)


def _gradient_descent(a, b, x0, *, lr, steps):
    """The gradient of f by autograd, the step by torch.optim."""
    iterates = [x0]
    for _ in range(steps):
        gradient = torch.func.grad(lambda x: torch.dot(x, a @ x) / 2 - torch.dot(b, x))(iterates[-1])
        iterates.append(_sgd_step(iterates[-1], gradient, lr=lr))
    return torch.stack(iterates)


def _binary_cross_entropy_with_logits(input, target, weight, pos_weight, *, reduction):
    """torch takes pos_weight last, after two arguments that it has deprecated."""
    return F.binary_cross_entropy_with_logits(input, target, weight, pos_weight=pos_weight, reduction=reduction)


def _max(x, *, axis, keepdims):
    """Not torch.max, which takes a single axis and there gives the whole gradient to one of several equal values."""
    return torch.amax(x, dim=() if axis is None else axis, keepdim=keepdims)


def _logsumexp(x, *, axis, keepdims):
    """The one reduction that demands its axes: None is refused, and () too unless keepdim is set."""
    return torch.logsumexp(x, dim=tuple(range(x.ndim)) if axis is None else axis, keepdim=keepdims)


def _kl_div(input, target, *, reduction, log_target):
    """F.kl_div warns that its "mean" is over all elements, which is what is asked; the function below it does not."""
    if reduction == "mean":
        return torch.kl_div(input, target, 1, log_target=log_target)
    return F.kl_div(input, target, reduction=reduction, log_target=log_target)


def _kl_categorical(p, q, *, axis):
    """F.kl_div takes log q first. (kl_divergence of two Categorical would normalise p and q first.)"""
    return F.kl_div(torch.log(q), p, reduction="none").sum(dim=axis)


def _normal(mu, sigma):
    return Normal(mu, sigma, validate_args=False)


def _monte_carlo_expectation(fx):
    variance, mean = torch.var_mean(fx, correction=1)
    return mean, torch.sqrt(variance / fx.numel())


def _median(x, *, axis, keepdims):
    """Not torch.median, which of an even count returns the lower of the middle two."""
    return torch.quantile(x, 0.5, dim=axis, keepdim=keepdims)


def _quantile(x, *, q, axis, method):
    """Of the nine methods torch has "linear"; its others (lower, higher, nearest, midpoint) are none of the nine."""
    if method != "linear":
        raise NotImplementedError(f"torch.quantile has no interpolation {method!r} of Hyndman and Fan's, only 'linear'")
    return torch.quantile(x, torch.tensor(q, dtype=x.dtype, device=x.device), dim=axis)


def _spread(f):
    return _quiet()(lambda x, *, axis, correction, keepdims: f(x, dim=axis, correction=correction, keepdim=keepdims))


def _batch_norm_running(x, running_mean, running_var, *, momentum):
    """The buffers are updated in place and outside autograd, where a derivative would come out wrong unnoticed."""
    if any(v.requires_grad or forward_ad.unpack_dual(v).tangent is not None for v in (x, running_mean, running_var)):
        raise NotImplementedError("F.batch_norm updates its running statistics outside autograd: no derivative")
    mean, var = running_mean.clone(), running_var.clone()
    F.batch_norm(x, mean, var, training=True, momentum=momentum)
    return mean, var


@_quiet()
def _conv2d(x, w, b, *, stride, padding, dilation, groups):
    return F.conv2d(x, w, b, stride, padding, dilation, groups)


def _state(v, g):
    """A new tensor worth v, for the optimizer to write into; v - 0 is v to the bit, and under vmap batched as g is."""
    return v - torch.zeros_like(g).expand_as(v)


def _sgd_step(p, g, *, lr):
    """What torch.optim.SGD calls in its step; the class itself would step outside autograd."""
    p.clone().grad = g  # as its user does: refuses a gradient of another shape
    p = _state(p, g)
    sgd([p], [g], [None], lr=lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False)
    return p


def _adam_step(p, g, m, v, *, t, lr, beta1, beta2, eps):
    """What torch.optim.Adam calls in its step; it counts a step before it takes it, so the counter stands at t - 1."""
    p.clone().grad = g
    p, m, v = (_state(s, g) for s in (p, m, v))
    betas = {"beta1": beta1, "beta2": beta2}
    options = {"amsgrad": False, "weight_decay": 0, "maximize": False}
    adam([p], [g], [m], [v], [], [torch.tensor(t - 1.0)], lr=lr, eps=eps, **betas, **options)
    return p, m, v


def _sgd(p, grads, *, lr):
    path = [p]
    for g in grads:
        path.append(_sgd_step(path[-1], g, lr=lr))
    return torch.stack(path)[1:]


def _adam(p, grads, **params):
    path, m, v = [p], torch.zeros_like(p), torch.zeros_like(p)
    for t, g in enumerate(grads, 1):
        p, m, v = _adam_step(p, g, m, v, t=t, **params)
        path.append(p)
    return torch.stack(path)[1:]


def _mlp(x, *theta, activation):
    *hidden, last = zip(theta[::2], theta[1::2], strict=True)
    for w, b in hidden:
        x = ACTIVATIONS[activation](_linear(x, w, b))
    return _linear(x, *last)


def _block(x, w, gamma, beta, mean=None, var=None, *, eps):
    """Convolution, batch norm (by statistics of the batch where none are given), relu, max pooling."""
    x = F.batch_norm(F.conv2d(x, w, padding=1), mean, var, gamma, beta, training=mean is None, eps=eps)
    return F.max_pool2d(F.relu(x), 2)


def _cnn(x, w1, gamma1, beta1, w2, gamma2, beta2, w3, b3, *, eps):
    x = _block(_block(x, w1, gamma1, beta1, eps=eps), w2, gamma2, beta2, eps=eps)
    return _linear(x.flatten(1), w3, b3)


def _cnn_statistics(x, w1, gamma1, beta1, w2, *theta, eps):
    z1 = F.conv2d(x, w1, padding=1)
    z2 = F.conv2d(_block(x, w1, gamma1, beta1, eps=eps), w2, padding=1)
    (var1, mean1), (var2, mean2) = (torch.var_mean(z, dim=(0, 2, 3), correction=1) for z in (z1, z2))
    return mean1, var1, mean2, var2


def _cnn_inference(x, w1, gamma1, beta1, w2, gamma2, beta2, w3, b3, mean1, var1, mean2, var2, *, eps):
    x = _block(_block(x, w1, gamma1, beta1, mean1, var1, eps=eps), w2, gamma2, beta2, mean2, var2, eps=eps)
    return _linear(x.flatten(1), w3, b3)


ACTIVATIONS = {"identity": lambda x: x, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": F.relu}

FORWARDS: dict[str, Callable[..., Any]] = {
    # linear
    "dot": torch.dot,
    "matmul": torch.matmul,
    "neuron": _neuron,
    "linear": _linear,
    "norm": lambda x, *, ord, axis, keepdims: torch.linalg.norm(x, ord, axis, keepdims),
    # decomposition; pca_fit: torch.pca_lowrank is a randomised approximation, another operation
    "eigh": lambda a: tuple(torch.linalg.eigh(a)),
    "svd": lambda a: tuple(torch.linalg.svd(a, full_matrices=False)),
    "pca_transform": lambda x, mean, components: F.linear(x - mean, components),
    "pca_reconstruct": lambda z, mean, components: torch.addmm(mean, z, components),
    "pca_whiten": lambda x, mean, components, variance: F.linear(x - mean, components) / torch.sqrt(variance),
    # calculus
    "gradient_descent": _gradient_descent,
    # elementwise
    "erf": torch.erf,
    "erfc": torch.erfc,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "square": torch.square,
    "absolute": torch.abs,
    "sin": torch.sin,
    "cos": torch.cos,
    # reduction
    "sum": lambda x, *, axis, keepdims: torch.sum(x, dim=axis, keepdim=keepdims),
    "mean": lambda x, *, axis, keepdims: torch.mean(x, dim=axis, keepdim=keepdims),
    "max": _max,
    "logsumexp": _logsumexp,
    # activation
    "relu": F.relu,
    "gelu": F.gelu,
    "silu": F.silu,
    "softplus": F.softplus,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "softmax": lambda x, *, axis: F.softmax(x, dim=axis),
    "log_softmax": lambda x, *, axis: F.log_softmax(x, dim=axis),
    # loss
    "mse": F.mse_loss,
    "huber": F.huber_loss,
    "binary_cross_entropy": F.binary_cross_entropy,
    "binary_cross_entropy_with_logits": _binary_cross_entropy_with_logits,
    "cross_entropy": F.cross_entropy,
    "kl_div": _kl_div,
    # divergence
    "entropy": lambda p, *, axis: torch.special.entr(p).sum(dim=axis),
    "cross_entropy_between": lambda p, q, *, axis: -torch.special.xlogy(p, q).sum(dim=axis),
    "kl_categorical": _kl_categorical,
    "kl_normal": lambda mu0, sigma0, mu1, sigma1: kl_divergence(_normal(mu0, sigma0), _normal(mu1, sigma1)),
    # distribution; normal_moments and box_muller: torch has neither central moments nor a map from given noise
    "normal_log_density": lambda x, mu, sigma: _normal(mu, sigma).log_prob(x),
    "normal_cdf": lambda x, mu, sigma: _normal(mu, sigma).cdf(x),
    "normal_entropy": lambda sigma: _normal(torch.zeros_like(sigma), sigma).entropy(),
    "reparameterize": lambda noise, mu, sigma: AffineTransform(mu, sigma)(noise),
    "monte_carlo_expectation": _monte_carlo_expectation,
    # statistics
    "median": _median,
    "quantile": _quantile,
    "quartiles": lambda x, *, axis: _quantile(x, q=[0.25, 0.5, 0.75], axis=axis, method="linear"),
    "variance": _spread(torch.var),
    "std": _spread(torch.std),
    # norm
    "batch_norm": lambda x, gamma, beta, *, eps: F.batch_norm(x, None, None, gamma, beta, training=True, eps=eps),
    "batch_norm_inference": lambda x, gamma, beta, mean, var, *, eps: F.batch_norm(x, mean, var, gamma, beta, eps=eps),
    "batch_norm_running": _batch_norm_running,
    "layer_norm": lambda x, gamma, beta, *, eps: F.layer_norm(x, gamma.shape, gamma, beta, eps),
    # convolution
    "conv2d": _conv2d,
    "max_pool2d": F.max_pool2d,
    "avg_pool2d": F.avg_pool2d,
    # optim
    "sgd_step": _sgd_step,
    "adam_step": _adam_step,
    "sgd": _sgd,
    "adam": _adam,
    # model
    "mlp": _mlp,
    "mlp_binary_loss": lambda x, t, *theta, **s: F.binary_cross_entropy_with_logits(_mlp(x, *theta, **s), t),
    "mlp_classifier_loss": lambda x, labels, *theta, **s: F.cross_entropy(_mlp(x, *theta, **s), labels),
    "cnn": _cnn,
    "cnn_loss": lambda x, labels, *theta, eps: F.cross_entropy(_cnn(x, *theta, eps=eps), labels),
    "cnn_statistics": _cnn_statistics,
    "cnn_inference": _cnn_inference,
}
