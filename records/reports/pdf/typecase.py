"""The letters that this printer has, and what is set where it has none. No letter vanishes and none becomes a box.

Open Sans sets the sheet. A text with a letter that it lacks (Yoruba s with a dot below, Hausa hooked letters) is set
whole in Noto Sans, so that the letters of one name match; Noto Sans began as Open Sans and stands well beside it.
What no font has is replaced in plain sight: a letter without its marks where that is enough, else the name of its
script in brackets. The sheet then says so. See docs/explanation/decisions/0040.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

# name -> (package, path in it); the first two set the sheet, each in its weight. Vera comes with reportlab itself.
_FACES = {
    "SautiText": ("ttf_opensans", "ttf/OpenSans-Regular.ttf"),
    "SautiStrong": ("ttf_opensans", "ttf/OpenSans-SemiBold.ttf"),
    "SautiReserve": ("fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf"),
    "SautiLast": ("reportlab", "fonts/Vera.ttf"),
    "SautiLastStrong": ("reportlab", "fonts/VeraBd.ttf"),
}
_WITHOUT_SHAPING = ("LATIN ", "GREEK ", "CYRILLIC ", "COMBINING ", "MODIFIER ", "FEMININE ", "MASCULINE ", "MICRO ")
_TEXT_ORDER = ("SautiText", "SautiReserve", "SautiLast")
_STRONG_ORDER = ("SautiStrong", "SautiReserve", "SautiLastStrong")


@dataclass(frozen=True, slots=True)
class Lettering:
    """A text as it can be set: reportlab markup, and whether every letter is the one that was asked for."""

    markup: str
    exact: bool


@dataclass(frozen=True, slots=True)
class Face:
    """A font that is registered, and the code points that it has."""

    name: str
    letters: frozenset[int]

    def has(self, text: str) -> bool:
        return all(ord(sign) in self.letters for sign in text)


@dataclass(frozen=True, slots=True)
class Typecase:
    """The faces at hand, per weight in the order in which they are asked; the first one sets the sheet."""

    text: tuple[Face, ...]
    strong: tuple[Face, ...]

    def set(self, text: str, *, strong: bool = False) -> Lettering:
        """The text in the first face that has all its letters; else letter by letter."""
        faces = self.strong if strong else self.text
        for face in faces:
            if face.has(text):
                return Lettering(_in_face(face, text, faces[0]), True)
        pieces = [_piece(letter, faces) for letter in _letters(text)]
        runs = groupby(pieces, key=lambda piece: (piece[0], piece[2]))
        return Lettering("".join(_run(face, note, list(run), faces) for (face, note), run in runs), False)


@cache
def typecase() -> Typecase:
    """The fonts that are installed. A missing font package makes the sheet plainer, never impossible."""
    faces = {name: face for name, place in _FACES.items() if (face := _face(name, *place))}
    return Typecase(*(tuple(faces[name] for name in order if name in faces) for order in (_TEXT_ORDER, _STRONG_ORDER)))


def _face(name: str, package: str, path: str) -> Face | None:
    found = find_spec(package)  # looked up, not imported: a font package may import an imaging library
    places = found.submodule_search_locations if found else None
    file = Path(places[0]) / path if places else None
    if file is None or not file.is_file():
        return None
    font = TTFont(name, str(file))
    pdfmetrics.registerFont(font)
    return Face(name, frozenset(filter(_stands_alone, font.face.charToGlyph)))


def _stands_alone(code: int) -> bool:
    """Whether a letter may be set as it is. Noto Sans has Devanagari too, but its vowel signs need shaping."""
    sign = chr(code)
    if unicodedata.category(sign)[0] not in "LM":
        return True
    return unicodedata.name(sign, "").startswith(_WITHOUT_SHAPING)


def _letters(text: str) -> Iterator[str]:
    """The text in letters: a base with the marks that stand on it."""
    letter = ""
    for sign in text:
        if letter and not unicodedata.combining(sign):
            yield letter
            letter = ""
        letter += sign
    if letter:
        yield letter


def _piece(letter: str, faces: tuple[Face, ...]) -> tuple[Face, str, str]:
    """The face for a letter, what is set, and the name of its script where nothing of it can be."""
    for face in faces:
        if face.has(letter):
            return face, letter, ""
    base = "".join(sign for sign in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(sign))
    for face in faces:
        if base and face.has(base):
            return face, base, ""
    return faces[0], letter, _script(letter[0])


def _script(sign: str) -> str:
    """The script of a letter as its Unicode name begins; other signs are just signs."""
    named = unicodedata.name(sign, "")
    is_letter = unicodedata.category(sign)[0] in "LMN"
    script = named.partition(" ")[0]
    return f"{script if script == 'CJK' else script.capitalize()} letters" if script and is_letter else "sign"


def _run(face: Face, note: str, run: list[tuple[Face, str, str]], faces: tuple[Face, ...]) -> str:
    return _in_face(face, f"[{note}]" if note else "".join(piece[1] for piece in run), faces[0])


def _in_face(face: Face, text: str, usual: Face) -> str:
    safe = escape(text)
    return safe if face is usual else f'<font name="{face.name}">{safe}</font>'
