"""``sauti simulate``: be a probe on a pseudo-terminal, byte for byte, at the rate of a real link."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

from clinic.console import Console
from clinic.errors import BadRequest
from probe.emulators.device import Device
from probe.emulators.eop1 import Eop1Device
from probe.emulators.faults import Fault, FaultKind, FaultyDevice
from probe.emulators.pty import serve
from probe.emulators.source import FrameSource, PhantomSource, RecordingSource
from probe.recording import Recording

_LEAST_DAMAGE_BYTES = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--recording", type=Path, metavar="PATH", help="folder or file of a recording to play in a loop")
    what.add_argument("--phantom", action="store_true", help="play the practice phantom")
    parser.add_argument("--fps", type=float, default=10.0, help="frames per second asked of the device (default 10)")
    parser.add_argument(
        "--link-rate",
        type=int,
        default=800_000,
        metavar="BYTES_PER_S",
        help="what the link carries (default 800000, full-speed USB)",
    )
    parser.add_argument("--at", type=Path, metavar="PATH", help="also offer the address as a symbolic link at PATH")
    parser.add_argument(
        "--unplug-after", type=int, metavar="BYTES", help="close the device's end once, after so many bytes sent"
    )
    parser.add_argument(
        "--damage-every", type=int, metavar="BYTES", help="flip one bit in every so many bytes, as a bad cable does"
    )
    parser.add_argument(
        "--back-after", type=float, default=3.0, metavar="S", help="come back so long after --unplug-after (default 3)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted. The first line printed is the address to give to ``--probe``."""
    if not 0.1 <= arguments.fps <= 100:
        raise BadRequest("--fps must lie between 0.1 and 100", "The echOpen kit reaches about 10.")
    if not 1_000 <= arguments.link_rate <= 100_000_000:
        raise BadRequest("--link-rate must lie between 1000 and 100000000 bytes/s", "Full-speed USB is 800000.")
    source: FrameSource = PhantomSource() if arguments.phantom else RecordingSource(Recording.load(arguments.recording))
    twin = Eop1Device(source, frame_interval_us=round(1e6 / arguments.fps), link_rate_bytes_s=arguments.link_rate)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    console = Console.standard()

    def tell(address: str) -> None:
        if arguments.at is not None:
            _point(arguments.at, address)
        console.say("address", address)

    device = twin if arguments.damage_every is None else FaultyDevice(twin, _damage(arguments.damage_every))
    try:
        if arguments.unplug_after is not None:
            serve(_unplugged(twin, arguments.unplug_after), arguments.link_rate, tell, stop)
            stop.wait(arguments.back_after)
        serve(device, arguments.link_rate, tell, stop)
    finally:
        if arguments.at is not None:
            arguments.at.unlink(missing_ok=True)
    return 0


def _unplugged(twin: Device, after_bytes: int) -> Device:
    return FaultyDevice(twin, [Fault(FaultKind.UNPLUG, after_bytes)])


def _damage(every_bytes: int) -> Iterator[Fault]:
    """Many flips, evenly spread: at one in 10000 bytes they last for a gigabyte."""
    if every_bytes < _LEAST_DAMAGE_BYTES:
        raise BadRequest(
            f"--damage-every must be at least {_LEAST_DAMAGE_BYTES} bytes", "Nothing else would get through."
        )
    return (Fault(FaultKind.FLIP, at) for at in range(every_bytes, every_bytes * 100_000, every_bytes))


def _point(link: Path, address: str) -> None:
    try:
        if link.is_symlink():
            link.unlink()
        link.symlink_to(address)
    except OSError as error:
        raise BadRequest(f"{link} cannot be made a link to {address}", "Choose a path that is free.") from error
