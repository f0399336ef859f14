"""stepnn as a library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stepnn.lessons.build import setup
from stepnn.lessons.read import load_lesson
from stepnn.lessons.schema import Lesson
from stepnn.lessons.setup import Setup
from stepnn.trace.step import Policy
from stepnn.trace.trace import Trace
from stepnn.views import notebook


@dataclass(frozen=True)
class LoadedLesson:
    """A checked lesson with its network and given numbers."""

    lesson: Lesson
    setup: Setup

    def trace(
        self,
        digits: int | None = None,
        rounded: bool = False,
        updates: int | None = None,
        values: Mapping[str, float] | None = None,
        seed: int | None = None,
    ) -> Trace:
        """The lesson worked out.

        `digits` are those shown after the point; with `rounded`, every value is rounded to them before it is
        used again. `values` changes given numbers by their printed names (`{"w5": 0.4, "eta": 0.1}`), `seed`
        draws fresh ones. Raises UsageError for an unknown name, CalculationError for a number that is not finite.
        """
        given = self.setup if seed is None else self.setup.with_seed(seed)
        policy = Policy(self.lesson.digits if digits is None else digits, rounded)
        return Trace(given.with_values(values or {}), policy, updates)


def load(name: str) -> LoadedLesson:
    """The lesson of that name, or in that file. Raises UsageError or LessonError."""
    notebook.install()
    lesson = load_lesson(name)
    return LoadedLesson(lesson, setup(lesson))
