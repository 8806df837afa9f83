"""Decompositions: a matrix as a product of simpler ones, and what that says about data."""

from __future__ import annotations

import numpy as np

from .op import Case, Op

# Jacobi's method, the machinery of eigh and svd. Rotations of two columns (and of two rows) at a time carry
# a matrix to diagonal form. No step depends on convergence: the number of sweeps is fixed, each one about
# squares what is left off the diagonal, and an entry that a rotation makes 0 is written as the exact 0.


def _sweeps(n):
    """Enough for 128 bits where the eigenvalues lie apart."""
    return min(n + 2, 12)


def _half_angle(y, x, meets):
    """arctan(y / x) / 2, from -pi/4 to pi/4, smooth wherever x is not 0; 0 for a column that ``meets`` none."""
    x, y = np.where(meets, x, 1), np.where(meets, y, 0)
    length = np.sqrt(x * x + y * y)
    denominator = np.where(x < 0, x - length, x + length)  # x and the length never cancel
    return np.arctan(y / np.where(denominator == 0, 1, denominator))


def _turn(x, partner, angle):
    """Columns turned in pairs: x_i cos(angle_i) + x_partner sin(angle_i), partners having opposite angles."""
    cosine = 1 - 2 * np.square(np.sin(angle / 2))  # as good as exact for the small angles of the last sweeps
    return x * cosine[..., None, :] + x[..., partner] * np.sin(angle)[..., None, :]


def _diagonal(n):
    """Where a square matrix has its diagonal."""
    return np.arange(n)[:, None] == np.arange(n)


def _identity(a):
    """The identity, for each of the square matrices ``a`` and in their arithmetic."""
    return np.where(_diagonal(a.shape[-1]), np.ones_like(a), np.zeros_like(a))


def _in_order(order, x):
    """The columns of ``x`` in that order."""
    return np.take_along_axis(x, order[..., None, :], axis=-1)


def eigh(a):
    """a = v diag(w) v^T, w ascending, v orthogonal: the eigenvalues and eigenvectors of a symmetric matrix.

    Shapes: a (..., n, n); w (..., n), v (..., n, n) with the eigenvectors as columns.

    Only the symmetric part (a + a^T) / 2 is read. In round r, row and column i meet number (r - i) mod n:
    pairs are disjoint within a round, and n rounds, a sweep, bring every pair together once. Turning
    columns p and q, then rows p and q, by the angle arctan(2 a_pq / (a_qq - a_pp)) / 2 makes a_pq zero.

    An eigenvector is determined up to its sign, which is left as the rotations give it; vectors of equal
    eigenvalues are determined up to a rotation, and have no derivative.

    Raises ValueError unless the matrices are square.
    Source: Golub and Van Loan (2013), Matrix Computations, 4th edition, section 8.5.
    """
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ValueError(f"eigh: got a of shape {a.shape}, want (..., n, n)")
    n = a.shape[-1]
    i = np.arange(n)
    a = (a + a.mT) / 2
    v = _identity(a)
    for r in range(_sweeps(n) * n):
        partner = (r - i) % n
        p, q, meets = np.minimum(i, partner), np.maximum(i, partner), i != partner
        angle = _half_angle(2 * a[..., p, q], a[..., q, q] - a[..., p, p], meets)
        angle = np.where(i < partner, -angle, angle)
        a = _turn(_turn(a, partner, angle).mT, partner, angle)
        a = np.where((i[:, None] == partner) & meets, 0, a)
        v = _turn(v, partner, angle)
    w = a[..., i, i]
    order = np.argsort(w, axis=-1)
    return np.take_along_axis(w, order, axis=-1), _in_order(order, v)


def eigh_vjp(ybar, y, a):
    """abar = v (diag(wbar) + F * (v^T vbar)) v^T made symmetric, F_ij = 1 / (w_j - w_i), F_ii = 0.

    With P = v^T adot v: wdot_i = P_ii (Hellmann and Feynman), and v^T vdot = F * P, which is antisymmetric
    because v stays orthogonal. A cotangent of a symmetric matrix is its symmetric part.
    Source: Giles (2008), An extended collection of matrix derivative results, on eigenvalues.
    """
    (wbar, vbar), (w, v) = ybar, y
    same = _diagonal(a.shape[-1])
    gap = np.where(same, 1, w[..., None, :] - w[..., :, None])
    abar = v @ np.where(same, wbar[..., None, :], v.mT @ vbar / gap) @ v.mT
    return ((abar + abar.mT) / 2,)


def _signs(got, want):
    """+1 or -1 for each column of ``got``, to make it point along that of ``want``."""
    return np.where(np.sum(got * want, axis=-2) < 0, -1.0, 1.0)


def eigh_gauge(got, want):
    return 1.0, _signs(got[1], want[1])[..., None, :]


def eigh_residuals(y, a):
    """The symmetric part times v less v diag(w), measured by its largest row sum; and v^T v - 1."""
    w, v = y
    a = (a + a.mT) / 2
    return (a @ v - v * w[..., None, :], _row_sum(a)), (v.mT @ v - _identity(a), 1)


def _row_sum(a):
    """The largest sum of magnitudes in a row, the norm of a matrix as a map of maxima."""
    return np.max(np.sum(np.abs(a), axis=-1, keepdims=True), axis=-2, keepdims=True)


def _near_diagonal(rng, *shape):
    """The identity plus numbers up to 0.2: turned this little, rounding balls grow little."""
    return np.eye(*shape[-2:]) + rng.uniform(-0.2, 0.2, size=shape)


def _symmetric(rng, *spectrum, batch=()):
    """Random symmetric matrices with eigenvalues around these."""
    v = _near_diagonal(rng, *batch, len(spectrum), len(spectrum))
    a = v * spectrum @ v.mT
    return (a + a.mT) / 2


def eigh_cases(rng):
    yield Case("indefinite", (_symmetric(rng, 0.5, -2, 3),))
    yield Case("four", (_symmetric(rng, 4, -2, 9, 1),))
    yield Case("batch", (_symmetric(rng, 5, -1, 2, batch=(2,)),))
    yield Case("large", (1e6 * _symmetric(rng, 3, 9, 0.5),))
    x, y, z = np.array([0.2, -0.1, 0.5]) + rng.uniform(-0.05, 0.05, size=3)
    yield Case("equal-diagonal", (np.array([[3, x, y], [x, 1, z], [y, z, 1]]),))  # the first pair turns by 45 degrees
    q = np.linalg.qr(rng.normal(size=(4, 4))).Q
    yield Case("repeated", (q * [2.0, -1.0, 2.0, 2.0] @ q.T,), {}, "degenerate")
    yield Case("multiple-of-one", (3.0 * np.eye(3),), {}, "degenerate")
    vectors = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    yield Case("diagonal", (np.diag([3.0, -1.0, 2.0]),), {}, "special", (np.array([-1.0, 2.0, 3.0]), vectors))
    yield Case("no-rows", (np.zeros((0, 0)),), {}, "empty", (np.zeros(0), np.zeros((0, 0))))
    yield Case("no-matrices", (np.zeros((0, 3, 3)),), {}, "empty", (np.zeros((0, 3)), np.zeros((0, 3, 3))))
    yield Case("not-square", (rng.normal(size=(4, 3)),), {}, "refused")
    yield Case("vector", (rng.normal(size=3),), {}, "refused")


def eigh_sized(rng, n):
    side = max(round(n**0.5), 1)
    a = rng.normal(size=(side, side))
    return Case("sized", (a + a.T,))


def _mirrored(x, h, half):
    """x - h (h^T x) / half, half = h^T h / 2: every column of x mirrored in the plane orthogonal to h."""
    return x - h @ (h.mT @ x / half)


def _qr(a):
    """a = q r for m >= n: q (..., m, n) with orthonormal columns, r (..., n, n) upper triangular.

    The k-th of n reflections carries x, what column k has from row k on, to a multiple of e_k. Of the two of
    its length it is the one with the other sign than x_k, so that h, the difference, suffers no cancellation.
    Source: Golub and Van Loan (2013), Matrix Computations, 4th edition, section 5.2.
    """
    m, n = a.shape[-2:]
    i, j = np.arange(m)[:, None], np.arange(n)
    q = np.where(i == j, np.ones_like(a), np.zeros_like(a))
    mirrors = []
    for k in range(n):
        x = np.where(i >= k, a[..., :, k : k + 1], 0)
        xk = x[..., k : k + 1, :]
        length = np.sqrt(x.mT @ x)
        image = np.where(i == k, np.where(xk < 0, length, -length), 0)
        half = length * (length + np.abs(xk))
        mirrors.append((x - image, np.where(half == 0, 1, half)))
        a = np.where((j == k) & (i >= k), image, _mirrored(a, *mirrors[-1]))
    for mirror in reversed(mirrors):
        q = _mirrored(q, *mirror)
    return q, a[..., :n, :]


def svd(a):
    """a = u diag(s) vh, s descending and not negative, the columns of u and the rows of vh orthonormal.

    Shapes: a (..., m, n), k = min(m, n); u (..., m, k), s (..., k), vh (..., k, n): the thin decomposition.

    a = q r first; then r is carried to diagonal form like a symmetric matrix in ``eigh``, but rows and
    columns turn by angles of their own (Kogbetliantz's method). To make x and y of the block [[w, x], [y, z]]
    zero, the angles of columns and rows have the sum arctan((x + y) / (z - w)) and the difference
    arctan((y - x) / (z + w)). The squares in a^T a, by which small singular values lose twice as many
    digits, never appear.

    A column of u and its row of vh may change their signs together: left as the rotations give them.

    Raises ValueError for less than two dimensions.
    Source: Forsythe and Henrici (1960), The cyclic Jacobi method for computing the principal values of a
    complex matrix, Transactions of the American Mathematical Society 94.
    """
    if a.ndim < 2:
        raise ValueError(f"svd: got a of shape {a.shape}, want (..., m, n)")
    if a.shape[-2] < a.shape[-1]:
        u, s, vh = svd(a.mT)
        return vh.mT, s, u.mT
    n = a.shape[-1]
    i = np.arange(n)
    basis, a = _qr(a)
    u, v = _identity(a), _identity(a)
    for r in range(_sweeps(n) * n):
        partner = (r - i) % n
        p, q, meets = np.minimum(i, partner), np.maximum(i, partner), i != partner
        w, x, y, z = a[..., p, p], a[..., p, q], a[..., q, p], a[..., q, q]
        half_sum, half_difference = _half_angle(x + y, z - w, meets), _half_angle(y - x, z + w, meets)
        left, right = half_sum - half_difference, half_sum + half_difference
        left, right = np.where(i < partner, -left, left), np.where(i < partner, -right, right)
        a = _turn(_turn(a, partner, right).mT, partner, left).mT
        a = np.where((i[:, None] == partner) & meets, 0, a)
        u, v = _turn(u, partner, left), _turn(v, partner, right)
    s = a[..., i, i]
    u = basis @ np.where(s[..., None, :] < 0, -u, u)
    s = np.abs(s)
    order = np.argsort(-s, axis=-1)
    return _in_order(order, u), np.take_along_axis(s, order, axis=-1), _in_order(order, v).mT


def svd_vjp(ybar, y, a):
    """abar = u M vh + (1 - u u^T) ubar s^-1 vh + u s^-1 vhbar (1 - v v^T), where M_ii = sbar_i and
    M_ij = (A_ij s_j + s_i B_ij) / (s_j^2 - s_i^2), A = u^T ubar - ubar^T u, B = v^T vbar - vbar^T v.

    M holds what turns u and v within the spaces they span and what stretches s; the other two terms hold
    what turns them out of these spaces: the first is 0 unless a is tall, the second unless a is wide.
    Source: Townsend (2016), Differentiating the singular value decomposition.
    """
    (ubar, sbar, vhbar), (u, s, vh) = ybar, y
    row, column = s[..., None, :], s[..., :, None]
    turned_u, turned_v = u.mT @ ubar, vh @ vhbar.mT
    same = _diagonal(s.shape[-1])
    turned = (turned_u - turned_u.mT) * row + column * (turned_v - turned_v.mT)
    inside = np.where(same, sbar[..., None, :], turned / np.where(same, 1, (row - column) * (row + column)))
    out_of_u, out_of_v = ubar / row, vhbar / column
    out_of_u = out_of_u - u @ (u.mT @ out_of_u)
    out_of_v = out_of_v - (out_of_v @ vh.mT) @ vh
    return (u @ inside @ vh + out_of_u @ vh + u @ out_of_v,)


def svd_gauge(got, want):
    signs = _signs(got[0], want[0])
    return signs[..., None, :], 1.0, signs[..., :, None]


def svd_cases(rng):
    yield Case("tall", (_near_diagonal(rng, 5, 3) * [1, 3, 0.4],))
    yield Case("wide", ((_near_diagonal(rng, 4, 3) * [4, 0.6, 1.5]).T,))
    yield Case("square", (_near_diagonal(rng, 3, 3) * [0.5, -2, 5],))
    yield Case("batch", (_near_diagonal(rng, 2, 4, 3) * [2, 5, 0.8],))
    yield Case("small", (1e-4 * _near_diagonal(rng, 6, 3) * [1, 3, 0.5],))
    weighted = np.array([[0.0, -2.0], [4.0, 0.0], [0.0, 0.0]])
    parts = (np.array([[0.0, -1.0], [1.0, 0.0], [0.0, 0.0]]), np.array([4.0, 2.0]), np.eye(2))
    yield Case("permutation", (weighted,), {}, "special", parts)
    yield Case("no-columns", (np.zeros((3, 0)),), {}, "empty", (np.zeros((3, 0)), np.zeros(0), np.zeros((0, 0))))
    yield Case("no-rows", (np.zeros((0, 3)),), {}, "empty", (np.zeros((0, 0)), np.zeros(0), np.zeros((0, 3))))
    yield Case("vector", (rng.normal(size=3),), {}, "refused")


def svd_sized(rng, n):
    side = max(round((n / 2) ** 0.5), 1)
    return Case("sized", (rng.normal(size=(2 * side, side)),))


def pca_fit(x, *, n_components, route):
    """(x - mean)^T (x - mean) / (n - 1) = V diag(variance) V^T: the components are the first columns of V, as rows.

    Shapes: x (n, d), one row for each observation; mean (d,), components (k, d), explained variance (k,),
    largest first, in squared units of x; k = n_components.

    route "covariance" decomposes that matrix by ``eigh``. route "svd" never forms it: the components are the
    right singular vectors of x - mean = u diag(s) vh and the variances s^2 / (n - 1), so that small variances
    keep their digits. The factor 1 / (n - 1) makes the variances unbiased. A component is determined up to
    its sign, which is left as the decomposition gives it.

    Raises ValueError for x that is not (n, d), n < 2, a k that is not among 1 ... min(n, d), an unknown route.
    Source: Jolliffe (2002), Principal Component Analysis, 2nd edition, sections 3.1 and 3.5.
    """
    if x.ndim != 2 or x.shape[0] < 2:
        raise ValueError(f"pca_fit: got x of shape {x.shape}, want (n, d) with n >= 2")
    if not 1 <= n_components <= min(x.shape):
        raise ValueError(f"pca_fit: got n_components {n_components}, want 1 to {min(x.shape)} for x of shape {x.shape}")
    mean = np.mean(x, axis=0)
    centred = x - mean
    if route == "covariance":
        w, v = eigh(centred.mT @ centred / (x.shape[0] - 1))
        variance, components = np.flip(w, axis=0), np.flip(v.mT, axis=0)
    elif route == "svd":
        _, s, components = svd(centred)
        variance = s * s / (x.shape[0] - 1)
    else:
        raise ValueError(f'pca_fit: got route {route!r}, want "covariance" or "svd"')
    return mean, components[:n_components, :], variance[:n_components]


def pca_fit_vjp(ybar, y, x, *, n_components, route):
    """xbar = c - mean_rows(c) + meanbar / n, c the cotangent of x - mean: that of the decomposition.

    The components that were dropped have the cotangent 0, but take part: a component turns towards each of
    the others. By the covariance C = X^T X / (n - 1) it is c = 2 X Cbar / (n - 1), since Cbar is symmetric.
    """
    meanbar, componentsbar, variancebar = ybar
    n, k = x.shape[0], n_components
    centred = x - np.mean(x, axis=0)
    if route == "covariance":
        covariance = centred.mT @ centred / (n - 1)
        w, v = eigh(covariance)
        wbar = np.concat([np.zeros_like(w[:-k]), np.flip(variancebar, axis=0)])
        vbar = np.concat([np.zeros_like(v[:, :-k]), np.flip(componentsbar, axis=0).mT], axis=1)
        (covariancebar,) = eigh_vjp((wbar, vbar), (w, v), covariance)
        centredbar = 2 * centred @ covariancebar / (n - 1)
    else:
        u, s, vh = svd(centred)
        sbar = np.concat([2 * s[:k] * variancebar / (n - 1), np.zeros_like(s[k:])])
        vhbar = np.concat([componentsbar, np.zeros_like(vh[k:, :])])
        (centredbar,) = svd_vjp((np.zeros_like(u), sbar, vhbar), (u, s, vh), centred)
    return (centredbar - np.mean(centredbar, axis=0) + meanbar / n,)


def pca_fit_gauge(got, want):
    return 1.0, _signs(got[1].T, want[1].T)[:, None], 1.0


def _observations(rng, n, *scales, centre):
    """n observations of features with these scales, around a point away from the origin."""
    return centre + rng.normal(size=len(scales)) + 2 * _near_diagonal(rng, n, len(scales)) * scales


def pca_fit_cases(rng):
    for route in ("covariance", "svd"):
        yield Case(f"{route}-plane", (_observations(rng, 7, 2, 5, 0.5, centre=3),), {"n_components": 2, "route": route})
        yield Case(f"{route}-axis", (_observations(rng, 6, 1, 3, centre=-2),), {"n_components": 1, "route": route})
        yield Case(f"{route}-all", (_observations(rng, 5, 4, 1, 2, centre=1),), {"n_components": 3, "route": route})
        yield Case(f"{route}-far", (_observations(rng, 6, 3, 1, centre=30),), {"n_components": 1, "route": route})
    x = rng.normal(size=(5, 3))
    yield Case("too-many", (x,), {"n_components": 4, "route": "svd"}, "refused")
    yield Case("none", (x,), {"n_components": 0, "route": "covariance"}, "refused")
    yield Case("one-row", (x[:1],), {"n_components": 1, "route": "svd"}, "refused")
    yield Case("vector", (x[0],), {"n_components": 1, "route": "svd"}, "refused")
    yield Case("no-such-route", (x,), {"n_components": 2, "route": "correlation"}, "refused")


def pca_fit_sized(rng, n):
    d = max(round((n / 8) ** 0.5), 1)
    x = rng.normal(size=(8 * d, d)) * np.linspace(1, 3, d)
    return Case("sized", (x,), {"n_components": max(d // 4, 1), "route": "svd"})


def _refuse_misfits(name, rows, axis, mean, components):
    """The columns of ``rows`` are the components' ``axis``, and the mean has their length: nothing is broadcast."""
    fitting = rows.ndim == components.ndim == 2 and rows.shape[1] == components.shape[axis]
    if not fitting or mean.shape != components.shape[1:]:
        raise ValueError(
            f"{name}: got shapes {rows.shape}, mean {mean.shape}, components {components.shape}; "
            f"want (n, {'kd'[axis]}), (d,), (k, d)"
        )


def pca_transform(x, mean, components):
    """z = (x - mean) components^T: the coordinates of each observation along the components.

    Shapes: x (n, d), mean (d,), components (k, d), z (n, k).

    The mean is that of the fitted data, not of x. The components are the rows, so their transpose multiplies.
    Raises ValueError where the shapes do not belong together.
    Source: Jolliffe (2002), Principal Component Analysis, 2nd edition, section 3.1.
    """
    _refuse_misfits("pca_transform", x, 1, mean, components)
    return (x - mean) @ components.mT


def pca_transform_vjp(zbar, z, x, mean, components):
    """xbar = zbar components, meanbar = -sum of the rows of xbar, componentsbar = zbar^T (x - mean)."""
    xbar = zbar @ components
    return xbar, -np.sum(xbar, axis=0), zbar.mT @ (x - mean)


def _subspace(rng, k, d):
    """A mean and k orthonormal rows of length d."""
    return 2 + rng.normal(size=d), np.linalg.qr(rng.normal(size=(d, k))).Q.T


def pca_transform_cases(rng):
    yield Case("plane", (rng.normal(size=(5, 3)), *_subspace(rng, 2, 3)))
    yield Case("axis", (rng.normal(size=(3, 4)), *_subspace(rng, 1, 4)))
    yield Case("far", (100 + rng.normal(size=(4, 5)), *_subspace(rng, 3, 5)))
    yield Case("no-rows", (np.zeros((0, 3)), *_subspace(rng, 2, 3)), {}, "empty", np.zeros((0, 2)))
    yield Case("transposed", (rng.normal(size=(5, 3)), rng.normal(size=3), rng.normal(size=(3, 2))), {}, "refused")
    yield Case("short-mean", (rng.normal(size=(5, 3)), rng.normal(size=1), rng.normal(size=(2, 3))), {}, "refused")


def pca_transform_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 64, 1), 64)), *_subspace(rng, 16, 64)))


def pca_reconstruct(z, mean, components):
    """x = z components + mean: the points of the subspace that have these coordinates.

    Shapes: z (n, k), mean (d,), components (k, d), x (n, d).

    Of orthonormal components, pca_reconstruct(pca_transform(x)) is the point of the subspace nearest to x.
    Raises ValueError where the shapes do not belong together.
    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 12.1.2, eq. 12.20.
    """
    _refuse_misfits("pca_reconstruct", z, 0, mean, components)
    return z @ components + mean


def pca_reconstruct_vjp(xbar, x, z, mean, components):
    """zbar = xbar components^T, meanbar = sum of the rows of xbar, componentsbar = z^T xbar."""
    return xbar @ components.mT, np.sum(xbar, axis=0), z.mT @ xbar


def pca_reconstruct_cases(rng):
    yield Case("plane", (rng.normal(size=(5, 2)), *_subspace(rng, 2, 3)))
    yield Case("axis", (rng.normal(size=(3, 1)), *_subspace(rng, 1, 4)))
    yield Case("large", (100 * rng.normal(size=(4, 3)), *_subspace(rng, 3, 5)))
    mean, components = _subspace(rng, 2, 3)
    yield Case(
        "origin", (np.zeros((1, 2)), np.array([1.0, -2.0, 3.0]), components), {}, "special", np.array([[1, -2, 3.0]])
    )
    yield Case("no-rows", (np.zeros((0, 2)), mean, components), {}, "empty", np.zeros((0, 3)))
    yield Case("too-many", (rng.normal(size=(5, 3)), mean, components), {}, "refused")
    yield Case("short-mean", (rng.normal(size=(5, 2)), mean[:1], components), {}, "refused")


def pca_reconstruct_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 16, 1), 16)), *_subspace(rng, 16, 64)))


def pca_whiten(x, mean, components, explained_variance):
    """z = (x - mean) components^T / sqrt(explained variance): coordinates of variance 1 on the fitted data.

    Shapes: x (n, d), mean (d,), components (k, d), explained variance (k,), z (n, k), a number without units.

    Coordinates along principal components are uncorrelated already; only their scales are left to equal out.
    Raises ValueError where the shapes do not belong together.
    Source: Bishop (2006), Pattern Recognition and Machine Learning, section 12.1.3, eq. 12.24.
    """
    if explained_variance.shape != components.shape[:1]:
        raise ValueError(
            f"pca_whiten: got explained_variance of shape {explained_variance.shape}, "
            f"want one for each row of components {components.shape}"
        )
    return pca_transform(x, mean, components) / np.sqrt(explained_variance)


def pca_whiten_vjp(zbar, z, x, mean, components, explained_variance):
    """That of pca_transform for zbar / sqrt(variance); variancebar = -sum over rows of zbar z / (2 variance)."""
    scaled = zbar / np.sqrt(explained_variance)
    variancebar = -np.sum(zbar * z, axis=0) / (2 * explained_variance)
    return *pca_transform_vjp(scaled, z, x, mean, components), variancebar


def pca_whiten_cases(rng):
    yield Case("plane", (rng.normal(size=(5, 3)), *_subspace(rng, 2, 3), rng.uniform(1, 4, size=2)))
    yield Case("axis", (rng.normal(size=(3, 4)), *_subspace(rng, 1, 4), rng.uniform(0.1, 0.5, size=1)))
    yield Case(
        "scales", (rng.normal(size=(4, 5)), *_subspace(rng, 3, 5), np.array([1e4, 3, 1e-4]) * rng.uniform(1, 2, 3))
    )
    fitted = _subspace(rng, 2, 3)
    yield Case("no-rows", (np.zeros((0, 3)), *fitted, np.ones(2)), {}, "empty", np.zeros((0, 2)))
    yield Case("one-variance", (rng.normal(size=(5, 3)), *fitted, np.ones(1)), {}, "refused")
    yield Case("too-many-columns", (rng.normal(size=(5, 4)), *fitted, np.ones(2)), {}, "refused")


def pca_whiten_sized(rng, n):
    return Case("sized", (rng.normal(size=(max(n // 64, 1), 64)), *_subspace(rng, 16, 64), rng.uniform(1, 4, size=16)))


OPS = [
    Op(eigh, eigh_cases, eigh_vjp, eigh_sized, gauge=eigh_gauge, residuals=eigh_residuals, symmetric=(0,)),
    Op(svd, svd_cases, svd_vjp, svd_sized, gauge=svd_gauge),
    Op(pca_fit, pca_fit_cases, pca_fit_vjp, pca_fit_sized, gauge=pca_fit_gauge),
    Op(pca_transform, pca_transform_cases, pca_transform_vjp, pca_transform_sized),
    Op(pca_reconstruct, pca_reconstruct_cases, pca_reconstruct_vjp, pca_reconstruct_sized),
    Op(pca_whiten, pca_whiten_cases, pca_whiten_vjp, pca_whiten_sized),
]
