"""Practice line by line: questions are printed, a line is read, what is said of it is printed. In a pipe, and for
screen readers; the screen of a terminal reads and reacts in the same way."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator

from stepnn.cli import output
from stepnn.cli.commands import begun, command
from stepnn.page.blocks import Block, Equation, Paragraph
from stepnn.practice.letters import meanings
from stepnn.practice.pages import (
    as_read,
    asked_line,
    block_of,
    exam_lines,
    feedback,
    formula_lines,
    look_line,
    network_blocks,
    prompt,
    question_blocks,
    rung_lines,
    worked_lines,
)
from stepnn.practice.question import Question
from stepnn.practice.report import part_done, report_lines, resume_line, untold_line
from stepnn.practice.session import Session
from stepnn.practice.skills import Support
from stepnn.words import Catalogue
from stepnn.writers.text import TextWriter, in_ascii

Reaction = tuple[str, str] | Block  # a mood and a sentence, or a block


def reacted(session: Session, text: str, words: Catalogue, redrawn: bool = False) -> Iterator[Reaction]:
    """What comes of a line that was typed. With `redrawn`, the question is drawn again above it."""
    question, wanted = session.question, command(text)
    assert question is not None
    if not text.strip():
        yield "neither", words("practice.empty_exam" if session.wanted.exam else "practice.empty")
    elif wanted in ("hint", "show", "worked") and session.wanted.exam:
        yield "neither", words("practice.exam_alone")
    elif wanted == "network":
        yield from network_blocks(question, words)
    elif wanted == "worked" and (redrawn or session.last is None):
        yield "neither", words("practice.worked_later")
    elif wanted == "worked" and session.last is not None:
        yield Equation(worked_lines(session.last))
    elif wanted == "hint":
        yield from hints(question, words, redrawn) if session.help() else [("neither", words("practice.last_rung"))]
    elif wanted == "show":
        yield "neither", words("practice.shown" if session.comes_again else "practice.shown_only")
        yield Equation(worked_lines(question))
        session.show()
    elif wanted == "skip":
        session.skip()
        yield "neither", words("practice.skipped")
    else:
        yield from answered(session, text, words, redrawn)


def answered(session: Session, text: str, words: Catalogue, redrawn: bool) -> Iterator[Reaction]:
    """What is said of an answer; after the third wrong one a hint comes by itself."""
    question = session.question
    assert question is not None
    before, said = question.rung, session.answer(text)
    if said.help is not None and (word := begun(text, words)):
        yield "neither", words("practice.whole_word", word=word)
        return
    yield from as_read(question, said) if said.help is None else []
    if said.help is not None or not session.wanted.exam:
        yield from feedback(session, said, words)
    if question.rung > before:
        yield "neither", words("practice.by_itself")
        yield from hints(question, words, redrawn)


def hints(question: Question, words: Catalogue, redrawn: bool) -> Iterator[Reaction]:
    """A rung of the ladder: the formula with what each letter is, the formula with numbers, one part of it."""
    if question.rung == 1:
        if not redrawn and question.support is not Support.FORMULA:
            yield Equation(formula_lines(question.turn.step(question.working)))
        yield meanings(question.turn, question.working, words)
        return
    lines = tuple(rung_lines(question, question.rung))
    yield Equation(lines) if lines else ("neither", words("practice.last_rung"))


class Plain:
    """A sitting line by line. `read` gives the next line, None at the end."""

    def __init__(self, session: Session, words: Catalogue, ascii: bool, read: Callable[[str], str | None]) -> None:
        self.session, self.words, self.ascii, self.read = session, words, ascii, read
        self.writer = TextWriter(words, ascii, False)
        self.part, self.started = "", 0

    def run(self, report: bool = True) -> bool:
        """Until the end of these numbers, or of the input. False where it was ended before."""
        went_on = True
        if sys.stdin.isatty() and (rows := self.session.unfinished()):
            self.say([resume_line(self.session, rows, self.words), self.words("practice.line_resume")])
            wanted = command(self.read("> ") or "")
            if wanted == "quit":
                return False
            if wanted != "new":
                self.session.resume(rows)
        self.say(untold_line(self.session, self.words))
        while went_on and (question := self.following()) is not None:
            self.say(self.changed(question))
            elsewhere = [] if question.turn is self.session.turn else [self.words("practice.elsewhere")]
            self.show(["", *elsewhere, *self.page(question)])
            if question.is_worked:
                self.session.looked_at()
            else:
                went_on = self.until_done(question)
        self.show(exam_lines(self.session, self.words))
        if report:
            self.say(report_lines(self.session, self.words))
        return went_on

    def following(self) -> Question | None:
        """The next question; in a drill with other numbers where these are done."""
        question = self.session.next()
        if question is None and self.session.drills_on:
            self.session.more()
            question = self.session.next()
        return question

    def until_done(self, question: Question) -> bool:
        """Read lines until the question is answered. False for the wish to quit."""
        while not question.done:
            text = self.read(prompt(question, self.ascii))
            if text is None or command(text) == "quit":
                return False
            self.show(reacted(self.session, text, self.words))
        return True

    def page(self, question: Question) -> Iterator[str | Block]:
        yield from question_blocks(question, self.words)
        if question.is_worked:
            yield look_line(self.session, self.words)
        else:
            yield Paragraph((asked_line(question, self.words),))

    def changed(self, question: Question) -> Iterator[str]:
        """Where a new part of the lesson begins: what was done of the one before, and what is left."""
        part = block_of(question, self.words)
        if self.part and part != self.part and not self.session.wanted.exam:
            yield from ("", part_done(self.session, self.part, self.started, self.words))
            self.started = len(self.session.rows)
        self.part = part

    def show(self, found: Iterable[str | Reaction]) -> None:
        """Blocks, sentences and lines, as text."""
        for one in found:
            if isinstance(one, str | tuple):
                self.say([one if isinstance(one, str) else one[1]])
            else:
                self.say(self.writer.finished(one))

    def say(self, lines: Iterable[str]) -> None:
        output.print_lines(in_ascii(line) if self.ascii else line for line in lines)


def from_standard_input(ask: str) -> str | None:
    """A line of standard input; None at its end."""
    if sys.stdin.isatty():
        import readline  # noqa: F401  # edits the line that `input` reads; only a question needs it

        try:
            return input(ask)
        except EOFError:
            return None
    sys.stdout.write(ask)
    sys.stdout.flush()
    line = sys.stdin.readline()
    sys.stdout.write("\n")
    return line.rstrip("\r\n") if line else None
