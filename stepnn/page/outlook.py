"""The pages that say what the way back is for, as blocks: a nudge, a path, the shares of several paths, the check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from stepnn.notation.digits import Digits
from stepnn.notation.formula import Ref, Worked, multiply
from stepnn.notation.numbers import Decimal, given, shown
from stepnn.page.blocks import Block, Equation, Line, Paragraph, Table
from stepnn.page.equations import by_name
from stepnn.page.nudged import change, digits_of, is_kink, moved_table, said
from stepnn.page.written import Cell, Expression, Text
from stepnn.trace.outlook import path, shares
from stepnn.trace.step import Kind, Step
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.trace.nudge import Nudge
    from stepnn.trace.trace import Trace

RATIO = Digits(4, significant=True)  # how many times as far a value moves as the one before it


def outlook(trace: Trace, step: Step, words: Catalogue) -> Iterator[Block]:
    """What stands below the reason of such a page."""
    from stepnn.trace.nudge import nudge  # works the lesson out anew, which the first screen does without

    assert step.about is not None
    if step.kind is Kind.PATHS:
        yield along_each_path(step.about)
        return
    found = nudge(trace, step) if step.prediction is None else None
    if found is None or found.error is None:
        return
    if step.kind is Kind.NUDGE:
        yield said(found, "moved", words)
        if found.moved:
            yield moved_table(found, words)
            yield said(found, "one_way", words)
        else:
            yield said(found, "still", words)
        yield said(found, "ahead", words)
    elif step.kind is Kind.PATH:
        yield path_table(found, step.about, words)
        links = multiply(*(one.ref for one in reversed(path(step.about)) if one.ref is not None))
        symbols = by_name(step.moment.names)
        assert step.about.ref is not None
        yield Equation((Line(Expression(step.about.ref, symbols), Expression(links, symbols)),))
    elif step.kind is Kind.CHECK:
        yield from check(trace, step, words)


def path_table(found: Nudge, weight: Step, words: Catalogue) -> Table:
    """Link by link: how far the nudge has moved a value, how many times as far as the one before, and the factor."""
    from stepnn.trace.nudge import BY  # as above

    names, digits = found.moment.names, digits_of(found)
    rows: list[Text] = [(names.of(found.ref), given(BY), "", "")]
    before = BY
    for link in path(weight):
        assert link.quantity is not None and link.quantity.wrt is not None and link.ref is not None
        where = dict(zip(link.quantity.letters, link.ref.index, strict=True))
        general, _ = link.quantity.wrt
        top = Ref(general.name, tuple(one.replace(where) for one in general.index))
        moved = change(found, top, digits)
        far = found.up.value(top) - found.moment.value(top)
        times: Cell = RATIO.shown(far / before) if before and far else ""
        rows.append((names.of(top), moved, times, names.of(link.ref)))
        before = far
    return Table(("", *(words(f"nudge.label.{key}") for key in ("moves", "times", "factor"))), tuple(rows))


def along_each_path(step: Step) -> Equation:
    """What comes back to a neuron along each of its edges, each for itself."""
    names, number = by_name(step.moment.names), step.moment.decimal
    lines: list[Line] = []
    for share in shares(step):
        assert share.term is not None and share.value is not None
        result = Worked(share.value)
        lines += [
            Line(Expression(share.term, names), Expression(share.term, number)),
            Line(None, Expression(result, number)),
        ]
    return Equation(tuple(lines))


def check(trace: Trace, step: Step, words: Catalogue) -> Iterator[Block]:
    """Predicted and found, side by side, for a weight of the last layer and one of the first; why they differ."""
    from stepnn.trace.nudge import BY, nudge_of, outer_weights  # as above

    every = [nudge_of(trace, step.moment, ref) for ref in outer_weights(step.moment)]
    found = [one for one in every if one is not None and one.error is not None and one.slope is not None]
    if not found:
        return
    columns = [column(one) for one in found]
    labels = ("derived", "predicted", "found", "one_way", "both_ways")
    rows: list[Text] = [
        (words(f"nudge.label.{label}", by=given(BY).text), *(column[at] for column in columns))
        for at, label in enumerate(labels)
    ]
    yield Table(("", *(one.moment.names.of(one.ref) for one in found)), tuple(rows))
    derived, _, _, one_way, _ = columns[0]
    kink = is_kink(found[0], derived)
    yield said(found[0], "kink" if kink else "straight" if one_way == derived else "bent", words)
    if len(found) > 1:
        yield from smaller(found[-1], columns[-1], digits_seen(columns[0][2]), words)


def smaller(found: Nudge, column: Sequence[Decimal], most: int, words: Catalogue) -> Iterator[Paragraph]:
    """Why fewer digits can agree where the error moves less."""
    derived, _, moved, *_ = column
    count = digits_seen(moved)
    if not derived.value:
        yield said(found, "nothing", words)
    elif not count:
        yield said(found, "no_digits", words)
    elif count < most:
        yield said(found, "few_digits", words, count=str(count))


def digits_seen(moved: Decimal) -> int:
    """How many digits of a number stand behind the zeros that it begins with."""
    return len(moved.mantissa.replace(".", "").replace("-", "").lstrip("0")) if moved.value else 0


def column(found: Nudge) -> tuple[Decimal, ...]:
    """∂E/∂ of a number; the change that it predicts, and that is found; with all digits, what is found for each 1."""
    from stepnn.trace.nudge import BY  # as above

    assert found.error is not None and found.slope is not None
    digits = digits_of(found)
    derived, moved = found.moment.value(found.slope), change(found, found.error, digits)
    slopes = (shown(slope, digits) for slope in found.slopes)
    return (shown(derived, digits), shown(derived * BY, digits), moved, *slopes)
