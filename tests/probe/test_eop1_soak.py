"""EOP/1 for long: millions of strange bytes, an hour of streaming. The full counts are `make soak`."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np
import pytest

from probe.driver import FrameReceived
from probe.drivers.eop1 import Eop1Driver
from probe.emulators.eop1 import Eop1Device
from probe.settings import SampleFormat, Settings
from probe.wire import HEADER_SIZE, MAX_PAYLOAD, SYNC, Decoder, Header, Message, MessageType, pack

SEGMENT = 2_000
MARKER = 0x0B  # LOG: nothing that a driver acts on


def good_stream(pair, tiny_source) -> bytes:
    """What a real conversation sounds like."""
    joined = pair(Eop1Device(tiny_source()))
    heard = bytearray()
    joined.alter = lambda data: heard.extend(data) or data
    joined.connect(Settings(format=SampleFormat.RF_I16), start=True).run(2)
    joined.ask(joined.driver.stop(joined.now_ns), 0.2)
    joined.ask(joined.driver.fetch(3, SampleFormat.RF_I16, joined.now_ns), 0.5)
    joined.ask(joined.driver.test_link(10, 300, joined.now_ns), 0.5)
    return bytes(heard)


class Strangeness:
    """Segments of bytes as no device should send them, each followed by one whole message with a number of its own."""

    def __init__(self, seed: int, good: bytes) -> None:
        self._random = np.random.default_rng(seed)
        self._good = good
        self.markers = 0

    def segment(self) -> bytes:
        kinds = (self._noise, self._false_syncs, self._damaged, self._torn, self._doubled, self._modem, self._sealed)
        strange = kinds[int(self._random.integers(len(kinds)))]()
        marker = pack(Message(Header(MARKER, seq=self.markers), b'{"text":"here"}'))
        self.markers += 1
        return strange + marker

    def _piece(self) -> bytes:
        start = int(self._random.integers(len(self._good) - SEGMENT))
        return self._good[start : start + int(self._random.integers(1, SEGMENT))]

    def _noise(self) -> bytes:
        return self._random.bytes(int(self._random.integers(SEGMENT)))

    def _false_syncs(self) -> bytes:
        return b"".join(SYNC[: int(n)] + self._random.bytes(int(n)) for n in self._random.integers(1, 5, 200))

    def _damaged(self) -> bytes:
        piece = bytearray(self._piece())
        for place in self._random.integers(len(piece), size=int(self._random.integers(1, 9))):
            piece[place] = self._random.integers(256)
        return bytes(piece)

    def _torn(self) -> bytes:
        piece = self._piece()
        cut = int(self._random.integers(len(piece)))
        return piece[:cut] + piece[cut + int(self._random.integers(1, 70)) :]

    def _doubled(self) -> bytes:
        return self._piece()[:300] * 3

    def _modem(self) -> bytes:
        return b"AT\rATE0Q0V1\rAT+GMI\r\nAT$QCPWRDN\r" * int(self._random.integers(1, 5))

    def _sealed(self) -> bytes:
        """A message whose CRCs hold, and nothing else does."""
        count = int(self._random.integers(0, 300))
        fields = self._random.integers(0, 65536, 6).tolist()
        header = Header(
            int(self._random.integers(256)), fields[0], int(self._random.integers(2**32)), fields[1], fields[2],
            fields[3], fields[4] << 40, -fields[5], fields[5], fields[2] % 256, fields[3] % 12,
        )  # fmt: skip
        return pack(Message(header, self._random.bytes(count)))


def pieces(strange: Strangeness, total: int, chunk: int):
    """So many bytes in chunks that have nothing to do with the messages."""
    passed, held = 0, b""
    while passed < total:
        held += strange.segment()
        while len(held) >= chunk:
            passed += chunk
            yield held[:chunk]
            held = held[chunk:]
    yield held


@pytest.mark.parametrize("chunk", [1, 63, 64, 65, 512, 4096])
def test_no_whole_message_is_lost_in_any_garbage(faults, pair, tiny_source, chunk: int) -> None:
    strange = Strangeness(faults.seed * 100 + chunk, good_stream(pair, tiny_source))
    decoder, found, most = Decoder(), set(), 0
    for piece in pieces(strange, faults.count(10_000_000) // 6, chunk):
        found |= {m.header.seq for m in decoder.feed(piece) if m.header.type == MARKER and m.payload}
        most = max(most, decoder.pending)
    for _ in range(100):
        found |= {m.header.seq for m in decoder.abandon() if m.header.type == MARKER}
    assert found >= set(range(strange.markers))
    assert most <= 2 * (HEADER_SIZE + MAX_PAYLOAD)


def test_a_driver_bears_any_garbage(faults, pair, tiny_source) -> None:
    """No exception, no growth, and it still works behind all of it."""
    strange = Strangeness(faults.seed, good_stream(pair, tiny_source))
    joined = pair(Eop1Device(tiny_source()), Eop1Driver()).connect(Settings(format=SampleFormat.RF_I16), start=True)
    joined.run(1)
    driver = joined.driver
    tracemalloc.start()
    peaks: list[int] = []
    for number, piece in enumerate(pieces(strange, faults.count(10_000_000), 1500)):
        driver.feed(piece, joined.now_ns)
        joined.now_ns += 1_000_000
        driver.tick(joined.now_ns)
        if number % 100 == 99:
            peaks.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert max(peaks, default=0) < 4_000_000
    joined.device.disconnect(joined.now_ns)
    joined.events.clear()
    joined.now_ns += 3_000_000_000
    driver.feed(b"", joined.now_ns)
    joined.ask(driver.identify(joined.now_ns), 3)
    joined.ask(driver.configure(Settings(format=SampleFormat.RF_I16), joined.now_ns), 3)
    joined.ask(driver.start(joined.now_ns), 2)
    frames = joined.frames()
    assert len(frames) > 10
    assert np.array_equal(frames[-1].samples, tiny_source().rf(frames[-1].number % 5))


def test_a_device_bears_any_garbage(faults, pair, tiny_source) -> None:
    """The twin too: nobody consented, so it is never armed, and it answers behind all of it."""
    strange = Strangeness(faults.seed + 7, good_stream(pair, tiny_source))
    device, now_ns = Eop1Device(tiny_source()), 0
    for piece in pieces(strange, faults.count(10_000_000) // 4, 700):
        now_ns += 5_000_000
        device.feed(piece, now_ns)
        device.poll(now_ns, 1 << 16)
        assert not device.armed
    for _ in range(10):
        now_ns += 600_000_000
        device.poll(now_ns, 1 << 20)
    device.feed(pack(Message(Header(MessageType.HELLO, seq=77), b'{"versions":[1]}')), now_ns)
    assert any(m.header.type == MessageType.CAPS for m in Decoder().feed(device.poll(now_ns, 1 << 20)))


def test_an_hour_of_streaming_keeps_memory_flat(faults, pair, tiny_source) -> None:
    joined = pair(Eop1Device(tiny_source(dead=(1,)))).connect(start=True)
    seen = 0

    def stream(seconds: float) -> int:
        nonlocal seen
        for _ in range(round(seconds / 2)):
            events = joined.run(2, step_s=0.02)
            seen += sum(isinstance(event, FrameReceived) for event in events)
            joined.events.clear()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    stream(10)
    tracemalloc.start()
    before = stream(20)
    seconds = faults.count(3600)
    after = stream(seconds)
    tracemalloc.stop()
    assert seen >= 9 * (seconds + 20)
    assert after - before < 100_000
