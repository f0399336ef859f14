"""An assignment: everything that decides what is asked and how it is counted, but for whose numbers it is asked with.

It is the same for a whole class. A sheet, a practice, a mark and a page of a learning platform are made from one, and
from the number of the student; nothing else is asked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config

from stepnn.errors import UsageError, visible
from stepnn.lessons.build import runs
from stepnn.lessons.schema import MOST_RUNS, MOST_UPDATES, Lesson
from stepnn.lessons.setup import Setup
from stepnn.notation.digits import Digits
from stepnn.trace.step import Kind, Policy
from stepnn.words.told import told

BLANKS: dict[str, tuple[Kind, ...]] = {
    "z": (Kind.WEIGHTED_SUM,),
    "activations": (Kind.ACTIVATION,),
    "values": (Kind.VALUE,),
    "errors": (Kind.OUTPUT_ERROR, Kind.TOTAL_ERROR, Kind.BATCH_ERROR, Kind.PERCEPTRON_ERROR),
    "slopes": (Kind.ERROR_SLOPE, Kind.ACTIVATION_SLOPE, Kind.WEIGHTED_SUM_SLOPE),
    "deltas": (Kind.DELTA,),
    "gradients": (Kind.GRADIENT, Kind.BATCH_GRADIENT),
    "updates": (Kind.WEIGHT_UPDATE, Kind.PERCEPTRON_UPDATE, Kind.NEW_STATE, Kind.AUXILIARY),
}
SCHEME = 3  # how numbers are drawn and steps are put in order; what was made with a scheme before it can still be read
MOST_DIGITS = 4  # where nothing else is asked for
MOST_FADED = 2**6 - 1
FINGERPRINT = 12  # bits
STRICT = ConfigDict(extra="forbid")

TEXTS: dict[str, Any] = {
    **dict.fromkeys(("title", "goal", "introduction", "keys", "why", "predictions", "claims"), True),
    **dict.fromkeys(("closing", "compare", "pictures"), True),
    "runs": {"__all__": {"label", "about"}},
    "quantities": {"__all__": {"why"}},
    "training": {"sample"},
}


class Mode(Enum):
    """What kind of exercise it is."""

    FILL = "fill in"
    REVERSE = "reverse"
    FIND = "find the error"


@with_config(STRICT)
@dataclass(frozen=True)
class Selection:
    """What is left for the student: steps of the kinds in `blanks` (names in BLANKS) behind the first `fade` ones."""

    blanks: frozenset[str] = frozenset(BLANKS)
    fade: Annotated[int, Field(ge=0, le=MOST_FADED)] = 0
    mode: Mode = Mode.FILL


@with_config(STRICT)
@dataclass(frozen=True)
class Assignment:
    """What is asked of a lesson.

    `lesson` is its name and `fingerprint` that of everything that decides its numbers; `run` counts its runs from 1,
    `updates` are those that are gone through. Values are shown, and asked, with `digits` digits after the point, or
    with so many `significant` ones; `rounded` says that every step goes on with what was shown. `variant` is the rule
    by which a student's numbers are drawn, `points` what an answer is worth, `scheme` the order of steps and the way of
    drawing.
    """

    lesson: Annotated[str, Field(max_length=40)]
    fingerprint: Annotated[int, Field(ge=0, lt=2**FINGERPRINT)]
    updates: Annotated[int, Field(ge=0, le=MOST_UPDATES)]
    selection: Selection = Selection()
    digits: Annotated[int, Field(ge=0, le=15)] = MOST_DIGITS
    rounded: bool = False
    significant: bool = False
    run: Annotated[int, Field(ge=1, le=MOST_RUNS)] = 1
    variant: Literal["friendly"] = "friendly"
    points: Annotated[int, Field(ge=0, le=100)] = 1
    scheme: Annotated[int, Field(ge=1, le=SCHEME)] = SCHEME

    @property
    def mode(self) -> Mode:
        return self.selection.mode

    @property
    def asked(self) -> Digits:
        """How exactly every answer is wanted."""
        return Digits(self.digits, self.significant)

    @property
    def policy(self) -> Policy:
        return Policy(self.digits, self.rounded, self.significant)


def assigned(
    lesson_setup: Setup,
    selection: Selection | None = None,
    digits: int | None = None,
    rounded: bool = False,
    scheme: int = SCHEME,
    significant: bool = False,
    run: int = 1,
) -> Assignment:
    """An assignment of one run of a lesson; without `digits`, with four significant ones, or four after the point where
    every step is rounded. Raises UsageError for a run that the lesson does not have."""
    lesson, every = lesson_setup.lesson, runs(lesson_setup)
    if run > len(every):
        raise UsageError(told("lesson_has_no_such_run", run=run, lesson=lesson.id, count=len(every)))
    selection = selection or Selection()
    significant = significant or (digits is None and not rounded and selection.mode is Mode.FILL)
    shown = MOST_DIGITS if significant else min(lesson.digits, MOST_DIGITS)
    return Assignment(
        lesson.id,
        fingerprint(lesson),
        updates(every[run - 1]),
        selection,
        shown if digits is None else digits,
        rounded,
        significant,
        run,
        scheme=scheme,
    )


def updates(setup: Setup) -> int:
    """How many updates are gone through: those of the lesson; with the perceptron rule, one round.

    A network too large for the samples to stand in its lesson only goes forward.
    """
    if setup.lesson.data is not None:
        return 0
    if setup.lesson.update == "perceptron":
        return len(setup.samples)
    return max(1, setup.lesson.updates)


def as_object(assignment: Assignment) -> dict[str, Any]:
    """The assignment as JSON has it (docs/json.md)."""
    found: dict[str, Any] = TypeAdapter(Assignment).dump_python(assignment, mode="json")
    found["selection"]["blanks"].sort()
    return found


def read_assignment(text: str | bytes) -> Assignment:
    """An assignment from its JSON. Raises UsageError, which tells everything that is wrong with it."""
    try:
        found = TypeAdapter(Assignment).validate_json(text, strict=True)
    except ValidationError as error:
        parts = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False))
        raise UsageError(told("this_is_no_assignment", faults=visible("; ".join(parts), 300))) from None
    if unknown := found.selection.blanks - set(BLANKS):
        shown = ", ".join(sorted(map(visible, unknown)))
        raise UsageError(told("this_is_no_assignment_selection", shown=shown, names=", ".join(BLANKS)))
    return found


def read_blanks(texts: Iterable[str]) -> frozenset[str]:
    """`z,deltas` as names in BLANKS; `all` for all of them. Raises UsageError."""
    names = [name.strip() for text in texts for name in text.split(",") if name.strip()]
    unknown = [visible(name) for name in names if name != "all" and name not in BLANKS]
    if unknown:
        raise UsageError(told("blank_the_kinds_are_all", names=", ".join(unknown), names2=", ".join(BLANKS)))
    if not names:
        raise UsageError(told("blank_name_at_least_one", names=", ".join(BLANKS)))
    return frozenset(BLANKS) if "all" in names else frozenset(names)


def fingerprint(lesson: Lesson) -> int:
    """A few bits of everything in a lesson that decides its numbers."""
    fields = lesson.model_dump(mode="json", exclude_defaults=True, exclude=TEXTS)
    if first := [run for run in fields.pop("runs", []) if not run.get("later")]:
        fields["runs"] = first
    return digest(json.dumps(fields, sort_keys=True), FINGERPRINT)


def digest(text: str, bits: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> (64 - bits)
