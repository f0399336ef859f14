"""A worked example as a LaTeX document (amsmath; kotex for Korean), and LaTeX for single steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stepnn.notation.names import Name
from stepnn.notation.printer import joined
from stepnn.trace.sentences import phase_name, title, turn_name, why
from stepnn.trace.step import Kind, Phase, Step
from stepnn.trace.texts import answer, goal, introduction, own_why, question, title_text
from stepnn.views.closing import closing
from stepnn.views.equations import Script, rows
from stepnn.views.given import given_rows
from stepnn.views.plain import policy_text
from stepnn.words import Catalogue

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace

SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "δ": r"$\delta$", "η": r"$\eta$", "σ": r"$\sigma$", "α": r"$\alpha$", "Σ": r"$\Sigma$", "∂": r"$\partial$",
    "½": r"$\tfrac{1}{2}$", "²": r"$^2$", "−": r"$-$", "·": r"$\cdot$", "×": r"$\times$", "→": r"$\to$", "≥": r"$\ge$",
    "≤": r"$\le$", "…": r"\ldots{}", "⊙": r"$\odot$", "±": r"$\pm$", "⋮": r"$\vdots$", "√": r"$\surd$", "'": "'",
}  # fmt: skip
PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb}
\usepackage[margin=25mm]{geometry}
%s\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt plus 2pt}
\raggedbottom
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
        pairs = (f"${name} = {value}$" if name else escape(value) for name, value in row.pairs)
        yield from (rf"{escape(row.label)}: {', '.join(pairs)}", "")
    yield from (write("label.letters"), "", policy_text(trace, write), "")
    for number, step, is_new in trace.numbered():
        if is_new:
            parts = [phase_name(step, write), *turn_name(step, write, len(trace.setup.samples))]
            yield rf"\subsection*{{{' -- '.join(parts)}}}"
        yield from step_lines(trace, number, step, write)


def step_lines(trace: Trace, number: int, step: Step, words: Catalogue) -> Iterator[str]:
    """One step: title, why, and the equation."""
    if step.phase is Phase.END:
        yield from closing_lines(trace, step, words)
        return
    own = own_why(step, trace.setup, words.language)
    yield rf"\textbf{{{number}. {title(step, words, in_math)}}}\\*{{}}"
    yield from (escape(own) if own else why(step, words, in_math), equation(step), "")


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
    yield rf"\begin{{tabular}}{{l{'r' * (len(last.head) - 1)}}}"
    head = last.head if trace.setup.learns else (last.head[0], *(f"${cell}$" for cell in last.head[1:]))
    yield " & ".join(head) + r" \\ \hline"
    for row in last.rows:
        yield " & ".join(cell_text(cell, column, trace.setup.learns) for column, cell in enumerate(row)) + r" \\"
    yield from (r"\end{tabular}", "")
    if last.error:
        label, before, after = last.error
        yield from (rf"\textbf{{{label}:}} ${before} \to {after}$", "")
    if last.compared:
        yield rf"{words('label.compared')}: \begin{{itemize}}"
        yield from (rf"\item ${value}$: {escape(label)}" for label, value in last.compared)
        yield r"\end{itemize}"


def cell_text(cell: str, column: int, names_first: bool) -> str:
    """A cell of the closing table: names and numbers are mathematics, words are text."""
    if column == 0 and not names_first:
        return cell
    if any(letter.isalpha() for letter in cell) and column > 0 and "times" not in cell:
        return cell
    return f"${cell}$".replace("…", r"\cdots")
