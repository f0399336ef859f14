"""The line of keys at the foot of the screen: those that do something at this step, as many as there is room for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.cells import cell_len

from stepnn.page.asides import curve, matrices
from stepnn.trace.step import Kind, Phase, Step
from stepnn.trace.turns import TURNS, starts
from stepnn.words import Catalogue
from stepnn.writers import screens

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace

NAMED = ("next", "back", "yours", "into", "matrix", "derivation", "curve", "nudge", *TURNS, "help")
KEYS = {name: keys.split()[0] for keys, name in screens.KEYS} | {name: name[0] for name in TURNS}
BY_WORTH = (
    "next", "back", "help", "yours", "derivation", "curve", "matrix", "sample", "epoch", "run", "nudge",
    "update", "into",
)  # fmt: skip


def keys_of(trace: Trace, step: Step) -> Iterator[str]:
    """The keys that do something at a step."""
    yield from ("next", "back", "help")
    if step.ref is not None and step.term is None:
        yield "yours"
    if step.quantity is not None:
        yield "derivation"
        yield from ["curve"] if curve(step) is not None else []
        yield from ["matrix"] if matrices(step) is not None else []
        later = step.phase not in (Phase.START, Phase.FORWARD) and not step.moment.samples
        yield from ["nudge"] if later and step.moment.network.total_error is not None else []
    yield from ["into"] if step.children else []
    yield from (name for name in TURNS if many(trace, name))


def many(trace: Trace, name: str) -> bool:
    """Whether there is more than one turn of a kind, in a walk that is long for that."""
    found = starts(trace, name)
    if name == "sample" and len(trace.setup.samples) == 1:
        return False  # the next one is the same in another pass
    return len(trace.moments) > 2 and next(found, None) is not None and next(found, None) is not None


def footer(trace: Trace, step: Step, words: Catalogue, width: int) -> str:
    """`n next · p back · d derivation · ? help`."""
    if step.kind is Kind.PREDICT:
        return words("keys.line_predict")
    there = set(keys_of(trace, step))
    texts = {name: f"{KEYS[name]} {words(f'keys.short.{name}')}" for name in NAMED if name in there}
    kept: set[str] = set()
    for name in BY_WORTH:
        if name in texts and cell_len(" · ".join(texts[one] for one in {*kept, name})) <= width:
            kept.add(name)
    return " · ".join(text for name, text in texts.items() if name in kept)
