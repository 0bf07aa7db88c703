"""Records written as EDF+C and read again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from einthoven.errors import RecordError
from einthoven.formats.edf import encode_edf, looks_like_edf, read_edf, writing
from einthoven.formats.given import Given
from einthoven.record import TWELVE_LEADS, Annotation, Record

X = Given(where="x.edf")
STEPS = hnp.arrays(np.int16, st.tuples(st.integers(1, 3), st.integers(1, 400)))
TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=15)


def there_and_back(record: Record) -> Record:
    data = encode_edf(record)
    assert looks_like_edf(data)
    return read_edf(data, X)


@given(steps=STEPS, fs=st.sampled_from([250.0, 360.0, 500.0, 128.5, 1000 / 3, 97.3]))
@settings(max_examples=60, deadline=None)
def test_whole_microvolts_come_back_bit_for_bit(steps: np.ndarray, fs: float) -> None:
    signal = (steps * 1e-3).astype(np.float32)
    found = there_and_back(Record(signal, fs, TWELVE_LEADS[: len(steps)]))
    np.testing.assert_array_equal(found.signal, signal, strict=True)
    assert (found.fs, found.leads, found.warnings) == (
        pytest.approx(fs, rel=1e-9),
        TWELVE_LEADS[: len(steps)],
        (),
    )


@given(
    signal=hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 3), st.integers(1, 200)),
        elements=st.floats(-5, 5, width=32) | st.just(np.float32(np.nan)),
    )
)
@settings(max_examples=60, deadline=None)
def test_other_samples_are_off_by_half_a_step_at_most_and_gaps_come_back(signal: np.ndarray) -> None:
    found = there_and_back(Record(signal, 250, TWELVE_LEADS[: len(signal)]))
    np.testing.assert_array_equal(np.isnan(found.signal), np.isnan(signal))
    for lead, again in zip(signal, found.signal, strict=True):
        there = lead[~np.isnan(lead)]
        if there.size:
            half_a_step = (float(there.max()) - float(there.min()) + 1e-3) / 65535 / 2
            assert np.abs(again[~np.isnan(lead)] - there).max() <= half_a_step + 5e-7
    assert found.annotations is None


@given(
    marks=st.lists(st.tuples(st.integers(0, 99), st.sampled_from('NVA+"~'), TEXTS), min_size=1, max_size=12)
)
@settings(max_examples=80, deadline=None)
def test_annotations_come_back(marks: list[tuple[int, str, str]]) -> None:
    marks.sort(key=lambda mark: mark[0])
    samples, symbols, notes = zip(*marks, strict=True)
    annotations = Annotation(np.array(samples), symbols, notes if any(notes) else ())
    found = there_and_back(Record(np.zeros((1, 100)), 250, ("II",), annotations=annotations)).annotations
    assert found is not None
    np.testing.assert_array_equal(found.samples, annotations.samples)
    assert (found.symbols, found.notes) == (annotations.symbols, annotations.notes)


def test_a_symbol_of_nobody_becomes_a_note() -> None:
    annotations = Annotation(np.array([5]), ("Z9",), ("why",))
    found = there_and_back(Record(np.zeros((1, 100)), 250, ("II",), annotations=annotations)).annotations
    assert found is not None
    assert (found.symbols, found.notes) == (('"', '"'), ("Z9", "why"))


def test_facts_come_back() -> None:
    patient = {
        "id": "12 34",
        "name": "J\u00fcrgen von M\u00fcller",
        "birth_date": "1950-01-31",
        "age": "70",
        "sex": "male",
        "height_cm": "180",
    }
    recording = {
        "recorded_at": "2020-03-02T04:05:06.250000",
        "device": "Cardio 3",
        "study_id": "S1",
        "institution": "Hospital",
        "high_pass_hz": "0.05",
        "notch_hz": "50",
    }
    record = Record(
        np.zeros((1, 1000)),
        250,
        ("II",),
        patient=patient,
        recording=recording,
        statements=("Sinus rhythm", "Normal"),
        comments=("one", "two"),
    )
    found = there_and_back(record)
    assert dict(found.patient) == patient
    assert dict(found.recording) == recording
    assert (found.statements, found.comments) == (record.statements, record.comments)
    assert (found.annotations, found.warnings) == (None, ())


def test_leads_without_a_sample() -> None:
    signal = np.full((2, 10), np.nan, np.float32)
    signal[1, 3] = 1
    found = there_and_back(Record(signal, 250, ("I", "II")))
    np.testing.assert_array_equal(found.signal, signal)


def test_other_readers_see_the_last_sample_in_a_gap() -> None:
    data = encode_edf(Record(np.array([[np.nan, 1, np.nan, 2]]), 4, ("II",)))
    samples = np.frombuffer(data[256 * 3 :], "<i2", 4)
    assert samples.tolist() == [1000, 1000, 1000, 2000]


def test_names_of_leads() -> None:
    names = ("I", "V3R", "ECG 2", "MLII", "lead 4", "foo", "-aVR", "EKG")
    found = there_and_back(Record(np.zeros((8, 4)), 4, names))
    assert found.leads == ("I", "V3R", "ECG 2", "MLII", "lead 4", "ECG foo", "-aVR", "ECG")


@pytest.mark.parametrize("name", ["a name too long", "\u00e9"])
def test_names_that_do_not_fit(name: str) -> None:
    with pytest.raises(RecordError, match="expected labels of up to 16 characters of ASCII"):
        encode_edf(Record(np.zeros((1, 4)), 4, (name,)))


def test_a_gap_in_a_lead_that_comes_back_under_another_name() -> None:
    signal = np.array([[1, np.nan, 2], [1, 2, np.nan]], np.float32)
    np.testing.assert_array_equal(there_and_back(Record(signal, 3, ("foo", "foo"))).signal, signal)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(RecordError, match="expected samples within 10000 mV"):
        encode_edf(Record(np.array([[20000.0]]), 250, ("II",)))
    with pytest.raises(RecordError, match="expected annotations within 1 samples"):
        encode_edf(Record(np.zeros((1, 1)), 250, ("II",), annotations=Annotation(np.array([1]), ("N",))))


def test_too_many_annotations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_TEXTS", 3)
    marks = Annotation(np.arange(3), ("N",) * 3)
    with pytest.raises(RecordError, match="expected fewer than 3 annotations and gaps, found 3"):
        encode_edf(Record(np.zeros((1, 4)), 250, ("II",), annotations=marks))


def test_many_annotations_at_once_do_not_make_every_data_record_large() -> None:
    marks = Annotation(np.zeros(500, int), ('"',) * 500, ("a remark of some length",) * 500)
    record = Record(np.zeros((1, 250 * 3600)), 250, ("II",), annotations=marks)
    data = encode_edf(record)
    assert len(data) < 2 * 250 * 3600 + 40_000
    found = read_edf(data, X).annotations
    assert found is not None
    assert found.notes == marks.notes
