"""The four-channel pic0rick: the same shell, lines read in binary, one path of the multiplexer."""

from __future__ import annotations

import numpy as np
import pytest

from probe.driver import Acknowledged
from probe.drivers.mux10 import Mux10Driver
from probe.emulators.pic0rick import Pic0rickDevice
from probe.errors import NotUnderstood
from probe.protocols.pic0rick import BINARY, mux_word, read_binary, write_binary
from probe.settings import Settings
from tests.probe.talk import Talk


@pytest.fixture
def talk() -> Talk:
    return Talk(Mux10Driver(1, 2), Pic0rickDevice(four_channels=True))


def test_a_session_gives_lines_of_one_path(talk: Talk) -> None:
    talk.connect(Settings(frame_interval_us=1))
    lines = talk.start(2.0)
    assert talk.capabilities.model == "pic0rick-4ch"
    assert talk.capabilities.simulated
    assert talk.device.mux == 1 << 4 | 1 << 3
    assert 40 <= len(lines) <= 67
    for line in lines:
        wanted = np.clip(talk.device._source.line(line.number)[:2960].astype(int) + 4, -512, 511)
        assert np.array_equal(line.samples[0, :2900], wanted[:2900])
    assert Acknowledged("STOP") in talk.stop()


def test_a_stock_board_is_not_taken_for_one() -> None:
    talk = Talk(Mux10Driver(), Pic0rickDevice())
    talk.write(talk.driver.identify(talk.now_ns))
    with pytest.raises(NotUnderstood, match="is not a pic0rick-4ch"):
        talk.run(2)


def test_the_switches_are_those_of_the_table() -> None:
    assert [mux_word(channel, channel) for channel in range(4)] == [0x3, 0xC, 0x30, 0xC0]
    assert mux_word(0, 3) == 0x42
    for path in ((4, 0), (0, -1)):
        with pytest.raises(ValueError, match="four channels"):
            mux_word(*path)


def test_a_binary_read_is_whole_or_none_at_all() -> None:
    adc = np.arange(1000) % 1024
    whole = b"read bin 1000\r\n" + write_binary(adc) + b"\r\n"
    assert np.array_equal(read_binary(whole), adc)
    for cut in range(0, len(whole) - 2, 37):
        assert read_binary(whole[:cut]) is None
    assert read_binary(whole.replace(BINARY, b"BINACQ2")) is None
    assert read_binary(write_binary(np.array([1024]))) is None
    assert read_binary(write_binary(np.zeros(0, dtype=np.int16))) is None
    assert read_binary(BINARY + (3001).to_bytes(2, "little") + bytes(6002)) is None


def test_a_prompt_among_the_samples_costs_that_line_only(talk: Talk) -> None:
    talk.connect()
    talk.start(0.5)
    once = iter([True])

    def poisoned(data: bytes) -> bytes:
        at = data.find(BINARY)
        if at < 0 or len(data) < at + 200 or not next(once, False):
            return data
        return data[: at + 100] + b"run> " + data[at + 105 :]

    talk.alter = poisoned
    before = talk.driver.counters.payload_errors
    assert len([e for e in talk.run(2.0) if hasattr(e, "frame")]) > 20
    assert talk.driver.counters.payload_errors == before + 1


def test_nothing_is_set_on_a_board_that_nobody_knows_yet() -> None:
    for settings in (Settings(), Settings(centre_hz=1)):
        assert Mux10Driver().configure(settings, 0) == b""
