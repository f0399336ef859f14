"""The golden pages: every lesson in every language and format, as files that a person can read, and the lists in docs.

`python -m tests.golden_pages` (or `make golden`) writes them anew; read the difference before you commit it.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path
from typing import get_args

import stepnn
from stepnn.book.functions import ACTIVATIONS, FUNCTIONS, LOSSES, LossRule
from stepnn.book.optimizers import OPTIMIZERS
from stepnn.exercises.assignment import Mode, Selection, assigned
from stepnn.exercises.catalogue import MISTAKES
from stepnn.exercises.judge import EARLY, OTHER_STEP
from stepnn.layers.kinds import KINDS
from stepnn.layers.kinds.page import Line, Setting
from stepnn.lessons.build import setup
from stepnn.lessons.check_formulas import RESERVED
from stepnn.lessons.opening import Outside
from stepnn.lessons.pages import Pages
from stepnn.lessons.read import load_lesson
from stepnn.lessons.schema import Kinds, OwnQuantity
from stepnn.lessons.starts import kind_lines
from stepnn.sheets.layout import key_page, sheet_page
from stepnn.sheets.sheet import Printer, Student, key_part
from stepnn.trace.trace import Trace
from stepnn.words import LANGUAGES, Catalogue, catalogue
from stepnn.writers import formats, markdown
from stepnn.writers.formats import Options
from tests import refusals
from tests.elsewhere import ELSEWHERE
from tests.help import HERE, LESSONS, ROOT, written_as
from tests.same_pages import is_same

LESSON_FORMAT = ROOT / "docs" / "lesson-format.md"
JUDGE = ROOT / "docs" / "judge.md"
REFUSALS = ROOT / "docs" / "refusals.md"
IN_EVERY_FORMAT = ("neuron", "matrix", "backprop", "delta-rule", "error-sharing", "gradient-descent", "batchnorm")
FORMATS = {"text": "txt", "ascii": "ascii.txt", "markdown": "md", "latex": "tex", "json": "json"}


def lines(trace: Trace, words: Catalogue, format: str) -> Iterable[str]:
    return written_as(trace, words, ascii=True) if format == "ascii" else written_as(trace, words, format)


def golden(name: str, language: str, format: str) -> Path:
    return HERE / "golden" / f"{name}.{language}.{FORMATS[format]}"


@cache
def trace_of(name: str) -> Trace:
    """A lesson worked out as it is shipped."""
    return stepnn.load(name).trace()


def text(name: str, language: str, format: str) -> str:
    trace = trace_of(name)
    return "".join(f"{line}\n" for line in lines(trace, catalogue(language), format))


def sheet_text(mode: Mode, language: str) -> str:
    """An exercise sheet of the main lesson and its key, in Markdown."""
    words, lesson = catalogue(language), load_lesson("backprop")
    printer = Printer(
        setup(lesson),
        assigned(setup(lesson), Selection(mode=mode, fade=12 * (mode is Mode.FILL)), rounded=mode is Mode.FIND),
    )
    sheet = printer.sheet(1, Student("s1", "Ada Lovelace"))
    key = key_page([key_part(sheet)], lesson, printer.assignment, words)
    written = [
        *markdown.document(sheet_page(sheet, words, formulas=True), Options()),
        "",
        "---",
        "",
        *markdown.document(key, Options()),
    ]
    return "".join(f"{line}\n" for line in written)


def golden_sheet(mode: Mode, language: str) -> Path:
    return HERE / "golden" / f"sheet-{mode.value.replace(' ', '-')}.{language}.md"


def pages() -> list[tuple[str, str, str]]:
    """Lesson, language and format of every golden page: the text of all lessons, every format of the shorter ones."""
    return [
        (name, language, format)
        for name in LESSONS
        for language in LANGUAGES
        for format in (FORMATS if name in IN_EVERY_FORMAT else ("text",))
    ]


def lists() -> dict[str, str]:
    """What the book has, as the documentation lists it."""
    alphas = (
        f"`{name}` ({rule.alpha:g}{', trained' if rule.learned else ''})"
        for name, rule in ACTIVATIONS.items() if rule.alpha is not None
    )  # fmt: skip
    return {
        "activations": " ".join(f"`{name}`" for name in ACTIVATIONS),
        "functions": f"`{' '.join(name for name, function in FUNCTIONS.items() if function.code)}`",
        "optimizers": ", ".join(f"`{name}`" for name in OPTIMIZERS),
        "losses": ", ".join(
            f"`{name}` `{rule.each.replace('[k]', '')}`{' (their mean)' if rule.total != LossRule.total else ''}"
            for name, rule in LOSSES.items()
        ),
        "alphas": ", ".join(alphas),
        "steps": " ".join(f"`{name}`" for name in get_args(Kinds)),
        "formats": ", ".join(f"`{name}`" for name in formats.FORMATS),
        "mistakes": mistakes(),
        "reserved names": " ".join(f"`{name}`" for name in sorted(RESERVED)),
        "kinds": table_of_kinds(),
        "formulas of kinds": formulas_of_kinds(),
        "sheet formats": ", ".join(f"`{name}`" for name, one in formats.FORMATS.items() if one.for_sheets),
    }


def mistakes() -> str:
    """The catalogue of mistakes as a table."""
    english = catalogue("en")
    names = sorted([*MISTAKES, EARLY, OTHER_STEP])
    rows = (f"| `{name}` | {english(f'mistake.{name}')} |" for name in names)
    return "\n" + "\n".join(["| name | the number is what you get |", "|---|---|", *rows]) + "\n"


def table_of_kinds() -> str:
    """Every kind of layer: what it uses and gives, its settings, and what it is called elsewhere."""
    head = [
        "| kind | uses (optional ones in brackets) | gives | settings | `torch.nn` | `keras.layers` | what differs |"
    ]
    rows = []
    for name, kind in KINDS.items():
        may = f" ({code(kind.may)})" if kind.may else ""
        gives = dict.fromkeys(line.name for line in opened(name))
        settings = ", ".join(one_setting(*one) for one in kind.settings.items())
        other = ELSEWHERE[name]
        cells = (code(kind.takes) + may, code(gives), settings, code([other.torch]), code([other.keras]), other.differs)
        rows.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n" + "\n".join([*head, f"|{'---|' * 7}", *rows]) + "\n"


def code(names: Iterable[str]) -> str:
    return " ".join(f"`{name}`" for name in names if name)


def one_setting(name: str, setting: Setting) -> str:
    """A setting with what it may be, its default first."""
    said = [json.dumps(one) for one in dict.fromkeys([setting.default, *setting.choices])]
    return f"`{name}` " + " ".join(f"`{one}`" for one in said)


def opened(kind: str) -> list[Line]:
    """The lines of a kind in the lesson that `stepnn new --kind` writes."""
    rows = [OwnQuantity.model_validate(one) for one in tomllib.loads("\n".join(kind_lines(kind)))["quantities"]]
    plain: dict[str, dict[str, str]] = {"activations": {}, "losses": {}}
    pages = Pages(rows, {"eta": Outside(())}, plain)
    assert not pages.faults, pages.faults
    return [one.line for one in pages.placed if one.own.kind is not None]


def formulas_of_kinds() -> str:
    """The formulas of every kind, as a lesson file would write them."""
    found = []
    for kind in KINDS:
        lines = [line for line in opened(kind) if line.formula]
        written = [f"    {one.name}{f'[{one.index}]' if one.index else ''} = {one.formula}" for one in lines]
        found += ["", f"`{kind}`:", "", *written]
    return "\n" + "\n".join(found) + "\n"


def documentation(path: Path) -> str:
    """A page of the documentation with the lists of what there is in their places."""
    page = path.read_text(encoding="utf-8")
    for name, listed in lists().items():
        head, mark, rest = page.partition(f"<!-- {name} -->")
        if mark:
            page = f"{head}{mark}{listed}<!-- end -->{rest.partition('<!-- end -->')[2]}"
    return page


def files() -> dict[Path, Callable[[], str]]:
    """Every golden page there is, and what it should say. A test reads each, and wants no other."""
    found: dict[Path, Callable[[], str]] = {golden(*page): partial(text, *page) for page in pages()}
    found[REFUSALS] = refusals.page
    found |= {path: partial(documentation, path) for path in (LESSON_FORMAT, JUDGE, ROOT / "README.md")}
    return found | {
        golden_sheet(mode, language): partial(sheet_text, mode, language) for mode in Mode for language in LANGUAGES
    }


def write_all() -> None:
    (HERE / "golden").mkdir(exist_ok=True)
    wanted = files()
    for stale in set((HERE / "golden").iterdir()) - set(wanted):
        stale.unlink()
    for path, said in wanted.items():
        found, before = said(), path.read_text(encoding="utf-8") if path.exists() else None
        if before is None or not (found == before or is_same(path, found, before)):
            path.write_text(found, encoding="utf-8")


if __name__ == "__main__":
    write_all()
