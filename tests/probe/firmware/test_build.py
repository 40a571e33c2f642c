"""The library keeps its promises to a firmware project: strict C99, freestanding, nothing called, small."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.probe.firmware.conftest import FIRMWARE, LIBRARY, STRICT

MOST_LINES = 1500
# what a freestanding compiler may call by itself
COMPILERS_OWN = {"memcpy", "memmove", "memset", "memcmp"}
# a board's processor has 32 bits: what it divides by 64 bits, its compiler brings
COMPILERS_DIVISION = {"__divdi3", "__udivdi3", "__udivmoddi4", "__umoddi3", "_GLOBAL_OFFSET_TABLE_"}


def test_the_library_stays_small() -> None:
    files = [*LIBRARY, *FIRMWARE.glob("*.h")]
    assert sum(path.read_bytes().count(b"\n") for path in files) < MOST_LINES


@pytest.mark.parametrize("bits", ["-m64", "-m32"])
@pytest.mark.parametrize("source", LIBRARY, ids=lambda path: path.stem)
def test_it_builds_without_a_word_for_a_board_without_a_system(
    source: Path, bits: str, gcc: Callable[..., str], tmp_path: Path
) -> None:
    target = tmp_path / "out.o"
    if platform.machine() != "x86_64":
        if bits == "-m32":
            pytest.skip("this compiler is for another processor")
        bits = "-Os"
    gcc(*STRICT, "-Wsign-conversion", "-Wcast-align", bits, "-O2", "-ffreestanding", "-c", source, "-o", target)
    if shutil.which("nm") is None:
        pytest.skip("there is no nm")
    listed = subprocess.run(["nm", "-u", str(target)], capture_output=True, text=True, check=True).stdout
    wanted = set(re.findall(r"U (\w+)", listed)) - COMPILERS_OWN - COMPILERS_DIVISION
    assert {name for name in wanted if not name.startswith("eop1_")} == set()


def test_nothing_is_kept_outside_of_the_device(gcc: Callable[..., str], tmp_path: Path) -> None:
    """Two devices on one board must not share anything that changes."""
    if shutil.which("nm") is None:
        pytest.skip("there is no nm")
    for source in LIBRARY:
        target = tmp_path / "out.o"
        gcc(*STRICT, "-ffreestanding", "-fno-pie", "-c", source, "-o", target)
        listed = subprocess.run(["nm", str(target)], capture_output=True, text=True, check=True).stdout
        assert re.findall(r" [bBdDcC] (\w+)", listed) == []


def test_headers_hide_nothing_but_their_own_names() -> None:
    text = (FIRMWARE / "eop1.h").read_text(encoding="utf-8")
    assert set(re.findall(r"#include <(\S+)>", text)) == {"stdbool.h", "stddef.h", "stdint.h"}
    names = re.findall(r"^(?:bool|void|size_t|u?int\d+_t) \*?(\w+)\(", text, re.MULTILINE)
    assert len(names) >= 15
    assert all(name.startswith("eop1_") for name in names)


def test_what_a_board_may_get_wrong(gcc: Callable[..., str], tmp_path: Path) -> None:
    program = tmp_path / "library"
    flags = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    gcc(*STRICT, *flags, *LIBRARY, Path(__file__).parent / "library.c", "-o", program)
    done = subprocess.run([str(program)], capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")


def test_any_bytes_leave_it_whole(faults, gcc: Callable[..., str], tmp_path: Path) -> None:
    """Rounds of damaged requests in virtual time, with the address and undefined-behaviour sanitizers watching."""
    program = tmp_path / "fuzz"
    flags = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    gcc(*STRICT[:5], *flags, *LIBRARY, Path(__file__).parent / "fuzz.c", "-o", program)
    rounds = faults.count(1_000_000) // 8
    for seed in range(faults.seed, faults.seed + 8):
        done = subprocess.run([str(program), str(seed), str(rounds)], capture_output=True, text=True, timeout=3000)
        assert (done.returncode, done.stderr) == (0, ""), f"seed {seed}"
        assert done.stdout.startswith(f"{rounds} rounds")
