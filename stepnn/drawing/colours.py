"""One style for one symbol through the whole lesson: in the picture, in the formula and in the line of numbers.

Three hues that can be read on black and on white (contrast 4.5 at least), and told apart by readers who see fewer
colours, times three marks: no two symbols of one equation have the same style, and none is told by its hue alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from stepnn.network.model import Quantity
from stepnn.notation.formula import Ref, refs
from stepnn.trace.forms import Forms
from stepnn.trace.step import Step

HUES = ("#5f5fff", "#af5f5f", "#d700af")  # of the 256 colours that every terminal has
MARKS = ("", "underline ", "italic ")
STYLES = tuple(f"{mark}{hue}" for mark in MARKS for hue in HUES)
RESULT = "bold "
MOST_ELEMENTS = 48  # of one quantity
FEW, MUCH = 6, 100  # how many symbols are told apart at a glance, and what that is worth beside longer equations


@dataclass(frozen=True)
class Element:
    """An element whose equation is asked for."""

    quantity: Quantity
    ref: Ref
    term: None = None
    in_full: bool = False


KNOWN: WeakKeyDictionary[Forms, dict[Ref, str]] = WeakKeyDictionary()


def colours(step: Step) -> dict[Ref, str]:
    """The style of every element that the step uses, and of its result, which is bold too."""
    step = step.about or step
    whole = styles_of(step.moment.forms.whole)
    found: dict[Ref, str] = {}
    own = [step.ref] if step.ref is not None and step.term is None else []
    for ref in [*(ref for side in step.here for ref in refs(side)), *own]:
        found.setdefault(ref, whole.get(ref) or free({*found.values()}))
    if own:
        found[own[0]] = RESULT + found[own[0]]
    return found


def styles_of(forms: Forms) -> dict[Ref, str]:
    """The style of every symbol of a network: two that stand in one equation have different ones.

    The symbols with the most others beside them choose first (Welsh and Powell 1967). Where there are too many for the
    styles, those that stand in short equations are kept apart.
    """
    if forms not in KNOWN:
        beside: dict[Ref, Counter[Ref]] = {}
        for together in equations(forms):
            for ref in together:
                beside.setdefault(ref, Counter()).update({one: 1 if len(together) > FEW else MUCH for one in together})
        found = KNOWN.setdefault(forms, {})
        for ref in sorted(beside, key=lambda one: -sum(beside[one].values())):
            taken = Counter(dict.fromkeys(STYLES, 0))
            for other, weight in beside[ref].items():
                if other in found:
                    taken[found[other]] += weight
            found[ref] = min(STYLES, key=taken.__getitem__)
    return KNOWN[forms]


def hue(style: str) -> str:
    """The hue of a style alone, for lines, on which no mark is seen."""
    return style.rpartition(" ")[2]


def free(taken: set[str]) -> str:
    """The first style that is not taken; where all are, one of them again."""
    return next((style for style in STYLES if style not in taken), STYLES[len(taken) % len(STYLES)])


def equations(forms: Forms) -> Iterator[list[Ref]]:
    """The symbols of every equation of a network that a reader can tell apart at once, of the first few elements."""
    for quantity in forms.network.computed:
        for place, position in enumerate(quantity.positions[:MOST_ELEMENTS]):
            element = Element(quantity, quantity.element(position), in_full=not place)
            used = (ref for side in forms.here(element) for ref in refs(side))
            together = [*dict.fromkeys((*used, element.ref))]
            if len(together) <= len(STYLES):
                yield together
