"""No tracked file names a package index, a machine's own path or a place of work; locks are complete and hashed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.contracts.house import ROOT, name_of, project_files

# Put together from halves, so that this file does not find itself.
FORBIDDEN = {
    "a file address": "file:" + "///",
    "a package index": r"py" + r"pi\.(org|python)|python" + r"hosted\.org|https?://\S+/simple" + r"\b",
    "an index option": r"--(extra-)?index" + r"-url|--find" + r"-links|--trusted" + r"-host|--default-" + r"index",
    "a machine's path": r"(?<![\w.])/(work" + r"|root|home/[a-z]+|Users/[A-Za-z]+|mnt/[a-z]+)/",
}
LOCKS = ("requirements.lock", "requirements-dev.lock", "bench/requirements.lock", "packaging/requirements.lock")
# goes on top of an environment made from another one
ON_TOP = "tests/fuzz/requirements.lock"
PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; (.*?))? \\$")


def test_no_address_in_a_tracked_file() -> None:
    found = [f"{name_of(path)}: {what}" for path in project_files() for what in _addresses(path)]
    assert found == []


def _addresses(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:  # a picture
        return []
    own = [] if len(ROOT.parts) < 3 or str(ROOT) not in text else ["this checkout's path"]
    return own + [f"{what} ({match[0]})" for what, rule in FORBIDDEN.items() if (match := re.search(rule, text))]


def _pins(lock: str) -> dict[tuple[str, str], str]:
    """(package, marker) -> version of one lock."""
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    return {(match[1], match[3] or ""): match[2] for line in lines if (match := PINNED.match(line))}


@pytest.mark.parametrize("lock", [*LOCKS, ON_TOP])
def test_a_lock_holds_pins_hashes_and_remarks_only(lock: str) -> None:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    kinds = (PINNED, re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$"), re.compile(r"^ *#"), re.compile(r"^$"))
    assert [line for line in lines if not any(kind.match(line) for kind in kinds)] == []
    pinned = [index for index, line in enumerate(lines) if PINNED.match(line)]
    assert all("--hash=sha256:" in lines[index + 1] for index in pinned)
    assert pinned


@pytest.mark.parametrize("lock", LOCKS[1:])
def test_the_other_locks_contain_the_first(lock: str) -> None:
    """With the same marker or a wider one: another package of the same lock may want it on more machines."""
    here = _pins(lock)
    lacking = [
        (name, marker, version)
        for (name, marker), version in _pins(LOCKS[0]).items()
        if not any(
            other == name and here[other, wider] == version and set(_terms(wider)) <= set(_terms(marker))
            for other, wider in here
        )
    ]
    assert lacking == []


def _terms(marker: str) -> list[str]:
    return marker.split(" and ") if marker else []


def test_the_locks_follow_the_project_file() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    wanted = dict.fromkeys(LOCKS, project["project"]["dependencies"] + groups["build"])
    for lock, group in zip(LOCKS[1:], ("dev", "bench", "release"), strict=True):
        wanted[lock] = wanted[lock] + groups[group]
    wanted[ON_TOP] = groups["fuzz"]
    missing = {lock: _named(names) - {name for name, _ in _pins(lock)} for lock, names in wanted.items()}
    assert missing == {lock: set() for lock in wanted}, "run: make lock"


def _named(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~\[; ]", text)[0].lower().replace("_", "-") for text in requirements}


def test_the_last_numpy_for_old_processors_is_held() -> None:
    """The wheels of 2.4 and later refuse processors below x86-64-v2."""
    version = next(version for (name, _), version in _pins(LOCKS[0]).items() if name == "numpy")
    assert tuple(map(int, version.split(".")[:2])) < (2, 4)
