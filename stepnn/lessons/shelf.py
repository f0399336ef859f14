"""Where lessons are: those that come with stepnn, and files. Listing them reads only the head of each file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from stepnn.errors import UsageError, visible

INSTALLED = Path(__file__).parent.parent / "_lessons"  # in a wheel
CHECKOUT = Path(__file__).parent.parent.parent / "lessons"  # in a checkout


@dataclass(frozen=True)
class Card:
    """What the list of lessons shows of one lesson. `title` has one text per language."""

    id: str
    part: int
    title: dict[str, str]
    path: Path


def folder() -> Path:
    return INSTALLED if INSTALLED.is_dir() else CHECKOUT


@lru_cache(maxsize=1)
def cards() -> tuple[Card, ...]:
    """All lessons that come with stepnn, by part and by their order in the part."""
    found = []
    for path in sorted(folder().glob("*.toml")):
        head = path.read_text(encoding="utf-8").partition("\n[")[0]
        table = tomllib.loads(head)
        found.append((table["part"], path.name, Card(table["id"], table["part"], table["title"], path)))
    return tuple(card for _, _, card in sorted(found, key=lambda row: row[:2]))


def names() -> list[str]:
    """The lesson names, in order."""
    return [card.id for card in cards()]


def is_file(name: str) -> bool:
    """Whether there is a file of that name; a name that no file can have has none."""
    try:
        return Path(name).exists()
    except (OSError, ValueError):
        return False


def path_of(name: str) -> Path:
    """The file of a lesson, given its name or a path. Raises UsageError with suggestions for an unknown name."""
    for card in cards():
        if card.id == name:
            return card.path
    if name.endswith(".toml") or "/" in name or "\\" in name or is_file(name):
        return Path(name)
    close = get_close_matches(name, names(), n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    raise UsageError(f"There is no lesson {visible(name)!r}.{hint} `stepnn lesson` lists all lessons.")
