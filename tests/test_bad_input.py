"""Every kind of bad input: a clear message, the right exit code, no traceback, nothing overwritten."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from stepnn.cli import output
from stepnn.errors import Fault, FormulaError, LessonError, StepnnError
from stepnn.lessons import read, sample_files, schema
from stepnn.lessons.read import load_lesson
from stepnn.notation.parse import parse
from stepnn.sheets import roster
from stepnn.words.told import Told
from tests.conftest import Run
from tests.help import ROOT

Write = Callable[..., str]
STEPNN = [sys.executable, "-m", "stepnn"]


def fails(run: Run, path: str, *wanted: str, code: int = 1) -> str:
    """Both `check` and `lesson` refuse the file, with all the wanted words."""
    for command in ("check", "lesson"):
        result = run(command, path)
        assert result.code == code, result
        for text in wanted:
            assert text in result.err, (text, result.err)
    faults: list[Fault] = []
    try:
        load_lesson(path)
    except LessonError as error:
        faults = error.faults
    except StepnnError:
        pass
    assert [one for one in faults if not isinstance(one.message, Told) or not (one.wanted or one.remedy)] == []
    return result.err


def test_good_file_is_good(run: Run, lesson_file: Write) -> None:
    assert run("check", lesson_file()).code == 0


def test_unknown_lesson(run: Run) -> None:
    result = run("lesson", "backprob")
    assert result.code == 2 and "There is no lesson 'backprob'. Did you mean backprop" in result.err


def test_unknown_field_with_its_line_and_a_remedy(run: Run, lesson_file: Write) -> None:
    path = lesson_file({"activation =": "activaton ="})
    line = Path(path).read_text(encoding="utf-8").split("activaton")[0].count("\n") + 1
    fails(run, path, f"lesson.toml:{line}: layers[1].activaton: there is no such field", "did you mean activation?")


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({'activation = "sigmoid"': 'activation = "sigmod"'}, ["layers[1].activation: there is no such activation", "did you mean sigmoid?"]),
        ({'loss = "half_squared_error"': 'loss = "half_error"'}, ["loss: there is no such loss"]),
        ({"[[0.3, 0.25], [0.4, 0.35]]": "[[0.3, 0.25], [0.4]]"}, ["layers[1].weights[2]: row 2 has the wrong length", "found:  1", "2 columns"]),
        ({"[[0.3, 0.25], [0.4, 0.35]]": "[[0.3, 0.25]]"}, ["wrong number of rows", "2 rows"]),
        ({"inputs = [0.1, 0.2]": "inputs = [0.1]"}, ["samples[1].inputs: wrong number of values", "2, one for each input"]),
        ({"targets = [0.4]": "targets = [0.4, 1.0]"}, ["samples[1].targets: wrong number of values"]),
        ({"0.25": '"a quarter"'}, ["layers[1].weights[1][2]: wrong kind of value", '"a quarter"', "a number"]),
        ({"0.25": "true"}, ["layers[1].weights[1][2]: wrong kind of value"]),
        ({"0.25": "nan"}, ["layers[1].weights[1][2]", "NaN"]),
        ({"0.25": "-inf"}, ["layers[1].weights[1][2]", "infinite"]),
        ({"0.25": "1e999"}, ["layers[1].weights[1][2]", "infinite"]),
        ({"learning_rate = 0.5": "learning_rate = -0.5"}, ["learning_rate", "more than 0"]),
        ({"learning_rate = 0.5\n": ""}, ["learning_rate: this field is missing"]),
        ({'"h1", "h2"': '"h1", "h1"'}, ["the name h1 is used twice"]),
        ({'"h1", "h2"': '"h1", "2h"'}, ["this cannot stand here"]),
        ({'"h1", "h2"': '"h1", "t2"'}, ["the name t2 is one that stepnn itself uses"]),
        ({"format_version = 1": "format_version = 9"}, ["format_version", "one of the choices"]),
        ({'update = "gradient descent"': 'update = "magic"'}, ["update", "'gradient descent', 'momentum'"]),
        ({'activation = "sigmoid"': 'activation = "step"'}, ["step function has no slope"]),
        ({'activation = "sigmoid"': 'activation = "sigmoid"\nalpha = 0.1'}, ["sigmoid has no alpha"]),
        ({"format_version = 1": "format_version = 1\nlearn_from = [7]"}, ["learn_from[1]: there is no such sample"]),
    ],
)  # fmt: skip
def test_faults_in_fields(run: Run, lesson_file: Write, change: dict[str, str], wanted: list[str]) -> None:
    fails(run, lesson_file(change), *wanted)


def test_all_faults_at_once(run: Run, lesson_file: Write) -> None:
    changes = {
        "0.25": "nan",
        'activation = "sigmoid"': 'activation = "sigmod"',
        "targets = [0.4]": "targets = [0.4, 1.0]",
    }
    error = fails(run, lesson_file({**changes, "learning_rate = 0.5": 'learning_rate = "fast"'}))
    for where in ("layers[1].weights[1][2]", "layers[1].activation", "samples[1].targets", "learning_rate"):
        assert where in error


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"", "the file is empty"),
        (b"\n  \n", "the file is empty"),
        (b"\xef\xbb\xbfid = 1", "byte-order mark"),
        (b"id = \"a\0b\"", "NUL"),
        (b"title = \"caf\xe9\"\n", "not UTF-8"),
        (b"id = 1\nid = 2\n", "not valid TOML"),
        (b"id = " + b"[" * 2_000 + b"]" * 2_000, "nested too deeply"),
        (b"id = \n", "not valid TOML"),
        (b"id = 1" + b"0" * 5_000, "not TOML that can be read"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read(run: Run, tmp_path: Path, data: bytes, wanted: str) -> None:
    path = tmp_path / "lesson.toml"
    path.write_bytes(data)
    fails(run, str(path), wanted)


def test_huge_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "lesson.toml"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    fails(run, str(path), "the file is too large", "104857600 bytes")


GOOD = (ROOT / "lessons/3-1-backprop.toml").read_text(encoding="utf-8")
LARGE = {
    "spaces": (" " * 60_000 + "a = 1\n" + GOOD, "a: there is no such field"),
    "spaces and a bracket": (" " * 4_000_000 + "[" + " " * 3_900_000 + "a]\n", "format_version: this field is missing"),
    "unknown fields": ("".join(f"k{n} = 1\n" for n in range(500_000)), "too many fields, lists and tables"),
    "fewer unknown fields": ("".join(f"k{n} = 1\n" for n in range(90_000)) + GOOD, "… and 89800 more faults"),
    "tables": (GOOD + "".join(f"[t{n}]\n" for n in range(90_000)), "… and 89800 more faults"),
    "layers": (GOOD + "[[layers]]\n" * 45_000, "layers: there is too much here\n    found:  a list of 45002\n    wanted: at most 100"),
    "quantities": (GOOD + "[[quantities]]\nname = 'a'\n" * 30_000, "quantities: there is too much here"),
    "compare": (GOOD + "[[compare]]\nlabel = { en = 'a', ko = 'b' }\n" * 2_000, "wanted: at most 50"),
    "newlines": ("\n" * 8_000_000, "the file is empty"),
    "newlines and more": ("\n" * 8_000_000 + GOOD, "too many lines"),
    "quoted names": (".".join(["'x y'"] * 1_000_000) + " = 1\n", "names are nested too deeply"),
    "names in a table": ("a = { " + ".".join("x" * 3_000_000) + " = 1 }\n", "names are nested too deeply"),
    "a long name": ("a" * 8_000_000 + " = 1\n", "there is no such field"),
    "bad values": (GOOD + "[[quantities]]\nname = 'q'\nindex = 'k'\nvalues = [" + "'x'," * 9_000 + "]", "and 8800 more"),
    "many values": (GOOD + "[[quantities]]\nname = 'q'\nindex = 'k'\nvalues = [" + "1.0," * 390_000 + "]", "wanted: at most 10000"),
    "letters": (GOOD.replace("blame", "한" * 2_500_000, 1), "wanted: at most 4000"),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_large_files_are_read_or_refused_soon(run: Run, tmp_path: Path, name: str) -> None:
    """Two seconds on an idle machine; what each of these took before was minutes, or all memory."""
    path, (text, wanted) = tmp_path / "lesson.toml", LARGE[name]
    path.write_text(text, encoding="utf-8")
    began = time.process_time()
    result = run("check", str(path))
    assert time.process_time() - began < 5 and result.code == 1 and wanted in result.err


def test_every_limit_stands_in_the_documents() -> None:
    text = (ROOT / "docs/lesson-format.md").read_text(encoding="utf-8").replace(" ", "").replace("\n", "")
    limits = [most for _, most in read.MOST.values()]
    limits += [read.LARGEST // 2**20, read.DEEPEST, sample_files.LARGEST // 2**20, sample_files.MOST_ROWS]
    limits += [sample_files.MOST_NUMBERS, roster.MOST_STUDENTS, roster.LARGEST_FILE // 1_000_000]
    limits += [getattr(schema, name) for name in vars(schema) if name.startswith("MOST_") and name not in UNSAID]
    assert [most for most in limits if str(most) not in text] == []


UNSAID = {"MOST_NEURONS", "MOST_LAYERS", "MOST_EPOCHS", "MOST_TRAINED", "MOST_STEPS"}


def test_not_a_file(run: Run, tmp_path: Path) -> None:
    fails(run, str(tmp_path), "this is a folder")
    fails(run, str(tmp_path / "missing.toml"), "there is no such file")
    os.mkfifo(tmp_path / "pipe.toml")
    fails(run, str(tmp_path / "pipe.toml"), "not an ordinary file")


def test_no_permission(run: Run, lesson_file: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(self))

    path = lesson_file()
    monkeypatch.setattr(Path, "read_bytes", refuse)
    fails(run, path, "cannot be read: Permission denied")


FORMULAS = [
    "z/0", "z/(0/1)", "log(0)*z", "1/(1-1)*z", "sqrt(-1)*z", "log(-1)*z", "max(z, 1/0.0)", "z*(-8)**(1/3)", "z + ((9**20)**20)",
    "((z+1)**20+z)**20", "(((z+1)**9+z)**9+z)**9",
    "((((((9**20)**20)**20)**20)**20)**20)", "(((z**20)**20)**20)",
    "__import__('os').system('true')", "z.__class__", "().__class__.__bases__", "lambda: z", "[z for z in z]", "9**9**9",
    "z**99", "(" * 10_000 + "z" + ")" * 10_000, "z if z else z", "'text'", "f'{z}'", "z @ z", "z and z", "exp(z, z)", "open(z)",
    "z := 1", "*z", "exp(x=z)", "1e999 * z", "z[k].a", "", "z +", "sum(z)", "-" * 3_000 + "z", "True", "z; z", "9" * 1_900 + "*z",
]  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
def test_formulas_that_are_more_than_formulas(formula: str) -> None:
    with pytest.raises(FormulaError):
        parse(formula)


@pytest.mark.parametrize(
    "formula",
    [
        "*".join(f"(z+{n})**20" for n in range(1, 60)), "(((z+1)**20)**5)", "max(" * 30 + "z" + ",1)" * 30,
        "".join(f"where(z>{n}," for n in range(30)) + "z" + ",z)" * 30, "exp(" * 40 + "z" + ")" * 40,
        "+".join(f"(z+{n})**7/(z-{n})**5" for n in range(1, 30)), "sigmoid(" * 45 + "z" + ")" * 45,
        "*".join(f"sigmoid({n}*z)" for n in range(1, 30)), "1/(" * 40 + "z" + "+1)" * 40, "min(" * 20 + "z,2)" + ",z)" * 19,
        "(z+alpha)**12/(z-alpha)**12", "where(max(z, 1) > min(z, 2), abs(z), exp(z))",
    ],
)  # fmt: skip
def test_formulas_that_could_take_for_ever(run: Run, lesson_file: Write, formula: str) -> None:
    """Each is worked out or refused, soon (this hangs for minutes if powers are multiplied out)."""
    change = {'activation = "sigmoid"': 'activation = "mine"\nalpha = 0.3'}
    result = run("check", lesson_file(change, activations={"mine": {"formula": formula}}))
    assert result.code == 0 or result.err.startswith("/")


@pytest.mark.parametrize(
    "formula",
    ["0.5*z", "1.7159*tanh(0.6667*z)", "0.5*z*(1+tanh(0.7978845608*(z+0.044715*z**3)))", "z/2.5", "z**2.0", "max(0,min(6,z))", "z*sign(z)",
     "0.123456789*z + 1e-7*z**2", "where(1 > 0, z, 2*z)", "sqrt(z**2 + 0.25)", "1if z else 2"],
)  # fmt: skip
def test_ordinary_formulas_work(run: Run, lesson_file: Write, formula: str) -> None:
    """Decimals, ReLU6, GELU: worked out, and right (the derivative is compared with a difference)."""
    import stepnn

    path = lesson_file({'activation = "sigmoid"': 'activation = "mine"'}, activations={"mine": {"formula": formula}})
    result = run("check", path)
    if "if" in formula:
        assert result.code == 1 and "Warning" not in result.err
        return
    assert result.code == 0, result.err
    lesson, step = stepnn.load(path), 1e-6
    gradient = lesson.trace(digits=12)["dE_dw_h1_x1"].value
    ends = [lesson.trace(values={"w_h1_x1": 0.3 + sign * step})["E"].value or 0 for sign in (1, -1)]
    assert gradient == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("fields", "extra", "wanted"),
    [
        ({"activations": {"mine": {"formula": "alpha * z"}}}, "", "mine uses alpha"),
        ({}, "[[compare]]\nlabel = { en = ' ', ko = 'x' }", "this text is empty"),
        ({"title": {"en": "T1\nT2", "ko": "글"}}, "", "a title is one line"),
        ({"variants": {"step": 1e-300}}, "", "too many numbers to draw from"),
        ({"title": {"en": "a\u200bb", "ko": "글"}}, "", "U+200B"),
    ],
)
def test_faults_that_a_hostile_tester_found(
    run: Run, lesson_file: Write, fields: dict[str, object], extra: str, wanted: str
) -> None:
    change = {'activation = "sigmoid"': 'activation = "mine"'} if "activations" in fields else {}
    fails(run, lesson_file(change, extra, **fields), wanted)


def test_comparison_needs_gradient_descent(run: Run, lesson_file: Write) -> None:
    path = lesson_file(
        {'update = "gradient descent"\n': "", 'loss = "half_squared_error"\n': ""},
        "[[compare]]\nlabel = { en = 'a', ko = 'b' }",
    )
    fails(run, path, "only gradient descent of layers can be compared")


TEXTS = "".join(f'[{name}]\nen = "x"\nko = "x"\n' for name in ("title", "goal", "introduction"))
CLOSING = '[closing]\nquestion = { en = "x", ko = "x" }\nanswer = { en = "x", ko = "x" }\n'
LABEL = 'label = { en = "x", ko = "x" }'
LEARNS = 'error = "E"\nupdate = "gradient descent"\nlearning_rate = 0.1\n'
SQUARE = '[[quantities]]\nname = "w"\nvalues = 2.0\nlearned = true\n[[quantities]]\nname = "E"\nformula = "w**2"\n'
TWO = '[inputs]\nnames = ["x1", "x2"]\n[[layers]]\nneurons = ["o1", "o2"]\nactivation = "softmax"\nweights = [[1.0, 2.0], [3.0, 4.0]]\n'  # fmt: skip
SOFTMAX = 'loss = "softmax_cross_entropy"\nupdate = "gradient descent"\nlearning_rate = 0.5\nnormalization = "batch"\n'
HIDDEN = TWO.replace("softmax", "tanh").replace("o1", "h1").replace("o2", "h2")
SAMPLE = "[[samples]]\ninputs = [0.6, 0.9]\ntargets = [0.0, 1.0]\n"
POINTS = 'pictures = ["scatter"]\n[[quantities]]\nname = "x"\nindex = "n, j"\nvalues = [[1.0, 2.0], [3.0, 4.0]]\n[[quantities]]\nname = "c"\nindex = "k"\nformula = "sum(x[n, j], j, n) + 0*sum(x[k, j], j)"\n'  # fmt: skip
MEANINGLESS = {
    "comparison in a lesson of formulas": (LEARNS, SQUARE + f"[[compare]]\n{LABEL}\n", "compare: only gradient descent of layers"),
    "comparison with adam": (SOFTMAX.replace("gradient descent", "adam").replace('normalization = "batch"\n', ""), TWO + SAMPLE + f"[[compare]]\n{LABEL}\n", "compare: only gradient descent of layers"),
    "inputs without samples": ("", SQUARE + '[inputs]\nnames = ["x1"]\n', "samples: this field is missing"),
    "nothing but an index": ("", '[[quantities]]\nindex = "n"\n', "quantities[1]: the quantity  is not defined once"),
    "activation of no layers": ("", SQUARE + f'[[runs]]\n{LABEL}\nactivation = "step"\n', "runs[1].activation: there are no layers"),
    "activation that there is not": ("", HIDDEN + TWO[TWO.index("[[layers]]"):] + SAMPLE + f'[[runs]]\n{LABEL}\nactivation = "magic"\n', "runs[1].layers[1].activation: there is no such activation"),
    "direction of three": (POINTS.split("[[")[0], "[[" + POINTS.split("[[", 1)[1] + '[scatter]\npoints = "x"\ndirection = "w"\n[[quantities]]\nname = "w"\nindex = "i"\nvalues = [1.0, 2.0, 3.0]\n', "scatter.direction: w cannot be drawn in a plane"),
    "groups of nothing": (POINTS.split("[[")[0], "[[" + POINTS.split("[[", 1)[1] + '[scatter]\npoints = "x"\ngroups = "y"\npaths = "x"\n', "scatter.groups: y cannot be drawn in a plane"),
    "no hidden layer to normalise": (SOFTMAX, TWO + SAMPLE * 2, "normalization: there is no hidden layer"),
    "one sample to normalise": (SOFTMAX, HIDDEN + TWO[TWO.index("[[layers]]"):] + SAMPLE, "normalization: one sample has no variance"),
    "a sample that there is not": (SOFTMAX.replace('normalization = "batch"\n', ""), TWO + SAMPLE + "[training]\nlook = [1, 9]\n", "training.look[2]: there is no such sample"),
    "learned beside layers": (SOFTMAX.replace('normalization = "batch"\n', ""), TWO + SAMPLE + SQUARE, "quantities[1].learned: beside layers no quantity is learned"),
    "indices in an activation": ("", TWO.replace("softmax", "mine") + SAMPLE + '[activations.mine]\nformula = "same(i, j)*z"\n', "write it without indices"),
}  # fmt: skip


@pytest.mark.parametrize("name", MEANINGLESS)
def test_fields_that_others_make_meaningless(run: Run, tmp_path: Path, name: str) -> None:
    """Each is right by itself; together with another part of the file it has no meaning, and once ended in a crash."""
    head, body, wanted = MEANINGLESS[name]
    path = tmp_path / "lesson.toml"
    path.write_text(f'format_version = 1\nid = "made"\n{head}{TEXTS}{body}{CLOSING}')
    fails(run, str(path), wanted)


@pytest.mark.parametrize("formula", ["y**-1", "1/y", "exp(exp(y))", "log(y)", "sqrt(y)"])
def test_curves_with_places_that_have_no_value(run: Run, tmp_path: Path, formula: str) -> None:
    """On a terminal an activation is drawn around its z, also where it has no value there."""
    path = tmp_path / "lesson.toml"
    own = f'[[quantities]]\nname = "y"\nformula = "6.0"\n[[quantities]]\nname = "a"\nformula = "{formula}"\nrole = "activation"\n'
    path.write_text(f'format_version = 1\nid = "made"\n{TEXTS}{own}{CLOSING}')
    result = run("lesson", str(path), "--all", FORCE_COLOR="1")
    assert result.code == 0 and "fault in stepnn" not in result.err, result.err


def test_large_weights_on_a_terminal(run: Run, lesson_file: Write) -> None:
    path = lesson_file({"0.3": "1e150", "0.45": "1e150"})
    assert "fault in stepnn" not in run("lesson", path, "--all", FORCE_COLOR="1").err


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({'activation = "sigmoid"': 'activation = "sigmoid"\nweight_decay = 0.1'}, "belongs to [optimizer]"),
        ({"targets = [0.4]": "targets = [0.4]\nlearning_rate = 0.1"}, "belongs to the head of the file"),
        ({'activation = "sigmoid"': 'activation = "sigmoid"\nepoch = 3'}, "did you mean epochs in [training]?"),
        ({"targets = [0.4]": "targets = [0.4]\nlayers = 3"}, "belongs to a table [[layers]] of its own"),
        ({"targets = [0.4]": "targets = [0.4]\ninput = 3"}, "did you mean inputs?"),
    ],
)
def test_advice_names_the_table(run: Run, lesson_file: Write, change: dict[str, str], wanted: str) -> None:
    assert wanted in fails(run, lesson_file(change))


@pytest.mark.parametrize("entry", ['"x"', "nan", "[1.0]", "true"])
@pytest.mark.parametrize("table", ["[[1.0, 2.0], [3.0, {}]]", "[[[1.0, 2.0]], [[3.0, {}]]]", "[1.0, {}]", "{}"])
def test_one_bad_number_is_one_fault(run: Run, tmp_path: Path, table: str, entry: str) -> None:
    """It was held against every kind of table, and what uses it was told too."""
    path, letters = tmp_path / "lesson.toml", table.partition("1.0")[0].count("[") if "1.0" in table else 0
    index = ", ".join("ijk"[:letters])
    own = f'[[quantities]]\nname = "w"\nindex = "{index}"\nvalues = {table.format(entry)}\n'
    uses = f'[[quantities]]\nname = "y"\nindex = "{index}"\nformula = "2*w{f"[{index}]" if index else ""}"\n'
    path.write_text(f'format_version = 1\nid = "made"\n{TEXTS}{own}{uses}{CLOSING}')
    result = run("check", str(path))
    if entry == "[1.0]" and table == "{}":
        assert "the values do not fit the index" in result.err
        return
    assert result.err.count("lesson.toml:") == 1 and "quantities[1].values" in result.err, result.err


@pytest.mark.parametrize("biases", ["", "biases = [0.0, 0.0]", 'biases = [0.0, 0.0]\nfrozen = ["biases"]'])
def test_the_perceptron_rule_takes_what_its_faults_say(run: Run, tmp_path: Path, biases: str) -> None:
    path = tmp_path / "lesson.toml"
    head = 'format_version = 1\nid = "made"\nupdate = "perceptron"\nlearning_rate = 1.0\n'
    good = f"{head}{TEXTS}{TWO.replace('softmax', 'step')}{biases}\n{SAMPLE}{CLOSING}"
    path.write_text(good)
    assert run("check", str(path)).code == 0
    path.write_text(good.replace('"step"', '"tanh"'))
    error = fails(run, str(path), "layers[1].activation: the perceptron rule is for step neurons")
    assert "bias" not in error
    path.write_text(good.replace('"step"', '"step"\nshared_bias = 0.1'))
    fails(run, str(path), "layers[1].shared_bias: the perceptron rule knows no bias that neurons share")


def test_keys_of_a_file_cannot_drive_the_terminal(run: Run, lesson_file: Write) -> None:
    for line in (
        '"\\u001b[31mRED\\u202e" = 1',
        '[activations."\\u001b]0;PWN\\u0007"]',
        '[why."\\u001b[2J"]',
        f"{'k' * 100_000} = 1",
    ):
        path = lesson_file()
        Path(path).write_text(
            f"{line}\n{Path(path).read_text(encoding='utf-8')}"
            if "=" in line
            else f"{Path(path).read_text(encoding='utf-8')}\n{line}\n",
            encoding="utf-8",
        )
        result = run("check", path)
        assert result.code == 1 and "\x1b" not in result.err and "\u202e" not in result.err and len(result.err) < 5_000


def test_dotted_bombs(run: Run, tmp_path: Path) -> None:
    for text in (".".join("a" * 50_000) + " = 1\n", f"[{'.'.join('a' * 50_000)}]\n"):
        path = tmp_path / "dots.toml"
        path.write_text(text)
        fails(run, str(path), "names are nested too deeply")


def test_numbers_with_thousands_of_digits(run: Run, lesson_file: Write) -> None:
    assert run("lesson", "backprop", "--start", "9" * 5_000).code == 2
    assert run("lesson", "xor", "--set", f"x1@{'9' * 5_000}=1").code == 2
    assert run("lesson", "backprop", "--set", "w5@2=1").code == 2
    fails(run, lesson_file({"0.25": "0x" + "f" * 5_000}), "layers[1].weights[1][2]")


def test_two_numbers_of_one_name(run: Run, lesson_file: Write) -> None:
    layers = [{"neurons": ["a", "a_b"], "activation": "relu", "weights": [[1.0, 2.0], [3.0, 4.0]]}]
    path = lesson_file(
        layers=layers, inputs={"names": ["c", "b_c"]}, samples=[{"inputs": [1.0, 2.0], "targets": [0.0, 0.0]}]
    )
    fails(run, path, "two numbers would both be called w_a_b_c")


def test_term_signal_gives_the_terminal_back(tmp_path: Path) -> None:
    from tests.terminal import Terminal

    terminal = Terminal("lesson", "xor")
    terminal.wait_for("Enter or n: the first step")
    terminal.child.kill(signal.SIGTERM)
    assert terminal.ends() == 128 + signal.SIGTERM and terminal.is_clean()


def test_network_too_large_to_walk_through(run: Run, lesson_file: Write) -> None:
    names = [f"n{n}" for n in range(5_000)]
    layers = [{"neurons": names, "activation": "relu"}, {"neurons": ["o1"], "activation": "relu"}]
    path = lesson_file(
        layers=layers,
        inputs={"names": [f"x{n}" for n in range(5_000)]},
        weight_seed=1,
        samples=[{"inputs": [0.0] * 5_000, "targets": [0.0]}],
    )
    fails(run, path, "too many weights", "25005000")


def test_bad_formula_in_a_file(run: Run, lesson_file: Write) -> None:
    path = lesson_file(
        {'activation = "sigmoid"': 'activation = "mine"'}, activations={"mine": {"formula": "__import__('os')"}}
    )
    fails(run, path, "activations.mine.formula: there is no function __import__", "column 1")
    path = lesson_file({'activation = "sigmoid"': 'activation = "mine"'}, activations={"mine": {"formula": "y + 1"}})
    fails(run, path, "nothing is called y here", "does not use z")


@pytest.mark.parametrize("letter", ["\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\u200f", "\ufeff", "\x7f"])
@pytest.mark.parametrize("field", ["title", "goal", "introduction"])
def test_letters_that_drive_a_terminal(run: Run, lesson_file: Write, letter: str, field: str) -> None:
    error = fails(
        run,
        lesson_file(**{field: {"en": f"a{letter}[31mb", "ko": "글"}}),
        "control or direction character",
        f"U+{ord(letter):04X}",
    )
    assert letter not in error


def test_markup_is_text(run: Run, lesson_file: Write) -> None:
    path = lesson_file(title={"en": "[/red] [bold]x[/bold] :smile:", "ko": "글"})
    assert "[/red] [bold]x[/bold] :smile:" in run("lesson", path).out


def test_names_are_cut_and_escaped_in_messages(run: Run) -> None:
    result = run("lesson", "\x1b[31m" + "x" * 500)
    assert result.code == 2 and "\x1b" not in result.err and len(result.err) < 400


def test_overflow_names_the_step(run: Run, lesson_file: Write) -> None:
    path = lesson_file(
        {
            'activation = "sigmoid"': 'activation = "identity"',
            "0.3": "1e308",
            "inputs = [0.1, 0.2]": "inputs = [1e10, 0.2]",
        }
    )
    fails(run, path, "z_h1 (weighted sum, pass 1, sample 1) is infinite")


def test_division_by_zero_names_the_step(run: Run, lesson_file: Write) -> None:
    own = {"mine": {"formula": "1 / z"}}
    change = {'activation = "sigmoid"': 'activation = "mine"', "inputs = [0.1, 0.2]": "inputs = [0.0, 0.0]"}
    fails(run, lesson_file(change, activations=own), "a_h1 (activation, pass 1", "divided by 0")
    own = {"mine": {"formula": "1 / (z - z)"}}
    assert run("check", lesson_file({'activation = "sigmoid"': 'activation = "mine"'}, activations=own)).code == 1


def test_logarithm_of_a_negative_number(run: Run, lesson_file: Write) -> None:
    own = {"mine": {"formula": "log(-1 - z**2)"}}
    fails(run, lesson_file({'activation = "sigmoid"': 'activation = "mine"'}, activations=own), "a_h1", "not a number")


@pytest.mark.parametrize(
    "text",
    ["w5", "=3", "w5=", "w5=abc", "w5=nan", "w5=1e999", "w99=1", "x1@9=1", "x1@a=1", "eta=0", "eta=-1", "\x1b=1"],
)
def test_bad_assignments(run: Run, text: str) -> None:
    result = run("lesson", "backprop", "--set", text)
    assert result.code == 2 and result.err.startswith("stepnn: ") and "\x1b" not in result.err


def test_ambiguous_assignment(run: Run) -> None:
    assert "write x1@1=" in run("lesson", "xor", "--set", "x1=0.5").err
    assert run("lesson", "xor", "--set", "x1@2=0.5").code == 0


@pytest.mark.parametrize(
    "options", [["--digits", "-1"], ["--digits", "16"], ["--updates", "-1"], ["--updates", "99999999"], ["--seed", "-3"],
                ["--lang", "xx"], ["--start", "nonsense"], ["--start", "999"], ["--nothing"]],
)  # fmt: skip
def test_bad_options(run: Run, options: list[str]) -> None:
    assert run("lesson", "backprop", *options).code == 2


def test_existing_file_is_kept(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("mine")
    for command in (["example", "backprop", "--output", str(path)], ["new", str(path)]):
        result = run(*command)
        assert result.code == 1 and "exists already" in result.err and path.read_text() == "mine"
    assert run("example", "backprop", "--output", str(path), "--force").code == 0
    assert path.read_text(encoding="utf-8").startswith("Backpropagation")
    assert [file.name for file in tmp_path.iterdir()] == ["page.md"]


def together(folder: Path, *commands: list[str]) -> list[int]:
    """The exit codes of commands that run at the same time."""
    started = [
        subprocess.Popen([*STEPNN, *command], cwd=folder, env=environment(), stderr=subprocess.PIPE, text=True)
        for command in commands
    ]
    told = [child.communicate(timeout=60)[1] for child in started]
    codes = [child.returncode for child in started]
    assert all("Traceback" not in text for text in told)
    assert all("exists" in text for code, text in zip(codes, told, strict=True) if code), told
    return sorted(codes)


@pytest.mark.parametrize(
    "command",
    [["example", "neuron", "-o", "f"], ["train", "xor", "--epochs", "2", "--save", "f"], ["picture", "xor", "regions", "-o", "f"]],
    ids=lambda command: command[0],
)  # fmt: skip
def test_two_commands_and_one_new_file(tmp_path: Path, command: list[str]) -> None:
    """The second to end finds a file that was not there when it began, and keeps it."""
    assert together(tmp_path, command, command, command) == [0, 1, 1]
    assert [file.name for file in tmp_path.iterdir()] == ["f"]


def test_a_file_that_appears_at_the_last_moment_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On disks with links and on disks without."""

    def without_links(made: Path, path: Path) -> None:
        raise OSError(95, "Operation not supported")

    made, path = tmp_path / "made", tmp_path / "page"
    for link in (os.link, without_links):
        monkeypatch.setattr(os, "link", link)
        for there in (False, True):
            made.write_text("new")
            path.write_text("mine") if there else path.unlink(missing_ok=True)
            with pytest.raises(FileExistsError) if there else nullcontext():
                output.put(made, path, force=False)
            assert path.read_text() == ("mine" if there else "new")


def test_output_is_tried_before_the_work(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lesson that takes a minute is not worked out for a file that cannot be written."""
    monkeypatch.setattr("stepnn.lessons.read.read_lesson", lambda _: pytest.fail("the work began"))
    (tmp_path / "round").symlink_to("round")
    bad = {str(tmp_path): "is a folder", str(tmp_path / "no" / "f"): "No such file", str(tmp_path / "round"): "cannot be written"}  # fmt: skip
    for target, wanted in bad.items():
        for command in (["example", "xor", "-o"], ["example", "xor", "--format", "pdf", "-o"],
                        ["picture", "xor", "regions", "-o"], ["train", "xor", "--save"]):  # fmt: skip
            result = run(*command, target)
            assert result.code in (1, 2) and wanted in result.err and result.out == "", result


def test_output_that_cannot_be_written(run: Run, tmp_path: Path) -> None:
    assert run("example", "backprop", "--output", str(tmp_path)).code == 2
    result = run("example", "backprop", "--output", str(tmp_path / "no" / "page.md"))
    assert result.code == 1 and "cannot be written: No such file or directory" in result.err


def test_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))

    command = [*STEPNN, "example", "backprop", "--output", "page.txt"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        preexec_fn=limit,
        check=False,
        env=environment(PYTHONDONTWRITEBYTECODE="1"),
    )
    assert done.returncode == 1 and "cannot be written" in done.stderr and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), "LANG": "C.UTF-8", **more}


def test_full_device_as_standard_output() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*STEPNN, "lesson", "backprop"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env=environment(),
        )
    assert done.returncode == 1 and "No space left" in done.stderr and "Traceback" not in done.stderr


def test_devices_stay_devices(run: Run) -> None:
    before = Path("/dev/full").stat()
    for force in ([], ["--force"]):
        result = run("example", "neuron", "--output", "/dev/full", *force)
        assert result.code == 1 and "No space left" in result.err
    assert Path("/dev/full").stat().st_mode == before.st_mode
    assert run("example", "neuron", "--output", "/dev/null").code == 0


def test_link_is_followed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "real.md").write_text("old")
    (tmp_path / "link.md").symlink_to("real.md")
    assert run("example", "neuron", "--output", str(tmp_path / "link.md"), "--force").code == 0
    assert (tmp_path / "link.md").is_symlink() and (tmp_path / "real.md").read_text(encoding="utf-8").startswith("One")


@pytest.mark.parametrize(("closed", "code"), [("<&-", 0), (">&-", 1), ("2>&-", 0), ("<&- >&- 2>&-", 1)])
def test_closed_streams(closed: str, code: int) -> None:
    command = f"{sys.executable} -m stepnn lesson neuron {closed}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, env=environment())
    assert done.returncode == code and "Traceback" not in done.stderr, done


def test_fault_of_our_own_is_told_without_a_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from stepnn.lessons import shelf

    def broken() -> dict[str, Path]:
        raise ZeroDivisionError("\x1b[31mred")

    monkeypatch.setattr(shelf, "files", broken)
    result = run("lesson", "neuron")
    assert result.code == 1 and "a fault in stepnn itself" in result.err and "\x1b" not in result.err


@pytest.mark.parametrize("rest", ["lesson backprop --all", "example backprop", "example backprop --format html -o -"])
def test_pipe_that_closes_early(rest: str) -> None:
    """Whoever read the first line has enough: nothing went wrong."""
    command = f"{sys.executable} -m stepnn {rest} | (read line; echo $line)"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False, env=environment()
    )
    assert done.stdout.startswith(("Backpropagation", "<!DOCTYPE")) and done.stderr == "" and done.returncode == 0


@pytest.mark.parametrize("encoding", ["ascii", "cp949", "latin-1"])
def test_output_that_cannot_encode(encoding: str) -> None:
    done = subprocess.run(
        [*STEPNN, "lesson", "backprop", "--lang", "en"],
        capture_output=True,
        check=False,
        env=environment(PYTHONIOENCODING=encoding),
    )
    text = done.stdout.decode(encoding)
    assert (
        done.returncode == 0
        and done.stderr == b""
        and "delta_o1 = 0.04985267" in text
        and not re.search(r"\?\S", text.split("Question")[0])  # a letter that is lost becomes a question mark
    )


def test_korean_where_hangul_cannot_be_shown() -> None:
    command = [*STEPNN, "lesson", "backprop", "--lang", "ko"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment(PYTHONIOENCODING="ascii")
    )
    assert done.returncode == 1 and "cannot show the letters of --lang ko" in done.stderr
    done = subprocess.run(command, capture_output=True, check=False, env=environment(PYTHONIOENCODING="cp949"))
    assert done.returncode == 0 and "가중합" in done.stdout.decode("cp949")


def test_numbers_that_a_text_cannot_name(run: Run, tmp_path: Path) -> None:
    """One that nothing has, and one that is only calculated later: two faults, each in its own words."""
    path = tmp_path / "named.toml"
    assert run("new", str(path)).code == 0
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Two inputs, two", "{a_h1} {nothing} {w1} Two inputs, two"), encoding="utf-8")
    found = run("check", str(path))
    assert found.code == 1 and found.err.count("introduction.en") == 2
    assert "{a_h1} is calculated, and only the texts of [closing] may name it" in found.err
    assert "there is no number called {nothing}" in found.err and "{w1}" not in found.err


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("learning_rate =", "learnin_rate ="),
        ("activation = ", "activatoin = "),
        ("title =", "titel ="),
        ("loss =", "lost ="),
    ],
)
def test_a_mistyped_field_is_one_fault(run: Run, tmp_path: Path, right: str, wrong: str) -> None:
    """It is not missing, too: one cause, one fault, at the line where it stands."""
    path = tmp_path / "mistyped.toml"
    assert run("new", str(path)).code == 0
    path.write_text(path.read_text(encoding="utf-8").replace(right, wrong, 1), encoding="utf-8")
    found = run("check", str(path))
    assert found.code == 1 and found.err.count("there is no such field") == 1, found.err
    assert "this field is missing" not in found.err and f"did you mean {right.split()[0]}" in found.err, found.err
