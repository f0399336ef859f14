"""The page that a student gets back: what each answer earned, which was wrong first, and what to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stepnn.exercises.feedback import direction, hint, said
from stepnn.exercises.judge import Verdict
from stepnn.lessons.schema import Lesson
from stepnn.marking.carry import Carry
from stepnn.marking.marks import AnswerMark, Mark, points_text
from stepnn.page.blocks import Block, Box, Fresh, Heading, Page, Paragraph, Table
from stepnn.page.written import Text
from stepnn.trace.texts import title_text
from stepnn.words import Catalogue

CARRIED = {Carry.no: "mark.carry_no", Carry.half: "mark.carry_half", Carry.full: "mark.carry_full"}


@dataclass(frozen=True)
class Telling:
    """What is told to students: in which words, of which lesson, how a step was counted that follows from a wrong one,
    how exactly answers were wanted, and whether the right results are shown."""

    words: Catalogue
    lesson: Lesson
    carry: Carry
    places: str
    solutions: bool = False


def feedback_page(mark: Mark, telling: Telling) -> Page:
    """The page of one student."""
    return Page(title(telling), telling.words, tuple(blocks(mark, telling)), footer(mark))


def merged_feedback(marks: Iterable[Mark], telling: Telling) -> Page:
    """All pages in one file, each on a sheet of paper of its own."""
    found: list[Block] = []
    first = ""
    for mark in marks:
        if found:
            found.append(Fresh(footer(mark)))
        else:
            first = footer(mark)
        found += blocks(mark, telling)
    return Page(title(telling), telling.words, tuple(found), first, duplex=True)


def title(telling: Telling) -> str:
    return telling.words("mark.title", title=title_text(telling.lesson, telling.words.language))


def footer(mark: Mark) -> str:
    return " · ".join(filter(None, (mark.sheet.code, mark.sheet.id)))


def blocks(mark: Mark, telling: Telling) -> Iterator[Block]:
    """Who, how many points, what was wrong first, what was right, and then answer by answer."""
    words = telling.words
    yield Heading(1, (title(telling),))
    yield Box(tuple(head(mark, words)))
    if mark.is_empty:
        yield Paragraph((words("mark.nothing"),))
        return
    yield from (Paragraph((line,)) for line in summary(mark, telling))
    yield from first_wrong(mark, telling)
    yield answer_table(mark, telling)
    if any(map(is_carried, mark.answers)):
        yield Paragraph((words(CARRIED[telling.carry]),))


def head(mark: Mark, words: Catalogue) -> Iterator[Block]:
    who = " · ".join(filter(None, (mark.sheet.name, mark.sheet.id)))
    if who:
        yield Paragraph((who,), words("sheet.name"))
    yield Paragraph((mark.sheet.code,), words("sheet.code"))
    yield Paragraph((words("mark.points", points=points_text(mark.earned), out_of=mark.points),), words("mark.result"))


def summary(mark: Mark, telling: Telling) -> Iterator[str]:
    """How many answers are right, and what holds for the whole sheet."""
    count = Counter(one.judged.verdict for one in mark.answers)
    count[Verdict.CARRIED] = sum(map(is_carried, mark.answers))
    yield telling.words(
        "mark.summary",
        count=len(mark.answers),
        right=count[Verdict.RIGHT],
        carried=count[Verdict.CARRIED],
        empty=count[Verdict.EMPTY],
    )
    if mark.turned:
        yield telling.words("mark.turned")


def is_carried(one: AnswerMark) -> bool:
    """Whether an answer follows rightly from an earlier wrong one, and counts as such."""
    return one.judged.verdict is Verdict.CARRIED and one.refused is None


def first_wrong(mark: Mark, telling: Telling) -> Iterator[Block]:
    """The first answer that is wrong by itself: what its number shows, and a question that leads on."""
    words, one = telling.words, mark.first_wrong
    if one is None:
        return
    yield Heading(2, (words("mark.first_wrong"),))
    names = {other.asked.step: other.name.text for other in mark.answers}
    texts = [
        said(one.judged, words, names.__getitem__, telling.places),
        hint(one.judged, words),
        direction(one.judged, words),
    ]
    equation: Text = (f"{one.number}. ", one.name, f" = {one.typed}")
    yield Paragraph(equation)
    yield from (Paragraph((text,)) for text in texts if text)
    follows = [str(other.number) for other in mark.answers if one.asked.step in other.judged.roots]
    if follows:
        yield Paragraph((words("mark.follows", names=", ".join(follows)),))


def answer_table(mark: Mark, telling: Telling) -> Table:
    """A row for each answer."""
    words, solutions = telling.words, telling.solutions
    head = ["", words("mark.asked"), words("mark.typed"), *([words("mark.right")] if solutions else [])]
    head += [words("mark.points_head"), words("mark.comment")]
    rows: list[Text] = []
    for one in mark.answers:
        right = [one.right.text] if solutions else []
        points = f"{points_text(one.earned)} / {one.asked.points}"
        rows.append((str(one.number), one.name, one.typed or "–", *right, points, comment(one, mark, words)))
    return Table(tuple(head), tuple(rows), words=frozenset({1, len(head) - 1}))


def comment(one: AnswerMark, mark: Mark, words: Catalogue) -> str:
    """In a few words, what an answer is."""
    if one.override is not None:
        return words("mark.override", reason=one.override.reason)
    if one.refused is not None:
        return words(f"mark.{one.refused.value}")
    judged = one.judged
    if judged.verdict is Verdict.CARRIED:
        number = next((other.number for other in mark.answers if other.asked.step == judged.follows_from), 0)
        return words("mark.carried", number=number)
    if judged.verdict is Verdict.MISTAKE and one.mistakes and not judged.meant:
        return words(f"mistake.{one.mistakes[0]}")
    if judged.verdict is Verdict.SHORT and judged.follows_from:
        return words("mark.short_carried")
    return words(f"mark.verdict.{judged.verdict.value}")
