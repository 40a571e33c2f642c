"""One file out of a program's folder: the static launcher, a zstd stream, a trailer. launcher.c reads it."""

from __future__ import annotations

import hashlib
import stat
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import zstandard

HERE = Path(__file__).resolve().parent
LEVEL = 19
ID_DIGITS = 32
_ENTRY = struct.Struct("<IIQ")
_TRAILER = struct.Struct("<32sQQ8s")
MAGIC = b"SAUTI-1\0"


def compile_launcher(target: Path) -> None:
    """The static launcher; needs gcc and libzstd's static library."""
    options = ["-O2", "-Wall", "-Wextra", "-Werror", "-static", "-s"]
    subprocess.run(["gcc", *options, "-o", str(target), str(HERE / "launcher.c"), "-lzstd"], check=True)


def pack(folder: Path, launcher: Path, target: Path) -> None:
    """Write ``target``. The same folder gives the same bytes: entries are sorted and carry no times."""
    compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compressobj()
    digest = hashlib.sha256()
    head = launcher.read_bytes()
    length = 0
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    with target.open("wb") as out:
        out.write(head)
        for piece in _pieces(folder):
            digest.update(piece)
            length += out.write(compressor.compress(piece))
        length += out.write(compressor.flush())
        name = digest.hexdigest()[:ID_DIGITS].encode()
        out.write(_TRAILER.pack(name, len(head), length, MAGIC))
    target.chmod(0o755)


def _pieces(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix().encode()
        if path.is_symlink():
            content = path.readlink().as_posix().encode()
            mode = stat.S_IFLNK | 0o777
        elif path.is_file():
            content = path.read_bytes()
            mode = stat.S_IFREG | (0o755 if path.stat().st_mode & 0o111 else 0o644)
        else:
            continue
        yield _ENTRY.pack(len(name), mode, len(content)) + name
        yield content
    yield _ENTRY.pack(0, 0, 0)[:8]
