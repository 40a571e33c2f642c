"""EOP/1 on the host: bytes to frames, what the reader thread costs at 1 MB/s, and from plug-in to the first live frame.

Peers: a plain receiver (struct, zlib.crc32, one copy into an array; it cannot resynchronise); pyserial alone, which
reads the same bytes and looks at none; and a plain host that sends the same requests and waits for the same frame.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import plain_host
import rows
import serial
from numpy.typing import NDArray

from probe.driver import FrameReceived
from probe.drivers.eop1 import Eop1Driver
from probe.emulators.eop1 import Eop1Device
from probe.frame import Frame
from probe.geometry import Geometry
from probe.links.serial import SerialLink
from probe.reader import Reader, ReaderState
from probe.settings import SampleFormat, Sampling, Settings
from probe.slot import Slot
from probe.wire import Header, Message, MessageType, pack

MEGABYTE = 1_000_000
CHUNK = 4096  # what a pseudo-terminal or a USB read brings at once
STEP_NS = 20_000_000
LINK_RATE = 1_250_000  # of which a device may use 80 %
FORMATS = {
    "log8": SampleFormat.ENVELOPE_U8_LOG,
    "rf16": SampleFormat.RF_I16,
    "rf12": SampleFormat.RF_12_PACKED,
    "iq16": SampleFormat.IQ_I16,
}


class Speckle:
    """128 lines of 512 samples: the size of a live frame over full-speed USB."""

    model = serial = "speckle"
    centre_hz, sound_speed_m_s, full_scale, loop = 3_000_000, 1540, 2000, 4
    geometry, sampling = Geometry.sector(128, 60.0), Sampling(512, 12_000_000, 10_000)

    def rf(self, index: int) -> NDArray[np.int16]:
        return np.random.default_rng(index).integers(-2000, 2000, (128, 512)).astype(np.int16)

    def dead(self, index: int) -> tuple[int, ...]:
        return ()


def stream(format: SampleFormat, size: int) -> tuple[Callable[[], Eop1Driver], list[bytes]]:
    """Pieces of a live stream of at least ``size`` bytes, and drivers that are ready for its first."""
    device = Eop1Device(Speckle(), link_rate_bytes_s=10**9, frame_interval_us=20_000)
    setup: list[bytes] = []
    now = 0

    def exchange(data: bytes) -> bytes:
        device.feed(data, now)
        setup.append(device.poll(now, 1 << 26))
        return setup[-1]

    guide = Eop1Driver()
    guide.feed(exchange(guide.identify(0)), 0)
    guide.feed(exchange(guide.configure(Settings(format=format), 0)), 0)
    data = bytearray(exchange(guide.start(0)))
    ping = pack(Message(Header(MessageType.PING)))
    while len(data) < size:
        now += STEP_NS
        device.feed(ping, now)
        data += device.poll(now, 1 << 26)

    def ready() -> Eop1Driver:
        driver = Eop1Driver()
        driver.identify(0)
        driver.feed(setup[0], 0)
        driver.configure(Settings(format=format), 0)
        driver.feed(setup[1], 0)
        driver.start(0)
        return driver

    return ready, [bytes(data[i : i + CHUNK]) for i in range(0, len(data), CHUNK)]


def parsing(name: str, format: SampleFormat, size: int, rounds: int) -> rows.Row:
    """Bytes to frames on one core, in pieces as a link brings them."""
    ready, pieces = stream(format, size)
    counts: dict[str, int] = {}

    def ours() -> None:
        driver = ready()
        events = [event for piece in pieces for event in driver.feed(piece, 0)]
        counts["ours"] = sum(isinstance(event, FrameReceived) for event in events)

    def plain() -> None:
        counts["plain"] = sum(1 for _ in plain_host.frames(iter(pieces)))

    times = processor_time({"ours": ours, "plain": plain}, rounds)
    if counts["ours"] != counts["plain"]:
        raise SystemExit(f"not the same work: {counts}")
    megabytes = sum(map(len, pieces)) / MEGABYTE
    rates = {who: [1000 * megabytes / took for took in figures] for who, figures in times.items()}
    return rows.more_is_better(f"parse-{name}/plain", rates["ours"], rates["plain"], "MB/s")


def processor_time(candidates: dict[str, Callable[[], None]], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of one core in turns: what others do on the machine does not count."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, call in candidates.items():
            started = time.process_time_ns()
            call()
            times[name].append((time.process_time_ns() - started) / 1e6)
    return times


@contextmanager
def plugged_in() -> Iterator[str]:
    """A twin in a process of its own that sends RF at 1 MB/s; its address."""
    words = ["simulate", "--phantom", "--fps", "50", "--link-rate", str(LINK_RATE)]
    command = [sys.executable, "-c", "from clinic.__main__ import main; raise SystemExit(main())", *words]
    twin = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=rows.ROOT)
    try:
        assert twin.stdout is not None
        yield twin.stdout.readline().strip()
    finally:
        twin.terminate()
        twin.wait(10)


class LiveReader:
    """The real reader on an address, with somebody who takes its frames."""

    def __init__(self, address: str) -> None:
        self.slot: Slot[Frame] = Slot()
        self.reader = Reader(lambda: SerialLink(address), Eop1Driver, self.slot, lambda event: None)

    def go_live(self, settings: Settings, plug_in: Callable[[], object] = lambda: None) -> Frame:
        self.reader.configure(settings)
        self.reader.start()
        plug_in()
        while self.reader.state is not ReaderState.READY:
            time.sleep(0.001)
        self.reader.begin()
        frame = self.slot.take(10)
        if frame is None:
            raise SystemExit("no frame came")
        return frame

    def take(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.slot.take(0.1)


def reading(seconds: float, rounds: int) -> rows.Row:
    """Share of a core that a thread takes at 1 MB/s over a pseudo-terminal."""
    ours, peer = [], []
    with plugged_in() as address:
        for _ in range(rounds):
            ours.append(our_share(address, seconds))
            peer.append(bare_share(address, seconds))
    return rows.less_is_better("reader-1MBs/pyserial", ours, peer, "% of a core")


def our_share(address: str, seconds: float) -> float:
    """Percent of a core that the reader takes."""
    live = LiveReader(address)
    live.go_live(Settings(format=SampleFormat.RF_I16))
    thread = next(thread for thread in threading.enumerate() if thread.name == "reader")
    cost, bytes_s = thread_share(thread, lambda: live.reader.counters().bytes, lambda: live.take(seconds))
    live.reader.stop()
    return at_one_megabyte(cost, bytes_s)


def bare_share(address: str, seconds: float) -> float:
    """Percent of a core that reading alone takes."""
    bare = plain_host.BareReader(address)
    cost, bytes_s = thread_share(bare.thread, lambda: bare.bytes, lambda: time.sleep(seconds))
    bare.stop()
    return at_one_megabyte(cost, bytes_s)


def thread_share(thread: threading.Thread, count: Callable[[], int], wait: Callable[[], None]) -> tuple[float, float]:
    """Processor time of a thread per second in percent, and bytes per second, over a wait."""
    clock = time.pthread_getcpuclockid(thread.ident or 0)
    used, bytes_before, began = time.clock_gettime(clock), count(), time.monotonic()
    wait()
    took = time.monotonic() - began
    return 100 * (time.clock_gettime(clock) - used) / took, (count() - bytes_before) / took


def at_one_megabyte(percent: float, bytes_s: float) -> float:
    """The share that a thread would take at 1 MB/s; a busy machine's twin sends less, and each turn brings less."""
    if not 0.4 * MEGABYTE < bytes_s < 1.3 * MEGABYTE:
        raise SystemExit(f"the twin sent {bytes_s / MEGABYTE:.2f} MB/s instead of 1")
    return percent * MEGABYTE / bytes_s


def first_frame(rounds: int) -> rows.Row:
    """Milliseconds from plugging in a known probe to its first live frame; the peer opens it without having to look."""
    ours, peer = [], []
    with plugged_in() as address, tempfile.TemporaryDirectory() as folder:
        port = Path(folder) / "probe"
        for number in range(rounds):
            live = LiveReader(str(port))
            pause_s = 0.3 + 0.01 * (number % 10)  # at any moment between two looks
            plugged: list[float] = []

            def plug_in(pause_s: float = pause_s, plugged: list[float] = plugged) -> None:
                time.sleep(pause_s)
                plugged.append(time.perf_counter())
                port.symlink_to(address)

            live.go_live(Settings(), plug_in)
            ours.append(1000 * (time.perf_counter() - plugged[0]))
            live.reader.stop()
            port.unlink()
            began = time.perf_counter()
            with serial.Serial(address, timeout=0.05, exclusive=True) as bare:
                plain_host.first_frame(bare)
                peer.append(1000 * (time.perf_counter() - began))
    return rows.less_is_better("plug-in/plain", ours, peer, "ms")


def main() -> None:
    """Each figure beside its peer's."""
    asked = rows.arguments(__doc__)
    size, rounds = (10 * MEGABYTE, 5) if asked.quick else (40 * MEGABYTE, 15)
    found = [parsing(name, code, size, rounds) for name, code in FORMATS.items()]
    found.append(reading(*((3.0, 2) if asked.quick else (4.0, 12))))
    found.append(first_frame(5 if asked.quick else 15))
    rows.report(found, asked.json)


if __name__ == "__main__":
    main()
