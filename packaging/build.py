"""Build dist/sauti, one file: kernels ahead of time, PyInstaller's folder, the unpack-once launcher around it.

Run by ``make binary`` with .build-venv. Needs gcc, binutils, Python as a shared library and libzstd's static library;
as root they are installed by apt, otherwise one sentence names them. ``--folder`` stops before the one file.
"""

from __future__ import annotations

import argparse
import ctypes.util
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pack

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
WORK = ROOT / "build"
FOLDER = WORK / "program" / "sauti"
TARGET = ROOT / "dist" / "sauti"
# What is left of optional parts after PyInstaller's own search.
TRIMMED = ("**/tests", "**/*.pyi", "_internal/PIL/_avif*", "_internal/PIL/_webp*", "_internal/PIL/_imagingcms*")


def wanted_packages() -> list[str]:
    """The Debian packages whose parts are absent."""
    wanted = []
    if not _gcc_compiles():
        wanted += ["gcc", "libc6-dev"]
    if not shutil.which("objdump"):
        wanted.append("binutils")
    if not _shared_python():
        wanted.append(f"libpython{sys.version_info.major}.{sys.version_info.minor}")
    if not any(Path("/usr/lib").glob("*/libzstd.a")):
        wanted.append("libzstd-dev")
    return wanted


def _gcc_compiles() -> bool:
    """Debian's gcc comes without the C library's headers."""
    if not shutil.which("gcc"):
        return False
    source = "#include <stdint.h>\nint main(void) { return 0; }\n"
    command = ["gcc", "-x", "c", "-o", os.devnull, "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, check=False).returncode == 0


def _shared_python() -> bool:
    name = sysconfig.get_config_var("INSTSONAME") or ""
    beside = Path(sysconfig.get_config_var("LIBDIR") or "/nowhere") / name
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return (".so" in name and beside.is_file()) or ctypes.util.find_library(version) is not None


def prepare() -> None:
    """See that the build's tools are there."""
    wanted = wanted_packages()
    if wanted and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"installing by apt: {' '.join(wanted)}", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
        install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *wanted]
        subprocess.run(install, env=environment, check=False, stdout=subprocess.DEVNULL)
        wanted = wanted_packages()
    if wanted:
        sys.exit(f"sauti: the build needs more. Run: sudo apt-get install {' '.join(wanted)}    and try again.")


def build_environment() -> dict[str, str]:
    """The same source gives the same bytes: no random hashes, the commit's time as the only time."""
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return {**os.environ, "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": done.stdout.strip() or "1700000000"}


def build_kernels(environment: dict[str, str]) -> None:
    """Object code for each processor level, by the imaging room's own script."""
    subprocess.run([sys.executable, str(HERE / "kernels.py")], cwd=ROOT, env=environment, check=True)


def build_folder(environment: dict[str, str]) -> None:
    """PyInstaller's folder, trimmed."""
    command = [sys.executable, "-m", "PyInstaller", str(HERE / "sauti.spec"), "--noconfirm", "--clean"]
    places = ["--log-level", "WARN", "--distpath", str(FOLDER.parent), "--workpath", str(WORK / "pyinstaller")]
    subprocess.run([*command, *places], cwd=ROOT, env=environment, check=True)
    for pattern in TRIMMED:
        for path in FOLDER.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    strip_python()


def strip_python() -> None:
    """Only Python's own libraries: strip damages those that wheels have patched."""
    inside = FOLDER / "_internal"
    own = [*inside.glob("libpython3*.so*"), *inside.glob("python3*/lib-dynload/*.so"), *inside.glob("lib-dynload/*.so")]
    for path in own:
        subprocess.run(["strip", "--strip-unneeded", str(path)], check=True)


def main() -> None:
    """Build, and say how large it became."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", action="store_true", help="stop after the folder build/program/sauti")
    asked = parser.parse_args()
    prepare()
    environment = build_environment()
    build_kernels(environment)
    build_folder(environment)
    unpacked = sum(path.lstat().st_size for path in FOLDER.rglob("*") if path.is_file() and not path.is_symlink())
    print(f"{FOLDER.relative_to(ROOT)}: {unpacked / 1e6:.1f} MB", flush=True)
    if asked.folder:
        return
    pack.compile_launcher(WORK / "launcher")
    pack.pack(FOLDER, WORK / "launcher", TARGET)
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
