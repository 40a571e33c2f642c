"""What every verb works with: the threads that record, the store's read side, and who is signed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from clinic.clock import Clock
from clinic.courier import Courier
from clinic.errors import OutOfOrder
from clinic.exam import Archivist
from clinic.writer import Writer
from records.ids import Entropy, uuid7
from records.model import Operator
from records.queries import Queries


@dataclass(slots=True)
class Desk:
    """Shared by the verbs of one workstation.

    Args:
        writer: T3.
        courier: T4.
        archivist: Makes blobs.
        open_queries: A new read-only connection; one for each thread that asks.
        clock: The machine's clock.
        entropy: Gives random bytes.
        simulated: The store is the practice store.
    """

    writer: Writer
    courier: Courier
    archivist: Archivist
    open_queries: Callable[[], Queries]
    clock: Clock
    entropy: Entropy
    simulated: bool
    _queries: Queries | None = field(default=None)
    _operator: Operator | None = field(default=None)

    @property
    def queries(self) -> Queries:
        """The read side of the client's own thread."""
        if self._queries is None:
            self._queries = self.open_queries()
        return self._queries

    @property
    def operator(self) -> Operator:
        """Who is signed in.

        Raises:
            OutOfOrder: Nobody is.
        """
        if self._operator is None:
            raise OutOfOrder("Nobody is signed in", "Sign in first.")
        return self._operator

    def sign_in(self, operator: Operator) -> None:
        """From now on this operator acts."""
        self._operator = operator

    def new_id(self) -> str:
        """An id for a new entity."""
        return uuid7(self.clock.wall_ms(), self.entropy)

    def close(self) -> None:
        """Close the client's own connection."""
        if self._queries is not None:
            self._queries.close()
            self._queries = None
