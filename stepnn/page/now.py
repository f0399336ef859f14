"""What to do after a lesson: work it out oneself, change a number, go on to the next one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stepnn.lessons import shelf
from stepnn.lessons.setup import Setup
from stepnn.notation.numbers import given
from stepnn.page.blocks import Bullets, Paragraph
from stepnn.words import Catalogue

TIMES = 10  # what the learning rate is multiplied by, to see what becomes of it


@dataclass(frozen=True)
class Suggestion:
    """Something to do next: its name as a key of the catalogue, and the command that does it."""

    name: str
    command: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(("stepnn", *self.command))


def suggestions(setup: Setup) -> Iterator[Suggestion]:
    """For a lesson that stepnn comes with; of another one it does not know where it is."""
    lesson, every = setup.lesson, shelf.names()
    if lesson.id not in every:
        return
    yield Suggestion("practise", ("practice", lesson.id))
    if setup.learns and setup.rate and setup.label is None:
        yield Suggestion("change", ("lesson", lesson.id, "--set", f"eta={given(setup.rate * TIMES).ascii}"))
    after = every[every.index(lesson.id) + 1 :]
    if after:
        yield Suggestion("next", ("lesson", after[0]))


def what_now(setup: Setup, words: Catalogue) -> Iterator[Paragraph | Bullets]:
    """The suggestions as blocks."""
    found = [(words(f"now.{one.name}"), (one.text,)) for one in suggestions(setup)]
    if found:
        yield Paragraph((words("now.title"),))
        yield Bullets(tuple(found))
