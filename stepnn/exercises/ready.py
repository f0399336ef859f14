"""Numbers that were looked for beforehand: of many sheets of a lesson, those that tell the most mistakes apart.

`ready.json` has them by the lesson, its fingerprint and its run, each with the attempt that drawing would choose;
`make ready` writes it anew. It changes no sheet: it only spares the search.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from stepnn.exercises.assignment import MOST_DIGITS, MOST_STEPS, Assignment, Selection

FILE = Path(__file__).with_name("ready.json")


def ready(assignment: Assignment) -> Mapping[int, int]:
    """The attempt by each number of a sheet; none for an assignment that is not as it comes."""
    usual = replace(
        assignment, selection=Selection(), digits=MOST_DIGITS, rounded=False, significant=True, room=MOST_STEPS
    )
    return every().get(key(assignment), {}) if assignment == usual else {}


def key(assignment: Assignment) -> str:
    return f"{assignment.lesson}/{assignment.fingerprint}/{assignment.run}/{assignment.updates}/{assignment.sample}"


@cache
def every() -> dict[str, dict[int, int]]:
    found: dict[str, list[tuple[int, int]]] = json.loads(FILE.read_text(encoding="utf-8"))
    return {name: dict(numbers) for name, numbers in found.items()}
