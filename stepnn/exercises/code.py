"""The code on a sheet: lesson, options and number of the sheet in letters that can be read aloud.

Crockford's base 32 (digits and letters without I, L, O and U). Sixteen letters are a sheet as it comes, whose code is
enough to make it again. Twenty are one with a secret, or with more options than a code has room for: those are there as
a check sum only. Twelve bits of either are a check sum of the code, so that a mistyped one is noticed and not answered
with the key of another sheet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from stepnn.errors import UsageError, visible
from stepnn.exercises.assignment import (
    BLANKS,
    FINGERPRINT,
    SCHEME,
    Assignment,
    Mode,
    Selection,
    assigned,
    digest,
    in_letters,
)
from stepnn.exercises.secret import Secret
from stepnn.lessons.setup import Setup
from stepnn.words.told import told

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ALIKE = str.maketrans("OIL", "011")  # letters that are read as digits
SCHEME_BITS = 3
RUN_IN_CODE = 4  # the scheme from which on a code of another run than the first says so
ASKED = (("blanks", 8), ("fade", 6), ("mode", 2), ("digits", 4), ("rounded", 1))
NUMBER = 31  # bits
LONG_NUMBER = 33
OPTIONS = 22  # bits of the check sum of an assignment
SEAL = 16  # bits that only a secret gives
CHECK = 12
SHORT, LONG = 16, 20  # letters
POLYNOMIAL = 0b1_1000_0000_1111  # x¹² + x¹¹ + x³ + x² + x + 1
NOT_ZERO = 0xA5C  # so that sixteen zeros are no code


Fields = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Contents:
    """What a code says: the fingerprint of its lesson, what is asked of it, and the number of the sheet.

    `options` is the check sum of an assignment that a code has no room for; `seal` is what a secret has put under it.
    """

    lesson: int
    number: int
    scheme: int
    selection: Selection = field(default_factory=Selection)
    digits: int = 0
    rounded: bool = False
    significant: bool = False
    options: int | None = None
    seal: int | None = None

    def of(self, lesson_setup: Setup, wanted: Assignment | None = None) -> Assignment:
        """The assignment, once the lesson is found; `wanted` is the one that is meant, where the code cannot tell.
        Raises UsageError where it is not that."""
        if self.options is None:
            run = wanted.run if wanted is not None and self.scheme < RUN_IN_CODE else 1
            asked = (self.selection, self.digits, self.rounded, self.scheme, self.significant)
            return assigned(lesson_setup, *asked, run)
        if wanted is None or digest(in_letters(wanted), OPTIONS) != self.options:
            raise UsageError(told("code_other_options"))
        return wanted


class Codes:
    """The numbers and the codes of the sheets of one assignment."""

    def __init__(self, lesson_setup: Setup, assignment: Assignment, secret: Secret | None = None) -> None:
        self.lesson_setup, self.assignment, self.secret = lesson_setup, assignment, secret

    @cached_property
    def letters(self) -> str:
        return in_letters(self.assignment)

    @cached_property
    def is_usual(self) -> bool:
        """Whether a code can tell the whole assignment."""
        asked = self.assignment
        selection = Selection(asked.selection.blanks, asked.selection.fade, asked.mode)
        run = asked.run if asked.scheme < RUN_IN_CODE else 1
        exactly = (asked.digits, asked.rounded, asked.scheme, asked.significant)
        return assigned(self.lesson_setup, selection, *exactly, run) == asked

    def number(self, seed: int, who: str) -> int:
        """The number of the sheet of one student, or of one copy: it depends on nothing else, and on the secret."""
        if self.secret is None:
            return digest(f"{self.assignment.lesson}/{seed}/{who}", NUMBER)
        return self.secret.bits("code", f"{self.letters}/{seed}/{who}", LONG_NUMBER)

    def drawn(self, number: int) -> int:
        """What the numbers of a sheet are drawn with: with a secret, nothing that its code would tell."""
        return number if self.secret is None else self.secret.bits("numbers", f"{self.letters}/{number}", 128)

    def seal(self, number: int) -> int:
        return 0 if self.secret is None else self.secret.bits("seal", f"{self.letters}/{number}", SEAL)

    def check(self, contents: Contents) -> None:
        """Refuse a code of another secret, of none, or of one that is missing. Raises UsageError."""
        if contents.seal is not None and self.secret is None:
            raise UsageError(told("code_needs_its_secret"))
        if contents.seal is None and self.secret is not None:
            raise UsageError(told("code_has_no_secret"))
        if contents.seal is not None and contents.seal != self.seal(contents.number):
            raise UsageError(told("code_other_secret"))

    def code(self, number: int) -> str:
        """Four or five groups of four letters."""
        selection, asked = self.assignment.selection, self.assignment
        long = self.secret is not None or not self.is_usual
        values = {
            "scheme": asked.scheme,
            "lesson": asked.fingerprint,
            "blanks": sum(1 << place for place, name in enumerate(BLANKS) if name in selection.blanks),
            "fade": selection.fade,
            "mode": list(Mode).index(selection.mode),
            "digits": asked.digits,
            "rounded": int(asked.rounded),
            "significant": int(asked.significant),
            "options": digest(self.letters, OPTIONS),
            "told": int(self.is_usual),
            "sealed": int(self.secret is not None),
            "seal": self.seal(number),
            "number": number,
        }
        bits = 0
        for name, wide in fields(asked.scheme, long, self.is_usual):
            bits = bits << wide | values[name]
        size = LONG if long else SHORT
        bits = bits << CHECK | check_sum(bits, size)
        letters = "".join(ALPHABET[bits >> 5 * place & 31] for place in reversed(range(size)))
        return "-".join(letters[place : place + 4] for place in range(0, size, 4))


def fields(scheme: int, long: bool = False, usual: bool = True) -> Fields:
    """What a code holds, and in how many bits each; significant digits are asked from scheme 3 on."""
    head = (("scheme", SCHEME_BITS), ("lesson", FINGERPRINT))
    if not long:
        return (*head, *ASKED, *((("significant", 1), ("number", NUMBER)) if scheme > 2 else (("number", NUMBER + 1),)))
    asked: Fields = (*ASKED, ("significant", 1)) if usual else (("options", OPTIONS),)
    return (*head, ("told", 1), ("sealed", 1), ("number", LONG_NUMBER), ("seal", SEAL), *asked)


def check_sum(bits: int, letters: int = SHORT) -> int:
    """CRC-12 of 68 or 88 bits: it notices every letter that is changed, and every two neighbours that are swapped."""
    rest = bits << CHECK
    for place in range(5 * letters - 1, CHECK - 1, -1):
        if rest >> place & 1:
            rest ^= POLYNOMIAL << (place - CHECK)
    return rest ^ NOT_ZERO


def read_code(text: str) -> Contents:
    """What a code says. Raises UsageError for one that was never printed."""
    letters = text.upper().replace("-", "").replace(" ", "").translate(ALIKE)
    shown = visible(text, 40)
    strange = sorted({letter for letter in letters if letter not in ALPHABET})
    if len(letters) not in (SHORT, LONG) or strange:
        why = (
            told("is_in_no_code", names=", ".join(map(visible, strange)))
            if strange
            else told("it_has_letters", count=len(letters))
        )
        raise UsageError(told("code_a_code_has_sixteen", shown=shown, why=why))
    bits = 0
    for letter in letters:
        bits = bits << 5 | ALPHABET.index(letter)
    check, bits = bits & (1 << CHECK) - 1, bits >> CHECK
    if check != check_sum(bits, len(letters)):
        raise UsageError(told("code_there_is_no_such", shown=shown))
    values = read_fields(bits, len(letters))
    if not 1 <= values["scheme"] <= SCHEME or values.get("mode", 0) >= len(Mode):
        raise UsageError(told("code_this_sheet_was_made", shown=shown))
    return contents(values)


def read_fields(bits: int, letters: int) -> dict[str, int]:
    """The values in the bits of a code that are not its check sum."""
    size, long = 5 * letters - CHECK, letters == LONG
    usual = bool(bits >> size - SCHEME_BITS - FINGERPRINT - 1 & 1)
    values: dict[str, int] = {}
    for name, wide in reversed(fields(bits >> size - SCHEME_BITS, long, usual)):
        values[name], bits = bits & (1 << wide) - 1, bits >> wide
    return values


def contents(values: Mapping[str, int]) -> Contents:
    seal = values["seal"] if values.get("sealed") else None
    if "options" in values:
        return Contents(values["lesson"], values["number"], values["scheme"], options=values["options"], seal=seal)
    blanks = frozenset(name for place, name in enumerate(BLANKS) if values["blanks"] >> place & 1)
    selection = Selection(blanks, values["fade"], list(Mode)[values["mode"]])
    return Contents(
        values["lesson"],
        values["number"],
        values["scheme"],
        selection,
        values["digits"],
        bool(values["rounded"]),
        bool(values.get("significant")),
        seal=seal,
    )
