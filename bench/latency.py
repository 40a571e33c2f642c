"""From the last byte of a frame to its picture: 524 kB of EOP/1 RF through the real driver and chain, on one thread.

Peers: a plain receiver of the same bytes (struct, zlib.crc32, one copy into an array) in front of the SciPy and OpenCV
chains.
"""

from __future__ import annotations

import copy
import struct
import zlib
from collections.abc import Iterator

import cv2
import numpy as np
import peers
import rows
import scene
from numpy.typing import NDArray

from probe.driver import FrameReceived
from probe.drivers.eop1 import Eop1Driver
from probe.emulators.eop1 import Eop1Device
from probe.emulators.source import RecordingSource
from probe.settings import SampleFormat, Settings

HEADER = struct.Struct("<IBBHIIIHHQiHBBII")
LINES_TYPE, FRAME_END_TYPE = 0x10, 0x11
ROW_BYTES = 16
STEP_NS = 20_000_000


def connected(frames: int) -> tuple[Eop1Driver, list[bytes]]:
    """A driver that is streaming, and the bytes of the frames that come next."""
    device = Eop1Device(RecordingSource(scene.recording()), link_rate_bytes_s=60_000_000, frame_interval_us=100_000)
    driver = Eop1Driver(max_bytes_s=60_000_000)
    now = 0

    def exchange(data: bytes) -> bytes:
        nonlocal now
        device.feed(data, now)
        now += STEP_NS
        return device.poll(now, 1 << 22)

    driver.feed(exchange(driver.identify(now)), now)
    driver.feed(exchange(driver.configure(Settings(format=SampleFormat.RF_I16), now)), now)
    driver.feed(exchange(driver.start(now)), now)
    keeper = copy.deepcopy(driver)  # keeps the device awake while the other has not heard a frame yet
    stream = b""
    while len(pieces := list(whole_frames(stream))) < frames:
        data = exchange(keeper.tick(now))
        keeper.feed(data, now)
        stream += data
    return driver, pieces


def whole_frames(stream: bytes) -> Iterator[bytes]:
    """The stream cut behind each FRAME_END."""
    start = at = 0
    while at + HEADER.size <= len(stream):
        fields = HEADER.unpack_from(stream, at)
        at += HEADER.size + fields[4]
        if fields[2] == FRAME_END_TYPE and at <= len(stream):
            yield stream[start:at]
            start = at


def plain_lines(data: bytes) -> NDArray[np.int16]:
    """(lines, samples) out of the same bytes, as a careful stranger would write it."""
    out = np.zeros((scene.LINES, scene.SAMPLES), dtype=np.int16)
    at = 0
    while at + HEADER.size <= len(data):
        fields = HEADER.unpack_from(data, at)
        kind, length, line, samples, count, crc = fields[2], fields[4], fields[7], fields[11], fields[13], fields[14]
        payload = data[at + HEADER.size : at + HEADER.size + length]
        if zlib.crc32(payload) == crc and kind == LINES_TYPE:
            block = np.frombuffer(payload, dtype="<i2", offset=ROW_BYTES * count).reshape(count, samples)
            out[line : line + count] = block
        at += HEADER.size + length
    return out


def main() -> None:
    """Time them in turns, each frame's bytes once per candidate."""
    asked = rows.arguments(__doc__)
    cv2.setNumThreads(1)
    rounds = 20 if asked.quick else 60
    chain, opencv, maps = peers.planned()
    scipy = peers.SciPyChain(maps, 8192.0)
    driver, pieces = connected(rounds + rows.WARM_UP_ROUNDS + 1)
    coming: Iterator[bytes] = iter(pieces)

    def ours() -> None:
        received = [event for event in driver.feed(next(coming), 0) if isinstance(event, FrameReceived)]
        chain.run(received[-1].frame)

    ours()
    data = pieces[1]
    times = rows.in_turns(
        {
            "ours": ours,
            "opencv": lambda: opencv.picture(plain_lines(data)),
            "scipy": lambda: scipy.picture(plain_lines(data)),
        },
        rounds,
        warm=False,
    )
    rows.report(
        [rows.less_is_better(f"latency/{peer}", times["ours"], times[peer], "ms") for peer in ("scipy", "opencv")],
        asked.json,
    )


if __name__ == "__main__":
    main()
