"""The options that several commands share."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Optional, TypeAlias

import typer

from stepnn.book.optimizers import INITS, OPTIMIZERS
from stepnn.cli import output
from stepnn.lessons import shelf
from stepnn.words import LANGUAGES, Catalogue, catalogue, language_of_system
from stepnn.writers.formats import FORMATS


def choices(name: str, wanted: Iterable[str]) -> type[Enum]:
    """A type whose members typer shows, and checks what is given against."""
    return Enum(name, [(one.replace(" ", "_"), one) for one in wanted], type=str)  # type: ignore[return-value]


if TYPE_CHECKING:
    Language: TypeAlias = Enum
    FirstWeights: TypeAlias = Enum
    UpdateRule: TypeAlias = Enum
    PageFormat: TypeAlias = Enum
    SheetFormat: TypeAlias = Enum
else:
    Language = choices("Language", LANGUAGES)
    FirstWeights = choices("FirstWeights", INITS)
    UpdateRule = choices("UpdateRule", OPTIMIZERS)
    PageFormat = choices("PageFormat", FORMATS)
    SheetFormat = choices("SheetFormat", (one.name for one in FORMATS.values() if one.for_sheets))


def complete_lesson(incomplete: str) -> list[str]:
    """Lesson names for the shell."""
    return [name for name in shelf.names() if name.startswith(incomplete)]


class PaperSize(str, Enum):
    """The sizes of paper."""

    a4 = "a4"
    letter = "letter"


AnyLesson = Annotated[
    Optional[str],
    typer.Argument(help="A lesson name, or a lesson file.", metavar="[LESSON]", autocompletion=complete_lesson),
]
LessonName = Annotated[
    str, typer.Argument(help="A lesson name, or a lesson file.", metavar="LESSON", autocompletion=complete_lesson)
]
Overwrite = Annotated[bool, typer.Option("--force", help="Overwrite the file if it exists.")]
Lang = Annotated[Optional[Language], typer.Option("--lang", help="Language of the page. [default: that of the system]")]
Digits = Annotated[
    Optional[int], typer.Option(min=0, max=15, help="Digits shown after the point. [default: the lesson's]")
]
Significant = Annotated[
    Optional[int], typer.Option("--significant", min=1, max=15, help="Ask for so many significant digits. [default: 4]")
]
RunNumber = Annotated[int, typer.Option("--run", min=1, help="Which run, in a lesson that has several.")]
Round = Annotated[bool, typer.Option("--round", help="Round every step to the shown digits, as with a calculator.")]
Set = Annotated[
    Optional[list[str]],
    typer.Option(
        "--set", metavar="NAME=VALUE", help="Change a given number, such as w5=0.3, x1=1 or eta=0.1. Repeatable."
    ),
]
Seed = Annotated[Optional[int], typer.Option(min=0, help="Fresh friendly numbers for the same network.")]
Updates = Annotated[
    Optional[int], typer.Option(min=0, max=1_000, help="How many updates to walk through. [default: the lesson's]")
]
Epoch = Annotated[
    Optional[int],
    typer.Option("--epoch", min=0, max=1_000_000_000, help="Open this epoch of the training; 0 is before it."),
]
SampleNumber = Annotated[
    Optional[int], typer.Option("--sample", min=1, help="With --epoch: open the update that learns from this sample.")
]
Ascii = Annotated[
    bool, typer.Option("--ascii", help="Only ASCII symbols. Chosen by itself where others cannot be shown.")
]
Paper = Annotated[PaperSize, typer.Option("--paper", case_sensitive=False, help="Size of the paper, in PDF and LaTeX.")]
Compact = Annotated[bool, typer.Option("--compact", help="Short enough to hand out: a line for each number.")]
Plain = Annotated[
    bool,
    typer.Option("--plain", help="No pictures, boxes or cursor movement: for screen readers. Also with ACCESSIBLE=1."),
]


def chosen_words(lang: Language | None, checked: bool = True) -> Catalogue:
    """The catalogue asked for; Korean of the system's own accord only where it can be shown."""
    language = lang.value if lang else language_of_system()
    if checked and lang is not None:
        output.check_language(language)
    return output.showable(language) if checked else catalogue(language)
