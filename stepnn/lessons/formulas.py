"""A network that a lesson writes as formulas: `[[quantities]]` made into quantities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from stepnn.lessons.opening import Outside, Placed
from stepnn.lessons.pages import Pages, every_value
from stepnn.lessons.schema import Lesson, OwnQuantity
from stepnn.network.model import Axis, Quantity, Role
from stepnn.network.order import Recurrence, in_order
from stepnn.notation.formula import Formula, Ref, transform
from stepnn.notation.parse import as_fractions

Numbers = tuple[float, ...]


def pages_of(lesson: Lesson, rows: Sequence[OwnQuantity], outside: Mapping[str, Outside]) -> Pages:
    """The lines of a lesson with their shapes; x and t are its inputs and targets, if it has them."""
    own = {
        "activations": {name: one.formula for name, one in lesson.activations.items()},
        "losses": {name: one.formula for name, one in lesson.losses.items()},
    }
    if lesson.update == "perceptron" and lesson.loss in own["losses"]:
        own["losses"] = {"perceptron": own["losses"][lesson.loss]}  # what the rule takes as the mistake
    return Pages(rows, dict(outside) | ({"eta": Outside(())} if lesson.learning_rate is not None else {}), own)


def quantities_of(lesson: Lesson, pages: Pages, keys: Mapping[str, str]) -> list[Quantity]:
    """The lines as quantities, derivatives left out. `keys` are those of input and target."""
    return with_time([quantity_of(lesson, placed, pages, keys) for placed in pages.placed])


def quantity_of(lesson: Lesson, placed: Placed, pages: Pages, keys: Mapping[str, str]) -> Quantity:
    """One line as a quantity."""
    line, own = placed.line, placed.own
    sizes, layer = pages.sizes[placed.name], pages.parameters.get(placed.name)
    labels = layer.labels if layer is not None else placed.labels
    axes = tuple(axis(letter, sizes[letter], labels.get(letter, ())) for letter in placed.letters)
    role, formula = Role.TOTAL_ERROR if placed.name == lesson.error else line.role, None
    if placed.formula is not None:
        formula = as_fractions(bound(placed.formula, keys))
    elif layer is not None:
        role = layer.role
    elif role is not Role.BIAS or not own.learned:
        role = Role.WEIGHT if own.learned else Role.GIVEN
    names = tuple(own.names) if own.kind is None else ()
    glyph = layer.glyph if layer is not None else line.glyph or placed.name.rstrip("_")
    found = Quantity(
        placed.name, role, glyph, axes, formula, names, own.layer, function=line.function, start=line.start,
        line=line.text,
    )  # fmt: skip
    gaps = [place for place, one in enumerate(every_value(own)) if one is None]
    return replace(found, missing=frozenset(found.grid[place] for place in gaps)) if gaps else found


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


def axis(letter: str, size: int, labels: Sequence[str] = ()) -> Axis:
    return Axis(letter, tuple(labels) or tuple(str(number) for number in range(1, size + 1)))
