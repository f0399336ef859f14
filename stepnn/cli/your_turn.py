"""Inside a lesson: the step ahead is asked before it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from stepnn.writers.ink import Lines, Look, ascii_if

if TYPE_CHECKING:
    from stepnn.cli.practice_screen import PracticeScreen
    from stepnn.practice.session import Session
    from stepnn.trace.step import Step
    from stepnn.trace.trace import Trace
    from stepnn.words import Catalogue

LONGEST = 200


class YourTurn:
    """One step of a lesson that is asked. What it needs is made when it is first asked for."""

    def __init__(self, trace: Trace, words: Catalogue, ascii: bool) -> None:
        self.trace, self.words, self.ascii = trace, words, ascii
        self.sheet: PracticeScreen | None = None
        self.typed = ""

    @property
    def is_asking(self) -> bool:
        return self.sheet is not None

    def ask(self, step: Step) -> bool:
        """Ask for a step. False where it is none that a person works out."""
        from stepnn.cli.practice_screen import PracticeScreen  # only a reader who wants to practise needs it

        session = asking(self.trace, step)
        if session is None:
            return False
        session.next()
        self.sheet, self.typed = PracticeScreen(session, self.words, self.ascii), ""
        return True

    def key(self, key: str) -> bool:
        """A key while an answer is typed. False for the wish to quit."""
        if key in ("\x03", "\x04"):
            return False
        if key == "\x1b":
            self.sheet = None
        elif key in ("\r", "\n"):
            self.answered()
        elif key in ("\x7f", "\b"):
            self.typed = self.typed[:-1]
        elif key.isprintable() and len(self.typed) < LONGEST:
            self.typed += key
        return True

    def answered(self) -> None:
        """The line is ended."""
        assert self.sheet is not None
        text, self.typed = self.typed, ""
        self.sheet.react(text)

    @property
    def said(self) -> str | None:
        """What to say once the step is done, when it is seen again; None while it is asked."""
        assert self.sheet is not None and self.sheet.session.question is not None
        if not self.sheet.session.question.done:
            return None
        return " ".join(one[1] for one in self.sheet.said if isinstance(one, tuple))

    def body(self, look: Look) -> Lines:
        assert self.sheet is not None
        return self.sheet.page(look.width, look.height - 5)

    def footer(self, look: Look) -> Lines:
        """The keys, and the answer as far as it is typed."""
        assert self.sheet is not None and self.sheet.session.question is not None
        keys = Text(ascii_if(self.words("practice.line_turn"), look), style="dim")
        asked = self.sheet.ask(self.sheet.session.question)
        return [keys, Text(f"{asked}{self.typed}_", style="bold")]


def asking(trace: Trace, step: Step) -> Session | None:
    """A sitting with that step alone; None where it is none that a person works out."""
    from stepnn.errors import UsageError  # only a reader who wants to practise needs it
    from stepnn.exercises.desk import desk_for
    from stepnn.practice.history import History
    from stepnn.practice.question import Wanted
    from stepnn.practice.session import Session

    run = trace.runs[step.moment.run - 1]
    name = f"p{step.moment.number - run.moments[0].number + 1}.{step.symbol}"
    digits = trace.policy.digits if trace.policy.rounded else None
    try:
        desk, _ = desk_for(trace.setup, digits, trace.policy.rounded, run=step.moment.run)
        return Session(desk, History(), Wanted(steps=(name,), own=True, one_by_one=True))
    except UsageError:
        return None
