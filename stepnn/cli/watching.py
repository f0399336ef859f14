"""Waiting until a file is saved."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from stepnn.cli import output
from stepnn.words import Catalogue

EVERY = 0.3  # seconds between two looks


def stamp(file: Path) -> tuple[int, int]:
    """When a file was saved, and how large it is; nothing for one that is not there just now, as while it is saved."""
    try:
        found = file.stat()
    except OSError:
        return (0, 0)
    return found.st_mtime_ns, found.st_size


def watched(files: Sequence[Path], words: Catalogue) -> Iterator[list[Path]]:
    """Those of the files that have been saved, each time that some have, until Ctrl-C."""
    known = {file: stamp(file) for file in files}
    output.print_lines([words("check.watching")])
    while True:
        time.sleep(EVERY)
        now = {file: stamp(file) for file in files}
        changed = [file for file in files if now[file] != known[file] and now[file] != (0, 0)]
        known |= {file: now[file] for file in changed}
        if changed:
            output.print_lines([""])
            yield changed
