"""What a key means. Arrows arrive as escape sequences; a Korean input method sends Hangul for Latin letters."""

from __future__ import annotations

from collections.abc import Iterator

from stepnn.trace.turns import TURNS

HANGUL = dict(zip("ㅜㅔㅑㅐㅡㅇㅊㅎㅂㅣㅗㅠㅓㅏㅛㄴㄷㄱㅕㄸㄲ", "npiomdcgqlhbjkyseruER", strict=True))
SEQUENCES = {
    "A": "up", "B": "down", "C": "next", "D": "back", "H": "first", "F": "last",
    "1~": "first", "7~": "first", "4~": "last", "8~": "last", "5~": "page up", "6~": "page down",
}  # fmt: skip
WINDOWS = {
    "H": "up",
    "P": "down",
    "M": "next",
    "K": "back",
    "G": "first",
    "O": "last",
    "I": "page up",
    "Q": "page down",
}
LETTERS = {
    "n": "next", "l": "next", " ": "next", "\r": "enter", "\n": "enter",
    "p": "back", "h": "back", "b": "back", "i": "into", "o": "out", "m": "matrix", "d": "derivation", "c": "curve",
    "y": "yours", "~": "nudge", "<": "smaller", ",": "smaller", "=": "equal", ">": "larger", ".": "larger",
    **{name[0]: name for name in TURNS}, **{name[0].upper(): f"{name} back" for name in TURNS},
    "G": "last", "?": "help", "/": "find", "q": "quit", "j": "down", "k": "up",
    "\x03": "quit", "\x04": "quit", "\x1a": "suspend", "\x1b": "escape", "\x0c": "redraw",
}  # fmt: skip


def meanings(typed: str) -> Iterator[str]:
    """The meaning of each key in what arrived: a word, a digit, `g`, or "" for a key without a meaning."""
    while typed:
        length, meaning = first_meaning(typed)
        yield meaning
        typed = typed[length:]


def first_meaning(typed: str) -> tuple[int, str]:
    """How many characters the first key took, and what it means."""
    if typed[:2] in ("\x1b[", "\x1bO"):
        end = next(
            (place for place, letter in enumerate(typed[2:], 2) if letter.isalpha() or letter == "~"), len(typed) - 1
        )
        return end + 1, SEQUENCES.get(typed[2 : end + 1], "")
    if typed[0] in "\x00\xe0" and len(typed) > 1:
        return 2, WINDOWS.get(typed[1], "")
    letter = HANGUL.get(typed[0], typed[0])
    if letter == "g" or (letter.isascii() and letter.isdigit()):
        return 1, letter
    return 1, LETTERS.get(letter, "")
