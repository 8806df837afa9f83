"""Chapter 20: a code of few numbers, and one that is a distribution."""

from __future__ import annotations

from .exercise import Chapter, Exercise

CHAPTERS = (
    Chapter(
        20,
        "VAE",
        (
            Exercise(
                "autoencoder",
                "The code has two numbers and the row has five: what must be true of the rows for them to come back? "
                "And which method of chapter 4 is this without the tanh?",
                (
                    "The encoder is an affine layer, tanh, an affine layer; the decoder is another such network, "
                    "which reads the code.",
                    "Keep z1, h1, code, z2, h2, y. Backward: layer by layer from y, with linear_vjp and tanh_vjp.",
                    "Forward:\n"
                    "w1, b1, w2, b2, w3, b3, w4, b4 = theta\n"
                    "z1 = linear(x, w1, b1)\n"
                    "h1 = tanh(z1)\n"
                    "code = linear(h1, w2, b2)\n"
                    "z2 = linear(code, w3, b3)\n"
                    "h2 = tanh(z2)\n"
                    "return {'z1': z1, 'h1': h1, 'code': code, 'z2': z2, 'h2': h2, 'y': linear(h2, w4, b4)}\n"
                    "Backward:\n"
                    "w1, b1, w2, b2, w3, b3, w4, b4 = theta\n"
                    "z1, h1, code, z2, h2, y = values.values()\n"
                    "h2bar, w4bar, b4bar = linear_vjp(ybar, y, h2, w4, b4)\n"
                    "(z2bar,) = tanh_vjp(h2bar, h2, z2)\n"
                    "codebar, w3bar, b3bar = linear_vjp(z2bar, z2, code, w3, b3)\n"
                    "h1bar, w2bar, b2bar = linear_vjp(codebar, code, h1, w2, b2)\n"
                    "(z1bar,) = tanh_vjp(h1bar, h1, z1)\n"
                    "xbar, w1bar, b1bar = linear_vjp(z1bar, z1, x, w1, b1)\n"
                    "return {'y': ybar, 'b4': b4bar, 'w4': w4bar, 'h2': h2bar, 'z2': z2bar, 'b3': b3bar, 'w3': "
                    "w3bar, 'code': codebar, 'b2': b2bar, 'w2': w2bar, 'h1': h1bar, 'z1': z1bar, 'b1': b1bar, 'w1': "
                    "w1bar, 'x': xbar}",
                ),
                parts=("values", "cotangents"),
            ),
            Exercise(
                "reparameterize",
                "The noise is drawn once, and kept for the way back. If you drew it anew there, of which function "
                "would that be the gradient? A straight line reads the sample: what does sigma get from it on "
                "average? And which second derivatives are not 0?",
                (
                    "You have written the value in chapter 9. Draw which of the three arguments reaches the sample by "
                    "which way.",
                    "mu is added, so it gets xbar; sigma and noise are factors of each other.",
                    "Backward:\n"
                    "return (xbar * sigma, xbar, xbar * noise)\n"
                    "Second order:\n"
                    "noisedot, mudot, sigmadot = dots\n"
                    "return (xbar * sigmadot, 0 * mudot, xbar * noisedot)",
                ),
                parts=("vjp", "hvp"),
                labels=("diagonal",),
                title="sample_of_the_code",
            ),
            Exercise(
                "kl_standard_normal",
                "Where is it 0? It pulls at mu and at logvar: what would happen to the code if nothing pulled the "
                "other way? What does its curvature say: how firmly is logvar held when it is far to the left, and "
                "far to the right?",
                (
                    "Put mean 0 and deviation 1 for the second normal into kl_normal of chapter 10, and logvar / 2 "
                    "for the logarithm of the first one's deviation.",
                    "Each component costs (mu^2 + exp(logvar) - 1 - logvar) / 2, and the last axis is summed. "
                    "np.expm1 takes the - 1 with it. Backward: ybar has lost that axis.",
                    "Forward:\n"
                    "return np.sum(mu * mu + np.expm1(logvar) - logvar, axis=-1) / 2\n"
                    "Backward:\n"
                    "ybar = ybar[..., None]\n"
                    "return (ybar * mu, ybar * np.expm1(logvar) / 2)\n"
                    "Second order:\n"
                    "mudot, logvardot = dots\n"
                    "ybar = ybar[..., None]\n"
                    "return (ybar * mudot, ybar * np.exp(logvar) * logvardot / 2)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "elbo",
                "How far below log p(x) is it, and for which q not at all? Which of its two terms wants q narrow, and "
                "which wants it like the prior?",
                (
                    "The mean of the log likelihood under q, less the divergence of q from the prior. x are N rows, "
                    "and each has the density Normal(mu, noise^2) in every column.",
                    "Under q, (x - mu)^2 is (x - mean)^2 + sigma^2 on average: N sigma^2 / (2 noise^2) less for each "
                    "column. Backward: normal_log_density_vjp and kl_normal_vjp, and that term by hand: it moves by 2 "
                    "/ sigma of itself with sigma, and by -2 / noise of itself with noise.",
                    "Forward:\n"
                    "s = len(x) * (sigma / noise) ** 2 / 2\n"
                    "return np.sum(normal_log_density(x, mean, noise)) - np.sum(s) - np.sum(kl_normal(mean, sigma, "
                    "mean0, sigma0))\n"
                    "Backward:\n"
                    "s = len(x) * (sigma / noise) ** 2 / 2\n"
                    "xbar, meanbar, noisebar = normal_log_density_vjp(np.broadcast_to(ybar, x.shape), None, x, "
                    "mean, noise)\n"
                    "m, g, m0, g0 = kl_normal_vjp(np.broadcast_to(-ybar, mean.shape), None, mean, sigma, mean0, "
                    "sigma0)\n"
                    "return (xbar, meanbar + m, g - ybar * 2 * s / sigma, m0, g0, noisebar + ybar * 2 * s / noise)",
                ),
            ),
            Exercise(
                "vae",
                "The network gives logvar: what can it say that it could not if it gave the deviation itself? Which "
                "ways lead from h1 to z?",
                (
                    "The encoder has two last layers, which read the same h1: one gives mu, the other logvar. A "
                    "sample z of that normal goes into the decoder.",
                    "std = exp(logvar / 2), whose slope is std / 2. Backward: what z gets goes to mu, std and noise "
                    "by reparameterize_vjp; h1 gets the sum of what comes back by mu and by logvar.",
                    "Forward:\n"
                    "w1, b1, w2, b2, w3, b3, w4, b4, w5, b5 = theta\n"
                    "a1 = linear(x, w1, b1)\n"
                    "h1 = tanh(a1)\n"
                    "mu = linear(h1, w2, b2)\n"
                    "logvar = linear(h1, w3, b3)\n"
                    "std = np.exp(logvar / 2)\n"
                    "z = reparameterize(noise, mu, std)\n"
                    "a2 = linear(z, w4, b4)\n"
                    "h2 = tanh(a2)\n"
                    "y = linear(h2, w5, b5)\n"
                    "return {'a1': a1, 'h1': h1, 'mu': mu, 'logvar': logvar, 'std': std, 'z': z, 'a2': a2, 'h2': "
                    "h2, 'y': y}\n"
                    "Backward:\n"
                    "w1, b1, w2, b2, w3, b3, w4, b4, w5, b5 = theta\n"
                    "a1, h1, mu, logvar, std, z, a2, h2, y, *_ = values.values()\n"
                    "h2bar, w5bar, b5bar = linear_vjp(ybar, y, h2, w5, b5)\n"
                    "(a2bar,) = tanh_vjp(h2bar, h2, a2)\n"
                    "zbar, w4bar, b4bar = linear_vjp(a2bar, a2, z, w4, b4)\n"
                    "noisebar, mubar, stdbar = reparameterize_vjp(zbar, z, noise, mu, std)\n"
                    "logvarbar = stdbar * std / 2\n"
                    "by_mu, w2bar, b2bar = linear_vjp(mubar, mu, h1, w2, b2)\n"
                    "by_logvar, w3bar, b3bar = linear_vjp(logvarbar, logvar, h1, w3, b3)\n"
                    "h1bar = by_mu + by_logvar\n"
                    "(a1bar,) = tanh_vjp(h1bar, h1, a1)\n"
                    "xbar, w1bar, b1bar = linear_vjp(a1bar, a1, x, w1, b1)\n"
                    "return {'y': ybar, 'b5': b5bar, 'w5': w5bar, 'h2': h2bar, 'a2': a2bar, 'b4': b4bar, 'w4': "
                    "w4bar, 'z': zbar, 'noise': noisebar, 'std': stdbar, 'logvar': logvarbar, 'b3': b3bar, 'w3': "
                    "w3bar, 'mu': mubar, 'b2': b2bar, 'w2': w2bar, 'h1': h1bar, 'a1': a1bar, 'b1': b1bar, 'w1': "
                    "w1bar, 'x': xbar}",
                ),
                parts=("values", "cotangents"),
            ),
            Exercise(
                "vae_loss",
                "mu and logvar reach the loss by two ways each, and x by how many? What does the decoder do when the "
                "divergence is weighted D times too much?",
                (
                    "Two costs for each row: of the pixels that come back, and of the code. The loss is minus the "
                    "ELBO, their sum, averaged over the rows. Backward: the way through vae once more, with something "
                    "added in three places.",
                    "reconstruction sums the binary cross-entropies with logits of each row, kl is "
                    "kl_standard_normal. Backward: every row gets ybar / N from both; y gets its own by the VJP of "
                    "the cross-entropy, which also has a cotangent for x as target; what kl_standard_normal_vjp gives "
                    "is added to mubar and logvarbar before they go into the encoder.",
                    "Forward:\n"
                    "values = vae_values(x, noise, *theta)\n"
                    "cost = binary_cross_entropy_with_logits(values['y'], x, None, None, reduction='none')\n"
                    "r = np.sum(cost, axis=1)\n"
                    "kl = kl_standard_normal(values['mu'], values['logvar'])\n"
                    "return values | {'reconstruction': r, 'kl': kl, 'loss': np.mean(r + kl)}\n"
                    "Backward:\n"
                    "w1, b1, w2, b2, w3, b3, w4, b4, w5, b5 = theta\n"
                    "a1, h1, mu, logvar, std, z, a2, h2, y, *_ = values.values()\n"
                    "first = ybar\n"
                    "kl = values['kl']\n"
                    "row = np.full(len(x), ybar / len(x))\n"
                    "cost = np.broadcast_to(row[:, None], x.shape)\n"
                    "ybar, target = binary_cross_entropy_with_logits_vjp(cost, None, y, x, None, None, "
                    "reduction='none')\n"
                    "h2bar, w5bar, b5bar = linear_vjp(ybar, y, h2, w5, b5)\n"
                    "(a2bar,) = tanh_vjp(h2bar, h2, a2)\n"
                    "zbar, w4bar, b4bar = linear_vjp(a2bar, a2, z, w4, b4)\n"
                    "noisebar, mubar, stdbar = reparameterize_vjp(zbar, z, noise, mu, std)\n"
                    "logvarbar = stdbar * std / 2\n"
                    "kl_mu, kl_logvar = kl_standard_normal_vjp(row, kl, mu, logvar)\n"
                    "mubar = mubar + kl_mu\n"
                    "logvarbar = logvarbar + kl_logvar\n"
                    "by_mu, w2bar, b2bar = linear_vjp(mubar, mu, h1, w2, b2)\n"
                    "by_logvar, w3bar, b3bar = linear_vjp(logvarbar, logvar, h1, w3, b3)\n"
                    "h1bar = by_mu + by_logvar\n"
                    "(a1bar,) = tanh_vjp(h1bar, h1, a1)\n"
                    "xbar, w1bar, b1bar = linear_vjp(a1bar, a1, x, w1, b1)\n"
                    "xbar = xbar + target\n"
                    "return {'loss': first, 'kl': row, 'reconstruction': row, 'y': ybar, 'b5': b5bar, 'w5': w5bar, "
                    "'h2': h2bar, 'a2': a2bar, 'b4': b4bar, 'w4': w4bar, 'z': zbar, 'noise': noisebar, 'std': "
                    "stdbar, 'logvar': logvarbar, 'b3': b3bar, 'w3': w3bar, 'mu': mubar, 'b2': b2bar, 'w2': w2bar, "
                    "'h1': h1bar, 'a1': a1bar, 'b1': b1bar, 'w1': w1bar, 'x': xbar}",
                ),
                parts=("values", "cotangents"),
            ),
        ),
    ),
)
