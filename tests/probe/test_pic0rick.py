"""The stock pic0rick: its shell as the table has it, and a driver that survives what the shell does."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from probe.driver import Acknowledged, Identified, Refused
from probe.drivers.pic0rick import Pic0rickDriver
from probe.emulators.p0rk import hilbert_envelope
from probe.emulators.pic0rick import Pic0rickDevice
from probe.errors import NotUnderstood, ProbeTimeout
from probe.protocols import pic0rick
from probe.recording import Recording
from probe.settings import SampleFormat, Settings
from tests.probe.talk import Talk, frames, in_chunks

STEEL_M_S = 5900


@pytest.fixture
def talk() -> Talk:
    return Talk(Pic0rickDriver(), Pic0rickDevice())


def typed(keys: bytes) -> bytes:
    """What a board that has booted writes when these keys are pressed."""
    device = Pic0rickDevice()
    device.poll(0)
    assert device.poll(500_000_000) == b"run> "
    device.feed(keys, 600_000_000)
    return device.poll(700_000_000)


def test_nothing_is_said_before_somebody_listens() -> None:
    device = Pic0rickDevice()
    assert device.poll(0) == b""
    assert device.poll(399_000_000) == b""
    assert device.poll(400_000_000) == b"run> "
    device.disconnect(500_000_000)
    assert device.poll(900_000_000) == b""


@pytest.mark.parametrize(
    ("keys", "written"),
    [
        (b"\n", b"\r\nrun> "),
        (b"\r\n", b"\r\nrun> \r\nrun> "),
        (b"read 5\r", b"read 5\r\nUnknown command: read 5\r\nrun> "),
        (b"nonsense\n", b"nonsense\r\nUnknown command: nonsense\r\nrun> "),
        (b"ab\x7fc\n", b"ab\b \bc\r\nUnknown command: ac\r\nrun> "),
        (b"write dac 300\n", b"write dac 300\r\nDAC writing started\r\nDAC writing ended\r\nrun> "),
        (b"set mux\n", b"set mux\r\nrun> "),
        (b"\x01\xff\n", b"\r\nrun> "),
        (b"x" * 130 + b"\n", b"x" * 127 + b"\r\nUnknown command: " + b"x" * 127 + b"\r\nrun> "),
    ],
)
def test_the_shell_is_the_real_one(keys: bytes, written: bytes) -> None:
    assert typed(keys) == written


def test_a_dump_is_unpadded_with_a_comma_at_its_end() -> None:
    dump = typed(b"start acq 96 96 6000\nread\n")
    body = dump.partition(b"Start of ACQ----------\r\n")[2].partition(b"\r\n")[0]
    assert body.count(b",") == 8000
    assert body.endswith(b",")
    assert min(map(len, body.split(b",")[:-1])) < 3
    assert dump.endswith(b"\r\n-----------End of ACQ-----------\r\nrun> ")


@pytest.mark.parametrize("chunk", [1, 2, 63, 64, 65, 4096])
def test_a_dump_reads_back_in_any_chunks(chunk: int) -> None:
    adc = np.arange(8000) % 1024
    stream = b"read\r\n" + pic0rick.write_dump(adc) + b"run> "
    [reply] = in_chunks(pic0rick.Shell().feed, stream, chunk)
    assert np.array_equal(pic0rick.read_dump(reply), adc)


@pytest.mark.parametrize(
    "change",
    [
        (b"2F,", b"2F"), (b"2F,", b"-2F,"), (b"2F,", b"2G,"), (b"2F,", b"7FF,"), (b"2F,", b",,"), (b"2F,", b""),
        (b"End of", b"Ent of"), (b"Start of", b"Stort of"),
    ],
)  # fmt: skip
def test_a_damaged_dump_is_none_at_all(change: tuple[bytes, bytes]) -> None:
    dump = pic0rick.write_dump(np.arange(8000) % 1024)
    assert pic0rick.read_dump(dump.replace(*change, 1)) is None


def test_a_session_gives_lines_from_the_pulse_on(talk: Talk) -> None:
    talk.connect()
    lines = talk.start(4.0)
    assert len(lines) >= 15
    assert talk.capabilities.modes == ("A", "M")
    assert talk.capabilities.simulated
    for line in lines:
        assert line.format is SampleFormat.RF_I16
        # every seventh shot of the twin shows its pulse 14 samples later: the echoes must not move
        assert np.array_equal(line.samples[0, :50], np.clip(talk.device._source.line(line.number)[:50] + 4, -512, 511))
    assert Acknowledged("STOP") in talk.stop()
    shots = len(talk.device.shots)
    talk.run(3.0)
    assert len(talk.device.shots) == shots


def test_echoes_lie_where_the_block_is_thick(talk: Talk) -> None:
    talk.connect()
    for line in talk.start(2.0):
        power = line.samples[0, 120:].astype(float) ** 2
        echo_s = (120 + int(np.argmax(power))) / 60e6
        assert 500 * STEEL_M_S * echo_s == pytest.approx(talk.device._source.thickness_mm(line.number), abs=0.15)


def test_a_time_out_of_the_adc_is_no_line() -> None:
    talk = Talk(Pic0rickDriver(), Pic0rickDevice(time_out_every=2)).connect()
    lines = talk.start(12.0)
    assert len(lines) >= 3
    assert talk.driver.counters.lost_blocks >= 3
    assert [line.dropped_before for line in lines[1:]] == [1] * (len(lines) - 1)
    assert [line.number for line in lines] == [2 * n for n in range(len(lines))]


def test_at_commands_of_a_modem_manager_are_survived() -> None:
    device = Pic0rickDevice()
    device.feed(b"AT\r\nAT+CGMI\r\nATI", 1_000_000_000)
    talk = Talk(Pic0rickDriver(), device).connect()
    assert talk.start(1.0)


def test_a_lost_prompt_costs_one_line(talk: Talk) -> None:
    talk.connect()
    talk.start(1.0)
    talk.alter = lambda data: data.replace(b"run> ", b"")
    talk.run(0.4)
    talk.alter = lambda data: data
    assert len(frames(talk.run(8.0))) > 5


def test_it_is_no_faster_than_it_may_be(talk: Talk) -> None:
    talk.connect(Settings(frame_interval_us=1))
    talk.start(3.0)
    times = [shot.at_ns for shot in talk.device.shots]
    assert min(b - a for a, b in pairwise(times)) >= 190_000_000


def test_a_silent_board_is_a_time_out(talk: Talk) -> None:
    talk.alter = lambda data: b""
    talk.write(talk.driver.identify(talk.now_ns))
    with pytest.raises(ProbeTimeout, match="No probe answers"):
        talk.run(9)


def test_another_shell_is_not_understood(talk: Talk) -> None:
    talk.alter = lambda data: data.replace(b"Unknown command", b"bash: command not found")
    talk.write(talk.driver.identify(talk.now_ns))
    with pytest.raises(NotUnderstood, match="not a pic0rick"):
        talk.run(9)


def test_a_real_board_does_not_pass_for_a_twin(talk: Talk) -> None:
    talk.alter = lambda data: data.replace(b"Simulated by Sauti\r\n", b"")
    talk.write(talk.driver.identify(talk.now_ns))
    [found] = [event for event in talk.run(1.0) if isinstance(event, Identified)]
    assert not found.capabilities.simulated


def test_nothing_is_kept_to_fetch(talk: Talk) -> None:
    talk.connect()
    talk.write(talk.driver.fetch(0, SampleFormat.RF_I16, talk.now_ns))
    assert [e.request for e in talk.run(0.1) if isinstance(e, Refused)] == ["FETCH"]


def test_the_pulse_is_found_in_every_real_trace(recordings: Path) -> None:
    with np.load(recordings / "pic0rick" / "steel_block_adc_u16.npz", allow_pickle=False) as archive:
        assert {pic0rick.pulse_at(line) for line in archive["adc"]} == {7}


@pytest.mark.parametrize(("lines", "millimetres"), [((0, 12), 9.9), ((22, 24), 14.9), ((24, 25), 14.9)])
def test_real_steel_is_as_thick_as_its_echoes_say(recordings: Path, lines: tuple[int, int], millimetres: float) -> None:
    """Lines 22 and 23 are labelled 20 mm: the recording's own label is wrong, and its remarks say so."""
    recording = Recording.load(recordings / "pic0rick")
    for index in range(*lines):
        later = hilbert_envelope(recording.frame(index).samples[0])[2500:7000]
        repeats = np.fft.irfft(np.abs(np.fft.rfft(later - later.mean(), 1 << 14)) ** 2)
        period = 60 + int(np.argmax(repeats[60:800]))
        assert 500 * STEEL_M_S * period / 60e6 == pytest.approx(millimetres, abs=0.06)
    assert any("label is wrong" in remark for remark in recording.remarks)


def test_the_baseline_of_the_twin_falls_at_high_gain() -> None:
    assert [int(np.median(read_at(dac))) for dac in (b"250", b"500")] == [516, 423]


def read_at(dac: bytes) -> np.ndarray:
    adc = pic0rick.read_dump(typed(b"write dac " + dac + b"\nstart acq 96 96 6000\nread\n"))
    assert adc is not None
    return adc
