"""Typesetting pages as PDF, in a child process with a time limit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Timer
from types import TracebackType

from stepnn.errors import StepnnError, UsageError, visible
from stepnn.page.blocks import Page
from stepnn.words.told import told
from stepnn.writers.formats import Documents, Options
from stepnn.writers.pdf.fonts import fonts_for, lacking
from stepnn.writers.pdf.source import source

__all__ = ["lacking"]
TIME_LIMIT = 120.0  # seconds for one PDF; a page takes about 0.03
LARGE = 10_000_000  # bytes of one request, such as a hundred sheets in one file: twice the time
WORKER = Path(__file__).with_name("worker.py")


@contextmanager
def opened(options: Options) -> Iterator[Documents]:
    """Writes pages as PDF. Raises UsageError if the extra `stepnn[pdf]` is not installed."""
    with Typesetter(options.paper, ahead=options.ahead) as typesetter:
        yield typesetter.pdfs


class Typesetter:
    """A running typesetter. Use it in a `with` block; it starts at once and is ready when the first page is.

    Raises UsageError if the extra `stepnn[pdf]` is not installed.
    """

    def __init__(self, paper: str = "a4", time_limit: float = TIME_LIMIT, ahead: bool = True) -> None:
        if find_spec("typst") is None:
            raise UsageError(told("pdf_needs_the_typesetter_which"))
        self.paper, self.time_limit, self.ahead, self.waiting = paper, time_limit, ahead, 0
        try:
            self.folder = tempfile.TemporaryDirectory(prefix="stepnn-", ignore_cleanup_errors=True)
        except OSError as error:
            raise StepnnError(told("pdf_needs_a_folder_for", strerror=error.strerror)) from None
        folders = [Path(self.folder.name) / name for name in ("empty", "fonts")]
        for folder in folders:
            folder.mkdir()
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(WORKER), *map(str, folders)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip

    def __enter__(self) -> Typesetter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
        self.folder.cleanup()

    def pdf(self, page: Page) -> bytes:
        """The page as PDF/UA-1, the same bytes every time. Raises StepnnError."""
        return next(self.pdfs([page]))

    def pdfs(self, pages: Iterable[Page]) -> Iterator[bytes]:
        """Each page as a PDF; `ahead`, the next is made while one is typeset. Raises StepnnError."""
        waiting = False
        for page in pages:
            request = self.request(page)
            if waiting:
                yield self.receive()
            self.send(request)
            waiting = self.ahead
            if not waiting:
                yield self.receive()
        if waiting:
            yield self.receive()

    def request(self, page: Page) -> bytes:
        """A page as the typesetter's process reads it, with the fonts that it needs."""
        text = source(page, self.paper)
        fonts = fonts_for(text)
        files = [str(file) for file in fonts.files]
        return json.dumps({"page": text, "families": list(fonts.families), "files": files}).encode() + b"\n"

    def send(self, request: bytes) -> None:
        """Hand over a page. The one before must have been received, or both sides would wait for each other."""
        assert self.process.stdin is not None
        self.waiting = len(request)
        try:
            self.process.stdin.write(request)
            self.process.stdin.flush()
        except OSError:
            raise self.failed(told("it_has_stopped")) from None

    def receive(self) -> bytes:
        """The PDF of the page that was handed over. Raises StepnnError."""
        assert self.process.stdout is not None
        limit = self.time_limit * (1 + self.waiting / LARGE)
        late = Event()

        def end() -> None:
            late.set()
            self.process.kill()

        watch = Timer(limit, end)
        watch.start()
        try:
            line = self.process.stdout.readline()
            if not line:
                late_by = told("no_page_after", seconds=f"{limit:.3g}")
                raise self.failed(late_by if late.is_set() else told("it_has_stopped"))
            head = json.loads(line)
            if "error" in head:
                raise self.failed(visible(head["error"], 300))
            return self.process.stdout.read(int(head["size"]))
        finally:
            watch.cancel()

    def failed(self, reason: str) -> StepnnError:
        return StepnnError(told("the_typesetter_could_not_make", reason=reason))
