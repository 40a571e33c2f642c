"""A modem manager that takes the port for a modem: its commands lie in the board's line, before us and between ours."""

from __future__ import annotations

import random

import numpy as np
import pytest

from probe.driver import FrameReceived, Identified
from probe.drivers import registry
from probe.emulators.eop1 import Eop1Device
from probe.emulators.p0rk import P0rkDevice
from probe.emulators.pic0rick import Pic0rickDevice
from tests.probe.conftest import TinySource
from tests.probe.talk import Talk, frames

COMMANDS = (b"AT\r", b"AT", b"AT+GCAP\r\n", b"ATQ0 V1 E1 S0=0\r", b"AT\r\nAT+CGMI\r\nATI", b"\x7e\x00\x78\xf0\x7e")


class OneLine:
    """A source that costs no time."""

    def line(self, index: int) -> np.ndarray:
        return (np.arange(8192) % 200).astype(np.int16)


BOARDS = {
    "eop1": lambda: Eop1Device(TinySource()),
    "p0rk": lambda: P0rkDevice(OneLine()),
    "pic0rick": lambda: Pic0rickDevice(OneLine()),
    "mux10": lambda: Pic0rickDevice(OneLine(), four_channels=True),
}


@pytest.mark.parametrize("said", [*COMMANDS, b"A" * 500, b"?", b"\xa5EO1" + b"\x01" * 60], ids=repr)
@pytest.mark.parametrize("board", BOARDS)
def test_a_board_is_known_behind_it(board: str, said: bytes) -> None:
    talk = Talk(registry.make(board), BOARDS[board]())
    talk.device.poll(talk.now_ns, 10)
    talk.device.feed(said, talk.now_ns)
    talk.write(talk.driver.identify(talk.now_ns))
    assert any(isinstance(event, Identified) for event in talk.run(2.5, step_s=0.02))


@pytest.mark.parametrize("board", BOARDS)
def test_the_picture_goes_on_beside_it(board: str) -> None:
    talk, chance = Talk(registry.make(board), BOARDS[board]()), random.Random(board)
    talk.connect()
    talk.write(talk.driver.start(talk.now_ns))
    for _ in range(12):
        talk.run(0.2 * chance.random())
        talk.device.feed(chance.choice(COMMANDS), talk.now_ns)
    talk.run(1.0)
    before = len(frames(talk.events))
    assert before > 0
    undisturbed = sum(isinstance(event, FrameReceived) for event in talk.run(1.0))
    assert undisturbed >= 4  # the slowest of them shoots five times a second
