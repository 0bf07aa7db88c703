"""How, when and with what was recorded, from section 1 of SCP-ECG.

Source: EN 1064:2005+A1:2007, 5.4.5, tags 13 to 31 and 34.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from types import MappingProxyType

from einthoven.formats.scp.tags import ACQUIRING_DEVICE, Tags
from einthoven.formats.scp.text import decode_text

_MANUFACTURERS: Mapping[int, str] = MappingProxyType(
    dict(
        enumerate(
            (
                *("Burdick", "Cambridge", "Compumed", "Datamed", "Fukuda", "Hewlett-Packard"),
                *("Marquette Electronics", "Mortara Instruments", "Nihon Kohden", "Okin", "Quinton"),
                *("Siemens", "Spacelabs", "Telemed", "Hellige", "ESA-OTE", "Schiller", "Picker-Schwarzer"),
            ),
            1,
        )
    )
)
_MANUFACTURER_AT = 7
_MODEL = slice(8, 14)
_TEXTS_AT = 36
"""Before it stands the length of the first text, which many devices state wrongly."""
_PROGRAM, _SERIAL, _SYSTEM, _, _MANUFACTURER = range(5)
_NOTCH_HZ: Mapping[int, str] = MappingProxyType({1: "60", 2: "50", 3: "50 and 60"})
"""By the two lowest bits of the filter bit map."""
_NO_TIME_ZONE = 0x7FFF
_DAY_MINUTES = 24 * 60


def recording_of(tags: Tags, warnings: list[str]) -> dict[str, str]:
    """Return what section 1 states of the recording, by the names of `Record.recording`; add warnings."""
    high_pass, low_pass = tags.numbers(27, "<H"), tags.numbers(28, "<H")
    notch = (tags.numbers(29, "<B") or (0,))[0] & 3
    facts = {
        "recorded_at": _recorded_at(tags, warnings),
        **_device(tags),
        "institution": tags.text(16),
        "department": tags.text(18),
        "operator": tags.text(22),
        "physician": tags.text(21) or tags.text(20),
        "study_id": tags.text(31),
        "reason": "; ".join(tags.texts(13)),
        "high_pass_hz": f"{high_pass[0] / 100:g}" if high_pass and high_pass[0] else "",
        "low_pass_hz": f"{low_pass[0]}" if low_pass and low_pass[0] else "",
        "notch_hz": _NOTCH_HZ.get(notch, ""),
    }
    return {name: value for name, value in facts.items() if value}


def _device(tags: Tags) -> dict[str, str]:
    """Take the acquiring device's identification apart: codes, then five texts that end with a null."""
    value = tags.values.get(ACQUIRING_DEVICE, (b"",))[0]
    if len(value) < _TEXTS_AT:
        return {}
    texts = [decode_text(text) for text in value[_TEXTS_AT:].split(b"\0")]
    texts += [""] * (_MANUFACTURER + 1 - len(texts))
    return {
        "manufacturer": texts[_MANUFACTURER] or _MANUFACTURERS.get(value[_MANUFACTURER_AT], ""),
        "device": decode_text(value[_MODEL]),
        "device_serial": texts[_SERIAL],
        "software": texts[_SYSTEM] or texts[_PROGRAM],
    }


def _recorded_at(tags: Tags, warnings: list[str]) -> str:
    date = tags.date(25, warnings)
    if date is None:
        return ""
    numbers = tags.numbers(26, "<BBB")
    if numbers is None:
        return date.isoformat()
    hour, minute, second = numbers
    offset = (tags.numbers(34, "<h") or (_NO_TIME_ZONE,))[0]
    zone = datetime.timezone(datetime.timedelta(minutes=offset)) if abs(offset) < _DAY_MINUTES else None
    try:
        time = datetime.time(hour, minute, second, tzinfo=zone)
    except ValueError:
        warnings.append(f"section 1: expected a time in tag 26, found {hour}:{minute}:{second}")
        return date.isoformat()
    return datetime.datetime.combine(date, time).isoformat()
