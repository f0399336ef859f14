"""A real pseudo-terminal with the program in it, and a terminal emulator that says what a person would see."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pyte

ROOT = Path(__file__).parent.parent
PATIENCE = 20.0  # seconds until a screen that does not come is a failure; never waited for when it does


class Terminal:
    """`stepnn` with some arguments, or a shell, on a terminal of some size."""

    def __init__(
        self, *arguments: str, columns: int = 80, rows: int = 24, shell: bool = False, **environment: str
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        settings = {
            "TERM": "xterm-256color",
            "LANG": "en_US.UTF-8",
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "PS1": "shell> ",
        }
        kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        command = ["bash", "--norc", "-i"] if shell else [sys.executable, "-m", "stepnn", *arguments]
        self.child = pexpect.spawn(
            command[0],
            command[1:],
            dimensions=(rows, columns),
            env={**kept, **settings, **environment},
            timeout=PATIENCE,
        )
        self.child.delaybeforesend = None

    def text(self) -> str:
        try:
            return "\n".join(line.rstrip() for line in self.screen.display)
        except IndexError:  # a wide letter of which only one half has been drawn yet
            return ""

    def read(self) -> None:
        """Take in what the program has written."""
        try:
            data = self.child.read_nonblocking(65536, timeout=0.05)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return
        self.raw += data
        self.stream.feed(data)

    def wait_for(self, wanted: str | Callable[[str], bool]) -> str:
        """Until the screen shows the text, or fulfils the condition."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.read()
            text = self.text()
            if wanted in text if isinstance(wanted, str) else wanted(text):
                return self.settled()
            if not self.child.isalive():
                self.read()
                break
        text = self.text()
        assert wanted in text if isinstance(wanted, str) else wanted(text), f"not seen: {wanted}\n{text}"
        return text

    def settled(self) -> str:
        """The screen once nothing more is being written to it."""
        before = -1
        while len(self.raw) != before:
            before = len(self.raw)
            self.read()
        return self.text()

    def type(self, keys: str, wanted: str | Callable[[str], bool]) -> str:
        self.child.send(keys)
        return self.wait_for(wanted)

    def ends(self) -> int | None:
        """Wait for the program to end; its exit code."""
        end = time.monotonic() + PATIENCE
        while self.child.isalive() and time.monotonic() < end:
            self.read()
        self.read()
        self.child.close()
        code: int | None = self.child.exitstatus
        return code

    def is_clean(self) -> bool:
        """The second screen buffer is left and the cursor is back."""
        return self.raw.rfind(b"\x1b[?1049l") > self.raw.rfind(b"\x1b[?1049h") and self.raw.rfind(
            b"\x1b[?25h"
        ) > self.raw.rfind(b"\x1b[?25l")
