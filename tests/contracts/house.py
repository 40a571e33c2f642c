"""What the contract tests share: the root, the files of the project, a fresh interpreter."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("probe", "imaging", "records", "clinic")
SKIPPED_FOLDERS = {"build", "dist", "__pycache__"}


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that is, or would be, under version control; all files where this is not a clone."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        return tuple(path for path in sorted(ROOT.rglob("*")) if path.is_file() and not _ignored(path))
    return tuple(ROOT / name for name in sorted(filter(None, listed)) if (ROOT / name).is_file())


def _ignored(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return any(part in SKIPPED_FOLDERS or (part.startswith(".") and part != ".ci") for part in parts)


def python_files(*folders: str) -> list[Path]:
    """The Python files below the named top-level folders, or all of them."""
    found = [path for path in project_files() if path.suffix == ".py"]
    return [path for path in found if not folders or path.relative_to(ROOT).parts[0] in folders]


def name_of(path: Path) -> str:
    """A file's path inside the repository, for test ids and messages."""
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    """The dotted name of a Python file of one of the four packages."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def fresh_python(code: str) -> str:
    """What a new interpreter prints that runs ``code`` with the repository on its path."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout
