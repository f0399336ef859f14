"""Quantities that depend on each other from one time step to the next, and the order in which all are computed.

A recurrence is found in the formulas: `h[t, k] = tanh(u[t, k] + w[k] * h[t-1, k])` reads itself one step earlier.
Such quantities are worked out together, time step by time step, along their first index.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from stepnn.errors import FormulaError
from stepnn.network.model import Quantity
from stepnn.notation.formula import Ref, refs
from stepnn.words.told import told


@dataclass(frozen=True)
class Recurrence:
    """Quantities in the order within one time step. `direction` is 1 where they read earlier steps, −1 for later."""

    members: tuple[Quantity, ...]
    direction: int

    @property
    def steps(self) -> range:
        """The positions of the first index in the order in which they are worked out."""
        count = self.members[0].axes[0].size
        return range(count) if self.direction > 0 else range(count - 1, -1, -1)


Part = Quantity | Recurrence


def in_order(quantities: Sequence[Quantity]) -> list[Part]:
    """Quantities and recurrences so that everything stands behind what it needs; otherwise as they stood.

    Raises FormulaError where a quantity needs its own value of the same time step.
    """
    computed = {quantity.key: quantity for quantity in quantities if quantity.formula is not None}
    uses = {key: needed(quantity, computed) for key, quantity in computed.items()}
    together = cycles(uses)
    done: set[str] = set()
    found: list[Part] = []

    def place(key: str) -> None:
        if key in done:
            return
        group = together.get(key, (key,))
        done.update(group)
        for other in (one for member in group for one in uses[member]):
            place(other)
        found.append(recurrence([computed[one] for one in group]) if key in together else computed[key])

    for key in computed:
        place(key)
    return found


def needed(quantity: Quantity, computed: Mapping[str, Quantity]) -> list[str]:
    """The keys of the computed quantities that a formula reads; of one with a start, that too."""
    found = (
        dict.fromkeys(ref.name for ref in refs(quantity.formula) if ref.name in computed) if quantity.formula else {}
    )
    starts = (computed[name].start for name in found)
    return [*found, *(start for start in starts if start in computed)]


def cycles(uses: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """For every key that depends on itself, all keys that depend on each other with it."""
    places = {key: place for place, key in enumerate(uses)}
    if all(places[other] < places[key] for key, others in uses.items() for other in others):
        return {}
    reached = {key: reachable(key, uses) for key in uses}
    return {
        key: tuple(other for other in uses if other in reached[key] and key in reached[other])
        for key in uses
        if key in reached[key]
    }


def reachable(key: str, uses: Mapping[str, Sequence[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(uses[key])
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += uses[one]
    return found


def recurrence(members: Sequence[Quantity]) -> Recurrence:
    """The members in their order within a time step, and the direction in which they read."""
    known = {member.key: member for member in members}
    directions = {-1 if shift > 0 else 1 for member in members for _, shift in shifts(member, known) if shift}
    names = ", ".join(member.glyph for member in members)
    if len(directions) > 1:
        raise FormulaError(told("read_earlier_and_later_time", names=names))
    ordered: list[Quantity] = []

    def place(member: Quantity, above: tuple[str, ...]) -> None:
        if member.key in above:
            raise FormulaError(told("depends_on_itself_within_one_time", glyph=member.glyph, names=names))
        for ref, shift in shifts(member, known):
            if not shift and known[ref.name] not in ordered:
                place(known[ref.name], (*above, member.key))
        if member not in ordered:
            ordered.append(member)

    for member in members:
        place(member, ())
    return Recurrence(tuple(ordered), directions.pop() if directions else 1)


def shifts(member: Quantity, known: Mapping[str, Quantity]) -> Iterator[tuple[Ref, int]]:
    """Every reading of a member in the formula, and how many time steps away it lies."""
    for ref in refs(member.formula) if member.formula is not None else []:
        if ref.name in known:
            letter = member.axes[0].letter if member.axes else ""
            if not ref.index or ref.index[0].terms != ((letter, 1),):
                other = known[ref.name].glyph
                raise FormulaError(told("depends_on_itself_within_one_time", glyph=member.glyph, names=other))
            yield ref, ref.index[0].constant


def elements(quantities: Sequence[Quantity]) -> Iterator[tuple[Quantity, tuple[int, ...]]]:
    """Every computed element behind all that it needs."""
    for part in in_order(quantities):
        if isinstance(part, Quantity):
            yield from ((part, position) for position in part.positions)
            continue
        for step in part.steps:
            for member in part.members:
                yield from ((member, position) for position in member.positions if position[0] == step)
