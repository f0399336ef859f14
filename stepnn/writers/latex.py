"""A page as a LaTeX document (amsmath; kotex for Korean), and LaTeX for single steps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from stepnn.drawing import chart
from stepnn.drawing.diagram import diagram
from stepnn.drawing.shapes import Diagram
from stepnn.notation.mathematics import joined
from stepnn.page.blocks import (
    Answers,
    Block,
    Box,
    Bullets,
    Chart,
    Equation,
    Fresh,
    Heading,
    Matrices,
    Network,
    Page,
    Pairs,
    Paragraph,
    Room,
    Step,
    Table,
    simpler,
)
from stepnn.page.written import Cell, Text, with_latex
from stepnn.writers.broken import FULL, HALF, Row, fitting, is_wide, typeset_rows
from stepnn.writers.formats import Options
from stepnn.writers.matrix_maths import matrix_nodes

PAPERS = {"a4": "a4paper", "letter": "letterpaper"}
SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "δ": r"$\delta$", "η": r"$\eta$", "σ": r"$\sigma$", "α": r"$\alpha$", "Σ": r"$\Sigma$", "∂": r"$\partial$",
    "½": r"$\tfrac{1}{2}$", "²": r"$^2$", "−": r"$-$", "·": r"$\cdot$", "×": r"$\times$", "→": r"$\to$", "≥": r"$\ge$",
    "≤": r"$\le$", "…": r"\ldots{}", "⊙": r"$\odot$", "±": r"$\pm$", "⋮": r"$\vdots$", "√": r"$\surd$", "'": "'",
    "′": r"$'$", "ε": r"$\varepsilon$", "β": r"$\beta$", "γ": r"$\gamma$", "λ": r"$\lambda$", "μ": r"$\mu$",
    "ρ": r"$\rho$", "τ": r"$\tau$", "ψ": r"$\psi$", "ᵀ": r"$^T$", "⁹": r"$^9$", "⁻": r"$^-$", "⁵": r"$^5$",
    "⁸": r"$^8$", "\u0302": "", "\u0304": "",
}  # fmt: skip
PREAMBLE = r"""\documentclass[11pt,%s]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb}
\usepackage[margin=25mm]{geometry}
%s\setlength{\emergencystretch}{3em}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt plus 2pt}
\raggedbottom
\usepackage{graphicx}
\usepackage{xcolor}
\providecommand{\gt}{>}
\providecommand{\lt}{<}
\newsavebox{\formula}
\newcommand{\fitted}[1]{%%
  \sbox{\formula}{$\displaystyle #1$}%%
  \ifdim\wd\formula>\linewidth\resizebox{\linewidth}{!}{\usebox{\formula}}\else\usebox{\formula}\fi}
\predisplaypenalty=10000
\interlinepenalty=10000
\begin{document}
"""


def foot(text: str) -> str:
    """What stands on every page, such as the code of a sheet."""
    return rf"\makeatletter\def\@oddfoot{{\small {escape(text)}\hfil\thepage}}\makeatother"


def escape(text: str) -> str:
    """Any text as LaTeX text: no character of it is a command, and none is unknown to the fonts."""
    found = "".join(SPECIAL.get(letter, letter if known(letter) else f"[U+{ord(letter):04X}]") for letter in text)
    return found.replace("--", "-{}-")  # two hyphens would become a dash


def known(letter: str) -> bool:
    """Whether the standard fonts, or those of kotex, have the letter."""
    return letter < "\u0180" or is_hangul(letter) or letter in "‘’“”–—"


def lacking(text: str) -> set[str]:
    """The letters of a text that would be printed as their code points."""
    return {letter for letter in text if letter not in SPECIAL and not known(letter)}


def is_hangul(letter: str) -> bool:
    return "\uac00" <= letter <= "\ud7a3" or "\u3131" <= letter <= "\u318e"


def document(page: Page, options: Options) -> list[str]:
    """The lines of the whole document. Hangul anywhere in it asks for kotex."""
    found = [line for block in page.blocks for line in lines(block)]
    hangul = any(is_hangul(letter) for line in found for letter in line)
    head = PREAMBLE % (PAPERS[options.paper], r"\usepackage{kotex}" + "\n" if hangul else "")
    first = [foot(page.footer)] if page.footer else []
    return [head, *first, *found, r"\end{document}"]


def lines(block: Block, room: float = FULL) -> Iterator[str]:
    """One block; `room` is how many letters wide a formula may be."""
    match block:
        case Heading(level, text):
            yield rf"\{'section' if level == 1 else 'subsection'}*{{{written(text)}}}"
        case Paragraph(text, label):
            yield from ((rf"\textbf{{{escape(label)}:}} " if label else "") + written(text), "")
        case Bullets(items):
            yield from labelled(items)
        case Equation():
            yield rf"\[\fitted{{{aligned(fitting(typeset_rows(block), room), 'aligned')}}}\]"
        case Matrices():
            yield rf"\[\fitted{{{joined(matrix_nodes(block))}}}\]"
        case Table():
            yield from table(block)
        case Chart():
            yield from (rf"\begin{{sloppypar}}{escape(line)}\end{{sloppypar}}" for line in chart.told(block.picture))
        case Network(setup, hidden):
            found = diagram(setup, hidden)
            yield from (*drawing(found), "") if found is not None else []
        case Room(count):
            yield from [r"\par\vspace{7mm}{\color{lightgray}\hrule}"] * count
        case Answers(items, columns):
            yield from answers(items, columns)
        case Pairs(inner):
            yield from pairs(inner)
        case Fresh(footer):
            yield r"\clearpage\setcounter{page}{1}"
            yield foot(footer)
        case Box(inner):
            width = r"\dimexpr\linewidth-2\fboxsep-2\fboxrule\relax"
            yield r"\par\setlength{\fboxsep}{6pt}\noindent\fbox{%"
            yield rf"\begin{{minipage}}{{{width}}}\setlength{{\parskip}}{{4pt}}"
            yield from (line for one in inner for line in lines(one))
            yield from (r"\end{minipage}}", r"\medskip", "")
        case Step(number, title, inner, note):
            aside = rf"\hfill {escape(note)}" if note else ""
            yield rf"\textbf{{{escape(number)}. {written(title)}}}{aside}\\*{{}}"
            yield from (line for one in inner for line in lines(one, room) if line)
            yield ""
        case _:
            yield from (line for one in simpler(block) for line in lines(one, room))


def pairs(inner: Sequence[Step]) -> Iterator[str]:
    """Two steps side by side; a wide one has a row of its own."""
    left = True
    for one in inner:
        wide = is_wide(one)
        yield from [""] if wide and not left else []
        share = 1.0 if wide else 0.47
        yield rf"\begin{{minipage}}[t]{{{share}\linewidth}}\setlength{{\parskip}}{{4pt}}"
        yield from lines(one, FULL if wide else HALF)
        left = wide or not left
        yield r"\end{minipage}" + ("\n" if left else r"\hfill")
    yield ""


def written(text: Text) -> str:
    return with_latex(text, escape)


def labelled(items: Sequence[tuple[str, Text]]) -> Iterator[str]:
    for label, text in items:
        yield from (f"{escape(label)}: {written(text)}" if label else written(text), "")


def cell(one: Cell) -> str:
    return written((one,))


def table(block: Table) -> Iterator[str]:
    """A table: names and texts to the left, numbers to the right; one that is too wide is made smaller."""
    columns = "".join("r" if block.is_number(column) else "l" for column in range(len(block.head)))
    yield rf"\par\noindent\fitted{{\text{{\begin{{tabular}}{{{columns}}}"
    yield " & ".join(map(cell, block.head)) + r" \\ \hline"
    yield from (" & ".join(map(cell, row)) + r" \\" for row in block.rows)
    yield from (r"\end{tabular}}}", "")


def answers(items: Sequence[tuple[str, Text]], columns: int) -> Iterator[str]:
    """Short lines in columns."""
    yield r"\begin{flushleft}\interlinepenalty=0"
    for number, answer in items:
        mark = rf"\textbf{{{escape(number)}}} " if number else ""
        line = rf"{mark}{written(answer)}\rule[-1.5ex]{{0pt}}{{4.5ex}}"
        yield rf"\makebox[{0.98 / columns:.2f}\linewidth][l]{{{line}}}" if columns > 1 else rf"{line}\\"
    yield r"\end{flushleft}"


def drawing(diagram: Diagram) -> Iterator[str]:
    """The network in LaTeX's own picture language: places in points, from below."""

    def at(x: float, y: float) -> str:
        return f"({x:.1f},{diagram.height - y:.1f})"

    yield r"\par\noindent\hfil\setlength{\unitlength}{1pt}"
    yield rf"\begin{{picture}}({diagram.width:.0f},{diagram.height:.0f})"
    for line in diagram.connections:
        far = math.dist(line.start, line.end)
        start, middle, end = (
            tuple(a + (b - a) * share for a, b in zip(line.start, line.end, strict=True))
            for share in (diagram.radius / far, 0.5, 1 - diagram.radius / far)
        )
        yield rf"\qbezier{at(*start)}{at(*middle)}{at(*end)}"
    for line in diagram.connections:
        if line.label:
            label = rf"\setlength{{\fboxsep}}{{1pt}}\colorbox{{white}}{{\scriptsize ${joined(line.label)}$}}"
            yield rf"\put{at(line.x, line.y)}{{\makebox(0,0){{{label}}}}}"
    for box in diagram.boxes:
        corner = at(box.x, box.y + box.height)
        yield rf"\put{corner}{{\framebox({box.width:.1f},{box.height:.1f}){{\scriptsize ${joined(box.text)}$}}}}"
    for one in diagram.labels:
        side = "[r]" if one.right else "[l]"
        yield rf"\put{at(one.x, one.y)}{{\makebox(0,0){side}{{\scriptsize ${joined(one.text)}$}}}}"
    for neuron in diagram.neurons:
        x, y, r = neuron.x, neuron.y, diagram.radius
        yield rf"\put{at(x, y)}{{\circle{{{2 * r:.0f}}}}}"
        yield rf"\put{at(x, y)}{{\makebox(0,0){{\small ${joined(neuron.name)}$}}}}"
        beside = ((neuron.left, x - r - 4, y, "[r]"), (neuron.right, x + r + 4, y, "[l]"))
        for nodes, across, down, side in (*beside, (neuron.above, x, y - r - 8, "")):
            if nodes:
                yield rf"\put{at(across, down)}{{\makebox(0,0){side}{{\scriptsize ${joined(nodes)}$}}}}"
    for x, y in diagram.gaps:
        yield rf"\put{at(x, y)}{{\makebox(0,0){{$\vdots$}}}}"
    yield r"\end{picture}\par"


def aligned(found: Sequence[Row], environment: str) -> str:
    """Lines below each other, aligned at the equals signs."""
    sign = {False: "&=", True: r"&\qquad {}"}
    body = " \\\\\n".join(f"  {joined(line.left)} {sign[line.continues]} {joined(line.right)}" for line in found)
    return f"\\begin{{{environment}}}\n{body}\n\\end{{{environment}}}"
