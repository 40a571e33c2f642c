import sqlite3

from sqlcipher3 import dbapi2 as dbapi2

def connect(
    database: str, *, isolation_level: str | None = ..., check_same_thread: bool = ..., uri: bool = ...
) -> sqlite3.Connection: ...
