"""The way to a first picture is true: what the page shows compiles against the library."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tests.probe.firmware.conftest import FIRMWARE, STRICT

PAGE = FIRMWARE.parents[1] / "docs" / "how-to" / "adopt-eop1.md"
# what the page takes from the board's own libraries
BOARD = """
#include "eop1.h"
void board_halt(void);
size_t usb_read(uint8_t *bytes, size_t most);
bool usb_was_closed(void);
bool sweep_is_complete(void);
const struct eop1_sweep *completed_sweep(void);
bool button_was_pressed(void);
void pulser_fire(void);
void probe_main(const struct eop1_board *board, const struct eop1_capabilities *capabilities);
void fire_next_line(void);
"""


def test_the_main_loop_compiles(gcc: Callable[..., str], tmp_path: Path) -> None:
    [loop] = re.findall(r"^```c\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    source = tmp_path / "loop.c"
    source.write_text(BOARD + loop)
    gcc(*STRICT, "-ffreestanding", "-I", FIRMWARE, "-c", source, "-o", tmp_path / "loop.o")


def test_the_page_names_every_callback() -> None:
    header = (FIRMWARE / "eop1.h").read_text(encoding="utf-8")
    board = header.split("struct eop1_board {", 1)[1].split("\n};", 1)[0]
    callbacks = re.findall(r"\(\*(\w+)\)", board)
    assert len(callbacks) == 9
    table = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert [line.split("`")[1] for line in table] == callbacks
