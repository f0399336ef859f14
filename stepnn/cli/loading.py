"""Work in the background, while the reader looks at the first screen."""

from __future__ import annotations

import gc
import os
import select
import sys
from collections.abc import Callable
from threading import Thread
from typing import Generic, TextIO, TypeVar

Found = TypeVar("Found")


class Loading(Generic[Found]):
    """Works something out while the reader reads. What goes wrong is raised when it is asked for."""

    def __init__(self, work: Callable[[], Found]) -> None:
        self.results: list[Found] = []
        self.error: BaseException | None = None
        self.work = work
        self.ended, self.end = os.pipe()  # one byte goes through it when all is done
        self.is_open = True
        self.thread = Thread(target=self.run, daemon=True)

    def run(self) -> None:
        try:
            self.results.append(self.work())
        except BaseException as error:  # it is raised again in the main thread
            self.error = error
        finally:
            os.write(self.end, b".")

    def is_done(self, keys: TextIO) -> bool:
        """Wait until all is done, or a key is pressed; whether it is done. Where keys cannot be asked, it is."""
        return self.awaited(keys) == "done"

    def awaited(self, keys: TextIO, seconds: float | None = None) -> str:
        """Wait until all is `done`, a `key` is pressed, or so many seconds have gone and it is `late`."""
        if sys.platform == "win32":
            return "done"
        ready, _, _ = select.select([self.ended, keys.fileno()], [], [], seconds)
        return "late" if not ready else "done" if self.ended in ready else "key"

    def found(self) -> Found:
        """What was worked out; waits for it."""
        self.thread.join()
        self.close()
        gc.freeze()  # what is there now stays: it is never looked through again
        gc.enable()
        if self.error is not None:
            raise self.error
        return self.results[0]

    def close(self) -> None:
        """Nobody asks any more whether it is done."""
        if self.is_open and not self.thread.is_alive():
            self.is_open = False
            os.close(self.ended)
            os.close(self.end)
