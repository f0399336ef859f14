"""The code on a sheet: lesson, options and number of the sheet in sixteen letters that can be read aloud.

Eighty bits in Crockford's base 32 (digits and letters without I, L, O and U). Twelve of them are a check sum, so that
a mistyped code is noticed and not answered with the key of another sheet.
"""

from __future__ import annotations

from dataclasses import dataclass

from stepnn.errors import UsageError, visible
from stepnn.exercises.assignment import BLANKS, FINGERPRINT, SCHEME, Assignment, Mode, Selection, assigned, digest
from stepnn.lessons.schema import Lesson
from stepnn.lessons.setup import Setup
from stepnn.words.told import told

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ALIKE = str.maketrans("OIL", "011")  # letters that are read as digits
SCHEME_BITS = 3
HEAD = (
    ("scheme", SCHEME_BITS), ("lesson", FINGERPRINT), ("blanks", 8), ("fade", 6), ("mode", 2), ("digits", 4),
    ("rounded", 1),
)  # fmt: skip
NUMBER = 31  # bits
CHECK = 12
SIZE = 80 - CHECK  # bits that say something
POLYNOMIAL = 0b1_1000_0000_1111  # x¹² + x¹¹ + x³ + x² + x + 1
NOT_ZERO = 0xA5C  # so that sixteen zeros are no code


@dataclass(frozen=True)
class Contents:
    """What a code says: the fingerprint of its lesson, what is asked of it, and the number of the sheet."""

    lesson: int
    selection: Selection
    digits: int
    rounded: bool
    significant: bool
    scheme: int
    number: int

    def of(self, lesson_setup: Setup, run: int = 1) -> Assignment:
        """The assignment, once the lesson is found. Raises UsageError for a run that it does not have."""
        return assigned(lesson_setup, self.selection, self.digits, self.rounded, self.scheme, self.significant, run)


def fields(scheme: int) -> tuple[tuple[str, int], ...]:
    """What a code holds, and in how many bits each; significant digits are asked from scheme 3 on."""
    return (*HEAD, ("significant", 1), ("number", NUMBER)) if scheme > 2 else (*HEAD, ("number", NUMBER + 1))


def number_for(lesson: Lesson, seed: int, who: str) -> int:
    """The number of the sheet of one student, or of one copy: it depends on nothing else."""
    return digest(f"{lesson.id}/{seed}/{who}", NUMBER)


def code(assignment: Assignment, number: int) -> str:
    """Four groups of four letters."""
    selection = assignment.selection
    values = {
        "scheme": assignment.scheme,
        "lesson": assignment.fingerprint,
        "blanks": sum(1 << place for place, name in enumerate(BLANKS) if name in selection.blanks),
        "fade": selection.fade,
        "mode": list(Mode).index(selection.mode),
        "digits": assignment.digits,
        "rounded": int(assignment.rounded),
        "significant": int(assignment.significant),
        "number": number,
    }
    bits = 0
    for name, wide in fields(assignment.scheme):
        bits = bits << wide | values[name]
    bits = bits << CHECK | check_sum(bits)
    letters = "".join(ALPHABET[bits >> shift & 31] for shift in range(75, -1, -5))
    return "-".join(letters[place : place + 4] for place in range(0, 16, 4))


def check_sum(bits: int) -> int:
    """CRC-12 of 68 bits: it notices every letter that is changed, and every two neighbours that are swapped."""
    rest = bits << CHECK
    for place in range(SIZE + CHECK - 1, CHECK - 1, -1):
        if rest >> place & 1:
            rest ^= POLYNOMIAL << (place - CHECK)
    return rest ^ NOT_ZERO


def read_code(text: str) -> Contents:
    """What a code says. Raises UsageError for one that was never printed."""
    letters = text.upper().replace("-", "").replace(" ", "").translate(ALIKE)
    shown = visible(text, 40)
    strange = sorted({letter for letter in letters if letter not in ALPHABET})
    if len(letters) != 16 or strange:
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
    if check != check_sum(bits):
        raise UsageError(told("code_there_is_no_such", shown=shown))
    values: dict[str, int] = {}
    for name, wide in reversed(fields(bits >> SIZE - SCHEME_BITS)):
        values[name], bits = bits & (1 << wide) - 1, bits >> wide
    if not 1 <= values["scheme"] <= SCHEME or values["mode"] >= len(Mode):
        raise UsageError(told("code_this_sheet_was_made", shown=shown))
    blanks = frozenset(name for place, name in enumerate(BLANKS) if values["blanks"] >> place & 1)
    selection = Selection(blanks, values["fade"], list(Mode)[values["mode"]])
    return Contents(
        values["lesson"],
        selection,
        values["digits"],
        bool(values["rounded"]),
        bool(values.get("significant")),
        values["scheme"],
        values["number"],
    )
