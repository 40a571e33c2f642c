"""Decoders alone: bounded, never raising, and a good message behind any bytes comes out. They are found, not listed."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np

import probe.protocols
from probe import lines, messages, wire
from probe.errors import NotUnderstood
from probe.protocols import echopen, p0rk, pic0rick, uprobe1, wulpus
from probe.settings import SampleFormat
from probe.wire import Header, Message, MessageType
from tests.fuzz.target import LONGEST, Broken, Target

CHUNKS = (1, 7, 64, 65, 700, LONGEST, LONGEST, LONGEST)
KITS = (echopen.KitSettings(80, 90, 8, 16, 57, False), echopen.KitSettings(80, 90, 8, 16, 57, True))
MARK = wire.pack(Message(Header(MessageType.LOG, seq=0xABCDEF01), b'{"text":"here"}'))
P0RK_MARK = p0rk.pack(p0rk.Packet(3, 16, 0xABCDEF01, 9, 0.0, 1.0, 512.0, 96, 6000, 96, 0, bytes(range(256)) * 16))
DUMP = b"run> read\r\n" + pic0rick.write_dump(np.arange(8000) % 1024) + b"run> "
UPROBE = b"".join(
    uprobe1.pack(uprobe1.Record(7, n, False, np.full(512, 9 + n, dtype=np.uint8))) for n in range(4)
)  # fmt: skip

WULPUS = [
    wulpus.pack(wulpus.Acquisition(0, n, False, np.random.default_rng(n).integers(-2048, 2048, 400).astype(np.int16)))
    for n in range(7, 10)
]


def sweeps(kit: echopen.KitSettings) -> bytes:
    """Four sweeps, to and fro."""
    numbers = [n for s in range(4) for n in (range(1, 17) if s % 2 == 0 else range(16, 0, -1))]
    samples = np.random.default_rng(5).integers(1, 256, kit.samples)
    return b"".join(echopen.pack_line(kit, n, np.roll(samples, n + index)) for index, n in enumerate(numbers))


def _kit_law(decoder: Any, found: list[Any], kit: echopen.KitSettings) -> bool:
    """The whole second sweep is there; garbage that looks like a line may cost the first."""
    whole, size = sweeps(kit), kit.line_bytes
    wanted = [whole[n * size : (n + 1) * size] for n in range(32, 48)]
    got = [echopen.pack_line(kit, line.number, line.samples) for line in found[-70:]]
    return any(got[at : at + 16] == wanted for at in range(len(got)))


def _p0rk_law(decoder: Any, found: list[Any]) -> bool:
    while decoder.waiting and decoder.pending > 3:
        found += decoder.abandon()
    return any(isinstance(item, p0rk.Packet) and p0rk.pack(item) == P0RK_MARK for item in found)


def _dump_law(decoder: Any, found: list[Any]) -> bool:
    return pic0rick.read_dump(found[-1]) is not None


def _uprobe_law(decoder: Any, found: list[Any]) -> bool:
    """A sync at the end of the garbage may take the first line for its samples; the others come whole."""
    return [item.line for item in found if item.frame == 7][-3:] == [1, 2, 3]


def _wulpus_law(decoder: Any, found: list[Any]) -> bool:
    """A head at the end of the garbage may take the first line for its samples; the others come whole."""
    for _ in range(2 * LONGEST):
        if not decoder.waiting:
            break
        found += decoder.abandon()
    lines = [wulpus.pack(item) for item in found if isinstance(item, wulpus.Acquisition)]
    return all(line in lines for line in WULPUS[1:])


# what a link of ours makes, or TCP carries whole: no garbage comes between
LAWLESS = {"two_channels.Unwrapper", "echopen_v0.WordDecoder"}
# decoder -> a good piece of its stream, and whether it came out of what was found
LAWS: dict[str, tuple[bytes, Callable[[Any, list[Any]], bool]]] = {
    "p0rk.Decoder": (P0RK_MARK, _p0rk_law),
    "pic0rick.Shell": (DUMP, _dump_law),
    "uprobe1.Decoder": (UPROBE, _uprobe_law),
    "wulpus.Decoder": (b"".join(WULPUS), _wulpus_law),
}


class DecoderUnderFire:
    """The promise of one decoder; the first byte of an input chooses the chunks."""

    def __init__(self, name: str, make: Callable[[], Any], bound: Callable[[Any], int | None]) -> None:
        self.name, self._make, self._bound = name, make, bound
        self._good, self._law = LAWS.get(name, (b"", lambda decoder, found: True))

    def __call__(self, data: bytes) -> None:
        chunk, strange = CHUNKS[data[0] % 8] if data else 1, data[1:] + self._good
        decoder = self._make()
        found: list[Any] = []
        at, mixed = 0, len(data) + 64
        while at < len(strange):
            # behind its beginning, the good part may come faster: it is long, and nothing strange is left in it
            step = chunk if at < mixed else max(chunk, 512)
            found += decoder.feed(strange[at : at + step])
            at += step
            bound = self._bound(decoder)
            if bound is not None and decoder.pending > bound:
                raise Broken(f"{self.name} holds {decoder.pending} bytes")
        if not self._law(decoder, found):
            raise Broken(f"{self.name}: what was good behind the garbage is lost")


def wire_decoder(data: bytes) -> None:
    """EOP/1 framing: bounded, the same messages in any chunks, and the last message is always found."""
    chunk, strange = CHUNKS[data[0] % 8] if data else 1, data[1:] + MARK
    seen: list[list[Message]] = []
    for size in (chunk, LONGEST * 2):
        decoder = wire.Decoder()
        found: list[Message] = []
        for at in range(0, len(strange), size):
            found += decoder.feed(strange[at : at + size])
            if decoder.pending > 2 * (wire.HEADER_SIZE + wire.MAX_PAYLOAD):
                raise Broken("the decoder holds too much")
        while (more := decoder.pending) and decoder.pending >= wire.HEADER_SIZE:
            found += decoder.abandon()
            if decoder.pending >= more:
                raise Broken("giving up a message does not end")
        if not any(m.header.seq == 0xABCDEF01 and m.payload == b'{"text":"here"}' for m in found):
            raise Broken("a message behind garbage is lost")
        seen.append(found)
    if seen[0] != seen[1]:
        raise Broken("other chunks, other messages")


def bodies(data: bytes) -> None:
    """Every reader of a message's body: an object or ``NotUnderstood``."""
    try:
        body = messages.decode(data)
        messages.decode(messages.encode(body))
    except NotUnderstood:
        return
    for read in (
        lambda: messages.read_capabilities(body, "eop1"), lambda: messages.read_request(body),
        lambda: messages.read_applied(body), lambda: messages.read_geometry(body, 8),
        lambda: messages.text(body, "text"), lambda: messages.integers(body, "dead", 0, messages.MAX_LINES),
    ):  # fmt: skip
        try:
            read()
        except NotUnderstood:
            continue


def blocks(data: bytes) -> None:
    """Line blocks of every sample format: twelve bytes of header, then the payload."""
    head, payload = data[:12].ljust(12, b"\0"), data[12:]
    formats = list(SampleFormat)
    coding = formats[head[0] % len(formats)] if head[0] < 250 else head[0]
    count, samples = head[1] % 9, int.from_bytes(head[2:4], "little") % 600
    if head[4] & 1:  # a payload of the right length, so that the codec itself is met
        samples = max(1, (len(payload) // max(1, count) - lines.ROW_BYTES) // 4)
        known = SampleFormat(coding) if coding in formats else SampleFormat.RF_I16
        wanted = count * (lines.ROW_BYTES + lines.line_bytes(known, samples))
        payload = payload[:wanted].ljust(wanted, b"\x5a")
    header = Header(
        MessageType.LINES, line=head[5], lines_in_frame=head[6], t_us=int.from_bytes(head[4:12], "little"),
        time_zero_ns=head[7], samples=samples, format=int(coding), lines_in_block=count,
    )  # fmt: skip
    try:
        block = lines.unpack_lines(header, payload, 1, bool(head[8] & 1))
    except NotUnderstood:
        return
    if block.samples.shape[:2] != (count, samples) or len(block.time_us) != count:
        raise Broken("a block of another shape than its header")
    packed = lines.pack_lines(block.positions, block.time_us - header.t_us, SampleFormat(coding), block.samples)
    if lines.unpack_lines(header, packed, 1, False).samples.tobytes() != block.samples.tobytes():
        raise Broken("packing and unpacking again changes samples")


def targets() -> list[Target]:
    """EOP/1's own decoders, and every class with ``feed`` in the protocols' modules."""
    found = [
        Target("wire:messages", wire_decoder, lambda: [b"\0" + MARK * 3, b"\3" + MARK], lambda: ("probe.wire",)),
        Target("wire:bodies", bodies, _body_seeds, lambda: ("probe.messages",)),
        Target("wire:blocks", blocks, _block_seeds, lambda: ("probe.lines",)),
    ]
    for info in pkgutil.iter_modules(probe.protocols.__path__):
        module = import_module(f"probe.protocols.{info.name}")
        for name, kind in vars(module).items():
            if isinstance(kind, type) and kind.__module__ == module.__name__ and hasattr(kind, "feed"):
                found += _of(f"{info.name}.{name}", kind, module)
    for kit, which in zip(KITS, ("rf", "envelope"), strict=True):
        found.append(_kit(kit, which))
    return found


def _of(name: str, kind: type, module: Any) -> list[Target]:
    if name == "echopen.LineDecoder":
        return []  # it has two forms, below
    most = getattr(module, "MAX_PENDING", None) or getattr(module, "MAX_REPLY", None)
    most = most + p0rk.MAX_TEXT if name == "p0rk.Decoder" else most
    run = DecoderUnderFire(name, kind, lambda decoder: most if hasattr(decoder, "pending") else None)
    seeds = [b"\5" + LAWS[name][0][: LONGEST - 1], b"\2" + LAWS[name][0][:500]] if name in LAWS else []
    return [Target(f"decoder:{name}", run, lambda: seeds, lambda: (module.__name__,))]


def _kit(kit: echopen.KitSettings, which: str) -> Target:
    name = f"echopen.LineDecoder.{which}"
    run = DecoderUnderFire(name, lambda: echopen.LineDecoder(kit), lambda decoder: decoder.most_pending)
    run._good, run._law = sweeps(kit), lambda decoder, found: _kit_law(decoder, found, kit)
    return Target(
        f"decoder:{name}",
        run,
        lambda: [b"\5" + sweeps(kit)[:4000], b"\3" + sweeps(kit)[900:3000]],
        lambda: (echopen.__name__,),
    )


def _body_seeds() -> Sequence[bytes]:
    from tests.fuzz.talks import Talk
    from tests.fuzz.twins import factory

    talk = Talk("eop1", factory("eop1")).connect()
    for _ in range(80):
        talk.step()
    texts = [m.payload for m in wire.Decoder().feed(bytes(talk.heard)) if m.payload.startswith(b"{")]
    return list(dict.fromkeys(texts))[:20]


def _block_seeds() -> Sequence[bytes]:
    random = np.random.default_rng(3)
    return [bytes((index, 3, 40, 0, 1, 0, 8, 5, 0, 0, 0, 0)) + random.bytes(900) for index in range(len(SampleFormat))]
