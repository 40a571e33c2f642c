"""The peers of bench/probe.py: hosts as a careful stranger would write them, for links that never fail."""

from __future__ import annotations

import json
import struct
import threading
import time
import zlib
from collections.abc import Iterator

import numpy as np
import serial
from numpy.typing import NDArray

HEADER = struct.Struct("<IBBHIIIHHQiHBBII")
SYNC = 0x314F45A5
LINES, FRAME_END, HELLO, CAPS, SET, APPLIED, START, ACK, PING = 0x10, 0x11, 1, 2, 3, 4, 5, 7, 9
ROW_BYTES = 16
KINDS = {0x01: ("<i2", 1), 0x02: ("<i2", 1), 0x10: ("<i2", 2), 0x21: ("u1", 1)}


def messages(pieces: Iterator[bytes]) -> Iterator[tuple[tuple[int, ...], bytes]]:
    """Header fields and payload of each message; what is in the line before the first is skipped, damage ends it."""
    buffer, begun = bytearray(), False
    for piece in pieces:
        buffer += piece
        at = 0
        while len(buffer) - at >= HEADER.size:
            fields = HEADER.unpack_from(buffer, at)
            end = at + HEADER.size + fields[4]
            if fields[0] != SYNC or zlib.crc32(buffer[at : at + 44]) != fields[15]:
                if begun:
                    raise ValueError("out of step")
                at += 1
                continue
            if end > len(buffer):
                break
            payload = bytes(buffer[at + HEADER.size : end])
            if zlib.crc32(payload) != fields[14]:
                raise ValueError("damaged")
            begun = True
            yield fields, payload
            at = end
        del buffer[:at]


def frames(pieces: Iterator[bytes]) -> Iterator[NDArray[np.generic]]:
    """Frames as arrays, in the order of the sweep."""
    frame: NDArray[np.generic] | None = None
    for fields, payload in messages(pieces):
        kind, line, lines, samples, code, count = fields[2], fields[7], fields[8], fields[11], fields[12], fields[13]
        if kind == LINES:
            dtype, channels = KINDS[code]
            if frame is None:
                frame = np.zeros((lines, samples, channels) if channels == 2 else (lines, samples), dtype=dtype)
            data = np.frombuffer(payload, dtype="u1", offset=ROW_BYTES * count)
            values = unpacked_12(data, count, samples) if code == 0x02 else data.view(dtype)
            frame[line : line + count] = values.reshape(count, *frame.shape[1:])
        elif kind == FRAME_END and frame is not None:
            json.loads(payload)
            yield frame
            frame = None


def unpacked_12(data: NDArray[np.uint8], count: int, samples: int) -> NDArray[np.int16]:
    """Two samples out of every three bytes."""
    triples = data.reshape(count, -1, 3).astype(np.int16)
    out = np.empty((count, triples.shape[1], 2), dtype=np.int16)
    out[:, :, 0] = triples[:, :, 0] | (triples[:, :, 1] & 15) << 8
    out[:, :, 1] = triples[:, :, 1] >> 4 | triples[:, :, 2] << 4
    out = out.reshape(count, -1)[:, :samples]
    return out - ((out & 0x800) << 1)


def request(kind: int, seq: int, body: dict[str, object]) -> bytes:
    """A message from a host."""
    payload = json.dumps(body).encode() if body else b""
    head = HEADER.pack(SYNC, 1, kind, 0, len(payload), seq, 0, 0, 0, 0, 0, 0, 0, 0, zlib.crc32(payload), 0)[:44]
    return head + struct.pack("<I", zlib.crc32(head)) + payload


def pieces_of(port: serial.Serial) -> Iterator[bytes]:
    """What a port brings, as it comes."""
    while True:
        yield port.read(port.in_waiting or 1)


def begin(port: serial.Serial, settings: dict[str, object]) -> Iterator[tuple[tuple[int, ...], bytes]]:
    """Start streaming; the messages that follow."""
    heard = messages(pieces_of(port))
    asked = ((HELLO, {"versions": [1]}, CAPS), (SET, settings, APPLIED), (START, {"armed": True}, ACK))
    for seq, (kind, body, answer) in enumerate(asked):
        port.write(request(kind, seq, body))
        while next(heard)[0][2] != answer:
            pass
    return heard


def first_frame(port: serial.Serial) -> None:
    """Until the end of the first frame."""
    for fields, _ in begin(port, {}):
        if fields[2] == FRAME_END:
            return


class BareReader:
    """A thread that reads what a probe sends, counts the bytes, and looks at none of them."""

    def __init__(self, address: str) -> None:
        self.bytes = 0
        self._port = serial.Serial(address, timeout=0.03, exclusive=True)
        begin(self._port, {"format": 1})
        self._ending = threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        pinged, seq = time.monotonic(), 10
        while not self._ending.is_set():
            self.bytes += len(self._port.read(self._port.in_waiting or 1))
            if time.monotonic() - pinged > 0.5:
                pinged, seq = time.monotonic(), seq + 1
                self._port.write(request(PING, seq, {}))

    def stop(self) -> None:
        self._ending.set()
        self.thread.join()
        self._port.close()
