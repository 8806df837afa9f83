"""What PyTorch 2.13 was found to do wrong: strict declared disagreements, on the CPU.

Each entry is a reason, an upstream link where there is one, and the questions it concerns (patterns of fnmatch on
their names). A declared question that starts to agree fails, and so does a pattern that matches no question. The
minimal reproduction of each is what crosscheck prints for the question,
`pytest --crosscheck=torch -k "OPERATION and CASE"`, with the entry removed.
"""

from __future__ import annotations

LEDGER: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "the JVP rule of batch_norm is not differentiable: its own derivative drops terms",
        "https://github.com/pytorch/pytorch/issues/196699",
        (
            "*-over-forward:batch_norm-*-*",
            "*-over-forward:cnn-*-*",
            "*-over-forward:cnn_loss-*-*",
            "*-over-forward:cnn_statistics-*-*",
        ),
    ),
    (
        "the JVP rule of layer_norm is not differentiable: its own derivative drops terms",
        "https://github.com/pytorch/pytorch/issues/196700",
        ("*-over-forward:layer_norm-*-*",),
    ),
    (
        "nan: the reverse mode through the JVP rule of eigh multiplies 0 by the infinite 1/(w_i - w_i)",
        "https://github.com/pytorch/pytorch/issues/198017",
        ("reverse-over-forward:eigh-*-*",),
    ),
    (
        "no channels: IndexError inside F.batch_norm",
        "",
        ("empty:batch_norm-no-channels-float64",),
    ),
    (
        "the derivative is taken from the rounded result, y (1 - y) or 1 - y^2, which cancels where y nears 1",
        "https://github.com/pytorch/pytorch/issues/195527",
        (
            "*-over-*:sigmoid-saturated-*",
            "*-over-*:tanh-saturated-*",
            "batched:sigmoid-saturated-*",
            "batched:tanh-saturated-*",
            "exhaustive:sigmoid-vector-bfloat16",
            "jvp:sigmoid-saturated-*",
            "jvp:tanh-saturated-*",
            "vjp:sigmoid-saturated-*",
            "vjp:tanh-saturated-*",
        ),
    ),
    (
        "gelu(-inf) is nan, its limit is 0",
        "https://github.com/pytorch/pytorch/issues/185770",
        ("special:gelu-*-*",),
    ),
    (
        "1 + erf and 1 + tanh cancel in the lower tail",
        "https://github.com/pytorch/pytorch/pull/189234",
        (
            "*-over-*:gelu-tanh-tails-*",
            "batched:gelu-none-tails-*",
            "batched:gelu-tanh-tails-*",
            "exhaustive:gelu-*-*",
            "jvp:gelu-none-tails-float32",
            "jvp:gelu-tanh-tails-float32",
            "jvp:gelu-tanh-tails-float64",
            "layout:gelu-none-tails-float64",
            "layout:gelu-tanh-tails-*",
            "value:gelu-none-tails-float32",
            "value:gelu-none-tails-float64",
            "value:gelu-tanh-tails-float32",
            "value:gelu-tanh-tails-float64",
            "vjp:gelu-none-tails-float32",
            "vjp:gelu-none-tails-float64",
            "vjp:gelu-tanh-tails-float32",
            "vjp:gelu-tanh-tails-float64",
        ),
    ),
    (
        "silu(-inf) is nan, its limit is 0",
        "https://github.com/pytorch/pytorch/issues/160876",
        ("special:silu-limits-*",),
    ),
    (
        "1 - sigmoid(x) cancels in the derivatives where sigmoid nears 1; x sigmoid(x) underflows early",
        "https://github.com/pytorch/pytorch/issues/195527",
        (
            "*-over-*:silu-saturated-*",
            "batched:silu-saturated-float32",
            "exhaustive:silu-vector-bfloat16",
            "jvp:silu-saturated-float32",
            "jvp:silu-saturated-float64",
            "vjp:silu-saturated-float32",
        ),
    ),
    (
        "without a threshold exp(beta x) overflows: inf for large x",
        "",
        (
            "exhaustive:softplus-flat-*",
            "exhaustive:softplus-steep-*",
            "exhaustive:softplus-vector-*",
            "special:softplus-limits-*",
        ),
    ),
    (
        "the second derivative is taken from a rounded sigmoid, which cancels where it nears 1",
        "https://github.com/pytorch/pytorch/issues/195527",
        (
            "*-over-*:softplus-saturated-*",
            "*-over-*:softplus-steep-float32",
        ),
    ),
    (
        "Normal.cdf is (1 + erf(z/sqrt 2))/2, which cancels in the lower tail",
        "https://github.com/pytorch/pytorch/issues/192295",
        (
            "batched:normal_cdf-broadcast-float32",
            "batched:normal_cdf-lower-tail-*",
            "layout:normal_cdf-broadcast-float32",
            "layout:normal_cdf-lower-tail-*",
            "value:normal_cdf-broadcast-float32",
            "value:normal_cdf-lower-tail-*",
        ),
    ),
    (
        "the second derivatives clamp and shift by an epsilon of 1e-12 in every format",
        "https://github.com/pytorch/pytorch/pull/77416",
        (
            "*-over-*:binary_cross_entropy-*-float64",
            "*-over-*:binary_cross_entropy-rare-float32",
        ),
    ),
    (
        "the logarithm is clamped at -100: 100 instead of inf",
        "https://github.com/pytorch/pytorch/issues/103316",
        ("special:binary_cross_entropy-certain-*",),
    ),
    (
        "raises for nan instead of passing it on",
        "",
        ("special:binary_cross_entropy-nan-*",),
    ),
    (
        "nan for an infinite logit that is wrong for sure: inf - inf",
        "https://github.com/pytorch/pytorch/issues/135359",
        ("special:binary_cross_entropy_with_logits-wrong-for-sure-*",),
    ),
    (
        "0 for a confident right answer: log(1 + e^-|x|) is rounded away",
        "https://github.com/pytorch/pytorch/issues/195529",
        (
            "batched:binary_cross_entropy_with_logits-confident-*",
            "layout:binary_cross_entropy_with_logits-confident-*",
            "value:binary_cross_entropy_with_logits-confident-*",
        ),
    ),
    (
        "0 (log 0 - log q) is nan where the limit is 0",
        "https://github.com/pytorch/pytorch/issues/51910",
        (
            "special:kl_categorical-neither-shows-*",
            "special:kl_div-log-never-shown-*",
            "special:kl_div-neither-shows-*",
        ),
    ),
    (
        "of normals that are close, or of very different widths, terms that cancel are rounded first",
        "",
        (
            "batched:kl_normal-close-*",
            "forward-over-reverse:kl_normal-narrow-and-wide-*",
            "layout:kl_normal-close-*",
            "reverse-over-*:kl_normal-narrow-and-wide-*",
            "value:kl_normal-close-*",
        ),
    ),
    (
        "interpolating next to an infinity gives nan where the quantile is exact",
        "https://github.com/pytorch/pytorch/issues/133998",
        (
            "special:median-infinite-*",
            "special:quantile-infinite-*",
        ),
    ),
    (
        "refuses an empty array, whose quantiles are nan",
        "",
        (
            "empty:median-nothing-float64",
            "empty:quantile-nothing-float64",
            "empty:quartiles-nothing-float64",
        ),
    ),
    (
        "silently broadcasts or ignores arguments that do not fit",
        "",
        (
            "refused:cross_entropy_between-shapes-differ-float64",
            "refused:gradient_descent-negative-steps-float64",
            "refused:huber-column-against-row-float64",
            "refused:huber-target-broadcasts-float64",
            "refused:kl_categorical-shapes-differ-float64",
            "refused:kl_div-column-against-row-float64",
            "refused:kl_div-target-broadcasts-float64",
            "refused:linear-bias-for-each-row-float64",
            "refused:linear-bias-of-one-float64",
            "refused:mlp-bias-of-one-float64",
            "refused:monte_carlo_expectation-*-float64",
            "refused:mse-column-against-row-float64",
            "refused:mse-target-broadcasts-float64",
            "refused:pca_reconstruct-short-mean-float64",
            "refused:pca_transform-short-mean-float64",
            "refused:pca_whiten-one-variance-float64",
        ),
    ),
    (
        "torch.std of equal values has the derivative nan, which is no subgradient",
        "",
        ("kink:monte_carlo_expectation-all-equal-*",),
    ),
    (
        "y (xdot - sum y xdot) cancels where one exponential dominates",
        "",
        (
            "*-over-reverse:logsumexp-spread-*",
            "jvp:softmax-spread-*",
            "reverse-over-reverse:softmax-spread-float32",
        ),
    ),
)

DISAGREEMENTS = {pattern: (reason, link) for reason, link, patterns in LEDGER for pattern in patterns}
