"""A kernel that breaks the rules stops the build of the libraries, and says which."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENTRY = 'KERNELS = _table(_own("greedy", "greedy", "f32[:] f32[:]! i64 i64", 1))\n'
HONEST = "out[row] = source[row]"
GREEDY = {
    "allocates": "out[row] = np.zeros(hi, np.float32)[0] + source[row]",
    "calls Python": "print(source[row])",
}


def _build(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """The build of a tree whose only kernel has this line, one processor level."""
    skip = shutil.ignore_patterns("__pycache__")
    for name in ("imaging", "packaging"):
        shutil.copytree(ROOT / name, folder / name, ignore=skip)
    source = (
        f"import numpy as np\n\n\ndef greedy(source, out, lo, hi):\n    for row in range(lo, hi):\n        {line}\n"
    )
    (folder / "imaging" / "kernels" / "greedy.py").write_text(source, encoding="ascii")
    with (folder / "imaging" / "kernels" / "registry.py").open("a", encoding="utf-8") as registry:
        registry.write(ENTRY)
    native = folder / "imaging" / "native.py"
    text = native.read_text(encoding="utf-8")
    native.write_text(re.sub(r"^LEVELS = .*$", 'LEVELS = ("x86-64",)', text, flags=re.MULTILINE), encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("NUMBA_")}
    command = [sys.executable, str(folder / "packaging" / "kernels.py"), "--output", str(folder / "out")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=110)


@pytest.mark.usefixtures("library_folder")  # it skips where nothing can be compiled
def test_an_honest_kernel_builds(tmp_path: Path) -> None:
    done = _build(tmp_path, HONEST)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "kernels.json").exists()


@pytest.mark.parametrize("what", GREEDY)
@pytest.mark.usefixtures("library_folder")
def test_a_greedy_kernel_stops_the_build(tmp_path: Path, what: str) -> None:
    done = _build(tmp_path, GREEDY[what])
    assert done.returncode != 0
    assert "greedy" in done.stderr or "needs" in done.stderr
    assert not (tmp_path / "out" / "kernels.json").exists()
