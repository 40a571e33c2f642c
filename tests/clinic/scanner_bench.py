"""A scanner whose thread is the test: real frames and chains, and a clock of the test's own."""

from __future__ import annotations

from clinic.scanner import Frozen, Scanner
from imaging.cine import Cine
from imaging.picture import Picture
from imaging.preset import Preset
from probe.frame import Frame
from probe.settings import Sampling
from probe.slot import Slot

Sweeps = tuple[tuple[Frame, ...], Frame]


class Bench:
    """A scanner whose thread is the test."""

    def __init__(self, can_fetch: bool = True) -> None:
        self.slot: Slot[Frame] = Slot()
        self.shown: list[Picture] = []
        self.asked: list[int] = []
        self.windows: list[Sampling | None] = []
        self.deaths: list[Exception] = []
        self.now_ns = 0
        self.can_fetch = can_fetch
        self.scanner = Scanner(
            self.slot, Cine(1 << 24), Preset.for_frame, self._fetch, self.windows.append, self._show,
            lambda: self.now_ns, self.deaths.append, size_px=(160, 120),
        )  # fmt: skip

    def _show(self, picture: Picture, advice: tuple[str, ...]) -> None:
        self.shown.append(picture)
        self.advice = advice

    def _fetch(self, number: int) -> bool:
        self.asked.append(number)
        return self.can_fetch

    def see(self, *frames: Frame) -> None:
        for frame in frames:
            self.slot.put(frame)
            self.step()

    def step(self) -> None:
        self.scanner._step()


def frozen_of(receipt) -> Frozen:  # type: ignore[no-untyped-def]
    return receipt.wait(0)


def frozen_bench(live: tuple[Frame, ...]) -> tuple[Bench, Frozen]:
    bench = Bench(can_fetch=False)
    bench.see(*live)
    receipt = bench.scanner.ask_freeze()
    bench.scanner.probe_stopped()
    bench.step()
    return bench, frozen_of(receipt)
