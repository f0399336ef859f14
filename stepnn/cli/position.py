"""Where the reader is in the tree of steps, and how keys move them: data and rules, no screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepnn.page.predicted import said
from stepnn.trace.sentences import title
from stepnn.trace.step import Kind, Step
from stepnn.trace.turns import TURNS, starts
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace


JUMPS = ("g", "first", "last")


class Position:
    """A place in the walk, and the step that is looked at: the one at that place, or one inside or around it.

    `entered` are the steps that were gone into to get there. Every move returns "" or the catalogue key of
    what to tell the reader instead.
    """

    def __init__(self, trace: Trace, place: int = 0) -> None:
        self.trace = trace
        self.place = place
        self.step: Step = trace.steps[place]
        self.entered: list[Step] = []
        self.expected: dict[str, str] = {}  # what the reader has answered, by the name of the question

    def expect(self, answer: str) -> bool:
        """Keep what the reader expects, and go on to the step. False where nothing is asked."""
        if self.step.kind is not Kind.PREDICT:
            return False
        self.expected[self.step.label] = answer
        self.go(self.place + 1)
        return True

    def told(self, words: Catalogue) -> str:
        """What the reader had expected, at the place that says what came of it."""
        if self.step.kind is not Kind.PREDICTED:
            return ""
        name = self.step.label.replace(Kind.PREDICTED.value, Kind.PREDICT.value)
        return said(self.trace, self.step, self.expected.get(name, ""), words)

    def go(self, place: int) -> str:
        """To a place of the walk, counted from 0."""
        if not 0 <= place < len(self.trace):
            return "keys.at_start" if place < 0 else "keys.at_end"
        self.place, self.step, self.entered = place, self.trace.steps[place], []
        return ""

    def jump(self, meaning: str, number: str) -> str:
        """To the first step, the last step, or the one whose number was typed."""
        count = len(self.trace)
        if meaning == "last" and not number:
            return self.go(count - 1)
        place = int(number[:9]) if number else 1
        return self.go(place - 1) if 1 <= place <= count else "keys.no_number"

    def ahead(self) -> int:
        """The place of the next step that has a number to be worked out; behind the last one where there is none."""
        steps = self.trace.steps
        return next((at for at in range(self.place + 1, len(steps)) if steps[at].ref is not None), len(steps))

    def next(self) -> str:
        """The next step; inside or around a step the next one beside it, and after the last one on with the walk."""
        return "" if self.beside(1) else self.go(self.place + 1)

    def back(self) -> str:
        """The step before; before the first one inside a step, that step itself."""
        if self.step is self.trace.steps[self.place]:
            return self.go(self.place - 1)
        return "" if self.beside(-1) else self.go(self.place)

    def moved(self, meaning: str) -> str | None:
        """What comes of a key that moves; None for a key that does not."""
        move = {"next": self.next, "back": self.back, "into": self.into, "out": self.out}.get(meaning)
        name, _, back = meaning.partition(" ")
        return self.turn(name, bool(back)) if name in TURNS else None if move is None else move()

    def turn(self, name: str, back: bool) -> str:
        """To the beginning of the next sample, epoch, update or run; or of this one, and of the one before."""
        places = list(starts(self.trace, name))
        found = [at for at in places if (at < self.place if back else at > self.place)]
        return self.go(found[-1 if back else 0]) if found else f"keys.{'first' if back else 'no_more'}.{name}"

    def beside(self, by: int) -> bool:
        """To a step beside this one. False where there is none: then the walk decides."""
        around = self.entered[-1] if self.entered else self.step.parent
        if self.step is self.trace.steps[self.place] or around is None:
            return False
        steps = around.children
        where = steps.index(self.step) + by
        if not 0 <= where < len(steps):
            return False
        self.step = steps[where]
        if not self.entered:
            places = (place for place, step in enumerate(self.trace.steps) if self.step in ancestors(step))
            self.place = next(places, self.place)
        return True

    def into(self) -> str:
        """Into the step: to the part of it that the walk is at, or to its first part."""
        if not self.step.children:
            return "keys.nothing_inside"
        here = ancestors(self.trace.steps[self.place])
        chosen = next((child for child in self.step.children if child in here), self.step.children[0])
        self.entered.append(self.step)
        self.step = chosen
        if self.step is self.trace.steps[self.place]:
            self.entered = []
        return ""

    def out(self) -> str:
        """Back out of the step, or from a neuron to its whole quantity, from there to the layer and the pass."""
        if self.entered:
            self.step = self.entered.pop()
        elif self.step.parent is not None:
            self.step = self.step.parent
        else:
            return "keys.nothing_outside"
        return ""

    def find(self, text: str, words: Catalogue) -> str:
        """To the next step whose symbol or title has the text in it, around the end to the start."""
        wanted, count = text.casefold(), len(self.trace)
        for offset in range(1, count + 1):
            place = (self.place + offset) % count
            step = self.trace.steps[place]
            if wanted in step.symbol.casefold() or wanted in title(step, words).casefold():
                return self.go(place)
        return "keys.not_found"


def ancestors(step: Step) -> list[Step]:
    """The step and everything around it."""
    found = [step]
    while found[-1].parent is not None:
        found.append(found[-1].parent)
    return found
