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
    assert formatting.figures(value_um, 0, "um").value == words


@pytest.mark.parametrize(("error_um", "words"), [(1, "0.1"), (100, "0.1"), (101, "0.2"), (412, "0.5"), (500, "0.5")])
def test_an_error_is_never_rounded_down(error_um: int, words: str) -> None:
    assert formatting.figures(0, error_um, "um").error == words


def test_every_rounded_length_is_within_half_a_step_and_every_error_covers_its_value() -> None:
    for value_um in range(1, 3_000):
        figures = formatting.figures(value_um, value_um, "um")
        shown_um = int(figures.value.replace(".", "")) * 100
        assert abs(shown_um - value_um) <= 50
        covered_um = int(figures.error.replace(".", "")) * 100
        assert 0 <= covered_um - value_um < 100


@pytest.mark.parametrize(
    ("value", "error", "unit", "words"),
    [
        (281_440, 11_231, "um", "281.4 mm ± 11.3 mm"),
        (4_948_000_000, 395_000_001, "um2", "49.5 cm² ± 4.0 cm²"),
        (5_000_000, 1, "um2", "0.1 cm² ± 0.1 cm²"),
        (4_999_999, 0, "um2", "0.0 cm²"),
        (182_050, 20_000, "uL", "182.1 ml ± 20.0 ml"),
        (91, 3, "deg", "91 ° ± 3 °"),
        (142, 4, "/min", "142 /min ± 4 /min"),
        (70, 0, "d", "70 days"),
        (7, 0, "[furlong]", "7 [furlong]"),
    ],
)
def test_each_unit_has_its_own_figures(value: int, error: int, unit: str, words: str) -> None:
    assert formatting.figures(value, error, unit).with_error == words


@pytest.mark.parametrize("unit", ["um", "um2", "uL", "deg"])
def test_a_number_below_zero_is_refused(unit: str) -> None:
    for value, error in ((-1, 0), (0, -1)):
        with pytest.raises(Invalid, match="below zero"):
            formatting.figures(value, error, unit)
    with pytest.raises(Invalid, match="below zero"):
        formatting.thousandths_of_mm(-1)


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
