"""What `stepnn mark` does between reading its options and writing its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

from stepnn.cli.folder import new_folder
from stepnn.cli.jobs import Progress, Workers, cores, mapped
from stepnn.cli.mark_options import Wanted
from stepnn.cli.printing import Look, write_new, write_pages
from stepnn.cli.setting import lesson_of_code, shipped
from stepnn.errors import UsageError, visible
from stepnn.exercises.assignment import Mode, in_letters, read_assignment
from stepnn.exercises.code import read_code
from stepnn.exercises.secret import read_secret
from stepnn.lessons.build import setup
from stepnn.lessons.read import load_lesson
from stepnn.lessons.schema import Lesson
from stepnn.marking.carry import Carry
from stepnn.marking.feedback import Telling, comment, feedback_page, merged_feedback, summary
from stepnn.marking.marks import Mark, Marker, Override, Paper, points_text
from stepnn.marking.papers import Collector, Papers, codes_in, read_papers
from stepnn.marking.platforms import PLATFORMS, filled
from stepnn.marking.report import report_page
from stepnn.marking.tables import mail_table, marks_table, read_overrides, template
from stepnn.sheets.key import part_object
from stepnn.sheets.key_file import KeyFile, assignment_in, plain, sheet_of
from stepnn.sheets.roster import read_roster
from stepnn.sheets.rules import places_of
from stepnn.sheets.sheet import Printer, key_part
from stepnn.words import Catalogue
from stepnn.words.told import told
from stepnn.writers.formats import FORMATS, Options

__all__ = ["PLATFORMS", "template"]
PART = 20  # papers of a task
FEW = 8


@dataclass(frozen=True)
class Class:
    """All marks of a class, what became of its papers, and how it is told."""

    marks: Sequence[Mark]
    papers: Papers
    telling: Telling


@dataclass(frozen=True)
class Recipe:
    """What a process needs to mark: the lesson, what was asked as JSON, and how steps are counted."""

    lesson: Lesson
    assignment: str
    carry: Carry
    expressions: bool

    def __hash__(self) -> int:
        return hash((self.lesson.id, self.assignment, self.carry, self.expressions))


@lru_cache(maxsize=2)
def marker(recipe: Recipe) -> Marker:
    """Made once in each process."""
    return Marker(recipe.lesson, read_assignment(recipe.assignment), recipe.carry, recipe.expressions)


def mark_some(recipe: Recipe, overrides: Mapping[str, Mapping[str, Override]], papers: Sequence[Paper]) -> list[Mark]:
    """One task: the marks of some papers."""
    return [marker(recipe).mark(paper, overrides.get(paper.sheet.code)) for paper in papers]


def marked(wanted: Wanted, key: KeyFile, words: Catalogue) -> Class:
    """The marks of everybody who handed in. Raises UsageError, LessonError."""
    assert wanted.answers is not None
    lesson = load_lesson(wanted.lesson or shipped(key.assignment))
    if key.assignment.mode is not Mode.FILL:
        raise UsageError(told("mark_only_fill_in"))
    recipe = Recipe(lesson, in_letters(key.assignment), wanted.carry, wanted.expressions)
    one = marker(recipe)
    names = {
        working.id: one.desk.workings.moments[working.at].names.of(working.ref) for working in one.desk.workings.asked
    }
    strange = [asked.step for asked in key.sheets[0].asked if asked.step not in names]
    if strange:
        raise UsageError(told("key_asks_other_steps", names=", ".join(visible(name) for name in strange[:FEW])))
    papers = read_papers(wanted.answers, key, names)
    overrides = read_overrides(wanted.overrides, Collector(key, names)) if wanted.overrides is not None else {}
    if wanted.explain:
        papers = replace(papers, papers=[paper for paper in papers.papers if is_called(paper, wanted.explain)])
    parts = [papers.papers[start : start + PART] for start in range(0, len(papers.papers), PART)]
    workers = Workers(wanted.jobs or cores(), wanted.cluster)
    with Progress(len(parts), words("mark.marking")) as tick:
        made = mapped(partial(mark_some, recipe, overrides), parts, workers, tick)
        marks = [mark for some in made for mark in some]
    telling = Telling(words, lesson, wanted.carry, places_of(key.assignment, words), wanted.solutions)
    return Class(marks, papers, telling)


def key_of_codes(wanted: Wanted) -> KeyFile:
    """The key of the sheets whose codes stand beside the answers: with their secret it is made once more. Raises
    UsageError for codes of another secret or of other sheets."""
    assert wanted.secret is not None
    if wanted.answers is None:
        raise UsageError(told("mark_name_answers"))
    codes = codes_in(wanted.answers)
    if not codes:
        raise UsageError(told("mark_no_codes", file=visible(str(wanted.answers), 200)))
    lesson, contents = lesson_of_code(codes[0], wanted.lesson)
    found = setup(lesson)
    asked = assignment_in(wanted.assignment) if wanted.assignment else None
    printer = Printer(found, contents.of(found, asked), read_secret(wanted.secret))
    roster = read_roster(wanted.students).students if wanted.students is not None else []
    numbers = {printer.codes.number(wanted.seed, f"student {one.id}"): one for one in roster}
    parts = []
    for text in codes:
        one = read_code(text)
        printer.codes.check(one)
        parts.append(key_part(printer.sheet(one.number, numbers.get(one.number))))
    return KeyFile(printer.assignment, tuple(sheet_of(part_object(part)) for part in parts))


def is_called(paper: Paper, name: str) -> bool:
    """Whether a paper is of the student with that id, code or name."""
    sheet = paper.sheet
    return plain(name) in map(plain, (sheet.id, sheet.code, sheet.name)) and bool(name.strip())


def explained(found: Class, who: str, words: Catalogue) -> Iterator[str]:
    """The marks of a student, answer by answer. Raises UsageError where there is none."""
    if not found.marks:
        raise UsageError(told("mark_no_such_student", name=visible(who)))
    for mark in found.marks:
        name = " · ".join(filter(None, (mark.sheet.name, mark.sheet.id, mark.sheet.code)))
        yield words("mark.who", name=name, points=points_text(mark.earned), out_of=mark.points)
        yield from summary(mark, found.telling)
        for one in mark.answers:
            earned = f"{points_text(one.earned)} / {one.asked.points}"
            answer = f"{one.name.text} = {visible(one.typed) or '–'}"
            yield f"{one.number:>4}  {answer}   {earned}   {comment(one, mark, words)}"
            compared = one.compared.text if one.compared != one.right else ""
            if one.earned != one.asked.points:
                key = "mark.compared" if compared else "mark.only_right"
                more = {"compared": compared} if compared else {}
                yield f"      {words(key, right=one.right.text, **more)}"


def write(found: Class, wanted: Wanted, folder: Path) -> list[Mark]:
    """Everything into one folder, or nothing; the students of whom an export knows nothing. Raises StepnnError."""
    telling, marks = found.telling, found.marks
    look = Look(
        FORMATS[wanted.format.value if wanted.format else "pdf"], Options(paper=wanted.paper.value), telling.words
    )
    told_of = partial(in_a_line, telling=telling)
    unknown: list[Mark] = []
    with new_folder(folder, wanted.force) as target:
        write_new(target / "marks.csv", [marks_table(marks)])
        write_new(target / "mail-merge.csv", [mail_table(marks, told_of)])
        write_pages(target, ["report"], [report_page(marks, found.papers.absent, telling)], look)
        if wanted.merge:
            write_pages(target, ["feedback"], [merged_feedback(marks, telling)], look)
        else:
            names = [f"feedback-{mark.sheet.who}" for mark in marks]
            write_pages(target, names, (feedback_page(mark, telling) for mark in marks), look)
        platform, export = wanted.export
        if platform:
            made = filled(export, platform, wanted.column, marks, told_of)
            unknown = made.unknown
            write_new(target / f"{platform}.csv", [made.data])
    return unknown


def in_a_line(mark: Mark, telling: Telling) -> str:
    """The feedback to a student as a few sentences."""
    words, first = telling.words, mark.first_wrong
    found = [words("mark.points", points=points_text(mark.earned), out_of=mark.points) + ".", *summary(mark, telling)]
    if mark.is_empty:
        return words("mark.nothing")
    if first is not None:
        found.append(f"{words('mark.first_wrong')}: {first.number}. {first.name.text} – {comment(first, mark, words)}.")
    return " ".join(found)


def notes(found: Class, words: Catalogue) -> Iterator[str]:
    """What the one who marks should know of the table."""
    papers = found.papers
    if papers.encoding:
        yield words("sheet.encoding", encoding=papers.encoding)
    if papers.ignored:
        yield words("mark.ignored", names=", ".join(visible(name, 30) for name in papers.ignored[:FEW]))
    if papers.missing:
        yield words(
            "mark.missing",
            names=", ".join(map(str, papers.missing[:FEW])) + (", …" if len(papers.missing) > FEW else ""),
        )
    if papers.absent:
        yield words("mark.absent", count=len(papers.absent))
