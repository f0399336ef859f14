"""An assignment of one's own, worked out on paper: lines such as `a_h1 = 0.52`, in any order, judged at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stepnn.errors import Fault, LessonError, visible
from stepnn.exercises.desk import Desk
from stepnn.exercises.feedback import hint, said
from stepnn.exercises.judge import Judged, Judgement, Verdict
from stepnn.page.given import given_block
from stepnn.practice.pages import places
from stepnn.words import Catalogue
from stepnn.words.told import told
from stepnn.writers.text import TextWriter

LINE = re.compile(r"\s*(?P<name>[^=]+?)\s*(?:=|:)\s*(?P<answer>.+?)\s*")
MOST_LINES = 2_000
GOOD = (Verdict.RIGHT, Verdict.CARRIED)


def read_lines(lines: Iterable[str]) -> tuple[dict[str, object], list[Fault]]:
    """The answers by name, and the lines that are none; what is right of the last equals sign counts."""
    found: dict[str, object] = {}
    faults = []
    for number, line in enumerate(lines, 1):
        text = line.partition("#")[0]
        if not text.strip():
            continue
        read = LINE.fullmatch(text)
        if read is None or number > MOST_LINES:
            faults.append(Fault("", told("paper_no_line"), found=visible(text.strip()), line=number))
        elif read["name"] in found:
            faults.append(Fault(visible(read["name"]), told("paper_twice", name=visible(read["name"])), line=number))
        else:
            found[read["name"]] = read["answer"].rpartition("=")[2].strip()
    return found, faults


def paper_lines(desk: Desk, number: int | None, words: Catalogue) -> Iterator[str]:
    """What to type, and the given numbers."""
    yield from TextWriter(words, False, False).finished(given_block(desk.trace(number).setup, words))
    yield words("practice.paper_how")


def judged_lines(desk: Desk, number: int | None, lines: Iterable[str], words: Catalogue) -> Iterator[str]:
    """The first wrong answer, what it looks like, what follows from it, and what is fine. Raises LessonError at the
    end, which tells all lines that could not be read; the others are judged."""
    read, faults = read_lines(lines)
    typed, unknown = desk.read(read)
    yield from judged_answers(desk, desk.judged(typed, number), words)
    if faults or unknown:
        raise LessonError("paper", [*faults, *unknown])


def judged_answers(desk: Desk, judgement: Judgement, words: Catalogue) -> Iterator[str]:
    answered = [one for one in judgement.answers.values() if one.typed is not None]
    if not answered:
        yield words("practice.nothing")
        return
    names = {one.id: desk.workings.moments[one.at].names.text(one.ref) for one in desk.workings.asked}
    digits = places(desk.exercises.assignment, words)
    if judgement.first:
        yield from first_wrong(judgement, names, digits, words)
    rest = [one for one in answered if one.verdict not in GOOD and one.id != judgement.first]
    for one in rest:
        yield f"{line_of(one, names)}  {said(one, words, names.__getitem__, digits)}"
    fine = [names[one.id] for one in answered if one.verdict is Verdict.RIGHT]
    yield words("practice.paper_fine", count=len(fine), all=len(answered), names=", ".join(fine) or "–")


def first_wrong(judgement: Judgement, names: dict[str, str], digits: str, words: Catalogue) -> Iterator[str]:
    """The first answer that is wrong by itself, with what follows from it."""
    one = judgement.answers[judgement.first]
    yield words("practice.paper_first", line=line_of(one, names))
    yield said(one, words, names.__getitem__, digits)
    if more := hint(one, words):
        yield more
    follows = [names[other.id] for other in judgement.answers.values() if other.follows_from == one.id and other.typed]
    if follows:
        yield words("practice.paper_follows", names=", ".join(follows))
    yield ""


def line_of(one: Judged, names: dict[str, str]) -> str:
    assert one.typed is not None
    return f"{names[one.id]} = {one.typed.text.strip()}"
