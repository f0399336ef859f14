"""What a sitting came to, and all of them over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from stepnn.practice.history import Row
from stepnn.practice.session import Session
from stepnn.practice.skills import RIGHT, SHOWN, WORKED, Skill
from stepnn.words import Catalogue

MOST_MISTAKES, MOST_SKILLS = 3, 3


def report_lines(session: Session, words: Catalogue) -> Iterator[str]:
    """How many, which mistakes, which skills, and what to practise next."""
    yield ""
    yield words("practice.report")
    rows = [row for row in session.rows if row.verdict != WORKED]
    yield words("practice.code", code=session.turn.code) if session.turn.code else words("practice.own")
    yield from summary(rows, words)
    weak = [skill for skill in session.skills.values() if skill.wrong and not skill.mastered_on]
    yield from weakest(weak, words)


def resume_line(session: Session, rows: Sequence[Row], words: Catalogue) -> str:
    """Where the last sitting stopped."""
    done = {row.step for row in rows}
    left = next(one for one in session.turn.asked if one.id not in done)
    return words("practice.resume", name=session.desk.workings.moments[left.at].names.text(left.ref))


def untold_line(session: Session, words: Catalogue) -> Iterator[str]:
    """At how many places the lesson's own numbers leave open which mistake was made."""
    count = session.desk.variants.untold(session.turn.trace) if session.turn.number is None else 0
    if count:
        yield words("practice.own_untold", count=count)


def part_done(session: Session, part: str, started: int, words: Catalogue) -> str:
    """How a part of the lesson went, and how many steps are left."""
    rows = [row for row in session.rows[started:] if row.tries <= 1 and row.verdict != WORKED]
    right = sum(row.unaided and row.verdict in RIGHT for row in rows)
    return words("practice.part_done", part=part, right=right, count=len(rows), left=session.left)


def summary(rows: Sequence[Row], words: Catalogue) -> Iterator[str]:
    """Questions, first tries, and the most frequent mistakes."""
    if not rows:
        yield words("practice.nothing")
        return
    questions = {(row.sitting, row.code, row.step) for row in rows}
    right = {
        (row.sitting, row.code, row.step) for row in rows if row.verdict in RIGHT and row.tries <= 1 and row.unaided
    }
    shown = sum(row.verdict == SHOWN for row in rows)
    skipped = sum(row.verdict == "empty" for row in rows)
    share = f"{len(right) / len(questions):.0%}"
    yield words(
        "practice.report_answers", count=len(questions), right=len(right), share=share, shown=shown, skipped=skipped
    )
    often = Counter(row.mistake for row in rows if row.mistake)
    for name, count in often.most_common(MOST_MISTAKES):
        yield f"{words('practice.report_mistakes')}: {words(f'mistake.{name}')} ({count})"


def weakest(skills: Sequence[Skill], words: Catalogue) -> Iterator[str]:
    """What to practise next."""
    for skill in sorted(skills, key=lambda one: one.strength - one.wrong)[:MOST_SKILLS]:
        line = words("practice.report_skill", skill=skill.name, right=skill.right, wrong=skill.wrong)
        yield f"{words('practice.report_next')}: {line}"
