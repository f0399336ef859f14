"""What is said of an answer: what its number shows, and a question that leads on without giving the answer away."""

from __future__ import annotations

from collections.abc import Callable

from stepnn.exercises.judge import Judged, Verdict
from stepnn.words import Catalogue

FAR = 10.0  # times too large or too small
SLIPS = {"digits": "verdict.slip_digits", "sign": "verdict.slip_sign", "point": "verdict.slip_point"}


def said(judged: Judged, words: Catalogue, name: Callable[[str], str], places: str) -> str:
    """What the number shows. `name` gives the name of a step by its id, `places` says how many digits are asked."""
    if judged.meant:
        return words("verdict.meant", name=name(judged.meant))
    if judged.verdict is Verdict.MISTAKE:
        return words("verdict.mistake", how=how(judged.mistakes, words))
    if judged.verdict is Verdict.SLIP:
        return words(SLIPS[judged.slip])
    follows_from = name(judged.follows_from) if judged.follows_from else ""
    return words(f"verdict.{judged.verdict.value}", name=follows_from, places=places)


def how(mistakes: tuple[str, ...], words: Catalogue) -> str:
    """One mistake, or two that give the same number."""
    first, *others = (words(f"mistake.{name}") for name in mistakes[:2])
    return words("verdict.mistake_or", first=first, second=others[0]) if others else first


def hint(judged: Judged, words: Catalogue) -> str:
    """What to ask oneself next, where a mistake has a name, or one term or factor explains it; else ""."""
    if judged.verdict is Verdict.MISTAKE:
        return words(f"mistake.hint.{judged.mistakes[0]}")
    return words("verdict.loose") if judged.loose else ""


def direction(judged: Judged, words: Catalogue) -> str:
    """Of an answer that nothing explains, the sign or the power of ten where that is wrong; never hot or cold."""
    if judged.verdict is not Verdict.WRONG or judged.typed is None or not judged.typed.value * judged.compared:
        return ""
    if judged.typed.value * judged.compared < 0:
        return words("verdict.other_sign")
    return "" if 1 / FAR < judged.typed.value / judged.compared < FAR else words("verdict.other_size")
