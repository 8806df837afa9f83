"""Chapter 13: the functions between two linear layers, and their slopes."""

from __future__ import annotations

from .exercise import Chapter, Exercise

CHAPTERS = (
    Chapter(
        13,
        "Activations",
        (
            Exercise(
                "sigmoid",
                "The slope is at most 1/4. After how many sigmoids in a row is a gradient less than a millionth of "
                "what it was?",
                (
                    "You have written it in chapter 1. Here it is asked in float32, where digits are few.",
                    "1 - y has no digits left where y is nearly 1. What is 1 - sigmoid(x), as a sigmoid? Hessian: "
                    "s(-x) - s(x) is -tanh(x / 2), and does not cancel near 0.",
                    "Forward:\n"
                    "e = np.exp(-np.abs(x))\n"
                    "return np.where(x >= 0, 1, e) / (1 + e)\n"
                    "Backward:\n"
                    "return (ybar * y * sigmoid(-x),)\n"
                    "Second order:\n"
                    "return (-ybar * dots[0] * y * sigmoid(-x) * np.tanh(x / 2),)",
                ),
                parts=("value", "vjp", "hvp"),
                labels=("vector", "small", "saturated"),
                dtype="float32",
                title="sigmoid_float32",
            ),
            Exercise(
                "tanh",
                "tanh(x) is 2 sigmoid(2x) - 1. How steep is it at 0, then, and why does it suit a deep net better than "
                "the sigmoid?",
                (
                    "NumPy has the value. The slope can be had from the value, or from x.",
                    "1 - y^2 cancels where y is nearly 1: at x = 9 half of the digits are gone. 1 / cosh(x)^2 is the "
                    "same number. Hessian: the slope of 1 - y^2 is -2 y times the slope of y.",
                    "Forward:\n"
                    "return np.tanh(x)\n"
                    "Backward:\n"
                    "return (ybar / np.cosh(x) ** 2,)\n"
                    "Second order:\n"
                    "return (-2 * ybar * dots[0] * y / np.cosh(x) ** 2,)",
                ),
                parts=("value", "vjp", "hvp"),
            ),
            Exercise(
                "relu",
                "A neuron whose z is negative for every row: what is its gradient, and how can it come back?",
                (
                    "The larger of x and 0.",
                    "The slope is 1 or 0. At 0 there is a kink, and any number between is right.",
                    "Forward:\nreturn np.maximum(x, 0)\nBackward:\nreturn (np.where(x > 0, ybar, 0),)",
                ),
            ),
            Exercise(
                "leaky_relu",
                "With negative_slope = 1 it is a straight line. What is a deep net of such layers worth?",
                (
                    "A relu that lets a little through on the left.",
                    "Two slopes, 1 and negative_slope. np.maximum(x, negative_slope * x) is right too: for which "
                    "slopes?",
                    "Forward:\n"
                    "return np.where(x > 0, x, negative_slope * x)\n"
                    "Backward:\n"
                    "return (np.where(x > 0, ybar, negative_slope * ybar),)",
                ),
            ),
            Exercise(
                "elu",
                "For which alpha has it no kink at 0? What does it tend to on the far left?",
                (
                    "An exponential on the left that goes through 0. How much is taken away from exp(x)?",
                    "np.expm1 keeps the digits of a small x. And exp of a large x overflows, also where np.where does "
                    "not choose it. Hessian: the exponential is its own slope.",
                    "Forward:\n"
                    "z = np.minimum(x, 0)\n"
                    "return np.where(x > 0, x, alpha * np.expm1(z))\n"
                    "Backward:\n"
                    "z = np.minimum(x, 0)\n"
                    "return (np.where(x > 0, ybar, ybar * alpha * np.exp(z)),)\n"
                    "Second order:\n"
                    "z = np.minimum(x, 0)\n"
                    "return (np.where(x > 0, 0, ybar * dots[0] * alpha * np.exp(z)),)",
                ),
                parts=("value", "vjp", "hvp"),
                dtype="float32",
            ),
            Exercise(
                "softplus",
                "It is a relu with a round corner. How far above the corner does it pass, for beta = 1?",
                (
                    "log(1 + exp(beta x)) / beta: try x = 1000, and x = -50.",
                    "np.logaddexp(0, z) never overflows, and keeps the digits of a small exponential. Beyond the "
                    "threshold the result is x. Backward: the slope is a function that you know. Hessian: the slope of "
                    "a sigmoid.",
                    "Forward:\n"
                    "z = beta * x\n"
                    "return np.where(z > threshold, x, np.logaddexp(0, z) / beta)\n"
                    "Backward:\n"
                    "z = beta * x\n"
                    "return (np.where(z > threshold, ybar, ybar * sigmoid(z)),)\n"
                    "Second order:\n"
                    "z = beta * x\n"
                    "return (np.where(z > threshold, 0, ybar * dots[0] * beta * sigmoid(z) * sigmoid(-z)),)",
                ),
                parts=("value", "vjp", "hvp"),
                labels=("vector", "saturated", "steep", "flat", "threshold"),
            ),
            Exercise(
                "silu",
                "It falls before it rises. Where is its lowest point, roughly, and what is its slope at 0?",
                (
                    "x times a gate that opens as x grows.",
                    "Backward: the product rule. The slope of the sigmoid is s(x) s(-x), and x s(x) is y. Hessian: "
                    "twice the gate's slope, and x times the second derivative of the gate.",
                    "Forward:\n"
                    "return x * sigmoid(x)\n"
                    "Backward:\n"
                    "return (ybar * (sigmoid(x) + y * sigmoid(-x)),)\n"
                    "Second order:\n"
                    "return (ybar * dots[0] * sigmoid(x) * sigmoid(-x) * (2 - x * np.tanh(x / 2)),)",
                ),
                parts=("value", "vjp", "hvp"),
                labels=("vector", "matrix", "small", "saturated"),
            ),
            Exercise(
                "gelu",
                "x times the probability that a standard normal number is smaller than x. What is that at x = -3, and "
                "why does 1 + erf lose its digits there?",
                (
                    "Here approximate is 'none'. The gate is the normal distribution function.",
                    "erfc(-x / sqrt 2) / 2 is that function, and does not cancel on the left. Backward: the product "
                    "rule; the slope of the gate is the normal density. Hessian: twice the density, and x times its "
                    "slope, which is -x times it.",
                    "Forward:\n"
                    "return x * erfc(-x / np.sqrt(2)) / 2\n"
                    "Backward:\n"
                    "return (ybar * (erfc(-x / np.sqrt(2)) / 2 + x * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)),)\n"
                    "Second order:\n"
                    "return (ybar * dots[0] * (2 - x * x) * np.exp(-x * x / 2) / np.sqrt(2 * np.pi),)",
                ),
                parts=("value", "vjp", "hvp"),
                labels=("none-vector", "none-small", "none-with-zeros", "none-tails"),
                given=("erfc",),
            ),
            Exercise(
                "gelu",
                "The approximation has a tanh, which a sigmoid can stand in for. By how much do the two forms differ, "
                "and would a test with a tolerance of 0.001 tell?",
                (
                    "Here approximate is 'tanh': x (1 + tanh u) / 2 with u = sqrt(2/pi) (x + 0.044715 x^3).",
                    "(1 + tanh u) / 2 is sigmoid(2u), and does not cancel on the left. Backward: the product rule, and "
                    "the chain rule through u. Hessian: twice the gate's slope, and x times its second derivative, by "
                    "the chain rule again.",
                    "Forward:\n"
                    "u = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)\n"
                    "return x * sigmoid(2 * u)\n"
                    "Backward:\n"
                    "u = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3); s = sigmoid(2 * u)\n"
                    "slope = np.sqrt(8 / np.pi) * (1 + 3 * 0.044715 * x * x)\n"
                    "return (ybar * (s + x * s * sigmoid(-2 * u) * slope),)\n"
                    "Second order:\n"
                    "u = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3); s = sigmoid(2 * u)\n"
                    "slope = np.sqrt(8 / np.pi) * (1 + 3 * 0.044715 * x * x)\n"
                    "bend = np.sqrt(8 / np.pi) * 6 * 0.044715 * x\n"
                    "return (ybar * dots[0] * s * sigmoid(-2 * u) * (2 * slope + x * (bend - np.tanh(u) * slope**2)),)",
                ),
                parts=("value", "vjp", "hvp"),
                labels=("tanh-vector", "tanh-small", "tanh-with-zeros", "tanh-tails"),
                given=("erfc",),
                title="gelu_tanh",
            ),
        ),
    ),
)
