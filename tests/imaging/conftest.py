"""Fixtures of the imaging tests."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from imaging import compiled, native
from imaging.preset import Preset
from probe.frame import Frame
from probe.recording import Recording
from tests.imaging.sweeps import frame_of, speckle

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def film(recordings: Path) -> Recording:
    """The real RF film of a hand in water."""
    return Recording.load(recordings / "echopen_labtool")


@pytest.fixture(scope="session")
def film_frame(film: Recording) -> Frame:
    """Frame 60: four fingers across."""
    return film.frame(60)


@pytest.fixture(scope="session")
def water() -> Preset:
    return Preset.load("water_tank")


@pytest.fixture(scope="session")
def obstetric() -> Preset:
    return Preset.load("obstetric")


@pytest.fixture(scope="session")
def jit() -> compiled.Kernels:
    """Kernels by the JIT, whatever else is installed; plain Python where NUMBA_DISABLE_JIT says so."""
    return compiled.kernels("jit")


@pytest.fixture(scope="session")
def fast() -> None:
    """Skips what would take minutes where kernels are interpreted, as for coverage; small frames are done there too."""
    if os.environ.get("NUMBA_DISABLE_JIT", "0") != "0" and compiled.kernels().way == "jit":
        pytest.skip("kernels are interpreted here (NUMBA_DISABLE_JIT): too slow for whole films; run make kernels")


@pytest.fixture(scope="session")
def speckle_frame() -> Frame:
    """64 lines of synthetic speckle in a sector."""
    return frame_of(speckle())


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Building takes half a minute of a processor, so several on a busy machine; whoever is first waits for it."""
    for item in items:
        if {"library_folder", "library"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def library_folder() -> Path:
    """Kernel libraries of the sources under test, built once for each state of them and of what builds them."""
    if shutil.which("nm") is None or not _gcc_compiles():
        pytest.skip("no gcc with libc6-dev, or no binutils, so kernels cannot be compiled ahead of time")
    builders = [
        ROOT / "packaging" / "kernels.py",
        ROOT / "packaging" / "kernels" / "cpu.c",
        ROOT / "imaging" / "jit.py",
    ]
    state = [
        native.registry_digest(),
        native.source_digest(),
        str(native.LEVELS),
        version("numba"),
        version("llvmlite"),
    ]
    digest = hashlib.sha256("".join([*state, *(path.read_text("utf-8") for path in builders)]).encode()).hexdigest()
    folder = ROOT / ".cache" / "kernels" / digest[:16]
    if not (folder / native.MANIFEST).is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as made:
            _build_libraries(Path(made) / "kernels")
            for path in sorted((Path(made) / "kernels").iterdir(), key=lambda path: path.name == native.MANIFEST):
                path.replace(folder / path.name)  # the manifest comes last: with it the folder is whole
    return folder


def _build_libraries(folder: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("NUMBA_")}
    command = [sys.executable, str(ROOT / "packaging" / "kernels.py"), "--output", str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=580)
    assert done.returncode == 0, done.stderr


def _gcc_compiles() -> bool:
    """Debian's gcc comes without the C library's headers."""
    if shutil.which("gcc") is None:
        return False
    source = "#include <stdint.h>\nint main(void) { return 0; }\n"
    command = ["gcc", "-x", "c", "-o", os.devnull, "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, check=False).returncode == 0


@pytest.fixture(params=native.LEVELS)
def library(request: pytest.FixtureRequest, library_folder: Path) -> native.NativeKernels:
    """The kernels of one processor level; skipped where this processor does not have it."""
    kernels = native.load_from(library_folder, request.param)
    if kernels is None:
        pytest.skip(f"this processor is below {request.param}")
    return kernels
