"""Where output goes: files that are never overwritten or left half-written, terminals that cannot show everything."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from stepnn.errors import StepnnError, UsageError, visible

STANDARD = "-"  # as a file: standard output
PROBE = "δ∂Σσ½·−⠤─⎡²⋮→"  # symbols of every kind that pages use


def can_show(text: str) -> bool:
    """Whether standard output can encode the text."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def is_interactive() -> bool:
    """Whether a person sits at both ends. A stream that was closed is None."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def needs_ascii() -> bool:
    """Whether symbols must be written in ASCII: an old code page, or no encoding at all."""
    return not can_show(PROBE)


def check_language(language: str) -> None:
    """Refuse a language that the output cannot show. Raises StepnnError."""
    if language == "ko" and not can_show("한국어"):
        raise StepnnError(
            f"This output cannot show Hangul: its encoding is {sys.stdout.encoding}. "
            "Set PYTHONUTF8=1, or use --lang en."
        )


def print_lines(lines: Iterable[str]) -> None:
    """To standard output. A letter that it cannot encode becomes `?`."""
    for line in lines:
        encoding = sys.stdout.encoding or "ascii"
        sys.stdout.write(line.encode(encoding, "replace").decode(encoding) + "\n")
    sys.stdout.flush()


def print_error(text: str) -> None:
    """To standard error, if there is one."""
    if sys.stderr is not None:
        encoding = sys.stderr.encoding or "ascii"
        sys.stderr.write(text.encode(encoding, "replace").decode(encoding) + "\n")


def write_file(path: Path, content: bytes | Iterable[str], force: bool) -> None:
    """The lines as a UTF-8 file, or bytes: written under another name and renamed, so that it is whole or not there.

    What is no ordinary file, such as /dev/stdout, is written to and stays what it is; `-` is standard output.
    Raises UsageError for a path that cannot be a file, StepnnError where a file exists or writing fails.
    """
    if str(path) == STANDARD:
        sys.stdout.flush()
        sys.stdout.buffer.write(encoded(content))
        return
    shown = visible(str(path), 200)
    try:
        if path.is_dir():
            raise UsageError(f"{shown} is a folder. Name a file in it.")
        if path.exists() and not path.is_file():
            path.write_bytes(encoded(content))
        elif path.exists() and not force:
            raise StepnnError(f"{shown} exists already. Nothing was written. Use --force to overwrite it.")
        else:
            replace_file(path.resolve(), encoded(content))
    except (OSError, ValueError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StepnnError(f"{shown} cannot be written: {reason}. Nothing was changed.") from None


def refuse(path: Path) -> NoReturn:
    """Say that a file exists already, before any work is done for it. Raises StepnnError."""
    shown = visible(str(path), 200)
    raise StepnnError(f"{shown} exists already. Nothing was written. Use --force to overwrite it.")


def encoded(content: bytes | Iterable[str]) -> bytes:
    return content if isinstance(content, bytes) else "".join(f"{line}\n" for line in content).encode()


def replace_file(path: Path, content: bytes) -> None:
    """Write beside the file, then rename; nothing is left behind if that fails."""
    temporary: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".stepnn-", delete=False) as file:
            temporary = Path(file.name)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~current_umask())
        temporary.replace(path)
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
