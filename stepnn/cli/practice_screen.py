"""Practice on a terminal: the page above, what was said of the answer below it, and the line that is typed last."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import FrameType

from rich.console import Console
from rich.text import Text

from stepnn.cli.commands import command
from stepnn.cli.screen import Screen
from stepnn.cli.sitting import Reaction, reacted
from stepnn.page.blocks import Block, Equation, Network
from stepnn.practice.pages import (
    asked_line,
    block_of,
    look_line,
    prompt,
    question_blocks,
    worked_lines,
)
from stepnn.practice.question import Question
from stepnn.practice.report import part_done, report_lines, resume_line
from stepnn.practice.session import Session
from stepnn.words import Catalogue
from stepnn.writers.ink import Lines, Look, ascii_if, wrapped
from stepnn.writers.screens import written
from stepnn.writers.terminal import header

AROUND = 4  # lines of a screen that are no page: header, keys, answer
MOODS = {"good": "bold green", "bad": "bold yellow", "neither": ""}


class PracticeScreen:
    """A sitting on the screen. One owner of the terminal at a time: the page is drawn, then the last line is read."""

    def __init__(self, session: Session, words: Catalogue, ascii: bool, screen: Screen | None = None) -> None:
        import readline  # edits the line; nothing before the first question needs it

        self.readline = readline
        self.session, self.words, self.ascii = session, words, ascii
        self.screen = screen or Screen(Console())
        self.said: list[Reaction] = []
        self.foot = "line"
        self.part, self.started = "", 0

    def run(self) -> bool:
        """Until the reader quits. False where questions were left."""
        before = signal.signal(signal.SIGWINCH, self.resized) if hasattr(signal, "SIGWINCH") else None
        try:
            went_on = self.offer() and self.turn()
            once = self.session.wanted.name_only or self.session.wanted.exam
            while went_on and not once and (self.session.drills_on or self.go_on()):
                self.session.more()
                went_on = self.turn()
            return went_on
        finally:
            if hasattr(signal, "SIGWINCH"):
                signal.signal(signal.SIGWINCH, before)

    def offer(self) -> bool:
        """To go on where the last sitting stopped. False for the wish to quit."""
        if rows := self.session.unfinished():
            self.said, self.foot = [("neither", resume_line(self.session, rows, self.words))], "line_resume"
            wanted = command(self.read(""))
            if wanted == "quit":
                return False
            if wanted != "new":
                self.session.resume(rows)
        return True

    def turn(self) -> bool:
        """All questions with these numbers. False for the wish to quit."""
        while (question := self.session.next()) is not None:
            self.said = list(self.changed(question))
            if question.turn is not self.session.turn:
                self.said.append(("neither", self.words("practice.elsewhere")))
            if question.is_worked:
                if not self.look_at(question):
                    return False
            elif not self.until_done(question):
                return False
        return True

    def look_at(self, question: Question) -> bool:
        """A worked step. False for the wish to quit."""
        self.said.append(("neither", look_line(self.session, self.words)))
        if not self.until_entered("line_worked"):
            return False
        self.session.looked_at()
        return True

    def until_done(self, question: Question) -> bool:
        """Until the question is answered, and its answer looked at. False for the wish to quit."""
        while not question.done:
            self.foot = "line_exam" if self.session.wanted.exam else "line"
            text = self.read(self.ask(question))
            if command(text) == "quit":
                return False
            self.react(text)
        if self.session.wanted.exam:
            return True
        worked = any(isinstance(one, Equation) and len(one.lines) > 1 for one in self.said)
        return self.until_entered("line_worked" if worked else "line_right", question)

    def until_entered(self, foot: str, question: Question | None = None) -> bool:
        """Until Enter is pressed alone. False for the wish to quit."""
        said = list(self.said)
        while True:
            self.foot = foot
            text = self.read("")
            if command(text) == "quit":
                return False
            if not text.strip():
                return True
            self.said = list(said)
            if command(text) == "worked" and question is not None:
                self.said.append(Equation(worked_lines(question)))
                foot = "line_worked"
            else:
                self.said.append(("neither", self.words("practice.only_enter")))

    def ask(self, question: Question) -> str:
        """What stands before the answer."""
        return prompt(question, self.ascii)

    def react(self, text: str) -> None:
        self.said = list(reacted(self.session, text, self.words, redrawn=True))

    def go_on(self) -> bool:
        """The report, and whether to go on with other numbers."""
        self.said, self.foot = [("neither", self.words("practice.done"))], "line_end"
        self.said += [("neither", line) for line in report_lines(self.session, self.words)]
        return command(self.read("")) != "quit" and self.session.comes_again

    def changed(self, question: Question) -> Iterable[Reaction]:
        part = block_of(question, self.words)
        if self.part and part != self.part and not self.session.wanted.exam:
            yield "neither", part_done(self.session, self.part, self.started, self.words)
            self.started = len(self.session.rows)
        self.part = part

    def read(self, ask: str) -> str:
        """Draw, and read the last line. Raises EOFError at the end of the input."""
        self.draw()
        return input(ascii_if(ask, self.look))

    def resized(self, number: int, frame: FrameType | None) -> None:
        self.draw()
        self.readline.redisplay()

    @property
    def look(self) -> Look:
        width, height = self.screen.size
        return Look(width, height, self.words, self.ascii)

    def draw(self) -> None:
        """The page, what was said, and the keys; the cursor stands at the start of the last line."""
        look = self.look
        question = self.session.question
        right = (
            self.part if question is None else f"{self.part} · {self.words('practice.left', count=self.session.left)}"
        )
        head = header(self.session.turn.trace.setup, look, ascii_if(right, look))
        foot = [Text(ascii_if(self.words(f"practice.{self.foot}"), look), style="dim")]
        room = look.height - 1 - len(head) - len(foot)
        page = self.page(look.width, room)
        self.screen.draw([*head, *page, *[Text()] * (room - len(page)), *foot])
        self.screen.send("\r\n")

    def page(self, width: int, room: int) -> Lines:
        """The question, and what was said of the answer, in so many lines: what there is room for."""
        look = Look(width, room, self.words, self.ascii)
        said = [line for one in self.said for line in self.lines(one, look)]
        gap = [Text()] if said else []
        for body in self.bodies(self.session.question, look):
            if len(body) + len(gap) + len(said) <= room:
                return [*body, *(gap if body else []), *said]
        return [*body[: max(room - len(said), 0)], *said[-room:]]  # what was just said is worth more than the top

    def bodies(self, question: Question | None, look: Look) -> Iterator[Lines]:
        """The question, with less and less beside it: the network, the reason."""
        if question is None:
            yield []
            return
        asked = self.asked_lines(question, look)
        picture = [] if question.is_worked else self.picture(question, look)
        full, brief = (
            [*self.body(question_blocks(question, self.words, brief), look), *asked] for brief in (False, True)
        )
        yield [*picture, *full]
        yield [*picture, *brief]
        yield full
        yield brief

    def body(self, blocks: Iterable[Block], look: Look) -> Lines:
        """Blocks, parted by empty lines."""
        found: Lines = []
        for block in blocks:
            found += [*([Text()] if found else []), *written(block, look)]
        return found

    def picture(self, question: Question, look: Look) -> Lines:
        """The network, where one can be drawn."""
        drawn = written(Network(question.turn.trace.setup), replace(look, height=look.height + AROUND))
        return [*drawn, Text()] if drawn else []

    def asked_lines(self, question: Question, look: Look) -> Lines:
        """How exactly the answer is wanted."""
        if question.is_worked or question.done:
            return []
        asked = asked_line(question, self.words)
        return [Text(), *wrapped(Text(ascii_if(asked, look), style="dim"), look.width)]

    def lines(self, one: Reaction, look: Look) -> Lines:
        """A sentence in the colour of its mood, or a block."""
        if isinstance(one, tuple):
            return wrapped(Text(ascii_if(one[1], look), style=MOODS[one[0]]), look.width)
        return written(one, look)
