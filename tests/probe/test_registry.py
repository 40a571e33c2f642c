"""Drivers by name: nothing imported to list them, strangers welcome, mistakes told in a sentence."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint, EntryPoints

import pytest

from probe.drivers import registry
from probe.drivers.eop1 import Eop1Driver
from probe.drivers.limited import LimitedDriver
from probe.errors import ProbeRefused


@pytest.fixture
def strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [
        EntryPoint("other", "probe.drivers.mux10:Mux10Driver", registry.GROUP),
        EntryPoint("broken", "no_such_module:Driver", registry.GROUP),
        EntryPoint("eop1", "no_such_module:Driver", registry.GROUP),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: EntryPoints(points).select(group=group))


def test_the_native_driver_is_there() -> None:
    assert "eop1" in registry.names()
    assert isinstance(registry.make("eop1"), Eop1Driver)


def test_strangers_are_listed_and_made(strangers: None) -> None:
    assert registry.names() == tuple(sorted({"broken", "other", *registry.BUILT_IN}))
    other = registry.make("other")
    assert isinstance(other, LimitedDriver)
    assert other.name == "mux10"


def test_our_own_name_is_not_for_strangers(strangers: None) -> None:
    assert isinstance(registry.make("eop1"), Eop1Driver)


def test_a_broken_stranger_is_a_sentence(strangers: None) -> None:
    with pytest.raises(ProbeRefused, match=r"The driver broken cannot be used\. Remove the plug-in"):
        registry.make("broken")


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(ProbeRefused, match=r"no driver named mystery\. Choose one of: .*eop1"):
        registry.make("mystery")


@pytest.mark.parametrize("name", sorted(registry.BUILT_IN))
def test_every_driver_is_made_by_its_name(name: str) -> None:
    assert registry.make(name).name == name


def test_listing_imports_no_driver() -> None:
    code = (
        "import sys; from probe.drivers import registry; from probe.emulators import registry as twins; "
        "registry.names(); twins.names(); print([m for m in sys.modules if m.startswith('probe.drivers.') and "
        "m != 'probe.drivers.registry'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
