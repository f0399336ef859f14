"""What a line that is typed in practice asks for, where it is no answer."""

from __future__ import annotations

from stepnn.words import LANGUAGES, Catalogue, catalogue

SIGNS = {"?": "hint", "!": "show", ">": "skip", "=": "worked", "#": "network"}
WORDS = ("hint", "show", "skip", "network", "quit", "worked", "new")
LEAVING = ("exit", "bye", ":q")


def command(text: str) -> str:
    """What a typed sign or word asks for, in any language; "" for an answer."""
    plain = text.strip().casefold()
    if plain in SIGNS:
        return SIGNS[plain]
    every = ((name, catalogue(language)(f"practice.word.{name}")) for language in LANGUAGES for name in WORDS)
    return next((name for name, word in every if plain == word.casefold()), "")


def begun(text: str, words: Catalogue) -> str:
    """The word that somebody may have begun to type: q, or exit for quit."""
    plain = text.strip().casefold()
    if plain in LEAVING:
        return words("practice.word.quit")
    every = [words(f"practice.word.{name}") for name in WORDS]
    return next((word for word in every if plain and word.casefold().startswith(plain)), "")
