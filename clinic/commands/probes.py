"""``sauti probes``: which probes are plugged in, and why one cannot be used. Opens nothing, writes to nothing."""

from __future__ import annotations

import argparse
from collections import Counter

from clinic.console import Console
from probe.discovery import FoundPort, find
from probe.drivers import registry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help="one JSON object per line")


def run(arguments: argparse.Namespace) -> int:
    """List every serial port, the surest usable probe first."""
    console = Console.standard(as_json=arguments.json)
    drivers, found = registry.names(), find()
    alike = Counter(number for number, _ in {(_number(port), _socket(port)) for port in found if port.driver})
    for port in found:
        _say(console, port, drivers, shares=alike[_number(port)] > 1)
    usable = sum(_advice(port, drivers) == "" for port in found)
    console.say("listed", _summary(len(found), usable), ports=len(found), usable=usable)
    return 0


def _number(found: FoundPort) -> tuple[str, str]:
    return found.usb_id, found.port.serial


def _socket(found: FoundPort) -> str:
    """Where it is plugged in; a board may have several interfaces there."""
    return found.port.location.partition(":")[0]


def _say(console: Console, found: FoundPort, drivers: tuple[str, ...], shares: bool) -> None:
    port, advice = found.port, _advice(found, drivers)
    twin = f"Another board has the same number: this one is in the socket {_socket(found) or '-'}." if shares else ""
    what = found.board or " ".join(filter(None, (port.manufacturer, port.product))) or "no USB device"
    line = (
        f"{found.address:<14} {found.usb_id or '-':<9}  {port.serial or '-':<16}  {found.driver or '-':<9} "
        f"{found.confidence.word:<8}  {found.state.value:<14}  {what}"
    )
    console.say(
        "port",
        "\n    ".join(filter(None, (line, advice, twin))),
        address=found.address,
        usb_id=found.usb_id,
        serial=port.serial,
        product=port.product,
        manufacturer=port.manufacturer,
        location=port.location,
        board=found.board,
        driver=found.driver,
        driver_present=found.driver in drivers,
        confidence=found.confidence.word,
        state=found.state.value,
        holder=str(found.holder) if found.holder else "",
        advice=advice,
        shares_serial=shares,
    )


def _advice(found: FoundPort, drivers: tuple[str, ...]) -> str:
    """Why the port cannot be used and what to do; empty when it can."""
    problem = found.problem()
    if problem is not None:
        return str(problem)
    if found.driver not in drivers:
        return f"This Sauti has no driver named {found.driver}. Install a newer Sauti, or a plug-in that has it."
    return ""


def _summary(ports: int, usable: int) -> str:
    if usable:
        return f"{usable} of {ports} serial ports may be given to --probe."
    known = "There is no serial port" if not ports else "No probe can be used"
    return f"{known}. Without one there is the simulated probe: --probe practice."
