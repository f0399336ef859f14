"""A folder of files that is written as a whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stepnn.cli import output
from stepnn.errors import StepnnError, UsageError, visible


@contextmanager
def new_folder(folder: Path, force: bool) -> Iterator[Path]:
    """A folder to write into; what is in it is moved to its place only when everything has been written.

    Raises UsageError or StepnnError for a place where there can be no folder, or where there is one already.
    """
    shown = visible(str(folder), 200)
    made: list[Path] = []
    temporary: Path | None = None
    try:
        target = folder.resolve()
        check(target, shown, force)
        made = missing_folders(target if target.is_dir() else target.parent)
        for one in reversed(made):
            one.mkdir()
        beside = target if target.is_dir() else target.parent
        temporary = Path(tempfile.mkdtemp(prefix=".stepnn-", dir=beside))
        yield temporary
        move(temporary, target)
        made = []
    except UnicodeError:
        raise StepnnError(f"{shown}: this system cannot name such a file. Set PYTHONUTF8=1.") from None
    except OSError as error:
        raise StepnnError(f"{shown} cannot be written: {error.strerror}. Nothing was changed.") from None
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
        for one in made:
            shutil.rmtree(one, ignore_errors=True)


def check(target: Path, shown: str, force: bool) -> None:
    """Refuse a place before any work is done for it."""
    if target.exists() and not target.is_dir():
        raise UsageError(f"--out {shown} is a file. Name a folder.")
    if target.is_dir() and any(target.iterdir()) and not force:
        raise StepnnError(f"{shown} exists and is not empty. Nothing was written. Use --force to write into it.")


def missing_folders(folder: Path) -> list[Path]:
    """The folders on the way that are not there, the innermost first."""
    return [one for one in (folder, *folder.parents) if not one.exists()]


def move(made: Path, target: Path) -> None:
    """Put what was made in its place: the folder as a whole, or its files into a folder that is there."""
    if not target.exists():
        made.chmod(0o777 & ~output.current_umask())
        made.replace(target)
        return
    files = sorted(made.iterdir())
    blocked = [file.name for file in files if (target / file.name).is_dir()]
    if blocked:
        names = ", ".join(visible(name) for name in blocked[:5])
        raise StepnnError(f"{visible(str(target), 200)}: {names} is a folder there. Nothing was changed.")
    for file in files:
        file.replace(target / file.name)
