"""Walking through a lesson without pictures or cursor movement, line after line: for screen readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepnn.cli.keys import meanings
from stepnn.cli.output import print_lines
from stepnn.cli.position import Position
from stepnn.cli.screen import read_key
from stepnn.views import plain
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace


def read_plainly(trace: Trace, words: Catalogue, ascii: bool, start: str) -> None:
    """Print a step, wait for a key, print the next."""
    position = Position(trace, trace.place(start) if start else 0)
    message = ""
    while True:
        if message:
            print_lines([words(message, count=len(trace))])
        else:
            print_lines(["", *plain.single(trace, position.place, position.step, words, ascii)])
        print(words("keys.plain"), end="", flush=True)
        meaning = next(meanings(read_key()))
        print()
        moves = {"next": position.next, "back": position.back, "into": position.into, "out": position.out}
        if meaning == "quit":
            return
        if meaning == "last":
            message = position.go(len(trace) - 1)
        elif meaning in ("g", "first"):
            message = position.go(0)
        else:
            message = moves[meaning]() if meaning in moves else "keys.plain_help"
