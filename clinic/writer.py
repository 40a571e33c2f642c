"""T3, the one thread that writes SQLite. It only commits; encoding, sealing and blob files come before, elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from clinic.errors import Stopped
from clinic.receipts import Receipt
from clinic.worker import Worker
from records.events import Draft
from records.store import Committed, Store


@dataclass(frozen=True, slots=True)
class Saved:
    """Posted after a commit returned: these event types are on disk."""

    types: tuple[str, ...]
    committed: Committed


class Writer:
    """Takes drafts from any thread and commits them in order, one transaction per call.

    The store is opened, used and closed in this thread alone.

    Args:
        open_store: Opens the store; called once, in the thread.
        post: Told of every commit, in the thread.
        on_death: Told the reason if the thread ends by itself.
    """

    def __init__(
        self, open_store: Callable[[], Store], post: Callable[[Saved], None], on_death: Callable[[Exception], None]
    ) -> None:
        self._open_store = open_store
        self._store: Store | None = None
        self._post = post
        self._worker = Worker("writer", on_death)

    def start(self) -> Receipt[None]:
        """Open the store; the receipt says when it is ready, or why not."""
        receipt: Receipt[None] = Receipt()
        self._worker.start()
        self._worker.post(lambda: self._open(receipt))
        return receipt

    def commit(self, drafts: Sequence[Draft], actor: str) -> Receipt[Committed]:
        """Commit drafts as one transaction."""
        receipt: Receipt[Committed] = Receipt()
        self._worker.post(lambda: self._commit(tuple(drafts), actor, receipt))
        return receipt

    def stop(self) -> None:
        """Commit what was posted, close the store, end; also where the thread has ended by itself."""
        with suppress(Stopped):
            self._worker.post(self._close)
        self._worker.stop()

    def _open(self, receipt: Receipt[None]) -> None:
        try:
            self._store = self._open_store()
        except Exception as error:  # noqa: BLE001  (whatever it is belongs to the caller)
            receipt.fail(error)
        else:
            receipt.keep(None)

    def _commit(self, drafts: tuple[Draft, ...], actor: str, receipt: Receipt[Committed]) -> None:
        if self._store is None:
            receipt.fail(RuntimeError("the store is not open"))
            return
        try:
            committed = self._store.commit(drafts, actor)
        except Exception as error:  # noqa: BLE001  (a refused commit belongs to the caller; the thread lives on)
            receipt.fail(error)
            return
        self._post(Saved(tuple(draft.type for draft in drafts), committed))
        receipt.keep(committed)

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None
