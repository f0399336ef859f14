"""A folder of files that is written as a whole or not at all."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stepnn.cli import output
from stepnn.errors import StepnnError, UsageError, visible
from stepnn.words.told import told


@contextmanager
def new_folder(folder: Path, force: bool) -> Iterator[Path]:
    """A folder to write into; what is in it is moved to its place only when everything has been written.

    Raises UsageError or StepnnError for a place where there can be no folder, or where there is one already.
    """
    shown = visible(str(folder), 200)
    made: list[Path] = []
    temporary: Path | None = None
    try:
        target = resolved(folder, shown)
        check(target, shown, force)
        beside = target if target.is_dir() else target.parent
        made = missing_folders(beside)
        for one in reversed(made):
            one.mkdir(exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".stepnn-", dir=beside))
        yield temporary
        move(temporary, target, force)
        made = []
    except UnicodeError:
        raise StepnnError(told("this_system_cannot_name_such", shown=shown)) from None
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY):
            raise in_use(shown) from None
        raise StepnnError(told("cannot_be_written_nothing_was", shown=shown, strerror=error.strerror)) from None
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
        for one in made:
            with suppress(OSError):  # what another process has put into it meanwhile stays
                one.rmdir()


def resolved(folder: Path, shown: str) -> Path:
    """The folder that links lead to. Raises UsageError where they lead nowhere."""
    try:
        return folder.resolve()
    except RuntimeError:
        raise UsageError(told("out_is_a_link_that", shown=shown)) from None


def check(target: Path, shown: str, force: bool) -> None:
    """Refuse a place before any work is done for it."""
    if target.exists() and not target.is_dir():
        raise UsageError(told("out_is_a_file_name", shown=shown))
    if target.is_dir() and any(target.iterdir()) and not force:
        raise in_use(shown)


def in_use(shown: str) -> StepnnError:
    return StepnnError(told("exists_and_is_not_empty", shown=shown))


def missing_folders(folder: Path) -> list[Path]:
    """The folders on the way that are not there, the innermost first."""
    return [one for one in (folder, *folder.parents) if not one.exists()]


def move(made: Path, target: Path, force: bool) -> None:
    """Put what was made in its place: the folder as a whole, or its files into a folder that was there.

    Where another process made the folder meanwhile, it is kept, unless `force`. Raises OSError then.
    """
    if made.parent == target.parent and not (force and target.is_dir()):
        made.chmod(0o777 & ~output.current_umask())
        made.rename(target)  # never onto a folder that holds anything
        return
    files = sorted(made.iterdir())
    blocked = [file.name for file in files if (target / file.name).is_dir()]
    if blocked:
        names = ", ".join(visible(name) for name in blocked[:5])
        raise StepnnError(told("is_a_folder_there_nothing", target=visible(str(target), 200), names=names))
    put: list[Path] = []
    try:
        for file in files:
            output.put(file, target / file.name, force)
            put.append(target / file.name)
    except BaseException:
        for file in [] if force else put:
            file.unlink()
        raise
