"""Walking through a lesson without pictures or cursor movement, line after line: for screen readers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from stepnn.cli.keys import meanings
from stepnn.cli.output import print_lines
from stepnn.cli.position import JUMPS, Position
from stepnn.cli.screen import Keys, raw_keys
from stepnn.trace.predictions import SIGNS
from stepnn.words import Catalogue
from stepnn.writers import screens
from stepnn.writers import text as plain

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace


def read_plainly(trace: Trace, words: Catalogue, ascii: bool, start: str) -> None:
    """Print a step, wait for a key, print the next."""
    reader = Reader(trace, words, ascii, start)
    print_lines(["", *reader.step()])
    while True:
        print(words("keys.plain"), end="", flush=True)
        with raw_keys():
            typed = reader.keys.read()
        print()
        for meaning in meanings(typed or "q"):
            if meaning == "quit":
                return
            print_lines(reader.said(meaning))


class Reader:
    """A place in a lesson, and what a key says there, as lines."""

    def __init__(self, trace: Trace, words: Catalogue, ascii: bool, start: str) -> None:
        self.position = Position(trace, trace.place(start) if start else 0)
        self.trace, self.words, self.ascii = trace, words, ascii
        self.keys, self.number, self.searched = Keys(), "", ""

    def step(self) -> Iterable[str]:
        """The step, behind what the reader had expected of it."""
        position = self.position
        if told := position.told(self.words):
            yield from (told, "")
        yield from plain.single(self.trace, position.place + 1, position.step, self.words, self.ascii)

    def said(self, meaning: str) -> Iterator[str]:
        """What comes of a key; digits are kept until the key behind them."""
        if meaning.isdigit():
            self.number += meaning
            return
        number, self.number = self.number, ""
        meaning = "next" if meaning == "enter" else meaning
        if meaning in JUMPS or (number and meaning == "next"):
            yield from self.moved(self.position.jump(meaning, number))
        elif meaning in SIGNS:
            yield from self.moved("") if self.position.expect(meaning) else ()
        elif meaning in screens.ASIDES:
            yield from self.aside(meaning)
        elif meaning == "find":
            yield from self.find()
        elif meaning == "yours":
            yield from self.moved(self.position.go(self.position.ahead()), show=False)
            self.ask()
        elif (message := self.position.moved(meaning)) is not None:
            yield from self.moved(message)
        elif meaning == "help":
            yield from (f"{keys}: {self.words(f'keys.{name}')}" for keys, name in screens.KEYS)

    def moved(self, message: str, show: bool = True) -> Iterator[str]:
        """The step that was gone to, or why there is none."""
        if message:
            yield self.words(message, count=len(self.trace))
        elif show:
            yield from ("", *self.step())

    def aside(self, wanted: str) -> Iterator[str]:
        """The same step as matrices, where its formula comes from, or its curve."""
        blocks = screens.aside_blocks(self.trace, self.position.step, self.words, wanted)
        writer = plain.TextWriter(self.words, self.ascii, False)
        if blocks is None:
            yield self.words(screens.ABSENT[wanted])
        for block in blocks or ():
            yield from writer.finished(block)

    def find(self) -> Iterator[str]:
        """To the next step whose name is typed; with no name, the one that was typed last."""
        try:
            self.searched = input(self.words("keys.find_prompt")).strip() or self.searched
        except EOFError:
            return
        message = self.position.find(self.searched, self.words) if self.searched else ""
        yield from [self.words(message, text=self.searched)] if message else ("", *self.step())

    def ask(self) -> None:
        """The step is asked, line by line."""
        from stepnn.cli.sitting import Plain, from_standard_input  # only a reader who wants to practise needs it
        from stepnn.cli.your_turn import asking

        step = self.position.step
        session = asking(self.trace, step) if step.ref is not None else None
        if session is None:
            print_lines([self.words("keys.not_asked")])
        else:
            Plain(session, self.words, self.ascii, from_standard_input).run(report=False)
