"""Values of MUSE's elements: texts, numbers, dates and names."""

from __future__ import annotations

import re
from datetime import date, time
from fractions import Fraction
from typing import TYPE_CHECKING

from einthoven.errors import FormatError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NUMBER = re.compile(r"[+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][+-]?\d{1,2})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}(?:\.0*)?", re.ASCII)
_DATE = re.compile(r"(\d{1,2})-(\d{1,2})-(\d{4})", re.ASCII)
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T.*)?", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)


def text_of(element: Element | None, path: str) -> str:
    """Return the text at a path, its blanks in a row as one; empty if there is none."""
    return " ".join((element.findtext(path) or "").split()) if element is not None else ""


def number_of(text: str) -> Fraction | None:
    """Read a number exactly, or return None if it is none."""
    return Fraction(text) if _NUMBER.fullmatch(text) else None


def number_in(element: Element, tag: str, where: str) -> Fraction | None:
    """Return the number that an element holds, None if it is not there or empty.

    Raises FormatError if it holds something else.
    """
    text = text_of(element, tag)
    if not text:
        return None
    number = number_of(text)
    if number is None:
        raise FormatError(f"{where}, {tag}: expected a number, found {text!r:.40}")
    return number


def whole_in(element: Element, tag: str, where: str) -> int | None:
    """Return the whole number that an element holds, None if it is not there or empty.

    Raises FormatError if it holds something else.
    """
    number = stated_whole(element, tag)
    if number is None and (text := text_of(element, tag)):
        raise FormatError(f"{where}, {tag}: expected a whole number, found {text!r:.40}")
    return number


def stated_whole(element: Element, tag: str) -> int | None:
    """Return the whole number that an element holds, None if it is not there or holds something else."""
    text = text_of(element, tag)
    return int(Fraction(text)) if _WHOLE.fullmatch(text) else None


def iso_date(text: str) -> str:
    """Return a date in ISO 8601, from MONTH-DAY-YEAR as MUSE writes it or from ISO 8601; empty if it is none.

    >>> iso_date("07-08-1979"), iso_date("2023-04-29"), iso_date("29-04-2023")
    ('1979-07-08', '2023-04-29', '')
    """
    if found := _DATE.fullmatch(text):
        month, day, year = map(int, found.groups())
    elif found := _ISO_DATE.fullmatch(text):
        year, month, day = map(int, found.groups())
    else:
        return ""
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def iso_time(text: str) -> str:
    """Return a time of day in ISO 8601, empty if it is none.

    >>> iso_time("9:05:00"), iso_time("09:05"), iso_time("25:00:00")
    ('09:05:00', '09:05:00', '')
    """
    found = _TIME.fullmatch(text)
    if found is None:
        return ""
    hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return time(hour, minute, second).isoformat()
    except ValueError:
        return ""
