"""How a sitting is held: on the screen or line by line, with what was answered before."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from stepnn.cli import output

if TYPE_CHECKING:
    from stepnn.lessons.setup import Setup
    from stepnn.practice.history import History
    from stepnn.practice.session import Session
    from stepnn.words import Catalogue


def hold(work: Callable[[], Session], given: Setup, words: Catalogue, ascii: bool, plain: bool) -> bool:
    """Hold a sitting with a lesson, on the screen or line by line. False where it was ended before its last question.

    `work` makes the sitting; on a terminal that happens while the lesson's network is seen.
    """
    ascii = ascii or output.needs_ascii()
    if plain or output.needs_plain() or not output.is_interactive():
        from stepnn.cli.sitting import Plain as PlainSitting  # a terminal needs none of it
        from stepnn.cli.sitting import from_standard_input

        return PlainSitting(work(), words, ascii, from_standard_input).run()
    from stepnn.cli.beginning import sit  # only a terminal needs it

    return sit(work, given, words, ascii)


def opened(words: Catalogue) -> History:
    """The answers so far, with what there is to say of the file."""
    from stepnn.practice.history import History  # the help needs none of it

    history = History()
    if history.problem:
        output.print_error(words("practice.not_kept", problem=history.problem))
    if history.set_aside is not None:
        output.print_error(words("practice.set_aside", file=str(history.set_aside)))
    return history
