from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import pytest

from records.reports.pdf import typecase as module
from records.reports.pdf.typecase import typecase


@pytest.fixture
def without_font_packages(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a binary whose builder forgot the fonts."""
    known = {name: place for name, place in module._FACES.items() if place[0] == "reportlab"}
    monkeypatch.setattr(module, "_FACES", known)
    typecase.cache_clear()
    yield
    typecase.cache_clear()


@pytest.mark.parametrize("text", ["Peña", "Ñandú", "François Müller", "Łukasz Şahin", "Nguyễn Thị Ngọc"])
def test_the_sheets_own_face_sets_latin_names(text: str) -> None:
    set_text = typecase().set(text)
    assert (set_text.markup, set_text.exact) == (text, True)


@pytest.mark.parametrize("text", ["Àṣà Adébáyọ̀", "Ɓaba Ƙwari", "Kɔfi Mɛnsa", "Ŋala", "Ω Иван", "ṩ̌"])
def test_the_reserve_sets_a_whole_text_with_a_letter_that_is_lacking(text: str) -> None:
    set_text = typecase().set(unicodedata.normalize("NFC", text), strong=True)
    assert set_text.exact
    assert text in set_text.markup


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("محمد Ali", "[Arabic letters] Ali"),
        ("አበበ", "[Ethiopic letters]"),
        ("राम", "[Devanagari letters]"),
        ("日本", "[CJK letters]"),
        ("ﬀﾅ", "ﬀ[Halfwidth letters]"),
        ("👶", "[sign]"),
        ("\ue000", "[sign]"),
    ],
)
def test_what_no_face_has_is_replaced_in_plain_sight(text: str, printed: str) -> None:
    set_text = typecase().set(text)
    assert not set_text.exact
    assert _visible(set_text.markup) == printed


def test_markup_in_a_name_is_only_letters() -> None:
    assert typecase().set("<b>&amp;").markup == "&lt;b&gt;&amp;amp;"


def test_without_font_packages_the_base_letter_is_set_and_it_is_said(without_font_packages: None) -> None:
    set_text = typecase().set("Ọmọ́ François")
    assert (_visible(set_text.markup), set_text.exact) == ("Omo François", False)
    assert typecase().set("François").exact


def _visible(markup: str) -> str:
    return re.sub(r"<[^>]*>", "", markup)
