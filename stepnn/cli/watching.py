"""Waiting until a file is saved."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stepnn.cli import output
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.lessons.setup import Setup
    from stepnn.trace.trace import Trace

EVERY = 0.3  # seconds between two looks


class Watch:
    """One file, and how it was when it was last looked at."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.known = self.stamp()

    def stamp(self) -> tuple[int, int] | None:
        """When it was saved, and how large it is; None while it is not there, as just before it is there again."""
        try:
            found = self.file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def is_saved(self) -> bool:
        """Whether it has been saved since it was last looked at."""
        now = self.stamp()
        if now is None or now == self.known:
            return False
        self.known = now
        return True


@dataclass(frozen=True)
class Again:
    """A lesson file that may be saved while it is walked through, and how it is read then."""

    watch: Watch
    read: Callable[[], tuple[Setup, Trace]]


def watched(files: Sequence[Path], words: Catalogue) -> Iterator[list[Path]]:
    """Those of the files that have been saved, each time that some have, until Ctrl-C."""
    watches = list(map(Watch, files))
    output.print_lines([words("check.watching")])
    while True:
        time.sleep(EVERY)
        if changed := [one.file for one in watches if one.is_saved()]:
            output.print_lines([""])
            yield changed
