"""A number that is nudged, as blocks: what it moves, and how fast the error changes with it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal as Exact
from typing import TYPE_CHECKING

from stepnn.calculus.ways import held_still
from stepnn.notation.numbers import Decimal, given, shown
from stepnn.page.blocks import Block, Paragraph, Table
from stepnn.page.written import Marks, Text
from stepnn.trace.step import Phase, Step
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.notation.formula import Ref
    from stepnn.trace.nudge import Nudge
    from stepnn.trace.trace import Trace

MOST_MOVED = 7
FEWEST = 6  # digits after the point, of which a small change leaves some
KINK = 0.1  # share of a slope that no rounding and no bend of so small a step explains


def nudge_blocks(trace: Trace, step: Step, words: Catalogue) -> list[Block] | None:
    """The page of key ~; None where nothing can be nudged."""
    from stepnn.trace.nudge import nudge  # only a reader who asks for it needs it

    found = nudge(trace, step)
    if found is None or found.error is None:
        return None
    return list(blocks_of(found, found.error, words, step.phase not in (Phase.FORWARD, Phase.LOSS)))


def blocks_of(found: Nudge, error: Ref, words: Catalogue, is_derived: bool) -> Iterator[Block]:
    """What changes; what that is for each 1; what the way back finds."""
    yield said(found, "moved", words)
    if not found.moved:
        yield said(found, "still", words)
        return
    yield moved_table(found, words)
    yield said(found, "one_way", words)
    one_way, both_ways = each(found, error, digits_of(found))
    yield said(found, "both_alike" if one_way == both_ways else "both_ways", words)
    if found.slope is not None and is_derived:
        marks = Marks()
        derived = shown(found.moment.value(found.slope), digits_of(found))
        slope = marks(found.moment.names.of(found.slope))
        yield Paragraph(marks.text(words("nudge.derived", slope=slope, value=derived.text)))
        if held_still(found.moment.network):
            yield said(found, "held", words)
        elif is_kink(found, derived):
            yield said(found, "kink", words)


def said(found: Nudge, key: str, words: Catalogue, **more: str) -> Paragraph:
    """A sentence about a nudge."""
    from stepnn.trace.nudge import BY  # as above

    assert found.error is not None
    marks, names, error, digits = Marks(), found.moment.names, found.error, digits_of(found)
    before = found.moment.value(found.ref)
    one_way, both_ways = each(found, error, digits)
    known = {
        "name": marks(names.of(found.ref)), "error": marks(names.of(error)), "by": given(BY).text,
        "before": given(before).text, "after": given(float(Exact(str(before)) + Exact(str(BY)))).text,
        "change": change(found, error, digits).text, "one_way": one_way.text, "both_ways": both_ways.text,
        "up": shown(found.up.value(error), digits).text, "down": shown(found.down.value(error), digits).text,
    }  # fmt: skip
    return Paragraph(marks.text(words(f"nudge.{key}", **{**known, **more})))


def moved_table(found: Nudge, words: Catalogue) -> Table:
    """What moves with the number: before, after, and by how much."""
    names, digits = found.moment.names, digits_of(found)
    rows: list[Text] = []
    for ref in found.moved:
        before, after = (shown(one.value(ref), digits) for one in (found.moment, found.up))
        rows.append((names.of(ref), before, after, change(found, ref, digits)))
    head: Text = ("", words("nudge.label.before"), words("nudge.label.after"), words("label.change"))
    if len(rows) > MOST_MOVED:
        rows[MOST_MOVED - 2 : -1] = [("…", "…", "…", "…")]
    return Table(head, tuple(rows))


def digits_of(found: Nudge) -> int:
    """How many digits after the point such a page shows."""
    return max(found.moment.policy.digits, FEWEST)


def change(found: Nudge, ref: Ref, digits: int) -> Decimal:
    """How far the shown number moves."""
    before, after = (shown(one.value(ref), digits).value for one in (found.moment, found.up))
    return shown(after - before, digits)


def each(found: Nudge, error: Ref, digits: int) -> tuple[Decimal, Decimal]:
    """How far the error moves for each 1 that the number grows: nudged one way, and both ways."""
    from stepnn.trace.nudge import BY  # as above

    down, up = (shown(one.value(error), digits).value for one in (found.down, found.up))
    places = max(digits - 3, 0)
    return shown(change(found, error, digits).value / BY, places), shown((up - down) / (2 * BY), places)


def is_kink(found: Nudge, derived: Decimal) -> bool:
    """Whether the error has a kink so near that the nudge goes over it: each way finds something else."""
    one_way, both_ways = found.slopes
    other_way = 2 * both_ways - one_way
    return abs(both_ways - derived.value) > KINK * max(abs(one_way), abs(other_way))
