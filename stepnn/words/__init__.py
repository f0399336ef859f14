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
    """The sentences of one language. A key is a path such as `why.delta.output`.

    Its errors are `later`, the end of its file: most pages have none, and reading them takes as long as all the rest.
    """

    def __init__(self, language: str, sentences: dict[str, str], later: str = "") -> None:
        self.language = language
        self.known = sentences
        self.later = later

    def __call__(self, key: str, /, **parts: object) -> str:
        """The sentence with its placeholders filled in. Raises KeyError for a key that no catalogue has."""
        return (self.known if key in self.known else self.sentences)[key].format(**parts)

    @property
    def sentences(self) -> dict[str, str]:
        """All of them."""
        self.known |= flattened(tomllib.loads(self.later))
        self.later = ""
        return self.known

    def first(self, *keys: str, **parts: object) -> str:
        """The first of several sentences that exists: the special one before the general one."""
        return self(next(key for key in keys if key in self.known), **parts)


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language in LANGUAGES."""
    text, mark, errors = FOLDER.joinpath(f"{language}.toml").read_text(encoding="utf-8").partition("\n[error]\n")
    return Catalogue(language, flattened(tomllib.loads(text)), mark + errors)


def flattened(table: dict[str, Any], head: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        found |= flattened(value, f"{head}{key}.") if isinstance(value, dict) else {f"{head}{key}": value}
    return found


def language_of_system() -> str:
    """The language that the environment asks for, if there is a catalogue of it; otherwise English."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return next((language for language in LANGUAGES if value.lower().startswith(language)), "en")
    return "en"
