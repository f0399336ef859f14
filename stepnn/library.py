"""stepnn as a library: what the commands give, as functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from stepnn.errors import LessonError, UsageError, visible
from stepnn.exercises.desk import desk_for
from stepnn.lessons.build import changed, setup
from stepnn.lessons.read import load_lesson
from stepnn.lessons.schema import Lesson
from stepnn.lessons.setup import Setup
from stepnn.page.build import page, step_blocks, walk
from stepnn.trace.step import Policy, Step
from stepnn.trace.trace import Trace
from stepnn.words import LANGUAGES, Catalogue, catalogue, language_of_system
from stepnn.words.told import told
from stepnn.writers.formats import FORMATS, Options


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
    ) -> WorkedLesson:
        """The lesson worked out.

        `digits` are those shown after the point; with `rounded`, every value is rounded to them before it is
        used again. `values` changes given numbers by their printed names (`{"w5": 0.4, "eta": 0.1}`), `seed`
        draws fresh ones. Raises UsageError for an unknown name, CalculationError for a number that is not finite.
        """
        given = self.setup if seed is None else self.setup.with_seed(seed)
        policy = Policy(self.lesson.digits if digits is None else digits, rounded)
        return WorkedLesson(changed(given, values or {}), policy, updates)

    def judge(
        self,
        answers: Mapping[str, object],
        digits: int | None = None,
        rounded: bool = False,
        significant: int | None = None,
        code: str | None = None,
        values: Mapping[str, float] | None = None,
        run: int = 1,
    ) -> dict[str, Any]:
        """What each answer is, as `stepnn judge` tells it (docs/judge.md).

        `answers` are by symbol or step id: `{"delta_o1": "0.0224", "p2.z_h1": 0.0798}`. They are asked with four
        significant digits, with `significant` ones, or with `digits` after the point. `code` is that of a sheet,
        `values` changes given numbers. Raises UsageError for a name that is no step, LessonError for several.
        """
        desk, number = desk_for(self.setup, digits, rounded, significant, code, values, run)
        found, faults = desk.read(answers)
        if faults:
            raise LessonError("answers", faults)
        return desk.as_object(desk.judged(found, number), answers)


class WorkedLesson(Trace):
    """A lesson worked out, with its pages and screens. Its steps show themselves in notebooks."""

    def page(self, format: str = "text", language: str = "en") -> str:
        """The whole worked example, in a format of `--format` that has lines. Raises UsageError for another one."""
        words = spoken(language)
        known = [one.name for one in FORMATS.values() if not one.is_binary]
        if format not in known:
            raise UsageError(told("there_is_no_page_pages", format=visible(format), names=", ".join(known)))
        writer = FORMATS[format]
        found = page(self, words, () if writer.of_any_size else walk(self, words))
        return "\n".join(writer.lines(found, Options())) + "\n"

    def screen(
        self, place: int | str = 0, columns: int = 80, rows: int = 24, language: str = "en", ascii: bool = False
    ) -> str:
        """A step as it stands on a terminal of that size, by its place from 0 or by its symbol or id.

        Raises UsageError for an unknown step.
        """
        from stepnn.writers.ink import Look  # brings rich
        from stepnn.writers.terminal import header, step_body, where_we_are

        words = spoken(language)
        at = self.place(place) if isinstance(place, str) else range(len(self))[place]
        look, step = Look(columns, rows, words, ascii), self.steps[at]
        lines = [*header(self.setup, look, where_we_are(self, at, step, look)), *step_body(self, at, step, look)]
        return "\n".join(line.plain.rstrip() for line in lines[:rows])

    def __getitem__(self, key: str | int) -> Step:
        return shown(super().__getitem__(key), self)


@dataclass(frozen=True, eq=False, repr=False)
class ShownStep(Step):
    """A step that shows itself in a notebook."""

    trace: Trace | None = None

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from stepnn.writers.notebook import bundle  # only a notebook asks for it

        assert self.trace is not None
        words = catalogue(language_of_system())
        (*_, block) = step_blocks(self.trace, self.trace.places.get(self.id, 0) + 1, self, words)
        return bundle(block, words)


def shown(step: Step, trace: Trace) -> ShownStep:
    return ShownStep(**{one.name: getattr(step, one.name) for one in fields(Step)}, trace=trace)


def spoken(language: str) -> Catalogue:
    """The words of a language. Raises UsageError."""
    if language not in LANGUAGES:
        raise UsageError(told("there_is_no_language_languages", language=visible(language), names=", ".join(LANGUAGES)))
    return catalogue(language)


def load(name: str) -> LoadedLesson:
    """The lesson of that name, or in that file. Raises UsageError or LessonError."""
    lesson = load_lesson(name)
    return LoadedLesson(lesson, setup(lesson))
