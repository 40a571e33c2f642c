"""Canonical bytes: one value, one form, and nothing else is accepted back."""

from __future__ import annotations

import contextlib
import enum
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records import canonical
from records.errors import Damaged, Invalid

TEXTS = st.text(st.characters(exclude_categories=["Cs"])).map(lambda text: unicodedata.normalize("NFC", text))
KEYS = st.text(st.characters(max_codepoint=127))
SCALARS = st.none() | st.booleans() | st.integers(-canonical.LARGEST, canonical.LARGEST) | TEXTS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ({}, b"{}"),
        ({"b": 1, "a": [True, None, -0]}, b'{"a":[true,null,0],"b":1}'),
        ({"Z": 1, "a": 2, "_": 3}, b'{"Z":1,"_":3,"a":2}'),
        ({"t": '\x00\x1f\b\t\n\f\r"\\/\x7f'}, b'{"t":"\\u0000\\u001f\\b\\t\\n\\f\\r\\"\\\\/\x7f"}'),
        ({"n": "Adébáyọ̀"}, '{"n":"Adébáyọ̀"}'.encode()),
        ({"n": 2**53 - 1}, b'{"n":9007199254740991}'),
    ],
)
def test_forms_of_rfc_8785(value: canonical.Value, form: bytes) -> None:
    assert canonical.encode(value) == form
    assert canonical.decode(form) == value


@given(st.dictionaries(KEYS, VALUES))
def test_what_was_written_is_read(value: dict[str, canonical.Value]) -> None:
    form = canonical.encode(value)
    assert canonical.decode(form) == value
    assert form == json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@given(st.dictionaries(KEYS, VALUES), st.randoms(use_true_random=False))
def test_the_order_of_making_does_not_matter(value: dict[str, canonical.Value], chance) -> None:
    items = list(value.items())
    chance.shuffle(items)
    assert canonical.encode(dict(items)) == canonical.encode(value)


class Kind(enum.IntEnum):
    ONE = 1


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        2**53,
        -(2**53),
        "e\u0301",
        "\ud800",
        b"bytes",
        (1, 2),
        {1: 2},
        {"é": 1},
        Kind.ONE,
        {"a": [0.5]},
    ],
)
def test_what_has_no_one_form_is_refused(value: object) -> None:
    with pytest.raises(Invalid):
        canonical.encode({"value": value})  # type: ignore[dict-item]


def test_a_refusal_does_not_repeat_the_text() -> None:
    with pytest.raises(Invalid) as refusal:
        canonical.encode({"name": "Ade\u0301"})
    assert "Ade" not in str(refusal.value)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"1", b"nonsense", b'{"a":1} ', b'{ "a":1}', b'{"b":1,"a":2}', b'{"a":1,"a":1}', b'{"a":1.0}',
        b'{"a":-0}', b'{"a":1e2}', b'{"a":NaN}', b'{"a":"\\u0041"}', b'{"a":"\\ud800"}', b'{"a":9007199254740992}',
        b'\xef\xbb\xbf{"a":1}', b'{"a":"\xff"}', '{"a":1}'.encode("utf-16"), b'{"a":"e\xcc\x81"}', b"{" * 100_000,
        b"[" * 100_000, b'{"a":' + b"9" * 5000 + b"}",
    ],
)  # fmt: skip
def test_other_bytes_are_damaged(data: bytes) -> None:
    with pytest.raises(Damaged):
        canonical.decode(data)


@given(st.binary(max_size=80))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    try:
        value = canonical.decode(data)
    except Damaged:
        return
    assert canonical.encode(value) == data


@given(st.dictionaries(KEYS, VALUES, min_size=1), st.data())
def test_a_flipped_bit_is_never_read_as_the_same(value: dict[str, canonical.Value], draw: st.DataObject) -> None:
    form = bytearray(canonical.encode(value))
    place = draw.draw(st.integers(0, 8 * len(form) - 1))
    form[place // 8] ^= 1 << place % 8
    with contextlib.suppress(Damaged):
        assert canonical.decode(bytes(form)) != value
