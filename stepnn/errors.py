"""The errors that a user may see: each says what is wrong, where, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from stepnn.words import Catalogue, catalogue
from stepnn.words.told import Told, in_language, told

MOST_FAULTS = 200  # told of one file


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with an input.

    `where` is the field (`layers[1].weights`), `line` counts from 1 and is None where it is unknown,
    `found` and `wanted` are short texts, and `remedy` says what to do.
    """

    where: str
    message: str
    found: str = ""
    wanted: str = ""
    remedy: str = ""
    line: int | None = None


class StepnnError(Exception):
    """Something went wrong that the user can mend. Its text is meant for the user."""

    def to(self, words: Catalogue) -> str:
        """What it tells, in the language of a catalogue."""
        return str(in_language(self, words)) if self.args and isinstance(self.args[0], Told) else str(self)


class UsageError(StepnnError):
    """The command was used wrongly: an unknown lesson, option value or parameter name."""


class LessonError(StepnnError):
    """A lesson file has faults. `faults` holds all of them, so that one run shows everything; of a file with
    thousands it holds the first ones, and there are so many `more`."""

    def __init__(self, source: str, faults: list[Fault], more: int = 0) -> None:
        self.source, self.faults, self.more = source, faults, more
        super().__init__(self.to(catalogue("en")))

    def to(self, words: Catalogue) -> str:
        """All faults, in the language of a catalogue."""
        shown = [describe(self.source, fault, words) for fault in self.faults[:MOST_FAULTS]]
        more = self.more + len(self.faults) - len(shown)
        return "\n".join([*shown, *([told("more_faults", count=more).to(words)] if more else [])])


def refused(
    source: str, message: str, found: str = "", wanted: str = "", remedy: str = "", line: int | None = None
) -> LessonError:
    """The error of a file that cannot be used at all, or of which nothing more can be told."""
    return LessonError(source, [Fault("", message, found, wanted, remedy, line)])


class FormulaError(StepnnError):
    """A formula cannot be read. `position` is the column (from 1) where reading stopped."""

    def __init__(self, message: str, position: int = 1) -> None:
        self.position = position
        super().__init__(message)


class DerivativeError(StepnnError):
    """A derivative was asked for that does not exist, such as the delta of a step function."""


class CalculationError(StepnnError):
    """A step gave infinity or not-a-number. The text names the step."""


def visible(text: str, limit: int = 60) -> str:
    """The text in one line, safe to print: what cannot be printed is escaped, what is long is cut."""
    shown = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def describe(source: str, fault: Fault, words: Catalogue | None = None) -> str:
    """A fault in a few lines: place, what is wrong, what was found, what was wanted, what to do."""
    words = words or catalogue("en")
    message, found, wanted, remedy = (
        visible(str(in_language(text, words)), limit)
        for text, limit in ((fault.message, 300), (fault.found, 60), (fault.wanted, 300), (fault.remedy, 300))
    )
    place = f"{visible(source, 200)}:{fault.line}" if fault.line else visible(source, 200)
    lines = [f"{place}: {visible(fault.where, 100)}: {message}" if fault.where else f"{place}: {message}"]
    rest = (("label_found", found), ("label_wanted", wanted), ("label_do", remedy))
    return "\n".join([*lines, *(f"    {words(f'error.{label}')} {text}" for label, text in rest if text)])
