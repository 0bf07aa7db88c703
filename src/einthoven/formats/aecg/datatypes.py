"""Data types of HL7 Version 3: points in time (TS), numbers, quantities (PQ) and lists of digits (SLIST)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SECONDS = {
    "s": Fraction(1),
    "ms": Fraction(1, 10**3),
    "us": Fraction(1, 10**6),
    "ns": Fraction(1, 10**9),
    "min": Fraction(60),
    "h": Fraction(3600),
    "d": Fraction(86400),
}
"""Units of time (UCUM)."""

_NUMBER = re.compile(r"[+-]?(?:\d{1,40}(?:\.(\d{0,40}))?|\.(\d{1,40}))(?:[eE]([+-]?\d{1,2}))?", re.ASCII)
_POINT = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d{1,12}))?)?)?)?)?)?([+-]\d{4})?", re.ASCII
)
_ISO_MARKS = re.compile(
    r"(\d{4})-(\d\d)(?:-(\d\d))?(?:[T ](\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?)?(Z|[+-]\d\d:?\d\d)?"
)
_ORIGIN = datetime(1, 1, 1)
_SECOND = timedelta(seconds=1)
_DIGITS = re.compile(r"[-+0-9.eE\s]*")
_LONGEST_WORD = 40
_PIECE = 2**20


@dataclass(frozen=True, slots=True)
class Point:
    """A point in time, as precise as it is stated.

    seconds : from the start of the calendar, on the clock that it was stated by
    zone_s : seconds that this clock is ahead of UTC, or None
    iso : ISO 8601
    has_time : whether hours and minutes are stated
    """

    seconds: Fraction
    zone_s: int | None
    iso: str
    has_time: bool

    def since(self, other: Point) -> Fraction:
        """Return the seconds from another point to this one; zones count only if both state one."""
        apart = self.seconds - other.seconds
        return (
            apart if None in (self.zone_s, other.zone_s) else apart - (self.zone_s or 0) + (other.zone_s or 0)
        )


def point_of(text: str | None) -> Point | None:
    """Read a TS, such as `20021122091000.500+0100`; what is none, or no date, is None.

    Dates in the manner of ISO 8601 are taken too.

    >>> point_of("200211220910").iso, point_of("2002-11-22T09:10:00Z").iso, point_of("20021332")
    ('2002-11-22T09:10', '2002-11-22T09:10:00+00:00', None)
    """
    found = _POINT.fullmatch(_without_marks((text or "").strip()))
    if found is None:
        return None
    *parts, fraction, zone = found.groups()
    year, month, day, hour, minute, second = (int(part) if part else None for part in parts)
    try:
        whole = datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0, second or 0) - _ORIGIN
    except ValueError:
        return None
    seconds = Fraction(whole // _SECOND) + Fraction(f"0.{fraction or 0}")
    zone_s = _zone_s(zone) if zone else None
    return Point(seconds, zone_s, _iso(parts, fraction, zone), hour is not None)


def _zone_s(zone: str) -> int:
    return (1 if zone[0] == "+" else -1) * (int(zone[1:3]) * 3600 + int(zone[3:]) * 60)


def _iso(parts: Sequence[str | None], fraction: str | None, zone: str | None) -> str:
    hour, minute, second = parts[3:]
    iso = "-".join(part for part in parts[:3] if part)
    if hour is not None:
        iso += "T" + ":".join(part for part in (hour, minute or "00", second) if part)
    return iso + (f".{fraction}" if fraction else "") + (f"{zone[:3]}:{zone[3:]}" if zone else "")


def _without_marks(text: str) -> str:
    found = _ISO_MARKS.fullmatch(text)
    if found is None:
        return text
    *parts, zone = found.groups(default="")
    return "".join(parts) + ("+0000" if zone == "Z" else zone.replace(":", ""))


def ts_of(iso: str) -> str | None:
    """Return the TS that is read as just this text of ISO 8601; None if there is none.

    >>> ts_of("2002-11-22T09:10:00.5"), ts_of("1953-05-08"), ts_of("in the morning")
    ('20021122091000.5', '19530508', None)
    """
    ts = _without_marks(iso)
    point = point_of(ts)
    return ts if point is not None and point.iso == iso else None


def ts_after(point: Point, seconds: Fraction) -> str:
    """Return the TS so many seconds after a point in time, to a nanosecond; empty after the year 9999.

    >>> ts_after(point_of("2002-11-22T09:10:59.5"), Fraction(3, 2))
    '20021122091101'
    """
    whole, nanoseconds = divmod(round((point.seconds + seconds) * 10**9), 10**9)
    try:
        when = _ORIGIN + whole * _SECOND
    except OverflowError:
        return ""
    zone = ""
    if point.zone_s is not None:
        hours, minutes = divmod(abs(point.zone_s) // 60, 60)
        zone = f"{'-' if point.zone_s < 0 else '+'}{hours:02}{minutes:02}"
    fraction = f".{nanoseconds:09}".rstrip("0") if nanoseconds else ""
    return f"{when.year:04}{when:%m%d%H%M%S}{fraction}{zone}"


def number_of(text: str | None) -> Fraction | None:
    """Read a number exactly, or return None if it is none; those of more than 40 digits are none.

    >>> number_of("2.50"), number_of("1e-3"), number_of("1/3")
    (Fraction(5, 2), Fraction(1, 1000), None)
    """
    stripped = (text or "").strip()
    return Fraction(stripped) if _NUMBER.fullmatch(stripped) else None


def place_of(text: str) -> Fraction:
    """Return what one in the last place of a number is worth.

    >>> place_of("0.002"), place_of("2e-3"), place_of("500")
    (Fraction(1, 1000), Fraction(1, 1000), Fraction(1, 1))
    """
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"expected a number, found {text!r}")
    decimals = len(found[1] or found[2] or "")
    return Fraction(10) ** (int(found[3] or 0) - decimals)


def attribute(element: Element | None, name: str = "value") -> str:
    """Return an attribute without blanks around it, empty if the element or the attribute is not there."""
    return "" if element is None else element.get(name, "").strip()


def code_of(element: Element | None) -> str:
    """Return the code of what an element classifies: that of its `code` child."""
    return "" if element is None else attribute(element.find("code"), "code")


@dataclass(frozen=True, slots=True)
class Rate:
    """A sampling rate that steps of time state.

    hz : the rate
    lowest, highest : what it may be, given to how many places the step was rounded; equal if it is certain
    """

    hz: Fraction
    lowest: Fraction
    highest: Fraction

    @property
    def is_certain(self) -> bool:
        """Whether rounding leaves no other rate."""
        return self.lowest == self.highest


def rate_of(step: str, unit_s: Fraction) -> Rate | None:
    """Return the sampling rate of a step of time, or None if the step is no number above 0.

    A rounded step stands for a whole number of Hz if it can stand for only one.

    unit_s : seconds that one of the step's unit is

    >>> float(rate_of("0.002", SECONDS["s"]).hz), float(rate_of("2.778", SECONDS["ms"]).hz)
    (500.0, 360.0)
    >>> rate_of("0.0039", SECONDS["s"]).is_certain
    False
    """
    number = number_of(step)
    if number is None or number <= 0:
        return None
    hz = 1 / (number * unit_s)
    half = place_of(step) / 2
    highest = 1 / ((number - half) * unit_s) if number > half else hz * 2
    lowest = 1 / ((number + half) * unit_s)
    if hz.denominator == 1:
        return Rate(hz, hz, hz)
    if ceil(lowest) == floor(highest):
        whole = Fraction(ceil(lowest))
        return Rate(whole, whole, whole)
    is_certain = highest - lowest < hz / 1000
    return Rate(hz, hz, hz) if is_certain else Rate(hz, lowest, highest)


def decode_digits(text: str, where: str) -> NDArray[np.float64]:
    """Read numbers that any white space parts.

    Raises FormatError, naming `where`, if something is no number.
    """
    parts = [_decode_piece(piece, where) for piece in _pieces(text)]
    return np.concatenate(parts) if parts else np.empty(0)


def _pieces(text: str) -> Iterator[str]:
    """Cut at blanks, since the single words of a long text need many times its room."""
    start = 0
    while start < len(text):
        end = start + _PIECE
        while end < len(text) and not text[end].isspace():
            end += 1
        yield text[start:end]
        start = end


def _decode_piece(piece: str, where: str) -> NDArray[np.float64]:
    words = piece.split()
    # Python takes "nan", "inf" and "1_000" as numbers too.
    if max(map(len, words), default=0) <= _LONGEST_WORD and _DIGITS.fullmatch(piece):
        try:
            values = np.array(words, np.float64)
        except ValueError:
            pass
        else:
            if np.isfinite(values).all():
                return values
    wrong = next((word for word in words if number_of(word) is None), "")
    raise FormatError(f"{where}: expected numbers parted by blanks, found {wrong!r:.40}")
