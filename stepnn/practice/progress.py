"""All lessons over time: which skills are mastered, which are on the way, and what to come back to."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields

from stepnn.practice.history import Row
from stepnn.practice.report import summary, weakest
from stepnn.practice.skills import Skill, skills_of
from stepnn.words import Catalogue

RESTED = 86_400.0  # seconds after which a skill is worth another try
MOST_IN_REVIEW = 10


def by_lesson(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows of each lesson, in the order in which the lessons were begun."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.lesson, []).append(row)
    return found


def progress_lines(rows: Sequence[Row], words: Catalogue) -> Iterator[str]:
    """Every lesson with its skills and how far each has come; then the mistakes and the weakest skills of all."""
    if not rows:
        yield words("practice.nothing")
        return
    weak: list[Skill] = []
    for lesson, some in by_lesson(rows).items():
        skills = list(skills_of(some).values())
        mastered = sum(skill.mastered for skill in skills)
        today = sum(bool(skill.mastered_on) and not skill.mastered for skill in skills)
        weak += [skill for skill in skills if skill.wrong and not skill.mastered_on]
        yield words("practice.progress_lesson", lesson=lesson, mastered=mastered, once=today, count=len(skills))
        for skill in skills:
            yield f"  {words(f'practice.stage.{stage(skill)}')}: {skill.name}"
        yield ""
    yield from summary(rows, words)
    yield from weakest(weak, words)


def stage(skill: Skill) -> str:
    """How far a skill has come, as a key of the catalogue."""
    if skill.mastered:
        return "mastered"
    if skill.mastered_on:
        return "one_day"
    if not skill.right + skill.wrong:
        return "seen"
    return "wrong" if skill.last_wrong else "begun"


def never_alone(rows: Sequence[Row]) -> list[tuple[str, Skill]]:
    """Skills that went wrong and have never been right without help, with their lessons: no review asks them yet."""
    return [
        (lesson, skill)
        for lesson, some in by_lesson(rows).items()
        for skill in skills_of(some).values()
        if skill.last_wrong and not skill.unaided
    ]


def to_review(rows: Sequence[Row], now: float) -> list[Row]:
    """A row of each skill that went wrong or has rested, and was once done without help; mixed over the lessons."""
    latest = {(row.lesson, row.skill): row for row in rows if row.skill}
    due: list[tuple[bool, float, Row]] = []
    for lesson, some in by_lesson(rows).items():
        for skill in skills_of(some).values():
            rested = now - skill.last_at > RESTED
            if skill.unaided and (skill.last_wrong or rested):
                due.append((not skill.last_wrong, skill.last_at, latest[lesson, skill.name]))
    return [row for _, _, row in sorted(due, key=lambda one: one[:2])][:MOST_IN_REVIEW]


def exported(rows: Sequence[Row], format: str) -> Iterator[str]:
    """Every row, as JSON or as CSV."""
    if format == "json":
        yield json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1)
        return
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    table.writerow([one.name for one in fields(Row)])
    table.writerows([str(value) for value in asdict(row).values()] for row in rows)
    yield out.getvalue().rstrip("\n")
