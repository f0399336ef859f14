"""What a derived quantity is, and of which others: its identity. What the network itself defines keeps its own name.

An identity can be used wherever the key of a quantity can: as a string it is unique, and has a sign in it that no name
of a lesson can have. Nothing takes that string apart; what it is of is asked from `what` and `of`.
"""

from __future__ import annotations

from enum import Enum


class What(Enum):
    """What a derived quantity is; the value is how its key is written."""

    ERROR_SLOPE = "dE/d{0}"  # ∂E/∂ of one quantity, with E the error of the lesson, whatever it is called
    SLOPE = "d{0}/d{1}"  # of one quantity by another
    NEW = "new/{0}"  # what a parameter or a state is after an update
    BEFORE = "before/{0}"  # what a parameter was before the last update
    OF_PARAMETER = "{0}/{1}"  # a state or an auxiliary value of an optimiser, such as m, for one parameter
    BATCH = "batch/{0}"  # over the samples of a batch
    NUDGE = "nudge/{0}"  # the direction in which the guard moves a quantity
    STILL = "still/{0}"  # a quantity as it was before the guard moved anything
    TIME_STEP = "{0}@{1}"  # a quantity that recurs in time, at one step
    UNNAMED = "unnamed/{0}"  # ∂E/∂z, before it is called δ
    PART = "part/{0}"  # a part of a formula, named where it is differentiated in small steps
    LINK = "slope/{0}/{1}/{2}"  # a slope that only a derivation speaks of


class Key(str):
    """The identity of a derived quantity: what it is, of the quantities with the keys in `of`."""

    what: What
    of: tuple[str, ...]

    def __new__(cls, what: What, *of: str) -> Key:
        # A quantity of a lesson may be called E without being its error: then ∂/∂w of it is not ∂E/∂w.
        written = (f"({one})" if what is What.SLOPE and one == "E" else one for one in of)
        found = super().__new__(cls, what.value.format(*written))
        found.what, found.of = what, of
        return found


def is_a(key: str, what: What) -> bool:
    """Whether a key is that of such a derived quantity."""
    return isinstance(key, Key) and key.what is what


def renewed(key: str) -> str:
    """The key of what a new value takes the place of."""
    assert isinstance(key, Key) and key.what is What.NEW
    return key.of[0]
