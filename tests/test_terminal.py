"""Every key, on a real pseudo-terminal, read through a terminal emulator."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.help import HERE, IN_BOTH, LESSONS
from tests.terminal import Terminal


@pytest.fixture
def walk() -> Iterator[Terminal]:
    """The backprop lesson at its first computed step, closed at the end."""
    terminal = Terminal("lesson", "backprop")
    terminal.wait_for("Enter or n: the first step")
    terminal.type("nn", "step 3 of 70")
    yield terminal
    terminal.child.close(force=True)


def test_first_screen() -> None:
    terminal = Terminal("lesson", "backprop")
    text = terminal.wait_for("Enter or n: the first step")
    for wanted in ("Backpropagation by hand", "(x1)", "w1 = 0.3, w2 = 0.25", "t1 = 0.4", "η = 0.5", "Goal:"):
        assert wanted in text
    assert "more below" not in text
    terminal.child.send("q")
    assert terminal.ends() == 0 and terminal.is_clean()


@pytest.mark.parametrize("key", ["n", "l", " ", "\r", "\x1b[C", "\x1bOC", "ㅜ", "ㅣ"])
def test_keys_for_next(walk: Terminal, key: str) -> None:
    walk.type(key, "step 4 of 70")


@pytest.mark.parametrize("key", ["p", "b", "h", "\x1b[D", "ㅔ", "ㅗ", "ㅠ"])
def test_keys_for_back(walk: Terminal, key: str) -> None:
    walk.type("n", "step 4 of 70")
    walk.type(key, "step 3 of 70")
    walk.type(key + key, "step 1 of 70")
    walk.type(key, "This is the first step.")


def test_numbers_of_a_step_and_its_picture(walk: Terminal) -> None:
    text = walk.type("7g", "step 7 of 70")
    for wanted in (
        "Weighted sum of o1",
        "z_k  = Σ_j w_kj · a_j",
        "z_o1 = w5 · a_h1 + w6 · a_h2",
        "= 0.45 · 0.51998934 + 0.4 · 0.52747230",
        "z_o1 = 0.44498412",
        "(h1)",
        "w5",
    ):
        assert wanted in text


def test_a_nudge_on_the_screen(walk: Terminal) -> None:
    """Key ~ on any step, and back."""
    walk.type("21g", "Gradient of w5")
    assert "without trying" in walk.type("~", "Nudge w5 from 0.45 to 0.451")
    walk.type("~", "The three links of the chain")


def test_go_first_last(walk: Terminal) -> None:
    walk.type("32g", "step 32 of 70")
    walk.type("G", "step 70 of 70")
    walk.type("g", "step 1 of 70")
    walk.type("\x1b[F", "step 70 of 70")
    walk.type("\x1b[H", "step 1 of 70")
    walk.type("99g", "There are steps 1 to 70.")
    walk.type("99999999999999999999g", "There are steps 1 to 70.")
    walk.type("ㅎ", "step 1 of 70")


@pytest.mark.parametrize(
    ("key", "wanted"),
    [("\r", "Backpropagation with biases"), ("y", "Look at this one first"), ("c", "learning rate: η = 5")],
)
def test_what_now(key: str, wanted: str, tmp_path: Path) -> None:
    """The last page goes on to the next lesson, to practice, or to a change, by a key."""
    walk = Terminal("lesson", "backprop", "--start", "70", STEPNN_DATA=str(tmp_path))
    walk.wait_for("What now")
    walk.type(key, wanted)


def test_the_last_lesson_has_no_next_one() -> None:
    walk = Terminal("lesson", "policy-gradient")
    walk.wait_for("Goal")
    walk.type("G", "What now")
    walk.type("n", "This is the last step")


def test_into_and_out(walk: Terminal) -> None:
    walk.type("32g", "How the error depends on a_h1")
    walk.type("i", "Term 1 of ∂E/∂a_h1")
    walk.type("n", "= 0.01424730 · 0.7")
    walk.type("p", "= 0.04985267 · 0.45")
    walk.type("o", lambda text: "step 32 of 70" in text and "inside" not in text)
    walk.type("o", "the activations of the hidden layer")
    walk.type("o", "hidden layer, backward")
    walk.type("o", "Pass 1 through the network")
    walk.type("o", "This is the outermost step.")
    for wanted in ("hidden layer, backward", "the activations of the hidden layer", "step 32 of 70"):
        walk.type("i", wanted)
    walk.type("19g", "δ of output neuron o1")
    walk.type("ㅑ", "How the error depends on a_o1")
    walk.type("n", "How a_o1 depends on z_o1")
    walk.type("nn", "step 21 of 70")
    walk.type("5g", "step 5 of 70")
    walk.type("i", "There is nothing inside this step.")


def test_matrix_view_and_derivation(walk: Terminal) -> None:
    walk.type("7g", "step 7 of 70")
    text = walk.type("m", "⎡ w5  w6 ⎤")
    assert "⎡ 0.45   0.4 ⎤ · ⎡ 0.51998934 ⎤" in text
    walk.type("m", lambda text: "⎡" not in text)
    walk.type("17g", "step 17 of 70")
    text = walk.type("d", "Where this formula comes from")
    assert "a_k = 1 / (1 + e^(−z_k))" in text and "u = 1 + e^(−z_k)" in text
    walk.type("\x1b[6~", "∂a_k/∂z_k = e^(−z_k) / (1 + e^(−z_k))²")
    walk.type("\x1b[6~\x1b[6~", "∂a_o1/∂z_o1   = a_o1 · (1 − a_o1)")
    walk.type("\x1b", lambda text: "Where this formula" not in text)
    walk.type("ㅡ", "⎡")
    walk.type("ㅇ", "Where this formula comes from")


def test_find(walk: Terminal) -> None:
    walk.type("/", "find: _")
    walk.type("delta_h", "find: delta_h_")
    walk.type("\x7f", "find: delta__")
    walk.type("\r", "step 19 of 70")
    walk.type("/\r", "step 25 of 70")
    walk.type("/dE_dw5\r", "step 21 of 70")
    walk.type("/nowhere[(\r", "No step has nowhere[( in its name.")
    walk.type("/abc\x1b", "step 21 of 70")


def test_next_sample_epoch_update_and_run() -> None:
    """A long walk in strides, and back; a line says which of how many."""
    walk = Terminal("lesson", "perceptron", "--start", "4")
    walk.wait_for("run 1 of 2 · epoch 1 of 4 · sample 1 of 4 · update 1 of 16")
    walk.type("s", "epoch 1 of 4 · sample 2 of 4")
    walk.type("e", "epoch 2 of 4 · sample 1 of 4")
    walk.type("u", lambda text: "update · epoch 2" in text and "update 5 of 16" in text)
    walk.type("r", "Run 2")
    walk.type("ㄴ", "run 2 of 2 · epoch 1 of 6 · sample 1 of 4")
    walk.type("S", "run 1 of 2 · epoch 4 of 4 · sample 4 of 4")
    walk.type("R", "Run 1")
    walk.type("R", "There is no earlier run.")
    walk.child.close(force=True)


def test_the_footer_names_what_there_is(walk: Terminal) -> None:
    """Keys that do something at the step, and no others; `c` where there is a curve."""
    assert "c curve" not in walk.text()
    assert "c curve" in walk.type("nn", "step 5 of 70")
    assert "m matrix" not in walk.type("15g", "step 15 of 70")


@pytest.mark.parametrize("name", ["digits", "xor"])
@pytest.mark.parametrize("keys", ["q", "\x03", "nnq"])
def test_quitting_does_not_wait(name: str, keys: str) -> None:
    """While the numbers are worked out: the end comes at once, and a step that is not there yet is said to come."""
    terminal = Terminal("lesson", name)
    terminal.wait_for("Enter or n: the first step")
    terminal.child.send(keys)
    assert terminal.ends() == 0 and terminal.is_clean()
    assert b"step 3 of" not in terminal.raw


def test_work_that_goes_on_is_said() -> None:
    terminal = Terminal("lesson", "digits")
    terminal.wait_for("Enter or n: the first step")
    terminal.type("n", "Working it out")
    terminal.wait_for("step 2 of")
    terminal.child.close(force=True)


def test_help_and_back(walk: Terminal) -> None:
    assert "find a step by name" in walk.type("?", "Keys")
    walk.type("?", "step 3 of 70")


def test_long_screens_scroll() -> None:
    terminal = Terminal("lesson", "backprop", rows=14)
    terminal.wait_for("more below")
    terminal.type("\x1b[B" * 30, "η = 0.5")
    terminal.type("\x1b[5~", "more below")
    terminal.type("jjjjjjjjjjjjjjjjjjjjjjjj", "η = 0.5")
    terminal.type("kkkkkkkkkkkkkkkkkkkkkkkk", "more below")
    terminal.type("\x1b[6~\x1b[6~", "η = 0.5")
    terminal.child.close(force=True)


@pytest.mark.parametrize("key", ["q", "\x03", "\x04", "ㅂ"])
def test_quitting_leaves_a_clean_terminal(key: str) -> None:
    terminal = Terminal("lesson", "neuron")
    terminal.wait_for("Enter or n: the first step")
    terminal.child.send(key)
    assert terminal.ends() == 0 and terminal.is_clean()


def test_suspending_and_coming_back() -> None:
    """Ctrl-Z gives the shell its screen back; `fg` draws the walk again."""
    terminal = Terminal(shell=True)
    terminal.wait_for("shell>")
    terminal.type(f"{sys.executable} -m stepnn lesson backprop\r", "Enter or n: the first step")
    terminal.type("nnn", "step 4 of 70")
    terminal.type("\x1a", "Stopped")
    assert terminal.is_clean()
    terminal.type("echo s''een\r", "seen")  # the shell shows what is typed and reads whole lines again
    terminal.type("fg\r", "step 4 of 70")
    terminal.type("n", "step 5 of 70")
    terminal.type("q", lambda text: text.replace("\n", "").endswith("shell>"))
    assert terminal.is_clean()
    terminal.child.send("exit\r")
    assert terminal.ends() == 0


def test_closed_terminal_ends_the_program() -> None:
    terminal = Terminal("lesson", "backprop")
    terminal.wait_for("Enter or n: the first step")
    terminal.child.close(force=False)
    assert not terminal.child.isalive()


def test_resizing_redraws() -> None:
    terminal = Terminal("lesson", "backprop", columns=80, rows=24)
    terminal.wait_for("Enter or n: the first step")
    terminal.type("32g", "step 32 of 70")
    terminal.screen.resize(40, 120)
    terminal.child.setwinsize(40, 120)
    terminal.wait_for("Known so far in this pass")
    terminal.screen.resize(10, 20)
    terminal.child.setwinsize(10, 20)
    terminal.wait_for(lambda text: max(map(len, text.split("\n"))) <= 20 and "32" in text)
    terminal.child.close(force=True)


@pytest.mark.parametrize(("name", "language"), IN_BOTH)
def test_every_screen_fits_80_by_24(name: str, language: str) -> None:
    """No line is cut off at 80 columns, in any step and, by turns, any view of it (without a terminal, for speed)."""
    import stepnn
    from stepnn.words import catalogue
    from stepnn.writers import screens
    from stepnn.writers import terminal as view

    trace = stepnn.load(name).trace()
    look = view.Look(80, 24, catalogue(language))
    turn = LESSONS.index(name)
    for place, step in enumerate(trace):
        every = screens.ASIDES if os.environ.get("SEEDS") else [screens.ASIDES[(turn + place) % len(screens.ASIDES)]]
        bodies = [
            view.step_body(trace, place, step, look),
            *(screens.aside_body(trace, step, look, wanted) or [] for wanted in every),
        ]
        for body in (*bodies, view.header(trace.setup, look, view.where_we_are(trace, place, step, look))):
            assert all(line.cell_len <= 80 for line in body), (step.id, [line.plain for line in body])
        if step.ref is not None or step.about is not None:
            assert len(bodies[0]) <= 24 - 3, (step.id, len(bodies[0]))


def test_start_option() -> None:
    terminal = Terminal("lesson", "backprop", "--start", "delta_h1")
    terminal.wait_for("step 35 of 70")
    terminal.child.close(force=True)


def test_korean_and_ascii() -> None:
    terminal = Terminal("lesson", "backprop", "--lang", "ko")
    terminal.wait_for("Enter 또는 n: 첫 단계")
    terminal.type("ㅜㅜ", "h1의 가중합")
    terminal.child.close(force=True)
    terminal = Terminal("lesson", "backprop", "--ascii", "--start", "delta_o1")
    text = terminal.wait_for("step 19 of 70")
    assert text.isascii() and "delta_o1 = 0.04985267" in text
    terminal.child.close(force=True)


def test_no_colour() -> None:
    terminal = Terminal("lesson", "backprop", "--start", "7", NO_COLOR="1")
    terminal.wait_for("step 7 of 70")
    assert b"38;5" not in terminal.raw and b"38;2" not in terminal.raw
    terminal.child.close(force=True)
    terminal = Terminal("lesson", "backprop", "--start", "7")
    terminal.wait_for("step 7 of 70")
    assert b"[38;" in terminal.raw or b";38;" in terminal.raw
    terminal.child.close(force=True)


def test_colour_in_a_pipe(run: Run) -> None:
    assert "\x1b[" not in run("lesson", "neuron").out
    result = run("lesson", "neuron", FORCE_COLOR="1")
    assert "\x1b[" in result.out and "Weighted sum of o1" in result.out
    assert "\x1b[" not in run("lesson", "neuron", FORCE_COLOR="1", NO_COLOR="1").out


@pytest.mark.parametrize("settings", [{"ACCESSIBLE": "1"}, {"TERM": "dumb"}, {}])
def test_plain_reading(settings: dict[str, str]) -> None:
    """No cursor movement, no pictures, one step after the other."""
    terminal = Terminal("lesson", "backprop", *([] if settings else ["--plain"]), **settings)
    terminal.wait_for("Enter next, p back")
    terminal.type("\r", "2. What the letters mean")
    terminal.type("n", "3. Weighted sum of h1")
    terminal.type("?", "q Ctrl-C: quit")
    terminal.type("38\r", "38. ")
    terminal.type("m", "⎡")
    terminal.type("d", "derived by SymPy")
    terminal.type("c", "(0, 0.5)")
    terminal.type("~", "work everything out again")
    terminal.type("o", "Slopes of the activation function")
    terminal.type("y", "Answer with 4 significant digits")
    terminal.type("!\r", "result")
    terminal.type("99g", "There are steps 1 to 70.")
    terminal.type("/", "find:")
    terminal.type("dE_dw5\r", "21. Gradient of w5")
    terminal.child.send("q")
    assert terminal.ends() == 0
    assert b"\x1b" not in terminal.raw and "⠤".encode() not in terminal.raw


def test_failing_lesson_leaves_a_clean_terminal(tmp_path: object) -> None:
    """A step that overflows is told after the screen is given back."""
    terminal = Terminal("lesson", "backprop", "--set", "x1=1e308", "--set", "w1=1e308")
    terminal.wait_for("Enter or n: the first step")
    terminal.child.send("n")
    assert terminal.ends() == 1
    assert terminal.is_clean() and b"Traceback" not in terminal.raw


def test_thousands_of_random_moves() -> None:
    """Whatever is pressed, there is always a step to show, and it is in the tree."""
    import stepnn
    from stepnn.cli.position import Position
    from stepnn.words import catalogue

    for name in ("backprop", "perceptron", "matrix"):
        trace, dice = stepnn.load(name).trace(), random.Random(name)
        position = Position(trace)
        moves = [position.next, position.back, position.into, position.out]
        for _ in range(3_000):
            dice.choice(moves)()
            assert position.step.symbol
            assert 0 <= position.place < len(trace)
        position.find("w", catalogue("en"))


def test_edges_show_the_weights_that_the_step_uses() -> None:
    """After an update those are no longer the given ones."""
    import stepnn
    from stepnn.words import catalogue
    from stepnn.writers import terminal as view

    trace = stepnn.load(str(HERE / "lessons" / "decay.toml")).trace()
    step = trace["p2.z_h1"]
    look = view.Look(80, 24, catalogue("en"))
    lines = [line.plain for line in view.step_body(trace, trace.places["p2.z_h1"], step, look)]
    picture, text = ("\n".join(part) for part in (lines[: lines.index("")], lines[lines.index("") :]))
    weights = [step.moment.decimal(ref).text for ref in step.used if ref.name == "w1"]
    assert len(weights) == 2 and "0.35" not in weights
    assert all(one in picture and one in text for one in weights), lines


@pytest.mark.parametrize("width", [79, 99])
def test_no_number_in_a_picture_is_drawn_over(width: int) -> None:
    """Networks of any size: of each neuron the newest value that is known stands there whole."""
    from stepnn.drawing.canvas import Canvas, as_text
    from stepnn.drawing.picture import Edge, Node, Picture, Shown

    for seed in range(300):
        dice = random.Random(seed)
        columns, number = [], 0
        for layer in range(dice.randint(2, 5)):
            size, nodes = dice.randint(1, 9), []
            for place in sorted(dice.sample(range(size), min(size, 4))):
                number += 2
                known = (Shown(f"−0.{number:04}"), Shown(f"δ −0.{number + 1:04}"))[: dice.randint(0, 2)]
                nodes.append(Node((layer, place), f"n{layer}_{place}", known))
            columns.append(tuple(nodes))
        edges = [Edge(a.place, b.place) for one, two in pairwise(columns) for a in one for b in two]
        height = dice.choice([2 * max(map(len, columns)) + 1, 9, 15])
        drawn = "\n".join(as_text(Canvas(Picture(tuple(columns), tuple(edges)), width, height, False, 10, 2).draw()))
        newest = [node.values[-1].text for column in columns for node in column if node.values]
        assert [text for text in newest if text not in drawn] == [], f"seed {seed}\n{drawn}"
