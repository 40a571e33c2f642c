"""A thread with a written life: born by ``start``, ends by ``stop`` or by posting its reason, never silently."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

from clinic.errors import Stopped

Task = Callable[[], None]


class Worker:
    """Runs tasks one after the other in a thread of its own.

    Birth: ``start``. Death: ``stop`` (tasks already posted are finished first), or an exception that a task let
    through, which is a defect: it is given to ``on_death`` and every later ``post`` raises ``Stopped``.

    Args:
        name: The thread's name, as in a traceback.
        on_death: Told the reason when the thread ends by itself; called in that thread.
    """

    def __init__(self, name: str, on_death: Callable[[Exception], None]) -> None:
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._on_death = on_death
        self._reason: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def post(self, task: Task) -> None:
        """Queue a task; returns at once.

        Raises:
            Stopped: The thread has ended by an error.
        """
        if self._reason is not None:
            raise Stopped(f"The {self._thread.name} thread has stopped", "Start Sauti again.") from self._reason
        self._tasks.put(task)

    def stop(self, timeout_s: float = 10.0) -> None:
        """Finish what was posted, then end."""
        self._tasks.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                task()
            except Exception as error:  # noqa: BLE001  (the thread's policy: a reason is always posted)
                self._reason = error
                self._on_death(error)
                return
