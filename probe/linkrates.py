"""LinkRates: what each probe's link carried, remembered per probe and port in one small file.

The file is a convenience: when it is absent, damaged or not writable, rates are measured anew and nothing else happens.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

MOST_REMEMBERED = 64
_LEAST, _MOST = 1_000, 10**9
_NOTEWORTHY = 0.1


class LinkRates:
    """Rates by serial number and port; the last used are kept.

    Args:
        path: The file; its folder is there. None: remember until the program ends.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._rates = {} if path is None else _read(path)

    def recall(self, serial: str, port: str) -> int | None:
        """Bytes a second, if this probe was measured at this port before."""
        return self._rates.get(_key(serial, port))

    def remember(self, serial: str, port: str, bytes_s: int) -> None:
        """Keep a figure; the file is written when it is news, by a rename so that a power cut leaves the old one."""
        key = _key(serial, port)
        bytes_s = min(max(bytes_s, _LEAST), _MOST)
        before = self._rates.pop(key, None)
        news = before is None or abs(bytes_s - before) > _NOTEWORTHY * before
        self._rates[key] = bytes_s if news or before is None else before
        while len(self._rates) > MOST_REMEMBERED:
            del self._rates[next(iter(self._rates))]
        if news and self._path is not None:
            _write(self._path, self._rates)


def _key(serial: str, port: str) -> str:
    return f"{serial}\n{port}"


def _read(path: Path) -> dict[str, int]:
    try:
        rows: Any = json.loads(path.read_text(encoding="utf-8"))["rates"]
        found = {_key(str(row["serial"]), str(row["port"])): int(row["bytes_s"]) for row in rows}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    return {key: rate for key, rate in list(found.items())[-MOST_REMEMBERED:] if _LEAST <= rate <= _MOST}


def _write(path: Path, rates: dict[str, int]) -> None:
    rows = [dict(zip(("serial", "port"), key.split("\n", 1), strict=True), bytes_s=rate) for key, rate in rates.items()]
    beside = path.with_name(path.name + ".new")
    with contextlib.suppress(OSError):
        beside.touch(mode=0o600)
        beside.write_text(json.dumps({"version": 1, "rates": rows}, indent=1) + "\n", encoding="utf-8")
        beside.replace(path)
