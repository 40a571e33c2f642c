"""Who has a device open, without opening it: the kernel's tables of locks and of open files. Linux only."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that has a device open.

    Args:
        pid: Its number; 0 when the kernel does not tell it.
        program: Its name; empty when it may not be known.
    """

    pid: int
    program: str = ""

    def __str__(self) -> str:
        if not self.pid:
            return "another program"
        return f"{self.program or 'a program'} (process {self.pid})"


def holders(addresses: Iterable[str], proc: Path = PROC) -> dict[str, Holder]:
    """The devices that somebody has open, as far as this user may know.

    Locks are told to everybody, open files only of one's own processes: a device that is missing here may be in use.
    """
    wanted = {os.path.realpath(address): address for address in addresses}
    if not wanted:
        return {}
    found = {wanted[path]: Holder(pid, _program(proc, pid)) for path, pid in _lockers(wanted, proc)}
    left = {path for path, address in wanted.items() if address not in found}
    for path, pid in _openers(left, proc):
        found.setdefault(wanted[path], Holder(pid, _program(proc, pid)))
    return found


def _lockers(paths: Iterable[str], proc: Path) -> Iterator[tuple[str, int]]:
    """(path, process) of each path that has an advisory lock, as a serial program takes on its port."""
    files = {}
    for path in paths:
        try:
            status = Path(path).stat()
        except OSError:
            continue
        files[f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"] = path
    try:
        rows = (proc / "locks").read_text(encoding="ascii", errors="replace").splitlines() if files else []
    except OSError:
        return
    for words in map(str.split, rows):
        # "1: FLOCK  ADVISORY  WRITE 1234 00:06:99 0 EOF"; a lock that is waited for has "->" behind the number
        if len(words) == 8 and words[5] in files:
            yield files[words[5]], int(words[4]) if words[4].isdecimal() else 0


def _openers(paths: set[str], proc: Path) -> Iterator[tuple[str, int]]:
    """(path, process) of each path among the open files of processes that this user may look into."""
    if not paths:
        return
    for process in proc.glob("[0-9]*"):
        try:
            with os.scandir(process / "fd") as entries:
                for entry in entries:
                    if (target := os.readlink(entry.path)) in paths:  # noqa: PTH115  (thousands of them)
                        yield target, int(process.name)
        except OSError:  # not ours, or gone meanwhile
            continue


def _program(proc: Path, pid: int) -> str:
    try:
        name = (proc / str(pid) / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
    return "".join(c if c.isprintable() else "?" for c in name)
