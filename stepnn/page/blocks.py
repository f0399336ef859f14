"""A page as a list of blocks: the one thing that every kind of page is written from.

Worked examples, screens and exercise sheets build blocks; each writer (terminal, text, Markdown, LaTeX, HTML, PDF,
JSON, notebook) writes them. No writer knows a lesson, and no builder knows a writer. Blocks hold formulas, steps and
numbers; what takes long to make, such as a picture, is made when it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from stepnn.errors import StepnnError
from stepnn.lessons.setup import Setup
from stepnn.notation.formula import Formula, Ref, Whole
from stepnn.page.written import Text, Written
from stepnn.trace import charts
from stepnn.trace.step import Moment
from stepnn.trace.step import Step as TraceStep
from stepnn.words import Catalogue
from stepnn.words.told import told

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace

LARGEST = 1_000_000  # letters of a page as text or Markdown; the longest of our own has 200 000, in HTML 2 million
LARGEST_DOCUMENT = 2 * LARGEST  # typeset, for which it stands in memory a thousandfold
Made = TypeVar("Made")


@dataclass(frozen=True)
class Heading:
    """`level` 1 is the title of the page, 2 that of a part."""

    level: int
    text: Text


@dataclass(frozen=True)
class Paragraph:
    """`label` stands in front of it in bold."""

    text: Text
    label: str = ""


@dataclass(frozen=True)
class Bullets:
    """Short texts below each other, each with a label in front of it or without."""

    items: tuple[tuple[str, Text], ...]


@dataclass(frozen=True)
class Given:
    """The given numbers. The items at the places in `drawn` stand in the picture already, on a page that has one."""

    items: tuple[tuple[str, Text], ...]
    drawn: frozenset[int] = frozenset()

    def beside(self, picture: bool) -> tuple[tuple[str, Text], ...]:
        """All items, or those that the picture does not show."""
        return tuple(item for at, item in enumerate(self.items) if not (picture and at in self.drawn))


@dataclass(frozen=True)
class Line:
    """One line of an equation: a left side, if it has one, and a right side. `label` is a catalogue key.

    A side is an `Expression`, or a name, a number or a gap.
    """

    left: Written | None
    right: Written
    label: str = ""


@dataclass(frozen=True)
class Equation:
    """Lines below each other, aligned at their equals signs."""

    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Matrices:
    """All elements of a quantity at once: the matrix form, or the values as `blocks` with labels where it has none."""

    moment: Moment
    left: Whole | None = None
    right: Formula | None = None
    blocks: tuple[tuple[str, Whole], ...] = ()


@dataclass(frozen=True)
class Derivation:
    """Where a formula comes from: sentences, each with an equation or without."""

    make: Callable[[], tuple[tuple[Text, Equation | None], ...]]

    @cached_property
    def lines(self) -> tuple[tuple[Text, Equation | None], ...]:
        return self.make()


@dataclass(frozen=True)
class Table:
    """Rows of cells; all columns but the first and those in `words` are numbers, to the right.

    A `key` has a number and a name in front, and then a column for each sheet, all equally wide.
    """

    head: Text
    rows: tuple[Text, ...]
    key: bool = False
    words: frozenset[int] = frozenset()

    def is_number(self, column: int) -> bool:
        return column > 0 and column not in self.words


@dataclass(frozen=True)
class Chart:
    """A curve, a field or a raster."""

    make: Callable[[], charts.Picture]

    @cached_property
    def picture(self) -> charts.Picture:
        return self.make()


@dataclass(frozen=True)
class Network:
    """The network with its given numbers, or the given arrays. Numbers in `hidden` are left for the reader."""

    setup: Setup
    hidden: frozenset[Ref] = frozenset()


@dataclass(frozen=True)
class Room:
    """Empty lines to write on."""

    lines: int


@dataclass(frozen=True)
class Answers:
    """Short lines in columns, each with a number in front of it or without: a key, or a list of formulas."""

    items: tuple[tuple[str, Text], ...]
    columns: int = 4


@dataclass(frozen=True)
class Pairs:
    """Steps of half a page's width, two side by side."""

    blocks: tuple[Step, ...]


@dataclass(frozen=True)
class Fresh:
    """Here a new sheet of paper begins, with a footer of its own and pages counted anew."""

    footer: str


@dataclass(frozen=True)
class Box:
    """Something set apart from the rest, such as the rules of a sheet."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Step:
    """A numbered step of a worked example, or a numbered exercise: kept together on paper.

    `note` stands at its right. `of` is the step that it shows, whose place in the network is drawn beside it.
    """

    number: str
    title: Text
    blocks: tuple[Block, ...]
    note: str = ""
    of: TraceStep | None = None


Block = (
    Heading | Paragraph | Bullets | Given | Equation | Matrices | Derivation | Table | Chart | Network | Room | Answers
    | Pairs | Fresh | Box | Step
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """A whole page: its title, the words of its language, and its blocks.

    `footer` stands at the foot of every sheet of paper. With `duplex`, what begins afresh begins on a front side.
    `trace` is that of a worked example, through which a reader may go step by step. `compact` asks for little paper.
    `form` is the code and the id of a sheet whose blanks are filled in on the page itself, where that can be.
    """

    title: str
    words: Catalogue
    blocks: tuple[Block, ...]
    footer: str = ""
    duplex: bool = False
    trace: Trace | None = None
    compact: bool = False
    form: tuple[str, str] | None = None

    @property
    def language(self) -> str:
        return self.words.language


def simpler(block: Given | Derivation) -> Sequence[Block]:
    """The same in kinds of block that every writer has, for a page on which the network is drawn."""
    if isinstance(block, Given):
        return (Bullets(block.beside(picture=True)),)
    return [one for sentence, row in block.lines for one in (Paragraph(sentence), row) if one is not None]


def inside(blocks: Sequence[Block]) -> list[Block]:
    """All blocks, and those inside steps and boxes."""
    found: list[Block] = []
    for block in blocks:
        found.append(block)
        if isinstance(block, (Step, Box, Pairs)):
            found += inside(block.blocks)
    return found


def within(found: Iterable[Made], size: Callable[[Made], int], document: bool = False) -> Iterator[Made]:
    """The pieces of a page, as they are made, while they have no more letters than anybody is likely to want to read;
    those of a `document`, while there is memory to typeset it. Raises StepnnError."""
    letters, most = 0, LARGEST_DOCUMENT if document else LARGEST
    for one in found:
        letters += size(one)
        if letters > most:
            larger = "too_large_for_paper" if document else "this_page_is_larger_than"
            raise StepnnError(told(larger, value=most // 1000000))
        yield one
