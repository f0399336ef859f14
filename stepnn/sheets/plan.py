"""What a sheet asks: its options, and the steps of a lesson that a person can work out on paper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from itertools import groupby

from stepnn.errors import UsageError, visible
from stepnn.lessons.build import runs
from stepnn.lessons.setup import Setup
from stepnn.notation.formula import Sum, walk
from stepnn.trace.step import Kind, Phase, Policy, Step
from stepnn.trace.trace import Trace

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
MOST_STEPS = 60  # on one sheet; a lesson that has more gives its first passes
MOST_TERMS = 12  # a longer sum is no work for a person: its value is given
MOST_ELEMENTS = 16  # of one quantity; of larger ones the values that are needed are given
MOST_DIGITS = 4  # where the option says nothing
SCHEME = 2  # how numbers are drawn and steps are put in order; sheets of the schemes before it can still be read


class Mode(Enum):
    """What kind of exercise a sheet is."""

    FILL = "fill in"
    REVERSE = "reverse"
    FIND = "find the error"


@dataclass(frozen=True)
class Options:
    """What decides the exercises and the numbers of a sheet, beside its lesson and its number.

    `blanks` are kinds in BLANKS; steps of other kinds are worked. The first `fade` steps are worked too.
    """

    blanks: frozenset[str] = frozenset(BLANKS)
    fade: int = 0
    mode: Mode = Mode.FILL
    digits: int = MOST_DIGITS
    rounded: bool = False
    scheme: int = SCHEME


class Exercises:
    """A lesson as exercises: its first run, and the steps on a sheet. Nothing is derived twice."""

    def __init__(self, lesson_setup: Setup, options: Options) -> None:
        self.setup = runs(lesson_setup)[0]
        self.options = options
        self.updates = updates(self.setup)
        self.trace = Trace(self.setup, Policy(options.digits, options.rounded), self.updates)
        self.steps = self.chosen(self.trace)
        self.check()

    def with_numbers(self, setup: Setup) -> Trace:
        """The same lesson with other given numbers."""
        return self.trace.with_numbers(setup, self.updates)

    def chosen(self, trace: Trace) -> list[Step]:
        """The steps of a trace that stand on a sheet."""
        return steps(trace, self.options.scheme)

    def check(self) -> None:
        """Refuse options that leave nothing to do. Raises UsageError."""
        if not self.steps:
            raise UsageError(f"This lesson has no step for paper: all its sums have more than {MOST_TERMS} terms.")
        here = [name for name, kinds in BLANKS.items() if any(step.kind in kinds for step in self.steps)]
        missing = sorted(self.options.blanks - set(here)) if self.options.blanks != frozenset(BLANKS) else []
        if missing:
            raise UsageError(
                f"--blank {', '.join(missing)}: this lesson has no such step. It has: {', '.join(['all', *here])}."
            )
        if self.options.mode is Mode.FILL and not any(self.asks(place, s) for place, s in enumerate(self.steps)):
            raise UsageError(
                f"--fade {self.options.fade}: nothing is left to do; with these blanks the sheet has "
                f"{len(self.steps)} steps. Use a smaller number."
            )

    def asks(self, place: int, step: Step) -> bool:
        """Whether the step at that place of the sheet is left for the student."""
        kinds = {kind for name in self.options.blanks for kind in BLANKS[name]}
        return place >= self.options.fade and step.kind in kinds


def updates(setup: Setup) -> int:
    """How many updates a sheet goes through: those of the lesson; with the perceptron rule, one round.

    A network too large for the samples to stand in its lesson only goes forward.
    """
    if setup.lesson.data is not None:
        return 0
    if setup.lesson.update == "perceptron":
        return len(setup.samples)
    return max(1, setup.lesson.updates)


def steps(trace: Trace, scheme: int = SCHEME) -> list[Step]:
    """The steps on a sheet: one element each, passes that are whole, and no sum that is too long for a person."""
    found: list[Step] = []
    for _, of_pass in groupby(trace.steps, lambda step: step.pass_number):
        more = [one for step in of_pass for one in elements(step)]
        if scheme == 1:
            more.sort(key=layer_by_layer)
        if found and len(found) + len(more) > MOST_STEPS:
            break
        found += more
    return found[:MOST_STEPS]


def layer_by_layer(step: Step) -> tuple[int, int, bool]:
    """The order of scheme 1: on the way back the updates of a layer right behind its gradients."""
    if step.phase in (Phase.FORWARD, Phase.LOSS):
        return 0, 0, False
    if step.layer == 0:
        return 1, 0, False
    return 2, -step.layer, step.phase is Phase.UPDATE


def elements(step: Step) -> list[Step]:
    """The step, or what is inside an overview of something small, where a person can work it out."""
    if step.kind is Kind.DERIVATION or step.quantity is None:
        return []
    whole = [step] if step.ref is not None else list(step.children) if step.quantity.count <= MOST_ELEMENTS else []
    return [one for one in whole if one.ref is not None and is_doable(one)]


def is_doable(step: Step) -> bool:
    """Whether it is no long sum."""
    assert step.quantity is not None and step.quantity.formula is not None
    sums = [part.size for part in walk(step.quantity.formula) if isinstance(part, Sum)]
    return max(sums, default=0) <= MOST_TERMS


def read_blanks(texts: Iterable[str]) -> frozenset[str]:
    """`z,deltas` as names in BLANKS; `all` for all of them. Raises UsageError."""
    names = [name.strip() for text in texts for name in text.split(",") if name.strip()]
    unknown = [visible(name) for name in names if name != "all" and name not in BLANKS]
    if unknown:
        raise UsageError(f"--blank {', '.join(unknown)}: the kinds are all, {', '.join(BLANKS)}.")
    if not names:
        raise UsageError(f"--blank: name at least one of all, {', '.join(BLANKS)}.")
    return frozenset(BLANKS) if "all" in names else frozenset(names)
