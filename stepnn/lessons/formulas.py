"""A network that a lesson writes as formulas: `[[quantities]]` made into quantities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from stepnn.layers.dense import as_fractions
from stepnn.layers.kinds.page import Shape
from stepnn.lessons.pages import Pages, Placed
from stepnn.lessons.schema import Lesson
from stepnn.network.model import Axis, Quantity, Role
from stepnn.network.order import Recurrence, in_order
from stepnn.notation.formula import Formula, Ref, transform

Numbers = tuple[float, ...]


def pages_of(lesson: Lesson) -> Pages:
    """The lines of a lesson with their shapes; x and t are its inputs and targets, if it has them."""
    outside: dict[str, Shape] = {}
    if lesson.inputs is not None:
        outside["x"] = (len(lesson.inputs.names),)
    if lesson.samples and lesson.samples[0].targets is not None:
        outside["t"] = (len(lesson.samples[0].targets),)
    activations = {name: own.formula for name, own in lesson.activations.items()}
    return Pages(lesson.quantities, outside | ({"eta": ()} if lesson.learning_rate is not None else {}), activations)


def own_quantities(lesson: Lesson, pages: Pages, known: Mapping[str, Quantity]) -> list[Quantity]:
    """The lesson's quantities, derivatives left out, each behind what it needs. `known` are input and target."""
    meanings = {name: quantity.key for name, quantity in known.items()}
    found = [own_quantity(lesson, placed, pages, meanings) for placed in pages.placed]
    return with_time(found)


def own_quantity(lesson: Lesson, placed: Placed, pages: Pages, meanings: Mapping[str, str]) -> Quantity:
    """One line as a quantity."""
    line, own = placed.line, placed.own
    sizes = pages.sizes[placed.name]
    axes = tuple(axis(letter, sizes[letter]) for letter in placed.letters)
    role, formula = Role.TOTAL_ERROR if placed.name == lesson.error else line.role, None
    if placed.formula is not None:
        formula = as_fractions(bound(placed.formula, meanings))
    elif role is not Role.BIAS or not own.learned:
        role = Role.WEIGHT if own.learned else Role.GIVEN
    names = tuple(own.names) if own.kind is None else ()
    return Quantity(
        placed.name, role, placed.name.rstrip("_"), axes, formula, names, own.layer, function=line.function,
        start=line.start, line=line.text,
    )  # fmt: skip


def bound(formula: Formula, meanings: Mapping[str, str]) -> Formula:
    """A formula with the keys of its quantities in place of their names."""

    def change(part: Formula) -> Formula | None:
        return Ref(meanings.get(part.name, part.name), part.index) if isinstance(part, Ref) else None

    return transform(formula, change)


def with_time(quantities: list[Quantity]) -> list[Quantity]:
    """The quantities with their time steps known: those of a recurrence, and of what has the same first index."""
    directions: dict[str, int] = {}
    letters: dict[tuple[str, int], int] = {}
    for part in in_order(quantities):
        if isinstance(part, Recurrence):
            directions |= {member.key: part.direction for member in part.members}
            time = part.members[0].axes[0]
            letters.setdefault((time.letter, time.size), part.direction)
    if not directions:
        return quantities
    found = []
    for quantity in quantities:
        if quantity.axes:
            first = quantity.axes[0]
            turned = directions.get(quantity.key) or letters.get((first.letter, first.size), 0)
            quantity = replace(quantity, axes=(replace(first, time=turned), *quantity.axes[1:]))
        found.append(quantity)
    return found


def axis(letter: str, size: int) -> Axis:
    return Axis(letter, tuple(str(number) for number in range(1, size + 1)))
