"""The recovery sentence: easy to write down, 72 bits, none of them lost."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from clinic.passphrase import BITS, make_passphrase, spellings
from records.vault import check_passphrase


@given(st.binary(min_size=9, max_size=9), st.binary(min_size=9, max_size=9))
def test_every_bit_shows(one: bytes, other: bytes) -> None:
    first, second = make_passphrase(lambda size: one[:size]), make_passphrase(lambda size: other[:size])
    assert re.fullmatch(r"([bdfghjklmnpstwyz][aiou]){2}( ([bdfghjklmnpstwyz][aiou]){2}){5}", first)
    assert (first == second) is (one == other)
    check_passphrase(first)


def test_known_bytes_make_a_known_sentence() -> None:
    assert make_passphrase(bytes) == "baba baba baba baba baba baba"
    assert make_passphrase(lambda size: bytes(range(size))) == "baba dabo bata hadi bima lafa"
    assert BITS == 72


def test_a_sentence_is_typed_in_many_ways() -> None:
    assert spellings("maji kuso") == ("maji kuso",)
    assert spellings(" Maji  KUSO ") == (" Maji  KUSO ", "maji kuso")
