"""Every target: what is registered is fuzzed, without being listed here."""

from __future__ import annotations

from probe.drivers import registry
from tests.fuzz import containers, decoders, talks
from tests.fuzz.target import Target


def catalogue() -> list[Target]:
    """Drivers, decoders and files, in a fixed order."""
    return [*(talks.target(name) for name in registry.names()), *decoders.targets(), *containers.targets()]
