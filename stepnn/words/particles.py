"""Korean particles have two forms, after a consonant and after a vowel: `w5을(를)` in a catalogue becomes `w5를`.

A name is read aloud letter by letter, so its last letter or digit decides: 5 is 오, which ends in a vowel, 1 is 일,
which does not. Where nobody can tell how a name is read, both forms stay, as in print.
"""

from __future__ import annotations

import re

FORMS = {
    "은(는)": ("은", "는"), "을(를)": ("을", "를"), "이(가)": ("이", "가"), "과(와)": ("과", "와"),
    "(으)로": ("으로", "로"), "(이)라": ("이라", "라"), "(이)며": ("이며", "며"), "(이)나": ("이나", "나"),
}  # fmt: skip
PARTICLE = "|".join(map(re.escape, FORMS))
BEHIND = re.compile(rf"([^\s\x03])({PARTICLE})")  # \x03 ends the mark of a name, which is put back later
FIRST = re.compile(rf"\A({PARTICLE})")
CLOSED = set("0136²³") | set("mnMNε")  # 영 일 삼 육, 제곱 세제곱, 엠 엔 엡실론
LIQUID = set("178") | set("lL")  # 일 칠 팔 엘: they end in ㄹ, after which 로 has no 으
OPEN = set("2459") | set("abcdefghijkopqstuvwxyzABCDEFGHIJKOPQSTUVWXYZ") | set("αβγδζηθλμνξπρστφχψωΣ")
SPOKEN = ("_new", "_now", "_data")  # read as words: 뉴 나우 데이터


def settled(text: str) -> str:
    """The text with every particle in the form that the word before it wants, as far as that can be told."""
    if "(" not in text:
        return text
    return BEHIND.sub(lambda match: match[1] + fitting(text[: match.start(2)], match[2]), text)


def settled_behind(name: str, text: str) -> str:
    """A text that begins behind a name: its first particle, if it has one there, as the name wants it."""
    return FIRST.sub(lambda match: fitting(name, match[1]), text)


def fitting(before: str, particle: str) -> str:
    after_consonant, after_vowel = FORMS[particle]
    match ending(before.rstrip("\"'`")):
        case "ㄹ":
            return after_vowel if particle == "(으)로" else after_consonant
        case "consonant":
            return after_consonant
        case "vowel":
            return after_vowel
    return particle


def ending(before: str) -> str:
    """How a word ends when it is read aloud; nothing where that cannot be told."""
    last, letter = before[-1:], before[-1:].isascii() and before[-1:].isalpha()
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        return "vowel" if not final else "ㄹ" if final == 8 else "consonant"
    if before.endswith(SPOKEN):
        return "vowel"
    if letter and re.search(r"(?<![A-Za-z_])[A-Za-z]{3,}$", before):  # a word, not letters side by side as in w_kcpq
        return ""
    return "ㄹ" if last in LIQUID else "consonant" if last in CLOSED else "vowel" if last in OPEN else ""
