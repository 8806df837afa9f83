"""Chapter 19: attention, and a small model of language that is made of it."""

from __future__ import annotations

from .exercise import Chapter, Exercise

CHAPTERS = (
    Chapter(
        19,
        "Attention to small transformer",
        (
            Exercise(
                "attention_weights",
                "Query and key are d random numbers each, of variance 1. Which variance has their dot product? So "
                "what would the softmax look like for d = 512 without the scale? Asked with a mask of numbers, and "
                "causal=False.",
                (
                    "A score for each pair of a query and a key, scaled, plus the mask; then along the keys what "
                    "chapter 10 did. For the Hessian, ask first how the scores move.",
                    "The scores are scale query key^T: take away the largest of each row, exponentiate, divide by the "
                    "sum of the row. Backward: softmax_vjp gives the cotangent of the scores. The mask was added; the "
                    "rest is a product of matrices, times scale.",
                    "Forward:\n"
                    "s = scale * query @ key.T + mask\n"
                    "e = np.exp(s - np.max(s, axis=-1, keepdims=True))\n"
                    "return e / np.sum(e, axis=-1, keepdims=True)\n"
                    "Backward:\n"
                    "(sbar,) = softmax_vjp(pbar, p, None, axis=-1)\n"
                    "return (scale * sbar @ key, scale * sbar.T @ query, sbar)\n"
                    "Second order:\n"
                    "qdot, kdot, maskdot = dots\n"
                    "sdot = scale * (qdot @ key.T + query @ kdot.T) + maskdot\n"
                    "(sbar,) = softmax_vjp(pbar, p, None, axis=-1)\n"
                    "(sbardot,) = softmax_hvp(pbar, (sdot,), p, None, axis=-1)\n"
                    "return (scale * (sbardot @ key + sbar @ kdot), scale * (sbardot.T @ query + sbar.T @ qdot), "
                    "sbardot)",
                ),
                parts=("value", "vjp", "hvp"),
                labels=("additive-mask",),
            ),
            Exercise(
                "attention_weights",
                "The weights are set to 0 behind the diagonal after the softmax: what is wrong with the rows? And "
                "what could a model learn that sees one place too far? Asked with causal=True and no other mask.",
                (
                    "What must not be seen must not be in the sum either: it is hidden before the softmax. There are "
                    "heads in front now, mask is None, and scale None is 1 / sqrt(d).",
                    "Query i sees the keys j <= i: np.tri(Lq, Lk) has a 1 there. What score has the exponential 0? On "
                    "the way back nothing is to be done for it, for p is 0 there already.",
                    "Forward:\n"
                    "k = query.shape[-1] ** (-0.5)\n"
                    "s = k * query @ np.swapaxes(key, -2, -1)\n"
                    "s = np.where(np.tri(*s.shape[-2:]) == 1, s, -np.inf)\n"
                    "e = np.exp(s - np.max(s, axis=-1, keepdims=True))\n"
                    "return e / np.sum(e, axis=-1, keepdims=True)\n"
                    "Backward:\n"
                    "k = query.shape[-1] ** (-0.5)\n"
                    "(sbar,) = softmax_vjp(pbar, p, None, axis=-1)\n"
                    "return (k * sbar @ key, k * np.swapaxes(sbar, -2, -1) @ query, None)",
                ),
                labels=("causal",),
                title="causal_mask",
            ),
            Exercise(
                "scaled_dot_product_attention",
                "All keys are equal: what does each query read? One value is moved: which queries notice, and how "
                "much? Asked without a mask, causal and not.",
                (
                    "Each query reads an average of the values, with the weights that you have written. Of the cases "
                    "none has a mask, and each query head has a head of keys of its own.",
                    "The value is p v. Backward: vbar = p^T ybar and pbar = ybar v^T, then through the weights as "
                    "before. The sum over p pbar in the softmax's VJP is the sum over ybar y, as p v is y.",
                    "Forward:\n"
                    "return attention_weights(query, key, mask, causal=causal, scale=scale) @ value\n"
                    "Backward:\n"
                    "p = attention_weights(query, key, mask, causal=causal, scale=scale)\n"
                    "sbar = p * (ybar @ np.swapaxes(value, -2, -1) - np.sum(ybar * y, axis=-1, keepdims=True))\n"
                    "k = query.shape[-1] ** (-0.5) if scale is None else scale\n"
                    "return (k * sbar @ key, k * np.swapaxes(sbar, -2, -1) @ query, np.swapaxes(p, -2, -1) @ ybar, "
                    "None)\n"
                    "Second order:\n"
                    "qdot, kdot, vdot, _ = dots\n"
                    "t = np.matrix_transpose\n"
                    "p = attention_weights(query, key, mask, causal=causal, scale=scale)\n"
                    "k = query.shape[-1] ** (-0.5) if scale is None else scale\n"
                    "(pdot,) = softmax_vjp(k * (qdot @ t(key) + query @ t(kdot)), p, None, axis=-1)\n"
                    "ydot = pdot @ value + p @ vdot\n"
                    "g = ybar @ t(value) - np.sum(ybar * y, axis=-1, keepdims=True)\n"
                    "gdot = ybar @ t(vdot) - np.sum(ybar * ydot, axis=-1, keepdims=True)\n"
                    "sbar, sbardot = (p * g, pdot * g + p * gdot)\n"
                    "return (k * (sbardot @ key + sbar @ kdot), k * (t(sbardot) @ query + t(sbar) @ qdot), t(pdot) "
                    "@ ybar, None)",
                ),
                parts=("value", "vjp", "hvp"),
                labels=("wide-values", "causal"),
            ),
            Exercise(
                "multi_head_attention",
                "Four heads of width 16, or one of width 64: which has more weights? What can the four do that the "
                "one cannot? And why does b_k change nothing? Asked with causal=True and no other mask.",
                (
                    "Three projections, each cut into heads; one attention for all heads; the heads in a row again, "
                    "and a last projection. There is no mask in this case.",
                    "A reshape cannot exchange axes: (..., L, H d) becomes (..., L, H, d) first, and np.swapaxes "
                    "makes (..., H, L, d) of it. Backward: the same steps from their end, and a cotangent is cut and "
                    "joined like what it belongs to.",
                    "Forward:\n"
                    "def cut(x):\n"
                    "    return np.swapaxes(x.reshape(*x.shape[:-1], num_heads, -1), -3, -2)\n"
                    "def join(x):\n"
                    "    x = np.swapaxes(x, -3, -2)\n"
                    "    return x.reshape(*x.shape[:-2], -1)\n"
                    "q, k, v = (cut(linear(query, w_q, b_q)), cut(linear(key, w_k, b_k)), cut(linear(value, w_v, "
                    "b_v)))\n"
                    "read = join(scaled_dot_product_attention(q, k, v, mask, causal=causal, scale=None))\n"
                    "return {'q': q, 'k': k, 'v': v, 'read': read, 'y': linear(read, w_o, b_o)}\n"
                    "Backward:\n"
                    "def cut(x):\n"
                    "    return np.swapaxes(x.reshape(*x.shape[:-1], num_heads, -1), -3, -2)\n"
                    "def join(x):\n"
                    "    x = np.swapaxes(x, -3, -2)\n"
                    "    return x.reshape(*x.shape[:-2], -1)\n"
                    "q, k, v, read, y = values.values()\n"
                    "readbar, w_obar, b_obar = linear_vjp(ybar, y, read, w_o, b_o)\n"
                    "qbar, kbar, vbar, _ = scaled_dot_product_attention_vjp(cut(readbar), cut(read), q, k, v, mask, "
                    "causal=causal, scale=None)\n"
                    "querybar, w_qbar, b_qbar = linear_vjp(join(qbar), None, query, w_q, b_q)\n"
                    "keybar, w_kbar, _ = linear_vjp(join(kbar), None, key, w_k, b_k)\n"
                    "valuebar, w_vbar, b_vbar = linear_vjp(join(vbar), None, value, w_v, b_v)\n"
                    "return {'y': ybar, 'b_o': b_obar, 'w_o': w_obar, 'read': readbar, 'v': vbar, 'k': kbar, 'q': "
                    "qbar, 'b_v': b_vbar, 'w_v': w_vbar, 'w_k': w_kbar, 'b_q': b_qbar, 'w_q': w_qbar, 'value': "
                    "valuebar, 'key': keybar, 'query': querybar}",
                ),
                parts=("values", "cotangents"),
                labels=("causal",),
            ),
            Exercise(
                "cross_attention",
                "A translation reads its original: what are the queries, what the keys and values? Why is nothing "
                "causal here?",
                (
                    "It is the multi-head attention of two sequences. One of them is handed on twice.",
                    "x asks, and the context is what is looked through and what is read. What is used twice gets back "
                    "the sum of two cotangents.",
                    "Forward:\n"
                    "return multi_head_attention(x, context, context, mask, w_q, b_q, w_k, b_k, w_v, b_v, w_o, b_o, "
                    "num_heads=num_heads, causal=False)\n"
                    "Backward:\n"
                    "args = (x, context, context, mask, w_q, b_q, w_k, b_k, w_v, b_v, w_o, b_o)\n"
                    "values = multi_head_attention_values(*args, num_heads=num_heads, causal=False)\n"
                    "g = multi_head_attention_cotangents(ybar, values, *args, num_heads=num_heads, causal=False)\n"
                    "return (g['query'], g['key'] + g['value'], *(g[n] for n in ('w_q', 'b_q', 'w_k', 'w_v', 'b_v', "
                    "'w_o', 'b_o')))",
                ),
            ),
            Exercise(
                "transformer_block",
                "x has two ways to a: itself, and through the attention. What does that do to a gradient that comes "
                "down thirty blocks? Which steps let two positions exchange anything?",
                (
                    "Two parts. Each normalises a copy of the stream, computes something, and adds it to the stream: "
                    "attention of several heads first, then two layers with gelu between.",
                    "Cut and join heads as in multi_head_attention, but without biases, and keep the weights p: r = p "
                    "v, joined. Backward: a sum hands its cotangent to both terms, so abar = ybar + what comes back "
                    "through the second part; n1 is read three times, so its cotangent has three terms.",
                    "Forward:\n"
                    "def cut(x):\n"
                    "    return np.swapaxes(x.reshape(*x.shape[:-1], num_heads, -1), -3, -2)\n"
                    "def join(x):\n"
                    "    x = np.swapaxes(x, -3, -2)\n"
                    "    return x.reshape(*x.shape[:-2], -1)\n"
                    "n1 = layer_norm(x, gamma1, beta1, eps=eps)\n"
                    "q, k, v = (cut(n1 @ w_q), cut(n1 @ w_k), cut(n1 @ w_v))\n"
                    "p = attention_weights(q, k, None, causal=causal, scale=None)\n"
                    "r = join(p @ v)\n"
                    "a = x + r @ w_o\n"
                    "n2 = layer_norm(a, gamma2, beta2, eps=eps)\n"
                    "z = linear(n2, w1, b1)\n"
                    "h = gelu(z, approximate='none')\n"
                    "y = a + linear(h, w2, b2)\n"
                    "return {'n1': n1, 'q': q, 'k': k, 'v': v, 'p': p, 'r': r, 'a': a, 'n2': n2, 'z': z, 'h': h, "
                    "'y': y}\n"
                    "Backward:\n"
                    "def cut(x):\n"
                    "    return np.swapaxes(x.reshape(*x.shape[:-1], num_heads, -1), -3, -2)\n"
                    "def join(x):\n"
                    "    x = np.swapaxes(x, -3, -2)\n"
                    "    return x.reshape(*x.shape[:-2], -1)\n"
                    "n1, q, k, v, p, r, a, n2, z, h, y = values.values()\n"
                    "hbar, w2bar, b2bar = linear_vjp(ybar, None, h, w2, b2)\n"
                    "(zbar,) = gelu_vjp(hbar, h, z, approximate='none')\n"
                    "n2bar, w1bar, b1bar = linear_vjp(zbar, z, n2, w1, b1)\n"
                    "more, gamma2bar, beta2bar = layer_norm_vjp(n2bar, n2, a, gamma2, beta2, eps=eps)\n"
                    "abar = ybar + more\n"
                    "rbar, w_obar = matmul_vjp(abar, None, r, w_o)\n"
                    "pbar, vbar = matmul_vjp(cut(rbar), None, p, v)\n"
                    "qbar, kbar, _ = attention_weights_vjp(pbar, p, q, k, None, causal=causal, scale=None)\n"
                    "by_q, w_qbar = matmul_vjp(join(qbar), None, n1, w_q)\n"
                    "by_k, w_kbar = matmul_vjp(join(kbar), None, n1, w_k)\n"
                    "by_v, w_vbar = matmul_vjp(join(vbar), None, n1, w_v)\n"
                    "n1bar = by_q + by_k + by_v\n"
                    "more, gamma1bar, beta1bar = layer_norm_vjp(n1bar, n1, x, gamma1, beta1, eps=eps)\n"
                    "xbar = abar + more\n"
                    "return {'y': ybar, 'b2': b2bar, 'w2': w2bar, 'h': hbar, 'z': zbar, 'b1': b1bar, 'w1': w1bar, "
                    "'n2': n2bar, 'beta2': beta2bar, 'gamma2': gamma2bar, 'a': abar, 'w_o': w_obar, 'r': rbar, 'p': "
                    "pbar, 'v': vbar, 'k': kbar, 'q': qbar, 'w_v': w_vbar, 'w_k': w_kbar, 'w_q': w_qbar, 'n1': "
                    "n1bar, 'beta1': beta1bar, 'gamma1': gamma1bar, 'x': xbar}",
                ),
                parts=("values", "cotangents"),
            ),
            Exercise(
                "next_token_loss",
                "One text of 1000 tokens asks how many questions in one pass? What does a model pay for each that "
                "takes all V tokens for equally likely?",
                (
                    "The logits at a place are of the token that follows. So which tokens are never a target, and "
                    "which place asks what?",
                    "The targets are tokens[:, 1:]: as many as there are rows of logits. Make one long list of rows "
                    "and one of targets, and take the cross-entropy of chapter 12, its mean.",
                    "Forward:\n"
                    "how = {'reduction': 'mean', 'ignore_index': -100, 'label_smoothing': 0.0}\n"
                    "rows = logits.reshape(-1, logits.shape[-1])\n"
                    "return cross_entropy(rows, np.ravel(tokens[:, 1:]), None, **how)\n"
                    "Backward:\n"
                    "how = {'reduction': 'mean', 'ignore_index': -100, 'label_smoothing': 0.0}\n"
                    "rows = logits.reshape(-1, logits.shape[-1])\n"
                    "rowsbar, _ = cross_entropy_vjp(lossbar, loss, rows, np.ravel(tokens[:, 1:]), None, **how)\n"
                    "return (rowsbar.reshape(logits.shape), None)\n"
                    "Second order:\n"
                    "p = softmax(logits, axis=2)\n"
                    "share = lossbar / tokens[:, 1:].size\n"
                    "(d,) = softmax_vjp(share * dots[0], p, logits, axis=2)\n"
                    "return (d, None)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "character_model",
                "The table turns a character into a vector, and a vector into scores of characters. So which two "
                "things add up in its gradient? Which of its rows get one of them even if their character never "
                "occurs?",
                (
                    "Characters and their places make x0; two blocks follow, one on the other; a norm; the scores are "
                    "dot products with every row of the table.",
                    "theta has twelve arrays for each block, then gamma and beta: theta[12 * i : 12 * (i + 1)] are "
                    "those of block i + 1. Name its values block1.n1 and so on. Backward: the blocks from the last "
                    "one down, each is handed its own values without the prefix, and its 'x' is the ybar of the one "
                    "below. Places that no text reaches get 0.",
                    "Forward:\n"
                    "x0 = embedding(tokens, table, padding_idx=None) + positions[:tokens.shape[1]]\n"
                    "values, x = ({'x0': x0}, x0)\n"
                    "for i in range(len(theta) // 12):\n"
                    "    own = transformer_block_values(x, *theta[12 * i:12 * (i + 1)], num_heads=num_heads, "
                    "causal=True, eps=eps)\n"
                    "    values |= {f'block{i + 1}.{n}': v for n, v in own.items()}\n"
                    "    x = own['y']\n"
                    "n = layer_norm(x, *theta[-2:], eps=eps)\n"
                    "return {**values, 'n': n, 'y': n @ table.T}\n"
                    "Backward:\n"
                    "nbar, predicted = matmul_vjp(ybar, None, values['n'], table.T)\n"
                    "k = len(theta) // 12\n"
                    "xbar, gammabar, betabar = layer_norm_vjp(nbar, values['n'], values[f'block{k}.y'], "
                    "*theta[-2:], eps=eps)\n"
                    "bars = {'y': ybar, 'n': nbar, 'beta': betabar, 'gamma': gammabar}\n"
                    "for i in range(k, 0, -1):\n"
                    "    own = {n.partition('.')[2]: v for n, v in values.items() if n.startswith(f'block{i}.')}\n"
                    "    below = values[f'block{i - 1}.y'] if i > 1 else values['x0']\n"
                    "    back = transformer_block_cotangents(xbar, own, below, *theta[12 * (i - 1):12 * i], "
                    "num_heads=num_heads, causal=True, eps=eps)\n"
                    "    xbar = back.pop('x')\n"
                    "    bars |= {f'block{i}.{n}': v for n, v in back.items()}\n"
                    "(read,) = embedding_vjp(xbar, None, tokens, table, padding_idx=None)\n"
                    "places = np.zeros_like(positions)\n"
                    "places[:tokens.shape[1]] = np.sum(xbar, axis=0)\n"
                    "return bars | {'x0': xbar, 'positions': places, 'table': read + predicted.T}",
                ),
                parts=("values", "cotangents"),
            ),
            Exercise(
                "character_model_loss",
                "In which case does a loss of log V mean that nothing was learnt, and in which is it as good as it "
                "gets? What does a loss far below the entropy of the text point to?",
                (
                    "The model, then the loss, both of which you have written. The model must not read the last "
                    "character.",
                    "tokens[:, :-1] goes into the model, and all tokens into next_token_loss. Backward: the loss "
                    "first; what the logits get is the ybar of the model.",
                    "Forward:\n"
                    "values = character_model_values(tokens[:, :-1], table, positions, *theta, num_heads=num_heads, "
                    "eps=eps)\n"
                    "return {**values, 'loss': next_token_loss(values['y'], tokens)}\n"
                    "Backward:\n"
                    "logitsbar, _ = next_token_loss_vjp(ybar, values['loss'], values['y'], tokens)\n"
                    "return {'loss': ybar, **character_model_cotangents(logitsbar, values, tokens[:, :-1], table, "
                    "positions, *theta, num_heads=num_heads, eps=eps)}",
                ),
                parts=("values", "cotangents"),
            ),
        ),
    ),
)
