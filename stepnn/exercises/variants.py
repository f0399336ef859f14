"""Friendly numbers: a variant of a lesson that a person can work out, and what makes others unfit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise

from stepnn.errors import CalculationError, StepnnError
from stepnn.exercises.assignment import Mode
from stepnn.exercises.backwards import unknowns
from stepnn.exercises.mistakes import plant
from stepnn.exercises.plan import Exercises
from stepnn.exercises.ready import ready
from stepnn.exercises.telling import Telling
from stepnn.exercises.workings import Workings
from stepnn.network.model import Role
from stepnn.notation.evaluate import evaluate
from stepnn.notation.formula import refs
from stepnn.trace.step import Kind, Moment, Policy, Step
from stepnn.trace.trace import Trace
from stepnn.words import Catalogue, catalogue
from stepnn.words.told import told

MOST_TRIES = 500
TELLING = 3  # the scheme from which on numbers are drawn that tell mistakes apart
MOST_COMPARED = 3  # variants
SMALLEST, LARGEST = 1e-3, 1e4  # size of an answer
MOST_DIGITS_IN_FULL = 10  # with more, a number may become too long
FLATTEST = 0.02  # slope of an activation function; σ has it at ±3.9
NUDGE = 1e-4  # for the slope at a point
USUAL = (-0.7, 0.7)  # weighted sums at which an activation function answers

Answer = tuple[Step, float]


@dataclass(frozen=True)
class Unfit:
    """A condition that some numbers do not meet: its name in the catalogue, and the step where it fails."""

    reason: str
    symbol: str = ""


class Variants:
    """Draws friendly variants of a lesson.

    A variant may do what the lesson's own numbers do: where the lesson has a zero, or two equal values of one
    quantity, a variant may have them too.
    """

    def __init__(self, exercises: Exercises, workings: Workings | None = None) -> None:
        """`workings` are those of all steps, where somebody has them already."""
        self.exercises, self.known = exercises, workings
        own = [(step, value_of(step, step.moment)) for step in exercises.steps]
        policy = exercises.assignment.policy
        self.zeros = {step.kind for step, value in own if value == 0}
        self.equals = {step.kind for group in groups(own) for step, _ in group if has_equals(group, policy)}
        self.tiny = {kind for kind in {step.kind for step, _ in own} if mostly_tiny(kind, own, policy)}
        self.flat = {step.quantity for step, _ in own if is_flat(step, step.moment)}

    def trace(self, number: int) -> Trace:
        """A friendly variant of that number, the same on every machine. Raises StepnnError if there is none."""
        return self.drawn(number)[1]

    def drawn(self, number: int) -> tuple[int, Trace]:
        """The same, and at which attempt it was found."""
        attempt = ready(self.exercises.assignment).get(number)
        found = self.attempt(number, attempt) if attempt is not None else None
        return (attempt, found) if attempt is not None and isinstance(found, Trace) else self.best(number)

    def best(self, number: int) -> tuple[int, Trace]:
        """Of the first friendly variants that which tells mistakes apart best, with its attempt. Raises StepnnError."""
        if self.exercises.assignment.scheme < TELLING or self.exercises.assignment.mode is not Mode.FILL:
            return next(self.friendly(number))
        found: list[tuple[int, int, Trace]] = []
        for attempt, trace in islice(self.friendly(number), MOST_COMPARED):
            most = min((one[0] for one in found), default=None)
            places = self.drawing.alike(trace)
            found.append((sum(1 for _ in islice(places, most)), attempt, trace))
            if found[-1][0] == 0:
                break
        return min(found, key=lambda one: one[:2])[1:]

    def friendly(self, number: int) -> Iterator[tuple[int, Trace]]:
        """The friendly variants of that number, each with its attempt. Raises StepnnError if there is none."""
        failed: Counter[Unfit] = Counter()
        for attempt in range(MOST_TRIES):
            found = self.attempt(number, attempt)
            if isinstance(found, Trace):
                yield attempt, found
            else:
                failed[found] += 1
        if failed.total() == MOST_TRIES:
            raise StepnnError(no_variant(failed))

    @cached_property
    def workings(self) -> Workings:
        """All steps: what is asked of them changes no numbers."""
        return self.known or Workings(self.exercises, every=True)

    @cached_property
    def drawing(self) -> Telling:
        """By which of several numbers are drawn: those mistakes count that were known to the first printed codes."""
        return Telling(self.workings, self.exercises.assignment.asked, drawn=True)

    @cached_property
    def telling(self) -> Telling:
        """What numbers tell of all mistakes."""
        return Telling(self.workings, self.exercises.assignment.asked)

    def untold(self, trace: Trace) -> int:
        """At how many places the numbers leave open which mistake was made."""
        return sum(1 for _ in self.telling.alike(trace))

    def attempt(self, number: int, attempt: int) -> Trace | Unfit:
        """One try at a variant: a trace, or why it is unfit."""
        setup = self.exercises.setup.with_seed(f"{number}/{attempt}")
        try:
            trace = self.exercises.with_numbers(setup)
            unfit = next(self.faults(trace), None)
        except (CalculationError, ArithmeticError, ValueError):
            return Unfit("infinite")
        return trace if unfit is None else unfit

    def faults(self, trace: Trace) -> Iterator[Unfit]:
        """Every condition that the numbers of a trace do not meet."""
        asked = self.exercises.answered(trace)
        if len(asked) != len(self.exercises.steps):
            yield Unfit("other_steps")
        answers = [(step, value_of(step, moment)) for step, moment in asked]
        for (step, moment), (_, value) in zip(asked, answers, strict=True):
            yield from self.faults_of(step, value, moment)
        yield from self.nothing_to_do(trace, answers)
        for group in groups(answers):
            first = group[0][0]
            if first.kind not in self.equals and has_equals(group, trace.policy):
                yield Unfit("alike", first.symbol)
        if self.exercises.setup.descends and self.exercises.trace.setup.network.total_error is not None:
            yield from self.rising(trace)

    def nothing_to_do(self, trace: Trace, answers: Sequence[Answer]) -> Iterator[Unfit]:
        """Whether there is no number to be found, no mistake that would show, or nothing that changes a weight."""
        mode, chosen = self.exercises.assignment.mode, self.exercises.chosen
        if mode is Mode.REVERSE and not unknowns(chosen(trace), 0):
            yield Unfit("nothing_unknown")
        if mode is Mode.FIND and plant(trace, chosen(trace), 0, self.exercises.assignment.scheme) is None:
            yield Unfit("nothing_wrong")
        errors = [value for step, value in answers if step.kind is Kind.PERCEPTRON_ERROR]
        if errors and not any(errors):
            yield Unfit("nothing_learned")

    def faults_of(self, step: Step, value: float, moment: Moment) -> Iterator[Unfit]:
        """What is wrong with one answer."""
        if value == 0 and step.kind not in self.zeros:
            yield Unfit("zero", step.symbol)
        elif value != 0 and step.kind not in self.tiny and is_tiny(value, moment.policy):
            yield Unfit("small", step.symbol)
        if abs(value) >= LARGEST:
            yield Unfit("large", step.symbol)
        if step.kind is Kind.ACTIVATION and step.quantity not in self.flat and is_flat(step, moment):
            yield Unfit("saturated", step.symbol)

    def rising(self, trace: Trace) -> Iterator[Unfit]:
        """Whether the error falls with the update; the lesson's own numbers decide if that is to be expected."""
        own, found = self.exercises.trace.errors, trace.errors
        if own is not None and found is not None and own[1] < own[0] and not found[1] < found[0]:
            yield Unfit("rising")


def is_tiny(value: float, policy: Policy) -> bool:
    """Whether a number is hard to read on paper: near 0, or shown as a power of ten."""
    if max(SMALLEST, 10.0**-policy.digits) <= abs(value) < LARGEST and policy.digits <= MOST_DIGITS_IN_FULL:
        return False  # the most frequent case needs no look at the text
    return abs(value) < SMALLEST or policy.shown(value).exponent is not None


def mostly_tiny(kind: Kind, own: Sequence[Answer], policy: Policy) -> bool:
    """Whether most of the lesson's own answers of a kind are tiny: then that is what the lesson is about."""
    values = [value for step, value in own if step.kind is kind]
    return sum(value != 0 and is_tiny(value, policy) for value in values) > len(values) / 2


def groups(found: Sequence[Answer]) -> list[list[Answer]]:
    """Answers that could be mixed up: those of one quantity in one pass."""
    table: dict[tuple[int, str], list[Answer]] = {}
    for step, value in found:
        table.setdefault((step.pass_number, step.quantity.key if step.quantity else ""), []).append((step, value))
    return list(table.values())


def has_equals(group: Sequence[Answer], policy: Policy) -> bool:
    """Whether two of them read the same."""
    values = sorted(value for _, value in group)
    unit, least = policy.exactly.unit, 0.0 if policy.significant else 10.0**-policy.digits  # below, it may show as that
    if all(high - low > max(unit(max(abs(low), abs(high))), least) for low, high in pairwise(values)):
        return False  # too far from each other; no text is needed to see it
    texts = [policy.shown(value).text for value in values]
    return len(set(texts)) < len(texts)


def value_of(step: Step, moment: Moment) -> float:
    assert step.ref is not None
    return moment.value(step.ref)


def is_flat(step: Step, moment: Moment) -> bool:
    """Whether an activation hardly answers to its weighted sum any more."""
    if step.kind is not Kind.ACTIVATION or step.quantity is None:
        return False
    (formula, *_) = step.here[-1:]
    at = [ref for ref in refs(formula) if moment.network[ref.name].role is not Role.ACTIVATION_PARAMETER]
    if len(at) != 1:
        return False
    middle = moment.value(at[0])

    def value(z: float) -> float:
        return float(evaluate(formula, lambda ref: z if ref == at[0] else moment.value(ref)))

    def slope(z: float) -> float:
        return abs(value(z + NUDGE) - value(z - NUDGE)) / (2 * NUDGE)

    return slope(middle) < FLATTEST and any(slope(z) >= FLATTEST for z in USUAL)  # a step function answers nowhere


def unfit_text(unfit: Unfit, words: Catalogue) -> str:
    """The condition in words, and where it fails."""
    text = words(f"unfit.{unfit.reason}", smallest=f"{SMALLEST:g}", largest=f"{LARGEST:g}", flattest=f"{FLATTEST:g}")
    return f"{text} ({unfit.symbol})" if unfit.symbol else text


def no_variant(failed: Counter[Unfit]) -> str:
    """Why no friendly numbers were found, the most frequent condition first."""
    english = catalogue("en")
    most = "; ".join(f"{unfit_text(unfit, english)}: {count} times" for unfit, count in failed.most_common(3))
    return told("no_friendly_numbers", count=sum(failed.values()), most=most)
