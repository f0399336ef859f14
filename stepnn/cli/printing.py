"""`stepnn sheet`: exercise sheets and their key, written to a folder as a whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stepnn.cli import output
from stepnn.errors import StepnnError, UsageError, visible
from stepnn.lessons import shelf
from stepnn.lessons.read import load_lesson
from stepnn.lessons.schema import Lesson
from stepnn.sheets.code import fingerprint, number_for, read_code
from stepnn.sheets.key import as_csv, as_json, as_text
from stepnn.sheets.layout import key_page, merged_page, sheet_page
from stepnn.sheets.plan import Options
from stepnn.sheets.roster import read_roster
from stepnn.sheets.sheet import KeyPart, Printer, Sheet, Student, key_part
from stepnn.sheets.variants import Unfit, told
from stepnn.views import markdown, tex
from stepnn.views.page import Page
from stepnn.views.web import html
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.views.paper.typesetter import Typesetter

ENDINGS = {"pdf": "pdf", "html": "html", "latex": "tex", "markdown": "md"}


@dataclass(frozen=True)
class Look:
    """What a sheet looks like. Nothing here changes an exercise or a number."""

    format: str
    paper: str
    words: Catalogue
    formulas: bool = True


@dataclass(frozen=True)
class Order:
    """One sheet to be made: the name of its file, its number, and its student."""

    file: str
    number: int
    student: Student


def orders(lesson: Lesson, seed: int, copies: int, first: int, roster: Path | None) -> list[Order]:
    """The sheets of a class, or of so many copies. Each depends on its student or copy alone."""
    if roster is not None:
        students = read_roster(roster)
        return [Order(one.id, number_for(lesson, seed, f"student {one.id}"), one) for one in students]
    numbers = range(first, first + copies)
    return [Order(f"sheet-{n:04}", number_for(lesson, seed, f"copy {n}"), Student()) for n in numbers]


def lesson_of_code(text: str, name: str | None) -> tuple[Lesson, Options, int]:
    """The lesson, options and number that a code stands for. Raises UsageError."""
    contents = read_code(text)
    for one in [name] if name is not None else shelf.names():
        lesson = load_lesson(one)
        if fingerprint(lesson) == contents.lesson:
            return lesson, contents.options, contents.number
    if name is not None:
        raise UsageError(
            f"--code {visible(text)}: no sheet of {visible(name)} as it is now. "
            "For a lesson that comes with stepnn, leave its name out."
        )
    raise UsageError(
        f"--code {visible(text)}: this is a sheet of none of the lessons that come with stepnn. "
        "Name its lesson file too: stepnn sheet FILE --code …"
    )


def write_sheets(printer: Printer, wanted: Sequence[Order], look: Look, folder: Path, force: bool, merge: bool) -> None:
    """All sheets and their key. Raises StepnnError; then nothing has been written."""
    parts: list[KeyPart] = []

    def made() -> Iterator[Sheet]:
        for one in wanted:
            sheet = printer.sheet(one.number, one.student)
            parts.append(key_part(sheet))
            yield sheet

    with typesetter(look) as setter, new_folder(folder, force) as target:
        if merge:
            pages: Iterable[Page] = [merged_page(made(), look.words, look.formulas)]
            names = ["sheets"]
        else:
            pages = (sheet_page(sheet, look.words, look.formulas) for sheet in made())
            names = [one.file for one in wanted]
        ending = ENDINGS[look.format]
        for name, content in zip(names, contents(pages, look, setter), strict=True):
            (target / f"{name}.{ending}").write_bytes(content)
        key = key_page(parts, printer.lesson, printer.options, look.words)
        (target / f"key.{ending}").write_bytes(next(contents([key], look, setter)))
        (target / "key.csv").write_bytes(as_csv(parts).encode("utf-8-sig"))
        document = as_json(parts, printer.lesson, printer.options)
        (target / "key.json").write_bytes(f"{document}\n".encode())


def key_lines(printer: Printer, wanted: Sequence[Order], words: Catalogue) -> Iterator[str]:
    """The key for the terminal."""
    for place, one in enumerate(wanted):
        yield from [""] if place else []
        yield from as_text(key_part(printer.sheet(one.number, one.student)), printer.lesson, words)


def contents(pages: Iterable[Page], look: Look, setter: Typesetter | None) -> Iterator[bytes]:
    """Pages as the bytes of files."""
    if setter is not None:
        yield from setter.pdfs(pages)
        return
    write = {"html": html.document, "latex": lambda page: tex.document(page, look.paper), "markdown": markdown.page}
    for page in pages:
        yield output.encoded(write[look.format](page))


def typesetter(look: Look) -> AbstractContextManager[Typesetter | None]:
    """The typesetter, for PDF only."""
    if look.format != "pdf":
        return nullcontext()
    from stepnn.views.paper.typesetter import Typesetter

    return Typesetter(look.paper)


@contextmanager
def new_folder(folder: Path, force: bool) -> Iterator[Path]:
    """A folder to write into, which takes its place only when everything in it has been written.

    Raises UsageError or StepnnError for a place where there can be no folder, or where there is one already.
    """
    shown = visible(str(folder), 200)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--out {shown} is a file. Name a folder.")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise StepnnError(f"{shown} exists and is not empty. Nothing was written. Use --force to write into it.")
    temporary: Path | None = None
    try:
        folder.absolute().parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".stepnn-", dir=folder.absolute().parent))
        yield temporary
        move(temporary, folder)
    except OSError as error:
        raise StepnnError(f"{shown} cannot be written: {error.strerror}. Nothing was changed.") from None
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def move(made: Path, folder: Path) -> None:
    """Put what was made in its place: the folder as a whole, or its files over those of a folder that is there."""
    made.chmod(0o777 & ~output.current_umask())
    if not folder.exists() or not any(folder.iterdir()):
        made.replace(folder)
        return
    for file in sorted(made.iterdir()):
        file.replace(folder / file.name)


def tried(printer: Printer, count: int, words: Catalogue) -> Iterator[str]:
    """How many of so many variants are fit at the first try, and what is wrong with the others."""
    failed: Counter[str] = Counter()
    for number in range(count):
        found = printer.variants.attempt(number, 0)
        if isinstance(found, Unfit):
            failed[told(found, words)] += 1
    yield words("sheet.fit", good=count - failed.total(), count=count)
    for reason, often in failed.most_common():
        yield f"  {often} × {reason}"
