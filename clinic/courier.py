"""T4, the errand thread: encodes, seals and files pictures, renders reports; later prints and syncs.

An errand prepares bytes on disk and returns the drafts that make them part of the record; the writer commits them.
So a receipt is kept only after both: file first, then the event that points to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from clinic.receipts import Receipt
from clinic.worker import Worker
from clinic.writer import Writer
from records.events import Draft

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Prepared(Generic[T]):
    """What an errand made: drafts to commit, and the result to hand out once they are committed."""

    drafts: Sequence[Draft]
    result: T


class Courier:
    """Runs errands in order in its own thread and passes their drafts to the writer."""

    def __init__(self, writer: Writer, on_death: Callable[[Exception], None]) -> None:
        self._writer = writer
        self._worker = Worker("courier", on_death)

    def start(self) -> None:
        self._worker.start()

    def stop(self) -> None:
        self._worker.stop()

    def send(self, errand: Callable[[], Prepared[T]], actor: str) -> Receipt[T]:
        """Run an errand, then commit what it prepared."""
        receipt: Receipt[T] = Receipt()
        self._worker.post(lambda: self._run(errand, actor, receipt))
        return receipt

    def ask(self, errand: Callable[[], T]) -> Receipt[T]:
        """Run an errand that records nothing, as reading a report back."""
        receipt: Receipt[T] = Receipt()

        def run() -> None:
            try:
                result = errand()
            except Exception as error:  # noqa: BLE001  (a failed errand belongs to its caller; the thread lives on)
                receipt.fail(error)
                return
            receipt.keep(result)

        self._worker.post(run)
        return receipt

    def _run(self, errand: Callable[[], Prepared[T]], actor: str, receipt: Receipt[T]) -> None:
        try:
            prepared = errand()
            committed = self._writer.commit(prepared.drafts, actor)
        except Exception as error:  # noqa: BLE001  (a failed errand belongs to its caller; the thread lives on)
            receipt.fail(error)
            return
        receipt.after(committed, prepared.result)
