"""What an import may not pull in: starting fast on an old computer is a feature."""

from __future__ import annotations

import pytest

from tests.contracts.house import fresh_python

HEAVY = (
    "numpy",
    "numba",
    "llvmlite",
    "sqlite_utils",
    "sqlcipher3",
    "reportlab",
    "serial",
    "PIL",
    "textual",
    "zstandard",
    "nacl",
)
# module -> the heavy libraries that it may load; all others are forbidden
LIGHT = {
    "probe": (),
    "probe.errors": (),
    "probe.settings": (),
    "probe.geometry": ("numpy",),
    "probe.frame": ("numpy",),
    "probe.discovery": (),
    "imaging": (),
    "imaging.kernels": (),
    "records": (),
    "records.model": (),
    "records.codes": (),
    "records.errors": (),
    "records.reports": (),
    "clinic": (),
    "clinic.cli": (),
    "clinic.__main__": (),
    "clinic.settings": (),
}


@pytest.mark.parametrize(("module", "allowed"), LIGHT.items())
def test_importing_it_is_cheap(module: str, allowed: tuple[str, ...]) -> None:
    loaded = fresh_python(f"import sys, {module}; print(*[name for name in {HEAVY} if name in sys.modules])").split()
    assert set(loaded) <= set(allowed)


def test_naming_the_version_is_cheap() -> None:
    code = "import sys; from clinic.cli import run\ntry: run(['--version'])\nexcept SystemExit: pass\n"
    loaded = fresh_python(code + f"print(*[name for name in {HEAVY} if name in sys.modules])")
    assert loaded.split()[0] == "sauti"
    assert loaded.split()[2:] == []
