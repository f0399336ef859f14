"""What is to be practised, a question, and what is said of an answer to it."""

from __future__ import annotations

from dataclasses import dataclass, field

from stepnn.errors import StepnnError
from stepnn.exercises.judge import Judged
from stepnn.exercises.workings import Working
from stepnn.practice.skills import Support
from stepnn.practice.turn import Turn, View

LAST_RUNG = 3  # of the ladder of hints


@dataclass(frozen=True)
class Wanted:
    """What is to be practised: a symbol or its beginning to drill, steps to ask, one code or the lesson's own numbers,
    everything one by one, or an exam."""

    drill: str = ""
    steps: tuple[str, ...] = ()
    number: int | None = None
    own: bool = False
    changed: bool = False  # the person has set numbers of the lesson
    one_by_one: bool = False
    exam: bool = False
    expressions: bool = True
    name_only: bool = False  # the formula is not shown before a hint asks for it


@dataclass
class Question:
    """What is asked, with how much support. `rung` counts the hints, `tries` the answers that differ."""

    turn: Turn
    workings: list[Working]
    support: Support
    began: float
    number: int = 0
    rung: int = 0
    tries: int = 0
    stumbled: bool = False
    directed: bool = False  # whether the sign or the power of ten was told
    tried: set[str] = field(default_factory=set)
    done: bool = False

    @property
    def working(self) -> Working:
        return self.workings[0]

    @property
    def is_worked(self) -> bool:
        return self.support is Support.WORKED

    @property
    def tells_formula(self) -> bool:
        """Whether the formula stands beside the question."""
        return self.support is Support.FORMULA or self.rung > 0

    @property
    def view(self) -> View:
        """Which numbers stand beside it."""
        if self.tells_formula:
            return View.NEEDED
        return View.ALL if self.support is Support.BARE else View.KINDS


@dataclass(frozen=True)
class Said:
    """What is said of what was typed. `judged` are the answers, `help` a line of help where none could be read."""

    judged: tuple[Judged, ...] = ()
    help: StepnnError | None = None
    again: bool = False  # the same wrong number as before
    news: tuple[tuple[str, str], ...] = ()  # of a skill: a key of the catalogue, and its name
