"""Every target: what is registered is fuzzed, without being listed here."""

from __future__ import annotations

from probe.drivers import registry
from tests.fuzz import containers, decoders, devices, formats, talks
from tests.fuzz.target import Target


def catalogue() -> list[Target]:
    """Drivers, decoders and files, in a fixed order."""
    drivers = (talks.target(name) for name in registry.names())
    return [*drivers, *devices.targets(), *decoders.targets(), *containers.targets(), *formats.targets()]
