"""The one place where the record's integers become figures that people read: lengths, times, dates.

Rounding is integer arithmetic. A measured length is rounded half up to 0.1 mm: the picture's pixel is coarser than
that, so a further digit would promise what the probe cannot see. Areas are in 0.1 cm², volumes in 0.1 ml, angles in
whole degrees. An error is rounded up: it may look larger than it is, never smaller.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from records.errors import Invalid

NOT_RECORDED = "not recorded"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FARTHEST_OFFSET_MIN = 18 * 60
_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def plain(text: str) -> str:
    """Text as one line in normal form C: control signs and runs of white space become one space."""
    kept = "".join(" " if _unprintable(sign) else sign for sign in text)
    return unicodedata.normalize("NFC", " ".join(kept.split()))


def _unprintable(sign: str) -> bool:
    return sign in _BIDI_CONTROLS or unicodedata.category(sign) in {"Cc", "Cs"}


def thousandths_of_mm(value_um: int) -> str:
    """A length in millimetres with three decimals: exact."""
    return _decimal(_not_negative(value_um), 3)


@dataclass(frozen=True, slots=True)
class Figures:
    """A measured number as printed: decimal strings in ``unit``; ``error`` is empty where none was stated."""

    value: str
    error: str
    unit: str

    @property
    def text(self) -> str:
        """Value and unit."""
        return f"{self.value} {self.unit}"

    @property
    def with_error(self) -> str:
        """The same, and how far off it may be."""
        return f"{self.text} ± {self.error} {self.unit}" if self.error else self.text


# unit as recorded: unit as printed, how many of the recorded one make a tenth of it, decimals that are shown
_PRINTED = {"um": ("mm", 100, 1), "um2": ("cm²", 10_000_000, 1), "uL": ("ml", 100, 1), "deg": ("°", 1, 0)}
_COUNTED = {"d": "days"}


def figures(value: int, error: int, unit: str) -> Figures:
    """A number of the record as it is printed: half up, its error up. An unknown unit stays as it was recorded.

    Raises:
        Invalid: A length, area, volume or angle below zero.
    """
    if unit not in _PRINTED:
        return Figures(str(value), str(error) if error else "", _COUNTED.get(unit, plain(unit)))
    printed, step, places = _PRINTED[unit]
    rounded = (2 * _not_negative(value) + step) // (2 * step)
    up = -(-_not_negative(error) // step)
    return Figures(_decimal(rounded, places), _decimal(up, places) if error else "", printed)


def _not_negative(value: int) -> int:
    if value < 0:
        raise Invalid("A measurement is below zero", "Measure again, then make the report.")
    return value


def _decimal(scaled: int, places: int) -> str:
    if not places:
        return str(scaled)
    whole, part = divmod(scaled, 10**places)
    return f"{whole}.{part:0{places}d}"


def moment(at_ms: int, offset_min: int) -> str:
    """A moment in local time, as ``7 Mar 2026, 14:05``; zero means that there is none.

    Raises:
        Invalid: No calendar has that moment, or no place that time zone.
    """
    if at_ms == 0:
        return NOT_RECORDED
    local = _local(at_ms, offset_min)
    return f"{day(local.date())}, {local:%H:%M}"


def moment_in_zone(at_ms: int, offset_min: int) -> str:
    """As ``moment``, with the time zone: ``7 Mar 2026, 14:05 (UTC+03:00)``."""
    words = moment(at_ms, offset_min)
    return words if at_ms == 0 else f"{words} ({zone(offset_min)})"


def zone(offset_min: int) -> str:
    """A time zone as its distance from UTC."""
    sign = "-" if offset_min < 0 else "+"
    return f"UTC{sign}{abs(offset_min) // 60:02d}:{abs(offset_min) % 60:02d}"


def stamp_utc(at_ms: int) -> str:
    """A moment as ``YYYYMMDDhhmmss`` in UTC, for document metadata."""
    return f"{_local(at_ms, 0):%Y%m%d%H%M%S}"


def local_day(at_ms: int, offset_min: int) -> date:
    """The calendar day of a moment where the clinic is."""
    return _local(at_ms, offset_min).date()


def _local(at_ms: int, offset_min: int) -> datetime:
    if abs(offset_min) > _FARTHEST_OFFSET_MIN:
        raise Invalid("The time zone is impossible", "Set the workstation's time zone, then make the report again.")
    try:
        return _EPOCH + timedelta(milliseconds=at_ms, minutes=offset_min)
    except OverflowError:
        raise Invalid("A time in the exam is impossible", "Check the workstation's clock.") from None


def day(value: date) -> str:
    """A day as ``7 Mar 2026``: the month as a word, because 03/07 is two different days in two clinics."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year:04d}"


def partial_date(text: str) -> str:
    """An ISO date that may lack its day or month, in words; what is no date is shown as it was written."""
    known = _parts(text)
    if not text:
        return NOT_RECORDED
    if known is None:
        return f"{plain(text)} (not a date)"
    if len(text) == len("2000-01-01"):
        return day(known)
    if len(text) == len("2000-01"):
        return f"{_MONTHS[known.month - 1]} {known.year:04d} (day not known)"
    return f"{known.year:04d} (day and month not known)"


def age_years(birth_date: str, on: date) -> str:
    """The age in whole years, ``about`` where the birth date is not exact; empty where there is none to tell."""
    born = _parts(birth_date)
    if born is None or born > on:
        return ""
    years = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    exact = len(birth_date) == len("2000-01-01")
    return f"{years} years" if exact else f"about {on.year - born.year} years"


def _parts(text: str) -> date | None:
    filled = text + "2000-01-01"[len(text) :] if len(text) in (4, 7, 10) else ""
    try:
        return date.fromisoformat(filled)
    except ValueError:
        return None


def short_id(identifier: str) -> str:
    """The last eight signs of an id, in fours: they are random, where the first ones of a UUIDv7 are the clock."""
    tail = identifier.replace("-", "")[-8:].upper()
    return f"{tail[:4]}-{tail[4:]}" if len(tail) == 8 else tail


def whole_mm(value_um: int) -> str:
    """A place on a picture in whole millimetres, rounded half up; behind the transducer it is below zero."""
    return str((value_um + 500) // 1000)
