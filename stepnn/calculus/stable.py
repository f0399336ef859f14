"""Formulas that would overflow if they were computed as they are written, and how they are computed instead.

Each gives the same value as its formula wherever the formula can be computed at all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stepnn.notation.formula import Add, Call, Divide, Formula, Number, Sum, letter_index
from stepnn.notation.indices import free_letters, with_indices

Array = NDArray[np.float64]


def softmax(z: Array, axis: int) -> Array:
    """e^z / Σ e^z with the largest z taken from all of them first: the quotient stays the same."""
    powers = np.exp(z - z.max(axis=axis, keepdims=True))
    return np.asarray(powers / powers.sum(axis=axis, keepdims=True))


def softplus(z: Array) -> Array:
    """ln(1 + e^z)."""
    return np.logaddexp(0.0, z)


def times_log(factor: Array, value: Array) -> Array:
    """factor · ln(value), and 0 where the factor is 0: the limit that cross-entropy needs at value = 0."""
    return np.where(factor == 0, 0.0, factor * np.log(value))


def highest(values: Array, counts: Array | bool, over: int, least: bool) -> Array:
    """The largest value over the last `over` axes, or the smallest, of those that count; 0 where none does."""
    axes = tuple(range(-over, 0))
    shown = np.where(counts, values, np.inf if least else -np.inf)
    found = shown.min(axis=axes) if least else shown.max(axis=axes)
    return np.where(np.broadcast_to(counts, shown.shape).any(axis=axes), found, 0.0)


def winners(values: Array, counts: Array | bool, over: int, shared: bool, least: bool) -> Array:
    """1 at the first largest value over the last axes and 0 elsewhere, or shared equally by all largest."""
    shown = np.where(counts, -values if least else values, -np.inf)
    flat = shown.reshape(*shown.shape[: shown.ndim - over], -1)
    best = (flat == flat.max(axis=-1, keepdims=True)) & np.broadcast_to(counts, shown.shape).reshape(flat.shape)
    if not shared:
        best &= np.cumsum(best, axis=-1) == 1
    return np.asarray((best / np.maximum(best.sum(axis=-1, keepdims=True), 1)).reshape(shown.shape))


def stable_form(formula: Formula) -> tuple[str, Formula, str] | None:
    """The name of the function to use, its argument, and the index letter it runs over (or ""), if there is one."""
    match formula:
        case Call("log", (Add((Number(1), Call("exp", (argument,)))),)):
            return ("softplus", argument, "")
        case Divide(Call("exp", (argument,)), Sum(letter, _, Call("exp", (every,)))):
            for free in free_letters(argument):
                if with_indices(argument, {free: letter_index(letter)}) == every:
                    return ("softmax", argument, free)
    return None


NAMESPACE: dict[str, Any] = {
    "winners": winners, "highest": highest, "concatenate": np.concatenate, "asarray": np.asarray,
    "stack": np.stack, "zeros": np.zeros,
    "softmax": softmax, "softplus": softplus, "times_log": times_log,
    "einsum": np.einsum, "where": np.where, "square": np.square, "broadcast_to": np.broadcast_to,
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "abs": np.abs, "sign": np.sign, "sin": np.sin, "cos": np.cos,
    "tanh": np.tanh, "maximum": np.maximum, "minimum": np.minimum,
}  # fmt: skip
