"""Our reading of DICOM against pydicom's, bit for bit, and what we write as pydicom reads it."""

import io
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from dicom_files import TYPES, annotation, channel, coded, data_set, encoded, group
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pydicom import uid
from pydicom.dataset import Dataset

from einthoven.formats.dicom import encode_dicom, read_dicom
from einthoven.formats.dicom.data_set import DataSet
from einthoven.formats.dicom.file import read_file
from einthoven.formats.given import Given
from einthoven.formats.wfdb.annotations import SYMBOLS
from einthoven.record import TWELVE_LEADS, Annotation, Record

GIVEN = Given(where="x.dcm")
SYNTAXES = st.sampled_from(
    [uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian, uid.DeflatedExplicitVRLittleEndian]
)
DECIMALS = st.floats(-1000, 1000).map(lambda x: f"{x:.6g}").filter(lambda text: float(text) != 0)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    interpretation = draw(st.sampled_from(sorted(TYPES)))
    leads = draw(st.lists(st.sampled_from(["I", "II", "V1", "V5"]), min_size=1, max_size=3))
    samples = draw(arrays(TYPES[interpretation], (len(leads), draw(st.integers(1, 9)))))
    channels = [
        channel(
            lead,
            ChannelSensitivity=draw(DECIMALS),
            ChannelSensitivityCorrectionFactor=draw(DECIMALS),
            ChannelBaseline=draw(DECIMALS),
        )
        for lead in leads
    ]
    found = data_set(group(samples, channels, interpretation))
    return encoded(found, draw(SYNTAXES), undefined_lengths=draw(st.booleans()))


@settings(max_examples=80, deadline=None)
@given(data=files())
def test_samples(data: bytes) -> None:
    read = read_dicom(data, GIVEN)
    theirs = pydicom.dcmread(io.BytesIO(data)).waveform_array(0).T
    np.testing.assert_array_equal(read.signal, (theirs * 1e-3).astype(np.float32), strict=True)


TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=12).map(
    lambda text: " ".join(text.replace("\\", "").split())
)


@settings(max_examples=80, deadline=None)
@given(
    texts=st.lists(TEXT, min_size=4, max_size=4),
    positions=st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=5),
    syntax=SYNTAXES,
    undefined_lengths=st.booleans(),
)
def test_values(texts: list[str], positions: list[int], syntax: str, undefined_lengths: bool) -> None:
    mark = annotation(texts[0], ReferencedSamplePositions=positions)
    inner = annotation(None, coded(texts[1][:8], "MDC", texts[2]))
    found = data_set(
        SpecificCharacterSet="ISO_IR 192", InstitutionName=texts[3], WaveformAnnotationSequence=[mark, inner]
    )
    data = encoded(found, syntax, undefined_lengths=undefined_lengths)
    assert_same(read_file(data, GIVEN), pydicom.dcmread(io.BytesIO(data)))


def assert_same(ours: DataSet, theirs: Dataset) -> None:
    assert ours.text("InstitutionName") == theirs.get("InstitutionName", "").strip()
    items = list(ours.items("WaveformAnnotationSequence"))
    assert len(items) == len(theirs.WaveformAnnotationSequence)
    for one, other in zip(items, theirs.WaveformAnnotationSequence, strict=True):
        assert one.text("UnformattedTextValue") == other.get("UnformattedTextValue", "").strip()
        positions = other.get("ReferencedSamplePositions", [])
        assert one.numbers("ReferencedSamplePositions") == (
            [positions] if isinstance(positions, int) else positions
        )
        assert one.numbers("ReferencedWaveformChannels") == list(other.ReferencedWaveformChannels)
        names = [code.text("CodeMeaning") for code in one.items("ConceptNameCodeSequence")]
        assert names == [code.CodeMeaning.strip() for code in other.get("ConceptNameCodeSequence", [])]


NAMES = (*TWELVE_LEADS, "V7", "V3R", "X", "MLII", "ECG")
LINES = TEXT.filter(bool)


@st.composite
def records(draw: st.DrawFn, *, is_beat: bool = False) -> Record:
    n_leads, n_samples = draw(st.integers(1, 13)), draw(st.integers(1, 12))
    counts = draw(arrays(np.int16, (n_leads, n_samples), elements=st.integers(-32767, 32767)))
    step = draw(st.sampled_from([0.001, 0.0025, 0.00488, 0.005, 0.000625]))
    signal = (counts * step).astype(np.float32)
    signal[draw(arrays(bool, signal.shape, elements=st.sampled_from([False] * 9 + [True])))] = np.nan
    samples = sorted(draw(st.lists(st.integers(0, n_samples), max_size=4, unique=True)))
    symbols = tuple(draw(st.sampled_from(sorted(SYMBOLS.values()))) for _ in samples)
    notes = tuple(draw(st.just("") | LINES) for _ in samples)
    record = Record(
        signal=signal,
        fs=draw(st.sampled_from([250.0, 360.0, 500.0, 1000.0, 257.5])),
        leads=tuple(draw(st.permutations(NAMES))[:n_leads]),
        name="x",
        annotations=Annotation(np.array(samples), symbols, notes) if samples else None,
    )
    if is_beat:
        return record
    return Record(
        **{name: getattr(record, name) for name in ("signal", "fs", "leads", "name", "annotations")},
        representative_beat=draw(st.none() | records(is_beat=True)),
        statements=tuple(draw(st.lists(LINES, max_size=2))),
        patient=draw(
            st.dictionaries(st.sampled_from(["id", "name", "race", "medication"]), LINES, max_size=3)
        ),
        recording=draw(st.dictionaries(st.sampled_from(["device", "reason", "operator"]), LINES, max_size=3)),
    )


def marks(annotations: Annotation | None) -> list[tuple[Any, ...]]:
    if annotations is None:
        return []
    notes = annotations.notes or ("",) * len(annotations.symbols)
    return list(zip(annotations.samples.tolist(), annotations.symbols, notes, strict=True))


@settings(max_examples=60, deadline=None)
@given(record=records())
def test_what_is_written_comes_back_and_pydicom_reads_the_same(record: Record) -> None:
    data = encode_dicom(record)
    read = read_dicom(data, Given(where="x.dcm", name="x"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        theirs = pydicom.dcmread(io.BytesIO(data))
        str(theirs)
    beat, written = read.representative_beat, record.representative_beat
    assert (beat is None) == (written is None)
    for index, (one, other) in enumerate([(read, record), (beat, written)]):
        if one is None or other is None:
            continue
        np.testing.assert_array_equal(one.signal, other.signal, strict=True)
        stored = (theirs.waveform_array(index).T * 1e-3).astype(np.float32)
        np.testing.assert_array_equal(stored[~np.isnan(other.signal)], other.signal[~np.isnan(other.signal)])
        assert (one.fs, one.leads) == (other.fs, other.leads)
        assert marks(one.annotations) == marks(other.annotations)
    assert read.statements == record.statements
    assert (read.patient, read.recording) == (record.patient, record.recording)


@pytest.mark.realdata
def test_a_real_recording() -> None:
    folder = os.environ.get("EINTHOVEN_FORMATS")
    if not folder:
        pytest.skip("EINTHOVEN_FORMATS is not set: no real file to read")
    data = (Path(folder) / "dicom_waveform_ecg.dcm").read_bytes()
    read = read_dicom(data, GIVEN)
    theirs = pydicom.dcmread(io.BytesIO(data))
    assert read.representative_beat is not None
    for index, record in enumerate((read, read.representative_beat)):
        expected = (theirs.waveform_array(index).T * 1e-3).astype(np.float32)
        np.testing.assert_array_equal(record.signal, expected, strict=True)
        lead = dict(zip(record.leads, record.signal, strict=True))
        np.testing.assert_allclose(lead["III"], lead["II"] - lead["I"], atol=3e-3)
        np.testing.assert_allclose(lead["aVF"], (lead["II"] + lead["III"]) / 2, atol=3e-3)
    assert (read.leads, read.fs, read.signal.shape) == (TWELVE_LEADS, 1000.0, (12, 10000))
    assert read.representative_beat.signal.shape == (12, 1200)
    assert dict(read.patient) == {
        "id": "642341", "name": "Anonymous", "birth_date": "1971-01-23", "sex": "female", "age": "42",
    }  # fmt: skip
    assert read.recording["recorded_at"] == "2013-01-25T10:59:19"
    assert read.recording["device"] == "el250"
    assert len(read.statements) == 2
    assert "QRS Duration: 75 ms" in read.comments
    assert read.annotations is not None
    beats = read.annotations.samples[np.array(read.annotations.symbols) == "Q"]
    # The device states a mean interval of 982 ms.
    assert len(beats) == 10
    assert abs(np.diff(beats).mean() - 982) < 10
    again = read_dicom(encode_dicom(read), GIVEN)
    np.testing.assert_array_equal(again.signal, read.signal)
    assert (again.patient, again.recording, again.comments) == (read.patient, read.recording, read.comments)
