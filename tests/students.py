"""Simulated students: they work a sheet out in one of several ways, and make the mistakes that they are told to make.

`python -m tests.students 10000` judges so many sheets over all lessons of parts 2 to 5, and prints how often the judge
finds the first wrong step and names the mistake, what it says of slips, and a table of what was taken for what.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from stepnn.errors import StepnnError
from stepnn.exercises.assignment import assigned
from stepnn.exercises.catalogue import WrongFormula
from stepnn.exercises.judge import Judge, Judged, Judgement, Verdict
from stepnn.exercises.person import Numbers
from stepnn.exercises.plan import Exercises
from stepnn.exercises.typed import number
from stepnn.exercises.variants import Variants
from stepnn.exercises.workings import Working, Workings
from stepnn.lessons.build import runs, setup
from stepnn.lessons.read import load_lesson
from stepnn.notation.digits import Digits
from stepnn.notation.formula import Formula
from stepnn.trace.trace import Trace
from tests.help import LESSONS

STYLES = ("rounds", "keeps", "mixes")  # every step rounded; 15 digits kept; now the one, now the other
SHEETS = 12  # judged of one set of numbers
TOO_LARGE = 1e12


@dataclass
class Class:
    """One run of a lesson, with what judges it."""

    lesson: str
    run: int
    workings: Workings
    variants: Variants

    def answers(
        self, trace: Trace, digits: Digits, style: str, draw: random.Random, wrong: Mapping[str, Formula] | None = None
    ) -> dict[str, str] | None:
        """A whole sheet; `wrong` are the formulas that somebody works with, by step id. None where they lead nowhere."""
        paper, memory = Numbers(self.workings, trace), Numbers(self.workings, trace)
        found = {}
        for one in self.workings.all:
            numbers = memory if style == "keeps" else paper
            if style == "mixes":
                mixed = {key: draw.choice((paper, memory)).values[key] for key in paper.values}
                numbers = Numbers(self.workings, trace, mixed)
            value = numbers.of(one.at, (wrong or {}).get(one.id, one.forms[0]))
            if value != value or abs(value) > TOO_LARGE:
                return None
            paper.values[one.id], memory.values[one.id] = digits.rounded(value), value
            if one.step is not None:
                found[one.id] = digits.shown(value).ascii
        return found

    def judged(self, trace: Trace, digits: Digits, answers: Mapping[str, str]) -> Judgement:
        typed = {name: number(text) for name, text in answers.items()}
        return Judge(self.workings, digits).judge(trace, {name: one for name, one in typed.items() if one is not None})

    def mistakes(self) -> list[tuple[Working, WrongFormula]]:
        """Everything that can be done wrongly."""
        return [(working, fault) for working in self.workings.asked for fault in working.mistakes]


def classes(name: str) -> Iterator[Class]:
    """A class for each run of a lesson."""
    found = setup(load_lesson(name))
    for run in range(1, len(runs(found)) + 1):
        exercises = Exercises(found, assigned(found, run=run))
        yield Class(name, run, Workings(exercises), Variants(exercises))


@dataclass
class Report:
    """What was counted."""

    counts: Counter[str] = field(default_factory=Counter)
    taken_for: Counter[tuple[str, str]] = field(default_factory=Counter)
    accused: list[str] = field(default_factory=list)
    seconds: float = 0.0
    answers: int = 0

    def share(self, what: str, of: str) -> float:
        return self.counts[what] / max(self.counts[of], 1)

    def judged(self, one: Class, trace: Trace, digits: Digits, answers: Mapping[str, str]) -> Judgement:
        began = time.perf_counter()
        found = one.judged(trace, digits, answers)
        self.seconds += time.perf_counter() - began
        self.answers += len(answers)
        self.counts["sheets"] += 1
        return found

    @property
    def milliseconds(self) -> float:
        """For a sheet of 51 answers."""
        return 51_000 * self.seconds / max(self.answers, 1)


def try_out(one: Class, trace: Trace, digits: Digits, draw: random.Random, report: Report) -> None:
    """Honest students, one mistake, two mistakes, and slips, on the same numbers."""
    for style in STYLES:
        answers = one.answers(trace, digits, style, draw)
        assert answers is not None
        for judged in report.judged(one, trace, digits, answers).answers.values():
            report.counts["honest answers"] += 1
            if judged.verdict is not Verdict.RIGHT:
                report.accused.append(f"{one.lesson} run {one.run}, {digits.count} digits, {style}: {judged}")
    right = one.answers(trace, digits, "keeps", draw)
    assert right is not None
    mistakes = one.mistakes()
    for style in STYLES[:2]:
        for _ in range(SHEETS // 4):
            one_mistake(one, trace, digits, style, draw, report, right, [draw.choice(mistakes)])
        one_mistake(one, trace, digits, style, draw, report, right, [draw.choice(mistakes), draw.choice(mistakes)])
    for _ in range(SHEETS // 4):
        one_slip(one, trace, digits, draw, report, right)


def one_mistake(
    one: Class, trace: Trace, digits: Digits, style: str, draw: random.Random, report: Report,
    right: Mapping[str, str], planted: list[tuple[Working, WrongFormula]],
) -> None:  # fmt: skip
    """A sheet with one or two mistakes in it."""
    answers = one.answers(trace, digits, style, draw, {working.id: fault.formula for working, fault in planted})
    if answers is None:
        return
    seen = [working.id for working, _ in planted if shows(answers[working.id], right[working.id], digits)]
    if len(set(seen)) < len(planted):
        report.counts["invisible"] += 1
        return
    judgement = report.judged(one, trace, digits, answers)
    if len(planted) == 2:
        report.counts["two"] += 1
        report.counts["both"] += all(is_fault(judgement.answers[name]) for name in seen)
        return
    (working, fault), judged = planted[0], judgement.answers[planted[0][0].id]
    named = judged.verdict is Verdict.MISTAKE and bool(set(judged.mistakes) & set(fault.names))
    for key, holds in (("planted", True), ("located", judgement.first == working.id), ("named", named)):
        report.counts[key] += holds
        report.counts[f"{key}, {digits.count} digits"] += holds
    if not named:
        said = " or ".join(judged.mistakes) or judged.verdict.value
        report.taken_for[" or ".join(fault.names), said] += 1


def one_slip(
    one: Class, trace: Trace, digits: Digits, draw: random.Random, report: Report, right: Mapping[str, str]
) -> None:
    """A right sheet on which two digits of one answer are swapped, or one is another one."""
    name = draw.choice(list(right))
    text = slipped(right[name], draw)
    if not shows(text, right[name], digits):
        return
    judged = report.judged(one, trace, digits, {**right, name: text}).answers[name]
    kind = "slips" if sum(letter.isdigit() for letter in right[name]) > 1 else "slips in one digit"
    report.counts[kind] += 1
    report.counts[f"{kind}, named"] += judged.verdict is Verdict.MISTAKE
    if judged.verdict is Verdict.MISTAKE:
        report.taken_for[kind, " or ".join(judged.mistakes)] += 1


def slipped(text: str, draw: random.Random) -> str:
    """Two neighbouring digits swapped, or one digit one off."""
    letters = list(text)
    places = [place for place, letter in enumerate(text.partition("e")[0]) if letter.isdigit()]
    place = draw.randrange(len(places))
    if draw.random() < 0.5 and place + 1 < len(places):
        first, second = places[place], places[place + 1]
        letters[first], letters[second] = letters[second], letters[first]
    else:
        letters[places[place]] = str((int(letters[places[place]]) + draw.choice((1, 9))) % 10)
    return "".join(letters)


def shows(text: str, right: str, digits: Digits) -> bool:
    """Whether an answer differs by more than rounding could explain."""
    return abs(float(text) - float(right)) > 2 * digits.unit(float(right))


def is_fault(judged: Judged) -> bool:
    return judged.verdict in (Verdict.MISTAKE, Verdict.SLIP, Verdict.WRONG)


def measured(names: list[str], variants: int, counts: tuple[int, ...] = (3, 4, 6)) -> Report:
    """So many sets of numbers of every run, in each of several numbers of digits."""
    report = Report()
    for name in names:
        for one in classes(name):
            for number_of in range(1, variants + 1):
                try:
                    trace = one.variants.trace(number_of)
                except StepnnError:  # no friendly numbers: the lesson is about others
                    report.counts["without friendly numbers"] += 1
                    break
                for count in counts:
                    draw = random.Random(f"{name}/{one.run}/{number_of}/{count}")
                    try_out(one, trace, Digits(count), draw, report)
    return report


def printed(report: Report) -> Iterator[str]:
    """The figures, and what was taken for what."""
    for key, count in sorted(report.counts.items()):
        yield f"{key:32} {count}"
    for count in (3, 4, 6):
        of = f"planted, {count} digits"
        located, named = (report.share(f"{what}, {count} digits", of) for what in ("located", "named"))
        yield f"{count} digits: located {located:.2%}, named {named:.2%}"
    yield f"both of two located {report.share('both', 'two'):.2%}"
    yield f"slips named {report.share('slips, named', 'slips'):.2%}"
    yield f"honest answers called anything but right: {len(report.accused)}"
    yield f"{report.milliseconds:.1f} ms a sheet of 51 answers"
    yield from report.accused[:10]
    for (planted, said), count in report.taken_for.most_common(60):
        yield f"{count:5}  {planted}  →  {said}"


if __name__ == "__main__":
    wanted = int(sys.argv[1])
    LATER = [name for name in LESSONS if load_lesson(name).part in (2, 3, 4, 5)]
    EVERY = sum(len(runs(setup(load_lesson(name)))) for name in LATER) * 3 * SHEETS
    print("\n".join(printed(measured(LATER, -(-wanted // EVERY)))))
