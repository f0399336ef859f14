"""Work in the background, while the reader looks at the first screen."""

from __future__ import annotations

import gc
from collections.abc import Callable
from threading import Thread
from typing import Generic, TypeVar

Found = TypeVar("Found")


class Loading(Generic[Found]):
    """Works something out while the reader reads. What goes wrong is raised when it is asked for."""

    def __init__(self, work: Callable[[], Found]) -> None:
        self.results: list[Found] = []
        self.error: BaseException | None = None
        self.work = work
        self.thread = Thread(target=self.run, daemon=True)

    def run(self) -> None:
        try:
            self.results.append(self.work())
        except BaseException as error:  # it is raised again in the main thread
            self.error = error

    def found(self) -> Found:
        """What was worked out; waits for it."""
        self.thread.join()
        gc.freeze()  # what is there now stays: it is never looked through again
        gc.enable()
        if self.error is not None:
            raise self.error
        return self.results[0]
