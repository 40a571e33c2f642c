"""Receipts: what a verb hands back at once, while the work goes on elsewhere. It says "saved" when that is true."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from clinic.errors import Stopped

T = TypeVar("T")


class Receipt(Generic[T]):
    """A promise that is kept once: with a result after it is true on disk, or with an error after nothing changed.

    A screen asks ``then`` to be told; only the command line and tests may ``wait``.
    """

    def __init__(self) -> None:
        self._future: Future[T] = Future()

    def keep(self, result: T) -> None:
        """The work is done and durable. Called once, by the thread that did it."""
        self._future.set_result(result)

    def fail(self, error: Exception) -> None:
        """The work was not done. Called once, by the thread that tried."""
        self._future.set_exception(error)

    def after(self, other: Receipt[Any], result: T) -> Receipt[T]:
        """Be kept with ``result`` once another receipt is kept, or fail as it fails; returns this receipt."""

        def pass_on(answer: Receipt[Any]) -> None:
            try:
                answer.wait(0)
            except Exception as error:  # noqa: BLE001  (the other's error is this one's error)
                self.fail(error)
            else:
                self.keep(result)

        other.then(pass_on)
        return self

    @property
    def done(self) -> bool:
        return self._future.done()

    def then(self, tell: Callable[[Receipt[T]], None]) -> None:
        """Call ``tell`` when done, in the thread that did the work (at once if it is already done)."""
        self._future.add_done_callback(lambda _future: tell(self))

    def wait(self, timeout_s: float = 60.0) -> T:
        """Block for the result.

        Raises:
            Stopped: No answer in time.
            Exception: What the work failed with.
        """
        try:
            return self._future.result(timeout_s)
        except TimeoutError as error:
            if self._future.done():
                raise
            raise Stopped("No answer came in time", "Look at the disk and start Sauti again.") from error
