"""A receipt is kept once, tells whoever asked, and never claims what did not happen."""

from __future__ import annotations

import pytest

from clinic.errors import Stopped
from clinic.receipts import Receipt


def test_a_kept_receipt_brings_its_result() -> None:
    receipt: Receipt[int] = Receipt()
    told: list[int] = []
    receipt.then(lambda answer: told.append(answer.wait(0)))
    assert not receipt.done
    receipt.keep(7)
    assert receipt.wait(0) == 7
    assert told == [7]


def test_a_failed_receipt_raises_what_went_wrong() -> None:
    receipt: Receipt[int] = Receipt()
    receipt.fail(OSError("disk"))
    with pytest.raises(OSError, match="disk"):
        receipt.wait(0)


def test_a_time_out_of_the_work_itself_is_passed_on_as_it_is() -> None:
    receipt: Receipt[int] = Receipt()
    receipt.fail(TimeoutError("the work's own"))
    with pytest.raises(TimeoutError, match="the work's own"):
        receipt.wait(0)


def test_no_answer_in_time_is_said_so() -> None:
    with pytest.raises(Stopped, match="No answer came in time"):
        Receipt[int]().wait(0.01)


def test_a_receipt_after_another_follows_it() -> None:
    first: Receipt[str] = Receipt()
    second = Receipt[int]().after(first, 3)
    third = Receipt[int]().after(Receipt[str](), 4)
    first.keep("done")
    assert second.wait(0) == 3
    assert not third.done


def test_a_receipt_after_a_failed_one_fails_with_the_same_error() -> None:
    first: Receipt[str] = Receipt()
    second = Receipt[int]().after(first, 3)
    first.fail(ValueError("no"))
    with pytest.raises(ValueError, match="no"):
        second.wait(0)
