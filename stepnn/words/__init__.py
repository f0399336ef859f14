"""The program's own sentences, one catalogue per language."""

from __future__ import annotations

import os
import re
import tomllib
from collections import defaultdict
from functools import cache
from importlib import resources
from typing import Any

from stepnn.words.particles import settled

FOLDER = resources.files(__package__)
NAMES = {path.name.removesuffix(".toml") for path in FOLDER.iterdir() if path.name.endswith(".toml")}
LANGUAGES = ("en", *sorted(NAMES - {"en"}))  # every catalogue in this folder is one


class Catalogue:
    """The sentences of one language. A key is a path such as `why.delta.output`.

    `unread` are the tables of its file, by the first part of their keys; each is read when it is first asked: a screen
    needs few of them, and hardly any page the errors.
    """

    def __init__(self, language: str, known: dict[str, str], unread: dict[str, str] | None = None) -> None:
        self.language, self.known, self.unread = language, known, unread or {}

    def __call__(self, key: str, /, **parts: object) -> str:
        """The sentence with its placeholders filled in. Raises KeyError for a key that no catalogue has."""
        self.read(key.partition(".")[0])
        return settled(self.known[key].format(**parts))

    def read(self, table: str) -> None:
        if table in self.unread:
            self.known |= flattened(tomllib.loads(self.unread[table]))
            self.unread.pop(table, None)  # last: the first screen and what follows it are made at the same time

    @property
    def sentences(self) -> dict[str, str]:
        """All of them."""
        for table in list(self.unread):
            self.read(table)
        return self.known

    def first(self, *keys: str, **parts: object) -> str:
        """The first of several sentences of a table that exists: the special one before the general one."""
        self.read(keys[0].partition(".")[0])
        return self(next(key for key in keys if key in self.known), **parts)


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language in LANGUAGES."""
    unread: dict[str, str] = defaultdict(str)
    text = FOLDER.joinpath(f"{language}.toml").read_text(encoding="utf-8")
    _, *tables = re.split(r"^\[(?=(\w+))", text, flags=re.M)
    for name, table in zip(tables[::2], tables[1::2], strict=True):
        unread[name] += f"[{table}"
    return Catalogue(language, {}, unread)


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
