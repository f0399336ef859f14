"""Where lessons are: those that come with stepnn, and files. Listing them reads only the head of each file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from stepnn.errors import UsageError, visible
from stepnn.words.told import told

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


def files() -> dict[str, Path]:
    """The shipped lessons by name, in order. `3-1-backprop.toml` is `backprop`, the first lesson of part 3."""
    found = []
    for path in folder().glob("[0-9]*-[0-9]*-*.toml"):
        part, place, name = path.stem.split("-", 2)
        found.append((int(part), int(place), name, path))
    return {name: path for _, _, name, path in sorted(found)}


def cards() -> list[Card]:
    """What the list of lessons shows, in order. Only the head of each file is read."""
    found = []
    for path in files().values():
        table = tomllib.loads(path.read_text(encoding="utf-8").partition("\n[")[0])
        found.append(Card(table["id"], table["part"], table["title"], path))
    return found


def names() -> list[str]:
    """The lesson names, in order."""
    return list(files())


def is_file(name: str) -> bool:
    """Whether there is a file of that name; a name that no file can have has none."""
    try:
        return Path(name).exists()
    except (OSError, ValueError):
        return False


def path_of(name: str) -> Path:
    """The file of a lesson, given its name or a path. Raises UsageError with suggestions for an unknown name."""
    shipped = files()
    if name in shipped:
        return shipped[name]
    if name.endswith(".toml") or "/" in name or "\\" in name or is_file(name):
        return Path(name)
    close = get_close_matches(name, names(), n=3, cutoff=0.5)
    hint = told("did_you_mean_one_of", names=", ".join(close)) if close else ""
    raise UsageError(told("there_is_no_lesson_stepnn", name=visible(name), hint=hint))
