"""The command `stepnn audit`: somebody else's worked example against a lesson."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stepnn.cli import output
from stepnn.cli.options import Lang, LessonName, RunNumber, Set, chosen_words
from stepnn.cli.work import assigned
from stepnn.errors import visible

if TYPE_CHECKING:
    from stepnn.marking.audit import Audit, Found
    from stepnn.words import Catalogue

FEW = 8


def audit(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A table of names and values, JSON, or a receipt of backprop-trace.")
    ],
    name: LessonName,
    assignments: Set = None,
    run: RunNumber = 1,
    lang: Lang = None,
) -> None:
    """Check somebody else's worked example: which number is the first wrong one, and what it is."""
    from stepnn.lessons.build import changed, setup  # the help needs none of it
    from stepnn.lessons.read import load_lesson
    from stepnn.marking.audit import audited, read_claims

    words = chosen_words(lang)
    given = changed(setup(load_lesson(name)), assigned(assignments or []))
    found = audited(given, read_claims(file), run)
    output.print_sentences(lines(found, words))
    if found.first is not None:
        raise typer.Exit(1)


def lines(found: Audit, words: Catalogue) -> Iterator[str]:
    """What was found, in words."""
    first = found.first
    if first is None:
        yield words("audit.holds", count=len(found.found), digits=found.holds)
    else:
        yield words("audit.first", where=visible(first.claim.where, 100))
        name = first.symbol if not first.claim.times else f"{first.symbol} · {' · '.join(first.claim.times)}"
        yield words("audit.reads", symbol=name, typed=f"{first.typed:.12g}", right=f"{first.right:.12g}")
        yield from what(first, found, words)
    if found.unknown:
        names = ", ".join(visible(name) for name in found.unknown[:FEW]) + (", …" if len(found.unknown) > FEW else "")
        yield words("audit.unknown", count=len(found.unknown), names=names)


def what(first: Found, found: Audit, words: Catalogue) -> Iterator[str]:
    """What the first wrong number looks like, and what follows from it."""
    from stepnn.exercises.feedback import said  # the help needs none of it

    judged = first.judged
    names = {one.judged.id: one.symbol for one in found.found}
    places = words("sheet.significant", digits=found.digits)
    own = said(judged, words, lambda name: names.get(name, name), places)
    yield own if first.is_first else words("audit.elsewhere", symbol=first.symbol)
    follows = [one.symbol for one in found.found if judged.id in one.judged.roots]
    if follows:
        yield words("audit.follows", names=", ".join(dict.fromkeys(follows)))
    others = [one for one in found.found if one.is_wrong and one is not first]
    if others:
        yield words("audit.others", names=", ".join(visible(one.claim.where, 60) for one in others[:FEW]))
