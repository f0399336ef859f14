"""Every page of every lesson: golden files, a real LaTeX compiler, a JSON schema, and nothing left out."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import jsonschema
import pytest

import stepnn
from stepnn.cli.position import ancestors
from stepnn.lessons import shelf
from stepnn.network.model import Role
from stepnn.network.names import GREEK
from stepnn.notation.formula import refs
from stepnn.page import blocks as page_blocks
from stepnn.page.build import reason
from stepnn.page.written import plain
from stepnn.trace.letters import letters
from stepnn.trace.sentences import title, told_at, why
from stepnn.trace.step import Kind
from stepnn.trace.texts import own_why
from stepnn.trace.trace import Trace
from stepnn.words import LANGUAGES, catalogue
from tests.conftest import Run
from tests.golden_pages import files, text
from tests.help import (
    EVERY_SECOND,
    HERE,
    IN_TURN,
    LESSONS,
    ROOT,
    SMALL,
    every_fourth,
    lesson_table,
    trace_of,
    written_as,
)
from tests.same_pages import is_same, same_digits

EVIL = r"\input{/etc/passwd} $x$ <script>alert(1)</script> [red]*b*[/red] `code` | # %1 & ~ ^ _ {x} ![a](http://x)"


def test_every_shipped_lesson_is_tested() -> None:
    assert sorted(shelf.names()) == sorted(LESSONS)
    assert [card.id for card in shelf.cards()] == shelf.names()
    assert all(card.path.name.startswith(f"{card.part}-") for card in shelf.cards())


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    """`make golden` writes them anew."""
    wanted, found = path.read_text(encoding="utf-8"), files()[path]()
    assert found == wanted or is_same(path, found, wanted)


def test_another_last_digit_is_no_other_page() -> None:
    assert same_digits("z = 0.1235\nδ = 2.327×10⁻¹⁶", "z = 0.1234\nδ = 1.314×10⁻¹⁶")
    for other in ("z = 0.1236", "z = 0.123", "z = 0.12340", "a = 0.1234", "z = −0.1234", "z =  0.1234", "z = 0.1234 "):
        assert not same_digits(other, "z = 0.1234"), other
    assert not same_digits("2.4×10⁻⁶", "2.2×10⁻⁶") and same_digits("2.3×10⁻⁶", "2.2×10⁻⁶")


def test_every_golden_page_is_read() -> None:
    assert set((HERE / "golden").iterdir()) == {path for path in files() if path.parent.name == "golden"}


@pytest.mark.parametrize("name", LESSONS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_has_a_title_and_a_reason(name: str, language: str) -> None:
    words, trace = catalogue(language), stepnn.load(name).trace()
    for step in trace:
        assert title(step, words) and (own_why(step, trace.setup, language) or why(step, words))
        for around in (step.parent, step.parent.parent if step.parent else None, *step.children):
            assert around is None or (title(around, words) and why(around, words))


@pytest.mark.parametrize("name", LESSONS)
def test_only_letters_of_the_lesson_are_explained(name: str) -> None:
    """No b without a bias, no δ where nothing is learned; what each index runs over; what w_kj is called here."""
    setup, words = stepnn.load(name).setup, catalogue("en")
    said, network = letters(setup, words), setup.network
    if not network.has_neurons:
        return
    assert ("b bias" in said) is bool(network.with_role(Role.BIAS))
    assert ("δ = " in said) is setup.descends and ("t target" in said) is bool(network.with_role(Role.TARGET))
    assert ("σ the" in said) is any(one.function == "sigmoid" for one in network.quantities)
    for one in network.with_role(Role.WEIGHTED_SUM):
        assert f"{one.axes[0].letter} runs over {one.axes[0].labels[0]}" in said
    for one in network.with_role(Role.WEIGHT)[-1:]:
        assert not one.names or f"it is called {one.names[0]} here" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reason_stands_in_full_once_in_a_pass(language: str) -> None:
    """Then a line says what is different: the gradients of four weights do not carry the same paragraph four times."""
    words = catalogue(language)
    for name in ("backprop", "softmax", "rnn", "perceptron", "attention"):
        trace = stepnn.load(name).trace()
        told = Counter[tuple[int, str, str]]()
        for step in trace:
            if step.ref is None or step.quantity is None or own_why(step, trace.setup, language):
                continue
            said, names = plain(reason(trace, step, words)), step.moment.names
            first = told_at(step, trace.steps[: trace.places[step.id]])
            if first is None:
                told[step.pass_number, step.quantity.key, said] += 1
                continue
            assert first.ref is not None and names.text(first.ref) in said and len(said) < 140
            changed = [ref for ref in refs(step.here[-1]) if ref not in refs(first.here[-1])]
            assert all(names.text(ref) in said for ref in changed if len(changed) <= 6)
        assert told and set(told.values()) == {1}, name


def test_every_kind_of_step_is_shown() -> None:
    """Some lesson has each kind, and every page, by turns of one format, shows all steps of the walk by number."""
    seen, formats = set(), ("text", "markdown", "latex")
    for turn, (name, language) in enumerate(IN_TURN):
        trace = stepnn.load(name).trace()
        for step in trace:
            for one in ancestors(step):
                seen |= {one.kind, *(child.kind for child in one.children)}
        words = catalogue(language)
        chosen = formats if name == "backprop" else (formats[turn % 3],)
        pages = ["\n".join(written_as(trace, words, format)) for format in chosen]
        for number, step in enumerate(trace, 1):
            if step.ref is not None:
                assert all(f"{number}. " in page for page in pages), (name, number)
        assert chosen[0] != "text" or title(trace[1], words) in pages[0]
    assert seen == set(Kind)


@pytest.mark.parametrize("name", SMALL)
def test_json_fits_its_schema(name: str) -> None:
    schema = json.loads((ROOT / "docs" / "json.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    trace = stepnn.load(name).trace(rounded=LESSONS.index(name) % 2 == 1)
    document = json.loads("\n".join(written_as(trace, catalogue("en"), "json")))
    jsonschema.validate(document, schema)


def test_json_has_every_number() -> None:
    """Every neuron's z and a, every delta, every gradient, every new parameter, before and after."""
    document = json.loads(text("backprop", "en", "json"))
    symbols = {(step["pass"], step["symbol"]) for step in document["steps"]}
    neurons = ("h1", "h2", "o1", "o2")
    for turn in (1, 2):
        assert {(turn, f"{kind}_{neuron}") for kind in "za" for neuron in neurons} | {
            (turn, "E_o1"),
            (turn, "E"),
        } <= symbols
    weights = [f"w{n}" for n in range(1, 9)]
    assert {(1, f"delta_{neuron}") for neuron in neurons} <= symbols
    assert {(1, f"dE_d{w}") for w in weights} | {(1, f"{w}_new") for w in weights} <= symbols
    assert {(1, "dE_da_o1"), (1, "da_dz_o1")} <= symbols
    assert document["parameters"]["w1"] == {"before": 0.3, "after": pytest.approx(0.2995955623081869)}
    assert document["error"]["after"] < document["error"]["before"]


def test_unnamed_weights_are_called_by_their_neurons() -> None:
    parameters = json.loads(text("matrix", "en", "json"))["parameters"]
    assert "w_o1_x1" in parameters and "b_o4" in parameters


def evil_trace() -> Trace:
    words = {"en": EVIL, "ko": EVIL}
    table = lesson_table(
        [{"neurons": ["o_1"], "activation": "sigmoid", "weights": [[0.5]]}],
        [{"inputs": [1.0], "targets": [0.0]}],
        loss="half_squared_error", update="gradient descent", learning_rate=0.5, why={"z_o_1": words},
    )  # fmt: skip
    table |= {"title": words, "goal": words, "introduction": words, "closing": {"question": words, "answer": words}}
    return trace_of(table)


def test_text_of_a_lesson_is_data_everywhere() -> None:
    trace = evil_trace()
    page = "\n".join(written_as(trace, catalogue("en"), "markdown"))
    assert "<script" not in page and "\n| # " not in page and "[a](" not in page and r"\$x\$" in page
    document = "\n".join(written_as(trace, catalogue("en"), "latex"))
    assert r"\input" not in document and r"\textbackslash{}input" in document
    assert EVIL in "\n".join(written_as(trace, catalogue("en"))).replace("\n", " ")


needs_latex = pytest.mark.skipif(
    shutil.which("pdflatex") is None and not os.environ.get("CI"), reason="pdflatex is not installed"
)


@pytest.mark.parametrize("format", ["text", "markdown", "latex", "html", "pdf"])
def test_a_page_that_nobody_would_read_is_asked_about(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    """A lesson of 8 KB can make 100 MB of HTML; writing stops when it is seen."""
    monkeypatch.setattr(page_blocks, "LARGEST", 1_000)
    target = tmp_path / "page"
    order = ("example", "neuron", "--format", format, "-o", str(target))
    result = run(*order)
    assert result.code == 1 and "Use --all" in result.err and list(tmp_path.iterdir()) == []
    assert run(*order, "--all").code == 0 and target.stat().st_size > 1_000
    assert run("example", "neuron", "--format", "json").code == 0
    monkeypatch.setattr(page_blocks, "LARGEST_DOCUMENT", 2_000)
    result = run("example", "neuron", "--format", format, "--all", "--force", "-o", str(target))
    assert (result.code, "leave out --all" in result.err) == ((1, True) if format == "pdf" else (0, False))


@needs_latex
@pytest.mark.parametrize(
    ("name", "language"),
    [*(one for one in every_fourth(1) if one.values[0] != "digits"), ("evil", "en"), ("evil", "ko")],
)
def test_latex_compiles(name: str, language: str, tmp_path: Path) -> None:
    trace = evil_trace() if name == "evil" else stepnn.load(name).trace(updates=1)
    (tmp_path / "page.tex").write_text("\n".join(written_as(trace, catalogue(language), "latex")), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert name == "evil" or b"Overfull \\hbox" not in done.stdout


@pytest.mark.parametrize("name", EVERY_SECOND)
def test_greek_letters_are_never_spelled_out(name: str) -> None:
    spelled = re.findall(r"\\mathrm\{([a-z]+)", text(name, "en", "markdown"))
    assert not set(spelled) & {*GREEK, "eps"}
