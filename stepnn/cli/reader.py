"""Walking through a lesson without pictures or cursor movement, line after line: for screen readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepnn.cli.keys import meanings
from stepnn.cli.output import print_lines
from stepnn.cli.position import Position
from stepnn.cli.screen import Keys, raw_keys
from stepnn.words import Catalogue
from stepnn.writers import text as plain

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace


def read_plainly(trace: Trace, words: Catalogue, ascii: bool, start: str) -> None:
    """Print a step, wait for a key, print the next."""
    position = Position(trace, trace.place(start) if start else 0)
    keys, message = Keys(), ""
    while True:
        if message:
            print_lines([words(message, count=len(trace))])
        else:
            print_lines(["", *plain.single(trace, position.place + 1, position.step, words, ascii)])
        print(words("keys.plain"), end="", flush=True)
        with raw_keys():
            typed = keys.read()
        print()
        for meaning in meanings(typed or "q"):
            if meaning == "quit":
                return
            message = moved(position, meaning)


def moved(position: Position, meaning: str) -> str:
    """Move as a key asks; "" or the catalogue key of what to say instead."""
    if meaning in ("g", "first", "last"):
        return position.go(len(position.trace) - 1 if meaning == "last" else 0)
    message = position.moved(meaning)
    return "keys.plain_help" if message is None else message
