"""Pictures that were asked for and are not held yet: a key that measures or keeps waits until they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from clinic.receipts import Receipt
from clinic.ui.screen import StationScreen

T = TypeVar("T")


class Awaited:
    """Counts the questions of one screen whose answer replaces the picture in hand.

    Args:
        screen: That asks.
    """

    def __init__(self, screen: StationScreen) -> None:
        self._screen = screen
        self._questions = 0
        self._later: Callable[[], None] | None = None

    def ask(
        self, ask: Callable[[], Receipt[T]], done: Callable[[T], None], refused: Callable[[Exception], None]
    ) -> None:
        """As ``Station.answer``; the key that waits comes after the last answer."""
        self._questions += 1

        def answered(result: T) -> None:
            self._questions -= 1
            done(result)
            self._go_on()

        def failed(error: Exception) -> None:
            self._questions -= 1
            refused(error)
            self._go_on()

        self._screen.station.answer(self._screen, ask, answered, failed)

    def before(self, key: Callable[[], None]) -> bool:
        """Whether a picture is on its way; the key's action is then called once it is there."""
        if self._questions:
            self._later = key
        return self._questions > 0

    def forget(self) -> None:
        """No key waits: the picture is live again."""
        self._later = None

    def _go_on(self) -> None:
        later = self._later
        if later is not None and not self._questions:
            self._later = None
            later()
