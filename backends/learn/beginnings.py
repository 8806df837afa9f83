"""Chapter 0: how far to trust a number."""

from __future__ import annotations

from .exercise import Chapter, Exercise

CHAPTERS = (
    Chapter(
        0,
        "Is my test any good?",
        (
            Exercise(
                "relative_error",
                "A gradient of 0.001 is off by 0.0001, and one of 1000 is off by 1. Which of the two would you rather "
                "have, and which number says so?",
                (
                    "An error alone has a unit. Beside what must it be put?",
                    "Divide the size of the difference by the size of what is wanted. Where both are the same number "
                    "the error is 0, also if that number is 0. Only arrays of one shape are compared.",
                    "Forward:\n"
                    "if x.shape != wanted.shape:\n"
                    '    raise ValueError(f"got {x.shape} and {wanted.shape}")\n'
                    "same = x == wanted\n"
                    "return np.where(same, 0, np.abs(x - wanted) / np.abs(np.where(same, 1, wanted)))",
                ),
                parts=("value",),
                also=("special", "column-and-vector"),
            ),
            Exercise(
                "finite_difference",
                "With a smaller step the formula gets better and the rounding gets worse. Which step would you take "
                "for numbers with 16 digits, and how many digits would be right?",
                (
                    "Move one variable at a time and leave the others where they are. How does f change?",
                    "Make one row for each variable: x[..., None, :] repeated, with step added on the diagonal. Then "
                    "f of all rows at once gives one number for each variable.",
                    "Forward:\n"
                    "def f(v):\n"
                    '    if function == "rosenbrock":\n'
                    "        return rosenbrock(v, a=1, b=100)\n"
                    "    return logsumexp(v, axis=-1, keepdims=False)\n"
                    "rows = np.broadcast_to(x[..., None, :], (*x.shape, x.shape[-1]))\n"
                    "move = step * np.eye(x.shape[-1])\n"
                    'if scheme == "forward":\n'
                    "    return (f(rows + move) - f(rows)) / step\n"
                    "return (f(rows + move) - f(rows - move)) / (2 * step)",
                ),
                parts=("value",),
                given=("rosenbrock", "rosenbrock_gradient", "logsumexp"),
            ),
            Exercise(
                "difference_error",
                "Make the step ten times smaller, again and again: on which side does the error of a difference fall, "
                "and on which does it rise? Where is it least?",
                (
                    "Two errors: what the straight line leaves out, and the rounding of f, which is divided by the "
                    "step.",
                    "The first grows with the step, once or squared; the second is unit |f| for each value of f, over "
                    "the width between both.",
                    "Forward:\n"
                    'if scheme == "forward":\n'
                    "    return np.abs(bend) * step / 2 + 2 * unit * np.abs(f) / step\n"
                    "return np.abs(bend) * step**2 / 6 + unit * np.abs(f) / step",
                ),
                parts=("value",),
            ),
            Exercise(
                "jvp_difference",
                "Two evaluations of F tell how all its outputs move along one direction v. How many would it take for "
                "the whole Jacobian?",
                (
                    "Take a step along v to each side, and compare what F is there.",
                    "The two ends are 2 step apart. F is softmax along the last axis, or the gradient of rosenbrock "
                    "with a=1 and b=100.",
                    "Forward:\n"
                    'if function == "softmax":\n'
                    "    return (softmax(x + step * v, axis=-1) - softmax(x - step * v, axis=-1)) / (2 * step)\n"
                    "ahead = rosenbrock_gradient(x + step * v, a=1, b=100)\n"
                    "return (ahead - rosenbrock_gradient(x - step * v, a=1, b=100)) / (2 * step)",
                ),
                parts=("value",),
                labels=("softmax",),
                given=("softmax", "rosenbrock_gradient"),
            ),
            Exercise(
                "projected_difference",
                "You wrote a backward that returns u'J for a given u. Multiply it by a random v, and the difference "
                "along v by u: the two numbers must agree. Which mistake could hide from them?",
                (
                    "It is the difference along v, and one product more.",
                    "jvp_difference gives J v, nearly. What is left is the dot product with u, along the last axis.",
                    "Forward:\n"
                    "return np.sum(u * jvp_difference(x, v, function=function, step=step), axis=-1)\n"
                    "Backward:\n"
                    "jv = jvp_difference(x, v, function=function, step=step)\n"
                    "xbar, vbar = jvp_difference_vjp(ybar[..., None] * u, jv, x, v, function=function, step=step)\n"
                    "return xbar, vbar, ybar[..., None] * jv",
                ),
                title="random_projection",
            ),
            Exercise(
                "taylor_rosenbrock",
                "Instead of all partial derivatives, one number along a random direction h can be compared: h.grad f. "
                "Which mistakes in a gradient could that one number miss? Only order=1 is asked.",
                (
                    "Near x a smooth function is its value there and a straight line along h.",
                    "The slope along h is the sum of h_i times the partial derivative i, along the last axis.",
                    "Forward:\nreturn rosenbrock(x, a=a, b=b) + np.sum(h * rosenbrock_gradient(x, a=a, b=b), axis=-1)",
                ),
                parts=("value",),
                labels=("line",),
                given=("rosenbrock", "rosenbrock_gradient"),
                title="directional_derivative",
            ),
            Exercise(
                "expm1",
                "In float32 there are 7 digits. How many of them are left in exp(x) - 1 at x = 0.00001?",
                (
                    "Write it as the formula stands, have it judged, and look at which x it fails.",
                    "Where x is small, exp(x) is 1.00000something: the 1 takes the places of the digits that you "
                    "want. The subtraction must not happen.",
                    "Forward:\nreturn np.expm1(x)\nBackward:\nreturn (ybar * np.exp(x),)",
                ),
                dtype="float32",
            ),
            Exercise(
                "absolute",
                "At 0 the function has a kink and no derivative. What does a finite difference say there, forward and "
                "central? Which answers could be called right?",
                (
                    "To the right of 0 the slope is one number, to the left it is another one.",
                    "The slope is 1 where x is positive and -1 where it is negative; at 0 anything in between is "
                    "right.",
                    "Forward:\nreturn np.abs(x)\nBackward:\nreturn (ybar * np.sign(x),)",
                ),
            ),
        ),
    ),
)
