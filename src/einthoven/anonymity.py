"""A recording without anything that tells whose it is.

What is removed follows the Basic Application Level Confidentiality Profile of DICOM PS3.15, annex E, with the
option Retain Patient Characteristics (sex, age, ethnic group, height and weight stay) and Clean Descriptors
in its simplest form: free text goes, as nobody can vouch for it. An age over 89 becomes 90, as 45 CFR
164.514(b) asks. What stays is listed here; whatever is not listed goes, so that a fact that nobody thought of
cannot slip through.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from einthoven.record import Annotation, Record

KEPT_OF_PATIENT = frozenset({"age", "sex", "race", "height_cm", "weight_kg"})
"""Facts of `Record.patient` that stay."""
KEPT_OF_RECORDING = frozenset(
    {"manufacturer", "device", "software", "high_pass_hz", "low_pass_hz", "notch_hz", "pacemaker"}
)
"""Facts of `Record.recording` that stay."""
OLDEST = 90
"""The age in years that stands for every one above 89."""

_RHYTHM = re.compile(r"\([A-Z]{1,6}")
"""Notes of WFDB annotations that name a rhythm, such as `(AFIB`; all others are free text."""


def anonymised(record: Record) -> tuple[Record, tuple[str, ...]]:
    """Return a recording that does not tell whose it is, and the names of what was removed or changed.

    The samples, leads, sampling rate, beat marks, sex, age (at most 90), ethnic group, height and weight
    stay, and so do what the device is and its filters. Names, numbers, dates, places, people, free text,
    statements and the name of the file go.

    >>> record = Record([[0.0, 1.0]], 250, ("I",), name="Doe", patient={"name": "Doe, J", "age": "93"})
    >>> anonymised(record)[1], dict(anonymised(record)[0].patient)
    (('age (now 90)', 'name', 'name of the record'), {'age': '90'})
    """
    patient, of_patient = _kept(record.patient, KEPT_OF_PATIENT)
    recording, of_recording = _kept(record.recording, KEPT_OF_RECORDING)
    annotations, of_annotations = _without_free_text(record.annotations)
    texts = {
        "comments": record.comments,
        "statements": record.statements,
        "name of the record": record.name or record.path,
        "notes of annotations": of_annotations,
    }
    beat = record.representative_beat
    anonymous = replace(
        record,
        name="",
        path="",
        patient=patient,
        recording=recording,
        annotations=annotations,
        comments=(),
        statements=(),
        warnings=(),
        representative_beat=None if beat is None else anonymised(beat)[0],
    )
    return anonymous, (*of_patient, *of_recording, *(what for what, there in texts.items() if there))


def _kept(facts: Mapping[str, str], allowed: frozenset[str]) -> tuple[dict[str, str], list[str]]:
    kept: dict[str, str] = {}
    changed: list[str] = []
    for key, value in sorted(facts.items()):
        words = key.replace("_", " ")
        if key not in allowed:
            changed.append(words)
        elif key != "age":
            kept[key] = value
        elif (age := _years(value)) is None:
            changed.append(words)
        else:
            kept[key] = f"{min(age, OLDEST):g}"
            if age >= OLDEST and kept[key] != value:
                changed.append(f"age (now {OLDEST})")
    return kept, changed


def _years(text: str) -> float | None:
    try:
        age = float(text)
    except ValueError:
        return None
    return age if 0 <= age < 200 else None


def _without_free_text(annotations: Annotation | None) -> tuple[Annotation | None, bool]:
    if annotations is None or not annotations.notes:
        return annotations, False
    notes = tuple(note if _RHYTHM.fullmatch(note) else "" for note in annotations.notes)
    return replace(annotations, notes=notes), notes != annotations.notes
