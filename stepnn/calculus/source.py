"""Pieces of NumPy source: what computes an array, and the index letters of its axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stepnn.network.model import SAMPLE


@dataclass(frozen=True)
class Code:
    """Source that computes an array, and the index letters of its axes. An `atom` needs no brackets."""

    text: str
    axes: tuple[str, ...] = ()
    atom: bool = True

    @property
    def tight(self) -> str:
        return self.text if self.atom else f"({self.text})"


def union(*axes: Sequence[str]) -> tuple[str, ...]:
    """All letters, each once; the sample comes first, then those of the longest list."""
    ordered = sorted(axes, key=len, reverse=True)
    letters = dict.fromkeys(letter for one in ordered for letter in one)
    return tuple(sorted(letters, key=lambda letter: letter != SAMPLE))


def aligned(code: Code, axes: Sequence[str]) -> str:
    """Source for the array with its axes in the given order, with axes of length 1 where it has none."""
    order = [letter for letter in axes if letter in code.axes]
    text = code.tight
    if tuple(order) != code.axes:
        text += (
            f".transpose({', '.join(str(code.axes.index(letter)) for letter in order)})" if len(order) != 2 else ".T"
        )
    present = [letter in code.axes for letter in axes]
    if not order or False not in present[present.index(True) :]:
        return text  # NumPy itself adds axes in front
    places = present[present.index(True) :]
    return f"{text}[{', '.join(':' if one else 'None' for one in places)}]"


def matrix_product(factors: Sequence[Code], letters: tuple[str, ...]) -> Code | None:
    """`dot(A, B)`, where the sum over one letter of two arrays of at most two axes is one."""
    if len(factors) != 2 or len(letters) != 1:
        return None
    (over,) = letters
    left, right = sorted(factors, key=lambda factor: SAMPLE not in factor.axes or over == SAMPLE)
    both = set(left.axes) & set(right.axes)
    if both != {over} or len(left.axes) > 2 or len(right.axes) > 2:
        return None
    a = f"{left.tight}.T" if left.axes[0] == over and len(left.axes) == 2 else left.tight
    b = f"{right.tight}.T" if right.axes[-1] == over and len(right.axes) == 2 else right.tight
    axes = tuple(letter for letter in (*left.axes, *right.axes) if letter != over)
    return Code(f"dot({a}, {b})", axes)


def contraction(factors: Sequence[Code], letters: tuple[str, ...]) -> Code:
    """The sum of a product over some letters as an `einsum`."""
    every = union(*(factor.axes for factor in factors))
    short = {letter: chr(ord("a") + n) for n, letter in enumerate(every)}
    axes = tuple(letter for letter in every if letter not in letters)
    inputs = ",".join("".join(short[letter] for letter in factor.axes) for factor in factors)
    output = "".join(short[letter] for letter in axes)
    return Code(f"einsum('{inputs}->{output}', {', '.join(factor.text for factor in factors)})", axes)
