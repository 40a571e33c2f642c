"""Slot: a place for one thing between two threads. The newest wins, what it replaces is counted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SlotCounts:
    """How many things were put, how many of them were taken, and how many were replaced before anyone took them."""

    put: int
    taken: int
    dropped: int


class Slot(Generic[T]):
    """One item at a time; the giver never waits."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: T | None = None
        self._put = self._taken = self._dropped = 0

    def put(self, item: T, fold: Callable[[T, T], T] | None = None) -> None:
        """Leave an item; one that was not taken yet is dropped.

        Args:
            item: The newest.
            fold: Called with (dropped, newest) when an item is dropped; what it returns is left instead.
        """
        with self._changed:
            if self._item is not None:
                self._dropped += 1
                item = item if fold is None else fold(self._item, item)
            self._item = item
            self._put += 1
            self._changed.notify()

    def take(self, timeout_s: float | None = 0.0) -> T | None:
        """The item, waiting for one at most ``timeout_s`` (None: for ever); None when there is none."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None, timeout_s)
            item, self._item = self._item, None
            self._taken += item is not None
            return item

    def counts(self) -> SlotCounts:
        """What went through so far; a moment's truth, all three of the same moment."""
        with self._changed:
            return SlotCounts(self._put, self._taken, self._dropped)

    @property
    def dropped(self) -> int:
        """Items replaced before anyone took them."""
        return self.counts().dropped
