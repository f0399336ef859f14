"""Somebody else's worked example against a lesson: which number is the first wrong one, and what it is.

A table of names and values, a worked example of stepnn as JSON, or a receipt of the npm package
`@mcptoolshop/backprop-trace`, whose signals have the other sign.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from stepnn.errors import Fault, LessonError, UsageError, visible
from stepnn.exercises.assignment import assigned
from stepnn.exercises.desk import Desk
from stepnn.exercises.judge import FAULTS, Judged
from stepnn.exercises.typed import Typed, number
from stepnn.lessons.setup import Setup
from stepnn.tables.table import contents, table_of
from stepnn.trace.trace import Trace
from stepnn.words.told import told

LARGEST = 20_000_000  # bytes
NAMES = ("name", "symbol", "step", "quantity", "이름", "기호")
VALUES = ("value", "answer", "result", "값")
FEWEST, MOST = 2, 12  # digits that an audit asks for
FEW = 8
UNIT = re.compile(r"[A-Za-z]\w{0,29}")


@dataclass(frozen=True)
class Claim:
    """One number of a worked example: where it stands, the name of the step whose value it is, and, where it is so many
    `times` that value, what they are: −1, or given numbers by name."""

    where: str
    name: str
    text: str
    sign: int = 1
    times: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """A claim that was looked at. `right` is the true number; `judged` says what its step is, `is_first` whether this
    is the number that was judged, and not another mention of it; `is_wrong` by itself."""

    claim: Claim
    symbol: str
    typed: float
    right: float
    is_wrong: bool
    judged: Judged
    is_first: bool


@dataclass(frozen=True)
class Audit:
    """What was found, in the order in which the numbers are worked out. `unknown` are names that the lesson has not,
    `holds` the digits to which every number that was compared is right; None where some are wrong."""

    found: list[Found]
    unknown: list[str]
    digits: int
    holds: int | None

    @property
    def first(self) -> Found | None:
        """The first wrong number."""
        return next((one for one in self.found if one.is_wrong), None)


def read_claims(path: Path) -> list[Claim]:
    """The numbers in a file. Raises UsageError where there is none, LessonError for what cannot be read."""
    data, source = contents(path, LARGEST), str(path)
    if data.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"["):
        try:
            return list(of_json(parsed(data, source)))
        except (AttributeError, TypeError, KeyError, ValueError) as error:
            found = visible(f"{type(error).__name__}: {error}", 100)
            raise LessonError(visible(source, 200), [Fault("", told("audit_damaged"), found)]) from None
    table = table_of(data, source)
    head = [cell.casefold() for cell in table.head]
    name = next((head.index(one) for one in NAMES if one in head), 0)
    value = next((head.index(one) for one in VALUES if one in head), 1)
    rows = [row for _, row in table.rows]
    if head[name] not in NAMES:  # no head line: the first one is a claim, too
        rows.insert(0, table.head)
    if any(len(row) <= max(name, value) for row in rows):
        raise LessonError(
            visible(source, 200), [Fault("", told("audit_columns"), wanted="name,value", line=table.head_line)]
        )
    return [Claim(row[name].strip(), row[name].strip(), row[value].strip()) for row in rows]


def parsed(data: bytes, source: str) -> Any:
    """JSON; of several lines of it, the first."""
    text = data.decode("utf-8-sig", "replace")
    for part in (text, text.strip().partition("\n")[0]):
        try:
            return json.loads(part, parse_float=Kept, parse_int=Kept)
        except (ValueError, RecursionError):
            continue
    raise LessonError(visible(source, 200), [Fault("", told("answers_no_json"))])


class Kept(float):
    """A number with the digits in which it was written."""

    def __new__(cls, text: str) -> Kept:
        made = super().__new__(cls, text)
        made.text = text
        return made

    text: str


def text_of(value: object) -> str:
    return value.text if isinstance(value, Kept) else str(value)


def of_json(found: Any) -> Iterator[Claim]:
    """A receipt, a worked example of stepnn, or an object of names and values."""
    if isinstance(found, dict) and "parameters_before" in found and "forward" in found:
        yield from of_receipt(found)
    elif isinstance(found, dict) and isinstance(found.get("steps"), list):
        for step in found["steps"]:
            if isinstance(step, dict) and isinstance(step.get("value"), float):
                yield Claim(str(step.get("id")), str(step.get("id")), text_of(step["value"]))
    elif isinstance(found, dict):
        for name, value in found.items():
            if isinstance(value, float | str):
                yield Claim(str(name), str(name), text_of(value))


def of_receipt(found: dict[str, Any]) -> Iterator[Claim]:
    """A receipt of backprop-trace: what it calls a signal is −δ, a gradient −∂E/∂w, an update −η · ∂E/∂w."""
    for unit, one in each(found.get("forward")):
        yield from claims(f"forward.{unit}", one, {"net": f"z_{unit}", "out": f"a_{unit}"})
    loss = found.get("loss") or {}
    for unit, value in each(loss.get("per_output")):
        yield from claims("loss.per_output", {unit: value}, {unit: f"E_{unit}"})
    yield from claims("loss", loss, {"total": "E"})
    backward = found.get("backward") or {}
    for unit, one in each(backward.get("output_error_signals")):
        where = f"backward.output_error_signals.{unit}"
        yield from factors(
            where, one, {"target_minus_output": (f"dE_da_{unit}", -1), "activation_derivative": (f"da_dz_{unit}", 1)}
        )
        yield from claims(where, one, {"signal_value": f"delta_{unit}"}, -1)
    for unit, one in each(backward.get("hidden_error_signals")):
        where = f"backward.hidden_error_signals.{unit}"
        for place, part in enumerate(one.get("downstream_contributions") or []):
            inner, sender = f"{where}.downstream_contributions[{place}]", part.get("from")
            yield from claims(inner, part, {"downstream_signal": f"delta_{sender}"}, -1)
            yield from claims(inner, part, {"value": f"delta_{sender}"}, -1, (str(part.get("via_weight")),))
        yield from claims(where, one, {"backpropagated_sum": f"dE_da_{unit}"}, -1)
        yield from claims(where, one, {"activation_derivative": f"da_dz_{unit}"})
        yield from claims(where, one, {"signal_value": f"delta_{unit}"}, -1)
    for place, one in enumerate(found.get("updates") or []):
        yield from of_update(f"updates[{place}]", one)
    for name, value in each(found.get("parameters_after")):
        yield from claims("parameters_after", {name: value}, {name: f"{name}_new"})


def of_update(where: str, one: dict[str, Any]) -> Iterator[Claim]:
    """The update of one weight, with its factors."""
    weight, to = one.get("parameter_id"), one.get("to_unit")
    signals = {"output_error_signal": (f"delta_{to}", -1), "hidden_error_signal": (f"delta_{to}", -1)}
    yield from factors(
        f"{where}.optimizer",
        one.get("optimizer") or {},
        {**signals, "upstream_activation": (f"a_{one.get('from_unit')}", 1)},
    )
    yield from claims(where, one, {"gradient": f"dE_d{weight}"}, -1)
    yield from claims(where, one, {"update": f"dE_d{weight}"}, -1, ("eta",))
    yield from claims(where, one, {"weight_after": f"{weight}_new"})


def factors(where: str, one: dict[str, Any], names: dict[str, tuple[str, int]]) -> Iterator[Claim]:
    for place, factor in enumerate(one.get("factors") or []):
        if factor.get("name") in names:
            name, sign = names[factor["name"]]
            yield from claims(f"{where}.factors[{place}]", factor, {"value": name}, sign)


def claims(
    where: str, found: dict[str, Any], names: dict[str, str], sign: int = 1, times: tuple[str, ...] = ()
) -> Iterator[Claim]:
    for field, name in names.items():
        if isinstance(found.get(field), float):
            yield Claim(f"{where}.{field}", name, text_of(found[field]), sign, times)


def each(found: Any) -> list[tuple[str, Any]]:
    """The entries of an object whose names are those of units or parameters."""
    return [(name, one) for name, one in found.items() if UNIT.fullmatch(name)] if isinstance(found, dict) else []


def audited(lesson_setup: Setup, claimed: list[Claim], run: int = 1) -> Audit:
    """Every claim, looked at. Raises UsageError where none of them is of a step of the lesson."""
    typed = [(claim, typed_of(claim)) for claim in claimed]
    counts = [one.significant for _, one in typed if one is not None and one.value and one.places is not None]
    digits = max(FEWEST, min(MOST, int(median(counts)) - (median(counts) > 4))) if counts else 4
    desk = Desk(lesson_setup, assigned(lesson_setup, digits=digits, significant=True, run=run))
    trace, unknown = desk.trace(None), []
    answers: dict[str, Typed] = {}
    more: list[tuple[Claim, Typed]] = []
    for claim, one in typed:
        working = desk.spelling.working(claim.name)
        if working is None or one is None:
            unknown.append(claim.where)
        elif working.id in answers or claim.times:
            more.append((claim, one))
        else:
            value = claim.sign * one.value + 0.0
            answers[working.id] = Typed(one.text, value, one.places)
            more.append((claim, one))
    if not answers:
        names = ", ".join(desk.spelling.key(working) for working in desk.workings.asked[:FEW])
        raise UsageError(told("audit_no_names", names=names))
    judgement = desk.judge.judge(trace, answers)
    found = [looked_at(desk, trace, claim, one, judgement.answers) for claim, one in more]
    order = {working.id: place for place, working in enumerate(desk.workings.all)}
    found.sort(key=lambda one: order[one.judged.id])
    right = not any(one.is_wrong for one in found)
    return Audit(found, unknown, digits, min(map(agreement, found), default=digits) if right else None)


def typed_of(claim: Claim) -> Typed | None:
    try:
        return number(claim.text)
    except UsageError:
        return None


def looked_at(desk: Desk, trace: Trace, claim: Claim, typed: Typed, answers: Mapping[str, Judged]) -> Found:
    """One claim: what the judge says of its step, or, where it is another mention of it, whether it is the same."""
    working = desk.spelling.working(claim.name)
    assert working is not None
    judged = answers[working.id]
    factor = float(claim.sign)
    for name in claim.times:
        factor *= trace.setup.value(name) if name in trace.setup.places else math.nan
    right = judged.right * factor
    symbol = trace.moments[working.at].names.text(working.ref)
    is_first = not claim.times and judged.typed is not None and judged.typed.text == typed.text
    if is_first:
        return Found(claim, symbol, typed.value, right, judged.verdict in FAULTS, judged, True)
    own = (judged.typed.value if judged.typed is not None and judged.verdict not in FAULTS else judged.right) * factor
    room = max(desk.judge.digits.unit(right), typed.unit)
    wrong = not (abs(typed.value - right) <= 2 * room or abs(typed.value - own) <= 2 * room)
    return Found(claim, symbol, typed.value, right, wrong, judged, False)


def agreement(one: Found) -> int:
    """To how many digits a number is the true one."""
    off = abs(one.typed - one.right)
    if not off:
        return MOST
    return max(0, math.floor(-math.log10(2 * off / max(abs(one.right), 1e-300)))) if one.right else 0
