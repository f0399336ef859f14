"""Reading a number that somebody has typed: what it is, and how many digits it has."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass

from stepnn.errors import UsageError, visible
from stepnn.notation.formula import Formula
from stepnn.words.told import told

LONGEST = 200  # characters of one answer
MINUS = "−–—‐‑‒﹣－➖"
TIMES = "×·⋅∙•∗＊✕"
OVER = "÷∕⁄／"
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
SIGNS = {
    **dict.fromkeys(map(ord, MINUS), "-"), **dict.fromkeys(map(ord, TIMES), "*"), **dict.fromkeys(map(ord, OVER), "/"),
}  # fmt: skip
LOWERED = str.maketrans(RAISED, "0123456789+-")
NUMBER = re.compile(
    r"""(?P<sign>[+-]?)\s*(?P<digits>\d+(?:[.,]\d*)?|[.,]\d+)
        (?:e(?P<e>[+-]?\d+)|\s*\*\s*10\s*\^\s*(?P<open>\()?(?P<ten>[+-]?\d+)(?(open)\)))?""",
    re.VERBOSE | re.IGNORECASE,
)
LARGEST_EXPONENT = 300
MANY = 99


@dataclass(frozen=True)
class Typed:
    """An answer as it was typed. `places` is that of its last digit after the point; None where it is exact, as ½ is.

    `formula` is set where it was typed as an expression: then `value` is what that gives.
    """

    text: str
    value: float
    places: int | None = None
    formula: Formula | None = None

    @property
    def significant(self) -> int:
        """How many significant digits it has; of an exact one, very many."""
        if self.places is None:
            return MANY
        return max(self.places + math.floor(math.log10(abs(self.value))) + 1, 0) if self.value else 0

    @property
    def unit(self) -> float:
        """One unit of its last digit; 0 where it is exact."""
        return 0.0 if self.places is None else 10.0**-self.places


def plain(text: str) -> str:
    """The text with one sign for each operation, and powers as `^(2)`. Raises UsageError."""
    if len(text) > LONGEST:
        raise UsageError(told("answer_too_long", count=len(text), longest=LONGEST))
    text = re.sub(f"[{RAISED}]+", lambda found: f"^({found[0].translate(LOWERED)})", text.translate(SIGNS))
    text = unicodedata.normalize("NFKC", text).translate(SIGNS).strip()
    if not all(letter.isprintable() for letter in text):
        raise UsageError(told("answer_not_printable", text=visible(text)))
    return text


def number(text: str) -> Typed | None:
    """A number that was typed: `0.0224`, `,0224`, `2.24e-2`, `2.24×10⁻²`; None for what is none. Raises UsageError."""
    found = NUMBER.fullmatch(plain(text))
    if found is None:
        return None
    digits, exponent = found["digits"].replace(",", "."), int(found["e"] or found["ten"] or 0)
    if abs(exponent) > LARGEST_EXPONENT:
        raise UsageError(told("answer_out_of_range", text=visible(text)))
    value = float(f"{found['sign']}{digits}e{exponent}")
    if not math.isfinite(value):
        raise UsageError(told("answer_out_of_range", text=visible(text)))
    return Typed(text, value + 0.0, len(digits.partition(".")[2]) - exponent)


def is_number(text: str) -> bool:
    """Whether a number was typed, or a fraction of two: nothing that is worked out."""
    return all(number(part) is not None for part in plain(text).split("/", 1))


def as_typed(value: float) -> Typed:
    """A number that a program has given: in as many digits as it is written with. Raises UsageError."""
    if not math.isfinite(value):
        raise UsageError(told("answer_out_of_range", text=visible(str(value))))
    found = number(repr(value))
    assert found is not None
    return found
