"""Recurrent classifiers in PyTorch, whose intermediates have names: step by step, from natives."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from .linear import affine


def _sums(x, h, w_ih, w_hh, b):
    return affine(x, w_ih, None) + affine(h, w_hh, b)


def _start(x, w_hh):
    return x.new_zeros(len(x), len(w_hh))


def _rnn(x, w_ih, w_hh, b, w_out, b_out):
    values, h = {}, _start(x, w_hh)
    for t, xt in enumerate(x.unbind(1), 1):
        values[f"z{t}"] = z = _sums(xt, h, w_ih, w_hh, b)
        values[f"h{t}"] = h = torch.tanh(z)
    return {**values, "logits": affine(h, w_out, b_out)}


def _lstm(x, w_ih, w_hh, b, w_out, b_out):
    values, h = {}, _start(x, w_hh)
    c = h
    for t, xt in enumerate(x.unbind(1), 1):
        i, f, g, o = _sums(xt, h, w_ih, w_hh, b).chunk(4, dim=1)
        i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
        c = f * c + i * g
        h = o * torch.tanh(c)
        values |= {f"i{t}": i, f"f{t}": f, f"g{t}": g, f"o{t}": o, f"c{t}": c, f"h{t}": h}
    return {**values, "logits": affine(h, w_out, b_out)}


def _with_loss(network):
    def values(x, labels, *theta):
        named = network(x, *theta)
        return {**named, "loss": F.cross_entropy(named["logits"], labels)}

    return values


def _last(values, name):
    return lambda *args: values(*args)[name]


_rnn_loss, _lstm_loss = _with_loss(_rnn), _with_loss(_lstm)

FORWARDS = {
    "rnn_classifier": _last(_rnn, "logits"),
    "rnn_classifier_values": _rnn,
    "rnn_classifier_loss": _last(_rnn_loss, "loss"),
    "rnn_classifier_loss_values": _rnn_loss,
    "lstm_classifier": _last(_lstm, "logits"),
    "lstm_classifier_values": _lstm,
    "lstm_classifier_loss": _last(_lstm_loss, "loss"),
    "lstm_classifier_loss_values": _lstm_loss,
}
