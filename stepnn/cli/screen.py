"""The terminal itself: keys as they are typed, whole frames at once, and leaving it as it was found."""

from __future__ import annotations

import codecs
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import typer
from rich.console import Console
from rich.text import Text

if sys.platform != "win32":  # Windows has neither; there typer reads the keys
    import termios
    import tty

ENTER, LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"


@contextmanager
def raw_keys() -> Iterator[None]:
    """Keys arrive at once and unseen, Ctrl-C among them. What was typed ahead is kept, unlike with `getchar`."""
    if sys.platform == "win32":
        yield
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    try:
        tty.setraw(terminal, termios.TCSADRAIN)
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


class Keys:
    """Reads what is typed. A letter whose bytes arrive in two pieces is put together."""

    def __init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def wait(self, seconds: float) -> bool:
        """Whether a key is pressed within some seconds; where nobody can tell, it is."""
        return sys.platform == "win32" or bool(select.select([sys.stdin.fileno()], [], [], seconds)[0])

    def read(self) -> str:
        """One or more keys; an empty text when the terminal is gone."""
        if sys.platform == "win32":
            try:
                return typer.getchar()
            except (KeyboardInterrupt, EOFError):
                return ""
        typed = ""
        while not typed:
            try:
                data = os.read(sys.stdin.fileno(), 4096)
            except OSError:
                return ""
            if not data:
                return ""
            typed = self.decoder.decode(data)
        return typed


class Screen:
    """Draws frames. `redraw` is called again when the window changes its size."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.redraw: Callable[[], None] = lambda: None
        self.keys = Keys()
        self.drawing = False
        self.changed = False

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows of the window, within reason."""
        width, height = self.console.size
        return min(max(width, 10), 500), min(max(height, 6), 200)

    @contextmanager
    def opened(self) -> Iterator[None]:
        """The second screen buffer while the reader steps; the first one comes back whatever happens."""
        before = signal.signal(signal.SIGWINCH, self.resized) if hasattr(signal, "SIGWINCH") else None
        try:
            with raw_keys():
                self.send(ENTER)
                try:
                    yield
                finally:
                    self.send(LEAVE)
        finally:
            if hasattr(signal, "SIGWINCH"):
                signal.signal(signal.SIGWINCH, before)

    def resized(self, number: int, frame: FrameType | None) -> None:
        if self.drawing:
            self.changed = True
        else:
            self.redraw()

    def draw(self, lines: list[Text]) -> None:
        """Show the lines from the top, clearing what was there. `\\r\\n`, because keys are being read raw."""
        self.drawing = True
        width, height = self.size
        parts = []
        for line in lines[:height]:
            shown = line.copy()
            shown.truncate(width)
            with self.console.capture() as capture:
                self.console.print(shown, end="", soft_wrap=True, highlight=False)
            parts.append(f"{capture.get()}\x1b[K")
        self.send("\x1b[H" + "\r\n".join(parts) + "\x1b[J")
        self.drawing = False
        if self.changed:
            self.changed = False
            self.redraw()

    def suspend(self) -> None:
        """Ctrl-Z: give the shell its screen back, stop, and draw again when brought back."""
        if sys.platform == "win32":
            return
        terminal = sys.stdin.fileno()
        raw = termios.tcgetattr(terminal)
        cooked = [*raw]
        cooked[0] |= termios.ICRNL | termios.IXON
        cooked[1] |= termios.OPOST
        cooked[3] |= termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN
        self.send(LEAVE)
        termios.tcsetattr(terminal, termios.TCSADRAIN, cooked)
        os.kill(0, signal.SIGTSTP)
        termios.tcsetattr(terminal, termios.TCSADRAIN, raw)
        self.send(ENTER)
        self.redraw()

    def send(self, text: str) -> None:
        """To the terminal. One that is gone takes nothing."""
        encoding = getattr(self.console.file, "encoding", None) or "utf-8"
        try:
            self.console.file.write(text.encode(encoding, "replace").decode(encoding))
            self.console.file.flush()
        except OSError:
            return
