"""Drivers by name. Listing names imports nothing; a stranger's driver comes in by the entry-point group."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points

from probe.driver import Driver
from probe.errors import ProbeRefused

GROUP = "sauti.probes"
BUILT_IN: dict[str, str] = {
    "echopen": "probe.drivers.echopen:EchopenDriver",
    "echopen-v0": "probe.drivers.echopen_v0:EchopenV0Driver",
    "eop1": "probe.drivers.eop1:Eop1Driver",
    "mux10": "probe.drivers.mux10:Mux10Driver",
    "p0rk": "probe.drivers.p0rk:P0rkDriver",
    "pic0rick": "probe.drivers.pic0rick:Pic0rickDriver",
    "recording": "probe.drivers.recording:RecordingDriver",
    "uprobe1": "probe.drivers.uprobe1:Uprobe1Driver",
    "wulpus": "probe.drivers.wulpus:WulpusDriver",
}


def names() -> tuple[str, ...]:
    """Every driver that can be made, sorted; a built-in one wins over a stranger's of the same name."""
    return tuple(sorted(BUILT_IN | _strangers()))


def make(name: str) -> Driver:
    """A new driver for one connection; a stranger's is held to its own word.

    Raises:
        ProbeRefused: There is none of that name, or it cannot be loaded.
    """
    target = BUILT_IN.get(name) or _strangers().get(name)
    if target is None:
        raise ProbeRefused(f"There is no driver named {name}", f"Choose one of: {', '.join(names())}.")
    try:
        driver = _load(target)()
        return driver if name in BUILT_IN else _held(driver)
    except Exception as error:  # a plug-in may raise anything
        raise ProbeRefused(f"The driver {name} cannot be used", "Remove the plug-in or ask its maker.") from error


def _strangers() -> dict[str, str]:
    return {point.name: point.value for point in entry_points(group=GROUP)}


def _held(driver: Driver) -> Driver:
    from probe.drivers.limited import LimitedDriver

    return LimitedDriver(driver)


def _load(target: str) -> Callable[[], Driver]:
    module, _, attribute = target.partition(":")
    maker: Callable[[], Driver] = getattr(import_module(module), attribute)
    return maker
