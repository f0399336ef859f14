"""What a sitting came to, and all of them over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from stepnn.practice.history import Row
from stepnn.practice.session import Session, finished
from stepnn.practice.skills import RIGHT, SHOWN, WORKED, Skill
from stepnn.words import Catalogue

MOST_MISTAKES, MOST_SKILLS = 3, 3
Asked = tuple[str, str, str]  # sitting, numbers, step: a question, however often it was answered


def report_lines(session: Session, words: Catalogue) -> Iterator[str]:
    """How many, which mistakes, which skills, and what to practise next."""
    yield ""
    yield words("practice.report")
    yield words("practice.code", code=session.turn.code) if session.turn.code else words("practice.own")
    yield from summary(session.rows, words)
    weak = [skill for skill in session.skills.values() if skill.wrong and not skill.mastered_on]
    yield from weakest(weak, words)


def resume_line(session: Session, rows: Sequence[Row], words: Catalogue) -> str:
    """Where the last sitting stopped."""
    left = next(one for one in session.turn.asked if one.id not in finished(rows))
    return words("practice.resume", name=session.desk.workings.moments[left.at].names.text(left.ref))


def untold_line(session: Session, words: Catalogue) -> Iterator[str]:
    """At how many places the lesson's own numbers leave open which mistake was made."""
    count = session.desk.variants.untold(session.turn.trace) if session.turn.number is None else 0
    if count:
        yield words("practice.own_untold", count=count)


def part_done(session: Session, part: str, started: int, words: Catalogue) -> str:
    """How a part of the lesson went, and how many steps are left."""
    asked, right = first_tries(session.rows[started:])
    return words("practice.part_done", part=part, right=len(right), count=len(asked), left=session.left)


def first_tries(rows: Sequence[Row]) -> tuple[set[Asked], set[Asked]]:
    """The questions, and those of them that were right at once and without help."""
    asked = [row for row in rows if row.verdict != WORKED]
    right = [row for row in asked if row.verdict in RIGHT and row.tries <= 1 and row.unaided]
    return {question(row) for row in asked}, {question(row) for row in right}


def question(row: Row) -> Asked:
    return row.sitting, row.code, row.step


def summary(rows: Sequence[Row], words: Catalogue) -> Iterator[str]:
    """Questions, first tries, and the most frequent mistakes."""
    asked, right = first_tries(rows)
    if not asked:
        yield words("practice.nothing")
        return
    shown = len({question(row) for row in rows if row.verdict == SHOWN})
    skipped = len({question(row) for row in rows if row.verdict == "empty"})
    share = f"{len(right) / len(asked):.0%}"
    yield words(
        "practice.report_answers", count=len(asked), right=len(right), share=share, shown=shown, skipped=skipped
    )
    often = Counter(row.mistake for row in rows if row.mistake)
    if often:
        yield words("practice.report_mistakes")
    for name, count in often.most_common(MOST_MISTAKES):
        yield words("practice.report_mistake", count=count, how=words(f"mistake.{name}"))


def weakest(skills: Sequence[Skill], words: Catalogue) -> Iterator[str]:
    """What to practise next."""
    if skills:
        yield words("practice.report_next")
    for skill in sorted(skills, key=lambda one: one.strength - one.wrong)[:MOST_SKILLS]:
        yield words("practice.report_skill", skill=skill.name, right=skill.right, wrong=skill.wrong)
