"""Starting: what a first picture loads, and where compiled kernels are kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from imaging import jit

ROOT = Path(__file__).resolve().parents[2]
# numba takes scipy where it finds it: the tests have it, the product does not
PICTURE = """
import sys
sys.modules["scipy"] = None
import numpy as np
from imaging.chain import picture_of
from imaging.preset import Preset
from tests.imaging.sweeps import frame_of, speckle
picture = picture_of(frame_of(speckle(8, 300)), Preset.load("obstetric"), 64, 48)
assert picture.pixels.any()
heavy = ("numba", "llvmlite", "scipy", "cv2", "PIL", "zstandard", "jpeg_ls")
print(*sorted(name for name in heavy if sys.modules.get(name)))
"""


def _run(code: str, root: Path = ROOT, **variables: str) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("NUMBA_")}
    environment |= {"PYTHONPATH": str(root), **variables}
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_compiles_nothing() -> None:
    code = "import sys, imaging.chain, imaging.codecs, imaging.overlay, imaging.warmup; print('numba' in sys.modules)"
    assert _run(code) == "False"


def test_a_picture_by_the_jit_needs_numba_only() -> None:
    assert _run(PICTURE, SAUTI_KERNELS="jit") == "llvmlite numba"


def test_a_picture_by_the_libraries_needs_numpy_only(library_folder: Path, tmp_path: Path) -> None:
    for name in ("imaging", "probe", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    # beside imaging/, as in a bundle; the link must not lead the search back into the repository
    (tmp_path / "kernels").symlink_to(library_folder)
    here = f"import imaging.native, pathlib; imaging.native._HERE = pathlib.Path({str(tmp_path / 'imaging')!r})\n"
    assert _run(here + PICTURE, tmp_path, SAUTI_KERNELS="native") == ""


def test_an_unwritable_home_only_costs_time(tmp_path: Path) -> None:
    """Neither the sources' folder nor the user's cache can be written: kernels are compiled and not kept."""
    code = (
        "import imaging.jit, pathlib\n"
        "imaging.jit._cache_folders = lambda: [pathlib.Path('/proc/nowhere'), pathlib.Path('/dev/null/cache')]\n"
        "from imaging.kernels.registry import KERNELS\n"
        "kernel = imaging.jit.compile_kernel(KERNELS['pack_quads'])\n"
        "print(type(kernel).__name__, kernel.stats.cache_path)"
    )
    assert _run(code, HOME=str(tmp_path / "gone")) == "CPUDispatcher None"


def test_a_folder_is_tried_before_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jit.numba.config, "CACHE_DIR", "")
    monkeypatch.setattr(jit, "_cache_folders", lambda: [Path("/dev/null/cache"), tmp_path / "deep" / "cache"])
    assert jit._cache_ready()
    assert str(tmp_path / "deep" / "cache") == jit.numba.config.CACHE_DIR
    monkeypatch.setattr(jit.numba.config, "CACHE_DIR", "/dev/null/cache")
    assert not jit._cache_ready()
    monkeypatch.setattr(jit.numba.config, "CACHE_DIR", "")
    monkeypatch.setattr(jit, "_cache_folders", list)
    assert not jit._cache_ready()


@pytest.mark.parametrize("said", ["", "relative", "/dev/null"])
def test_the_cache_lies_where_it_can_be_written(tmp_path: Path, said: str) -> None:
    code = "from imaging.jit import _cache_folders; print(*_cache_folders())"
    first, second = _run(code, HOME=str(tmp_path), XDG_CACHE_HOME=said).split()
    assert first == str(ROOT / ".cache" / "numba")
    base = said if said.startswith("/") else f"{tmp_path}/.cache"
    assert second == f"{base}/sauti/numba"
