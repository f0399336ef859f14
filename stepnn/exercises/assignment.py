"""An assignment: everything that decides what is asked and how it is counted, but for whose numbers it is asked with.

It is the same for a whole class. A sheet, a practice, a mark and a page of a learning platform are made from one, and
from the number of the student; nothing else is asked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config

from stepnn.errors import UsageError, visible
from stepnn.lessons.build import runs
from stepnn.lessons.schema import Lesson
from stepnn.lessons.setup import Setup
from stepnn.lessons.values import MOST_RUNS, MOST_SAMPLES, MOST_UPDATES
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
SCHEME = 4  # what an assignment is where nothing is said; what was made with a scheme before it can still be read
BY_OPERATIONS = 4  # the scheme from which on a step is worth its number of operations
MOST_DIGITS = 4  # where nothing else is asked for
MOST_FADED = 2**6 - 1
MOST_STEPS = 60  # on one sheet, where nobody has chosen: a lesson that has more gives its first passes
MOST_ASKED = 500  # steps of one assignment
MOST_POINTS = 100  # for one step
MOST_NAMES = 1_000  # that choose steps
CHECKPOINTS = "checkpoints"  # what an exam asks: see `plan.checkpoints`
OUTPUT, HIDDEN = "output", "hidden"  # as layers
FINGERPRINT = 12  # bits
STRICT = ConfigDict(extra="forbid")
Points = Annotated[int, Field(ge=0, le=MOST_POINTS)]

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


Chosen = Annotated[tuple[Annotated[str, Field(max_length=60)], ...], Field(max_length=MOST_NAMES)]


@with_config(STRICT)
@dataclass(frozen=True)
class Selection:
    """Which steps an exercise has, and what is left for the student.

    `passes`, `layers` and `steps` say what it has; empty, they leave nothing out. `steps` are names as they are
    printed, ids, and names in BLANKS; `layers` are numbers, `output` and `hidden`. Of these steps those of the kinds in
    `blanks` (names in BLANKS) are left for the student, but for the first `fade` ones, or, `from_end`, the last ones;
    the others are worked. With `ask`, names as in `steps`, only those are asked, and the others are not shown: they are
    the student's own work on the way.
    """

    blanks: frozenset[str] = frozenset(BLANKS)
    fade: Annotated[int, Field(ge=0, le=MOST_FADED)] = 0
    mode: Mode = Mode.FILL
    from_end: bool = False
    passes: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(max_length=MOST_NAMES)] = ()
    layers: Chosen = ()
    steps: Chosen = ()
    ask: Chosen = ()


@with_config(STRICT)
@dataclass(frozen=True)
class Assignment:
    """What is asked of a lesson.

    `lesson` is its name and `fingerprint` that of everything that decides its numbers; `run` counts its runs from 1,
    `updates` are those that are gone through, from the one that learns from `sample` on (0: as the lesson has it).
    Values are shown, and asked, with `digits` digits after the point, or with so many `significant` ones; `rounded`
    says that every step goes on with what was shown. `variant` is the rule by which a student's numbers are drawn.
    `points` is what every answer is worth, or what those of a kind or a name are: what is not in it counts by its
    operations. `room` is how many steps there is room for, `scheme` the order of steps and the way of drawing.
    """

    lesson: Annotated[str, Field(max_length=40)]
    fingerprint: Annotated[int, Field(ge=0, lt=2**FINGERPRINT)]
    updates: Annotated[int, Field(ge=0, le=MOST_UPDATES)]
    selection: Selection = Selection()
    digits: Annotated[int, Field(ge=0, le=15)] = MOST_DIGITS
    rounded: bool = False
    significant: bool = False
    run: Annotated[int, Field(ge=1, le=MOST_RUNS)] = 1
    sample: Annotated[int, Field(ge=0, le=MOST_SAMPLES)] = 0
    variant: Literal["friendly"] = "friendly"
    points: Points | Annotated[dict[str, Points], Field(max_length=MOST_NAMES)] = field(default_factory=dict)
    room: Annotated[int, Field(ge=1, le=MOST_ASKED)] = MOST_STEPS
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
    **chosen: Any,
) -> Assignment:
    """An assignment of one run of a lesson; without `digits`, with four significant ones, or four after the point where
    every step is rounded. `chosen` are other fields of it. Raises UsageError for a run, a sample or an update that the
    lesson does not have."""
    lesson, every = lesson_setup.lesson, runs(lesson_setup)
    if run > len(every):
        raise UsageError(told("lesson_has_no_such_run", run=run, lesson=lesson.id, count=len(every)))
    setup = every[run - 1]
    selection = selection or Selection()
    significant = significant or (digits is None and not rounded and selection.mode is Mode.FILL)
    shown = MOST_DIGITS if significant else min(lesson.digits, MOST_DIGITS)
    usual: dict[str, Any] = {"updates": updates(setup)}
    if scheme >= BY_OPERATIONS:
        usual |= {"sample": setup.lesson.training.sample or 0}
    else:
        usual |= {"points": 1}
    check_chosen(setup, chosen)
    return Assignment(
        lesson.id,
        fingerprint(lesson),
        selection=selection,
        digits=shown if digits is None else digits,
        rounded=rounded,
        significant=significant,
        run=run,
        scheme=scheme,
        **{**usual, **chosen},
    )


def check_chosen(setup: Setup, chosen: Mapping[str, Any]) -> None:
    """Refuse updates and samples that the lesson does not have. Raises UsageError."""
    count = len(setup.samples)
    if chosen.get("sample", 0) > count:
        raise UsageError(told("sample_the_samples_are_numbered", sample=chosen["sample"], count=count))
    if chosen.get("updates") and not setup.learns:
        raise UsageError(told("updates_lesson_does_not_learn", lesson=setup.lesson.id))


def updates(setup: Setup) -> int:
    """How many updates are gone through: those of the lesson; with the perceptron rule, one round.

    A network too large for the samples to stand in its lesson only goes forward.
    """
    if setup.lesson.data is not None:
        return 0
    if setup.lesson.update == "perceptron":
        return len(setup.samples)
    return max(1, setup.lesson.updates)


def as_object(assignment: Assignment, exclude_defaults: bool = False) -> dict[str, Any]:
    """The assignment as JSON has it (docs/json.md)."""
    dumped = TypeAdapter(Assignment).dump_python(assignment, mode="json", exclude_defaults=exclude_defaults)
    found: dict[str, Any] = dumped
    if "blanks" in found.get("selection", {}):
        found["selection"]["blanks"].sort()
    return found


def in_letters(assignment: Assignment) -> str:
    """The assignment as one line that is the same on every machine: what codes and secret numbers are made from."""
    return json.dumps(as_object(assignment, exclude_defaults=True), sort_keys=True)


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
