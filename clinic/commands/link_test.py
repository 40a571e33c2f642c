"""``sauti link-test``: how many bits a probe's cable gets wrong, and how many bytes a second it carries."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from clinic.clock import SystemClock
from clinic.errors import BadRequest
from probe import linktest
from probe.driver import LinkTested
from probe.drivers import registry
from probe.links.address import open_link

_BLOCK_BYTES = 4096
_MOST_BLOCKS = 65536


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--probe", required=True, metavar="ADDRESS", help="a serial device, or practice")
    parser.add_argument("--blocks", type=int, default=500, metavar="N", help="blocks of 4096 bytes (default 500)")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Test the link; 1 when anything was lost or wrong."""
    if not 1 <= arguments.blocks <= _MOST_BLOCKS:
        raise BadRequest(f"--blocks must lie between 1 and {_MOST_BLOCKS}", "500 are two megabytes.")
    clock = SystemClock()
    link = open_link(arguments.probe, clock=clock.monotonic_ns)
    try:
        tested = linktest.run(link, registry.make("eop1"), clock.monotonic_ns, arguments.blocks, _BLOCK_BYTES)
    finally:
        link.close()
    sys.stdout.write(f"{json.dumps(asdict(tested)) if arguments.json else _sentence(tested)}\n")
    return 0 if tested.lost == tested.bit_errors == 0 else 1


def _sentence(tested: LinkTested) -> str:
    rate = "" if tested.bytes_s is None else f" at {tested.bytes_s / 1000:.0f} kB/s"
    carried = f"{tested.blocks} blocks, {tested.bits // 8} bytes received{rate}"
    return f"{carried}: {tested.bit_errors} wrong bits, {tested.lost} blocks lost."
