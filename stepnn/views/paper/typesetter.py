"""Typesetting pages as PDF, in a child process with a time limit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from threading import Timer
from types import TracebackType

from stepnn.errors import StepnnError, UsageError, visible
from stepnn.views.page import Page
from stepnn.views.paper.fonts import fonts_for
from stepnn.views.paper.source import source

TIME_LIMIT = 120.0  # seconds for one PDF; a page takes about 0.03
WORKER = Path(__file__).with_name("worker.py")


class Typesetter:
    """A running typesetter. Use it in a `with` block; it starts at once and is ready when the first page is.

    Raises UsageError if the extra `stepnn[pdf]` is not installed.
    """

    def __init__(self, paper: str = "a4", time_limit: float = TIME_LIMIT) -> None:
        if find_spec("typst") is None:
            raise UsageError(
                "PDF needs the typesetter, which is not installed. Install it: pip install 'stepnn[pdf]'. "
                "Without it: --format html, latex or markdown."
            )
        self.paper, self.time_limit = paper, time_limit
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
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

    def pdf(self, page: Page) -> bytes:
        """The page as PDF/UA-1, the same bytes every time. Raises StepnnError."""
        self.send(page)
        return self.receive()

    def send(self, page: Page) -> None:
        """Hand over a page; the typesetter works while the caller does something else."""
        text = source(page, self.paper)
        fonts = fonts_for(text)
        request = {"page": text, "families": list(fonts.families), "files": [str(file) for file in fonts.files]}
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            raise self.failed("it has stopped") from None

    def receive(self) -> bytes:
        """The PDF of the page that was handed over first. Raises StepnnError."""
        assert self.process.stdout is not None
        watch = Timer(self.time_limit, self.process.kill)
        watch.start()
        try:
            line = self.process.stdout.readline()
            head = json.loads(line) if line else {"error": f"no page after {self.time_limit:g} seconds"}
            if "error" in head:
                raise self.failed(head["error"])
            return self.process.stdout.read(int(head["size"]))
        finally:
            watch.cancel()

    def failed(self, reason: str) -> StepnnError:
        return StepnnError(f"The typesetter could not make the PDF: {visible(reason, 300)}.")
