"""A sitting on a terminal from its first moment on: title and network stand there while numbers are chosen."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from stepnn.cli.commands import command
from stepnn.cli.loading import Loading
from stepnn.cli.screen import Screen
from stepnn.lessons.setup import Setup
from stepnn.page.blocks import Network
from stepnn.words import Catalogue
from stepnn.writers.ink import Look, ascii_if, wrapped
from stepnn.writers.screens import written
from stepnn.writers.terminal import header

if TYPE_CHECKING:
    from stepnn.practice.session import Session

ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"


def sit(work: Callable[[], Session], given: Setup, words: Catalogue, ascii: bool) -> bool:
    """A sitting on the terminal, and the report where it can still be read. False where questions were left."""
    screen, session, went_on = Screen(Console()), None, False
    screen.send(ENTER)
    try:
        session = when_loaded(Loading(work), screen, Look(*screen.size, words, ascii), given)
        went_on = session is not None and questions(session, screen, words, ascii)
    except (EOFError, KeyboardInterrupt):
        pass  # both are ways to leave
    finally:
        screen.send(LEAVE)
    if session is not None:
        report(session, screen, words, ascii)
    return went_on


def questions(session: Session, screen: Screen, words: Catalogue, ascii: bool) -> bool:
    """The sitting itself. False where questions were left."""
    from stepnn.cli.practice_screen import PracticeScreen  # imported while numbers were chosen

    return PracticeScreen(session, words, ascii, screen).run()


def report(session: Session, screen: Screen, words: Catalogue, ascii: bool) -> None:
    """What the sitting came to."""
    from stepnn.cli.practice_screen import MOODS  # as above
    from stepnn.practice.pages import exam_lines
    from stepnn.practice.report import report_lines

    told = [*exam_lines(session, words), *(("neither", line) for line in report_lines(session, words))]
    look = Look(*screen.size, words, ascii)
    for mood, line in told:
        for shown in wrapped(Text(ascii_if(line, look), style=MOODS[mood]), look.width):
            screen.console.print(shown, highlight=False, soft_wrap=True)


def when_loaded(loading: Loading[Session], screen: Screen, look: Look, given: Setup) -> Session | None:
    """What was worked out while the title and the network stood on the screen; None for the wish to quit."""
    drawn = written(Network(given), look)
    said = wrapped(Text(ascii_if(look.words("practice.loading"), look)), look.width)
    screen.draw([*header(given, look, ""), *drawn, *([Text()] if drawn else []), *said])
    screen.send("\r\n")
    loading.thread.start()
    while not loading.is_done(sys.stdin):
        if command(sys.stdin.readline()) == "quit":
            return None
    return loading.found()
