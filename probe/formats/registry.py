"""Which reader a file is for: by its ending and a look inside. A reader is not imported before its file comes."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from probe.errors import RecordingError
from probe.recording import OTHER_KIND, Recording


class Format(NamedTuple):
    """One kind of file.

    Args:
        ending: Of its name.
        reader: ``module:function``; takes a path, gives a Recording.
        marks: What must be found: names of arrays in an ``.npz``, or bytes near the beginning of another file.
    """

    ending: str
    reader: str
    marks: tuple[str, ...] = ()


FORMATS: tuple[Format, ...] = (
    Format(".npz", "probe.formats.labtool:read_film", ("rf", "unix_time", "r0_mm")),
    Format(".npz", "probe.formats.dataquarium:read_rf", ("rf", "names", "fs_hz")),
    Format(".npz", "probe.formats.dataquarium:read_envelope", ("env", "names", "r0_mm")),
    Format(".npz", "probe.formats.dataquarium:read_full_rate", ("data", "frequency", "r0", "rf")),
    Format(".npz", "probe.formats.pic0rick:read_counts", ("adc", "fs_hz", "dac")),
    Format(".npz", "probe.formats.un0rick:read_lines", ("signal", "doublerate")),
    Format(".npz", "probe.formats.wulpus:read", ("data_arr", "acq_num_arr")),
    Format(".txt", "probe.formats.labtool:read_text", ("#lines:",)),
    Format(".txt", "probe.formats.lounger:read"),
    Format(".bin", "probe.formats.pic0rick:read_stream", ("P0RK",)),
    Format(".bin", "probe.formats.uprobe1:read"),
    Format(".json", "probe.formats.un0rick:read_dump", ("firmware_md5",)),
)
# films come before single frames, and numbers that are only settings or headers are no recording
_SKIPPED = ("settings", "config", "configs", "headers", "readme")
_LOOKED_AT = 65536


def load(path: Path) -> Recording:
    """The recording in a file, or in the first file of a folder that holds one.

    Raises:
        RecordingError: It is absent, cut short, damaged, or of no known kind.
    """
    try:
        path = _best_file(path) if path.is_dir() else path
        there = path.is_file()
        if there:
            path.open("rb").close()
    except OSError as error:
        raise RecordingError(f"The recording at {path} may not be read", "Check its permissions.") from error
    if not there:
        raise RecordingError(f"There is no recording at {path}", "Check the path.")
    return _reader(_recognise(path).reader)(path)


def _best_file(folder: Path) -> Path:
    """The first file of a known kind, in the order of the table; a film before single frames."""
    files = [path for path in sorted(folder.iterdir()) if path.stem.split("_")[-1].casefold() not in _SKIPPED]
    ranked = [(kind, path) for path in files if (kind := _kind(path)) is not None]
    if not ranked:
        raise RecordingError(f"There is no recording in {folder}", OTHER_KIND)
    return min(ranked, key=lambda found: (FORMATS.index(found[0]), found[1]))[1]


def _recognise(path: Path) -> Format:
    kind = _kind(path)
    if kind is None:
        raise RecordingError(f"The file {path.name} is of no kind that Sauti reads", OTHER_KIND)
    return kind


def _kind(path: Path) -> Format | None:
    """The format of a file; one without marks is the last resort of its ending."""
    inside = _names_in(path) if path.suffix == ".npz" else _beginning(path)
    if inside is None:
        # not even a look inside is possible: the first reader of that ending says what is wrong
        return next((kind for kind in FORMATS if kind.ending == path.suffix), None)
    return next((kind for kind in FORMATS if kind.ending == path.suffix and all(m in inside for m in kind.marks)), None)


def _names_in(path: Path) -> set[str] | None:
    try:
        with zipfile.ZipFile(path) as archive:
            return {name.removesuffix(".npy") for name in archive.namelist()}
    except Exception:  # noqa: BLE001  (on damaged bytes zipfile raises whatever it meets, NotImplementedError too)
        return None


def _beginning(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return file.read(_LOOKED_AT).decode("latin-1")
    except OSError:
        return None


def _reader(target: str) -> Callable[[Path], Recording]:
    module, _, attribute = target.partition(":")
    reader: Callable[[Path], Recording] = getattr(import_module(module), attribute)
    return reader
