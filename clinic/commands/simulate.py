"""``sauti simulate``: be a probe on a pseudo-terminal or a local network port, byte for byte, at a real link's rate."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from clinic.console import Console
from clinic.errors import BadRequest
from clinic.examine import DRIVER
from probe.emulators import pty, registry, tcp, tcp_udp
from probe.emulators.device import Device
from probe.emulators.faults import Fault, FaultKind, FaultyDevice
from probe.emulators.registry import Wish
from probe.recording import Recording

# a WiFi link carries what the kit sends, 3.4 MB/s; --link-rate is for serial lines
NETWORK_RATE = 20_000_000
_LEAST_DAMAGE_BYTES = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--driver", default=DRIVER, choices=registry.names(), help=f"whose protocol to speak (default {DRIVER})"
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--recording", type=Path, metavar="PATH", help="folder or file of a recording to play in a loop")
    what.add_argument(
        "--phantom", action="store_true", help="play the practice phantom, or what a board of single lines sees"
    )
    parser.add_argument("--fps", type=float, default=10.0, help="frames per second asked of the device (default 10)")
    parser.add_argument(
        "--link-rate",
        type=int,
        default=800_000,
        metavar="BYTES_PER_S",
        help="what the link carries (default 800000, full-speed USB)",
    )
    parser.add_argument("--envelope", action="store_true", help="echopen: send envelopes instead of RF")
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
    _check(arguments)
    recording = None if arguments.phantom else Recording.load(arguments.recording)
    wish = Wish(recording, arguments.fps, arguments.link_rate, arguments.envelope)
    make = registry.maker(arguments.driver, wish)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    console = Console.standard()

    def tell(address: str) -> None:
        if arguments.at is not None:
            _point(arguments.at, address)
        console.say("address", address)

    offer = _offer(arguments.driver, arguments.link_rate, tell, stop)
    if registry.TWINS[arguments.driver].link == "serial":
        make = cache(make)  # what is unplugged and plugged in again is the same board
    try:
        if arguments.unplug_after is not None:
            offer(lambda: FaultyDevice(make(), [Fault(FaultKind.UNPLUG, arguments.unplug_after)]))
            stop.wait(arguments.back_after)
        damage = arguments.damage_every
        offer(make if damage is None else lambda: FaultyDevice(make(), _damage(damage)))
    finally:
        if arguments.at is not None:
            arguments.at.unlink(missing_ok=True)
    return 0


def _check(arguments: argparse.Namespace) -> None:
    if not 0.1 <= arguments.fps <= 100:
        raise BadRequest("--fps must lie between 0.1 and 100", "The echOpen kit reaches about 10.")
    if not 1_000 <= arguments.link_rate <= 100_000_000:
        raise BadRequest("--link-rate must lie between 1000 and 100000000 bytes/s", "Full-speed USB is 800000.")
    if arguments.at is not None and registry.TWINS[arguments.driver].link != "serial":
        raise BadRequest("--at is for probes on a serial port", "Give --probe the address that is printed.")


def _offer(
    driver: str, link_rate: int, tell: Callable[[str], None], stop: threading.Event
) -> Callable[[Callable[[], Device]], None]:
    """How a twin is served: on the link that its protocol is spoken over, and after an unplug at the same port."""
    link = registry.TWINS[driver].link
    if link == "serial":
        return lambda make: pty.serve(make(), link_rate, tell, stop)
    ports = [0, 0]

    def remember(address: str) -> None:
        ports[:] = [int(part) for part in [*address.split(":")[2:], "0"][:2]]
        tell(address)

    if link == "tcp":
        return lambda make: tcp.serve(make, NETWORK_RATE, remember, stop, port=ports[0])
    return lambda make: tcp_udp.serve(make, remember, stop, ports=(ports[0], ports[1]))


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
