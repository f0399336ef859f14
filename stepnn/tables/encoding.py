"""In which encoding a text was saved: what its first bytes say, UTF-8 where it is that, else what a library finds."""

from __future__ import annotations

import codecs

from stepnn.errors import LessonError, refused
from stepnn.words.told import told

MARKS = (  # the longer ones first: that of UTF-16 is the beginning of that of UTF-32
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
OLD = ["cp949", "cp1252"]  # what spreadsheets save in, in Korea and in the west; Latin-1 is a part of the second
FEW = 8
ENOUGH = 1_000_000  # bytes that a guess is made from


def encoding_of(data: bytes, source: str) -> str:
    """The name of the encoding. Raises LessonError for what is no text."""
    for mark, name in MARKS:
        if data.startswith(mark):
            return checked(data, name, source)
    if b"\0" in data[:ENOUGH]:
        zeros = [data[start:ENOUGH:2].count(0) for start in (0, 1)]
        wide = "utf-16-le" if zeros[1] > 4 * zeros[0] else "utf-16-be" if zeros[0] > 4 * zeros[1] else ""
        if not wide:
            raise no_text(source)
        return checked(data, wide, source)
    try:
        codecs.utf_8_decode(data, "strict", True)
        return "utf-8"
    except UnicodeDecodeError:
        refuse_mixed(data, source)
        return checked(data, guessed(data, source), source)


def refuse_mixed(data: bytes, source: str) -> None:
    """Refuse a file whose lines are in different encodings, as when lists were put together. Raises LessonError, which
    tells the lines."""
    others, same = [], 0
    for line, text in enumerate(data[:ENOUGH].splitlines(), 1):
        if not text.isascii():
            try:
                text.decode("utf-8")
                same += 1
            except UnicodeDecodeError:
                others.append(line)
    if same and others:
        shown = ", ".join(map(str, others[:FEW])) + (", …" if len(others) > FEW else "")
        message, remedy = told("table_mixed_encodings", lines=shown), told("save_it_as_csv_in")
        raise refused(source, message, remedy=remedy, line=others[0])


def guessed(data: bytes, source: str) -> str:
    """The old encoding that makes most sense of the bytes."""
    try:
        from charset_normalizer import from_bytes  # an extra
    except ImportError:
        remedy = told("table_install_or_utf")
        raise refused(source, told("the_file_is_not_utf"), remedy=remedy) from None
    best = from_bytes(data[:ENOUGH], cp_isolation=OLD).best()
    if best is None:
        raise no_text(source)
    return best.encoding


def checked(data: bytes, name: str, source: str) -> str:
    """The name, where the whole file is that. Raises LessonError."""
    try:
        data.decode(name)
    except UnicodeError:
        raise no_text(source) from None
    return name


def no_text(source: str) -> LessonError:
    return refused(source, told("this_is_not_a_text"), remedy=told("save_it_as_csv_in"))
