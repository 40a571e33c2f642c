"""packaging/udev names every known board, and is well-formed: a rule file with an error is skipped in silence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from probe.known_boards import KNOWN_BOARDS, KnownBoard

RULES = Path(__file__).resolve().parents[2] / "packaging" / "udev" / "70-sauti-probes.rules"
PAIR = re.compile(r'^[A-Z_]+(\{[A-Za-z_]+\})?(==|!=|\+=|=)"[^"]*"$')
LINES = [line for line in RULES.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def _section(label: str) -> list[str]:
    start = LINES.index(f'LABEL="{label}"')
    return LINES[start + 1 : next(i for i in range(start + 1, len(LINES)) if LINES[i].startswith(("LABEL", "GOTO")))]


def _condition(board: KnownBoard, attribute: str) -> str:
    if board.vid is None or board.pid is None:
        return f'{attribute}{{product}}=="{board.product}*", '
    return f'{attribute}{{idVendor}}=="{board.vid:04x}", {attribute}{{idProduct}}=="{board.pid:04x}", '


@pytest.mark.parametrize("line", LINES)
def test_every_line_is_a_list_of_keys(line: str) -> None:
    assert all(PAIR.match(part) for part in line.split(", "))


def test_every_label_that_is_jumped_to_is_there_and_later() -> None:
    for number, line in enumerate(LINES):
        for target in re.findall(r'GOTO="(\w+)"', line):
            assert f'LABEL="{target}"' in LINES[number:]


@pytest.mark.parametrize("board", KNOWN_BOARDS, ids=lambda board: f"{board.driver}-{board.product}")
def test_every_known_board_is_kept_from_the_modem_manager_and_gets_its_driver(board: KnownBoard) -> None:
    assert _condition(board, "ATTR") + 'ENV{ID_MM_DEVICE_IGNORE}="1"' in _section("sauti_board")
    assert f'SUBSYSTEMS=="usb", {_condition(board, "ATTRS")}ENV{{SAUTI_DRIVER}}="{board.driver}"' in _section(
        "sauti_port"
    )


def test_no_rule_is_for_a_board_that_nobody_knows() -> None:
    known = {_condition(board, "ATTR") for board in KNOWN_BOARDS}
    assert {line.split("ENV", maxsplit=1)[0] for line in _section("sauti_board")} == known


def test_the_file_comes_before_the_one_that_gives_access() -> None:
    assert RULES.name < "73-seat-late.rules"
    assert any('TAG+="uaccess"' in line and 'GROUP="dialout"' in line for line in LINES)
