"""Discovery: boards by their descriptors, four distinct states, and no port opened on the way."""

from __future__ import annotations

import builtins
import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from types import SimpleNamespace

import pytest

from probe import known_boards
from probe.discovery import FoundPort, PortState, find
from probe.drivers import registry
from probe.holders import Holder, holders
from probe.known_boards import KNOWN_BOARDS, Confidence, KnownBoard, tells_apart, usb_number
from probe.links import ports as ports_module
from probe.links.ports import SerialPort, serial_ports
from probe.links.serial import SerialLink

EOP1 = SerialPort("/dev/ttyACM0", 0x1209, 0x0001, "ECHO0001", "EOP/1 sector probe", "Open", "1-1:1.0")
P0RK = SerialPort("/dev/ttyACM1", 0xCAFE, 0x4011, "P0RK0001", "pic0rick RP2350 Signal Processor", "pic0rick", "1-2:1.0")
PICO = SerialPort("/dev/ttyACM10", 0x2E8A, 0x000A, "E66118604B", "Pico", "Raspberry Pi", "1-3:1.0")
FTDI = SerialPort("/dev/ttyUSB0", 0x0403, 0x6001, "A50285BI", "FT232R USB UART", "FTDI", "1-4")
BOARD = SerialPort("/dev/ttyS0")


def found(*ports: SerialPort, allowed: bool = True, held: dict[str, Holder] | None = None) -> tuple[FoundPort, ...]:
    return find(lambda: ports, may_use=lambda address: allowed, held_by=lambda addresses: held or {})


def test_the_surest_usable_probe_comes_first() -> None:
    rows = found(BOARD, FTDI, PICO, P0RK, EOP1)
    assert [row.address for row in rows] == [
        "/dev/ttyACM0", "/dev/ttyACM1", "/dev/ttyACM10", "/dev/ttyS0", "/dev/ttyUSB0",
    ]  # fmt: skip
    assert [row.driver for row in rows] == ["eop1", "p0rk", "pic0rick", "", ""]
    assert [row.confidence.word for row in rows] == ["sure", "sure", "possible", "none", "none"]
    assert rows[1].usb_id == "CAFE:4011"
    assert rows[3].usb_id == ""


def test_a_busy_sure_probe_stands_behind_a_usable_possible_one() -> None:
    first, second = found(EOP1, PICO, held={"/dev/ttyACM0": Holder(77, "minicom")})
    assert (first.address, second.state) == ("/dev/ttyACM10", PortState.BUSY)


def test_ports_are_in_the_order_of_their_numbers() -> None:
    two = SerialPort("/dev/ttyACM2", 0x2E8A, 0x000A)
    assert [row.address for row in found(PICO, two)] == ["/dev/ttyACM2", "/dev/ttyACM10"]


@pytest.mark.parametrize(
    ("rows", "state", "sentence"),
    [
        (found(EOP1), PortState.USABLE, ""),
        (
            found(EOP1, allowed=False),
            PortState.NO_PERMISSION,
            "This user may not use the probe at /dev/ttyACM0. Ask the administrator to install "
            "packaging/udev/70-sauti-probes.rules, or to add the user to the group dialout (and log in again).",
        ),
        (
            found(EOP1, held={"/dev/ttyACM0": Holder(77, "minicom")}),
            PortState.BUSY,
            "The probe at /dev/ttyACM0 is in use by minicom (process 77). Close that program.",
        ),
        (
            found(EOP1, held={"/dev/ttyACM0": Holder(0)}),
            PortState.BUSY,
            "The probe at /dev/ttyACM0 is in use by another program. Close that program.",
        ),
        (
            found(FTDI),
            PortState.UNKNOWN_DEVICE,
            "The device at /dev/ttyUSB0 is not a probe that Sauti knows. "
            "Sauti leaves it alone. If it is a probe all the same, name it with --probe.",
        ),
    ],
)
def test_each_state_has_its_own_sentence(rows: tuple[FoundPort, ...], state: PortState, sentence: str) -> None:
    assert rows[0].state is state
    assert str(rows[0].problem() or "") == sentence


@pytest.mark.parametrize(
    ("gid", "mode", "helps"), [(20, 0o660, True), (20, 0o640, False), (20, 0o600, False), (0, 0o660, False)]
)
def test_the_advice_names_the_group_of_the_port_where_that_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gid: int, mode: int, helps: bool
) -> None:
    """Nobody is told to join the group root, or one that may not use the port either."""
    node, real = tmp_path / "ttyACM0", Path.stat
    node.touch()

    def stat(path: Path, **words: bool) -> os.stat_result:
        fields = list(real(path, **words))
        if path == node:
            fields[0], fields[5] = 0o020000 | mode, gid
        return os.stat_result(fields)

    monkeypatch.setattr(Path, "stat", stat)
    monkeypatch.setattr(Path, "group", lambda path: "tty-users")
    (row,) = found(SerialPort(str(node), 0x1209, 1, product="EOP/1 x"), allowed=False)
    assert "70-sauti-probes.rules" in str(row.problem())
    assert ("group" in str(row.problem())) is helps
    assert not helps or "to the group tty-users " in str(row.problem())


def test_whose_permission_is_lacking_is_asked_of_the_file() -> None:
    gone = SerialPort("/dev/there-is-no-such-port", 0x1209, 1, product="EOP/1 x")
    (row,) = find(lambda: (gone,), held_by=lambda addresses: {})
    assert row.state is PortState.NO_PERMISSION
    (row,) = find(lambda: (SerialPort("/dev/null", 0x1209, 1, product="EOP/1 x"),), held_by=lambda addresses: {})
    assert row.state is PortState.USABLE


def test_nobody_is_asked_about_a_port_that_no_row_names() -> None:
    asked: list[str] = []

    def held_by(addresses: Iterable[str]) -> dict[str, Holder]:
        asked.extend(addresses)
        return {}

    find(lambda: (FTDI, BOARD, PICO), may_use=lambda address: address == PICO.address, held_by=held_by)
    assert asked == [PICO.address]


def test_finding_opens_no_port(monkeypatch: pytest.MonkeyPatch) -> None:
    master, slave = os.openpty()
    path = os.ttyname(slave)
    opened: list[str] = []
    real_open, real_os_open = builtins.open, os.open
    monkeypatch.setattr(builtins, "open", lambda f, *a, **k: opened.append(str(f)) or real_open(f, *a, **k))
    monkeypatch.setattr(os, "open", lambda f, *a, **k: opened.append(str(f)) or real_os_open(f, *a, **k))
    rows = find(lambda: (SerialPort(path, 0x1209, 1, product="EOP/1 x"), SerialPort(path, 1, 2)))
    assert {row.state for row in rows} == {PortState.BUSY, PortState.UNKNOWN_DEVICE}  # this process holds it
    assert not [name for name in opened if name.startswith("/dev/")]
    os.close(master)
    os.close(slave)


def test_a_board_is_known_by_all_of_its_row() -> None:
    other = SerialPort("/dev/ttyACM3", 0xCAFE, 0x4011, product="TinyUSB example")
    assert found(other)[0].confidence is Confidence.POSSIBLE
    assert found(SerialPort("/dev/ttyACM3", 0xCAFE, 0x4012, product="pic0rick"))[0].driver == ""
    assert found(SerialPort("/dev/ttyACM3", 0x0403, 0x6001, product="eop/1 over a bridge"))[0].driver == "eop1"
    assert found(SerialPort("/dev/ttyACM3", product="EOP/1 without a USB id"))[0].driver == ""


@pytest.mark.parametrize(
    ("ids", "product", "serial", "number"),
    [
        ((0x2E8A, 0x000A), "Pico", "E6614C311B8C2A31", "usb:E6614C311B8C2A31"),
        ((0x2E8A, 0x0009), "Pico 2", "0A1B2C3D4E5F6071", "usb:0A1B2C3D4E5F6071"),
        ((0x2E8A, 0x000A), "Pico", "", ""),
        ((0x2E8A, 0x000A), "Pico", "0000000000000000", ""),
        ((0x2E8A, 0x000A), "Pico", "EEEEEEEEEEEEEEEE", ""),
        ((0x2E8A, 0x000A), "Pico", "123456", ""),
        ((0x2E8A, 0x000A), "Pico", "ffffffffffffffff", ""),
        ((0xCAFE, 0x4011), "pic0rick RP2350 Signal Processor", "P0RK0001", ""),
        ((0xCAFE, 0x4011), "pic0rick RP2350 Signal Processor", "KIT-07", "usb:KIT-07"),
        ((0xCAFE, 0x4011), "TinyUSB Device", "E6614C311B8C2A31", ""),
        ((0x1915, 0x521A), "nRF52 USB CDC BLE Demo", "E1B2C3D4E5F6", ""),
        ((0x0403, 0x6001), "FT232R USB UART", "A50285BI", ""),
        ((0x1209, 0x0001), "EOP/1 sector probe", "ECHO0001", ""),
        ((None, None), "", "E6614C311B8C2A31", ""),
    ],
)
def test_a_number_counts_only_where_it_is_the_boards_own(
    ids: tuple[int | None, int | None], product: str, serial: str, number: str
) -> None:
    """Not that of a bridge, a dongle or a library's example; EOP/1 tells its number itself."""
    assert usb_number(*ids, product, serial) == number


def test_what_fills_a_memory_or_a_blanked_text_is_no_number() -> None:
    assert not any(map(tells_apart, ("", "0", "0001", "P0RK0001", "00000000", "ffff", "XXXXXXXX", "???")))
    assert all(map(tells_apart, ("1", "7F", "F0", "S1", "not reported")))


def test_generic_ids_are_never_more_than_possible() -> None:
    assert all(board.confidence is Confidence.POSSIBLE for board in KNOWN_BOARDS if not board.product)
    assert "eop1" in {board.driver for board in KNOWN_BOARDS} & set(registry.names())


TALLY = SerialPort("/dev/ttyACM4", 0x2E8A, 0x000A, "T1", "Tally probe")


def plug_in(monkeypatch: pytest.MonkeyPatch, *boards: object) -> None:
    points = [EntryPoint("tally", "tests_tally:BOARDS", known_boards.GROUP)]
    points += [EntryPoint("broken", "no_such_module:BOARDS", known_boards.GROUP)]
    monkeypatch.setattr(known_boards, "entry_points", lambda group: EntryPoints(points).select(group=group))
    monkeypatch.setitem(sys.modules, "tests_tally", SimpleNamespace(BOARDS=boards))


def test_a_plug_ins_board_is_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also under the id that every Raspberry Pi Pico has, because its product string says more."""
    plug_in(monkeypatch, KnownBoard("Tally", "tally", Confidence.SURE, 0x2E8A, 0x000A, "Tally"), "no board")
    rows = {row.address: row for row in found(TALLY, PICO, EOP1)}
    assert (rows[TALLY.address].driver, rows[TALLY.address].confidence) == ("tally", Confidence.SURE)
    assert rows[PICO.address].driver == "pic0rick"
    assert rows[EOP1.address].driver == "eop1"


def test_a_plug_in_takes_no_board_of_ours_and_no_bridge(monkeypatch: pytest.MonkeyPatch) -> None:
    """An id alone is no description: behind a bridge may be any device, and what is found is written to."""
    greedy = (KnownBoard("all", "tally", Confidence.SURE), KnownBoard("FTDI", "tally", Confidence.SURE, 0x0403, 0x6001))
    plug_in(monkeypatch, *greedy)
    rows = found(EOP1, P0RK, PICO, FTDI)
    assert {row.address: row.driver for row in rows} == {
        EOP1.address: "eop1", P0RK.address: "p0rk", PICO.address: "pic0rick", FTDI.address: "",
    }  # fmt: skip


def test_a_plug_ins_board_says_itself_whether_its_number_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    row = KnownBoard("Tally", "tally", Confidence.SURE, 0x1209, 0x7A11, "Tally")
    plug_in(monkeypatch, row)
    assert usb_number(0x1209, 0x7A11, "Tally", "T0017") == ""
    plug_in(monkeypatch, replace(row, numbered=True))
    assert usb_number(0x1209, 0x7A11, "Tally", "T0017") == "usb:T0017"
    assert usb_number(0x1209, 0x7A11, "Tally", "0001") == ""


def test_plug_ins_are_not_asked_about_a_sure_board_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """To look for plug-ins takes longer than all the rest between plugging in and the first picture."""

    def never(group: str) -> EntryPoints:
        raise AssertionError(group)

    monkeypatch.setattr(known_boards, "entry_points", never)
    assert usb_number(EOP1.vid, EOP1.pid, EOP1.product, EOP1.serial) == ""


def test_an_open_port_is_busy_and_says_by_whom() -> None:
    master, slave = os.openpty()
    path = os.ttyname(slave)
    os.close(slave)
    assert path not in holders([path])
    link = SerialLink(path)
    assert holders([path])[path].pid == os.getpid()
    assert str(holders([path])[path]).endswith(f"(process {os.getpid()})")
    link.close()
    assert path not in holders([path])
    os.close(master)


def test_a_lock_tells_who_uses_a_port_of_another_user(tmp_path: Path) -> None:
    node = tmp_path / "ttyACM0"
    node.touch()
    status = node.stat()
    row = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    proc = tmp_path / "proc"
    (proc / "4711").mkdir(parents=True)
    (proc / "4711" / "comm").write_text("ModemManager\n")
    (proc / "locks").write_text(
        f"1: POSIX  ADVISORY  WRITE 9 00:99:1 0 EOF\n2: FLOCK  ADVISORY  WRITE 4711 {row} 0 EOF\n"
    )
    assert holders([str(node)], proc) == {str(node): Holder(4711, "ModemManager")}
    (proc / "locks").write_text(f"2: OFDLCK ADVISORY  WRITE -1 {row} 0 EOF\n")
    assert str(holders([str(node)], proc)[str(node)]) == "another program"


def test_without_a_proc_nobody_is_named(tmp_path: Path) -> None:
    assert holders([str(tmp_path)], tmp_path / "absent") == {}
    assert holders([], tmp_path / "absent") == {}


def test_the_real_list_has_descriptors_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    from serial.tools import list_ports
    from serial.tools.list_ports_common import ListPortInfo

    info = ListPortInfo("/dev/ttyACM7")
    info.vid, info.pid, info.product = 0x1209, 1, "EOP/1\x1b[2J"
    monkeypatch.setattr(list_ports, "comports", lambda: [info])
    (port,) = serial_ports()
    assert port == SerialPort("/dev/ttyACM7", 0x1209, 1, "", "EOP/1?[2J", "", "")
    assert find()[0].driver == "eop1"


def test_a_pseudo_terminal_is_never_listed() -> None:
    master, slave = os.openpty()
    assert os.ttyname(slave) not in [port.address for port in ports_module.serial_ports()]
    os.close(master)
    os.close(slave)
