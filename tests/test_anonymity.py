"""Nothing that tells whose a recording is stays in it."""

from __future__ import annotations

import numpy as np
import pytest
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
        patient=dict.fromkeys(PATIENT, "60") | {"phone": "1", "sex": "female", "race": "White"},
        recording=dict.fromkeys(RECORDING, "7") | {"room": "2", "device_serial": "88", "pacemaker": "no"}
        | dict.fromkeys(("id", "institution", "study_id", "operator", "physician", "department"), "secret"),
        statements=("read by Dr Who",),
        comments=("Doe",),
        warnings=("Doe",),
    )  # fmt: skip
    anonymous, removed = anonymised(record)
    assert set(anonymous.patient) == {"age", "sex", "race", "height_cm", "weight_kg"}
    assert set(anonymous.recording) == {
        *("manufacturer", "device", "software", "high_pass_hz", "low_pass_hz", "notch_hz", "pacemaker"),
        "deidentified",
    }
    texts = (anonymous.name, anonymous.path, anonymous.statements, anonymous.comments, anonymous.warnings)
    assert not any(texts)
    assert {"phone", "room", "name", "id", "recorded at", "comments", "statements"} <= set(removed)


@pytest.mark.parametrize(
    ("facts", "key", "value", "kept"),
    [
        ("patient", "race", "Jane Roe, Main St 5", None),
        ("patient", "race", "Black or African American", "Black or African American"),
        ("patient", "sex", "female", "female"),
        ("patient", "sex", "Jane", None),
        ("patient", "height_cm", "170 Doe", None),
        ("patient", "weight_kg", "70.5", "70.5"),
        ("patient", "weight_kg", "nan", None),
        ("patient", "weight_kg", "70.123456789", "70.1235"),
        ("patient", "age", "89", "89"),
        ("patient", "age", "89.7", "90"),
        ("recording", "pacemaker", "implanted by Dr. Roe 2019", None),
        ("recording", "pacemaker", "Yes", "Yes"),
        ("recording", "pacemaker", "single chamber, unipolar", "single chamber, unipolar"),
        ("recording", "notch_hz", "50", "50"),
        ("recording", "notch_hz", "Doe", None),
        ("recording", "device", "MAC5500 SN 12345, Doe", None),
        ("recording", "device", "MAC5500 SN 12", None),
        ("recording", "device", "MAC5500 123456", None),
        ("recording", "device", "MAC 5500 HD", "MAC 5500 HD"),
        ("recording", "device", "cart of Smithson", None),
        ("recording", "device", "cart P-77", None),
        ("recording", "software", "009.005/a", "009.005/a"),
        ("recording", "manufacturer", "GE Medical Systems", "GE Medical Systems"),
        ("recording", "manufacturer", "St Elsewhere workshop", None),
        ("recording", "manufacturer", "x" * 41, None),
    ],
)
def test_only_values_as_everybodys_stay(facts: str, key: str, value: str, kept: str | None) -> None:
    own = {
        "patient": {"name": "Smithson, J", "id": "P-77"},
        "recording": {"institution": "Elsewhere Medical"},
    }
    own[facts][key] = value
    anonymous, changed = anonymised(record_with(**own))
    assert getattr(anonymous, facts).get(key) == kept
    assert any(what.startswith(key.replace("_", " ")) for what in changed) is (kept != value)


def test_names_that_are_no_leads_become_numbers() -> None:
    leads = ("I", "Doe John ECG", "lead 2", "MLII", "V4R", "ECG Doe")
    record = Record([[0.0, 1.0]] * 6, 250, leads, representative_beat=Record([[0.0]], 250, ("Doe",)))
    anonymous, changed = anonymised(record)
    assert anonymous.leads == ("I", "lead 3", "lead 2", "MLII", "V4R", "lead 6")
    assert anonymous.representative_beat is not None
    assert anonymous.representative_beat.leads == ("lead 1",)
    assert changed == ("names of leads", "names of leads of the representative beat")


def test_that_it_was_done_is_stated_and_is_no_change() -> None:
    once, _ = anonymised(record_with(recording={"deidentified": "by Doe"}))
    assert "Doe" not in once.recording["deidentified"]
    again, changed = anonymised(once)
    assert (again.recording, changed) == (once.recording, ())


def test_beats_and_rhythms_stay_and_free_notes_go() -> None:
    marks = Annotation(np.array([0, 1, 1]), ("N", "+", '"'), ("(SMITH", "(AFIB", "Mrs Doe felt dizzy"))
    anonymous, removed = anonymised(record_with(annotations=marks))
    assert anonymous.annotations is not None
    assert (anonymous.annotations.symbols, anonymous.annotations.notes) == (
        ("N", "+", '"'),
        ("", "(AFIB", ""),
    )
    assert removed == ("notes of annotations",)


def test_kinds_of_marks_that_a_file_defines_go() -> None:
    marks = Annotation(np.array([0, 1]), ("N", "Doe"))
    anonymous, removed = anonymised(record_with(annotations=marks))
    assert anonymous.annotations is not None
    assert (anonymous.annotations.symbols, removed) == (("N", '"'), ("symbols of annotations",))


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
