"""A session with a twin in virtual time, recorded as ``sauti record`` does: the file, and the frames that were seen."""

from __future__ import annotations

from collections.abc import Callable

from probe.driver import Driver
from probe.drivers import registry
from probe.drivers.noted import NotedDriver
from probe.emulators.device import Device
from probe.frame import Frame
from probe.settings import Settings
from probe.sprobe.container import MAGIC, Record, RecordKind, SprobeHeader, header_body, json_bytes, pack
from tests.probe.talk import Talk, frames

KIND = RecordKind
USB_SERIAL = "ECHO0001"


def header_of(driver: str) -> SprobeHeader:
    return SprobeHeader(f"/dev/sauti/{driver}-{USB_SERIAL}", driver, "1209:0001", USB_SERIAL, 0, "test")


class Keeping:
    """A device whose conversation is kept, as a tap would keep it."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self.records: list[Record] = []
        self.started_ns: int | None = None
        self.now_ns = 0

    def feed(self, data: bytes, now_ns: int) -> None:
        self._device.feed(data, now_ns)
        self._keep(KIND.SENT, data, now_ns)

    def poll(self, now_ns: int, room: int) -> bytes:
        data = self._device.poll(now_ns, room)
        self._keep(KIND.RECEIVED, data, now_ns)
        return data

    def disconnect(self, now_ns: int) -> None:
        self._device.disconnect(now_ns)

    def note(self, event: str, text: str) -> None:
        self._keep(KIND.NOTE, json_bytes({"event": event, "text": text}), self.now_ns)

    def _keep(self, kind: RecordKind, data: bytes, now_ns: int) -> None:
        self.now_ns = now_ns
        if self.started_ns is None:
            self.started_ns = now_ns
        if data:
            self.records.append(Record(kind, now_ns - self.started_ns, data))


def container(records: list[Record], header: SprobeHeader) -> bytes:
    first = Record(KIND.HEADER, 0, json_bytes(header_body(header)))
    end = Record(KIND.END, records[-1].time_ns if records else 0, b"{}")
    return MAGIC + b"".join(pack(record) for record in [first, *records, end])


def record_session(
    name: str,
    device: Device,
    seconds: float = 1.0,
    *,
    noted: bool = True,
    alter: Callable[[bytes], bytes] | None = None,
    settings: Settings | None = None,
    header: SprobeHeader | None = None,
) -> tuple[bytes, list[Frame]]:
    """The container of a session, and the frames that the driver made in it.

    Args:
        alter: What becomes of the bytes on their way to host and file.
        header: Of the file; None for a usual one.
        noted: As ``sauti record`` does; else as another program would have left it.
    """
    kept = Keeping(_Altered(device, alter) if alter else device)
    driver: Driver = registry.make(name)
    talk = Talk(NotedDriver(driver, kept.note) if noted else driver, kept, rate=20_000_000)
    kept._keep(KIND.NOTE, json_bytes({"event": "opened", "text": name}), talk.now_ns)
    talk.connect(settings)
    talk.start(seconds)
    talk.stop()
    return container(kept.records, header or header_of(name)), frames(talk.events)


class _Altered:
    def __init__(self, device: Device, alter: Callable[[bytes], bytes]) -> None:
        self._device, self._alter = device, alter
        self.feed, self.disconnect = device.feed, device.disconnect

    def poll(self, now_ns: int, room: int) -> bytes:
        return self._alter(self._device.poll(now_ns, room))
