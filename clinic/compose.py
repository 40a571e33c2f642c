"""Where concrete classes meet: settings and an open vault in, a workstation out."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from clinic.calibrations import lookup
from clinic.clock import Clock
from clinic.courier import Courier
from clinic.events import PictureReady, Post, RecordSaved, ThreadDied
from clinic.exam import Archivist
from clinic.noting import noting
from clinic.scanner import Scanner
from clinic.site import first_event
from clinic.workstation.desk import Desk
from clinic.workstation.scanning import Scanning
from clinic.workstation.workstation import Workstation
from clinic.writer import Saved, Writer
from imaging.cine import Cine
from imaging.preset import Preset
from probe.drivers import registry
from probe.drivers.calibrated import CalibratedDriver
from probe.drivers.named import named
from probe.frame import Frame
from probe.linkrates import LinkRates
from probe.links.address import PRACTICE, open_link, spoken_at
from probe.reader import Reader, ReaderEvent
from probe.same_port import SamePort
from probe.settings import Sampling
from probe.slot import Slot
from records.blobs import Blobs
from records.home import CLINIC, Home, HomeLock
from records.home import PRACTICE as PRACTICE_STORE
from records.queries import Queries
from records.store import Store
from records.vault import Vault

# Half a minute of live envelope frames over full-speed USB, and small beside the memory of an old computer.
CINE_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class Site:
    """What a workstation is built on: an unlocked home.

    Args:
        home: Its folder.
        lock: Held.
        vault: Open.
        institution_name: Name of the clinic, for a new store.
        station_name: Name of this computer, for a new store.
    """

    home: Home
    lock: HomeLock
    vault: Vault
    institution_name: str = ""
    station_name: str = ""


@dataclass(frozen=True, slots=True)
class ProbeChoice:
    """Which probe, and how to look at it.

    Args:
        address: ``practice`` or a device path.
        simulated: No transducer is behind the address: its exams go to the practice store.
        driver: The protocol's name.
        preset: Name of the preset; empty chooses by the probe.
    """

    address: str = PRACTICE
    simulated: bool = True
    driver: str = "eop1"
    preset: str = ""


def build(site: Site, probe: ProbeChoice, clock: Clock, post: Post, version: str) -> Workstation:
    """Build a workstation and open its store; the probe is not touched before ``scanning.connect``.

    Raises:
        RecordsError, ImagingError: The store cannot be opened, or there is no such preset; the lock is released.
    """
    post = noting(post, probe.address)
    try:
        preset = Preset.load(probe.preset) if probe.preset else None
        desk = _open_desk(site, probe.simulated, clock, post)
    except BaseException:
        site.lock.release()
        raise
    # a simulated probe has no link that is worth remembering
    rates = None if probe.simulated else LinkRates(site.home.path / "links.json")
    scanning = _scanning(probe, preset, clock, post, site.home.calibrations, rates)
    return Workstation(desk, scanning, site.lock, version)


def _open_desk(site: Site, simulated: bool, clock: Clock, post: Post) -> Desk:
    paths = site.home.store(PRACTICE_STORE if simulated else CLINIC)

    def open_store() -> Store:
        store = Store(paths, site.vault, clock.wall_ms, secrets.token_bytes)
        if store.journal.tail.seq == 0:
            first = first_event(
                site.vault, site.institution_name, site.station_name, clock.wall_ms(), secrets.token_bytes
            )
            store.commit([first], "system")
        return store

    def saved(message: Saved) -> None:
        post(RecordSaved(message.types))

    writer = Writer(open_store, saved, _obituary("writer", post))
    courier = Courier(writer, _obituary("courier", post))
    ready = writer.start()
    courier.start()
    desk = Desk(
        writer, courier, Archivist(Blobs(paths.blobs), secrets.token_bytes),
        lambda: Queries(paths, site.vault), clock, secrets.token_bytes, simulated,
    )  # fmt: skip
    try:
        ready.wait()
    except BaseException:
        courier.stop()
        writer.stop()
        raise
    return desk


def open_scanning(probe: ProbeChoice, clock: Clock, post: Post, home: Home | None = None) -> Scanning:
    """The verbs of a probe alone, without any record; it is not touched before ``connect``.

    Args:
        probe: Which.
        clock: The machine's clock.
        post: Told what happens.
        home: Whose calibrations count; without one only what the probe brings itself.

    Raises:
        ImagingError: There is no such preset.
    """
    preset = Preset.load(probe.preset) if probe.preset else None
    return _scanning(probe, preset, clock, post, None if home is None else home.calibrations)


def _scanning(
    probe: ProbeChoice,
    preset: Preset | None,
    clock: Clock,
    post: Post,
    calibrations: Path | None,
    rates: LinkRates | None = None,
) -> Scanning:
    frames: Slot[Frame] = Slot()
    driver = spoken_at(probe.address, probe.driver)

    def make_reader(on_event: Callable[[ReaderEvent], None]) -> Reader:
        same = SamePort(probe.address, lambda address: open_link(address, clock=clock.monotonic_ns))
        return Reader(
            same.open,
            lambda: CalibratedDriver(named(registry.make(driver), same.number), lookup(calibrations, clock)),
            frames,
            on_event,
            clock.monotonic_ns,
            rates=rates,
        )

    def make_scanner(fetch: Callable[[int], bool], ask_window: Callable[[Sampling | None], None]) -> Scanner:
        return Scanner(
            frames,
            Cine(CINE_BYTES),
            (lambda frame: preset) if preset else Preset.for_frame,
            fetch,
            ask_window,
            lambda picture, advice: post(PictureReady(picture, advice)),
            clock.monotonic_ns,
            _obituary("imaging", post),
        )

    return Scanning(make_reader, make_scanner, post)


def _obituary(thread: str, post: Post) -> Callable[[Exception], None]:
    return lambda reason: post(ThreadDied(thread, reason))
