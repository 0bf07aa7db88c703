"""Records as DICOM files; by the clauses of the standard in tests/spec."""

import io
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from numpy.typing import ArrayLike

from einthoven.anonymity import METHOD, anonymised
from einthoven.errors import RecordError
from einthoven.formats.dicom import encode_dicom, read_dicom
from einthoven.formats.dicom.sop_classes import AMBULATORY_ECG, GENERAL_ECG, TWELVE_LEAD_ECG
from einthoven.formats.dicom.uids import uid_of
from einthoven.formats.dicom.writing import class_of
from einthoven.formats.dicom.written_waveform import decimal, stored_lead
from einthoven.formats.given import Given
from einthoven.record import TWELVE_LEADS, Annotation, Record

GIVEN = Given(where="x.dcm", name="x")


def record(n_leads: int = 2, n_samples: int = 50, fs: float = 500, **changes: object) -> Record:
    names = TWELVE_LEADS if n_leads == 12 else tuple(f"lead{i}" for i in range(n_leads))
    signal = np.arange(n_leads * n_samples).reshape(n_leads, -1) % 100 / 1000
    return replace(Record(signal, fs, names, name="x"), **changes)  # type: ignore[arg-type]


def back(written: Record) -> Record:
    return read_dicom(encode_dicom(written), GIVEN)


def data_set(written: Record) -> pydicom.Dataset:
    return pydicom.dcmread(io.BytesIO(encode_dicom(written)))


BEAT = record(12, 20)


@pytest.mark.parametrize(
    ("written", "uid"),
    [
        (record(12), TWELVE_LEAD_ECG),
        (record(12, 16384, 1000), TWELVE_LEAD_ECG),
        (replace(record(13), leads=(*TWELVE_LEADS, "V7")), TWELVE_LEAD_ECG),
        (record(12, 16385), GENERAL_ECG),
        (record(12, representative_beat=BEAT), GENERAL_ECG),
        (record(2), GENERAL_ECG),
        (record(24, representative_beat=BEAT), GENERAL_ECG),
        (record(12, fs=128), AMBULATORY_ECG),
        (record(1, fs=50), AMBULATORY_ECG),
    ],
)
def test_which_class_is_written(written: Record, uid: str) -> None:
    assert class_of(written) == uid
    found = data_set(written)
    assert found.SOPClassUID == found.file_meta.MediaStorageSOPClassUID == uid
    np.testing.assert_array_equal(back(written).signal, written.signal)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (record(25), "25 leads at 500 Hz"),
        (record(2, fs=1001), "2 leads at 1001 Hz"),
        (record(13, fs=128), "13 leads at 128 Hz"),
        (record(2, fs=49), "2 leads at 49 Hz"),
        (
            record(2, fs=128, representative_beat=record(1)),
            "2 leads at 128 Hz and a representative beat of 1 leads at",
        ),
        (
            record(2, representative_beat=record(1, fs=2000)),
            ".* and a representative beat of 1 leads at 2000 Hz",
        ),
    ],
)
def test_what_no_class_holds(written: Record, found: str) -> None:
    message = (
        r"^x: expected at most 24 leads at 200 to 1000 Hz, or at most 12 at 50 to 1000 Hz without a "
        rf"representative beat, as DICOM does, found {found}"
    )
    with pytest.raises(RecordError, match=message):
        encode_dicom(written)


@pytest.mark.parametrize(
    ("step_uv", "sensitivity"),
    [(1.0, "1"), (2.5, "2.5"), (4.88, "4.88"), (1000 / 200, "5"), (1000 / 4880, "0.2049180"), (0.3, "0.3")],
)
def test_multiples_of_a_step_are_written_without_loss(step_uv: float, sensitivity: str) -> None:
    counts = np.random.default_rng(1).integers(-32767, 32768, 3000)
    lead = (counts * (step_uv / 1000)).astype(np.float32)
    steps = stored_lead(lead, "II")
    assert steps.sensitivity.startswith(sensitivity)
    np.testing.assert_array_equal(back(Record(lead[None], 500, ("II",))).signal[0], lead)


def test_other_samples_are_rounded_by_at_most_a_microvolt() -> None:
    rng = np.random.default_rng(2)
    for largest in (0.5, 5.0, 60.0):
        lead = (rng.uniform(-1, 1, 5000) * largest).astype(np.float32)
        lead[7] = np.nan
        found = back(Record(lead[None], 500, ("II",))).signal[0]
        assert np.isnan(found[7])
        assert np.isnan(found).sum() == 1
        assert np.nanmax(np.abs(found - lead)) <= 1e-3


@pytest.mark.parametrize("step_uv", [1.0, 2.5, 4.88, 5.0, 10.0])
def test_few_samples_of_a_usual_step_are_written_without_loss(step_uv: float) -> None:
    signal = (np.array([[32767, -5, 2]]) * (step_uv / 1000)).astype(np.float32)
    np.testing.assert_array_equal(back(Record(signal, 500, ("II",))).signal, signal)


def test_samples_beyond_16_bits() -> None:
    lead = [0.0, 65.6, 0.31415927, 0.27182818]
    with pytest.raises(
        RecordError,
        match=r"lead II: expected samples of at most 65\.534 mV, which 16 bits hold within 1 uV, or .*, "
        r"found 65\.6 mV",
    ):
        encode_dicom(Record([lead], 500, ("II",)))
    multiples = Record([[0.0, 300.0, -200.0]], 500, ("II",))
    np.testing.assert_array_equal(back(multiples).signal, multiples.signal)


@pytest.mark.parametrize("samples", [[0.0, 0.0], [np.nan, np.nan], [np.nan, 0.25], [-0.0, 1e-7]])
def test_flat_and_missing_leads(samples: ArrayLike) -> None:
    written = Record([samples], 500, ("II",))  # type: ignore[list-item]
    np.testing.assert_array_equal(back(written).signal, written.signal)


def test_numbers_in_16_characters() -> None:
    assert [decimal(x) for x in (500.0, 0.05, 1 / 3, 257.0000001, -1e-300)] == [
        "500", "0.05", "0.33333333333333", "257.0000001", "-1e-300",
    ]  # fmt: skip
    assert all(len(decimal(x)) <= 16 for x in (np.pi * 10.0**k for k in range(-20, 20)))


def test_rates() -> None:
    for fs in (200.0, 257.1, 360.0, 999.9999999):
        assert back(record(fs=fs)).fs == fs


def test_the_same_record_gives_the_same_bytes_and_another_one_other_identifiers() -> None:
    one, again, other = encode_dicom(record()), encode_dicom(record()), data_set(record(fs=250))
    assert one == again
    found = pydicom.dcmread(io.BytesIO(one))
    identifiers = [found.StudyInstanceUID, found.SeriesInstanceUID, found.SOPInstanceUID]
    assert len({*identifiers, other.StudyInstanceUID, other.SeriesInstanceUID, other.SOPInstanceUID}) == 6
    for identifier in identifiers:
        assert identifier.is_valid
        assert identifier.startswith("2.25.")


def test_recordings_of_one_study_share_its_identifier() -> None:
    facts = {"patient": {"id": "7"}, "recording": {"study_id": "9"}}
    first, second = data_set(record(**facts)), data_set(record(fs=250, **facts))
    assert first.StudyInstanceUID == second.StudyInstanceUID
    assert first.SeriesInstanceUID != second.SeriesInstanceUID
    other = data_set(record(patient={"id": "8"}, recording={"study_id": "9"}))
    assert other.StudyInstanceUID != first.StudyInstanceUID
    assert uid_of("study", b"") != uid_of("series", b"")


def test_everything_comes_back() -> None:
    marks = Annotation(np.array([0, 5, 5, 49]), ("N", "+", "V", '"'), ("", "(AFIB", "early", "end"))
    of_beat = Annotation(np.array([3, 9]), ("(", "N"))
    written = record(
        12,
        annotations=marks,
        representative_beat=record(12, 20, annotations=of_beat),
        statements=("Sinus rhythm", "R\u00e9sum\u00e9"),
        comments=("by hand",),
        patient={"id": "7", "name": "Doe, J"},
        recording={"recorded_at": "2020-01-02T03:04:05", "high_pass_hz": "0.05", "pacemaker": "yes"},
    )
    found = back(written)
    np.testing.assert_array_equal(found.signal, written.signal)
    assert (found.patient, found.recording) == (written.patient, written.recording)
    assert (found.statements, found.comments, found.warnings) == (written.statements, written.comments, ())
    assert found.annotations is not None
    assert found.annotations.samples.tolist() == [0, 5, 5, 49]
    assert found.annotations.symbols == marks.symbols
    assert found.annotations.notes == marks.notes
    beat = found.representative_beat
    assert beat is not None
    assert beat.annotations is not None
    np.testing.assert_array_equal(beat.signal, BEAT.signal)
    assert (beat.annotations.samples.tolist(), beat.annotations.symbols) == ([3, 9], ("(", "N"))


def test_beats_of_days_share_few_items() -> None:
    samples = np.arange(0, 40_000)
    written = record(1, 40_001, annotations=Annotation(samples, ("N",) * len(samples)))
    assert len(data_set(written).WaveformAnnotationSequence) == 3
    found = back(written).annotations
    assert found is not None
    np.testing.assert_array_equal(found.samples, samples)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"leads": ("x" * 17, "II")},
            "expected names of leads of at most 16 characters, no backslash, found 'x{17}'",
        ),
        ({"leads": ("a\\b", "II")}, r"no backslash, found 'a\\\\b'"),
        ({"leads": ("", "II")}, "found ''"),
        (
            {"annotations": Annotation(np.array([-1]), ("N",))},
            "expected annotations from sample 0 on, found one at -1",
        ),
        (
            {"annotations": Annotation(np.array([1]), ("AF",))},
            "expected WFDB mnemonics as annotation symbols, found 'AF'",
        ),
        (
            {"annotations": Annotation(np.array([1]), ("N",), ("x" * 1025,))},
            "expected statements and notes of at most 1024 characters, found one of 1025",
        ),
        ({"statements": ("x" * 1025,)}, "found one of 1025"),
        (
            {"annotations": Annotation(np.arange(65535), ("N",) * 65535, tuple(map(str, range(65535))))},
            "expected fewer than 65535 kinds of annotations, found 65535",
        ),
    ],
)
def test_what_cannot_be_written(changes: dict[str, object], message: str) -> None:
    with pytest.raises(RecordError, match=message):
        encode_dicom(record(**changes))


def test_more_bytes_than_an_element_holds() -> None:
    signal = np.broadcast_to(np.float32(0), (24, 2**27))
    long = Record.__new__(Record)
    for name, value in {"signal": signal, "fs": 500.0, "leads": TWELVE_LEADS * 2, "name": "", "recording": {},
                        "patient": {}, "representative_beat": None, "comments": ()}.items():  # fmt: skip
        object.__setattr__(long, name, value)
    from einthoven.formats.dicom.written_waveform import multiplex_item

    with pytest.raises(
        RecordError, match=r"record: expected at most 4294967294 bytes of samples, as DICOM does, found 24"
    ):
        multiplex_item(long, {}, is_beat=False)


def test_names_of_leads_without_a_code_are_labels() -> None:
    found = back(Record(np.zeros((2, 3), np.float32), 250, ("MLII", "V7")))
    assert found.leads == ("MLII", "V7")
    assert found.warnings == ("lead MLII: it has no code of a lead: called as its label says",)


def test_an_anonymised_record_states_so() -> None:
    anonymous, _ = anonymised(record(12, patient={"name": "Doe", "id": "7"}))
    found = data_set(anonymous)
    assert (found.PatientIdentityRemoved, found.DeidentificationMethod) == ("YES", METHOD)
    assert back(anonymous).recording["deidentified"] == METHOD
    assert "PatientIdentityRemoved" not in data_set(record(12))
