"""A network that a lesson writes as formulas: `[[quantities]]` made into quantities."""

from __future__ import annotations

from collections.abc import Mapping

from stepnn.layers.dense import as_fractions, bind
from stepnn.lessons.schema import Lesson, OwnQuantity
from stepnn.model import Axis, Quantity, Role
from stepnn.notation.formula import refs
from stepnn.notation.parse import parse

Numbers = tuple[float, ...]


def letters_of(own: OwnQuantity) -> tuple[str, ...]:
    """The index letters of a quantity: `k, j` as k and j."""
    return tuple(letter.strip() for letter in own.index.split(",")) if own.index else ()


def shape_of(own: OwnQuantity) -> tuple[int, ...]:
    """The shape of the values that are given for it."""
    if not isinstance(own.values, list):
        return ()
    first = own.values[0]
    return (len(own.values), len(first)) if isinstance(first, list) else (len(own.values),)


def flat(own: OwnQuantity) -> Numbers:
    """The given values, row by row."""
    if not isinstance(own.values, list):
        return (own.values,) if own.values is not None else ()
    rows = [row if isinstance(row, list) else [row] for row in own.values]
    return tuple(value for row in rows for value in row)


def sizes_of(lesson: Lesson) -> dict[str, int]:
    """How many positions each index letter runs over: those of the values that it stands beside."""
    sizes: dict[str, int] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    if lesson.inputs is not None:
        shapes["x"] = (len(lesson.inputs.names),)
    if lesson.samples and lesson.samples[0].targets is not None:
        shapes["t"] = (len(lesson.samples[0].targets),)
    for own in lesson.quantities:
        learn_sizes(own, shapes, sizes)
    return sizes


def learn_sizes(own: OwnQuantity, shapes: dict[str, tuple[int, ...]], sizes: dict[str, int]) -> None:
    """Add what a quantity tells: the sizes of its letters, and its own shape as far as it is known."""
    letters = letters_of(own)
    if own.values is not None:
        sizes.update(
            {letter: size for letter, size in zip(letters, shape_of(own), strict=False) if letter not in sizes}
        )
    elif own.formula is not None:
        for ref in refs(parse(own.formula)):
            for one, size in zip(ref.index, shapes.get(ref.name, ()), strict=False):
                if one.letter:
                    sizes.setdefault(one.letter, size)
    if all(letter in sizes for letter in letters):
        shapes[own.name] = tuple(sizes[letter] for letter in letters)


def own_quantities(lesson: Lesson, known: Mapping[str, Quantity]) -> list[Quantity]:
    """The lesson's quantities in written order, those that are derivatives left out. `known` are input and target."""
    sizes, meanings = sizes_of(lesson), dict(known)
    found = []
    for own in lesson.quantities:
        if own.derivative is not None:
            continue
        axes = tuple(axis(letter, sizes[letter]) for letter in letters_of(own))
        role = Role.TOTAL_ERROR if own.name == lesson.error else Role.ACTIVATION if own.activation else Role.VALUE
        formula = None
        if own.formula is not None:
            formula = as_fractions(bind(parse(own.formula), meanings, {}, sizes))
        else:
            role = Role.WEIGHT if own.learned else Role.GIVEN
        quantity = Quantity(own.name, role, own.name, axes, formula, tuple(own.names), own.layer)
        meanings[own.name] = quantity
        found.append(quantity)
    return found


def axis(letter: str, size: int) -> Axis:
    return Axis(letter, tuple(str(number) for number in range(1, size + 1)))
