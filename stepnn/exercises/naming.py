"""The names by which steps are chosen: as they are printed, in any spelling, by their kind, and what an exam asks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from stepnn.exercises.assignment import BLANKS
from stepnn.network.model import Role
from stepnn.network.names import Name
from stepnn.notation.formula import Add, Call, Cases, Divide, Formula, Multiply, Power, walk
from stepnn.trace.step import Kind, Step

LATIN = {"δ": "d", "η": "eta", "σ": "sigma", "β": "beta", "α": "alpha", "γ": "gamma", "ε": "epsilon", "μ": "mu"}
ERRORS = (Kind.TOTAL_ERROR, Kind.BATCH_ERROR, Kind.PERCEPTRON_ERROR)
GRADIENTS = (Kind.GRADIENT, Kind.BATCH_GRADIENT)
UPDATES = (Kind.WEIGHT_UPDATE, Kind.PERCEPTRON_UPDATE)
RESULTS = (Role.ACTIVATION, Role.VALUE, Role.WEIGHTED_SUM)


def spellings(name: Name) -> Iterator[str]:
    """Every way in which a name may be typed."""
    text, ascii = unicodedata.normalize("NFKC", name.text), name.ascii
    latin = "".join(LATIN.get(letter, letter) for letter in text)
    for one in (text, ascii, latin):
        yield one
        yield one.replace("_", "")
    if "/" in latin:
        yield latin.replace("∂", "d")
        yield latin.replace("∂", "d").replace("_", "")


def called(step: Step) -> tuple[str, ...]:
    """Everything by which a step can be chosen, what means it alone first: its id, its symbol in any spelling, and its
    kinds in BLANKS."""
    assert step.ref is not None
    kinds = (name for name, kinds in BLANKS.items() if step.kind in kinds)
    return tuple(dict.fromkeys((step.id, step.symbol, *spellings(step.moment.names.of(step.ref)), *kinds)))


def checkpoints(steps: Sequence[Step]) -> frozenset[str]:
    """The ids of the steps that tell whether somebody can do a calculation: what the network answers, every error,
    every delta, and of each layer one gradient and one new weight. Where there are none of these, of each quantity the
    last element."""
    found = {step.id for step in steps if step.kind in ERRORS or step.kind is Kind.DELTA}
    seen: set[object] = set()
    for step in steps:
        if (
            step.kind in (*GRADIENTS, *UPDATES)
            and operations(step)
            and (key := (step.pass_number, step.layer, step.kind)) not in seen
        ):
            seen.add(key)
            found.add(step.id)
    results = [step for step in steps if step.quantity is not None and step.quantity.role in RESULTS]
    if results and steps:
        first = [step for step in results if step.pass_number == steps[0].pass_number]
        found |= {step.id for step in first if step.quantity is first[-1].quantity}
    if len(found) > 1:
        return frozenset(found)
    return frozenset({(step.pass_number, step.quantity): step.id for step in steps}.values())


def operations(step: Step) -> int:
    """How many operations a step takes: additions, multiplications, divisions, powers and functions."""
    assert step.ref is not None
    return sum(map(counts, walk(step.moment.network.definition(step.ref))))


def counts(formula: Formula) -> int:
    """How many operations a formula has, without those inside its parts."""
    match formula:
        case Add(parts) | Multiply(parts):
            return len(parts) - 1
        case Divide() | Power() | Call() | Cases():
            return 1
    return 0
