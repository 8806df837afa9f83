"""Transformers in PyTorch, whose intermediates have names: from natives that have all derivatives."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from .linear import affine

BLOCK = 12
"""So many parameters has a block."""


def _norm(x, gamma, beta, eps):
    return F.layer_norm(x, gamma.shape, gamma, beta, eps)


def _heads(x, num_heads):
    return x.unflatten(-1, (num_heads, -1)).transpose(-3, -2)


def _block(x, gamma1, beta1, w_q, w_k, w_v, w_o, gamma2, beta2, w1, b1, w2, b2, *, num_heads, causal, eps):
    n1 = _norm(x, gamma1, beta1, eps)
    q, k, v = (_heads(n1 @ w, num_heads) for w in (w_q, w_k, w_v))
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if causal:
        later = torch.ones(scores.shape[-2:], dtype=torch.bool, device=x.device).triu(1)
        scores = scores.masked_fill(later, -torch.inf)
    p = F.softmax(scores, dim=-1)
    r = (p @ v).transpose(-3, -2).flatten(-2)
    a = x + r @ w_o
    n2 = _norm(a, gamma2, beta2, eps)
    z = affine(n2, w1, b1)
    h = F.gelu(z)
    y = a + affine(h, w2, b2)
    return {"n1": n1, "q": q, "k": k, "v": v, "p": p, "r": r, "a": a, "n2": n2, "z": z, "h": h, "y": y}


def _blocks(x, theta, **params):
    values = {"x0": x}
    for k, start in enumerate(range(0, len(theta), BLOCK), 1):
        own = _block(x, *theta[start : start + BLOCK], **params)
        values |= {f"block{k}.{name}": value for name, value in own.items()}
        x = own["y"]
    return values, x


def _classifier(x, w_in, positions, *theta, num_heads, eps):
    *blocks, gamma, beta, w_out, b_out = theta
    values, last = _blocks(x @ w_in + positions, blocks, num_heads=num_heads, causal=False, eps=eps)
    n = _norm(last, gamma, beta, eps)
    m = n.mean(1)
    return {**values, "n": n, "m": m, "y": affine(m, w_out, b_out)}


def _classifier_loss(x, labels, *theta, num_heads, eps):
    values = _classifier(x, *theta, num_heads=num_heads, eps=eps)
    return {**values, "loss": F.cross_entropy(values["y"], labels)}


def _character_model(tokens, table, positions, *theta, num_heads, eps):
    *blocks, gamma, beta = theta
    x0 = F.embedding(tokens, table) + positions[: tokens.shape[1]]
    values, last = _blocks(x0, blocks, num_heads=num_heads, causal=True, eps=eps)
    n = _norm(last, gamma, beta, eps)
    return {**values, "n": n, "y": F.linear(n, table)}


def _character_model_loss(tokens, *theta, num_heads, eps):
    values = _character_model(tokens[:, :-1], *theta, num_heads=num_heads, eps=eps)
    return {**values, "loss": F.cross_entropy(values["y"].flatten(0, 1), tokens[:, 1:].flatten())}


def _last(values, name):
    return lambda *args, **params: values(*args, **params)[name]


FORWARDS = {
    "transformer_block": _last(_block, "y"),
    "transformer_block_values": _block,
    "transformer_classifier": _last(_classifier, "y"),
    "transformer_classifier_values": _classifier,
    "transformer_classifier_loss": _last(_classifier_loss, "loss"),
    "transformer_classifier_loss_values": _classifier_loss,
    "character_model": _last(_character_model, "y"),
    "character_model_values": _character_model,
    "character_model_loss": _last(_character_model_loss, "loss"),
    "character_model_loss_values": _character_model_loss,
}

LEDGER = (
    (
        "the JVP rule of layer_norm is not differentiable: its own derivative drops terms",
        "https://github.com/pytorch/pytorch/issues/196700",
        (
            "*-over-forward:transformer_block-*-*",
            "*-over-forward:transformer_classifier-*-*",
            "*-over-forward:transformer_classifier_loss-*-*",
            "*-over-forward:character_model-*-*",
            "*-over-forward:character_model_loss-*-*",
        ),
    ),
)
