"""Walking through a lesson on a terminal: draw, read a key, move, draw again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.text import Text

from stepnn.cli.footer import footer
from stepnn.cli.keys import first_meaning, meanings
from stepnn.cli.loading import Loading
from stepnn.cli.position import JUMPS, Position
from stepnn.cli.screen import Screen
from stepnn.cli.watching import EVERY, Again
from stepnn.cli.your_turn import YourTurn
from stepnn.errors import StepnnError
from stepnn.lessons.setup import Setup
from stepnn.page.now import Suggestion, suggestions
from stepnn.trace.predictions import SIGNS
from stepnn.trace.step import Kind
from stepnn.words import Catalogue
from stepnn.writers import screens, terminal
from stepnn.writers.ink import Look, ascii_if

if TYPE_CHECKING:
    from stepnn.trace.trace import Trace


LONGEST_SEARCH = 60
SOON = 0.1  # seconds after which a reader wants to know that work goes on
AT_END = {"enter": "next", "yours": "practise", "curve": "change"}  # what keys take on the last page


class Stepper:
    """One walk through a lesson."""

    def __init__(
        self,
        setup: Setup,
        work: Callable[[], Trace],
        screen: Screen,
        words: Catalogue,
        ascii: bool,
        start: str,
        practising: bool = False,
        again: Again | None = None,
    ) -> None:
        """With `practising`, every step is asked before it is shown. `again` reads a file that has been saved."""
        self.setup = setup
        self.loading = Loading(lambda: walked(work()))
        self.screen = screen
        self.words = words
        self.ascii = ascii
        self.start = start
        self.position: Position | None = None
        self.mode = "step"
        self.scroll = 0
        self.most_scroll = 0
        self.typed = ""
        self.message = ""
        self.searched = ""
        self.searching: str | None = None
        self.practising = practising
        self.again = again
        self.turn: YourTurn | None = None
        self.chosen: Suggestion | None = None
        self.kept = ""  # what was typed while something was worked out
        self.frame: list[Text] = []  # what the screen shows

    def run(self) -> None:
        """Until the reader quits."""
        with self.screen.opened():
            self.screen.redraw = self.draw
            if not self.start:
                self.draw()
            if not self.waited(self.loading, bool(self.start)):
                return
            trace = self.loading.found()
            self.position = Position(trace, trace.place(self.start) if self.start else 0)
            if self.start or self.kept:
                self.kept, typed = "", self.kept
                if not self.typed_in(typed) or not self.draw_when_ready():
                    return
            while typed := self.typed_next() + self.kept:
                self.kept = ""
                if not self.typed_in(typed) or not self.draw_when_ready():
                    return

    def typed_next(self) -> str:
        """The next keys. While none is pressed, a lesson that has been saved is read again."""
        while self.again is not None and not self.screen.keys.wait(EVERY):
            if self.again.watch.is_saved():
                self.read_again(self.again)
                self.draw()
        return self.screen.keys.read()

    def read_again(self, again: Again) -> None:
        """The lesson as it is in its file now; one with a fault stays as it was."""
        assert self.position is not None
        try:
            setup, trace = again.read()
            trace = walked(trace)
        except StepnnError as error:
            self.message = self.words("keys.saved_with_faults", fault=error.to(self.words).partition("\n")[0])
            return
        old = self.position
        place = trace.places.get(old.trace.steps[old.place].id, min(old.place, len(trace) - 1))
        self.setup, self.position, self.turn, self.mode = setup, Position(trace, place), None, "step"
        self.position.expected = old.expected
        self.message = self.words("keys.saved")

    def waited(self, loading: Loading[Any], is_asked: bool) -> bool:
        """Until something is worked out; what is typed meanwhile is kept, a wish to quit is heard at once: then False.

        What takes longer than a reader notices is said; what fails is told when it `is_asked` for.
        """
        loading.thread.start()
        is_told = False
        while (state := loading.awaited(sys.stdin, SOON if is_asked and not is_told else None)) != "done":
            if state == "key":
                typed = self.screen.keys.read()
                if not typed or "quit" in meanings(typed):
                    return False
                self.kept, is_asked = self.kept + typed, True
            working = Text(self.words("keys.working"), style="bold")
            self.screen.draw([*self.frame[:-1], working])
            is_told = True
        if loading.error is not None and not is_asked:
            self.kept = self.screen.keys.read()
        return True

    def draw_when_ready(self) -> bool:
        """Show where the reader is, once it is worked out. False for the wish to quit."""
        look = Look(*self.screen.size, self.words, self.ascii)
        body = Loading(lambda: self.body(look))
        if not self.waited(body, True):
            return False
        self.draw(body.found())
        return True

    def typed_in(self, typed: str) -> bool:
        """React to what was typed, key by key. False when it was the wish to quit."""
        while typed:
            length, meaning = first_meaning(typed)
            if self.turn is not None:
                if not self.turn_key(typed[:length]):
                    return False
            elif self.searching is not None:
                self.search_key(typed[:length])
            elif not self.react(meaning):
                return False
            typed = typed[length:]
        return True

    def react(self, meaning: str) -> bool:
        """React to one key. False when it was the wish to quit."""
        assert self.position is not None
        self.message = ""
        if meaning.isdigit():
            self.typed += meaning
            return True
        number, self.typed = self.typed, ""
        if self.is_at_end and not number and meaning in AT_END and self.choose(AT_END[meaning]):
            return False
        meaning = "next" if meaning == "enter" else meaning
        scrolls = {"up": -1, "down": 1, "page up": -self.page, "page down": self.page}
        if meaning == "yours" or (meaning == "next" and self.practising and not number):
            self.ask(meaning)
        elif meaning in JUMPS or (number and meaning == "next"):
            self.moved(self.position.jump(meaning, number))
        elif (message := self.position.moved(meaning)) is not None:
            self.moved(message)
        elif meaning in SIGNS:
            self.expect(meaning)
        elif meaning in (*screens.ASIDES, "help"):
            self.change_mode(meaning)
        elif meaning in scrolls:
            self.scroll = max(0, min(self.scroll + scrolls[meaning], self.most_scroll))
        elif meaning == "find":
            self.searching = ""
        elif meaning == "escape":
            self.change_mode("step")
        elif meaning == "suspend":
            self.screen.suspend()
        return meaning != "quit"

    @property
    def is_at_end(self) -> bool:
        """Whether the last page of the lesson is seen."""
        return self.position is not None and self.mode == "step" and self.position.step.kind is Kind.ANSWER

    def choose(self, name: str) -> bool:
        """Take one of the suggestions of the last page. False where there is none of that name."""
        self.chosen = next((one for one in suggestions(self.setup) if one.name == name), None)
        return self.chosen is not None

    def ask(self, meaning: str) -> None:
        """Go to the step ahead, and ask for it before it is shown."""
        assert self.position is not None
        position = self.position
        ahead = position.ahead()
        if meaning == "yours" and ahead >= len(position.trace):
            self.message = self.words("keys.nothing_ahead")
            return
        self.moved(position.next() if meaning == "next" else position.go(ahead))
        if self.message:
            return
        turn = YourTurn(self.position.trace, self.words, self.ascii)
        if self.position.step.ref is not None and turn.ask(self.position.step):
            self.turn, self.mode = turn, "step"
        elif meaning == "yours":
            self.message = self.words("keys.not_asked")

    def expect(self, answer: str) -> None:
        """Keep what the reader expects of the step that is asked about, and show the step."""
        assert self.position is not None
        if self.position.expect(answer):
            self.moved("")
            self.message = self.words("predict.kept", answer=self.words(f"predict.answer.{answer}"))

    def turn_key(self, key: str) -> bool:
        """A key while an answer is typed. False for the wish to quit."""
        assert self.turn is not None
        if not self.turn.key(key):
            return False
        if not self.turn.is_asking:
            self.turn = None
        elif (said := self.turn.said) is not None:
            self.turn, self.message = None, said
        return True

    def moved(self, message: str) -> None:
        assert self.position is not None
        self.message = self.words(message, count=len(self.position.trace)) if message else ""
        if not message:
            self.scroll = 0
            self.mode = "step" if self.mode in ("help", "nudge", "derivation") else self.mode

    def change_mode(self, mode: str) -> None:
        """To a view of the same step, or back to the step."""
        self.mode = "step" if self.mode == mode else mode
        self.scroll = 0
        if self.mode in screens.ASIDES and self.position is not None:
            trace, step = self.position.trace, self.position.step
            if screens.aside_blocks(trace, step, self.words, self.mode) is None:
                self.message, self.mode = self.words(screens.ABSENT[self.mode]), "step"

    def search_key(self, key: str) -> None:
        """A letter of the search; Enter searches, Escape gives up."""
        assert self.searching is not None and self.position is not None
        if key in ("\r", "\n"):
            self.searched = self.searching or self.searched
            message = self.position.find(self.searched, self.words) if self.searched else ""
            self.searching, self.scroll, self.mode = None, 0, "step"
            self.message = self.words(message, text=self.searched) if message else ""
        elif key in ("\x1b", "\x03", "\x04"):
            self.searching = None
        elif key in ("\x7f", "\b"):
            self.searching = self.searching[:-1]
        elif key.isprintable() and len(self.searching) < LONGEST_SEARCH:
            self.searching += key

    @property
    def page(self) -> int:
        return max(1, self.screen.size[1] - 5)

    def draw(self, body: list[Text] | None = None) -> None:
        """The whole screen; `body` is what has been worked out of it already."""
        width, height = self.screen.size
        look = Look(width, height, self.words, self.ascii)
        head = terminal.header(self.setup, look, self.where(look), self.which_turn(look))
        body, foot = self.body(look) if body is None else body, self.footer(look)
        if len(head) + len(body) + 1 < height:
            foot = [Text(), *foot]
        room = max(1, height - len(head) - len(foot))
        self.most_scroll = max(0, len(body) - room)
        self.scroll = min(self.scroll, self.most_scroll)
        shown = body[self.scroll : self.scroll + room]
        if self.scroll < self.most_scroll:
            shown[-1] = Text(ascii_if(self.words("label.more"), look), style="dim")
        padding = [Text()] * (room - len(shown))
        self.frame = [*head, *shown, *padding, *foot]
        self.screen.draw(self.frame)

    def where(self, look: Look) -> str:
        if self.position is None:
            return terminal.where_we_are(None, 0, None, look)
        return terminal.where_we_are(self.position.trace, self.position.place, self.position.step, look)

    def which_turn(self, look: Look) -> str:
        return "" if self.position is None else terminal.which_turn(self.position.trace, self.position.step, look)

    def body(self, look: Look) -> list[Text]:
        if self.position is None:
            return terminal.opening_body(self.setup, look)
        if self.turn is not None:
            return self.turn.body(look)
        trace, step = self.position.trace, self.position.step
        if self.mode == "help":
            return screens.help_body(self.setup, look)
        if self.mode in screens.ASIDES:
            found = screens.aside_body(trace, step, look, self.mode)
            if found is not None:
                return found
        body = terminal.step_body(trace, self.position.place, step, look)
        told = self.position.told(self.words)
        return [Text(ascii_if(told, look), style="bold"), Text(), *body] if told else body

    def footer(self, look: Look) -> list[Text]:
        """The keys, or what there is to say, or what is being typed."""
        if self.turn is not None:
            return self.turn.footer(look)
        if self.searching is not None:
            line = Text(self.words("keys.find_prompt") + self.searching + "_", style="bold")
        elif self.message or self.typed:
            line = Text(self.message or self.words("keys.typed", number=self.typed), style="bold")
            keys = f"   {ascii_if(self.words('keys.line_short'), look)}"
            if line.cell_len + cell_len(keys) <= look.width:
                line.append(keys, style="not bold dim")
        else:
            line = Text(ascii_if(self.keys_line(look.width), look), style="dim")
            if line.cell_len > look.width:
                line = Text(ascii_if(self.words("keys.line_short"), look), style="dim")
        return [line]

    def keys_line(self, width: int) -> str:
        """The keys that do something here."""
        if self.position is None or (self.position.place == 0 and self.mode == "step"):
            return self.words("keys.line_first")
        if self.mode != "step":
            return self.words("keys.line_help" if self.mode == "help" else "keys.line_view")
        if self.is_at_end and any(suggestions(self.setup)):
            return self.words("keys.line_last")
        return footer(self.position.trace, self.position.step, self.words, width)


def walked(trace: Trace) -> Trace:
    """The trace with its walk, which is made when it is first asked for."""
    assert trace.steps
    return trace
