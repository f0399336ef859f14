"""What may have led to a wrong answer, before one is told."""

from __future__ import annotations

from dataclasses import dataclass

from stepnn.exercises.catalogue import WrongFormula
from stepnn.exercises.person import Numbers

RARE = ("other_loss",)  # beside a twin


@dataclass(frozen=True)
class Guess:
    """Mistakes that give what was typed, the value that they give, and whether they were made on wrong numbers.

    They were made on those of `base`, by the formula of `fault`.
    """

    names: tuple[str, ...]
    value: float
    on_own: bool
    fault: WrongFormula | None = None
    base: Numbers | None = None


def names_of(guesses: list[Guess]) -> tuple[str, ...]:
    """The names of all guesses, each once; those that hardly anybody makes stand last."""
    names = dict.fromkeys(name for guess in guesses for name in guess.names)
    return tuple(sorted(names, key=lambda name: name in RARE))
