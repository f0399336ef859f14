"""The report on a class, as a page of blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import mean, median

from stepnn.marking.feedback import Telling
from stepnn.marking.marks import Mark, points_text
from stepnn.marking.statistics import (
    FEWEST,
    Item,
    by_variant,
    distribution,
    items,
    mistakes,
)
from stepnn.page.blocks import Block, Bullets, Heading, Page, Paragraph, Table
from stepnn.page.written import Cell
from stepnn.sheets.key_file import SheetKey
from stepnn.trace.texts import title_text
from stepnn.words import Catalogue

MOST_NAMED = 8  # students beside a mistake
TO_TEACH = 3
WIDE = 24  # letters of the longest bar


def report_page(marks: Sequence[Mark], absent: Sequence[SheetKey], telling: Telling) -> Page:
    """How the class did."""
    name = telling.words("report.title", title=title_text(telling.lesson, telling.words.language))
    return Page(name, telling.words, (Heading(1, (name,)), *report_blocks(marks, absent, telling.words)))


def report_blocks(marks: Sequence[Mark], absent: Sequence[SheetKey], words: Catalogue) -> Iterator[Block]:
    earned = [mark.earned for mark in marks]
    out_of = marks[0].points
    facts = {
        "count": len(marks),
        "mean": f"{float(mean(earned)):.1f}",
        "median": f"{float(median(earned)):.1f}",
        "out_of": out_of,
    }
    yield Paragraph((words("report.summary", low=points_text(min(earned)), high=points_text(max(earned)), **facts),))
    if absent:
        names = ", ".join(sheet.name or sheet.who for sheet in absent[:MOST_NAMED])
        more = ", …" if len(absent) > MOST_NAMED else ""
        yield Paragraph((words("report.absent", count=len(absent), names=names + more),))
    yield Heading(2, (words("report.distribution"),))
    yield bars(marks, words)
    yield from to_teach(marks, words)
    yield Heading(2, (words("report.items"),))
    if len(marks) < FEWEST:
        yield Paragraph((words("report.too_few", fewest=FEWEST),))
    yield item_table(items(marks), len(marks), words)
    yield from mistake_table(marks, words)
    if groups := by_variant(marks):
        yield Heading(2, (words("report.variants"),))
        rows = [(code, str(count), f"{points:.1f}") for code, count, points in groups]
        yield Table((words("sheet.code"), words("report.students"), words("report.mean")), tuple(rows))


def bars(marks: Sequence[Mark], words: Catalogue) -> Table:
    """How many students have how many points."""
    found = distribution(marks)
    most = max(count for *_, count in found) or 1
    rows = [(f"{low:g} – {high:g}", str(count), "█" * round(WIDE * count / most)) for low, high, count in found]
    return Table((words("mark.points_head"), words("report.students"), ""), tuple(rows), words=frozenset({2}))


def to_teach(marks: Sequence[Mark], words: Catalogue) -> Iterator[Block]:
    """The mistakes that most students made, with the question that leads on from each."""
    often = [(name, some) for name, some, _ in mistakes(marks) if len(some) > 1][:TO_TEACH]
    if not often:
        return
    yield Heading(2, (words("report.teach"),))
    items_ = [
        (
            words("report.of_students", count=len(some)),
            (f"{words(f'mistake.{name}')}. {words(f'mistake.hint.{name}')}",),
        )
        for name, some in often
    ]
    yield Bullets(tuple(items_))


def item_table(found: Sequence[Item], count: int, words: Catalogue) -> Table:
    """Every question: reached, solved, left out, and how well it tells."""
    head = [words(f"report.{name}") for name in ("reached", "solved", "share", "empty", "discrimination")]
    rows: list[tuple[Cell, ...]] = []
    for one in found:
        share = f"{one.difficulty:.0%}" if one.difficulty is not None and count >= FEWEST else "–"
        telling = f"{one.discrimination:.2f}".replace("-", "−") if one.discrimination is not None else "–"
        numbers = (str(one.reached), str(one.solved), share, str(one.empty), telling)
        rows.append((str(one.first.number), one.first.name, *numbers))
    return Table(("", words("mark.asked"), *head), tuple(rows), words=frozenset({1}))


def mistake_table(marks: Sequence[Mark], words: Catalogue) -> Iterator[Block]:
    """Which mistakes were made, by whom."""
    found = mistakes(marks)
    if not found:
        return
    yield Heading(2, (words("report.mistakes"),))
    rows = []
    for name, some, often in found:
        who = ", ".join(mark.sheet.name or mark.sheet.who for mark in some[:MOST_NAMED])
        more = f", … ({len(some)})" if len(some) > MOST_NAMED else ""
        rows.append((words(f"mistake.{name}"), str(often), str(len(some)), who + more))
    head = (words("report.mistake"), words("report.often"), words("report.students"), words("report.who"))
    yield Table(head, tuple(rows), words=frozenset({0, 3}))
