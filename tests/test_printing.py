"""`stepnn sheet` as a command: the files it writes, the same bytes every time, and what it says to bad input."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from stepnn.cli import printing
from stepnn.cli.folder import new_folder
from stepnn.cli.sheet_options import MOST_COPIES
from stepnn.errors import StepnnError
from stepnn.sheets.key import FORMULA_START
from tests.conftest import Run
from tests.help import EVERY_SECOND, IN_BOTH, LESSONS, ROOT
from tests.test_pages import needs_latex

ENDINGS = {"pdf": "pdf", "html": "html", "latex": "tex", "markdown": "md"}
NASTY = (
    '#read("/etc/passwd")', r"\input{/etc/passwd}", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "+1", "@x",
    "$x$ #eval(1) `code` *b*", "O'Neil, \"Ann\"", "김하늘", "Ελένη Ђорђе", "x;=1+1;y", "x" * 80,
)  # fmt: skip


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test works in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def listed() -> list[str]:
    """What lies in the folder of the test."""
    return sorted(one.name for one in Path().iterdir())


def files(folder: str) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir())}


def roster(*rows: tuple[str, str], name: str = "class.csv") -> str:
    with Path(name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "name"), *rows])
    return name


def code_of(folder: str, sheet: int = 0) -> str:
    found: str = json.loads(Path(folder, "key.json").read_text(encoding="utf-8"))["sheets"][sheet]["code"]
    return found


@pytest.mark.parametrize(("name", "language"), IN_BOTH)
def test_every_lesson_makes_a_sheet_in_every_format(run: Run, name: str, language: str) -> None:
    """In one of them in the ordinary run, by turns."""
    every, turn = list(ENDINGS), LESSONS.index(name)
    chosen = every if os.environ.get("SEEDS") else [every[turn % len(every)]]
    for format in chosen:
        ending = ENDINGS[format]
        paper = "letter" if language == "en" else "a4"
        result = run("sheet", name, "--format", format, "--out", format, "--lang", language, "--paper", paper)
        assert result.code == 0, result.err
        assert sorted(files(format)) == sorted(["key.csv", "key.json", f"key.{ending}", f"sheet-0001.{ending}"])
        text = Path(format, f"sheet-0001.{ending}").read_bytes()
        assert format == "pdf" or code_of(chosen[0]).encode() in text
    assert len({code_of(format) for format in chosen}) == 1


@needs_latex
@pytest.mark.parametrize("name", EVERY_SECOND)
def test_latex_of_sheets_compiles(run: Run, name: str) -> None:
    """Sheet and key, with a name that would do harm if it were a command; nothing runs off the paper."""
    modes = {"backprop-bias": "--reverse", "perceptron": "--find-the-error", "error-sharing": "--merge"}
    students = roster(("1", r"\input{/etc/passwd} #$%&~^_"))
    language = "ko" if LESSONS.index(name) % 4 else "en"
    more = [modes[name]] if name in modes else []
    result = run("sheet", name, *more, "--students", students, "--format", "latex", "--lang", language, "--out", "out")
    assert result.code == 0, result.err
    for file in Path("out").glob("*.tex"):
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", file.name]
        done = subprocess.run(command, cwd="out", capture_output=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
        assert b"Overfull" not in done.stdout, (file, re.findall(rb"Overfull.*", done.stdout))


@pytest.mark.parametrize("format", ENDINGS)
@pytest.mark.parametrize(
    "more", [(), ("--reverse",), ("--find-the-error",), ("--fade", "7", "--round", "--lang", "ko")], ids=" ".join
)
def test_the_same_bytes_again_and_one_by_one(run: Run, format: str, more: tuple[str, ...]) -> None:
    """All copies at once, once more, and each alone."""
    plain = ("sheet", "backprop", "--seed", "4", "--format", format, *more)
    assert run(*plain, "--copies", "3", "--out", "all").code == 0
    assert run(*plain, "--copies", "3", "--out", "again").code == 0
    assert files("all") == files("again")
    for number in (3, 1):
        assert run(*plain, "--copies", "1", "--first", str(number), "--out", f"one{number}").code == 0
        sheet = f"sheet-{number:04}.{ENDINGS[format]}"
        assert files(f"one{number}")[sheet] == files("all")[sheet]


def test_a_student_has_the_same_sheet_in_any_roster(run: Run) -> None:
    """In any order, alone or among others: a class can be split over machines."""
    rows = [(f"s{number}", f"Student {number}") for number in range(4)]
    plain = ("sheet", "backprop", "--students")
    assert run(*plain, roster(*rows), "--out", "all").code == 0
    assert run(*plain, roster(*reversed(rows)), "--out", "reversed").code == 0
    assert run(*plain, roster(rows[2]), "--out", "alone").code == 0
    sheets = [
        {name: data for name, data in files(one).items() if name.startswith("s")}
        for one in ("all", "reversed", "alone")
    ]
    assert sheets[0] == sheets[1] and len(sheets[0]) == 4
    assert sheets[2]["s2.pdf"] == sheets[0]["s2.pdf"]
    assert len(set(sheets[0].values())) == 4


def test_another_process_makes_the_same_bytes(run: Run) -> None:
    """Whatever the order of its sets, its language, its time zone and its folder."""
    assert run("sheet", "backprop", "--out", "here").code == 0
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Seoul",
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "stepnn", "sheet", "backprop", "--out", "there"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    assert files("here") == files("there")


def test_a_code_rebuilds_its_sheet_and_its_key(run: Run) -> None:
    """A sheet that is found on a desk."""
    for place, more in enumerate(
        [(), ("--reverse",), ("--find-the-error",), ("--blank", "z,deltas", "--digits", "6", "--round")]
    ):
        assert run("sheet", "softmax", "--seed", "9", "--copies", "2", *more, "--out", f"d{place}").code == 0
        code = code_of(f"d{place}", 1)
        printed = run("sheet", "--code", code, "--key").out
        (_, wanted) = json.loads(Path(f"d{place}", "key.json").read_text(encoding="utf-8"))["sheets"]
        for answer in wanted["answers"]:
            assert re.search(
                rf"^ *{answer['exercise']}  {answer['symbol']} += {re.escape(answer['answer'])}( |$)", printed, re.M
            )
        assert len(printed.strip().splitlines()) == len(wanted["answers"]) + 4
        assert run("sheet", "--code", code, "--out", f"again{place}").code == 0
        (again,) = [data for name, data in files(f"again{place}").items() if name.startswith("sheet")]
        assert again == files(f"d{place}")["sheet-0002.pdf"]


def test_codes_of_own_lessons_need_their_file(run: Run, lesson_file: Callable[..., str]) -> None:
    path = lesson_file()
    assert run("sheet", path, "--format", "html", "--out", "out").code == 0
    result = run("sheet", "--code", code_of("out"), "--key")
    assert result.code == 2 and "Name its lesson file too" in result.err
    assert run("sheet", path, "--code", code_of("out"), "--key").code == 0


def test_merged_sheets_are_those_that_stand_alone(run: Run) -> None:
    assert run("sheet", "neuron", "--copies", "3", "--merge", "--format", "markdown", "--out", "merged").code == 0
    assert run("sheet", "neuron", "--copies", "3", "--format", "markdown", "--out", "alone").code == 0
    assert sorted(files("merged")) == ["key.csv", "key.json", "key.md", "sheets.md"]
    merged = Path("merged/sheets.md").read_text(encoding="utf-8")
    for number in (1, 2, 3):
        assert code_of("alone", number - 1) in merged
    assert files("merged")["key.csv"] == files("alone")["key.csv"]


def test_large_orders_are_split_over_files(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the memory which they take does not grow; no sheet is lost."""
    monkeypatch.setattr(printing, "MOST_IN_A_FILE", 6)
    assert run("sheet", "neuron", "--copies", "14", "--merge", "--format", "markdown", "--out", "out").code == 0
    assert {"sheets-1.md", "sheets-2.md", "sheets-3.md", "key-1.md", "key-2.md", "key-3.md"} < set(files("out"))
    sheets = b"".join(data for name, data in files("out").items() if name.startswith("sheets"))
    keys = b"".join(data for name, data in files("out").items() if name.startswith("key-"))
    for number in range(14):
        code = code_of("out", number).encode()
        assert code in sheets and code in keys


def test_no_cell_of_the_table_is_a_formula(run: Run) -> None:
    """Not even names that begin like one; negative answers stay numbers."""
    students = roster(
        *((str(n), name) for n, name in enumerate(NASTY)),
    )
    assert run("sheet", "delta-rule", "--students", students, "--format", "html", "--out", "out").code == 0
    text = Path("out/key.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    assert {row[1].replace("'", "") for row in rows[1:]} == {name.replace("'", "") for name in NASTY}
    for row in rows:
        for cell in row:
            assert not FORMULA_START.search(cell) or re.fullmatch(r"-?[0-9.]+(e-?[0-9]+)?", cell), cell
    numbers = [row[rows[0].index("answer")] for row in rows[1:]]
    assert all(float(number) == float(number) for number in numbers) and any(
        number.startswith("-") for number in numbers
    )


@pytest.mark.parametrize("format", ENDINGS)
def test_names_are_printed_as_they_stand(run: Run, format: str) -> None:
    """Mark-up in a name is text in every format."""
    rows = [(f"s{n}", name) for n, name in enumerate(NASTY) if format != "latex" or "Ђ" not in name]
    assert run("sheet", "neuron", "--students", roster(*rows), "--format", format, "--out", "out").code == 0
    for file in Path("out").glob(f"*.{ENDINGS[format]}"):
        assert b"root:" not in file.read_bytes() and b"<script>alert" not in file.read_bytes()
    if format == "pdf":
        import pypdfium2

        for number, name in enumerate(NASTY):
            pages = pypdfium2.PdfDocument(f"out/s{number}.pdf")
            text = "".join(page.get_textpage().get_text_bounded() for page in pages)
            assert name.replace(" ", "") in re.sub(r"\s", "", text).replace("’", "'"), name


ROSTERS = {
    "names,ids\na,b\n": ["class.csv:1: id: this column is missing", "class.csv:1: name: this column is missing"],
    "id\n1\n": ["name"],
    "": ["empty"],
    "id,name\n": ["there are no students in it"],
    'id,name\n1,"Ann\n2,Ben\n': ["class.csv:2: this line is no CSV"],
    "id,name,id\n1,Ann,2\n": ["id: this column is there more than once"],
    "id,name\n1,Kim, Ann\n2\n": ["class.csv:2: the number of cells is 3", "class.csv:3: the number of cells is 1"],
    "id,name\n1,An\x0bn\n2,Be\u2028n\n": ["class.csv:2: name: has a control", "class.csv:3: name: has a control"],
    "id,name\n1,Ann\n1,Ben\n": ["class.csv:3: ", "1"],
    "id,name\nAnn,x\nann,y\nΑΣ,z\nας,w\n": ["class.csv:3: "],
    "id,name\n../../etc,Ann\na/b,Ben\n.x,Cy\nCON,Di\n,Eve\nkey,Flo\n": ["class.csv:2: ", "class.csv:3: ", "class.csv:4: ", "class.csv:5: ", "class.csv:6: ", "class.csv:7: "],
    "id,name\n1,\n2," + "x" * 301 + "\n": ["class.csv:2: ", "class.csv:3: ", "301"],
    "id,name\n1,Ann\x1b[31m\n2,\u202eBen\n": ["class.csv:2: ", "class.csv:3: ", "control character"],
}  # fmt: skip


@pytest.mark.parametrize("more", [(), ("--merge",)])
@pytest.mark.parametrize(
    "name", ["key", "key-1", "KEY-2", "Sheets-1", "sheets", "sheet-0001", "Sheet-0J2K", "ｋｅｙ-1"]
)
def test_no_student_is_called_as_a_file_that_a_run_makes(run: Run, name: str, more: tuple[str, ...]) -> None:
    """Or the key would take the place of the student's sheet, with large orders split over files."""
    students = roster(("1", "Ann"), (name, "Ben"))
    result = run("sheet", "neuron", "--students", students, *more, "--format", "markdown", "--out", "out")
    assert result.code == 1 and "class.csv:3: id: is the name of another file" in result.err
    assert os.listdir() == ["class.csv"]  # noqa: PTH208


def test_two_files_of_one_name_are_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should ids differ for the program and not for the file system."""
    monkeypatch.setattr("stepnn.sheets.roster.id_faults", lambda *_: [])
    students = roster(("1", "Ann"), ("key", "Ben"))
    result = run("sheet", "neuron", "--students", students, "--format", "markdown", "--out", "out")
    assert result.code == 1 and "key.md" in result.err and os.listdir() == ["class.csv"]  # noqa: PTH208


@pytest.mark.parametrize("text", ROSTERS, ids=lambda text: repr(text[:25]))
def test_bad_rosters(run: Run, text: str) -> None:
    """Every fault at once, each with its line; nothing is written."""
    Path("class.csv").write_text(text, encoding="utf-8", newline="")
    result = run("sheet", "neuron", "--students", "class.csv")
    assert result.code in (1, 2) and "class.csv" in result.err
    for words in ROSTERS[text]:
        assert words in result.err, result.err
    assert "\x1b" not in result.err and "\u202e" not in result.err
    assert listed() == ["class.csv"]


def test_rosters_as_spreadsheets_write_them(run: Run) -> None:
    """With a byte order mark, semicolons, more columns, quotes and empty lines."""
    Path("bom.csv").write_bytes('\ufeffid;group;name\r\n7;A;"Lee; Ann"\r\n\r\n8;B;박\r\n'.encode())
    assert run("sheet", "neuron", "--students", "bom.csv", "--format", "html", "--out", "out").code == 0
    assert {"7.html", "8.html"} <= set(files("out"))


USAGE = {
    ("--copies", "0"): "--copies",
    ("--copies", "-1"): "--copies",
    ("--copies", "100000"): str(MOST_COPIES),
    ("--copies", "2", "--students", "class.csv"): "--students",
    ("--first", "2", "--students", "class.csv"): "--first",
    ("--check", "3", "--key"): "--check",
    ("--key", "--merge"): "--merge",
    ("--blank", "foo,bar,z"): "--blank foo, bar",
    ("--students", "nowhere.csv"): "nowhere.csv",
    ("--blank", "deltas"): "has no such step",
    ("--blank", "everything"): "the kinds are all, z",
    ("--blank", ","): "at least one",
    ("--fade", "64"): "--fade",
    ("--fade", "40"): "nothing is left",
    ("--reverse", "--find-the-error"): "--reverse",
    ("--reverse", "--fade", "2"): "--fade",
    ("--digits", "50"): "--digits",
    ("--paper", "a5"): "a4",
    ("--code", "1234"): "sixteen",
    ("--code", "!!!!-0000-0000-0000"): "in no code",
    ("--code", "0000-0000-0000-0000"): "mistyped",
    ("--out", "file"): "is a file",
}


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_wrong_usage(run: Run, arguments: tuple[str, ...]) -> None:
    Path("file").touch()
    result = run("sheet", "forward", *arguments)
    assert result.code in (1, 2) and USAGE[arguments] in " ".join(result.err.split()), result.err
    assert listed() == ["file"]


def test_a_folder_is_kept(run: Run) -> None:
    """Files of others stay; of a sheet that exists nothing is overwritten without --force."""
    assert run("sheet", "neuron", "--format", "markdown", "--out", "out").code == 0
    Path("out/notes.txt").write_text("mine")
    before = files("out")
    result = run("sheet", "neuron", "--format", "markdown", "--seed", "1", "--out", "out")
    assert result.code == 1 and "--force" in result.err and files("out") == before
    assert run("sheet", "neuron", "--format", "markdown", "--seed", "1", "--out", "out", "--force").code == 0
    after = files("out")
    assert after["notes.txt"] == b"mine" and after["key.csv"] != before["key.csv"]
    assert listed() == ["out"]


def test_nothing_is_left_of_a_disk_that_fills_up(run: Run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = printing.write_new

    def full(file: Path, pieces: Iterable[bytes]) -> None:
        if file.name.startswith("sheet-0003"):
            file.write_bytes(b"half")
            raise OSError(28, "No space left on device")
        written(file, pieces)

    monkeypatch.setattr(printing, "write_new", full)
    result = run("sheet", "neuron", "--copies", "5", "--format", "html", "--out", "deep/out")
    assert result.code == 1 and "No space left" in result.err and list(here.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_when_it_is_stopped(number: signal.Signals, tmp_path: Path) -> None:
    """Neither half a folder, nor a temporary one, nor a typesetter that goes on."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    command = [sys.executable, "-m", "stepnn", "sheet", "backprop", "--copies", "500", "--out", "out"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        for _ in range(200):
            time.sleep(0.1)
            # Folders come and go meanwhile: `os.walk` passes over one that is gone.
            if any(name.endswith(".pdf") for _, _, names in os.walk(tmp_path) for name in names):
                break
        process.send_signal(number)
        try:
            _, told = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode != 0 and b"Traceback" not in told
    assert [file.name for file in tmp_path.iterdir()] == ["tmp"] and list(temporary.iterdir()) == []
    assert (
        shutil.which("pgrep") is None
        or str(temporary)
        not in subprocess.run(["pgrep", "-af", "worker.py"], capture_output=True, text=True, check=False).stdout
    )


def test_folders_of_every_kind(run: Run, here: Path) -> None:
    """An empty one keeps its mode, a link is followed, a file that stands in the way is told before anything is moved."""
    plain = ("sheet", "neuron", "--format", "markdown", "--out")
    Path("empty").mkdir(mode=0o700)
    Path("link").symlink_to("empty")
    assert run(*plain, "link").code == 0
    assert Path("empty").stat().st_mode & 0o777 == 0o700 and len(files("empty")) == 4
    assert run(*plain, "new/../deep/out").code == 0 and listed() == ["deep", "empty", "link"]
    Path("blocked/sheet-0001.md").mkdir(parents=True)
    Path("blocked/key.csv").write_text("mine")
    result = run(*plain, "blocked", "--force")
    assert result.code == 1 and "sheet-0001.md is a folder there" in result.err
    assert Path("blocked/key.csv").read_text() == "mine" and len(list(Path("blocked").iterdir())) == 2


@pytest.mark.parametrize("there", [False, True], ids=["new", "empty"])
def test_two_classes_and_one_folder(here: Path, there: bool) -> None:
    """Printed at the same time: one class has the folder, with its key, and the other is told."""
    classes = {name: roster(*((f"{name}{n}", "x") for n in range(9)), name=f"{name}.csv") for name in "ab"}
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for turn in range(3):
        folder = Path(f"out{turn}")
        if there:
            folder.mkdir()
        plain = [sys.executable, "-m", "stepnn", "sheet", "neuron", "--format", "markdown", "--out", folder.name]
        children = [
            subprocess.Popen([*plain, "--students", one], env=environment, stderr=subprocess.PIPE, text=True)
            for one in classes.values()
        ]
        told = [child.communicate(timeout=60)[1] for child in children]
        codes = [child.returncode for child in children]
        assert sorted(codes) == [0, 1] and "exists and is not empty" in told[codes.index(1)], told
        winner = "ab"[codes.index(0)]
        assert sorted(files(folder.name)) == [*(f"{winner}{n}.md" for n in range(9)), "key.csv", "key.json", "key.md"]
        assert f"{winner}0" in (folder / "key.csv").read_text(encoding="utf-8-sig")


def test_a_file_that_comes_between_is_kept(here: Path) -> None:
    """In a folder that was empty: what was moved already is taken back."""
    Path("out").mkdir()
    with pytest.raises(StepnnError, match="exists and is not empty"), new_folder(Path("out"), force=False) as target:
        (target / "a").write_text("new")
        (target / "b").write_text("new")
        Path("out/b").write_text("mine")
    assert files("out") == {"b": b"mine"}


def test_a_folder_on_the_way_that_others_use_is_kept(here: Path) -> None:
    """When the run that made it ends badly."""
    with pytest.raises(StepnnError), new_folder(Path("deep/out"), force=False):
        Path("deep/mine").write_text("mine")
        raise OSError(28, "No space left on device")
    assert files("deep") == {"mine": b"mine"}


def test_a_link_that_leads_to_itself(run: Run) -> None:
    Path("round").symlink_to("round")
    for folder in ("round", "round/out"):
        result = run("sheet", "neuron", "--out", folder)
        assert result.code == 2 and f"--out {folder} is a link that leads back to itself" in result.err


def test_what_the_printer_should_know(run: Run) -> None:
    """Older files in the folder, and sheets that are alike, are told."""
    assert run("sheet", "neuron", "--copies", "3", "--format", "markdown", "--out", "out").code == 0
    old = time.time() - 60
    for file in Path("out").iterdir():
        os.utime(file, (old, old))
    result = run("sheet", "forward", "--format", "markdown", "--out", "out", "--force")
    assert result.code == 0 and "2 older files" in result.err and "sheet-0003.md" in result.err
    result = run("sheet", "gradient-descent", "--copies", "60", "--format", "markdown", "--out", "many")
    alike = int(re.findall(r"Note: (\d+) of the 60 sheets", result.err)[0])
    given = [
        json.dumps(one["given"]) for one in json.loads(Path("many/key.json").read_text(encoding="utf-8"))["sheets"]
    ]
    assert alike == sum(given.count(one) > 1 for one in given)


@pytest.mark.parametrize(("format", "name"), [("pdf", "Ann 𒀀"), ("latex", "李小龍"), ("latex", "Ελένη")])
def test_names_without_a_font_are_refused_before_anything_is_made(run: Run, format: str, name: str) -> None:
    result = run("sheet", "neuron", "--students", roster(("1", name), ("2", "Ann"), ("3", name)), "--format", format)
    assert result.code == 1 and "class.csv:2: name" in result.err and "class.csv:4: name" in result.err
    assert listed() == ["class.csv"]


def test_check_says_what_is_unfit(run: Run) -> None:
    result = run("sheet", "delta-rule", "--check", "60")
    assert result.code == 0
    good, count = map(int, re.findall(r"^(\d+) of (\d+)", result.out)[0])
    found = [int(number) for number in re.findall(r"^ +(\d+) ×", result.out, re.M)]
    assert count == 60 and good + sum(found) == 60
    assert listed() == []


def test_a_lesson_without_friendly_numbers_says_which_condition_fails(
    run: Run, lesson_file: Callable[..., str]
) -> None:
    path = lesson_file(extra='[variants]\ndraw = ["inputs"]\nlow = 90\nhigh = 95\n')
    result = run("sheet", path, "--out", "out")
    assert result.code == 1 and "saturated" in result.err and "[variants]" in result.err
    assert not Path("out").exists()


def test_formulas_and_options_show_on_the_sheet(run: Run) -> None:
    """Every option that a student should see is seen."""

    def sheet(*more: str) -> str:
        shutil.rmtree("out", ignore_errors=True)
        assert run("sheet", "backprop", "--format", "markdown", "--out", "out", *more).code == 0
        return Path("out/sheet-0001.md").read_text(encoding="utf-8")

    assert "Formulas that may be used" in sheet() and "Formulas that may be used" not in sheet("--no-formulas")
    assert "rounded to 6 digits" in sheet("--digits", "6")
    assert "go on with the rounded number" in sheet("--round")
    assert "The first 5 steps are worked out" in sheet("--fade", "5")
    assert "Points: " in sheet() and "2 P" not in sheet("--blank", "z")
    assert "이름" in sheet("--lang", "ko")
