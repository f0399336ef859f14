"""What each letter of a formula is, here: which edge w3 stands on, whose weighted sum z_h1 is."""

from __future__ import annotations

from stepnn.exercises.workings import Working
from stepnn.network.model import PARAMETERS, Quantity, Role
from stepnn.network.names import label_name
from stepnn.notation.formula import Ref, refs
from stepnn.page.blocks import Bullets
from stepnn.practice.turn import Turn
from stepnn.trace.sentences import title
from stepnn.words import Catalogue

BESIDE_EDGES = 2  # axes of a weight that leads from one neuron to another


def meanings(turn: Turn, working: Working, words: Catalogue) -> Bullets:
    """A line for each number of the formula: its name, its value, and what it is."""
    names, shows = turn.moment(working).names, turn.shows(working)
    known = [ref for ref in dict.fromkeys(refs(turn.step(working).here[-1])) if turn.is_known(working, ref)]
    return Bullets(
        tuple((f"{names.text(ref)} = {shows(ref).text}", (meaning(turn, working, ref, words),)) for ref in known)
    )


def meaning(turn: Turn, working: Working, ref: Ref, words: Catalogue) -> str:
    """What one number is."""
    quantity = turn.moment(working).network[ref.name]
    source = turn.steps.get(turn.desk.workings.source(working.at, ref) or "")
    if quantity.role not in PARAMETERS and source is not None:
        return title(source, words)
    places = [axis.labels[index.constant] for axis, index in zip(quantity.axes, ref.index, strict=True)]
    named = [label_name(place).text for place in places]
    return words(f"practice.letter.{kind(quantity)}", **dict(zip(("to", "of"), named, strict=False)))


def kind(quantity: Quantity) -> str:
    """What sort of number it is, as a key of the catalogue."""
    edges = len(quantity.axes) == BESIDE_EDGES and all(axis.is_named for axis in quantity.axes)
    match quantity.role:
        case Role.WEIGHT:
            return "edge" if edges else "parameter"
        case Role.BIAS:
            return "bias" if len(quantity.axes) == 1 and quantity.axes[0].is_named else "parameter"
        case Role.ACTIVATION_PARAMETER:
            return "parameter"
        case Role.INPUT | Role.TARGET | Role.LEARNING_RATE | Role.SETTING:
            return str(quantity.role.value).replace(" ", "_")
        case Role.GIVEN:
            return "given"
    return "before"
