"""What the letters of a lesson mean: those that it has, what its indices run over, and what its weights are called."""

from __future__ import annotations

from collections.abc import Iterator

from stepnn.layers.optimizers import uses_update_number
from stepnn.lessons.setup import Setup
from stepnn.network.model import ERRORS, Quantity, Role
from stepnn.network.names import Names, label_name
from stepnn.notation.formula import IsLargest, Same, Sum, walk
from stepnn.words import Catalogue

MOST_NAMED = 4  # neurons of a layer that are named one by one
MOST_LISTED = 12  # weights that are not there, or that never learn


def letters(setup: Setup, words: Catalogue) -> str:
    """A few sentences. A lesson that is written as formulas says itself what its letters mean."""
    return " ".join(sentences_about(setup, words))


def sentences_about(setup: Setup, words: Catalogue) -> list[str]:
    """One by one: the letters, the indices, the names of weights, what a derivative says."""
    if not setup.network.has_neurons:
        return list(of_formulas(setup, words))
    sentences = [words("letters.head", parts=", ".join(words(f"letters.{name}") for name in used(setup)))]
    if indices := list(runs_over(setup, words)):
        sentences.append(words("letters.indices", parts="; ".join(indices)))
    if any(", " in quantity.function for quantity in setup.network.with_role(Role.ACTIVATION)):
        sentences.append(words("letters.counted"))
    sentences += [*weights(setup, words), *unlearned(setup, words)]
    if setup.descends:
        sentences.append(words("letters.slope"))
    return sentences


def of_formulas(setup: Setup, words: Catalogue) -> Iterator[str]:
    """The letters that stepnn itself brings into a lesson of formulas, and the signs that its formulas have."""
    network = setup.network
    weighted = bool(network.with_role(Role.WEIGHTED_SUM)) and setup.descends
    known = {"error": network.total_error is not None, "delta": weighted, "rate": setup.rate is not None}
    if parts := ", ".join(words(f"letters.{name}") for name, there in known.items() if there):
        yield words("letters.head", parts=parts)
    written = [part for one in network.computed if one.formula is not None for part in walk(one.formula)]
    sums = [part.letter for part in written if isinstance(part, Sum)]
    if sums:
        yield words("letters.sum", of=sums[0])
    if any(isinstance(part, (Same, IsLargest)) for part in written):
        yield words("letters.bracket")
    if network.total_error is not None:
        yield words("letters.slope")
    yield from unlearned(setup, words)
    yield words("letters.others")


def used(setup: Setup) -> Iterator[str]:
    """The letters that the lesson has, as keys of the catalogue."""
    network = setup.network
    roles = {quantity.role for quantity in network.quantities}
    for role in (Role.INPUT, Role.WEIGHT, Role.BIAS, Role.WEIGHTED_SUM, Role.ACTIVATION, Role.TARGET):
        if role in roles:
            yield role.value.replace(" ", "_")
        if role is Role.ACTIVATION and any(
            "sigmoid" in quantity.function.split(", ") for quantity in network.quantities
        ):
            yield "sigma"
    if roles & set(ERRORS):
        yield "error"
    if setup.descends:
        yield "delta"
    if setup.rate is not None and setup.learns:
        yield "rate"
    yield from of_update(setup)


def of_update(setup: Setup) -> Iterator[str]:
    """The letters of a schedule, of penalties and of weight decay."""
    if setup.descends:
        lines, settings = setup.rule.lines, setup.rule.settings
        known = {
            "rate_now": "eta_now" in lines, "tau": uses_update_number(setup.rule), "decay": "lambda_" in settings,
            "lambda2": "lambda2" in setup.constants, "lambda1": "lambda1" in setup.constants,
        }  # fmt: skip
        yield from (name for name, there in known.items() if there)


def runs_over(setup: Setup, words: Catalogue) -> Iterator[str]:
    """What each index letter stands for: `j runs over h1, h2`."""
    seen = set[str]()
    for quantity in setup.network.with_role(Role.INPUT, Role.WEIGHTED_SUM):
        axis = quantity.axes[-1] if quantity.axes else None
        if axis is None or not axis.is_named or axis.letter in seen:
            continue
        seen.add(axis.letter)
        named = [label_name(label).text for label in axis.labels]
        if len(named) > MOST_NAMED:
            named = [named[0], "…", named[-1]]
        yield words("letters.runs", letter=axis.letter, names=", ".join(named))


def weights(setup: Setup, words: Catalogue) -> Iterator[str]:
    """Which neurons the indices of a weight name, and what one of them is called."""
    found = [one for one in setup.network.with_role(Role.WEIGHT) if len(one.axes) == 2]
    if not found or not all(axis.is_named for axis in found[-1].axes):
        return
    last = found[-1]
    to, of = (axis.letter for axis in last.axes)
    yield words("letters.index", to=to, of=of, called=called(setup, last, words))
    yield words("letters.sum", of=of)


def unlearned(setup: Setup, words: Catalogue) -> Iterator[str]:
    """Which edges there are not, and which weights and biases learning leaves as they are."""
    names = Names(setup.network)
    places = {
        "missing": [one.element(at) for one in setup.network.parameters for at in sorted(one.missing)],
        "still": [one.element(at) for one in setup.network.parameters for at in sorted(one.still)],
    }
    for key, found in places.items():
        if found:
            yield words(f"letters.{key}", names=shortened(list(map(names.text, found))))


def shortened(names: list[str]) -> str:
    return ", ".join(names if len(names) <= MOST_LISTED else [*names[: MOST_LISTED - 1], f"… ({len(names)})"])


def called(setup: Setup, weight: Quantity, words: Catalogue) -> str:
    """`: with k = o1 and j = h1 it is called w5 here`, where it has a name of its own."""
    if not weight.names:
        return ""
    (to, top), (of, bottom) = ((axis.letter, label_name(axis.labels[0]).text) for axis in weight.axes)
    name = Names(setup.network).text(weight.element((0, 0)))
    return words("letters.called", to=to, of=of, top=top, bottom=bottom, name=name)
