"""Chapter 4: other bases, systems of equations, and what a matrix is made of."""

from __future__ import annotations

from .exercise import Chapter, Exercise

CHAPTERS = (
    Chapter(
        4,
        "Bases and decompositions",
        (
            Exercise(
                "change_of_basis",
                "If every basis vector becomes twice as long, what becomes of the coordinates of the same x?",
                (
                    "The coordinates y are what the basis vectors must be multiplied by to add up to x: P y = x.",
                    "np.linalg.solve may do the work, with the vectors as columns. Backward: from P y = x, xbar = "
                    "P^-T ybar; and P gets minus xbar times y.",
                    "Forward:\n"
                    "n = basis.shape[0]\n"
                    "return np.linalg.solve(basis, x.reshape(-1, n).T).T.reshape(x.shape)\n"
                    "Backward:\n"
                    "n = basis.shape[0]\n"
                    "xbar = np.linalg.solve(basis.T, ybar.reshape(-1, n).T).T\n"
                    "return xbar.reshape(x.shape), -xbar.T @ y.reshape(-1, n)",
                ),
            ),
            Exercise(
                "gram_schmidt",
                "The first column only changes its length. What does the second one lose, and why is the result "
                "orthogonal?",
                (
                    "Take the columns one after the other. From each, take away what lies along those that are done; "
                    "then make its length 1.",
                    "What lies along a unit vector u is (u.v) u. Take it from what the earlier ones have left, not "
                    "from the column you began with: that is more accurate.",
                    "Forward:\n"
                    "q = []\n"
                    "for j in range(a.shape[-1]):\n"
                    "    v = a[..., j]\n"
                    "    for u in q:\n"
                    "        v = v - np.sum(u * v, axis=-1, keepdims=True) * u\n"
                    "    q.append(v / np.sqrt(np.sum(v * v, axis=-1, keepdims=True)))\n"
                    "return np.stack(q, axis=-1)",
                ),
                parts=("value",),
            ),
            Exercise(
                "triangular_solve",
                "Why is a triangular system easy? In which order do the unknowns become known?",
                (
                    "One row has a single unknown. When it is known, another row has a single unknown.",
                    "You may clear the other triangle and call np.linalg.solve. Backward: bbar solves the transposed "
                    "system, whose triangle is the other one; abar = -bbar x^T, in the triangle that is read alone.",
                    "Forward:\n"
                    "t = np.tril(a) if lower else np.triu(a)\n"
                    "if unit_diagonal:\n"
                    "    t = t * (1 - np.eye(a.shape[-1])) + np.eye(a.shape[-1])\n"
                    "return np.linalg.solve(t, b)\n"
                    "Backward:\n"
                    "t = np.tril(a) if lower else np.triu(a)\n"
                    "if unit_diagonal:\n"
                    "    t = t * (1 - np.eye(a.shape[-1])) + np.eye(a.shape[-1])\n"
                    "bbar = np.linalg.solve(t.mT, xbar)\n"
                    "k = 1 if unit_diagonal else 0\n"
                    "g = -bbar @ x.mT\n"
                    "return np.tril(g, -k) if lower else np.triu(g, k), bbar",
                ),
            ),
            Exercise(
                "solve",
                "a^-1 is never needed to solve a x = b. Is it needed to send a gradient back through it?",
                (
                    "np.linalg.solve may give the value; a vector b needs a column's axis first. The backward is "
                    "yours.",
                    "a x = b moves as adot x + a xdot = bdot. So xdot = a^-1 (bdot - adot x): transpose that.",
                    "Forward:\n"
                    "return np.linalg.solve(a, b[..., None])[..., 0] if b.ndim == 1 else np.linalg.solve(a, b)\n"
                    "Backward:\n"
                    "columns = b.ndim > 1\n"
                    "bars = np.linalg.solve(a.mT, xbar if columns else xbar[:, None])\n"
                    "abar = -bars @ (x if columns else x[:, None]).mT\n"
                    "return abar, bars if columns else bars[:, 0]",
                ),
                labels=("columns", "vector", "batch"),
            ),
            Exercise(
                "inv",
                "For numbers the derivative of 1/a is -1/a^2. Where do the two factors 1/a go for a matrix?",
                (
                    "np.linalg.inv may give the value. For the backward, let a y = 1 move.",
                    "adot y + a ydot = 0, so ydot = -y adot y: one y on each side. Transpose that.",
                    "Forward:\nreturn np.linalg.inv(a)\nBackward:\nreturn (-y.mT @ ybar @ y.mT,)",
                ),
            ),
            Exercise(
                "det",
                "The determinant is a volume. How does it change if one row moves along another one, and if it moves "
                "along itself?",
                (
                    "np.linalg.det may give the value. Backward: det is linear in each element; its slope there is "
                    "the cofactor.",
                    "Where a has an inverse, the cofactors are det(a) a^-T. But a polynomial has derivatives where a "
                    "is singular too, and there you need the cofactors themselves.",
                    "Forward:\n"
                    "return np.linalg.det(a)\n"
                    "Backward:\n"
                    "c = np.empty_like(a)\n"
                    "for i, j in np.ndindex(a.shape[-2:]):\n"
                    "    minor = np.delete(np.delete(a, i, -2), j, -1)\n"
                    "    c[..., i, j] = (-1) ** (i + j) * np.linalg.det(minor)\n"
                    "return (ybar[..., None, None] * c,)",
                ),
            ),
            Exercise(
                "qr",
                "The columns of q are those of Gram-Schmidt, up to their signs. Where have the lengths and the "
                "overlaps gone?",
                (
                    "q holds the directions, r holds how much of each direction every column of a is made of. Column "
                    "j needs only the first j directions.",
                    "NumPy has it, np.linalg.qr, which returns two arrays. The signs are free, and are not judged.",
                    "Forward:\nq, r = np.linalg.qr(a)\nreturn q, r",
                ),
                parts=("value",),
                labels=("tall", "wide", "batch"),
            ),
            Exercise(
                "lstsq",
                "The residual b - a x is at a right angle to every column of a. What would it mean if it were not?",
                (
                    "With a = q r, q^T b is what the columns can reach, in the directions q. Then solve with r.",
                    "Backward: from a^T (b - a x) = 0. Let z = (a^T a)^-1 xbar; then bbar = a z, and a gets two "
                    "parts, one through x and one through the residual.",
                    "Forward:\n"
                    "q, r = np.linalg.qr(a)\n"
                    "c = q.mT @ (b if b.ndim > 1 else b[:, None])\n"
                    "x = np.linalg.solve(r, c)\n"
                    "return x if b.ndim > 1 else x[:, 0]\n"
                    "Backward:\n"
                    "vector = b.ndim == 1\n"
                    "if vector:\n"
                    "    xbar, x, b = xbar[:, None], x[:, None], b[:, None]\n"
                    "q, r = np.linalg.qr(a)\n"
                    "w = np.linalg.solve(r.mT, xbar)\n"
                    "z, bbar = np.linalg.solve(r, w), q @ w\n"
                    "abar = (b - a @ x) @ z.mT - bbar @ x.mT\n"
                    "return abar, bbar[:, 0] if vector else bbar",
                ),
            ),
            Exercise(
                "eigh",
                "Along an eigenvector, multiplying by a is only stretching. For a symmetric matrix, at which angle do "
                "two such directions stand?",
                (
                    "The eigenvalues in ascending order, and the eigenvectors as columns, in the same order.",
                    "NumPy has it: not np.linalg.eig, but the one for symmetric matrices, whose eigenvalues are real "
                    "and in order.",
                    "Forward:\nw, v = np.linalg.eigh(a)\nreturn w, v",
                ),
                parts=("value",),
                labels=("indefinite", "four", "batch", "large", "equal-diagonal"),
            ),
            Exercise(
                "power_iteration",
                "Multiply any vector by a again and again: which direction wins, and how fast?",
                (
                    "Each step: multiply by a, and make the length 1, so that nothing overflows.",
                    "Begin with start, at length 1 too. The eigenvalue is what a does along the last v: v.(a v).",
                    "Forward:\n"
                    "v = start / np.sqrt(start @ start)\n"
                    "for _ in range(steps):\n"
                    "    v = a @ v\n"
                    "    v = v / np.sqrt(v @ v)\n"
                    "return v @ (a @ v), v",
                ),
                parts=("value",),
            ),
            Exercise(
                "svd",
                "A circle becomes an ellipse. Which of u, s and vh are the axes of the ellipse, which their lengths, "
                "and which the directions that became them?",
                (
                    "Three factors: turn, stretch, turn. You want the thin form, with k = min(m, n).",
                    "NumPy has it; by default u and vh are square, and that is not wanted.",
                    "Forward:\nu, s, vh = np.linalg.svd(a, full_matrices=False)\nreturn u, s, vh",
                ),
                parts=("value",),
                labels=("tall", "wide", "square", "batch"),
            ),
            Exercise(
                "low_rank_approximation",
                "How many numbers describe a matrix of rank 1? How far from a is the best one?",
                (
                    "Keep the largest singular values, and forget the others.",
                    "u, s, vh from svd; of each only the first rank columns, numbers and rows.",
                    "Forward:\n"
                    "u, s, vh = np.linalg.svd(a, full_matrices=False)\n"
                    "return (u[..., :rank] * s[..., None, :rank]) @ vh[..., :rank, :]",
                ),
                parts=("value",),
            ),
            Exercise(
                "pinv",
                "What should take the place of 1/s where s is 0, and why not something huge?",
                (
                    "Go the way of the three factors backwards: each turn the other way, each stretch its reciprocal.",
                    "Singular values that are at most rtol times the largest one have no reciprocal: put 0 there.",
                    "Forward:\n"
                    "u, s, vh = np.linalg.svd(a, full_matrices=False)\n"
                    "kept = s > rtol * s[..., :1]\n"
                    "r = np.where(kept, 1 / np.where(kept, s, 1), 0)\n"
                    "return vh.mT @ (r[..., :, None] * u.mT)",
                ),
                parts=("value",),
                labels=("tall", "wide", "batch"),
            ),
            Exercise(
                "pca_fit",
                "Two routes lead to the same components: the covariance's eigenvectors, and the singular vectors of "
                "the centred data. Which one squares the numbers, and what does that cost?",
                (
                    "Centre the data first. The components are the directions of largest variance, as rows.",
                    "From the svd of the centred data: the rows of vh, and s^2 / (n - 1). The parameter route changes "
                    "how it is computed, not what comes out; one of them is enough if you are careful.",
                    "Forward:\n"
                    "mean = np.mean(x, axis=0)\n"
                    "_, s, vh = np.linalg.svd(x - mean, full_matrices=False)\n"
                    "return mean, vh[:n_components], s[:n_components] ** 2 / (x.shape[0] - 1)",
                ),
                parts=("value",),
                labels=("covariance-plane", "covariance-axis", "svd-plane", "svd-axis"),
            ),
            Exercise(
                "pca_transform",
                "Whose mean is taken away from new data: its own, or that of the data the components were fitted on?",
                (
                    "Take the mean away, then take the dot product of each row with each component.",
                    "The components are rows, so their transpose multiplies. Backward: it is an affine layer, and "
                    "mean is subtracted from every row.",
                    "Forward:\n"
                    "return (x - mean) @ components.T\n"
                    "Backward:\n"
                    "xbar = zbar @ components\n"
                    "return xbar, -np.sum(xbar, axis=0), zbar.T @ (x - mean)",
                ),
            ),
            Exercise(
                "pca_whiten",
                "After this the fitted data has variance 1 in every direction. Is there any direction left in which it "
                "looks different?",
                (
                    "The coordinates along the components are there already. Only their scales differ.",
                    "Divide each coordinate by its standard deviation, not by its variance. Backward: "
                    "pca_transform_vjp does most of it.",
                    "Forward:\n"
                    "return pca_transform(x, mean, components) / np.sqrt(explained_variance)\n"
                    "Backward:\n"
                    "back = pca_transform_vjp(zbar / np.sqrt(explained_variance), z, x, mean, components)\n"
                    "return *back, -np.sum(zbar * z, axis=0) / (2 * explained_variance)",
                ),
            ),
        ),
    ),
)
