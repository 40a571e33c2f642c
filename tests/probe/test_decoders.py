"""Every decoder of a foreign protocol: any bytes without complaint, bounded, and nothing good lost behind garbage."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.driver import Applied, Driver, FrameReceived
from probe.drivers import registry
from probe.errors import ProbeError
from probe.protocols import echopen, p0rk, pic0rick, two_channels, uprobe1, wulpus
from probe.protocols.echopen_v0 import Line, pack_line, pack_words
from probe.protocols.two_channels import TCP, UDP, wrap
from probe.settings import Settings

FOREIGN = ("echopen", "echopen-v0", "mux10", "p0rk", "pic0rick", "uprobe1", "wulpus")
KIT = echopen.KitSettings(80, 90, 8, 16, 57, False)
KIT_ENVELOPE = echopen.KitSettings(80, 90, 8, 16, 57, True)
SMALL = st.binary(max_size=400)
COUNT = 10**7
SLICE = 20_000


def p0rk_frame(sequence: int = 3, kind: int = 3) -> bytes:
    payload = np.random.default_rng(sequence).bytes(p0rk.PAYLOAD_BYTES[kind])
    return p0rk.pack(p0rk.Packet(kind, 16, sequence, 9, 0.0, 1.0, 512.0, 96, 6000, 96, 0, payload))


def dump(seed: int = 1) -> bytes:
    return pic0rick.write_dump(np.random.default_rng(seed).integers(0, 1024, 8000))


def records(frame: int = 7) -> bytes:
    random = np.random.default_rng(frame)
    lines = [random.integers(0, 256, 512).astype(np.uint8) for _ in range(4)]
    return b"".join(uprobe1.pack(uprobe1.Record(frame, n, False, line)) for n, line in enumerate(lines))


def kit_sweeps(settings: echopen.KitSettings = KIT, count: int = 3) -> bytes:
    random = np.random.default_rng(5)
    numbers = [n for s in range(count) for n in (range(1, 17) if s % 2 == 0 else range(16, 0, -1))]
    return b"".join(echopen.pack_line(settings, n, random.integers(1, 256, 211)) for n in numbers)


def v0_lines() -> bytes:
    lines = [Line(n, 0, 3, np.arange(60, dtype=np.int16)) for n in range(1, 101)]
    return b"".join(wrap(UDP, pack_line(line)) for line in lines)


def acquisitions(count: int = 3) -> bytes:
    random = np.random.default_rng(6)
    lines = [random.integers(-2048, 2048, 400).astype(np.int16) for _ in range(count)]
    return b"".join(wulpus.pack(wulpus.Acquisition(0, n, False, line)) for n, line in enumerate(lines))


STREAMS: dict[str, Callable[[], bytes]] = {
    "p0rk": lambda: b"OK stream started type=alaw rate=70\r\n" + p0rk_frame(1, 2) + p0rk_frame(2, 2),
    "pic0rick": lambda: b"run> read\r\n" + dump() + b"run> ",
    "uprobe1": lambda: records(1) + records(2),
    "wulpus": acquisitions,
    "echopen": kit_sweeps,
    "echopen envelope": lambda: kit_sweeps(KIT_ENVELOPE),
}
STREAMS["mux10"] = lambda: b"run> read bin 3000\r\n" + pic0rick.write_binary(np.arange(3000) % 1024) + b"run> "
STREAMS["echopen-v0"] = lambda: wrap(TCP, pack_words(2, 0, 40, 31_500, 87, 3, 0)) + v0_lines()
DECODERS: dict[str, tuple[Callable[[], object], Callable[[object], int]]] = {
    "p0rk": (p0rk.Decoder, lambda d: p0rk.MAX_PENDING + p0rk.MAX_TEXT),
    "pic0rick": (pic0rick.Shell, lambda d: pic0rick.MAX_REPLY),
    "uprobe1": (uprobe1.Decoder, lambda d: uprobe1.MAX_PENDING),
    "wulpus": (wulpus.Decoder, lambda d: wulpus.MAX_PENDING - 65536),
    "echopen-v0": (two_channels.Unwrapper, lambda d: two_channels.MAX_PENDING),
    "echopen": (lambda: echopen.LineDecoder(KIT), lambda d: d.most_pending),
    "echopen envelope": (lambda: echopen.LineDecoder(KIT_ENVELOPE), lambda d: d.most_pending),
}


def mutated(random: np.random.Generator, stream: bytes) -> bytes:
    """A piece of a good stream with some bytes changed, taken out or put in."""
    start = int(random.integers(len(stream)))
    piece = bytearray(stream[start : start + int(random.integers(1, 9000))])
    for _ in range(int(random.integers(0, 6))):
        at = int(random.integers(len(piece) or 1))
        change = int(random.integers(3))
        if change == 0 and piece:
            piece[at] = int(random.integers(256))
        elif change == 1:
            del piece[at : at + int(random.integers(1, 40))]
        else:
            piece[at:at] = random.bytes(int(random.integers(1, 40)))
    return bytes(piece)


@pytest.mark.parametrize("name", DECODERS)
def test_millions_of_bytes_do_no_harm(name: str, faults) -> None:
    """Random and mutated bytes, in any chunks; the full count is ten million."""
    make, bound = DECODERS[name]
    stream = STREAMS[name]()
    for seed in faults.seeds(COUNT // SLICE):
        random = np.random.default_rng((seed, len(name)))
        decoder = make()
        left = SLICE
        while left > 0:
            data = random.bytes(int(random.integers(1, 4000))) if random.random() < 0.4 else mutated(random, stream)
            decoder.feed(data)
            left -= len(data)
            assert decoder.pending <= bound(decoder)


@pytest.mark.parametrize("name", FOREIGN)
def test_whole_drivers_take_millions_of_bytes(name: str, faults) -> None:
    """As above, through a driver that is live; what it gives up on, the reader would connect to again."""
    stream = opening(name) + STREAMS[name]()
    for seed in faults.seeds(COUNT // SLICE):
        random = np.random.default_rng((seed, len(name)))
        driver, now_ns, left = live(name, stream), 0, SLICE
        while left > 0:
            data = random.bytes(int(random.integers(1, 4000))) if random.random() < 0.4 else mutated(random, stream)
            now_ns += 20_000_000
            left -= len(data)
            frames = [event.frame for event in driver.feed(data, now_ns) if isinstance(event, FrameReceived)]
            assert all(frame.lines == len(frame.missing) for frame in frames)
            with contextlib.suppress(ProbeError):
                driver.tick(now_ns)


def opening(name: str) -> bytes:
    """What a device says before its stream."""
    return {
        "wulpus": wulpus.pack_idle(False),
        "echopen": KIT.pack(),
        "p0rk": b"OK stream already stopped\r\nOK board=pic0rick package=RP2350A firmware=1.5 drops=0\r\n",
        "pic0rick": b"run> sauti hello\r\nUnknown command: sauti hello\r\nrun> ",
        "mux10": b"run> sauti hello\r\nUnknown command: sauti hello\r\nrun> read bin 1\r\nBINACQ1\1\0\0\2\r\nrun> ",
    }.get(name, b"")


DAC = b"write dac 250\r\nDAC writing started\r\nDAC writing ended\r\nrun> "
SETTLED = {
    "p0rk": [b"OK pulse=96/6000/96/neg-first\r\n"],
    "pic0rick": [DAC],
    "mux10": [b"write mux 3\r\nMAX14866 writing ended\r\nrun> ", DAC],
}
SHOT = b"start acq 96 96 6000\r\nAcquisition of 8000 samples started\r\nAcquisition ended\r\nrun> "
STARTED = {
    "p0rk": [b"OK pulser armed\r\n", b"OK stream started type=envelope rate=20\r\n"],
    "pic0rick": [SHOT],
    "mux10": [SHOT],
}


def live(name: str, stream: bytes) -> Driver:
    """A driver that has been through its opening, answered as a device would."""
    driver = registry.make(name)
    # a WULPUS is known by its silence only
    driver.identify(-(10**10) if name == "wulpus" else 0)
    first = stream[: len(opening(name)) or 4000]
    for at in range(0, len(first), 40):
        hear(driver, first[at : at + 40])
    driver.configure(Settings(), 0)
    applied = [event for answer in SETTLED.get(name, [b""]) for event in hear(driver, answer)]
    assert [event for event in applied if isinstance(event, Applied)]
    driver.start(0)
    for answer in STARTED.get(name, []):
        hear(driver, answer)
    return driver


def hear(driver: Driver, answer: bytes) -> list:
    events = list(driver.feed(answer, 0))
    driver.tick(0)
    return events


@pytest.mark.parametrize("name", FOREIGN)
@given(pieces=st.lists(SMALL | st.integers(0, 10**6), max_size=12), started=st.booleans())
def test_a_driver_takes_any_bytes_in_any_state(name: str, pieces: list, started: bool) -> None:
    driver, now_ns = registry.make(name), 0
    good = (KIT.pack() if name == "echopen" else b"") + STREAMS[name]()
    driver.identify(now_ns)
    if started:
        driver.feed(good[:2000], now_ns)
        driver.configure(Settings(), now_ns)
        driver.start(now_ns)
    for piece in pieces:
        now_ns += 30_000_000
        data = piece if isinstance(piece, bytes) else good[piece % len(good) :][:3000]
        for event in driver.feed(data, now_ns):
            assert event is not None
        try:
            driver.tick(now_ns)
        except ProbeError:
            # silence, or another language: the reader closes the link and begins anew
            return


@given(before=SMALL, after=SMALL, chunk=st.integers(1, 700))
def test_a_p0rk_frame_behind_garbage_is_never_lost(before: bytes, after: bytes, chunk: int) -> None:
    decoder = p0rk.Decoder()
    stream = before + p0rk_frame() + after
    found = [p for at in range(0, len(stream), chunk) for p in decoder.feed(stream[at : at + chunk])]
    while decoder.waiting and decoder.pending > 3:
        found += decoder.abandon()
    assert p0rk_frame() in [p0rk.pack(p) for p in found if isinstance(p, p0rk.Packet)]


@given(false=st.binary(max_size=50).map(lambda tail: p0rk_frame()[:64] + tail), repeats=st.integers(0, 3))
def test_headers_without_payload_hide_no_p0rk_frame(false: bytes, repeats: int) -> None:
    decoder = p0rk.Decoder()
    found = decoder.feed(false * repeats + p0rk_frame(4))
    while decoder.waiting and decoder.pending > 3:
        found += decoder.abandon()
    assert [p.sequence for p in found if isinstance(p, p0rk.Packet)] == [4]


@given(before=SMALL, chunk=st.integers(1, 9000))
def test_a_dump_behind_garbage_is_never_lost(before: bytes, chunk: int) -> None:
    stream = before + b"run> read\r\n" + dump() + b"run> "
    shell = pic0rick.Shell()
    replies = [r for at in range(0, len(stream), chunk) for r in shell.feed(stream[at : at + chunk])]
    assert pic0rick.read_dump(replies[-1]) is not None
    assert len(replies) == before.count(b"run> ") + 2


@given(before=SMALL, after=SMALL, chunk=st.integers(1, 700))
def test_a_uprobe_line_behind_garbage_is_never_lost(before: bytes, after: bytes, chunk: int) -> None:
    stream = before + records() + after
    decoder = uprobe1.Decoder()
    found = [r for at in range(0, len(stream), chunk) for r in decoder.feed(stream[at : at + chunk])]
    # a sync that the garbage ends with may take the first record for its samples; the others come whole
    assert [r.line for r in found if r.frame == 7][-3:] == [1, 2, 3]


@pytest.mark.parametrize("settings", [KIT, KIT_ENVELOPE], ids=["rf", "envelope"])
@given(before=SMALL, chunk=st.integers(1, 5000))
def test_a_kit_sweep_behind_garbage_is_never_lost(settings: echopen.KitSettings, before: bytes, chunk: int) -> None:
    stream = before + kit_sweeps(settings, 4)
    decoder = echopen.LineDecoder(settings)
    found = [r for at in range(0, len(stream), chunk) for r in decoder.feed(stream[at : at + chunk])]
    # garbage that looks like a line costs the first lines; the whole second sweep must be there, and be right
    whole = stream[len(before) :]
    size = settings.line_bytes
    wanted = [whole[n * size : (n + 1) * size] for n in range(16, 32)]
    got = [echopen.pack_line(settings, line.number, line.samples) for line in found]
    assert any(got[at : at + 16] == wanted for at in range(len(got)))
