"""The workstation in Textual's test driver: a home of its own, cheap keys, and what a nurse would press."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable

from textual.pilot import Pilot

from clinic.clock import SystemClock
from clinic.terminal.capabilities import CELLS_ONLY, TerminalCapabilities
from clinic.terminal.image_view import Liveness
from clinic.ui.app import WorkstationApp
from clinic.ui.opening import Opening
from clinic.ui.screens.patients import PatientsScreen
from clinic.ui.screens.scan import ScanScreen
from records.home import Home
from records.slots import Stretching

PIN = "739154"
CHEAP = Stretching(1, 8192)
PATIENT = ("ANC-0042", "Adébáyọ̀", "Àṣà", "1999-03-02", "f", "2026-05-01")


class Nurse:
    """Presses keys and looks at the screen."""

    def __init__(self, app: WorkstationApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def until(self, holds: Callable[[], object], limit_s: float = 40) -> None:
        """Wait until something is so."""
        end = time.monotonic() + limit_s
        while not holds():
            assert time.monotonic() < end, f"it did not come to that; the screen says: {self.says!r}"
            await asyncio.sleep(0.02)
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a line and end it with Enter."""
        self.app.screen.focused.value = text
        await self.press("enter")

    @property
    def says(self) -> str:
        """The sentence above the keys."""
        return self.app.screen.notice.text if hasattr(self.app.screen, "notice") else ""

    @property
    def keys(self) -> dict[str, str]:
        """The keys that are shown."""
        return dict(self.app.screen.keybar.keys)

    @property
    def scan(self) -> ScanScreen:
        screen = self.app.screen
        assert isinstance(screen, ScanScreen)
        return screen

    async def found_site(self) -> None:
        """The first start, up to the list of patients."""
        await self.until(lambda: self.app.screen.query("#institution"))
        for line in ("Kituo cha Afya", "Amina Juma", PIN, PIN):
            await self.type(line)
        await self.press("enter")
        await self.until(lambda: isinstance(self.app.screen, PatientsScreen))

    async def sign_in(self, pin: str = PIN) -> None:
        """A later start."""
        await self.until(lambda: self.app.screen.query("#pin"))
        await self.type(pin)

    async def add_patient(self, *lines: str) -> None:
        """A new patient and the start of her exam, up to the live picture."""
        await self.press("n")
        for line in lines or PATIENT:
            await self.type(line)
        await self.until(lambda: type(self.app.screen).__name__ == "StartExam")
        await self.press("enter")
        await self.until(lambda: isinstance(self.app.screen, ScanScreen))

    async def live(self) -> None:
        """Wait for the live picture."""
        await self.until(lambda: self.scan.pane.liveness is Liveness.LIVE)

    async def freeze(self) -> None:
        """Freeze and wait for the held picture.

        On a busy machine the picture may stop being live right before the key, which then asks for a live one: again.
        """
        while self.scan.held is None:
            await self.live()
            await self.press("space")
            await self.until(lambda: self.scan.held is not None or self.scan.pane.liveness is Liveness.LIVE)


Journey = Callable[[Nurse], Awaitable[None]]


class Station:
    """Runs journeys at one home, each in a new start of the program."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def run(
        self,
        journey: Journey,
        *,
        size: tuple[int, int] = (80, 24),
        probe: str = "",
        driver: str = "",
        terminal: TerminalCapabilities = CELLS_ONLY,
    ) -> None:
        """Start the workstation, let the nurse work, end it."""
        clock = SystemClock()
        opening = Opening(self.home, self.home.device_key, probe, driver, clock, os.urandom, "test", CHEAP)
        app = WorkstationApp(opening, terminal, clock)

        async def work() -> None:
            async with app.run_test(size=size) as pilot:
                await journey(Nurse(app, pilot))

        asyncio.run(work())
