"""SOP classes: which hold ECG waveforms, and what to say of the others.

Source: DICOM PS3.4, annex B.5; PS3.3, A.34.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from einthoven.errors import FormatError

TWELVE_LEAD_ECG = "1.2.840.10008.5.1.4.1.1.9.1.1"
GENERAL_ECG = "1.2.840.10008.5.1.4.1.1.9.1.2"
AMBULATORY_ECG = "1.2.840.10008.5.1.4.1.1.9.1.3"
GENERAL_32_BIT_ECG = "1.2.840.10008.5.1.4.1.1.9.1.4"
ECG_CLASSES: Mapping[str, str] = MappingProxyType(
    {
        TWELVE_LEAD_ECG: "12-lead ECG",
        GENERAL_ECG: "General ECG",
        AMBULATORY_ECG: "Ambulatory ECG",
        GENERAL_32_BIT_ECG: "General 32-bit ECG",
    }
)
"""Those that are read."""
ECG_ROOT = b"1.2.840.10008.5.1.4.1.1.9.1."

_PDF = "1.2.840.10008.5.1.4.1.1.104.1"
_DIRECTORY = "1.2.840.10008.1.3.10"
_LONGEST_UID = 64
_UID = re.compile(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))+", re.ASCII)
_WORDS = (
    ("Waveform", "its waveforms are no ECG's"),
    ("Audio", "it holds sound"),
    ("Image", "it is a picture, which holds no samples"),
    ("Report", "it is a report, which holds no samples"),
    ("SR", "it is a report, which holds no samples"),
)


def refusal(uid: str, where: str) -> FormatError:
    """Make the error that says what a file of another class is."""
    expected = f"{where}: expected DICOM with the waveforms of a {', '.join(ECG_CLASSES.values())}"
    if not uid:
        return FormatError(f"{expected}, found no SOP Class UID (0008,0016)")
    found, hint = _name(uid), ""
    if uid == _PDF:
        hint = ": it is a PDF document in DICOM, which holds no samples"
    elif uid == _DIRECTORY:
        hint = ": it is a list of files"
    else:
        hint = next((f": {hint}" for word, hint in _WORDS if word in found), "")
    return FormatError(f"{expected}, found {found}{hint}")


def _name(uid: str) -> str:
    from pydicom.uid import UID

    # Of one that it does not know, pydicom says the identifier itself.
    name = UID(uid).name if len(uid) <= _LONGEST_UID and _UID.fullmatch(uid) else uid
    return name if name != uid else f"the unknown class {uid[:_LONGEST_UID]!r}"
