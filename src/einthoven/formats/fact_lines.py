"""Facts of a recording as lines of text, `Birth date: 1950-01-31`, for formats that have only comments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from einthoven.record import Record

PATIENT = {
    "id": "Patient ID",
    "name": "Patient name",
    "birth_date": "Birth date",
    "age": "Age",
    "sex": "Sex",
    "race": "Race",
    "height_cm": "Height (cm)",
    "weight_kg": "Weight (kg)",
    "medication": "Medication",
    "history": "History",
}
"""Keys of `Record.patient`, and what they are called in words."""
RECORDING = {
    "recorded_at": "Recorded at",
    "manufacturer": "Manufacturer",
    "device": "Device",
    "device_serial": "Device serial number",
    "software": "Software",
    "institution": "Institution",
    "department": "Department",
    "operator": "Operator",
    "physician": "Physician",
    "study_id": "Study ID",
    "reason": "Reason",
    "high_pass_hz": "High-pass filter (Hz)",
    "low_pass_hz": "Low-pass filter (Hz)",
    "notch_hz": "Notch filter (Hz)",
    "pacemaker": "Pacemaker",
    "deidentified": "De-identified",
}
"""Keys of `Record.recording`, and what they are called in words."""
_STATEMENT = "Statement"
COMMENT = "Comment"
"""Before a comment that would be taken for a fact."""

_PATIENT_KEYS = {words: key for key, words in PATIENT.items()}
_RECORDING_KEYS = {words: key for key, words in RECORDING.items()}


@dataclass(frozen=True, slots=True)
class Facts:
    """What lines of text state; `comments` are the lines that state nothing that is known here."""

    patient: dict[str, str] = field(default_factory=dict)
    recording: dict[str, str] = field(default_factory=dict)
    statements: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()


def fact_lines(record: Record) -> tuple[str, ...]:
    """Write the facts, statements and comments of a record, one a line.

    >>> record = Record([[0.0]], 250, ("I",), patient={"age": "60"}, statements=("Sinus rhythm",))
    >>> fact_lines(record)
    ('Age: 60', 'Statement: Sinus rhythm')
    """
    patient = [f"{PATIENT.get(key, key)}: {value}" for key, value in record.patient.items()]
    recording = [f"{RECORDING.get(key, key)}: {value}" for key, value in record.recording.items()]
    statements = [f"{_STATEMENT}: {line}" for text in record.statements for line in text.splitlines()]
    comments = [_as_comment(line) for text in record.comments for line in text.splitlines() if line.strip()]
    return tuple(" ".join(line.split()) for line in (*patient, *recording, *statements, *comments))


def read_facts(lines: Iterable[str]) -> Facts:
    """Read lines that `fact_lines` writes; what is none of them is a comment.

    >>> read_facts(["Sex: female", "taken after a run"])
    Facts(patient={'sex': 'female'}, recording={}, statements=(), comments=('taken after a run',))
    """
    patient: dict[str, str] = {}
    recording: dict[str, str] = {}
    statements: list[str] = []
    comments: list[str] = []
    for line in lines:
        words, colon, value = line.partition(": ")
        if not colon or not value.strip():
            comments.append(line)
        elif words in _PATIENT_KEYS:
            patient.setdefault(_PATIENT_KEYS[words], value.strip())
        elif words in _RECORDING_KEYS:
            recording.setdefault(_RECORDING_KEYS[words], value.strip())
        elif words == _STATEMENT:
            statements.append(value.strip())
        elif words == COMMENT:
            comments.append(value.strip())
        else:
            comments.append(line)
    return Facts(patient, recording, tuple(statements), tuple(comments))


def _as_comment(line: str) -> str:
    return line if read_facts([line]).comments == (line,) else f"{COMMENT}: {line}"
