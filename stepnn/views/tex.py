"""A worked example as a LaTeX document (amsmath; kotex for Korean), and LaTeX for single steps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from stepnn.notation.names import Name
from stepnn.notation.printer import Pieces, joined
from stepnn.trace.matrix import Block, Sign, Token
from stepnn.trace.sentences import phase_name, title, turn_name, why
from stepnn.trace.step import Kind, Moment, Step
from stepnn.trace.texts import answer, goal, introduction, own_why, question, title_text
from stepnn.views import blocks, chart
from stepnn.views.closing import closing
from stepnn.views.equations import Script, decimal_of, rows
from stepnn.views.given import GivenRow, given_rows
from stepnn.views.matrices import MOST_ROWS, few
from stepnn.views.plain import policy_text
from stepnn.words import Catalogue, catalogue

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace

MOST_COLUMNS_LATEX = 5
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
PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb}
\usepackage[margin=25mm]{geometry}
%s\setlength{\emergencystretch}{3em}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt plus 2pt}
\raggedbottom
\usepackage{graphicx}
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


def escape(text: str) -> str:
    """Any text as LaTeX text: no character of it is a command, and none is unknown to the fonts."""
    found = "".join(SPECIAL.get(letter, letter if known(letter) else f"[U+{ord(letter):04X}]") for letter in text)
    return found.replace("--", "-{}-")  # two hyphens would become a dash


def known(letter: str) -> bool:
    """Whether the standard fonts, or those of kotex, have the letter."""
    return letter < "\u0180" or is_hangul(letter) or letter in "‘’“”–—"


def is_hangul(letter: str) -> bool:
    return "\uac00" <= letter <= "\ud7a3" or "\u3131" <= letter <= "\u318e"


def in_math(name: Name) -> str:
    return f"${name.latex}$"


def document(trace: Trace, words: Catalogue) -> list[str]:
    """The lines of the whole document. Hangul anywhere in it asks for kotex."""
    lines = list(body(trace, words))
    hangul = any(is_hangul(letter) for line in lines for letter in line)
    return [PREAMBLE % (r"\usepackage{kotex}" + "\n" if hangul else ""), *lines, r"\end{document}"]


def body(trace: Trace, words: Catalogue) -> Iterator[str]:
    """What stands between the beginning and the end of the document."""
    lesson, language = trace.lesson, words.language
    write = words.escaped_by(escape)
    yield rf"\section*{{{escape(title_text(lesson, language))}}}"
    yield from (escape(introduction(trace.setup, language)), "")
    yield from (rf"\textbf{{{write('label.goal')}:}} {escape(goal(trace.setup, language))}", "")
    for row in given_rows(trace.setup, words, latex=True):
        yield from (given_line(row), "")
    yield from (write("label.letters"), "", policy_text(trace, write), "")
    for number, step, is_new in trace.numbered():
        if is_new:
            parts = [phase_name(step, write), *turn_name(step, write)]
            yield rf"\subsection*{{{' -- '.join(parts)}}}"
        yield from step_lines(trace, number, step, write)


def given_line(row: GivenRow) -> str:
    pairs = (f"${name} = {value}$" if name else escape(value) for name, value in row.pairs)
    return rf"{escape(row.label)}: {', '.join(pairs)}"


def step_lines(trace: Trace, number: int, step: Step, words: Catalogue) -> Iterator[str]:
    """One step: title, why, and the equation."""
    if step.kind in (Kind.SUMMARY, Kind.QUESTION, Kind.ANSWER):
        yield from closing_lines(trace, step, words)
        return
    own = own_why(step, trace.setup, words.language)
    yield rf"\textbf{{{number}. {title(step, words, in_math)}}}\\*{{}}"
    yield escape(own) if own else why(step, words, in_math)
    if step.kind is Kind.DERIVATION:
        for sentence, line in blocks.derivation_lines(step, words, Script.LATEX, equation_text):
            yield from (rf"\par {sentence}", *([rf"\[\fitted{{{line}}}\]"] if line else []))
    elif step.ref is not None or step.term is not None:
        yield fitted(step)
    yield from (*beside_equation(trace, step, words), "")


def equation_text(left: Pieces, right: Pieces) -> str:
    return f"{joined(left)} = {joined(right)}"


def beside_equation(trace: Trace, step: Step, words: Catalogue) -> Iterator[str]:
    """What a step has beside or instead of an equation: numbers, a table, a picture in words."""
    if step.kind in (Kind.RUN, Kind.TRAINING):
        for row in blocks.rows_beside(trace, step, words, latex=True):
            yield rf"\par {given_line(row)}"
    elif step.kind is Kind.COST:
        head, *rest = blocks.cost_table(trace, words)
        yield rf"\par\begin{{tabular}}{{l{'r' * (len(head) - 1)}}}"
        yield " & ".join(head) + r" \\ \hline"
        yield from (" & ".join(row) + r" \\" for row in rest)
        yield r"\end{tabular}"
    elif step.kind is Kind.PICTURE:
        yield from (
            rf"\begin{{sloppypar}}{escape(line)}\end{{sloppypar}}"
            for line in chart.told(blocks.picture(trace, step, catalogue(words.language)))
        )
    elif blocks.is_overview(step):
        yield fitted(step)
        yield rf"\[\fitted{{{matrix(blocks.matrix_tokens(step) or blocks.result_block(step), step.moment)}}}\]"


def matrix(tokens: Sequence[Token], moment: Moment) -> str:
    """The matrix form with its numbers; of large blocks the middle is left out."""
    return "".join(
        sign_latex(token.text) if isinstance(token, Sign) else block_latex(token, moment) for token in tokens
    )


SIGNS = {
    "·": r"\cdot ", "⊙": r"\odot ", "−": "-", "σ": r"\sigma ", "²": "^2", "½": r"\tfrac{1}{2}", "√": r"\surd ",
    "e^(": r"\exp(",
}  # fmt: skip


def sign_latex(text: str) -> str:
    """What stands between blocks: operators, brackets and names of functions."""
    for old, new in SIGNS.items():
        text = text.replace(old, new)
    return re.sub(r"(?<![\\A-Za-z])([A-Za-z]{2,})\(", r"\\operatorname{\1}(", text)


def block_latex(block: Block, moment: Moment) -> str:
    """A block in brackets."""
    rows = few(list(block.rows), MOST_ROWS)
    if len(block.rows) == 1 and len(block.rows[0]) == 1:
        return decimal_of(moment, block.rows[0][0]).latex
    lines = []
    for row in rows:
        cells = [r"\vdots"] if row is None else [
            r"\cdots" if ref is None else decimal_of(moment, ref).latex for ref in few(list(row), MOST_COLUMNS_LATEX)
        ]  # fmt: skip
        lines.append(" & ".join(cells))
    body = r" \cr ".join(lines)
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"


def fitted(step: Step) -> str:
    """The equation of a step on a page; one that is too wide is made smaller."""
    inner = equation(step).replace("align*", "aligned")
    return rf"\[\fitted{{{inner}}}\]"


def equation(step: Step) -> str:
    """The forms of the equation below each other, aligned at the equals signs."""
    lines = [f"  {joined(row.left)} &= {joined(row.right)}" for row in rows(step, Script.LATEX)]
    return "\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}"


def closing_lines(trace: Trace, step: Step, words: Catalogue) -> Iterator[str]:
    """The closing table, the question, or the answer."""
    if step.kind is not Kind.SUMMARY:
        text = question(trace, words.language) if step.kind is Kind.QUESTION else answer(trace, words.language)
        label = words("label.question" if step.kind is Kind.QUESTION else "label.answer")
        yield from (rf"\textbf{{{label}:}} {escape(text)}", "")
        return
    last = closing(trace, words, Script.LATEX)
    yield rf"\subsection*{{{words('title.summary') if trace.setup.learns else words('label.answers')}}}"
    yield rf"\noindent\fitted{{\text{{\begin{{tabular}}{{l{'r' * (len(last.head) - 1)}}}"
    head = (
        tuple(map(escape, last.head))
        if trace.setup.learns
        else (last.head[0], *(f"${cell}$" for cell in last.head[1:]))
    )
    yield " & ".join(head) + r" \\ \hline"
    for row in last.rows:
        yield (
            " & ".join(
                cell_text(cell, column, trace.setup.learns and len(trace.runs) == 1) for column, cell in enumerate(row)
            )
            + r" \\"
        )
    yield from (r"\end{tabular}}}", "")
    if last.error:
        label, before, after = last.error
        yield from (rf"\textbf{{{label}:}} ${before} \to {after}$", "")
    if last.compared:
        yield rf"{words('label.compared')}: \begin{{itemize}}"
        yield from (rf"\item ${value}$: {escape(label)}" for label, value in last.compared)
        yield r"\end{itemize}"


def cell_text(cell: str, column: int, names_first: bool) -> str:
    """A cell of the closing table: names, numbers and equations are mathematics, words are text."""
    mathematics = "=" in cell or "times" in cell or not any(letter.isalpha() for letter in cell)
    if cell and ((column == 0 and names_first) or (column > 0 and mathematics)):
        return f"${cell}$".replace("…", r"\cdots")
    return escape(cell)
