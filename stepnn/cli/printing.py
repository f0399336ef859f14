"""`stepnn sheet`: exercise sheets and their key, written to a folder as a whole or not at all."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TypeVar

from stepnn.cli.folder import new_folder
from stepnn.cli.jobs import Progress, Workers, cores, mapped
from stepnn.errors import Fault, LessonError, StepnnError, visible
from stepnn.exercises.assignment import in_letters, read_assignment
from stepnn.exercises.secret import Secret
from stepnn.exercises.telling import Alike
from stepnn.exercises.variants import Unfit, unfit_text
from stepnn.lessons.build import setup
from stepnn.lessons.schema import Lesson
from stepnn.page.blocks import Page
from stepnn.sheets.key import as_csv, as_json, as_text
from stepnn.sheets.layout import form_page, key_page, merged_page, sheet_page
from stepnn.sheets.roster import MERGED, SHEET
from stepnn.sheets.sheet import KeyPart, Printer, Sheet, Student, given_numbers, key_part
from stepnn.words import Catalogue
from stepnn.words.told import told
from stepnn.writers.formats import FORMATS, Format, Options

FORM = "answers"  # behind the name of a sheet
PART = 40  # sheets of one task at most: the bar goes on when one is done
MOST_IN_A_FILE = 200  # sheets in a merged file, or in one file of the key: the typesetter keeps all of it in memory
MOST_UNTOLD = 10  # mistakes that no numbers tell apart are listed
Found = TypeVar("Found")


@dataclass(frozen=True)
class Look:
    """What a sheet looks like. Nothing here changes an exercise or a number."""

    format: Format
    options: Options
    words: Catalogue
    formulas: bool = True
    compact: bool = False
    short: bool = False
    form: bool = False


@dataclass(frozen=True)
class Order:
    """One sheet to be made: the name of its file, its number, and its student."""

    file: str
    number: int
    student: Student


def orders(printer: Printer, seed: int, copies: int, first: int, students: Sequence[Student]) -> list[Order]:
    """The sheets of a class, or of so many copies. Each depends on its student or copy alone."""
    number = printer.codes.number
    if students:
        return [Order(one.id, number(seed, f"student {one.id}"), one) for one in students]
    return [Order(f"{SHEET}-{n:04}", number(seed, f"copy {n}"), Student()) for n in range(first, first + copies)]


def check_names(wanted: Sequence[Order], look: Look, roster: Path) -> None:
    """Refuse names that the pages could only show with gaps in them. Raises LessonError, which tells all of them."""
    faults = []
    for student in (order.student for order in wanted):
        missing = sorted(look.format.lacking(f"{student.name}{student.id}"))
        if missing:
            letters = ", ".join(f"{visible(letter)} (U+{ord(letter):04X})" for letter in missing[:5])
            remedy = told("use_format_html") if look.format.is_binary else told("use_format_pdf_or_html")
            message = told("there_is_no_font_for", letters=letters)
            faults.append(Fault("name", message, student.name, remedy=remedy, line=student.line))
    if faults:
        raise LessonError(visible(str(roster), 200), faults)


@dataclass(frozen=True)
class Recipe:
    """What a process needs to make sheets: the lesson, what is asked as JSON, the secret, and what they look like."""

    lesson: Lesson
    assignment: str
    secret: Secret | None
    look: Look
    merge: bool = False

    def __hash__(self) -> int:
        return hash((self.lesson.id, self.assignment))


@lru_cache(maxsize=2)
def printer_of(recipe: Recipe) -> Printer:
    """Made once in each process."""
    return Printer(setup(recipe.lesson), read_assignment(recipe.assignment), recipe.secret)


Made = tuple[list[tuple[str, bytes]], list[KeyPart]]


def make_some(recipe: Recipe, part: tuple[str, Sequence[Order]]) -> Made:
    """One task: some sheets as files, or all in one file of that name; and their key."""
    printer, look = printer_of(recipe), recipe.look
    gc.enable()  # or every sheet would stay in memory
    name, orders = part
    key: list[KeyPart] = []

    def made() -> Iterator[Sheet]:
        for one in orders:
            sheet = printer.sheet(one.number, one.student)
            key.append(key_part(sheet))
            yield sheet

    shape = (look.words, look.formulas, look.compact)
    if recipe.merge:
        files = written([name], [merged_page(made(), *shape)], look)
        return list(files), key
    forms: list[tuple[str, bytes]] = []

    def pages() -> Iterator[Page]:
        for one, sheet in zip(orders, made(), strict=True):
            if look.form:
                forms.append((f"{one.file}-{FORM}.html", form_of(sheet, look)))
            yield sheet_page(sheet, *shape)

    return [*written([one.file for one in orders], pages(), look), *forms], key


def form_of(sheet: Sheet, look: Look) -> bytes:
    """The answer form of a sheet: an HTML page that needs nothing from elsewhere."""
    html = FORMATS["html"]
    return b"".join(
        f"{line}\n".encode() for line in html.lines(form_page(sheet, look.words, look.formulas), look.options)
    )


def make_key(recipe: Recipe, part: tuple[str, Sequence[KeyPart]]) -> list[tuple[str, bytes]]:
    """One task: the key of some sheets as a file."""
    name, key = part
    page = key_page(key, recipe.lesson, read_assignment(recipe.assignment), recipe.look.words, recipe.look.short)
    return list(written([name], [page], recipe.look))


def written(names: Iterable[str], pages: Iterable[Page], look: Look) -> Iterator[tuple[str, bytes]]:
    """A file for each page. Every call has a typesetter of its own, which forgets what it keeps when it ends."""
    with look.format.opened(look.options) as write:
        for name, content in zip(names, write(pages), strict=True):
            yield f"{name}.{look.format.ending}", content


def write_sheets(
    printer: Printer,
    wanted: Sequence[Order],
    look: Look,
    folder: Path,
    force: bool,
    merge: bool,
    key: str,
    workers: Workers,
) -> list[KeyPart]:
    """All sheets and their key, whose files are called `key`; returns it. Raises StepnnError; then nothing has been
    written."""
    look = replace(look, options=replace(look.options, ahead=workers.jobs < cores()))
    recipe = Recipe(printer.lesson_setup.lesson, in_letters(printer.assignment), printer.codes.secret, look, merge)
    parts: list[KeyPart] = []
    size = MOST_IN_A_FILE if merge else workers.share(len(wanted), PART)
    tasks = list(named(wanted, size, MERGED))
    with new_folder(folder, force) as target:
        with Progress(len(wanted), look.words("sheet.making")) as tick:
            for files, some in mapped(partial(make_some, recipe), tasks, workers):
                parts += some
                for name, content in files:
                    write_new(target / name, [content])
                tick(len(parts))
        private = printer.codes.secret is not None
        for files in mapped(partial(make_key, recipe), list(named(parts, MOST_IN_A_FILE, key)), workers):
            for name, content in files:
                write_new(target / name, [content], private)
        write_new(target / f"{key}.csv", [as_csv(parts).encode("utf-8-sig")], private)
        pieces = as_json(parts, printer.lesson, printer.assignment)
        write_new(target / f"{key}.json", (piece.encode() for piece in pieces), private)
    return parts


def named(found: Sequence[Found], size: int, name: str) -> Iterator[tuple[str, Sequence[Found]]]:
    """So many at a time, each with the name of the file that they could stand in together."""
    count = -(-len(found) // size)
    for number in range(count):
        yield (name if count == 1 else f"{name}-{number + 1}"), found[number * size : (number + 1) * size]


def notes(parts: Sequence[KeyPart], began: float, folder: Path, words: Catalogue) -> Iterator[str]:
    """What the one who prints should know: sheets with the same numbers, and older files in the folder."""
    often = Counter(tuple(part.given.items()) for part in parts)
    alike = sum(count for count in often.values() if count > 1)
    if alike:
        yield words("sheet.alike", alike=alike, count=len(parts))
    old = [file.name for file in sorted(folder.resolve().iterdir()) if file.stat().st_mtime < began]
    if old:
        yield words("sheet.others", count=len(old), names=", ".join(visible(name) for name in old[:5]))


def key_lines(printer: Printer, wanted: Sequence[Order], words: Catalogue) -> Iterator[str]:
    """The key for the terminal."""
    for place, one in enumerate(wanted):
        yield from [""] if place else []
        yield from as_text(key_part(printer.sheet(one.number, one.student)), printer.lesson, words)


def write_pages(target: Path, names: Iterable[str], pages: Iterable[Page], look: Look) -> None:
    """A file for each page."""
    for name, content in written(names, pages, look):
        write_new(target / name, [content])


def write_new(file: Path, pieces: Iterable[bytes], private: bool = False) -> None:
    """A file of the run, which never takes the place of another one; a `private` one is for its owner alone. Raises
    StepnnError."""
    try:
        with file.open("xb") as opened:
            if private:
                file.chmod(0o600)
            opened.writelines(pieces)
    except FileExistsError:
        raise StepnnError(told("two_files_would_be_called", name=visible(file.name))) from None


def tried(printer: Printer, count: int, words: Catalogue) -> Iterator[str]:
    """How many of so many variants are fit at the first try, and what is wrong with the others."""
    failed: Counter[str] = Counter()
    good: set[tuple[tuple[str, float], ...]] = set()
    untold: Counter[Alike] = Counter()
    for number in range(count):
        found = printer.variants.attempt(number, 0)
        if isinstance(found, Unfit):
            failed[unfit_text(found, words)] += 1
        else:
            good.add(tuple(given_numbers(found.setup).items()))
            untold.update(set(printer.variants.telling.alike(found)))
    yield words("sheet.fit", good=count - failed.total(), count=count)
    if len(good) < count - failed.total():
        yield words("sheet.distinct", count=len(good))
    for reason, often in failed.most_common():
        yield f"  {often} × {reason}"
    always = [one for one, often in untold.items() if often == count - failed.total()]
    yield from untold_lines(printer, always, words)


def untold_lines(printer: Printer, always: Sequence[Alike], words: Catalogue) -> Iterator[str]:
    """The mistakes that no numbers of this lesson tell apart."""
    if always:
        yield words("sheet.untold", count=len(always))
    for one in always[:MOST_UNTOLD]:
        first, other = (words(f"mistake.{names[0]}") if names else "" for names in (one.names, one.other))
        symbol = printer.variants.workings.by_id[one.id].ref
        name = printer.variants.workings.moments[printer.variants.workings.by_id[one.id].at].names.text(symbol)
        yield f"  {name}: {first} = {other or words('sheet.untold_right')}"
    if len(always) > MOST_UNTOLD:
        yield words("sheet.untold_more", count=len(always) - MOST_UNTOLD)
