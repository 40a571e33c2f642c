"""``sauti link-test`` as its user runs it: on the practice probe, on a bad cable, on what is no probe."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from queue import Queue

import pytest

from clinic import cli
from probe.emulators.device import Device
from probe.emulators.eop1 import Eop1Device
from probe.emulators.faults import Fault, FaultKind, FaultyDevice
from probe.emulators.pty import serve
from probe.emulators.source import PhantomSource


@pytest.fixture
def served() -> Iterator[Callable[[Device], str]]:
    """Serve a device on a pseudo-terminal; its address."""
    stop, threads = threading.Event(), []

    def begin(device: Device) -> str:
        addresses: Queue[str] = Queue()
        thread = threading.Thread(target=serve, args=(device, 4_000_000, addresses.put, stop))
        thread.start()
        threads.append(thread)
        return addresses.get(timeout=5)

    yield begin
    stop.set()
    for thread in threads:
        thread.join(5)


def run(capsys, *words: str) -> tuple[int, str, str]:
    code = cli.run(["link-test", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_practice_probe_has_a_good_link(capsys) -> None:
    code, out, err = run(capsys, "--probe", "practice", "--blocks", "50")
    assert (code, err) == (0, "")
    assert out.endswith("kB/s: 0 wrong bits, 0 blocks lost.\n")
    assert "50 blocks, 204800 bytes received at " in out


def test_a_rate_that_cannot_be_told_is_not(capsys) -> None:
    code, out, _ = run(capsys, "--probe", "practice", "--blocks", "1")
    assert (code, out) == (0, "1 blocks, 4096 bytes received: 0 wrong bits, 0 blocks lost.\n")


def test_a_bad_cable_is_told_in_figures(capsys, served) -> None:
    flips = [Fault(FaultKind.FLIP, at) for at in range(20_000, 120_000, 20_000)]
    address = served(FaultyDevice(Eop1Device(PhantomSource(), link_rate_bytes_s=4_000_000), flips))
    code, out, _ = run(capsys, "--probe", address, "--blocks", "50", "--json")
    told = json.loads(out)
    assert code == 1
    assert told["bit_errors"] + told["lost"] == 5
    assert told["bit_errors"] >= 4  # at most one of them may have hit a header


class Deaf:
    """A device that speaks, and no EOP/1."""

    def feed(self, data: bytes, now_ns: int) -> None: ...

    def poll(self, now_ns: int, room: int) -> bytes:
        return b"run> "[:room]

    def disconnect(self, now_ns: int) -> None: ...


def test_what_is_no_probe_gets_a_sentence(capsys, served) -> None:
    code, out, err = run(capsys, "--probe", served(Deaf()))
    assert (code, out) == (1, "")
    assert err.startswith("sauti: The device at this address is not an EOP/1 probe.")
    code, _, err = run(capsys, "--probe", "/dev/there-is-no-such-probe")
    assert code == 1
    assert "There is no probe at" in err


def test_absurd_counts_are_refused(capsys) -> None:
    code, _, err = run(capsys, "--probe", "practice", "--blocks", "0")
    assert code == 1
    assert "--blocks must lie between 1 and 65536" in err
