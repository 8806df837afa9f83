"""A language model: which character comes next, after all that came before."""

from __future__ import annotations

import numpy as np

from ..linear.products import matmul_vjp
from ..loss.next_token import next_token_loss, next_token_loss_vjp
from ..norm.layer import layer_norm, layer_norm_vjp
from ..op import Case, Op
from ..sequence.embedding import embedding, embedding_vjp
from .transformer import block_names, block_theta, blocks_cotangents, blocks_values, require_blocks


def character_model(tokens, table, positions, *theta, num_heads, eps):
    """y_t = norm(blocks(table[tokens] + positions))_t table^T: the logits of the character that follows the t-th.

    Shapes: tokens (N, T) integers in 0 ... V - 1, table (V, E), positions (T or more, E), theta = twelve arrays for
    each block as in transformer_block, then gamma and beta (E,); y (N, T, V).

    The blocks are causal, so y_t depends on the tokens up to t alone, and one pass asks T questions at once. Each row
    of the table is what a character means, both where it is read and where it is predicted ("tied weights").

    Raises ValueError when the parameters do not fit or the text is longer than there are positions, IndexError for a
    token out of range.

    Source: Radford et al. (2018), Improving Language Understanding by Generative Pre-Training, section 3.1, eq. 2;
    Press and Wolf (2017), Using the Output Embedding to Improve Language Models, section 3, for the tied weights.
    """
    return character_model_values(tokens, table, positions, *theta, num_heads=num_heads, eps=eps)["y"]


def character_model_values(tokens, table, positions, *theta, num_heads, eps):
    """x0: the characters with their places; those of the blocks as block1.n1; n normalised; y the logits."""
    blocks, (gamma, beta) = require_blocks(theta, "gamma", "beta")
    if tokens.shape[1] > positions.shape[0]:
        raise ValueError(f"tokens have shape {tokens.shape}, expected at most {positions.shape[0]} in a row")
    x0 = embedding(tokens, table, padding_idx=None) + positions[: tokens.shape[1]]
    values, last = blocks_values(x0, blocks, num_heads=num_heads, causal=True, eps=eps)
    n = layer_norm(last, gamma, beta, eps=eps)
    return {"x0": x0, **values, "n": n, "y": n @ np.matrix_transpose(table)}


def character_model_vjp(ybar, y, tokens, table, positions, *theta, num_heads, eps):
    """From the logits of all places at once down to the table; tokens have no cotangent."""
    args = (tokens, table, positions, *theta)
    values = character_model_values(*args, num_heads=num_heads, eps=eps)
    bars = character_model_cotangents(ybar, values, *args, num_heads=num_heads, eps=eps)
    return (None, *_of_parameters(bars, theta))


def character_model_cotangents(ybar, values, tokens, table, positions, *theta, num_heads, eps):
    """The table is used twice: tablebar is the sum of what comes from the prediction and from the reading."""
    blocks, (gamma, beta) = require_blocks(theta, "gamma", "beta")
    nbar, predicted = matmul_vjp(ybar, None, values["n"], np.matrix_transpose(table))
    last = [value for name, value in values.items() if name.endswith(".y")][-1]
    lastbar, gammabar, betabar = layer_norm_vjp(nbar, values["n"], last, gamma, beta, eps=eps)
    bars, x0bar = blocks_cotangents(lastbar, values, values["x0"], blocks, num_heads=num_heads, causal=True, eps=eps)
    (read,) = embedding_vjp(x0bar, values["x0"], tokens, table, padding_idx=None)
    unused = np.zeros_like(positions[tokens.shape[1] :])
    ends = {"positions": np.concat([np.sum(x0bar, axis=0), unused]), "table": read + np.matrix_transpose(predicted)}
    return {"y": ybar, "n": nbar, "beta": betabar, "gamma": gammabar, **bars, "x0": x0bar, **ends}


def _of_parameters(bars, theta):
    blocks, _ = require_blocks(theta, "gamma", "beta")
    return (bars[name] for name in ("table", "positions", *block_names(blocks), "gamma", "beta"))


def character_model_cases(rng):
    tokens, theta = np.array([[1, 4, 0], [1, 1, 3]]), language_theta(rng, 5, 4, 6, (8, 7), (10, 9))
    yield Case("two-blocks", (tokens, *theta), {"num_heads": 2, "eps": 2.0})
    yield Case(
        "token-out-of-range", (np.where(tokens == 4, 5, tokens), *theta), {"num_heads": 2, "eps": 2.0}, "refused"
    )
    yield Case("text-too-long", (np.tile(tokens, 2), *theta), {"num_heads": 2, "eps": 2.0}, "refused")


def character_model_sized(rng, n):
    """Most of its numbers are weights, 12 E^2 in each block: about two million operations for a token where n = 1e6."""
    width = max(8 * int(np.sqrt(n / 24) / 8), 8)
    theta = language_theta(rng, 32, 16, width, (width, 4 * width), (width, 4 * width))
    return Case("sized", (rng.integers(32, size=(4, 16)), *theta), {"num_heads": 4, "eps": 1e-5})


def character_model_loss(tokens, table, positions, *theta, num_heads, eps):
    """loss = mean over n and t of logsumexp(y_nt) - y_nt,c with c = tokens_n,t+1: y_nt must predict what follows.

    Shapes: tokens (N, T + 1) integers in 0 ... V - 1, of which the last one is only predicted and the first only read;
    the parameters as in character_model, loss (), in nats for each character.

    A model that knows no more than how often each character occurs pays the entropy of that distribution.

    Raises ValueError and IndexError as character_model does.

    Source: Bengio et al. (2003), A Neural Probabilistic Language Model, section 2, the mean log-likelihood L; else as
    character_model.
    """
    return character_model_loss_values(tokens, table, positions, *theta, num_heads=num_heads, eps=eps)["loss"]


def character_model_loss_values(tokens, table, positions, *theta, num_heads, eps):
    """The values of the model that reads all but the last character, and the loss."""
    values = character_model_values(tokens[:, :-1], table, positions, *theta, num_heads=num_heads, eps=eps)
    return {**values, "loss": next_token_loss(values["y"], tokens)}


def character_model_loss_vjp(ybar, y, tokens, table, positions, *theta, num_heads, eps):
    """The way back from the loss; tokens have no cotangent."""
    args = (tokens, table, positions, *theta)
    values = character_model_loss_values(*args, num_heads=num_heads, eps=eps)
    bars = character_model_loss_cotangents(ybar, values, *args, num_heads=num_heads, eps=eps)
    return (None, *_of_parameters(bars, theta))


def character_model_loss_cotangents(ybar, values, tokens, table, positions, *theta, num_heads, eps):
    """The loss hands ybar (softmax(y) - onehot(next)) / (N T) to the model, which does the rest."""
    logitsbar, _ = next_token_loss_vjp(ybar, values["loss"], values["y"], tokens)
    args = (tokens[:, :-1], table, positions, *theta)
    return {"loss": ybar, **character_model_cotangents(logitsbar, values, *args, num_heads=num_heads, eps=eps)}


def character_model_loss_cases(rng):
    tokens, theta = np.array([[2, 0, 2, 1], [3, 1, 2, 4]]), language_theta(rng, 5, 8, 6, (9, 7))
    yield Case("one-block", (tokens, *theta), {"num_heads": 3, "eps": 2.0})
    yield Case("one-character", (tokens[:, :1], *theta[:-1]), {"num_heads": 3, "eps": 2.0}, "refused")


def character_model_loss_sized(rng, n):
    case = character_model_sized(rng, n)
    return Case("sized", (rng.integers(32, size=(4, 17)), *case.args[1:]), case.params)


def language_theta(rng, characters, places, width, *blocks):
    """Parameters of a character model whose logits are of order 1, one block for each pair of widths inside it."""
    table, positions = rng.normal(size=(characters, width)), 2 * rng.normal(size=(places, width))
    theta = [p for sizes in blocks for p in block_theta(rng, width, *sizes)]
    return [table, positions, *theta, *block_theta(rng, width, 1, 1)[:2]]


OPS = [
    Op(
        character_model,
        character_model_cases,
        character_model_vjp,
        character_model_sized,
        values=character_model_values,
        cotangents=character_model_cotangents,
    ),
    Op(
        character_model_loss,
        character_model_loss_cases,
        character_model_loss_vjp,
        character_model_loss_sized,
        values=character_model_loss_values,
        cotangents=character_model_loss_cotangents,
    ),
]
