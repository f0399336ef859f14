"""Practice: what is asked, what is said, what is kept; on real terminals too."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

import stepnn
from stepnn.exercises.assignment import assigned
from stepnn.exercises.desk import Desk, desk_for
from stepnn.exercises.ready import ready
from stepnn.practice.history import FILE, History
from stepnn.practice.pages import rung_lines, worked_lines
from stepnn.practice.progress import to_review
from stepnn.practice.question import Wanted
from stepnn.practice.session import Session
from stepnn.practice.skills import IN_A_ROW, Support, skill_of, skills_of
from stepnn.words import LANGUAGES, Catalogue, catalogue
from stepnn.words.told import told
from tests import ready as looked_for
from tests.conftest import Run
from tests.help import LESSONS, SMALL
from tests.terminal import Terminal

DAY = 86_400.0
WHOLE = 500  # lines, more than any lesson asks


class Clock:
    """A time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def session(
    name: str = "backprop", history: History | None = None, clock: Clock | None = None, **wanted: Any
) -> Session:
    desk, _ = desk_for(stepnn.load(name).setup, run=wanted.pop("run", 1))
    return Session(desk, history or History(), Wanted(**wanted), clock or Clock())


def right_answer(one: Session) -> str:
    """The answers to the question that is asked, in the digits that are asked."""
    question = one.question
    assert question is not None
    digits, turn = one.desk.judge.digits, question.turn
    values = [turn.trace.moments[working.at].value(working.ref) for working in question.workings]
    return "; ".join(digits.shown(value).ascii for value in values)


def practise(one: Session, wrong: str = "") -> list[str]:
    """Answer every question, right or with some text; the titles of what was asked."""
    asked = []
    for _ in range(WHOLE):
        question = one.next()
        if question is None:
            return asked
        assert question.working.step is not None
        asked.append(question.working.step.symbol)
        shown = [
            line.right.text for line in (*worked_lines(question), *rung_lines(question, 1), *rung_lines(question, 2))
        ]
        assert shown and all(shown)
        if question.is_worked:
            one.looked_at()
            continue
        said = one.answer(wrong or right_answer(one))
        assert wrong or all(judged.verdict.value in ("right", "carried") for judged in said.judged), said
        if wrong and not question.done:
            one.skip()
    raise AssertionError("practice does not end")


@pytest.mark.parametrize("name", SMALL)
def test_every_lesson_can_be_practised(name: str) -> None:
    """Every run of it, from the first question to the last, on its own or other numbers."""
    one = session(name)
    assert practise(one)
    for run in range(2, len(one.desk.exercises.lesson_setup.lesson.runs) + 1):
        assert session(name, own=True, run=run).next()


@pytest.mark.parametrize("name", LESSONS)
def test_numbers_that_were_looked_for_beforehand(name: str) -> None:
    """They are those that drawing would choose, and no sitting has the same ones twice."""
    for desk in looked_for.desks(name) if name not in looked_for.SLOW else []:
        known = ready(desk.exercises.assignment)
        assert len(known) == looked_for.KEPT or not known
        for number, attempt in list(known.items())[: int(os.environ.get("SEEDS", 1))]:
            assert desk.variants.best(number)[0] == attempt, (name, number)
    assert name in looked_for.SLOW or ready(looked_for.desks(name)[0].exercises.assignment), "make ready"


def test_no_numbers_come_twice() -> None:
    """While there are some that were looked for; then any."""
    first = session("neuron")
    known = set(ready(first.desk.exercises.assignment))
    had = set()
    for _ in range(4):
        one = session("neuron")
        question = one.next()
        assert question is not None
        one.looked_at() if question.is_worked else one.show()
        had.add(one.turn.number)
    assert len(had) == 4 and had <= known


def test_support_falls_away() -> None:
    """First worked, then with the formula, then with the name, then in a group; two wrong, and it comes back."""
    one = session("delta-rule", clock=Clock())
    seen: dict[str, list[Support]] = {}
    for _ in range(3):
        while (question := one.next()) is not None:
            assert question.working.step is not None
            seen.setdefault(skill_of(question.working.step), []).append(question.support)
            if question.is_worked:
                one.looked_at()
            else:
                one.answer(right_answer(one))
        one.more()
    for supports in seen.values():
        assert supports == sorted(supports) and supports[0] is Support.WORKED
    gradients = seen["∂E/∂w_kj = δ_k · a_j"]
    assert gradients[:4] == [Support.WORKED, Support.FORMULA, Support.FORMULA, Support.NAME]
    assert Support.GROUP in gradients
    skill = one.skills["∂E/∂w_kj = δ_k · a_j"]
    before = skill.support
    for _ in range(2):
        one.more()
        while (question := one.next()) is not None:
            if question.is_worked:
                one.looked_at()
            elif one.skill(question.working) is skill:
                one.answer("; ".join(["77.77"] * len(question.workings)))
                question.done = True
                one.again.clear()
                one.turn.done |= {working.id for working in question.workings}
            else:
                one.answer(right_answer(one))
    assert skill.support < before


def test_mastery_takes_two_days() -> None:
    clock = Clock()
    one = session("backprop", drill="z_h", clock=clock)
    (name,) = {skill_of(working.step) for working in one.turn.asked if working.step is not None}
    for _ in range(2):
        practise(one)
        one.more()
    assert one.skills[name].strength == IN_A_ROW and not one.skills[name].mastered
    one.next()
    one.answer("77.77")
    assert one.skills[name].strength == IN_A_ROW - 1  # takes one off, never all
    one.answer(right_answer(one))
    clock.now += DAY
    for _ in range(2):
        practise(one)
        one.more()
    assert one.skills[name].mastered
    again = skills_of(one.history.rows("backprop"))[name]  # the same from what was kept
    assert again.mastered and again.support is one.skills[name].support


def test_slips_and_the_first_hint_cost_nothing() -> None:
    one = session("backprop", drill="z_o")
    for before in ("", "?", "slip", "garbage"):
        one.next()
        right = right_answer(one)
        if before == "?":
            one.help()
        if before == "slip":
            assert one.answer(f"{float(right) * 10:.6g}").judged[0].verdict.value == "slip"
        if before == "garbage":
            assert one.answer("1..2").help is not None
        one.answer(right)
        assert one.rows[-1].unaided, before
        if one.next() is None:
            one.more()
    one.next()
    one.help()
    one.help()
    one.answer(right_answer(one))
    assert not one.rows[-1].unaided


def test_the_ladder_and_what_is_shown() -> None:
    """Three wrong answers open it; a shown answer brings the same step with other numbers."""
    one = session("backprop", steps=("delta_o1",))
    question = one.next()
    assert question is not None and question.rung == 0
    for number, wrong in enumerate(("70", "71", "72", "73"), 1):
        one.answer(wrong)
        assert question.rung == max(0, number - 2)
    assert one.answer("73").again and question.tries == 4  # the same wrong number is one try
    one.show()
    other = one.next()
    assert other is not None and other.turn is not question.turn and other.working.id == question.working.id
    assert other.turn.code != question.turn.code
    one.answer(right_answer(one))
    assert one.next() is None
    assert [row.verdict for row in one.rows][-2:] == ["shown", "right"]


def test_ten_tries_are_enough() -> None:
    one = session("backprop", drill="delta_h")
    said = None
    for _ in range(20):
        if one.next() is None:
            one.more()
            continue
        said = one.answer("77.77")
        if said.news:
            break
        one.skip()
    assert said is not None and said.news[0][0] == "practice.tired"


def test_groups_and_expressions() -> None:
    one = session("backprop")
    for _ in range(2):
        practise(one)
        one.more()
    while (question := one.next()) is not None and len(question.workings) < 2:
        one.looked_at() if question.is_worked else one.answer(right_answer(one))
    assert question is not None
    assert one.answer("1").help is not None  # two are wanted
    first, second = right_answer(one).split("; ")
    said = one.answer(f"{first} 77.77")
    assert [judged.verdict.value for judged in said.judged] == ["right", "wrong"]
    other = one.next()
    assert other is not None and other.workings == question.workings[1:]  # the wrong one comes again, alone
    assert one.answer(second).judged[0].verdict.value == "right"


def test_what_is_asked_stands_nowhere_on_the_question() -> None:
    """Nor does an answer that is still to come."""
    from stepnn.practice.pages import question_blocks
    from stepnn.writers.text import TextWriter

    writer, words = TextWriter(catalogue("en"), False, False), catalogue("en")
    for name in ("backprop", "softmax", "lstm", "xor"):
        one = session(name, one_by_one=True)
        while (question := one.next()) is not None:
            text = "\n".join(line for block in question_blocks(question, words) for line in writer.finished(block))
            for working in one.turn.asked:
                if working.id not in one.turn.done and working.at == question.working.at:
                    symbol = one.turn.moment(working).names.text(working.ref)
                    value = one.desk.judge.digits.shown(one.turn.moment(working).value(working.ref)).text
                    assert f"{symbol} = {value}" not in text
            one.answer(right_answer(one))


def piped(run: Run, monkeypatch: pytest.MonkeyPatch, *arguments: str, lines: str) -> Any:
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    return run("practice", *arguments)


def test_in_a_pipe(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions as lines, answers as lines; signs and words in both languages."""
    lines = "w3 x1 + w4 x2\n0.11\nhint\n?\n!\n건너뛰기\nquit\n"
    result = piped(run, monkeypatch, "backprop", "--own", "--all", lines=lines)
    assert result.code == 0 and not result.err
    assert "weight of another connection" in result.out  # z_h1 from the weights of h2
    assert "This is the number that you get" in result.out and "Report" in result.out
    korean = piped(run, monkeypatch, "backprop", "--own", "--lang", "ko", lines="0.12\n끝\n")
    assert "가중합" in korean.out and "결과" in korean.out and not re.search(r"\bThis is\b", korean.out)


def test_what_is_said_where_nothing_explains_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """That a term may be missing, and once the sign or the power of ten; never whether it gets hotter."""
    result = piped(run, monkeypatch, "backprop", "--own", "--all", lines="0.05\n-5\n90\n-7\nquit\n")
    assert result.out.count("Is every term there") == 1  # 0.05 is the second term alone
    assert result.out.count("Look at the sign.") + result.out.count("It is of another size") == 1
    result = piped(run, monkeypatch, "backprop", "--own", "--all", lines="90\n-7\nquit\n")
    assert result.out.count("Look at the sign.") + result.out.count("It is of another size") == 1
    result = piped(run, monkeypatch, "backprop", "--own", "--all", lines="w1*x1+(\nx11*w1\nq\nexit\nquit\n")
    for said in ("w1*x1+(: a closing bracket is missing", "Did you mean x1?", "If you mean quit"):
        assert said in result.out


def test_report(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    piped(run, monkeypatch, "neuron", lines="quit\n")
    assert "Questions: 0" not in run("practice", "neuron", "--report").out
    assert "neuron" in run("practice", "neuron", "--report").out


def test_exam(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is said before the end."""
    result = piped(run, monkeypatch, "neuron", "--exam", "--own", lines="3\n?\n0.5\nw1+b1\n>\n9\n")
    asked = result.out[: result.out.rindex("Answer with")]
    assert "Right." not in asked and "no hints" in asked and "answers are numbers" in asked
    assert "a_o1 = 0.5  The formula gives another number here. The formula gives 0.9526." in result.out


def test_paper(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An assignment of one's own: the first wrong line, what it looks like, what follows."""
    lines = "z_h1 = w1 x1 + w2 x2 = 0.08\n\ndelta_o1 = 0.2094\nδ_o2 = 0.01425\n∂E/∂w5: 0.1089\n"
    result = piped(run, monkeypatch, "backprop", "--paper", lines=lines)
    assert "δ_o1 = 0.2094" in result.out.splitlines()[0] and "slope of the activation function" in result.out
    assert "follow rightly: ∂E/∂w5" in result.out and "3" not in result.err
    result = piped(run, monkeypatch, "backprop", "--paper", "--set", "x1=1", lines="z_h1 = 0.35\n")
    assert "Right: 1 of 1" in result.out
    result = piped(run, monkeypatch, "backprop", "--paper", lines="nonsense\nz_h9 = 1\nz_h1 = 0.08\n")
    assert result.code == 1 and "paper:1" in result.err and "z_h9" in result.err
    assert "Right: 1 of 1" in result.out  # what can be read is judged


def test_progress_and_review(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No answers yet" in run("progress").out
    assert "Nothing is due" in run("review").out
    one = session("backprop", drill="z_h")
    practise(one)
    one.more()
    one.next()
    one.answer("77.77")
    one.skip()
    assert "mastered on one day: z_j = Σ_i w_ji · x_i" in run("progress").out
    rows = json.loads(run("progress", "--export", "json").out)
    assert {"lesson", "skill", "verdict", "seconds"} <= set(rows[0]) and len(rows) == len(one.rows)
    assert run("progress", "--export", "csv").out.count("\n") == len(rows) + 1
    due = to_review(one.history.rows(), time.time())
    assert [row.lesson for row in due] == ["backprop"]
    monkeypatch.setattr("sys.stdin", io.StringIO("quit\n"))
    asked = run("review").out
    assert "Weighted sum" in asked and "general" not in asked  # the name only
    assert run("progress", "--forget").out.startswith(str(len(rows)))
    assert "No answers yet" in run("progress").out


def test_a_review_says_what_it_waits_for(run: Run) -> None:
    """What went wrong, and has never been right without help, is not asked yet."""
    one = session("backprop", one_by_one=True)
    one.next()
    one.answer("77.77")
    one.skip()
    assert "In backprop something went wrong" in run("review").out


def test_what_comes_free_is_given() -> None:
    """In XOR's first sample both inputs are 0: no weighted sum of a hidden neuron is asked, and nothing that is 0."""
    one = Session(desk_for(stepnn.load("xor").setup, sample=1)[0], History(), Wanted(own=True))
    assert "p1.z_h1" not in {working.id for working in one.turn.asked}
    assert {"p1.a_h1", "p2.a_h1"} <= {working.id for working in one.turn.asked}


def test_the_lessons_own_numbers_are_gone_on_with() -> None:
    """Where a whole sitting with them was left; not after a single step in a lesson, or with numbers that were set."""
    one = session("backprop", own=True)
    practise_some(one, 4)
    again = session("backprop", own=True)
    assert [row.step for row in again.unfinished()] == [row.step for row in one.rows]
    again.resume(again.unfinished())
    assert again.next() is not None and again.left == one.left
    assert not session("backprop").unfinished() and not session("backprop", own=True, changed=True).unfinished()


def test_a_sitting_of_before_is_not_gone_on_with() -> None:
    """Its code would give other numbers where something else was asked of the lesson then."""
    found = stepnn.load("backprop").setup
    for asked, goes_on in ((assigned(found), True), (assigned(found, scheme=3), False)):
        one = Session(Desk(found, asked), History(), Wanted())
        practise_some(one, 4)
        assert bool(session("backprop").unfinished()) is goes_on


def test_going_on_after_answers_that_were_expressions() -> None:
    """What they give is worked out again, and stands beside the questions."""
    from stepnn.practice.pages import question_blocks
    from stepnn.writers.text import TextWriter

    one = session("backprop", one_by_one=True)
    one.wanted = Wanted()
    for answer in ("w1 x1 + w2 x2", "w3*x1 + w4*x2", "1/(1+e^(-z_h1))", "sigmoid(z_h2)"):
        assert one.next() is not None
        assert one.question is not None
        one.question.support = Support.FORMULA
        assert one.answer(answer).judged[0].verdict.value == "right"
    again = session("backprop")
    again.resume(again.unfinished())
    question = again.next()
    assert question is not None and question.working.id == "p1.z_o1"
    question.support = Support.FORMULA
    written = [line for block in question_blocks(question, catalogue("en")) for line in TextWriter(
        catalogue("en"), False, False).finished(block)]  # fmt: skip
    shown = one.desk.judge.digits.shown(one.turn.answers["p1.a_h2"].value).text
    assert any(f"a_h2 = {shown}" in line for line in written)


def test_a_slip_that_is_mended_costs_nothing() -> None:
    one = session("backprop", own=True, one_by_one=True)
    one.next()
    assert one.answer("-0.08").judged[0].slip == "sign"
    one.answer("0.08")
    assert one.question is not None and [row.tries for row in one.rows] == [0, 1]
    assert one.skill(one.question.working).right == 0  # the lesson's own numbers do not count


def practise_some(one: Session, count: int) -> None:
    for _ in range(count):
        question = one.next()
        assert question is not None
        if question.is_worked:
            one.looked_at()
        else:
            one.answer(right_answer(one))


def test_the_history_survives(tmp_path: Path) -> None:
    """A damaged file is put aside with its journal; a folder that cannot be written is told; two write at once."""
    path = tmp_path / FILE
    path.write_bytes(b"this is no database, but it is long enough to be looked at as one" * 20)
    path.with_name(f"{FILE}-journal").write_bytes(b"journal")
    history = History(path)
    assert history.set_aside is not None and history.set_aside.read_bytes().startswith(b"this is no database")
    assert not history.problem and history.rows() == []
    other = History(path)
    one, two = session("backprop", history, own=True), session("backprop", other, own=True)
    one.next(), two.next()
    one.looked_at(), two.looked_at()
    assert len(history.rows()) == len(other.rows()) == 2
    assert sqlite3.connect(path).execute("PRAGMA user_version").fetchone() == (1,)
    assert sqlite3.connect(path).execute("PRAGMA journal_mode").fetchone() == ("delete",)
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    nowhere = History(blocked / FILE)
    assert nowhere.problem and practise(session("neuron", nowhere, own=True)) and nowhere.rows() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sitting_on_a_terminal(language: str, tmp_path: Path) -> None:
    """Right, wrong with a name, the ladder, shown, left out, quit; and next time it goes on there."""
    words = catalogue(language)
    settings = {"STEPNN_DATA": str(tmp_path), "LANG": "C.UTF-8"}
    said = {key: words(f"practice.{key}") for key in ("last_rung", "shown", "skipped", "report", "only_enter")}
    one = Terminal("practice", "backprop", "--lang", language, **settings)
    one.wait_for(words("practice.look_next", name="z_h2"))
    one.type("5\r", said["only_enter"])  # a worked page is not answered
    one.type("\r", "z_h2 =")
    one.type("1..2\r", error("answer_not_understood", words, text="1..2"))
    one.type("w1 x1 + w2 x2\r", words("mistake.hint.another_weight"))
    one.type("?\r", words("practice.letter.edge", of="x1", to="h2"))
    one.type("?\r", lambda text: "x1: " not in text and " · " in text)
    one.type("?\r", "w3 · x1 =")
    one.type("?\r", said["last_rung"])
    one.type("w3 x1 + w4 x2\r", words("verdict.right"))
    one.type("=\r", words("label.numbers"))
    one.type("\r", "a_h1")
    one.type("\r", "a_h2 =")
    one.type(f"{words('practice.word.show')}\r", said["shown"])
    one.type("\r", lambda text: "a_h2 =" in text and said["shown"] not in text)  # the same skill, other numbers
    one.type("1/(1+e^(-z_h2))\r", words("verdict.right"))
    one.type("\r", "z_o1 = ")
    one.type("\r", "z_o2 =")
    one.type(">\r", said["skipped"])
    one.type("\r", "a_o1 =")
    one.type("q\r", words("practice.only_enter"))
    one.type(f"{words('practice.word.quit')}\r", said["report"])
    assert one.ends() == 0
    rows = [(row.step, row.verdict, row.mistake) for row in History(tmp_path / FILE).rows()]
    assert rows == [
        ("p1.z_h1", "worked", ""), ("p1.z_h2", "mistake", "another_weight"), ("p1.z_h2", "right", ""),
        ("p1.a_h1", "worked", ""), ("p1.a_h2", "shown", ""), ("p1.a_h2", "right", ""), ("p1.z_o1", "worked", ""), ("p1.z_o2", "empty", ""),
    ]  # fmt: skip
    again = Terminal("practice", "backprop", "--lang", language, **settings)
    again.wait_for(words("practice.resume", name="a_o1"))
    again.type("\r", "a_o1 =")
    again.type(f"{words('practice.word.quit')}\r", said["report"])


def error(code: str, words: Catalogue, **values: Any) -> str:
    return told(code, **values).to(words)[:40]


def test_two_sittings_at_once(tmp_path: Path) -> None:
    """Both go on, and what is answered in either is kept."""
    settings = {"STEPNN_DATA": str(tmp_path), "LANG": "C.UTF-8"}
    both = [Terminal("practice", name, **settings) for name in ("backprop", "xor")]
    for one in both:
        one.wait_for("Look at this one first")
    for one in both:
        one.child.send("\r")
    for one in both:
        one.wait_for(lambda text: "? hint" in text)
        one.child.send("!\r")
    for one in both:
        one.wait_for("Here it is")
        one.type("quit\r", "Report")
    rows = History(tmp_path / FILE).rows()
    assert [sum(row.lesson == name for row in rows) for name in ("backprop", "xor")] == [2, 2]


def test_the_first_screen_comes_before_the_numbers(tmp_path: Path) -> None:
    """Title and network stand there while numbers are chosen, and a line that is typed meanwhile is heard."""
    settings = {"STEPNN_DATA": str(tmp_path), "LANG": "C.UTF-8"}
    one = Terminal("practice", "backprop", **settings)
    one.child.send("quit\r")
    one.wait_for(lambda text: "shell" not in text)
    assert one.ends() == 0
    shown = one.raw.decode()
    assert shown.index("Backpropagation by hand") < shown.index("Numbers are being chosen")
    assert "Look at this one first" not in shown


def test_going_on_after_the_process_is_killed(tmp_path: Path) -> None:
    """Nothing but the answer that is being typed is lost."""
    settings = {"STEPNN_DATA": str(tmp_path), "LANG": "C.UTF-8"}
    first = Terminal("practice", "neuron", **settings)
    first.wait_for("Look at this one first")
    first.child.send("\r")
    first.wait_for(lambda text: ("Look at this one first" not in text and "z_o1 =" in text) or "a_o1 =" in text)
    first.child.send("77.7")
    first.child.kill(signal.SIGKILL)
    assert len(History(tmp_path / FILE).rows()) == 1
    again = Terminal("practice", "neuron", "--lang", "ko", **settings)
    again.wait_for("지난번에")
    again.child.send("\r")
    again.wait_for("남음")
    again.child.send("끝\r")
    again.wait_for("결과")


def test_a_terminal_of_eighty_by_twenty_four_holds_every_question() -> None:
    """No question of the main lesson is cut off, in either language."""
    from stepnn.practice.pages import question_blocks
    from stepnn.writers.ink import Look
    from stepnn.writers.screens import written

    for language in ("en", "ko"):
        look = Look(80, 24, catalogue(language))
        one = session("backprop", one_by_one=True)
        while (question := one.next()) is not None:
            lines = [line for block in question_blocks(question, look.words) for line in written(block, look)]
            assert len(lines) <= 19 and all(line.cell_len <= 80 for line in lines)
            one.answer(right_answer(one))


def test_a_folder_that_cannot_be_written(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("STEPNN_DATA", str(file / "folder"))
    result = piped(run, monkeypatch, "neuron", "--own", lines="quit\n")
    assert result.code == 0 and "Nothing is kept" in result.err and "Weighted sum" in result.out
    assert os.environ["STEPNN_DATA"]


def test_your_turn_inside_a_lesson(tmp_path: Path) -> None:
    """Key y asks for the step ahead; with --practice every step is asked."""
    settings = {"STEPNN_DATA": str(tmp_path), "LANG": "C.UTF-8"}
    walk = Terminal("lesson", "backprop", **settings)
    walk.wait_for("Goal")
    assert "result" not in walk.type("y", "z_h1 = _")
    walk.type("w3 x1 + w4 x2\r", "weight of another connection")
    assert "result" in walk.type("0.08\r", "Right.")
    walk.type("y", "z_h2 = _")
    assert "result" in walk.type("\x1b", "result")
    walk.type("o", "around step 4")  # from around a step, too
    walk.type("y", "a_h1 = _")
    walk.type("\x1b", "result")
    walk.type("69g", "step 69")
    walk.type("y", "nothing to work out")  # behind the last number there is nothing to ask
    walk.child.send("q")
    assert walk.ends() == 0
    walk = Terminal("lesson", "backprop", "--practice", "--lang", "ko", **settings)
    walk.wait_for("목표")
    walk.type("nn", "z_h1 = _")
    walk.type("0.08\r", "맞았습니다")
    walk.type("n", "z_h2 = _")
    walk.child.send("\x03")
    assert walk.ends() == 0
    assert [row.step for row in History(tmp_path / FILE).rows()] == ["p1.z_h1", "p1.z_h1", "p1.z_h1"]


def test_numbers_on_a_page_agree() -> None:
    """What is shown is worked out from the person's own numbers, and what is left out is not told."""
    one = session("backprop", own=True, one_by_one=True)
    while (question := one.next()) is not None and question.working.id != "p1.delta_o2":
        one.answer(right_answer(one))
    one.answer("0.01424")  # one unit off, and right
    one.next()
    one.show()
    question = one.next()
    assert question is not None
    shown = one.turn.shows(question.working)
    gradient = next(working for working in one.turn.asked if working.id == one.rows[-1].step)
    left = one.turn.moment(gradient).names.text(gradient.ref)
    value = one.turn.answers[gradient.id].value
    assert shown(gradient.ref).text == one.desk.judge.digits.shown(value).text, left
    exam = session("backprop", own=True, exam=True)
    exam.next()
    exam.skip()
    question = exam.next()
    assert question is not None
    assert exam.turn.asked[0].ref not in exam.turn.in_view(question.working, False)
