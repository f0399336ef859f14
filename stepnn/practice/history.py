"""What has been answered so far: one row an answer, in a SQLite file in the user's data folder. No name, sent nowhere.

The journal is the rollback journal: the write-ahead log does not work on home folders in a network.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path

from platformdirs import user_data_path

if sys.platform != "win32":  # there a file that is open cannot be renamed anyway
    import fcntl

VERSION = 1  # of the table, kept as user_version
WAIT = 5.0  # seconds for another sitting that writes
FILE = "practice.sqlite3"


@dataclass(frozen=True)
class Row:
    """One answer, or one step that was skipped or shown. `at` is in seconds since 1970.

    `unaided` is whether it was right at the first try and without a hint that gives numbers; `own` whether the numbers
    were the lesson's own, which anybody may have seen.
    """

    at: float
    sitting: str
    lesson: str
    fingerprint: int
    run: int
    code: str
    step: str
    skill: str
    answer: str
    verdict: str
    mistake: str
    hints: int
    tries: int
    seconds: float
    unaided: bool
    own: bool

    @property
    def day(self) -> int:
        """Days since 1970, in local time."""
        local = time.localtime(self.at)
        return int((self.at + local.tm_gmtoff) // 86_400)


COLUMNS = [one.name for one in fields(Row)]
TYPES = {"str": "TEXT", "float": "REAL", "int": "INTEGER", "bool": "INTEGER"}
TABLE = ", ".join(f"{one.name} {TYPES[str(one.type)]} NOT NULL" for one in fields(Row))


class History:
    """The answers so far. Where they cannot be kept, `problem` says why, and everything else works."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or data_folder() / FILE
        self.problem = ""
        self.set_aside: Path | None = None
        self.connection: sqlite3.Connection | None = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.connection = self.opened()
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                self.start_anew()
            else:
                self.problem = str(error)
        except OSError as error:
            self.problem = error.strerror or str(error)

    def opened(self) -> sqlite3.Connection:
        """The file with its table. Raises sqlite3.DatabaseError."""
        # A sitting is made in the background and held in the foreground, one after the other.
        connection = sqlite3.connect(self.path, timeout=WAIT, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = DELETE")
        if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
            with writing(connection):
                connection.execute(f"CREATE TABLE IF NOT EXISTS answers ({TABLE})")
                connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("SELECT count(*) FROM answers").fetchone()
        return connection

    def start_anew(self) -> None:
        """Put a damaged file aside, with its journal, and begin a new one. It is never overwritten."""
        try:
            aside = free_name(self.path)
            with locked(self.path):
                self.path.rename(aside)
                journal = self.path.with_name(self.path.name + "-journal")
                if journal.exists():
                    journal.rename(aside.with_name(aside.name + "-journal"))
            self.set_aside = aside
            self.connection = self.opened()
        except (OSError, sqlite3.DatabaseError) as error:
            self.problem = getattr(error, "strerror", None) or str(error)

    def add(self, row: Row) -> None:
        """Keep an answer. It is on the disk when this returns, or `problem` says why not."""
        if self.connection is None:
            return
        places = ", ".join("?" * len(COLUMNS))
        try:
            with writing(self.connection):
                self.connection.execute(f"INSERT INTO answers ({', '.join(COLUMNS)}) VALUES ({places})", astuple(row))
        except sqlite3.Error as error:
            self.problem = str(error)

    def rows(self, lesson: str | None = None) -> list[Row]:
        """All answers in the order in which they were given, or those of a lesson."""
        if self.connection is None:
            return []
        where, values = ("", ()) if lesson is None else (" WHERE lesson = ?", (lesson,))
        with suppress(sqlite3.Error):
            found = self.connection.execute(f"SELECT {', '.join(COLUMNS)} FROM answers{where} ORDER BY rowid", values)
            return [row_of(values) for values in found]
        return []

    def forget(self) -> int:
        """Delete all answers; how many they were."""
        if self.connection is None:
            return 0
        with writing(self.connection):
            return int(self.connection.execute("DELETE FROM answers").rowcount)

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def row_of(values: tuple[object, ...]) -> Row:
    found = Row(*values)  # type: ignore[arg-type]
    return Row(**{**asdict(found), "unaided": bool(found.unaided), "own": bool(found.own)})


def data_folder() -> Path:
    """Where practice is kept: STEPNN_DATA, or the user's data folder."""
    return (
        Path(os.environ["STEPNN_DATA"]) if os.environ.get("STEPNN_DATA") else user_data_path("stepnn", appauthor=False)
    )


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction that takes the lock at once, so that two sittings never wait for each other."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file is no database any more, or not one of these."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "no such table" in str(error)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Only one sitting at a time puts a file aside; the lock ends with the process. Raises OSError for the other."""
    with path.with_name(path.name + ".lock").open("w") as lock:
        if sys.platform != "win32":
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def free_name(path: Path) -> Path:
    """A name beside the file that nothing has yet."""
    number = 1
    while True:
        found = path.with_name(f"{path.name}.damaged-{number}")
        if not found.exists():
            return found
        number += 1
