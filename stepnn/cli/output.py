"""Where output goes: files that are never overwritten or left half-written, terminals that cannot show everything."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stepnn.errors import StepnnError, UsageError, visible
from stepnn.words import Catalogue, catalogue
from stepnn.words.told import told

STANDARD = "-"  # as a file: standard output
PROBE = "δ∂Σσ½·−⠤─⎡²⋮→"  # symbols of every kind that pages use


class Enough(SystemExit):
    """Nobody reads standard output any more."""


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


def needs_plain() -> bool:
    """Whether the reader has asked for lines without pictures, or has a terminal that only prints lines."""
    return os.environ.get("ACCESSIBLE", "") not in ("", "0") or os.environ.get("TERM") == "dumb"


def check_language(language: str) -> None:
    """Refuse a language that the output cannot show. Raises StepnnError."""
    if not can_show(catalogue(language)("language.name")):
        raise StepnnError(told("this_output_cannot_show_the", language=language, encoding=sys.stdout.encoding))


def showable(language: str) -> Catalogue:
    """The words of a language, or English ones where the output cannot show its letters."""
    found = catalogue(language)
    return found if can_show(found("language.name")) else catalogue("en")


def print_lines(lines: Iterable[str]) -> None:
    """To standard output. A letter that it cannot encode becomes `?`."""
    with until_enough():
        for line in lines:
            encoding = sys.stdout.encoding or "ascii"
            sys.stdout.write(line.encode(encoding, "replace").decode(encoding) + "\n")
        sys.stdout.flush()


def print_sentences(lines: Iterable[str]) -> None:
    """To standard output; on a terminal no word is broken at its edge."""
    if not sys.stdout.isatty():
        print_lines(lines)
        return
    from rich.text import Text  # only a terminal needs it

    from stepnn.writers.ink import wrapped

    width = shutil.get_terminal_size().columns
    print_lines(part.plain for line in lines for part in (wrapped(Text(line), width) if line else [Text()]))


@contextmanager
def until_enough() -> Iterator[None]:
    """Writing to standard output. The program ends well where whoever reads it, such as `head`, has enough.

    To typer, which would see it otherwise, a closed pipe is a failure.
    """
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise Enough(0) from None


def print_error(text: str) -> None:
    """To standard error, if there is one and somebody reads it."""
    if sys.stderr is not None:
        encoding = sys.stderr.encoding or "ascii"
        with suppress(BrokenPipeError):
            sys.stderr.write(text.encode(encoding, "replace").decode(encoding) + "\n")


def write_file(path: Path, content: bytes | Iterable[str], force: bool) -> None:
    """The lines as a UTF-8 file, or bytes: written under another name and renamed, so that it is whole or not there.

    What is no ordinary file, such as /dev/stdout, is written to and stays what it is; `-` is standard output.
    Raises UsageError for a path that cannot be a file, StepnnError where a file exists or writing fails.
    """
    if str(path) == STANDARD:
        with until_enough():
            sys.stdout.flush()
            sys.stdout.buffer.write(encoded(content))
            sys.stdout.buffer.flush()
        return
    with telling(path):
        if is_device(path, force):
            path.write_bytes(encoded(content))
        else:
            replace_file(path.resolve(), encoded(content), force)


def try_file(path: Path | None, force: bool) -> None:
    """Refuse a place that cannot be written to, before any work is done for it. Raises as `write_file` does."""
    if path is None or str(path) == STANDARD:
        return
    with telling(path):
        if not is_device(path, force):
            tempfile.NamedTemporaryFile(dir=path.resolve().parent, prefix=".stepnn-").close()


def is_device(path: Path, force: bool) -> bool:
    """Whether there is something that is no ordinary file. Raises UsageError for a folder, FileExistsError for a file
    that is to be kept."""
    if path.is_dir():
        raise UsageError(told("is_a_folder_name_a", path=visible(str(path), 200)))
    if path.is_file() and not force:
        raise FileExistsError
    return path.exists() and not path.is_file()


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Writing to a path. Raises StepnnError for everything that goes wrong with it."""
    shown = visible(str(path), 200)
    try:
        yield
    except FileExistsError:
        raise StepnnError(told("exists_already_nothing_was_written", shown=shown)) from None
    except (OSError, ValueError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StepnnError(told("cannot_be_written_nothing_was", shown=shown, strerror=reason)) from None


def encoded(content: bytes | Iterable[str]) -> bytes:
    return content if isinstance(content, bytes) else b"".join(f"{line}\n".encode() for line in content)


def replace_file(path: Path, content: bytes, force: bool) -> None:
    """Write beside the file, then rename; nothing is left behind if that fails."""
    temporary: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".stepnn-", delete=False) as file:
            temporary = Path(file.name)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~current_umask())
        put(temporary, path, force)
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def put(made: Path, path: Path, force: bool) -> None:
    """Give a file that was made its name. Without `force` a file of that name is kept, even one that another process
    wrote at this moment: looking first, then renaming, would lose it. Raises FileExistsError."""
    if force:
        made.replace(path)
        return
    try:
        os.link(made, path)  # which, unlike a renaming, never replaces anything
    except FileExistsError:
        raise
    except OSError:  # a disk without links: an empty file holds the place
        path.touch(exist_ok=False)
        made.replace(path)


def current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
