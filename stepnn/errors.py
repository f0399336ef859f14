"""The errors that a user may see: each says what is wrong, where, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

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


class UsageError(StepnnError):
    """The command was used wrongly: an unknown lesson, option value or parameter name."""


class LessonError(StepnnError):
    """A lesson file has faults. `faults` holds all of them, so that one run shows everything; of a file with
    thousands it holds the first ones, and there are so many `more`."""

    def __init__(self, source: str, faults: list[Fault], more: int = 0) -> None:
        self.source = source
        self.faults = faults
        shown = [describe(source, fault) for fault in faults[:MOST_FAULTS]]
        more += len(faults) - len(shown)
        super().__init__("\n".join([*shown, *([f"… and {more} more faults"] if more else [])]))


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


def describe(source: str, fault: Fault) -> str:
    """A fault in a few lines: place, what is wrong, what was found, what was wanted, what to do."""
    place = f"{visible(source, 200)}:{fault.line}" if fault.line else visible(source, 200)
    where, message = visible(fault.where, 100), visible(fault.message, 300)
    lines = [f"{place}: {where}: {message}" if where else f"{place}: {message}"]
    if fault.found:
        lines.append(f"    found:  {visible(fault.found)}")
    if fault.wanted:
        lines.append(f"    wanted: {visible(fault.wanted, 300)}")
    if fault.remedy:
        lines.append(f"    do:     {visible(fault.remedy, 300)}")
    return "\n".join(lines)
