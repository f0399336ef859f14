"""Questions without numbers: what a reader expects before a step, and what came of it.

What is compared is worked out from the numbers of the run, never from what the lesson file says of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepnn.lessons.said import Prediction
from stepnn.network.names import Name
from stepnn.notation.numbers import Decimal, given
from stepnn.words.told import Told, told

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace

SIGNS = {"smaller": "<", "equal": "=", "larger": ">"}


@dataclass(frozen=True)
class Side:
    """One of two numbers that are compared: its name, what is shown of it, and the pass and run that it belongs to."""

    name: Name
    shown: Decimal
    number: int = 0
    run: int = 0


@dataclass(frozen=True)
class Outcome:
    """Two numbers, and what the first is beside the second: `smaller`, `equal` or `larger`, as they are shown."""

    left: Side
    right: Side
    found: str


def outcome(trace: Trace, prediction: Prediction) -> Outcome | None:
    """What the numbers say; None where nothing has a name that is compared."""
    left, right = (side(trace, name) for name in prediction.compare)
    if left is None or right is None:
        return None
    one, other = left.shown.value, right.shown.value
    if prediction.sizes:
        one, other = abs(one), abs(other)
    return Outcome(left, right, "equal" if one == other else "smaller" if one < other else "larger")


def side(trace: Trace, name: str) -> Side | None:
    """A given number (of sample 1, or `x1@2`), or the value of a step."""
    setup, (plain, _, sample) = trace.setup, name.partition("@")
    if plain in setup.places and (not sample or 1 <= int(sample) <= len(setup.samples)):
        key, place = setup.places[plain]
        quantity = setup.network[key]
        return Side(setup.names.of(quantity.element(quantity.grid[place])), given(setup.value(plain, int(sample or 1))))
    step = trace.by_symbol.get(name)
    if step is None or step.ref is None:
        return None
    return Side(step.moment.names.of(step.ref), step.moment.decimal(step.ref), step.pass_number, step.moment.run)


def untrue(trace: Trace) -> Iterator[tuple[str, Told]]:
    """What is wrong with the predictions of a lesson, for its own numbers: the field, and what is wrong with it."""
    places = {name: at for at, step in reversed(list(enumerate(trace.steps))) for name in (step.symbol, step.id)}
    for number, asked in enumerate(trace.lesson.predictions):
        field, place = f"predictions.{number}", places.get(asked.before)
        unknown = [name for name in asked.compare if side(trace, name) is None]
        late = [name for name in asked.compare if place is not None and places.get(name, -1) > place]
        found = outcome(trace, asked)
        if place is None:
            yield f"{field}.before", told("no_step_is_called", name=asked.before)
        elif unknown:
            yield f"{field}.compare", told("no_step_is_called", name=unknown[0])
        elif late:
            yield f"{field}.compare", told("is_known_only_after", name=late[0], before=asked.before)
        elif found is not None and found.found != asked.answer:
            yield f"{field}.answer", told("comes_out_otherwise", found=asked.answer, wanted=found.found)
