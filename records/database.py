"""The one door to SQLCipher: opens an encrypted database and hands out sqlite-utils over it.

sqlite-utils looks for ``pysqlite3`` first; giving it sqlcipher3 under that name makes both speak of the same exceptions
(without it, altering a table fails). So every other module takes sqlite-utils' names from here.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import sqlcipher3

sys.modules.setdefault("pysqlite3", sqlcipher3)

import sqlite_utils  # noqa: E402
from sqlite_utils.db import Database as Database  # noqa: E402
from sqlite_utils.migrations import Migrations as Migrations  # noqa: E402

from records.errors import Damaged, NotFound, NotWritable, RecordsError  # noqa: E402

if not issubclass(sqlite_utils.utils.OperationalError, sqlcipher3.dbapi2.DatabaseError):
    raise ImportError("sqlite_utils was imported before records.database and speaks to another SQLite")

DatabaseError = sqlcipher3.dbapi2.DatabaseError
_WAIT_MS = 5000
_WRITER = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}


def open_writable(path: Path, key: bytes) -> Database:
    """Open or create a database for its one writer.

    WAL, every commit on the disk before it returns, and what is deleted is overwritten: each is set and asked back.

    Args:
        path: The file; its folder exists and can be written.
        key: 32 raw bytes.

    Raises:
        NotWritable: Permission, a full or a read-only disk.
        Damaged: The file is not a database of this key, or lies where it cannot be written safely.
    """
    try:
        connection = sqlcipher3.connect(str(path), isolation_level=None, check_same_thread=True)
    except DatabaseError as error:
        raise refused(error, path) from error
    try:
        database = _unlocked(connection, key)
        for name, wanted in _WRITER.items():
            connection.execute(f"PRAGMA {name} = {wanted}")
            if connection.execute(f"PRAGMA {name}").fetchone()[0] != wanted:
                raise Damaged("The database refuses to write safely", f"Move {path.parent} to a local disk.")
        path.chmod(0o600)
    except DatabaseError as error:
        connection.close()
        raise refused(error, path) from error
    except BaseException:
        connection.close()
        raise
    return database


def open_readable(path: Path, key: bytes) -> Database:
    """Open a database to read, also while its writer is at work.

    Raises:
        NotFound: There is none.
        Damaged: The file is not a database of this key.
        NotWritable: Its folder is not writable although the last writer ended without closing.
    """
    if not path.exists():
        raise NotFound("There are no records here yet", "Do an exam first.")
    connection = sqlcipher3.connect(_address(path), uri=True, isolation_level=None)
    try:
        database = _unlocked(connection, key)
        connection.execute("PRAGMA query_only = ON")
    except DatabaseError as error:
        connection.close()
        raise refused(error, path) from error
    return database


@contextlib.contextmanager
def brief_wait(database: Database) -> Iterator[None]:
    """Wait a tenth of a second at most for other connections while inside."""
    database.execute("PRAGMA busy_timeout = 100")
    try:
        yield
    finally:
        database.execute(f"PRAGMA busy_timeout = {_WAIT_MS}")


def refused(error: Exception, path: Path) -> RecordsError:
    """The sentence for an error of SQLite: the disk's fault, or that of the stored bytes."""
    name = getattr(error, "sqlite_errorname", "")
    for start, (kind, title, advice) in _SENTENCES.items():
        if name.startswith(start):
            return kind(f"{title} ({path})", advice)
    return Damaged(f"The database refused: {error} ({path})", "Run sauti verify.")


_SENTENCES: dict[str, tuple[type[RecordsError], str, str]] = {
    "SQLITE_FULL": (NotWritable, "The disk is full", "Free some space, then try again; nothing saved before is lost."),
    "SQLITE_IOERR": (
        NotWritable,
        "The disk is full or failing",
        "Free some space, then try again; nothing saved is lost.",
    ),
    "SQLITE_READONLY": (NotWritable, "The records cannot be written", "Ask for write permission on the folder."),
    "SQLITE_CANTOPEN": (NotWritable, "The records cannot be opened", "Ask for write permission on the folder."),
    "SQLITE_PERM": (NotWritable, "The records cannot be opened", "Ask for permission on the folder."),
    "SQLITE_BUSY": (NotWritable, "Another program holds the records", "Close it, then try again."),
    "SQLITE_LOCKED": (NotWritable, "Another program holds the records", "Close it, then try again."),
    "SQLITE_NOTADB": (Damaged, "The database cannot be opened", "It is damaged or belongs to another site."),
    "SQLITE_CORRUPT": (Damaged, "The database is damaged", "Keep the disk as it is and call for help."),
}


def _unlocked(connection: sqlite3.Connection, key: bytes) -> Database:
    # SQLCipher writes to standard error otherwise, across whatever is on the screen.
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute("PRAGMA cipher_compatibility = 4")
    connection.execute(f"PRAGMA busy_timeout = {_WAIT_MS}")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return Database(connection, execute_plugins=False)


def _address(path: Path) -> str:
    quoted = str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    # A home on a write-protected medium has no writer: without a journal beside it, its file is all there is.
    closed = not path.with_name(f"{path.name}-wal").exists()
    return f"file:{quoted}?mode=ro" + ("&immutable=1" if closed and not os.access(path.parent, os.W_OK) else "")
