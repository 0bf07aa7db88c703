"""Nothing that tells whose a recording is stays in it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from einthoven.anonymity import anonymised
from einthoven.formats.fact_lines import PATIENT, RECORDING
from einthoven.record import Annotation, Record


def record_with(**fields: object) -> Record:
    return Record([[0.0, 1.0]], 250, ("I",), **fields)  # type: ignore[arg-type]


def test_whatever_is_not_known_to_be_harmless_goes() -> None:
    record = record_with(
        name="Doe",
        path="ward/Doe.hea",
        patient=dict.fromkeys(PATIENT, "60") | {"phone": "1"},
        recording=dict.fromkeys(RECORDING, "secret") | {"room": "2"},
        statements=("read by Dr Who",),
        comments=("Doe",),
        warnings=("Doe",),
    )
    anonymous, removed = anonymised(record)
    assert set(anonymous.patient) == {"age", "sex", "race", "height_cm", "weight_kg"}
    assert set(anonymous.recording) == {
        *("manufacturer", "device", "software", "high_pass_hz", "low_pass_hz", "notch_hz", "pacemaker")
    }
    texts = (anonymous.name, anonymous.path, anonymous.statements, anonymous.comments, anonymous.warnings)
    assert not any(texts)
    assert {"phone", "room", "name", "id", "recorded at", "comments", "statements"} <= set(removed)


def test_beats_and_rhythms_stay_and_free_notes_go() -> None:
    marks = Annotation(np.array([0, 1, 1]), ("N", "+", '"'), ("", "(AFIB", "Mrs Doe felt dizzy"))
    anonymous, removed = anonymised(record_with(annotations=marks))
    assert anonymous.annotations is not None
    assert (anonymous.annotations.symbols, anonymous.annotations.notes) == (
        ("N", "+", '"'),
        ("", "(AFIB", ""),
    )
    assert removed == ("notes of annotations",)


def test_the_representative_beat_is_anonymous_too() -> None:
    anonymous, _ = anonymised(record_with(representative_beat=record_with(name="Doe", patient={"id": "7"})))
    assert anonymous.representative_beat is not None
    assert (anonymous.representative_beat.name, dict(anonymous.representative_beat.patient)) == ("", {})


def test_an_age_that_is_no_number_goes() -> None:
    anonymous, removed = anonymised(record_with(patient={"age": "born 1950"}))
    assert (dict(anonymous.patient), removed) == ({}, ("age",))


@given(st.floats(0, 150))
def test_nobody_is_older_than_90(age: float) -> None:
    anonymous, _ = anonymised(record_with(patient={"age": str(age)}))
    assert float(anonymous.patient["age"]) <= 90


def test_a_record_without_facts_stays_as_it_is() -> None:
    record = record_with()
    anonymous, removed = anonymised(record)
    assert removed == ()
    np.testing.assert_array_equal(anonymous.signal, record.signal)
