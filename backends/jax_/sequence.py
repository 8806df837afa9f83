"""Tokens and recurrent networks in JAX: jax.nn and the cells of flax.linen, which flax.linen.RNN takes through time.

flax has one matrix for each gate and each product, named by the product (i or h) and the gate, and no bias where
another one is added to the same sum.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .common import choice, installed_flax

ACTIVATIONS = {"tanh": jnp.tanh, "relu": jax.nn.relu}


def one_hot(indices, *, num_classes):
    return jax.nn.one_hot(indices, num_classes, dtype=indices.dtype)


def embedding(indices, weight, *, padding_idx):
    if padding_idx is not None:
        raise NotImplementedError("flax.linen.Embed has no padding row")
    embed = installed_flax().Embed(*weight.shape, param_dtype=weight.dtype)
    return embed.apply({"params": {"embedding": weight}}, indices)


# Each network as its cell and the cell's parameters.


def _simple(w_ih, w_hh, b, *, activation):
    s = choice(ACTIVATIONS, activation, "activation")
    cell = installed_flax().SimpleCell(w_hh.shape[0], activation_fn=s, param_dtype=b.dtype)
    return cell, {"i": {"kernel": w_ih, "bias": b}, "h": {"kernel": w_hh}}


def _gru(w_ih, w_hh, b_ih, b_hh, *, reset_after):
    if not reset_after:
        raise NotImplementedError("flax.linen.GRUCell resets what the matrix made of the state, not the state")
    parts = [jnp.split(w, 3, axis=-1) for w in (w_ih, w_hh, b_ih, b_hh)]
    params = {}
    for gate, w, u, b, c in zip("rzn", *parts, strict=True):
        params[f"i{gate}"] = {"kernel": w, "bias": b if gate == "n" else b + c}
        params[f"h{gate}"] = {"kernel": u, "bias": c} if gate == "n" else {"kernel": u}
    return installed_flax().GRUCell(w_hh.shape[0], param_dtype=b_ih.dtype), params


def _lstm(w_ih, w_hh, b):
    parts = [jnp.split(w, 4, axis=-1) for w in (w_ih, w_hh, b)]
    params = {}
    for gate, w, u, c in zip("ifgo", *parts, strict=True):
        params |= {f"i{gate}": {"kernel": w}, f"h{gate}": {"kernel": u, "bias": c}}
    return installed_flax().OptimizedLSTMCell(w_hh.shape[0], param_dtype=b.dtype), params


def _step(network, x, carry):
    cell, params = network
    return cell.apply({"params": params}, carry, x)


def _layer(network, x, carry):
    cell, params = network
    layer = installed_flax().RNN(cell, return_carry=True)
    return layer.apply({"params": {"cell": params}}, x, initial_carry=carry)


def rnn_cell(x, h, *theta, activation):
    return _step(_simple(*theta, activation=activation), x, h)[1]


def rnn(x, h0, *theta, activation):
    last, hs = _layer(_simple(*theta, activation=activation), x, h0)
    return hs, last


def gru_cell(x, h, *theta, reset_after):
    return _step(_gru(*theta, reset_after=reset_after), x, h)[1]


def gru(x, h0, *theta, reset_after):
    last, hs = _layer(_gru(*theta, reset_after=reset_after), x, h0)
    return hs, last


def lstm_cell(x, h, c, *theta):
    (c, h), _ = _step(_lstm(*theta), x, (c, h))
    return h, c


def lstm(x, h0, c0, *theta):
    (c, h), hs = _layer(_lstm(*theta), x, (c0, h0))
    return hs, h, c


def bidirectional_rnn(x, h0, w_ih, w_hh, b, *reverse):
    linen = installed_flax()
    cells = [_simple(*theta, activation="tanh") for theta in ((w_ih, w_hh, b), reverse)]
    both = linen.Bidirectional(*(linen.RNN(cell) for cell, _ in cells), return_carry=True)
    params = {name: {"cell": p} for name, (_, p) in zip(("forward_rnn", "backward_rnn"), cells, strict=True)}
    h, k = h0
    last, y = both.apply({"params": params}, x, initial_carry=(h, k))
    return y, jnp.stack(last)


FORWARDS = {
    "one_hot": one_hot,
    "embedding": embedding,
    "rnn_cell": rnn_cell,
    "rnn": rnn,
    "gru_cell": gru_cell,
    "gru": gru,
    "lstm_cell": lstm_cell,
    "lstm": lstm,
    "bidirectional_rnn": bidirectional_rnn,
}

LEDGER = (
    (
        "silently broadcasts, clamps or ignores arguments that do not fit",
        "",
        (
            "refused:embedding-negative-float64",
            "refused:embedding-too-large-float64",
            "refused:gru_cell-one-state-for-all-float64",
            "refused:lstm_cell-one-memory-for-all-float64",
            "refused:one_hot-negative-float64",
            "refused:one_hot-too-large-float64",
            "refused:rnn_cell-one-state-for-all-float64",
        ),
    ),
    (
        "takes a sequence without a step, and returns the state that it was given",
        "",
        ("refused:gru-no-steps-float64", "refused:lstm-no-steps-float64", "refused:rnn-no-steps-float64"),
    ),
)
