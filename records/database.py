"""The one door to SQLCipher: opens an encrypted database and hands out sqlite-utils over it.

sqlite-utils looks for ``pysqlite3`` first; giving it sqlcipher3 under that name makes both speak of the same exceptions
(without it, altering a table fails). So nothing else may import sqlite_utils before this module.
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import sqlcipher3

sys.modules.setdefault("pysqlite3", sqlcipher3)

import sqlite_utils  # noqa: E402

from records.errors import Damaged, NotFound  # noqa: E402
from records.files import not_writable  # noqa: E402

DatabaseError = sqlcipher3.dbapi2.DatabaseError
OperationalError = sqlcipher3.dbapi2.OperationalError


def open_writable(path: Path, key: bytes) -> sqlite_utils.Database:
    """Open or create a database for its one writer: WAL, and every commit on the disk before it returns.

    Args:
        path: The file; its folder exists.
        key: 32 raw bytes.

    Raises:
        NotWritable: Permission, a full or a read-only disk.
        Damaged: The file is not a database of this key.
    """
    try:
        connection = sqlcipher3.connect(str(path), isolation_level=None, check_same_thread=True)
    except OperationalError as error:
        raise not_writable(PermissionError(13, str(error)), path) from error
    database = _unlocked(connection, key, path)
    try:
        mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    except OperationalError as error:
        raise not_writable(PermissionError(13, str(error)), path) from error
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    if mode != "wal" or connection.execute("PRAGMA synchronous").fetchone()[0] != 2:
        raise Damaged("The database refuses to write safely", f"Move {path.parent} to a local disk.")
    path.chmod(0o600)
    return database


def open_readable(path: Path, key: bytes) -> sqlite_utils.Database:
    """Open a database to read, also while its writer is at work.

    Raises:
        NotFound: There is none.
        Damaged: The file is not a database of this key.
    """
    if not path.exists():
        raise NotFound("There are no records here yet", "Do an exam first.")
    connection = sqlcipher3.connect(f"file:{_quoted(path)}?mode=ro", uri=True, isolation_level=None)
    database = _unlocked(connection, key, path)
    connection.execute("PRAGMA query_only = ON")
    return database


def _unlocked(connection: sqlite3.Connection, key: bytes, path: Path) -> sqlite_utils.Database:
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute("PRAGMA busy_timeout = 5000")
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except DatabaseError as error:
        connection.close()
        raise Damaged(f"The database {path} cannot be opened", "It is damaged or belongs to another site.") from error
    return sqlite_utils.Database(connection)


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
