"""``sauti record``: keep what a probe's link says, byte for byte with times, in a .sprobe file."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from queue import Empty, SimpleQueue

from clinic.clock import Clock, SystemClock
from clinic.console import Console
from clinic.errors import BadRequest
from clinic.examine import DRIVER
from clinic.version import program_version
from probe.discovery import FoundPort, find
from probe.driver import Identified
from probe.drivers import registry
from probe.drivers.noted import NotedDriver
from probe.errors import LinkLost, ProbeError
from probe.frame import Frame
from probe.links.address import PLAYER, open_link, spoken_at
from probe.reader import Reader, ReaderEvent, ReaderState, StateChanged
from probe.slot import Slot
from probe.sprobe.container import SUFFIX, Sprobe, SprobeHeader, SprobeWriter
from probe.sprobe.redaction import redacted
from probe.sprobe.tap import Tap
from records.files import write_durably

_LONGEST_S = 3600.0
_POLL_S = 0.2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--probe", required=True, metavar="ADDRESS", help="a serial device, or: practice")
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="FILE", help=f"new file, as x{SUFFIX}")
    parser.add_argument("--driver", default=DRIVER, metavar="NAME", help=f"protocol to speak (default {DRIVER})")
    parser.add_argument(
        "--listen", action="store_true", help="write nothing to the probe: keep what it sends by itself"
    )
    parser.add_argument("--seconds", type=float, default=_LONGEST_S, metavar="N", help="how long (default: Ctrl-C)")
    parser.add_argument("--redact", action="store_true", help="blank serial numbers and names, with right checksums")
    parser.add_argument("--json", action="store_true", help="one JSON object per line")


def run(arguments: argparse.Namespace) -> int:
    """Record until the time is over, the user ends it, or the probe is gone."""
    if not 0.1 <= arguments.seconds <= _LONGEST_S:
        raise BadRequest(f"--seconds must lie between 0.1 and {_LONGEST_S:.0f}", "Make several recordings.")
    if arguments.output.exists():
        raise BadRequest(f"There is a file at {arguments.output} already", "Choose another name.")
    if spoken_at(arguments.probe, arguments.driver) == PLAYER:
        raise BadRequest("A recording cannot be recorded again", "Copy its file.")
    console, clock = Console.standard(as_json=arguments.json), SystemClock()
    part = arguments.output.with_name(f"{arguments.output.name}.unredacted") if arguments.redact else arguments.output
    recorder = _Recorder(part, arguments.probe, "" if arguments.listen else arguments.driver, clock, console)
    try:
        recorder.record(arguments.seconds)
    except KeyboardInterrupt:
        pass
    finally:
        recorder.close()
        if arguments.redact and part.exists():
            _redact(part, arguments.output)
    seconds = recorder.time_ns() / 1e9
    doubt = "" if recorder.frames or arguments.listen else f". Is it a probe that speaks {arguments.driver} (--driver)?"
    console.say(
        "recorded",
        f"{arguments.output}: {recorder.received} bytes, {recorder.frames} frames in {seconds:.1f} s{doubt}",
        path=str(arguments.output),
        received_bytes=recorder.received,
        frames=recorder.frames,
        seconds=round(seconds, 3),
    )
    return 0


class _Recorder:
    """One recording under way."""

    def __init__(self, path: Path, address: str, driver: str, clock: Clock, console: Console) -> None:
        if driver:
            registry.make(driver)  # before there is a file
        self._path = path
        self._address = address
        self._driver = driver
        self._clock = clock
        self._console = console
        found = next((port for port in find() if port.address == os.path.realpath(address)), None)
        self._writer = SprobeWriter(path, _header(address, driver, found, clock))
        self._started_ns = clock.monotonic_ns()
        self.frames = 0

    @property
    def received(self) -> int:
        """Bytes from the probe."""
        return self._writer.bytes["received_bytes"]

    def time_ns(self) -> int:
        """Since the beginning."""
        return self._clock.monotonic_ns() - self._started_ns

    def record(self, seconds: float) -> None:
        """Keep all that the link says for so long."""
        if self._driver:
            self._stream(seconds)
        else:
            self._listen(seconds)

    def close(self) -> None:
        """Write the end; a file without a byte from a probe is none."""
        self._writer.close(self.time_ns())
        if not self.received:
            self._path.unlink()

    def _listen(self, seconds: float) -> None:
        """Without a word."""
        tap = self._open()
        self._console.say("recording", f"Listening at {self._address}; Ctrl-C ends it.", model="")
        try:
            while self.time_ns() < seconds * 1e9:
                tap.read(_POLL_S)
        finally:
            tap.close()

    def _stream(self, seconds: float) -> None:
        """Greet the probe, let it transmit, and keep everything; a probe that goes away ends the recording."""
        heard: SimpleQueue[ReaderEvent] = SimpleQueue()
        frames: Slot[Frame] = Slot()
        reader = Reader(self._open, self._make_driver, frames, heard.put, self._clock.monotonic_ns)
        reader.start()
        try:
            while self.time_ns() < seconds * 1e9:
                self._follow(reader, heard)
        finally:
            reader.stop()
            self.frames = reader.counters().frames

    def _open(self) -> Tap:
        link = open_link(self._address, clock=self._clock.monotonic_ns)
        return Tap(link, self._writer, self._clock.monotonic_ns, self._started_ns)

    def _make_driver(self) -> NotedDriver:
        """What is asked of it stands in the file too: not every protocol writes something for it."""
        return NotedDriver(
            registry.make(self._driver), lambda call, text: self._writer.note(self.time_ns(), call, text)
        )

    def _follow(self, reader: Reader, heard: SimpleQueue[ReaderEvent]) -> None:
        try:
            event = heard.get(timeout=_POLL_S)
        except Empty:
            return
        match event:
            case Identified(capabilities):
                self._console.say(
                    "recording", f"Recording {capabilities.model}; Ctrl-C ends it.", model=capabilities.model
                )
            case StateChanged(ReaderState.READY):
                reader.begin()
            case StateChanged(ReaderState.LOST, reason):
                raise self._writer.failure or _ended(reason)


def _ended(reason: ProbeError | None) -> ProbeError:
    if isinstance(reason, LinkLost):
        return LinkLost(reason.title, "What came before is in the file.")
    return reason or LinkLost("The probe is gone", "What came before is in the file.")


def _header(address: str, driver: str, found: FoundPort | None, clock: Clock) -> SprobeHeader:
    usb_id, usb_serial = (found.usb_id, found.port.serial) if found else ("", "")
    return SprobeHeader(address, driver, usb_id, usb_serial, clock.wall_ms(), f"sauti {program_version()}")


def _redact(part: Path, path: Path) -> None:
    """The redacted file in the place of the other one, which is removed."""
    write_durably(path, redacted(Sprobe.load(part)))
    part.unlink()
