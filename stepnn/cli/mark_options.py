"""What `stepnn mark` was given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stepnn.cli.options import Language, PaperSize, SheetFormat
from stepnn.marking.points import Carry


@dataclass(frozen=True)
class Wanted:
    """What was given for every option of `stepnn mark`."""

    answers: Path | None
    key: list[Path]
    out: Path | None
    lesson: str | None
    carry: Carry
    expressions: bool
    overrides: Path | None
    explain: str
    export: tuple[str, Path]
    column: str
    solutions: bool
    template: Path | None
    merge: bool
    format: SheetFormat | None
    paper: PaperSize
    jobs: int | None
    cluster: str
    secret: Path | None
    students: Path | None
    seed: int
    lang: Language | None
    force: bool
