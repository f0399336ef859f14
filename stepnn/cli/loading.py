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
        if sys.platform == "win32":
            return True
        ready, _, _ = select.select([self.ended, keys.fileno()], [], [])
        return self.ended in ready

    def found(self) -> Found:
        """What was worked out; waits for it."""
        self.thread.join()
        gc.freeze()  # what is there now stays: it is never looked through again
        gc.enable()
        if self.error is not None:
            raise self.error
        return self.results[0]
