"""The terminal itself: the second screen buffer, whole frames at once, and leaving it as it was found."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import typer
from rich.console import Console
from rich.text import Text

ENTER, LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"


class Screen:
    """Draws frames. `redraw` is called again when the window changes its size."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.redraw: Callable[[], None] = lambda: None
        self.drawing = False
        self.changed = False

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows of the window."""
        width, height = self.console.size
        return max(width, 10), max(height, 6)

    @contextmanager
    def opened(self) -> Iterator[None]:
        """The second screen buffer while the reader steps; the first one comes back whatever happens."""
        self.send(ENTER)
        before = signal.signal(signal.SIGWINCH, self.resized) if hasattr(signal, "SIGWINCH") else None
        try:
            yield
        finally:
            if hasattr(signal, "SIGWINCH"):
                signal.signal(signal.SIGWINCH, before)
            self.send(LEAVE)

    def resized(self, number: int, frame: FrameType | None) -> None:
        if self.drawing:
            self.changed = True
        else:
            self.redraw()

    def draw(self, lines: list[Text]) -> None:
        """Show the lines from the top, clearing what was there. `\\r\\n` because a key may be being waited for."""
        self.drawing = True
        width, height = self.size
        parts = []
        for line in lines[:height]:
            line = line.copy()
            line.truncate(width)
            with self.console.capture() as capture:
                self.console.print(
                    line, end="", no_wrap=True, overflow="ignore", crop=False, soft_wrap=True, highlight=False
                )
            parts.append(f"{capture.get()}\x1b[K")
        self.send("\x1b[H" + "\r\n".join(parts) + "\x1b[J")
        self.drawing = False
        if self.changed:
            self.changed = False
            self.redraw()

    def suspend(self) -> None:
        """Ctrl-Z: give the shell its screen back, stop, and draw again when brought back."""
        if not hasattr(signal, "SIGTSTP"):
            return
        self.send(LEAVE)
        os.kill(0, signal.SIGTSTP)
        self.send(ENTER)
        self.redraw()

    def send(self, text: str) -> None:
        stream = self.console.file
        stream.write(text)
        stream.flush()


def read_key() -> str:
    """What was typed: a letter, a sequence for a special key, or several of them. Ctrl-C and Ctrl-D quit."""
    try:
        return typer.getchar() or "q"
    except (KeyboardInterrupt, EOFError, OSError):
        return "q"


def is_interactive() -> bool:
    """Whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()
