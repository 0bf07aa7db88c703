"""Section 1 of SCP-ECG, header information: fields of a tag, a length and a value.

Source: EN 1064:2005+A1:2007, 5.4.
"""

from __future__ import annotations

import datetime
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from einthoven.formats.scp.sections import Section
from einthoven.formats.scp.text import ASCII, decode_text

ACQUIRING_DEVICE, ANALYSING_DEVICE = 14, 15
_END = 255
_LANGUAGE_AT = 16
_PROTOCOL_AT = 14


@dataclass(frozen=True, slots=True)
class Tags:
    """The fields of section 1.

    values : tag -> its values in the order of the file; some tags may be given several times
    language : the language support code that texts are in
    protocol : version of the protocol, in tenths, that the acquiring device states; 0 if none
    """

    values: Mapping[int, tuple[bytes, ...]]
    language: int = ASCII
    protocol: int = 0

    def text(self, tag: int) -> str:
        """Return the text of a tag, empty if it is not there."""
        return next(iter(self.texts(tag)), "")

    def texts(self, tag: int, skip: int = 0) -> list[str]:
        """Return the texts of a tag that are not empty, without some bytes before each."""
        found = (decode_text(value[skip:], self.language) for value in self.values.get(tag, ()))
        return [text for text in found if text]

    def numbers(self, tag: int, layout: str) -> tuple[int, ...] | None:
        """Return the integers of a tag's first value that is long enough, None if it is not there."""
        size = struct.calcsize(layout)
        value = next((value for value in self.values.get(tag, ()) if len(value) >= size), None)
        return None if value is None else struct.unpack_from(layout, value)

    def date(self, tag: int, warnings: list[str]) -> datetime.date | None:
        """Return a date; None if it is not there or all zeros, and with a warning if it is no date."""
        numbers = self.numbers(tag, "<HBB")
        if numbers is None or not any(numbers):
            return None
        try:
            return datetime.date(*numbers)
        except ValueError:
            year, month, day = numbers
            warnings.append(f"section 1: expected a date in tag {tag}, found {year}-{month}-{day}")
            return None


def read_tags(section: Section | None) -> tuple[Tags, tuple[str, ...]]:
    """Read the fields of section 1, as far as they go, and warnings; none if there is no section 1."""
    if section is None:
        return Tags({}), ("there is no section 1: nothing is known of the patient",)
    body, at = section.body, 0
    warnings: tuple[str, ...] = ()
    values: dict[int, list[bytes]] = {}
    while at + 3 <= len(body) and body[at] != _END:
        tag, length = struct.unpack_from("<BH", body, at)
        at += 3 + length
        if at > len(body):
            warnings = (f"section 1: expected {length} bytes in tag {tag}, found {length - at + len(body)}: "
                        "the rest was not read",)  # fmt: skip
            break
        values.setdefault(tag, []).append(body[at - length : at])
    kept = {tag: tuple(found) for tag, found in values.items()}
    devices = [value for tag in (ACQUIRING_DEVICE, ANALYSING_DEVICE) for value in kept.get(tag, ())]
    device = next((value for value in devices if len(value) > _LANGUAGE_AT), None)
    if device is None:
        return Tags(kept), warnings
    return Tags(kept, device[_LANGUAGE_AT], device[_PROTOCOL_AT]), warnings
