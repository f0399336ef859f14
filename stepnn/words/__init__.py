"""The program's own sentences, one catalogue per language."""

from __future__ import annotations

import os
import tomllib
from functools import cache
from importlib import resources
from typing import Any

FOLDER = resources.files(__package__)
NAMES = {path.name.removesuffix(".toml") for path in FOLDER.iterdir() if path.name.endswith(".toml")}
LANGUAGES = ("en", *sorted(NAMES - {"en"}))  # every catalogue in this folder is one


class Catalogue:
    """The sentences of one language. A key is a path such as `why.delta.output`."""

    def __init__(self, language: str, sentences: dict[str, str]) -> None:
        self.language = language
        self.sentences = sentences

    def __call__(self, key: str, /, **parts: object) -> str:
        """The sentence with its placeholders filled in. Raises KeyError for a key that no catalogue has."""
        return self.sentences[key].format(**parts)

    def first(self, *keys: str, **parts: object) -> str:
        """The first of several sentences that exists: the special one before the general one."""
        return self(next(key for key in keys if key in self.sentences), **parts)


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language in LANGUAGES."""
    text = FOLDER.joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return Catalogue(language, dict(flattened(tomllib.loads(text))))


def flattened(table: dict[str, Any], head: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        found += flattened(value, f"{head}{key}.") if isinstance(value, dict) else [(f"{head}{key}", value)]
    return found


def language_of_system() -> str:
    """The language that the environment asks for, if there is a catalogue of it; otherwise English."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return next((language for language in LANGUAGES if value.lower().startswith(language)), "en")
    return "en"
