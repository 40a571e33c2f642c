"""Twins by the name of their driver; what ``sauti simulate --driver NAME`` can be. Listing names imports nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from probe.emulators.device import Device
from probe.errors import ProbeRefused
from probe.recording import Recording


@dataclass(frozen=True, slots=True)
class Wish:
    """How a twin shall be.

    Args:
        recording: What it plays in a loop; None: a phantom of its own.
        frames_per_s: Asked of the device, where it can be asked.
        link_rate_bytes_s: What its link carries.
        envelope: The kit sends envelopes of 8 bits instead of RF.
    """

    recording: Recording | None = None
    frames_per_s: float = 10.0
    link_rate_bytes_s: int = 800_000
    envelope: bool = False


@dataclass(frozen=True, slots=True)
class Twin:
    """One kind.

    Args:
        make: ``module:function``; takes a ``Wish``, gives a factory of devices that share what they show.
        link: How it is reached: ``serial``, ``tcp`` or ``tcp+udp``.
    """

    make: str
    link: str = "serial"


TWINS: dict[str, Twin] = {
    "echopen": Twin("probe.emulators.makers:echopen", link="tcp"),
    "echopen-v0": Twin("probe.emulators.makers:echopen_v0", link="tcp+udp"),
    "eop1": Twin("probe.emulators.makers:eop1"),
    "mux10": Twin("probe.emulators.makers:mux10"),
    "p0rk": Twin("probe.emulators.makers:p0rk"),
    "pic0rick": Twin("probe.emulators.makers:pic0rick"),
    "uprobe1": Twin("probe.emulators.makers:uprobe1", link="tcp"),
    "wulpus": Twin("probe.emulators.makers:wulpus"),
}


def names() -> tuple[str, ...]:
    """Every twin, sorted."""
    return tuple(sorted(TWINS))


def maker(name: str, wish: Wish) -> Callable[[], Device]:
    """A factory of one twin's devices; each connection over a network gets one of its own.

    Raises:
        ProbeRefused: There is no twin of that name.
        RecordingError: The recording is not of this kind of probe.
    """
    twin = TWINS.get(name)
    if twin is None:
        raise ProbeRefused(f"There is no twin named {name}", f"Choose one of: {', '.join(names())}.")
    module, _, attribute = twin.make.partition(":")
    make: Callable[[Wish], Callable[[], Device]] = getattr(import_module(module), attribute)
    return make(wish)
