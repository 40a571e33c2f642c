"""``sauti record``: what a link said is in the file, whatever ends the recording; a mistake leaves no file."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from clinic import cli
from clinic.clock import SystemClock
from clinic.commands import record as command
from clinic.session import choose_probe
from probe.emulators.alines import BlockSource
from probe.emulators.device import Device
from probe.emulators.eop1 import Eop1Device
from probe.emulators.faults import Fault, FaultKind, FaultyDevice
from probe.emulators.p0rk import P0rkDevice
from probe.emulators.pty import serve
from probe.emulators.source import PhantomSource
from probe.playback import frames_of
from probe.sprobe.container import RecordKind, Sprobe
from tests.fuzz.twins import factory
from tests.probe.recorded import record_session

Plug = Callable[[Device], str]


@pytest.fixture
def plug() -> Iterator[Plug]:
    """Serves a device on a terminal; gives its address."""
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def begin(device: Device) -> str:
        heard: list[str] = []
        there = threading.Event()

        def opened(address: str) -> None:
            heard.append(address)
            there.set()

        threads.append(threading.Thread(target=serve, args=(device, 10**7, opened, stop), daemon=True))
        threads[-1].start()
        assert there.wait(5)
        return heard[0]

    yield begin
    stop.set()
    for thread in threads:
        thread.join(5)


def test_a_recording_is_imaged_and_holds_both_directions(
    plug: Plug, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address, path, picture = plug(Eop1Device(PhantomSource())), tmp_path / "a.sprobe", tmp_path / "a.png"
    assert cli.run(["record", "--probe", address, "-o", str(path), "--seconds", "2", "--json"]) == 0
    began, done = map(json.loads, capsys.readouterr().out.splitlines())
    assert (began["event"], began["model"]) == ("recording", "EOP/1 practice phantom")
    recording = Sprobe.load(path)
    assert recording.complete
    assert (recording.header.address, recording.header.driver, recording.header.redacted) == (address, "eop1", False)
    received = sum(len(r.payload) for r in recording.records if r.kind == RecordKind.RECEIVED)
    assert done["received_bytes"] == received > 100_000
    assert {RecordKind.SENT, RecordKind.NOTE} <= {r.kind for r in recording.records}
    times = [r.time_ns for r in recording.records]
    assert times == sorted(times)
    assert len(list(frames_of(path))) == done["frames"] >= 3
    assert cli.run(["image", str(path), "--frame", "2", "-o", str(picture)]) == 0
    assert "preset obstetric" in capsys.readouterr().out
    with Image.open(picture) as image:
        assert image.convert("L").getextrema()[1] > 100
    assert cli.run(["image", str(path), "--frame", "999", "-o", str(picture)]) == 1
    assert "There is no frame 999" in capsys.readouterr().err


def test_a_redacted_recording_names_no_device_and_leaves_no_other_file(plug: Plug, tmp_path: Path) -> None:
    path = tmp_path / "a.sprobe"
    address = plug(Eop1Device(PhantomSource()))
    assert cli.run(["record", "--probe", address, "-o", str(path), "--seconds", "2", "--redact"]) == 0
    assert list(tmp_path.iterdir()) == [path]
    assert PhantomSource.serial.encode() not in path.read_bytes()
    frame = next(iter(frames_of(path)))
    assert frame.provenance.serial == "X" * len(PhantomSource.serial)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_probe_that_is_pulled_ends_the_recording_and_keeps_it(
    plug: Plug, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.sprobe"
    address = plug(FaultyDevice(Eop1Device(PhantomSource()), [Fault(FaultKind.UNPLUG, 200_000)]))
    assert cli.run(["record", "--probe", address, "-o", str(path)]) == 1
    assert "was disconnected. What came before is in the file." in capsys.readouterr().err
    recording = Sprobe.load(path)
    # what was still in the terminal when it went away is lost with it
    assert 100_000 < sum(len(r.payload) for r in recording.records if r.kind == RecordKind.RECEIVED) <= 200_000
    assert list(frames_of(path))


def test_listening_writes_nothing_to_the_probe(plug: Plug, tmp_path: Path) -> None:
    class Talks:
        heard = b""

        def feed(self, data: bytes, now_ns: int) -> None:
            self.heard += data

        def poll(self, now_ns: int, room: int) -> bytes:
            return b"\xaa\x00sonar"[:room]

        def disconnect(self, now_ns: int) -> None: ...

    device, path = Talks(), tmp_path / "a.sprobe"
    assert cli.run(["record", "--probe", plug(device), "-o", str(path), "--seconds", "0.3", "--listen"]) == 0
    recording = Sprobe.load(path)
    assert {r.kind for r in recording.records} == {RecordKind.NOTE, RecordKind.RECEIVED}
    assert recording.header.driver == ""
    assert device.heard == b""
    assert cli.run(["image", str(path), "-o", str(tmp_path / "a.png")]) == 1


def test_an_interruption_ends_it_in_order(
    plug: Plug, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address, path = plug(Eop1Device(PhantomSource())), tmp_path / "a.sprobe"
    follow = command._Recorder._follow

    def interrupted(self, reader, heard) -> None:  # type: ignore[no-untyped-def]
        follow(self, reader, heard)
        if self.received > 100_000:
            raise KeyboardInterrupt

    monkeypatch.setattr(command._Recorder, "_follow", interrupted)
    assert cli.run(["record", "--probe", address, "-o", str(path)]) == 0
    assert Sprobe.load(path).complete
    assert capsys.readouterr().out.splitlines()[-1].startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--probe", "/dev/there-is-none"], "There is no probe at /dev/there-is-none"),
        (["--probe", "/dev/null", "--driver", "mystery"], "There is no driver named mystery"),
        (["--probe", "practice", "--seconds", "0"], "--seconds must lie between"),
        (["--probe", "/dev/there-is-none", "--redact"], "There is no probe at /dev/there-is-none"),
        (["--probe", "/dev/there-is-none", "--listen"], "There is no probe at /dev/there-is-none"),
    ],
)
def test_a_mistake_leaves_no_file(
    words: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["record", *words, "-o", str(tmp_path / "a.sprobe")]) == 1
    assert sentence in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.sprobe"
    path.write_text("mine")
    assert cli.run(["record", "--probe", "practice", "-o", str(path)]) == 1
    assert "There is a file at" in capsys.readouterr().err
    assert path.read_text() == "mine"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_ends_the_recording(
    plug: Plug, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address, path = plug(Eop1Device(PhantomSource())), tmp_path / "a.sprobe"
    opened = command._Recorder._open

    def on_a_full_disk(self):  # type: ignore[no-untyped-def]
        link = opened(self)
        os.dup2(os.open("/dev/full", os.O_WRONLY), self._writer._file.fileno())
        return link

    monkeypatch.setattr(command._Recorder, "_open", on_a_full_disk)
    assert cli.run(["record", "--probe", address, "-o", str(path)]) == 1
    assert "cannot be written any more. No space left on device" in capsys.readouterr().err


def test_a_recorded_kit_is_a_probe_of_the_workstation(tmp_path: Path) -> None:
    path = tmp_path / "kit.sprobe"
    path.write_bytes(record_session("echopen", factory("echopen")(), 0.3)[0])
    chosen = choose_probe(str(path), "", (), SystemClock())
    assert (chosen.choice.address, chosen.choice.simulated) == (str(path), True)


def test_a_recording_without_a_frame_asks_for_the_driver(
    plug: Plug, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address, path = plug(P0rkDevice(BlockSource())), tmp_path / "a.sprobe"
    assert cli.run(["record", "--probe", address, "-o", str(path), "--seconds", "0.5"]) == 0
    assert "0 frames" in (said := capsys.readouterr().out)
    assert "speaks eop1 (--driver)?" in said
