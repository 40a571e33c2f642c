"""A worker does its tasks in order, finishes them when told to stop, and never dies in silence."""

from __future__ import annotations

import threading

import pytest

from clinic.errors import Stopped
from clinic.worker import Worker


def test_tasks_run_in_order_and_stop_finishes_them() -> None:
    done: list[int] = []
    worker = Worker("test", on_death=lambda reason: pytest.fail(str(reason)))
    worker.start()
    for number in range(100):
        worker.post(lambda number=number: done.append(number))  # type: ignore[misc]
    worker.stop()
    assert done == list(range(100))


def test_a_death_is_told_and_later_posts_are_refused() -> None:
    reasons: list[Exception] = []
    dead = threading.Event()

    def bury(reason: Exception) -> None:
        reasons.append(reason)
        dead.set()

    worker = Worker("test", bury)
    worker.start()
    worker.post(lambda: 1 // 0)  # type: ignore[arg-type,return-value]
    assert dead.wait(5)
    assert isinstance(reasons[0], ZeroDivisionError)
    with pytest.raises(Stopped, match="test thread has stopped") as caught:
        worker.post(lambda: None)
    assert caught.value.__cause__ is reasons[0]
    worker.stop()
