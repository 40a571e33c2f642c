"""Twins under fire: whatever a host writes, the device lives on, and the next host gets a picture. They ship too."""

from __future__ import annotations

import sys

from probe.emulators import registry as twins
from tests.fuzz.talks import CHUNKS, PAUSES_NS, Talk, known_frames, modules_of, whole_frame
from tests.fuzz.target import LONGEST, Broken, Target
from tests.fuzz.twins import factory

ROOM = 1 << 15


class TwinUnderFire:
    """The promise of one twin; the first byte of an input chooses chunks and pauses."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, data: bytes) -> None:
        plan, strange = (data[0], data[1:]) if data else (0, b"")
        chunk, now_ns = CHUNKS[plan & 7], 1_000_000_000
        device = factory(self._name)()
        for at in range(0, len(strange), chunk):
            now_ns += PAUSES_NS[plan >> 5 & 3] if at % (64 * chunk) == 0 else 0
            device.feed(strange[at : at + chunk], now_ns)
            if len(device.poll(now_ns, ROOM)) > ROOM:
                raise Broken(f"{self._name}'s twin sends more than there is room for")
        device.disconnect(now_ns)
        talk = Talk(self._name, lambda: device, now_ns)
        talk.connect()
        if talk.until(whole_frame(known_frames(self._name))) is None:
            raise Broken(f"{self._name}'s twin shows nothing to the next host")


def _seeds(name: str) -> list[bytes]:
    """What the driver writes from greeting to picture, and on."""
    talk = Talk(name, factory(name)).connect()
    for _ in range(60):
        talk.step()
    written = bytes(talk.written)[: LONGEST - 1]
    return [bytes((plan,)) + written for plan in (7, 0x20, 0x63)] if written else []


def targets() -> list[Target]:
    """All that ship."""
    return [_target(name) for name in twins.names()]


def _target(name: str) -> Target:
    def modules() -> tuple[str, ...]:
        twin = type(factory(name)()).__module__
        return tuple(sorted({twin, *modules_of(name)} & set(sys.modules)))

    return Target(f"twin:{name}", TwinUnderFire(name), lambda: _seeds(name), modules)
