"""What JAX 0.10 and optax 0.2 were found to do wrong: strict declared disagreements, on the CPU.

Each entry is a reason, an upstream link where there is one, and the questions it concerns (patterns of fnmatch on
their names). A declared question that starts to agree fails, and so does a pattern that matches no question. The
minimal reproduction of each is what crosscheck prints for the question,
`pytest --crosscheck=jax -k "OPERATION and CASE"`, with the entry removed.
"""

from __future__ import annotations

LEDGER: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "jax.nn.standardize computes E[x^2] - E[x]^2, which cancels where the mean is large",
        "https://github.com/jax-ml/jax/issues/37281",
        (
            "jvp:batch_norm-shifted-*",
            "jvp:layer_norm-shifted-*",
            "layout:batch_norm-shifted-*",
            "layout:layer_norm-shifted-*",
            "value:batch_norm-shifted-*",
            "value:layer_norm-shifted-*",
            "vjp:batch_norm-shifted-*",
            "vjp:layer_norm-shifted-*",
        ),
    ),
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
        "rel_entr(nan, q) is inf",
        "https://github.com/jax-ml/jax/issues/38262",
        ("special:kl_categorical-nan-*",),
    ),
    (
        "0 (log 0 - log q) is nan where the limit is 0",
        "https://github.com/google-deepmind/optax/pull/1786",
        (
            "special:kl_div-log-never-shown-*",
            "special:kl_div-neither-shows-*",
        ),
    ),
    (
        "the derivative is s (1 - s), which cancels where s nears 1",
        "https://github.com/jax-ml/jax/issues/40385",
        (
            "jvp:sigmoid-saturated-*",
            "vjp:sigmoid-saturated-*",
        ),
    ),
    (
        "the derivative is taken from the rounded result, 1 - y^2, which cancels",
        "https://github.com/jax-ml/jax/issues/40388",
        (
            "jvp:tanh-saturated-*",
            "vjp:tanh-saturated-*",
        ),
    ),
    (
        "at -inf nan, the limit is 0: -inf times 0",
        "https://github.com/pytorch/pytorch/issues/160876",
        (
            "special:gelu-*-*",
            "special:silu-limits-*",
        ),
    ),
    (
        "the derivatives cancel where the sigmoid nears 1; x sigmoid(x) underflows early",
        "https://github.com/jax-ml/jax/issues/39798",
        (
            "exhaustive:silu-vector-*",
            "exhaustive:softplus-steep-*",
            "jvp:silu-saturated-float32",
            "jvp:silu-saturated-float64",
            "jvp:softplus-saturated-float32",
            "jvp:softplus-saturated-float64",
            "vjp:silu-saturated-float32",
            "vjp:softplus-saturated-float64",
        ),
    ),
    (
        "1 + erf and 1 + tanh cancel in the lower tail",
        "",
        (
            "exhaustive:gelu-tanh-vector-*",
            "jvp:gelu-tanh-tails-*",
            "layout:gelu-tanh-tails-*",
            "value:gelu-tanh-tails-*",
            "vjp:gelu-tanh-tails-*",
        ),
    ),
    (
        "the derivative at 0 is nan, where 0 is a subgradient",
        "https://github.com/jax-ml/jax/issues/3058",
        ("kink:norm-two-norm-at-zero-*",),
    ),
    (
        "the derivative of a standard deviation of equal values is nan, where 0 is a subgradient",
        "https://github.com/jax-ml/jax/issues/11716",
        (
            "kink:monte_carlo_expectation-all-equal-*",
            "kink:std-one-constant-row-*",
        ),
    ),
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            "refused:adam-*-float64",
            "refused:adam_step-*-float64",
            "refused:avg_pool2d-kernel-too-large-float64",
            "refused:avg_pool2d-padding-too-large-float64",
            "refused:batch_norm-gamma-of-one-float64",
            "refused:batch_norm-one-value-a-channel-float64",
            "refused:batch_norm_inference-mean-of-one-float64",
            "refused:batch_norm_running-mean-of-one-float64",
            "refused:batch_norm_running-one-value-a-channel-float64",
            "refused:binary_cross_entropy_with_logits-column-against-row-float64",
            "refused:binary_cross_entropy_with_logits-target-broadcasts-float64",
            "refused:cnn_loss-label-out-of-range-float64",
            "refused:conv2d-bias-of-one-float64",
            "refused:conv2d-kernel-too-large-float64",
            "refused:conv2d-same-with-stride-float64",
            "refused:cross_entropy-label-negative-float64",
            "refused:cross_entropy-label-too-large-float64",
            "refused:cross_entropy-one-label-for-all-float64",
            "refused:cross_entropy-probabilities-differ-float64",
            "refused:cross_entropy-smoothing-above-one-float64",
            "refused:cross_entropy-weight-too-short-float64",
            "refused:cross_entropy_between-shapes-differ-float64",
            "refused:dot-matrices-float64",
            "refused:huber-column-against-row-float64",
            "refused:huber-delta-zero-float64",
            "refused:huber-target-broadcasts-float64",
            "refused:kl_categorical-shapes-differ-float64",
            "refused:kl_div-column-against-row-float64",
            "refused:kl_div-target-broadcasts-float64",
            "refused:layer_norm-beta-of-one-float64",
            "refused:layer_norm-gamma-of-one-float64",
            "refused:linear-bias-for-each-row-float64",
            "refused:linear-bias-of-one-float64",
            "refused:max_pool2d-kernel-too-large-float64",
            "refused:max_pool2d-padding-too-large-float64",
            "refused:mlp-bias-of-one-float64",
            "refused:mlp_binary_loss-target-without-its-axis-float64",
            "refused:mlp_classifier_loss-label-out-of-range-float64",
            "refused:monte_carlo_expectation-*-float64",
            "refused:neuron-bias-for-each-example-float64",
            "refused:neuron-weights-as-column-float64",
            "refused:pca_reconstruct-short-mean-float64",
            "refused:pca_transform-short-mean-float64",
            "refused:pca_whiten-one-variance-float64",
            "refused:quantile-q-above-1-float64",
            "refused:sgd-*-float64",
        ),
    ),
    (
        "y (xdot - sum y xdot) cancels where one exponential dominates",
        "",
        (
            "jvp:softmax-spread-bfloat16",
            "jvp:softmax-spread-float16",
            "jvp:softmax-spread-float64",
        ),
    ),
    (
        "flushes subnormal inputs and intermediate results to 0",
        "",
        (
            "exhaustive:log-vector-bfloat16",
            "exhaustive:sqrt-vector-bfloat16",
        ),
    ),
)

DISAGREEMENTS = {pattern: (reason, link) for reason, link, patterns in LEDGER for pattern in patterns}
