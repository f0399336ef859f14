"""A number that is nudged, as blocks: what it moves, and how fast the error changes with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stepnn.notation.numbers import Decimal, given, shown
from stepnn.page.blocks import Block, Paragraph, Table
from stepnn.page.written import Marks, Text
from stepnn.trace.step import Step
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.notation.formula import Ref
    from stepnn.trace.nudge import Nudge
    from stepnn.trace.trace import Trace

MOST_MOVED = 12
FEWEST = 6  # digits after the point, of which a small change leaves some


def nudge_blocks(trace: Trace, step: Step, words: Catalogue) -> list[Block] | None:
    """The page of key ~; None where nothing can be nudged."""
    from stepnn.trace.nudge import nudge  # only a reader who asks for it needs it

    found = nudge(trace, step)
    return None if found is None or found.error is None else list(blocks_of(found, found.error, words))


def blocks_of(found: Nudge, error: Ref, words: Catalogue) -> Iterator[Block]:
    """What changes; what that is for each 1; what the way back finds."""
    from stepnn.trace.nudge import BY  # as above

    moment, names = found.moment, found.moment.names
    value, digits = moment.value(found.ref), max(moment.policy.digits, FEWEST)

    def said(key: str, **more: str) -> Paragraph:
        marks = Marks()
        known = {"name": marks(names.of(found.ref)), "error": marks(names.of(error)), "by": given(BY).text}
        return Paragraph(marks.text(words(f"nudge.{key}", **known, **more)))

    yield said("moved", before=given(value).text, after=given(value + BY).text)
    rows: list[Text] = []
    for ref in found.moved:
        before, after = (shown(one.value(ref), digits) for one in (moment, found.up))
        rows.append((names.of(ref), before, after, change(found, ref, digits)))
    head: Text = ("", words("nudge.before"), words("nudge.after"), words("label.change"))
    kept = [*rows[: MOST_MOVED - 1], rows[-1]] if len(rows) > MOST_MOVED else rows
    yield Table(head, tuple(kept))
    places = max(digits - 3, 0)
    one_way = shown(change(found, error, digits).value / BY, places)
    down, up = (shown(one.value(error), digits).value for one in (found.down, found.up))
    both = shown((up - down) / (2 * BY), places)
    yield said("one_way", change=change(found, error, digits).text, slope=one_way.text)
    yield said("both_ways", up=shown(up, digits).text, down=shown(down, digits).text, slope=both.text)
    if found.slope is not None:
        marks = Marks()
        derived = shown(moment.value(found.slope), digits).text
        yield Paragraph(marks.text(words("nudge.derived", slope=marks(names.of(found.slope)), value=derived)))


def change(found: Nudge, ref: Ref, digits: int) -> Decimal:
    """How far the shown number moves."""
    before, after = (shown(one.value(ref), digits).value for one in (found.moment, found.up))
    return shown(after - before, digits)
