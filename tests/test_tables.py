"""Tables as people have them: every encoding and separator, exports of learning platforms, spreadsheets, and bad ones."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from stepnn.errors import LessonError, StepnnError
from stepnn.lessons.sample_files import read_samples
from stepnn.sheets.roster import read_roster
from stepnn.tables.table import read_table
from tests.conftest import Run

ROWS = [["학번", "이름", "반"], ["20240001", "김민준", "가"], ["20240002", "이서연", "나"], ["20240003", "뷁 쉛", "가"]]
WESTERN = [
    ["id", "name", "note"],
    ["1", "Jörg Müller", "groß"],
    ["2", "Anne-Sofie Kühn", "x"],
    ["3", "José Ñandú", "y"],
]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp949"]


def written(rows: list[list[str]], separator: str, said: bool = False, end: str = "\r\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=end).writerows(rows)
    return f"sep={separator}{end}{out.getvalue()}" if said else out.getvalue()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", [*ENCODINGS, "cp1252", "latin-1"])
def test_every_dialect_is_read(tmp_path: Path, encoding: str, separator: str) -> None:
    """In each encoding with each separator, with and without a line that names it, and with blank lines."""
    rows = WESTERN if encoding in ("cp1252", "latin-1") else ROWS
    for said in (False, True):
        for end in ("\n", "\r\n"):
            text = written(rows, separator, said, end)
            blank = text.replace(end, end + end) + separator * 2 + end
            for one in (text, blank):
                file = tmp_path / "table.csv"
                file.write_bytes(one.encode(encoding))
                table = read_table(file)
                assert [table.head, *(row for _, row in table.rows)] == rows
                assert bool(table.note) == (encoding not in ("utf-8", "utf-8-sig"))


def test_lines_keep_their_numbers(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text('sep=;\n\nid;name\n\n1;"Ann\nB"\n2;Cy\n')
    table = read_table(file)
    assert (table.head_line, [line for line, _ in table.rows]) == (3, [5, 7])


EXPORTS = {
    "Moodle, English": (["First name", "Last name", "ID number", "Email address"], ["Ann", "Lee", "7", "a@b.c"], ("7", "Ann Lee")),
    "Moodle, German": (["Vorname", "Nachname", "ID-Nummer", "E-Mail-Adresse"], ["Jörg", "Groß", "8", "j@g.de"], ("8", "Jörg Groß")),
    "Moodle, Korean": (["이름", "성", "학번", "이메일 주소"], ["민준", "김", "9", "k@m.kr"], ("9", "김민준")),
    "Moodle without numbers": (["First name", "Surname", "Email address"], ["Ann", "Lee", "ann@b.c"], ("ann@b.c", "Ann Lee")),
    "Canvas": (["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Exam (12)"], ["Lee, Ann", "99", "s1", "ann", "A", ""], ("s1", "Lee, Ann")),
    "Canvas without SIS": (["Student", "ID", "Section"], ["Lee, Ann", "99", "A"], ("99", "Lee, Ann")),
    "Korean office": (["번호", "학번", "성명"], ["1", "2024", "이서연"], ("2024", "이서연")),
    "Korean list": (["학번", "이름"], ["2024", "이서연"], ("2024", "이서연")),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPORTS)
def test_rosters_of_learning_platforms(tmp_path: Path, name: str) -> None:
    head, row, wanted = EXPORTS[name]
    points = [cell if place == len(head) - 1 else "" for place, cell in enumerate(["    Points Possible", *head[1:]])]
    points[0] = "    Points Possible"
    rows = [head, points, row] if "Canvas" in name else [head, row]
    file = tmp_path / "class.csv"
    file.write_bytes(written(rows, ",").encode("utf-8-sig"))
    (student,) = read_roster(file).students
    assert (student.id, student.name) == wanted


def workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_spreadsheets(tmp_path: Path) -> None:
    """Numbers as they would be typed; formulas are refused, each with its cell."""
    file = tmp_path / "class.xlsx"
    file.write_bytes(workbook([["id", "name", "mark"], [20240001, "Ann", 0.5], [], [20240002, "Ben", None]]))
    assert [(one.id, one.name, one.line) for one in read_roster(file).students] == [
        ("20240001", "Ann", 2), ("20240002", "Ben", 4),
    ]  # fmt: skip
    file.write_bytes(workbook([["id", "name"], ["=1+1", "Ann"], [2, "=HYPERLINK(1)"]]))
    with pytest.raises(LessonError) as found:
        read_roster(file)
    assert [(one.where, one.line) for one in found.value.faults] == [("A2", 2), ("B3", 3)]
    file.write_bytes(b"PK\x03\x04 no zip")
    with pytest.raises(LessonError, match="no spreadsheet"):
        read_roster(file)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\x08\2", "not a text file"), (b"", "empty"), (b"\n\n", "empty"),
        (b'id,name\n1,"Ann\n', "class.csv:2: this line is no CSV"), (b"\xff\xfe\x00\xd8", "not a text file"),
    ],
)  # fmt: skip
def test_what_is_no_table(tmp_path: Path, data: bytes, words: str) -> None:
    file = tmp_path / "class.csv"
    file.write_bytes(data)
    with pytest.raises(StepnnError, match=words):
        read_roster(file)


def test_without_the_extra(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is missing is named with the command that installs it; UTF-8 needs none of it."""
    import sys

    monkeypatch.chdir(tmp_path)
    files = (("a.csv", "id,name\n1,김\n".encode("cp949")), ("a.xlsx", workbook([["id", "name"], [1, "A"]])))
    for name in ("charset_normalizer", "openpyxl"):
        monkeypatch.setitem(sys.modules, name, None)
    for name, data in files:
        Path(name).write_bytes(data)
        result = run("sheet", "neuron", "--students", name)
        assert result.code in (1, 2) and "stepnn[tables]" in result.err
    Path("b.csv").write_text("id,name\n1,김\n", encoding="utf-8")
    assert run("sheet", "neuron", "--students", "b.csv", "--format", "markdown").code == 0


IRIS = "sepal;petal;species\n5,1;1,4;setosa\n7,0;4,7;versicolor\n6,3;6,0;virginica\n4,9;1,5;setosa\n"


def test_a_column_of_classes(tmp_path: Path) -> None:
    """One-hot targets in the order of the alphabet; numbered classes by their number; commas as decimal points."""
    file = tmp_path / "iris.csv"
    file.write_text(IRIS)
    samples, _ = read_samples(file, 2, 3, "species")
    assert [list(map(float, one.inputs)) for one in samples] == [[5.1, 1.4], [7.0, 4.7], [6.3, 6.0], [4.9, 1.5]]
    assert np.array([one.targets for one in samples]).argmax(1).tolist() == [0, 1, 2, 0]
    file.write_text("label,x,y\n7,0.1,0.2\n2,0.3,0.4\n")
    samples, _ = read_samples(file, 2, 10, "label")
    assert np.array([one.targets for one in samples]).argmax(1).tolist() == [7, 2]


@pytest.mark.parametrize(
    ("text", "target", "words"),
    [
        (IRIS, "kind", "kind: this column is missing"), (IRIS.replace("virginica", ""), "species", "iris.csv:4: species: is empty"),
        (IRIS + "1;2;fourth\n", "species", "iris.csv:6: species: there is no output for this class"),
        (IRIS.replace("virginica", "setosa"), "species", "fewer classes than outputs"), (IRIS, "", "5,1|number"),
    ],
)  # fmt: skip
def test_faults_of_classes(tmp_path: Path, text: str, target: str, words: str) -> None:
    file = tmp_path / "iris.csv"
    file.write_text(text)
    with pytest.raises(LessonError, match=words):
        read_samples(file, 2, 3, target)


def test_lists_that_were_put_together(tmp_path: Path) -> None:
    """Lines in three encodings at once: none of them is read wrongly in silence."""
    file = tmp_path / "class.csv"
    lines = [b"id,name\n", "1,김민준\n".encode(), "2,이서연\n".encode("cp949"), "3,Jörg\n".encode("latin-1")]
    file.write_bytes(b"".join(lines))
    with pytest.raises(LessonError, match=r"class.csv:3: .*different encodings: 3, 4"):
        read_roster(file)


def test_classes_that_look_like_numbers(tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    for name in ("00000000005", "0" * 5000, "5e3"):
        file.write_text(f"x,y,c\n0,1,{name}\n1,0,{name}\n")
        with pytest.raises(LessonError, match="fewer classes"):
            read_samples(file, 2, 3, "c")


def test_a_spreadsheet_with_a_gap(tmp_path: Path) -> None:
    """A line far below takes no time and no memory for those between."""
    file = tmp_path / "gap.xlsx"
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["id", "name"])
    book.active["A900000"], book.active["B900000"] = 1, "Ann"
    book.save(file)
    assert [one.line for one in read_roster(file).students] == [900000]
