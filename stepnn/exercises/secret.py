"""A secret: what a class's numbers are drawn with, so that a code, a seed and a list of students give nobody a key.

Everything that it gives is HMAC-SHA256 (RFC 2104, FIPS 180-4) under the secret. What it protects are numbers that were
not handed out yet: whoever holds printed numbers can calculate with them.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from stepnn.errors import StepnnError, UsageError, visible
from stepnn.words.told import told

BYTES = 16
FILE = re.compile(rf"stepnn-secret-(?P<digits>[0-9a-f]{{{2 * BYTES}}})")
LARGEST_FILE = 1_000  # bytes


@dataclass(frozen=True)
class Secret:
    """128 bits that nobody can guess. Its text is in no message: a repr does not show it."""

    key: bytes = field(repr=False)

    def bits(self, purpose: str, text: str, count: int) -> int:
        """So many bits that follow from a text and from the secret, others for each purpose."""
        found = hmac.digest(self.key, f"{purpose}\0{text}".encode(), hashlib.sha256)
        return int.from_bytes(found, "big") >> (8 * len(found) - count)


def read_secret(path: Path) -> Secret:
    """The secret in a file. Raises UsageError where there is none."""
    shown = visible(str(path), 200)
    try:
        if path.is_file() and path.stat().st_size > LARGEST_FILE:
            raise UsageError(told("secret_is_none", file=shown))
        text = path.read_bytes().decode("ascii", "replace").strip()
    except FileNotFoundError:
        raise UsageError(told("secret_no_such_file", file=shown)) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(told("secret_not_read", file=shown, reason=str(reason))) from None
    found = FILE.fullmatch(text)
    if found is None:
        raise UsageError(told("secret_is_none", file=shown))
    return Secret(bytes.fromhex(found["digits"]))


def new_secret(path: Path) -> Secret:
    """A new secret in a file that only its owner may read. Raises StepnnError where there is a file already."""
    shown = visible(str(path), 200)
    key = secrets.token_bytes(BYTES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(f"stepnn-secret-{key.hex()}\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise StepnnError(told("secret_exists", file=shown)) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StepnnError(told("cannot_be_written_nothing_was", shown=shown, strerror=str(reason))) from None
    return Secret(key)


def others_can_read(path: Path) -> bool:
    """Whether other users of the machine may read a file."""
    return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
