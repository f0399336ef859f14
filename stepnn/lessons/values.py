"""Names and numbers as a lesson file may hold them, and how many of anything."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Annotated

from pydantic import BeforeValidator, Discriminator, Field, PlainSerializer, Tag

MOST_NEURONS = 10_000
MOST_LAYERS = 100
MOST_UPDATES = 1_000
MOST_SHORTCUTS = 3  # to one layer
MOST_EPOCHS = 1_000_000_000
MOST_TRAINED = 2_000_000  # updates that a walk or a picture makes before it opens: about a minute
MOST_STEPS = 1_000_000  # numbers that a variant can be drawn from
MOST_SAMPLES = 1_000
MOST_WEIGHTS = 1_000_000
MOST_TIME_STEPS = 100  # of a recurrence
LARGEST_INPUT = 1e100  # of an input or a target, of either sign: distances and squares of them are numbers
MOST_ELEMENTS = 20_000  # of one quantity that is written as a formula
MOST_TERMS = 200_000  # that its elements have together, sums written out
MOST_RUNS = 20
MOST_COMPARED = 50  # lines of a closing table that are calculated in another way
MOST_PREDICTIONS = 20
MOST_NAMED = 1_000  # reasons, own activations, own losses
MOST_CHOSEN = 10_000  # samples to learn from, epochs to show

FORMS: dict[str, type | tuple[type, ...]] = {"list": list, "table": dict, "text": str, "number": (int, float)}
GAP = "none"  # in place of a number, where an array has no element

NAME, SYMBOL, TEXT = r"^[A-Za-z][A-Za-z0-9_]{0,29}$", r"^[A-Za-z][A-Za-z0-9_.@]{0,60}$", r"\S"
NO_NAME_OR_NAME = r"^([A-Za-z][A-Za-z0-9_]{0,29})?$"
LETTER, LETTERS, SUFFIX = r"^[a-z]$", r"^([a-z](\s*,\s*[a-z])*)?$", r"^[A-Za-z0-9_]{0,10}$"
ID, PLACE = r"^[a-z][a-z0-9-]{0,39}$", r"^[a-z]+(\.[A-Za-z0-9_]+)?$"
WRITTEN = {  # the sentence that says how each of them is written
    NAME: "letters_digits_and_starting_with", NO_NAME_OR_NAME: "letters_digits_and_starting_with",
    ID: "small_letters_digits_and_starting", SYMBOL: "the_name_of_a_step", PLACE: "the_place_of_a_text",
    LETTER: "a_letter", LETTERS: "letters_and_commas", SUFFIX: "letters_behind_names", TEXT: "text_in_quotes",
}  # fmt: skip

Name = Annotated[str, Field(pattern=NAME)]
Value = Annotated[float, Field(allow_inf_nan=False)]
Row = Annotated[list[Value], Field(min_length=1, max_length=MOST_NEURONS)]
WithGaps = Annotated[  # None where "none" stands
    list[Value | None], Field(min_length=1, max_length=MOST_NEURONS), PlainSerializer(lambda row: none_as_gaps(row))
]
Measured = Annotated[
    list[Annotated[Value, Field(ge=-LARGEST_INPUT, le=LARGEST_INPUT)]], Field(min_length=1, max_length=MOST_NEURONS)
]


def by_form(*forms: str) -> Discriminator:
    """Which of several kinds of value is meant: "list", "table", "text" or "number", the first of them where it is
    none. Pydantic then finds one fault and not one for each kind."""

    def tag(value: object) -> str:
        found = next((name for name, form in FORMS.items() if isinstance(value, form)), "")
        return f"level:{found if found in forms else forms[0]}"

    return Discriminator(tag)


def gaps_as_none(value: object) -> object:
    """None in place of "none": there is no element here, as of an edge that is left out."""
    if isinstance(value, list):
        return (
            [gaps_as_none(one) for one in value] if any(one == GAP or isinstance(one, list) for one in value) else value
        )
    return None if value == GAP else value


def none_as_gaps(row: list[float | None]) -> list[float | str]:
    return [GAP if one is None else one for one in row]


def level(value: object) -> str:
    """How deep most of the given numbers are nested, so that a wrong one is held against one kind of table, not all."""
    most = Counter(islice(depths(value, 0), 1000)).most_common(1)
    return f"level:{min(most[0][0], 4) if most else 1}"


def depths(value: object, depth: int) -> Iterator[int]:
    if not isinstance(value, list):
        yield depth
        return
    for inner in value or [None]:
        yield from depths(inner, depth + 1)


Values = Annotated[
    Annotated[Value, Tag("level:0")]
    | Annotated[WithGaps, Tag("level:1")]
    | Annotated[list[WithGaps], Tag("level:2")]
    | Annotated[list[list[WithGaps]], Tag("level:3")]
    | Annotated[list[list[list[WithGaps]]], Tag("level:4")],
    Discriminator(level),
    BeforeValidator(gaps_as_none),
]
Weights = Annotated[list[WithGaps], Field(min_length=1), BeforeValidator(gaps_as_none)]
