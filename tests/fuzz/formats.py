"""Foreign recordings: every reader of ``probe.formats``, behind the recogniser that chooses it."""

from __future__ import annotations

import io
import shutil
import tempfile
import warnings
import weakref
import zipfile
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from probe.errors import RecordingError
from probe.formats.registry import FORMATS, Format
from probe.recording import Recording
from tests.fuzz.target import LONGEST, Broken, Target

# what an array may be instead of what a reader hopes for
KINDS = ("<u2", "<f8", "S2", "<U1", "?", "<c16", "<i8", "<M8[s]", "<m8[s]", "<f2", ">u2", "V2", "<i2", "u1", "<f4")
SHAPES: tuple[tuple[int, ...] | None, ...] = (None, (), (0,), (1,), (2, 2), (2, 2, 2, 2))
FILLS: tuple[Callable[[NDArray[np.generic]], NDArray[np.generic]], ...] = (
    lambda array: array, np.zeros_like, lambda array: np.full(array.shape, np.nan), lambda array: array * 0 - 1,
    lambda array: np.full(array.shape, 1e30),
)  # fmt: skip


class FormatUnderFire:
    """A reader of one kind of file. Input: 0 and a file, which may be followed by its settings; or, for an ``.npz``,

    1 and its arrays, each as length and bytes, then the settings; or 2 and three bytes for each array of a good file:
    below 128 it stays as it is, else it becomes one of ``KINDS`` and ``SHAPES``, filled by ``FILLS``.
    """

    def __init__(self, kind: Format) -> None:
        self._kind = kind
        self._taken = 0

    @cached_property
    def _folder(self) -> Path:
        folder = tempfile.mkdtemp(prefix="sauti-fuzz-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return Path(folder)

    def __call__(self, data: bytes) -> int:
        recording = self.read(data)
        if recording is not None and any(len(frame.missing) != frame.lines for frame in recording.all):
            raise Broken("a frame of another shape")
        return self._taken

    def read(self, data: bytes) -> Recording | None:
        """What an input holds; None when it is refused."""
        how, content = (data[0], data[1:]) if data else (0, b"")
        if how & 3 and self._kind.ending == ".npz":
            content, settings = self._zipped(content) if how & 1 else self._typed(content)
        else:
            content, _, settings = content.partition(b"\0@@\0")
        folder = self._folder
        for beside in ("film_settings.txt", "uss_config.json"):
            (folder / beside).write_bytes(settings)
        path = folder / f"film_x{self._kind.ending}"
        path.write_bytes(content)
        self._taken = len(content) + len(settings)
        try:
            return Recording.load(path)
        except RecordingError:
            return None

    def _typed(self, content: bytes) -> tuple[bytes, bytes]:
        arrays = dict(ARRAYS.get(self._kind.reader, {}))
        for index, name in enumerate(arrays):
            how = content[3 * index : 3 * index + 3].ljust(3, b"\0")
            if how[0] >= 128:
                arrays[name] = other(np.asarray(arrays[name]), *how)
        out = io.BytesIO()
        np.savez(out, **arrays)  # type: ignore[arg-type]
        return out.getvalue(), _USS

    def _zipped(self, content: bytes) -> tuple[bytes, bytes]:
        names, out = list(ARRAYS.get(self._kind.reader, dict.fromkeys(self._kind.marks))), io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            at = 0
            for name in names:
                size = int.from_bytes(content[at : at + 2], "little")
                archive.writestr(f"{name}.npy", content[at + 2 : at + 2 + size])
                at += 2 + size
        return out.getvalue(), content[at:]


def other(array: NDArray[np.generic], kind: int, shape: int, fill: int) -> NDArray[np.generic]:
    """An array of another kind; one that cannot become it is left alone."""
    wanted = SHAPES[shape % len(SHAPES)]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            filled = FILLS[fill % len(FILLS)](array if wanted is None else np.resize(array, wanted))
            return np.asarray(filled).astype(KINDS[kind % len(KINDS)])
        except (TypeError, ValueError, OverflowError):
            return array


_RF = np.random.default_rng(1).integers(-99, 99, (2, 4, 40)).astype(np.int16)
ARRAYS: dict[str, dict[str, object]] = {
    "probe.formats.labtool:read_film": {
        "rf": _RF, "unix_time": np.array([1.0, 1.1]), "r0_mm": 80.0, "fs_hz": 15.6e6, "f0_hz": 3.5e6,
        "sector_deg": 57.0, "c_m_s": 1480.0,
    },
    "probe.formats.dataquarium:read_rf": {"rf": _RF, "names": np.array(["a", "b"]), "fs_hz": 15.6e6},
    "probe.formats.dataquarium:read_envelope": {
        "env": _RF.astype(np.uint8), "names": np.array(["a"]), "r0_mm": 80.0, "rf_mm": 90.0, "sector_deg": 80.0,
    },
    "probe.formats.dataquarium:read_full_rate": {
        "data": _RF[0], "frequency": 125.0, "r0": 80.0, "rf": 90.0, "piezofrequency": 3.5, "angle": 80.0,
    },
    "probe.formats.pic0rick:read_counts": {
        "adc": (np.arange(16000) % 1024).reshape(2, 8000).astype(np.uint16), "fs_hz": 6e7, "dac": 250,
        "timestamp": np.array(["2024-01-01T00:00:00"] * 2), "target": np.array(["x"]),
    },
    "probe.formats.un0rick:read_lines": {"signal": np.linspace(-1, 1, 80).reshape(2, 40), "doublerate": np.array([1])},
    "probe.formats.wulpus:read": {
        "data_arr": np.arange(800).reshape(400, 2).astype(np.int16), "acq_num_arr": np.array([7, 8], dtype=np.uint16),
        "tx_rx_id_arr": np.array([0, 1], dtype=np.uint8),
    },
}  # fmt: skip
_USS = (
    b'{"meas_period":50000,"pulse_freq":2250000,"num_pulses":2,"sampling_freq":8000000,"num_samples":400,"rx_gain":13,'
    b'"dcdc_turnon":100,"start_ppg":500,"start_adcsampl":509,"capt_timeout":3000}'
)


def _flat(reader: str) -> bytes:
    """The arrays of a good file, in an input's form."""
    out = b""
    for value in ARRAYS[reader].values():
        buffer = io.BytesIO()
        np.save(buffer, np.asarray(value))
        out += len(buffer.getvalue()).to_bytes(2, "little") + buffer.getvalue()
    return out


def _format_seeds(kind: Format) -> Sequence[bytes]:
    if kind.reader in ARRAYS:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **ARRAYS[kind.reader])  # type: ignore[arg-type]
        settings = _USS if "wulpus" in kind.reader else b""
        typed = [b"\2" + bytes((0, 0, 0) * index + (131, 0, 0)) for index in range(len(ARRAYS[kind.reader]))]
        return [*typed, b"\1" + _flat(kind.reader) + settings, b"\0" + buffer.getvalue() + b"\0@@\0" + settings]
    return _TEXTS.get(kind.reader, lambda: [])()


def _labtool() -> Sequence[bytes]:
    head = b"#lines:2\n#length:3\n#frequency:15.6\n#piezofrequency:3.5\n#angle:80\n#r0:80\n"
    return [b"\0" + head + b"1 2 3\n4 5 6\n", b"\0" + head + b"1 2 3\n4 5 6\n\0@@\x0080 90 8 2 57 0"]


def _p0rk() -> Sequence[bytes]:
    from tests.fuzz.decoders import P0RK_MARK

    return [b"\0" + P0RK_MARK[: LONGEST - 1], b"\0" + P0RK_MARK]


def _uprobe() -> Sequence[bytes]:
    from tests.fuzz.decoders import UPROBE

    return [b"\0" + UPROBE]


_TEXTS: dict[str, Callable[[], Sequence[bytes]]] = {
    "probe.formats.labtool:read_text": _labtool,
    "probe.formats.lounger:read": lambda: [b"\x001 2 3\n4 5 6\n\0@@\x0000 90 27 2 60 1 PROBE_V1__3_5MHZ 0"],
    "probe.formats.pic0rick:read_stream": _p0rk,
    "probe.formats.uprobe1:read": _uprobe,
    "probe.formats.un0rick:read_dump": lambda: [
        b'\0{"firmware_md5":"x","registers":{"237":1},"data":[130,1,131,2,132,3,133,4]}'
    ],
}


def targets() -> list[Target]:
    """A new format is fuzzed without being named here, and better with a good file of its kind above."""
    return [_format(kind) for kind in FORMATS]


def _format(kind: Format) -> Target:
    module, _, function = kind.reader.partition(":")
    name = f"format:{module.rpartition('.')[2]}.{function}"
    modules = (module, "probe.formats.registry")
    return Target(name, FormatUnderFire(kind), lambda: _format_seeds(kind), lambda: modules)
