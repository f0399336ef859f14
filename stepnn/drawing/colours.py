"""One colour for one symbol: the same in the picture, in the formula and in the line of numbers.

The colours are of medium brightness, readable on light and on dark backgrounds.
"""

from __future__ import annotations

from stepnn.notation.formula import Ref, refs
from stepnn.trace.step import Step

PALETTE = ("#d75f00", "#0087d7", "#00875f", "#af5fd7", "#d7005f", "#878700")
RESULT = "bold #d70000"


def colours(step: Step) -> dict[Ref, str]:
    """The style of every element that the step uses, and of its result."""
    step, found = step.about or step, dict[Ref, str]()
    for side in step.here:
        for ref in refs(side):
            found.setdefault(ref, PALETTE[len(found) % len(PALETTE)])
    if step.ref is not None and step.term is None:
        found[step.ref] = RESULT
    return found
