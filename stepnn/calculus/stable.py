"""Functions of compiled formulas beside NumPy's own: formulas that would overflow as they are written, and maxima."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stepnn.book.functions import FUNCTIONS

Array = NDArray[np.float64]


def softmax(z: Array, axis: int) -> Array:
    """e^z / Σ e^z with the largest z taken from all of them first: the quotient stays the same."""
    powers = np.exp(z - z.max(axis=axis, keepdims=True))
    return np.asarray(powers / powers.sum(axis=axis, keepdims=True))


def softplus(z: Array) -> Array:
    """ln(1 + e^z)."""
    return np.logaddexp(0.0, z)


def log_cosh(x: Array) -> Array:
    """ln cosh x, as ln(1 + 2 sinh²(x/2)) near 0, and as |x| + ln(1 + e^−2|x|) − ln 2 where cosh would overflow."""
    size = np.abs(x)
    near = np.log1p(2.0 * np.sinh(np.minimum(size, 1.0) / 2.0) ** 2)
    return np.where(size < 1.0, near, size + np.log1p(np.exp(-2.0 * size)) - np.log(2.0))


def log_sum_exp(z: Array) -> Array:
    """ln Σ e^z over the last axis, with the largest z taken out: what is left is ln(1 + the others)."""
    largest = z.argmax(axis=-1, keepdims=True)
    top = np.take_along_axis(z, largest, axis=-1)
    others = np.exp(z - top)
    np.put_along_axis(others, largest, 0.0, axis=-1)
    return np.asarray(top[..., 0] + np.log1p(others.sum(axis=-1)))


def times_log(factor: Array, logarithm: Array) -> Array:
    """factor · ln(…), and 0 where the factor is 0: the limit that cross-entropy needs at ln 0."""
    return np.where(factor == 0, 0.0, factor * logarithm)


def highest(values: Array, counts: Array | None, over: int, least: bool) -> Array:
    """The largest value over the last `over` axes, or the smallest, of those that count; 0 where none does.

    Without `counts` all do.
    """
    axes = tuple(range(-over, 0))
    if counts is None:
        return np.asarray(values.min(axis=axes) if least else values.max(axis=axes))
    shown = np.where(counts, values, np.inf if least else -np.inf)
    found = shown.min(axis=axes) if least else shown.max(axis=axes)
    return np.where(np.broadcast_to(counts, shown.shape).any(axis=axes), found, 0.0)


def winners(values: Array, counts: Array | None, over: int, shared: bool, least: bool) -> Array:
    """1 at the first largest value over the last axes and 0 elsewhere, or shared equally by all largest."""
    shown = -values if least else values
    shown = shown if counts is None else np.where(counts, shown, -np.inf)
    flat = shown.reshape(*shown.shape[: shown.ndim - over], -1)
    if shared:
        best = flat == flat.max(axis=-1, keepdims=True)
        found = best / best.sum(axis=-1, keepdims=True)
    else:
        found = np.zeros_like(flat)
        np.put_along_axis(found, flat.argmax(axis=-1)[..., None], 1.0, axis=-1)
    found = found.reshape(shown.shape)
    return found if counts is None else np.where(counts, found, 0.0)


NAMESPACE: dict[str, Any] = {
    "winners": winners, "highest": highest, "concatenate": np.concatenate, "asarray": np.asarray,
    "dot": np.dot, "stack": np.stack, "zeros": np.zeros, "count_nonzero": np.count_nonzero,
    "softmax": softmax, "softplus": softplus, "log_cosh": log_cosh, "log_sum_exp": log_sum_exp, "expm1": np.expm1,
    "log1p": np.log1p, "times_log": times_log,
    "einsum": np.einsum, "where": np.where, "square": np.square, "broadcast_to": np.broadcast_to,
    **{one.numpy: getattr(np, one.numpy) for one in FUNCTIONS.values() if hasattr(np, one.numpy)},
    "erf": np.vectorize(math.erf, otypes=[float]), "nearest": np.rint,
}  # fmt: skip
