from __future__ import annotations

from datetime import date

import pytest

from records.errors import Invalid
from records.reports import formatting


@pytest.mark.parametrize(
    ("value_um", "words"),
    [(0, "0.0"), (49, "0.0"), (50, "0.1"), (46_249, "46.2"), (46_250, "46.3"), (29_049, "29.0"), (171_950, "172.0")],
)
def test_a_length_is_rounded_half_up_to_a_tenth(value_um: int, words: str) -> None:
    assert formatting.tenths_of_mm(value_um) == words


@pytest.mark.parametrize(("error_um", "words"), [(1, "0.1"), (100, "0.1"), (101, "0.2"), (412, "0.5"), (500, "0.5")])
def test_an_error_is_never_rounded_down(error_um: int, words: str) -> None:
    assert formatting.tenths_of_mm_up(error_um) == words


def test_every_rounded_length_is_within_half_a_step_and_every_error_covers_its_value() -> None:
    for value_um in range(0, 3_000):
        shown_um = int(formatting.tenths_of_mm(value_um).replace(".", "")) * 100
        assert abs(shown_um - value_um) <= 50
        covered_um = int(formatting.tenths_of_mm_up(value_um).replace(".", "")) * 100
        assert 0 <= covered_um - value_um < 100


@pytest.mark.parametrize("figure", [formatting.tenths_of_mm, formatting.tenths_of_mm_up, formatting.thousandths_of_mm])
def test_a_length_below_zero_is_refused(figure: object) -> None:
    with pytest.raises(Invalid, match="below zero"):
        figure(-1)  # type: ignore[operator]


def test_a_pixel_is_exact_and_a_picture_is_whole_millimetres() -> None:
    assert formatting.thousandths_of_mm(333) == "0.333"
    assert [formatting.whole_mm(um) for um in (159_840, 500, 499, -501)] == ["160", "1", "0", "-1"]


@pytest.mark.parametrize(
    ("at_ms", "offset_min", "words"),
    [
        (0, 0, "not recorded"),
        (1_773_399_845_000, 0, "13 Mar 2026, 11:04 (UTC+00:00)"),
        (1_773_399_845_000, 345, "13 Mar 2026, 16:49 (UTC+05:45)"),
        (1_773_399_845_000, -11 * 60 - 5, "12 Mar 2026, 23:59 (UTC-11:05)"),
    ],
)
def test_a_moment_is_local_and_says_its_zone(at_ms: int, offset_min: int, words: str) -> None:
    assert formatting.moment_in_zone(at_ms, offset_min) == words


@pytest.mark.parametrize(("at_ms", "offset_min"), [(10**18, 0), (-(10**18), 0), (1, 5000)])
def test_an_impossible_moment_is_a_sentence(at_ms: int, offset_min: int) -> None:
    with pytest.raises(Invalid, match="impossible"):
        formatting.moment(at_ms, offset_min)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not recorded"),
        ("1999-03-02", "2 Mar 1999"),
        ("1999-03", "Mar 1999 (day not known)"),
        ("1999", "1999 (day and month not known)"),
        ("1999-02-30", "1999-02-30 (not a date)"),
        ("spring", "spring (not a date)"),
    ],
)
def test_a_date_is_as_exact_as_it_is_known(text: str, words: str) -> None:
    assert formatting.partial_date(text) == words


@pytest.mark.parametrize(
    ("born", "age"),
    [("1999-03-13", "27 years"), ("1999-03-14", "26 years"), ("1999", "about 27 years"), ("2030-01-01", ""), ("", "")],
)
def test_an_age_is_exact_only_where_the_birth_date_is(born: str, age: str) -> None:
    assert formatting.age_years(born, date(2026, 3, 13)) == age


def test_text_becomes_one_line_in_normal_form() -> None:
    assert formatting.plain(" Ade\u0301\tb\x00\u202ea\n\nyo ") == "Ad\u00e9 b a yo"
    assert formatting.plain("half \ud800 letter") == "half letter"


def test_the_short_id_is_the_random_end() -> None:
    assert formatting.short_id("019ce6f4-7a10-7cc2-9a53-4b1d6f09c2ae") == "6F09-C2AE"
    assert formatting.short_id("e1") == "E1"
