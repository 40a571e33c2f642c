"""Names of records, and time that orders them."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from records.hlc import DAY_MS, Stamp, after, is_jump
from records.ids import dicom_uid, is_uuid, uuid7
from tests.records.making import NOON_MS, Entropy


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_uuid7_has_the_layout_of_rfc_9562(wall_ms: int, random: bytes) -> None:
    made = uuid.UUID(uuid7(wall_ms, lambda size: random[:size]))
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert made.int >> 80 == wall_ms


def test_uuid7_of_rfc_9562_appendix_a6() -> None:
    """rand_a = 0xCC3, rand_b = 0x18C4DC0C0C07398F, unix_ts_ms = 0x017F22E279B0."""
    random = (0xCC3 << 62 | 0x18C4DC0C0C07398F).to_bytes(10, "big")
    assert uuid7(0x017F22E279B0, lambda size: random) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_uuid7_sorts_by_time_and_differs_within_a_millisecond() -> None:
    entropy = Entropy()
    made = [uuid7(NOON_MS + step, entropy) for step in range(100)]
    assert made == sorted(made)
    assert len({uuid7(NOON_MS, entropy) for _ in range(1000)}) == 1000


def test_only_the_plain_form_is_a_uuid() -> None:
    plain = uuid7(NOON_MS, Entropy())
    assert is_uuid(plain)
    assert not any(map(is_uuid, ("", plain.upper(), plain.replace("-", ""), f"{{{plain}}}", "x", f"urn:uuid:{plain}")))


def test_dicom_uid_is_the_uuid_as_one_number() -> None:
    """The example of PS3.5 B.2."""
    assert dicom_uid("f81d4fae-7dec-11d0-a765-00a0c91e6bf6") == "2.25.329800735698586629295641978511506172918"
    assert len(dicom_uid("ffffffff-ffff-ffff-ffff-ffffffffffff")) <= 64


@given(st.lists(st.integers(0, 2**45), max_size=50))
def test_stamps_rise_whatever_the_wall_clock_does(walls: list[int]) -> None:
    last = Stamp(0, 0)
    for wall_ms in walls:
        following = after(last, wall_ms)
        assert following > last
        assert following.ms >= wall_ms
        last = following


def test_a_jump_is_more_than_a_day_either_way() -> None:
    assert not is_jump(NOON_MS, NOON_MS + DAY_MS)
    assert not is_jump(NOON_MS, NOON_MS - DAY_MS)
    assert is_jump(NOON_MS, NOON_MS + DAY_MS + 1)
    assert is_jump(NOON_MS, NOON_MS - DAY_MS - 1)
